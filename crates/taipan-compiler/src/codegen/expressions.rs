//! Expressions to registers, conditions to jumps.

use super::targets::{rebinds, two_part_slice};
use super::{Codegen, MAX_RUN, UnitKind, negated};
use crate::code::{CacheKind, Const};
use crate::error::{CompileError, Result};
use crate::fold::truth;
use crate::ir::{Label, Loc, Reg};
use crate::opcode::Op;
use std::sync::Arc;
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

    fn gen_expr(&mut self, e: &Expr<'a>, want: Option<Reg>) -> Result<Reg> {
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

    fn gen_inner(&mut self, e: &Expr<'a>, want: Option<Reg>) -> Result<Reg> {
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

    // ---- operators

    fn bool_op(
        &mut self,
        op: BoolOp,
        values: Exprs<'a>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Reg> {
        let jump = if op == BoolOp::And { Op::JUMP_IF_FALSE } else { Op::JUMP_IF_TRUE };
        if let (Some(local), [first, last]) = (want.filter(|r| r.as_local().is_some()), values) {
            let (keep, end) = (self.label(), self.label());
            let mark = self.mark();
            let r = self.expr_before(first, &[last])?;
            self.jump_cond(jump, r.0, 0, keep, loc);
            self.expr_to(last, local)?;
            if r != local {
                self.jump(end, Loc::NONE);
            }
            self.bind(keep);
            self.move_to(local, r, loc);
            self.bind(end);
            self.release(mark);
            return Ok(local);
        }
        let dst = self.scratch(want);
        let end = self.label();
        let (last, first) = values
            .split_last()
            .ok_or_else(|| CompileError::value("BoolOp with less than 2 values"))?;
        for v in first {
            self.expr_to(v, dst)?;
            self.jump_cond(jump, dst.0, 0, end, loc);
        }
        self.expr_to(last, dst)?;
        self.bind(end);
        Ok(self.deliver(dst, want, loc))
    }

    /// Moves a value built in a scratch register to where it is wanted.
    pub(super) fn deliver(&mut self, from: Reg, want: Option<Reg>, loc: Loc) -> Reg {
        match want {
            Some(dst) => {
                self.move_to(dst, from, loc);
                dst
            }
            None => from,
        }
    }

    fn named_expr(
        &mut self,
        target: ExprRef<'a>,
        value: ExprRef<'a>,
        want: Option<Reg>,
    ) -> Result<Reg> {
        let ExprKind::Name { id, .. } = target.kind else {
            return Err(CompileError::system("NamedExpr target must be a Name"));
        };
        self.refuse_debug(id, ExprContext::Store, target.range)?;
        if let Some(local) = self.fast_target(id) {
            self.expr_to(value, local)?;
            self.note_store(local);
            return Ok(self.deliver(local, want, target.range.into()));
        }
        let r = self.gen_expr(value, want)?;
        self.store_name(id, r, target.range.into());
        Ok(r)
    }

    fn bin_op(
        &mut self,
        e: &Expr<'a>,
        left: ExprRef<'a>,
        op: Operator,
        right: ExprRef<'a>,
        want: Option<Reg>,
    ) -> Result<Reg> {
        let loc: Loc = e.range.into();
        if op == Operator::Mod
            && let Some(r) = self.percent_format(left, right, want, loc)?
        {
            return Ok(r);
        }
        let mark = self.mark();
        if let Some(rop) = reflected_immediate(op)
            && self.folder.constant(right).is_none()
            && let Some(i) = self.small_int(left)
        {
            let r = self.expr(right)?;
            let dst = self.result(want, mark);
            self.emit(rop, dst.0, r.0, i, loc);
            return Ok(dst);
        }
        let l = self.expr_before(left, &[right])?;
        if let Some(iop) = immediate_form(op)
            && let Some(i) = self.small_int(right)
        {
            let dst = self.result(want, mark);
            self.emit(iop, dst.0, l.0, i, loc);
            return Ok(dst);
        }
        let r = self.expr(right)?;
        let dst = self.result(want, mark);
        self.emit3(binary_op(op), dst, l, r, loc);
        Ok(dst)
    }

    pub(super) fn binary_inplace(
        &mut self,
        op: Operator,
        left: Reg,
        value: ExprRef<'a>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Reg> {
        let mark = self.mark();
        let immediate = match op {
            Operator::Add => Some(Op::IADDI),
            Operator::Sub => Some(Op::ISUBI),
            _ => None,
        };
        if let Some(iop) = immediate
            && let Some(i) = self.small_int(value)
        {
            let dst = self.result(want, mark);
            self.emit(iop, dst.0, left.0, i, loc);
            return Ok(dst);
        }
        let r = self.expr(value)?;
        let dst = self.result(want, mark);
        self.emit3(inplace_op(op), dst, left, r, loc);
        Ok(dst)
    }

    fn unary_op(
        &mut self,
        op: UnaryOp,
        operand: ExprRef<'a>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Reg> {
        let mark = self.mark();
        // `not a in b` is `a not in b`, for the operators whose result is always a bool.
        if op == UnaryOp::Not
            && let ExprKind::Compare { left, ops: [cmp], comparators: [right] } = operand.kind
            && let Some(opposite) = opposite_bool(*cmp)
        {
            self.check_compare(operand);
            return self.compare_once(left, opposite, right, want, operand.range.into());
        }
        let r = self.expr(operand)?;
        let dst = self.result(want, mark);
        let op = match op {
            UnaryOp::Invert => Op::INVERT,
            UnaryOp::Not => Op::NOT,
            UnaryOp::UAdd => Op::POS,
            UnaryOp::USub => Op::NEG,
        };
        self.emit2(op, dst, r, loc);
        Ok(dst)
    }

    // ---- comparisons

    fn compare(
        &mut self,
        e: &Expr<'a>,
        left: ExprRef<'a>,
        ops: &'a [CmpOp],
        comparators: Exprs<'a>,
        want: Option<Reg>,
    ) -> Result<Reg> {
        let loc: Loc = e.range.into();
        self.check_compare(e);
        if let ([op], [right]) = (ops, comparators) {
            return self.compare_once(left, *op, right, want, loc);
        }
        let dst = self.scratch(want);
        let end = self.label();
        let mark = self.mark();
        let mut l = self.expr_before(left, comparators)?;
        for (i, (op, right)) in ops.iter().zip(comparators).enumerate() {
            let last = i + 1 == ops.len();
            let r = self.comparand(*op, right, &comparators[i + 1..])?;
            self.emit3(compare_op(*op), dst, l, r, loc);
            if !last {
                self.jump_cond(Op::JUMP_IF_FALSE, dst.0, 0, end, loc);
            }
            l = r;
        }
        self.bind(end);
        self.release(mark);
        Ok(self.deliver(dst, want, loc))
    }

    fn compare_once(
        &mut self,
        left: ExprRef<'a>,
        op: CmpOp,
        right: ExprRef<'a>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Reg> {
        let mark = self.mark();
        let l = self.expr_before(left, &[right])?;
        let r = self.comparand(op, right, &[])?;
        let dst = self.result(want, mark);
        self.emit3(compare_op(op), dst, l, r, loc);
        Ok(dst)
    }

    /// The right side of a comparison; a display after `in` may be constant.
    fn comparand(&mut self, op: CmpOp, e: ExprRef<'a>, later: &[ExprRef<'a>]) -> Result<Reg> {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            if let Some(c) = self.folder.iterable(e) {
                return Ok(self.constant(c, None, e.range.into()));
            }
            if let ExprKind::List { elts, .. } = e.kind
                && !elts.iter().any(|e| matches!(e.kind, ExprKind::Starred { .. }))
            {
                return self.tuple(elts, None, e.range.into());
            }
        }
        self.expr_before(e, later)
    }

    fn check_compare(&mut self, e: &Expr<'a>) {
        let ExprKind::Compare { left, ops, comparators } = e.kind else { return };
        let mut left = left;
        for (op, right) in ops.iter().zip(comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                let literal = [left, right]
                    .into_iter()
                    .find_map(|e| self.folder.constant(e).filter(is_plain_literal));
                if let Some(c) = literal {
                    let (word, other) =
                        if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                    self.warn(
                        format!(
                            "\"{word}\" with '{}' literal. Did you mean \"{other}\"?",
                            type_name(&c)
                        ),
                        e.range,
                    );
                    return;
                }
            }
            left = right;
        }
    }

    // ---- conditions

    /// Jumps to `target` if the truth of `e` is `cond`, else falls through.
    pub(super) fn jump_if(&mut self, e: ExprRef<'a>, target: Label, cond: bool) -> Result<()> {
        self.deeper(|c| c.jump_if_inner(e, target, cond))
    }

    fn jump_if_inner(&mut self, e: ExprRef<'a>, target: Label, cond: bool) -> Result<()> {
        let loc: Loc = e.range.into();
        let mark = self.mark();
        if let Some(c) = self.folder.constant(e) {
            self.nop(loc);
            if truth(&c) == cond {
                self.jump(target, loc);
            }
            return Ok(());
        }
        match e.kind {
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } => {
                return self.jump_if(operand, target, !cond);
            }
            ExprKind::BoolOp { op, values } => {
                let stop = op == BoolOp::Or;
                let early = if stop == cond { target } else { self.label() };
                let (last, first) = values
                    .split_last()
                    .ok_or_else(|| CompileError::value("BoolOp with less than 2 values"))?;
                for v in first {
                    self.jump_if(v, early, stop)?;
                }
                self.jump_if(last, target, cond)?;
                if stop != cond {
                    self.bind(early);
                }
                return Ok(());
            }
            ExprKind::IfExp { test, body, orelse } => {
                let (other, end) = (self.label(), self.label());
                self.jump_if(test, other, false)?;
                self.jump_if(body, target, cond)?;
                self.jump(end, Loc::NONE);
                self.bind(other);
                self.jump_if(orelse, target, cond)?;
                self.bind(end);
                return Ok(());
            }
            ExprKind::Compare { left, ops, comparators } => {
                self.check_compare(e);
                if let ([op], [right]) = (ops, comparators) {
                    self.jump_compare(left, *op, right, target, cond, loc)?;
                } else {
                    self.jump_chain(left, ops, comparators, target, cond, loc)?;
                }
                self.release(mark);
                return Ok(());
            }
            _ => {}
        }
        let r = self.expr(e)?;
        self.release(mark);
        self.jump_cond(
            if cond { Op::JUMP_IF_TRUE } else { Op::JUMP_IF_FALSE },
            r.0,
            0,
            target,
            loc,
        );
        Ok(())
    }

    fn jump_chain(
        &mut self,
        left: ExprRef<'a>,
        ops: &'a [CmpOp],
        comparators: Exprs<'a>,
        target: Label,
        cond: bool,
        loc: Loc,
    ) -> Result<()> {
        let fail = if cond { self.label() } else { target };
        let mut l = self.expr_before(left, comparators)?;
        for (i, (op, right)) in ops.iter().zip(comparators).enumerate() {
            let r = self.comparand(*op, right, &comparators[i + 1..])?;
            let yes = jump_op(*op);
            if i + 1 < ops.len() {
                self.jump_cond(negated(yes), l.0, r.0, fail, loc);
            } else {
                self.jump_cond(if cond { yes } else { negated(yes) }, l.0, r.0, target, loc);
            }
            l = r;
        }
        if cond {
            self.bind(fail);
        }
        Ok(())
    }

    fn jump_compare(
        &mut self,
        left: ExprRef<'a>,
        op: CmpOp,
        right: ExprRef<'a>,
        target: Label,
        cond: bool,
        loc: Loc,
    ) -> Result<()> {
        let mark = self.mark();
        let is_none = |e: &Expr| matches!(e.kind, ExprKind::Constant { value: Constant::None, .. });
        if matches!(op, CmpOp::Is | CmpOp::IsNot) && is_none(right) {
            let r = self.expr(left)?;
            self.add_const(Const::None);
            let yes = (op == CmpOp::Is) == cond;
            self.release(mark);
            self.jump_cond(
                if yes { Op::JUMP_IF_NONE } else { Op::JUMP_IF_NOT_NONE },
                r.0,
                0,
                target,
                loc,
            );
            return Ok(());
        }
        let l = self.expr_before(left, &[right])?;
        if let Some(imm) = immediate_jump(op)
            && let Some(i) = self.small_int(right)
        {
            self.release(mark);
            self.jump_cond(if cond { imm } else { negated(imm) }, l.0, i, target, loc);
            return Ok(());
        }
        let r = self.comparand(op, right, &[])?;
        let yes = jump_op(op);
        self.release(mark);
        self.jump_cond(if cond { yes } else { negated(yes) }, l.0, r.0, target, loc);
        Ok(())
    }

    // ---- displays

    /// The items in consecutive temporaries.
    fn run(&mut self, elts: Exprs<'a>) -> Result<Reg> {
        let base = self.temps(0);
        for e in elts {
            let slot = self.temp();
            self.expr_to(e, slot)?;
        }
        Ok(base)
    }

    fn all_constant(&mut self, elts: Exprs) -> Option<Arc<[Const]>> {
        if elts.len() < 3 {
            return None;
        }
        elts.iter().map(|e| self.folder.constant(e)).collect()
    }

    pub(super) fn tuple(&mut self, elts: Exprs<'a>, want: Option<Reg>, loc: Loc) -> Result<Reg> {
        let mark = self.mark();
        let plain = !elts.iter().any(|e| matches!(e.kind, ExprKind::Starred { .. }));
        if plain && elts.len() <= MAX_RUN {
            let base = self.run(elts)?;
            let dst = self.result(want, mark);
            self.emit(Op::BUILD_TUPLE, dst.0, base.0, elts.len() as u32, loc);
            return Ok(dst);
        }
        let list = self.temp();
        self.extend_list(list, elts, loc)?;
        let dst = self.result(want, mark);
        self.emit2(Op::LIST_TO_TUPLE, dst, list, loc);
        Ok(dst)
    }

    fn list(&mut self, elts: Exprs<'a>, want: Option<Reg>, loc: Loc) -> Result<Reg> {
        let mark = self.mark();
        let plain = !elts.iter().any(|e| matches!(e.kind, ExprKind::Starred { .. }));
        if let Some(items) = self.all_constant(elts) {
            let dst = self.scratch(want);
            self.emit(Op::BUILD_LIST, dst.0, self.unit_top().0, 0, loc);
            let k = self.constant(Const::Tuple(items), None, loc);
            self.emit2(Op::LIST_EXTEND, dst, k, loc);
            if want.is_none() {
                self.release(mark + 1);
            } else {
                self.release(mark);
            }
            return Ok(self.deliver(dst, want, loc));
        }
        if plain && elts.len() <= MAX_RUN {
            let base = self.run(elts)?;
            let dst = self.result(want, mark);
            self.emit(Op::BUILD_LIST, dst.0, base.0, elts.len() as u32, loc);
            return Ok(dst);
        }
        let dst = self.scratch(want);
        self.extend_list(dst, elts, loc)?;
        Ok(self.deliver(dst, want, loc))
    }

    /// A register for the base of an empty run.
    pub(super) fn unit_top(&self) -> Reg {
        Reg::temp(0)
    }

    /// Builds a list of any size, starred items included, in `dst`.
    pub(super) fn extend_list(&mut self, dst: Reg, elts: Exprs<'a>, loc: Loc) -> Result<()> {
        let mark = self.mark();
        let first = elts
            .iter()
            .position(|e| matches!(e.kind, ExprKind::Starred { .. }))
            .unwrap_or(elts.len())
            .min(MAX_RUN);
        let base = self.run(&elts[..first])?;
        self.release(mark);
        self.emit(Op::BUILD_LIST, dst.0, base.0, first as u32, loc);
        for e in &elts[first..] {
            match e.kind {
                ExprKind::Starred { value, .. } => {
                    let r = self.expr(value)?;
                    self.emit2(Op::LIST_EXTEND, dst, r, loc);
                }
                _ => {
                    let r = self.expr(e)?;
                    self.emit2(Op::LIST_APPEND, dst, r, loc);
                }
            }
            self.release(mark);
        }
        Ok(())
    }

    fn set(&mut self, elts: Exprs<'a>, want: Option<Reg>, loc: Loc) -> Result<Reg> {
        let mark = self.mark();
        if let Some(items) = self.all_constant(elts) {
            let dst = self.scratch(want);
            let inner = self.mark();
            self.emit(Op::BUILD_SET, dst.0, self.unit_top().0, 0, loc);
            let k = self.constant(Const::FrozenSet(items), None, loc);
            self.emit2(Op::SET_UPDATE, dst, k, loc);
            self.release(inner);
            return Ok(self.deliver(dst, want, loc));
        }
        let plain = !elts.iter().any(|e| matches!(e.kind, ExprKind::Starred { .. }));
        if plain && elts.len() <= MAX_RUN {
            let base = self.run(elts)?;
            let dst = self.result(want, mark);
            self.emit(Op::BUILD_SET, dst.0, base.0, elts.len() as u32, loc);
            return Ok(dst);
        }
        let dst = self.scratch(want);
        let inner = self.mark();
        self.emit(Op::BUILD_SET, dst.0, self.unit_top().0, 0, loc);
        for e in elts {
            match e.kind {
                ExprKind::Starred { value, .. } => {
                    let r = self.expr(value)?;
                    self.emit2(Op::SET_UPDATE, dst, r, loc);
                }
                _ => {
                    let r = self.expr(e)?;
                    self.emit2(Op::SET_ADD, dst, r, loc);
                }
            }
            self.release(inner);
        }
        Ok(self.deliver(dst, want, loc))
    }

    fn dict(
        &mut self,
        keys: &'a [Option<ExprRef<'a>>],
        values: Exprs<'a>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Reg> {
        let mark = self.mark();
        let first = keys.iter().position(Option::is_none).unwrap_or(keys.len()).min(MAX_RUN / 2);
        let pairs = |c: &mut Self| -> Result<Reg> {
            let base = c.temps(0);
            for (k, v) in keys[..first].iter().zip(values) {
                for e in [k.expect("has a key"), v] {
                    let slot = c.temp();
                    c.expr_to(e, slot)?;
                }
            }
            Ok(base)
        };
        if first == keys.len() {
            let base = pairs(self)?;
            let dst = self.result(want, mark);
            self.emit(Op::BUILD_MAP, dst.0, base.0, first as u32, loc);
            return Ok(dst);
        }
        let dst = self.scratch(want);
        let inner = self.mark();
        let base = pairs(self)?;
        self.release(inner);
        self.emit(Op::BUILD_MAP, dst.0, base.0, first as u32, loc);
        for (k, v) in keys.iter().zip(values).skip(first) {
            match k {
                Some(k) => {
                    let k = self.expr_before(k, &[v])?;
                    let v = self.expr(v)?;
                    self.emit3(Op::MAP_ADD, dst, k, v, loc);
                }
                None => {
                    let v = self.expr(v)?;
                    self.emit2(Op::DICT_UPDATE, dst, v, loc);
                }
            }
            self.release(inner);
        }
        Ok(self.deliver(dst, want, loc))
    }

    // ---- strings

    fn joined(&mut self, values: Exprs<'a>, want: Option<Reg>, loc: Loc) -> Result<Reg> {
        match values {
            [] => return Ok(self.constant(Const::str(""), want, loc)),
            [one]
                if matches!(
                    one.kind,
                    ExprKind::FormattedValue { .. } | ExprKind::Constant { .. }
                ) =>
            {
                return self.gen_expr(one, want);
            }
            _ => {}
        }
        let mark = self.mark();
        let base = self.temps(0);
        let mut n = 0;
        for v in values {
            if n == MAX_RUN as u32 {
                self.release(mark + 1);
                self.emit(Op::BUILD_STRING, base.0, base.0, n, loc);
                n = 1;
            }
            let slot = self.temp();
            self.expr_to(v, slot)?;
            n += 1;
        }
        let dst = self.result(want, mark);
        self.emit(Op::BUILD_STRING, dst.0, base.0, n, loc);
        Ok(dst)
    }

    fn formatted(
        &mut self,
        value: ExprRef<'a>,
        conversion: i32,
        spec: Option<ExprRef<'a>>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Reg> {
        let mark = self.mark();
        let mut r = match spec {
            Some(s) => self.expr_before(value, &[s])?,
            None => self.expr(value)?,
        };
        let kind = match u8::try_from(conversion).unwrap_or(0) {
            b's' => 1,
            b'r' => 2,
            b'a' => 3,
            _ => 0,
        };
        if conversion != -1 {
            if kind == 0 {
                return Err(CompileError::system(format!(
                    "Unrecognized conversion character {conversion}"
                )));
            }
            let t = self.temp();
            self.emit(Op::CONVERT_VALUE, t.0, r.0, kind, loc);
            r = t;
        }
        match spec {
            Some(s) => {
                let s = self.expr(s)?;
                let dst = self.result(want, mark);
                self.emit3(Op::FORMAT_WITH_SPEC, dst, r, s, loc);
                Ok(dst)
            }
            None => {
                let dst = self.result(want, mark);
                self.emit2(Op::FORMAT_SIMPLE, dst, r, loc);
                Ok(dst)
            }
        }
    }

    /// `'%s and %r' % (a, b)` as an f-string, for the plain formats that have the same meaning there.
    fn percent_format(
        &mut self,
        left: ExprRef<'a>,
        right: ExprRef<'a>,
        want: Option<Reg>,
        loc: Loc,
    ) -> Result<Option<Reg>> {
        let ExprKind::Constant { value: Constant::Str(text), .. } = left.kind else {
            return Ok(None);
        };
        let ExprKind::Tuple { elts, ctx: ExprContext::Load } = right.kind else { return Ok(None) };
        if elts.iter().any(|e| matches!(e.kind, ExprKind::Starred { .. }))
            || elts.len() > MAX_RUN / 3
        {
            return Ok(None);
        }
        let Some(parts) = text.as_str().and_then(percent_parts) else { return Ok(None) };
        if parts.iter().filter(|p| matches!(p, Part::Value { .. })).count() != elts.len() {
            return Ok(None);
        }
        let mark = self.mark();
        let base = self.temps(0);
        let mut args = elts.iter();
        let n = parts.len() as u32;
        for part in parts {
            let slot = self.temp();
            match part {
                Part::Text(s) => {
                    self.constant(Const::str(&s), Some(slot), loc);
                }
                Part::Value { conversion, spec } => {
                    let arg = args.next().expect("counted");
                    let inner = self.mark();
                    let r = self.expr(arg)?;
                    let at: Loc = arg.range.into();
                    self.emit(Op::CONVERT_VALUE, slot.0, r.0, conversion, at);
                    self.release(inner);
                    if spec.is_empty() {
                        self.emit2(Op::FORMAT_SIMPLE, slot, slot, at);
                    } else {
                        let s = self.constant(Const::str(&spec), None, at);
                        self.emit3(Op::FORMAT_WITH_SPEC, slot, slot, s, at);
                        self.release(inner);
                    }
                }
            }
        }
        let dst = self.result(want, mark);
        if n == 1 {
            self.move_to(dst, base, loc);
        } else {
            self.emit(Op::BUILD_STRING, dst.0, base.0, n, loc);
        }
        Ok(Some(dst))
    }

    // ---- attributes and subscripts

    /// The location of an attribute access that spans lines is that of the name.
    pub(super) fn attr_loc(&self, e: &Expr) -> Loc {
        let ExprKind::Attribute { attr, .. } = e.kind else { return e.range.into() };
        self.attr_loc_from(e.range.into(), e, attr)
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

    fn attribute(
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
            let loc = self.attr_loc(e);
            self.emit_x(Op::LOAD_SUPER_ATTR, dst, run, flag, site, loc);
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

    fn subscript(
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

    fn check_subscripter(&mut self, value: &Expr) {
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

    fn check_index(&mut self, value: &Expr, index: &Expr) {
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

    fn yield_value(
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

/// A part of a `%` format.
enum Part {
    Text(String),
    Value { conversion: u32, spec: String },
}

/// Splits a format of literal text, `%%`, `%s`, `%r` and `%a` with width and precision; `None` for any other.
fn percent_parts(format: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let mut left = false;
        while chars.next_if_eq(&'-').is_some() {
            left = true;
        }
        let digits = |chars: &mut std::iter::Peekable<std::str::Chars>| {
            let mut s = String::new();
            while let Some(d) = chars.next_if(char::is_ascii_digit) {
                s.push(d);
            }
            s
        };
        let width = digits(&mut chars);
        if width.starts_with('0') || width.len() > 2 {
            return None;
        }
        let mut spec = String::new();
        if !left && !width.is_empty() {
            spec.push('>');
        }
        spec.push_str(&width);
        if chars.next_if_eq(&'.').is_some() {
            let precision = digits(&mut chars);
            if precision.len() > 2 {
                return None;
            }
            spec.push('.');
            spec.push_str(if precision.is_empty() { "0" } else { &precision });
        }
        let conversion = match chars.next()? {
            's' => 1,
            'r' => 2,
            'a' => 3,
            _ => return None,
        };
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(Part::Value { conversion, spec });
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    (!parts.is_empty()).then_some(parts)
}

fn is_plain_literal(c: &Const) -> bool {
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

fn opposite_bool(op: CmpOp) -> Option<CmpOp> {
    match op {
        CmpOp::Is => Some(CmpOp::IsNot),
        CmpOp::IsNot => Some(CmpOp::Is),
        CmpOp::In => Some(CmpOp::NotIn),
        CmpOp::NotIn => Some(CmpOp::In),
        _ => None,
    }
}

fn compare_op(op: CmpOp) -> Op {
    match op {
        CmpOp::Eq => Op::EQ,
        CmpOp::NotEq => Op::NE,
        CmpOp::Lt => Op::LT,
        CmpOp::LtE => Op::LE,
        CmpOp::Gt => Op::GT,
        CmpOp::GtE => Op::GE,
        CmpOp::Is => Op::IS,
        CmpOp::IsNot => Op::IS_NOT,
        CmpOp::In => Op::IN,
        CmpOp::NotIn => Op::NOT_IN,
    }
}

fn jump_op(op: CmpOp) -> Op {
    match op {
        CmpOp::Eq => Op::JEQ,
        CmpOp::NotEq => Op::JNE,
        CmpOp::Lt => Op::JLT,
        CmpOp::LtE => Op::JLE,
        CmpOp::Gt => Op::JGT,
        CmpOp::GtE => Op::JGE,
        CmpOp::Is => Op::JIS,
        CmpOp::IsNot => Op::JNIS,
        CmpOp::In => Op::JIN,
        CmpOp::NotIn => Op::JNIN,
    }
}

fn immediate_jump(op: CmpOp) -> Option<Op> {
    Some(match op {
        CmpOp::Eq => Op::JEQI,
        CmpOp::NotEq => Op::JNEI,
        CmpOp::Lt => Op::JLTI,
        CmpOp::LtE => Op::JLEI,
        CmpOp::Gt => Op::JGTI,
        CmpOp::GtE => Op::JGEI,
        _ => return None,
    })
}

fn binary_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::ADD,
        Operator::Sub => Op::SUB,
        Operator::Mult => Op::MUL,
        Operator::MatMult => Op::MATMUL,
        Operator::Div => Op::TRUEDIV,
        Operator::Mod => Op::MOD,
        Operator::Pow => Op::POW,
        Operator::LShift => Op::LSHIFT,
        Operator::RShift => Op::RSHIFT,
        Operator::BitOr => Op::OR,
        Operator::BitXor => Op::XOR,
        Operator::BitAnd => Op::AND,
        Operator::FloorDiv => Op::FLOORDIV,
    }
}

fn inplace_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::IADD,
        Operator::Sub => Op::ISUB,
        Operator::Mult => Op::IMUL,
        Operator::MatMult => Op::IMATMUL,
        Operator::Div => Op::ITRUEDIV,
        Operator::Mod => Op::IMOD,
        Operator::Pow => Op::IPOW,
        Operator::LShift => Op::ILSHIFT,
        Operator::RShift => Op::IRSHIFT,
        Operator::BitOr => Op::IOR,
        Operator::BitXor => Op::IXOR,
        Operator::BitAnd => Op::IAND,
        Operator::FloorDiv => Op::IFLOORDIV,
    }
}

fn immediate_form(op: Operator) -> Option<Op> {
    Some(match op {
        Operator::Add => Op::ADDI,
        Operator::Sub => Op::SUBI,
        Operator::Mult => Op::MULI,
        Operator::FloorDiv => Op::FLOORDIVI,
        Operator::Mod => Op::MODI,
        Operator::BitAnd => Op::ANDI,
        Operator::LShift => Op::LSHIFTI,
        Operator::RShift => Op::RSHIFTI,
        Operator::Pow => Op::POWI,
        _ => return None,
    })
}

fn reflected_immediate(op: Operator) -> Option<Op> {
    Some(match op {
        Operator::Add => Op::RADDI,
        Operator::Sub => Op::RSUBI,
        Operator::Mult => Op::RMULI,
        _ => return None,
    })
}
