//! Multiplication, division, powers. Schoolbook on digits while operands are short; above the
//! cutoffs the digits are packed for the algorithm library, a linear cost that it repays.

use super::arith::{add, cmp_magnitude, sub};
use super::bits::shl;
use super::limb60;
use super::{
    Digits, Int, IntRef, MASK, MAX_DIGITS, SHIFT, TooLarge, bit_length, from_ubig, to_ubig,
};
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
    if short < MUL_CUTOFF {
        return Int::from_digits(negative, limb60::mul(a.digits, b.digits));
    }
    let x = to_ubig(a.digits);
    if std::ptr::eq(a.digits, b.digits) {
        return from_ubig(negative, &x.sqr());
    }
    from_ubig(negative, &(x * to_ubig(b.digits)))
}

/// Knuth's algorithm D on magnitudes; `b` has at least two digits and is not longer than `a`.
fn div_rem_knuth(a: &[u32], b: &[u32]) -> (Digits, Digits) {
    let n = b.len();
    let norm = SHIFT - (32 - b[n - 1].leading_zeros());
    let shifted = |src: &[u32], extra: usize| -> Digits {
        let mut out = Digits::with_capacity(src.len() + extra);
        let mut carry = 0u32;
        for &x in src {
            out.push((x << norm & MASK) | carry);
            carry = (x as u64 >> (SHIFT - norm)) as u32;
        }
        if extra == 1 {
            out.push(carry);
        }
        out
    };
    let v = shifted(b, 0);
    let mut u = shifted(a, 1);
    let m = u.len() - n;
    let mut q: Digits = smallvec::smallvec![0; m];
    let (top, second) = (v[n - 1] as u64, v[n - 2] as u64);
    for j in (0..m).rev() {
        let num = (u[j + n] as u64) << SHIFT | u[j + n - 1] as u64;
        let (mut guess, mut rest) = (num / top, num % top);
        while guess > MASK as u64
            || (rest <= MASK as u64 && guess * second > (rest << SHIFT | u[j + n - 2] as u64))
        {
            guess -= 1;
            rest += top;
            if rest > MASK as u64 {
                break;
            }
        }
        let mut borrow = 0i64;
        for i in 0..n {
            let t = u[i + j] as i64 - borrow - (guess * v[i] as u64) as i64;
            u[i + j] = (t & MASK as i64) as u32;
            borrow = -(t >> SHIFT);
        }
        let t = u[j + n] as i64 - borrow;
        u[j + n] = (t & MASK as i64) as u32;
        if t < 0 {
            guess -= 1;
            let mut carry = 0u32;
            for i in 0..n {
                carry += u[i + j] + v[i];
                u[i + j] = carry & MASK;
                carry >>= SHIFT;
            }
            u[j + n] = (u[j + n] + carry) & MASK;
        }
        q[j] = guess as u32;
    }
    let mut r = Digits::with_capacity(n);
    for i in 0..n {
        let high = if i + 1 < n { u[i + 1] } else { 0 };
        r.push((u[i] >> norm) | ((high as u64) << (SHIFT - norm)) as u32 & MASK);
    }
    (q, r)
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
    if let [d] = *b.digits {
        let (q, r) = limb60::div_rem_digit(a.digits, d);
        return Some((Int::from_digits(negative, q), Int::from_u64(a.negative, r as u64)));
    }
    if b.digits.len() < DIV_CUTOFF || a.digits.len() - b.digits.len() < DIV_CUTOFF / 2 {
        let (q, r) = div_rem_knuth(a.digits, b.digits);
        return Some((Int::from_digits(negative, q), Int::from_digits(a.negative, r)));
    }
    let (q, r) = to_ubig(a.digits).div_rem(to_ubig(b.digits));
    Some((from_ubig(negative, &q), from_ubig(a.negative, &r)))
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
