//! Exceptions on their way: context, traceback entries, handlers, leaving frames.

use super::dispatch::{GOES_ON, Table};
use super::frame::{ENTRY, FRAMEOBJ, GEN, Pc, Regs};
use crate::objects::code::Code;
use crate::objects::exceptions as ex;
use crate::objects::traceback::Traceback;
use crate::objects::{frame, generator};
use crate::prelude::*;

/// Raises what is pending in the running frame.
#[cold]
pub extern "sysv64-unwind" fn unwind(
    cx: &Thread,
    _: Pc,
    _: Regs,
    _: u64,
    _: &'static Code,
    _: &'static Table,
) -> u64 {
    if find_handler(cx) == 0 {
        return 0;
    }
    let (pc, regs) = cx.interp.goes_on.get();
    if cfg!(debug_assertions) {
        return GOES_ON;
    }
    let table = cx.interp.table.get();
    let word = pc.word();
    (table.narrow[word as u8 as usize])(cx, pc, regs, word, regs.code(), table)
}

/// As `unwind`, without a traceback entry for this frame.
#[cold]
pub extern "sysv64-unwind" fn reraise(
    cx: &Thread,
    pc: Pc,
    regs: Regs,
    word: u64,
    code: &'static Code,
    table: &'static Table,
) -> u64 {
    cx.interp.silent.set(true);
    unwind(cx, pc, regs, word, code, table)
}

/// Looks for the handler of the pending exception, frame by frame: `GOES_ON` with the place in
/// `goes_on`, or 0 where a frame that Rust entered was left.
pub fn find_handler(cx: &Thread) -> u64 {
    search(cx, true)
}

/// As `find_handler`; an exception thrown into a generator is not `chain`ed to what the thrower
/// handles.
#[inline(never)]
pub fn search(cx: &Thread, chain: bool) -> u64 {
    let interp = &cx.interp;
    let mut e = interp.pending.get().expect("an exception is in flight");
    let mut x = ex::of(e);
    let mut silent = interp.silent.replace(false);
    let mut raised_at = interp.raised_at.take();
    loop {
        let regs = interp.regs.get();
        let code = regs.code();
        let at = regs.lasti();
        if !silent {
            // An exception without a traceback is new: made by native code, or by `raise`.
            if chain && x.traceback.get().is_none() && x.context.get().is_none() {
                chain_context(cx, Raised(e));
            }
            add_traceback(cx, x, regs, at);
        }
        let again = std::mem::take(&mut silent);
        if interp.table.get().traces {
            if let Err(new) = super::trace::raised(cx, regs, e, again) {
                interp.pending.set(Some(new.0));
                return find_handler(cx);
            }
        }
        if let Some(h) = code.find_handler(at) {
            regs.set(h.exc_reg as usize, e);
            if h.lasti {
                // A place that a RERAISE named goes on through the cleanup handlers.
                let place = raised_at.map_or(at as i64, i64::from);
                regs.set(h.exc_reg as usize + 1, Value::small(place));
            }
            if interp.table.get().traces {
                if let Err(new) = super::trace::handled(cx, regs, h.handler as usize, e) {
                    interp.pending.set(Some(new.0));
                    return find_handler(cx);
                }
            }
            interp.pending.set(None);
            interp.goes_on.set((code.pc_at(h.handler as usize), regs));
            return GOES_ON;
        }
        if let Some(word) = raised_at.take() {
            regs.save_pc(code.pc_at(word as usize), 0);
        }
        let flags = regs.flags();
        if interp.table.get().traces {
            if let Err(new) = super::trace::unwound(cx, regs) {
                interp.pending.set(Some(new.0));
                (e, x) = (new.0, ex::of(new.0));
            }
        }
        if flags & FRAMEOBJ != 0 {
            frame::detach(cx, regs);
        }
        interp.regs.set(regs.prev());
        interp.depth.set(interp.depth.get() - 1);
        if flags & GEN != 0 {
            generator::finish(cx, regs.extra());
        }
        if flags & ENTRY != 0 {
            return 0;
        }
    }
}

/// Adds the frame to the exception's traceback.
pub fn add_traceback(cx: &Thread, x: &'static ex::BaseException, regs: Regs, at: usize) {
    let f = frame::of_regs(cx, regs);
    let next = x.traceback.get().filter(|t| !t.is_none());
    let tb = Traceback::new(cx, next, f, at);
    x.traceback.set(x, Value::from_ref(tb));
}

/// Sets the exception's `__context__` to the one being handled; a chain never becomes a ring.
pub fn chain_context(cx: &Thread, e: Raised) {
    let Some(handled) = cx.interp.current_exception() else { return };
    if handled == e.0 {
        return;
    }
    let x = ex::of(e.0);
    let mut o = handled;
    let mut slow = handled;
    let mut odd = false;
    while let Some(c) = ex::of(o).context.get().filter(|c| !c.is_none()) {
        if c == e.0 {
            let o = ex::of(o);
            o.context.clear(o);
            break;
        }
        o = c;
        if o == slow {
            break;
        }
        if odd {
            slow = ex::of(slow).context.get().unwrap_or(slow);
        }
        odd = !odd;
    }
    x.context.set(x, handled);
}

/// What a StopIteration that leaves a generator becomes.
pub fn stop_iteration_error(cx: &Thread, e: Value) -> Value {
    let regs = cx.interp.regs.get();
    let code = regs.code();
    use taipan_compiler::code::flags;
    let stop = e.ty().is_subtype(exc::StopIteration());
    let text = if stop {
        if code.has(flags::CO_ASYNC_GENERATOR) {
            "async generator raised StopIteration"
        } else if code.has(flags::CO_COROUTINE) {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        }
    } else if code.has(flags::CO_ASYNC_GENERATOR) && e.ty().is_subtype(exc::StopAsyncIteration()) {
        "async generator raised StopAsyncIteration"
    } else {
        return e;
    };
    let new = err!(cx, RuntimeError, "{text}");
    let x = ex::of(new.0);
    ex::set_cause(x, Some(e));
    x.context.set(x, e);
    new.0
}

/// After a panic in a handler: makes it an exception, raised in the frame that ran. `Ok`: a handler
/// of Python's goes on, at the place in `goes_on`.
#[cold]
pub fn recover(cx: &Thread, payload: Box<dyn std::any::Any + Send>) -> Res<()> {
    let e = crate::panics::exception(cx, payload);
    cx.interp.silent.set(false);
    cx.interp.raised_at.set(None);
    cx.interp.pending.set(Some(e.0));
    if find_handler(cx) == GOES_ON {
        return Ok(());
    }
    Err(Raised(cx.interp.pending.take().expect("the exception is still in flight")))
}
