//! `__format__` of int, float and complex: specs are parsed and applied by `taipan_numtext`;
//! here are the errors, the locale and the resulting str.

use crate::objects::str::percent::push_padded;
use crate::objects::str::{Data, StrBuilder};
use crate::objects::{complex, int};
use crate::prelude::*;
use taipan_numtext::formatspec::{self, Defaults, LocaleNumeric, Separator, Spec};
use taipan_numtext::short::{Groups, Short};
use taipan_numtext::{NumError, Padded, bigint};

/// `LC_NUMERIC` of the process (`localeconv`).
pub fn current_locale() -> LocaleNumeric {
    // SAFETY: localeconv returns static storage; strings are copied at once. Another thread that
    // calls it meanwhile rewrites the same values.
    unsafe {
        let lc = libc::localeconv();
        if lc.is_null() {
            return LocaleNumeric::c();
        }
        let text = |p: *const libc::c_char| -> String {
            if p.is_null() {
                return String::new();
            }
            std::ffi::CStr::from_ptr(p).to_string_lossy().into_owned()
        };
        let grouping = if (*lc).grouping.is_null() {
            Vec::new()
        } else {
            std::ffi::CStr::from_ptr((*lc).grouping).to_bytes().to_vec()
        };
        LocaleNumeric {
            decimal_point: text((*lc).decimal_point),
            thousands_sep: text((*lc).thousands_sep),
            grouping,
        }
    }
}

fn locale_for(spec: &Spec) -> LocaleNumeric {
    if spec.code == 'n' as u32 { current_locale() } else { LocaleNumeric::c() }
}

/// Parses a format spec at the width of its characters.
pub fn parse_spec(cx: &Thread, spec: &Str, defaults: Defaults<'_>) -> Res<Spec> {
    if let Data::Ascii(d) = spec.data() {
        if let Some(s) = formatspec::parse_quick(d, defaults) {
            return Ok(s);
        }
    }
    let decimal = |c| taipan_unicode::decimal_value(c).map(u32::from);
    match spec.data() {
        Data::Ascii(d) | Data::Latin1(d) => formatspec::parse(d, defaults, &decimal),
        Data::Ucs2(d) => formatspec::parse(d, defaults, &decimal),
        Data::Ucs4(d) => formatspec::parse(d, defaults, &decimal),
    }
    .map_err(|e| int::raise_num(cx, e))
}

/// Wider fields are left to the general way, with its check of the size.
const QUICK_WIDTH: usize = 1 << 20;

/// The separator of a spec, where a number that is not filled with zeros between sign and digits
/// takes it as it is.
fn groups(s: &Spec) -> Option<Option<Groups>> {
    let g = match s.separator {
        Separator::None => return Some(None),
        Separator::Comma => Groups { separator: b',', size: 3 },
        Separator::Underscore => Groups { separator: b'_', size: 3 },
        Separator::UnderscoreFour => Groups { separator: b'_', size: 4 },
    };
    if s.fill == '0' as u32 && s.align == b'=' { None } else { Some(Some(g)) }
}

/// Sign, prefix and digits with their padding, written into the str; `None` where the spec asks
/// for what only the general way does.
fn lay_out(cx: &Thread, negative: bool, prefix: &[u8], body: &[u8], s: &Spec) -> Option<Value> {
    let (width, fill) = (s.width.unwrap_or(0), s.fill);
    if width > QUICK_WIDTH || fill >= 0x80 {
        return None;
    }
    let sign: &[u8] = match (negative, s.sign) {
        (true, _) => b"-",
        (false, b'+') => b"+",
        (false, b' ') => b" ",
        _ => b"",
    };
    let used = sign.len() + prefix.len() + body.len();
    let padding = width.saturating_sub(used);
    let (left, inner) = match s.align {
        b'<' => (0, 0),
        b'^' => (padding / 2, 0),
        b'=' => (0, padding),
        _ => (padding, 0),
    };
    let made = Str::build_narrow(cx, used + padding, true, |out| {
        let (head, out) = out.split_at_mut(left);
        head.fill(fill as u8);
        let (to, out) = out.split_at_mut(sign.len());
        to.copy_from_slice(sign);
        let (to, out) = out.split_at_mut(prefix.len());
        to.copy_from_slice(prefix);
        let (to, out) = out.split_at_mut(inner);
        to.fill(fill as u8);
        let (to, rest) = out.split_at_mut(body.len());
        to.copy_from_slice(body);
        rest.fill(fill as u8);
    });
    made.ok().map(Value::from_ref)
}

fn quick_int(cx: &Thread, i: i64, s: &Spec) -> Option<Value> {
    if s.precision.is_some() || s.no_negative_zero {
        return None;
    }
    let (base, prefix, upper): (u32, &[u8], bool) = match u8::try_from(s.code) {
        Ok(b'd') => (10, b"", false),
        Ok(b'x') => (16, b"0x", false),
        Ok(b'X') => (16, b"0X", true),
        Ok(b'o') => (8, b"0o", false),
        Ok(b'b') => (2, b"0b", false),
        _ => return None,
    };
    let digits = Short::int(i.unsigned_abs(), base, upper, groups(s)?);
    lay_out(cx, i < 0, if s.alternate { prefix } else { b"" }, digits.as_bytes(), s)
}

