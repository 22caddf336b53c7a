//! `groupby` and the iterators of its groups.

use super::{pickle_warning, slot, state_tuple, tuple, type_of};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct GroupBy {
    pub head: Head,
    it: Slot,
    keyfunc: Slot,
    target: Slot,
    key: Slot,
    value: Slot,
    /// The group iterator that may still give items.
    group: Slot,
}

taipan_vm::pytype! { GroupBy, PyItertools_groupby_Type, name: "groupby", module: "itertools", base: Object,
flags: tpflags::BASETYPE, doc: "groupby(iterable, key=None)\n--\n\nAn iterator of (key, group) pairs of consecutive items with the same key.\n\n  iterable\n    What to group.\n  key\n    The function that computes an item's key; None: the item itself." }

impl GroupBy {
    /// Takes the next item; false at the end.
    fn step(&self, cx: &Thread) -> Res<bool> {
        let Some(v) = iter_next(cx, self.it.value())? else { return Ok(false) };
        let f = self.keyfunc.value();
        let k = if f.is_none() { v } else { call(cx, f, &[v])? };
        self.value.set(&self.head, v);
        self.key.set(&self.head, k);
        Ok(true)
    }
}

#[pymethods]
impl GroupBy {
    #[slot(sig = "(cls, iterable, key=None)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Value, key: Value) -> Res {
        let it = iter(cx, iterable)?;
        let g = GroupBy {
            head: fresh_head(),
            it: slot(it),
            keyfunc: slot(key),
            target: Slot::empty(),
            key: Slot::empty(),
            value: Slot::empty(),
            group: Slot::empty(),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, g)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &GroupBy) -> Res<Option<Value>> {
        this.group.clear(&this.head);
        // Skips to the next item whose key differs.
        loop {
            if let Some(k) = this.key.get() {
                match this.target.get() {
                    None => break,
                    Some(t) => {
                        if !eq(cx, t, k)? {
                            break;
                        }
                    }
                }
            }
            if !this.step(cx)? {
                return Ok(None);
            }
            cx.poll()?;
        }
        let key = this.key.get().unwrap_or(none());
        this.target.set(&this.head, key);
        let g =
            Grouper { head: fresh_head(), parent: slot(Value::from_ref(this)), target: slot(key) };
        let g = Value::from_ref(cx.alloc(g));
        this.group.set(&this.head, g);
        Ok(Some(Value::from_ref(Tuple::pair(cx, key, g))))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &GroupBy) -> Res {
        pickle_warning(cx)?;
        let ty = type_of(Value::from_ref(this));
        let args = tuple(cx, &[this.it.value(), this.keyfunc.value()]);
        Ok(match (this.target.get(), this.key.get(), this.value.get()) {
            (Some(t), Some(k), Some(v)) => tuple(cx, &[ty, args, tuple(cx, &[k, v, t])]),
            _ => tuple(cx, &[ty, args]),
        })
    }

    /// Restores the current key, value and target.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &GroupBy, state: Value) -> Res<()> {
        pickle_warning(cx)?;
        let t = state_tuple(cx, state)?.as_slice();
        let &[k, v, target] = t else {
            raise!(cx, TypeError, "function takes exactly 3 arguments ({} given)", t.len());
        };
        this.key.set(&this.head, k);
        this.value.set(&this.head, v);
        this.target.set(&this.head, target);
        Ok(())
    }
}

#[repr(C)]
pub struct Grouper {
    pub head: Head,
    parent: Slot,
    target: Slot,
}

taipan_vm::pytype! { Grouper, PyItertools__grouper_Type, name: "_grouper", module: "itertools", base: Object }

impl Grouper {
    fn parent(&self) -> &'static GroupBy {
        self.parent.value().downcast::<GroupBy>().expect("made for a groupby")
    }
}

#[pymethods]
impl Grouper {
    #[slot(sig = "(cls, parent, tgtkey, /)")]
    fn __new__(cx: &Thread, _cls: &Type, parent: &'static GroupBy, tgtkey: Value) -> Res {
        let g = Grouper {
            head: fresh_head(),
            parent: slot(Value::from_ref(parent)),
            target: slot(tgtkey),
        };
        let g = Value::from_ref(cx.alloc(g));
        parent.group.set(&parent.head, g);
        Ok(g)
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Grouper) -> Res<Option<Value>> {
        let p = this.parent();
        if p.group.get() != Some(Value::from_ref(this)) {
            return Ok(None);
        }
        if p.value.get().is_none() && !p.step(cx)? {
            return Ok(None);
        }
        let Some(k) = p.key.get() else { return Ok(None) };
        if !eq(cx, this.target.value(), k)? {
            return Ok(None);
        }
        let v = p.value.swap(&p.head, None);
        p.key.clear(&p.head);
        Ok(v)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Grouper) -> Res {
        pickle_warning(cx)?;
        let p = this.parent();
        if p.group.get() != Some(Value::from_ref(this)) {
            let f = taipan_vm::objects::iterators::builtin(cx, id!(cx, "iter"))?;
            let empty = Value::from_ref(Tuple::empty(cx));
            return Ok(tuple(cx, &[f, tuple(cx, &[empty])]));
        }
        let args = tuple(cx, &[this.parent.value(), this.target.value()]);
        Ok(tuple(cx, &[type_of(Value::from_ref(this)), args]))
    }
}
