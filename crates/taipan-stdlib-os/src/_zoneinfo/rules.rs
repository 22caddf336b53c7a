//! POSIX time zone strings (`CET-1CEST,M3.5.0,M10.5.0/3`), which say what holds after a file's last
//! transition, with the extensions of RFC 8536. Knows no Python object.

use crate::_datetime::calendar::{EPOCH_ORDINAL, Ymd, days_in_month, is_leap};

/// The day of a year on which the clocks change.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Day {
    /// The nth weekday (0 is Sunday) of a month; the fifth is the last.
    Weekday { month: i32, week: i32, day: i32 },
    /// From 1, without 29 February.
    Julian(i32),
    /// From 0.
    OfYear(i32),
}

/// When the clocks change: a day and the seconds after its midnight by the clock before the change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    day: Day,
    seconds: i64,
}

impl Change {
    /// In seconds since 1970 of local time.
    pub fn in_year(self, year: i32) -> i64 {
        let first = Ymd { year, month: 1, day: 1 }.ordinal();
        let ordinal = match self.day {
            // One day early, and J59 of a leap year one late, as in CPython.
            Day::OfYear(n) => first + n - 1,
            Day::Julian(n) => first + n - 1 + (n >= 59 && is_leap(year)) as i32,
            Day::Weekday { month, week, day } => {
                let first = Ymd { year, month, day: 1 };
                // Here Monday is 0.
                let mut n = (day + 6 - first.weekday()).rem_euclid(7) + 7 * (week - 1);
                if n >= days_in_month(year, month) {
                    n -= 7;
                }
                first.ordinal() + n
            }
        };
        (ordinal - EPOCH_ORDINAL) as i64 * 24 * 3600 + self.seconds
    }
}

/// Daylight saving of a zone string.
#[derive(Debug, PartialEq)]
pub struct Saving {
    pub name: String,
    pub offset: i32,
    pub start: Change,
    pub end: Change,
}

/// A zone string: standard time, and daylight saving if there is any. Offsets are seconds east.
#[derive(Debug, PartialEq)]
pub struct Rules {
    pub name: String,
    pub offset: i32,
    pub saving: Option<Saving>,
}

/// What is wrong with a zone string, in CPython's words.
pub type Complaint = &'static str;

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, b: u8) -> bool {
        let found = self.peek() == Some(b);
        self.at += found as usize;
        found
    }

    fn digits(&mut self, min: usize, max: usize) -> Option<i32> {
        let (mut n, mut count) = (0, 0);
        while let Some(b @ b'0'..=b'9') = self.peek().filter(|_| count < max) {
            n = n * 10 + (b - b'0') as i32;
            count += 1;
            self.at += 1;
        }
        (count >= min).then_some(n)
    }

    /// `name`, or `<+03>`.
    fn name(&mut self) -> Option<String> {
        let quoted = self.take(b'<');
        let start = self.at;
        while let Some(b) = self.peek() {
            let part = match quoted {
                true => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'),
                false => b.is_ascii_alphabetic(),
            };
            if !part {
                break;
            }
            self.at += 1;
        }
        let name = String::from_utf8(self.text[start..self.at].to_vec()).ok()?;
        if quoted {
            return self.take(b'>').then_some(name);
        }
        (!name.is_empty()).then_some(name)
    }

    /// `[+-]h[hh][:mm[:ss]]`: the hours, and all in seconds.
    fn time(&mut self) -> Option<(i32, i32)> {
        let sign = if self.take(b'-') { -1 } else { 1 };
        if sign > 0 {
            self.take(b'+');
        }
        let hours = self.digits(1, 3)?;
        let mut seconds = hours * 3600;
        if self.take(b':') {
            seconds += self.digits(2, 2)? * 60;
            if self.take(b':') {
                seconds += self.digits(2, 2)?;
            }
        }
        Some((hours, sign * seconds))
    }

    /// An offset, which the string counts to the west.
    fn offset(&mut self) -> Option<i32> {
        self.time().filter(|(hours, _)| *hours <= 24).map(|(_, seconds)| -seconds)
    }

    fn change(&mut self) -> Option<Change> {
        let day = if self.take(b'M') {
            let month = self.digits(1, 2).filter(|n| (1..=12).contains(n))?;
            let week = self.take(b'.').then(|| self.digits(1, 1))??;
            let day = self.take(b'.').then(|| self.digits(1, 1))??;
            if !(1..=5).contains(&week) || day > 6 {
                return None;
            }
            Day::Weekday { month, week, day }
        } else if self.take(b'J') {
            Day::Julian(self.digits(1, 3).filter(|n| (1..=365).contains(n))?)
        } else {
            Day::OfYear(self.digits(1, 3).filter(|n| *n <= 365)?)
        };
        let (hours, seconds) = if self.take(b'/') { self.time()? } else { (2, 2 * 3600) };
        (hours <= 167).then_some(Change { day, seconds: seconds as i64 })
    }

    fn next_change(&mut self) -> Result<Change, Complaint> {
        if !self.take(b',') {
            return Err("Missing transition rules in TZ string:");
        }
        self.change().ok_or("Malformed transition rule in TZ string:")
    }
}

