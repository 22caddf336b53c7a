//! Loops and unpacking.

use crate::interp::dispatch::{F, GOES_ON, handler, plain};

use crate::objects::generator::{self, Generator};
use crate::objects::list::iter::ListIter;
use crate::objects::str::iter::StrAsciiIter;
use crate::objects::tuple::methods::TupleIter;
use crate::prelude::*;
use std::sync::atomic::Ordering;
use taipan_compiler::Op;

plain! { pub fn GET_ITER(f) -> 1 { f.set_a(iter(f.cx, f.rb())?) } }

/// Puts the next item into its register and takes the loop's back edge.
#[inline(always)]
fn loop_on<const W: bool>(f: F<'_, W>, v: Value) -> u64 {
    f.set_a(v);
    if f.cx.mutator.poll.load(Ordering::Relaxed) != 0 {
        return f.tail(poll_loop::<W>);
    }
    f.goto(f.target())
}

plain! { #[cold] fn poll_loop(f) -> Pc {
    f.cx.poll_slow()?;
    Ok(f.target())
} }

handler! { pub fn FOR_NEXT(f) {
    let it = f.rb();
    if let Some(range) = it.downcast_exact::<crate::objects::range::RangeIter>() {
        return match range.advance_small(f.cx) {
            Some(Some(v)) => loop_on(f, v),
            Some(None) => f.next(2),
            None => f.tail(for_next_slow::<W>),
        };
    }
    if let Some(list) = it.downcast_exact::<ListIter>() {
        return match list.advance_within(f.cx) {
            Some(v) => loop_on(f, v),
            None => f.tail(for_next_slow::<W>),
        };
    }
    if it.downcast_exact::<Generator>().is_some() {
        return f.tail(for_generator::<W>);
    }
    if let Some(tuple) = it.downcast_exact::<TupleIter>() {
        return match tuple.advance_within(f.cx) {
            Some(v) => loop_on(f, v),
            None => f.tail(for_next_slow::<W>),
        };
    }
    f.tail(for_text::<W>)
} }

handler! { fn for_text(f) {
    if let Some(text) = f.rb().downcast_exact::<StrAsciiIter>() {
        if let Some(c) = text.advance_narrow(f.cx) {
            return loop_on(f, Value::from_ref(c));
        }
    }
    f.tail(for_next_slow::<W>)
} }

plain! { fn for_next_slow(f) -> Pc {
    // A loop over pairs that unpacks each at once: no tuple is made. Only temporaries: a variable
    // of the program must hold the pair. Not while tracing, which looks at every instruction.
    let body = f.target();
    let word = body.word();
    let unpacks = word as u8 == Op::UNPACK2 as u8
        && (word >> 24) as usize == f.a()
        && f.a() >= f.code.nlocals as usize;
    if unpacks && !W && !f.table.traces {
        if let Some(pair) = next_pair(f.cx, f.rb()) {
            let Some((x, y)) = pair? else { return Ok(f.pc.add(2)) };
            f.regs.set((word >> 8 & 0xff) as usize, x);
            f.regs.set((word >> 16 & 0xff) as usize, y);
            f.cx.poll()?;
            return Ok(body.add(1));
        }
    }
    match iter_next(f.cx, f.rb())? {
        Some(v) => {
            f.set_a(v);
            f.cx.poll()?;
            Ok(f.target())
        }
        None => Ok(f.pc.add(2)),
    }
} }

handler! { fn for_generator(f) {
    f.save();
    let base = generator::above(f.regs, f.code);
    if let Some((pc, regs, code)) = generator::take_up(f.cx, f.rb(), none(), base, 0) {
        return f.enter(pc, regs, code);
    }
    f.tail(for_generator_slow::<W>)
} }

handler! { fn for_generator_slow(f) {
    match generator::push_for_loop(f.cx, f.rb()) {
        // The generator's frame runs; what it yields or returns comes back through `leave`.
        GOES_ON => {
            let (pc, regs) = f.cx.interp.goes_on.get();
            f.enter(pc, regs, regs.code())
        }
        generator::EXHAUSTED => f.next(2),
        _ => f.unwind(),
    }
} }

plain! { pub fn GET_AITER(f) -> 1 {
    let v = f.rb();
    let Some(get) = v.ty().slots().aiter.get() else {
        raise!(f.cx, TypeError, "'async for' requires an object with __aiter__ method, got {}", v.ty().name())
    };
    let it = get(f.cx, v)?;
    if it.ty().slots().anext.get().is_none() {
        raise!(
            f.cx,
            TypeError,
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            it.ty().name()
        );
    }
    f.set_a(it);
} }

