//! `bool`: the two static instances are `objects::singletons`; here are the type and its methods.

use crate::objects::int::{self, Int};
use crate::prelude::*;

/// The start of `True` and `False`, which are `int::Int`s.
#[repr(C)]
pub struct Bool {
    head: Head,
}

crate::pytype! { Bool, PyBool_Type, name: "bool", module: "builtins", base: Int,
kind: Leaf, itemsize: 4, basicsize: int::DIGITS_OFFSET,
doc: "bool(object=False, /)\n--\n\nTrue for an object that is true, else False. bool is an int of two values." }

fn is_bool(v: Value) -> bool {
    v == py_bool(true) || v == py_bool(false)
}

/// A bitwise operator: bool for two bools, else the int's.
fn bitwise(
    cx: &Thread,
    a: Value,
    b: Value,
    f: fn(bool, bool) -> bool,
    otherwise: fn(&Thread, Value, Value) -> Res,
) -> Res {
    if is_bool(a) && is_bool(b) {
        return Ok(py_bool(f(a == py_bool(true), b == py_bool(true))));
    }
    otherwise(cx, a, b)
}

#[pymethods]
impl Bool {
    #[slot(sig = "(cls, object=False, /)")]
    fn __new__(cx: &Thread, _cls: &Type, object: Option<Value>) -> Res {
        match object {
            Some(v) => Ok(py_bool(is_true(cx, v)?)),
            None => Ok(py_bool(false)),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        let name = if this == py_bool(true) { id!(cx, "True") } else { id!(cx, "False") };
        Ok(Value::from_ref(name))
    }

    #[slot]
    fn __and__(cx: &Thread, a: Value, b: Value) -> Res {
        bitwise(cx, a, b, |x, y| x & y, int::and)
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        bitwise(cx, a, b, |x, y| x | y, int::or)
    }

    #[slot]
    fn __xor__(cx: &Thread, a: Value, b: Value) -> Res {
        bitwise(cx, a, b, |x, y| x ^ y, int::xor)
    }

    #[slot]
    fn __invert__(cx: &Thread, this: Value) -> Res {
        warn_invert(cx)?;
        int::invert(cx, this)
    }
}

/// The warning about `~` of a bool.
pub fn warn_invert(cx: &Thread) -> Res<()> {
    crate::objects::warn_deprecated(
        cx,
        "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This \
         returns the bitwise inversion of the underlying int object and is usually not what \
         you expect from negating a bool. Use the 'not' operator for boolean negation or \
         ~int(x) if you really want the bitwise inversion of the underlying int.",
    )
}
