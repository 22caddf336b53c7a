//! Numbers: binary operators with CPython's coercion order, index, conversions.

use crate::prelude::*;
use crate::types::slots::{BinaryFn, SlotId, TernaryFn};

/// A binary operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    MatMul,
    TrueDiv,
    FloorDiv,
    Mod,
    DivMod,
    LShift,
    RShift,
    And,
    Xor,
    Or,
}

impl BinOp {
    pub fn symbol(self) -> &'static str {
        match self {
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Mul => "*",
            BinOp::MatMul => "@",
            BinOp::TrueDiv => "/",
            BinOp::FloorDiv => "//",
            BinOp::Mod => "%",
            BinOp::DivMod => "divmod()",
            BinOp::LShift => "<<",
            BinOp::RShift => ">>",
            BinOp::And => "&",
            BinOp::Xor => "^",
            BinOp::Or => "|",
        }
    }

    #[inline(always)]
    fn slot(self, t: &Type) -> Option<BinaryFn> {
        let s = t.slots();
        match self {
            BinOp::Add => s.add.get(),
            BinOp::Sub => s.sub.get(),
            BinOp::Mul => s.mul.get(),
            BinOp::MatMul => s.matmul.get(),
            BinOp::TrueDiv => s.truediv.get(),
            BinOp::FloorDiv => s.floordiv.get(),
            BinOp::Mod => s.rem.get(),
            BinOp::DivMod => s.divmod.get(),
            BinOp::LShift => s.lshift.get(),
            BinOp::RShift => s.rshift.get(),
            BinOp::And => s.and.get(),
            BinOp::Xor => s.xor.get(),
            BinOp::Or => s.or.get(),
        }
    }

    pub fn inplace_slot(self, t: &Type) -> Option<BinaryFn> {
        let s = t.slots();
        match self {
            BinOp::Add => s.iadd.get(),
            BinOp::Sub => s.isub.get(),
            BinOp::Mul => s.imul.get(),
            BinOp::MatMul => s.imatmul.get(),
            BinOp::TrueDiv => s.itruediv.get(),
            BinOp::FloorDiv => s.ifloordiv.get(),
            BinOp::Mod => s.irem.get(),
            BinOp::DivMod => None,
            BinOp::LShift => s.ilshift.get(),
            BinOp::RShift => s.irshift.get(),
            BinOp::And => s.iand.get(),
            BinOp::Xor => s.ixor.get(),
            BinOp::Or => s.ior.get(),
        }
    }
}

/// `binary_op1`: NotImplemented where neither operand answers.
fn binary_op1(cx: &Thread, a: Value, b: Value, op: BinOp) -> Res {
    let (ta, tb) = (a.ty(), b.ty());
    let fa = op.slot(ta);
    let fb = if ta.is(tb) { None } else { op.slot(tb) };
    let fb = fb.filter(|f| fa.is_none_or(|g| *f as usize != g as usize));
    if let Some(f) = fa {
        if let Some(g) = fb {
            if tb.is_subtype(ta) {
                let r = g(cx, a, b)?;
                if r != not_implemented() {
                    return Ok(r);
                }
                return f(cx, a, b);
            }
        }
        let r = f(cx, a, b)?;
        if r != not_implemented() {
            return Ok(r);
        }
    }
    match fb {
        Some(g) => g(cx, a, b),
        None => Ok(not_implemented()),
    }
}

#[cold]
fn operand_error(cx: &Thread, a: Value, b: Value, symbol: &str) -> Raised {
    err!(
        cx,
        TypeError,
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        a.ty().name(),
        b.ty().name()
    )
}

/// A repeat count for `seq * n`.
fn repeat_count(cx: &Thread, n: Value) -> Res<isize> {
    if n.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "can't multiply sequence by non-int of type '{}'", n.ty().name());
    }
    index_isize(cx, n, exc::OverflowError())
}

