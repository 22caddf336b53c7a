//! The interpreter: frames, dispatch, calls of Python functions, exceptions, generators.
//!
//! `frame` the words of a frame, `state` what a thread has of it, `dispatch` the tables and how
//! handlers are written, `ops` the instructions, `call` binding and pushing, `leave` and `unwind`
//! the two ways out, `cache` the inline caches, `trace` events, `gc_hooks` what is scanned.

pub mod cache;
pub mod call;
pub mod config;
pub mod dispatch;
pub mod frame;
pub mod gc_hooks;
pub mod leave;
mod ops;
pub mod state;
pub mod suggest;
pub mod trace;
pub mod typeparams;
pub mod unwind;

use crate::objects::code::Code;
use crate::objects::frame::Frame;
use crate::objects::function::{self, Function};
use crate::prelude::*;
use frame::Regs;
use std::sync::Arc;
use taipan_compiler::code::{CodeUnit, local_kind};

pub use call::call_function;

/// A code object of a compiled unit.
pub fn code_from_unit(cx: &Thread, unit: Arc<CodeUnit>) -> &'static Code {
    Code::from_unit(cx, unit)
}

/// Runs the code of a module, of `exec` or of `eval` with its namespaces.
pub fn exec_code(cx: &Thread, code: &'static Code, globals: &Dict, locals: Value) -> Res {
    let g = Value::from_ref(globals);
    let func = Function::new(cx, code, g, function::builtins_of(cx, g));
    call::call_with_namespace(cx, func, locals)
}

/// As `exec_code` for code with free variables.
pub fn exec_with_closure(
    cx: &Thread,
    code: &'static Code,
    globals: &Dict,
    locals: Value,
    closure: Option<Value>,
) -> Res {
    let g = Value::from_ref(globals);
    let func = Function::new(cx, code, g, function::builtins_of(cx, g));
    func.closure.set_option(func, closure);
    call::call_with_namespace(cx, func, locals)
}

/// Runs a class body in its namespace; what it returns is the `__class__` cell or None.
pub fn run_class_body(cx: &Thread, func: &'static Function, ns: Value) -> Res {
    call::call_with_namespace(cx, func, ns)
}

/// Register 0 of the running Python frame.
pub fn current_regs(cx: &Thread) -> Option<Regs> {
    Some(cx.interp.regs.get()).filter(|r| !r.is_null())
}

/// The frame object `depth` frames up (`sys._getframe`).
pub fn frame_at(cx: &Thread, depth: usize) -> Option<&'static Frame> {
    cx.interp.frames().nth(depth).map(|r| crate::objects::frame::of_regs(cx, r))
}

pub fn current_frame(cx: &Thread) -> Option<&'static Frame> {
    frame_at(cx, 0)
}

/// The globals of the running frame.
pub fn current_globals(cx: &Thread) -> Option<&'static Dict> {
    current_regs(cx)?.callee().globals.get()?.downcast::<Dict>()
}

/// The builtins of the running frame: a dict or any mapping.
pub fn current_builtins(cx: &Thread) -> Option<Value> {
    current_regs(cx)?.callee().builtins.get()
}

/// `locals()` of the running frame.
pub fn current_locals(cx: &Thread) -> Option<Value> {
    current_regs(cx).map(|r| crate::objects::frame::locals_dict(cx, r))
}

/// `__name__` of the running frame's globals.
pub fn current_globals_name(cx: &Thread) -> Option<Value> {
    current_globals(cx)?.get_str(cx, id!(cx, "__name__"))
}

/// The value with which a native iterator ended just now; None where it had none.
pub fn take_returned(cx: &Thread, it: Value) -> Value {
    match cx.interp.returned.take() {
        Some((who, v)) if who == it => v,
        _ => none(),
    }
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
    let func = crate::objects::frame::function_of(regs).map_or(none(), |f| Value::from_ref(f));
    let first = match regs.get(code.local_base as usize) {
        Some(v) => match v.downcast_exact::<crate::objects::cell::Cell>() {
            Some(c) if code.unit().localsplus_kinds[0] & local_kind::CO_FAST_CELL != 0 => c.get(),
            _ => Some(v),
        },
        None => None,
    };
    let Some(first) = first else { raise!(cx, RuntimeError, "super(): arg[0] deleted") };
    let names = code.localsplus();
    for i in 0..names.len() {
        let free = code.unit().localsplus_kinds[i] & local_kind::CO_FAST_FREE != 0;
        if !free || !names.get(i).downcast::<Str>().is_some_and(|n| n.eq_str("__class__")) {
            continue;
        }
        let Some(class) = crate::objects::frame::local_value(regs, code, i, func) else {
            raise!(cx, RuntimeError, "super(): empty __class__ cell")
        };
        let Some(t) = class.as_type() else {
            raise!(cx, RuntimeError, "super(): __class__ is not a type ({})", class.ty().name())
        };
        return Ok((t, Some(first)));
    }
    raise!(cx, RuntimeError, "super(): __class__ cell not found")
}

/// Reports an exception that cannot be raised, through `sys.unraisablehook`.
pub fn unraisable(cx: &Thread, e: Raised, obj: Option<Value>, msg: Option<&str>) {
    let x = crate::objects::exceptions::of(e.0);
    let tb = x.traceback.get().unwrap_or(none());
    let text = msg.map_or(none(), |m| Value::from_ref(Str::new(cx, m)));
    let fields = [Value::from_ref(e.0.ty()), e.0, tb, text, obj.unwrap_or(none())];
    let Some(hook) = cx.vm.roots.sys_dict.get().and_then(|d| d.downcast::<Dict>()).and_then(|d| {
        d.get_str(cx, id!(cx, "unraisablehook"))
    }) else {
        let shown = repr(cx, e.0).map_or_else(|_| "?".into(), |s| s.to_str_lossy());
        eprintln!("Exception ignored: {shown}");
        return;
    };
    let arg = Tuple::from_slice(cx, &fields);
    let arg = match crate::objects::module::import_attr(cx, "sys", "UnraisableHookArgs") {
        Ok(c) => call(cx, c, &[Value::from_ref(arg)]).unwrap_or(Value::from_ref(arg)),
        Err(_) => Value::from_ref(arg),
    };
    // What the hook raises has nowhere to go.
    let _ = call(cx, hook, &[arg]);
}
