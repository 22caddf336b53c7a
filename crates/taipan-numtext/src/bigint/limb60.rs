//! Two digits at a time: products, division by one word and decimal text of numbers too short for
//! the algorithm library. A limb has 60 bits, so that a column of a product is summed in 128 bits
//! without a look at carries.

use super::{Digits, MASK, SHIFT};
use smallvec::SmallVec;

const BITS: u32 = 2 * SHIFT;
const MASK60: u64 = (1 << BITS) - 1;

/// Limbs of a temporary; 16 (32 digits) stay off the heap.
type Limbs = SmallVec<[u64; 16]>;

/// Operands of a product, in limbs, whose columns cannot overflow: 2^8 products of 120 bits.
pub const MAX_COLUMN: usize = 255;

#[inline(always)]
fn pack(digits: &[u32]) -> Limbs {
    let mut out = Limbs::with_capacity(digits.len().div_ceil(2));
    let pairs = digits.chunks_exact(2);
    let last = pairs.remainder();
    out.extend(pairs.map(|p| p[0] as u64 | (p[1] as u64) << SHIFT));
    out.extend(last.iter().map(|&d| d as u64));
    out
}

/// Digits with leading zeros.
#[inline(always)]
fn unpack(limbs: &[u64]) -> Digits {
    let mut out: Digits = smallvec::smallvec![0; 2 * limbs.len()];
    for (pair, &x) in out.chunks_exact_mut(2).zip(limbs) {
        pair[0] = x as u32 & MASK;
        pair[1] = (x >> SHIFT) as u32;
    }
    out
}

/// The product, with leading zeros. The shorter operand has at most `2 * MAX_COLUMN` digits.
pub fn mul(a: &[u32], b: &[u32]) -> Digits {
    let x = pack(a);
    if std::ptr::eq(a, b) {
        return unpack(&square(&x));
    }
    let y = pack(b);
    let (n, m) = (x.len(), y.len());
    let mut out: Limbs = smallvec::smallvec![0; n + m];
    let mut sum = 0u128;
    for (k, slot) in out.iter_mut().enumerate().take(n + m - 1) {
        let from = k.saturating_sub(m - 1);
        let to = k.min(n - 1);
        for (&p, &q) in x[from..=to].iter().zip(y[k - to..=k - from].iter().rev()) {
            sum += p as u128 * q as u128;
        }
        *slot = sum as u64 & MASK60;
        sum >>= BITS;
    }
    out[n + m - 1] = sum as u64;
    unpack(&out)
}

/// The product with one limb, with leading zeros.
pub fn mul_limb(a: &[u32], limb: u64) -> Digits {
    debug_assert!(limb <= MASK60);
    let mut out: Digits = smallvec::smallvec![0; a.len() + 2];
    let mut carry = 0u64;
    let pairs = a.chunks_exact(2);
    let last = pairs.remainder();
    for (slot, p) in out.chunks_exact_mut(2).zip(pairs) {
        let x = p[0] as u64 | (p[1] as u64) << SHIFT;
        let sum = x as u128 * limb as u128 + carry as u128;
        slot[0] = sum as u32 & MASK;
        slot[1] = (sum >> SHIFT) as u32 & MASK;
        carry = (sum >> BITS) as u64;
    }
    let n = a.len();
    if let [d] = *last {
        let sum = d as u128 * limb as u128 + carry as u128;
        out[n - 1] = sum as u32 & MASK;
        carry = (sum >> SHIFT) as u64;
    }
    out[n] = carry as u32 & MASK;
    out[n + 1] = (carry >> SHIFT) as u32;
    out
}

/// The product of numbers from 1 to below 2^60, with leading zeros.
pub fn product(factors: impl Iterator<Item = u64>) -> Digits {
    let mut w: Limbs = smallvec::smallvec![1];
    let mut times = |word: u64| {
        let mut carry = 0u64;
        for x in w.iter_mut() {
            let sum = *x as u128 * word as u128 + carry as u128;
            *x = sum as u64 & MASK60;
            carry = (sum >> BITS) as u64;
        }
        if carry != 0 {
            w.push(carry);
        }
    };
    let mut word = 1u64;
    for f in factors {
        debug_assert!(f <= MASK60);
        match word.checked_mul(f).filter(|&p| p <= MASK60) {
            Some(p) => word = p,
            None => {
                times(word);
                word = f;
            }
        }
    }
    times(word);
    unpack(&w)
}

