//! `complex(...)`: from numbers and text.

use super::*;
use taipan_numtext::float::{ComplexError, parse_complex};

/// What `__complex__` of `v` gives; `None`: it has none.
fn try_special(cx: &Thread, v: Value) -> Res<Option<Value>> {
    let Some(f) = lookup_special(cx, v, id!(cx, "__complex__"))? else { return Ok(None) };
    let r = call(cx, f, &[])?;
    if is_exact_complex(r) {
        return Ok(Some(r));
    }
    let name = r.ty().name();
    if value(r).is_none() {
        raise!(cx, TypeError, "__complex__ returned non-complex (type {name})");
    }
    crate::objects::warn_deprecated(
        cx,
        &format!(
            "__complex__ returned non-complex (type {name}).  The ability to return an instance \
             of a strict subclass of complex is deprecated, and may be removed in a future \
             version of Python."
        ),
    )?;
    Ok(Some(r))
}

/// A complex argument of `cmath` and the like (`PyComplex_AsCComplex`).
pub fn to_complex_argument(cx: &Thread, v: Value) -> Res<C> {
    if let Some(z) = value(v) {
        return Ok(z);
    }
    if let Some(x) = float_value(v) {
        return Ok(c(x, 0.0));
    }
    if let Some(r) = try_special(cx, v)? {
        return Ok(value(r).expect("try_special gives a complex"));
    }
    Ok(c(to_f64(cx, v)?, 0.0))
}

fn from_str(cx: &Thread, s: &Str) -> Res<C> {
    match parse_complex(&int::ascii_number(s)) {
        Ok((re, im)) => Ok(c(re, im)),
        Err(ComplexError::Malformed) => {
            raise!(cx, ValueError, "complex() arg is a malformed string")
        }
        Err(ComplexError::Underscore) => {
            let shown = repr(cx, Value::from_ref(s))?;
            raise!(cx, ValueError, "could not convert string to complex: {shown}")
        }
    }
}

fn is_number(v: Value) -> bool {
    let s = v.ty().slots();
    s.float.get().is_some() || s.index.get().is_some() || value(v).is_some()
}

fn part(cx: &Thread, v: Value) -> Res<f64> {
    let f = float::number_to_float(cx, v)?;
    Ok(float_value(f).expect("number_to_float gives a float"))
}

/// `complex.__new__(cls, real, imag)`.
pub(super) fn new(cx: &Thread, cls: &Type, r: Option<Value>, i: Option<Value>) -> Res {
    let r = r.unwrap_or(Value::small(0));
    if i.is_none() && is_exact_complex(r) && cls.is(complex_type()) {
        return Ok(r);
    }
    if let Some(s) = r.downcast::<Str>() {
        if i.is_some() {
            raise!(cx, TypeError, "complex() can't take second arg if first is a string");
        }
        let z = from_str(cx, s)?;
        return Ok(new_in(cx, cls, z));
    }
    if i.is_some_and(|i| i.downcast::<Str>().is_some()) {
        raise!(cx, TypeError, "complex() second arg can't be a string");
    }
    let r = try_special(cx, r)?.unwrap_or(r);
    if !is_number(r) {
        raise!(
            cx,
            TypeError,
            "complex() first argument must be a string or a number, not '{}'",
            r.ty().name()
        );
    }
    if let Some(i) = i
        && !is_number(i)
    {
        raise!(
            cx,
            TypeError,
            "complex() second argument must be a number, not '{}'",
            i.ty().name()
        );
    }
    let mut z = match value(r) {
        Some(z) => z,
        None => c(part(cx, r)?, 0.0),
    };
    // real + imag*1j, where either may be complex itself.
    if let Some(i) = i {
        let w = match value(i) {
            Some(w) => w,
            None => c(part(cx, i)?, 0.0),
        };
        if value(i).is_some() {
            z.re -= w.im;
        }
        z.im = if value(r).is_some() { w.re + z.im } else { w.re };
    }
    Ok(new_in(cx, cls, z))
}
