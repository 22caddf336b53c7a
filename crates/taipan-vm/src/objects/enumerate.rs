//! `enumerate` and `reversed`.

use crate::objects::iterators::{move_on, step};
use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicI64, AtomicIsize, Ordering};
use taipan_heap::value::SMALL_MAX;

#[repr(C)]
pub struct Enumerate {
    pub head: Head,
    iter: Slot,
    /// The next index while it is a machine word; then `long` holds it.
    index: AtomicI64,
    long: Slot,
}

crate::pytype! { Enumerate, PyEnum_Type, name: "enumerate", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "enumerate(iterable, start=0)\n--\n\nPairs of a count, from start on, and an item of the iterable:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ..." }

impl Enumerate {
    /// The next count and item.
    #[inline(always)]
    pub fn advance(&self, cx: &Thread) -> Res<Option<(Value, Value)>> {
        let Some(item) = next_item(cx, self.iter.value())? else { return Ok(None) };
        // `long` is only set once the index has left the small range.
        let count = step(cx, &self.head, || {
            let i = self.index.load(Ordering::Relaxed);
            let v = Value::try_small(i).filter(|_| i < SMALL_MAX);
            if v.is_some() {
                self.index.store(i + 1, Ordering::Relaxed);
            }
            v
        });
        match count {
            Some(v) => Ok(Some((v, item))),
            None => Ok(Some((self.count_long(cx)?, item))),
        }
    }

    #[cold]
    fn count_long(&self, cx: &Thread) -> Res {
        loop {
            let old = self.long.get();
            let i = self.index.load(Ordering::Relaxed);
            let v = old.unwrap_or_else(|| int_from_i128(cx, i as i128));
            let next = binary(cx, v, Value::small(1), BinOp::Add)?;
            let _g = taipan_heap::lock::lock(&self.head);
            if self.long.get() != old || self.index.load(Ordering::Relaxed) != i {
                continue;
            }
            match i.checked_add(1) {
                Some(n) if old.is_none() => self.index.store(n, Ordering::Relaxed),
                _ => self.long.set(&self.head, next),
            }
            return Ok(v);
        }
    }

    fn index(&self, cx: &Thread) -> Value {
        match self.long.get() {
            Some(v) => v,
            None => int_from_i128(cx, self.index.load(Ordering::Relaxed) as i128),
        }
    }
}

/// CPython's enumerate binds its arguments by hand, with texts of its own.
fn enumerate_args(cx: &Thread, args: &[Value], kw: KwNames<'_>) -> Res<(Value, Option<Value>)> {
    let nkw = kw.map_or(0, |k| k.len());
    let npos = args.len() - nkw;
    if args.len() > 2 {
        raise!(cx, TypeError, "enumerate() takes at most 2 arguments ({} given)", args.len());
    }
    let mut out = [None, None];
    for (i, &v) in args[..npos].iter().enumerate() {
        out[i] = Some(v);
    }
    if let Some(names) = kw {
        for (&n, &v) in names.as_slice().iter().zip(&args[npos..]) {
            let name = n.downcast::<Str>().expect("keyword names are strings");
            let at = match () {
                _ if name.eq_str("iterable") => 0,
                _ if name.eq_str("start") => 1,
                _ => raise!(
                    cx,
                    TypeError,
                    "'{}' is an invalid keyword argument for enumerate()",
                    name
                ),
            };
            if out[at].is_some() {
                raise!(cx, TypeError, "'{}' is an invalid keyword argument for enumerate()", name);
            }
            out[at] = Some(v);
        }
    }
    match out {
        [Some(it), start] => Ok((it, start)),
        _ => raise!(cx, TypeError, "enumerate() missing required argument 'iterable'"),
    }
}

