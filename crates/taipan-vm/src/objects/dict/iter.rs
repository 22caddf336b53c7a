//! The six dict iterators: keys, values, items, forward and reverse.
//!
//! A position is an entry number of the dict's current storage. As in CPython, a change of size
//! during iteration raises; a change that keeps the size may skip or repeat keys.

use super::Dict;
use crate::objects::iterators::{reduce_list, step};
use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, Ordering};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    Keys,
    Values,
    Items,
}

impl What {
    #[inline(always)]
    fn of(self, cx: &Thread, k: Value, v: Value) -> Value {
        match self {
            What::Keys => k,
            What::Values => v,
            What::Items => Value::from_ref(Tuple::pair(cx, k, v)),
        }
    }
}

/// The struct of all six.
#[repr(C)]
pub struct Position {
    dict: Slot,
    /// The next entry to look at (forward), or the last one not yet looked at (reverse).
    at: AtomicIsize,
    /// The dict's size at the start; -1 once it was found changed, which is sticky.
    used: AtomicIsize,
    /// How many items were not given yet.
    left: AtomicIsize,
}

impl Position {
    fn new(d: &Dict, at: isize) -> Position {
        let p = Position {
            dict: Slot::empty(),
            at: AtomicIsize::new(at),
            used: AtomicIsize::new(d.len() as isize),
            left: AtomicIsize::new(d.len() as isize),
        };
        p.dict.init(Some(Value::from_ref(d)));
        p
    }

    #[inline(always)]
    fn dict(&self) -> Option<&'static Dict> {
        // SAFETY: dict is empty or the Dict that `new` was given.
        self.dict.get().map(|v| unsafe { &*(v.bits() as *const Dict) })
    }

    fn check(&self, cx: &Thread, d: &Dict) -> Res<()> {
        if self.used.load(Ordering::Relaxed) != d.len() as isize {
            self.used.store(-1, Ordering::Relaxed);
            raise!(cx, RuntimeError, "dictionary changed size during iteration");
        }
        Ok(())
    }

    #[inline(always)]
    fn forward(&self, cx: &Thread, owner: &Head) -> Res<Option<(Value, Value)>> {
        step(cx, owner, || {
            let Some(d) = self.dict() else { return Ok(None) };
            self.check(cx, d)?;
            match d.next_entry(self.at.load(Ordering::Relaxed) as usize) {
                Some((k, v, next)) => {
                    let left = self.left.load(Ordering::Relaxed);
                    if left == 0 {
                        self.dict.clear(owner);
                        raise!(cx, RuntimeError, "dictionary keys changed during iteration");
                    }
                    self.left.store(left - 1, Ordering::Relaxed);
                    self.at.store(next as isize, Ordering::Relaxed);
                    Ok(Some((k, v)))
                }
                None => {
                    self.dict.clear(owner);
                    Ok(None)
                }
            }
        })
    }

    fn backward(&self, cx: &Thread, owner: &Head) -> Res<Option<(Value, Value)>> {
        step(cx, owner, || {
            let Some(d) = self.dict() else { return Ok(None) };
            self.check(cx, d)?;
            let s = d.storage();
            let mut i = self.at.load(Ordering::Relaxed).min(s.nentries() as isize - 1);
            while i >= 0 {
                if let Some((k, v)) = s.item(i as usize) {
                    self.at.store(i - 1, Ordering::Relaxed);
                    let left = self.left.load(Ordering::Relaxed);
                    self.left.store((left - 1).max(0), Ordering::Relaxed);
                    return Ok(Some((k, v)));
                }
                i -= 1;
            }
            self.dict.clear(owner);
            Ok(None)
        })
    }

    fn hint(&self) -> isize {
        match self.dict() {
            Some(d) if d.len() as isize == self.used.load(Ordering::Relaxed) => {
                self.left.load(Ordering::Relaxed)
            }
            _ => 0,
        }
    }

    /// The items that are left, without moving on.
    fn rest(&self, cx: &Thread, what: What, reverse: bool) -> Res<GcVec<Value>> {
        let mut out = GcVec::new();
        let Some(d) = self.dict() else { return Ok(out) };
        self.check(cx, d)?;
        let s = d.storage();
        let at = self.at.load(Ordering::Relaxed);
        if reverse {
            for i in (0..(at + 1).max(0) as usize).rev() {
                if let Some((k, v)) = s.item(i) {
                    out.push(what.of(cx, k, v));
                }
            }
        } else {
            for i in at as usize..s.nentries() {
                if let Some((k, v)) = s.item(i) {
                    out.push(what.of(cx, k, v));
                }
            }
        }
        Ok(out)
    }
}

macro_rules! dict_iter {
    ($ty:ident, $st:ident, $name:literal, $what:expr, $reverse:literal) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
            pos: Position,
        }

        crate::pytype! { $ty, $st, name: $name, module: "builtins", base: Object }

        impl $ty {
            pub fn new(cx: &Thread, d: &Dict) -> Value {
                let at = if $reverse { d.storage().nentries() as isize - 1 } else { 0 };
                Value::from_ref(cx.alloc($ty { head: fresh_head(), pos: Position::new(d, at) }))
            }

            /// The next item, for the interpreter's loop instruction.
            #[inline(always)]
            pub fn advance(&self, cx: &Thread) -> Res<Option<Value>> {
                let pair = if $reverse {
                    self.pos.backward(cx, &self.head)?
                } else {
                    self.pos.forward(cx, &self.head)?
                };
                Ok(pair.map(|(k, v)| $what.of(cx, k, v)))
            }
        }

        #[pymethods]
        impl $ty {
            #[slot]
            fn __iter__(_cx: &Thread, this: Value) -> Res {
                Ok(this)
            }

            #[slot]
            fn __next__(cx: &Thread, this: &$ty) -> Res<Option<Value>> {
                this.advance(cx)
            }

            /// How many items are left.
            #[pymethod]
            fn __length_hint__(_cx: &Thread, this: &$ty) -> isize {
                this.pos.hint()
            }

            /// State for pickling.
            #[pymethod]
            fn __reduce__(cx: &Thread, this: &$ty) -> Res {
                let rest = this.pos.rest(cx, $what, $reverse)?;
                reduce_list(cx, &rest)
            }
        }
    };
}

impl DictItemIter {
    /// The next key and value.
    #[inline]
    pub fn advance_pair(&self, cx: &Thread) -> Res<Option<(Value, Value)>> {
        self.pos.forward(cx, &self.head)
    }
}

dict_iter!(DictKeyIter, PyDictIterKey_Type, "dict_keyiterator", What::Keys, false);
dict_iter!(DictValueIter, PyDictIterValue_Type, "dict_valueiterator", What::Values, false);
dict_iter!(DictItemIter, PyDictIterItem_Type, "dict_itemiterator", What::Items, false);
dict_iter!(DictRevKeyIter, PyDictRevIterKey_Type, "dict_reversekeyiterator", What::Keys, true);
dict_iter!(
    DictRevValueIter,
    PyDictRevIterValue_Type,
    "dict_reversevalueiterator",
    What::Values,
    true
);
dict_iter!(DictRevItemIter, PyDictRevIterItem_Type, "dict_reverseitemiterator", What::Items, true);
