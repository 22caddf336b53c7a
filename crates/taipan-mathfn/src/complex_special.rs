//! Values of complex functions where an infinity or a NaN is involved, by the class of the real
//! part (row) and the imaginary part: -inf, negative, -0, +0, positive, +inf, NaN. Entries that
//! no caller reads (both parts finite, or an error raised before) are NaN. Written by
//! tests/make_special.py.

use std::f64::consts::PI;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

pub(crate) type Table = [[(f64, f64); 7]; 7];

#[rustfmt::skip]
pub(crate) const ACOS: Table = [
    [(0.75 * PI, INF), (PI, INF), (PI, INF), (PI, -INF), (PI, -INF), (0.75 * PI, -INF), (NAN, INF)],
    [(PI / 2.0, INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (PI / 2.0, -INF), (NAN, NAN)],
    [(PI / 2.0, INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (PI / 2.0, -INF), (PI / 2.0, NAN)],
    [(PI / 2.0, INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (PI / 2.0, -INF), (PI / 2.0, NAN)],
    [(PI / 2.0, INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (PI / 2.0, -INF), (NAN, NAN)],
    [(PI / 4.0, INF), (0.0, INF), (0.0, INF), (0.0, -INF), (0.0, -INF), (PI / 4.0, -INF), (NAN, INF)],
    [(NAN, INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, -INF), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const ACOSH: Table = [
    [(INF, -0.75 * PI), (INF, -PI), (INF, -PI), (INF, PI), (INF, PI), (INF, 0.75 * PI), (INF, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 4.0), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI / 4.0), (INF, NAN)],
    [(INF, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, NAN), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const ASINH: Table = [
    [(-INF, -PI / 4.0), (-INF, -0.0), (-INF, -0.0), (-INF, 0.0), (-INF, 0.0), (-INF, PI / 4.0), (-INF, NAN)],
    [(-INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (-INF, PI / 2.0), (NAN, NAN)],
    [(-INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (-INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 4.0), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI / 4.0), (INF, NAN)],
    [(INF, NAN), (NAN, NAN), (NAN, -0.0), (NAN, 0.0), (NAN, NAN), (INF, NAN), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const ATANH: Table = [
    [(-0.0, -PI / 2.0), (-0.0, -PI / 2.0), (-0.0, -PI / 2.0), (-0.0, PI / 2.0), (-0.0, PI / 2.0), (-0.0, PI / 2.0), (-0.0, NAN)],
    [(-0.0, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (-0.0, PI / 2.0), (NAN, NAN)],
    [(-0.0, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (-0.0, PI / 2.0), (-0.0, NAN)],
    [(0.0, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.0, PI / 2.0), (0.0, NAN)],
    [(0.0, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.0, PI / 2.0), (NAN, NAN)],
    [(0.0, -PI / 2.0), (0.0, -PI / 2.0), (0.0, -PI / 2.0), (0.0, PI / 2.0), (0.0, PI / 2.0), (0.0, PI / 2.0), (0.0, NAN)],
    [(0.0, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.0, PI / 2.0), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const COSH: Table = [
    [(NAN, NAN), (-INF, INF), (INF, 0.0), (INF, -0.0), (-INF, -INF), (NAN, NAN), (INF, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, 0.0)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, 0.0)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), (NAN, NAN), (INF, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, 0.0), (NAN, 0.0), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const EXP: Table = [
    [(0.0, 0.0), (-0.0, -0.0), (0.0, -0.0), (0.0, 0.0), (-0.0, 0.0), (0.0, 0.0), (0.0, 0.0)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), (NAN, NAN), (INF, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, -0.0), (NAN, 0.0), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const LOG: Table = [
    [(INF, -0.75 * PI), (INF, -PI), (INF, -PI), (INF, PI), (INF, PI), (INF, 0.75 * PI), (INF, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 2.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, PI / 2.0), (NAN, NAN)],
    [(INF, -PI / 4.0), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI / 4.0), (INF, NAN)],
    [(INF, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, NAN), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const SINH: Table = [
    [(NAN, NAN), (INF, -INF), (-INF, -0.0), (-INF, 0.0), (INF, INF), (NAN, NAN), (INF, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.0, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.0, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), (NAN, NAN), (INF, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, -0.0), (NAN, 0.0), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const SQRT: Table = [
    [(INF, -INF), (0.0, -INF), (0.0, -INF), (0.0, INF), (0.0, INF), (INF, INF), (NAN, INF)],
    [(INF, -INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, INF), (NAN, NAN)],
    [(INF, -INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, INF), (NAN, NAN)],
    [(INF, -INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, INF), (NAN, NAN)],
    [(INF, -INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, INF), (NAN, NAN)],
    [(INF, -INF), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, INF), (INF, NAN)],
    [(INF, -INF), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (INF, INF), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const TANH: Table = [
    [(-1.0, 0.0), (-1.0, 0.0), (-1.0, -0.0), (-1.0, 0.0), (-1.0, -0.0), (-1.0, 0.0), (-1.0, 0.0)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(1.0, 0.0), (1.0, 0.0), (1.0, -0.0), (1.0, 0.0), (1.0, -0.0), (1.0, 0.0), (1.0, 0.0)],
    [(NAN, NAN), (NAN, NAN), (NAN, -0.0), (NAN, 0.0), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
];
#[rustfmt::skip]
pub(crate) const RECT: Table = [
    [(NAN, NAN), (INF, INF), (-INF, 0.0), (-INF, -0.0), (INF, -INF), (NAN, NAN), (INF, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(0.0, 0.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.0, 0.0), (0.0, 0.0)],
    [(0.0, 0.0), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.0, 0.0), (0.0, 0.0)],
    [(NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
    [(NAN, NAN), (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), (NAN, NAN), (INF, NAN)],
    [(NAN, NAN), (NAN, NAN), (NAN, 0.0), (NAN, 0.0), (NAN, NAN), (NAN, NAN), (NAN, NAN)],
];
