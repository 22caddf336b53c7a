//! The methods of Decimal: thin, one line each; operators are in `operators.rs`.

use super::context::{from_argument, with_rounding};
use super::convert::{
    argument, as_tuple, construct, finish, from_float, full_weight, hash_number, integer_ratio,
    make, run, to_float, to_text, weight,
};
use super::decimal::{self, Decimal};
use super::operators::{self, Binary, Unary};
use super::{context, convert, format};
use taipan_decimal::{Coeff, Dec, Kind, Round, arith, compare, logical, scale};
use taipan_decimal::{exp, ln, log10, sqrt};
use taipan_vm::objects::{complex, float};
use taipan_vm::prelude::*;

/// A unary operation with an optional context.
fn unary(cx: &Thread, this: &Decimal, context: Value, full: bool, f: Unary) -> Res {
    let context = from_argument(cx, context)?;
    let ctx = context.load();
    let mut status = 0;
    let n = this.get();
    let w = weight(n) + if full { full_weight(&ctx) } else { 0 };
    let d = run(cx, w, || f(n, &ctx, &mut status));
    finish(cx, context, d, status)
}

/// A binary operation with an optional context.
fn binary(cx: &Thread, this: &Decimal, other: Value, context: Value, full: bool, f: Binary) -> Res {
    let context = from_argument(cx, context)?;
    let other = argument(cx, other)?;
    let ctx = context.load();
    let mut status = 0;
    let (a, b) = (this.get(), other.get());
    let w = weight(a) + weight(b) + if full { full_weight(&ctx) } else { 0 };
    let d = run(cx, w, || f(a, b, &ctx, &mut status));
    finish(cx, context, d, status)
}

/// Rounding to an integer, perhaps in a mode of its own.
fn integral(cx: &Thread, this: &Decimal, rounding: Value, context: Value, exact: bool) -> Res {
    let context = from_argument(cx, context)?;
    let ctx = with_rounding(cx, context.load(), rounding)?;
    let mut status = 0;
    let d = scale::to_integral(this.get(), exact, &ctx, &mut status);
    finish(cx, context, d, status)
}

#[pymethods]
impl Decimal {
    #[slot(sig = "(cls, value='0', context=None)")]
    fn __new__(cx: &Thread, cls: &Type, value: Option<Value>, context: Value) -> Res {
        let context = from_argument(cx, context)?;
        match value {
            Some(v) => construct(cx, cls, v, context),
            None => make(cx, cls, Dec::zero(false, 0)),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Decimal) -> Res {
        let mut out = b"Decimal('".to_vec();
        taipan_decimal::text::write(
            this.get(),
            context::current(cx)?.upper_case(),
            false,
            &mut out,
        );
        out.extend_from_slice(b"')");
        Ok(Value::from_ref(Str::from_ascii(cx, &out)))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &Decimal) -> Res {
        to_text(cx, this.get(), false, context::current(cx)?)
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Decimal) -> Res<i64> {
        hash_number(cx, Value::from_ref(this), this.get())
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &'static Decimal, other: Value, op: CmpOp) -> Res {
        operators::rich_compare(cx, this, other, op)
    }

    #[slot]
    fn __add__(cx: &Thread, a: Value, b: Value) -> Res {
        operators::binary(cx, a, b, false, arith::add)
    }

    #[slot]
    fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
        operators::binary(cx, a, b, false, arith::sub)
    }

    #[slot]
    fn __mul__(cx: &Thread, a: Value, b: Value) -> Res {
        operators::binary(cx, a, b, false, arith::mul)
    }

    #[slot]
    fn __truediv__(cx: &Thread, a: Value, b: Value) -> Res {
        operators::binary(cx, a, b, true, arith::div)
    }

    #[slot]
    fn __floordiv__(cx: &Thread, a: Value, b: Value) -> Res {
        operators::binary(cx, a, b, true, arith::div_int)
    }

    #[slot]
    fn __mod__(cx: &Thread, a: Value, b: Value) -> Res {
        operators::binary(cx, a, b, true, arith::rem)
    }

    #[slot]
    fn __divmod__(cx: &Thread, a: Value, b: Value) -> Res {
        operators::div_mod(cx, a, b)
    }

    #[slot]
    fn __pow__(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
        operators::power(cx, a, b, m)
    }

    #[slot]
    fn __neg__(cx: &Thread, this: &Decimal) -> Res {
        operators::unary(cx, this, arith::minus)
    }

    #[slot]
    fn __pos__(cx: &Thread, this: &Decimal) -> Res {
        operators::unary(cx, this, arith::plus)
    }

    #[slot]
    fn __abs__(cx: &Thread, this: &Decimal) -> Res {
        operators::unary(cx, this, arith::abs)
    }

