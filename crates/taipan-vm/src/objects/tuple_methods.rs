//! `tuple`'s methods and special methods, and its iterator.

use crate::objects::iterators::{self, reduce_iter};
use crate::objects::list::{clip_bounds, compare_seq, repeat_values};
use crate::objects::object::Object;
use crate::objects::slice::Slice;
use crate::objects::text_builder::{TextBuilder, enter_repr};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, Ordering};

/// xxHash's mixing as CPython's tuples do it, so that hashes are the same.
pub fn hash_values(cx: &Thread, items: &[Value]) -> Res<i64> {
    const P1: u64 = 11400714785074694791;
    const P2: u64 = 14029467366897019727;
    const P5: u64 = 2870177450012600261;
    let mut acc = P5;
    for (i, &v) in items.iter().enumerate() {
        if i & 0x3FF == 0x3FF {
            cx.poll()?;
        }
        let lane = crate::objects::dict::hash_key(cx, v)? as u64;
        acc = acc.wrapping_add(lane.wrapping_mul(P2));
        acc = acc.rotate_left(31);
        acc = acc.wrapping_mul(P1);
    }
    acc = acc.wrapping_add(items.len() as u64 ^ (P5 ^ 3527539));
    Ok(if acc == u64::MAX { 1546275796 } else { acc as i64 })
}

/// The items of any iterable as a tuple; an exact tuple is given back.
pub fn tuple_of(cx: &Thread, v: Value) -> Res<&'static Tuple> {
    if let Some(t) = v.downcast_exact::<Tuple>() {
        return Ok(t);
    }
    let mut few = [none(); 16];
    let items = match v.downcast_exact::<List>() {
        Some(l) => match l.copy_few(&mut few) {
            Some(items) => return Ok(Tuple::from_slice(cx, items)),
            None => l.to_vec(),
        },
        None => {
            let mut out = GcVec::new();
            let it = iter(cx, v)?;
            // CPython asks the hint first; an error of it is raised.
            length_hint(cx, v, 10)?;
            while let Some(x) = next_item(cx, it)? {
                out.push(x);
                cx.poll()?;
            }
            out
        }
    };
    Ok(Tuple::from_slice(cx, &items))
}

