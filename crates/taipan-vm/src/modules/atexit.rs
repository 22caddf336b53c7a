//! `atexit`.

use crate::prelude::*;

fn callbacks(cx: &Thread) -> &'static List {
    let slot = &cx.vm.roots.atexit;
    match slot.get().and_then(|v| v.downcast::<List>()) {
        Some(l) => l,
        None => {
            let l = List::new(cx);
            let _ = slot.compare_exchange(l, None, Some(Value::from_ref(l)));
            slot.value().downcast::<List>().expect("just set")
        }
    }
}

/// Registers a function to be called when the interpreter exits.
#[pyfunction(sig = "(func, /, *args, **kwargs)")]
fn register(cx: &Thread, func: Value, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
    if !is_callable(func) {
        raise!(cx, TypeError, "the first argument must be callable");
    }
    let a = Value::from_ref(Tuple::from_slice(cx, args));
    let k = kwargs.map_or(none(), |k| Value::from_ref(k));
    callbacks(cx).push(cx, Value::from_ref(Tuple::from_slice(cx, &[func, a, k])));
    Ok(func)
}

/// Runs and forgets all registered functions, last first.
#[pyfunction]
fn _run_exitfuncs(cx: &Thread) -> Res<()> {
    run(cx);
    Ok(())
}

/// Forgets all registered functions.
#[pyfunction]
fn _clear(cx: &Thread) {
    callbacks(cx).replace_all(cx, &[]);
}

/// The number of registered functions.
#[pyfunction]
fn _ncallbacks(cx: &Thread) -> usize {
    callbacks(cx).len()
}

/// Forgets a function wherever it was registered.
#[pyfunction]
fn unregister(cx: &Thread, func: Value) -> Res<()> {
    let mut keep: GcVec<Value> = GcVec::new();
    for e in callbacks(cx).to_vec().iter() {
        let f = e.downcast::<Tuple>().expect("entries are tuples").get(0);
        if !eq(cx, f, func)? {
            keep.push(*e);
        }
    }
    callbacks(cx).replace_all(cx, &keep);
    Ok(())
}

/// Runs the registered functions; errors go to `sys.unraisablehook`.
pub fn run(cx: &Thread) {
    loop {
        let mut all = callbacks(cx).to_vec();
        let Some(e) = all.pop() else { return };
        callbacks(cx).replace_all(cx, &all);
        let t = e.downcast::<Tuple>().expect("entries are tuples");
        let args = t.get(1).downcast::<Tuple>().expect("args are a tuple");
        let kw = t.get(2).downcast::<Dict>();
        if let Err(e) = call_dict(cx, t.get(0), args.as_slice(), kw) {
            let what = repr(cx, t.get(0)).map_or_else(|_| "?".into(), |s| s.to_string());
            let msg = format!("Exception ignored in atexit callback {what}");
            crate::interp::unraisable(cx, e, None, Some(&msg));
        }
    }
}

pymodule! { "atexit", doc: "Functions to be called when the interpreter exits.",
functions: [register, _run_exitfuncs, _clear, _ncallbacks, unregister] }
