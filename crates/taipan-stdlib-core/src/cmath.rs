//! `cmath`: functions of complex numbers, by Annex G of C99.

use taipan_mathfn::MathError;
use taipan_mathfn::complex::{self as z, Complex as C, new as c};
use taipan_vm::objects::{complex, float};
use taipan_vm::prelude::*;

#[cold]
fn math_error(cx: &Thread, e: MathError) -> Raised {
    match e {
        MathError::Domain => err!(cx, ValueError, "math domain error"),
        MathError::Range => err!(cx, OverflowError, "math range error"),
    }
}

fn outcome(cx: &Thread, r: Result<C, MathError>) -> Res {
    match r {
        Ok(z) => Ok(complex::from_c(cx, z)),
        Err(e) => Err(math_error(cx, e)),
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $f:expr;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        fn $name(cx: &Thread, z: Value) -> Res {
            let z = complex::to_complex_argument(cx, z)?;
            let f: fn(C) -> Result<C, MathError> = $f;
            outcome(cx, f(z))
        }
    )*};
}

functions! {
    /// The arc cosine of z.
    acos = |w| Ok(z::acos(w));
    /// The inverse hyperbolic cosine of z.
    acosh = |w| Ok(z::acosh(w));
    /// The arc sine of z.
    asin = |w| Ok(z::asin(w));
    /// The inverse hyperbolic sine of z.
    asinh = |w| Ok(z::asinh(w));
    /// The arc tangent of z.
    atan = z::atan;
    /// The inverse hyperbolic tangent of z.
    atanh = z::atanh;
    /// The cosine of z.
    cos = z::cos_;
    /// The hyperbolic cosine of z.
    cosh = z::cosh_;
    /// e raised to the power z.
    exp = z::exp_;
    /// The logarithm of z to base 10.
    log10 = z::log10_;
    /// The sine of z.
    sin = z::sin_;
    /// The hyperbolic sine of z.
    sinh = z::sinh_;
    /// The square root of z.
    sqrt = |w| Ok(z::sqrt(w));
    /// The tangent of z.
    tan = z::tan_;
    /// The hyperbolic tangent of z.
    tanh = z::tanh_;
}

/// The logarithm of z to a base, natural where none is given.
#[pyfunction(sig = "(z, base=<unrepresentable>, /)")]
fn log(cx: &Thread, z: Value, base: Option<Value>) -> Res {
    // CPython reads errno once, after both logarithms: a later success does not clear an error.
    let x = z::log_(complex::to_complex_argument(cx, z)?);
    let Some(base) = base else { return outcome(cx, x) };
    let y = z::log_(complex::to_complex_argument(cx, base)?);
    match (x, y) {
        (Ok(x), Ok(y)) => outcome(cx, x.quotient(y).ok_or(MathError::Domain)),
        // The logarithm of the base resets errno: log(0, b) is an infinity over log(b).
        (Err(_), Ok(y)) => {
            let x = c(f64::NEG_INFINITY, z::angle(complex::to_complex_argument(cx, z)?));
            outcome(cx, x.quotient(y).ok_or(MathError::Domain))
        }
        (_, Err(e)) => Err(math_error(cx, e)),
    }
}

/// The phase angle of z.
#[pyfunction]
fn phase(cx: &Thread, z: Value) -> Res {
    match z::phase(complex::to_complex_argument(cx, z)?) {
        Ok(x) => Ok(Value::from_f64(x)),
        Err(e) => Err(math_error(cx, e)),
    }
}

/// z in polar coordinates: distance from zero and phase angle.
#[pyfunction]
fn polar(cx: &Thread, z: Value) -> Res {
    let z = complex::to_complex_argument(cx, z)?;
    let r = z.abs().map_err(|e| math_error(cx, e))?;
    let parts = [Value::from_f64(r), Value::from_f64(z::angle(z))];
    Ok(Value::from_ref(Tuple::from_slice(cx, &parts)))
}

/// The complex number of polar coordinates.
#[pyfunction]
fn rect(cx: &Thread, r: f64, phi: f64) -> Res {
    outcome(cx, z::rect(r, phi))
}

/// Whether both parts of z are finite.
#[pyfunction]
fn isfinite(cx: &Thread, z: Value) -> Res<bool> {
    Ok(complex::to_complex_argument(cx, z)?.is_finite())
}

/// Whether a part of z is an infinity.
#[pyfunction]
fn isinf(cx: &Thread, z: Value) -> Res<bool> {
    let z = complex::to_complex_argument(cx, z)?;
    Ok(z.re.is_infinite() || z.im.is_infinite())
}

/// Whether a part of z is a NaN.
#[pyfunction]
fn isnan(cx: &Thread, z: Value) -> Res<bool> {
    let z = complex::to_complex_argument(cx, z)?;
    Ok(z.re.is_nan() || z.im.is_nan())
}

/// Whether two numbers are close to each other, by a relative or an absolute tolerance.
#[pyfunction(sig = "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
fn isclose(cx: &Thread, a: Value, b: Value, rel_tol: f64, abs_tol: f64) -> Res<bool> {
    let a = complex::to_complex_argument(cx, a)?;
    let b = complex::to_complex_argument(cx, b)?;
    if rel_tol < 0.0 || abs_tol < 0.0 {
        raise!(cx, ValueError, "tolerances must be non-negative");
    }
    Ok(z::is_close(a, b, rel_tol, abs_tol))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    use std::f64::consts::{E, PI, TAU};
    m.add(cx, "pi", Value::from_f64(PI));
    m.add(cx, "e", Value::from_f64(E));
    m.add(cx, "tau", Value::from_f64(TAU));
    m.add(cx, "inf", Value::from_f64(f64::INFINITY));
    m.add(cx, "infj", complex::from_parts(cx, 0.0, f64::INFINITY));
    m.add(cx, "nan", float::constructed(cx, f64::NAN));
    m.add(cx, "nanj", complex::from_parts(cx, 0.0, f64::NAN));
    Ok(())
}

pymodule! { "cmath",
doc: "Mathematical functions of complex numbers.",
functions: [acos, acosh, asin, asinh, atan, atanh, cos, cosh, exp, isclose, isfinite, isinf,
    isnan, log, log10, phase, polar, rect, sin, sinh, sqrt, tan, tanh],
exec: exec }
