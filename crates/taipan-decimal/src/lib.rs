//! Decimal numbers as IBM's General Decimal Arithmetic specification has them: contexts, signals,
//! every rounding mode, results exact or correctly rounded. Nothing here knows an object or an
//! exception: an operation takes a `Ctx`, adds to the status word what happened, and gives a `Dec`.
//! Invariants: a coefficient below 10^38 is one machine number; an infinity has coefficient 0.
#![forbid(unsafe_code)]

pub mod arith;
pub mod coeff;
pub mod compare;
mod div;
mod elementary;
mod fixed;
mod limbs;
pub mod logical;
mod mul;
mod ntt;
mod power;
pub mod radix;
pub mod rounding;
pub mod scale;
pub mod text;
mod word;

pub use coeff::{Coeff, CoeffRef};
pub use elementary::{exp, ln, log10, sqrt};
pub use power::{pow, pow_mod};
#[cfg(test)]
mod tests;

/// Conditions, with libmpdec's bits.
pub mod status {
    pub const CLAMPED: u32 = 1;
    pub const CONVERSION_SYNTAX: u32 = 2;
    pub const DIVISION_BY_ZERO: u32 = 4;
    pub const DIVISION_IMPOSSIBLE: u32 = 8;
    pub const DIVISION_UNDEFINED: u32 = 0x10;
    pub const INEXACT: u32 = 0x40;
    pub const INVALID_CONTEXT: u32 = 0x80;
    pub const INVALID_OPERATION: u32 = 0x100;
    /// The result would not fit in memory.
    pub const MALLOC: u32 = 0x200;
    pub const FLOAT_OPERATION: u32 = 0x400;
    pub const OVERFLOW: u32 = 0x800;
    pub const ROUNDED: u32 = 0x1000;
    pub const SUBNORMAL: u32 = 0x2000;
    pub const UNDERFLOW: u32 = 0x4000;
    /// What the signal InvalidOperation covers.
    pub const INVALID: u32 = CONVERSION_SYNTAX
        | DIVISION_IMPOSSIBLE
        | DIVISION_UNDEFINED
        | 0x20
        | INVALID_CONTEXT
        | INVALID_OPERATION
        | MALLOC;
    /// What makes a conversion fail.
    pub const ERRORS: u32 = INVALID | DIVISION_BY_ZERO;
}

pub const MAX_PREC: i64 = 999_999_999_999_999_999;
pub const MAX_EMAX: i64 = 999_999_999_999_999_999;
pub const MIN_EMIN: i64 = -999_999_999_999_999_999;
pub const MIN_ETINY: i64 = MIN_EMIN - (MAX_PREC - 1);

/// Digits from which a coefficient counts as too large for memory.
pub const MAX_DIGITS: i64 = 1_000_000_000;

/// Rounding modes, in libmpdec's order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Round {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    ZeroFiveUp,
}

/// What of a context the arithmetic needs.
#[derive(Clone, Copy, Debug)]
pub struct Ctx {
    pub prec: i64,
    pub emax: i64,
    pub emin: i64,
    pub round: Round,
    pub clamp: bool,
}

impl Ctx {
    /// The largest of all contexts: what is inexact in it can't be represented.
    pub const MAX: Ctx = Ctx {
        prec: MAX_PREC,
        emax: MAX_EMAX,
        emin: MIN_EMIN,
        round: Round::HalfEven,
        clamp: false,
    };

    /// The least exponent of a subnormal number.
    #[inline(always)]
    pub fn etiny(&self) -> i64 {
        self.emin - (self.prec - 1)
    }

    /// The largest exponent of a full coefficient.
    #[inline(always)]
    pub fn etop(&self) -> i64 {
        self.emax - (self.prec - 1)
    }

