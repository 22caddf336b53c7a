//! `time`: clocks, sleeping, calendar time through the C library.

use crate::syscall::{check, check_signals, errno, once, os_error, set_errno};
use crate::timearg::{self, Deadline, Round, clock_ns};
use taipan_vm::idle;
use taipan_vm::objects::structseq::{self, StructSeq};
use taipan_vm::prelude::*;

pub static STRUCT_TIME: StructSeq = StructSeq::new(
    "time",
    "struct_time",
    "A calendar time: nine items, and the zone's name and offset as attributes.",
    &[
        "tm_year",
        "tm_mon",
        "tm_mday",
        "tm_hour",
        "tm_min",
        "tm_sec",
        "tm_wday",
        "tm_yday",
        "tm_isdst",
        "tm_zone",
        "tm_gmtoff",
    ],
    9,
);

fn now(cx: &Thread, clock: libc::clockid_t) -> Res<i64> {
    clock_ns(clock).map_err(|e| os_error(cx, e))
}

fn secs(ns: i64) -> f64 {
    // As CPython divides: whole seconds stay exact.
    if ns % 1_000_000_000 == 0 { (ns / 1_000_000_000) as f64 } else { ns as f64 / 1e9 }
}

macro_rules! clocks {
    ($($name:ident, $name_ns:ident, $clock:ident;)*) => {$(
        #[pyfunction]
        fn $name(cx: &Thread) -> Res<f64> {
            now(cx, libc::$clock).map(secs)
        }
        #[pyfunction]
        fn $name_ns(cx: &Thread) -> Res<i64> {
            now(cx, libc::$clock)
        }
    )*};
}

clocks! {
    time, time_ns, CLOCK_REALTIME;
    monotonic, monotonic_ns, CLOCK_MONOTONIC;
    perf_counter, perf_counter_ns, CLOCK_MONOTONIC;
    process_time, process_time_ns, CLOCK_PROCESS_CPUTIME_ID;
    thread_time, thread_time_ns, CLOCK_THREAD_CPUTIME_ID;
}

#[pyfunction(sig = "(clk_id, /)")]
fn clock_gettime(cx: &Thread, clk_id: i32) -> Res<f64> {
    now(cx, clk_id).map(secs)
}

#[pyfunction(sig = "(clk_id, /)")]
fn clock_gettime_ns(cx: &Thread, clk_id: i32) -> Res<i64> {
    now(cx, clk_id)
}

fn resolution(cx: &Thread, clock: i32) -> Res<f64> {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: ts is of this frame.
    check(cx, unsafe { libc::clock_getres(clock, &mut ts) } as i64)?;
    Ok(ts.tv_sec as f64 + ts.tv_nsec as f64 * 1e-9)
}

#[pyfunction(sig = "(clk_id, /)", text = "")]
fn clock_getres(cx: &Thread, clk_id: i32) -> Res<f64> {
    resolution(cx, clk_id)
}

fn set_clock(cx: &Thread, clock: i32, ns: i64) -> Res<()> {
    let ts = timearg::to_timespec(ns);
    // SAFETY: ts is of this frame.
    check(cx, unsafe { libc::clock_settime(clock, &ts) } as i64).map(|_| ())
}

#[pyfunction(sig = "(clk_id, time, /)", text = "")]
fn clock_settime(cx: &Thread, clk_id: i32, time: Value) -> Res<()> {
    let ns = timearg::seconds(cx, time, Round::Floor)?;
    set_clock(cx, clk_id, ns)
}

#[pyfunction(sig = "(clk_id, time, /)", text = "")]
fn clock_settime_ns(cx: &Thread, clk_id: i32, time: i64) -> Res<()> {
    set_clock(cx, clk_id, time)
}

#[pyfunction(sig = "(thread_id, /)", text = "")]
fn pthread_getcpuclockid(cx: &Thread, thread_id: u64) -> Res<i64> {
    let mut id = 0;
    // SAFETY: the caller names a thread that exists, as in C.
    match unsafe { libc::pthread_getcpuclockid(thread_id as libc::pthread_t, &mut id) } {
        0 => Ok(id as i64),
        e => Err(os_error(cx, e)),
    }
}

