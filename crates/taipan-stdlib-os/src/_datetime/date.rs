//! `date`, and the named tuple that `isocalendar` gives.

use super::calendar::{self, IsoError, MAX_ORDINAL, Ymd};
use super::datetime::DateTime;
use super::delta::Delta;
use super::fields::{self, Clock, Text, c_int, check_date, pickle_state, text_argument};
use super::{iso, localtime, text};
use std::sync::atomic::{AtomicI64, AtomicIsize, Ordering};
use taipan_vm::bind::bind;
use taipan_vm::call::{Owner, Param, ParamKind, Sig};
use taipan_vm::objects::hashing::hash_bytes;
use taipan_vm::objects::module::import_attr;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// CPython's `PyDateTime_Date`, as C code reads it; a datetime begins with the same.
#[repr(C)]
pub struct Date {
    head: Head,
    /// -1: not asked for yet.
    hash: AtomicI64,
    has_zone: u8,
    /// Year (two bytes, high first), month, day: so their order is that of dates.
    data: [u8; 4],
}

const _: () = assert!(std::mem::offset_of!(Date, data) == 41);

pytype! { Date, PyTaipanDate_Type, name: "date", module: "datetime",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE, kind: Leaf,
doc: "date(year, month, day) --> a day of the Gregorian calendar" }

/// What `isocalendar` gives: a tuple whose items have names.
#[repr(C)]
pub struct IsoCalendarDate {
    head: Head,
    ob_size: AtomicIsize,
}

pytype! { IsoCalendarDate, PyTaipanIsoCalendarDate_Type, name: "IsoCalendarDate", module: "datetime",
base: Tuple, flags: tpflags::SEQUENCE, itemsize: 8,
doc: "The ISO year, week and weekday of a date: a tuple, and attributes of these names." }

/// The four bytes of a date.
pub fn pack(d: Ymd) -> [u8; 4] {
    let [high, low] = (d.year as u16).to_be_bytes();
    [high, low, d.month as u8, d.day as u8]
}

pub fn unpack([high, low, month, day]: [u8; 4]) -> Ymd {
    let year = u16::from_be_bytes([high, low]) as i32;
    Ymd { year, month: month as i32, day: day as i32 }
}

impl Date {
    fn alloc(cx: &Thread, ty: &Type, data: [u8; 4]) -> Value {
        let hash = AtomicI64::new(-1);
        Value::from_ref(cx.alloc_in(ty, Date { head: fresh_head(), hash, has_zone: 0, data }))
    }

    /// A date whose fields are checked here.
    pub fn new(cx: &Thread, ty: &Type, d: Ymd) -> Res {
        check_date(cx, d)?;
        Ok(Date::alloc(cx, ty, pack(d)))
    }

    /// An instance of `cls`, which may be a subclass and then makes its own.
    pub fn make(cx: &Thread, cls: &Type, d: Ymd) -> Res {
        if cls.is(Date::type_object()) {
            return Date::new(cx, cls, d);
        }
        if cls.is(DateTime::type_object()) {
            return DateTime::new(cx, cls, d, Clock::default(), none());
        }
        let args = [d.year, d.month, d.day].map(|n| Value::small(n as i64));
        call(cx, Value::from_ref(cls), &args)
    }

    pub fn ymd(&self) -> Ymd {
        unpack(self.data)
    }

    /// A number that orders as dates do.
    fn key(&self) -> u32 {
        u32::from_be_bytes(self.data)
    }

    /// The date so many days later.
    fn plus(&self, cx: &Thread, days: i32) -> Res {
        let ordinal = self.ymd().ordinal() as i64 + days as i64;
        if !(1..=MAX_ORDINAL as i64).contains(&ordinal) {
            raise!(cx, OverflowError, "date value out of range");
        }
        let (ty, date) = (Value::from_ref(self).ty(), Ymd::from_ordinal(ordinal as i32));
        if ty.is(Date::type_object()) {
            return Ok(Date::alloc(cx, ty, pack(date)));
        }
        Date::make(cx, ty, date)
    }
}

