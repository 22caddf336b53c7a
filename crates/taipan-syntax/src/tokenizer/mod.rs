//! Source text to tokens, one at a time: indentation, brackets, continuation lines, numbers, strings, f-strings with
//! nested expressions, type comments, and the errors that need no grammar.
//!
//! The input is UTF-8 with `\n` line ends (see `source`). Invariants: `pos <= line_end`, and `line_end` is one past
//! the newline of the line being read; the next line is entered only when its first character is asked for, since
//! several error positions are "where the tokenizer stands".

mod number;
mod operator;
mod text;

use crate::chars;
use crate::errors::{ErrorKind, SyntaxErr, Warning, WarningCategory, chars_in_prefix};
use crate::token::{Token, TokenKind};

const MAX_INDENT: usize = 100;
const MAX_LEVEL: usize = 200;
const MAX_FSTRING_LEVEL: usize = 150;
const MAX_EXPR_NESTING: i32 = 3;
const TAB_SIZE: u32 = 8;

/// Why the tokenizer stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    No,
    Eof,
    /// `Tokenizer::error` says what happened.
    Error,
    /// End of input inside a triple-quoted string; `error` is set too.
    EofInString,
    /// End of input inside a string of one line; `error` is set too.
    EolInString,
    Dedent,
    TabSpace,
    TooDeep,
    LineContinuation,
}

/// What to tokenize besides the grammar's own tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenizerOptions {
    /// Yield `Comment` and `Nl`, be lenient about numbers and brackets: what the `tokenize` module wants.
    pub extra_tokens: bool,
    pub type_comments: bool,
}

/// One level of f-string nesting; the bottom one is plain code.
#[derive(Clone, Copy, Debug)]
struct Mode {
    in_text: bool,
    bracket_depth: i32,
    /// Bracket depths at which replacement fields began; -1: not in one.
    expr_start_depth: i32,
    quote: u8,
    quote_size: u8,
    raw: bool,
    start: usize,
    start_line_start: usize,
    start_lineno: u32,
    /// Source range of the replacement field's expression, for `{x=}`.
    expr_start: Option<usize>,
    expr_end: Option<usize>,
    debug: bool,
    in_format_spec: bool,
}

const PLAIN: Mode = Mode {
    in_text: false,
    bracket_depth: 0,
    expr_start_depth: -1,
    quote: 0,
    quote_size: 0,
    raw: false,
    start: 0,
    start_line_start: 0,
    start_lineno: 0,
    expr_start: None,
    expr_end: None,
    debug: false,
    in_format_spec: false,
};

#[derive(Clone, Copy, Debug)]
struct Open {
    bracket: u8,
    lineno: u32,
    col: u32,
}

/// The text that `{expr=}` shows: `start..end` belongs to the token that starts at `token_start`.
#[derive(Clone, Copy, Debug)]
pub struct DebugText {
    pub token_start: u32,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Debug)]
pub struct Tokenizer<'s> {
    src: &'s [u8],
    options: TokenizerOptions,
    pos: usize,
    line_end: usize,
    line_start: usize,
    lineno: u32,
    done: Done,
    error: Option<Box<SyntaxErr>>,
    at_line_start: bool,
    indents: Vec<(u32, u32)>,
    /// Indents (positive) or dedents (negative) still to be yielded.
    pending: i32,
    brackets: Vec<Open>,
    modes: Vec<Mode>,
    start: usize,
    start_col: i32,
    first_lineno: u32,
    multi_line_start: usize,
    comment_newline: bool,
    first_nul: usize,
    /// Where the text being looked at begins: the line's start, or that of the line where a token began that goes
    /// on over line ends.
    buffer_start: usize,
    in_token: bool,
    ended_in_token: bool,
    pub debug_texts: Vec<DebugText>,
    pub warnings: Vec<Warning>,
}

type ByteResult = Result<u8, Token>;

fn is_identifier_start(c: u8) -> bool {
    c.is_ascii_alphabetic() || c == b'_' || c >= 128
}

