//! `tzinfo`, the abstract base of time zones, and `timezone`, a fixed offset; asking a zone for its
//! offset, name and daylight saving, with the checks that datetime and time make.

use super::datetime::DateTime;
use super::delta::{self, Delta};
use super::fields::Text;
use super::text::put_duration;
use std::sync::OnceLock;
use taipan_vm::bind::type_or_none;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct TzInfo {
    head: Head,
}

pytype! { TzInfo, PyTaipanTzInfo_Type, name: "tzinfo", module: "datetime",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE,
doc: "Abstract base class of time zones." }

/// A fixed offset from UTC, laid out as CPython's `PyDateTime_TimeZone`.
#[repr(C)]
pub struct TimeZone {
    head: Head,
    offset: Slot,
    /// A str, or empty.
    name: Slot,
}

pytype! { TimeZone, PyTaipanTimeZone_Type, name: "timezone", module: "datetime",
base: TzInfo, doc: "A time zone with a fixed offset from UTC." }

static UTC: OnceLock<Root<Value>> = OnceLock::new();

/// `timezone.utc`, of which there is one.
pub fn utc(cx: &Thread) -> Value {
    match UTC.get() {
        Some(v) => v.get(),
        None => {
            let v = TimeZone::alloc(cx, delta::zero(cx), None);
            UTC.get_or_init(|| Root::new(v)).get()
        }
    }
}

impl TimeZone {
    fn alloc(cx: &Thread, offset: &'static Delta, name: Option<Value>) -> Value {
        let z =
            cx.alloc(TimeZone { head: fresh_head(), offset: Slot::empty(), name: Slot::empty() });
        z.offset.init(Some(Value::from_ref(offset)));
        z.name.init(name);
        Value::from_ref(z)
    }

    /// A zone of an offset, whose range is checked, and a name; `utc` itself for no offset and no name.
    pub fn new(cx: &Thread, offset: &'static Delta, name: Option<Value>) -> Res {
        if name.is_none() && offset.is_zero() {
            return Ok(utc(cx));
        }
        if !offset.is_offset() {
            let text = repr(cx, Value::from_ref(offset))?;
            raise!(
                cx,
                ValueError,
                "offset must be a timedelta strictly between -timedelta(hours=24) and \
                 timedelta(hours=24), not {text}."
            );
        }
        Ok(TimeZone::alloc(cx, offset, name))
    }

    pub fn offset(&self) -> &'static Delta {
        self.offset.value().downcast::<Delta>().expect("only a timedelta is stored")
    }

    fn text(&self, cx: &Thread) -> Value {
        if let Some(name) = self.name.get() {
            return name;
        }
        let offset = self.offset();
        let mut t = Text::new();
        t.text("UTC");
        if !offset.is_zero() {
            let us = offset.micros();
            t.byte(if us < 0 { b'-' } else { b'+' });
            let us = us.unsigned_abs();
            put_duration(&mut t, (us / 1_000_000) as i32, (us % 1_000_000) as i32, ":");
        }
        t.finish(cx)
    }

    fn check_argument(cx: &Thread, dt: Value, method: &str) -> Res<()> {
        if dt.is_none() || DateTime::check(dt) {
            return Ok(());
        }
        raise!(
            cx,
            TypeError,
            "{method}(dt) argument must be a datetime instance or None, not {}",
            dt.ty().name()
        )
    }
}

