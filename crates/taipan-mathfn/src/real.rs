//! Functions of one or two doubles as `math` defines them.

use crate::MathError::{self, Domain, Range};
use crate::libm;
use std::f64::consts::PI;

/// Applies a C function under C99's rules: a NaN out of a number is a domain error; an infinity
/// out of a finite number is an overflow where the function can overflow, else a pole.
pub fn checked(f: impl Fn(f64) -> f64, x: f64, can_overflow: bool) -> Result<f64, MathError> {
    let r = f(x);
    if r.is_nan() && !x.is_nan() {
        return Err(Domain);
    }
    if r.is_infinite() && x.is_finite() {
        return Err(if can_overflow { Range } else { Domain });
    }
    Ok(r)
}

/// As `checked`, of two arguments.
pub fn checked2(f: impl Fn(f64, f64) -> f64, x: f64, y: f64) -> Result<f64, MathError> {
    let r = f(x, y);
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(Domain);
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(Range);
    }
    Ok(r)
}

fn log_with(f: impl Fn(f64) -> f64, x: f64) -> Result<f64, MathError> {
    if x > 0.0 || x.is_nan() { Ok(f(x)) } else { Err(Domain) }
}

pub fn log(x: f64) -> Result<f64, MathError> {
    log_with(libm::log, x)
}

pub fn log2(x: f64) -> Result<f64, MathError> {
    log_with(libm::log2, x)
}

pub fn log10(x: f64) -> Result<f64, MathError> {
    log_with(libm::log10, x)
}

/// log(1 + x), with log1p(-0.0) = -0.0.
pub fn log1p(x: f64) -> f64 {
    if x == 0.0 { x } else { libm::log1p(x) }
}

/// atan2 with every special case of Annex F spelled out.
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

pub fn fmod(x: f64, y: f64) -> Result<f64, MathError> {
    if y.is_infinite() && x.is_finite() {
        return Ok(x);
    }
    let r = libm::fmod(x, y);
    if r.is_nan() && !x.is_nan() && !y.is_nan() { Err(Domain) } else { Ok(r) }
}

pub fn pow(x: f64, y: f64) -> Result<f64, MathError> {
    if x.is_nan() {
        return Ok(if y == 0.0 { 1.0 } else { x });
    }
    if y.is_nan() {
        return Ok(if x == 1.0 { 1.0 } else { y });
    }
    let r = libm::pow(x, y);
    if x.is_infinite() || y.is_infinite() || r.is_finite() {
        return Ok(r);
    }
    Err(if r.is_nan() || x == 0.0 { Domain } else { Range })
}

/// IEEE 754 remainder: x - n*y with n nearest to x/y, ties to even.
pub fn remainder(x: f64, y: f64) -> Result<f64, MathError> {
    if x.is_nan() {
        return Ok(x);
    }
    if y.is_nan() {
        return Ok(y);
    }
    if x.is_infinite() || y == 0.0 {
        return Err(Domain);
    }
    if y.is_infinite() {
        return Ok(x);
    }
    let (ax, ay) = (x.abs(), y.abs());
    let m = libm::fmod(ax, ay);
    // Comparing m with its complement instead of ay/2 avoids a halving that may underflow.
    let complement = ay - m;
    let r = if m < complement {
        m
    } else if m > complement {
        -complement
    } else {
        m - 2.0 * libm::fmod(0.5 * (ax - m), ay)
    };
    Ok(1f64.copysign(x) * r)
}

/// sin(pi*x) without the error of forming pi*x.
fn sin_pi(x: f64) -> f64 {
    let y = libm::fmod(x.abs(), 2.0);
    let r = match (2.0 * y).round() as i32 {
        0 => libm::sin(PI * y),
        1 => libm::cos(PI * (y - 0.5)),
        2 => libm::sin(PI * (1.0 - y)),
        3 => -libm::cos(PI * (y - 1.5)),
        _ => libm::sin(PI * (y - 2.0)),
    };
    1f64.copysign(x) * r
}

/// Lanczos' approximation with the parameters of Boost's double version (N = 13).
const LANCZOS_G: f64 = 6.024_680_040_776_73;
const LANCZOS_G_MINUS_HALF: f64 = 5.524_680_040_776_73;
/// Pairs of numerator and denominator coefficients by rising power.
const LANCZOS: [(f64, f64); 13] = [
    (23531376880.410_76, 0.0),
    (42919803642.649_1, 39916800.0),
    (35711959237.355_67, 120543840.0),
    (17921034426.037_21, 150917976.0),
    (6039542586.352_028, 105258076.0),
    (1439720407.311_721_6, 45995730.0),
    (248874557.862_054_17, 13339535.0),
    (31426415.585_400_194, 2637558.0),
    (2876370.628_935_372_5, 357423.0),
    (186056.265_395_223_48, 32670.0),
    (8_071.672_002_365_816, 1925.0),
    (210.824_277_751_579_36, 66.0),
    (2.506_628_274_631_000_2, 1.0),
];

fn lanczos_sum(x: f64) -> f64 {
    // In powers of 1/x for large x, lest the sums overflow.
    let (num, den) = if x < 5.0 {
        LANCZOS.iter().rev().fold((0.0, 0.0), |(n, d), c| (n * x + c.0, d * x + c.1))
    } else {
        LANCZOS.iter().fold((0.0, 0.0), |(n, d), c| (n / x + c.0, d / x + c.1))
    };
    num / den
}

