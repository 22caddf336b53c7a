//! `slice`'s methods and special methods.

use super::Slice;
use crate::objects::text_builder::TextBuilder;
use crate::prelude::*;

/// An int of any size, for `slice.indices`.
fn evaluate(cx: &Thread, v: Value) -> Res {
    if v.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "slice indices must be integers or None or have an __index__ method");
    }
    index(cx, v)
}

fn less(cx: &Thread, a: Value, b: Value) -> Res<bool> {
    compare_bool(cx, a, b, CmpOp::Lt)
}

/// Clips one bound of `slice.indices`, with ints of any size.
fn clip(cx: &Thread, v: Value, len: Value, lower: Value, upper: Value) -> Res {
    let mut x = evaluate(cx, v)?;
    if less(cx, x, Value::small(0))? {
        x = binary(cx, x, len, BinOp::Add)?;
        if less(cx, x, lower)? { Ok(lower) } else { Ok(x) }
    } else if less(cx, upper, x)? {
        Ok(upper)
    } else {
        Ok(x)
    }
}

impl Slice {
    fn parts(&self) -> [Value; 3] {
        [self.start.value(), self.stop.value(), self.step.value()]
    }
}

#[pymethods]
impl Slice {
    #[slot(sig = "(cls, start, stop=None, step=None, /)")]
    fn __new__(cx: &Thread, _cls: &Type, start: Value, stop: Option<Value>, step: Value) -> Res {
        let s = match stop {
            None => Slice::new(cx, none(), start, none()),
            Some(stop) => Slice::new(cx, start, stop, step),
        };
        Ok(Value::from_ref(s))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Slice) -> Res {
        let mut b = TextBuilder::new();
        b.push_str("slice(");
        for (i, v) in this.parts().into_iter().enumerate() {
            if i > 0 {
                b.push_str(", ");
            }
            b.push_repr(cx, v)?;
        }
        b.push_str(")");
        Ok(b.finish(cx))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Slice) -> Res<i64> {
        const P1: u64 = 11400714785074694791;
        const P2: u64 = 14029467366897019727;
        const P5: u64 = 2870177450012600261;
        let mut acc = P5;
        for v in this.parts() {
            acc = acc.wrapping_add((hash(cx, v)? as u64).wrapping_mul(P2));
            acc = acc.rotate_left(31).wrapping_mul(P1);
        }
        Ok(if acc == u64::MAX { 1546275796 } else { acc as i64 })
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Slice, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<Slice>() else { return Ok(not_implemented()) };
        if std::ptr::eq(this, o) {
            return Ok(py_bool(matches!(op, CmpOp::Eq | CmpOp::Le | CmpOp::Ge)));
        }
        let a = Tuple::from_slice(cx, &this.parts());
        let b = Tuple::from_slice(cx, &o.parts());
        rich_compare(cx, Value::from_ref(a), Value::from_ref(b), op)
    }

    /// Where the slice starts.
    #[getter]
    fn start(_cx: &Thread, this: &Slice) -> Value {
        this.start.value()
    }

    /// Where it stops.
    #[getter]
    fn stop(_cx: &Thread, this: &Slice) -> Value {
        this.stop.value()
    }

    /// Its step.
    #[getter]
    fn step(_cx: &Thread, this: &Slice) -> Value {
        this.step.value()
    }

    /// S.indices(len) -> (start, stop, stride)
    ///
    /// The slice over a sequence of `len` items, out-of-bounds indices clipped.
    #[pymethod]
    fn indices(cx: &Thread, this: &Slice, object: Value) -> Res {
        let length = index(cx, object)?;
        let zero = Value::small(0);
        if less(cx, length, zero)? {
            raise!(cx, ValueError, "length should not be negative");
        }
        let [start, stop, step] = this.parts();
        let step = if step.is_none() { Value::small(1) } else { evaluate(cx, step)? };
        if compare_bool(cx, step, zero, CmpOp::Eq)? {
            raise!(cx, ValueError, "slice step cannot be zero");
        }
        let backward = less(cx, step, zero)?;
        let (lower, upper) = if backward {
            (Value::small(-1), binary(cx, length, Value::small(1), BinOp::Sub)?)
        } else {
            (zero, length)
        };
        let start = match start.is_none() {
            true => {
                if backward {
                    upper
                } else {
                    lower
                }
            }
            false => clip(cx, start, length, lower, upper)?,
        };
        let stop = match stop.is_none() {
            true => {
                if backward {
                    lower
                } else {
                    upper
                }
            }
            false => clip(cx, stop, length, lower, upper)?,
        };
        Ok(Value::from_ref(Tuple::from_slice(cx, &[start, stop, step])))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Slice) -> Res {
        let args = Tuple::from_slice(cx, &this.parts());
        let t = Value::from_ref(Slice::type_object());
        Ok(Value::from_ref(Tuple::pair(cx, t, Value::from_ref(args))))
    }
}
