//! Raising, handling, with statements.

use crate::interp::dispatch::{handler, plain};
use crate::interp::unwind;
use crate::objects::exceptions as ex;
use crate::prelude::*;

handler! { pub fn PUSH_EXC(f) {
    let handled = &f.cx.interp.handled;
    let before = handled.get();
    let new = f.regs.get(f.b());
    f.regs.set_option(f.a(), before);
    handled.set(new);
    f.next(1)
} }

handler! { pub fn POP_EXC(f) {
    f.cx.interp.handled.set(f.regs.get(f.a()));
    f.next(1)
} }

// No traceback entry is added: the exception passes through here a second time.
handler! { pub fn RERAISE(f) {
    f.save();
    f.cx.interp.pending.set(f.regs.get(f.a()));
    if f.imm_b() == 1 {
        let at = f.regs.get(f.a() + 1).and_then(Value::as_small);
        f.cx.interp.raised_at.set(at.map(|at| at as u32));
    }
    f.tail(unwind::reraise)
} }

plain! { pub fn RAISE_BARE(f) -> 1 {
    let Some(e) = f.cx.interp.current_exception() else {
        raise!(f.cx, RuntimeError, "No active exception to reraise")
    };
    f.cx.interp.silent.set(true);
    return Err(Raised(e));
} }

plain! { pub fn RAISE(f) -> 1 {
    let e = ex::raise_value(f.cx, f.ra());
    unwind::chain_context(f.cx, e);
    return Err(e);
} }

plain! { pub fn RAISE_FROM(f) -> 1 {
    let (cx, cause, v) = (f.cx, f.rb(), f.ra());
    let e = ex::raise_value(cx, v);
    // What cannot be raised, or made, is told of first.
    let made = match v.as_type() {
        Some(class) => e.0.ty().is_subtype(class),
        None => e.0 == v,
    };
    if !made {
        return Err(e);
    }
    let x = ex::of(e.0);
    if cause.is_none() {
        ex::set_cause(x, None);
    } else if cause.as_type().is_some_and(|t| t.is_subtype(exc::BaseException())) {
        let made = call(cx, cause, &[])?;
        if made.downcast::<ex::BaseException>().is_none() {
            raise!(
                cx,
                TypeError,
                "calling {} should have returned an instance of BaseException, not {}",
                repr(cx, cause)?,
                repr(cx, Value::from_ref(made.ty()))?
            );
        }
        ex::set_cause(x, Some(made));
    } else if cause.downcast::<ex::BaseException>().is_some() {
        ex::set_cause(x, Some(cause));
    } else {
        raise!(cx, TypeError, "exception causes must derive from BaseException");
    }
    unwind::chain_context(cx, e);
    return Err(e);
} }

/// Are these classes that `except` may name?
fn check_except_classes(cx: &Thread, v: Value) -> Res<()> {
    let is_exception = |v: Value| v.as_type().is_some_and(|t| t.is_subtype(exc::BaseException()));
    let ok = match v.downcast::<Tuple>() {
        Some(t) => t.as_slice().iter().all(|c| is_exception(*c)),
        None => is_exception(v),
    };
    if ok {
        return Ok(());
    }
    raise!(cx, TypeError, "catching classes that do not inherit from BaseException is not allowed")
}

/// Does the exception match, by the mro (`PyErr_GivenExceptionMatches`)?
pub fn matches(e: Value, classes: Value) -> bool {
    match classes.downcast::<Tuple>() {
        Some(t) => t.as_slice().iter().any(|c| matches(e, *c)),
        None => classes.as_type().is_some_and(|t| e.ty().is_subtype(t)),
    }
}

plain! { pub fn CHECK_EXC_MATCH(f) -> 1 {
    let (e, classes) = (f.rb(), f.rc());
    check_except_classes(f.cx, classes)?;
    f.set_a(py_bool(matches(e, classes)));
} }

/// `except*` may not name groups.
fn check_except_star_classes(cx: &Thread, v: Value) -> Res<()> {
    check_except_classes(cx, v)?;
    let group = |v: Value| v.as_type().is_some_and(|t| t.is_subtype(exc::BaseExceptionGroup()));
    let any = match v.downcast::<Tuple>() {
        Some(t) => t.as_slice().iter().any(|c| group(*c)),
        None => group(v),
    };
    if any {
        raise!(
            cx,
            TypeError,
            "catching ExceptionGroup with except* is not allowed. Use except instead."
        );
    }
    Ok(())
}

plain! { pub fn CHECK_EG_MATCH(f) -> 1 {
    let (cx, a, e, classes) = (f.cx, f.a(), f.rb(), f.rc());
    check_except_star_classes(cx, classes)?;
    let (found, rest) = match_group(cx, e, classes)?;
    f.regs.set(a, found);
    f.regs.set(a + 1, rest);
    if !found.is_none() {
        cx.interp.handled.set(Some(found));
    }
} }

