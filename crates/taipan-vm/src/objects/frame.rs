//! `frame`: what Python sees of a running or finished frame. Made when somebody asks for one.
//!
//! While the frame runs, `regs` is its register 0 on the VM stack, and word -1 of the frame holds
//! this object instead of the function (flag FRAMEOBJ); while a generator is suspended, `regs` lies
//! in the generator's cell. When the frame is left, `detach` copies the registers into a cell of
//! the object's own. So `regs` can always be read by the thread that runs the frame; others look at
//! it in `still`.
//!
//! Begins with the fields of `interp::frame::Callee`.

use super::cell::Cell;
use super::code::Code;
use super::function::Function;
use super::generator;
use super::object::Object;
use crate::interp::frame::{Callee, ENTRY, FRAMEOBJ, FULL_HEADER, GEN, Regs};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::mem::offset_of;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicUsize, Ordering};
use taipan_compiler::code::local_kind;

#[repr(C)]
pub struct Frame {
    pub head: Head,
    pub code: Slot,
    pub globals: Slot,
    pub builtins: Slot,
    func: Slot,
    /// The caller, once detached.
    back: Slot,
    regs: AtomicUsize,
    done: AtomicU8,
    /// The generator the frame belongs to, or empty.
    generator: Slot,
    pub trace: Slot,
    pub trace_lines: AtomicBool,
    pub trace_opcodes: AtomicBool,
    /// `f_trace_opcodes` has just been set, in an instruction of this frame that is still to end.
    pub opcodes_begin: AtomicBool,
    /// The line that tracing says the frame is at; 0: work it out.
    pub lineno: AtomicI64,
    /// The word at which the frame goes on after the yield it is at, if a trace function chose one; else -1.
    resume_at: AtomicI64,
    /// Names stored through `f_locals` that are no variables of the code: a Dict.
    extra_locals: Slot,
}

const _: () = {
    assert!(offset_of!(Frame, code) == offset_of!(Callee, code));
    assert!(offset_of!(Frame, globals) == offset_of!(Callee, globals));
    assert!(offset_of!(Frame, builtins) == offset_of!(Callee, builtins));
};

crate::pytype! { Frame, PyFrame_Type, name: "frame", module: "builtins", base: Object, weakref: true }

/// The frame object of a frame on the VM stack.
pub fn of_regs(cx: &Thread, regs: Regs) -> &'static Frame {
    if regs.flags() & FRAMEOBJ != 0 {
        return frame_of(regs);
    }
    let callee = regs.callee();
    let f = Frame {
        head: fresh_head(),
        code: Slot::empty(),
        globals: Slot::empty(),
        builtins: Slot::empty(),
        func: Slot::empty(),
        back: Slot::empty(),
        regs: AtomicUsize::new(regs.0 as usize),
        done: AtomicU8::new(0),
        generator: Slot::empty(),
        trace: Slot::empty(),
        trace_lines: AtomicBool::new(true),
        trace_opcodes: AtomicBool::new(false),
        opcodes_begin: AtomicBool::new(false),
        lineno: AtomicI64::new(0),
        resume_at: AtomicI64::new(-1),
        extra_locals: Slot::empty(),
    };
    f.code.init(Some(Value::from_ref(regs.code())));
    f.globals.init(callee.globals.get());
    f.builtins.init(callee.builtins.get());
    f.func.init(Some(regs.callee_value()));
    f.generator.init((regs.flags() & GEN != 0).then(|| regs.extra()));
    let f = cx.alloc(f);
    // While memory was found, another thread may have looked at the frame: it has one object only.
    if regs.flags() & FRAMEOBJ != 0 {
        return frame_of(regs);
    }
    // The frame may have been put aside in the heap.
    regs.barrier(0);
    regs.set_callee(Value::from_ref(f));
    regs.add_flag(FRAMEOBJ);
    f
}

/// The frame object of a generator's frame, running or put aside. The caller runs the generator or
/// has stopped the other threads.
pub fn of_generator(cx: &Thread, regs: Regs, generator: Value) -> &'static Frame {
    let f = of_regs(cx, regs);
    f.generator.set(f, generator);
    f
}

