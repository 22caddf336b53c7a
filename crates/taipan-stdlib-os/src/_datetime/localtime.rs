//! The machine's own time zone, through the C library: local fields of a timestamp and back, with
//! the fold (PEP 495) told by looking a day around, as CPython does.

use super::calendar::{EPOCH_ORDINAL, MAX_ORDINAL, MAX_YEAR, MIN_YEAR, Ymd};
use super::datetime::DateTime;
use super::delta::Delta;
use super::fields::{Clock, bad_year};
use super::tz::TimeZone;
use crate::time;
use taipan_vm::prelude::*;

/// More than any zone was ever set back (23 hours, Kwajalein 1969).
const MAX_FOLD: i64 = 24 * 3600;

/// Broken-down time.
pub struct Fields {
    pub date: Ymd,
    pub clock: Clock,
    /// Seconds east of UTC.
    offset: i64,
    name: Value,
}

fn fields(cx: &Thread, tm: &libc::tm, named: bool) -> Fields {
    let date = Ymd { year: tm.tm_year.saturating_add(1900), month: tm.tm_mon + 1, day: tm.tm_mday };
    // A leap second counts as the one before.
    let second = tm.tm_sec.min(59);
    let clock = Clock { hour: tm.tm_hour, minute: tm.tm_min, second, us: 0, fold: 0 };
    let name = match named {
        // SAFETY: tm_zone is null or a string of the C library.
        true => unsafe { crate::fspath::decode_c(cx, tm.tm_zone) },
        false => none(),
    };
    Fields { date, clock, offset: tm.tm_gmtoff, name }
}

/// Local fields of a POSIX timestamp.
pub fn local(cx: &Thread, t: i64) -> Res<Fields> {
    time::to_local(cx, t).map(|tm| fields(cx, &tm, false))
}

/// Fields of a POSIX timestamp in UTC.
pub fn universal(cx: &Thread, t: i64) -> Res<Fields> {
    const DAY: i64 = 24 * 3600;
    let days = t.div_euclid(DAY) + EPOCH_ORDINAL as i64;
    if (1..=MAX_ORDINAL as i64).contains(&days) {
        let date = Ymd::from_ordinal(days as i32);
        let clock = Clock::from_seconds(t.rem_euclid(DAY) as i32, 0);
        return Ok(Fields { date, clock, offset: 0, name: none() });
    }
    // The C library says what is wrong, or gives a year that is.
    time::to_utc(cx, t).map(|tm| fields(cx, &tm, false))
}

/// Seconds since the epoch of fields taken as UTC.
fn as_utc(cx: &Thread, date: Ymd, clock: Clock) -> Res<i64> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&date.year) {
        return Err(bad_year(cx, date.year));
    }
    Ok((date.ordinal() - EPOCH_ORDINAL) as i64 * 24 * 3600 + clock.seconds() as i64)
}

/// The local fields of a timestamp, taken as UTC.
fn shifted(cx: &Thread, t: i64) -> Res<i64> {
    let f = local(cx, t)?;
    as_utc(cx, f.date, f.clock)
}

/// Local fields of a timestamp with their fold: 1 where the same fields came once before.
pub fn local_with_fold(cx: &Thread, t: i64) -> Res<Fields> {
    let mut f = local(cx, t)?;
    let here = as_utc(cx, f.date, f.clock)?;
    let set_back = here - shifted(cx, t - MAX_FOLD)? - MAX_FOLD;
    if set_back < 0 && shifted(cx, t + set_back)? == here {
        f.clock.fold = 1;
    }
    Ok(f)
}

/// The timestamp of local fields: of two the one that the fold says, of none one beyond the gap.
pub fn timestamp(cx: &Thread, date: Ymd, clock: Clock) -> Res<i64> {
    let t = as_utc(cx, date, clock)?;
    // Wanted is u with shifted(u) == t; try the offsets in force at t and a day away.
    let first = shifted(cx, t)? - t;
    let u1 = t - first;
    let at_u1 = shifted(cx, u1)?;
    let second = if at_u1 == t {
        let other = u1 + if clock.fold != 0 { MAX_FOLD } else { -MAX_FOLD };
        let offset = shifted(cx, other)? - other;
        if offset == first {
            return Ok(u1);
        }
        offset
    } else {
        at_u1 - u1
    };
    let u2 = t - second;
    if shifted(cx, u2)? == t {
        return Ok(u2);
    }
    if at_u1 == t {
        return Ok(u1);
    }
    Ok(if clock.fold != 0 { u1.min(u2) } else { u1.max(u2) })
}

/// The zone in force at a timestamp, as a `timezone` with the zone's name.
pub fn zone_at(cx: &Thread, t: i64) -> Res {
    let f = time::to_local(cx, t).map(|tm| fields(cx, &tm, true))?;
    let name = Some(f.name).filter(|n| !n.is_none());
    TimeZone::new(cx, Delta::new(cx, 0, f.offset, 0)?, name)
}

/// The zone in force at local fields.
pub fn zone_of(cx: &Thread, d: &DateTime) -> Res {
    let (date, clock) = (d.ymd(), d.clock());
    let mut t = timestamp(cx, date, clock)?;
    let other = timestamp(cx, date, Clock { fold: 1 - clock.fold, ..clock })?;
    // In a gap the fold says which side, the other way round.
    if other != t && (other > t) == (clock.fold != 0) {
        t = other;
    }
    zone_at(cx, t)
}

/// A `time.struct_time`.
pub fn struct_time(cx: &Thread, date: Ymd, clock: Clock, dst: i32) -> Value {
    let fields = [
        date.year,
        date.month,
        date.day,
        clock.hour,
        clock.minute,
        clock.second,
        date.weekday(),
        date.day_of_year(),
        dst,
    ];
    time::STRUCT_TIME.make(cx, &fields.map(|n| Value::small(n as i64)))
}
