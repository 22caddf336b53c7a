//! Calls: arguments go straight into the call area (see the crate documentation).

use super::{Codegen, UnitKind};
use crate::code::{CacheKind, Const};
use crate::error::Result;
use crate::ir::{Loc, Reg};
use crate::opcode::Op;
use crate::symtable::{DEF_IMPORT, Scope, SymbolTable};
use taipan_syntax::ast::*;

/// Calls with more arguments pass a tuple.
const MAX_ARGS: usize = 250;

fn is_starred(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Starred { .. })
}

/// What `CALL_EX` needs before its positional arguments: values that the compiler supplies.
pub(super) struct Leading<'v> {
    pub regs: &'v [Reg],
}

impl<'a> Codegen<'a, '_> {
    pub(super) fn call(
        &mut self,
        e: &Expr<'a>,
        func: ExprRef<'a>,
        args: Exprs<'a>,
        keywords: &'a [Keyword<'a>],
        want: Option<Reg>,
    ) -> Result<Reg> {
        self.validate_keywords(keywords)?;
        let mark = self.mark();
        let start = self.area_start(want);
        let loc: Loc = e.range.into();
        if let Some(base) = self.method_area(func, args, keywords, start)? {
            let ExprKind::Attribute { attr, .. } = func.kind else {
                unreachable!("a method call is of an attribute")
            };
            let loc = self.attr_loc_from(loc, func, attr);
            let n = self.arguments(base.plus(5), args, keywords)?;
            let dst = self.result(want, mark);
            let (op, ext) = self.kwnames(keywords, Op::CALL_METHOD, Op::CALL_METHOD_KW);
            self.emit_x(op, dst, base, n, ext, loc);
            return Ok(dst);
        }
        self.check_caller(func);
        self.release(start);
        let base = self.temps(4);
        self.expr_to(func, base.plus(3))?;
        self.call_area(base, &Leading { regs: &[] }, args, keywords, &[], loc, want, mark)
    }

    /// Finishes a call whose callable is in place: arguments, the call, the result. `extra` are registers of positional
    /// arguments after `args`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn call_area(
        &mut self,
        base: Reg,
        leading: &Leading,
        args: Exprs<'a>,
        keywords: &'a [Keyword<'a>],
        extra: &[Reg],
        loc: Loc,
        want: Option<Reg>,
        mark: u32,
    ) -> Result<Reg> {
        let count = leading.regs.len() + args.len() + keywords.len() + extra.len();
        let simple = count <= MAX_ARGS
            && !args.iter().any(|a| is_starred(a))
            && keywords.iter().all(|k| k.arg.is_some());
        if !simple {
            self.argument_tuple(base.plus(4), leading, args, extra, loc)?;
            let flag = u32::from(!keywords.is_empty());
            if flag != 0 {
                self.keyword_dict(base, keywords, loc)?;
            }
            let dst = self.result(want, mark);
            self.emit(Op::CALL_EX, dst.0, base.0, flag, loc);
            return Ok(dst);
        }
        for r in leading.regs {
            let slot = self.temp();
            self.move_to(slot, *r, loc);
        }
        for a in args {
            let slot = self.temp();
            self.expr_to(a, slot)?;
        }
        for r in extra {
            let slot = self.temp();
            self.move_to(slot, *r, loc);
        }
        for k in keywords {
            let slot = self.temp();
            self.expr_to(k.value, slot)?;
        }
        let dst = self.result(want, mark);
        let (op, ext) = self.kwnames(keywords, Op::CALL, Op::CALL_KW);
        self.emit_x(op, dst, base, count as u32, ext, loc);
        Ok(dst)
    }

    /// Where a call area may start: in the destination itself if that is the topmost temporary.
    fn area_start(&mut self, want: Option<Reg>) -> u32 {
        let top = self.mark();
        match want.and_then(Reg::as_temp) {
            Some(t) if t + 1 == top => t,
            _ => top,
        }
    }

    fn kwnames(&mut self, keywords: &[Keyword], plain: Op, with_keywords: Op) -> (Op, u32) {
        if keywords.is_empty() {
            return (plain, 0);
        }
        let names = keywords.iter().map(|k| Const::str(k.arg.unwrap_or(""))).collect();
        (with_keywords, self.add_const(Const::Tuple(names)))
    }

    fn arguments(
        &mut self,
        first: Reg,
        args: Exprs<'a>,
        keywords: &'a [Keyword<'a>],
    ) -> Result<u32> {
        debug_assert_eq!(first.as_temp(), Some(self.mark()));
        for e in args.iter().copied().chain(keywords.iter().map(|k| k.value)) {
            let slot = self.temp();
            self.expr_to(e, slot)?;
        }
        Ok((args.len() + keywords.len()) as u32)
    }

    /// Loads a method's call area, if the call has the form of a method call; its base.
    fn method_area(
        &mut self,
        func: ExprRef<'a>,
        args: Exprs<'a>,
        keywords: &'a [Keyword<'a>],
        start: u32,
    ) -> Result<Option<Reg>> {
        let ExprKind::Attribute { value, attr, ctx: ExprContext::Load } = func.kind else {
            return Ok(None);
        };
        if self.is_import(value)
            || args.len() + keywords.len() > MAX_ARGS
            || args.iter().any(|a| is_starred(a))
            || keywords.iter().any(|k| k.arg.is_none())
        {
            return Ok(None);
        }
        let loc = self.attr_loc(func);
        if self.is_plain_super(value, attr) {
            self.release(start);
            let base = self.temps(3);
            let (run, flag) = self.super_run(value)?;
            self.release(start + 3);
            self.temps(2);
            let n = self.name_index(attr);
            let site = self.cache(n, CacheKind::SuperAttr);
            self.emit_x(Op::LOAD_SUPER_METHOD, base, run, flag, site, func.range.into());
            self.note_attr_line(func);
            return Ok(Some(base));
        }
        self.release(start);
        let obj = self.expr(value)?;
        self.release(start);
        let base = self.temps(5);
        let n = self.name_index(attr);
        let site = self.cache(n, CacheKind::Method);
        self.emit_x(Op::LOAD_METHOD, base, obj, 0, site, loc);
        Ok(Some(base))
    }

    /// A name that the module imports: its attributes are rarely methods.
    fn is_import(&mut self, e: &Expr) -> bool {
        let ExprKind::Name { id, .. } = e.kind else { return false };
        let name = self.names.intern(id);
        self.table.block(SymbolTable::TOP).flags(name) & DEF_IMPORT != 0
    }

    /// The positional arguments as one iterable in `dst`.
    fn argument_tuple(
        &mut self,
        dst: Reg,
        leading: &Leading,
        args: Exprs<'a>,
        extra: &[Reg],
        loc: Loc,
    ) -> Result<()> {
        let slot = self.temp();
        debug_assert_eq!(slot, dst);
        if let ([], [], [only]) = (leading.regs, extra, args)
            && let ExprKind::Starred { value, .. } = only.kind
        {
            return self.expr_to(value, dst);
        }
        if leading.regs.is_empty() && extra.is_empty() {
            self.tuple(args, Some(dst), loc)?;
            self.release(dst.as_temp().expect("a temporary") + 1);
            return Ok(());
        }
        let mark = self.mark();
        let run = self.temps(leading.regs.len() as u32);
        for (i, r) in leading.regs.iter().enumerate() {
            self.move_to(run.plus(i as u32), *r, loc);
        }
        self.emit(Op::BUILD_LIST, dst.0, run.0, leading.regs.len() as u32, loc);
        self.release(mark);
        for a in args {
            let (op, e) = match a.kind {
                ExprKind::Starred { value, .. } => (Op::LIST_EXTEND, value),
                _ => (Op::LIST_APPEND, *a),
            };
            let r = self.expr(e)?;
            self.emit2(op, dst, r, loc);
            self.release(mark);
        }
        for r in extra {
            self.emit2(Op::LIST_APPEND, dst, *r, loc);
        }
        self.emit2(Op::LIST_TO_TUPLE, dst, dst, loc);
        Ok(())
    }

    /// The keyword arguments as a dict at `base + 5`.
    fn keyword_dict(&mut self, base: Reg, keywords: &'a [Keyword<'a>], loc: Loc) -> Result<()> {
        let dst = self.temp();
        debug_assert_eq!(dst, base.plus(5));
        let mark = self.mark();
        let mut begun = false;
        let mut at = 0;
        while at < keywords.len() {
            let named = keywords[at..]
                .iter()
                .position(|k| k.arg.is_none())
                .unwrap_or(keywords.len() - at)
                .min(30);
            if named > 0 {
                let part = &keywords[at..at + named];
                let run = self.temps(0);
                for k in part {
                    let slot = self.temp();
                    self.constant(Const::str(k.arg.unwrap_or("")), Some(slot), loc);
                    let slot = self.temp();
                    self.expr_to(k.value, slot)?;
                }
                self.release(mark);
                if begun {
                    let t = self.temp();
                    self.emit(Op::BUILD_MAP, t.0, run.0, named as u32, loc);
                    self.emit3(Op::DICT_MERGE, dst, t, base.plus(3), loc);
                    self.release(mark);
                } else {
                    self.emit(Op::BUILD_MAP, dst.0, run.0, named as u32, loc);
                }
                begun = true;
                at += named;
                continue;
            }
            if !begun {
                self.emit(Op::BUILD_MAP, dst.0, self.unit_top().0, 0, loc);
                begun = true;
            }
            let r = self.expr(keywords[at].value)?;
            self.emit3(Op::DICT_MERGE, dst, r, base.plus(3), loc);
            self.release(mark);
            at += 1;
        }
        Ok(())
    }

    pub(super) fn validate_keywords(&mut self, keywords: &[Keyword]) -> Result<()> {
        let mut seen = rustc_hash::FxHashMap::default();
        for k in keywords {
            let Some(arg) = k.arg else { continue };
            self.refuse_debug(arg, ExprContext::Store, k.range)?;
            if seen.insert(arg, ()).is_some() {
                return self.error(format!("keyword argument repeated: {arg}"), k.range);
            }
        }
        Ok(())
    }

    fn check_caller(&mut self, func: &Expr) {
        let literal = self.folder.constant(func).is_some()
            || matches!(
                func.kind,
                ExprKind::Tuple { .. }
                    | ExprKind::List { .. }
                    | ExprKind::ListComp { .. }
                    | ExprKind::Dict { .. }
                    | ExprKind::DictComp { .. }
                    | ExprKind::Set { .. }
                    | ExprKind::SetComp { .. }
                    | ExprKind::GeneratorExp { .. }
                    | ExprKind::JoinedStr { .. }
                    | ExprKind::FormattedValue { .. }
            );
        if literal && let Some(name) = self.inferred_type(func) {
            self.warn(
                format!("'{name}' object is not callable; perhaps you missed a comma?"),
                func.range,
            );
        }
    }

    // ---- super

    /// Is `value` a call of the builtin `super` whose attribute can be fetched without making the object?
    pub(super) fn is_plain_super(&mut self, value: &Expr<'a>, attr: &str) -> bool {
        let ExprKind::Call { func, args, keywords } = value.kind else { return false };
        if !matches!(func.kind, ExprKind::Name { id: "super", .. })
            || attr == "__class__"
            || !keywords.is_empty()
        {
            return false;
        }
        let name = self.names.intern("super");
        if self.scope_of(name) != Scope::GlobalImplicit
            || self.table.block(SymbolTable::TOP).scope(name) != Scope::Unknown
        {
            return false;
        }
        match args {
            [_, _] => !args.iter().any(|a| is_starred(a)),
            [] => {
                let class = self.names.intern("__class__");
                self.unit().argcount + self.unit().posonlyargcount > 0
                    && self.unit().kind != UnitKind::Class
                    && self.scope_of(class) == Scope::Free
            }
            _ => false,
        }
    }

    /// `super`, class and self in consecutive temporaries, and the flag operand.
    pub(super) fn super_run(&mut self, value: &Expr<'a>) -> Result<(Reg, u32)> {
        let ExprKind::Call { func, args, .. } = value.kind else {
            unreachable!("checked by is_plain_super")
        };
        let loc: Loc = value.range.into();
        let run = self.temps(3);
        self.expr_to(func, run)?;
        if let [class, object] = args {
            self.expr_to(class, run.plus(1))?;
            self.expr_to(object, run.plus(2))?;
            return Ok((run, 2));
        }
        let class = self.names.intern("__class__");
        self.load_mangled(class, loc, Some(run.plus(1)));
        let (first, ()) = self.unit().locals.get_index(0).expect("a method has an argument");
        let first = *first;
        self.load_mangled(first, loc, Some(run.plus(2)));
        Ok((run, 0))
    }
}
