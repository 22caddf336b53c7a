//! Coefficients: natural numbers that are one machine number below 10^38, limbs of base 10^19
//! above. Every operation has its machine case first.

use crate::limbs::{self, Limbs, Rest};
use crate::word::{POW10_WIDE, SMALL_LIMIT, digits_u128, div_pow10, mul_wide, split};
use crate::{div, mul};
use std::cmp::Ordering;

/// An owned coefficient. `Big` is at least 10^38 and trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coeff {
    Small(u128),
    Big(Limbs),
}

/// A borrowed coefficient.
#[derive(Clone, Copy, Debug)]
pub enum CoeffRef<'a> {
    Small(u128),
    Big(&'a [u64]),
}

impl Default for Coeff {
    fn default() -> Self {
        Coeff::Small(0)
    }
}

impl From<u128> for Coeff {
    #[inline(always)]
    fn from(c: u128) -> Coeff {
        if c < SMALL_LIMIT {
            return Coeff::Small(c);
        }
        // Three limbs: the quotient is below 35.
        let (q, r) = (c / SMALL_LIMIT, c % SMALL_LIMIT);
        let [lo, hi] = split(r);
        Coeff::Big(Limbs::from_slice(&[lo, hi, q as u64]))
    }
}

impl From<Limbs> for Coeff {
    fn from(mut w: Limbs) -> Coeff {
        limbs::trim(&mut w);
        if w.len() <= 2 { Coeff::Small(join(&w)) } else { Coeff::Big(w) }
    }
}

/// The value of at most two limbs.
#[inline(always)]
fn join(w: &[u64]) -> u128 {
    match *w {
        [] => 0,
        [a] => a as u128,
        [a, b, ..] => b as u128 * crate::word::RADIX as u128 + a as u128,
    }
}

impl Coeff {
    #[inline(always)]
    pub fn get(&self) -> CoeffRef<'_> {
        match self {
            Coeff::Small(c) => CoeffRef::Small(*c),
            Coeff::Big(w) => CoeffRef::Big(w),
        }
    }

    pub fn one() -> Coeff {
        Coeff::Small(1)
    }

    /// 10^n.
    pub fn pow10(n: usize) -> Coeff {
        CoeffRef::Small(1).shift_left(n)
    }

    /// n nines.
    pub fn nines(n: usize) -> Coeff {
        Coeff::pow10(n).get().sub(CoeffRef::Small(1))
    }

    #[inline]
    pub fn increment(self) -> Coeff {
        match self {
            Coeff::Small(c) => Coeff::from(c + 1),
            Coeff::Big(mut w) => {
                limbs::increment(&mut w);
                Coeff::Big(w)
            }
        }
    }
}

/// Limbs of a coefficient, in a buffer where it is a machine number.
pub struct View<'a> {
    buffer: [u64; 2],
    len: usize,
    big: Option<&'a [u64]>,
}

impl View<'_> {
    pub fn get(&self) -> &[u64] {
        match self.big {
            Some(w) => w,
            None => &self.buffer[..self.len],
        }
    }
}

impl<'a> CoeffRef<'a> {
    pub fn to_owned(self) -> Coeff {
        match self {
            CoeffRef::Small(c) => Coeff::Small(c),
            CoeffRef::Big(w) => Coeff::Big(Limbs::from_slice(w)),
        }
    }

