//! UTF-7 (RFC 2152).

use super::Decoded;
use super::errors::Decoder;
use crate::prelude::*;

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'+' || b == b'/'
}

fn from_base64(b: u8) -> u32 {
    (match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        _ => 63,
    }) as u32
}

fn to_base64(n: u32) -> u8 {
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[n as usize & 63]
}

/// Characters that stand for themselves: set D and white space; set O where allowed.
fn is_direct(c: u32) -> bool {
    match u8::try_from(c) {
        Ok(b) if b.is_ascii_alphanumeric() => true,
        Ok(b'\'' | b'(' | b')' | b',' | b'-' | b'.' | b'/' | b':' | b'?') => true,
        Ok(b' ' | b'\t' | b'\n' | b'\r') => true,
        Ok(b) => b"!\"#$%&*;<=>@[]^_`{|}".contains(&b),
        Err(_) => false,
    }
}

pub fn decode(cx: &Thread, data: &[u8], errors: Option<&'static Str>, is_final: bool) -> Decoded {
    let mut d = Decoder::new(cx, "utf7", errors, data);
    let mut at = 0;
    let mut shifted = false;
    // Where a shift sequence began: in the input, and in the output.
    let (mut begin, mut out_begin) = (0, 0);
    let (mut bits, mut buffer) = (0u32, 0u64);
    let mut high: Option<u32> = None;
    loop {
        while at < d.data.len() {
            d.turn();
            let b = d.data[at];
            if shifted {
                if is_base64(b) {
                    buffer = buffer << 6 | from_base64(b) as u64;
                    bits += 6;
                    at += 1;
                    if bits >= 16 {
                        let unit = (buffer >> (bits - 16)) as u32 & 0xFFFF;
                        bits -= 16;
                        buffer &= (1 << bits) - 1;
                        if let Some(h) = high.take() {
                            if (0xDC00..0xE000).contains(&unit) {
                                d.out.push(0x10000 + ((h & 0x3FF) << 10 | (unit & 0x3FF)));
                                continue;
                            }
                            d.out.push(h);
                        }
                        if (0xD800..0xDC00).contains(&unit) {
                            high = Some(unit);
                        } else {
                            d.out.push(unit);
                        }
                    }
                    continue;
                }
                shifted = false;
                if bits > 0 {
                    if bits >= 6 {
                        at += 1;
                        (bits, high) = (0, None);
                        at = d.error(begin, at, "partial character in base64 sequence")?;
                        continue;
                    }
                    if buffer != 0 {
                        at += 1;
                        (bits, high) = (0, None);
                        at = d.error(begin, at, "non-zero padding bits in base64 sequence")?;
                        continue;
                    }
                    bits = 0;
                }
                if let Some(h) = high.take() {
                    if is_direct(b as u32) || b == b'+' {
                        d.out.push(h);
                    }
                }
                if b == b'-' {
                    at += 1;
                }
            } else if b == b'+' {
                begin = at;
                at += 1;
                match d.data.get(at) {
                    Some(b'-') => {
                        at += 1;
                        d.out.push('+' as u32);
                    }
                    Some(c) if !is_base64(*c) => {
                        at += 1;
                        at = d.error(begin, at, "ill-formed sequence")?;
                    }
                    _ => {
                        shifted = true;
                        (high, bits, buffer) = (None, 0, 0);
                        out_begin = d.out.len();
                    }
                }
            } else if is_direct(b as u32) || b == b'\\' || b == b'~' {
                d.out.push(b as u32);
                at += 1;
            } else if b < 128 {
                d.out.push(b as u32);
                at += 1;
            } else {
                at = d.error(at, at + 1, "unexpected special character")?;
            }
        }
        if !(shifted && is_final) {
            break;
        }
        // The input ended inside a shift sequence.
        shifted = false;
        if high.is_some() || bits >= 6 || (bits > 0 && buffer != 0) {
            high = None;
            bits = 0;
            let size = d.data.len();
            at = d.error(begin, size, "unterminated shift sequence")?;
            continue;
        }
        break;
    }
    if shifted && !is_final {
        // An incremental decoder sees the sequence again, whole.
        d.out.truncate(out_begin);
        at = begin;
    }
    Ok((d.finish(), at))
}

pub fn encode(s: &Str) -> Vec<u8> {
    // SAFETY: the text never changes, and the caller holds it.
    unsafe { taipan_heap::Mutator::here().plain(s.len(), || encode_here(s)) }
}

fn encode_here(s: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len() * 2);
    let mut shifted = false;
    let (mut bits, mut buffer) = (0u32, 0u64);
    for c in s.chars() {
        // Characters of set O and white space are written directly, as CPython's codec does.
        let direct = is_direct(c) && c != '+' as u32;
        if shifted && direct {
            if bits > 0 {
                out.push(to_base64((buffer << (6 - bits)) as u32));
                (buffer, bits) = (0, 0);
            }
            shifted = false;
            if is_base64(c as u8) || c == '-' as u32 {
                out.push(b'-');
            }
            out.push(c as u8);
            continue;
        }
        if !shifted {
            if c == '+' as u32 {
                out.extend_from_slice(b"+-");
                continue;
            }
            if direct {
                out.push(c as u8);
                continue;
            }
            out.push(b'+');
            shifted = true;
        }
        let mut unit = |u: u32| {
            buffer = buffer << 16 | u as u64;
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.push(to_base64((buffer >> bits) as u32));
                buffer &= (1 << bits) - 1;
            }
        };
        if c > 0xFFFF {
            let c = c - 0x10000;
            unit(0xD800 + (c >> 10));
            unit(0xDC00 + (c & 0x3FF));
        } else {
            unit(c);
        }
    }
    if bits > 0 {
        out.push(to_base64((buffer << (6 - bits)) as u32));
    }
    if shifted {
        out.push(b'-');
    }
    out
}
