//! `generator`, and what generators, coroutines and async generators have in common: the frame
//! that is put aside and taken up again.
//!
//! The frame lies in a raw scanned cell, header included, so that a `Regs` designates it as it does
//! a frame on the VM stack; it runs there, too. Whoever changes the state from CREATED or SUSPENDED
//! to RUNNING by compare-and-swap owns the generator.

use super::exceptions as ex;
use super::frame;
use super::object::Object;
use crate::interp::call::with_room;
use crate::interp::dispatch::{GOES_ON, run, run_code};
use crate::interp::frame::{
    ENTRY, FRAMEOBJ, FULL_HEADER, GEN, GEN_HEADER, Pc, Regs, TWO_WORDS, WIDE,
};
use crate::interp::{leave, unwind};
use crate::objects::code::Code;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use crate::vm::VM;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use taipan_compiler::Op;
use taipan_compiler::code::flags;

pub const CREATED: u32 = 0;
pub const SUSPENDED: u32 = 1;
pub const RUNNING: u32 = 2;
pub const FINISHED: u32 = 3;

/// What `push_for_loop` and `push_send` say of a generator that has ended.
pub const EXHAUSTED: u64 = 2;

/// The part of the struct that all three kinds share.
#[repr(C)]
pub struct Core {
    state: AtomicU32,
    pub code: Slot,
    pub name: Slot,
    pub qualname: Slot,
    /// Register 0 of the frame; null when finished.
    frame: AtomicUsize,
    /// The exception handled inside.
    handled: Slot,
    /// While running: what the thread handled outside.
    outer_handled: Slot,
    outer_inherited: Slot,
    /// `cr_origin`.
    pub origin: Slot,
    /// Async generators: the finalizer hook.
    pub finalizer: Slot,
    /// Async generators: hooks called, closed, an asend or athrow is under way.
    pub hooked: AtomicU32,
    pub closed: AtomicU32,
    pub busy: AtomicU32,
}

#[repr(C)]
pub struct Generator {
    pub head: Head,
    pub core: Core,
}

crate::pytype! { Generator, PyGen_Type, name: "generator", module: "builtins", base: Object, weakref: true }

/// Once the types are ready: instances are noted for finalisation only where something has to run
/// when they are dropped (`suspend`, `coroutine::alloc`), not all of them at birth.
pub fn finish_types() {
    for t in [
        Generator::type_object(),
        super::coroutine::Coroutine::type_object(),
        super::async_generator::AsyncGenerator::type_object(),
    ] {
        t.info().layout.has_finalizer.store(false, Ordering::Relaxed);
    }
}

/// The common view of a generator, coroutine or async generator.
#[inline(always)]
pub fn view(v: Value) -> &'static Generator {
    // SAFETY: callers have checked the type; the three structs have the same layout.
    unsafe { &*(v.bits() as *const Generator) }
}

/// Exact types of the three kinds.
#[inline(always)]
pub fn is_generator(v: Value) -> bool {
    v.downcast_exact::<Generator>().is_some()
}

#[inline(always)]
pub fn is_generator_or_coroutine(v: Value) -> bool {
    is_generator(v) || v.downcast_exact::<super::coroutine::Coroutine>().is_some()
}

impl Core {
    fn new() -> Core {
        Core {
            state: AtomicU32::new(CREATED),
            code: Slot::empty(),
            name: Slot::empty(),
            qualname: Slot::empty(),
            frame: AtomicUsize::new(0),
            handled: Slot::empty(),
            outer_handled: Slot::empty(),
            outer_inherited: Slot::empty(),
            origin: Slot::empty(),
            finalizer: Slot::empty(),
            hooked: AtomicU32::new(0),
            closed: AtomicU32::new(0),
            busy: AtomicU32::new(0),
        }
    }

    pub fn state(&self) -> u32 {
        self.state.load(Ordering::Acquire)
    }

