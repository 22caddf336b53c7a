//! `product`, `combinations`, `combinations_with_replacement`, `permutations`.
//!
//! All four keep an array of indices into their pools, changed under the object's lock (nothing
//! in `next` runs Python code).

use super::{pickle_warning, slot, state_tuple, tuple, type_of};
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};
use taipan_heap::lock::lock;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

const FRESH: u8 = 0;
const STARTED: u8 = 1;
const STOPPED: u8 = 2;

/// An array of indices in a raw GC cell.
struct Indices {
    at: AtomicPtr<AtomicUsize>,
    len: usize,
}

impl Indices {
    fn new(cx: &Thread, len: usize, f: impl Fn(usize) -> usize) -> Res<Indices> {
        let bytes = len.checked_mul(size_of::<AtomicUsize>());
        let cell = bytes.and_then(|b| cx.mutator.try_alloc_raw(b, Kind::Leaf));
        let Some(cell) = cell else { return Err(cx.no_memory()) };
        let indices = Indices { at: AtomicPtr::new(cell.as_ptr().cast()), len };
        for (i, x) in indices.all().iter().enumerate() {
            x.store(f(i), Ordering::Relaxed);
        }
        Ok(indices)
    }

    #[inline(always)]
    fn all(&self) -> &[AtomicUsize] {
        // SAFETY: `new` made a zeroed cell of `len` words, which the word `at`, inside a scanned
        // object, keeps alive.
        unsafe { std::slice::from_raw_parts(self.at.load(Ordering::Relaxed), self.len) }
    }

    #[inline(always)]
    fn get(&self, i: usize) -> usize {
        self.all()[i].load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn set(&self, i: usize, x: usize) {
        self.all()[i].store(x, Ordering::Relaxed);
    }

    fn to_tuple(&self, cx: &Thread, n: usize) -> Value {
        let items: GcVec<Value> = (0..n).map(|i| Value::small(self.get(i) as i64)).collect();
        tuple(cx, &items)
    }

    fn swap(&self, i: usize, j: usize) {
        let (a, b) = (self.get(i), self.get(j));
        self.set(i, b);
        self.set(j, a);
    }
}

/// An index of a state tuple.
fn state_index(cx: &Thread, v: Value) -> Res<isize> {
    index_isize(cx, v, exc::OverflowError())
}

/// The row given last, whose first places the next one shares.
struct Last(Slot);

impl Last {
    fn new() -> Last {
        Last(Slot::empty())
    }

    /// The next row, of `n` items: those from `from` on are `f`'s. The owner is locked.
    #[inline(always)]
    fn next<T: taipan_heap::HeapObject>(
        &self,
        cx: &Thread,
        owner: &T,
        n: usize,
        from: usize,
        f: impl Fn(usize) -> Value,
    ) -> Value {
        let old = self.0.get().and_then(|t| t.downcast_exact::<Tuple>());
        let old = old.map_or(&[][..], |t| &t.as_slice()[..from.min(n)]);
        let new = Value::from_ref(Tuple::from_prefix(cx, old, n, f));
        self.0.set(owner, new);
        new
    }

    /// The next row shares nothing with it.
    fn forget<T: taipan_heap::HeapObject>(&self, owner: &T) {
        self.0.clear(owner);
    }
}

/// A pool, indices, and how far it is: what three of the types are.
#[repr(C)]
struct Choice {
    pool: Slot,
    indices: Indices,
    r: isize,
    state: AtomicU8,
    last: Last,
}

impl Choice {
    fn new(
        cx: &Thread,
        pool: Value,
        r: isize,
        stopped: bool,
        f: impl Fn(usize) -> usize,
        n: usize,
    ) -> Res<Choice> {
        let indices = Indices::new(cx, n, f)?;
        let state = AtomicU8::new(if stopped { STOPPED } else { FRESH });
        Ok(Choice { pool: slot(pool), indices, r, state, last: Last::new() })
    }

