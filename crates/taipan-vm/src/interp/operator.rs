//! Operators whose left operand's class defines the special method in Python: its frame is pushed
//! in place, without a nested dispatch loop.
//!
//! Such a frame has the flag `INIT` and, where an instance would be, a small int (`OPERATOR`): its
//! value is not simply stored but finished as the instruction that the caller is at wants it, and
//! NotImplemented sends the operands back to the protocol, with `InterpState::refused` saying that
//! the left one has been asked.

use super::dispatch::{F, GOES_ON, handler};
use super::frame::{FLAGS, INIT, Pc, Regs, WIDE};
use super::leave;
use crate::objects::function::Function;
use crate::objects::generator;
use crate::prelude::*;
use crate::vm::VM;
use taipan_compiler::Op;

/// What is done with the value of a special method.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Not an operator.
    None,
    /// It goes into register a.
    Binary(BinOp),
    Compare(CmpOp),
    /// The jump is taken where its truth is the bool.
    Jump(CmpOp, bool),
    /// Nothing.
    Drop,
}

const fn use_of(op: Op) -> Use {
    use Use::{Binary, Compare, Drop, Jump};
    match op {
        Op::ADD | Op::IADD | Op::ADDI | Op::IADDI => Binary(BinOp::Add),
        Op::SUB | Op::ISUB | Op::SUBI | Op::ISUBI => Binary(BinOp::Sub),
        Op::MUL | Op::IMUL | Op::MULI => Binary(BinOp::Mul),
        Op::TRUEDIV | Op::ITRUEDIV => Binary(BinOp::TrueDiv),
        Op::FLOORDIV | Op::IFLOORDIV | Op::FLOORDIVI => Binary(BinOp::FloorDiv),
        Op::MOD | Op::IMOD | Op::MODI => Binary(BinOp::Mod),
        Op::LSHIFT | Op::ILSHIFT | Op::LSHIFTI => Binary(BinOp::LShift),
        Op::RSHIFT | Op::IRSHIFT | Op::RSHIFTI => Binary(BinOp::RShift),
        Op::AND | Op::IAND | Op::ANDI => Binary(BinOp::And),
        Op::OR | Op::IOR => Binary(BinOp::Or),
        Op::XOR | Op::IXOR => Binary(BinOp::Xor),
        Op::LT => Compare(CmpOp::Lt),
        Op::LE => Compare(CmpOp::Le),
        Op::EQ => Compare(CmpOp::Eq),
        Op::NE => Compare(CmpOp::Ne),
        Op::GT => Compare(CmpOp::Gt),
        Op::GE => Compare(CmpOp::Ge),
        Op::JLT | Op::JLTI | Op::LOOP_LT | Op::LOOP_LTI => Jump(CmpOp::Lt, true),
        Op::JLE | Op::JLEI | Op::LOOP_LE | Op::LOOP_LEI => Jump(CmpOp::Le, true),
        Op::JEQ | Op::JEQI | Op::LOOP_EQ | Op::LOOP_EQI => Jump(CmpOp::Eq, true),
        Op::JNE | Op::JNEI | Op::LOOP_NE | Op::LOOP_NEI => Jump(CmpOp::Ne, true),
        Op::JGT | Op::JGTI | Op::LOOP_GT | Op::LOOP_GTI => Jump(CmpOp::Gt, true),
        Op::JGE | Op::JGEI | Op::LOOP_GE | Op::LOOP_GEI => Jump(CmpOp::Ge, true),
        Op::JNLT | Op::JNLTI => Jump(CmpOp::Lt, false),
        Op::JNLE | Op::JNLEI => Jump(CmpOp::Le, false),
        Op::JNEQ | Op::JNEQI => Jump(CmpOp::Eq, false),
        Op::JNNE | Op::JNNEI => Jump(CmpOp::Ne, false),
        Op::JNGT | Op::JNGTI => Jump(CmpOp::Gt, false),
        Op::JNGE | Op::JNGEI => Jump(CmpOp::Ge, false),
        Op::SETITEM | Op::SETITEMI => Drop,
        _ => Use::None,
    }
}

macro_rules! make_uses {
    ($(($doc:literal, $name:ident, [$($r:ident),*], $ext:ident, [$($fx:ident),*]),)*) => {
        static USES: [Use; 256] = {
            let mut t = [Use::None; 256];
            $( t[Op::$name as usize] = use_of(Op::$name); )*
            t
        };
    };
}
taipan_compiler::for_each_op!(make_uses);

