//! Source text to tokens, one at a time: indentation, brackets, continuation lines, numbers, strings, f-strings with
//! nested expressions, type comments, and the errors that need no grammar.
//!
//! The input is UTF-8 with `\n` line ends (see `source`). Invariants: `pos <= line_end`, and `line_end` is one past
//! the newline of the line being read; the next line is entered only when its first character is asked for, since
//! several error positions are "where the tokenizer stands".

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
        self.line_end = memchr::memchr(b'\n', &self.src[begin..]).map_or(self.src.len(), |n| begin + n + 1);
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
        let here = chars_in_prefix(&self.src[self.line_start..self.pos.max(self.line_start)], self.pos.saturating_sub(self.line_start));
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
        self.warnings.push(Warning { category: WarningCategory::SyntaxWarning, lineno: self.lineno, message, as_error });
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
                return if self.options.extra_tokens { self.token(TokenKind::Dedent) } else { self.bare_token(TokenKind::Dedent) };
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
        let ignore = text.starts_with(b"ignore") && !text.get(6).is_some_and(|c| *c >= 128 || c.is_ascii_alphanumeric());
        let skip = at + if ignore { 6 } else { 0 };
        let mut token = self.token_at(if ignore { TokenKind::TypeIgnore } else { TokenKind::TypeComment }, self.start + skip, self.pos);
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
            let ok = if *i == 0 { *c == '_' || chars::is_xid_start(*c as u32) } else { chars::is_xid_continue(*c as u32) };
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

    fn dot(&mut self) -> Token {
        self.note_end();
        let rest = &self.src[self.pos..self.line_end];
        if rest.first().is_some_and(u8::is_ascii_digit) {
            let c = self.nextc();
            return self.fraction(c).unwrap_or_else(|e| e);
        }
        if rest.starts_with(b"..") {
            self.pos += 2;
            return self.token(TokenKind::Ellipsis);
        }
        if rest == b"." {
            self.pos += 1;
            self.note_end();
            self.pos -= 1;
        }
        self.token(TokenKind::Dot)
    }

    fn number(&mut self, first: u8) -> Token {
        self.try_number(first).unwrap_or_else(|e| e)
    }

    fn try_number(&mut self, first: u8) -> Result<Token, Token> {
        if first != b'0' {
            let c = self.decimal_tail()?;
            return self.fraction_or_exponent(c);
        }
        let mut c = self.nextc();
        match c {
            b'x' | b'X' => return self.radix_digits(16, "hexadecimal"),
            b'o' | b'O' => return self.radix_digits(8, "octal"),
            b'b' | b'B' => return self.radix_digits(2, "binary"),
            _ => {}
        }
        let mut nonzero = false;
        loop {
            if c == b'_' {
                c = self.nextc();
                if !c.is_ascii_digit() {
                    self.backup(c);
                    return Err(self.raise("invalid decimal literal"));
                }
            }
            if c != b'0' {
                break;
            }
            c = self.nextc();
        }
        let zeros_end = self.pos;
        if c.is_ascii_digit() {
            nonzero = true;
            c = self.decimal_tail()?;
        }
        if matches!(c, b'.' | b'e' | b'E' | b'j' | b'J') {
            return self.fraction_or_exponent(c);
        }
        if nonzero && !self.options.extra_tokens {
            self.backup(c);
            let columns = ((self.start + 1 - self.line_start) as i32, (zeros_end - self.line_start) as i32);
            let msg = "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
            return Err(self.raise_range(msg, Some(columns)));
        }
        self.number_end(c, "decimal")
    }

    /// Digits after `0x` and its like.
    fn radix_digits(&mut self, radix: u32, name: &str) -> Result<Token, Token> {
        let is_digit = |c: u8| (c as char).is_digit(radix);
        let mut c = self.nextc();
        loop {
            if c == b'_' {
                c = self.nextc();
            }
            if !is_digit(c) {
                if radix != 16 && c.is_ascii_digit() {
                    return Err(self.raise(format!("invalid digit '{}' in {name} literal", c as char)));
                }
                self.backup(c);
                return Err(self.raise(format!("invalid {name} literal")));
            }
            while is_digit(c) {
                c = self.nextc();
            }
            if c != b'_' {
                break;
            }
        }
        if c.is_ascii_digit() {
            return Err(self.raise(format!("invalid digit '{}' in {name} literal", c as char)));
        }
        self.number_end(c, name)
    }

    /// Decimal digits with single underscores between; the character after them.
    fn decimal_tail(&mut self) -> ByteResult {
        loop {
            let mut c = self.nextc();
            while c.is_ascii_digit() {
                c = self.nextc();
            }
            if c != b'_' {
                return Ok(c);
            }
            let c = self.nextc();
            if !c.is_ascii_digit() {
                self.backup(c);
                return Err(self.raise("invalid decimal literal"));
            }
        }
    }

    fn fraction_or_exponent(&mut self, mut c: u8) -> Result<Token, Token> {
        if c == b'.' {
            c = self.nextc();
            return self.fraction(c);
        }
        self.exponent(c)
    }

    /// After the decimal point, `c` being the character behind it.
    fn fraction(&mut self, mut c: u8) -> Result<Token, Token> {
        if c.is_ascii_digit() {
            c = self.decimal_tail()?;
        }
        self.exponent(c)
    }

    fn exponent(&mut self, mut c: u8) -> Result<Token, Token> {
        if c == b'e' || c == b'E' {
            let e = c;
            c = self.nextc();
            if c == b'+' || c == b'-' {
                c = self.nextc();
                if !c.is_ascii_digit() {
                    self.backup(c);
                    return Err(self.raise("invalid decimal literal"));
                }
            } else if !c.is_ascii_digit() {
                // No exponent: `1else` and the like.
                self.backup(c);
                return self.number_end(e, "decimal");
            }
            c = self.decimal_tail()?;
        }
        if c == b'j' || c == b'J' {
            c = self.nextc();
            return self.number_end(c, "imaginary");
        }
        self.number_end(c, "decimal")
    }

    /// A number ends before `c`: a keyword right behind it is deprecated, any other word an error.
    fn number_end(&mut self, c: u8, kind: &str) -> Result<Token, Token> {
        self.backup(c);
        if !self.options.extra_tokens {
            let rest = &self.src[self.pos..self.line_end];
            let keyword = |word: &[u8]| rest.starts_with(word) && !rest.get(word.len()).is_some_and(|c| is_identifier_char(*c));
            let known = match c {
                b'a' => keyword(b"and"),
                b'e' => keyword(b"else"),
                b'f' => keyword(b"for"),
                b'i' => matches!(rest.get(1), Some(b'f' | b'n' | b's')),
                b'o' => keyword(b"or"),
                b'n' => keyword(b"not"),
                _ => false,
            };
            if known {
                self.warn(format!("invalid {kind} literal"));
            } else if c < 128 && is_identifier_char(c) {
                return Err(self.raise(format!("invalid {kind} literal")));
            }
        }
        Ok(self.token(TokenKind::Number))
    }

    /// A string without `f` prefix; `quote` has been read.
    fn string(&mut self, quote: u8) -> Token {
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let mut quote_size = 1;
        let mut end_size = 0;
        let mut escaped_quote = false;
        let mut c = self.nextc();
        if c == quote {
            c = self.nextc();
            if c == quote {
                quote_size = 3;
            } else {
                end_size = 1;
            }
        }
        if c != quote {
            self.backup(c);
        }
        while end_size != quote_size {
            // Runs of ordinary characters within the line.
            while self.pos < self.line_end {
                let b = self.src[self.pos];
                if b == quote || b == b'\\' || b == b'\n' {
                    break;
                }
                self.pos += 1;
                end_size = 0;
            }
            c = self.nextc();
            if self.done == Done::Error {
                return self.bare_token(TokenKind::ErrorToken);
            }
            if c == 0 || (quote_size == 1 && c == b'\n') {
                return self.unterminated_string(quote, quote_size, c, escaped_quote);
            }
            if c == quote {
                end_size += 1;
                continue;
            }
            end_size = 0;
            if c == b'\\' {
                c = self.nextc();
                escaped_quote |= c == quote;
                if c == b'\r' {
                    self.nextc();
                }
            }
        }
        self.token(TokenKind::String)
    }

    #[cold]
    fn unterminated_string(&mut self, quote: u8, quote_size: u8, last: u8, escaped_quote: bool) -> Token {
        let found = self.lineno;
        self.pos = self.start + 1;
        self.line_start = self.multi_line_start;
        self.lineno = self.first_lineno;
        let mode = *self.mode();
        if self.inside_fstring() && mode.quote == quote && mode.quote_size == quote_size {
            return self.raise("f-string: expecting '}'");
        }
        let token = if quote_size == 3 {
            self.raise(format!("unterminated triple-quoted string literal (detected at line {found})"))
        } else if escaped_quote {
            self.raise(format!("unterminated string literal (detected at line {found}); perhaps you escaped the end quote?"))
        } else {
            self.raise(format!("unterminated string literal (detected at line {found})"))
        };
        if last != b'\n' {
            self.done = if quote_size == 3 { Done::EofInString } else { Done::EolInString };
        }
        token
    }

    fn fstring_start(&mut self, quote: u8) -> Token {
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let mut quote_size = 1;
        if self.src[self.pos..self.line_end].starts_with(&[quote, quote]) {
            quote_size = 3;
            self.pos += 2;
        }
        if self.modes.len() >= MAX_FSTRING_LEVEL {
            return self.raise("too many nested f-strings");
        }
        let prefix = &self.src[self.start..self.pos];
        let raw = prefix.iter().take(2).any(|c| matches!(c, b'r' | b'R'));
        self.modes.push(Mode {
            in_text: true,
            quote,
            quote_size,
            raw,
            start: self.start,
            start_line_start: self.line_start,
            start_lineno: self.lineno,
            ..PLAIN
        });
        self.token(TokenKind::FStringStart)
    }

    /// A token in the literal part of an f-string.
    fn fstring_text(&mut self) -> Token {
        self.start = self.pos;
        self.in_token = true;
        self.first_lineno = self.lineno;
        self.start_col = self.col();
        let (quote, quote_size, raw) = {
            let m = self.mode();
            (m.quote, m.quote_size, m.raw)
        };

        let c = self.nextc();
        if c == b'{' {
            let next = self.nextc();
            self.backup(next);
            self.backup(c);
            if next != b'{' {
                return self.enter_replacement_field().unwrap_or_else(|()| self.code());
            }
        } else {
            self.backup(c);
        }

        let mut quotes = 0;
        while quotes < quote_size {
            let q = self.nextc();
            if q != quote {
                self.backup(q);
                break;
            }
            quotes += 1;
        }
        if quotes == quote_size {
            self.modes.pop();
            return self.token(TokenKind::FStringEnd);
        }

        self.multi_line_start = self.line_start;
        let mut in_name_escape = false;
        // Quotes already read (fewer than end the string) count towards the end only if they go on.
        let mut end_size = 0;
        while end_size != quote_size {
            let c = self.nextc();
            if self.done == Done::Error {
                return self.bare_token(TokenKind::ErrorToken);
            }
            let mode = *self.mode();
            let in_spec = mode.in_format_spec && mode.expr_start_depth >= 0;
            if c == 0 || (quote_size == 1 && c == b'\n') {
                return self.unterminated_fstring(mode, in_spec, c);
            }
            if c == quote {
                end_size += 1;
                continue;
            }
            end_size = 0;
            match c {
                b'{' => {
                    self.set_expr_start();
                    let next = self.nextc();
                    if next != b'{' || in_spec {
                        self.backup(next);
                        self.backup(c);
                        if let Ok(token) = self.enter_replacement_field() {
                            return token;
                        }
                        self.mode().in_format_spec = false;
                        return self.token(TokenKind::FStringMiddle);
                    }
                    return self.token_at(TokenKind::FStringMiddle, self.start, self.pos - 1);
                }
                b'}' => {
                    if in_name_escape {
                        return self.token(TokenKind::FStringMiddle);
                    }
                    let next = self.nextc();
                    if next == b'}' && !in_spec && mode.bracket_depth == 0 {
                        return self.token_at(TokenKind::FStringMiddle, self.start, self.pos - 1);
                    }
                    self.backup(next);
                    self.backup(c);
                    let m = self.mode();
                    m.in_text = false;
                    m.in_format_spec = false;
                    return self.token(TokenKind::FStringMiddle);
                }
                b'\\' => {
                    let mut next = self.nextc();
                    if next == b'\r' {
                        next = self.nextc();
                    }
                    if next == b'{' || next == b'}' {
                        if !raw {
                            self.warn(format!("invalid escape sequence '\\{}'", next as char));
                        }
                        self.backup(next);
                        continue;
                    }
                    if !raw && next == b'N' {
                        let brace = self.nextc();
                        if brace == b'{' {
                            in_name_escape = true;
                        } else {
                            self.backup(brace);
                        }
                    }
                }
                _ => {}
            }
        }
        self.pos -= quote_size as usize;
        self.token(TokenKind::FStringMiddle)
    }

    /// `Ok` is an error token.
    fn enter_replacement_field(&mut self) -> Result<Token, ()> {
        let mode = self.mode();
        mode.expr_start_depth += 1;
        if mode.expr_start_depth >= MAX_EXPR_NESTING {
            return Ok(self.raise("f-string: expressions nested too deeply"));
        }
        mode.in_text = false;
        Err(())
    }

    fn set_expr_start(&mut self) {
        let pos = self.pos;
        let mode = self.mode();
        mode.expr_start = Some(pos);
        mode.expr_end = None;
    }

    #[cold]
    fn unterminated_fstring(&mut self, mode: Mode, in_spec: bool, last: u8) -> Token {
        if in_spec && last == b'\n' {
            return self.raise("f-string: newlines are not allowed in format specifiers for single quoted f-strings");
        }
        let found = self.lineno;
        self.pos = mode.start + 1;
        self.line_start = mode.start_line_start;
        self.lineno = mode.start_lineno;
        if mode.quote_size == 3 {
            let token = self.raise(format!("unterminated triple-quoted f-string literal (detected at line {found})"));
            if last != b'\n' {
                self.done = Done::EofInString;
            }
            return token;
        }
        self.raise(format!("unterminated f-string literal (detected at line {found})"))
    }

    fn operator(&mut self, c: u8) -> Token {
        use TokenKind::*;
        let inside = self.inside_fstring();
        let in_field = self.mode().expr_start_depth >= 0;
        if inside && in_field && matches!(c, b':' | b'}' | b'!' | b'{') {
            let mode = *self.mode();
            let cursor = mode.bracket_depth - i32::from(c != b'{');
            if cursor == 0 || (cursor == 1 && (mode.debug || mode.in_format_spec)) {
                self.note_expr_boundary(c);
            }
            if c == b':' && cursor == mode.expr_start_depth {
                let mode = self.mode();
                mode.in_text = true;
                mode.in_format_spec = true;
                return self.token(Colon);
            }
        }
        self.note_end();
        let rest = &self.src[self.pos..self.line_end];
        let (c2, c3) = (rest.first().copied().unwrap_or(0), rest.get(1).copied().unwrap_or(0));
        let (kind, len) = match (c, c2, c3) {
            (b'*', b'*', b'=') => (DoubleStarEqual, 3),
            (b'/', b'/', b'=') => (DoubleSlashEqual, 3),
            (b'<', b'<', b'=') => (LeftShiftEqual, 3),
            (b'>', b'>', b'=') => (RightShiftEqual, 3),
            (b'!', b'=', _) => (NotEqual, 2),
            (b'%', b'=', _) => (PercentEqual, 2),
            (b'&', b'=', _) => (AmperEqual, 2),
            (b'*', b'*', _) => (DoubleStar, 2),
            (b'*', b'=', _) => (StarEqual, 2),
            (b'+', b'=', _) => (PlusEqual, 2),
            (b'-', b'=', _) => (MinEqual, 2),
            (b'-', b'>', _) => (RArrow, 2),
            (b'/', b'/', _) => (DoubleSlash, 2),
            (b'/', b'=', _) => (SlashEqual, 2),
            (b':', b'=', _) => (ColonEqual, 2),
            (b'<', b'<', _) => (LeftShift, 2),
            (b'<', b'=', _) => (LessEqual, 2),
            (b'<', b'>', _) => (NotEqual, 2),
            (b'=', b'=', _) => (EqEqual, 2),
            (b'>', b'=', _) => (GreaterEqual, 2),
            (b'>', b'>', _) => (RightShift, 2),
            (b'@', b'=', _) => (AtEqual, 2),
            (b'^', b'=', _) => (CircumflexEqual, 2),
            (b'|', b'=', _) => (VBarEqual, 2),
            (b'!', ..) => (Exclamation, 1),
            (b'%', ..) => (Percent, 1),
            (b'&', ..) => (Amper, 1),
            (b'(', ..) => (LPar, 1),
            (b')', ..) => (RPar, 1),
            (b'*', ..) => (Star, 1),
            (b'+', ..) => (Plus, 1),
            (b',', ..) => (Comma, 1),
            (b'-', ..) => (Minus, 1),
            (b'/', ..) => (Slash, 1),
            (b':', ..) => (Colon, 1),
            (b';', ..) => (Semi, 1),
            (b'<', ..) => (Less, 1),
            (b'=', ..) => (Equal, 1),
            (b'>', ..) => (Greater, 1),
            (b'@', ..) => (At, 1),
            (b'[', ..) => (LSqb, 1),
            (b']', ..) => (RSqb, 1),
            (b'^', ..) => (Circumflex, 1),
            (b'{', ..) => (LBrace, 1),
            (b'|', ..) => (VBar, 1),
            (b'}', ..) => (RBrace, 1),
            (b'~', ..) => (Tilde, 1),
            _ => (Op, 1),
        };
        if len > 1 {
            self.pos += len - 1;
            if len == 2 {
                self.note_end();
            }
            return self.token(kind);
        }
        match c {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_LEVEL {
                    return self.raise("too many nested parentheses");
                }
                let col = (self.start - self.line_start) as u32;
                self.brackets.push(Open { bracket: c, lineno: self.lineno, col });
                if inside {
                    self.mode().bracket_depth += 1;
                }
            }
            b')' | b']' | b'}' => {
                if let Some(token) = self.close_bracket(c, inside) {
                    return token;
                }
            }
            _ => {}
        }
        if c < b' ' || c == 0x7f {
            return self.raise(format!("invalid non-printable character U+{:04X}", c));
        }
        if c == b'=' && in_field {
            self.mode().debug = true;
        }
        self.token(kind)
    }

    /// The error that a closing bracket makes, if any.
    fn close_bracket(&mut self, c: u8, inside: bool) -> Option<Token> {
        let strict = !self.options.extra_tokens;
        if inside && self.mode().bracket_depth == 0 && c == b'}' {
            return Some(self.raise("f-string: single '}' is not allowed"));
        }
        match self.brackets.pop() {
            None if strict => return Some(self.raise(format!("unmatched '{}'", c as char))),
            None => {}
            Some(open) => {
                let matches = matches!((open.bracket, c), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                if strict && !matches {
                    let mode = *self.mode();
                    if inside && open.bracket == b'{' && mode.bracket_depth - 1 == mode.expr_start_depth {
                        return Some(self.raise(format!("f-string: unmatched '{}'", c as char)));
                    }
                    let (close, opening) = (c as char, open.bracket as char);
                    let mut msg = format!("closing parenthesis '{close}' does not match opening parenthesis '{opening}'");
                    if open.lineno != self.lineno {
                        msg.push_str(&format!(" on line {}", open.lineno));
                    }
                    return Some(self.raise(msg));
                }
            }
        }
        if inside {
            let mode = self.mode();
            mode.bracket_depth -= 1;
            if mode.bracket_depth < 0 {
                return Some(self.raise(format!("f-string: unmatched '{}'", c as char)));
            }
            if c == b'}' && mode.bracket_depth == mode.expr_start_depth {
                mode.expr_start_depth -= 1;
                mode.in_text = true;
                mode.in_format_spec = false;
                mode.debug = false;
            }
        }
        None
    }

    /// Where a replacement field's expression begins or ends, for the text of `{expr=}`.
    fn note_expr_boundary(&mut self, c: u8) {
        if c == b'{' {
            self.set_expr_start();
            return;
        }
        let start = self.start;
        let mode = self.mode();
        if c != b':' || mode.expr_end.is_none() {
            mode.expr_end = Some(start);
        }
        let mode = *mode;
        if mode.debug
            && let (Some(from), Some(to)) = (mode.expr_start, mode.expr_end)
        {
            self.debug_texts.push(DebugText { token_start: start as u32, start: from as u32, end: to as u32 });
        }
    }
}
