//! `_asyncio`: what asyncio takes from C in CPython: Future and Task, the running loop and which task runs
//! in which loop.
//!
//! Fields are slots and atomics, as everywhere: a future that threads share without `call_soon_threadsafe`
//! is wrong, as in CPython, but harms nothing else.

mod future;
mod future_iter;
mod step;
mod task;

use future::Future;
use future_iter::FutureIter;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use step::StepWrapper;
use taipan_vm::objects::module::import_attr;
use taipan_vm::objects::object::Object;
use taipan_vm::objects::set::{Set, SetObject};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;
use taipan_vm::types::ready::ready;
use task::Task;

/// What the module found in others when it was imported, and its tables.
#[repr(C)]
pub struct State {
    head: Head,
    /// {loop: task that runs in it}.
    current_tasks: Slot,
    /// A WeakSet.
    scheduled_tasks: Slot,
    /// A set of those that run for the first time, before their loop knows them.
    eager_tasks: Slot,
    /// Types of which `asyncio.iscoroutine` said yes.
    coroutine_types: Slot,
    get_event_loop_policy: Slot,
    future_repr: Slot,
    cancelled_error: Slot,
    invalid_state: Slot,
    task_repr: Slot,
    task_get_stack: Slot,
    task_print_stack: Slot,
    is_coroutine: Slot,
    extract_stack: Slot,
    /// `("context",)`.
    context_name: Slot,
    /// The number in the name of the newest task.
    counter: AtomicI64,
}

pytype! { State, PyTaipanAsyncioState_Type, name: "_state", module: "_asyncio", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl State {}

static STATE: OnceLock<Root<&'static State>> = OnceLock::new();

#[inline(always)]
fn state() -> &'static State {
    STATE.get().expect("made when the module was imported").get()
}

