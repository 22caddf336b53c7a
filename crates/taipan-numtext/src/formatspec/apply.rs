//! A parsed spec applied to a value.

use super::{LocaleNumeric, Separator, Spec, insert_grouping, unknown_code};
use crate::bigint::{IntRef, to_text};
use crate::float::{self, FloatStyle, StyleFlags};
use crate::layout::{Padded, PaddedStr};
use crate::{ErrorClass, NumError};

/// More characters than this are refused as CPython refuses what does not fit in memory.
const MOST_CHARS: usize = 1 << 34;

fn check_size(n: usize) -> Result<usize, NumError> {
    if n > MOST_CHARS { Err(NumError::memory()) } else { Ok(n) }
}

/// Whether an int formats itself as a float under this code.
pub fn is_float_code(code: u32) -> bool {
    u8::try_from(code).is_ok_and(|c| b"eEfFgG%".contains(&c))
}

/// The pieces of an unpadded number.
struct Number<'a> {
    negative: bool,
    /// `0x` and the like.
    base_prefix: &'a str,
    digits: &'a str,
    /// Fraction and exponent without the point; `has_point` says whether one stood there.
    remainder: &'a str,
    has_point: bool,
}

fn sign_text(sign: u8, negative: bool) -> &'static str {
    match (negative, sign) {
        (true, _) => "-",
        (false, b'+') => "+",
        (false, b' ') => " ",
        (false, _) => "",
    }
}

fn lay_out(n: &Number, spec: &Spec, locale: &LocaleNumeric) -> Result<Padded, NumError> {
    let sign = sign_text(spec.sign, n.negative);
    let point = if n.has_point { locale.decimal_point.as_str() } else { "" };
    let around = sign.len() + n.base_prefix.len() + point.chars().count() + n.remainder.len();
    let width = check_size(spec.width.unwrap_or(0))?;
    let min_width = if spec.fill == '0' as u32 && spec.align == b'=' {
        width.saturating_sub(around)
    } else {
        0
    };
    let mut body = if n.digits.is_empty() {
        String::new()
    } else {
        insert_grouping(n.digits, min_width, locale)
    };
    let used = around + body.chars().count();
    body.push_str(point);
    body.push_str(n.remainder);
    let mut out = Padded {
        fill: spec.fill,
        prefix: format!("{sign}{}", n.base_prefix),
        body,
        ..Padded::default()
    };
    distribute(&mut out, width.saturating_sub(used), spec.align);
    Ok(out)
}

fn distribute(out: &mut Padded, padding: usize, align: u8) {
    match align {
        b'<' => out.right = padding,
        b'^' => {
            out.left = padding / 2;
            out.right = padding - out.left;
        }
        b'=' => out.inner = padding,
        _ => out.left = padding,
    }
}

fn locale_of<'a>(
    spec: &Spec,
    current: &'a LocaleNumeric,
    fixed: &'a mut LocaleNumeric,
) -> &'a LocaleNumeric {
    if spec.code == 'n' as u32 {
        return current;
    }
    *fixed = LocaleNumeric::of_separator(spec.separator);
    fixed
}

