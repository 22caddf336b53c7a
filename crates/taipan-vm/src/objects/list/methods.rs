//! `list`'s methods and special methods.

use super::{List, iter, sort};
use crate::objects::slice::{Slice, adjust, ascending, slice_index};
use crate::objects::storage::{SlotArray, in_pieces};
use crate::objects::text_builder::{enter_repr, repr_items};
use crate::prelude::*;

/// An index bound of `index()`: an int or `__index__`, never None (`_PyEval_SliceIndexNotNone`).
pub(in crate::objects) fn bound(cx: &Thread, v: Value) -> Res<isize> {
    if v.as_small().is_none() && v.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "slice indices must be integers or have an __index__ method");
    }
    slice_index(cx, v)
}

/// Clips the bounds of `index()` to a length.
pub(in crate::objects) fn clip_bounds(
    cx: &Thread,
    start: Option<Value>,
    stop: Option<Value>,
    len: impl Fn() -> usize,
) -> Res<(usize, usize)> {
    let a = start.map_or(Ok(0), |v| bound(cx, v))?;
    let b = stop.map_or(Ok(isize::MAX), |v| bound(cx, v))?;
    let n = len() as isize;
    let clip = |x: isize| if x < 0 { x.saturating_add(n).max(0) } else { x };
    Ok((clip(a) as usize, clip(b) as usize))
}

/// Lexicographic comparison of two sequences read by index.
pub(in crate::objects) fn compare_seq(
    cx: &Thread,
    op: CmpOp,
    a: impl Fn(usize) -> Option<Value>,
    b: impl Fn(usize) -> Option<Value>,
    lens: impl Fn() -> (usize, usize),
) -> Res {
    let mut i = 0;
    while let (Some(x), Some(y)) = (a(i), b(i)) {
        if x != y && !eq(cx, x, y)? {
            if a(i).is_none() || b(i).is_none() {
                // The comparison emptied one of them: only the sizes count.
                break;
            }
            return match op {
                CmpOp::Eq => Ok(py_bool(false)),
                CmpOp::Ne => Ok(py_bool(true)),
                _ => rich_compare(cx, x, y, op),
            };
        }
        i += 1;
        if i & 0x3FF == 0 {
            cx.poll()?;
        }
    }
    let (n, m) = lens();
    Ok(py_bool(op.holds(n.cmp(&m))))
}

impl List {
    /// The items from one index to another, as slices clip them.
    pub fn get_range(&self, cx: &Thread, start: isize, stop: isize) -> Res {
        let clip = |len| {
            let r = adjust(start, stop, 1, len);
            (r.start as usize, r.start as usize + r.len)
        };
        self.sublist(cx, clip).map(|l| Value::from_ref(l))
    }

    fn get_slice(&self, cx: &Thread, s: &Slice) -> Res {
        let (start, stop, step) = s.unpack(cx)?;
        if step == 1 {
            return self.get_range(cx, start, stop);
        }
        loop {
            let room = adjust(start, stop, step, self.len()).len;
            if room == 0 {
                return Ok(Value::from_ref(List::new(cx)));
            }
            let fresh = SlotArray::try_new(cx, room)?;
            let n = {
                let _g = self.locked();
                let items = self.items_locked();
                let r = adjust(start, stop, step, items.len());
                if r.len > room {
                    continue;
                }
                fresh.fill_each(r.len, |i| items[(r.start + i as isize * r.step) as usize]);
                r.len
            };
            return Ok(Value::from_ref(List::with_storage(cx, fresh, n)));
        }
    }

    fn set_slice(&self, cx: &Thread, s: &Slice, v: Option<Value>) -> Res<()> {
        let (start, stop, step) = s.unpack(cx)?;
        let items = match v {
            None => return self.del_slice(cx, start, stop, step),
            Some(v) => match v.downcast::<List>() {
                Some(l) => l.to_vec(),
                None => match v.downcast::<Tuple>() {
                    Some(t) => t.as_slice().into(),
                    None => match collect(cx, v) {
                        Ok(items) => items,
                        Err(e) if e.is(exc::TypeError()) && v.ty().slots().iter.get().is_none() => {
                            raise!(cx, TypeError, "must assign iterable to extended slice");
                        }
                        Err(e) => return Err(e),
                    },
                },
            },
        };
        let g = self.locked();
        let r = adjust(start, stop, step, self.len());
        if r.step == 1 {
            let from = r.start as usize;
            return self.splice(cx, from, (r.stop.max(r.start)) as usize, &items);
        }
        if items.len() != r.len {
            drop(g);
            raise!(
                cx,
                ValueError,
                "attempt to assign sequence of size {} to extended slice of size {}",
                items.len(),
                r.len
            );
        }
        if let Some(st) = self.storage() {
            in_pieces(r.len, |first, end| {
                for i in first..end {
                    st.set((r.start + i as isize * r.step) as usize, items[i]);
                }
            });
        }
        Ok(())
    }