impl State {
    fn new(cx: &Thread) -> &'static State {
        let e = Slot::empty;
        cx.alloc(State {
            head: fresh_head(),
            current_tasks: e(),
            scheduled_tasks: e(),
            eager_tasks: e(),
            coroutine_types: e(),
            get_event_loop_policy: e(),
            future_repr: e(),
            cancelled_error: e(),
            invalid_state: e(),
            task_repr: e(),
            task_get_stack: e(),
            task_print_stack: e(),
            is_coroutine: e(),
            extract_stack: e(),
            context_name: e(),
            counter: AtomicI64::new(0),
        })
    }

    /// Looks everything up; again where the module is imported anew.
    fn find(&self, cx: &Thread) -> Res<()> {
        let found = [
            (&self.get_event_loop_policy, "asyncio.events", "get_event_loop_policy"),
            (&self.future_repr, "asyncio.base_futures", "_future_repr"),
            (&self.invalid_state, "asyncio.exceptions", "InvalidStateError"),
            (&self.cancelled_error, "asyncio.exceptions", "CancelledError"),
            (&self.task_repr, "asyncio.base_tasks", "_task_repr"),
            (&self.task_get_stack, "asyncio.base_tasks", "_task_get_stack"),
            (&self.task_print_stack, "asyncio.base_tasks", "_task_print_stack"),
            (&self.is_coroutine, "asyncio.coroutines", "iscoroutine"),
            (&self.extract_stack, "traceback", "extract_stack"),
        ];
        for (slot, module, name) in found {
            slot.set(self, import_attr(cx, module, name)?);
        }
        let weak_set = import_attr(cx, "weakref", "WeakSet")?;
        self.scheduled_tasks.set(self, call(cx, weak_set, &[])?);
        self.current_tasks.set(self, Value::from_ref(Dict::new(cx)));
        self.eager_tasks.set(self, Value::from_ref(Set::new(cx)));
        self.coroutine_types.set(self, Value::from_ref(Set::new(cx)));
        let name = Value::from_ref(id!(cx, "context"));
        self.context_name.set(self, Value::from_ref(Tuple::from_slice(cx, &[name])));
        Ok(())
    }

    fn current_tasks(&self) -> &'static Dict {
        self.current_tasks.value().downcast::<Dict>().expect("made by find")
    }

    fn eager_tasks(&self) -> &'static SetObject {
        SetObject::of(self.eager_tasks.value()).expect("made by find")
    }

    fn coroutine_types(&self) -> &'static SetObject {
        SetObject::of(self.coroutine_types.value()).expect("made by find")
    }

    fn next_number(&self) -> i64 {
        self.counter.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A slot that holds `v` from the start.
fn slot(v: Option<Value>) -> Slot {
    let s = Slot::empty();
    s.init(v);
    s
}

/// An exception of a class that was looked up.
#[cold]
fn raised(cx: &Thread, class: Value, message: &str) -> Raised {
    match call(cx, class, &[Value::from_ref(Str::new(cx, message))]) {
        Ok(e) => Raised(e),
        Err(e) => e,
    }
}

#[cold]
fn invalid_state(cx: &Thread, message: &str) -> Raised {
    raised(cx, state().invalid_state.value(), message)
}

/// `loop.call_soon(f, *arg, context=context)`.
fn call_soon(
    cx: &Thread,
    event_loop: Value,
    f: Value,
    arg: Option<Value>,
    context: Value,
) -> Res<()> {
    let (method, this) = get_method(cx, event_loop, id!(cx, "call_soon"))?;
    let mut buf = [f; 4];
    let mut n = 0;
    for v in [this, Some(f), arg, Some(context)].into_iter().flatten() {
        buf[n] = v;
        n += 1;
    }
    let names = state().context_name.value().downcast::<Tuple>();
    call_kw(cx, method, &buf[..n], names)?;
    Ok(())
}

/// The running loop, else what the policy gives.
fn event_loop(cx: &Thread) -> Res {
    if let Some(l) = cx.running_loop.get() {
        return Ok(l);
    }
    let policy = call(cx, state().get_event_loop_policy.value(), &[])?;
    call_method(cx, policy, id!(cx, "get_event_loop"), &[])
}

fn register(cx: &Thread, task: Value) -> Res<()> {
    call_method(cx, state().scheduled_tasks.value(), id!(cx, "add"), &[task])?;
    Ok(())
}

fn enter(cx: &Thread, event_loop: Value, task: Value) -> Res<()> {
    let (running, fresh) = state().current_tasks().set_default(cx, event_loop, task)?;
    if fresh {
        return Ok(());
    }
    let (task, running) = (repr(cx, task)?, repr(cx, running)?);
    raise!(
        cx,
        RuntimeError,
        "Cannot enter into task {task} while another task {running} is being executed."
    )
}

fn leave(cx: &Thread, event_loop: Value, task: Value) -> Res<()> {
    let tasks = state().current_tasks();
    let running = tasks.get(cx, event_loop)?;
    if running == Some(task) {
        tasks.del(cx, event_loop)?;
        return Ok(());
    }
    let (task, running) = (repr(cx, task)?, repr(cx, running.unwrap_or(none()))?);
    raise!(cx, RuntimeError, "Leaving task {task} does not match the current task {running}.")
}

fn swap(cx: &Thread, event_loop: Value, task: Value) -> Res {
    let tasks = state().current_tasks();
    let before = if task.is_none() {
        tasks.pop(cx, event_loop)?
    } else {
        let before = tasks.get(cx, event_loop)?;
        tasks.set(cx, event_loop, task)?;
        before
    };
    Ok(before.unwrap_or(none()))
}

/// The running event loop of this thread, or None.
#[pyfunction(sig = "()")]
fn _get_running_loop(cx: &Thread) -> Value {
    cx.running_loop.get().unwrap_or(none())
}

/// Sets the running event loop of this thread.
#[pyfunction(sig = "(loop, /)")]
fn _set_running_loop(cx: &Thread, r#loop: Value) {
    cx.running_loop.set(if r#loop.is_none() { None } else { Some(r#loop) });
}

/// The running event loop; without one, that of the policy.
#[pyfunction(sig = "()")]
fn get_event_loop(cx: &Thread) -> Res {
    event_loop(cx)
}

/// The running event loop of this thread; it is an error if there is none.
#[pyfunction(sig = "()")]
fn get_running_loop(cx: &Thread) -> Res {
    match cx.running_loop.get() {
        Some(l) => Ok(l),
        None => raise!(cx, RuntimeError, "no running event loop"),
    }
}

/// Notes a task that a loop will run.
#[pyfunction(sig = "(task)")]
fn _register_task(cx: &Thread, task: Value) -> Res<()> {
    register(cx, task)
}

/// Notes a task that runs before its loop knows it.
#[pyfunction(sig = "(task)")]
fn _register_eager_task(cx: &Thread, task: Value) -> Res<()> {
    state().eager_tasks().add(cx, task)?;
    Ok(())
}

/// Forgets a task.
#[pyfunction(sig = "(task)")]
fn _unregister_task(cx: &Thread, task: Value) -> Res<()> {
    call_method(cx, state().scheduled_tasks.value(), id!(cx, "discard"), &[task])?;
    Ok(())
}

/// Forgets a task that has run eagerly.
#[pyfunction(sig = "(task)")]
fn _unregister_eager_task(cx: &Thread, task: Value) -> Res<()> {
    state().eager_tasks().discard(cx, task)?;
    Ok(())
}

/// A task begins or goes on running in a loop.
#[pyfunction(sig = "(loop, task)")]
fn _enter_task(cx: &Thread, r#loop: Value, task: Value) -> Res<()> {
    enter(cx, r#loop, task)
}

/// A task stops running in a loop.
#[pyfunction(sig = "(loop, task)")]
fn _leave_task(cx: &Thread, r#loop: Value, task: Value) -> Res<()> {
    leave(cx, r#loop, task)
}

/// Makes a task the one that runs in a loop, and gives the one before, or None.
#[pyfunction(sig = "(loop, task)")]
fn _swap_current_task(cx: &Thread, r#loop: Value, task: Value) -> Res {
    swap(cx, r#loop, task)
}

/// The task that runs in a loop, by default the running one.
#[pyfunction(sig = "(loop=None)")]
fn current_task(cx: &Thread, r#loop: Value) -> Res {
    let key = if r#loop.is_none() { get_running_loop(cx)? } else { r#loop };
    Ok(state().current_tasks().get(cx, key)?.unwrap_or(none()))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    ready::<State>(cx);
    ready::<FutureIter>(cx);
    ready::<StepWrapper>(cx);
    m.add_type::<Future>(cx);
    m.add_type::<Task>(cx);
    future::finish_types();
    taipan_vm::objects::module::import(cx, "asyncio")?;
    let s = STATE.get_or_init(|| Root::new(State::new(cx))).get();
    s.find(cx)?;
    m.add(cx, "_scheduled_tasks", s.scheduled_tasks.value());
    m.add(cx, "_eager_tasks", s.eager_tasks.value());
    m.add(cx, "_current_tasks", s.current_tasks.value());
    Ok(())
}

pymodule! { "_asyncio", doc: "asyncio's futures and tasks, the native part.",
functions: [
    current_task, get_event_loop, get_running_loop, _get_running_loop, _set_running_loop,
    _register_task, _register_eager_task, _unregister_task, _unregister_eager_task, _enter_task,
    _leave_task, _swap_current_task,
], exec: exec }
