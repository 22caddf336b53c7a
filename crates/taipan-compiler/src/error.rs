//! What can go wrong while compiling a tree that parsed, before it gets a file name and a source line.

use taipan_syntax::ast::Span;

/// The exception class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompileErrorKind {
    Syntax,
    /// A SyntaxError whose place is no part of its arguments.
    Scope,
    Recursion,
    /// RuntimeError, TypeError and so on that only hand-made trees lead to.
    Runtime,
    Value,
    System,
}

/// An error with its place: lines from 1, columns in bytes from 0.
#[derive(Clone, PartialEq, Debug)]
pub struct CompileError {
    pub kind: CompileErrorKind,
    pub msg: String,
    pub span: Option<Span>,
}

/// Boxed, since every visit returns one.
pub type Result<T> = std::result::Result<T, Box<CompileError>>;

impl CompileError {
    pub fn syntax(msg: impl Into<String>, span: Span) -> Box<Self> {
        Box::new(CompileError { kind: CompileErrorKind::Syntax, msg: msg.into(), span: Some(span) })
    }

    pub fn scope(msg: impl Into<String>, span: Span) -> Box<Self> {
        Box::new(CompileError { kind: CompileErrorKind::Scope, msg: msg.into(), span: Some(span) })
    }

    pub fn recursion() -> Box<Self> {
        let msg = "maximum recursion depth exceeded during compilation".to_string();
        Box::new(CompileError { kind: CompileErrorKind::Recursion, msg, span: None })
    }

    pub fn runtime(msg: impl Into<String>) -> Box<Self> {
        Box::new(CompileError { kind: CompileErrorKind::Runtime, msg: msg.into(), span: None })
    }

    pub fn value(msg: impl Into<String>) -> Box<Self> {
        Box::new(CompileError { kind: CompileErrorKind::Value, msg: msg.into(), span: None })
    }

    pub fn system(msg: impl Into<String>) -> Box<Self> {
        Box::new(CompileError { kind: CompileErrorKind::System, msg: msg.into(), span: None })
    }
}
