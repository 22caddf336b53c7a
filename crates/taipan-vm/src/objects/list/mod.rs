//! `list`: layout and the operations that the VM itself uses. Python's methods are in
//! `methods.rs`, sorting in `sort.rs`, the iterators in `iter.rs`.
//!
//! Invariants: `ob_item` is null or points past the header of a `SlotArray`, which carries its own
//! capacity; readers take no lock and bounds-check against both `ob_size` and that capacity;
//! writers hold the list's lock; slots at or beyond `ob_size` are empty, so a reader that meets an
//! empty slot has raced with a shrink and asks again under the lock (hazard 11).

mod edit;
pub mod iter;
pub(in crate::objects) use methods::{clip_bounds, compare_seq, repeat_values};
mod methods;
pub mod sort;

use crate::objects::storage::SlotArray;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::mem::offset_of;
use std::sync::atomic::{AtomicIsize, AtomicPtr, Ordering};
use taipan_heap::lock::lock;

#[repr(C)]
pub struct List {
    pub head: Head,
    ob_size: AtomicIsize,
    ob_item: AtomicPtr<Slot>,
    allocated: AtomicIsize,
}

const _: () = {
    assert!(offset_of!(List, ob_size) == 32);
    assert!(offset_of!(List, ob_item) == 40);
    assert!(offset_of!(List, allocated) == 48);
    assert!(size_of::<List>() == 56);
};

crate::pytype! { List, PyList_Type, name: "list", module: "builtins", base: crate::objects::object::Object,
flags: tpflags::BASETYPE | tpflags::SEQUENCE | tpflags::MATCH_SELF, fast: LIST_SUBCLASS,
doc: "list(iterable=(), /)\n--\n\nBuilt-in mutable sequence.\n\nWithout an argument, a new empty list.\nThe argument must be an iterable if specified." }

/// Lists up to this capacity grow fast: what they outgrow is left to the collector, and every copy
/// costs more than CPython's realloc. Larger ones grow by an eighth as CPython's do.
const GROWS_FAST: usize = 8192;

/// The capacity of a list that has grown to `n` items: 5, 13, 29, 45, 69, 109, ...
pub(super) fn grown(n: usize) -> usize {
    let more = match n {
        0..=24 => n.max(4),
        25..=GROWS_FAST => n / 2,
        _ => n / 8,
    };
    SlotArray::roomy(n + more)
}

/// Whether `n` items are too few to keep storage of that capacity.
pub(super) fn too_few(n: usize, capacity: usize) -> bool {
    n < if capacity <= GROWS_FAST { capacity / 4 } else { capacity / 2 }
}

