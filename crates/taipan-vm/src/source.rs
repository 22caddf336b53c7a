//! From source text to code objects, and from syntax errors to Python exceptions.

use crate::modules::warnings::{warn_explicit_source, warn_while_compiling};
use crate::objects::code::Code;
use crate::objects::exceptions;
use crate::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taipan_syntax::source::Origin;
use taipan_syntax::{ErrorKind, Mode, ParseOptions, SyntaxErr, Warning, WarningCategory};

/// `compile()`'s flags, CPython's values.
pub mod pycf {
    pub const SOURCE_IS_UTF8: u32 = 0x100;
    pub const DONT_IMPLY_DEDENT: u32 = 0x200;
    pub const ONLY_AST: u32 = 0x400;
    pub const IGNORE_COOKIE: u32 = 0x800;
    pub const TYPE_COMMENTS: u32 = 0x1000;
    pub const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
    pub const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;
    pub const OPTIMIZED_AST: u32 = 0x8000 | ONLY_AST;
    pub const BARRY_AS_BDFL: u32 = 0x40_0000;
    pub const FUTURE_MASK: u32 = 0x1fe_0000;
    pub const COMPILE_MASK: u32 = ONLY_AST
        | ALLOW_TOP_LEVEL_AWAIT
        | TYPE_COMMENTS
        | DONT_IMPLY_DEDENT
        | ALLOW_INCOMPLETE_INPUT
        | OPTIMIZED_AST;
}

/// What to compile and how.
pub struct Request<'a> {
    pub filename: &'a Str,
    pub mode: Mode,
    pub flags: u32,
    pub optimize: u8,
    pub feature_version: u32,
    /// The text was read from a file or a terminal, not given as a string.
    pub read: bool,
}

