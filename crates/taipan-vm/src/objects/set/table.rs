//! `Table`: the open addressing of sets, laid out and probed as CPython's sets are, so that iteration
//! order is the same.
//!
//! A table is 8, 16, 32, ... entries: in the set's own cell (the first one), in a raw cell of exactly
//! that size, or, when there are more than `LARGEST_PLAIN`, behind a header that says how many. The
//! low bits of its address, which entries leave free, hold the size: a search needs no other word
//! before it looks at an entry.
//!
//! Invariants (hazard 11): a free entry has an empty key and hash 0; deleting stores hash -1, then
//! empties the key, which leaves a dummy; inserting into a free entry stores the hash, then the
//! key. A dummy may take another key (CPython's order depends on it): key first, then the hash.
//! Readers compare the very key they loaded, so whose hash they saw does not matter; and an entry
//! is free for them only if its key is empty before and after they see hash 0.
//! Writers hold the set's lock, or are alone and reach no safepoint.
//!
//! No spare byte follows the entries (hazard 12): whoever walks a table past a safepoint calls
//! `keep_alive` at the end.

use crate::prelude::*;
use std::sync::atomic::{AtomicI64, Ordering};

const LINEAR_PROBES: usize = 9;
pub(super) const MIN_SIZE: usize = 8;
/// Bits of the address that hold the logarithm of the size over `MIN_SIZE`.
const TAG: usize = 15;
/// Tag of a table whose mask lies in the word before its entries.
const HUGE: usize = 15;
const LARGEST_PLAIN: usize = MIN_SIZE << (HUGE - 1);
/// Bytes before the entries of a huge table.
const HUGE_HEADER: usize = 16;

#[repr(C, align(16))]
pub(super) struct Entry {
    key: Slot,
    hash: AtomicI64,
}

impl Entry {
    #[inline(always)]
    fn hash(&self) -> i64 {
        self.hash.load(Ordering::Acquire)
    }

    /// Stores into a free entry of a table that others may see, or that may be old.
    #[inline(always)]
    fn fill(&self, hash: i64, key: Value) {
        self.hash.store(hash, Ordering::Release);
        put(&self.key, Some(key));
    }

    #[inline(always)]
    fn fill_dummy(&self, hash: i64, key: Value) {
        put(&self.key, Some(key));
        self.hash.store(hash, Ordering::Release);
    }

    /// Stores into a table that nobody else knows, made since the last safepoint.
    #[inline(always)]
    fn init(&self, hash: i64, key: Value) {
        self.hash.store(hash, Ordering::Relaxed);
        self.key.init(Some(key));
    }
}

/// Stores into an entry, with the barrier: the table may be old.
#[inline(always)]
fn put(slot: &Slot, v: Option<Value>) {
    taipan_heap::slot::barrier(slot);
    slot.init(v);
}

/// The table of sets that never held anything, where the set's cell has none, and of cleared ones.
/// Nothing is ever stored into it.
static EMPTY: [Entry; MIN_SIZE] =
    [const { Entry { key: Slot::empty(), hash: AtomicI64::new(0) } }; MIN_SIZE];

/// Where a key is or goes.
pub(super) enum Probe {
    Found(usize),
    /// The entry where the key goes, and whether that is a dummy.
    Absent(usize, bool),
    /// A key of equal hash whose equality only Python can tell.
    Ask(usize, Value),
}

/// How far a search has come, and a dummy that it has seen.
pub(super) struct Walk {
    p: Probes,
    dummy: Option<usize>,
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

/// A table by its tagged address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Table(*mut Entry);

/// Entries between two safepoints.
const BREATH: usize = 1 << 13;

/// A safepoint now and then in a loop over entries.
#[inline(always)]
pub(super) fn breathe(i: usize) {
    if i & (BREATH - 1) == BREATH - 1 {
        taipan_heap::Mutator::here().poll();
    }
}

impl Table {
    pub(super) const fn empty() -> Table {
        Table(&raw const EMPTY as *mut Entry)
    }

    /// The table that the word of a set holds.
    /// # Safety
    /// `word` came from `word` of a table that the set keeps alive.
    #[inline(always)]
    pub(super) unsafe fn from_word(word: *mut Entry) -> Table {
        Table(word)
    }

    #[inline(always)]
    pub(super) fn word(self) -> *mut Entry {
        self.0
    }

    /// The smallest table, in a place of its owner's cell.
    /// # Safety
    /// `MIN_SIZE` zeroed entries lie there, in a cell of the heap.
    #[inline(always)]
    pub(super) unsafe fn inside(place: *mut Entry) -> Table {
        Table(place)
    }

    #[inline(always)]
    pub(super) fn is_static_empty(self) -> bool {
        self == Table::empty()
    }