impl List {
    pub fn new(cx: &Thread) -> &'static List {
        List::new_in(cx, List::type_object())
    }

    pub fn new_in(cx: &Thread, ty: &Type) -> &'static List {
        cx.alloc_in(
            ty,
            List {
                head: fresh_head(),
                ob_size: AtomicIsize::new(0),
                ob_item: AtomicPtr::new(std::ptr::null_mut()),
                allocated: AtomicIsize::new(0),
            },
        )
    }

    pub fn with_capacity(cx: &Thread, n: usize) -> &'static List {
        let l = List::new(cx);
        if n > 0 {
            l.publish_storage(SlotArray::new(cx, n));
        }
        l
    }

    pub fn from_slice(cx: &Thread, items: &[Value]) -> &'static List {
        if items.is_empty() {
            return List::new(cx);
        }
        let s = SlotArray::new(cx, items.len());
        s.fill(0, items);
        List::with_storage(cx, s, items.len())
    }

    /// A list of the `n` items in `s`, which is nobody else's.
    pub(super) fn with_storage(cx: &Thread, s: &'static SlotArray, n: usize) -> &'static List {
        cx.alloc(List {
            head: fresh_head(),
            ob_size: AtomicIsize::new(n as isize),
            ob_item: AtomicPtr::new(s.items_ptr()),
            allocated: AtomicIsize::new(s.capacity() as isize),
        })
    }

    /// A list of the items from one index to another at one moment; `clip` tells the indices, from
    /// the length.
    pub(super) fn sublist(
        &self,
        cx: &Thread,
        clip: impl Fn(usize) -> (usize, usize),
    ) -> Res<&'static List> {
        loop {
            let (from, to) = clip(self.len());
            if from >= to {
                return Ok(List::new(cx));
            }
            let fresh = SlotArray::try_new(cx, to - from)?;
            let n = {
                let _g = lock(&self.head);
                let (from, to) = clip(self.len());
                let n = to.saturating_sub(from);
                match self.storage() {
                    Some(s) if n <= fresh.capacity() => fresh.fill_from(0, s, from, n),
                    None if n == 0 => {}
                    _ => continue,
                }
                n
            };
            return Ok(List::with_storage(cx, fresh, n));
        }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.ob_size.load(Ordering::Acquire) as usize
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The storage; none while the list never held anything.
    #[inline(always)]
    pub fn storage(&self) -> Option<&'static SlotArray> {
        let p = self.ob_item.load(Ordering::Acquire);
        // SAFETY: ob_item is null or came from items_ptr of an array that it keeps alive.
        if p.is_null() { None } else { Some(unsafe { SlotArray::from_items(p) }) }
    }

    /// Item `i`; none beyond the end.
    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<Value> {
        if i >= self.len() {
            return None;
        }
        match self.storage().and_then(|s| s.get(i)) {
            Some(v) => Some(v),
            None => self.get_locked(i),
        }
    }

    /// As `get`, only where no lock and no call is needed: for the interpreter's handlers.
    #[inline(always)]
    pub fn peek(&self, i: usize) -> Option<Value> {
        if i < self.len() { self.storage()?.get(i) } else { None }
    }

    /// As `set`, only while this thread is alone and nobody holds the lock; false: nothing done.
    #[inline(always)]
    pub fn set_alone(&self, i: usize, v: Value) -> bool {
        match self.storage() {
            Some(s) if taipan_heap::lock::free_and_alone(&self.head) && i < self.len() => {
                s.set(i, v);
                true
            }
            _ => false,
        }
    }

    /// As `push`, under the same conditions and where there is room.
    #[inline(always)]
    pub fn push_alone(&self, v: Value) -> bool {
        let n = self.len();
        match self.storage() {
            Some(s) if taipan_heap::lock::free_and_alone(&self.head) && n < s.capacity() => {
                s.set(n, v);
                self.ob_size.store(n as isize + 1, Ordering::Release);
                true
            }
            _ => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn get_locked(&self, i: usize) -> Option<Value> {
        let _g = lock(&self.head);
        if i < self.len() { self.storage().and_then(|s| s.get(i)) } else { None }
    }

    /// Replaces item `i`; false beyond the end.
    #[inline]
    pub fn set(&self, i: usize, v: Value) -> bool {
        let _g = lock(&self.head);
        match self.storage() {
            Some(s) if i < self.len() => {
                s.set(i, v);
                true
            }
            _ => false,
        }
    }

    /// Appends; aborts the process only where CPython's would raise MemoryError for a few words.
    #[inline(always)]
    pub fn push(&self, cx: &Thread, v: Value) {
        if !self.push_alone(v) {
            self.push_locked(cx, v);
        }
    }

    #[inline(never)]
    fn push_locked(&self, cx: &Thread, v: Value) {
        let _g = lock(&self.head);
        let n = self.len();
        match self.storage() {
            Some(s) if n < s.capacity() => {
                s.set(n, v);
                self.ob_size.store(n as isize + 1, Ordering::Release);
            }
            _ => self.push_grow(cx, n, v),
        }
    }

    #[cold]
    #[inline(never)]
    fn push_grow(&self, cx: &Thread, n: usize, v: Value) {
        let s = SlotArray::new(cx, grown(n + 1));
        if let Some(old) = self.storage() {
            s.fill_from(0, old, 0, n);
        }
        s.init(n, v);
        self.publish_storage(s);
        self.ob_size.store(n as isize + 1, Ordering::Release);
    }

    /// A copy of the items at one moment.
    pub fn to_vec(&self) -> GcVec<Value> {
        loop {
            let mut out = GcVec::with_capacity(self.len());
            let _g = lock(&self.head);
            let n = self.len();
            if n > out.capacity() {
                continue;
            }
            out.extend_from_slice(self.items_locked());
            return out;
        }
    }

    /// The items. The caller holds the lock and lets go of them before it.
    pub(in crate::objects) fn items_locked(&self) -> &[Value] {
        match self.storage() {
            // SAFETY: slots below the size are filled while the lock is held.
            Some(s) => unsafe { s.values(0, self.len()) },
            None => &[],
        }
    }

    /// As `to_vec` into a buffer on the stack, for lists that fit in it.
    pub fn copy_few<'a>(&self, out: &'a mut [Value]) -> Option<&'a [Value]> {
        let _g = lock(&self.head);
        let n = self.len();
        if n > out.len() {
            return None;
        }
        out[..n].copy_from_slice(self.items_locked());
        Some(&out[..n])
    }

    /// The list becomes `items`.
    pub fn replace_all(&self, cx: &Thread, items: &[Value]) {
        let fresh = if items.is_empty() { None } else { Some(SlotArray::new(cx, items.len())) };
        if let Some(s) = fresh {
            s.fill(0, items);
        }
        let _g = lock(&self.head);
        self.install(fresh, items.len());
    }

    /// Publishes other storage and size. The caller holds the lock (or the list is private).
    /// A shrinking list gets its size first, a growing one its storage first, so that a reader
    /// never looks for an item in storage that cannot have it.
    pub(super) fn install(&self, s: Option<&'static SlotArray>, n: usize) {
        if n < self.len() {
            self.ob_size.store(n as isize, Ordering::Release);
        }
        match s {
            Some(s) => self.publish_storage(s),
            None => {
                self.ob_item.store(std::ptr::null_mut(), Ordering::Release);
                self.allocated.store(0, Ordering::Relaxed);
            }
        }
        self.ob_size.store(n as isize, Ordering::Release);
    }

    fn publish_storage(&self, s: &SlotArray) {
        taipan_heap::slot::barrier(&self.ob_item);
        self.ob_item.store(s.items_ptr(), Ordering::Release);
        self.allocated.store(s.capacity() as isize, Ordering::Relaxed);
    }

    pub(super) fn set_len(&self, n: usize) {
        self.ob_size.store(n as isize, Ordering::Release);
    }
}
