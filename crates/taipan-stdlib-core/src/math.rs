//! `math`: the C library's functions with Python's errors, number theory, precise sums. The
//! numerics are `taipan_mathfn` and `taipan_numtext::bigint`.

use taipan_mathfn::sums::{DotProduct, ExactSum, SumError, vector_norm};
use taipan_mathfn::{MathError, libm, real};
use taipan_numtext::bigint;
use taipan_vm::objects::{float, int};
use taipan_vm::prelude::*;

#[cold]
fn math_error(cx: &Thread, e: MathError) -> Raised {
    match e {
        MathError::Domain => err!(cx, ValueError, "math domain error"),
        MathError::Range => err!(cx, OverflowError, "math range error"),
    }
}

fn outcome(cx: &Thread, r: Result<f64, MathError>) -> Res {
    match r {
        Ok(x) => Ok(Value::from_f64(x)),
        Err(e) => Err(math_error(cx, e)),
    }
}

/// Functions of one double: the C function, and whether an infinite result is an overflow.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $f:expr, overflows: $overflows:literal;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        fn $name(cx: &Thread, x: f64) -> Res {
            outcome(cx, real::checked($f, x, $overflows))
        }
    )*};
}

functions! {
    /// The arc cosine of x, in radians, between 0 and pi.
    acos = libm::acos, overflows: false;
    /// The inverse hyperbolic cosine of x.
    acosh = libm::acosh, overflows: false;
    /// The arc sine of x, in radians, between -pi/2 and pi/2.
    asin = libm::asin, overflows: false;
    /// The inverse hyperbolic sine of x.
    asinh = libm::asinh, overflows: false;
    /// The arc tangent of x, in radians, between -pi/2 and pi/2.
    atan = libm::atan, overflows: false;
    /// The inverse hyperbolic tangent of x.
    atanh = libm::atanh, overflows: false;
    /// The cube root of x.
    cbrt = libm::cbrt, overflows: false;
    /// The cosine of x radians.
    cos = libm::cos, overflows: false;
    /// The hyperbolic cosine of x.
    cosh = libm::cosh, overflows: true;
    /// The error function at x.
    erf = libm::erf, overflows: true;
    /// One minus the error function at x.
    erfc = libm::erfc, overflows: true;
    /// e raised to the power x.
    exp = libm::exp, overflows: true;
    /// 2 raised to the power x.
    exp2 = libm::exp2, overflows: true;
    /// exp(x) - 1, precise also near zero.
    expm1 = libm::expm1, overflows: true;
    /// The absolute value of x.
    fabs = f64::abs, overflows: false;
    /// The natural logarithm of 1 + x, precise also near zero.
    log1p = real::log1p, overflows: false;
    /// The sine of x radians.
    sin = libm::sin, overflows: false;
    /// The hyperbolic sine of x.
    sinh = libm::sinh, overflows: true;
    /// The square root of x.
    sqrt = f64::sqrt, overflows: false;
    /// The tangent of x radians.
    tan = libm::tan, overflows: false;
    /// The hyperbolic tangent of x.
    tanh = libm::tanh, overflows: false;
}

/// The arc tangent of y/x in radians, in the quadrant of the point.
#[pyfunction]
fn atan2(_cx: &Thread, y: f64, x: f64) -> f64 {
    real::atan2(y, x)
}

/// The magnitude of x with the sign of y.
#[pyfunction]
fn copysign(_cx: &Thread, x: f64, y: f64) -> f64 {
    x.copysign(y)
}

/// An angle from radians to degrees.
#[pyfunction]
fn degrees(_cx: &Thread, x: f64) -> f64 {
    x * (180.0 / std::f64::consts::PI)
}

/// An angle from degrees to radians.
#[pyfunction]
fn radians(_cx: &Thread, x: f64) -> f64 {
    x * (std::f64::consts::PI / 180.0)
}

/// The gamma function at x.
#[pyfunction]
fn gamma(cx: &Thread, x: f64) -> Res {
    outcome(cx, real::gamma(x))
}

/// The natural logarithm of the absolute value of the gamma function at x.
#[pyfunction]
fn lgamma(cx: &Thread, x: f64) -> Res {
    outcome(cx, real::lgamma(x))
}

