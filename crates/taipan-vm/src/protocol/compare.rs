//! Comparison, truth, hash.

use crate::prelude::*;

/// `a op b` (`PyObject_RichCompare`).
pub fn rich_compare(cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res {
    if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
        return Ok(py_bool(op.holds(x.cmp(&y))));
    }
    let _depth = cx.enter_recursive(" in comparison")?;
    let (ta, tb) = (a.ty(), b.ty());
    let mut tried_b = false;
    if !ta.is(tb) && tb.is_subtype(ta) {
        if let Some(f) = tb.slots().richcmp.get() {
            tried_b = true;
            let r = f(cx, b, a, op.swapped())?;
            if r != not_implemented() {
                return Ok(r);
            }
        }
    }
    if let Some(f) = ta.slots().richcmp.get() {
        let r = f(cx, a, b, op)?;
        if r != not_implemented() {
            return Ok(r);
        }
    }
    if !tried_b {
        if let Some(f) = tb.slots().richcmp.get() {
            let r = f(cx, b, a, op.swapped())?;
            if r != not_implemented() {
                return Ok(r);
            }
        }
    }
    match op {
        CmpOp::Eq => Ok(py_bool(a == b)),
        CmpOp::Ne => Ok(py_bool(a != b)),
        _ => raise!(
            cx,
            TypeError,
            "'{}' not supported between instances of '{}' and '{}'",
            op.symbol(),
            ta.name(),
            tb.name()
        ),
    }
}

/// The truth of `a op b`; identical objects are equal (`PyObject_RichCompareBool`).
pub fn compare_bool(cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res<bool> {
    if a == b {
        match op {
            CmpOp::Eq => return Ok(true),
            CmpOp::Ne => return Ok(false),
            _ => {}
        }
    }
    let r = rich_compare(cx, a, b, op)?;
    is_true(cx, r)
}

/// `a is b or a == b`.
#[inline]
pub fn eq(cx: &Thread, a: Value, b: Value) -> Res<bool> {
    if a == b {
        return Ok(true);
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        return Ok(x.eq(y));
    }
    compare_bool(cx, a, b, CmpOp::Eq)
}

/// `bool(v)` (`PyObject_IsTrue`).
#[inline]
pub fn is_true(cx: &Thread, v: Value) -> Res<bool> {
    if v == py_bool(true) {
        return Ok(true);
    }
    if v == py_bool(false) || v == none() {
        return Ok(false);
    }
    if let Some(i) = v.as_small() {
        return Ok(i != 0);
    }
    is_true_slow(cx, v)
}

fn is_true_slow(cx: &Thread, v: Value) -> Res<bool> {
    let s = v.ty().slots();
    if let Some(f) = s.bool.get() {
        f(cx, v)
    } else if let Some(f) = s.len.get() {
        Ok(f(cx, v)? != 0)
    } else {
        Ok(true)
    }
}

/// `hash(v)` (`PyObject_Hash`).
#[inline]
pub fn hash(cx: &Thread, v: Value) -> Res<i64> {
    if let Some(s) = v.downcast_exact::<Str>() {
        return Ok(s.hash(cx));
    }
    match v.ty().slots().hash.get() {
        Some(f) => f(cx, v),
        None => Err(unhashable(cx, v)),
    }
}

#[cold]
pub fn unhashable(cx: &Thread, v: Value) -> Raised {
    err!(cx, TypeError, "unhashable type: '{}'", v.ty().name())
}

/// The hash of an identity (`_Py_HashPointer`).
pub fn hash_pointer(v: Value) -> i64 {
    let h = v.bits().rotate_right(4) as i64;
    if h == -1 { -2 } else { h }
}