#[pyfunction(sig = "(name, /)", text = "")]
fn get_clock_info(cx: &Thread, name: &'static Str) -> Res {
    let (clock, text, monotonic, adjustable) = match &*name.to_str_lossy() {
        "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false, true),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true, false),
        "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID", true, false),
        "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID", true, false),
        _ => raise!(cx, ValueError, "unknown clock"),
    };
    let ns = taipan_vm::objects::module::import_attr(cx, "types", "SimpleNamespace")?;
    let kw = Dict::new(cx);
    let text = format!("clock_gettime({text})");
    kw.set_str(cx, id!(cx, "implementation"), Value::from_ref(Str::new(cx, &text)));
    kw.set_str(cx, id!(cx, "monotonic"), py_bool(monotonic));
    kw.set_str(cx, id!(cx, "adjustable"), py_bool(adjustable));
    kw.set_str(cx, id!(cx, "resolution"), Value::from_f64(resolution(cx, clock)?));
    call_dict(cx, ns, &[], Some(kw))
}

/// Waits; signals run their handlers, and the sleep goes on to its end.
#[pyfunction(sig = "(seconds, /)", text = "($self, object, /)")]
fn sleep(cx: &Thread, seconds: Value) -> Res<()> {
    let ns =
        timearg::seconds(cx, seconds, Round::Up).map_err(|e| match e.is(exc::OverflowError()) {
            true => err!(cx, OverflowError, "timestamp out of range for platform time_t"),
            false => e,
        })?;
    if ns < 0 {
        raise!(cx, ValueError, "sleep length must be non-negative");
    }
    let deadline = Deadline::after(Some(ns));
    if idle::patience().is_some_and(|p| ns > p) {
        idle::collect(cx);
        cx.poll()?;
    }
    let Some(until) = timearg::monotonic_ns().checked_add(ns) else {
        raise!(cx, OverflowError, "timestamp too large to convert to C PyTime_t");
    };
    let ts = timearg::to_timespec(until);
    let at = &raw const ts;
    loop {
        cx.poll()?;
        let mut r = 0;
        let res = &raw mut r;
        let _ = once(cx, || {
            // SAFETY: both are of this frame.
            unsafe {
                *res = libc::clock_nanosleep(
                    libc::CLOCK_MONOTONIC,
                    libc::TIMER_ABSTIME,
                    at,
                    std::ptr::null_mut(),
                );
            }
            0
        });
        match r {
            0 => return cx.poll(),
            libc::EINTR => check_signals(cx)?,
            e => return Err(os_error(cx, e)),
        }
        if deadline.passed() {
            return Ok(());
        }
    }
}

fn empty_tm() -> libc::tm {
    // SAFETY: plain data and a pointer that may be null.
    unsafe { std::mem::zeroed() }
}

fn tm_value(cx: &Thread, tm: &libc::tm) -> Value {
    let n = |x: i64| Value::small(x);
    // SAFETY: tm_zone is null or a string of the C library.
    let zone = unsafe { crate::fspath::decode_c(cx, tm.tm_zone) };
    let items = [
        n(tm.tm_year as i64 + 1900),
        n(tm.tm_mon as i64 + 1),
        n(tm.tm_mday as i64),
        n(tm.tm_hour as i64),
        n(tm.tm_min as i64),
        n(tm.tm_sec as i64),
        n((tm.tm_wday as i64 + 6) % 7),
        n(tm.tm_yday as i64 + 1),
        n(tm.tm_isdst as i64),
        zone,
        n(tm.tm_gmtoff),
    ];
    STRUCT_TIME.make(cx, &items)
}

/// Seconds since the epoch of an optional argument; now where it is None or missing.
fn seconds_arg(cx: &Thread, v: Value) -> Res<i64> {
    if v.is_none() {
        return Ok(now(cx, libc::CLOCK_REALTIME)?.div_euclid(1_000_000_000));
    }
    timearg::whole_seconds(cx, v, Round::Floor)
}

pub fn to_local(cx: &Thread, t: i64) -> Res<libc::tm> {
    let mut tm = empty_tm();
    set_errno(0);
    // SAFETY: both are of this frame.
    if unsafe { libc::localtime_r(&t, &mut tm) }.is_null() {
        return Err(os_error(cx, if errno() == 0 { libc::EINVAL } else { errno() }));
    }
    Ok(tm)
}

