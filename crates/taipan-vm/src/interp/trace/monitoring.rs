//! `sys.monitoring` (PEP 669): which tools want which events where, and calling them.
//!
//! Nothing is patched into the code: threads use the tracing table while some tool wants something
//! (`ACTIVE`), and each event is looked up here. So monitoring costs nothing while unused. The
//! functions that Python calls are in `modules::sys::monitoring`.
//!
//! Invariant: `ACTIVE` is set, and every thread has chosen its table, before a change of the events
//! returns.

use super::Step;
use crate::interp::frame::Regs;
use crate::objects::code::Code;
use crate::objects::generator;
use crate::prelude::*;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use taipan_compiler::Op;
use taipan_compiler::code::CodeUnit;
use taipan_compiler::opcode::{Instr, decode, effect};

pub const TOOLS: usize = 6;
pub const EVENTS: usize = 17;
/// The events before this one can be set for one code object, and be disabled.
pub const LOCAL_EVENTS: usize = 10;

pub const NAMES: [&str; EVENTS] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
];

/// Numbers of the events.
pub mod event {
    pub const PY_START: usize = 0;
    pub const PY_RESUME: usize = 1;
    pub const PY_RETURN: usize = 2;
    pub const PY_YIELD: usize = 3;
    pub const CALL: usize = 4;
    pub const LINE: usize = 5;
    pub const INSTRUCTION: usize = 6;
    pub const JUMP: usize = 7;
    pub const BRANCH: usize = 8;
    pub const STOP_ITERATION: usize = 9;
    pub const RAISE: usize = 10;
    pub const EXCEPTION_HANDLED: usize = 11;
    pub const PY_UNWIND: usize = 12;
    pub const PY_THROW: usize = 13;
    pub const RERAISE: usize = 14;
    pub const C_RETURN: usize = 15;
    pub const C_RAISE: usize = 16;
}

/// What each tool wants everywhere.
static GLOBAL: [AtomicU32; TOOLS] = [const { AtomicU32::new(0) }; TOOLS];
/// How many code objects have events of their own.
static LOCAL: AtomicU32 = AtomicU32::new(0);
/// Events that tools have disabled are on again since.
static RESTARTED: AtomicU32 = AtomicU32::new(0);
/// Changes with every change of what is wanted everywhere, and when events are switched on again.
static VERSION: AtomicU32 = AtomicU32::new(1);
static ACTIVE: AtomicBool = AtomicBool::new(false);

/// What tools want of one code object.
#[derive(Default)]
pub struct CodeEvents {
    wanted: [AtomicU32; TOOLS],
    disabled: Mutex<Disabled>,
}

impl CodeEvents {
    fn any(&self) -> bool {
        self.wanted.iter().any(|w| w.load(Ordering::Relaxed) != 0)
    }
}

