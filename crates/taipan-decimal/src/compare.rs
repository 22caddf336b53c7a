//! Orders: numerical, total, maxima and minima, neighbours.

use crate::arith::{add, sub};
use crate::coeff::{Coeff, CoeffRef};
use crate::rounding::{finalize, nan_of};
use crate::status::*;
use crate::word::{POW10_WIDE, digits_u128};
use crate::{Ctx, Dec, DecRef, Kind, MAX_DIGITS, Round};
use std::cmp::Ordering;

/// Compares magnitudes of finite numbers.
fn cmp_magnitude(a: DecRef<'_>, b: DecRef<'_>) -> Ordering {
    match (a.coeff.is_zero(), b.coeff.is_zero()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => {}
    }
    if a.exp == b.exp {
        return a.coeff.cmp(b.coeff);
    }
    if a.adjusted() != b.adjusted() {
        return a.adjusted().cmp(&b.adjusted());
    }
    // Equal leading positions: the exponents differ by at most the digits there are.
    let n = a.exp.abs_diff(b.exp) as usize;
    if let (CoeffRef::Small(x), CoeffRef::Small(y)) = (a.coeff, b.coeff)
        && n + digits_u128(x).min(digits_u128(y)) <= 38
    {
        let p = POW10_WIDE[n];
        return if a.exp > b.exp { (x * p).cmp(&y) } else { x.cmp(&(y * p)) };
    }
    if a.exp > b.exp {
        a.coeff.shift_left(n).get().cmp(b.coeff)
    } else {
        a.coeff.cmp(b.coeff.shift_left(n).get())
    }
}

/// Compares two numbers that are no NaNs.
#[inline]
pub fn cmp(a: DecRef<'_>, b: DecRef<'_>) -> Ordering {
    if !a.is_special() && !b.is_special() {
        let sign = |d: DecRef<'_>| match (d.coeff.is_zero(), d.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let (sa, sb) = (sign(a), sign(b));
        if sa != sb {
            return sa.cmp(&sb);
        }
        let c = cmp_magnitude(a, b);
        return if sa < 0 { c.reverse() } else { c };
    }
    let rank = |d: DecRef<'_>| match (d.kind, d.negative) {
        (Kind::Infinite, true) => -1,
        (Kind::Infinite, false) => 1,
        _ => 0,
    };
    rank(a).cmp(&rank(b))
}

/// `compare(a, b)`: -1, 0, 1 or a NaN.
pub fn compare(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if (a.is_nan() || b.is_nan())
        && let Some(d) = nan_of(a, Some(b), ctx, status)
    {
        return d;
    }
    from_order(cmp(a, b))
}

/// As `compare`, but every NaN signals.
pub fn compare_signal(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() || b.is_nan() {
        *status |= INVALID_OPERATION;
    }
    compare(a, b, ctx, status)
}

fn from_order(c: Ordering) -> Dec {
    match c {
        Ordering::Less => Dec::finite(true, Coeff::one(), 0),
        Ordering::Equal => Dec::zero(false, 0),
        Ordering::Greater => Dec::one(),
    }
}

fn total_magnitude(a: DecRef<'_>, b: DecRef<'_>) -> Ordering {
    // Finite, infinite, signaling, quiet.
    let rank = |d: DecRef<'_>| match d.kind {
        Kind::Finite | Kind::Infinite => 0,
        Kind::Signaling => 1,
        Kind::Quiet => 2,
    };
    if a.is_nan() || b.is_nan() {
        return rank(a).cmp(&rank(b)).then_with(|| a.coeff.cmp(b.coeff));
    }
    cmp(a.with_sign(false), b.with_sign(false)).then_with(|| a.exp.cmp(&b.exp))
}

fn total(a: DecRef<'_>, b: DecRef<'_>) -> Ordering {
    match (a.negative, b.negative) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => total_magnitude(a, b),
        (true, true) => total_magnitude(b, a),
    }
}

/// The order of representations.
pub fn compare_total(a: DecRef<'_>, b: DecRef<'_>) -> Dec {
    from_order(total(a, b))
}

/// The order of representations without their signs.
pub fn compare_total_mag(a: DecRef<'_>, b: DecRef<'_>) -> Dec {
    from_order(total_magnitude(a, b))
}

/// Which of two numbers `select` picks, in the context.
fn select(
    a: DecRef<'_>,
    b: DecRef<'_>,
    magnitude: bool,
    first: Ordering,
    ctx: &Ctx,
    status: &mut u32,
) -> Dec {
    match (a.kind, b.kind) {
        (Kind::Quiet, Kind::Finite | Kind::Infinite) => return finalize(b.to_owned(), ctx, status),
        (Kind::Finite | Kind::Infinite, Kind::Quiet) => return finalize(a.to_owned(), ctx, status),
        _ => {}
    }
    if (a.is_nan() || b.is_nan())
        && let Some(d) = nan_of(a, Some(b), ctx, status)
    {
        return d;
    }
    let c = if magnitude { cmp(a.with_sign(false), b.with_sign(false)) } else { cmp(a, b) };
    let c = c.then_with(|| total(a, b));
    let chosen = if c == first || c == Ordering::Equal { a } else { b };
    finalize(chosen.to_owned(), ctx, status)
}

pub fn max(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    select(a, b, false, Ordering::Greater, ctx, status)
}

pub fn min(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    select(a, b, false, Ordering::Less, ctx, status)
}

pub fn max_mag(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    select(a, b, true, Ordering::Greater, ctx, status)
}

pub fn min_mag(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    select(a, b, true, Ordering::Less, ctx, status)
}

/// The neighbour above or below.
fn next(a: DecRef<'_>, up: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() {
        return nan_of(a, None, ctx, status).unwrap_or_else(Dec::nan);
    }
    if a.is_infinite() {
        // The infinity in that direction stays.
        if a.negative != up {
            return a.to_owned();
        }
        if ctx.prec > MAX_DIGITS {
            return Dec::invalid(MALLOC, status);
        }
        return Dec::finite(a.negative, Coeff::nines(ctx.prec as usize), ctx.etop());
    }
    let ctx = ctx.with_round(if up { Round::Ceiling } else { Round::Floor });
    let mut quiet = 0;
    let fixed = finalize(a.to_owned(), &ctx, &mut quiet);
    if cmp(fixed.get(), a) != Ordering::Equal {
        return fixed;
    }
    let tiny = Dec::finite(false, Coeff::one(), ctx.etiny() - 1);
    let d = if up {
        add(a, tiny.get(), &ctx, &mut quiet)
    } else {
        sub(a, tiny.get(), &ctx, &mut quiet)
    };
    *status |= quiet & MALLOC;
    d
}

pub fn next_plus(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    next(a, true, ctx, status)
}

pub fn next_minus(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    next(a, false, ctx, status)
}

pub fn next_toward(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if (a.is_nan() || b.is_nan())
        && let Some(d) = nan_of(a, Some(b), ctx, status)
    {
        return d;
    }
    let d = match cmp(a, b) {
        Ordering::Equal => return a.with_sign(b.negative).to_owned(),
        Ordering::Less => next_plus(a, ctx, status),
        Ordering::Greater => next_minus(a, ctx, status),
    };
    if d.get().is_infinite() {
        *status |= OVERFLOW | INEXACT | ROUNDED;
    } else if d.get().adjusted() < ctx.emin {
        *status |= UNDERFLOW | SUBNORMAL | INEXACT | ROUNDED;
        if d.get().is_zero() {
            *status |= CLAMPED;
        }
    }
    d
}
