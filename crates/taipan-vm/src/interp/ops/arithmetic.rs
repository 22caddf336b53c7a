//! Arithmetic: unboxed ints and floats inline, all else through the number protocol.

use crate::interp::dispatch::{F, PUSHED, both_floats, both_ints, handler, int_of, plain};
use crate::interp::operator::push_binary;
use crate::objects::int::exact_i64;
use crate::prelude::*;
use crate::types::slots::SlotId;
use taipan_heap::value::{INT_BASE, INT_LO};

/// What an arithmetic instruction does out of line.
#[inline(always)]
fn float_of(v: Value) -> Option<f64> {
    v.as_unboxed_f64().or_else(|| v.as_small().map(|i| i as f64))
}

/// Ints of up to 64 bits, the result of up to 128. Inlined, so that each operator has its own.
#[inline(always)]
fn machine(cx: &Thread, x: i64, y: i64, op: BinOp) -> Option<Value> {
    let small = match op {
        BinOp::Add => x.checked_add(y),
        BinOp::Sub => x.checked_sub(y),
        BinOp::Mul => x.checked_mul(y),
        BinOp::And => Some(x & y),
        BinOp::FloorDiv if y > 0 => Some(x.div_euclid(y)),
        BinOp::Mod if y > 0 => Some(x.rem_euclid(y)),
        _ => None,
    };
    if let Some(r) = small {
        return Some(crate::objects::int::from_i64(cx, r));
    }
    let (p, q) = (i128::from(x), i128::from(y));
    let r = match op {
        BinOp::Add => p + q,
        BinOp::Sub => p - q,
        BinOp::Mul => p * q,
        BinOp::And => i128::from(x & y),
        BinOp::Or => i128::from(x | y),
        BinOp::Xor => i128::from(x ^ y),
        BinOp::FloorDiv if y > 0 => i128::from(x.div_euclid(y)),
        BinOp::Mod if y > 0 => i128::from(x.rem_euclid(y)),

        BinOp::LShift if (0..63).contains(&y) => p << y,
        BinOp::RShift if y >= 0 => i128::from(x >> y.min(63)),
        _ => return None,
    };
    Some(int_from_i128(cx, r))
}

/// Numbers that need no protocol: machine ints, an int or a float combined with the other kind.
#[inline(always)]
fn mixed(cx: &Thread, a: Value, b: Value, op: BinOp) -> Option<Value> {
    if op == BinOp::Add && a.downcast_exact::<Str>().is_some() {
        return None;
    }
    if let (Some(x), Some(y)) = (exact_i64(a), exact_i64(b)) {
        return machine(cx, x, y, op);
    }
    let (x, y) = (float_of(a)?, float_of(b)?);
    match op {
        BinOp::Add => Some(Value::from_f64(x + y)),
        BinOp::Sub => Some(Value::from_f64(x - y)),
        BinOp::Mul => Some(Value::from_f64(x * y)),
        BinOp::TrueDiv if y != 0.0 => Some(Value::from_f64(x / y)),
        _ => None,
    }
}

