//! `float.hex` and `float.fromhex`.

use super::parse::trim;
use super::{decompose, ldexp};
use crate::NumError;

pub fn to_hex(x: f64) -> String {
    if !x.is_finite() {
        return super::repr(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (m, e) = decompose(x);
    let exponent = e + 52;
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}0x{}.{:013x}p{exponent_sign}{}", m >> 52, m & ((1 << 52) - 1), exponent.abs())
}

fn invalid() -> NumError {
    NumError::value("invalid hexadecimal floating-point string")
}

fn too_large() -> NumError {
    NumError::overflow("hexadecimal value too large to represent as a float")
}

pub fn from_hex(text: &[u8]) -> Result<f64, NumError> {
    let mut s = trim(text);
    let negative = s.first() == Some(&b'-');
    if matches!(s.first(), Some(b'+' | b'-')) {
        s = &s[1..];
    }
    let signed = |v: f64| if negative { -v } else { v };
    if s.eq_ignore_ascii_case(b"inf") || s.eq_ignore_ascii_case(b"infinity") {
        return Ok(signed(f64::INFINITY));
    }
    if s.eq_ignore_ascii_case(b"nan") {
        return Ok(signed(f64::NAN));
    }
    if let [b'0', b'x' | b'X', rest @ ..] = s {
        s = rest;
    }
    // Up to 64 leading bits; whatever lies below them only counts as "not zero".
    let (mut mantissa, mut sticky, mut dropped) = (0u64, false, 0i64);
    let (mut digits, mut after_point, mut point) = (0usize, 0i64, false);
    let mut i = 0;
    while let Some(&c) = s.get(i) {
        if c == b'.' && !point {
            point = true;
        } else if let Some(v) = (c as char).to_digit(16) {
            digits += 1;
            after_point += point as i64;
            if mantissa >> 60 == 0 {
                mantissa = mantissa << 4 | v as u64;
            } else {
                dropped += 1;
                sticky |= v != 0;
            }
        } else {
            break;
        }
        i += 1;
    }
    if digits == 0 {
        return Err(invalid());
    }
    let mut exponent = 0i64;
    if let [b'p' | b'P', rest @ ..] = &s[i..] {
        let down = rest.first() == Some(&b'-');
        let rest = if matches!(rest.first(), Some(b'+' | b'-')) { &rest[1..] } else { rest };
        let count = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        if count == 0 {
            return Err(invalid());
        }
        for &c in &rest[..count] {
            exponent = exponent.saturating_mul(10).saturating_add((c - b'0') as i64);
        }
        exponent = exponent.min(i64::MAX / 4);
        if down {
            exponent = -exponent;
        }
        i = s.len() - rest.len() + count;
    }
    // A number that is too large is said to be so whatever follows it.
    let whole = if i == s.len() { Ok(()) } else { Err(invalid()) };
    if mantissa == 0 {
        return whole.map(|()| signed(0.0));
    }
    exponent += 4 * (dropped - after_point);
    let bits = 64 - mantissa.leading_zeros() as i64;
    let top = exponent + bits;
    if top > 1024 {
        return Err(too_large());
    }
    if top < -1074 {
        return whole.map(|()| signed(0.0));
    }
    // Bits of the result that lie below the last place, normal or subnormal.
    let extra = (bits - 53).max(-1074 - exponent).clamp(0, 64);
    if extra > 0 {
        let wide = (mantissa as u128) << 1 | sticky as u128;
        let unit = 1u128 << (extra + 1);
        let rest = wide & (unit - 1);
        let mut kept = wide >> (extra + 1);
        if rest > unit / 2 || (rest == unit / 2 && kept & 1 == 1) {
            kept += 1;
        }
        mantissa = kept as u64;
        exponent += extra;
    }
    let value = ldexp(mantissa as f64, exponent);
    if value.is_infinite() { Err(too_large()) } else { whole.map(|()| signed(value)) }
}
