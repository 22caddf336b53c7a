//! Natural numbers as little-endian limbs of base 10^19: addition, subtraction, shifts by digits,
//! short multiplication and division. Results have no leading zero limb where a function says
//! "trimmed". Long multiplication is in `mul.rs`, long division in `div.rs`.

use crate::word::{LIMB_DIGITS, POW10, RADIX, digits_u64, div_radix};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// Limbs of a temporary; four (76 digits) stay off the heap.
pub type Limbs = SmallVec<[u64; 4]>;

/// Removes leading zero limbs.
#[inline]
pub fn trim(v: &mut Limbs) {
    while v.last() == Some(&0) {
        v.pop();
    }
}

/// The slice without leading zero limbs.
#[inline]
pub fn trimmed(mut v: &[u64]) -> &[u64] {
    while let [rest @ .., 0] = v {
        v = rest;
    }
    v
}

/// Decimal digits of a trimmed number; 0 for none.
pub fn digits(v: &[u64]) -> usize {
    match v.last() {
        None => 0,
        Some(&top) => (v.len() - 1) * LIMB_DIGITS + digits_u64(top),
    }
}

/// Compares two trimmed numbers.
pub fn cmp(a: &[u64], b: &[u64]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// `a + b + carry` as a limb and a carry.
#[inline(always)]
fn add_limb(a: u64, b: u64, carry: bool) -> (u64, bool) {
    // Two limbs and a carry may exceed a word.
    let (s, over) = a.overflowing_add(b + carry as u64);
    if over || s >= RADIX { (s.wrapping_sub(RADIX), true) } else { (s, false) }
}

#[inline(always)]
fn sub_limb(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let b = b + borrow as u64;
    if a < b { (a.wrapping_add(RADIX).wrapping_sub(b), true) } else { (a - b, false) }
}

/// `w += b`, `w` at least as long; the carry out.
pub fn add_into(w: &mut [u64], b: &[u64]) -> bool {
    let mut carry = false;
    let (low, high) = w.split_at_mut(b.len());
    for (x, &y) in low.iter_mut().zip(b) {
        (*x, carry) = add_limb(*x, y, carry);
    }
    for x in high {
        if !carry {
            return false;
        }
        (*x, carry) = add_limb(*x, 0, true);
    }
    carry
}

/// `w -= b`, `w` at least as long; the borrow out.
pub fn sub_into(w: &mut [u64], b: &[u64]) -> bool {
    let mut borrow = false;
    let (low, high) = w.split_at_mut(b.len());
    for (x, &y) in low.iter_mut().zip(b) {
        (*x, borrow) = sub_limb(*x, y, borrow);
    }
    for x in high {
        if !borrow {
            return false;
        }
        (*x, borrow) = sub_limb(*x, 0, true);
    }
    borrow
}

/// The sum, trimmed if the longer operand is.
pub fn add(a: &[u64], b: &[u64]) -> Limbs {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut w = Limbs::with_capacity(a.len() + 1);
    w.extend_from_slice(a);
    if add_into(&mut w, b) {
        w.push(1);
    }
    w
}

/// The difference, trimmed; `a >= b`.
pub fn sub(a: &[u64], b: &[u64]) -> Limbs {
    let mut w = Limbs::from_slice(a);
    let borrow = sub_into(&mut w, trimmed(b));
    debug_assert!(!borrow);
    trim(&mut w);
    w
}

/// `w += 1`.
pub fn increment(w: &mut Limbs) {
    let count = w.len().min(1);
    if add_into(w, &[1][..count]) || count == 0 {
        w.push(1);
    }
}

/// `w = w * m + a`, the carry pushed.
pub fn mul_add_word(w: &mut Limbs, m: u64, a: u64) {
    let mut carry = a;
    for x in w.iter_mut() {
        let p = *x as u128 * m as u128 + carry as u128;
        (carry, *x) = div_radix((p >> 64) as u64, p as u64);
    }
    if carry != 0 {
        w.push(carry);
    }
}

/// `w /= d`; the remainder. Not trimmed.
pub fn div_word(w: &mut [u64], d: u64) -> u64 {
    let mut r = 0u64;
    for x in w.iter_mut().rev() {
        let n = r as u128 * RADIX as u128 + *x as u128;
        *x = (n / d as u128) as u64;
        r = (n % d as u128) as u64;
    }
    r
}

/// `a * 10^n`, trimmed.
pub fn shift_left(a: &[u64], n: usize) -> Limbs {
    if a.is_empty() {
        return Limbs::new();
    }
    let (whole, part) = (n / LIMB_DIGITS, n % LIMB_DIGITS);
    let mut w = Limbs::with_capacity(a.len() + whole + 1);
    w.resize(whole, 0);
    if part == 0 {
        w.extend_from_slice(a);
        return w;
    }
    let (up, down) = (POW10[part], POW10[LIMB_DIGITS - part]);
    let mut carry = 0;
    for &x in a {
        let (high, low) = (x / down, x % down);
        w.push(low * up + carry);
        carry = high;
    }
    if carry != 0 {
        w.push(carry);
    }
    w
}

/// How what a shift cut off compares with half a unit of what is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    Zero,
    Below,
    Half,
    Above,
}

