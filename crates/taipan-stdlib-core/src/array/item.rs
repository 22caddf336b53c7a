//! The items of an array: their types, and values to and from their bytes.

use taipan_numtext::packing::Kind as Code;
use taipan_vm::objects::int;
use taipan_vm::objects::packed_item::{self, Misfit};
use taipan_vm::prelude::*;

/// Kind and size of a typecode; characters are four bytes.
pub fn info(code: u8) -> (Code, usize) {
    match code {
        b'u' | b'w' => (Code::Int { signed: false }, 4),
        _ => {
            let (kind, size, _) =
                taipan_numtext::packing::code_info(code, true).expect("a known code");
            (kind, size)
        }
    }
}

pub fn is_text(code: u8) -> bool {
    matches!(code, b'u' | b'w')
}

fn overflow(cx: &Thread, code: u8, negative: bool) -> Raised {
    let (low, high) = match code {
        b'b' => ("signed char is less than minimum", "signed char is greater than maximum"),
        b'B' => (
            "unsigned byte integer is less than minimum",
            "unsigned byte integer is greater than maximum",
        ),
        b'h' => (
            "signed short integer is less than minimum",
            "signed short integer is greater than maximum",
        ),
        b'H' => ("unsigned short is less than minimum", "unsigned short is greater than maximum"),
        b'i' => ("signed integer is less than minimum", "signed integer is greater than maximum"),
        b'I' => {
            ("can't convert negative value to unsigned int", "unsigned int is greater than maximum")
        }
        b'L' => (
            "can't convert negative value to unsigned int",
            "Python int too large to convert to C unsigned long",
        ),
        b'Q' => ("can't convert negative int to unsigned", "int too big to convert"),
        b'l' => (
            "Python int too large to convert to C long",
            "Python int too large to convert to C long",
        ),
        _ => ("int too big to convert", "int too big to convert"),
    };
    err!(cx, OverflowError, "{}", if negative { low } else { high })
}

/// The bytes of an item, of which there are at most eight.
pub struct Item {
    bytes: [u8; 8],
    size: usize,
}

impl std::ops::Deref for Item {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.size]
    }
}

/// An int that is no object, or a float that is none, as an item of a number type that holds it.
#[inline]
fn pack_quick(code: u8, v: Value) -> Option<Item> {
    if let Some(i) = v.as_small() {
        let (low, high, size) = match code {
            b'b' => (i8::MIN as i64, i8::MAX as i64, 1),
            b'B' => (0, u8::MAX as i64, 1),
            b'h' => (i16::MIN as i64, i16::MAX as i64, 2),
            b'H' => (0, u16::MAX as i64, 2),
            b'i' => (i32::MIN as i64, i32::MAX as i64, 4),
            b'I' => (0, u32::MAX as i64, 4),
            b'l' | b'q' => (i64::MIN, i64::MAX, 8),
            b'L' | b'Q' => (0, i64::MAX, 8),
            b'd' => return Some(Item { bytes: (i as f64).to_le_bytes(), size: 8 }),
            _ => return None,
        };
        return (low..=high).contains(&i).then(|| Item { bytes: i.to_le_bytes(), size });
    }
    match v.as_unboxed_f64() {
        Some(x) if code == b'd' => Some(Item { bytes: x.to_le_bytes(), size: 8 }),
        _ => None,
    }
}

#[inline]
pub fn pack(cx: &Thread, code: u8, v: Value) -> Res<Item> {
    match pack_quick(code, v) {
        Some(item) => Ok(item),
        None => pack_slow(cx, code, v),
    }
}

#[inline(never)]
fn pack_slow(cx: &Thread, code: u8, v: Value) -> Res<Item> {
    let (kind, size) = info(code);
    if is_text(code) {
        return match v.downcast::<Str>() {
            Some(s) if s.len() == 1 => {
                Ok(Item { bytes: u64::from(s.char_at(0)).to_le_bytes(), size })
            }
            Some(s) => raise!(
                cx,
                TypeError,
                "array item must be a string of length 1, not a string of length {}",
                s.len()
            ),
            None => raise!(
                cx,
                TypeError,
                "array item must be a unicode character, not {}",
                v.ty().name()
            ),
        };
    }
    let mut out = Item { bytes: [0; 8], size };
    if let Code::Int { .. } = kind {
        let i = index(cx, v)?;
        return match packed_item::pack(cx, kind, i, &mut out.bytes[..size]) {
            Ok(()) => Ok(out),
            Err(Misfit::Raised(e)) => Err(e),
            Err(_) => Err(overflow(cx, code, int::is_negative(i))),
        };
    }
    match packed_item::pack(cx, kind, v, &mut out.bytes[..size]) {
        Ok(()) => Ok(out),
        Err(Misfit::Raised(e)) => Err(e),
        Err(_) => raise!(cx, TypeError, "must be real number, not {}", v.ty().name()),
    }
}

pub fn checked_char(cx: &Thread, c: u32) -> Res<u32> {
    if c > 0x10FFFF {
        raise!(cx, ValueError, "character U+{c:x} is not in range [U+0000; U+10ffff]");
    }
    Ok(c)
}

#[inline]
pub fn unpack(cx: &Thread, code: u8, b: &[u8]) -> Res<Value> {
    let i = match (code, b) {
        (b'b', &[x]) => i64::from(x as i8),
        (b'B', &[x]) => i64::from(x),
        (b'h', &[x, y]) => i64::from(i16::from_le_bytes([x, y])),
        (b'H', &[x, y]) => i64::from(u16::from_le_bytes([x, y])),
        (b'i', &[x, y, z, w]) => i64::from(i32::from_le_bytes([x, y, z, w])),
        (b'I', &[x, y, z, w]) => i64::from(u32::from_le_bytes([x, y, z, w])),
        _ => return unpack_slow(cx, code, b),
    };
    Ok(Value::small(i))
}

fn unpack_slow(cx: &Thread, code: u8, b: &[u8]) -> Res<Value> {
    if is_text(code) {
        let c = checked_char(cx, u32::from_le_bytes(b.try_into().unwrap_or([0; 4])))?;
        return Ok(Value::from_ref(Str::from_chars(cx, [c])));
    }
    Ok(packed_item::unpack(cx, info(code).0, b))
}
