//! Type parameters and type aliases (PEP 484, 612, 646, 695, 696): the native half of `typing`.
//!
//! Bounds, constraints, defaults and alias values that the compiler made are functions, called on
//! first access; a result that raised is not kept. Substitution rules live in `typing.py`, which
//! these types call by name, as CPython's do.

mod alias;
mod paramspec;
mod typevartuple;

pub use alias::{TypeAliasType, generic};
pub use paramspec::{ParamSpec, ParamSpecArgs, ParamSpecKwargs};
pub use typevartuple::TypeVarTuple;

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use crate::types::ready::ready;

#[repr(C)]
pub struct NoDefaultType {
    pub head: Head,
}
// SAFETY: only atomics inside.
unsafe impl Sync for NoDefaultType {}
crate::pytype! { NoDefaultType, _PyNoDefault_Type, name: "NoDefaultType", module: "builtins", base: Object,
kind: Leaf, doc: "The type of the NoDefault singleton." }

static NO_DEFAULT: NoDefaultType = NoDefaultType { head: Head::new_static(std::ptr::null_mut()) };

/// `typing.NoDefault`.
pub fn no_default() -> Value {
    Value::from_ref(&NO_DEFAULT)
}

/// Readies all types of this folder; idempotent and cheap when done.
pub fn ready_all(cx: &Thread) {
    use std::sync::atomic::Ordering;
    if TypeVar::type_object().has_feature(tpflags::READY) {
        return;
    }
    ready::<NoDefaultType>(cx);
    let t = NoDefaultType::type_object() as *const Type as *mut Head;
    NO_DEFAULT.head.ob_type.store(t, Ordering::Release);
    ready::<ParamSpec>(cx);
    ready::<ParamSpecArgs>(cx);
    ready::<ParamSpecKwargs>(cx);
    ready::<TypeVarTuple>(cx);
    ready::<TypeAliasType>(cx);
    ready::<TypeVar>(cx);
}

/// Is it a `type` alias (a possible member of `X | Y`)?
pub fn is_type_alias(v: Value) -> bool {
    TypeAliasType::type_object().has_feature(tpflags::READY)
        && v.downcast_exact::<TypeAliasType>().is_some()
}

/// What `_typing` exports.
pub fn add_to_module(cx: &Thread, m: &Module) -> Res<()> {
    ready_all(cx);
    for t in [
        TypeVar::type_object(),
        TypeVarTuple::type_object(),
        ParamSpec::type_object(),
        ParamSpecArgs::type_object(),
        ParamSpecKwargs::type_object(),
        TypeAliasType::type_object(),
    ] {
        m.add(cx, &t.short_name(), Value::from_ref(t));
    }
    m.add(cx, "Generic", Value::from_ref(generic(cx)?));
    m.add(cx, "NoDefault", no_default());
    Ok(())
}

/// Sets the lazily evaluated default of a type parameter; gives the parameter.
pub fn set_default(cx: &Thread, param: Value, evaluate: Value) -> Res {
    if let Some(t) = param.downcast_exact::<TypeVar>() {
        t.default.evaluate.set(t, evaluate);
    } else if let Some(t) = param.downcast_exact::<ParamSpec>() {
        t.default.evaluate.set(t, evaluate);
    } else if let Some(t) = param.downcast_exact::<TypeVarTuple>() {
        t.default.evaluate.set(t, evaluate);
    } else {
        raise!(cx, TypeError, "Expected a type param, got {}", repr(cx, param)?);
    }
    Ok(param)
}

/// A value that may still have to be computed by calling a function.
#[repr(C)]
pub(super) struct Lazy {
    value: Slot,
    evaluate: Slot,
}

impl Lazy {
    fn new(value: Option<Value>, evaluate: Option<Value>) -> Lazy {
        let l = Lazy { value: Slot::empty(), evaluate: Slot::empty() };
        l.value.init(value);
        l.evaluate.init(evaluate);
        l
    }

    /// The value, computed on first use; `absent` where there is none.
    fn get<T: HeapObject>(&self, cx: &Thread, owner: &T, absent: impl FnOnce() -> Value) -> Res {
        if let Some(v) = self.value.get() {
            return Ok(v);
        }
        let Some(f) = self.evaluate.get() else { return Ok(absent()) };
        let v = call(cx, f, &[])?;
        self.value.set(owner, v);
        Ok(v)
    }

    fn is_given(&self) -> bool {
        !self.evaluate.is_empty() || self.value.get().is_some_and(|v| v != no_default())
    }
}

