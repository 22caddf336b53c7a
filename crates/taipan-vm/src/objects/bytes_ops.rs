//! Operations on byte strings that bytes and bytearray share: plain functions over slices, and
//! the conversion of their arguments. Objects and storage are not known here.

use super::str::search;
use crate::buffer::ByteArg;
use crate::prelude::*;
use crate::thread::plain;
use smallvec::SmallVec;

/// The bytes of self: borrowed where immutable, otherwise a snapshot.
pub type View = ByteArg;

/// The `sub` argument of find, count, `in`: bytes-like or one byte.
pub fn needle(cx: &Thread, v: Value) -> Res<ByteArg> {
    if let Some(b) = ByteArg::try_get(cx, v)? {
        return Ok(b);
    }
    if v.ty().slots().index.get().is_none() {
        raise!(
            cx,
            TypeError,
            "argument should be integer or bytes-like object, not '{}'",
            v.ty().name()
        );
    }
    let i = index(cx, v)?;
    match int_to_i64(i).and_then(|n| u8::try_from(n).ok()) {
        Some(b) => Ok(ByteArg::Copied(vec![b])),
        None => raise!(cx, ValueError, "byte must be in range(0, 256)"),
    }
}

/// A byte value for bytearray's item methods.
pub fn byte_value(cx: &Thread, v: Value) -> Res<u8> {
    let i = index(cx, v)?;
    match int_to_i64(i).and_then(|n| u8::try_from(n).ok()) {
        Some(b) => Ok(b),
        None => raise!(cx, ValueError, "byte must be in range(0, 256)"),
    }
}

pub fn bounds(cx: &Thread, len: usize, start: Value, end: Value) -> Res<(usize, usize)> {
    let a = if start.is_none() { 0 } else { super::slice::slice_index(cx, start)? };
    let b = if end.is_none() { isize::MAX } else { super::slice::slice_index(cx, end)? };
    Ok(search::clip(a, b, len))
}

pub fn find(s: &[u8], n: &[u8], (a, b): (usize, usize)) -> Option<usize> {
    if a > b { None } else { search::find_units(&s[a..b], n).map(|i| i + a) }
}

pub fn rfind(s: &[u8], n: &[u8], (a, b): (usize, usize)) -> Option<usize> {
    if a > b { None } else { search::rfind_units(&s[a..b], n).map(|i| i + a) }
}

