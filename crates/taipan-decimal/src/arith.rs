//! Sums, products, quotients, remainders.

use crate::coeff::{Coeff, CoeffRef};
use crate::limbs::Rest;
use crate::rounding::{finalize, goes_up, nan_of};
use crate::status::*;
use crate::word::{POW10_WIDE, SMALL_LIMIT, Wide, digits_u128, div_wide, mul_wide};
use crate::{Ctx, Dec, DecRef, Kind, MAX_DIGITS};
use std::cmp::Ordering;

/// `a + b`.
#[inline]
pub fn add(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    add_signed(a, b, b.negative, ctx, status)
}

/// `a - b`.
#[inline]
pub fn sub(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    add_signed(a, b, !b.negative, ctx, status)
}

/// The sign of a sum of opposite numbers.
#[inline(always)]
fn zero_sign(ctx: &Ctx) -> bool {
    ctx.round == crate::Round::Floor
}

/// `a` plus `b` taken with the sign `negative`.
#[inline]
fn add_signed(a: DecRef<'_>, b: DecRef<'_>, negative: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    if let (CoeffRef::Small(x), CoeffRef::Small(y)) = (a.coeff, b.coeff)
        && a.kind == Kind::Finite
        && b.kind == Kind::Finite
        && x != 0
        && y != 0
        && let Some((x, y, exp)) = align(x, a.exp, y, b.exp)
    {
        if a.negative == negative {
            return finalize(Dec::finite(negative, Coeff::from(x + y), exp), ctx, status);
        }
        let d = match x.cmp(&y) {
            Ordering::Greater => Dec::finite(a.negative, Coeff::Small(x - y), exp),
            Ordering::Less => Dec::finite(negative, Coeff::Small(y - x), exp),
            Ordering::Equal => Dec::zero(zero_sign(ctx), exp),
        };
        return finalize(d, ctx, status);
    }
    add_general(a, b, negative, ctx, status)
}

/// Two machine coefficients at one exponent, where the larger still is one.
#[inline(always)]
fn align(x: u128, ex: i64, y: u128, ey: i64) -> Option<(u128, u128, i64)> {
    if ex == ey {
        return Some((x, y, ex));
    }
    let up = |c: u128, n: u64| {
        // 19 digits and 19 more fit without a look at the value.
        if n > 37 || (c >> 63 != 0 || n > 19) && digits_u128(c) as u64 + n > 38 {
            return None;
        }
        Some(c * POW10_WIDE[n as usize])
    };
    if ex > ey {
        Some((up(x, ex.abs_diff(ey))?, y, ey))
    } else {
        Some((x, up(y, ey.abs_diff(ex))?, ex))
    }
}

#[inline(never)]
fn add_general(a: DecRef<'_>, b: DecRef<'_>, negative: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_special() || b.is_special() {
        if let Some(d) = nan_of(a, Some(b), ctx, status) {
            return d;
        }
        if a.is_infinite() {
            if b.is_infinite() && a.negative != negative {
                return Dec::invalid(INVALID_OPERATION, status);
            }
            return Dec::infinity(a.negative);
        }
        return Dec::infinity(negative);
    }
    let exp = a.exp.min(b.exp);
    let (az, bz) = (a.coeff.is_zero(), b.coeff.is_zero());
    if az && bz {
        let sign = if a.negative == negative { negative } else { zero_sign(ctx) };
        return finalize(Dec::zero(sign, exp), ctx, status);
    }
    if az || bz {
        let (d, sign) = if az { (b, negative) } else { (a, a.negative) };
        let exp = exp.max(d.exp - ctx.prec - 1);
        if d.exp - exp > MAX_DIGITS {
            return Dec::invalid(MALLOC, status);
        }
        let c = d.coeff.shift_left((d.exp - exp) as usize);
        return finalize(Dec::finite(sign, c, exp), ctx, status);
    }
    let a = (a.coeff, a.exp, a.negative);
    let b = (b.coeff, b.exp, negative);
    let (high, mut low) = if a.1 >= b.1 { (a, b) } else { (b, a) };
    // A number far below the last digit of the result counts as one unit there.
    let floor = high.1 + (high.0.digits() as i64 - ctx.prec - 2).min(-1);
    if low.0.digits() as i64 + low.1 - 1 < floor {
        low.0 = CoeffRef::Small(1);
        low.1 = floor;
    }
    let gap = high.1 - low.1;
    if gap > MAX_DIGITS {
        return Dec::invalid(MALLOC, status);
    }
    let raised = high.0.shift_left(gap as usize);
    let d = if high.2 == low.2 {
        Dec::finite(high.2, raised.get().add(low.0), low.1)
    } else {
        match raised.get().cmp(low.0) {
            Ordering::Greater => Dec::finite(high.2, raised.get().sub(low.0), low.1),
            Ordering::Less => Dec::finite(low.2, low.0.sub(raised.get()), low.1),
            Ordering::Equal => Dec::zero(zero_sign(ctx), low.1),
        }
    };
    finalize(d, ctx, status)
}

