//! Reading ISO 8601: the formats that `fromisoformat` takes. Works on bytes of UTF-8, of which all
//! but the separator between date and time are ASCII.

use super::calendar::{self, Ymd};
use super::delta::Delta;
use super::fields::Clock;
use super::tz::{self, TimeZone};
use taipan_vm::prelude::*;

#[cold]
pub fn invalid(cx: &Thread, string: Value) -> Raised {
    match repr(cx, string) {
        Ok(r) => err!(cx, ValueError, "Invalid isoformat string: {r}"),
        Err(e) => e,
    }
}

#[inline(always)]
fn digits(s: &[u8], at: usize, n: usize) -> Option<i32> {
    s.get(at..at + n)?.iter().try_fold(0, |sum, b| match b {
        b'0'..=b'9' => Some(sum * 10 + (b - b'0') as i32),
        _ => None,
    })
}

/// `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-Www-D`, `YYYY-Www`, `YYYYWwwD`, `YYYYWww`. Fields that are out of
/// range are for the caller to complain about, but for those of weeks. What follows the last field is
/// not looked at, as in CPython: `20240101xx` is a date.
pub fn date(s: &[u8]) -> Option<Ymd> {
    if !matches!(s.len(), 7 | 8 | 10) {
        return None;
    }
    let year = digits(s, 0, 4)?;
    let dashed = s[4] == b'-';
    let at = 4 + dashed as usize;
    if s[at] == b'W' {
        let week = digits(s, at + 1, 2)?;
        let mut at = at + 3;
        let mut day = 1;
        if at < s.len() {
            if dashed {
                if s[at] != b'-' {
                    return None;
                }
                at += 1;
            }
            day = digits(s, at, 1)?;
        }
        return calendar::from_iso(year, week, day).ok();
    }
    let month = digits(s, at, 2)?;
    if dashed && *s.get(at + 2)? != b'-' {
        return None;
    }
    let at = at + 2 + dashed as usize;
    Some(Ymd { year, month, day: digits(s, at, 2)? })
}

/// A time of day with its offset in seconds and microseconds, if it has one.
pub struct Time {
    pub clock: Clock,
    pub offset: Option<(i32, i32)>,
}

/// `HH[:MM[:SS[.fraction]]]` or the same without colons: all of `s`. A fraction may be of any length;
/// what is beyond microseconds is dropped. Before a zone (`lax`) CPython takes a colon at the end, an
/// empty fraction, and anything after its sixth digit.
fn clock(s: &[u8], lax: bool) -> Option<Clock> {
    let mut parts = [0; 3];
    let mut at = 0;
    let colons = s.get(2) == Some(&b':');
    let mut us = 0;
    for i in 0..3 {
        if i > 0 && colons {
            if s[at] != b':' {
                return None;
            }
            at += 1;
        }
        parts[i] = digits(s, at, 2)?;
        at += 2;
        match s.get(at) {
            None => break,
            Some(b'.' | b',') => {
                let fraction = &s[at + 1..];
                let n = fraction.len().min(6);
                if !lax && (n == 0 || !fraction.iter().all(u8::is_ascii_digit)) {
                    return None;
                }
                us = digits(fraction, 0, n)? * 10i32.pow(6 - n as u32);
                at = s.len();
                break;
            }
            Some(b':') if lax && at + 1 == s.len() => return Some(finish(parts, 0)),
            Some(_) if i == 2 => return None,
            Some(_) => {}
        }
    }
    if at != s.len() {
        return None;
    }
    Some(finish(parts, us))
}

fn finish([hour, minute, second]: [i32; 3], us: i32) -> Clock {
    Clock { hour, minute, second, us, fold: 0 }
}

/// A time of day, with `Z` or an offset at its end or without.
pub fn time(s: &[u8]) -> Option<Time> {
    let Some(at) = s.iter().position(|b| matches!(b, b'Z' | b'+' | b'-')) else {
        return Some(Time { clock: clock(s, false)?, offset: None });
    };
    let (front, zone) = (clock(&s[..at], true)?, &s[at + 1..]);
    if s[at] == b'Z' {
        return zone.is_empty().then_some(Time { clock: front, offset: Some((0, 0)) });
    }
    let zone = clock(zone, false)?;
    let sign = if s[at] == b'-' { -1 } else { 1 };
    Some(Time { clock: front, offset: Some((sign * zone.seconds(), sign * zone.us)) })
}

