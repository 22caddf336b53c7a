//! `sys.settrace` and `sys.setprofile`.
//!
//! While a thread traces, it dispatches through another table (`dispatch::tracing_table`) whose
//! every handler asks `before` for events and then runs the instruction's own handler; so tracing
//! costs nothing when it is off. While a trace function runs, the plain table is in use.

use super::dispatch;
use super::frame::{Pc, Regs};
use crate::objects::exceptions as ex;
use crate::objects::frame::{self, Frame};
use crate::prelude::*;
use std::sync::atomic::Ordering;
use taipan_compiler::Op;

fn choose_table(cx: &Thread) {
    let i = &cx.interp;
    let on = (i.trace.get().is_some() || i.profile.get().is_some()) && i.tracing.get() == 0;
    i.table.set(if on { dispatch::tracing_table() } else { dispatch::plain_table() });
}

/// Changes every thread's trace or profile function, with the threads stopped.
pub fn for_all_threads(cx: &Thread, change: impl Fn(&Thread)) {
    cx.mutator.stop_the_world(|w| {
        w.for_each_mutator(|m| {
            // SAFETY: `user` is null or the state of a stopped thread.
            if let Some(t) = unsafe { (m.user.get() as *const Thread).as_ref() } {
                change(t);
                choose_table(t);
            }
        });
    });
}

pub fn set_trace(cx: &Thread, f: Option<Value>) -> Res<()> {
    cx.interp.trace.set(f);
    choose_table(cx);
    Ok(())
}

pub fn get_trace(cx: &Thread) -> Option<Value> {
    cx.interp.trace.get()
}

pub fn set_profile(cx: &Thread, f: Option<Value>) -> Res<()> {
    cx.interp.profile.set(f);
    choose_table(cx);
    Ok(())
}

pub fn get_profile(cx: &Thread) -> Option<Value> {
    cx.interp.profile.get()
}

/// Calls a trace function with events off.
fn call_back(cx: &Thread, f: Value, frame: &Frame, event: &'static Str, arg: Value) -> Res {
    let i = &cx.interp;
    i.tracing.set(i.tracing.get() + 1);
    choose_table(cx);
    let saved = (i.pending.get(), i.silent.get(), i.returned.get());
    let r = call(cx, f, &[Value::from_ref(frame), Value::from_ref(event), arg]);
    i.pending.set(saved.0);
    i.silent.set(saved.1);
    i.returned.set(saved.2);
    i.tracing.set(i.tracing.get() - 1);
    choose_table(cx);
    r
}

/// An event for the frame's own trace function; what that returns replaces it. An error in it
/// switches tracing off.
fn local_event(cx: &Thread, frame: &'static Frame, event: &'static Str, arg: Value) -> Res<()> {
    let Some(f) = frame.trace.get() else { return Ok(()) };
    if cx.interp.trace.get().is_none() {
        return Ok(());
    }
    match call_back(cx, f, frame, event, arg) {
        Ok(v) => {
            if !v.is_none() {
                frame.trace.set(frame, v);
            }
            Ok(())
        }
        Err(e) => {
            frame.trace.clear(frame);
            set_trace(cx, None)?;
            Err(e)
        }
    }
}

/// An event for the profile function.
fn profile_event(cx: &Thread, frame: &'static Frame, event: &'static Str, arg: Value) -> Res<()> {
    let Some(f) = cx.interp.profile.get() else { return Ok(()) };
    match call_back(cx, f, frame, event, arg) {
        Ok(_) => Ok(()),
        Err(e) => {
            set_profile(cx, None)?;
            Err(e)
        }
    }
}

fn call_event(cx: &Thread, regs: Regs) -> Res<()> {
    let frame = frame::of_regs(cx, regs);
    if let Some(f) = cx.interp.trace.get() {
        match call_back(cx, f, frame, id!(cx, "call"), none()) {
            Ok(v) => frame.trace.set_option(frame, Some(v).filter(|v| !v.is_none())),
            Err(e) => {
                set_trace(cx, None)?;
                return Err(e);
            }
        }
        frame.last_line.store(-1, Ordering::Relaxed);
        frame.last_word.store(-1, Ordering::Relaxed);
    }
    profile_event(cx, frame, id!(cx, "call"), none())
}

fn return_event(cx: &Thread, regs: Regs, v: Value) -> Res<()> {
    let frame = frame::of_regs(cx, regs);
    local_event(cx, frame, id!(cx, "return"), v)?;
    profile_event(cx, frame, id!(cx, "return"), v)
}

