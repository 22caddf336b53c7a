//! Number theory: gcd, square root, modular powers and inverses, factorials.

use super::bits::shl;
use super::limb60;
use super::mul_div::{divmod_floor, mul};
use super::{Int, IntRef, TooLarge, arith, from_ubig, to_ubig};
use dashu_int::fast_div::ConstDivisor;
use dashu_int::ops::{Gcd, SquareRoot};

pub fn gcd(a: IntRef, b: IntRef) -> Int {
    if let (Some(mut x), Some(mut y)) = (a.small_magnitude(), b.small_magnitude()) {
        while y != 0 {
            if let (Ok(mut p), Ok(mut q)) = (u64::try_from(x), u64::try_from(y)) {
                while q != 0 {
                    (p, q) = (q, p % q);
                }
                return Int::from_u64(false, p);
            }
            (x, y) = (y, x % y);
        }
        return Int::from_u128(false, x);
    }
    if a.is_zero() {
        return b.abs().to_owned();
    }
    if b.is_zero() {
        return a.abs().to_owned();
    }
    from_ubig(false, &to_ubig(a.digits).gcd(to_ubig(b.digits)))
}

pub fn lcm(a: IntRef, b: IntRef) -> Int {
    if a.is_zero() || b.is_zero() {
        return Int::zero();
    }
    let g = gcd(a, b);
    let (q, _) = divmod_floor(a.abs(), g.as_ref()).expect("a gcd of non-zero numbers");
    mul(q.as_ref(), b.abs())
}

/// Floor of the square root of a non-negative number.
pub fn isqrt(a: IntRef) -> Int {
    debug_assert!(!a.negative);
    if let Some(m) = a.small_magnitude() {
        return Int::from_u128(false, m.isqrt());
    }
    from_ubig(false, &to_ubig(a.digits).sqrt())
}

/// a^-1 modulo m, in [0, |m|); `None` where there is none. `m` is not zero.
pub fn mod_inverse(a: IntRef, m: IntRef) -> Option<Int> {
    let m = m.abs();
    if matches!(*m.digits, [1]) {
        return Some(Int::zero());
    }
    let (_, a) = divmod_floor(a, m)?;
    if let (Some(x), Some(n)) = (a.as_ref().small(), m.small()) {
        let (mut r0, mut r1, mut t0, mut t1) = (n, x, 0i128, 1i128);
        while r1 != 0 {
            let q = r0 / r1;
            (r0, r1) = (r1, r0 - q * r1);
            (t0, t1) = (t1, t0 - q * t1);
        }
        return (r0 == 1).then(|| Int::from_i128(t0.rem_euclid(n)));
    }
    if a.is_zero() {
        return None;
    }
    let ring = ConstDivisor::new(to_ubig(m.digits));
    let inverse = ring.reduce(to_ubig(&a.digits)).inv()?;
    Some(from_ubig(false, &inverse.residue()))
}

/// Python's three-argument `pow`. `m` is not zero; `None` if a negative exponent meets a base
/// without inverse. The result has the sign of `m`.
pub fn mod_pow(a: IntRef, e: IntRef, m: IntRef) -> Option<Int> {
    if matches!(*m.digits, [1]) {
        return Some(Int::zero());
    }
    let inverse;
    let (base, exponent) = if e.negative {
        inverse = mod_inverse(a, m)?;
        (inverse.as_ref(), e.abs())
    } else {
        (a, e)
    };
    let modulus = m.abs();
    let (_, base) = divmod_floor(base, modulus)?;
    let r = match modulus.small_magnitude().and_then(|n| u64::try_from(n).ok()) {
        Some(n) => {
            let b = base.as_ref().to_u64().expect("below the modulus");
            Int::from_u64(false, mod_pow_word(b, exponent, n))
        }
        None => {
            let ring = ConstDivisor::new(to_ubig(modulus.digits));
            let power = ring.reduce(to_ubig(&base.digits)).pow(&to_ubig(exponent.digits));
            from_ubig(false, &power.residue())
        }
    };
    if m.negative && !r.is_zero() {
        return Some(arith::add(r.as_ref(), m));
    }
    Some(r)
}

fn mod_pow_word(base: u64, exponent: IntRef, n: u64) -> u64 {
    if n >> 32 == 0 {
        power_by(exponent, 1 % n, base, |x, y| x * y % n)
    } else {
        power_by(exponent, 1, base, |x, y| (x as u128 * y as u128 % n as u128) as u64)
    }
}

/// Squares and products from the exponent's highest bit on.
#[inline(always)]
fn power_by(exponent: IntRef, one: u64, base: u64, times: impl Fn(u64, u64) -> u64) -> u64 {
    let mut r = one;
    let mut bits = super::bit_length(exponent);
    while bits > 0 {
        bits -= 1;
        r = times(r, r);
        let digit = exponent.digits[(bits / super::SHIFT as u64) as usize];
        if digit >> (bits % super::SHIFT as u64) & 1 == 1 {
            r = times(r, base);
        }
    }
    r
}

/// The product of what `factor` makes of start..=stop, by halves, so that factors of one size meet.
fn product(start: u64, stop: u64, factor: fn(u64) -> u64) -> Int {
    if start > stop {
        return Int::from_i64(1);
    }
    if stop - start < 8 && stop >> 60 != 0 {
        let mut r = Int::from_u64(false, factor(start));
        for i in (start..=stop).skip(1) {
            r = mul(r.as_ref(), Int::from_u64(false, factor(i)).as_ref());
        }
        return r;
    }
    if stop - start < 256 && stop >> 60 == 0 {
        return Int::from_digits(false, limb60::product((start..=stop).map(factor)));
    }
    let middle = start + (stop - start) / 2;
    mul(product(start, middle, factor).as_ref(), product(middle + 1, stop, factor).as_ref())
}

pub fn factorial(n: u64) -> Result<Int, TooLarge> {
    if n > 1 << 31 {
        return Err(TooLarge);
    }
    // The twos are counted instead of multiplied (Legendre).
    let odd = product(1, n, |i| i >> i.trailing_zeros());
    shl(odd.as_ref(), n - n.count_ones() as u64)
}

/// n * (n-1) * ... * (n-k+1).
pub fn perm(n: IntRef, k: u64) -> Result<Int, TooLarge> {
    falling(n, k)
}

/// Binomial coefficient; the caller passes the smaller of k and n - k.
pub fn comb(n: IntRef, k: u64) -> Result<Int, TooLarge> {
    if k == 0 {
        return Ok(Int::from_i64(1));
    }
    let top = falling(n, k)?;
    let bottom = factorial(k)?;
    let (q, _) = divmod_floor(top.as_ref(), bottom.as_ref()).expect("a factorial is not zero");
    Ok(q)
}

fn falling(n: IntRef, k: u64) -> Result<Int, TooLarge> {
    if k == 0 {
        return Ok(Int::from_i64(1));
    }
    if let Some(n) = n.to_u64() {
        if k > n {
            return Ok(Int::zero());
        }
        if k > 1 << 31 {
            return Err(TooLarge);
        }
        return Ok(product(n - k + 1, n, |i| i));
    }
    if k > 1 << 24 {
        return Err(TooLarge);
    }
    fn halves(n: IntRef, from: u64, count: u64) -> Int {
        if count == 1 {
            let step = Int::from_u64(false, from);
            return arith::sub(n, step.as_ref());
        }
        let left = count / 2;
        mul(halves(n, from, left).as_ref(), halves(n, from + left, count - left).as_ref())
    }
    Ok(halves(n, 0, k))
}
