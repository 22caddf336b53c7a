//! Numbers to and from text.

use crate::coeff::Coeff;
use crate::rounding::finalize;
use crate::status::*;
use crate::{Ctx, Dec, DecRef, Kind, MAX_EMAX, MAX_PREC, MIN_ETINY};

/// Scientific (or, with `engineering`, engineering) notation.
pub fn write(a: DecRef<'_>, capitals: bool, engineering: bool, out: &mut Vec<u8>) {
    if a.negative {
        out.push(b'-');
    }
    match a.kind {
        Kind::Infinite => return out.extend_from_slice(b"Infinity"),
        Kind::Quiet | Kind::Signaling => {
            out.extend_from_slice(if a.kind == Kind::Quiet { b"NaN" } else { b"sNaN" });
            if !a.coeff.is_zero() {
                a.coeff.write_digits(out);
            }
            return;
        }
        Kind::Finite => {}
    }
    let digits = a.coeff.digits() as i64;
    let left = a.exp + digits;
    let point = if a.exp <= 0 && left > -6 {
        left
    } else if !engineering {
        1
    } else if a.coeff.is_zero() {
        (left + 1).rem_euclid(3) - 1
    } else {
        (left - 1).rem_euclid(3) + 1
    };
    if point <= 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + (-point) as usize, b'0');
        a.coeff.write_digits(out);
    } else {
        let start = out.len();
        a.coeff.write_digits(out);
        if point >= digits {
            out.resize(out.len() + (point - digits) as usize, b'0');
        } else {
            out.insert(start + point as usize, b'.');
        }
    }
    if left != point {
        let e = left - point;
        out.push(if capitals { b'E' } else { b'e' });
        out.push(if e < 0 { b'-' } else { b'+' });
        Coeff::Small(e.unsigned_abs() as u128).get().write_digits(out);
    }
}

/// Splits leading digits off.
fn take_digits(s: &[u8]) -> (&[u8], &[u8]) {
    s.split_at(s.iter().take_while(|c| c.is_ascii_digit()).count())
}

fn strip_zeros(s: &[u8]) -> &[u8] {
    &s[s.iter().take_while(|&&c| c == b'0').count()..]
}

/// An exponent with its sign; far too large ones come out at the end of the range.
fn exponent(s: &[u8]) -> Option<i64> {
    let (negative, s) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    if s.is_empty() || !s.iter().all(u8::is_ascii_digit) {
        return None;
    }
    const FAR: i64 = 4_000_000_000_000_000_000;
    let magnitude = strip_zeros(s)
        .iter()
        .fold(0i64, |e, &c| if e > FAR / 10 { FAR } else { (e * 10 + (c - b'0') as i64).min(FAR) });
    Some(if negative { -magnitude } else { magnitude })
}

/// The number that a text without blanks denotes.
pub fn parse(text: &[u8]) -> Option<Dec> {
    let (negative, s) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (whole, rest) = take_digits(s);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => take_digits(rest),
        _ => (&rest[..0], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return if rest.len() == s.len() { parse_special(negative, s) } else { None };
    }
    let e = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => exponent(rest)?,
        _ => return None,
    };
    let exp = e.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let coeff = if whole.len() + fraction.len() <= 38 {
        let value = |a: u128, t: &[u8]| t.iter().fold(a, |a, &c| a * 10 + (c - b'0') as u128);
        Coeff::Small(if whole.len() + fraction.len() <= 19 {
            let short = |a: u64, t: &[u8]| t.iter().fold(a, |a, &c| a * 10 + (c - b'0') as u64);
            short(short(0, whole), fraction) as u128
        } else {
            value(value(0, whole), fraction)
        })
    } else if fraction.is_empty() {
        Coeff::parse_padded(whole)
    } else {
        Coeff::parse_padded(&[whole, fraction].concat())
    };
    Some(Dec::finite(negative, coeff, exp))
}

fn parse_special(negative: bool, s: &[u8]) -> Option<Dec> {
    let lower = |t: &[u8], word: &[u8]| t.eq_ignore_ascii_case(word);
    if lower(s, b"inf") || lower(s, b"infinity") {
        return Some(Dec::infinity(negative));
    }
    let (kind, payload) = if s.len() >= 3 && lower(&s[..3], b"nan") {
        (Kind::Quiet, &s[3..])
    } else if s.len() >= 4 && lower(&s[..4], b"snan") {
        (Kind::Signaling, &s[4..])
    } else {
        return None;
    };
    if !payload.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(Dec { negative, kind, exp: 0, coeff: Coeff::parse_padded(payload) })
}

/// A text as a number in a context.
pub fn from_text(text: &[u8], ctx: &Ctx, status: &mut u32) -> Dec {
    match parse(text) {
        None => Dec::invalid(CONVERSION_SYNTAX, status),
        Some(d) if d.get().is_nan() => {
            let payload = if d.coeff.get().is_zero() { 0 } else { d.coeff.get().digits() as i64 };
            if payload > ctx.prec - ctx.clamp as i64 {
                return Dec::invalid(CONVERSION_SYNTAX, status);
            }
            d
        }
        Some(d) => finalize(d, ctx, status),
    }
}

/// A text as exactly the number it denotes.
pub fn from_text_exact(text: &[u8], status: &mut u32) -> Dec {
    let d = match parse(text) {
        None => return Dec::invalid(CONVERSION_SYNTAX, status),
        Some(d) => d,
    };
    exact(d, status)
}

/// A number that has to be representable in the largest context.
pub fn exact(d: Dec, status: &mut u32) -> Dec {
    let digits = d.coeff.get().digits() as i64;
    if d.kind == Kind::Finite
        && d.exp >= MIN_ETINY
        && d.exp + digits - 1 <= MAX_EMAX
        && digits <= MAX_PREC
    {
        let mut quiet = 0;
        let d = finalize(d, &Ctx::MAX, &mut quiet);
        if quiet & (INEXACT | ROUNDED | CLAMPED) == 0 {
            return d;
        }
        return Dec::invalid(INVALID_OPERATION, status);
    }
    if d.kind == Kind::Finite {
        return Dec::invalid(INVALID_OPERATION, status);
    }
    d
}