pub fn to_utc(cx: &Thread, t: i64) -> Res<libc::tm> {
    let mut tm = empty_tm();
    set_errno(0);
    // SAFETY: both are of this frame.
    if unsafe { libc::gmtime_r(&t, &mut tm) }.is_null() {
        return Err(os_error(cx, if errno() == 0 { libc::EINVAL } else { errno() }));
    }
    Ok(tm)
}

#[pyfunction(sig = "(seconds=None, /)", text = "")]
fn localtime(cx: &Thread, seconds: Value) -> Res {
    let t = seconds_arg(cx, seconds)?;
    to_local(cx, t).map(|tm| tm_value(cx, &tm))
}

#[pyfunction(sig = "(seconds=None, /)", text = "")]
fn gmtime(cx: &Thread, seconds: Value) -> Res {
    let t = seconds_arg(cx, seconds)?;
    to_utc(cx, t).map(|tm| tm_value(cx, &tm))
}

/// The `struct tm` of a tuple, and the zone name it refers to.
fn tm_arg(cx: &Thread, v: Value, func: &str) -> Res<(libc::tm, Option<std::ffi::CString>)> {
    let Some(t) = v.downcast::<Tuple>() else {
        raise!(cx, TypeError, "Tuple or struct_time argument required");
    };
    if t.len() != 9 {
        raise!(cx, TypeError, "{func}(): illegal time tuple argument");
    }
    let mut f = [0i32; 9];
    for (i, x) in f.iter_mut().enumerate() {
        let v = t.get(i);
        if v.as_small().is_none() && v.ty().slots().index.get().is_none() {
            raise!(cx, TypeError, "'{}' object cannot be interpreted as an integer", v.ty().name());
        }
        let n = index(cx, v)?;
        *x = match int_to_i64(n) {
            Some(n) if n > i32::MAX as i64 => {
                raise!(cx, OverflowError, "signed integer is greater than maximum")
            }
            Some(n) if n < i32::MIN as i64 => {
                raise!(cx, OverflowError, "signed integer is less than minimum")
            }
            Some(n) => n as i32,
            None => raise!(cx, OverflowError, "Python int too large to convert to C long"),
        };
    }
    let mut tm = empty_tm();
    let Some(year) = f[0].checked_sub(1900) else {
        raise!(cx, OverflowError, "year out of range");
    };
    tm.tm_year = year;
    tm.tm_mon = f[1].wrapping_sub(1);
    tm.tm_mday = f[2];
    tm.tm_hour = f[3];
    tm.tm_min = f[4];
    tm.tm_sec = f[5];
    tm.tm_wday = f[6].wrapping_add(1) % 7;
    tm.tm_yday = f[7].wrapping_sub(1);
    tm.tm_isdst = f[8];
    let mut zone = None;
    if v.ty().is(STRUCT_TIME.ty(cx)) {
        if let Some(s) = structseq::field(t, 9).downcast::<Str>() {
            zone = std::ffi::CString::new(s.to_wtf8()).ok();
        }
        if let Some(n) = int_to_i64(structseq::field(t, 10)) {
            tm.tm_gmtoff = n;
        }
    }
    Ok((tm, zone))
}

fn check_tm(cx: &Thread, tm: &mut libc::tm) -> Res<()> {
    if tm.tm_mon == -1 {
        tm.tm_mon = 0;
    }
    if tm.tm_mday == 0 {
        tm.tm_mday = 1;
    }
    if tm.tm_yday == -1 {
        tm.tm_yday = 0;
    }
    let ranges = [
        (tm.tm_mon, 0, 11, "month"),
        (tm.tm_mday, 1, 31, "day of month"),
        (tm.tm_hour, 0, 23, "hour"),
        (tm.tm_min, 0, 59, "minute"),
        (tm.tm_sec, 0, 61, "seconds"),
        (tm.tm_wday, 0, i32::MAX, "day of week"),
        (tm.tm_yday, 0, 365, "day of year"),
    ];
    for (n, low, high, what) in ranges {
        if !(low..=high).contains(&n) {
            raise!(cx, ValueError, "{what} out of range");
        }
    }
    Ok(())
}

fn ascii_time(tm: &libc::tm) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    format!(
        "{} {}{:3} {:02}:{:02}:{:02} {}",
        DAYS[tm.tm_wday as usize],
        MONTHS[tm.tm_mon as usize],
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        tm.tm_year as i64 + 1900
    )
}

