//! `unicode_escape`, `raw_unicode_escape`, and the escapes of bytes literals (`escape_decode`).

use super::Decoded;
use super::errors::{Decoder, Mode};
use crate::prelude::*;

fn hex_run(data: &[u8], at: usize, max: usize) -> (usize, u32) {
    let mut v = 0;
    let mut n = 0;
    while n < max {
        match data.get(at + n).and_then(|b| (*b as char).to_digit(16)) {
            Some(d) => v = v << 4 | d,
            None => break,
        }
        n += 1;
    }
    (n, v)
}

/// An escape that Python warns of: its text.
pub type BadEscape = Option<String>;

fn simple(c: u8) -> Option<Option<u32>> {
    Some(match c {
        b'\n' => None,
        b'\\' => Some(0x5C),
        b'\'' => Some(0x27),
        b'"' => Some(0x22),
        b'b' => Some(8),
        b'f' => Some(12),
        b't' => Some(9),
        b'n' => Some(10),
        b'r' => Some(13),
        b'v' => Some(11),
        b'a' => Some(7),
        _ => return None,
    })
}

fn octal(data: &[u8], at: usize) -> (u32, usize) {
    let (mut v, mut n) = (0, 0);
    while n < 3 {
        match data.get(at + n) {
            Some(b @ b'0'..=b'7') => v = v * 8 + (b - b'0') as u32,
            _ => break,
        }
        n += 1;
    }
    (v, n)
}

pub fn unicode_decode(
    cx: &Thread,
    data: &[u8],
    errors: Option<&'static Str>,
    is_final: bool,
) -> Decoded {
    let mut bad: BadEscape = None;
    let mut d = Decoder::new(cx, "unicodeescape", errors, data);
    let mut at = 0;
    while at < d.data.len() {
        d.turn();
        let c = d.data[at];
        if c != b'\\' {
            let rest = &d.data[at..];
            let n = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
            d.out.push_latin1(&d.data[at..at + n]);
            at += n;
            continue;
        }
        let start = at;
        let size = d.data.len();
        if at + 1 >= size {
            if !is_final {
                break;
            }
            at = d.error(start, size, "\\ at end of string")?;
            continue;
        }
        let c = d.data[at + 1];
        at += 2;
        if let Some(s) = simple(c) {
            if let Some(c) = s {
                d.out.push(c);
            }
            continue;
        }
        match c {
            b'0'..=b'7' => {
                let (v, n) = octal(&d.data, at - 1);
                if !is_final && n < 3 && at - 1 + n == size {
                    at = start;
                    break;
                }
                if v > 0o377 && bad.is_none() {
                    let t = String::from_utf8_lossy(&d.data[at - 1..at - 1 + n]).into_owned();
                    bad = Some(format!("invalid octal escape sequence '\\{t}'"));
                }
                at += n - 1;
                d.out.push(v);
            }
            b'x' | b'u' | b'U' => {
                let (want, msg) = match c {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let (n, v) = hex_run(&d.data, at, want);
                if n < want {
                    if !is_final && at + n == size {
                        at = start;
                        break;
                    }
                    at = d.error(start, at + n, msg)?;
                } else if v > 0x10FFFF {
                    at = d.error(start, at + n, "illegal Unicode character")?;
                } else {
                    at += n;
                    d.out.push(v);
                }
            }
            b'N' => {
                if d.data.get(at) == Some(&b'{') {
                    let from = at + 1;
                    let end = d.data[from..].iter().position(|b| *b == b'}').map(|i| from + i);
                    if let Some(end) = end.filter(|e| *e > from) {
                        let name = String::from_utf8_lossy(&d.data[from..end]).into_owned();
                        match taipan_unicode::lookup(&name) {
                            Some(taipan_unicode::Lookup::Character(c)) => {
                                at = end + 1;
                                d.out.push(c);
                            }
                            _ => at = d.error(start, end + 1, "unknown Unicode character name")?,
                        }
                        continue;
                    }
                    if end.is_none() && !is_final {
                        at = start;
                        break;
                    }
                    let stop = end.map_or(size, |e| e);
                    at = d.error(start, stop, "malformed \\N character escape")?;
                    continue;
                }
                if !is_final && at == size {
                    at = start;
                    break;
                }
                at = d.error(start, at, "malformed \\N character escape")?;
            }
            _ => {
                if bad.is_none() {
                    bad = Some(format!("invalid escape sequence '\\{}'", c as char));
                }
                d.out.push(0x5C);
                d.out.push(c as u32);
            }
        }
    }
    if let Some(msg) = bad {
        crate::objects::warn_deprecated(cx, &msg)?;
    }
    Ok((d.finish(), at))
}

pub fn unicode_encode(s: &Str) -> Vec<u8> {
    // SAFETY: the text never changes, and the caller holds it.
    unsafe { taipan_heap::Mutator::here().plain(s.len(), || unicode_encode_here(s)) }
}

fn unicode_encode_here(s: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len() + 16);
    for c in s.chars() {
        match c {
            0x5C => out.extend_from_slice(b"\\\\"),
            9 => out.extend_from_slice(b"\\t"),
            10 => out.extend_from_slice(b"\\n"),
            13 => out.extend_from_slice(b"\\r"),
            0x20..=0x7E => out.push(c as u8),
            0..=0xFF => out.extend_from_slice(format!("\\x{c:02x}").as_bytes()),
            0x100..=0xFFFF => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
            _ => out.extend_from_slice(format!("\\U{c:08x}").as_bytes()),
        }
    }
    out
}

