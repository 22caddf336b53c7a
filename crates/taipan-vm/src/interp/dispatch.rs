//! Dispatch: the handler tables, the view of an instruction that handlers work with, the macros
//! that define handlers, and the entry from Rust.
//!
//! Handlers have one signature of six arguments in registers and end in a call through the table,
//! which optimised builds turn into a jump (docs/internals/interpreter.md). What keeps that so: in
//! a handler no address of a local may escape and nothing may need dropping, so everything but the
//! fast path lies in functions that are not inlined and give back one word.
//! Builds with debug assertions return to a loop after each instruction instead.
//!
//! Each body exists twice: for plain operands and (`WIDE`) for those extended by an `EXT` prefix.

use super::frame::{Pc, Regs, TWO_WORDS, WIDE};
use super::ops;
use crate::objects::code::Code;
use crate::prelude::*;
use taipan_compiler::for_each_op;
use taipan_heap::value::{FLOAT_OFFSET, INT_BASE, INT_LO};

/// An instruction's code. The result: the bits of the value that an ENTRY frame gave, zero where an
/// exception is pending, `GOES_ON` where the portable loop is to go on.
pub type Handler = for<'a> extern "sysv64-unwind" fn(
    &'a Thread,
    Pc,
    Regs,
    u64,
    &'static Code,
    &'static Table,
) -> u64;

/// Never the bits of a value: address 1.
pub const GOES_ON: u64 = 1;

/// What the body of a `plain` handler gives as the next pc where it has pushed a frame.
pub const PUSHED: Pc = Pc(GOES_ON as *const u32);

/// Handlers by opcode.
pub struct Table {
    pub narrow: [Handler; 256],
    pub wide: [Handler; 256],
    /// Its handlers look for events.
    pub traces: bool,
}

/// An instruction about to run: what handlers get, in one piece that the optimiser takes apart.
#[derive(Clone, Copy)]
pub struct F<'a, const W: bool> {
    pub cx: &'a Thread,
    pub pc: Pc,
    pub regs: Regs,
    pub word: u64,
    pub code: &'static Code,
    pub table: &'static Table,
}

impl<const W: bool> F<'_, W> {
    #[inline(always)]
    fn operand(self, shift: u32) -> usize {
        let low = (self.word >> shift & 0xff) as usize;
        if W { low | ((self.pc.at(-1) >> shift & 0xff) as usize) << 8 } else { low }
    }

    #[inline(always)]
    pub fn a(self) -> usize {
        self.operand(8)
    }

    #[inline(always)]
    pub fn b(self) -> usize {
        self.operand(16)
    }

    #[inline(always)]
    pub fn c(self) -> usize {
        self.operand(24)
    }

    /// The unsigned immediates, which no prefix widens.
    #[inline(always)]
    pub fn imm_a(self) -> u8 {
        (self.word >> 8) as u8
    }

    #[inline(always)]
    pub fn imm_b(self) -> u8 {
        (self.word >> 16) as u8
    }

    #[inline(always)]
    pub fn imm_c(self) -> u8 {
        (self.word >> 24) as u8
    }

    #[inline(always)]
    pub fn imm16(self) -> i64 {
        i64::from((self.word >> 16) as u16 as i16)
    }

    #[inline(always)]
    pub fn k16(self) -> usize {
        (self.word >> 16 & 0xffff) as usize
    }

    #[inline(always)]
    pub fn ra(self) -> Value {
        self.regs.value(self.a())
    }

    #[inline(always)]
    pub fn rb(self) -> Value {
        self.regs.value(self.b())
    }

    #[inline(always)]
    pub fn rc(self) -> Value {
        self.regs.value(self.c())
    }

    #[inline(always)]
    pub fn set_a(self, v: Value) {
        self.regs.set(self.a(), v);
    }

    /// The extension word.
    #[inline(always)]
    pub fn ext(self) -> usize {
        self.pc.at(1) as usize
    }

    /// Where the instruction's jump goes.
    #[inline(always)]
    pub fn target(self) -> Pc {
        self.pc.add(2 + self.pc.at(1) as i32 as isize)
    }

    /// The name that the extension word says.
    #[inline(always)]
    pub fn name(self) -> &'static Str {
        self.code.name_at(self.ext())
    }

    /// Notes the place for whoever looks at the frame.
    #[inline(always)]
    pub fn save(self) {
        self.regs.save_pc(self.pc, if W { WIDE } else { 0 });
    }

    /// As `save` for an instruction that calls and has an extension word.
    #[inline(always)]
    pub fn save_two(self) {
        self.regs.save_pc(self.pc.add(1), TWO_WORDS | if W { WIDE } else { 0 });
    }

    /// Goes to another instruction of the frame.
    #[inline(always)]
    pub fn goto(self, pc: Pc) -> u64 {
        self.enter(pc, self.regs, self.code)
    }

    /// Goes on after an instruction of `n` words.
    #[inline(always)]
    pub fn next(self, n: isize) -> u64 {
        self.goto(self.pc.add(n))
    }

    /// As `goto` after something that may have switched tracing on or off.
    #[inline(always)]
    pub fn resume(self, pc: Pc) -> u64 {
        F::<W> { table: self.cx.interp.table.get(), ..self }.goto(pc)
    }

    /// Goes on in a frame.
    #[inline(always)]
    pub fn enter(self, pc: Pc, regs: Regs, code: &'static Code) -> u64 {
        if cfg!(debug_assertions) {
            self.cx.interp.goes_on.set((pc, regs));
            GOES_ON
        } else {
            let word = pc.word();
            (self.table.narrow[word as u8 as usize])(self.cx, pc, regs, word, code, self.table)
        }
    }

    /// Leaves the rest of the instruction to another handler.
    #[inline(always)]
    pub fn tail(self, h: Handler) -> u64 {
        h(self.cx, self.pc, self.regs, self.word, self.code, self.table)
    }

    /// Raises what is pending, at this instruction.
    #[inline(always)]
    pub fn unwind(self) -> u64 {
        self.tail(super::unwind::unwind)
    }
}