/// `+a`: the operand in its context; -0 loses its sign unless rounding to the floor.
pub fn plus(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    unary(a, a.negative, ctx, status)
}

/// `-a`.
pub fn minus(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    unary(a, !a.negative, ctx, status)
}

/// `abs(a)`.
pub fn abs(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    unary(a, false, ctx, status)
}

fn unary(a: DecRef<'_>, negative: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() {
        return nan_of(a, None, ctx, status).unwrap_or_else(Dec::nan);
    }
    let negative = if a.is_zero() { negative && zero_sign(ctx) } else { negative };
    finalize(a.with_sign(negative).to_owned(), ctx, status)
}

/// A wide number as a coefficient of at most `prec` digits, if the rounding can be final here:
/// the exponent is far from the context's ends.
#[inline(always)]
fn round_wide(w: Wide, negative: bool, exp: i64, ctx: &Ctx, status: &mut u32) -> Option<Dec> {
    // The value is at least 10^38. The digit count is that or one more of the estimate.
    let bits = 256 - if w.hi != 0 { w.hi.leading_zeros() } else { 128 + w.lo.leading_zeros() };
    let mut digits = (bits * 1233 >> 12) as i64;
    if ctx.prec > 37 || digits - ctx.prec > 37 {
        return None;
    }
    if digits > ctx.prec {
        // One digit more than the estimate?
        let unit = POW10_WIDE[(digits - ctx.prec) as usize];
        let limit = mul_wide(unit, POW10_WIDE[ctx.prec as usize]);
        digits += (w >= limit) as i64;
    } else {
        digits += 1;
    }
    let cut = digits - ctx.prec;
    let low = exp + digits - 1;
    if cut <= 0 || cut > 38 || low < ctx.emin || low >= ctx.emax || ctx.clamp {
        return None;
    }
    let unit = POW10_WIDE[cut as usize];
    let (q, r) = div_wide(w, unit);
    let rest = Rest::of(r, unit / 2);
    let (mut c, mut exp) = (q, exp + cut);
    if goes_up(ctx.round, negative, rest, || (q % 10) as u64) {
        c += 1;
        if c == POW10_WIDE[ctx.prec as usize] {
            c /= 10;
            exp += 1;
        }
    }
    *status |= ROUNDED | if rest == Rest::Zero { 0 } else { INEXACT };
    Some(Dec::finite(negative, Coeff::Small(c), exp))
}

/// `a * b`.
#[inline]
pub fn mul(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    let negative = a.negative != b.negative;
    if let (CoeffRef::Small(x), CoeffRef::Small(y)) = (a.coeff, b.coeff)
        && a.kind == Kind::Finite
        && b.kind == Kind::Finite
    {
        let exp = a.exp + b.exp;
        if (x | y) >> 64 == 0 {
            let p = x * y;
            if p < SMALL_LIMIT {
                return finalize(Dec::finite(negative, Coeff::Small(p), exp), ctx, status);
            }
        }
        let w = mul_wide(x, y);
        if w.hi == 0 && w.lo < SMALL_LIMIT {
            return finalize(Dec::finite(negative, Coeff::Small(w.lo), exp), ctx, status);
        }
        if let Some(d) = round_wide(w, negative, exp, ctx, status) {
            return d;
        }
    }
    if a.is_special() || b.is_special() {
        if let Some(d) = nan_of(a, Some(b), ctx, status) {
            return d;
        }
        if a.is_zero() || b.is_zero() {
            return Dec::invalid(INVALID_OPERATION, status);
        }
        return Dec::infinity(negative);
    }
    finalize(Dec::finite(negative, a.coeff.mul(b.coeff), a.exp + b.exp), ctx, status)
}