#[pymethods]
impl Tuple {
    #[slot(sig = "(cls, iterable=(), /)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Option<Value>) -> Res {
        let t = match iterable {
            Some(v) => tuple_of(cx, v)?,
            None => Tuple::empty(cx),
        };
        if cls.is(Tuple::type_object()) {
            return Ok(Value::from_ref(t));
        }
        Ok(Value::from_ref(Tuple::new_in(cx, cls, t.as_slice())))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Tuple) -> Res {
        let items = this.as_slice();
        if items.is_empty() {
            return Ok(Value::from_ref(id!(cx, "()")));
        }
        let Some(_guard) = enter_repr(cx, Value::from_ref(this)) else {
            return Ok(Value::from_ref(id!(cx, "(...)")));
        };
        let mut b = TextBuilder::new();
        b.push_str("(");
        for (i, &v) in items.iter().enumerate() {
            if i > 0 {
                b.push_str(", ");
            }
            b.push_repr(cx, v)?;
        }
        b.push_str(if items.len() == 1 { ",)" } else { ")" });
        Ok(b.finish(cx))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Tuple) -> Res<i64> {
        let _depth = cx.enter_recursive(" in __hash__")?;
        hash_values(cx, this.as_slice())
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &Tuple) -> Res<usize> {
        Ok(this.len())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Tuple, key: Value) -> Res {
        let items = this.as_slice();
        let i = match key.as_small() {
            Some(i) => i as isize,
            None => {
                if let Some(s) = key.downcast_exact::<Slice>() {
                    let r = s.over(cx, items.len())?;
                    if r.step == 1
                        && r.len == items.len()
                        && Value::from_ref(this).downcast_exact::<Tuple>().is_some()
                    {
                        return Ok(Value::from_ref(this));
                    }
                    let out: GcVec<Value> = r.indices().map(|i| items[i]).collect();
                    return Ok(Value::from_ref(Tuple::from_slice(cx, &out)));
                }
                if key.ty().slots().index.get().is_none() {
                    raise!(
                        cx,
                        TypeError,
                        "tuple indices must be integers or slices, not {}",
                        key.ty().name()
                    );
                }
                index_isize(cx, key, exc::IndexError())?
            }
        };
        let i = if i < 0 { i + items.len() as isize } else { i };
        match items.get(i as usize) {
            Some(&v) if i >= 0 => Ok(v),
            _ => raise!(cx, IndexError, "tuple index out of range"),
        }
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &Tuple, v: Value) -> Res<bool> {
        for (i, &x) in this.as_slice().iter().enumerate() {
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
            if eq(cx, x, v)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: Value) -> Res {
        Ok(TupleIter::new(cx, this))
    }

    #[slot]
    fn __concat__(cx: &Thread, this: &Tuple, other: Value) -> Res {
        let exact = Value::from_ref(this).downcast_exact::<Tuple>();
        let Some(o) = other.downcast::<Tuple>() else {
            raise!(
                cx,
                TypeError,
                "can only concatenate tuple (not \"{}\") to tuple",
                other.ty().name()
            );
        };
        if this.is_empty() && other.downcast_exact::<Tuple>().is_some() {
            return Ok(other);
        }
        if o.is_empty() && exact.is_some() {
            return Ok(Value::from_ref(this));
        }
        let mut items: GcVec<Value> = this.as_slice().into();
        items.extend_from_slice(o.as_slice());
        Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
    }

    #[slot]
    fn __repeat__(cx: &Thread, this: &Tuple, n: isize) -> Res {
        if (n == 1 || this.is_empty()) && Value::from_ref(this).downcast_exact::<Tuple>().is_some()
        {
            return Ok(Value::from_ref(this));
        }
        let items = repeat_values(cx, this.as_slice(), n)?;
        Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Tuple, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<Tuple>() else { return Ok(not_implemented()) };
        let (a, b) = (this.as_slice(), o.as_slice());
        compare_seq(cx, op, |i| a.get(i).copied(), |i| b.get(i).copied(), || (a.len(), b.len()))
    }

    /// How many items equal the value.
    #[pymethod]
    fn count(cx: &Thread, this: &Tuple, value: Value) -> Res<usize> {
        let mut n = 0;
        for (i, &x) in this.as_slice().iter().enumerate() {
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
            if eq(cx, x, value)? {
                n += 1;
            }
        }
        Ok(n)
    }

    /// The first position of the value; ValueError where there is none.
    #[pymethod(sig = "(self, value, start=0, stop=sys.maxsize, /)")]
    fn index(
        cx: &Thread,
        this: &Tuple,
        value: Value,
        start: Option<Value>,
        stop: Option<Value>,
    ) -> Res<usize> {
        let items = this.as_slice();
        let (start, stop) = clip_bounds(cx, start, stop, || items.len())?;
        for i in start..stop.min(items.len()) {
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
            if eq(cx, items[i], value)? {
                return Ok(i);
            }
        }
        raise!(cx, ValueError, "tuple.index(x): x not in tuple")
    }

    /// The arguments that make an equal tuple, for pickling.
    #[pymethod]
    fn __getnewargs__(cx: &Thread, this: &Tuple) -> Res {
        let same = Tuple::from_slice(cx, this.as_slice());
        Ok(Value::from_ref(Tuple::from_slice(cx, &[Value::from_ref(same)])))
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        crate::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

#[repr(C)]
pub struct TupleIter {
    pub head: Head,
    index: AtomicIsize,
    seq: Slot,
}

crate::pytype! { TupleIter, PyTupleIter_Type, name: "tuple_iterator", module: "builtins", base: Object }

impl TupleIter {
    pub fn new(cx: &Thread, tuple: Value) -> Value {
        let it = TupleIter { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
        it.seq.init(Some(tuple));
        Value::from_ref(cx.alloc(it))
    }

    fn tuple(&self) -> Option<&'static Tuple> {
        // SAFETY: seq is empty or the tuple that `new` was given (checked by its caller).
        self.seq.get().map(|v| unsafe { &*(v.bits() as *const Tuple) })
    }

    /// As `advance`, but nothing happens at the end or where threads share it: for the interpreter's loop instruction.
    #[inline(always)]
    pub fn advance_within(&self, cx: &Thread) -> Option<Value> {
        if !iterators::mine(cx, &self.head) {
            return None;
        }
        let i = self.index.load(Ordering::Relaxed);
        let v = *self.tuple()?.as_slice().get(i as usize)?;
        self.index.store(i + 1, Ordering::Relaxed);
        Some(v)
    }

    /// The next item.
    #[inline(always)]
    pub fn advance(&self, cx: &Thread) -> Option<Value> {
        let items = self.tuple()?.as_slice();
        let item = iterators::step(cx, &self.head, || {
            let i = self.index.load(Ordering::Relaxed);
            let item = items.get(i as usize).copied();
            if item.is_some() {
                self.index.store(i + 1, Ordering::Relaxed);
            }
            item
        });
        if item.is_none() {
            self.seq.clear(&self.head);
        }
        item
    }
}

#[pymethods]
impl TupleIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &TupleIter) -> Res<Option<Value>> {
        Ok(this.advance(cx))
    }

    /// How many items are left.
    #[pymethod]
    fn __length_hint__(_cx: &Thread, this: &TupleIter) -> isize {
        match this.tuple() {
            Some(t) => (t.len() as isize - this.index.load(Ordering::Relaxed)).max(0),
            None => 0,
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &TupleIter) -> Res {
        reduce_iter(cx, || (this.seq.get(), this.index.load(Ordering::Relaxed)))
    }

    /// Sets the position.
    #[pymethod]
    fn __setstate__(cx: &Thread, this: &TupleIter, state: Value) -> Res<()> {
        let i = index_isize(cx, state, exc::OverflowError())?;
        if let Some(t) = this.tuple() {
            this.index.store(i.clamp(0, t.len() as isize), Ordering::Relaxed);
        }
        Ok(())
    }
}
