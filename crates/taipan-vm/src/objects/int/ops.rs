//! Operators of ints. Each takes any two values and answers NotImplemented where one is no int.

use super::*;
use crate::protocol::BinOp;
use std::cmp::Ordering;

#[inline(always)]
fn smalls(a: Value, b: Value) -> Option<(i64, i64)> {
    Some((a.as_small()?, b.as_small()?))
}

/// Both operands' digits, where both are ints.
#[inline(always)]
fn both(a: Value, b: Value) -> Option<(Digits, Digits)> {
    Some((digits(a)?, digits(b)?))
}

/// An arithmetic or bitwise operator by its function on digits.
#[inline]
fn by_digits(cx: &Thread, a: Value, b: Value, f: fn(IntRef<'_>, IntRef<'_>) -> bigint::Int) -> Res {
    match both(a, b) {
        Some((x, y)) => {
            let r = on_digits(cx, x.get(), y.get(), f);
            Ok(from_big(cx, &r))
        }
        None => Ok(not_implemented()),
    }
}

pub fn add(cx: &Thread, a: Value, b: Value) -> Res {
    match smalls(a, b) {
        Some((x, y)) => Ok(from_i64(cx, x + y)),
        None => by_digits(cx, a, b, bigint::add),
    }
}

pub fn sub(cx: &Thread, a: Value, b: Value) -> Res {
    match smalls(a, b) {
        Some((x, y)) => Ok(from_i64(cx, x - y)),
        None => by_digits(cx, a, b, bigint::sub),
    }
}

pub fn mul(cx: &Thread, a: Value, b: Value) -> Res {
    match smalls(a, b) {
        Some((x, y)) => Ok(match x.checked_mul(y) {
            Some(r) => from_i64(cx, r),
            None => from_i128(cx, x as i128 * y as i128),
        }),
        None => by_digits(cx, a, b, bigint::mul),
    }
}

pub fn and(cx: &Thread, a: Value, b: Value) -> Res {
    match smalls(a, b) {
        Some((x, y)) => Ok(Value::small(x & y)),
        None => by_digits(cx, a, b, bigint::and),
    }
}

pub fn or(cx: &Thread, a: Value, b: Value) -> Res {
    match smalls(a, b) {
        Some((x, y)) => Ok(Value::small(x | y)),
        None => by_digits(cx, a, b, bigint::or),
    }
}

pub fn xor(cx: &Thread, a: Value, b: Value) -> Res {
    match smalls(a, b) {
        Some((x, y)) => Ok(Value::small(x ^ y)),
        None => by_digits(cx, a, b, bigint::xor),
    }
}

#[cold]
fn zero_division(cx: &Thread, op: BinOp) -> Raised {
    match op {
        BinOp::Mod => err!(cx, ZeroDivisionError, "integer modulo by zero"),
        BinOp::TrueDiv => err!(cx, ZeroDivisionError, "division by zero"),
        _ => err!(cx, ZeroDivisionError, "integer division or modulo by zero"),
    }
}

/// Floor quotient and remainder of machine ints, y not zero. Neither overflows: operands have 50
/// bits.
#[inline(always)]
fn floor_divmod(x: i64, y: i64) -> (i64, i64) {
    let (q, r) = (x / y, x % y);
    if r != 0 && (r ^ y) < 0 { (q - 1, r + y) } else { (q, r) }
}

fn divmod_digits(
    cx: &Thread,
    a: Value,
    b: Value,
    op: BinOp,
) -> Res<Option<(bigint::Int, bigint::Int)>> {
    let Some((x, y)) = both(a, b) else { return Ok(None) };
    match on_digits(cx, x.get(), y.get(), bigint::divmod_floor) {
        Some(r) => Ok(Some(r)),
        None => Err(zero_division(cx, op)),
    }
}

