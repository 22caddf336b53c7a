//! `Context`: precision, exponent limits, rounding, flags and traps; which context is current.
//!
//! The fields are atomics: a context may be shared, as in CPython's free-threaded build, where
//! that is only safe for reading them. The current context is a context variable; the thread keeps
//! what was found (`Thread::decimal_context`) until its contextvars change.

use super::signals::{SignalDictMixin, flags_from, raise_signal, signal_list};
use super::{ROUNDINGS, state};
use crate::_contextvars;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, Ordering};
use taipan_decimal::status::*;
use taipan_decimal::{Ctx, MAX_EMAX, MAX_PREC, MIN_EMIN, Round};
use taipan_vm::objects::int;
use taipan_vm::objects::object::Object;
use taipan_vm::objects::str::intern;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;
use taipan_vm::types::attr;

#[repr(C)]
pub struct Context {
    pub head: Head,
    prec: AtomicI64,
    emax: AtomicI64,
    emin: AtomicI64,
    /// An index into `ROUNDINGS`.
    round: AtomicU8,
    clamp: AtomicBool,
    capitals: AtomicBool,
    traps: AtomicU32,
    status: AtomicU32,
    traps_view: Slot,
    flags_view: Slot,
}
pytype! { Context, PyDecContext_Type, name: "Context", module: "decimal", base: Object,
flags: tpflags::BASETYPE,
doc: "Context(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)\n--\n\nHow decimal arithmetic rounds, what range its numbers have, and which signals raise.\nWhat is not given comes from DefaultContext." }

const TRAPS: u32 = INVALID | DIVISION_BY_ZERO | OVERFLOW;