fn check_int_spec(spec: &Spec) -> Result<(), NumError> {
    if spec.precision.is_some() {
        return Err(NumError::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(NumError::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    Ok(())
}

/// An int under a code in `bdoxXn`. `c` goes to `format_char`, float codes to `format_float`.
/// The caller has checked the limit on decimal digits.
pub fn format_int(
    value: IntRef,
    spec: &Spec,
    type_name: &str,
    locale: &LocaleNumeric,
) -> Result<Padded, NumError> {
    let (base, prefix) = match u8::try_from(spec.code) {
        Ok(b'b') => (2, "0b"),
        Ok(b'o') => (8, "0o"),
        Ok(b'x') => (16, "0x"),
        Ok(b'X') => (16, "0X"),
        Ok(b'd' | b'n') => (10, ""),
        _ => return Err(unknown_code(spec.code, type_name)),
    };
    check_int_spec(spec)?;
    let mut digits = to_text(value.abs(), base);
    if spec.code == 'X' as u32 {
        digits.make_ascii_uppercase();
    }
    let number = Number {
        negative: value.negative,
        base_prefix: if spec.alternate { prefix } else { "" },
        digits: &digits,
        remainder: "",
        has_point: false,
    };
    let mut fixed = LocaleNumeric::c();
    lay_out(&number, spec, locale_of(spec, locale, &mut fixed))
}

/// An int under `c`. `code_point` is `None` where the int is out of a C long's range, for which
/// the caller raises its own OverflowError after these checks.
pub fn format_char(code_point: Option<i64>, spec: &Spec) -> Result<Vec<u32>, NumError> {
    check_int_spec(spec)?;
    if spec.sign != 0 {
        return Err(NumError::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(NumError::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let Some(c) = code_point else {
        return Err(NumError::overflow("Python int too large to convert to C long"));
    };
    let Some(c) = u32::try_from(c).ok().filter(|&c| c <= 0x10ffff) else {
        return Err(NumError::overflow("%c arg not in range(0x110000)"));
    };
    let mut pad = Padded { fill: spec.fill, ..Padded::default() };
    distribute(&mut pad, check_size(spec.width.unwrap_or(0))?.saturating_sub(1), spec.align);
    let mut out = vec![spec.fill; pad.left + pad.inner];
    out.push(c);
    out.extend(std::iter::repeat_n(spec.fill, pad.right));
    Ok(out)
}

/// `text` split at the end of its integer digits.
fn split_float(text: &str) -> Number<'_> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let end = text.bytes().position(|c| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let (has_point, remainder) = match rest.strip_prefix('.') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    Number { negative, base_prefix: "", digits, remainder, has_point }
}

/// Style, precision and flags that a spec asks for; code 0 is the repr-like default.
fn float_style(spec: &Spec) -> Result<(FloatStyle, usize, StyleFlags), NumError> {
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(NumError::value("precision too big"));
    }
    let code = u8::try_from(spec.code).unwrap_or(0);
    let flags = StyleFlags {
        upper: code.is_ascii_uppercase(),
        alternate: spec.alternate,
        add_dot_0: false,
        no_negative_zero: spec.no_negative_zero,
    };
    let style = match (code, spec.precision) {
        (b'e' | b'E', _) => FloatStyle::Exponent,
        (b'f' | b'F' | b'%', _) => FloatStyle::Fixed,
        (0, None) => FloatStyle::Repr,
        _ => FloatStyle::General,
    };
    Ok((style, spec.precision.unwrap_or(6), flags))
}

/// A float, or an int under a float code.
pub fn format_float(
    value: f64,
    spec: &Spec,
    type_name: &str,
    locale: &LocaleNumeric,
) -> Result<Padded, NumError> {
    let code = u8::try_from(spec.code).unwrap_or(b'?');
    if code != 0 && code != b'n' && !is_float_code(code as u32) {
        return Err(unknown_code(spec.code, type_name));
    }
    let (style, precision, mut flags) = float_style(spec)?;
    flags.add_dot_0 = code == 0;
    let percent = code == b'%';
    let value = if percent { value * 100.0 } else { value };
    let mut text = float::format(value, style, precision, flags);
    if percent {
        text.push('%');
    }
    let number = split_float(&text);
    let mut fixed = LocaleNumeric::c();
    lay_out(&number, spec, locale_of(spec, locale, &mut fixed))
}

pub fn format_complex(
    re: f64,
    im: f64,
    spec: &Spec,
    type_name: &str,
    locale: &LocaleNumeric,
) -> Result<Padded, NumError> {
    let code = u8::try_from(spec.code).unwrap_or(b'?');
    if code == b'%' || (code != 0 && code != b'n' && !is_float_code(code as u32)) {
        return Err(unknown_code(spec.code, type_name));
    }
    let (style, precision, flags) = float_style(spec)?;
    if spec.fill == '0' as u32 {
        return Err(NumError::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == b'=' {
        return Err(NumError::value(
            "'=' alignment flag is not allowed in complex format specifier",
        ));
    }
    let default_code = code == 0;
    let skip_re = default_code && re == 0.0 && re.is_sign_positive();
    let parens = default_code && !skip_re;
    let mut fixed = LocaleNumeric::c();
    let locale = locale_of(spec, locale, &mut fixed);
    let bare = Spec { fill: ' ' as u32, align: b'<', width: None, ..*spec };
    let part = |value: f64, spec: &Spec| -> Result<String, NumError> {
        let text = float::format(value, style, precision, flags);
        let padded = lay_out(&split_float(&text), spec, locale)?;
        Ok(padded.prefix + &padded.body)
    };
    let mut body = String::new();
    if parens {
        body.push('(');
    }
    if skip_re {
        body.push_str(&part(im, &bare)?);
    } else {
        body.push_str(&part(re, &bare)?);
        body.push_str(&part(im, &Spec { sign: b'+', ..bare })?);
    }
    body.push('j');
    if parens {
        body.push(')');
    }
    let width = check_size(spec.width.unwrap_or(0))?;
    let padding = width.saturating_sub(body.chars().count());
    let mut out = Padded { fill: spec.fill, body, ..Padded::default() };
    distribute(&mut out, padding, spec.align);
    Ok(out)
}

/// A string of `len` characters.
pub fn format_str(len: usize, spec: &Spec, type_name: &str) -> Result<PaddedStr, NumError> {
    if spec.code != 's' as u32 {
        return Err(unknown_code(spec.code, type_name));
    }
    let refuse =
        |what: &str| Err(NumError::value(format!("{what} not allowed in string format specifier")));
    match spec.sign {
        0 => {}
        b' ' => return refuse("Space"),
        _ => return refuse("Sign"),
    }
    if spec.no_negative_zero {
        return refuse("Negative zero coercion (z)");
    }
    if spec.alternate {
        return refuse("Alternate form (#)");
    }
    if spec.align == b'=' {
        return refuse("'=' alignment");
    }
    debug_assert_ne!(spec.separator, Separator::UnderscoreFour);
    let take = spec.precision.map_or(len, |p| p.min(len));
    let padding = check_size(spec.width.unwrap_or(0))?.saturating_sub(take);
    let (left, right) = match spec.align {
        b'>' => (padding, 0),
        b'^' => (padding / 2, padding - padding / 2),
        _ => (0, padding),
    };
    Ok(PaddedStr { fill: spec.fill, left, take, right })
}

impl NumError {
    pub fn is_memory(&self) -> bool {
        self.class == ErrorClass::Memory
    }
}