/// What `tz.method(arg)` gives: None, or a timedelta of less than a day.
fn ask(cx: &Thread, tz: Value, method: &'static Str, arg: Value) -> Res<Option<&'static Delta>> {
    let v = call_method(cx, tz, method, &[arg])?;
    if v.is_none() {
        return Ok(None);
    }
    let Some(d) = v.downcast::<Delta>() else {
        raise!(
            cx,
            TypeError,
            "tzinfo.{method}() must return None or timedelta, not '{}'",
            v.ty().name()
        );
    };
    if !d.is_offset() {
        raise!(
            cx,
            ValueError,
            "offset must be a timedelta strictly between -timedelta(hours=24) and \
             timedelta(hours=24)."
        );
    }
    Ok(Some(d))
}

/// `tz.utcoffset(arg)`; `tz` may be None.
#[inline]
pub fn utcoffset(cx: &Thread, tz: Value, arg: Value) -> Res<Option<&'static Delta>> {
    if tz.is_none() {
        return Ok(None);
    }
    if let Some(z) = tz.downcast_exact::<TimeZone>() {
        return Ok(Some(z.offset()));
    }
    ask(cx, tz, id!(cx, "utcoffset"), arg)
}

/// `tz.dst(arg)`; `tz` may be None.
pub fn dst(cx: &Thread, tz: Value, arg: Value) -> Res<Option<&'static Delta>> {
    if tz.is_none() || tz.downcast_exact::<TimeZone>().is_some() {
        return Ok(None);
    }
    ask(cx, tz, id!(cx, "dst"), arg)
}

/// `tz.tzname(arg)`: a str or None; `tz` may be None.
pub fn tzname(cx: &Thread, tz: Value, arg: Value) -> Res {
    if tz.is_none() {
        return Ok(none());
    }
    let name = call_method(cx, tz, id!(cx, "tzname"), &[arg])?;
    if !name.is_none() && !Str::check(name) {
        raise!(
            cx,
            TypeError,
            "tzinfo.tzname() must return None or a string, not '{}'",
            name.ty().name()
        );
    }
    Ok(name)
}

/// An optional offset as a Python value.
pub fn or_none(d: Option<&'static Delta>) -> Value {
    d.map_or(none(), |d| Value::from_ref(d))
}

/// The datetime that `fromutc` of the zone `tz` got.
pub fn fromutc_argument(cx: &Thread, tz: Value, dt: Value) -> Res<&'static DateTime> {
    let Some(d) = dt.downcast::<DateTime>() else {
        raise!(cx, TypeError, "fromutc: argument must be a datetime");
    };
    if d.zone() != tz {
        raise!(cx, ValueError, "fromutc: dt.tzinfo is not self");
    }
    Ok(d)
}

#[cold]
fn abstract_method(cx: &Thread, method: &str) -> Raised {
    err!(cx, NotImplementedError, "a tzinfo subclass must implement {method}()")
}

#[pymethods]
impl TzInfo {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(cx.alloc_in(cls, TzInfo { head: fresh_head() })))
    }

    /// The zone's name at a datetime.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn tzname(cx: &Thread, _this: &TzInfo, _dt: Value) -> Res {
        Err(abstract_method(cx, "tzname"))
    }

    /// The offset from UTC at a datetime, positive to the east.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn utcoffset(cx: &Thread, _this: &TzInfo, _dt: Value) -> Res {
        Err(abstract_method(cx, "utcoffset"))
    }

    /// The part of the offset that is daylight saving.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn dst(cx: &Thread, _this: &TzInfo, _dt: Value) -> Res {
        Err(abstract_method(cx, "dst"))
    }

    /// A datetime in UTC as one in this zone, found by the zone's own answers.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn fromutc(cx: &Thread, this: &TzInfo, dt: Value) -> Res {
        let this = Value::from_ref(this);
        let d = fromutc_argument(cx, this, dt)?;
        let Some(offset) = utcoffset(cx, this, dt)? else {
            raise!(cx, ValueError, "fromutc: non-None utcoffset() result required");
        };
        let Some(saving) = dst(cx, this, dt)? else {
            raise!(cx, ValueError, "fromutc: non-None dst() result required");
        };
        let standard = d.plus(cx, offset.minus(cx, saving)?, 1)?;
        let Some(saving) = dst(cx, this, standard)? else {
            raise!(cx, ValueError, "fromutc: tz.dst() gave inconsistent results; cannot convert");
        };
        match standard.downcast::<DateTime>() {
            Some(local) if !saving.is_zero() => local.plus(cx, saving, 1),
            _ => Ok(standard),
        }
    }

    /// How pickle makes an equal one.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: Value) -> Res {
        let args = match get_attr_opt(cx, this, id!(cx, "__getinitargs__"))? {
            Some(f) => call(cx, f, &[])?,
            None => Value::from_ref(Tuple::empty(cx)),
        };
        let state = call_method(cx, this, id!(cx, "__getstate__"), &[])?;
        let parts = [Value::from_ref(this.ty()), args, state];
        Ok(Value::from_ref(Tuple::from_slice(cx, &parts)))
    }
}

