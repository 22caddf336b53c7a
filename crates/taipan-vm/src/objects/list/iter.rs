//! `list_iterator` and `list_reverseiterator`. `seq` is empty once exhausted.

use super::List;
use crate::objects::iterators::{mine, move_on, reduce_seq, step_of_shared};
use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, Ordering};

#[repr(C)]
pub struct ListIter {
    pub head: Head,
    index: AtomicIsize,
    seq: Slot,
}

crate::pytype! { ListIter, PyListIter_Type, name: "list_iterator", module: "builtins", base: Object }

#[repr(C)]
pub struct ListRevIter {
    pub head: Head,
    index: AtomicIsize,
    seq: Slot,
}

crate::pytype! { ListRevIter, PyListRevIter_Type, name: "list_reverseiterator", module: "builtins", base: Object }

impl ListIter {
    pub fn new(cx: &Thread, list: Value) -> Value {
        let it = ListIter { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
        it.seq.init(Some(list));
        Value::from_ref(cx.alloc(it))
    }

    fn list(&self) -> Option<&'static List> {
        // SAFETY: seq is empty or the list that `new` was given (checked by its caller).
        self.seq.get().map(|v| unsafe { &*(v.bits() as *const List) })
    }

    /// As `advance`, but nothing happens at the end or where threads share it: for the interpreter's loop instruction.
    #[inline(always)]
    pub fn advance_within(&self, cx: &Thread) -> Option<Value> {
        if !mine(cx, &self.head) {
            return None;
        }
        let i = self.index.load(Ordering::Relaxed);
        let v = self.list()?.peek(i as usize)?;
        self.index.store(i + 1, Ordering::Relaxed);
        Some(v)
    }

    /// The next item.
    #[inline(always)]
    pub fn advance(&self, cx: &Thread) -> Option<Value> {
        if let Some(v) = self.advance_within(cx) {
            return Some(v);
        }
        let l = self.list()?;
        if mine(cx, &self.head) && self.index.load(Ordering::Relaxed) as usize >= l.len() {
            self.seq.clear(&self.head);
            return None;
        }
        self.advance_shared(cx)
    }

    /// Looking at the list may take its lock.
    #[cold]
    fn advance_shared(&self, cx: &Thread) -> Option<Value> {
        step_of_shared(cx, &self.head, || {
            let l = self.list()?;
            let i = self.index.load(Ordering::Relaxed);
            let v = l.get(i as usize);
            match v {
                Some(_) => self.index.store(i + 1, Ordering::Relaxed),
                None => self.seq.clear(&self.head),
            }
            v
        })
    }
}

#[pymethods]
impl ListIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &ListIter) -> Res<Option<Value>> {
        Ok(this.advance(cx))
    }

    /// How many items are left, at most.
    #[pymethod]
    fn __length_hint__(_cx: &Thread, this: &ListIter) -> isize {
        match this.list() {
            Some(l) => (l.len() as isize - this.index.load(Ordering::Relaxed)).max(0),
            None => 0,
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &ListIter) -> Res {
        let empty = Value::from_ref(List::new(cx));
        let state = || (this.seq.get(), this.index.load(Ordering::Relaxed));
        reduce_seq(cx, id!(cx, "iter"), state, empty)
    }

    /// Sets the position.
    #[pymethod]
    fn __setstate__(cx: &Thread, this: &ListIter, state: Value) -> Res<()> {
        let i = crate::objects::seqiter::state_index(cx, state)?;
        if let Some(l) = this.list() {
            this.index.store(i.clamp(0, l.len() as isize), Ordering::Relaxed);
        }
        Ok(())
    }
}

impl ListRevIter {
    pub fn new(cx: &Thread, list: &List) -> Value {
        let it = ListRevIter {
            head: fresh_head(),
            index: AtomicIsize::new(list.len() as isize - 1),
            seq: Slot::empty(),
        };
        it.seq.init(Some(Value::from_ref(list)));
        Value::from_ref(cx.alloc(it))
    }

    fn list(&self) -> Option<&'static List> {
        // SAFETY: as for ListIter.
        self.seq.get().map(|v| unsafe { &*(v.bits() as *const List) })
    }
}

#[pymethods]
impl ListRevIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(_cx: &Thread, this: &ListRevIter) -> Res<Option<Value>> {
        let Some(l) = this.list() else { return Ok(None) };
        loop {
            let i = this.index.load(Ordering::Relaxed);
            let item = usize::try_from(i).ok().and_then(|i| l.get(i));
            if move_on(&this.index, i, if item.is_some() { i - 1 } else { -1 }) {
                if item.is_none() {
                    this.seq.clear(&this.head);
                }
                return Ok(item);
            }
        }
    }

    /// How many items are left, at most.
    #[pymethod]
    fn __length_hint__(_cx: &Thread, this: &ListRevIter) -> isize {
        let n = this.index.load(Ordering::Relaxed) + 1;
        match this.list() {
            Some(l) if n <= l.len() as isize => n,
            _ => 0,
        }
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &ListRevIter) -> Res {
        let empty = Value::from_ref(List::new(cx));
        let state = || (this.seq.get(), this.index.load(Ordering::Relaxed));
        reduce_seq(cx, id!(cx, "reversed"), state, empty)
    }

    /// Sets the position.
    #[pymethod]
    fn __setstate__(cx: &Thread, this: &ListRevIter, state: Value) -> Res<()> {
        let i = crate::objects::seqiter::state_index(cx, state)?;
        if let Some(l) = this.list() {
            this.index.store(i.clamp(-1, l.len() as isize - 1), Ordering::Relaxed);
        }
        Ok(())
    }
}
