//! Python's methods of `bytes`, and its iterator.

use super::bytes_ops::{self as ops, Selected, View};
use super::bytes_shared::byte_methods;
use crate::buffer::{Buffer, ByteArg};
use crate::objects::iterators;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, Ordering};

fn begin_use(_this: &Bytes) {}

fn end_use(_this: &Bytes) {}

#[inline(always)]
fn view(this: &Bytes) -> View {
    ByteArg::Borrowed(this.as_slice())
}

fn make(cx: &Thread, v: Vec<u8>) -> Value {
    Value::from_ref(Bytes::new(cx, &v))
}

/// The value itself, as an exact bytes.
fn same(cx: &Thread, this: &Bytes) -> Value {
    let v = Value::from_ref(this);
    if v.ty().is(Bytes::type_object()) { v } else { make(cx, this.as_slice().to_vec()) }
}

/// The separator in the result of partition: the object that was given.
fn separator_part(_cx: &Thread, sep: Value, _n: &[u8]) -> Value {
    sep
}

/// The bytes of an object that is not a string: `__bytes__`, a buffer, an iterable of ints
/// (`PyObject_Bytes`).
pub fn object_to_bytes(cx: &Thread, v: Value) -> Res<&'static Bytes> {
    if let Some(b) = v.downcast_exact::<Bytes>() {
        return Ok(b);
    }
    if let Some(r) = call_special(cx, v, id!(cx, "__bytes__"), &[])? {
        return match r.downcast::<Bytes>() {
            Some(b) => Ok(b),
            None => raise!(cx, TypeError, "__bytes__ returned non-bytes (type {})", r.ty().name()),
        };
    }
    let iterable = v.ty().slots().iter.get().is_some() || v.ty().slots().getitem.get().is_some();
    if v.downcast::<Str>().is_some() || !(iterable || crate::buffer::has_buffer(v)) {
        raise!(cx, TypeError, "cannot convert '{}' object to bytes", v.ty().name());
    }
    let data = ops::construct(cx, Some(v), None, None, CONSTRUCTOR)?;
    Ok(Bytes::new(cx, &data))
}

byte_methods!(Bytes, "bytes", "byte", {
    #[slot(sig = "(cls, source=None, encoding=None, errors=None)")]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        source: Option<Value>,
        encoding: Option<&'static Str>,
        errors: Option<&'static Str>,
    ) -> Res {
        let exact = cls.is(Bytes::type_object());
        if let (Some(v), None, None) = (source, encoding, errors) {
            if exact && v.downcast_exact::<Bytes>().is_some() {
                return Ok(v);
            }
            if let (true, Some(b)) = (exact, v.downcast_exact::<super::bytearray::ByteArray>()) {
                return b.as_bytes(cx);
            }
            if let (true, Some(m)) = (exact, v.downcast_exact::<super::memoryview::MemoryView>()) {
                if let Some(made) = m.flat_bytes(cx)? {
                    return Ok(made);
                }
            }
            if let Some(r) = call_special(cx, v, id!(cx, "__bytes__"), &[])? {
                let Some(b) = r.downcast::<Bytes>() else {
                    raise!(cx, TypeError, "__bytes__ returned non-bytes (type {})", r.ty().name());
                };
                if exact {
                    return Ok(r);
                }
                return Bytes::try_new_in(cx, cls, b.as_slice()).map(Value::from_ref);
            }
        }
        let data = ops::construct(cx, source, encoding, errors, CONSTRUCTOR)?;
        if exact {
            return Ok(Value::from_ref(Bytes::new(cx, &data)));
        }
        Bytes::try_new_in(cx, cls, &data).map(Value::from_ref)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Bytes) -> Res {
        Ok(Value::from_ref(Str::new(cx, &ops::repr_text(this.as_slice()))))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &Bytes) -> Res {
        warn_bytes(cx, "str() on a bytes instance")?;
        Ok(Value::from_ref(Str::new(cx, &ops::repr_text(this.as_slice()))))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Bytes) -> Res<i64> {
        Ok(this.hash(cx))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Bytes, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<Bytes>() else {
            if matches!(op, CmpOp::Eq | CmpOp::Ne) {
                if other.downcast::<Str>().is_some() {
                    warn_bytes(cx, "Comparison between bytes and string")?;
                } else if super::int::is_int(other) {
                    warn_bytes(cx, "Comparison between bytes and int")?;
                }
            }
            return Ok(not_implemented());
        };
        Ok(py_bool(op.holds(this.as_slice().cmp(o.as_slice()))))
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Bytes) -> Res {
        let it = BytesIter { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
        it.seq.init(Some(Value::from_ref(this)));
        Ok(Value::from_ref(cx.alloc(it)))
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Bytes, key: Value) -> Res {
        Ok(match ops::subscript(cx, this.as_slice(), key, ITEM)? {
            Selected::Range(a, b) => Value::from_ref(Bytes::new(cx, &this.as_slice()[a..b])),
            Selected::Byte(b) => Value::small(b as i64),
            Selected::Bytes(v) => make(cx, v),
            Selected::Whole => same(cx, this),
        })
    }

    #[slot]
    fn __concat__(cx: &Thread, this: &Bytes, other: Value) -> Res {
        let Some(o) = ByteArg::try_get(cx, other)? else {
            raise!(cx, TypeError, "can't concat {} to bytes", other.ty().name());
        };
        let exact = |v: Value| v.downcast_exact::<Bytes>().is_some();
        let me = Value::from_ref(this);
        if this.is_empty() && exact(other) {
            return Ok(other);
        }
        if o.is_empty() && exact(me) {
            return Ok(me);
        }
        let s = this.as_slice();
        let b = Bytes::build_in(cx, Bytes::type_object(), s.len() + o.len(), |out| {
            // SAFETY: `out` has room for both.
            unsafe {
                std::ptr::copy_nonoverlapping(s.as_ptr(), out, s.len());
                std::ptr::copy_nonoverlapping(o.as_ptr(), out.add(s.len()), o.len());
            }
        })?;
        Ok(Value::from_ref(b))
    }

    #[slot]
    fn __buffer__(cx: &Thread, this: &Bytes, flags: u32) -> Res<Buffer> {
        let s = this.as_slice();
        crate::buffer::simple_export(
            cx,
            Value::from_ref(this),
            s.as_ptr() as *mut u8,
            s.len(),
            true,
            flags,
        )
    }

    #[pymethod(sig = "(self, /)")]
    fn __getnewargs__(cx: &Thread, this: &Bytes) -> Res {
        let b = make(cx, this.as_slice().to_vec());
        Ok(Value::from_ref(Tuple::from_slice(cx, &[b])))
    }

    /// An exact bytes of the same value.
    #[pymethod(sig = "(self, /)")]
    fn __bytes__(cx: &Thread, this: &Bytes) -> Value {
        same(cx, this)
    }

    /// Bytes that the object takes in memory.
    #[pymethod(sig = "(self, /)")]
    fn __sizeof__(_cx: &Thread, this: &Bytes) -> usize {
        Bytes::BASIC_SIZE + this.len()
    }
});

