//! The global interpreter lock of `-X gil=1`: while it is on, at most one thread is attached.
//!
//! A thread takes it before it attaches and gives it back when it detaches (`world`); so whoever
//! stops the world holds it, and nobody who waits for it keeps the world from stopping. A thread
//! that has waited for the switch interval asks the holder to yield, which it does at its next poll,
//! and not before another has had its turn.
//!
//! Off, which is the rule, it costs one load where a thread attaches or detaches.

use crate::mutator::{Mutator, MutatorRef, POLL_GIL};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

struct Gil {
    holder: Option<MutatorRef>,
    /// Threads that wait for it.
    waiting: usize,
    /// How often it was taken.
    turn: u64,
}

static ON: AtomicBool = AtomicBool::new(false);
static GIL: Mutex<Gil> = Mutex::new(Gil { holder: None, waiting: 0, turn: 0 });
/// Waited on by threads that want it.
static FREE: Condvar = Condvar::new();
/// Waited on by a thread that has yielded.
static TAKEN: Condvar = Condvar::new();
/// Nanoseconds after which a thread that waits asks the holder to yield.
static INTERVAL: AtomicU64 = AtomicU64::new(5_000_000);

fn gil() -> MutexGuard<'static, Gil> {
    GIL.lock().unwrap_or_else(|e| e.into_inner())
}

pub fn is_on() -> bool {
    ON.load(Relaxed)
}

/// Switches it on for good. `m` is the only thread there is.
pub fn enable(m: &Mutator) {
    gil().holder = Some(m.handle());
    ON.store(true, Ordering::SeqCst);
}

/// How long a thread waits before it asks for its turn.
pub fn set_switch_interval(interval: Duration) {
    INTERVAL.store(u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX).max(1000), Relaxed);
}

#[inline]
pub(crate) fn acquire(m: &Mutator) {
    if is_on() {
        acquire_now(m);
    }
}

#[cold]
fn acquire_now(m: &Mutator) {
    let mut g = gil();
    g.waiting += 1;
    while let Some(holder) = g.holder {
        let turn = g.turn;
        let wait = FREE.wait_timeout(g, Duration::from_nanos(INTERVAL.load(Relaxed)));
        let (guard, timeout) = wait.unwrap_or_else(|e| e.into_inner());
        g = guard;
        // Its word is there for good, whether the thread still is or not.
        if timeout.timed_out() && g.turn == turn && g.holder.is_some() {
            holder.request(POLL_GIL);
        }
    }
    g.waiting -= 1;
    g.turn += 1;
    g.holder = Some(m.handle());
    m.poll.fetch_and(!POLL_GIL, Ordering::SeqCst);
    TAKEN.notify_all();
}

#[inline]
pub(crate) fn release() {
    if is_on() {
        release_now();
    }
}

#[cold]
fn release_now() {
    gil().holder = None;
    FREE.notify_one();
}

/// After `release`: waits until another thread has had a turn, if one wants it.
pub(crate) fn let_others(turn: u64) {
    let mut g = gil();
    while g.turn == turn && g.waiting > 0 {
        g = TAKEN.wait(g).unwrap_or_else(|e| e.into_inner());
    }
}

/// For `let_others`, before `release`.
pub(crate) fn turn() -> u64 {
    gil().turn
}

/// Held while the process forks.
pub(crate) struct Locked(
    #[expect(dead_code, reason = "held for the guard alone")] MutexGuard<'static, Gil>,
);

pub(crate) fn lock_for_fork() -> Locked {
    Locked(gil())
}

/// In the child of a fork, whose only thread holds it.
pub(crate) fn alone() {
    gil().waiting = 0;
}
