//! `sys.monitoring`: what Python calls; `interp::trace::monitoring` does the work.

use crate::interp::trace::monitoring::{self, EVENTS, LOCAL_EVENTS, NAMES, TOOLS, event};
use crate::objects::code::Code;
use crate::prelude::*;

const NATIVE: u32 = 1 << event::C_RETURN | 1 << event::C_RAISE;
const NATIVE_CALLS: u32 = NATIVE | 1 << event::CALL;

fn valid(cx: &Thread, tool: i32) -> Res<usize> {
    match usize::try_from(tool) {
        Ok(t) if t < TOOLS => Ok(t),
        _ => raise!(cx, ValueError, "invalid tool {tool} (must be between 0 and 5)"),
    }
}

fn in_use(cx: &Thread, tool: usize) -> Res<()> {
    if monitoring::tools(cx).get(tool).is_none_or(|name| name.is_none()) {
        raise!(cx, ValueError, "tool {tool} is not in use");
    }
    Ok(())
}

/// The set without the events that come with CALL.
fn event_set(cx: &Thread, set: i32, count: usize, what: &str) -> Res<u32> {
    let bits = set as u32;
    if what.is_empty() && !(0..1 << count).contains(&set) {
        raise!(cx, ValueError, "invalid event set 0x{bits:x}");
    }
    if bits & NATIVE != 0 && bits & NATIVE_CALLS != NATIVE_CALLS {
        raise!(cx, ValueError, "cannot set C_RETURN or C_RAISE events independently");
    }
    let bits = bits & !NATIVE;
    if !(0..1 << count).contains(&(bits as i32)) {
        raise!(cx, ValueError, "invalid {what}event set 0x{bits:x}");
    }
    Ok(bits)
}

/// Claims a tool's number under a name.
#[pyfunction(sig = "(tool_id, name, /)")]
fn use_tool_id(cx: &Thread, tool_id: i32, name: Value) -> Res<()> {
    let tool = valid(cx, tool_id)?;
    if name.downcast::<Str>().is_none() {
        raise!(cx, ValueError, "tool name must be a str");
    }
    if in_use(cx, tool).is_ok() {
        raise!(cx, ValueError, "tool {tool} is already in use");
    }
    monitoring::tools(cx).set(tool, name);
    Ok(())
}

/// Gives a tool's number back.
#[pyfunction(sig = "(tool_id, /)")]
fn free_tool_id(cx: &Thread, tool_id: i32) -> Res<()> {
    let tool = valid(cx, tool_id)?;
    monitoring::tools(cx).set(tool, none());
    Ok(())
}

/// The name of the tool that has the number, or None.
#[pyfunction(sig = "(tool_id, /)")]
fn get_tool(cx: &Thread, tool_id: i32) -> Res {
    let tool = valid(cx, tool_id)?;
    Ok(monitoring::tools(cx).get(tool).unwrap_or(none()))
}

/// Sets what is called for an event; returns what was called before.
#[pyfunction(sig = "(tool_id, event, func, /)")]
fn register_callback(cx: &Thread, tool_id: i32, event: i32, func: Value) -> Res {
    let tool = valid(cx, tool_id)?;
    if event.count_ones() != 1 {
        raise!(cx, ValueError, "The callback can only be set for one event at a time");
    }
    let number = event.trailing_zeros() as usize;
    if number >= EVENTS {
        raise!(cx, ValueError, "invalid event {event}");
    }
    super::audit_event(cx, "sys.monitoring.register_callback", || [func])?;
    let all = monitoring::callbacks(cx);
    let before = all.get(tool * EVENTS + number).unwrap_or(none());
    all.set(tool * EVENTS + number, func);
    Ok(before)
}

/// The events that a tool wants everywhere.
#[pyfunction(sig = "(tool_id, /)")]
fn get_events(cx: &Thread, tool_id: i32) -> Res<u32> {
    Ok(monitoring::global_events(valid(cx, tool_id)?))
}

/// Sets the events that a tool wants everywhere.
#[pyfunction(sig = "(tool_id, event_set, /)")]
fn set_events(cx: &Thread, tool_id: i32, event_set: i32) -> Res<()> {
    let tool = valid(cx, tool_id)?;
    let events = self::event_set(cx, event_set, EVENTS, "")?;
    in_use(cx, tool)?;
    monitoring::set_global_events(cx, tool, events);
    Ok(())
}

fn code_of(cx: &Thread, code: Value) -> Res<&'static Code> {
    match code.downcast::<Code>() {
        Some(c) => Ok(c),
        None => raise!(cx, TypeError, "code must be a code object"),
    }
}

/// The events that a tool wants of one code object.
#[pyfunction(sig = "(tool_id, code, /)")]
fn get_local_events(cx: &Thread, tool_id: i32, code: Value) -> Res<u32> {
    let code = code_of(cx, code)?;
    Ok(monitoring::local_events(code, valid(cx, tool_id)?))
}

/// Sets the events that a tool wants of one code object.
#[pyfunction(sig = "(tool_id, code, event_set, /)")]
fn set_local_events(cx: &Thread, tool_id: i32, code: Value, event_set: i32) -> Res<()> {
    let code = code_of(cx, code)?;
    let tool = valid(cx, tool_id)?;
    let events = self::event_set(cx, event_set, LOCAL_EVENTS, "local ")?;
    in_use(cx, tool)?;
    monitoring::set_local_events(cx, code, tool, events);
    Ok(())
}

/// Switches the events on again that callbacks have disabled.
#[pyfunction]
fn restart_events(_cx: &Thread) {
    monitoring::restart_events();
}

/// The events that are wanted everywhere, with the tools as bits.
#[pyfunction]
fn _all_events(cx: &Thread) -> Res {
    let all = Dict::new(cx);
    for (number, name) in NAMES.iter().enumerate().take(event::C_RETURN) {
        let bits = (0..TOOLS).filter(|t| monitoring::global_events(*t) >> number & 1 != 0);
        let bits = bits.fold(0, |set, t| set | 1 << t);
        if bits != 0 {
            all.set_str(cx, Str::new(cx, name), Value::small(bits));
        }
    }
    Ok(Value::from_ref(all))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add(cx, "DISABLE", monitoring::disable(cx)?);
    m.add(cx, "MISSING", monitoring::missing(cx)?);
    let kind = crate::objects::namespace::SimpleNamespace::type_object();
    let events = call(cx, Value::from_ref(kind), &[])?;
    for (number, name) in NAMES.iter().enumerate() {
        set_attr(cx, events, Str::new(cx, name), Some(Value::small(1 << number)))?;
    }
    set_attr(cx, events, Str::new(cx, "NO_EVENTS"), Some(Value::small(0)))?;
    m.add(cx, "events", events);
    for (name, id) in
        [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)]
    {
        m.add_int(cx, name, id);
    }
    Ok(())
}

pymodule! { "sys.monitoring", doc: "Events of running code for debuggers, profilers and the like (PEP 669).",
functions: [
    use_tool_id, free_tool_id, get_tool, register_callback, get_events, set_events, get_local_events,
    set_local_events, restart_events, _all_events,
],
exec: exec }
