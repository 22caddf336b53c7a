//! `str % args`: directives are parsed and numbers formatted by `taipan_numtext::percent`; here are
//! the arguments, in CPython's order of errors (Objects/unicodeobject.c, `PyUnicode_Format`).

use super::search::Unit;
use super::{Data, Str, StrBuilder, repr::ascii};
use crate::objects::int;
use crate::prelude::*;
use taipan_numtext::percent::{self, Arguments, Directive, Flavor};
use taipan_numtext::short::Short;
use taipan_numtext::{NumError, Padded};

/// The values that directives consume; shared with bytes formatting.
pub struct Source<'a> {
    pub cx: &'a Thread,
    whole: Value,
    tuple: Option<&'static Tuple>,
    current: Value,
    index: isize,
    count: isize,
    mapping: Option<Value>,
    flavor: Flavor,
    /// Makes the key object of `%(key)` from its range.
    key: &'a dyn Fn(std::ops::Range<usize>) -> Value,
}

/// A parse error or a raised exception.
pub struct Stop(Result<NumError, Raised>);

impl From<NumError> for Stop {
    fn from(e: NumError) -> Stop {
        Stop(Ok(e))
    }
}

impl From<Raised> for Stop {
    fn from(e: Raised) -> Stop {
        Stop(Err(e))
    }
}

impl Stop {
    pub fn raised(self, cx: &Thread) -> Raised {
        match self.0 {
            Ok(e) => int::raise_num(cx, e),
            Err(r) => r,
        }
    }
}

impl<'a> Source<'a> {
    pub fn new(
        cx: &'a Thread,
        args: Value,
        flavor: Flavor,
        key: &'a dyn Fn(std::ops::Range<usize>) -> Value,
    ) -> Source<'a> {
        let tuple = args.downcast::<Tuple>();
        let text = match flavor {
            Flavor::Str => args.downcast::<Str>().is_some(),
            Flavor::Bytes => {
                args.downcast::<Str>().is_some()
                    || args.downcast::<Bytes>().is_some()
                    || args.downcast::<crate::objects::bytearray::ByteArray>().is_some()
            }
        };
        let is_map = tuple.is_none() && !text && crate::protocol::is_mapping(args);
        Source {
            cx,
            whole: args,
            tuple,
            current: args,
            index: if tuple.is_some() { 0 } else { -2 },
            count: tuple.map_or(-1, |t| t.len() as isize),
            mapping: if is_map { Some(args) } else { None },
            flavor,
            key,
        }
    }

    /// The next argument.
    pub fn next(&mut self) -> Res {
        if self.index < self.count {
            let i = self.index;
            self.index += 1;
            return Ok(match self.tuple {
                Some(t) if self.count >= 0 => t.get(i as usize),
                _ => self.current,
            });
        }
        raise!(self.cx, TypeError, "not enough arguments for format string")
    }

    /// After the last directive.
    pub fn finish(&self) -> Res<()> {
        if self.index < self.count && self.mapping.is_none() {
            match self.flavor {
                Flavor::Str => raise!(
                    self.cx,
                    TypeError,
                    "not all arguments converted during string formatting"
                ),
                Flavor::Bytes => raise!(
                    self.cx,
                    TypeError,
                    "not all arguments converted during bytes formatting"
                ),
            }
        }
        Ok(())
    }

    fn star(&mut self) -> Res<Value> {
        let v = self.next()?;
        if !int::is_int(v) {
            raise!(self.cx, TypeError, "* wants int");
        }
        Ok(v)
    }
}

impl Arguments for Source<'_> {
    type Error = Stop;

    fn select(&mut self, key: Option<std::ops::Range<usize>>) -> Result<(), Stop> {
        let Some(map) = self.mapping else {
            return Err(err!(self.cx, TypeError, "format requires a mapping").into());
        };
        if let Some(range) = key {
            let k = (self.key)(range);
            self.current = get_item(self.cx, map, k)?;
            self.tuple = None;
            self.count = -1;
            self.index = -2;
        }
        let _ = self.whole;
        Ok(())
    }

    fn star_width(&mut self) -> Result<isize, Stop> {
        let v = self.star()?;
        match int_to_i64(v) {
            Some(n) if n != i64::MIN => Ok(n as isize),
            _ => {
                Err(err!(self.cx, OverflowError, "Python int too large to convert to C ssize_t")
                    .into())
            }
        }
    }

    fn star_precision(&mut self) -> Result<i32, Stop> {
        let v = self.star()?;
        match int_to_i64(v).and_then(|n| i32::try_from(n).ok()) {
            Some(n) => Ok(n),
            None => {
                Err(err!(self.cx, OverflowError, "Python int too large to convert to C int").into())
            }
        }
    }
}

