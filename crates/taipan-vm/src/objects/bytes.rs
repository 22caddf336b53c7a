//! `bytes`: layout and construction. Python's methods are in `bytes_methods.rs`.

use crate::prelude::*;
use std::sync::atomic::{AtomicI64, AtomicIsize, Ordering};

/// CPython's PyBytesObject: data inline, NUL-terminated.
#[repr(C)]
pub struct Bytes {
    pub head: Head,
    ob_size: AtomicIsize,
    ob_shash: AtomicI64,
    data: [u8; 8],
}

const DATA: usize = 48;
const _: () = assert!(std::mem::offset_of!(Bytes, data) == DATA);

crate::pytype! { Bytes, PyBytes_Type, name: "bytes", module: "builtins",
base: super::object::Object, flags: tpflags::BASETYPE | tpflags::MATCH_SELF,
fast: BYTES_SUBCLASS, kind: Leaf, itemsize: 1, basicsize: DATA + 1,
doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object" }

impl Bytes {
    /// Bytes of memory that an empty one takes.
    pub const BASIC_SIZE: usize = DATA + 1;

    #[inline]
    pub fn new(cx: &Thread, data: &[u8]) -> &'static Bytes {
        if data.is_empty() {
            return Bytes::empty(cx);
        }
        Bytes::fresh(cx, data)
    }

    /// The one empty bytes object.
    pub fn empty(cx: &Thread) -> &'static Bytes {
        let root = &cx.vm.roots.empty_bytes;
        if let Some(b) = root.get().and_then(|b| b.downcast::<Bytes>()) {
            return b;
        }
        let b = Bytes::fresh(cx, b"");
        // Of two threads' objects either may stay: only identity could tell, and only at start-up.
        root.init(Some(Value::from_ref(b)));
        b
    }

    fn fresh(cx: &Thread, data: &[u8]) -> &'static Bytes {
        match Bytes::try_new_in(cx, Bytes::type_object(), data) {
            Ok(b) => b,
            Err(_) => std::panic::panic_any(taipan_heap::OutOfMemory),
        }
    }

    pub fn try_new_in(cx: &Thread, ty: &Type, data: &[u8]) -> Res<&'static Bytes> {
        Bytes::build_in(cx, ty, data.len(), |out| {
            // SAFETY: `out` has room for the data.
            unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), out, data.len()) }
        })
    }

    /// `n` bytes that `fill` writes. It may run while the world is stopped: it reads what the caller holds,
    /// and allocates and raises nothing.
    pub fn build_in(
        cx: &Thread,
        ty: &Type,
        n: usize,
        fill: impl FnOnce(*mut u8),
    ) -> Res<&'static Bytes> {
        if n > isize::MAX as usize - DATA - 1 {
            return Err(cx.no_memory());
        }
        let exact = ty.is(Bytes::type_object());
        let p = if exact && n <= 1024 {
            cx.mutator.alloc_object(DATA + n + 1, 0, Kind::Leaf)
        } else if exact {
            match cx.mutator.try_alloc_leaf_uninit(DATA + n + 1) {
                Some(p) => p,
                None => return Err(cx.no_memory()),
            }
        } else {
            cx.try_alloc_uninit(ty, DATA + n + 1)?
        };
        // SAFETY: the private cell has room for the prefix, n bytes and the NUL.
        unsafe {
            let b = p.as_ptr() as *mut Bytes;
            (&raw mut (*b).ob_size).write(AtomicIsize::new(n as isize));
            (&raw mut (*b).ob_shash).write(AtomicI64::new(-1));
            let d = (b as *mut u8).add(DATA);
            cx.mutator.plain(n, || fill(d));
            d.add(n).write(0);
            if exact {
                p.as_ref().init(cx.tid, 0, ty as *const Type as *mut Head);
            } else {
                cx.publish(p, ty);
            }
            Ok(&*b)
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

    /// The data: immutable, alive as long as the object.
    #[inline(always)]
    pub fn as_slice(&self) -> &'static [u8] {
        // SAFETY: ob_size bytes follow at DATA and never change; the caller's stack keeps self alive.
        unsafe {
            std::slice::from_raw_parts((self as *const Bytes as *const u8).add(DATA), self.len())
        }
    }

    pub fn hash(&self, cx: &Thread) -> i64 {
        let h = self.ob_shash.load(Ordering::Relaxed);
        if h != -1 {
            return h;
        }
        let h = super::hashing::hash_bytes(cx, self.as_slice());
        self.ob_shash.store(h, Ordering::Relaxed);
        h
    }
}

/// The bytes of any object with a buffer, as a bytes object.
pub fn from_buffer(cx: &Thread, v: Value) -> Res {
    if v.downcast::<Bytes>().is_some() {
        return Ok(v);
    }
    let b = crate::buffer::ByteArg::get(cx, v)?;
    Ok(Value::from_ref(Bytes::new(cx, &b)))
}