impl Time {
    /// The zone that the offset stands for; None without one.
    pub fn zone(&self, cx: &Thread) -> Res {
        match self.offset {
            None => Ok(none()),
            Some((0, _)) => Ok(tz::utc(cx)),
            Some((s, us)) => TimeZone::new(cx, Delta::new(cx, 0, s as i64, us as i64)?, None),
        }
    }
}

/// Where the date of a date and time ends. Week dates without dashes are ambiguous: a run of digits
/// up to an odd place ends in a weekday and pairs; a dash and a digit after `YYYY-Www` begin a time.
fn date_length(s: &[u8]) -> usize {
    let digit = |i: usize| s.get(i).is_some_and(u8::is_ascii_digit);
    if s.len() == 7 {
        return 7;
    }
    match (s[4], s[5]) {
        (b'-', b'W') if s.get(8) == Some(&b'-') && !digit(10) => 10,
        (b'-', b'W') => 8,
        (b'-', _) => 10,
        (b'W', _) => {
            let end = (7..s.len()).find(|i| !digit(*i)).unwrap_or(s.len());
            match end {
                ..9 => end,
                _ => 7 + end % 2,
            }
        }
        _ => 8,
    }
}

/// A date and, after a separator of any one character, a time.
pub fn datetime(s: &[u8]) -> Option<(Ymd, Time)> {
    if s.len() < 7 {
        return None;
    }
    let end = date_length(s);
    let d = date(s.get(..end)?)?;
    let Some(first) = s.get(end) else {
        return Some((d, Time { clock: Clock::default(), offset: None }));
    };
    let width = match first {
        0..0x80 => 1,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
        _ => 2,
    };
    Some((d, time(s.get(end + width..)?)?))
}

/// The bytes of the string, where a surrogate that can only be the separator counts as `T`.
pub fn bytes(s: &Str) -> Option<std::borrow::Cow<'_, [u8]>> {
    if let Some(t) = s.as_ascii() {
        return Some(t.as_bytes().into());
    }
    let Some(at) = s.first_surrogate() else {
        return Some(s.to_wtf8().into());
    };
    if !matches!(at, 7 | 8 | 10) {
        return None;
    }
    let mut out = String::new();
    for (i, c) in s.chars().enumerate() {
        out.push(if i == at { 'T' } else { char::from_u32(c)? });
    }
    Some(out.into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<(&str, Option<(i32, i32)>)>) {
        let got = datetime(text.as_bytes()).map(|(d, t)| {
            let c = t.clock;
            let shown = format!(
                "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}",
                d.year, d.month, d.day, c.hour, c.minute, c.second, c.us
            );
            (shown, t.offset)
        });
        assert_eq!(got, expect.map(|(s, o)| (s.to_string(), o)), "{text}");
    }

    #[test]
    fn dates_and_times_in_all_forms() {
        check("2024-02-29", Some(("2024-02-29 00:00:00.000000", None)));
        check("20240229T1", None);
        check("20240229T10", Some(("2024-02-29 10:00:00.000000", None)));
        check("2024-02-29T10:11", Some(("2024-02-29 10:11:00.000000", None)));
        check("2024-02-29T101112", Some(("2024-02-29 10:11:12.000000", None)));
        check("2024-02-29T101112.5", Some(("2024-02-29 10:11:12.500000", None)));
        check("2024-02-29T10:11:12,1234567", Some(("2024-02-29 10:11:12.123456", None)));
        check("2024-02-29T10:11Z", Some(("2024-02-29 10:11:00.000000", Some((0, 0)))));
        check("2024-02-29T10-0530", Some(("2024-02-29 10:00:00.000000", Some((-19800, 0)))));
        check("2024-W09-4", Some(("2024-02-29 00:00:00.000000", None)));
        check("2024W094", Some(("2024-02-29 00:00:00.000000", None)));
        check("2024W09", Some(("2024-02-26 00:00:00.000000", None)));
        check("2024W09T10", Some(("2024-02-26 10:00:00.000000", None)));
        check("2024W094T10", Some(("2024-02-29 10:00:00.000000", None)));
    }

    #[test]
    fn what_is_malformed_has_no_meaning() {
        for text in [
            "",
            "2024-2-29",
            "2024-0229",
            "202402-29",
            "2024-02-29T",
            "2024-02-29T10:1",
            "2024-02-29T10:",
            "2024-02-29T10:11:12.",
            "2024-02-29T10:1112",
            "2024-02-29T1011:12",
            "2024-02-29T10Z1",
            "2024-02-29T10+",
            "2024-02-29T10+1",
            "2024-W54-1",
            "2024-W09-",
            "2024-02-29T10:11:12:13",
        ] {
            check(text, None);
        }
    }
}