pub fn affix(
    cx: &Thread,
    s: &[u8],
    arg: Value,
    start: Value,
    end: Value,
    at_end: bool,
) -> Res<bool> {
    let (a, b) = bounds(cx, s.len(), start, end)?;
    let test =
        |p: &[u8]| a <= b && if at_end { s[a..b].ends_with(p) } else { s[a..b].starts_with(p) };
    if let Some(t) = arg.downcast::<Tuple>() {
        for v in t.as_slice() {
            if test(&ByteArg::get(cx, *v)?) {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    match ByteArg::try_get(cx, arg)? {
        Some(p) => Ok(test(&p)),
        None => raise!(
            cx,
            TypeError,
            "{} first arg must be bytes or a tuple of bytes, not {}",
            if at_end { "endswith" } else { "startswith" },
            arg.ty().name()
        ),
    }
}

pub fn is_space(b: u8) -> bool {
    matches!(b, 9..=13 | 32)
}

pub type Ranges = SmallVec<[(usize, usize); 16]>;

fn max_of(maxsplit: isize) -> usize {
    if maxsplit < 0 { usize::MAX } else { maxsplit as usize }
}

/// The separator of split: `None` for white space.
pub fn separator(cx: &Thread, sep: Value) -> Res<Option<ByteArg>> {
    if sep.is_none() {
        return Ok(None);
    }
    let s = ByteArg::get(cx, sep)?;
    if s.is_empty() {
        raise!(cx, ValueError, "empty separator");
    }
    Ok(Some(s))
}

/// Gives the pieces between separators to `each`.
pub fn split(s: &[u8], sep: Option<&[u8]>, maxsplit: isize, mut each: impl FnMut(usize, usize)) {
    let max = max_of(maxsplit);
    let n = s.len();
    match sep {
        Some(sep) => {
            let mut from = 0;
            let mut cut = |at: usize| {
                each(from, at);
                from = at + sep.len();
            };
            match sep {
                &[b] => memchr::memchr_iter(b, s).take(max).for_each(&mut cut),
                _ => search::positions_units(s, sep, max).into_iter().for_each(&mut cut),
            }
            cut(n);
        }
        None => {
            let (mut i, mut made) = (0, 0);
            loop {
                while i < n && is_space(s[i]) {
                    i += 1;
                }
                if i == n {
                    break;
                }
                if made >= max {
                    each(i, n);
                    break;
                }
                let start = i;
                while i < n && !is_space(s[i]) {
                    i += 1;
                }
                each(start, i);
                made += 1;
            }
        }
    }
}

pub fn rsplit(s: &[u8], sep: Option<&[u8]>, maxsplit: isize) -> Ranges {
    plain(s.len(), || {
        let max = max_of(maxsplit);
        let mut out = Ranges::new();
        match sep {
            Some(sep) => {
                let mut to = s.len();
                for at in search::rpositions_units(s, sep, max) {
                    out.push((at + sep.len(), to));
                    to = at;
                }
                out.push((0, to));
            }
            None => {
                let mut i = s.len();
                loop {
                    while i > 0 && is_space(s[i - 1]) {
                        i -= 1;
                    }
                    if i == 0 {
                        break;
                    }
                    if out.len() >= max {
                        out.push((0, i));
                        break;
                    }
                    let end = i;
                    while i > 0 && !is_space(s[i - 1]) {
                        i -= 1;
                    }
                    out.push((i, end));
                }
            }
        }
        out.reverse();
        out
    })
}

pub fn splitlines(s: &[u8], keepends: bool) -> Ranges {
    plain(s.len(), || {
        let mut out = Ranges::new();
        let (mut start, mut i, n) = (0, 0, s.len());
        while i < n {
            if s[i] != b'\n' && s[i] != b'\r' {
                i += 1;
                continue;
            }
            let end = i;
            i += if s[i] == b'\r' && i + 1 < n && s[i + 1] == b'\n' { 2 } else { 1 };
            out.push((start, if keepends { i } else { end }));
            start = i;
        }
        if start < n {
            out.push((start, n));
        }
        out
    })
}

/// What is left of `s` when bytes of the set go at its ends.
pub fn strip(s: &[u8], set: Option<&[u8]>, left: bool, right: bool) -> (usize, usize) {
    plain(s.len(), || {
        let member = |b: u8| match set {
            None => is_space(b),
            Some(m) => m.contains(&b),
        };
        let (mut a, mut b) = (0, s.len());
        while left && a < b && member(s[a]) {
            a += 1;
        }
        while right && b > a && member(s[b - 1]) {
            b -= 1;
        }
        (a, b)
    })
}

pub fn strip_set(cx: &Thread, v: Value) -> Res<Option<ByteArg>> {
    if v.is_none() { Ok(None) } else { ByteArg::get(cx, v).map(Some) }
}

/// `None`: nothing to replace.
pub fn replace(
    cx: &Thread,
    s: &[u8],
    old: &[u8],
    new: &[u8],
    count: isize,
) -> Res<Option<Vec<u8>>> {
    let max = max_of(count);
    if max == 0 || old == new {
        return Ok(None);
    }
    let check = |hits: usize| -> Res<()> {
        let n = s.len() as u128 + hits as u128 * new.len().saturating_sub(old.len()) as u128;
        if n > isize::MAX as u128 / 2 {
            raise!(cx, OverflowError, "replace bytes is too long");
        }
        Ok(())
    };
    let mut out = Vec::new();
    if old.is_empty() {
        let n = (s.len() + 1).min(max);
        check(n)?;
        for (i, b) in s.iter().enumerate() {
            if i < n {
                out.extend_from_slice(new);
            }
            out.push(*b);
        }
        if s.len() < n {
            out.extend_from_slice(new);
        }
        return Ok(Some(out));
    }
    let hits = search::positions_units(s, old, max);
    if hits.is_empty() {
        return Ok(None);
    }
    check(hits.len())?;
    let n = s.len() - hits.len() * old.len() + hits.len() * new.len();
    Ok(Some(cx.plain(s.len() + n, || {
        out.reserve(n);
        let mut from = 0;
        for at in hits {
            out.extend_from_slice(&s[from..at]);
            out.extend_from_slice(new);
            from = at + old.len();
        }
        out.extend_from_slice(&s[from..]);
        out
    })))
}

/// A copy of `s[from..to]`.
pub fn part(s: &[u8], from: usize, to: usize) -> Vec<u8> {
    plain(to - from, || s[from..to].to_vec())
}

pub fn is_ascii(s: &[u8]) -> bool {
    plain(s.len(), || s.is_ascii())
}

pub fn lower(s: &[u8]) -> Vec<u8> {
    plain(s.len(), || s.to_ascii_lowercase())
}

pub fn upper(s: &[u8]) -> Vec<u8> {
    plain(s.len(), || s.to_ascii_uppercase())
}

pub fn capitalize(s: &[u8]) -> Vec<u8> {
    plain(s.len(), || {
        let mut v = s.to_ascii_lowercase();
        if let Some(b) = v.first_mut() {
            b.make_ascii_uppercase();
        }
        v
    })
}

pub fn swapcase(s: &[u8]) -> Vec<u8> {
    plain(s.len(), || {
        s.iter().map(|b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b }).collect()
    })
}

pub fn title(s: &[u8]) -> Vec<u8> {
    plain(s.len(), || {
        let mut inside = false;
        s.iter()
            .map(|b| {
                let r = if inside { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
                inside = b.is_ascii_alphabetic();
                r
            })
            .collect()
    })
}

pub fn is_title(s: &[u8]) -> bool {
    plain(s.len(), || {
        let (mut cased, mut inside) = (false, false);
        for b in s {
            if b.is_ascii_uppercase() {
                if inside {
                    return false;
                }
                (inside, cased) = (true, true);
            } else if b.is_ascii_lowercase() {
                if !inside {
                    return false;
                }
                cased = true;
            } else {
                inside = false;
            }
        }
        cased
    })
}

pub fn is_lower(s: &[u8]) -> bool {
    plain(s.len(), || !s.iter().any(u8::is_ascii_uppercase) && s.iter().any(u8::is_ascii_lowercase))
}

pub fn is_upper(s: &[u8]) -> bool {
    plain(s.len(), || !s.iter().any(u8::is_ascii_lowercase) && s.iter().any(u8::is_ascii_uppercase))
}

pub fn all(s: &[u8], f: impl Fn(u8) -> bool + Sync) -> bool {
    plain(s.len(), || !s.is_empty() && s.iter().all(|b| f(*b)))
}

pub fn pad(cx: &Thread, s: &[u8], left: usize, right: usize, fill: u8) -> Res<Vec<u8>> {
    let n = left.saturating_add(right).saturating_add(s.len());
    if n > 1 << 36 {
        return Err(cx.no_memory());
    }
    Ok(cx.plain(n, || {
        let mut v = Vec::with_capacity(n);
        v.resize(left, fill);
        v.extend_from_slice(s);
        v.resize(n, fill);
        v
    }))
}

pub fn zfill(cx: &Thread, s: &[u8], width: isize) -> Res<Vec<u8>> {
    let fill = (width - s.len() as isize).max(0) as usize;
    let mut v = pad(cx, s, fill, 0, b'0')?;
    if fill > 0 && matches!(s.first(), Some(b'+' | b'-')) {
        v.swap(0, fill);
    }
    Ok(v)
}

/// The fill byte of center and its like.
pub fn fill_byte(cx: &Thread, v: Option<Value>, name: &str) -> Res<u8> {
    let Some(v) = v else { return Ok(b' ') };
    let one =
        v.downcast::<Bytes>().is_some() || v.downcast::<super::bytearray::ByteArray>().is_some();
    if one {
        let b = ByteArg::get(cx, v)?;
        if let [b] = *b {
            return Ok(b);
        }
    }
    raise!(
        cx,
        TypeError,
        "{name}() argument 2 must be a byte string of length 1, not {}",
        if v.is_none() { "None".into() } else { crate::bind::type_or_none(v) }
    )
}

pub fn expandtabs(cx: &Thread, s: &[u8], tabsize: i32) -> Res<Vec<u8>> {
    let tab = tabsize.max(0) as usize;
    let mut out = Vec::with_capacity(s.len());
    let mut col = 0;
    for (i, &b) in s.iter().enumerate() {
        if i & 0xFFFF == 0xFFFF {
            cx.poll()?;
        }
        match b {
            b'\t' => {
                if tab > 0 {
                    let n = tab - col % tab;
                    if out.len() + n > 1 << 36 {
                        raise!(cx, OverflowError, "result too long");
                    }
                    out.resize(out.len() + n, b' ');
                    col += n;
                }
            }
            b'\n' | b'\r' => {
                out.push(b);
                col = 0;
            }
            _ => {
                out.push(b);
                col += 1;
            }
        }
    }
    Ok(out)
}

pub fn translate(cx: &Thread, s: &[u8], table: Value, delete: Option<Value>) -> Res<Vec<u8>> {
    let t = if table.is_none() { None } else { Some(ByteArg::get(cx, table)?) };
    if t.as_ref().is_some_and(|t| t.len() != 256) {
        raise!(cx, ValueError, "translation table must be 256 characters long");
    }
    let mut gone = [false; 256];
    if let Some(d) = delete {
        ByteArg::get(cx, d)?.iter().for_each(|b| gone[*b as usize] = true);
    }
    Ok(cx.plain(s.len(), || {
        s.iter()
            .filter(|b| !gone[**b as usize])
            .map(|b| t.as_ref().map_or(*b, |t| t[*b as usize]))
            .collect()
    }))
}

pub fn maketrans(cx: &Thread, from: &[u8], to: &[u8]) -> Res {
    if from.len() != to.len() {
        raise!(cx, ValueError, "maketrans arguments must have same length");
    }
    let mut t: Vec<u8> = (0..=255).collect();
    for (a, b) in from.iter().zip(to) {
        t[*a as usize] = *b;
    }
    Ok(Value::from_ref(Bytes::new(cx, &t)))
}

pub fn join(cx: &Thread, sep: &[u8], iterable: Value) -> Res<Vec<u8>> {
    let items = match collect_for_join(cx, iterable)? {
        Some(i) => i,
        None => raise!(cx, TypeError, "can only join an iterable"),
    };
    let exact = items.iter().filter_map(|v| v.downcast_exact::<Bytes>());
    let mut out = Vec::with_capacity(exact.map(|b| b.len() + sep.len()).sum());
    for (i, v) in items.iter().enumerate() {
        if i & 0xFFF == 0xFFF {
            cx.poll()?;
        }
        if i > 0 {
            cx.plain(sep.len(), || out.extend_from_slice(sep));
        }
        // Whatever the object has against it.
        match ByteArg::try_get(cx, *v) {
            Ok(Some(b)) => cx.plain(b.len(), || out.extend_from_slice(&b)),
            _ => raise!(
                cx,
                TypeError,
                "sequence item {i}: expected a bytes-like object, {} found",
                v.ty().name()
            ),
        }
    }
    Ok(out)
}

fn collect_for_join(cx: &Thread, v: Value) -> Res<Option<GcVec<Value>>> {
    if v.ty().slots().iter.get().is_none() && !is_sequence(v) {
        return Ok(None);
    }
    collect(cx, v).map(Some)
}

/// `hex([sep[, bytes_per_sep]])`.
pub fn hex(cx: &Thread, s: &[u8], sep: Option<Value>, group: i32) -> Res<&'static Str> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let sep = match sep {
        None => None,
        Some(v) => {
            let text = match v.downcast::<Str>() {
                Some(t) => match t.as_ascii() {
                    Some(a) if a.len() == 1 => a.as_bytes()[0],
                    _ if t.len() != 1 => raise!(cx, ValueError, "sep must be length 1."),
                    _ => raise!(cx, ValueError, "sep must be ASCII."),
                },
                None => match v.downcast::<Bytes>() {
                    Some(b) => match *b.as_slice() {
                        [c] if c < 128 => c,
                        [_] => raise!(cx, ValueError, "sep must be ASCII."),
                        _ => raise!(cx, ValueError, "sep must be length 1."),
                    },
                    None => {
                        // What len() says of it is the first complaint.
                        let n = len(cx, v)?;
                        if n != 1 {
                            raise!(cx, ValueError, "sep must be length 1.");
                        }
                        raise!(cx, TypeError, "sep must be str or bytes.");
                    }
                },
            };
            Some(text)
        }
    };
    let width = group.unsigned_abs() as usize;
    let sep = sep.filter(|_| width > 0 && width < s.len().max(1));
    if sep.is_none() && s.len() < 1 << 16 {
        return Str::build_narrow(cx, 2 * s.len(), true, |out| {
            for (two, b) in out.chunks_exact_mut(2).zip(s) {
                two[0] = DIGITS[usize::from(b >> 4)];
                two[1] = DIGITS[usize::from(b & 15)];
            }
        });
    }
    let out = cx.plain(s.len(), || {
        let mut out = Vec::with_capacity(s.len() * 2 + 1);
        for (i, b) in s.iter().enumerate() {
            if let (Some(c), true) = (sep, i > 0) {
                let cut = if group < 0 { i % width == 0 } else { (s.len() - i) % width == 0 };
                if cut {
                    out.push(c);
                }
            }
            out.push(DIGITS[(b >> 4) as usize]);
            out.push(DIGITS[(b & 15) as usize]);
        }
        out
    });
    Ok(Str::from_ascii(cx, &out))
}

/// `fromhex`: pairs of digits, ASCII white space between bytes.
pub fn from_hex(cx: &Thread, s: &Str) -> Res<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len() / 2);
    let digit = |i: usize| {
        if i < s.len() { char::from_u32(s.char_at(i)).and_then(|c| c.to_digit(16)) } else { None }
    };
    let bad = |i: usize| {
        err!(cx, ValueError, "non-hexadecimal number found in fromhex() arg at position {i}")
    };
    if s.first_surrogate().is_some() || !s.is_ascii() {
        let at = s.chars().position(|c| c > 127).unwrap_or(0);
        let before = s.chars().take(at).all(|c| c < 128 && (is_space(c as u8) || digit_of(c)));
        let _ = before;
        return Err(bad(at));
    }
    let mut i = 0;
    while i < s.len() {
        if i & !1 & 0xFFFF == 0xFFFE {
            cx.poll()?;
        }
        if is_space(s.char_at(i) as u8) {
            i += 1;
            continue;
        }
        let Some(hi) = digit(i) else { return Err(bad(i)) };
        let Some(lo) = digit(i + 1) else { return Err(bad(i + 1)) };
        out.push((hi << 4 | lo) as u8);
        i += 2;
    }
    Ok(out)
}

