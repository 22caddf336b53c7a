//! `async_generator` and its awaitables: `asend`, `athrow`/`aclose`, `anext` with a default.
//!
//! The values that an async generator yields travel wrapped (`ASYNC_GEN_WRAP`), which tells them
//! from those its awaits pass on (PEP 525).

use super::exceptions as ex;
use super::generator::{self, Core, FINISHED, SUSPENDED, Sent, Step, view};
use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicU32, Ordering};

#[repr(C)]
pub struct AsyncGenerator {
    pub head: Head,
    pub core: Core,
}

crate::pytype! { AsyncGenerator, PyAsyncGen_Type, name: "async_generator", module: "builtins", base: Object, weakref: true }

/// A value yielded to `async for`.
#[repr(C)]
pub struct Wrapped {
    pub head: Head,
    value: Slot,
}

crate::pytype! { Wrapped, _PyAsyncGenWrappedValue_Type, name: "async_generator_wrapped_value", module: "builtins", base: Object }

/// The awaitable of `asend` and `__anext__`.
#[repr(C)]
pub struct Asend {
    pub head: Head,
    generator: Slot,
    sent: Slot,
    state: AtomicU32,
}

crate::pytype! { Asend, _PyAsyncGenASend_Type, name: "async_generator_asend", module: "builtins", base: Object }

/// The awaitable of `athrow` and `aclose` (then without arguments).
#[repr(C)]
pub struct Athrow {
    pub head: Head,
    generator: Slot,
    args: Slot,
    state: AtomicU32,
}

crate::pytype! { Athrow, _PyAsyncGenAThrow_Type, name: "async_generator_athrow", module: "builtins", base: Object }

/// The awaitable of `anext(it, default)`.
#[repr(C)]
pub struct AnextAwaitable {
    pub head: Head,
    wrapped: Slot,
    default: Slot,
}

crate::pytype! { AnextAwaitable, _PyAnextAwaitable_Type, name: "anext_awaitable", module: "builtins", base: Object }

const INIT: u32 = 0;
const ITER: u32 = 1;
const CLOSED: u32 = 2;

/// `ASYNC_GEN_WRAP`.
pub fn wrap(cx: &Thread, v: Value) -> Value {
    let w = Wrapped { head: fresh_head(), value: Slot::empty() };
    w.value.init(Some(v));
    Value::from_ref(cx.alloc(w))
}

/// `anext(it, default)`.
pub fn anext_with_default(cx: &Thread, awaitable: Value, default: Value) -> Value {
    let a = AnextAwaitable { head: fresh_head(), wrapped: Slot::empty(), default: Slot::empty() };
    a.wrapped.init(Some(awaitable));
    a.default.init(Some(default));
    Value::from_ref(cx.alloc(a))
}

fn core(v: Value) -> &'static Core {
    &view(v).core
}

/// Calls the thread's hooks before the first iteration.
fn init_hooks(cx: &Thread, this: Value) -> Res<()> {
    let c = core(this);
    if c.hooked.swap(1, Ordering::AcqRel) != 0 {
        return Ok(());
    }
    if let Some(f) = cx.asyncgen_finalizer.get() {
        c.finalizer.set(view(this), f);
    }
    if let Some(f) = cx.asyncgen_firstiter.get() {
        call(cx, f, &[this])?;
    }
    Ok(())
}

fn asend(cx: &Thread, this: Value, v: Value) -> Res {
    init_hooks(cx, this)?;
    let a = Asend {
        head: fresh_head(),
        generator: Slot::empty(),
        sent: Slot::empty(),
        state: AtomicU32::new(INIT),
    };
    a.generator.init(Some(this));
    a.sent.init(Some(v));
    Ok(Value::from_ref(cx.alloc(a)))
}

fn athrow(cx: &Thread, this: Value, args: Option<Value>) -> Res {
    init_hooks(cx, this)?;
    let a = Athrow {
        head: fresh_head(),
        generator: Slot::empty(),
        args: Slot::empty(),
        state: AtomicU32::new(INIT),
    };
    a.generator.init(Some(this));
    a.args.init(args);
    Ok(Value::from_ref(cx.alloc(a)))
}

