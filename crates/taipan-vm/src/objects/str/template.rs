//! `str.format`, `str.format_map`, and the parsers that `_string` gives to `string.Formatter`
//! (Objects/stringlib/unicode_format.h shows the order of errors).

use super::{Data, Str, StrBuilder, repr::ascii};
use crate::objects::numeric_format;
use crate::prelude::*;
use taipan_numtext::short::Short;

type Span = std::ops::Range<usize>;

/// One step over a format string: literal text, then perhaps a field.
pub struct Piece {
    pub literal: Span,
    pub field: Option<Field>,
}

pub struct Field {
    pub name: Span,
    pub spec: Span,
    pub conversion: u32,
    pub nested: bool,
}

/// Walks over `from..to` of a format string.
pub struct Markup {
    pub text: &'static Str,
    pub at: usize,
    pub end: usize,
}

impl Markup {
    pub fn next(&mut self, cx: &Thread) -> Res<Option<Piece>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let d = self.text.data();
        let start = self.at;
        let mut c = 0;
        let mut markup = false;
        if let Data::Ascii(b) | Data::Latin1(b) = d {
            let text = &b[self.at..self.end];
            let find = || memchr::memchr2(b'{', b'}', text).unwrap_or(text.len());
            self.at += cx.plain(text.len(), find);
        }
        while self.at < self.end {
            c = d.get(self.at);
            self.at += 1;
            if self.at & 0x3FFF == 0 {
                cx.poll()?;
            }
            if c == '{' as u32 || c == '}' as u32 {
                markup = true;
                break;
            }
        }
        let at_end = self.at >= self.end;
        let mut stop = self.at;
        if markup {
            let doubled = !at_end && d.get(self.at) == c;
            if c == '}' as u32 && !doubled {
                raise!(cx, ValueError, "Single '}}' encountered in format string");
            }
            if c == '{' as u32 && at_end {
                raise!(cx, ValueError, "Single '{{' encountered in format string");
            }
            if doubled {
                self.at += 1;
                markup = false;
            } else {
                stop -= 1;
            }
        }
        let field = if markup { Some(self.field(cx)?) } else { None };
        Ok(Some(Piece { literal: start..stop, field }))
    }

    fn field(&mut self, cx: &Thread) -> Res<Field> {
        let d = self.text.data();
        let start = self.at;
        let mut c = 0;
        while self.at < self.end {
            c = d.get(self.at);
            self.at += 1;
            match char::from_u32(c) {
                Some('{') => raise!(cx, ValueError, "unexpected '{{' in field name"),
                Some('[') => {
                    while self.at < self.end && d.get(self.at) != ']' as u32 {
                        self.at += 1;
                    }
                }
                Some('}' | ':' | '!') => break,
                _ => {}
            }
        }
        let is = |c: u32, x: char| c == x as u32;
        if !is(c, '}') && !is(c, ':') && !is(c, '!') {
            raise!(cx, ValueError, "expected '}}' before end of string");
        }
        let mut f = Field {
            name: start..self.at - 1,
            spec: self.at..self.at,
            conversion: 0,
            nested: false,
        };
        if is(c, '}') {
            f.spec = 0..0;
            return Ok(f);
        }
        if is(c, '!') {
            if self.at >= self.end {
                raise!(cx, ValueError, "end of string while looking for conversion specifier");
            }
            f.conversion = d.get(self.at);
            self.at += 1;
            if self.at < self.end {
                c = d.get(self.at);
                self.at += 1;
                if is(c, '}') {
                    f.spec = 0..0;
                    return Ok(f);
                }
                if !is(c, ':') {
                    raise!(cx, ValueError, "expected ':' after conversion specifier");
                }
            }
        }
        let from = self.at;
        let mut depth = 1;
        while self.at < self.end {
            c = d.get(self.at);
            self.at += 1;
            if is(c, '{') {
                f.nested = true;
                depth += 1;
            } else if is(c, '}') {
                depth -= 1;
                if depth == 0 {
                    f.spec = from..self.at - 1;
                    return Ok(f);
                }
            }
        }
        raise!(cx, ValueError, "unmatched '{{' in format spec")
    }
}

/// A decimal integer; `None` where the text is no number.
fn integer(cx: &Thread, s: &Str, r: Span) -> Res<Option<isize>> {
    if r.is_empty() {
        return Ok(None);
    }
    let mut n: isize = 0;
    for i in r {
        let Some(v) = taipan_unicode::decimal_value(s.char_at(i)) else { return Ok(None) };
        match n.checked_mul(10).and_then(|n| n.checked_add(v as isize)) {
            Some(x) => n = x,
            None => raise!(cx, ValueError, "Too many decimal digits in format string"),
        }
    }
    Ok(Some(n))
}