/// `typing.name(*args)`.
fn call_typing(cx: &Thread, name: &str, args: &[Value]) -> Res {
    let f = super::module::import_attr(cx, "typing", name)?;
    call(cx, f, args)
}

/// A bound as typing checks it; None becomes its type.
fn type_check(cx: &Thread, v: Value, msg: &str) -> Res {
    if v.is_none() {
        return Ok(Value::from_ref(v.ty()));
    }
    call_typing(cx, "_type_check", &[v, Value::from_ref(Str::new(cx, msg))])
}

/// `left | right`: a `typing.Union`, which takes strings too.
fn make_union(cx: &Thread, a: Value, b: Value) -> Res {
    call_typing(cx, "_make_union", &[a, b])
}

/// The module that the constructor was called from.
fn caller(cx: &Thread) -> Value {
    crate::interp::current_globals_name(cx).unwrap_or(none())
}

/// `typing.Unpack[v]`.
fn unpack(cx: &Thread, v: Value) -> Res {
    let u = super::module::import_attr(cx, "typing", "Unpack")?;
    get_item(cx, u, v)
}

/// Type variable tuples stand in a parameter list as their unpacking.
pub fn unpack_typevartuples(cx: &Thread, params: &'static Tuple) -> Res<&'static Tuple> {
    let is_tuple = |v: &Value| v.downcast_exact::<TypeVarTuple>().is_some();
    if !params.as_slice().iter().any(is_tuple) {
        return Ok(params);
    }
    let mut out = GcVec::with_capacity(params.len());
    for &p in params.as_slice() {
        out.push(if is_tuple(&p) { unpack(cx, p)? } else { p });
    }
    Ok(Tuple::from_slice(cx, &out))
}

fn check_variance(cx: &Thread, covariant: bool, contravariant: bool, infer: bool) -> Res<()> {
    if covariant && contravariant {
        raise!(cx, ValueError, "Bivariant types are not supported.");
    }
    if infer && (covariant || contravariant) {
        raise!(cx, ValueError, "Variance cannot be specified with infer_variance.");
    }
    Ok(())
}

/// The declared variance of a type parameter.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Variance {
    covariant: bool,
    contravariant: bool,
    infer: bool,
}

impl Variance {
    const INFERRED: Variance = Variance { covariant: false, contravariant: false, infer: true };

    fn show(self, name: Value) -> String {
        let name = name.downcast::<Str>().expect("names are checked to be str");
        match self {
            Variance { infer: true, .. } => name.to_string(),
            Variance { covariant: true, .. } => format!("+{name}"),
            Variance { contravariant: true, .. } => format!("-{name}"),
            _ => format!("~{name}"),
        }
    }
}

#[repr(C)]
pub struct TypeVar {
    pub head: Head,
    name: Slot,
    bound: Lazy,
    constraints: Lazy,
    pub(super) default: Lazy,
    variance: Variance,
}

crate::pytype! { TypeVar, PyTypeVar_Type, name: "TypeVar", module: "typing", base: Object,
dict: true, weakref: true,
doc: "Type variable.\n\nMade by the type parameter syntax, def f[T](x: T) -> T, or by calling\nTypeVar('T', *constraints, bound=..., default=...). It is generic over the\ntypes that its bound or constraints allow." }

/// A type variable as the type parameter syntax makes it.
pub fn make_typevar(
    cx: &Thread,
    name: Value,
    bound: Option<Value>,
    constraints: Option<Value>,
) -> Value {
    ready_all(cx);
    Value::from_ref(TypeVar::make(
        cx,
        name,
        Lazy::new(None, bound),
        Lazy::new(None, constraints),
        None,
        Variance::INFERRED,
    ))
}

pub use alias::make_alias;
pub use paramspec::make_paramspec;
pub use typevartuple::make_typevartuple;

impl TypeVar {
    fn make(
        cx: &Thread,
        name: Value,
        bound: Lazy,
        constraints: Lazy,
        default: Option<Value>,
        variance: Variance,
    ) -> &'static TypeVar {
        let t = TypeVar {
            head: fresh_head(),
            name: Slot::empty(),
            bound,
            constraints,
            default: Lazy::new(default, None),
            variance,
        };
        t.name.init(Some(name));
        cx.alloc(t)
    }

    fn default_value(cx: &Thread, this: &TypeVar) -> Res {
        this.default.get(cx, this, no_default)
    }
}

