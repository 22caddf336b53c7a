//! The operators: what `+`, `**`, `==` and the like do, in the current context.

use super::context::current;
use super::convert::{Number, comparison, finish, full_weight, here, operand, run, to_int, weight};
use super::decimal::{self, Decimal};
use std::cmp::Ordering;
use taipan_decimal::status::*;
use taipan_decimal::{Ctx, Dec, DecRef, Kind, Round, arith, compare, pow, pow_mod};
use taipan_vm::prelude::*;

pub type Unary = fn(DecRef<'_>, &Ctx, &mut u32) -> Dec;
pub type Binary = fn(DecRef<'_>, DecRef<'_>, &Ctx, &mut u32) -> Dec;

/// A unary operator.
#[inline(always)]
pub fn unary(cx: &Thread, a: &Decimal, f: Unary) -> Res {
    let (context, ctx) = here(cx)?;
    let mut status = 0;
    let n = a.get();
    let d = run(cx, weight(n), || f(n, &ctx, &mut status));
    finish(cx, context, d, status)
}

/// A binary operator; `full`: the result fills the context.
#[inline(always)]
pub fn binary(
    cx: &Thread,
    a: Value,
    b: Value,
    full: bool,
    f: impl Fn(DecRef<'_>, DecRef<'_>, &Ctx, &mut u32) -> Dec + Send + Sync,
) -> Res {
    if let (Some(x), Some(y)) = (a.downcast_exact::<Decimal>(), b.downcast_exact::<Decimal>()) {
        let (context, ctx) = here(cx)?;
        let mut status = 0;
        let (x, y) = (x.get(), y.get());
        let w = weight(x) + weight(y) + if full { full_weight(&ctx) } else { 0 };
        let d = if w < 100 {
            f(x, y, &ctx, &mut status)
        } else {
            run(cx, w, || f(x, y, &ctx, &mut status))
        };
        return finish(cx, context, d, status);
    }
    mixed(cx, a, b, &f)
}

#[inline(never)]
fn mixed(
    cx: &Thread,
    a: Value,
    b: Value,
    f: &(dyn Fn(DecRef<'_>, DecRef<'_>, &Ctx, &mut u32) -> Dec + Send + Sync),
) -> Res {
    let (context, ctx) = here(cx)?;
    let (Some(x), Some(y)) = (operand(cx, a), operand(cx, b)) else {
        return Ok(not_implemented());
    };
    let mut status = 0;
    let (x, y) = (x.get(), y.get());
    let d = run(cx, weight(x) + weight(y) + full_weight(&ctx), || f(x, y, &ctx, &mut status));
    finish(cx, context, d, status)
}

/// `divmod(a, b)`.
pub fn div_mod(cx: &Thread, a: Value, b: Value) -> Res {
    let (context, ctx) = here(cx)?;
    let (Some(x), Some(y)) = (operand(cx, a), operand(cx, b)) else {
        return Ok(not_implemented());
    };
    let mut status = 0;
    let (x, y) = (x.get(), y.get());
    let w = weight(x) + weight(y) + full_weight(&ctx);
    let (q, r) = run(cx, w, || arith::div_mod(x, y, &ctx, &mut status));
    context.add_status(cx, status)?;
    let q = decimal::new(cx, q)?;
    let r = decimal::new(cx, r)?;
    Ok(Value::from_ref(Tuple::from_slice(cx, &[q, r])))
}

/// `pow(a, b, m)`; `m` may be None.
pub fn power(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
    let (context, ctx) = here(cx)?;
    let (Some(x), Some(y)) = (operand(cx, a), operand(cx, b)) else {
        return Ok(not_implemented());
    };
    let mut status = 0;
    let d = if m.is_none() {
        run(cx, full_weight(&ctx) + weight(x.get()), || pow(x.get(), y.get(), &ctx, &mut status))
    } else {
        let Some(z) = operand(cx, m) else {
            return Ok(not_implemented());
        };
        run(cx, full_weight(&ctx) + weight(y.get()), || {
            pow_mod(x.get(), y.get(), z.get(), &ctx, &mut status)
        })
    };
    finish(cx, context, d, status)
}

/// A comparison by an operator.
pub fn rich_compare(cx: &Thread, this: &'static Decimal, other: Value, op: CmpOp) -> Res {
    let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    let context = current(cx)?;
    let (a, b) = match other.downcast_exact::<Decimal>() {
        Some(d) => (Number::Object(this), Number::Object(d)),
        None => match comparison(cx, this, other, equality, context)? {
            Some(pair) => pair,
            None => return Ok(not_implemented()),
        },
    };
    let (a, b) = (a.get(), b.get());
    if a.is_nan() || b.is_nan() {
        let signaling = a.kind == Kind::Signaling || b.kind == Kind::Signaling;
        if signaling || !equality {
            context.add_status(cx, INVALID_OPERATION)?;
        }
        return Ok(py_bool(op == CmpOp::Ne));
    }
    let order = run(cx, weight(a).max(weight(b)), || compare::cmp(a, b));
    Ok(py_bool(match op {
        CmpOp::Eq => order == Ordering::Equal,
        CmpOp::Ne => order != Ordering::Equal,
        CmpOp::Lt => order == Ordering::Less,
        CmpOp::Le => order != Ordering::Greater,
        CmpOp::Gt => order == Ordering::Greater,
        CmpOp::Ge => order != Ordering::Less,
    }))
}

/// `__int__` and its kind.
pub fn as_int(cx: &Thread, this: &Decimal, round: Round) -> Res {
    to_int(cx, this.get(), current(cx)?, round)
}

/// `__round__`.
pub fn round(cx: &Thread, this: &Decimal, places: Option<Value>) -> Res {
    let (context, ctx) = here(cx)?;
    let Some(n) = places else {
        return to_int(cx, this.get(), context, Round::HalfEven);
    };
    if !taipan_vm::objects::int::is_int(n) {
        raise!(cx, TypeError, "optional arg must be an integer");
    }
    let n = super::context::ssize(cx, n)?;
    let mut unit = Dec::one();
    unit.exp = n.checked_neg().unwrap_or(i64::MAX);
    let mut status = 0;
    let d = taipan_decimal::scale::quantize(this.get(), unit.get(), &ctx, &mut status);
    finish(cx, context, d, status)
}
