//! AST to register bytecode: symbol table, code generation, assembly, disassembly. Knows no runtime value.
//!
//! The call area, shared with the interpreter: a call with base `t` has three reserved words `R[t..t+3]` for the
//! callee's frame header, the callable at `R[t+3]` (the header's fourth word), and arguments from `R[t+4]`, which is the
//! callee's register 0. It always lies above every live temporary, since the callee's frame overwrites what follows.

#![forbid(unsafe_code)]

mod assemble;
pub mod code;
mod codegen;
pub mod compile;
pub mod disasm;
pub mod docstring;
pub mod error;
pub mod fold;
pub mod image;
mod ir;
pub mod linetable;
pub mod liveness;
pub mod name;
pub mod opcode;
mod passes;
pub mod symtable;
pub mod verify;

pub use code::{CacheKind, CacheSite, CodeUnit, Const, ExceptEntry};
pub use compile::{Options, compile, symbol_table};
pub use disasm::disassemble;
pub use opcode::{Ext, Instr, Op, OpInfo, Role};
