//! ASCII and Latin-1.

use super::Decoded;
use super::errors::{Decoder, Encoder};
use crate::objects::str::Data;
use crate::prelude::*;

pub fn decode_ascii(cx: &Thread, data: &[u8], errors: Option<&'static Str>) -> Decoded {
    if cx.plain(data.len(), || data.is_ascii()) {
        return Ok((Str::from_latin1(cx, data), data.len()));
    }
    let mut d = Decoder::new(cx, "ascii", errors, data);
    let mut at = 0;
    while at < d.data.len() {
        d.turn();
        let rest = &d.data[at..];
        let n = cx.plain(rest.len(), || rest.iter().position(|b| *b >= 128)).unwrap_or(rest.len());
        d.out.push_latin1(&d.data[at..at + n]);
        at += n;
        if at < d.data.len() {
            at = d.error(at, at + 1, "ordinal not in range(128)")?;
        }
    }
    Ok((d.finish(), at))
}

/// Latin-1 (`limit` 0x100) or ASCII (0x80).
pub fn encode(
    cx: &Thread,
    s: &'static Str,
    errors: Option<&'static Str>,
    limit: u32,
) -> Res<Vec<u8>> {
    match (s.data(), limit) {
        (Data::Ascii(d), _) => return Ok(cx.plain(d.len(), || d.to_vec())),
        (Data::Latin1(d), 0x100) => return Ok(cx.plain(d.len(), || d.to_vec())),
        _ => {}
    }
    let (name, reason) = if limit == 0x100 {
        ("latin-1", "ordinal not in range(256)")
    } else {
        ("ascii", "ordinal not in range(128)")
    };
    let mut e = Encoder::new(cx, name, errors, s);
    let d = s.data();
    let mut out = Vec::with_capacity(s.len());
    let mut i = 0;
    while i < s.len() {
        e.turn();
        let c = d.get(i);
        if c < limit {
            out.push(c as u8);
            i += 1;
            continue;
        }
        let start = i;
        let mut end = i + 1;
        while end < s.len() && d.get(end) >= limit {
            e.turn();
            end += 1;
        }
        i = e.replace((start, end), reason, limit, &mut out)?;
    }
    Ok(out)
}
