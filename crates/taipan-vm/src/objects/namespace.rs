//! `types.SimpleNamespace`.

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct SimpleNamespace {
    pub head: Head,
}

crate::pytype! { SimpleNamespace, _PyNamespace_Type, name: "SimpleNamespace", module: "types",
base: Object, flags: tpflags::BASETYPE, dict: true, weakref: true,
doc: "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nA simple attribute-based namespace." }

fn dict_of(cx: &Thread, v: Value) -> &'static Dict {
    crate::types::attr::instance_dict(cx, v).expect("namespaces have a dict")
}

#[pymethods]
impl SimpleNamespace {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(cx.alloc_in(cls, SimpleNamespace { head: fresh_head() })))
    }

    #[slot]
    fn __init__(cx: &Thread, this: Value, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        let n = args.len() - kw.map_or(0, |k| k.len());
        if n > 1 {
            let name = this.ty().name();
            let last = name.rsplit('.').next().unwrap_or(&name);
            raise!(cx, TypeError, "{last} expected at most 1 argument, got {n}");
        }
        let d = dict_of(cx, this);
        if n == 1 {
            let add = Dict::new(cx);
            add.update(cx, args[0])?;
            for k in add.keys().iter() {
                if k.downcast::<Str>().is_none() {
                    raise!(cx, TypeError, "keywords must be strings");
                }
            }
            d.update(cx, Value::from_ref(add))?;
        }
        if let Some(k) = kw {
            for (i, name) in k.as_slice().iter().enumerate() {
                d.set(cx, *name, args[n + i])?;
            }
        }
        Ok(())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        let name = if this.ty().is(SimpleNamespace::type_object()) {
            "namespace".to_string()
        } else {
            this.ty().name().into_owned()
        };
        let Some(_guard) = super::text_builder::enter_repr(cx, this) else {
            return Ok(Value::from_ref(Str::new(cx, &format!("{name}(...)"))));
        };
        let mut parts = Vec::new();
        for (k, v) in dict_of(cx, this).entries().iter() {
            if let Some(k) = k.downcast::<Str>().filter(|k| !k.is_empty()) {
                parts.push(format!("{k}={}", repr(cx, *v)?));
            }
        }
        Ok(Value::from_ref(Str::new(cx, &format!("{name}({})", parts.join(", ")))))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: Value, other: Value, op: CmpOp) -> Res {
        if this.downcast::<SimpleNamespace>().is_none()
            || other.downcast::<SimpleNamespace>().is_none()
        {
            return Ok(not_implemented());
        }
        rich_compare(
            cx,
            Value::from_ref(dict_of(cx, this)),
            Value::from_ref(dict_of(cx, other)),
            op,
        )
    }

    /// Support for pickle.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: Value) -> Value {
        let d = Value::from_ref(dict_of(cx, this));
        let empty = Value::from_ref(Tuple::empty(cx));
        Value::from_ref(Tuple::from_slice(cx, &[Value::from_ref(this.ty()), empty, d]))
    }

    /// A copy with some attributes replaced.
    #[pymethod(sig = "(self, /, **changes)")]
    fn __replace__(cx: &Thread, this: Value, changes: Option<&'static Dict>) -> Res {
        let r = call(cx, Value::from_ref(this.ty()), &[])?;
        if r.downcast::<SimpleNamespace>().is_none() {
            raise!(
                cx,
                TypeError,
                "expect {} type, but {}() returned '{}' object",
                "types.SimpleNamespace",
                this.ty().name(),
                r.ty().name()
            );
        }
        let d = dict_of(cx, r);
        d.update(cx, Value::from_ref(dict_of(cx, this)))?;
        if let Some(c) = changes {
            d.update(cx, Value::from_ref(c))?;
        }
        Ok(r)
    }

    #[getter]
    fn __dict__(cx: &Thread, this: Value) -> &'static Dict {
        dict_of(cx, this)
    }
}
