//! `time`: a time of day, with or without a zone.

use super::delta::Delta;
use super::fields::{
    self, Clock, Text, c_int, check_clock, check_zone, pickle_state, text_argument,
};
use super::{iso, text, tz};
use std::sync::atomic::{AtomicI64, Ordering};
use taipan_vm::bind::bind;
use taipan_vm::call::{Owner, Param, ParamKind, Sig};
use taipan_vm::objects::hashing::hash_bytes;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// CPython's `PyDateTime_Time`, as C code reads it.
#[repr(C)]
pub struct Time {
    head: Head,
    /// -1: not asked for yet.
    hash: AtomicI64,
    has_zone: u8,
    /// Hour, minute, second, microsecond (three bytes, high first).
    data: [u8; 6],
    fold: u8,
    tz: Slot,
}

const _: () = {
    assert!(std::mem::offset_of!(Time, data) == 41);
    assert!(std::mem::offset_of!(Time, tz) == 48);
};

pytype! { Time, PyTaipanTime_Type, name: "time", module: "datetime",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE,
doc: "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time of day\n\nAll arguments are optional ints, but for tzinfo, which is None or a tzinfo." }

/// The six bytes of a time of day.
pub fn pack(c: Clock) -> [u8; 6] {
    let [_, high, middle, low] = (c.us as u32).to_be_bytes();
    [c.hour as u8, c.minute as u8, c.second as u8, high, middle, low]
}

pub fn unpack([hour, minute, second, high, middle, low]: [u8; 6], fold: u8) -> Clock {
    let us = u32::from_be_bytes([0, high, middle, low]) as i32;
    Clock { hour: hour as i32, minute: minute as i32, second: second as i32, us, fold: fold as i32 }
}

impl Time {
    fn alloc(cx: &Thread, ty: &Type, data: [u8; 6], fold: u8, tz: Value) -> Value {
        let (hash, has_zone) = (AtomicI64::new(-1), !tz.is_none() as u8);
        let slot = Slot::empty();
        slot.init(Some(tz));
        let t = Time { head: fresh_head(), hash, has_zone, data, fold, tz: slot };
        Value::from_ref(cx.alloc_in(ty, t))
    }

    /// A time whose fields are checked here.
    pub fn new(cx: &Thread, ty: &Type, c: Clock, tz: Value) -> Res {
        check_clock(cx, c)?;
        check_zone(cx, tz)?;
        Ok(Time::alloc(cx, ty, pack(c), c.fold as u8, tz))
    }

    /// An instance of `cls`, which may be a subclass and then makes its own.
    fn make(cx: &Thread, cls: &Type, c: Clock, tz: Value) -> Res {
        if cls.is(Time::type_object()) {
            return Time::new(cx, cls, c, tz);
        }
        let [h, m, s, us, fold] = [c.hour, c.minute, c.second, c.us, c.fold].map(small);
        fields::call_with_fold(cx, cls, &[h, m, s, us, tz], fold)
    }

    pub fn clock(&self) -> Clock {
        unpack(self.data, self.fold)
    }

    pub fn zone(&self) -> Value {
        self.tz.value()
    }

    fn offset(&self, cx: &Thread) -> Res<Option<&'static Delta>> {
        tz::utcoffset(cx, self.zone(), none())
    }

    fn state(cx: &Thread, this: &Time, proto: i32) -> Value {
        let mut data = this.data;
        if proto > 3 && this.fold != 0 {
            data[0] |= 0x80;
        }
        let state = Value::from_ref(Bytes::new(cx, &data));
        fields::reduced(cx, Value::from_ref(this), state, this.zone())
    }

    fn from_state(cx: &Thread, cls: &Type, mut data: [u8; 6], tz: Value) -> Res {
        if check_zone(cx, tz).is_err() {
            raise!(cx, TypeError, "bad tzinfo state arg");
        }
        let fold = data[0] >> 7;
        data[0] &= 0x7F;
        Ok(Time::alloc(cx, cls, data, fold, tz))
    }
}

fn small(n: i32) -> Value {
    Value::small(n as i64)
}

const fn field(name: &'static str, kind: ParamKind) -> Param {
    Param { name, kind, default: Some("0") }
}

static NEW: Sig = Sig {
    fname: "",
    owner: Owner::Slot,
    params: &[
        field("hour", ParamKind::PosOrKw),
        field("minute", ParamKind::PosOrKw),
        field("second", ParamKind::PosOrKw),
        field("microsecond", ParamKind::PosOrKw),
        field("tzinfo", ParamKind::PosOrKw),
        field("fold", ParamKind::KwOnly),
    ],
    text: None,
    keywords_of: None,
};