/// `a op b` (`PyNumber_Add` and its like).
pub fn binary(cx: &Thread, a: Value, b: Value, op: BinOp) -> Res {
    if let Some(r) = joined(cx, a, b, op) {
        return r;
    }
    let r = binary_op1(cx, a, b, op)?;
    if r != not_implemented() {
        return Ok(r);
    }
    match op {
        BinOp::Add => {
            if let Some(f) = a.ty().slots().concat.get() {
                return f(cx, a, b);
            }
        }
        BinOp::Mul => {
            if let Some(f) = a.ty().slots().repeat.get() {
                return f(cx, a, repeat_count(cx, b)?);
            }
            if let Some(f) = b.ty().slots().repeat.get() {
                return f(cx, b, repeat_count(cx, a)?);
            }
        }
        BinOp::RShift => {
            // `print >> file`: the hint for Python 2 code.
            if crate::objects::builtin_function::is_print(a) {
                raise!(
                    cx,
                    TypeError,
                    "unsupported operand type(s) for >>: '{}' and '{}'. Did you mean \"print(<message>, file=<output_stream>)\"?",
                    a.ty().name(),
                    b.ty().name()
                );
            }
        }
        _ => {}
    }
    Err(operand_error(cx, a, b, op.symbol()))
}

/// `a + b` of two strings, the commonest sum that is none.
#[inline]
fn joined(cx: &Thread, a: Value, b: Value, op: BinOp) -> Option<Res> {
    if op != BinOp::Add {
        return None;
    }
    let (x, y) = (a.downcast_exact::<Str>()?, b.downcast_exact::<Str>()?);
    Some(match (x.is_empty(), y.is_empty()) {
        (_, true) => Ok(a),
        (true, _) => Ok(b),
        _ => Str::concat(cx, x, y).map(Value::from_ref),
    })
}

/// Whether CPython's type has a table of sequence slots (`tp_as_sequence`): `PyNumber_InPlaceMultiply`
/// then does not look at the other operand. Every class has one, of builtin types those with such a slot.
pub fn has_sequence_slots(t: &Type) -> bool {
    let s = t.slots();
    t.is_heap()
        || s.len.get().is_some()
        || s.contains.get().is_some()
        || s.concat.get().is_some()
        || s.repeat.get().is_some()
}

/// `a op= b`.
pub fn inplace(cx: &Thread, a: Value, b: Value, op: BinOp) -> Res {
    if let Some(r) = joined(cx, a, b, op) {
        return r;
    }
    if let Some(f) = op.inplace_slot(a.ty()) {
        let r = f(cx, a, b)?;
        if r != not_implemented() {
            return Ok(r);
        }
    }
    let r = binary_op1(cx, a, b, op)?;
    if r != not_implemented() {
        return Ok(r);
    }
    let s = a.ty().slots();
    match op {
        BinOp::Add => {
            if let Some(f) = s.iconcat.get().or(s.concat.get()) {
                return f(cx, a, b);
            }
        }
        BinOp::Mul => {
            if let Some(f) = s.irepeat.get().or(s.repeat.get()) {
                return f(cx, a, repeat_count(cx, b)?);
            }
            if let Some(f) = b.ty().slots().repeat.get()
                && !has_sequence_slots(a.ty())
            {
                return f(cx, b, repeat_count(cx, a)?);
            }
        }
        _ => {}
    }
    let symbol = format!("{}=", op.symbol());
    Err(operand_error(cx, a, b, &symbol))
}

/// `pow(a, b, m)`; `m` is None for `**` (`PyNumber_Power`).
pub fn power(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
    let symbol = "** or pow()";
    power_with(cx, a, b, m, symbol)
}

fn power_with(cx: &Thread, a: Value, b: Value, m: Value, symbol: &str) -> Res {
    let (ta, tb) = (a.ty(), b.ty());
    let slot = |t: &Type| -> Option<TernaryFn> { t.slots().pow.get() };
    let fa = slot(ta);
    let fb = if ta.is(tb) { None } else { slot(tb) };
    let fb = fb.filter(|f| fa.is_none_or(|g| *f as usize != g as usize));
    let mut tried = false;
    if let (Some(g), true) = (fb, fa.is_some() && tb.is_subtype(ta)) {
        tried = true;
        let r = g(cx, a, b, m)?;
        if r != not_implemented() {
            return Ok(r);
        }
    }
    if let Some(f) = fa {
        let r = f(cx, a, b, m)?;
        if r != not_implemented() {
            return Ok(r);
        }
    }
    if let (Some(g), false) = (fb, tried) {
        let r = g(cx, a, b, m)?;
        if r != not_implemented() {
            return Ok(r);
        }
    }
    if !m.is_none() {
        let fm = slot(m.ty());
        let fresh = fm.filter(|f| {
            fa.is_none_or(|g| *f as usize != g as usize)
                && fb.is_none_or(|g| *f as usize != g as usize)
        });
        if let Some(f) = fresh {
            let r = f(cx, a, b, m)?;
            if r != not_implemented() {
                return Ok(r);
            }
        }
        raise!(
            cx,
            TypeError,
            "unsupported operand type(s) for {symbol}: '{}', '{}', '{}'",
            ta.name(),
            tb.name(),
            m.ty().name()
        );
    }
    Err(operand_error(cx, a, b, symbol))
}

