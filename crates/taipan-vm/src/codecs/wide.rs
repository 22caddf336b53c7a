//! UTF-16 and UTF-32. Byte order: -1 little, 1 big, 0 native with a byte order mark.

use super::Decoded;
use super::errors::{Decoder, Encoder, Replacement};
use crate::prelude::*;

pub fn decode_utf16(
    cx: &Thread,
    data: &[u8],
    errors: Option<&'static Str>,
    order: &mut i32,
    is_final: bool,
) -> Decoded {
    let mut at = 0;
    if *order == 0 && data.len() >= 2 {
        match (data[0], data[1]) {
            (0xFF, 0xFE) => (at, *order) = (2, -1),
            (0xFE, 0xFF) => (at, *order) = (2, 1),
            _ => {}
        }
    }
    let big = *order > 0;
    let name = if big { "utf-16-be" } else { "utf-16-le" };
    let mut d = Decoder::new(cx, name, errors, data);
    loop {
        d.turn();
        let size = d.data.len();
        if at >= size {
            break;
        }
        let unit = |i: usize| {
            let b = [d.data[i], d.data[i + 1]];
            (if big { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) }) as u32
        };
        if size - at < 2 {
            if !is_final {
                break;
            }
            at = d.error(at, size, "truncated data")?;
            continue;
        }
        let c = unit(at);
        if !(0xD800..0xE000).contains(&c) {
            d.out.push(c);
            at += 2;
        } else if c >= 0xDC00 {
            at = d.error(at, at + 2, "illegal encoding")?;
        } else if size - at < 4 {
            if !is_final {
                break;
            }
            at = d.error(at, size, "unexpected end of data")?;
        } else {
            let low = unit(at + 2);
            if (0xDC00..0xE000).contains(&low) {
                d.out.push(0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF)));
                at += 4;
            } else {
                at = d.error(at, at + 2, "illegal UTF-16 surrogate")?;
            }
        }
    }
    Ok((d.finish(), at))
}

pub fn decode_utf32(
    cx: &Thread,
    data: &[u8],
    errors: Option<&'static Str>,
    order: &mut i32,
    is_final: bool,
) -> Decoded {
    let mut at = 0;
    if *order == 0 && data.len() >= 4 {
        match data[..4] {
            [0xFF, 0xFE, 0, 0] => (at, *order) = (4, -1),
            [0, 0, 0xFE, 0xFF] => (at, *order) = (4, 1),
            _ => {}
        }
    }
    let big = *order > 0;
    let name = if big { "utf-32-be" } else { "utf-32-le" };
    let mut d = Decoder::new(cx, name, errors, data);
    loop {
        d.turn();
        let size = d.data.len();
        if at >= size {
            break;
        }
        if size - at < 4 {
            if !is_final {
                break;
            }
            at = d.error(at, size, "truncated data")?;
            continue;
        }
        let b = [d.data[at], d.data[at + 1], d.data[at + 2], d.data[at + 3]];
        let c = if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) };
        if (0xD800..0xE000).contains(&c) {
            at = d.error(at, at + 4, "code point in surrogate code point range")?;
        } else if c > 0x10FFFF {
            at = d.error(at, at + 4, "code point not in range(0x110000)")?;
        } else {
            d.out.push(c);
            at += 4;
        }
    }
    Ok((d.finish(), at))
}

fn encode(
    cx: &Thread,
    s: &'static Str,
    errors: Option<&'static Str>,
    name: &str,
    unit: usize,
    mut push: impl FnMut(&mut Vec<u8>, u32),
    out: &mut Vec<u8>,
) -> Res<()> {
    const REASON: &str = "surrogates not allowed";
    let mut e = Encoder::new(cx, name, errors, s);
    let d = s.data();
    let mut i = 0;
    while i < s.len() {
        e.turn();
        let c = d.get(i);
        if !(0xD800..0xE000).contains(&c) {
            push(out, c);
            i += 1;
            continue;
        }
        let (rep, at) = e.error(i, i + 1, REASON)?;
        match rep {
            Replacement::Bytes(b) => {
                if b.len() % unit != 0 {
                    return Err(e.raise(i, i + 1, REASON));
                }
                out.extend(b);
            }
            Replacement::Text(t) => {
                for c in t {
                    e.turn();
                    if c >= 0x80 {
                        return Err(e.raise(i, i + 1, REASON));
                    }
                    push(out, c);
                }
            }
        }
        i = at;
    }
    Ok(())
}

pub fn encode_utf16(
    cx: &Thread,
    s: &'static Str,
    errors: Option<&'static Str>,
    order: i32,
) -> Res<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len() * 2 + 2);
    if order == 0 {
        out.extend_from_slice(&[0xFF, 0xFE]);
    }
    let name = ["utf-16-le", "utf-16", "utf-16-be"][(order.signum() + 1) as usize];
    let unit = |out: &mut Vec<u8>, u: u16| {
        out.extend_from_slice(&if order > 0 { u.to_be_bytes() } else { u.to_le_bytes() })
    };
    let push = |out: &mut Vec<u8>, c: u32| {
        if c > 0xFFFF {
            let c = c - 0x10000;
            unit(out, 0xD800 + (c >> 10) as u16);
            unit(out, 0xDC00 + (c & 0x3FF) as u16);
        } else {
            unit(out, c as u16);
        }
    };
    encode(cx, s, errors, name, 2, push, &mut out)?;
    Ok(out)
}

pub fn encode_utf32(
    cx: &Thread,
    s: &'static Str,
    errors: Option<&'static Str>,
    order: i32,
) -> Res<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len() * 4 + 4);
    if order == 0 {
        out.extend_from_slice(&[0xFF, 0xFE, 0, 0]);
    }
    let name = ["utf-32-le", "utf-32", "utf-32-be"][(order.signum() + 1) as usize];
    let push = |out: &mut Vec<u8>, c: u32| {
        out.extend_from_slice(&if order > 0 { c.to_be_bytes() } else { c.to_le_bytes() })
    };
    encode(cx, s, errors, name, 4, push, &mut out)?;
    Ok(out)
}
