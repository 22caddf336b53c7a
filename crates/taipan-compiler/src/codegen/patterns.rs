//! `match` statements.
//!
//! A pattern reads its subject from a register and jumps to a label when it does not match. Captures are bound to
//! names only when the whole pattern has matched: until then they are kept as (name, register) pairs.

use super::Codegen;
use crate::code::Const;
use crate::error::{CompileError, Result};
use crate::ir::{Label, Loc, Reg};
use crate::opcode::Op;
use taipan_syntax::ast::*;

/// The captures so far.
type Stores<'a> = Vec<(&'a str, Reg)>;

struct Context<'a> {
    stores: Stores<'a>,
    allow_irrefutable: bool,
}

fn is_wildcard(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::MatchAs { pattern: None, name: None })
}

fn is_star_wildcard(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::MatchStar { name: None })
}

/// The names that a pattern captures, in order.
fn captures<'a>(p: &Pattern<'a>, out: &mut Vec<&'a str>) {
    let mut all = |list: &[PatternRef<'a>]| {
        for p in list {
            captures(p, out);
        }
    };
    match p.kind {
        PatternKind::MatchSequence { patterns } => all(patterns),
        PatternKind::MatchMapping { patterns, rest, .. } => {
            all(patterns);
            out.extend(rest);
        }
        PatternKind::MatchClass { patterns, kwd_patterns, .. } => {
            all(patterns);
            all(kwd_patterns);
        }
        PatternKind::MatchStar { name } => out.extend(name),
        PatternKind::MatchAs { pattern, name } => {
            if let Some(p) = pattern {
                captures(p, out);
            }
            out.extend(name);
        }
        PatternKind::MatchOr { patterns } => {
            if let Some(p) = patterns.first() {
                captures(p, out);
            }
        }
        PatternKind::MatchValue { .. } | PatternKind::MatchSingleton { .. } => {}
    }
}

