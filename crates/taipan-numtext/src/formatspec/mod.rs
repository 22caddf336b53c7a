//! The format mini-language, `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`,
//! with CPython 3.13's errors. A spec is a slice of code points, since a fill may be anything.

mod apply;
mod grouping;

pub use apply::{format_char, format_complex, format_float, format_int, format_str, is_float_code};
pub use grouping::{LocaleNumeric, insert_grouping};

use crate::NumError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    None,
    Comma,
    Underscore,
    /// `_` in bases 2, 8, 16: every four digits.
    UnderscoreFour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    pub fill: u32,
    /// One of `<>=^`.
    pub align: u8,
    pub alternate: bool,
    pub no_negative_zero: bool,
    /// One of `+- `, or 0 where not given.
    pub sign: u8,
    pub width: Option<usize>,
    pub separator: Separator,
    pub precision: Option<usize>,
    /// The type character, or 0.
    pub code: u32,
}

/// What a type passes to the parser.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    pub code: u8,
    pub align: u8,
    /// For messages: the name of the object's type.
    pub type_name: &'a str,
}

impl<'a> Defaults<'a> {
    pub fn for_str(type_name: &'a str) -> Self {
        Defaults { code: b's', align: b'<', type_name }
    }
    pub fn for_int(type_name: &'a str) -> Self {
        Defaults { code: b'd', align: b'>', type_name }
    }
    pub fn for_float(type_name: &'a str) -> Self {
        Defaults { code: 0, align: b'>', type_name }
    }
}

/// A character as messages show it.
pub(crate) fn shown(c: u32) -> String {
    match u8::try_from(c) {
        Ok(b) if b > 32 && b < 128 => (b as char).to_string(),
        _ => format!("\\x{c:x}"),
    }
}

pub fn unknown_code(code: u32, type_name: &str) -> NumError {
    NumError::value(format!(
        "Unknown format code '{}' for object of type '{type_name}'",
        shown(code)
    ))
}

/// Parses `[[fill]align][0][width][.precision][type]` in ASCII, which is nearly every spec; `None`
/// for any other, which `parse` knows about.
pub fn parse_quick(spec: &[u8], defaults: Defaults) -> Option<Spec> {
    let is_align = |c: u8| matches!(c, b'<' | b'>' | b'=' | b'^');
    let mut s = Spec {
        fill: ' ' as u32,
        align: defaults.align,
        alternate: false,
        no_negative_zero: false,
        sign: 0,
        width: None,
        separator: Separator::None,
        precision: None,
        code: defaults.code as u32,
    };
    let rest = match *spec {
        [fill, align, ref rest @ ..] if is_align(align) => {
            (s.fill, s.align) = (fill as u32, align);
            rest
        }
        [align, ref rest @ ..] if is_align(align) => {
            s.align = align;
            match rest {
                [b'0', rest @ ..] => {
                    s.fill = '0' as u32;
                    rest
                }
                _ => rest,
            }
        }
        [b'0', ref rest @ ..] => {
            s.fill = '0' as u32;
            if defaults.align == b'>' {
                s.align = b'=';
            }
            rest
        }
        _ => spec,
    };
    let (width, rest) = quick_count(rest)?;
    s.width = width;
    let rest = match rest {
        [b'.', rest @ ..] => {
            let (precision, rest) = quick_count(rest)?;
            s.precision = Some(precision?);
            rest
        }
        _ => rest,
    };
    match *rest {
        [] => Some(s),
        [code] if code != b'z' && (code.is_ascii_alphabetic() || code == b'%') => {
            s.code = code as u32;
            Some(s)
        }
        _ => None,
    }
}

/// The number at the start, if any, and what follows; `None` where it is long.
fn quick_count(text: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let mut n = 0;
    for (i, c) in text.iter().enumerate() {
        if !c.is_ascii_digit() {
            return Some((if i > 0 { Some(n) } else { None }, &text[i..]));
        }
        if i == 6 {
            return None;
        }
        n = n * 10 + usize::from(c - b'0');
    }
    Some((if text.is_empty() { None } else { Some(n) }, &[]))
}

