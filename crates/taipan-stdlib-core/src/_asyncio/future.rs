//! `Future`, and the part of it that every Task has.

use super::future_iter::FutureIter;
use super::task::Task;
use super::{call_soon, event_loop, invalid_state, state};
use crate::_contextvars::Context;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use taipan_vm::interp::unraisable;
use taipan_vm::objects::exceptions::{self as ex, BaseException};
use taipan_vm::objects::generic_alias;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

pub const PENDING: u8 = 0;
pub const CANCELLED: u8 = 1;
pub const FINISHED: u8 = 2;

/// What futures and tasks share; it follows the header in both.
#[repr(C)]
pub struct Core {
    /// Empty until `__init__` has run.
    pub event_loop: Slot,
    /// The first callback and its context: mostly there is no other.
    callback: Slot,
    callback_context: Slot,
    /// A list of pairs of further ones.
    callbacks: Slot,
    pub exception: Slot,
    exception_tb: Slot,
    result: Slot,
    pub source_tb: Slot,
    pub cancel_msg: Slot,
    /// The CancelledError with which the coroutine ended, to be raised as it is.
    pub cancelled_exc: Slot,
    state: AtomicU8,
    /// Nobody has asked for the exception yet.
    pub log_tb: AtomicBool,
    /// Somebody awaits it by `yield from`.
    pub blocking: AtomicBool,
}

#[repr(C)]
pub struct Future {
    pub head: Head,
    pub core: Core,
}

pytype! { Future, PyTaipanFuture_Type, name: "Future", module: "_asyncio", base: Object,
flags: tpflags::BASETYPE, dict: true, weakref: true,
doc: "Future(*, loop=None)\n--\n\nA result that is not there yet.\n\nUnlike concurrent.futures.Future, result and exception do not wait, and\ncallbacks are called by the event loop." }

/// Instances are noted for finalisation only while there is something to say about their end.
pub fn finish_types() {
    for t in [Future::type_object(), Task::type_object()] {
        t.info().layout.has_finalizer.store(false, Ordering::Relaxed);
    }
}

/// What there is of a finished future.
pub enum Outcome {
    Result(Value),
    Exception(Value),
}

/// An exact Future or Task.
#[inline(always)]
pub fn exact(v: Value) -> Option<&'static Future> {
    if let Some(f) = v.downcast_exact::<Future>() {
        return Some(f);
    }
    // A Task begins with a Future.
    v.downcast_exact::<Task>().and_then(|_| v.downcast::<Future>())
}

impl Core {
    pub fn new() -> Core {
        let e = Slot::empty;
        Core {
            event_loop: e(),
            callback: e(),
            callback_context: e(),
            callbacks: e(),
            exception: e(),
            exception_tb: e(),
            result: e(),
            source_tb: e(),
            cancel_msg: e(),
            cancelled_exc: e(),
            state: AtomicU8::new(PENDING),
            log_tb: AtomicBool::new(false),
            blocking: AtomicBool::new(false),
        }
    }
}

impl Future {
    #[inline(always)]
    pub fn state(&self) -> u8 {
        self.core.state.load(Ordering::Acquire)
    }

    pub fn is_pending(&self) -> bool {
        self.state() == PENDING
    }

    fn alive(&self, cx: &Thread) -> Res {
        match self.core.event_loop.get() {
            Some(l) => Ok(l),
            None => raise!(cx, RuntimeError, "Future object is not initialized."),
        }
    }

