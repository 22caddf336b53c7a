//! The memos: which objects a pickler has written, by identity (`Memo`), and which an unpickler has made, by
//! number (`Loaded`). Readers take no lock; a table that is outgrown or cleared is replaced.

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use taipan_heap::lock::lock;
use taipan_vm::objects::object::{Object, id_of};
use taipan_vm::objects::storage::SlotArray;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// A pickler's memo: a table with open addressing, in slots of key and number by turns.
#[repr(C)]
pub struct Memo {
    head: Head,
    table: AtomicPtr<SlotArray>,
    used: AtomicUsize,
}

pytype! { Memo, PyTaipanPickleMemo_Type, name: "_memo", module: "_pickle", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl Memo {}

/// Entries of the first table.
const FIRST: usize = 32;

/// Where the search for a key begins in a table of `2^bits` entries.
#[inline(always)]
fn start(key: Value, entries: usize) -> usize {
    let mixed = key.bits().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as usize & (entries - 1)
}

/// The entry that holds a key, or the free one where it goes. Half of a table is always free.
#[inline(always)]
fn seek(table: &SlotArray, key: Value) -> (usize, bool) {
    let entries = table.capacity() / 2;
    let mut i = start(key, entries);
    loop {
        match table.get(2 * i) {
            None => return (i, false),
            Some(k) if k.bits() == key.bits() => return (i, true),
            Some(_) => i = (i + 1) & (entries - 1),
        }
    }
}

/// The number is there before the key, for readers without the lock.
#[inline(always)]
fn fill(table: &SlotArray, i: usize, key: Value, number: usize) {
    table.set(2 * i + 1, Value::small(number as i64));
    table.set(2 * i, key);
}

fn array(p: &AtomicPtr<SlotArray>) -> Option<&'static SlotArray> {
    // SAFETY: null, or an array that this word, inside a scanned object, keeps alive.
    unsafe { p.load(Ordering::Acquire).as_ref() }
}

fn install(p: &AtomicPtr<SlotArray>, a: &'static SlotArray) {
    taipan_heap::slot::barrier(p);
    p.store(std::ptr::from_ref(a).cast_mut(), Ordering::Release);
}

impl Memo {
    pub fn new(cx: &Thread) -> &'static Memo {
        cx.alloc(Memo {
            head: fresh_head(),
            table: AtomicPtr::new(std::ptr::null_mut()),
            used: AtomicUsize::new(0),
        })
    }

    /// The number of an object.
    #[inline(always)]
    pub fn get(&self, key: Value) -> Option<usize> {
        let table = array(&self.table)?;
        match seek(table, key) {
            (i, true) => Some(table.get(2 * i + 1)?.as_small()? as usize),
            _ => None,
        }
    }

    /// Gives an object the next number.
    #[inline]
    pub fn add(&self, cx: &Thread, key: Value) -> usize {
        let _g = lock(&self.head);
        let number = self.used.load(Ordering::Relaxed);
        self.put_locked(cx, key, number);
        number
    }

    pub fn put(&self, cx: &Thread, key: Value, number: usize) {
        let _g = lock(&self.head);
        self.put_locked(cx, key, number);
    }

    #[inline(always)]
    fn put_locked(&self, cx: &Thread, key: Value, number: usize) {
        let used = self.used.load(Ordering::Relaxed);
        let table = match array(&self.table) {
            Some(t) if 4 * (used + 1) <= t.capacity() => t,
            _ => self.grow(cx, used),
        };
        let (i, known) = seek(table, key);
        fill(table, i, key, number);
        if !known {
            self.used.store(used + 1, Ordering::Relaxed);
        }
    }

    #[cold]
    fn grow(&self, cx: &Thread, used: usize) -> &'static SlotArray {
        let factor = if used > 50_000 { 4 } else { 8 };
        let entries = (used * factor).next_power_of_two().max(FIRST);
        let table = SlotArray::new(cx, 2 * entries);
        if let Some(old) = array(&self.table) {
            for i in 0..old.capacity() / 2 {
                if i & 0xFFF == 0xFFF {
                    cx.mutator.poll();
                }
                if let (Some(k), Some(n)) = (old.get(2 * i), old.get(2 * i + 1)) {
                    let (at, _) = seek(table, k);
                    fill(table, at, k, n.as_small().unwrap_or(0) as usize);
                }
            }
        }
        install(&self.table, table);
        table
    }

    pub fn clear(&self) {
        let _g = lock(&self.head);
        taipan_heap::slot::barrier(&self.table);
        self.table.store(std::ptr::null_mut(), Ordering::Release);
        self.used.store(0, Ordering::Relaxed);
    }

    /// All objects with their numbers, in the order of these.
    fn entries(&self) -> GcVec<(Value, usize)> {
        let mut all = GcVec::new();
        if let Some(t) = array(&self.table) {
            for i in 0..t.capacity() / 2 {
                if let (Some(k), Some(n)) = (t.get(2 * i), t.get(2 * i + 1)) {
                    all.push((k, n.as_small().unwrap_or(0) as usize));
                }
            }
        }
        all.sort_unstable_by_key(|e| e.1);
        all
    }

    pub fn copied(&self, cx: &Thread) -> &'static Memo {
        let copy = Memo::new(cx);
        for (k, n) in self.entries().iter() {
            copy.put(cx, *k, *n);
        }
        copy
    }

    /// `{id: (number, object)}`.
    pub fn to_dict(&self, cx: &Thread) -> Res<&'static Dict> {
        let d = Dict::new(cx);
        for (k, n) in self.entries().iter() {
            let pair = Tuple::pair(cx, Value::small(*n as i64), *k);
            d.set(cx, int_from_i128(cx, id_of(*k) as i128), Value::from_ref(pair))?;
        }
        Ok(d)
    }

    pub fn from_dict(cx: &Thread, d: &Dict) -> Res<&'static Memo> {
        let memo = Memo::new(cx);
        for (_, v) in d.entries().iter() {
            let Some(pair) = v.downcast::<Tuple>().filter(|t| t.len() == 2) else {
                raise!(cx, TypeError, "'memo' values must be 2-item tuples");
            };
            let number = index_isize(cx, pair.get(0), exc::OverflowError())?;
            memo.put(cx, pair.get(1), number as usize & (u32::MAX as usize));
        }
        Ok(memo)
    }
}

