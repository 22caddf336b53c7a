//! The instructions' bodies, by group. Every opcode has a handler of its name here; a missing one
//! does not compile (`dispatch::make_table`).

mod arithmetic;
mod attributes;
mod build;
mod calls;
mod compare;
mod control;
mod exceptions;
mod generators;
mod imports;
mod items;
mod iteration;
mod names;
mod patterns;

pub use arithmetic::*;
pub use attributes::*;
pub use build::*;
pub use calls::*;
pub use compare::*;
pub use control::*;
pub use exceptions::*;
pub use generators::*;
pub use imports::*;
pub use items::*;
pub use iteration::*;
pub use names::*;
pub use patterns::*;
