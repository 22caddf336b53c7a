//! Tokens as the `tokenize` module shows them: `_tokenize.TokenizerIter` without the objects.
//!
//! The source must be complete and keep its line ends. Columns are characters, not bytes.

use crate::errors::{ErrorKind, SyntaxErr, chars_in_prefix};
use crate::token::{Token, TokenKind};
use crate::tokenizer::{Done, Tokenizer, TokenizerOptions};

/// One token: the five fields of `tokenize.TokenInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo<'s> {
    /// The number in the `token` module.
    pub kind: u8,
    pub string: &'s str,
    pub start: (u32, i32),
    pub end: (u32, i32),
    /// The physical lines that the token is on.
    pub line: &'s str,
}

/// Iterates over the tokens of a source; an error ends it.
pub struct Tokens<'s> {
    src: &'s str,
    tokenizer: Tokenizer<'s>,
    extra: bool,
    /// The last line has no newline of its own: `src` got one added.
    implicit_newline: bool,
    finished: bool,
}

/// The text to hand to [`Tokens::new`], and whether a newline had to be added.
pub fn with_final_newline(text: &str) -> (String, bool) {
    let add = !text.is_empty() && !text.ends_with('\n');
    (if add { format!("{text}\n") } else { text.to_owned() }, add)
}

impl<'s> Tokens<'s> {
    /// `src` and `implicit_newline` are what [`with_final_newline`] gave; `extra`: comments and `NL` too.
    pub fn new(src: &'s str, implicit_newline: bool, extra: bool) -> Self {
        let options = TokenizerOptions { extra_tokens: extra, type_comments: false };
        Tokens {
            src,
            tokenizer: Tokenizer::new(src, options),
            extra,
            implicit_newline,
            finished: false,
        }
    }

    /// The warnings so far.
    pub fn take_warnings(&mut self) -> Vec<crate::Warning> {
        std::mem::take(&mut self.tokenizer.warnings)
    }

    /// Whether the line being read is the last one, and its newline is ours.
    fn on_implicit_newline(&self) -> bool {
        self.implicit_newline && self.tokenizer.line_end() == self.src.len()
    }

    fn error(&mut self) -> Box<SyntaxErr> {
        if let Some(error) = self.tokenizer.take_error() {
            return error;
        }
        let t = &self.tokenizer;
        let lineno = t.lineno() as i32;
        let (from, to) = (t.buffer_start(), t.line_end());
        let (kind, msg) = match t.done() {
            Done::Eof => {
                let msg = "unexpected EOF in multi-line statement".to_owned();
                return Box::new(SyntaxErr {
                    kind: ErrorKind::SyntaxError,
                    msg,
                    lineno,
                    // Between tokens and outside f-strings the buffer has been given up by then.
                    offset: match t.outermost_fstring_line() {
                        Some(from) => (to - from) as i32,
                        None if t.ended_in_token() => (to - from) as i32,
                        None => 0,
                    },
                    end_lineno: lineno,
                    end_offset: 0,
                    text: None,
                });
            }
            Done::Dedent => {
                (ErrorKind::IndentationError, "unindent does not match any outer indentation level")
            }
            Done::TabSpace => {
                (ErrorKind::TabError, "inconsistent use of tabs and spaces in indentation")
            }
            Done::TooDeep => (ErrorKind::IndentationError, "too many levels of indentation"),
            Done::LineContinuation => {
                (ErrorKind::SyntaxError, "unexpected character after line continuation character")
            }
            _ => (ErrorKind::SyntaxError, "unknown tokenization error"),
        };
        let text = self.src.get(from..to).unwrap_or("").trim_end_matches('\n');
        let offset = chars_in_prefix(text.as_bytes(), to - from);
        Box::new(SyntaxErr {
            kind,
            msg: msg.to_owned(),
            lineno,
            offset,
            end_lineno: lineno,
            end_offset: 0,
            text: Some(text.to_owned()),
        })
    }

    fn chars(&self, from: usize, to: usize) -> i32 {
        self.src.get(from..to).map_or(0, |s| s.chars().count() as i32)
    }

    fn info(&self, token: Token) -> TokenInfo<'s> {
        let t = &self.tokenizer;
        let trailing = token.kind == TokenKind::EndMarker
            || (token.kind == TokenKind::Dedent && t.done() == Done::Eof);
        let line_start =
            if token.kind.is_string_literal() { t.multi_line_start() } else { t.line_start() };
        let implicit = self.on_implicit_newline();
        let line = if self.extra && trailing {
            ""
        } else {
            let end = t.line_end() - usize::from(implicit && t.line_end() > line_start);
            self.src.get(line_start..end).unwrap_or("")
        };
        let (start, end) = (token.start as usize, token.end as usize);
        let bare = token.col == -1;
        let (mut lineno, mut end_lineno) = (token.lineno, token.end_lineno);
        let mut col = if bare || start < line_start { -1 } else { self.chars(line_start, start) };
        let mut end_col =
            if bare || end < t.line_start() { -1 } else { self.chars(t.line_start(), end) };
        let mut string = if bare { "" } else { &self.src[start..end] };
        let mut kind = if token.kind.is_keyword() { TokenKind::Name } else { token.kind };
        if self.extra {
            if trailing {
                lineno += 1;
                end_lineno = lineno;
                (col, end_col) = (0, 0);
            }
            if kind > TokenKind::Dedent && kind < TokenKind::Op {
                kind = TokenKind::Op;
            } else if kind == TokenKind::Newline {
                string = match string.as_bytes().first() {
                    _ if implicit => "",
                    Some(b'\r') => "\r\n",
                    _ => "\n",
                };
                end_col += 1;
            } else if kind == TokenKind::Nl && implicit {
                string = "";
            }
        }
        TokenInfo {
            kind: kind as u8,
            string,
            start: (lineno, col),
            end: (end_lineno, end_col),
            line,
        }
    }
}

impl<'s> Iterator for Tokens<'s> {
    type Item = Result<TokenInfo<'s>, Box<SyntaxErr>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let token = self.tokenizer.next_token();
        if token.kind == TokenKind::ErrorToken {
            self.finished = true;
            return Some(Err(self.error()));
        }
        self.finished = token.kind == TokenKind::EndMarker;
        Some(Ok(self.info(token)))
    }
}