    /// Whether the generator was in that state and now counts as running: it is the caller's.
    fn claim(&self, state: u32) -> bool {
        self.state.compare_exchange(state, RUNNING, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    pub fn code(&self) -> &'static Code {
        self.code.value().downcast_exact::<Code>().expect("a generator has code")
    }

    /// The frame; null when finished.
    #[inline(always)]
    pub fn frame_regs(&self) -> Regs {
        Regs(self.frame.load(Ordering::Acquire) as *mut u64)
    }
}

/// Room for a frame in the heap. The registers are empty.
pub fn frame_cell(cx: &Thread, nregs: usize) -> Regs {
    let bytes = 16 + 8 * (GEN_HEADER + nregs);
    let p = cx.mutator.alloc_raw(bytes, Kind::Scan).as_ptr();
    Regs(p.wrapping_add(16 + 8 * GEN_HEADER) as *mut u64)
}

/// A generator of the kind that the code says, owning the running frame, which is about to be left.
#[inline(never)]
pub fn from_frame(cx: &Thread, regs: Regs) -> Value {
    let code = regs.code();
    let core = Core::new();
    core.code.init(Some(Value::from_ref(code)));
    let callee = frame::function_of(regs);
    core.name.init(callee.map_or(code.name.get(), |f| f.name.get()));
    core.qualname.init(callee.map_or(code.qualname.get(), |f| f.qualname.get()));
    let head = fresh_head();
    let v = if code.has(flags::CO_COROUTINE) {
        super::coroutine::alloc(cx, core)
    } else if code.has(flags::CO_ASYNC_GENERATOR) {
        let g = cx.alloc(super::async_generator::AsyncGenerator { head, core });
        cx.mutator.set_finalizer(std::ptr::NonNull::from(&g.head));
        Value::from_ref(g)
    } else {
        Value::from_ref(cx.alloc(Generator { head, core }))
    };
    let g = view(v);
    let cell = frame_cell(cx, code.nregs as usize);
    regs.copy_to(cell, code.nlocals as usize);
    cell.set_prev(Regs::NULL);
    cell.set_extra(v);
    cell.set_code(code, GEN | regs.flags() & FRAMEOBJ);
    taipan_heap::slot::barrier(&g.core.frame);
    g.core.frame.store(cell.0 as usize, Ordering::Release);
    if regs.flags() & FRAMEOBJ != 0 {
        frame::moved(regs, cell, Some(v));
        regs.clear_flag(FRAMEOBJ);
    }
    v
}

/// Why a generator cannot be resumed.
enum Refused {
    Running,
    Finished,
    TooDeep,
}

/// Takes the generator and makes its frame the running one, with extra flags. `base`: register 0
/// of a frame above all others.
#[inline(always)]
fn push(cx: &Thread, g: &'static Generator, base: Regs, extra: u64) -> Result<Regs, Refused> {
    let core = &g.core;
    let interp = &cx.interp;
    let depth = interp.depth.get() + 1;
    if depth > VM.recursion_limit() {
        return Err(Refused::TooDeep);
    }
    let state = core.state.load(Ordering::Acquire);
    if state >= RUNNING {
        return Err(if state == RUNNING { Refused::Running } else { Refused::Finished });
    }
    if taipan_heap::lock::alone() {
        core.state.store(RUNNING, Ordering::Relaxed);
    } else if core
        .state
        .compare_exchange(state, RUNNING, Ordering::AcqRel, Ordering::Acquire)
        .is_err()
    {
        return Err(Refused::Running);
    }
    let regs = core.frame_regs();
    regs.set_prev(interp.regs.get());
    regs.set_base(base);
    if extra != 0 {
        regs.add_flag(extra);
    }
    let (handled, inherited) = (interp.handled.get(), interp.inherited.get());
    if handled.is_some() || inherited.is_some() {
        core.outer_handled.set_option(g, handled);
        core.outer_inherited.set_option(g, inherited);
        interp.inherited.set(handled.or(inherited));
    }
    interp.handled.set(core.handled.get());
    interp.depth.set(depth);
    interp.regs.set(regs);
    Ok(regs)
}

/// Puts the value sent into the register that the yield instruction names; the next pc.
fn accept(regs: Regs, sent: Value) -> Pc {
    let pc = regs.pc();
    let word = pc.word();
    if word as u8 != Op::RETURN_GENERATOR as u8 {
        let high = if regs.saved_pc() & WIDE != 0 { pc.at(-1) as usize >> 8 & 0xff } else { 0 };
        regs.set((word >> 8 & 0xff) as usize | high << 8, sent);
    }
    pc.add(1)
}

/// The running generator's frame stops running.
#[inline(always)]
fn put_aside(cx: &Thread, regs: Regs) {
    let g = view(regs.extra());
    let core = &g.core;
    let interp = &cx.interp;
    let code = regs.code();
    let prev = regs.prev();
    let (kept, tries) = code.yield_facts();
    // What no yield keeps would only keep garbage alive.
    regs.clear(kept, code.nregs as usize);
    regs.set_prev(Regs::NULL);
    regs.clear_flag(ENTRY);
    // The registers were written without a barrier.
    regs.barrier(kept);
    if tries && !g.head.has_flag(taipan_heap::flag::FINALIZER) && in_try(code, regs.lasti()) {
        cx.mutator.set_finalizer(std::ptr::NonNull::from(&g.head));
    }
    let handled = interp.handled.get();
    if handled.is_some() || !core.handled.is_empty() {
        core.handled.set_option(g, handled);
    }
    restore_outer(cx, g);
    interp.regs.set(prev);
    interp.depth.set(interp.depth.get() - 1);
    core.state.store(SUSPENDED, Ordering::Release);
}

/// Takes up a generator that nothing special is to be done for, with `flag` set in its frame: where
/// it goes on; `None`: nothing was done, `push` is the way. No call is made here, so that it
/// can be part of a handler. `base`: as `push`.
#[inline(always)]
pub fn take_up(
    cx: &Thread,
    gen_: Value,
    sent: Value,
    base: Regs,
    flag: u64,
) -> Option<(Pc, Regs, &'static Code)> {
    let core = &view(gen_).core;
    let interp = &cx.interp;
    let depth = interp.depth.get() + 1;
    let state = core.state.load(Ordering::Acquire);
    if state > SUSPENDED || depth > VM.recursion_limit() || base.0 > interp.limit.get() {
        return None;
    }
    let handles =
        Value::option_bits(interp.handled.get()) | Value::option_bits(interp.inherited.get());
    if handles != 0 || (state == CREATED && !sent.is_none()) {
        return None;
    }
    if taipan_heap::lock::alone() {
        core.state.store(RUNNING, Ordering::Relaxed);
    } else if core
        .state
        .compare_exchange(state, RUNNING, Ordering::AcqRel, Ordering::Relaxed)
        .is_err()
    {
        return None;
    }
    let regs = core.frame_regs();
    let at = regs.saved_pc();
    // Asked only now that the generator is this thread's.
    if at & WIDE != 0 || !core.handled.is_empty() {
        core.state.store(state, Ordering::Release);
        return None;
    }
    regs.set_prev(interp.regs.get());
    regs.set_base(base);
    // Read once: what was just written is slow to read again.
    let word = regs.code_word();
    if flag != 0 {
        regs.set_code_word(word | flag);
    }
    interp.depth.set(depth);
    interp.regs.set(regs);
    let pc = Pc((at & !3) as *const u32);
    // The instruction that yielded. At first it is RETURN_GENERATOR, which stands for register 0, and that
    // stays as it is: a branch would fail once for each generator of a few items.
    let to = (pc.word() >> 8 & 0xff) as usize;
    debug_assert!(to < Regs::code_of(word).nregs as usize, "a register of the frame");
    let kept = regs.bits(to);
    regs.set_bits(to, std::hint::select_unpredictable(state == SUSPENDED, sent.bits(), kept));
    Some((pc.add(1), regs, Regs::code_of(word)))
}

/// Register 0 of a frame above the running one.
#[inline(always)]
pub fn above(regs: Regs, code: &Code) -> Regs {
    if regs.code_word() & GEN != 0 {
        regs.base()
    } else {
        regs.add(code.nregs as usize + FULL_HEADER)
    }
}

/// What became of a frame that yields.
pub enum Yielded {
    /// Nothing yet: `suspend` is the way.
    No,
    /// The frame that resumed it goes on.
    To(Pc, Regs),
    /// The dispatch loop ends with the value.
    Rust,
}

/// The counterpart of `take_up`.
#[inline(always)]
pub fn set_down(cx: &Thread, regs: Regs, code: &Code, v: Value) -> Yielded {
    let word = regs.code_word();
    let (prev, interp) = (regs.prev(), &cx.interp);
    let g = view(regs.extra());
    let core = &g.core;
    let facts = code.yield_facts_word();
    let noted = facts & 2 == 0 || g.head.has_flag(taipan_heap::flag::FINALIZER);
    let handles = Value::option_bits(interp.handled.get())
        | Value::option_bits(core.handled.get())
        | Value::option_bits(core.outer_handled.get())
        | Value::option_bits(core.outer_inherited.get());
    if facts == 0 || !noted || handles != 0 {
        return Yielded::No;
    }
    let mut to = Yielded::Rust;
    if word & ENTRY == 0 {
        let at = prev.saved_pc();
        if at & 3 != 0 {
            return Yielded::No;
        }
        let pc = Pc(at as *const u32);
        let word = pc.word();
        prev.set((word >> 8 & 0xff) as usize, v);
        let jump = if word as u8 == Op::FOR_NEXT as u8 { pc.at(1) as i32 as isize } else { 0 };
        to = Yielded::To(pc.add(2 + jump), prev);
    } else {
        regs.clear_flag(ENTRY);
        interp.yielded.set(true);
    }
    let kept = (facts >> 2) as usize;
    regs.clear_few(kept, code.nregs as usize);
    regs.set_prev(Regs::NULL);
    regs.barrier(kept);
    interp.inherited.set(None);
    interp.regs.set(prev);
    interp.depth.set(interp.depth.get() - 1);
    core.state.store(SUSPENDED, Ordering::Release);
    to
}

/// Runs `f` while the suspended generator counts as running and its frame as the caller: what it
/// delegates to is being closed or thrown into.
fn as_caller<R>(cx: &Thread, this: Value, f: impl FnOnce() -> Res<R>) -> Res<R> {
    let g = view(this);
    with_room(cx, 0, |base| {
        let regs = match push(cx, g, base, ENTRY) {
            Ok(regs) => regs,
            Err(r) => return Err(refusal(cx, this, r)),
        };
        let r = f();
        put_aside(cx, regs);
        r
    })
}

/// The running generator yields. The result is as `leave`'s.
#[inline(never)]
pub fn suspend(cx: &Thread, regs: Regs, v: Value) -> u64 {
    let (flags, prev) = (regs.flags(), regs.prev());
    let interp = &cx.interp;
    put_aside(cx, regs);
    if flags & ENTRY != 0 {
        interp.yielded.set(true);
        return v.bits();
    }
    leave::deliver_yield(cx, prev, v.bits())
}

/// Is the instruction protected by more than the handler that turns StopIteration into an error?
/// Then something has to run when the generator is dropped.
pub fn in_try(code: &Code, at: usize) -> bool {
    let Some(h) = code.find_handler(at) else { return false };
    let word = code.pc_at(h.handler as usize).word();
    !(word as u8 == Op::CALL_INTRINSIC_1 as u8
        && (word >> 24) as u8 == taipan_compiler::opcode::intrinsic1::STOPITERATION_ERROR)
}

fn restore_outer(cx: &Thread, g: &Generator) {
    let (interp, core) = (&cx.interp, &g.core);
    // Plain loads and stores: the running generator belongs to this thread.
    let (handled, inherited) = (core.outer_handled.get(), core.outer_inherited.get());
    interp.handled.set(handled);
    interp.inherited.set(inherited);
    if handled.is_some() || inherited.is_some() {
        core.outer_handled.clear(g);
        core.outer_inherited.clear(g);
    }
}

/// The running generator's frame was left for good.
pub fn finish(cx: &Thread, this: Value) {
    let g = view(this);
    restore_outer(cx, g);
    if !g.core.handled.is_empty() {
        g.core.handled.clear(g);
    }
    // Stale words may still lead to the cell: the collector must know what was last stored there.
    let regs = g.core.frame_regs();
    regs.barrier(regs.code().nregs as usize);
    g.core.frame.store(0, Ordering::Release);
    g.core.state.store(FINISHED, Ordering::Release);
    // `__del__` does nothing now: the collector need not bring the dead back for it.
    if g.head.has_flag(taipan_heap::flag::FINALIZER) {
        taipan_heap::clear_finalizer(&g.head);
    }
}

/// Ends a generator that this thread has claimed and does not run.
fn end_claimed(g: &Generator) {
    let regs = g.core.frame_regs();
    if !regs.is_null() && regs.flags() & FRAMEOBJ != 0 {
        frame::abandoned(regs);
    }
    g.core.frame.store(0, Ordering::Release);
    g.core.state.store(FINISHED, Ordering::Release);
}

/// The next item for a loop of the running frame: `GOES_ON` (a frame to enter is in `goes_on`),
/// `EXHAUSTED`, or 0 with an exception pending.
#[inline(never)]
pub fn push_for_loop(cx: &Thread, gen_: Value) -> u64 {
    push_in_frame(cx, gen_, none())
}

/// As `push_for_loop`, for `SEND`.
#[inline(never)]
pub fn push_send(cx: &Thread, gen_: Value, sent: Value) -> u64 {
    push_in_frame(cx, gen_, sent)
}

fn push_in_frame(cx: &Thread, gen_: Value, sent: Value) -> u64 {
    let g = view(gen_);
    let fail = |e: Raised| crate::interp::call::fail(cx, e);
    if g.core.state() == CREATED && !sent.is_none() {
        return fail(sent_too_early(cx, gen_));
    }
    let caller = cx.interp.regs.get();
    let Some(base) = cx.interp.room(0) else {
        // The stack's chunk is full: a nested dispatch loop takes a new one.
        return match resume(cx, gen_, Sent::Value(sent)) {
            Ok(Step::Yield(v)) => leave::deliver_yield(cx, caller, v.bits()),
            Ok(Step::Return(v)) => leave::deliver_end(cx, caller, v.bits()),
            Err(e) => fail(e),
        };
    };
    match push(cx, g, base, 0) {
        Ok(regs) => {
            let pc = accept(regs, sent);
            cx.interp.goes_on.set((pc, regs));
            GOES_ON
        }
        Err(Refused::Finished) if is_generator(gen_) => EXHAUSTED,
        Err(r) => fail(refusal(cx, gen_, r)),
    }
}

/// What is sent into a generator.
#[derive(Clone, Copy)]
pub enum Sent {
    Value(Value),
    Throw(Raised),
}

/// What a generator did.
#[derive(Clone, Copy)]
pub enum Step {
    Yield(Value),
    Return(Value),
}

/// Resumes a generator from Rust.
pub fn resume(cx: &Thread, this: Value, sent: Sent) -> Res<Step> {
    let g = view(this);
    let state = g.core.state();
    if let (CREATED, Sent::Value(v)) = (state, sent) {
        if !v.is_none() {
            return Err(sent_too_early(cx, this));
        }
    }
    if state == FINISHED {
        return match sent {
            _ if super::coroutine::is_coroutine(this) => Err(refusal(cx, this, Refused::Finished)),
            Sent::Value(_) => Ok(Step::Return(none())),
            Sent::Throw(e) => Err(e),
        };
    }
    if cx.stack_low() {
        return Err(cx.recursion_error(""));
    }
    let r = with_room(cx, 0, |base| {
        let regs = match push(cx, g, base, ENTRY) {
            Ok(regs) => regs,
            Err(r) => return Err(refusal(cx, this, r)),
        };
        cx.interp.yielded.set(false);
        match sent {
            Sent::Value(v) => run(cx, accept(regs, v), regs),
            Sent::Throw(e) => {
                // Only what the generator itself handles becomes the context (`_PyErr_ChainStackItem`).
                if cx.interp.handled.get().is_some() {
                    unwind::chain_context(cx, e);
                }
                let e = match crate::interp::trace::thrown(cx, regs, e.0) {
                    Ok(()) => e,
                    Err(new) => new,
                };
                cx.interp.pending.set(Some(e.0));
                if unwind::search(cx, false) == 0 {
                    return Err(Raised(cx.interp.pending.take().expect("it was not handled")));
                }
                let (pc, regs) = cx.interp.goes_on.get();
                run(cx, pc, regs)
            }
        }
    })?;
    if cx.interp.yielded.replace(false) { Ok(Step::Yield(r)) } else { Ok(Step::Return(r)) }
}

/// Calls `f` with what the generator yields from here on.
#[inline(always)]
pub fn for_each(cx: &Thread, this: Value, mut f: impl FnMut(Value) -> Res<()>) -> Res<()> {
    // The caller's frame stays the newest between two items.
    let base = cx.interp.room(0).filter(|_| !cx.stack_low());
    let mut n = 0;
    loop {
        let step = match base.and_then(|b| resume_at(cx, this, none(), b)) {
            Some(r) => r,
            None => resume(cx, this, Sent::Value(none())),
        };
        match step? {
            Step::Yield(v) => f(v)?,
            Step::Return(_) => return Ok(()),
        }
        n += 1;
        if n & 0x3FF == 0 {
            cx.poll()?;
        }
    }
}

/// As `resume` where nothing special is to be done; `None`: something is.
#[inline(always)]
fn resume_plainly(cx: &Thread, this: Value, v: Value) -> Option<Res<Step>> {
    let base = cx.interp.room(0).filter(|_| !cx.stack_low())?;
    resume_at(cx, this, v, base)
}

/// As `resume_plainly` with room for a frame above all others at `base`.
#[inline(always)]
fn resume_at(cx: &Thread, this: Value, v: Value, base: Regs) -> Option<Res<Step>> {
    let interp = &cx.interp;
    let (pc, regs, code) = take_up(cx, this, v, base, ENTRY)?;
    interp.yielded.set(false);
    Some(
        run_code(cx, pc, regs, code)
            .map(|v| if interp.yielded.replace(false) { Step::Yield(v) } else { Step::Return(v) }),
    )
}

fn kind_name(v: Value) -> &'static str {
    if is_generator(v) {
        "generator"
    } else if super::coroutine::is_coroutine(v) {
        "coroutine"
    } else {
        "async generator"
    }
}