/// `a * b + c`, rounded once.
pub fn fma(a: DecRef<'_>, b: DecRef<'_>, c: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if !a.is_special() && !b.is_special() {
        let product = Dec::finite(a.negative != b.negative, a.coeff.mul(b.coeff), a.exp + b.exp);
        return add(product.get(), c, ctx, status);
    }
    for d in [a, b] {
        if d.kind == Kind::Signaling {
            return nan_of(d, None, ctx, status).unwrap_or_else(Dec::nan);
        }
    }
    let product = if a.is_nan() {
        a.to_owned()
    } else if b.is_nan() {
        b.to_owned()
    } else if a.is_zero() || b.is_zero() {
        return Dec::invalid(INVALID_OPERATION, status);
    } else {
        Dec::infinity(a.negative != b.negative)
    };
    add(product.get(), c, ctx, status)
}

/// A quotient's coefficient at some exponent, its last digit made odd about the rest cut off, so
/// that any later rounding comes out right; or exact, then with the ideal exponent.
pub fn sticky_quotient(mut q: Coeff, exact: bool, mut exp: i64, ideal: i64) -> (Coeff, i64) {
    if !exact {
        if q.get().last_digit() % 5 == 0 {
            q = q.increment();
        }
    } else if exp < ideal && !q.get().is_zero() {
        let n = (q.get().trailing_zeros() as i64).min(ideal - exp);
        if n > 0 {
            q = q.get().shift_right(n as usize).0;
            exp += n;
        }
    }
    (q, exp)
}

/// `a / b`.
#[inline]
pub fn div(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    let negative = a.negative != b.negative;
    if let (CoeffRef::Small(x), CoeffRef::Small(y)) = (a.coeff, b.coeff)
        && a.kind == Kind::Finite
        && b.kind == Kind::Finite
        && x != 0
        && y != 0
        && ctx.prec <= 36
    {
        let ideal = a.exp - b.exp;
        if (x | y) >> 64 == 0 && (x as u64) % (y as u64) == 0 {
            let q = (x as u64 / y as u64) as u128;
            return finalize(Dec::finite(negative, Coeff::Small(q), ideal), ctx, status);
        }
        let shift = digits_u128(y) as i64 - digits_u128(x) as i64 + ctx.prec + 1;
        if shift >= 0 {
            // x * 10^shift has prec + 1 digits more than y; the shift is done in two steps.
            let first = shift.min(37 - digits_u128(x) as i64 + 1).max(0) as usize;
            let rest = shift as usize - first;
            if rest <= 38 {
                let n = mul_wide(x * POW10_WIDE[first], POW10_WIDE[rest]);
                let (q, r) = div_wide(n, y);
                let (q, exp) = sticky_small(q, r == 0, ideal - shift, ideal);
                return finalize(Dec::finite(negative, Coeff::from(q), exp), ctx, status);
            }
        }
    }
    div_general(a, b, negative, ctx, status)
}

/// `sticky_quotient` of a machine number.
#[inline(always)]
fn sticky_small(mut q: u128, exact: bool, mut exp: i64, ideal: i64) -> (u128, i64) {
    if !exact {
        if q % 5 == 0 {
            q += 1;
        }
        return (q, exp);
    }
    // By halves of the zeros there can be.
    for n in [16usize, 8, 4, 2, 1] {
        while exp + n as i64 <= ideal && q % POW10_WIDE[n] == 0 {
            q /= POW10_WIDE[n];
            exp += n as i64;
        }
    }
    (q, exp)
}

