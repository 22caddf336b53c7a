//! `_lsprof`: the profiler of `cProfile`, fed by `sys.monitoring`.
//!
//! What is counted lies outside the heap, under a leaf lock (`State`); the code objects and names of
//! builtins that a program sees lie in `users`, by the entry's number, and keep what the keys of the
//! entries point to alive. Each thread has a stack of running calls of its own: in CPython, whose
//! threads share one, calls of two threads take time from one another.
//!
//! The lock is never held across Python code or an allocation in the heap: a timer written in Python
//! is asked before.

use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Instant;
use taipan_vm::bind::FromArg;
use taipan_vm::call::{MethodKind, MethodRow, Owner, Sig};
use taipan_vm::interp::trace::monitoring::{self, event};
use taipan_vm::objects::builtin_function::BuiltinFunction;
use taipan_vm::objects::descr::MethodDescr;
use taipan_vm::objects::str::intern;
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

/// What was measured of a function, or of a function called by another. Times in nanoseconds, or in
/// the timer's unit.
#[derive(Clone, Copy, Default)]
struct Counts {
    calls: i64,
    recursive: i64,
    total: i64,
    inline: i64,
}

impl Counts {
    fn add(&mut self, outermost: bool, total: i64, inline: i64) {
        if outermost {
            self.total += total;
        } else {
            self.recursive += 1;
        }
        self.inline += inline;
        self.calls += 1;
    }
}

#[derive(Default)]
struct Entry {
    counts: Counts,
    /// By the number of the function that was called.
    calls: Vec<(u32, Counts)>,
}

/// A running call.
struct Running {
    entry: u32,
    began: i64,
    /// Time spent in what it called.
    below: i64,
}

/// The running calls of one thread, and how many of each function and of each pair there are.
#[derive(Default)]
struct Stack {
    calls: Vec<Running>,
    depth: HashMap<u32, u32>,
    pair_depth: HashMap<(u32, u32), u32>,
}

#[derive(Default)]
struct State {
    /// Numbers of the entries, by the address of the code object or of the builtin's row.
    numbers: HashMap<usize, u32>,
    entries: Vec<Entry>,
    stacks: HashMap<ThreadId, Stack>,
}

fn one_less<K: std::hash::Hash + Eq>(map: &mut HashMap<K, u32>, key: K) -> bool {
    match map.get_mut(&key) {
        Some(n) if *n > 1 => {
            *n -= 1;
            false
        }
        _ => {
            map.remove(&key);
            true
        }
    }
}

impl State {
    fn number(&mut self, key: usize) -> u32 {
        let next = self.entries.len() as u32;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.entries.push(Entry::default());
        }
        number
    }

    fn enter(&mut self, entry: u32, subcalls: bool, now: i64) {
        let stack = self.stacks.entry(std::thread::current().id()).or_default();
        *stack.depth.entry(entry).or_default() += 1;
        if let Some(caller) = stack.calls.last().filter(|_| subcalls) {
            *stack.pair_depth.entry((caller.entry, entry)).or_default() += 1;
            let calls = &mut self.entries[caller.entry as usize].calls;
            if !calls.iter().any(|(callee, _)| *callee == entry) {
                calls.push((entry, Counts::default()));
            }
        }
        stack.calls.push(Running { entry, began: now, below: 0 });
    }

    /// Ends the innermost call of a thread; as in CPython, its time goes to `entry`, which differs
    /// from what was entered only where the profiler began in the middle of a call.
    fn leave(&mut self, thread: ThreadId, entry: Option<u32>, subcalls: bool, now: i64) {
        let Some(stack) = self.stacks.get_mut(&thread) else { return };
        let Some(call) = stack.calls.pop() else { return };
        let Some(entry) = entry else { return };
        let total = now.wrapping_sub(call.began);
        let inline = total.wrapping_sub(call.below);
        let outermost = one_less(&mut stack.depth, entry);
        self.entries[entry as usize].counts.add(outermost, total, inline);
        let Some(caller) = stack.calls.last_mut() else { return };
        caller.below = caller.below.wrapping_add(total);
        if !subcalls {
            return;
        }
        let outermost = one_less(&mut stack.pair_depth, (caller.entry, entry));
        let calls = &mut self.entries[caller.entry as usize].calls;
        if let Some((_, counts)) = calls.iter_mut().find(|(callee, _)| *callee == entry) {
            counts.add(outermost, total, inline);
        }
    }
}

/// The profiler object.
#[repr(C)]
struct Profiler {
    head: Head,
    /// What the entries are, by their numbers; empty before `__init__`.
    users: Slot,
    timer: Slot,
    /// Bits of the float.
    unit: AtomicU64,
    enabled: AtomicBool,
    subcalls: AtomicBool,
    builtins: AtomicBool,
    in_timer: AtomicBool,
    began: Instant,
    state: ManuallyDrop<Mutex<State>>,
}

