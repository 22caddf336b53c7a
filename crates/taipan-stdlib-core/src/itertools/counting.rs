//! `batched`, `count`, `cycle`, `islice`, `repeat`.

use super::{pickle_warning, slot, state_tuple, tuple, type_of};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicIsize, Ordering};
use taipan_heap::lock::lock;
use taipan_vm::objects::int::is_int;
use taipan_vm::objects::iterators::move_on;
use taipan_vm::objects::object::Object;
use taipan_vm::objects::text_builder::TextBuilder;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Batched {
    pub head: Head,
    it: Slot,
    n: isize,
    strict: bool,
}

taipan_vm::pytype! { Batched, PyItertools_batched_Type, name: "batched", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "batched(iterable, n, *, strict=False)\n--\n\nAn iterator of tuples of n items each; the last may be shorter, unless strict is true.\n\n    >>> list(batched('ABCDEFG', 3))\n    [('A', 'B', 'C'), ('D', 'E', 'F'), ('G',)]" }

#[pymethods]
impl Batched {
    #[slot(sig = "(cls, iterable, n, *, strict=False)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value, n: isize, strict: bool) -> Res {
        if n < 1 {
            raise!(cx, ValueError, "n must be at least one");
        }
        let it = iter(cx, iterable)?;
        let b = Batched { head: fresh_head(), it: slot(it), n, strict };
        Ok(Value::from_ref(cx.alloc_in(cls, b)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Batched) -> Res<Option<Value>> {
        let Some(it) = this.it.get() else { return Ok(None) };
        let n = this.n as usize;
        let mut row = GcVec::with_capacity(n.min(64));
        while row.len() < n {
            match iter_next(cx, it) {
                Ok(Some(v)) => row.push(v),
                Ok(None) => break,
                Err(e) => {
                    this.it.clear(&this.head);
                    return Err(e);
                }
            }
            cx.poll()?;
        }
        if row.len() < n {
            this.it.clear(&this.head);
            if row.is_empty() {
                return Ok(None);
            }
            if this.strict {
                raise!(cx, ValueError, "batched(): incomplete batch");
            }
        }
        Ok(Some(tuple(cx, &row)))
    }
}

#[repr(C)]
pub struct Count {
    pub head: Head,
    /// The next value while it is a machine word and the step is the int 1; else `i64::MAX`.
    fast: AtomicI64,
    slow: Slot,
    step: Slot,
}

taipan_vm::pytype! { Count, PyItertools_count_Type, name: "count", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "count(start=0, step=1)\n--\n\nAn iterator of evenly spaced values, without end." }

fn is_number(v: Value) -> bool {
    let s = v.ty().slots();
    v.is_small()
        || s.index.get().is_some()
        || s.int.get().is_some()
        || s.float.get().is_some()
        || v.ty().name() == "complex"
}

#[pymethods]
impl Count {
    #[slot(sig = "(cls, start=0, step=1)")]
    fn __new__(cx: &Thread, cls: &Type, start: Option<Value>, step: Option<Value>) -> Res {
        let start = start.unwrap_or(Value::small(0));
        let step = step.unwrap_or(Value::small(1));
        if !is_number(start) || !is_number(step) {
            raise!(cx, TypeError, "a number is required");
        }
        let by_one = is_int(step) && int_to_i64(step) == Some(1);
        let fast = if is_int(start) && by_one { int_to_i64(start) } else { None };
        let c = Count {
            head: fresh_head(),
            fast: AtomicI64::new(fast.unwrap_or(i64::MAX)),
            slow: Slot::empty(),
            step: slot(step),
        };
        if fast.is_none() {
            c.slow.init(Some(start));
        }
        Ok(Value::from_ref(cx.alloc_in(cls, c)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Count) -> Res<Option<Value>> {
        let mut n = this.fast.load(Ordering::Relaxed);
        while n != i64::MAX {
            match this.fast.compare_exchange_weak(n, n + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(Some(int_from_i128(cx, n as i128))),
                Err(now) => n = now,
            }
        }
        loop {
            let old = this.slow.get();
            let v = old.unwrap_or_else(|| int_from_i128(cx, i64::MAX as i128));
            let next = binary(cx, v, this.step.value(), BinOp::Add)?;
            if this.slow.compare_exchange(&this.head, old, Some(next)).is_ok() {
                return Ok(Some(v));
            }
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Count) -> Res {
        let mut b = TextBuilder::new();
        b.push_str(&Value::from_ref(this).ty().short_name());
        b.push_str("(");
        match this.slow.get() {
            None => b.push_str(&this.fast.load(Ordering::Relaxed).to_string()),
            Some(v) => {
                b.push_repr(cx, v)?;
                let step = this.step.value();
                if !(is_int(step) && int_to_i64(step) == Some(1)) {
                    b.push_str(", ");
                    b.push_repr(cx, step)?;
                }
            }
        }
        b.push_str(")");
        Ok(b.finish(cx))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Count) -> Res {
        pickle_warning(cx)?;
        let n = this.fast.load(Ordering::Relaxed);
        let args = match this.slow.get() {
            Some(v) => tuple(cx, &[v, this.step.value()]),
            None => tuple(cx, &[int_from_i128(cx, n as i128)]),
        };
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args]))
    }
}

#[repr(C)]
pub struct Cycle {
    pub head: Head,
    it: Slot,
    saved: Slot,
    index: AtomicIsize,
    first_pass: AtomicBool,
}

taipan_vm::pytype! { Cycle, PyItertools_cycle_Type, name: "cycle", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "cycle(iterable, /)\n--\n\nAn iterator that gives the items of the iterable again and again." }

impl Cycle {
    fn saved(&self) -> &'static List {
        self.saved.value().downcast::<List>().expect("made as a list")
    }
}

