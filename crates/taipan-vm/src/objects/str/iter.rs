//! `str_iterator` and `str_ascii_iterator`: the second over ASCII strings, as CPython names them.
//!
//! `seq` is empty once the iterator is exhausted; it never comes back.

use super::Str;
use crate::objects::iterators;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, Ordering};

macro_rules! str_iterator {
    ($ty:ident, $st:ident, $name:literal) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
            index: AtomicIsize,
            seq: Slot,
        }

        crate::pytype! { $ty, $st, name: $name, module: "builtins", base: crate::objects::object::Object }

        impl $ty {
            fn new(cx: &Thread, s: Value) -> Value {
                let it = $ty { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
                it.seq.init(Some(s));
                Value::from_ref(cx.alloc(it))
            }

            /// The next character of narrow text; `None` at the end, for wider text and where threads share the iterator.
            #[inline(always)]
            pub fn advance_narrow(&self, cx: &Thread) -> Option<&'static Str> {
                if !iterators::mine(cx, &self.head) {
                    return None;
                }
                let s = self.seq.get()?.downcast_exact::<Str>()?;
                let i = self.index.load(Ordering::Relaxed);
                let c = s.narrow_char(cx, i as i64)?;
                self.index.store(i + 1, Ordering::Relaxed);
                Some(c)
            }

            fn text(&self) -> Option<&'static Str> {
                self.seq.get().and_then(|v| v.downcast::<Str>())
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
                let Some(s) = this.text() else { return Ok(None) };
                if let Some(c) = this.advance_narrow(cx) {
                    return Ok(Some(Value::from_ref(c)));
                }
                let i = iterators::step(cx, &this.head, || {
                    let i = this.index.load(Ordering::Relaxed);
                    if i < s.len() as isize {
                        this.index.store(i + 1, Ordering::Relaxed);
                    }
                    i as usize
                });
                if i >= s.len() {
                    this.seq.clear(&this.head);
                    return Ok(None);
                }
                Ok(Some(Value::from_ref(Str::substring(cx, s, i, i + 1))))
            }

            /// How many items may be left.
            #[pymethod(sig = "(self, /)")]
            fn __length_hint__(_cx: &Thread, this: &$ty) -> isize {
                let i = this.index.load(Ordering::Relaxed);
                this.text().map_or(0, |s| (s.len() as isize - i).max(0))
            }

            /// State for pickling.
            #[pymethod(sig = "(self, /)")]
            fn __reduce__(cx: &Thread, this: &$ty) -> Res {
                let empty = Value::from_ref(Str::new(cx, ""));
                let state = || (this.seq.get(), this.index.load(Ordering::Relaxed));
                iterators::reduce_seq(cx, id!(cx, "iter"), state, empty)
            }

            /// Sets the position.
            #[pymethod(sig = "(self, state, /)")]
            fn __setstate__(_cx: &Thread, this: &$ty, state: isize) {
                if let Some(s) = this.text() {
                    this.index.store(state.clamp(0, s.len() as isize), Ordering::Relaxed);
                }
            }
        }
    };
}

str_iterator!(StrIter, PyUnicodeIter_Type, "str_iterator");
str_iterator!(StrAsciiIter, _PyUnicodeASCIIIter_Type, "str_ascii_iterator");

pub fn new(cx: &Thread, s: &Str) -> Value {
    let v = Value::from_ref(s);
    if s.is_ascii() { StrAsciiIter::new(cx, v) } else { StrIter::new(cx, v) }
}
