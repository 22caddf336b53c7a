//! UTF-8.

use super::Decoded;
use super::errors::{Decoder, Encoder, Mode, Replacement};
use crate::prelude::*;

pub fn decode(cx: &Thread, data: &[u8], errors: Option<&'static Str>, is_final: bool) -> Decoded {
    let first = match std::str::from_utf8(data) {
        Ok(s) => return Ok((Str::new(cx, s), data.len())),
        Err(e) => e,
    };
    if !is_final && first.error_len().is_none() {
        let n = first.valid_up_to();
        let s = std::str::from_utf8(&data[..n]).expect("checked just now");
        return Ok((Str::new(cx, s), n));
    }
    let mut d = Decoder::new(cx, "utf-8", errors, data);
    let mut at = 0;
    while at < d.data.len() {
        let (good, bad) = match std::str::from_utf8(&d.data[at..]) {
            Ok(s) => (s.len(), None),
            Err(e) => (e.valid_up_to(), Some(e.error_len())),
        };
        let s = std::str::from_utf8(&d.data[at..at + good]).expect("checked just now");
        d.out.push_str(s);
        at += good;
        let size = d.data.len();
        match bad {
            None => break,
            Some(None) => {
                if !is_final {
                    break;
                }
                at = d.error(at, size, "unexpected end of data")?;
            }
            Some(Some(n)) => {
                let lead = d.data[at];
                let reason = if (0xC2..=0xF4).contains(&lead) {
                    "invalid continuation byte"
                } else {
                    "invalid start byte"
                };
                at = d.error(at, at + n, reason)?;
            }
        }
    }
    Ok((d.finish(), at))
}

fn push(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c) {
        Some(ch) => out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
        None => debug_assert!(false, "surrogates are handled before"),
    }
}

/// The bytes object of text without surrogates, written in place.
pub fn encode_whole(cx: &Thread, s: &Str) -> Res<Option<Value>> {
    let mut n = 0;
    for c in s.chars() {
        n += match c {
            0..0x80 => 1,
            0x80..0x800 => 2,
            0xD800..0xE000 => return Ok(None),
            0x800..0x10000 => 3,
            _ => 4,
        };
    }
    let b = Bytes::build_in(cx, Bytes::type_object(), n, |out| {
        let mut at = 0;
        for c in s.chars() {
            let mut buf = [0; 4];
            let text = char::from_u32(c).unwrap_or('?').encode_utf8(&mut buf).as_bytes();
            for b in text {
                // SAFETY: the lengths counted above add up to n.
                unsafe { out.add(at).write(*b) };
                at += 1;
            }
        }
    })?;
    Ok(Some(Value::from_ref(b)))
}

pub fn encode(cx: &Thread, s: &'static Str, errors: Option<&'static Str>) -> Res<Vec<u8>> {
    if let Some(a) = s.as_ascii() {
        return Ok(a.as_bytes().to_vec());
    }
    if s.first_surrogate().is_none() || Mode::of(errors) == Mode::SurrogatePass {
        return Ok(s.to_wtf8());
    }
    const REASON: &str = "surrogates not allowed";
    let mut e = Encoder::new(cx, "utf-8", errors, s);
    let d = s.data();
    let is_surrogate = |c: u32| (0xD800..0xE000).contains(&c);
    let mut out = Vec::with_capacity(s.len() * 2);
    let mut i = 0;
    while i < s.len() {
        let c = d.get(i);
        if !is_surrogate(c) {
            push(&mut out, c);
            i += 1;
            continue;
        }
        let start = i;
        let mut end = i + 1;
        while end < s.len() && is_surrogate(d.get(end)) {
            end += 1;
        }
        let (rep, at) = e.error(start, end, REASON)?;
        match rep {
            Replacement::Bytes(b) => out.extend(b),
            Replacement::Text(t) => {
                for c in t {
                    if c >= 0x80 {
                        return Err(e.raise(start, end, REASON));
                    }
                    out.push(c as u8);
                }
            }
        }
        i = at;
    }
    Ok(out)
}
