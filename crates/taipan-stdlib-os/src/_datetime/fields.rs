//! Checking arguments: ints of C's size, ranges of the fields, time zones; with CPython's messages.
//! And `Text`, ASCII put together on the stack.

use super::calendar::{MAX_YEAR, MIN_YEAR, Ymd, days_in_month};
use super::tz::{TimeZone, TzInfo};
use taipan_vm::prelude::*;

/// Hour, minute, second, microsecond, and which of two equal wall-clock times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    pub us: i32,
    pub fold: i32,
}

impl Clock {
    pub fn seconds(self) -> i32 {
        self.hour * 3600 + self.minute * 60 + self.second
    }

    /// Of a number of seconds below a day.
    pub fn from_seconds(seconds: i32, us: i32) -> Clock {
        let (minutes, second) = (seconds / 60, seconds % 60);
        Clock { hour: minutes / 60, minute: minutes % 60, second, us, fold: 0 }
    }
}

/// An argument of C's `int` as `PyArg_Parse` takes it (format `i`).
pub fn c_int(cx: &Thread, v: Value) -> Res<i32> {
    if let Some(i) = v.as_small().and_then(|i| i32::try_from(i).ok()) {
        return Ok(i);
    }
    let n = index(cx, v)?;
    match int_to_i64(n) {
        Some(n) if n > i32::MAX as i64 => {
            raise!(cx, OverflowError, "signed integer is greater than maximum")
        }
        Some(n) if n < i32::MIN as i64 => {
            raise!(cx, OverflowError, "signed integer is less than minimum")
        }
        Some(n) => Ok(n as i32),
        None => raise!(cx, OverflowError, "Python int too large to convert to C long"),
    }
}

/// The str that argument number `at` of `function` must be.
pub fn text_argument(cx: &Thread, v: Value, function: &str, at: usize) -> Res<&'static Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(
            cx,
            TypeError,
            "{function}() argument {at} must be str, not {}",
            taipan_vm::bind::type_or_none(v)
        ),
    }
}

#[inline]
pub fn check_date(cx: &Thread, d: Ymd) -> Res<()> {
    if (MIN_YEAR..=MAX_YEAR).contains(&d.year)
        && (1..=12).contains(&d.month)
        && d.day >= 1
        && (d.day <= 28 || d.day <= days_in_month(d.year, d.month))
    {
        return Ok(());
    }
    Err(bad_date(cx, d))
}

#[cold]
fn bad_date(cx: &Thread, d: Ymd) -> Raised {
    if !(MIN_YEAR..=MAX_YEAR).contains(&d.year) {
        return bad_year(cx, d.year);
    }
    if !(1..=12).contains(&d.month) {
        return err!(cx, ValueError, "month must be in 1..12");
    }
    err!(cx, ValueError, "day is out of range for month")
}

#[cold]
pub fn bad_year(cx: &Thread, year: i32) -> Raised {
    err!(cx, ValueError, "year {year} is out of range")
}

#[inline]
pub fn check_clock(cx: &Thread, c: Clock) -> Res<()> {
    let ranges = [
        (c.hour, 23, "hour must be in 0..23"),
        (c.minute, 59, "minute must be in 0..59"),
        (c.second, 59, "second must be in 0..59"),
        (c.us, 999_999, "microsecond must be in 0..999999"),
        (c.fold, 1, "fold must be either 0 or 1"),
    ];
    for (n, high, complaint) in ranges {
        // Negative numbers are above every bound.
        if n as u32 > high {
            raise!(cx, ValueError, "{complaint}");
        }
    }
    Ok(())
}

#[inline]
pub fn check_zone(cx: &Thread, tz: Value) -> Res<()> {
    if tz.is_none() || tz.downcast_exact::<TimeZone>().is_some() || TzInfo::check(tz) {
        return Ok(());
    }
    Err(err!(
        cx,
        TypeError,
        "tzinfo argument must be None or of a tzinfo subclass, not type '{}'",
        tz.ty().name()
    ))
}