    /// A private table larger than `minused` entries, a power of two.
    pub(super) fn new(cx: &Thread, minused: usize) -> Table {
        let mut size = MIN_SIZE;
        while size <= minused {
            size <<= 1;
        }
        let bytes = size * size_of::<Entry>();
        if size > LARGEST_PLAIN {
            let p = cx.mutator.alloc(HUGE_HEADER + bytes, Kind::Scan).as_ptr();
            // SAFETY: a fresh zeroed private cell with room for the header and the entries.
            return unsafe {
                (p as *mut usize).add(1).write(size - 1);
                Table(p.add(HUGE_HEADER + HUGE) as *mut Entry)
            };
        }
        let tag = (size / MIN_SIZE).trailing_zeros() as usize;
        // All entries of a zeroed cell are free.
        Table(cx.mutator.alloc(bytes, Kind::Scan).as_ptr().wrapping_add(tag) as *mut Entry)
    }

    #[inline(always)]
    fn base(self) -> *const Entry {
        self.0.map_addr(|a| a & !TAG)
    }

    #[inline(always)]
    pub(super) fn mask(self) -> usize {
        let tag = self.0.addr() & TAG;
        if tag != HUGE { (MIN_SIZE << tag) - 1 } else { self.huge_mask() }
    }

    #[cold]
    fn huge_mask(self) -> usize {
        // SAFETY: the tag says that a header precedes the entries; its second word never changes.
        unsafe { *(self.base() as *const usize).sub(1) }
    }

    pub(super) fn byte_size(self) -> usize {
        (self.mask() + 1) * size_of::<Entry>()
    }

    /// Keeps the table's cell alive up to here.
    #[inline(always)]
    pub(super) fn keep_alive(self) {
        taipan_heap::keep_alive(self.0);
    }

    #[inline(always)]
    fn entry<'a>(self, i: usize) -> &'a Entry {
        debug_assert!(i <= self.mask());
        // SAFETY: i is at most the mask, and mask + 1 entries follow the base.
        unsafe { &*self.base().add(i) }
    }

    #[inline(always)]
    pub(super) fn key(self, i: usize) -> Option<Value> {
        if i <= self.mask() { self.entry(i).key.get() } else { None }
    }

    /// A key with its hash. A writer may be at work: the key that is there before and after the hash
    /// was read is the hash's, unless it is just being killed or stored, which counts as absent.
    #[inline(always)]
    pub(super) fn item(self, i: usize) -> Option<(Value, i64)> {
        let e = self.entry(i);
        let k = e.key.get()?;
        let h = e.hash();
        if h == -1 || e.key.get() != Some(k) { None } else { Some((k, h)) }
    }

    /// All keys with their hashes, where nobody writes meanwhile. No safepoint comes between.
    #[inline(always)]
    pub(super) fn items(self) -> impl Iterator<Item = (Value, i64)> {
        (0..=self.mask()).filter_map(move |i| {
            let e = self.entry(i);
            e.key.get().map(|k| (k, e.hash.load(Ordering::Relaxed)))
        })
    }

    /// The answer of most searches, without a call: `None` where a key of equal hash has to be looked
    /// into.
    #[inline(always)]
    pub(super) fn place(self, key: Value, hash: i64) -> Option<Probe> {
        // Most searches end at the first entry.
        let i = hash as usize & self.mask();
        let e = self.entry(i);
        match e.key.get() {
            Some(k) if k == key => Some(Probe::Found(i)),
            None if e.hash() == 0 && e.key.is_empty() => Some(Probe::Absent(i, false)),
            _ => self.place_further(key, hash),
        }
    }

    #[inline(never)]
    fn place_further(self, key: Value, hash: i64) -> Option<Probe> {
        let mut p = Probes::new(hash, self.mask());
        let mut dummy = None;
        loop {
            let e = self.entry(p.at);
            match e.key.get() {
                Some(k) if k == key => return Some(Probe::Found(p.at)),
                Some(k) => {
                    if e.hash() == hash && !(key.is_small() && k.is_small()) {
                        return None;
                    }
                }
                None if e.hash() != 0 => dummy = Some(p.at),
                None if e.key.is_empty() => {
                    return Some(match dummy {
                        Some(d) => Probe::Absent(d, true),
                        None => Probe::Absent(p.at, false),
                    });
                }
                // It has just become a key: look at this entry again.
                None => continue,
            }
            p.advance();
        }
    }

    /// The start of a search with `probe`.
    pub(super) fn walk(self, hash: i64) -> Walk {
        Walk { p: Probes::new(hash, self.mask()), dummy: None }
    }