/// The remainder of C's fmod, with the sign of x.
#[pyfunction]
fn fmod(cx: &Thread, x: f64, y: f64) -> Res {
    outcome(cx, real::fmod(x, y))
}

/// x raised to the power y, as floats.
#[pyfunction]
fn pow(cx: &Thread, x: f64, y: f64) -> Res {
    outcome(cx, real::pow(x, y))
}

/// The IEEE 754 remainder: x minus the nearest multiple of y, ties to even.
#[pyfunction]
fn remainder(cx: &Thread, x: f64, y: f64) -> Res {
    outcome(cx, real::remainder(x, y))
}

/// x * y + z with one rounding.
#[pyfunction]
fn fma(cx: &Thread, x: f64, y: f64, z: f64) -> Res {
    match real::fma(x, y, z) {
        Ok(r) => Ok(Value::from_f64(r)),
        Err(MathError::Domain) => raise!(cx, ValueError, "invalid operation in fma"),
        Err(MathError::Range) => raise!(cx, OverflowError, "overflow in fma"),
    }
}

/// A logarithm of any number: ints may be larger than a double.
fn log_of(cx: &Thread, v: Value, f: fn(f64) -> Result<f64, MathError>) -> Res<f64> {
    let raise = |e| math_error(cx, e);
    if let Some(d) = int::digits(v) {
        let i = d.get();
        if i.signum() <= 0 {
            return Err(math_error(cx, MathError::Domain));
        }
        return match bigint::to_f64(i) {
            Some(x) => f(x).map_err(raise),
            None => {
                let (x, e) = bigint::frexp(i);
                let (high, low) = (f(2.0).map_err(raise)?, f(x).map_err(raise)?);
                Ok(low + high * e as f64)
            }
        };
    }
    f(to_f64(cx, v)?).map_err(raise)
}

/// The logarithm of x to a base, natural where none is given.
#[pyfunction(sig = "(x, base=<unrepresentable>, /)", text = "")]
fn log(cx: &Thread, x: Value, base: Option<Value>) -> Res {
    let num = Value::from_f64(log_of(cx, x, real::log)?);
    match base {
        None => Ok(num),
        Some(b) => {
            let den = Value::from_f64(log_of(cx, b, real::log)?);
            binary(cx, num, den, BinOp::TrueDiv)
        }
    }
}

/// The logarithm of x to base 2.
#[pyfunction]
fn log2(cx: &Thread, x: Value) -> Res {
    Ok(Value::from_f64(log_of(cx, x, real::log2)?))
}

/// The logarithm of x to base 10.
#[pyfunction]
fn log10(cx: &Thread, x: Value) -> Res {
    Ok(Value::from_f64(log_of(cx, x, real::log10)?))
}

/// `floor`, `ceil`: the special method, else the double's.
fn rounded(cx: &Thread, x: Value, name: &'static Str, f: fn(f64) -> f64) -> Res {
    if !float::is_exact_float(x)
        && let Some(m) = lookup_special(cx, x, name)?
    {
        return call(cx, m, &[]);
    }
    float::to_int(cx, f(to_f64(cx, x)?))
}

/// The largest int that is not larger than x.
#[pyfunction]
fn floor(cx: &Thread, x: Value) -> Res {
    rounded(cx, x, id!(cx, "__floor__"), f64::floor)
}

/// The smallest int that is not smaller than x.
#[pyfunction]
fn ceil(cx: &Thread, x: Value) -> Res {
    rounded(cx, x, id!(cx, "__ceil__"), f64::ceil)
}

/// The integral part of x.
#[pyfunction]
fn trunc(cx: &Thread, x: Value) -> Res {
    if float::is_exact_float(x) {
        return float::to_int(cx, to_f64(cx, x)?.trunc());
    }
    match lookup_special(cx, x, id!(cx, "__trunc__"))? {
        Some(m) => call(cx, m, &[]),
        None => raise!(cx, TypeError, "type {} doesn't define __trunc__ method", x.ty().name()),
    }
}