fn binary_name(cx: &Thread, op: BinOp) -> &'static Str {
    match op {
        BinOp::Add => id!(cx, "__add__"),
        BinOp::Sub => id!(cx, "__sub__"),
        BinOp::Mul => id!(cx, "__mul__"),
        BinOp::MatMul => id!(cx, "__matmul__"),
        BinOp::TrueDiv => id!(cx, "__truediv__"),
        BinOp::FloorDiv => id!(cx, "__floordiv__"),
        BinOp::Mod => id!(cx, "__mod__"),
        BinOp::DivMod => id!(cx, "__divmod__"),
        BinOp::LShift => id!(cx, "__lshift__"),
        BinOp::RShift => id!(cx, "__rshift__"),
        BinOp::And => id!(cx, "__and__"),
        BinOp::Xor => id!(cx, "__xor__"),
        BinOp::Or => id!(cx, "__or__"),
    }
}

fn compare_name(cx: &Thread, op: CmpOp) -> &'static Str {
    match op {
        CmpOp::Lt => id!(cx, "__lt__"),
        CmpOp::Le => id!(cx, "__le__"),
        CmpOp::Eq => id!(cx, "__eq__"),
        CmpOp::Ne => id!(cx, "__ne__"),
        CmpOp::Gt => id!(cx, "__gt__"),
        CmpOp::Ge => id!(cx, "__ge__"),
    }
}

/// An instance of a class that Python code made.
#[inline(always)]
fn of_python_class(v: Value) -> bool {
    v.is_ptr() && v.ty().is_heap()
}

/// Pushes the frame of a binary operator's method; false: the protocol is to be asked.
#[inline]
pub fn push_binary(cx: &Thread, regs: Regs, a: Value, b: Value, op: BinOp, inplace: bool) -> bool {
    if !of_python_class(a) || (inplace && op.inplace_slot(a.ty()).is_some()) {
        return false;
    }
    asks_left(a, b) && push(cx, regs, binary_name(cx, op), &[a, b], INIT)
}

/// As `push_binary` for a comparison.
#[inline]
pub fn push_compare(cx: &Thread, regs: Regs, a: Value, b: Value, op: CmpOp) -> bool {
    of_python_class(a) && asks_left(a, b) && push(cx, regs, compare_name(cx, op), &[a, b], INIT)
}

/// As `push_binary` for `a[key]`.
#[inline]
pub fn push_get_item(cx: &Thread, regs: Regs, a: Value, key: Value) -> bool {
    of_python_class(a) && push(cx, regs, id!(cx, "__getitem__"), &[a, key], 0)
}

/// As `push_binary` for `a[key] = v`.
#[inline]
pub fn push_set_item(cx: &Thread, regs: Regs, a: Value, key: Value, v: Value) -> bool {
    of_python_class(a) && push(cx, regs, id!(cx, "__setitem__"), &[a, key, v], INIT)
}

/// Is the left operand asked first? A subclass's instance on the right may be.
fn asks_left(a: Value, b: Value) -> bool {
    let (ta, tb) = (a.ty(), b.ty());
    ta.is(tb) || !tb.is_heap() || !tb.is_subtype(ta)
}

/// Pushes the frame of a method that is a plain function taking just `args`, above all frames.
#[inline(never)]
fn push(cx: &Thread, regs: Regs, name: &'static Str, args: &[Value], flags: u64) -> bool {
    let Some(func) = args[0].ty().lookup(cx, name) else { return false };
    let Some(func) = func.downcast_exact::<Function>() else { return false };
    push_function(cx, regs, func, args, flags)
}

/// As `push` for a function that is known.
pub fn push_function(
    cx: &Thread,
    regs: Regs,
    func: &'static Function,
    args: &[Value],
    flags: u64,
) -> bool {
    let (code, interp) = (func.code(), &cx.interp);
    let depth = interp.depth.get() + 1;
    let new = generator::above(regs, regs.code());
    let fits = new.add(code.nregs as usize).0 <= interp.limit.get();
    if code.simple_argc as usize != args.len() || depth > VM.recursion_limit() || !fits {
        return false;
    }
    for (i, v) in args.iter().enumerate() {
        new.set(i, *v);
    }
    new.clear(args.len(), code.nlocals as usize);
    if flags != 0 {
        new.set_extra(OPERATOR);
    }
    new.set_callee(Value::from_ref(func));
    new.save_pc(code.start(), 0);
    new.set_prev(regs);
    new.set_code(code, flags);
    interp.depth.set(depth);
    interp.regs.set(new);
    interp.goes_on.set((code.start(), new));
    true
}

/// What the word of the new instance holds in an operator's frame.
const OPERATOR: Value = Value::small(0);