#[cold]
fn sent_too_early(cx: &Thread, this: Value) -> Raised {
    err!(cx, TypeError, "can't send non-None value to a just-started {}", kind_name(this))
}

#[cold]
fn refusal(cx: &Thread, this: Value, r: Refused) -> Raised {
    match r {
        Refused::Running => err!(cx, ValueError, "{} already executing", kind_name(this)),
        Refused::TooDeep => cx.recursion_error(""),
        Refused::Finished if super::coroutine::is_coroutine(this) => {
            err!(cx, RuntimeError, "cannot reuse already awaited coroutine")
        }
        Refused::Finished => Raised::with_args(cx, exc::StopIteration(), &[]),
    }
}

/// The iterator that a suspended generator delegates to (`gi_yieldfrom`).
pub fn delegate_of(v: Value) -> Option<Value> {
    let g = view(v);
    if g.core.state() != SUSPENDED {
        return None;
    }
    let regs = g.core.frame_regs();
    if regs.is_null() || regs.saved_pc() & TWO_WORDS != 0 {
        return None;
    }
    let pc = regs.pc();
    let word = pc.word();
    if word as u8 != Op::YIELD_DELEGATE as u8 {
        return None;
    }
    let high = if regs.saved_pc() & WIDE != 0 { pc.at(-1) as usize >> 24 } else { 0 };
    regs.get((word >> 24) as usize | high << 8)
}

