//! How a task runs: a step sends something into its coroutine, or throws, and looks at what comes out.

use super::future::{Future, Outcome, exact};
use super::task::{Task, call_msg};
use super::{enter, invalid_state, leave, register, slot, state, swap};
use crate::_contextvars::Context;
use std::sync::atomic::Ordering;
use taipan_vm::call::{MethodKind, MethodRow, Owner, Param, ParamKind, PyMethodDef, Sig};
use taipan_vm::objects::builtin_function;
use taipan_vm::objects::exceptions as ex;
use taipan_vm::objects::generator::{self, Generator, Step, is_generator_or_coroutine};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// What the loop calls to run a step.
#[repr(C)]
pub struct StepWrapper {
    head: Head,
    task: Slot,
    /// The exception to throw, if any.
    thrown: Slot,
}

pytype! { StepWrapper, PyTaipanTaskStep_Type, name: "TaskStepMethWrapper", module: "_asyncio",
base: Object, flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl StepWrapper {
    #[slot]
    fn __call__(cx: &Thread, this: &StepWrapper, args: &[Value], kw: KwNames<'_>) -> Res {
        if kw.is_some_and(|k| !k.is_empty()) {
            raise!(cx, TypeError, "function takes no keyword arguments");
        }
        if !args.is_empty() {
            raise!(cx, TypeError, "function takes no positional arguments");
        }
        let task = this.task.value().downcast::<Task>().expect("made of one");
        step(cx, task, this.thrown.get())?;
        Ok(none())
    }

    #[getter]
    fn __self__(_cx: &Thread, this: &StepWrapper) -> Value {
        this.task.value()
    }
}

/// Has the loop run a step soon.
pub fn call_soon(cx: &Thread, task: &Task, thrown: Option<Value>) -> Res<()> {
    let task_slot = slot(Some(Value::from_ref(task)));
    let w = cx.alloc(StepWrapper { head: fresh_head(), task: task_slot, thrown: slot(thrown) });
    let event_loop = task.future().core.event_loop.get().unwrap_or(none());
    super::call_soon(cx, event_loop, Value::from_ref(w), None, task.context())
}

/// Ends a step of a task that cannot go on: the error is thrown into it at the next.
fn throw_soon(cx: &Thread, task: &Task, message: &str) -> Res<()> {
    let text = Value::from_ref(Str::new(cx, message));
    let e = call(cx, Value::from_ref(exc::RuntimeError()), &[text])?;
    call_soon(cx, task, Some(e))
}

/// Runs a step as the loop's current task.
pub fn step(cx: &Thread, task: &Task, thrown: Option<Value>) -> Res<()> {
    let event_loop = task.future().core.event_loop.get().unwrap_or(none());
    let me = Value::from_ref(task);
    enter(cx, event_loop, me)?;
    let r = run(cx, task, thrown);
    let left = leave(cx, event_loop, me);
    r.and(left)
}

/// Sends None into a coroutine or whatever acts as one.
fn send(cx: &Thread, coro: Value) -> Res<Step> {
    if is_generator_or_coroutine(coro) {
        return generator::send_step(cx, coro, none());
    }
    let r = match coro.ty().slots().next.get() {
        Some(next) if !coro.ty().is_heap() => match next(cx, coro) {
            Ok(Some(v)) => return Ok(Step::Yield(v)),
            Ok(None) => {
                return Ok(Step::Return(taipan_vm::interp::take_returned(cx, coro)));
            }
            Err(e) => Err(e),
        },
        Some(_) => call_method(cx, coro, id!(cx, "__next__"), &[]),
        None => call_method(cx, coro, id!(cx, "send"), &[none()]),
    };
    stepped(r)
}

fn stepped(r: Res) -> Res<Step> {
    match r {
        Ok(v) => Ok(Step::Yield(v)),
        Err(e) if e.is(exc::StopIteration()) => {
            Ok(Step::Return(ex::of(e.0).field_or_none(ex::field::VALUE)))
        }
        Err(e) => Err(e),
    }
}

fn throw(cx: &Thread, coro: Value, e: Value) -> Res<Step> {
    if is_generator_or_coroutine(coro) {
        return stepped_from(generator::throw_step(cx, coro, Raised(e), true));
    }
    stepped(call_method(cx, coro, id!(cx, "throw"), &[e]))
}

/// A StopIteration that leaves `throw` is an end, too.
fn stepped_from(r: Res<Step>) -> Res<Step> {
    match r {
        Err(e) if e.is(exc::StopIteration()) => stepped(Err(e)),
        r => r,
    }
}

fn is_cancelled_error(e: Value) -> bool {
    state().cancelled_error.value().as_type().is_some_and(|t| e.ty().is_subtype(t))
}

/// A step itself.
fn run(cx: &Thread, task: &Task, thrown: Option<Value>) -> Res<()> {
    let me = task.future();
    if !me.is_pending() {
        let (task, e) = (repr(cx, Value::from_ref(task))?, repr(cx, thrown.unwrap_or(none()))?);
        return Err(invalid_state(cx, &format!("_step(): already done: {task} {e}")));
    }
    let mut thrown = thrown;
    if task.must_cancel.load(Ordering::Relaxed) {
        if !thrown.is_some_and(is_cancelled_error) {
            thrown = Some(me.cancelled_error(cx)?);
        }
        task.must_cancel.store(false, Ordering::Relaxed);
    }
    task.fut_waiter.clear(task);
    let Some(coro) = task.coro.get() else {
        raise!(cx, RuntimeError, "uninitialized Task object");
    };
    let r = match thrown {
        None => send(cx, coro),
        Some(e) => throw(cx, coro, e),
    };
    match r {
        Ok(Step::Yield(v)) => wait_for(cx, task, v),
        r => {
            let r = end(cx, task, me, r);
            task.forget_end();
            r
        }
    }
}

/// The coroutine has ended, with a value or an exception.
fn end(cx: &Thread, task: &Task, me: &Future, r: Res<Step>) -> Res<()> {
    match r {
        Ok(Step::Return(_)) if task.must_cancel.swap(false, Ordering::Relaxed) => {
            me.cancel_with(cx, me.core.cancel_msg.get())?;
            Ok(())
        }
        Ok(Step::Return(v) | Step::Yield(v)) => me.finish(cx, v),
        Err(e) if is_cancelled_error(e.0) => {
            me.core.cancelled_exc.set(me, e.0);
            me.cancel_with(cx, None)?;
            Ok(())
        }
        Err(e) => {
            me.fail(cx, e.0)?;
            if e.is(exc::KeyboardInterrupt()) || e.is(exc::SystemExit()) { Err(e) } else { Ok(()) }
        }
    }
}

/// The coroutine waits for what it has yielded.
fn wait_for(cx: &Thread, task: &Task, v: Value) -> Res<()> {
    let me = Value::from_ref(task);
    let shown = |what: Value| repr(cx, what);
    if v == me {
        return throw_soon(cx, task, &format!("Task cannot await on itself: {}", shown(me)?));
    }
    let own_loop = task.future().core.event_loop.get();
    let other_loop = || -> Res<()> {
        let text =
            format!("Task {} got Future {} attached to a different loop", shown(me)?, shown(v)?);
        throw_soon(cx, task, &text)
    };
    let not_awaited = || -> Res<()> {
        let text = format!(
            "yield was used instead of yield from in task {} with {}",
            shown(me)?,
            shown(v)?
        );
        throw_soon(cx, task, &text)
    };
    if let Some(f) = exact(v) {
        if f.core.event_loop.get() != own_loop {
            return other_loop();
        }
        if !f.core.blocking.swap(false, Ordering::Relaxed) {
            return not_awaited();
        }
        f.add_callback(cx, wakeup(cx, me), task.context())?;
        return waits(cx, task, v);
    }
    if v.is_none() {
        return call_soon(cx, task, None);
    }
    let blocking = get_attr_opt(cx, v, id!(cx, "_asyncio_future_blocking"))?;
    if let Some(b) = blocking.filter(|b| !b.is_none()) {
        let blocking = is_true(cx, b)?;
        if Some(loop_of(cx, v)?) != own_loop {
            return other_loop();
        }
        if !blocking {
            return not_awaited();
        }
        set_attr(cx, v, id!(cx, "_asyncio_future_blocking"), Some(py_bool(false)))?;
        let add = get_attr(cx, v, id!(cx, "add_done_callback"))?;
        let names = state().context_name.value().downcast::<Tuple>();
        call_kw(cx, add, &[wakeup(cx, me), task.context()], names)?;
        return waits(cx, task, v);
    }
    let text = if v.downcast::<Generator>().is_some() {
        format!(
            "yield was used instead of yield from for generator in task {} with {}",
            shown(me)?,
            shown(v)?
        )
    } else {
        format!("Task got bad yield: {}", shown(v)?)
    };
    throw_soon(cx, task, &text)
}

/// Notes the future that a task waits for; one that is to be cancelled hands that on.
fn waits(cx: &Thread, task: &Task, future: Value) -> Res<()> {
    task.fut_waiter.set(task, future);
    if task.must_cancel.load(Ordering::Relaxed) {
        let msg = task.future().core.cancel_msg.get().unwrap_or(none());
        let r = call_msg(cx, future, msg)?;
        if is_true(cx, r)? {
            task.must_cancel.store(false, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// The loop of something like a future.
fn loop_of(cx: &Thread, future: Value) -> Res {
    match get_attr_opt(cx, future, id!(cx, "get_loop"))? {
        Some(f) => call(cx, f, &[]),
        None => get_attr(cx, future, id!(cx, "_loop")),
    }
}

static WAKEUP_SIG: Sig = Sig {
    fname: "task_wakeup",
    owner: Owner::Slot,
    params: &[Param { name: "future", kind: ParamKind::PosOnly, default: None }],
    text: None,
    keywords_of: None,
};

static WAKEUP: MethodRow = MethodRow {
    c: PyMethodDef::new(c"task_wakeup", 8),
    entry: woken,
    name: "task_wakeup",
    kind: MethodKind::Instance,
    sig: &WAKEUP_SIG,
    doc: None,
};

/// The callback by which the future that a task waits for wakes it.
fn wakeup(cx: &Thread, task: Value) -> Value {
    builtin_function::new(cx, &WAKEUP, Some(task), None)
}

fn woken(cx: &Thread, args: &[Value], kw: KwNames<'_>) -> Res {
    let (&[task, future], None) = (args, kw.filter(|k| !k.is_empty())) else {
        let n = args.len().saturating_sub(1);
        raise!(cx, TypeError, "task_wakeup() takes exactly one argument ({n} given)");
    };
    let task = task.downcast::<Task>().expect("bound to one");
    let thrown = match exact(future) {
        Some(f) => match f.outcome(cx) {
            Ok(Outcome::Result(_)) => None,
            Ok(Outcome::Exception(e)) => Some(e),
            Err(e) => Some(e.0),
        },
        None => call_method(cx, future, id!(cx, "result"), &[]).err().map(|e| e.0),
    };
    step(cx, task, thrown)?;
    Ok(none())
}

/// Runs the first step at once, in the middle of another task's.
pub fn start_eagerly(cx: &Thread, task: &Task) -> Res<()> {
    let event_loop = task.future().core.event_loop.get().unwrap_or(none());
    let me = Value::from_ref(task);
    let before = swap(cx, event_loop, me)?;
    state().eager_tasks().add(cx, me)?;
    let context = task.context();
    let Some(context) = context.downcast_exact::<Context>() else {
        raise!(cx, TypeError, "an instance of Context was expected");
    };
    context.enter(cx)?;
    let mut r = run(cx, task, None);
    r = r.and(swap(cx, event_loop, before).map(|_| ()));
    r = r.and(state().eager_tasks().discard(cx, me).map(|_| ()));
    context.exit(cx);
    if task.future().is_pending() {
        r = r.and(register(cx, me));
    } else {
        task.coro.clear(task);
    }
    r
}
