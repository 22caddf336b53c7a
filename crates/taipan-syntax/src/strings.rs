//! String and bytes literals to values: prefixes, quotes, escapes.
//!
//! Knows neither tokens nor trees: it says what is wrong with a literal, its callers say where.

use std::borrow::Cow;

use crate::ast::PyText;
use crate::chars;

/// The parts of a literal without `f` prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal<'s> {
    pub bytes: bool,
    pub raw: bool,
    /// Starts with a lower-case `u`.
    pub u_prefix: bool,
    pub body: &'s str,
}

/// What is wrong with a literal.
#[derive(Clone, Debug)]
pub(crate) enum LiteralError {
    NonAsciiBytes,
    /// The message, complete with its `(unicode error)`.
    Escape(String),
}

/// The first escape that means nothing, for a warning.
#[derive(Clone, Debug)]
pub(crate) struct BadEscape {
    pub message: String,
    /// Lines before it in the literal, and columns since the last of them.
    pub lines: u32,
    pub columns: u32,
}

pub(crate) fn split(text: &str) -> Literal<'_> {
    let prefix_len = text.find(['"', '\'']).unwrap_or(0);
    let (prefix, rest) = text.split_at(prefix_len);
    let has = |c: u8| prefix.bytes().any(|b| b.eq_ignore_ascii_case(&c));
    let quotes = if rest.len() >= 6 && (rest.starts_with("\"\"\"") || rest.starts_with("'''")) {
        3
    } else {
        1
    };
    let body = rest.get(quotes..rest.len() - quotes).unwrap_or("");
    Literal { bytes: has(b'b'), raw: has(b'r'), u_prefix: text.starts_with('u'), body }
}

/// Walks a literal's body, counting positions as CPython's decoder sees them: a non-ASCII character is ten bytes there.
struct Walk<'s> {
    rest: &'s [u8],
    at: usize,
    lines: u32,
    columns: u32,
    bad: Option<BadEscape>,
}

impl<'s> Walk<'s> {
    fn new(body: &'s str) -> Self {
        Walk { rest: body.as_bytes(), at: 0, lines: 0, columns: 0, bad: None }
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes one byte, an ASCII one.
    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.count(*first == b'\n', 1);
        Some(*first)
    }

    fn count(&mut self, newline: bool, width: usize) {
        self.at += width;
        if newline {
            self.lines += 1;
            self.columns = 0;
        } else {
            self.columns += width as u32;
        }
    }

    /// Takes the bytes before the next backslash.
    fn take_plain(&mut self) -> &'s [u8] {
        let n = memchr::memchr(b'\\', self.rest).unwrap_or(self.rest.len());
        let (plain, rest) = self.rest.split_at(n);
        self.rest = rest;
        for b in plain {
            match b {
                0x80..0xC0 => {}
                0xC0.. => self.count(false, 10),
                b => self.count(*b == b'\n', 1),
            }
        }
        plain
    }

    /// Remembers a meaningless escape whose character is about to be taken.
    fn note(&mut self, message: impl FnOnce() -> String) {
        if self.bad.is_none() {
            self.bad =
                Some(BadEscape { message: message(), lines: self.lines, columns: self.columns });
        }
    }

    /// An octal escape's value; its first digit is next.
    fn octal(&mut self) -> u32 {
        let n = self.rest.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
        let digits = &self.rest[..n];
        let value = digits.iter().fold(0, |v, d| v * 8 + u32::from(d - b'0'));
        if value > 0o377 {
            let shown = String::from_utf8_lossy(digits).into_owned();
            self.note(|| format!("invalid octal escape sequence '\\{shown}'"));
        }
        for _ in 0..n {
            self.take();
        }
        value
    }

    /// Up to `count` hexadecimal digits; `None` if there are fewer.
    fn hex(&mut self, count: usize) -> Option<u32> {
        let mut value = 0u32;
        for _ in 0..count {
            let digit = (self.peek()? as char).to_digit(16)?;
            value = value << 4 | digit;
            self.take();
        }
        Some(value)
    }
}

fn simple_escape(c: u8) -> Option<u8> {
    Some(match c {
        b'\\' | b'\'' | b'"' => c,
        b'b' => 0x08,
        b'f' => 0x0c,
        b't' => b'\t',
        b'n' => b'\n',
        b'r' => b'\r',
        b'v' => 0x0b,
        b'a' => 0x07,
        _ => return None,
    })
}

