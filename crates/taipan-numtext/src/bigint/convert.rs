//! Integers to and from machine floats and bytes, true division, Python's numeric hash.

use super::bits::{bit_length, shl, shr, trailing_zeros};
use super::mul_div::div_rem_trunc;
use super::{Digits, Int, IntRef, MASK, SHIFT, TooLarge, arith};
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    Little,
    Big,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesError {
    /// "can't convert negative int to unsigned"
    Negative,
    /// "int too big to convert"
    TooBig,
}

/// The nearest double, ties to even; `None` when it would be infinite.
pub fn to_f64(a: IntRef) -> Option<f64> {
    if let Some(v) = a.small() {
        return Some(v as f64);
    }
    let bits = bit_length(a);
    if bits > 1024 {
        return None;
    }
    // 64 leading bits with everything below folded into the last one round the same way.
    let drop = bits - 64;
    let mut top = shr(a.abs(), drop).as_ref().wrapping_u64();
    if trailing_zeros(a).is_some_and(|z| z < drop) {
        top |= 1;
    }
    let v = crate::float::ldexp(top as f64, drop as i64);
    v.is_finite().then_some(if a.negative { -v } else { v })
}

/// x and e with a = x * 2^e, 0.5 <= |x| <= 1, x rounded half to even; (0, 0) for zero.
pub fn frexp(a: IntRef) -> (f64, i64) {
    let bits = bit_length(a);
    if bits == 0 {
        return (0.0, 0);
    }
    let top = if bits <= 64 {
        return frexp_top(a.abs().wrapping_u64(), bits, a.negative);
    } else {
        let drop = bits - 64;
        let mut top = shr(a.abs(), drop).as_ref().wrapping_u64();
        if trailing_zeros(a).is_some_and(|z| z < drop) {
            top |= 1;
        }
        top
    };
    let (x, e) = frexp_top(top, 64, a.negative);
    (x, e + bits as i64 - 64)
}

fn frexp_top(top: u64, bits: u64, negative: bool) -> (f64, i64) {
    let mut x = crate::float::ldexp(top as f64, -(bits as i64));
    let mut e = bits as i64;
    if x == 1.0 {
        x = 0.5;
        e += 1;
    }
    (if negative { -x } else { x }, e)
}

/// The integer part; `None` for an infinity or NaN.
pub fn from_f64(x: f64) -> Option<Int> {
    if !x.is_finite() {
        return None;
    }
    let t = x.trunc();
    if t.abs() < 1e18 {
        return Some(Int::from_i64(t as i64));
    }
    let (m, e) = crate::float::decompose(t);
    let m = Int::from_u64(x < 0.0, m);
    Some(shl(m.as_ref(), e as u64).expect("a double's exponent is small"))
}

/// Exact comparison with a double; `None` for NaN.
pub fn cmp_f64(a: IntRef, x: f64) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = from_f64(x).expect("finite");
    Some(
        arith::cmp(a, whole.as_ref())
            .then_with(|| 0.0f64.partial_cmp(&(x - x.trunc())).expect("finite")),
    )
}

/// The double nearest to a/b. `Err` when it is infinite; `Ok(None)` for a zero divisor.
pub fn true_div(a: IntRef, b: IntRef) -> Result<Option<f64>, TooLarge> {
    if b.is_zero() {
        return Ok(None);
    }
    let negative = a.negative != b.negative;
    let signed = |v: f64| if negative { -v } else { v };
    if a.is_zero() {
        return Ok(Some(signed(0.0)));
    }
    let (abits, bbits) = (bit_length(a) as i64, bit_length(b) as i64);
    if abits <= 53 && bbits <= 53 {
        let x = a.abs().wrapping_u64() as f64 / b.abs().wrapping_u64() as f64;
        return Ok(Some(signed(x)));
    }
    let diff = abits - bbits;
    if diff > 1024 {
        return Err(TooLarge);
    }
    if diff < -1075 {
        return Ok(Some(signed(0.0)));
    }
    // The quotient keeps at least two bits below the last one of the result, subnormal or not.
    let shift = diff.max(-1021) - 55;
    let (scaled, mut inexact) = if shift > 0 {
        (shr(a.abs(), shift as u64), trailing_zeros(a).is_some_and(|z| z < shift as u64))
    } else {
        (shl(a.abs(), -shift as u64).map_err(|_| TooLarge)?, false)
    };
    let (q, r) = div_rem_trunc(scaled.as_ref(), b.abs()).expect("b is not zero");
    inexact |= !r.is_zero();
    let mut q = q.as_ref().wrapping_u64();
    let qbits = (64 - q.leading_zeros()) as i64;
    let extra = qbits.max(-1021 - shift) - 53;
    let half = 1u64 << (extra - 1);
    let low = q | inexact as u64;
    if low & half != 0 && low & (3 * half - 1) != 0 {
        q = low + half;
    } else {
        q = low;
    }
    q &= !(2 * half - 1);
    let v = crate::float::ldexp(q as f64, shift);
    if v.is_infinite() { Err(TooLarge) } else { Ok(Some(signed(v))) }
}

