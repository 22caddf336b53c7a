//! Powers, correctly rounded, and modular powers. Exact results are found as such first: those
//! with an integer exponent by multiplication, roots when the logarithm leaves the rounding open.

use crate::arith::sticky_quotient;
use crate::coeff::{Coeff, CoeffRef};
use crate::elementary::{beside_one, exp_approx, ln_approx, out_of_range, to_f64};
use crate::rounding::{finalize, nan_of};
use crate::status::*;
use crate::{Ctx, Dec, DecRef, Kind};

/// Digits up to which powers are computed.
const MAX_WORK: i64 = 10_000_000;

fn is_one(a: DecRef<'_>) -> bool {
    let digits = a.coeff.digits();
    a.adjusted() == 0
        && a.coeff.trailing_zeros() == digits - 1
        && a.coeff.shift_right(digits - 1).0 == Coeff::Small(1)
}

/// Whether an integer is odd.
fn is_odd_integer(a: DecRef<'_>) -> bool {
    if a.exp > 0 || a.coeff.is_zero() {
        return false;
    }
    a.coeff.shift_right(-a.exp as usize).0.get().is_odd()
}

/// A power of a coefficient.
pub fn pow_coeff(c: CoeffRef<'_>, mut n: u64) -> Coeff {
    let mut result = Coeff::one();
    let mut base = c.to_owned();
    while n > 0 {
        if n & 1 == 1 {
            result = result.get().mul(base.get());
        }
        n >>= 1;
        if n > 0 {
            base = base.get().square();
        }
    }
    result
}

/// `a ** b`.
pub fn pow(a: DecRef<'_>, b: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if (a.is_nan() || b.is_nan())
        && let Some(d) = nan_of(a, Some(b), ctx, status)
    {
        return d;
    }
    if b.is_zero() {
        return if a.is_zero() { Dec::invalid(INVALID_OPERATION, status) } else { Dec::one() };
    }
    let integer = b.is_integer();
    let mut sign = false;
    if a.negative {
        if integer {
            sign = is_odd_integer(b);
        } else if !a.is_zero() {
            return Dec::invalid(INVALID_OPERATION, status);
        }
    }
    let a = a.with_sign(false);
    if a.is_zero() {
        return if b.negative { Dec::infinity(sign) } else { Dec::zero(sign, 0) };
    }
    if a.is_infinite() {
        return if b.negative { Dec::zero(sign, 0) } else { Dec::infinity(sign) };
    }
    if is_one(a) {
        return power_of_one(a, b, integer, sign, ctx, status);
    }
    if b.is_infinite() {
        let shrinks = (a.adjusted() < 0) != b.negative;
        return if shrinks { Dec::zero(sign, 0) } else { Dec::infinity(sign) };
    }
    let mut d = match finite_power(a, b, integer, ctx) {
        Some(d) => d,
        None => return Dec::invalid(MALLOC, status),
    };
    d.0.negative = sign;
    if !d.1 || integer {
        return finalize(d.0, ctx, status);
    }
    // An exact result of a fractional exponent is reported as inexact: padded to full length.
    let digits = d.0.coeff.get().digits() as i64;
    if digits <= ctx.prec {
        let n = ctx.prec + 1 - digits;
        d.0.coeff = d.0.coeff.get().shift_left(n as usize);
        d.0.exp -= n;
    }
    let mut inner = 0;
    let r = finalize(d.0, ctx, &mut inner);
    inner |= INEXACT | ROUNDED;
    if inner & SUBNORMAL != 0 {
        inner |= UNDERFLOW;
    }
    *status |= inner;
    r
}

/// `1 ** b`, whose exponent depends on both.
fn power_of_one(
    a: DecRef<'_>,
    b: DecRef<'_>,
    integer: bool,
    sign: bool,
    ctx: &Ctx,
    status: &mut u32,
) -> Dec {
    let least = 1 - ctx.prec;
    let exp = if integer {
        let times = if b.negative { 0 } else { b.to_i64().unwrap_or(i64::MAX).min(ctx.prec) };
        let exp = a.exp.saturating_mul(times);
        if exp < least {
            *status |= ROUNDED;
        }
        exp.max(least)
    } else {
        *status |= INEXACT | ROUNDED;
        least
    };
    if -exp > crate::MAX_DIGITS {
        return Dec::invalid(MALLOC, status);
    }
    Dec::finite(sign, Coeff::pow10(-exp as usize), exp)
}

