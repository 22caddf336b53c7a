//! Changing a list in place: one primitive, `splice`, and what is built on it.

use super::sort::{Mark, sort_quietly};
use super::{List, grown, too_few};
use crate::objects::storage::SlotArray;
use crate::prelude::*;
use taipan_heap::lock::{Guard, lock, lock2};

impl List {
    pub(in crate::objects) fn locked(&self) -> Guard<'_> {
        lock(&self.head)
    }

    /// Replaces items `from..to` by `items`. The caller holds the lock and has clipped the range.
    pub(super) fn splice(&self, cx: &Thread, from: usize, to: usize, items: &[Value]) -> Res<()> {
        let n = self.len();
        debug_assert!(from <= to && to <= n);
        let new_len = n - (to - from) + items.len();
        let cap = self.storage().map_or(0, SlotArray::capacity);
        if new_len == 0 {
            self.install(None, 0);
            return Ok(());
        }
        if new_len > cap || too_few(new_len, cap) {
            let room = if n == 0 || new_len < n { new_len } else { grown(new_len) };
            let fresh = SlotArray::try_new(cx, room)?;
            if let Some(old) = self.storage() {
                fresh.fill_from(0, old, 0, from);
                fresh.fill_from(from + items.len(), old, to, n - to);
            }
            fresh.fill(from, items);
            self.install(Some(fresh), new_len);
            return Ok(());
        }
        let s = self.storage().expect("a capacity has storage");
        s.move_within(to, from + items.len(), n - to);
        s.store_all(from, items);
        self.set_len(new_len);
        if new_len < n {
            s.empty_all(new_len, n);
        }
        Ok(())
    }

    /// Removes and gives the last item.
    #[inline]
    pub fn pop_last(&self) -> Option<Value> {
        let _g = lock(&self.head);
        let n = self.len().checked_sub(1)?;
        let s = self.storage()?;
        let v = s.get(n);
        self.set_len(n);
        s.set_option(n, None);
        v
    }

    /// Exchanges two items; false where one of them does not exist.
    pub fn swap(&self, i: usize, j: usize) -> bool {
        let _g = lock(&self.head);
        let Some(s) = self.storage().filter(|_| i < self.len() && j < self.len()) else {
            return false;
        };
        let (a, b) = (s.get(i), s.get(j));
        s.set_option(i, b);
        s.set_option(j, a);
        true
    }

    /// Removes the last item that is `v`.
    pub(in crate::objects) fn remove_last_of(&self, v: Value) {
        let _g = lock(&self.head);
        let Some(s) = self.storage() else { return };
        let n = self.len();
        if let Some(i) = (0..n).rev().find(|&i| s.get(i) == Some(v)) {
            s.move_within(i + 1, i, n - i - 1);
            self.set_len(n - 1);
            s.set_option(n - 1, None);
        }
    }

    /// Keeps the items that `keep`, which runs no Python code, is true of: in one step for other threads.
    pub fn retain(&self, cx: &Thread, keep: impl Fn(Value) -> bool) -> Res<()> {
        let _g = lock(&self.head);
        let n = self.len();
        let mut kept = GcVec::with_capacity(n);
        self.items_locked().iter().filter(|v| keep(**v)).for_each(|v| kept.push(*v));
        if kept.len() < n { self.splice(cx, 0, n, &kept) } else { Ok(()) }
    }

    /// `list.insert`; the index is clipped as a slice bound.
    pub fn insert_at(&self, cx: &Thread, index: isize, v: Value) -> Res<()> {
        let _g = lock(&self.head);
        let n = self.len() as isize;
        let at = if index < 0 { (index + n).max(0) } else { index.min(n) };
        self.splice(cx, at as usize, at as usize, &[v])
    }

    /// Removes item `i`; `None` beyond the end.
    pub fn remove_at(&self, cx: &Thread, i: usize) -> Res<Option<Value>> {
        let _g = lock(&self.head);
        if i >= self.len() {
            return Ok(None);
        }
        let v = self.storage().and_then(|s| s.get(i));
        self.splice(cx, i, i + 1, &[])?;
        Ok(v)
    }

    /// Appends all of `items`.
    pub fn extend_from_slice(&self, cx: &Thread, items: &[Value]) -> Res<()> {
        if items.is_empty() {
            return Ok(());
        }
        let _g = lock(&self.head);
        let n = self.len();
        self.splice(cx, n, n, items)
    }

    fn extend_from_list(&self, cx: &Thread, other: &List) -> Res<()> {
        if std::ptr::eq(self, other) {
            return self.extend_from_slice(cx, &other.to_vec());
        }
        if other.is_empty() {
            return Ok(());
        }
        let _g = lock2(&self.head, &other.head);
        let n = self.len();
        self.splice(cx, n, n, other.items_locked())
    }

    /// Gives a list that has no storage yet room for exactly `n` items.
    fn preallocate(&self, cx: &Thread, n: usize) -> Res<()> {
        if n > isize::MAX as usize / 8 {
            return Err(cx.no_memory());
        }
        if n == 0 || self.storage().is_some() {
            return Ok(());
        }
        let fresh = SlotArray::try_new(cx, n)?;
        let _g = lock(&self.head);
        if self.storage().is_none() {
            self.install(Some(fresh), 0);
        }
        Ok(())
    }

    /// Gives back storage of which less than half is used.
    fn trim(&self, cx: &Thread) -> Res<()> {
        let _g = lock(&self.head);
        match self.storage() {
            Some(s) if self.len() < s.capacity() / 2 => {
                let n = self.len();
                self.splice(cx, n, n, &[])
            }
            _ => Ok(()),
        }
    }

    /// `list.extend`.
    pub fn extend(&self, cx: &Thread, other: Value) -> Res<()> {
        if let Some(t) = other.downcast_exact::<Tuple>() {
            return self.extend_from_slice(cx, t.as_slice());
        }
        let own = (other == Value::from_ref(self)).then_some(self);
        if let Some(l) = other.downcast_exact::<List>().or(own) {
            return self.extend_from_list(cx, l);
        }
        if let Some(items) = snapshot(cx, other) {
            return self.extend_from_slice(cx, &items);
        }
        let it = iter(cx, other)?;
        // As CPython: a bad length hint raises before anything is taken.
        let hint = length_hint(cx, other, 8)?;
        // A hint that overflows together with what is there is taken for a lie.
        if hint <= isize::MAX as usize - self.len() {
            self.preallocate(cx, hint)?;
        }
        while let Some(v) = next_item(cx, it)? {
            self.push(cx, v);
            cx.poll()?;
        }
        self.trim(cx)
    }

    /// Takes the items out for sorting and leaves the list empty with the sort's mark. An empty list is left alone: it may be
    /// one that another thread is sorting.
    pub(super) fn take_for_sort(&self, mark: &Mark) -> GcVec<Value> {
        loop {
            let mut out = GcVec::with_capacity(self.len());
            let _g = lock(&self.head);
            let n = self.len();
            if n > out.capacity() {
                continue;
            }
            if n == 0 {
                return out;
            }
            out.extend_from_slice(self.items_locked());
            self.install(None, 0);
            self.allocated.store(mark.number(), std::sync::atomic::Ordering::Relaxed);
            return out;
        }
    }

    /// Puts sorted items back; false: the list was changed meanwhile. What the sort itself put there is dropped, as in CPython;
    /// with other threads it may be theirs, and comes after the sorted items.
    pub(super) fn put_back(&self, cx: &Thread, items: &[Value], mark: &Mark) -> Res<bool> {
        let _g = lock(&self.head);
        let untouched = self.allocated.load(std::sync::atomic::Ordering::Relaxed) == mark.number();
        let kept = if untouched || taipan_heap::lock::alone() { 0 } else { self.len() };
        let fresh = SlotArray::try_new(cx, items.len() + kept)?;
        fresh.fill(0, items);
        if kept > 0 {
            fresh.fill(items.len(), self.items_locked());
        }
        self.install(Some(fresh), items.len() + kept);
        Ok(untouched)
    }

    /// Sorts with the lock held what needs no Python code, so that other threads' changes come before or after it; false: not
    /// done, or not all of it.
    pub(super) fn sort_held(&self, cx: &Thread, reverse: bool) -> Res<bool> {
        let _g = lock(&self.head);
        let n = self.len();
        let mut items = GcVec::with_capacity(n);
        items.extend_from_slice(self.items_locked());
        let sorted = sort_quietly(cx, &mut items, reverse);
        if n > 1 && sorted {
            let fresh = SlotArray::try_new(cx, n)?;
            fresh.fill(0, &items);
            self.install(Some(fresh), n);
        }
        Ok(sorted)
    }
}