fn square(x: &[u64]) -> Limbs {
    let n = x.len();
    let mut out: Limbs = smallvec::smallvec![0; 2 * n];
    let mut carry = 0u128;
    for (k, slot) in out.iter_mut().enumerate().take(2 * n - 1) {
        let from = k.saturating_sub(n - 1);
        let half = k.div_ceil(2);
        let mut sum = 0u128;
        // The products of two different limbs come twice.
        for (&p, &q) in x[from..half].iter().zip(x[k + 1 - half..=k - from].iter().rev()) {
            sum += p as u128 * q as u128;
        }
        sum <<= 1;
        if k % 2 == 0 {
            sum += x[k / 2] as u128 * x[k / 2] as u128;
        }
        carry += sum;
        *slot = carry as u64 & MASK60;
        carry >>= BITS;
    }
    out[2 * n - 1] = carry as u64;
    out
}

/// Division of limbs by one word, through its reciprocal (Möller and Granlund, "Improved division
/// by invariant integers").
struct Divisor {
    /// The divisor moved up to 64 bits.
    d: u64,
    shift: u32,
    reciprocal: u64,
}

impl Divisor {
    /// `d` is below 2^60 and not zero.
    const fn new(d: u64) -> Divisor {
        let shift = d.leading_zeros();
        let d = d << shift;
        let reciprocal = (u128::MAX / d as u128 - (1u128 << 64)) as u64;
        Divisor { d, shift, reciprocal }
    }

    /// Quotient and remainder of `r * 2^60 + x`, `r` below the divisor.
    #[inline(always)]
    fn step(&self, r: u64, x: u64) -> (u64, u64) {
        // Moved up as the divisor is: the remainder fills the upper word.
        let n = ((r as u128) << BITS | x as u128) << self.shift;
        let lo = n as u64;
        let q = self.reciprocal as u128 * (n >> 64) + n;
        let mut q1 = ((q >> 64) as u64).wrapping_add(1);
        let mut r = lo.wrapping_sub(q1.wrapping_mul(self.d));
        if r > q as u64 {
            q1 = q1.wrapping_sub(1);
            r = r.wrapping_add(self.d);
        }
        if r >= self.d {
            q1 = q1.wrapping_add(1);
            r -= self.d;
        }
        (q1, r >> self.shift)
    }

    /// Divides in place; the remainder.
    #[inline(always)]
    fn divide(&self, w: &mut [u64]) -> u64 {
        let mut r = 0;
        for x in w.iter_mut().rev() {
            (*x, r) = self.step(r, *x);
        }
        r
    }
}

/// Moves up in place by less than a limb; what falls out at the top.
fn shift_up(w: &mut [u64], by: u32) -> u64 {
    let mut carry = 0;
    for x in w {
        let out = *x >> (BITS - by);
        *x = *x << by & MASK60 | carry;
        carry = out;
    }
    carry
}

/// Takes `guess * v` from `u`, which is a limb longer; whether the guess was one too high, which is
/// then put right.
#[inline(always)]
fn subtract(u: &mut [u64], v: &[u64], guess: u64) -> bool {
    let n = v.len();
    let (mut carry, mut borrow) = (0u64, 0u64);
    for (x, &y) in u.iter_mut().zip(v) {
        let p = guess as u128 * y as u128 + carry as u128;
        carry = (p >> BITS) as u64;
        let d = x.wrapping_sub(p as u64 & MASK60).wrapping_sub(borrow);
        *x = d & MASK60;
        borrow = d >> 63;
    }
    let d = u[n].wrapping_sub(carry).wrapping_sub(borrow);
    u[n] = d & MASK60;
    if d >> 63 == 0 {
        return false;
    }
    let mut carry = 0;
    for (x, &y) in u.iter_mut().zip(v) {
        let sum = *x + y + carry;
        *x = sum & MASK60;
        carry = sum >> BITS;
    }
    u[n] = u[n] + carry & MASK60;
    true
}