/// `decimal` gives the value of a non-ASCII decimal digit, as Python accepts them in counts.
pub fn parse<C: Copy + Into<u32>>(
    spec: &[C],
    defaults: Defaults,
    decimal: &dyn Fn(u32) -> Option<u32>,
) -> Result<Spec, NumError> {
    let mut p = Parser { spec, pos: 0, decimal };
    let mut s = Spec {
        fill: ' ' as u32,
        align: defaults.align,
        alternate: false,
        no_negative_zero: false,
        sign: 0,
        width: None,
        separator: Separator::None,
        precision: None,
        code: defaults.code as u32,
    };
    let (mut align_given, mut fill_given) = (false, false);
    let is_align = |c: Option<u32>| c.and_then(|c| as_ascii(c, b"<>=^"));
    if let Some(align) = is_align(p.peek_at(1)) {
        (s.align, s.fill) = (align, spec[0].into());
        (align_given, fill_given) = (true, true);
        p.pos = 2;
    } else if let Some(align) = is_align(p.peek_at(0)) {
        s.align = align;
        align_given = true;
        p.pos = 1;
    }
    if let Some(sign) = p.peek_at(0).and_then(|c| as_ascii(c, b" +-")) {
        s.sign = sign;
        p.pos += 1;
    }
    s.no_negative_zero = p.eat(b'z');
    s.alternate = p.eat(b'#');
    if !fill_given && p.eat(b'0') {
        s.fill = '0' as u32;
        if !align_given && defaults.align == b'>' {
            s.align = b'=';
        }
    }
    s.width = p.integer()?;
    let both = || NumError::value("Cannot specify both ',' and '_'.");
    if p.eat(b',') {
        s.separator = Separator::Comma;
    }
    if p.eat(b'_') {
        if s.separator != Separator::None {
            return Err(both());
        }
        s.separator = Separator::Underscore;
    }
    if p.peek_at(0) == Some(',' as u32) && s.separator == Separator::Underscore {
        return Err(both());
    }
    if p.eat(b'.') {
        s.precision = p.integer()?;
        if s.precision.is_none() {
            return Err(NumError::value("Format specifier missing precision"));
        }
    }
    match spec[p.pos..] {
        [] => {}
        [code] => s.code = code.into(),
        _ => {
            let text: String =
                spec.iter().map(|&c| char::from_u32(c.into()).unwrap_or('\u{fffd}')).collect();
            return Err(NumError::value(format!(
                "Invalid format specifier '{text}' for object of type '{}'",
                defaults.type_name
            )));
        }
    }
    if s.separator != Separator::None {
        let code = u8::try_from(s.code).unwrap_or(b'?');
        match code {
            b'd' | b'e' | b'f' | b'g' | b'E' | b'G' | b'%' | b'F' | 0 => {}
            b'b' | b'o' | b'x' | b'X' if s.separator == Separator::Underscore => {
                s.separator = Separator::UnderscoreFour;
            }
            _ => {
                let mark = if s.separator == Separator::Comma { ',' } else { '_' };
                return Err(NumError::value(format!(
                    "Cannot specify '{mark}' with '{}'.",
                    shown(s.code)
                )));
            }
        }
    }
    Ok(s)
}

fn as_ascii(c: u32, set: &[u8]) -> Option<u8> {
    u8::try_from(c).ok().filter(|b| set.contains(b))
}

struct Parser<'a, C> {
    spec: &'a [C],
    pos: usize,
    decimal: &'a dyn Fn(u32) -> Option<u32>,
}

impl<C: Copy + Into<u32>> Parser<'_, C> {
    fn peek_at(&self, ahead: usize) -> Option<u32> {
        self.spec.get(self.pos + ahead).map(|&c| c.into())
    }

    fn eat(&mut self, c: u8) -> bool {
        let found = self.peek_at(0) == Some(c as u32);
        self.pos += found as usize;
        found
    }

    fn integer(&mut self) -> Result<Option<usize>, NumError> {
        let mut value: Option<usize> = None;
        while let Some(c) = self.peek_at(0) {
            let digit = match c {
                0x30..=0x39 => c - 0x30,
                0..=0x7f => break,
                _ => match (self.decimal)(c) {
                    Some(d) => d,
                    None => break,
                },
            };
            let next = value
                .unwrap_or(0)
                .checked_mul(10)
                .and_then(|v| v.checked_add(digit as usize))
                .filter(|&v| v <= isize::MAX as usize);
            if next.is_none() {
                return Err(NumError::value("Too many decimal digits in format string"));
            }
            value = next;
            self.pos += 1;
        }
        Ok(value)
    }
}
