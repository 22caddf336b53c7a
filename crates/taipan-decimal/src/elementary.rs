//! Square root, exponential, logarithms: correctly rounded. The transcendental ones are computed
//! with guard digits, and again with more while those leave the rounding open (Ziv).

use crate::coeff::{Coeff, CoeffRef};
use crate::fixed::{self, drop_low, limbs_for, raise};
use crate::limbs::{self, Limbs, Rest, add, sub};
use crate::rounding::{finalize, nan_of};
use crate::status::*;
use crate::word::LIMB_DIGITS;
use crate::{Ctx, Dec, DecRef, MAX_DIGITS, Round};
use std::cmp::Ordering;

/// Digits up to which transcendental functions are computed.
const MAX_WORK: i64 = 10_000_000;

/// A positive value: `value * 10^exp`, wrong by less than `ERROR` units.
pub struct Approx {
    pub value: Limbs,
    pub exp: i64,
}

/// Units that an `Approx` may be wrong by, as a count of digits.
const ERROR_DIGITS: usize = 4;

impl Approx {
    pub fn digits(&self) -> i64 {
        limbs::digits(&self.value) as i64
    }

    /// A coefficient from which every rounding to `prec` digits or fewer comes out right, and its
    /// exponent; `None` if the error leaves it open.
    pub fn settle(&self, prec: i64) -> Option<(Coeff, i64)> {
        let cut = self.digits() - (prec + 2);
        if cut <= ERROR_DIGITS as i64 + 1 {
            return None;
        }
        // The digits between the kept ones and the doubtful ones: all 0 or all 9 is open.
        let (known, _) = limbs::shift_right(&self.value, ERROR_DIGITS);
        let known = Coeff::from(known);
        let between = (cut - ERROR_DIGITS as i64) as usize;
        let (kept, rest) = known.get().shift_right(between);
        if rest == Rest::Zero {
            return None;
        }
        let up = known.get().add(CoeffRef::Small(1));
        if up.get().shift_right(between).1 == Rest::Zero {
            return None;
        }
        let kept = if kept.get().last_digit() % 5 == 0 { kept.increment() } else { kept };
        Some((kept, self.exp + cut))
    }
}

/// `sqrt(a)`.
pub fn sqrt(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() {
        return nan_of(a, None, ctx, status).unwrap_or_else(Dec::nan);
    }
    if a.is_infinite() && !a.negative {
        return a.to_owned();
    }
    if a.is_zero() {
        return finalize(Dec::zero(a.negative, a.exp >> 1), ctx, status);
    }
    if a.negative {
        return Dec::invalid(INVALID_OPERATION, status);
    }
    let ctx = ctx.with_round(Round::HalfEven);
    // a = c * 100^e; c gets so many digits that its root has prec + 1.
    let ideal = a.exp >> 1;
    let c = a.coeff.shift_left((a.exp & 1) as usize);
    let pairs = (c.get().digits() as i64 + 1) / 2;
    // An exact root has at most as many digits as the number.
    let prec = if ctx.prec > MAX_DIGITS { ctx.prec.min(pairs + 2) } else { ctx.prec };
    let shift = prec + 1 - pairs;
    let (c, cut_exact) = if shift >= 0 {
        (c.get().shift_left(2 * shift as usize), true)
    } else {
        let (c, rest) = c.get().shift_right((-2 * shift) as usize);
        (c, rest == Rest::Zero)
    };
    let (root, root_exact) = c.get().isqrt();
    let exact = cut_exact && root_exact;
    if !exact && prec < ctx.prec {
        return Dec::invalid(MALLOC, status);
    }
    let d = if !exact {
        let sticky = root.get().last_digit() % 5 == 0;
        Dec::finite(false, if sticky { root.increment() } else { root }, ideal - shift)
    } else if shift >= 0 {
        Dec::finite(false, root.get().shift_right(shift as usize).0, ideal)
    } else {
        Dec::finite(false, root.get().shift_left(-shift as usize), ideal)
    };
    finalize(d, &ctx, status)
}

/// The digits of `c * 10^exp` at `n` fraction limbs, cut off.
fn to_fixed(c: CoeffRef<'_>, exp: i64, n: usize) -> Limbs {
    let shift = exp + (n * LIMB_DIGITS) as i64;
    let w = if shift >= 0 {
        c.shift_left(shift as usize)
    } else {
        c.shift_right(usize::try_from(-shift).unwrap_or(usize::MAX)).0
    };
    w.get().to_limbs()
}

