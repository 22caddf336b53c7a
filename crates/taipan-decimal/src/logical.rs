//! Operations on the digits of numbers that consist of zeros and ones.

use crate::coeff::Coeff;
use crate::status::*;
use crate::{Ctx, Dec, DecRef, Kind, MAX_DIGITS};

/// The digits, lowest first, of an operand that qualifies; none above the precision.
fn bits(a: DecRef<'_>, ctx: &Ctx) -> Option<Vec<u8>> {
    if a.kind != Kind::Finite || a.negative || a.exp != 0 {
        return None;
    }
    let mut text = Vec::new();
    a.coeff.write_digits(&mut text);
    if !text.iter().all(|c| matches!(c, b'0' | b'1')) {
        return None;
    }
    text.reverse();
    text.truncate(usize::try_from(ctx.prec).unwrap_or(usize::MAX));
    Some(text)
}

fn from_bits(mut digits: Vec<u8>) -> Dec {
    digits.reverse();
    Dec::finite(false, Coeff::parse_padded(&digits), 0)
}

fn combine(
    a: DecRef<'_>,
    b: DecRef<'_>,
    ctx: &Ctx,
    status: &mut u32,
    f: impl Fn(u8, u8) -> u8,
) -> Dec {
    let (Some(x), Some(y)) = (bits(a, ctx), bits(b, ctx)) else {
        return Dec::invalid(INVALID_OPERATION, status);
    };
    let at = |v: &[u8], i: usize| v.get(i).map_or(0, |c| c - b'0');
    from_bits((0..x.len().max(y.len())).map(|i| b'0' + f(at(&x, i), at(&y, i))).collect())
}

pub fn and(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    combine(a, b, ctx, status, |x, y| x & y)
}

pub fn or(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    combine(a, b, ctx, status, |x, y| x | y)
}

pub fn xor(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    combine(a, b, ctx, status, |x, y| x ^ y)
}

/// Every digit up to the precision turned over.
pub fn invert(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    let Some(mut x) = bits(a, ctx) else {
        return Dec::invalid(INVALID_OPERATION, status);
    };
    if ctx.prec > MAX_DIGITS {
        return Dec::invalid(MALLOC, status);
    }
    x.resize(ctx.prec as usize, b'0');
    x.iter_mut().for_each(|c| *c ^= 1);
    from_bits(x)
}
