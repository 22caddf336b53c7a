//! `_tracemalloc`: where the memory that is in use was allocated.
//!
//! A trace is kept for each cell of the heap that was handed out since `start`, until a collection
//! finds it dead; so whoever asks for figures has one made first. The tables are Rust's, behind a
//! leaf lock: recording happens inside the allocator, where nothing may be allocated from the heap,
//! locked for longer, or reach a safepoint.

use crate::objects::code::Code;
use crate::prelude::*;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use taipan_heap::{AllocationHook, Mutator, Reason, Root};

/// The most frames that a traceback may hold.
pub const MOST_FRAMES: i64 = 65535;

static TRACING: AtomicBool = AtomicBool::new(false);
static TABLES: LazyLock<Mutex<Tables>> = LazyLock::new(Mutex::default);
static HOOK: AllocationHook = AllocationHook { made, collected };

thread_local! {
    /// What this thread allocates now is the tracing's own.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Whence an allocation came, innermost frame first.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Stack {
    /// Index of a file's name, and the line.
    frames: Vec<(u32, u32)>,
    /// How many there were, with those beyond the limit.
    depth: u16,
}

/// A file's name; `None`: unknown.
type File = Option<Arc<Root<Value>>>;

struct Trace {
    bytes: usize,
    stack: u32,
}

#[derive(Default)]
struct Tables {
    /// Frames in a traceback.
    limit: usize,
    /// By the address of the cell.
    traces: HashMap<usize, Trace>,
    /// Cells handed out since the last collection.
    fresh: Vec<usize>,
    stacks: Vec<Arc<Stack>>,
    stack_numbers: HashMap<Arc<Stack>, u32>,
    files: Vec<File>,
    /// By the bits of the name, which its root keeps from becoming another's.
    file_numbers: HashMap<u64, u32>,
    bytes: usize,
    peak: usize,
    /// Reused by each allocation.
    scratch: Stack,
}

fn tables() -> MutexGuard<'static, Tables> {
    TABLES.lock().unwrap_or_else(|e| e.into_inner())
}

impl Tables {
    fn file(&mut self, name: Option<Value>) -> u32 {
        let bits = Value::option_bits(name);
        if let Some(n) = self.file_numbers.get(&bits) {
            return *n;
        }
        let n = self.files.len() as u32;
        self.files.push(name.map(|n| Arc::new(Root::new(n))));
        self.file_numbers.insert(bits, n);
        n
    }

    /// The number of the traceback as it is now.
    fn stack(&mut self, cx: &Thread) -> u32 {
        let mut s = std::mem::take(&mut self.scratch);
        s.frames.clear();
        s.depth = 0;
        for r in cx.interp.frames() {
            let code: &Code = r.code();
            // One that is only being prepared to run has no line yet, and is its caller's affair.
            let Some(line) = code.line_if_known(r.saved_pc()) else { continue };
            s.depth = s.depth.saturating_add(1);
            if s.frames.len() < self.limit {
                s.frames.push((self.file(code.filename.get()), line));
            }
        }
        if s.depth == 0 {
            s.depth = 1;
            s.frames.push((self.file(None), 0));
        }
        let known = self.stack_numbers.get(&s).copied();
        let number = known.unwrap_or_else(|| {
            let (n, new) = (self.stacks.len() as u32, Arc::new(s.clone()));
            self.stacks.push(new.clone());
            self.stack_numbers.insert(new, n);
            n
        });
        self.scratch = s;
        number
    }

    fn insert(&mut self, cell: usize, bytes: usize, stack: u32) {
        if let Some(old) = self.traces.insert(cell, Trace { bytes, stack }) {
            self.bytes -= old.bytes;
        }
        self.fresh.push(cell);
        self.bytes += bytes;
        self.peak = self.peak.max(self.bytes);
    }

    fn forget_traces(&mut self) {
        self.traces = HashMap::new();
        self.fresh = Vec::new();
        self.stacks = Vec::new();
        self.stack_numbers = HashMap::new();
        self.files = Vec::new();
        self.file_numbers = HashMap::new();
        (self.bytes, self.peak) = (0, 0);
    }
}

fn made(m: &Mutator, cell: usize, bytes: usize) {
    // SAFETY: `user` is null or the thread's own state, which outlives its registration.
    let cx = unsafe { (m.user.get() as *const Thread).as_ref() };
    if let Some(cx) = cx.filter(|_| !QUIET.get()) {
        let mut t = tables();
        if TRACING.load(Ordering::Relaxed) {
            let stack = t.stack(cx);
            t.insert(cell, bytes, stack);
        }
    }
}

fn collected(full: bool, is_dead: &dyn Fn(usize) -> bool) {
    let t = &mut *tables();
    let (mut gone, traces) = (0, &mut t.traces);
    if full {
        traces.retain(|cell, trace| {
            let dead = is_dead(*cell);
            gone += if dead { trace.bytes } else { 0 };
            !dead
        });
    } else {
        for cell in t.fresh.iter().filter(|cell| is_dead(**cell)) {
            gone += traces.remove(cell).map_or(0, |trace| trace.bytes);
        }
    }
    t.fresh.clear();
    t.bytes -= gone;
}

/// While it lives the thread's allocations are not traced: they are for showing the traces.
struct Quiet {
    before: bool,
}

impl Quiet {
    fn new() -> Quiet {
        Quiet { before: QUIET.replace(true) }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        QUIET.set(self.before);
    }
}

/// What the VM allocates for its own ends is nobody's memory.
#[cold]
pub fn untraced<R>(make: impl FnOnce() -> R) -> R {
    let _quiet = Quiet::new();
    make()
}

