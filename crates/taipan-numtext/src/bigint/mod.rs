//! Integers of any size as a sign and little-endian 30-bit digits, the layout of CPython's
//! `PyLongObject`. The VM lends digits that lie in an object (`IntRef`) and copies a result
//! (`Int`) into a new one. Invariants: no leading zero digit, zero is no digits and not negative,
//! every digit is below 2^30. Objects and small-value boxing do not belong here.

mod arith;
mod bits;
mod convert;
mod limb60;
mod modular;
mod mul_div;
mod text;

pub use arith::{add, cmp, neg, sub};
pub use bits::{and, bit_count, bit_length, invert, or, shl, shr, trailing_zeros, xor};
pub use convert::{
    ByteOrder, BytesError, cmp_f64, frexp, from_bytes, from_f64, hash, hash_f64, to_bytes, to_f64,
    true_div,
};
pub use modular::{comb, factorial, gcd, isqrt, lcm, mod_inverse, mod_pow, perm};
pub use mul_div::{div_floor, div_rem_trunc, divmod_floor, divmod_near, mul, pow};
pub use text::{
    DEFAULT_MAX_STR_DIGITS, ParseError, digit_limit_parse_message, digit_limit_print_message,
    exceeds_print_limit, parse, to_text,
};

use dashu_int::{UBig, Word};
use smallvec::SmallVec;

/// Bits in a digit.
pub const SHIFT: u32 = 30;
/// The largest digit.
pub const MASK: u32 = (1 << SHIFT) - 1;
/// Results beyond this many digits are refused as too large (2^36 bits).
pub const MAX_DIGITS: u64 = 1 << 31;

const _: () = assert!(Word::BITS == 64, "packing assumes 64-bit words");

/// Digits of a result; up to six stay off the heap.
pub type Digits = SmallVec<[u32; 12]>;

/// A borrowed integer.
#[derive(Clone, Copy, Debug)]
pub struct IntRef<'a> {
    pub negative: bool,
    pub digits: &'a [u32],
}

/// An owned integer: the result of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Int {
    pub negative: bool,
    pub digits: Digits,
}

/// The result would not fit in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl<'a> IntRef<'a> {
    pub fn new(negative: bool, digits: &'a [u32]) -> Self {
        debug_assert!(digits.last() != Some(&0) && !(negative && digits.is_empty()));
        IntRef { negative, digits }
    }

    pub fn is_zero(self) -> bool {
        self.digits.is_empty()
    }

    pub fn is_odd(self) -> bool {
        self.digits.first().is_some_and(|d| d & 1 == 1)
    }

    /// -1, 0 or 1.
    pub fn signum(self) -> i32 {
        match (self.negative, self.digits.is_empty()) {
            (true, _) => -1,
            (false, true) => 0,
            (false, false) => 1,
        }
    }

    pub fn abs(self) -> IntRef<'a> {
        IntRef { negative: false, digits: self.digits }
    }

    pub fn to_owned(self) -> Int {
        Int { negative: self.negative, digits: Digits::from_slice(self.digits) }
    }

    /// The magnitude where it has at most four digits.
    #[inline]
    pub(crate) fn small_magnitude(self) -> Option<u128> {
        match *self.digits {
            [] => Some(0),
            [a] => Some(a as u128),
            [a, b] => Some(a as u128 | (b as u128) << 30),
            [a, b, c] => Some(a as u128 | (b as u128) << 30 | (c as u128) << 60),
            [a, b, c, d] => {
                Some(a as u128 | (b as u128) << 30 | (c as u128) << 60 | (d as u128) << 90)
            }
            _ => None,
        }
    }

    /// The value where it has at most four digits (120 bits).
    #[inline]
    pub(crate) fn small(self) -> Option<i128> {
        let m = self.small_magnitude()? as i128;
        Some(if self.negative { -m } else { m })
    }

    pub fn to_i128(self) -> Option<i128> {
        if let Some(v) = self.small() {
            return Some(v);
        }
        if bit_length(self) > 128 {
            return None;
        }
        let mut m: u128 = 0;
        for (i, &d) in self.digits.iter().enumerate() {
            m |= (d as u128) << (30 * i);
        }
        if self.negative {
            (m <= 1 << 127).then(|| (m as i128).wrapping_neg())
        } else {
            i128::try_from(m).ok()
        }
    }

    pub fn to_i64(self) -> Option<i64> {
        if self.digits.len() > 3 {
            return None;
        }
        i64::try_from(self.small()?).ok()
    }

    pub fn to_u64(self) -> Option<u64> {
        if self.digits.len() > 3 {
            return None;
        }
        u64::try_from(self.small()?).ok()
    }

    /// The low 64 bits of the two's complement, as C casts do.
    pub fn wrapping_u64(self) -> u64 {
        let mut m: u64 = 0;
        for (i, &d) in self.digits.iter().take(3).enumerate() {
            m |= (d as u64) << (30 * i);
        }
        if self.negative { m.wrapping_neg() } else { m }
    }
}

impl Int {
    pub fn zero() -> Int {
        Int::default()
    }

    pub fn as_ref(&self) -> IntRef<'_> {
        IntRef { negative: self.negative, digits: &self.digits }
    }

    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub fn from_i64(v: i64) -> Int {
        Int::from_u64(v < 0, v.unsigned_abs())
    }

    pub fn from_u64(negative: bool, mut m: u64) -> Int {
        let mut digits = Digits::new();
        while m != 0 {
            digits.push(m as u32 & MASK);
            m >>= SHIFT;
        }
        Int { negative: negative && !digits.is_empty(), digits }
    }

    pub fn from_i128(v: i128) -> Int {
        Int::from_u128(v < 0, v.unsigned_abs())
    }

    pub fn from_u128(negative: bool, mut m: u128) -> Int {
        let mut digits = Digits::new();
        while m != 0 {
            digits.push(m as u32 & MASK);
            m >>= SHIFT;
        }
        Int { negative: negative && !digits.is_empty(), digits }
    }

    /// From digits that may have leading zeros.
    pub fn from_digits(negative: bool, mut digits: Digits) -> Int {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Int { negative: negative && !digits.is_empty(), digits }
    }

    pub fn with_sign(mut self, negative: bool) -> Int {
        self.negative = negative && !self.digits.is_empty();
        self
    }

    pub fn to_i64(&self) -> Option<i64> {
        self.as_ref().to_i64()
    }
}

/// Packs 30-bit digits into the words of the algorithm library.
pub(crate) fn to_ubig(digits: &[u32]) -> UBig {
    let mut words: Vec<Word> = Vec::with_capacity(digits.len() * 30 / 64 + 1);
    let (mut acc, mut have) = (0u128, 0u32);
    for &d in digits {
        acc |= (d as u128) << have;
        have += SHIFT;
        if have >= 64 {
            words.push(acc as u64);
            acc >>= 64;
            have -= 64;
        }
    }
    if acc != 0 {
        words.push(acc as u64);
    }
    UBig::from_words(&words)
}

/// The inverse of `to_ubig`.
pub(crate) fn from_ubig(negative: bool, value: &UBig) -> Int {
    let words = value.as_words();
    let mut digits = Digits::with_capacity(words.len() * 64 / 30 + 1);
    let (mut acc, mut have) = (0u128, 0u32);
    for &w in words {
        acc |= (w as u128) << have;
        have += 64;
        while have >= SHIFT {
            digits.push(acc as u32 & MASK);
            acc >>= SHIFT;
            have -= SHIFT;
        }
    }
    if acc != 0 {
        digits.push(acc as u32);
    }
    Int::from_digits(negative, digits)
}

#[cfg(test)]
mod tests;
