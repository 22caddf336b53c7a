//! `sys.settrace` and `sys.setprofile`.
//!
//! While a thread traces, it dispatches through another table (`dispatch::tracing_table`) whose
//! every handler asks `before` for events and then runs the instruction's own handler; so tracing
//! costs nothing when it is off. While a trace function runs, the plain table is in use.
//!
//! What happened is read off the instruction that the frame executed last and the one it is at:
//! `Step`. `lines` says where a line starts, `jump` is `frame.f_lineno = n`.

mod jump;
mod lines;
pub mod monitoring;

pub use jump::set_line;
pub use lines::Lines;

use super::dispatch;
use super::frame::{Pc, Regs, TWO_WORDS, WIDE};
use crate::objects::exceptions as ex;
use crate::objects::frame::{self, Frame};
use crate::prelude::*;
use monitoring::event;
use std::sync::atomic::Ordering;
use taipan_compiler::Op;
use taipan_compiler::opcode::{Instr, decode};

fn choose_table(cx: &Thread) {
    let i = &cx.interp;
    let legacy = i.trace.get().is_some() || i.profile.get().is_some();
    let on = (legacy || monitoring::is_active()) && i.tracing.get() == 0;
    i.table.set(if on { dispatch::tracing_table() } else { dispatch::plain_table() });
    i.watches_calls.set(i.profile.get().is_some() || monitoring::watches_calls());
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

/// What a trace function that runs was called for: it decides whether the frame may jump.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Call,
    Resume,
    Line,
    Opcode,
    Return,
    Yield,
    Exception,
    NativeCall,
    NativeReturn,
}

/// Calls a trace function with events off.
fn call_back(cx: &Thread, f: Value, frame: &Frame, (kind, event): Event, arg: Value) -> Res {
    let args = [Value::from_ref(frame), Value::from_ref(event), arg];
    quietly(cx, Some((kind, args[0])), || call(cx, f, &args))
}

/// Calls `f`, which calls a tool, with events off.
fn quietly(cx: &Thread, event: Option<(Kind, Value)>, f: impl FnOnce() -> Res) -> Res {
    let i = &cx.interp;
    i.tracing.set(i.tracing.get() + 1);
    let event_before = i.event.replace(event);
    choose_table(cx);
    let saved = (i.pending.get(), i.silent.get(), i.returned.get());
    let r = f();
    i.pending.set(saved.0);
    i.silent.set(saved.1);
    i.returned.set(saved.2);
    i.event.set(event_before);
    i.tracing.set(i.tracing.get() - 1);
    choose_table(cx);
    r
}