pub fn raw_decode(
    cx: &Thread,
    data: &[u8],
    errors: Option<&'static Str>,
    is_final: bool,
) -> Decoded {
    let mut d = Decoder::new(cx, "rawunicodeescape", errors, data);
    let mut at = 0;
    while at < d.data.len() {
        d.turn();
        let size = d.data.len();
        let c = d.data[at];
        if c != b'\\' {
            d.out.push(c as u32);
            at += 1;
            continue;
        }
        if at + 1 >= size {
            if !is_final {
                break;
            }
            d.out.push(0x5C);
            at += 1;
            continue;
        }
        let start = at;
        let c = d.data[at + 1];
        let (want, msg) = match c {
            b'u' => (4, "truncated \\uXXXX escape"),
            b'U' => (8, "truncated \\UXXXXXXXX escape"),
            _ => {
                d.out.push(0x5C);
                d.out.push(c as u32);
                at += 2;
                continue;
            }
        };
        let (n, v) = hex_run(&d.data, at + 2, want);
        if n < want {
            if !is_final && at + 2 + n == size {
                break;
            }
            at = d.error(start, at + 2 + n, msg)?;
        } else if v > 0x10FFFF {
            at = d.error(start, at + 2 + n, "\\Uxxxxxxxx out of range")?;
        } else {
            d.out.push(v);
            at += 2 + n;
        }
    }
    Ok((d.finish(), at))
}

pub fn raw_encode(s: &Str) -> Vec<u8> {
    // SAFETY: the text never changes, and the caller holds it.
    unsafe { taipan_heap::Mutator::here().plain(s.len(), || raw_encode_here(s)) }
}

fn raw_encode_here(s: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    for c in s.chars() {
        match c {
            0..=0xFF => out.push(c as u8),
            0x100..=0xFFFF => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
            _ => out.extend_from_slice(format!("\\U{c:08x}").as_bytes()),
        }
    }
    out
}

/// `escape_decode`: the escapes of a bytes literal.
pub fn bytes_decode(cx: &Thread, data: &[u8], errors: Option<&'static Str>) -> Res<Vec<u8>> {
    let mode = Mode::of(errors);
    let mut bad: BadEscape = None;
    let mut out = Vec::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        if at & 0x3FFF == 0 {
            cx.mutator.poll();
        }
        let c = data[at];
        at += 1;
        if c != b'\\' {
            out.push(c);
            continue;
        }
        let Some(&c) = data.get(at) else { raise!(cx, ValueError, "Trailing \\ in string") };
        at += 1;
        if let Some(s) = simple(c) {
            out.extend(s.map(|c| c as u8));
            continue;
        }
        match c {
            b'0'..=b'7' => {
                let (v, n) = octal(data, at - 1);
                if v > 0o377 && bad.is_none() {
                    let t = String::from_utf8_lossy(&data[at - 1..at - 1 + n]).into_owned();
                    bad = Some(format!("invalid octal escape sequence '\\{t}'"));
                }
                at += n - 1;
                out.push(v as u8);
            }
            b'x' => {
                let (n, v) = hex_run(data, at, 2);
                if n == 2 {
                    out.push(v as u8);
                    at += 2;
                    continue;
                }
                match mode {
                    Mode::Strict => {
                        raise!(cx, ValueError, "invalid \\x escape at position {}", at - 2)
                    }
                    Mode::Replace => out.push(b'?'),
                    Mode::Ignore => {}
                    _ => raise!(
                        cx,
                        ValueError,
                        "decoding error; unknown error handling code: {}",
                        errors.map_or(String::new(), |e| e.to_string())
                    ),
                }
                at += n;
            }
            _ => {
                if bad.is_none() {
                    bad = Some(format!("invalid escape sequence '\\{}'", c as char));
                }
                out.push(b'\\');
                out.push(c);
            }
        }
    }
    if let Some(msg) = bad {
        crate::objects::warn_deprecated(cx, &msg)?;
    }
    Ok(out)
}

/// `escape_encode`: as `repr` shows bytes, without quotes.
pub fn bytes_encode(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    for &b in data {
        match b {
            b'\'' | b'\\' => out.extend_from_slice(&[b'\\', b]),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x20..=0x7E => out.push(b),
            _ => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
        }
    }
    out
}
