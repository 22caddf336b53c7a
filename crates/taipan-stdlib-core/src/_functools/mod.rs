//! `_functools`: `partial`, `reduce`, `cmp_to_key` here; the cache in `lru_cache.rs`.

mod lru_cache;
mod partial;

use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct KeyWrapper {
    pub head: Head,
    cmp: Slot,
    obj: Slot,
}

taipan_vm::pytype! { KeyWrapper, PyKeyWrapper_Type, name: "KeyWrapper", module: "functools", base: Object }

impl KeyWrapper {
    fn make(cx: &Thread, cmp: Value, obj: Option<Value>) -> Value {
        let k = KeyWrapper { head: fresh_head(), cmp: Slot::empty(), obj: Slot::empty() };
        k.cmp.init(Some(cmp));
        k.obj.init(obj);
        Value::from_ref(cx.alloc(k))
    }
}

#[pymethods]
impl KeyWrapper {
    #[slot(sig = "(self, obj)")]
    fn __call__(cx: &Thread, this: &KeyWrapper, obj: Value) -> Res {
        Ok(KeyWrapper::make(cx, this.cmp.value(), Some(obj)))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &KeyWrapper, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast_exact::<KeyWrapper>() else {
            raise!(cx, TypeError, "other argument must be K instance");
        };
        let (Some(x), Some(y)) = (this.obj.get(), o.obj.get()) else {
            raise!(cx, AttributeError, "object");
        };
        let r = call(cx, this.cmp.value(), &[x, y])?;
        rich_compare(cx, r, Value::small(0), op)
    }

    /// The signature of calling it, for `inspect`.
    #[getter]
    fn __text_signature__(cx: &Thread, _this: Value) -> Value {
        Value::from_ref(Str::new(cx, "(obj)"))
    }

    /// Value wrapped by a key function.
    #[getter]
    fn obj(_cx: &Thread, this: &KeyWrapper) -> Value {
        this.obj.get().unwrap_or(none())
    }

    #[setter]
    fn set_obj(_cx: &Thread, this: &KeyWrapper, v: Option<Value>) -> Res<()> {
        this.obj.set_option(&this.head, v);
        Ok(())
    }
}

/// Convert a cmp= function into a key= function.
///
///   mycmp
///     Function that compares two objects.
#[pyfunction(sig = "(mycmp)")]
fn cmp_to_key(cx: &Thread, mycmp: Value) -> Value {
    KeyWrapper::make(cx, mycmp, None)
}

/// reduce(function, iterable[, initial], /) -> value
///
/// Apply a function of two arguments to the items of an iterable, from left to right, so that one
/// value is left: reduce(lambda x, y: x+y, [1, 2, 3]) is ((1+2)+3). The initial value stands
/// before the items, and is the result for an empty iterable.
#[pyfunction(sig = "(function, iterable, initial=<unrepresentable>, /)", text = "")]
fn reduce(cx: &Thread, function: Value, iterable: Value, initial: Option<Value>) -> Res {
    let it = match iter(cx, iterable) {
        Ok(it) => it,
        Err(e) if e.is(exc::TypeError()) => {
            raise!(cx, TypeError, "reduce() arg 2 must support iteration")
        }
        Err(e) => return Err(e),
    };
    let mut acc = initial;
    while let Some(v) = iter_next(cx, it)? {
        cx.poll()?;
        acc = Some(match acc {
            None => v,
            Some(a) => call(cx, function, &[a, v])?,
        });
    }
    match acc {
        Some(v) => Ok(v),
        None => raise!(cx, TypeError, "reduce() of empty iterable with no initial value"),
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<partial::Partial>(cx);
    m.add_type::<lru_cache::LruCache>(cx);
    taipan_vm::types::ready::ready::<lru_cache::Link>(cx);
    taipan_vm::types::ready::ready::<KeyWrapper>(cx);
    Ok(())
}

pymodule! {
    "_functools",
    doc: "Tools that operate on functions.",
    functions: [cmp_to_key, reduce],
    exec: exec
}