impl Rest {
    /// Of a remainder in `0..unit`; `unit` is even.
    #[inline(always)]
    pub fn of<T: Ord + Default>(r: T, half: T) -> Rest {
        if r == T::default() {
            return Rest::Zero;
        }
        match r.cmp(&half) {
            Ordering::Less => Rest::Below,
            Ordering::Equal => Rest::Half,
            Ordering::Greater => Rest::Above,
        }
    }

    /// The same with more digits known behind it.
    pub fn with_tail(self, tail_is_zero: bool) -> Rest {
        match (self, tail_is_zero) {
            (r, true) => r,
            (Rest::Zero, false) => Rest::Below,
            (Rest::Half, false) => Rest::Above,
            (r, false) => r,
        }
    }
}

fn all_zero(v: &[u64]) -> bool {
    v.iter().all(|&x| x == 0)
}

/// `a / 10^n` rounded down, trimmed, and what was cut off.
pub fn shift_right(a: &[u64], n: usize) -> (Limbs, Rest) {
    let (whole, part) = (n / LIMB_DIGITS, n % LIMB_DIGITS);
    if whole > a.len() || (whole == a.len() && part > 0) {
        let rest = if all_zero(a) { Rest::Zero } else { Rest::Below };
        return (Limbs::new(), rest);
    }
    let (cut, kept) = a.split_at(whole);
    if part == 0 {
        let rest = match cut.split_last() {
            None => Rest::Zero,
            Some((&top, tail)) => Rest::of(top, RADIX / 2).with_tail(all_zero(tail)),
        };
        let mut w = Limbs::from_slice(kept);
        trim(&mut w);
        return (w, rest);
    }
    let (down, up) = (POW10[part], POW10[LIMB_DIGITS - part]);
    let mut w = Limbs::with_capacity(kept.len());
    let first = kept[0] % down;
    for (i, &x) in kept.iter().enumerate() {
        let above = kept.get(i + 1).map_or(0, |&y| y % down);
        w.push(x / down + above * up);
    }
    trim(&mut w);
    (w, Rest::of(first, down / 2).with_tail(all_zero(cut)))
}

/// Trailing decimal zeros of a number that is not 0.
pub fn trailing_zeros(a: &[u64]) -> usize {
    let whole = a.iter().take_while(|&&x| x == 0).count();
    let Some(&x) = a.get(whole) else { return 0 };
    whole * LIMB_DIGITS + trailing_zeros_u64(x)
}

pub fn trailing_zeros_u64(x: u64) -> usize {
    let mut n = 0;
    while n + 1 < LIMB_DIGITS && x % POW10[n + 1] == 0 {
        n += 1;
    }
    n
}
