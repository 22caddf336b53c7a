//! Error handlers: the builtin ones, done here without exception objects where possible, and the
//! registered ones, called with an exception.

use super::registry;
use crate::objects::exceptions::{self, field};
use crate::objects::str::StrBuilder;
use crate::prelude::*;
use crate::thread::plain;
use taipan_heap::Mutator;

/// An error handler by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Strict,
    Ignore,
    Replace,
    SurrogateEscape,
    SurrogatePass,
    BackslashReplace,
    XmlCharRef,
    NameReplace,
    /// A registered handler.
    Other,
}

impl Mode {
    pub fn of(errors: Option<&Str>) -> Mode {
        let Some(e) = errors else { return Mode::Strict };
        match e.as_ascii() {
            Some("strict") => Mode::Strict,
            Some("ignore") => Mode::Ignore,
            Some("replace") => Mode::Replace,
            Some("surrogateescape") => Mode::SurrogateEscape,
            Some("surrogatepass") => Mode::SurrogatePass,
            Some("backslashreplace") => Mode::BackslashReplace,
            Some("xmlcharrefreplace") => Mode::XmlCharRef,
            Some("namereplace") => Mode::NameReplace,
            _ => Mode::Other,
        }
    }
}

/// What an encoder puts in place of what it cannot encode.
pub enum Replacement {
    Text(Vec<u32>),
    Bytes(Vec<u8>),
}

/// Unit width and byte order of an encoding, as surrogatepass asks (`get_standard_encoding`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standard {
    Utf8,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

fn standard(name: &str) -> Option<Standard> {
    let n = super::normalize(name).replace('_', "");
    Some(match n.as_str() {
        "utf8" | "cputf8" => Standard::Utf8,
        "utf16" | "utf16le" => Standard::Utf16Le,
        "utf16be" => Standard::Utf16Be,
        "utf32" | "utf32le" => Standard::Utf32Le,
        "utf32be" => Standard::Utf32Be,
        _ => return None,
    })
}

fn surrogate_at(std: Standard, b: &[u8]) -> Option<(u32, usize)> {
    let (c, n) = match (std, b) {
        (Standard::Utf8, [x @ 0xED, y, z, ..]) if y & 0xC0 == 0x80 && z & 0xC0 == 0x80 => {
            ((*x as u32 & 15) << 12 | (*y as u32 & 63) << 6 | (*z as u32 & 63), 3)
        }
        (Standard::Utf16Le, [x, y, ..]) => (u16::from_le_bytes([*x, *y]) as u32, 2),
        (Standard::Utf16Be, [x, y, ..]) => (u16::from_be_bytes([*x, *y]) as u32, 2),
        (Standard::Utf32Le, [x, y, z, w, ..]) => (u32::from_le_bytes([*x, *y, *z, *w]), 4),
        (Standard::Utf32Be, [x, y, z, w, ..]) => (u32::from_be_bytes([*x, *y, *z, *w]), 4),
        _ => return None,
    };
    if (0xD800..0xE000).contains(&c) { Some((c, n)) } else { None }
}

fn surrogate_bytes(std: Standard, c: u32) -> Vec<u8> {
    match std {
        Standard::Utf8 => {
            vec![0xE0 | (c >> 12) as u8, 0x80 | (c >> 6 & 63) as u8, 0x80 | (c & 63) as u8]
        }
        Standard::Utf16Le => (c as u16).to_le_bytes().to_vec(),
        Standard::Utf16Be => (c as u16).to_be_bytes().to_vec(),
        Standard::Utf32Le => c.to_le_bytes().to_vec(),
        Standard::Utf32Be => c.to_be_bytes().to_vec(),
    }
}

fn text(s: String) -> Vec<u32> {
    s.chars().map(|c| c as u32).collect()
}

/// A builtin handler on bytes that do not decode; `None`: it gives up, the error is raised.
pub fn native_decode(
    mode: Mode,
    encoding: &str,
    data: &[u8],
    start: usize,
    end: usize,
) -> Option<(Vec<u32>, usize)> {
    plain(end - start, || decode_range(mode, encoding, data, start, end))
}

