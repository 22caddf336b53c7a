//! Values and the garbage-collected heap: see docs/internals/heap.md. Knows no Python type.

pub mod head;
pub mod slot;
pub mod value;

pub use head::{Head, flag};
pub use slot::Slot;
pub use value::{HeapObject, Value};
