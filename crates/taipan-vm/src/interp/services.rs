//! What the rest of the VM asks of the interpreter: the running frames and executing code.

use super::call;
use super::frame::Regs;
use crate::objects::code::Code;
use crate::objects::frame::{self, Frame};
use crate::objects::function::{self, Function};
use crate::objects::{async_generator, coroutine, generator};
use crate::prelude::*;
use std::sync::Arc;
use taipan_compiler::code::{CodeUnit, local_kind};

/// Where a running frame stands.
pub struct FrameInfo {
    pub globals: &'static Dict,
    pub filename: &'static Str,
    pub lineno: i64,
}

/// Register 0 of the running Python frame.
pub fn current_regs(cx: &Thread) -> Option<Regs> {
    Some(cx.interp.regs.get()).filter(|r| !r.is_null())
}

/// The frame `depth` levels up from the innermost Python frame (0).
pub fn frame_info(cx: &Thread, depth: usize) -> Option<FrameInfo> {
    let regs = cx.interp.frames().nth(depth)?;
    let code = regs.code();
    Some(FrameInfo {
        globals: regs.callee().globals.get()?.downcast::<Dict>()?,
        filename: code.filename.value().downcast::<Str>()?,
        lineno: code.line_of(regs.lasti()).map_or(0, i64::from),
    })
}

/// How many Python frames run.
pub fn frame_depth(cx: &Thread) -> usize {
    cx.interp.depth.get() as usize
}

/// The frame object `depth` levels up (`sys._getframe`).
pub fn frame_object(cx: &Thread, depth: usize) -> Option<Value> {
    frame_at(cx, depth).map(|f| Value::from_ref(f))
}

pub fn frame_at(cx: &Thread, depth: usize) -> Option<&'static Frame> {
    cx.interp.frames().nth(depth).map(|r| frame::of_regs(cx, r))
}

/// One value of each thread, by thread identifier, taken while all threads are stopped.
fn of_all_threads(cx: &Thread, get: impl Fn(&Thread) -> Option<Value>) -> Res {
    let mut found: GcVec<(u64, Value)> = GcVec::with_capacity(taipan_heap::threads().len() + 16);
    cx.mutator.stop_the_world(|w| {
        w.for_each_mutator(|m| {
            // SAFETY: `user` is null or the state of a stopped thread, which stays until it runs.
            if let Some(t) = unsafe { (m.user.get() as *const Thread).as_ref() } {
                if let Some(v) = get(t) {
                    found.push((t.tid, v));
                }
            }
        });
    });
    let d = Dict::new(cx);
    for (tid, v) in found.iter() {
        d.set(cx, int_from_i128(cx, i128::from(*tid)), *v)?;
    }
    Ok(Value::from_ref(d))
}

/// `sys._current_frames()`.
pub fn all_frames(cx: &Thread) -> Res {
    of_all_threads(cx, |t| t.interp.frames().next().map(|r| Value::from_ref(frame::of_regs(cx, r))))
}

/// `sys._current_exceptions()`.
pub fn all_exceptions(cx: &Thread) -> Res {
    of_all_threads(cx, |t| Some(handled_exception(t).unwrap_or(none())))
}

/// The exception being handled (`sys.exception()`).
pub fn handled_exception(cx: &Thread) -> Option<Value> {
    cx.interp.current_exception().filter(|e| !e.is_none())
}

/// The globals of the innermost Python frame.
pub fn current_globals(cx: &Thread) -> Option<&'static Dict> {
    current_regs(cx)?.callee().globals.get()?.downcast::<Dict>()
}

/// The builtins of the innermost Python frame: a dict or any mapping.
pub fn current_builtins(cx: &Thread) -> Option<Value> {
    current_regs(cx)?.callee().builtins.get()
}

/// What `locals()` gives in the innermost Python frame (PEP 667).
pub fn current_locals(cx: &Thread) -> Res {
    match current_regs(cx) {
        Some(r) => Ok(frame::locals_dict(cx, r)),
        None => raise!(cx, SystemError, "frame does not exist"),
    }
}

/// `__name__` of the running frame's globals.
pub fn current_globals_name(cx: &Thread) -> Option<Value> {
    current_globals(cx)?.get_str(cx, id!(cx, "__name__"))
}

/// The future-feature flags of the innermost frame's code, inherited by `compile`.
pub fn current_code_flags(cx: &Thread) -> u32 {
    current_regs(cx).map_or(0, |r| r.code().flags)
}

