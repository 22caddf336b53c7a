//! Complex arithmetic as `complex` does it and the functions of `cmath`, branch cuts, signed
//! zeros and special values by Annex G of C99.

use crate::MathError::{self, Domain, Range};
use crate::complex_special as special;
use crate::libm::{self, atan2, cos, cosh, exp, hypot, log, sin, sinh};
use std::f64::consts::{E, LN_2, LN_10, PI};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

type Outcome = Result<Complex, MathError>;

/// Arguments beyond this are scaled down before they are added or squared.
const LARGE: f64 = f64::MAX / 4.0;
/// log(LARGE)
const LOG_LARGE: f64 = 708.396_418_532_264_1;

pub const fn new(re: f64, im: f64) -> Complex {
    Complex { re, im }
}

impl std::ops::Neg for Complex {
    type Output = Complex;
    fn neg(self) -> Complex {
        new(-self.re, -self.im)
    }
}

impl std::ops::Add for Complex {
    type Output = Complex;
    fn add(self, b: Complex) -> Complex {
        new(self.re + b.re, self.im + b.im)
    }
}

impl std::ops::Sub for Complex {
    type Output = Complex;
    fn sub(self, b: Complex) -> Complex {
        new(self.re - b.re, self.im - b.im)
    }
}

impl std::ops::Mul for Complex {
    type Output = Complex;
    fn mul(self, b: Complex) -> Complex {
        new(self.re * b.re - self.im * b.im, self.re * b.im + self.im * b.re)
    }
}

impl Complex {
    pub fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    pub fn is_zero(self) -> bool {
        self.re == 0.0 && self.im == 0.0
    }

    /// i * z
    fn times_i(self) -> Complex {
        new(-self.im, self.re)
    }

    /// -i * z
    fn over_i(self) -> Complex {
        new(self.im, -self.re)
    }

    /// a / b by Smith's method; `None` for a zero divisor.
    pub fn quotient(self, b: Complex) -> Option<Complex> {
        let a = self;
        let (abs_re, abs_im) = (b.re.abs(), b.im.abs());
        if abs_re >= abs_im {
            if abs_re == 0.0 {
                return None;
            }
            let ratio = b.im / b.re;
            let denominator = b.re + b.im * ratio;
            Some(new((a.re + a.im * ratio) / denominator, (a.im - a.re * ratio) / denominator))
        } else if abs_im >= abs_re {
            let ratio = b.re / b.im;
            let denominator = b.re * ratio + b.im;
            Some(new((a.re * ratio + a.im) / denominator, (a.im * ratio - a.re) / denominator))
        } else {
            Some(new(f64::NAN, f64::NAN))
        }
    }

    /// |z|; a range error where it overflows.
    pub fn abs(self) -> Result<f64, MathError> {
        if self.re.is_infinite() || self.im.is_infinite() {
            return Ok(f64::INFINITY);
        }
        if self.re.is_nan() || self.im.is_nan() {
            return Ok(f64::NAN);
        }
        let r = hypot(self.re, self.im);
        if r.is_finite() { Ok(r) } else { Err(Range) }
    }

    /// a ** b. A domain error stands for a zero base with a negative or complex exponent.
    pub fn power(self, b: Complex) -> Outcome {
        if b.is_zero() {
            return Ok(new(1.0, 0.0));
        }
        let small_int = b.im == 0.0 && b.re == b.re.floor() && b.re.abs() <= 100.0;
        let r = if small_int {
            self.int_power(b.re as i32).ok_or(Domain)?
        } else {
            self.general_power(b)?
        };
        // Only an infinity is an overflow here; NaN passes.
        if r.re.is_infinite() || r.im.is_infinite() { Err(Range) } else { Ok(r) }
    }

    fn int_power(self, n: i32) -> Option<Complex> {
        let mut r = new(1.0, 0.0);
        let mut square = self;
        let mut rest = n.unsigned_abs();
        while rest != 0 {
            if rest & 1 == 1 {
                r = r * square;
            }
            rest >>= 1;
            square = square * square;
        }
        if n > 0 { Some(r) } else { new(1.0, 0.0).quotient(r) }
    }