/// Whether x is neither an infinity nor a NaN.
#[pyfunction]
fn isfinite(_cx: &Thread, x: f64) -> bool {
    x.is_finite()
}

/// Whether x is an infinity.
#[pyfunction]
fn isinf(_cx: &Thread, x: f64) -> bool {
    x.is_infinite()
}

/// Whether x is a NaN.
#[pyfunction]
fn isnan(_cx: &Thread, x: f64) -> bool {
    x.is_nan()
}

/// Whether two numbers are close to each other, by a relative or an absolute tolerance.
#[pyfunction(sig = "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
fn isclose(cx: &Thread, a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> Res<bool> {
    if rel_tol < 0.0 || abs_tol < 0.0 {
        raise!(cx, ValueError, "tolerances must be non-negative");
    }
    Ok(real::is_close(a, b, rel_tol, abs_tol))
}

/// Mantissa and exponent of x: x == m * 2**e with 0.5 <= abs(m) < 1.
#[pyfunction]
fn frexp(cx: &Thread, x: f64) -> Value {
    let (m, e) = taipan_numtext::float::frexp(x);
    Value::from_ref(Tuple::from_slice(cx, &[Value::from_f64(m), Value::small(e as i64)]))
}

/// x * 2**i.
#[pyfunction]
fn ldexp(cx: &Thread, x: f64, i: Value) -> Res {
    let Some(d) = int::digits(i) else {
        raise!(cx, TypeError, "Expected an int as second argument to ldexp.");
    };
    if x == 0.0 || !x.is_finite() {
        return Ok(Value::from_f64(x));
    }
    let limit = if d.get().negative { -100_000 } else { 100_000 };
    let e = d.get().to_i64().unwrap_or(limit);
    let r = taipan_numtext::float::ldexp(x, e);
    if r.is_infinite() { Err(math_error(cx, MathError::Range)) } else { Ok(Value::from_f64(r)) }
}

/// The fractional and the integral part of x, both with its sign.
#[pyfunction]
fn modf(cx: &Thread, x: f64) -> Value {
    let parts = if x.is_infinite() {
        [0f64.copysign(x), x]
    } else if x.is_nan() {
        [x, x]
    } else {
        [(x - x.trunc()).copysign(x), x.trunc()]
    };
    Value::from_ref(Tuple::from_slice(cx, &parts.map(Value::from_f64)))
}

/// The float that lies so many steps from x towards y.
#[pyfunction(sig = "(x, y, /, *, steps=None)")]
fn nextafter(cx: &Thread, x: f64, y: f64, steps: Option<Value>) -> Res {
    let steps = match steps.filter(|s| !s.is_none()) {
        None => 1,
        Some(s) => {
            let s = index(cx, s)?;
            if int::is_negative(s) {
                raise!(cx, ValueError, "steps must be a non-negative integer");
            }
            int::to_u64(s).unwrap_or(u64::MAX)
        }
    };
    Ok(Value::from_f64(real::next_after(x, y, steps)))
}

/// The value of the least significant bit of x.
#[pyfunction]
fn ulp(_cx: &Thread, x: f64) -> f64 {
    real::ulp(x)
}

/// The Euclidean length of a vector.
#[pyfunction(sig = "(*coordinates)", text = "")]
fn hypot(cx: &Thread, coordinates: &[Value]) -> Res {
    let mut parts = Vec::with_capacity(coordinates.len());
    for &c in coordinates {
        parts.push(to_f64(cx, c)?.abs());
    }
    Ok(Value::from_f64(vector_norm(&mut parts)))
}

/// The Euclidean distance of two points.
#[pyfunction]
fn dist(cx: &Thread, p: Value, q: Value) -> Res {
    let (p, q) = (collect(cx, p)?, collect(cx, q)?);
    if p.len() != q.len() {
        raise!(cx, ValueError, "both points must have the same number of dimensions");
    }
    let mut parts = Vec::with_capacity(p.len());
    for (&a, &b) in p.iter().zip(q.iter()) {
        parts.push((to_f64(cx, a)? - to_f64(cx, b)?).abs());
    }
    Ok(Value::from_f64(vector_norm(&mut parts)))
}

/// The sum of numbers as if it were rounded once.
#[pyfunction]
fn fsum(cx: &Thread, seq: Value) -> Res {
    let raise = |e| match e {
        SumError::Overflow => err!(cx, OverflowError, "intermediate overflow in fsum"),
        SumError::Infinities => err!(cx, ValueError, "-inf + inf in fsum"),
    };
    let mut sum = ExactSum::default();
    for_each(cx, seq, |v| sum.add(to_f64(cx, v)?).map_err(raise))?;
    Ok(Value::from_f64(sum.total().map_err(raise)?))
}

/// The product of numbers, times a start.
#[pyfunction(sig = "(iterable, /, *, start=1)")]
fn prod(cx: &Thread, iterable: Value, start: Value) -> Res {
    let mut r = start;
    for_each(cx, iterable, |v| {
        r = binary(cx, r, v, BinOp::Mul)?;
        Ok(())
    })?;
    Ok(r)
}

/// The sum of products of two sequences of one length.
#[pyfunction]
fn sumprod(cx: &Thread, p: Value, q: Value) -> Res {
    let (p, q) = (iter(cx, p)?, iter(cx, q)?);
    let mut total = Value::small(0);
    // Ints that fit a word, then floats, are summed aside until something else comes.
    let mut ints: Option<i64> = Some(0);
    let mut floats = Some(DotProduct::default());
    let (mut any_int, mut any_float) = (false, false);
    loop {
        let (a, b) = (iter_next(cx, p)?, iter_next(cx, q)?);
        let pair = match (a, b) {
            (Some(a), Some(b)) => Some((a, b)),
            (None, None) => None,
            _ => raise!(cx, ValueError, "Inputs are not the same length"),
        };
        if let Some(sum) = ints {
            let next = pair.and_then(|(a, b)| {
                let exact = int::is_exact_int(a) && int::is_exact_int(b);
                let product = int::to_i64(a)?.checked_mul(int::to_i64(b)?)?;
                if exact { sum.checked_add(product) } else { None }
            });
            if next.is_some() {
                ints = next;
                any_int = true;
                continue;
            }
            ints = None;
            if any_int {
                total = binary(cx, total, int::from_i64(cx, sum), BinOp::Add)?;
            }
        }
        if let Some(sum) = floats {
            let next = pair.and_then(|(a, b)| Some(sum.with(float_term(a, b)?, float_term(b, a)?)));
            if let Some(next) = next.filter(|n| n.is_finite()) {
                floats = Some(next);
                any_float = true;
                continue;
            }
            floats = None;
            if any_float {
                total = binary(cx, total, Value::from_f64(sum.total()), BinOp::Add)?;
            }
        }
        let Some((a, b)) = pair else { return Ok(total) };
        let term = binary(cx, a, b, BinOp::Mul)?;
        total = binary(cx, total, term, BinOp::Add)?;
    }
}

/// A factor as a double, where it or its partner is an exact float and it is a float, int or
/// bool.
fn float_term(a: Value, other: Value) -> Option<f64> {
    if float::is_exact_float(a) {
        return float_value(a);
    }
    let plain = int::is_exact_int(a) || a == py_bool(true) || a == py_bool(false);
    if plain && float::is_exact_float(other) {
        return bigint::to_f64(int::digits_of(a).get());
    }
    None
}

/// The greatest common divisor of integers.
#[pyfunction(sig = "(*integers)", text = "($module, *integers)")]
fn gcd(cx: &Thread, integers: &[Value]) -> Res {
    let mut r = bigint::Int::zero();
    for &v in integers {
        let d = int::digits_of(index(cx, v)?);
        r = int::on_digits(cx, r.as_ref(), d.get(), bigint::gcd);
        cx.poll()?;
    }
    Ok(int::from_big(cx, &r))
}

/// The least common multiple of integers.
#[pyfunction(sig = "(*integers)", text = "($module, *integers)")]
fn lcm(cx: &Thread, integers: &[Value]) -> Res {
    let mut r = bigint::Int::from_i64(1);
    for &v in integers {
        let d = int::digits_of(index(cx, v)?);
        r = int::on_digits(cx, r.as_ref(), d.get(), bigint::lcm);
        cx.poll()?;
    }
    Ok(int::from_big(cx, &r))
}

/// The floor of the square root of an integer.
#[pyfunction]
fn isqrt(cx: &Thread, n: Value) -> Res {
    let d = int::digits_of(index(cx, n)?);
    let i = d.get();
    if i.negative {
        raise!(cx, ValueError, "isqrt() argument must be nonnegative");
    }
    Ok(int::from_big(cx, &int::on_digits(cx, i, i, |i, _| bigint::isqrt(i))))
}

/// The product of the integers from 1 to n.
#[pyfunction]
fn factorial(cx: &Thread, n: Value) -> Res {
    let d = int::digits_of(index(cx, n)?);
    if d.get().negative {
        raise!(cx, ValueError, "factorial() not defined for negative values");
    }
    let Some(n) = d.get().to_i64() else {
        raise!(cx, OverflowError, "factorial() argument should not exceed {}", i64::MAX);
    };
    let r = cx.detach(|| bigint::factorial(n as u64));
    int::from_result(cx, r)
}

/// n and k of `perm` and `comb`, checked not to be negative.
fn two_counts(cx: &Thread, n: Value, k: Value) -> Res<(Value, Value)> {
    let (n, k) = (index(cx, n)?, index(cx, k)?);
    if int::is_negative(n) {
        raise!(cx, ValueError, "n must be a non-negative integer");
    }
    if int::is_negative(k) {
        raise!(cx, ValueError, "k must be a non-negative integer");
    }
    Ok((n, k))
}

/// Number of ways to choose k items of n, in order.
#[pyfunction(sig = "(n, k=None, /)")]
fn perm(cx: &Thread, n: Value, k: Option<Value>) -> Res {
    let Some(k) = k.filter(|k| !k.is_none()) else { return factorial(cx, n) };
    let (n, k) = two_counts(cx, n, k)?;
    if int::compare(n, k).is_some_and(|o| o.is_lt()) {
        return Ok(Value::small(0));
    }
    let Some(k) = int::to_i64(k) else {
        raise!(cx, OverflowError, "k must not exceed {}", i64::MAX);
    };
    let n = int::digits_of(n);
    let n = n.get();
    let r = cx.detach(|| bigint::perm(n, k as u64));
    int::from_result(cx, r)
}

/// Number of ways to choose k items of n, in any order.
#[pyfunction]
fn comb(cx: &Thread, n: Value, k: Value) -> Res {
    let (n, k) = two_counts(cx, n, k)?;
    let (n, k) = (int::digits_of(n), int::digits_of(k));
    let rest = bigint::sub(n.get(), k.get());
    if rest.negative {
        return Ok(Value::small(0));
    }
    let least = if bigint::cmp(rest.as_ref(), k.get()).is_lt() { rest.as_ref() } else { k.get() };
    let Some(k) = least.to_i64() else {
        raise!(cx, OverflowError, "min(n - k, k) must not exceed {}", i64::MAX);
    };
    let n = n.get();
    let r = cx.detach(|| bigint::comb(n, k as u64));
    int::from_result(cx, r)
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    use std::f64::consts::{E, PI, TAU};
    m.add(cx, "pi", Value::from_f64(PI));
    m.add(cx, "e", Value::from_f64(E));
    m.add(cx, "tau", Value::from_f64(TAU));
    m.add(cx, "inf", Value::from_f64(f64::INFINITY));
    m.add(cx, "nan", float::constructed(cx, f64::NAN));
    Ok(())
}

pymodule! { "math",
doc: "Mathematical functions of floats and integers, as the C standard defines them.",
functions: [acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, ceil, comb, copysign, cos,
    cosh, degrees, dist, erf, erfc, exp, exp2, expm1, fabs, factorial, floor, fma, fmod, frexp,
    fsum, gamma, gcd, hypot, isclose, isfinite, isinf, isnan, isqrt, lcm, ldexp, lgamma, log,
    log10, log1p, log2, modf, nextafter, perm, pow, prod, radians, remainder, sin, sinh, sqrt,
    sumprod, tan, tanh, trunc, ulp],
exec: exec }
