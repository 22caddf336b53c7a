//! Checks of the number core against plain arithmetic; the operations as a whole are compared with
//! `_pydecimal` by `tests/python/decimal_differential.py`.

use crate::limbs::{self, Limbs};
use crate::word::RADIX;
use crate::{div, mul, ntt, radix};

/// A generator good enough for operands.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Limbs with many at the ends of the range; the top one is not zero.
    fn limbs(&mut self, n: usize) -> Limbs {
        let mut w: Limbs = (0..n)
            .map(|_| match self.next() % 8 {
                0 => 0,
                1 => RADIX - 1,
                2 => self.next() % 10,
                _ => self.next() % RADIX,
            })
            .collect();
        if let Some(top) = w.last_mut() {
            *top = (*top).max(1);
        }
        w
    }
}

/// The product by the definition.
fn plain_product(a: &[u64], b: &[u64]) -> Limbs {
    let mut w = Limbs::new();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Limbs::from_elem(0, i);
        row.extend_from_slice(b);
        limbs::mul_add_word(&mut row, 1, 0);
        let mut part = Limbs::from_slice(b);
        limbs::mul_add_word(&mut part, x, 0);
        row.truncate(i);
        row.extend_from_slice(&part);
        w = limbs::add(&w, &row);
    }
    limbs::trim(&mut w);
    w
}

#[test]
fn long_products_agree_with_short_ones() {
    let mut r = Random(1);
    for (n, m) in [(1, 1), (2, 3), (39, 39), (40, 40), (41, 97), (130, 128), (300, 45)] {
        let (a, b) = (r.limbs(n), r.limbs(m));
        assert_eq!(mul::mul(&a, &b), plain_product(&a, &b), "{n} {m}");
    }
}

#[test]
fn transforms_agree_with_schoolbook() {
    let mut r = Random(2);
    for n in [1, 2, 5, 64, 200] {
        let (a, b) = (r.limbs(n), r.limbs(n + 3));
        let mut w = vec![0; 2 * n + 3];
        ntt::multiply(&mut w, &a, &b);
        assert_eq!(limbs::trimmed(&w), &plain_product(&a, &b)[..]);
    }
    let a = Limbs::from_elem(RADIX - 1, 700);
    let square = mul::mul(&a, &a);
    assert_eq!((square[0], square[1399], square[700]), (1, RADIX - 1, RADIX - 2));
}

#[test]
fn division_undoes_multiplication() {
    let mut r = Random(3);
    let sizes = [(3, 2), (4, 2), (50, 20), (130, 61), (260, 130), (500, 90), (64, 63), (1500, 700)];
    for (n, m) in sizes {
        for _ in 0..20 {
            let (a, b) = (r.limbs(n), r.limbs(m));
            let (q, rest) = div::div_rem(&a, &b);
            assert!(limbs::cmp(&rest, &b).is_lt());
            let mut back = limbs::add(&mul::mul(&q, &b), &rest);
            limbs::trim(&mut back);
            assert_eq!(back, a, "{n} {m}");
        }
    }
}

#[test]
fn square_roots_are_rounded_down() {
    let mut r = Random(4);
    for n in 1..40 {
        for _ in 0..20 {
            let a = r.limbs(n);
            let (s, _) = div::isqrt(&a);
            assert!(limbs::cmp(&mul::mul(&s, &s), &a).is_le(), "{n}");
            let mut up = s.clone();
            limbs::increment(&mut up);
            assert!(limbs::cmp(&mul::mul(&up, &up), &a).is_gt(), "{n}");
            let square = mul::mul(&a, &a);
            assert_eq!(div::isqrt(&square), (a, true));
        }
    }
}

#[test]
fn binary_digits_come_back() {
    let mut r = Random(5);
    for n in [1, 2, 3, 10, 399, 401, 900, 2500, 5000] {
        let mut digits: Vec<u32> = (0..n).map(|_| r.next() as u32 >> 2).collect();
        digits[n - 1] |= 1;
        let c = radix::from_digits30(&digits);
        assert_eq!(radix::to_digits30(c.get()), digits, "{n}");
    }
}
