//! Long division: Knuth's algorithm D below `RECURSIVE` limbs, Burnikel and Ziegler's recursion
//! above. And the integer square root, after Zimmermann.

use crate::limbs::{
    Limbs, add, add_into, cmp, div_word, mul_add_word, shift_left, shift_right, sub, sub_into,
    trim, trimmed,
};
use crate::mul::{mul, mul_into};
use crate::word::{RADIX, div_radix};
use std::cmp::Ordering;

/// Limbs of the divisor from which the recursion pays.
const RECURSIVE: usize = 60;

/// `u -= q * v` for a limb `q`; `u` has one limb more than `v`. The borrow out.
fn submul(u: &mut [u64], v: &[u64], q: u64) -> bool {
    let mut carry = 0u64;
    let mut borrow = 0u64;
    let (top, low) = u.split_last_mut().expect("one limb more than the divisor");
    for (x, &y) in low.iter_mut().zip(v) {
        let p = q as u128 * y as u128 + carry as u128;
        let (c, l) = div_radix((p >> 64) as u64, p as u64);
        carry = c;
        let l = l + borrow;
        if *x < l {
            *x = x.wrapping_add(RADIX).wrapping_sub(l);
            borrow = 1;
        } else {
            *x -= l;
            borrow = 0;
        }
    }
    let l = carry + borrow;
    if *top < l {
        *top = top.wrapping_add(RADIX).wrapping_sub(l);
        true
    } else {
        *top -= l;
        false
    }
}

/// Algorithm D: `u` becomes the remainder, `q` the quotient. `v` has at least two limbs, the top
/// one at least half the radix; `u` is as long as `v` and `q` together, its top part less than `v`.
fn knuth(q: &mut [u64], u: &mut [u64], v: &[u64]) {
    let n = v.len();
    let (v1, v2) = (v[n - 1], v[n - 2]);
    for j in (0..q.len()).rev() {
        let num = u[j + n] as u128 * RADIX as u128 + u[j + n - 1] as u128;
        let mut guess = num / v1 as u128;
        let mut rest = num % v1 as u128;
        while guess >= RADIX as u128
            || guess * v2 as u128 > rest * RADIX as u128 + u[j + n - 2] as u128
        {
            guess -= 1;
            rest += v1 as u128;
            if rest >= RADIX as u128 {
                break;
            }
        }
        let part = &mut u[j..=j + n];
        if submul(part, v, guess as u64) {
            guess -= 1;
            add_into(part, v);
        }
        q[j] = guess as u64;
    }
}

/// As `knuth` for `u` of twice the length of `v`.
fn two_by_one(q: &mut [u64], u: &mut [u64], v: &[u64]) {
    let n = v.len();
    if n < RECURSIVE || n % 2 == 1 {
        return knuth(q, u, v);
    }
    let h = n / 2;
    let (low, high) = q.split_at_mut(h);
    three_by_two(high, &mut u[h..], v);
    three_by_two(low, &mut u[..3 * h], v);
}

/// Three halves of `v` by its two: the remainder stays in the lower two.
fn three_by_two(q: &mut [u64], u: &mut [u64], v: &[u64]) {
    let h = q.len();
    let (v0, v1) = v.split_at(h);
    if u[2 * h..].iter().rev().cmp(v1.iter().rev()) == Ordering::Less {
        two_by_one(q, &mut u[h..], v1);
    } else {
        q.fill(RADIX - 1);
        sub_into(&mut u[2 * h..], v1);
        add_into(&mut u[h..], v1);
    }
    let mut t = Limbs::from_elem(0, 2 * h);
    mul_into(&mut t, q, v0);
    if sub_into(u, &t) {
        loop {
            sub_into(q, &[1]);
            if add_into(u, v) {
                break;
            }
        }
    }
}

