//! Putting a thread to sleep on a 32-bit word and waking it: what locks, queues and joins wait on.
//!
//! A sleeper is detached, so the world can stop meanwhile. Signals and spurious wake-ups end a
//! wait early; the callers look at their word again and poll, which runs signal handlers.

use crate::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Woken {
    /// The word changed, somebody woke us, or nothing happened at all.
    Look,
    TimedOut,
    /// A signal arrived: poll.
    Interrupted,
}

/// `CLOCK_MONOTONIC` now, in nanoseconds.
pub fn now() -> i64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: ts is a valid place for the result; the clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut ts) };
    ts.tv_sec * 1_000_000_000 + ts.tv_nsec
}

/// The point in time `timeout` nanoseconds from now; negative: never.
pub fn deadline(timeout: i64) -> Option<i64> {
    (timeout >= 0).then(|| now().saturating_add(timeout))
}

/// Sleeps, detached, while `*word == seen`, at most until the deadline. The caller keeps what the
/// word lies in alive.
pub fn wait(cx: &Thread, word: &AtomicU32, seen: u32, until: Option<i64>) -> Woken {
    if let Some(patience) = crate::idle::patience() {
        let first = now().saturating_add(patience);
        if until.is_none_or(|t| t > first) {
            let woken = cx.detach(|| wait_detached(word, seen, Some(first)));
            if woken == Woken::TimedOut {
                crate::idle::collect(cx);
                // The caller polls, which runs finalisers, and comes back.
                return Woken::Look;
            }
            return woken;
        }
    }
    cx.detach(|| wait_detached(word, seen, until))
}

/// As `wait`, for a thread that is not attached.
#[cfg(target_os = "linux")]
pub fn wait_detached(word: &AtomicU32, seen: u32, until: Option<i64>) -> Woken {
    let ts =
        until.map(|t| libc::timespec { tv_sec: t / 1_000_000_000, tv_nsec: t % 1_000_000_000 });
    let ts = ts.as_ref().map_or(std::ptr::null(), |t| t as *const libc::timespec);
    // SAFETY: the word stays mapped and aligned during the call; the time lies in this frame.
    let r = unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG,
            seen,
            ts,
            std::ptr::null::<u32>(),
            u32::MAX,
        )
    };
    if r == 0 {
        return Woken::Look;
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::ETIMEDOUT) => Woken::TimedOut,
        Some(libc::EINTR) => Woken::Interrupted,
        _ => Woken::Look,
    }
}

#[cfg(not(target_os = "linux"))]
pub fn wait_detached(word: &AtomicU32, seen: u32, until: Option<i64>) -> Woken {
    if word.load(Ordering::SeqCst) != seen {
        return Woken::Look;
    }
    if until.is_some_and(|t| now() >= t) {
        return Woken::TimedOut;
    }
    std::thread::sleep(std::time::Duration::from_millis(1));
    Woken::Interrupted
}

/// Wakes up to `n` threads that sleep on the word.
#[cfg(target_os = "linux")]
pub fn wake(word: &AtomicU32, n: i32) {
    // SAFETY: waking does not touch the memory.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
            n,
        );
    }
}

#[cfg(not(target_os = "linux"))]
pub fn wake(_: &AtomicU32, _: i32) {}

/// A lock of one word whose waiters park: 0 free, 1 locked, 2 locked and perhaps waited for.
///
/// Any thread may release it. Taking and releasing it without contention is one atomic
/// instruction each.
#[repr(transparent)]
pub struct ParkingLock(AtomicU32);

const FREE: u32 = 0;
const LOCKED: u32 = 1;
const WAITED_FOR: u32 = 2;
/// Looks at a taken lock before parking: about a microsecond.
const SPINS: u32 = 60;

impl ParkingLock {
    pub const fn new() -> ParkingLock {
        ParkingLock(AtomicU32::new(FREE))
    }

