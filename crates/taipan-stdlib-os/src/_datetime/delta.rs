//! `timedelta`: days, seconds below a day and microseconds below a second, the sign in the days.
//! Arithmetic is on microseconds in 128 bits; what may not fit there, and ints and floats of
//! subclasses, which may have operators of their own, go through Python's ints.

use super::fields::Text;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use taipan_vm::bind::bind;
use taipan_vm::call::{Owner, Param, ParamKind, Sig};
use taipan_vm::objects::tuple::methods::hash_values;
use taipan_vm::objects::{float, int};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

pub const MAX_DAYS: i32 = 999_999_999;
const DAY: i64 = 24 * 3600;
const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = DAY * SECOND_US;

/// CPython's `PyDateTime_Delta`, as C code reads it.
#[repr(C)]
pub struct Delta {
    head: Head,
    /// -1: not asked for yet.
    hash: AtomicI64,
    pub days: i32,
    pub seconds: i32,
    pub us: i32,
}

const _: () = {
    assert!(std::mem::offset_of!(Delta, hash) == 32);
    assert!(std::mem::offset_of!(Delta, days) == 40);
    assert!(std::mem::offset_of!(Delta, us) == 48);
};

pytype! { Delta, PyTaipanDelta_Type, name: "timedelta", module: "datetime",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE, kind: Leaf,
doc: "Difference between two points in time.\n\ntimedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\nAll arguments are ints or floats, positive or negative, and optional." }

static ZERO: OnceLock<Root<Value>> = OnceLock::new();

/// `timedelta(0)`, of which there is one.
pub fn zero(cx: &Thread) -> &'static Delta {
    let v = match ZERO.get() {
        Some(v) => v.get(),
        None => {
            let v = Value::from_ref(Delta::alloc(cx, Delta::type_object(), 0, 0, 0));
            ZERO.get_or_init(|| Root::new(v)).get()
        }
    };
    v.downcast_exact::<Delta>().expect("only a timedelta is stored")
}

#[cold]
fn days_out_of_range(cx: &Thread, days: i64) -> Raised {
    err!(cx, OverflowError, "days={days}; must have magnitude <= {MAX_DAYS}")
}