    fn general_power(self, b: Complex) -> Outcome {
        if self.is_zero() {
            return if b.im != 0.0 || b.re < 0.0 { Err(Domain) } else { Ok(new(0.0, 0.0)) };
        }
        let length = hypot(self.re, self.im);
        let angle = atan2(self.im, self.re);
        let mut scale = libm::pow(length, b.re);
        let mut phase = angle * b.re;
        if b.im != 0.0 {
            scale *= exp(-angle * b.im);
            phase += b.im * log(length);
        }
        // CPython sees the errno that sin and cos of an infinity leave.
        if phase.is_infinite() {
            return Err(Domain);
        }
        Ok(new(scale * cos(phase), scale * sin(phase)))
    }
}

/// The value for an argument with an infinity or a NaN in it.
fn tabled(z: Complex, table: &special::Table) -> Complex {
    let (re, im) = table[class(z.re)][class(z.im)];
    new(re, im)
}

/// -inf, negative, -0, +0, positive, +inf, NaN.
fn class(x: f64) -> usize {
    let negative = x.is_sign_negative();
    if x.is_nan() {
        6
    } else if x.is_infinite() {
        if negative { 0 } else { 5 }
    } else if x == 0.0 {
        if negative { 2 } else { 3 }
    } else if negative {
        1
    } else {
        4
    }
}

/// Whether z is an infinity on the real axis side, seen at a finite non-zero angle.
fn infinite_at_angle(z: Complex) -> bool {
    z.re.is_infinite() && z.im.is_finite() && z.im != 0.0
}

fn is_large(z: Complex) -> bool {
    z.re.abs() > LARGE || z.im.abs() > LARGE
}

/// log|z| for a large z.
fn log_large(z: Complex) -> f64 {
    log(hypot(z.re / 2.0, z.im / 2.0)) + LN_2 * 2.0
}

fn in_range(z: Complex) -> Outcome {
    if z.re.is_infinite() || z.im.is_infinite() { Err(Range) } else { Ok(z) }
}

pub fn sqrt(z: Complex) -> Complex {
    if !z.is_finite() {
        return tabled(z, &special::SQRT);
    }
    if z.is_zero() {
        return new(0.0, z.im);
    }
    let (x, y) = (z.re.abs(), z.im.abs());
    let s = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        // Both subnormal: up by an odd power of two, down by half of it.
        let up = (1u64 << 53) as f64;
        let x = x * up;
        (x + hypot(x, y * up)).sqrt() / (1u64 << 27) as f64
    } else {
        let x = x / 8.0;
        2.0 * (x + hypot(x, y / 8.0)).sqrt()
    };
    let d = y / (2.0 * s);
    if z.re >= 0.0 { new(s, d.copysign(z.im)) } else { new(d, s.copysign(z.im)) }
}

pub fn acos(z: Complex) -> Complex {
    if !z.is_finite() {
        return tabled(z, &special::ACOS);
    }
    if is_large(z) {
        let im = log_large(z);
        let im = if z.re < 0.0 { -im.copysign(z.im) } else { im.copysign(-z.im) };
        return new(atan2(z.im.abs(), z.re), im);
    }
    let a = sqrt(new(1.0 - z.re, -z.im));
    let b = sqrt(new(1.0 + z.re, z.im));
    new(2.0 * atan2(a.re, b.re), libm::asinh(b.re * a.im - b.im * a.re))
}

pub fn acosh(z: Complex) -> Complex {
    if !z.is_finite() {
        return tabled(z, &special::ACOSH);
    }
    if is_large(z) {
        return new(log_large(z), atan2(z.im, z.re));
    }
    let a = sqrt(new(z.re - 1.0, z.im));
    let b = sqrt(new(z.re + 1.0, z.im));
    new(libm::asinh(a.re * b.re + a.im * b.im), 2.0 * atan2(a.im, b.re))
}

pub fn asin(z: Complex) -> Complex {
    asinh(z.times_i()).over_i()
}