fn tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// Has what is dead forgotten.
fn forget_the_dead(cx: &Thread) {
    crate::interp::clear_dead_registers(cx);
    cx.mutator.clear_dead_stack();
    taipan_heap::collect(cx.mutator, Reason::Explicit);
    crate::objects::weakref::run_pending(cx);
}

/// Begins to trace, with so many frames a traceback; nothing new if it traces already.
pub fn begin(cx: &Thread, frames: i64) -> Res<()> {
    if !(1..=MOST_FRAMES).contains(&frames) {
        raise!(cx, ValueError, "the number of frames must be in range [1; {}]", MOST_FRAMES);
    }
    let mut t = tables();
    if !TRACING.swap(true, Ordering::Relaxed) {
        t.limit = frames as usize;
        drop(t);
        taipan_heap::trace_allocations(cx.mutator, Some(&HOOK));
    }
    Ok(())
}

/// Whether allocations are traced.
#[pyfunction]
fn is_tracing(_cx: &Thread) -> bool {
    tracing()
}

/// Forgets all traces.
#[pyfunction]
fn clear_traces(_cx: &Thread) {
    tables().forget_traces();
}

/// The frames of a traceback as a tuple of (file name, line).
fn frames_tuple(cx: &Thread, stack: &Stack, files: &[File]) -> Value {
    let mut frames: GcVec<Value> = GcVec::new();
    for &(file, line) in &stack.frames {
        let name = match &files[file as usize] {
            Some(name) => name.get(),
            None => Value::from_ref(Str::from_ascii(cx, b"<unknown>")),
        };
        frames.push(Value::from_ref(Tuple::pair(cx, name, Value::small(line as i64))));
    }
    Value::from_ref(Tuple::from_slice(cx, &frames))
}

/// All traces: a list of (domain, bytes, frames, depth).
#[pyfunction]
fn _get_traces(cx: &Thread) -> Res {
    let list = List::new(cx);
    if !tracing() {
        return Ok(Value::from_ref(list));
    }
    forget_the_dead(cx);
    let _quiet = Quiet::new();
    let (traces, stacks, files) = {
        let t = tables();
        let traces: Vec<_> = t.traces.values().map(|t| (t.bytes, t.stack)).collect();
        (traces, t.stacks.clone(), t.files.clone())
    };
    let mut tuples: GcVec<Option<Value>> = GcVec::new();
    stacks.iter().for_each(|_| tuples.push(None));
    for (bytes, number) in traces {
        let stack = &stacks[number as usize];
        let frames = match tuples[number as usize] {
            Some(v) => v,
            None => {
                let v = frames_tuple(cx, stack, &files);
                tuples[number as usize] = Some(v);
                v
            }
        };
        let (bytes, depth) = (Value::small(bytes as i64), Value::small(stack.depth as i64));
        let trace = Tuple::from_slice(cx, &[Value::small(0), bytes, frames, depth]);
        list.push(cx, Value::from_ref(trace));
        cx.poll()?;
    }
    Ok(Value::from_ref(list))
}

/// The frames that allocated the object, or None.
#[pyfunction]
fn _get_object_traceback(cx: &Thread, obj: Value) -> Value {
    let _quiet = Quiet::new();
    let Some(cell) =
        obj.head().and_then(|h| taipan_heap::cell_start(std::ptr::from_ref(h) as usize))
    else {
        return none();
    };
    let found = {
        let t = tables();
        let stack = t.traces.get(&cell).map(|trace| t.stacks[trace.stack as usize].clone());
        stack.map(|s| (s, t.files.clone()))
    };
    let Some((stack, files)) = found else { return none() };
    frames_tuple(cx, &stack, &files)
}

/// Begins to trace, with so many frames a traceback.
#[pyfunction(sig = "(nframe=1, /)")]
fn start(cx: &Thread, nframe: i64) -> Res<()> {
    begin(cx, nframe)
}

/// Traces no more, and forgets all traces.
#[pyfunction]
fn stop(cx: &Thread) {
    let mut t = tables();
    TRACING.store(false, Ordering::Relaxed);
    t.forget_traces();
    drop(t);
    taipan_heap::trace_allocations(cx.mutator, None);
}

/// How many frames a traceback holds at most.
#[pyfunction]
fn get_traceback_limit(_cx: &Thread) -> i64 {
    tables().limit.max(1) as i64
}

/// (bytes in use, the most that were).
#[pyfunction]
fn get_traced_memory(cx: &Thread) -> Value {
    if tracing() {
        forget_the_dead(cx);
    }
    let _quiet = Quiet::new();
    let (now, peak) = {
        let t = tables();
        (t.bytes as i64, t.peak as i64)
    };
    Value::from_ref(Tuple::pair(cx, Value::small(now), Value::small(peak)))
}

/// The peak is what is in use now.
#[pyfunction]
fn reset_peak(_cx: &Thread) {
    let mut t = tables();
    t.peak = t.bytes;
}

/// Bytes that the tables take.
#[pyfunction]
fn get_tracemalloc_memory(_cx: &Thread) -> i64 {
    let t = tables();
    let frames: usize = t.stacks.iter().map(|s| s.frames.capacity() * 8 + 64).sum();
    (t.traces.capacity() * 32 + t.fresh.capacity() * 8 + frames) as i64
}

pymodule! { "_tracemalloc",
doc: "Traces of the blocks of memory that Python allocates.",
functions: [
    is_tracing, clear_traces, _get_traces, _get_object_traceback, start, stop, get_traceback_limit,
    get_traced_memory, reset_peak, get_tracemalloc_memory,
] }
