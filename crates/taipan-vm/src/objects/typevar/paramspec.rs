//! `ParamSpec` (PEP 612) and its `args` and `kwargs`.

use super::{
    Lazy, Variance, call_typing, caller, check_variance, make_union, no_default, type_check,
};
use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct ParamSpec {
    pub head: Head,
    name: Slot,
    bound: Slot,
    pub(super) default: Lazy,
    variance: Variance,
}

crate::pytype! { ParamSpec, PyParamSpec_Type, name: "ParamSpec", module: "typing", base: Object,
dict: true, weakref: true,
doc: "Parameter specification variable.\n\nMade by the type parameter syntax, def f[**P](...), or by calling\nParamSpec('P'). It stands for the parameters of a callable; P.args and\nP.kwargs annotate *args and **kwargs." }

pub fn make_paramspec(cx: &Thread, name: Value) -> Value {
    super::ready_all(cx);
    Value::from_ref(ParamSpec::make(cx, name, None, None, Variance::INFERRED))
}

impl ParamSpec {
    fn make(
        cx: &Thread,
        name: Value,
        bound: Option<Value>,
        default: Option<Value>,
        variance: Variance,
    ) -> &'static ParamSpec {
        let p = ParamSpec {
            head: fresh_head(),
            name: Slot::empty(),
            bound: Slot::empty(),
            default: Lazy::new(default, None),
            variance,
        };
        p.name.init(Some(name));
        p.bound.init(bound);
        cx.alloc(p)
    }
}

#[pymethods]
impl ParamSpec {
    #[slot(
        sig = "(cls, name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)"
    )]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        name: &'static Str,
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
        let bound = type_check(cx, bound, "Bound must be a type.")?;
        let module = caller(cx);
        let default = default.unwrap_or(no_default());
        let p = ParamSpec::make(cx, Value::from_ref(name), Some(bound), Some(default), variance);
        set_attr(cx, Value::from_ref(p), id!(cx, "__module__"), Some(module))?;
        Ok(Value::from_ref(p))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &ParamSpec) -> Res {
        Ok(Value::from_ref(Str::new(cx, &this.variance.show(this.name.value()))))
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        make_union(cx, a, b)
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &ParamSpec) -> Value {
        this.name.value()
    }

    #[getter]
    fn __bound__(_cx: &Thread, this: &ParamSpec) -> Option<Value> {
        this.bound.get()
    }

    #[getter]
    fn __covariant__(_cx: &Thread, this: &ParamSpec) -> bool {
        this.variance.covariant
    }

    #[getter]
    fn __contravariant__(_cx: &Thread, this: &ParamSpec) -> bool {
        this.variance.contravariant
    }

    #[getter]
    fn __infer_variance__(_cx: &Thread, this: &ParamSpec) -> bool {
        this.variance.infer
    }

    /// Stands for the positional parameters.
    #[getter]
    fn args(cx: &Thread, this: &ParamSpec) -> Value {
        ParamSpecArgs::of(cx, Value::from_ref(this))
    }

    /// Stands for the keyword parameters.
    #[getter]
    fn kwargs(cx: &Thread, this: &ParamSpec) -> Value {
        ParamSpecKwargs::of(cx, Value::from_ref(this))
    }

    /// The default, NoDefault where none was given.
    #[getter]
    fn __default__(cx: &Thread, this: &ParamSpec) -> Res {
        this.default.get(cx, this, no_default)
    }

    /// Checks an argument that is to stand for the parameters.
    #[pymethod]
    fn __typing_subst__(cx: &Thread, this: &ParamSpec, arg: Value) -> Res {
        call_typing(cx, "_paramspec_subst", &[Value::from_ref(this), arg])
    }

    /// Arranges the arguments of a substitution.
    #[pymethod]
    fn __typing_prepare_subst__(cx: &Thread, this: &ParamSpec, alias: Value, args: Value) -> Res {
        call_typing(cx, "_paramspec_prepare_subst", &[Value::from_ref(this), alias, args])
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(_cx: &Thread, this: &ParamSpec) -> Value {
        this.name.value()
    }

    /// Whether a default was given.
    #[pymethod]
    fn has_default(_cx: &Thread, this: &ParamSpec) -> bool {
        this.default.is_given()
    }

    /// A parameter specification is no base class.
    #[pymethod(text = "($self, object, /)")]
    fn __mro_entries__(cx: &Thread, this: Value, bases: Value) -> Res {
        let _ = (this, bases);
        raise!(cx, TypeError, "Cannot subclass an instance of ParamSpec")
    }
}

macro_rules! part {
    ($ty:ident, $st:ident, $name:literal, $suffix:literal, $doc:literal) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
            origin: Slot,
        }

        crate::pytype! { $ty, $st, name: $name, module: "typing", base: Object, weakref: true, doc: $doc }

        impl $ty {
            fn of(cx: &Thread, origin: Value) -> Value {
                let p = $ty { head: fresh_head(), origin: Slot::empty() };
                p.origin.init(Some(origin));
                Value::from_ref(cx.alloc(p))
            }
        }

        #[pymethods]
        impl $ty {
            #[slot(sig = "(cls, origin)")]
            fn __new__(cx: &Thread, cls: &Type, origin: Value) -> Res {
                let _ = cls;
                Ok($ty::of(cx, origin))
            }

            #[slot]
            fn __repr__(cx: &Thread, this: &$ty) -> Res {
                let o = this.origin.value();
                let text = match o.downcast_exact::<ParamSpec>() {
                    Some(p) => format!("{}{}", to_str(cx, p.name.value())?, $suffix),
                    None => format!("{}{}", repr(cx, o)?, $suffix),
                };
                Ok(Value::from_ref(Str::new(cx, &text)))
            }

            #[slot]
            fn __richcmp__(cx: &Thread, this: &$ty, other: Value, op: CmpOp) -> Res {
                match other.downcast_exact::<$ty>() {
                    Some(o) if matches!(op, CmpOp::Eq | CmpOp::Ne) => {
                        rich_compare(cx, this.origin.value(), o.origin.value(), op)
                    }
                    _ => Ok(not_implemented()),
                }
            }

            #[slot]
            fn __hash__(cx: &Thread, this: &$ty) -> Res<i64> {
                let _ = this;
                Err(unhashable(cx, Value::from_ref(this)))
            }

            #[getter]
            fn __origin__(_cx: &Thread, this: &$ty) -> Value {
                this.origin.value()
            }

            /// A part of a parameter specification is no base class.
            #[pymethod(text = "($self, object, /)")]
            fn __mro_entries__(cx: &Thread, this: Value, bases: Value) -> Res {
                let _ = (this, bases);
                raise!(cx, TypeError, concat!("Cannot subclass an instance of ", $name))
            }
        }
    };
}

part!(
    ParamSpecArgs,
    PyParamSpecArgs_Type,
    "ParamSpecArgs",
    ".args",
    "The positional parameters that a ParamSpec stands for: the type of *args."
);
part!(
    ParamSpecKwargs,
    PyParamSpecKwargs_Type,
    "ParamSpecKwargs",
    ".kwargs",
    "The keyword parameters that a ParamSpec stands for: the type of **kwargs."
);
