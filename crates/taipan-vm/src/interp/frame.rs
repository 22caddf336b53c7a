//! The words of a frame on the VM stack: `Regs` (a frame), `Pc` (an instruction), the header.
//!
//! Four words lie before register 0:
//! - `-4` where the frame is: the address of the last word of the instruction that is running, with
//!   `WIDE` or `TWO_WORDS` in its low bits. Written before anything that may raise, call or look;
//! - `-3` register 0 of the frame that called (null: the thread's first frame);
//! - `-2` the code object, with the frame's flags in the low four bits;
//! - `-1` the function, or (flag `FRAMEOBJ`) the frame object that stands for it: both start with
//!   the fields of `Callee`.
//!
//! Generator frames (`GEN`) and `__init__` frames (`INIT`) have one more word, `-5`: the generator,
//! the new instance.
//!
//! Generator frames lie in a cell of the heap all their life and run there. Nothing can be pushed
//! in place above them: word `-6` says where on the VM stack a frame that they call goes.
//!
//! All unsafe reads and writes of registers are here. They rest on what the compiler promises:
//! every operand lies below the code's `nregs`, and the stack has room for `nregs` words.

use crate::objects::code::Code;
use crate::prelude::*;

/// The frame was entered from Rust: leaving it leaves the dispatch loop.
pub const ENTRY: u64 = 1;
/// The frame belongs to the generator in word -5.
pub const GEN: u64 = 2;
/// `__init__` of the instance in word -5, which is what the call gives.
pub const INIT: u64 = 4;
/// Word -1 is a frame object.
pub const FRAMEOBJ: u64 = 8;
pub const FLAGS: u64 = 15;

/// In a saved pc: the instruction has a prefix.
pub const WIDE: u64 = 1;
/// In a saved pc: the instruction is followed by an extension word, which is where the pc points.
pub const TWO_WORDS: u64 = 2;

/// Words kept below register 0.
pub const HEADER: usize = 4;
/// Header and the extra word.
pub const FULL_HEADER: usize = 5;
/// The header of a generator's frame.
pub const GEN_HEADER: usize = 6;

/// What a function and a frame object have in common, so that global lookups need not care.
#[repr(C)]
pub struct Callee {
    pub head: Head,
    pub code: Slot,
    /// A Dict (or a subclass).
    pub globals: Slot,
    /// A Dict, or any mapping.
    pub builtins: Slot,
}

/// An instruction's address.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Pc(pub *const u32);

impl Pc {
    /// The word there.
    #[inline(always)]
    pub fn word(self) -> u64 {
        // SAFETY: a pc always points into its code, which ends in an instruction that never falls through.
        u64::from(unsafe { *self.0 })
    }

    /// The word `n` words on.
    #[inline(always)]
    pub fn at(self, n: isize) -> u32 {
        // SAFETY: as in `word`: extension and prefix words are part of the instruction.
        unsafe { *self.0.offset(n) }
    }

    #[inline(always)]
    pub fn add(self, n: isize) -> Pc {
        Pc(self.0.wrapping_offset(n))
    }
}

/// Register 0 of a frame.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Regs(pub *mut u64);

