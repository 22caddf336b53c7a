//! `_testcapi`: limits of C types, calling conventions, raising and showing exceptions.

use crate::conventions::{MethClass, MethInstance, MethStatic, echo, echo_keywords};
use crate::monitoring::*;
use taipan_vm::interp::emergency;
use taipan_vm::modules::sys::hooks;
use taipan_vm::objects::exceptions::raise_value;
use taipan_vm::prelude::*;

fn this_module(cx: &Thread) -> Value {
    cx.vm.modules().get_str(cx, id!(cx, "_testcapi")).unwrap_or(none())
}

/// Ends the process with the message.
#[pyfunction(sig = "(message, release_gil=False, /)")]
fn fatal_error(cx: &Thread, message: Value, release_gil: bool) -> Res {
    let Some(b) = message.downcast::<Bytes>() else {
        raise!(cx, TypeError, "a bytes-like object is required, not '{}'", message.ty().name())
    };
    let text = String::from_utf8_lossy(b.as_slice()).into_owned();
    let end = || {
        emergency::fatal_error("_testcapi_fatal_error_impl", &text);
    };
    if release_gil {
        cx.detach(end);
    } else {
        end();
    }
    Ok(none())
}

/// Gives back the module and the arguments.
#[pyfunction(sig = "(*args)")]
fn meth_varargs(cx: &Thread, args: &[Value]) -> Res {
    Ok(echo(cx, this_module(cx), args))
}

/// Gives back the module, the arguments and the keyword arguments.
#[pyfunction(sig = "(*args, **kwargs)")]
fn meth_varargs_keywords(cx: &Thread, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
    Ok(echo_keywords(cx, this_module(cx), args, kwargs))
}

/// Gives back the module and the argument.
#[pyfunction]
fn meth_o(cx: &Thread, obj: Value) -> Res {
    Ok(Value::from_ref(Tuple::pair(cx, this_module(cx), obj)))
}

/// Gives back the module.
#[pyfunction]
fn meth_noargs(cx: &Thread) -> Res {
    Ok(this_module(cx))
}

/// Gives back the module and the arguments.
#[pyfunction(sig = "(*args)")]
fn meth_fastcall(cx: &Thread, args: &[Value]) -> Res {
    Ok(echo(cx, this_module(cx), args))
}

/// Gives back the module, the arguments and the keyword arguments.
#[pyfunction(sig = "(*args, **kwargs)")]
fn meth_fastcall_keywords(cx: &Thread, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
    Ok(echo_keywords(cx, this_module(cx), args, kwargs))
}

fn given(args: Value) -> GcVec<Value> {
    let mut v = GcVec::new();
    if let Some(t) = args.downcast::<Tuple>() {
        v.extend_from_slice(t.as_slice());
    }
    v
}

/// Calls with positional values, the last of which belong to the names.
#[pyfunction]
fn pyobject_vectorcall(cx: &Thread, func: Value, args: Value, names: Value) -> Res {
    let args = given(args);
    let kw = names.downcast::<Tuple>();
    if kw.is_none() && !names.is_none() {
        raise!(cx, TypeError, "kwnames must be None or a tuple");
    }
    if kw.is_some_and(|k| k.len() > args.len()) {
        raise!(cx, ValueError, "kwnames longer than args");
    }
    call_kw(cx, func, &args, kw.filter(|k| !k.is_empty()))
}

/// Calls with positional values and a dict of keyword values.
#[pyfunction(sig = "(func, args, kwargs=None, /)")]
fn pyobject_fastcalldict(cx: &Thread, func: Value, args: Value, kwargs: Option<Value>) -> Res {
    let kwargs = kwargs.and_then(|k| k.downcast::<Dict>());
    call_dict(cx, func, &given(args), kwargs)
}

/// Calls with a tuple and perhaps a dict.
#[pyfunction(sig = "(func, args, kwargs=None, /)")]
fn pyvectorcall_call(cx: &Thread, func: Value, args: &'static Tuple, kwargs: Option<Value>) -> Res {
    call_dict(cx, func, args.as_slice(), kwargs.and_then(|k| k.downcast::<Dict>()))
}