/// A date that is no datetime, which would compare and add differently.
#[inline]
fn plain(v: Value) -> Option<&'static Date> {
    if let Some(d) = v.downcast_exact::<Date>() {
        return Some(d);
    }
    v.downcast::<Date>().filter(|_| !DateTime::check(v))
}

fn small(n: i32) -> Value {
    Value::small(n as i64)
}

const fn field(name: &'static str) -> Param {
    Param { name, kind: ParamKind::PosOrKw, default: None }
}

static NEW: Sig = Sig {
    fname: "",
    owner: Owner::Slot,
    params: &[field("year"), field("month"), field("day")],
    text: None,
    keywords_of: None,
};

#[pymethods]
impl Date {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let mut given = [None; 3];
        match args {
            [y, m, d] if kw.is_none() => given = [Some(*y), Some(*m), Some(*d)],
            _ => {
                if let ([state], None) = (args, kw) {
                    let sane = |s: &[u8; 4]| (1..=12).contains(&s[2]);
                    if let Some(data) = pickle_state(cx, *state, "date", sane)? {
                        return Ok(Date::alloc(cx, cls, data));
                    }
                }
                bind(cx, &NEW, None, args, kw, &mut given)?;
            }
        }
        let [year, month, day] = given.map(|v| v.expect("bound"));
        let (year, month) = (c_int(cx, year)?, c_int(cx, month)?);
        Date::new(cx, cls, Ymd { year, month, day: c_int(cx, day)? })
    }

    #[getter]
    fn year(_cx: &Thread, this: &Date) -> Value {
        small(this.ymd().year)
    }

    #[getter]
    fn month(_cx: &Thread, this: &Date) -> Value {
        small(this.ymd().month)
    }

    #[getter]
    fn day(_cx: &Thread, this: &Date) -> Value {
        small(this.ymd().day)
    }

    /// The local date of a POSIX timestamp.
    #[classmethod(sig = "(cls, timestamp, /)")]
    fn fromtimestamp(cx: &Thread, cls: &Type, timestamp: Value) -> Res {
        let t = crate::timearg::whole_seconds(cx, timestamp, crate::timearg::Round::Floor)?;
        Date::make(cx, cls, localtime::local(cx, t)?.date)
    }

    /// The date of an ordinal; 1 is the first day of year 1.
    #[classmethod(sig = "(cls, ordinal, /)", text = "")]
    fn fromordinal(cx: &Thread, cls: &Type, ordinal: Value) -> Res {
        let ordinal = c_int(cx, ordinal)?;
        if ordinal < 1 {
            raise!(cx, ValueError, "ordinal must be >= 1");
        }
        Date::make(cx, cls, Ymd::from_ordinal(ordinal))
    }

    /// A date from text in ISO 8601 format.
    #[classmethod(sig = "(cls, string, /)", text = "($type, object, /)")]
    fn fromisoformat(cx: &Thread, cls: &Type, string: Value) -> Res {
        let Some(s) = string.downcast::<Str>() else {
            raise!(cx, TypeError, "fromisoformat: argument must be str");
        };
        match s.as_ascii().and_then(|t| iso::date(t.as_bytes())) {
            Some(d) => Date::make(cx, cls, d),
            None => Err(iso::invalid(cx, string)),
        }
    }

    /// The date of an ISO year, week and weekday.
    #[classmethod(sig = "(cls, year, week, day)", text = "")]
    fn fromisocalendar(cx: &Thread, cls: &Type, year: Value, week: Value, day: Value) -> Res {
        let int = |v| {
            c_int(cx, v).map_err(|e| match e.is(exc::OverflowError()) {
                true => err!(cx, ValueError, "ISO calendar component out of range"),
                false => e,
            })
        };
        let (year, week, day) = (int(year)?, int(week)?, int(day)?);
        match calendar::from_iso(year, week, day) {
            Ok(d) => Date::make(cx, cls, d),
            Err(IsoError::Year) => raise!(cx, ValueError, "Year is out of range: {year}"),
            Err(IsoError::Week) => raise!(cx, ValueError, "Invalid week: {week}"),
            Err(IsoError::Day) => {
                raise!(cx, ValueError, "Invalid day: {day} (range is [1, 7])")
            }
        }
    }

    /// The date, or datetime, of now: `cls.fromtimestamp(time.time())`.
    #[classmethod]
    fn today(cx: &Thread, cls: Value) -> Res {
        let now = call(cx, import_attr(cx, "time", "time")?, &[])?;
        call_method(cx, cls, id!(cx, "fromtimestamp"), &[now])
    }

    /// The date as C's ctime() shows it.
    #[pymethod]
    fn ctime(cx: &Thread, this: &Date) -> Value {
        text::ctime(cx, this.ymd(), Clock::default())
    }

    /// The date by a format of codes with percent signs.
    #[pymethod(sig = "(self, format)", text = "")]
    fn strftime(cx: &Thread, this: &Date, format: Value) -> Res {
        let format = text_argument(cx, format, "strftime", 1)?;
        let me = Value::from_ref(this);
        let tuple = call_method(cx, me, id!(cx, "timetuple"), &[])?;
        let (us, tz) = match me.downcast::<DateTime>() {
            Some(d) => (d.clock().us, d.zone()),
            None => (0, none()),
        };
        text::strftime(cx, format, tuple, us, tz, me)
    }

    /// The same as strftime(); without a format, str().
    #[pymethod(sig = "(self, format, /)", text = "")]
    fn __format__(cx: &Thread, this: Value, format: Value) -> Res {
        fields::format(cx, this, format)
    }

    /// The date as time.localtime() would give it.
    #[pymethod]
    fn timetuple(cx: &Thread, this: &Date) -> Value {
        localtime::struct_time(cx, this.ymd(), Clock::default(), -1)
    }

    /// The ISO year, week and weekday, as a named tuple.
    #[pymethod]
    fn isocalendar(cx: &Thread, this: &Date) -> Value {
        let (year, week, weekday) = calendar::to_iso(this.ymd());
        let items = [small(year), small(week), small(weekday)];
        Value::from_ref(Tuple::new_in(cx, IsoCalendarDate::type_object(), &items))
    }

    /// The date as YYYY-MM-DD.
    #[pymethod]
    fn isoformat(cx: &Thread, this: &Date) -> Value {
        let mut t = Text::new();
        t.date(this.ymd());
        t.finish(cx)
    }

    /// The day of the week; Monday is 1.
    #[pymethod]
    fn isoweekday(_cx: &Thread, this: &Date) -> Value {
        small(this.ymd().weekday() + 1)
    }

    /// The number of the day; the first of year 1 is 1.
    #[pymethod]
    fn toordinal(_cx: &Thread, this: &Date) -> Value {
        small(this.ymd().ordinal())
    }

    /// The day of the week; Monday is 0.
    #[pymethod]
    fn weekday(_cx: &Thread, this: &Date) -> Value {
        small(this.ymd().weekday())
    }

    /// The date with some fields changed.
    #[pymethod(sig = "(self, year=unchanged, month=unchanged, day=unchanged)")]
    fn replace(
        cx: &Thread,
        this: &Date,
        year: Option<i32>,
        month: Option<i32>,
        day: Option<i32>,
    ) -> Res {
        let d = this.ymd();
        let changed = Ymd {
            year: year.unwrap_or(d.year),
            month: month.unwrap_or(d.month),
            day: day.unwrap_or(d.day),
        };
        Date::make(cx, Value::from_ref(this).ty(), changed)
    }

    /// The same as replace().
    #[pymethod(
        sig = "(self, year=unchanged, month=unchanged, day=unchanged)",
        text = "($self, /, **changes)"
    )]
    fn __replace__(
        cx: &Thread,
        this: &Date,
        year: Option<i32>,
        month: Option<i32>,
        day: Option<i32>,
    ) -> Res {
        Date::replace(cx, this, year, month, day)
    }

    /// How pickle makes an equal one.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Date) -> Value {
        let state = Value::from_ref(Bytes::new(cx, &this.data));
        fields::reduced(cx, Value::from_ref(this), state, none())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Date) -> Res {
        let d = this.ymd();
        let mut t = Text::new();
        t.number(d.year);
        t.text(", ");
        t.number(d.month);
        t.text(", ");
        t.number(d.day);
        Ok(text::call_text(cx, Value::from_ref(this).ty(), t.as_str()))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &Date) -> Res {
        let me = Value::from_ref(this);
        if me.ty().is(Date::type_object()) {
            return Ok(Date::isoformat(cx, this));
        }
        call_method(cx, me, id!(cx, "isoformat"), &[])
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Date) -> Res<i64> {
        let known = this.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        let h = hash_bytes(cx, &this.data);
        this.hash.store(h, Ordering::Relaxed);
        Ok(h)
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, this: &Date, other: Value, op: CmpOp) -> Res {
        match plain(other) {
            Some(o) => Ok(py_bool(op.holds(this.key().cmp(&o.key())))),
            None => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __add__(cx: &Thread, a: Value, b: Value) -> Res {
        match (plain(a), b.downcast::<Delta>()) {
            (Some(date), Some(delta)) => return date.plus(cx, delta.days),
            (Some(_), None) => return Ok(not_implemented()),
            _ => {}
        }
        match (a.downcast::<Delta>(), plain(b)) {
            (Some(delta), Some(date)) => date.plus(cx, delta.days),
            _ => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
        let Some(date) = plain(a) else { return Ok(not_implemented()) };
        if let Some(o) = plain(b) {
            let days = date.ymd().ordinal() - o.ymd().ordinal();
            return Ok(Value::from_ref(Delta::new(cx, days as i64, 0, 0)?));
        }
        match b.downcast::<Delta>() {
            Some(delta) => date.plus(cx, -delta.days),
            None => Ok(not_implemented()),
        }
    }
}

impl IsoCalendarDate {
    fn item(this: Value, i: usize) -> Value {
        this.downcast::<Tuple>().expect("a subclass of tuple").get(i)
    }
}

#[pymethods]
impl IsoCalendarDate {
    #[slot(sig = "(cls, year, week, weekday)")]
    fn __new__(cx: &Thread, cls: &Type, year: i32, week: i32, weekday: i32) -> Res {
        let items = [small(year), small(week), small(weekday)];
        Ok(Value::from_ref(Tuple::new_in(cx, cls, &items)))
    }

    #[getter]
    fn year(_cx: &Thread, this: Value) -> Value {
        IsoCalendarDate::item(this, 0)
    }

    #[getter]
    fn week(_cx: &Thread, this: Value) -> Value {
        IsoCalendarDate::item(this, 1)
    }

    #[getter]
    fn weekday(_cx: &Thread, this: Value) -> Value {
        IsoCalendarDate::item(this, 2)
    }

    /// How pickle makes an equal tuple.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: Value) -> Value {
        let items = [0, 1, 2].map(|i| IsoCalendarDate::item(this, i));
        let args = Tuple::from_slice(cx, &[Value::from_ref(Tuple::from_slice(cx, &items))]);
        let ty = Value::from_ref(Tuple::type_object());
        Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(args)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        let mut parts = [String::new(), String::new(), String::new()];
        for (i, name) in ["year", "week", "weekday"].iter().enumerate() {
            parts[i] = format!("{name}={}", to_str(cx, IsoCalendarDate::item(this, i))?);
        }
        Ok(text::call_text(cx, this.ty(), &parts.join(", ")))
    }
}

/// `min`, `max` and `resolution`.
pub fn add_constants(cx: &Thread, d: &Dict) -> Res<()> {
    let ty = Date::type_object();
    d.set_str(cx, id!(cx, "min"), Date::new(cx, ty, Ymd { year: 1, month: 1, day: 1 })?);
    d.set_str(cx, id!(cx, "max"), Date::new(cx, ty, Ymd { year: 9999, month: 12, day: 31 })?);
    d.set_str(cx, id!(cx, "resolution"), Value::from_ref(Delta::new(cx, 1, 0, 0)?));
    Ok(())
}
