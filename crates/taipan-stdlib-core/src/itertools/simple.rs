//! The iterators that pass items of other iterators on: `accumulate`, `chain`, `compress`,
//! `dropwhile`, `filterfalse`, `pairwise`, `starmap`, `takewhile`, `zip_longest`.

use super::{is_iterator, pickle_warning, slot, state_tuple, tuple, type_of};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use taipan_heap::lock::{alone, lock};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Accumulate {
    pub head: Head,
    it: Slot,
    func: Slot,
    total: Slot,
    initial: Slot,
}

taipan_vm::pytype! { Accumulate, PyItertools_accumulate_Type, name: "accumulate", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "accumulate(iterable, func=None, *, initial=None)\n--\n\nAn iterator of accumulated sums, or of the accumulated results of a function." }

#[pymethods]
impl Accumulate {
    #[slot(sig = "(cls, iterable, func=None, *, initial=None)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value, func: Value, initial: Value) -> Res {
        let it = iter(cx, iterable)?;
        let a = Accumulate {
            head: fresh_head(),
            it: slot(it),
            func: slot(func),
            total: Slot::empty(),
            initial: slot(initial),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, a)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Accumulate) -> Res<Option<Value>> {
        let initial = this.initial.value();
        if !initial.is_none()
            && this.initial.compare_exchange(&this.head, Some(initial), Some(none())).is_ok()
        {
            this.total.set(&this.head, initial);
            return Ok(Some(initial));
        }
        let Some(v) = iter_next(cx, this.it.value())? else { return Ok(None) };
        loop {
            let total = this.total.get();
            let new = match total {
                None => v,
                Some(t) => match this.func.value() {
                    f if f.is_none() => binary(cx, t, v, BinOp::Add)?,
                    f => call(cx, f, &[t, v])?,
                },
            };
            // Once more where another thread has added something meanwhile.
            if this.total.compare_exchange(&this.head, total, Some(new)).is_ok() {
                return Ok(Some(new));
            }
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Accumulate) -> Res {
        pickle_warning(cx)?;
        let (it, func) = (this.it.value(), this.func.value());
        let ty = type_of(Value::from_ref(this));
        let chain = Value::from_ref(Chain::type_object());
        let initial = this.initial.value();
        if !initial.is_none() {
            let it = call(cx, chain, &[tuple(cx, &[initial]), it])?;
            return Ok(tuple(cx, &[ty, tuple(cx, &[it, func]), none()]));
        }
        if this.total.get().is_some_and(|t| t.is_none()) {
            let it = call(cx, chain, &[tuple(cx, &[none()]), it])?;
            let acc = call(cx, ty, &[it, func])?;
            let islice = Value::from_ref(super::counting::Islice::type_object());
            return Ok(tuple(cx, &[islice, tuple(cx, &[acc, Value::small(1), none()])]));
        }
        Ok(tuple(cx, &[ty, tuple(cx, &[it, func]), this.total.get().unwrap_or(none())]))
    }

    /// Restores the running total.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Accumulate, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        this.total.set(&this.head, state);
        Ok(())
    }
}

#[repr(C)]
pub struct Chain {
    pub head: Head,
    source: Slot,
    active: Slot,
    /// A List of iterators that threads sharing the chain took from the source at the same time; they come before it.
    waiting: Slot,
}

taipan_vm::pytype! { Chain, PyItertools_chain_Type, name: "chain", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "chain(*iterables)\n--\n\nAn iterator of all items of the first iterable, then of the next, and so on." }

impl Chain {
    /// `it` gives the next items, unless another thread's iterator does: then it comes after that.
    fn make_active(&self, cx: &Thread, it: Value) {
        if self.active.compare_exchange(&self.head, None, Some(it)).is_err() {
            let fresh = Value::from_ref(List::new(cx));
            let _ = self.waiting.compare_exchange(&self.head, None, Some(fresh));
            self.waiting().expect("it is never emptied").push(cx, it);
        }
    }

