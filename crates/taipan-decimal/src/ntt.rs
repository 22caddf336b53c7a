//! Products of long numbers by number-theoretic transforms modulo three primes, put together by
//! the Chinese remainder theorem. A column of the product is below 2^24 * 10^38 < 2^151, the
//! product of the primes above 2^180.

use crate::word::div_radix;

/// A prime k * 2^e + 1 below 2^62 and a primitive root of it.
struct Field {
    p: u64,
    root: u64,
    /// -p^-1 mod 2^64.
    inverse: u64,
    /// 2^128 mod p.
    r2: u64,
}

const fn field(p: u64, root: u64) -> Field {
    let mut inv = 1u64;
    let mut i = 0;
    while i < 6 {
        inv = inv.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inv)));
        i += 1;
    }
    let r = (1u128 << 64) % p as u128;
    Field { p, root, inverse: inv.wrapping_neg(), r2: (r * r % p as u128) as u64 }
}

/// 29 * 2^57 + 1, 69 * 2^55 + 1, 27 * 2^56 + 1.
const FIELDS: [Field; 3] =
    [field(4179340454199820289, 3), field(2485986994308513793, 5), field(1945555039024054273, 5)];

impl Field {
    /// Montgomery's product.
    #[inline(always)]
    fn mul(&self, a: u64, b: u64) -> u64 {
        let t = a as u128 * b as u128;
        let m = (t as u64).wrapping_mul(self.inverse);
        let u = ((t + m as u128 * self.p as u128) >> 64) as u64;
        if u >= self.p { u - self.p } else { u }
    }

    #[inline(always)]
    fn add(&self, a: u64, b: u64) -> u64 {
        let s = a + b;
        if s >= self.p { s - self.p } else { s }
    }

    #[inline(always)]
    fn sub(&self, a: u64, b: u64) -> u64 {
        if a >= b { a - b } else { a + self.p - b }
    }

    /// A number in Montgomery's form.
    fn enter(&self, a: u64) -> u64 {
        self.mul(a % self.p, self.r2)
    }

    fn pow(&self, mut base: u64, mut e: u64) -> u64 {
        let mut r = self.enter(1);
        while e > 0 {
            if e & 1 == 1 {
                r = self.mul(r, base);
            }
            base = self.mul(base, base);
            e >>= 1;
        }
        r
    }

    /// For each power of two h below n, at h: the powers of a 2h-th root of one; `w` is an n-th one.
    fn roots(&self, n: usize, w: u64) -> Vec<u64> {
        let mut t = vec![0; n];
        let mut x = self.enter(1);
        for slot in &mut t[n / 2..] {
            *slot = x;
            x = self.mul(x, w);
        }
        for i in (1..n / 2).rev() {
            t[i] = t[2 * i];
        }
        t
    }

    /// Decimation in frequency: natural order in, bit-reversed order out.
    fn forward(&self, v: &mut [u64], roots: &[u64]) {
        let mut half = v.len() / 2;
        while half > 0 {
            for block in v.chunks_exact_mut(2 * half) {
                let (a, b) = block.split_at_mut(half);
                for ((x, y), &w) in a.iter_mut().zip(b).zip(&roots[half..2 * half]) {
                    let (s, d) = (self.add(*x, *y), self.sub(*x, *y));
                    *x = s;
                    *y = self.mul(d, w);
                }
            }
            half /= 2;
        }
    }

    /// Decimation in time: bit-reversed order in, natural order out; not divided by n.
    fn backward(&self, v: &mut [u64], roots: &[u64]) {
        let mut half = 1;
        while half < v.len() {
            for block in v.chunks_exact_mut(2 * half) {
                let (a, b) = block.split_at_mut(half);
                for ((x, y), &w) in a.iter_mut().zip(b).zip(&roots[half..2 * half]) {
                    let t = self.mul(*y, w);
                    let u = *x;
                    *x = self.add(u, t);
                    *y = self.sub(u, t);
                }
            }
            half *= 2;
        }
    }

    fn load(&self, a: &[u64], n: usize) -> Vec<u64> {
        let mut v = Vec::with_capacity(n);
        v.extend(a.iter().map(|&x| self.enter(x)));
        v.resize(n, 0);
        v
    }

    /// The cyclic convolution of length n, plain residues.
    fn convolve(&self, a: &[u64], b: &[u64], n: usize) -> Vec<u64> {
        let w = self.pow(self.enter(self.root), (self.p - 1) / n as u64);
        let roots = self.roots(n, w);
        let mut x = self.load(a, n);
        self.forward(&mut x, &roots);
        if std::ptr::eq(a, b) {
            x.iter_mut().for_each(|v| *v = self.mul(*v, *v));
        } else {
            let mut y = self.load(b, n);
            self.forward(&mut y, &roots);
            x.iter_mut().zip(&y).for_each(|(v, &u)| *v = self.mul(*v, u));
        }
        let roots = self.roots(n, self.pow(w, n as u64 - 1));
        self.backward(&mut x, &roots);
        // Out of Montgomery's form and divided by n in one product.
        let scale = self.pow(self.enter(n as u64), self.p - 2);
        let scale = self.mul(scale, 1);
        x.iter_mut().for_each(|v| *v = self.mul(*v, scale));
        x
    }
}

/// Writes `a * b` over `w`, which is as long as both together.
pub fn multiply(w: &mut [u64], a: &[u64], b: &[u64]) {
    let n = w.len().next_power_of_two();
    let [f1, f2, f3] = &FIELDS;
    let r1 = f1.convolve(a, b, n);
    let r2 = f2.convolve(a, b, n);
    let r3 = f3.convolve(a, b, n);
    let (p1, p2) = (f1.p as u128, f2.p as u128);
    // Garner's method: x = v1 + v2 p1 + v3 p1 p2.
    let inv12 = f2.pow(f2.enter(f1.p), f2.p - 2);
    let p12_mod3 = (p1 * p2 % f3.p as u128) as u64;
    let inv123 = f3.pow(f3.enter(p12_mod3), f3.p - 2);
    let p1_mod3 = f3.enter(f1.p);
    let p12 = p1 * p2;
    let mut carry = (0u128, 0u64);
    for (k, out) in w.iter_mut().enumerate() {
        let v1 = r1[k];
        let v2 = f2.mul(f2.sub(r2[k], v1 % f2.p), inv12);
        let t = f3.add(v1 % f3.p, f3.mul(v2 % f3.p, p1_mod3));
        let v3 = f3.mul(f3.sub(r3[k], t), inv123);
        // x = v1 + v2 p1 + v3 p12 in three words, with the carry.
        let (p12h, p12l) = ((p12 >> 64) as u64, p12 as u64);
        let low = v3 as u128 * p12l as u128;
        let up = v3 as u128 * p12h as u128;
        let (mut lo, mut hi) = (low, (up >> 64) as u64);
        let (s, over) = lo.overflowing_add(up << 64);
        lo = s;
        hi += over as u64;
        for add in [v2 as u128 * p1, v1 as u128, carry.0] {
            let (s, over) = lo.overflowing_add(add);
            lo = s;
            hi += over as u64;
        }
        hi += carry.1;
        let (q2, r) = div_radix(hi, (lo >> 64) as u64);
        let (q1, r) = div_radix(r, lo as u64);
        *out = r;
        carry = ((q2 as u128) << 64 | q1 as u128, 0);
    }
}
