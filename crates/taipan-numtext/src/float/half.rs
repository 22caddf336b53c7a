//! IEEE 754 binary16, the `e` format of `struct`.

use super::{decompose, ldexp};

/// The nearest half, ties to even; `None` where the value is too large. NaNs keep their sign.
pub fn to_half(x: f64) -> Option<u16> {
    let sign = ((x.to_bits() >> 63) as u16) << 15;
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    if x.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let (m, e) = decompose(x);
    if m == 0 {
        return Some(sign);
    }
    // The last place of the result: 2^-24 for subnormals, else ten bits below the first.
    let top = 63 - m.leading_zeros() as i64 + e;
    let unit = (top - 10).max(-24);
    let drop = unit - e;
    let kept = if drop <= 0 {
        m << -drop
    } else if drop > 63 {
        0
    } else {
        let (kept, rest, half) = (m >> drop, m & ((1 << drop) - 1), 1u64 << (drop - 1));
        kept + (rest > half || (rest == half && kept & 1 == 1)) as u64
    };
    // A carry out of the fraction runs into the exponent by itself.
    let bits = if unit == -24 && top < -14 {
        kept
    } else {
        (((top + 15) as u64) << 10) + kept - (1 << 10)
    };
    (bits < 0x7c00).then_some(sign | bits as u16)
}

pub fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = ((bits >> 10 & 0x1f) as i64, (bits & 0x3ff) as f64);
    let magnitude = match exponent {
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => return f64::NAN.copysign(sign),
        0 => ldexp(fraction, -24),
        _ => ldexp(fraction + 1024.0, exponent - 25),
    };
    sign * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_comes_back() {
        for bits in 0..=u16::MAX {
            let x = from_half(bits);
            if !x.is_nan() {
                assert_eq!(to_half(x), Some(bits), "{x}");
            }
        }
    }

    #[test]
    fn rounding_is_half_to_even() {
        let one_up = from_half(0x3c01);
        assert_eq!(to_half((1.0 + one_up) / 2.0), Some(0x3c00));
        assert_eq!(to_half((one_up + from_half(0x3c02)) / 2.0), Some(0x3c02));
        assert_eq!(to_half(65519.99), Some(0x7bff));
        assert_eq!(to_half(65520.0), None);
        assert_eq!(to_half(2f64.powi(-25)), Some(0));
        assert_eq!(to_half(2f64.powi(-25) * 1.01), Some(1));
        assert_eq!(to_half(1e-300), Some(0));
    }
}