/// `StopIteration(v)`; None is left out.
pub fn stop_with(cx: &Thread, v: Value) -> Raised {
    if v.is_none() {
        return Raised::with_args(cx, exc::StopIteration(), &[]);
    }
    ex::stop_iteration(cx, v)
}

/// Sends a value into a generator or coroutine.
pub fn send_step(cx: &Thread, this: Value, v: Value) -> Res<Step> {
    match resume_plainly(cx, this, v) {
        Some(r) => r,
        None => resume(cx, this, Sent::Value(v)),
    }
}

/// `gen.send(v)`.
pub fn send(cx: &Thread, this: Value, v: Value) -> Res {
    match send_step(cx, this, v)? {
        Step::Yield(v) => Ok(v),
        Step::Return(v) => Err(stop_with(cx, v)),
    }
}

/// The `next` slot: the value of the end is left aside for those who want it.
pub fn next(cx: &Thread, this: Value) -> Res<Option<Value>> {
    let step = match resume_plainly(cx, this, none()) {
        Some(r) => r,
        None => resume(cx, this, Sent::Value(none())),
    };
    match step? {
        Step::Yield(v) => Ok(Some(v)),
        Step::Return(v) => {
            cx.interp.returned.set(if v.is_none() { None } else { Some((this, v)) });
            Ok(None)
        }
    }
}

