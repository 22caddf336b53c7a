//! Addition, subtraction, comparison. Magnitude routines take the longer operand first.

use super::{Digits, Int, IntRef, MASK, SHIFT};
use std::cmp::Ordering;

pub fn cmp_magnitude(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

pub fn cmp(a: IntRef, b: IntRef) -> Ordering {
    match (a.negative, b.negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => cmp_magnitude(a.digits, b.digits),
        (true, true) => cmp_magnitude(b.digits, a.digits),
    }
}

pub(super) fn add_magnitude(a: &[u32], b: &[u32]) -> Digits {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut out: Digits = smallvec::smallvec![0; a.len() + 1];
    let mut carry = 0u32;
    let (low, high) = out.split_at_mut(b.len());
    for ((slot, &x), &y) in low.iter_mut().zip(a).zip(b) {
        carry += x + y;
        *slot = carry & MASK;
        carry >>= SHIFT;
    }
    for (slot, &x) in high.iter_mut().zip(&a[b.len()..]) {
        carry += x;
        *slot = carry & MASK;
        carry >>= SHIFT;
    }
    match carry {
        0 => {
            out.pop();
        }
        _ => out[a.len()] = carry,
    }
    out
}

/// |a| - |b| with its sign.
pub(super) fn sub_magnitude(a: &[u32], b: &[u32]) -> Int {
    let (a, b, negative) = match cmp_magnitude(a, b) {
        Ordering::Equal => return Int::zero(),
        Ordering::Greater => (a, b, false),
        Ordering::Less => (b, a, true),
    };
    let mut out: Digits = smallvec::smallvec![0; a.len()];
    let mut borrow = 0u32;
    let (low, high) = out.split_at_mut(b.len());
    for ((slot, &x), &y) in low.iter_mut().zip(a).zip(b) {
        let d = x.wrapping_sub(y).wrapping_sub(borrow);
        *slot = d & MASK;
        borrow = d >> SHIFT & 1;
    }
    for (slot, &x) in high.iter_mut().zip(&a[b.len()..]) {
        let d = x.wrapping_sub(borrow);
        *slot = d & MASK;
        borrow = d >> SHIFT & 1;
    }
    Int::from_digits(negative, out)
}

pub fn add(a: IntRef, b: IntRef) -> Int {
    if let (Some(x), Some(y)) = (a.small(), b.small()) {
        return Int::from_i128(x + y);
    }
    if a.negative == b.negative {
        Int { negative: a.negative, digits: add_magnitude(a.digits, b.digits) }
    } else {
        let r = sub_magnitude(a.digits, b.digits);
        let negative = r.negative != a.negative;
        r.with_sign(negative)
    }
}

pub fn sub(a: IntRef, b: IntRef) -> Int {
    if let (Some(x), Some(y)) = (a.small(), b.small()) {
        return Int::from_i128(x - y);
    }
    if a.negative != b.negative {
        Int { negative: a.negative, digits: add_magnitude(a.digits, b.digits) }
            .with_sign(if a.is_zero() { !b.negative } else { a.negative })
    } else {
        let r = sub_magnitude(a.digits, b.digits);
        let negative = r.negative != a.negative;
        r.with_sign(negative)
    }
}

pub fn neg(a: IntRef) -> Int {
    a.to_owned().with_sign(!a.negative)
}
