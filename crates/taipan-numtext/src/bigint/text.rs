//! Integers to and from text in bases 2 to 36, with CPython's limit on decimal digits.

use super::limb60;
use super::{Digits, Int, IntRef, MASK, SHIFT, bit_length, from_ubig, to_ubig};
use dashu_int::UBig;

/// `sys.int_info.default_max_str_digits`.
pub const DEFAULT_MAX_STR_DIGITS: usize = 4300;
/// Below this many digits the limit is not checked.
const STR_DIGITS_THRESHOLD: usize = 640;

/// Digits up to which the quadratic way between decimal text and limbs is the faster one.
const SHORT_TEXT: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// Not a number in this base.
    Invalid,
    /// More decimal digits than the limit allows.
    TooManyDigits { limit: usize, digits: usize },
}

pub fn digit_limit_parse_message(limit: usize, digits: usize) -> String {
    format!(
        "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} \
         digits; use sys.set_int_max_str_digits() to increase the limit"
    )
}

pub fn digit_limit_print_message(limit: usize) -> String {
    format!(
        "Exceeds the limit ({limit} digits) for integer string conversion; use \
         sys.set_int_max_str_digits() to increase the limit"
    )
}

/// Whether the decimal text of `a` would have more than `limit` digits (0: no limit). `text` is
/// asked for only where the length in bits leaves it open.
pub fn exceeds_print_limit(a: IntRef, limit: usize) -> bool {
    if limit == 0 || a.digits.len() * 9 <= STR_DIGITS_THRESHOLD {
        return false;
    }
    let bits = bit_length(a) as f64;
    // log10(2) = 0.30103; a number of n bits has between these two counts of digits.
    let fewest = ((bits - 1.0) * std::f64::consts::LOG10_2).floor() as usize + 1;
    let most = (bits * std::f64::consts::LOG10_2).floor() as usize + 1;
    if most <= limit {
        false
    } else if fewest > limit {
        true
    } else {
        to_text(a.abs(), 10).len() > limit
    }
}

/// The digits in `base` with a leading '-' where negative; no prefix.
pub fn to_text(a: IntRef, base: u32) -> String {
    debug_assert!((2..=36).contains(&base));
    let sign = if a.negative { "-" } else { "" };
    if base.is_power_of_two() {
        return power_of_two_text(a, base.trailing_zeros());
    }
    if base == 10
        && let Some(v) = a.small()
    {
        return match i64::try_from(v) {
            Ok(v) => v.to_string(),
            Err(_) => v.to_string(),
        };
    }
    if base == 10 && a.digits.len() <= SHORT_TEXT {
        return limb60::decimal_text(a.negative, a.digits);
    }
    let big = to_ubig(a.digits);
    if base == 10 { format!("{sign}{big}") } else { format!("{sign}{}", big.in_radix(base as u8)) }
}

fn power_of_two_text(a: IntRef, bits: u32) -> String {
    if a.is_zero() {
        return "0".to_owned();
    }
    let count = bit_length(a).div_ceil(bits as u64) as usize;
    let mut out = Vec::with_capacity(count + 1);
    let (mut acc, mut have) = (0u64, 0u32);
    let mut digits = a.digits.iter();
    for _ in 0..count {
        if have < bits {
            acc |= (digits.next().copied().unwrap_or(0) as u64) << have;
            have += SHIFT;
        }
        out.push(b"0123456789abcdefghijklmnopqrstuv"[(acc & ((1 << bits) - 1)) as usize]);
        acc >>= bits;
        have -= bits;
    }
    if a.negative {
        out.push(b'-');
    }
    out.reverse();
    String::from_utf8(out).expect("ASCII")
}

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t'..=b'\r')
}

fn digit_value(c: u8) -> u32 {
    match c {
        b'0'..=b'9' => (c - b'0') as u32,
        b'a'..=b'z' => (c - b'a') as u32 + 10,
        b'A'..=b'Z' => (c - b'A') as u32 + 10,
        _ => 37,
    }
}

/// `int(text, base)`: surrounding blanks, sign, prefix, single underscores. `base` is 0 or
/// 2..=36; `limit` is the allowed count of digits in bases that are no power of two (0: any).
pub fn parse(text: &[u8], base: u32, limit: usize) -> Result<Int, ParseError> {
    let mut s = text;
    while let [c, rest @ ..] = s
        && is_space(*c)
    {
        s = rest;
    }
    while let [rest @ .., c] = s
        && is_space(*c)
    {
        s = rest;
    }
    let negative = s.first() == Some(&b'-');
    if matches!(s.first(), Some(b'+' | b'-')) {
        s = &s[1..];
    }
    let mut base = base;
    let mut zero_only = false;
    if base == 0 {
        base = match s {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            [b'0', ..] => {
                // "0", "00" and "0_0" are zero; "01" is an error, as in source text.
                zero_only = true;
                10
            }
            _ => 10,
        };
    }
    if let [b'0', c, rest @ ..] = s
        && matches!((base, c | 0x20), (16, b'x') | (8, b'o') | (2, b'b'))
    {
        s = rest;
        // One underscore may follow the prefix.
        if let [b'_', rest @ ..] = s {
            s = rest;
        }
    }
    let mut digits = Vec::with_capacity(s.len());
    let mut previous_underscore = true;
    for &c in s {
        if c == b'_' {
            if previous_underscore {
                return Err(ParseError::Invalid);
            }
            previous_underscore = true;
            continue;
        }
        if digit_value(c) >= base {
            return Err(ParseError::Invalid);
        }
        previous_underscore = false;
        digits.push(c);
    }
    if previous_underscore {
        return Err(ParseError::Invalid);
    }
    if !base.is_power_of_two()
        && limit > 0
        && digits.len() > STR_DIGITS_THRESHOLD
        && digits.len() > limit
    {
        return Err(ParseError::TooManyDigits { limit, digits: digits.len() });
    }
    let value = from_digit_bytes(&digits, base).with_sign(negative);
    if zero_only && !value.is_zero() {
        return Err(ParseError::Invalid);
    }
    Ok(value)
}

/// A magnitude from digits that are all valid in `base`.
fn from_digit_bytes(digits: &[u8], base: u32) -> Int {
    if base.is_power_of_two() {
        return from_power_of_two(digits, base.trailing_zeros());
    }
    // 36^12 < 2^64.
    if digits.len() <= 12 || (base == 10 && digits.len() <= 19) {
        let m = digits.iter().fold(0u64, |m, &c| m * base as u64 + digit_value(c) as u64);
        return Int::from_u64(false, m);
    }
    if base == 10 && digits.len() <= 9 * SHORT_TEXT {
        return Int::from_digits(false, limb60::parse_decimal(digits));
    }
    let text = std::str::from_utf8(digits).expect("digits are ASCII");
    let big = UBig::from_str_radix(text, base).expect("digits were checked");
    from_ubig(false, &big)
}

fn from_power_of_two(digits: &[u8], bits: u32) -> Int {
    let mut out = Digits::with_capacity(digits.len() * bits as usize / SHIFT as usize + 1);
    let (mut acc, mut have) = (0u64, 0u32);
    for &c in digits.iter().rev() {
        acc |= (digit_value(c) as u64) << have;
        have += bits;
        if have >= SHIFT {
            out.push(acc as u32 & MASK);
            acc >>= SHIFT;
            have -= SHIFT;
        }
    }
    if acc != 0 {
        out.push(acc as u32);
    }
    Int::from_digits(false, out)
}