#[pymethods]
impl Cycle {
    #[slot(sig = "(cls, iterable, /)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value) -> Res {
        let it = iter(cx, iterable)?;
        let c = Cycle {
            head: fresh_head(),
            it: slot(it),
            saved: slot(Value::from_ref(List::new(cx))),
            index: AtomicIsize::new(0),
            first_pass: AtomicBool::new(false),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, c)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Cycle) -> Res<Option<Value>> {
        if let Some(it) = this.it.get() {
            if let Some(v) = iter_next(cx, it)? {
                if !this.first_pass.load(Ordering::Relaxed) {
                    this.saved().push(cx, v);
                }
                return Ok(Some(v));
            }
            this.it.clear(&this.head);
        }
        let saved = this.saved();
        loop {
            let n = saved.len() as isize;
            if n == 0 {
                return Ok(None);
            }
            let i = this.index.load(Ordering::Relaxed);
            if move_on(&this.index, i, if i + 1 >= n { 0 } else { i + 1 }) {
                return Ok(saved.get(i as usize).or(saved.get(0)));
            }
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Cycle) -> Res {
        pickle_warning(cx)?;
        let ty = type_of(Value::from_ref(this));
        let saved = this.saved.value();
        let (it, first) = match this.it.get() {
            Some(it) => (it, this.first_pass.load(Ordering::Relaxed)),
            None => {
                let it = iter(cx, saved)?;
                let i = this.index.load(Ordering::Relaxed);
                if i != 0 {
                    call_method(cx, it, id!(cx, "__setstate__"), &[Value::small(i as i64)])?;
                }
                (it, true)
            }
        };
        Ok(tuple(cx, &[ty, tuple(cx, &[it]), tuple(cx, &[saved, py_bool(first)])]))
    }

    /// Restores the saved items.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Cycle, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        let t = state_tuple(cx, state)?.as_slice();
        if t.len() != 2 {
            raise!(cx, TypeError, "function takes exactly 2 arguments ({} given)", t.len());
        }
        if t[0].downcast::<List>().is_none() {
            raise!(cx, TypeError, "argument 1 must be list, not {}", t[0].ty().name());
        }
        let first = index_isize(cx, t[1], exc::OverflowError())? != 0;
        this.saved.set(&this.head, t[0]);
        this.first_pass.store(first, Ordering::Relaxed);
        this.index.store(0, Ordering::Relaxed);
        Ok(())
    }
}

#[repr(C)]
pub struct Islice {
    pub head: Head,
    it: Slot,
    next: AtomicIsize,
    /// -1: no end.
    stop: isize,
    step: isize,
    count: AtomicIsize,
}

taipan_vm::pytype! { Islice, PyItertools_islice_Type, name: "islice", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "islice(iterable, stop)\nislice(iterable, start, stop[, step])\n\nAn iterator of the selected items of an iterable: as slicing, but without negative values." }

/// A bound of islice: None (`default`) or an int that is not negative.
fn islice_bound(cx: &Thread, v: Value, default: isize) -> Option<isize> {
    if v.is_none() {
        return Some(default);
    }
    v.ty().slots().index.get()?;
    let i = index_isize(cx, v, exc::OverflowError()).ok()?;
    if i < 0 { None } else { Some(i) }
}