    #[inline(always)]
    pub fn try_acquire(&self) -> bool {
        self.0.compare_exchange(FREE, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Takes the lock; `timeout` in nanoseconds, negative: wait for ever, 0: try once. False: timed
    /// out. Signal handlers run while waiting, and what they raise ends the wait.
    #[inline]
    pub fn acquire(&self, cx: &Thread, timeout: i64) -> Res<bool> {
        if self.try_acquire() {
            return Ok(true);
        }
        if timeout == 0 {
            return Ok(false);
        }
        self.acquire_slow(cx, timeout)
    }

    #[cold]
    #[inline(never)]
    fn acquire_slow(&self, cx: &Thread, timeout: i64) -> Res<bool> {
        let until = deadline(timeout);
        for _ in 0..SPINS {
            std::hint::spin_loop();
            if self.0.load(Ordering::Relaxed) == FREE && self.try_acquire() {
                return Ok(true);
            }
        }
        let mut looked = false;
        loop {
            // Who has waited takes it as WAITED_FOR, because others may wait still. A free lock
            // is taken before signals are looked at: what a handler raises then finds the caller
            // holding the lock, as `with` and `threading.Condition` expect.
            if self.0.swap(WAITED_FOR, Ordering::Acquire) == FREE {
                return Ok(true);
            }
            if std::mem::take(&mut looked) {
                cx.poll()?;
            }
            match wait(cx, &self.0, WAITED_FOR, until) {
                Woken::TimedOut => return Ok(false),
                Woken::Interrupted | Woken::Look => looked = true,
            }
        }
    }

    /// False: it was not locked.
    #[inline]
    pub fn release(&self) -> bool {
        match self.0.swap(FREE, Ordering::Release) {
            FREE => false,
            LOCKED => true,
            _ => {
                wake(&self.0, 1);
                true
            }
        }
    }

    #[inline]
    pub fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed) != FREE
    }

    /// Forgets holder and waiters: for the child of a fork.
    pub fn reset(&self) {
        self.0.store(FREE, Ordering::Relaxed);
    }
}

impl Default for ParkingLock {
    fn default() -> Self {
        ParkingLock::new()
    }
}

/// Something that happens once and that threads wait for.
#[repr(transparent)]
pub struct Event(AtomicU32);

impl Event {
    pub const fn new() -> Event {
        Event(AtomicU32::new(0))
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    pub fn set(&self) {
        self.0.store(1, Ordering::Release);
        wake(&self.0, i32::MAX);
    }

    /// False: timed out. `timeout` as for `ParkingLock::acquire`.
    pub fn wait(&self, cx: &Thread, timeout: i64) -> Res<bool> {
        let until = deadline(timeout);
        while !self.is_set() {
            match wait(cx, &self.0, 0, until) {
                Woken::TimedOut => return Ok(self.is_set()),
                Woken::Interrupted | Woken::Look => cx.poll()?,
            }
        }
        Ok(true)
    }
}

impl Default for Event {
    fn default() -> Self {
        Event::new()
    }
}

/// Seconds (int or float) as nanoseconds, rounded away from zero (`_PyTime_ROUND_TIMEOUT`).
pub fn timeout_ns(cx: &Thread, v: Value) -> Res<i64> {
    let too_large = || err!(cx, OverflowError, "timestamp too large to convert to C PyTime_t");
    if v.ty().is_subtype(crate::objects::float::float_type()) {
        let f = to_f64(cx, v)?;
        if f.is_nan() {
            raise!(cx, ValueError, "Invalid value NaN (not a number)");
        }
        let ns = f * 1e9;
        let ns = if ns >= 0.0 { ns.ceil() } else { ns.floor() };
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if !(-LIMIT..LIMIT).contains(&ns) {
            return Err(too_large());
        }
        return Ok(ns as i64);
    }
    let i = index(cx, v)?;
    int_to_i64(i).and_then(|s| s.checked_mul(1_000_000_000)).ok_or_else(too_large)
}