/// Calls a builtin function with a tuple and perhaps a dict.
#[pyfunction(sig = "(func, args, kwargs=None, /)")]
fn pycfunction_call(cx: &Thread, func: Value, args: &'static Tuple, kwargs: Option<Value>) -> Res {
    call_dict(cx, func, args.as_slice(), kwargs.and_then(|k| k.downcast::<Dict>()))
}

/// Raises an exception class with the given number of arguments 0, 1, ...
#[pyfunction]
fn raise_exception(cx: &Thread, class: Value, num_args: i64) -> Res {
    if !class.as_type().is_some_and(|t| t.is_subtype(exc::BaseException())) {
        let what = repr(cx, class)?;
        raise!(
            cx,
            SystemError,
            "_PyErr_SetObject: exception {what} is not a BaseException subclass"
        );
    }
    let mut args = GcVec::new();
    for i in 0..num_args.clamp(0, 1 << 20) {
        args.push(Value::small(i));
    }
    let e = call(cx, class, &args)?;
    Err(raise_value(cx, e))
}

/// Raises MemoryError.
#[pyfunction]
fn raise_memoryerror(cx: &Thread) -> Res {
    Err(cx.no_memory())
}

/// A new exception class.
#[pyfunction(sig = "(name, doc=None, base=None, dict=None)")]
fn make_exception_with_doc(
    cx: &Thread,
    name: &'static Str,
    doc: Option<Value>,
    base: Option<Value>,
    dict: Option<Value>,
) -> Res {
    let text = name.to_str_lossy();
    let Some((module, last)) = text.rsplit_once('.') else {
        raise!(cx, SystemError, "PyErr_NewException: name must be module.class");
    };
    let ns = Dict::new(cx);
    if let Some(d) = dict.filter(|d| !d.is_none()) {
        ns.update(cx, d)?;
    }
    if let Some(d) = doc.filter(|d| !d.is_none()) {
        ns.set_str(cx, id!(cx, "__doc__"), d);
    }
    if ns.get_str(cx, id!(cx, "__module__")).is_none() {
        ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(Str::new(cx, module)));
    }
    let base = base.filter(|b| !b.is_none()).unwrap_or(Value::from_ref(exc::Exception()));
    let bases = match base.downcast::<Tuple>() {
        Some(t) => t,
        None => Tuple::from_slice(cx, &[base]),
    };
    let args = [Value::from_ref(Str::new(cx, last)), Value::from_ref(bases), Value::from_ref(ns)];
    call(cx, Value::from_ref(Type::type_object()), &args)
}

/// Shows an exception on stderr.
#[pyfunction(sig = "(exc, legacy=0, /)")]
fn exception_print(cx: &Thread, exc: Value, legacy: Value) -> Res<()> {
    is_true(cx, legacy)?;
    if !taipan_vm::objects::exceptions::BaseException::check(exc) {
        let name = taipan_vm::types::class::full_name(cx, exc.ty());
        hooks::write_stderr(
            cx,
            &format!("TypeError: print_exception(): Exception expected for value, {name} found"),
        );
        return Ok(());
    }
    hooks::display(cx, exc);
    Ok(())
}

/// Writes a traceback to a file.
#[pyfunction]
fn traceback_print(cx: &Thread, tb: Value, file: Value) -> Res<()> {
    if taipan_vm::objects::traceback::Traceback::check(tb) {
        let print = taipan_vm::objects::module::import_attr(cx, "traceback", "print_tb")?;
        call_method(
            cx,
            file,
            id!(cx, "write"),
            &[Value::from_ref(Str::new(cx, "Traceback (most recent call last):\n"))],
        )?;
        call(cx, print, &[tb, none(), file])?;
        return Ok(());
    }
    raise!(cx, SystemError, "bad argument to internal function");
}

