//! Assignment targets: stores, unpacking, augmented assignment, deletion.

use super::Codegen;
use crate::code::CacheKind;
use crate::error::Result;
use crate::ir::{Loc, Reg};
use crate::opcode::Op;
use taipan_syntax::ast::*;

/// Does the expression, evaluated, bind the plain name `id`? Only `:=` does.
pub(super) fn rebinds(e: &Expr, id: &str) -> bool {
    let any = |list: Exprs| list.iter().any(|e| rebinds(e, id));
    let opt = |e: Option<ExprRef>| e.is_some_and(|e| rebinds(e, id));
    let comp = |gens: &[Comprehension]| gens.iter().any(|g| rebinds(g.iter, id) || any(g.ifs));
    match e.kind {
        ExprKind::NamedExpr { target, value } => {
            matches!(target.kind, ExprKind::Name { id: t, .. } if t == id) || rebinds(value, id)
        }
        ExprKind::BoolOp { values, .. } | ExprKind::JoinedStr { values } => any(values),
        ExprKind::BinOp { left, right, .. } => rebinds(left, id) || rebinds(right, id),
        ExprKind::UnaryOp { operand, .. } => rebinds(operand, id),
        ExprKind::Lambda { args, .. } => {
            any(args.defaults) || args.kw_defaults.iter().any(|d| opt(*d))
        }
        ExprKind::IfExp { test, body, orelse } => {
            rebinds(test, id) || rebinds(body, id) || rebinds(orelse, id)
        }
        ExprKind::Dict { keys, values } => keys.iter().any(|k| opt(*k)) || any(values),
        ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
            any(elts)
        }
        ExprKind::ListComp { elt, generators }
        | ExprKind::SetComp { elt, generators }
        | ExprKind::GeneratorExp { elt, generators } => comp(generators) || rebinds(elt, id),
        ExprKind::DictComp { key, value, generators } => {
            comp(generators) || rebinds(key, id) || rebinds(value, id)
        }
        ExprKind::Await { value }
        | ExprKind::YieldFrom { value }
        | ExprKind::Attribute { value, .. }
        | ExprKind::Starred { value, .. } => rebinds(value, id),
        ExprKind::Yield { value } => opt(value),
        ExprKind::Compare { left, comparators, .. } => rebinds(left, id) || any(comparators),
        ExprKind::Call { func, args, keywords } => {
            rebinds(func, id) || any(args) || keywords.iter().any(|k| rebinds(k.value, id))
        }
        ExprKind::FormattedValue { value, format_spec, .. } => {
            rebinds(value, id) || opt(format_spec)
        }
        ExprKind::Subscript { value, slice, .. } => rebinds(value, id) || rebinds(slice, id),
        ExprKind::Slice { lower, upper, step } => opt(lower) || opt(upper) || opt(step),
        ExprKind::Constant { .. } | ExprKind::Name { .. } => false,
    }
}

/// Does storing into the target bind the plain name `id`?
fn target_binds(target: &Expr, id: &str) -> bool {
    match target.kind {
        ExprKind::Name { id: t, .. } => t == id,
        ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
            elts.iter().any(|e| target_binds(e, id))
        }
        ExprKind::Starred { value, .. } => target_binds(value, id),
        _ => rebinds(target, id),
    }
}

fn is_starred(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Starred { .. })
}

/// A slice with two parts and no step, for which there are own instructions.
pub(super) fn two_part_slice<'a>(
    e: &Expr<'a>,
) -> Option<(Option<ExprRef<'a>>, Option<ExprRef<'a>>)> {
    match e.kind {
        ExprKind::Slice { lower, upper, step: None } => Some((lower, upper)),
        _ => None,
    }
}

