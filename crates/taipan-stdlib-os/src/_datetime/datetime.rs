//! `datetime`: a date and a time of day, with or without a zone. What compares, subtracts and hashes
//! by the offsets of zones is in `order.rs`.

use super::calendar::{EPOCH_ORDINAL, MAX_ORDINAL, Ymd};
use super::date::{self, Date};
use super::delta::Delta;
use super::fields::{
    self, Clock, Text, c_int, check_clock, check_date, check_zone, pickle_state, text_argument,
};
use super::time::{self, Time};
use super::tz::TimeZone;
use super::{iso, localtime, order, text, tz};
use crate::timearg::{self, Round};
use std::sync::atomic::AtomicI64;
use taipan_vm::bind::{bind, type_or_none};
use taipan_vm::call::{Owner, Param, ParamKind, Sig};
use taipan_vm::objects::module::import_attr;
use taipan_vm::objects::text_builder::TextBuilder;
use taipan_vm::objects::warn_deprecated;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// CPython's `PyDateTime_DateTime`, as C code reads it; begins as a `Date`.
#[repr(C)]
pub struct DateTime {
    head: Head,
    /// -1: not asked for yet.
    pub(super) hash: AtomicI64,
    has_zone: u8,
    /// The four bytes of a date and the six of a time: so their order is that of datetimes.
    pub(super) data: [u8; 10],
    fold: u8,
    tz: Slot,
}

const _: () = {
    assert!(std::mem::offset_of!(DateTime, data) == 41);
    assert!(std::mem::offset_of!(DateTime, tz) == 56);
    assert!(size_of::<DateTime>() == 64);
};

pytype! { DateTime, PyTaipanDateTime_Type, name: "datetime", module: "datetime",
base: Date, flags: tpflags::BASETYPE,
doc: "datetime(year, month, day[, hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a date and time of day\n\nAll arguments are ints, but for tzinfo, which is None or a tzinfo." }

impl DateTime {
    fn alloc(cx: &Thread, ty: &Type, data: [u8; 10], fold: u8, tz: Value) -> Value {
        let tz_slot = Slot::empty();
        tz_slot.init(Some(tz));
        let d = DateTime {
            head: fresh_head(),
            hash: AtomicI64::new(-1),
            has_zone: !tz.is_none() as u8,
            data,
            fold,
            tz: tz_slot,
        };
        if !ty.is(DateTime::type_object()) {
            return Value::from_ref(cx.alloc_in(ty, d));
        }
        let p = cx.mutator.alloc_object(size_of::<DateTime>(), 0, Kind::Scan);
        // SAFETY: a private cell of the struct's size, which is all that an exact instance has; the
        // type is stored last.
        unsafe {
            (p.as_ptr() as *mut DateTime).write(d);
            p.as_ref().init(cx.tid, 0, ty as *const Type as *mut Head);
        }
        Value::from_head(p)
    }

    fn of_fields(cx: &Thread, ty: &Type, d: Ymd, c: Clock, tz: Value) -> Value {
        let ([y, z, month, day], [h, m, s, a, b, f]) = (date::pack(d), time::pack(c));
        DateTime::alloc(cx, ty, [y, z, month, day, h, m, s, a, b, f], c.fold as u8, tz)
    }

    /// A datetime whose fields are checked here.
    pub fn new(cx: &Thread, ty: &Type, d: Ymd, c: Clock, tz: Value) -> Res {
        check_date(cx, d)?;
        check_clock(cx, c)?;
        check_zone(cx, tz)?;
        Ok(DateTime::of_fields(cx, ty, d, c, tz))
    }

    /// An instance of `cls`, which may be a subclass and then makes its own.
    fn make(cx: &Thread, cls: &Type, d: Ymd, c: Clock, tz: Value) -> Res {
        if cls.is(DateTime::type_object()) {
            return DateTime::new(cx, cls, d, c, tz);
        }
        let numbers = [d.year, d.month, d.day, c.hour, c.minute, c.second, c.us];
        let [y, m, day, h, min, s, us] = numbers.map(small);
        fields::call_with_fold(cx, cls, &[y, m, day, h, min, s, us, tz], small(c.fold))
    }

    /// The same fields in another zone and fold, of the same class without asking it.
    pub fn with(&self, cx: &Thread, tz: Value, fold: u8) -> Value {
        DateTime::alloc(cx, Value::from_ref(self).ty(), self.data, fold, tz)
    }

    pub fn ymd(&self) -> Ymd {
        let [y, z, m, d, ..] = self.data;
        date::unpack([y, z, m, d])
    }

