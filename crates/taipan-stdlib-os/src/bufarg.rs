//! Buffer arguments: a bytes-like object held exported while a system call reads or fills it.
//!
//! The memory is only touched through raw pointers (hazard 19); the export keeps it in place and
//! alive until the `BufArg` is dropped.

use taipan_vm::buffer::{Buffer, bufflag};
use taipan_vm::prelude::*;

/// An exported contiguous buffer. Lives on the stack only.
pub struct BufArg<'a> {
    cx: &'a Thread,
    buffer: Buffer,
    exporter: Value,
    release: bool,
}

impl<'a> BufArg<'a> {
    /// A readable buffer: "a bytes-like object is required, not 'X'".
    pub fn read(cx: &'a Thread, v: Value) -> Res<BufArg<'a>> {
        if let Some(b) = v.downcast::<Bytes>() {
            let s = b.as_slice();
            let buffer = Buffer::bytes(v, s.as_ptr() as *mut u8, s.len(), true);
            return Ok(BufArg { cx, buffer, exporter: v, release: false });
        }
        match v.ty().slots().getbuffer.get() {
            Some(get) => {
                let buffer = get(cx, v, bufflag::SIMPLE)?;
                Ok(BufArg { cx, buffer, exporter: v, release: true })
            }
            None => {
                raise!(cx, TypeError, "a bytes-like object is required, not '{}'", v.ty().name())
            }
        }
    }

    /// A writable buffer, for the argument that messages call `what` ("readinto() argument").
    pub fn write(cx: &'a Thread, v: Value, what: &str) -> Res<BufArg<'a>> {
        let name = if v.is_none() { "None".into() } else { v.ty().name() };
        let Some(get) = v.ty().slots().getbuffer.get() else {
            raise!(cx, TypeError, "{what} must be read-write bytes-like object, not {name}");
        };
        match get(cx, v, bufflag::WRITABLE) {
            Ok(buffer) => Ok(BufArg { cx, buffer, exporter: v, release: true }),
            Err(e) if e.is(exc::BufferError()) || e.is(exc::TypeError()) => {
                raise!(cx, TypeError, "{what} must be read-write bytes-like object, not {name}")
            }
            Err(e) => Err(e),
        }
    }

    pub fn len(&self) -> usize {
        self.buffer.len
    }

    pub fn is_empty(&self) -> bool {
        self.buffer.len == 0
    }

    pub fn ptr(&self) -> *mut u8 {
        self.buffer.ptr
    }

    /// A copy of the bytes at this moment.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut v: Vec<u8> = Vec::with_capacity(self.len());
        // SAFETY: the export keeps len bytes at ptr; racing writers make the copy arbitrary, not
        // unsound, as it is a plain memory copy into memory of ours.
        unsafe {
            self.cx.mutator.copy(self.ptr() as *const u8, v.as_mut_ptr(), self.len());
            v.set_len(self.len());
        }
        v
    }

    /// Copies `data` into the buffer's start; `data` is not longer than the buffer.
    pub fn fill(&self, at: usize, data: &[u8]) {
        assert!(at + data.len() <= self.len(), "the data fit into the buffer");
        // SAFETY: bounds checked above; the export keeps the memory in place.
        unsafe { self.cx.mutator.copy(data.as_ptr(), self.ptr().add(at), data.len()) }
    }
}

impl Drop for BufArg<'_> {
    fn drop(&mut self) {
        if !self.release {
            return;
        }
        let owner = self.buffer.owner;
        let f = owner.ty().slots().releasebuffer.get();
        if let Some(f) = f.or_else(|| self.exporter.ty().slots().releasebuffer.get()) {
            if let Err(e) = f(self.cx, owner, &self.buffer) {
                taipan_vm::interp::unraisable(self.cx, e, Some(owner), None);
            }
        }
    }
}

/// The bytes of a str (as UTF-8) or bytes-like argument.
pub fn text_or_bytes(cx: &Thread, v: Value) -> Res<Vec<u8>> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s.utf8(cx)?.as_bytes().to_vec()),
        None => Ok(BufArg::read(cx, v)?.to_vec()),
    }
}
