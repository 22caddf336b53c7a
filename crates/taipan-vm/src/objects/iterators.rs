//! What the iterators of builtin containers share: how they pickle.

use crate::prelude::*;

/// `builtins.name`, as `_PyEval_GetBuiltin` finds it.
pub fn builtin(cx: &Thread, name: &Str) -> Res {
    match cx.vm.builtins_dict().get_str(cx, name) {
        Some(v) => Ok(v),
        None => raise!(cx, AttributeError, "{}", name),
    }
}

/// `(iter, (seq,), index)`; an exhausted iterator is `(iter, ((),))`.
pub fn reduce_iter(cx: &Thread, seq: Option<Value>, index: isize) -> Res {
    reduce_with(cx, id!(cx, "iter"), seq, index, Value::from_ref(Tuple::empty(cx)))
}

/// `(name, (seq,), index)`; an exhausted iterator is `(name, (empty,))`.
pub fn reduce_with(cx: &Thread, name: &Str, seq: Option<Value>, index: isize, empty: Value) -> Res {
    let t = match seq {
        Some(seq) => {
            let f = builtin(cx, name)?;
            let args = Value::from_ref(Tuple::from_slice(cx, &[seq]));
            Tuple::from_slice(cx, &[f, args, int_from_i128(cx, index as i128)])
        }
        None => {
            let f = builtin(cx, name)?;
            let args = Value::from_ref(Tuple::from_slice(cx, &[empty]));
            Tuple::from_slice(cx, &[f, args])
        }
    };
    Ok(Value::from_ref(t))
}

/// `(iter, ([remaining items],))`: dict and set iterators.
pub fn reduce_list(cx: &Thread, items: &[Value]) -> Res {
    let f = builtin(cx, id!(cx, "iter"))?;
    let l = Value::from_ref(List::from_slice(cx, items));
    let args = Value::from_ref(Tuple::from_slice(cx, &[l]));
    Ok(Value::from_ref(Tuple::pair(cx, f, args)))
}
