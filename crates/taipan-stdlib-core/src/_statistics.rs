//! `_statistics`: the inverse of the normal distribution, by Wichura's algorithm AS241.

use taipan_mathfn::libm;
use taipan_vm::prelude::*;

/// Coefficients by falling power: numerator and denominator.
type Ratio = ([f64; 8], [f64; 8]);

/// |p - 0.5| <= 0.425
const CENTRE: Ratio = (
    [
        2509.0809287301227,
        33430.57558358813,
        67265.7709270087,
        45921.95393154987,
        13731.69376550946,
        1971.5909503065513,
        133.14166789178438,
        3.3871328727963665,
    ],
    [
        5226.495278852854,
        28729.085735721943,
        39307.89580009271,
        21213.794301586597,
        5394.196021424751,
        687.1870074920579,
        42.31333070160091,
        1.0,
    ],
);

/// The tails, for r = sqrt(-log(tail)) <= 5.
const NEAR: Ratio = (
    [
        0.0007745450142783414,
        0.022723844989269184,
        0.2417807251774506,
        1.2704582524523684,
        3.6478483247632045,
        5.769497221460691,
        4.630337846156546,
        1.4234371107496835,
    ],
    [
        1.0507500716444169e-9,
        0.0005475938084995345,
        0.015198666563616457,
        0.14810397642748008,
        0.6897673349851,
        1.6763848301838038,
        2.053191626637759,
        1.0,
    ],
);

/// The tails beyond.
const FAR: Ratio = (
    [
        2.0103343992922881e-7,
        2.7115555687434876e-5,
        0.0012426609473880784,
        0.026532189526576124,
        0.29656057182850487,
        1.7848265399172913,
        5.463784911164114,
        6.657904643501103,
    ],
    [
        2.0442631033899397e-15,
        1.421511758316446e-7,
        1.8463183175100548e-5,
        0.0007868691311456133,
        0.014875361290850615,
        0.1369298809227358,
        0.599832206555888,
        1.0,
    ],
);

fn polynomial(k: &[f64; 8], x: f64) -> f64 {
    k[1..].iter().fold(k[0], |s, &c| s * x + c)
}

/// The point of a normal distribution below which the share p lies.
#[pyfunction]
fn _normal_dist_inv_cdf(cx: &Thread, p: f64, mu: f64, sigma: f64) -> Res {
    if !(p > 0.0 && p < 1.0) && !p.is_nan() {
        raise!(cx, ValueError, "inv_cdf undefined for these parameters");
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        let x = polynomial(&CENTRE.0, r) * q / polynomial(&CENTRE.1, r);
        return Ok(Value::from_f64(mu + x * sigma));
    }
    let tail = if q <= 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let (table, r) = if r <= 5.0 { (&NEAR, r - 1.6) } else { (&FAR, r - 5.0) };
    let x = polynomial(&table.0, r) / polynomial(&table.1, r);
    Ok(Value::from_f64(mu + if q < 0.0 { -x } else { x } * sigma))
}

pymodule! { "_statistics",
doc: "Fast parts of the statistics module.",
functions: [_normal_dist_inv_cdf] }
