//! Finds out which error an invalid program gets.
//!
//! Works as CPython's parser does after a failure: one pass over the whole grammar to see where it fails, a second
//! one with the `invalid_*` rules, then a look at the rest of the tokens (an unclosed bracket matters more than a
//! generic "invalid syntax"). Slow next to `parser`, and run only for programs that `parser` gave up on.
//! `grammar.txt` is the grammar, `grammar` reads it, `engine` runs it, `actions` makes the errors.

mod actions;
mod engine;
mod grammar;

use std::collections::HashMap;

use actions::NodeKind;
use grammar::{Grammar, RuleId};

use crate::chars;
use crate::errors::{ErrorKind, SyntaxErr, Warning, chars_in_prefix};
use crate::numbers;
use crate::parser::escape_warning;
use crate::strings::BadEscape;
use crate::token::{Token, TokenKind};
use crate::tokenizer::{Done, Tokenizer, TokenizerOptions};
use crate::{Mode, ParseOptions};

pub(crate) enum Verdict {
    Error(Box<SyntaxErr>),
    Valid,
}

/// A node's number; with `TOKEN_BIT`, a token's.
type NodeId = u32;
const TOKEN_BIT: NodeId = 1 << 31;
/// "Nothing": an absent option, a look ahead.
const NIL: NodeId = 0;

#[derive(Clone, Copy, Debug)]
struct Place {
    lineno: i32,
    col: i32,
    end_lineno: i32,
    end_col: i32,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: NodeKind,
    place: Place,
    children: (u32, u32),
}

struct Diagnoser<'s> {
    src: &'s str,
    options: ParseOptions,
    tokenizer: Tokenizer<'s>,
    tokens: Vec<Token>,
    mark: usize,
    level: u32,
    /// The second pass: `invalid_*` rules are tried.
    seek_errors: bool,
    barry: bool,
    parsing_started: bool,
    error: Option<Box<SyntaxErr>>,
    memo: HashMap<(usize, RuleId), (usize, Option<NodeId>)>,
    nodes: Vec<Node>,
    children: Vec<NodeId>,
    warnings: Vec<Warning>,
}

/// What is wrong with `text`. The first `skip` tokens are known to be whole, valid statements.
pub(crate) fn diagnose(
    text: &str,
    options: &ParseOptions,
    barry: bool,
    skip: usize,
    warnings: &mut Vec<Warning>,
) -> Verdict {
    let tokenizer = Tokenizer::new(
        text,
        TokenizerOptions { extra_tokens: false, type_comments: options.type_comments },
    );
    let nil = Node {
        kind: NodeKind::Other,
        place: Place { lineno: 0, col: 0, end_lineno: 0, end_col: 0 },
        children: (0, 0),
    };
    let mut d = Diagnoser {
        src: text,
        options: *options,
        tokenizer,
        tokens: Vec::new(),
        mark: 0,
        level: 0,
        seek_errors: false,
        barry,
        parsing_started: false,
        error: None,
        memo: HashMap::new(),
        nodes: vec![nil],
        children: Vec::new(),
        warnings: Vec::new(),
    };
    let verdict = d.run(skip);
    warnings.append(&mut d.warnings);
    warnings.append(&mut d.tokenizer.warnings);
    verdict
}

impl<'s> Diagnoser<'s> {
    fn run(&mut self, skip: usize) -> Verdict {
        while self.tokens.len() < skip && self.fill() {}
        let start = match self.options.mode {
            Mode::Exec => "file",
            Mode::Eval => "eval",
            Mode::Single => "interactive",
            Mode::FuncType => "func_type",
        };
        let start = Grammar::get().rule(start);
        self.mark = skip.min(self.tokens.len());
        let found = self.rule(start);
        if found.is_some() && self.error.is_none() {
            if self.options.mode == Mode::Single && self.text_remains() {
                let message = "multiple statements found while compiling a single statement";
                self.raise_here(ErrorKind::SyntaxError, message.into());
            }
            return self.verdict();
        }
        let at_end =
            matches!(self.tokenizer.done(), Done::Eof | Done::EofInString | Done::EolInString);
        if self.options.allow_incomplete_input && at_end {
            self.error = None;
            self.raise_here(ErrorKind::IncompleteInput, "incomplete input".into());
            return self.verdict();
        }
        if self.error.as_ref().is_some_and(|e| !e.has_location()) {
            return self.verdict();
        }
        let last = self.tokens.len() - 1;
        if self.error.is_none() {
            self.memo.clear();
            self.seek_errors = true;
            self.mark = skip.min(self.tokens.len());
            self.level = 0;
            self.rule(start);
        }
        self.settle(last);
        self.verdict()
    }

