//! `set` and `frozenset`: layout and the operations that the VM itself uses. Python's methods are
//! in `methods.rs` (both types), the algebra in `algebra.rs`, the iterator in `iter.rs`.
//!
//! Both types share `SetObject`'s layout, and everything that does not care which works on that.
//! Readers take no lock; writers search without it and revalidate under it, as dicts do.

mod algebra;
pub mod iter;
mod methods;
mod table;

use crate::objects::dict::hash_key;
use crate::prelude::*;
use std::mem::offset_of;
use std::sync::atomic::{AtomicI64, AtomicIsize, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use table::{Entry, MIN_SIZE, Probe, Table, breathe};
use taipan_heap::lock::{free_and_alone, lock, lock2};

/// The struct that `Set` and `FrozenSet` both are.
#[repr(C)]
pub struct SetObject {
    pub head: Head,
    /// Live entries and dummies of the table.
    fill: AtomicUsize,
    used: AtomicIsize,
    table: AtomicPtr<Entry>,
    /// A frozenset's hash; -1: not computed.
    hash: AtomicI64,
    /// Where `pop` goes on searching.
    finger: AtomicUsize,
    /// Counts added keys, so that a search can tell that nothing was added since.
    added: AtomicU64,
}

/// The cell of exact sets and frozensets: the first table is part of it.
#[repr(C)]
struct WithTable {
    set: SetObject,
    first: [Entry; MIN_SIZE],
}

const _: () = {
    assert!(offset_of!(SetObject, fill) == 32);
    assert!(offset_of!(SetObject, used) == 40);
    assert!(offset_of!(WithTable, first) == size_of::<SetObject>());
};

// SAFETY: repr(C), starting with a Head.
unsafe impl HeapObject for SetObject {}

#[repr(C)]
pub struct Set {
    pub head: Head,
    rest: [AtomicU64; 6],
}

#[repr(C)]
pub struct FrozenSet {
    pub head: Head,
    rest: [AtomicU64; 6],
}

const _: () = {
    assert!(size_of::<Set>() == size_of::<SetObject>());
    assert!(size_of::<FrozenSet>() == size_of::<SetObject>());
};

crate::pytype! { Set, PySet_Type, name: "set", module: "builtins", base: crate::objects::object::Object,
flags: tpflags::BASETYPE | tpflags::MATCH_SELF, weakref: true,
doc: "set(iterable=(), /)\n--\n\nBuild an unordered collection of unique elements." }
crate::pytype! { FrozenSet, PyFrozenSet_Type, name: "frozenset", module: "builtins", base: crate::objects::object::Object,
flags: tpflags::BASETYPE | tpflags::MATCH_SELF, weakref: true,
doc: "frozenset(iterable=(), /)\n--\n\nBuild an immutable unordered collection of unique elements." }

impl std::ops::Deref for Set {
    type Target = SetObject;
    #[inline(always)]
    fn deref(&self) -> &SetObject {
        // SAFETY: instances of Set are allocated as SetObjects, of the same size.
        unsafe { &*(self as *const Set as *const SetObject) }
    }
}

impl std::ops::Deref for FrozenSet {
    type Target = SetObject;
    #[inline(always)]
    fn deref(&self) -> &SetObject {
        // SAFETY: as for Set.
        unsafe { &*(self as *const FrozenSet as *const SetObject) }
    }
}

impl Set {
    pub fn new(cx: &Thread) -> &'static Set {
        // SAFETY: new_in made an instance of set.
        unsafe { &*(SetObject::new_in(cx, Set::type_object()) as *const SetObject as *const Set) }
    }

    pub fn from_iterable(cx: &Thread, v: Value) -> Res<&'static Set> {
        let s = Set::new(cx);
        s.update(cx, v)?;
        Ok(s)
    }
}

impl FrozenSet {
    pub fn from_slice(cx: &Thread, items: &[Value]) -> Res<Value> {
        let s = SetObject::new_in(cx, FrozenSet::type_object());
        for &v in items {
            s.add(cx, v)?;
        }
        Ok(Value::from_ref(s))
    }

    /// A set of constants. CPython's compiler builds such a set, then once more from the first
    /// one's order when it merges constants; the order of iteration shows it.
    pub fn from_constants(cx: &Thread, items: &[Value]) -> Res<Value> {
        let first = FrozenSet::from_slice(cx, items)?;
        let order = SetObject::of(first).expect("just made").to_vec();
        FrozenSet::from_slice(cx, &order)
    }
}