    fn pool(&self) -> &'static Tuple {
        self.pool.value().downcast_exact::<Tuple>().expect("made as a tuple")
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::Relaxed)
    }

    fn set_state(&self, s: u8) {
        self.state.store(s, Ordering::Relaxed);
    }

    /// The current choice, in which the places from `from` on are new.
    #[inline(always)]
    fn row<T: taipan_heap::HeapObject>(&self, cx: &Thread, owner: &T, from: usize) -> Value {
        let pool = self.pool().as_slice();
        self.last.next(cx, owner, self.r as usize, from, |i| pool[self.indices.get(i)])
    }

    fn reduce(&self, cx: &Thread, this: Value) -> Res {
        pickle_warning(cx)?;
        let ty = type_of(this);
        let r = int_from_i128(cx, self.r as i128);
        let pool = self.pool.value();
        Ok(match self.state() {
            FRESH => tuple(cx, &[ty, tuple(cx, &[pool, r])]),
            STOPPED => {
                let empty = Value::from_ref(Tuple::empty(cx));
                tuple(cx, &[ty, tuple(cx, &[empty, r])])
            }
            _ => {
                let ix = self.indices.to_tuple(cx, self.r as usize);
                tuple(cx, &[ty, tuple(cx, &[pool, r]), ix])
            }
        })
    }

    /// Restores the indices; `max(i)` is the largest allowed at place `i`.
    fn restore<T: taipan_heap::HeapObject>(
        &self,
        cx: &Thread,
        owner: &T,
        state: Value,
        max: impl Fn(usize) -> isize,
    ) -> Res<()> {
        pickle_warning(cx)?;
        self.last.forget(owner);
        let t = state.downcast::<Tuple>().filter(|t| t.len() as isize == self.r);
        let Some(t) = t else { raise!(cx, ValueError, "invalid arguments") };
        let mut possible = true;
        for (i, &v) in t.as_slice().iter().enumerate() {
            let x = state_index(cx, v)?;
            possible &= max(i) >= 0;
            self.indices.set(i, x.min(max(i)).max(0) as usize);
        }
        // A pool that is too small has no rows, whatever the state says.
        self.set_state(if possible { STARTED } else { STOPPED });
        Ok(())
    }
}

/// The pool of an iterable.
fn pool_of(cx: &Thread, v: Value) -> Res<&'static Tuple> {
    taipan_vm::objects::tuple::methods::tuple_of(cx, v)
}

fn check_r(cx: &Thread, r: isize) -> Res<()> {
    if r < 0 {
        raise!(cx, ValueError, "r must be non-negative");
    }
    Ok(())
}

#[repr(C)]
pub struct Combinations {
    pub head: Head,
    c: Choice,
}

taipan_vm::pytype! { Combinations, PyItertools_combinations_Type, name: "combinations", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "combinations(iterable, r)\n--\n\nAn iterator of the r-length subsequences of the iterable's items.\n\ncombinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)" }

#[pymethods]
impl Combinations {
    #[slot(sig = "(cls, iterable, r)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value, r: isize) -> Res {
        let pool = pool_of(cx, iterable)?;
        check_r(cx, r)?;
        let c =
            Choice::new(cx, Value::from_ref(pool), r, r as usize > pool.len(), |i| i, r as usize)?;
        Ok(Value::from_ref(cx.alloc_in(cls, Combinations { head: fresh_head(), c })))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Combinations) -> Res<Option<Value>> {
        let c = &this.c;
        let _g = lock(&this.head);
        let mut from = 0;
        match c.state() {
            STOPPED => return Ok(None),
            FRESH => c.set_state(STARTED),
            _ => {
                let (n, r) = (c.pool().len(), c.r as usize);
                let Some(i) = (0..r).rev().find(|&i| c.indices.get(i) != i + n - r) else {
                    c.set_state(STOPPED);
                    return Ok(None);
                };
                let x = c.indices.get(i) + 1;
                for j in i..r {
                    c.indices.set(j, x + j - i);
                }
                from = i;
            }
        }
        Ok(Some(c.row(cx, this, from)))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Combinations) -> Res {
        this.c.reduce(cx, Value::from_ref(this))
    }

    /// Restores the place.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Combinations, state: Value) -> Res<()> {
        let (n, r) = (this.c.pool().len() as isize, this.c.r);
        this.c.restore(cx, this, state, |i| i as isize + n - r)
    }
}

#[repr(C)]
pub struct CombinationsWithReplacement {
    pub head: Head,
    c: Choice,
}

taipan_vm::pytype! { CombinationsWithReplacement, PyItertools_cwr_Type, name: "combinations_with_replacement", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "combinations_with_replacement(iterable, r)\n--\n\nAn iterator of the r-length subsequences of the iterable's items, which may repeat.\n\ncombinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')" }

