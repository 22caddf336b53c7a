//! The iterator by which a future is awaited: it yields the future once and ends with its result.

use super::future::Future;
use super::slot;
use std::sync::atomic::Ordering;
use taipan_vm::objects::generator;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct FutureIter {
    head: Head,
    /// Empty when it has ended.
    future: Slot,
}

pytype! { FutureIter, PyTaipanFutureIter_Type, name: "FutureIter", module: "_asyncio", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION }

enum Step {
    Yield(Value),
    Return(Value),
}

impl FutureIter {
    pub fn new(cx: &Thread, f: &Future) -> Value {
        let future = slot(Some(Value::from_ref(f)));
        Value::from_ref(cx.alloc(FutureIter { head: fresh_head(), future }))
    }

    fn step(&self, cx: &Thread) -> Res<Option<Step>> {
        let Some(v) = self.future.get() else { return Ok(None) };
        let f = v.downcast::<Future>().expect("made of one");
        if f.is_pending() {
            if f.core.blocking.swap(true, Ordering::Relaxed) {
                raise!(cx, RuntimeError, "await wasn't used with future");
            }
            return Ok(Some(Step::Yield(v)));
        }
        self.future.clear(self);
        f.result_or_raise(cx).map(|v| Some(Step::Return(v)))
    }
}

#[pymethods]
impl FutureIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &FutureIter) -> Res<Option<Value>> {
        match this.step(cx)? {
            Some(Step::Yield(v)) => Ok(Some(v)),
            Some(Step::Return(v)) => {
                cx.interp.returned.set(Some((Value::from_ref(this), v)));
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// As next: a future has no use for what is sent.
    #[pymethod]
    fn send(cx: &Thread, this: &FutureIter, _value: Value) -> Res {
        match this.step(cx)? {
            Some(Step::Yield(v)) => Ok(v),
            Some(Step::Return(v)) => Err(generator::stop_with(cx, v)),
            None => Err(generator::stop_with(cx, none())),
        }
    }

    /// Raises the exception.
    #[pymethod(sig = "(self, /, *args)")]
    fn throw(cx: &Thread, this: &FutureIter, args: &[Value]) -> Res {
        let e = generator::thrown_args(cx, args, "throw")?;
        this.future.clear(this);
        Err(e)
    }

    /// Lets go of the future.
    #[pymethod(sig = "(self, /)")]
    fn close(_cx: &Thread, this: &FutureIter) {
        this.future.clear(this);
    }
}