/// What a step of the generator means to whoever awaits (`async_gen_unwrap_value`): a wrapped value
/// ends the await with it, a plain one is passed up.
fn unwrap_step(cx: &Thread, this: Value, step: Res<Step>) -> Res {
    let c = core(this);
    match step {
        Ok(Step::Yield(v)) => match v.downcast_exact::<Wrapped>() {
            Some(w) => {
                c.busy.store(0, Ordering::Release);
                Err(generator::stop_with(cx, w.value.value()))
            }
            None => Ok(v),
        },
        Ok(Step::Return(_)) => {
            c.closed.store(1, Ordering::Release);
            c.busy.store(0, Ordering::Release);
            Err(Raised::with_args(cx, exc::StopAsyncIteration(), &[]))
        }
        Err(e) => {
            if e.is(exc::StopAsyncIteration()) || e.is(exc::GeneratorExit()) {
                c.closed.store(1, Ordering::Release);
            }
            c.busy.store(0, Ordering::Release);
            Err(e)
        }
    }
}

/// Awaiting an `Asend` once more.
/// Warns about an `asend()`, `athrow()` or `aclose()` that was dropped without being awaited.
fn warn_unawaited(cx: &Thread, generator: Value, method: &str) {
    let q = core(generator).qualname.get().and_then(|q| q.downcast::<Str>());
    let q = q.map_or("?".into(), |q| q.to_str_lossy());
    let text = format!("coroutine method '{method}' of '{q}' was never awaited");
    if let Err(e) = super::warn(cx, exc::RuntimeWarning(), &text, 1) {
        crate::interp::unraisable(cx, e, Some(generator), None);
    }
}

/// An awaitable in use needs no warning, so the collector need not call its finaliser.
fn begun(head: &Head) {
    taipan_heap::clear_finalizer(head);
}

fn asend_send(cx: &Thread, a: &Asend, arg: Value) -> Res {
    let this = a.generator.value();
    let mut arg = arg;
    if a.state.load(Ordering::Acquire) == CLOSED {
        raise!(cx, RuntimeError, "cannot reuse already awaited __anext__()/asend()");
    }
    if a.state.load(Ordering::Acquire) == INIT {
        if core(this).busy.swap(1, Ordering::AcqRel) != 0 {
            a.state.store(CLOSED, Ordering::Release);
            raise!(cx, RuntimeError, "anext(): asynchronous generator is already running");
        }
        if arg.is_none() {
            arg = a.sent.value();
        }
        a.state.store(ITER, Ordering::Release);
        begun(&a.head);
    }
    let step = generator::resume(cx, this, Sent::Value(arg));
    let r = unwrap_step(cx, this, step);
    if r.is_err() {
        a.state.store(CLOSED, Ordering::Release);
    }
    r
}

fn asend_throw(cx: &Thread, a: &Asend, e: Raised) -> Res {
    let this = a.generator.value();
    if a.state.load(Ordering::Acquire) == CLOSED {
        raise!(cx, RuntimeError, "cannot reuse already awaited __anext__()/asend()");
    }
    if a.state.load(Ordering::Acquire) == INIT {
        if core(this).busy.swap(1, Ordering::AcqRel) != 0 {
            a.state.store(CLOSED, Ordering::Release);
            raise!(cx, RuntimeError, "anext(): asynchronous generator is already running");
        }
        a.state.store(ITER, Ordering::Release);
        begun(&a.head);
    }
    let step = generator::throw_step(cx, this, e, false);
    let r = unwrap_step(cx, this, step);
    if r.is_err() {
        a.state.store(CLOSED, Ordering::Release);
    }
    r
}

fn ignored_exit(cx: &Thread) -> Raised {
    err!(cx, RuntimeError, "async generator ignored GeneratorExit")
}

/// What ends an `aclose` well: the await gives None.
fn aclose_error(cx: &Thread, a: &Athrow, e: Raised) -> Raised {
    a.state.store(CLOSED, Ordering::Release);
    core(a.generator.value()).busy.store(0, Ordering::Release);
    let done = e.is(exc::StopAsyncIteration()) || e.is(exc::GeneratorExit());
    if a.args.get().is_none() && done {
        return Raised::with_args(cx, exc::StopIteration(), &[]);
    }
    e
}

