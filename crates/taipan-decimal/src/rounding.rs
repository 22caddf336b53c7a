//! Bringing a result into its context: rounding, overflow, subnormal numbers, clamping.

use crate::coeff::{Coeff, CoeffRef};
use crate::limbs::Rest;
use crate::status::*;
use crate::{Ctx, Dec, DecRef, Kind, MAX_DIGITS, Round};

/// Whether a magnitude that was cut off goes up to the next unit.
#[inline]
pub fn goes_up(round: Round, negative: bool, rest: Rest, last_digit: impl FnOnce() -> u64) -> bool {
    if rest == Rest::Zero {
        return false;
    }
    match round {
        Round::Up => true,
        Round::Down => false,
        Round::Ceiling => !negative,
        Round::Floor => negative,
        Round::HalfUp => matches!(rest, Rest::Half | Rest::Above),
        Round::HalfDown => rest == Rest::Above,
        Round::HalfEven => rest == Rest::Above || (rest == Rest::Half && last_digit() & 1 == 1),
        Round::ZeroFiveUp => matches!(last_digit(), 0 | 5),
    }
}

/// The coefficient divided by 10^n, rounded, and whether that was inexact.
pub fn round_off(c: CoeffRef<'_>, n: usize, round: Round, negative: bool) -> (Coeff, bool) {
    let (q, rest) = c.shift_right(n);
    let up = goes_up(round, negative, rest, || q.get().last_digit());
    (if up { q.increment() } else { q }, rest != Rest::Zero)
}

/// The result of an overflow.
#[cold]
fn overflow(negative: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    *status |= OVERFLOW | INEXACT | ROUNDED;
    let infinite = match ctx.round {
        Round::HalfUp | Round::HalfDown | Round::HalfEven | Round::Up => true,
        Round::Down | Round::ZeroFiveUp => false,
        Round::Ceiling => !negative,
        Round::Floor => negative,
    };
    if infinite {
        return Dec::infinity(negative);
    }
    if ctx.prec > MAX_DIGITS {
        return Dec::invalid(MALLOC, status);
    }
    Dec::finite(negative, Coeff::nines(ctx.prec as usize), ctx.etop())
}

/// A NaN whose payload fits the context.
pub fn finalize_nan(mut d: Dec, ctx: &Ctx) -> Dec {
    let room = ctx.prec - ctx.clamp as i64;
    if d.coeff.get().digits() as i64 > room {
        d.coeff = d.coeff.get().low_digits(room as usize);
    }
    d
}

/// A result as the context allows it.
#[inline(always)]
pub fn finalize(d: Dec, ctx: &Ctx, status: &mut u32) -> Dec {
    let digits = d.coeff.get().digits() as i64;
    let adjusted = d.exp + digits - 1;
    if digits <= ctx.prec
        && adjusted <= ctx.emax
        && adjusted >= ctx.emin
        && d.kind == Kind::Finite
        && !ctx.clamp
    {
        return d;
    }
    finalize_slow(d, ctx, status)
}

#[inline(never)]
fn finalize_slow(mut d: Dec, ctx: &Ctx, status: &mut u32) -> Dec {
    match d.kind {
        Kind::Infinite => return d,
        Kind::Quiet | Kind::Signaling => return finalize_nan(d, ctx),
        Kind::Finite => {}
    }
    let (etiny, etop) = (ctx.etiny(), ctx.etop());
    if d.coeff.get().is_zero() {
        let most = if ctx.clamp { etop } else { ctx.emax };
        let exp = d.exp.max(etiny).min(most);
        if exp != d.exp {
            *status |= CLAMPED;
            d.exp = exp;
        }
        return d;
    }
    let digits = d.coeff.get().digits() as i64;
    let mut least = digits + d.exp - ctx.prec;
    if least > etop {
        return overflow(d.negative, ctx, status);
    }
    let subnormal = least < etiny;
    if subnormal {
        least = etiny;
    }
    if d.exp < least {
        let cut = usize::try_from(least - d.exp).unwrap_or(usize::MAX);
        let (mut c, inexact) = round_off(d.coeff.get(), cut, ctx.round, d.negative);
        if c.get().digits() as i64 > ctx.prec {
            c = c.get().shift_right(1).0;
            least += 1;
        }
        if least > etop {
            return overflow(d.negative, ctx, status);
        }
        if inexact {
            *status |= INEXACT;
            if subnormal {
                *status |= UNDERFLOW;
            }
        }
        if subnormal {
            *status |= SUBNORMAL;
        }
        *status |= ROUNDED;
        if c.get().is_zero() {
            *status |= CLAMPED;
        }
        d.coeff = c;
        d.exp = least;
    } else if subnormal {
        *status |= SUBNORMAL;
    }
    if ctx.clamp && d.exp > etop {
        if d.exp - etop > MAX_DIGITS {
            return Dec::invalid(MALLOC, status);
        }
        *status |= CLAMPED;
        d.coeff = d.coeff.get().shift_left((d.exp - etop) as usize);
        d.exp = etop;
    }
    d
}

/// The NaN that an operation on these operands gives, if one of them is a NaN.
#[cold]
#[inline(never)]
pub fn nan_of(a: DecRef<'_>, b: Option<DecRef<'_>>, ctx: &Ctx, status: &mut u32) -> Option<Dec> {
    let both = [Some(a), b];
    let find = |kind: Kind| both.iter().flatten().find(|d| d.kind == kind).copied();
    let chosen = match find(Kind::Signaling) {
        Some(d) => {
            *status |= INVALID_OPERATION;
            d
        }
        None => find(Kind::Quiet)?,
    };
    let mut d = chosen.to_owned();
    d.kind = Kind::Quiet;
    Some(finalize_nan(d, ctx))
}
