//! `excepthook`, `displayhook`, `unraisablehook`: showing exceptions and values.

use crate::objects::exceptions;
use crate::objects::structseq::StructSeq;
use crate::prelude::*;

fn stderr(cx: &Thread) -> Option<Value> {
    cx.vm.sys_dict().get_str(cx, id!(cx, "stderr")).filter(|v| !v.is_none())
}

/// Writes to `sys.stderr`, or to the descriptor where there is none.
pub fn write_stderr(cx: &Thread, text: &str) {
    if !write_to_stream(cx, text) {
        write_to_descriptor(text);
    }
}

/// Whether `sys.stderr` took the text.
fn write_to_stream(cx: &Thread, text: &str) -> bool {
    stderr(cx).is_some_and(|f| {
        let s = Value::from_ref(Str::new(cx, text));
        call_method(cx, f, id!(cx, "write"), &[s]).is_ok()
    })
}

fn write_to_descriptor(text: &str) {
    // SAFETY: the bytes are as many as said; where writing fails there is nobody to tell.
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
}

fn flush(cx: &Thread, name: &'static str) {
    let f = cx.vm.sys_dict().get_str(cx, crate::objects::str::intern(cx, name));
    if let Some(f) = f.filter(|v| !v.is_none()) {
        // A stream that cannot be flushed has been reported or is gone.
        let _ = call_method(cx, f, id!(cx, "flush"), &[]);
    }
}

/// Shows an exception with its traceback, as the default excepthook: through the traceback module
/// (`traceback._print_exception_bltin`, as CPython 3.13), else plainly.
pub fn display(cx: &Thread, e: Value) {
    if stderr(cx).is_none() && cx.vm.sys_dict().get_str(cx, id!(cx, "stderr")).is_some() {
        return;
    }
    let shown = crate::objects::module::import_attr(cx, "traceback", "_print_exception_bltin")
        .and_then(|f| call(cx, f, &[e]));
    if let Err(second) = shown {
        if !write_to_stream(cx, &plain_text(cx, e)) {
            dump(cx, e);
        } else if std::env::var_os("TAIPAN_DEBUG_DISPLAY").is_some() {
            write_stderr(cx, "while showing it:\n");
            display_plain(cx, second.0);
        }
    }
    flush(cx, "stderr");
}

/// What is left to say of an exception where `sys.stderr` takes nothing (`_PyObject_Dump`).
fn dump(cx: &Thread, e: Value) {
    let shown = repr(cx, e).map_or_else(|_| String::new(), |s| s.to_string());
    write_to_descriptor(&format!(
        "object address  : {:#x}\nobject refcount : {}\nobject type     : {:#x}\nobject type name: {}\n\
         object repr     : {shown}\nlost sys.stderr\n",
        e.bits(),
        super::getrefcount(cx, e),
        Value::from_ref(e.ty()).bits(),
        e.ty().name(),
    ));
}

/// Without the traceback module: lines of the traceback, then class and message.
pub fn display_plain(cx: &Thread, e: Value) {
    write_stderr(cx, &plain_text(cx, e));
}

fn plain_text(cx: &Thread, e: Value) -> String {
    let mut out = String::new();
    let mut tb = exceptions::of(e).traceback.get();
    if tb.is_some() {
        out.push_str("Traceback (most recent call last):\n");
    }
    while let Some(t) = tb {
        let t = t
            .downcast_exact::<crate::objects::traceback::Traceback>()
            .expect("checked by the setter");
        let code = t.frame().code();
        out.push_str(&format!(
            "  File \"{}\", line {}, in {}\n",
            code.filename.value().downcast::<Str>().expect("co_filename is a str"),
            t.line(),
            code.name_str()
        ));
        tb = t.next().map(|t| Value::from_ref(t));
    }
    let name = crate::types::class::full_name(cx, e.ty());
    match to_str(cx, e) {
        Ok(s) if !s.is_empty() => out.push_str(&format!("{name}: {s}\n")),
        Ok(_) => out.push_str(&format!("{name}\n")),
        Err(_) => out.push_str(&format!("{name}: <exception str() failed>\n")),
    }
    out
}

