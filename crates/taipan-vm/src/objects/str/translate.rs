//! `str.translate` and `str.maketrans`.

use super::{Data, Str, StrBuilder};
use crate::prelude::*;

enum Mapped {
    Same,
    Delete,
    Char(u32),
    Text(&'static Str),
}

fn lookup(cx: &Thread, table: Value, c: u32) -> Res<Mapped> {
    let v = match get_item(cx, table, Value::small(c as i64)) {
        Ok(v) => v,
        Err(e) if e.is(exc::LookupError()) => return Ok(Mapped::Same),
        Err(e) => return Err(e),
    };
    if v.is_none() {
        return Ok(Mapped::Delete);
    }
    if let Some(s) = v.downcast::<Str>() {
        return Ok(Mapped::Text(s));
    }
    if crate::objects::int::is_int(v) {
        return match int_to_i64(v).filter(|n| (0..=0x10FFFF).contains(n)) {
            Some(n) => Ok(Mapped::Char(n as u32)),
            None => raise!(cx, ValueError, "character mapping must be in range(0x110000)"),
        };
    }
    raise!(cx, TypeError, "character mapping must return integer, None or str")
}

/// `translate` of ASCII text as long as its characters become ASCII ones or nothing; the bytes so far,
/// and how many characters they stand for. `seen` notes the answers.
fn translate_ascii(
    cx: &Thread,
    d: &[u8],
    table: Value,
    seen: &mut [u8; 128],
) -> Res<(Vec<u8>, usize)> {
    let mut out = vec![0; d.len()];
    let mut n = 0;
    for (i, &c) in d.iter().enumerate() {
        if i & 0x7FFF == 0x7FFF {
            cx.poll()?;
        }
        let slot = usize::from(c);
        if seen[slot] == 0xFF {
            seen[slot] = match lookup(cx, table, c.into())? {
                Mapped::Same => c,
                Mapped::Delete => 0xFE,
                Mapped::Char(x @ 0..0x80) => x as u8,
                Mapped::Text(t) if t.len() == 1 && t.char_at(0) < 0x80 => t.char_at(0) as u8,
                _ => {
                    out.truncate(n);
                    return Ok((out, i));
                }
            };
        }
        out[n] = seen[slot];
        n += usize::from(seen[slot] != 0xFE);
    }
    out.truncate(n);
    Ok((out, d.len()))
}

pub fn translate(cx: &Thread, s: &'static Str, table: Value) -> Res {
    // Answers for ASCII are remembered for this call, as CPython does.
    let mut seen: [u8; 128] = [0xFF; 128];
    let (start, done) = match s.data() {
        Data::Ascii(d) => translate_ascii(cx, d, table, &mut seen)?,
        _ => (Vec::new(), 0),
    };
    if done == s.len() {
        return Ok(Value::from_ref(Str::from_ascii(cx, &start)));
    }
    let mut b = StrBuilder::with_capacity(s.len());
    b.push_latin1(&start);
    for (i, c) in s.chars().enumerate().skip(done) {
        if i & 0x7FFF == 0x7FFF {
            cx.poll()?;
        }
        if c < 128 && seen[c as usize] != 0xFF {
            let m = seen[c as usize];
            if m != 0xFE {
                b.push(m as u32);
            }
            continue;
        }
        let m = lookup(cx, table, c)?;
        let note = match &m {
            Mapped::Same => c,
            Mapped::Delete => 0xFE,
            Mapped::Char(x) if *x < 128 => *x,
            Mapped::Text(t) if t.len() == 1 && t.char_at(0) < 128 => t.char_at(0),
            _ => 0xFF,
        };
        if c < 128 {
            seen[c as usize] = note as u8;
        }
        match m {
            Mapped::Same => b.push(c),
            Mapped::Delete => {}
            Mapped::Char(x) => b.push(x),
            Mapped::Text(t) => b.push_obj(t),
        }
    }
    Ok(b.value(cx))
}

fn code(c: u32) -> Value {
    Value::small(c as i64)
}

pub fn maketrans(cx: &Thread, x: Value, y: Option<Value>, z: Option<Value>) -> Res {
    let d = Dict::new(cx);
    let out = Value::from_ref(d);
    if let Some(y) = y {
        let Some(a) = x.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "first maketrans argument must be a string if there is a second argument"
            );
        };
        let Some(b) = y.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "maketrans() argument 2 must be str, not {}",
                crate::bind::type_or_none(y)
            );
        };
        if a.len() != b.len() {
            raise!(cx, ValueError, "the first two maketrans arguments must have equal length");
        }
        for (p, q) in a.chars().zip(b.chars()) {
            d.set(cx, code(p), code(q))?;
        }
        if let Some(z) = z {
            let Some(z) = z.downcast::<Str>() else {
                raise!(
                    cx,
                    TypeError,
                    "maketrans() argument 3 must be str, not {}",
                    crate::bind::type_or_none(z)
                );
            };
            for c in z.chars() {
                d.set(cx, code(c), none())?;
            }
        }
        return Ok(out);
    }
    let Some(src) = x.downcast_exact::<Dict>() else {
        raise!(cx, TypeError, "if you give only one argument to maketrans it must be a dict");
    };
    for (k, v) in src.entries() {
        if let Some(s) = k.downcast::<Str>() {
            if s.len() != 1 {
                raise!(cx, ValueError, "string keys in translate table must be of length 1");
            }
            d.set(cx, code(s.char_at(0)), v)?;
        } else if crate::objects::int::is_int(k) {
            d.set(cx, k, v)?;
        } else {
            raise!(cx, TypeError, "keys in translate table must be strings or integers");
        }
    }
    Ok(out)
}

/// `zfill`.
pub fn zfill(cx: &Thread, s: &'static Str, width: isize) -> Res {
    let n = s.len();
    if width <= n as isize {
        return super::split::pad(cx, s, 0, 0, 48);
    }
    let fill = width as usize - n;
    if width as usize > 1 << 34 {
        return Err(cx.no_memory());
    }
    let mut b = StrBuilder::with_capacity(width as usize);
    let signed = n > 0 && matches!(s.char_at(0), 0x2B | 0x2D);
    if signed {
        b.push(s.char_at(0));
    }
    // SAFETY: the builder is plain memory of this frame.
    unsafe { cx.mutator.plain(fill, || b.push_n(48, fill)) };
    b.push_range(s, signed as usize, n);
    Ok(b.value(cx))
}

/// The fill character of `center` and its like.
pub fn fill_char(cx: &Thread, v: Option<Value>) -> Res<u32> {
    let Some(v) = v else { return Ok(32) };
    let Some(s) = v.downcast::<Str>() else {
        raise!(
            cx,
            TypeError,
            "The fill character must be a unicode character, not {}",
            v.ty().name()
        );
    };
    match s.data() {
        d if d.len() == 1 => Ok(d.get(0)),
        Data::Ascii(_) | _ => {
            raise!(cx, TypeError, "The fill character must be exactly one character long")
        }
    }
}
