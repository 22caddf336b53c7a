//! `%` formatting of str and bytes: the directive parser and the number formats. Fetching
//! arguments is the caller's, through `Arguments`, because CPython does it while it parses and
//! the order of errors shows.

use crate::bigint::{IntRef, to_text};
use crate::float::{self, FloatStyle, StyleFlags};
use crate::layout::{Padded, PaddedStr};
use crate::{ErrorClass, NumError};
use std::ops::Range;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directive {
    pub left_justify: bool,
    pub sign: bool,
    pub blank: bool,
    pub alternate: bool,
    pub zero: bool,
    pub width: Option<usize>,
    pub precision: Option<usize>,
    /// The conversion character, perhaps an unknown one.
    pub conversion: u32,
    /// Where the conversion character stands, for messages.
    pub index: usize,
    /// Where the next literal text begins.
    pub end: usize,
}

/// What parsing a directive asks of the caller.
pub trait Arguments {
    type Error: From<NumError>;
    /// `%(key)`: makes the value under the key (a range of the format) the argument. Raises
    /// "format requires a mapping" where there is none; called with `None` before the key's end
    /// is known, to raise just that.
    fn select(&mut self, key: Option<Range<usize>>) -> Result<(), Self::Error>;
    /// `*` as width: the next argument, which must be an int ("* wants int").
    fn star_width(&mut self) -> Result<isize, Self::Error>;
    /// `*` as precision.
    fn star_precision(&mut self) -> Result<i32, Self::Error>;
}

/// str and bytes word one message differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    Str,
    Bytes,
}

struct Cursor<'a, C> {
    format: &'a [C],
    pos: usize,
    current: Option<u32>,
}

impl<C: Copy + Into<u32>> Cursor<'_, C> {
    fn advance(&mut self) {
        self.current = self.format.get(self.pos).map(|&c| c.into());
        self.pos += self.current.is_some() as usize;
    }

    fn digit(&self) -> Option<usize> {
        self.current.filter(|c| (0x30..=0x39).contains(c)).map(|c| c as usize - 0x30)
    }

    /// Decimal digits at the cursor; the cursor ends on what follows them.
    fn integer(&mut self, limit: usize, message: &str) -> Result<usize, NumError> {
        let mut value = 0usize;
        while let Some(d) = self.digit() {
            if value > (limit - d) / 10 {
                return Err(NumError::value(message));
            }
            value = value * 10 + d;
            self.advance();
        }
        Ok(value)
    }
}

/// Parses the directive whose '%' stands before `pos`; the caller has seen that it is not "%%".
pub fn parse<C: Copy + Into<u32>, A: Arguments>(
    format: &[C],
    pos: usize,
    flavor: Flavor,
    arguments: &mut A,
) -> Result<Directive, A::Error> {
    let mut d = Directive::default();
    let mut c = Cursor { format, pos, current: None };
    if format.get(pos).map(|&c| c.into()) == Some('(' as u32) {
        arguments.select(None)?;
        let start = pos + 1;
        c.pos = start;
        let mut depth = 1;
        while depth > 0 {
            c.advance();
            match c.current.and_then(char::from_u32) {
                Some(')') => depth -= 1,
                Some('(') => depth += 1,
                _ if c.current.is_some() => {}
                _ => return Err(NumError::value("incomplete format key").into()),
            }
        }
        arguments.select(Some(start..c.pos - 1))?;
    }
    loop {
        c.advance();
        match c.current.and_then(char::from_u32) {
            Some('-') => d.left_justify = true,
            Some('+') => d.sign = true,
            Some(' ') => d.blank = true,
            Some('#') => d.alternate = true,
            Some('0') => d.zero = true,
            _ => break,
        }
    }
    if c.current == Some('*' as u32) {
        let width = arguments.star_width()?;
        d.left_justify |= width < 0;
        d.width = Some(width.unsigned_abs());
        c.advance();
    } else if c.digit().is_some() {
        d.width = Some(c.integer(isize::MAX as usize, "width too big")?);
    }
    if c.current == Some('.' as u32) {
        d.precision = Some(0);
        c.advance();
        if c.current == Some('*' as u32) {
            d.precision = Some(arguments.star_precision()?.max(0) as usize);
            c.advance();
        } else if c.digit().is_some() {
            let message = match flavor {
                Flavor::Str => "precision too big",
                Flavor::Bytes => "prec too big",
            };
            d.precision = Some(c.integer(i32::MAX as usize, message)?);
        }
    }
    if matches!(c.current.and_then(char::from_u32), Some('h' | 'l' | 'L')) {
        c.advance();
    }
    let Some(conversion) = c.current else {
        return Err(NumError::value("incomplete format").into());
    };
    d.conversion = conversion;
    d.index = c.pos - 1;
    d.end = c.pos;
    Ok(d)
}