    fn waiting(&self) -> Option<&'static List> {
        self.waiting.get().and_then(|l| l.downcast_exact::<List>())
    }

    fn next_waiting(&self) -> Option<Value> {
        self.waiting()?.pop_last()
    }

    fn over(cx: &Thread, cls: &Type, source: Value) -> Value {
        let c = Chain {
            head: fresh_head(),
            source: slot(source),
            active: Slot::empty(),
            waiting: Slot::empty(),
        };
        Value::from_ref(cx.alloc_in(cls, c))
    }
}

#[pymethods]
impl Chain {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let nkw = kw.map_or(0, |k| k.len());
        if nkw > 0 && cls.slots().init.raw() == Chain::type_object().slots().init.raw() {
            raise!(cx, TypeError, "chain() takes no keyword arguments");
        }
        let source = iter(cx, tuple(cx, &args[..args.len() - nkw]))?;
        Ok(Chain::over(cx, cls, source))
    }

    /// chain() over the iterables that the one argument gives, taken lazily.
    #[classmethod]
    fn from_iterable(cx: &Thread, cls: &Type, iterable: Value) -> Res {
        let source = iter(cx, iterable)?;
        Ok(Chain::over(cx, cls, source))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Chain) -> Res<Option<Value>> {
        loop {
            let active = match this.active.get() {
                Some(a) => a,
                None => {
                    if let Some(a) = this.next_waiting() {
                        this.make_active(cx, a);
                        continue;
                    }
                    let Some(source) = this.source.get() else { return Ok(None) };
                    let next = match iter_next(cx, source) {
                        Ok(Some(x)) => iter(cx, x),
                        Ok(None) => {
                            this.source.clear(&this.head);
                            return Ok(None);
                        }
                        Err(e) => Err(e),
                    };
                    match next {
                        Ok(a) => {
                            this.make_active(cx, a);
                            a
                        }
                        Err(e) => {
                            this.source.clear(&this.head);
                            return Err(e);
                        }
                    }
                }
            };
            if let Some(v) = iter_next(cx, active)? {
                return Ok(Some(v));
            }
            // Unless another thread has begun with the next.
            let _ = this.active.compare_exchange(&this.head, Some(active), None);
            cx.poll()?;
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Chain) -> Res {
        pickle_warning(cx)?;
        let ty = type_of(Value::from_ref(this));
        let empty = Value::from_ref(Tuple::empty(cx));
        Ok(match (this.source.get(), this.active.get()) {
            (Some(s), Some(a)) => tuple(cx, &[ty, empty, tuple(cx, &[s, a])]),
            (Some(s), None) => tuple(cx, &[ty, empty, tuple(cx, &[s])]),
            _ => tuple(cx, &[ty, empty]),
        })
    }

    /// Restores the source and the current iterator.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Chain, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        let t = state_tuple(cx, state)?.as_slice();
        if t.is_empty() || t.len() > 2 {
            let bound = if t.is_empty() { "at least 1 argument" } else { "at most 2 arguments" };
            raise!(cx, TypeError, "function takes {bound} ({} given)", t.len());
        }
        if !t.iter().all(|&v| is_iterator(v)) {
            raise!(cx, TypeError, "Arguments must be iterators.");
        }
        this.source.set(&this.head, t[0]);
        this.active.set_option(&this.head, t.get(1).copied());
        Ok(())
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        taipan_vm::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

#[repr(C)]
pub struct Compress {
    pub head: Head,
    data: Slot,
    selectors: Slot,
}

taipan_vm::pytype! { Compress, PyItertools_compress_Type, name: "compress", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "compress(data, selectors)\n--\n\nAn iterator of the data items whose selector is true." }

#[pymethods]
impl Compress {
    #[slot(sig = "(cls, data, selectors)")]
    fn __new__(cx: &Thread, cls: &Type, data: Value, selectors: Value) -> Res {
        let data = iter(cx, data)?;
        let selectors = iter(cx, selectors)?;
        let c = Compress { head: fresh_head(), data: slot(data), selectors: slot(selectors) };
        Ok(Value::from_ref(cx.alloc_in(cls, c)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Compress) -> Res<Option<Value>> {
        let (data, selectors) = (this.data.value(), this.selectors.value());
        loop {
            let Some(v) = iter_next(cx, data)? else { return Ok(None) };
            let Some(s) = iter_next(cx, selectors)? else { return Ok(None) };
            if is_true(cx, s)? {
                return Ok(Some(v));
            }
            cx.poll()?;
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Compress) -> Res {
        pickle_warning(cx)?;
        let args = tuple(cx, &[this.data.value(), this.selectors.value()]);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args]))
    }
}

#[repr(C)]
pub struct DropWhile {
    pub head: Head,
    func: Slot,
    it: Slot,
    started: AtomicBool,
}

taipan_vm::pytype! { DropWhile, PyItertools_dropwhile_Type, name: "dropwhile", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "dropwhile(predicate, iterable, /)\n--\n\nAn iterator that drops items while the predicate is true, then gives all others." }

#[pymethods]
impl DropWhile {
    #[slot(sig = "(cls, predicate, iterable, /)")]
    fn __new__(cx: &Thread, cls: &Type, predicate: Value, iterable: Value) -> Res {
        let it = iter(cx, iterable)?;
        let d = DropWhile {
            head: fresh_head(),
            func: slot(predicate),
            it: slot(it),
            started: AtomicBool::new(false),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, d)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &DropWhile) -> Res<Option<Value>> {
        let it = this.it.value();
        loop {
            let Some(v) = iter_next(cx, it)? else { return Ok(None) };
            if this.started.load(Ordering::Relaxed) {
                return Ok(Some(v));
            }
            let r = call(cx, this.func.value(), &[v])?;
            if !is_true(cx, r)? {
                this.started.store(true, Ordering::Relaxed);
                return Ok(Some(v));
            }
            cx.poll()?;
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &DropWhile) -> Res {
        pickle_warning(cx)?;
        let args = tuple(cx, &[this.func.value(), this.it.value()]);
        let started = Value::small(this.started.load(Ordering::Relaxed) as i64);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args, started]))
    }

    /// Restores whether the predicate has failed.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &DropWhile, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        this.started.store(is_true(cx, state)?, Ordering::Relaxed);
        Ok(())
    }
}

