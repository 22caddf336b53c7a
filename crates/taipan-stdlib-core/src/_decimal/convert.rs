//! What becomes a Decimal, and what a Decimal becomes.

use super::context::{Context, current};
use super::decimal::{self, Decimal};
use super::{state, text};
use taipan_decimal::status::*;
use taipan_decimal::{Coeff, Ctx, Dec, DecRef, Kind, Round, radix, rounding, scale};
use taipan_numtext::bigint::{self, IntRef};
use taipan_vm::objects::{complex, int};
use taipan_vm::prelude::*;

/// An operand: an object's number or a converted one.
pub enum Number {
    Object(&'static Decimal),
    Own(Dec),
}

impl Number {
    #[inline(always)]
    pub fn get(&self) -> DecRef<'_> {
        match self {
            Number::Object(d) => d.get(),
            Number::Own(d) => d.get(),
        }
    }

    pub fn into_dec(self) -> Dec {
        match self {
            Number::Object(d) => d.get().to_owned(),
            Number::Own(d) => d,
        }
    }
}

/// Limbs from which an operation runs detached, so that it holds up no collection.
const DETACH_LIMBS: usize = 100;

fn limbs(d: DecRef<'_>) -> usize {
    d.coeff.digits() / 19
}

/// Runs an operation, detached where it may take long. `weight` is about the limbs involved.
#[inline(always)]
pub fn run<R: Send>(cx: &Thread, weight: usize, f: impl FnOnce() -> R + Send) -> R {
    if weight < DETACH_LIMBS { f() } else { cx.detach(f) }
}

/// The weight of one operand.
#[inline(always)]
pub fn weight(d: DecRef<'_>) -> usize {
    match d.coeff {
        taipan_decimal::CoeffRef::Small(_) => 0,
        _ => limbs(d),
    }
}

/// The weight of an operation whose result fills the context.
#[inline(always)]
pub fn full_weight(ctx: &Ctx) -> usize {
    (ctx.prec / 19).min(1 << 20) as usize
}

/// An int's number.
pub fn dec_of_int(cx: &Thread, v: Value) -> Dec {
    if let Some(i) = v.as_small() {
        return Dec::finite(i < 0, Coeff::Small(i.unsigned_abs() as u128), 0);
    }
    let digits = int::digits_of(v);
    let r = digits.get();
    let c = run(cx, r.digits.len() / 2, || radix::from_digits30(r.digits));
    Dec::finite(r.negative, c, 0)
}

/// Decimals and ints as operands; `None` for anything else.
#[inline(always)]
pub fn operand(cx: &Thread, v: Value) -> Option<Number> {
    if let Some(d) = v.downcast_exact::<Decimal>() {
        return Some(Number::Object(d));
    }
    operand_slow(cx, v)
}

fn operand_slow(cx: &Thread, v: Value) -> Option<Number> {
    if int::is_int(v) {
        return Some(Number::Own(dec_of_int(cx, v)));
    }
    v.downcast::<Decimal>().map(Number::Object)
}

/// An argument that has to be a Decimal or an int.
#[inline(always)]
pub fn argument(cx: &Thread, v: Value) -> Res<Number> {
    match operand(cx, v) {
        Some(n) => Ok(n),
        None => Err(not_supported(cx, v)),
    }
}

#[cold]
fn not_supported(cx: &Thread, v: Value) -> Raised {
    err!(cx, TypeError, "conversion from {} to Decimal is not supported", v.ty().name())
}

