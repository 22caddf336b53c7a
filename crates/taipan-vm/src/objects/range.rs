//! `range`, over ints of any size, and its two iterators: `range_iterator` for machine words,
//! `longrange_iterator` for the rest. All fields of a range are exact ints and never change.

use crate::objects::int::{int_type, is_int};
use crate::objects::iterators::{builtin, mine, step};
use crate::objects::object::Object;
use crate::objects::slice::Slice;
use crate::objects::text_builder::TextBuilder;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicI64, Ordering};

#[repr(C)]
pub struct Range {
    pub head: Head,
    start: Slot,
    stop: Slot,
    step: Slot,
    length: Slot,
}

crate::pytype! { Range, PyRange_Type, name: "range", module: "builtins", base: Object,
flags: tpflags::SEQUENCE,
doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nThe ints from start (inclusive) to stop (exclusive) by step." }

const ZERO: Value = Value::small(0);
const ONE: Value = Value::small(1);

fn add(cx: &Thread, a: Value, b: Value) -> Res {
    binary(cx, a, b, BinOp::Add)
}

fn sub(cx: &Thread, a: Value, b: Value) -> Res {
    binary(cx, a, b, BinOp::Sub)
}

fn mul(cx: &Thread, a: Value, b: Value) -> Res {
    binary(cx, a, b, BinOp::Mul)
}

fn lt(cx: &Thread, a: Value, b: Value) -> Res<bool> {
    match (a.as_small(), b.as_small()) {
        (Some(x), Some(y)) => Ok(x < y),
        _ => compare_bool(cx, a, b, CmpOp::Lt),
    }
}

/// How many items `range(start, stop, step)` has.
fn length_of(cx: &Thread, start: Value, stop: Value, step: Value) -> Res {
    if let (Some(a), Some(b), Some(s)) = (int_to_i64(start), int_to_i64(stop), int_to_i64(step)) {
        let (a, b, s) = (a as i128, b as i128, s as i128);
        let (lo, hi, s) = if s > 0 { (a, b, s) } else { (b, a, -s) };
        return Ok(int_from_i128(cx, if lo < hi { (hi - lo - 1) / s + 1 } else { 0 }));
    }
    let backward = lt(cx, step, ZERO)?;
    let (lo, hi, s) = if backward {
        (stop, start, unary(cx, step, crate::types::slots::SlotId::neg)?)
    } else {
        (start, stop, step)
    };
    if !lt(cx, lo, hi)? {
        return Ok(ZERO);
    }
    let span = sub(cx, sub(cx, hi, lo)?, ONE)?;
    add(cx, binary(cx, span, s, BinOp::FloorDiv)?, ONE)
}

impl Range {
    /// A range of exact ints; step is not zero.
    pub fn new(cx: &Thread, start: Value, stop: Value, step: Value) -> Res {
        let length = length_of(cx, start, stop, step)?;
        let r = Range {
            head: fresh_head(),
            start: Slot::empty(),
            stop: Slot::empty(),
            step: Slot::empty(),
            length: Slot::empty(),
        };
        r.start.init(Some(start));
        r.stop.init(Some(stop));
        r.step.init(Some(step));
        r.length.init(Some(length));
        Ok(Value::from_ref(cx.alloc(r)))
    }

    /// start, step and length as machine words, where every item fits too.
    pub fn as_words(&self) -> Option<(i64, i64, i64)> {
        let (a, b) = (int_to_i64(self.start.value())?, int_to_i64(self.stop.value())?);
        let s = int_to_i64(self.step.value())?;
        let n = int_to_i64(self.length.value())?;
        // The position after the last item must not overflow either.
        let _ = b;
        i64::try_from(a as i128 + n as i128 * s as i128).ok()?;
        Some((a, s, n))
    }

    /// Item `i`, which is in range.
    fn item(&self, cx: &Thread, i: Value) -> Res {
        let (start, step) = (self.start.value(), self.step.value());
        if let (Some(a), Some(s), Some(i)) = (start.as_small(), step.as_small(), i.as_small()) {
            return Ok(int_from_i128(cx, a as i128 + s as i128 * i as i128));
        }
        add(cx, start, mul(cx, i, step)?)
    }

    fn slice(&self, cx: &Thread, s: &Slice) -> Res {
        let t = call_method(cx, Value::from_ref(s), id!(cx, "indices"), &[self.length.value()])?;
        let t = t.downcast_exact::<Tuple>().expect("slice.indices gives a tuple");
        let step = mul(cx, t.get(2), self.step.value())?;
        let start = self.item(cx, t.get(0))?;
        let stop = self.item(cx, t.get(1))?;
        Range::new(cx, start, stop, step)
    }

    /// `v in self` for an int.
    fn contains_int(&self, cx: &Thread, v: Value) -> Res<bool> {
        let (start, stop, step) = (self.start.value(), self.stop.value(), self.step.value());
        if let (Some(a), Some(b), Some(s), Some(x)) =
            (start.as_small(), stop.as_small(), step.as_small(), int_to_i64(v))
        {
            let inside = if s > 0 { a <= x && x < b } else { b < x && x <= a };
            return Ok(inside && (x as i128 - a as i128) % s as i128 == 0);
        }
        let inside = if lt(cx, ZERO, step)? {
            !lt(cx, v, start)? && lt(cx, v, stop)?
        } else {
            lt(cx, stop, v)? && !lt(cx, start, v)?
        };
        if !inside {
            return Ok(false);
        }
        let r = binary(cx, sub(cx, v, start)?, step, BinOp::Mod)?;
        Ok(!is_true(cx, r)?)
    }

    /// What two equal ranges share: length, start and step as far as they matter.
    fn essence(&self, cx: &Thread) -> Res<[Value; 3]> {
        let n = self.length.value();
        if n == ZERO {
            return Ok([n, none(), none()]);
        }
        if compare_bool(cx, n, ONE, CmpOp::Eq)? {
            return Ok([n, self.start.value(), none()]);
        }
        Ok([n, self.start.value(), self.step.value()])
    }
}

/// Ints whose membership is arithmetic: exact int and bool.
fn is_plain_int(v: Value) -> bool {
    v.is_small() || v.ty().is(int_type()) || v == py_bool(true) || v == py_bool(false)
}

#[pymethods]
impl Range {
    #[slot(sig = "(cls, start, stop=None, step=None, /)")]
    fn __new__(
        cx: &Thread,
        _cls: &Type,
        start: Value,
        stop: Option<Value>,
        step: Option<Value>,
    ) -> Res {
        let Some(stop) = stop else {
            return Range::new(cx, ZERO, index(cx, start)?, ONE);
        };
        let start = index(cx, start)?;
        let stop = index(cx, stop)?;
        let step = step.map_or(Ok(ONE), |s| index(cx, s))?;
        if step == ZERO {
            raise!(cx, ValueError, "range() arg 3 must not be zero");
        }
        Range::new(cx, start, stop, step)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Range) -> Res {
        let mut b = TextBuilder::new();
        b.push_str("range(");
        b.push_repr(cx, this.start.value())?;
        b.push_str(", ");
        b.push_repr(cx, this.stop.value())?;
        if this.step.value() != ONE {
            b.push_str(", ");
            b.push_repr(cx, this.step.value())?;
        }
        b.push_str(")");
        Ok(b.finish(cx))
    }

    #[slot]
    fn __len__(cx: &Thread, this: &Range) -> Res<usize> {
        match int_to_i64(this.length.value()) {
            Some(n) => Ok(n as usize),
            None => raise!(cx, OverflowError, "Python int too large to convert to C ssize_t"),
        }
    }

    #[slot]
    fn __bool__(_cx: &Thread, this: &Range) -> Res<bool> {
        Ok(this.length.value() != ZERO)
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Range) -> Res<i64> {
        crate::objects::tuple::methods::hash_values(cx, &this.essence(cx)?)
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Range, other: Value, op: CmpOp) -> Res {
        let (Some(o), CmpOp::Eq | CmpOp::Ne) = (other.downcast::<Range>(), op) else {
            return Ok(not_implemented());
        };
        let (a, b) = (this.essence(cx)?, o.essence(cx)?);
        let mut same = true;
        for (x, y) in a.into_iter().zip(b) {
            same = same && eq(cx, x, y)?;
        }
        Ok(py_bool(same == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Range, key: Value) -> Res {
        if let Some(s) = key.downcast_exact::<Slice>() {
            return this.slice(cx, s);
        }
        if key.ty().slots().index.get().is_none() {
            raise!(
                cx,
                TypeError,
                "range indices must be integers or slices, not {}",
                key.ty().name()
            );
        }
        let mut i = index(cx, key)?;
        let n = this.length.value();
        if lt(cx, i, ZERO)? {
            i = add(cx, i, n)?;
        }
        if lt(cx, i, ZERO)? || !lt(cx, i, n)? {
            raise!(cx, IndexError, "range object index out of range");
        }
        this.item(cx, i)
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &Range, v: Value) -> Res<bool> {
        if is_plain_int(v) {
            return this.contains_int(cx, v);
        }
        let it = iter(cx, Value::from_ref(this))?;
        while let Some(x) = iter_next(cx, it)? {
            cx.poll()?;
            if eq(cx, x, v)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Range) -> Res {
        if let Some((start, step, len)) = this.as_words() {
            return Ok(RangeIter::new(cx, start, step, len));
        }
        Ok(LongRangeIter::new(cx, this.start.value(), this.step.value(), this.length.value()))
    }

    /// An iterator from the last item to the first.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &Range) -> Res {
        if let Some((start, step, len)) = this.as_words() {
            if let Some(neg) = step.checked_neg() {
                // No item: the start does not matter, but must not overflow.
                let last = start.wrapping_add((len - 1).wrapping_mul(step));
                return Ok(RangeIter::new(cx, last, neg, len));
            }
        }
        let n = this.length.value();
        let step = unary(cx, this.step.value(), crate::types::slots::SlotId::neg)?;
        let last = this.item(cx, sub(cx, n, ONE)?)?;
        Ok(LongRangeIter::new(cx, last, step, n))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Range) -> Res {
        let args =
            Tuple::from_slice(cx, &[this.start.value(), this.stop.value(), this.step.value()]);
        let ty = Value::from_ref(Range::type_object());
        Ok(Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(args))))
    }

    /// rangeobject.count(value) -> integer -- number of items that equal the value
    #[pymethod(text = "($self, object, /)")]
    fn count(cx: &Thread, this: &Range, value: Value) -> Res<usize> {
        if is_plain_int(value) {
            return Ok(this.contains_int(cx, value)? as usize);
        }
        let mut n = 0;
        let it = iter(cx, Value::from_ref(this))?;
        while let Some(x) = iter_next(cx, it)? {
            cx.poll()?;
            n += eq(cx, x, value)? as usize;
        }
        Ok(n)
    }

    /// rangeobject.index(value) -> integer -- position of the value; ValueError if it is not there
    #[pymethod(text = "($self, object, /)")]
    fn index(cx: &Thread, this: &Range, value: Value) -> Res {
        if is_plain_int(value) {
            if this.contains_int(cx, value)? {
                let d = sub(cx, value, this.start.value())?;
                return binary(cx, d, this.step.value(), BinOp::FloorDiv);
            }
            raise!(cx, ValueError, "{} is not in range", repr(cx, value)?);
        }
        let it = iter(cx, Value::from_ref(this))?;
        let mut i = 0i64;
        while let Some(x) = iter_next(cx, it)? {
            cx.poll()?;
            if eq(cx, x, value)? {
                return Ok(Value::small(i));
            }
            i += 1;
        }
        raise!(cx, ValueError, "sequence.index(x): x not in sequence")
    }

    #[getter]
    fn start(_cx: &Thread, this: &Range) -> Value {
        this.start.value()
    }

    #[getter]
    fn stop(_cx: &Thread, this: &Range) -> Value {
        this.stop.value()
    }

    #[getter]
    fn step(_cx: &Thread, this: &Range) -> Value {
        this.step.value()
    }
}

/// `(iter, (range,), None)`.
fn reduce(cx: &Thread, start: Value, stop: Value, step: Value) -> Res {
    let r = Range::new(cx, start, stop, step)?;
    let f = builtin(cx, id!(cx, "iter"))?;
    let args = Value::from_ref(Tuple::from_slice(cx, &[r]));
    Ok(Value::from_ref(Tuple::from_slice(cx, &[f, args, none()])))
}

#[repr(C)]
pub struct RangeIter {
    pub head: Head,
    start: AtomicI64,
    step: i64,
    len: AtomicI64,
}

crate::pytype! { RangeIter, PyRangeIter_Type, name: "range_iterator", module: "builtins", base: Object, kind: Leaf }

impl RangeIter {
    pub fn new(cx: &Thread, start: i64, step: i64, len: i64) -> Value {
        Value::from_ref(cx.alloc(RangeIter {
            head: fresh_head(),
            start: AtomicI64::new(start),
            step,
            len: AtomicI64::new(len),
        }))
    }

    /// The next item, for the interpreter's loop instruction.
    #[inline(always)]
    pub fn advance(&self, cx: &Thread) -> Option<i64> {
        step(cx, &self.head, || {
            let n = self.len.load(Ordering::Relaxed);
            if n <= 0 {
                return None;
            }
            let x = self.start.load(Ordering::Relaxed);
            self.start.store(x.wrapping_add(self.step), Ordering::Relaxed);
            self.len.store(n - 1, Ordering::Relaxed);
            Some(x)
        })
    }

    /// As `advance`; the outer `None`, nothing taken: the item needs a heap object, or threads share the iterator.
    #[inline(always)]
    pub fn advance_small(&self, cx: &Thread) -> Option<Option<Value>> {
        if !mine(cx, &self.head) {
            return None;
        }
        let n = self.len.load(Ordering::Relaxed);
        if n <= 0 {
            return Some(None);
        }
        let x = self.start.load(Ordering::Relaxed);
        let v = Value::try_small(x)?;
        self.start.store(x.wrapping_add(self.step), Ordering::Relaxed);
        self.len.store(n - 1, Ordering::Relaxed);
        Some(Some(v))
    }
}

#[pymethods]
impl RangeIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &RangeIter) -> Res<Option<Value>> {
        Ok(this.advance(cx).map(|x| match Value::try_small(x) {
            Some(v) => v,
            None => int_from_i128(cx, x as i128),
        }))
    }

    /// How many items are left.
    #[pymethod]
    fn __length_hint__(_cx: &Thread, this: &RangeIter) -> i64 {
        this.len.load(Ordering::Relaxed)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &RangeIter) -> Res {
        let start = this.start.load(Ordering::Relaxed) as i128;
        let stop = start + this.len.load(Ordering::Relaxed) as i128 * this.step as i128;
        reduce(
            cx,
            int_from_i128(cx, start),
            int_from_i128(cx, stop),
            int_from_i128(cx, this.step as i128),
        )
    }

    /// Sets the position.
    #[pymethod]
    fn __setstate__(cx: &Thread, this: &RangeIter, state: Value) -> Res<()> {
        let i = index_isize(cx, state, exc::OverflowError())? as i64;
        step(cx, &this.head, || {
            let n = this.len.load(Ordering::Relaxed);
            let i = i.clamp(0, n.max(0));
            let start = this.start.load(Ordering::Relaxed);
            this.start.store(start.wrapping_add(i.wrapping_mul(this.step)), Ordering::Relaxed);
            this.len.store(n - i, Ordering::Relaxed);
        });
        Ok(())
    }
}

