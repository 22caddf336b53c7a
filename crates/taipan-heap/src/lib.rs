//! Values and the garbage-collected heap: see docs/internals/heap.md. Knows no Python type.
//!
//! Where a `Value` may live: on a registered thread's stack, in GC memory, in a `Root`. A thread
//! registers (`Mutator::register`), allocates, polls in every loop that is not short, and detaches
//! around calls that block.

mod apart;
mod big_free;
mod cards;
mod collect;
mod cycle;
mod gap;
mod garbage;
mod gcvec;
pub mod gil;
pub mod head;
pub mod lock;
mod mark;
mod mutator;
mod region;
mod root;
mod size_class;
pub mod slot;
mod stack;
mod sweep;
mod traced;
pub mod value;
mod verify;
mod world;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_cycle;

pub use apart::Apart;
pub use big_free::Allocator;
pub use collect::{
    Hooks, POISON_BYTE, Reason, Stats, Tell, WeakTable, allow, any_finalizable, clear_finalizer,
    collect, collect_and_tell, freeze, inhibit, is_enabled, register_weak_table, set_enabled,
    set_hooks, set_pace, set_stress, stats, take_saved, unfreeze,
};
pub use gap::take_longest_gap;
pub use gcvec::{GcSlice, GcVec, IntoIter};
pub use head::{Head, flag};
pub use lock::{Guard, lock, lock2, try_lock};
pub use mark::Visitor;
pub use mutator::{
    Kind, Mutator, MutatorRef, OutOfMemory, POLL_FINALIZERS, POLL_STOP, POLL_USER, in_heap,
    is_object, size_of_cell,
};
pub use region::region_base;
pub use root::{Root, Rootable, WeakSlot, add_static_roots};
pub use size_class::raw_room;
pub use slot::Slot;
pub use stack::{announce as announce_stack, approximate_sp, clear_window, keep_alive};
pub use traced::{AllocationHook, cell_start, trace_allocations};
pub use value::{HeapObject, Value};
pub use verify::set_describe;
pub use world::{ForkGuard, World, halted, prepare_fork, threads, try_each_thread};