/// Quotient and remainder, with leading zeros: Knuth's algorithm D. `b` is not zero, its last digit
/// neither, and it is not longer than `a`.
pub fn div_rem(a: &[u32], b: &[u32]) -> (Digits, Digits) {
    let (mut u, mut v) = (pack(a), pack(b));
    let n = v.len();
    if n == 1 {
        let r = Divisor::new(v[0]).divide(&mut u);
        return (unpack(&u), unpack(&[r]));
    }
    let shift = v[n - 1].leading_zeros() - (64 - BITS);
    shift_up(&mut v, shift);
    let carry = shift_up(&mut u, shift);
    u.push(carry);
    let m = u.len() - n;
    let mut q: Limbs = smallvec::smallvec![0; m];
    let (top, second) = (v[n - 1], v[n - 2]);
    let divisor = Divisor::new(top);
    for j in (0..m).rev() {
        let (high, middle, low) = (u[j + n], u[j + n - 1], u[j + n - 2]);
        let (mut guess, mut rest) =
            if high < top { divisor.step(high, middle) } else { (MASK60, middle + top) };
        while rest <= MASK60
            && guess as u128 * second as u128 > (rest as u128) << BITS | low as u128
        {
            guess -= 1;
            rest += top;
        }
        let too_high = subtract(&mut u[j..=j + n], &v, guess);
        q[j] = guess - too_high as u64;
    }
    let mut above = 0;
    for x in u[..n].iter_mut().rev() {
        let moved = *x >> shift | above << (BITS - shift) & MASK60;
        above = *x;
        *x = moved;
    }
    (unpack(&q), unpack(&u[..n]))
}

/// Decimal digits in a chunk of text: 10^18 < 2^60.
const CHUNK: usize = 18;
const CHUNK_VALUE: u64 = 1_000_000_000_000_000_000;

/// The number of ASCII digits, with leading zeros.
pub fn parse_decimal(text: &[u8]) -> Digits {
    let value = |t: &[u8]| t.iter().fold(0u64, |v, &c| v * 10 + (c - b'0') as u64);
    let mut w = Limbs::with_capacity(text.len() / CHUNK + 1);
    let (first, rest) = text.split_at(text.len() % CHUNK);
    w.push(value(first));
    for chunk in rest.chunks_exact(CHUNK) {
        let mut carry = value(chunk) as u128;
        for x in w.iter_mut() {
            carry += *x as u128 * CHUNK_VALUE as u128;
            *x = carry as u64 & MASK60;
            carry >>= BITS;
        }
        if carry != 0 {
            w.push(carry as u64);
        }
    }
    unpack(&w)
}

/// The decimal text of a magnitude that is not zero.
pub fn decimal_text(negative: bool, digits: &[u32]) -> String {
    const TEN: Divisor = Divisor::new(CHUNK_VALUE);
    let mut w = pack(digits);
    let mut chunks = Limbs::new();
    while let Some(&top) = w.last() {
        if top == 0 {
            w.pop();
            continue;
        }
        chunks.push(TEN.divide(&mut w));
    }
    let mut out = Vec::with_capacity(chunks.len() * CHUNK + 1);
    if negative {
        out.push(b'-');
    }
    let mut buffer = [0u8; CHUNK];
    for (i, &chunk) in chunks.iter().rev().enumerate() {
        let mut rest = chunk;
        for pair in buffer.rchunks_exact_mut(2) {
            let two = (rest % 100) as u8;
            rest /= 100;
            pair[0] = b'0' + two / 10;
            pair[1] = b'0' + two % 10;
        }
        let skip = if i == 0 { buffer.iter().take_while(|&&c| c == b'0').count() } else { 0 };
        out.extend_from_slice(&buffer[skip..]);
    }
    String::from_utf8(out).expect("digits are ASCII")
}
