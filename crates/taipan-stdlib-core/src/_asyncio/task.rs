//! `Task`: a coroutine that an event loop runs. How it runs is in `step`.

use super::future::{Core, Future, flag};
use super::{register, state, step};
use crate::_contextvars::Context;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use taipan_heap::flag::FINALIZER;
use taipan_vm::objects::coroutine::is_coroutine;
use taipan_vm::objects::generic_alias;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Task {
    pub head: Head,
    core: Core,
    pub context: Slot,
    pub coro: Slot,
    /// A str, or the number in a name that nobody has asked for yet.
    name: Slot,
    /// The future that it waits for.
    pub fut_waiter: Slot,
    pub must_cancel: AtomicBool,
    log_destroy_pending: AtomicBool,
    cancels_requested: AtomicI32,
}

const _: () = assert!(std::mem::offset_of!(Task, core) == std::mem::offset_of!(Future, core));

pytype! { Task, PyTaipanTask_Type, name: "Task", module: "_asyncio", base: Future,
flags: tpflags::BASETYPE, dict: true, weakref: true,
doc: "Task(coro, *, loop=None, name=None, context=None, eager_start=False)\n--\n\nA coroutine that is run by an event loop, and the future of its result." }

impl Task {
    /// The future that it is.
    #[inline(always)]
    pub fn future(&self) -> &'static Future {
        Value::from_ref(self).downcast::<Future>().expect("a Task begins with a Future")
    }

    pub fn context(&self) -> Value {
        self.context.get().unwrap_or(none())
    }

    /// It has ended: unless there is an exception to tell of, its own end goes unnoticed.
    pub fn forget_end(&self) {
        let own = Task::type_object().slots().del.raw();
        if Value::from_ref(self).ty().slots().del.raw() == own
            && !self.core.log_tb.load(Ordering::Relaxed)
        {
            self.head.clear_flag(FINALIZER);
        }
    }
}

/// Whether a task can be made of something.
fn is_runnable(cx: &Thread, coro: Value) -> Res<bool> {
    if is_coroutine(coro) {
        return Ok(true);
    }
    let known = state().coroutine_types();
    let class = Value::from_ref(coro.ty());
    if known.contains(cx, class)? {
        return Ok(true);
    }
    let r = call(cx, state().is_coroutine.value(), &[coro])?;
    let yes = is_true(cx, r)?;
    if yes && known.len() < 100 {
        known.add(cx, class)?;
    }
    Ok(yes)
}