type Event = (Kind, &'static Str);

/// `sys.call_tracing`: calls with events on, as if no trace function ran.
pub fn call_tracing(cx: &Thread, func: Value, args: &[Value]) -> Res {
    let i = &cx.interp;
    let (depth, event) = (i.tracing.replace(0), i.event.take());
    choose_table(cx);
    let r = call(cx, func, args);
    i.tracing.set(depth);
    i.event.set(event);
    choose_table(cx);
    r
}

/// An event for the frame's own trace function; what that returns replaces it. An error in it
/// switches tracing off.
fn local_event(cx: &Thread, frame: &'static Frame, event: Event, arg: Value) -> Res<()> {
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
fn profile_event(cx: &Thread, frame: &'static Frame, event: Event, arg: Value) -> Res<()> {
    let Some(f) = cx.interp.profile.get() else { return Ok(()) };
    match call_back(cx, f, frame, event, arg) {
        Ok(_) => Ok(()),
        Err(e) => {
            set_profile(cx, None)?;
            Err(e)
        }
    }
}

/// What a frame does next, and what it did last.
struct Step {
    regs: Regs,
    /// Word of the instruction it is at.
    at: usize,
    op: Op,
    word: u64,
    /// The instruction executed last in this frame, and its word; none at the start.
    last: Option<(usize, Instr)>,
}

impl Step {
    fn new(regs: Regs, pc: Pc, last: u64, word: u64) -> Option<Step> {
        let code = regs.code();
        let words = &code.unit().code;
        let back = usize::from(last & TWO_WORDS != 0);
        let index =
            ((last & !(TWO_WORDS | WIDE)) as usize).wrapping_sub(code.start().0 as usize) / 4;
        // At the start the word of the frame where the last place is kept holds anything.
        let last = (index < words.len())
            .then(|| index.saturating_sub(back))
            .and_then(|i| decode(words, i).map(|ins| (i, ins)));
        let op = Op::from_byte(word as u8)?;
        Some(Step { regs, at: code.index_of(pc), op, word, last })
    }

    fn last_op(&self) -> Option<Op> {
        self.last.map(|(_, i)| i.op)
    }

    /// Where the last instruction was, if it has jumped here.
    fn jumped_from(&self) -> Option<usize> {
        let (from, i) = self.last?;
        let to = from as i64 + i64::from(i.len) + i64::from(i.jump()?);
        (to == self.at as i64).then_some(from)
    }

    /// The line that starts here, if it does (CPython's `INSTRUMENTED_LINE`).
    fn new_line(&self, lines: &Lines) -> Option<u32> {
        let line = lines.line(self.at).filter(|_| lines.starts(self.at))?;
        let same =
            self.last.is_some_and(|(last, i)| lines.line(last) == Some(line) && i.op != Op::RESUME);
        (!same).then_some(line)
    }

    /// As `new_line`, and where a loop within one line turns.
    fn line(&self, lines: &Lines) -> Option<u32> {
        if let Some(line) = self.new_line(lines) {
            return Some(line);
        }
        let line = lines.line(self.at)?;
        let (last, i) = self.last?;
        if lines.line(last) != Some(line) || i.op == Op::RESUME {
            return None;
        }
        // A loop within a line. The jump back to a SEND is a part of `await`; a loop over an iterator
        // jumps back, in CPython, to what is its last instruction here.
        let turn = match self.last_op() {
            _ if self.op == Op::FOR_NEXT => self.next_jumps_back(),
            Some(Op::JUMP | Op::FOR_NEXT) => false,
            _ => self.jumped_from().is_some_and(|from| self.at <= from),
        };
        turn.then_some(line)
    }

    /// Does the jump that the frame is at go back?
    fn next_jumps_back(&self) -> bool {
        decode(&self.regs.code().unit().code, self.at).and_then(|i| i.jump()).is_some_and(|d| d < 0)
    }

    /// Calls `f` with the frame at the instruction that it executed last.
    fn at_last<R>(&self, f: impl FnOnce() -> R) -> R {
        let Some((last, _)) = self.last else { return f() };
        let here = self.regs.saved_pc();
        self.regs.save_pc(self.regs.code().pc_at(last), 0);
        let r = f();
        let tag = here & (TWO_WORDS | WIDE);
        self.regs.save_pc(Pc((here ^ tag) as *const u32), tag);
        r
    }

    /// The value with which the generator of a loop, or what `SEND` waited for, has just ended: in
    /// CPython, it raised StopIteration.
    fn ended_with(&self, cx: &Thread) -> Option<Value> {
        if self.last_op() == Some(Op::FOR_NEXT) {
            return cx.interp.loop_ended.take();
        }
        let (_, i) = self.last.filter(|(_, i)| i.op == Op::SEND)?;
        self.jumped_from()?;
        self.regs.get(i.a as usize).filter(|v| !v.is_none())
    }

    fn operand(&self, shift: u32) -> Value {
        self.regs.get((self.word >> shift & 0xff) as usize).unwrap_or(none())
    }
}

fn call_event(cx: &Thread, regs: Regs, kind: Kind) -> Res<()> {
    let frame = frame::of_regs(cx, regs);
    if let Some(f) = cx.interp.trace.get() {
        match call_back(cx, f, frame, (kind, id!(cx, "call")), none()) {
            Ok(v) => frame.trace.set_option(frame, Some(v).filter(|v| !v.is_none())),
            Err(e) => {
                set_trace(cx, None)?;
                return Err(e);
            }
        }
    }
    profile_event(cx, frame, (kind, id!(cx, "call")), none())
}

fn return_event(cx: &Thread, regs: Regs, kind: Kind, v: Value) -> Res<()> {
    let frame = frame::of_regs(cx, regs);
    local_event(cx, frame, (kind, id!(cx, "return")), v)?;
    profile_event(cx, frame, (kind, id!(cx, "return")), v)
}

fn line_event(cx: &Thread, step: &Step) -> Res<()> {
    if step.regs.flags() & super::frame::FRAMEOBJ == 0 {
        return Ok(());
    }
    let frame = frame::of_regs(cx, step.regs);
    if frame.trace.get().is_none() {
        return Ok(());
    }
    if frame.opcodes_begin.swap(false, Ordering::Relaxed)
        && frame.trace_opcodes.load(Ordering::Relaxed)
        && step.last.is_some()
    {
        // CPython has one more instruction there, which drops or stores the call's value.
        step.at_last(|| local_event(cx, frame, (Kind::Opcode, id!(cx, "opcode")), none()))?;
    }
    if frame.trace_lines.load(Ordering::Relaxed) && step.line(step.regs.code().lines()).is_some() {
        local_event(cx, frame, (Kind::Line, id!(cx, "line")), none())?;
    }
    if frame.trace_opcodes.load(Ordering::Relaxed) {
        local_event(cx, frame, (Kind::Opcode, id!(cx, "opcode")), none())?;
    }
    Ok(())
}

fn events(cx: &Thread, step: &Step) -> Res<()> {
    let regs = step.regs;
    if step.op == Op::RESUME {
        let start = step.word >> 8 & 0xff == 0;
        call_event(cx, regs, if start { Kind::Call } else { Kind::Resume })?;
        if !start && regs.flags() & super::frame::FRAMEOBJ != 0 {
            frame::of_regs(cx, regs).go_to_chosen_place();
        }
        return Ok(());
    }
    if cx.interp.trace.get().is_some() {
        if let Some(v) = step.ended_with(cx) {
            let stop = Raised::with_args(cx, exc::StopIteration(), &[v]);
            step.at_last(|| exception(cx, regs, stop.0))?;
        }
        line_event(cx, step)?;
    }
    match step.op {
        Op::RETURN => return_event(cx, regs, Kind::Return, step.operand(8)),
        Op::RETURN_NONE => return_event(cx, regs, Kind::Return, none()),
        Op::YIELD_VALUE | Op::YIELD_DELEGATE => {
            return_event(cx, regs, Kind::Yield, step.operand(16))
        }
        _ => Ok(()),
    }
}

/// The events before an instruction. `last` is what the frame saved as its place at the instruction
/// before. False: a trace function raised; the exception is pending.
#[inline(never)]
pub fn before(cx: &Thread, regs: Regs, pc: Pc, last: u64, word: u64) -> bool {
    if cx.interp.tracing.get() > 0 {
        return true;
    }
    let Some(step) = Step::new(regs, pc, last, word) else { return true };
    let mut r = Ok(());
    if cx.interp.trace.get().is_some() || cx.interp.profile.get().is_some() {
        r = events(cx, &step);
    }
    // A trace function may have sent the frame elsewhere.
    if r.is_ok() && monitoring::is_active() && regs.pc() == pc {
        r = monitoring::before(cx, &step);
    }
    match r {
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
    local_event(cx, frame, (Kind::Exception, id!(cx, "exception")), Value::from_ref(arg))
}

/// A frame is left by an exception: its `return` event. An error here takes the exception's place.
pub fn unwound(cx: &Thread, regs: Regs) -> Res<()> {
    if cx.interp.tracing.get() > 0 {
        return Ok(());
    }
    return_event(cx, regs, Kind::Return, none())?;
    match cx.interp.pending.get() {
        Some(e) => monitoring::with_exception(cx, regs, event::PY_UNWIND, regs.lasti(), e),
        None => Ok(()),
    }
}

/// An exception is raised in a frame, or `again`: the events of the frame.
pub fn raised(cx: &Thread, regs: Regs, e: Value, again: bool) -> Res<()> {
    if cx.interp.tracing.get() > 0 {
        return Ok(());
    }
    if !again && cx.interp.trace.get().is_some() {
        exception(cx, regs, e)?;
    }
    let what = if again { event::RERAISE } else { event::RAISE };
    monitoring::with_exception(cx, regs, what, regs.lasti(), e)
}

/// A handler of the frame, at the word, takes the exception.
pub fn handled(cx: &Thread, regs: Regs, word: usize, e: Value) -> Res<()> {
    monitoring::with_exception(cx, regs, event::EXCEPTION_HANDLED, word, e)
}

/// An exception is thrown into a generator, whose frame goes on with it.
pub fn thrown(cx: &Thread, regs: Regs, e: Value) -> Res<()> {
    if cx.interp.tracing.get() > 0 || !cx.interp.table.get().traces {
        return Ok(());
    }
    if cx.interp.trace.get().is_some() || cx.interp.profile.get().is_some() {
        call_event(cx, regs, Kind::Exception)?;
    }
    monitoring::with_exception(cx, regs, event::PY_THROW, regs.lasti(), e)
}

/// `c_call`, `c_return`, `c_exception` for the profile function.
pub fn native_call(cx: &Thread, regs: Regs, event: &'static Str, callee: Value) -> Res<()> {
    if cx.interp.profile.get().is_none() || cx.interp.tracing.get() > 0 {
        return Ok(());
    }
    let kind = if event.eq(id!(cx, "c_call")) { Kind::NativeCall } else { Kind::NativeReturn };
    profile_event(cx, frame::of_regs(cx, regs), (kind, event), callee)
}