taipan_vm::pytype! { Profiler, PyTaipanProfiler_Type, name: "Profiler", module: "_lsprof",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE,
doc: "Profiler(timer=None, timeunit=None, subcalls=True, builtins=True)\n\nCounts and times calls. A timer that gives ints is one of units of timeunit seconds." }

/// # Safety
/// `p` is an unreachable Profiler.
unsafe fn drop_profiler(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut Profiler)).state) };
}

static ENTRY: StructSeq = StructSeq::new(
    "_lsprof",
    "profiler_entry",
    "",
    &["code", "callcount", "reccallcount", "totaltime", "inlinetime", "calls"],
    6,
);
static SUBENTRY: StructSeq = StructSeq::new(
    "_lsprof",
    "profiler_subentry",
    "",
    &["code", "callcount", "reccallcount", "totaltime", "inlinetime"],
    5,
);

/// The events that a profiler wants, and the methods they call.
const CALLBACKS: [(usize, &str); 9] = [
    (event::PY_START, "_pystart_callback"),
    (event::PY_RESUME, "_pystart_callback"),
    (event::PY_THROW, "_pystart_callback"),
    (event::PY_RETURN, "_pyreturn_callback"),
    (event::PY_YIELD, "_pyreturn_callback"),
    (event::PY_UNWIND, "_pyreturn_callback"),
    (event::CALL, "_ccall_callback"),
    (event::C_RETURN, "_creturn_callback"),
    (event::C_RAISE, "_creturn_callback"),
];

/// The builtin that a call of `callable` with this first argument runs, bound.
fn builtin_of(
    cx: &Thread,
    callable: Value,
    first: Value,
) -> Res<Option<(&'static MethodRow, Value)>> {
    if let Some(f) = callable.downcast::<BuiltinFunction>() {
        return Ok(Some((f.row, callable)));
    }
    let Some(d) = callable.downcast_exact::<MethodDescr>() else { return Ok(None) };
    if first == monitoring::missing(cx)? || !first.ty().is_subtype(d.owner()) {
        return Ok(None);
    }
    Ok(Some((d.row, callable)))
}

/// How statistics name a builtin: `<built-in method math.sin>`, `<method 'append' of 'list' objects>`.
fn name_of(cx: &Thread, row: &MethodRow, callable: Value) -> Value {
    let text = |s: &str| Value::from_ref(Str::new(cx, s));
    let Some(f) = callable.downcast::<BuiltinFunction>() else {
        return repr(cx, callable).map_or_else(|_| text(row.name), Value::from_ref);
    };
    if let Some(of) = f.this.get().filter(|_| row.kind != MethodKind::Function)
        && let Some(found) = of.ty().lookup(cx, intern(cx, row.name))
        && let Ok(shown) = repr(cx, found)
    {
        return Value::from_ref(shown);
    }
    match f.module.get().and_then(|m| m.downcast::<Str>()) {
        Some(module) => text(&format!("<built-in method {module}.{}>", row.name)),
        None => text(&format!("<built-in method {}>", row.name)),
    }
}

/// For complaints about what a timer gives.
static TIMER: Sig =
    Sig { fname: "", owner: Owner::Slot, params: &[], text: None, keywords_of: None };

/// An int of the timer's units, or seconds as nanoseconds.
fn timer_result(cx: &Thread, v: Value, units: bool) -> Res<i64> {
    if units {
        return i64::from_arg(cx, v, &TIMER, 0);
    }
    let seconds = f64::from_arg(cx, v, &TIMER, 0)?;
    if seconds.is_nan() {
        raise!(cx, ValueError, "Invalid value NaN (not a number)");
    }
    let ns = (seconds * 1e9).floor();
    if !(-9.3e18..9.2e18).contains(&ns) {
        raise!(cx, OverflowError, "timestamp out of range for platform time_t");
    }
    Ok(ns as i64)
}

impl Profiler {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unit(&self) -> f64 {
        f64::from_bits(self.unit.load(Ordering::Relaxed))
    }

