//! Doubles: text in every style that Python prints, and the exact pieces (mantissa and exponent)
//! from which ratios, hashes and hexadecimal come. Text formatting with a width lies in
//! `formatspec`.

mod format;
mod half;
mod hex;
mod parse;
mod round;

pub use format::{FloatStyle, StyleFlags, complex_repr, format, repr, with_repr};
pub use half::{from_half, to_half};
pub use hex::{from_hex, to_hex};
pub use parse::{ComplexError, parse, parse_complex};
pub use round::round_to;

use crate::bigint::{Int, shl};

/// |x| = m * 2^e for a finite x.
pub fn decompose(x: f64) -> (u64, i64) {
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// x * 2^e, rounded once; infinite where too large.
pub fn ldexp(mut x: f64, e: i64) -> f64 {
    let two = |n: i64| f64::from_bits(((n + 1023) as u64) << 52);
    let mut e = e.clamp(-4000, 4000);
    if e > 1023 {
        x *= two(1023);
        e -= 1023;
        if e > 1023 {
            x *= two(1023);
            e = (e - 1023).min(1023);
        }
    } else if e < -1022 {
        // 53 bits are held back so that no intermediate result is subnormal.
        x *= two(-1022 + 53);
        e += 1022 - 53;
        if e < -1022 {
            x *= two(-1022 + 53);
            e = (e + 1022 - 53).max(-1022);
        }
    }
    x * two(e)
}

/// m and e with x = m * 2^e and 0.5 <= |m| < 1; x itself and 0 for zero, infinities and NaN.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    if exponent == 0 {
        let (m, e) = frexp(x * (1u64 << 54) as f64);
        return (m, e - 54);
    }
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent - 1022)
}

/// Numerator and denominator of a finite double in lowest terms.
pub fn integer_ratio(x: f64) -> (Int, Int) {
    let (m, e) = decompose(x);
    if m == 0 {
        return (Int::zero(), Int::from_i64(1));
    }
    let zeros = m.trailing_zeros();
    let (m, e) = (Int::from_u64(x < 0.0, m >> zeros), e + zeros as i64);
    let scale =
        |n: &Int, by: i64| shl(n.as_ref(), by as u64).expect("a double's exponent is small");
    let one = Int::from_i64(1);
    if e >= 0 { (scale(&m, e), one) } else { (m, scale(&one, -e)) }
}