/// The text of a number as ASCII: digits of any script as 0 to 9, blanks stripped or as blanks,
/// underscores dropped where that is asked for. `None`: something else is in it.
fn numeric_ascii(s: &Str, exact: bool) -> Option<Vec<u8>> {
    if let Some(a) = s.as_ascii() {
        let blank = |c: char| c.is_ascii_whitespace() || matches!(c, '\x0b' | '\x1c'..='\x1f');
        let a = if exact { a.trim_matches(blank) } else { a };
        let mut bytes = a.as_bytes().to_vec();
        if exact {
            bytes.retain(|&c| c != b'_');
        }
        return Some(bytes);
    }
    let mut out = Vec::with_capacity(s.len());
    for c in s.chars() {
        let space = taipan_unicode::is_space(c);
        if exact && c == '_' as u32 {
            continue;
        }
        if (1..=127).contains(&c) && !space {
            out.push(c as u8);
        } else if space {
            out.push(b' ');
        } else {
            out.push(b'0' + taipan_unicode::decimal_value(c)?);
        }
    }
    if exact {
        return Some(out.trim_ascii().to_vec());
    }
    Some(out)
}

/// An instance of `cls` with a number; exactly Decimal without the detour over its layout.
pub fn make(cx: &Thread, cls: &Type, d: Dec) -> Res {
    if cls.is(Decimal::type_object()) { decimal::new(cx, d) } else { decimal::new_in(cx, cls, &d) }
}

fn text_number(s: &Str, exact: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    // A short text is read where it lies.
    if let Some(a) = s.as_ascii()
        && (!exact || a.bytes().all(|c| c > b' ' && c != b'_'))
    {
        return parse(a.as_bytes(), exact, ctx, status);
    }
    match numeric_ascii(s, exact) {
        Some(bytes) => parse(&bytes, exact, ctx, status),
        None => Dec::invalid(CONVERSION_SYNTAX, status),
    }
}

fn parse(bytes: &[u8], exact: bool, ctx: &Ctx, status: &mut u32) -> Dec {
    if exact {
        taipan_decimal::text::from_text_exact(bytes, status)
    } else {
        taipan_decimal::text::from_text(bytes, ctx, status)
    }
}

/// `Decimal(v)` in a class: exact.
pub fn construct(cx: &Thread, cls: &Type, v: Value, context: &Context) -> Res {
    let mut status = 0;
    let d = if let Some(d) = v.downcast::<Decimal>() {
        if cls.is(Decimal::type_object()) && v.ty().is(cls) {
            return Ok(v);
        }
        d.get().to_owned()
    } else if let Some(s) = v.downcast::<Str>() {
        text_number(s, true, &Ctx::MAX, &mut status)
    } else if int::is_int(v) {
        dec_of_int(cx, v)
    } else if v.downcast::<Tuple>().is_some() || v.downcast::<List>().is_some() {
        taipan_decimal::text::from_text_exact(&sequence_text(cx, v)?, &mut status)
    } else if let Some(x) = float_value(v) {
        context.add_status(cx, FLOAT_OPERATION)?;
        dec_of_float(x)
    } else {
        return Err(not_supported(cx, v));
    };
    context.add_status(cx, status & ERRORS)?;
    make(cx, cls, d)
}

/// `Context.create_decimal(v)`: rounded to the context.
pub fn create(cx: &Thread, v: Value, context: &Context) -> Res {
    let ctx = context.load();
    let mut status = 0;
    let d = if let Some(d) = v.downcast::<Decimal>() {
        let n = d.get();
        let payload = if n.coeff.is_zero() { 0 } else { n.coeff.digits() as i64 };
        if n.is_nan() && payload > ctx.prec - ctx.clamp as i64 {
            Dec::invalid(CONVERSION_SYNTAX, &mut status)
        } else {
            rounding::finalize(n.to_owned(), &ctx, &mut status)
        }
    } else if let Some(s) = v.downcast::<Str>() {
        text_number(s, false, &ctx, &mut status)
    } else if int::is_int(v) {
        rounding::finalize(dec_of_int(cx, v), &ctx, &mut status)
    } else if v.downcast::<Tuple>().is_some() || v.downcast::<List>().is_some() {
        taipan_decimal::text::from_text(&sequence_text(cx, v)?, &ctx, &mut status)
    } else if let Some(x) = float_value(v) {
        context.add_status(cx, FLOAT_OPERATION)?;
        rounding::finalize(dec_of_float(x), &ctx, &mut status)
    } else {
        return Err(not_supported(cx, v));
    };
    context.add_status(cx, status)?;
    decimal::new(cx, d)
}

