//! `_tracemalloc`: allocations are not traced, and asking for it says so.

use taipan_vm::prelude::*;

/// Never.
#[pyfunction]
fn is_tracing(_cx: &Thread) -> bool {
    false
}

/// There are no traces to clear.
#[pyfunction]
fn clear_traces(_cx: &Thread) {}

/// No traces.
#[pyfunction]
fn _get_traces(cx: &Thread) -> Value {
    Value::from_ref(List::new(cx))
}

/// No object has a traceback.
#[pyfunction]
fn _get_object_traceback(_cx: &Thread, obj: Value) -> Value {
    let _ = obj;
    none()
}

/// Raises RuntimeError: the collector keeps no allocation sites.
#[pyfunction(sig = "(nframe=1, /)")]
fn start(cx: &Thread, nframe: i64) -> Res {
    if !(1..=65535).contains(&nframe) {
        raise!(cx, ValueError, "the number of frames must be in range [1; 65535]");
    }
    raise!(cx, RuntimeError, "tracemalloc is not supported by this interpreter")
}

/// Nothing is being traced.
#[pyfunction]
fn stop(_cx: &Thread) {}

/// The number of frames a trace would hold.
#[pyfunction]
fn get_traceback_limit(_cx: &Thread) -> i64 {
    1
}

/// (0, 0): nothing is traced.
#[pyfunction]
fn get_traced_memory(cx: &Thread) -> Value {
    Value::from_ref(Tuple::pair(cx, Value::small(0), Value::small(0)))
}

/// There is no peak.
#[pyfunction]
fn reset_peak(_cx: &Thread) {}

/// Memory used for tracing: none.
#[pyfunction]
fn get_tracemalloc_memory(_cx: &Thread) -> i64 {
    0
}

pymodule! { "_tracemalloc",
doc: "Allocation tracing, which this interpreter does not do.",
functions: [
    is_tracing, clear_traces, _get_traces, _get_object_traceback, start, stop, get_traceback_limit,
    get_traced_memory, reset_peak, get_tracemalloc_memory,
] }
