//! Comprehensions, in place (PEP 709) or as functions, and generator expressions.

use super::{Codegen, FBlock, UnitKind};
use crate::code::Const;
use crate::error::Result;
use crate::ir::{Label, Loc, Reg};
use crate::name::Name;
use crate::opcode::Op;
use crate::symtable::{
    BlockId, BlockKind, DEF_LOCAL, DEF_NONLOCAL, DEF_PARAM, KeyPart, SCOPE_MASK, SCOPE_OFFSET,
    Scope, key_of,
};
use taipan_syntax::ast::*;

#[derive(Clone, Copy)]
struct Shape<'a> {
    kind: Kind,
    elt: ExprRef<'a>,
    value: Option<ExprRef<'a>>,
    generators: &'a [Comprehension<'a>],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Set,
    Dict,
    Generator,
}

/// What has to be put back after an inlined comprehension.
struct Inlined {
    saved: Vec<(Reg, Reg)>,
    cleared: Vec<Reg>,
    overridden: Vec<(Name, Option<u32>)>,
    made_fast: Vec<Name>,
    handler: Option<(Label, Reg)>,
    active: usize,
}

impl<'a> Codegen<'a, '_> {
    pub(super) fn comprehension(&mut self, e: &Expr<'a>, want: Option<Reg>) -> Result<Reg> {
        let shape = match e.kind {
            ExprKind::ListComp { elt, generators } => {
                Shape { kind: Kind::List, elt, value: None, generators }
            }
            ExprKind::SetComp { elt, generators } => {
                Shape { kind: Kind::Set, elt, value: None, generators }
            }
            ExprKind::DictComp { key, value, generators } => {
                Shape { kind: Kind::Dict, elt: key, value: Some(value), generators }
            }
            ExprKind::GeneratorExp { elt, generators } => {
                Shape { kind: Kind::Generator, elt, value: None, generators }
            }
            _ => unreachable!("called for comprehensions only"),
        };
        let block_id = self
            .table
            .find(key_of(e, KeyPart::Body))
            .ok_or_else(|| crate::error::CompileError::system("unknown symbol table entry"))?;
        let block = self.table.block(block_id);
        let is_async = block.coroutine;
        if is_async
            && shape.kind != Kind::Generator
            && !self.is_async_scope()
            && self.unit().kind != UnitKind::Comprehension
            && !self.top_level_await()
        {
            return self
                .error("asynchronous comprehension outside of an asynchronous function", e.range);
        }
        if block.comp_inlined {
            self.inlined(e, shape, block_id, want)
        } else {
            self.outlined(e, shape, is_async, want)
        }
    }

    fn outermost_iter(&mut self, first: &Comprehension<'a>, dst: Reg) -> Result<()> {
        let loc: Loc = first.iter.range.into();
        let mark = self.mark();
        let r = match self.folder.iterable(first.iter) {
            Some(c) => self.constant(c, None, loc),
            None => self.expr(first.iter)?,
        };
        self.emit2(if first.is_async { Op::GET_AITER } else { Op::GET_ITER }, dst, r, loc);
        self.release(mark);
        Ok(())
    }

    // ---- in place

    fn inlined(
        &mut self,
        e: &Expr<'a>,
        shape: Shape<'a>,
        block: BlockId,
        want: Option<Reg>,
    ) -> Result<Reg> {
        let loc: Loc = e.range.into();
        let dst = self.scratch(want);
        let mark = self.mark();
        let iter = self.temp();
        self.outermost_iter(&shape.generators[0], iter)?;
        let multi = shape.generators.len() > 1;
        let mut state = self.push_inlined(block, multi, loc)?;
        let build = match shape.kind {
            Kind::List => Op::BUILD_LIST,
            Kind::Set => Op::BUILD_SET,
            _ => Op::BUILD_MAP,
        };
        self.emit(build, dst.0, self.unit_top().0, 0, loc);
        self.generator(shape, 0, Some(iter), dst, loc)?;
        self.pop_inlined(&mut state, loc);
        self.release(mark);
        Ok(self.deliver(dst, want, loc))
    }

    /// Isolates the comprehension's own names from the block around it.
    fn push_inlined(&mut self, block: BlockId, multi: bool, loc: Loc) -> Result<Inlined> {
        let outer_block = self.table.block(self.unit().block);
        let (function_like, is_class) =
            (outer_block.is_function_like(), outer_block.kind == BlockKind::Class);
        let in_class = is_class && self.unit().in_inlined_comp == 0;
        self.u().in_inlined_comp += 1;
        let active = self.unit().active_comp_names.len();
        let mut state = Inlined {
            saved: Vec::new(),
            cleared: Vec::new(),
            overridden: Vec::new(),
            made_fast: Vec::new(),
            handler: None,
            active,
        };
        let table = self.table;
        for (name, flags) in &table.block(block).symbols {
            if flags & DEF_PARAM != 0 {
                continue;
            }
            let scope_bits = flags >> SCOPE_OFFSET & SCOPE_MASK;
            let outer_flags = self.symbol_flags(*name);
            let outer_bits = outer_flags >> SCOPE_OFFSET & SCOPE_MASK;
            let (free, cell) = (Scope::Free as u32, Scope::Cell as u32);
            if (scope_bits != outer_bits
                && scope_bits != free
                && !(scope_bits == cell && outer_bits == free))
                || in_class
            {
                let old = self.u().overrides.insert(*name, *flags);
                state.overridden.push((*name, old));
            }
            // What comprehensions inside this one bind they isolate themselves.
            if flags & DEF_LOCAL == 0
                || flags & DEF_NONLOCAL != 0
                || !table.block(block).binds_itself(*name)
            {
                continue;
            }
            let is_cell = scope_bits == cell;
            if !function_like && !is_cell && self.unit().fast_hidden.get(name) != Some(&true) {
                self.u().fast_hidden.insert(*name, true);
                state.made_fast.push(*name);
            }
            let reg = if is_cell {
                match self.cell_reg(*name) {
                    Some(r) => r,
                    None => continue,
                }
            } else {
                let r = self.local_reg(*name);
                self.note_store(r);
                r
            };
            // Nobody else uses the register, unless the block binds the name too or a comprehension around does.
            let shared = is_cell
                || self.unit().active_comp_names.contains(name)
                || (function_like
                    && (outer_bits == Scope::Local as u32 || outer_bits == cell)
                    && self.bound_outside(*name));
            if shared {
                let saved = self.temp();
                self.emit2(Op::MOVE, saved, reg, loc);
                self.emit1(Op::LOAD_EMPTY, reg, loc);
                if is_cell {
                    self.emit1(Op::MAKE_CELL, reg, loc);
                }
                state.saved.push((reg, saved));
            } else {
                // A former run that raised may have left a value, which inner loops must not see.
                if multi {
                    self.emit1(Op::LOAD_EMPTY, reg, loc);
                }
                state.cleared.push(reg);
            }
        }
        for (name, flags) in &table.block(block).symbols {
            if flags & DEF_LOCAL != 0
                && flags & DEF_PARAM == 0
                && table.block(block).binds_itself(*name)
            {
                self.u().active_comp_names.push(*name);
            }
        }
        if !state.saved.is_empty() {
            let exc = self.temp();
            let cleanup = self.label();
            let handler = self.u().seq.new_handler(cleanup, exc, false);
            state.handler = Some((cleanup, exc));
            self.u().handler = {
                let u = self.u();
                u.fblocks.push(FBlock::Plain { outer: u.handler });
                handler
            };
        }
        Ok(state)
    }

    /// Does the function itself, not only its inlined comprehensions, bind the name?
    fn bound_outside(&self, name: Name) -> bool {
        self.table.block(self.unit().block).binds_itself(name)
    }

    fn pop_inlined(&mut self, state: &mut Inlined, loc: Loc) {
        self.u().in_inlined_comp -= 1;
        self.u().active_comp_names.truncate(state.active);
        for (name, old) in state.overridden.drain(..).rev() {
            match old {
                Some(flags) => self.u().overrides.insert(name, flags),
                None => self.u().overrides.remove(&name),
            };
        }
        if let Some((cleanup, exc)) = state.handler {
            let Some(FBlock::Plain { outer }) = self.u().fblocks.pop() else {
                unreachable!("pushed by push_inlined")
            };
            self.u().handler = outer;
            let end = self.label();
            self.jump(end, Loc::NONE);
            self.bind(cleanup);
            self.restore_saved(&state.saved, loc);
            self.emit(Op::RERAISE, exc.0, 0, 0, Loc::NONE);
            self.bind(end);
            self.restore_saved(&state.saved, loc);
        }
        for reg in &state.cleared {
            self.emit1(Op::LOAD_EMPTY, *reg, loc);
        }
        for name in &state.made_fast {
            self.u().fast_hidden.insert(*name, false);
        }
    }

    fn restore_saved(&mut self, saved: &[(Reg, Reg)], loc: Loc) {
        for (reg, from) in saved.iter().rev() {
            self.emit2(Op::MOVE, *reg, *from, loc);
            if let Some(ins) = self.u().seq.ins.last_mut() {
                ins.maybe_empty = true;
            }
        }
    }

    // ---- as a function

    fn outlined(
        &mut self,
        e: &Expr<'a>,
        shape: Shape<'a>,
        is_async: bool,
        want: Option<Reg>,
    ) -> Result<Reg> {
        let loc: Loc = e.range.into();
        let name = match shape.kind {
            Kind::List => "<listcomp>",
            Kind::Set => "<setcomp>",
            Kind::Dict => "<dictcomp>",
            Kind::Generator => "<genexpr>",
        };
        self.enter_unit(name, UnitKind::Comprehension, key_of(e, KeyPart::Body), e.range.lineno)?;
        self.u().argcount = 1;
        let is_generator = shape.kind == Kind::Generator;
        let arg = Reg::local(0);
        let handler =
            if is_generator || is_async { Some(self.begin_stop_iteration()) } else { None };
        if is_generator {
            self.generator(shape, 0, Some(arg), Reg::temp(0), loc)?;
            self.emit_return_none(loc);
        } else {
            let build = match shape.kind {
                Kind::List => Op::BUILD_LIST,
                Kind::Set => Op::BUILD_SET,
                _ => Op::BUILD_MAP,
            };
            let dst = self.temp();
            self.emit(build, dst.0, self.unit_top().0, 0, loc);
            self.generator(shape, 0, Some(arg), dst, loc)?;
            self.emit1(Op::RETURN, dst, loc);
        }
        if let Some(h) = handler {
            self.end_stop_iteration(h);
        }
        let code = self.exit_unit()?;

        let mark = self.mark();
        let base = self.temps(5);
        self.make_function(code, &[], base.plus(3), loc);
        self.outermost_iter(&shape.generators[0], base.plus(4))?;
        let dst = self.result(want, mark);
        self.emit(Op::CALL, dst.0, base.0, 1, loc);
        if is_async && !is_generator {
            let it = self.temp();
            self.emit_x(Op::GET_AWAITABLE, it, dst, 0, 0, loc);
            let value_mark = self.mark();
            let r = self.send_loop(it, None, true, value_mark, loc)?;
            self.move_to(dst, r, loc);
            if want.is_none() {
                self.release(mark + 1);
            } else {
                self.release(mark);
            }
        }
        Ok(dst)
    }

    // ---- loops

    fn generator(
        &mut self,
        shape: Shape<'a>,
        index: usize,
        iter: Option<Reg>,
        dst: Reg,
        loc: Loc,
    ) -> Result<()> {
        self.deeper(|c| {
            if shape.generators[index].is_async {
                c.async_generator(shape, index, iter, dst, loc)
            } else {
                c.sync_generator(shape, index, iter, dst, loc)
            }
        })
    }

    fn sync_generator(
        &mut self,
        shape: Shape<'a>,
        index: usize,
        iter: Option<Reg>,
        dst: Reg,
        loc: Loc,
    ) -> Result<()> {
        let g = &shape.generators[index];
        let mark = self.mark();
        // `for x in [value]` is an assignment.
        if iter.is_none()
            && let ExprKind::List { elts: [only], .. } | ExprKind::Tuple { elts: [only], .. } =
                g.iter.kind
            && !matches!(only.kind, ExprKind::Starred { .. })
        {
            let r = self.expr(only)?;
            self.store(g.target, r)?;
            let skip = self.label();
            for test in g.ifs {
                self.jump_if(test, skip, false)?;
            }
            self.element(shape, index, dst, loc)?;
            self.bind(skip);
            self.release(mark);
            return Ok(());
        }
        let at: Loc = g.iter.range.into();
        let it = match iter {
            // Whoever put something else into `.0` meanwhile gets an iterator made of it.
            Some(r) if shape.kind == Kind::Generator => {
                let it = self.temp();
                self.emit2(Op::GET_ITER, it, r, at);
                it
            }
            Some(r) => r,
            None => {
                let it = self.temp();
                self.outermost_iter(g, it)?;
                it
            }
        };
        let (top, next) = (self.label(), self.label());
        self.jump(next, at);
        self.bind(top);
        self.u().loop_depth += 1;
        let direct = match g.target.kind {
            ExprKind::Name { id, .. } => self.fast_target(id),
            _ => None,
        };
        let value = match direct {
            Some(r) => {
                if let ExprKind::Name { id, .. } = g.target.kind {
                    self.refuse_debug(id, ExprContext::Store, g.target.range)?;
                }
                self.note_store(r);
                r
            }
            None => {
                let v = self.temp();
                self.store(g.target, v)?;
                v
            }
        };
        for test in g.ifs {
            self.jump_if(test, next, false)?;
        }
        self.element(shape, index, dst, loc)?;
        self.u().loop_depth -= 1;
        self.bind(next);
        self.push(Op::FOR_NEXT, value.0, it.0, 0, 0, top, at);
        self.release(mark);
        Ok(())
    }

    fn async_generator(
        &mut self,
        shape: Shape<'a>,
        index: usize,
        iter: Option<Reg>,
        dst: Reg,
        loc: Loc,
    ) -> Result<()> {
        let g = &shape.generators[index];
        let mark = self.mark();
        let it = match iter {
            Some(r) => r,
            None => {
                let it = self.temp();
                self.outermost_iter(g, it)?;
                it
            }
        };
        let (top, next, end) = (self.label(), self.label(), self.label());
        let exc = self.temps(2);
        self.bind(top);
        let outer = self.unit().handler;
        self.push_fblock(FBlock::Plain { outer }, g.target.range)?;
        let handler = self.u().seq.new_handler(end, exc, true);
        self.u().handler = handler;
        let value_mark = self.mark();
        let aw = self.temp();
        self.emit2(Op::GET_ANEXT, aw, it, loc);
        let v = self.send_loop(aw, None, true, value_mark, loc)?;
        self.u().handler = outer;
        self.u().loop_depth += 1;
        self.store(g.target, v)?;
        for test in g.ifs {
            self.jump_if(test, next, false)?;
        }
        self.element(shape, index, dst, loc)?;
        self.u().loop_depth -= 1;
        self.bind(next);
        self.jump(top, shape.elt.range.into());
        self.pop_fblock();
        self.bind(end);
        self.emit1(Op::END_ASYNC_FOR, exc, loc);
        self.release(mark);
        Ok(())
    }

    fn element(&mut self, shape: Shape<'a>, index: usize, dst: Reg, loc: Loc) -> Result<()> {
        if index + 1 < shape.generators.len() {
            return self.generator(shape, index + 1, None, dst, loc);
        }
        let mark = self.mark();
        let at: Loc = shape.elt.range.into();
        match shape.kind {
            Kind::Generator => {
                let v = self.expr(shape.elt)?;
                let sent = self.temp();
                self.emit_yield(sent, v, at);
            }
            Kind::List => {
                let v = self.expr(shape.elt)?;
                self.emit2(Op::LIST_APPEND, dst, v, at);
            }
            Kind::Set => {
                let v = self.expr(shape.elt)?;
                self.emit2(Op::SET_ADD, dst, v, at);
            }
            Kind::Dict => {
                let value = shape.value.expect("a dict comprehension has values");
                let k = self.expr_before(shape.elt, &[value])?;
                let v = self.expr(value)?;
                let end: Loc = value.range.into();
                let both = Loc { end_line: end.end_line, end_col: end.end_col, ..at };
                self.emit3(Op::MAP_ADD, dst, k, v, both);
            }
        }
        self.release(mark);
        Ok(())
    }

    /// The constant `None` as the first constant: the function has no docstring.
    pub(super) fn no_docstring(&mut self) {
        self.add_const(Const::None);
    }
}
