//! `types.UnionType`: `int | str` (Objects/unionobject.c).

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct Union {
    pub head: Head,
    args: Slot,
    params: Slot,
}

crate::pytype! { Union, _PyUnion_Type, name: "UnionType", module: "types", base: Object,
doc: "Represents a PEP 604 union type\n\nE.g. for int | str" }

/// The members, for isinstance and issubclass.
pub fn union_args(v: Value) -> Option<&'static Tuple> {
    v.downcast_exact::<Union>().map(|u| u.args())
}

fn unionable(v: Value) -> bool {
    v.is_none()
        || v.as_type().is_some()
        || v.downcast::<super::generic_alias::GenericAlias>().is_some()
        || v.downcast_exact::<Union>().is_some()
        || super::typevar::is_type_alias(v)
}

/// `a | b` between types.
pub fn or(cx: &Thread, a: Value, b: Value) -> Res {
    if !unionable(a) || !unionable(b) {
        return Ok(not_implemented());
    }
    make(cx, &[a, b])
}

/// The union of types, flattened, each member once; a single one stands for itself.
pub fn make(cx: &Thread, parts: &[Value]) -> Res {
    let mut flat: GcVec<Value> = GcVec::new();
    for &p in parts {
        match union_args(p) {
            Some(t) => flat.extend(t.as_slice().iter().copied()),
            None if p.is_none() => flat.push(Value::from_ref(none().ty())),
            None => flat.push(p),
        }
    }
    let mut out: GcVec<Value> = GcVec::new();
    'next: for &v in flat.iter() {
        for &o in out.iter() {
            let aliases = v.downcast::<super::generic_alias::GenericAlias>().is_some()
                && o.downcast::<super::generic_alias::GenericAlias>().is_some();
            let same = if aliases { eq(cx, v, o)? } else { v == o };
            if same {
                continue 'next;
            }
        }
        out.push(v);
    }
    if out.len() == 1 {
        return Ok(out[0]);
    }
    let u = Union { head: fresh_head(), args: Slot::empty(), params: Slot::empty() };
    u.args.init(Some(Value::from_ref(Tuple::from_slice(cx, &out))));
    Ok(Value::from_ref(cx.alloc(u)))
}

impl Union {
    pub fn args(&self) -> &'static Tuple {
        self.args.value().downcast::<Tuple>().expect("args are a tuple")
    }

    fn parameters(cx: &Thread, this: &Union) -> Res<&'static Tuple> {
        if let Some(p) = this.params.get().and_then(|p| p.downcast::<Tuple>()) {
            return Ok(p);
        }
        let p = super::generic_alias::make_parameters(cx, this.args())?;
        this.params.set(this, Value::from_ref(p));
        Ok(p)
    }
}

#[pymethods]
impl Union {
    #[slot]
    fn __repr__(cx: &Thread, this: &Union) -> Res {
        let mut parts = Vec::new();
        for &a in this.args().as_slice() {
            parts.push(if a == Value::from_ref(none().ty()) {
                "None".to_string()
            } else {
                super::generic_alias::repr_item(cx, a)?
            });
        }
        Ok(Value::from_ref(Str::new(cx, &parts.join(" | "))))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Union, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast_exact::<Union>() else { return Ok(not_implemented()) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(not_implemented());
        }
        let (a, b) = (this.args(), o.args());
        let mut same = a.len() == b.len();
        for &x in a.as_slice() {
            same = same && contains(cx, Value::from_ref(b), x)?;
        }
        Ok(py_bool(same == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Union) -> Res<i64> {
        let set = call_attr_frozenset(cx, this.args())?;
        hash(cx, set)
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        or(cx, a, b)
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Union, item: Value) -> Res {
        let p = Union::parameters(cx, this)?;
        let args =
            super::generic_alias::subs_parameters(cx, Value::from_ref(this), this.args(), p, item)?;
        let mut r = args.get(0);
        for &a in &args.as_slice()[1..] {
            r = binary(cx, r, a, crate::protocol::BinOp::Or)?;
        }
        Ok(r)
    }

    /// Is the object an instance of one of the members?
    #[pymethod]
    fn __instancecheck__(cx: &Thread, this: &Union, instance: Value) -> Res<bool> {
        for &a in this.args().as_slice() {
            if a.as_type().is_none() {
                raise!(cx, TypeError, "isinstance() argument 2 cannot be a parameterized generic");
            }
            if is_instance(cx, instance, a)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Is the class a subclass of one of the members?
    #[pymethod]
    fn __subclasscheck__(cx: &Thread, this: &Union, subclass: Value) -> Res<bool> {
        if subclass.as_type().is_none() {
            raise!(cx, TypeError, "issubclass() arg 1 must be a class");
        }
        for &a in this.args().as_slice() {
            if a.as_type().is_none() {
                raise!(cx, TypeError, "issubclass() argument 2 cannot be a parameterized generic");
            }
            if is_subclass(cx, subclass, a)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[getter]
    fn __args__(_cx: &Thread, this: &Union) -> Value {
        this.args.value()
    }

    #[getter]
    fn __parameters__(cx: &Thread, this: &Union) -> Res<&'static Tuple> {
        Union::parameters(cx, this)
    }
}

fn call_attr_frozenset(cx: &Thread, t: &Tuple) -> Res {
    let f = cx.vm.builtins_dict().get_str(cx, id!(cx, "frozenset")).unwrap_or(none());
    call(cx, f, &[Value::from_ref(t)])
}
