//! `repr(str)` and `ascii()`.

use super::{Data, Str, StrBuilder};
use crate::prelude::*;

fn quote_for(s: &Str) -> u32 {
    let has = |q: u8| match s.data() {
        Data::Ascii(d) | Data::Latin1(d) => d.contains(&q),
        Data::Ucs2(d) => d.contains(&(q as u16)),
        Data::Ucs4(d) => d.contains(&(q as u32)),
    };
    if has(b'\'') && !has(b'"') { '"' as u32 } else { '\'' as u32 }
}

/// The escape of a character that is not shown as it is.
pub fn push_escape(b: &mut StrBuilder, c: u32) {
    let (letter, digits) = match c {
        0..=0xFF => (b'x', 2),
        0x100..=0xFFFF => (b'u', 4),
        _ => (b'U', 8),
    };
    let mut text = [b'\\', letter, 0, 0, 0, 0, 0, 0, 0, 0];
    for (i, to) in text[2..2 + digits].iter_mut().rev().enumerate() {
        *to = b"0123456789abcdef"[(c >> (4 * i)) as usize & 15];
    }
    b.push_latin1(&text[..2 + digits]);
}

pub fn str_repr(cx: &Thread, s: &Str) -> &'static Str {
    if let Data::Ascii(d) = s.data() {
        let plain = cx.plain(d.len(), || {
            d.iter().all(|c| (0x20..0x7F).contains(c) && *c != b'\'' && *c != b'\\')
        });
        if plain {
            let made = Str::build_narrow(cx, d.len() + 2, true, |out| {
                out[0] = b'\'';
                out[1..=d.len()].copy_from_slice(d);
                out[d.len() + 1] = b'\'';
            });
            if let Ok(made) = made {
                return made;
            }
        }
    }
    if let Data::Ucs2(d) = s.data() {
        let plain = |c: &u16| match *c {
            0x20..0x7F => *c != 0x27 && *c != 0x5C,
            c => c > 0x7F && taipan_unicode::is_printable(u32::from(c)),
        };
        if cx.plain(d.len(), || d.iter().all(plain)) {
            let made = Str::build_like(cx, s, d.len() + 2, |out| {
                let out = out.cast::<u16>();
                // SAFETY: there is room for two units more.
                unsafe {
                    out.write(0x27);
                    std::ptr::copy_nonoverlapping(d.as_ptr(), out.add(1), d.len());
                    out.add(d.len() + 1).write(0x27);
                }
            });
            if let Ok(made) = made {
                return made;
            }
        }
    }
    // SAFETY: the text never changes, and the caller holds it.
    let q = unsafe { cx.mutator.plain(s.len(), || quote_for(s)) };
    let mut b = StrBuilder::with_capacity(s.len() + 2);
    b.push(q);
    for (i, c) in s.chars().enumerate() {
        if i & 0x7FFF == 0x7FFF {
            cx.mutator.poll();
        }
        match c {
            0x5C => b.push_str("\\\\"),
            0x0A => b.push_str("\\n"),
            0x0D => b.push_str("\\r"),
            0x09 => b.push_str("\\t"),
            _ if c == q => {
                b.push('\\' as u32);
                b.push(c);
            }
            0x20..=0x7E => b.push(c),
            0..=0x7F => push_escape(&mut b, c),
            _ if taipan_unicode::is_printable(c) => b.push(c),
            _ => push_escape(&mut b, c),
        }
    }
    b.push(q);
    b.finish(cx)
}

/// `ascii(v)`.
pub fn ascii(cx: &Thread, v: Value) -> Res<&'static Str> {
    let r = repr(cx, v)?;
    if r.is_ascii() {
        return Ok(r);
    }
    let width = |c| match c {
        0..0x80 => 1,
        0x80..0x100 => 4,
        0x100..0x1_0000 => 6,
        _ => 10,
    };
    // A long text is measured first: to grow it would copy millions of characters at once.
    let mut room = r.len() * 2;
    if r.len() > 1 << 16 {
        room = 0;
        for (i, c) in r.chars().enumerate() {
            if i & 0x7FFF == 0x7FFF {
                cx.mutator.poll();
            }
            room += width(c);
        }
    }
    let mut b = StrBuilder::with_capacity(room);
    for (i, c) in r.chars().enumerate() {
        if i & 0x7FFF == 0x7FFF {
            cx.mutator.poll();
        }
        if c < 0x80 { b.push(c) } else { push_escape(&mut b, c) }
    }
    Ok(b.finish(cx))
}