fn digit_of(c: u32) -> bool {
    char::from_u32(c).is_some_and(|c| c.is_ascii_hexdigit())
}

/// The text of `repr` of bytes, without a class's name around it.
pub fn repr_text(s: &[u8]) -> String {
    let quote = if s.contains(&b'\'') && !s.contains(&b'"') { b'"' } else { b'\'' };
    quoted(s, quote, false)
}

/// The same for bytearray, which escapes single quotes whatever stands around.
pub fn array_repr_text(s: &[u8]) -> String {
    let quote = if s.contains(&b'\'') && !s.contains(&b'"') { b'"' } else { b'\'' };
    quoted(s, quote, true)
}

fn quoted(s: &[u8], quote: u8, escape_single: bool) -> String {
    plain(s.len(), || quoted_here(s, quote, escape_single))
}

fn quoted_here(s: &[u8], quote: u8, escape_single: bool) -> String {
    let mut out = String::with_capacity(s.len() + 3);
    out.push('b');
    out.push(quote as char);
    for &b in s {
        match b {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            _ if b == quote || (escape_single && b == b'\'') => {
                out.push('\\');
                out.push(b as char);
            }
            0x20..=0x7E => out.push(b as char),
            _ => out.push_str(&format!("\\x{b:02x}")),
        }
    }
    out.push(quote as char);
    out
}