fn is_identifier_char(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c >= 128
}

impl<'s> Tokenizer<'s> {
    pub fn new(src: &'s str, options: TokenizerOptions) -> Self {
        let src = src.as_bytes();
        Tokenizer {
            src,
            options,
            pos: 0,
            line_end: 0,
            line_start: 0,
            lineno: 0,
            done: Done::No,
            error: None,
            at_line_start: true,
            indents: vec![(0, 0)],
            pending: 0,
            brackets: Vec::new(),
            modes: vec![PLAIN],
            start: 0,
            start_col: -1,
            first_lineno: 0,
            multi_line_start: 0,
            comment_newline: false,
            first_nul: src.iter().position(|b| *b == 0).unwrap_or(usize::MAX),
            buffer_start: 0,
            in_token: false,
            ended_in_token: false,
            debug_texts: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// See the field: error columns after a line continuation count from here.
    pub(crate) fn buffer_start(&self) -> usize {
        self.buffer_start
    }

    pub fn done(&self) -> Done {
        self.done
    }

    pub fn lineno(&self) -> u32 {
        self.lineno
    }

    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Start of the line being read.
    pub fn line_start(&self) -> usize {
        self.line_start
    }

    /// End of the line being read, its newline included.
    pub fn line_end(&self) -> usize {
        self.line_end
    }

    /// Start of the first line of the string token just yielded.
    pub fn multi_line_start(&self) -> usize {
        self.multi_line_start
    }

    pub fn error(&self) -> Option<&SyntaxErr> {
        self.error.as_deref()
    }

    pub fn take_error(&mut self) -> Option<Box<SyntaxErr>> {
        self.error.take()
    }

    /// The innermost open bracket: character, line, column.
    pub fn innermost_open(&self) -> Option<(char, u32, u32)> {
        self.brackets.last().map(|o| (o.bracket as char, o.lineno, o.col))
    }

    /// Whether the end of input came inside a token (or behind a backslash).
    pub(crate) fn ended_in_token(&self) -> bool {
        self.ended_in_token
    }

    /// Start of the line on which the outermost open f-string begins.
    pub(crate) fn outermost_fstring_line(&self) -> Option<usize> {
        self.modes.get(1).map(|m| m.start_line_start)
    }

    pub fn inside_fstring(&self) -> bool {
        self.modes.len() > 1
    }

    /// In single-statement mode the end of input closes all blocks: yields their dedents next.
    pub fn close_blocks(&mut self) {
        let open = self.indents.len() - 1;
        if open > 0 {
            self.pending = -(open as i32);
            self.indents.truncate(1);
        }
    }

    fn nextc(&mut self) -> u8 {
        if self.pos < self.line_end {
            let c = self.src[self.pos];
            self.pos += 1;
            return c;
        }
        self.nextc_next_line()
    }

    /// Enters the next line. 0 is the end of input: real NUL characters are an error.
    #[cold]
    fn nextc_next_line(&mut self) -> u8 {
        if self.done != Done::No {
            return 0;
        }
        let begin = self.line_end;
        if begin >= self.src.len() {
            self.ended_in_token = self.in_token;
            self.done = Done::Eof;
            return 0;
        }
        self.line_start = begin;
        if !self.in_token {
            self.buffer_start = begin;
        }
        self.lineno += 1;
        self.line_end =
            memchr::memchr(b'\n', &self.src[begin..]).map_or(self.src.len(), |n| begin + n + 1);
        if self.first_nul < self.line_end {
            self.pos = begin;
            self.raise("source code cannot contain null bytes");
            self.pos = self.line_end;
            return 0;
        }
        self.pos = begin + 1;
        self.src[begin]
    }

    fn backup(&mut self, c: u8) {
        if c != 0 {
            self.pos -= 1;
        }
    }

    /// Looking at the character behind a token finds the end of input, which "incomplete input" depends on.
    fn note_end(&mut self) {
        if self.pos == self.line_end {
            let c = self.nextc();
            self.backup(c);
        }
    }

    fn col(&self) -> i32 {
        self.pos as i32 - self.line_start as i32
    }

    fn token(&self, kind: TokenKind) -> Token {
        self.token_at(kind, self.start, self.pos)
    }

    fn token_at(&self, kind: TokenKind, start: usize, end: usize) -> Token {
        Token {
            kind,
            level: self.brackets.len() as u8,
            start: start as u32,
            end: end as u32,
            lineno: if kind.is_string_literal() { self.first_lineno } else { self.lineno },
            col: self.start_col,
            end_lineno: self.lineno,
            end_col: self.col(),
        }
    }

    /// A token without text and column.
    fn bare_token(&self, kind: TokenKind) -> Token {
        Token {
            kind,
            level: self.brackets.len() as u8,
            start: self.pos as u32,
            end: self.pos as u32,
            lineno: self.lineno,
            col: -1,
            end_lineno: self.lineno,
            end_col: -1,
        }
    }

    fn stop(&mut self, done: Done) -> Token {
        self.done = done;
        self.bare_token(TokenKind::ErrorToken)
    }

    fn stop_line(&mut self, done: Done) -> Token {
        self.pos = self.line_end;
        self.stop(done)
    }

    /// Records a syntax error at the current position.
    fn raise(&mut self, msg: impl Into<String>) -> Token {
        self.raise_range(msg, None)
    }

    fn raise_range(&mut self, msg: impl Into<String>, columns: Option<(i32, i32)>) -> Token {
        let error = self.error_here(msg.into(), columns);
        self.error = Some(Box::new(error));
        self.stop(Done::Error)
    }

    fn error_here(&self, msg: String, columns: Option<(i32, i32)>) -> SyntaxErr {
        let rest = &self.src[self.line_start..];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        let here = chars_in_prefix(
            &self.src[self.line_start..self.pos.max(self.line_start)],
            self.pos.saturating_sub(self.line_start),
        );
        let (offset, end_offset) = columns.unwrap_or((here, here));
        SyntaxErr {
            kind: ErrorKind::SyntaxError,
            msg,
            lineno: self.lineno as i32,
            offset,
            end_lineno: self.lineno as i32,
            end_offset,
            text: Some(String::from_utf8_lossy(line).into_owned()),
        }
    }

    fn warn(&mut self, message: String) {
        let as_error = Box::new(self.error_here(message.clone(), None));
        self.warnings.push(Warning {
            category: WarningCategory::SyntaxWarning,
            lineno: self.lineno,
            message,
            as_error,
        });
    }

    /// The next token. After the end of input: `EndMarker` again; after an error: `ErrorToken`.
    pub fn next_token(&mut self) -> Token {
        if self.modes[self.modes.len() - 1].in_text { self.fstring_text() } else { self.code() }
    }

    fn mode(&mut self) -> &mut Mode {
        let top = self.modes.len() - 1;
        &mut self.modes[top]
    }

    /// Reads the indentation of a line and compares it with the enclosing blocks'. `Ok(true)`: the line is blank.
    fn indentation(&mut self) -> Result<bool, Token> {
        let (mut col, mut alt_col, mut continued_col) = (0u32, 0u32, 0u32);
        let c = loop {
            match self.nextc() {
                b' ' => {
                    col += 1;
                    alt_col += 1;
                }
                b'\t' => {
                    col = (col / TAB_SIZE + 1) * TAB_SIZE;
                    alt_col += 1;
                }
                b'\x0c' => (col, alt_col) = (0, 0),
                b'\\' => {
                    // The first part decides: a backslash cannot split indentation.
                    continued_col = if continued_col != 0 { continued_col } else { col };
                    self.line_continuation()?;
                }
                c => break c,
            }
        };
        self.backup(c);
        if c == b'#' || c == b'\n' || c == b'\r' {
            return Ok(true);
        }
        if !self.brackets.is_empty() {
            return Ok(false);
        }
        if continued_col != 0 {
            (col, alt_col) = (continued_col, continued_col);
        }
        let top = self.indents[self.indents.len() - 1];
        if col == top.0 {
            if alt_col != top.1 {
                return Err(self.stop_line(Done::TabSpace));
            }
        } else if col > top.0 {
            if self.indents.len() >= MAX_INDENT {
                return Err(self.stop_line(Done::TooDeep));
            }
            if alt_col <= top.1 {
                return Err(self.stop_line(Done::TabSpace));
            }
            self.pending += 1;
            self.indents.push((col, alt_col));
        } else {
            while self.indents.len() > 1 && col < self.indents[self.indents.len() - 1].0 {
                self.pending -= 1;
                self.indents.pop();
            }
            let top = self.indents[self.indents.len() - 1];
            if col != top.0 {
                return Err(self.stop_line(Done::Dedent));
            }
            if alt_col != top.1 {
                return Err(self.stop_line(Done::TabSpace));
            }
        }
        Ok(false)
    }

    /// After a backslash: the line must end here and another must follow.
    fn line_continuation(&mut self) -> Result<(), Token> {
        let mut c = self.nextc();
        if c == b'\r' {
            c = self.nextc();
        }
        if c != b'\n' {
            return Err(self.stop(Done::LineContinuation));
        }
        let c = self.nextc();
        if c == 0 {
            if self.done == Done::Error {
                return Err(self.bare_token(TokenKind::ErrorToken));
            }
            return Err(self.stop_line(Done::Eof));
        }
        self.backup(c);
        Ok(())
    }

    /// A token in plain code (also inside a replacement field).
    fn code(&mut self) -> Token {
        'line: loop {
            let mut blank = false;
            self.in_token = false;
            if self.at_line_start {
                self.at_line_start = false;
                match self.indentation() {
                    Ok(b) => blank = b,
                    Err(token) => return token,
                }
            }
            self.start = self.pos;
            self.in_token = true;
            self.start_col = self.col();
            if self.pending < 0 {
                self.pending += 1;
                return if self.options.extra_tokens {
                    self.token(TokenKind::Dedent)
                } else {
                    self.bare_token(TokenKind::Dedent)
                };
            }
            if self.pending > 0 {
                self.pending -= 1;
                if self.options.extra_tokens {
                    return self.token_at(TokenKind::Indent, self.line_start, self.pos);
                }
                return self.bare_token(TokenKind::Indent);
            }
            // Enters the next line if need be, so that the token's line is known.
            let c = self.nextc();
            self.backup(c);

            loop {
                self.in_token = false;
                let mut c = self.nextc();
                while c == b' ' || c == b'\t' || c == b'\x0c' {
                    c = self.nextc();
                }
                self.start = if c == 0 { self.pos } else { self.pos - 1 };
                self.in_token = true;
                self.start_col = self.col() - 1;

                if c == b'#' {
                    if let Some(token) = self.comment(blank) {
                        return token;
                    }
                    c = self.nextc();
                }
                if c == 0 {
                    if !self.brackets.is_empty() || self.done != Done::Eof {
                        return self.bare_token(TokenKind::ErrorToken);
                    }
                    return self.bare_token(TokenKind::EndMarker);
                }
                if is_identifier_start(c) {
                    return self.word(c);
                }
                if c == b'\r' {
                    c = self.nextc();
                }
                if c == b'\n' {
                    self.at_line_start = true;
                    if blank || !self.brackets.is_empty() {
                        if self.options.extra_tokens {
                            self.comment_newline = false;
                            return self.token(TokenKind::Nl);
                        }
                        continue 'line;
                    }
                    if self.comment_newline && self.options.extra_tokens {
                        self.comment_newline = false;
                        return self.token(TokenKind::Nl);
                    }
                    return self.token_at(TokenKind::Newline, self.start, self.pos - 1);
                }
                if c == b'\\' {
                    if let Err(token) = self.line_continuation() {
                        return token;
                    }
                    continue;
                }
                return match c {
                    b'0'..=b'9' => self.number(c),
                    b'.' => self.dot(),
                    b'"' | b'\'' => self.string(c),
                    _ => self.operator(c),
                };
            }
        }
    }

    /// Skips a comment up to its newline; yields a token for type comments and in `extra_tokens` mode.
    fn comment(&mut self, blank: bool) -> Option<Token> {
        let text = &self.src[self.pos..self.line_end];
        let len = text.iter().position(|b| *b == b'\n' || *b == b'\r').unwrap_or(text.len());
        self.pos += len;
        if self.options.type_comments
            && let Some(token) = self.type_comment(blank)
        {
            return Some(token);
        }
        if self.options.extra_tokens {
            self.comment_newline = blank;
            return Some(self.token(TokenKind::Comment));
        }
        None
    }

    fn type_comment(&mut self, blank: bool) -> Option<Token> {
        let comment = &self.src[self.start..self.pos];
        let mut at = 0;
        for wanted in *b"# type: " {
            if wanted == b' ' {
                while at < comment.len() && (comment[at] == b' ' || comment[at] == b'\t') {
                    at += 1;
                }
            } else if comment.get(at) == Some(&wanted) {
                at += 1;
            } else {
                return None;
            }
        }
        let text = &comment[at..];
        let ignore = text.starts_with(b"ignore")
            && !text.get(6).is_some_and(|c| *c >= 128 || c.is_ascii_alphanumeric());
        let skip = at + if ignore { 6 } else { 0 };
        let mut token = self.token_at(
            if ignore { TokenKind::TypeIgnore } else { TokenKind::TypeComment },
            self.start + skip,
            self.pos,
        );
        token.col = self.start_col + skip as i32;
        if ignore && blank {
            // Alone on its line, it takes the newline along, tag included.
            self.nextc();
            token.end = self.pos as u32;
            token.end_col = self.col();
            self.at_line_start = true;
        }
        Some(token)
    }

    /// A name, a keyword, or a string with a prefix.
    fn word(&mut self, first: u8) -> Token {
        let mut c = first;
        let (mut saw_b, mut saw_r, mut saw_u, mut saw_f) = (false, false, false, false);
        loop {
            match c {
                b'b' | b'B' if !(saw_b || saw_u || saw_f) => saw_b = true,
                b'u' | b'U' if !(saw_b || saw_u || saw_r || saw_f) => saw_u = true,
                b'r' | b'R' if !(saw_r || saw_u) => saw_r = true,
                b'f' | b'F' if !(saw_f || saw_b || saw_u) => saw_f = true,
                _ => break,
            }
            c = self.nextc();
            if c == b'"' || c == b'\'' {
                return if saw_f { self.fstring_start(c) } else { self.string(c) };
            }
        }
        let mut non_ascii = c >= 128;
        if is_identifier_char(c) {
            while self.pos < self.line_end && is_identifier_char(self.src[self.pos]) {
                non_ascii |= self.src[self.pos] >= 128;
                self.pos += 1;
            }
        } else {
            self.backup(c);
        }
        self.note_end();
        let word = &self.src[self.start..self.pos];
        if non_ascii {
            if let Some(token) = self.check_identifier() {
                return token;
            }
            return self.token(TokenKind::Name);
        }
        self.token(TokenKind::of_word(word))
    }

    /// PEP 3131: an identifier of non-ASCII characters must be made of the right ones.
    fn check_identifier(&mut self) -> Option<Token> {
        if self.options.extra_tokens {
            return None;
        }
        let word = std::str::from_utf8(&self.src[self.start..self.pos]).ok()?;
        let (at, bad) = word.char_indices().find(|(i, c)| {
            let ok = if *i == 0 {
                *c == '_' || chars::is_xid_start(*c as u32)
            } else {
                chars::is_xid_continue(*c as u32)
            };
            !ok
        })?;
        self.pos = self.start + at + bad.len_utf8();
        let code = bad as u32;
        Some(if chars::is_printable(code) {
            self.raise(format!("invalid character '{bad}' (U+{code:04X})"))
        } else {
            self.raise(format!("invalid non-printable character U+{code:04X}"))
        })
    }
}