/// The parts of a field name after its first: `.attr` and `[item]`.
pub struct Rest {
    pub text: &'static Str,
    pub at: usize,
    pub end: usize,
}

pub struct Access {
    pub is_attr: bool,
    pub name: Span,
    pub index: Option<isize>,
}

impl Rest {
    pub fn next(&mut self, cx: &Thread) -> Res<Option<Access>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let d = self.text.data();
        let c = d.get(self.at);
        self.at += 1;
        let start = self.at;
        let a = match char::from_u32(c) {
            Some('.') => {
                while self.at < self.end
                    && !matches!(char::from_u32(d.get(self.at)), Some('[' | '.'))
                {
                    self.at += 1;
                }
                Access { is_attr: true, name: start..self.at, index: None }
            }
            Some('[') => {
                while self.at < self.end && d.get(self.at) != ']' as u32 {
                    self.at += 1;
                }
                if self.at >= self.end {
                    raise!(cx, ValueError, "Missing ']' in format string");
                }
                let name = start..self.at;
                self.at += 1;
                Access { is_attr: false, index: integer(cx, self.text, name.clone())?, name }
            }
            _ => raise!(cx, ValueError, "Only '.' or '[' may follow ']' in format field specifier"),
        };
        if a.name.is_empty() {
            raise!(cx, ValueError, "Empty attribute in format string");
        }
        Ok(Some(a))
    }
}

