//! The codec of a text stream: UTF-8, ASCII and Latin-1 natively, all others through the
//! registry's incremental decoders and encoders.

use super::newline::Newlines;
use crate::bufarg::BufArg;
use taipan_vm::codecs::{registry, single, utf8};
use taipan_vm::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Utf8,
    Ascii,
    Latin1,
    /// Through the decoder and encoder objects.
    Other,
}

impl Kind {
    pub fn of(encoding: &Str) -> Kind {
        let Some(name) = encoding.as_ascii() else { return Kind::Other };
        match taipan_vm::codecs::normalize(name).as_str() {
            "utf_8" | "utf8" => Kind::Utf8,
            "ascii" | "us_ascii" => Kind::Ascii,
            "latin1" | "latin_1" | "iso_8859_1" | "iso8859_1" => Kind::Latin1,
            _ => Kind::Other,
        }
    }
}

/// The native decoder's state. `held` is the start of a character that was cut off.
#[derive(Default)]
pub struct Native {
    pub held: Vec<u8>,
    /// Universal newlines, behind the native decoder.
    pub newlines: Option<Newlines>,
}

impl Native {
    pub fn decode(
        &mut self,
        cx: &Thread,
        kind: Kind,
        errors: Option<&'static Str>,
        input: &[u8],
        last: bool,
    ) -> Res<&'static Str> {
        let joined;
        let data = if self.held.is_empty() {
            input
        } else {
            joined = [&self.held[..], input].concat();
            &joined[..]
        };
        let text = match kind {
            Kind::Latin1 => Str::from_latin1(cx, data),
            Kind::Ascii => single::decode_ascii(cx, data, errors)?.0,
            _ => {
                let (s, used) = utf8::decode(cx, data, errors, last)?;
                self.held = data[used..].to_vec();
                s
            }
        };
        Ok(match &mut self.newlines {
            Some(n) => n.feed(cx, text, last),
            None => text,
        })
    }

    /// The flags of `getstate`: only the newline decoder has one.
    pub fn flags(&self) -> i64 {
        self.newlines.is_some_and(|n| n.pending_cr) as i64
    }

    pub fn set(&mut self, held: &[u8], flags: i64) {
        self.held = held.to_vec();
        if let Some(n) = &mut self.newlines {
            n.pending_cr = flags & 1 == 1;
        }
    }

    pub fn reset(&mut self) {
        self.held.clear();
        if let Some(n) = &mut self.newlines {
            n.pending_cr = false;
            n.seen = 0;
        }
    }
}

/// Encodes natively.
pub fn encode(
    cx: &Thread,
    kind: Kind,
    s: &'static Str,
    errors: Option<&'static Str>,
) -> Res<Vec<u8>> {
    if let Some(a) = s.as_ascii() {
        return Ok(a.as_bytes().to_vec());
    }
    match kind {
        Kind::Utf8 => utf8::encode(cx, s, errors),
        Kind::Latin1 => single::encode(cx, s, errors, 0x100),
        _ => single::encode(cx, s, errors, 0x80),
    }
}

/// The CodecInfo of a text encoding (`_PyCodec_LookupTextEncoding`).
pub fn lookup(cx: &Thread, encoding: &'static Str) -> Res {
    let info = Value::from_ref(registry::lookup(cx, encoding)?);
    if !info.ty().is(Tuple::type_object()) {
        let is_text = get_attr_opt(cx, info, id!(cx, "_is_text_encoding"))?;
        if let Some(t) = is_text
            && !is_true(cx, t)?
        {
            raise!(
                cx,
                LookupError,
                "'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs"
            );
        }
    }
    Ok(info)
}

/// `decoder.getstate()`, checked.
pub fn decoder_state(cx: &Thread, decoder: Value) -> Res<(&'static Bytes, i64)> {
    let st = call_method(cx, decoder, id!(cx, "getstate"), &[])?;
    let Some(t) = st.downcast::<Tuple>().filter(|t| t.len() == 2) else {
        raise!(cx, TypeError, "illegal decoder state");
    };
    let Some(b) = t.get(0).downcast::<Bytes>() else {
        raise!(
            cx,
            TypeError,
            "illegal decoder state: the first item should be a bytes object, not '{}'",
            t.get(0).ty().name()
        );
    };
    let flags = index(cx, t.get(1))?;
    match int_to_i64(flags) {
        Some(f) => Ok((b, f)),
        None => raise!(cx, OverflowError, "signed integer is greater than maximum"),
    }
}

pub fn set_decoder_state(cx: &Thread, decoder: Value, held: &[u8], flags: i64) -> Res<()> {
    let b = Value::from_ref(Bytes::new(cx, held));
    let t = Tuple::pair(cx, b, int_from_i128(cx, flags as i128));
    call_method(cx, decoder, id!(cx, "setstate"), &[Value::from_ref(t)])?;
    Ok(())
}

/// `decoder.decode(input, last)`, checked.
pub fn decode_by(cx: &Thread, decoder: Value, input: Value, last: bool) -> Res<&'static Str> {
    let r = call_method(cx, decoder, id!(cx, "decode"), &[input, py_bool(last)])?;
    match r.downcast::<Str>() {
        Some(s) => Ok(s),
        None => {
            raise!(cx, TypeError, "decoder should return a string result, not '{}'", r.ty().name())
        }
    }
}

/// `encoder.encode(text)`, checked.
pub fn encode_by(cx: &Thread, encoder: Value, s: &'static Str) -> Res<Vec<u8>> {
    let r = call_method(cx, encoder, id!(cx, "encode"), &[Value::from_ref(s)])?;
    match r.downcast::<Bytes>() {
        Some(b) => Ok(b.as_slice().to_vec()),
        None => {
            raise!(cx, TypeError, "encoder should return a bytes object, not '{}'", r.ty().name())
        }
    }
}

/// The bytes of what a buffer's read method returned.
pub fn input_bytes(cx: &Thread, v: Value, method: &str) -> Res<Vec<u8>> {
    match BufArg::read(cx, v) {
        Ok(b) => Ok(b.to_vec()),
        Err(e) if e.is(exc::TypeError()) => raise!(
            cx,
            TypeError,
            "underlying {method}() should have returned a bytes-like object, not '{}'",
            v.ty().name()
        ),
        Err(e) => Err(e),
    }
}