/// The text that `body` stands for.
pub(crate) fn decode_text(
    body: &str,
    raw: bool,
) -> Result<(Cow<'_, [u8]>, Option<BadEscape>), LiteralError> {
    if raw || memchr::memchr(b'\\', body.as_bytes()).is_none() {
        return Ok((Cow::Borrowed(body.as_bytes()), None));
    }
    let mut out = Vec::with_capacity(body.len());
    let mut w = Walk::new(body);
    loop {
        out.extend_from_slice(w.take_plain());
        let start = w.at;
        if w.take().is_none() {
            break;
        }
        let Some(c) = w.peek() else {
            out.push(b'\\');
            break;
        };
        if c >= 0x80 {
            out.push(b'\\');
            w.count(false, 5);
            continue;
        }
        if let b'0'..=b'7' = c {
            PyText::push_code_point(&mut out, w.octal());
            continue;
        }
        let named_digits = match c {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        if named_digits > 0 {
            w.take();
            match w.hex(named_digits) {
                Some(cp) if cp <= 0x10FFFF => PyText::push_code_point(&mut out, cp),
                Some(_) => return Err(text_error(start, w.at, "illegal Unicode character")),
                None => {
                    let shape = "X".repeat(named_digits);
                    return Err(text_error(
                        start,
                        w.at,
                        &format!("truncated \\{}{shape} escape", c as char),
                    ));
                }
            }
            continue;
        }
        match c {
            b'N' => {
                w.take();
                let cp = named_escape(&mut w, start)?;
                PyText::push_code_point(&mut out, cp);
            }
            b'\n' => {
                w.take();
            }
            _ => {
                match simple_escape(c) {
                    Some(value) => out.push(value),
                    None => {
                        w.note(|| format!("invalid escape sequence '\\{}'", c as char));
                        out.extend_from_slice(&[b'\\', c]);
                    }
                }
                w.take();
            }
        }
    }
    Ok((Cow::Owned(out), w.bad))
}

/// `{name}` of a `\N` escape.
fn named_escape(w: &mut Walk<'_>, start: usize) -> Result<u32, LiteralError> {
    let malformed = "malformed \\N character escape";
    if w.peek() != Some(b'{') {
        return Err(text_error(start, w.at, malformed));
    }
    w.take();
    let Some(len) = w.rest.iter().position(|b| *b == b'}') else {
        let rest = std::str::from_utf8(w.rest).unwrap_or("");
        let width: usize = rest.chars().map(|c| if c.is_ascii() { 1 } else { 10 }).sum();
        w.count(false, width);
        return Err(text_error(start, w.at, malformed));
    };
    let name = std::str::from_utf8(&w.rest[..len]).unwrap_or("");
    let width: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 10 }).sum();
    w.rest = &w.rest[len..];
    w.count(false, width);
    if len == 0 {
        return Err(text_error(start, w.at, malformed));
    }
    w.take();
    chars::named(name).ok_or_else(|| text_error(start, w.at, "unknown Unicode character name"))
}

fn text_error(start: usize, end: usize, reason: &str) -> LiteralError {
    let place = if end == start + 1 {
        format!("byte 0x5c in position {start}")
    } else {
        format!("bytes in position {start}-{}", end.max(1) - 1)
    };
    LiteralError::Escape(format!(
        "(unicode error) 'unicodeescape' codec can't decode {place}: {reason}"
    ))
}

/// The bytes that `body` stands for.
pub(crate) fn decode_bytes(
    body: &str,
    raw: bool,
) -> Result<(Cow<'_, [u8]>, Option<BadEscape>), LiteralError> {
    if !body.is_ascii() {
        return Err(LiteralError::NonAsciiBytes);
    }
    if raw || memchr::memchr(b'\\', body.as_bytes()).is_none() {
        return Ok((Cow::Borrowed(body.as_bytes()), None));
    }
    let mut out = Vec::with_capacity(body.len());
    let mut w = Walk::new(body);
    loop {
        out.extend_from_slice(w.take_plain());
        let start = w.at;
        if w.take().is_none() {
            break;
        }
        match w.peek() {
            None => return Err(LiteralError::Escape("(value error) Trailing \\ in string".into())),
            Some(b'0'..=b'7') => out.push(w.octal() as u8),
            Some(b'x') => {
                w.take();
                match w.hex(2) {
                    Some(value) => out.push(value as u8),
                    None => {
                        return Err(LiteralError::Escape(format!(
                            "(value error) invalid \\x escape at position {start}"
                        )));
                    }
                }
            }
            Some(b'\n') => {
                w.take();
            }
            Some(c) => {
                match simple_escape(c) {
                    Some(value) => out.push(value),
                    None => {
                        w.note(|| format!("invalid escape sequence '\\{}'", c as char));
                        out.extend_from_slice(&[b'\\', c]);
                    }
                }
                w.take();
            }
        }
    }
    Ok((Cow::Owned(out), w.bad))
}

/// The text that `{expr=}` shows for its source: comments dropped (as CPython does it: any `#` begins one).
pub(crate) fn debug_text(source: &str) -> Cow<'_, str> {
    if !source.contains('#') {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        match line.find('#') {
            Some(at) => {
                out.push_str(&line[..at]);
                if line.ends_with('\n') {
                    out.push('\n');
                }
            }
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}
