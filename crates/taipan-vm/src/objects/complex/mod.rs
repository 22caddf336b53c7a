//! `complex`: CPython's `PyComplexObject`, always a heap object. The arithmetic is
//! `taipan_mathfn::complex`.

mod construct;
mod methods;

pub use construct::to_complex_argument;
pub use methods::pow_values;

use crate::objects::{float, int};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use taipan_mathfn::complex::{Complex as C, new as c};

#[repr(C)]
pub struct Complex {
    pub head: Head,
    real: f64,
    imag: f64,
}
const _: () = assert!(std::mem::offset_of!(Complex, real) == 32);
const _: () = assert!(std::mem::offset_of!(Complex, imag) == 40);

pub fn complex_type() -> &'static Type {
    Complex::type_object()
}

/// The number in a complex object (exact or subclass).
pub fn value(v: Value) -> Option<C> {
    v.downcast::<Complex>().map(|z| c(z.real, z.imag))
}

pub fn is_exact_complex(v: Value) -> bool {
    v.downcast_exact::<Complex>().is_some()
}

pub fn from_c(cx: &Thread, z: C) -> Value {
    new_in(cx, complex_type(), z)
}

/// An instance of complex or a subclass.
pub fn new_in(cx: &Thread, ty: &Type, z: C) -> Value {
    let o = Complex { head: fresh_head(), real: z.re, imag: z.im };
    Value::from_ref(cx.alloc_in(ty, o))
}

/// `complex(re, im)` as the compiler's constants need it.
pub fn from_parts(cx: &Thread, re: f64, im: f64) -> Value {
    from_c(cx, c(re, im))
}

/// The number of an operand: complex, float or int. `None`: none of them.
fn operand(cx: &Thread, v: Value) -> Res<Option<C>> {
    if let Some(z) = value(v) {
        return Ok(Some(z));
    }
    if let Some(x) = float_value(v) {
        return Ok(Some(c(x, 0.0)));
    }
    if int::is_int(v) { int::as_f64(cx, v).map(|x| Some(c(x, 0.0))) } else { Ok(None) }
}
