//! `_weakref`.

use crate::objects::weakref as w;
use crate::prelude::*;

/// The number of weak references to an object.
#[pyfunction]
fn getweakrefcount(cx: &Thread, object: Value) -> usize {
    w::refs_of(cx, object).len()
}

/// The weak references to an object.
#[pyfunction]
fn getweakrefs(cx: &Thread, object: Value) -> &'static List {
    List::from_slice(cx, &w::refs_of(cx, object))
}

/// A proxy that stands for the object while it lives.
#[pyfunction(sig = "(object, callback=None, /)")]
fn proxy(cx: &Thread, object: Value, callback: Value) -> Res {
    w::new_proxy(cx, object, Some(callback).filter(|c| !c.is_none()))
}

/// Deletes a key whose value is a dead weak reference.
#[pyfunction]
fn _remove_dead_weakref(cx: &Thread, dct: &'static Dict, key: Value) -> Res<()> {
    if let Some(r) = dct.get(cx, key)? {
        if r.downcast::<w::WeakRef>().is_some() && w::target(r).is_none() {
            dct.del(cx, key)?;
        }
    }
    Ok(())
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let r = Value::from_ref(crate::types::ready::ready::<w::WeakRef>(cx));
    m.add(cx, "ref", r);
    m.add(cx, "ReferenceType", r);
    m.add_type::<w::Proxy>(cx);
    m.add_type::<w::CallableProxy>(cx);
    Ok(())
}

pymodule! { "_weakref", doc: "Weak references.",
functions: [getweakrefcount, getweakrefs, proxy, _remove_dead_weakref], exec: exec }