/// Runs `look`, which reads or writes what lies at a frame's registers: with the other threads
/// stopped, unless the calling thread runs the frame. They go on or leave it only at a safepoint,
/// which `look` may have none of, but for allocation, once it has begun.
pub fn still<R>(cx: &Thread, regs: Regs, look: impl FnOnce() -> R) -> R {
    if cx.interp.frames().any(|own| own.0 == regs.0) {
        return look();
    }
    cx.mutator.stop_the_world(|_| look())
}

fn frame_of(regs: Regs) -> &'static Frame {
    // SAFETY: FRAMEOBJ says that word -1 is a frame object.
    unsafe { &*(regs.callee_value().bits() as *const Frame) }
}

/// The function that a frame runs.
pub fn function_of(regs: Regs) -> Option<&'static Function> {
    let v = if regs.flags() & FRAMEOBJ != 0 {
        frame_of(regs).func.value()
    } else {
        regs.callee_value()
    };
    v.downcast_exact::<Function>()
}

/// The frame of `from` lies at `to` now.
pub fn moved(from: Regs, to: Regs, generator: Option<Value>) {
    let f = frame_of(from);
    taipan_heap::slot::barrier(&f.regs);
    f.regs.store(to.0 as usize, Ordering::Release);
    if let Some(g) = generator {
        f.generator.set(f, g);
    }
}

/// A generator's frame put aside is dropped: the frame object keeps its variables.
pub fn abandoned(aside: Regs) {
    let f = frame_of(aside);
    f.done.store(1, Ordering::Release);
}

/// The frame is about to be left: its registers move into the frame object, which then knows its
/// caller as well.
pub fn detach(cx: &Thread, regs: Regs) {
    let f = frame_of(regs);
    let code = regs.code();
    let prev = regs.prev();
    if !prev.is_null() {
        let back = of_regs(cx, prev);
        f.back.set(f, Value::from_ref(back));
    }
    let n = code.nlocals as usize;
    let cell = generator::frame_cell(cx, n);
    for i in 0..FULL_HEADER + n {
        cell.sub(FULL_HEADER).set_bits(i, regs.sub(FULL_HEADER).bits(i));
    }
    cell.clear_flag(ENTRY);
    cell.set_prev(Regs::NULL);
    if regs.flags() & GEN == 0 {
        // The word was never written and may point to a cell that is free by now.
        cell.sub(FULL_HEADER).set_bits(0, 0);
    }
    taipan_heap::slot::barrier(&f.regs);
    f.regs.store(cell.0 as usize, Ordering::Release);
    // Last: other threads look at the registers of a frame that is done at any time.
    f.done.store(1, Ordering::Release);
    regs.set_callee(f.func.value());
    regs.clear_flag(FRAMEOBJ);
}