    /// As `place`, looking into strs. After `Ask` a search may go on where it was, as CPython's does.
    #[inline(never)]
    pub(super) fn probe(self, key: Value, hash: i64, walk: &mut Walk) -> Probe {
        let key_str = key.downcast_exact::<Str>();
        let Walk { p, dummy } = walk;
        loop {
            let e = self.entry(p.at);
            match e.key.get() {
                Some(k) => {
                    if k == key {
                        return Probe::Found(p.at);
                    }
                    if e.hash() == hash {
                        match (key_str, k.downcast_exact::<Str>()) {
                            (Some(a), Some(b)) => {
                                if a.eq(b) {
                                    return Probe::Found(p.at);
                                }
                            }
                            _ if key.is_small() && k.is_small() => {}
                            _ => {
                                let at = p.at;
                                p.advance();
                                return Probe::Ask(at, k);
                            }
                        }
                    }
                }
                None if e.hash() == 0 => {
                    if e.key.is_empty() {
                        return match dummy {
                            Some(d) => Probe::Absent(*d, true),
                            None => Probe::Absent(p.at, false),
                        };
                    }
                    continue;
                }
                None => *dummy = Some(p.at),
            }
            p.advance();
        }
    }

    /// Stores a key where a search said that it goes, and nothing was added since.
    #[inline(always)]
    pub(super) fn insert_at(self, i: usize, dummy: bool, hash: i64, key: Value) {
        let e = self.entry(i);
        if dummy { e.fill_dummy(hash, key) } else { e.fill(hash, key) }
    }

    /// Stores a key that is not there into a table without dummies.
    #[inline(always)]
    pub(super) fn insert_new(self, hash: i64, key: Value) {
        self.free_entry(hash).fill(hash, key);
    }

    /// Sees to it that a small int is where its search begins, if it is there or that entry is free: how
    /// many keys were added, or `None` where the search would go on. No other thread runs.
    ///
    /// Which of the two it is, is chance in many programs, so one store does for both: a branch that
    /// fails half the time costs more, and spoils the prediction of the dispatch that follows.
    #[inline(always)]
    pub(super) fn add_at_home(self, key: Value, hash: i64) -> Option<usize> {
        let e = self.entry(hash as usize & self.mask());
        let old = Value::option_bits(e.key.get());
        let free = (old == 0) & (e.hash.load(Ordering::Relaxed) == 0);
        if !(free | (old == key.bits())) {
            return None;
        }
        e.hash.store(hash, Ordering::Release);
        taipan_heap::slot::barrier_alone(&e.key);
        e.key.init(Some(key));
        Some(free as usize)
    }

    /// As `insert_new` where nobody else knows the table, and no safepoint came since it was made.
    #[inline(always)]
    pub(super) fn init_new(self, hash: i64, key: Value) {
        self.free_entry(hash).init(hash, key);
    }

    #[inline(always)]
    fn free_entry<'a>(self, hash: i64) -> &'a Entry {
        let mut p = Probes::new(hash, self.mask());
        loop {
            let e = self.entry(p.at);
            if e.key.is_empty() {
                return e;
            }
            p.advance();
        }
    }

    /// Stores all keys of a table that nobody writes to, under the terms of `init_new`; says how many.
    pub(super) fn init_all(self, from: Table) -> usize {
        let mask = self.mask();
        let put = |k: Value, h: i64| {
            let home = self.entry(h as usize & mask);
            if home.key.is_empty() { home.init(h, k) } else { self.init_new(h, k) }
        };
        let mut n = 0;
        if from.mask() < MIN_SIZE {
            // Which entries are free is chance, how many are is not: found without branches.
            let mut taken = [0u8; MIN_SIZE];
            for i in 0..MIN_SIZE {
                taken[n] = i as u8;
                n += !from.entry(i).key.is_empty() as usize;
            }
            for &i in &taken[..n] {
                let e = from.entry(i as usize);
                if let Some(k) = e.key.get() {
                    put(k, e.hash.load(Ordering::Relaxed));
                }
            }
            return n;
        }
        for (k, h) in from.items() {
            put(k, h);
            n += 1;
            breathe(n);
        }
        n
    }

    /// Copies a table of the same size without dummies, entry by entry, under the terms of `init_new`.
    pub(super) fn init_same(self, from: Table) {
        for i in 0..=from.mask().min(self.mask()) {
            let e = from.entry(i);
            if let Some(k) = e.key.get() {
                self.entry(i).init(e.hash.load(Ordering::Relaxed), k);
            }
            breathe(i);
        }
    }

    /// Where a collection may have come amid stores without a barrier (`breathe`), the next one looks at
    /// all entries. Until then whoever the keys come from keeps them.
    #[inline]
    pub(super) fn barrier_after(self, n: usize) {
        if n >= BREATH {
            taipan_heap::slot::barrier_range(self.start(), self.byte_size());
        }
    }

    /// Where the entries lie, for a barrier over all of them.
    pub(super) fn start(self) -> *const Entry {
        self.base()
    }

    /// Leaves a dummy. The caller may write.
    #[inline(always)]
    pub(super) fn kill(self, i: usize) {
        let e = self.entry(i);
        e.hash.store(-1, Ordering::Release);
        put(&e.key, None);
    }
}
