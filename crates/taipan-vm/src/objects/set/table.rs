//! `SetTable`: open addressing in one raw GC cell, laid out and probed as CPython's sets are, so
//! that iteration order is the same.
//!
//! Invariants (hazard 11): in one table an entry never changes its key; deleting leaves a dummy
//! (empty key, hash -1); a free entry has an empty key and hash 0. Inserting stores the hash, then
//! the key; deleting the hash, then the key. Writers hold the set's lock.

use crate::prelude::*;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

const LINEAR_PROBES: usize = 9;
pub(super) const MIN_SIZE: usize = 8;

#[repr(C)]
pub struct SetTable {
    capacity: AtomicU64,
    barrier: AtomicU64,
    mask: usize,
    _pad: usize,
}

#[repr(C)]
struct Entry {
    key: Slot,
    hash: AtomicI64,
}

#[repr(C)]
struct EmptyTable {
    header: SetTable,
    entries: [Entry; MIN_SIZE],
}

/// The table of sets that never held anything. Nothing is ever stored into it: see `has_room`.
static EMPTY: EmptyTable = EmptyTable {
    header: SetTable {
        capacity: AtomicU64::new(0),
        barrier: AtomicU64::new(0),
        mask: MIN_SIZE - 1,
        _pad: 0,
    },
    entries: [const { Entry { key: Slot::empty(), hash: AtomicI64::new(0) } }; MIN_SIZE],
};

pub(super) enum Probe {
    Found(usize),
    Absent,
    /// A key of equal hash whose equality only Python can tell.
    Ask(usize, Value),
}

/// Walks the positions for a hash in CPython's order: runs of up to ten neighbours.
struct Probes {
    i: usize,
    at: usize,
    left: usize,
    perturb: u64,
    mask: usize,
}

impl Probes {
    #[inline(always)]
    fn new(hash: i64, mask: usize) -> Probes {
        let i = hash as usize & mask;
        Probes { i, at: i, left: Self::run(i, mask), perturb: hash as u64, mask }
    }

    #[inline(always)]
    fn run(i: usize, mask: usize) -> usize {
        if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 }
    }

    #[inline(always)]
    fn advance(&mut self) {
        if self.left > 0 {
            self.left -= 1;
            self.at += 1;
            return;
        }
        self.perturb >>= 5;
        self.i =
            self.i.wrapping_mul(5).wrapping_add(1).wrapping_add(self.perturb as usize) & self.mask;
        self.at = self.i;
        self.left = Self::run(self.i, self.mask);
    }
}

impl SetTable {
    #[inline(always)]
    pub(super) fn empty() -> &'static SetTable {
        // SAFETY: EMPTY lies where its header does; its entries follow as in a heap cell.
        unsafe { &*(&raw const EMPTY as *const SetTable) }
    }

    pub(super) fn is_static_empty(&self) -> bool {
        std::ptr::eq(self, SetTable::empty())
    }

    /// A private table larger than `minused` entries, a power of two.
    pub(super) fn new(cx: &Thread, minused: usize) -> &'static SetTable {
        let mut size = MIN_SIZE;
        while size <= minused {
            size <<= 1;
        }
        let bytes = size_of::<SetTable>() + size * size_of::<Entry>();
        let p = cx.mutator.alloc_raw(bytes, Kind::Scan).as_ptr() as *mut SetTable;
        // SAFETY: a fresh zeroed private cell of that size: all entries are free.
        unsafe {
            (&raw mut (*p).mask).write(size - 1);
            (*p).capacity.store(size as u64, Ordering::Relaxed);
            &*p
        }
    }

    #[inline(always)]
    pub(super) fn mask(&self) -> usize {
        self.mask
    }

    pub(super) fn byte_size(&self) -> usize {
        (self.mask + 1) * size_of::<Entry>()
    }

    #[inline(always)]
    fn entry(&self, i: usize) -> &Entry {
        debug_assert!(i <= self.mask);
        // SAFETY: i is at most mask, and mask + 1 entries follow the header.
        unsafe { &*((self as *const SetTable).add(1) as *const Entry).add(i) }
    }

    #[inline(always)]
    pub(super) fn key(&self, i: usize) -> Option<Value> {
        if i <= self.mask { self.entry(i).key.get() } else { None }
    }

    #[inline(always)]
    pub(super) fn hash_of(&self, i: usize) -> i64 {
        self.entry(i).hash.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn probe(&self, key: Value, hash: i64, skip: &[usize]) -> Probe {
        let key_str = key.downcast_exact::<Str>();
        let mut p = Probes::new(hash, self.mask);
        loop {
            let e = self.entry(p.at);
            match e.key.get() {
                Some(k) => {
                    if k == key {
                        return Probe::Found(p.at);
                    }
                    if e.hash.load(Ordering::Acquire) == hash {
                        match (key_str, k.downcast_exact::<Str>()) {
                            (Some(a), Some(b)) => {
                                if a.eq(b) {
                                    return Probe::Found(p.at);
                                }
                            }
                            _ if key.is_small() && k.is_small() => {}
                            _ if skip.contains(&p.at) => {}
                            _ => return Probe::Ask(p.at, k),
                        }
                    }
                }
                None if e.hash.load(Ordering::Acquire) == 0 => return Probe::Absent,
                None => {}
            }
            p.advance();
        }
    }

    /// Stores a key that is not there. The caller holds the lock.
    pub(super) fn insert(&self, hash: i64, key: Value) {
        let mut p = Probes::new(hash, self.mask);
        loop {
            let e = self.entry(p.at);
            if e.key.is_empty() && e.hash.load(Ordering::Relaxed) == 0 {
                e.hash.store(hash, Ordering::Release);
                e.key.init(Some(key));
                return;
            }
            p.advance();
        }
    }

    /// Stores into entry `i` of a private table.
    pub(super) fn copy_at(&self, i: usize, hash: i64, key: Value) {
        let e = self.entry(i);
        e.hash.store(hash, Ordering::Release);
        e.key.init(Some(key));
    }

    /// Leaves a dummy. The caller holds the lock.
    pub(super) fn kill(&self, i: usize) {
        let e = self.entry(i);
        e.hash.store(-1, Ordering::Release);
        e.key.init(None);
    }
}