impl Frame {
    pub fn code(&self) -> &'static Code {
        self.code.value().downcast_exact::<Code>().expect("a frame has code")
    }

    pub fn regs(&self) -> Regs {
        Regs(self.regs.load(Ordering::Acquire) as *mut u64)
    }

    pub fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire) != 0
    }

    /// As the function `still`; a frame that is done belongs to all.
    fn still<R>(&self, look: impl FnOnce() -> R) -> R {
        match Thread::current() {
            Some(cx) if !self.is_done() => still(cx, self.regs(), look),
            _ => look(),
        }
    }

    fn suspended(&self) -> bool {
        match self.generator.get() {
            Some(g) if !self.is_done() => generator::view(g).core.state() != generator::RUNNING,
            _ => false,
        }
    }

    pub fn back(&self, cx: &Thread) -> Option<&'static Frame> {
        self.still(|| {
            if self.is_done() {
                return self.back.get().and_then(|b| b.downcast_exact::<Frame>());
            }
            if self.suspended() {
                return None;
            }
            let prev = self.regs().prev();
            if prev.is_null() { None } else { Some(of_regs(cx, prev)) }
        })
    }

    /// Index of the instruction word it is at.
    pub fn lasti(&self) -> usize {
        self.still(|| self.regs().lasti())
    }

    pub fn line(&self) -> Option<u32> {
        match self.lineno.load(Ordering::Relaxed) {
            0 => self.code().line_of(self.lasti()),
            l => u32::try_from(l).ok(),
        }
    }

    /// A trace function makes the frame go on at a word; `later`: after the yield that it is at.
    pub fn choose_place(&self, later: bool, word: usize) {
        if later {
            self.resume_at.store(word as i64, Ordering::Relaxed);
        } else {
            self.regs().save_pc(self.code().pc_at(word), 0);
        }
    }

    /// Goes to the word that was chosen at the yield before.
    pub fn go_to_chosen_place(&self) {
        if let Ok(word) = usize::try_from(self.resume_at.swap(-1, Ordering::Relaxed)) {
            self.choose_place(false, word);
        }
    }

    /// The variable number `i` of localsplus.
    fn variable(&self, i: usize) -> Option<Value> {
        self.still(|| {
            // A finished frame keeps what was in it, which `clear` has taken away.
            let func = if self.is_done() { none() } else { self.func.value() };
            local_value(self.regs(), self.code(), i, func)
        })
    }

    fn set_variable(&self, i: usize, v: Option<Value>) {
        self.still(|| self.set_variable_now(i, v));
    }

    fn set_variable_now(&self, i: usize, v: Option<Value>) {
        let (regs, code) = (self.regs(), self.code());
        let at = i + code.local_base as usize;
        let kind = code.unit().localsplus_kinds[i];
        if kind & (local_kind::CO_FAST_CELL | local_kind::CO_FAST_FREE) != 0 {
            if let Some(c) = regs.get(at).and_then(|c| c.downcast_exact::<Cell>()) {
                match v {
                    Some(v) => c.set(v),
                    None => c.clear(),
                }
                return;
            }
        }
        // The frame may have been put aside in the heap.
        taipan_heap::slot::barrier(regs.add(at).0);
        regs.set_option(at, v);
    }

    /// Does the code keep variable `i` from being seen? In modules and classes only those of inlined
    /// comprehensions (PEP 709) are seen, while they have a value.
    fn hidden(&self, i: usize) -> bool {
        let kind = self.code().unit().localsplus_kinds[i];
        let inlined = kind & local_kind::CO_FAST_HIDDEN != 0;
        if kind & local_kind::CO_FAST_CELL != 0 && self.shadowed(i) {
            return true;
        }
        if self.is_optimized() { inlined } else { !inlined || self.variable(i).is_none() }
    }

    /// Does an inlined comprehension run whose variable has the name of cell `i`? Such a variable is
    /// a local of its own, without a value at other times.
    fn shadowed(&self, i: usize) -> bool {
        let names = self.code().localsplus();
        let kinds = &self.code().unit().localsplus_kinds;
        (0..i).any(|j| {
            kinds[j] & (local_kind::CO_FAST_CELL | local_kind::CO_FAST_FREE) == 0
                && names.get(j) == names.get(i)
                && self.variable(j).is_some()
        })
    }

    /// A module's or class's namespace; none in functions.
    fn namespace(&self) -> Option<Value> {
        if self.is_optimized() { None } else { self.still(|| self.regs().get(0)) }
    }

    /// The number of the variable of that name.
    fn find(&self, name: &Str) -> Option<usize> {
        let names = self.code().localsplus();
        let visible = |i: usize| !self.hidden(i);
        (0..names.len())
            .find(|&i| visible(i) && names.get(i).downcast::<Str>().is_some_and(|n| n.eq(name)))
    }

    /// As `find` for any key: what is equal to a name stands for it.
    fn find_key(&self, cx: &Thread, key: Value) -> Res<Option<usize>> {
        if let Some(name) = key.downcast_exact::<Str>() {
            return Ok(self.find(name));
        }
        let wanted = hash(cx, key)?;
        let names = self.code().localsplus();
        for i in (0..names.len()).filter(|&i| !self.hidden(i)) {
            if hash(cx, names.get(i))? == wanted && eq(cx, names.get(i), key)? {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }

    fn extra(&self) -> Option<&'static Dict> {
        self.extra_locals.get().and_then(|d| d.downcast::<Dict>())
    }

    fn is_optimized(&self) -> bool {
        self.code().has(taipan_compiler::code::flags::CO_OPTIMIZED)
    }

    /// Names and values of the variables that have one.
    fn items(&self) -> GcVec<(Value, Value)> {
        self.still(|| self.items_now())
    }

    fn items_now(&self) -> GcVec<(Value, Value)> {
        let names = self.code().localsplus();
        let mut out = GcVec::new();
        if let Some(ns) = self.namespace().and_then(|ns| ns.downcast::<Dict>()) {
            for &(k, v) in ns.entries().iter() {
                if k.downcast::<Str>().and_then(|k| self.find(k)).is_none() {
                    out.push((k, v));
                }
            }
        }
        for i in 0..names.len() {
            if self.hidden(i) {
                continue;
            }
            if let Some(v) = self.variable(i) {
                out.push((names.get(i), v));
            }
        }
        if let Some(d) = self.extra() {
            out.extend_from_slice(&d.entries());
        }
        out
    }

    /// `f_locals`.
    pub fn locals(&'static self, cx: &Thread) -> Value {
        let inlined = (0..self.code().unit().nlocalsplus()).any(|i| !self.hidden(i));
        if !self.is_optimized() && !inlined {
            let namespace = self.still(|| self.regs().get(0));
            return namespace.unwrap_or_else(|| Value::from_ref(Dict::new(cx)));
        }
        let p = FrameLocals { head: fresh_head(), frame: Slot::empty() };
        p.frame.init(Some(Value::from_ref(self)));
        Value::from_ref(cx.alloc(p))
    }
}

