//! Type parameters and aliases (PEP 695, 696) as the compiler's intrinsics make them.
//!
//! The classes are `_typing`'s; this file only says how the interpreter calls them. Their
//! constructors take the lazily evaluated parts as keywords that start with `evaluate_`.

use crate::prelude::*;

/// What the second part of a type variable is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    Upper,
    Constraints,
}

/// `_typing.Class(*args, **kwargs)`.
fn make(cx: &Thread, class: &str, args: &[Value], kwargs: &[(&str, Value)]) -> Res {
    let c = crate::objects::module::import_attr(cx, "_typing", class)?;
    let mut all: GcVec<Value> = args.iter().copied().collect();
    let mut names: GcVec<Value> = GcVec::new();
    for (n, v) in kwargs {
        names.push(Value::from_ref(crate::objects::str::intern(cx, n)));
        all.push(*v);
    }
    let names = Tuple::from_slice(cx, &names);
    call_kw(cx, c, &all, Some(names).filter(|n| n.len() > 0))
}

pub fn typevar(cx: &Thread, name: Value, bound: Option<(Bound, Value)>) -> Res {
    let infer = ("infer_variance", py_bool(true));
    match bound {
        None => make(cx, "TypeVar", &[name], &[infer]),
        Some((Bound::Upper, f)) => make(cx, "TypeVar", &[name], &[infer, ("evaluate_bound", f)]),
        Some((Bound::Constraints, f)) => {
            make(cx, "TypeVar", &[name], &[infer, ("evaluate_constraints", f)])
        }
    }
}

pub fn paramspec(cx: &Thread, name: Value) -> Res {
    make(cx, "ParamSpec", &[name], &[("infer_variance", py_bool(true))])
}

pub fn typevartuple(cx: &Thread, name: Value) -> Res {
    make(cx, "TypeVarTuple", &[name], &[])
}

/// The default of a type parameter, evaluated when asked for.
pub fn set_default(cx: &Thread, param: Value, evaluate: Value) -> Res {
    let f = crate::objects::module::import_attr(cx, "_typing", "_set_typeparam_default")?;
    call(cx, f, &[param, evaluate])
}

/// `Generic[*params]`, the implicit base of a generic class.
pub fn subscript_generic(cx: &Thread, params: Value) -> Res {
    let f = crate::objects::module::import_attr(cx, "typing", "_GenericAlias")?;
    let generic = crate::objects::module::import_attr(cx, "_typing", "Generic")?;
    let Some(t) = params.downcast::<Tuple>() else { return call(cx, f, &[generic, params]) };
    // A TypeVarTuple stands in the list as its unpacking.
    let mut items = GcVec::with_capacity(t.len());
    for &p in t.as_slice() {
        let tuple = p.ty().name() == "TypeVarTuple";
        if tuple { items.push(collect(cx, p)?[0]) } else { items.push(p) }
    }
    let args = Tuple::from_slice(cx, &items);
    call(cx, f, &[generic, Value::from_ref(args)])
}

/// `type Name[params] = value`: a triple of name, parameters or None, and the lazy value.
pub fn typealias(cx: &Thread, parts: Value) -> Res {
    let t = parts.downcast::<Tuple>().expect("the compiler built a triple");
    let params = if t.get(1).is_none() { Value::from_ref(Tuple::empty(cx)) } else { t.get(1) };
    let kw = [("evaluate_value", t.get(2)), ("type_params", params)];
    make(cx, "TypeAliasType", &[t.get(0)], &kw)
}