#[pymethods]
impl TimeZone {
    #[slot(sig = "(cls, offset, name=None)")]
    fn __new__(cx: &Thread, _cls: &Type, offset: Value, name: Option<Value>) -> Res {
        let Some(d) = offset.downcast::<Delta>() else {
            raise!(
                cx,
                TypeError,
                "timezone() argument 1 must be datetime.timedelta, not {}",
                type_or_none(offset)
            );
        };
        if let Some(name) = name {
            super::fields::text_argument(cx, name, "timezone", 2)?;
        }
        TimeZone::new(cx, d, name)
    }

    /// The name given to the constructor, or the offset as `UTC+HH:MM`.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn tzname(cx: &Thread, this: &TimeZone, dt: Value) -> Res {
        TimeZone::check_argument(cx, dt, "tzname")?;
        Ok(this.text(cx))
    }

    /// The fixed offset.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn utcoffset(cx: &Thread, this: &TimeZone, dt: Value) -> Res {
        TimeZone::check_argument(cx, dt, "utcoffset")?;
        Ok(this.offset.value())
    }

    /// None.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn dst(cx: &Thread, _this: &TimeZone, dt: Value) -> Res {
        TimeZone::check_argument(cx, dt, "dst")?;
        Ok(none())
    }

    /// A datetime in UTC as one in this zone.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn fromutc(cx: &Thread, this: &TimeZone, dt: Value) -> Res {
        fromutc_argument(cx, Value::from_ref(this), dt)?.plus(cx, this.offset(), 1)
    }

    /// The constructor's arguments, for pickle.
    #[pymethod]
    fn __getinitargs__(cx: &Thread, this: &TimeZone) -> Value {
        let offset = this.offset.value();
        Value::from_ref(match this.name.get() {
            Some(name) => Tuple::pair(cx, offset, name),
            None => Tuple::from_slice(cx, &[offset]),
        })
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &TimeZone) -> Res {
        if Value::from_ref(this) == utc(cx) {
            return Ok(Value::from_ref(Str::new(cx, "datetime.timezone.utc")));
        }
        let offset = repr(cx, this.offset.value())?;
        let text = match this.name.get() {
            Some(name) => format!("datetime.timezone({offset}, {})", repr(cx, name)?),
            None => format!("datetime.timezone({offset})"),
        };
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &TimeZone) -> Res {
        Ok(this.text(cx))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &TimeZone) -> Res<i64> {
        this.offset().hash(cx)
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, this: &TimeZone, other: Value, op: CmpOp) -> Res {
        match (other.downcast::<TimeZone>(), op) {
            (Some(o), CmpOp::Eq | CmpOp::Ne) => {
                Ok(py_bool(op.holds(this.offset().cmp(o.offset()))))
            }
            _ => Ok(not_implemented()),
        }
    }
}

/// `utc`, `min` and `max`.
pub fn add_constants(cx: &Thread, d: &Dict) -> Res<()> {
    const LIMIT: i64 = 24 * 3600 - 60;
    d.set_str(cx, id!(cx, "utc"), utc(cx));
    for (name, sign) in [(id!(cx, "min"), -1), (id!(cx, "max"), 1)] {
        let offset = Delta::new(cx, 0, sign * LIMIT, 0)?;
        d.set_str(cx, name, TimeZone::new(cx, offset, None)?);
    }
    Ok(())
}