fn quick_float(cx: &Thread, x: f64, s: &Spec) -> Option<Value> {
    let code = u8::try_from(s.code).ok()?;
    let precision = s.precision.unwrap_or(6);
    if !x.is_finite() || s.no_negative_zero || s.alternate || !matches!(code, b'f' | b'F') {
        return None;
    }
    let text = Short::fixed(x, precision, groups(s)?)?;
    lay_out(cx, x.is_sign_negative(), b"", text.as_bytes(), s)
}

/// The str of a formatted number.
pub fn padded_str(cx: &Thread, p: &Padded) -> Value {
    let padding = p.left + p.inner + p.right;
    let mut b = StrBuilder::with_capacity(padding + p.prefix.len() + p.body.len());
    push_padded(&mut b, p);
    b.value(cx)
}

/// Formats a number of `digits` bytes: as a blocking region where digits, width or precision are many.
fn laid_out(
    cx: &Thread,
    s: &Spec,
    digits: usize,
    format: impl FnOnce() -> Result<Padded, NumError> + Send,
) -> Res {
    let asked = s.width.unwrap_or(0).saturating_add(s.precision.unwrap_or(0));
    finish(cx, cx.plain(asked.saturating_add(digits), format))
}

fn finish(cx: &Thread, r: Result<Padded, NumError>) -> Res {
    match r {
        Ok(p) => Ok(padded_str(cx, &p)),
        Err(e) => Err(int::raise_num(cx, e)),
    }
}

pub fn format_int(cx: &Thread, v: Value, spec: &Str) -> Res {
    if spec.len() == 0 {
        return Ok(Value::from_ref(to_str(cx, v)?));
    }
    let name = v.ty().name();
    let s = parse_spec(cx, spec, Defaults::for_int(&name))?;
    if let Some(r) = v.as_small().and_then(|i| quick_int(cx, i, &s)) {
        return Ok(r);
    }
    let locale = locale_for(&s);
    if formatspec::is_float_code(s.code) {
        let x = int::as_f64(cx, v)?;
        return laid_out(cx, &s, 0, || formatspec::format_float(x, &s, &name, &locale));
    }
    let d = int::digits_of(v);
    if s.code == 'c' as u32 {
        let c = d.get().to_i64();
        return match formatspec::format_char(c, &s) {
            Ok(points) => Ok(Value::from_ref(Str::from_chars(cx, points))),
            Err(e) => Err(int::raise_num(cx, e)),
        };
    }
    if matches!(char::from_u32(s.code), Some('d' | 'n')) {
        int::check_print_limit(cx, d.get())?;
    }
    let i = d.get();
    // To make digits of a machine word takes as long as copying many.
    laid_out(cx, &s, 64 * size_of_val(i.digits), || formatspec::format_int(i, &s, &name, &locale))
}

pub fn format_float(cx: &Thread, v: Value, spec: &Str) -> Res {
    if spec.len() == 0 {
        return Ok(Value::from_ref(to_str(cx, v)?));
    }
    let name = v.ty().name();
    let s = parse_spec(cx, spec, Defaults::for_float(&name))?;
    let x = float_value(v).expect("the method checked that it is a float");
    if let Some(r) = quick_float(cx, x, &s) {
        return Ok(r);
    }
    let locale = locale_for(&s);
    laid_out(cx, &s, 0, || formatspec::format_float(x, &s, &name, &locale))
}

pub fn format_complex(cx: &Thread, v: Value, spec: &Str) -> Res {
    if spec.len() == 0 {
        return Ok(Value::from_ref(to_str(cx, v)?));
    }
    let name = v.ty().name();
    let s = parse_spec(cx, spec, Defaults::for_float(&name))?;
    let z = complex::value(v).expect("the method checked that it is a complex");
    let locale = locale_for(&s);
    laid_out(cx, &s, 0, || formatspec::format_complex(z.re, z.im, &s, &name, &locale))
}

/// `hex`, `oct`, `bin`: digits with the base's prefix.
pub fn prefixed(cx: &Thread, v: Value, base: u32) -> Res {
    let i = index(cx, v)?;
    let d = int::digits_of(i);
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        _ => "0x",
    };
    if let Some(i) = i.as_small() {
        let text = Short::int(i.unsigned_abs(), base, false, None);
        let (sign, text) = (if i < 0 { &b"-"[..] } else { b"" }, text.as_bytes());
        let s = Str::build_narrow(cx, sign.len() + 2 + text.len(), true, |out| {
            out[..sign.len()].copy_from_slice(sign);
            out[sign.len()..sign.len() + 2].copy_from_slice(prefix.as_bytes());
            out[sign.len() + 2..].copy_from_slice(text);
        })?;
        return Ok(Value::from_ref(s));
    }
    let sign = if d.get().negative { "-" } else { "" };
    let digits = bigint::to_text(d.get().abs(), base);
    Ok(Value::from_ref(Str::new(cx, &format!("{sign}{prefix}{digits}"))))
}

/// `float` as `repr` shows it.
pub fn float_repr(cx: &Thread, x: f64) -> Value {
    Value::from_ref(float_str(cx, x))
}

/// As `float_repr`.
pub fn float_str(cx: &Thread, x: f64) -> &'static Str {
    taipan_numtext::float::with_repr(x, |text| Str::from_ascii(cx, text.as_bytes()))
}
