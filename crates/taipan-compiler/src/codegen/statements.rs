//! Statements: bodies, control flow, imports, annotations. `try` and `with` are in `exceptions`.

use super::{Codegen, FBlock, UnitKind, definitions};
use crate::code::{Const, flags};
use crate::docstring;
use crate::error::{CompileError, Result};
use crate::fold::truth;
use crate::ir::{Label, Loc, Reg};
use crate::opcode::{Op, intrinsic1};
use taipan_syntax::ast::*;

/// Does a body, outside functions and classes in it, annotate a variable?
pub(super) fn has_annotation(body: Body) -> bool {
    body.iter().any(|s| match s.kind {
        StmtKind::AnnAssign { .. } => true,
        StmtKind::For(f) | StmtKind::AsyncFor(f) => {
            has_annotation(f.body) || has_annotation(f.orelse)
        }
        StmtKind::While { body, orelse, .. } | StmtKind::If { body, orelse, .. } => {
            has_annotation(body) || has_annotation(orelse)
        }
        StmtKind::Match { cases, .. } => cases.iter().any(|c| has_annotation(c.body)),
        StmtKind::With(w) | StmtKind::AsyncWith(w) => has_annotation(w.body),
        StmtKind::Try(t) | StmtKind::TryStar(t) => {
            has_annotation(t.body)
                || t.handlers.iter().any(|h| has_annotation(h.body))
                || has_annotation(t.finalbody)
                || has_annotation(t.orelse)
        }
        _ => false,
    })
}