/// Closes what a generator delegates to.
fn close_iter(cx: &Thread, it: Value) -> Res<()> {
    if is_generator_or_coroutine(it) {
        close(cx, it)?;
        return Ok(());
    }
    match get_attr_opt(cx, it, id!(cx, "close")) {
        Ok(Some(f)) => call(cx, f, &[]).map(|_| ()),
        Ok(None) => Ok(()),
        Err(e) => {
            crate::interp::unraisable(cx, e, Some(it), None);
            Ok(())
        }
    }
}

/// `gen.close()`.
pub fn close(cx: &Thread, this: Value) -> Res {
    let g = view(this);
    if g.core.claim(CREATED) {
        end_claimed(g);
        return Ok(none());
    }
    if g.core.state() == FINISHED {
        return Ok(none());
    }
    let mut failed = None;
    if let Some(it) = delegate_of(this) {
        failed = as_caller(cx, this, || close_iter(cx, it)).err();
    } else if g.core.claim(SUSPENDED) {
        // Nothing inside could notice: no need to run it. It is this thread's while it looks.
        if !in_try(g.core.code(), g.core.frame_regs().lasti()) {
            end_claimed(g);
            return Ok(none());
        }
        g.core.state.store(SUSPENDED, Ordering::Release);
    }
    let e = failed.unwrap_or_else(|| Raised::with_args(cx, exc::GeneratorExit(), &[]));
    match resume(cx, this, Sent::Throw(e)) {
        Ok(Step::Yield(_)) => {
            raise!(cx, RuntimeError, "{} ignored GeneratorExit", kind_name(this))
        }
        Ok(Step::Return(v)) => Ok(v),
        Err(e) if e.is(exc::GeneratorExit()) => Ok(none()),
        Err(e) if e.is(exc::StopIteration()) => Ok(ex::of(e.0).field_or_none(ex::field::VALUE)),
        Err(e) => Err(e),
    }
}