impl Drop for CodeEvents {
    fn drop(&mut self) {
        if self.any() {
            LOCAL.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[derive(Default)]
struct Disabled {
    restarted: u32,
    /// Tool, event and word.
    places: HashSet<(u8, u8, u32)>,
}

/// Does any tool want anything?
pub fn is_active() -> bool {
    ACTIVE.load(Ordering::Relaxed)
}

/// Does a tool want to know of calls of builtins?
pub fn watches_calls() -> bool {
    is_active()
        && (LOCAL.load(Ordering::Relaxed) != 0
            || GLOBAL.iter().any(|g| g.load(Ordering::Relaxed) & (1 << event::CALL) != 0))
}

fn changed(cx: &Thread) {
    let global = GLOBAL.iter().any(|g| g.load(Ordering::Relaxed) != 0);
    let on = global || LOCAL.load(Ordering::Relaxed) != 0;
    ACTIVE.store(on, Ordering::Release);
    VERSION.fetch_add(1, Ordering::AcqRel);
    super::for_all_threads(cx, |_| {});
}

pub fn global_events(tool: usize) -> u32 {
    GLOBAL[tool].load(Ordering::Relaxed)
}

pub fn set_global_events(cx: &Thread, tool: usize, events: u32) {
    GLOBAL[tool].store(events, Ordering::Release);
    changed(cx);
}

pub fn local_events(code: &Code, tool: usize) -> u32 {
    code.events().map_or(0, |e| e.wanted[tool].load(Ordering::Relaxed))
}

pub fn set_local_events(cx: &Thread, code: &Code, tool: usize, events: u32) {
    if events == 0 && code.events().is_none() {
        return;
    }
    let own = code.make_events();
    let lock = own.disabled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = own.any();
    own.wanted[tool].store(events, Ordering::Release);
    match (before, own.any()) {
        (false, true) => LOCAL.fetch_add(1, Ordering::AcqRel),
        (true, false) => LOCAL.fetch_sub(1, Ordering::AcqRel),
        _ => 0,
    };
    drop(lock);
    changed(cx);
}

pub fn restart_events() {
    RESTARTED.fetch_add(1, Ordering::AcqRel);
    VERSION.fetch_add(1, Ordering::AcqRel);
}

/// For code that is not Python's and fires events itself (`PyMonitoring_EnterScope`): a number that
/// says when `tools_wanting` may give something else.
pub fn version() -> u32 {
    VERSION.load(Ordering::Acquire)
}

/// The tools that want the event everywhere, as bits.
pub fn tools_wanting(event: usize) -> u8 {
    let wanting =
        (0..TOOLS).filter(|t| GLOBAL[*t].load(Ordering::Relaxed) >> group(event) & 1 != 0);
    wanting.fold(0, |set, tool| set | 1 << tool)
}

/// Roots of the VM: names of the tools, their callbacks, DISABLE, MISSING.
const STATE: usize = 60;

fn list(cx: &Thread, which: usize, len: usize) -> &'static List {
    let slot = &cx.vm.roots.extra[STATE + which];
    if slot.is_empty() {
        let items: GcVec<Value> = (0..len).map(|_| none()).collect();
        slot.init(Some(Value::from_ref(List::from_slice(cx, &items))));
    }
    slot.value().downcast::<List>().expect("set above")
}

/// Names of the tools in use; None.
pub fn tools(cx: &Thread) -> &'static List {
    list(cx, 0, TOOLS)
}

/// The callbacks: `EVENTS` a tool.
pub fn callbacks(cx: &Thread) -> &'static List {
    list(cx, 1, TOOLS * EVENTS)
}

fn marker(cx: &Thread, which: usize) -> Res {
    let slot = &cx.vm.roots.extra[STATE + which];
    if slot.is_empty() {
        let object = Value::from_ref(crate::objects::object::Object::type_object());
        slot.init(Some(call(cx, object, &[])?));
    }
    Ok(slot.value())
}

/// `sys.monitoring.DISABLE`.
pub fn disable(cx: &Thread) -> Res {
    marker(cx, 2)
}

/// `sys.monitoring.MISSING`.
pub fn missing(cx: &Thread) -> Res {
    marker(cx, 3)
}

/// The bit of the set by which an event is switched on.
fn group(event: usize) -> usize {
    if matches!(event, event::C_RETURN | event::C_RAISE) { event::CALL } else { event }
}

fn wants(code: &Code, tool: usize, event: usize) -> bool {
    let global = GLOBAL[tool].load(Ordering::Relaxed);
    (global | local_events(code, tool)) >> group(event) & 1 != 0
}

fn any_wants(code: &Code, event: usize) -> bool {
    (0..TOOLS).any(|tool| wants(code, tool, event))
}

fn is_disabled(code: &Code, tool: usize, event: usize, word: usize) -> bool {
    let Some(events) = code.events() else { return false };
    let mut d = events.disabled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let now = RESTARTED.load(Ordering::Acquire);
    if d.restarted != now {
        d.restarted = now;
        d.places.clear();
    }
    d.places.contains(&(tool as u8, event as u8, word as u32))
}

fn set_disabled(code: &Code, tool: usize, event: usize, word: usize) {
    let mut d =
        code.make_events().disabled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    d.restarted = RESTARTED.load(Ordering::Acquire);
    d.places.insert((tool as u8, event as u8, word as u32));
}

/// Calls a tool's callback for the event. True: the tool disables the event here.
fn call_tool(cx: &Thread, tool: usize, event: usize, args: &[Value]) -> Res<bool> {
    let at = tool * EVENTS + event;
    let Some(f) = callbacks(cx).get(at).filter(|f| !f.is_none()) else { return Ok(false) };
    if super::quietly(cx, None, || call(cx, f, args))? != disable(cx)? {
        return Ok(false);
    }
    if group(event) >= LOCAL_EVENTS {
        callbacks(cx).set(at, none());
        raise!(cx, ValueError, "Cannot disable {} events. Callback removed.", NAMES[event]);
    }
    Ok(true)
}

