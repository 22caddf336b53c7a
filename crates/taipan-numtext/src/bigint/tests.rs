//! Consistency on sizes that cross every cutoff; exact answers are in `tests/golden.tsv`.

use super::*;

/// A xorshift stream, so that failures repeat.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn int(&mut self, digits: usize) -> Int {
        let shape = self.next() % 4;
        let out = (0..digits)
            .map(|_| match shape {
                0 => MASK,
                1 => (self.next() % 2) as u32 * MASK,
                _ => self.next() as u32 & MASK,
            })
            .collect();
        Int::from_digits(self.next().is_multiple_of(2), out)
    }
}

#[test]
fn division_undoes_multiplication_at_all_sizes() {
    let mut rng = Rng(42);
    for n in [1, 2, 3, 4, 5, 23, 24, 25, 39, 40, 41, 60, 100, 300] {
        for m in [1, 2, 3, 5, 24, 39, 40, 41, 61, 150] {
            let (a, b, r) = (rng.int(n), rng.int(m), rng.int(m - 1));
            if b.digits.len() < m {
                // The remainder must be the smaller one.
                continue;
            }
            let r = r.with_sign(b.negative);
            let product = mul(a.as_ref(), b.as_ref());
            let sum = add(product.as_ref(), r.as_ref());
            assert_eq!(divmod_floor(sum.as_ref(), b.as_ref()), Some((a.clone(), r)), "{n} {m}");
            assert_eq!(sub(sum.as_ref(), sum.as_ref()), Int::zero());
        }
    }
}

#[test]
fn text_comes_back_at_all_sizes() {
    let mut rng = Rng(7);
    for n in [0, 1, 2, 4, 5, 20, 100, 1000] {
        for base in [2, 3, 8, 10, 16, 32, 36] {
            let a = rng.int(n);
            let text = to_text(a.as_ref(), base);
            assert_eq!(parse(text.as_bytes(), base, 0), Ok(a));
        }
    }
}

#[test]
fn bytes_come_back() {
    let mut rng = Rng(9);
    for n in 0..40 {
        let a = rng.int(n);
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let bytes = to_bytes(a.as_ref(), n * 4 + 1, order, true).expect("fits");
            assert_eq!(from_bytes(&bytes, order, true), a);
        }
    }
}

#[test]
fn roots_bracket_their_squares() {
    let mut rng = Rng(11);
    for n in [1, 4, 5, 30, 200] {
        let a = rng.int(n).with_sign(false);
        let r = isqrt(a.as_ref());
        let next = add(r.as_ref(), Int::from_i64(1).as_ref());
        assert!(cmp(mul(r.as_ref(), r.as_ref()).as_ref(), a.as_ref()).is_le());
        assert!(cmp(mul(next.as_ref(), next.as_ref()).as_ref(), a.as_ref()).is_gt());
    }
}

#[test]
fn powers_agree_with_repeated_products() {
    let mut rng = Rng(13);
    for n in [1, 2, 5, 30] {
        let a = rng.int(n);
        let mut product = Int::from_i64(1);
        for e in 0..12 {
            assert_eq!(pow(a.as_ref(), Int::from_i64(e).as_ref()), Ok(product.clone()));
            product = mul(product.as_ref(), a.as_ref());
        }
    }
}

#[test]
fn what_cannot_fit_is_refused() {
    let huge = Int::from_i64(1 << 40);
    assert_eq!(shl(Int::from_i64(1).as_ref(), 1 << 40), Err(TooLarge));
    assert_eq!(pow(Int::from_i64(3).as_ref(), huge.as_ref()), Err(TooLarge));
    assert_eq!(shl(Int::zero().as_ref(), u64::MAX), Ok(Int::zero()));
}

#[test]
fn the_digit_limit_is_exact() {
    let nines = parse("9".repeat(4300).as_bytes(), 10, 0).expect("digits");
    let more = add(nines.as_ref(), Int::from_i64(1).as_ref());
    assert!(!exceeds_print_limit(nines.as_ref(), 4300));
    assert!(exceeds_print_limit(more.as_ref(), 4300));
    assert!(!exceeds_print_limit(more.as_ref(), 0));
}

#[test]
fn falling_products_reach_the_last_word() {
    let text = |n: u64, k| to_text(perm(Int::from_u64(false, n).as_ref(), k).unwrap().as_ref(), 10);
    assert_eq!(text(u64::MAX, 1), "18446744073709551615");
    assert_eq!(text(u64::MAX, 2), "340282366920938463408034375210639556610");
    assert_eq!(text(1 << 60, 2), "1329227995784915871750885555673497600");
    assert_eq!(text(25, 25), to_text(factorial(25).unwrap().as_ref(), 10));
}