/// The power of a positive number other than 1 and whether it is exact; `None`: too many digits.
fn finite_power(a: DecRef<'_>, b: DecRef<'_>, integer: bool, ctx: &Ctx) -> Option<(Dec, bool)> {
    // Without the trailing zeros.
    let zeros = a.coeff.trailing_zeros();
    let (xc, _) = a.coeff.shift_right(zeros);
    let (xc, xe) = (xc.get(), a.exp + zeros as i64);
    let y = if b.adjusted() > 60 { 1e60 } else { to_f64(b.coeff, b.exp) };
    // Most results are in range whatever the digits are.
    let reach = (a.adjusted().unsigned_abs() as f64 + 1.0) * y;
    if reach >= ctx.emax.min(-ctx.emin) as f64 {
        // About log10 of the result.
        let (ln_negative, ln) = ln_approx(xc, xe, 19);
        let k = y * to_f64(Coeff::from(ln.value).get(), ln.exp) * std::f64::consts::LOG10_E;
        if let Some(d) = out_of_range(if ln_negative != b.negative { -k } else { k }, ctx) {
            return Some((d, false));
        }
    }
    if ctx.prec > MAX_WORK && !integer {
        return None;
    }
    if xc.to_u64() == Some(1)
        && let Some(d) = power_of_ten(a, xe, b, integer, ctx)
    {
        return Some((d, true));
    }
    let room = ctx.prec.saturating_mul(4).saturating_add(60).min(MAX_WORK);
    if integer
        && let Some(n) = b.to_i64()
        && (xc.digits() as u64).saturating_mul(n.unsigned_abs()) <= room as u64
    {
        return Some((integer_power(a, xc, xe, n, ctx), false));
    }
    if ctx.prec > MAX_WORK {
        return None;
    }
    by_logarithm(xc, xe, b, ctx)
}

/// A power of 10^xe, if it is one of ten again.
fn power_of_ten(a: DecRef<'_>, xe: i64, b: DecRef<'_>, integer: bool, ctx: &Ctx) -> Option<Dec> {
    let zeros = b.coeff.trailing_zeros();
    let (yc, _) = b.coeff.shift_right(zeros);
    let (yc, ye) = (yc.get(), b.exp + zeros as i64);
    // xe * yc * 10^ye has to be an integer, of at most 19 digits since the result is in range.
    let product = Coeff::Small(xe.unsigned_abs() as u128).get().mul(yc);
    let e = if ye >= 0 {
        product.get().shift_left(ye as usize)
    } else {
        if (product.get().trailing_zeros() as i64) < -ye {
            return None;
        }
        product.get().shift_right(-ye as usize).0
    };
    let e = i64::try_from(e.get().to_u64()?).ok()?;
    let e = if (xe < 0) != b.negative { -e } else { e };
    let pad = if integer && !b.negative {
        let ideal = b.to_i64().and_then(|n| a.exp.checked_mul(n)).unwrap_or(e);
        (e - ideal).clamp(0, ctx.prec)
    } else {
        0
    };
    Some(Dec::finite(false, Coeff::pow10(pad as usize), e - pad))
}

/// An integer power by multiplication.
fn integer_power(a: DecRef<'_>, xc: CoeffRef<'_>, xe: i64, n: i64, ctx: &Ctx) -> Dec {
    let m = n.unsigned_abs();
    let c = pow_coeff(xc, m);
    if n > 0 {
        let e = xe.saturating_mul(n);
        let ideal = a.exp.saturating_mul(n);
        let pad = (e - ideal).min(ctx.prec + 1 - c.get().digits() as i64).max(0);
        return Dec::finite(false, c.get().shift_left(pad as usize), e - pad);
    }
    let e = xe.saturating_mul(n);
    // 1 / c has at most four digits for one of c where it is exact.
    let digits = c.get().digits() as i64;
    let places = if ctx.prec > MAX_WORK { 5 * digits } else { digits + ctx.prec + 2 };
    let (q, r) = Coeff::pow10(places as usize).get().div_rem(c.get());
    let (q, e) = sticky_quotient(q, r.get().is_zero(), e - places, i64::MAX / 4);
    Dec::finite(false, q, e)
}

/// `exp(b * ln(x))`.
fn by_logarithm(xc: CoeffRef<'_>, xe: i64, b: DecRef<'_>, ctx: &Ctx) -> Option<(Dec, bool)> {
    let mut guard = 12;
    let mut checked = false;
    loop {
        // The product may have 19 digits before the point.
        let work = ctx.prec + guard + 24;
        let (ln_negative, ln) = ln_approx(xc, xe, work);
        let cut = (b.coeff.digits() as i64 - work).max(0);
        let (yc, _) = b.coeff.shift_right(cut as usize);
        let z = yc.get().mul(Coeff::from(ln.value).get());
        let ze = ln.exp + b.exp + cut;
        let negative = ln_negative != b.negative;
        if ze + z.get().digits() as i64 <= -(ctx.prec + 2) {
            return Some((beside_one(!negative, ctx.prec), false));
        }
        let a = exp_approx(negative, z.get(), ze, ctx.prec + guard);
        if let Some((c, e)) = a.settle(ctx.prec) {
            return Some((Dec::finite(false, c, e), false));
        }
        if !checked {
            checked = true;
            if let Some(d) = exact_root(xc, xe, b, &a, ctx.prec) {
                return Some((d, true));
            }
        }
        guard *= 2;
    }
}