    fn verdict(&mut self) -> Verdict {
        self.error.take().map_or(Verdict::Valid, Verdict::Error)
    }

    /// Decides between what the second pass found, a generic error at token `last`, and errors further on.
    fn settle(&mut self, last: usize) {
        if self.error.is_some() {
            if matches!(self.tokenizer.done(), Done::No)
                && self.error.as_ref().is_some_and(|e| e.has_location())
            {
                self.check_rest();
            }
            return;
        }
        let token = self.tokens[last];
        match token.kind {
            TokenKind::ErrorToken if self.tokenizer.done() == Done::Eof => {
                if self.tokenizer.innermost_open().is_some() {
                    self.raise_unclosed();
                } else {
                    self.raise_here(ErrorKind::SyntaxError, "unexpected EOF while parsing".into());
                }
                return;
            }
            TokenKind::Indent => {
                return self.raise_here(ErrorKind::IndentationError, "unexpected indent".into());
            }
            TokenKind::Dedent => {
                return self.raise_here(ErrorKind::IndentationError, "unexpected unindent".into());
            }
            _ => {}
        }
        let at = last as NodeId | TOKEN_BIT;
        self.raise_range(at, at, "invalid syntax".into());
        self.check_rest();
    }

    /// Reads the remaining tokens: their errors win over the one at hand, unless it is inside an f-string; a bracket
    /// left open before it wins too.
    fn check_rest(&mut self) {
        let current_line = self.tokens.last().map_or(0, |t| t.lineno);
        loop {
            match self.tokenizer.next_token().kind {
                TokenKind::ErrorToken => break,
                TokenKind::EndMarker => return,
                _ => {}
            }
        }
        let mut found = self.tokenizer.take_error();
        if found.is_none()
            && let Some((_, lineno, _)) = self.tokenizer.innermost_open()
            && current_line > lineno
        {
            let kept = self.error.take();
            self.raise_unclosed();
            found = std::mem::replace(&mut self.error, kept);
        }
        if let Some(error) = found
            && !self.tokenizer.inside_fstring()
        {
            self.error = Some(error);
        }
    }

