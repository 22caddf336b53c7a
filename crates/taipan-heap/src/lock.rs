//! The lock of an object: PyMutex's protocol on `Head::ob_mutex` (0 free, 1 locked, bit 1 set while
//! threads wait). C code may take the same lock through CPython's inline functions.
//!
//! Waiters detach, then sleep on a futex on the 32-bit word that holds the byte, so nothing has to
//! be rebuilt after a fork. A lock may be held while the world stops, never across Python code or
//! `detach`; two locks are taken in address order (`lock2`).

use crate::head::Head;
use crate::mutator::Mutator;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

const FREE: u8 = 0;
const LOCKED: u8 = 1;
const WAITED_FOR: u8 = 3;
const SPINS: u32 = 40;

/// More than one thread may be attached. While it is false, locks are taken and given back with
/// plain stores: half a nanosecond instead of fifteen. It becomes true with the world stopped
/// (`Mutator::register` of a second thread), so that whoever holds a lock then has stored it.
pub(crate) static SHARED: AtomicBool = AtomicBool::new(false);

/// No other thread is attached: plain loads and stores do where others would need a lock.
#[inline(always)]
pub fn alone() -> bool {
    !SHARED.load(Ordering::Relaxed)
}

/// This thread is alone and nobody (itself included) holds the object's lock: what needs the lock
/// may be done without it, up to the next safepoint.
#[inline(always)]
pub fn free_and_alone(head: &Head) -> bool {
    alone() && head.ob_mutex.load(Ordering::Relaxed) == FREE
}

/// Holds an object's lock; unlocks when dropped, also on unwind.
#[must_use]
pub struct Guard<'a> {
    head: &'a Head,
}

/// Takes the object's lock.
#[inline]
pub fn lock(head: &Head) -> Guard<'_> {
    lock_byte(head);
    if cfg!(debug_assertions) {
        count(1);
    }
    Guard { head }
}

/// Takes it if it is free.
#[inline]
pub fn try_lock(head: &Head) -> Option<Guard<'_>> {
    let m = &head.ob_mutex;
    if alone() {
        if m.load(Ordering::Relaxed) != FREE {
            return None;
        }
        m.store(LOCKED, Ordering::Relaxed);
    } else if m.compare_exchange(FREE, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_err() {
        return None;
    }
    if cfg!(debug_assertions) {
        count(1);
    }
    Some(Guard { head })
}

/// Takes both objects' locks in address order; one lock if they are the same object.
#[inline]
pub fn lock2<'a>(a: &'a Head, b: &'a Head) -> (Guard<'a>, Option<Guard<'a>>) {
    if std::ptr::eq(a, b) {
        return (lock(a), None);
    }
    let (first, second) =
        if std::ptr::from_ref(a) < std::ptr::from_ref(b) { (a, b) } else { (b, a) };
    let g = lock(first);
    (g, Some(lock(second)))
}

/// PyMutex_Lock without a guard.
#[inline(always)]
pub fn lock_byte(head: &Head) {
    let m = &head.ob_mutex;
    if alone() && m.load(Ordering::Relaxed) == FREE {
        m.store(LOCKED, Ordering::Relaxed);
        return;
    }
    if m.compare_exchange_weak(FREE, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_err() {
        lock_slow(head);
    }
}

/// PyMutex_Unlock; the caller holds the lock.
#[inline(always)]
pub fn unlock_byte(head: &Head) {
    let m = &head.ob_mutex;
    if alone() && m.load(Ordering::Relaxed) == LOCKED {
        m.store(FREE, Ordering::Release);
        return;
    }
    if m.compare_exchange(LOCKED, FREE, Ordering::Release, Ordering::Relaxed).is_err() {
        unlock_slow(head);
    }
}

pub fn is_locked(head: &Head) -> bool {
    head.ob_mutex.load(Ordering::Relaxed) & LOCKED != 0
}

fn count(by: i32) {
    if let Some(m) = Mutator::current() {
        m.locks_held.set(m.locks_held.get().wrapping_add_signed(by));
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        if cfg!(debug_assertions) {
            count(-1);
        }
        unlock_byte(self.head);
    }
}

#[cold]
#[inline(never)]
fn lock_slow(head: &Head) {
    let m: &AtomicU8 = &head.ob_mutex;
    if crate::world::halted() {
        // The holder is parked for ever, and no other thread can come between.
        return;
    }
    for _ in 0..SPINS {
        let v = m.load(Ordering::Relaxed);
        if v & LOCKED == 0
            && m.compare_exchange_weak(v, v | LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
        {
            return;
        }
        std::hint::spin_loop();
    }
    // A thread that has waited takes the lock as WAITED_FOR, because others may wait still.
    let wait = || {
        while m.swap(WAITED_FOR, Ordering::Acquire) & LOCKED != 0 {
            sleep_while_waited_for(head);
        }
    };
    match Mutator::current() {
        // The closure touches only the lock byte of an object that the caller's frame keeps alive.
        Some(this) => this.detach_anyway(wait),
        None => wait(),
    }
}

#[cold]
#[inline(never)]
fn unlock_slow(head: &Head) {
    head.ob_mutex.swap(FREE, Ordering::Release);
    wake_one(head);
}

#[cfg(target_os = "linux")]
fn word(head: &Head) -> *const u32 {
    &raw const head.flags as *const u32
}

#[cfg(target_os = "linux")]
fn sleep_while_waited_for(head: &Head) {
    use std::sync::atomic::AtomicU32;
    // SAFETY: the four bytes from `flags` on are flags, mutex and gc bits, aligned to 4.
    let seen = unsafe { &*(word(head) as *const AtomicU32) }.load(Ordering::Relaxed);
    if (seen >> 16) as u8 != WAITED_FOR {
        return;
    }
    // SAFETY: a wait on an address that stays mapped; a changed word or a signal just returns.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word(head),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            seen,
            std::ptr::null::<libc::timespec>(),
        );
    }
}

#[cfg(target_os = "linux")]
fn wake_one(head: &Head) {
    // SAFETY: waking never dereferences the address for us.
    unsafe {
        libc::syscall(libc::SYS_futex, word(head), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, 1);
    }
}

#[cfg(not(target_os = "linux"))]
fn sleep_while_waited_for(_: &Head) {
    std::thread::yield_now();
}

#[cfg(not(target_os = "linux"))]
fn wake_one(_: &Head) {}
