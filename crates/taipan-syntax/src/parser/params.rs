//! Parameter lists of functions and lambdas, and type parameters.

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::token::TokenKind as K;

/// What is being collected while a parameter list is read.
#[derive(Default)]
struct Params<'a> {
    posonly: Vec<Arg<'a>>,
    args: Vec<Arg<'a>>,
    defaults: Vec<ExprRef<'a>>,
    vararg: Option<&'a Arg<'a>>,
    kwonly: Vec<Arg<'a>>,
    kw_defaults: Vec<Option<ExprRef<'a>>>,
    kwarg: Option<&'a Arg<'a>>,
}

impl<'a> Parser<'a, '_> {
    /// The parameters of `def`, up to the closing parenthesis.
    pub(super) fn params(&mut self) -> PResult<&'a Arguments<'a>> {
        self.parameter_list(K::RPar)
    }

    pub(super) fn lambda_params(&mut self) -> PResult<&'a Arguments<'a>> {
        self.parameter_list(K::Colon)
    }

    fn parameter_list(&mut self, end: K) -> PResult<&'a Arguments<'a>> {
        let mut p = Params::default();
        let (mut slash, mut star) = (false, false);
        while !self.at(end) {
            match self.kind() {
                K::Slash => {
                    if slash || star || p.args.is_empty() {
                        return Err(Fail);
                    }
                    self.bump();
                    self.since(8)?;
                    slash = true;
                    p.posonly = std::mem::take(&mut p.args);
                    self.parameter_end(end, None)?;
                }
                K::Star => {
                    if star {
                        return Err(Fail);
                    }
                    self.bump();
                    star = true;
                    if self.at(K::Comma) {
                        self.bump();
                        if !self.at(K::Name) {
                            return Err(Fail);
                        }
                        continue;
                    }
                    let arg = self.parameter(end, true)?;
                    p.vararg = Some(self.arena.alloc(arg));
                }
                K::DoubleStar => {
                    self.bump();
                    let arg = self.parameter(end, false)?;
                    p.kwarg = Some(self.arena.alloc(arg));
                    if !self.at(end) {
                        return Err(Fail);
                    }
                }
                _ => self.named_parameter(end, star, &mut p)?,
            }
        }
        Ok(self.arena.alloc(Arguments {
            posonlyargs: self.slice(&p.posonly),
            args: self.slice(&p.args),
            vararg: p.vararg,
            kwonlyargs: self.slice(&p.kwonly),
            kw_defaults: self.slice(&p.kw_defaults),
            kwarg: p.kwarg,
            defaults: self.slice(&p.defaults),
        }))
    }

    /// A parameter that may have a default, with what follows it.
    fn named_parameter(&mut self, end: K, keyword_only: bool, p: &mut Params<'a>) -> PResult<()> {
        let mut arg = self.bare_parameter(end, false)?;
        let default = if self.eat(K::Equal) { Some(self.expression()?) } else { None };
        self.parameter_end(end, Some(&mut arg))?;
        if keyword_only {
            p.kwonly.push(arg);
            p.kw_defaults.push(default);
            return Ok(());
        }
        match default {
            Some(d) => p.defaults.push(d),
            None if !p.defaults.is_empty() => return Err(Fail),
            None => {}
        }
        p.args.push(arg);
        Ok(())
    }

    /// A starred parameter, after its stars.
    fn parameter(&mut self, end: K, star_annotation: bool) -> PResult<Arg<'a>> {
        let mut arg = self.bare_parameter(end, star_annotation)?;
        self.parameter_end(end, Some(&mut arg))?;
        Ok(arg)
    }

    fn bare_parameter(&mut self, end: K, star_annotation: bool) -> PResult<Arg<'a>> {
        let start = self.start();
        let arg = self.name()?;
        let mut annotation = None;
        if end == K::RPar && self.eat(K::Colon) {
            annotation =
                Some(if star_annotation { self.star_expression()? } else { self.expression()? });
        }
        Ok(Arg { arg, annotation, type_comment: None, range: self.span_from(start) })
    }

    /// After a parameter: a comma or the end, with an optional type comment.
    fn parameter_end(&mut self, end: K, arg: Option<&mut Arg<'a>>) -> PResult<()> {
        let comma = self.eat(K::Comma);
        if self.at(K::TypeComment) {
            let token = self.bump();
            match arg {
                Some(arg) => arg.type_comment = Some(self.text(token)),
                None => return Err(Fail),
            }
        }
        if comma || self.at(end) { Ok(()) } else { Err(Fail) }
    }

    /// `[T, *Ts, **P]`, if there.
    pub(super) fn type_params(&mut self) -> PResult<&'a [TypeParam<'a>]> {
        if !self.eat(K::LSqb) {
            return Ok(&[]);
        }
        self.since(12)?;
        let mut list = Vec::new();
        loop {
            list.push(self.type_param()?);
            if !self.eat(K::Comma) || self.at(K::RSqb) {
                break;
            }
        }
        self.expect(K::RSqb)?;
        Ok(self.slice(&list))
    }

    fn type_param(&mut self) -> PResult<TypeParam<'a>> {
        let start = self.start();
        let kind = if self.eat(K::Star) {
            let name = self.name()?;
            let default_value =
                if self.eat(K::Equal) { Some(self.star_expression()?) } else { None };
            TypeParamKind::TypeVarTuple { name, default_value }
        } else if self.eat(K::DoubleStar) {
            let name = self.name()?;
            let default_value = if self.eat(K::Equal) { Some(self.expression()?) } else { None };
            TypeParamKind::ParamSpec { name, default_value }
        } else {
            let name = self.name()?;
            let bound = if self.eat(K::Colon) { Some(self.expression()?) } else { None };
            let default_value = if self.eat(K::Equal) { Some(self.expression()?) } else { None };
            TypeParamKind::TypeVar { name, bound, default_value }
        };
        let default = match kind {
            TypeParamKind::TypeVar { default_value, .. }
            | TypeParamKind::ParamSpec { default_value, .. }
            | TypeParamKind::TypeVarTuple { default_value, .. } => default_value,
        };
        self.since(if default.is_some() { 13 } else { 0 })?;
        Ok(TypeParam { kind, range: self.span_from(start) })
    }
}