/// The power if it is exact with at most prec + 1 digits, given an approximation.
fn exact_root(
    xc: CoeffRef<'_>,
    xe: i64,
    b: DecRef<'_>,
    near: &crate::elementary::Approx,
    prec: i64,
) -> Option<Dec> {
    // The candidate: the approximation rounded to prec + 2 digits, without trailing zeros.
    let value = Coeff::from(near.value.clone());
    let cut = value.get().digits() as i64 - (prec + 2);
    if cut <= 0 {
        return None;
    }
    let (c, up) = value.get().shift_right(cut as usize);
    let c = match up {
        crate::limbs::Rest::Half | crate::limbs::Rest::Above => c.increment(),
        _ => c,
    };
    let zeros = c.get().trailing_zeros();
    let rc = c.get().shift_right(zeros).0;
    let re = near.exp + cut + zeros as i64;
    // b = n / d in lowest terms, d of factors 2 and 5.
    let strip = b.coeff.trailing_zeros();
    let (mut n, _) = b.coeff.shift_right(strip);
    let places = -(b.exp + strip as i64);
    if places < 0 {
        return None;
    }
    // A root of order d has a d-th of the digits: larger orders have no exact result.
    let most = 4 * xc.digits() as u64 + 4;
    let mut d = 1u64;
    for p in [2u64, 5] {
        for _ in 0..places {
            let (q, r) = n.get().div_rem(CoeffRef::Small(p as u128));
            if r.get().is_zero() {
                n = q;
            } else {
                d = d.checked_mul(p).filter(|&d| d <= most)?;
            }
        }
    }
    let n = n.get().to_u64().filter(|&n| n <= 4 * (prec as u64 + 2) * d)?;
    let left = pow_coeff(rc.get(), d);
    let right = pow_coeff(xc, n);
    let (le, xe) = (re.checked_mul(d as i64)?, xe.checked_mul(n as i64)?);
    // r^d = x^n, or r^d x^n = 1.
    let same = if b.negative {
        let p = left.get().mul(right.get());
        p.get().trailing_zeros() == p.get().digits() - 1
            && p.get().shift_right(p.get().digits() - 1).0 == Coeff::Small(1)
            && le + xe + p.get().digits() as i64 - 1 == 0
    } else {
        left == right && le == xe
    };
    same.then(|| Dec::finite(false, rc, re))
}

/// `pow(a, b, m)`.
pub fn pow_mod(a: DecRef<'_>, b: DecRef<'_>, m: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    for kind in [Kind::Signaling, Kind::Quiet] {
        for d in [a, b, m] {
            if d.kind == kind {
                return nan_of(d, None, ctx, status).unwrap_or_else(Dec::nan);
            }
        }
    }
    let valid = a.is_integer()
        && b.is_integer()
        && m.is_integer()
        && !(b.negative && !b.is_zero())
        && !m.is_zero()
        && m.adjusted() < ctx.prec
        && !(a.is_zero() && b.is_zero());
    if !valid {
        return Dec::invalid(INVALID_OPERATION, status);
    }
    let sign = a.negative && is_odd_integer(b);
    let as_integer = |d: DecRef<'_>| {
        if d.exp >= 0 {
            (d.coeff.to_owned(), d.exp as u64)
        } else {
            (d.coeff.shift_right(-d.exp as usize).0, 0)
        }
    };
    let (mc, me) = as_integer(m);
    let modulus = mc.get().shift_left(me as usize);
    let reduce = |c: Coeff| c.get().div_rem(modulus.get()).1;
    let times = |x: &Coeff, y: &Coeff| reduce(x.get().mul(y.get()));
    let power = |base: &Coeff, mut n: u64| {
        let mut r = reduce(Coeff::one());
        let mut p = base.clone();
        while n > 0 {
            if n & 1 == 1 {
                r = times(&r, &p);
            }
            p = times(&p, &p);
            n >>= 1;
        }
        r
    };
    let (ac, ae) = as_integer(a);
    let ten = reduce(Coeff::Small(10));
    let base = times(&reduce(ac), &power(&ten, ae));
    let (bc, be) = as_integer(b);
    // base^(bc * 10^be): a power by bc, then be times by ten.
    let mut digits = Vec::new();
    bc.get().write_digits(&mut digits);
    let mut r = reduce(Coeff::one());
    for d in digits {
        r = times(&power(&r, 10), &power(&base, (d - b'0') as u64));
    }
    for _ in 0..be {
        r = power(&r, 10);
    }
    Dec::finite(sign, r, 0)
}
