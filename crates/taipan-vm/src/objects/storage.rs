//! `SlotArray`: an array of value slots in one raw GC cell, the storage behind lists, dict
//! entries, overflow attributes. It carries its own capacity, so a racing reader is memory-safe
//! whatever a writer does (docs/internals/heap.md).

use crate::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Slots that are stored into between two safepoints.
const PIECE: usize = 1 << 14;

/// Calls `f` for pieces of `0..n` with a safepoint after each but the last.
#[inline]
pub fn in_pieces(n: usize, mut f: impl FnMut(usize, usize)) {
    let mut at = 0;
    while n - at > PIECE {
        f(at, at + PIECE);
        at += PIECE;
        taipan_heap::Mutator::here().poll();
    }
    f(at, n);
}

/// Header of a storage cell, followed by `capacity` slots.
#[repr(C)]
pub struct SlotArray {
    capacity: AtomicU64,
    barrier: AtomicU64,
}

impl SlotArray {
    /// A new array of empty slots. Aborts as the heap does where memory is out; sizes that come
    /// from Python go through `try_new`.
    pub fn new(cx: &Thread, capacity: usize) -> &'static SlotArray {
        let p = cx.mutator.alloc_raw(16 + 8 * capacity, Kind::Scan);
        // SAFETY: a fresh zeroed cell of that size.
        let a = unsafe { &*(p.as_ptr() as *const SlotArray) };
        a.capacity.store(capacity as u64, Ordering::Release);
        a
    }

    /// A capacity of at least `n` that leaves no room of its cell unused.
    #[inline]
    pub fn roomy(n: usize) -> usize {
        match n.checked_mul(8) {
            Some(bytes) => (taipan_heap::raw_room(bytes.saturating_add(16)) - 16) / 8,
            None => n,
        }
    }

    pub fn try_new(cx: &Thread, capacity: usize) -> Res<&'static SlotArray> {
        let size = capacity.checked_mul(8).and_then(|b| b.checked_add(16));
        match size.and_then(|s| cx.mutator.try_alloc_raw(s, Kind::Scan)) {
            Some(p) => {
                // SAFETY: a fresh zeroed cell of that size.
                let a = unsafe { &*(p.as_ptr() as *const SlotArray) };
                a.capacity.store(capacity as u64, Ordering::Release);
                Ok(a)
            }
            None => Err(cx.no_memory()),
        }
    }

    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity.load(Ordering::Relaxed) as usize
    }

    #[inline(always)]
    fn base(&self) -> *const Slot {
        // SAFETY: the slots follow the 16-byte header in the same cell.
        unsafe { (self as *const SlotArray).add(1) as *const Slot }
    }

    /// Slot `i`, or nothing beyond the capacity.
    #[inline(always)]
    pub fn slot(&self, i: usize) -> Option<&Slot> {
        // SAFETY: i is below the capacity that this cell itself carries.
        if i < self.capacity() { Some(unsafe { &*self.base().add(i) }) } else { None }
    }

    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<Value> {
        self.slot(i).and_then(Slot::get)
    }

    /// Stores into slot `i` (below the capacity).
    #[inline(always)]
    pub fn set(&self, i: usize, v: Value) {
        self.set_option(i, Some(v));
    }

    #[inline(always)]
    pub fn set_option(&self, i: usize, v: Option<Value>) {
        if let Some(s) = self.slot(i) {
            taipan_heap::slot::barrier(s);
            s.init(v);
        }
    }

    /// As `set_option` where the caller sees to the barrier.
    #[inline(always)]
    fn put(&self, i: usize, v: Option<Value>) {
        if let Some(s) = self.slot(i) {
            s.init(v);
        }
    }

    /// The first store into an array that no other thread sees yet.
    #[inline(always)]
    pub fn init(&self, i: usize, v: Value) {
        if let Some(s) = self.slot(i) {
            s.init(Some(v));
        }
    }

    /// Moves `n` slots inside the array, as memmove. The caller holds the owner's lock. A safepoint where
    /// there are many, as are the stores below: at each, all values are in some slot or with the caller.
    pub fn move_within(&self, from: usize, to: usize, n: usize) {
        let cap = self.capacity();
        assert!(from + n <= cap && to + n <= cap, "move inside the storage");
        if n <= PIECE && taipan_heap::lock::alone() {
            self.bulk_barrier(to, n);
            let base = self.items_ptr();
            // SAFETY: both ranges lie inside; no other thread reads the slots meanwhile.
            unsafe { std::ptr::copy(base.add(from), base.add(to), n) };
        } else if from < to {
            in_pieces(n, |first, end| {
                self.bulk_barrier(to + n - end, end - first);
                for i in (n - end..n - first).rev() {
                    self.put(to + i, self.get(from + i));
                }
            });
        } else {
            in_pieces(n, |first, end| {
                self.bulk_barrier(to + first, end - first);
                for i in first..end {
                    self.put(to + i, self.get(from + i));
                }
            });
        }
    }

    /// Stores `items` into slots that other threads may be reading. The caller holds the owner's
    /// lock.
    pub fn store_all(&self, at: usize, items: &[Value]) {
        assert!(at + items.len() <= self.capacity(), "stores inside the storage");
        if items.len() <= PIECE && taipan_heap::lock::alone() {
            self.bulk_barrier(at, items.len());
            // SAFETY: the range lies inside, and no other thread reads it meanwhile.
            unsafe { self.fill_unchecked(at, items) };
            return;
        }
        in_pieces(items.len(), |first, end| {
            self.bulk_barrier(at + first, end - first);
            for i in first..end {
                self.put(at + i, Some(items[i]));
            }
        });
    }

    /// Empties slots.
    pub fn empty_all(&self, from: usize, to: usize) {
        in_pieces(to - from, |first, end| {
            for i in from + first..from + end {
                self.put(i, None);
            }
        });
    }

    /// Fills slots of an array that no other thread sees yet and that the caller's frame holds.
    #[inline]
    pub fn fill(&self, at: usize, items: &[Value]) {
        assert!(at + items.len() <= self.capacity(), "stores inside the storage");
        // SAFETY: the range lies inside, and nobody else knows it.
        in_pieces(items.len(), |first, end| unsafe {
            self.fill_unchecked(at + first, &items[first..end]);
        });
        self.barrier_after(at, items.len());
    }

    /// As `fill` with `n` values that `item` gives.
    #[inline]
    pub fn fill_each(&self, n: usize, item: impl Fn(usize) -> Value) {
        in_pieces(n, |first, end| {
            for i in first..end {
                self.init(i, item(i));
            }
        });
        self.barrier_after(0, n);
    }

    /// # Safety
    /// The items fit, and no other thread looks at the slots meanwhile.
    #[inline(always)]
    unsafe fn fill_unchecked(&self, at: usize, items: &[Value]) {
        // SAFETY: a slot is a word that holds a value's bits; the rest is the caller's promise.
        unsafe {
            let to = self.items_ptr().add(at) as *mut Value;
            std::ptr::copy_nonoverlapping(items.as_ptr(), to, items.len());
        }
    }

    /// As `fill` with `n` slots of another array, empty ones too. The caller holds the lock of its
    /// owner.
    #[inline]
    pub fn fill_from(&self, at: usize, src: &SlotArray, from: usize, n: usize) {
        assert!(at + n <= self.capacity() && from + n <= src.capacity(), "copies inside both");
        let (from, to) = (src.base().wrapping_add(from), self.items_ptr().wrapping_add(at));
        // SAFETY: both ranges lie inside; nobody else knows this array, and nobody writes to `src`.
        in_pieces(n, |first, end| unsafe {
            std::ptr::copy_nonoverlapping(from.add(first), to.add(first), end - first);
        });
        self.barrier_after(at, n);
    }

    /// Where a collection may have come amid many stores without a barrier, the next one looks at them
    /// all: a large cell is not looked at again only because a frame holds it.
    #[inline]
    fn barrier_after(&self, at: usize, n: usize) {
        if n > PIECE {
            self.bulk_barrier(at, n);
        }
    }

    /// `n` slots as values.
    /// # Safety
    /// None of them is empty, and the caller holds the owner's lock while it uses them.
    #[inline(always)]
    pub unsafe fn values(&self, from: usize, n: usize) -> &[Value] {
        assert!(from + n <= self.capacity(), "values inside the storage");
        // SAFETY: the range lies inside; the words are values and stay the same.
        unsafe { std::slice::from_raw_parts(self.base().add(from) as *const Value, n) }
    }

    /// The write barrier for stores into `n` slots from `at` on that bypass `set` (hazard 2), without
    /// a safepoint between it and them.
    #[inline]
    pub fn bulk_barrier(&self, at: usize, n: usize) {
        taipan_heap::slot::barrier_range(self.base().wrapping_add(at), 8 * n);
    }

    /// The address of slot 0, for C's `ob_item`.
    #[inline(always)]
    pub fn items_ptr(&self) -> *mut Slot {
        self.base() as *mut Slot
    }

    /// The array whose slot 0 lies at `items`.
    /// # Safety
    /// `items` came from `items_ptr` of a live array.
    #[inline(always)]
    pub unsafe fn from_items<'a>(items: *mut Slot) -> &'a SlotArray {
        // SAFETY: by the caller's promise the header lies 16 bytes before.
        unsafe { &*((items as *const u8).sub(16) as *const SlotArray) }
    }
}