/// An unpickler's memo. Numbers far beyond those in use, which only odd pickles have, are in a dict.
#[repr(C)]
pub struct Loaded {
    head: Head,
    items: AtomicPtr<SlotArray>,
    /// How many numbers are taken, which is the next that `MEMOIZE` gives.
    used: AtomicUsize,
    far: Slot,
}

pytype! { Loaded, PyTaipanPickleLoaded_Type, name: "_loaded", module: "_pickle", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl Loaded {}

/// Numbers up to this are always in the array.
const NEAR: usize = 1 << 16;

impl Loaded {
    pub fn new(cx: &Thread) -> &'static Loaded {
        cx.alloc(Loaded {
            head: fresh_head(),
            items: AtomicPtr::new(std::ptr::null_mut()),
            used: AtomicUsize::new(0),
            far: Slot::empty(),
        })
    }

    fn far(&self) -> Option<&'static Dict> {
        self.far.get().and_then(|d| d.downcast::<Dict>())
    }

    #[inline(always)]
    pub fn get(&self, cx: &Thread, i: usize) -> Res<Option<Value>> {
        if let Some(v) = array(&self.items).and_then(|a| a.get(i)) {
            return Ok(Some(v));
        }
        match self.far() {
            Some(d) => d.get(cx, int_from_i128(cx, i as i128)),
            None => Ok(None),
        }
    }

    /// Gives the next number to a value.
    #[inline(always)]
    pub fn add(&self, cx: &Thread, v: Value) -> Res<()> {
        self.put(cx, self.used.load(Ordering::Relaxed), v)
    }

    #[inline(always)]
    pub fn put(&self, cx: &Thread, i: usize, v: Value) -> Res<()> {
        if let Some(a) = array(&self.items)
            && i < a.capacity()
        {
            let _g = lock(&self.head);
            // Another thread may have put a larger array in its place.
            if let Some(a) = array(&self.items) {
                let fresh = a.get(i).is_none();
                a.set(i, v);
                if fresh {
                    self.used.store(self.used.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                }
            }
            return Ok(());
        }
        self.put_slowly(cx, i, v)
    }

    #[cold]
    fn put_slowly(&self, cx: &Thread, i: usize, v: Value) -> Res<()> {
        let used = self.used.load(Ordering::Relaxed);
        if i < NEAR.max(4 * used) {
            let larger = SlotArray::try_new(cx, (2 * i).max(64))?;
            let _g = lock(&self.head);
            if let Some(old) = array(&self.items) {
                if old.capacity() < larger.capacity() {
                    larger.fill_from(0, old, 0, old.capacity());
                    install(&self.items, larger);
                }
            } else {
                install(&self.items, larger);
            }
            drop(_g);
            return self.put(cx, i, v);
        }
        let far = match self.far() {
            Some(d) => d,
            None => {
                let d = Dict::new(cx);
                self.far.set(self, Value::from_ref(d));
                d
            }
        };
        let before = far.len();
        far.set(cx, int_from_i128(cx, i as i128), v)?;
        if far.len() > before {
            self.used.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    pub fn clear(&self) {
        let _g = lock(&self.head);
        taipan_heap::slot::barrier(&self.items);
        self.items.store(std::ptr::null_mut(), Ordering::Release);
        self.used.store(0, Ordering::Relaxed);
        self.far.clear(self);
    }

    /// `{number: object}`.
    pub fn to_dict(&self, cx: &Thread) -> Res<&'static Dict> {
        let d = Dict::new(cx);
        if let Some(a) = array(&self.items) {
            for i in 0..a.capacity() {
                if let Some(v) = a.get(i) {
                    d.set(cx, Value::small(i as i64), v)?;
                }
            }
        }
        for (k, v) in self.far().map_or_else(GcVec::new, |f| f.entries()).iter() {
            d.set(cx, *k, *v)?;
        }
        Ok(d)
    }

    pub fn copied(&self, cx: &Thread) -> Res<&'static Loaded> {
        Loaded::from_dict(cx, self.to_dict(cx)?)
    }

    pub fn from_dict(cx: &Thread, d: &Dict) -> Res<&'static Loaded> {
        let memo = Loaded::new(cx);
        for (k, v) in d.entries().iter() {
            if !taipan_vm::objects::int::is_int(*k) {
                raise!(cx, TypeError, "memo key must be integers");
            }
            let i = index_isize(cx, *k, exc::OverflowError())?;
            if i < 0 {
                raise!(cx, ValueError, "memo key must be positive integers.");
            }
            memo.put(cx, i as usize, *v)?;
        }
        Ok(memo)
    }
}