fn decode_range(
    mode: Mode,
    encoding: &str,
    data: &[u8],
    start: usize,
    end: usize,
) -> Option<(Vec<u32>, usize)> {
    match mode {
        Mode::Ignore => Some((Vec::new(), end)),
        Mode::Replace => Some((vec![0xFFFD], end)),
        Mode::BackslashReplace => {
            let mut s = String::new();
            data[start..end].iter().for_each(|b| s.push_str(&format!("\\x{b:02x}")));
            Some((text(s), end))
        }
        Mode::SurrogateEscape => {
            let out: Vec<u32> = data[start..end]
                .iter()
                .take(4)
                .take_while(|b| **b >= 128)
                .map(|b| 0xDC00 + *b as u32)
                .collect();
            let n = out.len();
            if n == 0 { None } else { Some((out, start + n)) }
        }
        Mode::SurrogatePass => {
            let (c, n) = surrogate_at(standard(encoding)?, &data[start..])?;
            Some((vec![c], start + n))
        }
        _ => None,
    }
}

/// A builtin handler on characters that do not encode.
pub fn native_encode(
    mode: Mode,
    encoding: &str,
    s: &Str,
    start: usize,
    end: usize,
) -> Option<(Replacement, usize)> {
    // What the slowest handler writes for a character takes as long as copying a hundred bytes.
    let work = (end - start).saturating_mul(128);
    // SAFETY: the characters of an str, which its caller holds and nobody changes; memory outside the heap.
    unsafe { Mutator::here().plain(work, || encode_range(mode, encoding, s, start, end)) }
}

fn encode_range(
    mode: Mode,
    encoding: &str,
    s: &Str,
    start: usize,
    end: usize,
) -> Option<(Replacement, usize)> {
    let d = s.data();
    let chars = (start..end).map(|i| d.get(i));
    let r = match mode {
        Mode::Ignore => Replacement::Text(Vec::new()),
        Mode::Replace => Replacement::Text(vec!['?' as u32; end - start]),
        Mode::XmlCharRef => Replacement::Text(text(chars.map(|c| format!("&#{c};")).collect())),
        Mode::BackslashReplace => Replacement::Text(text(chars.map(backslashed).collect())),
        Mode::NameReplace => Replacement::Text(text(
            chars
                .map(|c| match taipan_unicode::name(c) {
                    Some(n) => format!("\\N{{{n}}}"),
                    None => backslashed(c),
                })
                .collect(),
        )),
        Mode::SurrogateEscape => {
            let mut out = Vec::new();
            for c in chars {
                if !(0xDC80..=0xDCFF).contains(&c) {
                    return None;
                }
                out.push((c - 0xDC00) as u8);
            }
            Replacement::Bytes(out)
        }
        Mode::SurrogatePass => {
            let std = standard(encoding)?;
            let mut out = Vec::new();
            for c in chars {
                if !(0xD800..0xE000).contains(&c) {
                    return None;
                }
                out.extend(surrogate_bytes(std, c));
            }
            Replacement::Bytes(out)
        }
        _ => return None,
    };
    Some((r, end))
}