/// The exception that `throw(typ, val, tb)` stands for.
pub fn thrown(cx: &Thread, typ: Value, val: Value, tb: Value) -> Res<Raised> {
    if !tb.is_none() && !super::traceback::is_traceback(tb) {
        raise!(cx, TypeError, "throw() third argument must be a traceback object");
    }
    let e = if let Some(t) = typ.as_type().filter(|t| t.is_subtype(exc::BaseException())) {
        let made = if val.ty().is_subtype(t) {
            Ok(val)
        } else if val.is_none() {
            call(cx, typ, &[])
        } else if let Some(args) = val.downcast::<Tuple>() {
            call(cx, typ, args.as_slice())
        } else {
            call(cx, typ, &[val])
        };
        // What goes wrong in making the exception is raised inside the generator instead of it.
        let e = match made {
            Ok(e) => e,
            Err(e) => return Ok(e),
        };
        if e.downcast::<ex::BaseException>().is_none() {
            return Ok(err!(
                cx,
                TypeError,
                "calling {} should have returned an instance of BaseException, not {}",
                repr(cx, typ)?,
                repr(cx, Value::from_ref(e.ty()))?
            ));
        }
        e
    } else if typ.downcast::<ex::BaseException>().is_some() {
        if !val.is_none() {
            raise!(cx, TypeError, "instance exception may not have a separate value");
        }
        typ
    } else {
        raise!(
            cx,
            TypeError,
            "exceptions must be classes or instances deriving from BaseException, not {}",
            typ.ty().name()
        );
    };
    if !tb.is_none() {
        let x = ex::of(e);
        x.traceback.set(x, tb);
    }
    Ok(Raised(e))
}