/// One item or a slice's items.
pub enum Selected {
    Byte(u8),
    /// Neighbouring bytes.
    Range(usize, usize),
    Bytes(Vec<u8>),
    Whole,
}

pub fn subscript(cx: &Thread, s: &[u8], key: Value, name: &str) -> Res<Selected> {
    if let Some(sl) = key.downcast_exact::<super::slice::Slice>() {
        let r = sl.over(cx, s.len())?;
        if r.step == 1 {
            if r.len == s.len() {
                return Ok(Selected::Whole);
            }
            let a = r.start as usize;
            return Ok(Selected::Range(a, a + r.len));
        }
        let picked = cx.plain(r.len, || r.indices().map(|i| s[i]).collect());
        return Ok(Selected::Bytes(picked));
    }
    let i = item_index(cx, key, name)?;
    let at = if i < 0 { i + s.len() as isize } else { i };
    match usize::try_from(at).ok().and_then(|i| s.get(i)) {
        Some(b) => Ok(Selected::Byte(*b)),
        None if name == "byte" => raise!(cx, IndexError, "index out of range"),
        None => raise!(cx, IndexError, "{name} index out of range"),
    }
}

pub fn item_index(cx: &Thread, key: Value, name: &str) -> Res<isize> {
    if let Some(i) = key.as_small() {
        return Ok(i as isize);
    }
    if key.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "{name} indices must be integers or slices, not {}", key.ty().name());
    }
    index_isize(cx, key, exc::IndexError())
}

