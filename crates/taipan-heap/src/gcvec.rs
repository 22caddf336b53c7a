//! `GcVec`: a vector for values that one native frame works with. Its buffer is a raw cell of the
//! collected heap, found through the pointer in the frame, so what it holds stays alive.
//!
//! It must stay on the stack: boxed, in a `Vec` or in a thread local its buffer would be lost.
//! Heap objects never hold one (no barrier). Growing leaves the old buffer to the collector.
//! `GcSlice` is for storage owned by a heap object: a slice that keeps its cell alive.

use crate::mutator::{Kind, Mutator};
use crate::stack::keep_alive;
use std::marker::PhantomData;
use std::ops::{Bound, Deref, DerefMut, RangeBounds};
use std::ptr::NonNull;

/// Items that are put in between two safepoints; `extend` is one anyway, since it may allocate.
const PIECE: usize = 1 << 14;

pub struct GcVec<T: Copy> {
    /// Dangling while `cap` is 0.
    ptr: NonNull<T>,
    len: usize,
    cap: usize,
    _not_send: PhantomData<*const T>,
}

impl<T: Copy> GcVec<T> {
    const ALIGNED: () = assert!(align_of::<T>() <= 16 && size_of::<T>() > 0);

    pub fn new() -> GcVec<T> {
        let () = Self::ALIGNED;
        GcVec { ptr: NonNull::dangling(), len: 0, cap: 0, _not_send: PhantomData }
    }

    pub fn with_capacity(n: usize) -> GcVec<T> {
        let mut v = GcVec::new();
        v.reserve(n);
        v
    }

    /// `None` when memory is exhausted: for sizes the program chooses.
    pub fn try_with_capacity(n: usize) -> Option<GcVec<T>> {
        let mut v = GcVec::new();
        v.try_reserve(n).then_some(v)
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn capacity(&self) -> usize {
        self.cap
    }

    pub fn as_slice(&self) -> &[T] {
        self
    }

    pub fn reserve(&mut self, more: usize) {
        if !self.try_reserve(more) {
            crate::mutator::out_of_memory();
        }
    }

    /// Room for `more` items; false when memory is exhausted.
    pub fn try_reserve(&mut self, more: usize) -> bool {
        match self.len.checked_add(more) {
            Some(need) if need <= self.cap => true,
            Some(need) => self.grow_to(need),
            None => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn grow_to(&mut self, need: usize) -> bool {
        let want = need.max(self.cap * 2).max(8);
        let Some(bytes) = want.checked_mul(size_of::<T>()) else { return false };
        let m = Mutator::here();
        let Some(p) = m.try_alloc_raw(bytes, Kind::Scan) else { return false };
        crate::region::note_unbarriered(p);
        let p = p.cast::<T>();
        // SAFETY: the new buffer is larger and nobody else's; a collection amid the copy sees the old one
        // too, and looks at the new one again because this frame points to it.
        unsafe { m.copy(self.ptr.as_ptr().cast(), p.as_ptr().cast(), self.len * size_of::<T>()) };
        keep_alive(self.ptr.as_ptr());
        self.ptr = p;
        self.cap = want;
        true
    }

    #[inline]
    pub fn push(&mut self, x: T) {
        if self.len == self.cap {
            self.reserve(1);
        }
        // SAFETY: len < cap.
        unsafe { self.ptr.add(self.len).write(x) };
        self.len += 1;
    }

    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        // SAFETY: the item is initialised, and T: Copy.
        Some(unsafe { self.ptr.add(self.len).read() })
    }

    pub fn insert(&mut self, at: usize, x: T) {
        assert!(at <= self.len, "insertion index out of range");
        self.push(x);
        self[at..].rotate_right(1);
    }

    pub fn remove(&mut self, at: usize) -> T {
        let x = self[at];
        self.copy_within(at + 1.., at);
        self.len -= 1;
        x
    }

    pub fn swap_remove(&mut self, at: usize) -> T {
        let last = self.len - 1;
        self.swap(at, last);
        self.len = last;
        // SAFETY: the item just moved to the end is initialised.
        unsafe { self.ptr.add(last).read() }
    }

    #[inline]
    pub fn truncate(&mut self, n: usize) {
        self.len = self.len.min(n);
    }

    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    pub fn resize(&mut self, n: usize, x: T) {
        if n > self.len {
            self.reserve(n - self.len);
            while self.len < n {
                self.push(x);
            }
        } else {
            self.len = n;
        }
    }

    pub fn extend_from_slice(&mut self, xs: &[T]) {
        self.reserve(xs.len());
        let (from, to) = (xs.as_ptr(), self.ptr.as_ptr().wrapping_add(self.len));
        // SAFETY: reserved; T: Copy, and xs cannot be part of this vector, which is borrowed mutably. Both
        // are kept alive by the caller, and what xs holds by xs.
        unsafe {
            if xs.len() <= PIECE {
                std::ptr::copy_nonoverlapping(from, to, xs.len());
            } else {
                Mutator::here().copy(from.cast(), to.cast(), size_of_val(xs));
            }
        }
        self.len += xs.len();
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = 0;
        for i in 0..self.len {
            let x = self[i];
            if keep(&x) {
                self[kept] = x;
                kept += 1;
            }
        }
        self.len = kept;
    }

    /// Removes the items of `range`; gives them.
    pub fn drain(&mut self, range: impl RangeBounds<usize>) -> IntoIter<T> {
        let from = match range.start_bound() {
            Bound::Included(&i) => i,
            Bound::Excluded(&i) => i + 1,
            Bound::Unbounded => 0,
        };
        let to = match range.end_bound() {
            Bound::Included(&i) => i + 1,
            Bound::Excluded(&i) => i,
            Bound::Unbounded => self.len,
        };
        let out: GcVec<T> = self[from..to].iter().copied().collect();
        self.copy_within(to.., from);
        self.len -= to - from;
        out.into_iter()
    }
}

impl<T: Copy> Default for GcVec<T> {
    fn default() -> Self {
        GcVec::new()
    }
}

impl<T: Copy> Drop for GcVec<T> {
    #[inline(always)]
    fn drop(&mut self) {
        keep_alive(self.ptr.as_ptr());
    }
}

impl<T: Copy> Deref for GcVec<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: len items are initialised; a dangling pointer goes with len 0.
        unsafe { std::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }
    }
}

