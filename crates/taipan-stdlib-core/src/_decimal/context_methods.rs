//! The methods of Context: its own attributes, and the operations with this context.

use super::context::{Context, object};
use super::convert::{
    self, argument, create, finish, from_float, full_weight, run, to_text, weight,
};
use super::decimal::{self, Decimal};
use super::operators::{Binary, Unary};
use taipan_decimal::{Coeff, Dec, DecRef, Kind, arith, compare, logical, pow, pow_mod, scale};
use taipan_decimal::{exp, ln, log10, rounding, sqrt};
use taipan_vm::objects::int;
use taipan_vm::prelude::*;

fn unary(cx: &Thread, this: &Context, a: Value, full: bool, f: Unary) -> Res {
    let a = argument(cx, a)?;
    let ctx = this.load();
    let mut status = 0;
    let n = a.get();
    let w = weight(n) + if full { full_weight(&ctx) } else { 0 };
    let d = run(cx, w, || f(n, &ctx, &mut status));
    finish(cx, this, d, status)
}

fn binary(cx: &Thread, this: &Context, a: Value, b: Value, full: bool, f: Binary) -> Res {
    let (a, b) = (argument(cx, a)?, argument(cx, b)?);
    let ctx = this.load();
    let mut status = 0;
    let (a, b) = (a.get(), b.get());
    let w = weight(a) + weight(b) + if full { full_weight(&ctx) } else { 0 };
    let d = run(cx, w, || f(a, b, &ctx, &mut status));
    finish(cx, this, d, status)
}