pub fn asinh(z: Complex) -> Complex {
    if !z.is_finite() {
        return tabled(z, &special::ASINH);
    }
    if is_large(z) {
        let re = log_large(z);
        let re = if z.im >= 0.0 { re.copysign(z.re) } else { -re.copysign(-z.re) };
        return new(re, atan2(z.im, z.re.abs()));
    }
    let a = sqrt(new(1.0 + z.im, -z.re));
    let b = sqrt(new(1.0 - z.im, z.re));
    new(libm::asinh(a.re * b.im - b.re * a.im), atan2(z.im, a.re * b.re - a.im * b.im))
}

pub fn atan(z: Complex) -> Outcome {
    Ok(atanh(z.times_i())?.over_i())
}

pub fn atanh(z: Complex) -> Outcome {
    if !z.is_finite() {
        return Ok(tabled(z, &special::ATANH));
    }
    if z.re < 0.0 {
        return Ok(-atanh(-z)?);
    }
    let y = z.im.abs();
    if z.re > LARGE.sqrt() || y > LARGE.sqrt() {
        // About 1/z, with the half turn of the cut.
        let h = hypot(z.re / 2.0, z.im / 2.0);
        return Ok(new(z.re / 4.0 / h / h, -(PI / 2.0).copysign(-z.im)));
    }
    if z.re == 1.0 && y < f64::MIN_POSITIVE.sqrt() {
        if y == 0.0 {
            return Err(Domain);
        }
        let re = -log(y.sqrt() / hypot(y, 2.0).sqrt());
        return Ok(new(re, (atan2(2.0, -y) / 2.0).copysign(z.im)));
    }
    let beyond = 1.0 - z.re;
    let re = crate::real::log1p(4.0 * z.re / (beyond * beyond + y * y)) / 4.0;
    let im = -atan2(-2.0 * z.im, beyond * (1.0 + z.re) - y * y) / 2.0;
    Ok(new(re, im))
}

pub fn cos_(z: Complex) -> Outcome {
    cosh_(z.times_i())
}

pub fn cosh_(z: Complex) -> Outcome {
    if !z.is_finite() {
        if z.im.is_infinite() && !z.re.is_nan() {
            return Err(Domain);
        }
        if infinite_at_angle(z) {
            let im = f64::INFINITY.copysign(sin(z.im));
            let im = if z.re > 0.0 { im } else { -im };
            return Ok(new(f64::INFINITY.copysign(cos(z.im)), im));
        }
        return Ok(tabled(z, &special::COSH));
    }
    in_range(if z.re.abs() > LOG_LARGE {
        let x = z.re - 1f64.copysign(z.re);
        new(cos(z.im) * cosh(x) * E, sin(z.im) * sinh(x) * E)
    } else {
        new(cos(z.im) * cosh(z.re), sin(z.im) * sinh(z.re))
    })
}

pub fn exp_(z: Complex) -> Outcome {
    if !z.is_finite() {
        if z.im.is_infinite() && (z.re.is_finite() || z.re == f64::INFINITY) {
            return Err(Domain);
        }
        if infinite_at_angle(z) {
            let size = if z.re > 0.0 { f64::INFINITY } else { 0.0 };
            return Ok(new(size.copysign(cos(z.im)), size.copysign(sin(z.im))));
        }
        return Ok(tabled(z, &special::EXP));
    }
    in_range(if z.re > LOG_LARGE {
        let l = exp(z.re - 1.0);
        new(l * cos(z.im) * E, l * sin(z.im) * E)
    } else {
        let l = exp(z.re);
        new(l * cos(z.im), l * sin(z.im))
    })
}

pub fn log_(z: Complex) -> Outcome {
    if !z.is_finite() {
        return Ok(tabled(z, &special::LOG));
    }
    if z.is_zero() {
        return Err(Domain);
    }
    let (x, y) = (z.re.abs(), z.im.abs());
    let re = if x > LARGE || y > LARGE {
        log(hypot(x / 2.0, y / 2.0)) + LN_2
    } else if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        let up = (1u64 << 53) as f64;
        log(hypot(x * up, y * up)) - 53.0 * LN_2
    } else {
        let h = hypot(x, y);
        if (0.71..=1.73).contains(&h) {
            // Near one, log loses digits that log1p keeps.
            let (big, small) = if x > y { (x, y) } else { (y, x) };
            crate::real::log1p((big - 1.0) * (big + 1.0) + small * small) / 2.0
        } else {
            log(h)
        }
    };
    Ok(new(re, atan2(z.im, z.re)))
}

