//! `tee`: several iterators over one, sharing what was read in a chain of blocks.

use super::{pickle_warning, slot, state_tuple, tuple, type_of};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use taipan_heap::lock::lock;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

/// Items a block holds, as in CPython (pickles depend on it).
const LINK_CELLS: usize = 57;

#[repr(C)]
pub struct TeeData {
    pub head: Head,
    it: Slot,
    next: Slot,
    read: AtomicUsize,
    running: AtomicBool,
    values: [Slot; LINK_CELLS],
}

taipan_vm::pytype! { TeeData, PyItertools__tee_dataobject_Type, name: "_tee_dataobject", module: "itertools", base: Object,
doc: "Data container common to multiple tee objects." }

/// Ends the reading of the underlying iterator when dropped.
struct Running<'a>(&'a AtomicBool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl TeeData {
    fn make(cx: &Thread, it: Value) -> &'static TeeData {
        cx.alloc(TeeData {
            head: fresh_head(),
            it: slot(it),
            next: Slot::empty(),
            read: AtomicUsize::new(0),
            running: AtomicBool::new(false),
            values: [const { Slot::empty() }; LINK_CELLS],
        })
    }

    /// Item `i` of the block, read from the iterator if it is the next one.
    fn item(&self, cx: &Thread, i: usize) -> Res<Option<Value>> {
        if i < self.read.load(Ordering::Acquire) {
            return Ok(self.values[i].get());
        }
        if self.running.swap(true, Ordering::AcqRel) {
            raise!(cx, RuntimeError, "cannot re-enter the tee iterator");
        }
        let _running = Running(&self.running);
        let n = self.read.load(Ordering::Acquire);
        if i < n {
            return Ok(self.values[i].get());
        }
        let Some(v) = iter_next(cx, self.it.value())? else { return Ok(None) };
        if let Some(s) = self.values.get(n) {
            s.set(&self.head, v);
            self.read.store(n + 1, Ordering::Release);
        }
        Ok(Some(v))
    }

    fn link(&self, cx: &Thread) -> &'static TeeData {
        let next = match self.next.get() {
            Some(n) => n,
            None => {
                let fresh = Value::from_ref(TeeData::make(cx, self.it.value()));
                match self.next.compare_exchange(&self.head, None, Some(fresh)) {
                    Ok(()) => fresh,
                    Err(other) => other.unwrap_or(fresh),
                }
            }
        };
        next.downcast_exact::<TeeData>().expect("links are blocks")
    }
}

#[pymethods]
impl TeeData {
    #[slot(sig = "(cls, iterable, values, next, /)")]
    fn __new__(
        cx: &Thread,
        _cls: &Type,
        iterable: Value,
        values: &'static List,
        next: Value,
    ) -> Res {
        let d = TeeData::make(cx, iterable);
        let values = values.to_vec();
        let full = values.len() == LINK_CELLS;
        let next_ok = next.is_none() || (full && next.downcast_exact::<TeeData>().is_some());
        if values.len() > LINK_CELLS || !next_ok {
            raise!(cx, ValueError, "Invalid arguments");
        }
        for (s, &v) in d.values.iter().zip(values.iter()) {
            s.set(&d.head, v);
        }
        d.read.store(values.len(), Ordering::Release);
        if !next.is_none() {
            d.next.set(&d.head, next);
        }
        Ok(Value::from_ref(d))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &TeeData) -> Res {
        pickle_warning(cx)?;
        let n = this.read.load(Ordering::Acquire);
        let values: GcVec<Value> = this.values[..n].iter().filter_map(|s| s.get()).collect();
        let values = Value::from_ref(List::from_slice(cx, &values));
        let args = tuple(cx, &[this.it.value(), values, this.next.get().unwrap_or(none())]);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args]))
    }
}

#[repr(C)]
pub struct Tee {
    pub head: Head,
    data: Slot,
    index: AtomicUsize,
}

taipan_vm::pytype! { Tee, PyItertools__tee_Type, name: "_tee", module: "itertools", base: Object,
weakref: true, doc: "_tee(iterable, /)\n--\n\nIterator wrapped to make it copyable." }