/// Of an `INIT` frame: is it an operator's?
#[inline(always)]
pub fn is_operator(regs: Regs) -> bool {
    regs.extra() == OPERATOR
}

// Leaves the frame of an operator, which has no other flags, with the value of the return
// instruction.
handler! { pub fn return_operator(f) {
    let v = if f.word as u8 == Op::RETURN as u8 { f.ra() } else { none() };
    let prev = f.regs.prev();
    let at = prev.saved_pc();
    if at & 3 != 0 || f.regs.flags() != INIT || v == not_implemented() {
        return f.tail(leave::return_slow::<W>);
    }
    let pc = Pc(at as *const u32);
    let word = pc.word();
    let next = match USES[word as u8 as usize] {
        Use::Binary(_) | Use::Compare(_) => {
            prev.set((word >> 8 & 0xff) as usize, v);
            pc.add(1)
        }
        Use::Jump(_, sense) if v == py_bool(sense) => pc.add(2 + pc.at(1) as i32 as isize),
        Use::Jump(_, sense) if v == py_bool(!sense) => pc.add(2),
        Use::Drop => pc.add(1),
        _ => return f.tail(leave::return_slow::<W>),
    };
    let interp = &f.cx.interp;
    interp.regs.set(prev);
    interp.depth.set(interp.depth.get() - 1);
    f.enter(next, prev, prev.code())
} }

/// As `return_operator` once the frame is popped, for everything else. The result is as `leave`'s.
#[inline(never)]
pub fn finish(cx: &Thread, to: Regs, v: Value) -> u64 {
    let tag = to.saved_pc();
    let done =
        if tag & WIDE != 0 { finish_at::<true>(cx, to, v) } else { finish_at::<false>(cx, to, v) };
    match done {
        Ok(pc) => {
            cx.interp.goes_on.set((pc, to));
            GOES_ON
        }
        Err(e) => super::call::fail(cx, e),
    }
}

fn finish_at<const W: bool>(cx: &Thread, to: Regs, v: Value) -> Res<Pc> {
    let pc = to.pc();
    let (code, table) = (to.code(), cx.interp.table.get());
    let f = F::<W> { cx, pc, regs: to, word: pc.word(), code, table };
    let op = f.word as u8;
    let refused = v == not_implemented();
    match USES[op as usize] {
        Use::Binary(op) => {
            let v =
                if refused { after_refusal(cx, || binary(cx, f.rb(), right(f), op))? } else { v };
            f.set_a(v);
            Ok(pc.add(1))
        }
        Use::Compare(op) => {
            let v = if refused {
                after_refusal(cx, || rich_compare(cx, f.rb(), f.rc(), op))?
            } else {
                v
            };
            f.set_a(v);
            Ok(pc.add(1))
        }
        Use::Jump(cmp, sense) => {
            let other = if jumps_on_immediate(op) {
                Value::small(i64::from(f.imm_b() as i8))
            } else {
                f.rb()
            };
            let v = if refused {
                after_refusal(cx, || rich_compare(cx, f.ra(), other, cmp))?
            } else {
                v
            };
            Ok(if is_true(cx, v)? == sense { f.target() } else { pc.add(2) })
        }
        Use::Drop => Ok(pc.add(1)),
        Use::None => panic!("an operator's frame was called by opcode {op}"),
    }
}

/// The right operand of an arithmetic instruction.
fn right<const W: bool>(f: F<'_, W>) -> Value {
    if computes_with_immediate(f.word as u8) {
        Value::small(i64::from(f.imm_c() as i8))
    } else {
        f.rc()
    }
}

macro_rules! any_of {
    ($op:expr, $($name:ident)*) => { [$(Op::$name as u8),*].contains(&$op) };
}

fn computes_with_immediate(op: u8) -> bool {
    any_of!(op, ADDI IADDI SUBI ISUBI MULI FLOORDIVI MODI LSHIFTI RSHIFTI ANDI)
}

fn jumps_on_immediate(op: u8) -> bool {
    any_of!(op, JLTI JLEI JEQI JNEI JGTI JGEI JNLTI JNLEI JNEQI JNNEI JNGTI JNGEI
        LOOP_LTI LOOP_LEI LOOP_EQI LOOP_NEI LOOP_GTI LOOP_GEI)
}

/// Asks the protocol, whose first step has been taken.
fn after_refusal(cx: &Thread, ask: impl FnOnce() -> Res) -> Res {
    cx.interp.refused.set(true);
    let r = ask();
    // A class changed meanwhile by another thread: the step was no longer the first.
    cx.interp.refused.set(false);
    r
}

// The low bits of a code word hold all flags that `return_operator` looks at.
const _: () = assert!(INIT & FLAGS == INIT);