impl Regs {
    pub const NULL: Regs = Regs(std::ptr::null_mut());

    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }

    #[inline(always)]
    pub fn bits(self, i: usize) -> u64 {
        // SAFETY: the module's paragraph.
        unsafe { *self.0.add(i) }
    }

    #[inline(always)]
    pub fn set_bits(self, i: usize, w: u64) {
        // SAFETY: the module's paragraph.
        unsafe { *self.0.add(i) = w }
    }

    /// A register that the compiler knows to hold a value.
    #[inline(always)]
    pub fn value(self, i: usize) -> Value {
        let b = self.bits(i);
        debug_assert!(b != 0, "register {i} is empty");
        // SAFETY: registers hold values or zero, and this one is assigned.
        unsafe { Value::from_bits(b) }
    }

    #[inline(always)]
    pub fn get(self, i: usize) -> Option<Value> {
        // SAFETY: registers hold values or zero.
        unsafe { Value::option_from_bits(self.bits(i)) }
    }

    #[inline(always)]
    pub fn set(self, i: usize, v: Value) {
        self.set_bits(i, v.bits());
    }

    #[inline(always)]
    pub fn set_option(self, i: usize, v: Option<Value>) {
        self.set_bits(i, Value::option_bits(v));
    }

    /// `n` registers that all hold values. They must not change while the slice is used.
    #[inline(always)]
    pub fn slice<'a>(self, i: usize, n: usize) -> &'a [Value] {
        // SAFETY: the module's paragraph; callers read assigned registers.
        unsafe { std::slice::from_raw_parts(self.0.add(i) as *const Value, n) }
    }

    #[inline(always)]
    pub fn add(self, n: usize) -> Regs {
        Regs(self.0.wrapping_add(n))
    }

    #[inline(always)]
    pub fn sub(self, n: usize) -> Regs {
        Regs(self.0.wrapping_sub(n))
    }

    #[inline(always)]
    fn header(self, i: usize) -> u64 {
        // SAFETY: every frame has its header below register 0.
        unsafe { *self.0.sub(i) }
    }

    #[inline(always)]
    fn set_header(self, i: usize, w: u64) {
        // SAFETY: as in `header`.
        unsafe { *self.0.sub(i) = w }
    }

    /// Notes where the frame is.
    #[inline(always)]
    pub fn save_pc(self, pc: Pc, tag: u64) {
        self.set_header(4, pc.0 as u64 | tag);
    }

    #[inline(always)]
    pub fn saved_pc(self) -> u64 {
        self.header(4)
    }

    /// The word the frame is at.
    #[inline(always)]
    pub fn pc(self) -> Pc {
        Pc((self.header(4) & !3) as *const u32)
    }

    #[inline(always)]
    pub fn prev(self) -> Regs {
        Regs(self.header(3) as *mut u64)
    }

    #[inline(always)]
    pub fn set_prev(self, r: Regs) {
        self.set_header(3, r.0 as u64);
    }

    #[inline(always)]
    pub fn code_word(self) -> u64 {
        self.header(2)
    }

    #[inline(always)]
    pub fn flags(self) -> u64 {
        self.header(2) & FLAGS
    }

    #[inline(always)]
    pub fn set_code(self, c: &Code, flags: u64) {
        self.set_header(2, c as *const Code as u64 | flags);
    }

    /// The code of a code word, the flags of the word aside.
    #[inline(always)]
    pub fn code_of(word: u64) -> &'static Code {
        // SAFETY: as in `code`.
        unsafe { &*((word & !FLAGS) as *const Code) }
    }

    #[inline(always)]
    pub fn set_code_word(self, word: u64) {
        self.set_header(2, word);
    }

    #[inline(always)]
    pub fn add_flag(self, flag: u64) {
        self.set_header(2, self.header(2) | flag);
    }

    #[inline(always)]
    pub fn clear_flag(self, flag: u64) {
        self.set_header(2, self.header(2) & !flag);
    }

    #[inline(always)]
    pub fn code(self) -> &'static Code {
        // SAFETY: word -2 is the address of the running code object, kept alive by being there.
        unsafe { &*((self.header(2) & !FLAGS) as *const Code) }
    }

    /// Copies the header and the first `n` registers of a frame on the VM stack into a new cell.
    pub fn copy_to(self, to: Regs, n: usize) {
        // SAFETY: both places have `n` words and the full header, and do not overlap: one is on the
        // VM stack, the other in the heap.
        unsafe {
            let (from, to) = (self.sub(FULL_HEADER).0, to.sub(FULL_HEADER).0);
            std::ptr::copy_nonoverlapping(from, to, n + FULL_HEADER);
        }
    }

    /// As `clear` for a stretch that is nearly always short: never a call of memset, for which a
    /// handler would have to save its registers.
    #[inline(always)]
    pub fn clear_few(self, from: usize, to: usize) {
        for i in from..to {
            // SAFETY: the module's paragraph.
            unsafe { self.0.add(i).write_volatile(0) };
        }
    }

    /// Empties registers `from..to`.
    #[inline(always)]
    pub fn clear(self, from: usize, to: usize) {
        for i in from..to {
            self.set_bits(i, 0);
        }
    }

    /// The write barrier for a frame of `nregs` registers that lies in the heap.
    #[inline(always)]
    pub fn barrier(self, nregs: usize) {
        taipan_heap::slot::barrier_range(self.sub(FULL_HEADER).0, 8 * (FULL_HEADER + nregs));
    }

    /// The function or frame object.
    #[inline(always)]
    pub fn callee(self) -> &'static Callee {
        // SAFETY: word -1 holds a Function or a Frame, both of which start with a Callee.
        unsafe { &*(self.header(1) as *const Callee) }
    }

    #[inline(always)]
    pub fn callee_value(self) -> Value {
        // SAFETY: word -1 is never empty in a pushed frame.
        unsafe { Value::from_bits(self.header(1)) }
    }

    #[inline(always)]
    pub fn set_callee(self, v: Value) {
        self.set_header(1, v.bits());
    }

    /// Words below register 0 that are this frame's: word -5 of a frame that doesn't use it is the
    /// caller's, or was left there by another.
    #[inline(always)]
    pub fn header_words(self) -> usize {
        if self.flags() & (GEN | INIT) != 0 { FULL_HEADER } else { HEADER }
    }

    /// The generator or the new instance.
    #[inline(always)]
    pub fn extra(self) -> Value {
        // SAFETY: GEN and INIT frames set this word.
        unsafe { Value::from_bits(self.header(5)) }
    }

    #[inline(always)]
    pub fn set_extra(self, v: Value) {
        self.set_header(5, v.bits());
    }

    /// Of a running generator's frame: register 0 of a frame that it calls.
    #[inline(always)]
    pub fn base(self) -> Regs {
        Regs(self.header(6) as *mut u64)
    }

    #[inline(always)]
    pub fn set_base(self, r: Regs) {
        self.set_header(6, r.0 as u64);
    }

    /// Index of the running instruction's word.
    #[inline(always)]
    pub fn lasti(self) -> usize {
        self.code().index_of(self.pc())
    }
}