    fn users(&self) -> Option<&'static Dict> {
        self.users.get().and_then(|u| u.downcast::<Dict>())
    }

    fn now(&self, cx: &Thread) -> i64 {
        let Some(timer) = self.timer.get() else {
            return self.began.elapsed().as_nanos() as i64;
        };
        self.in_timer.store(true, Ordering::Relaxed);
        let r = call(cx, timer, &[]);
        self.in_timer.store(false, Ordering::Relaxed);
        match r.and_then(|v| timer_result(cx, v, self.unit() > 0.0)) {
            Ok(t) => t,
            Err(e) => {
                taipan_vm::modules::sys::hooks::unraisable(cx, e, Some(timer), None);
                0
            }
        }
    }

    fn enter(&self, cx: &Thread, key: usize, user: impl FnOnce() -> Value) -> Res<()> {
        let Some(users) = self.users() else { return Ok(()) };
        let number = self.state().number(key);
        let at = Value::small(i64::from(number));
        if users.get(cx, at)?.is_none() {
            users.set(cx, at, user())?;
        }
        let now = self.now(cx);
        let mut state = self.state();
        // A timer may have cleared everything.
        if (number as usize) < state.entries.len() {
            state.enter(number, self.subcalls.load(Ordering::Relaxed), now);
        }
        Ok(())
    }

    fn leave(&self, cx: &Thread, key: usize) {
        let thread = std::thread::current().id();
        if self.state().stacks.get(&thread).is_none_or(|s| s.calls.is_empty()) {
            return;
        }
        let now = self.now(cx);
        let mut state = self.state();
        let entry = state.numbers.get(&key).copied();
        state.leave(thread, entry, self.subcalls.load(Ordering::Relaxed), now);
    }

    /// Ends the calls that are still running.
    fn end_all(&self, cx: &Thread) {
        let now = if self.state().stacks.is_empty() { 0 } else { self.now(cx) };
        let mut state = self.state();
        let threads: Vec<ThreadId> = state.stacks.keys().copied().collect();
        for thread in threads {
            while let Some(entry) =
                state.stacks.get(&thread).and_then(|s| s.calls.last()).map(|c| c.entry)
            {
                state.leave(thread, Some(entry), self.subcalls.load(Ordering::Relaxed), now);
            }
        }
        state.stacks.clear();
    }

    fn refuse_in_timer(&self, cx: &Thread, what: &str) -> Res<()> {
        if self.in_timer.load(Ordering::Relaxed) {
            raise!(cx, RuntimeError, "cannot {what} profiler in external timer");
        }
        Ok(())
    }

    fn set_flags(&self, subcalls: Option<bool>, builtins: Option<bool>) {
        if let Some(on) = subcalls {
            self.subcalls.store(on, Ordering::Relaxed);
        }
        if let Some(on) = builtins {
            self.builtins.store(on, Ordering::Relaxed);
        }
    }
}

fn monitoring_call(cx: &Thread, name: &'static str, args: &[Value]) -> Res {
    let m = taipan_vm::objects::module::import_attr(cx, "sys", "monitoring")?;
    let mut all = GcVec::with_capacity(args.len() + 1);
    all.push(Value::small(TOOL));
    all.extend_from_slice(args);
    call(cx, get_attr(cx, m, intern(cx, name))?, &all)
}

/// `sys.monitoring.PROFILER_ID`.
const TOOL: i64 = 2;

fn needs(cx: &Thread, name: &str, args: &[Value], n: usize) -> Res<()> {
    if args.len() < n {
        raise!(cx, TypeError, "{name} expected {n} arguments, got {}", args.len());
    }
    Ok(())
}