macro_rules! binary_slow {
    ($($name:ident $inplace:ident $op:ident $immediate:ident $inplace_immediate:ident;)*) => {$(
        plain! { fn $name(f) -> Frame {
            let (a, b) = (f.rb(), f.rc());
            let v = match mixed(f.cx, a, b, BinOp::$op) {
                Some(v) => v,
                None if push_binary(f.cx, f.regs, a, b, BinOp::$op, false) => return Ok(PUSHED),
                None => binary(f.cx, a, b, BinOp::$op)?,
            };
            f.set_a(v);
            Ok(f.pc.add(1))
        } }
        plain! { fn $inplace(f) -> Frame {
            let (a, b) = (f.rb(), f.rc());
            let v = match mixed(f.cx, a, b, BinOp::$op) {
                Some(v) => v,
                None if push_binary(f.cx, f.regs, a, b, BinOp::$op, true) => return Ok(PUSHED),
                None => inplace(f.cx, a, b, BinOp::$op)?,
            };
            f.set_a(v);
            Ok(f.pc.add(1))
        } }
        plain! { #[allow(dead_code)] fn $immediate(f) -> Frame {
            let (a, b) = (f.rb(), simm(f));
            let v = match mixed(f.cx, a, b, BinOp::$op) {
                Some(v) => v,
                None if push_binary(f.cx, f.regs, a, b, BinOp::$op, false) => return Ok(PUSHED),
                None => binary(f.cx, a, b, BinOp::$op)?,
            };
            f.set_a(v);
            Ok(f.pc.add(1))
        } }
        plain! { #[allow(dead_code)] fn $inplace_immediate(f) -> Frame {
            let (a, b) = (f.rb(), simm(f));
            let v = match mixed(f.cx, a, b, BinOp::$op) {
                Some(v) => v,
                None if push_binary(f.cx, f.regs, a, b, BinOp::$op, true) => return Ok(PUSHED),
                None => inplace(f.cx, a, b, BinOp::$op)?,
            };
            f.set_a(v);
            Ok(f.pc.add(1))
        } }
    )*};
}
binary_slow! {
    add_slow iadd_slow Add addi_slow iaddi_slow;
    sub_slow isub_slow Sub subi_slow isubi_slow;
    mul_slow imul_slow Mul muli_slow imuli_slow;
    truediv_slow itruediv_slow TrueDiv truedivi_slow itruedivi_slow;
    floordiv_slow ifloordiv_slow FloorDiv floordivi_slow ifloordivi_slow;
    mod_slow imod_slow Mod modi_slow imodi_slow;
    lshift_slow ilshift_slow LShift lshifti_slow ilshifti_slow;
    rshift_slow irshift_slow RShift rshifti_slow irshifti_slow;
    or_slow ior_slow Or ori_slow iori_slow;
    xor_slow ixor_slow Xor xori_slow ixori_slow;
    and_slow iand_slow And andi_slow iandi_slow;
}

/// The signed immediate in c, as a value.
#[inline(always)]
fn simm<const W: bool>(f: F<'_, W>) -> Value {
    Value::small(i64::from(f.imm_c() as i8))
}

/// Encoded words in, encoded word out; `None`: not both ints, or too large.
#[inline(always)]
fn int_add(x: u64, y: u64) -> Option<u64> {
    let r = x.wrapping_add(y.wrapping_sub(INT_BASE));
    if both_ints(x, y) && r >= INT_LO { Some(r) } else { None }
}

#[inline(always)]
fn int_sub(x: u64, y: u64) -> Option<u64> {
    let r = x.wrapping_sub(y).wrapping_add(INT_BASE);
    if both_ints(x, y) && r >= INT_LO { Some(r) } else { None }
}

#[inline(always)]
fn int_mul(x: u64, y: u64) -> Option<u64> {
    if !both_ints(x, y) {
        return None;
    }
    Value::try_small(int_of(x).checked_mul(int_of(y))?).map(Value::bits)
}

/// Quotient and remainder of a non-negative by a positive int: unsigned division is several times
/// faster, and 32 bits are faster still.
#[inline(always)]
fn natural(a: i64, b: i64) -> Option<(u64, u64)> {
    if a < 0 || b <= 0 {
        return None;
    }
    let (a, b) = (a as u64, b as u64);
    if (a | b) >> 32 == 0 {
        let (a, b) = (a as u32, b as u32);
        return Some((u64::from(a / b), u64::from(a % b)));
    }
    Some((a / b, a % b))
}

#[inline(always)]
fn int_floordiv(x: u64, y: u64) -> Option<u64> {
    if !both_ints(x, y) {
        return None;
    }
    natural(int_of(x), int_of(y)).map(|(q, _)| q.wrapping_add(INT_BASE))
}

#[inline(always)]
fn int_mod(x: u64, y: u64) -> Option<u64> {
    if !both_ints(x, y) {
        return None;
    }
    natural(int_of(x), int_of(y)).map(|(_, r)| r.wrapping_add(INT_BASE))
}