#[pymethods]
impl Islice {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let nkw = kw.map_or(0, |k| k.len());
        if nkw > 0 && cls.slots().init.raw() == Islice::type_object().slots().init.raw() {
            raise!(cx, TypeError, "islice() takes no keyword arguments");
        }
        let args = &args[..args.len() - nkw];
        let (seq, start, stop, step) = match *args {
            [seq, stop] => (seq, None, stop, None),
            [seq, start, stop] => (seq, Some(start), stop, None),
            [seq, start, stop, step] => (seq, Some(start), stop, Some(step)),
            _ if args.len() < 2 => {
                raise!(cx, TypeError, "islice expected at least 2 arguments, got {}", args.len())
            }
            _ => raise!(cx, TypeError, "islice expected at most 4 arguments, got {}", args.len()),
        };
        let Some(stop) = islice_bound(cx, stop, -1) else {
            raise!(
                cx,
                ValueError,
                "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
            );
        };
        let start = start.map_or(Some(0), |s| islice_bound(cx, s, 0));
        let Some(start) = start else {
            raise!(
                cx,
                ValueError,
                "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."
            );
        };
        let step = match step.map_or(Some(1), |s| islice_bound(cx, s, 1)) {
            Some(s) if s > 0 => s,
            _ => raise!(cx, ValueError, "Step for islice() must be a positive integer or None."),
        };
        let it = iter(cx, seq)?;
        let s = Islice {
            head: fresh_head(),
            it: slot(it),
            next: AtomicIsize::new(start),
            stop,
            step,
            count: AtomicIsize::new(0),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, s)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Islice) -> Res<Option<Value>> {
        let Some(it) = this.it.get() else { return Ok(None) };
        loop {
            // Items before `next` are skipped; then one is taken, unless the end was reached. Which of both it will be is settled
            // before the item is there, so that threads that share the iterator count each item once.
            let (wanted, next, count) = {
                let _g = lock(&this.head);
                let next = this.next.load(Ordering::Relaxed);
                let count = this.count.load(Ordering::Relaxed);
                let wanted = count >= next;
                if wanted && this.stop != -1 && count >= this.stop {
                    break;
                }
                this.count.store(count + 1, Ordering::Relaxed);
                if wanted {
                    let n = next.checked_add(this.step);
                    let n = n.filter(|&n| this.stop == -1 || n <= this.stop);
                    this.next.store(n.unwrap_or(this.stop), Ordering::Relaxed);
                }
                (wanted, next, count)
            };
            let taken = iter_next(cx, it);
            if !matches!(taken, Ok(Some(_))) {
                // Nothing was taken: as if it had not been tried, unless others went on.
                let _g = lock(&this.head);
                if this.count.load(Ordering::Relaxed) == count + 1 {
                    this.count.store(count, Ordering::Relaxed);
                    this.next.store(next, Ordering::Relaxed);
                }
            }
            let Some(v) = taken? else { break };
            if wanted {
                return Ok(Some(v));
            }
            cx.poll()?;
        }
        this.it.clear(&this.head);
        Ok(None)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Islice) -> Res {
        pickle_warning(cx)?;
        let ty = type_of(Value::from_ref(this));
        let int = |i: isize| int_from_i128(cx, i as i128);
        let Some(it) = this.it.get() else {
            let empty = iter(cx, Value::from_ref(List::new(cx)))?;
            return Ok(tuple(cx, &[ty, tuple(cx, &[empty, int(0)]), int(0)]));
        };
        let stop = if this.stop == -1 { none() } else { int(this.stop) };
        let next = int(this.next.load(Ordering::Relaxed));
        let args = tuple(cx, &[it, next, stop, int(this.step)]);
        Ok(tuple(cx, &[ty, args, int(this.count.load(Ordering::Relaxed))]))
    }

    /// Restores how many items were taken.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Islice, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        let n = index_isize(cx, state, exc::OverflowError())?;
        this.count.store(n, Ordering::Relaxed);
        Ok(())
    }
}

#[repr(C)]
pub struct Repeat {
    pub head: Head,
    element: Slot,
    /// -1: without end.
    count: AtomicIsize,
}

taipan_vm::pytype! { Repeat, PyItertools_repeat_Type, name: "repeat", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "repeat(object [,times])\n\nAn iterator that gives the object so many times, or without end." }

#[pymethods]
impl Repeat {
    #[slot(sig = "(cls, object, times=None)")]
    fn __new__(cx: &Thread, cls: &Type, object: Value, times: Option<isize>) -> Res {
        let r = Repeat {
            head: fresh_head(),
            element: slot(object),
            count: AtomicIsize::new(times.map_or(-1, |t| t.max(0))),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, r)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(_cx: &Thread, this: &Repeat) -> Res<Option<Value>> {
        loop {
            let n = this.count.load(Ordering::Relaxed);
            if n == 0 {
                return Ok(None);
            }
            if n < 0 || move_on(&this.count, n, n - 1) {
                return Ok(Some(this.element.value()));
            }
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Repeat) -> Res {
        let mut b = TextBuilder::new();
        b.push_str(&Value::from_ref(this).ty().short_name());
        b.push_str("(");
        b.push_repr(cx, this.element.value())?;
        let n = this.count.load(Ordering::Relaxed);
        if n >= 0 {
            b.push_str(&format!(", {n}"));
        }
        b.push_str(")");
        Ok(b.finish(cx))
    }

    /// How many times are left.
    #[pymethod]
    fn __length_hint__(cx: &Thread, this: &Repeat) -> Res<isize> {
        let n = this.count.load(Ordering::Relaxed);
        if n < 0 {
            raise!(cx, TypeError, "len() of unsized object");
        }
        Ok(n)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Repeat) -> Res {
        pickle_warning(cx)?;
        let n = this.count.load(Ordering::Relaxed);
        let args = if n >= 0 {
            tuple(cx, &[this.element.value(), int_from_i128(cx, n as i128)])
        } else {
            tuple(cx, &[this.element.value()])
        };
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args]))
    }
}