#[pyfunction(sig = "(t=None, /)", text = "")]
fn asctime(cx: &Thread, t: Option<Value>) -> Res<String> {
    let mut tm = match t {
        None => to_local(cx, seconds_arg(cx, none())?)?,
        Some(v) => tm_arg(cx, v, "asctime")?.0,
    };
    check_tm(cx, &mut tm)?;
    Ok(ascii_time(&tm))
}

#[pyfunction(sig = "(seconds=None, /)", text = "")]
fn ctime(cx: &Thread, seconds: Value) -> Res<String> {
    let t = seconds_arg(cx, seconds)?;
    Ok(ascii_time(&to_local(cx, t)?))
}

#[pyfunction(sig = "(t, /)", text = "($self, object, /)")]
fn mktime(cx: &Thread, t: Value) -> Res<f64> {
    let (mut tm, _zone) = tm_arg(cx, t, "mktime")?;
    // -1 is also a time: the weekday tells whether mktime worked.
    tm.tm_wday = -1;
    // SAFETY: tm is of this frame.
    let r = unsafe { libc::mktime(&mut tm) };
    if r == -1 && tm.tm_wday == -1 {
        raise!(cx, OverflowError, "mktime argument out of range");
    }
    Ok(r as f64)
}

/// The codes that ask neither the locale nor a zone; `None` where the format has any other, or the
/// year has not four digits.
fn format_numbers(part: &str, tm: &libc::tm) -> Option<Vec<u8>> {
    let year = tm.tm_year as i64 + 1900;
    if !(1000..10_000).contains(&year) {
        return None;
    }
    let mut out = Vec::with_capacity(part.len() + 16);
    let put = |out: &mut Vec<u8>, n: i64, width: u32| {
        out.extend((0..width).rev().map(|i| b'0' + (n / 10i64.pow(i) % 10) as u8));
    };
    let mut bytes = part.bytes();
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        match bytes.next()? {
            b'Y' => put(&mut out, year, 4),
            b'y' => put(&mut out, year, 2),
            b'm' => put(&mut out, tm.tm_mon as i64 + 1, 2),
            b'd' => put(&mut out, tm.tm_mday as i64, 2),
            b'H' => put(&mut out, tm.tm_hour as i64, 2),
            b'M' => put(&mut out, tm.tm_min as i64, 2),
            b'S' => put(&mut out, tm.tm_sec as i64, 2),
            b'j' => put(&mut out, tm.tm_yday as i64 + 1, 3),
            b'%' => out.push(b'%'),
            _ => return None,
        }
    }
    Some(out)
}

/// `strftime` of text without NULs, in the C library.
fn format_part(cx: &Thread, part: &str, tm: &libc::tm) -> Res<Vec<u8>> {
    if let Some(out) = format_numbers(part, tm) {
        return Ok(out);
    }
    if !part.contains('%') {
        return Ok(part.as_bytes().to_vec());
    }
    let f = std::ffi::CString::new(part).expect("split at NULs");
    let mut size = 1024usize;
    loop {
        let mut buf = vec![0u8; size];
        set_errno(0);
        // SAFETY: the buffer's size is given; f is NUL-terminated.
        let n =
            unsafe { libc::strftime(buf.as_mut_ptr() as *mut libc::c_char, size, f.as_ptr(), tm) };
        // A result may be empty; a very large buffer settles it.
        if n > 0 || size >= 256 * part.len().max(4) {
            buf.truncate(n);
            return Ok(buf);
        }
        if errno() == libc::EINVAL {
            raise!(cx, ValueError, "Invalid format string");
        }
        size *= 2;
    }
}