/// The arguments of a Python-level `throw`.
pub fn thrown_args(cx: &Thread, args: &[Value], what: &str) -> Res<Raised> {
    if args.len() > 1 {
        super::warn_deprecated(
            cx,
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
        )?;
    }
    match *args {
        [t] => thrown(cx, t, none(), none()),
        [t, v] => thrown(cx, t, v, none()),
        [t, v, tb] => thrown(cx, t, v, tb),
        [] => raise!(cx, TypeError, "{what} expected at least 1 argument, got 0"),
        _ => raise!(cx, TypeError, "{what} expected at most 3 arguments, got {}", args.len()),
    }
}

/// Throws into a generator, through what it delegates to. `close_on_exit`: a GeneratorExit closes
/// the delegate instead of being thrown into it.
pub fn throw_step(cx: &Thread, this: Value, e: Raised, close_on_exit: bool) -> Res<Step> {
    let Some(it) = delegate_of(this) else {
        return resume(cx, this, Sent::Throw(e));
    };
    if e.is(exc::GeneratorExit()) && close_on_exit {
        let r = as_caller(cx, this, || close_iter(cx, it));
        return resume(cx, this, Sent::Throw(r.err().unwrap_or(e)));
    }
    let r = as_caller(cx, this, || {
        if is_generator_or_coroutine(it) {
            return throw_step(cx, it, e, close_on_exit).and_then(|s| match s {
                Step::Yield(v) => Ok(Some(v)),
                Step::Return(v) => Err(stop_with(cx, v)),
            });
        }
        match get_attr_opt(cx, it, id!(cx, "throw"))? {
            Some(f) => call(cx, f, &[e.0]).map(Some),
            None => Ok(None),
        }
    });
    match r {
        Ok(Some(v)) => Ok(Step::Yield(v)),
        Ok(None) => resume(cx, this, Sent::Throw(e)),
        Err(new) => resume(cx, this, Sent::Throw(new)),
    }
}

