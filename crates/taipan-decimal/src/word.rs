//! Machine words: powers of ten, division by the radix through its reciprocal, 256-bit products.

/// The base of a limb.
pub const RADIX: u64 = 10_000_000_000_000_000_000;
/// Decimal digits in a limb.
pub const LIMB_DIGITS: usize = 19;
/// Coefficients below this are one machine number (38 digits).
pub const SMALL_LIMIT: u128 = POW10_WIDE[38];

/// 10^0 to 10^19.
pub const POW10: [u64; 20] = {
    let mut t = [1u64; 20];
    let mut i = 1;
    while i < 20 {
        t[i] = t[i - 1] * 10;
        i += 1;
    }
    t
};

/// 10^0 to 10^38.
pub const POW10_WIDE: [u128; 39] = {
    let mut t = [1u128; 39];
    let mut i = 1;
    while i < 39 {
        t[i] = t[i - 1] * 10;
        i += 1;
    }
    t
};

/// floor((2^128 - 1) / RADIX) - 2^64.
const RECIPROCAL: u64 = (u128::MAX / RADIX as u128 - (1u128 << 64)) as u64;

/// Quotient and remainder of `hi * 2^64 + lo` by the radix; `hi < RADIX`. (Möller and Granlund,
/// "Improved division by invariant integers".)
#[inline(always)]
pub fn div_radix(hi: u64, lo: u64) -> (u64, u64) {
    let q = RECIPROCAL as u128 * hi as u128 + ((hi as u128) << 64 | lo as u128);
    let mut q1 = ((q >> 64) as u64).wrapping_add(1);
    let mut r = lo.wrapping_sub(q1.wrapping_mul(RADIX));
    if r > q as u64 {
        q1 = q1.wrapping_sub(1);
        r = r.wrapping_add(RADIX);
    }
    if r >= RADIX {
        q1 = q1.wrapping_add(1);
        r -= RADIX;
    }
    (q1, r)
}

/// The two limbs of a number below 10^38.
#[inline(always)]
pub fn split(c: u128) -> [u64; 2] {
    let (hi, lo) = div_radix((c >> 64) as u64, c as u64);
    [lo, hi]
}

/// Decimal digits of a number; 1 for 0.
#[inline(always)]
pub fn digits_u64(c: u64) -> usize {
    // 1233 / 4096 is just over log10(2).
    let guess = ((64 - (c | 1).leading_zeros()) * 1233 >> 12) as usize;
    guess + (c >= POW10[guess]) as usize + (c == 0 && guess == 0) as usize
}

/// Decimal digits of a number below 10^38; 1 for 0.
#[inline(always)]
pub fn digits_u128(c: u128) -> usize {
    if c >> 64 == 0 {
        return digits_u64(c as u64);
    }
    let guess = ((128 - c.leading_zeros()) * 1233 >> 12) as usize;
    guess + (guess < 39 && c >= POW10_WIDE[guess]) as usize
}

/// A 256-bit number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Wide {
    pub hi: u128,
    pub lo: u128,
}

#[inline(always)]
fn halves(x: u128) -> (u64, u64) {
    ((x >> 64) as u64, x as u64)
}

/// The product of two machine numbers.
#[inline(always)]
pub fn mul_wide(a: u128, b: u128) -> Wide {
    let (a1, a0) = halves(a);
    let (b1, b0) = halves(b);
    let low = a0 as u128 * b0 as u128;
    let m1 = a1 as u128 * b0 as u128;
    let m2 = a0 as u128 * b1 as u128;
    let high = a1 as u128 * b1 as u128;
    let (mid, c1) = m1.overflowing_add(m2);
    let (lo, c2) = low.overflowing_add(mid << 64);
    Wide { hi: high + (mid >> 64) + ((c1 as u128) << 64) + c2 as u128, lo }
}

/// Quotient and remainder of three words by two; the divisor's top bit is set and `a` as its two
/// upper words is less than it.
#[inline(always)]
fn div_3_by_2(a2: u64, a1: u64, a0: u64, d1: u64, d0: u64) -> (u64, u128) {
    let d = (d1 as u128) << 64 | d0 as u128;
    let top = (a2 as u128) << 64 | a1 as u128;
    let (mut q, mut r) = if a2 >= d1 {
        (u64::MAX, top - (d1 as u128) * (u64::MAX as u128))
    } else {
        ((top / d1 as u128) as u64, top % d1 as u128)
    };
    // r may need more than a word only where no correction follows.
    while r >> 64 == 0 && q as u128 * d0 as u128 > (r << 64 | a0 as u128) {
        q -= 1;
        r += d1 as u128;
    }
    let low = ((a1 as u128) << 64 | a0 as u128).wrapping_sub(d.wrapping_mul(q as u128));
    (q, low)
}

/// Quotient and remainder of a 256-bit number whose upper half is less than the divisor.
#[inline]
pub fn div_wide(n: Wide, d: u128) -> (u128, u128) {
    debug_assert!(n.hi < d);
    if n.hi == 0 {
        if n.lo >> 64 == 0 && d >> 64 == 0 {
            return ((n.lo as u64 / d as u64) as u128, (n.lo as u64 % d as u64) as u128);
        }
        return (n.lo / d, n.lo % d);
    }
    let s = d.leading_zeros();
    let (d, hi, lo) =
        if s == 0 { (d, n.hi, n.lo) } else { (d << s, n.hi << s | n.lo >> (128 - s), n.lo << s) };
    let (d1, d0) = halves(d);
    let (h1, h0) = halves(hi);
    let (l1, l0) = halves(lo);
    let (q1, r) = div_3_by_2(h1, h0, l1, d1, d0);
    let (r1, r0) = halves(r);
    let (q0, r) = div_3_by_2(r1, r0, l0, d1, d0);
    ((q1 as u128) << 64 | q0 as u128, r >> s)
}

/// Quotient and remainder of a number by 10^n, n up to 38.
#[inline]
pub fn div_pow10(c: u128, n: usize) -> (u128, u128) {
    if c >> 64 == 0 {
        if n >= 20 {
            return (0, c);
        }
        let d = POW10[n];
        return ((c as u64 / d) as u128, (c as u64 % d) as u128);
    }
    let d = POW10_WIDE[n];
    (c / d, c % d)
}
