//! Comparisons, identity, containment, and the jumps fused with them.

use crate::interp::dispatch::{F, PUSHED, both_floats, both_ints, handler, plain};
use crate::interp::operator::push_compare;
use crate::objects::int::{exact_i64, int_type};
use crate::prelude::*;
use std::sync::atomic::Ordering;

/// The answer for two unboxed numbers of one kind.
macro_rules! fast {
    ($x:expr, $y:expr, $op:tt) => {{
        let (x, y) = ($x, $y);
        // Encoded ints compare as their words do.
        if both_ints(x, y) {
            Some(x $op y)
        } else if let Some((p, q)) = both_floats(x, y) {
            Some(p $op q)
        } else {
            None
        }
    }};
}

/// Two strings for equality, else the protocol.
#[inline]
fn slow(cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res {
    if matches!(op, CmpOp::Eq | CmpOp::Ne) {
        if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
            return Ok(py_bool(x.eq(y) == (op == CmpOp::Eq)));
        }
    }
    rich_compare(cx, a, b, op)
}

#[inline]
fn truth(cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res<bool> {
    if matches!(op, CmpOp::Eq | CmpOp::Ne) {
        if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
            return Ok((a == b || x.eq(y)) == (op == CmpOp::Eq));
        }
    }
    let r = slow(cx, a, b, op)?;
    is_true(cx, r)
}

macro_rules! comparisons {
    ($($name:ident $slow:ident $op:tt $cmp:ident;)*) => {$(
        handler! { pub fn $name(f) {
            match fast!(f.regs.bits(f.b()), f.regs.bits(f.c()), $op) {
                Some(t) => { f.set_a(py_bool(t)); f.next(1) }
                None => f.tail($slow::<W>),
            }
        } }
        handler! { fn $slow(f) {
            plain! { fn any(f) -> Frame {
                let (a, b) = (f.rb(), f.rc());
                if push_compare(f.cx, f.regs, a, b, CmpOp::$cmp) {
                    return Ok(PUSHED);
                }
                f.set_a(slow(f.cx, a, b, CmpOp::$cmp)?);
                Ok(f.pc.add(1))
            } }
            match quick_text(f.rb(), f.rc(), CmpOp::$cmp) {
                Some(t) => give(f, t),
                None => f.tail(any::<W>),
            }
        } }
    )*};
}
comparisons! {
    LT lt_slow < Lt; LE le_slow <= Le; EQ eq_slow == Eq; NE ne_slow != Ne; GT gt_slow > Gt; GE ge_slow >= Ge;
}

/// Identity instructions: the words say it, unless both are boxed ints.
macro_rules! identity {
    ($($name:ident $slow:ident $a:ident $b:ident $sense:literal $then:expr;)*) => {$(
        handler! { pub fn $name(f) {
            let (a, b) = (f.$a(), f.$b());
            if a == b || !boxed_int(a) {
                return $then(f, (a == b) == $sense);
            }
            f.tail($slow::<W>)
        } }
        handler! { fn $slow(f) { $then(f, same(f.$a(), f.$b()) == $sense) } }
    )*};
}

#[inline(always)]
fn boxed_int(v: Value) -> bool {
    v.is_ptr() && v.ty().is(int_type())
}

#[inline(always)]
fn give<const W: bool>(f: F<'_, W>, t: bool) -> u64 {
    f.set_a(py_bool(t));
    f.next(1)
}

identity! {
    IS is_slow rb rc true give; IS_NOT is_not_slow rb rc false give;
    JIS jis_slow ra rb true branch; JNIS jnis_slow ra rb false branch;
}

/// Identity. Exact ints of up to 64 bits go by value, boxed or not (hazard 24).
#[inline(always)]
fn same(a: Value, b: Value) -> bool {
    a == b
        || a.is_ptr()
            && b.is_ptr()
            && a.ty().is(int_type())
            && b.ty().is(int_type())
            && same_int(a, b)
}

#[cold]
#[inline(never)]
fn same_int(a: Value, b: Value) -> bool {
    matches!((exact_i64(a), exact_i64(b)), (Some(x), Some(y)) if x == y)
}