/// The first part of a field name, its number if it is one, and the rest.
pub fn split_field(cx: &Thread, s: &'static Str, r: Span) -> Res<(Span, Option<isize>, Rest)> {
    let d = s.data();
    let mut i = r.start;
    while i < r.end && !matches!(char::from_u32(d.get(i)), Some('[' | '.')) {
        i += 1;
    }
    let first = r.start..i;
    let n = integer(cx, s, first.clone())?;
    Ok((first, n, Rest { text: s, at: i, end: r.end }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Unknown,
    Auto,
    Manual,
}

struct Formatter<'a> {
    cx: &'a Thread,
    /// `None` in `format_map`.
    args: Option<&'a [Value]>,
    kwargs: Option<Value>,
    numbering: Numbering,
    next: isize,
}

impl Formatter<'_> {
    fn sub(&self, s: &'static Str, r: Span) -> &'static Str {
        Str::substring(self.cx, s, r.start, r.end)
    }

    /// The argument of `{}` or `{3}`, where nothing is wrong with it.
    fn positional(&mut self, s: &Str, name: &Span) -> Option<Value> {
        let (i, numbering) = match s.data() {
            _ if name.is_empty() => (self.next as usize, Numbering::Auto),
            Data::Ascii(d) if name.len() == 1 && d[name.start].is_ascii_digit() => {
                (usize::from(d[name.start] - b'0'), Numbering::Manual)
            }
            _ => return None,
        };
        if self.numbering != numbering && self.numbering != Numbering::Unknown {
            return None;
        }
        let v = *self.args?.get(i)?;
        self.numbering = numbering;
        self.next += isize::from(numbering == Numbering::Auto);
        Some(v)
    }

    fn field_object(&mut self, s: &'static Str, name: Span) -> Res {
        if let Some(v) = self.positional(s, &name) {
            return Ok(v);
        }
        let cx = self.cx;
        let (first, mut n, mut rest) = split_field(cx, s, name)?;
        let empty = first.is_empty();
        if empty || n.is_some() {
            if self.numbering == Numbering::Unknown {
                self.numbering = if empty { Numbering::Auto } else { Numbering::Manual };
            }
            if self.numbering == Numbering::Manual && empty {
                raise!(
                    cx,
                    ValueError,
                    "cannot switch from manual field specification to automatic field numbering"
                );
            }
            if self.numbering == Numbering::Auto && !empty {
                raise!(
                    cx,
                    ValueError,
                    "cannot switch from automatic field numbering to manual field specification"
                );
            }
        }
        if empty {
            n = Some(self.next);
            self.next += 1;
        }
        let mut obj = match n {
            None => {
                let key = Value::from_ref(self.sub(s, first));
                match self.kwargs {
                    Some(k) => get_item(cx, k, key)?,
                    None => return Err(crate::objects::exceptions::key_error(cx, key)),
                }
            }
            Some(i) => {
                let Some(args) = self.args else {
                    raise!(cx, ValueError, "Format string contains positional fields");
                };
                match args.get(i as usize) {
                    Some(v) => *v,
                    None => raise!(
                        cx,
                        IndexError,
                        "Replacement index {i} out of range for positional args tuple"
                    ),
                }
            }
        };
        while let Some(a) = rest.next(cx)? {
            let text = self.sub(s, a.name);
            obj = match (a.is_attr, a.index) {
                (true, _) => get_attr(cx, obj, super::intern_str(cx, text))?,
                (_, None) => get_item(cx, obj, Value::from_ref(text))?,
                (_, Some(i)) => get_item(cx, obj, int_from_i128(cx, i as i128))?,
            };
        }
        Ok(obj)
    }

    fn build(&mut self, s: &'static Str, r: Span, b: &mut StrBuilder, depth: i32) -> Res<()> {
        let cx = self.cx;
        if depth <= 0 {
            raise!(cx, ValueError, "Max string recursion exceeded");
        }
        let mut m = Markup { text: s, at: r.start, end: r.end };
        let mut turns = 0u32;
        while let Some(p) = m.next(cx)? {
            turns = turns.wrapping_add(1);
            if turns & 0x3FF == 0 {
                cx.poll()?;
            }
            b.push_range(s, p.literal.start, p.literal.end);
            let Some(f) = p.field else { continue };
            let mut obj = self.field_object(s, f.name)?;
            if f.conversion != 0 {
                obj = convert(cx, obj, f.conversion)?;
            }
            let spec = if f.nested {
                let mut inner = StrBuilder::new();
                self.build(s, f.spec, &mut inner, depth - 1)?;
                inner.finish(cx)
            } else {
                self.sub(s, f.spec)
            };
            match obj.as_small() {
                Some(i) if spec.is_empty() => b.push_latin1(Short::signed(i).as_bytes()),
                _ => b.push_obj(format_value(cx, obj, spec)?),
            }
        }
        Ok(())
    }
}

/// `!r`, `!s`, `!a`.
fn convert(cx: &Thread, v: Value, conversion: u32) -> Res {
    Ok(Value::from_ref(match char::from_u32(conversion) {
        Some('r') => repr(cx, v)?,
        Some('s') => to_str(cx, v)?,
        Some('a') => ascii(cx, v)?,
        Some(c @ '!'..='~') => raise!(cx, ValueError, "Unknown conversion specifier {c}"),
        _ => raise!(cx, ValueError, "Unknown conversion specifier \\x{conversion:x}"),
    }))
}

pub fn format(cx: &Thread, s: &'static Str, args: Option<&[Value]>, kwargs: Option<Value>) -> Res {
    let mut f = Formatter { cx, args, kwargs, numbering: Numbering::Unknown, next: 0 };
    let mut b = StrBuilder::with_capacity(s.len());
    f.build(s, 0..s.len(), &mut b, 2)?;
    Ok(b.value(cx))
}

/// `str.__format__`.
pub fn format_spec(cx: &Thread, this: Value, s: &'static Str, spec: &Str) -> Res {
    use taipan_numtext::formatspec::{self, Defaults};
    if spec.is_empty() {
        return Ok(Value::from_ref(if this.ty().is(Str::type_object()) {
            s
        } else {
            to_str(cx, this)?
        }));
    }
    let name = this.ty().name();
    let num = |e| crate::objects::int::raise_num(cx, e);
    let parsed = numeric_format::parse_spec(cx, spec, Defaults::for_str(&name))?;
    let p = formatspec::format_str(s.len(), &parsed, &name).map_err(num)?;
    if let (Data::Ascii(d), true) = (s.data(), p.fill < 0x80) {
        let made = Str::build_narrow(cx, p.left + p.take + p.right, true, |out| {
            let (left, out) = out.split_at_mut(p.left);
            left.fill(p.fill as u8);
            let (text, right) = out.split_at_mut(p.take);
            text.copy_from_slice(&d[..p.take]);
            right.fill(p.fill as u8);
        })?;
        return Ok(Value::from_ref(made));
    }
    let mut b = StrBuilder::with_capacity(p.left + p.take + p.right);
    b.push_n(p.fill, p.left);
    b.push_range(s, 0, p.take);
    b.push_n(p.fill, p.right);
    Ok(b.value(cx))
}
