//! The proleptic Gregorian calendar: days counted from 1 January of year 1, weeks of ISO 8601.
//! Knows no Python object. Results for fields out of range (a damaged pickle) are some number, never
//! a panic; only the month must lie in 1..=12.

pub const MIN_YEAR: i32 = 1;
pub const MAX_YEAR: i32 = 9999;
/// The ordinal of 31 December 9999.
pub const MAX_ORDINAL: i32 = 3_652_059;
/// The ordinal of 1 January 1970.
pub const EPOCH_ORDINAL: i32 = 719_163;

/// A year, a month from 1, a day from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ymd {
    pub year: i32,
    pub month: i32,
    pub day: i32,
}

pub fn is_leap(year: i32) -> bool {
    let year = year as u32;
    year & 3 == 0 && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

pub fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 => 28 + is_leap(year) as i32,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the year before the first of the month.
fn days_before_month(year: i32, month: i32) -> i32 {
    const BEFORE: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    BEFORE[(month - 1) as usize] + (month > 2 && is_leap(year)) as i32
}

/// Days before 1 January of the year.
fn days_before_year(year: i32) -> i32 {
    // 400 years later, so that unsigned division does.
    const CYCLE: i32 = 146_097;
    let y = (year + 399) as u32;
    let centuries = y / 100;
    (y * 365 + y / 4 - centuries + centuries / 4) as i32 - CYCLE
}

impl Ymd {
    pub fn ordinal(self) -> i32 {
        days_before_year(self.year) + self.day_of_year()
    }

    /// From 1.
    pub fn day_of_year(self) -> i32 {
        days_before_month(self.year, self.month) + self.day
    }

    /// 0 is Monday.
    pub fn weekday(self) -> i32 {
        (self.ordinal() + 6).rem_euclid(7)
    }

    /// The date of an ordinal, which is at least 1. By Neri and Schneider, "Euclidean affine
    /// functions and their application to calendar algorithms" (2022): years begin in March.
    pub fn from_ordinal(ordinal: i32) -> Ymd {
        debug_assert!(ordinal >= 1);
        let quarter_days = 4 * (ordinal.max(1) as u64 + 305) + 3;
        let century = quarter_days / 146_097;
        let in_century = (quarter_days % 146_097) | 3;
        let product = 2_939_745 * in_century;
        let year_of_century = product >> 32;
        let day_of_year = (product & 0xFFFF_FFFF) / 2_939_745 / 4;
        let month_and_day = 2141 * day_of_year + 197_913;
        let month = (month_and_day >> 16) as i32;
        let day = (month_and_day & 0xFFFF) / 2141;
        // January and February belong to the year that begins after them.
        let next = day_of_year >= 306;
        Ymd {
            year: (100 * century + year_of_century) as i32 + next as i32,
            month: if next { month - 12 } else { month },
            day: day as i32 + 1,
        }
    }
}

/// The ordinal of the Monday on which week 1 of the ISO year begins.
fn week1_monday(year: i32) -> i32 {
    let first = days_before_year(year) + 1;
    let weekday = (first + 6).rem_euclid(7);
    // Week 1 is the one with the year's first Thursday.
    if weekday > 3 { first - weekday + 7 } else { first - weekday }
}

/// Which field of an ISO date is out of range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsoError {
    Year,
    Week,
    Day,
}

/// The date of an ISO year, week and weekday. The last week of 9999 ends in year 10000.
pub fn from_iso(year: i32, week: i32, day: i32) -> Result<Ymd, IsoError> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(IsoError::Year);
    }
    let weeks = (week1_monday(year + 1) - week1_monday(year)) / 7;
    if !(1..=weeks).contains(&week) {
        return Err(IsoError::Week);
    }
    if !(1..=7).contains(&day) {
        return Err(IsoError::Day);
    }
    Ok(Ymd::from_ordinal(week1_monday(year) + (week - 1) * 7 + day - 1))
}

/// The ISO year, week and weekday (Monday is 1) of a date.
pub fn to_iso(date: Ymd) -> (i32, i32, i32) {
    let today = date.ordinal();
    let mut year = date.year;
    if today < week1_monday(year) {
        year -= 1;
    } else if today >= week1_monday(year + 1) {
        year += 1;
    }
    let days = today - week1_monday(year);
    (year, days.div_euclid(7) + 1, days.rem_euclid(7) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ordinal_is_the_day_after_the_one_before() {
        let mut date = Ymd { year: 1, month: 1, day: 1 };
        for ordinal in 1..=MAX_ORDINAL {
            assert_eq!(Ymd::from_ordinal(ordinal), date);
            assert_eq!(date.ordinal(), ordinal);
            date.day += 1;
            if date.day > days_in_month(date.year, date.month) {
                date = Ymd { day: 1, month: date.month + 1, ..date };
            }
            if date.month > 12 {
                date = Ymd { month: 1, year: date.year + 1, ..date };
            }
        }
        assert_eq!(date, Ymd { year: 10000, month: 1, day: 1 });
    }

    #[test]
    fn iso_dates_go_there_and_back() {
        for ordinal in (1..=MAX_ORDINAL - 7).step_by(5) {
            let date = Ymd::from_ordinal(ordinal);
            let (y, w, d) = to_iso(date);
            if y >= 1 {
                assert_eq!(from_iso(y, w, d), Ok(date));
            }
            assert_eq!(d, date.weekday() + 1);
        }
        assert_eq!(from_iso(2020, 53, 5), Ok(Ymd { year: 2021, month: 1, day: 1 }));
        assert_eq!(from_iso(2021, 53, 5), Err(IsoError::Week));
        assert_eq!(from_iso(0, 1, 1), Err(IsoError::Year));
        assert_eq!(from_iso(2021, 5, 8), Err(IsoError::Day));
    }

    #[test]
    fn ordinals_far_beyond_the_range_still_have_a_year() {
        assert_eq!(Ymd::from_ordinal(1_000_000_000).year, 2_737_908);
        assert_eq!(Ymd::from_ordinal(i32::MAX).year, 5_879_611);
    }
}