/// A code object of a compiled unit.
pub fn code_from_unit(cx: &Thread, unit: Arc<CodeUnit>) -> &'static Code {
    Code::from_unit(cx, unit)
}

/// Runs a module, class or eval code object: `exec`, `eval`, import.
pub fn exec_code(
    cx: &Thread,
    code: &'static Code,
    globals: &'static Dict,
    locals: Value,
    closure: Option<&'static Tuple>,
) -> Res {
    let g = Value::from_ref(globals);
    let func = Function::new(cx, code, g, function::builtins_of(cx, g));
    func.closure.set_option(func, closure.map(|c| Value::from_ref(c)));
    call::call_with_namespace(cx, func, locals)
}

/// Calls a Python function with a namespace as its register 0 (class bodies).
pub fn call_class_body(cx: &Thread, func: Value, namespace: Value) -> Res {
    match func.downcast_exact::<Function>() {
        Some(f) => call::call_with_namespace(cx, f, namespace),
        None => raise!(cx, TypeError, "__build_class__: func must be a function"),
    }
}

/// The value with which a native iterator ended just now; None where it had none.
pub fn take_returned(cx: &Thread, it: Value) -> Value {
    match cx.interp.returned.take() {
        Some((who, v)) if who == it => v,
        _ => none(),
    }
}

/// `next(it)` for the iterators that end with a value; nothing for all others.
pub fn generator_next_raising(cx: &Thread, it: Value) -> Option<Res> {
    if generator::is_generator(it) {
        return Some(generator::send(cx, it, none()));
    }
    let known = it.downcast_exact::<coroutine::CoroutineWrapper>().is_some()
        || it.downcast_exact::<async_generator::Asend>().is_some()
        || it.downcast_exact::<async_generator::Athrow>().is_some()
        || it.downcast_exact::<async_generator::AnextAwaitable>().is_some();
    if !known {
        return None;
    }
    Some(match iter_next(cx, it) {
        Ok(Some(v)) => Ok(v),
        Ok(None) => Err(generator::stop_with(cx, take_returned(cx, it))),
        Err(e) => Err(e),
    })
}

/// `anext(it, default)`'s awaitable.
pub fn anext_awaitable(cx: &Thread, awaitable: Value, default: Value) -> Res {
    Ok(async_generator::anext_with_default(cx, awaitable, default))
}

/// The class and first argument for a `super()` without arguments.
pub fn super_arguments(cx: &Thread) -> Res<(&'static Type, Option<Value>)> {
    let Some(regs) = current_regs(cx) else {
        raise!(cx, RuntimeError, "super(): no current frame")
    };
    let code = regs.code();
    if code.argcount == 0 {
        raise!(cx, RuntimeError, "super(): no arguments");
    }
    let func = frame::function_of(regs).map_or(none(), |f| Value::from_ref(f));
    let kinds = &code.unit().localsplus_kinds;
    let first = match regs.get(code.local_base as usize) {
        Some(v) => match v.downcast_exact::<crate::objects::cell::Cell>() {
            Some(c) if kinds[0] & local_kind::CO_FAST_CELL != 0 => c.get(),
            _ => Some(v),
        },
        None => None,
    };
    let Some(first) = first else { raise!(cx, RuntimeError, "super(): arg[0] deleted") };
    let names = code.localsplus();
    for i in 0..names.len() {
        let free = kinds[i] & local_kind::CO_FAST_FREE != 0;
        if !free || !names.get(i).downcast::<Str>().is_some_and(|n| n.eq_str("__class__")) {
            continue;
        }
        let Some(class) = frame::local_value(regs, code, i, func) else {
            raise!(cx, RuntimeError, "super(): empty __class__ cell")
        };
        let Some(t) = class.as_type() else {
            raise!(cx, RuntimeError, "super(): __class__ is not a type ({})", class.ty().name())
        };
        return Ok((t, Some(first)));
    }
    raise!(cx, RuntimeError, "super(): __class__ cell not found")
}

/// Empties the dead registers above the running frames, so that an explicit collection finds what
/// `del` left behind (hazard 16). The frames' own temporaries are cleared by liveness.
pub fn clear_dead_registers(cx: &Thread) {
    cx.interp.clear_above();
    // At a poll the saved pc does not say which registers the rest of the instruction needs.
    if cx.poll_depth.load(std::sync::atomic::Ordering::Relaxed) == 0 {
        super::gc_hooks::clear_dead_in_frames(cx);
    }
}
