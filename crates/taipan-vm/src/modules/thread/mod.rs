//! `_thread`: starting threads and what `threading` is built on. Locks in `lock`, thread-local data
//! in `local`, starting and joining in `handle`.

pub mod handle;
pub mod local;
pub mod lock;

pub use handle::{after_fork_in_child, running_threads};

use crate::objects::exceptions;
use crate::objects::structseq::StructSeq;
use crate::prelude::*;
use handle::ThreadHandle;
use lock::{Lock, RLock};
use std::sync::atomic::Ordering;

/// Starts a new thread and gives its identifier. It calls the function with the arguments; the
/// result is ignored, an exception is reported.
#[pyfunction(sig = "(function, args, kwargs={}, /)")]
fn start_new_thread(cx: &Thread, function: Value, args: Value, kwargs: Option<Value>) -> Res {
    if !is_callable(function) {
        raise!(cx, TypeError, "first arg must be callable");
    }
    let Some(pos) = args.downcast::<Tuple>() else {
        raise!(cx, TypeError, "2nd arg must be a tuple");
    };
    let named = match kwargs {
        None => None,
        Some(k) => match k.downcast::<Dict>() {
            Some(d) => Some(d),
            None => raise!(cx, TypeError, "optional 3rd arg must be a dictionary"),
        },
    };
    let h = handle::new_state();
    handle::start(cx, &h, function, pos, named, true)?;
    Ok(int_from_i128(cx, h.ident() as i128))
}

/// An old name of start_new_thread().
#[pyfunction(sig = "(function, args, kwargs={}, /)")]
fn start_new(cx: &Thread, function: Value, args: Value, kwargs: Option<Value>) -> Res {
    start_new_thread(cx, function, args, kwargs)
}

/// For `threading`: starts a thread and gives the handle to join it with. The interpreter does not
/// wait for a daemon at its end.
#[pyfunction(sig = "(function, handle=None, daemon=True)")]
fn start_joinable_thread(cx: &Thread, function: Value, handle: Value, daemon: bool) -> Res {
    if !is_callable(function) {
        raise!(cx, TypeError, "thread function must be callable");
    }
    let h = if handle.is_none() {
        ThreadHandle::new(cx)
    } else {
        match handle.downcast_exact::<ThreadHandle>() {
            Some(h) => h,
            None => raise!(cx, TypeError, "'handle' must be a _ThreadHandle"),
        }
    };
    handle::start(cx, &h.state(), function, Tuple::empty(cx), None, daemon)?;
    Ok(Value::from_ref(h))
}

/// May threads be daemons in this interpreter? Yes.
#[pyfunction]
fn daemon_threads_allowed(_cx: &Thread) -> bool {
    true
}

/// A new lock.
#[pyfunction]
fn allocate_lock(cx: &Thread) -> &'static Lock {
    Lock::new(cx)
}

/// An old name of allocate_lock().
#[pyfunction]
fn allocate(cx: &Thread) -> &'static Lock {
    Lock::new(cx)
}

/// Raises SystemExit, which ends the thread silently unless it is caught.
#[pyfunction]
fn exit(cx: &Thread) -> Res<()> {
    Err(Raised::with_args(cx, exc::SystemExit(), &[]))
}

/// An old name of exit().
#[pyfunction]
fn exit_thread(cx: &Thread) -> Res<()> {
    exit(cx)
}

/// Behaves as if the signal (SIGINT) had arrived: the main thread runs its Python handler.
#[pyfunction(sig = "(signum=2, /)", text = "($module, signum=signal.SIGINT, /)")]
fn interrupt_main(cx: &Thread, signum: i32) -> Res<()> {
    if !(1..=64).contains(&signum) {
        raise!(cx, ValueError, "signal number out of range");
    }
    if let Some(f) = cx.vm.trip_signal.get() {
        f(signum);
    }
    // In the main thread the handler runs before the call is over.
    cx.poll()
}

/// A number that identifies this thread among those that exist now.
#[pyfunction]
fn get_ident(cx: &Thread) -> u64 {
    cx.tid
}

/// The number by which the system knows this thread.
#[pyfunction]
fn get_native_id(_cx: &Thread) -> i64 {
    // SAFETY: gettid has no precondition.
    unsafe { libc::syscall(libc::SYS_gettid) }
}

/// How many threads run, not counting the main thread.
#[pyfunction]
fn _count(_cx: &Thread) -> usize {
    handle::RUNNING.load(Ordering::Relaxed)
}

/// The stack size of new threads in bytes, before it is set to the argument; 0 is the default.
#[pyfunction(sig = "(size=0, /)")]
fn stack_size(cx: &Thread, size: isize) -> Res<usize> {
    if size < 0 {
        raise!(cx, ValueError, "size must be 0 or a positive value");
    }
    if size != 0 && size < handle::MIN_STACK {
        raise!(cx, ValueError, "size not valid: {size} bytes");
    }
    Ok(handle::STACK_SIZE.swap(size as usize, Ordering::Relaxed))
}