fn athrow_result(cx: &Thread, a: &Athrow, step: Res<Step>) -> Res {
    let this = a.generator.value();
    if a.args.get().is_some() {
        return unwrap_step(cx, this, step)
            .inspect_err(|_| a.state.store(CLOSED, Ordering::Release));
    }
    match step {
        Ok(Step::Yield(v)) if v.downcast_exact::<Wrapped>().is_some() => {
            a.state.store(CLOSED, Ordering::Release);
            core(this).busy.store(0, Ordering::Release);
            Err(ignored_exit(cx))
        }
        Ok(Step::Yield(v)) => Ok(v),
        Ok(Step::Return(_)) => {
            Err(aclose_error(cx, a, Raised::with_args(cx, exc::StopAsyncIteration(), &[])))
        }
        Err(e) => Err(aclose_error(cx, a, e)),
    }
}

fn athrow_send(cx: &Thread, a: &Athrow, arg: Value) -> Res {
    let this = a.generator.value();
    let c = core(this);
    let state = a.state.load(Ordering::Acquire);
    if state == CLOSED {
        raise!(cx, RuntimeError, "cannot reuse already awaited aclose()/athrow()");
    }
    if c.state() == FINISHED {
        a.state.store(CLOSED, Ordering::Release);
        return Err(Raised::with_args(cx, exc::StopIteration(), &[]));
    }
    if state == ITER {
        let step = generator::resume(cx, this, Sent::Value(arg));
        return athrow_result(cx, a, step);
    }
    let is_close = a.args.get().is_none();
    if c.busy.load(Ordering::Acquire) != 0 {
        a.state.store(CLOSED, Ordering::Release);
        let what = if is_close { "aclose" } else { "athrow" };
        raise!(cx, RuntimeError, "{what}(): asynchronous generator is already running");
    }
    if c.closed.load(Ordering::Acquire) != 0 {
        a.state.store(CLOSED, Ordering::Release);
        return Err(Raised::with_args(cx, exc::StopAsyncIteration(), &[]));
    }
    if !arg.is_none() {
        raise!(cx, RuntimeError, "can't send non-None value to a just-started coroutine");
    }
    a.state.store(ITER, Ordering::Release);
    begun(&a.head);
    c.busy.store(1, Ordering::Release);
    let e = match a.args.get().and_then(|t| t.downcast::<Tuple>()) {
        None => {
            c.closed.store(1, Ordering::Release);
            Raised::with_args(cx, exc::GeneratorExit(), &[])
        }
        Some(args) => match thrown_of(cx, args.as_slice()) {
            Ok(e) => e,
            Err(e) => {
                a.state.store(CLOSED, Ordering::Release);
                c.busy.store(0, Ordering::Release);
                return Err(e);
            }
        },
    };
    let step = generator::throw_step(cx, this, e, false);
    athrow_result(cx, a, step)
}

fn thrown_of(cx: &Thread, args: &[Value]) -> Res<Raised> {
    let at = |i: usize| args.get(i).copied().unwrap_or(none());
    generator::thrown(cx, at(0), at(1), at(2))
}

fn athrow_throw(cx: &Thread, a: &Athrow, e: Raised) -> Res {
    let this = a.generator.value();
    let c = core(this);
    match a.state.load(Ordering::Acquire) {
        CLOSED => raise!(cx, RuntimeError, "cannot reuse already awaited aclose()/athrow()"),
        INIT => {
            if c.busy.swap(1, Ordering::AcqRel) != 0 {
                a.state.store(CLOSED, Ordering::Release);
                let what = if a.args.get().is_none() { "aclose" } else { "athrow" };
                raise!(cx, RuntimeError, "{what}(): asynchronous generator is already running");
            }
            a.state.store(ITER, Ordering::Release);
            begun(&a.head);
        }
        _ => {}
    }
    let step = generator::throw_step(cx, this, e, false);
    athrow_result(cx, a, step)
}

