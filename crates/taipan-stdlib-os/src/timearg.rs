//! Durations and points in time given as Python numbers, in nanoseconds, with CPython's rounding
//! modes and messages (Python/pytime.c).

use taipan_vm::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Round {
    Floor,
    Ceiling,
    HalfEven,
    /// Away from zero: timeouts.
    Up,
}

pub fn round(x: f64, how: Round) -> f64 {
    match how {
        Round::Floor => x.floor(),
        Round::Ceiling => x.ceil(),
        Round::HalfEven => x.round_ties_even(),
        Round::Up if x >= 0.0 => x.ceil(),
        Round::Up => x.floor(),
    }
}

#[cold]
pub fn too_large(cx: &Thread) -> Raised {
    err!(cx, OverflowError, "timestamp too large to convert to C PyTime_t")
}

/// Seconds (int or float) as nanoseconds (`_PyTime_FromSecondsObject`).
pub fn seconds(cx: &Thread, v: Value, how: Round) -> Res<i64> {
    if let Some(f) = float_value(v).filter(|_| !taipan_vm::objects::int::is_int(v)) {
        if f.is_nan() {
            raise!(cx, ValueError, "Invalid value NaN (not a number)");
        }
        let ns = round(f * 1e9, how);
        if !(-9.223372036854775808e18..9.223372036854775808e18).contains(&ns) {
            return Err(too_large(cx));
        }
        return Ok(ns as i64);
    }
    if v.as_small().is_none() && !taipan_vm::objects::int::is_int(v) {
        raise!(cx, TypeError, "'{}' object cannot be interpreted as an integer", v.ty().name());
    }
    match int_to_i64(v).and_then(|s| s.checked_mul(1_000_000_000)) {
        Some(ns) => Ok(ns),
        None => raise!(cx, OverflowError, "timestamp too large to convert to C PyTime_t"),
    }
}

/// A point in time as (seconds, nanoseconds below a second) (`_PyTime_ObjectToTimespec`).
pub fn timespec(cx: &Thread, v: Value, how: Round) -> Res<(i64, i64)> {
    split(cx, v, how, 1e9)
}

/// A point in time as (seconds, microseconds below a second) (`_PyTime_ObjectToTimeval`).
pub fn micros(cx: &Thread, v: Value, how: Round) -> Res<(i64, i64)> {
    split(cx, v, how, 1e6)
}

/// Seconds and the rest in units of which `unit` make a second.
fn split(cx: &Thread, v: Value, how: Round, unit: f64) -> Res<(i64, i64)> {
    if let Some(f) = float_value(v).filter(|_| !taipan_vm::objects::int::is_int(v)) {
        if f.is_nan() {
            raise!(cx, ValueError, "Invalid value NaN (not a number)");
        }
        let mut sec = f.trunc();
        let mut rest = round((f - sec) * unit, how);
        if rest >= unit {
            rest -= unit;
            sec += 1.0;
        } else if rest < 0.0 {
            rest += unit;
            sec -= 1.0;
        }
        if !(-9.223372036854775808e18..9.223372036854775808e18).contains(&sec) {
            raise!(cx, OverflowError, "timestamp out of range for platform time_t");
        }
        return Ok((sec as i64, rest as i64));
    }
    Ok((time_t(cx, v)?, 0))
}

/// A point in time in whole seconds (`_PyTime_ObjectToTime_t`).
pub fn whole_seconds(cx: &Thread, v: Value, how: Round) -> Res<i64> {
    if let Some(f) = float_value(v).filter(|_| !taipan_vm::objects::int::is_int(v)) {
        if f.is_nan() {
            raise!(cx, ValueError, "Invalid value NaN (not a number)");
        }
        let s = round(f, how);
        if !(-9.223372036854775808e18..9.223372036854775808e18).contains(&s) {
            raise!(cx, OverflowError, "timestamp out of range for platform time_t");
        }
        return Ok(s as i64);
    }
    time_t(cx, v)
}

fn time_t(cx: &Thread, v: Value) -> Res<i64> {
    let i = index(cx, v)?;
    match int_to_i64(i) {
        Some(s) => Ok(s),
        None => raise!(cx, OverflowError, "timestamp out of range for platform time_t"),
    }
}

/// The timespec of a count of nanoseconds.
pub fn to_timespec(ns: i64) -> libc::timespec {
    libc::timespec { tv_sec: ns.div_euclid(1_000_000_000), tv_nsec: ns.rem_euclid(1_000_000_000) }
}

pub fn to_timeval(ns: i64) -> libc::timeval {
    libc::timeval {
        tv_sec: ns.div_euclid(1_000_000_000),
        tv_usec: ns.rem_euclid(1_000_000_000) / 1000,
    }
}

/// `CLOCK_MONOTONIC` now.
pub fn monotonic_ns() -> i64 {
    clock_ns(libc::CLOCK_MONOTONIC).unwrap_or(0)
}

pub fn clock_ns(clock: libc::clockid_t) -> Result<i64, i32> {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: ts is a valid place for the result.
    let r = unsafe { libc::clock_gettime(clock, &mut ts) };
    crate::syscall::quick(r)?;
    Ok(ts.tv_sec * 1_000_000_000 + ts.tv_nsec)
}

/// Counts the time left of a timeout that may be infinite.
#[derive(Clone, Copy)]
pub struct Deadline(Option<i64>);

impl Deadline {
    /// `None`: never. A timeout in nanoseconds otherwise.
    pub fn after(timeout: Option<i64>) -> Deadline {
        Deadline(timeout.map(|t| monotonic_ns().saturating_add(t)))
    }

    /// Nanoseconds left, at least 0; `None` for ever.
    pub fn left(self) -> Option<i64> {
        self.0.map(|d| (d - monotonic_ns()).max(0))
    }

    pub fn passed(self) -> bool {
        self.0.is_some_and(|d| monotonic_ns() >= d)
    }
}

/// The smaller of two limits; `None` is no limit.
pub fn least(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