#[repr(C)]
pub struct LongRangeIter {
    pub head: Head,
    start: Slot,
    step: Slot,
    len: Slot,
}

crate::pytype! { LongRangeIter, PyLongRangeIter_Type, name: "longrange_iterator", module: "builtins", base: Object }

impl LongRangeIter {
    fn new(cx: &Thread, start: Value, step: Value, len: Value) -> Value {
        let it = LongRangeIter {
            head: fresh_head(),
            start: Slot::empty(),
            step: Slot::empty(),
            len: Slot::empty(),
        };
        it.start.init(Some(start));
        it.step.init(Some(step));
        it.len.init(Some(len));
        Value::from_ref(cx.alloc(it))
    }
}

#[pymethods]
impl LongRangeIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &LongRangeIter) -> Res<Option<Value>> {
        loop {
            let (x, n) = (this.start.value(), this.len.value());
            if !lt(cx, ZERO, n)? {
                return Ok(None);
            }
            let next = add(cx, x, this.step.value())?;
            let left = sub(cx, n, ONE)?;
            let _g = taipan_heap::lock::lock(&this.head);
            if this.len.value() == n && this.start.value() == x {
                this.start.set(&this.head, next);
                this.len.set(&this.head, left);
                return Ok(Some(x));
            }
        }
    }

    /// How many items are left.
    #[pymethod]
    fn __length_hint__(_cx: &Thread, this: &LongRangeIter) -> Value {
        this.len.value()
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &LongRangeIter) -> Res {
        let (start, step) = (this.start.value(), this.step.value());
        let stop = add(cx, start, mul(cx, this.len.value(), step)?)?;
        reduce(cx, start, stop, step)
    }

    /// Sets the position.
    #[pymethod]
    fn __setstate__(cx: &Thread, this: &LongRangeIter, state: Value) -> Res<()> {
        if !is_int(state) {
            raise!(cx, TypeError, "state must be an int, not {}", state.ty().name());
        }
        let n = this.len.value();
        let i = if lt(cx, state, ZERO)? {
            ZERO
        } else if lt(cx, n, state)? {
            n
        } else {
            state
        };
        let start = add(cx, this.start.value(), mul(cx, i, this.step.value())?)?;
        let left = sub(cx, n, i)?;
        this.start.set(&this.head, start);
        this.len.set(&this.head, left);
        Ok(())
    }
}
