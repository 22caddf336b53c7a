//! Expressions as assignment, deletion and loop targets.
//!
//! Targets are parsed as expressions and rebuilt here with their context, which fails for what cannot be a target.

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// `e` as a target of `=`: stars allowed.
    pub(super) fn store_target(&mut self, e: ExprRef<'a>) -> PResult<ExprRef<'a>> {
        self.with_context(e, ExprContext::Store)
    }

    /// `e` as the one target of an augmented or annotated assignment.
    pub(super) fn single_target(&mut self, e: ExprRef<'a>) -> PResult<ExprRef<'a>> {
        match e.kind {
            ExprKind::Name { .. } | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
                self.store_target(e)
            }
            _ => Err(Fail),
        }
    }

    pub(super) fn del_target(&mut self, e: ExprRef<'a>) -> PResult<ExprRef<'a>> {
        self.with_context(e, ExprContext::Del)
    }

    fn with_context(&mut self, e: ExprRef<'a>, ctx: ExprContext) -> PResult<ExprRef<'a>> {
        let kind = match e.kind {
            ExprKind::Name { id, .. } => ExprKind::Name { id, ctx },
            ExprKind::Attribute { value, attr, .. } => ExprKind::Attribute { value, attr, ctx },
            ExprKind::Subscript { value, slice, .. } => ExprKind::Subscript { value, slice, ctx },
            ExprKind::Tuple { elts, .. } => {
                ExprKind::Tuple { elts: self.all_with_context(elts, ctx)?, ctx }
            }
            ExprKind::List { elts, .. } => {
                ExprKind::List { elts: self.all_with_context(elts, ctx)?, ctx }
            }
            ExprKind::Starred { value, .. } if ctx == ExprContext::Store => {
                ExprKind::Starred { value: self.with_context(value, ctx)?, ctx }
            }
            _ => return Err(Fail),
        };
        Ok(self.expr(kind, e.range))
    }

    fn all_with_context(&mut self, elts: Exprs<'a>, ctx: ExprContext) -> PResult<Exprs<'a>> {
        self.deeper(5, |p| {
            let base = p.exprs.len();
            for e in elts {
                let e = p.with_context(e, ctx)?;
                p.exprs.push(e);
            }
            Ok(p.take_exprs(base))
        })
    }

    /// `star_targets` of `for`: a target, or several with commas, before `in`.
    pub(super) fn star_targets(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        let first = self.star_target()?;
        if !self.at(TokenKind::Comma) {
            return Ok(first);
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.eat(TokenKind::Comma) {
            if !self.starts_target() {
                break;
            }
            let e = self.star_target()?;
            self.exprs.push(e);
        }
        let elts = self.take_exprs(base);
        let range = self.span_from(start);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Store }, range))
    }

    fn starts_target(&self) -> bool {
        !matches!(
            self.kind(),
            TokenKind::KwIn
                | TokenKind::Equal
                | TokenKind::Newline
                | TokenKind::RPar
                | TokenKind::Colon
        )
    }

    pub(super) fn star_target(&mut self) -> PResult<ExprRef<'a>> {
        let start = self.start();
        if self.eat(TokenKind::Star) {
            if self.at(TokenKind::Star) {
                return Err(Fail);
            }
            let value = self.star_target()?;
            let range = self.span_from(start);
            return Ok(self.expr(ExprKind::Starred { value, ctx: ExprContext::Store }, range));
        }
        let e = self.primary()?;
        if matches!(e.kind, ExprKind::Starred { .. }) {
            return Err(Fail);
        }
        self.store_target(e)
    }
}
