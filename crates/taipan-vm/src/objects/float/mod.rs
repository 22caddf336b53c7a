//! `float`: unboxed doubles; a heap object (CPython's `PyFloatObject`) only for subclasses, for
//! what C made, and for NaNs that were constructed, which keep identity and payload. Results of
//! arithmetic go through `Value::from_f64`.

mod construct;
mod methods;
mod ops;

pub use construct::{number_to_float, parse_object};
pub use ops::{compare, pow_values};

use crate::objects::int;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use taipan_numtext::float as text;

/// CPython's `PyFloatObject`.
#[repr(C)]
pub struct Float {
    pub head: Head,
    ob_fval: f64,
}
const _: () = assert!(std::mem::offset_of!(Float, ob_fval) == 32);

#[inline(always)]
pub fn float_type() -> &'static Type {
    Float::type_object()
}

#[inline(always)]
pub fn is_float(v: Value) -> bool {
    v.is_unboxed_float() || v.downcast::<Float>().is_some()
}

#[inline(always)]
pub fn is_exact_float(v: Value) -> bool {
    v.is_unboxed_float() || (v.is_ptr() && v.ty().is(float_type()))
}

/// The double in a float object.
#[inline]
pub fn boxed_value(v: Value) -> Option<f64> {
    v.downcast::<Float>().map(|f| f.ob_fval)
}

/// A float that was constructed from outside arithmetic (parsed, unpacked, a constant): a NaN is
/// an object of its own, which keeps its bits.
pub fn constructed(cx: &Thread, x: f64) -> Value {
    if x.is_nan() { new_boxed(cx, float_type(), x) } else { Value::from_f64(x) }
}

/// A float object of type `ty` (float or a subclass).
pub fn new_boxed(cx: &Thread, ty: &Type, x: f64) -> Value {
    Value::from_ref(cx.alloc_in(ty, Float { head: fresh_head(), ob_fval: x }))
}

/// The same value as an exact float.
pub fn exact(v: Value, x: f64) -> Value {
    // An exact float keeps its identity: it may be a NaN.
    if is_exact_float(v) { v } else { Value::from_f64(x) }
}

/// `float(v)` for an argument (`PyFloat_AsDouble`).
pub fn as_f64(cx: &Thread, v: Value) -> Res<f64> {
    if let Some(x) = float_value(v) {
        return Ok(x);
    }
    if let Some(i) = v.as_small() {
        return Ok(i as f64);
    }
    if let Some(f) = v.ty().slots().float.get() {
        let r = f(cx, v)?;
        return construct::checked_float_result(cx, v, r);
    }
    if v.ty().slots().index.get().is_some() {
        return int::as_f64(cx, index(cx, v)?);
    }
    raise!(cx, TypeError, "must be real number, not {}", v.ty().name())
}

/// `repr(x)`.
pub fn repr_text(x: f64) -> String {
    text::repr(x)
}

/// The hash of a double; a NaN's is its object's identity.
pub fn hash_f64(v: Value, x: f64) -> i64 {
    taipan_numtext::bigint::hash_f64(x).unwrap_or_else(|| hash_pointer(v))
}

/// An int from an integral or other double (`PyLong_FromDouble`).
pub fn to_int(cx: &Thread, x: f64) -> Res {
    if x.abs() < 9e18 {
        return Ok(int::from_i64(cx, x as i64));
    }
    match taipan_numtext::bigint::from_f64(x) {
        Some(i) => Ok(int::from_big(cx, &i)),
        None if x.is_nan() => raise!(cx, ValueError, "cannot convert float NaN to integer"),
        None => raise!(cx, OverflowError, "cannot convert float infinity to integer"),
    }
}