    pub fn clock(&self) -> Clock {
        let [_, _, _, _, h, m, s, a, b, c] = self.data;
        time::unpack([h, m, s, a, b, c], self.fold)
    }

    pub fn zone(&self) -> Value {
        self.tz.value()
    }

    pub fn offset(&self, cx: &Thread) -> Res<Option<&'static Delta>> {
        tz::utcoffset(cx, self.zone(), Value::from_ref(self))
    }

    /// The datetime so much later (`sign` 1) or earlier (-1), in the same zone.
    pub fn plus(&self, cx: &Thread, delta: &Delta, sign: i32) -> Res {
        let (d, c) = (self.ymd(), self.clock());
        let us = c.us + sign * delta.us;
        let seconds = c.seconds() + sign * delta.seconds + us.div_euclid(1_000_000);
        let days = sign as i64 * delta.days as i64 + seconds.div_euclid(24 * 3600) as i64;
        let clock = Clock::from_seconds(seconds.rem_euclid(24 * 3600), us.rem_euclid(1_000_000));
        let date = match days {
            0 => d,
            _ => {
                let ordinal = d.ordinal() as i64 + days;
                if !(1..=MAX_ORDINAL as i64).contains(&ordinal) {
                    raise!(cx, OverflowError, "date value out of range");
                }
                Ymd::from_ordinal(ordinal as i32)
            }
        };
        let ty = Value::from_ref(self).ty();
        if ty.is(DateTime::type_object()) {
            return Ok(DateTime::of_fields(cx, ty, date, clock, self.zone()));
        }
        DateTime::make(cx, ty, date, clock, self.zone())
    }

    /// A number that orders as the fields do.
    #[inline]
    pub fn key(&self) -> (u64, u16) {
        let [a, b, c, d, e, f, g, h, i, j] = self.data;
        (u64::from_be_bytes([a, b, c, d, e, f, g, h]), u16::from_be_bytes([i, j]))
    }

    /// Seconds since year 1 began of the fields, and the microseconds.
    pub fn instant(&self) -> (i64, i32) {
        let c = self.clock();
        (self.ymd().ordinal() as i64 * 24 * 3600 + c.seconds() as i64, c.us)
    }

    fn state(&self, cx: &Thread, proto: i32) -> Value {
        let mut data = self.data;
        if proto > 3 && self.fold != 0 {
            data[2] |= 0x80;
        }
        let state = Value::from_ref(Bytes::new(cx, &data));
        fields::reduced(cx, Value::from_ref(self), state, self.zone())
    }

    fn from_state(cx: &Thread, cls: &Type, mut data: [u8; 10], tz: Value) -> Res {
        if check_zone(cx, tz).is_err() {
            raise!(cx, TypeError, "bad tzinfo state arg");
        }
        let fold = data[2] >> 7;
        data[2] &= 0x7F;
        Ok(DateTime::alloc(cx, cls, data, fold, tz))
    }

    /// The datetime of a timestamp: in local time without a zone, else in the zone.
    fn of_timestamp(cx: &Thread, cls: &Type, t: i64, us: i32, tz: Value) -> Res {
        if tz.is_none() {
            let f = localtime::local_with_fold(cx, t)?;
            return DateTime::make(cx, cls, f.date, Clock { us, ..f.clock }, tz);
        }
        let utc = DateTime::of_utc(cx, cls, t, us, tz)?;
        if let (Some(zone), Some(d)) =
            (tz.downcast_exact::<TimeZone>(), utc.downcast_exact::<DateTime>())
        {
            return match zone.offset().is_zero() {
                true => Ok(utc),
                false => d.plus(cx, zone.offset(), 1),
            };
        }
        call_method(cx, tz, id!(cx, "fromutc"), &[utc])
    }

    /// The fields in UTC of a timestamp.
    fn of_utc(cx: &Thread, cls: &Type, t: i64, us: i32, tz: Value) -> Res {
        let f = localtime::universal(cx, t)?;
        DateTime::make(cx, cls, f.date, Clock { us, ..f.clock }, tz)
    }

    fn isoformat_of(&self, cx: &Thread, sep: u32, spec: text::Spec) -> Res {
        let mut front = Text::new();
        front.date(self.ymd());
        let mut back = Text::new();
        let wide = sep > 0x7F;
        let rest = if wide { &mut back } else { &mut front };
        if !wide {
            rest.byte(sep as u8);
        }
        text::put_clock(rest, self.clock(), spec);
        text::put_offset(cx, rest, self.zone(), Value::from_ref(self), ":")?;
        if !wide {
            return Ok(front.finish(cx));
        }
        let mut out = TextBuilder::new();
        out.push_str(front.as_str());
        out.push(Str::from_char(cx, sep));
        out.push_str(back.as_str());
        Ok(out.finish(cx))
    }
}

