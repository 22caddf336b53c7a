//! Matches with the code words that CPython's `re._compiler` emits (`_sre.MAGIC` 20230612).
//!
//! [`Program::new`] checks a list of code words, as `_sre.compile` does, and translates it to operations of its own:
//! runs of literals become one operation, sets get a table for the first 256 characters, alternatives a table that says
//! which of them a character may begin. [`Program::run`] then backtracks over a text of 1-, 2- or 4-byte units with an
//! explicit stack, so depth is limited by memory only, and asks `poll` now and then whether to go on.
//! Pattern and match objects, group names and templates belong to the `_sre` module of the virtual machine.
#![forbid(unsafe_code)]

mod chars;
mod compile;
mod exec;
mod first;
mod program;
mod search;
mod set;
mod state;
mod text;

pub use chars::{Locale, ascii_is_cased, ascii_lower, unicode_is_cased, unicode_lower};
pub use compile::InvalidCode;
pub use program::Program;
pub use state::{MatchError, Mode, Request, Scratch, Text};

/// `_sre.MAGIC`
pub const MAGIC: u32 = 20230612;
/// `_sre.CODESIZE`
pub const CODE_SIZE: usize = 4;
/// `_sre.MAXREPEAT`
pub const MAX_REPEAT: u32 = u32::MAX;
/// `_sre.MAXGROUPS`
pub const MAX_GROUPS: usize = i32::MAX as usize / 2;