    /// Whether something other than blanks and comments follows the statement.
    fn text_remains(&self) -> bool {
        let mut rest = &self.src.as_bytes()[self.tokenizer.pos()..];
        while let [first, tail @ ..] = rest {
            rest = match first {
                b' ' | b'\t' | b'\n' | 0x0c => tail,
                b'#' => &rest[rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())..],
                _ => return true,
            };
        }
        false
    }

    /// Whether an error has been raised: nothing matches any more.
    fn failed(&self) -> bool {
        self.error.is_some()
    }

    /// Reads one more token; false if that raised an error.
    fn fill(&mut self) -> bool {
        let mut token = self.tokenizer.next_token();
        while token.kind == TokenKind::TypeIgnore {
            token = self.tokenizer.next_token();
        }
        if self.options.mode == Mode::Single
            && token.kind == TokenKind::EndMarker
            && self.parsing_started
        {
            token.kind = TokenKind::Newline;
            self.parsing_started = false;
            if !self.options.dont_imply_dedent {
                self.tokenizer.close_blocks();
            }
        } else {
            self.parsing_started = true;
        }
        self.tokens.push(token);
        if token.kind == TokenKind::ErrorToken {
            self.raise_tokenizer_error();
            return false;
        }
        true
    }

    fn raise_tokenizer_error(&mut self) {
        if self.failed() {
            return;
        }
        if let Some(error) = self.tokenizer.take_error() {
            self.error = Some(error);
            return;
        }
        let line = self.tokenizer.lineno() as i32;
        match self.tokenizer.done() {
            Done::Eof if self.tokenizer.innermost_open().is_some() => self.raise_unclosed(),
            Done::Eof => {
                self.raise_here(ErrorKind::SyntaxError, "unexpected EOF while parsing".into())
            }
            Done::Dedent => {
                self.raise_here(
                    ErrorKind::IndentationError,
                    "unindent does not match any outer indentation level".into(),
                );
            }
            Done::TabSpace => {
                let message = "inconsistent use of tabs and spaces in indentation";
                self.raise_at(ErrorKind::TabError, (line, 1), (line, 0), message.into());
            }
            Done::TooDeep => {
                self.raise_at(
                    ErrorKind::IndentationError,
                    (line, 1),
                    (line, 0),
                    "too many levels of indentation".into(),
                );
            }
            Done::LineContinuation => {
                let col = (self.tokenizer.pos() - self.tokenizer.buffer_start()) as i32;
                let message = "unexpected character after line continuation character";
                self.raise_at(ErrorKind::SyntaxError, (line, col), (line, 0), message.into());
            }
            _ => self.raise_at(
                ErrorKind::SyntaxError,
                (line, 1),
                (line, 0),
                "unknown parsing error".into(),
            ),
        }
    }

    fn raise_unclosed(&mut self) {
        if let Some((bracket, lineno, col)) = self.tokenizer.innermost_open() {
            let lineno = lineno as i32;
            self.raise_at(
                ErrorKind::SyntaxError,
                (lineno, col as i32 + 1),
                (lineno, 0),
                format!("'{bracket}' was never closed"),
            );
        }
    }

    fn raise_stack_overflow(&mut self) {
        let message = "Parser stack overflowed - Python source too complex to parse";
        self.error = Some(SyntaxErr::bare(ErrorKind::MemoryError, message));
    }

    /// Raises an error. Columns are bytes from 1; an end column of 0 or -1 stays what it is.
    fn raise_at(&mut self, kind: ErrorKind, start: (i32, i32), end: (i32, i32), msg: String) {
        if self.failed() {
            return;
        }
        let text = self.line_text(start.0);
        let offset = |col: i32| chars_in_prefix(text.as_bytes(), col.max(0) as usize);
        self.error = Some(Box::new(SyntaxErr {
            kind,
            msg,
            lineno: start.0,
            offset: offset(start.1),
            end_lineno: end.0,
            end_offset: if end.1 > 0 { offset(end.1) } else { end.1 },
            text: Some(text.to_owned()),
        }));
    }

    /// The line as CPython shows it: with its newline if it is the one being read.
    fn line_text(&self, lineno: i32) -> &'s str {
        let (from, to) = (self.tokenizer.line_start(), self.tokenizer.line_end());
        if self.tokenizer.lineno() as i32 <= lineno && to > from {
            return self.src.get(from..to).unwrap_or("");
        }
        self.src.split('\n').nth((lineno - 1).max(0) as usize).unwrap_or("")
    }

    fn raise_token(&mut self, kind: ErrorKind, token: Token, msg: String) {
        let col = if token.col == -1 {
            (self.tokenizer.pos() - self.tokenizer.line_start()) as i32
        } else {
            token.col + 1
        };
        let end_col = if token.end_col == -1 { -1 } else { token.end_col + 1 };
        self.raise_at(kind, (token.lineno as i32, col), (token.end_lineno as i32, end_col), msg);
    }

    /// Raises at the last token read.
    fn raise_here(&mut self, kind: ErrorKind, msg: String) {
        match self.tokens.last() {
            Some(token) => self.raise_token(kind, *token, msg),
            None => self.raise_at(kind, (0, 0), (0, -1), msg),
        }
    }

    /// Raises at the next token.
    fn raise_next(&mut self, msg: String) {
        if self.failed() || (self.mark == self.tokens.len() && !self.fill()) {
            return;
        }
        self.raise_token(ErrorKind::SyntaxError, self.tokens[self.mark], msg);
    }

    fn raise_range(&mut self, from: NodeId, to: NodeId, msg: String) {
        let (a, b) = (self.span(from), self.span(to));
        self.raise_at(
            ErrorKind::SyntaxError,
            (a.lineno, a.col + 1),
            (b.end_lineno, b.end_col + 1),
            msg,
        );
    }

    fn raise_from(&mut self, from: NodeId, msg: String) {
        let a = self.span(from);
        let end = (self.tokenizer.pos() - self.tokenizer.line_start()) as i32;
        self.raise_at(
            ErrorKind::SyntaxError,
            (a.lineno, a.col + 1),
            (self.tokenizer.lineno() as i32, end),
            msg,
        );
    }

    fn text(&self, token: Token) -> &'s str {
        &self.src[token.start as usize..token.end as usize]
    }

    /// The text of a token; empty for other nodes.
    fn node_text(&self, id: NodeId) -> &'s str {
        if id & TOKEN_BIT == 0 { "" } else { self.text(self.tokens[(id & !TOKEN_BIT) as usize]) }
    }

    fn span(&self, id: NodeId) -> Place {
        if id & TOKEN_BIT == 0 {
            return self.nodes[id as usize].place;
        }
        let t = self.tokens[(id & !TOKEN_BIT) as usize];
        Place {
            lineno: t.lineno as i32,
            col: t.col,
            end_lineno: t.end_lineno as i32,
            end_col: t.end_col,
        }
    }

    fn children(&self, id: NodeId) -> &[NodeId] {
        if id & TOKEN_BIT != 0 {
            return &[];
        }
        let (from, to) = self.nodes[id as usize].children;
        &self.children[from as usize..to as usize]
    }

    /// A node from token `start` to before the current one.
    fn node(&mut self, kind: NodeKind, start: usize, children: &[NodeId]) -> NodeId {
        let is_blank = |t: &Token| {
            matches!(
                t.kind,
                TokenKind::EndMarker | TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent
            )
        };
        let first = self.tokens[start.min(self.tokens.len() - 1)];
        let last =
            self.tokens[..self.mark].iter().rev().find(|t| !is_blank(t)).copied().unwrap_or(first);
        let from = self.children.len() as u32;
        self.children.extend_from_slice(children);
        self.nodes.push(Node {
            kind,
            place: Place {
                lineno: first.lineno as i32,
                col: first.col,
                end_lineno: last.end_lineno as i32,
                end_col: last.end_col,
            },
            children: (from, self.children.len() as u32),
        });
        (self.nodes.len() - 1) as NodeId
    }

    /// Identifiers are normalised; the result must not be a constant's name.
    fn check_name(&mut self, token: Token) -> bool {
        let text = self.text(token);
        if !text.is_ascii() {
            let name = chars::nfkc(text);
            if matches!(name.as_str(), "None" | "True" | "False") {
                let message = format!("identifier field can't represent '{name}' constant");
                self.error = Some(SyntaxErr::bare(ErrorKind::ValueError, message));
                return false;
            }
        }
        true
    }

    fn check_number(&mut self, token: Token) -> bool {
        if self.options.feature_version < 6 && self.text(token).contains('_') {
            let message =
                "Underscores in numeric literals are only supported in Python 3.6 and greater";
            self.raise_here(ErrorKind::SyntaxError, message.into());
            return false;
        }
        let arena = bumpalo::Bump::new();
        let limit = self.options.max_int_digits;
        let Err(numbers::TooManyDigits(digits)) = numbers::parse(self.text(token), &arena, limit)
        else {
            return true;
        };
        let message = format!(
            "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use \
             sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to \
             avoid decimal conversion limits."
        );
        self.raise_at(
            ErrorKind::SyntaxError,
            (token.lineno as i32, 0),
            (token.end_lineno as i32, 0),
            message,
        );
        false
    }

    fn warn_escape(&mut self, bad: &BadEscape, token: NodeId) {
        if self.seek_errors {
            return;
        }
        let token = self.tokens[(token & !TOKEN_BIT) as usize];
        let brace = bad.message.ends_with("{'") || bad.message.ends_with("}'");
        if brace && matches!(token.kind, TokenKind::FStringMiddle | TokenKind::FStringEnd) {
            return;
        }
        self.warnings.push(escape_warning(self.src, bad, token, self.options.feature_version));
    }
}
