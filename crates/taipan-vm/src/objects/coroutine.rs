//! `coroutine`, the iterator of its `await`, and what `await` takes.

use super::generator::{self, Core, FINISHED, Generator, RUNNING, SUSPENDED, view};
use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use taipan_compiler::code::flags;

#[repr(C)]
pub struct Coroutine {
    pub head: Head,
    pub core: Core,
}

crate::pytype! { Coroutine, PyCoro_Type, name: "coroutine", module: "builtins", base: Object, weakref: true }

/// What `coroutine.__await__()` gives.
#[repr(C)]
pub struct CoroutineWrapper {
    pub head: Head,
    coroutine: Slot,
}

crate::pytype! { CoroutineWrapper, _PyCoroWrapper_Type, name: "coroutine_wrapper", module: "builtins", base: Object,
doc: "A wrapper object implementing __await__ for coroutines." }

#[inline(always)]
pub fn is_coroutine(v: Value) -> bool {
    v.downcast_exact::<Coroutine>().is_some()
}

/// A new coroutine; noted for the warning about coroutines never awaited.
pub fn alloc(cx: &Thread, core: Core) -> Value {
    let depth = cx.coroutine_origin_depth.get();
    if depth > 0 {
        core.origin.init(Some(origin(cx, depth)));
    }
    let c = cx.alloc(Coroutine { head: fresh_head(), core });
    cx.mutator.set_finalizer(std::ptr::NonNull::from(&c.head));
    Value::from_ref(c)
}

/// Where a coroutine is made: (file, line, name) of the callers.
fn origin(cx: &Thread, depth: u32) -> Value {
    let mut items: GcVec<Value> = GcVec::new();
    for regs in cx.interp.frames().skip(1).take(depth as usize) {
        let code = regs.code();
        let line = code.line_of(regs.lasti()).map_or(none(), |l| Value::small(i64::from(l)));
        let t = [code.filename.value(), line, code.name.value()];
        items.push(Value::from_ref(Tuple::from_slice(cx, &t)));
    }
    Value::from_ref(Tuple::from_slice(cx, &items))
}

/// The iterator that awaiting `v` runs (`_PyCoro_GetAwaitableIter`).
pub fn awaitable_iter(cx: &Thread, v: Value) -> Res {
    if is_awaitable_generator(v) {
        return Ok(v);
    }
    let Some(get) = v.ty().slots().await_.get() else {
        raise!(cx, TypeError, "object {} can't be used in 'await' expression", v.ty().name())
    };
    let it = get(cx, v)?;
    if is_awaitable_generator(it) {
        raise!(cx, TypeError, "__await__() returned a coroutine");
    }
    if it.ty().slots().next.get().is_none() {
        raise!(cx, TypeError, "__await__() returned non-iterator of type '{}'", it.ty().name());
    }
    Ok(it)
}

/// A coroutine, or a generator that `types.coroutine` marked as one.
pub fn is_awaitable_generator(v: Value) -> bool {
    is_coroutine(v)
        || v.downcast_exact::<Generator>()
            .is_some_and(|g| g.core.code().has(flags::CO_ITERABLE_COROUTINE))
}

/// The warning about a coroutine that was dropped unstarted (`_PyErr_WarnUnawaitedCoroutine`).
pub fn warn_unawaited(cx: &Thread, this: Value) {
    let report = |e: Raised| crate::interp::unraisable(cx, e, Some(this), None);
    let module = cx.vm.modules().get_str(cx, id!(cx, "warnings")).filter(|w| !w.is_none());
    let hook = module.map(|w| get_attr_opt(cx, w, id!(cx, "_warn_unawaited_coroutine")));
    match hook {
        Some(Ok(Some(f))) => match call(cx, f, &[this]) {
            Ok(_) => return,
            Err(e) => {
                let warned = e.is(exc::RuntimeWarning());
                report(e);
                if warned {
                    return;
                }
            }
        },
        Some(Err(e)) => report(e),
        _ => {}
    }
    let q = view(this).core.qualname.get().and_then(|q| q.downcast::<Str>());
    let q = q.map_or("?".into(), |q| q.to_str_lossy());
    let text = format!("coroutine '{q}' was never awaited");
    if let Err(e) = super::warn(cx, exc::RuntimeWarning(), &text, 1) {
        report(e);
    }
}