/// Calls the tools that want the event. `args` follow the code object.
fn fire(cx: &Thread, code: &'static Code, event: usize, word: usize, args: &[Value]) -> Res<()> {
    for tool in (0..TOOLS).rev() {
        if !wants(code, tool, event) || is_disabled(code, tool, event, word) {
            continue;
        }
        let all: GcVec<Value> =
            std::iter::once(Value::from_ref(code)).chain(args.iter().copied()).collect();
        if call_tool(cx, tool, event, &all)? {
            set_disabled(code, tool, event, word);
        }
    }
    Ok(())
}

/// An event of what is not Python's code (`PyMonitoring_Fire...`), for these tools; gives those that
/// have not disabled it.
pub fn fire_for(cx: &Thread, tools: u8, event: usize, args: &[Value]) -> Res<u8> {
    let mut left = tools;
    if cx.interp.tracing.get() > 0 {
        return Ok(left);
    }
    for tool in (0..TOOLS).rev().filter(|t| tools >> t & 1 != 0) {
        if call_tool(cx, tool, event, args)? {
            left &= !(1 << tool);
        }
    }
    Ok(left)
}

fn offset(word: usize) -> Value {
    Value::small(4 * word as i64)
}

/// An event whose callback gets the offset and `more`.
fn at(cx: &Thread, code: &'static Code, event: usize, word: usize, more: &[Value]) -> Res<()> {
    if !any_wants(code, event) {
        return Ok(());
    }
    let args: GcVec<Value> = std::iter::once(offset(word)).chain(more.iter().copied()).collect();
    fire(cx, code, event, word, &args)
}

/// Callee and first argument of a call that is about to be made.
fn call_of(cx: &Thread, regs: Regs, i: &Instr) -> Res<Option<(Value, Value)>> {
    let (b, c) = (i.b as usize, i.c as usize);
    let argument = |r: usize, there: bool| regs.get(r).filter(|_| there);
    let first = match i.op {
        Op::CALL | Op::CALL_KW => argument(b + 4, c > 0),
        Op::CALL_METHOD | Op::CALL_METHOD_KW => regs.get(b + 4).or_else(|| argument(b + 5, c > 0)),
        Op::CALL_EX => regs.get(b + 4).and_then(|args| match args.downcast::<List>() {
            Some(l) => l.get(0),
            None => args.downcast::<Tuple>().and_then(|t| t.as_slice().first().copied()),
        }),
        _ => return Ok(None),
    };
    let Some(callee) = regs.get(b + 3) else { return Ok(None) };
    Ok(Some((callee, first.map_or_else(|| missing(cx), Ok)?)))
}

/// The call within an attribute of `super()`: of the builtin with its outcome, since it is not made.
fn call_of_super(cx: &Thread, code: &'static Code, step: &Step, i: &Instr) -> Res<()> {
    use crate::objects::super_::{self, Super};
    let b = i.b as usize;
    let callee = step.regs.value(b);
    let explicit = i.c & 2 != 0;
    let first = if explicit { step.regs.value(b + 1) } else { missing(cx)? };
    at(cx, code, event::CALL, step.at, &[callee, first])?;
    if callee != Value::from_ref(Super::type_object()) {
        return Ok(());
    }
    let class = step.regs.value(b + 1).as_type();
    let made = class.is_some_and(|c| super_::check(cx, c, step.regs.value(b + 2)).is_ok());
    let outcome = if made { event::C_RETURN } else { event::C_RAISE };
    at(cx, code, outcome, step.at, &[callee, first])
}