    pub fn view(self) -> View<'a> {
        match self {
            CoeffRef::Small(c) => {
                let buffer = split(c);
                let len = if buffer[1] != 0 { 2 } else { (buffer[0] != 0) as usize };
                View { buffer, len, big: None }
            }
            CoeffRef::Big(w) => View { buffer: [0; 2], len: 0, big: Some(w) },
        }
    }

    pub fn to_limbs(self) -> Limbs {
        Limbs::from_slice(self.view().get())
    }

    #[inline(always)]
    pub fn is_zero(self) -> bool {
        matches!(self, CoeffRef::Small(0))
    }

    /// Decimal digits; 1 for zero.
    #[inline(always)]
    pub fn digits(self) -> usize {
        match self {
            CoeffRef::Small(c) => digits_u128(c),
            CoeffRef::Big(w) => limbs::digits(w),
        }
    }

    /// The lowest decimal digit.
    pub fn last_digit(self) -> u64 {
        match self {
            CoeffRef::Small(c) => (c % 10) as u64,
            CoeffRef::Big(w) => w[0] % 10,
        }
    }

    pub fn cmp(self, other: CoeffRef<'_>) -> Ordering {
        match (self, other) {
            (CoeffRef::Small(a), CoeffRef::Small(b)) => a.cmp(&b),
            (CoeffRef::Small(_), CoeffRef::Big(_)) => Ordering::Less,
            (CoeffRef::Big(_), CoeffRef::Small(_)) => Ordering::Greater,
            (CoeffRef::Big(a), CoeffRef::Big(b)) => limbs::cmp(a, b),
        }
    }

    /// Times 10^n.
    #[inline]
    pub fn shift_left(self, n: usize) -> Coeff {
        match self {
            CoeffRef::Small(0) => Coeff::Small(0),
            CoeffRef::Small(c) if n <= 38 - digits_u128(c) => Coeff::Small(c * POW10_WIDE[n]),
            _ => Coeff::from(limbs::shift_left(self.view().get(), n)),
        }
    }

    /// Divided by 10^n, rounded down, and what was cut off.
    #[inline]
    pub fn shift_right(self, n: usize) -> (Coeff, Rest) {
        match self {
            CoeffRef::Small(c) if n == 0 => (Coeff::Small(c), Rest::Zero),
            CoeffRef::Small(c) if n <= 38 => {
                let (q, r) = div_pow10(c, n);
                (Coeff::Small(q), Rest::of(r, POW10_WIDE[n] / 2))
            }
            CoeffRef::Small(c) => (Coeff::Small(0), if c == 0 { Rest::Zero } else { Rest::Below }),
            CoeffRef::Big(w) => {
                let (q, rest) = limbs::shift_right(w, n);
                (Coeff::from(q), rest)
            }
        }
    }

    /// The lowest n digits.
    pub fn low_digits(self, n: usize) -> Coeff {
        if n >= self.digits() {
            return self.to_owned();
        }
        let high = self.shift_right(n).0;
        self.sub(high.get().shift_left(n).get())
    }

    #[inline]
    pub fn add(self, other: CoeffRef<'_>) -> Coeff {
        match (self, other) {
            (CoeffRef::Small(a), CoeffRef::Small(b)) => Coeff::from(a + b),
            _ => Coeff::from(limbs::add(self.view().get(), other.view().get())),
        }
    }

    /// The difference; `self >= other`.
    #[inline]
    pub fn sub(self, other: CoeffRef<'_>) -> Coeff {
        match (self, other) {
            (CoeffRef::Small(a), CoeffRef::Small(b)) => Coeff::Small(a - b),
            _ => Coeff::from(limbs::sub(self.view().get(), other.view().get())),
        }
    }

    #[inline]
    pub fn mul(self, other: CoeffRef<'_>) -> Coeff {
        if let (CoeffRef::Small(a), CoeffRef::Small(b)) = (self, other) {
            if (a | b) >> 64 == 0 {
                return Coeff::from(a * b);
            }
            let w = mul_wide(a, b);
            if w.hi == 0 {
                return Coeff::from(w.lo);
            }
        }
        Coeff::from(mul::mul(self.view().get(), other.view().get()))
    }

    pub fn square(self) -> Coeff {
        self.mul(self)
    }

    /// Quotient and remainder; `other` is not zero.
    pub fn div_rem(self, other: CoeffRef<'_>) -> (Coeff, Coeff) {
        match (self, other) {
            (CoeffRef::Small(a), CoeffRef::Small(b)) => (Coeff::Small(a / b), Coeff::Small(a % b)),
            (CoeffRef::Small(_), CoeffRef::Big(_)) => (Coeff::Small(0), self.to_owned()),
            _ => {
                let (q, r) = div::div_rem(self.view().get(), other.view().get());
                (Coeff::from(q), Coeff::from(r))
            }
        }
    }

    /// The square root rounded down, and whether it is exact.
    pub fn isqrt(self) -> (Coeff, bool) {
        match self {
            CoeffRef::Small(c) => {
                let s = c.isqrt();
                (Coeff::Small(s), s * s == c)
            }
            CoeffRef::Big(w) => {
                let (s, exact) = div::isqrt(w);
                (Coeff::from(s), exact)
            }
        }
    }

    /// Trailing zeros of a coefficient that is not zero.
    pub fn trailing_zeros(self) -> usize {
        match self {
            CoeffRef::Small(_) => limbs::trailing_zeros(self.view().get()),
            CoeffRef::Big(w) => limbs::trailing_zeros(w),
        }
    }

    pub fn is_odd(self) -> bool {
        match self {
            CoeffRef::Small(c) => c & 1 == 1,
            CoeffRef::Big(w) => w[0] & 1 == 1,
        }
    }

    /// The remainder by a modulus below 2^63.
    pub fn remainder_u64(self, m: u64) -> u64 {
        let m = m as u128;
        match self {
            CoeffRef::Small(c) => (c % m) as u64,
            CoeffRef::Big(w) => {
                let radix = crate::word::RADIX as u128 % m;
                w.iter().rev().fold(0, |r, &x| ((r as u128 * radix + x as u128) % m) as u64)
            }
        }
    }

    /// The value where it fits.
    pub fn to_u64(self) -> Option<u64> {
        match self {
            CoeffRef::Small(c) => u64::try_from(c).ok(),
            CoeffRef::Big(_) => None,
        }
    }

    /// Decimal digits as ASCII, none for leading zeros; "0" for zero.
    pub fn write_digits(self, out: &mut Vec<u8>) {
        let view = self.view();
        let Some((&top, rest)) = view.get().split_last() else {
            return out.push(b'0');
        };
        push_limb(out, top, crate::word::digits_u64(top));
        for &x in rest.iter().rev() {
            push_limb(out, x, crate::word::LIMB_DIGITS);
        }
    }
}

impl Coeff {
    /// From ASCII digits, perhaps with leading zeros, perhaps none.
    pub fn parse_padded(text: &[u8]) -> Coeff {
        let value = |t: &[u8]| t.iter().fold(0u64, |a, &c| a * 10 + (c - b'0') as u64);
        let mut w = Limbs::with_capacity(text.len() / 19 + 1);
        w.extend(text.rchunks(19).map(value));
        Coeff::from(w)
    }
}

fn push_limb(out: &mut Vec<u8>, mut x: u64, digits: usize) {
    let at = out.len();
    out.resize(at + digits, b'0');
    let mut i = at + digits;
    while x >= 100 {
        let pair = (x % 100) as u8;
        x /= 100;
        i -= 2;
        out[i] = b'0' + pair / 10;
        out[i + 1] = b'0' + pair % 10;
    }
    if x >= 10 {
        out[i - 2] = b'0' + (x / 10) as u8;
    }
    if i > at {
        out[i - 1] = b'0' + (x % 10) as u8;
    }
}