#[pymethods]
impl CombinationsWithReplacement {
    #[slot(sig = "(cls, iterable, r)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value, r: isize) -> Res {
        let pool = pool_of(cx, iterable)?;
        check_r(cx, r)?;
        let stopped = pool.is_empty() && r > 0;
        let c = Choice::new(cx, Value::from_ref(pool), r, stopped, |_| 0, r as usize)?;
        Ok(Value::from_ref(cx.alloc_in(cls, CombinationsWithReplacement { head: fresh_head(), c })))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &CombinationsWithReplacement) -> Res<Option<Value>> {
        let c = &this.c;
        let _g = lock(&this.head);
        let mut from = 0;
        match c.state() {
            STOPPED => return Ok(None),
            FRESH => c.set_state(STARTED),
            _ => {
                let (n, r) = (c.pool().len(), c.r as usize);
                let Some(i) = (0..r).rev().find(|&i| c.indices.get(i) + 1 < n) else {
                    c.set_state(STOPPED);
                    return Ok(None);
                };
                let x = c.indices.get(i) + 1;
                for j in i..r {
                    c.indices.set(j, x);
                }
                from = i;
            }
        }
        Ok(Some(c.row(cx, this, from)))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &CombinationsWithReplacement) -> Res {
        this.c.reduce(cx, Value::from_ref(this))
    }

    /// Restores the place.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &CombinationsWithReplacement, state: Value) -> Res<()> {
        let n = this.c.pool().len() as isize;
        this.c.restore(cx, this, state, |_| n - 1)
    }
}

#[repr(C)]
pub struct Permutations {
    pub head: Head,
    c: Choice,
    cycles: Indices,
}

taipan_vm::pytype! { Permutations, PyItertools_permutations_Type, name: "permutations", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "permutations(iterable, r=None)\n--\n\nAn iterator of the r-length permutations of the iterable's items.\n\npermutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)" }

#[pymethods]
impl Permutations {
    #[slot(sig = "(cls, iterable, r=None)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value, r: Value) -> Res {
        let pool = pool_of(cx, iterable)?;
        let n = pool.len();
        let r = match r.is_none() {
            true => n as isize,
            false => {
                if !taipan_vm::objects::int::is_int(r) {
                    raise!(cx, TypeError, "Expected int as r");
                }
                index_isize(cx, r, exc::OverflowError())?
            }
        };
        check_r(cx, r)?;
        let c = Choice::new(cx, Value::from_ref(pool), r, r as usize > n, |i| i, n)?;
        let cycles = Indices::new(cx, r as usize, |i| n.saturating_sub(i))?;
        Ok(Value::from_ref(cx.alloc_in(cls, Permutations { head: fresh_head(), c, cycles })))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Permutations) -> Res<Option<Value>> {
        let c = &this.c;
        let _g = lock(&this.head);
        match c.state() {
            STOPPED => return Ok(None),
            FRESH => {
                c.set_state(STARTED);
                return Ok(Some(c.row(cx, this, 0)));
            }
            _ => {}
        }
        let (n, r) = (c.pool().len(), c.r as usize);
        for i in (0..r).rev() {
            let left = this.cycles.get(i).saturating_sub(1);
            if left > 0 {
                this.cycles.set(i, left);
                c.indices.swap(i, n - left);
                return Ok(Some(c.row(cx, this, i)));
            }
            // This place has had every item: rotate it to the end and start it again.
            let first = c.indices.get(i);
            for j in i..n - 1 {
                c.indices.set(j, c.indices.get(j + 1));
            }
            c.indices.set(n - 1, first);
            this.cycles.set(i, n - i);
        }
        c.set_state(STOPPED);
        Ok(None)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Permutations) -> Res {
        let c = &this.c;
        if c.state() != STARTED {
            return c.reduce(cx, Value::from_ref(this));
        }
        pickle_warning(cx)?;
        let r = int_from_i128(cx, c.r as i128);
        let args = tuple(cx, &[c.pool.value(), r]);
        let ix = c.indices.to_tuple(cx, c.pool().len());
        let cycles = this.cycles.to_tuple(cx, c.r as usize);
        let state = tuple(cx, &[ix, cycles]);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args, state]))
    }

    /// Restores the place.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Permutations, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        this.c.last.forget(this);
        let t = state_tuple(cx, state)?.as_slice();
        let &[ix, cycles] = t else {
            raise!(cx, TypeError, "function takes exactly 2 arguments ({} given)", t.len());
        };
        for (i, v) in [ix, cycles].into_iter().enumerate() {
            if v.downcast::<Tuple>().is_none() {
                raise!(cx, TypeError, "argument {} must be tuple, not {}", i + 1, v.ty().name());
            }
        }
        let ix = ix.downcast::<Tuple>().expect("tested above").as_slice();
        let cycles = cycles.downcast::<Tuple>().expect("tested above").as_slice();
        let n = this.c.pool().len();
        if ix.len() != n || cycles.len() as isize != this.c.r {
            raise!(cx, ValueError, "invalid arguments");
        }
        for (i, &v) in ix.iter().enumerate() {
            let x = state_index(cx, v)?;
            this.c.indices.set(i, x.min(n as isize - 1).max(0) as usize);
        }
        for (i, &v) in cycles.iter().enumerate() {
            let x = state_index(cx, v)?;
            this.cycles.set(i, x.min(n as isize - i as isize).max(1) as usize);
        }
        // A pool that is too small has no rows, whatever the state says.
        let possible = cycles.len() <= n;
        this.c.set_state(if possible { STARTED } else { STOPPED });
        Ok(())
    }
}