pub fn repeat(cx: &Thread, s: &[u8], n: isize) -> Res<Vec<u8>> {
    let n = n.max(0) as usize;
    match s.len().checked_mul(n).filter(|t| *t < 1 << 46) {
        Some(t) if t > 1 << 36 => Err(cx.no_memory()),
        Some(t) => Ok(cx.plain(t, || s.repeat(n))),
        None => raise!(cx, OverflowError, "repeated bytes are too long"),
    }
}

/// The data that `bytes(...)` and `bytearray(...)` are made of.
pub fn construct(
    cx: &Thread,
    source: Option<Value>,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
    what: &str,
) -> Res<View> {
    let Some(v) = source else {
        if encoding.is_some() || errors.is_some() {
            let which = if encoding.is_some() { "encoding" } else { "errors" };
            raise!(cx, TypeError, "{which} without a string argument");
        }
        return Ok(ByteArg::Copied(Vec::new()));
    };
    if let Some(s) = v.downcast::<Str>() {
        if encoding.is_none() {
            raise!(cx, TypeError, "string argument without an encoding");
        }
        let b = crate::codecs::encode_str(cx, s, encoding, errors)?;
        return ByteArg::get(cx, b);
    }
    if encoding.is_some() || errors.is_some() {
        let which = if encoding.is_some() { "encoding" } else { "errors" };
        raise!(cx, TypeError, "{which} without a string argument");
    }
    from_object(cx, v, what)
}

