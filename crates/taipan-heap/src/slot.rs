//! `Slot`: the only way a `Value` is stored into a heap object.
//!
//! Every store but the first goes through `Slot::set`, which has the write barrier (`cards`). Stores
//! are Release and loads Acquire, so a racing reader sees a whole, published object or nothing.

use crate::value::{HeapObject, Value};
use std::sync::atomic::{AtomicU64, Ordering};

pub use crate::cards::{barrier, barrier_alone, barrier_range};

/// One word of a heap object that holds a `Value` or is empty.
#[repr(transparent)]
pub struct Slot(AtomicU64);

impl Slot {
    /// An empty slot.
    pub const fn empty() -> Slot {
        Slot(AtomicU64::new(0))
    }

    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        // SAFETY: a slot holds zero or a value that `set` or `init` was given.
        unsafe { Value::option_from_bits(self.0.load(Ordering::Acquire)) }
    }

    /// The value of a slot that its object never leaves empty.
    #[inline(always)]
    #[track_caller]
    pub fn value(&self) -> Value {
        self.get().expect("slot is never empty")
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    #[inline(always)]
    pub fn set<T: HeapObject>(&self, owner: &T, v: Value) {
        self.set_option(owner, Some(v));
    }

    #[inline(always)]
    pub fn clear<T: HeapObject>(&self, owner: &T) {
        self.set_option(owner, None);
    }

    #[inline(always)]
    pub fn set_option<T: HeapObject>(&self, owner: &T, v: Option<Value>) {
        let _ = owner;
        barrier(self);
        self.0.store(Value::option_bits(v), Ordering::Release);
    }

    /// The first store into a place that nobody else can see yet, without a barrier: into a struct
    /// that is not in the heap, or into a fresh cell that the caller's own frame holds (a cell
    /// found on a native stack is looked at again by the next collection).
    #[inline(always)]
    pub fn init(&self, v: Option<Value>) {
        self.0.store(Value::option_bits(v), Ordering::Release);
    }

    #[inline(always)]
    pub fn swap<T: HeapObject>(&self, owner: &T, v: Option<Value>) -> Option<Value> {
        let _ = owner;
        barrier(self);
        // SAFETY: as in `get`.
        unsafe { Value::option_from_bits(self.0.swap(Value::option_bits(v), Ordering::AcqRel)) }
    }

    /// Stores `new` if the slot still holds `old`; gives what it held.
    #[inline(always)]
    pub fn compare_exchange<T: HeapObject>(
        &self,
        owner: &T,
        old: Option<Value>,
        new: Option<Value>,
    ) -> Result<(), Option<Value>> {
        let _ = owner;
        barrier(self);
        let (o, n) = (Value::option_bits(old), Value::option_bits(new));
        match self.0.compare_exchange(o, n, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(()),
            // SAFETY: as in `get`.
            Err(cur) => Err(unsafe { Value::option_from_bits(cur) }),
        }
    }

    #[inline(always)]
    pub fn raw(&self) -> &AtomicU64 {
        &self.0
    }
}
