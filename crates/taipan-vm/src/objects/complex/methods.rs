//! The type object of `complex`, its operators and methods.

use super::*;
use crate::objects::numeric_format;
use taipan_mathfn::MathError;
use taipan_numtext::float as text;

crate::pytype! { Complex, PyComplex_Type, name: "complex", module: "builtins",
base: crate::objects::object::Object, flags: tpflags::BASETYPE, kind: Leaf, basicsize: 48,
doc: "complex(real=0, imag=0)\n--\n\nA complex number, from two real ones or from text." }

fn val(v: Value) -> C {
    value(v).expect("the slot is a complex's")
}

fn operands(cx: &Thread, a: Value, b: Value) -> Res<Option<(C, C)>> {
    let Some(x) = operand(cx, a)? else { return Ok(None) };
    Ok(operand(cx, b)?.map(|y| (x, y)))
}

fn arithmetic(cx: &Thread, a: Value, b: Value, f: fn(C, C) -> C) -> Res {
    Ok(match operands(cx, a, b)? {
        Some((x, y)) => from_c(cx, f(x, y)),
        None => not_implemented(),
    })
}

/// `pow(a, b, m)` where an operand is complex, or a negative float meets a fraction.
pub fn pow_values(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
    let Some((x, y)) = operands(cx, a, b)? else { return Ok(not_implemented()) };
    if !m.is_none() {
        raise!(cx, ValueError, "complex modulo");
    }
    match x.power(y) {
        Ok(z) => Ok(from_c(cx, z)),
        Err(MathError::Domain) => {
            raise!(cx, ZeroDivisionError, "0.0 to a negative or complex power")
        }
        Err(MathError::Range) => raise!(cx, OverflowError, "complex exponentiation"),
    }
}

/// Weight of the imaginary part in a hash.
const HASH_IMAG: u64 = 1000003;

#[pymethods]
impl Complex {
    #[slot(sig = "(cls, real=0, imag=0)")]
    fn __new__(cx: &Thread, cls: &Type, real: Option<Value>, imag: Option<Value>) -> Res {
        construct::new(cx, cls, real, imag)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        let z = val(this);
        Ok(Value::from_ref(Str::new(cx, &text::complex_repr(z.re, z.im))))
    }

    #[slot]
    fn __hash__(_cx: &Thread, this: Value) -> Res<i64> {
        let z = val(this);
        let (re, im) = (float::hash_f64(this, z.re), float::hash_f64(this, z.im));
        let h = (re as u64).wrapping_add(HASH_IMAG.wrapping_mul(im as u64)) as i64;
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn __richcmp__(cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res {
        if op != CmpOp::Eq && op != CmpOp::Ne {
            return Ok(not_implemented());
        }
        let z = val(a);
        let equal = if let Some(w) = value(b) {
            z == w
        } else if float_value(b).is_some() || int::is_int(b) {
            z.im == 0.0 && float::compare(z.re, b, CmpOp::Eq).unwrap_or(false)
        } else {
            return Ok(not_implemented());
        };
        let _ = cx;
        Ok(py_bool(equal == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __add__(cx: &Thread, a: Value, b: Value) -> Res {
        arithmetic(cx, a, b, |x, y| x + y)
    }

    #[slot]
    fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
        arithmetic(cx, a, b, |x, y| x - y)
    }

    #[slot]
    fn __mul__(cx: &Thread, a: Value, b: Value) -> Res {
        arithmetic(cx, a, b, |x, y| x * y)
    }

    #[slot]
    fn __truediv__(cx: &Thread, a: Value, b: Value) -> Res {
        let Some((x, y)) = operands(cx, a, b)? else { return Ok(not_implemented()) };
        match x.quotient(y) {
            Some(q) => Ok(from_c(cx, q)),
            None => raise!(cx, ZeroDivisionError, "complex division by zero"),
        }
    }

    #[slot]
    fn __pow__(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
        pow_values(cx, a, b, m)
    }

    #[slot]
    fn __neg__(cx: &Thread, this: Value) -> Res {
        Ok(from_c(cx, -val(this)))
    }

    #[slot]
    fn __pos__(cx: &Thread, this: Value) -> Res {
        Ok(if is_exact_complex(this) { this } else { from_c(cx, val(this)) })
    }

    #[slot]
    fn __abs__(cx: &Thread, this: Value) -> Res {
        match val(this).abs() {
            Ok(x) => Ok(Value::from_f64(x)),
            Err(_) => raise!(cx, OverflowError, "absolute value too large"),
        }
    }

    #[slot]
    fn __bool__(_cx: &Thread, this: Value) -> Res<bool> {
        Ok(!val(this).is_zero())
    }

    /// The number with its imaginary part negated.
    #[pymethod]
    fn conjugate(cx: &Thread, this: Value) -> Value {
        let z = val(this);
        from_c(cx, c(z.re, -z.im))
    }

    /// The number as an exact complex.
    #[pymethod]
    fn __complex__(cx: &Thread, this: Value) -> Value {
        if is_exact_complex(this) { this } else { from_c(cx, val(this)) }
    }

    /// Formats by the format mini-language.
    #[pymethod]
    fn __format__(cx: &Thread, this: Value, format_spec: &'static Str) -> Res {
        numeric_format::format_complex(cx, this, format_spec)
    }

    #[pymethod]
    fn __getnewargs__(cx: &Thread, this: Value) -> Value {
        let z = val(this);
        let parts = [float::constructed(cx, z.re), float::constructed(cx, z.im)];
        Value::from_ref(Tuple::from_slice(cx, &parts))
    }

    /// The real part.
    #[getter]
    fn real(cx: &Thread, this: Value) -> Value {
        crate::objects::float::constructed(cx, val(this).re)
    }

    /// The imaginary part.
    #[getter]
    fn imag(cx: &Thread, this: Value) -> Value {
        crate::objects::float::constructed(cx, val(this).im)
    }
}