/// "unsupported format character ..."; raised after the argument was fetched.
pub fn unsupported(d: &Directive, flavor: Flavor) -> NumError {
    let c = d.conversion;
    let shown = match flavor {
        Flavor::Str if !(31..=126).contains(&c) => '?',
        _ => char::from_u32(c).unwrap_or('?'),
    };
    NumError::value(format!(
        "unsupported format character '{shown}' (0x{c:x}) at index {}",
        d.index
    ))
}

const MOST_CHARS: usize = 1 << 34;

/// Sign and base prefix, padding and body of a number whose digits are at hand.
fn lay_out(d: &Directive, negative: bool, base_prefix: &str, body: String) -> Padded {
    let sign = match (negative, d.sign, d.blank) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    let used = sign.len() + base_prefix.len() + body.len();
    let padding = d.width.unwrap_or(0).saturating_sub(used);
    let mut out = Padded {
        fill: ' ' as u32,
        prefix: format!("{sign}{base_prefix}"),
        body,
        ..Padded::default()
    };
    if d.left_justify {
        out.right = padding;
    } else if d.zero {
        out.fill = '0' as u32;
        out.inner = padding;
    } else {
        out.left = padding;
    }
    out
}

/// An int under `diuoxX`. The caller has checked the limit on decimal digits.
pub fn format_int(value: IntRef, d: &Directive) -> Result<Padded, NumError> {
    if d.precision.is_some_and(|p| p > i32::MAX as usize - 3) {
        return Err(NumError {
            class: ErrorClass::Overflow,
            message: "precision too large".to_owned(),
        });
    }
    if d.width.unwrap_or(0) > MOST_CHARS {
        return Err(NumError::memory());
    }
    let (base, prefix) = match char::from_u32(d.conversion) {
        Some('o') => (8, "0o"),
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = to_text(value.abs(), base);
    if d.conversion == 'X' as u32 {
        digits.make_ascii_uppercase();
    }
    if let Some(p) = d.precision
        && p > digits.len()
    {
        digits.insert_str(0, &"0".repeat(p - digits.len()));
    }
    Ok(lay_out(d, value.negative, if d.alternate { prefix } else { "" }, digits))
}

/// A float under `eEfFgG`.
pub fn format_float(value: f64, d: &Directive) -> Result<Padded, NumError> {
    if d.width.unwrap_or(0) > MOST_CHARS {
        return Err(NumError::memory());
    }
    let code = u8::try_from(d.conversion).unwrap_or(b'g');
    let style = match code.to_ascii_lowercase() {
        b'e' => FloatStyle::Exponent,
        b'f' => FloatStyle::Fixed,
        _ => FloatStyle::General,
    };
    let flags = StyleFlags {
        upper: code.is_ascii_uppercase(),
        alternate: d.alternate,
        ..StyleFlags::default()
    };
    let text = float::format(value, style, d.precision.unwrap_or(6), flags);
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, text),
    };
    Ok(lay_out(d, negative, "", body))
}

/// Text of `len` characters under `s r a b c`; a precision cuts all but `c`.
pub fn format_str(len: usize, d: &Directive) -> Result<PaddedStr, NumError> {
    if d.width.unwrap_or(0) > MOST_CHARS {
        return Err(NumError::memory());
    }
    let cuts = d.conversion != 'c' as u32;
    let take = d.precision.filter(|_| cuts).map_or(len, |p| p.min(len));
    let padding = d.width.unwrap_or(0).saturating_sub(take);
    let (left, right) = if d.left_justify { (0, padding) } else { (padding, 0) };
    Ok(PaddedStr { fill: ' ' as u32, left, take, right })
}
