//! `sys`: the functions here, the hooks in `hooks.rs`, the constants in `info.rs`.

pub mod hooks;
pub mod info;
mod monitoring;
pub mod unraisable;

use crate::objects::exceptions;
use crate::prelude::*;
use std::sync::atomic::Ordering;

/// (type, value, traceback) of the exception being handled.
#[pyfunction]
fn exc_info(cx: &Thread) -> Value {
    match crate::interp::handled_exception(cx) {
        Some(e) => {
            let tb = exceptions::of(e).traceback.get().unwrap_or(none());
            Value::from_ref(Tuple::from_slice(cx, &[Value::from_ref(e.ty()), e, tb]))
        }
        None => Value::from_ref(Tuple::from_slice(cx, &[none(); 3])),
    }
}

/// The exception being handled.
#[pyfunction]
fn exception(cx: &Thread) -> Option<Value> {
    crate::interp::handled_exception(cx)
}

/// Raises SystemExit.
#[pyfunction(sig = "(status=None, /)")]
fn exit(cx: &Thread, status: Value) -> Res {
    let args: &[Value] = &[status];
    // A tuple is the exception's args, as the C function's own behaviour.
    if let Some(t) = status.downcast_exact::<Tuple>() {
        return Err(Raised::with_args(cx, exc::SystemExit(), t.as_slice()));
    }
    if status.is_none() {
        return Err(Raised::with_args(cx, exc::SystemExit(), &[]));
    }
    Err(Raised::with_args(cx, exc::SystemExit(), args))
}

#[pyfunction]
fn getdefaultencoding(cx: &Thread) -> Value {
    Value::from_ref(id!(cx, "utf-8"))
}

#[pyfunction]
fn getfilesystemencoding(cx: &Thread) -> Value {
    Value::from_ref(if ascii(cx) { id!(cx, "ascii") } else { id!(cx, "utf-8") })
}

/// Whether the file system's encoding is ASCII, as in the C locale that nothing replaced.
pub fn ascii(cx: &Thread) -> bool {
    cx.vm.config.get().is_some_and(|c| c.ascii)
}

#[pyfunction]
fn getfilesystemencodeerrors(cx: &Thread) -> Value {
    Value::from_ref(id!(cx, "surrogateescape"))
}

#[pyfunction]
fn getrecursionlimit(cx: &Thread) -> u32 {
    cx.vm.recursion_limit()
}

#[pyfunction]
fn setrecursionlimit(cx: &Thread, limit: i32) -> Res<()> {
    if limit < 1 {
        raise!(cx, ValueError, "recursion limit must be greater or equal than 1");
    }
    let depth = crate::interp::frame_depth(cx);
    if depth >= limit as usize {
        raise!(
            cx,
            RecursionError,
            "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
        );
    }
    cx.vm.set_recursion_limit(limit as u32);
    Ok(())
}

/// The interned string equal to the given one.
#[pyfunction]
fn intern(cx: &Thread, string: Value) -> Res {
    match string.downcast_exact::<Str>() {
        Some(s) => Ok(Value::from_ref(crate::objects::str::intern_str(cx, s))),
        None if string.downcast::<Str>().is_some() => {
            raise!(cx, TypeError, "can't intern {}", string.ty().name())
        }
        None => raise!(
            cx,
            TypeError,
            "intern() argument must be str, not {}",
            crate::bind::type_or_none(string)
        ),
    }
}

#[pyfunction]
fn _is_interned(_cx: &Thread, string: &'static Str) -> bool {
    string.has_interned_flag()
}

#[pyfunction(sig = "(depth=0, /)")]
fn _getframe(cx: &Thread, depth: i64) -> Res {
    match crate::interp::frame_object(cx, depth.max(0) as usize) {
        Some(f) => Ok(f),
        None => raise!(cx, ValueError, "call stack is not deep enough"),
    }
}

#[pyfunction(sig = "(depth=0)")]
fn _getframemodulename(cx: &Thread, depth: i64) -> Option<Value> {
    let f = crate::interp::frame_info(cx, depth.max(0) as usize)?;
    f.globals.get_str(cx, id!(cx, "__name__"))
}

/// A stand-in: the VM counts no references.
#[pyfunction]
fn getrefcount(_cx: &Thread, object: Value) -> i64 {
    match object.head() {
        None if object.as_small().is_none_or(|i| (-5..=256).contains(&i)) => u32::MAX as i64,
        Some(h) if h.ob_ref_local.load(Ordering::Relaxed) == taipan_heap::head::IMMORTAL => {
            u32::MAX as i64
        }
        _ => 1000,
    }
}