/// Makes a handler `fn name::<W>` of a body that is given an `F`. Handlers are
/// never inlined: a slow path inside a fast one would bring its register saves along.
macro_rules! handler {
    ($(#[$m:meta])* $vis:vis fn $name:ident($f:ident) $body:block) => {
        $(#[$m])*
        #[allow(non_snake_case)]
        #[inline(never)]
        $vis extern "sysv64-unwind" fn $name<const W: bool>(
            cx: &Thread,
            pc: $crate::interp::frame::Pc,
            regs: $crate::interp::frame::Regs,
            word: u64,
            code: &'static $crate::objects::code::Code,
            table: &'static $crate::interp::dispatch::Table,
        ) -> u64 {
            #[allow(unused_variables)]
            let $f = $crate::interp::dispatch::F::<W> { cx, pc, regs, word, code, table };
            $body
        }
    };
}

/// Makes a handler out of a fallible body that runs out of line. The body gives the next pc; the
/// optional third argument says whether it notes the pc itself.
macro_rules! plain {
    (@make $calls:tt, $(#[$m:meta])* $vis:vis fn $name:ident($f:ident) $body:block) => {
        $(#[$m])*
        #[allow(non_snake_case)]
        #[inline(never)]
        $vis extern "sysv64-unwind" fn $name<const W: bool>(
            cx: &Thread,
            pc: $crate::interp::frame::Pc,
            regs: $crate::interp::frame::Regs,
            word: u64,
            code: &'static $crate::objects::code::Code,
            table: &'static $crate::interp::dispatch::Table,
        ) -> u64 {
            #[inline(never)]
            fn body<const W: bool>(
                cx: &Thread,
                pc: $crate::interp::frame::Pc,
                regs: $crate::interp::frame::Regs,
                word: u64,
                code: &'static $crate::objects::code::Code,
            ) -> u64 {
                let table = cx.interp.table.get();
                let $f = $crate::interp::dispatch::F::<W> { cx, pc, regs, word, code, table };
                let run = || -> Res<$crate::interp::frame::Pc> { $body };
                match run() {
                    Ok(pc) => pc.0 as u64,
                    Err(e) => {
                        cx.interp.pending.set(Some(e.0));
                        0
                    }
                }
            }
            let f = $crate::interp::dispatch::F::<W> { cx, pc, regs, word, code, table };
            f.save();
            let next = body::<W>(cx, pc, regs, word, code);
            if next == 0 {
                return f.unwind();
            }
            plain!(@calls $calls, f, next);
            f.resume($crate::interp::frame::Pc(next as *const u32))
        }
    };
    (@calls true, $f:ident, $next:ident) => {
        if $next == $crate::interp::dispatch::GOES_ON {
            let (pc, regs) = $f.cx.interp.goes_on.get();
            return $f.enter(pc, regs, regs.code());
        }
    };
    (@calls false, $f:ident, $next:ident) => {};
    ($(#[$m:meta])* $vis:vis fn $name:ident($f:ident) -> Pc $body:block) => {
        plain! { @make false, $(#[$m])* $vis fn $name($f) $body }
    };
    // The body may also push a frame, which it says by `PUSHED`.
    ($(#[$m:meta])* $vis:vis fn $name:ident($f:ident) -> Frame $body:block) => {
        plain! { @make true, $(#[$m])* $vis fn $name($f) $body }
    };
    ($(#[$m:meta])* $vis:vis fn $name:ident($f:ident) -> $n:literal $body:block) => {
        plain! { $(#[$m])* $vis fn $name($f) -> Pc {
            let run = || -> Res<()> { $body; #[allow(unreachable_code)] Ok(()) };
            run()?;
            Ok($f.pc.add($n))
        } }
    };
}

pub(super) use {handler, plain};

extern "sysv64-unwind" fn unknown(
    _: &Thread,
    _: Pc,
    _: Regs,
    word: u64,
    _: &'static Code,
    _: &'static Table,
) -> u64 {
    panic!("unknown opcode {}", word as u8)
}

macro_rules! make_table {
    ($(($doc:literal, $name:ident, [$($r:ident),*], $ext:ident, [$($fx:ident),*]),)*) => {
        static PLAIN: Table = {
            let mut t = Table { narrow: [unknown as Handler; 256], wide: [unknown as Handler; 256], traces: false };
            $(
                t.narrow[taipan_compiler::Op::$name as usize] = ops::$name::<false> as Handler;
                t.wide[taipan_compiler::Op::$name as usize] = ops::$name::<true> as Handler;
            )*
            t
        };
    };
}
for_each_op!(make_table);

/// The table without tracing.
pub fn plain_table() -> &'static Table {
    &PLAIN
}

static TRACING: Table = Table {
    narrow: [traced::<false> as Handler; 256],
    wide: [traced::<true> as Handler; 256],
    traces: true,
};

/// The table whose handlers look for events first.
pub fn tracing_table() -> &'static Table {
    &TRACING
}

extern "sysv64-unwind" fn traced<const W: bool>(
    cx: &Thread,
    pc: Pc,
    regs: Regs,
    word: u64,
    code: &'static Code,
    table: &'static Table,
) -> u64 {
    let f = F::<W> { cx, pc, regs, word, code, table };
    if word as u8 == taipan_compiler::Op::PREPARE as u8 {
        return f.tail(PLAIN.narrow[word as u8 as usize]);
    }
    let last = regs.saved_pc();
    f.save();
    // An `EXT` prefix has had its events; what follows it belongs to the same instruction.
    if !W && !super::trace::before(cx, regs, pc, last, word) {
        return f.unwind();
    }
    let op = word as u8 as usize;
    let h = if W { PLAIN.wide[op] } else { PLAIN.narrow[op] };
    // The callback may have switched tracing off, or moved the frame to another line.
    let moved = regs.pc();
    if moved != pc {
        return f.resume(moved);
    }
    h(cx, pc, regs, word, code, cx.interp.table.get())
}

/// Both words encode ints.
#[inline(always)]
pub fn both_ints(x: u64, y: u64) -> bool {
    x & y >= INT_LO
}

/// Both words encode floats.
#[inline(always)]
pub fn both_floats(x: u64, y: u64) -> Option<(f64, f64)> {
    let (p, q) = (x.wrapping_sub(FLOAT_OFFSET), y.wrapping_sub(FLOAT_OFFSET));
    if p.max(q) < INT_LO - FLOAT_OFFSET {
        Some((f64::from_bits(p), f64::from_bits(q)))
    } else {
        None
    }
}

/// An int's value.
#[inline(always)]
pub fn int_of(x: u64) -> i64 {
    x.wrapping_sub(INT_BASE) as i64
}

/// Runs a pushed ENTRY frame from `pc` until it gives a value or raises.
pub fn run(cx: &Thread, pc: Pc, regs: Regs) -> Res {
    run_code(cx, pc, regs, regs.code())
}

/// As `run` where the frame's code is at hand.
///
/// This loop's native frames live as long as what it runs, so what an earlier call left where they come
/// to lie would keep objects alive (hazard 16): it is wiped first.
#[inline]
pub fn run_code(cx: &Thread, pc: Pc, regs: Regs, code: &'static Code) -> Res {
    taipan_heap::clear_window::<24>();
    run_loop(cx, pc, regs, code)
}

#[inline(never)]
fn run_loop(cx: &Thread, pc: Pc, regs: Regs, code: &'static Code) -> Res {
    let (mut pc, mut regs, mut code) = (pc, regs, code);
    loop {
        // The state is consistent after a panic: frames are pushed and popped as a whole.
        let r =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| start(cx, pc, regs, code)));
        match r {
            Ok(0) => {
                let e = cx.interp.pending.take().expect("a failed frame left its exception");
                return Err(Raised(e));
            }
            // SAFETY: a dispatch loop ends with the bits of a value.
            Ok(bits) => return Ok(unsafe { Value::from_bits(bits) }),
            Err(payload) => {
                super::unwind::recover(cx, payload)?;
                (pc, regs) = cx.interp.goes_on.get();
                code = regs.code();
            }
        }
    }
}

#[inline(always)]
fn start(cx: &Thread, mut pc: Pc, mut regs: Regs, mut code: &'static Code) -> u64 {
    loop {
        let table = cx.interp.table.get();
        let word = pc.word();
        let r = (table.narrow[word as u8 as usize])(cx, pc, regs, word, code, table);
        if r != GOES_ON {
            return r;
        }
        (pc, regs) = cx.interp.goes_on.get();
        code = regs.code();
    }
}
