//! Shifts and bitwise operations; negative operands behave as infinite two's complement.

use super::arith::{add, sub};
use super::{Digits, Int, IntRef, MASK, MAX_DIGITS, SHIFT, TooLarge};

/// Bits of the magnitude.
pub fn bit_length(a: IntRef) -> u64 {
    match a.digits.last() {
        None => 0,
        Some(&top) => {
            (a.digits.len() as u64 - 1) * SHIFT as u64 + (32 - top.leading_zeros()) as u64
        }
    }
}

/// Ones in the magnitude.
pub fn bit_count(a: IntRef) -> u64 {
    a.digits.iter().map(|d| d.count_ones() as u64).sum()
}

/// Zero bits below the lowest one; `None` for zero.
pub fn trailing_zeros(a: IntRef) -> Option<u64> {
    let i = a.digits.iter().position(|&d| d != 0)?;
    Some(i as u64 * SHIFT as u64 + a.digits[i].trailing_zeros() as u64)
}

pub fn invert(a: IntRef) -> Int {
    let one = Int::from_i64(1);
    if a.negative {
        sub(a.abs(), one.as_ref())
    } else {
        let r = add(a, one.as_ref());
        r.with_sign(true)
    }
}

pub fn shl(a: IntRef, n: u64) -> Result<Int, TooLarge> {
    if a.is_zero() {
        return Ok(Int::zero());
    }
    let whole = n / SHIFT as u64;
    if whole + a.digits.len() as u64 >= MAX_DIGITS {
        return Err(TooLarge);
    }
    let (whole, part) = (whole as usize, (n % SHIFT as u64) as u32);
    let mut out = Digits::with_capacity(whole + a.digits.len() + 1);
    out.resize(whole, 0);
    let mut carry = 0u32;
    for &d in a.digits {
        let wide = (d as u64) << part | carry as u64;
        out.push(wide as u32 & MASK);
        carry = (wide >> SHIFT) as u32;
    }
    if carry != 0 {
        out.push(carry);
    }
    Ok(Int { negative: a.negative, digits: out })
}

/// Floor of a / 2^n.
pub fn shr(a: IntRef, n: u64) -> Int {
    let whole = n / SHIFT as u64;
    if whole >= a.digits.len() as u64 {
        return Int::from_i64(if a.negative { -1 } else { 0 });
    }
    let (whole, part) = (whole as usize, (n % SHIFT as u64) as u32);
    let lost =
        a.digits[..whole].iter().any(|&d| d != 0) || a.digits[whole] & ((1u32 << part) - 1) != 0;
    let rest = &a.digits[whole..];
    let mut out = Digits::with_capacity(rest.len() + 1);
    for (i, &d) in rest.iter().enumerate() {
        let high = rest.get(i + 1).copied().unwrap_or(0);
        out.push((d as u64 >> part) as u32 | ((high as u64) << (SHIFT - part)) as u32 & MASK);
    }
    let r = Int::from_digits(a.negative, out);
    if a.negative && lost {
        let one = Int::from_i64(1);
        return sub(r.as_ref(), one.as_ref());
    }
    r
}

/// The two's complement digits of an operand, least significant first, without end.
struct Complement<'a> {
    digits: std::slice::Iter<'a, u32>,
    negative: bool,
    carry: u32,
}

impl<'a> Complement<'a> {
    fn new(a: IntRef<'a>) -> Self {
        Complement { digits: a.digits.iter(), negative: a.negative, carry: a.negative as u32 }
    }

    fn next_digit(&mut self) -> u32 {
        let d = self.digits.next().copied().unwrap_or(0);
        if !self.negative {
            return d;
        }
        let wide = (!d & MASK) + self.carry;
        self.carry = wide >> SHIFT;
        wide & MASK
    }
}

fn bitwise(a: IntRef, b: IntRef, negative: bool, f: impl Fn(u32, u32) -> u32) -> Int {
    let n = a.digits.len().max(b.digits.len()) + negative as usize;
    let (mut x, mut y) = (Complement::new(a), Complement::new(b));
    let mut out = Digits::with_capacity(n);
    let mut carry = negative as u32;
    for _ in 0..n {
        let d = f(x.next_digit(), y.next_digit()) & MASK;
        if negative {
            let wide = (!d & MASK) + carry;
            carry = wide >> SHIFT;
            out.push(wide & MASK);
        } else {
            out.push(d);
        }
    }
    Int::from_digits(negative, out)
}

pub fn and(a: IntRef, b: IntRef) -> Int {
    if let (Some(x), Some(y)) = (a.small(), b.small()) {
        return Int::from_i128(x & y);
    }
    bitwise(a, b, a.negative & b.negative, |x, y| x & y)
}

pub fn or(a: IntRef, b: IntRef) -> Int {
    if let (Some(x), Some(y)) = (a.small(), b.small()) {
        return Int::from_i128(x | y);
    }
    bitwise(a, b, a.negative | b.negative, |x, y| x | y)
}

pub fn xor(a: IntRef, b: IntRef) -> Int {
    if let (Some(x), Some(y)) = (a.small(), b.small()) {
        return Int::from_i128(x ^ y);
    }
    bitwise(a, b, a.negative ^ b.negative, |x, y| x ^ y)
}