/// Reports an uncaught exception through `sys.excepthook`.
pub fn report_uncaught(cx: &Thread, e: Value) {
    flush(cx, "stdout");
    let tb = exceptions::of(e).traceback.get().unwrap_or(none());
    let sys = cx.vm.sys_dict();
    let class = Value::from_ref(e.ty());
    for (name, v) in
        [("last_exc", e), ("last_type", class), ("last_value", e), ("last_traceback", tb)]
    {
        sys.set_str(cx, crate::objects::str::intern(cx, name), v);
    }
    let hook = cx.vm.sys_dict().get_str(cx, id!(cx, "excepthook"));
    match hook {
        Some(h) => {
            let args = [Value::from_ref(e.ty()), e, tb];
            if let Err(second) = call(cx, h, &args) {
                if second.is(exc::SystemExit()) {
                    cx.vm.exit_request.store(
                        exit_code(cx, second.0) as i64,
                        std::sync::atomic::Ordering::Relaxed,
                    );
                    return;
                }
                write_stderr(cx, "Error in sys.excepthook:\n");
                display(cx, second.0);
                write_stderr(cx, "\nOriginal exception was:\n");
                display(cx, e);
            }
        }
        None => {
            write_stderr(cx, "sys.excepthook is missing\n");
            display(cx, e);
        }
    }
    flush(cx, "stderr");
}

/// The process's exit status of a SystemExit; a message goes to stderr.
pub fn exit_code(cx: &Thread, e: Value) -> i32 {
    // An exception without a code is its own message.
    let code = get_attr(cx, e, id!(cx, "code")).unwrap_or(e);
    flush(cx, "stdout");
    if code.is_none() {
        return 0;
    }
    if crate::objects::int::is_int(code) {
        return match int_to_i64(code) {
            Some(n) => n as i32,
            None => -1,
        };
    }
    if let Some(f) = stderr(cx) {
        let text = to_str(cx, code).unwrap_or_else(|_| id!(cx, ""));
        // What cannot be written is lost, as the exception is that says so.
        let _ = call_method(cx, f, id!(cx, "write"), &[Value::from_ref(text)]);
        write_stderr(cx, "\n");
    } else if let Ok(s) = to_str(cx, code) {
        write_stderr(cx, &format!("{s}\n"));
    }
    flush(cx, "stderr");
    1
}

pub static UNRAISABLE_ARGS: StructSeq = StructSeq::new(
    "sys",
    "UnraisableHookArgs",
    "",
    &["exc_type", "exc_value", "exc_traceback", "err_msg", "object"],
    5,
);

/// Reports an exception that cannot be raised, through `sys.unraisablehook`.
pub fn unraisable(cx: &Thread, e: Raised, obj: Option<Value>, msg: Option<&str>) {
    let tb = exceptions::of(e.0).traceback.get().unwrap_or(none());
    let m = msg.map_or(none(), |m| Value::from_ref(Str::new(cx, m)));
    let items = [Value::from_ref(e.class()), e.0, tb, m, obj.unwrap_or(none())];
    let args = UNRAISABLE_ARGS.make(cx, &items);
    let hook = cx
        .vm
        .roots
        .sys_dict
        .get()
        .and_then(|_| cx.vm.sys_dict().get_str(cx, id!(cx, "unraisablehook")));
    if let Some(h) = hook.filter(|h| !h.is_none()) {
        match call(cx, h, &[args]) {
            Ok(_) => return,
            Err(second) => {
                show_unraisable(
                    cx,
                    second.0,
                    Some(h),
                    Some("Exception ignored in sys.unraisablehook"),
                );
                return;
            }
        }
    }
    show_unraisable(cx, e.0, obj, msg);
}

fn show_unraisable(cx: &Thread, e: Value, obj: Option<Value>, msg: Option<&str>) {
    if stderr(cx).is_none() {
        return;
    }
    write_stderr(cx, &super::unraisable::text(cx, e, obj, msg));
    flush(cx, "stderr");
}