#[pyfunction(sig = "(format, t=None, /)", text = "")]
fn strftime(cx: &Thread, format: Value, t: Option<Value>) -> Res {
    let Some(f) = format.downcast::<Str>() else {
        raise!(
            cx,
            TypeError,
            "strftime() argument 1 must be str, not {}",
            taipan_vm::bind::type_or_none(format)
        );
    };
    let (mut tm, zone) = match t {
        None => (to_local(cx, seconds_arg(cx, none())?)?, None),
        Some(v) => tm_arg(cx, v, "strftime")?,
    };
    if let Some(z) = &zone {
        tm.tm_zone = z.as_ptr() as *mut _;
    }
    check_tm(cx, &mut tm)?;
    if tm.tm_isdst < -1 {
        tm.tm_isdst = -1;
    } else if tm.tm_isdst > 1 {
        tm.tm_isdst = 1;
    }
    if let Some(ascii) = f.as_ascii().filter(|f| !f.contains('\0')) {
        let out = format_part(cx, ascii, &tm)?;
        return Ok(Value::from_ref(Str::from_wtf8(cx, &out)));
    }
    let mut out: Vec<u8> = Vec::new();
    let mut part = String::new();
    for c in f.chars() {
        match char::from_u32(c) {
            Some(ch) if ch != '\0' => part.push(ch),
            _ => {
                out.extend(format_part(cx, &part, &tm)?);
                part.clear();
                out.extend_from_slice(&Str::from_chars(cx, [c]).to_wtf8());
            }
        }
    }
    out.extend(format_part(cx, &part, &tm)?);
    Ok(Value::from_ref(Str::from_wtf8(cx, &out)))
}

#[pyfunction(sig = "(string, format='%a %b %d %H:%M:%S %Y', /)", text = "")]
fn strptime(cx: &Thread, string: Value, format: Option<Value>) -> Res {
    let f = taipan_vm::objects::module::import_attr(cx, "_strptime", "_strptime_time")?;
    match format {
        Some(fmt) => call(cx, f, &[string, fmt]),
        None => call(cx, f, &[string]),
    }
}

unsafe extern "C" {
    #[link_name = "tzset"]
    fn c_tzset();
}

/// `timezone`, `altzone`, `daylight`, `tzname`, from the zone's offsets in January and July.
fn set_zone(cx: &Thread, d: &Dict) -> Res<()> {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let now = now(cx, libc::CLOCK_REALTIME)?.div_euclid(1_000_000_000);
    let january = now / YEAR * YEAR;
    let look = |t: i64| -> Res<(i64, Value)> {
        let tm = to_local(cx, t)?;
        // SAFETY: tm_zone is null or a string of the C library.
        let name = unsafe { crate::fspath::decode_c(cx, tm.tm_zone) };
        Ok((-tm.tm_gmtoff, name))
    };
    let (jan, jan_name) = look(january)?;
    let (jul, jul_name) = look(january + YEAR / 2)?;
    // West of Greenwich counts positive: daylight saving makes the number smaller.
    let (std, alt, names) =
        if jan < jul { (jul, jan, [jul_name, jan_name]) } else { (jan, jul, [jan_name, jul_name]) };
    d.set_str(cx, id!(cx, "timezone"), Value::small(std));
    d.set_str(cx, id!(cx, "altzone"), Value::small(alt));
    d.set_str(cx, id!(cx, "daylight"), Value::small((jan != jul) as i64));
    d.set_str(cx, id!(cx, "tzname"), Value::from_ref(Tuple::from_slice(cx, &names)));
    Ok(())
}

#[pyfunction]
fn tzset(cx: &Thread) -> Res<()> {
    // SAFETY: reads the environment, which this process changes through setenv only.
    unsafe { c_tzset() };
    let m = cx.vm.modules().get_str(cx, id!(cx, "time")).and_then(|m| m.downcast::<Module>());
    match m {
        Some(m) => set_zone(cx, m.dict()),
        None => Ok(()),
    }
}

pymodule! { "time", doc: "Clocks, sleeping, and calendar time.", functions: [
    time, time_ns, monotonic, monotonic_ns, perf_counter, perf_counter_ns, process_time,
    process_time_ns, thread_time, thread_time_ns, clock_gettime, clock_gettime_ns, clock_getres,
    clock_settime, clock_settime_ns, pthread_getcpuclockid, get_clock_info, sleep, localtime,
    gmtime, asctime, ctime, mktime, strftime, strptime, tzset
], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in [
        ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
        ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
        ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
        ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
        ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
        ("CLOCK_TAI", libc::CLOCK_TAI),
        ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ("_STRUCT_TM_ITEMS", 11),
    ] {
        m.add_int(cx, name, v as i64);
    }
    m.add(cx, "struct_time", Value::from_ref(STRUCT_TIME.ty(cx)));
    // SAFETY: as in tzset.
    unsafe { c_tzset() };
    set_zone(cx, m.dict())
}