/// A variable's value, through its cell where it has one.
pub fn local_value(regs: Regs, code: &Code, i: usize, func: Value) -> Option<Value> {
    let kind = code.unit().localsplus_kinds[i];
    let v = regs.get(i + code.local_base as usize);
    if kind & (local_kind::CO_FAST_CELL | local_kind::CO_FAST_FREE) == 0 {
        return v;
    }
    match v {
        Some(v) => match v.downcast_exact::<Cell>() {
            Some(c) => c.get(),
            None => Some(v),
        },
        // Before the closure is copied into the frame.
        None if kind & local_kind::CO_FAST_FREE != 0 => {
            let closure = func.downcast_exact::<Function>()?.closure.get()?.downcast::<Tuple>()?;
            let first = code.unit().nlocalsplus() - code.unit().nfreevars();
            closure.as_slice().get(i.checked_sub(first)?)?.downcast_exact::<Cell>()?.get()
        }
        None => None,
    }
}

/// `locals()` in a frame: a fresh dict in functions, the namespace elsewhere.
pub fn locals_dict(cx: &Thread, regs: Regs) -> Value {
    let code = regs.code();
    if !code.has(taipan_compiler::code::flags::CO_OPTIMIZED) {
        let hidden = |i: usize| code.unit().localsplus_kinds[i] & local_kind::CO_FAST_HIDDEN != 0;
        let inlined = (0..code.unit().nlocalsplus())
            .any(|i| hidden(i) && regs.bits(i + code.local_base as usize) != 0);
        if !inlined {
            return regs.value(0);
        }
        let d = Dict::new(cx);
        for &(k, v) in of_regs(cx, regs).items().iter() {
            if let Some(k) = k.downcast::<Str>() {
                d.set_str(cx, k, v);
            }
        }
        return Value::from_ref(d);
    }
    let f = of_regs(cx, regs);
    let d = Dict::new(cx);
    let names = code.localsplus();
    let cell = |i: usize| code.unit().localsplus_kinds[i] & local_kind::CO_FAST_CELL != 0;
    for i in 0..names.len() {
        if cell(i) && f.shadowed(i) {
            continue;
        }
        if let (Some(v), Some(n)) = (f.variable(i), names.get(i).downcast::<Str>()) {
            d.set_str(cx, n, v);
        }
    }
    if let Some(x) = f.extra() {
        for (k, v) in x.entries() {
            if let Some(k) = k.downcast::<Str>() {
                d.set_str(cx, k, v);
            }
        }
    }
    Value::from_ref(d)
}