/// The state bytes that a constructor called by pickle gets: a bytes object, or the same as Latin-1
/// text from a Python 2 pickle. `None` where the first argument is no state of `N` bytes.
pub fn pickle_state<const N: usize>(
    cx: &Thread,
    v: Value,
    what: &str,
    sane: impl Fn(&[u8; N]) -> bool,
) -> Res<Option<[u8; N]>> {
    if let Some(b) = v.downcast::<Bytes>() {
        return Ok(<[u8; N]>::try_from(b.as_slice()).ok().filter(|s| sane(s)));
    }
    let Some(s) = v.downcast::<Str>().filter(|s| s.len() == N) else {
        return Ok(None);
    };
    let mut state = [0; N];
    let mut wide = false;
    for (byte, c) in state.iter_mut().zip(s.chars()) {
        wide |= c > 0xFF;
        // What is too wide to be a byte is no sane value of a field either.
        *byte = u8::try_from(c).unwrap_or(0x7F);
    }
    if !sane(&state) {
        return Ok(None);
    }
    if wide {
        raise!(
            cx,
            ValueError,
            "Failed to encode latin1 string when unpickling a {what} object. \
             pickle.load(data, encoding='latin1') is assumed."
        );
    }
    Ok(Some(state))
}

/// A short ASCII text on the stack; it ends where the room ends.
pub struct Text {
    bytes: [u8; 96],
    len: usize,
}

impl Text {
    pub fn new() -> Text {
        Text { bytes: [0; 96], len: 0 }
    }

    pub fn byte(&mut self, b: u8) {
        if let Some(at) = self.bytes.get_mut(self.len) {
            *at = b;
            self.len += 1;
        }
    }

    pub fn text(&mut self, s: &str) {
        debug_assert!(s.is_ascii());
        s.bytes().for_each(|b| self.byte(b));
    }

    /// A number with at least `width` digits.
    pub fn padded(&mut self, n: i32, width: usize) {
        if n < 0 {
            self.byte(b'-');
        }
        let mut n = n.unsigned_abs();
        let mut digits = [b'0'; 10];
        let mut at = 10;
        while n > 0 {
            at -= 1;
            digits[at] = b'0' + (n % 10) as u8;
            n /= 10;
        }
        let at = at.min(10 - width);
        digits[at..].iter().for_each(|b| self.byte(*b));
    }

    pub fn number(&mut self, n: i32) {
        self.padded(n, 1);
    }

    /// Two digits, which is what most fields take.
    #[inline]
    pub fn two(&mut self, n: i32) {
        if (0..100).contains(&n) && self.len + 2 <= self.bytes.len() {
            self.bytes[self.len] = b'0' + (n / 10) as u8;
            self.bytes[self.len + 1] = b'0' + (n % 10) as u8;
            self.len += 2;
        } else {
            self.padded(n, 2);
        }
    }

    /// `YYYY-MM-DD`.
    pub fn date(&mut self, d: Ymd) {
        if (0..10_000).contains(&d.year) {
            self.two(d.year / 100);
            self.two(d.year % 100);
        } else {
            self.padded(d.year, 4);
        }
        self.byte(b'-');
        self.two(d.month);
        self.byte(b'-');
        self.two(d.day);
    }

    /// `HH:MM:SS` with any separator.
    pub fn clock(&mut self, seconds: i32, sep: &str) {
        self.two(seconds / 3600);
        self.text(sep);
        self.two(seconds / 60 % 60);
        self.text(sep);
        self.two(seconds % 60);
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("only ASCII is put in")
    }

    pub fn finish(&self, cx: &Thread) -> Value {
        Value::from_ref(Str::from_ascii(cx, self.as_bytes()))
    }
}

/// `__format__` of dates and times: strftime, or str without a format.
pub fn format(cx: &Thread, this: Value, format: Value) -> Res {
    let text = text_argument(cx, format, "__format__", 1)?;
    if text.is_empty() {
        return Ok(Value::from_ref(to_str(cx, this)?));
    }
    call_method(cx, this, id!(cx, "strftime"), &[format])
}

/// `(type, (state,))` or `(type, (state, zone))`, which pickle calls.
pub fn reduced(cx: &Thread, this: Value, state: Value, tz: Value) -> Value {
    let args = match tz.is_none() {
        true => Tuple::from_slice(cx, &[state]),
        false => Tuple::pair(cx, state, tz),
    };
    Value::from_ref(Tuple::pair(cx, Value::from_ref(this.ty()), Value::from_ref(args)))
}

/// `cls(*args)`, with `fold=1` where the fold is not 0.
pub fn call_with_fold(cx: &Thread, cls: &Type, args: &[Value], fold: Value) -> Res {
    let cls = Value::from_ref(cls);
    if fold == Value::small(0) {
        return call(cx, cls, args);
    }
    let kw = Dict::new(cx);
    kw.set_str(cx, id!(cx, "fold"), fold);
    call_dict(cx, cls, args, Some(kw))
}
