//! `binascii`: base64, hexadecimal, uuencode, quoted-printable, and checksums.

use crate::module_error::ModuleError;
use taipan_vm::buffer::ByteArg;
use taipan_vm::objects::bytes::Bytes as PyBytes;
use taipan_vm::prelude::*;

static ERROR: ModuleError = ModuleError::new();
static INCOMPLETE: ModuleError = ModuleError::new();

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Values of base64 characters; 255 for others.
static DECODE: [u8; 256] = {
    let mut t = [255u8; 256];
    let mut i = 0;
    while i < 64 {
        t[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    t
};

/// A safepoint now and then in a loop over bytes.
#[inline(always)]
fn breathe(cx: &Thread, i: usize) {
    if i & 0x7FFF == 0x7FFF {
        cx.mutator.poll();
    }
}

fn bytes(cx: &Thread, v: &[u8]) -> Value {
    Value::from_ref(PyBytes::new(cx, v))
}

fn ascii(cx: &Thread, v: Value) -> Res<ByteArg> {
    ByteArg::ascii_or_buffer(cx, v)
}

/// Decodes a line of uuencoded data.
#[pyfunction(sig = "(data, /)")]
fn a2b_uu(cx: &Thread, data: Value) -> Res {
    let d = ascii(cx, data)?;
    let mut want = (d.first().copied().unwrap_or(0).wrapping_sub(b' ') & 0o77) as usize;
    let mut out = Vec::with_capacity(want);
    let mut i = 1;
    let (mut acc, mut bits) = (0u32, 0);
    while want > 0 {
        let c = d.get(i).copied();
        let v = match c {
            None | Some(b'\n' | b'\r') => 0,
            Some(c) if !(b' '..=b' ' + 64).contains(&c) => {
                return Err(ERROR.raise(cx, "Illegal char"));
            }
            Some(c) => (c - b' ') & 0o77,
        };
        i += 1;
        acc = acc << 6 | v as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((acc >> bits) as u8);
            acc &= (1 << bits) - 1;
            want -= 1;
        }
    }
    let rest = d.get(i..).unwrap_or(&[]);
    if rest.iter().any(|c| !matches!(c, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(ERROR.raise(cx, "Trailing garbage"));
    }
    Ok(bytes(cx, &out))
}

/// Uuencodes a line of data.
#[pyfunction(sig = "(data, /, *, backtick=False)")]
fn b2a_uu(cx: &Thread, data: ByteArg, backtick: bool) -> Res {
    if data.len() > 45 {
        return Err(ERROR.raise(cx, "At most 45 bytes at once"));
    }
    let zero = |v: u8| if backtick && v == 0 { b'`' } else { v + b' ' };
    let mut out = vec![zero(data.len() as u8)];
    for c in data.chunks(3) {
        let at = |i: usize| c.get(i).copied().unwrap_or(0) as u32;
        let w = at(0) << 16 | at(1) << 8 | at(2);
        // A short group is padded with zeros, as CPython does.
        for s in [18, 12, 6, 0] {
            out.push(zero((w >> s & 63) as u8));
        }
    }
    out.push(b'\n');
    Ok(bytes(cx, &out))
}

/// Decodes base64 data.
#[pyfunction(sig = "(data, /, *, strict_mode=False)")]
fn a2b_base64(cx: &Thread, data: Value, strict_mode: bool) -> Res {
    let d = ascii(cx, data)?;
    let fail = |m: &str| Err(ERROR.raise(cx, m));
    if strict_mode && d.first() == Some(&b'=') {
        return fail("Leading padding not allowed");
    }
    let mut out = Vec::with_capacity(d.len() / 4 * 3 + 3);
    // What is base64 throughout goes four characters at a time, up to the first that is none.
    let mut begun = 0;
    for (i, q) in d.chunks_exact(4).enumerate() {
        breathe(cx, i);
        let v = [q[0], q[1], q[2], q[3]].map(|c| DECODE[c as usize] as u32);
        if (v[0] | v[1] | v[2] | v[3]) >= 64 {
            break;
        }
        let w = v[0] << 18 | v[1] << 12 | v[2] << 6 | v[3];
        out.extend_from_slice(&w.to_be_bytes()[1..]);
        begun += 4;
    }
    let (mut quad, mut pads, mut left, mut padding) = (0, 0, 0u8, false);
    for (i, &c) in d.iter().enumerate().skip(begun) {
        breathe(cx, i);
        if c == b'=' {
            padding = true;
            if strict_mode && quad == 0 {
                return fail("Excess padding not allowed");
            }
            if quad >= 2 {
                pads += 1;
                if quad + pads >= 4 {
                    if strict_mode && i + 1 < d.len() {
                        return fail("Excess data after padding");
                    }
                    return Ok(bytes(cx, &out));
                }
            }
            continue;
        }
        let v = DECODE[c as usize];
        if v >= 64 {
            if strict_mode {
                return fail("Only base64 data is allowed");
            }
            continue;
        }
        if strict_mode && padding {
            return fail("Discontinuous padding not allowed");
        }
        pads = 0;
        match quad {
            0 => left = v,
            1 => {
                out.push(left << 2 | v >> 4);
                left = v & 15;
            }
            2 => {
                out.push(left << 4 | v >> 2);
                left = v & 3;
            }
            _ => {
                out.push(left << 6 | v);
                left = 0;
            }
        }
        quad = (quad + 1) % 4;
    }
    match quad {
        0 => Ok(bytes(cx, &out)),
        1 => {
            let n = out.len() / 3 * 4 + 1;
            fail(&format!(
                "Invalid base64-encoded string: number of data characters ({n}) cannot be 1 more than a multiple of 4"
            ))
        }
        _ => fail("Incorrect padding"),
    }
}

/// Base64-encodes data.
#[pyfunction(sig = "(data, /, *, newline=True)")]
fn b2a_base64(cx: &Thread, data: ByteArg, newline: bool) -> Res {
    let out = cx.plain(data.len(), || {
        let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4 + 1);
        let quad = |a: u8, b: u8, c: u8| {
            let w = (a as usize) << 16 | (b as usize) << 8 | c as usize;
            [w >> 18, w >> 12 & 63, w >> 6 & 63, w & 63].map(|i| ALPHABET[i])
        };
        let threes = data.chunks_exact(3);
        let last = threes.remainder();
        threes.for_each(|t| out.extend_from_slice(&quad(t[0], t[1], t[2])));
        match *last {
            [a] => {
                out.extend_from_slice(&quad(a, 0, 0)[..2]);
                out.extend_from_slice(b"==");
            }
            [a, b] => {
                out.extend_from_slice(&quad(a, b, 0)[..3]);
                out.push(b'=');
            }
            _ => {}
        }
        if newline {
            out.push(b'\n');
        }
        out
    });
    Ok(bytes(cx, &out))
}

/// Binary data as hexadecimal digits.
#[pyfunction(
    sig = "(data, sep=None, bytes_per_sep=1)",
    text = "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)"
)]
fn hexlify(cx: &Thread, data: Value, sep: Option<Value>, bytes_per_sep: i32) -> Res {
    b2a_hex_bytes(cx, data, sep, bytes_per_sep)
}

