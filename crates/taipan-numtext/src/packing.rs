//! Format strings of `struct` (and `array`, `memoryview`): parsed to fields with offsets, and
//! numbers to and from bytes. Values and argument checks are the VM's.

use crate::bigint::{ByteOrder, Int, IntRef, from_bytes, to_bytes};
use crate::float::{from_half, to_half};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `c`: one byte as bytes.
    Char,
    /// `s`
    Bytes,
    /// `p`: a length byte, then bytes.
    Pascal,
    Int {
        signed: bool,
    },
    /// `P`
    Pointer,
    Bool,
    Half,
    Single,
    Double,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub code: u8,
    pub kind: Kind,
    pub offset: usize,
    /// Bytes of one item; of the whole for `s` and `p`.
    pub size: usize,
    pub repeat: usize,
    /// The code of the machine's own number of the same layout, in a fixed set (`bBhHiIqQfd`);
    /// 0: there is none.
    pub machine: u8,
}

/// The machine's number type that a field is made of.
fn machine_code(kind: Kind, size: usize, order: ByteOrder) -> u8 {
    let host = if cfg!(target_endian = "little") { ByteOrder::Little } else { ByteOrder::Big };
    match (kind, size) {
        _ if order != host => 0,
        (Kind::Int { signed: true }, 1) => b'b',
        (Kind::Int { signed: false }, 1) => b'B',
        (Kind::Int { signed: true }, 2) => b'h',
        (Kind::Int { signed: false }, 2) => b'H',
        (Kind::Int { signed: true }, 4) => b'i',
        (Kind::Int { signed: false }, 4) => b'I',
        (Kind::Int { signed: true }, 8) => b'q',
        (Kind::Int { signed: false }, 8) => b'Q',
        (Kind::Single, _) => b'f',
        (Kind::Double, _) => b'd',
        _ => 0,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFormat {
    pub order: ByteOrder,
    /// `@` or none: native sizes, alignment, and unchecked narrowing to `f`.
    pub native: bool,
    pub size: usize,
    /// Values that `pack` takes.
    pub count: usize,
    pub fields: Vec<Field>,
}

/// Kind, size and alignment of a code; an alignment of 0 where none applies.
pub fn code_info(code: u8, native: bool) -> Option<(Kind, usize, usize)> {
    let signed = code.is_ascii_lowercase();
    let (kind, size, native_only) = match code {
        b'b' | b'B' => (Kind::Int { signed }, 1, false),
        b'c' => (Kind::Char, 1, false),
        b's' => (Kind::Bytes, 1, false),
        b'p' => (Kind::Pascal, 1, false),
        b'h' | b'H' => (Kind::Int { signed }, 2, false),
        b'i' | b'I' => (Kind::Int { signed }, 4, false),
        b'l' | b'L' => (Kind::Int { signed }, if native { 8 } else { 4 }, false),
        b'q' | b'Q' => (Kind::Int { signed }, 8, false),
        b'n' | b'N' => (Kind::Int { signed }, 8, true),
        b'?' => (Kind::Bool, 1, false),
        b'e' => (Kind::Half, 2, false),
        b'f' => (Kind::Single, 4, false),
        b'd' => (Kind::Double, 8, false),
        b'P' => (Kind::Pointer, 8, true),
        _ => return None,
    };
    if native_only && !native {
        return None;
    }
    Some((kind, size, if native && size > 1 { size } else { 0 }))
}

/// The message of a `struct.error` on failure.
pub fn parse(format: &[u8]) -> Result<PackFormat, &'static str> {
    if format.contains(&0) {
        return Err("embedded null character");
    }
    let host = if cfg!(target_endian = "little") { ByteOrder::Little } else { ByteOrder::Big };
    let (order, native, rest) = match format {
        [b'<', rest @ ..] => (ByteOrder::Little, false, rest),
        [b'>' | b'!', rest @ ..] => (ByteOrder::Big, false, rest),
        [b'=', rest @ ..] => (host, false, rest),
        [b'@', rest @ ..] => (host, true, rest),
        rest => (host, true, rest),
    };
    let too_long = "total struct size too long";
    let limit = isize::MAX as usize;
    let mut out = PackFormat { order, native, size: 0, count: 0, fields: Vec::new() };
    let mut bytes = rest.iter().copied();
    while let Some(mut code) = bytes.next() {
        if matches!(code, b' ' | b'\t'..=b'\r') {
            continue;
        }
        let mut repeat = 1usize;
        if code.is_ascii_digit() {
            repeat = 0;
            while code.is_ascii_digit() {
                repeat = repeat
                    .checked_mul(10)
                    .and_then(|n| n.checked_add((code - b'0') as usize))
                    .filter(|&n| n <= limit)
                    .ok_or(too_long)?;
                code = bytes.next().ok_or("repeat count given without format specifier")?;
            }
        }
        let bad = "bad char in struct format";
        if code == b'x' {
            out.size = out.size.checked_add(repeat).filter(|&n| n <= limit).ok_or(too_long)?;
            continue;
        }
        let (kind, size, alignment) = code_info(code, native).ok_or(bad)?;
        if alignment > 0 {
            out.size = out.size.checked_next_multiple_of(alignment).ok_or(too_long)?;
        }
        let total = repeat
            .checked_mul(size)
            .and_then(|n| n.checked_add(out.size))
            .filter(|&n| n <= limit)
            .ok_or(too_long)?;
        let offset = out.size;
        out.size = total;
        if matches!(kind, Kind::Bytes | Kind::Pascal) {
            out.count += 1;
            let machine = 0;
            out.fields.push(Field { code, kind, offset, size: repeat, repeat: 1, machine });
        } else if repeat > 0 {
            out.count += repeat;
            let machine = machine_code(kind, size, order);
            out.fields.push(Field { code, kind, offset, size, repeat, machine });
        }
    }
    Ok(out)
}

/// Writes an int into `out`; `false` where it does not fit.
pub fn write_int(out: &mut [u8], value: IntRef, order: ByteOrder, signed: bool) -> bool {
    match to_bytes(value, out.len(), order, signed) {
        Ok(bytes) => {
            out.copy_from_slice(&bytes);
            true
        }
        Err(_) => false,
    }
}

/// As `write_int`, of a machine word.
pub fn write_i64(out: &mut [u8], value: i64, order: ByteOrder, signed: bool) -> bool {
    let bits = out.len() as u32 * 8;
    let fits = if signed {
        bits >= 64 || (value >> (bits - 1)) == (value >> 63)
    } else {
        value >= 0 && (bits >= 64 || value >> bits == 0)
    };
    if !fits {
        return false;
    }
    let mut bytes = value.to_le_bytes();
    let n = out.len();
    if order == ByteOrder::Big {
        bytes[..n].reverse();
    }
    put(out, &bytes);
    true
}

/// The first bytes of `from`, as many as `out` has. The sizes of machine types are told apart, so
/// that no copy is a call.
#[inline]
fn put(out: &mut [u8], from: &[u8]) {
    match out.len() {
        1 => out[0] = from[0],
        2 => out.copy_from_slice(&from[..2]),
        4 => out.copy_from_slice(&from[..4]),
        8 => out.copy_from_slice(&from[..8]),
        n => out.copy_from_slice(&from[..n]),
    }
}

/// Up to eight bytes as an unsigned number.
#[inline]
fn word(bytes: &[u8], order: ByteOrder) -> u64 {
    let little = match *bytes {
        [a] => return u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => bytes.iter().rev().fold(0, |w, b| w << 8 | u64::from(*b)),
    };
    match order {
        ByteOrder::Little => little,
        _ => little.swap_bytes() >> (64 - 8 * bytes.len() as u32),
    }
}

/// An int of up to eight bytes; `Err` holds an unsigned one beyond `i64`.
pub fn read_int(bytes: &[u8], order: ByteOrder, signed: bool) -> Result<i64, Int> {
    let value = word(bytes, order);
    if signed {
        let spare = 64 - 8 * bytes.len() as u32;
        return Ok((value << spare) as i64 >> spare);
    }
    i64::try_from(value).map_err(|_| from_bytes(bytes, order, false))
}

/// "'h' format requires -32768 <= number <= 32767"
pub fn range_message(code: u8, size: usize, signed: bool) -> String {
    let largest = u64::MAX >> (64 - 8 * size as u32);
    let code = code as char;
    if signed {
        let top = (largest >> 1) as i64;
        format!("'{code}' format requires {} <= number <= {top}", !top)
    } else {
        format!("'{code}' format requires 0 <= number <= {largest}")
    }
}

/// Why a float could not be packed: an OverflowError's message.
pub type TooLargeMessage = &'static str;

pub fn write_float(
    out: &mut [u8],
    value: f64,
    kind: Kind,
    order: ByteOrder,
    native: bool,
) -> Result<(), TooLargeMessage> {
    let mut put = |bytes: &[u8]| {
        put(out, bytes);
        if order == ByteOrder::Big {
            out.reverse();
        }
    };
    match kind {
        Kind::Half => {
            let half = to_half(value).ok_or("float too large to pack with e format")?;
            put(&half.to_le_bytes());
        }
        Kind::Single => {
            let single = value as f32;
            if single.is_infinite() && value.is_finite() && !native {
                return Err("float too large to pack with f format");
            }
            put(&single.to_le_bytes());
        }
        _ => put(&value.to_le_bytes()),
    }
    Ok(())
}

pub fn read_float(bytes: &[u8], kind: Kind, order: ByteOrder) -> f64 {
    let bits = word(bytes, order);
    match kind {
        Kind::Half => from_half(bits as u16),
        Kind::Single => f32::from_bits(bits as u32) as f64,
        _ => f64::from_bits(bits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_and_count(format: &str) -> Result<(usize, usize), &'static str> {
        parse(format.as_bytes()).map(|f| (f.size, f.count))
    }

    #[test]
    fn sizes_are_cpythons() {
        assert_eq!(size_and_count("bhilqP"), Ok((32, 6)));
        assert_eq!(size_and_count("<bhilqQ"), Ok((27, 6)));
        assert_eq!(size_and_count("3s 2x 0i 4p b0l"), Ok((16, 3)));
        assert_eq!(size_and_count("!?efd"), Ok((15, 4)));
        assert_eq!(size_and_count("<P"), Err("bad char in struct format"));
        assert_eq!(size_and_count("3"), Err("repeat count given without format specifier"));
        assert_eq!(size_and_count("9223372036854775807s"), Ok((9223372036854775807, 1)));
        assert_eq!(size_and_count("9223372036854775808s"), Err("total struct size too long"));
    }

    #[test]
    fn ints_come_back_and_misfits_are_refused() {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            for size in [1usize, 2, 4, 8] {
                let top = (u64::MAX >> (64 - 8 * size as u32 + 1)) as i64;
                for v in [0, 1, -1, top, !top, top / 3] {
                    let mut buffer = vec![0u8; size];
                    assert!(write_i64(&mut buffer, v, order, true));
                    assert_eq!(read_int(&buffer, order, true), Ok(v));
                    let mut again = vec![0u8; size];
                    assert!(write_int(&mut again, Int::from_i64(v).as_ref(), order, true));
                    assert_eq!(buffer, again);
                }
                if size < 8 {
                    let mut buffer = vec![0u8; size];
                    assert!(!write_i64(&mut buffer, top + 1, order, true));
                    assert!(write_i64(&mut buffer, top + 1, order, false));
                    assert!(!write_i64(&mut buffer, -1, order, false));
                }
            }
        }
        assert_eq!(range_message(b'h', 2, true), "'h' format requires -32768 <= number <= 32767");
    }
}