    pub fn with_round(self, round: Round) -> Ctx {
        Ctx { round, ..self }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Finite = 0,
    Infinite = 1,
    Quiet = 2,
    Signaling = 3,
}

/// An owned number. A NaN's payload is its coefficient, 0 for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dec {
    pub negative: bool,
    pub kind: Kind,
    pub exp: i64,
    pub coeff: Coeff,
}

/// A borrowed number.
#[derive(Clone, Copy, Debug)]
pub struct DecRef<'a> {
    pub negative: bool,
    pub kind: Kind,
    pub exp: i64,
    pub coeff: CoeffRef<'a>,
}

impl Dec {
    #[inline(always)]
    pub fn finite(negative: bool, coeff: Coeff, exp: i64) -> Dec {
        Dec { negative, kind: Kind::Finite, exp, coeff }
    }

    pub fn zero(negative: bool, exp: i64) -> Dec {
        Dec::finite(negative, Coeff::Small(0), exp)
    }

    pub fn one() -> Dec {
        Dec::finite(false, Coeff::one(), 0)
    }

    pub fn infinity(negative: bool) -> Dec {
        Dec { negative, kind: Kind::Infinite, exp: 0, coeff: Coeff::Small(0) }
    }

    pub fn nan() -> Dec {
        Dec { negative: false, kind: Kind::Quiet, exp: 0, coeff: Coeff::Small(0) }
    }

    #[inline(always)]
    pub fn get(&self) -> DecRef<'_> {
        DecRef { negative: self.negative, kind: self.kind, exp: self.exp, coeff: self.coeff.get() }
    }

    /// An operation that has no result.
    #[cold]
    pub fn invalid(condition: u32, status: &mut u32) -> Dec {
        *status |= condition;
        Dec::nan()
    }
}

impl<'a> DecRef<'a> {
    pub fn to_owned(self) -> Dec {
        Dec {
            negative: self.negative,
            kind: self.kind,
            exp: self.exp,
            coeff: self.coeff.to_owned(),
        }
    }

    #[inline(always)]
    pub fn is_special(self) -> bool {
        self.kind != Kind::Finite
    }

    pub fn is_nan(self) -> bool {
        matches!(self.kind, Kind::Quiet | Kind::Signaling)
    }

    pub fn is_infinite(self) -> bool {
        self.kind == Kind::Infinite
    }

    /// A finite zero.
    #[inline(always)]
    pub fn is_zero(self) -> bool {
        self.kind == Kind::Finite && self.coeff.is_zero()
    }

    /// The exponent in scientific notation.
    #[inline(always)]
    pub fn adjusted(self) -> i64 {
        self.exp + self.coeff.digits() as i64 - 1
    }

    pub fn with_sign(self, negative: bool) -> DecRef<'a> {
        DecRef { negative, ..self }
    }

    /// A finite number without fraction.
    pub fn is_integer(self) -> bool {
        self.kind == Kind::Finite
            && (self.exp >= 0
                || self.coeff.is_zero()
                || (-self.exp < self.coeff.digits() as i64
                    && self.coeff.trailing_zeros() as i64 >= -self.exp))
    }

    /// The value of an integer where it fits.
    pub fn to_i64(self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        if self.coeff.is_zero() {
            return Some(0);
        }
        if self.adjusted() > 18 {
            return None;
        }
        let c = if self.exp >= 0 {
            self.coeff.shift_left(self.exp as usize)
        } else {
            self.coeff.shift_right(-self.exp as usize).0
        };
        let magnitude = c.get().to_u64()?;
        if self.negative {
            (magnitude <= 1 << 63).then(|| (magnitude as i64).wrapping_neg())
        } else {
            i64::try_from(magnitude).ok()
        }
    }

    pub fn is_normal(self, ctx: &Ctx) -> bool {
        self.kind == Kind::Finite && !self.coeff.is_zero() && self.adjusted() >= ctx.emin
    }

    pub fn is_subnormal(self, ctx: &Ctx) -> bool {
        self.kind == Kind::Finite && !self.coeff.is_zero() && self.adjusted() < ctx.emin
    }
}