/// An int or float, exactly; for `from_float` and `create_decimal_from_float`.
pub fn from_float(cx: &Thread, v: Value) -> Res<Dec> {
    if int::is_int(v) {
        return Ok(dec_of_int(cx, v));
    }
    match float_value(v) {
        Some(x) => Ok(dec_of_float(x)),
        None => raise!(cx, TypeError, "argument must be int or float"),
    }
}

/// A double, exactly. Every NaN becomes the same one.
pub fn dec_of_float(x: f64) -> Dec {
    if x.is_nan() {
        return Dec::nan();
    }
    if x.is_infinite() {
        return Dec::infinity(x < 0.0);
    }
    radix::from_f64(x)
}

/// A tuple or list of sign, digits and exponent, as the text of the number.
fn sequence_text(cx: &Thread, v: Value) -> Res<Vec<u8>> {
    let items = collect(cx, v)?;
    let &[sign, digits, exponent] = &items[..] else {
        raise!(cx, ValueError, "argument must be a sequence of length 3");
    };
    let mut out = match int::to_i64(sign).filter(|_| int::is_int(sign)) {
        Some(0) => vec![b'+'],
        Some(1) => vec![b'-'],
        _ => raise!(cx, ValueError, "sign must be an integer with the value 0 or 1"),
    };
    let mut infinite = false;
    let mut exp = None;
    if let Some(s) = exponent.downcast::<Str>() {
        match s.as_ascii() {
            Some("F") => {
                infinite = true;
                out.extend_from_slice(b"Inf");
            }
            Some("n") => out.extend_from_slice(b"NaN"),
            Some("N") => out.extend_from_slice(b"sNaN"),
            _ => raise!(
                cx,
                ValueError,
                "string argument in the third position must be 'F', 'n' or 'N'"
            ),
        }
    } else if int::is_int(exponent) {
        exp = Some(super::context::ssize(cx, exponent)?);
    } else {
        raise!(cx, ValueError, "exponent must be an integer");
    }
    if digits.downcast::<Tuple>().is_none() && digits.downcast::<List>().is_none() {
        raise!(cx, ValueError, "coefficient must be a tuple of digits");
    }
    let digits = collect(cx, digits)?;
    if digits.is_empty() && exp.is_some() {
        out.push(b'0');
    }
    for d in digits.iter() {
        match int::to_i64(*d).filter(|_| int::is_int(*d)) {
            Some(d @ 0..=9) if !infinite => out.push(b'0' + d as u8),
            Some(0..=9) => {}
            _ => raise!(cx, ValueError, "coefficient must be a tuple of digits"),
        }
    }
    if let Some(e) = exp {
        out.extend_from_slice(format!("E{e}").as_bytes());
    }
    Ok(out)
}

/// The operands of a comparison: the second one converted, with a Rational both made integers of
/// the denominator. `None`: not comparable.
pub fn comparison(
    cx: &Thread,
    this: &'static Decimal,
    other: Value,
    equality: bool,
    context: &Context,
) -> Res<Option<(Number, Number)>> {
    let a = Number::Object(this);
    if let Some(b) = operand(cx, other) {
        return Ok(Some((a, b)));
    }
    let float = |x: f64| -> Res<Option<(Number, Number)>> {
        if equality {
            context.word(false).fetch_or(FLOAT_OPERATION, std::sync::atomic::Ordering::Relaxed);
        } else {
            context.add_status(cx, FLOAT_OPERATION)?;
        }
        Ok(Some((Number::Object(this), Number::Own(dec_of_float(x)))))
    };
    if let Some(x) = float_value(other) {
        return float(x);
    }
    if let Some(z) = complex::value(other)
        && equality
    {
        return if z.im == 0.0 { float(z.re) } else { Ok(None) };
    }
    if !is_instance(cx, other, state().rational.get())? {
        return Ok(None);
    }
    let part = |name: &Str| -> Res<Dec> {
        let v = get_attr(cx, other, name)?;
        if !int::is_int(v) {
            raise!(cx, TypeError, "argument must be an integer");
        }
        Ok(dec_of_int(cx, v))
    };
    let numerator = part(id!(cx, "numerator"))?;
    if this.get().is_special() {
        return Ok(Some((a, Number::Own(numerator))));
    }
    let denominator = part(id!(cx, "denominator"))?;
    let n = this.get();
    let product = run(cx, weight(n), || n.coeff.mul(denominator.coeff.get()));
    let a = Dec::finite(n.negative != denominator.negative, product, n.exp);
    Ok(Some((Number::Own(a), Number::Own(numerator))))
}