impl<'a> Codegen<'a, '_> {
    pub(super) fn assign(&mut self, targets: Exprs<'a>, value: ExprRef<'a>) -> Result<()> {
        let mark = self.mark();
        if let [target] = targets {
            match target.kind {
                ExprKind::Name { id, .. } => {
                    self.assign_name(id, target.range, value)?;
                    self.release(mark);
                    return Ok(());
                }
                ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. }
                    if self.assign_pairwise(elts, value)? =>
                {
                    self.release(mark);
                    return Ok(());
                }
                _ => {}
            }
        }
        let mut r = self.expr(value)?;
        // A later target must not see a local that an earlier target has rebound.
        let at_risk = match value.kind {
            ExprKind::Name { id, .. } => targets.iter().any(|t| target_binds(t, id)),
            _ => true,
        };
        if r.as_local().is_some() && at_risk {
            let t = self.temp();
            self.move_to(t, r, value.range.into());
            r = t;
        }
        for target in targets {
            let inner = self.mark();
            self.store(target, r)?;
            self.release(inner);
        }
        self.release(mark);
        Ok(())
    }

    /// `id = value`, straight into the register of a fast local.
    pub(super) fn assign_name(
        &mut self,
        id: &'a str,
        span: Span,
        value: ExprRef<'a>,
    ) -> Result<()> {
        match self.fast_target(id) {
            Some(dst) => {
                self.expr_to(value, dst)?;
                self.note_store(dst);
                self.refuse_debug(id, ExprContext::Store, span)
            }
            None => {
                let r = self.expr(value)?;
                self.refuse_debug(id, ExprContext::Store, span)?;
                self.store_name(id, r, span.into());
                Ok(())
            }
        }
    }

    /// `a, b = c, d` without building a tuple. False: not of that form, nothing was emitted.
    fn assign_pairwise(&mut self, targets: Exprs<'a>, value: ExprRef<'a>) -> Result<bool> {
        let ExprKind::Tuple { elts: values, .. } = value.kind else { return Ok(false) };
        if values.len() != targets.len()
            || values.is_empty()
            || values.len() > 8
            || targets.iter().any(|t| is_starred(t))
            || values.iter().any(|v| is_starred(v))
        {
            return Ok(false);
        }
        let mut regs = Vec::with_capacity(values.len());
        for (i, v) in values.iter().enumerate() {
            let mut r = self.expr_before(v, &values[i + 1..])?;
            // A variable's own register must be read before an earlier target is stored into it. Only a plain
            // name tells which variable it is; `(c := e)` gives its register too.
            let at_risk = match v.kind {
                ExprKind::Name { id, .. } => targets[..i].iter().any(|t| target_binds(t, id)),
                _ => true,
            };
            if r.as_local().is_some() && at_risk {
                let t = self.temp();
                self.move_to(t, r, v.range.into());
                r = t;
            }
            regs.push(r);
        }
        for (t, r) in targets.iter().zip(regs) {
            let mark = self.mark();
            self.store(t, r)?;
            self.release(mark);
        }
        Ok(true)
    }

    /// Stores the value in `src` into a target.
    pub(super) fn store(&mut self, target: ExprRef<'a>, src: Reg) -> Result<()> {
        self.deeper(|c| c.store_inner(target, src))
    }

    fn store_inner(&mut self, target: ExprRef<'a>, src: Reg) -> Result<()> {
        let loc: Loc = target.range.into();
        match target.kind {
            ExprKind::Name { id, .. } => {
                self.refuse_debug(id, ExprContext::Store, target.range)?;
                self.store_name(id, src, loc);
            }
            ExprKind::Attribute { value, attr, .. } => {
                self.note_static_attribute(value, attr);
                let obj = self.expr(value)?;
                self.refuse_debug(attr, ExprContext::Store, target.range)?;
                let loc = self.attr_loc(target);
                self.store_attr(obj, attr, src, loc);
            }
            ExprKind::Subscript { value, slice, .. } => {
                if let Some((lower, upper)) = two_part_slice(slice) {
                    let obj = self.expr_before(value, &[slice])?;
                    let run = self.slice_run(lower, upper, slice.range)?;
                    self.emit3(Op::SETSLICE, obj, run, src, loc);
                    return Ok(());
                }
                let obj = self.expr_before(value, &[slice])?;
                if let Some(i) = self.small_int(slice) {
                    self.emit(Op::SETITEMI, obj.0, i, src.0, loc);
                } else {
                    let key = self.expr(slice)?;
                    self.emit3(Op::SETITEM, obj, key, src, loc);
                }
            }
            ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
                self.unpack(elts, src, target.range)?
            }
            ExprKind::Starred { .. } => {
                return self
                    .error("starred assignment target must be in a list or tuple", target.range);
            }
            _ => return Err(crate::error::CompileError::system("invalid assignment target")),
        }
        Ok(())
    }

    pub(super) fn store_attr(&mut self, obj: Reg, attr: &str, src: Reg, loc: Loc) {
        let n = self.name_index(attr);
        let site = self.cache(n, CacheKind::StoreAttr);
        self.emit_x(Op::STORE_ATTR, obj, src, 0, site, loc);
    }

    /// An attribute that a method sets on `self` goes into the class's `__static_attributes__`.
    fn note_static_attribute(&mut self, value: &Expr, attr: &str) {
        if !matches!(value.kind, ExprKind::Name { id: "self", .. }) {
            return;
        }
        if let Some(class) = self.units.iter_mut().rev().find(|u| u.kind == super::UnitKind::Class)
        {
            class.static_attributes.insert(attr.into());
        }
    }

    pub(super) fn unpack(&mut self, elts: Exprs<'a>, src: Reg, span: Span) -> Result<()> {
        let loc: Loc = span.into();
        let star = self.star_position(elts, span)?;
        let n = elts.len() as u32;
        if let Some(at) = star {
            let base = self.temps(n);
            self.emit_x(Op::UNPACK_EX, base, src, at as u32, n - at as u32 - 1, loc);
            return self.store_run(elts, base);
        }
        if let [first, second] = elts
            && let (Some(a), Some(b)) = (self.fast_element(first), self.fast_element(second))
        {
            self.refuse_debug_in(elts)?;
            self.note_store(a);
            self.note_store(b);
            self.emit3(Op::UNPACK2, a, b, src, loc);
            return Ok(());
        }
        let base = self.temps(n);
        if n == 2 {
            self.emit3(Op::UNPACK2, base, base.plus(1), src, loc);
        } else {
            self.emit_x(Op::UNPACK_SEQUENCE, base, src, n, 0, loc);
        }
        self.store_run(elts, base)
    }

    fn refuse_debug_in(&self, elts: Exprs) -> Result<()> {
        for e in elts {
            if let ExprKind::Name { id, .. } = e.kind {
                self.refuse_debug(id, ExprContext::Store, e.range)?;
            }
        }
        Ok(())
    }

    fn fast_element(&mut self, e: &Expr) -> Option<Reg> {
        match e.kind {
            ExprKind::Name { id, .. } => self.fast_target(id),
            _ => None,
        }
    }

    fn star_position(&self, elts: Exprs, span: Span) -> Result<Option<usize>> {
        let mut star = None;
        for (i, e) in elts.iter().enumerate() {
            if is_starred(e) {
                if star.is_some() {
                    return self.error("multiple starred expressions in assignment", span);
                }
                if i >= 1 << 8 || elts.len() - i > 1 << 23 {
                    return self.error("too many expressions in star-unpacking assignment", span);
                }
                star = Some(i);
            }
        }
        Ok(star)
    }

    fn store_run(&mut self, elts: Exprs<'a>, base: Reg) -> Result<()> {
        for (i, e) in elts.iter().enumerate() {
            let target = match e.kind {
                ExprKind::Starred { value, .. } => value,
                _ => e,
            };
            let mark = self.mark();
            self.store(target, base.plus(i as u32))?;
            self.release(mark);
        }
        Ok(())
    }

    pub(super) fn aug_assign(
        &mut self,
        target: ExprRef<'a>,
        op: Operator,
        value: ExprRef<'a>,
        span: Span,
    ) -> Result<()> {
        let mark = self.mark();
        let loc: Loc = span.into();
        match target.kind {
            ExprKind::Name { id, .. } => {
                let mut left = self.load_name(id, target.range.into(), None);
                if left.as_local().is_some() && rebinds(value, id) {
                    let t = self.temp();
                    self.move_to(t, left, target.range.into());
                    left = t;
                }
                match self.fast_target(id) {
                    Some(dst) => {
                        self.binary_inplace(op, left, value, Some(dst), loc)?;
                        self.refuse_debug(id, ExprContext::Store, target.range)?;
                    }
                    None => {
                        let r = self.binary_inplace(op, left, value, None, loc)?;
                        self.refuse_debug(id, ExprContext::Store, target.range)?;
                        self.store_name(id, r, target.range.into());
                    }
                }
            }
            ExprKind::Attribute { value: object, attr, .. } => {
                let obj = self.expr_before(object, &[value])?;
                let attr_loc = self.attr_loc(target);
                let n = self.name_index(attr);
                let site = self.cache(n, CacheKind::Attr);
                let left = self.temp();
                self.emit_x(Op::LOAD_ATTR, left, obj, 0, site, attr_loc);
                let r = self.binary_inplace(op, left, value, Some(left), loc)?;
                self.store_attr(obj, attr, r, attr_loc);
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                let at: Loc = target.range.into();
                let obj = self.expr_before(object, &[slice, value])?;
                if let Some((lower, upper)) = two_part_slice(slice) {
                    let run = self.slice_run(lower, upper, slice.range)?;
                    let left = self.temp();
                    self.emit3(Op::GETSLICE, left, obj, run, at);
                    let r = self.binary_inplace(op, left, value, Some(left), loc)?;
                    self.emit3(Op::SETSLICE, obj, run, r, at);
                } else if let Some(i) = self.small_int(slice) {
                    let left = self.temp();
                    self.emit(Op::GETITEMI, left.0, obj.0, i, at);
                    let r = self.binary_inplace(op, left, value, Some(left), loc)?;
                    self.emit(Op::SETITEMI, obj.0, i, r.0, at);
                } else {
                    let key = self.expr_before(slice, &[value])?;
                    let left = self.temp();
                    self.emit3(Op::GETITEM, left, obj, key, at);
                    let r = self.binary_inplace(op, left, value, Some(left), loc)?;
                    self.emit3(Op::SETITEM, obj, key, r, at);
                }
            }
            _ => {
                return Err(crate::error::CompileError::system(
                    "invalid node type for augmented assignment",
                ));
            }
        }
        self.release(mark);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: ExprRef<'a>) -> Result<()> {
        self.deeper(|c| c.delete_inner(target))
    }

    fn delete_inner(&mut self, target: ExprRef<'a>) -> Result<()> {
        let mark = self.mark();
        let loc: Loc = target.range.into();
        match target.kind {
            ExprKind::Name { id, .. } => {
                self.refuse_debug(id, ExprContext::Del, target.range)?;
                self.delete_name(id, loc);
            }
            ExprKind::Attribute { value, attr, .. } => {
                let obj = self.expr(value)?;
                let n = self.name_index(attr);
                let loc = self.attr_loc(target);
                self.emit_x(Op::DELETE_ATTR, obj, Reg(0), 0, n, loc);
            }
            ExprKind::Subscript { value, slice, .. } => {
                let obj = self.expr_before(value, &[slice])?;
                let key = self.expr(slice)?;
                self.emit2(Op::DELITEM, obj, key, loc);
            }
            ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
                for e in elts {
                    self.delete(e)?;
                }
            }
            _ => return Err(crate::error::CompileError::system("invalid deletion target")),
        }
        self.release(mark);
        Ok(())
    }

    /// Two consecutive temporaries with the bounds of a slice.
    pub(super) fn slice_run(
        &mut self,
        lower: Option<ExprRef<'a>>,
        upper: Option<ExprRef<'a>>,
        span: Span,
    ) -> Result<Reg> {
        let run = self.temps(2);
        for (i, part) in [lower, upper].into_iter().enumerate() {
            let dst = run.plus(i as u32);
            match part {
                Some(e) => self.expr_to(e, dst)?,
                None => self.load_none(dst, span.into()),
            }
        }
        Ok(run)
    }
}
