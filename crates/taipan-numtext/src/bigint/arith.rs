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

/// Two digits as one number.
#[inline(always)]
fn pair(p: &[u32]) -> u64 {
    p[0] as u64 | (p[1] as u64) << SHIFT
}

#[inline(always)]
fn set_pair(slot: &mut [u32], v: u64) {
    slot[0] = v as u32 & MASK;
    slot[1] = (v >> SHIFT) as u32 & MASK;
}

pub(super) fn add_magnitude(a: &[u32], b: &[u32]) -> Digits {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut out: Digits = smallvec::smallvec![0; a.len() + 1];
    let mut carry = 0u64;
    let pairs = out.chunks_exact_mut(2).zip(a.chunks_exact(2)).zip(b.chunks_exact(2));
    for ((slot, x), y) in pairs {
        let sum = pair(x) + pair(y) + carry;
        set_pair(slot, sum);
        carry = sum >> (2 * SHIFT);
    }
    let mut carry = carry as u32;
    for i in b.len() & !1..a.len() {
        if carry == 0 && i >= b.len() {
            out[i..a.len()].copy_from_slice(&a[i..]);
            break;
        }
        carry += a[i] + b.get(i).unwrap_or(&0);
        out[i] = carry & MASK;
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
    let mut borrow = 0u64;
    let pairs = out.chunks_exact_mut(2).zip(a.chunks_exact(2)).zip(b.chunks_exact(2));
    for ((slot, x), y) in pairs {
        let d = pair(x).wrapping_sub(pair(y)).wrapping_sub(borrow);
        set_pair(slot, d);
        borrow = d >> 63;
    }
    let mut borrow = borrow as u32;
    for i in b.len() & !1..a.len() {
        if borrow == 0 && i >= b.len() {
            out[i..].copy_from_slice(&a[i..]);
            break;
        }
        let d = a[i].wrapping_sub(*b.get(i).unwrap_or(&0)).wrapping_sub(borrow);
        out[i] = d & MASK;
        borrow = d >> 31;
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
