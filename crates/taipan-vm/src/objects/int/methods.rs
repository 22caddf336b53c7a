//! The type object of `int` and its methods.

use super::*;
use crate::objects::numeric_format;
use taipan_numtext::bigint::{ByteOrder, BytesError};
use taipan_numtext::packing;

crate::pytype! { Int, PyLong_Type, name: "int", module: "builtins",
base: crate::objects::object::Object,
flags: tpflags::BASETYPE | tpflags::MATCH_SELF, fast: LONG_SUBCLASS, kind: Leaf,
itemsize: 4, basicsize: DIGITS_OFFSET,
doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nAn integer of any size, from a number or from text in a base.\n\n>>> int('0x1f', base=16)\n31",
unboxed: is_small }

fn byte_order(cx: &Thread, order: Option<&Str>) -> Res<ByteOrder> {
    match order {
        None => Ok(ByteOrder::Big),
        Some(s) if s.eq_str("little") => Ok(ByteOrder::Little),
        Some(s) if s.eq_str("big") => Ok(ByteOrder::Big),
        Some(_) => raise!(cx, ValueError, "byteorder must be either 'little' or 'big'"),
    }
}

#[pymethods]
impl Int {
    #[slot(sig = "(cls, x=0, /, base=10)")]
    fn __new__(cx: &Thread, cls: &Type, x: Option<Value>, base: Option<Value>) -> Res {
        construct::new(cx, cls, x, base)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        if this.is_small() {
            return repr(cx, this).map(Value::from_ref);
        }
        Ok(Value::from_ref(Str::new(cx, &decimal_text(cx, this)?)))
    }