/// What the last instruction turned out to do.
fn outcome(cx: &Thread, step: &Step, code: &'static Code) -> Res<()> {
    let Some((from, i)) = step.last else { return Ok(()) };
    let fell = step.at == from + i.len as usize;
    let jumped = step.jumped_from().is_some();
    if i.jump().is_some() && (fell || jumped) {
        let stop = match i.op {
            Op::SEND => jumped,
            Op::FOR_NEXT => fell,
            _ => false,
        };
        let receiver = if stop { step.regs.get(i.b as usize) } else { None };
        if receiver.is_some_and(generator::is_generator_or_coroutine)
            && any_wants(code, event::STOP_ITERATION)
        {
            let v = if i.op == Op::SEND { step.regs.get(i.a as usize) } else { None };
            let v = v.filter(|v| !v.is_none());
            let e = Raised::with_args(cx, exc::StopIteration(), v.as_slice());
            at(cx, code, event::STOP_ITERATION, from, &[e.0])?;
        }
        let to = offset(step.at);
        let here = step.op == Op::FOR_NEXT && step.next_jumps_back();
        match i.op {
            Op::SEND => {}
            op if op.has(effect::TERM) => {
                if !is_way_out(code.unit(), from, step.at) {
                    at(cx, code, event::JUMP, from, &[to])?;
                }
            }
            op => {
                at(cx, code, event::BRANCH, from, &[to])?;
                // CPython's conditional jumps all go forward; a jump back follows them.
                if jumped && op.has(effect::POLLS) && op != Op::FOR_NEXT {
                    at(cx, code, event::JUMP, from, &[to])?;
                }
            }
        }
        if !here {
            return Ok(());
        }
    }
    // A loop over an iterator ends, in CPython, with a jump to what is its last instruction here.
    if step.op == Op::FOR_NEXT && step.next_jumps_back() {
        at(cx, code, event::JUMP, from, &[offset(step.at)])?;
    }
    Ok(())
}

/// Is it a jump that CPython's code has no need of: beside the copy of a loop's test at its entry, or
/// over a handler, which there lies at the end?
fn is_way_out(unit: &CodeUnit, from: usize, to: usize) -> bool {
    let test = from.checked_sub(2).and_then(|before| decode(&unit.code, before));
    test.is_some_and(|i| i.len == 2 && i.op.has(effect::POLLS) && i.jump().is_some())
        || unit.except_table.iter().any(|e| (from..to).contains(&(e.handler as usize)))
}

/// The events before an instruction.
pub(super) fn before(cx: &Thread, step: &Step) -> Res<()> {
    let code = step.regs.code();
    if step.op == Op::RESUME {
        let start = step.word >> 8 & 0xff == 0;
        let what = if start { event::PY_START } else { event::PY_RESUME };
        return at(cx, code, what, step.at, &[]);
    }
    outcome(cx, step, code)?;
    if any_wants(code, event::LINE)
        && let Some(line) = step.new_line(code.lines())
    {
        fire(cx, code, event::LINE, step.at, &[Value::small(i64::from(line))])?;
    }
    at(cx, code, event::INSTRUCTION, step.at, &[])?;
    match step.op {
        Op::RETURN => at(cx, code, event::PY_RETURN, step.at, &[step.operand(8)]),
        Op::RETURN_NONE => at(cx, code, event::PY_RETURN, step.at, &[none()]),
        Op::YIELD_VALUE | Op::YIELD_DELEGATE => {
            at(cx, code, event::PY_YIELD, step.at, &[step.operand(16)])
        }
        _ if any_wants(code, event::CALL) => {
            let Some(i) = decode(&code.unit().code, step.at) else { return Ok(()) };
            if matches!(i.op, Op::LOAD_SUPER_ATTR | Op::LOAD_SUPER_METHOD) {
                return call_of_super(cx, code, step, &i);
            }
            match call_of(cx, step.regs, &i)? {
                Some((callee, first)) => at(cx, code, event::CALL, step.at, &[callee, first]),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// An event of the frame with an exception.
pub fn with_exception(cx: &Thread, regs: Regs, event: usize, word: usize, e: Value) -> Res<()> {
    if !is_active() || cx.interp.tracing.get() > 0 {
        return Ok(());
    }
    at(cx, regs.code(), event, word, &[e])
}

/// Does a tool want to know of the calls that this frame makes?
pub fn watches_calls_of(cx: &Thread, regs: Regs) -> bool {
    is_active() && cx.interp.tracing.get() == 0 && any_wants(regs.code(), event::CALL)
}

/// A builtin that the frame called has returned, or raised.
pub fn native_result(
    cx: &Thread,
    regs: Regs,
    callee: Value,
    args: &[Value],
    raised: bool,
) -> Res<()> {
    if !is_active() || cx.interp.tracing.get() > 0 {
        return Ok(());
    }
    let event = if raised { event::C_RAISE } else { event::C_RETURN };
    let first = args.first().map_or_else(|| missing(cx), |v| Ok(*v))?;
    at(cx, regs.code(), event, regs.lasti(), &[callee, first])
}
