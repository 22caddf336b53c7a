//! Numeric functions behind `math`, `cmath`, `complex` and `random`, free of any runtime. The
//! elementary ones are the C library's, as CPython uses them, so that results agree to the last
//! bit; what C lacks is here. Domain and range errors are values.

pub mod complex;
mod complex_special;
pub mod libm;
pub mod mersenne;
pub mod real;
pub mod sums;

/// What a function could not deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
    /// "math domain error", a ValueError.
    Domain,
    /// "math range error", an OverflowError.
    Range,
}
