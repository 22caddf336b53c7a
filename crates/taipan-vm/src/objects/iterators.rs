//! What the iterators of builtin containers share: how they pickle, and how threads share one.
//!
//! An iterator gives each item once, whoever asks. `Head::ob_tid` says whose it is: its maker steps with plain loads and stores,
//! without a safepoint between them. The first other thread that asks for a step stops the world and makes the iterator
//! everybody's (0, as in CPython); from then on a step is made under its lock.

use crate::prelude::*;
use std::sync::atomic::{AtomicIsize, Ordering};
use taipan_heap::lock::{alone, lock};

/// The iterator is this thread's alone, up to the next safepoint.
#[inline(always)]
pub fn mine(cx: &Thread, head: &Head) -> bool {
    head.ob_tid.load(Ordering::Relaxed) == cx.tid
}

/// Makes a step of an iterator, between those of other threads. It runs no Python code and has no safepoint between reading the
/// iterator's state and writing it.
#[inline(always)]
pub fn step<R>(cx: &Thread, head: &Head, step: impl FnOnce() -> R) -> R {
    if mine(cx, head) { step() } else { step_of_shared(cx, head, step) }
}

/// As `step`, and there may be safepoints.
#[cold]
#[inline(never)]
pub fn step_of_shared<R>(cx: &Thread, head: &Head, step: impl FnOnce() -> R) -> R {
    if head.ob_tid.load(Ordering::Relaxed) != 0 {
        cx.mutator.stop_the_world(|_| head.ob_tid.store(0, Ordering::Relaxed));
    }
    let _g = lock(head);
    step()
}

/// Moves a position on; false: it is not `from` any more, another thread has moved it.
#[inline(always)]
pub fn move_on(position: &AtomicIsize, from: isize, to: isize) -> bool {
    if alone() {
        let there = position.load(Ordering::Relaxed) == from;
        if there {
            position.store(to, Ordering::Relaxed);
        }
        return there;
    }
    position.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

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