#[pymethods]
impl Time {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let by_position = args.len() - kw.map_or(0, |k| k.len());
        if let (1 | 2, Some(state)) = (by_position, args.first()) {
            let sane = |s: &[u8; 6]| s[0] & 0x7F < 24;
            if let Some(data) = pickle_state(cx, *state, "time", sane)? {
                let tz = args.get(1).filter(|_| by_position == 2);
                return Time::from_state(cx, cls, data, tz.copied().unwrap_or(none()));
            }
        }
        let mut given = [None; 6];
        if kw.is_none() && args.len() <= 5 {
            given.iter_mut().zip(args).for_each(|(to, v)| *to = Some(*v));
        } else {
            bind(cx, &NEW, None, args, kw, &mut given)?;
        }
        let [h, m, s, us, tz, fold] = given;
        let int = |v: Option<Value>| v.map_or(Ok(0), |v| c_int(cx, v));
        let (hour, minute, second) = (int(h)?, int(m)?, int(s)?);
        let c = Clock { hour, minute, second, us: int(us)?, fold: int(fold)? };
        Time::new(cx, cls, c, tz.unwrap_or(none()))
    }

    #[getter]
    fn hour(_cx: &Thread, this: &Time) -> Value {
        small(this.clock().hour)
    }

    #[getter]
    fn minute(_cx: &Thread, this: &Time) -> Value {
        small(this.clock().minute)
    }

    #[getter]
    fn second(_cx: &Thread, this: &Time) -> Value {
        small(this.clock().second)
    }

    #[getter]
    fn microsecond(_cx: &Thread, this: &Time) -> Value {
        small(this.clock().us)
    }

    #[getter]
    fn tzinfo(_cx: &Thread, this: &Time) -> Value {
        this.zone()
    }

    #[getter]
    fn fold(_cx: &Thread, this: &Time) -> Value {
        small(this.clock().fold)
    }

    /// A time from text in ISO 8601 format.
    #[classmethod(sig = "(cls, string, /)", text = "($type, object, /)")]
    fn fromisoformat(cx: &Thread, cls: &Type, string: Value) -> Res {
        let Some(s) = string.downcast::<Str>() else {
            raise!(cx, TypeError, "fromisoformat: argument must be str");
        };
        let text = s.as_ascii().map(|t| t.strip_prefix('T').unwrap_or(t));
        let Some(time) = text.and_then(|t| iso::time(t.as_bytes())) else {
            return Err(iso::invalid(cx, string));
        };
        Time::make(cx, cls, time.clock, time.zone(cx)?)
    }

    /// The time as HH:MM:SS.ffffff+HH:MM; timespec says how much of it.
    #[pymethod(sig = "(self, timespec='auto')", text = "")]
    fn isoformat(cx: &Thread, this: &Time, timespec: Option<Value>) -> Res {
        let c = this.clock();
        let spec = text::timespec(cx, timespec, 1, c.us)?;
        let mut t = Text::new();
        text::put_clock(&mut t, c, spec);
        text::put_offset(cx, &mut t, this.zone(), none(), ":")?;
        Ok(t.finish(cx))
    }

    /// The time by a format of codes with percent signs.
    #[pymethod(sig = "(self, format)", text = "")]
    fn strftime(cx: &Thread, this: &Time, format: Value) -> Res {
        let format = text_argument(cx, format, "strftime", 1)?;
        let c = this.clock();
        // A year that every strftime takes.
        let fields = [1900, 1, 1, c.hour, c.minute, c.second, 0, 1, -1].map(small);
        let tuple = Value::from_ref(Tuple::from_slice(cx, &fields));
        text::strftime(cx, format, tuple, c.us, this.zone(), none())
    }

    /// The same as strftime(); without a format, str().
    #[pymethod(sig = "(self, format, /)", text = "")]
    fn __format__(cx: &Thread, this: Value, format: Value) -> Res {
        fields::format(cx, this, format)
    }

    /// self.tzinfo.utcoffset(None)
    #[pymethod]
    fn utcoffset(cx: &Thread, this: &Time) -> Res {
        this.offset(cx).map(tz::or_none)
    }

    /// self.tzinfo.tzname(None)
    #[pymethod]
    fn tzname(cx: &Thread, this: &Time) -> Res {
        tz::tzname(cx, this.zone(), none())
    }

    /// self.tzinfo.dst(None)
    #[pymethod]
    fn dst(cx: &Thread, this: &Time) -> Res {
        tz::dst(cx, this.zone(), none()).map(tz::or_none)
    }

    /// The time with some fields changed.
    #[pymethod(
        sig = "(self, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)"
    )]
    fn replace(
        cx: &Thread,
        this: &Time,
        hour: Option<i32>,
        minute: Option<i32>,
        second: Option<i32>,
        microsecond: Option<i32>,
        tzinfo: Option<Value>,
        fold: Option<i32>,
    ) -> Res {
        let c = this.clock();
        let changed = Clock {
            hour: hour.unwrap_or(c.hour),
            minute: minute.unwrap_or(c.minute),
            second: second.unwrap_or(c.second),
            us: microsecond.unwrap_or(c.us),
            fold: fold.unwrap_or(c.fold),
        };
        let tz = tzinfo.unwrap_or(this.zone());
        Time::make(cx, Value::from_ref(this).ty(), changed, tz)
    }

    /// The same as replace().
    #[pymethod(
        sig = "(self, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)",
        text = "($self, /, **changes)"
    )]
    fn __replace__(
        cx: &Thread,
        this: &Time,
        hour: Option<i32>,
        minute: Option<i32>,
        second: Option<i32>,
        microsecond: Option<i32>,
        tzinfo: Option<Value>,
        fold: Option<i32>,
    ) -> Res {
        Time::replace(cx, this, hour, minute, second, microsecond, tzinfo, fold)
    }

    /// How pickle makes an equal one; the fold is kept from protocol 4 on.
    #[pymethod(sig = "(self, proto, /)", text = "")]
    fn __reduce_ex__(cx: &Thread, this: &Time, proto: Value) -> Res {
        Ok(Time::state(cx, this, c_int(cx, proto)?))
    }

    /// How pickle makes an equal one, without the fold.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Time) -> Value {
        Time::state(cx, this, 2)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Time) -> Res {
        let c = this.clock();
        let mut t = Text::new();
        t.number(c.hour);
        t.text(", ");
        t.number(c.minute);
        text::put_seconds(&mut t, c);
        let ty = Value::from_ref(this).ty();
        text::call_text_zoned(
            cx,
            ty,
            t.as_str(),
            [("tzinfo", this.zone()), ("fold", small(c.fold))],
        )
    }

    #[slot]
    fn __str__(cx: &Thread, this: Value) -> Res {
        call_method(cx, this, id!(cx, "isoformat"), &[])
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Time) -> Res<i64> {
        let known = this.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        // The fold is no part of what is compared; a zone is asked as for the first of two times.
        let h = match this.offset(cx)? {
            None => hash_bytes(cx, &this.data),
            Some(offset) => {
                let c = this.clock();
                let days = -offset.days as i64;
                let seconds = (c.seconds() - offset.seconds) as i64;
                Delta::new(cx, days, seconds, (c.us - offset.us) as i64)?.hash(cx)?
            }
        };
        this.hash.store(h, Ordering::Relaxed);
        Ok(h)
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Time, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<Time>() else { return Ok(not_implemented()) };
        if this.zone() == o.zone() {
            return Ok(py_bool(op.holds(this.data.cmp(&o.data))));
        }
        match (this.offset(cx)?, o.offset(cx)?) {
            (None, None) => Ok(py_bool(op.holds(this.data.cmp(&o.data)))),
            (Some(a), Some(b)) if a.cmp(b).is_eq() => Ok(py_bool(op.holds(this.data.cmp(&o.data)))),
            (Some(a), Some(b)) => {
                // Microseconds of offsets are not looked at, as in CPython.
                let key = |c: Clock, d: &Delta| (c.seconds() - d.offset_seconds(), c.us);
                Ok(py_bool(op.holds(key(this.clock(), a).cmp(&key(o.clock(), b)))))
            }
            _ => match op {
                CmpOp::Eq => Ok(py_bool(false)),
                CmpOp::Ne => Ok(py_bool(true)),
                _ => {
                    raise!(cx, TypeError, "can't compare offset-naive and offset-aware times")
                }
            },
        }
    }
}

/// `min`, `max` and `resolution`.
pub fn add_constants(cx: &Thread, d: &Dict) -> Res<()> {
    let ty = Time::type_object();
    let last = Clock { hour: 23, minute: 59, second: 59, us: 999_999, fold: 0 };
    d.set_str(cx, id!(cx, "min"), Time::new(cx, ty, Clock::default(), none())?);
    d.set_str(cx, id!(cx, "max"), Time::new(cx, ty, last, none())?);
    d.set_str(cx, id!(cx, "resolution"), Value::from_ref(Delta::new(cx, 0, 0, 1)?));
    Ok(())
}
