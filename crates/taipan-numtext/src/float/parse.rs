//! Text to double and complex, in the grammar of `float(str)` and `complex(str)`. Input is ASCII
//! bytes; the VM maps Unicode digits and blanks beforehand.

pub(super) fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t'..=b'\r')
}

pub(super) fn trim(mut s: &[u8]) -> &[u8] {
    while let [c, rest @ ..] = s
        && is_space(*c)
    {
        s = rest;
    }
    while let [rest @ .., c] = s
        && is_space(*c)
    {
        s = rest;
    }
    s
}

/// Drops underscores that stand between two digits; `None` where one stands elsewhere.
fn without_underscores(s: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len());
    for (i, &c) in s.iter().enumerate() {
        if c != b'_' {
            out.push(c);
            continue;
        }
        let before = i > 0 && s[i - 1].is_ascii_digit();
        let after = s.get(i + 1).is_some_and(u8::is_ascii_digit);
        if !(before && after) {
            return None;
        }
    }
    Some(out)
}

/// The length of the longest float at the start of `s` and its value.
fn prefix(s: &[u8]) -> Option<(f64, usize)> {
    let mut i = 0;
    let negative = s.first() == Some(&b'-');
    if matches!(s.first(), Some(b'+' | b'-')) {
        i = 1;
    }
    let signed = |v: f64| if negative { -v } else { v };
    let rest = &s[i..];
    for (word, value) in [("infinity", f64::INFINITY), ("inf", f64::INFINITY), ("nan", f64::NAN)] {
        if rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes()) {
            return Some((signed(value), i + word.len()));
        }
    }
    let run = |from: usize| s[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let whole = run(i);
    i += whole;
    let mut fraction = 0;
    if s.get(i) == Some(&b'.') {
        fraction = run(i + 1);
        if whole + fraction > 0 {
            i += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(s.get(i), Some(b'e' | b'E')) {
        let sign = matches!(s.get(i + 1), Some(b'+' | b'-')) as usize;
        let digits = run(i + 1 + sign);
        if digits > 0 {
            i += 1 + sign + digits;
        }
    }
    let text = std::str::from_utf8(&s[..i]).expect("ASCII");
    Some((text.parse().expect("the grammar is a subset of Rust's"), i))
}

/// `float(text)`; `None` where the text is no float.
pub fn parse(text: &[u8]) -> Option<f64> {
    let s = trim(text);
    let stripped;
    let s = if s.contains(&b'_') {
        stripped = without_underscores(s)?;
        &stripped[..]
    } else {
        s
    };
    let (value, n) = prefix(s)?;
    (n == s.len()).then_some(value)
}

/// Why a text is no complex number; the two have different messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplexError {
    /// "could not convert string to complex: %r"
    Underscore,
    /// "complex() arg is a malformed string"
    Malformed,
}

/// `complex(text)`.
pub fn parse_complex(text: &[u8]) -> Result<(f64, f64), ComplexError> {
    let s = trim(text);
    let stripped;
    // As CPython, which looks for underscores up to a null.
    let s = if s.iter().take_while(|c| **c != 0).any(|c| *c == b'_') {
        stripped = without_underscores(s).ok_or(ComplexError::Underscore)?;
        &stripped[..]
    } else {
        s
    };
    complex_parts(s).ok_or(ComplexError::Malformed)
}

fn complex_parts(mut s: &[u8]) -> Option<(f64, f64)> {
    if let [b'(', rest @ ..] = s {
        s = trim(rest.strip_suffix(b")")?);
    }
    let is_j = |s: &[u8]| matches!(s, [b'j' | b'J']);
    // A lone sign before j stands for one.
    let unit = |s: &[u8]| match s {
        [b'+', rest @ ..] if is_j(rest) => Some(1.0),
        [b'-', rest @ ..] if is_j(rest) => Some(-1.0),
        _ => None,
    };
    let Some((first, n)) = prefix(s) else {
        if is_j(s) {
            return Some((0.0, 1.0));
        }
        return unit(s).map(|im| (0.0, im));
    };
    let rest = &s[n..];
    if rest.is_empty() {
        return Some((first, 0.0));
    }
    if is_j(rest) {
        return Some((0.0, first));
    }
    if !matches!(rest[0], b'+' | b'-') {
        return None;
    }
    match prefix(rest) {
        Some((second, n)) if is_j(&rest[n..]) => Some((first, second)),
        Some(_) => None,
        None => unit(rest).map(|im| (first, im)),
    }
}