fn backslashed(c: u32) -> String {
    match c {
        0..=0xFF => format!("\\x{c:02x}"),
        0x100..=0xFFFF => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn position(cx: &Thread, v: Value, size: usize) -> Res<usize> {
    let n = index_isize(cx, v, exc::IndexError())?;
    let at = if n < 0 { n + size as isize } else { n };
    if at < 0 || at as usize > size {
        raise!(cx, IndexError, "position {at} from error handler out of bounds");
    }
    Ok(at as usize)
}

#[inline(always)]
fn turn(cx: &Thread, turns: &mut u32) {
    *turns = turns.wrapping_add(1);
    if *turns & 0x3FFF == 0 {
        cx.mutator.poll();
    }
}

/// The exception for a fault: one object for all faults of a call, as error handlers expect.
fn fault(
    cx: &Thread,
    exception: &mut Option<Value>,
    class: &Type,
    encoding: &str,
    object: impl FnOnce() -> Value,
    at: std::ops::Range<usize>,
    reason: &str,
) -> Res<Value> {
    let (start, end) = (Value::small(at.start as i64), Value::small(at.end as i64));
    let reason = Value::from_ref(Str::new(cx, reason));
    if let Some(e) = *exception {
        let b = exceptions::of(e);
        b.set_field(field::UNI_START, start);
        b.set_field(field::UNI_END, end);
        b.set_field(field::UNI_REASON, reason);
        return Ok(e);
    }
    let args = [Value::from_ref(Str::new(cx, encoding)), object(), start, end, reason];
    let e = call(cx, Value::from_ref(class), &args)?;
    *exception = Some(e);
    Ok(e)
}

/// A decoder's state: input, output and error handling.
pub struct Decoder<'a> {
    cx: &'a Thread,
    encoding: &'a str,
    errors: Option<&'static Str>,
    mode: Mode,
    /// The input; a handler may put another in its place.
    pub data: std::borrow::Cow<'a, [u8]>,
    pub out: StrBuilder,
    exception: Option<Value>,
    handler: Option<Value>,
    turns: u32,
}

impl<'a> Decoder<'a> {
    pub fn new(
        cx: &'a Thread,
        encoding: &'a str,
        errors: Option<&'static Str>,
        data: &'a [u8],
    ) -> Decoder<'a> {
        Decoder {
            cx,
            encoding,
            errors,
            mode: Mode::of(errors),
            data: std::borrow::Cow::Borrowed(data),
            out: StrBuilder::with_capacity(data.len()),
            exception: None,
            handler: None,
            turns: 0,
        }
    }

    /// A safepoint now and then: called in each turn of a codec's loop.
    #[inline(always)]
    pub fn turn(&mut self) {
        turn(self.cx, &mut self.turns);
    }

    fn exception(&mut self, start: usize, end: usize, reason: &str) -> Res<Value> {
        let (cx, data) = (self.cx, &self.data);
        let object = || Value::from_ref(Bytes::new(cx, data));
        let class = exc::UnicodeDecodeError();
        fault(cx, &mut self.exception, class, self.encoding, object, start..end, reason)
    }

    /// Handles bytes that do not decode; where to go on.
    #[cold]
    pub fn error(&mut self, start: usize, end: usize, reason: &str) -> Res<usize> {
        let cx = self.cx;
        cx.mutator.poll();
        if self.mode != Mode::Other {
            if let Some((t, at)) = native_decode(self.mode, self.encoding, &self.data, start, end) {
                t.iter().for_each(|c| self.out.push(*c));
                return Ok(at);
            }
            if !matches!(self.mode, Mode::XmlCharRef | Mode::NameReplace) {
                return Err(Raised(self.exception(start, end, reason)?));
            }
        }
        let handler = match self.handler {
            Some(h) => h,
            None => {
                let h = registry::lookup_error(cx, self.errors)?;
                self.handler = Some(h);
                h
            }
        };
        let e = self.exception(start, end, reason)?;
        let r = call(cx, handler, &[e])?;
        let pair = r.downcast::<Tuple>().filter(|t| t.len() == 2);
        let parts = pair.and_then(|t| t.get(0).downcast::<Str>().map(|s| (s, t.get(1))));
        let Some((s, at)) = parts.filter(|(_, at)| at.ty().slots().index.get().is_some()) else {
            raise!(cx, TypeError, "decoding error handler must return (str, int) tuple");
        };
        // The handler may have replaced the input.
        let object = exceptions::of(e).field_or_none(field::UNI_OBJECT);
        let Some(b) = object.downcast::<Bytes>() else {
            raise!(cx, TypeError, "exception attribute object must be bytes");
        };
        let (old, new) = (&*self.data, b.as_slice());
        // Nearly always it is the very object that the exception was made with.
        if !std::ptr::eq(old, new) && plain(new.len(), || old != new) {
            self.data = std::borrow::Cow::Owned(plain(new.len(), || new.to_vec()));
        }
        let at = position(cx, at, self.data.len())?;
        self.out.push_obj(s);
        Ok(at)
    }

    pub fn finish(self) -> &'static Str {
        self.out.finish(self.cx)
    }
}

