//! `set_iterator`.

use super::SetObject;
use crate::objects::iterators::{reduce_list, step};
use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, Ordering};

#[repr(C)]
pub struct SetIter {
    pub head: Head,
    set: Slot,
    at: AtomicIsize,
    /// The size at the start; -1 once the set was found changed.
    used: AtomicIsize,
    left: AtomicIsize,
}

crate::pytype! { SetIter, PySetIter_Type, name: "set_iterator", module: "builtins", base: Object }

impl SetIter {
    pub fn new(cx: &Thread, s: &SetObject) -> Value {
        let n = s.len() as isize;
        let it = SetIter {
            head: fresh_head(),
            set: Slot::empty(),
            at: AtomicIsize::new(0),
            used: AtomicIsize::new(n),
            left: AtomicIsize::new(n),
        };
        it.set.init(Some(s.value()));
        Value::from_ref(cx.alloc(it))
    }

    fn set(&self) -> Option<&'static SetObject> {
        // SAFETY: empty, or the set that `new` was given.
        self.set.get().map(|v| unsafe { &*(v.bits() as *const SetObject) })
    }
}

#[pymethods]
impl SetIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &SetIter) -> Res<Option<Value>> {
        step(cx, &this.head, || {
            let Some(s) = this.set() else { return Ok(None) };
            if s.len() as isize != this.used.load(Ordering::Relaxed) {
                this.used.store(-1, Ordering::Relaxed);
                raise!(cx, RuntimeError, "Set changed size during iteration");
            }
            match s.next_entry(this.at.load(Ordering::Relaxed) as usize) {
                Some((k, next)) => {
                    this.at.store(next as isize, Ordering::Relaxed);
                    let left = this.left.load(Ordering::Relaxed);
                    this.left.store((left - 1).max(0), Ordering::Relaxed);
                    Ok(Some(k))
                }
                None => {
                    this.set.clear(&this.head);
                    Ok(None)
                }
            }
        })
    }

    /// How many items are left.
    #[pymethod]
    fn __length_hint__(_cx: &Thread, this: &SetIter) -> isize {
        match this.set() {
            Some(s) if s.len() as isize == this.used.load(Ordering::Relaxed) => {
                this.left.load(Ordering::Relaxed)
            }
            _ => 0,
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &SetIter) -> Res {
        let mut rest: GcVec<Value> = GcVec::new();
        if let Some(s) = this.set() {
            if s.len() as isize != this.used.load(Ordering::Relaxed) {
                raise!(cx, RuntimeError, "Set changed size during iteration");
            }
            let mut at = this.at.load(Ordering::Relaxed) as usize;
            while let Some((k, next)) = s.next_entry(at) {
                rest.push(k);
                at = next;
            }
        }
        reduce_list(cx, &rest)
    }
}
