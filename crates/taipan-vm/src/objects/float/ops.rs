//! Operators of floats, with ints as operands too.

use super::*;
use std::cmp::Ordering;
use taipan_mathfn::{libm, real};
use taipan_numtext::bigint;

/// The double of an operand: a float or an int. `None`: neither.
#[inline(always)]
fn operand(cx: &Thread, v: Value) -> Res<Option<f64>> {
    if let Some(x) = v.as_unboxed_f64() {
        return Ok(Some(x));
    }
    if let Some(i) = v.as_small() {
        return Ok(Some(i as f64));
    }
    if let Some(x) = boxed_value(v) {
        return Ok(Some(x));
    }
    if int::is_int(v) { int::as_f64(cx, v).map(Some) } else { Ok(None) }
}

#[inline(always)]
fn operands(cx: &Thread, a: Value, b: Value) -> Res<Option<(f64, f64)>> {
    let Some(x) = operand(cx, a)? else { return Ok(None) };
    Ok(operand(cx, b)?.map(|y| (x, y)))
}

macro_rules! arithmetic {
    ($($name:ident: $op:tt),*) => {$(
        pub fn $name(cx: &Thread, a: Value, b: Value) -> Res {
            Ok(match operands(cx, a, b)? {
                Some((x, y)) => Value::from_f64(x $op y),
                None => not_implemented(),
            })
        }
    )*};
}
arithmetic!(add: +, sub: -, mul: *);

pub fn truediv(cx: &Thread, a: Value, b: Value) -> Res {
    match operands(cx, a, b)? {
        Some((_, 0.0)) => raise!(cx, ZeroDivisionError, "float division by zero"),
        Some((x, y)) => Ok(Value::from_f64(x / y)),
        None => Ok(not_implemented()),
    }
}

pub fn modulo(cx: &Thread, a: Value, b: Value) -> Res {
    match operands(cx, a, b)? {
        Some((_, 0.0)) => raise!(cx, ZeroDivisionError, "float modulo by zero"),
        Some((x, y)) => Ok(Value::from_f64(real::modulo(x, y))),
        None => Ok(not_implemented()),
    }
}

pub fn floordiv(cx: &Thread, a: Value, b: Value) -> Res {
    match operands(cx, a, b)? {
        Some((_, 0.0)) => raise!(cx, ZeroDivisionError, "float floor division by zero"),
        Some((x, y)) => Ok(Value::from_f64(real::divmod(x, y).0)),
        None => Ok(not_implemented()),
    }
}

pub fn divmod(cx: &Thread, a: Value, b: Value) -> Res {
    match operands(cx, a, b)? {
        Some((_, 0.0)) => raise!(cx, ZeroDivisionError, "float divmod()"),
        Some((x, y)) => {
            let (q, r) = real::divmod(x, y);
            let pair = [Value::from_f64(q), Value::from_f64(r)];
            Ok(Value::from_ref(Tuple::from_slice(cx, &pair)))
        }
        None => Ok(not_implemented()),
    }
}

fn is_odd(x: f64) -> bool {
    libm::fmod(x.abs(), 2.0) == 1.0
}

/// `pow(a, b, m)` where an operand is a float, or an int's exponent is negative.
pub fn pow_values(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
    if !m.is_none() {
        raise!(cx, TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
    }
    let Some((x, y)) = operands(cx, a, b)? else { return Ok(not_implemented()) };
    if y == 0.0 {
        return Ok(Value::from_f64(1.0));
    }
    if x.is_nan() || y.is_nan() || x.is_infinite() || y.is_infinite() {
        // C99's special cases are Python's.
        return Ok(Value::from_f64(libm::pow(x, y)));
    }
    if x == 0.0 {
        if y < 0.0 {
            raise!(cx, ZeroDivisionError, "0.0 cannot be raised to a negative power");
        }
        return Ok(Value::from_f64(if is_odd(y) { x } else { 0.0 }));
    }
    if x < 0.0 && y != y.floor() {
        return crate::objects::complex::pow_values(cx, a, b, m);
    }
    let negate = x < 0.0 && is_odd(y);
    let r = libm::pow(x.abs(), y);
    if r.is_infinite() {
        let text = Value::from_ref(Str::new(cx, "Numerical result out of range"));
        let args = [Value::small(libc::ERANGE as i64), text];
        return Err(Raised::with_args(cx, exc::OverflowError(), &args));
    }
    Ok(Value::from_f64(if negate { -r } else { r }))
}

/// `a op b` for a float `a`; `None`: `b` is no real number.
pub fn compare(x: f64, b: Value, op: CmpOp) -> Option<bool> {
    let order: Option<Ordering> = if let Some(y) = float_value(b) {
        x.partial_cmp(&y)
    } else {
        let y = int::digits(b)?;
        bigint::cmp_f64(y.get(), x).map(Ordering::reverse)
    };
    // A NaN is unordered: only != holds.
    Some(order.map_or(op == CmpOp::Ne, |o| op.holds(o)))
}