/// 1 with something tiny added to or taken from it, for results that close to 1.
pub fn beside_one(above: bool, prec: i64) -> Dec {
    let places = prec + 2;
    let c = Coeff::pow10(places as usize);
    let one = CoeffRef::Small(1);
    let c = if above { c.get().add(one) } else { c.get().sub(one) };
    Dec::finite(false, c, -places)
}

/// `exp(±c * 10^exp)` to about `work` digits; the argument is below 10^19.
pub fn exp_approx(negative: bool, c: CoeffRef<'_>, exp: i64, work: i64) -> Approx {
    let n = limbs_for(work);
    // The multiple of ln(10) takes up to 19 digits more.
    let m = n + 2;
    let x = to_fixed(c, exp, m);
    let ln10 = fixed::ln10(m);
    let (mut k, mut r) = crate::div::div_rem(&x, &ln10);
    if negative {
        if !r.is_empty() {
            r = sub(&ln10, &r);
            limbs::increment(&mut k);
        }
    }
    let k = k.first().map_or(0, |&k| k as i64);
    let k = if negative { -k } else { k };
    let value = fixed::exp(&drop_low(r, m - n), n);
    Approx { value, exp: k - (n * LIMB_DIGITS) as i64 }
}

/// The outcome of an exponential beyond the range, where `k` is about the result's exponent.
pub fn out_of_range(k: f64, ctx: &Ctx) -> Option<Dec> {
    let slack = 5.0 + k.abs() * 1e-9;
    if k > ctx.emax as f64 + slack {
        return Some(Dec::finite(false, Coeff::one(), ctx.emax + 1));
    }
    if k < ctx.etiny() as f64 - slack {
        return Some(Dec::finite(false, Coeff::one(), ctx.etiny() - 1));
    }
    None
}

/// A finite number as a double.
pub fn to_f64(c: CoeffRef<'_>, exp: i64) -> f64 {
    let digits = c.digits() as i64;
    let cut = (digits - 19).max(0);
    let (top, _) = c.shift_right(cut as usize);
    let top = top.get().to_u64().unwrap_or(0) as f64;
    let e = (exp + cut).clamp(-100_000, 100_000) as i32;
    if e < -300 { top * 1e-300 * 10f64.powi(e + 300) } else { top * 10f64.powi(e) }
}

/// `exp(a)`.
pub fn exp(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if a.is_nan() {
        return nan_of(a, None, ctx, status).unwrap_or_else(Dec::nan);
    }
    if a.is_infinite() {
        return if a.negative { Dec::zero(false, 0) } else { Dec::infinity(false) };
    }
    if a.coeff.is_zero() {
        return Dec::one();
    }
    let ctx = ctx.with_round(Round::HalfEven);
    if let Some(d) = exp_of(a.negative, a.coeff, a.exp, &ctx) {
        return finalize(d, &ctx, status);
    }
    Dec::invalid(MALLOC, status)
}

/// `exp(±c * 10^exp)`, to be rounded by the caller; `None`: too many digits.
fn exp_of(negative: bool, c: CoeffRef<'_>, exp: i64, ctx: &Ctx) -> Option<Dec> {
    let adjusted = exp + c.digits() as i64 - 1;
    let k = if adjusted > 20 { 1e21 } else { to_f64(c, exp) * std::f64::consts::LOG10_E };
    if let Some(d) = out_of_range(if negative { -k } else { k }, ctx) {
        return Some(d);
    }
    if ctx.prec > MAX_WORK {
        return None;
    }
    if adjusted < -(ctx.prec + 2) {
        return Some(beside_one(!negative, ctx.prec));
    }
    let mut guard = 12;
    loop {
        let a = exp_approx(negative, c, exp, ctx.prec + guard);
        if let Some((c, e)) = a.settle(ctx.prec) {
            return Some(Dec::finite(false, c, e));
        }
        guard *= 2;
    }
}

