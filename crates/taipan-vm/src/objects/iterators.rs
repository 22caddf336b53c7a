//! What the iterators of builtin containers share: how they pickle.

use crate::prelude::*;

/// `builtins.name`, as `_PyEval_GetBuiltin` finds it.
pub fn builtin(cx: &Thread, name: &Str) -> Res {
    let builtins = crate::interp::current_builtins(cx);
    let found = match builtins.filter(|b| b.downcast_exact::<Dict>().is_none()) {
        Some(mapping) => match get_item(cx, mapping, Value::from_ref(name)) {
            Ok(v) => Some(v),
            Err(e) if e.is(exc::KeyError()) => None,
            Err(e) => return Err(e),
        },
        None => match builtins.and_then(|b| b.downcast_exact::<Dict>()) {
            Some(d) => d.get_str(cx, name),
            None => cx.vm.builtins_dict().get_str(cx, name),
        },
    };
    match found {
        Some(v) => Ok(v),
        None => raise!(cx, AttributeError, "{}", name),
    }
}

/// `(name, (seq,), index)`; an exhausted iterator is `(name, (empty,))`. `state` is read after the
/// builtin was looked up, which may run Python code that exhausts the iterator.
pub fn reduce_seq(
    cx: &Thread,
    name: &Str,
    state: impl FnOnce() -> (Option<Value>, isize),
    empty: Value,
) -> Res {
    let f = builtin(cx, name)?;
    let t = match state() {
        (Some(seq), index) => {
            let args = Value::from_ref(Tuple::from_slice(cx, &[seq]));
            Tuple::from_slice(cx, &[f, args, int_from_i128(cx, index as i128)])
        }
        (None, _) => {
            let args = Value::from_ref(Tuple::from_slice(cx, &[empty]));
            Tuple::from_slice(cx, &[f, args])
        }
    };
    Ok(Value::from_ref(t))
}

/// As `reduce_seq` for `iter`, with `()` for an exhausted iterator.
pub fn reduce_iter(cx: &Thread, state: impl FnOnce() -> (Option<Value>, isize)) -> Res {
    reduce_seq(cx, id!(cx, "iter"), state, Value::from_ref(Tuple::empty(cx)))
}

/// `(iter, ([remaining items],))`: dict and set iterators.
pub fn reduce_list(cx: &Thread, items: &[Value]) -> Res {
    let f = builtin(cx, id!(cx, "iter"))?;
    let l = Value::from_ref(List::from_slice(cx, items));
    let args = Value::from_ref(Tuple::from_slice(cx, &[l]));
    Ok(Value::from_ref(Tuple::pair(cx, f, args)))
}