#[pymethods]
impl Profiler {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let p = Profiler {
            head: fresh_head(),
            users: Slot::empty(),
            timer: Slot::empty(),
            unit: AtomicU64::new(0),
            enabled: AtomicBool::new(false),
            subcalls: AtomicBool::new(false),
            builtins: AtomicBool::new(false),
            in_timer: AtomicBool::new(false),
            began: Instant::now(),
            state: ManuallyDrop::new(Mutex::default()),
        };
        let p = cx.alloc_in(cls, p);
        cx.mutator.set_native_drop(NonNull::from(&p.head), drop_profiler);
        Ok(Value::from_ref(p))
    }

    #[slot(sig = "(self, timer=None, timeunit=0.0, subcalls=True, builtins=True)")]
    fn __init__(
        cx: &Thread,
        this: &Profiler,
        timer: Option<Value>,
        timeunit: Option<f64>,
        subcalls: Option<bool>,
        builtins: Option<bool>,
    ) -> Res<()> {
        this.set_flags(Some(subcalls.unwrap_or(true)), Some(builtins.unwrap_or(true)));
        this.unit.store(timeunit.unwrap_or(0.0).to_bits(), Ordering::Relaxed);
        this.timer.set_option(this, timer);
        if this.users.get().is_none() {
            this.users.set(this, Value::from_ref(Dict::new(cx)));
        }
        Ok(())
    }

    /// What was counted, a profiler_entry a function.
    #[pymethod(defining_class)]
    fn getstats(cx: &Thread, this: &Profiler) -> Res {
        let unit = this.unit();
        let factor = if this.timer.get().is_none() || unit == 0.0 { 1e-9 } else { unit };
        let entries: Vec<(Counts, Vec<(u32, Counts)>)> =
            this.state().entries.iter().map(|e| (e.counts, e.calls.clone())).collect();
        let list = List::new(cx);
        let Some(users) = this.users() else { return Ok(Value::from_ref(list)) };
        let row = |number: usize, c: &Counts| -> Res<[Value; 5]> {
            let user = users.get(cx, Value::small(number as i64))?;
            Ok([
                user.unwrap_or(none()),
                Value::small(c.calls),
                Value::small(c.recursive),
                Value::from_f64(factor * c.total as f64),
                Value::from_f64(factor * c.inline as f64),
            ])
        };
        for (number, (counts, calls)) in entries.iter().enumerate() {
            cx.poll()?;
            if counts.calls == 0 {
                continue;
            }
            let below = List::new(cx);
            for (callee, counts) in calls {
                below.push(cx, SUBENTRY.make(cx, &row(*callee as usize, counts)?));
            }
            let calls = if calls.is_empty() { none() } else { Value::from_ref(below) };
            let [a, b, c, d, e] = row(number, counts)?;
            list.push(cx, ENTRY.make(cx, &[a, b, c, d, e, calls]));
        }
        Ok(Value::from_ref(list))
    }

    /// Begins to count: what each function calls (subcalls), and builtins by themselves (builtins).
    #[pymethod(sig = "(self, subcalls=True, builtins=True)", text = "")]
    fn enable(
        cx: &Thread,
        profiler: &Profiler,
        subcalls: Option<bool>,
        builtins: Option<bool>,
    ) -> Res<()> {
        profiler.set_flags(subcalls, builtins);
        let name = Value::from_ref(Str::new(cx, "cProfile"));
        if monitoring_call(cx, "use_tool_id", &[name]).is_err() {
            raise!(cx, ValueError, "Another profiling tool is already active");
        }
        let mut events = 0;
        for (event, method) in CALLBACKS {
            let callback = get_attr(cx, Value::from_ref(profiler), intern(cx, method))?;
            monitoring_call(cx, "register_callback", &[Value::small(1 << event), callback])?;
            events |= 1 << event;
        }
        monitoring_call(cx, "set_events", &[Value::small(events)])?;
        profiler.enabled.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Stops counting.
    #[pymethod]
    fn disable(cx: &Thread, this: &Profiler) -> Res<()> {
        this.refuse_in_timer(cx, "disable")?;
        if !this.enabled.load(Ordering::Relaxed) {
            return Ok(());
        }
        for (event, _) in CALLBACKS {
            monitoring_call(cx, "register_callback", &[Value::small(1 << event), none()])?;
        }
        monitoring_call(cx, "set_events", &[Value::small(0)])?;
        monitoring_call(cx, "free_tool_id", &[])?;
        this.enabled.store(false, Ordering::Relaxed);
        this.end_all(cx);
        Ok(())
    }

    /// Forgets what was counted.
    #[pymethod]
    fn clear(cx: &Thread, this: &Profiler) -> Res<()> {
        this.refuse_in_timer(cx, "clear")?;
        *this.state() = State::default();
        this.users.set(this, Value::from_ref(Dict::new(cx)));
        Ok(())
    }

    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn _pystart_callback(cx: &Thread, this: &Profiler, args: &[Value]) -> Res<()> {
        needs(cx, "_pystart_callback", args, 2)?;
        this.enter(cx, args[0].bits() as usize, || args[0])
    }

    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn _pyreturn_callback(cx: &Thread, this: &Profiler, args: &[Value]) -> Res<()> {
        needs(cx, "_pyreturn_callback", args, 3)?;
        this.leave(cx, args[0].bits() as usize);
        Ok(())
    }

    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn _ccall_callback(cx: &Thread, this: &Profiler, args: &[Value]) -> Res<()> {
        needs(cx, "_ccall_callback", args, 4)?;
        if this.builtins.load(Ordering::Relaxed)
            && let Some((row, callable)) = builtin_of(cx, args[2], args[3])?
        {
            this.enter(cx, std::ptr::from_ref(row) as usize, || name_of(cx, row, callable))?;
        }
        Ok(())
    }

    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn _creturn_callback(cx: &Thread, this: &Profiler, args: &[Value]) -> Res<()> {
        needs(cx, "_creturn_callback", args, 4)?;
        if this.builtins.load(Ordering::Relaxed)
            && let Some((row, _)) = builtin_of(cx, args[2], args[3])?
        {
            this.leave(cx, std::ptr::from_ref(row) as usize);
        }
        Ok(())
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add(cx, "profiler_entry", Value::from_ref(ENTRY.ty(cx)));
    m.add(cx, "profiler_subentry", Value::from_ref(SUBENTRY.ty(cx)));
    m.add_type::<Profiler>(cx);
    Ok(())
}

pymodule! { "_lsprof", doc: "Fast profiler", exec: exec }
