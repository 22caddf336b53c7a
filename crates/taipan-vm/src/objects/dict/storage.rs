//! `DictStorage`: an index table over an append-only array of entries, in one raw GC cell.
//!
//! Invariants (hazard 11): an entry is written once (hash, key, value, then its place in the
//! index, then `nentries`) and never holds another key; deleting empties its value, then its key,
//! for good; growing, compacting and clearing make other storage. So a reader without a lock sees
//! every entry whole or dead, and an index found once stays good for this storage.
//! Writers hold the dict's lock.

use crate::objects::storage::in_pieces;
use crate::prelude::*;
use std::sync::atomic::{
    AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

#[repr(C)]
pub struct DictStorage {
    capacity: AtomicU64,
    barrier: AtomicU64,
    /// log2 of the index table's size.
    log2: u8,
    /// Bytes of one index: 1, 2 or 4.
    width: u8,
    /// How many entries there is room for.
    usable: u32,
    nentries: AtomicUsize,
    /// Entries before `first` are dead; so are those from `tail` on, up to `nentries`.
    first: AtomicUsize,
    tail: AtomicUsize,
}

#[repr(C)]
struct Entry {
    hash: AtomicI64,
    key: Slot,
    value: Slot,
}

const HEADER: usize = size_of::<DictStorage>();
const ENTRY: usize = size_of::<Entry>();
const MIN_LOG2: u8 = 3;

#[repr(C)]
struct EmptyStorage {
    header: DictStorage,
    index: [AtomicU8; 8],
}

/// The storage of every empty dict that has never held anything.
static EMPTY: EmptyStorage = EmptyStorage {
    header: DictStorage {
        capacity: AtomicU64::new(0),
        barrier: AtomicU64::new(0),
        log2: MIN_LOG2,
        width: 1,
        usable: 0,
        nentries: AtomicUsize::new(0),
        first: AtomicUsize::new(0),
        tail: AtomicUsize::new(0),
    },
    index: [const { AtomicU8::new(0xFF) }; 8],
};

/// What a search that ran no Python code found.
pub(super) enum Probe {
    Found(usize),
    /// Not there; the free index position where its search ended.
    Absent(usize),
    /// A key of equal hash whose equality only Python can tell: its entry and key.
    Ask(usize, Value),
}

/// What a search that looked only at identities and hashes found.
pub(super) enum Seen {
    At(usize),
    /// Not there; the free index position where its search ended.
    Free(usize),
    /// Another key has the same hash.
    Unclear,
}

/// The sequence of index positions for a hash.
pub(super) struct Probes {
    i: usize,
    perturb: u64,
    mask: usize,
}

impl Probes {
    #[inline(always)]
    fn new(hash: i64, mask: usize) -> Probes {
        Probes { i: hash as usize & mask, perturb: hash as u64, mask }
    }

    #[inline(always)]
    fn advance(&mut self) {
        self.perturb >>= 5;
        self.i = self.i.wrapping_mul(5).wrapping_add(self.perturb as usize + 1) & self.mask;
    }
}

fn usable_of(log2: u8) -> usize {
    (2usize << log2) / 3
}

/// The smallest table with room for `n` entries.
fn log2_for(n: usize) -> u8 {
    let mut l = MIN_LOG2;
    while usable_of(l) < n {
        l += 1;
    }
    l
}

/// Equality of two strings, where they are that and it needs no call.
#[inline(always)]
fn same_text(a: Value, b: Value) -> Option<bool> {
    a.downcast_exact::<Str>()?.quick_eq(b.downcast_exact::<Str>()?)
}

/// Stores into an entry, with the barrier: the storage may be old.
#[inline(always)]
fn put(slot: &Slot, v: Option<Value>) {
    taipan_heap::slot::barrier(slot);
    slot.init(v);
}

impl DictStorage {
    #[inline(always)]
    pub(super) fn empty() -> &'static DictStorage {
        // SAFETY: EMPTY lies where its header does; the index follows it as in a heap cell.
        unsafe { &*(&raw const EMPTY as *const DictStorage) }
    }

    /// New private storage with room for `n` entries.
    pub(super) fn with_room(cx: &Thread, n: usize) -> &'static DictStorage {
        let log2 = log2_for(n);
        let usable = usable_of(log2);
        assert!(usable < u32::MAX as usize, "a dict of 2^32 entries");
        let width = match log2 {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        };
        let index_bytes = (width as usize) << log2;
        let size = HEADER + usable * ENTRY + index_bytes;
        let p = cx.mutator.alloc_raw(size, Kind::Scan).as_ptr();
        // SAFETY: a fresh zeroed cell of `size` bytes that nobody else knows.
        unsafe {
            let s = p as *mut DictStorage;
            (&raw mut (*s).log2).write(log2);
            (&raw mut (*s).width).write(width);
            (&raw mut (*s).usable).write(usable as u32);
            (*s).capacity.store(usable as u64, Ordering::Relaxed);
            let index = p.add(HEADER + usable * ENTRY);
            cx.mutator.plain(index_bytes, || std::ptr::write_bytes(index, 0xFF, index_bytes));
            &*s
        }
    }

    /// How many entries were ever appended, dead ones included.
    #[inline(always)]
    pub fn nentries(&self) -> usize {
        self.nentries.load(Ordering::Acquire)
    }

    /// Entries before this one are dead.
    #[inline(always)]
    pub fn first(&self) -> usize {
        self.first.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub fn has_room(&self) -> bool {
        self.nentries() < self.usable as usize
    }

    pub(super) fn usable(&self) -> usize {
        self.usable as usize
    }

    pub(super) fn byte_size(&self) -> usize {
        HEADER + self.usable as usize * ENTRY + ((self.width as usize) << self.log2)
    }

    #[inline(always)]
    fn entry(&self, i: usize) -> &Entry {
        debug_assert!(i < self.usable as usize);
        // SAFETY: i is below usable: it came from the index, from nentries, or was tested.
        unsafe { &*((self as *const DictStorage).add(1) as *const Entry).add(i) }
    }

    /// The entry number at an index position; usize::MAX-like where free.
    #[inline(always)]
    fn index_at(&self, pos: usize) -> Option<usize> {
        // SAFETY: pos is masked to the table's size; the table follows the entries in the cell.
        unsafe {
            let base = ((self as *const DictStorage).add(1) as *const Entry)
                .add(self.usable as usize) as *const u8;
            match self.width {
                1 => {
                    let x = (*(base as *const AtomicU8).add(pos)).load(Ordering::Acquire);
                    if x == u8::MAX { None } else { Some(x as usize) }
                }
                2 => {
                    let x = (*(base as *const AtomicU16).add(pos)).load(Ordering::Acquire);
                    if x == u16::MAX { None } else { Some(x as usize) }
                }
                _ => {
                    let x = (*(base as *const AtomicU32).add(pos)).load(Ordering::Acquire);
                    if x == u32::MAX { None } else { Some(x as usize) }
                }
            }
        }
    }

    #[inline(always)]
    fn set_index_at(&self, pos: usize, i: usize) {
        // SAFETY: as in index_at.
        unsafe {
            let base = ((self as *const DictStorage).add(1) as *const Entry)
                .add(self.usable as usize) as *const u8;
            match self.width {
                1 => (*(base as *const AtomicU8).add(pos)).store(i as u8, Ordering::Release),
                2 => (*(base as *const AtomicU16).add(pos)).store(i as u16, Ordering::Release),
                _ => (*(base as *const AtomicU32).add(pos)).store(i as u32, Ordering::Release),
            }
        }
    }

    #[inline(always)]
    fn mask(&self) -> usize {
        (1usize << self.log2) - 1
    }

    /// Where the value of a used entry is.
    pub fn value_slot(&self, i: usize) -> &Slot {
        &self.entry(i).value
    }

    /// The live value of entry `i`.
    #[inline(always)]
    pub fn value(&self, i: usize) -> Option<Value> {
        if i < self.usable as usize { self.entry(i).value.get() } else { None }
    }

    /// The key and value of entry `i`, where it is live.
    #[inline(always)]
    pub fn item(&self, i: usize) -> Option<(Value, Value)> {
        if i >= self.usable as usize {
            return None;
        }
        let e = self.entry(i);
        let k = e.key.get()?;
        Some((k, e.value.get()?))
    }

    pub(in crate::objects) fn hash_of(&self, i: usize) -> i64 {
        self.entry(i).hash.load(Ordering::Relaxed)
    }

    pub(in crate::objects) fn key(&self, i: usize) -> Option<Value> {
        self.entry(i).key.get()
    }

    /// The entry of an exact str key. Never runs Python code; a str subclass of equal text does
    /// not count (see `Dict::get_str`).
    #[inline]
    pub fn find_str(&self, cx: &Thread, key: &Str) -> Option<usize> {
        let want = Value::from_ref(key);
        let hash = key.hash(cx);
        let mut p = Probes::new(hash, self.mask());
        while let Some(i) = self.index_at(p.i) {
            let e = self.entry(i);
            if let Some(k) = e.key.get() {
                if k == want {
                    return Some(i);
                }
                if e.hash.load(Ordering::Relaxed) == hash
                    && k.downcast_exact::<Str>().is_some_and(|s| s.eq(key))
                {
                    return Some(i);
                }
            }
            p.advance();
        }
        None
    }

    /// True where a key that is no exact str has this hash.
    pub(super) fn has_odd_key(&self, hash: i64) -> bool {
        let mut p = Probes::new(hash, self.mask());
        while let Some(i) = self.index_at(p.i) {
            let e = self.entry(i);
            if e.hash.load(Ordering::Relaxed) == hash
                && e.key.get().is_some_and(|k| k.downcast_exact::<Str>().is_none())
            {
                return true;
            }
            p.advance();
        }
        false
    }

    /// The start of a search with `probe`.
    #[inline(always)]
    pub(super) fn probes(&self, hash: i64) -> Probes {
        Probes::new(hash, self.mask())
    }

    /// Searches as far as it can without Python code. After `Ask` a search may go on where it was:
    /// the positions behind it stay taken, by the same keys.
    #[inline]
    pub(super) fn probe(&self, key: Value, hash: i64, p: &mut Probes) -> Probe {
        let key_str = key.downcast_exact::<Str>();
        while let Some(i) = self.index_at(p.i) {
            let e = self.entry(i);
            if let Some(k) = e.key.get() {
                if k == key {
                    return Probe::Found(i);
                }
                if e.hash.load(Ordering::Relaxed) == hash {
                    match (key_str, k.downcast_exact::<Str>()) {
                        (Some(a), Some(b)) => {
                            if a.eq(b) {
                                return Probe::Found(i);
                            }
                        }
                        // Small ints of one hash that differ as words differ (-1 and -2).
                        _ if key.is_small() && k.is_small() => {}
                        _ => {
                            p.advance();
                            return Probe::Ask(i, k);
                        }
                    }
                }
            }
            p.advance();
        }
        Probe::Absent(p.i)
    }

    /// Searches by identity, hash and short text, without a call.
    #[inline(always)]
    pub(super) fn seek(&self, key: Value, hash: i64) -> Seen {
        let mut p = Probes::new(hash, self.mask());
        while let Some(i) = self.index_at(p.i) {
            let e = self.entry(i);
            // A dead entry's hash stays, and is some other key's word at worst.
            match e.key.get() {
                Some(k) if k == key => return Seen::At(i),
                Some(k) if e.hash.load(Ordering::Relaxed) == hash => match same_text(k, key) {
                    Some(true) => return Seen::At(i),
                    Some(false) => p.advance(),
                    None => return Seen::Unclear,
                },
                _ => p.advance(),
            }
        }
        Seen::Free(p.i)
    }

    /// Appends an entry for a key that is not there. The caller holds the lock and has seen room.
    pub(super) fn append(&self, hash: i64, key: Value, value: Value) {
        self.append_at(self.free_position(hash), hash, key, value);
    }

    /// The index position where a key of that hash goes that is not there.
    #[inline(always)]
    fn free_position(&self, hash: i64) -> usize {
        let mut p = Probes::new(hash, self.mask());
        while self.index_at(p.i).is_some() {
            p.advance();
        }
        p.i
    }

    /// As `append`, where a search has ended at the free index position `at` and nothing was added
    /// since.
    #[inline(always)]
    pub(super) fn append_at(&self, at: usize, hash: i64, key: Value, value: Value) {
        let n = self.nentries();
        let e = self.entry(n);
        e.hash.store(hash, Ordering::Relaxed);
        put(&e.key, Some(key));
        put(&e.value, Some(value));
        self.set_index_at(at, n);
        self.tail.store(n + 1, Ordering::Relaxed);
        self.nentries.store(n + 1, Ordering::Release);
    }

    /// Replaces the value of a live entry. The caller holds the lock.
    #[inline(always)]
    pub(super) fn set_value(&self, i: usize, v: Value) {
        put(&self.entry(i).value, Some(v));
    }

    /// Kills entry `i`. The caller holds the lock.
    pub(super) fn kill(&self, i: usize) {
        let e = self.entry(i);
        put(&e.value, None);
        put(&e.key, None);
        if i == self.first.load(Ordering::Relaxed) {
            let n = self.nentries();
            let mut f = i + 1;
            // A bounded step: whole runs of dead entries are passed over by later kills.
            while f < n && f < i + 8 && self.entry(f).value.is_empty() {
                f += 1;
            }
            self.first.store(f, Ordering::Relaxed);
        }
    }

    /// Notes that all entries before `i` are dead. The caller holds the lock.
    pub(super) fn all_dead_before(&self, i: usize) {
        if i > self.first.load(Ordering::Relaxed) {
            self.first.store(i, Ordering::Relaxed);
        }
    }

    /// The last live entry. The caller holds the lock.
    pub(super) fn last(&self) -> Option<usize> {
        let mut t = self.tail.load(Ordering::Relaxed);
        while t > 0 && self.entry(t - 1).value.is_empty() {
            t -= 1;
        }
        self.tail.store(t, Ordering::Relaxed);
        t.checked_sub(1)
    }

    /// Private storage with the live entries of this one and room for `n`. The caller holds the
    /// lock of the dict it belongs to.
    pub(super) fn rebuilt(&self, cx: &Thread, n: usize) -> &'static DictStorage {
        let s = DictStorage::with_room(cx, n);
        let first = self.first();
        let (mut to, all) = (0, self.nentries() - first);
        in_pieces(all, |from, end| {
            for i in first + from..first + end {
                if let Some((k, v)) = self.item(i) {
                    let (hash, e) = (self.hash_of(i), s.entry(to));
                    e.hash.store(hash, Ordering::Relaxed);
                    if end - from < all {
                        taipan_heap::slot::barrier_range(e, ENTRY);
                    }
                    e.key.init(Some(k));
                    e.value.init(Some(v));
                    s.set_index_at(s.free_position(hash), to);
                    to += 1;
                }
            }
        });
        s.tail.store(to, Ordering::Relaxed);
        s.nentries.store(to, Ordering::Release);
        s
    }
}
