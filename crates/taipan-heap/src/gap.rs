//! `TAIPAN_SAFEPOINT_GAP=1`: measures how long threads run between two safepoints.
//!
//! Every poll then takes its slow path and looks at the clock, so that the longest stretch of a run is found
//! without a second thread that asks at the right moment. A stretch that took long by the clock counts with the
//! thread's own processor time, whatever else the machine does. Reading that is a system call, so short stretches
//! share one reading: a length is too long by 0.2 ms at most. `TAIPAN_SAFEPOINT_GAP=MS` with more than 1 prints the
//! stack at the end of each stretch longer than that.

use crate::mutator::{Mutator, POLL_STOP};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

static ON: AtomicBool = AtomicBool::new(false);
static TELL_FROM: AtomicU64 = AtomicU64::new(u64::MAX);
static LONGEST: AtomicU64 = AtomicU64::new(0);

/// Turns the mode on; before the first thread registers.
pub(crate) fn start(setting: u64) {
    if setting > 0 {
        ON.store(true, Relaxed);
    }
    if setting > 1 {
        TELL_FROM.store(setting * 1_000_000, Relaxed);
    }
}

#[inline(always)]
pub(crate) fn is_on() -> bool {
    ON.load(Relaxed)
}

/// The poll bits of a thread that nobody asks for anything.
#[inline(always)]
pub(crate) fn idle_bits() -> u32 {
    if is_on() { POLL_STOP } else { 0 }
}

/// The longest stretch so far, from here on counted anew. `None`: not measured.
pub fn take_longest_gap() -> Option<Duration> {
    is_on().then(|| Duration::from_nanos(LONGEST.swap(0, Relaxed)))
}

/// Nanoseconds by the clock; shorter stretches are not counted.
const SHORT: u64 = 500_000;
/// How old a reading of the processor time may be.
const SHARED: u64 = 200_000;

/// A thread's stretch that is running now; all times in nanoseconds.
#[derive(Default)]
pub(crate) struct Gap {
    /// When it began, by the clock. 0: none is running.
    began: Cell<u64>,
    /// The processor time then or a little earlier, and when it was read.
    since: Cell<u64>,
    read: Cell<u64>,
}

impl Gap {
    pub(crate) fn forget(&self) {
        self.began.set(0);
        self.read.set(0);
    }
}

/// The calling thread's, in nanoseconds.
pub(crate) fn processor_time() -> u64 {
    now(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn now(clock: libc::clockid_t) -> u64 {
    // SAFETY: fills the struct it is given.
    let t = unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(clock, &mut t);
        t
    };
    t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
}

impl Mutator {
    /// The thread is at a safepoint, or leaves the attached state.
    #[inline]
    pub(crate) fn end_gap(&self) {
        if is_on() {
            self.end_gap_now();
        }
    }

    #[cold]
    fn end_gap_now(&self) {
        let began = self.gap.began.replace(0);
        if began == 0 || now(libc::CLOCK_MONOTONIC) - began < SHORT {
            return;
        }
        let gap = now(libc::CLOCK_THREAD_CPUTIME_ID).saturating_sub(self.gap.since.get());
        LONGEST.fetch_max(gap, Relaxed);
        if gap >= TELL_FROM.load(Relaxed) {
            let stack = std::backtrace::Backtrace::force_capture();
            eprintln!("{:.3?} without a safepoint, before:\n{stack}", Duration::from_nanos(gap));
        }
    }

    /// The thread goes on from a safepoint.
    #[inline]
    pub(crate) fn begin_gap(&self) {
        if is_on() {
            self.begin_gap_now();
        }
    }

    #[cold]
    fn begin_gap_now(&self) {
        let clock = now(libc::CLOCK_MONOTONIC);
        if clock - self.gap.read.get() > SHARED {
            self.gap.since.set(now(libc::CLOCK_THREAD_CPUTIME_ID));
            self.gap.read.set(clock);
        }
        self.gap.began.set(clock);
    }
}