impl Delta {
    fn alloc(cx: &Thread, ty: &Type, days: i32, seconds: i32, us: i32) -> &'static Delta {
        let hash = AtomicI64::new(-1);
        cx.alloc_in(ty, Delta { head: fresh_head(), hash, days, seconds, us })
    }

    fn in_range(cx: &Thread, ty: &Type, days: i64, s: i32, us: i32) -> Res<&'static Delta> {
        if days.unsigned_abs() > MAX_DAYS as u64 {
            return Err(days_out_of_range(cx, days));
        }
        if days == 0 && s == 0 && us == 0 && ty.is(Delta::type_object()) {
            return Ok(zero(cx));
        }
        Ok(Delta::alloc(cx, ty, days as i32, s, us))
    }

    /// A timedelta of parts of any sign; none is near the limits of its type.
    pub fn new(cx: &Thread, days: i64, seconds: i64, us: i64) -> Res<&'static Delta> {
        let (mut days, mut seconds, mut us) = (days, seconds, us);
        if !(0..SECOND_US).contains(&us) {
            seconds += us.div_euclid(SECOND_US);
            us = us.rem_euclid(SECOND_US);
        }
        if !(0..DAY).contains(&seconds) {
            days += seconds.div_euclid(DAY);
            seconds = seconds.rem_euclid(DAY);
        }
        Delta::in_range(cx, Delta::type_object(), days, seconds as i32, us as i32)
    }

    pub fn is_zero(&self) -> bool {
        self.days == 0 && self.seconds == 0 && self.us == 0
    }

    /// Whether it may be an offset from UTC: less than a day either way.
    pub fn is_offset(&self) -> bool {
        self.days == 0 || (self.days == -1 && (self.seconds > 0 || self.us > 0))
    }

    /// The whole seconds of an offset from UTC, rounded down.
    pub fn offset_seconds(&self) -> i32 {
        self.days * DAY as i32 + self.seconds
    }

    pub fn micros(&self) -> i128 {
        (self.days as i64 * DAY + self.seconds as i64) as i128 * SECOND_US as i128 + self.us as i128
    }

    pub fn cmp(&self, other: &Delta) -> std::cmp::Ordering {
        (self.days, self.seconds, self.us).cmp(&(other.days, other.seconds, other.us))
    }

    pub fn negated(&self, cx: &Thread) -> Res<&'static Delta> {
        Delta::new(cx, -self.days as i64, -self.seconds as i64, -self.us as i64)
    }

    pub fn minus(&self, cx: &Thread, o: &Delta) -> Res<&'static Delta> {
        let days = self.days as i64 - o.days as i64;
        Delta::new(cx, days, (self.seconds - o.seconds) as i64, (self.us - o.us) as i64)
    }

    pub fn hash(&self, cx: &Thread) -> Res<i64> {
        let known = self.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        let h = hash_values(cx, &self.parts())?;
        self.hash.store(h, Ordering::Relaxed);
        Ok(h)
    }

    fn parts(&self) -> [Value; 3] {
        [self.days, self.seconds, self.us].map(|n| Value::small(n as i64))
    }

    fn from_micros(cx: &Thread, ty: &Type, us: i128) -> Res {
        let (days, rest) = match i64::try_from(us) {
            Ok(us) => (us.div_euclid(DAY_US), us.rem_euclid(DAY_US)),
            Err(_) => match i64::try_from(us.div_euclid(DAY_US as i128)) {
                Ok(days) => (days, us.rem_euclid(DAY_US as i128) as i64),
                Err(_) => return from_int(cx, ty, int::from_i128(cx, us)),
            },
        };
        if i32::try_from(days).is_err() {
            raise!(cx, OverflowError, "Python int too large to convert to C int");
        }
        let (s, us) = ((rest / SECOND_US) as i32, (rest % SECOND_US) as i32);
        Ok(Value::from_ref(Delta::in_range(cx, ty, days, s, us)?))
    }
}

/// `divmod` of what may be a subclass of int with its own.
fn checked_divmod(cx: &Thread, a: Value, b: Value) -> Res<(Value, Value)> {
    let r = binary(cx, a, b, BinOp::DivMod)?;
    let Some(t) = r.downcast::<Tuple>() else {
        raise!(cx, TypeError, "divmod() returned non-tuple (type {})", r.ty().name());
    };
    if t.len() != 2 {
        raise!(cx, TypeError, "divmod() returned a tuple of size {}", t.len());
    }
    Ok((t.get(0), t.get(1)))
}

/// The rest of a division, which lies below the divisor.
fn checked_rest(cx: &Thread, v: Value, below: i64) -> Res<i32> {
    let n = index(cx, v)?;
    match int_to_i64(n).filter(|n| (0..below).contains(n)) {
        Some(n) => Ok(n as i32),
        None => raise!(cx, TypeError, "divmod() returned a value out of range"),
    }
}

/// A timedelta of a number of microseconds.
fn from_int(cx: &Thread, ty: &Type, us: Value) -> Res {
    if let Some(us) = int::exact_i64(us) {
        return Delta::from_micros(cx, ty, us as i128);
    }
    let (seconds, us) = checked_divmod(cx, us, Value::small(SECOND_US))?;
    let us = checked_rest(cx, us, SECOND_US)?;
    let (days, seconds) = checked_divmod(cx, seconds, Value::small(DAY))?;
    let seconds = checked_rest(cx, seconds, DAY)?;
    let days = index(cx, days)?;
    match int_to_i64(days).filter(|d| i32::try_from(*d).is_ok()) {
        Some(days) => Ok(Value::from_ref(Delta::in_range(cx, ty, days, seconds, us)?)),
        None => raise!(cx, OverflowError, "Python int too large to convert to C int"),
    }
}

#[cold]
fn division_by_zero(cx: &Thread) -> Raised {
    err!(cx, ZeroDivisionError, "integer division or modulo by zero")
}