impl Context {
    fn blank(cx: &Thread, cls: &Type) -> Res<&'static Context> {
        let c = cx.alloc_in(
            cls,
            Context {
                head: fresh_head(),
                prec: AtomicI64::new(28),
                emax: AtomicI64::new(999_999),
                emin: AtomicI64::new(-999_999),
                round: AtomicU8::new(6),
                clamp: AtomicBool::new(false),
                capitals: AtomicBool::new(true),
                traps: AtomicU32::new(TRAPS),
                status: AtomicU32::new(0),
                traps_view: Slot::empty(),
                flags_view: Slot::empty(),
            },
        );
        for (slot, traps) in [(&c.traps_view, true), (&c.flags_view, false)] {
            let view = call(cx, state().signal_dict.get(), &[])?;
            if let Some(d) = view.downcast::<SignalDictMixin>() {
                d.tie(c, traps);
            }
            slot.set(c, view);
        }
        Ok(c)
    }

    /// A context as the module's templates start.
    pub fn with_defaults(cx: &Thread) -> Res<&'static Context> {
        Context::blank(cx, Context::type_object())
    }

    pub fn set_basic(&self) {
        self.prec.store(9, Ordering::Relaxed);
        self.round.store(4, Ordering::Relaxed);
        self.traps.store(TRAPS | UNDERFLOW | CLAMPED, Ordering::Relaxed);
    }

    pub fn set_extended(&self) {
        self.prec.store(9, Ordering::Relaxed);
        self.traps.store(0, Ordering::Relaxed);
    }

    fn assign(&self, from: &Context) {
        self.prec.store(from.prec.load(Ordering::Relaxed), Ordering::Relaxed);
        self.emax.store(from.emax.load(Ordering::Relaxed), Ordering::Relaxed);
        self.emin.store(from.emin.load(Ordering::Relaxed), Ordering::Relaxed);
        self.round.store(from.round.load(Ordering::Relaxed), Ordering::Relaxed);
        self.clamp.store(from.clamp.load(Ordering::Relaxed), Ordering::Relaxed);
        self.traps.store(from.traps.load(Ordering::Relaxed), Ordering::Relaxed);
        self.status.store(from.status.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// A copy, of exactly this class.
    pub fn duplicate(&self, cx: &Thread) -> Res<&'static Context> {
        let c = Context::with_defaults(cx)?;
        c.assign(self);
        c.capitals.store(self.upper_case(), Ordering::Relaxed);
        Ok(c)
    }

    /// What the arithmetic needs.
    #[inline(always)]
    pub fn load(&self) -> Ctx {
        Ctx {
            prec: self.prec.load(Ordering::Relaxed),
            emax: self.emax.load(Ordering::Relaxed),
            emin: self.emin.load(Ordering::Relaxed),
            round: self.round(),
            clamp: self.clamp.load(Ordering::Relaxed),
        }
    }

    #[inline(always)]
    fn round(&self) -> Round {
        ROUNDINGS[(self.round.load(Ordering::Relaxed) & 7) as usize].1
    }

    #[inline(always)]
    pub fn upper_case(&self) -> bool {
        self.capitals.load(Ordering::Relaxed)
    }

    /// The traps or the flags.
    pub fn word(&self, traps: bool) -> &AtomicU32 {
        if traps { &self.traps } else { &self.status }
    }

    /// Adds conditions to the flags; raises if one is trapped.
    #[inline(always)]
    pub fn add_status(&self, cx: &Thread, status: u32) -> Res<()> {
        if status == 0 {
            return Ok(());
        }
        let before = self.status.load(Ordering::Relaxed);
        if before | status != before {
            self.status.fetch_or(status, Ordering::Relaxed);
        }
        let trapped = status & (self.traps.load(Ordering::Relaxed) | MALLOC);
        if trapped == 0 { Ok(()) } else { Err(raise_status(cx, trapped)) }
    }

    /// Sets what is not None: prec, rounding, Emin, Emax, capitals, clamp, flags, traps.
    pub fn set_all(&self, cx: &Thread, values: &[Value; 8]) -> Res<()> {
        let [prec, rounding, emin, emax, capitals, clamp, flags, traps] = values;
        let set = |v: &Value, f: fn(&Context, &Thread, Value) -> Res<()>| {
            if v.is_none() { Ok(()) } else { f(self, cx, *v) }
        };
        set(prec, Context::put_prec)?;
        set(rounding, Context::put_rounding)?;
        set(emin, Context::put_emin)?;
        set(emax, Context::put_emax)?;
        set(capitals, Context::put_capitals)?;
        set(clamp, Context::put_clamp)?;
        set(traps, Context::put_traps)?;
        set(flags, Context::put_flags)
    }

    fn put_prec(&self, cx: &Thread, v: Value) -> Res<()> {
        let x = ssize(cx, v)?;
        if !(1..=MAX_PREC).contains(&x) {
            raise!(cx, ValueError, "valid range for prec is [1, MAX_PREC]");
        }
        self.prec.store(x, Ordering::Relaxed);
        Ok(())
    }

    fn put_emin(&self, cx: &Thread, v: Value) -> Res<()> {
        let x = ssize(cx, v)?;
        if !(MIN_EMIN..=0).contains(&x) {
            raise!(cx, ValueError, "valid range for Emin is [MIN_EMIN, 0]");
        }
        self.emin.store(x, Ordering::Relaxed);
        Ok(())
    }

    fn put_emax(&self, cx: &Thread, v: Value) -> Res<()> {
        let x = ssize(cx, v)?;
        if !(0..=MAX_EMAX).contains(&x) {
            raise!(cx, ValueError, "valid range for Emax is [0, MAX_EMAX]");
        }
        self.emax.store(x, Ordering::Relaxed);
        Ok(())
    }

    fn put_rounding(&self, cx: &Thread, v: Value) -> Res<()> {
        self.round.store(rounding_index(cx, v)? as u8, Ordering::Relaxed);
        Ok(())
    }

    fn put_capitals(&self, cx: &Thread, v: Value) -> Res<()> {
        match ssize(cx, v)? {
            x @ (0 | 1) => self.capitals.store(x == 1, Ordering::Relaxed),
            _ => raise!(cx, ValueError, "valid values for capitals are 0 or 1"),
        }
        Ok(())
    }

    fn put_clamp(&self, cx: &Thread, v: Value) -> Res<()> {
        match ssize(cx, v)? {
            x @ (0 | 1) => self.clamp.store(x == 1, Ordering::Relaxed),
            _ => raise!(cx, ValueError, "valid values for clamp are 0 or 1"),
        }
        Ok(())
    }

    fn put_traps(&self, cx: &Thread, v: Value) -> Res<()> {
        self.traps.store(flags_from(cx, v)?, Ordering::Relaxed);
        Ok(())
    }

    fn put_flags(&self, cx: &Thread, v: Value) -> Res<()> {
        self.status.store(flags_from(cx, v)?, Ordering::Relaxed);
        Ok(())
    }

    /// `__repr__`'s lists: conditions from the lowest bit on, InvalidOperation once.
    fn names_of(flags: u32) -> String {
        const BY_BIT: [&str; 15] = [
            "Clamped",
            "InvalidOperation",
            "DivisionByZero",
            "InvalidOperation",
            "InvalidOperation",
            "InvalidOperation",
            "Inexact",
            "InvalidOperation",
            "InvalidOperation",
            "InvalidOperation",
            "FloatOperation",
            "Overflow",
            "Rounded",
            "Subnormal",
            "Underflow",
        ];
        let mut names: Vec<&str> = Vec::new();
        for (i, name) in BY_BIT.iter().enumerate() {
            if flags >> i & 1 == 1 && !names.contains(name) {
                names.push(name);
            }
        }
        format!("[{}]", names.join(", "))
    }
}

