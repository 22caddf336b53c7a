//! Generators, coroutines, `yield from`, `await`.

use crate::interp::dispatch::{GOES_ON, handler, plain};
use crate::interp::leave;
use crate::objects::coroutine;
use crate::objects::exceptions as ex;
use crate::objects::generator::{self, Yielded};
use crate::prelude::*;

handler! { pub fn RETURN_GENERATOR(f) {
    // The frame goes on, when it is resumed, after this instruction.
    f.save();
    let g = generator::from_frame(f.cx, f.regs);
    let r = leave::leave(f.cx, f.regs, g.bits());
    leave::go_on(f, r)
} }

handler! { pub fn YIELD_VALUE(f) {
    f.save();
    // Once it is set down another thread may run the frame: nothing is read from it then.
    let v = f.rb();
    match generator::set_down(f.cx, f.regs, f.code, v) {
        Yielded::To(pc, regs) => f.enter(pc, regs, regs.code()),
        Yielded::Rust => v.bits(),
        Yielded::No => f.tail(suspend::<W>),
    }
} }

handler! { pub fn YIELD_DELEGATE(f) {
    f.save();
    // Once it is set down another thread may run the frame: nothing is read from it then.
    let v = f.rb();
    match generator::set_down(f.cx, f.regs, f.code, v) {
        Yielded::To(pc, regs) => f.enter(pc, regs, regs.code()),
        Yielded::Rust => v.bits(),
        Yielded::No => f.tail(suspend::<W>),
    }
} }

handler! { fn suspend(f) {
    let r = generator::suspend(f.cx, f.regs, f.rb());
    leave::go_on(f, r)
} }

handler! { pub fn SEND(f) {
    let to = f.rb();
    if generator::is_generator_or_coroutine(to) {
        f.save();
        let base = generator::above(f.regs, f.code);
        if let Some((pc, regs, code)) = generator::take_up(f.cx, to, f.rc(), base, 0) {
            return f.enter(pc, regs, code);
        }
        return f.tail(send_generator::<W>);
    }
    f.tail(send_slow::<W>)
} }

handler! { fn send_generator(f) {
    match generator::push_send(f.cx, f.rb(), f.rc()) {
        GOES_ON => {
            let (pc, regs) = f.cx.interp.goes_on.get();
            f.enter(pc, regs, regs.code())
        }
        generator::EXHAUSTED => {
            f.set_a(none());
            f.goto(f.target())
        }
        _ => f.unwind(),
    }
} }

plain! { fn send_slow(f) -> Pc {
    let (cx, to, v) = (f.cx, f.rb(), f.rc());
    let t = to.ty();
    let r = match t.slots().next.get() {
        // A class's own method may end with a value, which the slot would drop.
        Some(_) if v.is_none() && t.is_heap() => call_special(cx, to, id!(cx, "__next__"), &[]),
        Some(next) if v.is_none() => next(cx, to),
        _ => call_method(cx, to, id!(cx, "send"), &[v]).map(Some),
    };
    match r {
        Ok(Some(v)) => {
            f.set_a(v);
            Ok(f.pc.add(2))
        }
        Ok(None) => {
            f.set_a(crate::interp::take_returned(cx, to));
            Ok(f.target())
        }
        Err(e) if e.is(exc::StopIteration()) => {
            f.set_a(ex::of(e.0).field_or_none(ex::field::VALUE));
            Ok(f.target())
        }
        Err(e) => Err(e),
    }
} }

plain! { pub fn CLEANUP_THROW(f) -> 1 {
    let e = f.rb();
    if e.ty().is_subtype(exc::StopIteration()) {
        f.set_a(ex::of(e).field_or_none(ex::field::VALUE));
    } else {
        f.cx.interp.silent.set(true);
        return Err(Raised(e));
    }
} }

plain! { pub fn END_ASYNC_FOR(f) -> 1 {
    let e = f.ra();
    if !e.ty().is_subtype(exc::StopAsyncIteration()) {
        f.cx.interp.silent.set(true);
        return Err(Raised(e));
    }
} }

plain! { pub fn GET_YIELD_FROM_ITER(f) -> 1 {
    let v = f.rb();
    if coroutine::is_coroutine(v) {
        let flags = taipan_compiler::code::flags::CO_COROUTINE
            | taipan_compiler::code::flags::CO_ITERABLE_COROUTINE;
        if !f.code.has(flags) {
            raise!(f.cx, TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator");
        }
        f.set_a(v);
    } else if generator::is_generator(v) {
        f.set_a(v);
    } else {
        f.set_a(iter(f.cx, v)?);
    }
} }

plain! { pub fn GET_AWAITABLE(f) -> 1 {
    let (cx, v) = (f.cx, f.rb());
    let it = match coroutine::awaitable_iter(cx, v) {
        Ok(it) => it,
        Err(e) => {
            let t = v.ty();
            if t.slots().await_.get().is_none() && e.is(exc::TypeError()) {
                let method = match f.imm_c() {
                    1 => "__aenter__",
                    2 => "__aexit__",
                    _ => return Err(e),
                };
                raise!(
                    cx,
                    TypeError,
                    "'async with' received an object from {method} that does not implement __await__: {}",
                    t.name()
                );
            }
            return Err(e);
        }
    };
    if coroutine::is_coroutine(it) && generator::delegate_of(it).is_some() {
        raise!(cx, RuntimeError, "coroutine is being awaited already");
    }
    f.set_a(it);
} }

plain! { pub fn ASYNC_GEN_WRAP(f) -> 1 {
    f.set_a(crate::objects::async_generator::wrap(f.cx, f.rb()));
} }
