//! The iterator over a view.

use super::MemoryView;
use crate::objects::iterators::move_on;
use crate::prelude::*;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Over the items of a one-dimensional view.
#[repr(C)]
pub struct MemoryIter {
    pub head: Head,
    pub(super) index: AtomicIsize,
    pub(super) seq: Slot,
}

crate::pytype! { MemoryIter, _PyMemoryIter_Type, name: "memory_iterator", module: "builtins", base: crate::objects::object::Object }

#[pymethods]
impl MemoryIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &MemoryIter) -> Res<Option<Value>> {
        let Some(m) = this.seq.get().and_then(|v| v.downcast::<MemoryView>()) else {
            return Ok(None);
        };
        loop {
            let i = this.index.load(Ordering::Relaxed);
            if let Some(v) = m.quick_item(cx, i as i64)? {
                if move_on(&this.index, i, i + 1) {
                    return Ok(Some(v));
                }
                continue;
            }
            let g = m.geometry(cx)?;
            if i >= g.shape[0] {
                this.seq.clear(&this.head);
                return Ok(None);
            }
            if move_on(&this.index, i, i + 1) {
                return g.item(cx, i * g.strides[0]).map(Some);
            }
        }
    }
}