#[pymethods]
impl Frame {
    #[slot]
    fn __repr__(cx: &Thread, this: &Frame) -> Res {
        let line = this.line().map_or("None".to_string(), |l| l.to_string());
        let code = this.code();
        let file = repr(cx, code.filename.value())?;
        let text = format!(
            "<frame at {:#x}, file {file}, line {line}, code {}>",
            this as *const Frame as usize,
            code.name_str()
        );
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[getter]
    fn f_back(cx: &Thread, this: &Frame) -> Value {
        this.back(cx).map_or(none(), |b| Value::from_ref(b))
    }

    #[getter]
    fn f_code(_cx: &Thread, this: &Frame) -> Value {
        this.code.value()
    }

    #[getter]
    fn f_globals(_cx: &Thread, this: &Frame) -> Value {
        this.globals.value()
    }

    #[getter]
    fn f_builtins(_cx: &Thread, this: &Frame) -> Value {
        this.builtins.value()
    }

    #[getter]
    fn f_locals(cx: &Thread, this: Value) -> Value {
        this.downcast_exact::<Frame>().expect("checked by the getter").locals(cx)
    }

    #[getter]
    fn f_lasti(_cx: &Thread, this: &Frame) -> i64 {
        4 * this.lasti() as i64
    }

    #[getter]
    fn f_lineno(_cx: &Thread, this: &Frame) -> Value {
        this.line().map_or(none(), |l| Value::small(i64::from(l)))
    }

    #[setter]
    fn set_f_lineno(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        let f = this.downcast_exact::<Frame>().expect("checked by the setter");
        crate::interp::trace::set_line(cx, f, v)
    }

    #[getter]
    fn f_trace(_cx: &Thread, this: &Frame) -> Value {
        this.trace.get().unwrap_or(none())
    }

    #[setter]
    fn set_f_trace(_cx: &Thread, this: &Frame, v: Option<Value>) -> Res<()> {
        this.trace.set_option(this, v.filter(|v| !v.is_none()));
        this.lineno.store(0, Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn f_trace_lines(_cx: &Thread, this: &Frame) -> bool {
        this.trace_lines.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_f_trace_lines(cx: &Thread, this: &Frame, v: Option<Value>) -> Res<()> {
        set_bool(cx, &this.trace_lines, v)
    }

    #[getter]
    fn f_trace_opcodes(_cx: &Thread, this: &Frame) -> bool {
        this.trace_opcodes.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_f_trace_opcodes(cx: &Thread, this: &Frame, v: Option<Value>) -> Res<()> {
        let before = this.trace_opcodes.load(Ordering::Relaxed);
        set_bool(cx, &this.trace_opcodes, v)?;
        if !before && this.trace_opcodes.load(Ordering::Relaxed) {
            this.opcodes_begin.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Clear all variables of a finished frame.
    #[pymethod]
    fn clear(cx: &Thread, this: &Frame) -> Res {
        if !this.is_done() {
            match this.generator.get() {
                Some(g) if this.suspended() => {
                    if generator::view(g).core.state() == generator::CREATED {
                        if crate::objects::coroutine::is_coroutine(g) {
                            crate::objects::coroutine::warn_unawaited(cx, g);
                        }
                        generator::close(cx, g)?;
                    } else {
                        raise!(cx, RuntimeError, "cannot clear a suspended frame");
                    }
                }
                _ => raise!(cx, RuntimeError, "cannot clear an executing frame"),
            }
        }
        let regs = this.regs();
        for i in 0..this.code().nlocals as usize {
            regs.set_bits(i, 0);
        }
        this.extra_locals.clear(this);
        this.trace.clear(this);
        Ok(none())
    }

    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Frame) -> usize {
        size_of::<Frame>() + 8 * this.code().nregs as usize
    }
}

fn set_bool(cx: &Thread, to: &AtomicBool, v: Option<Value>) -> Res<()> {
    match v {
        Some(v) if v == py_bool(true) || v == py_bool(false) => {
            to.store(v == py_bool(true), Ordering::Relaxed);
            Ok(())
        }
        _ => raise!(cx, TypeError, "attribute value type must be bool"),
    }
}

/// `f_locals` of a function's frame: reads and writes go to the frame itself (PEP 667).
#[repr(C)]
pub struct FrameLocals {
    pub head: Head,
    frame: Slot,
}

crate::pytype! { FrameLocals, PyFrameLocalsProxy_Type, name: "FrameLocalsProxy", module: "builtins", base: Object,
flags: tpflags::MAPPING, doc: "Create a write-through view of the locals dictionary for a frame.\n\n  frame\n    the frame object to wrap." }

impl FrameLocals {
    fn frame(&self) -> &'static Frame {
        self.frame.value().downcast_exact::<Frame>().expect("the proxy has a frame")
    }

    fn lookup(&self, cx: &Thread, key: Value) -> Res<Option<Value>> {
        let f = self.frame();
        if let Some(i) = f.find_key(cx, key)? {
            return Ok(f.variable(i));
        }
        if let Some(ns) = f.namespace() {
            return match get_item(cx, ns, key) {
                Ok(v) => Ok(Some(v)),
                Err(e) if e.is(exc::KeyError()) => Ok(None),
                Err(e) => Err(e),
            };
        }
        match f.extra() {
            Some(d) => d.get(cx, key),
            None => {
                hash(cx, key)?;
                Ok(None)
            }
        }
    }

    fn store(&self, cx: &Thread, key: Value, v: Option<Value>) -> Res<()> {
        let f = self.frame();
        if let Some(i) = f.find_key(cx, key)? {
            if v.is_none() {
                raise!(cx, ValueError, "cannot remove local variables from FrameLocalsProxy");
            }
            f.set_variable(i, v);
            return Ok(());
        }
        if let Some(ns) = f.namespace() {
            return match v {
                Some(v) => set_item(cx, ns, key, v),
                None => del_item(cx, ns, key),
            };
        }
        match v {
            Some(v) => {
                let d = match f.extra() {
                    Some(d) => d,
                    None => {
                        let d = Dict::new(cx);
                        f.extra_locals.set(f, Value::from_ref(d));
                        d
                    }
                };
                d.set(cx, key, v)
            }
            None => match f.extra() {
                Some(d) if d.del(cx, key)? => Ok(()),
                _ => Err(super::exceptions::key_error(cx, key)),
            },
        }
    }

    fn as_dict(&self, cx: &Thread) -> Res<&'static Dict> {
        let d = Dict::new(cx);
        for &(k, v) in self.frame().items().iter() {
            d.set(cx, k, v)?;
        }
        Ok(d)
    }

    fn keys_list(&self, cx: &Thread) -> Value {
        let keys: GcVec<Value> = self.frame().items().iter().map(|(k, _)| *k).collect();
        Value::from_ref(List::from_slice(cx, &keys))
    }
}

#[pymethods]
impl FrameLocals {
    #[slot(sig = "(cls, frame, /)")]
    fn __new__(cx: &Thread, _cls: &Type, frame: &'static Frame) -> Res {
        Ok(frame.locals(cx))
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &FrameLocals) -> Res<usize> {
        Ok(this.frame().items().len())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &FrameLocals, key: Value) -> Res {
        match this.lookup(cx, key)? {
            Some(v) => Ok(v),
            None => match key.downcast::<Str>() {
                Some(n) => Err(err!(cx, KeyError, "local variable '{n}' is not defined")),
                None => Err(super::exceptions::key_error(cx, key)),
            },
        }
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &FrameLocals, key: Value, v: Option<Value>) -> Res<()> {
        this.store(cx, key, v)
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &FrameLocals, key: Value) -> Res<bool> {
        Ok(this.lookup(cx, key)?.is_some())
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &FrameLocals) -> Res {
        iter(cx, this.keys_list(cx))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &FrameLocals) -> Res {
        let Some(_guard) = super::text_builder::enter_repr(cx, Value::from_ref(this.frame()))
        else {
            return Ok(Value::from_ref(Str::new(cx, "{...}")));
        };
        let d = Value::from_ref(this.as_dict(cx)?);
        Ok(Value::from_ref(repr(cx, d)?))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &FrameLocals, other: Value, op: CmpOp) -> Res {
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(not_implemented());
        }
        if let Some(o) = other.downcast_exact::<FrameLocals>() {
            let same = std::ptr::eq(this.frame(), o.frame());
            return Ok(py_bool(same == (op == CmpOp::Eq)));
        }
        if other.downcast::<Dict>().is_some() {
            let d = Value::from_ref(this.as_dict(cx)?);
            return rich_compare(cx, d, other, op);
        }
        Ok(not_implemented())
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        let mapping = |v: Value| {
            v.downcast::<Dict>().is_some() || v.downcast_exact::<FrameLocals>().is_some()
        };
        if !mapping(a) || !mapping(b) {
            return Ok(not_implemented());
        }
        let d = Dict::new(cx);
        d.update(cx, a)?;
        d.update(cx, b)?;
        Ok(Value::from_ref(d))
    }

    #[slot]
    fn __ior__(cx: &Thread, this: &FrameLocals, other: Value) -> Res {
        FrameLocals::update(cx, this, other)?;
        Ok(Value::from_ref(this))
    }

    /// The names that have a value.
    #[pymethod]
    fn keys(cx: &Thread, this: &FrameLocals) -> Res {
        Ok(this.keys_list(cx))
    }

    /// The values.
    #[pymethod]
    fn values(cx: &Thread, this: &FrameLocals) -> Res {
        let values: GcVec<Value> = this.frame().items().iter().map(|(_, v)| *v).collect();
        Ok(Value::from_ref(List::from_slice(cx, &values)))
    }

    /// Pairs of name and value.
    #[pymethod]
    fn items(cx: &Thread, this: &FrameLocals) -> Res {
        let out = List::new(cx);
        for &(k, v) in this.frame().items().iter() {
            out.push(cx, Value::from_ref(Tuple::pair(cx, k, v)));
        }
        Ok(Value::from_ref(out))
    }

    /// A plain dict with the present values.
    #[pymethod]
    fn copy(cx: &Thread, this: &FrameLocals) -> Res {
        Ok(Value::from_ref(this.as_dict(cx)?))
    }

    /// The value of a name, or the default.
    #[pymethod(sig = "(self, key, default=None, /)")]
    fn get(cx: &Thread, this: &FrameLocals, key: Value, default: Value) -> Res {
        Ok(this.lookup(cx, key)?.unwrap_or(default))
    }

    /// The value of a name, which is set to the default where it has none.
    #[pymethod(sig = "(self, key, default=None, /)")]
    fn setdefault(cx: &Thread, this: &FrameLocals, key: Value, default: Value) -> Res {
        if let Some(v) = this.lookup(cx, key)? {
            return Ok(v);
        }
        this.store(cx, key, Some(default))?;
        Ok(default)
    }

    /// Take a name out that is no variable of the function.
    #[pymethod(sig = "(self, key, default=None, /)")]
    fn pop(cx: &Thread, this: &FrameLocals, key: Value, default: Option<Value>) -> Res {
        let f = this.frame();
        if key.downcast::<Str>().and_then(|n| f.find(n)).is_some() {
            raise!(cx, ValueError, "cannot remove local variables from FrameLocalsProxy");
        }
        if let Some(d) = f.extra() {
            if let Some(v) = d.pop(cx, key)? {
                return Ok(v);
            }
        }
        match default {
            Some(v) => Ok(v),
            None => Err(super::exceptions::key_error(cx, key)),
        }
    }

    /// Set names from a mapping.
    #[pymethod]
    fn update(cx: &Thread, this: &FrameLocals, other: Value) -> Res {
        let d = match other.downcast_exact::<Dict>() {
            Some(d) => d,
            None => {
                let d = Dict::new(cx);
                d.update(cx, other)?;
                d
            }
        };
        for &(k, v) in d.entries().iter() {
            this.store(cx, k, Some(v))?;
        }
        Ok(none())
    }

    #[pymethod]
    fn __reversed__(cx: &Thread, this: &FrameLocals) -> Res {
        let mut keys: GcVec<Value> = this.frame().items().iter().map(|(k, _)| *k).collect();
        keys.reverse();
        Ok(Value::from_ref(List::from_slice(cx, &keys)))
    }
}
