//! Multiplication, division, powers. Schoolbook on digits while operands are short; above the
//! cutoffs the digits are packed for the algorithm library, a linear cost that it repays.

use super::arith::{add, cmp_magnitude, sub};
use super::bits::shl;
use super::limb60;
use super::{Int, IntRef, MAX_DIGITS, SHIFT, TooLarge, bit_length, from_ubig, to_ubig};
use dashu_int::ops::DivRem;
use std::cmp::Ordering;

/// Shorter operand, in digits, from which packing pays.
const MUL_CUTOFF: usize = 64;
const _: () = assert!(MUL_CUTOFF <= 2 * limb60::MAX_COLUMN);
const DIV_CUTOFF: usize = 40;

pub fn mul(a: IntRef, b: IntRef) -> Int {
    let negative = a.negative != b.negative;
    if a.digits.len() <= 2 && b.digits.len() <= 2 {
        let x = a.small_magnitude().expect("two digits");
        let y = b.small_magnitude().expect("two digits");
        return Int::from_u128(negative, x * y);
    }
    if a.is_zero() || b.is_zero() {
        return Int::zero();
    }
    let short = a.digits.len().min(b.digits.len());
    if short <= 2 {
        let (long, limb) = if a.digits.len() == short { (b, a) } else { (a, b) };
        let limb = limb.small_magnitude().expect("two digits") as u64;
        return Int::from_digits(negative, limb60::mul_limb(long.digits, limb));
    }
    if short < MUL_CUTOFF {
        return Int::from_digits(negative, limb60::mul(a.digits, b.digits));
    }
    let x = to_ubig(a.digits);
    if std::ptr::eq(a.digits, b.digits) {
        return from_ubig(negative, &x.sqr());
    }
    from_ubig(negative, &(x * to_ubig(b.digits)))
}

/// The quotient of magnitudes of five digits or more whose lengths differ by one at most, where their
/// leading digits decide it: nearly always.
fn quotient_of_leading(a: &[u32], b: &[u32]) -> Option<u64> {
    if b.len() < 5 || a.len() - b.len() > 1 {
        return None;
    }
    let from = a.len() - 4;
    let join = |d: &[u32]| d.iter().rev().fold(0u128, |v, &x| v << SHIFT | x as u128);
    let (x, y) = (join(&a[from..]), join(&b[from..]));
    let (q, r) = (x / y, x % y);
    // What was left out adds less than 1 to each: x / (y + 1) < a / b < (x + 1) / y.
    (r >= q && r + 1 < y).then_some(q as u64)
}

/// Quotient towards zero and a remainder with the sign of `a`; `None` for a zero divisor.
pub fn div_rem_trunc(a: IntRef, b: IntRef) -> Option<(Int, Int)> {
    let negative = a.negative != b.negative;
    if b.is_zero() {
        return None;
    }
    if let (Some(x), Some(y)) = (a.small_magnitude(), b.small_magnitude()) {
        let (q, r) = match (u64::try_from(x), u64::try_from(y)) {
            (Ok(x), Ok(y)) => ((x / y) as u128, (x % y) as u128),
            _ => (x / y, x % y),
        };
        return Some((Int::from_u128(negative, q), Int::from_u128(a.negative, r)));
    }
    if cmp_magnitude(a.digits, b.digits) == Ordering::Less {
        return Some((Int::zero(), a.to_owned()));
    }
    if let Some(q) = quotient_of_leading(a.digits, b.digits) {
        let part = Int::from_digits(false, limb60::mul_limb(b.digits, q));
        let r = sub(a.abs(), part.as_ref());
        return Some((Int::from_u64(negative, q), r.with_sign(a.negative)));
    }
    if b.digits.len() < DIV_CUTOFF || a.digits.len() - b.digits.len() < DIV_CUTOFF / 2 {
        let (q, r) = limb60::div_rem(a.digits, b.digits);
        return Some((Int::from_digits(negative, q), Int::from_digits(a.negative, r)));
    }
    let (q, r) = to_ubig(a.digits).div_rem(to_ubig(b.digits));
    Some((from_ubig(negative, &q), from_ubig(a.negative, &r)))
}

/// Python's `//`; `None` for a zero divisor.
pub fn div_floor(a: IntRef, b: IntRef) -> Option<Int> {
    if a.negative == b.negative
        && cmp_magnitude(a.digits, b.digits) != Ordering::Less
        && let Some(q) = quotient_of_leading(a.digits, b.digits)
    {
        return Some(Int::from_u64(false, q));
    }
    Some(divmod_floor(a, b)?.0)
}

/// Python's `divmod`; `None` for a zero divisor.
pub fn divmod_floor(a: IntRef, b: IntRef) -> Option<(Int, Int)> {
    let (q, r) = div_rem_trunc(a, b)?;
    if !r.is_zero() && r.negative != b.negative {
        let one = Int::from_i64(1);
        return Some((sub(q.as_ref(), one.as_ref()), add(r.as_ref(), b)));
    }
    Some((q, r))
}

/// The quotient nearest to a/b, ties to even, and the remainder that goes with it.
pub fn divmod_near(a: IntRef, b: IntRef) -> Option<(Int, Int)> {
    let (q, r) = divmod_floor(a, b)?;
    let twice = shl(r.as_ref().abs(), 1).expect("one bit more");
    let order = cmp_magnitude(&twice.digits, b.digits);
    if order == Ordering::Greater || (order == Ordering::Equal && q.as_ref().is_odd()) {
        let one = Int::from_i64(1);
        return Some((add(q.as_ref(), one.as_ref()), sub(r.as_ref(), b)));
    }
    Some((q, r))
}

/// a ** e for e >= 0.
pub fn pow(a: IntRef, e: IntRef) -> Result<Int, TooLarge> {
    debug_assert!(!e.negative);
    if e.is_zero() {
        return Ok(Int::from_i64(1));
    }
    let negative = a.negative && e.is_odd();
    match *a.digits {
        [] => return Ok(Int::zero()),
        [1] => return Ok(Int::from_u64(negative, 1)),
        _ => {}
    }
    let e = e.to_u64().ok_or(TooLarge)?;
    let bits = bit_length(a);
    if (bits - 1).checked_mul(e).is_none_or(|n| n / SHIFT as u64 > MAX_DIGITS) {
        return Err(TooLarge);
    }
    if let [d] = *a.digits
        && d.is_power_of_two()
    {
        let one = Int::from_u64(negative, 1);
        return shl(one.as_ref(), e * d.trailing_zeros() as u64);
    }
    if let Some(m) = a.small_magnitude()
        && let Ok(small_e) = u32::try_from(e)
        && let Some(r) = m.checked_pow(small_e)
    {
        return Ok(Int::from_u128(negative, r));
    }
    if bits * e < MUL_CUTOFF as u64 * SHIFT as u64 {
        let mut r = a.abs().to_owned();
        for i in (0..63 - e.leading_zeros()).rev() {
            r = mul(r.as_ref(), r.as_ref());
            if e >> i & 1 == 1 {
                r = mul(r.as_ref(), a.abs());
            }
        }
        return Ok(r.with_sign(negative));
    }
    let e = usize::try_from(e).map_err(|_| TooLarge)?;
    Ok(from_ubig(negative, &to_ubig(a.digits).pow(e)))
}
