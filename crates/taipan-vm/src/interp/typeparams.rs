//! Type parameters and aliases (PEP 695, 696) as the compiler's intrinsics make them.

use crate::objects::typevar;
use crate::prelude::*;

pub use typevar::set_default;

/// What the second part of a type variable is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    Upper,
    Constraints,
}

pub fn typevar(cx: &Thread, name: Value, bound: Option<(Bound, Value)>) -> Res {
    Ok(match bound {
        None => typevar::make_typevar(cx, name, None, None),
        Some((Bound::Upper, f)) => typevar::make_typevar(cx, name, Some(f), None),
        Some((Bound::Constraints, f)) => typevar::make_typevar(cx, name, None, Some(f)),
    })
}

pub fn paramspec(cx: &Thread, name: Value) -> Res {
    Ok(typevar::make_paramspec(cx, name))
}

pub fn typevartuple(cx: &Thread, name: Value) -> Res {
    Ok(typevar::make_typevartuple(cx, name))
}

/// `Generic[*params]`, the implicit base of a generic class.
pub fn subscript_generic(cx: &Thread, params: Value) -> Res {
    typevar::ready_all(cx);
    let params = match params.downcast::<Tuple>() {
        Some(t) => Value::from_ref(typevar::unpack_typevartuples(cx, t)?),
        None => params,
    };
    let f = crate::objects::module::import_attr(cx, "typing", "_GenericAlias")?;
    call(cx, f, &[Value::from_ref(typevar::generic(cx)?), params])
}

/// `type Name[params] = value`: a triple of name, parameters or None, and the lazy value.
pub fn typealias(cx: &Thread, parts: Value) -> Res {
    let t = parts.downcast::<Tuple>().expect("the compiler built a triple");
    Ok(typevar::make_alias(cx, t.get(0), t.get(1), t.get(2)))
}