/// `gen.throw(...)` of generators and coroutines.
pub fn throw(cx: &Thread, this: Value, e: Raised) -> Res {
    match throw_step(cx, this, e, true)? {
        Step::Yield(v) => Ok(v),
        Step::Return(v) => Err(stop_with(cx, v)),
    }
}

/// What runs when a generator that is not finished is dropped.
pub fn finalize(cx: &Thread, this: Value) {
    let g = view(this);
    let saved = cx.interp.returned.take();
    if g.core.state() != FINISHED {
        if let Err(e) = close(cx, this) {
            crate::interp::unraisable(cx, e, Some(this), None);
        }
    }
    cx.interp.returned.set(saved);
}

/// The frame object, or None when finished.
pub fn frame_attr(cx: &Thread, v: Value) -> Value {
    let core = &view(v).core;
    frame::still(cx, core.frame_regs(), || {
        let regs = core.frame_regs();
        if regs.is_null() { none() } else { Value::from_ref(frame::of_generator(cx, regs, v)) }
    })
}

/// `<generator object f at 0x...>`.
pub fn repr_of(cx: &Thread, v: Value, what: &str) -> Res {
    let q = view(v).core.qualname.get().and_then(|q| q.downcast::<Str>());
    let q = q.map_or("?".into(), |q| q.to_str_lossy());
    let text = format!("<{what} object {q} at {:#x}>", v.bits());
    Ok(Value::from_ref(Str::new(cx, &text)))
}

/// `__name__` and `__qualname__` of the three kinds.
pub fn set_name(cx: &Thread, v: Value, slot: &Slot, new: Option<Value>, what: &str) -> Res<()> {
    match new.filter(|n| n.downcast::<Str>().is_some()) {
        Some(n) => {
            slot.set(view(v), n);
            Ok(())
        }
        None => raise!(cx, TypeError, "{what} must be set to a string object"),
    }
}

#[pymethods]
impl Generator {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: Value) -> Res<Option<Value>> {
        next(cx, this)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        repr_of(cx, this, "generator")
    }

    #[slot]
    fn __del__(cx: &Thread, this: Value) -> Res<()> {
        finalize(cx, this);
        Ok(())
    }

    /// `types.GeneratorType[...]` as a generic alias.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        super::generic_alias::new(cx, cls, item)
    }

    /// Send a value into the generator, as the result of the yield expression it stands at.
    #[pymethod(text = "($self, object, /)")]
    fn send(cx: &Thread, this: Value, value: Value) -> Res {
        send(cx, this, value)
    }

    /// Raise an exception where the generator stands.
    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn throw(cx: &Thread, this: Value, args: &[Value]) -> Res {
        throw(cx, this, thrown_args(cx, args, "throw")?)
    }

    /// Raise GeneratorExit inside the generator.
    #[pymethod]
    fn close(cx: &Thread, this: Value) -> Res {
        close(cx, this)
    }

    #[getter]
    fn gi_frame(cx: &Thread, this: Value) -> Value {
        frame_attr(cx, this)
    }

    #[getter]
    fn gi_running(_cx: &Thread, this: &Generator) -> bool {
        this.core.state() == RUNNING
    }

    #[getter]
    fn gi_suspended(_cx: &Thread, this: &Generator) -> bool {
        this.core.state() == SUSPENDED
    }

    #[getter]
    fn gi_code(_cx: &Thread, this: &Generator) -> Value {
        this.core.code.value()
    }

    /// The iterator that the generator delegates to, or None.
    #[getter]
    fn gi_yieldfrom(_cx: &Thread, this: Value) -> Value {
        delegate_of(this).unwrap_or(none())
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &Generator) -> Value {
        this.core.name.value()
    }

    #[setter]
    fn set___name__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        set_name(cx, this, &view(this).core.name, v, "__name__")
    }

    #[getter]
    fn __qualname__(_cx: &Thread, this: &Generator) -> Value {
        this.core.qualname.value()
    }

    #[setter]
    fn set___qualname__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        set_name(cx, this, &view(this).core.qualname, v, "__qualname__")
    }

    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Generator) -> usize {
        size_of::<Generator>() + 8 * this.core.code().nregs as usize
    }
}