/// A question about a number.
fn ask(cx: &Thread, a: Value, f: impl FnOnce(DecRef<'_>) -> bool) -> Res<bool> {
    Ok(f(argument(cx, a)?.get()))
}

fn only_decimal(cx: &Thread, a: Value) -> Res<()> {
    if a.downcast::<Decimal>().is_none() {
        raise!(cx, TypeError, "argument must be a Decimal");
    }
    Ok(())
}

#[pymethods]
impl Context {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        object::new(cx, cls)
    }

    #[slot(
        sig = "(self, prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)"
    )]
    fn __init__(
        cx: &Thread,
        this: &Context,
        prec: Value,
        rounding: Value,
        emin: Value,
        emax: Value,
        capitals: Value,
        clamp: Value,
        flags: Value,
        traps: Value,
    ) -> Res<()> {
        this.set_all(cx, &[prec, rounding, emin, emax, capitals, clamp, flags, traps])
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: &Context, name: &Str) -> Res {
        object::getattr(cx, this, name)
    }

    #[slot]
    fn __setattr__(cx: &Thread, this: &Context, name: &Str, v: Option<Value>) -> Res<()> {
        object::setattr(cx, this, name, v)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Context) -> Res {
        Ok(object::repr(cx, this))
    }

    #[pymethod]
    fn __copy__(cx: &Thread, this: &Context) -> Res {
        Ok(Value::from_ref(this.duplicate(cx)?))
    }

    /// A copy.
    #[pymethod]
    fn copy(cx: &Thread, this: &Context) -> Res {
        Ok(Value::from_ref(this.duplicate(cx)?))
    }

    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Context) -> Value {
        object::reduce(cx, this)
    }

    #[getter]
    fn prec(cx: &Thread, this: &Context) -> Value {
        int::from_i64(cx, this.load().prec)
    }

    #[setter]
    fn set_prec(cx: &Thread, this: &Context, v: Option<Value>) -> Res<()> {
        object::put(cx, this, "prec", v)
    }

    #[getter]
    fn Emax(cx: &Thread, this: &Context) -> Value {
        int::from_i64(cx, this.load().emax)
    }

    #[setter]
    fn set_Emax(cx: &Thread, this: &Context, v: Option<Value>) -> Res<()> {
        object::put(cx, this, "Emax", v)
    }

    #[getter]
    fn Emin(cx: &Thread, this: &Context) -> Value {
        int::from_i64(cx, this.load().emin)
    }

    #[setter]
    fn set_Emin(cx: &Thread, this: &Context, v: Option<Value>) -> Res<()> {
        object::put(cx, this, "Emin", v)
    }

    #[getter]
    fn clamp(cx: &Thread, this: &Context) -> Value {
        int::from_i64(cx, this.load().clamp as i64)
    }

    #[setter]
    fn set_clamp(cx: &Thread, this: &Context, v: Option<Value>) -> Res<()> {
        object::put(cx, this, "clamp", v)
    }

    #[getter]
    fn capitals(cx: &Thread, this: &Context) -> Value {
        int::from_i64(cx, this.upper_case() as i64)
    }

    #[setter]
    fn set_capitals(cx: &Thread, this: &Context, v: Option<Value>) -> Res<()> {
        object::put(cx, this, "capitals", v)
    }

    #[getter]
    fn rounding(cx: &Thread, this: &Context) -> Value {
        object::rounding(cx, this)
    }

    #[setter]
    fn set_rounding(cx: &Thread, this: &Context, v: Option<Value>) -> Res<()> {
        object::put(cx, this, "rounding", v)
    }

    /// The least exponent of a subnormal number.
    #[pymethod]
    fn Etiny(_cx: &Thread, this: &Context) -> i64 {
        this.load().etiny()
    }

    /// The largest exponent of a number with all digits.
    #[pymethod]
    fn Etop(_cx: &Thread, this: &Context) -> i64 {
        this.load().etop()
    }

    /// Resets all flags.
    #[pymethod]
    fn clear_flags(_cx: &Thread, this: &Context) {
        this.word(false).store(0, std::sync::atomic::Ordering::Relaxed);
    }

    /// Resets all traps.
    #[pymethod]
    fn clear_traps(_cx: &Thread, this: &Context) {
        this.word(true).store(0, std::sync::atomic::Ordering::Relaxed);
    }

    /// A number rounded to this context.
    #[pymethod(sig = "(self, num='0', /)", text = "($self, num=\"0\", /)")]
    fn create_decimal(cx: &Thread, this: &Context, num: Option<Value>) -> Res {
        match num {
            Some(v) => create(cx, v, this),
            None => decimal::new(cx, Dec::zero(false, 0)),
        }
    }

    /// A float rounded to this context.
    #[pymethod]
    fn create_decimal_from_float(cx: &Thread, this: &Context, f: Value) -> Res {
        let mut status = 0;
        let d = rounding::finalize(from_float(cx, f)?, &this.load(), &mut status);
        finish(cx, this, d, status)
    }

    #[pymethod(sig = "(self, x, /)", text = "($self, object, /)")]
    fn _apply(cx: &Thread, this: &Context, x: Value) -> Res {
        let n = argument(cx, x)?;
        let mut status = 0;
        let d = rounding::finalize(n.into_dec(), &this.load(), &mut status);
        finish(cx, this, d, status)
    }

    /// The sum of the product of two numbers and a third, rounded once.
    #[pymethod(sig = "(self, x, y, z, /)")]
    fn fma(cx: &Thread, this: &Context, x: Value, y: Value, z: Value) -> Res {
        let (x, y, z) = (argument(cx, x)?, argument(cx, y)?, argument(cx, z)?);
        let ctx = this.load();
        let mut status = 0;
        let (a, b, c) = (x.get(), y.get(), z.get());
        let w = weight(a) + weight(b) + weight(c);
        let d = run(cx, w, || arith::fma(a, b, c, &ctx, &mut status));
        finish(cx, this, d, status)
    }

    /// a to the power of b, perhaps modulo a third number.
    #[pymethod(sig = "(self, /, a, b, modulo=None)")]
    fn power(cx: &Thread, this: &Context, a: Value, b: Value, modulo: Value) -> Res {
        let (a, b) = (argument(cx, a)?, argument(cx, b)?);
        let ctx = this.load();
        let mut status = 0;
        let w = full_weight(&ctx) + weight(a.get()) + weight(b.get());
        let d = if modulo.is_none() {
            run(cx, w, || pow(a.get(), b.get(), &ctx, &mut status))
        } else {
            let m = argument(cx, modulo)?;
            run(cx, w, || pow_mod(a.get(), b.get(), m.get(), &ctx, &mut status))
        };
        finish(cx, this, d, status)
    }

    /// Quotient and remainder.
    #[pymethod(sig = "(self, x, y, /)")]
    fn divmod(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        let (a, b) = (argument(cx, x)?, argument(cx, y)?);
        let ctx = this.load();
        let mut status = 0;
        let (a, b) = (a.get(), b.get());
        let w = weight(a) + weight(b) + full_weight(&ctx);
        let (q, r) = run(cx, w, || arith::div_mod(a, b, &ctx, &mut status));
        this.add_status(cx, status)?;
        let q = decimal::new(cx, q)?;
        let r = decimal::new(cx, r)?;
        Ok(Value::from_ref(Tuple::from_slice(cx, &[q, r])))
    }

    /// 10, the base of decimal arithmetic.
    #[pymethod]
    fn radix(cx: &Thread, _this: &Context) -> Res {
        decimal::new(cx, Dec::finite(false, Coeff::from(10), 0))
    }

    /// Whether a Decimal is canonical: always.
    #[pymethod(sig = "(self, x, /)")]
    fn is_canonical(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        only_decimal(cx, x)?;
        Ok(true)
    }

    /// The number itself.
    #[pymethod(sig = "(self, x, /)")]
    fn canonical(cx: &Thread, _this: &Context, x: Value) -> Res {
        only_decimal(cx, x)?;
        Ok(x)
    }

    /// Whether a number is at least as large as the least normal one.
    #[pymethod(sig = "(self, x, /)")]
    fn is_normal(cx: &Thread, this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.is_normal(&this.load()))
    }

    /// Whether a number lies between zero and the normal ones.
    #[pymethod(sig = "(self, x, /)")]
    fn is_subnormal(cx: &Thread, this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.is_subnormal(&this.load()))
    }

    /// The number without its sign.
    #[pymethod(sig = "(self, x, /)")]
    fn copy_abs(cx: &Thread, _this: &Context, x: Value) -> Res {
        let mut d = argument(cx, x)?.into_dec();
        d.negative = false;
        decimal::new(cx, d)
    }

    /// The number with the opposite sign.
    #[pymethod(sig = "(self, x, /)")]
    fn copy_negate(cx: &Thread, _this: &Context, x: Value) -> Res {
        let mut d = argument(cx, x)?.into_dec();
        d.negative = !d.negative;
        decimal::new(cx, d)
    }

    /// The first number with the sign of the second.
    #[pymethod(sig = "(self, x, y, /)")]
    fn copy_sign(cx: &Thread, _this: &Context, x: Value, y: Value) -> Res {
        let y = argument(cx, y)?.get().negative;
        let mut d = argument(cx, x)?.into_dec();
        d.negative = y;
        decimal::new(cx, d)
    }

    /// The number as a Decimal.
    #[pymethod(sig = "(self, x, /)")]
    fn copy_decimal(cx: &Thread, _this: &Context, x: Value) -> Res {
        if x.downcast::<Decimal>().is_some() {
            return Ok(x);
        }
        decimal::new(cx, argument(cx, x)?.into_dec())
    }

    /// What kind of number it is, in a word.
    #[pymethod(sig = "(self, x, /)")]
    fn number_class(cx: &Thread, this: &Context, x: Value) -> Res<&'static str> {
        Ok(convert::number_class(argument(cx, x)?.get(), &this.load()))
    }

    /// The number as text in scientific notation.
    #[pymethod(sig = "(self, x, /)")]
    fn to_sci_string(cx: &Thread, this: &Context, x: Value) -> Res {
        to_text(cx, argument(cx, x)?.get(), false, this)
    }

    /// The number as text in engineering notation.
    #[pymethod(sig = "(self, x, /)")]
    fn to_eng_string(cx: &Thread, this: &Context, x: Value) -> Res {
        to_text(cx, argument(cx, x)?.get(), true, this)
    }

    /// -1, 0 or 1 in the order of all representations.
    #[pymethod(sig = "(self, x, y, /)")]
    fn compare_total(cx: &Thread, _this: &Context, x: Value, y: Value) -> Res {
        let (x, y) = (argument(cx, x)?, argument(cx, y)?);
        decimal::new(cx, compare::compare_total(x.get(), y.get()))
    }

    /// As compare_total, without the signs.
    #[pymethod(sig = "(self, x, y, /)")]
    fn compare_total_mag(cx: &Thread, _this: &Context, x: Value, y: Value) -> Res {
        let (x, y) = (argument(cx, x)?, argument(cx, y)?);
        decimal::new(cx, compare::compare_total_mag(x.get(), y.get()))
    }

    /// Whether two numbers have the same exponent.
    #[pymethod(sig = "(self, x, y, /)")]
    fn same_quantum(cx: &Thread, _this: &Context, x: Value, y: Value) -> Res<bool> {
        let (x, y) = (argument(cx, x)?, argument(cx, y)?);
        Ok(convert::same_quantum(x.get(), y.get()))
    }

    /// Whether the number is neither infinite nor a NaN.
    #[pymethod(sig = "(self, x, /)")]
    fn is_finite(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| !n.is_special())
    }

    /// Whether the number is infinite.
    #[pymethod(sig = "(self, x, /)")]
    fn is_infinite(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.is_infinite())
    }

    /// Whether it is a NaN of either kind.
    #[pymethod(sig = "(self, x, /)")]
    fn is_nan(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.is_nan())
    }

    /// Whether it is a quiet NaN.
    #[pymethod(sig = "(self, x, /)")]
    fn is_qnan(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.kind == Kind::Quiet)
    }

    /// Whether it is a signaling NaN.
    #[pymethod(sig = "(self, x, /)")]
    fn is_snan(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.kind == Kind::Signaling)
    }

    /// Whether the sign is negative.
    #[pymethod(sig = "(self, x, /)")]
    fn is_signed(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.negative)
    }

    /// Whether the number is zero.
    #[pymethod(sig = "(self, x, /)")]
    fn is_zero(cx: &Thread, _this: &Context, x: Value) -> Res<bool> {
        ask(cx, x, |n| n.is_zero())
    }

    /// e to the power of a number, correctly rounded.
    #[pymethod(sig = "(self, x, /)")]
    fn exp(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, true, exp)
    }

    /// The natural logarithm, correctly rounded.
    #[pymethod(sig = "(self, x, /)")]
    fn ln(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, true, ln)
    }

    /// The logarithm to base 10, correctly rounded.
    #[pymethod(sig = "(self, x, /)")]
    fn log10(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, true, log10)
    }

    /// The largest number of the context below this one.
    #[pymethod(sig = "(self, x, /)")]
    fn next_minus(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, compare::next_minus)
    }

    /// The smallest number of the context above this one.
    #[pymethod(sig = "(self, x, /)")]
    fn next_plus(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, compare::next_plus)
    }

    /// The number without trailing zeros; every zero as 0.
    #[pymethod(sig = "(self, x, /)")]
    fn normalize(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, scale::normalize)
    }

    /// The square root, correctly rounded.
    #[pymethod(sig = "(self, x, /)")]
    fn sqrt(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, true, sqrt)
    }

    /// The adjusted exponent, as a number.
    #[pymethod(sig = "(self, x, /)")]
    fn logb(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, scale::logb)
    }

    /// Every digit, each 0 or 1, turned over.
    #[pymethod(sig = "(self, x, /)")]
    fn logical_invert(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, true, logical::invert)
    }

    /// The magnitude, rounded.
    #[pymethod(sig = "(self, x, /)")]
    fn abs(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, arith::abs)
    }

    /// The number with the opposite sign, rounded.
    #[pymethod(sig = "(self, x, /)")]
    fn minus(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, arith::minus)
    }

    /// The number, rounded.
    #[pymethod(sig = "(self, x, /)")]
    fn plus(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, arith::plus)
    }

    /// The nearest integer as a Decimal.
    #[pymethod(sig = "(self, x, /)")]
    fn to_integral(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, |a, c, s| scale::to_integral(a, false, c, s))
    }

    /// The nearest integer as a Decimal.
    #[pymethod(sig = "(self, x, /)")]
    fn to_integral_value(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, |a, c, s| scale::to_integral(a, false, c, s))
    }

    /// The nearest integer as a Decimal, with Inexact and Rounded reported.
    #[pymethod(sig = "(self, x, /)")]
    fn to_integral_exact(cx: &Thread, this: &Context, x: Value) -> Res {
        unary(cx, this, x, false, |a, c, s| scale::to_integral(a, true, c, s))
    }

    /// -1, 0, 1 or NaN, as a number is less than, equal to or greater than another.
    #[pymethod(sig = "(self, x, y, /)")]
    fn compare(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, compare::compare)
    }

    /// As compare, but every NaN signals.
    #[pymethod(sig = "(self, x, y, /)")]
    fn compare_signal(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, compare::compare_signal)
    }

    /// The larger number; a number rather than a quiet NaN.
    #[pymethod(sig = "(self, x, y, /)")]
    fn max(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, compare::max)
    }

    /// As max, by magnitude.
    #[pymethod(sig = "(self, x, y, /)")]
    fn max_mag(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, compare::max_mag)
    }

    /// The smaller number; a number rather than a quiet NaN.
    #[pymethod(sig = "(self, x, y, /)")]
    fn min(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, compare::min)
    }

    /// As min, by magnitude.
    #[pymethod(sig = "(self, x, y, /)")]
    fn min_mag(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, compare::min_mag)
    }

    /// The neighbour of a number in the direction of another.
    #[pymethod(sig = "(self, x, y, /)")]
    fn next_toward(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, compare::next_toward)
    }

    /// The remainder of least magnitude.
    #[pymethod(sig = "(self, x, y, /)")]
    fn remainder_near(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, arith::rem_near)
    }

    /// The digits, each 0 or 1, combined by and.
    #[pymethod(sig = "(self, x, y, /)")]
    fn logical_and(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, logical::and)
    }

    /// The digits, each 0 or 1, combined by or.
    #[pymethod(sig = "(self, x, y, /)")]
    fn logical_or(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, logical::or)
    }

    /// The digits, each 0 or 1, combined by exclusive or.
    #[pymethod(sig = "(self, x, y, /)")]
    fn logical_xor(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, logical::xor)
    }

    /// The coefficient's digits rotated.
    #[pymethod(sig = "(self, x, y, /)")]
    fn rotate(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, true, scale::rotate)
    }

    /// The number with an amount added to its exponent.
    #[pymethod(sig = "(self, x, y, /)")]
    fn scaleb(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, scale::scaleb)
    }

    /// The coefficient's digits shifted.
    #[pymethod(sig = "(self, x, y, /)")]
    fn shift(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, true, scale::shift)
    }

    /// The sum of two numbers.
    #[pymethod(sig = "(self, x, y, /)")]
    fn add(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, arith::add)
    }

    /// The difference of two numbers.
    #[pymethod(sig = "(self, x, y, /)")]
    fn subtract(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, arith::sub)
    }

    /// The product of two numbers.
    #[pymethod(sig = "(self, x, y, /)")]
    fn multiply(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, arith::mul)
    }

    /// The quotient of two numbers.
    #[pymethod(sig = "(self, x, y, /)")]
    fn divide(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, true, arith::div)
    }

    /// The integer part of the quotient.
    #[pymethod(sig = "(self, x, y, /)")]
    fn divide_int(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, true, arith::div_int)
    }

    /// The remainder of an integer division.
    #[pymethod(sig = "(self, x, y, /)")]
    fn remainder(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, true, arith::rem)
    }

    /// The first number rounded to the exponent of the second.
    #[pymethod(sig = "(self, x, y, /)")]
    fn quantize(cx: &Thread, this: &Context, x: Value, y: Value) -> Res {
        binary(cx, this, x, y, false, scale::quantize)
    }
}
