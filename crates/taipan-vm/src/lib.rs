//! The Taipan virtual machine: builtin types, shapes, interpreter, exceptions, import, `sys`,
//! `builtins`, `gc`, `_thread`. Start reading at docs/internals/vm.md and
//! docs/internals/writing-builtins.md.

extern crate self as taipan_vm;

pub mod bind;
pub mod buffer;
pub mod call;
pub mod codecs;
pub mod errors;
pub mod idle;
pub mod interp;
pub mod module_def;
pub mod modules;
pub mod names;
pub mod objects;
pub mod panics;
pub mod park;
pub mod prelude;
pub mod protocol;
pub mod runtime;
pub mod source;
pub mod thread;
pub mod types;
pub mod vm;
