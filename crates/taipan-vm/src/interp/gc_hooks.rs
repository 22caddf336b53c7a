//! The VM stack as the collector sees it.
//!
//! Frames are scanned whole, register by register, from word -5 to the end of the code's `nregs`
//! words, which covers call areas that are being filled.

use super::frame::FULL_HEADER;
use crate::thread::Thread;
use taipan_heap::{Mutator, Visitor};

/// Visits every frame of the thread that `m` belongs to. The thread is stopped.
pub fn scan_frames(m: &Mutator, v: &mut Visitor) {
    let t = m.user.get() as *const Thread;
    // SAFETY: `user` is null or the thread's own state, which outlives its registration.
    let Some(t) = (unsafe { t.as_ref() }) else { return };
    for r in t.interp.frames() {
        let words = r.code().nregs as usize + FULL_HEADER;
        // SAFETY: a pushed frame owns these words of the stack.
        unsafe { v.visit_range(r.sub(FULL_HEADER).0, words) };
    }
    // SAFETY: the interpreter's state is plain words; a stopped thread does not change them.
    unsafe {
        let p = &raw const t.interp as *const u64;
        v.visit_range(p, size_of_val(&t.interp) / 8);
    }
}
