//! `Root`: a reference to the heap from where the collector does not look (Rust's heap, statics,
//! other threads' data). Also ranges of static memory whose words are roots, and `WeakSlot`.
//!
//! The registry is a leaf lock.

use crate::head::Head;
use crate::mark::Visitor;
use crate::value::Value;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};

/// What a `Root` can hold: something that is one word.
///
/// # Safety
/// `from_word(to_word(x))` is `x`, and the word is what the marker must follow.
pub unsafe trait Rootable: Copy {
    fn to_word(self) -> u64;
    /// # Safety
    /// `w` came from `to_word` of the same type.
    unsafe fn from_word(w: u64) -> Self;
}

// SAFETY: the bits are the word.
unsafe impl Rootable for Value {
    fn to_word(self) -> u64 {
        self.bits()
    }
    unsafe fn from_word(w: u64) -> Value {
        // SAFETY: w is some value's bits.
        unsafe { Value::from_bits(w) }
    }
}

// SAFETY: as for Value, zero being None.
unsafe impl Rootable for Option<Value> {
    fn to_word(self) -> u64 {
        Value::option_bits(self)
    }
    unsafe fn from_word(w: u64) -> Option<Value> {
        // SAFETY: w is some value's bits or zero.
        unsafe { Value::option_from_bits(w) }
    }
}

// SAFETY: the address is the word.
unsafe impl<T> Rootable for NonNull<T> {
    fn to_word(self) -> u64 {
        self.as_ptr() as u64
    }
    unsafe fn from_word(w: u64) -> NonNull<T> {
        // SAFETY: w was a non-null address.
        unsafe { NonNull::new_unchecked(w as *mut T) }
    }
}

// SAFETY: the address is the word; references to heap objects stay valid while they are rooted.
unsafe impl<T> Rootable for &'static T {
    fn to_word(self) -> u64 {
        self as *const T as u64
    }
    unsafe fn from_word(w: u64) -> &'static T {
        // SAFETY: w was the address of a T that has been rooted since.
        unsafe { &*(w as *const T) }
    }
}

struct Cell {
    word: AtomicU64,
    /// Place in the registry.
    at: AtomicUsize,
}

struct Registry {
    cells: Vec<&'static Cell>,
    spare: Vec<&'static Cell>,
    /// Start and number of words.
    ranges: Vec<(usize, usize)>,
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { cells: Vec::new(), spare: Vec::new(), ranges: Vec::new() });

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(|e| e.into_inner())
}

#[expect(dead_code, reason = "held for its guard")]
pub(crate) struct Locks(MutexGuard<'static, Registry>);

pub(crate) fn lock_all() -> Locks {
    Locks(registry())
}

pub(crate) fn visit_all(v: &mut Visitor) {
    let r = registry();
    for c in &r.cells {
        v.visit_word(c.word.load(Relaxed));
    }
    for &(start, words) in &r.ranges {
        // SAFETY: registered ranges live for ever and are aligned.
        unsafe { v.visit_range(start as *const u64, words) };
    }
}

/// Registers `words` words from `start` as roots for ever: mutable slots of static objects.
///
/// # Safety
/// The memory is 8-byte aligned, readable, and never unmapped.
pub unsafe fn add_static_roots(start: *const u64, words: usize) {
    registry().ranges.push((start as usize, words));
}

/// A registered reference: what it holds is kept alive wherever the `Root` itself lies.
pub struct Root<T: Rootable> {
    cell: &'static Cell,
    _holds: PhantomData<fn(T) -> T>,
}

impl<T: Rootable> Root<T> {
    pub fn new(x: T) -> Root<T> {
        let mut r = registry();
        let cell = r.spare.pop().unwrap_or_else(|| {
            Box::leak(Box::new(Cell { word: AtomicU64::new(0), at: AtomicUsize::new(0) }))
        });
        cell.word.store(x.to_word(), Ordering::Release);
        cell.at.store(r.cells.len(), Relaxed);
        r.cells.push(cell);
        Root { cell, _holds: PhantomData }
    }

    #[inline]
    pub fn get(&self) -> T {
        // SAFETY: the word was stored from a T.
        unsafe { T::from_word(self.cell.word.load(Ordering::Acquire)) }
    }

    #[inline]
    pub fn set(&self, x: T) {
        self.cell.word.store(x.to_word(), Ordering::Release);
    }
}

impl<T: Rootable> Clone for Root<T> {
    fn clone(&self) -> Root<T> {
        Root::new(self.get())
    }
}

impl<T: Rootable> Drop for Root<T> {
    fn drop(&mut self) {
        let mut r = registry();
        let at = self.cell.at.load(Relaxed);
        r.cells.swap_remove(at);
        if let Some(moved) = r.cells.get(at) {
            moved.at.store(at, Relaxed);
        }
        self.cell.word.store(0, Relaxed);
        r.spare.push(self.cell);
    }
}

/// A word that does not keep its referent alive. It lies where the marker does not look (Leaf
/// storage, Rust's heap), and its owner's weak table clears it when the referent dies.
#[repr(transparent)]
pub struct WeakSlot(AtomicU64);

impl WeakSlot {
    pub const fn empty() -> WeakSlot {
        WeakSlot(AtomicU64::new(0))
    }

    /// The referent, if it still lives. Every load of a weak word goes through here: concurrent
    /// marking will have to shade what it hands out.
    #[inline]
    pub fn get(&self) -> Option<NonNull<Head>> {
        NonNull::new(self.0.load(Ordering::Acquire) as *mut Head)
    }

    #[inline]
    pub fn set(&self, p: Option<NonNull<Head>>) {
        self.0.store(p.map_or(0, |p| p.as_ptr() as u64), Ordering::Release);
    }
}