#[repr(C)]
pub struct TakeWhile {
    pub head: Head,
    func: Slot,
    it: Slot,
    stopped: AtomicBool,
}

taipan_vm::pytype! { TakeWhile, PyItertools_takewhile_Type, name: "takewhile", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "takewhile(predicate, iterable, /)\n--\n\nAn iterator of items as long as the predicate is true." }

#[pymethods]
impl TakeWhile {
    #[slot(sig = "(cls, predicate, iterable, /)")]
    fn __new__(cx: &Thread, cls: &Type, predicate: Value, iterable: Value) -> Res {
        let it = iter(cx, iterable)?;
        let t = TakeWhile {
            head: fresh_head(),
            func: slot(predicate),
            it: slot(it),
            stopped: AtomicBool::new(false),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, t)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &TakeWhile) -> Res<Option<Value>> {
        if this.stopped.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let Some(v) = iter_next(cx, this.it.value())? else { return Ok(None) };
        let r = call(cx, this.func.value(), &[v])?;
        if is_true(cx, r)? {
            return Ok(Some(v));
        }
        this.stopped.store(true, Ordering::Relaxed);
        Ok(None)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &TakeWhile) -> Res {
        pickle_warning(cx)?;
        let args = tuple(cx, &[this.func.value(), this.it.value()]);
        let stopped = Value::small(this.stopped.load(Ordering::Relaxed) as i64);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args, stopped]))
    }

    /// Restores whether it has stopped.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &TakeWhile, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        this.stopped.store(is_true(cx, state)?, Ordering::Relaxed);
        Ok(())
    }
}

#[repr(C)]
pub struct FilterFalse {
    pub head: Head,
    func: Slot,
    it: Slot,
}