    #[slot]
    fn __hash__(_cx: &Thread, this: Value) -> Res<i64> {
        Ok(ops::hash(this))
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res {
        Ok(match ops::compare(a, b) {
            Some(o) => py_bool(op.holds(o)),
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
    fn __lshift__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::lshift(cx, a, b)
    }

    #[slot]
    fn __rshift__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::rshift(cx, a, b)
    }

    #[slot]
    fn __and__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::and(cx, a, b)
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::or(cx, a, b)
    }

    #[slot]
    fn __xor__(cx: &Thread, a: Value, b: Value) -> Res {
        ops::xor(cx, a, b)
    }

    #[slot]
    fn __neg__(cx: &Thread, this: Value) -> Res {
        ops::neg(cx, this)
    }

    #[slot]
    fn __pos__(cx: &Thread, this: Value) -> Res {
        Ok(exact(cx, this))
    }

    #[slot]
    fn __abs__(cx: &Thread, this: Value) -> Res {
        ops::abs(cx, this)
    }

    #[slot]
    fn __invert__(cx: &Thread, this: Value) -> Res {
        ops::invert(cx, this)
    }

    #[slot]
    fn __bool__(_cx: &Thread, this: Value) -> Res<bool> {
        Ok(!digits_of(this).get().is_zero())
    }

    #[slot]
    fn __int__(cx: &Thread, this: Value) -> Res {
        Ok(exact(cx, this))
    }

    #[slot]
    fn __float__(cx: &Thread, this: Value) -> Res {
        Ok(Value::from_f64(as_f64(cx, this)?))
    }

    #[slot]
    fn __index__(cx: &Thread, this: Value) -> Res {
        Ok(exact(cx, this))
    }

    /// A pair of integers whose ratio is this int.
    ///
    /// >>> (-4).as_integer_ratio()
    /// (-4, 1)
    #[pymethod]
    fn as_integer_ratio(cx: &Thread, this: Value) -> Value {
        Value::from_ref(Tuple::from_slice(cx, &[exact(cx, this), Value::small(1)]))
    }

    /// Number of ones in the binary form of the absolute value.
    ///
    /// >>> (11).bit_count()
    /// 3
    #[pymethod]
    fn bit_count(_cx: &Thread, this: Value) -> u64 {
        bigint::bit_count(digits_of(this).get())
    }

    /// Number of bits that the absolute value needs.
    ///
    /// >>> (11).bit_length()
    /// 4
    #[pymethod]
    fn bit_length(_cx: &Thread, this: Value) -> u64 {
        bigint::bit_length(digits_of(this).get())
    }

    /// The int itself: its complex conjugate.
    #[pymethod]
    fn conjugate(cx: &Thread, this: Value) -> Value {
        exact(cx, this)
    }

    /// True: every int is integral.
    #[pymethod]
    fn is_integer(_cx: &Thread, _this: Value) -> bool {
        true
    }

    /// The bytes of the int, in an order, with or without sign.
    #[pymethod(sig = "(self, /, length=1, byteorder='big', *, signed=False)")]
    fn to_bytes(
        cx: &Thread,
        this: Value,
        length: isize,
        byteorder: Option<&'static Str>,
        signed: bool,
    ) -> Res {
        let order = byte_order(cx, byteorder)?;
        if length < 0 {
            raise!(cx, ValueError, "length argument must be non-negative");
        }
        if let (Some(i), 1..=8) = (this.as_small(), length) {
            let mut out = [0; 8];
            let out = &mut out[..length as usize];
            if packing::write_i64(out, i, order, signed) {
                return Ok(Value::from_ref(Bytes::new(cx, out)));
            }
        }
        let d = digits_of(this);
        let d = d.get();
        let work = length as usize / 2;
        match cx.plain(work, || bigint::to_bytes(d, length as usize, order, signed)) {
            Ok(bytes) => Ok(Value::from_ref(Bytes::new(cx, &bytes))),
            Err(BytesError::Negative) => {
                raise!(cx, OverflowError, "can't convert negative int to unsigned")
            }
            Err(BytesError::TooBig) => raise!(cx, OverflowError, "int too big to convert"),
        }
    }

    /// The int that bytes stand for, in an order, with or without sign.
    #[classmethod(sig = "(cls, /, bytes, byteorder='big', *, signed=False)")]
    fn from_bytes(
        cx: &Thread,
        cls: &Type,
        bytes: Value,
        byteorder: Option<&'static Str>,
        signed: bool,
    ) -> Res {
        let order = byte_order(cx, byteorder)?;
        let bytes = crate::objects::bytes_methods::object_to_bytes(cx, bytes)?;
        if let (1..=8, true) = (bytes.len(), cls.is(int_type())) {
            if let Ok(i) = packing::read_int(bytes.as_slice(), order, signed) {
                return Ok(from_i64(cx, i));
            }
        }
        let data = bytes.as_slice();
        let i = cx.plain(data.len() / 2, || bigint::from_bytes(data, order, signed));
        let v = from_big(cx, &i);
        if cls.is(int_type()) { Ok(v) } else { call(cx, Value::from_ref(cls), &[v]) }
    }

    /// The integral part: the int itself.
    #[pymethod]
    fn __trunc__(cx: &Thread, this: Value) -> Value {
        exact(cx, this)
    }

    /// The floor: the int itself.
    #[pymethod]
    fn __floor__(cx: &Thread, this: Value) -> Value {
        exact(cx, this)
    }

    /// The ceiling: the int itself.
    #[pymethod]
    fn __ceil__(cx: &Thread, this: Value) -> Value {
        exact(cx, this)
    }

    /// Rounds to a multiple of a power of ten where ndigits is negative.
    #[pymethod(sig = "(self, ndigits=<unrepresentable>, /)")]
    fn __round__(cx: &Thread, this: Value, ndigits: Option<Value>) -> Res {
        let Some(n) = ndigits else { return Ok(exact(cx, this)) };
        let n = index(cx, n)?;
        let n = digits_of(n);
        if !n.negative {
            return Ok(exact(cx, this));
        }
        let this = digits_of(this);
        let (this, n) = (this.get(), n.get().abs());
        // Half of 10**n exceeds the number: the result is zero.
        let bits = bigint::bit_length(this);
        if n.to_u64().is_none_or(|n| n > bits / 3 + 2) {
            return Ok(Value::small(0));
        }
        let ten = bigint::Int::from_i64(10);
        let Ok(unit) = bigint::pow(ten.as_ref(), n) else { return Err(cx.no_memory()) };
        let (_, r) = on_digits(cx, this, unit.as_ref(), bigint::divmod_near)
            .expect("a power of ten is not zero");
        Ok(from_big(cx, &bigint::sub(this, r.as_ref())))
    }

    /// Formats by the format mini-language.
    #[pymethod]
    fn __format__(cx: &Thread, this: Value, format_spec: &'static Str) -> Res {
        numeric_format::format_int(cx, this, format_spec)
    }

    #[pymethod]
    fn __getnewargs__(cx: &Thread, this: Value) -> Value {
        Value::from_ref(Tuple::from_slice(cx, &[exact(cx, this)]))
    }

    /// Bytes that the object takes in memory.
    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: Value) -> usize {
        let base = this.ty().tp_basicsize.load(std::sync::atomic::Ordering::Relaxed) as usize;
        base + 4 * digits_of(this).len.max(1)
    }

    /// The int itself: its real part.
    #[getter]
    fn real(cx: &Thread, this: Value) -> Value {
        exact(cx, this)
    }

    /// Zero: the imaginary part.
    #[getter]
    fn imag(_cx: &Thread, _this: Value) -> Value {
        Value::small(0)
    }

    /// The int itself: its numerator in lowest terms.
    #[getter]
    fn numerator(cx: &Thread, this: Value) -> Value {
        exact(cx, this)
    }

    /// One: the denominator.
    #[getter]
    fn denominator(_cx: &Thread, _this: Value) -> Value {
        Value::small(1)
    }
}
