//! Changing exponents and digits: quantize, rounding to integers, normalising, shifts.

use crate::coeff::{Coeff, CoeffRef};
use crate::rounding::{finalize, nan_of, round_off};
use crate::status::*;
use crate::{Ctx, Dec, DecRef, Kind, MAX_DIGITS};

/// A finite number that is not zero at another exponent, rounded, and whether that was inexact.
fn rescale(a: DecRef<'_>, exp: i64, ctx: &Ctx) -> (Coeff, bool) {
    if a.exp >= exp {
        return (a.coeff.shift_left((a.exp - exp) as usize), false);
    }
    let cut = usize::try_from(exp - a.exp).unwrap_or(usize::MAX);
    round_off(a.coeff, cut, ctx.round, a.negative)
}

/// `a` with the exponent of `b`.
pub fn quantize(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_special() || b.is_special() {
        if let Some(d) = nan_of(a, Some(b), ctx, status) {
            return d;
        }
        if a.is_infinite() && b.is_infinite() {
            return a.to_owned();
        }
        return Dec::invalid(INVALID_OPERATION, status);
    }
    let exp = b.exp;
    if exp < ctx.etiny() || exp > ctx.emax {
        return Dec::invalid(INVALID_OPERATION, status);
    }
    if a.coeff.is_zero() {
        return finalize(Dec::zero(a.negative, exp), ctx, status);
    }
    let adjusted = a.adjusted();
    if adjusted > ctx.emax || adjusted - exp + 1 > ctx.prec {
        return Dec::invalid(INVALID_OPERATION, status);
    }
    if a.exp - exp > MAX_DIGITS {
        return Dec::invalid(MALLOC, status);
    }
    let (c, inexact) = rescale(a, exp, ctx);
    let digits = c.get().digits() as i64;
    if digits > ctx.prec || exp + digits - 1 > ctx.emax {
        return Dec::invalid(INVALID_OPERATION, status);
    }
    if !c.get().is_zero() && exp + digits - 1 < ctx.emin {
        *status |= SUBNORMAL;
    }
    if exp > a.exp {
        *status |= ROUNDED | if inexact { INEXACT } else { 0 };
    }
    finalize(Dec::finite(a.negative, c, exp), ctx, status)
}

/// The nearest integer as a Decimal; without `exact` neither Inexact nor Rounded is reported.
pub fn to_integral(a: DecRef<'_>, exact: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() {
        return nan_of(a, None, ctx, status).unwrap_or_else(Dec::nan);
    }
    if a.is_infinite() || a.exp >= 0 {
        return a.to_owned();
    }
    if a.coeff.is_zero() {
        return Dec::zero(a.negative, 0);
    }
    let (c, inexact) = rescale(a, 0, ctx);
    if exact {
        *status |= ROUNDED | if inexact { INEXACT } else { 0 };
    }
    Dec::finite(a.negative, c, 0)
}

/// The number in its context without trailing zeros; every zero becomes 0.
pub fn normalize(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() {
        return nan_of(a, None, ctx, status).unwrap_or_else(Dec::nan);
    }
    let d = finalize(a.to_owned(), ctx, status);
    if d.kind == Kind::Infinite || d.kind == Kind::Quiet {
        return d;
    }
    if d.get().is_zero() {
        return Dec::zero(d.negative, 0);
    }
    let most = if ctx.clamp { ctx.etop() } else { ctx.emax };
    let n = (d.coeff.get().trailing_zeros() as i64).min(most - d.exp).max(0);
    Dec::finite(d.negative, d.coeff.get().shift_right(n as usize).0, d.exp + n)
}

/// The second operand of an operation that takes an integer with exponent 0 and limits.
fn count(b: DecRef<'_>, limit: i64) -> Option<i64> {
    if b.is_special() || b.exp != 0 {
        return None;
    }
    b.to_i64().filter(|n| (-limit..=limit).contains(n))
}

/// `a * 10^b`.
pub fn scaleb(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if (a.is_nan() || b.is_nan())
        && let Some(d) = nan_of(a, Some(b), ctx, status)
    {
        return d;
    }
    let Some(n) = count(b, 2 * (ctx.emax + ctx.prec)) else {
        return Dec::invalid(INVALID_OPERATION, status);
    };
    if a.is_infinite() {
        return a.to_owned();
    }
    let mut d = a.to_owned();
    d.exp += n;
    finalize(d, ctx, status)
}

/// The adjusted exponent as a number.
pub fn logb(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() {
        return nan_of(a, None, ctx, status).unwrap_or_else(Dec::nan);
    }
    if a.is_infinite() {
        return Dec::infinity(false);
    }
    if a.coeff.is_zero() {
        *status |= DIVISION_BY_ZERO;
        return Dec::infinity(true);
    }
    let e = a.adjusted();
    finalize(Dec::finite(e < 0, Coeff::Small(e.unsigned_abs() as u128), 0), ctx, status)
}

/// Operands of `shift` and `rotate`: the distance, or the result where there is nothing to move.
fn movement(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Result<i64, Dec> {
    if (a.is_nan() || b.is_nan())
        && let Some(d) = nan_of(a, Some(b), ctx, status)
    {
        return Err(d);
    }
    let Some(n) = count(b, ctx.prec) else {
        return Err(Dec::invalid(INVALID_OPERATION, status));
    };
    if a.is_infinite() {
        return Err(a.to_owned());
    }
    Ok(n)
}

/// The coefficient's digits moved by `b` places; what leaves the precision is lost.
pub fn shift(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    let n = match movement(a, b, ctx, status) {
        Ok(n) => n,
        Err(d) => return d,
    };
    let c = if n < 0 {
        // The digits above the precision go first.
        let kept = low(a.coeff, ctx.prec);
        kept.get().shift_right(-n as usize).0
    } else {
        let kept = low(a.coeff, ctx.prec - n);
        if !kept.get().is_zero() && n > MAX_DIGITS {
            return Dec::invalid(MALLOC, status);
        }
        kept.get().shift_left(n as usize)
    };
    Dec::finite(a.negative, c, a.exp)
}

/// The lowest `n` digits, `n` perhaps beyond what a coefficient can have.
fn low(c: CoeffRef<'_>, n: i64) -> Coeff {
    c.low_digits(usize::try_from(n).unwrap_or(0))
}

/// The coefficient, as `prec` digits, rotated by `b` places.
pub fn rotate(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    let n = match movement(a, b, ctx, status) {
        Ok(n) => n,
        Err(d) => return d,
    };
    let c = low(a.coeff, ctx.prec);
    if c.get().is_zero() {
        return Dec::zero(a.negative, a.exp);
    }
    // Left by n is right by prec - n.
    let left = if n < 0 { ctx.prec + n } else { n };
    let kept = low(c.get(), ctx.prec - left);
    if (!kept.get().is_zero() && left > MAX_DIGITS) || (ctx.prec > MAX_DIGITS && left > MAX_DIGITS)
    {
        return Dec::invalid(MALLOC, status);
    }
    let high = c.get().shift_right(usize::try_from(ctx.prec - left).unwrap_or(usize::MAX)).0;
    let c = kept.get().shift_left(left as usize).get().add(high.get());
    Dec::finite(a.negative, c, a.exp)
}