/// Reports an exception that nobody can catch, with the object it came from.
#[pyfunction]
fn err_writeunraisable(cx: &Thread, exc: Value, obj: Value) -> Res<()> {
    let e = raise_value(cx, exc);
    hooks::unraisable(cx, e, Some(obj).filter(|o| !o.is_none()), None);
    Ok(())
}

fn frame_attr(cx: &Thread, frame: Value, name: &'static str) -> Res {
    if !taipan_vm::objects::frame::Frame::check(frame) {
        raise!(cx, TypeError, "argument must be a frame");
    }
    get_attr(cx, frame, taipan_vm::objects::str::intern(cx, name))
}

/// The frame's locals.
#[pyfunction]
fn frame_getlocals(cx: &Thread, frame: Value) -> Res {
    frame_attr(cx, frame, "f_locals")
}

/// The frame's globals.
#[pyfunction]
fn frame_getglobals(cx: &Thread, frame: Value) -> Res {
    frame_attr(cx, frame, "f_globals")
}

/// The frame's builtins.
#[pyfunction]
fn frame_getbuiltins(cx: &Thread, frame: Value) -> Res {
    frame_attr(cx, frame, "f_builtins")
}

/// The frame's last instruction.
#[pyfunction]
fn frame_getlasti(cx: &Thread, frame: Value) -> Res {
    frame_attr(cx, frame, "f_lasti")
}

fn variable(cx: &Thread, frame: Value, name: Value) -> Res {
    let locals = frame_attr(cx, frame, "f_locals")?;
    match get_item(cx, locals, name) {
        Err(e) if e.is(exc::KeyError()) => {
            raise!(cx, NameError, "variable {} does not exist", repr(cx, name)?)
        }
        r => r,
    }
}

/// A variable of a frame.
#[pyfunction]
fn frame_getvar(cx: &Thread, frame: Value, name: Value) -> Res {
    if name.downcast::<Str>().is_none() {
        raise!(cx, TypeError, "name must be str, not {}", name.ty().name());
    }
    variable(cx, frame, name)
}

/// A variable of a frame, named by bytes.
#[pyfunction]
fn frame_getvarstring(cx: &Thread, frame: Value, name: &'static Bytes) -> Res {
    let name = Str::new(cx, &String::from_utf8_lossy(name.as_slice()));
    variable(cx, frame, Value::from_ref(name))
}

/// A code object that only has a name and a place.
#[pyfunction]
fn code_newempty(
    cx: &Thread,
    filename: &'static Str,
    funcname: &'static Str,
    firstlineno: i64,
) -> Res {
    let compile = taipan_vm::objects::module::import_attr(cx, "builtins", "compile")?;
    let text = |s: &str| Value::from_ref(Str::new(cx, s));
    let code = call(
        cx,
        compile,
        &[text("raise AssertionError\n"), Value::from_ref(filename), text("exec")],
    )?;
    let replace = get_attr(cx, code, taipan_vm::objects::str::intern(cx, "replace"))?;
    let kw = Dict::new(cx);
    kw.set_str(cx, Str::new(cx, "co_name"), Value::from_ref(funcname));
    kw.set_str(cx, Str::new(cx, "co_qualname"), Value::from_ref(funcname));
    kw.set_str(cx, Str::new(cx, "co_firstlineno"), Value::small(firstlineno));
    call_dict(cx, replace, &[], Some(kw))
}

/// Calls the class, then gives the text of the descriptor.
#[pyfunction]
fn bad_get(cx: &Thread, descriptor: Value, _obj: Value, class: Value) -> Res {
    call(cx, class, &[])?;
    repr(cx, descriptor).map(|s| Value::from_ref(s))
}

/// An object whose `__await__` gives what it was made with.
#[repr(C)]
struct AwaitType {
    head: Head,
    inner: Slot,
}

taipan_vm::pytype! { AwaitType, Taipan_AwaitType_Type, name: "awaitType", module: "_testcapi",
base: taipan_vm::objects::object::Object }