pub fn log10_(z: Complex) -> Outcome {
    let r = log_(z)?;
    Ok(new(r.re / LN_10, r.im / LN_10))
}

pub fn sin_(z: Complex) -> Outcome {
    Ok(sinh_(z.times_i())?.over_i())
}

pub fn sinh_(z: Complex) -> Outcome {
    if !z.is_finite() {
        if z.im.is_infinite() && !z.re.is_nan() {
            return Err(Domain);
        }
        if infinite_at_angle(z) {
            let re = f64::INFINITY.copysign(cos(z.im));
            let re = if z.re > 0.0 { re } else { -re };
            return Ok(new(re, f64::INFINITY.copysign(sin(z.im))));
        }
        return Ok(tabled(z, &special::SINH));
    }
    in_range(if z.re.abs() > LOG_LARGE {
        let x = z.re - 1f64.copysign(z.re);
        new(cos(z.im) * sinh(x) * E, sin(z.im) * cosh(x) * E)
    } else {
        new(cos(z.im) * sinh(z.re), sin(z.im) * cosh(z.re))
    })
}

pub fn tan_(z: Complex) -> Outcome {
    Ok(tanh_(z.times_i())?.over_i())
}

pub fn tanh_(z: Complex) -> Outcome {
    if !z.is_finite() {
        if z.im.is_infinite() && z.re.is_finite() {
            return Err(Domain);
        }
        if infinite_at_angle(z) {
            let im = 0f64.copysign(2.0 * sin(z.im) * cos(z.im));
            return Ok(new(1f64.copysign(z.re), im));
        }
        return Ok(tabled(z, &special::TANH));
    }
    if z.re.abs() > LOG_LARGE {
        let im = 4.0 * sin(z.im) * cos(z.im) * exp(-2.0 * z.re.abs());
        return Ok(new(1f64.copysign(z.re), im));
    }
    let (tx, ty) = (libm::tanh(z.re), libm::tan(z.im));
    let cx = 1.0 / cosh(z.re);
    let txty = tx * ty;
    let denominator = 1.0 + txty * txty;
    Ok(new(tx * (1.0 + ty * ty) / denominator, ty / denominator * cx * cx))
}

/// The angle of z; a range error where it underflows to zero, as the C library reports.
pub fn phase(z: Complex) -> Result<f64, MathError> {
    let r = angle(z);
    if r == 0.0 && z.im != 0.0 && z.re.is_finite() { Err(Range) } else { Ok(r) }
}

/// The angle of z, for `polar`.
pub fn angle(z: Complex) -> f64 {
    if z.re.is_nan() || z.im.is_nan() { f64::NAN } else { atan2(z.im, z.re) }
}

pub fn rect(r: f64, phi: f64) -> Outcome {
    if !r.is_finite() || !phi.is_finite() {
        if phi.is_infinite() && r != 0.0 && !r.is_nan() {
            return Err(Domain);
        }
        if infinite_at_angle(new(r, phi)) {
            let sign = if r > 0.0 { 1.0 } else { -1.0 };
            let inf = f64::INFINITY;
            return Ok(new(sign * inf.copysign(cos(phi)), sign * inf.copysign(sin(phi))));
        }
        return Ok(tabled(new(r, phi), &special::RECT));
    }
    if phi == 0.0 {
        return Ok(new(r, r * phi));
    }
    Ok(new(r * cos(phi), r * sin(phi)))
}

pub fn is_close(a: Complex, b: Complex, rel_tol: f64, abs_tol: f64) -> bool {
    if a == b {
        return true;
    }
    let infinite = |z: Complex| z.re.is_infinite() || z.im.is_infinite();
    if infinite(a) || infinite(b) {
        return false;
    }
    let size = |z: Complex| z.abs().unwrap_or(f64::INFINITY);
    let difference = size(a - b);
    difference <= rel_tol * size(b) || difference <= rel_tol * size(a) || difference <= abs_tol
}
