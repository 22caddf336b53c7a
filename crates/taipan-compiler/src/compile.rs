//! The entry: a parsed module to a code unit, with CPython's errors and warnings.

use crate::code::{CodeUnit, flags};
use crate::codegen::{self, CodegenWarning, Settings};
use crate::error::{CompileError, CompileErrorKind, Result};
use crate::name::Interner;
use crate::symtable::{self, SymbolTable};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use taipan_syntax::ast::*;
use taipan_syntax::{ErrorKind, SyntaxErr, Warning, WarningCategory};

/// What `compile` is asked for.
pub struct Options {
    pub filename: Arc<str>,
    /// `-O` level: 0, 1 or 2.
    pub optimize: u8,
    /// `CO_FUTURE_*` bits inherited from the caller.
    pub future: u32,
    /// `PyCF_ALLOW_TOP_LEVEL_AWAIT`.
    pub allow_top_level_await: bool,
    /// Counts each `~` of a bool that is folded, which warns; `None` leaves them for run time.
    pub inverted_bools: Option<Arc<AtomicUsize>>,
}

impl Options {
    pub fn new(filename: &str) -> Options {
        Options {
            filename: filename.into(),
            optimize: 0,
            future: 0,
            allow_top_level_await: false,
            inverted_bools: None,
        }
    }
}

/// Compiles a module. Warnings are to be issued, with the file's name, whether or not compiling succeeds.
pub fn compile(
    module: &Mod,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> std::result::Result<CodeUnit, Box<SyntaxErr>> {
    let mut found = Vec::new();
    let result = compile_inner(module, options, &mut found);
    warnings.extend(found.into_iter().map(to_warning));
    result.map_err(|e| to_syntax_err(&e))
}

fn compile_inner(
    module: &Mod,
    options: &Options,
    warnings: &mut Vec<CodegenWarning>,
) -> Result<CodeUnit> {
    let future = future_features(module)?;
    let features = future.bits | options.future & flags::PY_CF_MASK;
    let mut names = Interner::default();
    let table = symtable::build(module, &mut names, features & flags::CO_FUTURE_ANNOTATIONS != 0)?;
    let settings = Settings {
        filename: options.filename.clone(),
        optimize: options.optimize,
        future: features,
        allow_top_level_await: options.allow_top_level_await,
        inverted_bools: options.inverted_bools.clone(),
        interactive: matches!(module, Mod::Interactive { .. }),
    };
    codegen::module(module, &settings, &mut names, &table, future.end, warnings)
}

/// The symbol table alone, for `_symtable`, with its names.
pub fn symbol_table(
    module: &Mod,
    future: u32,
) -> std::result::Result<(SymbolTable, Interner), Box<SyntaxErr>> {
    let mut names = Interner::default();
    let build = |names: &mut Interner| {
        let features = future_features(module)?.bits | future;
        symtable::build(module, names, features & flags::CO_FUTURE_ANNOTATIONS != 0)
    };
    match build(&mut names) {
        Ok(table) => Ok((table, names)),
        Err(e) => Err(to_syntax_err(&e)),
    }
}

struct Future {
    bits: u32,
    /// Line and column where the last future statement that stands where it may ends.
    end: (u32, u32),
}

/// Reads the `from __future__` statements at the start of a module.
fn future_features(module: &Mod) -> Result<Future> {
    let mut future = Future { bits: 0, end: (0, 0) };
    let (Mod::Module { body, .. } | Mod::Interactive { body }) = module else { return Ok(future) };
    let doc = body.first().is_some_and(|s| match s.kind {
        StmtKind::Expr { value } => {
            matches!(value.kind, ExprKind::Constant { value: Constant::Str(_), .. })
        }
        _ => false,
    });
    for s in &body[usize::from(doc)..] {
        let StmtKind::ImportFrom { module: Some("__future__"), names, level: 0 } = s.kind else {
            break;
        };
        for alias in names {
            future.bits |= feature(alias)?;
        }
        future.end = (s.range.end_lineno, s.range.end_col_offset);
    }
    Ok(future)
}

fn feature(alias: &Alias) -> Result<u32> {
    Ok(match alias.name {
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement"
        | "print_function" | "unicode_literals" | "generator_stop" => 0,
        "barry_as_FLUFL" => flags::CO_FUTURE_BARRY_AS_BDFL,
        "annotations" => flags::CO_FUTURE_ANNOTATIONS,
        "braces" => return Err(CompileError::scope("not a chance", alias.range)),
        other => {
            return Err(CompileError::scope(
                format!("future feature {other} is not defined"),
                alias.range,
            ));
        }
    })
}

/// Columns of errors found after parsing count bytes, as CPython's do.
fn located(msg: String, span: Span) -> SyntaxErr {
    SyntaxErr {
        kind: ErrorKind::SyntaxError,
        msg,
        lineno: span.lineno as i32,
        offset: span.col_offset as i32 + 1,
        end_lineno: span.end_lineno as i32,
        end_offset: span.end_col_offset as i32 + 1,
        text: None,
    }
}

fn to_syntax_err(e: &CompileError) -> Box<SyntaxErr> {
    match (e.kind, e.span) {
        (CompileErrorKind::Syntax, Some(span)) => Box::new(located(e.msg.clone(), span)),
        (CompileErrorKind::Scope, Some(span)) => {
            Box::new(SyntaxErr { kind: ErrorKind::ScopeError, ..located(e.msg.clone(), span) })
        }
        (CompileErrorKind::Recursion, _) => {
            SyntaxErr::bare(ErrorKind::RecursionError, e.msg.clone())
        }
        (CompileErrorKind::Value, _) => SyntaxErr::bare(ErrorKind::ValueError, e.msg.clone()),
        _ => SyntaxErr::bare(ErrorKind::SyntaxError, e.msg.clone()),
    }
}

fn to_warning(w: CodegenWarning) -> Warning {
    Warning {
        category: WarningCategory::SyntaxWarning,
        lineno: w.span.lineno,
        as_error: Box::new(located(w.message.clone(), w.span)),
        message: w.message,
    }
}
