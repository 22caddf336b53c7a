//! The buffer protocol (PEP 3118) inside the VM: what `getbuffer` slots fill, and how native code
//! gets the bytes of an argument.
//!
//! Memory that Python code can change is touched through raw pointers only, while its export is
//! held; `ByteArg` therefore copies it (hazard 19) and borrows only immutable data.

use crate::prelude::*;
use smallvec::{SmallVec, smallvec};

/// Request flags, CPython's values.
pub mod bufflag {
    pub const SIMPLE: u32 = 0;
    pub const WRITABLE: u32 = 1;
    pub const FORMAT: u32 = 4;
    pub const ND: u32 = 8;
    pub const STRIDES: u32 = 0x10 | ND;
    pub const C_CONTIGUOUS: u32 = 0x20 | STRIDES;
    pub const F_CONTIGUOUS: u32 = 0x40 | STRIDES;
    pub const ANY_CONTIGUOUS: u32 = 0x80 | STRIDES;
    pub const INDIRECT: u32 = 0x100 | STRIDES;
    pub const FULL_RO: u32 = INDIRECT | FORMAT;
    pub const FULL: u32 = FULL_RO | WRITABLE;
}

/// Lengths or strides of the dimensions, of which there are rarely more than two.
pub type Dims = SmallVec<[isize; 2]>;

/// An exported buffer. Mutable memory is only touched through raw pointers (hazard 19).
#[derive(Clone)]
pub struct Buffer {
    /// The exporter, kept alive and told on release.
    pub owner: Value,
    pub ptr: *mut u8,
    /// Bytes in all.
    pub len: usize,
    pub itemsize: usize,
    pub readonly: bool,
    /// struct-module format; "B" where none was asked for.
    pub format: std::borrow::Cow<'static, str>,
    pub shape: Dims,
    pub strides: Dims,
}

impl Buffer {
    /// One dimension of bytes.
    pub fn bytes(owner: Value, ptr: *mut u8, len: usize, readonly: bool) -> Buffer {
        Buffer {
            owner,
            ptr,
            len,
            itemsize: 1,
            readonly,
            format: "B".into(),
            shape: smallvec![len as isize],
            strides: smallvec![1],
        }
    }

    pub fn is_c_contiguous(&self) -> bool {
        let mut want = self.itemsize as isize;
        for (n, s) in self.shape.iter().zip(&self.strides).rev() {
            if *n > 1 && *s != want {
                return self.len == 0;
            }
            want *= *n;
        }
        true
    }

    pub fn is_f_contiguous(&self) -> bool {
        let mut want = self.itemsize as isize;
        for (n, s) in self.shape.iter().zip(&self.strides) {
            if *n > 1 && *s != want {
                return self.len == 0;
            }
            want *= *n;
        }
        true
    }

    /// Calls `f` with the byte offset of every item, the last (or first, for Fortran order)
    /// dimension running fastest. A safepoint now and then.
    pub fn for_each_item(&self, fortran: bool, mut f: impl FnMut(isize)) {
        let nd = self.shape.len();
        if self.shape.contains(&0) {
            return;
        }
        let mut index = vec![0isize; nd];
        let mut since = 0;
        loop {
            since += 1;
            if since & 0x3FFF == 0 {
                taipan_heap::Mutator::here().poll();
            }
            f(index.iter().zip(&self.strides).map(|(i, s)| i * s).sum());
            let mut k = 0;
            loop {
                if k == nd {
                    return;
                }
                let d = if fortran { k } else { nd - 1 - k };
                index[d] += 1;
                if index[d] < self.shape[d] {
                    break;
                }
                index[d] = 0;
                k += 1;
            }
        }
    }

    /// The bytes of all items in order.
    pub fn gather(&self, fortran: bool) -> Vec<u8> {
        let flat = if fortran { self.is_f_contiguous() } else { self.is_c_contiguous() };
        let mut out: Vec<u8> = Vec::with_capacity(self.len);
        if flat {
            // SAFETY: the export is held: len bytes at ptr are valid; they may change under the copy,
            // which then holds either value.
            unsafe {
                taipan_heap::Mutator::here().copy(self.ptr, out.as_mut_ptr(), self.len);
                out.set_len(self.len);
            }
            return out;
        }
        let mut item = vec![0u8; self.itemsize];
        self.for_each_item(fortran, |at| {
            // SAFETY: offsets of items lie in the exported memory.
            unsafe {
                std::ptr::copy_nonoverlapping(self.ptr.offset(at), item.as_mut_ptr(), item.len())
            };
            out.extend_from_slice(&item);
        });
        out
    }

    pub fn to_vec(&self) -> Vec<u8> {
        self.gather(false)
    }

    /// Copies bytes into writable, C-contiguous memory at an offset.
    pub fn write_at(&self, at: usize, data: &[u8]) {
        assert!(at + data.len() <= self.len && !self.readonly, "a write inside the export");
        // SAFETY: inside the exported memory, by the assertion.
        unsafe {
            taipan_heap::Mutator::here().copy(data.as_ptr(), self.ptr.add(at), data.len());
        }
    }

