//! Leaving a frame with a value, where the return handlers' fast path does not apply: generators,
//! `__init__`, frames with a frame object, frames entered from Rust.
//!
//! The value goes where the instruction that the caller is at wants it.

use super::dispatch::{F, GOES_ON, handler};
use super::frame::{ENTRY, FRAMEOBJ, GEN, INIT, Pc, Regs, TWO_WORDS, WIDE};
use super::operator;
use crate::objects::{frame, generator};
use crate::prelude::*;
use taipan_compiler::Op;

/// The instruction that a frame is at: its first word and the operand's high byte.
fn instruction(regs: Regs) -> (Pc, u64, usize) {
    let tag = regs.saved_pc();
    let pc = if tag & TWO_WORDS != 0 { regs.pc().add(-1) } else { regs.pc() };
    let word = pc.word();
    let high = if tag & WIDE != 0 { pc.at(-1) as usize >> 8 & 0xff } else { 0 };
    (pc, word, (word >> 8 & 0xff) as usize | high << 8)
}

/// Where a two-word jump instruction goes.
fn target(pc: Pc) -> Pc {
    pc.add(2 + pc.at(1) as i32 as isize)
}

/// Hands what a generator yielded to the loop or `SEND` of the frame that resumed it.
pub fn deliver_yield(cx: &Thread, to: Regs, v: u64) -> u64 {
    let (pc, word, a) = instruction(to);
    to.set_bits(a, v);
    let next = if word as u8 == Op::FOR_NEXT as u8 { target(pc) } else { pc.add(2) };
    cx.interp.goes_on.set((next, to));
    GOES_ON
}

/// Hands what a generator returned to the loop (which ends) or `SEND`.
pub fn deliver_end(cx: &Thread, to: Regs, v: u64) -> u64 {
    let (pc, word, a) = instruction(to);
    if word as u8 == Op::FOR_NEXT as u8 {
        if cx.interp.table.get().traces && v != none().bits() {
            // SAFETY: the bits of the value that the generator returned.
            cx.interp.loop_ended.set(Some(unsafe { Value::from_bits(v) }));
        }
        cx.interp.goes_on.set((pc.add(2), to));
    } else {
        to.set_bits(a, v);
        cx.interp.goes_on.set((target(pc), to));
    }
    GOES_ON
}

/// Pops the frame with a result: 0 (an exception is pending for the caller), `GOES_ON`, or the
/// value for Rust.
#[inline(never)]
pub fn leave(cx: &Thread, regs: Regs, v: u64) -> u64 {
    let flags = regs.flags();
    let prev = regs.prev();
    if flags & FRAMEOBJ != 0 {
        frame::detach(cx, regs);
    }
    let interp = &cx.interp;
    interp.regs.set(prev);
    interp.depth.set(interp.depth.get() - 1);
    let mut v = v;
    if flags & GEN != 0 {
        generator::finish(cx, regs.extra());
        if flags & ENTRY == 0 {
            return deliver_end(cx, prev, v);
        }
    }
    if flags & INIT != 0 {
        if operator::is_operator(regs) {
            // SAFETY: the bits of the value that the method returned.
            return operator::finish(cx, prev, unsafe { Value::from_bits(v) });
        }
        if v != none().bits() {
            return bad_init(cx, v);
        }
        v = regs.extra().bits();
    }
    if flags & ENTRY != 0 {
        return v;
    }
    let (_, _, a) = instruction(prev);
    prev.set_bits(a, v);
    interp.goes_on.set((prev.pc().add(1), prev));
    GOES_ON
}

#[cold]
fn bad_init(cx: &Thread, v: u64) -> u64 {
    // SAFETY: the bits of the value that `__init__` returned.
    let v = unsafe { Value::from_bits(v) };
    let e = err!(cx, TypeError, "__init__() should return None, not '{}'", v.ty().name());
    cx.interp.pending.set(Some(e.0));
    0
}

handler! { pub fn return_slow(f) {
    let v = if f.word as u8 == Op::RETURN as u8 { f.ra() } else { none() };
    let r = leave(f.cx, f.regs, v.bits());
    go_on(f, r)
} }

/// Goes on after `leave` or a suspension.
#[inline(always)]
pub fn go_on<const W: bool>(f: F<'_, W>, r: u64) -> u64 {
    match r {
        0 => f.unwind(),
        GOES_ON => {
            let (pc, regs) = f.cx.interp.goes_on.get();
            F::<W> { table: f.cx.interp.table.get(), ..f }.enter(pc, regs, regs.code())
        }
        bits => bits,
    }
}
