//! Number literals to constants. The tokenizer has checked their form.

use bumpalo::Bump;

use crate::ast::{Constant, Int};

/// A decimal integer with more digits than `limit` (0: none); says how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooManyDigits(pub usize);

pub(crate) fn parse<'a>(
    text: &'a str,
    arena: &'a Bump,
    limit: usize,
) -> Result<Constant<'a>, TooManyDigits> {
    let text: &'a str =
        if text.contains('_') { arena.alloc_str(&text.replace('_', "")) } else { text };
    let radix = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 10,
    };
    if radix != 10 {
        return Ok(Constant::Int(int(&text[2..], radix)));
    }
    if let Some(imag) = text.strip_suffix(['j', 'J']) {
        return Ok(Constant::Complex { real: 0.0, imag: imag.parse().unwrap_or(f64::NAN) });
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Constant::Float(text.parse().unwrap_or(f64::NAN)));
    }
    let value = int(text, 10);
    match value {
        Int::Big { digits, .. } if limit != 0 && digits.len() > limit => {
            Err(TooManyDigits(digits.len()))
        }
        _ => Ok(Constant::Int(value)),
    }
}

fn int(digits: &str, radix: u32) -> Int<'_> {
    match i64::from_str_radix(digits, radix) {
        Ok(value) => Int::Small(value),
        Err(_) => Int::Big { radix, digits: digits.trim_start_matches('0'), negative: false },
    }
}
