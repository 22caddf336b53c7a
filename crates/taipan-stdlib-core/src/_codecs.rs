//! `_codecs`: covers over `taipan_vm::codecs`. No codec is implemented here.

use taipan_vm::buffer::ByteArg;
use taipan_vm::codecs::{charmap, escapes, registry, single, utf7, utf8, wide};
use taipan_vm::prelude::*;

/// `errors`: a str, or None for strict.
type Errors = Option<&'static Str>;

fn errors_arg(cx: &Thread, v: Value, fname: &str) -> Res<Errors> {
    if v.is_none() {
        return Ok(None);
    }
    match v.downcast::<Str>() {
        Some(s) => Ok(Some(s)),
        None => {
            raise!(
                cx,
                TypeError,
                "{fname}() argument 2 must be str or None, not {}",
                taipan_vm::bind::type_or_none(v)
            )
        }
    }
}

fn pair(cx: &Thread, v: Value, n: usize) -> Res {
    Ok(Value::from_ref(Tuple::pair(cx, v, Value::small(n as i64))))
}

fn decoded(cx: &Thread, r: (&'static Str, usize)) -> Res {
    pair(cx, Value::from_ref(r.0), r.1)
}

fn encoded(cx: &Thread, s: &Str, b: Vec<u8>) -> Res {
    pair(cx, Value::from_ref(Bytes::new(cx, &b)), s.len())
}

/// The data of an argument that is a buffer, or a str taken as UTF-8.
fn str_or_buffer(cx: &Thread, v: Value) -> Res<ByteArg> {
    match v.downcast::<Str>() {
        Some(s) => Ok(ByteArg::Copied(s.utf8(cx)?.into_owned().into_bytes())),
        None => ByteArg::get(cx, v),
    }
}

/// Adds a codec search function.
#[pyfunction]
fn register(cx: &Thread, search_function: Value) -> Res<()> {
    registry::register(cx, search_function)
}

/// Removes a codec search function and forgets the codecs found.
#[pyfunction]
fn unregister(cx: &Thread, search_function: Value) -> Res<()> {
    registry::unregister(cx, search_function)
}

/// The codec of an encoding, as a CodecInfo.
#[pyfunction]
fn lookup(cx: &Thread, encoding: &'static Str) -> Res {
    registry::lookup(cx, encoding).map(|t| Value::from_ref(t))
}

/// Encodes an object with any codec.
#[pyfunction(sig = "(obj, encoding='utf-8', errors='strict')")]
fn encode(
    cx: &Thread,
    obj: Value,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
) -> Res {
    let e = match encoding {
        Some(e) => e,
        None => id!(cx, "utf-8"),
    };
    registry::encode(cx, obj, e, errors)
}

/// Decodes an object with any codec.
#[pyfunction(sig = "(obj, encoding='utf-8', errors='strict')")]
fn decode(
    cx: &Thread,
    obj: Value,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
) -> Res {
    let e = match encoding {
        Some(e) => e,
        None => id!(cx, "utf-8"),
    };
    registry::decode(cx, obj, e, errors)
}

/// Forgets a codec that was found: for tests.
#[pyfunction]
fn _forget_codec(cx: &Thread, encoding: &'static Str) -> Res<()> {
    registry::forget(cx, encoding)
}

/// Names an error handler.
#[pyfunction]
fn register_error(cx: &Thread, errors: &'static Str, handler: Value) -> Res<()> {
    registry::register_error(cx, errors, handler)
}

/// The error handler of a name.
#[pyfunction]
fn lookup_error(cx: &Thread, name: &'static Str) -> Res {
    registry::lookup_error(cx, Some(name))
}

#[pyfunction(sig = "(data, errors=None, /)")]
fn escape_decode(cx: &Thread, data: Value, errors: Value) -> Res {
    let e = errors_arg(cx, errors, "escape_decode")?;
    let d = str_or_buffer(cx, data)?;
    let out = escapes::bytes_decode(cx, &d, e)?;
    pair(cx, Value::from_ref(Bytes::new(cx, &out)), d.len())
}

#[pyfunction(sig = "(data, errors=None, /)")]
fn escape_encode(cx: &Thread, data: &'static Bytes, errors: Value) -> Res {
    errors_arg(cx, errors, "escape_encode")?;
    let data_bytes = data.as_slice();
    let out = cx.plain(4 * data_bytes.len(), || escapes::bytes_encode(data_bytes));
    pair(cx, Value::from_ref(Bytes::new(cx, &out)), data.len())
}

macro_rules! final_decoders {
    ($($name:ident = $f:path;)*) => {$(
        #[pyfunction(sig = "(data, errors=None, final=False, /)")]
        fn $name(cx: &Thread, data: ByteArg, errors: Value, is_final: bool) -> Res {
            let e = errors_arg(cx, errors, stringify!($name))?;
            let (s, n) = $f(cx, &data, e, is_final)?;
            decoded(cx, (s, if is_final { data.len() } else { n }))
        }
    )*};
}

final_decoders! {
    utf_7_decode = utf7::decode;
    utf_8_decode = utf8::decode;
}

macro_rules! wide_decoders {
    ($($name:ident = $f:path, $order:expr;)*) => {$(
        #[pyfunction(sig = "(data, errors=None, final=False, /)")]
        fn $name(cx: &Thread, data: ByteArg, errors: Value, is_final: bool) -> Res {
            let e = errors_arg(cx, errors, stringify!($name))?;
            let (s, n) = $f(cx, &data, e, &mut $order, is_final)?;
            decoded(cx, (s, if is_final { data.len() } else { n }))
        }
    )*};
}

wide_decoders! {
    utf_16_decode = wide::decode_utf16, 0;
    utf_16_le_decode = wide::decode_utf16, -1;
    utf_16_be_decode = wide::decode_utf16, 1;
    utf_32_decode = wide::decode_utf32, 0;
    utf_32_le_decode = wide::decode_utf32, -1;
    utf_32_be_decode = wide::decode_utf32, 1;
}

macro_rules! ex_decoders {
    ($($name:ident = $f:path;)*) => {$(
        #[pyfunction(sig = "(data, errors=None, byteorder=0, final=False, /)")]
        fn $name(cx: &Thread, data: ByteArg, errors: Value, byteorder: i32, is_final: bool) -> Res {
            let e = errors_arg(cx, errors, stringify!($name))?;
            let mut order = byteorder;
            let (s, n) = $f(cx, &data, e, &mut order, is_final)?;
            let t = [Value::from_ref(s), Value::small(n as i64), Value::small(order as i64)];
            Ok(Value::from_ref(Tuple::from_slice(cx, &t)))
        }
    )*};
}

ex_decoders! {
    utf_16_ex_decode = wide::decode_utf16;
    utf_32_ex_decode = wide::decode_utf32;
}

#[pyfunction(sig = "(data, errors=None, final=True, /)")]
fn unicode_escape_decode(cx: &Thread, data: Value, errors: Value, is_final: bool) -> Res {
    let e = errors_arg(cx, errors, "unicode_escape_decode")?;
    let d = str_or_buffer(cx, data)?;
    let (s, n) = escapes::unicode_decode(cx, &d, e, is_final)?;
    decoded(cx, (s, if is_final { d.len() } else { n }))
}

#[pyfunction(sig = "(data, errors=None, final=True, /)")]
fn raw_unicode_escape_decode(cx: &Thread, data: Value, errors: Value, is_final: bool) -> Res {
    let e = errors_arg(cx, errors, "raw_unicode_escape_decode")?;
    let d = str_or_buffer(cx, data)?;
    let (s, n) = escapes::raw_decode(cx, &d, e, is_final)?;
    decoded(cx, (s, if is_final { d.len() } else { n }))
}

#[pyfunction(sig = "(data, errors=None, /)")]
fn latin_1_decode(cx: &Thread, data: ByteArg, errors: Value) -> Res {
    errors_arg(cx, errors, "latin_1_decode")?;
    decoded(cx, (Str::from_latin1(cx, &data), data.len()))
}

#[pyfunction(sig = "(data, errors=None, /)")]
fn ascii_decode(cx: &Thread, data: ByteArg, errors: Value) -> Res {
    let e = errors_arg(cx, errors, "ascii_decode")?;
    decoded(cx, (single::decode_ascii(cx, &data, e)?.0, data.len()))
}

#[pyfunction(sig = "(data, errors=None, mapping=None, /)")]
fn charmap_decode(cx: &Thread, data: ByteArg, errors: Value, mapping: Value) -> Res {
    let e = errors_arg(cx, errors, "charmap_decode")?;
    if mapping.is_none() {
        return decoded(cx, (Str::from_latin1(cx, &data), data.len()));
    }
    decoded(cx, (charmap::decode(cx, &data, e, mapping)?.0, data.len()))
}

#[pyfunction(sig = "(str, errors=None, mapping=None, /)")]
fn charmap_encode(cx: &Thread, s: &'static Str, errors: Value, mapping: Value) -> Res {
    let e = errors_arg(cx, errors, "charmap_encode")?;
    if mapping.is_none() {
        return encoded(cx, s, single::encode(cx, s, e, 0x100)?);
    }
    encoded(cx, s, charmap::encode(cx, s, e, mapping)?)
}

#[pyfunction]
fn charmap_build(cx: &Thread, map: &'static Str) -> Value {
    charmap::build(cx, map)
}

#[pyfunction(sig = "(data, errors=None, /)")]
fn readbuffer_encode(cx: &Thread, data: Value, errors: Value) -> Res {
    errors_arg(cx, errors, "readbuffer_encode")?;
    let d = str_or_buffer(cx, data)?;
    pair(cx, Value::from_ref(Bytes::new(cx, &d)), d.len())
}

#[pyfunction(sig = "(str, errors=None, /)")]
fn utf_7_encode(cx: &Thread, s: &'static Str, errors: Value) -> Res {
    errors_arg(cx, errors, "utf_7_encode")?;
    encoded(cx, s, utf7::encode(s))
}

#[pyfunction(sig = "(str, errors=None, /)")]
fn utf_8_encode(cx: &Thread, s: &'static Str, errors: Value) -> Res {
    let e = errors_arg(cx, errors, "utf_8_encode")?;
    encoded(cx, s, utf8::encode(cx, s, e)?)
}

macro_rules! wide_encoders {
    ($($name:ident = $f:path, $order:literal;)*) => {$(
        #[pyfunction(sig = "(str, errors=None, /)")]
        fn $name(cx: &Thread, s: &'static Str, errors: Value) -> Res {
            let e = errors_arg(cx, errors, stringify!($name))?;
            encoded(cx, s, $f(cx, s, e, $order)?)
        }
    )*};
}

wide_encoders! {
    utf_16_le_encode = wide::encode_utf16, -1;
    utf_16_be_encode = wide::encode_utf16, 1;
    utf_32_le_encode = wide::encode_utf32, -1;
    utf_32_be_encode = wide::encode_utf32, 1;
}

#[pyfunction(sig = "(str, errors=None, byteorder=0, /)")]
fn utf_16_encode(cx: &Thread, s: &'static Str, errors: Value, byteorder: i32) -> Res {
    let e = errors_arg(cx, errors, "utf_16_encode")?;
    encoded(cx, s, wide::encode_utf16(cx, s, e, byteorder)?)
}

#[pyfunction(sig = "(str, errors=None, byteorder=0, /)")]
fn utf_32_encode(cx: &Thread, s: &'static Str, errors: Value, byteorder: i32) -> Res {
    let e = errors_arg(cx, errors, "utf_32_encode")?;
    encoded(cx, s, wide::encode_utf32(cx, s, e, byteorder)?)
}

#[pyfunction(sig = "(str, errors=None, /)")]
fn unicode_escape_encode(cx: &Thread, s: &'static Str, errors: Value) -> Res {
    errors_arg(cx, errors, "unicode_escape_encode")?;
    encoded(cx, s, escapes::unicode_encode(s))
}

#[pyfunction(sig = "(str, errors=None, /)")]
fn raw_unicode_escape_encode(cx: &Thread, s: &'static Str, errors: Value) -> Res {
    errors_arg(cx, errors, "raw_unicode_escape_encode")?;
    encoded(cx, s, escapes::raw_encode(s))
}

#[pyfunction(sig = "(str, errors=None, /)")]
fn latin_1_encode(cx: &Thread, s: &'static Str, errors: Value) -> Res {
    let e = errors_arg(cx, errors, "latin_1_encode")?;
    encoded(cx, s, single::encode(cx, s, e, 0x100)?)
}

#[pyfunction(sig = "(str, errors=None, /)")]
fn ascii_encode(cx: &Thread, s: &'static Str, errors: Value) -> Res {
    let e = errors_arg(cx, errors, "ascii_encode")?;
    encoded(cx, s, single::encode(cx, s, e, 0x80)?)
}

pymodule! { "_codecs", functions: [
    register, unregister, lookup, encode, decode, _forget_codec, register_error, lookup_error,
    escape_decode, escape_encode, utf_7_decode, utf_8_decode, utf_16_decode, utf_16_le_decode,
    utf_16_be_decode, utf_32_decode, utf_32_le_decode, utf_32_be_decode, utf_16_ex_decode,
    utf_32_ex_decode, unicode_escape_decode, raw_unicode_escape_decode, latin_1_decode,
    ascii_decode, charmap_decode, charmap_encode, charmap_build, readbuffer_encode, utf_7_encode,
    utf_8_encode, utf_16_encode, utf_16_le_encode, utf_16_be_encode, utf_32_encode,
    utf_32_le_encode, utf_32_be_encode, unicode_escape_encode, raw_unicode_escape_encode,
    latin_1_encode, ascii_encode
] }