/// `|ln(c * 10^exp)|` to about `work` significant digits and whether it is negative; the number is
/// not 1.
pub fn ln_approx(c: CoeffRef<'_>, exp: i64, work: i64) -> (bool, Approx) {
    let digits = c.digits() as i64;
    let e = exp + digits - 1;
    // How far from 1?
    let mut lost = 0;
    let mut below_one = false;
    let mut distance = Coeff::Small(0);
    if e == 0 || e == -1 {
        let unit = Coeff::pow10(-exp as usize);
        below_one = e == -1;
        distance = if below_one { unit.get().sub(c) } else { c.sub(unit.get()) };
        lost = -(exp + distance.get().digits() as i64 - 1);
    }
    if lost > 0 && (work + lost) / (2 * lost) <= 24 {
        // ln(x) = 2 atanh((x - 1) / (x + 1)), scaled by whole limbs.
        let n = limbs_for(work + LIMB_DIGITS as i64);
        let s = (lost - 1) as usize / LIMB_DIGITS;
        let numerator = to_fixed(distance.get(), exp + (s * LIMB_DIGITS) as i64, n);
        let denominator = add(&to_fixed(c, exp, n), &fixed::one(n));
        let z = fixed::quotient(&numerator, &denominator, n);
        let square = drop_low(fixed::product(&z, &z, n), 2 * s);
        let sum = fixed::atanh_series(&z, &square, n);
        let value = add(&sum, &sum);
        return (below_one, Approx { value, exp: -((n + s) as i64) * LIMB_DIGITS as i64 });
    }
    let n = limbs_for(work + lost + 2);
    if e == 0 || e == -1 {
        // At least 1, or its inverse.
        let x = to_fixed(c, exp, n);
        let x = if below_one { fixed::quotient(&fixed::one(n), &x, n) } else { x };
        return (below_one, Approx { value: fixed::ln(&x, n), exp: -((n * LIMB_DIGITS) as i64) });
    }
    // One limb more, because the multiple of ln(10) may have 19 digits.
    let m = n + 1;
    let x = to_fixed(c, exp - e, n);
    let y = raise(&fixed::ln(&x, n), 1);
    let multiple = crate::mul::mul(&fixed::ln10(m), &[e.unsigned_abs()]);
    let (negative, value) = if e > 0 {
        (false, add(&multiple, &y))
    } else if limbs::cmp(&multiple, &y) == Ordering::Less {
        (false, sub(&y, &multiple))
    } else {
        (true, sub(&multiple, &y))
    };
    (negative, Approx { value: drop_low(value, 1), exp: -((n * LIMB_DIGITS) as i64) })
}

/// Whether a positive number is 10^k.
fn power_of_ten(a: DecRef<'_>) -> Option<i64> {
    let digits = a.coeff.digits();
    (a.coeff.trailing_zeros() == digits - 1 && a.coeff.shift_right(digits - 1).0 == Coeff::Small(1))
        .then(|| a.adjusted())
}

/// The special cases that both logarithms have.
fn log_special(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Option<Dec> {
    if a.is_nan() {
        return nan_of(a, None, ctx, status);
    }
    if a.is_zero() {
        return Some(Dec::infinity(true));
    }
    if a.negative {
        return Some(Dec::invalid(INVALID_OPERATION, status));
    }
    a.is_infinite().then(|| Dec::infinity(false))
}

/// The natural logarithm.
pub fn ln(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if let Some(d) = log_special(a, ctx, status) {
        return d;
    }
    if power_of_ten(a) == Some(0) {
        return Dec::zero(false, 0);
    }
    let ctx = ctx.with_round(Round::HalfEven);
    if ctx.prec > MAX_WORK {
        return Dec::invalid(MALLOC, status);
    }
    let mut guard = 12;
    loop {
        let (negative, v) = ln_approx(a.coeff, a.exp, ctx.prec + guard);
        if let Some((c, e)) = v.settle(ctx.prec) {
            return finalize(Dec::finite(negative, c, e), &ctx, status);
        }
        guard *= 2;
    }
}

/// The logarithm to base 10.
pub fn log10(a: DecRef<'_>, ctx: &Ctx, status: &mut u32) -> Dec {
    if let Some(d) = log_special(a, ctx, status) {
        return d;
    }
    let ctx = ctx.with_round(Round::HalfEven);
    if let Some(k) = power_of_ten(a) {
        let d = Dec::finite(k < 0, Coeff::Small(k.unsigned_abs() as u128), 0);
        return finalize(d, &ctx, status);
    }
    if ctx.prec > MAX_WORK {
        return Dec::invalid(MALLOC, status);
    }
    let mut guard = 12;
    loop {
        let work = ctx.prec + guard;
        let (negative, v) = ln_approx(a.coeff, a.exp, work);
        let n = limbs_for(work) + 1;
        // v / ln(10), both with n limbs or more.
        let value = fixed::quotient(&v.value, &fixed::ln10(n), n);
        let v = Approx { value, exp: v.exp };
        if let Some((c, e)) = v.settle(ctx.prec) {
            return finalize(Dec::finite(negative, c, e), &ctx, status);
        }
        guard *= 2;
    }
}
