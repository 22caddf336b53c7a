//! Telling someone of every cell that is handed out, for `tracemalloc`. While nobody asks for it, it costs
//! nothing: while somebody does, cursors get their cells one by one, so that every allocation takes the
//! slow path, which asks `hook`.

use crate::collect::{self, Reason};
use crate::mutator::Mutator;
use crate::region::region;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What is called; none of it may allocate from the heap or reach a safepoint.
pub struct AllocationHook {
    /// The cell at this address is handed out for so many bytes.
    pub made: fn(&Mutator, cell: usize, bytes: usize),
    /// In the pause of a collection, `full` or of the young: what is dead now is about to go.
    pub collected: fn(full: bool, is_dead: &dyn Fn(usize) -> bool),
}

static HOOK: AtomicPtr<AllocationHook> = AtomicPtr::new(std::ptr::null_mut());

/// Has `hook` called from here on, or nothing.
pub fn trace_allocations(m: &Mutator, hook: Option<&'static AllocationHook>) {
    let p = hook.map_or(std::ptr::null(), std::ptr::from_ref);
    HOOK.store(p.cast_mut(), Ordering::Release);
    if hook.is_some() {
        // The world is stopped and all cursors retired: nobody has cells left to hand out untold.
        collect::collect(m, Reason::Young);
    }
}

#[inline]
pub(crate) fn hook() -> Option<&'static AllocationHook> {
    // SAFETY: null or a static.
    unsafe { HOOK.load(Ordering::Acquire).as_ref() }
}

/// The address that `made` was told for the cell that holds `address`.
pub fn cell_start(address: usize) -> Option<usize> {
    region().cell(address).map(|c| c.start)
}
