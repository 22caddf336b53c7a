//! `Pieces`: values on their way into a list or tuple. The first few lie in the native frame, which
//! the collector scans, so that short results need no temporary in the heap.

use crate::prelude::*;

const FEW: usize = 16;

/// Must stay on the stack, as a `GcVec` must.
pub struct Pieces {
    few: [Value; FEW],
    len: usize,
    /// All of them, once they are more than a few.
    many: GcVec<Value>,
}

impl Default for Pieces {
    fn default() -> Pieces {
        Pieces::new()
    }
}

impl Pieces {
    #[inline]
    pub fn new() -> Pieces {
        Pieces { few: [none(); FEW], len: 0, many: GcVec::new() }
    }

    #[inline]
    pub fn push(&mut self, v: Value) {
        if self.len < FEW {
            self.few[self.len] = v;
        } else {
            self.push_many(v);
        }
        self.len += 1;
    }

    #[inline(never)]
    fn push_many(&mut self, v: Value) {
        if self.len == FEW {
            self.many.extend_from_slice(&self.few);
        }
        self.many.push(v);
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [Value] {
        if self.len <= FEW { &mut self.few[..self.len] } else { &mut self.many }
    }

    #[inline]
    pub fn list(&mut self, cx: &Thread) -> Value {
        Value::from_ref(List::from_slice(cx, self.as_mut_slice()))
    }

    #[inline]
    pub fn tuple(&mut self, cx: &Thread) -> Value {
        Value::from_ref(Tuple::from_slice(cx, self.as_mut_slice()))
    }
}
