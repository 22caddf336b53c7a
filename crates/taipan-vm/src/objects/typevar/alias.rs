//! `TypeAliasType`, what the `type` statement makes, and `Generic`.

use super::{Lazy, caller, unpack_typevartuples};
use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::OnceLock;

#[repr(C)]
pub struct TypeAliasType {
    pub head: Head,
    name: Slot,
    /// A tuple with items, or empty.
    params: Slot,
    value: Lazy,
    module: Slot,
}

crate::pytype! { TypeAliasType, _PyTypeAlias_Type, name: "TypeAliasType", module: "typing", base: Object,
doc: "Type alias.\n\nMade by the type statement, type Name[T] = list[T]. The value is computed\nwhen __value__ is first read." }

/// `type name[params] = value`.
pub fn make_alias(cx: &Thread, name: Value, params: Value, evaluate: Value) -> Value {
    super::ready_all(cx);
    let params = if params.is_none() { None } else { Some(params) };
    Value::from_ref(TypeAliasType::make(cx, name, params, Lazy::new(None, Some(evaluate)), None))
}

impl TypeAliasType {
    fn make(
        cx: &Thread,
        name: Value,
        params: Option<Value>,
        value: Lazy,
        module: Option<Value>,
    ) -> &'static TypeAliasType {
        let params = params.filter(|p| p.downcast::<Tuple>().is_some_and(|t| t.len() > 0));
        let a = TypeAliasType {
            head: fresh_head(),
            name: Slot::empty(),
            params: Slot::empty(),
            value,
            module: Slot::empty(),
        };
        a.name.init(Some(name));
        a.params.init(params);
        a.module.init(module);
        cx.alloc(a)
    }

    fn params(&self, cx: &Thread) -> &'static Tuple {
        let t = self.params.get().and_then(|p| p.downcast::<Tuple>());
        t.unwrap_or_else(|| Tuple::empty(cx))
    }
}

#[pymethods]
impl TypeAliasType {
    #[slot(sig = "(cls, name, value, *, type_params=())")]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        name: &'static Str,
        value: Value,
        type_params: Option<Value>,
    ) -> Res {
        let _ = cls;
        if type_params.is_some_and(|p| p.downcast::<Tuple>().is_none()) {
            raise!(cx, TypeError, "type_params must be a tuple");
        }
        let module = Some(caller(cx));
        let value = Lazy::new(Some(value), None);
        Ok(Value::from_ref(TypeAliasType::make(
            cx,
            Value::from_ref(name),
            type_params,
            value,
            module,
        )))
    }

    #[slot]
    fn __repr__(_cx: &Thread, this: &TypeAliasType) -> Res {
        Ok(this.name.value())
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        crate::objects::union::or(cx, a, b)
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &TypeAliasType, item: Value) -> Res {
        if this.params.is_empty() {
            raise!(cx, TypeError, "Only generic type aliases are subscriptable");
        }
        crate::objects::generic_alias::new(cx, Value::from_ref(this), item)
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &TypeAliasType) -> Value {
        this.name.value()
    }

    #[getter]
    fn __parameters__(cx: &Thread, this: &TypeAliasType) -> Res<&'static Tuple> {
        unpack_typevartuples(cx, this.params(cx))
    }

    #[getter]
    fn __type_params__(cx: &Thread, this: &TypeAliasType) -> &'static Tuple {
        this.params(cx)
    }

    #[getter]
    fn __value__(cx: &Thread, this: &TypeAliasType) -> Res {
        this.value.get(cx, this, none)
    }

    #[getter]
    fn __module__(cx: &Thread, this: &TypeAliasType) -> Res {
        if let Some(m) = this.module.get() {
            return Ok(m);
        }
        match this.value.evaluate.get() {
            Some(f) => Ok(get_attr_opt(cx, f, id!(cx, "__module__"))?.unwrap_or(none())),
            None => Ok(none()),
        }
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(_cx: &Thread, this: &TypeAliasType) -> Value {
        this.name.value()
    }
}

static GENERIC: OnceLock<Root<&'static Type>> = OnceLock::new();

/// `typing.Generic`: a class made at run time, since `copyreg` treats the first static type among the
/// bases as the one that holds an object's value.
pub fn generic(cx: &Thread) -> Res<&'static Type> {
    if let Some(t) = GENERIC.get() {
        return Ok(t.get());
    }
    let d = Dict::new(cx);
    let text = |t: &str| Value::from_ref(Str::new(cx, t));
    d.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "typing")));
    d.set_str(cx, id!(cx, "__doc__"), text("Abstract base class for generic types.\n\nA class with type parameters, class C[T], has it as an implicit base."));
    d.set_str(cx, id!(cx, "__slots__"), Value::from_ref(Tuple::empty(cx)));
    let class_method = Value::from_ref(crate::objects::descr::ClassMethod::type_object());
    for row in [&__ROW___class_getitem__, &__ROW___init_subclass__] {
        let f = crate::objects::builtin_function::new(cx, row, None, None);
        let m = call(cx, class_method, &[f])?;
        d.set_str(cx, crate::objects::str::intern(cx, row.name), m);
    }
    let bases = Tuple::from_slice(cx, &[Value::from_ref(Object::type_object())]);
    let args = [text("Generic"), Value::from_ref(bases), Value::from_ref(d)];
    let t = call(cx, Value::from_ref(Type::type_object()), &args)?;
    let t = t.as_type().expect("type() makes types");
    crate::types::attr::type_set_raw(cx, t, id!(cx, "__slots__"), None)?;
    // Of two threads' classes the first one stays.
    Ok(GENERIC.get_or_init(|| Root::new(t)).get())
}

/// `typing.name(cls, *args, **kwargs)`.
fn call_with_class(cx: &Thread, name: &str, args: &[Value], kwargs: Option<&Dict>) -> Res {
    let f = crate::objects::module::import_attr(cx, "typing", name)?;
    call_dict(cx, f, args, kwargs)
}

/// The class with its type parameters replaced.
#[pyfunction(sig = "(*args, **kwargs)")]
fn __class_getitem__(cx: &Thread, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
    call_with_class(cx, "_generic_class_getitem", args, kwargs)
}

/// Finds the type parameters of a new subclass.
#[pyfunction(sig = "(*args, **kwargs)")]
fn __init_subclass__(cx: &Thread, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
    call_with_class(cx, "_generic_init_subclass", args, kwargs)
}
