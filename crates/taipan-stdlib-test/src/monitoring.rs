//! The part of `_testcapi` that fires monitoring events for code that is not Python's: `CodeLike` and
//! `fire_event_*` (CPython's Modules/_testcapi/monitoring.c).

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use taipan_vm::interp::trace::monitoring::{self, event};
use taipan_vm::objects::exceptions::BaseException;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

/// At most so many events a CodeLike.
const PLACES: usize = 16;

/// Stands for a piece of another language's code, with a state for each of its events.
#[repr(C)]
pub struct CodeLike {
    head: Head,
    places: u32,
    version: AtomicU32,
    /// The tools that want the event, as bits.
    active: [AtomicU8; PLACES],
}

taipan_vm::pytype! { CodeLike, Taipan_CodeLike_Type, name: "CodeLike", module: "monitoring",
base: taipan_vm::objects::object::Object, kind: Leaf, doc: "CodeLike objects" }

#[pymethods]
impl CodeLike {
    #[slot(sig = "(cls, num_events, /)")]
    fn __new__(cx: &Thread, cls: &Type, num_events: i32) -> Res {
        if !(0..=PLACES as i32).contains(&num_events) {
            raise!(cx, ValueError, "num_events must be between 0 and {PLACES}");
        }
        let active = [const { AtomicU8::new(0) }; PLACES];
        let version = AtomicU32::new(0);
        let c = CodeLike { head: fresh_head(), places: num_events as u32, version, active };
        Ok(Value::from_ref(cx.alloc_in(cls, c)))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &CodeLike) -> Res<Value> {
        let mut text = String::from("PyCodeLikeObject");
        for a in &this.active[..this.places as usize] {
            text += &format!(":  {}", a.load(Ordering::Relaxed));
        }
        Ok(Value::from_ref(Str::new(cx, &text)))
    }
}

fn code_like(cx: &Thread, v: Value) -> Res<&'static CodeLike> {
    match v.downcast_exact::<CodeLike>() {
        Some(c) => Ok(c),
        None => raise!(cx, TypeError, "expected a code-like, got {}", v.ty().name()),
    }
}

/// Fires an event; gives the tools that still want it there, as bits.
fn fire(cx: &Thread, code: Value, offset: i32, event: usize, more: &[Value]) -> Res<u8> {
    let of = code_like(cx, code)?;
    let Some(active) = usize::try_from(offset).ok().and_then(|o| of.active.get(o)) else {
        raise!(cx, ValueError, "offset must be non-negative");
    };
    let tools = active.load(Ordering::Relaxed);
    if tools == 0 {
        return Ok(0);
    }
    let mut args = GcVec::with_capacity(4);
    args.push(code);
    if event != event::LINE {
        args.push(Value::small(i64::from(offset)));
    }
    args.extend_from_slice(more);
    let left = monitoring::fire_for(cx, tools, event, &args)?;
    active.store(left, Ordering::Relaxed);
    Ok(left)
}

/// As `fire` for an event with an exception, which must be there if a tool wants the event.
fn fire_with(cx: &Thread, code: Value, offset: i32, event: usize, exception: Value) -> Res<u8> {
    let of = code_like(cx, code)?;
    let wanted = usize::try_from(offset).ok().and_then(|o| of.active.get(o));
    if wanted.is_some_and(|a| a.load(Ordering::Relaxed) != 0) && !BaseException::check(exception) {
        raise!(cx, ValueError, "Firing event {event} with no exception set");
    }
    fire(cx, code, offset, event, &[exception])
}

macro_rules! fire_events {
    ($fire:ident: $($name:ident $event:ident ($($arg:ident),*);)*) => { $(
        /// Fires the event.
        #[pyfunction]
        pub fn $name(cx: &Thread, code: Value, offset: i32 $(, $arg: Value)*) -> Res<i64> {
            fire_events!(@ $fire cx code offset $event $($arg),*).map(i64::from)
        }
    )* };
    (@ plain $cx:ident $code:ident $offset:ident $event:ident $($arg:ident),*) => {
        fire($cx, $code, $offset, event::$event, &[$($arg),*])
    };
    (@ raising $cx:ident $code:ident $offset:ident $event:ident $arg:ident) => {
        fire_with($cx, $code, $offset, event::$event, $arg)
    };
}

fire_events! { plain:
    fire_event_py_start PY_START ();
    fire_event_py_resume PY_RESUME ();
    fire_event_py_return PY_RETURN (value);
    fire_event_c_return C_RETURN (value);
    fire_event_py_yield PY_YIELD (value);
    fire_event_call CALL (callable, first);
    fire_event_line LINE (line);
    fire_event_jump JUMP (target);
    fire_event_branch BRANCH (target);
}

fire_events! { raising:
    fire_event_py_throw PY_THROW (exception);
    fire_event_raise RAISE (exception);
    fire_event_c_raise C_RAISE (exception);
    fire_event_reraise RERAISE (exception);
    fire_event_exception_handled EXCEPTION_HANDLED (exception);
    fire_event_py_unwind PY_UNWIND (exception);
}

/// Fires STOP_ITERATION with the value.
#[pyfunction]
pub fn fire_event_stop_iteration(cx: &Thread, code: Value, offset: i32, value: Value) -> Res<i64> {
    let args: &[Value] = if value.is_none() { &[] } else { &[value] };
    let e = Raised::with_args(cx, exc::StopIteration(), args);
    fire(cx, code, offset, event::STOP_ITERATION, &[e.0]).map(i64::from)
}

/// The code is entered: finds out which tools want its events, given by number.
#[pyfunction(sig = "(code, event, /, *more)")]
pub fn monitoring_enter_scope(cx: &Thread, code: Value, event: i32, more: &[Value]) -> Res<()> {
    let of = code_like(cx, code)?;
    let now = monitoring::version();
    if of.version.swap(now, Ordering::Relaxed) == now {
        return Ok(());
    }
    let events = std::iter::once(i64::from(event)).chain(more.iter().filter_map(|v| v.as_small()));
    for (place, event) in of.active.iter().zip(events) {
        let event = event.clamp(0, monitoring::EVENTS as i64 - 1) as usize;
        place.store(monitoring::tools_wanting(event), Ordering::Relaxed);
    }
    Ok(())
}

/// The code is left.
#[pyfunction]
pub fn monitoring_exit_scope(_cx: &Thread) {}
