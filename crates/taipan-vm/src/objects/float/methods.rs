//! The type object of `float` and its methods.

use super::*;
use crate::objects::numeric_format;

crate::pytype! { Float, PyFloat_Type, name: "float", module: "builtins",
base: crate::objects::object::Object,
flags: tpflags::BASETYPE | tpflags::MATCH_SELF, kind: Leaf, basicsize: 40,
doc: "float(x=0, /)\n--\n\nA double-precision floating-point number, from a number or from text.",
unboxed: is_unboxed_float }

fn val(v: Value) -> f64 {
    float_value(v).expect("the slot is a float's")
}

#[pymethods]
impl Float {
    #[slot(sig = "(cls, x=0, /)")]
    fn __new__(cx: &Thread, cls: &Type, x: Option<Value>) -> Res {
        construct::new(cx, cls, x)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        Ok(numeric_format::float_repr(cx, val(this)))
    }

    #[slot]
    fn __hash__(_cx: &Thread, this: Value) -> Res<i64> {
        Ok(hash_f64(this, val(this)))
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res {
        Ok(match compare(val(a), b, op) {
            Some(r) => py_bool(r),
            None => not_implemented(),
        })
    }

    #[slot]
    fn __add__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::add(cx, a, b)
    }

    #[slot]
    fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::sub(cx, a, b)
    }

    #[slot]
    fn __mul__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::mul(cx, a, b)
    }

    #[slot]
    fn __truediv__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::truediv(cx, a, b)
    }

    #[slot]
    fn __floordiv__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::floordiv(cx, a, b)
    }

    #[slot]
    fn __mod__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::modulo(cx, a, b)
    }

    #[slot]
    fn __divmod__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::divmod(cx, a, b)
    }

    #[slot]
    fn __pow__(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
        pow_values(cx, a, b, m)
    }

    #[slot]
    fn __neg__(_cx: &Thread, this: Value) -> Res {
        Ok(Value::from_f64(-val(this)))
    }

    #[slot]
    fn __pos__(_cx: &Thread, this: Value) -> Res {
        Ok(exact(this, val(this)))
    }

    #[slot]
    fn __abs__(_cx: &Thread, this: Value) -> Res {
        Ok(Value::from_f64(val(this).abs()))
    }

    #[slot]
    fn __bool__(_cx: &Thread, this: Value) -> Res<bool> {
        Ok(val(this) != 0.0)
    }

    #[slot]
    fn __int__(cx: &Thread, this: Value) -> Res {
        to_int(cx, val(this))
    }

    #[slot]
    fn __float__(_cx: &Thread, this: Value) -> Res {
        Ok(exact(this, val(this)))
    }

    /// Rounds to ndigits decimal places, to an int where none are given.
    #[pymethod(sig = "(self, ndigits=None, /)")]
    fn __round__(cx: &Thread, this: Value, ndigits: Option<Value>) -> Res {
        let x = val(this);
        let Some(n) = ndigits.filter(|n| !n.is_none()) else {
            return to_int(cx, x.round_ties_even());
        };
        let n = index_clip(cx, n)?;
        match text::round_to(x, n as i64) {
            Some(r) => Ok(Value::from_f64(r)),
            None => raise!(cx, OverflowError, "rounded value too large to represent"),
        }
    }

    /// The integral part.
    #[pymethod]
    fn __trunc__(cx: &Thread, this: Value) -> Res {
        to_int(cx, val(this).trunc())
    }

    /// The largest int that is not larger.
    #[pymethod]
    fn __floor__(cx: &Thread, this: Value) -> Res {
        to_int(cx, val(this).floor())
    }

    /// The smallest int that is not smaller.
    #[pymethod]
    fn __ceil__(cx: &Thread, this: Value) -> Res {
        to_int(cx, val(this).ceil())
    }

    /// Formats by the format mini-language.
    #[pymethod]
    fn __format__(cx: &Thread, this: Value, format_spec: &'static Str) -> Res {
        numeric_format::format_float(cx, this, format_spec)
    }

    #[pymethod]
    fn __getnewargs__(cx: &Thread, this: Value) -> Value {
        Value::from_ref(Tuple::from_slice(cx, &[exact(this, val(this))]))
    }

    /// A pair of ints whose ratio is exactly this float, the denominator positive.
    ///
    /// >>> (0.75).as_integer_ratio()
    /// (3, 4)
    #[pymethod]
    fn as_integer_ratio(cx: &Thread, this: Value) -> Res {
        let x = val(this);
        if x.is_infinite() {
            raise!(cx, OverflowError, "cannot convert Infinity to integer ratio");
        }
        if x.is_nan() {
            raise!(cx, ValueError, "cannot convert NaN to integer ratio");
        }
        let (n, d) = text::integer_ratio(x);
        let pair = [int::from_big(cx, &n), int::from_big(cx, &d)];
        Ok(Value::from_ref(Tuple::from_slice(cx, &pair)))
    }

    /// The float itself: its complex conjugate.
    #[pymethod]
    fn conjugate(_cx: &Thread, this: Value) -> Value {
        exact(this, val(this))
    }

    /// Hexadecimal text that `fromhex` reads back exactly.
    ///
    /// >>> (3.0).hex()
    /// '0x1.8000000000000p+1'
    #[pymethod]
    fn hex(_cx: &Thread, this: Value) -> String {
        text::to_hex(val(this))
    }

    /// A float from hexadecimal text.
    ///
    /// >>> float.fromhex('0x1.8p1')
    /// 3.0
    #[classmethod(sig = "(cls, string, /)")]
    fn fromhex(cx: &Thread, cls: &Type, string: Value) -> Res {
        let Some(s) = string.downcast::<Str>() else {
            raise!(cx, TypeError, "bad argument type for built-in operation");
        };
        let x = text::from_hex(s.utf8(cx)?.as_bytes()).map_err(|e| int::raise_num(cx, e))?;
        let v = constructed(cx, x);
        if cls.is(float_type()) { Ok(v) } else { call(cx, Value::from_ref(cls), &[v]) }
    }

    /// Whether the float is an integer.
    #[pymethod]
    fn is_integer(_cx: &Thread, this: Value) -> bool {
        let x = val(this);
        x.is_finite() && x.floor() == x
    }

    /// The representation of C doubles or floats, for tests.
    #[classmethod(sig = "(cls, typestr, /)")]
    fn __getformat__(cx: &Thread, _cls: &Type, typestr: &'static Str) -> Res {
        if !typestr.eq_str("double") && !typestr.eq_str("float") {
            raise!(cx, ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
        }
        let order = if cfg!(target_endian = "little") { "little" } else { "big" };
        Ok(Value::from_ref(Str::new(cx, &format!("IEEE, {order}-endian"))))
    }

    /// The float itself: its real part.
    #[getter]
    fn real(_cx: &Thread, this: Value) -> Value {
        exact(this, val(this))
    }

    /// Zero: the imaginary part.
    #[getter]
    fn imag(_cx: &Thread, _this: Value) -> Value {
        Value::from_f64(0.0)
    }
}