#[inline(never)]
fn div_general(a: DecRef<'_>, b: DecRef<'_>, negative: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_special() || b.is_special() {
        if let Some(d) = nan_of(a, Some(b), ctx, status) {
            return d;
        }
        if a.is_infinite() && b.is_infinite() {
            return Dec::invalid(INVALID_OPERATION, status);
        }
        if a.is_infinite() {
            return Dec::infinity(negative);
        }
        *status |= CLAMPED;
        return Dec::zero(negative, ctx.etiny());
    }
    if b.coeff.is_zero() {
        if a.coeff.is_zero() {
            return Dec::invalid(DIVISION_UNDEFINED, status);
        }
        *status |= DIVISION_BY_ZERO;
        return Dec::infinity(negative);
    }
    let ideal = a.exp - b.exp;
    if a.coeff.is_zero() {
        return finalize(Dec::zero(negative, ideal), ctx, status);
    }
    let (da, db) = (a.coeff.digits() as i64, b.coeff.digits() as i64);
    // An exact quotient has at most this many digits: b's factors 2 and 5 give 4 digits each.
    let most = da.max(db - da) + 4 * db + 20;
    let prec = if ctx.prec > MAX_DIGITS.min(4 * most) { most } else { ctx.prec };
    let shift = db - da + prec + 1;
    let (q, r) = if shift >= 0 {
        a.coeff.shift_left(shift as usize).get().div_rem(b.coeff)
    } else {
        a.coeff.div_rem(b.coeff.shift_left(-shift as usize).get())
    };
    let exact = r.get().is_zero();
    if !exact && prec < ctx.prec {
        if ctx.prec > MAX_DIGITS {
            return Dec::invalid(MALLOC, status);
        }
        let shift = (db - da + ctx.prec + 1).max(0);
        let (q, r) = a.coeff.shift_left(shift as usize).get().div_rem(b.coeff);
        let (q, exp) = sticky_quotient(q, r.get().is_zero(), ideal - shift, ideal);
        return finalize(Dec::finite(negative, q, exp), ctx, status);
    }
    let (q, exp) = sticky_quotient(q, exact, ideal - shift, ideal);
    finalize(Dec::finite(negative, q, exp), ctx, status)
}