plain! { pub fn GET_ANEXT(f) -> 1 {
    let (cx, v) = (f.cx, f.rb());
    let Some(next) = v.ty().slots().anext.get() else {
        raise!(cx, TypeError, "'async for' requires an iterator with __anext__ method, got {}", v.ty().name())
    };
    let awaitable = next(cx, v)?;
    if v.downcast_exact::<crate::objects::async_generator::AsyncGenerator>().is_some() {
        f.set_a(awaitable);
        return Ok(());
    }
    match crate::objects::coroutine::awaitable_iter(cx, awaitable) {
        Ok(it) => f.set_a(it),
        Err(e) => {
            let new = err!(
                cx,
                TypeError,
                "'async for' received an invalid object from __anext__: {}",
                awaitable.ty().name()
            );
            let x = crate::objects::exceptions::of(new.0);
            x.cause.set(x, e.0);
            x.context.set(x, e.0);
            x.suppress_context.store(true, Ordering::Relaxed);
            return Err(new);
        }
    }
} }

plain! { pub fn UNPACK_SEQUENCE(f) -> 1 {
    let n = f.c();
    let (a, v) = (f.a(), f.rb());
    if let Some(t) = v.downcast_exact::<Tuple>() {
        if t.len() == n {
            t.as_slice().iter().enumerate().for_each(|(i, x)| f.regs.set(a + i, *x));
            return Ok(());
        }
    } else if let Some(list) = v.downcast_exact::<List>()
        && list.len() == n
        && let Some(items) = list.copy_few(&mut [none(); 16])
        && items.len() == n
    {
        items.iter().enumerate().for_each(|(i, x)| f.regs.set(a + i, *x));
        return Ok(());
    }
    let items = unpack(f.cx, v, n, None)?;
    items.iter().enumerate().for_each(|(i, x)| f.regs.set(a + i, *x));
} }

handler! { pub fn UNPACK2(f) {
    if let Some(t) = f.rc().downcast_exact::<Tuple>() {
        if let [x, y] = *t.as_slice() {
            f.set_a(x);
            f.regs.set(f.b(), y);
            return f.next(1);
        }
    }
    f.tail(unpack2_slow::<W>)
} }

plain! { fn unpack2_slow(f) -> 1 {
    if let Some(list) = f.rc().downcast_exact::<List>()
        && let Some(&[x, y]) = list.copy_few(&mut [none(); 2])
    {
        f.set_a(x);
        f.regs.set(f.b(), y);
        return Ok(());
    }
    let items = unpack(f.cx, f.rc(), 2, None)?;
    f.set_a(items[0]);
    f.regs.set(f.b(), items[1]);
} }

plain! { pub fn UNPACK_EX(f) -> 2 {
    let (before, after) = (f.c(), f.ext());
    let items = unpack(f.cx, f.rb(), before, Some(after))?;
    let (a, n) = (f.a(), items.len());
    for i in 0..before {
        f.regs.set(a + i, items[i]);
    }
    let rest = List::from_slice(f.cx, &items[before..n - after]);
    f.regs.set(a + before, Value::from_ref(rest));
    for i in 0..after {
        f.regs.set(a + before + 1 + i, items[n - after + i]);
    }
} }

/// The items of an assignment's right side: `n` of them, or with `after` at least `n + after`.
fn unpack(cx: &Thread, v: Value, n: usize, after: Option<usize>) -> Res<GcVec<Value>> {
    let slots = v.ty().slots();
    if slots.iter.get().is_none() && !is_sequence(v) {
        raise!(cx, TypeError, "cannot unpack non-iterable {} object", v.ty().name());
    }
    let it = match iter(cx, v) {
        Ok(it) => it,
        Err(e) if e.is(exc::TypeError()) && slots.iter.get().is_none() => {
            raise!(cx, TypeError, "cannot unpack non-iterable {} object", v.ty().name())
        }
        Err(e) => return Err(e),
    };
    let mut items = GcVec::with_capacity(n + 1);
    for i in 0..n {
        match iter_next(cx, it)? {
            Some(x) => items.push(x),
            None => match after {
                None => {
                    raise!(cx, ValueError, "not enough values to unpack (expected {n}, got {i})")
                }
                Some(m) => raise!(
                    cx,
                    ValueError,
                    "not enough values to unpack (expected at least {}, got {i})",
                    n + m
                ),
            },
        }
    }
    let Some(after) = after else {
        if iter_next(cx, it)?.is_none() {
            return Ok(items);
        }
        raise!(cx, ValueError, "too many values to unpack (expected {n})");
    };
    while let Some(x) = iter_next(cx, it)? {
        items.push(x);
        cx.poll()?;
    }
    if items.len() < n + after {
        raise!(
            cx,
            ValueError,
            "not enough values to unpack (expected at least {}, got {})",
            n + after,
            items.len()
        );
    }
    Ok(items)
}