/// Shows the exception that a hook's arguments hold.
#[pyfunction]
pub fn unraisablehook(cx: &Thread, unraisable: Value) -> Res<()> {
    let Some(t) =
        unraisable.downcast::<Tuple>().filter(|_| unraisable.ty().is(UNRAISABLE_ARGS.ty(cx)))
    else {
        raise!(cx, TypeError, "sys.unraisablehook argument type must be UnraisableHookArgs");
    };
    let msg = t.get(3).downcast::<Str>().map(|s| s.to_string());
    show_unraisable(cx, t.get(1), Some(t.get(4)), msg.as_deref());
    Ok(())
}

/// Shows an uncaught exception on standard error.
#[pyfunction]
pub fn excepthook(cx: &Thread, exctype: Value, value: Value, traceback: Value) -> Res<()> {
    let _ = exctype;
    if value.downcast::<exceptions::BaseException>().is_none() {
        write_stderr(
            cx,
            &format!(
                "TypeError: print_exception(): Exception expected for value, {} found\n",
                value.ty().name()
            ),
        );
        return Ok(());
    }
    let e = exceptions::of(value);
    if !traceback.is_none() && e.traceback.is_empty() {
        e.traceback.set(e, traceback);
    }
    display(cx, value);
    Ok(())
}

/// Shows the value of an expression statement in the shell and keeps it as `builtins._`.
#[pyfunction]
pub fn displayhook(cx: &Thread, object: Value) -> Res<()> {
    if object.is_none() {
        return Ok(());
    }
    let b = cx.vm.builtins_dict();
    let under = id!(cx, "_");
    b.set_str(cx, under, none());
    let out = cx.vm.sys_dict().get_str(cx, id!(cx, "stdout"));
    let Some(out) = out.filter(|o| !o.is_none()) else {
        raise!(cx, RuntimeError, "lost sys.stdout");
    };
    let text = repr(cx, object)?;
    let write = id!(cx, "write");
    match call_method(cx, out, write, &[Value::from_ref(text)]) {
        Ok(_) => {}
        Err(e) if e.is(exc::UnicodeEncodeError()) => {
            let enc = get_attr(cx, out, id!(cx, "encoding"))?;
            let args = [enc, Value::from_ref(id!(cx, "backslashreplace"))];
            let bytes = call_method(cx, Value::from_ref(text), id!(cx, "encode"), &args)?;
            match get_attr_opt(cx, out, id!(cx, "buffer"))? {
                Some(buf) => call_method(cx, buf, write, &[bytes])?,
                None => {
                    let s = call_method(
                        cx,
                        bytes,
                        id!(cx, "decode"),
                        &[enc, Value::from_ref(id!(cx, "strict"))],
                    )?;
                    call_method(cx, out, write, &[s])?
                }
            };
        }
        Err(e) => return Err(e),
    }
    call_method(cx, out, write, &[Value::from_ref(id!(cx, "\n"))])?;
    b.set_str(cx, under, object);
    Ok(())
}

/// Runs the debugger that PYTHONBREAKPOINT names.
#[pyfunction(sig = "(*args, **kws)", text = "($module, /, *args, **kwargs)")]
pub fn breakpointhook(cx: &Thread, args: &[Value], kws: Option<&'static Dict>) -> Res {
    let name = match std::env::var("PYTHONBREAKPOINT") {
        Ok(n) if n == "0" => return Ok(none()),
        Ok(n) if !n.is_empty() && cx.vm.config.get().is_none_or(|c| !c.ignore_environment) => n,
        _ => "pdb.set_trace".into(),
    };
    let (module, attr) = match name.rfind('.') {
        Some(i) => (&name[..i], &name[i + 1..]),
        None => ("builtins", name.as_str()),
    };
    // A name that starts with its only dot names no module; that is not even tried.
    let found = match module {
        "" => Err(err!(cx, ImportError, "no module named")),
        _ => crate::objects::module::import_attr(cx, module, attr),
    };
    match found {
        Ok(f) => call_dict(cx, f, args, kws),
        Err(e) if e.is(exc::ImportError()) || e.is(exc::AttributeError()) => {
            let msg = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{name}\"");
            crate::objects::warn(cx, exc::RuntimeWarning(), &msg, 1)?;
            Ok(none())
        }
        Err(e) => Err(e),
    }
}
