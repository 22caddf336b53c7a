//! Python 3.13 source text to AST. Knows no runtime.
//!
//! `ast` is what everybody else uses.

#![forbid(unsafe_code)]

pub mod ast;