/// Memory of an object in bytes.
#[pyfunction(sig = "(object, default=<unrepresentable>)", text = "")]
fn getsizeof(cx: &Thread, object: Value, default: Option<Value>) -> Res {
    let r = match call_special(cx, object, id!(cx, "__sizeof__"), &[]) {
        Ok(Some(v)) => v,
        Ok(None) => match default {
            Some(d) => return Ok(d),
            None => raise!(cx, TypeError, "Type {} doesn't define __sizeof__", object.ty().name()),
        },
        Err(e) if e.is(exc::TypeError()) && default.is_some() => {
            return Ok(default.unwrap_or(none()));
        }
        Err(e) => return Err(e),
    };
    let n = index_isize(cx, r, exc::OverflowError())?;
    if n < 0 {
        raise!(cx, ValueError, "__sizeof__() should return >= 0");
    }
    let pre = crate::types::shape::Instance::of(object).is_some();
    Ok(Value::small(n as i64 + if pre { 16 } else { 0 }))
}

#[pyfunction]
fn is_finalizing(cx: &Thread) -> bool {
    cx.vm.finalizing.load(Ordering::Relaxed)
}

#[pyfunction]
fn _is_gil_enabled(_cx: &Thread) -> bool {
    taipan_heap::gil::is_on()
}

#[pyfunction]
fn getswitchinterval(_cx: &Thread) -> f64 {
    f64::from_bits(SWITCH.load(Ordering::Relaxed))
}

static SWITCH: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0.005f64.to_bits());

#[pyfunction]
fn setswitchinterval(cx: &Thread, interval: f64) -> Res<()> {
    if interval <= 0.0 {
        raise!(cx, ValueError, "switch interval must be strictly positive");
    }
    SWITCH.store(interval.to_bits(), Ordering::Relaxed);
    if let Ok(interval) = std::time::Duration::try_from_secs_f64(interval) {
        taipan_heap::gil::set_switch_interval(interval);
    }
    Ok(())
}

#[pyfunction]
fn get_int_max_str_digits(cx: &Thread) -> u32 {
    cx.vm.int_max_str_digits.load(Ordering::Relaxed)
}

#[pyfunction(sig = "(maxdigits)")]
fn set_int_max_str_digits(cx: &Thread, maxdigits: i32) -> Res<()> {
    if maxdigits != 0 && maxdigits < 640 {
        raise!(cx, ValueError, "maxdigits must be 0 or larger than 640");
    }
    cx.vm.int_max_str_digits.store(maxdigits as u32, Ordering::Relaxed);
    Ok(())
}

/// Tells the hooks of `sys.addaudithook`, if there are any, of an event with the `args`.
pub fn audit_event<const N: usize>(
    cx: &Thread,
    event: &'static str,
    args: impl FnOnce() -> [Value; N],
) -> Res<()> {
    if cx.vm.roots.extra[0].is_empty() {
        return Ok(());
    }
    audit(cx, Value::from_ref(crate::objects::str::intern(cx, event)), &args())
}

/// Tells the audit hooks of an event.
#[pyfunction(sig = "(event, /, *args)")]
fn audit(cx: &Thread, event: Value, args: &[Value]) -> Res<()> {
    if event.downcast::<Str>().is_none() {
        raise!(cx, TypeError, "expected str for argument 'event', not {}", event.ty().name());
    }
    if let Some(l) = cx.vm.roots.extra[0].get().and_then(|v| v.downcast::<List>()) {
        let t = Value::from_ref(Tuple::from_slice(cx, args));
        for h in l.to_vec().iter() {
            call(cx, *h, &[event, t])?;
        }
    }
    Ok(())
}

#[pyfunction(sig = "(hook)")]
fn addaudithook(cx: &Thread, hook: Value) -> Res<()> {
    let slot = &cx.vm.roots.extra[0];
    if slot.is_empty() {
        slot.init(Some(Value::from_ref(List::new(cx))));
    }
    slot.value().downcast::<List>().expect("set above").push(cx, hook);
    Ok(())
}

#[pyfunction]
fn _clear_type_cache(_cx: &Thread) {}

#[pyfunction]
fn _clear_internal_caches(_cx: &Thread) {}

#[pyfunction]
fn _debugmallocstats(_cx: &Thread) {}

#[pyfunction]
fn getallocatedblocks(_cx: &Thread) -> usize {
    taipan_heap::stats().live_bytes as usize / 64
}

#[pyfunction(sig = "(*, _only_immortal=False)")]
fn getunicodeinternedsize(_cx: &Thread, _only_immortal: bool) -> usize {
    crate::objects::str::interned_count()
}

#[pyfunction]
fn get_asyncgen_hooks(cx: &Thread) -> Value {
    let items = [
        cx.asyncgen_firstiter.get().unwrap_or(none()),
        cx.asyncgen_finalizer.get().unwrap_or(none()),
    ];
    info::ASYNCGEN_HOOKS.make(cx, &items)
}