/// Quotient and remainder, trimmed; `b` is trimmed and not empty.
pub fn div_rem(a: &[u64], b: &[u64]) -> (Limbs, Limbs) {
    if cmp(a, b) == Ordering::Less {
        return (Limbs::new(), Limbs::from_slice(a));
    }
    if let [d] = *b {
        let mut q = Limbs::from_slice(a);
        let r = div_word(&mut q, d);
        trim(&mut q);
        let mut rest = Limbs::from_elem(r, 1);
        trim(&mut rest);
        return (q, rest);
    }
    // The divisor's top limb becomes at least half the radix.
    let scale = RADIX / (b[b.len() - 1] + 1);
    // The recursion wants a length that halves evenly.
    let mut unit = 1;
    while b.len() / unit >= RECURSIVE {
        unit *= 2;
    }
    let pad = b.len().next_multiple_of(unit) - b.len();
    let scaled = |x: &[u64]| {
        let mut w = Limbs::with_capacity(x.len() + pad + 2);
        w.resize(pad, 0);
        w.extend_from_slice(x);
        mul_add_word(&mut w, scale, 0);
        w
    };
    let v = scaled(b);
    let mut u = scaled(a);
    let n = v.len();
    // The top part is less than the divisor.
    u.push(0);
    let mut q = Limbs::from_elem(0, u.len() - n);
    if n < RECURSIVE {
        knuth(&mut q, &mut u, &v);
    } else {
        let blocks = q.len().div_ceil(n);
        u.resize((blocks + 1) * n, 0);
        q.resize(blocks * n, 0);
        for j in (0..blocks).rev() {
            two_by_one(&mut q[j * n..(j + 1) * n], &mut u[j * n..(j + 2) * n], &v);
        }
    }
    let mut r = Limbs::from_slice(trimmed(&u[pad..n]));
    div_word(&mut r, scale);
    trim(&mut r);
    trim(&mut q);
    (q, r)
}

/// The square root rounded down, and whether it is exact.
pub fn isqrt(n: &[u64]) -> (Limbs, bool) {
    if n.is_empty() {
        return (Limbs::new(), true);
    }
    // An even count of limbs, the top one at least a quarter of the radix: then each step of the
    // recursion is off by at most a few units. Both by square factors.
    let mut half_shift = 0;
    let mut w = Limbs::from_slice(n);
    if n.len() % 2 == 1 {
        half_shift = if n[n.len() - 1] < RADIX / 10 { 10 } else { 9 };
        w = shift_left(n, 2 * half_shift);
    }
    let factor = (RADIX / (w[w.len() - 1] + 1)).isqrt().max(1);
    mul_add_word(&mut w, factor, 0);
    mul_add_word(&mut w, factor, 0);
    let (mut s, _) = sqrt_rem(&w);
    div_word(&mut s, factor);
    trim(&mut s);
    if half_shift > 0 {
        s = shift_right(&s, half_shift).0;
    }
    let exact = mul(&s, &s)[..] == *n;
    (s, exact)
}

/// Root and remainder.
fn sqrt_rem(n: &[u64]) -> (Limbs, Limbs) {
    if n.len() <= 2 {
        let value = n.iter().rev().fold(0u128, |a, &x| a * RADIX as u128 + x as u128);
        let s = value.isqrt();
        return (from_u128(s), from_u128(value - s * s));
    }
    // The lower two quarters are k limbs each. The length is even, at all depths.
    let k = n.len() / 4;
    let (low, high) = n.split_at(2 * k);
    let (a0, a1) = low.split_at(k);
    let (s1, r1) = sqrt_rem(high);
    let shifted = |x: &[u64], below: &[u64]| {
        let mut w = Limbs::with_capacity(x.len() + k);
        w.extend_from_slice(below);
        w.extend_from_slice(x);
        trim(&mut w);
        w
    };
    let (q, u) = div_rem(&shifted(&r1, a1), &add(&s1, &s1));
    let mut zero = Limbs::from_elem(0, k);
    zero.extend_from_slice(&s1);
    let mut s = add(&zero, &q);
    trim(&mut s);
    let mut r = shifted(&u, a0);
    let square = mul(&q, &q);
    // r - q^2, made non-negative by stepping the root down.
    let mut debt = if cmp(&r, &square) == Ordering::Less {
        let d = sub(&square, &r);
        r.clear();
        d
    } else {
        r = sub(&r, &square);
        Limbs::new()
    };
    while !debt.is_empty() {
        // (s)^2 - (s-1)^2 = 2s - 1.
        let gain = sub(&add(&s, &s), &[1]);
        s = sub(&s, &[1]);
        if cmp(&gain, &debt) == Ordering::Less {
            debt = sub(&debt, &gain);
        } else {
            r = sub(&gain, &debt);
            debt.clear();
        }
    }
    (s, r)
}

/// The trimmed limbs of a machine number below the radix squared.
pub fn from_u128(c: u128) -> Limbs {
    let mut w = Limbs::from_slice(&crate::word::split(c));
    trim(&mut w);
    w
}