/// Equality or inequality of two strings, where that needs no call.
#[inline(always)]
fn quick_text(a: Value, b: Value, op: CmpOp) -> Option<bool> {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return None;
    }
    let same = a.downcast_exact::<Str>()?.quick_eq(b.downcast_exact::<Str>()?)?;
    Some(same == (op == CmpOp::Eq))
}

/// Whether `v` holds `item`, where that needs no call.
#[inline(always)]
fn quick_contains(v: Value, item: Value) -> Option<bool> {
    if let Some(s) = v.downcast_exact::<Str>() {
        return s.quick_contains(item.downcast_exact::<Str>()?);
    }
    v.downcast_exact::<Dict>()?.look(item).map(|found| found.is_some())
}

macro_rules! containment {
    ($($name:ident $jump:ident $sense:literal;)*) => {$(
        handler! { pub fn $name(f) {
            plain! { fn slow(f) -> 1 {
                f.set_a(py_bool(contains(f.cx, f.rc(), f.rb())? == $sense))
            } }
            match quick_contains(f.rc(), f.rb()) {
                Some(t) => give(f, t == $sense),
                None => f.tail(slow::<W>),
            }
        } }
        handler! { pub fn $jump(f) {
            plain! { fn slow(f) -> Pc {
                let t = contains(f.cx, f.rb(), f.ra())?;
                Ok(if t == $sense { f.target() } else { f.pc.add(2) })
            } }
            match quick_contains(f.rb(), f.ra()) {
                Some(t) => branch(f, t == $sense),
                None => f.tail(slow::<W>),
            }
        } }
    )*};
}
containment! { IN JIN true; NOT_IN JNIN false; }

/// Takes the instruction's jump or falls through.
#[inline(always)]
fn branch<const W: bool>(f: F<'_, W>, taken: bool) -> u64 {
    // Two tails, so that each has its own indirect jump.
    if taken { f.goto(f.target()) } else { f.next(2) }
}

/// As `branch` for a back edge: polls where it jumps.
#[inline(always)]
fn branch_back<const W: bool>(f: F<'_, W>, taken: bool) -> u64 {
    if !taken {
        return f.next(2);
    }
    if f.cx.mutator.poll.load(Ordering::Relaxed) != 0 {
        return f.tail(poll_target::<W>);
    }
    f.goto(f.target())
}

plain! { #[cold] fn poll_target(f) -> Pc {
    f.cx.poll_slow()?;
    Ok(f.target())
} }

/// Jumps on two registers, and on a register and an immediate; straight and negated.
macro_rules! jumps {
    ($($name:ident $slow:ident $negated:ident $negated_slow:ident $imm:ident $imm_slow:ident
       $negated_imm:ident $negated_imm_slow:ident $op:tt $cmp:ident;)*) => {$(
        jumps! { @one $name $slow $op $cmp branch true, |f| f.rb() }
        jumps! { @one $negated $negated_slow $op $cmp branch false, |f| f.rb() }
        jumps! { @one $imm $imm_slow $op $cmp branch true, |f| simm(f) }
        jumps! { @one $negated_imm $negated_imm_slow $op $cmp branch false, |f| simm(f) }
    )*};
    (@one $name:ident $slow:ident $op:tt $cmp:ident $branch:ident $sense:literal, |$f:ident| $right:expr) => {
        handler! { pub fn $name($f) {
            match fast!($f.regs.bits($f.a()), $right.bits(), $op) {
                Some(t) => $branch($f, t == $sense),
                None => $f.tail($slow::<W>),
            }
        } }
        handler! { fn $slow($f) {
            plain! { fn any($f) -> Frame {
                if push_compare($f.cx, $f.regs, $f.ra(), $right, CmpOp::$cmp) {
                    return Ok(PUSHED);
                }
                let t = truth($f.cx, $f.ra(), $right, CmpOp::$cmp)?;
                Ok(if t == $sense { $f.target() } else { $f.pc.add(2) })
            } }
            match quick_text($f.ra(), $right, CmpOp::$cmp) {
                Some(t) => $branch($f, t == $sense),
                None => $f.tail(any::<W>),
            }
        } }
    };
}