/// An encoder's error handling.
pub struct Encoder<'a> {
    pub cx: &'a Thread,
    encoding: &'a str,
    errors: Option<&'static Str>,
    mode: Mode,
    pub text: &'static Str,
    exception: Option<Value>,
    handler: Option<Value>,
    turns: u32,
}

impl<'a> Encoder<'a> {
    pub fn new(
        cx: &'a Thread,
        encoding: &'a str,
        errors: Option<&'static Str>,
        text: &'static Str,
    ) -> Encoder<'a> {
        Encoder {
            cx,
            encoding,
            errors,
            mode: Mode::of(errors),
            text,
            exception: None,
            handler: None,
            turns: 0,
        }
    }

    /// A safepoint now and then: called in each turn of a codec's loop.
    #[inline(always)]
    pub fn turn(&mut self) {
        turn(self.cx, &mut self.turns);
    }

    fn exception(&mut self, start: usize, end: usize, reason: &str) -> Res<Value> {
        let (cx, text) = (self.cx, self.text);
        let class = exc::UnicodeEncodeError();
        fault(
            cx,
            &mut self.exception,
            class,
            self.encoding,
            || Value::from_ref(text),
            start..end,
            reason,
        )
    }

    /// The UnicodeEncodeError of a range.
    #[cold]
    pub fn raise(&mut self, start: usize, end: usize, reason: &str) -> Raised {
        match self.exception(start, end, reason) {
            Ok(e) => Raised(e),
            Err(r) => r,
        }
    }

    /// As `error`, with what stands for the characters appended to `out`. Text below `limit` is
    /// written, a byte a character; the error of the range is raised where other text is asked for.
    pub fn replace(
        &mut self,
        (start, end): (usize, usize),
        reason: &str,
        limit: u32,
        out: &mut Vec<u8>,
    ) -> Res<usize> {
        let (replacement, at) = self.error(start, end, reason)?;
        let fits = match replacement {
            Replacement::Bytes(b) => {
                plain(b.len(), || out.extend_from_slice(&b));
                true
            }
            Replacement::Text(t) => plain(8 * t.len(), || {
                let fits = t.iter().all(|c| *c < limit);
                if fits {
                    out.extend(t.iter().map(|c| *c as u8));
                }
                fits
            }),
        };
        if fits { Ok(at) } else { Err(self.raise(start, end, reason)) }
    }

    /// What stands for characters that do not encode, and where to go on.
    #[cold]
    pub fn error(&mut self, start: usize, end: usize, reason: &str) -> Res<(Replacement, usize)> {
        let cx = self.cx;
        cx.mutator.poll();
        if self.mode != Mode::Other {
            return match native_encode(self.mode, self.encoding, self.text, start, end) {
                Some(r) => Ok(r),
                None => Err(self.raise(start, end, reason)),
            };
        }
        let handler = match self.handler {
            Some(h) => h,
            None => {
                let h = registry::lookup_error(cx, self.errors)?;
                self.handler = Some(h);
                h
            }
        };
        let e = self.exception(start, end, reason)?;
        let r = call(cx, handler, &[e])?;
        let bad =
            || err!(cx, TypeError, "encoding error handler must return (str/bytes, int) tuple");
        let Some(t) = r.downcast::<Tuple>().filter(|t| t.len() == 2) else { return Err(bad()) };
        if t.get(1).ty().slots().index.get().is_none() {
            return Err(bad());
        }
        let rep = if let Some(s) = t.get(0).downcast::<Str>() {
            // SAFETY: the characters of an str, which the tuple holds.
            let chars = unsafe { cx.mutator.plain(4 * s.len(), || s.chars().collect()) };
            Replacement::Text(chars)
        } else if let Some(b) = t.get(0).downcast::<Bytes>() {
            Replacement::Bytes(b.as_slice().to_vec())
        } else {
            return Err(bad());
        };
        Ok((rep, position(cx, t.get(1), self.text.len())?))
    }
}

