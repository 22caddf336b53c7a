//! Times as text: offsets, `isoformat`, `ctime`, `repr`, and `strftime`, which fills in what the C
//! library does not know and leaves the rest to `time.strftime`.

use super::calendar::Ymd;
use super::fields::{Clock, Text};
use super::tz;
use taipan_vm::objects::module::import_attr;
use taipan_vm::objects::text_builder::TextBuilder;
use taipan_vm::prelude::*;

/// `name(arguments)`, as `repr` shows an instance.
pub fn call_text(cx: &Thread, ty: &Type, arguments: &str) -> Value {
    let name = ty.name();
    let mut s = String::with_capacity(name.len() + arguments.len() + 2);
    s.push_str(&name);
    s.push('(');
    s.push_str(arguments);
    s.push(')');
    Value::from_ref(Str::new(cx, &s))
}

/// The same followed by a zone that is not None and a fold that is not 0, in the order given.
pub fn call_text_zoned(
    cx: &Thread,
    ty: &Type,
    arguments: &str,
    keywords: [(&str, Value); 2],
) -> Res {
    if keywords.iter().all(|(_, v)| v.is_none() || *v == Value::small(0)) {
        return Ok(call_text(cx, ty, arguments));
    }
    let mut out = TextBuilder::new();
    out.push_str(&ty.name());
    out.push_str("(");
    out.push_str(arguments);
    for (name, v) in keywords {
        if !v.is_none() && v != Value::small(0) {
            out.push_str(", ");
            out.push_str(name);
            out.push_str("=");
            out.push_repr(cx, v)?;
        }
    }
    out.push_str(")");
    Ok(out.finish(cx))
}

/// `, second, microsecond` of a `repr`, as far as they are not 0.
pub fn put_seconds(out: &mut Text, c: Clock) {
    if c.second != 0 || c.us != 0 {
        out.text(", ");
        out.number(c.second);
    }
    if c.us != 0 {
        out.text(", ");
        out.number(c.us);
    }
}

/// Appends a UTC offset, `+HH:MM[:SS[.ffffff]]`, with any separator; nothing where it is None.
pub fn put_offset(cx: &Thread, out: &mut Text, tz: Value, arg: Value, sep: &str) -> Res<()> {
    let Some(mut offset) = tz::utcoffset(cx, tz, arg)? else { return Ok(()) };
    if offset.days < 0 {
        out.byte(b'-');
        offset = offset.negated(cx)?;
    } else {
        out.byte(b'+');
    }
    put_duration(out, offset.seconds, offset.us, sep);
    Ok(())
}

/// `HH:MM`, with seconds and microseconds only where there are any.
pub fn put_duration(out: &mut Text, seconds: i32, us: i32, sep: &str) {
    if us != 0 || seconds % 60 != 0 {
        out.clock(seconds, sep);
    } else {
        out.two(seconds / 3600);
        out.text(sep);
        out.two(seconds / 60 % 60);
    }
    if us != 0 {
        out.byte(b'.');
        out.padded(us, 6);
    }
}

/// How much of the time `isoformat` shows.
#[derive(Clone, Copy)]
pub enum Spec {
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
}

/// The `timespec` argument, which is number `at` of `isoformat`.
pub fn timespec(cx: &Thread, v: Option<Value>, at: usize, us: i32) -> Res<Spec> {
    let auto = if us == 0 { Spec::Seconds } else { Spec::Microseconds };
    let Some(v) = v else { return Ok(auto) };
    let text = super::fields::text_argument(cx, v, "isoformat", at)?.utf8(cx)?;
    Ok(match &*text {
        "auto" => auto,
        "hours" => Spec::Hours,
        "minutes" => Spec::Minutes,
        "seconds" => Spec::Seconds,
        "milliseconds" => Spec::Milliseconds,
        "microseconds" => Spec::Microseconds,
        t if t.contains('\0') => raise!(cx, ValueError, "embedded null character"),
        _ => raise!(cx, ValueError, "Unknown timespec value"),
    })
}

pub fn put_clock(out: &mut Text, c: Clock, spec: Spec) {
    out.two(c.hour);
    if matches!(spec, Spec::Hours) {
        return;
    }
    out.byte(b':');
    out.two(c.minute);
    if matches!(spec, Spec::Minutes) {
        return;
    }
    out.byte(b':');
    out.two(c.second);
    match spec {
        Spec::Milliseconds => {
            out.byte(b'.');
            out.padded(c.us / 1000, 3);
        }
        Spec::Microseconds => {
            out.byte(b'.');
            out.padded(c.us, 6);
        }
        _ => {}
    }
}

pub fn ctime(cx: &Thread, date: Ymd, c: Clock) -> Value {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut t = Text::new();
    t.text(DAYS[date.weekday() as usize]);
    t.byte(b' ');
    t.text(MONTHS[(date.month - 1) as usize]);
    t.byte(b' ');
    if date.day < 10 {
        t.byte(b' ');
    }
    t.number(date.day);
    t.byte(b' ');
    put_clock(&mut t, c, Spec::Seconds);
    t.byte(b' ');
    t.padded(date.year, 4);
    t.finish(cx)
}

/// `object.strftime(format)`: `%z`, `%:z`, `%Z` and `%f` of a date or time with the zone `tz`, whose
/// methods get `arg`; then `time.strftime` of `tuple`.
pub fn strftime(
    cx: &Thread,
    format: &'static Str,
    tuple: Value,
    us: i32,
    tz: Value,
    arg: Value,
) -> Res {
    let mut out = TextBuilder::new();
    let (mut start, mut i, n) = (0, 0, format.len());
    while i < n {
        i += 1;
        if format.char_at(i - 1) != '%' as u32 || i == n {
            continue;
        }
        let end = i - 1;
        let code = format.char_at(i);
        i += 1;
        let mut t = Text::new();
        match char::from_u32(code) {
            Some('z') => put_offset(cx, &mut t, tz, arg, "")?,
            Some(':') if i < n && format.char_at(i) == 'z' as u32 => {
                i += 1;
                put_offset(cx, &mut t, tz, arg, ":")?;
            }
            Some('f') => t.padded(us, 6),
            Some('Z') => {}
            _ => continue,
        }
        out.push(Str::substring(cx, format, start, end));
        start = i;
        if code == 'Z' as u32 {
            out.push(escaped_name(cx, tz, arg)?);
        } else {
            out.push_str(t.as_str());
        }
    }
    let format = match start {
        0 => Value::from_ref(format),
        _ => {
            out.push(Str::substring(cx, format, start, n));
            out.finish(cx)
        }
    };
    let f = import_attr(cx, "time", "strftime")?;
    call(cx, f, &[format, tuple])
}

/// The zone's name with doubled percent signs, for it becomes part of a format.
fn escaped_name(cx: &Thread, tz: Value, arg: Value) -> Res<&'static Str> {
    let name = tz::tzname(cx, tz, arg)?;
    if name.is_none() {
        return Ok(Str::empty(cx));
    }
    let (one, two) = (Str::new(cx, "%"), Str::new(cx, "%%"));
    let args = [Value::from_ref(one), Value::from_ref(two)];
    match call_method(cx, name, id!(cx, "replace"), &args)?.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(cx, TypeError, "tzname.replace() did not return a string"),
    }
}