static EXCEPT_HOOK_ARGS: StructSeq = StructSeq::new(
    "_thread",
    "_ExceptHookArgs",
    "What threading.excepthook is called with.",
    &["exc_type", "exc_value", "exc_traceback", "thread"],
    4,
);

/// Shows what Thread.run() did not catch.
#[pyfunction]
fn _excepthook(cx: &Thread, args: Value) -> Res<()> {
    let t = match args.downcast::<Tuple>() {
        Some(t) if args.ty().is(EXCEPT_HOOK_ARGS.ty(cx)) => t,
        _ => raise!(cx, TypeError, "_thread.excepthook argument type must be ExceptHookArgs"),
    };
    let (class, value, tb, thread) = (t.get(0), t.get(1), t.get(2), t.get(3));
    if class == Value::from_ref(exc::SystemExit()) {
        return Ok(());
    }
    let stderr = cx.vm.sys_dict().get_str(cx, id!(cx, "stderr")).filter(|f| !f.is_none());
    let file = match stderr {
        Some(f) => f,
        None if thread.is_none() => return Ok(()),
        None => get_attr(cx, thread, id!(cx, "_stderr"))?,
    };
    if file.is_none() {
        return Ok(());
    }
    let name = if thread.is_none() { None } else { get_attr_opt(cx, thread, id!(cx, "name"))? };
    let name = match name {
        Some(n) => to_str(cx, n)?.to_string(),
        None => cx.tid.to_string(),
    };
    let head = Value::from_ref(Str::new(cx, &format!("Exception in thread {name}:\n")));
    call_method(cx, file, id!(cx, "write"), &[head])?;
    if value.downcast::<exceptions::BaseException>().is_some() {
        let e = exceptions::of(value);
        if !tb.is_none() && e.traceback.is_empty() {
            e.traceback.set(e, tb);
        }
        if stderr.is_some() {
            crate::modules::sys::hooks::display(cx, value);
        } else {
            let show = crate::objects::module::import_attr(cx, "traceback", "print_exception")?;
            let kw = Dict::new(cx);
            kw.set_str(cx, id!(cx, "file"), file);
            call_dict(cx, show, &[value], Some(kw))?;
        }
    }
    call_method(cx, file, id!(cx, "flush"), &[])?;
    Ok(())
}

/// Is this the main interpreter? There is no other.
#[pyfunction]
fn _is_main_interpreter(_cx: &Thread) -> bool {
    true
}

/// Waits for all threads that are no daemons, except the calling one.
#[pyfunction]
fn _shutdown(cx: &Thread) {
    handle::join_all(cx);
}

/// For `threading`: a handle for a thread that was not started by this module.
#[pyfunction]
fn _make_thread_handle(cx: &Thread, ident: Value) -> Res<&'static ThreadHandle> {
    if !crate::objects::int::is_int(ident) {
        raise!(cx, TypeError, "ident must be an integer");
    }
    let n = match int_to_i64(ident) {
        Some(n) if n >= 0 => n as u64,
        Some(_) => raise!(cx, OverflowError, "can't convert negative int to unsigned"),
        None => raise!(cx, OverflowError, "Python int too large to convert to C unsigned long"),
    };
    let h = ThreadHandle::new(cx);
    h.state().adopt(n);
    Ok(h)
}

/// The identifier of the main thread.
#[pyfunction]
fn _get_main_thread_ident(cx: &Thread) -> u64 {
    cx.vm.main_ident.load(Ordering::Relaxed)
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<ThreadHandle>(cx);
    let lock = m.add_type::<Lock>(cx);
    m.add(cx, "LockType", Value::from_ref(lock));
    m.add_type::<RLock>(cx);
    m.add_type::<local::Local>(cx);
    m.add(cx, "error", Value::from_ref(exc::RuntimeError()));
    m.add(cx, "_ExceptHookArgs", Value::from_ref(EXCEPT_HOOK_ARGS.ty(cx)));
    m.add(cx, "TIMEOUT_MAX", Value::from_f64(lock::TIMEOUT_MAX));
    Ok(())
}

pymodule! { "_thread", doc: "Primitive operations on threads; 'threading' has a nicer interface.", functions: [
start_new_thread, start_new, start_joinable_thread, daemon_threads_allowed, allocate_lock,
allocate, exit_thread, exit, interrupt_main, get_ident, get_native_id, _count, stack_size,
_excepthook, _is_main_interpreter, _shutdown, _make_thread_handle, _get_main_thread_ident],
exec: exec }