/// `a **= b`.
pub fn inplace_power(cx: &Thread, a: Value, b: Value) -> Res {
    if let Some(f) = a.ty().slots().ipow.get() {
        let r = f(cx, a, b, none())?;
        if r != not_implemented() {
            return Ok(r);
        }
    }
    power_with(cx, a, b, none(), "**=")
}

/// `-v`, `+v`, `~v`.
pub fn unary(cx: &Thread, v: Value, id: SlotId) -> Res {
    let s = v.ty().slots();
    let (f, symbol) = match id {
        SlotId::neg => (s.neg.get(), "-"),
        SlotId::pos => (s.pos.get(), "+"),
        SlotId::invert => (s.invert.get(), "~"),
        _ => (s.abs.get(), "abs()"),
    };
    match f {
        Some(f) => f(cx, v),
        None => raise!(
            cx,
            TypeError,
            "bad operand type for {}{symbol}: '{}'",
            if symbol == "abs()" { "" } else { "unary " },
            v.ty().name()
        ),
    }
}

/// `operator.index(v)`: an int, of exact type int (`PyNumber_Index`).
#[inline]
pub fn index(cx: &Thread, v: Value) -> Res {
    if v.is_small() { Ok(v) } else { index_slow(cx, v) }
}

fn index_slow(cx: &Thread, v: Value) -> Res {
    if crate::objects::int::is_int(v) {
        return Ok(crate::objects::int::exact(cx, v));
    }
    let Some(f) = v.ty().slots().index.get() else {
        raise!(cx, TypeError, "'{}' object cannot be interpreted as an integer", v.ty().name());
    };
    let r = f(cx, v)?;
    if r.ty().is(crate::objects::int::int_type()) {
        return Ok(r);
    }
    if !crate::objects::int::is_int(r) {
        raise!(cx, TypeError, "__index__ returned non-int (type {})", r.ty().name());
    }
    crate::objects::warn_deprecated(
        cx,
        &format!(
            "__index__ returned non-int (type {}).  The ability to return an instance of a strict subclass of int is deprecated, and may not be supported in a future version of Python.",
            r.ty().name()
        ),
    )?;
    Ok(crate::objects::int::exact(cx, r))
}

/// An index as a machine word; too large raises `overflow`, or clips where that is None-like:
/// see `index_clip` (`PyNumber_AsSsize_t`).
pub fn index_isize(cx: &Thread, v: Value, overflow: &'static Type) -> Res<isize> {
    let i = index(cx, v)?;
    match int_to_i64(i) {
        Some(n) => Ok(n as isize),
        None => Err(Raised::new(
            cx,
            overflow,
            format_args!("cannot fit '{}' into an index-sized integer", v.ty().name()),
        )),
    }
}

/// An index clipped to the machine's range, as slices take it.
pub fn index_clip(cx: &Thread, v: Value) -> Res<isize> {
    let i = index(cx, v)?;
    Ok(match int_to_i64(i) {
        Some(n) => n as isize,
        None if crate::objects::int::is_negative(i) => isize::MIN,
        None => isize::MAX,
    })
}

/// The machine value of an int (exact, subclass, bool) that fits 64 bits.
#[inline]
pub fn int_to_i64(v: Value) -> Option<i64> {
    match v.as_small() {
        Some(i) => Some(i),
        None => crate::objects::int::to_i64(v),
    }
}

/// A Python int of any 128-bit value.
#[inline]
pub fn int_from_i128(cx: &Thread, i: i128) -> Value {
    match i64::try_from(i).ok().and_then(Value::try_small) {
        Some(v) => v,
        None => crate::objects::int::from_i128(cx, i),
    }
}

/// `float(v)` for arguments (`PyFloat_AsDouble`): floats, `__float__`, `__index__`.
pub fn to_f64(cx: &Thread, v: Value) -> Res<f64> {
    if let Some(f) = v.as_unboxed_f64() {
        return Ok(f);
    }
    if let Some(i) = v.as_small() {
        return Ok(i as f64);
    }
    crate::objects::float::as_f64(cx, v)
}

/// The double of a float object (exact or subclass), boxed or not; no conversion.
pub fn float_value(v: Value) -> Option<f64> {
    v.as_unboxed_f64().or_else(|| crate::objects::float::boxed_value(v))
}