taipan_vm::pytype! { FilterFalse, PyItertools_filterfalse_Type, name: "filterfalse", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "filterfalse(function, iterable, /)\n--\n\nAn iterator of the items for which function(item) is false; with None, of the items that are false." }

#[pymethods]
impl FilterFalse {
    #[slot(sig = "(cls, function, iterable, /)")]
    fn __new__(cx: &Thread, cls: &Type, function: Value, iterable: Value) -> Res {
        let it = iter(cx, iterable)?;
        let f = FilterFalse { head: fresh_head(), func: slot(function), it: slot(it) };
        Ok(Value::from_ref(cx.alloc_in(cls, f)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &FilterFalse) -> Res<Option<Value>> {
        let (func, it) = (this.func.value(), this.it.value());
        let by_truth = func.is_none() || func == type_of(py_bool(true));
        while let Some(v) = iter_next(cx, it)? {
            let good = if by_truth { v } else { call(cx, func, &[v])? };
            if !is_true(cx, good)? {
                return Ok(Some(v));
            }
            cx.poll()?;
        }
        Ok(None)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &FilterFalse) -> Res {
        pickle_warning(cx)?;
        let args = tuple(cx, &[this.func.value(), this.it.value()]);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args]))
    }
}

#[repr(C)]
pub struct Pairwise {
    pub head: Head,
    it: Slot,
    old: Slot,
}

taipan_vm::pytype! { Pairwise, PyItertools_pairwise_Type, name: "pairwise", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "pairwise(iterable, /)\n--\n\nAn iterator of overlapping pairs: s -> (s0,s1), (s1,s2), (s2, s3), ..." }

impl Pairwise {
    /// `new` with what comes before it: `old`, or what another thread took meanwhile.
    fn pair(&self, cx: &Thread, mut old: Value, new: Value) -> Value {
        if alone() {
            // An iterable that steps this very iterator has no say in what comes before.
            self.old.set(&self.head, new);
            return Value::from_ref(Tuple::pair(cx, old, new));
        }
        while let Err(other) = self.old.compare_exchange(&self.head, Some(old), Some(new)) {
            let Some(other) = other else { break };
            old = other;
        }
        Value::from_ref(Tuple::pair(cx, old, new))
    }
}

#[pymethods]
impl Pairwise {
    #[slot(sig = "(cls, iterable, /)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value) -> Res {
        let it = iter(cx, iterable)?;
        let p = Pairwise { head: fresh_head(), it: slot(it), old: Slot::empty() };
        Ok(Value::from_ref(cx.alloc_in(cls, p)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Pairwise) -> Res<Option<Value>> {
        let Some(it) = this.it.get() else { return Ok(None) };
        let old = match this.old.get() {
            Some(v) => v,
            None => {
                let Some(v) = iter_next(cx, it)? else {
                    this.it.clear(&this.head);
                    return Ok(None);
                };
                // Taking the first item may have exhausted this very iterator.
                if this.it.get().is_none() {
                    return Ok(None);
                }
                let empty = if alone() { this.old.get() } else { None };
                match this.old.compare_exchange(&this.head, empty, Some(v)) {
                    Ok(()) => v,
                    // Another thread had the first.
                    Err(other) => return Ok(Some(this.pair(cx, other.unwrap_or(v), v))),
                }
            }
        };
        match iter_next(cx, it) {
            Ok(Some(new)) => Ok(Some(this.pair(cx, old, new))),
            r => {
                this.it.clear(&this.head);
                // Other threads may have taken an item that comes after it.
                if alone() {
                    this.old.clear(&this.head);
                }
                r
            }
        }
    }
}

#[repr(C)]
pub struct StarMap {
    pub head: Head,
    func: Slot,
    it: Slot,
}

taipan_vm::pytype! { StarMap, PyItertools_starmap_Type, name: "starmap", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "starmap(function, iterable, /)\n--\n\nAn iterator of function(*args) for each args of the iterable." }

#[pymethods]
impl StarMap {
    #[slot(sig = "(cls, function, iterable, /)")]
    fn __new__(cx: &Thread, cls: &Type, function: Value, iterable: Value) -> Res {
        let it = iter(cx, iterable)?;
        let s = StarMap { head: fresh_head(), func: slot(function), it: slot(it) };
        Ok(Value::from_ref(cx.alloc_in(cls, s)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &StarMap) -> Res<Option<Value>> {
        let Some(args) = iter_next(cx, this.it.value())? else { return Ok(None) };
        let args = taipan_vm::objects::tuple::methods::tuple_of(cx, args)?;
        call(cx, this.func.value(), args.as_slice()).map(Some)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &StarMap) -> Res {
        pickle_warning(cx)?;
        let args = tuple(cx, &[this.func.value(), this.it.value()]);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args]))
    }
}

