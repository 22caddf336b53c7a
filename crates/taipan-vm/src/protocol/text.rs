//! `repr`, `str`, `ascii`, `format`.

use crate::objects::numeric_format;
use crate::prelude::*;
use taipan_numtext::short::Short;

/// `repr(v)`.
pub fn repr(cx: &Thread, v: Value) -> Res<&'static Str> {
    if let Some(s) = number_text(cx, v) {
        return Ok(s);
    }
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

/// The text of a number that is no object; its type's methods cannot be replaced.
#[inline]
fn number_text(cx: &Thread, v: Value) -> Option<&'static Str> {
    if let Some(i) = v.as_small() {
        return Some(Str::from_ascii(cx, Short::signed(i).as_bytes()));
    }
    v.as_unboxed_f64().map(|x| numeric_format::float_str(cx, x))
}

/// `str(v)`.
pub fn to_str(cx: &Thread, v: Value) -> Res<&'static Str> {
    if let Some(s) = v.downcast_exact::<Str>() {
        return Ok(s);
    }
    if let Some(s) = number_text(cx, v) {
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
        if !v.is_ptr() {
            return to_str(cx, v);
        }
    } else if !v.is_ptr() {
        let r = match v.as_unboxed_f64() {
            Some(_) => numeric_format::format_float(cx, v, spec)?,
            None => numeric_format::format_int(cx, v, spec)?,
        };
        return Ok(r.downcast::<Str>().expect("numbers format as a str"));
    } else if let Some(s) = v.downcast_exact::<Str>() {
        let r = crate::objects::str::template::format_spec(cx, v, s, spec)?;
        return Ok(r.downcast::<Str>().expect("a str formats as a str"));
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