/// Binary data as hexadecimal digits.
#[pyfunction(
    sig = "(data, sep=None, bytes_per_sep=1)",
    text = "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)"
)]
fn b2a_hex(cx: &Thread, data: Value, sep: Option<Value>, bytes_per_sep: i32) -> Res {
    b2a_hex_bytes(cx, data, sep, bytes_per_sep)
}

fn b2a_hex_bytes(cx: &Thread, data: Value, sep: Option<Value>, group: i32) -> Res {
    let d = ByteArg::get(cx, data)?;
    let s = taipan_vm::objects::bytes_ops::hex(cx, &d, sep, group)?;
    Ok(bytes(cx, s.data_bytes()))
}

fn unhex(cx: &Thread, v: Value) -> Res {
    let d = ascii(cx, v)?;
    if d.len() % 2 != 0 {
        return Err(ERROR.raise(cx, "Odd-length string"));
    }
    let digit = |b: u8| (b as char).to_digit(16);
    let mut out = Vec::with_capacity(d.len() / 2);
    for (i, p) in d.chunks(2).enumerate() {
        breathe(cx, i);
        match (digit(p[0]), digit(p[1])) {
            (Some(a), Some(b)) => out.push((a << 4 | b) as u8),
            _ => return Err(ERROR.raise(cx, "Non-hexadecimal digit found")),
        }
    }
    Ok(bytes(cx, &out))
}

/// Binary data from hexadecimal digits.
#[pyfunction(sig = "(hexstr, /)")]
fn a2b_hex(cx: &Thread, hexstr: Value) -> Res {
    unhex(cx, hexstr)
}

/// Binary data from hexadecimal digits.
#[pyfunction(sig = "(hexstr, /)")]
fn unhexlify(cx: &Thread, hexstr: Value) -> Res {
    unhex(cx, hexstr)
}