/// The modulus of Python's numeric hash, a Mersenne prime.
const HASH_BITS: u32 = 61;
const HASH_MODULUS: u64 = (1 << HASH_BITS) - 1;

pub fn hash(a: IntRef) -> i64 {
    let mut h = 0u64;
    for &d in a.digits.iter().rev() {
        h = (h << SHIFT & HASH_MODULUS) | (h >> (HASH_BITS - SHIFT));
        h += d as u64;
        if h >= HASH_MODULUS {
            h -= HASH_MODULUS;
        }
    }
    let h = if a.negative { -(h as i64) } else { h as i64 };
    if h == -1 { -2 } else { h }
}

/// The hash of a double; `None` for NaN, whose hash is its identity's.
pub fn hash_f64(x: f64) -> Option<i64> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { 314159 } else { -314159 });
    }
    if x == x.trunc() && x.abs() < 1e15 {
        let v = x as i64;
        return Some(if v == -1 { -2 } else { v });
    }
    let (m, e) = crate::float::decompose(x);
    let r = e.rem_euclid(HASH_BITS as i64) as u32;
    let mut h = m % HASH_MODULUS;
    h = (h << r & HASH_MODULUS) | (h >> (HASH_BITS - r));
    if h == HASH_MODULUS {
        h = 0;
    }
    let h = if x < 0.0 { -(h as i64) } else { h as i64 };
    Some(if h == -1 { -2 } else { h })
}

/// `length` bytes in the order asked for.
pub fn to_bytes(
    a: IntRef,
    length: usize,
    order: ByteOrder,
    signed: bool,
) -> Result<Vec<u8>, BytesError> {
    if a.negative && !signed {
        return Err(BytesError::Negative);
    }
    let bits = bit_length(a);
    let room = length as u128 * 8;
    let fits = if !signed {
        bits as u128 <= room
    } else if a.negative {
        // -2^(n-1) needs n bits.
        let exact = trailing_zeros(a) == Some(bits - 1);
        // CPython lets -1 pass as no bytes at all.
        bits as u128 + !exact as u128 <= room || (length == 0 && bits == 1)
    } else {
        a.is_zero() || (bits as u128) < room
    };
    if !fits {
        return Err(BytesError::TooBig);
    }
    let mut out = Vec::with_capacity(length);
    let (mut acc, mut have, mut carry) = (0u64, 0u32, a.negative as u32);
    let mut digits = a.digits.iter();
    while out.len() < length {
        if have < 8 {
            let d = digits.next().copied().unwrap_or(0);
            let d = if a.negative {
                let wide = (!d & MASK) + carry;
                carry = wide >> SHIFT;
                wide & MASK
            } else {
                d
            };
            acc |= (d as u64) << have;
            have += SHIFT;
        }
        out.push(acc as u8);
        acc >>= 8;
        have -= 8;
    }
    if order == ByteOrder::Big {
        out.reverse();
    }
    Ok(out)
}

pub fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> Int {
    let at = |i: usize| match order {
        ByteOrder::Little => bytes[i],
        ByteOrder::Big => bytes[bytes.len() - 1 - i],
    };
    let negative = signed && !bytes.is_empty() && at(bytes.len() - 1) & 0x80 != 0;
    let mut digits = Digits::with_capacity(bytes.len() * 8 / 30 + 1);
    let (mut acc, mut have, mut carry) = (0u64, 0u32, negative as u16);
    for i in 0..bytes.len() {
        let byte = if negative {
            let wide = !at(i) as u16 + carry;
            carry = wide >> 8;
            wide as u8
        } else {
            at(i)
        };
        acc |= (byte as u64) << have;
        have += 8;
        if have >= SHIFT {
            digits.push(acc as u32 & MASK);
            acc >>= SHIFT;
            have -= SHIFT;
        }
    }
    // A complement that carries out of the last byte is 2^(8n).
    acc |= (carry as u64 & negative as u64) << have;
    while acc != 0 {
        digits.push(acc as u32 & MASK);
        acc >>= SHIFT;
    }
    Int::from_digits(negative, digits)
}