impl Tee {
    fn make(cx: &Thread, data: Value, index: usize) -> Value {
        Value::from_ref(cx.alloc(Tee {
            head: fresh_head(),
            data: slot(data),
            index: AtomicUsize::new(index),
        }))
    }

    fn copied(&self, cx: &Thread) -> Value {
        let (data, index) = self.place();
        Tee::make(cx, data, index)
    }

    /// The block and the place in it.
    fn place(&self) -> (Value, usize) {
        let _g = lock(&self.head);
        (self.data.value(), self.index.load(Ordering::Relaxed))
    }

    /// Moves on to another place, unless another thread has moved on.
    fn go_on(&self, data: Value, index: usize, new_data: Value, new_index: usize) -> bool {
        let _g = lock(&self.head);
        if self.data.value() != data || self.index.load(Ordering::Relaxed) != index {
            return false;
        }
        if new_data != data {
            self.data.set(&self.head, new_data);
        }
        self.index.store(new_index, Ordering::Relaxed);
        true
    }

    fn from_iterable(cx: &Thread, iterable: Value) -> Res {
        let it = iter(cx, iterable)?;
        if let Some(t) = it.downcast::<Tee>() {
            return Ok(t.copied(cx));
        }
        let data = TeeData::make(cx, it);
        Ok(Tee::make(cx, Value::from_ref(data), 0))
    }
}

#[pymethods]
impl Tee {
    #[slot(sig = "(cls, iterable, /)")]
    fn __new__(cx: &Thread, _cls: &Type, iterable: Value) -> Res {
        Tee::from_iterable(cx, iterable)
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Tee) -> Res<Option<Value>> {
        loop {
            let (at, i) = this.place();
            let data = at.downcast_exact::<TeeData>().expect("data is a block");
            if i >= LINK_CELLS {
                let next = Value::from_ref(data.link(cx));
                this.go_on(at, i, next, 0);
                continue;
            }
            let v = data.item(cx, i)?;
            // Of threads that share the iterator one takes the item.
            if v.is_none() || this.go_on(at, i, at, i + 1) {
                return Ok(v);
            }
        }
    }

    /// An independent iterator at the same place.
    #[pymethod]
    fn __copy__(cx: &Thread, this: &Tee) -> Value {
        this.copied(cx)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Tee) -> Res {
        pickle_warning(cx)?;
        let empty = Value::from_ref(Tuple::empty(cx));
        let i = Value::small(this.index.load(Ordering::Relaxed) as i64);
        let state = tuple(cx, &[this.data.value(), i]);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), tuple(cx, &[empty]), state]))
    }

    /// Restores the block and the place in it.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Tee, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        let t = state_tuple(cx, state)?.as_slice();
        let &[data, i] = t else {
            raise!(cx, TypeError, "function takes exactly 2 arguments ({} given)", t.len());
        };
        if data.downcast_exact::<TeeData>().is_none() {
            raise!(
                cx,
                TypeError,
                "argument 1 must be itertools._tee_dataobject, not {}",
                data.ty().name()
            );
        }
        let i = index_isize(cx, i, exc::OverflowError())?;
        if !(0..=LINK_CELLS as isize).contains(&i) {
            raise!(cx, ValueError, "Index out of range");
        }
        this.data.set(&this.head, data);
        this.index.store(i as usize, Ordering::Relaxed);
        Ok(())
    }
}

/// A tuple of n independent iterators over the iterable.
#[pyfunction(sig = "(iterable, n=2, /)")]
pub fn tee(cx: &Thread, iterable: Value, n: isize) -> Res {
    if n < 0 {
        raise!(cx, ValueError, "n must be >= 0");
    }
    if n == 0 {
        return Ok(Value::from_ref(Tuple::empty(cx)));
    }
    if n as usize > 1 << 40 {
        return Err(cx.no_memory());
    }
    let first = Tee::from_iterable(cx, iterable)?;
    let t = first.downcast_exact::<Tee>().expect("just made");
    let Some(mut all) = GcVec::try_with_capacity(n as usize) else { return Err(cx.no_memory()) };
    all.push(first);
    for _ in 1..n {
        all.push(t.copied(cx));
        cx.poll()?;
    }
    Ok(tuple(cx, &all))
}
