//! The patterns of `match`.

use super::{Fail, PResult, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind as K;

impl<'a> Parser<'a, '_> {
    fn pattern_node(&self, kind: PatternKind<'a>, start: Start) -> PatternRef<'a> {
        self.arena.alloc(Pattern { kind, range: self.span_from(start) })
    }

    /// The pattern after `case`: a sequence without brackets, or one pattern.
    pub(super) fn patterns(&mut self) -> PResult<PatternRef<'a>> {
        let start = self.start();
        let first = self.maybe_star_pattern()?;
        if !self.at(K::Comma) {
            return if matches!(first.kind, PatternKind::MatchStar { .. }) {
                Err(Fail)
            } else {
                Ok(first)
            };
        }
        let patterns = self.sequence_rest(first, |k| matches!(k, K::Colon | K::KwIf))?;
        Ok(self.pattern_node(PatternKind::MatchSequence { patterns }, start))
    }

    /// The elements after `first`, up to a token that ends the sequence.
    fn sequence_rest(
        &mut self,
        first: PatternRef<'a>,
        ends: fn(K) -> bool,
    ) -> PResult<&'a [PatternRef<'a>]> {
        let mut list = vec![first];
        while self.eat(K::Comma) {
            if ends(self.kind()) {
                break;
            }
            list.push(self.maybe_star_pattern()?);
        }
        Ok(self.slice(&list))
    }

    fn maybe_star_pattern(&mut self) -> PResult<PatternRef<'a>> {
        if !self.at(K::Star) {
            return self.pattern();
        }
        let start = self.start();
        self.bump();
        let name = if self.at_word("_") {
            self.bump();
            None
        } else {
            Some(self.capture_target()?)
        };
        Ok(self.pattern_node(PatternKind::MatchStar { name }, start))
    }

    /// A name that a pattern binds: not `_`, not the start of something longer.
    fn capture_target(&mut self) -> PResult<Ident<'a>> {
        if self.at_word("_") {
            return Err(Fail);
        }
        let name = self.name()?;
        if matches!(self.kind(), K::Dot | K::LPar | K::Equal) { Err(Fail) } else { Ok(name) }
    }

    fn pattern(&mut self) -> PResult<PatternRef<'a>> {
        self.deeper(8, |p| {
            let start = p.start();
            let inner = p.or_pattern()?;
            if !p.eat(K::KwAs) {
                return Ok(inner);
            }
            let name = Some(p.capture_target()?);
            Ok(p.pattern_node(PatternKind::MatchAs { pattern: Some(inner), name }, start))
        })
    }

    fn or_pattern(&mut self) -> PResult<PatternRef<'a>> {
        let start = self.start();
        let first = self.closed_pattern()?;
        if !self.at(K::VBar) {
            return Ok(first);
        }
        let mut list = vec![first];
        while self.eat(K::VBar) {
            list.push(self.closed_pattern()?);
        }
        let patterns = self.slice(&list);
        Ok(self.pattern_node(PatternKind::MatchOr { patterns }, start))
    }

    fn closed_pattern(&mut self) -> PResult<PatternRef<'a>> {
        let start = self.start();
        let kind = match self.kind() {
            K::Number | K::Minus | K::String | K::FStringStart => {
                PatternKind::MatchValue { value: self.literal_expr()? }
            }
            K::KwNone | K::KwTrue | K::KwFalse => {
                let value = self.singleton();
                PatternKind::MatchSingleton { value }
            }
            K::Name => return self.name_pattern(),
            K::LPar => return self.group_pattern(),
            K::LSqb => {
                self.bump();
                let mut patterns: &'a [PatternRef<'a>] = &[];
                if !self.at(K::RSqb) {
                    let first = self.maybe_star_pattern()?;
                    patterns = self.sequence_rest(first, |k| k == K::RSqb)?;
                }
                self.expect(K::RSqb)?;
                PatternKind::MatchSequence { patterns }
            }
            K::LBrace => self.mapping_pattern()?,
            _ => return Err(Fail),
        };
        Ok(self.pattern_node(kind, start))
    }

    fn singleton(&mut self) -> Constant<'a> {
        match self.bump().kind {
            K::KwTrue => Constant::True,
            K::KwFalse => Constant::False,
            _ => Constant::None,
        }
    }

    /// A capture, the wildcard, a dotted value or a class pattern.
    fn name_pattern(&mut self) -> PResult<PatternRef<'a>> {
        let start = self.start();
        if !matches!(self.peek(1), K::Dot | K::LPar | K::Equal) {
            let wildcard = self.at_word("_");
            let name = self.name()?;
            let name = if wildcard { None } else { Some(name) };
            return Ok(self.pattern_node(PatternKind::MatchAs { pattern: None, name }, start));
        }
        let value = self.dotted_value()?;
        match self.kind() {
            K::LPar => {
                let kind = self.class_pattern(value)?;
                Ok(self.pattern_node(kind, start))
            }
            K::Equal => Err(Fail),
            _ => Ok(self.pattern_node(PatternKind::MatchValue { value }, start)),
        }
    }

    fn dotted_value(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let token = self.tok();
        let id = self.name()?;
        let mut value =
            self.expr(ExprKind::Name { id, ctx: ExprContext::Load }, self.span_of(token));
        while self.eat(K::Dot) {
            let attr = self.name()?;
            let range = self.span_from(start);
            value = self.expr(ExprKind::Attribute { value, attr, ctx: ExprContext::Load }, range);
        }
        Ok(value)
    }

    fn class_pattern(&mut self, cls: ExprRef<'a>) -> PResult<PatternKind<'a>> {
        self.expect(K::LPar)?;
        let (mut patterns, mut kwd_attrs, mut kwd_patterns) = (Vec::new(), Vec::new(), Vec::new());
        while !self.at(K::RPar) {
            if self.at(K::Name) && self.peek(1) == K::Equal {
                kwd_attrs.push(self.name()?);
                self.bump();
                kwd_patterns.push(self.pattern()?);
            } else if kwd_attrs.is_empty() {
                patterns.push(self.pattern()?);
            } else {
                return Err(Fail);
            }
            if !self.eat(K::Comma) {
                break;
            }
        }
        self.expect(K::RPar)?;
        Ok(PatternKind::MatchClass {
            cls,
            patterns: self.slice(&patterns),
            kwd_attrs: self.slice(&kwd_attrs),
            kwd_patterns: self.slice(&kwd_patterns),
        })
    }

    /// A pattern in parentheses: a group or a sequence.
    fn group_pattern(&mut self) -> PResult<PatternRef<'a>> {
        let start = self.start();
        self.expect(K::LPar)?;
        let mut patterns: &'a [PatternRef<'a>] = &[];
        if !self.at(K::RPar) {
            let first = self.maybe_star_pattern()?;
            if !self.at(K::Comma) {
                self.expect(K::RPar)?;
                return if matches!(first.kind, PatternKind::MatchStar { .. }) {
                    Err(Fail)
                } else {
                    Ok(first)
                };
            }
            patterns = self.sequence_rest(first, |k| k == K::RPar)?;
        }
        self.expect(K::RPar)?;
        Ok(self.pattern_node(PatternKind::MatchSequence { patterns }, start))
    }

    fn mapping_pattern(&mut self) -> PResult<PatternKind<'a>> {
        self.expect(K::LBrace)?;
        let (mut keys, mut patterns, mut rest) = (Vec::new(), Vec::new(), None);
        while !self.at(K::RBrace) {
            if self.eat(K::DoubleStar) {
                rest = Some(self.capture_target()?);
                self.eat(K::Comma);
                break;
            }
            let key = match self.kind() {
                K::Name => {
                    let value = self.dotted_value()?;
                    if matches!(value.kind, ExprKind::Name { .. }) {
                        return Err(Fail);
                    }
                    value
                }
                _ => self.literal_expr()?,
            };
            self.expect(K::Colon)?;
            keys.push(key);
            patterns.push(self.pattern()?);
            if !self.eat(K::Comma) {
                break;
            }
        }
        self.expect(K::RBrace)?;
        Ok(PatternKind::MatchMapping {
            keys: self.slice(&keys),
            patterns: self.slice(&patterns),
            rest,
        })
    }

    /// A number (signed, or complex), string or singleton as a pattern's value or key.
    fn literal_expr(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        match self.kind() {
            K::String | K::FStringStart => return self.strings(),
            K::KwNone | K::KwTrue | K::KwFalse => {
                let value = self.singleton();
                let range = self.span_from(start);
                return Ok(self.expr(ExprKind::Constant { value, kind: None }, range));
            }
            _ => {}
        }
        let left = self.signed_number()?;
        let op = match self.kind() {
            K::Plus => Operator::Add,
            K::Minus => Operator::Sub,
            _ => return Ok(left),
        };
        self.bump();
        let is_imaginary = |e: ExprRef<'a>| {
            matches!(e.kind, ExprKind::Constant { value: Constant::Complex { .. }, .. })
        };
        let real = match left.kind {
            ExprKind::UnaryOp { operand, .. } => operand,
            _ => left,
        };
        let imaginary = self.number_expr()?;
        if is_imaginary(real) || !is_imaginary(imaginary) {
            return Err(Fail);
        }
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::BinOp { left, op, right: imaginary }, range))
    }

    fn signed_number(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        if !self.eat(K::Minus) {
            return self.number_expr();
        }
        let operand = self.number_expr()?;
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::UnaryOp { op: UnaryOp::USub, operand }, range))
    }

    fn number_expr(&mut self) -> PResult<ExprRef<'a>> {
        let token = self.expect(K::Number)?;
        let value = self.number(token)?;
        Ok(self.expr(ExprKind::Constant { value, kind: None }, self.span_of(token)))
    }
}