#[pyfunction(sig = "(firstiter=<unrepresentable>, finalizer=<unrepresentable>)", text = "")]
fn set_asyncgen_hooks(cx: &Thread, firstiter: Option<Value>, finalizer: Option<Value>) -> Res<()> {
    for (v, what) in [(finalizer, "finalizer"), (firstiter, "firstiter")] {
        if let Some(v) = v {
            if !v.is_none() && !is_callable(v) {
                raise!(cx, TypeError, "callable {what} expected, got {}", v.ty().name());
            }
        }
    }
    if let Some(f) = finalizer {
        cx.asyncgen_finalizer.set(Some(f).filter(|f| !f.is_none()));
    }
    if let Some(f) = firstiter {
        cx.asyncgen_firstiter.set(Some(f).filter(|f| !f.is_none()));
    }
    Ok(())
}

#[pyfunction]
fn get_coroutine_origin_tracking_depth(cx: &Thread) -> u32 {
    cx.coroutine_origin_depth.get()
}

#[pyfunction(sig = "(depth)")]
fn set_coroutine_origin_tracking_depth(cx: &Thread, depth: i32) -> Res<()> {
    if depth < 0 {
        raise!(cx, ValueError, "depth must be >= 0");
    }
    cx.coroutine_origin_depth.set(depth as u32);
    Ok(())
}

#[pyfunction]
fn call_tracing(cx: &Thread, func: Value, args: &'static Tuple) -> Res {
    crate::interp::trace::call_tracing(cx, func, args.as_slice())
}

#[pyfunction]
fn settrace(cx: &Thread, function: Value) -> Res<()> {
    crate::interp::set_trace(cx, Some(function).filter(|f| !f.is_none()))
}

#[pyfunction]
fn gettrace(cx: &Thread) -> Option<Value> {
    crate::interp::get_trace(cx)
}

#[pyfunction]
fn setprofile(cx: &Thread, function: Value) -> Res<()> {
    crate::interp::set_profile(cx, Some(function).filter(|f| !f.is_none()))
}

#[pyfunction]
fn getprofile(cx: &Thread) -> Option<Value> {
    crate::interp::get_profile(cx)
}

/// Sets the trace function of all threads.
#[pyfunction]
fn _settraceallthreads(cx: &Thread, function: Value) {
    crate::interp::trace::for_all_threads(cx, |t| {
        t.interp.trace.set(Some(function).filter(|f| !f.is_none()))
    });
}

/// Sets the profile function of all threads.
#[pyfunction]
fn _setprofileallthreads(cx: &Thread, function: Value) {
    crate::interp::trace::for_all_threads(cx, |t| {
        t.interp.profile.set(Some(function).filter(|f| !f.is_none()))
    });
}

#[pyfunction]
fn _current_frames(cx: &Thread) -> Res {
    crate::interp::all_frames(cx)
}

#[pyfunction]
fn _current_exceptions(cx: &Thread) -> Res {
    crate::interp::all_exceptions(cx)
}

#[pyfunction]
fn is_stack_trampoline_active(_cx: &Thread) -> bool {
    false
}

#[pyfunction]
fn activate_stack_trampoline(cx: &Thread, backend: &'static Str) -> Res<()> {
    raise!(cx, ValueError, "perf trampoline not available: {backend}")
}

#[pyfunction]
fn deactivate_stack_trampoline(_cx: &Thread) {}

#[pyfunction]
fn getdlopenflags(_cx: &Thread) -> i64 {
    2
}

#[pyfunction]
fn setdlopenflags(_cx: &Thread, flags: i64) {
    let _ = flags;
}

#[pyfunction]
fn _get_cpu_count_config(cx: &Thread) -> i64 {
    cx.vm.config.get().map_or(-1, |c| c.cpu_count)
}

pymodule! { "sys", doc: "Access to objects used or maintained by the interpreter.", functions: [
exc_info, exception, exit, getdefaultencoding, getfilesystemencoding,
getfilesystemencodeerrors, getrecursionlimit, setrecursionlimit, intern, _is_interned,
_getframe, _getframemodulename, getrefcount, getsizeof, is_finalizing, _is_gil_enabled,
getswitchinterval, setswitchinterval, get_int_max_str_digits, set_int_max_str_digits, audit,
addaudithook, _clear_type_cache, _clear_internal_caches, _debugmallocstats, getallocatedblocks,
getunicodeinternedsize, get_asyncgen_hooks, set_asyncgen_hooks,
get_coroutine_origin_tracking_depth, set_coroutine_origin_tracking_depth, call_tracing,
settrace, gettrace, setprofile, getprofile, _settraceallthreads, _setprofileallthreads, _current_frames, _current_exceptions,
is_stack_trampoline_active, activate_stack_trampoline, deactivate_stack_trampoline,
getdlopenflags, setdlopenflags, _get_cpu_count_config, hooks::excepthook, hooks::displayhook,
hooks::unraisablehook, hooks::breakpointhook], exec: info::exec }
