//! Statements, simple and compound.

use super::{Fail, PResult, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind as K;

fn augmented_op(kind: K) -> Option<Operator> {
    Some(match kind {
        K::PlusEqual => Operator::Add,
        K::MinEqual => Operator::Sub,
        K::StarEqual => Operator::Mult,
        K::AtEqual => Operator::MatMult,
        K::SlashEqual => Operator::Div,
        K::PercentEqual => Operator::Mod,
        K::AmperEqual => Operator::BitAnd,
        K::VBarEqual => Operator::BitOr,
        K::CircumflexEqual => Operator::BitXor,
        K::LeftShiftEqual => Operator::LShift,
        K::RightShiftEqual => Operator::RShift,
        K::DoubleStarEqual => Operator::Pow,
        K::DoubleSlashEqual => Operator::FloorDiv,
        _ => return None,
    })
}

impl<'a> Parser<'a, '_> {
    fn push(&mut self, kind: StmtKind<'a>, start: Start) {
        let range = self.span_from(start);
        let node = self.stmt(kind, range);
        self.stmts.push(node);
    }

    /// One compound statement, or a line of simple ones. `Ok(true)`: it was compound.
    pub(super) fn statement(&mut self) -> PResult<bool> {
        let start = self.start();
        let kind = match self.kind() {
            K::KwIf => self.deeper(4, |p| p.if_stmt())?,
            K::KwDef => self.deeper(4, |p| p.function(&[], false))?,
            K::At => return self.deeper(4, |p| p.decorated()),
            K::KwClass => self.deeper(4, |p| p.class(&[]))?,
            K::KwFor => self.deeper(4, |p| p.for_stmt(false))?,
            K::KwWhile => self.deeper(4, |p| p.while_stmt())?,
            K::KwWith => self.deeper(4, |p| p.with_stmt(false))?,
            K::KwTry => self.deeper(4, |p| p.try_stmt())?,
            K::KwAsync => self.deeper(4, |p| p.async_stmt(&[]))?,
            K::Name if self.at_word("match") && self.may_begin_subject() => {
                let mark = self.mark();
                match self.deeper(4, |p| p.match_stmt()) {
                    Ok(kind) => kind,
                    // The word is an ordinary name here.
                    Err(Fail) => {
                        self.reset(mark);
                        // `diagnose` must see it: CPython may take it for a `match` without colon.
                        self.frozen = true;
                        self.simple_stmts()?;
                        return Ok(false);
                    }
                }
            }
            _ => {
                self.simple_stmts()?;
                return Ok(false);
            }
        };
        self.push(kind, start);
        Ok(true)
    }

    fn may_begin_subject(&self) -> bool {
        !matches!(
            self.peek(1),
            K::Equal
                | K::Dot
                | K::Comma
                | K::Colon
                | K::Newline
                | K::Semi
                | K::RPar
                | K::ColonEqual
                | K::EqEqual
                | K::KwIn
                | K::KwIs
        )
    }

    fn simple_stmts(&mut self) -> PResult<()> {
        loop {
            self.simple_stmt()?;
            if !self.eat(K::Semi) || self.at(K::Newline) {
                break;
            }
        }
        self.expect(K::Newline)?;
        Ok(())
    }

    fn simple_stmt(&mut self) -> PResult<()> {
        let start = self.start();
        let kind = match self.kind() {
            K::KwReturn => {
                self.bump();
                let value =
                    if self.starts_expression() { Some(self.star_expressions()?) } else { None };
                StmtKind::Return { value }
            }
            K::KwImport => self.import_name()?,
            K::KwFrom => self.import_from()?,
            K::KwRaise => {
                self.bump();
                let exc = if self.starts_expression() { Some(self.expression()?) } else { None };
                let cause = if exc.is_some() && self.eat(K::KwFrom) {
                    Some(self.expression()?)
                } else {
                    None
                };
                StmtKind::Raise { exc, cause }
            }
            K::KwPass => {
                self.bump();
                StmtKind::Pass
            }
            K::KwBreak => {
                self.bump();
                StmtKind::Break
            }
            K::KwContinue => {
                self.bump();
                StmtKind::Continue
            }
            K::KwDel => self.del_stmt()?,
            K::KwYield => {
                let value = self.yield_expr()?;
                StmtKind::Expr { value }
            }
            K::KwAssert => {
                self.bump();
                let test = self.expression()?;
                let msg = if self.eat(K::Comma) { Some(self.expression()?) } else { None };
                StmtKind::Assert { test, msg }
            }
            K::KwGlobal => StmtKind::Global { names: self.name_list()? },
            K::KwNonlocal => StmtKind::Nonlocal { names: self.name_list()? },
            K::Name if self.peek(1) == K::Name && self.at_word("type") => self.type_alias()?,
            _ => self.expression_stmt()?,
        };
        self.push(kind, start);
        Ok(())
    }

    fn name_list(&mut self) -> PResult<&'a [Ident<'a>]> {
        self.bump();
        let mut names = vec![self.name()?];
        while self.eat(K::Comma) {
            names.push(self.name()?);
        }
        Ok(self.slice(&names))
    }

    fn type_alias(&mut self) -> PResult<StmtKind<'a>> {
        self.since(12)?;
        self.bump();
        let token = self.tok();
        let id = self.name()?;
        let name = self.expr(ExprKind::Name { id, ctx: ExprContext::Store }, self.span_of(token));
        let type_params = self.type_params()?;
        self.expect(K::Equal)?;
        let value = self.expression()?;
        Ok(StmtKind::TypeAlias { name, type_params, value })
    }

    fn del_stmt(&mut self) -> PResult<StmtKind<'a>> {
        self.bump();
        let base = self.exprs.len();
        loop {
            let e = self.primary()?;
            let target = self.del_target(e)?;
            self.exprs.push(target);
            if !self.eat(K::Comma) || !self.starts_expression() {
                break;
            }
        }
        if !matches!(self.kind(), K::Semi | K::Newline) {
            return Err(Fail);
        }
        Ok(StmtKind::Delete { targets: self.take_exprs(base) })
    }

    /// An expression, or an assignment of any kind.
    fn expression_stmt(&mut self) -> PResult<StmtKind<'a>> {
        let start = self.start();
        let first_is_name = self.at(K::Name);
        let value = self.star_expressions()?;
        match self.kind() {
            K::Equal => self.assignment(value),
            K::Colon => {
                let simple = first_is_name && matches!(value.kind, ExprKind::Name { .. });
                let target = self.single_target(value)?;
                debug_assert!(!simple || (target.range.lineno, target.range.col_offset) == start);
                self.since(6)?;
                self.bump();
                let annotation = self.expression()?;
                let value =
                    if self.eat(K::Equal) { Some(self.yield_or_star_expressions()?) } else { None };
                Ok(StmtKind::AnnAssign { target, annotation, value, simple })
            }
            kind => {
                let Some(op) = augmented_op(kind) else { return Ok(StmtKind::Expr { value }) };
                let target = self.single_target(value)?;
                self.since(if op == Operator::MatMult { 5 } else { 0 })?;
                self.bump();
                let value = self.yield_or_star_expressions()?;
                Ok(StmtKind::AugAssign { target, op, value })
            }
        }
    }

    fn assignment(&mut self, first: ExprRef<'a>) -> PResult<StmtKind<'a>> {
        let base = self.exprs.len();
        let mut value = first;
        while self.eat(K::Equal) {
            let target = self.store_target(value)?;
            self.exprs.push(target);
            value = self.yield_or_star_expressions()?;
        }
        let targets = self.take_exprs(base);
        let type_comment = self.type_comment();
        Ok(StmtKind::Assign { targets, value, type_comment })
    }

    fn type_comment(&mut self) -> Option<&'a str> {
        if !self.at(K::TypeComment) {
            return None;
        }
        let token = self.bump();
        Some(self.text(token))
    }

    fn import_name(&mut self) -> PResult<StmtKind<'a>> {
        self.bump();
        let mut names = Vec::new();
        loop {
            let start = self.start();
            let name = self.dotted_name()?;
            let asname = if self.eat(K::KwAs) { Some(self.name()?) } else { None };
            names.push(Alias { name, asname, range: self.span_from(start) });
            if !self.eat(K::Comma) {
                break;
            }
        }
        Ok(StmtKind::Import { names: self.slice(&names) })
    }

    fn dotted_name(&mut self) -> PResult<Ident<'a>> {
        let first = self.name()?;
        if !self.at(K::Dot) {
            return Ok(first);
        }
        let mut joined = String::from(first);
        while self.eat(K::Dot) {
            joined.push('.');
            joined.push_str(self.name()?);
        }
        Ok(self.arena.alloc_str(&joined))
    }

    fn import_from(&mut self) -> PResult<StmtKind<'a>> {
        self.bump();
        let mut level = 0;
        loop {
            match self.kind() {
                K::Dot => level += 1,
                K::Ellipsis => level += 3,
                _ => break,
            }
            self.bump();
        }
        let module =
            if level > 0 && self.at(K::KwImport) { None } else { Some(self.dotted_name()?) };
        self.expect(K::KwImport)?;
        let mut names = Vec::new();
        if self.at(K::Star) {
            let range = self.span_of(self.tok());
            self.bump();
            names.push(Alias { name: "*", asname: None, range });
        } else {
            let parens = self.eat(K::LPar);
            loop {
                let start = self.start();
                let name = self.name()?;
                let asname = if self.eat(K::KwAs) { Some(self.name()?) } else { None };
                names.push(Alias { name, asname, range: self.span_from(start) });
                if !self.eat(K::Comma) || (parens && self.at(K::RPar)) {
                    break;
                }
            }
            if parens {
                self.expect(K::RPar)?;
            }
        }
        if level == 0
            && module == Some("__future__")
            && names.iter().any(|n| n.name == "barry_as_FLUFL")
        {
            self.barry = true;
        }
        Ok(StmtKind::ImportFrom { module, names: self.slice(&names), level })
    }

    /// An indented block, or simple statements on the same line.
    fn block(&mut self) -> PResult<Body<'a>> {
        let base = self.stmts.len();
        if self.eat(K::Newline) {
            self.expect(K::Indent)?;
            while !self.at(K::Dedent) {
                if self.at(K::EndMarker) {
                    return Err(Fail);
                }
                self.statement()?;
            }
            self.bump();
        } else {
            self.simple_stmts()?;
        }
        Ok(self.take_stmts(base))
    }

    fn else_block(&mut self) -> PResult<Body<'a>> {
        if !self.eat(K::KwElse) {
            return Ok(&[]);
        }
        self.expect(K::Colon)?;
        self.block()
    }

    fn if_stmt(&mut self) -> PResult<StmtKind<'a>> {
        // `elif` chains are read in a loop and nested afterwards, so that long ones take no stack.
        let mut arms: Vec<(Start, ExprRef<'a>, Body<'a>)> = Vec::new();
        loop {
            let start = self.start();
            self.bump();
            let test = self.named_expression()?;
            self.expect(K::Colon)?;
            let body = self.block()?;
            arms.push((start, test, body));
            if (arms.len() as u32).saturating_add(self.depth) > self.max_depth {
                return Err(Fail);
            }
            if !self.at(K::KwElif) {
                break;
            }
        }
        let mut orelse = self.else_block()?;
        while arms.len() > 1 {
            if let Some((start, test, body)) = arms.pop() {
                let range = self.span_from(start);
                let inner = self.stmt(StmtKind::If { test, body, orelse }, range);
                orelse = self.slice(&[inner]);
            }
        }
        let (_, test, body) = arms[0];
        Ok(StmtKind::If { test, body, orelse })
    }

    fn while_stmt(&mut self) -> PResult<StmtKind<'a>> {
        self.bump();
        let test = self.named_expression()?;
        self.expect(K::Colon)?;
        let body = self.block()?;
        let orelse = self.else_block()?;
        Ok(StmtKind::While { test, body, orelse })
    }

    fn for_stmt(&mut self, is_async: bool) -> PResult<StmtKind<'a>> {
        self.bump();
        let target = self.star_targets()?;
        self.expect(K::KwIn)?;
        let iter = self.star_expressions()?;
        self.expect(K::Colon)?;
        let type_comment = self.type_comment();
        let body = self.block()?;
        let orelse = self.else_block()?;
        let node = self.arena.alloc(For { target, iter, body, orelse, type_comment });
        Ok(if is_async { StmtKind::AsyncFor(node) } else { StmtKind::For(node) })
    }

    fn async_stmt(&mut self, decorators: Exprs<'a>) -> PResult<StmtKind<'a>> {
        self.since(5)?;
        self.bump();
        match self.kind() {
            K::KwDef => self.function(decorators, true),
            K::KwFor if decorators.is_empty() => self.for_stmt(true),
            K::KwWith if decorators.is_empty() => self.with_stmt(true),
            _ => Err(Fail),
        }
    }

    fn with_stmt(&mut self, is_async: bool) -> PResult<StmtKind<'a>> {
        self.bump();
        let mut items = None;
        let mut parenthesized = false;
        if self.at(K::LPar) {
            let mark = self.mark();
            self.bump();
            match self.with_items(true) {
                Ok(list) => {
                    items = Some(list);
                    parenthesized = true;
                }
                Err(Fail) => self.reset(mark),
            }
        }
        let items = match items {
            Some(list) => list,
            None => self.with_items(false)?,
        };
        self.expect(K::Colon)?;
        let type_comment = if is_async && parenthesized { None } else { self.type_comment() };
        let body = self.block()?;
        let node = self.arena.alloc(With { items, body, type_comment });
        Ok(if is_async { StmtKind::AsyncWith(node) } else { StmtKind::With(node) })
    }

    /// The items of `with`; `parenthesized`: up to `)`, which a colon must follow.
    fn with_items(&mut self, parenthesized: bool) -> PResult<&'a [WithItem<'a>]> {
        let mut items = Vec::new();
        loop {
            let context_expr = self.expression()?;
            let optional_vars = if self.eat(K::KwAs) {
                let target = self.star_target()?;
                if !matches!(self.kind(), K::Comma | K::RPar | K::Colon) {
                    return Err(Fail);
                }
                Some(target)
            } else {
                None
            };
            items.push(WithItem { context_expr, optional_vars });
            if !self.eat(K::Comma) || (parenthesized && self.at(K::RPar)) {
                break;
            }
        }
        if parenthesized {
            self.expect(K::RPar)?;
            if !self.at(K::Colon) {
                return Err(Fail);
            }
        }
        Ok(self.slice(&items))
    }

    fn try_stmt(&mut self) -> PResult<StmtKind<'a>> {
        self.bump();
        self.expect(K::Colon)?;
        let body = self.block()?;
        let mut handlers = Vec::new();
        let star = self.at(K::KwExcept) && self.peek(1) == K::Star;
        while self.at(K::KwExcept) {
            let start = self.start();
            self.bump();
            self.since(if star { 11 } else { 0 })?;
            if self.eat(K::Star) != star {
                return Err(Fail);
            }
            let typ = if self.at(K::Colon) && !star { None } else { Some(self.expression()?) };
            let name = if typ.is_some() && self.eat(K::KwAs) { Some(self.name()?) } else { None };
            self.expect(K::Colon)?;
            let body = self.block()?;
            handlers.push(ExceptHandler { typ, name, body, range: self.span_from(start) });
        }
        let orelse = if handlers.is_empty() { &[] } else { self.else_block()? };
        let mut finalbody: Body<'a> = &[];
        if self.eat(K::KwFinally) {
            self.expect(K::Colon)?;
            finalbody = self.block()?;
        } else if handlers.is_empty() {
            return Err(Fail);
        }
        let handlers = self.slice(&handlers);
        let node = self.arena.alloc(Try { body, handlers, orelse, finalbody });
        Ok(if star { StmtKind::TryStar(node) } else { StmtKind::Try(node) })
    }

    fn decorated(&mut self) -> PResult<bool> {
        let base = self.exprs.len();
        while self.eat(K::At) {
            let e = self.named_expression()?;
            self.exprs.push(e);
            self.expect(K::Newline)?;
        }
        let decorators = self.take_exprs(base);
        let start = self.start();
        let kind = match self.kind() {
            K::KwDef => self.function(decorators, false)?,
            K::KwAsync => self.async_stmt(decorators)?,
            K::KwClass => self.class(decorators)?,
            _ => return Err(Fail),
        };
        self.push(kind, start);
        Ok(true)
    }

    fn function(&mut self, decorator_list: Exprs<'a>, is_async: bool) -> PResult<StmtKind<'a>> {
        self.bump();
        let name = self.name()?;
        let type_params = self.type_params()?;
        self.expect(K::LPar)?;
        let args = self.params()?;
        self.expect(K::RPar)?;
        let returns = if self.eat(K::RArrow) { Some(self.expression()?) } else { None };
        self.expect(K::Colon)?;
        let type_comment = self.func_type_comment()?;
        let body = self.block()?;
        let node = self.arena.alloc(FunctionDef {
            name,
            args,
            body,
            decorator_list,
            returns,
            type_comment,
            type_params,
        });
        Ok(if is_async { StmtKind::AsyncFunctionDef(node) } else { StmtKind::FunctionDef(node) })
    }

    /// A type comment behind the colon, or alone on the first line of the body.
    fn func_type_comment(&mut self) -> PResult<Option<&'a str>> {
        if self.at(K::Newline) && self.peek(1) == K::TypeComment {
            if self.peek(2) != K::Newline || self.peek(3) != K::Indent {
                return Err(Fail);
            }
            self.bump();
            return Ok(self.type_comment());
        }
        let comment = self.type_comment();
        if comment.is_some() && self.at(K::Newline) && self.peek(1) == K::TypeComment {
            return Err(Fail);
        }
        Ok(comment)
    }

    fn class(&mut self, decorator_list: Exprs<'a>) -> PResult<StmtKind<'a>> {
        self.bump();
        let name = self.name()?;
        let type_params = self.type_params()?;
        let (bases, keywords): (Exprs<'a>, &'a [Keyword<'a>]) =
            if self.at(K::LPar) { self.call_args(false)? } else { (&[], &[]) };
        self.expect(K::Colon)?;
        let body = self.block()?;
        let node =
            self.arena.alloc(ClassDef { name, bases, keywords, body, decorator_list, type_params });
        Ok(StmtKind::ClassDef(node))
    }

    fn match_stmt(&mut self) -> PResult<StmtKind<'a>> {
        self.since(10)?;
        self.bump();
        let start = self.start();
        let subject = if self.at(K::Star) || self.starts_expression() {
            let first =
                if self.at(K::Star) { self.star_expression()? } else { self.named_expression()? };
            self.subject_rest(start, first)?
        } else {
            return Err(Fail);
        };
        self.expect(K::Colon)?;
        self.expect(K::Newline)?;
        self.expect(K::Indent)?;
        let mut cases = Vec::new();
        while self.at_word("case") {
            self.bump();
            let pattern = self.patterns()?;
            let guard = if self.eat(K::KwIf) { Some(self.named_expression()?) } else { None };
            self.expect(K::Colon)?;
            let body = self.block()?;
            cases.push(MatchCase { pattern, guard, body });
        }
        if cases.is_empty() {
            return Err(Fail);
        }
        self.expect(K::Dedent)?;
        Ok(StmtKind::Match { subject, cases: self.slice(&cases) })
    }

    /// The subject of `match` after its first part: a tuple if commas follow.
    fn subject_rest(&mut self, start: Start, first: ExprRef<'a>) -> PResult<ExprRef<'a>> {
        if !self.at(K::Comma) {
            return if matches!(first.kind, ExprKind::Starred { .. }) {
                Err(Fail)
            } else {
                Ok(first)
            };
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.eat(K::Comma) {
            if self.at(K::Colon) {
                break;
            }
            let e =
                if self.at(K::Star) { self.star_expression()? } else { self.named_expression()? };
            self.exprs.push(e);
        }
        let elts = self.take_exprs(base);
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, range))
    }
}