struct Search {
    table: Table,
    added: u64,
    /// The entry that holds the key.
    found: Option<usize>,
    /// Where not: the entry where the key goes, and whether that is a dummy.
    place: (usize, bool),
}

impl Search {
    /// `None`: Python has to be asked.
    #[inline(always)]
    fn from_probe(table: Table, added: u64, p: Probe) -> Option<Search> {
        match p {
            Probe::Found(i) => Some(Search { table, added, found: Some(i), place: (0, false) }),
            Probe::Absent(i, dummy) => {
                Some(Search { table, added, found: None, place: (i, dummy) })
            }
            Probe::Ask(..) => None,
        }
    }
}

impl SetObject {
    /// A new empty set of `ty`: set, frozenset or a subclass of one.
    #[inline]
    pub fn new_in(cx: &Thread, ty: &Type) -> &'static SetObject {
        if ty.is(Set::type_object()) || ty.is(FrozenSet::type_object()) {
            SetObject::new_exact(cx, ty)
        } else {
            SetObject::new_of_subclass(cx, ty)
        }
    }

    fn new_exact(cx: &Thread, ty: &Type) -> &'static SetObject {
        let p = cx.alloc_builtin::<WithTable>(ty, Kind::Scan);
        // SAFETY: a private zeroed cell of the struct's size.
        unsafe {
            let place = (&raw mut (*(p.as_ptr() as *mut WithTable)).first) as *mut Entry;
            SetObject::fill_in(p, Table::inside(place));
            cx.publish_builtin(p, ty);
            &*(p.as_ptr() as *mut SetObject)
        }
    }

    #[inline(never)]
    fn new_of_subclass(cx: &Thread, ty: &Type) -> &'static SetObject {
        let p = cx.alloc_uninit(ty, size_of::<SetObject>());
        // SAFETY: a private cell with room for the struct; the header is written by publish.
        unsafe {
            SetObject::fill_in(p, Table::empty());
            cx.publish(p, ty);
            &*(p.as_ptr() as *mut SetObject)
        }
    }

    /// # Safety
    /// `p` is a private zeroed cell with room for a `SetObject`.
    #[inline(always)]
    unsafe fn fill_in(p: std::ptr::NonNull<Head>, t: Table) {
        // SAFETY: by the caller's promise; all other fields start as zero.
        let s = unsafe { &*(p.as_ptr() as *mut SetObject) };
        s.table.store(t.word(), Ordering::Relaxed);
        s.hash.store(-1, Ordering::Relaxed);
    }

    /// The set behind a set or frozenset, not of a subclass.
    #[inline(always)]
    pub fn exact(v: Value) -> Option<&'static SetObject> {
        let t = v.ty();
        let is = t.is(Set::type_object()) || t.is(FrozenSet::type_object());
        // SAFETY: instances of both types start with a SetObject.
        is.then(|| unsafe { &*(v.bits() as *const SetObject) })
    }

    /// The set behind a set, frozenset, or an instance of a subclass.
    #[inline]
    pub fn of(v: Value) -> Option<&'static SetObject> {
        if SetObject::exact(v).is_some()
            || v.downcast::<Set>().is_some()
            || v.downcast::<FrozenSet>().is_some()
        {
            // SAFETY: instances of both types and of subclasses start with a SetObject.
            return Some(unsafe { &*(v.bits() as *const SetObject) });
        }
        None
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.used.load(Ordering::Acquire) as usize
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline(always)]
    fn table(&self) -> Table {
        // SAFETY: publish and fill_in store the words of tables.
        unsafe { Table::from_word(self.table.load(Ordering::Acquire)) }
    }

    fn publish(&self, t: Table) {
        taipan_heap::slot::barrier(&self.table);
        self.table.store(t.word(), Ordering::Release);
    }

    /// Whether the table is the one in the cell of this set.
    fn has_first_table(&self, t: Table) -> bool {
        t.word().addr() == std::ptr::from_ref(self).addr() + size_of::<SetObject>()
    }

    #[inline]
    fn search(&self, cx: &Thread, key: Value, hash: i64) -> Res<Search> {
        let table = self.table();
        let added = self.added.load(Ordering::Acquire);
        match table.place(key, hash).and_then(|p| Search::from_probe(table, added, p)) {
            Some(s) => Ok(s),
            None => self.search_asking(cx, key, hash),
        }
    }

    #[cold]
    #[inline(never)]
    fn search_asking(&self, cx: &Thread, key: Value, hash: i64) -> Res<Search> {
        'again: loop {
            let table = self.table();
            let added = self.added.load(Ordering::Acquire);
            let mut walk = table.walk(hash);
            loop {
                match table.probe(key, hash, &mut walk) {
                    Probe::Ask(i, k) => {
                        let same = compare_bool(cx, k, key, CmpOp::Eq)?;
                        if self.table() != table || table.key(i) != Some(k) {
                            cx.poll()?;
                            continue 'again;
                        }
                        if same {
                            let found = Some(i);
                            return Ok(Search { table, added, found, place: (0, false) });
                        }
                        cx.mutator.poll();
                    }
                    told => {
                        if let Some(s) = Search::from_probe(table, added, told) {
                            return Ok(s);
                        }
                    }
                }
            }
        }
    }

    #[inline]
    pub fn contains(&self, cx: &Thread, key: Value) -> Res<bool> {
        let h = hash_key(cx, key)?;
        self.contains_hashed(cx, key, h)
    }

    #[inline]
    pub fn contains_hashed(&self, cx: &Thread, key: Value, hash: i64) -> Res<bool> {
        Ok(self.search(cx, key, hash)?.found.is_some())
    }

    /// Adds a key; false: it was there.
    #[inline]
    pub fn add(&self, cx: &Thread, key: Value) -> Res<bool> {
        let h = hash_key(cx, key)?;
        self.add_hashed(cx, key, h)
    }

    #[inline]
    pub fn add_hashed(&self, cx: &Thread, key: Value, hash: i64) -> Res<bool> {
        if free_and_alone(&self.head) {
            let t = self.table();
            match t.place(key, hash) {
                Some(Probe::Found(_)) => return Ok(false),
                Some(Probe::Absent(i, dummy)) if !t.is_static_empty() => {
                    t.insert_at(i, dummy, hash, key);
                    if self.count_added(t, dummy) {
                        self.make_room(cx);
                    }
                    return Ok(true);
                }
                _ => {}
            }
        }
        self.add_locked(cx, key, hash)
    }

    /// Adds a small int where the first look tells all; false: nothing was done.
    #[inline(always)]
    fn add_small(&self, cx: &Thread, key: Value, i: i64) -> bool {
        let t = self.table();
        if i == -1 || t.is_static_empty() || !free_and_alone(&self.head) {
            return false;
        }
        let Some(n) = t.add_at_home(key, i) else { return false };
        // As `count_added`.
        self.added.store(self.added.load(Ordering::Relaxed) + n as u64, Ordering::Release);
        self.used.store(self.used.load(Ordering::Relaxed) + n as isize, Ordering::Release);
        let fill = self.fill.load(Ordering::Relaxed) + n;
        self.fill.store(fill, Ordering::Release);
        if n * fill * 5 >= t.mask() * 3 {
            self.make_room(cx);
        }
        true
    }

    #[inline(never)]
    fn add_locked(&self, cx: &Thread, key: Value, hash: i64) -> Res<bool> {
        loop {
            let s = self.search(cx, key, hash)?;
            if s.found.is_some() {
                return Ok(false);
            }
            let _g = lock(&self.head);
            // The key is still absent if nothing was added since the search.
            let added = self.added.load(Ordering::Relaxed);
            if self.table() == s.table && added == s.added {
                let (i, dummy) = s.place;
                if s.table.is_static_empty() {
                    self.publish(Table::new(cx, 0));
                    self.add_new(cx, key, hash);
                } else {
                    s.table.insert_at(i, dummy, hash, key);
                    if self.count_added(s.table, dummy) {
                        self.grow(cx);
                    }
                }
                return Ok(true);
            }
        }
    }

    /// Adds a key that is not there. The caller holds the lock, or nobody else knows the set, whose
    /// table is not the static one and has no dummies.
    #[inline]
    fn add_new(&self, cx: &Thread, key: Value, hash: i64) {
        let t = self.table();
        t.insert_new(hash, key);
        if self.count_added(t, false) {
            self.grow(cx);
        }
    }

    /// Notes that a key was stored; `reused`: in a dummy's place. True: a larger table is due.
    #[inline(always)]
    fn count_added(&self, t: Table, reused: bool) -> bool {
        self.added.store(self.added.load(Ordering::Relaxed) + 1, Ordering::Release);
        self.used.store(self.used.load(Ordering::Relaxed) + 1, Ordering::Release);
        if reused {
            return false;
        }
        let fill = self.fill.load(Ordering::Relaxed) + 1;
        self.fill.store(fill, Ordering::Release);
        fill * 5 >= t.mask() * 3
    }

    /// As `grow`, for those who needed no lock until now: other threads may come in while the new table
    /// is made.
    #[cold]
    #[inline(never)]
    fn make_room(&self, cx: &Thread) {
        let _g = lock(&self.head);
        self.grow(cx);
    }

    /// The caller holds the lock, or nobody else knows the set.
    #[cold]
    #[inline(never)]
    fn grow(&self, cx: &Thread) {
        let used = self.len();
        self.resize(cx, if used > 50_000 { used * 2 } else { used * 4 });
    }

    /// Moves the live keys to a new table. The caller holds the lock, or nobody else knows the set.
    fn resize(&self, cx: &Thread, minused: usize) {
        let t = Table::new(cx, minused);
        let n = t.init_all(self.table());
        t.barrier_after(n);
        self.publish(t);
        self.fill.store(n, Ordering::Release);
    }

    /// Removes a key; false: it was not there.
    pub fn discard(&self, cx: &Thread, key: Value) -> Res<bool> {
        let h = hash_key(cx, key)?;
        self.discard_hashed(cx, key, h)
    }

    #[inline]
    pub fn discard_hashed(&self, cx: &Thread, key: Value, hash: i64) -> Res<bool> {
        if free_and_alone(&self.head) {
            let t = self.table();
            match t.place(key, hash) {
                Some(Probe::Found(i)) => {
                    t.kill(i);
                    self.used.store(self.used.load(Ordering::Relaxed) - 1, Ordering::Release);
                    return Ok(true);
                }
                Some(Probe::Absent(..)) => return Ok(false),
                _ => {}
            }
        }
        self.discard_locked(cx, key, hash)
    }

    #[inline(never)]
    fn discard_locked(&self, cx: &Thread, key: Value, hash: i64) -> Res<bool> {
        loop {
            let s = self.search(cx, key, hash)?;
            let Some(i) = s.found else { return Ok(false) };
            let _g = lock(&self.head);
            if self.table() == s.table && s.table.key(i).is_some() {
                s.table.kill(i);
                self.used.store(self.len() as isize - 1, Ordering::Release);
                return Ok(true);
            }
        }
    }

    /// Removes and gives some key.
    pub fn pop_any(&self) -> Option<Value> {
        let _g = lock(&self.head);
        if self.is_empty() {
            return None;
        }
        let t = self.table();
        let mut i = self.finger.load(Ordering::Relaxed) & t.mask();
        let k = loop {
            match t.key(i) {
                Some(k) => break k,
                None => i = if i == t.mask() { 0 } else { i + 1 },
            }
        };
        t.kill(i);
        self.used.store(self.len() as isize - 1, Ordering::Release);
        self.finger.store(i + 1, Ordering::Relaxed);
        Some(k)
    }

    pub fn clear(&self) {
        let _g = lock(&self.head);
        self.publish(Table::empty());
        self.fill.store(0, Ordering::Release);
        self.used.store(0, Ordering::Release);
        self.finger.store(0, Ordering::Relaxed);
    }

    /// Calls `f` with each key and its hash until it says true, which is then the result. Where other
    /// threads run, the keys are those of one moment.
    pub(super) fn any_key(&self, mut f: impl FnMut(Value, i64) -> Res<bool>) -> Res<bool> {
        if !taipan_heap::lock::alone() {
            for (i, (h, k)) in self.hashed_keys().into_iter().enumerate() {
                breathe(i);
                if f(k, h)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        let t = self.table();
        for i in 0..=t.mask() {
            if i & 0xFFF == 0xFFF {
                taipan_heap::Mutator::here().poll();
            }
            if let Some((k, h)) = t.item(i) {
                if f(k, h)? {
                    return Ok(true);
                }
            }
        }
        t.keep_alive();
        Ok(false)
    }

    /// Calls `f` with each key and its hash, as `any_key` does.
    pub(super) fn each_key(&self, mut f: impl FnMut(Value, i64) -> Res<()>) -> Res<()> {
        self.any_key(|k, h| f(k, h).map(|()| false)).map(|_| ())
    }

    /// What `f` makes of each key and its hash, all of one moment.
    fn collected<T: Copy>(&self, f: impl Fn(Value, i64) -> T) -> GcVec<T> {
        loop {
            let mut out = GcVec::with_capacity(self.len());
            let _g = lock(&self.head);
            if self.len() > out.capacity() {
                continue;
            }
            let t = self.table();
            for i in 0..=t.mask() {
                breathe(i);
                if let Some((k, h)) = t.item(i) {
                    out.push(f(k, h));
                }
            }
            t.keep_alive();
            return out;
        }
    }

    /// All keys with their hashes at one moment.
    pub fn hashed_keys(&self) -> GcVec<(i64, Value)> {
        self.collected(|k, h| (h, k))
    }

    /// All keys at one moment.
    pub fn to_vec(&self) -> GcVec<Value> {
        self.collected(|k, _| k)
    }

    /// The key at or after position `pos`, and the next position.
    #[inline]
    pub(crate) fn next_entry(&self, pos: usize) -> Option<(Value, usize)> {
        let t = self.table();
        let mut i = pos;
        while i <= t.mask() {
            if let Some(k) = t.key(i) {
                return Some((k, i + 1));
            }
            i += 1;
        }
        None
    }

    /// Takes over all keys of another set (`set_merge`), with CPython's table sizes.
    pub(super) fn merge_set(&self, cx: &Thread, other: &SetObject) -> Res<()> {
        if std::ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        {
            let (_a, _b) = lock2(&self.head, &other.head);
            let made = self.reserve(cx, other.len());
            if self.fill.load(Ordering::Relaxed) == 0 {
                // All keys are new, and different from each other.
                if self.table().is_static_empty() {
                    self.publish(Table::new(cx, 0));
                }
                let (t, o) = (self.table(), other.table());
                let fill = other.fill.load(Ordering::Relaxed);
                let n = other.len();
                if t.mask() == o.mask() && fill == n {
                    t.init_same(o);
                } else {
                    for (i, (k, h)) in o.items().enumerate() {
                        t.init_new(h, k);
                        breathe(i);
                    }
                }
                if !made {
                    taipan_heap::slot::barrier_range(t.start(), t.byte_size());
                }
                t.barrier_after(n);
                self.fill.store(n, Ordering::Release);
                self.used.store(n as isize, Ordering::Release);
                self.added.store(self.added.load(Ordering::Relaxed) + 1, Ordering::Release);
                return Ok(());
            }
        }
        other.each_key(|k, h| self.add_hashed(cx, k, h).map(|_| ()))
    }

    /// One larger table where `more` keys, if all were new, would make several. The caller holds the
    /// lock.
    fn reserve(&self, cx: &Thread, more: usize) -> bool {
        let fill = self.fill.load(Ordering::Relaxed);
        let small = (fill + more) * 5 >= self.table().mask() * 3;
        if small {
            self.resize(cx, (self.len() + more) * 2);
        }
        small
    }

    /// `set.update` with one argument.
    pub fn update(&self, cx: &Thread, other: Value) -> Res<()> {
        if let Some(o) = SetObject::of(other) {
            return self.merge_set(cx, o);
        }
        if let Some(d) = other.downcast_exact::<Dict>() {
            let entries = d.hashed_entries();
            {
                let _g = lock(&self.head);
                self.reserve(cx, entries.len());
            }
            for (h, k, _) in entries {
                self.add_hashed(cx, k, h)?;
            }
            return Ok(());
        }
        for_each(cx, other, |v| {
            // Small ints, most often: nothing is called.
            let small = v.as_small().is_some_and(|i| self.add_small(cx, v, i));
            if small { Ok(()) } else { self.add(cx, v).map(|_| ()) }
        })
    }

    /// A new set of type `ty` with the same keys.
    pub fn copy_as(&self, cx: &Thread, ty: &Type) -> Res<&'static SetObject> {
        let s = SetObject::new_in(cx, ty);
        s.merge_set(cx, self)?;
        Ok(s)
    }

    /// This set takes over what a private set holds (`set_swap_bodies` in one direction).
    pub(super) fn take(&self, cx: &Thread, other: &SetObject) {
        let (_a, _b) = lock2(&self.head, &other.head);
        if other.has_first_table(other.table()) {
            let t = Table::new(cx, 0);
            t.init_same(other.table());
            other.publish(t);
        }
        self.publish(other.table());
        self.fill.store(other.fill.load(Ordering::Relaxed), Ordering::Release);
        self.used.store(other.len() as isize, Ordering::Release);
        other.publish(Table::empty());
        other.fill.store(0, Ordering::Release);
        other.used.store(0, Ordering::Release);
    }

    pub(super) fn byte_size(&self) -> usize {
        let t = self.table();
        // CPython keeps tables of eight in the object itself.
        200 + if t.mask() + 1 > MIN_SIZE { t.byte_size() } else { 0 }
    }

    pub(super) fn cached_hash(&self) -> &AtomicI64 {
        &self.hash
    }
}
