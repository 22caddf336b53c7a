//! Recursive descent over the token vector: valid programs only, one pass, no error texts.
//!
//! Whenever something does not fit, the functions return `Fail` and `diagnose` reads the source again to find out
//! which error CPython reports. Recursion is bounded twice: `stacker` grows the native stack where needed, and
//! `depth` stops what `diagnose` has to judge ("Parser stack overflowed").
//! `expr` parses expressions, `stmt` statements, `pattern` the patterns of `match`, `params` parameter lists and
//! type parameters, `target` turns expressions into assignment targets, `literal` reads strings and numbers.

mod expr;
mod literal;
mod params;
mod pattern;
mod stmt;
mod target;

use std::ops::Range;

use bumpalo::Bump;

pub(crate) use literal::escape_warning;

use crate::ast::*;
use crate::chars;
use crate::errors::Warning;
use crate::token::{Token, TokenKind};
use crate::tokenizer::{DebugText, Tokenizer, TokenizerOptions};
use crate::{Mode, ParseOptions};

/// The program is not valid, or too deep; `diagnose` finds out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fail;

pub(crate) type PResult<T> = Result<T, Fail>;

/// Stack left below which a new segment is taken, and the size of one.
const RED_ZONE: usize = 128 * 1024;
const STACK_SEGMENT: usize = 2 * 1024 * 1024;

pub(crate) struct Parser<'a, 'w> {
    arena: &'a Bump,
    src: &'a str,
    tokens: Vec<Token>,
    pos: usize,
    depth: u32,
    max_depth: u32,
    mode: Mode,
    barry: bool,
    max_int_digits: usize,
    feature_version: u32,
    debug_texts: Vec<DebugText>,
    type_ignores: Vec<TypeIgnore<'a>>,
    warnings: &'w mut Vec<Warning>,
    /// Lists under construction; each list remembers where it began.
    exprs: Vec<ExprRef<'a>>,
    stmts: Vec<StmtRef<'a>>,
    /// Tokens of whole, valid statements at the top level.
    good: usize,
    frozen: bool,
    /// Where the warnings about literals begin, and how many warnings there were at `good`.
    literal_warnings: usize,
    good_warnings: usize,
}

/// A parser position to come back to.
#[derive(Clone, Copy)]
struct Mark {
    pos: usize,
    exprs: usize,
    stmts: usize,
    depth: u32,
    warnings: usize,
}

type Start = (u32, u32);

impl<'a, 'w> Parser<'a, 'w> {
    /// Tokenizes all of `src`, which must be normalised (see `source::normalize_newlines`).
    pub(crate) fn new(
        src: &'a str,
        arena: &'a Bump,
        options: &ParseOptions,
        max_depth: u32,
        warnings: &'w mut Vec<Warning>,
    ) -> Self {
        let mut tokenizer = Tokenizer::new(
            src,
            TokenizerOptions { extra_tokens: false, type_comments: options.type_comments },
        );
        let mut tokens = Vec::with_capacity(src.len() / 4 + 8);
        let mut type_ignores = Vec::new();
        let mut started = false;
        loop {
            let mut token = tokenizer.next_token();
            match token.kind {
                TokenKind::ErrorToken => {
                    // Parsing fails here at the latest; what stands before tells `diagnose` where to begin.
                    tokens.push(token);
                    break;
                }
                TokenKind::TypeIgnore => {
                    let tag = &src[token.start as usize..token.end as usize];
                    type_ignores.push(TypeIgnore { lineno: token.lineno, tag });
                    continue;
                }
                TokenKind::EndMarker if options.mode == Mode::Single && started => {
                    token.kind = TokenKind::Newline;
                    started = false;
                    if !options.dont_imply_dedent {
                        tokenizer.close_blocks();
                    }
                    tokens.push(token);
                }
                _ => {
                    started = true;
                    tokens.push(token);
                    if token.kind == TokenKind::EndMarker {
                        break;
                    }
                }
            }
        }
        warnings.append(&mut tokenizer.warnings);
        let literal_warnings = warnings.len();
        Parser {
            arena,
            src,
            tokens,
            pos: 0,
            depth: 0,
            max_depth,
            mode: options.mode,
            barry: options.barry_as_flufl,
            max_int_digits: options.max_int_digits,
            feature_version: options.feature_version,
            debug_texts: tokenizer.debug_texts,
            type_ignores,
            warnings,
            exprs: Vec::new(),
            stmts: Vec::new(),
            good: 0,
            frozen: false,
            literal_warnings,
            good_warnings: literal_warnings,
        }
    }