impl<'a> Request<'a> {
    pub fn new(filename: &'a Str, mode: Mode, optimize: u8) -> Request<'a> {
        Request { filename, mode, flags: 0, optimize, feature_version: 13, read: false }
    }

    pub fn parse_options(&self, cx: &Thread) -> ParseOptions {
        let mut o = ParseOptions::new(self.mode);
        o.type_comments = self.flags & pycf::TYPE_COMMENTS != 0;
        o.barry_as_flufl = self.flags & pycf::BARRY_AS_BDFL != 0;
        o.allow_incomplete_input = self.flags & pycf::ALLOW_INCOMPLETE_INPUT != 0;
        o.dont_imply_dedent = self.flags & pycf::DONT_IMPLY_DEDENT != 0;
        o.feature_version = self.feature_version;
        o.max_int_digits = cx.vm.int_max_str_digits.load(Ordering::Relaxed) as usize;
        o
    }
}

/// Source bytes to text by BOM and encoding declaration.
pub fn decode(cx: &Thread, bytes: &[u8], origin: Origin, filename: &Str) -> Res<String> {
    if let (Origin::File, Some(at)) = (origin, memchr::memchr(0, bytes)) {
        return Err(null_byte(cx, bytes, at, filename));
    }
    let failed = std::cell::Cell::new(None);
    let codec = |name: &str, data: &[u8]| -> Result<String, String> {
        let r = decode_with(cx, name, data);
        r.map_err(|e| {
            failed.set(Some(e.0));
            match e.is(exc::LookupError()) && !e.is(exc::UnicodeError()) {
                true => format!("unknown encoding: {name}"),
                false => to_str(cx, e.0).map_or(String::new(), |s| s.to_string()),
            }
        })
    };
    match taipan_syntax::source::decode(bytes, origin, &filename.to_str_lossy(), &codec) {
        Ok(d) => Ok(d.text),
        // The reader of a file that finds it is no text has no line to show.
        Err(e) if origin == Origin::File && e.lineno == 0 => {
            Err(Raised::with_args(cx, exc::SyntaxError(), &[Value::from_ref(Str::new(cx, &e.msg))]))
        }
        Err(e) => Err(raise_syntax(cx, &e, filename)),
    }
}

/// A file with a null byte: the error shows its line up to there, unless bytes before are no text.
#[cold]
fn null_byte(cx: &Thread, bytes: &[u8], at: usize, filename: &Str) -> Raised {
    let before = &bytes[..at];
    let text = match decode(cx, before, Origin::File, filename) {
        Ok(text) => text,
        Err(e) => return e,
    };
    let line = before.iter().filter(|b| **b == b'\n').count() as i32 + 1;
    let text = text.rsplit('\n').next().unwrap_or("").to_string();
    let mut e = SyntaxErr::bare(ErrorKind::SyntaxError, "source code cannot contain null bytes");
    (e.lineno, e.end_lineno) = (line, line);
    (e.offset, e.end_offset) = (0, 0);
    e.text = Some(text);
    raise_syntax(cx, &e, filename)
}

fn decode_with(cx: &Thread, name: &str, data: &[u8]) -> Res<String> {
    let f = crate::objects::module::import_attr(cx, "_codecs", "decode")?;
    let b = Value::from_ref(Bytes::new(cx, data));
    let s = call(cx, f, &[b, Value::from_ref(Str::new(cx, name))])?;
    match s.downcast::<Str>() {
        Some(s) => Ok(s.utf8(cx)?.into_owned()),
        None => {
            raise!(cx, TypeError, "decoder should return a string result, not '{}'", s.ty().name())
        }
    }
}

/// To parse or compile a byte of source takes as long as to copy so many.
pub const WORK: usize = 64;

/// Text to a code object, issuing warnings.
pub fn compile(cx: &Thread, text: &str, req: &Request<'_>) -> Res<&'static Code> {
    compile_read_as(cx, text, req.filename, req)
}

/// As `compile`; what the parser complains about is in the file `origin`.
pub fn compile_read_as(
    cx: &Thread,
    text: &str,
    origin: &Str,
    req: &Request<'_>,
) -> Res<&'static Code> {
    let text = cx.plain(text.len(), || text.to_owned());
    let arena = bumpalo::Bump::new();
    let mut warnings = Vec::new();
    let options = req.parse_options(cx);
    let parse = || taipan_syntax::parse(&text, &arena, &options, &mut warnings);
    // SAFETY: the parser knows no object.
    let parsed = unsafe { cx.mutator.plain(WORK * text.len(), parse) };
    issue(cx, &warnings, origin)?;
    let module = parsed.map_err(|mut e| {
        // The parser found the end of a file, a token without a place of its own: nothing is left
        // in the tokenizer's buffer to point at.
        let blockless = e.msg.starts_with("expected an indented block");
        if req.read && blockless && e.end_offset == -1 && e.lineno >= text.lines().count() as i32 {
            e.offset = 0;
        }
        if req.mode == Mode::Exec && is_file(origin) {
            shorten(&mut e);
        }
        raise_syntax(cx, &e, origin)
    })?;
    compile_tree(cx, &module, req, &text)
}

/// A tree to a code object.
pub fn compile_tree(
    cx: &Thread,
    module: &taipan_syntax::ast::Mod<'_>,
    req: &Request<'_>,
    text: &str,
) -> Res<&'static Code> {
    let mut options = taipan_compiler::Options::new(&req.filename.to_str_lossy());
    options.optimize = req.optimize;
    options.future = req.flags & pycf::FUTURE_MASK;
    options.allow_top_level_await = req.flags & pycf::ALLOW_TOP_LEVEL_AWAIT != 0;
    let mut warnings = Vec::new();
    let inverted = Arc::new(AtomicUsize::new(0));
    options.inverted_bools = Some(inverted.clone());
    let compile = || taipan_compiler::compile(module, &options, &mut warnings);
    // Of a tree nobody knows how large it is.
    let work = if text.is_empty() { usize::MAX } else { WORK * text.len() };
    // SAFETY: the compiler knows no object.
    let mut unit = unsafe { cx.mutator.plain(work, compile) };
    for _ in 0..inverted.load(Ordering::Relaxed) {
        if crate::objects::bool::warn_invert(cx).is_err() {
            // Where the warning is an error nothing is folded: it is raised when the code runs.
            options.inverted_bools = None;
            warnings.clear();
            unit = taipan_compiler::compile(module, &options, &mut warnings);
            break;
        }
    }
    for w in &mut warnings {
        fill_text(&mut w.as_error, text);
    }
    issue_with(cx, &warnings, req.filename, warn_while_compiling)?;
    match unit {
        Ok(u) => Ok(Code::from_unit(cx, Arc::new(u))),
        Err(mut e) => {
            // As CPython, which reads the line from the file: there is none of `<string>`.
            if is_file(req.filename) || req.read && req.mode == Mode::Single {
                fill_text(&mut e, text);
                shorten(&mut e);
            }
            Err(raise_syntax(cx, &e, req.filename))
        }
    }
}