#[pymethods]
impl Coroutine {
    #[slot]
    fn __await__(cx: &Thread, this: Value) -> Res {
        let w = CoroutineWrapper { head: fresh_head(), coroutine: Slot::empty() };
        w.coroutine.init(Some(this));
        Ok(Value::from_ref(cx.alloc(w)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        generator::repr_of(cx, this, "coroutine")
    }

    #[slot]
    fn __del__(cx: &Thread, this: Value) -> Res<()> {
        let state = view(this).core.state();
        if state == FINISHED {
            return Ok(());
        }
        if state == generator::CREATED {
            warn_unawaited(cx, this);
        }
        generator::finalize(cx, this);
        Ok(())
    }

    /// `types.CoroutineType[...]` as a generic alias.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        super::generic_alias::new(cx, cls, item)
    }

    /// Send a value into coroutine code, as the result of the await it stands at.
    #[pymethod(text = "($self, object, /)")]
    fn send(cx: &Thread, this: Value, value: Value) -> Res {
        generator::send(cx, this, value)
    }

    /// Raise an exception in coroutine code, where it stands.
    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn throw(cx: &Thread, this: Value, args: &[Value]) -> Res {
        generator::throw(cx, this, generator::thrown_args(cx, args, "throw")?)
    }

    /// Raise GeneratorExit inside coroutine code.
    #[pymethod]
    fn close(cx: &Thread, this: Value) -> Res {
        generator::close(cx, this)
    }

    /// What the coroutine waits for, or None.
    #[getter]
    fn cr_await(_cx: &Thread, this: Value) -> Value {
        generator::delegate_of(this).unwrap_or(none())
    }

    #[getter]
    fn cr_running(_cx: &Thread, this: &Coroutine) -> bool {
        this.core.state() == RUNNING
    }

    #[getter]
    fn cr_suspended(_cx: &Thread, this: &Coroutine) -> bool {
        this.core.state() == SUSPENDED
    }

    #[getter]
    fn cr_frame(cx: &Thread, this: Value) -> Value {
        generator::frame_attr(cx, this)
    }

    #[getter]
    fn cr_code(_cx: &Thread, this: &Coroutine) -> Value {
        this.core.code.value()
    }

    #[getter]
    fn cr_origin(_cx: &Thread, this: &Coroutine) -> Value {
        this.core.origin.get().unwrap_or(none())
    }

    /// Name of the coroutine.
    #[getter]
    fn __name__(_cx: &Thread, this: &Coroutine) -> Value {
        this.core.name.value()
    }

    #[setter]
    fn set___name__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        generator::set_name(cx, this, &view(this).core.name, v, "__name__")
    }

    /// Qualified name of the coroutine.
    #[getter]
    fn __qualname__(_cx: &Thread, this: &Coroutine) -> Value {
        this.core.qualname.value()
    }

    #[setter]
    fn set___qualname__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        generator::set_name(cx, this, &view(this).core.qualname, v, "__qualname__")
    }

    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Coroutine) -> usize {
        size_of::<Coroutine>() + 8 * this.core.code().nregs as usize
    }
}

#[pymethods]
impl CoroutineWrapper {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &CoroutineWrapper) -> Res<Option<Value>> {
        let r = generator::next(cx, this.coroutine.value())?;
        if r.is_none() {
            if let Some((_, v)) = cx.interp.returned.take() {
                cx.interp.returned.set(Some((Value::from_ref(this), v)));
            }
        }
        Ok(r)
    }

    /// Send a value into the coroutine.
    #[pymethod]
    fn send(cx: &Thread, this: &CoroutineWrapper, value: Value) -> Res {
        generator::send(cx, this.coroutine.value(), value)
    }

    /// Raise an exception in coroutine code, where it stands.
    #[pymethod(sig = "(self, /, *args)")]
    fn throw(cx: &Thread, this: &CoroutineWrapper, args: &[Value]) -> Res {
        generator::throw(cx, this.coroutine.value(), generator::thrown_args(cx, args, "throw")?)
    }

    /// Raise GeneratorExit inside coroutine code.
    #[pymethod]
    fn close(cx: &Thread, this: &CoroutineWrapper) -> Res {
        generator::close(cx, this.coroutine.value())
    }
}