/// The integer nearest to a / b; halves go to the even one.
fn nearest(a: i128, b: i128) -> i128 {
    let (q, r) = (a.div_euclid(b), a.rem_euclid(b));
    // a = q * b + r with 0 <= r < |b|; `q` is the lower neighbour for b > 0, the upper for b < 0.
    let towards = b.signum();
    match (r as u128 * 2).cmp(&b.unsigned_abs()) {
        std::cmp::Ordering::Less => q,
        std::cmp::Ordering::Greater => q + towards,
        std::cmp::Ordering::Equal => q + if q & 1 == 0 { 0 } else { towards },
    }
}

/// As `nearest` for Python's ints.
fn nearest_int(cx: &Thread, a: Value, b: Value) -> Res {
    let (a, b) = (int::exact(cx, a), int::exact(cx, b));
    if is_true(cx, b)? {
        let (q, r) = checked_divmod(cx, a, b)?;
        // The rest has the divisor's sign: 2r > b or 2r < b in magnitude.
        let twice = binary(cx, r, Value::small(2), BinOp::Mul)?;
        let further = if int::is_negative(b) { CmpOp::Lt } else { CmpOp::Gt };
        let odd = is_true(cx, binary(cx, q, Value::small(1), BinOp::And)?)?;
        let up = compare_bool(cx, twice, b, further)? || (odd && eq(cx, twice, b)?);
        return if up { binary(cx, q, Value::small(1), BinOp::Add) } else { Ok(q) };
    }
    Err(division_by_zero(cx))
}