    #[slot]
    fn __bool__(_cx: &Thread, this: &Decimal) -> Res<bool> {
        Ok(!this.get().is_zero())
    }

    #[slot]
    fn __int__(cx: &Thread, this: &Decimal) -> Res {
        operators::as_int(cx, this, Round::Down)
    }

    #[slot]
    fn __float__(cx: &Thread, this: &Decimal) -> Res {
        Ok(float::constructed(cx, to_float(cx, this.get())?))
    }

    #[pymethod]
    fn __trunc__(cx: &Thread, this: &Decimal) -> Res {
        operators::as_int(cx, this, Round::Down)
    }

    #[pymethod]
    fn __ceil__(cx: &Thread, this: &Decimal) -> Res {
        operators::as_int(cx, this, Round::Ceiling)
    }

    #[pymethod]
    fn __floor__(cx: &Thread, this: &Decimal) -> Res {
        operators::as_int(cx, this, Round::Floor)
    }

    #[pymethod(sig = "(self, n=None, /)", text = "")]
    fn __round__(cx: &Thread, this: &Decimal, n: Option<Value>) -> Res {
        operators::round(cx, this, n)
    }

    #[pymethod]
    fn __complex__(cx: &Thread, this: &Decimal) -> Res {
        Ok(complex::from_parts(cx, to_float(cx, this.get())?, 0.0))
    }

    #[pymethod]
    fn __copy__(_cx: &Thread, this: &Decimal) -> Value {
        Value::from_ref(this)
    }