/// The int of a number rounded to one.
pub fn to_int(cx: &Thread, d: DecRef<'_>, context: &Context, round: Round) -> Res {
    match d.kind {
        Kind::Finite => {}
        Kind::Infinite => raise!(cx, OverflowError, "cannot convert Infinity to integer"),
        _ => raise!(cx, ValueError, "cannot convert NaN to integer"),
    }
    let mut status = 0;
    let ctx = context.load().with_round(round);
    let i = scale::to_integral(d, false, &ctx, &mut status);
    context.add_status(cx, status)?;
    integral_to_int(cx, &i)
}

/// The int of an integral number.
fn integral_to_int(cx: &Thread, i: &Dec) -> Res {
    if i.coeff.get().is_zero() {
        return Ok(int::from_i64(cx, 0));
    }
    if i.get().adjusted() > taipan_decimal::MAX_DIGITS {
        return Err(cx.no_memory());
    }
    let n = i.get();
    let w = weight(n) + n.exp as usize / 19;
    let digits = run(cx, w, || radix::to_digits30(n.coeff.shift_left(n.exp as usize).get()));
    Ok(int::from_ref(cx, IntRef { negative: i.negative, digits: &digits }))
}

/// `as_integer_ratio`.
pub fn integer_ratio(cx: &Thread, d: DecRef<'_>) -> Res {
    match d.kind {
        Kind::Finite => {}
        Kind::Infinite => raise!(cx, OverflowError, "cannot convert Infinity to integer ratio"),
        _ => raise!(cx, ValueError, "cannot convert NaN to integer ratio"),
    }
    let pair = |n: Value, d: Value| Ok(Value::from_ref(Tuple::from_slice(cx, &[n, d])));
    let exp = if d.coeff.is_zero() { 0 } else { d.exp };
    let mut n = d.to_owned();
    if exp >= 0 {
        n.exp = exp;
        return pair(integral_to_int(cx, &n)?, int::from_i64(cx, 1));
    }
    if -exp > taipan_decimal::MAX_DIGITS {
        return Err(cx.no_memory());
    }
    n.exp = 0;
    let mut denominator = Dec::one();
    denominator.exp = -exp;
    let a = integral_to_int(cx, &n)?;
    let b = integral_to_int(cx, &denominator)?;
    let (da, db) = (int::digits_of(a), int::digits_of(b));
    let (x, y) = int::on_digits(cx, da.get(), db.get(), |a, b| {
        let g = bigint::gcd(a.abs(), b);
        (bigint::div_rem_trunc(a, g.as_ref()), bigint::div_rem_trunc(b, g.as_ref()))
    });
    match (x, y) {
        (Some((x, _)), Some((y, _))) => pair(int::from_big(cx, &x), int::from_big(cx, &y)),
        _ => Err(cx.no_memory()),
    }
}

/// `str()` of a number.
pub fn to_text(cx: &Thread, d: DecRef<'_>, engineering: bool, context: &Context) -> Res {
    let mut out = Vec::with_capacity(48);
    taipan_decimal::text::write(d, context.upper_case(), engineering, &mut out);
    Ok(Value::from_ref(Str::from_ascii(cx, &out)))
}