    pub(crate) fn parse(&mut self) -> PResult<Mod<'a>> {
        match self.mode {
            Mode::Exec => {
                let base = self.stmts.len();
                while !self.at(TokenKind::EndMarker) {
                    self.statement()?;
                    if !self.frozen {
                        self.good = self.pos;
                        self.good_warnings = self.warnings.len();
                    }
                }
                let body = self.take_stmts(base);
                let type_ignores = self.arena.alloc_slice_copy(&self.type_ignores);
                Ok(Mod::Module { body, type_ignores })
            }
            Mode::Eval => {
                let body = self.expressions()?;
                while self.eat(TokenKind::Newline) {}
                self.expect(TokenKind::EndMarker)?;
                Ok(Mod::Expression { body })
            }
            Mode::Single => self.interactive(),
            Mode::FuncType => self.func_type(),
        }
    }

    /// After a failure: how many tokens were whole statements, whether `<>` is in force there, and which of the
    /// warnings belong to their literals.
    pub(crate) fn progress(&self) -> (usize, bool, Range<usize>) {
        (self.good, self.barry, self.literal_warnings..self.good_warnings)
    }

    fn interactive(&mut self) -> PResult<Mod<'a>> {
        let base = self.stmts.len();
        if self.at(TokenKind::Newline) {
            let start = self.start();
            self.bump();
            let range = self.span_from_newline(start);
            let pass = self.stmt(StmtKind::Pass, range);
            self.stmts.push(pass);
        } else if self.at(TokenKind::EndMarker) {
            return Err(Fail);
        } else if self.statement()? {
            self.expect(TokenKind::Newline)?;
        }
        // The rest of the text must be blank or comments.
        let token = self.prev();
        let mut rest = &self.src.as_bytes()[(token.end as usize).min(self.src.len())..];
        while let [first, tail @ ..] = rest {
            rest = match first {
                b' ' | b'\t' | b'\n' | 0x0c => tail,
                b'#' => &rest[rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())..],
                _ => return Err(Fail),
            };
        }
        Ok(Mod::Interactive { body: self.take_stmts(base) })
    }

    fn func_type(&mut self) -> PResult<Mod<'a>> {
        self.expect(TokenKind::LPar)?;
        let base = self.exprs.len();
        let mut stage = 0;
        while !self.at(TokenKind::RPar) {
            if stage < 1 && self.eat(TokenKind::Star) {
                stage = 1;
            } else if stage < 2 && self.eat(TokenKind::DoubleStar) {
                stage = 2;
            } else if stage > 0 {
                return Err(Fail);
            }
            let e = self.expression()?;
            self.exprs.push(e);
            if !self.eat(TokenKind::Comma) {
                break;
            }
            if self.at(TokenKind::RPar) {
                return Err(Fail);
            }
        }
        self.expect(TokenKind::RPar)?;
        let argtypes = self.take_exprs(base);
        self.expect(TokenKind::RArrow)?;
        let returns = self.expression()?;
        while self.eat(TokenKind::Newline) {}
        self.expect(TokenKind::EndMarker)?;
        Ok(Mod::FunctionType { argtypes, returns })
    }

    fn kind(&self) -> TokenKind {
        self.tokens[self.pos].kind
    }

    fn tok(&self) -> Token {
        self.tokens[self.pos]
    }

    fn prev(&self) -> Token {
        self.tokens[self.pos.saturating_sub(1)]
    }

    /// The kind `n` tokens ahead.
    fn peek(&self, n: usize) -> TokenKind {
        self.tokens.get(self.pos + n).map_or(TokenKind::EndMarker, |t| t.kind)
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    fn bump(&mut self) -> Token {
        let token = self.tokens[self.pos];
        if self.pos + 1 < self.tokens.len() {
            self.pos += 1;
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let at = self.at(kind);
        if at {
            self.bump();
        }
        at
    }

    fn expect(&mut self, kind: TokenKind) -> PResult<Token> {
        if self.at(kind) { Ok(self.bump()) } else { Err(Fail) }
    }

    fn text(&self, token: Token) -> &'a str {
        &self.src[token.start as usize..token.end as usize]
    }

    /// Whether the current token is a name that reads `word`.
    fn at_word(&self, word: &str) -> bool {
        self.at(TokenKind::Name) && self.text(self.tok()) == word
    }

    /// An identifier, normalised (PEP 3131).
    fn name(&mut self) -> PResult<Ident<'a>> {
        let token = self.expect(TokenKind::Name)?;
        self.ident_of(token)
    }

    fn ident_of(&self, token: Token) -> PResult<Ident<'a>> {
        let text = self.text(token);
        if text.is_ascii() {
            return Ok(text);
        }
        let name = self.arena.alloc_str(&chars::nfkc(text));
        if matches!(&*name, "None" | "True" | "False") { Err(Fail) } else { Ok(name) }
    }

    fn start(&self) -> Start {
        let t = self.tok();
        (t.lineno, t.col.max(0) as u32)
    }

    fn span_of(&self, t: Token) -> Span {
        Span {
            lineno: t.lineno,
            col_offset: t.col as u32,
            end_lineno: t.end_lineno,
            end_col_offset: t.end_col as u32,
        }
    }

    /// From `start` to the end of the last token that is not white space.
    fn span_from(&self, start: Start) -> Span {
        let mut i = self.pos;
        loop {
            i -= 1;
            let t = &self.tokens[i];
            let blank = matches!(
                t.kind,
                TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::EndMarker
            );
            if !blank || i == 0 {
                return Span {
                    lineno: start.0,
                    col_offset: start.1,
                    end_lineno: t.end_lineno,
                    end_col_offset: t.end_col as u32,
                };
            }
        }
    }

    /// The span of the `pass` that an empty interactive line stands for.
    fn span_from_newline(&self, start: Start) -> Span {
        let t = self.prev();
        Span {
            lineno: start.0,
            col_offset: start.1,
            end_lineno: t.end_lineno,
            end_col_offset: t.end_col as u32,
        }
    }

    /// Fails if the syntax at hand is newer than the version asked for.
    fn since(&self, minor: u32) -> PResult<()> {
        if self.feature_version < minor { Err(Fail) } else { Ok(()) }
    }

    fn mark(&self) -> Mark {
        Mark {
            pos: self.pos,
            exprs: self.exprs.len(),
            stmts: self.stmts.len(),
            depth: self.depth,
            warnings: self.warnings.len(),
        }
    }

    fn reset(&mut self, mark: Mark) {
        self.pos = mark.pos;
        self.exprs.truncate(mark.exprs);
        self.stmts.truncate(mark.stmts);
        self.depth = mark.depth;
        self.warnings.truncate(mark.warnings);
    }

    /// Runs `f` `levels` deeper, on a fresh stack segment if this one runs out.
    fn deeper<T>(&mut self, levels: u32, f: impl FnOnce(&mut Self) -> PResult<T>) -> PResult<T> {
        self.depth += levels;
        if self.depth > self.max_depth {
            return Err(Fail);
        }
        let result = stacker::maybe_grow(RED_ZONE, STACK_SEGMENT, || f(self));
        self.depth -= levels;
        result
    }

    fn expr(&self, kind: ExprKind<'a>, range: Span) -> ExprRef<'a> {
        self.arena.alloc(Expr { kind, range })
    }

    fn stmt(&self, kind: StmtKind<'a>, range: Span) -> StmtRef<'a> {
        self.arena.alloc(Stmt { kind, range })
    }

    fn take_exprs(&mut self, base: usize) -> Exprs<'a> {
        let list = self.arena.alloc_slice_copy(&self.exprs[base..]);
        self.exprs.truncate(base);
        list
    }

    fn take_stmts(&mut self, base: usize) -> Body<'a> {
        let list = self.arena.alloc_slice_copy(&self.stmts[base..]);
        self.stmts.truncate(base);
        list
    }

    fn slice<T: Copy>(&self, list: &[T]) -> &'a [T] {
        self.arena.alloc_slice_copy(list)
    }
}