/// The int that `%d` and its like show.
fn int_argument(cx: &Thread, v: Value, conversion: u32) -> Res<Value> {
    if int::is_int(v) {
        return Ok(v);
    }
    let c = char::from_u32(conversion).unwrap_or('d');
    let s = v.ty().slots();
    let number = s.index.get().is_some()
        || s.int.get().is_some()
        || s.float.get().is_some()
        || v.downcast::<crate::objects::complex::Complex>().is_some();
    let hex = matches!(c, 'x' | 'X' | 'o');
    let r = if !number {
        None
    } else {
        let r = if hex { index(cx, v) } else { int::construct::number_to_int(cx, v) };
        match r {
            Ok(i) => Some(i),
            Err(e) if e.is(exc::TypeError()) => None,
            Err(e) => return Err(e),
        }
    };
    match r {
        Some(i) => Ok(i),
        None if hex => {
            raise!(cx, TypeError, "%{c} format: an integer is required, not {}", v.ty().name())
        }
        None => {
            raise!(cx, TypeError, "%{c} format: a real number is required, not {}", v.ty().name())
        }
    }
}

/// An int or float under a number conversion; `None` for other conversions.
pub fn number(cx: &Thread, v: Value, d: &Directive) -> Res<Option<Padded>> {
    let asked = d.width.unwrap_or(0).saturating_add(d.precision.unwrap_or(0));
    let r = match char::from_u32(d.conversion) {
        Some('d' | 'i' | 'u' | 'o' | 'x' | 'X') => {
            let i = int_argument(cx, v, d.conversion)?;
            let digits = int::digits_of(i);
            if matches!(char::from_u32(d.conversion), Some('d' | 'i' | 'u')) {
                int::check_print_limit(cx, digits.get())?;
            }
            let i = digits.get();
            cx.plain(asked.saturating_add(64 * size_of_val(i.digits)), || percent::format_int(i, d))
        }
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G') => {
            let x = to_f64(cx, v)?;
            cx.plain(asked, || percent::format_float(x, d))
        }
        _ => return Ok(None),
    };
    match r {
        Ok(p) => Ok(Some(p)),
        Err(e) => Err(int::raise_num(cx, e)),
    }
}

fn char_argument(cx: &Thread, v: Value) -> Res<u32> {
    if let Some(s) = v.downcast::<Str>() {
        if s.len() == 1 {
            return Ok(s.char_at(0));
        }
        raise!(cx, TypeError, "%c requires int or char");
    }
    let i = match index(cx, v) {
        Ok(i) => i,
        Err(e) if e.is(exc::TypeError()) => raise!(cx, TypeError, "%c requires int or char"),
        Err(e) => return Err(e),
    };
    match int_to_i64(i).and_then(|n| u32::try_from(n).ok()).filter(|c| *c <= 0x10FFFF) {
        Some(c) => Ok(c),
        None => raise!(cx, OverflowError, "%c arg not in range(0x110000)"),
    }
}

fn push_text(cx: &Thread, b: &mut StrBuilder, s: &Str, d: &Directive) -> Res<()> {
    let p = percent::format_str(s.len(), d).map_err(|e| int::raise_num(cx, e))?;
    b.push_n(p.fill, p.left);
    b.push_range(s, 0, p.take);
    b.push_n(p.fill, p.right);
    Ok(())
}

pub fn push_padded(b: &mut StrBuilder, p: &Padded) {
    b.push_n(p.fill, p.left);
    b.push_str(&p.prefix);
    b.push_n(p.fill, p.inner);
    b.push_str(&p.body);
    b.push_n(p.fill, p.right);
}

/// Sign, prefix and digits under a directive of moderate width.
fn push_number(b: &mut StrBuilder, negative: bool, prefix: &[u8], body: &[u8], d: &Directive) {
    let sign: &[u8] = match (negative, d.sign, d.blank) {
        (true, ..) => b"-",
        (false, true, _) => b"+",
        (false, false, true) => b" ",
        _ => b"",
    };
    let used = sign.len() + prefix.len() + body.len();
    let padding = d.width.unwrap_or(0).saturating_sub(used);
    if !d.left_justify && !d.zero {
        b.push_n(32, padding);
    }
    b.push_latin1(sign);
    b.push_latin1(prefix);
    if !d.left_justify && d.zero {
        b.push_n('0' as u32, padding);
    }
    b.push_latin1(body);
    if d.left_justify {
        b.push_n(32, padding);
    }
}