fn is_file(name: &Str) -> bool {
    std::path::Path::new(&*name.to_str_lossy()).is_file()
}

/// Of a long line in a file an error has the first 999 bytes (the buffer of `err_programtext`).
fn shorten(e: &mut SyntaxErr) {
    const SHOWN: usize = 999;
    let Some(line) = e.text.as_mut().filter(|t| t.len() > SHOWN) else { return };
    *line = String::from_utf8_lossy(&line.as_bytes()[..SHOWN]).into_owned();
    let end = line.chars().count() as i32 + 1;
    e.offset = e.offset.min(end);
    e.end_offset = e.end_offset.min(end);
}

/// Errors of the compiler know only the line: the text comes from the source.
pub fn fill_text(e: &mut SyntaxErr, text: &str) {
    if e.text.is_none() && e.lineno > 0 {
        e.text = text.split_inclusive('\n').nth(e.lineno as usize - 1).map(str::to_owned);
    }
}

/// The warnings of the tokenizer and the parser.
pub fn issue(cx: &Thread, warnings: &[Warning], filename: &Str) -> Res<()> {
    issue_with(cx, warnings, filename, warn_explicit_source)
}

fn issue_with(
    cx: &Thread,
    warnings: &[Warning],
    filename: &Str,
    warn: fn(&Thread, &'static Type, &str, &Str, i64) -> Res<()>,
) -> Res<()> {
    for w in warnings {
        let category = match w.category {
            WarningCategory::SyntaxWarning => exc::SyntaxWarning(),
            WarningCategory::DeprecationWarning => exc::DeprecationWarning(),
        };
        match warn(cx, category, &w.message, filename, w.lineno as i64) {
            Ok(()) => {}
            // A filter made it an error: it is shown as a syntax error at its place.
            Err(e) if e.is(category) => return Err(raise_syntax(cx, &w.as_error, filename)),
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// The Python exception of a syntax error.
pub fn raise_syntax(cx: &Thread, e: &SyntaxErr, filename: &Str) -> Raised {
    let class = match e.kind {
        ErrorKind::IndentationError => exc::IndentationError(),
        ErrorKind::TabError => exc::TabError(),
        ErrorKind::IncompleteInput => exc::_IncompleteInputError(),
        ErrorKind::SyntaxError | ErrorKind::ScopeError => exc::SyntaxError(),
        _ => {
            return match e.kind.name() {
                "MemoryError" => err!(cx, MemoryError, "{}", e.msg),
                "RecursionError" => err!(cx, RecursionError, "{}", e.msg),
                "OverflowError" => err!(cx, OverflowError, "{}", e.msg),
                "ValueError" => err!(cx, ValueError, "{}", e.msg),
                "SystemError" => err!(cx, SystemError, "{}", e.msg),
                _ => err!(cx, SyntaxError, "{}", e.msg),
            };
        }
    };
    let msg = Value::from_ref(Str::new(cx, &e.msg));
    if e.lineno == 0 && e.text.is_none() && e.offset == 0 && e.end_lineno == 0 {
        return Raised::with_args(cx, class, &[msg]);
    }
    let text = match &e.text {
        Some(t) => Value::from_ref(Str::new(cx, t)),
        None => none(),
    };
    let n = |i: i32| Value::small(i as i64);
    if e.kind == ErrorKind::ScopeError {
        use exceptions::field;
        let r = Raised::with_args(cx, class, &[msg]);
        let made = exceptions::of(r.0);
        made.set_field(field::SYN_FILENAME, Value::from_ref(filename));
        made.set_field(field::SYN_LINENO, n(e.lineno));
        made.set_field(field::SYN_OFFSET, n(e.offset));
        made.set_field(field::SYN_END_LINENO, n(e.end_lineno));
        made.set_field(field::SYN_END_OFFSET, n(e.end_offset));
        made.set_field(field::SYN_TEXT, text);
        made.set_field(field::SYN_PRINT, none());
        return r;
    }
    let info = Tuple::from_slice(
        cx,
        &[
            Value::from_ref(filename),
            n(e.lineno),
            n(e.offset),
            text,
            n(e.end_lineno),
            n(e.end_offset),
        ],
    );
    let r = Raised::with_args(cx, class, &[msg, Value::from_ref(info)]);
    let _ = exceptions::of(r.0);
    r
}
