//! The table of interned strings: sharded open addressing under leaf-free object locks. Interned
//! strings live for ever, as in free-threaded CPython 3.13.

use super::Str;
use crate::objects::storage::SlotArray;
use crate::prelude::*;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

const SHARDS: usize = 16;

/// One shard: a power-of-two array of strings, replaced when it grows; readers take no lock.
struct Shard {
    array: AtomicPtr<SlotArray>,
    used: AtomicUsize,
    lock: Head,
}

// SAFETY: atomics only.
unsafe impl Sync for Shard {}

static TABLE: [Shard; SHARDS] = [const {
    Shard {
        array: AtomicPtr::new(std::ptr::null_mut()),
        used: AtomicUsize::new(0),
        lock: Head::new_static(std::ptr::null_mut()),
    }
}; SHARDS];

fn probe(array: &SlotArray, hash: u64, same: impl Fn(&Str) -> bool) -> Result<&'static Str, usize> {
    let mask = array.capacity() - 1;
    let mut i = (hash >> 8) as usize & mask;
    loop {
        match array.get(i) {
            None => return Err(i),
            Some(v) => {
                let s = v.downcast_exact::<Str>().expect("the table holds strings");
                if same(s) {
                    return Ok(s);
                }
            }
        }
        i = (i + 1) & mask;
    }
}

fn array_of(shard: &Shard) -> Option<&'static SlotArray> {
    // SAFETY: arrays are kept alive as permanent roots by `grow`.
    unsafe { shard.array.load(Ordering::Acquire).as_ref() }
}

/// Replaces a shard's array by one of twice the capacity. The caller holds the shard's lock; the
/// old array stays valid for readers because it is a root's former value kept on their stacks.
fn grow(cx: &Thread, shard: &Shard, index: usize, new: &'static SlotArray) {
    if let Some(old) = array_of(shard) {
        for i in 0..old.capacity() {
            if let Some(v) = old.get(i) {
                let s = v.downcast_exact::<Str>().expect("the table holds strings");
                if let Err(at) = probe(new, s.hash(cx) as u64, |_| false) {
                    new.init(at, v);
                }
            }
        }
    }
    cx.vm.interned_arrays[index].store(new as *const SlotArray as u64, Ordering::Release);
    shard.array.store(new as *const SlotArray as *mut SlotArray, Ordering::Release);
}

fn insert(cx: &Thread, s: &'static Str) -> &'static Str {
    let hash = s.hash(cx) as u64;
    let index = hash as usize & (SHARDS - 1);
    let shard = &TABLE[index];
    loop {
        let cap = array_of(shard).map_or(0, SlotArray::capacity);
        let full = shard.used.load(Ordering::Relaxed) * 3 >= cap * 2;
        // Allocate outside the lock.
        let spare = if full { Some(SlotArray::new(cx, (cap * 2).max(256))) } else { None };
        let _g = taipan_heap::lock::lock(&shard.lock);
        let now = array_of(shard).map_or(0, SlotArray::capacity);
        if now != cap {
            continue;
        }
        if let Some(new) = spare {
            grow(cx, shard, index, new);
        }
        let array = array_of(shard).expect("grown above");
        return match probe(array, hash, |t| t.eq(s)) {
            Ok(t) => t,
            Err(at) => {
                s.set_interned();
                array.set(at, Value::from_ref(s));
                shard.used.fetch_add(1, Ordering::Relaxed);
                s
            }
        };
    }
}

/// The interned string of this text.
pub fn intern(cx: &Thread, text: &str) -> &'static Str {
    if text.is_ascii() {
        let hash = crate::objects::hashing::hash_bytes(cx, text.as_bytes()) as u64;
        if let Some(a) = array_of(&TABLE[hash as usize & (SHARDS - 1)]) {
            if let Ok(s) = probe(a, hash, |t| t.as_ascii() == Some(text)) {
                return s;
            }
        }
    }
    insert(cx, Str::new(cx, text))
}

/// The interned string equal to this one: itself where it can be (`PyUnicode_InternInPlace`).
#[inline]
pub fn intern_str(cx: &Thread, s: &Str) -> &'static Str {
    if s.has_interned_flag() {
        // SAFETY: interned strings live for ever.
        return unsafe { &*(s as *const Str) };
    }
    intern_slow(cx, s)
}

fn intern_slow(cx: &Thread, s: &Str) -> &'static Str {
    let hash = s.hash(cx) as u64;
    if let Some(a) = array_of(&TABLE[hash as usize & (SHARDS - 1)]) {
        if let Ok(t) = probe(a, hash, |t| t.eq(s)) {
            return t;
        }
    }
    // SAFETY: the caller's stack keeps it alive, and the table will.
    let s = unsafe { &*(s as *const Str) };
    insert(cx, Str::exact(cx, s))
}

/// Is this very object the interned one?
pub fn is_interned(s: &Str) -> bool {
    s.has_interned_flag()
}

/// How many strings are interned.
pub fn interned_count() -> usize {
    TABLE.iter().map(|s| s.used.load(Ordering::Relaxed)).sum()
}