impl<T: Copy> DerefMut for GcVec<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in deref; the buffer belongs to this vector alone.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.as_ptr(), self.len) }
    }
}

impl<T: Copy> Clone for GcVec<T> {
    fn clone(&self) -> Self {
        let mut v = GcVec::with_capacity(self.len);
        v.extend_from_slice(self);
        v
    }
}

impl<T: Copy> Extend<T> for GcVec<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        let mut items = items.into_iter();
        let (least, most) = items.size_hint();
        self.reserve(least);
        if most.is_some_and(|n| n <= PIECE) {
            return items.for_each(|x| self.push(x));
        }
        loop {
            let before = self.len;
            items.by_ref().take(PIECE).for_each(|x| self.push(x));
            if self.len - before < PIECE {
                return;
            }
            Mutator::here().poll();
        }
    }
}

impl<T: Copy> FromIterator<T> for GcVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut v = GcVec::new();
        v.extend(items);
        v
    }
}

impl<T: Copy> From<&[T]> for GcVec<T> {
    fn from(xs: &[T]) -> Self {
        let mut v = GcVec::with_capacity(xs.len());
        v.extend_from_slice(xs);
        v
    }
}

impl<T: Copy + std::fmt::Debug> std::fmt::Debug for GcVec<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Copy> IntoIterator for &'a GcVec<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Copy> IntoIterator for GcVec<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { end: self.len, items: self, at: 0 }
    }
}

/// The items of a `GcVec`, by value.
pub struct IntoIter<T: Copy> {
    items: GcVec<T>,
    at: usize,
    end: usize,
}

impl<T: Copy> Iterator for IntoIter<T> {
    type Item = T;
    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.at == self.end {
            return None;
        }
        self.at += 1;
        Some(self.items[self.at - 1])
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.end - self.at, Some(self.end - self.at))
    }
}

impl<T: Copy> DoubleEndedIterator for IntoIter<T> {
    fn next_back(&mut self) -> Option<T> {
        if self.at == self.end {
            return None;
        }
        self.end -= 1;
        Some(self.items[self.end])
    }
}

impl<T: Copy> ExactSizeIterator for IntoIter<T> {}

/// A view of storage inside the heap that keeps the storage's cell alive while it is used.
pub struct GcSlice<'a, T> {
    ptr: NonNull<T>,
    len: usize,
    owner: *const u8,
    _borrow: PhantomData<&'a [T]>,
}

impl<T> GcSlice<'_, T> {
    /// # Safety
    /// `ptr` points to `len` initialised items inside `owner`'s cell, which nobody writes except
    /// through the items' own atomics.
    #[inline(always)]
    pub unsafe fn new(ptr: NonNull<T>, len: usize, owner: *const u8) -> Self {
        GcSlice { ptr, len, owner, _borrow: PhantomData }
    }
}

impl<T> Deref for GcSlice<'_, T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: by the contract of `new`; `Drop` keeps the cell alive until then.
        unsafe { std::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }
    }
}

impl<T> Drop for GcSlice<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        keep_alive(self.owner);
    }
}
