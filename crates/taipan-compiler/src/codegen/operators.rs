//! Operators, comparisons, and conditions as jumps.

use super::expressions::{is_plain_literal, type_name};
use super::{Codegen, negated};
use crate::code::Const;
use crate::error::{CompileError, Result};
use crate::fold::truth;
use crate::ir::{Label, Loc, Reg};
use crate::opcode::Op;
use taipan_syntax::ast::*;

impl<'a> Codegen<'a, '_> {
    // ---- operators

    pub(super) fn bool_op(
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

    pub(super) fn named_expr(
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

    pub(super) fn bin_op(
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

    pub(super) fn unary_op(
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
        // A comparison whose truth is asked has the place where it is asked.
        let r = match operand.kind {
            ExprKind::Compare { left, ops: [cmp], comparators: [right] } if op == UnaryOp::Not => {
                self.check_compare(operand);
                self.compare_once(left, *cmp, right, None, loc)?
            }
            _ => self.expr(operand)?,
        };
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

    pub(super) fn compare(
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

    pub(super) fn compare_once(
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
    pub(super) fn comparand(
        &mut self,
        op: CmpOp,
        e: ExprRef<'a>,
        later: &[ExprRef<'a>],
    ) -> Result<Reg> {
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

    pub(super) fn check_compare(&mut self, e: &Expr<'a>) {
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

    pub(super) fn jump_if_inner(
        &mut self,
        e: ExprRef<'a>,
        target: Label,
        cond: bool,
    ) -> Result<()> {
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

    pub(super) fn jump_chain(
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

    pub(super) fn jump_compare(
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
