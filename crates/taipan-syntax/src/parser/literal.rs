//! String, f-string and number literals, and how adjacent strings join.

use std::borrow::Cow;

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::errors::{ErrorKind, SyntaxErr, Warning, WarningCategory, chars_in_prefix};
use crate::numbers;
use crate::strings::{self, BadEscape};
use crate::token::{Token, TokenKind as K};

impl<'a> Parser<'a, '_> {
    pub(super) fn number(&self, token: Token) -> PResult<Constant<'a>> {
        if self.feature_version < 6 && self.text(token).contains('_') {
            return Err(Fail);
        }
        numbers::parse(self.text(token), self.arena, self.max_int_digits).map_err(|_| Fail)
    }

    /// One or more adjacent literals.
    pub(super) fn strings(&mut self) -> PResult<ExprRef<'a>> {
        let first = self.tok();
        if first.kind == K::String && !matches!(self.peek(1), K::String | K::FStringStart) {
            return self.string();
        }
        let start = self.start();
        let mut parts = Vec::new();
        let (mut found_text, mut found_bytes, mut found_f) = (false, false, false);
        loop {
            match self.kind() {
                K::String => {
                    let e = self.string()?;
                    match e.kind {
                        ExprKind::Constant { value: Constant::Bytes(_), .. } => found_bytes = true,
                        _ => found_text = true,
                    }
                    parts.push(e);
                }
                K::FStringStart => {
                    found_f = true;
                    self.deeper(10, |p| p.fstring(&mut parts))?;
                }
                _ => break,
            }
        }
        if found_bytes {
            if found_text || found_f {
                return Err(Fail);
            }
            let range = self.span_from(start);
            let joined: Vec<u8> = parts.iter().flat_map(|e| constant_bytes(e)).copied().collect();
            let value = Constant::Bytes(self.slice(&joined));
            return Ok(self.expr(ExprKind::Constant { value, kind: None }, range));
        }
        let folded = self.fold(&parts, found_f);
        if !found_f {
            return folded.first().copied().ok_or(Fail);
        }
        let range = self.span_from(start);
        let values = self.slice(&folded);
        Ok(self.expr(ExprKind::JoinedStr { values }, range))
    }

    /// Joins adjacent constants; in f-strings drops empty ones.
    fn fold(&self, parts: &[ExprRef<'a>], f_string: bool) -> Vec<ExprRef<'a>> {
        let mut out = Vec::new();
        let mut i = 0;
        while i < parts.len() {
            let run = parts[i..]
                .iter()
                .take_while(|e| matches!(e.kind, ExprKind::Constant { .. }))
                .count();
            let first = parts[i];
            if run == 0 {
                out.push(first);
                i += 1;
                continue;
            }
            let last = parts[i + run - 1];
            let mut e = first;
            if run > 1 {
                let joined: Vec<u8> =
                    parts[i..i + run].iter().flat_map(|e| constant_bytes(e)).copied().collect();
                let value = Constant::Str(PyText::from_generalized(self.slice(&joined)));
                let kind = match first.kind {
                    ExprKind::Constant { kind, .. } => kind,
                    _ => None,
                };
                e = self.expr(ExprKind::Constant { value, kind }, first.range.to(last.range));
            }
            if !f_string || !constant_bytes(e).is_empty() {
                out.push(e);
            }
            i += run;
        }
        out
    }

    /// One literal without `f` prefix.
    fn string(&mut self) -> PResult<ExprRef<'a>> {
        let token = self.expect(K::String)?;
        let literal = strings::split(self.text(token));
        let decoded = if literal.bytes {
            strings::decode_bytes(literal.body, literal.raw)
        } else {
            strings::decode_text(literal.body, literal.raw)
        };
        let (value, bad) = decoded.map_err(|_| Fail)?;
        if let Some(bad) = bad {
            self.warn_escape(bad, token);
        }
        let value = self.arena_bytes(value);
        let value = if literal.bytes {
            Constant::Bytes(value)
        } else {
            Constant::Str(PyText::from_generalized(value))
        };
        let kind = if literal.u_prefix { Some("u") } else { None };
        Ok(self.expr(ExprKind::Constant { value, kind }, self.span_of(token)))
    }

    fn arena_bytes(&self, bytes: Cow<'a, [u8]>) -> &'a [u8] {
        match bytes {
            Cow::Borrowed(b) => b,
            Cow::Owned(b) => self.arena.alloc_slice_copy(&b),
        }
    }

    fn warn_escape(&mut self, bad: BadEscape, token: Token) {
        self.warnings.push(escape_warning(self.src, &bad, token, self.feature_version));
    }

    /// The parts of one f-string.
    fn fstring(&mut self, parts: &mut Vec<ExprRef<'a>>) -> PResult<()> {
        let open = self.expect(K::FStringStart)?;
        let raw = self.text(open).contains(['r', 'R']);
        // Escapes are judged once the end is known: warnings count lines from there.
        let mut pending = Vec::new();
        loop {
            let token = self.tok();
            match token.kind {
                K::FStringMiddle => {
                    self.bump();
                    let text = self.text(token);
                    let body = if matches!(text, "{{" | "}}") { &text[..1] } else { text };
                    let (value, bad) = strings::decode_text(body, raw).map_err(|_| Fail)?;
                    pending.extend(bad);
                    if !value.is_empty() {
                        let value =
                            Constant::Str(PyText::from_generalized(self.arena_bytes(value)));
                        parts.push(
                            self.expr(
                                ExprKind::Constant { value, kind: None },
                                self.span_of(token),
                            ),
                        );
                    }
                }
                K::LBrace => self.replacement_field(parts)?,
                K::FStringEnd => {
                    self.bump();
                    for bad in pending {
                        if !bad.message.ends_with("{'") && !bad.message.ends_with("}'") {
                            self.warn_escape(bad, token);
                        }
                    }
                    return Ok(());
                }
                _ => return Err(Fail),
            }
        }
    }

    /// `{expression=!conversion:spec}`.
    fn replacement_field(&mut self, parts: &mut Vec<ExprRef<'a>>) -> PResult<()> {
        let start = self.start();
        self.expect(K::LBrace)?;
        let value = self.yield_or_star_expressions()?;
        let debug = self.eat(K::Equal);
        let mut conversion = -1;
        // What follows the `=`: where the shown text ends, and which token knows it.
        let mut debug_end: Option<(u32, i32, u32)> = None;
        if self.at(K::Exclamation) {
            let mark = self.bump();
            let name = self.expect(K::Name)?;
            if (name.lineno, name.col) != (mark.end_lineno, mark.end_col) {
                return Err(Fail);
            }
            conversion = match self.text(name) {
                text @ ("s" | "r" | "a") => i32::from(text.as_bytes()[0]),
                _ => return Err(Fail),
            };
            debug_end = Some((name.lineno, name.col - 1, mark.start));
        }
        let mut format_spec = None;
        if self.at(K::Colon) {
            let colon = self.tok();
            format_spec = Some(self.format_spec()?);
            debug_end = debug_end.or(Some((colon.lineno, colon.col, colon.start)));
        }
        let close = self.expect(K::RBrace)?;
        if debug && conversion == -1 && format_spec.is_none() {
            conversion = i32::from(b'r');
        }
        let range = self.span_from(start);
        if debug {
            let (end_lineno, end_col, token_start) =
                debug_end.unwrap_or((close.end_lineno, close.end_col - 1, close.start));
            let found = self.debug_texts.binary_search_by_key(&token_start, |d| d.token_start);
            let text = found.map_or("", |i| {
                let d = self.debug_texts[i];
                &self.src[d.start as usize..d.end as usize]
            });
            let text = match strings::debug_text(text) {
                Cow::Borrowed(t) => t,
                Cow::Owned(t) => self.arena.alloc_str(&t),
            };
            let range = Span {
                lineno: start.0,
                col_offset: start.1 + 1,
                end_lineno,
                end_col_offset: end_col as u32,
            };
            let value = Constant::Str(PyText::new(text));
            parts.push(self.expr(ExprKind::Constant { value, kind: None }, range));
        }
        parts.push(self.expr(ExprKind::FormattedValue { value, conversion, format_spec }, range));
        Ok(())
    }

    /// `:spec`, literal text and nested fields.
    fn format_spec(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        self.expect(K::Colon)?;
        let mut parts = Vec::new();
        loop {
            let token = self.tok();
            match token.kind {
                K::FStringMiddle => {
                    self.bump();
                    let (value, bad) =
                        strings::decode_text(self.text(token), false).map_err(|_| Fail)?;
                    if let Some(bad) = bad {
                        self.warn_escape(bad, token);
                    }
                    let value = Constant::Str(PyText::from_generalized(self.arena_bytes(value)));
                    parts.push(
                        self.expr(ExprKind::Constant { value, kind: None }, self.span_of(token)),
                    );
                }
                K::LBrace => self.deeper(10, |p| p.replacement_field(&mut parts))?,
                _ => break,
            }
        }
        let range = self.span_from(start);
        let folded = self.fold(&parts, true);
        let values = self.slice(&folded);
        Ok(self.expr(ExprKind::JoinedStr { values }, range))
    }
}

fn constant_bytes<'a>(e: &Expr<'a>) -> &'a [u8] {
    match e.kind {
        ExprKind::Constant { value: Constant::Str(t), .. } => t.as_bytes(),
        ExprKind::Constant { value: Constant::Bytes(b), .. } => b,
        _ => &[],
    }
}