/// The `next` slot of an awaitable: its StopIteration becomes an end with a value.
fn next_of(cx: &Thread, it: Value, r: Res) -> Res<Option<Value>> {
    match r {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(exc::StopIteration()) => {
            let v = ex::of(e.0).field_or_none(ex::field::VALUE);
            cx.interp.returned.set(if v.is_none() { None } else { Some((it, v)) });
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

#[pymethods]
impl AsyncGenerator {
    #[slot]
    fn __aiter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __anext__(cx: &Thread, this: Value) -> Res {
        asend(cx, this, none())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        generator::repr_of(cx, this, "async_generator")
    }

    #[slot]
    fn __del__(cx: &Thread, this: Value) -> Res<()> {
        let c = core(this);
        if c.state() == FINISHED {
            return Ok(());
        }
        if let (Some(f), 0) = (c.finalizer.get(), c.closed.load(Ordering::Acquire)) {
            if let Err(e) = call(cx, f, &[this]) {
                crate::interp::unraisable(cx, e, Some(this), None);
            }
            return Ok(());
        }
        generator::finalize(cx, this);
        Ok(())
    }

    /// An awaitable that sends a value into the generator and gives the next item.
    #[pymethod(text = "($self, object, /)")]
    fn asend(cx: &Thread, this: Value, value: Value) -> Res {
        asend(cx, this, value)
    }

    /// An awaitable that raises an exception inside the generator.
    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn athrow(cx: &Thread, this: Value, args: &[Value]) -> Res {
        if args.len() > 1 {
            super::warn_deprecated(
                cx,
                "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.",
            )?;
        }
        if args.is_empty() {
            raise!(cx, TypeError, "athrow expected at least 1 argument, got 0");
        }
        athrow(cx, this, Some(Value::from_ref(Tuple::from_slice(cx, args))))
    }

    /// An awaitable that ends the generator.
    #[pymethod]
    fn aclose(cx: &Thread, this: Value) -> Res {
        athrow(cx, this, None)
    }

    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        super::generic_alias::new(cx, cls, item)
    }

    #[getter]
    fn ag_await(_cx: &Thread, this: Value) -> Value {
        generator::delegate_of(this).unwrap_or(none())
    }

    #[getter]
    fn ag_running(_cx: &Thread, this: &AsyncGenerator) -> bool {
        this.core.busy.load(Ordering::Acquire) != 0
    }

    #[getter]
    fn ag_suspended(_cx: &Thread, this: &AsyncGenerator) -> bool {
        this.core.state() == SUSPENDED
    }

    #[getter]
    fn ag_frame(cx: &Thread, this: Value) -> Value {
        generator::frame_attr(cx, this)
    }

    #[getter]
    fn ag_code(_cx: &Thread, this: &AsyncGenerator) -> Value {
        this.core.code.value()
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &AsyncGenerator) -> Value {
        this.core.name.value()
    }

    #[setter]
    fn set___name__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        generator::set_name(cx, this, &core(this).name, v, "__name__")
    }

    #[getter]
    fn __qualname__(_cx: &Thread, this: &AsyncGenerator) -> Value {
        this.core.qualname.value()
    }

    #[setter]
    fn set___qualname__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        generator::set_name(cx, this, &core(this).qualname, v, "__qualname__")
    }
}

#[pymethods]
impl Wrapped {}

#[pymethods]
impl Asend {
    #[slot]
    fn __del__(cx: &Thread, this: &Asend) -> Res<()> {
        if this.state.load(Ordering::Acquire) == INIT {
            warn_unawaited(cx, this.generator.value(), "asend");
        }
        Ok(())
    }

    #[slot]
    fn __await__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Asend) -> Res<Option<Value>> {
        let r = asend_send(cx, this, none());
        next_of(cx, Value::from_ref(this), r)
    }

    /// Send a value into the generator.
    #[pymethod]
    fn send(cx: &Thread, this: &Asend, value: Value) -> Res {
        asend_send(cx, this, value)
    }

    /// Raise an exception inside the generator.
    #[pymethod(sig = "(self, /, *args)")]
    fn throw(cx: &Thread, this: &Asend, args: &[Value]) -> Res {
        asend_throw(cx, this, generator::thrown_args(cx, args, "throw")?)
    }

    /// Give up awaiting.
    #[pymethod]
    fn close(cx: &Thread, this: &Asend) -> Res {
        if this.state.load(Ordering::Acquire) == CLOSED {
            return Ok(none());
        }
        let e = Raised::with_args(cx, exc::GeneratorExit(), &[]);
        match asend_throw(cx, this, e) {
            Ok(_) => raise!(cx, RuntimeError, "coroutine ignored GeneratorExit"),
            Err(e)
                if e.is(exc::StopIteration())
                    || e.is(exc::StopAsyncIteration())
                    || e.is(exc::GeneratorExit()) =>
            {
                Ok(none())
            }
            Err(e) => Err(e),
        }
    }
}

