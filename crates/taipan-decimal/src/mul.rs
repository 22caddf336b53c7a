//! Long multiplication: columns of the schoolbook product summed in three words before one
//! reduction, Karatsuba's method above `KARATSUBA` limbs, number-theoretic transforms above `NTT`.

use crate::limbs::{Limbs, add_into, sub_into, trimmed};
use crate::ntt;
use crate::word::div_radix;

/// Limbs of the shorter operand from which Karatsuba's method pays.
const KARATSUBA: usize = 40;
/// Limbs of the shorter operand from which the transforms pay.
const NTT: usize = 600;

/// Adds a product to a sum of three words.
#[inline(always)]
fn accumulate(low: &mut u128, high: &mut u64, a: u64, b: u64) {
    let (s, over) = low.overflowing_add(a as u128 * b as u128);
    *low = s;
    *high += over as u64;
}

/// A sum of three words as its lowest limb and the rest, which is below 2^128.
#[inline(always)]
fn reduce(low: u128, high: u64) -> (u64, u128) {
    // high is a count of carries, far below the radix; so is what the first step leaves.
    let (q2, r) = div_radix(high, (low >> 64) as u64);
    let (q1, r) = div_radix(r, low as u64);
    (r, (q2 as u128) << 64 | q1 as u128)
}

/// `w = a * b`, all of `w` (as long as both operands together) written.
fn schoolbook(w: &mut [u64], a: &[u64], b: &[u64]) {
    let (n, m) = (a.len(), b.len());
    let (mut low, mut high) = (0u128, 0u64);
    for k in 0..n + m - 1 {
        let from = k.saturating_sub(m - 1);
        let to = k.min(n - 1);
        for (&x, &y) in a[from..=to].iter().zip(b[k - to..=k - from].iter().rev()) {
            accumulate(&mut low, &mut high, x, y);
        }
        (w[k], low) = reduce(low, high);
        high = 0;
    }
    w[n + m - 1] = low as u64;
}

/// `w = a * b` for operands of one length, which is at least 2.
fn karatsuba(w: &mut [u64], a: &[u64], b: &[u64]) {
    let n = a.len();
    let half = n / 2;
    let (a0, a1) = a.split_at(half);
    let (b0, b1) = b.split_at(half);
    let (low, high) = w.split_at_mut(2 * half);
    same_length(low, a0, b0);
    same_length(high, a1, b1);
    let upper = n - half;
    let mut sa = Limbs::from_slice(a1);
    let mut sb = Limbs::from_slice(b1);
    sa.push(0);
    sb.push(0);
    add_into(&mut sa, a0);
    add_into(&mut sb, b0);
    let mut mid = Limbs::from_elem(0, 2 * (upper + 1));
    same_length(&mut mid, &sa, &sb);
    sub_into(&mut mid, low);
    sub_into(&mut mid, high);
    add_into(&mut w[half..], trimmed(&mid));
}

fn same_length(w: &mut [u64], a: &[u64], b: &[u64]) {
    if a.len() < KARATSUBA {
        if a.is_empty() {
            return;
        }
        schoolbook(w, a, b)
    } else if a.len() < NTT {
        karatsuba(w, a, b)
    } else {
        ntt::multiply(w, a, b)
    }
}

/// Writes `a * b` over `w`, which is as long as both together.
pub fn mul_into(w: &mut [u64], a: &[u64], b: &[u64]) {
    debug_assert_eq!(w.len(), a.len() + b.len());
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    if b.is_empty() {
        return w.fill(0);
    }
    if b.len() < KARATSUBA {
        return schoolbook(w, a, b);
    }
    if b.len() >= NTT && a.len() < 8 * b.len() {
        return ntt::multiply(w, a, b);
    }
    if a.len() == b.len() {
        return same_length(w, a, b);
    }
    // Pieces of the longer operand as long as the shorter one.
    w.fill(0);
    let mut at = 0;
    for piece in a.chunks(b.len()) {
        let mut part = Limbs::from_elem(0, piece.len() + b.len());
        mul_into(&mut part, piece, b);
        add_into(&mut w[at..], &part);
        at += piece.len();
    }
}

/// The product, trimmed if the operands are.
pub fn mul(a: &[u64], b: &[u64]) -> Limbs {
    if a.is_empty() || b.is_empty() {
        return Limbs::new();
    }
    let mut w = Limbs::from_elem(0, a.len() + b.len());
    mul_into(&mut w, a, b);
    if w.last() == Some(&0) {
        w.pop();
    }
    w
}