#[cold]
fn raise_status(cx: &Thread, trapped: u32) -> Raised {
    if trapped & MALLOC != 0 { cx.no_memory() } else { raise_signal(cx, trapped) }
}

/// An argument that is a C size.
pub fn ssize(cx: &Thread, v: Value) -> Res<i64> {
    if !int::is_int(v) {
        raise!(cx, TypeError, "an integer is required");
    }
    match int::to_i64(v) {
        Some(x) => Ok(x),
        None => raise!(cx, OverflowError, "Python int too large to convert to C ssize_t"),
    }
}

/// The index in `ROUNDINGS` of a mode's name.
pub fn rounding_index(cx: &Thread, v: Value) -> Res<usize> {
    let found =
        v.downcast::<Str>().and_then(|s| ROUNDINGS.iter().position(|(name, _)| s.eq_str(name)));
    match found {
        Some(i) => Ok(i),
        None => raise!(
            cx,
            TypeError,
            "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]"
        ),
    }
}

/// The context with another rounding mode, where one is given.
pub fn with_rounding(cx: &Thread, ctx: Ctx, rounding: Value) -> Res<Ctx> {
    if rounding.is_none() {
        return Ok(ctx);
    }
    Ok(ctx.with_round(ROUNDINGS[rounding_index(cx, rounding)?].1))
}

/// The current context.
#[inline(always)]
pub fn current(cx: &Thread) -> Res<&'static Context> {
    match cx.decimal_context.get().and_then(|v| v.downcast_exact::<Context>()) {
        Some(c) => Ok(c),
        None => find_current(cx),
    }
}

#[cold]
#[inline(never)]
fn find_current(cx: &Thread) -> Res<&'static Context> {
    let variable = state().variable.get();
    let found = _contextvars::get_variable(cx, variable)?;
    let c = match found.and_then(|v| v.downcast::<Context>()) {
        Some(c) => c,
        None => {
            let templates = state().templates.get().expect("made by the import");
            let template = templates[0].get().downcast::<Context>().expect("it is a context");
            let c = template.duplicate(cx)?;
            c.status.store(0, Ordering::Relaxed);
            _contextvars::set_variable(cx, variable, Value::from_ref(c))?;
            c
        }
    };
    cx.decimal_context.set(Some(Value::from_ref(c)));
    Ok(c)
}

/// `setcontext`.
pub fn set_current(cx: &Thread, v: Value) -> Res<()> {
    let Some(mut c) = v.downcast::<Context>() else {
        raise!(cx, TypeError, "argument must be a context");
    };
    let templates = state().templates.get().expect("made by the import");
    if templates.iter().any(|t| t.get() == v) {
        c = c.duplicate(cx)?;
        c.status.store(0, Ordering::Relaxed);
    }
    _contextvars::set_variable(cx, state().variable.get(), Value::from_ref(c))
}

/// The context of an optional argument; None is the current one.
pub fn from_argument(cx: &Thread, v: Value) -> Res<&'static Context> {
    if v.is_none() {
        return current(cx);
    }
    match v.downcast::<Context>() {
        Some(c) => Ok(c),
        None => raise!(cx, TypeError, "optional argument must be a context"),
    }
}

/// `__new__`, `__init__`, attributes, `__repr__`, copying: what is not an operation.
pub mod object {
    use super::*;

    pub fn new(cx: &Thread, cls: &Type) -> Res {
        let c = Context::blank(cx, cls)?;
        if let Some(t) = state().templates.get() {
            c.assign(t[0].get().downcast::<Context>().expect("it is a context"));
        }
        Ok(Value::from_ref(c))
    }