#[inline(always)]
fn simm<const W: bool>(f: F<'_, W>) -> Value {
    Value::small(i64::from(f.imm_b() as i8))
}

jumps! {
    JLT jlt_slow JNLT jnlt_slow JLTI jlti_slow JNLTI jnlti_slow < Lt;
    JLE jle_slow JNLE jnle_slow JLEI jlei_slow JNLEI jnlei_slow <= Le;
    JEQ jeq_slow JNEQ jneq_slow JEQI jeqi_slow JNEQI jneqi_slow == Eq;
    JNE jne_slow JNNE jnne_slow JNEI jnei_slow JNNEI jnnei_slow != Ne;
    JGT jgt_slow JNGT jngt_slow JGTI jgti_slow JNGTI jngti_slow > Gt;
    JGE jge_slow JNGE jnge_slow JGEI jgei_slow JNGEI jngei_slow >= Ge;
}

macro_rules! loops {
    ($($name:ident $slow:ident $imm:ident $imm_slow:ident $op:tt $cmp:ident;)*) => {$(
        loops! { @one $name $slow $op $cmp |f| f.rb() }
        loops! { @one $imm $imm_slow $op $cmp |f| simm(f) }
    )*};
    (@one $name:ident $slow:ident $op:tt $cmp:ident |$f:ident| $right:expr) => {
        handler! { pub fn $name($f) {
            match fast!($f.regs.bits($f.a()), $right.bits(), $op) {
                Some(t) => branch_back($f, t),
                None => $f.tail($slow::<W>),
            }
        } }
        plain! { fn $slow($f) -> Frame {
            if push_compare($f.cx, $f.regs, $f.ra(), $right, CmpOp::$cmp) {
                return Ok(PUSHED);
            }
            let t = truth($f.cx, $f.ra(), $right, CmpOp::$cmp)?;
            if t { $f.cx.poll()? }
            Ok(if t { $f.target() } else { $f.pc.add(2) })
        } }
    };
}
loops! {
    LOOP_LT loop_lt_slow LOOP_LTI loop_lti_slow < Lt;
    LOOP_LE loop_le_slow LOOP_LEI loop_lei_slow <= Le;
    LOOP_EQ loop_eq_slow LOOP_EQI loop_eqi_slow == Eq;
    LOOP_NE loop_ne_slow LOOP_NEI loop_nei_slow != Ne;
    LOOP_GT loop_gt_slow LOOP_GTI loop_gti_slow > Gt;
    LOOP_GE loop_ge_slow LOOP_GEI loop_gei_slow >= Ge;
}

/// The truth of the values that need no protocol.
#[inline(always)]
fn quick_truth(v: Value) -> Option<bool> {
    if v == py_bool(true) {
        Some(true)
    } else if v == py_bool(false) || v == none() {
        Some(false)
    } else if v.is_small() {
        Some(v != Value::small(0))
    } else {
        None
    }
}

macro_rules! truth_jumps {
    ($($name:ident $slow:ident $sense:literal $branch:ident;)*) => {$(
        handler! { pub fn $name(f) {
            match quick_truth(f.ra()) {
                Some(t) => $branch(f, t == $sense),
                None => f.tail($slow::<W>),
            }
        } }
        plain! { fn $slow(f) -> Pc {
            let t = is_true(f.cx, f.ra())?;
            if t == $sense { f.cx.poll()? }
            Ok(if t == $sense { f.target() } else { f.pc.add(2) })
        } }
    )*};
}
truth_jumps! {
    JUMP_IF_TRUE jump_if_true_slow true branch; JUMP_IF_FALSE jump_if_false_slow false branch;
    LOOP_IF_TRUE loop_if_true_slow true branch_back; LOOP_IF_FALSE loop_if_false_slow false branch_back;
}

handler! { pub fn JUMP_IF_NONE(f) { branch(f, f.ra() == none()) } }
handler! { pub fn JUMP_IF_NOT_NONE(f) { branch(f, f.ra() != none()) } }
