//! Python 3.13 source text to AST. Knows no runtime.
//!
//! `parse` is the entry: `tokenizer` and `parser` handle valid programs in one pass; if they fail, `diagnose` reads
//! the source again with the whole grammar, error rules included, and finds CPython's error. `source` decodes bytes,
//! `ast` is what everybody else uses, `dump` and `unparse` print it.

#![forbid(unsafe_code)]

use bumpalo::Bump;

pub mod ast;
mod chars;
mod diagnose;
pub mod dump;
pub mod errors;
mod numbers;
mod parser;
pub mod source;
mod strings;
pub mod token;
pub mod tokenize;
pub mod tokenizer;
pub mod unparse;
pub mod validate;

pub use errors::{ErrorKind, SyntaxErr, Warning, WarningCategory};

/// What the text is to be: `compile`'s mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Exec,
    Eval,
    Single,
    FuncType,
}

#[derive(Clone, Copy, Debug)]
pub struct ParseOptions {
    pub mode: Mode,
    /// Keep `# type:` comments (`PyCF_TYPE_COMMENTS`).
    pub type_comments: bool,
    /// `from __future__ import barry_as_FLUFL` is in effect.
    pub barry_as_flufl: bool,
    /// Report `IncompleteInput` where more text could complete the program.
    pub allow_incomplete_input: bool,
    /// In single mode: the end of the text does not close open blocks.
    pub dont_imply_dedent: bool,
    /// Minor version whose syntax to accept: `ast.parse`'s `feature_version`.
    pub feature_version: u32,
    /// `sys.get_int_max_str_digits()`; 0: no limit.
    pub max_int_digits: usize,
}

impl ParseOptions {
    pub fn new(mode: Mode) -> Self {
        ParseOptions {
            mode,
            type_comments: false,
            barry_as_flufl: false,
            allow_incomplete_input: false,
            dont_imply_dedent: false,
            feature_version: 13,
            max_int_digits: 4300,
        }
    }
}

/// How deep the quick parser goes before `diagnose` is asked, in CPython's rule levels.
const QUICK_DEPTH: u32 = 3000;

/// Parses `src` into `arena`. Warnings are those to issue whether or not parsing succeeds.
pub fn parse<'a>(
    src: &str,
    arena: &'a Bump,
    options: &ParseOptions,
    warnings: &mut Vec<Warning>,
) -> Result<ast::Mod<'a>, Box<SyntaxErr>> {
    let normal = source::normalize_newlines(src, options.mode == Mode::Exec);
    let text: &'a str = arena.alloc_str(&normal);
    let before = warnings.len();
    let mut parser = parser::Parser::new(text, arena, options, QUICK_DEPTH, warnings);
    let result = parser.parse();
    let (skip, barry, kept) = parser.progress();
    if let Ok(module) = result {
        warnings[before..].sort_by_key(|w| w.lineno);
        return Ok(module);
    }
    warnings.truncate(kept.end);
    warnings.drain(before..kept.start);
    match diagnose::diagnose(text, options, barry, skip, warnings) {
        diagnose::Verdict::Error(error) => {
            warnings[before..].sort_by_key(|w| w.lineno);
            Err(error)
        }
        diagnose::Verdict::Valid => {
            warnings.truncate(before);
            let mut parser = parser::Parser::new(text, arena, options, u32::MAX, warnings);
            parser.parse().map_err(|_| SyntaxErr::bare(ErrorKind::SyntaxError, "invalid syntax"))
        }
    }
}
