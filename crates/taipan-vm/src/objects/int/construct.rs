//! `int(...)`: from numbers, text and bytes (`PyNumber_Long`, `PyLong_FromString`).

use super::*;
use taipan_numtext::bigint::ParseError;

/// Text of a number in ASCII: Unicode blanks and decimal digits mapped, anything else '?'.
pub fn ascii_number(s: &Str) -> Vec<u8> {
    // SAFETY: the text never changes, and the caller holds it.
    unsafe { taipan_heap::Mutator::here().plain(4 * s.len(), || ascii_number_here(s)) }
}

fn ascii_number_here(s: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    for c in s.chars() {
        out.push(match c {
            0..127 => c as u8,
            _ if taipan_unicode::is_space(c) => b' ',
            _ => match taipan_unicode::decimal_value(c) {
                Some(d) => b'0' + d,
                None => {
                    // What follows is not looked at: an underscore there is no fault of its own.
                    out.push(b'?');
                    break;
                }
            },
        });
    }
    out
}

/// A copy of the bytes of an object with the buffer protocol; `None`: it has none.
pub fn buffer_text(cx: &Thread, v: Value) -> Res<Option<Vec<u8>>> {
    if let Some(b) = v.downcast::<Bytes>() {
        return Ok(Some(cx.plain(b.len(), || b.as_slice().to_vec())));
    }
    let slots = v.ty().slots();
    let Some(get) = slots.getbuffer.get() else { return Ok(None) };
    let b = get(cx, v, crate::buffer::bufflag::SIMPLE)?;
    // SAFETY: the exporter keeps len bytes at ptr until the release; they are copied without
    // forming a reference to memory that another thread may write.
    let copy = unsafe {
        let mut copy = Vec::with_capacity(b.len);
        std::ptr::copy_nonoverlapping(b.ptr, copy.as_mut_ptr(), b.len);
        copy.set_len(b.len);
        copy
    };
    if let Some(release) = slots.releasebuffer.get() {
        release(cx, v, &b)?;
    }
    Ok(Some(copy))
}

/// A copy of the bytes of a bytes or bytearray object; `None` for anything else.
pub fn bytes_or_bytearray(cx: &Thread, v: Value) -> Res<Option<Vec<u8>>> {
    if v.downcast::<Bytes>().is_some() || is_bytearray(v) { buffer_text(cx, v) } else { Ok(None) }
}

/// `isinstance(v, bytearray)`.
fn is_bytearray(v: Value) -> bool {
    let mut class = Some(v.ty());
    while let Some(c) = class {
        if c.info().native.is_some_and(|n| n.name == "bytearray") {
            return true;
        }
        class = c.base();
    }
    false
}

fn parse(cx: &Thread, text: &[u8], base: u32) -> Result<bigint::Int, ParseError> {
    let limit = text::max_str_digits(cx);
    if text.len() < 5000 {
        bigint::parse(text, base, limit)
    } else {
        room(text.len().saturating_mul(4));
        cx.detach(|| bigint::parse(text, base, limit))
    }
}

/// An int from text; `shown` is what an error shows.
fn from_text(cx: &Thread, text: &[u8], base: u32, shown: Value) -> Res<bigint::Int> {
    match parse(cx, text, base) {
        Ok(i) => Ok(i),
        Err(ParseError::TooManyDigits { limit, digits }) => {
            raise!(cx, ValueError, "{}", bigint::digit_limit_parse_message(limit, digits))
        }
        Err(ParseError::Invalid) => {
            let repr = repr(cx, shown)?.to_str_lossy().into_owned();
            let cut: String = repr.chars().take(200).collect();
            raise!(cx, ValueError, "invalid literal for int() with base {base}: {cut}")
        }
    }
}

/// `int(s, base)` of a str.
pub fn parse_str(cx: &Thread, s: &Str, base: u32) -> Res<bigint::Int> {
    from_text(cx, &ascii_number(s), base, Value::from_ref(s))
}