#[pymethods]
impl Task {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let e = Slot::empty;
        let t = Task {
            head: fresh_head(),
            core: Core::new(),
            context: e(),
            coro: e(),
            name: e(),
            fut_waiter: e(),
            must_cancel: AtomicBool::new(false),
            log_destroy_pending: AtomicBool::new(false),
            cancels_requested: AtomicI32::new(0),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, t)))
    }

    #[slot(sig = "(self, coro, *, loop=None, name=None, context=None, eager_start=False)")]
    fn __init__(
        cx: &Thread,
        this: &Task,
        coro: Value,
        r#loop: Value,
        name: Value,
        context: Value,
        eager_start: bool,
    ) -> Res<()> {
        this.future().init(cx, r#loop)?;
        if !is_runnable(cx, coro)? {
            this.log_destroy_pending.store(false, Ordering::Relaxed);
            raise!(cx, TypeError, "a coroutine was expected, got {}", repr(cx, coro)?);
        }
        let context =
            if context.is_none() { Value::from_ref(Context::copy_current(cx)) } else { context };
        this.context.set(this, context);
        this.must_cancel.store(false, Ordering::Relaxed);
        this.log_destroy_pending.store(true, Ordering::Relaxed);
        this.cancels_requested.store(0, Ordering::Relaxed);
        this.coro.set(this, coro);
        let name = if name.is_none() {
            Value::small(state().next_number())
        } else {
            Value::from_ref(to_str(cx, name)?)
        };
        this.name.set(this, name);
        this.future().note_end(cx);
        if eager_start {
            let running = call_method(cx, r#loop, id!(cx, "is_running"), &[])?;
            if running == py_bool(true) {
                return step::start_eagerly(cx, this);
            }
        }
        step::call_soon(cx, this, None)?;
        register(cx, Value::from_ref(this))
    }

    #[slot]
    fn __del__(cx: &Thread, this: &Task) -> Res<()> {
        let f = this.future();
        if f.is_pending() && this.log_destroy_pending.load(Ordering::Relaxed) {
            let me = Value::from_ref(this);
            let message = "Task was destroyed but it is pending!";
            f.report(cx, message, &[(id!(cx, "task"), me)]);
        }
        f.finalize(cx);
        Ok(())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Task) -> Res {
        call(cx, state().task_repr.value(), &[Value::from_ref(this)])
    }

    /// Asks the task to cancel itself: CancelledError will be thrown into the coroutine, which may
    /// clean up or go on. False if the task is done.
    #[pymethod(sig = "(self, /, msg=None)")]
    fn cancel(cx: &Thread, this: &Task, msg: Value) -> Res<bool> {
        this.core.log_tb.store(false, Ordering::Relaxed);
        if !this.future().is_pending() {
            return Ok(false);
        }
        this.cancels_requested.fetch_add(1, Ordering::Relaxed);
        if let Some(f) = this.fut_waiter.get() {
            let r = call_msg(cx, f, msg)?;
            if is_true(cx, r)? {
                return Ok(true);
            }
        }
        this.must_cancel.store(true, Ordering::Relaxed);
        this.core.cancel_msg.set(this, msg);
        Ok(true)
    }

    /// How many requests to cancel the task there are.
    #[pymethod(sig = "(self, /)")]
    fn cancelling(_cx: &Thread, this: &Task) -> i32 {
        this.cancels_requested.load(Ordering::Relaxed)
    }

    /// Takes back one request to cancel the task; how many are left.
    #[pymethod(sig = "(self, /)")]
    fn uncancel(_cx: &Thread, this: &Task) -> i32 {
        let n = this.cancels_requested.load(Ordering::Relaxed);
        if n <= 0 {
            return n;
        }
        this.cancels_requested.store(n - 1, Ordering::Relaxed);
        if n == 1 {
            this.must_cancel.store(false, Ordering::Relaxed);
        }
        n - 1
    }

    /// The frames of the coroutine, or of the traceback with which it ended.
    #[pymethod(sig = "(self, /, *, limit=None)")]
    fn get_stack(cx: &Thread, this: &Task, limit: Value) -> Res {
        call(cx, state().task_get_stack.value(), &[Value::from_ref(this), limit])
    }

    /// Prints what get_stack gives, as the traceback module does.
    #[pymethod(sig = "(self, /, *, limit=None, file=None)")]
    fn print_stack(cx: &Thread, this: &Task, limit: Value, file: Value) -> Res {
        call(cx, state().task_print_stack.value(), &[Value::from_ref(this), limit, file])
    }

    /// The result of a task is its coroutine's: this raises.
    #[pymethod(sig = "(self, result, /)")]
    fn set_result(cx: &Thread, _this: &Task, _result: Value) -> Res {
        raise!(cx, RuntimeError, "Task does not support set_result operation")
    }

    /// The exception of a task is its coroutine's: this raises.
    #[pymethod(sig = "(self, exception, /)")]
    fn set_exception(cx: &Thread, _this: &Task, _exception: Value) -> Res {
        raise!(cx, RuntimeError, "Task does not support set_exception operation")
    }

    /// The coroutine.
    #[pymethod(sig = "(self, /)")]
    fn get_coro(_cx: &Thread, this: &Task) -> Value {
        this.coro.get().unwrap_or(none())
    }

    /// The context in which the coroutine runs.
    #[pymethod(sig = "(self, /)")]
    fn get_context(_cx: &Thread, this: &Task) -> Value {
        this.context()
    }

    /// The name.
    #[pymethod(sig = "(self, /)")]
    fn get_name(cx: &Thread, this: &Task) -> Value {
        let Some(name) = this.name.get() else { return none() };
        let Some(n) = name.as_small() else { return name };
        let name = Value::from_ref(Str::new(cx, &format!("Task-{n}")));
        this.name.set(this, name);
        name
    }

    /// Gives the task another name.
    #[pymethod(sig = "(self, value, /)")]
    fn set_name(cx: &Thread, this: &Task, value: Value) -> Res<()> {
        this.name.set(this, Value::from_ref(to_str(cx, value)?));
        Ok(())
    }

    /// For annotations.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        generic_alias::new(cx, Value::from_ref(cls), item)
    }

    #[getter]
    fn _log_destroy_pending(_cx: &Thread, this: &Task) -> bool {
        this.log_destroy_pending.load(Ordering::Relaxed)
    }

    #[setter]
    fn set__log_destroy_pending(cx: &Thread, this: &Task, v: Option<Value>) -> Res<()> {
        this.log_destroy_pending.store(flag(cx, v)?, Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn _must_cancel(_cx: &Thread, this: &Task) -> bool {
        this.must_cancel.load(Ordering::Relaxed)
    }

    #[getter]
    fn _coro(_cx: &Thread, this: &Task) -> Value {
        this.coro.get().unwrap_or(none())
    }

    #[getter]
    fn _fut_waiter(_cx: &Thread, this: &Task) -> Value {
        this.fut_waiter.get().unwrap_or(none())
    }
}

/// `future.cancel(msg=msg)`.
pub fn call_msg(cx: &Thread, future: Value, msg: Value) -> Res {
    call_method(cx, future, id!(cx, "cancel"), &[msg])
}
