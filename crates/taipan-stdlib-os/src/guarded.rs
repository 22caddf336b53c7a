//! `Guarded<T>`: native state of a heap object behind a Python lock (hazard 10): waiters detach,
//! Python code and the collector may run while it is held, and taking it twice in one thread is
//! RuntimeError("reentrant call inside ..."), as in CPython's buffered objects. A holder that calls
//! Python code through `Guard::call_out` lets such a second call of its own thread in: a signal
//! handler that runs there may use the object (CPython's text streams have no lock of their own).
//!
//! `T` lies on Rust's heap and holds no `Value`. The owner frees it from its native drop.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use taipan_vm::prelude::*;

const FREE: u32 = 0;
const HELD: u32 = 1;
const WAITED: u32 = 2;

/// A lock that blocks detached. `owner` is the address of the holder's `Thread`; `open` is 1 while
/// the holder calls out.
#[repr(C)]
pub struct PyLock {
    state: AtomicU32,
    open: AtomicU32,
    owner: AtomicU64,
}

fn me(cx: &Thread) -> u64 {
    cx as *const Thread as u64
}

fn futex_wait(word: &AtomicU32, expected: u32) {
    // SAFETY: the word outlives the call; a spurious return is handled by the caller.
    unsafe {
        let op = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
        let none = std::ptr::null::<libc::timespec>();
        libc::syscall(libc::SYS_futex, word.as_ptr(), op, expected, none);
    }
}

fn futex_wake(word: &AtomicU32) {
    // SAFETY: waking has no precondition.
    unsafe {
        let op = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        libc::syscall(libc::SYS_futex, word.as_ptr(), op, 1);
    }
}

impl Default for PyLock {
    fn default() -> Self {
        PyLock::new()
    }
}

impl PyLock {
    pub const fn new() -> PyLock {
        PyLock { state: AtomicU32::new(FREE), open: AtomicU32::new(0), owner: AtomicU64::new(0) }
    }

    /// False where this thread holds it already.
    #[inline]
    pub fn acquire(&self, cx: &Thread) -> bool {
        if self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_err() {
            if self.owner.load(Ordering::Relaxed) == me(cx) {
                return false;
            }
            self.acquire_slow(cx);
        }
        self.owner.store(me(cx), Ordering::Relaxed);
        true
    }

    #[cold]
    fn acquire_slow(&self, cx: &Thread) {
        let state = &self.state;
        if taipan_heap::halted() {
            // The process ends: who holds it never runs again.
            state.store(HELD, Ordering::Relaxed);
            return;
        }
        // SAFETY: the closure touches this lock word only, in memory that the caller keeps alive.
        unsafe {
            cx.mutator.detach_unsend(|| {
                while state.swap(WAITED, Ordering::Acquire) != FREE {
                    futex_wait(state, WAITED);
                }
            })
        }
    }

    /// Whether this thread may use the object again although it holds the lock: its holder calls
    /// out. The new use ends the opening until it is done.
    fn reenter(&self, cx: &Thread) -> bool {
        self.owner.load(Ordering::Relaxed) == me(cx) && self.open.swap(0, Ordering::Relaxed) == 1
    }

    #[inline]
    pub fn release(&self) {
        self.open.store(0, Ordering::Relaxed);
        self.owner.store(0, Ordering::Relaxed);
        if self.state.swap(FREE, Ordering::Release) == WAITED {
            futex_wake(&self.state);
        }
    }

    /// After fork: threads that held it are gone.
    pub fn reset(&self) {
        self.open.store(0, Ordering::Relaxed);
        self.owner.store(0, Ordering::Relaxed);
        self.state.store(FREE, Ordering::Release);
    }
}

#[repr(C)]
pub struct Guarded<T> {
    lock: PyLock,
    data: AtomicPtr<UnsafeCell<T>>,
}

// SAFETY: the data is reached only through the lock.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T> Guarded<T> {
    pub fn new(data: T) -> Guarded<T> {
        let p = Box::into_raw(Box::new(UnsafeCell::new(data)));
        Guarded { lock: PyLock::new(), data: AtomicPtr::new(p) }
    }

    /// Takes the lock; `owner` is named in the error of a reentrant call.
    #[inline]
    pub fn lock(&self, cx: &Thread, owner: Value) -> Res<Guard<'_, T>> {
        if self.lock.acquire(cx) {
            return Ok(Guard { of: self, nested: false });
        }
        if self.lock.reenter(cx) {
            return Ok(Guard { of: self, nested: true });
        }
        Err(reentrant(cx, owner))
    }

    /// As `lock`, or nothing in a reentrant call.
    pub fn lock_opt(&self, cx: &Thread) -> Option<Guard<'_, T>> {
        if self.lock.acquire(cx) { Some(Guard { of: self, nested: false }) } else { None }
    }

    pub fn reset_after_fork(&self) {
        self.lock.reset();
    }

    /// Frees the data.
    /// # Safety
    /// Called once, when the owner is unreachable.
    pub unsafe fn free(&self) {
        let p = self.data.swap(std::ptr::null_mut(), Ordering::AcqRel);
        if !p.is_null() {
            // SAFETY: the pointer came from Box::into_raw in `new`.
            drop(unsafe { Box::from_raw(p) });
        }
    }
}

#[cold]
fn reentrant(cx: &Thread, owner: Value) -> Raised {
    match repr(cx, owner) {
        Ok(r) => err!(cx, RuntimeError, "reentrant call inside {r}"),
        Err(e) => e,
    }
}

/// Exclusive access to the data while it lives.
pub struct Guard<'a, T> {
    of: &'a Guarded<T>,
    /// Taken within a `call_out` of an outer guard of this thread.
    nested: bool,
}

impl<T> Guard<'_, T> {
    /// Runs Python code that may come back to this object, in this thread only. The data may be
    /// others afterwards; the exclusive borrow sees to it that nothing read before is kept.
    #[inline]
    pub fn call_out<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let open = &self.of.lock.open;
        open.store(1, Ordering::Relaxed);
        let r = f();
        open.store(0, Ordering::Relaxed);
        r
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held, and an outer guard of this thread lent itself to `call_out`;
        // the data live as long as the owner.
        unsafe { &*(*self.of.data.load(Ordering::Relaxed)).get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed mutably.
        unsafe { &mut *(*self.of.data.load(Ordering::Relaxed)).get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        match self.nested {
            // The outer guard is within its `call_out` still.
            true => self.of.lock.open.store(1, Ordering::Relaxed),
            false => self.of.lock.release(),
        }
    }
}

/// Registers the native drop of a new object that holds `Guarded` state.
#[macro_export]
macro_rules! free_guarded_on_drop {
    ($cx:expr, $obj:expr, $ty:ty, $field:ident) => {{
        unsafe fn free(p: *mut taipan_vm::prelude::Head) {
            // SAFETY: the collector gives the object this was registered for, once, unreachable.
            unsafe { (*(p as *const $ty)).$field.free() }
        }
        let head = std::ptr::NonNull::from(&$obj.head);
        $cx.mutator.set_native_drop(head, free);
    }};
}
