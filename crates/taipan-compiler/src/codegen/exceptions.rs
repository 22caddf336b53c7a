//! `try`, `except`, `except*`, `finally` and `with`.
//!
//! A handler's exception arrives in the register that its table entry names. `PUSH_EXC` makes it the handled one and
//! keeps the former in a register until `POP_EXC`. `finally` bodies are compiled once for each way out.

use super::{Codegen, FBlock};
use crate::error::Result;
use crate::ir::{HandlerId, Label, Loc, Reg};
use crate::opcode::Op;
use taipan_syntax::ast::*;

/// The state of a handler body: what was handled before, the exception, and the cleanup if the body raises.
struct Entered {
    saved: Reg,
    cleanup: Label,
    cleanup_exc: Reg,
    outer: HandlerId,
}

impl<'a> Codegen<'a, '_> {
    /// Starts protecting code; the exception will arrive in the returned register at `label`.
    fn protect(&mut self, label: Label, exc: Reg, lasti: bool) -> HandlerId {
        let outer = self.unit().handler;
        let handler = self.u().seq.new_handler(label, exc, lasti);
        self.u().handler = handler;
        outer
    }

    /// At the start of a handler: the exception in `exc` becomes the handled one, until `leave_handler`.
    fn enter_handler(&mut self, exc: Reg, outer: HandlerId, loc: Loc) -> Entered {
        let saved = self.temp();
        let cleanup_exc = self.temps(2);
        let cleanup = self.label();
        self.u().handler = outer;
        self.protect(cleanup, cleanup_exc, true);
        self.emit2(Op::PUSH_EXC, saved, exc, loc);
        Entered { saved, cleanup, cleanup_exc, outer }
    }

    /// The code for an exception inside the handler: restore what was handled, raise on.
    fn handler_cleanup(&mut self, h: &Entered) {
        self.u().handler = h.outer;
        self.bind(h.cleanup);
        self.emit1(Op::POP_EXC, h.saved, Loc::NONE);
        self.emit(Op::RERAISE, h.cleanup_exc.0, 1, 0, Loc::NONE);
    }

    pub(super) fn try_(&mut self, t: &'a Try<'a>, span: Span, star: bool) -> Result<()> {
        if t.finalbody.is_empty() {
            return self.try_except(t, span, star);
        }
        let (handler_label, end) = (self.label(), self.label());
        let exc = self.temp();
        // The `try` line itself is an event for tracers.
        self.nop(span.into());
        let outer = self.protect(handler_label, exc, false);
        self.push_fblock(FBlock::Finally { body: t.finalbody, outer }, span)?;
        if t.handlers.is_empty() {
            self.stmts(t.body)?;
        } else {
            self.try_except(t, span, star)?;
        }
        self.pop_fblock();
        self.u().handler = outer;
        self.stmts(t.finalbody)?;
        self.jump(end, Loc::NONE);

        self.bind(handler_label);
        let h = self.enter_handler(exc, outer, Loc::NONE);
        self.push_fblock(FBlock::FinallyEnd { saved: h.saved, outer }, span)?;
        self.stmts(t.finalbody)?;
        self.pop_fblock();
        self.emit(Op::RERAISE, exc.0, 0, 0, Loc::NONE);
        self.handler_cleanup(&h);
        self.bind(end);
        Ok(())
    }

    fn try_except(&mut self, t: &'a Try<'a>, span: Span, star: bool) -> Result<()> {
        let mark = self.mark();
        let (handler_label, end) = (self.label(), self.label());
        let exc = self.temp();
        self.nop(span.into());
        let outer = self.protect(handler_label, exc, false);
        self.push_fblock(FBlock::Plain { outer }, span)?;
        self.stmts(t.body)?;
        self.pop_fblock();
        self.u().handler = outer;
        self.stmts(t.orelse)?;
        self.jump(end, Loc::NONE);

        self.bind(handler_label);
        let h = self.enter_handler(exc, outer, Loc::NONE);
        if star {
            self.push_fblock(FBlock::ExceptStar, span)?;
            self.star_clauses(t.handlers, &h, exc, end)?;
        } else {
            self.push_fblock(FBlock::Plain { outer }, span)?;
            self.clauses(t.handlers, &h, exc, end)?;
        }
        self.pop_fblock();
        self.handler_cleanup(&h);
        self.release(mark);
        self.bind(end);
        Ok(())
    }

    fn clauses(
        &mut self,
        handlers: &'a [ExceptHandler<'a>],
        h: &Entered,
        exc: Reg,
        end: Label,
    ) -> Result<()> {
        let inside = self.unit().handler;
        for (i, clause) in handlers.iter().enumerate() {
            let loc: Loc = clause.range.into();
            let mark = self.mark();
            let next = self.label();
            match clause.typ {
                None if i + 1 < handlers.len() => {
                    return self.error("default 'except:' must be last", clause.range);
                }
                // The clause's line is an event for tracers.
                None => self.nop(loc),
                Some(typ) => {
                    let r = self.expr(typ)?;
                    self.release(mark);
                    let matched = self.temp();
                    self.emit3(Op::CHECK_EXC_MATCH, matched, exc, r, loc);
                    self.release(mark);
                    self.jump_cond(Op::JUMP_IF_FALSE, matched.0, 0, next, loc);
                }
            }
            if let Some(name) = clause.name {
                self.refuse_debug(name, ExprContext::Store, clause.range)?;
                self.store_name(name, exc, loc);
                let (again, again_exc) = (self.label(), self.temps(2));
                self.protect(again, again_exc, true);
                self.push_fblock(
                    FBlock::HandlerCleanup { name: Some(name), saved: h.saved, outer: h.outer },
                    clause.range,
                )?;
                self.stmts(clause.body)?;
                self.pop_fblock();
                self.u().handler = h.outer;
                self.emit1(Op::POP_EXC, h.saved, Loc::NONE);
                self.unbind_name(name, Loc::NONE);
                self.jump(end, Loc::NONE);
                self.u().handler = inside;
                self.bind(again);
                self.unbind_name(name, Loc::NONE);
                self.emit(Op::RERAISE, again_exc.0, 1, 0, Loc::NONE);
            } else {
                self.push_fblock(
                    FBlock::HandlerCleanup { name: None, saved: h.saved, outer: h.outer },
                    clause.range,
                )?;
                self.stmts(clause.body)?;
                self.pop_fblock();
                self.u().handler = h.outer;
                self.emit1(Op::POP_EXC, h.saved, Loc::NONE);
                self.jump(end, Loc::NONE);
                self.u().handler = inside;
            }
            self.release(mark);
            self.bind(next);
        }
        // Reached from the last clause's test alone, whose line it has.
        let last = handlers.last().and_then(|h| h.typ).map_or(Loc::NONE, |e| e.range.into());
        self.emit(Op::RERAISE, exc.0, 0, 0, last);
        Ok(())
    }

    /// `except*`: each clause takes its part of the group; what is left or raised anew is raised together at the end.
    fn star_clauses(
        &mut self,
        handlers: &'a [ExceptHandler<'a>],
        h: &Entered,
        exc: Reg,
        end: Label,
    ) -> Result<()> {
        let inside = self.unit().handler;
        let raised = self.temp();
        // The part that no clause has taken, after the part the last one took: what CHECK_EG_MATCH writes.
        let pair = self.temps(2);
        let rest = pair.plus(1);
        let first: Loc = handlers.first().map_or(Loc::NONE, |c| c.range.into());
        self.emit(Op::BUILD_LIST, raised.0, self.unit_top().0, 0, first);
        self.emit2(Op::MOVE, rest, exc, first);
        for clause in handlers {
            let loc: Loc = clause.range.into();
            let mark = self.mark();
            let next = self.label();
            if let Some(typ) = clause.typ {
                let r = self.expr(typ)?;
                self.emit3(Op::CHECK_EG_MATCH, pair, rest, r, loc);
                self.release(mark);
                self.jump_cond(Op::JUMP_IF_NONE, pair.0, 0, next, loc);
            }
            if let Some(name) = clause.name {
                self.refuse_debug(name, ExprContext::Store, clause.range)?;
                self.store_name(name, pair, loc);
            }
            let (again, again_exc) = (self.label(), self.temps(2));
            self.protect(again, again_exc, true);
            self.push_fblock(
                FBlock::HandlerCleanup { name: clause.name, saved: h.saved, outer: h.outer },
                clause.range,
            )?;
            self.stmts(clause.body)?;
            self.pop_fblock();
            self.u().handler = inside;
            if let Some(name) = clause.name {
                self.unbind_name(name, Loc::NONE);
            }
            self.jump(next, Loc::NONE);
            self.bind(again);
            if let Some(name) = clause.name {
                self.unbind_name(name, Loc::NONE);
            }
            self.emit2(Op::LIST_APPEND, raised, again_exc, Loc::NONE);
            self.release(mark);
            self.bind(next);
        }
        self.emit2(Op::LIST_APPEND, raised, rest, Loc::NONE);
        let result = pair;
        self.emit3(Op::PREP_RERAISE_STAR, result, exc, raised, Loc::NONE);
        let again = self.label();
        self.jump_cond(Op::JUMP_IF_NOT_NONE, result.0, 0, again, Loc::NONE);
        self.u().handler = h.outer;
        self.emit1(Op::POP_EXC, h.saved, Loc::NONE);
        self.jump(end, Loc::NONE);
        self.bind(again);
        self.emit1(Op::POP_EXC, h.saved, Loc::NONE);
        self.emit(Op::RERAISE, result.0, 0, 0, Loc::NONE);
        self.u().handler = inside;
        Ok(())
    }

    // ---- with

    pub(super) fn with(
        &mut self,
        items: &'a [WithItem<'a>],
        body: Body<'a>,
        span: Span,
        is_async: bool,
    ) -> Result<()> {
        let Some((item, others)) = items.split_first() else { return self.stmts(body) };
        self.deeper(|c| c.with_item(item, others, body, span, is_async))
    }

    fn with_item(
        &mut self,
        item: &'a WithItem<'a>,
        others: &'a [WithItem<'a>],
        body: Body<'a>,
        span: Span,
        is_async: bool,
    ) -> Result<()> {
        let mark = self.mark();
        let loc: Loc = item.context_expr.range.into();
        let exit = self.temp();
        let entered = self.temp();
        let inner = self.mark();
        let manager = self.expr(item.context_expr)?;
        self.release(inner);
        let base = self.temps(5);
        let op = if is_async { Op::BEFORE_ASYNC_WITH } else { Op::BEFORE_WITH };
        self.emit3(op, base, manager, exit, loc);
        self.emit(Op::CALL_METHOD, entered.0, base.0, 0, loc);
        self.release(inner);
        if is_async {
            self.await_in_place(entered, 1, loc)?;
        }
        let (handler_label, end) = (self.label(), self.label());
        let exc = self.temps(2);
        let outer = self.protect(handler_label, exc, true);
        self.push_fblock(FBlock::With { is_async, exit, loc, outer }, item.context_expr.range)?;
        if let Some(target) = item.optional_vars {
            let m = self.mark();
            self.store(target, entered)?;
            self.release(m);
        }
        if others.is_empty() {
            self.stmts(body)?;
        } else {
            self.with(others, body, span, is_async)?;
        }
        self.pop_fblock();
        self.u().handler = outer;
        self.call_exit_with_nones(exit, is_async, loc)?;
        self.jump(end, loc);

        self.bind(handler_label);
        let h = self.enter_handler(exc, outer, loc);
        let m = self.mark();
        let area = self.temps(7);
        self.emit3(Op::WITH_EXCEPT_START, area, exit, exc, loc);
        self.emit(Op::CALL, area.0, area.0, 3, loc);
        self.release(m + 1);
        if is_async {
            self.await_in_place(area, 2, loc)?;
        }
        let suppress = self.label();
        self.jump_cond(Op::JUMP_IF_TRUE, area.0, 0, suppress, loc);
        self.emit(Op::RERAISE, exc.0, 1, 0, loc);
        self.bind(suppress);
        self.u().handler = outer;
        self.emit1(Op::POP_EXC, h.saved, loc);
        self.jump(end, loc);
        self.handler_cleanup(&h);
        self.release(mark);
        self.bind(end);
        Ok(())
    }

    /// Awaits the value of a register and leaves the result in it.
    fn await_in_place(&mut self, r: Reg, kind: u32, loc: Loc) -> Result<()> {
        let mark = self.mark();
        let it = self.temp();
        self.emit_x(Op::GET_AWAITABLE, it, r, kind, 0, loc);
        let inner = self.mark();
        let value = self.send_loop(it, None, true, inner, loc)?;
        self.move_to(r, value, loc);
        self.release(mark);
        Ok(())
    }

    pub(super) fn call_exit_with_nones(
        &mut self,
        exit: Reg,
        is_async: bool,
        loc: Loc,
    ) -> Result<()> {
        let mark = self.mark();
        let base = self.temps(7);
        self.move_to(base.plus(3), exit, loc);
        for i in 4..7 {
            self.load_none(base.plus(i), loc);
        }
        self.emit(Op::CALL, base.0, base.0, 3, loc);
        self.release(mark + 1);
        if is_async {
            self.await_in_place(base, 2, loc)?;
        }
        self.release(mark);
        Ok(())
    }
}
