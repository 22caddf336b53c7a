//! `_testinternalcapi`: what the interpreter knows of itself.

use taipan_vm::prelude::*;
use taipan_vm::types::shape::Instance;

/// CPython's limit of attributes that lie in the object itself.
const INLINE_MAX: u32 = 30;

/// How many Python frames run, this call's frame excepted.
#[pyfunction]
fn get_recursion_depth(cx: &Thread) -> Res {
    Ok(Value::small(taipan_vm::interp::services::frame_depth(cx) as i64))
}

/// Calls left before native recursion raises RecursionError.
#[pyfunction]
fn get_c_recursion_remaining(cx: &Thread) -> Res {
    let left = cx.vm.recursion_limit() as i64 - taipan_vm::interp::services::frame_depth(cx) as i64;
    Ok(Value::small(left.max(0)))
}

/// Are the attributes kept in the object, not in a dict?
#[pyfunction]
fn has_inline_values(_cx: &Thread, obj: Value) -> Res<bool> {
    let Some(i) = Instance::of(obj) else { return Ok(false) };
    let s = i.shape();
    Ok(s.is_dict == 0 && s.count <= INLINE_MAX)
}

/// The start-up configuration, as far as tests ask for it.
#[pyfunction]
fn get_config(cx: &Thread) -> Res {
    let d = Dict::new(cx);
    let flags =
        get_attr(cx, taipan_vm::objects::module::import(cx, "sys")?, Str::new(cx, "flags"))?;
    for (key, flag) in [
        ("isolated", "isolated"),
        ("dev_mode", "dev_mode"),
        ("verbose", "verbose"),
        ("optimization_level", "optimize"),
        ("parser_debug", "debug"),
        ("inspect", "inspect"),
        ("interactive", "interactive"),
        ("bytes_warning", "bytes_warning"),
        ("quiet", "quiet"),
        ("safe_path", "safe_path"),
    ] {
        let v = get_attr(cx, flags, taipan_vm::objects::str::intern(cx, flag))?;
        let v = match v == py_bool(true) {
            true => Value::small(1),
            false if v == py_bool(false) => Value::small(0),
            false => v,
        };
        d.set_str(cx, Str::new(cx, key), v);
    }
    let xoptions =
        get_attr(cx, taipan_vm::objects::module::import(cx, "sys")?, Str::new(cx, "_xoptions"))?;
    let no_ranges = contains(cx, xoptions, Value::from_ref(Str::new(cx, "no_debug_ranges")))?
        || std::env::var_os("PYTHONNODEBUGRANGES").is_some_and(|v| !v.is_empty());
    d.set_str(cx, Str::new(cx, "code_debug_ranges"), Value::small(!no_ranges as i64));
    Ok(Value::from_ref(d))
}

/// Nothing is made immortal here, so there is nothing to suppress.
#[pyfunction]
fn suppress_immortalization(_cx: &Thread, _suppress: Value) -> Res<()> {
    Ok(())
}

/// Are objects made immortal late?
#[pyfunction]
fn get_immortalize_deferred(_cx: &Thread) -> Res<bool> {
    Ok(false)
}

/// A docstring without its common indentation.
#[pyfunction]
fn compiler_cleandoc(cx: &Thread, doc: &'static Str) -> Res {
    let text = taipan_compiler::docstring::clean(doc.utf8(cx)?.as_bytes());
    Ok(Value::from_ref(Str::new(cx, &String::from_utf8_lossy(&text))))
}

/// `dict[key]` with the hash given, as `_PyDict_GetItem_KnownHash`.
#[pyfunction]
fn dict_getitem_knownhash(cx: &Thread, mp: Value, key: Value, hash: i64) -> Res {
    let Some(d) = mp.downcast::<Dict>() else {
        raise!(cx, SystemError, "bad argument to internal function");
    };
    match d.get_hashed(cx, key, hash)? {
        Some(v) => Ok(v),
        None => Err(taipan_vm::objects::exceptions::key_error(cx, key)),
    }
}

/// Taipan's own: a panic in native code, for the test that it becomes a SystemError.
#[pyfunction]
fn panic(_cx: &Thread, text: &'static Str) {
    panic!("{text}");
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_int(cx, "SIZEOF_PYGC_HEAD", 16);
    m.add_int(cx, "SIZEOF_MANAGED_PRE_HEADER", 16);
    m.add_int(cx, "SIZEOF_PYOBJECT", size_of::<Head>() as i64);
    m.add_int(cx, "SIZEOF_TIME_T", 8);
    m.add_int(cx, "SHARED_KEYS_MAX_SIZE", i64::from(INLINE_MAX));
    Ok(())
}

pymodule! {
    "_testinternalcapi",
    doc: "Stand-in for CPython's test module of its internals.",
    functions: [get_recursion_depth, get_c_recursion_remaining, has_inline_values, get_config,
        suppress_immortalization, get_immortalize_deferred, compiler_cleandoc, dict_getitem_knownhash,
        panic],
    exec: exec
}
