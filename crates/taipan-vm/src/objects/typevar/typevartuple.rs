//! `TypeVarTuple` (PEP 646).

use super::{Lazy, call_typing, caller, no_default, unpack};
use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct TypeVarTuple {
    pub head: Head,
    name: Slot,
    pub(super) default: Lazy,
}

crate::pytype! { TypeVarTuple, PyTypeVarTuple_Type, name: "TypeVarTuple", module: "typing", base: Object,
dict: true, weakref: true,
doc: "Type variable tuple.\n\nMade by the type parameter syntax, class C[*Ts], or by calling\nTypeVarTuple('Ts'). It stands for any number of types; use it unpacked, *Ts." }

pub fn make_typevartuple(cx: &Thread, name: Value) -> Value {
    super::ready_all(cx);
    Value::from_ref(TypeVarTuple::make(cx, name, None))
}

impl TypeVarTuple {
    fn make(cx: &Thread, name: Value, default: Option<Value>) -> &'static TypeVarTuple {
        let t = TypeVarTuple {
            head: fresh_head(),
            name: Slot::empty(),
            default: Lazy::new(default, None),
        };
        t.name.init(Some(name));
        cx.alloc(t)
    }
}

#[pymethods]
impl TypeVarTuple {
    #[slot(sig = "(cls, name, *, default=typing.NoDefault)")]
    fn __new__(cx: &Thread, cls: &Type, name: &'static Str, default: Option<Value>) -> Res {
        let _ = cls;
        let module = caller(cx);
        let t =
            TypeVarTuple::make(cx, Value::from_ref(name), Some(default.unwrap_or(no_default())));
        set_attr(cx, Value::from_ref(t), id!(cx, "__module__"), Some(module))?;
        Ok(Value::from_ref(t))
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &TypeVarTuple) -> Res {
        let u = unpack(cx, Value::from_ref(this))?;
        iter(cx, Value::from_ref(Tuple::from_slice(cx, &[u])))
    }

    #[slot]
    fn __repr__(_cx: &Thread, this: &TypeVarTuple) -> Res {
        Ok(this.name.value())
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &TypeVarTuple) -> Value {
        this.name.value()
    }

    /// The default, NoDefault where none was given.
    #[getter]
    fn __default__(cx: &Thread, this: &TypeVarTuple) -> Res {
        this.default.get(cx, this, no_default)
    }

    /// Only the unpacked form can be substituted.
    #[pymethod]
    fn __typing_subst__(cx: &Thread, this: Value, arg: Value) -> Res {
        let _ = (this, arg);
        raise!(cx, TypeError, "Substitution of bare TypeVarTuple is not supported")
    }

    /// Arranges the arguments of a substitution.
    #[pymethod]
    fn __typing_prepare_subst__(
        cx: &Thread,
        this: &TypeVarTuple,
        alias: Value,
        args: Value,
    ) -> Res {
        call_typing(cx, "_typevartuple_prepare_subst", &[Value::from_ref(this), alias, args])
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(_cx: &Thread, this: &TypeVarTuple) -> Value {
        this.name.value()
    }

    /// Whether a default was given.
    #[pymethod]
    fn has_default(_cx: &Thread, this: &TypeVarTuple) -> bool {
        this.default.is_given()
    }

    /// A type variable tuple is no base class.
    #[pymethod(text = "($self, object, /)")]
    fn __mro_entries__(cx: &Thread, this: Value, bases: Value) -> Res {
        let _ = (this, bases);
        raise!(cx, TypeError, "Cannot subclass an instance of TypeVarTuple")
    }
}