impl<'a> Codegen<'a, '_> {
    pub(super) fn match_(
        &mut self,
        subject: ExprRef<'a>,
        cases: &'a [MatchCase<'a>],
    ) -> Result<()> {
        let end = self.label();
        let s = self.temp();
        self.expr_to(subject, s)?;
        for (i, case) in cases.iter().enumerate() {
            let last = i + 1 == cases.len();
            let mark = self.mark();
            let next = self.label();
            let loc: Loc = case.pattern.range.into();
            let default = last && cases.len() > 1 && is_wildcard(case.pattern);
            if default {
                self.nop(loc);
            } else {
                let mut cx =
                    Context { stores: Vec::new(), allow_irrefutable: case.guard.is_some() || last };
                self.pattern(case.pattern, s, next, &mut cx)?;
                if is_wildcard(case.pattern) {
                    self.nop(loc);
                }
                for (name, r) in cx.stores {
                    self.store_name(name, r, loc);
                }
            }
            if let Some(guard) = case.guard {
                self.jump_if(guard, next, false)?;
            }
            self.release(mark);
            self.stmts(case.body)?;
            self.jump(end, Loc::NONE);
            self.bind(next);
        }
        self.bind(end);
        Ok(())
    }

    fn pattern(
        &mut self,
        p: PatternRef<'a>,
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        self.deeper(|c| c.pattern_inner(p, subject, fail, cx))
    }

    /// A part of a pattern, which may match anything.
    fn subpattern(
        &mut self,
        p: PatternRef<'a>,
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        let outer = std::mem::replace(&mut cx.allow_irrefutable, true);
        self.pattern(p, subject, fail, cx)?;
        cx.allow_irrefutable = outer;
        Ok(())
    }

    fn capture(
        &mut self,
        name: Option<&'a str>,
        r: Reg,
        span: Span,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        let Some(name) = name else { return Ok(()) };
        self.refuse_debug(name, ExprContext::Store, span)?;
        if cx.stores.iter().any(|(n, _)| *n == name) {
            return self.error(format!("multiple assignments to name '{name}' in pattern"), span);
        }
        cx.stores.push((name, r));
        Ok(())
    }

    fn pattern_inner(
        &mut self,
        p: PatternRef<'a>,
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        let loc: Loc = p.range.into();
        match p.kind {
            PatternKind::MatchValue { value } => {
                if self.folder.constant(value).is_none()
                    && !matches!(value.kind, ExprKind::Attribute { .. })
                {
                    return self
                        .error("patterns may only match literals and attribute lookups", p.range);
                }
                let mark = self.mark();
                if let Some(i) = self.small_int(value) {
                    self.jump_cond(Op::JNEQI, subject.0, i, fail, loc);
                } else {
                    let r = self.expr(value)?;
                    self.jump_cond(Op::JNEQ, subject.0, r.0, fail, loc);
                }
                self.release(mark);
                Ok(())
            }
            PatternKind::MatchSingleton { value } => {
                let mark = self.mark();
                if matches!(value, Constant::None) {
                    self.add_const(Const::None);
                    self.jump_cond(Op::JUMP_IF_NOT_NONE, subject.0, 0, fail, loc);
                } else {
                    let r = self.constant(crate::fold::literal(&value), None, loc);
                    self.jump_cond(Op::JNIS, subject.0, r.0, fail, loc);
                }
                self.release(mark);
                Ok(())
            }
            PatternKind::MatchSequence { patterns } => {
                self.sequence(p, patterns, subject, fail, cx)
            }
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.mapping(p, keys, patterns, rest, subject, fail, cx)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                self.class_pattern(p, cls, patterns, kwd_attrs, kwd_patterns, subject, fail, cx)
            }
            PatternKind::MatchStar { name } => self.capture(name, subject, p.range, cx),
            PatternKind::MatchAs { pattern: None, name } => {
                if !cx.allow_irrefutable {
                    return match name {
                        Some(name) => self.error(
                            format!("name capture '{name}' makes remaining patterns unreachable"),
                            p.range,
                        ),
                        None => {
                            self.error("wildcard makes remaining patterns unreachable", p.range)
                        }
                    };
                }
                self.capture(name, subject, p.range, cx)
            }
            PatternKind::MatchAs { pattern: Some(inner), name } => {
                self.pattern(inner, subject, fail, cx)?;
                self.capture(name, subject, p.range, cx)
            }
            PatternKind::MatchOr { patterns } => self.alternatives(p, patterns, subject, fail, cx),
        }
    }

    fn test(&mut self, op: Op, subject: Reg, fail: Label, loc: Loc) {
        let mark = self.mark();
        let t = self.temp();
        self.emit2(op, t, subject, loc);
        self.release(mark);
        self.jump_cond(Op::JUMP_IF_FALSE, t.0, 0, fail, loc);
    }

    /// Fails unless `len(subject)` is, or is at least, `n`.
    fn check_len(&mut self, subject: Reg, n: usize, at_least: bool, fail: Label, loc: Loc) {
        let mark = self.mark();
        let t = self.temp();
        self.emit2(Op::GET_LEN, t, subject, loc);
        let op = if at_least { (Op::JNGEI, Op::JNGE) } else { (Op::JNEQI, Op::JNEQ) };
        if n <= 127 {
            self.add_const(Const::Int(n as i64));
            self.jump_cond(op.0, t.0, n as u32, fail, loc);
        } else {
            let r = self.constant(Const::Int(n as i64), None, loc);
            self.jump_cond(op.1, t.0, r.0, fail, loc);
        }
        self.release(mark);
    }

    fn sequence(
        &mut self,
        p: PatternRef<'a>,
        patterns: &'a [PatternRef<'a>],
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        let loc: Loc = p.range.into();
        let size = patterns.len();
        let mut star = None;
        for (i, sub) in patterns.iter().enumerate() {
            if matches!(sub.kind, PatternKind::MatchStar { .. }) {
                if star.is_some() {
                    return self.error("multiple starred names in sequence pattern", p.range);
                }
                star = Some(i);
            }
        }
        self.test(Op::MATCH_SEQUENCE, subject, fail, loc);
        match star {
            None => self.check_len(subject, size, false, fail, loc),
            Some(_) if size > 1 => self.check_len(subject, size - 1, true, fail, loc),
            Some(_) => {}
        }
        if patterns.iter().all(|p| is_wildcard(p) || is_star_wildcard(p)) {
            return Ok(());
        }
        if let Some(at) = star
            && is_star_wildcard(patterns[at])
        {
            return self.sequence_by_index(patterns, at, subject, fail, cx, loc);
        }
        let base = self.temps(size as u32);
        match star {
            Some(at) => {
                if at >= 1 << 8 || size - at > 1 << 23 {
                    return self
                        .error("too many expressions in star-unpacking sequence pattern", p.range);
                }
                self.emit_x(Op::UNPACK_EX, base, subject, at as u32, (size - at - 1) as u32, loc);
            }
            None => self.emit_x(Op::UNPACK_SEQUENCE, base, subject, size as u32, 0, loc),
        }
        for (i, sub) in patterns.iter().enumerate() {
            self.subpattern(sub, base.plus(i as u32), fail, cx)?;
        }
        Ok(())
    }

    /// Around an unnamed star the items are fetched one by one.
    fn sequence_by_index(
        &mut self,
        patterns: &'a [PatternRef<'a>],
        star: usize,
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
        loc: Loc,
    ) -> Result<()> {
        for (i, sub) in patterns.iter().enumerate() {
            if i == star || is_wildcard(sub) {
                continue;
            }
            let item = self.temp();
            let mark = self.mark();
            let key = if i < star {
                self.constant(Const::Int(i as i64), None, loc)
            } else {
                let t = self.temp();
                self.emit2(Op::GET_LEN, t, subject, loc);
                let back = self.constant(Const::Int((patterns.len() - i) as i64), None, loc);
                self.emit3(Op::SUB, t, t, back, loc);
                t
            };
            self.emit3(Op::GETITEM, item, subject, key, loc);
            self.release(mark);
            self.subpattern(sub, item, fail, cx)?;
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn mapping(
        &mut self,
        p: PatternRef<'a>,
        keys: Exprs<'a>,
        patterns: &'a [PatternRef<'a>],
        rest: Option<&'a str>,
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        let loc: Loc = p.range.into();
        let n = keys.len();
        if n != patterns.len() {
            return self.error(
                format!(
                    "keys ({n}) / patterns ({}) length mismatch in mapping pattern",
                    patterns.len()
                ),
                p.range,
            );
        }
        self.test(Op::MATCH_MAPPING, subject, fail, loc);
        if n == 0 && rest.is_none() {
            return Ok(());
        }
        if n > 0 {
            self.check_len(subject, n, true, fail, loc);
        }
        let mut seen: Vec<Const> = Vec::new();
        let key_run = self.temps(n as u32 + 1);
        for (i, key) in keys.iter().enumerate() {
            match self.folder.constant(key) {
                Some(c) => {
                    if seen.contains(&equal_key(&c)) {
                        return self.error(
                            format!("mapping pattern checks duplicate key ({})", repr(&c)),
                            p.range,
                        );
                    }
                    seen.push(equal_key(&c));
                }
                None if matches!(key.kind, ExprKind::Attribute { .. }) => {}
                None => {
                    return self.error(
                        "mapping pattern keys may only match literals and attribute lookups",
                        p.range,
                    );
                }
            }
            self.expr_to(key, key_run.plus(i as u32))?;
        }
        let tuple = key_run.plus(n as u32);
        self.emit(Op::BUILD_TUPLE, tuple.0, key_run.0, n as u32, loc);
        let values = self.temps(1 + n as u32);
        self.emit3(Op::MATCH_KEYS, values, subject, tuple, loc);
        self.jump_cond(Op::JUMP_IF_NONE, values.0, 0, fail, loc);
        if n > 0 {
            self.emit_x(Op::UNPACK_SEQUENCE, values.plus(1), values, n as u32, 0, loc);
        }
        for (i, sub) in patterns.iter().enumerate() {
            self.subpattern(sub, values.plus(1 + i as u32), fail, cx)?;
        }
        if let Some(name) = rest {
            let copy = self.temp();
            self.emit(Op::BUILD_MAP, copy.0, self.unit_top().0, 0, loc);
            self.emit2(Op::DICT_UPDATE, copy, subject, loc);
            for i in 0..n {
                self.emit2(Op::DELITEM, copy, key_run.plus(i as u32), loc);
            }
            self.capture(Some(name), copy, p.range, cx)?;
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn class_pattern(
        &mut self,
        p: PatternRef<'a>,
        cls: ExprRef<'a>,
        patterns: &'a [PatternRef<'a>],
        kwd_attrs: &'a [&'a str],
        kwd_patterns: &'a [PatternRef<'a>],
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        let loc: Loc = p.range.into();
        if kwd_attrs.len() != kwd_patterns.len() {
            return self.error(
                format!(
                    "kwd_attrs ({}) / kwd_patterns ({}) length mismatch in class pattern",
                    kwd_attrs.len(),
                    kwd_patterns.len()
                ),
                p.range,
            );
        }
        for (i, attr) in kwd_attrs.iter().enumerate() {
            self.refuse_debug(attr, ExprContext::Store, kwd_patterns[i].range)?;
            if let Some(j) = kwd_attrs[i + 1..].iter().position(|a| a == attr) {
                return self.error(
                    format!("attribute name repeated in class pattern: {attr}"),
                    kwd_patterns[i + 1 + j].range,
                );
            }
        }
        let n = (patterns.len() + kwd_patterns.len()) as u32;
        let attrs = self.temps(n + 1);
        let mark = self.mark();
        let run = self.temps(3);
        self.move_to(run, subject, loc);
        self.expr_to(cls, run.plus(1))?;
        self.constant(
            Const::Tuple(kwd_attrs.iter().map(|a| Const::str(a)).collect()),
            Some(run.plus(2)),
            loc,
        );
        self.emit(Op::MATCH_CLASS, attrs.0, run.0, patterns.len() as u32, loc);
        self.release(mark);
        self.jump_cond(Op::JUMP_IF_NONE, attrs.0, 0, fail, loc);
        if n > 0 {
            self.emit_x(Op::UNPACK_SEQUENCE, attrs.plus(1), attrs, n, 0, loc);
        }
        for (i, sub) in patterns.iter().chain(kwd_patterns).enumerate() {
            if !is_wildcard(sub) {
                self.subpattern(sub, attrs.plus(1 + i as u32), fail, cx)?;
            }
        }
        Ok(())
    }

    fn alternatives(
        &mut self,
        p: PatternRef<'a>,
        patterns: &'a [PatternRef<'a>],
        subject: Reg,
        fail: Label,
        cx: &mut Context<'a>,
    ) -> Result<()> {
        let loc: Loc = p.range.into();
        let Some(first) = patterns.first() else {
            return Err(CompileError::value("MatchOr requires at least 2 patterns"));
        };
        let mut names = Vec::new();
        captures(first, &mut names);
        let slots = self.temps(names.len() as u32);
        let done = self.label();
        let allow = cx.allow_irrefutable;
        for (i, alt) in patterns.iter().enumerate() {
            let last = i + 1 == patterns.len();
            let next = if last { fail } else { self.label() };
            let mark = self.mark();
            let mut inner = Context { stores: Vec::new(), allow_irrefutable: last && allow };
            self.pattern(alt, subject, next, &mut inner)?;
            if inner.stores.len() != names.len() {
                return self.error("alternative patterns bind different names", p.range);
            }
            for (k, name) in names.iter().enumerate() {
                let Some((_, r)) = inner.stores.iter().find(|(n, _)| n == name) else {
                    return self.error("alternative patterns bind different names", p.range);
                };
                self.move_to(slots.plus(k as u32), *r, loc);
            }
            self.release(mark);
            if !last {
                self.jump(done, loc);
                self.bind(next);
            }
        }
        self.bind(done);
        for (k, name) in names.iter().enumerate() {
            self.capture(Some(name), slots.plus(k as u32), p.range, cx)?;
        }
        Ok(())
    }
}

/// Keys that are equal as dict keys compare equal here: `1`, `1.0` and `True`.
fn equal_key(c: &Const) -> Const {
    match c {
        Const::True => Const::Int(1),
        Const::False => Const::Int(0),
        Const::Float(v) if v.fract() == 0.0 && v.abs() < 9e15 => Const::Int(*v as i64),
        Const::Complex(re, im) if *im == 0.0 => equal_key(&Const::Float(*re)),
        other => other.clone(),
    }
}

fn repr(c: &Const) -> String {
    match c {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(v) => v.to_string(),
        Const::Float(v) => format!("{v:?}"),
        Const::Str(s) => crate::disasm::repr_bytes(s, false),
        Const::Bytes(s) => crate::disasm::repr_bytes(s, true),
        other => crate::disasm::repr_const(other),
    }
}