    fn del_slice(&self, cx: &Thread, start: isize, stop: isize, step: isize) -> Res<()> {
        let _g = self.locked();
        let r = adjust(start, stop, step, self.len());
        if r.len == 0 {
            return Ok(());
        }
        if r.step == 1 {
            return self.splice(cx, r.start as usize, r.stop as usize, &[]);
        }
        let r = ascending(r);
        let (mut next, step) = (r.start as usize, r.step as usize);
        let last = next + (r.len - 1) * step;
        let mut keep: GcVec<Value> = GcVec::with_capacity(self.len() - r.len);
        if let Some(st) = self.storage() {
            for i in 0..self.len() {
                if i & 0x3FFF == 0x3FFF {
                    cx.mutator.poll();
                }
                if i == next && next <= last {
                    next += step;
                } else if let Some(v) = st.get(i) {
                    keep.push(v);
                }
            }
        }
        let n = self.len();
        self.splice(cx, 0, n, &keep)
    }

    /// New storage with the items `n` times; none where there is nothing.
    fn repeated(&self, cx: &Thread, n: isize) -> Res<Option<&'static SlotArray>> {
        loop {
            let len = self.len();
            let Some(total) = len.checked_mul(n.max(0) as usize) else {
                return Err(cx.no_memory());
            };
            if total == 0 {
                return Ok(None);
            }
            let fresh = SlotArray::try_new(cx, total)?;
            let _g = self.locked();
            let items = self.items_locked();
            if items.len() != len {
                continue;
            }
            if let [one] = *items {
                in_pieces(total, |from, end| {
                    fresh.bulk_barrier(from, end - from);
                    (from..end).for_each(|i| fresh.init(i, one));
                });
                return Ok(Some(fresh));
            }
            fresh.fill(0, items);
            let mut done = len;
            while done < total {
                let more = done.min(total - done);
                fresh.fill_from(done, fresh, 0, more);
                done += more;
            }
            return Ok(Some(fresh));
        }
    }

    /// `self + other` with each at one moment.
    fn joined(&self, cx: &Thread, other: &List) -> Res<&'static List> {
        loop {
            let room = self.len() + other.len();
            if room == 0 {
                return Ok(List::new(cx));
            }
            let fresh = SlotArray::try_new(cx, room)?;
            let mut n = 0;
            for l in [self, other] {
                let _g = l.locked();
                let items = l.items_locked();
                if n + items.len() <= room {
                    fresh.fill(n, items);
                }
                n += items.len();
            }
            if n <= room {
                return Ok(List::with_storage(cx, fresh, n));
            }
        }
    }

    fn position(&self, cx: &Thread, v: Value, start: usize, stop: usize) -> Res<Option<usize>> {
        let mut i = start;
        while i < stop {
            let Some(x) = self.get(i) else { return Ok(None) };
            if eq(cx, x, v)? {
                return Ok(Some(i));
            }
            i += 1;
            if i & 0x3FF == 0 {
                cx.poll()?;
            }
        }
        Ok(None)
    }
}

/// `items * n`.
pub(in crate::objects) fn repeat_values(
    cx: &Thread,
    items: &[Value],
    n: isize,
) -> Res<GcVec<Value>> {
    let n = n.max(0) as usize;
    let total = items.len().checked_mul(n).filter(|t| *t <= isize::MAX as usize / 8);
    let out = total.and_then(GcVec::try_with_capacity);
    let Some(mut out) = out else { return Err(cx.no_memory()) };
    if items.is_empty() {
        return Ok(out);
    }
    let mut since = 0;
    for _ in 0..n {
        out.extend_from_slice(items);
        since += items.len();
        if since > 1 << 14 {
            since = 0;
            cx.mutator.poll();
        }
    }
    Ok(out)
}