/// The fields of a Unicode error as a builtin handler object needs them: kind 0 decode, 1 encode,
/// 2 translate.
fn parts(cx: &Thread, e: Value) -> Res<(u8, Value, usize, usize, String)> {
    let t = e.ty();
    let kind = if t.is_subtype(exc::UnicodeDecodeError()) {
        0
    } else if t.is_subtype(exc::UnicodeEncodeError()) {
        1
    } else if t.is_subtype(exc::UnicodeTranslateError()) {
        2
    } else {
        raise!(cx, TypeError, "don't know how to handle {} in error callback", t.name());
    };
    let b = exceptions::of(e);
    let object = b.field_or_none(field::UNI_OBJECT);
    let n = match kind {
        0 => object.downcast::<Bytes>().map(Bytes::len),
        _ => object.downcast::<Str>().map(Str::len),
    };
    let Some(n) = n else {
        raise!(
            cx,
            TypeError,
            "object attribute must be {}",
            if kind == 0 { "bytes" } else { "str" }
        );
    };
    let num = |i| b.field(i).and_then(int_to_i64).unwrap_or(0);
    let start = num(field::UNI_START).clamp(0, n.saturating_sub(1) as i64) as usize;
    let end = num(field::UNI_END).clamp(1.min(n) as i64, n as i64) as usize;
    let encoding = b
        .field(field::UNI_ENCODING)
        .and_then(|v| v.downcast::<Str>())
        .map_or(String::new(), |s| s.to_str_lossy().into_owned());
    Ok((kind, object, start, end.max(start), encoding))
}

fn answer(cx: &Thread, v: Value, at: usize) -> Res {
    Ok(Value::from_ref(Tuple::pair(cx, v, Value::small(at as i64))))
}

/// A builtin handler called with an exception object.
pub fn handle(cx: &Thread, mode: Mode, e: Value) -> Res {
    if mode == Mode::Strict {
        if e.downcast::<exceptions::BaseException>().is_some() {
            return Err(Raised(e));
        }
        raise!(cx, TypeError, "codec must pass exception instance");
    }
    let wrong =
        || Err(err!(cx, TypeError, "don't know how to handle {} in error callback", e.ty().name()));
    let (kind, object, start, end, encoding) = parts(cx, e)?;
    match (mode, kind) {
        (Mode::Ignore, _) => return answer(cx, Value::from_ref(Str::new(cx, "")), end),
        (Mode::Replace, 2) => {
            let t = Str::from_ucs4(cx, &plain(4 * (end - start), || vec![0xFFFD; end - start]));
            return answer(cx, Value::from_ref(t), end);
        }
        (Mode::XmlCharRef | Mode::NameReplace, 0 | 2)
        | (Mode::SurrogateEscape | Mode::SurrogatePass, 2) => return wrong(),
        _ => {}
    }
    if kind == 0 {
        let b = object.downcast::<Bytes>().expect("checked by parts");
        return match native_decode(mode, &encoding, b.as_slice(), start, end) {
            Some((t, at)) => answer(cx, Value::from_ref(Str::from_ucs4(cx, &t)), at),
            None => Err(Raised(e)),
        };
    }
    let s = object.downcast::<Str>().expect("checked by parts");
    match native_encode(mode, &encoding, s, start, end) {
        Some((Replacement::Text(t), at)) => answer(cx, Value::from_ref(Str::from_ucs4(cx, &t)), at),
        Some((Replacement::Bytes(b), at)) => answer(cx, Value::from_ref(Bytes::new(cx, &b)), at),
        None => Err(Raised(e)),
    }
}
