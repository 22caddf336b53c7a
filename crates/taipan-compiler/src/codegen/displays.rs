//! Displays of lists, tuples, sets and dicts, and f-strings.

use super::{Codegen, MAX_RUN};
use crate::code::Const;
use crate::error::{CompileError, Result};
use crate::ir::{Loc, Reg};
use crate::opcode::Op;
use std::sync::Arc;
use taipan_syntax::ast::*;

impl<'a> Codegen<'a, '_> {
    // ---- displays

    /// The items in consecutive temporaries.
    pub(super) fn run(&mut self, elts: Exprs<'a>) -> Result<Reg> {
        let base = self.temps(0);
        for e in elts {
            let slot = self.temp();
            self.expr_to(e, slot)?;
        }
        Ok(base)
    }

    pub(super) fn all_constant(&mut self, elts: Exprs) -> Option<Arc<[Const]>> {
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

    pub(super) fn list(&mut self, elts: Exprs<'a>, want: Option<Reg>, loc: Loc) -> Result<Reg> {
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

    pub(super) fn set(&mut self, elts: Exprs<'a>, want: Option<Reg>, loc: Loc) -> Result<Reg> {
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

    pub(super) fn dict(
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

    pub(super) fn joined(&mut self, values: Exprs<'a>, want: Option<Reg>, loc: Loc) -> Result<Reg> {
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

    pub(super) fn formatted(
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
    pub(super) fn percent_format(
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