    pub fn getattr(cx: &Thread, this: &Context, name: &Str) -> Res {
        if name.eq_str("traps") {
            return Ok(this.traps_view.value());
        }
        if name.eq_str("flags") {
            return Ok(this.flags_view.value());
        }
        attr::generic_getattr(cx, Value::from_ref(this), name)
    }

    pub fn setattr(cx: &Thread, this: &Context, name: &Str, v: Option<Value>) -> Res<()> {
        let Some(v) = v else {
            raise!(cx, AttributeError, "context attributes cannot be deleted");
        };
        if name.eq_str("traps") || name.eq_str("flags") {
            // Here a list is not taken.
            if v.downcast::<List>().is_some() {
                raise!(cx, TypeError, "argument must be a signal dict");
            }
            return if name.eq_str("traps") {
                this.put_traps(cx, v)
            } else {
                this.put_flags(cx, v)
            };
        }
        attr::generic_setattr(cx, Value::from_ref(this), name, Some(v))
    }

    pub fn repr(cx: &Thread, this: &Context) -> Value {
        let c = this.load();
        let text = format!(
            "Context(prec={}, rounding={}, Emin={}, Emax={}, capitals={}, clamp={}, flags={}, traps={})",
            c.prec,
            ROUNDINGS[(this.round.load(Ordering::Relaxed) & 7) as usize].0,
            c.emin,
            c.emax,
            this.upper_case() as u8,
            c.clamp as u8,
            Context::names_of(this.status.load(Ordering::Relaxed)),
            Context::names_of(this.traps.load(Ordering::Relaxed)),
        );
        Value::from_ref(Str::new(cx, &text))
    }

    pub fn reduce(cx: &Thread, this: &Context) -> Value {
        let c = this.load();
        let n = |x: i64| int::from_i64(cx, x);
        let args = Tuple::from_slice(
            cx,
            &[
                n(c.prec),
                rounding(cx, this),
                n(c.emin),
                n(c.emax),
                n(this.upper_case() as i64),
                n(c.clamp as i64),
                signal_list(cx, this.status.load(Ordering::Relaxed)),
                signal_list(cx, this.traps.load(Ordering::Relaxed)),
            ],
        );
        let class = Value::from_ref(Value::from_ref(this).ty());
        Value::from_ref(Tuple::from_slice(cx, &[class, Value::from_ref(args)]))
    }

    pub fn rounding(cx: &Thread, this: &Context) -> Value {
        let i = (this.round.load(Ordering::Relaxed) & 7) as usize;
        Value::from_ref(intern(cx, ROUNDINGS[i].0))
    }

    /// Sets one attribute; deleting was refused before.
    pub fn put(cx: &Thread, this: &Context, name: &str, v: Option<Value>) -> Res<()> {
        let Some(v) = v else {
            raise!(cx, AttributeError, "context attributes cannot be deleted");
        };
        match name {
            "prec" => this.put_prec(cx, v),
            "Emin" => this.put_emin(cx, v),
            "Emax" => this.put_emax(cx, v),
            "rounding" => this.put_rounding(cx, v),
            "capitals" => this.put_capitals(cx, v),
            _ => this.put_clamp(cx, v),
        }
    }
}

/// What `localcontext` returns.
#[repr(C)]
pub struct ContextManager {
    head: Head,
    local: Slot,
    global: Slot,
}
pytype! { ContextManager, PyDecContextManager_Type, name: "ContextManager", module: "decimal", base: Object }

impl ContextManager {
    pub fn new(cx: &Thread, local: &Context, global: &Context) -> &'static ContextManager {
        let m = ContextManager { head: fresh_head(), local: Slot::empty(), global: Slot::empty() };
        m.local.init(Some(Value::from_ref(local)));
        m.global.init(Some(Value::from_ref(global)));
        cx.alloc(m)
    }
}

#[pymethods]
impl ContextManager {
    /// Makes the copy current and returns it.
    #[pymethod]
    fn __enter__(cx: &Thread, this: &ContextManager) -> Res {
        set_current(cx, this.local.value())?;
        Ok(this.local.value())
    }

    /// Makes the context from before current again.
    #[pymethod(sig = "(self, *args)")]
    fn __exit__(cx: &Thread, this: &ContextManager, _args: &[Value]) -> Res {
        set_current(cx, this.global.value())?;
        Ok(py_bool(false))
    }
}
