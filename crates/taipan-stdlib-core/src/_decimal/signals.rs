//! Signals: which exception a condition raises, and the mapping through which a context shows its
//! flags or its traps.

use super::context::Context;
use super::{CONDITIONS, state};
use std::sync::atomic::{AtomicBool, Ordering};
use taipan_decimal::status::*;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// The signals in their order of precedence.
pub const SIGNALS: [(&str, u32); 9] = [
    ("InvalidOperation", INVALID),
    ("FloatOperation", FLOAT_OPERATION),
    ("DivisionByZero", DIVISION_BY_ZERO),
    ("Overflow", OVERFLOW),
    ("Underflow", UNDERFLOW),
    ("Subnormal", SUBNORMAL),
    ("Inexact", INEXACT),
    ("Rounded", ROUNDED),
    ("Clamped", CLAMPED),
];

/// The exception for conditions that are trapped.
#[cold]
pub fn raise_signal(cx: &Thread, trapped: u32) -> Raised {
    let s = state();
    let class = SIGNALS.iter().position(|&(_, f)| f & trapped != 0).unwrap_or(0);
    let mut list = GcVec::new();
    if trapped & INVALID_OPERATION != 0 {
        list.push(s.exceptions[0].get());
    }
    for (i, &(_, f)) in CONDITIONS.iter().enumerate() {
        if f & trapped != 0 {
            list.push(s.exceptions[SIGNALS.len() + i].get());
        }
    }
    for (i, &(_, f)) in SIGNALS.iter().enumerate().skip(1) {
        if f & trapped != 0 {
            list.push(s.exceptions[i].get());
        }
    }
    let list = Value::from_ref(List::from_slice(cx, &list));
    let class = s.exceptions[class].get().as_type_unchecked();
    Raised::with_args(cx, class, &[list])
}

/// The flag of a signal class.
fn flag_of(cx: &Thread, class: Value) -> Res<u32> {
    let known = &state().exceptions[..SIGNALS.len()];
    match known.iter().position(|c| c.get() == class) {
        Some(i) => Ok(SIGNALS[i].1),
        None => raise!(
            cx,
            KeyError,
            "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]"
        ),
    }
}

/// The classes of the signals in a status word, as a list.
pub fn signal_list(cx: &Thread, flags: u32) -> Value {
    let mut list = GcVec::new();
    for (i, &(_, f)) in SIGNALS.iter().enumerate() {
        if f & flags != 0 {
            list.push(state().exceptions[i].get());
        }
    }
    Value::from_ref(List::from_slice(cx, &list))
}

/// The flags that a list of signals, a mapping of them, or a dict names.
pub fn flags_from(cx: &Thread, v: Value) -> Res<u32> {
    if let Some(list) = v.downcast::<List>() {
        let mut flags = 0;
        for class in collect(cx, Value::from_ref(list))?.iter() {
            flags |= flag_of(cx, *class)?;
        }
        return Ok(flags);
    }
    if let Some(d) = v.downcast::<SignalDictMixin>() {
        return d.flags(cx);
    }
    let Some(d) = v.downcast::<Dict>() else {
        raise!(cx, TypeError, "argument must be a signal dict");
    };
    dict_flags(cx, d)
}

fn dict_flags(cx: &Thread, d: &Dict) -> Res<u32> {
    if d.len() != SIGNALS.len() {
        raise!(cx, KeyError, "invalid signal dict");
    }
    let mut flags = 0;
    for (i, &(_, f)) in SIGNALS.iter().enumerate() {
        let Some(on) = d.get(cx, state().exceptions[i].get())? else {
            raise!(cx, KeyError, "invalid signal dict");
        };
        if is_true(cx, on)? {
            flags |= f;
        }
    }
    Ok(flags)
}

/// A view of a context's flags or traps.
#[repr(C)]
pub struct SignalDictMixin {
    pub head: Head,
    /// The context, or empty: the view is of no use.
    context: Slot,
    traps: AtomicBool,
}
pytype! { SignalDictMixin, PyDecSignalDictMixin_Type, name: "SignalDictMixin", module: "decimal", base: Object,
flags: tpflags::BASETYPE }