#[repr(C)]
pub struct Product {
    pub head: Head,
    /// A Tuple of Tuples.
    pools: Slot,
    indices: Indices,
    state: AtomicU8,
    last: Last,
}

taipan_vm::pytype! { Product, PyItertools_product_Type, name: "product", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "product(*iterables, repeat=1)\n--\n\nAn iterator of the Cartesian product: nested for-loops as one iterator.\n\nproduct('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)" }

impl Product {
    fn pools(&self) -> &'static Tuple {
        self.pools.value().downcast_exact::<Tuple>().expect("made as a tuple")
    }

    fn pool(&self, i: usize) -> &'static Tuple {
        self.pools().get(i).downcast_exact::<Tuple>().expect("pools are tuples")
    }

    fn row(&self, cx: &Thread, from: usize) -> Value {
        self.last.next(cx, self, self.pools().len(), from, |i| {
            self.pool(i).as_slice()[self.indices.get(i)]
        })
    }
}

#[pymethods]
impl Product {
    #[slot(sig = "(cls, *iterables, repeat=1)")]
    fn __new__(cx: &Thread, cls: &Type, iterables: &[Value], repeat: isize) -> Res {
        if repeat < 0 {
            raise!(cx, ValueError, "repeat argument cannot be negative");
        }
        let n = if repeat == 0 { 0 } else { iterables.len() };
        let total = n.checked_mul(repeat as usize).filter(|t| *t < isize::MAX as usize / 8);
        let Some(total) = total else {
            raise!(cx, OverflowError, "repeat argument too large");
        };
        let Some(mut pools) = GcVec::try_with_capacity(total) else { return Err(cx.no_memory()) };
        for &v in &iterables[..n] {
            pools.push(Value::from_ref(pool_of(cx, v)?));
        }
        for i in n..total {
            pools.push(pools[i - n]);
        }
        let indices = Indices::new(cx, total, |_| 0)?;
        let p = Product {
            head: fresh_head(),
            pools: slot(tuple(cx, &pools)),
            indices,
            state: AtomicU8::new(FRESH),
            last: Last::new(),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, p)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Product) -> Res<Option<Value>> {
        let _g = lock(&this.head);
        let n = this.pools().len();
        let mut from = 0;
        match this.state.load(Ordering::Relaxed) {
            STOPPED => return Ok(None),
            FRESH => {
                let empty = (0..n).any(|i| this.pool(i).is_empty());
                this.state.store(if empty { STOPPED } else { STARTED }, Ordering::Relaxed);
                if empty {
                    return Ok(None);
                }
            }
            _ => {
                let mut i = n;
                loop {
                    if i == 0 {
                        this.state.store(STOPPED, Ordering::Relaxed);
                        return Ok(None);
                    }
                    i -= 1;
                    let x = this.indices.get(i) + 1;
                    if x < this.pool(i).len() {
                        this.indices.set(i, x);
                        from = i;
                        break;
                    }
                    this.indices.set(i, 0);
                }
            }
        }
        Ok(Some(this.row(cx, from)))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Product) -> Res {
        pickle_warning(cx)?;
        let ty = type_of(Value::from_ref(this));
        Ok(match this.state.load(Ordering::Relaxed) {
            STOPPED => tuple(cx, &[ty, tuple(cx, &[Value::from_ref(Tuple::empty(cx))])]),
            FRESH => tuple(cx, &[ty, this.pools.value()]),
            _ => {
                let ix = this.indices.to_tuple(cx, this.pools().len());
                tuple(cx, &[ty, this.pools.value(), ix])
            }
        })
    }

    /// Restores the place.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Product, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        this.last.forget(this);
        let n = this.pools().len();
        let t = state.downcast::<Tuple>().filter(|t| t.len() == n);
        let Some(t) = t else { raise!(cx, ValueError, "invalid arguments") };
        for (i, &v) in t.as_slice().iter().enumerate() {
            let x = state_index(cx, v)?;
            let size = this.pool(i).len() as isize;
            if size == 0 {
                this.state.store(STOPPED, Ordering::Relaxed);
                return Ok(());
            }
            this.indices.set(i, x.min(size - 1).max(0) as usize);
        }
        this.state.store(STARTED, Ordering::Relaxed);
        Ok(())
    }
}