    /// Overwrites all items, in order, with the bytes of `data`.
    pub fn scatter(&self, data: &[u8]) {
        if self.is_c_contiguous() {
            return self.write_at(0, data);
        }
        let mut items = data.chunks(self.itemsize.max(1));
        self.for_each_item(false, |at| {
            if let Some(c) = items.next() {
                // SAFETY: offsets of items lie in the exported memory.
                unsafe { std::ptr::copy_nonoverlapping(c.as_ptr(), self.ptr.offset(at), c.len()) };
            }
        });
    }

    /// Ends the export.
    pub fn release(&self, cx: &Thread) -> Res<()> {
        match self.owner.ty().slots().releasebuffer.get() {
            Some(f) => f(cx, self.owner, self),
            None => Ok(()),
        }
    }
}

/// Are the `len` bytes at `ptr`, which may change meanwhile, equal to others?
/// # Safety
/// They may be read.
pub unsafe fn memory_equals(ptr: *const u8, other: &[u8], len: usize) -> bool {
    // SAFETY: by the caller's promise, and as many bytes of the slice.
    len == other.len() && unsafe { libc::memcmp(ptr.cast(), other.as_ptr().cast(), len) } == 0
}

/// `PyObject_CheckBuffer`.
pub fn has_buffer(v: Value) -> bool {
    v.ty().slots().getbuffer.get().is_some()
}

/// The buffer of an object, or nothing where its type has none.
pub fn try_get(cx: &Thread, v: Value, flags: u32) -> Res<Option<Buffer>> {
    match v.ty().slots().getbuffer.get() {
        Some(f) => f(cx, v, flags).map(Some),
        None => Ok(None),
    }
}

/// The buffer of an object (`PyObject_GetBuffer`).
pub fn get(cx: &Thread, v: Value, flags: u32) -> Res<Buffer> {
    match try_get(cx, v, flags)? {
        Some(b) => Ok(b),
        None => raise!(cx, TypeError, "a bytes-like object is required, not '{}'", v.ty().name()),
    }
}

/// The bytes of an argument: borrowed from bytes objects, copied from everything else.
pub enum ByteArg {
    Borrowed(&'static [u8]),
    Copied(Vec<u8>),
}

impl std::ops::Deref for ByteArg {
    type Target = [u8];
    #[inline(always)]
    fn deref(&self) -> &[u8] {
        match self {
            ByteArg::Borrowed(s) => s,
            ByteArg::Copied(v) => v,
        }
    }
}

impl ByteArg {
    /// Of any object with a buffer.
    pub fn get(cx: &Thread, v: Value) -> Res<ByteArg> {
        match ByteArg::try_get(cx, v)? {
            Some(b) => Ok(b),
            None => {
                raise!(cx, TypeError, "a bytes-like object is required, not '{}'", v.ty().name())
            }
        }
    }

    pub fn try_get(cx: &Thread, v: Value) -> Res<Option<ByteArg>> {
        if let Some(b) = v.downcast_exact::<Bytes>() {
            return Ok(Some(ByteArg::Borrowed(b.as_slice())));
        }
        ByteArg::with_flags(cx, v, bufflag::SIMPLE)
    }

    /// As `try_get`, of a buffer in any layout.
    pub fn try_get_any(cx: &Thread, v: Value) -> Res<Option<ByteArg>> {
        if let Some(b) = v.downcast_exact::<Bytes>() {
            return Ok(Some(ByteArg::Borrowed(b.as_slice())));
        }
        ByteArg::with_flags(cx, v, bufflag::FULL_RO)
    }

    fn with_flags(cx: &Thread, v: Value, flags: u32) -> Res<Option<ByteArg>> {
        let Some(b) = try_get(cx, v, flags)? else { return Ok(None) };
        let out = b.to_vec();
        b.release(cx)?;
        Ok(Some(ByteArg::Copied(out)))
    }

    /// Of a buffer, or of an ASCII-only str.
    pub fn ascii_or_buffer(cx: &Thread, v: Value) -> Res<ByteArg> {
        if let Some(s) = v.downcast::<Str>() {
            return match s.as_ascii() {
                Some(a) => Ok(ByteArg::Copied(a.as_bytes().to_vec())),
                None => {
                    raise!(cx, ValueError, "string argument should contain only ASCII characters")
                }
            };
        }
        match ByteArg::try_get(cx, v)? {
            Some(b) => Ok(b),
            None => raise!(
                cx,
                TypeError,
                "argument should be bytes, buffer or ASCII string, not '{}'",
                v.ty().name()
            ),
        }
    }
}

impl crate::bind::FromArg for ByteArg {
    fn from_arg(cx: &Thread, v: Value, _: &'static crate::call::Sig, _: usize) -> Res<ByteArg> {
        ByteArg::get(cx, v)
    }
}

/// Refuses a request that bytes of one dimension cannot meet; the answer otherwise.
pub fn simple_export(
    cx: &Thread,
    owner: Value,
    ptr: *mut u8,
    len: usize,
    readonly: bool,
    flags: u32,
) -> Res<Buffer> {
    if readonly && flags & bufflag::WRITABLE != 0 {
        raise!(cx, BufferError, "Object is not writable.");
    }
    Ok(Buffer::bytes(owner, ptr, len, readonly))
}
