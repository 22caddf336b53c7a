//! Syntax errors and warnings as values: kind, text and position, ready to become exceptions.
//!
//! Which error a program gets is decided in `tokenizer` and `diagnose`.

use std::fmt;

/// The exception class that a front-end failure becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    SyntaxError,
    /// A SyntaxError of the symbol table: CPython adds the place to the finished exception, so its `args` lack it.
    ScopeError,
    IndentationError,
    TabError,
    /// `_IncompleteInputError`: only with `allow_incomplete_input`.
    IncompleteInput,
    /// Too deeply nested for the parser; has no position.
    MemoryError,
    /// A source line longer than positions can say.
    OverflowError,
    /// An identifier that normalises to `None`, `True` or `False`.
    ValueError,
    /// Only from `validate`.
    TypeError,
    /// Not from the parser: later stages that share this type.
    RecursionError,
}

impl ErrorKind {
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::SyntaxError | ErrorKind::ScopeError => "SyntaxError",
            ErrorKind::IndentationError => "IndentationError",
            ErrorKind::TabError => "TabError",
            ErrorKind::IncompleteInput => "_IncompleteInputError",
            ErrorKind::MemoryError => "MemoryError",
            ErrorKind::OverflowError => "OverflowError",
            ErrorKind::ValueError => "ValueError",
            ErrorKind::TypeError => "TypeError",
            ErrorKind::RecursionError => "RecursionError",
        }
    }
}

/// A failure to compile. Offsets count characters from 1; 0 and -1 are CPython's "none".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxErr {
    pub kind: ErrorKind,
    pub msg: String,
    pub lineno: i32,
    pub offset: i32,
    pub end_lineno: i32,
    pub end_offset: i32,
    /// The line that holds `lineno`, as the source string shows it.
    pub text: Option<String>,
}

impl SyntaxErr {
    /// An error without a position.
    pub fn bare(kind: ErrorKind, msg: impl Into<String>) -> Box<SyntaxErr> {
        Box::new(SyntaxErr {
            kind,
            msg: msg.into(),
            lineno: 0,
            offset: -1,
            end_lineno: 0,
            end_offset: -1,
            text: None,
        })
    }

    /// Whether the exception carries position attributes.
    pub fn has_location(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::SyntaxError
                | ErrorKind::ScopeError
                | ErrorKind::IndentationError
                | ErrorKind::TabError
                | ErrorKind::IncompleteInput
        )
    }
}

impl fmt::Display for SyntaxErr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} (line {}, offset {})",
            self.kind.name(),
            self.msg,
            self.lineno,
            self.offset
        )
    }
}

impl std::error::Error for SyntaxErr {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningCategory {
    SyntaxWarning,
    DeprecationWarning,
}

/// A warning to issue for `lineno`. If a filter turns it into an error, `as_error` is the error to raise.
#[derive(Clone, Debug)]
pub struct Warning {
    pub category: WarningCategory,
    pub lineno: u32,
    pub message: String,
    pub as_error: Box<SyntaxErr>,
}

/// Characters in the first `bytes` bytes of `line`, where a split character counts as one and one position past the
/// end exists.
pub(crate) fn chars_in_prefix(line: &[u8], bytes: usize) -> i32 {
    let over = i32::from(bytes > line.len());
    let prefix = &line[..bytes.min(line.len())];
    prefix.iter().filter(|b| **b & 0xC0 != 0x80).count() as i32 + over
}
