//! `tuple`: layout, construction and access. Methods are in `tuple_methods.rs`.
//!
//! Layout is CPython's: `ob_size` at 32, the items inline from 40. A tuple is immutable once it is
//! published; the cell has a spare byte, so that a pointer one past the last item keeps it alive.

use super::storage::in_pieces;
use crate::prelude::*;
use std::mem::offset_of;
use std::sync::atomic::{AtomicIsize, Ordering};

#[repr(C)]
pub struct Tuple {
    pub head: Head,
    ob_size: AtomicIsize,
    items: [Slot; 0],
}

const _: () = {
    assert!(offset_of!(Tuple, ob_size) == 32);
    assert!(offset_of!(Tuple, items) == 40);
    assert!(size_of::<Tuple>() == 40);
};

crate::pytype! { Tuple, PyTuple_Type, name: "tuple", module: "builtins", base: crate::objects::object::Object,
flags: tpflags::BASETYPE | tpflags::SEQUENCE | tpflags::MATCH_SELF, fast: TUPLE_SUBCLASS, itemsize: 8,
doc: "tuple(iterable=(), /)\n--\n\nBuilt-in immutable sequence.\n\nWithout an argument, the empty tuple.\nWith an iterable, a tuple of its items; an exact tuple is given back as it is." }

impl Tuple {
    pub fn from_slice(cx: &Thread, items: &[Value]) -> &'static Tuple {
        if items.is_empty() {
            return Tuple::empty(cx);
        }
        Tuple::new_in(cx, Tuple::type_object(), items)
    }

    /// A tuple of `ty`, tuple or a subclass of it. Never shares the empty tuple.
    pub fn new_in(cx: &Thread, ty: &Type, items: &[Value]) -> &'static Tuple {
        let bytes = size_of::<Tuple>() + 8 * items.len() + 1;
        let exact = ty.is(Tuple::type_object());
        let p = if exact {
            cx.mutator.alloc_object(bytes, 0, Kind::Scan)
        } else {
            cx.alloc_uninit(ty, bytes)
        };
        // SAFETY: the cell is private and has room for the struct and the items; it is filled
        // before it is published.
        unsafe {
            let t = &*(p.as_ptr() as *const Tuple);
            t.ob_size.store(items.len() as isize, Ordering::Relaxed);
            let at = t.items.as_ptr();
            in_pieces(items.len(), |first, end| {
                if end - first < items.len() {
                    taipan_heap::slot::barrier_range(at.add(first), 8 * (end - first));
                }
                for i in first..end {
                    (*at.add(i)).init(Some(items[i]));
                }
            });
            if exact {
                p.as_ref().init(cx.tid, 0, ty as *const Type as *mut Head);
            } else {
                cx.publish(p, ty);
            }
            t
        }
    }

    /// Two items; the shape that iterators of pairs make most.
    #[inline]
    pub fn pair(cx: &Thread, a: Value, b: Value) -> &'static Tuple {
        Tuple::new_in(cx, Tuple::type_object(), &[a, b])
    }

    /// As `from_fn` where `f` does not allocate, either: the items are written where they stay.
    #[inline(always)]
    pub fn from_values(cx: &Thread, n: usize, f: impl Fn(usize) -> Value) -> &'static Tuple {
        Tuple::from_prefix(cx, &[], n, f)
    }

    /// As `from_values` where the first items, at most `n`, are there already.
    #[inline(always)]
    pub fn from_prefix(
        cx: &Thread,
        first: &[Value],
        n: usize,
        f: impl Fn(usize) -> Value,
    ) -> &'static Tuple {
        debug_assert!(first.len() <= n);
        if !(1..=64).contains(&n) {
            return Tuple::from_fn(cx, n, |i| first.get(i).copied().unwrap_or_else(|| f(i)));
        }
        let bytes = size_of::<Tuple>() + 8 * n + 1;
        let p = cx.mutator.alloc_object(bytes, 0, Kind::Scan);
        let ty: *const Type = Tuple::type_object();
        // SAFETY: the cell is private and has room for the struct and the items; there is no
        // safepoint before it is filled and published.
        unsafe {
            let t = &*(p.as_ptr() as *const Tuple);
            t.ob_size.store(n as isize, Ordering::Relaxed);
            let at = t.items.as_ptr();
            for (i, v) in first.iter().enumerate().take(n) {
                (*at.add(i)).init(Some(*v));
            }
            for i in first.len()..n {
                (*at.add(i)).init(Some(f(i)));
            }
            p.as_ref().init(cx.tid, 0, ty as *mut Head);
            t
        }
    }

    /// `n` items made by `f`, without a temporary vector. `f` must not run Python code.
    pub fn from_fn(cx: &Thread, n: usize, mut f: impl FnMut(usize) -> Value) -> &'static Tuple {
        // Short ones are put together on the native stack, which the collector scans.
        const SHORT: usize = 12;
        if (1..=SHORT).contains(&n) {
            let mut items = [none(); SHORT];
            for (i, slot) in items[..n].iter_mut().enumerate() {
                *slot = f(i);
            }
            return Tuple::new_in(cx, Tuple::type_object(), &items[..n]);
        }
        let items: GcVec<Value> = (0..n).map(&mut f).collect();
        Tuple::from_slice(cx, &items)
    }

    /// The one empty tuple.
    #[inline]
    pub fn empty(cx: &Thread) -> &'static Tuple {
        let slot = &cx.vm.roots.empty_tuple;
        match slot.get() {
            // SAFETY: the root only ever holds the tuple stored below.
            Some(v) => unsafe { &*(v.bits() as *const Tuple) },
            None => {
                let t = Tuple::new_in(cx, Tuple::type_object(), &[]);
                let v = Value::from_ref(t);
                match slot.raw().compare_exchange(0, v.bits(), Ordering::AcqRel, Ordering::Acquire)
                {
                    Ok(_) => t,
                    // SAFETY: as above.
                    Err(bits) => unsafe { &*(bits as *const Tuple) },
                }
            }
        }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.ob_size.load(Ordering::Relaxed) as usize
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Item `i`, which must exist.
    #[inline(always)]
    #[track_caller]
    pub fn get(&self, i: usize) -> Value {
        self.as_slice()[i]
    }

    #[inline(always)]
    pub fn as_slice(&self) -> &'static [Value] {
        // SAFETY: a published tuple has ob_size initialised items that never change, and lives as
        // long as a stack refers into it (the collector follows interior pointers).
        unsafe { std::slice::from_raw_parts(self.items.as_ptr() as *const Value, self.len()) }
    }

    /// An instance of a struct sequence type: `items` of which the first `visible` count as items.
    pub fn with_hidden(cx: &Thread, ty: &Type, items: &[Value], visible: usize) -> &'static Tuple {
        let p = cx.alloc_uninit(ty, size_of::<Tuple>() + 8 * items.len() + 1);
        // SAFETY: as in `new_in`; the items beyond ob_size stay in the scanned cell.
        unsafe {
            let t = &*(p.as_ptr() as *const Tuple);
            t.ob_size.store(visible as isize, Ordering::Relaxed);
            for (i, &v) in items.iter().enumerate() {
                (*t.items.as_ptr().add(i)).init(Some(v));
            }
            cx.publish(p, ty);
            t
        }
    }

    /// The slots themselves, for the C layer and for structseq's construction.
    pub fn items_ptr(&self) -> *const Slot {
        self.items.as_ptr()
    }
}

#[path = "tuple_methods.rs"]
pub mod methods;
