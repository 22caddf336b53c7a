//! `repr`, `str`, `ascii`, `format`.

use crate::prelude::*;

/// `repr(v)`.
pub fn repr(cx: &Thread, v: Value) -> Res<&'static Str> {
    let _depth = cx.enter_recursive(" while getting the repr of an object")?;
    let Some(f) = v.ty().slots().repr.get() else {
        return Ok(Str::new(cx, &format!("<{} object at {:#x}>", v.ty().name(), v.bits())));
    };
    let r = f(cx, v)?;
    match r.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(cx, TypeError, "__repr__ returned non-string (type {})", r.ty().name()),
    }
}

/// `str(v)`.
pub fn to_str(cx: &Thread, v: Value) -> Res<&'static Str> {
    if let Some(s) = v.downcast_exact::<Str>() {
        return Ok(s);
    }
    let Some(f) = v.ty().slots().str.get() else { return repr(cx, v) };
    let _depth = cx.enter_recursive(" while getting the str of an object")?;
    let r = f(cx, v)?;
    match r.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(cx, TypeError, "__str__ returned non-string (type {})", r.ty().name()),
    }
}

/// `format(v, spec)` (`PyObject_Format`).
pub fn format_value(cx: &Thread, v: Value, spec: &Str) -> Res<&'static Str> {
    if spec.len() == 0 {
        if let Some(s) = v.downcast_exact::<Str>() {
            return Ok(s);
        }
        if v.is_small() {
            return to_str(cx, v);
        }
    }
    match call_special(cx, v, id!(cx, "__format__"), &[Value::from_ref(spec)])? {
        Some(r) => match r.downcast::<Str>() {
            Some(s) => Ok(s),
            None => {
                raise!(cx, TypeError, "__format__ must return a str, not {}", r.ty().name())
            }
        },
        None => raise!(cx, TypeError, "Type {} doesn't define __format__", v.ty().name()),
    }
}