/// The warning for a meaningless escape in a literal that `token` stands for.
pub(crate) fn escape_warning(
    src: &str,
    bad: &BadEscape,
    token: Token,
    feature_version: u32,
) -> Warning {
    let lineno = token.lineno + bad.lines;
    let mut col = bad.columns as i32;
    if bad.lines == 0 {
        let text = &src.as_bytes()[token.start as usize..token.end as usize];
        let quotes = match text.first() {
            Some(q @ (b'"' | b'\'')) => text.iter().take_while(|b| *b == q).count(),
            _ => 0,
        };
        col += token.col + quotes as i32;
    }
    let mut line =
        src.split_inclusive('\n').nth(lineno.min(token.end_lineno) as usize - 1).unwrap_or("");
    if lineno < token.end_lineno {
        // Only the line being read is shown with its newline.
        line = line.trim_end_matches('\n');
    }
    let offset = |c: i32| chars_in_prefix(line.as_bytes(), c.max(0) as usize);
    let as_error = SyntaxErr {
        kind: ErrorKind::SyntaxError,
        msg: bad.message.clone(),
        lineno: lineno as i32,
        offset: offset(col),
        end_lineno: lineno as i32,
        end_offset: offset(col + 2),
        text: Some(line.to_owned()),
    };
    Warning {
        category: if feature_version >= 12 {
            WarningCategory::SyntaxWarning
        } else {
            WarningCategory::DeprecationWarning
        },
        lineno,
        message: bad.message.clone(),
        as_error: Box::new(as_error),
    }
}
