//! The program's allocator outside the collected heap: the system's, but that large blocks are given back at safepoints.
//!
//! To give 40 MB back takes the kernel up to 10 ms. So a running thread only notes such a block, in the block itself,
//! and its next safepoint frees it as a blocking region. A thread in a blocking region frees at once, as does one
//! that isn't registered.

use crate::mutator::{Mutator, POLL_FREE, state};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

/// Smaller blocks are freed at once.
const LARGE: usize = 1 << 20;
/// While so much memory is noted, no more is.
const MOST: usize = 256 << 20;

/// Give it to `#[global_allocator]`.
pub struct Allocator;

/// What a noted block holds: its layout, and the block noted before.
struct Noted {
    next: *mut Noted,
    layout: Layout,
}

/// The blocks that a thread has to free at its next safepoint.
pub(crate) struct BigFrees {
    first: Cell<*mut Noted>,
    bytes: Cell<usize>,
}

impl BigFrees {
    pub(crate) const fn new() -> BigFrees {
        BigFrees { first: Cell::new(std::ptr::null_mut()), bytes: Cell::new(0) }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.get().is_null()
    }

    /// Frees them all. The thread is at a safepoint, or in a blocking region.
    #[cold]
    pub(crate) fn free(&self) {
        let mut next = self.first.replace(std::ptr::null_mut());
        self.bytes.set(0);
        while !next.is_null() {
            // SAFETY: `note` put the block into the list, which owns it, with the layout that it was made with.
            unsafe {
                let Noted { next: after, layout } = next.read();
                System.dealloc(next.cast(), layout);
                next = after;
            }
        }
    }
}

impl Mutator {
    /// Whether the block is noted, for later.
    #[cold]
    fn note(&self, at: *mut u8, layout: Layout) -> bool {
        let bytes = self.big_frees.bytes.get();
        let running = self.state.load(Relaxed) == state::ATTACHED && self.stopping.get() == 0;
        let at = at.cast::<Noted>();
        if !running || bytes > MOST || !at.is_aligned() {
            return false;
        }
        // SAFETY: a block of a megabyte at least that nobody uses any more, aligned as asked above.
        unsafe { at.write(Noted { next: self.big_frees.first.get(), layout }) };
        self.big_frees.first.set(at);
        self.big_frees.bytes.set(bytes + layout.size());
        self.poll.fetch_or(POLL_FREE, Relaxed);
        true
    }
}

// SAFETY: the system's allocator does it all; a noted block is not given back twice, since its list owns it.
unsafe impl GlobalAlloc for Allocator {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    #[inline(always)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline(always)]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.realloc(at, layout, size) }
    }

    #[inline(always)]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if layout.size() >= LARGE && Mutator::current().is_some_and(|m| m.note(at, layout)) {
            return;
        }
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}