#[pymethods]
impl Enumerate {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let (iterable, start) = enumerate_args(cx, args, kw)?;
        let start = start.map_or(Ok(Value::small(0)), |s| index(cx, s))?;
        let it = iter(cx, iterable)?;
        let e = Enumerate {
            head: fresh_head(),
            iter: Slot::empty(),
            index: AtomicI64::new(0),
            long: Slot::empty(),
        };
        e.iter.init(Some(it));
        match int_to_i64(start) {
            Some(i) => e.index.store(i, Ordering::Relaxed),
            None => {
                e.index.store(i64::MAX, Ordering::Relaxed);
                e.long.init(Some(start));
            }
        }
        Ok(Value::from_ref(cx.alloc_in(cls, e)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Enumerate) -> Res<Option<Value>> {
        Ok(this.advance(cx)?.map(|(i, item)| Value::from_ref(Tuple::pair(cx, i, item))))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Enumerate) -> Res {
        let args = Tuple::pair(cx, this.iter.value(), this.index(cx));
        let ty = Value::from_ref(Value::from_ref(this).ty());
        Ok(Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(args))))
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        crate::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

#[repr(C)]
pub struct Reversed {
    pub head: Head,
    index: AtomicIsize,
    seq: Slot,
}

crate::pytype! { Reversed, PyReversed_Type, name: "reversed", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "reversed(sequence, /)\n--\n\nA reverse iterator over the values of a sequence." }

#[pymethods]
impl Reversed {
    #[slot(sig = "(cls, object, /)")]
    fn __new__(cx: &Thread, cls: &Type, object: Value) -> Res {
        if let Some(f) = lookup_special(cx, object, id!(cx, "__reversed__"))? {
            if !f.is_none() {
                return call(cx, f, &[]);
            }
            raise!(cx, TypeError, "'{}' object is not reversible", object.ty().name());
        }
        if !is_sequence(object) {
            raise!(cx, TypeError, "'{}' object is not reversible", object.ty().name());
        }
        let n = len(cx, object)?;
        let r = Reversed {
            head: fresh_head(),
            index: AtomicIsize::new(n as isize - 1),
            seq: Slot::empty(),
        };
        r.seq.init(Some(object));
        Ok(Value::from_ref(cx.alloc_in(cls, r)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Reversed) -> Res<Option<Value>> {
        // The index is taken before Python code runs, so that no other thread asks for the same item.
        let (seq, i) = loop {
            let i = this.index.load(Ordering::Relaxed);
            let (Some(seq), true) = (this.seq.get(), i >= 0) else {
                this.seq.clear(&this.head);
                return Ok(None);
            };
            if move_on(&this.index, i, i - 1) {
                break (seq, i);
            }
        };
        match get_item(cx, seq, int_from_i128(cx, i as i128)) {
            Ok(v) => Ok(Some(v)),
            Err(e) => {
                this.index.store(-1, Ordering::Relaxed);
                this.seq.clear(&this.head);
                if e.is(exc::IndexError()) || e.is(exc::StopIteration()) {
                    Ok(None)
                } else {
                    Err(e)
                }
            }
        }
    }

    /// How many items are left, at most.
    #[pymethod]
    fn __length_hint__(cx: &Thread, this: &Reversed) -> Res<isize> {
        let Some(seq) = this.seq.get() else { return Ok(0) };
        let n = len(cx, seq)? as isize;
        let at = this.index.load(Ordering::Relaxed) + 1;
        Ok(if n < at { 0 } else { at })
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Reversed) -> Res {
        let ty = Value::from_ref(Value::from_ref(this).ty());
        let t = match this.seq.get() {
            Some(seq) => {
                let args = Value::from_ref(Tuple::from_slice(cx, &[seq]));
                let i = int_from_i128(cx, this.index.load(Ordering::Relaxed) as i128);
                Tuple::from_slice(cx, &[ty, args, i])
            }
            None => {
                let empty = Value::from_ref(Tuple::empty(cx));
                let args = Value::from_ref(Tuple::from_slice(cx, &[empty]));
                Tuple::from_slice(cx, &[ty, args])
            }
        };
        Ok(Value::from_ref(t))
    }

    /// Sets the position.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Reversed, state: Value) -> Res<()> {
        let i = super::seqiter::state_index(cx, state)?;
        if let Some(seq) = this.seq.get() {
            let n = len(cx, seq)? as isize;
            this.index.store(i.clamp(-1, n - 1), Ordering::Relaxed);
        }
        Ok(())
    }
}
