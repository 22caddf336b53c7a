//! Text encodings: the codecs that CPython has in C, their error handlers, and the registry.
//! The functions of the `_codecs` module are thin covers of what is here (`_codecs.rs`).
//!
//! Decoders work on a snapshot of their input and give the text and how many bytes they used.

pub mod charmap;
pub mod errors;
pub mod escapes;
pub mod registry;
pub mod single;
pub mod utf7;
pub mod utf8;
pub mod wide;

use crate::objects::str::Data;
use crate::prelude::*;

/// Decoded text and the bytes it took.
pub type Decoded = Res<(&'static Str, usize)>;

/// An encoding that needs no registry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shortcut {
    Utf8,
    Latin1,
    Ascii,
    Utf16,
    Utf32,
}

/// Lower case, runs of other characters as one underscore (`_Py_normalize_encoding`).
pub fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

fn shortcut(encoding: Option<&Str>) -> Option<Shortcut> {
    let Some(e) = encoding else { return Some(Shortcut::Utf8) };
    let name = e.as_ascii()?;
    match name {
        "utf-8" | "utf8" | "UTF-8" => return Some(Shortcut::Utf8),
        "latin-1" | "latin1" | "iso-8859-1" => return Some(Shortcut::Latin1),
        "ascii" => return Some(Shortcut::Ascii),
        _ => {}
    }
    if name.len() > 11 {
        return None;
    }
    Some(match normalize(name).as_str() {
        "utf_8" | "utf8" => Shortcut::Utf8,
        "latin1" | "latin_1" | "iso_8859_1" | "iso8859_1" => Shortcut::Latin1,
        "ascii" | "us_ascii" => Shortcut::Ascii,
        "utf_16" | "utf16" => Shortcut::Utf16,
        "utf_32" | "utf32" => Shortcut::Utf32,
        _ => return None,
    })
}

fn checked_name(cx: &Thread, s: Option<&'static Str>) -> Res<()> {
    if let Some(s) = s {
        if s.chars().any(|c| c == 0) {
            raise!(cx, ValueError, "embedded null character");
        }
        s.utf8(cx)?;
    }
    Ok(())
}

/// In development mode unknown names are refused even where nothing needs them.
fn check_in_dev_mode(
    cx: &Thread,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
) -> Res<()> {
    if !cx.vm.config.get().is_some_and(|c| c.dev_mode) {
        return Ok(());
    }
    if let Some(e) = encoding.filter(|e| shortcut(Some(e)).is_none()) {
        registry::lookup(cx, e)?;
    }
    if errors.is_some_and(|e| errors::Mode::of(Some(e)) == errors::Mode::Other) {
        registry::lookup_error(cx, errors)?;
    }
    Ok(())
}

/// `s.encode(encoding, errors)`.
pub fn encode_str(
    cx: &Thread,
    s: &'static Str,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
) -> Res {
    if let (None, None, Some(a)) = (encoding, errors, s.as_ascii()) {
        return Ok(Value::from_ref(Bytes::new(cx, a.as_bytes())));
    }
    checked_name(cx, encoding)?;
    checked_name(cx, errors)?;
    check_in_dev_mode(cx, encoding, errors)?;
    let bytes = match shortcut(encoding) {
        Some(Shortcut::Utf8) => {
            if let Some(a) = s.as_ascii() {
                return Ok(Value::from_ref(Bytes::new(cx, a.as_bytes())));
            }
            if let Some(b) = utf8::encode_whole(cx, s)? {
                return Ok(b);
            }
            utf8::encode(cx, s, errors)?
        }
        Some(Shortcut::Latin1) => match s.data() {
            Data::Ascii(d) | Data::Latin1(d) => return Ok(Value::from_ref(Bytes::new(cx, d))),
            _ => single::encode(cx, s, errors, 0x100)?,
        },
        Some(Shortcut::Ascii) => single::encode(cx, s, errors, 0x80)?,
        Some(Shortcut::Utf16) => wide::encode_utf16(cx, s, errors, 0)?,
        Some(Shortcut::Utf32) => wide::encode_utf32(cx, s, errors, 0)?,
        None => {
            let name = encoding.expect("only a given encoding has no shortcut");
            let r = registry::encode_text(cx, Value::from_ref(s), name, errors)?;
            if r.downcast::<Bytes>().is_some() {
                return Ok(r);
            }
            if let Some(b) = r.downcast::<crate::objects::bytearray::ByteArray>() {
                let msg = format!(
                    "encoder {name} returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types"
                );
                crate::objects::warn(cx, exc::RuntimeWarning(), &msg, 1)?;
                return Ok(Value::from_ref(Bytes::new(cx, &b.to_vec())));
            }
            raise!(
                cx,
                TypeError,
                "'{name}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
                r.ty().name()
            );
        }
    };
    Ok(Value::from_ref(Bytes::new(cx, &bytes)))
}

/// `b.decode(encoding, errors)`; `object` is what the bytes came from.
pub fn decode_bytes(
    cx: &Thread,
    object: Value,
    data: &[u8],
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
) -> Res {
    checked_name(cx, encoding)?;
    checked_name(cx, errors)?;
    check_in_dev_mode(cx, encoding, errors)?;
    let text = match shortcut(encoding) {
        Some(Shortcut::Utf8) => utf8::decode(cx, data, errors, true)?.0,
        Some(Shortcut::Latin1) => Str::from_latin1(cx, data),
        Some(Shortcut::Ascii) if data.is_ascii() => Str::from_ascii(cx, data),
        Some(Shortcut::Ascii) => single::decode_ascii(cx, data, errors)?.0,
        Some(Shortcut::Utf16) => wide::decode_utf16(cx, data, errors, &mut 0, true)?.0,
        Some(Shortcut::Utf32) => wide::decode_utf32(cx, data, errors, &mut 0, true)?.0,
        None => {
            let name = encoding.expect("only a given encoding has no shortcut");
            let view = if object.downcast::<Bytes>().is_some() {
                object
            } else {
                crate::objects::memoryview::from_object(cx, object)?
            };
            let r = registry::decode_text(cx, view, name, errors)?;
            if r.downcast::<Str>().is_none() {
                raise!(
                    cx,
                    TypeError,
                    "'{name}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
                    r.ty().name()
                );
            }
            return Ok(r);
        }
    };
    Ok(Value::from_ref(text))
}