/// Numbers that are no objects, and whole strings; false for what takes the general way.
fn quick(b: &mut StrBuilder, v: Value, d: &Directive) -> bool {
    if d.width.is_some_and(|w| w > 1 << 20) {
        return false;
    }
    let code = u8::try_from(d.conversion).unwrap_or(0);
    if let Some(i) = v.as_small() {
        let (base, prefix): (u32, &[u8]) = match code {
            b'd' | b'i' | b'u' => (10, b""),
            b'x' => (16, b"0x"),
            b'X' => (16, b"0X"),
            b'o' => (8, b"0o"),
            b's' | b'r' if d.width.is_none() && d.precision.is_none() => {
                b.push_latin1(Short::signed(i).as_bytes());
                return true;
            }
            _ => return false,
        };
        if d.precision.is_some() {
            return false;
        }
        let text = Short::int(i.unsigned_abs(), base, code == b'X', None);
        let prefix = if d.alternate { prefix } else { b"" };
        push_number(b, i < 0, prefix, text.as_bytes(), d);
        return true;
    }
    if let Some(x) = v.as_unboxed_f64() {
        if !x.is_finite() || d.alternate || !matches!(code, b'f' | b'F') {
            return false;
        }
        let Some(text) = Short::fixed(x, d.precision.unwrap_or(6), None) else { return false };
        push_number(b, x.is_sign_negative(), b"", text.as_bytes(), d);
        return true;
    }
    match v.downcast_exact::<Str>() {
        Some(s) if code == b's' && d.width.is_none() && d.precision.is_none() => {
            b.push_obj(s);
            true
        }
        _ => false,
    }
}

fn one(cx: &Thread, b: &mut StrBuilder, src: &mut Source<'_>, d: &Directive) -> Res<()> {
    let v = src.next()?;
    if quick(b, v, d) {
        return Ok(());
    }
    match char::from_u32(d.conversion) {
        Some('s') => {
            let s = to_str(cx, v)?;
            push_text(cx, b, s, d)
        }
        Some('r') => {
            let s = repr(cx, v)?;
            push_text(cx, b, s, d)
        }
        Some('a') => {
            let s = ascii(cx, v)?;
            push_text(cx, b, s, d)
        }
        Some('c') => {
            let c = char_argument(cx, v)?;
            let s = Str::from_chars(cx, [c]);
            push_text(cx, b, s, d)
        }
        _ => match number(cx, v, d)? {
            Some(p) => {
                push_padded(b, &p);
                Ok(())
            }
            None => Err(int::raise_num(cx, percent::unsupported(d, Flavor::Str))),
        },
    }
}

/// Text between directives, at the width of the format.
fn push_literal<C: Unit>(b: &mut StrBuilder, text: &[C]) {
    if size_of::<C>() == 1 {
        return b.push_latin1(C::bytes(text));
    }
    // SAFETY: the builder is memory of its frame, the text an str's that the caller holds.
    unsafe {
        taipan_heap::Mutator::here().plain(size_of_val(text), || {
            text.iter().for_each(|c| b.push((*c).into()));
        });
    }
}

fn run<C: Unit>(cx: &Thread, fmt: &[C], b: &mut StrBuilder, src: &mut Source<'_>) -> Res<()> {
    let mut i = 0;
    let mut turns = 0u32;
    while i < fmt.len() {
        turns = turns.wrapping_add(1);
        if turns & 0x3FF == 0 {
            cx.poll()?;
        }
        let rest = &fmt[i..];
        let find = || rest.iter().position(|c| (*c).into() == '%' as u32);
        // SAFETY: the text of an str, which its caller holds and nobody changes.
        let found = unsafe { cx.mutator.plain(size_of_val(rest), find) };
        let text = found.unwrap_or(rest.len());
        push_literal(b, &rest[..text]);
        i += text + 1;
        if text == rest.len() {
            break;
        }
        if fmt.get(i).is_some_and(|c| (*c).into() == '%' as u32) {
            b.push('%' as u32);
            i += 1;
            continue;
        }
        // A letter alone asks for nothing that parsing would have to ask for.
        if let Some(conversion) = fmt.get(i).map(|c| (*c).into()) {
            if conversion == 's' as u32 || conversion == 'd' as u32 {
                let plain = Directive { conversion, index: i, end: i + 1, ..Directive::default() };
                i += 1;
                one(cx, b, src, &plain)?;
                continue;
            }
        }
        let d = percent::parse(fmt, i, Flavor::Str, src).map_err(|e| e.raised(cx))?;
        i = d.end;
        one(cx, b, src, &d)?;
    }
    Ok(())
}

pub fn format(cx: &Thread, fmt: &'static Str, args: Value) -> Res {
    let key = |r: std::ops::Range<usize>| Value::from_ref(Str::substring(cx, fmt, r.start, r.end));
    let mut src = Source::new(cx, args, Flavor::Str, &key);
    let mut b = StrBuilder::with_capacity(fmt.len());
    match fmt.data() {
        Data::Ascii(d) | Data::Latin1(d) => run(cx, d, &mut b, &mut src)?,
        Data::Ucs2(d) => run(cx, d, &mut b, &mut src)?,
        Data::Ucs4(d) => run(cx, d, &mut b, &mut src)?,
    }
    src.finish()?;
    Ok(b.value(cx))
}