/// Over a bytes object; `seq` is empty once exhausted.
#[repr(C)]
pub struct BytesIter {
    pub head: Head,
    index: AtomicIsize,
    seq: Slot,
}

crate::pytype! { BytesIter, PyBytesIter_Type, name: "bytes_iterator", module: "builtins", base: crate::objects::object::Object }

impl BytesIter {
    fn bytes(&self) -> Option<&'static Bytes> {
        self.seq.get().and_then(|v| v.downcast::<Bytes>())
    }
}

#[pymethods]
impl BytesIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &BytesIter) -> Res<Option<Value>> {
        let Some(b) = this.bytes() else { return Ok(None) };
        let item = iterators::step(cx, &this.head, || {
            let i = this.index.load(Ordering::Relaxed);
            let item = b.as_slice().get(i as usize);
            if item.is_some() {
                this.index.store(i + 1, Ordering::Relaxed);
            }
            item
        });
        if item.is_none() {
            this.seq.clear(&this.head);
        }
        Ok(item.map(|x| Value::small(*x as i64)))
    }

    /// How many items may be left.
    #[pymethod(sig = "(self, /)")]
    fn __length_hint__(_cx: &Thread, this: &BytesIter) -> isize {
        let i = this.index.load(Ordering::Relaxed);
        this.bytes().map_or(0, |b| (b.len() as isize - i).max(0))
    }

    /// State for pickling.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &BytesIter) -> Res {
        iterators::reduce_iter(cx, || (this.seq.get(), this.index.load(Ordering::Relaxed)))
    }

    /// Sets the position.
    #[pymethod(sig = "(self, state, /)")]
    fn __setstate__(_cx: &Thread, this: &BytesIter, state: isize) {
        if let Some(b) = this.bytes() {
            this.index.store(state.clamp(0, b.len() as isize), Ordering::Relaxed);
        }
    }
}

/// A BytesWarning, where `-b` asks for them.
pub fn warn_bytes(cx: &Thread, msg: &str) -> Res<()> {
    if cx.vm.config.get().is_some_and(|c| c.bytes_warning > 0) {
        return super::warn(cx, exc::BytesWarning(), msg, 1);
    }
    Ok(())
}