/// Decodes quoted-printable data.
#[pyfunction(sig = "(data, header=False)")]
fn a2b_qp(cx: &Thread, data: Value, header: bool) -> Res {
    let d = ascii(cx, data)?;
    let mut out = Vec::with_capacity(d.len());
    let mut i = 0;
    let mut turns = 0;
    while i < d.len() {
        turns += 1;
        breathe(cx, turns);
        let c = d[i];
        i += 1;
        if c == b'_' && header {
            out.push(b' ');
            continue;
        }
        if c != b'=' {
            out.push(c);
            continue;
        }
        let Some(&n) = d.get(i) else { break };
        let hex = |b: Option<&u8>| b.and_then(|b| (*b as char).to_digit(16));
        if n == b'\n' || n == b'\r' {
            // A soft line break: everything up to the line feed goes.
            if n != b'\n' {
                while i < d.len() && d[i] != b'\n' {
                    i += 1;
                }
            }
            if i < d.len() {
                i += 1;
            }
        } else if n == b'=' {
            out.push(b'=');
            i += 1;
        } else if let (Some(a), Some(b)) = (hex(d.get(i)), hex(d.get(i + 1))) {
            out.push((a << 4 | b) as u8);
            i += 2;
        } else {
            out.push(b'=');
        }
    }
    Ok(bytes(cx, &out))
}

/// Encodes data as quoted-printable.
#[pyfunction(sig = "(data, quotetabs=False, istext=True, header=False)")]
fn b2a_qp(cx: &Thread, data: ByteArg, quotetabs: bool, istext: bool, header: bool) -> Res {
    const LONGEST: usize = 76;
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let d: &[u8] = &data;
    let crlf = d.iter().position(|b| *b == b'\n').is_some_and(|i| i > 0 && d[i - 1] == b'\r');
    let eol: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut out: Vec<u8> = Vec::with_capacity(d.len() + d.len() / 8);
    let mut line = 0;
    let mut i = 0;
    let mut turns = 0;
    while i < d.len() {
        turns += 1;
        breathe(cx, turns);
        let c = d[i];
        let next = d.get(i + 1).copied();
        let lone_dot = c == b'.' && line == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0));
        let quote = c > 126
            || c == b'='
            || (header && c == b'_')
            || lone_dot
            || (!istext && matches!(c, b'\r' | b'\n'))
            || (matches!(c, b'\t' | b' ') && next.is_none())
            || (c < 33 && !matches!(c, b'\r' | b'\n') && (quotetabs || !matches!(c, b'\t' | b' ')));
        if quote {
            if line + 3 >= LONGEST {
                out.push(b'=');
                out.extend_from_slice(eol);
                line = 0;
            }
            out.extend_from_slice(&[b'=', HEX[(c >> 4) as usize], HEX[(c & 15) as usize]]);
            line += 3;
            i += 1;
        } else if istext && (c == b'\n' || (c == b'\r' && next == Some(b'\n'))) {
            line = 0;
            if let Some(&w @ (b' ' | b'\t')) = out.last() {
                out.pop();
                out.extend_from_slice(&[b'=', HEX[(w >> 4) as usize], HEX[(w & 15) as usize]]);
            }
            out.extend_from_slice(eol);
            i += if c == b'\r' { 2 } else { 1 };
        } else {
            if next.is_some() && next != Some(b'\n') && line + 1 >= LONGEST {
                out.push(b'=');
                out.extend_from_slice(eol);
                line = 0;
            }
            line += 1;
            out.push(if header && c == b' ' { b'_' } else { c });
            i += 1;
        }
    }
    Ok(bytes(cx, &out))
}

/// CRC-CCITT (polynomial 0x1021), as BinHex uses it.
#[pyfunction(sig = "(data, crc, /)")]
fn crc_hqx(cx: &Thread, data: ByteArg, crc: Value) -> Res {
    let i = index(cx, crc)?;
    let mut c = taipan_vm::objects::int::wrapping_u64(i).unwrap_or(0) as u16;
    for (i, b) in data.iter().enumerate() {
        breathe(cx, i);
        c ^= (*b as u16) << 8;
        for _ in 0..8 {
            c = if c & 0x8000 != 0 { c << 1 ^ 0x1021 } else { c << 1 };
        }
    }
    Ok(Value::small(c as i64))
}

/// CRC-32 as zlib computes it.
#[pyfunction(sig = "(data, crc=0, /)")]
fn crc32(cx: &Thread, data: ByteArg, crc: Value) -> Res {
    let i = index(cx, crc)?;
    let start = taipan_vm::objects::int::wrapping_u64(i).unwrap_or(0) as u32;
    let mut h = crc32fast::Hasher::new_with_initial(start);
    let d: &[u8] = &data;
    cx.detach(|| h.update(d));
    Ok(Value::small(h.finalize() as i64))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    ERROR.add(cx, m, "binascii", "Error", exc::ValueError())?;
    INCOMPLETE.add(cx, m, "binascii", "Incomplete", exc::Exception())?;
    Ok(())
}

pymodule! { "binascii", doc: "Conversion between binary data and ASCII", functions: [
    a2b_uu, b2a_uu, a2b_base64, b2a_base64, hexlify, b2a_hex, a2b_hex, unhexlify, a2b_qp, b2a_qp,
    crc_hqx, crc32
], exec: exec }
