//! Codecs by a mapping: a decoding string or dict, an encoding dict or `EncodingMap`.

use super::Decoded;
use super::errors::{Decoder, Encoder, Replacement};
use crate::prelude::*;
use crate::types::alloc::fresh_head;

const UNDEFINED: &str = "character maps to <undefined>";

/// What `charmap_build` makes of a decoding table, for encoding.
#[repr(C)]
pub struct EncodingMap {
    pub head: Head,
    /// The decoding table: a Str of up to 256 characters.
    table: Slot,
}

crate::pytype! { EncodingMap, PyEncodingMap_Type, name: "EncodingMap", module: "builtins",
base: crate::objects::object::Object }

#[pymethods]
impl EncodingMap {
    /// The size of the map.
    #[pymethod(sig = "(self, /)")]
    fn size(_cx: &Thread, _this: &EncodingMap) -> usize {
        256
    }
}

pub fn build(cx: &Thread, table: &'static Str) -> Value {
    let m = EncodingMap { head: fresh_head(), table: Slot::empty() };
    m.table.init(Some(Value::from_ref(table)));
    Value::from_ref(cx.alloc(m))
}

impl EncodingMap {
    fn lookup(&self, c: u32) -> Option<u8> {
        let t = self.table.value().downcast::<Str>().expect("a map has a table");
        if c == 0xFFFE {
            return None;
        }
        let n = t.len().min(256);
        if (c as usize) < n && t.char_at(c as usize) == c {
            // Most tables keep ASCII in place; a later duplicate would win, and there is none then.
            return Some(c as u8);
        }
        (0..n).rev().find(|i| t.char_at(*i) == c).map(|i| i as u8)
    }
}

pub fn decode(cx: &Thread, data: &[u8], errors: Option<&'static Str>, mapping: Value) -> Decoded {
    let mut d = Decoder::new(cx, "charmap", errors, data);
    let mut at = 0;
    if let Some(table) = mapping.downcast_exact::<Str>() {
        let t = table.data();
        while at < d.data.len() {
            d.turn();
            let b = d.data[at] as usize;
            let c = if b < t.len() { t.get(b) } else { 0xFFFE };
            if c == 0xFFFE {
                at = d.error(at, at + 1, UNDEFINED)?;
            } else {
                d.out.push(c);
                at += 1;
            }
        }
        return Ok((d.finish(), at));
    }
    while at < d.data.len() {
        d.turn();
        let key = Value::small(d.data[at] as i64);
        let found = match get_item(cx, mapping, key) {
            Ok(v) => v,
            Err(e) if e.is(exc::LookupError()) => {
                at = d.error(at, at + 1, UNDEFINED)?;
                continue;
            }
            Err(e) => return Err(e),
        };
        if found.is_none() {
            at = d.error(at, at + 1, UNDEFINED)?;
        } else if crate::objects::int::is_int(found) {
            match int_to_i64(found) {
                Some(0xFFFE) => at = d.error(at, at + 1, UNDEFINED)?,
                Some(c @ 0..=0x10FFFF) => {
                    d.out.push(c as u32);
                    at += 1;
                }
                _ => raise!(cx, TypeError, "character mapping must be in range(0x110000)"),
            }
        } else if let Some(s) = found.downcast::<Str>() {
            if s.len() == 1 && s.char_at(0) == 0xFFFE {
                at = d.error(at, at + 1, UNDEFINED)?;
            } else {
                d.out.push_obj(s);
                at += 1;
            }
        } else {
            raise!(cx, TypeError, "character mapping must return integer, None or str");
        }
    }
    Ok((d.finish(), at))
}

/// The bytes of one character; `None` where the map has none.
fn one(cx: &Thread, mapping: Value, c: u32, out: &mut Vec<u8>) -> Res<bool> {
    if let Some(m) = mapping.downcast_exact::<EncodingMap>() {
        return Ok(match m.lookup(c) {
            Some(b) => {
                out.push(b);
                true
            }
            None => false,
        });
    }
    let v = match get_item(cx, mapping, Value::small(c as i64)) {
        Ok(v) => v,
        Err(e) if e.is(exc::LookupError()) => return Ok(false),
        Err(e) => return Err(e),
    };
    if v.is_none() {
        return Ok(false);
    }
    if crate::objects::int::is_int(v) {
        match int_to_i64(v).and_then(|n| u8::try_from(n).ok()) {
            Some(b) => out.push(b),
            None => raise!(cx, TypeError, "character mapping must be in range(256)"),
        }
        return Ok(true);
    }
    match v.downcast::<Bytes>() {
        Some(b) => {
            out.extend_from_slice(b.as_slice());
            Ok(true)
        }
        None => raise!(
            cx,
            TypeError,
            "character mapping must return integer, bytes or None, not {}",
            v.ty().name()
        ),
    }
}

pub fn encode(
    cx: &Thread,
    s: &'static Str,
    errors: Option<&'static Str>,
    mapping: Value,
) -> Res<Vec<u8>> {
    let mut e = Encoder::new(cx, "charmap", errors, s);
    let mut out = Vec::with_capacity(s.len());
    let mut i = 0;
    while i < s.len() {
        e.turn();
        if one(cx, mapping, s.char_at(i), &mut out)? {
            i += 1;
            continue;
        }
        let start = i;
        let mut end = i + 1;
        let mut probe = Vec::new();
        while end < s.len() && !one(cx, mapping, s.char_at(end), &mut probe)? {
            e.turn();
            end += 1;
        }
        let (rep, at) = e.error(start, end, UNDEFINED)?;
        match rep {
            Replacement::Bytes(b) => out.extend(b),
            Replacement::Text(t) => {
                for c in t {
                    e.turn();
                    if !one(cx, mapping, c, &mut out)? {
                        return Err(e.raise(start, end, UNDEFINED));
                    }
                }
            }
        }
        i = at;
    }
    Ok(out)
}
