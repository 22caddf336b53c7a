//! `float(...)`: from numbers and text (`PyNumber_Float`, `PyFloat_FromString`).

use super::*;

/// The double of what `__float__` of `v` returned.
pub(super) fn checked_float_result(cx: &Thread, v: Value, r: Value) -> Res<f64> {
    if is_exact_float(r) {
        return Ok(float_value(r).expect("checked to be a float"));
    }
    let (of, name) = (v.ty().name(), r.ty().name());
    let Some(x) = float_value(r) else {
        raise!(cx, TypeError, "{of}.__float__ returned non-float (type {name})");
    };
    crate::objects::warn_deprecated(
        cx,
        &format!(
            "{of}.__float__ returned non-float (type {name}).  The ability to return an instance \
             of a strict subclass of float is deprecated, and may be removed in a future version \
             of Python."
        ),
    )?;
    Ok(x)
}

/// `float(v)` as an exact float.
pub fn number_to_float(cx: &Thread, v: Value) -> Res {
    if is_exact_float(v) {
        return Ok(v);
    }
    if let Some(f) = v.ty().slots().float.get() {
        let r = f(cx, v)?;
        if is_exact_float(r) {
            return Ok(r);
        }
        return Ok(constructed(cx, checked_float_result(cx, v, r)?));
    }
    if v.ty().slots().index.get().is_some() {
        return Ok(Value::from_f64(int::as_f64(cx, index(cx, v)?)?));
    }
    parse_object(cx, v)
}

/// A float from a str or bytes-like object.
pub fn parse_object(cx: &Thread, v: Value) -> Res {
    let parsed = if let Some(s) = v.downcast::<Str>() {
        let number = int::ascii_number(s);
        cx.plain(number.len(), || text::parse(&number))
    } else {
        match int::buffer_text(cx, v)? {
            Some(b) => cx.plain(b.len(), || text::parse(&b)),
            None => raise!(
                cx,
                TypeError,
                "float() argument must be a string or a real number, not '{}'",
                v.ty().name()
            ),
        }
    };
    match parsed {
        Some(x) => Ok(constructed(cx, x)),
        None => {
            let shown = repr(cx, v)?;
            raise!(cx, ValueError, "could not convert string to float: {shown}")
        }
    }
}

/// `float.__new__(cls, x)`.
pub(super) fn new(cx: &Thread, cls: &Type, x: Option<Value>) -> Res {
    let v = match x {
        None => Value::from_f64(0.0),
        Some(x) => number_to_float(cx, x)?,
    };
    if cls.is(float_type()) {
        return Ok(v);
    }
    Ok(new_boxed(cx, cls, float_value(v).expect("number_to_float gives a float")))
}
