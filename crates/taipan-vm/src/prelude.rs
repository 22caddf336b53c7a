//! What nearly every file of the VM and of the native modules uses.

pub use crate::call::{KwNames, NativeFn};
pub use crate::errors::{Raised, Res};
pub use crate::objects::bytes::Bytes;
pub use crate::objects::dict::Dict;
pub use crate::objects::exceptions::exc;
pub use crate::objects::list::List;
pub use crate::objects::module::Module;
pub use crate::objects::singletons::{ellipsis, none, not_implemented, py_bool};
pub use crate::objects::str::Str;
pub use crate::objects::tuple::Tuple;
pub use crate::protocol::*;
pub use crate::thread::Thread;
pub use crate::types::layout::{Type, tpflags};
pub use crate::types::slots::CmpOp;
pub use crate::types::{PyType, ValueExt};
pub use crate::{err, id, raise};
pub use taipan_heap::{GcVec, Head, HeapObject, Kind, Root, Slot, Value};
pub use taipan_macros::{pyfunction, pymethods, pymodule};
