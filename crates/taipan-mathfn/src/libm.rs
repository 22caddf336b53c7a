//! The C library's functions of doubles, as safe Rust functions. All are pure but for `errno`,
//! which nobody reads.

macro_rules! from_c {
    ($($name:ident($($arg:ident),+);)+) => {
        mod c {
            unsafe extern "C" {
                $(pub safe fn $name($($arg: f64),+) -> f64;)+
            }
        }
        $(
            #[inline]
            pub fn $name($($arg: f64),+) -> f64 {
                c::$name($($arg),+)
            }
        )+
    };
}

from_c! {
    acos(x);
    acosh(x);
    asin(x);
    asinh(x);
    atan(x);
    atanh(x);
    cbrt(x);
    cos(x);
    cosh(x);
    erf(x);
    erfc(x);
    exp(x);
    exp2(x);
    expm1(x);
    log(x);
    log10(x);
    log1p(x);
    log2(x);
    sin(x);
    sinh(x);
    tan(x);
    tanh(x);
    atan2(y, x);
    fmod(x, y);
    hypot(x, y);
    pow(x, y);
    fma(x, y, z);
}