/// A count, a buffer, or an iterable of byte values.
fn from_object(cx: &Thread, v: Value, what: &str) -> Res<View> {
    if v.ty().slots().index.get().is_some() {
        match index_isize(cx, v, exc::OverflowError()) {
            Ok(n) if n < 0 => raise!(cx, ValueError, "negative count"),
            Ok(n) if n as usize > 1 << 40 => return Err(cx.no_memory()),
            Ok(n) => {
                let mut z = Vec::new();
                if z.try_reserve_exact(n as usize).is_err() {
                    return Err(cx.no_memory());
                }
                cx.plain(n as usize, || z.resize(n as usize, 0));
                return Ok(ByteArg::Copied(z));
            }
            Err(e) if e.is(exc::TypeError()) => {}
            Err(e) => return Err(e),
        }
    }
    if let Some(b) = ByteArg::try_get_any(cx, v)? {
        return Ok(b);
    }
    iterable_bytes(cx, v, what).map(ByteArg::Copied)
}

/// Byte values from an iterable.
pub fn iterable_bytes(cx: &Thread, v: Value, what: &str) -> Res<Vec<u8>> {
    let s = v.ty().slots();
    if v.downcast::<Str>().is_some() || (s.iter.get().is_none() && !is_sequence(v)) {
        raise!(cx, TypeError, "cannot convert '{}' object to {what}", v.ty().name());
    }
    let mut out = Vec::new();
    let range = if what == "bytes" { "bytes" } else { "byte" };
    for_each(cx, v, |x| {
        let i = index(cx, x)?;
        match int_to_i64(i).and_then(|n| u8::try_from(n).ok()) {
            Some(b) => out.push(b),
            None => raise!(cx, ValueError, "{range} must be in range(0, 256)"),
        }
        Ok(())
    })?;
    Ok(out)
}
