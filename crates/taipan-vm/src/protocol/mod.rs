//! The abstract object protocols: what operators, builtins and native code do with any value.
//! Each function follows the CPython function named in its doc (Objects/abstract.c, object.c).

mod attr;
mod calls;
mod compare;
mod iteration;
mod number;
mod sequence;
mod text;

pub use attr::*;
pub use calls::*;
pub use compare::*;
pub use iteration::*;
pub use number::*;
pub use sequence::*;
pub use text::*;