pub fn gamma(x: f64) -> Result<f64, MathError> {
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    if x == 0.0 || x == f64::NEG_INFINITY || (x < 0.0 && x == x.floor()) {
        return Err(Domain);
    }
    if x == x.floor() && x <= 23.0 {
        // (x-1)! is exact in a double up to 22!.
        return Ok((1..x as u64).fold(1.0, |r, i| r * i as f64));
    }
    let magnitude = x.abs();
    let finite = |r: f64| if r.is_infinite() { Err(Range) } else { Ok(r) };
    if magnitude < 1e-20 {
        return finite(1.0 / x);
    }
    if magnitude > 200.0 {
        return if x < 0.0 { Ok(0.0 / sin_pi(x)) } else { Err(Range) };
    }
    let y = magnitude + LANCZOS_G_MINUS_HALF;
    // The rounding error of y, for a first-order correction of the result.
    let error = if magnitude > LANCZOS_G_MINUS_HALF {
        (y - magnitude) - LANCZOS_G_MINUS_HALF
    } else {
        (y - LANCZOS_G_MINUS_HALF) - magnitude
    };
    let z = error * LANCZOS_G / y;
    // The power is applied in two halves where it would overflow.
    let powers = |r: f64, apply: fn(f64, f64) -> f64| {
        if magnitude < 140.0 {
            apply(r, libm::pow(y, magnitude - 0.5))
        } else {
            let half = libm::pow(y, magnitude / 2.0 - 0.25);
            apply(apply(r, half), half)
        }
    };
    if x < 0.0 {
        let r = -PI / sin_pi(magnitude) / magnitude * libm::exp(y) / lanczos_sum(magnitude);
        finite(powers(r - z * r, |a, b| a / b))
    } else {
        let r = lanczos_sum(magnitude) / libm::exp(y);
        finite(powers(r + z * r, |a, b| a * b))
    }
}

/// log(pi)
const LOG_PI: f64 = 1.144_729_885_849_400_2;

pub fn lgamma(x: f64) -> Result<f64, MathError> {
    if x.is_nan() {
        return Ok(x);
    }
    if x.is_infinite() {
        return Ok(f64::INFINITY);
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(Domain) } else { Ok(0.0) };
    }
    let magnitude = x.abs();
    if magnitude < 1e-20 {
        return Ok(-libm::log(magnitude));
    }
    let mut r = libm::log(lanczos_sum(magnitude)) - LANCZOS_G;
    r += (magnitude - 0.5) * (libm::log(magnitude + LANCZOS_G - 0.5) - 1.0);
    if x < 0.0 {
        r = LOG_PI - libm::log(sin_pi(magnitude).abs()) - libm::log(magnitude) - r;
    }
    if r.is_infinite() { Err(Range) } else { Ok(r) }
}

/// x * y + z with one rounding.
pub fn fma(x: f64, y: f64, z: f64) -> Result<f64, MathError> {
    let r = libm::fma(x, y, z);
    if r.is_finite() {
        return Ok(r);
    }
    if r.is_nan() {
        return if x.is_nan() || y.is_nan() || z.is_nan() { Ok(r) } else { Err(Domain) };
    }
    if x.is_finite() && y.is_finite() && z.is_finite() { Err(Range) } else { Ok(r) }
}

/// The double `steps` places from x towards y.
pub fn next_after(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 || x.is_nan() {
        return x;
    }
    if y.is_nan() {
        return y;
    }
    // Doubles of one sign are ordered as their bits; on this line -0.0 and 0.0 are two points
    // for a lone step, one for a longer walk, as CPython has it.
    const SIGN: u64 = 1 << 63;
    if x == y {
        return y;
    }
    let (bx, by) = (x.to_bits(), y.to_bits());
    let (ax, ay) = (bx & !SIGN, by & !SIGN);
    if (bx ^ by) & SIGN != 0 {
        if ax + ay <= steps {
            y
        } else if ax < steps {
            f64::from_bits((by & SIGN) | (steps - ax))
        } else {
            f64::from_bits(bx - steps)
        }
    } else if ax > ay {
        if ax - ay >= steps { f64::from_bits(bx - steps) } else { y }
    } else if ay - ax >= steps {
        f64::from_bits(bx + steps)
    } else {
        y
    }
}

/// The value of the last bit of x.
pub fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if x.is_nan() || x.is_infinite() {
        return x;
    }
    let up = next_after(x, f64::INFINITY, 1);
    if up.is_infinite() { x - next_after(x, 0.0, 1) } else { up - x }
}

pub fn is_close(a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> bool {
    if a == b {
        return true;
    }
    if a.is_infinite() || b.is_infinite() {
        return false;
    }
    let difference = (b - a).abs();
    difference <= (rel_tol * b).abs() || difference <= (rel_tol * a).abs() || difference <= abs_tol
}

/// Python's float `//` and `%` for a non-zero divisor: (floor quotient, remainder).
pub fn divmod(x: f64, y: f64) -> (f64, f64) {
    let mut m = libm::fmod(x, y);
    let mut q = (x - m) / y;
    if m != 0.0 {
        if (y < 0.0) != (m < 0.0) {
            m += y;
            q -= 1.0;
        }
    } else {
        m = 0f64.copysign(y);
    }
    let floor = if q != 0.0 {
        let f = q.floor();
        if q - f > 0.5 { f + 1.0 } else { f }
    } else {
        0f64.copysign(x / y)
    };
    (floor, m)
}

/// Python's float `%` for a non-zero divisor.
pub fn modulo(x: f64, y: f64) -> f64 {
    let m = libm::fmod(x, y);
    if m == 0.0 {
        return 0f64.copysign(y);
    }
    if (y < 0.0) != (m < 0.0) { m + y } else { m }
}