    /// `__init__`.
    pub fn init(&self, cx: &Thread, event_loop: Value) -> Res<()> {
        let c = &self.core;
        if !c.event_loop.is_empty() {
            let slots = [
                &c.event_loop,
                &c.callback,
                &c.callback_context,
                &c.callbacks,
                &c.exception,
                &c.exception_tb,
                &c.result,
                &c.source_tb,
                &c.cancel_msg,
                &c.cancelled_exc,
            ];
            slots.iter().for_each(|s| s.clear(self));
            c.state.store(PENDING, Ordering::Release);
            c.log_tb.store(false, Ordering::Relaxed);
            c.blocking.store(false, Ordering::Relaxed);
        }
        let l = if event_loop.is_none() { self::event_loop(cx)? } else { event_loop };
        c.event_loop.set(self, l);
        let debug = call_method(cx, l, id!(cx, "get_debug"), &[])?;
        if is_true(cx, debug)? && !cx.vm.finalizing.load(Ordering::Relaxed) {
            let tb = call(cx, state().extract_stack.value(), &[])?;
            c.source_tb.set(self, tb);
        }
        Ok(())
    }

    /// Has the callbacks called, each by the loop.
    fn schedule_callbacks(&self, cx: &Thread) -> Res<()> {
        let c = &self.core;
        let me = Value::from_ref(self);
        if let Some(f) = c.callback.swap(self, None) {
            let context = c.callback_context.swap(self, None).unwrap_or(none());
            let l = self.alive(cx)?;
            if let Err(e) = call_soon(cx, l, f, Some(me), context) {
                c.callbacks.clear(self);
                return Err(e);
            }
        }
        let Some(rest) = c.callbacks.swap(self, None).and_then(|l| l.downcast::<List>()) else {
            return Ok(());
        };
        let l = self.alive(cx)?;
        for pair in rest.to_vec().iter() {
            let t = pair.downcast::<Tuple>().expect("a pair was appended");
            call_soon(cx, l, t.get(0), Some(me), t.get(1))?;
        }
        Ok(())
    }

    pub fn finish(&self, cx: &Thread, result: Value) -> Res<()> {
        self.alive(cx)?;
        if !self.is_pending() {
            return Err(invalid_state(cx, "invalid state"));
        }
        self.core.result.set(self, result);
        self.core.state.store(FINISHED, Ordering::Release);
        self.schedule_callbacks(cx)
    }

    pub fn fail(&self, cx: &Thread, e: Value) -> Res<()> {
        if !self.is_pending() {
            return Err(invalid_state(cx, "invalid state"));
        }
        let mut e = e;
        if e.as_type().is_some_and(|t| t.is_subtype(exc::BaseException())) {
            e = call(cx, e, &[])?;
            if !self.is_pending() {
                return Err(invalid_state(cx, "invalid state"));
            }
        }
        if e.downcast::<BaseException>().is_none() {
            raise!(cx, TypeError, "invalid exception object");
        }
        if e.ty().is_subtype(exc::StopIteration()) {
            let new = err!(
                cx,
                RuntimeError,
                "StopIteration interacts badly with generators and cannot be raised into a Future"
            );
            let x = ex::of(new.0);
            ex::set_cause(x, Some(e));
            x.context.set(x, e);
            e = new.0;
        }
        let c = &self.core;
        c.exception.set(self, e);
        c.exception_tb.set_option(self, ex::of(e).traceback.get());
        c.state.store(FINISHED, Ordering::Release);
        self.schedule_callbacks(cx)?;
        c.log_tb.store(true, Ordering::Relaxed);
        self.note_end(cx);
        Ok(())
    }

    /// `__del__` has something to say from now on.
    pub fn note_end(&self, cx: &Thread) {
        cx.mutator.set_finalizer(std::ptr::NonNull::from(&self.head));
        taipan_vm::idle::note();
    }

    pub fn cancel_with(&self, cx: &Thread, msg: Option<Value>) -> Res<bool> {
        let c = &self.core;
        c.log_tb.store(false, Ordering::Relaxed);
        if !self.is_pending() {
            return Ok(false);
        }
        c.state.store(CANCELLED, Ordering::Release);
        c.cancel_msg.set_option(self, msg);
        self.schedule_callbacks(cx)?;
        Ok(true)
    }

    /// The CancelledError to raise.
    pub fn cancelled_error(&self, cx: &Thread) -> Res {
        if let Some(e) = self.core.cancelled_exc.swap(self, None) {
            return Ok(e);
        }
        let class = state().cancelled_error.value();
        match self.core.cancel_msg.get() {
            Some(m) if !m.is_none() => call(cx, class, &[m]),
            _ => call(cx, class, &[]),
        }
    }