/// `int(b, base)` of bytes.
pub fn parse_bytes(cx: &Thread, b: &[u8], base: u32) -> Res<bigint::Int> {
    // The error shows at most 200 bytes.
    let shown = &b[..b.len().min(200)];
    match parse(cx, b, base) {
        Ok(i) => Ok(i),
        Err(_) => from_text(cx, b, base, Value::from_ref(Bytes::new(cx, shown))),
    }
}

/// `int(v)` as an exact int (`PyNumber_Long`).
pub fn number_to_int(cx: &Thread, v: Value) -> Res {
    if is_exact_int(v) {
        return Ok(v);
    }
    if let Some(s) = v.downcast_exact::<Str>() {
        return match s.as_ascii().and_then(short_decimal) {
            Some(i) => Ok(Value::small(i)),
            None => Ok(from_big(cx, &parse_str(cx, s, 10)?)),
        };
    }
    if let Some(f) = v.ty().slots().int.get() {
        let r = f(cx, v)?;
        if is_exact_int(r) {
            return Ok(r);
        }
        let name = r.ty().name();
        if !is_int(r) {
            raise!(cx, TypeError, "__int__ returned non-int (type {name})");
        }
        crate::objects::warn_deprecated(
            cx,
            &format!(
                "__int__ returned non-int (type {name}).  The ability to return an instance of a \
                 strict subclass of int is deprecated, and may be removed in a future version of \
                 Python."
            ),
        )?;
        return Ok(exact(cx, r));
    }
    if v.ty().slots().index.get().is_some() {
        return index(cx, v);
    }
    if let Some(r) = truncated(cx, v)? {
        return Ok(r);
    }
    if let Some(s) = v.downcast::<Str>() {
        return Ok(from_big(cx, &parse_str(cx, s, 10)?));
    }
    match buffer_text(cx, v)? {
        Some(b) => Ok(from_big(cx, &parse_bytes(cx, &b, 10)?)),
        None => raise!(
            cx,
            TypeError,
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            v.ty().name()
        ),
    }
}

/// Decimal digits with nothing but a sign around them, few enough for an unboxed int.
fn short_decimal(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 14 {
        return None;
    }
    let mut n = 0i64;
    for b in digits {
        if !b.is_ascii_digit() {
            return None;
        }
        n = n * 10 + i64::from(b - b'0');
    }
    Some(if negative { -n } else { n })
}

/// The deprecated delegation to `__trunc__`.
fn truncated(cx: &Thread, v: Value) -> Res<Option<Value>> {
    let Some(f) = lookup_special(cx, v, id!(cx, "__trunc__"))? else { return Ok(None) };
    crate::objects::warn_deprecated(cx, "The delegation of int() to __trunc__ is deprecated.")?;
    let r = call(cx, f, &[])?;
    if is_int(r) {
        return Ok(Some(exact(cx, r)));
    }
    if r.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "__trunc__ returned non-Integral (type {})", r.ty().name());
    }
    index(cx, r).map(Some)
}

/// `int.__new__(cls, x, base)`.
pub fn new(cx: &Thread, cls: &Type, x: Option<Value>, base: Option<Value>) -> Res {
    let v = value_for_new(cx, x, base)?;
    if cls.is(int_type()) {
        return Ok(v);
    }
    Ok(new_boxed(cx, cls, digits_of(v).get()))
}

fn value_for_new(cx: &Thread, x: Option<Value>, base: Option<Value>) -> Res {
    let Some(x) = x else {
        if base.is_some() {
            raise!(cx, TypeError, "int() missing string argument");
        }
        return Ok(Value::small(0));
    };
    let Some(base) = base else { return number_to_int(cx, x) };
    let base = index_clip(cx, base)?;
    if (base != 0 && base < 2) || base > 36 {
        raise!(cx, ValueError, "int() base must be >= 2 and <= 36, or 0");
    }
    let base = base as u32;
    if let Some(s) = x.downcast::<Str>() {
        return Ok(from_big(cx, &parse_str(cx, s, base)?));
    }
    if let Some(b) = bytes_or_bytearray(cx, x)? {
        return Ok(from_big(cx, &parse_bytes(cx, &b, base)?));
    }
    raise!(cx, TypeError, "int() can't convert non-string with explicit base")
}
