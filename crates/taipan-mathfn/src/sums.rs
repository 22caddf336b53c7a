//! Sums with more precision than a double: `fsum`, `sumprod`, `hypot` and `dist`.

use crate::libm;

/// a + b exactly, |a| >= |b|.
fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    (s, (a - s) + b)
}

/// a + b exactly.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

/// a * b exactly, barring overflow and underflow.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let p = a * b;
    (p, libm::fma(a, b, -p))
}

/// Shewchuk's exact sum: non-overlapping partials, smallest first.
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    partials: Vec<f64>,
    special: f64,
    infinities: f64,
    any_special: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumError {
    /// OverflowError "intermediate overflow in fsum"
    Overflow,
    /// ValueError "-inf + inf in fsum"
    Infinities,
}

impl ExactSum {
    pub fn add(&mut self, value: f64) -> Result<(), SumError> {
        let mut x = value;
        let mut kept = 0;
        for i in 0..self.partials.len() {
            let y = self.partials[i];
            let (big, small) = if x.abs() < y.abs() { (y, x) } else { (x, y) };
            let sum = big + small;
            let low = small - (sum - big);
            if low != 0.0 {
                self.partials[kept] = low;
                kept += 1;
            }
            x = sum;
        }
        self.partials.truncate(kept);
        if x != 0.0 {
            if x.is_finite() {
                self.partials.push(x);
            } else {
                if value.is_finite() {
                    return Err(SumError::Overflow);
                }
                if value.is_infinite() {
                    self.infinities += value;
                }
                self.special += value;
                self.any_special = true;
                self.partials.clear();
            }
        }
        Ok(())
    }

    /// The sum, rounded once, half to even.
    pub fn total(&self) -> Result<f64, SumError> {
        if self.any_special {
            if self.infinities.is_nan() {
                return Err(SumError::Infinities);
            }
            return Ok(self.special);
        }
        let mut rest = self.partials.iter().rev();
        let Some(&first) = rest.next() else { return Ok(0.0) };
        let (mut high, mut low) = (first, 0.0);
        for &y in rest.by_ref() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // What lies below decides a tie.
        if let Some(&below) = rest.next()
            && (low < 0.0) == (below < 0.0)
            && low != 0.0
        {
            let y = low * 2.0;
            let x = high + y;
            if x - high == y {
                high = x;
            }
        }
        Ok(high)
    }
}

/// A dot product in about three times double precision (Ogita, Rump, Oishi: SumKVert, K = 3).
#[derive(Clone, Copy, Debug, Default)]
pub struct DotProduct {
    high: f64,
    low: f64,
    tiny: f64,
}

impl DotProduct {
    /// The product with one more term; not finite if it overflowed.
    pub fn with(self, x: f64, y: f64) -> DotProduct {
        let product = two_product(x, y);
        let sum = two_sum(self.high, product.0);
        let r1 = two_sum(self.low, product.1);
        let r2 = two_sum(r1.0, sum.1);
        DotProduct { high: sum.0, low: r2.0, tiny: self.tiny + r1.1 + r2.1 }
    }

    pub fn is_finite(self) -> bool {
        self.high.is_finite()
    }

    pub fn total(self) -> f64 {
        let last = two_sum(self.low, self.high);
        self.tiny + last.1 + last.0
    }
}

/// The Euclidean norm of non-negative coordinates, which are scaled in place. An infinity wins
/// over a NaN.
pub fn vector_norm(coordinates: &mut [f64]) -> f64 {
    let max = coordinates.iter().copied().fold(0.0, f64::max);
    if max.is_infinite() {
        return max;
    }
    if coordinates.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if max == 0.0 || coordinates.len() <= 1 {
        return max;
    }
    finite_norm(coordinates, max)
}

fn finite_norm(coordinates: &mut [f64], max: f64) -> f64 {
    let bits = max.to_bits() >> 52;
    if bits == 0 {
        // All are subnormal: the power of two that scales them would overflow.
        for x in coordinates.iter_mut() {
            *x /= f64::MIN_POSITIVE;
        }
        return f64::MIN_POSITIVE * finite_norm(coordinates, max / f64::MIN_POSITIVE);
    }
    // Scaled by 2^-e, max lies in [0.5, 1); with 2^1023 as the limit of what a scale can be.
    let exponent = bits as i64 - 1022;
    let scale = f64::from_bits(((1023 - exponent) as u64) << 52);
    let (mut sum, mut low1, mut low2) = (1.0, 0.0, 0.0);
    for &x in coordinates.iter() {
        let x = x * scale;
        let product = two_product(x, x);
        let s = fast_two_sum(sum, product.0);
        sum = s.0;
        low1 += product.1;
        low2 += s.1;
    }
    let mut h = (sum - 1.0 + (low1 + low2)).sqrt();
    // One Newton step on the residue of the squares.
    let product = two_product(-h, h);
    let s = fast_two_sum(sum, product.0);
    low1 += product.1;
    low2 += s.1;
    let residue = s.0 - 1.0 + (low1 + low2);
    h += residue / (2.0 * h);
    h / scale
}
