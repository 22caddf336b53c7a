//! Control flow, moves, constants, leaving a frame.

use crate::interp::dispatch::{F, handler, plain};
use crate::interp::frame::{ENTRY, FLAGS, INIT, TWO_WORDS};
use crate::interp::{leave, operator};
use crate::objects::code::Code;
use crate::prelude::*;
use std::sync::atomic::Ordering;

handler! { pub fn NOP(f) { f.next(1) } }

handler! { pub fn EXT(f) {
    let pc = f.pc.add(1);
    let word = pc.word();
    (f.table.wide[word as u8 as usize])(f.cx, pc, f.regs, word, f.code, f.table)
} }

handler! { pub fn RESUME(f) {
    if f.cx.mutator.poll.load(Ordering::Relaxed) != 0 {
        return f.tail(poll_next::<W>);
    }
    f.next(1)
} }

// A safepoint, then the next instruction.
plain! { #[cold] fn poll_next(f) -> 1 { f.cx.poll_slow()? } }

// A safepoint, then the jump of a one-word jump instruction.
plain! { #[cold] fn poll_jump(f) -> Pc {
    f.cx.poll_slow()?;
    Ok(f.pc.add(1 + (f.word as u32 as i32 >> 8) as isize))
} }

handler! { pub fn INSTRUMENTED(f) { f.next(1) } }

plain! { pub fn PREPARE(f) -> Pc {
    f.code.prepare(f.cx);
    Ok(f.code.start())
} }

handler! { pub fn JUMP(f) { f.goto(f.pc.add(1 + (f.word as u32 as i32 >> 8) as isize)) } }

handler! { pub fn JUMP_BACK(f) {
    if f.cx.mutator.poll.load(Ordering::Relaxed) != 0 {
        return f.tail(poll_jump::<W>);
    }
    f.goto(f.pc.add(1 + (f.word as u32 as i32 >> 8) as isize))
} }

/// Leaves a frame without flags for the frame that called it.
#[inline(always)]
fn return_fast<const W: bool>(f: F<'_, W>, v: Value) -> u64 {
    let prev = f.regs.prev();
    let at = prev.saved_pc();
    if at & 3 != 0 {
        return f.tail(return_two_words::<W>);
    }
    let interp = &f.cx.interp;
    interp.regs.set(prev);
    interp.depth.set(interp.depth.get() - 1);
    let pc = prev.pc();
    prev.set((pc.word() >> 8 & 0xff) as usize, v);
    f.enter(pc.add(1), prev, prev.code())
}

handler! { pub fn RETURN(f) {
    // The flags are looked at before `prev` is used: an ENTRY frame may have none.
    if f.regs.code_word() & FLAGS != 0 {
        return f.tail(return_more::<W>);
    }
    return_fast(f, f.ra())
} }

handler! { pub fn RETURN_NONE(f) {
    if f.regs.code_word() & FLAGS != 0 {
        return f.tail(return_more::<W>);
    }
    return_fast(f, none())
} }

// As `return_fast` to a call with an extension word.
handler! { fn return_two_words(f) {
    let v = if f.word as u8 == taipan_compiler::Op::RETURN as u8 { f.ra() } else { none() };
    let prev = f.regs.prev();
    if prev.saved_pc() & 3 != TWO_WORDS {
        return f.tail(leave::return_slow::<W>);
    }
    let interp = &f.cx.interp;
    interp.regs.set(prev);
    interp.depth.set(interp.depth.get() - 1);
    let pc = prev.pc();
    prev.set((pc.at(-1) >> 8 & 0xff) as usize, v);
    f.enter(pc.add(1), prev, prev.code())
} }

handler! { fn return_more(f) {
    let v = if f.word as u8 == taipan_compiler::Op::RETURN as u8 { f.ra() } else { none() };
    let (flags, prev, interp) = (f.regs.flags(), f.regs.prev(), &f.cx.interp);
    if flags == ENTRY {
        interp.regs.set(prev);
        interp.depth.set(interp.depth.get() - 1);
        return v.bits();
    }
    if flags == INIT && operator::is_operator(f.regs) {
        return f.tail(operator::return_operator::<W>);
    }
    if flags == INIT && v == none() && prev.saved_pc() & 3 == 0 {
        interp.regs.set(prev);
        interp.depth.set(interp.depth.get() - 1);
        let pc = prev.pc();
        prev.set((pc.word() >> 8 & 0xff) as usize, f.regs.extra());
        return f.enter(pc.add(1), prev, prev.code());
    }
    f.tail(leave::return_slow::<W>)
} }

handler! { pub fn MOVE(f) {
    f.regs.set_bits(f.a(), f.regs.bits(f.b()));
    f.next(1)
} }

handler! { pub fn LOAD_CONST(f) {
    f.set_a(f.code.constant(f.k16()));
    f.next(1)
} }

handler! { pub fn LOAD_CONST_W(f) {
    f.set_a(f.code.constant(f.ext()));
    f.next(2)
} }

handler! { pub fn LOAD_INT(f) {
    f.set_a(Value::small(f.imm16()));
    f.next(1)
} }

handler! { pub fn LOAD_NONE(f) { f.set_a(none()); f.next(1) } }
handler! { pub fn LOAD_TRUE(f) { f.set_a(py_bool(true)); f.next(1) } }
handler! { pub fn LOAD_FALSE(f) { f.set_a(py_bool(false)); f.next(1) } }
handler! { pub fn LOAD_EMPTY(f) { f.regs.set_bits(f.a(), 0); f.next(1) } }

handler! { pub fn CHECK_LOCAL(f) {
    if f.regs.bits(f.a()) == 0 {
        return f.tail(unbound::<W>);
    }
    f.next(1)
} }

plain! { #[cold] fn unbound(f) -> 1 {
    return Err(unbound_local(f.cx, f.code, f.a()));
} }

handler! { pub fn DELETE_FAST(f) {
    if f.regs.bits(f.a()) == 0 {
        return f.tail(unbound::<W>);
    }
    f.regs.set_bits(f.a(), 0);
    f.next(1)
} }

/// The error of a local variable without a value.
#[cold]
pub fn unbound_local(cx: &Thread, code: &Code, reg: usize) -> Raised {
    let name = code.localsplus().get(reg - code.local_base as usize);
    let name = name.downcast::<Str>().expect("local names are strings");
    err!(
        cx,
        UnboundLocalError,
        "cannot access local variable '{}' where it is not associated with a value",
        name
    )
}
