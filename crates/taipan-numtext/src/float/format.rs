//! Double to text. Digits come from ryu, or of a given number from the standard library's exact conversions; where the point
//! and the exponent go is Python's rule.

use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatStyle {
    /// `e`: one digit before the point.
    Exponent,
    /// `f`: no exponent.
    Fixed,
    /// `g`: the shorter of the two at so many significant digits.
    General,
    /// The shortest text that reads back as the same double.
    Repr,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StyleFlags {
    pub upper: bool,
    /// `#`: keep the point and trailing zeros.
    pub alternate: bool,
    /// End an integral result in ".0".
    pub add_dot_0: bool,
    /// `z`: a negative number that rounds to zero loses its sign.
    pub no_negative_zero: bool,
}

/// A double has at most 767 significant and 1074 fractional digits; asking the standard library
/// for more only yields zeros, which are appended here.
const MOST_DIGITS: usize = 1100;

/// Gives `repr(x)` to `f`, without allocation for floats of everyday size.
pub fn with_repr<R>(x: f64, f: impl FnOnce(&str) -> R) -> R {
    let magnitude = x.abs();
    // In this range ryu puts the point where Python does.
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return f(ryu::Buffer::new().format_finite(x));
    }
    f(&repr(x))
}

/// `repr(x)`.
pub fn repr(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_owned();
    }
    if x.is_infinite() {
        return if x < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let magnitude = x.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return ryu::Buffer::new().format_finite(x).to_owned();
    }
    let mut out = shortest_exponent_form(x);
    two_digit_exponent(&mut out);
    out
}

/// The shortest digits as `d.ddde7`. Where two texts are equally near, the last digit is even, as in CPython; the
/// standard library's own `{:e}` takes the upper one (5.9604644775390625e-07).
fn shortest_exponent_form(x: f64) -> String {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(x);
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i64 = exponent.parse().expect("small exponent");
    let digits = format!("{whole}{fraction}");
    let first = digits.find(|c| c != '0').unwrap_or(digits.len() - 1);
    let exponent = exponent + whole.len() as i64 - 1 - first as i64;
    let kept = digits[first..].trim_end_matches('0');
    let kept = if kept.is_empty() { "0" } else { kept };
    if kept == "0" {
        return format!("{sign}0e0");
    }
    let point = if kept.len() > 1 { "." } else { "" };
    format!("{sign}{}{point}{}e{exponent}", &kept[..1], &kept[1..])
}

/// `repr(complex(re, im))`.
pub fn complex_repr(re: f64, im: f64) -> String {
    let flags = StyleFlags::default();
    let imaginary = format(im, FloatStyle::Repr, 0, flags);
    if re == 0.0 && re.is_sign_positive() {
        return format!("{imaginary}j");
    }
    let plus = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{imaginary}j)", format(re, FloatStyle::Repr, 0, flags))
}

/// Rust's `1e5`, `1e-7` as Python's `1e+05`, `1e-07`.
fn two_digit_exponent(out: &mut String) {
    let at = out.find('e').expect("exponent form");
    let exponent = out.split_off(at + 1);
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent.as_str()),
    };
    out.push(sign);
    if digits.len() < 2 {
        out.push('0');
    }
    out.push_str(digits);
}

/// `x` in a style with `precision`, a leading '-' where negative, no padding.
pub fn format(x: f64, style: FloatStyle, precision: usize, flags: StyleFlags) -> String {
    if !x.is_finite() {
        let text = if x.is_nan() { "nan" } else { "inf" };
        let sign = if x < 0.0 { "-" } else { "" };
        let text = format!("{sign}{text}");
        return if flags.upper { text.to_ascii_uppercase() } else { text };
    }
    let mut out = match style {
        FloatStyle::Exponent => exponent(x.abs(), precision, flags.alternate),
        FloatStyle::Fixed => fixed(x.abs(), precision, flags.alternate),
        FloatStyle::General => general(x.abs(), precision, flags),
        FloatStyle::Repr => shortest(x.abs(), flags),
    };
    if flags.upper {
        out.make_ascii_uppercase();
    }
    if x.is_sign_negative() && !(flags.no_negative_zero && is_zero(&out)) {
        out.insert(0, '-');
    }
    out
}

/// Whether all digits before an exponent are zero.
fn is_zero(text: &str) -> bool {
    text.bytes().take_while(|c| !matches!(c, b'e' | b'E')).all(|c| matches!(c, b'0' | b'.'))
}

fn fixed(x: f64, precision: usize, alternate: bool) -> String {
    let shown = precision.min(MOST_DIGITS);
    let mut out = format!("{x:.shown$}");
    out.extend(std::iter::repeat_n('0', precision - shown));
    if alternate && precision == 0 {
        out.push('.');
    }
    out
}

fn exponent(x: f64, precision: usize, alternate: bool) -> String {
    let shown = precision.min(MOST_DIGITS);
    let mut out = format!("{x:.shown$e}");
    let at = out.find('e').expect("exponent form");
    let tail = out.split_off(at);
    if alternate && precision == 0 {
        out.push('.');
    }
    out.extend(std::iter::repeat_n('0', precision - shown));
    out.push_str(&tail);
    two_digit_exponent(&mut out);
    out
}

/// The decimal digits of a rounded number, 0.d1d2d3... * 10^point.
struct Decimal {
    digits: String,
    point: i64,
}

impl Decimal {
    fn from_exponent_form(text: &str) -> Decimal {
        let (mantissa, exponent) = text.split_once('e').expect("exponent form");
        let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
        let kept = digits.trim_end_matches('0').len().max(1);
        let point = exponent.parse::<i64>().expect("small exponent") + 1;
        Decimal { digits: digits[..kept].to_owned(), point }
    }
}

fn general(x: f64, precision: usize, flags: StyleFlags) -> String {
    let precision = precision.max(1);
    let shown = precision.min(MOST_DIGITS) - 1;
    let d = Decimal::from_exponent_form(&format!("{x:.shown$e}"));
    let limit = precision as i64 - flags.add_dot_0 as i64;
    let with_exponent = d.point <= -4 || d.point > limit;
    let end = if flags.alternate { precision as i64 } else { 0 };
    place(&d, with_exponent, end, flags)
}

fn shortest(x: f64, flags: StyleFlags) -> String {
    let d = Decimal::from_exponent_form(&shortest_exponent_form(x));
    let with_exponent = d.point <= -4 || d.point > 16;
    place(&d, with_exponent, 0, flags)
}

/// Writes digits with zeros up to position `end`, a point where it is due, and the exponent.
fn place(d: &Decimal, with_exponent: bool, end: i64, flags: StyleFlags) -> String {
    let (point, exponent) = if with_exponent { (1, d.point - 1) } else { (d.point, 0) };
    let least = if !with_exponent && flags.add_dot_0 { point + 1 } else { point };
    let end = end.max(least).max(d.digits.len() as i64);
    let mut out = String::with_capacity((end - point.min(0)) as usize + 8);
    let start = if point <= 0 { point - 1 } else { 0 };
    for i in start..end {
        if i == point {
            out.push('.');
        }
        let digit = usize::try_from(i).ok().and_then(|i| d.digits.as_bytes().get(i));
        out.push(digit.map_or('0', |&c| c as char));
    }
    if end == point && flags.alternate {
        out.push('.');
    }
    if with_exponent {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "e{sign}{:02}", exponent.abs()).expect("a String takes all");
    }
    out
}