    #[cold]
    fn raise_cancelled(&self, cx: &Thread) -> Raised {
        self.cancelled_error(cx).map_or_else(|e| e, Raised)
    }

    pub fn outcome(&self, cx: &Thread) -> Res<Outcome> {
        let c = &self.core;
        match self.state() {
            CANCELLED => return Err(self.raise_cancelled(cx)),
            FINISHED => {}
            _ => return Err(invalid_state(cx, "Result is not set.")),
        }
        c.log_tb.store(false, Ordering::Relaxed);
        if let Some(e) = c.exception.get() {
            let x = ex::of(e);
            x.traceback.set_option(x, c.exception_tb.swap(self, None));
            return Ok(Outcome::Exception(e));
        }
        Ok(Outcome::Result(c.result.get().unwrap_or(none())))
    }

    pub fn result_or_raise(&self, cx: &Thread) -> Res {
        match self.outcome(cx)? {
            Outcome::Result(v) => Ok(v),
            Outcome::Exception(e) => Err(Raised(e)),
        }
    }

    pub fn add_callback(&self, cx: &Thread, f: Value, context: Value) -> Res<()> {
        let c = &self.core;
        let Some(l) = c.event_loop.get() else {
            raise!(cx, RuntimeError, "uninitialized Future object");
        };
        if !self.is_pending() {
            return call_soon(cx, l, f, Some(Value::from_ref(self)), context);
        }
        if c.callback.is_empty() && c.callbacks.is_empty() {
            c.callback_context.set(self, context);
            c.callback.set(self, f);
            return Ok(());
        }
        let pair = Value::from_ref(Tuple::pair(cx, f, context));
        match c.callbacks.get().and_then(|l| l.downcast::<List>()) {
            Some(l) => l.push(cx, pair),
            None => c.callbacks.set(self, Value::from_ref(List::from_slice(cx, &[pair]))),
        }
        Ok(())
    }

    /// The callbacks with their contexts.
    fn all_callbacks(&self, cx: &Thread) -> GcVec<Value> {
        let c = &self.core;
        let mut all = GcVec::new();
        if let Some(f) = c.callback.get() {
            let context = c.callback_context.get().unwrap_or(none());
            all.push(Value::from_ref(Tuple::pair(cx, f, context)));
        }
        if let Some(l) = c.callbacks.get().and_then(|l| l.downcast::<List>()) {
            all.extend_from_slice(&l.to_vec());
        }
        all
    }

    /// Tells the loop of something that nobody else will.
    pub fn report(&self, cx: &Thread, message: &str, items: &[(&'static Str, Value)]) {
        let d = Dict::new(cx);
        d.set_str(cx, id!(cx, "message"), Value::from_ref(Str::new(cx, message)));
        for (k, v) in items {
            d.set_str(cx, k, *v);
        }
        if let Some(tb) = self.core.source_tb.get() {
            d.set_str(cx, id!(cx, "source_traceback"), tb);
        }
        let Some(l) = self.core.event_loop.get() else { return };
        match get_attr(cx, l, id!(cx, "call_exception_handler")) {
            Ok(f) => {
                if let Err(e) = call(cx, f, &[Value::from_ref(d)]) {
                    unraisable(cx, e, Some(f), None);
                }
            }
            Err(e) => unraisable(cx, e, Some(Value::from_ref(self)), None),
        }
    }

    /// `__del__`: an exception that nobody asked for is told.
    pub fn finalize(&self, cx: &Thread) {
        if !self.core.log_tb.swap(false, Ordering::Relaxed) {
            return;
        }
        let me = Value::from_ref(self);
        let message = format!("{} exception was never retrieved", me.ty().short_name());
        let e = self.core.exception.get().unwrap_or(none());
        self.report(cx, &message, &[(id!(cx, "exception"), e), (id!(cx, "future"), me)]);
    }
}

/// The bool that a setter got.
pub fn flag(cx: &Thread, v: Option<Value>) -> Res<bool> {
    match v {
        Some(v) => is_true(cx, v),
        None => raise!(cx, AttributeError, "cannot delete attribute"),
    }
}

#[pymethods]
impl Future {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(cx.alloc_in(cls, Future { head: fresh_head(), core: Core::new() })))
    }

