//! `_testsinglephase`: what CPython's example of a module without a definition gives, for the test
//! files that import it. It is an ordinary module here: there is no other way to make one.

use std::time::Instant;
use taipan_vm::prelude::*;

static STARTED: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();

/// The sum of two ints.
#[pyfunction]
fn sum(cx: &Thread, i: i64, j: i64) -> Res {
    Ok(int_from_i128(cx, i128::from(i) + i128::from(j)))
}

/// The module as `sys.modules` has it.
#[pyfunction]
fn look_up_self(cx: &Thread) -> Value {
    cx.vm.modules().get_str(cx, id!(cx, "_testsinglephase")).unwrap_or(none())
}

/// When the module was initialised, in seconds of a clock that began with the process.
#[pyfunction]
fn state_initialized(_cx: &Thread) -> f64 {
    STARTED.get().map_or(0.0, |t| t.elapsed().as_secs_f64())
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    STARTED.get_or_init(Instant::now);
    m.add(cx, "int_const", Value::small(1969));
    m.add_str(cx, "str_const", "something different");
    let make = taipan_vm::objects::module::import_attr(cx, "builtins", "type")?;
    let ns = Dict::new(cx);
    ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "_testsinglephase")));
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::Exception())]);
    let name = Value::from_ref(Str::new(cx, "error"));
    let error = call(cx, make, &[name, Value::from_ref(bases), Value::from_ref(ns)])?;
    m.add(cx, "error", error);
    Ok(())
}

pymodule! {
    "_testsinglephase",
    doc: "Stand-in for CPython's test module with single-phase initialisation.",
    functions: [sum, look_up_self, state_initialized],
    exec: exec
}