/// A finite float as mantissa / 2^k with the smallest k, if both are handy.
fn float_ratio(x: f64) -> Option<(i64, u32)> {
    if x == 0.0 {
        return Some((0, 0));
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i32;
    if !(1..0x7FF).contains(&exponent) {
        return None;
    }
    let mantissa = (bits & ((1 << 52) - 1) | 1 << 52) as i64;
    let zeros = mantissa.trailing_zeros();
    let (mantissa, exponent) = (mantissa >> zeros, exponent - 1075 + zeros as i32);
    let (mantissa, k) = match exponent {
        ..0 => (mantissa, -exponent as u32),
        0..10 => (mantissa << exponent, 0),
        _ => return None,
    };
    (k <= 120).then_some((if x < 0.0 { -mantissa } else { mantissa }, k))
}

/// `delta * x`, or `delta / x`, rounded once.
fn scale_by_float(cx: &Thread, d: &Delta, x: Value, divide: bool) -> Res {
    let exact = if float::is_exact_float(x) { float_value(x) } else { None };
    if let Some((m, k)) = exact.and_then(float_ratio) {
        let (num, den) = (m as i128, 1i128 << k);
        let (num, den) = if divide { (den, num) } else { (num, den) };
        if den == 0 {
            return Err(division_by_zero(cx));
        }
        if let Some(product) = d.micros().checked_mul(num).filter(|p| p.unsigned_abs() < 1 << 126) {
            return Delta::from_micros(cx, Delta::type_object(), nearest(product, den));
        }
    }
    let ratio = call_method(cx, x, id!(cx, "as_integer_ratio"), &[])?;
    let Some(t) = ratio.downcast::<Tuple>() else {
        raise!(
            cx,
            TypeError,
            "unexpected return type from as_integer_ratio(): expected tuple, got '{}'",
            ratio.ty().name()
        );
    };
    if t.len() != 2 {
        raise!(cx, ValueError, "as_integer_ratio() must return a 2-tuple");
    }
    let us = int::from_i128(cx, d.micros());
    let product = binary(cx, us, t.get(divide as usize), BinOp::Mul)?;
    let divisor = t.get(!divide as usize);
    for v in [product, divisor] {
        if !int::is_int(v) {
            raise!(cx, TypeError, "non-integer arguments in division");
        }
    }
    let us = nearest_int(cx, product, divisor)?;
    from_int(cx, Delta::type_object(), us)
}

fn multiply(cx: &Thread, d: &Delta, by: Value) -> Res {
    if let Some(n) = int::exact_i64(by)
        && let Some(us) = d.micros().checked_mul(n as i128)
    {
        return Delta::from_micros(cx, Delta::type_object(), us);
    }
    if int::is_int(by) {
        let us = binary(cx, by, int::from_i128(cx, d.micros()), BinOp::Mul)?;
        return from_int(cx, Delta::type_object(), us);
    }
    if float::is_float(by) {
        return scale_by_float(cx, d, by, false);
    }
    Ok(not_implemented())
}

/// Microseconds of two timedeltas, where both operands are.
fn both(a: Value, b: Value) -> Option<(i128, i128)> {
    Some((a.downcast::<Delta>()?.micros(), b.downcast::<Delta>()?.micros()))
}

fn floor_div(a: i128, b: i128) -> i128 {
    a.div_euclid(b) - (b < 0 && a.rem_euclid(b) != 0) as i128
}

/// The sum of the constructor's arguments in microseconds.
enum Sum {
    Word(i128),
    Int(Value),
}

impl Sum {
    fn value(&self, cx: &Thread) -> Value {
        match *self {
            Sum::Word(n) => int::from_i128(cx, n),
            Sum::Int(v) => v,
        }
    }

    fn add(&mut self, cx: &Thread, v: Value) -> Res<()> {
        if let (Sum::Word(n), Some(m)) = (&*self, int::exact_i64(v))
            && let Some(sum) = n.checked_add(m as i128)
        {
            *self = Sum::Word(sum);
            return Ok(());
        }
        *self = Sum::Int(binary(cx, self.value(cx), v, BinOp::Add)?);
        Ok(())
    }

    /// Adds `num` units of `factor` microseconds; what a float has below a microsecond goes to `rest`.
    fn count(
        &mut self,
        cx: &Thread,
        what: &str,
        num: Value,
        factor: i64,
        rest: &mut f64,
    ) -> Res<()> {
        let whole = |v: Value| binary(cx, v, Value::small(factor), BinOp::Mul);
        if let (Sum::Word(n), Some(m)) = (&*self, int::exact_i64(num))
            && let Some(sum) = n.checked_add(m as i128 * factor as i128)
        {
            *self = Sum::Word(sum);
            return Ok(());
        }
        if int::is_int(num) {
            return self.add(cx, whole(num)?);
        }
        let Some(x) = float_value(num).filter(|_| float::is_float(num)) else {
            raise!(
                cx,
                TypeError,
                "unsupported type for timedelta {what} component: {}",
                num.ty().name()
            );
        };
        // The whole part is multiplied exactly, only the fraction as a float.
        let trunc = x.trunc();
        self.add(cx, whole(float::to_int(cx, trunc)?)?)?;
        let fraction = (x - trunc) * factor as f64;
        if fraction != 0.0 {
            self.add(cx, float::to_int(cx, fraction.trunc())?)?;
            *rest += fraction - fraction.trunc();
        }
        Ok(())
    }

    /// Adds what is left below a microsecond, a half to the even side of the whole sum.
    fn round(&mut self, cx: &Thread, rest: f64) -> Res<()> {
        let mut whole = rest.round();
        if (whole - rest).abs() == 0.5 {
            let odd = binary(cx, self.value(cx), Value::small(1), BinOp::And)?;
            let odd = is_true(cx, odd)? as i32 as f64;
            whole = 2.0 * ((rest + odd) * 0.5).round() - odd;
        }
        self.add(cx, Value::small(whole as i64))
    }
}

const UNITS: [(&str, i64); 7] = [
    ("days", DAY_US),
    ("seconds", SECOND_US),
    ("microseconds", 1),
    ("milliseconds", 1000),
    ("minutes", 60 * SECOND_US),
    ("hours", 3600 * SECOND_US),
    ("weeks", 7 * DAY_US),
];

const fn unit(i: usize) -> Param {
    Param { name: UNITS[i].0, kind: ParamKind::PosOrKw, default: Some("0") }
}

static NEW: Sig = Sig {
    fname: "__new__",
    owner: Owner::Slot,
    params: &[unit(0), unit(1), unit(2), unit(3), unit(4), unit(5), unit(6)],
    text: None,
    keywords_of: None,
};

#[pymethods]
impl Delta {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let mut given = [None; 7];
        if kw.is_none() && args.len() <= 7 {
            given.iter_mut().zip(args).for_each(|(to, v)| *to = Some(*v));
        } else {
            bind(cx, &NEW, None, args, kw, &mut given)?;
        }
        let mut sum = Sum::Word(0);
        let mut rest = 0.0;
        // The order in which fractions are added shows in the last digit: it is CPython's.
        for i in [2, 3, 1, 4, 5, 0, 6] {
            if let Some(v) = given[i] {
                sum.count(cx, UNITS[i].0, v, UNITS[i].1, &mut rest)?;
            }
        }
        if rest != 0.0 {
            sum.round(cx, rest)?;
        }
        match sum {
            Sum::Word(us) => Delta::from_micros(cx, cls, us),
            Sum::Int(us) => from_int(cx, cls, us),
        }
    }

    /// Number of days.
    #[getter]
    fn days(_cx: &Thread, this: &Delta) -> Value {
        Value::small(this.days as i64)
    }

    /// Number of seconds, below a day.
    #[getter]
    fn seconds(_cx: &Thread, this: &Delta) -> Value {
        Value::small(this.seconds as i64)
    }

    /// Number of microseconds, below a second.
    #[getter]
    fn microseconds(_cx: &Thread, this: &Delta) -> Value {
        Value::small(this.us as i64)
    }

    /// The whole duration in seconds.
    #[pymethod]
    fn total_seconds(cx: &Thread, this: &Delta) -> Res {
        quotient(cx, this.micros(), SECOND_US as i128)
    }

    /// How pickle makes an equal one.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Delta) -> Value {
        let state = Tuple::from_slice(cx, &this.parts());
        let ty = Value::from_ref(Value::from_ref(this).ty());
        Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(state)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Delta) -> Res {
        let mut t = Text::new();
        let mut sep = "";
        for (name, n) in [("days", this.days), ("seconds", this.seconds), ("microseconds", this.us)]
        {
            if n != 0 {
                t.text(sep);
                t.text(name);
                t.byte(b'=');
                t.number(n);
                sep = ", ";
            }
        }
        if sep.is_empty() {
            t.byte(b'0');
        }
        Ok(super::text::call_text(cx, Value::from_ref(this).ty(), t.as_str()))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &Delta) -> Res {
        let mut t = Text::new();
        if this.days != 0 {
            t.number(this.days);
            t.text(if this.days.abs() == 1 { " day, " } else { " days, " });
        }
        t.number(this.seconds / 3600);
        t.byte(b':');
        t.two(this.seconds / 60 % 60);
        t.byte(b':');
        t.two(this.seconds % 60);
        if this.us != 0 {
            t.byte(b'.');
            t.padded(this.us, 6);
        }
        Ok(t.finish(cx))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Delta) -> Res<i64> {
        this.hash(cx)
    }

    #[slot]
    fn __bool__(_cx: &Thread, this: &Delta) -> Res<bool> {
        Ok(!this.is_zero())
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, this: &Delta, other: Value, op: CmpOp) -> Res {
        match other.downcast::<Delta>() {
            Some(o) => Ok(py_bool(op.holds(this.cmp(o)))),
            None => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __add__(cx: &Thread, a: Value, b: Value) -> Res {
        let (Some(a), Some(b)) = (a.downcast::<Delta>(), b.downcast::<Delta>()) else {
            return Ok(not_implemented());
        };
        let days = a.days as i64 + b.days as i64;
        let (s, us) = (a.seconds + b.seconds, a.us + b.us);
        Ok(Value::from_ref(Delta::new(cx, days, s as i64, us as i64)?))
    }

    #[slot]
    fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
        match (a.downcast::<Delta>(), b.downcast::<Delta>()) {
            (Some(a), Some(b)) => Ok(Value::from_ref(a.minus(cx, b)?)),
            _ => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __neg__(cx: &Thread, this: &Delta) -> Res {
        Ok(Value::from_ref(this.negated(cx)?))
    }

    #[slot]
    fn __pos__(cx: &Thread, this: &Delta) -> Res {
        let (days, s, us) = (this.days as i64, this.seconds as i64, this.us as i64);
        Ok(Value::from_ref(Delta::new(cx, days, s, us)?))
    }

    #[slot]
    fn __abs__(cx: &Thread, this: &Delta) -> Res {
        if this.days < 0 { Delta::__neg__(cx, this) } else { Delta::__pos__(cx, this) }
    }

    #[slot]
    fn __mul__(cx: &Thread, a: Value, b: Value) -> Res {
        match (a.downcast::<Delta>(), b.downcast::<Delta>()) {
            (Some(a), None) => multiply(cx, a, b),
            (None, Some(b)) => multiply(cx, b, a),
            _ => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __truediv__(cx: &Thread, a: Value, b: Value) -> Res {
        if let Some((a, b)) = both(a, b) {
            return quotient(cx, a, b);
        }
        let Some(d) = a.downcast::<Delta>() else { return Ok(not_implemented()) };
        if float::is_float(b) {
            return scale_by_float(cx, d, b, true);
        }
        if let Some(n) = int::exact_i64(b).filter(|n| *n != 0) {
            return Delta::from_micros(cx, Delta::type_object(), nearest(d.micros(), n as i128));
        }
        if int::is_int(b) {
            let us = nearest_int(cx, int::from_i128(cx, d.micros()), b)?;
            return from_int(cx, Delta::type_object(), us);
        }
        Ok(not_implemented())
    }

    #[slot]
    fn __floordiv__(cx: &Thread, a: Value, b: Value) -> Res {
        if let Some((a, b)) = both(a, b) {
            if b == 0 {
                return Err(division_by_zero(cx));
            }
            return Ok(int::from_i128(cx, floor_div(a, b)));
        }
        let Some(d) = a.downcast::<Delta>() else { return Ok(not_implemented()) };
        if let Some(n) = int::exact_i64(b).filter(|n| *n != 0) {
            return Delta::from_micros(cx, Delta::type_object(), floor_div(d.micros(), n as i128));
        }
        if int::is_int(b) {
            let us = binary(cx, int::from_i128(cx, d.micros()), b, BinOp::FloorDiv)?;
            return from_int(cx, Delta::type_object(), us);
        }
        Ok(not_implemented())
    }

    #[slot]
    fn __mod__(cx: &Thread, a: Value, b: Value) -> Res {
        let Some((a, b)) = both(a, b) else { return Ok(not_implemented()) };
        if b == 0 {
            raise!(cx, ZeroDivisionError, "integer modulo by zero");
        }
        Delta::from_micros(cx, Delta::type_object(), a - floor_div(a, b) * b)
    }

    #[slot]
    fn __divmod__(cx: &Thread, a: Value, b: Value) -> Res {
        let Some((a, b)) = both(a, b) else { return Ok(not_implemented()) };
        if b == 0 {
            return Err(division_by_zero(cx));
        }
        let q = floor_div(a, b);
        let rest = Delta::from_micros(cx, Delta::type_object(), a - q * b)?;
        Ok(Value::from_ref(Tuple::pair(cx, int::from_i128(cx, q), rest)))
    }
}

/// A true quotient, rounded once.
pub fn quotient(cx: &Thread, a: i128, b: i128) -> Res {
    const EXACT: u128 = 1 << 53;
    if b != 0 && a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT {
        return Ok(Value::from_f64(a as f64 / b as f64));
    }
    binary(cx, int::from_i128(cx, a), int::from_i128(cx, b), BinOp::TrueDiv)
}

/// `min`, `max` and `resolution`.
pub fn add_constants(cx: &Thread, d: &Dict) {
    let delta = |days, s, us| Value::from_ref(Delta::alloc(cx, Delta::type_object(), days, s, us));
    d.set_str(cx, id!(cx, "min"), delta(-MAX_DAYS, 0, 0));
    d.set_str(cx, id!(cx, "max"), delta(MAX_DAYS, DAY as i32 - 1, SECOND_US as i32 - 1));
    d.set_str(cx, id!(cx, "resolution"), delta(0, 0, 1));
}
