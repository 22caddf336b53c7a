//! `None`, `...`, `NotImplemented`: static objects at fixed addresses, under CPython's symbol names.

use super::object::Object;
use crate::prelude::*;

macro_rules! singleton_type {
    ($ty:ident, $st:ident, $name:literal, $static_:ident, $get:ident, $cname:literal, $doc:literal) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
        }
        // SAFETY: only atomics inside.
        unsafe impl Sync for $ty {}
        crate::pytype! { $ty, $st, name: $name, module: "builtins", base: Object, kind: Leaf, doc: $doc }

        /// The one instance; its type is set at start-up.
        // SAFETY: CPython's own symbol for this object.
        #[unsafe(export_name = $cname)]
        pub static $static_: $ty = $ty { head: Head::new_static(std::ptr::null_mut()) };

        #[inline(always)]
        pub fn $get() -> Value {
            Value::from_ref(&$static_)
        }
    };
}

singleton_type!(
    NoneType,
    PyNone_Type,
    "NoneType",
    NONE,
    none,
    "_Py_NoneStruct",
    "NoneType()\n--\n\nThe type of None."
);
singleton_type!(
    EllipsisType,
    PyEllipsis_Type,
    "ellipsis",
    ELLIPSIS,
    ellipsis,
    "_Py_EllipsisObject",
    "ellipsis()\n--\n\nThe type of the object that ... stands for."
);
singleton_type!(
    NotImplementedType,
    PyNotImplemented_Type,
    "NotImplementedType",
    NOT_IMPLEMENTED,
    not_implemented,
    "_Py_NotImplementedStruct",
    "NotImplementedType()\n--\n\nThe type of NotImplemented."
);

/// `True` or `False`.
#[inline(always)]
pub fn py_bool(b: bool) -> Value {
    if b { super::int::true_() } else { super::int::false_() }
}

#[pymethods]
impl NoneType {
    #[slot]
    fn __repr__(cx: &Thread, _this: Value) -> Res {
        Ok(Value::from_ref(id!(cx, "None")))
    }

    #[slot]
    fn __bool__(_cx: &Thread, _this: Value) -> Res<bool> {
        Ok(false)
    }

    #[slot]
    fn __hash__(_cx: &Thread, _this: Value) -> Res<i64> {
        Ok(0xFCA8_6420)
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: Value, other: Value, op: CmpOp) -> Res {
        super::object::identity_compare(cx, this, other, op)
    }

    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], _kw: KwNames<'_>) -> Res {
        if !args.is_empty() {
            raise!(cx, TypeError, "NoneType takes no arguments");
        }
        Ok(none())
    }
}

#[pymethods]
impl EllipsisType {
    #[slot]
    fn __repr__(cx: &Thread, _this: Value) -> Res {
        Ok(Value::from_ref(id!(cx, "Ellipsis")))
    }

    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], _kw: KwNames<'_>) -> Res {
        if !args.is_empty() {
            raise!(cx, TypeError, "EllipsisType takes no arguments");
        }
        Ok(ellipsis())
    }

    /// The name to pickle it by.
    #[pymethod]
    fn __reduce__(cx: &Thread, _this: Value) -> Value {
        Value::from_ref(id!(cx, "Ellipsis"))
    }
}

#[pymethods]
impl NotImplementedType {
    #[slot]
    fn __repr__(cx: &Thread, _this: Value) -> Res {
        Ok(Value::from_ref(id!(cx, "NotImplemented")))
    }

    #[slot]
    fn __bool__(cx: &Thread, _this: Value) -> Res<bool> {
        super::warn_deprecated(cx, "NotImplemented should not be used in a boolean context")?;
        Ok(true)
    }

    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], _kw: KwNames<'_>) -> Res {
        if !args.is_empty() {
            raise!(cx, TypeError, "NotImplementedType takes no arguments");
        }
        Ok(not_implemented())
    }

    /// The name to pickle it by.
    #[pymethod]
    fn __reduce__(cx: &Thread, _this: Value) -> Value {
        Value::from_ref(id!(cx, "NotImplemented"))
    }
}
