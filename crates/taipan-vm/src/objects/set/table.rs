//! `SetTable`: open addressing in one raw GC cell, laid out and probed as CPython's sets are, so
//! that iteration order is the same.
//!
//! Invariants (hazard 11): a free entry has an empty key and hash 0; deleting stores hash -1, then
//! empties the key, which leaves a dummy; inserting into a free entry stores the hash, then the
//! key. A dummy may take another key (CPython's order depends on it): key first, then the hash.
//! Readers compare the very key they loaded, so whose hash they saw does not matter; and an entry
//! is free for them only if its key is empty before and after they see hash 0.
//! Writers hold the set's lock.

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
    /// The entry where the key goes, and whether that is a dummy.
    Absent(usize, bool),
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

/// Stores into an entry, with the barrier: the table may be old.
#[inline(always)]
fn put(slot: &Slot, v: Option<Value>) {
    taipan_heap::slot::barrier(slot);
    slot.init(v);
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

    /// A key with its hash. A writer may be at work: the key that is there before and after the hash
    /// was read is the hash's, unless it is just being killed or stored, which counts as absent.
    #[inline(always)]
    pub(super) fn item(&self, i: usize) -> Option<(Value, i64)> {
        let e = self.entry(i);
        let k = e.key.get()?;
        let h = e.hash.load(Ordering::Acquire);
        if h == -1 || e.key.get() != Some(k) { None } else { Some((k, h)) }
    }

    /// Looks at the first place of a hash only: the answer of most searches.
    #[inline(always)]
    pub(super) fn first_probe(&self, key: Value, hash: i64) -> Option<Probe> {
        let i = hash as usize & self.mask;
        let e = self.entry(i);
        match e.key.get() {
            Some(k) if k == key => Some(Probe::Found(i)),
            None if e.hash.load(Ordering::Acquire) == 0 && e.key.get().is_none() => {
                Some(Probe::Absent(i, false))
            }
            _ => None,
        }
    }

    #[inline(never)]
    pub(super) fn probe(&self, key: Value, hash: i64, skip: &[usize]) -> Probe {
        let key_str = key.downcast_exact::<Str>();
        let mut p = Probes::new(hash, self.mask);
        let mut dummy = None;
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
                None if e.hash.load(Ordering::Acquire) == 0 => {
                    if e.key.get().is_none() {
                        return match dummy {
                            Some(d) => Probe::Absent(d, true),
                            None => Probe::Absent(p.at, false),
                        };
                    }
                    // A dummy has just become a key: look at this entry again.
                    continue;
                }
                None => dummy = Some(p.at),
            }
            p.advance();
        }
    }

    /// Stores a key where a search said that it goes. The caller holds the lock and knows that
    /// nothing was added since.
    #[inline(always)]
    pub(super) fn insert_at(&self, i: usize, dummy: bool, hash: i64, key: Value) {
        let e = self.entry(i);
        if dummy {
            put(&e.key, Some(key));
            e.hash.store(hash, Ordering::Release);
        } else {
            e.hash.store(hash, Ordering::Release);
            put(&e.key, Some(key));
        }
    }

    /// Stores a key that is not there. True: it took the place of a dummy. The caller holds the
    /// lock.
    pub(super) fn insert(&self, hash: i64, key: Value) -> bool {
        let mut p = Probes::new(hash, self.mask);
        let mut dummy = None;
        loop {
            let e = self.entry(p.at);
            if e.key.is_empty() {
                if e.hash.load(Ordering::Relaxed) != 0 {
                    dummy = Some(e);
                } else if let Some(d) = dummy {
                    put(&d.key, Some(key));
                    d.hash.store(hash, Ordering::Release);
                    return true;
                } else {
                    e.hash.store(hash, Ordering::Release);
                    put(&e.key, Some(key));
                    return false;
                }
            }
            p.advance();
        }
    }

    /// Stores into entry `i` of a private table.
    pub(super) fn copy_at(&self, i: usize, hash: i64, key: Value) {
        let e = self.entry(i);
        e.hash.store(hash, Ordering::Release);
        put(&e.key, Some(key));
    }

    /// Leaves a dummy. The caller holds the lock.
    pub(super) fn kill(&self, i: usize) {
        let e = self.entry(i);
        e.hash.store(-1, Ordering::Release);
        put(&e.key, None);
    }
}