pub fn floordiv(cx: &Thread, a: Value, b: Value) -> Res {
    if let Some((x, y)) = smalls(a, b)
        && y != 0
    {
        return Ok(from_i64(cx, floor_divmod(x, y).0));
    }
    let Some((x, y)) = both(a, b) else { return Ok(not_implemented()) };
    match on_digits(cx, x.get(), y.get(), bigint::div_floor) {
        Some(q) => Ok(from_big(cx, &q)),
        None => Err(zero_division(cx, BinOp::FloorDiv)),
    }
}

pub fn modulo(cx: &Thread, a: Value, b: Value) -> Res {
    if let Some((x, y)) = smalls(a, b)
        && y != 0
    {
        return Ok(Value::small(floor_divmod(x, y).1));
    }
    match divmod_digits(cx, a, b, BinOp::Mod)? {
        Some((_, r)) => Ok(from_big(cx, &r)),
        None => Ok(not_implemented()),
    }
}

pub fn divmod(cx: &Thread, a: Value, b: Value) -> Res {
    let (q, r) = match smalls(a, b) {
        Some((x, y)) if y != 0 => {
            let (q, r) = floor_divmod(x, y);
            (from_i64(cx, q), Value::small(r))
        }
        _ => match divmod_digits(cx, a, b, BinOp::DivMod)? {
            Some((q, r)) => (from_big(cx, &q), from_big(cx, &r)),
            None => return Ok(not_implemented()),
        },
    };
    Ok(Value::from_ref(Tuple::from_slice(cx, &[q, r])))
}

pub fn truediv(cx: &Thread, a: Value, b: Value) -> Res {
    // Unboxed ints are exact as doubles.
    if let Some((x, y)) = smalls(a, b)
        && y != 0
    {
        return Ok(Value::from_f64(x as f64 / y as f64));
    }
    let Some((x, y)) = both(a, b) else { return Ok(not_implemented()) };
    match on_digits(cx, x.get(), y.get(), bigint::true_div) {
        Ok(Some(q)) => Ok(Value::from_f64(q)),
        Ok(None) => Err(zero_division(cx, BinOp::TrueDiv)),
        Err(bigint::TooLarge) => {
            raise!(cx, OverflowError, "integer division result too large for a float")
        }
    }
}

/// A shift count: `None` where it exceeds any machine word.
fn shift_count(cx: &Thread, count: &Digits) -> Res<Option<u64>> {
    if count.negative {
        raise!(cx, ValueError, "negative shift count");
    }
    Ok(count.get().to_u64())
}

pub fn lshift(cx: &Thread, a: Value, b: Value) -> Res {
    if let Some((x, n)) = smalls(a, b)
        && (0..13).contains(&n)
    {
        return Ok(from_i64(cx, x << n));
    }
    let Some((x, n)) = both(a, b) else { return Ok(not_implemented()) };
    let huge = n.get().to_i128().is_none_or(|n| n / 30 >= 1 << 61);
    let n = shift_count(cx, &n)?;
    if x.len == 0 {
        return Ok(Value::small(0));
    }
    match n {
        // CPython has no memory below what an object's size can say, and refuses what is above.
        None if huge => raise!(cx, OverflowError, "too many digits in integer"),
        None => Err(cx.no_memory()),
        Some(n) => {
            let i = x.get();
            let bytes = size_of_val(i.digits).saturating_add((n / 8) as usize);
            room(bytes.saturating_add(bytes / 8));
            from_result(cx, cx.plain(bytes, || bigint::shl(i, n)))
        }
    }
}

pub fn rshift(cx: &Thread, a: Value, b: Value) -> Res {
    if let Some((x, n)) = smalls(a, b)
        && n >= 0
    {
        return Ok(Value::small(x >> n.min(63)));
    }
    let Some((x, n)) = both(a, b) else { return Ok(not_implemented()) };
    let n = shift_count(cx, &n)?.unwrap_or(u64::MAX);
    let i = x.get();
    Ok(from_big(cx, &cx.plain(size_of_val(i.digits), || bigint::shr(i, n))))
}

