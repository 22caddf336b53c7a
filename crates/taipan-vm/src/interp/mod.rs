//! The interpreter: frames, dispatch, calls of Python functions, exceptions, generators.
//!
//! `frame` the words of a frame, `state` what a thread has of it, `dispatch` the tables and how
//! handlers are written, `ops` the instructions, `call` binding and pushing, `leave` and `unwind`
//! the two ways out, `cache` the inline caches, `trace` events, `gc_hooks` what is scanned, `services` what the rest of the VM asks for.

pub mod cache;
pub mod call;
pub mod config;
pub mod dispatch;
pub mod frame;
pub mod gc_hooks;
pub mod leave;
mod ops;
pub mod services;
pub mod state;
pub mod suggest;
pub mod trace;
pub mod typeparams;
pub mod unwind;

use crate::prelude::*;

pub use call::call_function;
pub use gc_hooks::install_hooks;
pub use services::*;
pub use trace::{get_profile, get_trace, set_profile, set_trace};

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