fn small(n: i32) -> Value {
    Value::small(n as i64)
}

const fn field(name: &'static str, kind: ParamKind, default: Option<&'static str>) -> Param {
    Param { name, kind, default }
}

static NEW: Sig = {
    use ParamKind::{KwOnly, PosOrKw};
    Sig {
        fname: "",
        owner: Owner::Slot,
        params: &[
            field("year", PosOrKw, None),
            field("month", PosOrKw, None),
            field("day", PosOrKw, None),
            field("hour", PosOrKw, Some("0")),
            field("minute", PosOrKw, Some("0")),
            field("second", PosOrKw, Some("0")),
            field("microsecond", PosOrKw, Some("0")),
            field("tzinfo", PosOrKw, Some("None")),
            field("fold", KwOnly, Some("0")),
        ],
        text: None,
        keywords_of: None,
    }
};

#[pymethods]
impl DateTime {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let by_position = args.len() - kw.map_or(0, |k| k.len());
        if let (1 | 2, Some(state)) = (by_position, args.first()) {
            let sane = |s: &[u8; 10]| (1..=12).contains(&(s[2] & 0x7F));
            if let Some(data) = pickle_state(cx, *state, "datetime", sane)? {
                let tz = args.get(1).filter(|_| by_position == 2);
                return DateTime::from_state(cx, cls, data, tz.copied().unwrap_or(none()));
            }
        }
        let mut given = [None; 9];
        if kw.is_none() && (3..=8).contains(&args.len()) {
            given.iter_mut().zip(args).for_each(|(to, v)| *to = Some(*v));
        } else {
            bind(cx, &NEW, None, args, kw, &mut given)?;
        }
        let [y, m, d, h, min, s, us, tz, fold] = given;
        let int = |v: Option<Value>| v.map_or(Ok(0), |v| c_int(cx, v));
        let (year, month) = (int(y)?, int(m)?);
        let date = Ymd { year, month, day: int(d)? };
        let (hour, minute, second) = (int(h)?, int(min)?, int(s)?);
        let clock = Clock { hour, minute, second, us: int(us)?, fold: int(fold)? };
        DateTime::new(cx, cls, date, clock, tz.unwrap_or(none()))
    }

    #[getter]
    fn hour(_cx: &Thread, this: &DateTime) -> Value {
        small(this.clock().hour)
    }

    #[getter]
    fn minute(_cx: &Thread, this: &DateTime) -> Value {
        small(this.clock().minute)
    }

    #[getter]
    fn second(_cx: &Thread, this: &DateTime) -> Value {
        small(this.clock().second)
    }

    #[getter]
    fn microsecond(_cx: &Thread, this: &DateTime) -> Value {
        small(this.clock().us)
    }

    #[getter]
    fn tzinfo(_cx: &Thread, this: &DateTime) -> Value {
        this.zone()
    }

    #[getter]
    fn fold(_cx: &Thread, this: &DateTime) -> Value {
        small(this.clock().fold)
    }

    /// The current time in a zone; without one, local time.
    #[classmethod(sig = "(cls, tz=None)")]
    fn now(cx: &Thread, cls: &Type, tz: Value) -> Res {
        check_zone(cx, tz)?;
        let (t, us) = now(cx)?;
        DateTime::of_timestamp(cx, cls, t, us, tz)
    }

    /// The current time in UTC, without a zone; deprecated.
    #[classmethod]
    fn utcnow(cx: &Thread, cls: &Type) -> Res {
        warn_deprecated(
            cx,
            "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future \
             version. Use timezone-aware objects to represent datetimes in UTC: \
             datetime.datetime.now(datetime.UTC).",
        )?;
        let (t, us) = now(cx)?;
        DateTime::of_utc(cx, cls, t, us, none())
    }

    /// The time of a POSIX timestamp in a zone; without one, local time.
    #[classmethod(sig = "(cls, timestamp, tz=None)", text = "")]
    fn fromtimestamp(cx: &Thread, cls: &Type, timestamp: Value, tz: Value) -> Res {
        check_zone(cx, tz)?;
        let (t, us) = timearg::micros(cx, timestamp, Round::HalfEven)?;
        DateTime::of_timestamp(cx, cls, t, us as i32, tz)
    }

    /// The time of a POSIX timestamp in UTC, without a zone; deprecated.
    #[classmethod(sig = "(cls, timestamp, /)", text = "")]
    fn utcfromtimestamp(cx: &Thread, cls: &Type, timestamp: Value) -> Res {
        warn_deprecated(
            cx,
            "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a \
             future version. Use timezone-aware objects to represent datetimes in UTC: \
             datetime.datetime.fromtimestamp(timestamp, datetime.UTC).",
        )?;
        let (t, us) = timearg::micros(cx, timestamp, Round::HalfEven)?;
        DateTime::of_utc(cx, cls, t, us as i32, none())
    }

    /// The time that a text says by a format, as time.strptime() reads it.
    #[classmethod(sig = "(cls, string, format, /)", text = "")]
    fn strptime(cx: &Thread, cls: Value, string: Value, format: Value) -> Res {
        text_argument(cx, string, "strptime", 1)?;
        text_argument(cx, format, "strptime", 2)?;
        let f = import_attr(cx, "_strptime", "_strptime_datetime")?;
        call(cx, f, &[cls, string, format])
    }

    /// The fields of a date and of a time together.
    #[classmethod(sig = "(cls, date, time, tzinfo=time.tzinfo)", text = "")]
    fn combine(cx: &Thread, cls: &Type, date: Value, time: Value, tzinfo: Option<Value>) -> Res {
        let wrong = |at, expected, v| {
            let got = type_or_none(v);
            err!(cx, TypeError, "combine() argument {at} must be datetime.{expected}, not {got}")
        };
        let d = date.downcast::<Date>().ok_or_else(|| wrong(1, "date", date))?;
        let t = time.downcast::<Time>().ok_or_else(|| wrong(2, "time", time))?;
        DateTime::make(cx, cls, d.ymd(), t.clock(), tzinfo.unwrap_or(t.zone()))
    }

    /// A datetime from text in ISO 8601 format.
    #[classmethod(sig = "(cls, string, /)", text = "($type, object, /)")]
    fn fromisoformat(cx: &Thread, cls: &Type, string: Value) -> Res {
        let Some(s) = string.downcast::<Str>() else {
            raise!(cx, TypeError, "fromisoformat: argument must be str");
        };
        let Some((d, time)) = iso::bytes(s).and_then(|b| iso::datetime(&b)) else {
            return Err(iso::invalid(cx, string));
        };
        DateTime::make(cx, cls, d, time.clock, time.zone(cx)?)
    }

    /// The date alone.
    #[pymethod]
    fn date(cx: &Thread, this: &DateTime) -> Res {
        Date::new(cx, Date::type_object(), this.ymd())
    }

    /// The time of day without the zone.
    #[pymethod]
    fn time(cx: &Thread, this: &DateTime) -> Res {
        Time::new(cx, Time::type_object(), this.clock(), none())
    }

    /// The time of day with the zone.
    #[pymethod]
    fn timetz(cx: &Thread, this: &DateTime) -> Res {
        Time::new(cx, Time::type_object(), this.clock(), this.zone())
    }

    /// The time as C's ctime() shows it.
    #[pymethod]
    fn ctime(cx: &Thread, this: &DateTime) -> Value {
        text::ctime(cx, this.ymd(), this.clock())
    }

    /// The time as time.localtime() would give it.
    #[pymethod]
    fn timetuple(cx: &Thread, this: &DateTime) -> Res {
        let saving = tz::dst(cx, this.zone(), Value::from_ref(this))?;
        let flag = saving.map_or(-1, |d| !d.is_zero() as i32);
        Ok(localtime::struct_time(cx, this.ymd(), this.clock(), flag))
    }

    /// The time in UTC as time.gmtime() would give it.
    #[pymethod]
    fn utctimetuple(cx: &Thread, this: &DateTime) -> Res {
        let shifted = match this.offset(cx)? {
            Some(offset) => this.plus(cx, offset, -1)?,
            None => Value::from_ref(this),
        };
        let d = shifted.downcast::<DateTime>().unwrap_or(this);
        Ok(localtime::struct_time(cx, d.ymd(), d.clock(), 0))
    }

    /// The POSIX timestamp, a float.
    #[pymethod]
    fn timestamp(cx: &Thread, this: &DateTime) -> Res {
        let c = this.clock();
        if this.zone().is_none() {
            let t = localtime::timestamp(cx, this.ymd(), c)?;
            return Ok(Value::from_f64(t as f64 + c.us as f64 / 1e6));
        }
        let Some(offset) = this.offset(cx)? else {
            raise!(cx, TypeError, "can't subtract offset-naive and offset-aware datetimes");
        };
        let (t, us) = this.instant();
        let seconds = t - EPOCH_ORDINAL as i64 * 24 * 3600 - offset.offset_seconds() as i64;
        let us = seconds as i128 * 1_000_000 + (us - offset.us) as i128;
        super::delta::quotient(cx, us, 1_000_000)
    }

    /// The time as YYYY-MM-DDTHH:MM:SS.ffffff+HH:MM; sep stands for the T, timespec says how much of
    /// the time.
    #[pymethod(sig = "(self, sep='T', timespec='auto')", text = "")]
    fn isoformat(cx: &Thread, this: &DateTime, sep: Option<Value>, timespec: Option<Value>) -> Res {
        let sep = match sep {
            None => 'T' as u32,
            Some(v) => match v.downcast::<Str>().filter(|s| s.len() == 1) {
                Some(s) => s.char_at(0),
                None => raise!(
                    cx,
                    TypeError,
                    "isoformat() argument 1 must be a unicode character, not {}",
                    type_or_none(v)
                ),
            },
        };
        let spec = text::timespec(cx, timespec, 2, this.clock().us)?;
        this.isoformat_of(cx, sep, spec)
    }

    /// self.tzinfo.utcoffset(self)
    #[pymethod]
    fn utcoffset(cx: &Thread, this: &DateTime) -> Res {
        this.offset(cx).map(tz::or_none)
    }

    /// self.tzinfo.tzname(self)
    #[pymethod]
    fn tzname(cx: &Thread, this: &DateTime) -> Res {
        tz::tzname(cx, this.zone(), Value::from_ref(this))
    }

    /// self.tzinfo.dst(self)
    #[pymethod]
    fn dst(cx: &Thread, this: &DateTime) -> Res {
        tz::dst(cx, this.zone(), Value::from_ref(this)).map(tz::or_none)
    }

    /// The same moment in another zone; without one, in local time.
    #[pymethod(sig = "(self, tz=None)", text = "")]
    fn astimezone(cx: &Thread, this: &DateTime, tz: Value) -> Res {
        check_zone(cx, tz)?;
        let me = Value::from_ref(this);
        let mut own = this.zone();
        if own == tz && !tz.is_none() {
            return Ok(me);
        }
        let mut offset = tz::utcoffset(cx, own, me)?;
        if offset.is_none() {
            own = localtime::zone_of(cx, this)?;
            if own == tz {
                return Ok(me);
            }
            offset = tz::utcoffset(cx, own, me)?;
        }
        let offset = offset.expect("a fixed zone has an offset");
        let utc = this.plus(cx, offset, -1)?;
        let Some(utc) = utc.downcast::<DateTime>() else {
            raise!(cx, TypeError, "a datetime's class made a '{}'", utc.ty().name());
        };
        let tz = match tz.is_none() {
            false => tz,
            true => {
                let (t, _) = utc.instant();
                localtime::zone_at(cx, t - EPOCH_ORDINAL as i64 * 24 * 3600)?
            }
        };
        let there = utc.with(cx, tz, utc.fold);
        call_method(cx, tz, id!(cx, "fromutc"), &[there])
    }

    /// The datetime with some fields changed.
    #[pymethod(
        sig = "(self, year=unchanged, month=unchanged, day=unchanged, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)"
    )]
    fn replace(
        cx: &Thread,
        this: &DateTime,
        year: Option<i32>,
        month: Option<i32>,
        day: Option<i32>,
        hour: Option<i32>,
        minute: Option<i32>,
        second: Option<i32>,
        microsecond: Option<i32>,
        tzinfo: Option<Value>,
        fold: Option<i32>,
    ) -> Res {
        let (d, c) = (this.ymd(), this.clock());
        let date = Ymd {
            year: year.unwrap_or(d.year),
            month: month.unwrap_or(d.month),
            day: day.unwrap_or(d.day),
        };
        let clock = Clock {
            hour: hour.unwrap_or(c.hour),
            minute: minute.unwrap_or(c.minute),
            second: second.unwrap_or(c.second),
            us: microsecond.unwrap_or(c.us),
            fold: fold.unwrap_or(c.fold),
        };
        let tz = tzinfo.unwrap_or(this.zone());
        DateTime::make(cx, Value::from_ref(this).ty(), date, clock, tz)
    }

    /// The same as replace().
    #[pymethod(
        sig = "(self, year=unchanged, month=unchanged, day=unchanged, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)",
        text = "($self, /, **changes)"
    )]
    fn __replace__(
        cx: &Thread,
        this: &DateTime,
        year: Option<i32>,
        month: Option<i32>,
        day: Option<i32>,
        hour: Option<i32>,
        minute: Option<i32>,
        second: Option<i32>,
        microsecond: Option<i32>,
        tzinfo: Option<Value>,
        fold: Option<i32>,
    ) -> Res {
        DateTime::replace(
            cx,
            this,
            year,
            month,
            day,
            hour,
            minute,
            second,
            microsecond,
            tzinfo,
            fold,
        )
    }

    /// How pickle makes an equal one; the fold is kept from protocol 4 on.
    #[pymethod(sig = "(self, proto, /)", text = "")]
    fn __reduce_ex__(cx: &Thread, this: &DateTime, proto: Value) -> Res {
        Ok(this.state(cx, c_int(cx, proto)?))
    }

    /// How pickle makes an equal one, without the fold.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &DateTime) -> Value {
        this.state(cx, 2)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &DateTime) -> Res {
        let (d, c) = (this.ymd(), this.clock());
        let mut t = Text::new();
        for n in [d.year, d.month, d.day, c.hour] {
            t.number(n);
            t.text(", ");
        }
        t.number(c.minute);
        text::put_seconds(&mut t, c);
        let ty = Value::from_ref(this).ty();
        text::call_text_zoned(
            cx,
            ty,
            t.as_str(),
            [("fold", small(c.fold)), ("tzinfo", this.zone())],
        )
    }

    #[slot]
    fn __str__(cx: &Thread, this: &DateTime) -> Res {
        let me = Value::from_ref(this);
        if me.ty().is(DateTime::type_object()) {
            let spec = text::timespec(cx, None, 2, this.clock().us)?;
            return this.isoformat_of(cx, ' ' as u32, spec);
        }
        call_method(cx, me, id!(cx, "isoformat"), &[Value::from_ref(Str::latin1_char(cx, b' '))])
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &DateTime) -> Res<i64> {
        order::hash(cx, this)
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &DateTime, other: Value, op: CmpOp) -> Res {
        match other.downcast::<DateTime>() {
            Some(o) => order::compare(cx, this, o, op),
            None => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __add__(cx: &Thread, a: Value, b: Value) -> Res {
        match (a.downcast::<DateTime>(), b.downcast::<Delta>()) {
            (Some(d), Some(delta)) => return d.plus(cx, delta, 1),
            (Some(_), None) => return Ok(not_implemented()),
            _ => {}
        }
        match (a.downcast::<Delta>(), b.downcast::<DateTime>()) {
            (Some(delta), Some(d)) => d.plus(cx, delta, 1),
            _ => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
        let Some(d) = a.downcast::<DateTime>() else { return Ok(not_implemented()) };
        if let Some(delta) = b.downcast_exact::<Delta>() {
            return d.plus(cx, delta, -1);
        }
        if let Some(o) = b.downcast::<DateTime>() {
            return Ok(Value::from_ref(order::difference(cx, d, o)?));
        }
        match b.downcast::<Delta>() {
            Some(delta) => d.plus(cx, delta, -1),
            None => Ok(not_implemented()),
        }
    }
}

/// The clock now: seconds and microseconds, rounded down.
fn now(cx: &Thread) -> Res<(i64, i32)> {
    let ns =
        timearg::clock_ns(libc::CLOCK_REALTIME).map_err(|e| crate::syscall::os_error(cx, e))?;
    Ok((ns.div_euclid(1_000_000_000), (ns.rem_euclid(1_000_000_000) / 1000) as i32))
}

/// `min`, `max` and `resolution`.
pub fn add_constants(cx: &Thread, d: &Dict) -> Res<()> {
    let ty = DateTime::type_object();
    let first = Ymd { year: 1, month: 1, day: 1 };
    let last = Ymd { year: 9999, month: 12, day: 31 };
    let end = Clock { hour: 23, minute: 59, second: 59, us: 999_999, fold: 0 };
    d.set_str(cx, id!(cx, "min"), DateTime::new(cx, ty, first, Clock::default(), none())?);
    d.set_str(cx, id!(cx, "max"), DateTime::new(cx, ty, last, end, none())?);
    d.set_str(cx, id!(cx, "resolution"), Value::from_ref(Delta::new(cx, 0, 0, 1)?));
    Ok(())
}