#[pymethods]
impl List {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(List::new_in(cx, cls)))
    }

    #[slot(sig = "(self, iterable=(), /)")]
    fn __init__(cx: &Thread, this: &List, iterable: Option<Value>) -> Res<()> {
        if !this.is_empty() {
            this.replace_all(cx, &[]);
        }
        match iterable {
            Some(v) => this.extend(cx, v),
            None => Ok(()),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &List) -> Res {
        if this.is_empty() {
            return Ok(Value::from_ref(id!(cx, "[]")));
        }
        let Some(_guard) = enter_repr(cx, Value::from_ref(this)) else {
            return Ok(Value::from_ref(id!(cx, "[...]")));
        };
        repr_items(cx, "[", "]", |i| this.get(i))
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &List) -> Res<usize> {
        Ok(this.len())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &List, key: Value) -> Res {
        if let Some(i) = key.as_small() {
            let i = if i < 0 { i + this.len() as i64 } else { i };
            if i >= 0 {
                if let Some(v) = this.get(i as usize) {
                    return Ok(v);
                }
            }
            raise!(cx, IndexError, "list index out of range");
        }
        if let Some(s) = key.downcast_exact::<Slice>() {
            return this.get_slice(cx, s);
        }
        if key.ty().slots().index.get().is_none() {
            raise!(
                cx,
                TypeError,
                "list indices must be integers or slices, not {}",
                key.ty().name()
            );
        }
        let i = index_isize(cx, key, exc::IndexError())?;
        let i = if i < 0 { i + this.len() as isize } else { i };
        match if i < 0 { None } else { this.get(i as usize) } {
            Some(v) => Ok(v),
            None => raise!(cx, IndexError, "list index out of range"),
        }
    }

    /// Return self[index].
    #[pymethod(name = "__getitem__")]
    fn item_at(cx: &Thread, this: &List, index: Value) -> Res {
        List::__getitem__(cx, this, index)
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &List, key: Value, v: Option<Value>) -> Res<()> {
        if let Some(s) = key.downcast_exact::<Slice>() {
            return this.set_slice(cx, s, v);
        }
        let i = match key.as_small() {
            Some(i) => i as isize,
            None if key.ty().slots().index.get().is_none() => raise!(
                cx,
                TypeError,
                "list indices must be integers or slices, not {}",
                key.ty().name()
            ),
            None => index_isize(cx, key, exc::IndexError())?,
        };
        let i = if i < 0 { i + this.len() as isize } else { i };
        let done = i >= 0
            && match v {
                Some(v) => this.set(i as usize, v),
                None => this.remove_at(cx, i as usize)?.is_some(),
            };
        if done { Ok(()) } else { raise!(cx, IndexError, "list assignment index out of range") }
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &List, v: Value) -> Res<bool> {
        Ok(this.position(cx, v, 0, usize::MAX)?.is_some())
    }

    #[slot]
    fn __iter__(cx: &Thread, this: Value) -> Res {
        Ok(iter::ListIter::new(cx, this))
    }

    #[slot]
    fn __concat__(cx: &Thread, this: &List, other: Value) -> Res {
        let Some(o) = other.downcast::<List>() else {
            raise!(
                cx,
                TypeError,
                "can only concatenate list (not \"{}\") to list",
                other.ty().name()
            );
        };
        Ok(Value::from_ref(this.joined(cx, o)?))
    }

    #[slot]
    fn __iconcat__(cx: &Thread, this: &List, other: Value) -> Res {
        this.extend(cx, other)?;
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __repeat__(cx: &Thread, this: &List, n: isize) -> Res {
        Ok(Value::from_ref(match this.repeated(cx, n)? {
            Some(s) => List::with_storage(cx, s, s.capacity()),
            None => List::new(cx),
        }))
    }

    #[slot]
    fn __irepeat__(cx: &Thread, this: &List, n: isize) -> Res {
        if n != 1 {
            let items = this.repeated(cx, n)?;
            let _g = this.locked();
            this.install(items, items.map_or(0, SlotArray::capacity));
        }
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &List, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<List>() else { return Ok(not_implemented()) };
        if this.len() != o.len() && matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(py_bool(op == CmpOp::Ne));
        }
        compare_seq(cx, op, |i| this.get(i), |i| o.get(i), || (this.len(), o.len()))
    }

    /// Add an item at the end.
    #[pymethod]
    fn append(cx: &Thread, this: &List, object: Value) {
        this.push(cx, object);
    }

    /// Remove all items.
    #[pymethod]
    fn clear(_cx: &Thread, this: &List) {
        let _g = this.locked();
        this.install(None, 0);
    }

    /// A new list with the same items.
    #[pymethod]
    fn copy(cx: &Thread, this: &List) -> Res {
        Ok(Value::from_ref(this.sublist(cx, |n| (0, n))?))
    }

    /// How many items equal the value.
    #[pymethod]
    fn count(cx: &Thread, this: &List, value: Value) -> Res<usize> {
        let (mut n, mut i) = (0, 0);
        while let Some(x) = this.get(i) {
            if eq(cx, x, value)? {
                n += 1;
            }
            i += 1;
            if i & 0x3FF == 0 {
                cx.poll()?;
            }
        }
        Ok(n)
    }

    /// Append all items of an iterable.
    #[pymethod(name = "extend")]
    fn py_extend(cx: &Thread, this: &List, iterable: Value) -> Res<()> {
        this.extend(cx, iterable)
    }

    /// The first position of the value; ValueError where there is none.
    #[pymethod(sig = "(self, value, start=0, stop=sys.maxsize, /)")]
    fn index(
        cx: &Thread,
        this: &List,
        value: Value,
        start: Option<Value>,
        stop: Option<Value>,
    ) -> Res<usize> {
        let (start, stop) = clip_bounds(cx, start, stop, || this.len())?;
        match this.position(cx, value, start, stop)? {
            Some(i) => Ok(i),
            None => raise!(cx, ValueError, "{} is not in list", repr(cx, value)?),
        }
    }

    /// Put an item before the given position.
    #[pymethod]
    fn insert(cx: &Thread, this: &List, index: isize, object: Value) -> Res<()> {
        this.insert_at(cx, index, object)
    }

    /// Remove and give the item at the position, by default the last.
    #[pymethod(sig = "(self, index=-1, /)")]
    fn pop(cx: &Thread, this: &List, index: isize) -> Res {
        if index == -1 {
            return match this.pop_last() {
                Some(v) => Ok(v),
                None => raise!(cx, IndexError, "pop from empty list"),
            };
        }
        if this.is_empty() {
            raise!(cx, IndexError, "pop from empty list");
        }
        let i = if index < 0 { index + this.len() as isize } else { index };
        match if i < 0 { None } else { this.remove_at(cx, i as usize)? } {
            Some(v) => Ok(v),
            None => raise!(cx, IndexError, "pop index out of range"),
        }
    }

    /// Remove the first item that equals the value; ValueError where there is none.
    #[pymethod]
    fn remove(cx: &Thread, this: &List, value: Value) -> Res<()> {
        loop {
            let Some(i) = this.position(cx, value, 0, usize::MAX)? else {
                raise!(cx, ValueError, "list.remove(x): x not in list");
            };
            let found = this.get(i);
            let _g = this.locked();
            // The comparison ran unlocked: the item must still be where it was.
            if i < this.len() && found.is_some() && this.storage().and_then(|s| s.get(i)) == found {
                return this.splice(cx, i, i + 1, &[]);
            }
        }
    }

    /// Reverse the order in place.
    #[pymethod]
    fn reverse(_cx: &Thread, this: &List) {
        let _g = this.locked();
        let Some(s) = this.storage() else { return };
        let n = this.len();
        in_pieces(n / 2, |first, end| {
            for i in first..end {
                let (a, b) = (s.get(i), s.get(n - 1 - i));
                s.set_option(i, b);
                s.set_option(n - 1 - i, a);
            }
        });
    }

    /// Sort in ascending order, in place and stably. Equal items keep their order. `key` is
    /// called once per item and its results are compared; `reverse` sorts in descending order.
    #[pymethod(sig = "(self, *, key=None, reverse=False)")]
    fn sort(cx: &Thread, this: &List, key: Value, reverse: bool) -> Res<()> {
        sort::sort_list(cx, this, if key.is_none() { None } else { Some(key) }, reverse)
    }

    /// An iterator from the last item to the first.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &List) -> Value {
        iter::ListRevIter::new(cx, this)
    }

    /// Bytes in memory.
    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &List) -> usize {
        size_of::<List>() - 16 + 8 * this.storage().map_or(0, |s| s.capacity())
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        crate::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}