#[pymethods]
impl Athrow {
    #[slot]
    fn __del__(cx: &Thread, this: &Athrow) -> Res<()> {
        if this.state.load(Ordering::Acquire) == INIT {
            let method = if this.args.get().is_none() { "aclose" } else { "athrow" };
            warn_unawaited(cx, this.generator.value(), method);
        }
        Ok(())
    }

    #[slot]
    fn __await__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Athrow) -> Res<Option<Value>> {
        let r = athrow_send(cx, this, none());
        next_of(cx, Value::from_ref(this), r)
    }

    /// Send a value into the generator.
    #[pymethod]
    fn send(cx: &Thread, this: &Athrow, value: Value) -> Res {
        athrow_send(cx, this, value)
    }

    /// Raise an exception inside the generator.
    #[pymethod(sig = "(self, /, *args)")]
    fn throw(cx: &Thread, this: &Athrow, args: &[Value]) -> Res {
        athrow_throw(cx, this, generator::thrown_args(cx, args, "throw")?)
    }

    /// Give up awaiting.
    #[pymethod]
    fn close(cx: &Thread, this: &Athrow) -> Res {
        if this.state.load(Ordering::Acquire) == CLOSED {
            return Ok(none());
        }
        let e = Raised::with_args(cx, exc::GeneratorExit(), &[]);
        match athrow_throw(cx, this, e) {
            Ok(_) => raise!(cx, RuntimeError, "coroutine ignored GeneratorExit"),
            Err(e)
                if e.is(exc::StopIteration())
                    || e.is(exc::StopAsyncIteration())
                    || e.is(exc::GeneratorExit()) =>
            {
                Ok(none())
            }
            Err(e) => Err(e),
        }
    }
}

/// The iterator that the wrapped awaitable of `anext` runs.
fn anext_iterator(cx: &Thread, a: &AnextAwaitable) -> Res {
    let it = super::coroutine::awaitable_iter(cx, a.wrapped.value())?;
    // A coroutine is no iterator: its wrapper is.
    match it.ty().slots().await_.get().filter(|_| super::coroutine::is_awaitable_generator(it)) {
        Some(get) => get(cx, it),
        None => Ok(it),
    }
}

/// StopAsyncIteration becomes the default.
fn anext_result(cx: &Thread, a: &AnextAwaitable, r: Res) -> Res {
    match r {
        Err(e) if e.is(exc::StopAsyncIteration()) => {
            Err(generator::stop_with(cx, a.default.value()))
        }
        r => r,
    }
}

fn anext_call(cx: &Thread, a: &AnextAwaitable, name: &'static Str, args: &[Value]) -> Res {
    let it = anext_iterator(cx, a)?;
    let r = call_method(cx, it, name, args);
    anext_result(cx, a, r)
}

#[pymethods]
impl AnextAwaitable {
    #[slot]
    fn __await__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &AnextAwaitable) -> Res<Option<Value>> {
        let it = anext_iterator(cx, this)?;
        let r = match iter_next(cx, it) {
            Ok(Some(v)) => Ok(v),
            Ok(None) => Err(generator::stop_with(cx, crate::interp::take_returned(cx, it))),
            Err(e) => Err(e),
        };
        let r = anext_result(cx, this, r);
        next_of(cx, Value::from_ref(this), r)
    }

    /// Send a value into the awaitable.
    #[pymethod]
    fn send(cx: &Thread, this: &AnextAwaitable, value: Value) -> Res {
        anext_call(cx, this, id!(cx, "send"), &[value])
    }

    /// Raise an exception inside the awaitable.
    #[pymethod(sig = "(self, /, *args)")]
    fn throw(cx: &Thread, this: &AnextAwaitable, args: &[Value]) -> Res {
        anext_call(cx, this, id!(cx, "throw"), args)
    }

    /// Give up awaiting.
    #[pymethod]
    fn close(cx: &Thread, this: &AnextAwaitable) -> Res {
        anext_call(cx, this, id!(cx, "close"), &[])
    }
}