#[inline(always)]
fn int_lshift(x: u64, y: u64) -> Option<u64> {
    if !both_ints(x, y) {
        return None;
    }
    let (a, n) = (int_of(x), int_of(y));
    if !(0..=48).contains(&n) {
        return None;
    }
    let r = a << n;
    if r >> n != a { None } else { Value::try_small(r).map(Value::bits) }
}

#[inline(always)]
fn int_rshift(x: u64, y: u64) -> Option<u64> {
    if !both_ints(x, y) || int_of(y) < 0 {
        return None;
    }
    let n = int_of(y).min(63);
    Some(((int_of(x) >> n) as u64).wrapping_add(INT_BASE))
}

macro_rules! bits {
    ($name:ident $op:tt) => {
        #[inline(always)]
        fn $name(x: u64, y: u64) -> Option<u64> {
            if !both_ints(x, y) {
                return None;
            }
            Some(((int_of(x) $op int_of(y)) as u64).wrapping_add(INT_BASE))
        }
    };
}
bits! { int_and & }
bits! { int_or | }
bits! { int_xor ^ }

/// Instructions with an int and a float fast path.
macro_rules! with_floats {
    ($($name:ident $int:ident $float:ident $op:tt $slow:ident;)*) => {$(
        handler! { pub fn $name(f) {
            let (x, y) = (f.regs.bits(f.b()), f.regs.bits(f.c()));
            if let Some(r) = $int(x, y) {
                f.regs.set_bits(f.a(), r);
                return f.next(1);
            }
            f.tail($float::<W>)
        } }
        // On its own, so that neither handler needs more registers than it may use freely.
        handler! { fn $float(f) {
            let (x, y) = (f.regs.bits(f.b()), f.regs.bits(f.c()));
            if let Some((p, q)) = both_floats(x, y) {
                f.set_a(Value::from_f64(p $op q));
                return f.next(1);
            }
            f.tail($slow::<W>)
        } }
    )*};
}
with_floats! {
    ADD int_add float_add + add_slow; SUB int_sub float_sub - sub_slow;
    MUL int_mul float_mul * mul_slow; IADD int_add float_iadd + iadd_slow;
    ISUB int_sub float_isub - isub_slow; IMUL int_mul float_imul * imul_slow;
}

/// Instructions with an int fast path.
macro_rules! ints {
    ($($name:ident $int:ident $slow:ident;)*) => {$(
        handler! { pub fn $name(f) {
            if let Some(r) = $int(f.regs.bits(f.b()), f.regs.bits(f.c())) {
                f.regs.set_bits(f.a(), r);
                return f.next(1);
            }
            f.tail($slow::<W>)
        } }
    )*};
}
ints! {
    FLOORDIV int_floordiv floordiv_slow; IFLOORDIV int_floordiv ifloordiv_slow;
    MOD int_mod mod_slow; IMOD int_mod imod_slow;
    LSHIFT int_lshift lshift_slow; ILSHIFT int_lshift ilshift_slow;
    RSHIFT int_rshift rshift_slow; IRSHIFT int_rshift irshift_slow;
    AND int_and and_slow; IAND int_and iand_slow;
    OR int_or or_slow; IOR int_or ior_slow;
    XOR int_xor xor_slow; IXOR int_xor ixor_slow;
}

/// Instructions with an immediate and an int fast path.
macro_rules! immediate {
    ($($name:ident $int:ident $slow:ident;)*) => {$(
        handler! { pub fn $name(f) {
            if let Some(r) = $int(f.regs.bits(f.b()), simm(f).bits()) {
                f.regs.set_bits(f.a(), r);
                return f.next(1);
            }
            f.tail($slow::<W>)
        } }
    )*};
}
immediate! {
    ADDI int_add addi_slow; SUBI int_sub subi_slow; MULI int_mul muli_slow;
    IADDI int_add iaddi_slow; ISUBI int_sub isubi_slow;
    FLOORDIVI int_floordiv floordivi_slow; MODI int_mod modi_slow; ANDI int_and andi_slow;
    LSHIFTI int_lshift lshifti_slow; RSHIFTI int_rshift rshifti_slow;
}

