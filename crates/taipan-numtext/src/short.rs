//! Numbers of machine size as text, without allocation: what most formatting is about. Wider ints,
//! other float styles and longer fractions are the business of `bigint` and `float`.

use crate::float::decompose;

/// 64 binary digits with separators, or 19 digits before and after a point, with room to spare.
const ROOM: usize = 96;

/// ASCII text at the end of its buffer, since numbers are written from their last digit.
pub struct Short {
    bytes: [u8; ROOM],
    start: usize,
}

/// A separator every so many digits.
#[derive(Clone, Copy)]
pub struct Groups {
    pub separator: u8,
    pub size: usize,
}

/// The most digits after the point that `fixed` takes: 10^19 fits in a word.
pub const MOST_FRACTION: usize = 19;

const POWERS: [u64; MOST_FRACTION + 1] = {
    let mut t = [1; MOST_FRACTION + 1];
    let mut i = 1;
    while i <= MOST_FRACTION {
        t[i] = t[i - 1] * 10;
        i += 1;
    }
    t
};

static PAIRS: [u8; 200] = {
    let mut t = [0; 200];
    let mut i = 0;
    while i < 100 {
        t[2 * i] = b'0' + (i / 10) as u8;
        t[2 * i + 1] = b'0' + (i % 10) as u8;
        i += 1;
    }
    t
};

impl Short {
    fn new() -> Short {
        Short { bytes: [0; ROOM], start: ROOM }
    }

    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    #[inline]
    fn put(&mut self, b: u8) {
        self.start -= 1;
        self.bytes[self.start] = b;
    }

    #[inline]
    fn put_decimal(&mut self, mut n: u64) {
        while n >= 100 {
            let pair = 2 * (n % 100) as usize;
            n /= 100;
            self.start -= 2;
            self.bytes[self.start..self.start + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
        }
        if n >= 10 {
            let pair = 2 * n as usize;
            self.start -= 2;
            self.bytes[self.start..self.start + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
        } else {
            self.put(b'0' + n as u8);
        }
    }

    fn put_grouped(&mut self, mut n: u64, base: u64, digits: &[u8; 16], groups: Groups) {
        let mut count = 0;
        loop {
            if count == groups.size {
                self.put(groups.separator);
                count = 0;
            }
            self.put(digits[(n % base) as usize]);
            count += 1;
            n /= base;
            if n == 0 {
                return;
            }
        }
    }

    /// A decimal int with its sign.
    pub fn signed(i: i64) -> Short {
        let mut s = Short::new();
        s.put_decimal(i.unsigned_abs());
        if i < 0 {
            s.put(b'-');
        }
        s
    }

    /// An int in base 2, 8, 10 or 16.
    pub fn int(n: u64, base: u32, upper: bool, groups: Option<Groups>) -> Short {
        let mut s = Short::new();
        let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        match (groups, base) {
            (Some(g), _) => s.put_grouped(n, u64::from(base), digits, g),
            (None, 10) => s.put_decimal(n),
            (None, _) => {
                let (shift, mut n) = (base.trailing_zeros(), n);
                loop {
                    s.put(digits[(n & u64::from(base - 1)) as usize]);
                    n >>= shift;
                    if n == 0 {
                        break;
                    }
                }
            }
        }
        s
    }

    /// A finite float without its sign, with `precision` digits after the point, rounded half to
    /// even from the exact value; `None` where it is too large or too long for here.
    pub fn fixed(x: f64, precision: usize, groups: Option<Groups>) -> Option<Short> {
        if precision > MOST_FRACTION {
            return None;
        }
        // x = m * 2^e, and m * 10^precision stays below 2^117.
        let (m, e) = decompose(x.abs());
        let (whole, fraction) = if e >= 0 {
            if e > 10 {
                return None;
            }
            (m << e, 0)
        } else {
            let scaled = u128::from(m) * u128::from(POWERS[precision]);
            let shift = -e as u32;
            let rounded = if shift >= 127 {
                0
            } else {
                let kept = scaled >> shift;
                let rest = scaled & ((1 << shift) - 1);
                let half = 1u128 << (shift - 1);
                kept + u128::from(rest > half || (rest == half && kept & 1 == 1))
            };
            match u64::try_from(rounded) {
                Ok(r) => (r / POWERS[precision], r % POWERS[precision]),
                Err(_) => {
                    let p = u128::from(POWERS[precision]);
                    ((rounded / p) as u64, (rounded % p) as u64)
                }
            }
        };
        let mut s = Short::new();
        if precision > 0 {
            let mut rest = fraction;
            for _ in 0..precision {
                s.put(b'0' + (rest % 10) as u8);
                rest /= 10;
            }
            s.put(b'.');
        }
        match groups {
            Some(g) => s.put_grouped(whole, 10, b"0123456789abcdef", g),
            None => s.put_decimal(whole),
        }
        Some(s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: Short) -> String {
        String::from_utf8_lossy(s.as_bytes()).into_owned()
    }

    #[test]
    fn ints_in_all_bases() {
        for i in [0, 7, 10, 99, 100, 12345, -1, -100, i64::MAX, i64::MIN] {
            assert_eq!(text(Short::signed(i)), i.to_string());
            let n = i.unsigned_abs();
            assert_eq!(text(Short::int(n, 16, false, None)), format!("{n:x}"));
            assert_eq!(text(Short::int(n, 16, true, None)), format!("{n:X}"));
            assert_eq!(text(Short::int(n, 8, false, None)), format!("{n:o}"));
            assert_eq!(text(Short::int(n, 2, false, None)), format!("{n:b}"));
        }
        let g = |n, base, separator, size| {
            text(Short::int(n, base, false, Some(Groups { separator, size })))
        };
        assert_eq!(g(1234567, 10, b',', 3), "1,234,567");
        assert_eq!(g(123, 10, b',', 3), "123");
        assert_eq!(g(0xabcdef, 16, b'_', 4), "ab_cdef");
        assert_eq!(g(u64::MAX, 2, b'_', 4).len(), 79);
    }

    #[test]
    fn fixed_agrees_with_the_exact_conversion() {
        let mut seed = 1u64;
        let check = |x: f64| {
            for p in 0..=MOST_FRACTION {
                if let Some(s) = Short::fixed(x, p, None) {
                    assert_eq!(text(s), format!("{:.p$}", x.abs()), "{x:e} .{p}");
                }
            }
        };
        for x in [
            0.0,
            0.5,
            1.5,
            2.5,
            0.25,
            0.125,
            1e-5,
            1e-300,
            5e-324,
            0.1,
            999.995,
            9.5,
            1e15,
            9007199254740991.5,
            4503599627370497.5,
            9.2e18,
        ] {
            check(x);
        }
        for _ in 0..20000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            check(f64::from_bits(seed >> 2));
            check((seed >> 40) as f64 / 1000.0);
            check((seed >> 11) as f64 / (1u64 << 48) as f64);
        }
    }

    #[test]
    fn large_floats_are_left_to_others() {
        assert!(Short::fixed(1e19, 2, None).is_none());
        assert!(Short::fixed(1.0, 20, None).is_none());
    }
}
