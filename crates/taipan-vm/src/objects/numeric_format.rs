//! `__format__` of int, float and complex: specs are parsed and applied by `taipan_numtext`;
//! here are the errors, the locale and the resulting str.

use crate::objects::{complex, float, int};
use crate::prelude::*;
use taipan_numtext::formatspec::{self, Defaults, LocaleNumeric, Spec};
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

fn parsed(cx: &Thread, spec: &Str, defaults: Defaults<'_>) -> Res<Spec> {
    let points: Vec<u32> = spec.chars().collect();
    formatspec::parse(&points, defaults, &|c| taipan_unicode::decimal_value(c).map(u32::from))
        .map_err(|e| int::raise_num(cx, e))
}

/// The str of a formatted number.
pub fn padded_str(cx: &Thread, p: &Padded) -> Value {
    Value::from_ref(match p.render() {
        Some(s) => Str::new(cx, &s),
        None => Str::from_chars(cx, p.render_code_points()),
    })
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
    let s = parsed(cx, spec, Defaults::for_int(&name))?;
    let locale = locale_for(&s);
    if formatspec::is_float_code(s.code) {
        let x = int::as_f64(cx, v)?;
        return finish(cx, formatspec::format_float(x, &s, &name, &locale));
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
    finish(cx, formatspec::format_int(d.get(), &s, &name, &locale))
}

pub fn format_float(cx: &Thread, v: Value, spec: &Str) -> Res {
    if spec.len() == 0 {
        return Ok(Value::from_ref(to_str(cx, v)?));
    }
    let name = v.ty().name();
    let s = parsed(cx, spec, Defaults::for_float(&name))?;
    let x = float_value(v).expect("the method checked that it is a float");
    finish(cx, formatspec::format_float(x, &s, &name, &locale_for(&s)))
}

pub fn format_complex(cx: &Thread, v: Value, spec: &Str) -> Res {
    if spec.len() == 0 {
        return Ok(Value::from_ref(to_str(cx, v)?));
    }
    let name = v.ty().name();
    let s = parsed(cx, spec, Defaults::for_float(&name))?;
    let z = complex::value(v).expect("the method checked that it is a complex");
    finish(cx, formatspec::format_complex(z.re, z.im, &s, &name, &locale_for(&s)))
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
    let sign = if d.get().negative { "-" } else { "" };
    let digits = bigint::to_text(d.get().abs(), base);
    Ok(Value::from_ref(Str::new(cx, &format!("{sign}{prefix}{digits}"))))
}

/// `float` as `repr` shows it.
pub fn float_repr(cx: &Thread, x: f64) -> Value {
    Value::from_ref(Str::new(cx, &float::repr_text(x)))
}