#[pymethods]
impl TypeVar {
    #[slot(
        sig = "(cls, name, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)"
    )]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        name: &'static Str,
        constraints: &[Value],
        bound: Value,
        default: Option<Value>,
        covariant: Value,
        contravariant: Value,
        infer_variance: Value,
    ) -> Res {
        let _ = cls;
        let variance = Variance {
            covariant: is_true(cx, covariant)?,
            contravariant: is_true(cx, contravariant)?,
            infer: is_true(cx, infer_variance)?,
        };
        check_variance(cx, variance.covariant, variance.contravariant, variance.infer)?;
        let bound = match bound.is_none() {
            true => None,
            false => Some(type_check(cx, bound, "Bound must be a type.")?),
        };
        if constraints.len() == 1 {
            raise!(cx, TypeError, "A single constraint is not allowed");
        }
        if !constraints.is_empty() && bound.is_some() {
            raise!(cx, TypeError, "Constraints cannot be combined with bound=...");
        }
        let constraints = match constraints {
            [] => None,
            c => Some(Value::from_ref(Tuple::from_slice(cx, c))),
        };
        let module = caller(cx);
        let t = TypeVar::make(
            cx,
            Value::from_ref(name),
            Lazy::new(bound, None),
            Lazy::new(constraints, None),
            Some(default.unwrap_or(no_default())),
            variance,
        );
        set_attr(cx, Value::from_ref(t), id!(cx, "__module__"), Some(module))?;
        Ok(Value::from_ref(t))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &TypeVar) -> Res {
        Ok(Value::from_ref(Str::new(cx, &this.variance.show(this.name.value()))))
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        make_union(cx, a, b)
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &TypeVar) -> Value {
        this.name.value()
    }

    #[getter]
    fn __covariant__(_cx: &Thread, this: &TypeVar) -> bool {
        this.variance.covariant
    }

    #[getter]
    fn __contravariant__(_cx: &Thread, this: &TypeVar) -> bool {
        this.variance.contravariant
    }

    #[getter]
    fn __infer_variance__(_cx: &Thread, this: &TypeVar) -> bool {
        this.variance.infer
    }

    #[getter]
    fn __bound__(cx: &Thread, this: &TypeVar) -> Res {
        this.bound.get(cx, this, none)
    }

    #[getter]
    fn __constraints__(cx: &Thread, this: &TypeVar) -> Res {
        this.constraints.get(cx, this, || Value::from_ref(Tuple::empty(cx)))
    }

    #[getter]
    fn __default__(cx: &Thread, this: &TypeVar) -> Res {
        TypeVar::default_value(cx, this)
    }

    /// Checks an argument that is to stand for the variable.
    #[pymethod]
    fn __typing_subst__(cx: &Thread, this: &TypeVar, arg: Value) -> Res {
        call_typing(cx, "_typevar_subst", &[Value::from_ref(this), arg])
    }

    /// The arguments, completed by the default where this variable's is missing.
    #[pymethod]
    fn __typing_prepare_subst__(cx: &Thread, this: &TypeVar, alias: Value, args: Value) -> Res {
        let me = Value::from_ref(this);
        let params = get_attr(cx, alias, id!(cx, "__parameters__"))?;
        let at = call_method(cx, params, id!(cx, "index"), &[me])?;
        let at = int_to_i64(at).unwrap_or(0) as usize;
        let n = len(cx, args)?;
        if at < n {
            return Ok(args);
        }
        if at == n {
            let d = TypeVar::default_value(cx, this)?;
            if d != no_default() {
                let mut all = collect(cx, args)?;
                all.push(d);
                return Ok(Value::from_ref(Tuple::from_slice(cx, &all)));
            }
        }
        raise!(
            cx,
            TypeError,
            "Too few arguments for {}; actual {n}, expected at least {}",
            to_str(cx, alias)?,
            at + 1
        )
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(_cx: &Thread, this: &TypeVar) -> Value {
        this.name.value()
    }

    /// Whether a default was given.
    #[pymethod]
    fn has_default(_cx: &Thread, this: &TypeVar) -> bool {
        this.default.is_given()
    }

    /// A type variable is no base class.
    #[pymethod(text = "($self, object, /)")]
    fn __mro_entries__(cx: &Thread, this: Value, bases: Value) -> Res {
        let _ = (this, bases);
        raise!(cx, TypeError, "Cannot subclass an instance of TypeVar")
    }
}

#[pymethods]
impl NoDefaultType {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], _kw: KwNames<'_>) -> Res {
        if !args.is_empty() {
            raise!(cx, TypeError, "NoDefaultType takes no arguments");
        }
        Ok(no_default())
    }

    #[slot]
    fn __repr__(cx: &Thread, _this: Value) -> Res {
        Ok(Value::from_ref(id!(cx, "typing.NoDefault")))
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(cx: &Thread, _this: Value) -> Value {
        Value::from_ref(id!(cx, "NoDefault"))
    }
}