/// The float of a number.
pub fn to_float(cx: &Thread, d: DecRef<'_>) -> Res<f64> {
    if d.is_nan() {
        if d.kind == Kind::Signaling {
            raise!(cx, ValueError, "cannot convert signaling NaN to float");
        }
        return Ok(if d.negative { -f64::NAN } else { f64::NAN });
    }
    let mut out = Vec::new();
    taipan_decimal::text::write(d, true, false, &mut out);
    let s = std::str::from_utf8(&out).expect("digits are ASCII");
    match s.parse() {
        Ok(x) => Ok(x),
        Err(_) => raise!(cx, ValueError, "could not convert string to float: '{s}'"),
    }
}

/// `as_tuple`.
pub fn as_tuple(cx: &Thread, d: DecRef<'_>) -> Res {
    let exponent = match d.kind {
        Kind::Finite => int::from_i64(cx, d.exp),
        Kind::Infinite => text(cx, "F"),
        Kind::Quiet => text(cx, "n"),
        Kind::Signaling => text(cx, "N"),
    };
    let mut digits = Vec::new();
    if !(d.is_nan() && d.coeff.is_zero()) {
        d.coeff.write_digits(&mut digits);
    }
    let digits: GcVec<Value> =
        digits.iter().map(|&c| int::from_i64(cx, (c - b'0') as i64)).collect();
    let args = [
        int::from_i64(cx, d.negative as i64),
        Value::from_ref(Tuple::from_slice(cx, &digits)),
        exponent,
    ];
    call(cx, state().tuple_class.get(), &args)
}

/// `hash()`: that of an equal int, float or Fraction.
pub fn hash_number(cx: &Thread, v: Value, d: DecRef<'_>) -> Res<i64> {
    const P: u64 = (1 << 61) - 1;
    match d.kind {
        Kind::Finite => {}
        Kind::Infinite => return Ok(if d.negative { -314159 } else { 314159 }),
        Kind::Quiet => return Ok(hash_pointer(v)),
        Kind::Signaling => raise!(cx, TypeError, "Cannot hash a signaling NaN value"),
    }
    let times = |a: u64, b: u64| (a as u128 * b as u128 % P as u128) as u64;
    let power = |mut base: u64, mut n: u64| {
        let mut r = 1;
        while n > 0 {
            if n & 1 == 1 {
                r = times(r, base);
            }
            base = times(base, base);
            n >>= 1;
        }
        r
    };
    // 10 and its inverse modulo P.
    let base = if d.exp < 0 { 2_075_258_708_292_324_556 } else { 10 };
    let h = times(d.coeff.remainder_u64(P), power(base, d.exp.unsigned_abs())) as i64;
    let h = if d.negative { -h } else { h };
    Ok(if h == -1 { -2 } else { h })
}

/// The result of an operation in the current or a given context.
#[inline(always)]
pub fn finish(cx: &Thread, context: &Context, d: Dec, status: u32) -> Res {
    context.add_status(cx, status)?;
    decimal::new(cx, d)
}

/// The current context and its numbers.
#[inline(always)]
pub fn here(cx: &Thread) -> Res<(&'static Context, Ctx)> {
    let c = current(cx)?;
    Ok((c, c.load()))
}

/// The class of a number.
pub fn number_class(d: DecRef<'_>, ctx: &Ctx) -> &'static str {
    let pick = |minus: &'static str, plus: &'static str| if d.negative { minus } else { plus };
    match d.kind {
        Kind::Signaling => "sNaN",
        Kind::Quiet => "NaN",
        Kind::Infinite => pick("-Infinity", "+Infinity"),
        Kind::Finite if d.coeff.is_zero() => pick("-Zero", "+Zero"),
        Kind::Finite if d.is_subnormal(ctx) => pick("-Subnormal", "+Subnormal"),
        Kind::Finite => pick("-Normal", "+Normal"),
    }
}

/// Whether two numbers have the same exponent; infinities among themselves, and NaNs, do.
pub fn same_quantum(a: DecRef<'_>, b: DecRef<'_>) -> bool {
    if a.is_special() || b.is_special() {
        return (a.is_nan() && b.is_nan()) || (a.is_infinite() && b.is_infinite());
    }
    a.exp == b.exp
}
