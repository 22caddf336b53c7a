//! `iterator`, over anything with `__getitem__`, and `callable_iterator`, `iter(f, sentinel)`.
//!
//! `seq` is empty once the iterator is exhausted; it never comes back.

use crate::objects::iterators::move_on;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, Ordering};

#[repr(C)]
pub struct SeqIter {
    pub head: Head,
    index: AtomicIsize,
    seq: Slot,
}

crate::pytype! { SeqIter, PySeqIter_Type, name: "iterator", module: "builtins", base: crate::objects::object::Object }

impl SeqIter {
    pub fn new(cx: &Thread, v: Value) -> Value {
        let it = SeqIter { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
        it.seq.init(Some(v));
        Value::from_ref(cx.alloc(it))
    }
}

/// The index that an iterator's `__setstate__` gets (`PyLong_AsSsize_t`).
pub fn state_index(cx: &Thread, state: Value) -> Res<isize> {
    if !super::int::is_int(state) {
        raise!(cx, TypeError, "an integer is required");
    }
    index_isize(cx, state, exc::OverflowError())
}

#[pymethods]
impl SeqIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &SeqIter) -> Res<Option<Value>> {
        let Some(seq) = this.seq.get() else { return Ok(None) };
        // The index is taken before Python code runs, so that no other thread asks for the same item.
        let i = loop {
            let i = this.index.load(Ordering::Relaxed);
            if i == isize::MAX {
                raise!(cx, OverflowError, "iter index too large");
            }
            if move_on(&this.index, i, i + 1) {
                break i;
            }
        };
        match get_item(cx, seq, int_from_i128(cx, i as i128)) {
            Ok(v) => Ok(Some(v)),
            Err(e) if e.is(exc::IndexError()) || e.is(exc::StopIteration()) => {
                this.seq.clear(&this.head);
                Ok(None)
            }
            Err(e) => {
                // Nothing was given: the next step asks for it again.
                move_on(&this.index, i + 1, i);
                Err(e)
            }
        }
    }

    #[pymethod(sig = "(self, /)")]
    fn __length_hint__(cx: &Thread, this: &SeqIter) -> Res {
        let Some(seq) = this.seq.get() else { return Ok(Value::small(0)) };
        if seq.ty().slots().len.get().is_none() {
            return Ok(not_implemented());
        }
        let n = len(cx, seq)? as isize - this.index.load(Ordering::Relaxed);
        Ok(int_from_i128(cx, n.max(0) as i128))
    }

    /// State for pickling.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &SeqIter) -> Res {
        super::iterators::reduce_iter(cx, || (this.seq.get(), this.index.load(Ordering::Relaxed)))
    }

    /// Sets the position.
    #[pymethod(sig = "(self, state, /)")]
    fn __setstate__(cx: &Thread, this: &SeqIter, state: Value) -> Res<()> {
        let i = state_index(cx, state)?;
        if this.seq.get().is_some() {
            this.index.store(i.max(0), Ordering::Relaxed);
        }
        Ok(())
    }
}

#[repr(C)]
pub struct CallIter {
    pub head: Head,
    callable: Slot,
    sentinel: Slot,
}

crate::pytype! { CallIter, PyCallIter_Type, name: "callable_iterator", module: "builtins", base: crate::objects::object::Object }

impl CallIter {
    pub fn new(cx: &Thread, callable: Value, sentinel: Value) -> Value {
        let it = CallIter { head: fresh_head(), callable: Slot::empty(), sentinel: Slot::empty() };
        it.callable.init(Some(callable));
        it.sentinel.init(Some(sentinel));
        Value::from_ref(cx.alloc(it))
    }

    fn finish(&self) {
        self.callable.clear(&self.head);
        self.sentinel.clear(&self.head);
    }
}

#[pymethods]
impl CallIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &CallIter) -> Res<Option<Value>> {
        let (Some(f), Some(sentinel)) = (this.callable.get(), this.sentinel.get()) else {
            return Ok(None);
        };
        match call(cx, f, &[]) {
            // The call may have exhausted this very iterator: then its result is dropped.
            Ok(_) if this.sentinel.get().is_none() => Ok(None),
            Ok(v) => {
                if compare_bool(cx, sentinel, v, CmpOp::Eq)? {
                    this.finish();
                    return Ok(None);
                }
                Ok(Some(v))
            }
            Err(e) if e.is(exc::StopIteration()) => {
                this.finish();
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    /// State for pickling.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &CallIter) -> Res {
        let iter = super::iterators::builtin(cx, id!(cx, "iter"))?;
        let args = match (this.callable.get(), this.sentinel.get()) {
            (Some(f), Some(s)) => Tuple::pair(cx, f, s),
            _ => Tuple::from_slice(cx, &[Value::from_ref(Tuple::empty(cx))]),
        };
        Ok(Value::from_ref(Tuple::pair(cx, iter, Value::from_ref(args))))
    }
}