pub fn parse(text: &[u8]) -> Result<Rules, Complaint> {
    let mut r = Reader { text, at: 0 };
    let name = r.name().ok_or("Invalid STD format in")?;
    let offset = r.offset().ok_or("Invalid STD offset in")?;
    if r.peek().is_none() {
        return Ok(Rules { name, offset, saving: None });
    }
    let saving_name = r.name().ok_or("Invalid DST format in")?;
    let saving_offset = match r.peek() {
        Some(b',') => offset + 3600,
        _ => r.offset().ok_or("Invalid DST offset in")?,
    };
    let (start, end) = (r.next_change()?, r.next_change()?);
    if r.peek().is_some() {
        return Err("Extraneous characters at end of TZ string:");
    }
    let saving = Saving { name: saving_name, offset: saving_offset, start, end };
    Ok(Rules { name, offset, saving: Some(saving) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The changes of a year in days and hours since 1970.
    fn check(text: &str, year: i32, expect: [(i64, i64); 2]) {
        let rules = parse(text.as_bytes()).expect(text);
        let saving = rules.saving.expect("a zone with daylight saving");
        let got = [saving.start, saving.end].map(|c| {
            let t = c.in_year(year);
            (t.div_euclid(86400), t.rem_euclid(86400) / 3600)
        });
        assert_eq!(got, expect, "{text} in {year}");
    }

    #[test]
    fn changes_are_found_by_weekday_and_by_day() {
        // 31 March and 27 October 2024.
        check("CET-1CEST,M3.5.0,M10.5.0/3", 2024, [(19813, 2), (20023, 3)]);
        // 10 March and 3 November 2024.
        check("EST5EDT,M3.2.0,M11.1.0", 2024, [(19792, 2), (20030, 2)]);
        // 1 March and 31 December, with and without 29 February.
        check("AAA3BBB,J60/0,J365/23", 2024, [(19783, 0), (20088, 23)]);
        check("AAA3BBB,60/0,365/23", 2024, [(19782, 0), (20087, 23)]);
        check("<+03>-3<+04>-4,M3.4.4/50,M10.4.4/-1", 2024, [(19812, 2), (20019, 23)]);
    }

    #[test]
    fn complaints_name_the_part() {
        for (text, complaint) in [
            ("", "Invalid STD format in"),
            ("<+3", "Invalid STD format in"),
            ("AAA", "Invalid STD offset in"),
            ("AAA25", "Invalid STD offset in"),
            ("AAA3+", "Invalid DST format in"),
            ("AAA3BBB", "Invalid DST offset in"),
            ("AAA3BBB4", "Missing transition rules in TZ string:"),
            ("AAA3BBB,J60/2", "Missing transition rules in TZ string:"),
            ("AAA3BBB,J0,J5", "Malformed transition rule in TZ string:"),
            ("AAA3BBB,M13.1.1,J5", "Malformed transition rule in TZ string:"),
            ("AAA3BBB,M1.1.1/168,J5", "Malformed transition rule in TZ string:"),
            ("AAA3BBB,J1,J5,", "Extraneous characters at end of TZ string:"),
        ] {
            assert_eq!(parse(text.as_bytes()), Err(complaint), "{text}");
        }
    }
}
