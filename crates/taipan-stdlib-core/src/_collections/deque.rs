//! `collections.deque` and its iterators: a ring of slots, everything under the object's lock.

use std::sync::atomic::{AtomicIsize, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use taipan_heap::lock::lock;
use taipan_vm::objects::iterators::step;
use taipan_vm::objects::object::Object;
use taipan_vm::objects::storage::SlotArray;
use taipan_vm::objects::text_builder::{TextBuilder, enter_repr};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Deque {
    pub head: Head,
    ring: AtomicPtr<SlotArray>,
    start: AtomicUsize,
    len: AtomicUsize,
    /// -1: not bounded.
    maxlen: AtomicIsize,
    /// Counts changes, for the iterators.
    state: AtomicU64,
}

taipan_vm::pytype! { Deque, PyDeque_Type, name: "deque", module: "collections", base: Object,
flags: tpflags::BASETYPE | tpflags::SEQUENCE, weakref: true,
doc: "deque([iterable[, maxlen]])\n--\n\nA list-like sequence optimized for data accesses near its endpoints." }

#[derive(Clone, Copy)]
enum End {
    Left,
    Right,
}

/// A safepoint now and then in a loop that holds the lock.
#[inline(always)]
fn breathe(i: usize) {
    if i & 0x3FFF == 0x3FFF {
        taipan_heap::Mutator::here().poll();
    }
}

impl Deque {
    fn new_in(cx: &Thread, cls: &Type, maxlen: isize) -> &'static Deque {
        let d = Deque {
            head: fresh_head(),
            ring: AtomicPtr::new(std::ptr::null_mut()),
            start: AtomicUsize::new(0),
            len: AtomicUsize::new(0),
            maxlen: AtomicIsize::new(maxlen),
            state: AtomicU64::new(0),
        };
        cx.alloc_in(cls, d)
    }

    fn ring(&self) -> Option<&'static SlotArray> {
        // SAFETY: null, or an array that this word, inside a scanned object, keeps alive.
        unsafe { self.ring.load(Ordering::Acquire).as_ref() }
    }

    fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    fn maxlen(&self) -> isize {
        self.maxlen.load(Ordering::Relaxed)
    }

    fn state(&self) -> u64 {
        self.state.load(Ordering::Relaxed)
    }

    /// Notes a change. The caller holds the lock.
    fn changed(&self) {
        self.state.store(self.state() + 1, Ordering::Relaxed);
    }

    /// The ring's place of item `i`; capacities are powers of two.
    fn place(&self, ring: &SlotArray, i: usize) -> usize {
        (self.start.load(Ordering::Relaxed).wrapping_add(i)) & (ring.capacity() - 1)
    }

    /// Item `i`. The caller holds the lock.
    fn at(&self, i: usize) -> Option<Value> {
        if i >= self.len() {
            return None;
        }
        let ring = self.ring()?;
        ring.get(self.place(ring, i))
    }

    fn get(&self, i: usize) -> Option<Value> {
        let _g = lock(&self.head);
        self.at(i)
    }

    /// All items at one moment.
    fn to_vec(&self) -> GcVec<Value> {
        loop {
            let mut out = GcVec::with_capacity(self.len());
            let _g = lock(&self.head);
            if self.len() > out.capacity() {
                continue;
            }
            out.extend((0..self.len()).filter_map(|i| self.at(i)));
            return out;
        }
    }

    /// Replaces everything. The caller holds the lock.
    fn install(&self, cx: &Thread, items: &[Value]) {
        let cap = items.len().max(8).next_power_of_two();
        let ring = SlotArray::new(cx, cap);
        ring.fill(0, items);
        taipan_heap::slot::barrier(&self.ring);
        self.ring.store(ring as *const SlotArray as *mut SlotArray, Ordering::Release);
        self.start.store(0, Ordering::Relaxed);
        self.len.store(items.len(), Ordering::Release);
        self.changed();
    }

    fn push(&self, cx: &Thread, v: Value, end: End) {
        let _g = lock(&self.head);
        let n = self.len();
        let max = self.maxlen();
        if max == 0 {
            return;
        }
        let ring = match self.ring() {
            Some(r) if n < r.capacity() => r,
            _ => {
                let items: GcVec<Value> = (0..n).filter_map(|i| self.at(i)).collect();
                let ring = SlotArray::new(cx, (n * 2).max(8).next_power_of_two());
                ring.fill(0, &items);
                taipan_heap::slot::barrier(&self.ring);
                self.ring.store(ring as *const SlotArray as *mut SlotArray, Ordering::Release);
                self.start.store(0, Ordering::Relaxed);
                ring
            }
        };
        // The place of the item that falls off the other end of a full deque, whose length stays as
        // it is: who looks without the lock never sees another.
        let full = max >= 0 && n >= max as usize;
        let falls = full.then(|| match end {
            End::Right => self.place(ring, 0),
            End::Left => self.place(ring, n - 1),
        });
        match end {
            End::Right => {
                ring.set(self.place(ring, n), v);
                if full {
                    self.start.store(self.place(ring, 1), Ordering::Relaxed);
                }
            }
            End::Left => {
                let s = self.place(ring, usize::MAX);
                ring.set(s, v);
                self.start.store(s, Ordering::Relaxed);
            }
        }
        match falls {
            Some(place) => ring.set_option(place, None),
            None => self.len.store(n + 1, Ordering::Release),
        }
        self.changed();
    }

    fn take_locked(&self, end: End) -> Option<Value> {
        let n = self.len().checked_sub(1)?;
        let ring = self.ring()?;
        let p = match end {
            End::Left => self.place(ring, 0),
            End::Right => self.place(ring, n),
        };
        let v = ring.get(p);
        ring.set_option(p, None);
        if let End::Left = end {
            self.start.store((p + 1) & (ring.capacity() - 1), Ordering::Relaxed);
        }
        self.len.store(n, Ordering::Release);
        self.changed();
        v
    }

    fn take(&self, cx: &Thread, end: End) -> Res {
        let v = {
            let _g = lock(&self.head);
            self.take_locked(end)
        };
        match v {
            Some(v) => Ok(v),
            None => raise!(cx, IndexError, "pop from an empty deque"),
        }
    }

    fn extend_from(&self, cx: &Thread, iterable: Value, end: End) -> Res<()> {
        let source = if iterable == Value::from_ref(self) {
            Value::from_ref(List::from_slice(cx, &self.to_vec()))
        } else {
            iterable
        };
        let it = iter(cx, source)?;
        while let Some(v) = iter_next(cx, it)? {
            self.push(cx, v, end);
            cx.poll()?;
        }
        Ok(())
    }

    /// Changes the items through a vector of them.
    fn edit(&self, cx: &Thread, f: impl FnOnce(&mut GcVec<Value>)) {
        let _g = lock(&self.head);
        let mut items: GcVec<Value> = (0..self.len()).filter_map(|i| self.at(i)).collect();
        f(&mut items);
        self.install(cx, &items);
    }

    fn rotate_by(&self, n: isize) {
        let _g = lock(&self.head);
        let len = self.len();
        let Some(ring) = self.ring() else { return };
        if len < 2 {
            return;
        }
        let k = n.rem_euclid(len as isize) as usize;
        if k == 0 {
            return;
        }
        // Moves the shorter part around.
        if k <= len / 2 {
            for i in 0..k {
                breathe(i);
                let last = self.place(ring, len - 1);
                let v = ring.get(last);
                ring.set_option(last, None);
                let first = self.place(ring, usize::MAX);
                ring.set_option(first, v);
                self.start.store(first, Ordering::Relaxed);
            }
        } else {
            for i in 0..len - k {
                breathe(i);
                let first = self.place(ring, 0);
                let v = ring.get(first);
                ring.set_option(first, None);
                self.start.store((first + 1) & (ring.capacity() - 1), Ordering::Relaxed);
                ring.set_option(self.place(ring, len - 1), v);
            }
        }
        self.changed();
    }

    /// An index that a subscript gave, as a place in the deque.
    fn subscript(&self, cx: &Thread, key: Value) -> Res<usize> {
        if key.as_small().is_none() && key.ty().slots().index.get().is_none() {
            raise!(cx, TypeError, "sequence index must be integer, not '{}'", key.ty().name());
        }
        let i = index_isize(cx, key, exc::IndexError())?;
        let n = self.len() as isize;
        let i = if i < 0 { i + n } else { i };
        if i < 0 || i >= n {
            raise!(cx, IndexError, "deque index out of range");
        }
        Ok(i as usize)
    }

    /// The first place of a value in `start..stop`; a change meanwhile raises.
    fn find(&self, cx: &Thread, v: Value, start: usize, stop: usize) -> Res<Option<usize>> {
        let state = self.state();
        for i in start..stop {
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
            let Some(x) = self.get(i) else { break };
            let same = eq(cx, x, v)?;
            if self.state() != state {
                raise!(cx, RuntimeError, "deque mutated during iteration");
            }
            if same {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }

    fn copied(&self, cx: &Thread) -> Res {
        let obj = Value::from_ref(self);
        if obj.downcast_exact::<Deque>().is_some() {
            let d = Deque::new_in(cx, Deque::type_object(), self.maxlen());
            let items = self.to_vec();
            d.install(cx, &items);
            return Ok(Value::from_ref(d));
        }
        let ty = Value::from_ref(obj.ty());
        let r = if self.maxlen() < 0 {
            call(cx, ty, &[obj])?
        } else {
            call(cx, ty, &[obj, int_from_i128(cx, self.maxlen() as i128)])?
        };
        if r.downcast::<Deque>().is_none() {
            raise!(
                cx,
                TypeError,
                "{}() must return a deque, not {}",
                obj.ty().name(),
                r.ty().name()
            );
        }
        Ok(r)
    }

    fn repeated(&self, cx: &Thread, n: isize) -> Res<GcVec<Value>> {
        let items = self.to_vec();
        let n = n.max(0) as usize;
        let max = if self.maxlen() < 0 { usize::MAX } else { self.maxlen() as usize };
        let Some(total) = items
            .len()
            .checked_mul(n)
            .filter(|t| *t < isize::MAX as usize / 8 || max != usize::MAX)
        else {
            return Err(cx.no_memory());
        };
        let keep = total.min(max);
        let Some(mut out) = GcVec::try_with_capacity(keep) else { return Err(cx.no_memory()) };
        // Only the last `keep` items stay in a bounded deque.
        for i in total - keep..total {
            breathe(i);
            out.push(items[i % items.len()]);
        }
        Ok(out)
    }
}

#[pymethods]
impl Deque {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(Deque::new_in(cx, cls, -1)))
    }

    #[slot(sig = "(self, iterable=(), maxlen=None)")]
    fn __init__(cx: &Thread, this: &Deque, iterable: Option<Value>, maxlen: Value) -> Res<()> {
        let mut max = -1;
        if !maxlen.is_none() {
            if !taipan_vm::objects::int::is_int(maxlen) {
                raise!(cx, TypeError, "an integer is required");
            }
            max = match int_to_i64(maxlen) {
                Some(m) => m as isize,
                None => raise!(cx, OverflowError, "Python int too large to convert to C ssize_t"),
            };
            if max < 0 {
                raise!(cx, ValueError, "maxlen must be non-negative");
            }
        }
        this.maxlen.store(max, Ordering::Relaxed);
        if this.len() > 0 {
            let _g = lock(&this.head);
            this.install(cx, &[]);
        }
        match iterable {
            Some(v) => this.extend_from(cx, v, End::Right),
            None => Ok(()),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Deque) -> Res {
        let Some(_guard) = enter_repr(cx, Value::from_ref(this)) else {
            return Ok(Value::from_ref(Str::new(cx, "[...]")));
        };
        let items = List::from_slice(cx, &this.to_vec());
        let mut b = TextBuilder::new();
        b.push_str(&Value::from_ref(this).ty().short_name());
        b.push_str("(");
        b.push_repr(cx, Value::from_ref(items))?;
        if this.maxlen() >= 0 {
            b.push_str(&format!(", maxlen={}", this.maxlen()));
        }
        b.push_str(")");
        Ok(b.finish(cx))
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &Deque) -> Res<usize> {
        Ok(this.len())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Deque, key: Value) -> Res {
        let i = this.subscript(cx, key)?;
        match this.get(i) {
            Some(v) => Ok(v),
            None => raise!(cx, IndexError, "deque index out of range"),
        }
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &Deque, key: Value, v: Option<Value>) -> Res<()> {
        let i = this.subscript(cx, key)?;
        match v {
            Some(v) => {
                let _g = lock(&this.head);
                if let (Some(ring), true) = (this.ring(), i < this.len()) {
                    ring.set(this.place(ring, i), v);
                }
            }
            None => this.edit(cx, |items| {
                if i < items.len() {
                    items.remove(i);
                }
            }),
        }
        Ok(())
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &Deque, v: Value) -> Res<bool> {
        Ok(this.find(cx, v, 0, usize::MAX)?.is_some())
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Deque) -> Res {
        Ok(DequeIter::new(cx, this))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Deque, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<Deque>() else { return Ok(not_implemented()) };
        if std::ptr::eq(this, o) {
            return Ok(py_bool(matches!(op, CmpOp::Eq | CmpOp::Le | CmpOp::Ge)));
        }
        if this.len() != o.len() && matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(py_bool(op == CmpOp::Ne));
        }
        let (s, t) = (this.state(), o.state());
        let mut i = 0;
        while let (Some(x), Some(y)) = (this.get(i), o.get(i)) {
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
            let same = eq(cx, x, y)?;
            if !same {
                return match op {
                    CmpOp::Eq => Ok(py_bool(false)),
                    CmpOp::Ne => Ok(py_bool(true)),
                    _ => rich_compare(cx, x, y, op),
                };
            }
            if this.state() != s || o.state() != t {
                raise!(cx, RuntimeError, "deque mutated during iteration");
            }
            i += 1;
        }
        Ok(py_bool(op.holds(this.len().cmp(&o.len()))))
    }

    #[slot]
    fn __concat__(cx: &Thread, this: &Deque, other: Value) -> Res {
        if other.downcast::<Deque>().is_none() {
            raise!(
                cx,
                TypeError,
                "can only concatenate deque (not \"{}\") to deque",
                other.ty().name()
            );
        }
        let new = this.copied(cx)?;
        let d = new.downcast::<Deque>().expect("copied tested it");
        d.extend_from(cx, other, End::Right)?;
        Ok(new)
    }

    #[slot]
    fn __iconcat__(cx: &Thread, this: &Deque, other: Value) -> Res {
        this.extend_from(cx, other, End::Right)?;
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __repeat__(cx: &Thread, this: &Deque, n: isize) -> Res {
        let new = this.copied(cx)?;
        let d = new.downcast::<Deque>().expect("copied tested it");
        let items = d.repeated(cx, n)?;
        let _g = lock(&d.head);
        d.install(cx, &items);
        Ok(new)
    }

    #[slot]
    fn __irepeat__(cx: &Thread, this: &Deque, n: isize) -> Res {
        let items = this.repeated(cx, n)?;
        let _g = lock(&this.head);
        this.install(cx, &items);
        Ok(Value::from_ref(this))
    }

    /// Add an item on the right.
    #[pymethod]
    fn append(cx: &Thread, this: &Deque, item: Value) {
        this.push(cx, item, End::Right);
    }

    /// Add an item on the left.
    #[pymethod]
    fn appendleft(cx: &Thread, this: &Deque, item: Value) {
        this.push(cx, item, End::Left);
    }

    /// Remove all items.
    #[pymethod]
    fn clear(cx: &Thread, this: &Deque) {
        let _g = lock(&this.head);
        if this.len() > 0 {
            this.install(cx, &[]);
        }
    }

    /// A shallow copy.
    #[pymethod]
    fn copy(cx: &Thread, this: &Deque) -> Res {
        this.copied(cx)
    }

    /// A shallow copy.
    #[pymethod]
    fn __copy__(cx: &Thread, this: &Deque) -> Res {
        this.copied(cx)
    }

    /// How many items equal the value.
    #[pymethod]
    fn count(cx: &Thread, this: &Deque, value: Value) -> Res<usize> {
        let state = this.state();
        let (mut n, mut i) = (0, 0);
        while let Some(x) = this.get(i) {
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
            n += eq(cx, x, value)? as usize;
            if this.state() != state {
                raise!(cx, RuntimeError, "deque mutated during iteration");
            }
            i += 1;
        }
        Ok(n)
    }

    /// Add all items of an iterable on the right.
    #[pymethod]
    fn extend(cx: &Thread, this: &Deque, iterable: Value) -> Res<()> {
        this.extend_from(cx, iterable, End::Right)
    }

    /// Add all items of an iterable on the left, one by one.
    #[pymethod]
    fn extendleft(cx: &Thread, this: &Deque, iterable: Value) -> Res<()> {
        this.extend_from(cx, iterable, End::Left)
    }

    /// The first position of the value; ValueError where there is none.
    #[pymethod(
        sig = "(self, value, start=0, stop=sys.maxsize, /)",
        text = "($self, value, [start, [stop]])"
    )]
    fn index(
        cx: &Thread,
        this: &Deque,
        value: Value,
        start: Option<Value>,
        stop: Option<Value>,
    ) -> Res<usize> {
        let bound = |v: Option<Value>, default: isize| match v {
            None => Ok(default),
            Some(v) if v.as_small().is_none() && v.ty().slots().index.get().is_none() => {
                raise!(cx, TypeError, "slice indices must be integers or have an __index__ method")
            }
            Some(v) => index_clip(cx, v),
        };
        let (a, b) = (bound(start, 0)?, bound(stop, isize::MAX)?);
        let n = this.len() as isize;
        let clip = |x: isize| if x < 0 { x.saturating_add(n).max(0) } else { x.min(n) };
        match this.find(cx, value, clip(a) as usize, clip(b) as usize)? {
            Some(i) => Ok(i),
            None => raise!(cx, ValueError, "{} is not in deque", repr(cx, value)?),
        }
    }

    /// Put a value before the given position.
    #[pymethod]
    fn insert(cx: &Thread, this: &Deque, index: isize, value: Value) -> Res<()> {
        let n = this.len() as isize;
        if this.maxlen() >= 0 && n >= this.maxlen() {
            raise!(cx, IndexError, "deque already at its maximum size");
        }
        if index >= n {
            this.push(cx, value, End::Right);
        } else if index <= -n || index == 0 {
            this.push(cx, value, End::Left);
        } else {
            this.edit(cx, |items| {
                let n = items.len() as isize;
                let i = if index < 0 { (index + n).max(0) } else { index.min(n) };
                items.insert(i as usize, value);
            });
        }
        Ok(())
    }

    /// Remove and give the rightmost item.
    #[pymethod]
    fn pop(cx: &Thread, this: &Deque) -> Res {
        this.take(cx, End::Right)
    }

    /// Remove and give the leftmost item.
    #[pymethod]
    fn popleft(cx: &Thread, this: &Deque) -> Res {
        this.take(cx, End::Left)
    }

    /// Remove the first item that equals the value.
    #[pymethod]
    fn remove(cx: &Thread, this: &Deque, value: Value) -> Res<()> {
        let state = this.state();
        let mut i = 0;
        while let Some(x) = this.get(i) {
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
            let same = eq(cx, x, value)?;
            if this.state() != state {
                raise!(cx, IndexError, "deque mutated during iteration");
            }
            if same {
                if i == 0 {
                    return this.take(cx, End::Left).map(|_| ());
                }
                this.edit(cx, |items| {
                    if i < items.len() {
                        items.remove(i);
                    }
                });
                return Ok(());
            }
            i += 1;
        }
        raise!(cx, ValueError, "{} is not in deque", repr(cx, value)?)
    }

    /// Reverse the order in place.
    #[pymethod]
    fn reverse(cx: &Thread, this: &Deque) {
        this.edit(cx, |items| items.reverse());
    }

    /// Rotate the items n steps to the right; to the left if n is negative.
    #[pymethod(sig = "(self, n=1, /)")]
    fn rotate(_cx: &Thread, this: &Deque, n: isize) {
        this.rotate_by(n);
    }

    /// An iterator from the right end to the left.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &Deque) -> Value {
        DequeRevIter::new(cx, this)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Deque) -> Res {
        let obj = Value::from_ref(this);
        let state = call_method(cx, obj, id!(cx, "__getstate__"), &[])?;
        let it = iter(cx, obj)?;
        let args = if this.maxlen() < 0 {
            Tuple::empty(cx)
        } else {
            let empty = Value::from_ref(Tuple::empty(cx));
            Tuple::pair(cx, empty, int_from_i128(cx, this.maxlen() as i128))
        };
        let t = [Value::from_ref(obj.ty()), Value::from_ref(args), state, it];
        Ok(Value::from_ref(Tuple::from_slice(cx, &t)))
    }

    /// Bytes in memory.
    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Deque) -> usize {
        size_of::<Deque>() - 16 + 8 * this.ring().map_or(0, |r| r.capacity())
    }

    /// maximum size of a deque or None if unbounded
    #[getter(name = "maxlen")]
    fn py_maxlen(_cx: &Thread, this: &Deque) -> Option<isize> {
        Some(this.maxlen()).filter(|m| *m >= 0)
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        taipan_vm::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

macro_rules! deque_iter {
    ($ty:ident, $st:ident, $name:literal, $reverse:literal) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
            deque: Slot,
            /// How many items are left.
            left: AtomicUsize,
            state: AtomicU64,
        }

        taipan_vm::pytype! { $ty, $st, name: $name, module: "collections", base: Object }

        impl $ty {
            fn new(cx: &Thread, d: &Deque) -> Value {
                let it = $ty {
                    head: fresh_head(),
                    deque: Slot::empty(),
                    left: AtomicUsize::new(d.len()),
                    state: AtomicU64::new(d.state()),
                };
                it.deque.init(Some(Value::from_ref(d)));
                Value::from_ref(cx.alloc(it))
            }

            fn deque(&self) -> &'static Deque {
                self.deque.value().downcast::<Deque>().expect("made for a deque")
            }
        }

        #[pymethods]
        impl $ty {
            #[slot(sig = "(cls, deque, index=0, /)")]
            fn __new__(cx: &Thread, _cls: &Type, deque: &'static Deque, index: isize) -> Res {
                let it = $ty::new(cx, deque);
                let this = it.downcast::<$ty>().expect("just made");
                let n = this.left.load(Ordering::Relaxed);
                this.left.store(n.saturating_sub(index.max(0) as usize), Ordering::Relaxed);
                Ok(it)
            }

            #[slot]
            fn __iter__(_cx: &Thread, this: Value) -> Res {
                Ok(this)
            }

            #[slot]
            fn __next__(cx: &Thread, this: &$ty) -> Res<Option<Value>> {
                let d = this.deque();
                if d.state() != this.state.load(Ordering::Relaxed) {
                    this.left.store(0, Ordering::Relaxed);
                    raise!(cx, RuntimeError, "deque mutated during iteration");
                }
                let n = step(cx, &this.head, || {
                    let n = this.left.load(Ordering::Relaxed);
                    this.left.store(n.saturating_sub(1), Ordering::Relaxed);
                    n
                });
                if n == 0 {
                    return Ok(None);
                }
                let i = if $reverse { n - 1 } else { d.len().wrapping_sub(n) };
                Ok(d.get(i))
            }

            /// How many items are left.
            #[pymethod]
            fn __length_hint__(_cx: &Thread, this: &$ty) -> usize {
                this.left.load(Ordering::Relaxed)
            }

            /// State for pickling.
            #[pymethod]
            fn __reduce__(cx: &Thread, this: &$ty) -> Res {
                let done = this.deque().len().saturating_sub(this.left.load(Ordering::Relaxed));
                let args = Tuple::pair(cx, this.deque.value(), Value::small(done as i64));
                let ty = Value::from_ref(Value::from_ref(this).ty());
                Ok(Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(args))))
            }
        }
    };
}

deque_iter!(DequeIter, PyDequeIter_Type, "_deque_iterator", false);
deque_iter!(DequeRevIter, PyDequeRevIter_Type, "_deque_reverse_iterator", true);
