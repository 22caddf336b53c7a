//! `TAIPAN_SAFEPOINT_GAP=1`: measures how long threads run between two safepoints.
//!
//! Every poll then takes its slow path and reads the thread's own processor time, so that the longest
//! stretch of a run is found exactly, without a second thread that asks at the right moment, and
//! whatever else the machine does. `TAIPAN_SAFEPOINT_GAP=MS` with more than 1 prints the stack at the end of each
//! stretch longer than that.

use crate::mutator::{Mutator, POLL_STOP};
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

fn processor_time() -> u64 {
    // SAFETY: fills the struct it is given.
    let t = unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut t);
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
        let since = self.gap_since.get();
        if since == 0 {
            return;
        }
        let gap = processor_time().saturating_sub(since);
        LONGEST.fetch_max(gap, Relaxed);
        if gap >= TELL_FROM.load(Relaxed) {
            let stack = std::backtrace::Backtrace::force_capture();
            eprintln!("{:.3?} without a safepoint, before:\n{stack}", Duration::from_nanos(gap));
        }
        self.gap_since.set(0);
    }

    /// The thread goes on from a safepoint.
    #[inline]
    pub(crate) fn begin_gap(&self) {
        if is_on() {
            self.gap_since.set(processor_time());
        }
    }
}
