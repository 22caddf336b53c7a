//! Expressions to registers: the dispatch, attributes, subscripts, `yield` and `await`.

use super::targets::{rebinds, two_part_slice};
use super::{Codegen, UnitKind};
use crate::code::{CacheKind, Const};
use crate::error::{CompileError, Result};
use crate::ir::{Loc, Reg};
use crate::opcode::Op;
use taipan_syntax::ast::*;

impl<'a> Codegen<'a, '_> {
    /// The value of `e` in some register: a local's own, a hoisted constant's, or a new temporary.
    pub(super) fn expr(&mut self, e: &Expr<'a>) -> Result<Reg> {
        self.gen_expr(e, None)
    }

    /// The value of `e` in `dst`, written by the last instruction that can raise.
    pub(super) fn expr_to(&mut self, e: &Expr<'a>, dst: Reg) -> Result<()> {
        let mark = self.mark();
        self.gen_expr(e, Some(dst))?;
        self.release(mark);
        Ok(())
    }

    /// As `expr`, but safe against `later` expressions that bind the local it may be read from.
    pub(super) fn expr_before(&mut self, e: &Expr<'a>, later: &[ExprRef<'a>]) -> Result<Reg> {
        let r = self.expr(e)?;
        let source = match e.kind {
            ExprKind::NamedExpr { target, .. } => target.kind,
            kind => kind,
        };
        if r.as_local().is_some()
            && let ExprKind::Name { id, .. } = source
            && later.iter().any(|l| rebinds(l, id))
        {
            let t = self.temp();
            self.move_to(t, r, e.range.into());
            return Ok(t);
        }
        Ok(r)
    }

    pub(super) fn gen_expr(&mut self, e: &Expr<'a>, want: Option<Reg>) -> Result<Reg> {
        // Leaves need no stack check.
        match e.kind {
            ExprKind::Name { id, ctx: ExprContext::Load } if id != "__debug__" => {
                return Ok(self.load_name(id, e.range.into(), want));
            }
            ExprKind::Constant { .. } => {}
            _ => return self.deeper(|c| c.gen_inner(e, want)),
        }
        self.gen_inner(e, want)
    }

    pub(super) fn gen_inner(&mut self, e: &Expr<'a>, want: Option<Reg>) -> Result<Reg> {
        let loc: Loc = e.range.into();
        if let Some(c) = self.folder.constant(e) {
            return Ok(self.constant(c, want, loc));
        }
        let mark = self.mark();
        match e.kind {
            ExprKind::Constant { .. } => Err(CompileError::system("constant was not folded")),
            ExprKind::Name { id, ctx } => match ctx {
                ExprContext::Load => Ok(self.load_name(id, loc, want)),
                _ => Err(CompileError::system("name is not loaded")),
            },
            ExprKind::BoolOp { op, values } => self.bool_op(op, values, want, loc),
            ExprKind::NamedExpr { target, value } => self.named_expr(target, value, want),
            ExprKind::BinOp { left, op, right } => self.bin_op(e, left, op, right, want),
            ExprKind::UnaryOp { op, operand } => self.unary_op(op, operand, want, loc),
            ExprKind::Lambda { args, body } => self.lambda(e, args, body, want),
            ExprKind::IfExp { test, body, orelse } => {
                let dst = self.result(want, mark);
                let (other, end) = (self.label(), self.label());
                self.jump_if(test, other, false)?;
                self.expr_to(body, dst)?;
                self.jump(end, Loc::NONE);
                self.bind(other);
                self.expr_to(orelse, dst)?;
                self.bind(end);
                Ok(dst)
            }
            ExprKind::Dict { keys, values } => self.dict(keys, values, want, loc),
            ExprKind::Set { elts } => self.set(elts, want, loc),
            ExprKind::List { elts, .. } => self.list(elts, want, loc),
            ExprKind::Tuple { elts, .. } => self.tuple(elts, want, loc),
            ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. }
            | ExprKind::GeneratorExp { .. } => self.comprehension(e, want),
            ExprKind::Yield { value } => self.yield_value(value, want, e.range),
            ExprKind::YieldFrom { value } => {
                if !self.in_function() {
                    return self.error("'yield from' outside function", e.range);
                }
                if self.unit().kind == UnitKind::AsyncFunction {
                    return self.error("'yield from' inside async function", e.range);
                }
                let it = self.temp();
                let v = self.expr(value)?;
                self.emit2(Op::GET_YIELD_FROM_ITER, it, v, loc);
                self.send_loop(it, want, false, mark, loc)
            }
            ExprKind::Await { value } => {
                if !self.top_level_await() {
                    if !self.in_function() {
                        return self.error("'await' outside function", e.range);
                    }
                    if !matches!(
                        self.unit().kind,
                        UnitKind::AsyncFunction | UnitKind::Comprehension
                    ) {
                        return self.error("'await' outside async function", e.range);
                    }
                }
                let it = self.temp();
                let v = self.expr(value)?;
                self.emit_x(Op::GET_AWAITABLE, it, v, 0, 0, loc);
                self.send_loop(it, want, true, mark, loc)
            }
            ExprKind::Compare { left, ops, comparators } => {
                self.compare(e, left, ops, comparators, want)
            }
            ExprKind::Call { func, args, keywords } => self.call(e, func, args, keywords, want),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted(value, conversion, format_spec, want, loc)
            }
            ExprKind::JoinedStr { values } => self.joined(values, want, loc),
            ExprKind::Attribute { value, attr, .. } => self.attribute(e, value, attr, want),
            ExprKind::Subscript { value, slice, .. } => self.subscript(value, slice, want, loc),
            ExprKind::Starred { .. } => self.error("can't use starred expression here", e.range),
            ExprKind::Slice { lower, upper, step } => {
                let run = self.temps(if step.is_some() { 3 } else { 2 });
                for (i, part) in [lower, upper, step].into_iter().enumerate() {
                    let dst = run.plus(i as u32);
                    match part {
                        Some(e) => self.expr_to(e, dst)?,
                        None if i < 2 => self.load_none(dst, loc),
                        None => {}
                    }
                }
                let dst = self.result(want, mark);
                self.emit(Op::BUILD_SLICE, dst.0, run.0, if step.is_some() { 3 } else { 2 }, loc);
                Ok(dst)
            }
        }
    }

    pub(super) fn in_function(&self) -> bool {
        self.table.block(self.unit().block).is_function_like()
    }

    pub(super) fn top_level_await(&self) -> bool {
        self.settings.allow_top_level_await
            && self.table.block(self.unit().block).kind == crate::symtable::BlockKind::Module
    }

    /// A constant int that fits an 8-bit immediate, as its bits.
    pub(super) fn small_int(&mut self, e: &Expr) -> Option<u32> {
        match self.folder.constant(e)? {
            Const::Int(v) if i8::try_from(v).is_ok() => {
                self.add_const(Const::Int(v));
                Some(v as u32 & 0xff)
            }
            _ => None,
        }
    }

    // ---- attributes and subscripts

    /// The location of an attribute access that spans lines is that of the name.
    pub(super) fn attr_loc(&self, e: &Expr) -> Loc {
        let ExprKind::Attribute { attr, .. } = e.kind else { return e.range.into() };
        self.attr_loc_from(e.range.into(), e, attr)
    }

    /// After an attribute of `super()`, which has the place of the whole: the line of its name counts.
    pub(super) fn note_attr_line(&mut self, e: &Expr) {
        let loc = self.attr_loc(e);
        if loc.line != Loc::from(e.range).line {
            self.emit(Op::NOP, 0, 0, 0, loc);
        }
    }

    pub(super) fn attr_loc_from(&self, mut loc: Loc, attribute: &Expr, attr: &str) -> Loc {
        let end_line = attribute.range.end_lineno as i32;
        if loc.line != end_line {
            loc.line = end_line;
            let len = attr.chars().count() as i32;
            let end_col = attribute.range.end_col_offset as i32;
            if len <= end_col {
                loc.col = end_col - len;
            } else {
                loc.col = -1;
                loc.end_col = -1;
            }
            loc.end_line = loc.end_line.max(loc.line);
            if loc.line == loc.end_line {
                loc.end_col = loc.end_col.max(loc.col);
            }
        }
        loc
    }

    pub(super) fn attribute(
        &mut self,
        e: &Expr<'a>,
        value: ExprRef<'a>,
        attr: &'a str,
        want: Option<Reg>,
    ) -> Result<Reg> {
        let mark = self.mark();
        if self.is_plain_super(value, attr) {
            let (run, flag) = self.super_run(value)?;
            let n = self.name_index(attr);
            let site = self.cache(n, CacheKind::SuperAttr);
            let dst = self.result(want, mark);
            self.emit_x(Op::LOAD_SUPER_ATTR, dst, run, flag, site, e.range.into());
            self.note_attr_line(e);
            return Ok(dst);
        }
        let obj = self.expr(value)?;
        let loc = self.attr_loc(e);
        let n = self.name_index(attr);
        let site = self.cache(n, CacheKind::Attr);
        let dst = self.result(want, mark);
        self.emit_x(Op::LOAD_ATTR, dst, obj, 0, site, loc);
        Ok(dst)
    }

    pub(super) fn subscript(
        &mut self,
        value: ExprRef<'a>,
        slice: ExprRef<'a>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Reg> {
        self.check_subscripter(value);
        self.check_index(value, slice);
        let mark = self.mark();
        let obj = self.expr_before(value, &[slice])?;
        if let Some((lower, upper)) = two_part_slice(slice) {
            let run = self.slice_run(lower, upper, slice.range)?;
            let dst = self.result(want, mark);
            self.emit3(Op::GETSLICE, dst, obj, run, loc);
            return Ok(dst);
        }
        if let Some(i) = self.small_int(slice) {
            let dst = self.result(want, mark);
            self.emit(Op::GETITEMI, dst.0, obj.0, i, loc);
            return Ok(dst);
        }
        let key = self.expr(slice)?;
        let dst = self.result(want, mark);
        self.emit3(Op::GETITEM, dst, obj, key, loc);
        Ok(dst)
    }

    /// The type that an expression surely has, by name.
    pub(super) fn inferred_type(&mut self, e: &Expr) -> Option<&'static str> {
        if let Some(c) = self.folder.constant(e) {
            return Some(type_name(&c));
        }
        Some(match e.kind {
            ExprKind::Tuple { .. } => "tuple",
            ExprKind::List { .. } | ExprKind::ListComp { .. } => "list",
            ExprKind::Dict { .. } | ExprKind::DictComp { .. } => "dict",
            ExprKind::Set { .. } | ExprKind::SetComp { .. } => "set",
            ExprKind::GeneratorExp { .. } => "generator",
            ExprKind::Lambda { .. } => "function",
            ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => "str",
            _ => return None,
        })
    }

    pub(super) fn check_subscripter(&mut self, value: &Expr) {
        let bad = match self.folder.constant(value) {
            Some(c) => matches!(
                c,
                Const::None
                    | Const::Ellipsis
                    | Const::True
                    | Const::False
                    | Const::Int(_)
                    | Const::BigInt(_)
                    | Const::Float(_)
                    | Const::Complex(..)
                    | Const::FrozenSet(_)
            ),
            None => matches!(
                value.kind,
                ExprKind::Set { .. }
                    | ExprKind::SetComp { .. }
                    | ExprKind::GeneratorExp { .. }
                    | ExprKind::Lambda { .. }
            ),
        };
        if bad && let Some(name) = self.inferred_type(value) {
            self.warn(
                format!("'{name}' object is not subscriptable; perhaps you missed a comma?"),
                value.range,
            );
        }
    }

    pub(super) fn check_index(&mut self, value: &Expr, index: &Expr) {
        let Some(index_type) = self.inferred_type(index) else { return };
        if matches!(index_type, "int" | "bool") {
            return;
        }
        let sequence = match self.folder.constant(value) {
            Some(c) => matches!(c, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_)),
            None => matches!(
                value.kind,
                ExprKind::Tuple { .. }
                    | ExprKind::List { .. }
                    | ExprKind::ListComp { .. }
                    | ExprKind::JoinedStr { .. }
                    | ExprKind::FormattedValue { .. }
            ),
        };
        if sequence && let Some(name) = self.inferred_type(value) {
            self.warn(format!("{name} indices must be integers or slices, not {index_type}; perhaps you missed a comma?"), value.range);
        }
    }

    // ---- yield and await

    pub(super) fn yield_value(
        &mut self,
        value: Option<ExprRef<'a>>,
        want: Option<Reg>,
        span: Span,
    ) -> Result<Reg> {
        if !self.in_function() {
            return self.error("'yield' outside function", span);
        }
        let mark = self.mark();
        let loc: Loc = span.into();
        let v = match value {
            Some(e) => self.expr(e)?,
            None => self.constant(Const::None, None, loc),
        };
        let dst = self.result(want, mark);
        self.emit_yield(dst, v, loc);
        Ok(dst)
    }

    pub(super) fn emit_yield(&mut self, dst: Reg, value: Reg, loc: Loc) {
        let block = self.table.block(self.unit().block);
        let mut value = value;
        if block.generator && block.coroutine {
            let t = self.temp();
            self.emit2(Op::ASYNC_GEN_WRAP, t, value, loc);
            value = t;
        }
        self.emit2(Op::YIELD_VALUE, dst, value, loc);
        self.emit(Op::RESUME, 1, 0, 0, loc);
    }

    /// Drives the iterator in `it` until it returns; the result is its value.
    pub(super) fn send_loop(
        &mut self,
        it: Reg,
        want: Option<Reg>,
        is_await: bool,
        mark: u32,
        loc: Loc,
    ) -> Result<Reg> {
        let value = match want {
            Some(r) if r.as_temp().is_some() && r != it => r,
            _ => self.temp(),
        };
        let exc = self.temp();
        self.load_none(value, loc);
        let (send, fail, done) = (self.label(), self.label(), self.label());
        self.bind(send);
        self.push(Op::SEND, value.0, it.0, value.0, 0, done, loc);
        let outer = self.unit().handler;
        let handler = self.u().seq.new_handler(fail, exc, false);
        self.u().handler = handler;
        self.emit3(Op::YIELD_DELEGATE, value, value, it, loc);
        self.u().handler = outer;
        self.emit(Op::RESUME, if is_await { 3 } else { 2 }, 0, 0, loc);
        self.push(Op::JUMP, 0, 0, 0, 0, send, loc);
        self.bind(fail);
        self.emit2(Op::CLEANUP_THROW, value, exc, loc);
        self.bind(done);
        let dst = self.result(want, mark);
        self.move_to(dst, value, loc);
        Ok(dst)
    }
}

pub(super) fn is_plain_literal(c: &Const) -> bool {
    !matches!(c, Const::None | Const::True | Const::False | Const::Ellipsis)
}

/// The name of a constant's type.
pub(super) fn type_name(c: &Const) -> &'static str {
    match c {
        Const::None => "NoneType",
        Const::True | Const::False => "bool",
        Const::Ellipsis => "ellipsis",
        Const::Int(_) | Const::BigInt(_) => "int",
        Const::Float(_) => "float",
        Const::Complex(..) => "complex",
        Const::Str(_) => "str",
        Const::Bytes(_) => "bytes",
        Const::Tuple(_) => "tuple",
        Const::FrozenSet(_) => "frozenset",
        Const::Code(_) => "code",
    }
}