impl<'a> Codegen<'a, '_> {
    /// The body of a module or class: annotations dict, docstring, statements.
    pub(super) fn body(&mut self, loc: Loc, body: Body<'a>) -> Result<()> {
        let mut loc = loc;
        if self.unit().kind == UnitKind::Module
            && let Some(first) = body.first()
        {
            loc = first.range.into();
        }
        if has_annotation(body) {
            self.emit(Op::SETUP_ANNOTATIONS, 0, 0, 0, loc);
        }
        let doc = definitions::docstring_of(body);
        if let Some((text, span)) = doc
            && self.settings.optimize < 2
        {
            let mark = self.mark();
            let r = self.constant(Const::Str(docstring::clean(text).into()), None, span.into());
            self.store_name("__doc__", r, Loc::NONE);
            self.release(mark);
        }
        self.stmts(&body[usize::from(doc.is_some())..])
    }

    pub(super) fn stmts(&mut self, body: Body<'a>) -> Result<()> {
        for s in body {
            let mark = self.mark();
            self.deeper(|c| c.stmt(s))?;
            self.release(mark);
        }
        Ok(())
    }

    fn stmt(&mut self, s: &'a Stmt<'a>) -> Result<()> {
        let loc: Loc = s.range.into();
        match s.kind {
            StmtKind::FunctionDef(f) => self.function(s, f, false),
            StmtKind::AsyncFunctionDef(f) => self.function(s, f, true),
            StmtKind::ClassDef(c) => self.class(s, c),
            StmtKind::TypeAlias { name, type_params, value } => {
                self.type_alias(s, name, type_params, value)
            }
            StmtKind::Return { value } => self.return_(s, value),
            StmtKind::Delete { targets } => targets.iter().try_for_each(|t| self.delete(t)),
            StmtKind::Assign { targets, value, .. } => self.assign(targets, value),
            StmtKind::AugAssign { target, op, value } => {
                self.aug_assign(target, op, value, s.range)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.ann_assign(s, target, annotation, value, simple)
            }
            StmtKind::For(f) => self.for_(s, f),
            StmtKind::AsyncFor(f) => self.async_for(s, f),
            StmtKind::While { test, body, orelse } => self.while_(s, test, body, orelse),
            StmtKind::If { test, body, orelse } => self.if_(test, body, orelse),
            StmtKind::With(w) => self.with(w.items, w.body, s.range, false),
            StmtKind::AsyncWith(w) => {
                if !self.is_async_scope() {
                    return self.error("'async with' outside async function", s.range);
                }
                self.with(w.items, w.body, s.range, true)
            }
            StmtKind::Match { subject, cases } => self.match_(subject, cases),
            StmtKind::Raise { exc, cause } => self.raise(exc, cause, loc),
            StmtKind::Try(t) => self.try_(t, s.range, false),
            StmtKind::TryStar(t) => self.try_(t, s.range, true),
            StmtKind::Assert { test, msg } => self.assert_(s, test, msg),
            StmtKind::Import { names } => self.import(s, names),
            StmtKind::ImportFrom { module, names, level } => {
                self.import_from(s, module, names, level)
            }
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => Ok(()),
            StmtKind::Expr { value } => self.expr_stmt(value, loc),
            StmtKind::Pass => {
                self.nop(loc);
                Ok(())
            }
            StmtKind::Break => self.leave_loop(s.range, true),
            StmtKind::Continue => self.leave_loop(s.range, false),
        }
    }

    fn expr_stmt(&mut self, value: ExprRef<'a>, loc: Loc) -> Result<()> {
        if self.settings.interactive && self.units.len() == 1 {
            let r = self.expr(value)?;
            let t = self.temp();
            self.emit(Op::CALL_INTRINSIC_1, t.0, r.0, u32::from(intrinsic1::PRINT), loc);
            return Ok(());
        }
        if self.folder.constant(value).is_some() {
            self.nop(loc);
            return Ok(());
        }
        let r = self.expr(value)?;
        // Reading a local may raise, but leaves no instruction that the tracer could stop at.
        if r.as_local().is_some() {
            self.nop(loc);
        }
        Ok(())
    }

    fn if_(&mut self, test: ExprRef<'a>, body: Body<'a>, orelse: Body<'a>) -> Result<()> {
        let (next, end) = (self.label(), self.label());
        self.jump_if(test, next, false)?;
        self.stmts(body)?;
        if !orelse.is_empty() {
            self.jump(end, Loc::NONE);
        }
        self.bind(next);
        self.stmts(orelse)?;
        self.bind(end);
        Ok(())
    }

    fn while_(
        &mut self,
        s: &Stmt<'a>,
        test: ExprRef<'a>,
        body: Body<'a>,
        orelse: Body<'a>,
    ) -> Result<()> {
        let (top, check, other, end) = (self.label(), self.label(), self.label(), self.label());
        let constant = self.folder.constant(test).map(|c| truth(&c));
        self.push_fblock(FBlock::Loop { on_continue: check, on_break: end }, s.range)?;
        match constant {
            Some(true) => self.nop(test.range.into()),
            Some(false) => self.jump(other, test.range.into()),
            None => self.push(Op::JUMP, 0, 0, 0, 0, check, test.range.into()),
        }
        self.bind(top);
        self.u().loop_depth += 1;
        self.stmts(body)?;
        self.bind(check);
        match constant {
            // The statement's line is an event on each turn.
            Some(_) => self.jump(top, test.range.into()),
            None => self.jump_if(test, top, true)?,
        }
        self.u().loop_depth -= 1;
        self.pop_fblock();
        self.bind(other);
        self.stmts(orelse)?;
        self.bind(end);
        Ok(())
    }

    fn for_(&mut self, s: &Stmt<'a>, f: &'a For<'a>) -> Result<()> {
        let (top, next, end) = (self.label(), self.label(), self.label());
        self.push_fblock(FBlock::Loop { on_continue: next, on_break: end }, s.range)?;
        let at: Loc = f.iter.range.into();
        let it = self.temp();
        let mark = self.mark();
        let r = match self.folder.iterable(f.iter) {
            Some(c) => self.constant(c, None, at),
            None => self.expr(f.iter)?,
        };
        self.emit2(Op::GET_ITER, it, r, at);
        self.release(mark);
        self.push(Op::JUMP, 0, 0, 0, 0, next, at);
        self.bind(top);
        self.u().loop_depth += 1;
        let direct = match f.target.kind {
            ExprKind::Name { id, .. } => self.fast_target(id),
            _ => None,
        };
        let value = match direct {
            Some(r) => {
                if let ExprKind::Name { id, .. } = f.target.kind {
                    self.refuse_debug(id, ExprContext::Store, f.target.range)?;
                }
                self.note_store(r);
                if f.target.range.lineno != f.iter.range.lineno {
                    self.nop(f.target.range.into());
                }
                r
            }
            None => {
                let v = self.temp();
                let inner = self.mark();
                self.store(f.target, v)?;
                self.release(inner);
                v
            }
        };
        self.stmts(f.body)?;
        self.u().loop_depth -= 1;
        self.bind(next);
        self.push(Op::FOR_NEXT, value.0, it.0, 0, 0, top, at);
        self.pop_fblock();
        self.release(mark - 1);
        self.stmts(f.orelse)?;
        self.bind(end);
        Ok(())
    }

    fn async_for(&mut self, s: &Stmt<'a>, f: &'a For<'a>) -> Result<()> {
        if !self.is_async_scope() {
            return self.error("'async for' outside async function", s.range);
        }
        let loc: Loc = s.range.into();
        let at: Loc = f.iter.range.into();
        let (top, except, end) = (self.label(), self.label(), self.label());
        let it = self.temp();
        let mark = self.mark();
        let r = self.expr(f.iter)?;
        self.emit2(Op::GET_AITER, it, r, at);
        self.release(mark);
        let exc = self.temps(2);
        self.bind(top);
        self.push_fblock(FBlock::Loop { on_continue: top, on_break: end }, s.range)?;
        let outer = self.unit().handler;
        let handler = self.u().seq.new_handler(except, exc, true);
        self.u().handler = handler;
        let value_mark = self.mark();
        let aw = self.temp();
        self.emit2(Op::GET_ANEXT, aw, it, loc);
        let v = self.send_loop(aw, None, true, value_mark, loc)?;
        self.u().handler = outer;
        self.u().loop_depth += 1;
        self.store(f.target, v)?;
        self.stmts(f.body)?;
        self.u().loop_depth -= 1;
        self.jump(top, Loc::NONE);
        self.pop_fblock();
        self.bind(except);
        self.emit1(Op::END_ASYNC_FOR, exc, at);
        self.stmts(f.orelse)?;
        self.bind(end);
        Ok(())
    }

    fn return_(&mut self, s: &Stmt<'a>, value: Option<ExprRef<'a>>) -> Result<()> {
        let mut loc: Loc = s.range.into();
        if !self.in_function() {
            return self.error("'return' outside function", s.range);
        }
        let block = self.table.block(self.unit().block);
        if value.is_some() && block.coroutine && block.generator {
            return self.error("'return' with value in async generator", s.range);
        }
        let constant = value.and_then(|v| self.folder.constant(v));
        let mut result = None;
        match (value, &constant) {
            (Some(v), None) => {
                let r = self.expr(v)?;
                // What runs on the way out may rebind the local.
                let unwinds = self.unit().fblocks.iter().any(|b| {
                    matches!(
                        b,
                        FBlock::Finally { .. }
                            | FBlock::With { .. }
                            | FBlock::HandlerCleanup { .. }
                    )
                });
                result = Some(if r.as_temp().is_none() && unwinds {
                    let t = self.temp();
                    self.move_to(t, r, v.range.into());
                    t
                } else {
                    r
                });
            }
            (Some(v), Some(_)) => {
                loc = v.range.into();
                self.nop(loc);
            }
            (None, _) => {}
        }
        if value.is_none_or(|v| v.range.lineno != s.range.lineno) {
            loc = s.range.into();
            self.nop(loc);
        }
        let handler = self.unit().handler;
        self.unwind(&mut loc, false, s.range)?;
        match (result, constant) {
            (Some(r), _) => self.emit1(Op::RETURN, r, loc),
            (None, None | Some(Const::None)) => self.emit_return_none(loc),
            (None, Some(c)) => {
                let r = self.constant(c, None, loc);
                self.emit1(Op::RETURN, r, loc);
            }
        }
        self.u().handler = handler;
        Ok(())
    }

    fn leave_loop(&mut self, span: Span, is_break: bool) -> Result<()> {
        let mut loc: Loc = span.into();
        self.nop(loc);
        let handler = self.unit().handler;
        let found = self.unwind(&mut loc, true, span)?;
        let Some((on_continue, on_break)) = found else {
            return self.error(
                if is_break { "'break' outside loop" } else { "'continue' not properly in loop" },
                span,
            );
        };
        let target = if is_break { on_break } else { on_continue };
        self.jump(target, loc);
        self.u().handler = handler;
        Ok(())
    }

    /// Emits what leaving the blocks takes, innermost first; up to a loop if `to_loop`, whose labels are returned.
    fn unwind(
        &mut self,
        loc: &mut Loc,
        to_loop: bool,
        span: Span,
    ) -> Result<Option<(Label, Label)>> {
        let saved: Vec<FBlock<'a>> = self.unit().fblocks.clone();
        let result = self.unwind_blocks(loc, to_loop, span);
        self.u().fblocks = saved;
        result
    }

    fn unwind_blocks(
        &mut self,
        loc: &mut Loc,
        to_loop: bool,
        span: Span,
    ) -> Result<Option<(Label, Label)>> {
        while let Some(block) = self.unit().fblocks.last().copied() {
            match block {
                FBlock::ExceptStar => {
                    let at = if loc.is_none() { span } else { loc.span() };
                    return self.error(
                        "'break', 'continue' and 'return' cannot appear in an except* block",
                        at,
                    );
                }
                FBlock::Loop { on_continue, on_break } if to_loop => {
                    return Ok(Some((on_continue, on_break)));
                }
                _ => {}
            }
            self.u().fblocks.pop();
            match block {
                FBlock::Loop { .. } | FBlock::ExceptStar => {}
                FBlock::Plain { outer } => self.u().handler = outer,
                FBlock::Finally { body, outer } => {
                    self.u().handler = outer;
                    self.stmts(body)?;
                    *loc = Loc::NONE;
                }
                FBlock::FinallyEnd { saved, outer } => {
                    self.u().handler = outer;
                    self.emit1(Op::POP_EXC, saved, *loc);
                }
                FBlock::With { is_async, exit, loc: with_loc, outer } => {
                    self.u().handler = outer;
                    *loc = with_loc;
                    self.call_exit_with_nones(exit, is_async, with_loc)?;
                    *loc = Loc::NONE;
                }
                FBlock::HandlerCleanup { name, saved, outer } => {
                    self.u().handler = outer;
                    self.emit1(Op::POP_EXC, saved, *loc);
                    if let Some(name) = name {
                        self.unbind_name(name, *loc);
                    }
                }
            }
        }
        Ok(None)
    }

    /// `name = None; del name`: the end of an `except ... as name`.
    pub(super) fn unbind_name(&mut self, name: &str, loc: Loc) {
        if let Some(local) = self.fast_target(name) {
            self.emit1(Op::LOAD_EMPTY, local, loc);
            return;
        }
        let mark = self.mark();
        let r = self.constant(Const::None, None, loc);
        self.store_name(name, r, loc);
        self.delete_name(name, loc);
        self.release(mark);
    }

    fn assert_(&mut self, s: &Stmt<'a>, test: ExprRef<'a>, msg: Option<ExprRef<'a>>) -> Result<()> {
        let always = match test.kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            _ => matches!(self.folder.constant(test), Some(Const::Tuple(t)) if !t.is_empty()),
        };
        if always {
            self.warn("assertion is always true, perhaps remove parentheses?".into(), s.range);
        }
        if self.settings.optimize > 0 {
            return Ok(());
        }
        let loc: Loc = s.range.into();
        let end = self.label();
        self.jump_if(test, end, true)?;
        let base = self.temps(4);
        self.emit1(Op::LOAD_ASSERTION_ERROR, base.plus(3), loc);
        let mut exc = base.plus(3);
        if let Some(msg) = msg {
            let slot = self.temp();
            self.expr_to(msg, slot)?;
            self.emit(Op::CALL, base.0, base.0, 1, loc);
            exc = base;
        }
        self.emit1(Op::RAISE, exc, test.range.into());
        self.bind(end);
        Ok(())
    }

    fn raise(
        &mut self,
        exc: Option<ExprRef<'a>>,
        cause: Option<ExprRef<'a>>,
        loc: Loc,
    ) -> Result<()> {
        match (exc, cause) {
            (None, _) => self.emit(Op::RAISE_BARE, 0, 0, 0, loc),
            (Some(e), None) => {
                let r = self.expr(e)?;
                self.emit1(Op::RAISE, r, loc);
            }
            (Some(e), Some(c)) => {
                let r = self.expr_before(e, &[c])?;
                let c = self.expr(c)?;
                self.emit2(Op::RAISE_FROM, r, c, loc);
            }
        }
        Ok(())
    }

    // ---- imports

    fn import_name(&mut self, module: &str, level: i64, fromlist: Const, dst: Reg, loc: Loc) {
        let mark = self.mark();
        let pair = self.temps(2);
        self.constant(Const::Int(level), Some(pair), loc);
        self.constant(fromlist, Some(pair.plus(1)), loc);
        let n = self.name_index(module);
        self.emit_x(Op::IMPORT_NAME, dst, pair, 0, n, loc);
        self.release(mark);
    }

    fn import(&mut self, s: &Stmt<'a>, names: &'a [Alias<'a>]) -> Result<()> {
        let loc: Loc = s.range.into();
        for alias in names {
            let mark = self.mark();
            let module = self.temp();
            self.import_name(alias.name, 0, Const::None, module, loc);
            let mut parts = alias.name.split('.');
            let first = parts.next().unwrap_or(alias.name);
            let target = match alias.asname {
                None => first,
                Some(asname) => {
                    for part in parts {
                        let n = self.name_index(part);
                        self.emit_x(Op::IMPORT_FROM, module, module, 0, n, loc);
                    }
                    asname
                }
            };
            self.refuse_debug(target, ExprContext::Store, s.range)?;
            self.store_name(target, module, loc);
            self.release(mark);
        }
        Ok(())
    }

    fn import_from(
        &mut self,
        s: &Stmt<'a>,
        module: Option<&'a str>,
        names: &'a [Alias<'a>],
        level: u32,
    ) -> Result<()> {
        let loc: Loc = s.range.into();
        if module == Some("__future__")
            && level == 0
            && (s.range.lineno, s.range.col_offset) > self.future_end
        {
            return self
                .error("from __future__ imports must occur at the beginning of the file", s.range);
        }
        let fromlist = Const::Tuple(names.iter().map(|a| Const::str(a.name)).collect());
        let m = self.temp();
        self.import_name(module.unwrap_or(""), i64::from(level), fromlist, m, loc);
        for alias in names {
            let mark = self.mark();
            if alias.name == "*" {
                self.emit(Op::CALL_INTRINSIC_1, m.0, m.0, u32::from(intrinsic1::IMPORT_STAR), loc);
                return Ok(());
            }
            let target = alias.asname.unwrap_or(alias.name);
            self.refuse_debug(target, ExprContext::Store, s.range)?;
            let n = self.name_index(alias.name);
            let value = match self.fast_target(target) {
                Some(r) => r,
                None => self.temp(),
            };
            self.emit_x(Op::IMPORT_FROM, value, m, 0, n, loc);
            self.note_store(value);
            if value.as_local().is_none() {
                self.store_name(target, value, loc);
            }
            self.release(mark);
        }
        Ok(())
    }

    // ---- annotations

    fn ann_assign(
        &mut self,
        s: &Stmt<'a>,
        target: ExprRef<'a>,
        annotation: ExprRef<'a>,
        value: Option<ExprRef<'a>>,
        simple: bool,
    ) -> Result<()> {
        let loc: Loc = s.range.into();
        if let Some(v) = value {
            match target.kind {
                ExprKind::Name { id, .. } => self.assign_name(id, target.range, v)?,
                _ => {
                    let r = self.expr(v)?;
                    self.store(target, r)?;
                }
            }
        }
        let evaluated = matches!(self.unit().kind, UnitKind::Module | UnitKind::Class);
        let as_text = self.settings.future & flags::CO_FUTURE_ANNOTATIONS != 0;
        let mark = self.mark();
        match target.kind {
            ExprKind::Name { id, .. } => {
                self.refuse_debug(id, ExprContext::Store, s.range)?;
                if simple && evaluated {
                    let r = self.temp();
                    if as_text {
                        self.annotation_text(annotation, r);
                    } else {
                        self.expr_to(annotation, r)?;
                    }
                    let n = self.names.intern("__annotations__");
                    let n = self.add_name(n);
                    let site = self.cache(n, crate::code::CacheKind::Name);
                    let dict = self.temp();
                    self.push(Op::LOAD_NAME, dict.0, 0, 0, site, Label::NONE, loc);
                    let name = self.mangled(id);
                    let text = self.names.shared(name);
                    let key = self.constant(Const::str(&text), None, loc);
                    self.emit3(Op::SETITEM, dict, key, r, loc);
                }
            }
            ExprKind::Attribute { value: object, attr, .. } => {
                self.refuse_debug(attr, ExprContext::Store, s.range)?;
                if value.is_none() {
                    self.expr(object)?;
                }
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                if value.is_none() {
                    self.expr(object)?;
                    self.evaluate_index(slice)?;
                }
            }
            _ => return Err(CompileError::system("invalid node type for annotated assignment")),
        }
        self.release(mark);
        if !simple && evaluated && !as_text {
            self.expr(annotation)?;
        }
        Ok(())
    }

    /// Evaluates the parts of an index without indexing.
    fn evaluate_index(&mut self, e: ExprRef<'a>) -> Result<()> {
        match e.kind {
            ExprKind::Slice { lower, upper, step } => {
                for part in [lower, upper, step].into_iter().flatten() {
                    self.expr(part)?;
                }
                Ok(())
            }
            ExprKind::Tuple { elts, .. } => elts.iter().try_for_each(|e| self.evaluate_index(e)),
            _ => self.expr(e).map(|_| ()),
        }
    }
}