#[repr(C)]
pub struct ZipLongest {
    pub head: Head,
    /// A List of iterators; None stands for an exhausted one.
    iters: Slot,
    fill: Slot,
    active: AtomicIsize,
}

taipan_vm::pytype! { ZipLongest, PyItertools_zip_longest_Type, name: "zip_longest", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "zip_longest(*iterables, fillvalue=None)\n--\n\nAn iterator of tuples with one item of each iterable, until the longest is exhausted.\nThe fill value stands for items of shorter iterables." }

impl ZipLongest {
    fn list(&self) -> &'static List {
        self.iters.value().downcast_exact::<List>().expect("made as a list")
    }
}

#[pymethods]
impl ZipLongest {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let nkw = kw.map_or(0, |k| k.len());
        let (args, named) = args.split_at(args.len() - nkw);
        let mut fill = none();
        if let Some(names) = kw.filter(|k| !k.is_empty()) {
            let is_fill = names.get(0).downcast::<Str>().is_some_and(|s| s.eq_str("fillvalue"));
            if nkw > 1 || !is_fill {
                raise!(cx, TypeError, "zip_longest() got an unexpected keyword argument");
            }
            fill = named[0];
        }
        let iters = List::with_capacity(cx, args.len());
        for &a in args {
            let it = iter(cx, a)?;
            iters.push(cx, it);
        }
        let z = ZipLongest {
            head: fresh_head(),
            iters: slot(Value::from_ref(iters)),
            fill: slot(fill),
            active: AtomicIsize::new(args.len() as isize),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, z)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &ZipLongest) -> Res<Option<Value>> {
        let iters = this.list();
        if iters.is_empty() || this.active.load(Ordering::Relaxed) <= 0 {
            return Ok(None);
        }
        let fill = this.fill.value();
        let mut row = GcVec::with_capacity(iters.len());
        let mut got = false;
        let mut i = 0;
        while let Some(it) = iters.get(i) {
            if it.is_none() {
                row.push(fill);
            } else {
                match iter_next(cx, it) {
                    Ok(Some(v)) => {
                        got = true;
                        row.push(v);
                    }
                    Ok(None) => {
                        let g = lock(&this.head);
                        // Another thread may have found the same.
                        if iters.get(i) == Some(it) {
                            iters.set(i, none());
                            this.active.fetch_sub(1, Ordering::Relaxed);
                        }
                        drop(g);
                        if !got && this.active.load(Ordering::Relaxed) <= 0 {
                            return Ok(None);
                        }
                        row.push(fill);
                    }
                    Err(e) => {
                        this.active.store(0, Ordering::Relaxed);
                        return Err(e);
                    }
                }
            }
            i += 1;
        }
        Ok(Some(tuple(cx, &row)))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &ZipLongest) -> Res {
        pickle_warning(cx)?;
        let empty = Value::from_ref(Tuple::empty(cx));
        let args: GcVec<Value> =
            this.list().to_vec().iter().map(|&it| if it.is_none() { empty } else { it }).collect();
        let ty = type_of(Value::from_ref(this));
        Ok(tuple(cx, &[ty, tuple(cx, &args), this.fill.value()]))
    }

    /// Restores the fill value.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &ZipLongest, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        this.fill.set(&this.head, state);
        Ok(())
    }
}
