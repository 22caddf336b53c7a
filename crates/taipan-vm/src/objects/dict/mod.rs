//! `dict`: layout and the operations that the VM itself uses. Python's methods are in
//! `methods.rs`, views and iterators in `views.rs` and `iter.rs`.
//!
//! Readers take no lock. Writers search without the lock (searching may run `__eq__`), take it,
//! and check that nothing has happened in between: the same storage, no entry appended since, the
//! found entry alive. If something has, they start again (hazards 10 and 11).

pub mod iter;
mod merge;
pub mod methods;
mod quick;
pub mod storage;
pub mod views;

pub use merge::{merge, merge_pairs};
pub use methods::key_error;
pub use storage::DictStorage;

use crate::objects::storage::in_pieces;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::mem::offset_of;
use std::sync::atomic::{AtomicIsize, AtomicPtr, AtomicU64, Ordering};
use storage::Probe;
use taipan_heap::lock::lock;

#[repr(C)]
pub struct Dict {
    pub head: Head,
    ma_used: AtomicIsize,
    /// Counts the changes of the set or order of keys.
    ma_watcher_tag: AtomicU64,
    ma_keys: AtomicPtr<DictStorage>,
    ma_values: AtomicPtr<()>,
}

const _: () = {
    assert!(offset_of!(Dict, ma_used) == 32);
    assert!(offset_of!(Dict, ma_keys) == 48);
    assert!(size_of::<Dict>() == 64);
};

crate::pytype! { Dict, PyDict_Type, name: "dict", module: "builtins", base: crate::objects::object::Object,
flags: tpflags::BASETYPE | tpflags::MAPPING | tpflags::MATCH_SELF, fast: DICT_SUBCLASS,
doc: "dict() -> new empty dictionary\ndict(mapping) -> new dictionary with the mapping's pairs\ndict(iterable) -> new dictionary from an iterable of pairs\ndict(**kwargs) -> new dictionary with the name=value pairs of the keyword arguments" }

/// `hash(key)` with the common kinds in line.
#[inline(always)]
pub fn hash_key(cx: &Thread, key: Value) -> Res<i64> {
    if let Some(i) = key.as_small() {
        return Ok(if i == -1 { -2 } else { i });
    }
    hash(cx, key)
}

/// Where a search ended: the storage searched, how many entries it had, and the entry found.
struct Search {
    storage: &'static DictStorage,
    nentries: usize,
    found: Option<usize>,
    /// Where not found: the free index position.
    place: usize,
}

impl Search {
    #[inline(always)]
    fn found(storage: &'static DictStorage, nentries: usize, i: usize) -> Search {
        Search { storage, nentries, found: Some(i), place: 0 }
    }

    #[inline(always)]
    fn absent(storage: &'static DictStorage, nentries: usize, place: usize) -> Search {
        Search { storage, nentries, found: None, place }
    }
}