#[pymethods]
impl AwaitType {
    #[slot(sig = "(cls, inner, /)")]
    fn __new__(cx: &Thread, _cls: &Type, inner: Value) -> Res {
        let head = taipan_vm::types::alloc::fresh_head();
        let a = AwaitType { head, inner: Slot::empty() };
        a.inner.init(Some(inner));
        Ok(Value::from_ref(cx.alloc(a)))
    }

    #[slot]
    fn __await__(_cx: &Thread, this: &AwaitType) -> Res {
        Ok(this.inner.value())
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<AwaitType>(cx);
    m.add_type::<CodeLike>(cx);
    m.add_type::<MethInstance>(cx);
    m.add_type::<MethClass>(cx);
    m.add_type::<MethStatic>(cx);
    for (name, v) in [
        ("CHAR_MAX", i128::from(i8::MAX)),
        ("CHAR_MIN", i128::from(i8::MIN)),
        ("UCHAR_MAX", i128::from(u8::MAX)),
        ("SHRT_MAX", i128::from(i16::MAX)),
        ("SHRT_MIN", i128::from(i16::MIN)),
        ("USHRT_MAX", i128::from(u16::MAX)),
        ("INT_MAX", i128::from(i32::MAX)),
        ("INT_MIN", i128::from(i32::MIN)),
        ("UINT_MAX", i128::from(u32::MAX)),
        ("LONG_MAX", i128::from(i64::MAX)),
        ("LONG_MIN", i128::from(i64::MIN)),
        ("ULONG_MAX", i128::from(u64::MAX)),
        ("LLONG_MAX", i128::from(i64::MAX)),
        ("LLONG_MIN", i128::from(i64::MIN)),
        ("ULLONG_MAX", i128::from(u64::MAX)),
        ("PY_SSIZE_T_MAX", i128::from(i64::MAX)),
        ("PY_SSIZE_T_MIN", i128::from(i64::MIN)),
        ("SIZE_MAX", i128::from(u64::MAX)),
        ("SIZEOF_WCHAR_T", 4),
        ("SIZEOF_VOID_P", 8),
        ("SIZEOF_TIME_T", 8),
        ("Py_C_RECURSION_LIMIT", 10_000),
        ("Py_Version", 0x030D_05F0),
    ] {
        m.add(cx, name, int_from_i128(cx, v));
    }
    for (name, v) in [
        ("FLT_MAX", f64::from(f32::MAX)),
        ("FLT_MIN", f64::from(f32::MIN_POSITIVE)),
        ("DBL_MAX", f64::MAX),
        ("DBL_MIN", f64::MIN_POSITIVE),
    ] {
        m.add(cx, name, Value::from_f64(v));
    }
    m.add(cx, "WITH_PYMALLOC", py_bool(false));
    m.add(cx, "WITH_MIMALLOC", py_bool(false));
    Ok(())
}

pymodule! {
    "_testcapi",
    doc: "Stand-in for CPython's test module of its C API.",
    functions: [fatal_error, meth_varargs, meth_varargs_keywords, meth_o, meth_noargs, meth_fastcall,
        meth_fastcall_keywords, pyobject_vectorcall, pyobject_fastcalldict, pyvectorcall_call,
        pycfunction_call, raise_exception, raise_memoryerror, make_exception_with_doc,
        exception_print, traceback_print, err_writeunraisable, frame_getlocals, frame_getglobals,
        frame_getbuiltins, frame_getlasti, frame_getvar, frame_getvarstring, code_newempty, bad_get,
        fire_event_py_start, fire_event_py_resume, fire_event_py_return, fire_event_c_return,
        fire_event_py_yield, fire_event_call, fire_event_line, fire_event_jump, fire_event_branch,
        fire_event_py_throw, fire_event_raise, fire_event_c_raise, fire_event_reraise,
        fire_event_exception_handled, fire_event_py_unwind, fire_event_stop_iteration,
        monitoring_enter_scope, monitoring_exit_scope],
    exec: exec
}