    #[pymethod(sig = "(self, memo, /)", text = "($self, object, /)")]
    fn __deepcopy__(_cx: &Thread, this: &Decimal, _memo: Value) -> Value {
        Value::from_ref(this)
    }

    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Decimal) -> Res {
        let text = to_text(cx, this.get(), false, context::current(cx)?)?;
        let class = Value::from_ref(Value::from_ref(this).ty());
        let args = Value::from_ref(Tuple::from_slice(cx, &[text]));
        Ok(Value::from_ref(Tuple::from_slice(cx, &[class, args])))
    }

    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Decimal) -> usize {
        this.memory()
    }

    #[pymethod(sig = "(self, format, override=None, /)", text = "")]
    fn __format__(cx: &Thread, this: &Decimal, format: Value, over: Option<Value>) -> Res {
        format::format(cx, this.get(), format, over)
    }

    #[getter]
    fn real(_cx: &Thread, this: &Decimal) -> Value {
        Value::from_ref(this)
    }

    #[getter]
    fn imag(cx: &Thread, _this: &Decimal) -> Res {
        decimal::new(cx, Dec::zero(false, 0))
    }

    /// The decimal that equals a float or int exactly.
    #[classmethod(sig = "(cls, f, /)")]
    fn from_float(cx: &Thread, cls: &Type, f: Value) -> Res {
        let d = from_float(cx, f)?;
        if cls.is(Decimal::type_object()) {
            return decimal::new(cx, d);
        }
        let d = decimal::new(cx, d)?;
        call(cx, Value::from_ref(cls), &[d])
    }

    /// Sign, digits and exponent.
    #[pymethod]
    fn as_tuple(cx: &Thread, this: &Decimal) -> Res {
        as_tuple(cx, this.get())
    }

    /// Two ints in lowest terms whose quotient is the number.
    #[pymethod]
    fn as_integer_ratio(cx: &Thread, this: &Decimal) -> Res {
        integer_ratio(cx, this.get())
    }

    /// The exponent of the first digit.
    #[pymethod]
    fn adjusted(_cx: &Thread, this: &Decimal) -> i64 {
        let n = this.get();
        if n.is_special() { 0 } else { n.adjusted() }
    }

    /// The number itself.
    #[pymethod]
    fn canonical(_cx: &Thread, this: &Decimal) -> Value {
        Value::from_ref(this)
    }

    /// The number itself.
    #[pymethod]
    fn conjugate(_cx: &Thread, this: &Decimal) -> Value {
        Value::from_ref(this)
    }

    /// 10, the base of decimal arithmetic.
    #[pymethod]
    fn radix(cx: &Thread, _this: &Decimal) -> Res {
        decimal::new(cx, Dec::finite(false, Coeff::from(10), 0))
    }

    /// The number without its sign, whatever the context.
    #[pymethod]
    fn copy_abs(cx: &Thread, this: &Decimal) -> Res {
        decimal::new(cx, this.get().with_sign(false).to_owned())
    }

    /// The number with the opposite sign, whatever the context.
    #[pymethod]
    fn copy_negate(cx: &Thread, this: &Decimal) -> Res {
        let n = this.get();
        decimal::new(cx, n.with_sign(!n.negative).to_owned())
    }

    /// The number with the sign of another, whatever the context.
    #[pymethod(sig = "(self, other, context=None)")]
    fn copy_sign(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        from_argument(cx, context)?;
        let other = argument(cx, other)?;
        decimal::new(cx, this.get().with_sign(other.get().negative).to_owned())
    }

    /// Whether two numbers have the same exponent.
    #[pymethod(sig = "(self, other, context=None)")]
    fn same_quantum(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res<bool> {
        from_argument(cx, context)?;
        let other = argument(cx, other)?;
        Ok(convert::same_quantum(this.get(), other.get()))
    }

    /// -1, 0 or 1 in the order of all representations.
    #[pymethod(sig = "(self, other, context=None)")]
    fn compare_total(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        from_argument(cx, context)?;
        decimal::new(cx, compare::compare_total(this.get(), argument(cx, other)?.get()))
    }

    /// As compare_total, without the signs.
    #[pymethod(sig = "(self, other, context=None)")]
    fn compare_total_mag(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        from_argument(cx, context)?;
        decimal::new(cx, compare::compare_total_mag(this.get(), argument(cx, other)?.get()))
    }

    /// This number times another plus a third, rounded once.
    #[pymethod(sig = "(self, other, third, context=None)")]
    fn fma(cx: &Thread, this: &Decimal, other: Value, third: Value, context: Value) -> Res {
        let context = from_argument(cx, context)?;
        let (other, third) = (argument(cx, other)?, argument(cx, third)?);
        let ctx = context.load();
        let mut status = 0;
        let (a, b, c) = (this.get(), other.get(), third.get());
        let w = weight(a) + weight(b) + weight(c);
        let d = run(cx, w, || arith::fma(a, b, c, &ctx, &mut status));
        finish(cx, context, d, status)
    }

    /// The number rounded to the exponent of another.
    #[pymethod(sig = "(self, exp, rounding=None, context=None)")]
    fn quantize(cx: &Thread, this: &Decimal, exp: Value, rounding: Value, context: Value) -> Res {
        let context = from_argument(cx, context)?;
        let ctx = with_rounding(cx, context.load(), rounding)?;
        let exp = argument(cx, exp)?;
        let mut status = 0;
        let d = scale::quantize(this.get(), exp.get(), &ctx, &mut status);
        finish(cx, context, d, status)
    }

    /// The nearest integer as a Decimal.
    #[pymethod(sig = "(self, rounding=None, context=None)")]
    fn to_integral(cx: &Thread, this: &Decimal, rounding: Value, context: Value) -> Res {
        integral(cx, this, rounding, context, false)
    }

    /// The nearest integer as a Decimal.
    #[pymethod(sig = "(self, rounding=None, context=None)")]
    fn to_integral_value(cx: &Thread, this: &Decimal, rounding: Value, context: Value) -> Res {
        integral(cx, this, rounding, context, false)
    }

    /// The nearest integer as a Decimal, with Inexact and Rounded reported.
    #[pymethod(sig = "(self, rounding=None, context=None)")]
    fn to_integral_exact(cx: &Thread, this: &Decimal, rounding: Value, context: Value) -> Res {
        integral(cx, this, rounding, context, true)
    }

    /// What kind of number it is, in a word.
    #[pymethod(sig = "(self, context=None)")]
    fn number_class(cx: &Thread, this: &Decimal, context: Value) -> Res<&'static str> {
        let ctx = from_argument(cx, context)?.load();
        Ok(convert::number_class(this.get(), &ctx))
    }

    /// The number as text, its exponent a multiple of three.
    #[pymethod(sig = "(self, context=None)")]
    fn to_eng_string(cx: &Thread, this: &Decimal, context: Value) -> Res {
        let context = from_argument(cx, context)?;
        to_text(cx, this.get(), true, context)
    }

    /// Whether the number is at least as large as the context's least normal one.
    #[pymethod(sig = "(self, context=None)")]
    fn is_normal(cx: &Thread, this: &Decimal, context: Value) -> Res<bool> {
        Ok(this.get().is_normal(&from_argument(cx, context)?.load()))
    }

    /// Whether the number lies between zero and the context's normal ones.
    #[pymethod(sig = "(self, context=None)")]
    fn is_subnormal(cx: &Thread, this: &Decimal, context: Value) -> Res<bool> {
        Ok(this.get().is_subnormal(&from_argument(cx, context)?.load()))
    }

    /// True: every Decimal is canonical.
    #[pymethod]
    fn is_canonical(_cx: &Thread, _this: &Decimal) -> bool {
        true
    }

    /// Whether the number is neither infinite nor a NaN.
    #[pymethod]
    fn is_finite(_cx: &Thread, this: &Decimal) -> bool {
        let n = this.get();
        !n.is_special()
    }

    /// Whether the number is infinite.
    #[pymethod]
    fn is_infinite(_cx: &Thread, this: &Decimal) -> bool {
        let n = this.get();
        n.is_infinite()
    }

    /// Whether it is a NaN of either kind.
    #[pymethod]
    fn is_nan(_cx: &Thread, this: &Decimal) -> bool {
        let n = this.get();
        n.is_nan()
    }

    /// Whether it is a quiet NaN.
    #[pymethod]
    fn is_qnan(_cx: &Thread, this: &Decimal) -> bool {
        let n = this.get();
        n.kind == Kind::Quiet
    }

    /// Whether it is a signaling NaN.
    #[pymethod]
    fn is_snan(_cx: &Thread, this: &Decimal) -> bool {
        let n = this.get();
        n.kind == Kind::Signaling
    }

    /// Whether the sign is negative.
    #[pymethod]
    fn is_signed(_cx: &Thread, this: &Decimal) -> bool {
        let n = this.get();
        n.negative
    }

    /// Whether the number is zero.
    #[pymethod]
    fn is_zero(_cx: &Thread, this: &Decimal) -> bool {
        let n = this.get();
        n.is_zero()
    }

    /// e to the power of this number, correctly rounded.
    #[pymethod(sig = "(self, context=None)")]
    fn exp(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, true, exp)
    }

    /// The natural logarithm, correctly rounded.
    #[pymethod(sig = "(self, context=None)")]
    fn ln(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, true, ln)
    }

    /// The logarithm to base 10, correctly rounded.
    #[pymethod(sig = "(self, context=None)")]
    fn log10(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, true, log10)
    }

    /// The largest number of the context below this one.
    #[pymethod(sig = "(self, context=None)")]
    fn next_minus(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, false, compare::next_minus)
    }

    /// The smallest number of the context above this one.
    #[pymethod(sig = "(self, context=None)")]
    fn next_plus(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, false, compare::next_plus)
    }

    /// The number without trailing zeros; every zero as 0.
    #[pymethod(sig = "(self, context=None)")]
    fn normalize(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, false, scale::normalize)
    }

    /// The square root, correctly rounded.
    #[pymethod(sig = "(self, context=None)")]
    fn sqrt(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, true, sqrt)
    }

    /// The adjusted exponent, as a number.
    #[pymethod(sig = "(self, context=None)")]
    fn logb(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, false, scale::logb)
    }

    /// Every digit, each 0 or 1, turned over.
    #[pymethod(sig = "(self, context=None)")]
    fn logical_invert(cx: &Thread, this: &Decimal, context: Value) -> Res {
        unary(cx, this, context, true, logical::invert)
    }

    /// -1, 0, 1 or NaN, as this number is less than, equal to or greater than another.
    #[pymethod(sig = "(self, other, context=None)")]
    fn compare(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, compare::compare)
    }

    /// As compare, but every NaN signals.
    #[pymethod(sig = "(self, other, context=None)")]
    fn compare_signal(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, compare::compare_signal)
    }

    /// The larger number; a number rather than a quiet NaN.
    #[pymethod(sig = "(self, other, context=None)")]
    fn max(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, compare::max)
    }

    /// As max, by magnitude.
    #[pymethod(sig = "(self, other, context=None)")]
    fn max_mag(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, compare::max_mag)
    }

    /// The smaller number; a number rather than a quiet NaN.
    #[pymethod(sig = "(self, other, context=None)")]
    fn min(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, compare::min)
    }

    /// As min, by magnitude.
    #[pymethod(sig = "(self, other, context=None)")]
    fn min_mag(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, compare::min_mag)
    }

    /// The neighbour of this number in the direction of another.
    #[pymethod(sig = "(self, other, context=None)")]
    fn next_toward(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, compare::next_toward)
    }

    /// The remainder of least magnitude.
    #[pymethod(sig = "(self, other, context=None)")]
    fn remainder_near(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, arith::rem_near)
    }

    /// The digits, each 0 or 1, combined by and.
    #[pymethod(sig = "(self, other, context=None)")]
    fn logical_and(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, logical::and)
    }

    /// The digits, each 0 or 1, combined by or.
    #[pymethod(sig = "(self, other, context=None)")]
    fn logical_or(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, logical::or)
    }

    /// The digits, each 0 or 1, combined by exclusive or.
    #[pymethod(sig = "(self, other, context=None)")]
    fn logical_xor(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, logical::xor)
    }

    /// The coefficient's digits rotated.
    #[pymethod(sig = "(self, other, context=None)")]
    fn rotate(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, true, scale::rotate)
    }

    /// The number with an amount added to its exponent.
    #[pymethod(sig = "(self, other, context=None)")]
    fn scaleb(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, false, scale::scaleb)
    }

    /// The coefficient's digits shifted.
    #[pymethod(sig = "(self, other, context=None)")]
    fn shift(cx: &Thread, this: &Decimal, other: Value, context: Value) -> Res {
        binary(cx, this, other, context, true, scale::shift)
    }
}
