//! Expressions: precedence climbing, primaries, displays, comprehensions, call arguments.

use super::{Fail, PResult, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind as K;

/// Binding strength and operator of a left-associative binary operator.
fn binary_op(kind: K) -> Option<(u8, Operator)> {
    Some(match kind {
        K::VBar => (1, Operator::BitOr),
        K::Circumflex => (2, Operator::BitXor),
        K::Amper => (3, Operator::BitAnd),
        K::LeftShift => (4, Operator::LShift),
        K::RightShift => (4, Operator::RShift),
        K::Plus => (5, Operator::Add),
        K::Minus => (5, Operator::Sub),
        K::Star => (6, Operator::Mult),
        K::Slash => (6, Operator::Div),
        K::DoubleSlash => (6, Operator::FloorDiv),
        K::Percent => (6, Operator::Mod),
        K::At => (6, Operator::MatMult),
        _ => return None,
    })
}

impl<'a> Parser<'a, '_> {
    /// `expressions`: one, or a tuple without stars.
    pub(super) fn expressions(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let first = self.expression()?;
        self.tuple_rest(start, first, Self::expression)
    }

    /// `star_expressions`: one, or a tuple.
    pub(super) fn star_expressions(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let first = self.star_expression()?;
        self.tuple_rest(start, first, Self::star_expression)
    }

    pub(super) fn yield_or_star_expressions(&mut self) -> PResult<ExprRef<'a>> {
        if self.at(K::KwYield) { self.yield_expr() } else { self.star_expressions() }
    }

    /// A tuple without parentheses if a comma follows `first`.
    fn tuple_rest(
        &mut self,
        start: Start,
        first: ExprRef<'a>,
        element: fn(&mut Self) -> PResult<ExprRef<'a>>,
    ) -> PResult<ExprRef<'a>> {
        if !self.at(K::Comma) {
            return Ok(first);
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.eat(K::Comma) {
            if !self.starts_expression() {
                break;
            }
            let e = element(self)?;
            self.exprs.push(e);
        }
        let elts = self.take_exprs(base);
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, range))
    }

    /// Whether the current token can begin an expression (or a starred one).
    pub(super) fn starts_expression(&self) -> bool {
        matches!(
            self.kind(),
            K::Name
                | K::Number
                | K::String
                | K::FStringStart
                | K::LPar
                | K::LSqb
                | K::LBrace
                | K::Plus
                | K::Minus
                | K::Tilde
                | K::Star
                | K::Ellipsis
                | K::KwNone
                | K::KwTrue
                | K::KwFalse
                | K::KwNot
                | K::KwAwait
                | K::KwLambda
        )
    }

    pub(super) fn star_expression(&mut self) -> PResult<ExprRef<'a>> {
        if self.at(K::Star) {
            return self.starred(|p| p.binary(1));
        }
        self.expression()
    }

    fn star_named_expression(&mut self) -> PResult<ExprRef<'a>> {
        if self.at(K::Star) {
            return self.starred(|p| p.binary(1));
        }
        self.named_expression()
    }

    fn starred(
        &mut self,
        value: impl FnOnce(&mut Self) -> PResult<ExprRef<'a>>,
    ) -> PResult<ExprRef<'a>> {
        let start = self.start();
        self.expect(K::Star)?;
        let value = value(self)?;
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, range))
    }

    pub(super) fn named_expression(&mut self) -> PResult<ExprRef<'a>> {
        if self.at(K::Name) && self.peek(1) == K::ColonEqual {
            self.since(8)?;
            let start = self.start();
            let token = self.tok();
            let id = self.name()?;
            let target =
                self.expr(ExprKind::Name { id, ctx: ExprContext::Store }, self.span_of(token));
            self.bump();
            let value = self.expression()?;
            let range = self.span_from(start);
            return Ok(self.expr(ExprKind::NamedExpr { target, value }, range));
        }
        let e = self.expression()?;
        if self.at(K::ColonEqual) { Err(Fail) } else { Ok(e) }
    }

    pub(super) fn expression(&mut self) -> PResult<ExprRef<'a>> {
        self.deeper(1, |p| {
            if p.at(K::KwLambda) {
                return p.lambda();
            }
            let start = p.start();
            let body = p.disjunction()?;
            if !p.at(K::KwIf) {
                return Ok(body);
            }
            p.bump();
            let test = p.disjunction()?;
            p.expect(K::KwElse)?;
            let orelse = p.expression()?;
            let range = p.span_from(start);
            Ok(p.expr(ExprKind::IfExp { test, body, orelse }, range))
        })
    }

    fn lambda(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        self.expect(K::KwLambda)?;
        let args = self.lambda_params()?;
        self.expect(K::Colon)?;
        let body = self.deeper(1, Self::expression)?;
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::Lambda { args, body }, range))
    }

    pub(super) fn yield_expr(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        self.expect(K::KwYield)?;
        let kind = if self.eat(K::KwFrom) {
            ExprKind::YieldFrom { value: self.expression()? }
        } else if self.starts_expression() {
            ExprKind::Yield { value: Some(self.star_expressions()?) }
        } else {
            ExprKind::Yield { value: None }
        };
        let range = self.span_from(start);
        Ok(self.expr(kind, range))
    }

    pub(super) fn disjunction(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let first = self.conjunction()?;
        if !self.at(K::KwOr) {
            return Ok(first);
        }
        self.bool_op(start, first, K::KwOr, BoolOp::Or, Self::conjunction)
    }

    fn conjunction(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let first = self.inversion()?;
        if !self.at(K::KwAnd) {
            return Ok(first);
        }
        self.bool_op(start, first, K::KwAnd, BoolOp::And, Self::inversion)
    }

    fn bool_op(
        &mut self,
        start: Start,
        first: ExprRef<'a>,
        keyword: K,
        op: BoolOp,
        operand: fn(&mut Self) -> PResult<ExprRef<'a>>,
    ) -> PResult<ExprRef<'a>> {
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.eat(keyword) {
            let e = operand(self)?;
            self.exprs.push(e);
        }
        let values = self.take_exprs(base);
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::BoolOp { op, values }, range))
    }

    fn inversion(&mut self) -> PResult<ExprRef<'a>> {
        if !self.at(K::KwNot) {
            return self.comparison();
        }
        let start = self.start();
        self.bump();
        let operand = self.deeper(1, Self::inversion)?;
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::UnaryOp { op: UnaryOp::Not, operand }, range))
    }

    fn comparison(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let left = self.binary(1)?;
        let Some(op) = self.comparison_op()? else { return Ok(left) };
        let mut ops = vec![op];
        let base = self.exprs.len();
        loop {
            let e = self.binary(1)?;
            self.exprs.push(e);
            match self.comparison_op()? {
                Some(op) => ops.push(op),
                None => break,
            }
        }
        let comparators = self.take_exprs(base);
        let ops = self.slice(&ops);
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::Compare { left, ops, comparators }, range))
    }

    fn comparison_op(&mut self) -> PResult<Option<CmpOp>> {
        let op = match self.kind() {
            K::EqEqual => CmpOp::Eq,
            K::NotEqual => {
                if (self.text(self.tok()) == "<>") != self.barry {
                    return Err(Fail);
                }
                CmpOp::NotEq
            }
            K::LessEqual => CmpOp::LtE,
            K::Less => CmpOp::Lt,
            K::GreaterEqual => CmpOp::GtE,
            K::Greater => CmpOp::Gt,
            K::KwIn => CmpOp::In,
            K::KwNot if self.peek(1) == K::KwIn => {
                self.bump();
                CmpOp::NotIn
            }
            K::KwIs if self.peek(1) == K::KwNot => {
                self.bump();
                CmpOp::IsNot
            }
            K::KwIs => CmpOp::Is,
            _ => return Ok(None),
        };
        self.bump();
        Ok(Some(op))
    }

    /// Binary operators that bind at least as strongly as `min` (1: `bitwise_or`).
    pub(super) fn binary(&mut self, min: u8) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let mut left = self.factor()?;
        while let Some((strength, op)) = binary_op(self.kind()) {
            if strength < min {
                break;
            }
            self.since(if op == Operator::MatMult { 5 } else { 0 })?;
            self.bump();
            let right = self.binary(strength + 1)?;
            let range = self.span_from(start);
            left = self.expr(ExprKind::BinOp { left, op, right }, range);
        }
        Ok(left)
    }

    fn factor(&mut self) -> PResult<ExprRef<'a>> {
        let op = match self.kind() {
            K::Plus => UnaryOp::UAdd,
            K::Minus => UnaryOp::USub,
            K::Tilde => UnaryOp::Invert,
            _ => return self.power(),
        };
        let start = self.start();
        self.bump();
        let operand = self.deeper(1, Self::factor)?;
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::UnaryOp { op, operand }, range))
    }

    fn power(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let left = if self.eat(K::KwAwait) {
            self.since(5)?;
            let value = self.primary()?;
            let range = self.span_from(start);
            self.expr(ExprKind::Await { value }, range)
        } else {
            self.primary()?
        };
        if !self.eat(K::DoubleStar) {
            return Ok(left);
        }
        let right = self.deeper(2, Self::factor)?;
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::BinOp { left, op: Operator::Pow, right }, range))
    }

    /// Atoms with attributes, calls and subscripts.
    pub(super) fn primary(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let mut e = self.atom()?;
        loop {
            let kind = match self.kind() {
                K::Dot => {
                    self.bump();
                    ExprKind::Attribute { value: e, attr: self.name()?, ctx: ExprContext::Load }
                }
                K::LPar => {
                    let (args, keywords) = self.call_args(true)?;
                    ExprKind::Call { func: e, args, keywords }
                }
                K::LSqb => {
                    self.bump();
                    let slice = self.slices()?;
                    self.expect(K::RSqb)?;
                    ExprKind::Subscript { value: e, slice, ctx: ExprContext::Load }
                }
                _ => return Ok(e),
            };
            let range = self.span_from(start);
            e = self.expr(kind, range);
        }
    }

    fn atom(&mut self) -> PResult<ExprRef<'a>> {
        let token = self.tok();
        let constant = match token.kind {
            K::Name => {
                let id = self.name()?;
                if matches!(self.kind(), K::Star | K::Plus | K::Minus | K::LSqb)
                    && matches!(id, "print" | "exec")
                {
                    // `diagnose` must see it: CPython may take it for a statement of Python 2.
                    self.frozen = true;
                }
                return Ok(
                    self.expr(ExprKind::Name { id, ctx: ExprContext::Load }, self.span_of(token))
                );
            }
            K::Number => self.number(token)?,
            K::String | K::FStringStart => return self.strings(),
            K::LPar => return self.deeper(15, Self::parenthesized),
            K::LSqb => return self.deeper(15, Self::list_display),
            K::LBrace => return self.deeper(15, Self::brace_display),
            K::KwTrue => Constant::True,
            K::KwFalse => Constant::False,
            K::KwNone => Constant::None,
            K::Ellipsis => Constant::Ellipsis,
            _ => return Err(Fail),
        };
        self.bump();
        Ok(self.expr(ExprKind::Constant { value: constant, kind: None }, self.span_of(token)))
    }

    fn at_comprehension(&self) -> bool {
        self.at(K::KwFor) || (self.at(K::KwAsync) && self.peek(1) == K::KwFor)
    }

    /// Tuple, group or generator expression.
    fn parenthesized(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        self.expect(K::LPar)?;
        if self.eat(K::RPar) {
            let range = self.span_from(start);
            return Ok(self.expr(ExprKind::Tuple { elts: &[], ctx: ExprContext::Load }, range));
        }
        if self.at(K::KwYield) {
            let e = self.yield_expr()?;
            self.expect(K::RPar)?;
            return Ok(e);
        }
        let first = self.star_named_expression()?;
        let starred = matches!(first.kind, ExprKind::Starred { .. });
        if self.at(K::Comma) {
            let elts = self.element_rest(first)?;
            self.expect(K::RPar)?;
            let range = self.span_from(start);
            return Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, range));
        }
        if starred {
            return Err(Fail);
        }
        if self.at_comprehension() {
            let generators = self.comprehensions()?;
            self.expect(K::RPar)?;
            let range = self.span_from(start);
            return Ok(self.expr(ExprKind::GeneratorExp { elt: first, generators }, range));
        }
        self.expect(K::RPar)?;
        Ok(first)
    }

    /// The elements of a display from `first` to before the closing bracket.
    fn element_rest(&mut self, first: ExprRef<'a>) -> PResult<Exprs<'a>> {
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.eat(K::Comma) {
            if matches!(self.kind(), K::RPar | K::RSqb | K::RBrace) {
                break;
            }
            let e = self.star_named_expression()?;
            self.exprs.push(e);
        }
        Ok(self.take_exprs(base))
    }

    fn list_display(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        self.expect(K::LSqb)?;
        let kind = if self.at(K::RSqb) {
            ExprKind::List { elts: &[], ctx: ExprContext::Load }
        } else {
            let first = self.star_named_expression()?;
            if self.at_comprehension() && !matches!(first.kind, ExprKind::Starred { .. }) {
                ExprKind::ListComp { elt: first, generators: self.comprehensions()? }
            } else {
                ExprKind::List { elts: self.element_rest(first)?, ctx: ExprContext::Load }
            }
        };
        self.expect(K::RSqb)?;
        let range = self.span_from(start);
        Ok(self.expr(kind, range))
    }

    /// Dict, set, or a comprehension of either.
    fn brace_display(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        self.expect(K::LBrace)?;
        let kind = if self.at(K::RBrace) {
            ExprKind::Dict { keys: &[], values: &[] }
        } else if self.at(K::DoubleStar) {
            self.dict_rest(None)?
        } else {
            let first = self.star_named_expression()?;
            if self.at(K::Colon) {
                if matches!(first.kind, ExprKind::Starred { .. }) || self.ends_walrus(first) {
                    return Err(Fail);
                }
                self.bump();
                let value = self.expression()?;
                if self.at_comprehension() {
                    ExprKind::DictComp { key: first, value, generators: self.comprehensions()? }
                } else {
                    self.dict_rest(Some((first, value)))?
                }
            } else if self.at_comprehension() && !matches!(first.kind, ExprKind::Starred { .. }) {
                ExprKind::SetComp { elt: first, generators: self.comprehensions()? }
            } else {
                ExprKind::Set { elts: self.element_rest(first)? }
            }
        };
        self.expect(K::RBrace)?;
        let range = self.span_from(start);
        Ok(self.expr(kind, range))
    }

    /// Whether `e`, just parsed, is an assignment expression without parentheses of its own.
    fn ends_walrus(&self, e: ExprRef<'a>) -> bool {
        let last = self.prev();
        matches!(e.kind, ExprKind::NamedExpr { .. })
            && (e.range.end_lineno, e.range.end_col_offset)
                == (last.end_lineno, last.end_col as u32)
    }

    fn dict_rest(&mut self, first: Option<(ExprRef<'a>, ExprRef<'a>)>) -> PResult<ExprKind<'a>> {
        let mut keys = Vec::new();
        let base = self.exprs.len();
        if let Some((key, value)) = first {
            keys.push(Some(key));
            self.exprs.push(value);
        }
        loop {
            if !keys.is_empty() && (!self.eat(K::Comma) || self.at(K::RBrace)) {
                break;
            }
            if self.eat(K::DoubleStar) {
                keys.push(None);
                let value = self.binary(1)?;
                self.exprs.push(value);
            } else {
                keys.push(Some(self.expression()?));
                self.expect(K::Colon)?;
                let value = self.expression()?;
                self.exprs.push(value);
            }
        }
        let keys = self.slice(&keys);
        Ok(ExprKind::Dict { keys, values: self.take_exprs(base) })
    }

    fn comprehensions(&mut self) -> PResult<&'a [Comprehension<'a>]> {
        let mut list = Vec::new();
        while self.at_comprehension() {
            let is_async = self.eat(K::KwAsync);
            self.since(if is_async { 6 } else { 0 })?;
            self.expect(K::KwFor)?;
            let target = self.star_targets()?;
            self.expect(K::KwIn)?;
            let iter = self.disjunction()?;
            let base = self.exprs.len();
            while self.eat(K::KwIf) {
                let test = self.disjunction()?;
                self.exprs.push(test);
            }
            let ifs = self.take_exprs(base);
            list.push(Comprehension { target, iter, ifs, is_async });
        }
        Ok(self.slice(&list))
    }

    /// Arguments in parentheses. `bare_generator`: a lone generator expression needs no parentheses of its own.
    pub(super) fn call_args(
        &mut self,
        bare_generator: bool,
    ) -> PResult<(Exprs<'a>, &'a [Keyword<'a>])> {
        self.deeper(15, |p| p.call_args_inner(bare_generator))
    }

    fn call_args_inner(&mut self, bare_generator: bool) -> PResult<(Exprs<'a>, &'a [Keyword<'a>])> {
        let open = self.start();
        self.expect(K::LPar)?;
        let base = self.exprs.len();
        let mut keywords: Vec<Keyword<'a>> = Vec::new();
        let mut unpacked_mapping = false;
        let mut first = true;
        while !self.at(K::RPar) {
            if !first && !self.eat(K::Comma) {
                return Err(Fail);
            }
            if !first && self.at(K::RPar) {
                break;
            }
            let start = self.start();
            if self.at(K::Star) {
                if unpacked_mapping {
                    return Err(Fail);
                }
                let e = self.starred(Self::expression)?;
                self.exprs.push(e);
            } else if self.eat(K::DoubleStar) {
                let value = self.expression()?;
                keywords.push(Keyword { arg: None, value, range: self.span_from(start) });
                unpacked_mapping = true;
            } else if self.at(K::Name) && self.peek(1) == K::Equal {
                let arg = Some(self.name()?);
                self.bump();
                let value = self.expression()?;
                keywords.push(Keyword { arg, value, range: self.span_from(start) });
            } else {
                if !keywords.is_empty() {
                    return Err(Fail);
                }
                let e = self.named_expression()?;
                if first && bare_generator && self.at_comprehension() {
                    let generators = self.comprehensions()?;
                    self.expect(K::RPar)?;
                    let range = self.span_from(open);
                    let generator = self.expr(ExprKind::GeneratorExp { elt: e, generators }, range);
                    self.exprs.push(generator);
                    return Ok((self.take_exprs(base), &[]));
                }
                self.exprs.push(e);
            }
            first = false;
        }
        self.expect(K::RPar)?;
        let keywords = self.slice(&keywords);
        Ok((self.take_exprs(base), keywords))
    }

    fn slices(&mut self) -> PResult<ExprRef<'a>> {
        self.deeper(15, |p| {
            let start = p.start();
            let first = p.slice_item()?;
            if !p.at(K::Comma) && !matches!(first.kind, ExprKind::Starred { .. }) {
                return Ok(first);
            }
            let base = p.exprs.len();
            p.exprs.push(first);
            while p.eat(K::Comma) {
                if p.at(K::RSqb) {
                    break;
                }
                let e = p.slice_item()?;
                p.exprs.push(e);
            }
            let elts = p.take_exprs(base);
            let range = p.span_from(start);
            Ok(p.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, range))
        })
    }

    fn slice_item(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        if self.at(K::Star) {
            return self.starred(Self::expression);
        }
        let walrus = self.at(K::Name) && self.peek(1) == K::ColonEqual;
        let lower = if self.at(K::Colon) { None } else { Some(self.named_expression()?) };
        if let Some(e) = lower
            && (walrus || !self.at(K::Colon))
        {
            return Ok(e);
        }
        self.expect(K::Colon)?;
        let ends = |k: K| matches!(k, K::Colon | K::Comma | K::RSqb);
        let upper = if ends(self.kind()) { None } else { Some(self.expression()?) };
        let mut step = None;
        if self.eat(K::Colon) && !ends(self.kind()) {
            step = Some(self.expression()?);
        }
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::Slice { lower, upper, step }, range))
    }
}
