//! Fixed-point numbers, integers that count units of the radix to the power -`n`, and the series
//! of the elementary functions on them. Errors are a few units; callers keep guard digits.

use crate::div::div_rem;
use crate::limbs::{Limbs, add, cmp, div_word, sub, trim};
use crate::mul::mul;
use crate::word::LIMB_DIGITS;
use std::sync::Mutex;

/// The limbs from `n` on: division by the radix to the power `n`.
pub fn drop_low(mut w: Limbs, n: usize) -> Limbs {
    if n >= w.len() {
        return Limbs::new();
    }
    w.drain(..n);
    w
}

/// Times the radix to the power `n`.
pub fn raise(w: &[u64], n: usize) -> Limbs {
    if w.is_empty() {
        return Limbs::new();
    }
    let mut r = Limbs::from_elem(0, n);
    r.extend_from_slice(w);
    r
}

/// The product at `n` fraction limbs.
pub fn product(a: &[u64], b: &[u64], n: usize) -> Limbs {
    drop_low(mul(a, b), n)
}

/// The quotient at `n` fraction limbs.
pub fn quotient(a: &[u64], b: &[u64], n: usize) -> Limbs {
    div_rem(&raise(a, n), b).0
}

/// 1 at `n` fraction limbs.
pub fn one(n: usize) -> Limbs {
    raise(&[1], n)
}

fn halve(w: &mut Limbs, times: usize) {
    let mut left = times;
    while left > 0 {
        let step = left.min(31);
        div_word(w, 1 << step);
        left -= step;
    }
    trim(w);
}

/// `exp(r)` for `r` in 0..4.
pub fn exp(r: &[u64], n: usize) -> Limbs {
    // Halving k times and squaring k times balances the terms of the series; squaring doubles the
    // error, which k / 63 limbs more take up.
    let bits = 63 * n;
    let k = (bits as f64).sqrt() as usize * 3 / 4 + 2;
    let extra = k / 62 + 1;
    let m = n + extra;
    let mut x = raise(r, extra);
    halve(&mut x, k);
    let mut sum = one(m);
    let mut term = sum.clone();
    let mut i = 1;
    loop {
        term = product(&term, &x, m);
        div_word(&mut term, i);
        trim(&mut term);
        if term.is_empty() {
            break;
        }
        sum = add(&sum, &term);
        i += 1;
    }
    for _ in 0..k {
        sum = product(&sum, &sum, m);
    }
    drop_low(sum, extra)
}

/// The sum of z^(2i+1) / (2i+1), for `z` at `n` fraction limbs and its square, which may be scaled
/// differently.
pub fn atanh_series(z: &[u64], square: &[u64], n: usize) -> Limbs {
    let mut sum = Limbs::from_slice(z);
    let mut power = Limbs::from_slice(z);
    let mut i = 3;
    loop {
        power = product(&power, square, n);
        if power.is_empty() {
            return sum;
        }
        let mut term = power.clone();
        div_word(&mut term, i);
        trim(&mut term);
        if term.is_empty() {
            return sum;
        }
        sum = add(&sum, &term);
        i += 2;
    }
}

/// `count * atanh(1 / q)`.
fn atanh_inverse(q: u64, count: u64, n: usize) -> Limbs {
    let mut power = raise(&[count], n);
    div_word(&mut power, q);
    trim(&mut power);
    let mut sum = power.clone();
    let mut i = 3;
    loop {
        div_word(&mut power, q * q);
        trim(&mut power);
        if power.is_empty() {
            return sum;
        }
        let mut term = power.clone();
        div_word(&mut term, i);
        trim(&mut term);
        sum = add(&sum, &term);
        i += 2;
    }
}

/// The longest value of ln(10) so far and its fraction limbs.
static LN10: Mutex<(usize, Vec<u64>)> = Mutex::new((0, Vec::new()));

/// ln(10).
pub fn ln10(n: usize) -> Limbs {
    {
        let known = LN10.lock().unwrap_or_else(|e| e.into_inner());
        if known.0 >= n {
            return Limbs::from_slice(&known.1[known.0 - n..]);
        }
    }
    // One limb more for the errors of the series.
    let m = n + 1;
    let sum = add(&atanh_inverse(31, 46, m), &atanh_inverse(49, 34, m));
    let sum = add(&sum, &atanh_inverse(161, 20, m));
    let result = drop_low(sum, 1);
    let mut known = LN10.lock().unwrap_or_else(|e| e.into_inner());
    if known.0 < n {
        *known = (n, result.to_vec());
    }
    result
}

/// A fixed-point number below 10^19 as a double.
pub fn to_f64(w: &[u64], n: usize) -> f64 {
    let at = |i: usize| w.get(i).map_or(0.0, |&x| x as f64);
    let mut value = 0.0;
    let mut unit = 1e19;
    for i in (0..=n).rev() {
        unit /= 1e19;
        value += at(i) * unit;
        if unit < 1e-30 {
            break;
        }
    }
    value
}

/// A double in 0..10^9 as a fixed-point number.
fn from_f64(x: f64, n: usize) -> Limbs {
    let whole = x.floor();
    let part = ((x - whole) * 1e19) as u64;
    let mut w = Limbs::from_elem(0, n - 1);
    w.push(part.min(crate::word::RADIX - 1));
    w.push(whole as u64);
    trim(&mut w);
    w
}

/// `ln(x)` for `x` in 1..10, by steps that triple the digits.
pub fn ln(x: &[u64], n: usize) -> Limbs {
    let mut y = if n <= 2 {
        from_f64(to_f64(x, n).ln().max(0.0), n)
    } else {
        let m = n / 3 + 1;
        raise(&ln(&drop_low(Limbs::from_slice(x), n - m), m), n - m)
    };
    // y + 2 (x - e^y) / (x + e^y)
    let e = exp(&y, n);
    let total = add(x, &e);
    if cmp(x, &e).is_ge() {
        let d = sub(x, &e);
        y = add(&y, &quotient(&add(&d, &d), &total, n));
    } else {
        let d = sub(&e, x);
        let step = quotient(&add(&d, &d), &total, n);
        y = if cmp(&y, &step).is_ge() { sub(&y, &step) } else { Limbs::new() };
    }
    trim(&mut y);
    y
}

/// Fraction limbs for this many digits.
pub fn limbs_for(digits: i64) -> usize {
    (digits.max(1) as usize).div_ceil(LIMB_DIGITS)
}