impl SignalDictMixin {
    /// Ties a view that was made by its class to a context.
    pub fn tie(&self, context: &Context, traps: bool) {
        self.traps.store(traps, Ordering::Relaxed);
        self.context.set(self, Value::from_ref(context));
    }

    fn owner(&self, cx: &Thread) -> Res<&'static Context> {
        match self.context.get().and_then(|c| c.downcast::<Context>()) {
            Some(c) => Ok(c),
            None => raise!(cx, ValueError, "invalid signal dict"),
        }
    }

    fn flags(&self, cx: &Thread) -> Res<u32> {
        Ok(self.owner(cx)?.word(self.traps.load(Ordering::Relaxed)).load(Ordering::Relaxed))
    }
}

#[pymethods]
impl SignalDictMixin {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let d = SignalDictMixin {
            head: fresh_head(),
            context: Slot::empty(),
            traps: AtomicBool::new(false),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, d)))
    }

    #[slot]
    fn __init__(
        _cx: &Thread,
        _this: &SignalDictMixin,
        _args: &[Value],
        _kw: KwNames<'_>,
    ) -> Res<()> {
        Ok(())
    }

    #[slot]
    fn __len__(cx: &Thread, this: &SignalDictMixin) -> Res<usize> {
        this.owner(cx)?;
        Ok(SIGNALS.len())
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &SignalDictMixin) -> Res {
        this.owner(cx)?;
        iter(cx, state().signal_tuple.get())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &SignalDictMixin, key: Value) -> Res {
        let flags = this.flags(cx)?;
        Ok(py_bool(flags & flag_of(cx, key)? != 0))
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &SignalDictMixin, key: Value, v: Option<Value>) -> Res<()> {
        let owner = this.owner(cx)?;
        let Some(v) = v else {
            raise!(cx, ValueError, "signal keys cannot be deleted");
        };
        let flag = flag_of(cx, key)?;
        let on = is_true(cx, v)?;
        let word = owner.word(this.traps.load(Ordering::Relaxed));
        if on {
            word.fetch_or(flag, Ordering::Relaxed);
        } else {
            word.fetch_and(!flag, Ordering::Relaxed);
        }
        Ok(())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &SignalDictMixin) -> Res {
        let flags = this.flags(cx)?;
        let item = |&(name, f): &(&str, u32)| {
            format!("<class 'decimal.{name}'>:{}", if f & flags != 0 { "True" } else { "False" })
        };
        let items: Vec<String> = SIGNALS.iter().map(item).collect();
        Ok(Value::from_ref(Str::new(cx, &format!("{{{}}}", items.join(", ")))))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &SignalDictMixin) -> Res<i64> {
        Err(unhashable(cx, Value::from_ref(this)))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &SignalDictMixin, other: Value, op: CmpOp) -> Res {
        let mine = this.flags(cx)?;
        let theirs = if let Some(d) = other.downcast::<SignalDictMixin>() {
            d.flags(cx)?
        } else if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(not_implemented());
        } else if let Some(d) = other.downcast::<Dict>() {
            match dict_flags(cx, d) {
                Ok(f) => f,
                Err(e) if e.is(exc::KeyError()) => return Ok(not_implemented()),
                Err(e) => return Err(e),
            }
        } else {
            return Ok(not_implemented());
        };
        Ok(match op {
            CmpOp::Eq => py_bool(mine == theirs),
            CmpOp::Ne => py_bool(mine != theirs),
            _ => not_implemented(),
        })
    }

    /// A dict of the signals.
    #[pymethod]
    fn copy(cx: &Thread, this: &SignalDictMixin) -> Res {
        let flags = this.flags(cx)?;
        let d = Dict::new(cx);
        for (i, &(_, f)) in SIGNALS.iter().enumerate() {
            d.set(cx, state().exceptions[i].get(), py_bool(f & flags != 0))?;
        }
        Ok(Value::from_ref(d))
    }
}
