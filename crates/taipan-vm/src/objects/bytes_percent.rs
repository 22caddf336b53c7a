//! `bytes % args` and `bytearray % args` (PEP 461).

use super::str::percent::{Source, number};
use super::str::repr::ascii;
use crate::buffer::ByteArg;
use crate::objects::int;
use crate::prelude::*;
use taipan_numtext::percent::{self, Directive, Flavor};

fn text_argument(cx: &Thread, v: Value) -> Res<ByteArg> {
    if v.downcast_exact::<Bytes>().is_some()
        || v.downcast_exact::<super::bytearray::ByteArray>().is_some()
    {
        return ByteArg::get(cx, v);
    }
    if let Some(r) = call_special(cx, v, id!(cx, "__bytes__"), &[])? {
        if r.downcast::<Bytes>().is_none() {
            raise!(cx, TypeError, "__bytes__ returned non-bytes (type {})", r.ty().name());
        }
        return ByteArg::get(cx, r);
    }
    match ByteArg::try_get(cx, v)? {
        Some(b) => Ok(b),
        None => raise!(
            cx,
            TypeError,
            "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'",
            v.ty().name()
        ),
    }
}

fn char_argument(cx: &Thread, v: Value) -> Res<u8> {
    let small =
        v.downcast::<Bytes>().is_some() || v.downcast::<super::bytearray::ByteArray>().is_some();
    if small {
        let b = ByteArg::get(cx, v)?;
        if let [c] = *b {
            return Ok(c);
        }
        raise!(cx, TypeError, "%c requires an integer in range(256) or a single byte");
    }
    if v.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "%c requires an integer in range(256) or a single byte");
    }
    let i = index(cx, v)?;
    match int_to_i64(i).and_then(|n| u8::try_from(n).ok()) {
        Some(b) => Ok(b),
        None => raise!(cx, OverflowError, "%c arg not in range(256)"),
    }
}

fn push(cx: &Thread, out: &mut Vec<u8>, text: &[u8], d: &Directive) -> Res<()> {
    let p = percent::format_str(text.len(), d).map_err(|e| int::raise_num(cx, e))?;
    let width = p.left + p.take + p.right;
    cx.plain(width, || {
        out.reserve(width);
        out.resize(out.len() + p.left, p.fill as u8);
        out.extend_from_slice(&text[..p.take]);
        out.resize(out.len() + p.right, p.fill as u8);
    });
    Ok(())
}

fn one(cx: &Thread, out: &mut Vec<u8>, src: &mut Source<'_>, d: &Directive) -> Res<()> {
    let v = src.next()?;
    match char::from_u32(d.conversion) {
        Some('a' | 'r') => {
            let s = ascii(cx, v)?;
            push(cx, out, s.data_bytes(), d)
        }
        Some('s' | 'b') => {
            let b = text_argument(cx, v)?;
            push(cx, out, &b, d)
        }
        Some('c') => {
            let c = char_argument(cx, v)?;
            push(cx, out, &[c], d)
        }
        _ => {
            let real =
                matches!(char::from_u32(d.conversion), Some('e' | 'E' | 'f' | 'F' | 'g' | 'G'));
            if real && float_value(v).is_none() {
                if let Err(e) = to_f64(cx, v) {
                    if e.is(exc::TypeError()) {
                        raise!(cx, TypeError, "float argument required, not {}", v.ty().name());
                    }
                    return Err(e);
                }
            }
            // As in CPython, `%i` is `%d` here, also in what errors say.
            let mut d = d.clone();
            if d.conversion == u32::from(b'i') {
                d.conversion = u32::from(b'd');
            }
            match number(cx, v, &d)? {
                Some(p) => {
                    cx.plain(p.left + p.inner + p.body.len() + p.right, || {
                        out.resize(out.len() + p.left, p.fill as u8);
                        out.extend_from_slice(p.prefix.as_bytes());
                        out.resize(out.len() + p.inner, p.fill as u8);
                        out.extend_from_slice(p.body.as_bytes());
                        out.resize(out.len() + p.right, p.fill as u8);
                    });
                    Ok(())
                }
                None => Err(int::raise_num(cx, percent::unsupported(&d, Flavor::Bytes))),
            }
        }
    }
}

pub fn format(cx: &Thread, fmt: &[u8], args: Value) -> Res<Vec<u8>> {
    let key = |r: std::ops::Range<usize>| Value::from_ref(Bytes::new(cx, &fmt[r]));
    let mut src = Source::new(cx, args, Flavor::Bytes, &key);
    let mut out = Vec::with_capacity(fmt.len() + 32);
    let mut i = 0;
    let mut turns = 0u32;
    while i < fmt.len() {
        turns = turns.wrapping_add(1);
        if turns & 0x3FF == 0 {
            cx.poll()?;
        }
        if fmt[i] != b'%' {
            let rest = &fmt[i..];
            i += cx.plain(rest.len(), || {
                let n = memchr::memchr(b'%', rest).unwrap_or(rest.len());
                out.extend_from_slice(&rest[..n]);
                n
            });
            continue;
        }
        i += 1;
        if fmt.get(i) == Some(&b'%') {
            out.push(b'%');
            i += 1;
            continue;
        }
        let d = percent::parse(fmt, i, Flavor::Bytes, &mut src).map_err(|e| e.raised(cx))?;
        i = d.end;
        one(cx, &mut out, &mut src, &d)?;
    }
    src.finish()?;
    Ok(out)
}