    #[slot(sig = "(self, *, loop=None)")]
    fn __init__(cx: &Thread, this: &Future, r#loop: Value) -> Res<()> {
        this.init(cx, r#loop)
    }

    #[slot]
    fn __del__(cx: &Thread, this: &Future) -> Res<()> {
        this.finalize(cx);
        Ok(())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)?;
        call(cx, state().future_repr.value(), &[Value::from_ref(this)])
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)?;
        Ok(FutureIter::new(cx, this))
    }

    #[slot]
    fn __await__(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)?;
        Ok(FutureIter::new(cx, this))
    }

    /// The result; raises the exception, if that is what there is, CancelledError if the future was
    /// cancelled, and InvalidStateError if it is not done.
    #[pymethod(sig = "(self, /)")]
    fn result(cx: &Thread, this: &Future) -> Res {
        if this.core.event_loop.is_empty() {
            return Err(invalid_state(cx, "Future object is not initialized."));
        }
        this.result_or_raise(cx)
    }

    /// The exception, or None if there is a result; raises as result does in the other cases.
    #[pymethod(sig = "(self, /)")]
    fn exception(cx: &Thread, this: &Future) -> Res {
        if this.core.event_loop.is_empty() {
            return Err(invalid_state(cx, "Future object is not initialized."));
        }
        match this.state() {
            CANCELLED => return Err(this.raise_cancelled(cx)),
            FINISHED => {}
            _ => return Err(invalid_state(cx, "Exception is not set.")),
        }
        let Some(e) = this.core.exception.get() else { return Ok(none()) };
        this.core.log_tb.store(false, Ordering::Relaxed);
        Ok(e)
    }

    /// Ends the future with a result; it must not be done yet.
    #[pymethod(sig = "(self, result, /)")]
    fn set_result(cx: &Thread, this: &Future, result: Value) -> Res<()> {
        this.finish(cx, result)
    }

    /// Ends the future with an exception; it must not be done yet.
    #[pymethod(sig = "(self, exception, /)")]
    fn set_exception(cx: &Thread, this: &Future, exception: Value) -> Res<()> {
        this.alive(cx)?;
        this.fail(cx, exception)
    }

    /// Has the loop call a function with the future when it is done, or soon if it is.
    #[pymethod(sig = "(self, fn, /, *, context=<unrepresentable>)")]
    fn add_done_callback(
        cx: &Thread,
        this: &Future,
        r#fn: Value,
        context: Option<Value>,
    ) -> Res<()> {
        let context = match context {
            Some(c) => c,
            None => Value::from_ref(Context::copy_current(cx)),
        };
        this.add_callback(cx, r#fn, context)
    }

    /// Takes a callback off, as often as it is there, and tells how often that was.
    #[pymethod(sig = "(self, fn, /)")]
    fn remove_done_callback(cx: &Thread, this: &Future, r#fn: Value) -> Res<usize> {
        this.alive(cx)?;
        let c = &this.core;
        let mut removed = 0;
        if let Some(f) = c.callback.get()
            && eq(cx, f, r#fn)?
        {
            c.callback.clear(this);
            c.callback_context.clear(this);
            removed = 1;
        }
        let Some(l) = c.callbacks.get().and_then(|l| l.downcast::<List>()) else {
            return Ok(removed);
        };
        let mut kept = GcVec::new();
        let mut i = 0;
        // Comparing may run code that changes the list or drops it.
        while !c.callbacks.is_empty()
            && let Some(pair) = l.get(i)
        {
            let t = pair.downcast::<Tuple>().expect("a pair was appended");
            if eq(cx, t.get(0), r#fn)? {
                removed += 1;
            } else {
                kept.push(pair);
            }
            i += 1;
        }
        if kept.is_empty() {
            c.callbacks.clear(this);
        } else if !c.callbacks.is_empty() {
            l.replace_all(cx, &kept);
        }
        Ok(removed)
    }

    /// Cancels the future; false if it is done already.
    #[pymethod(sig = "(self, /, msg=None)")]
    fn cancel(cx: &Thread, this: &Future, msg: Value) -> Res<bool> {
        this.alive(cx)?;
        this.cancel_with(cx, Some(msg))
    }

    /// Whether it was cancelled.
    #[pymethod(sig = "(self, /)")]
    fn cancelled(_cx: &Thread, this: &Future) -> bool {
        !this.core.event_loop.is_empty() && this.state() == CANCELLED
    }

    /// Whether it has ended, also by being cancelled.
    #[pymethod(sig = "(self, /)")]
    fn done(_cx: &Thread, this: &Future) -> bool {
        !this.core.event_loop.is_empty() && !this.is_pending()
    }

    /// The loop it belongs to.
    #[pymethod(sig = "(self, /)")]
    fn get_loop(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)
    }

    /// The CancelledError to raise if it was cancelled; to be asked for once.
    #[pymethod(sig = "(self, /)")]
    fn _make_cancelled_error(cx: &Thread, this: &Future) -> Res {
        this.cancelled_error(cx)
    }

    /// For annotations.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        generic_alias::new(cx, Value::from_ref(cls), item)
    }

    #[getter]
    fn _state(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)?;
        Ok(Value::from_ref(match this.state() {
            PENDING => id!(cx, "PENDING"),
            CANCELLED => id!(cx, "CANCELLED"),
            _ => id!(cx, "FINISHED"),
        }))
    }

    #[getter]
    fn _asyncio_future_blocking(_cx: &Thread, this: &Future) -> bool {
        !this.core.event_loop.is_empty() && this.core.blocking.load(Ordering::Relaxed)
    }

    #[setter]
    fn set__asyncio_future_blocking(cx: &Thread, this: &Future, v: Option<Value>) -> Res<()> {
        this.alive(cx)?;
        this.core.blocking.store(flag(cx, v)?, Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn _loop(_cx: &Thread, this: &Future) -> Value {
        this.core.event_loop.get().unwrap_or(none())
    }

    #[getter]
    fn _callbacks(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)?;
        let all = this.all_callbacks(cx);
        Ok(if all.is_empty() { none() } else { Value::from_ref(List::from_slice(cx, &all)) })
    }

    #[getter]
    fn _result(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)?;
        Ok(this.core.result.get().unwrap_or(none()))
    }

    #[getter]
    fn _exception(cx: &Thread, this: &Future) -> Res {
        this.alive(cx)?;
        Ok(this.core.exception.get().unwrap_or(none()))
    }

    #[getter]
    fn _log_traceback(cx: &Thread, this: &Future) -> Res<bool> {
        this.alive(cx)?;
        Ok(this.core.log_tb.load(Ordering::Relaxed))
    }

    #[setter]
    fn set__log_traceback(cx: &Thread, this: &Future, v: Option<Value>) -> Res<()> {
        if flag(cx, v)? {
            raise!(cx, ValueError, "_log_traceback can only be set to False");
        }
        this.core.log_tb.store(false, Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn _source_traceback(_cx: &Thread, this: &Future) -> Value {
        this.core.source_tb.get().unwrap_or(none())
    }

    #[getter]
    fn _cancel_message(_cx: &Thread, this: &Future) -> Value {
        this.core.cancel_msg.get().unwrap_or(none())
    }

    #[setter]
    fn set__cancel_message(cx: &Thread, this: &Future, v: Option<Value>) -> Res<()> {
        if v.is_none() {
            raise!(cx, AttributeError, "cannot delete attribute");
        }
        this.core.cancel_msg.set_option(this, v);
        Ok(())
    }
}