/// The integer quotient and the remainder of finite numbers, the divisor not zero; the remainder
/// is not yet rounded. Only what the caller uses is computed in full.
fn int_quotient(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Option<(Dec, Dec)> {
    let negative = a.negative != b.negative;
    let ideal = a.exp.min(b.exp);
    let gap = a.adjusted() - b.adjusted();
    if a.coeff.is_zero() || gap <= -2 {
        // The quotient is 0; the remainder is a, at the ideal exponent.
        let r = rescaled(a, ideal, ctx, status)?;
        return Some((Dec::zero(negative, 0), r));
    }
    if gap <= ctx.prec {
        let shift = a.exp - b.exp;
        if shift.abs() > MAX_DIGITS {
            *status |= MALLOC;
            return None;
        }
        let (q, r) = if shift >= 0 {
            a.coeff.shift_left(shift as usize).get().div_rem(b.coeff)
        } else {
            a.coeff.div_rem(b.coeff.shift_left(-shift as usize).get())
        };
        if q.get().digits() as i64 <= ctx.prec {
            return Some((Dec::finite(negative, q, 0), Dec::finite(a.negative, r, ideal)));
        }
    }
    *status |= DIVISION_IMPOSSIBLE;
    None
}

/// A number padded down to a smaller exponent; a long way it is rounded to the context's digits.
fn rescaled(a: DecRef<'_>, exp: i64, ctx: &Ctx, status: &mut u32) -> Option<Dec> {
    if a.coeff.is_zero() {
        return Some(Dec::zero(a.negative, exp));
    }
    // More than prec + 1 digits are rounded off again at once.
    let exp = exp.max(a.exp.min(a.adjusted() - ctx.prec - 1));
    if a.exp - exp > MAX_DIGITS {
        *status |= MALLOC;
        return None;
    }
    Some(Dec::finite(a.negative, a.coeff.shift_left((a.exp - exp) as usize), exp))
}

/// `a // b`.
pub fn div_int(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    let negative = a.negative != b.negative;
    if a.is_special() || b.is_special() {
        if let Some(d) = nan_of(a, Some(b), ctx, status) {
            return d;
        }
        if a.is_infinite() {
            if b.is_infinite() {
                return Dec::invalid(INVALID_OPERATION, status);
            }
            return Dec::infinity(negative);
        }
        return finalize(Dec::zero(negative, 0), ctx, status);
    }
    if b.coeff.is_zero() {
        if a.coeff.is_zero() {
            return Dec::invalid(DIVISION_UNDEFINED, status);
        }
        *status |= DIVISION_BY_ZERO;
        return Dec::infinity(negative);
    }
    match int_quotient(a, b, ctx, status) {
        Some((q, _)) => finalize(q, ctx, status),
        None => Dec::nan(),
    }
}

/// The remainder of special operands or of a zero divisor.
fn special_remainder(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Option<Dec> {
    if a.is_special() || b.is_special() {
        if let Some(d) = nan_of(a, Some(b), ctx, status) {
            return Some(d);
        }
        if a.is_infinite() {
            return Some(Dec::invalid(INVALID_OPERATION, status));
        }
        return Some(finalize(a.to_owned(), ctx, status));
    }
    if b.coeff.is_zero() {
        let undefined = a.coeff.is_zero();
        let what = if undefined { DIVISION_UNDEFINED } else { INVALID_OPERATION };
        return Some(Dec::invalid(what, status));
    }
    None
}

/// `a % b`, with the sign of `a`.
pub fn rem(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if let Some(d) = special_remainder(a, b, ctx, status) {
        return d;
    }
    match int_quotient(a, b, ctx, status) {
        Some((_, r)) => finalize(r, ctx, status),
        None => Dec::nan(),
    }
}

/// `divmod(a, b)`.
pub fn div_mod(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> (Dec, Dec) {
    let negative = a.negative != b.negative;
    if a.is_nan() || b.is_nan() {
        let d = nan_of(a, Some(b), ctx, status).unwrap_or_else(Dec::nan);
        return (d.clone(), d);
    }
    if a.is_infinite() {
        *status |= INVALID_OPERATION;
        let q = if b.is_infinite() { Dec::nan() } else { Dec::infinity(negative) };
        return (q, Dec::nan());
    }
    if b.is_zero() {
        if a.is_zero() {
            *status |= DIVISION_UNDEFINED;
            return (Dec::nan(), Dec::nan());
        }
        *status |= DIVISION_BY_ZERO | INVALID_OPERATION;
        return (Dec::infinity(negative), Dec::nan());
    }
    if b.is_infinite() {
        let q = finalize(Dec::zero(negative, 0), ctx, status);
        return (q, finalize(a.to_owned(), ctx, status));
    }
    match int_quotient(a, b, ctx, status) {
        Some((q, r)) => (finalize(q, ctx, status), finalize(r, ctx, status)),
        None => (Dec::nan(), Dec::nan()),
    }
}

/// The remainder of least magnitude; of two the one whose quotient is even.
pub fn rem_near(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if let Some(d) = special_remainder(a, b, ctx, status) {
        return d;
    }
    let ideal = a.exp.min(b.exp);
    if a.coeff.is_zero() {
        return finalize(Dec::zero(a.negative, ideal), ctx, status);
    }
    let gap = a.adjusted() - b.adjusted();
    if gap >= ctx.prec + 1 {
        return Dec::invalid(DIVISION_IMPOSSIBLE, status);
    }
    if gap <= -2 {
        return match rescaled(a, ideal, ctx, status) {
            Some(d) => finalize(d, ctx, status),
            None => Dec::nan(),
        };
    }
    let shift = a.exp - b.exp;
    if shift.abs() > MAX_DIGITS {
        return Dec::invalid(MALLOC, status);
    }
    let zero = Coeff::Small(0);
    let x = if shift > 0 { a.coeff.shift_left(shift as usize) } else { zero.clone() };
    let y = if shift < 0 { b.coeff.shift_left(-shift as usize) } else { zero };
    let x = if shift > 0 { x.get() } else { a.coeff };
    let y = if shift < 0 { y.get() } else { b.coeff };
    let (mut q, mut r) = x.div_rem(y);
    let mut negative = a.negative;
    let twice = r.get().add(r.get());
    let order = twice.get().cmp(y);
    if order == Ordering::Greater || (order == Ordering::Equal && q.get().is_odd()) {
        r = y.sub(r.get());
        negative = !negative;
        q = q.increment();
    }
    if q.get().digits() as i64 > ctx.prec {
        return Dec::invalid(DIVISION_IMPOSSIBLE, status);
    }
    finalize(Dec::finite(negative, r, ideal), ctx, status)
}
