//! UTF-8.

use super::Decoded;
use super::errors::{Decoder, Encoder, Mode};
use crate::objects::str::Data;
use crate::prelude::*;

/// Bytes that are looked at between two safepoints.
const PIECE: usize = 1 << 16;

pub fn decode(cx: &Thread, data: &[u8], errors: Option<&'static Str>, is_final: bool) -> Decoded {
    let first = match cx.plain(data.len(), || std::str::from_utf8(data)) {
        Ok(s) => return Ok((Str::new(cx, s), data.len())),
        Err(e) => e,
    };
    if !is_final && first.error_len().is_none() {
        let n = first.valid_up_to();
        let s = cx.plain(n, || std::str::from_utf8(&data[..n])).expect("checked just now");
        return Ok((Str::new(cx, s), n));
    }
    let mut d = Decoder::new(cx, "utf-8", errors, data);
    let mut at = 0;
    while at < d.data.len() {
        d.turn();
        // Not all of the rest, which after each of many errors would be read for nothing.
        let end = d.data.len().min(at + PIECE);
        let (good, bad) = match std::str::from_utf8(&d.data[at..end]) {
            Ok(s) => (s.len(), None),
            Err(e) if e.error_len().is_none() && end < d.data.len() => (e.valid_up_to(), None),
            Err(e) => (e.valid_up_to(), Some(e.error_len())),
        };
        let s = std::str::from_utf8(&d.data[at..at + good]).expect("checked just now");
        d.out.push_str(s);
        at += good;
        let size = d.data.len();
        match bad {
            None => {}
            Some(None) => {
                if !is_final {
                    break;
                }
                at = d.error(at, size, "unexpected end of data")?;
            }
            // Half of an encoded surrogate, which an error handler may want whole.
            Some(Some(_))
                if !is_final
                    && size - at == 2
                    && d.data[at] == 0xED
                    && d.data[at + 1] >> 5 == 5 =>
            {
                break;
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
    // Each character takes a byte more for each of these that it reaches.
    let size =
        |c: u32| 1 + usize::from(c >= 0x80) + usize::from(c >= 0x800) + usize::from(c >= 0x10000);
    let surrogate = |c: u32| (0xD800..0xE000).contains(&c);
    let count = || {
        Some(match s.data() {
            Data::Ascii(d) => d.len(),
            Data::Latin1(d) => d.iter().map(|c| 1 + usize::from(*c >= 0x80)).sum(),
            Data::Ucs2(d) => {
                if d.iter().fold(false, |found, c| found | surrogate(u32::from(*c))) {
                    return None;
                }
                d.iter().map(|c| size(u32::from(*c))).sum()
            }
            Data::Ucs4(d) => {
                if d.iter().fold(false, |found, c| found | surrogate(*c)) {
                    return None;
                }
                d.iter().map(|c| size(*c)).sum()
            }
        })
    };
    // SAFETY: the text is immutable, and the caller's.
    let Some(n) = (unsafe { cx.mutator.plain(s.len(), count) }) else { return Ok(None) };
    let b = Bytes::build_in(cx, Bytes::type_object(), n, |out| {
        // SAFETY: the lengths counted above add up to n.
        unsafe {
            match s.data() {
                Data::Ascii(d) => std::ptr::copy_nonoverlapping(d.as_ptr(), out, d.len()),
                Data::Latin1(d) => write_all(out, d.iter().map(|c| u32::from(*c))),
                Data::Ucs2(d) => write_all(out, d.iter().map(|c| u32::from(*c))),
                Data::Ucs4(d) => write_all(out, d.iter().copied()),
            }
        }
    })?;
    Ok(Some(Value::from_ref(b)))
}

/// Writes characters, none of them a surrogate.
/// # Safety
/// There is room for all their bytes.
#[inline(always)]
unsafe fn write_all(out: *mut u8, chars: impl Iterator<Item = u32>) {
    let mut at = out;
    for c in chars {
        let tail = |shift: u32| 0x80 | (c >> shift) as u8 & 0x3F;
        // SAFETY: by the caller's promise.
        unsafe {
            match c {
                0..0x80 => {
                    at.write(c as u8);
                    at = at.add(1);
                }
                0x80..0x800 => {
                    at.cast::<[u8; 2]>().write([0xC0 | (c >> 6) as u8, tail(0)]);
                    at = at.add(2);
                }
                0x800..0x10000 => {
                    at.cast::<[u8; 3]>().write([0xE0 | (c >> 12) as u8, tail(6), tail(0)]);
                    at = at.add(3);
                }
                _ => {
                    let four = [0xF0 | (c >> 18) as u8, tail(12), tail(6), tail(0)];
                    at.cast::<[u8; 4]>().write(four);
                    at = at.add(4);
                }
            }
        }
    }
}

pub fn encode(cx: &Thread, s: &'static Str, errors: Option<&'static Str>) -> Res<Vec<u8>> {
    if let Some(a) = s.as_ascii() {
        return Ok(cx.plain(a.len(), || a.as_bytes().to_vec()));
    }
    if s.first_surrogate().is_none() || Mode::of(errors) == Mode::SurrogatePass {
        return Ok(s.to_wtf8());
    }
    const REASON: &str = "surrogates not allowed";
    let escapes = Mode::of(errors) == Mode::SurrogateEscape;
    let mut e = Encoder::new(cx, "utf-8", errors, s);
    let d = s.data();
    let is_surrogate = |c: u32| (0xD800..0xE000).contains(&c);
    let mut out = Vec::with_capacity(s.len() * 2);
    let mut i = 0;
    while i < s.len() {
        e.turn();
        let c = d.get(i);
        if !is_surrogate(c) {
            push(&mut out, c);
            i += 1;
            continue;
        }
        let mut end = i + 1;
        while end < s.len() && is_surrogate(d.get(end)) {
            e.turn();
            end += 1;
        }
        // What the handler can write is written; the error is about the rest.
        while escapes && i < end && (0xDC80..0xDD00).contains(&d.get(i)) {
            e.turn();
            out.push(d.get(i) as u8);
            i += 1;
        }
        if i == end {
            continue;
        }
        i = e.replace((i, end), REASON, 0x80, &mut out)?;
    }
    Ok(out)
}