fn line_event(cx: &Thread, regs: Regs, at: usize) -> Res<()> {
    if regs.flags() & super::frame::FRAMEOBJ == 0 {
        return Ok(());
    }
    let frame = frame::of_regs(cx, regs);
    if frame.trace.get().is_none() {
        return Ok(());
    }
    if frame.trace_lines.load(Ordering::Relaxed) {
        let lines = regs.code().lines();
        let line = i64::from(lines.get(at).copied().unwrap_or(-1));
        let (last, word) =
            (frame.last_line.load(Ordering::Relaxed), frame.last_word.load(Ordering::Relaxed));
        let starts = at == 0 || lines[at - 1] != lines[at];
        let back = (at as i64) <= word && starts;
        frame.last_word.store(at as i64, Ordering::Relaxed);
        if line >= 0 && (line != last || back) {
            frame.last_line.store(line, Ordering::Relaxed);
            local_event(cx, frame, id!(cx, "line"), none())?;
        }
    }
    if frame.trace_opcodes.load(Ordering::Relaxed) {
        local_event(cx, frame, id!(cx, "opcode"), none())?;
    }
    Ok(())
}

fn events(cx: &Thread, regs: Regs, pc: Pc, word: u64) -> Res<()> {
    if cx.interp.tracing.get() > 0 {
        return Ok(());
    }
    let op = Op::from_byte(word as u8);
    if op == Some(Op::RESUME) {
        call_event(cx, regs)?;
    }
    // Neither is at the start of a line of the source: CPython's are not, either.
    let hidden = matches!(op, Some(Op::RESUME | Op::RETURN_GENERATOR));
    if cx.interp.trace.get().is_some() && !hidden {
        line_event(cx, regs, regs.code().index_of(pc))?;
    }
    let a = (word >> 8 & 0xff) as usize;
    match op {
        Some(Op::RETURN) => return_event(cx, regs, regs.get(a).unwrap_or(none())),
        Some(Op::RETURN_NONE) => return_event(cx, regs, none()),
        Some(Op::YIELD_VALUE | Op::YIELD_DELEGATE) => {
            let b = (word >> 16 & 0xff) as usize;
            return_event(cx, regs, regs.get(b).unwrap_or(none()))
        }
        _ => Ok(()),
    }
}

/// The events before an instruction. False: a trace function raised; the exception is pending.
#[inline(never)]
pub fn before(cx: &Thread, regs: Regs, pc: Pc, word: u64) -> bool {
    match events(cx, regs, pc, word) {
        Ok(()) => true,
        Err(e) => {
            cx.interp.pending.set(Some(e.0));
            false
        }
    }
}

/// The `exception` event of a frame.
pub fn exception(cx: &Thread, regs: Regs, e: Value) -> Res<()> {
    let frame = frame::of_regs(cx, regs);
    if frame.trace.get().is_none() {
        return Ok(());
    }
    let tb = ex::of(e).traceback.get().unwrap_or(none());
    let arg = Tuple::from_slice(cx, &[Value::from_ref(e.ty()), e, tb]);
    local_event(cx, frame, id!(cx, "exception"), Value::from_ref(arg))
}

/// A frame is left by an exception: its `return` event.
pub fn unwound(cx: &Thread, regs: Regs) {
    if cx.interp.tracing.get() > 0 {
        return;
    }
    // An error in the trace function cannot replace the exception in flight; tracing is off then.
    let _ = return_event(cx, regs, none());
}

/// `c_call`, `c_return`, `c_exception` for the profile function.
pub fn native_call(cx: &Thread, regs: Regs, event: &'static Str, callee: Value) -> Res<()> {
    if cx.interp.profile.get().is_none() || cx.interp.tracing.get() > 0 {
        return Ok(());
    }
    profile_event(cx, frame::of_regs(cx, regs), event, callee)
}

/// `frame.f_lineno = n`.
pub fn set_line(cx: &Thread, f: &Frame, v: Option<Value>) -> Res<()> {
    let _ = f;
    match v {
        None => raise!(cx, AttributeError, "cannot delete attribute"),
        Some(v) if int_to_i64(v).is_none() => raise!(cx, ValueError, "lineno must be an integer"),
        Some(_) => raise!(cx, ValueError, "f_lineno can only be set in a trace function"),
    }
}
