//! Collections in waits. Where references are counted, a socket, a pool of threads or a process that
//! is dropped ends at once, and another thread or process may wait for just that. So a thread that has
//! waited for a while, and would wait on, collects first if things have been made since the last
//! collection whose end somebody may notice: objects with a finaliser, weak references with a callback.
//!
//! How often is bounded by what collections cost, at most 1/30 of the time, and by what they find:
//! where nothing new was made they come at growing distances, and cease. In a large heap such a collection is
//! a full trace beside the program: one wait begins it, a later one (or some other collection) ends it. What ends none
//! has told nothing of who is dead, and does not count. One waiting thread collects at a time.

use crate::park;
use crate::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

/// How many collections in waits may come before something else is made whose end can be noticed.
static CHANCES: AtomicU32 = AtomicU32::new(0);
/// `park::now()` from which the next one may start.
static NEXT: AtomicI64 = AtomicI64::new(0);

/// A waiting thread collects.
static COLLECTING: AtomicBool = AtomicBool::new(false);

/// So long a wait is at least before it collects, in nanoseconds.
const PATIENCE: i64 = 50_000_000;
/// A collection's cost is followed by so many times as long without another.
const REST: i64 = 30;
const MOST: u32 = 8;

/// An object was made whose end can be noticed.
#[inline(always)]
pub fn note() {
    if CHANCES.load(Ordering::Relaxed) != MOST {
        CHANCES.store(MOST, Ordering::Relaxed);
    }
}

/// How long to wait before `collect`, in nanoseconds; nothing where no collection is to come.
#[inline]
pub fn patience() -> Option<i64> {
    if CHANCES.load(Ordering::Relaxed) == 0 { None } else { patience_slow() }
}

#[cold]
fn patience_slow() -> Option<i64> {
    let rest = NEXT.load(Ordering::Relaxed) - park::now();
    taipan_heap::is_enabled().then_some(rest.max(PATIENCE))
}

/// Collects after a wait that was in vain; how long to wait until the next time.
#[cold]
pub fn after(cx: &Thread) -> Option<i64> {
    collect(cx);
    patience()
}

/// Collects. Callbacks and finalisers wait for the caller's next poll.
#[cold]
pub fn collect(cx: &Thread) {
    let left = CHANCES.load(Ordering::Relaxed);
    if left == 0 {
        return;
    }
    // Whoever collects: only its own thread can tell which registers of a frame are dead.
    crate::interp::clear_dead_registers(cx);
    if COLLECTING.swap(true, Ordering::Acquire) {
        return;
    }
    let start = park::now();
    if start >= NEXT.load(Ordering::Relaxed) {
        let before = taipan_heap::stats();
        CHANCES.store(left - 1, Ordering::Relaxed);
        taipan_heap::collect(cx.mutator, taipan_heap::Reason::Idle);
        let (end, after) = (park::now(), taipan_heap::stats());
        let mut rest = REST * (end - start);
        if after.full == before.full {
            CHANCES.fetch_max(left, Ordering::Relaxed);
        } else if after.finalized == before.finalized {
            rest = rest.max(PATIENCE << (MOST - left));
        }
        NEXT.store(end + rest, Ordering::Relaxed);
    }
    COLLECTING.store(false, Ordering::Release);
}
