//! Coefficients to and from binary digits of 30 bits, as ints have them. Halving recursion above
//! `SPLIT` digits, so that long numbers take as long as a few products.

use crate::Dec;
use crate::coeff::{Coeff, CoeffRef};
use crate::div::div_rem;
use crate::limbs::{Limbs, add, mul_add_word, trim};
use crate::mul::mul;
use crate::word::RADIX;

/// Digits of 30 bits up to which the quadratic method is used.
const SPLIT: usize = 400;

/// From little-endian digits of 30 bits.
pub fn from_digits30(digits: &[u32]) -> Coeff {
    if digits.len() <= 4 {
        return Coeff::from(digits.iter().rev().fold(0u128, |a, &d| a << 30 | d as u128));
    }
    // 2^(30 * SPLIT * 2^i), as far as needed.
    let mut powers = vec![];
    if digits.len() > SPLIT {
        let mut one = vec![0u32; SPLIT + 1];
        one[SPLIT] = 1;
        powers.push(short_from(&one));
        while SPLIT << powers.len() < digits.len() {
            let last = &powers[powers.len() - 1];
            powers.push(mul(last, last));
        }
    }
    Coeff::from(from_part(digits, &powers))
}

/// A finite double, exactly: m * 2^e, for a negative e as m * 5^-e * 10^e.
pub fn from_f64(x: f64) -> Dec {
    let bits = x.to_bits();
    let negative = x.is_sign_negative();
    let raw = (bits >> 52 & 0x7ff) as i64;
    let mut m = bits & ((1 << 52) - 1);
    let mut e = -1074;
    if raw != 0 {
        m |= 1 << 52;
        e = raw - 1075;
    }
    if m == 0 {
        return Dec::zero(negative, 0);
    }
    let twos = m.trailing_zeros() as i64;
    m >>= twos;
    e += twos;
    let (base, exp) = if e >= 0 { (2, 0) } else { (5, e) };
    let power = crate::power::pow_coeff(CoeffRef::Small(base), e.unsigned_abs());
    Dec::finite(negative, CoeffRef::Small(m as u128).mul(power.get()), exp)
}

fn short_from(digits: &[u32]) -> Limbs {
    let mut w = Limbs::new();
    // Two digits at a time: 60 bits.
    let mut rest = digits;
    if rest.len() % 2 == 1 {
        w.push(rest[rest.len() - 1] as u64);
        rest = &rest[..rest.len() - 1];
        trim(&mut w);
    }
    for pair in rest.rchunks(2) {
        mul_add_word(&mut w, 1 << 60, (pair[1] as u64) << 30 | pair[0] as u64);
    }
    w
}

fn from_part(digits: &[u32], powers: &[Limbs]) -> Limbs {
    if digits.len() <= SPLIT {
        return short_from(digits);
    }
    let mut level = 0;
    while SPLIT << (level + 1) < digits.len() {
        level += 1;
    }
    let (low, high) = digits.split_at(SPLIT << level);
    let high = mul(&from_part(high, powers), &powers[level]);
    let mut w = add(&high, &from_part(low, powers));
    trim(&mut w);
    w
}

/// As little-endian digits of 30 bits without leading zeros.
pub fn to_digits30(c: CoeffRef<'_>) -> Vec<u32> {
    let mut out = Vec::new();
    match c {
        CoeffRef::Small(mut c) => {
            while c != 0 {
                out.push(c as u32 & ((1 << 30) - 1));
                c >>= 30;
            }
        }
        CoeffRef::Big(w) => {
            // 3 digits hold more than a limb takes; 2.11 digits a limb.
            let mut powers: Vec<Limbs> = vec![];
            if w.len() > SPLIT / 2 {
                let mut one = vec![0u32; SPLIT + 1];
                one[SPLIT] = 1;
                powers.push(short_from(&one));
                while powers[powers.len() - 1].len() * 2 <= w.len() {
                    let last = &powers[powers.len() - 1];
                    powers.push(mul(last, last));
                }
            }
            to_part(Limbs::from_slice(w), &powers, None, &mut out);
        }
    }
    while out.last() == Some(&0) {
        out.pop();
    }
    out
}

/// Appends a number's digits, padded to `width`.
fn to_part(mut w: Limbs, powers: &[Limbs], width: Option<usize>, out: &mut Vec<u32>) {
    match powers.split_last() {
        Some((p, lower)) if width.is_some() || crate::limbs::cmp(&w, p).is_ge() => {
            let half = SPLIT << lower.len();
            let (high, low) = div_rem(&w, p);
            to_part(low, lower, Some(half), out);
            to_part(high, lower, width.map(|n| n - half), out);
        }
        Some((_, lower)) => to_part(w, lower, width, out),
        None => {
            let start = out.len();
            while !w.is_empty() {
                // Divide by 2^60 from the top.
                let mut r = 0u64;
                for x in w.iter_mut().rev() {
                    let n = r as u128 * RADIX as u128 + *x as u128;
                    *x = (n >> 60) as u64;
                    r = n as u64 & ((1 << 60) - 1);
                }
                trim(&mut w);
                out.push(r as u32 & ((1 << 30) - 1));
                out.push((r >> 30) as u32);
            }
            if let Some(n) = width {
                out.resize(start + n, 0);
            }
        }
    }
}
