//! `_datetime`: dates, times of day, durations and fixed zones, as CPython's C module has them, with
//! the same layout of the objects. `calendar` is days and weeks without Python; each type has a file;
//! `fields` checks arguments, `iso` reads and `text` writes, `localtime` asks the C library for the
//! machine's zone.

pub(crate) mod calendar;
mod date;
pub(crate) mod datetime;
pub(crate) mod delta;
mod fields;
mod iso;
mod localtime;
mod order;
mod text;
mod time;
pub(crate) mod tz;

use taipan_vm::prelude::*;

pymodule! { "_datetime", doc: "Fast implementation of the datetime types.", exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_int(cx, "MINYEAR", calendar::MIN_YEAR as i64);
    m.add_int(cx, "MAXYEAR", calendar::MAX_YEAR as i64);
    let delta = m.add_type::<delta::Delta>(cx).dict();
    let date = m.add_type::<date::Date>(cx).dict();
    m.add_type::<tz::TzInfo>(cx);
    let zone = m.add_type::<tz::TimeZone>(cx).dict();
    let time = m.add_type::<time::Time>(cx).dict();
    let datetime = m.add_type::<datetime::DateTime>(cx).dict();
    // The types outlive the module: a second import finds them complete.
    if datetime.get_str(cx, id!(cx, "resolution")).is_none() {
        delta::add_constants(cx, delta);
        date::add_constants(cx, date)?;
        tz::add_constants(cx, zone)?;
        time::add_constants(cx, time)?;
        datetime::add_constants(cx, datetime)?;
    }
    taipan_vm::types::ready::ready::<date::IsoCalendarDate>(cx);
    m.add(cx, "UTC", tz::utc(cx));
    Ok(())
}