impl Dict {
    #[inline]
    pub fn new(cx: &Thread) -> &'static Dict {
        Dict::new_in(cx, Dict::type_object())
    }

    pub fn new_in(cx: &Thread, ty: &Type) -> &'static Dict {
        Dict::with_storage(cx, ty, DictStorage::empty(), 0)
    }

    fn with_storage(cx: &Thread, ty: &Type, s: &'static DictStorage, used: usize) -> &'static Dict {
        cx.alloc_in(
            ty,
            Dict {
                head: fresh_head(),
                ma_used: AtomicIsize::new(used as isize),
                ma_watcher_tag: AtomicU64::new(0),
                ma_keys: AtomicPtr::new(s as *const DictStorage as *mut DictStorage),
                ma_values: AtomicPtr::new(std::ptr::null_mut()),
            },
        )
    }

    pub fn with_capacity(cx: &Thread, n: usize) -> &'static Dict {
        let s = if n == 0 { DictStorage::empty() } else { DictStorage::with_room(cx, n) };
        Dict::with_storage(cx, Dict::type_object(), s, 0)
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.ma_used.load(Ordering::Acquire) as usize
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline(always)]
    pub fn storage(&self) -> &'static DictStorage {
        // SAFETY: ma_keys is the static empty storage or a raw cell that this word keeps alive;
        // a reader's copy on its stack does the same.
        unsafe { &*self.ma_keys.load(Ordering::Acquire) }
    }

    fn publish(&self, s: &'static DictStorage) {
        taipan_heap::slot::barrier(&self.ma_keys);
        self.ma_keys.store(s as *const DictStorage as *mut DictStorage, Ordering::Release);
    }

    /// Counts keys in or out. The caller holds the lock, so a load and a store do.
    #[inline(always)]
    fn add_used(&self, by: isize) {
        let n = self.ma_used.load(Ordering::Relaxed);
        self.ma_used.store(n + by, Ordering::Release);
        self.count_change();
    }

    #[inline(always)]
    fn count_change(&self) {
        let t = self.ma_watcher_tag.load(Ordering::Relaxed);
        self.ma_watcher_tag.store(t + 1, Ordering::Release);
    }

    /// Changes whenever a key comes, goes or moves.
    pub fn structure_version(&self) -> u64 {
        self.ma_watcher_tag.load(Ordering::Acquire)
    }

    /// Finds a key; runs `__eq__` of keys with equal hash.
    #[inline]
    fn search(&self, cx: &Thread, key: Value, hash: i64) -> Res<Search> {
        let storage = self.storage();
        let nentries = storage.nentries();
        match storage.probe(key, hash, &mut storage.probes(hash)) {
            Probe::Found(i) => Ok(Search::found(storage, nentries, i)),
            Probe::Absent(at) => Ok(Search::absent(storage, nentries, at)),
            Probe::Ask(..) => self.search_asking(cx, key, hash),
        }
    }

    #[cold]
    #[inline(never)]
    fn search_asking(&self, cx: &Thread, key: Value, hash: i64) -> Res<Search> {
        'again: loop {
            let storage = self.storage();
            let nentries = storage.nentries();
            let mut probes = storage.probes(hash);
            loop {
                match storage.probe(key, hash, &mut probes) {
                    Probe::Found(i) => return Ok(Search::found(storage, nentries, i)),
                    Probe::Absent(at) => return Ok(Search::absent(storage, nentries, at)),
                    Probe::Ask(i, k) => {
                        let same = compare_bool(cx, k, key, CmpOp::Eq)?;
                        if !std::ptr::eq(self.storage(), storage) || storage.key(i) != Some(k) {
                            cx.poll()?;
                            continue 'again;
                        }
                        if same {
                            return Ok(Search::found(storage, nentries, i));
                        }
                        cx.mutator.poll();
                    }
                }
            }
        }
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, cx: &Thread, key: Value) -> Res<Option<Value>> {
        if let Some(known) = self.look(key) {
            return Ok(known);
        }
        let h = hash_key(cx, key)?;
        self.get_hashed(cx, key, h)
    }

    #[inline]
    pub fn get_hashed(&self, cx: &Thread, key: Value, hash: i64) -> Res<Option<Value>> {
        loop {
            let s = self.search(cx, key, hash)?;
            match s.found {
                None => return Ok(None),
                // A dead value: the key went away in between; look again.
                Some(i) => match s.storage.value(i) {
                    Some(v) => return Ok(Some(v)),
                    None => std::hint::spin_loop(),
                },
            }
        }
    }

    pub fn contains(&self, cx: &Thread, key: Value) -> Res<bool> {
        Ok(self.get(cx, key)?.is_some())
    }

    /// The value of a str key. Runs Python code only where a key of another type with the same
    /// hash is there; what that raises counts as "not equal".
    #[inline]
    pub fn get_str(&self, cx: &Thread, key: &Str) -> Option<Value> {
        loop {
            let s = self.storage();
            match s.find_str(cx, key) {
                Some(i) => match s.value(i) {
                    Some(v) => return Some(v),
                    None => std::hint::spin_loop(),
                },
                None => return self.get_str_odd(cx, key, s),
            }
        }
    }

    /// As `get_str`, but finds only keys that are plain strings; runs no Python code.
    pub fn get_plain_str(&self, cx: &Thread, key: &Str) -> Option<Value> {
        loop {
            let s = self.storage();
            let i = s.find_str(cx, key)?;
            if let Some(v) = s.value(i) {
                return Some(v);
            }
            std::hint::spin_loop();
        }
    }

    #[inline]
    fn get_str_odd(&self, cx: &Thread, key: &Str, s: &DictStorage) -> Option<Value> {
        let exact = Value::from_ref(key).downcast_exact::<Str>().is_some();
        if (exact && s.first() == s.nentries()) || (exact && !s.has_odd_key(key.hash(cx))) {
            return None;
        }
        self.get(cx, Value::from_ref(key)).ok().flatten()
    }

    #[inline]
    pub fn set(&self, cx: &Thread, key: Value, v: Value) -> Res<()> {
        if self.store_alone(key, v) {
            return Ok(());
        }
        let h = hash_key(cx, key)?;
        self.set_hashed(cx, key, h, v)
    }

    /// Stores a str key. What a foreign key's `__eq__` raises is dropped, and the key is added.
    #[inline]
    pub fn set_str(&self, cx: &Thread, key: &Str, v: Value) {
        let h = key.hash(cx);
        if self.set_hashed(cx, Value::from_ref(key), h, v).is_err() {
            self.append_new(cx, Value::from_ref(key), h, v);
        }
    }

    pub fn set_hashed(&self, cx: &Thread, key: Value, hash: i64, v: Value) -> Res<()> {
        if self.store_alone_hashed(key, hash, v) {
            return Ok(());
        }
        loop {
            let s = self.search(cx, key, hash)?;
            if self.try_store(cx, &s, key, hash, v) {
                return Ok(());
            }
        }
    }

    /// Completes a store whose search is done; false if the dict has changed since.
    #[inline]
    fn try_store(&self, cx: &Thread, s: &Search, key: Value, hash: i64, v: Value) -> bool {
        let _g = lock(&self.head);
        if !std::ptr::eq(self.storage(), s.storage) {
            return false;
        }
        match s.found {
            Some(i) => {
                if s.storage.value(i).is_none() {
                    return false;
                }
                s.storage.set_value(i, v);
            }
            None => {
                if s.storage.nentries() != s.nentries {
                    return false;
                }
                if s.storage.has_room() {
                    s.storage.append_at(s.place, hash, key, v);
                    self.add_used(1);
                } else {
                    self.append_locked(cx, key, hash, v);
                }
            }
        }
        true
    }

    /// Adds a key that is not there. The caller holds the lock.
    fn append_locked(&self, cx: &Thread, key: Value, hash: i64, v: Value) {
        let s = self.storage();
        if s.has_room() {
            s.append(hash, key, v);
        } else {
            // CPython's growth: a table three times the live entries.
            let grown = s.rebuilt(cx, (self.len() * 2).max(1));
            grown.append(hash, key, v);
            self.publish(grown);
        }
        self.add_used(1);
    }

    fn append_new(&self, cx: &Thread, key: Value, hash: i64, v: Value) {
        let _g = lock(&self.head);
        self.append_locked(cx, key, hash, v);
    }

    /// The value of the key, which is `v` if it was not there. True: it was added.
    pub fn set_default(&self, cx: &Thread, key: Value, v: Value) -> Res<(Value, bool)> {
        let h = hash_key(cx, key)?;
        self.set_default_hashed(cx, key, h, v)
    }

    pub fn set_default_hashed(
        &self,
        cx: &Thread,
        key: Value,
        h: i64,
        v: Value,
    ) -> Res<(Value, bool)> {
        loop {
            let s = self.search(cx, key, h)?;
            if let Some(i) = s.found {
                match s.storage.value(i) {
                    Some(old) => return Ok((old, false)),
                    None => continue,
                }
            }
            if self.try_store(cx, &s, key, h, v) {
                return Ok((v, true));
            }
        }
    }

    /// As `set_default` for a str key; a foreign key's failing `__eq__` counts as "different".
    pub fn set_default_str(&self, cx: &Thread, key: &Str, v: Value) -> Value {
        match self.get_str(cx, key) {
            Some(old) => old,
            None => match self.set_default(cx, Value::from_ref(key), v) {
                Ok((v, _)) => v,
                Err(_) => {
                    self.set_str(cx, key, v);
                    v
                }
            },
        }
    }

    /// Deletes a key; false: it was not there.
    pub fn del(&self, cx: &Thread, key: Value) -> Res<bool> {
        Ok(self.pop(cx, key)?.is_some())
    }

    /// Deletes a key; gives its value.
    pub fn pop(&self, cx: &Thread, key: Value) -> Res<Option<Value>> {
        let h = hash_key(cx, key)?;
        self.pop_hashed(cx, key, h)
    }

    pub fn pop_hashed(&self, cx: &Thread, key: Value, hash: i64) -> Res<Option<Value>> {
        loop {
            let s = self.search(cx, key, hash)?;
            let Some(i) = s.found else { return Ok(None) };
            let _g = lock(&self.head);
            if !std::ptr::eq(self.storage(), s.storage) {
                continue;
            }
            if let Some(v) = s.storage.value(i) {
                s.storage.kill(i);
                self.add_used(-1);
                return Ok(Some(v));
            }
        }
    }

    pub fn del_str(&self, cx: &Thread, key: &Str) -> bool {
        matches!(self.pop_hashed(cx, Value::from_ref(key), key.hash(cx)), Ok(Some(_)))
    }

    /// Replaces the value of a str key that is there. Neither allocates nor runs Python code.
    pub fn replace_existing(&self, cx: &Thread, key: &Str, v: Value) -> bool {
        let _g = lock(&self.head);
        let s = self.storage();
        match s.find_str(cx, key) {
            Some(i) if s.value(i).is_some() => {
                s.set_value(i, v);
                true
            }
            _ => false,
        }
    }

    /// Deletes and gives the last pair.
    pub fn pop_last(&self) -> Option<(Value, Value)> {
        let _g = lock(&self.head);
        let s = self.storage();
        let i = s.last()?;
        let item = s.item(i)?;
        s.kill(i);
        self.add_used(-1);
        Some(item)
    }

    fn snapshot<T: Copy>(&self, f: impl Fn(i64, Value, Value) -> T) -> GcVec<T> {
        loop {
            let mut out = GcVec::with_capacity(self.len());
            let _g = lock(&self.head);
            if self.len() > out.capacity() {
                continue;
            }
            let s = self.storage();
            let first = s.first();
            in_pieces(s.nentries() - first, |from, end| {
                for i in first + from..first + end {
                    if let Some((k, v)) = s.item(i) {
                        out.push(f(s.hash_of(i), k, v));
                    }
                }
            });
            return out;
        }
    }

    /// All pairs at one moment, in order.
    pub fn entries(&self) -> GcVec<(Value, Value)> {
        self.snapshot(|_, k, v| (k, v))
    }

    /// All pairs with the hashes of their keys.
    pub fn hashed_entries(&self) -> GcVec<(i64, Value, Value)> {
        self.snapshot(|h, k, v| (h, k, v))
    }

    pub fn keys(&self) -> GcVec<Value> {
        self.snapshot(|_, k, _| k)
    }

    pub fn values(&self) -> GcVec<Value> {
        self.snapshot(|_, _, v| v)
    }

    pub fn clear(&self, _cx: &Thread) {
        let _g = lock(&self.head);
        self.publish(DictStorage::empty());
        self.ma_used.store(0, Ordering::Release);
        self.count_change();
    }

    /// Deletes and gives the first pair.
    pub fn pop_first(&self) -> Option<(Value, Value)> {
        let _g = lock(&self.head);
        let s = self.storage();
        let i = (s.first()..s.nentries()).find(|&i| s.value(i).is_some())?;
        let item = s.item(i)?;
        s.kill(i);
        s.all_dead_before(i + 1);
        self.add_used(-1);
        Some(item)
    }

    /// Moves a key to the end or the start of the order; false: it is not there. Moving to the
    /// start rebuilds the storage.
    pub fn move_to_end(&self, cx: &Thread, key: Value, last: bool) -> Res<bool> {
        let hash = hash_key(cx, key)?;
        loop {
            let s = self.search(cx, key, hash)?;
            let Some(i) = s.found else { return Ok(false) };
            let _g = lock(&self.head);
            if !std::ptr::eq(self.storage(), s.storage) {
                continue;
            }
            let Some((k, v)) = s.storage.item(i) else { continue };
            let mut others = if last { i + 1..s.storage.nentries() } else { s.storage.first()..i };
            if others.all(|j| s.storage.value(j).is_none()) {
                return Ok(true);
            }
            if last {
                s.storage.kill(i);
                self.add_used(-1);
                self.append_locked(cx, k, hash, v);
            } else {
                let fresh = DictStorage::with_room(cx, s.storage.usable());
                fresh.append(hash, k, v);
                let first = s.storage.first();
                in_pieces(s.storage.nentries() - first, |from, to| {
                    for j in first + from..first + to {
                        if let Some((k, v)) = s.storage.item(j).filter(|_| j != i) {
                            fresh.append(s.storage.hash_of(j), k, v);
                        }
                    }
                });
                self.publish(fresh);
                self.count_change();
            }
            return Ok(true);
        }
    }

    /// `dict(self)`: an exact dict with the same pairs.
    pub fn copy(&self, cx: &Thread) -> &'static Dict {
        let d = Dict::new(cx);
        let _g = lock(&self.head);
        let n = self.len();
        if n > 0 {
            d.publish(self.storage().rebuilt(cx, n));
            d.ma_used.store(n as isize, Ordering::Release);
        }
        d
    }

    /// `dict.update` with one argument.
    pub fn update(&self, cx: &Thread, other: Value) -> Res<()> {
        merge::update_arg(cx, self, other)
    }

    /// The pair at or after position `pos`, and the next position.
    #[inline]
    pub fn next_entry(&self, pos: usize) -> Option<(Value, Value, usize)> {
        let s = self.storage();
        let n = s.nentries();
        let mut i = pos.max(s.first());
        while i < n {
            if let Some((k, v)) = s.item(i) {
                return Some((k, v, i + 1));
            }
            i += 1;
        }
        None
    }
}