/// The part of `e` that matches, as a group, and the rest.
fn match_group(cx: &Thread, e: Value, classes: Value) -> Res<(Value, Value)> {
    if e.is_none() {
        return Ok((none(), none()));
    }
    if matches(e, classes) {
        if e.ty().is_subtype(exc::BaseExceptionGroup()) {
            return Ok((e, none()));
        }
        // A plain exception is handed to except* in a group of one, made here.
        let items = Value::from_ref(Tuple::from_slice(cx, &[e]));
        let text = Value::from_ref(Str::new(cx, ""));
        let g = call(cx, Value::from_ref(exc::BaseExceptionGroup()), &[text, items])?;
        let regs = cx.interp.regs.get();
        super::super::unwind::add_traceback(cx, ex::of(g), regs, regs.lasti());
        return Ok((g, none()));
    }
    if e.ty().is_subtype(exc::BaseExceptionGroup()) {
        let pair = call_method(cx, e, id!(cx, "split"), &[classes])?;
        let Some(t) = pair.downcast::<Tuple>() else {
            raise!(
                cx,
                TypeError,
                "{}.split must return a tuple, not {}",
                e.ty().name(),
                pair.ty().name()
            );
        };
        if t.len() < 2 {
            raise!(
                cx,
                TypeError,
                "{}.split must return a 2-tuple, got tuple of size {}",
                e.ty().name(),
                t.len()
            );
        }
        return Ok((t.get(0), t.get(1)));
    }
    Ok((none(), e))
}

plain! { pub fn PREP_RERAISE_STAR(f) -> 1 {
    let list = f.rc().downcast::<List>().expect("the compiler made a list here");
    f.set_a(prep_reraise_star(f.cx, f.rb(), list)?);
} }

/// Was `e` split off `orig` and raised again as it was?
fn same_metadata(e: Value, orig: Value) -> bool {
    if e.downcast::<ex::BaseException>().is_none() {
        return false;
    }
    let (x, o) = (ex::of(e), ex::of(orig));
    x.notes.get() == o.notes.get()
        && x.traceback.get() == o.traceback.get()
        && x.cause.get() == o.cause.get()
        && x.context.get() == o.context.get()
}

/// What an `except*` statement raises at its end, or None.
fn prep_reraise_star(cx: &Thread, orig: Value, excs: &List) -> Res {
    let all = excs.to_vec();
    if !orig.ty().is_subtype(exc::BaseExceptionGroup()) {
        // A single exception that was wrapped: one clause at most has run.
        return Ok(all.first().copied().unwrap_or(none()));
    }
    let raised = List::new(cx);
    let leaves = List::new(cx);
    let mut any = false;
    for &e in all.iter().filter(|e| !e.is_none()) {
        if same_metadata(e, orig) {
            any = true;
            crate::objects::exception_group::collect_leaves(cx, e, leaves);
        } else {
            raised.push(cx, e);
        }
    }
    let rest =
        if any { crate::objects::exception_group::projection(cx, orig, leaves)? } else { None };
    if raised.len() == 0 {
        return Ok(rest.unwrap_or(none()));
    }
    if let Some(r) = rest {
        raised.push(cx, r);
    }
    if raised.len() == 1 {
        return Ok(raised.get(0).unwrap_or(none()));
    }
    let text = Value::from_ref(Str::new(cx, ""));
    call(cx, Value::from_ref(exc::BaseExceptionGroup()), &[text, Value::from_ref(raised)])
}

/// The context manager's two methods, into a method area and a register.
fn enter_and_exit(
    cx: &Thread,
    manager: Value,
    enter: &'static Str,
    exit: &'static Str,
    asynchronous: bool,
) -> Res<(Value, Value)> {
    let t = manager.ty();
    let Some(e) = lookup_special(cx, manager, enter)? else {
        raise!(
            cx,
            TypeError,
            "'{}' object does not support the {}context manager protocol",
            t.name(),
            if asynchronous { "asynchronous " } else { "" }
        );
    };
    let Some(x) = lookup_special(cx, manager, exit)? else {
        raise!(
            cx,
            TypeError,
            "'{}' object does not support the {}context manager protocol (missed {} method)",
            t.name(),
            if asynchronous { "asynchronous " } else { "" },
            exit
        );
    };
    Ok((e, x))
}

plain! { pub fn BEFORE_WITH(f) -> 1 {
    let (a, cx) = (f.a(), f.cx);
    let (e, x) = enter_and_exit(cx, f.rb(), id!(cx, "__enter__"), id!(cx, "__exit__"), false)?;
    f.regs.set(a + 3, e);
    f.regs.set_bits(a + 4, 0);
    f.regs.set(f.c(), x);
} }

plain! { pub fn BEFORE_ASYNC_WITH(f) -> 1 {
    let (a, cx) = (f.a(), f.cx);
    let (e, x) = enter_and_exit(cx, f.rb(), id!(cx, "__aenter__"), id!(cx, "__aexit__"), true)?;
    f.regs.set(a + 3, e);
    f.regs.set_bits(a + 4, 0);
    f.regs.set(f.c(), x);
} }

handler! { pub fn WITH_EXCEPT_START(f) {
    let (a, exit, e) = (f.a(), f.rb(), f.rc());
    f.regs.set(a + 3, exit);
    f.regs.set(a + 4, Value::from_ref(e.ty()));
    f.regs.set(a + 5, e);
    f.regs.set(a + 6, ex::of(e).traceback.get().unwrap_or(none()));
    f.next(1)
} }