/// Instructions with the immediate on the left.
macro_rules! reversed {
    ($($name:ident $int:ident $op:ident $slow:ident;)*) => {$(
        plain! { fn $slow(f) -> 1 {
            let (a, b) = (simm(f), f.rb());
            let v = match mixed(f.cx, a, b, BinOp::$op) { Some(v) => v, None => binary(f.cx, a, b, BinOp::$op)? };
            f.set_a(v);
        } }
        handler! { pub fn $name(f) {
            if let Some(r) = $int(simm(f).bits(), f.regs.bits(f.b())) {
                f.regs.set_bits(f.a(), r);
                return f.next(1);
            }
            f.tail($slow::<W>)
        } }
    )*};
}
reversed! { RADDI int_add Add raddi_slow; RSUBI int_sub Sub rsubi_slow; RMULI int_mul Mul rmuli_slow; }

/// `/` of two floats, or of two ints that a double holds exactly.
macro_rules! division {
    ($($name:ident $slow:ident;)*) => {$(
        handler! { pub fn $name(f) {
            let (x, y) = (f.regs.bits(f.b()), f.regs.bits(f.c()));
            if let Some((p, q)) = both_floats(x, y) {
                if q != 0.0 {
                    f.set_a(Value::from_f64(p / q));
                    return f.next(1);
                }
            } else if both_ints(x, y) && y != INT_BASE {
                f.set_a(Value::from_f64(int_of(x) as f64 / int_of(y) as f64));
                return f.next(1);
            }
            f.tail($slow::<W>)
        } }
    )*};
}
division! { TRUEDIV truediv_slow; ITRUEDIV itruediv_slow; }

plain! { pub fn MATMUL(f) -> 1 { f.set_a(binary(f.cx, f.rb(), f.rc(), BinOp::MatMul)?) } }
plain! { pub fn IMATMUL(f) -> 1 { f.set_a(inplace(f.cx, f.rb(), f.rc(), BinOp::MatMul)?) } }
plain! { pub fn POW(f) -> 1 { f.set_a(power(f.cx, f.rb(), f.rc(), none())?) } }
plain! { pub fn IPOW(f) -> 1 { f.set_a(inplace_power(f.cx, f.rb(), f.rc())?) } }

handler! { pub fn POWI(f) {
    let (x, n) = (f.regs.bits(f.b()), f.imm_c());
    if n == 2 {
        if let Some(r) = int_mul(x, x) {
            f.regs.set_bits(f.a(), r);
            return f.next(1);
        }
        if let Some((p, _)) = both_floats(x, x) {
            let r = p * p;
            // An overflow is an error of pow.
            if r.is_finite() {
                f.set_a(Value::from_f64(r));
                return f.next(1);
            }
        }
    }
    f.tail(powi_slow::<W>)
} }
plain! { fn powi_slow(f) -> 1 { f.set_a(power(f.cx, f.rb(), simm(f), none())?) } }

handler! { pub fn NEG(f) {
    let x = f.regs.bits(f.b());
    if let Some(r) = int_sub(INT_BASE, x) {
        f.regs.set_bits(f.a(), r);
        return f.next(1);
    }
    if let Some((p, _)) = both_floats(x, x) {
        f.set_a(Value::from_f64(-p));
        return f.next(1);
    }
    f.tail(neg_slow::<W>)
} }
plain! { fn neg_slow(f) -> 1 { f.set_a(unary(f.cx, f.rb(), SlotId::neg)?) } }
plain! { pub fn POS(f) -> 1 { f.set_a(unary(f.cx, f.rb(), SlotId::pos)?) } }
plain! { pub fn INVERT(f) -> 1 { f.set_a(unary(f.cx, f.rb(), SlotId::invert)?) } }

handler! { pub fn NOT(f) {
    let v = f.rb();
    if v == py_bool(true) {
        f.set_a(py_bool(false));
        return f.next(1);
    }
    if v == py_bool(false) {
        f.set_a(py_bool(true));
        return f.next(1);
    }
    f.tail(not_slow::<W>)
} }
plain! { fn not_slow(f) -> 1 { f.set_a(py_bool(!is_true(f.cx, f.rb())?)) } }