/// Bytes that raising to a power takes. 0 for what is refused without a try.
fn power_bytes(x: IntRef<'_>, e: IntRef<'_>) -> usize {
    if x.digits.len() < 2 && x.digits.iter().all(|&d| d < 2) {
        return 0;
    }
    let bytes = e.to_u64().and_then(|e| bigint::bit_length(x).checked_mul(e)).unwrap_or(0) / 8;
    // Of powers of two there are only the digits; all others are multiplied up.
    let working = if matches!(*x.digits, [d] if d.is_power_of_two()) { 1 } else { 6 };
    usize::try_from(bytes).unwrap_or(0).saturating_mul(working)
}

/// `pow(a, b, m)` of values; `m` is None for `**`.
pub fn pow_values(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
    let Some((x, e)) = both(a, b) else { return Ok(not_implemented()) };
    if m.is_none() {
        if e.negative {
            return crate::objects::float::pow_values(cx, a, b, m);
        }
        if let Some((x, e)) = smalls(a, b)
            && let Ok(e) = u32::try_from(e)
            && let Some(r) = x.checked_pow(e)
        {
            return Ok(from_i64(cx, r));
        }
        let (x, e) = (x.get(), e.get());
        room(power_bytes(x, e));
        // A short base with a long exponent takes long too.
        let r = if x.digits.len() as u64 * e.to_u64().unwrap_or(u64::MAX).min(1 << 20) < 1000 {
            bigint::pow(x, e)
        } else {
            cx.detach(|| bigint::pow(x, e))
        };
        return from_result(cx, r);
    }
    let Some(m) = digits(m) else { return Ok(not_implemented()) };
    if m.len == 0 {
        raise!(cx, ValueError, "pow() 3rd argument cannot be 0");
    }
    let (x, e, m) = (x.get(), e.get(), m.get());
    let r = if x.digits.len() + e.digits.len() * m.digits.len() < 20 {
        bigint::mod_pow(x, e, m)
    } else {
        cx.detach(|| bigint::mod_pow(x, e, m))
    };
    match r {
        Some(r) => Ok(from_big(cx, &r)),
        None => raise!(cx, ValueError, "base is not invertible for the given modulus"),
    }
}

pub fn neg(cx: &Thread, a: Value) -> Res {
    match a.as_small() {
        Some(x) => Ok(from_i64(cx, -x)),
        None => Ok(from_big(cx, &bigint::neg(digits_of(a).get()))),
    }
}

pub fn abs(cx: &Thread, a: Value) -> Res {
    match a.as_small() {
        Some(x) => Ok(from_i64(cx, x.abs())),
        None => Ok(from_ref(cx, digits_of(a).get().abs())),
    }
}

pub fn invert(cx: &Thread, a: Value) -> Res {
    match a.as_small() {
        Some(x) => Ok(Value::small(!x)),
        None => Ok(from_big(cx, &bigint::invert(digits_of(a).get()))),
    }
}

pub fn compare(a: Value, b: Value) -> Option<Ordering> {
    if let Some((x, y)) = smalls(a, b) {
        return Some(x.cmp(&y));
    }
    let (x, y) = both(a, b)?;
    Some(bigint::cmp(x.get(), y.get()))
}

pub fn hash(a: Value) -> i64 {
    match a.as_small() {
        // 2^49 lies below the modulus.
        Some(-1) => -2,
        Some(x) => x,
        None => bigint::hash(digits_of(a).get()),
    }
}

/// `float(i)` of an int.
pub fn as_f64(cx: &Thread, a: Value) -> Res<f64> {
    if let Some(x) = a.as_small() {
        return Ok(x as f64);
    }
    match bigint::to_f64(digits_of(a).get()) {
        Some(x) => Ok(x),
        None => raise!(cx, OverflowError, "int too large to convert to float"),
    }
}

/// An argument that must be an int (or have `__index__`) and fit a C long.
pub fn checked_index_i64(cx: &Thread, v: Value) -> Res<i64> {
    match to_i64(index(cx, v)?) {
        Some(i) => Ok(i),
        None => raise!(cx, OverflowError, "Python int too large to convert to C long"),
    }
}
