//! `_bz2`: BZ2Compressor and BZ2Decompressor.

use crate::incremental::{Decoder, Incremental};
use libbz2_rs_sys as b;
use std::ffi::c_int;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard};
use taipan_vm::buffer::ByteArg;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

const RUN: c_int = 0;
const FINISH: c_int = 2;
const STREAM_END: c_int = 4;

/// Most input given to the library in one call: its counters have 32 bits.
const MAX_CALL: usize = 1 << 30;

/// A bzip2 stream, owned.
struct Stream {
    raw: Box<b::bz_stream>,
    compresses: bool,
}

// SAFETY: the stream is only reached through its owner; the library keeps no thread's data.
unsafe impl Send for Stream {}

impl Stream {
    fn blank(compresses: bool) -> Stream {
        // SAFETY: bz_stream is a C struct of pointers, integers and optional functions: zeros are valid.
        Stream { raw: Box::new(unsafe { std::mem::zeroed() }), compresses }
    }

    fn compressor(level: c_int) -> Result<Stream, c_int> {
        let mut s = Stream::blank(true);
        // SAFETY: the stream is zeroed.
        let code = unsafe { b::BZ2_bzCompressInit(&mut *s.raw, level, 0, 0) };
        if code == 0 { Ok(s) } else { Err(code) }
    }

    fn decompressor() -> Result<Stream, c_int> {
        let mut s = Stream::blank(false);
        // SAFETY: the stream is zeroed.
        let code = unsafe { b::BZ2_bzDecompressInit(&mut *s.raw, 0, 0) };
        if code == 0 { Ok(s) } else { Err(code) }
    }

    /// One call: uses input, appends at most `room` bytes. Gives the code, and the bytes used and made.
    fn step(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        room: usize,
        action: c_int,
    ) -> (c_int, usize, usize) {
        let room = room.min(MAX_CALL);
        let input = &input[..input.len().min(MAX_CALL)];
        out.reserve(room);
        let r = &mut *self.raw;
        r.next_in = input.as_ptr().cast();
        r.avail_in = input.len() as u32;
        // SAFETY: `reserve` made room after the vector's length.
        r.next_out = unsafe { out.as_mut_ptr().add(out.len()) }.cast();
        r.avail_out = room as u32;
        // SAFETY: the stream was started; input and output are live for the call.
        let code = unsafe {
            if self.compresses { b::BZ2_bzCompress(r, action) } else { b::BZ2_bzDecompress(r) }
        };
        let used = input.len() - r.avail_in as usize;
        let made = room - r.avail_out as usize;
        r.next_in = std::ptr::null();
        r.avail_in = 0;
        // SAFETY: the library wrote `made` bytes after the old length.
        unsafe { out.set_len(out.len() + made) };
        (code, used, made)
    }

    /// Uses all the input, or finishes.
    fn compress(&mut self, input: &[u8], action: c_int) -> Result<Vec<u8>, c_int> {
        let mut out = Vec::new();
        let mut at = 0;
        loop {
            if action == RUN && at == input.len() {
                return Ok(out);
            }
            let room = out.len().clamp(16 * 1024, 64 << 20);
            let (code, used, _) = self.step(&input[at..], &mut out, room, action);
            at += used;
            if code < 0 {
                return Err(code);
            }
            if action == FINISH && code == STREAM_END {
                return Ok(out);
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream is valid or was never started, which the library tells apart.
        unsafe {
            if self.compresses {
                b::BZ2_bzCompressEnd(&mut *self.raw);
            } else {
                b::BZ2_bzDecompressEnd(&mut *self.raw);
            }
        }
    }
}

impl Decoder for Stream {
    type Error = c_int;
    fn decode(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        max: Option<usize>,
    ) -> Result<(usize, bool), c_int> {
        let mut at = 0;
        loop {
            let mut room = out.len().clamp(16 * 1024, 64 << 20);
            if let Some(m) = max {
                if out.len() >= m {
                    return Ok((at, false));
                }
                room = room.min(m - out.len());
            }
            let (code, used, made) = self.step(&input[at..], out, room, RUN);
            at += used;
            if code == STREAM_END {
                return Ok((at, true));
            }
            if code < 0 {
                return Err(code);
            }
            if at == input.len() && made < room {
                return Ok((at, false));
            }
        }
    }
}

/// The exception for a code of the library.
fn failed(cx: &Thread, code: c_int) -> Raised {
    match code {
        -9 => err!(cx, SystemError, "libbzip2 was not compiled correctly"),
        -2 => err!(cx, ValueError, "Internal error - invalid parameters passed to libbzip2"),
        -3 => cx.no_memory(),
        -4 | -5 => err!(cx, OSError, "Invalid data stream"),
        -6 => err!(cx, OSError, "Unknown I/O error"),
        -7 => err!(
            cx,
            EOFError,
            "Compressed file ended before the logical end-of-stream was detected"
        ),
        -1 => {
            err!(cx, RuntimeError, "Internal error - Invalid sequence of commands sent to libbzip2")
        }
        _ => err!(cx, OSError, "Unrecognized error from libbzip2: {code}"),
    }
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}

fn bytes(cx: &Thread, v: &[u8]) -> Value {
    Value::from_ref(Bytes::new(cx, v))
}

#[repr(C)]
pub struct Compressor {
    head: Head,
    /// `None` once flushed.
    stream: ManuallyDrop<Mutex<Option<Stream>>>,
}
pytype! { Compressor, PyTaipanBZ2Compressor_Type, name: "BZ2Compressor", module: "_bz2",
base: taipan_vm::objects::object::Object, kind: Leaf,
doc: "BZ2Compressor(compresslevel=9, /)\n--\n\nCompresses data bit by bit.\n\n  compresslevel\n    from 1 to 9" }

/// # Safety
/// `p` is an unreachable Compressor.
unsafe fn drop_compressor(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut Compressor)).stream) };
}

#[pymethods]
impl Compressor {
    #[slot(sig = "(cls, compresslevel=9, /)")]
    fn __new__(cx: &Thread, cls: &Type, compresslevel: i32) -> Res {
        if !(1..=9).contains(&compresslevel) {
            raise!(cx, ValueError, "compresslevel must be between 1 and 9");
        }
        let s = Stream::compressor(compresslevel).map_err(|c| failed(cx, c))?;
        let o = Compressor { head: fresh_head(), stream: ManuallyDrop::new(Mutex::new(Some(s))) };
        let o = cx.alloc_in(cls, o);
        cx.mutator.set_native_drop(NonNull::from(&o.head), drop_compressor);
        // As bzip2's manual has it.
        cx.mutator.note_external(400_000 + 800_000 * compresslevel as usize);
        Ok(Value::from_ref(o))
    }

    /// Compresses data; gives what is ready.
    #[pymethod]
    fn compress(cx: &Thread, this: &Compressor, data: Value) -> Res {
        let data = ByteArg::get(cx, data)?;
        let (d, m): (&[u8], _) = (&data, &*this.stream);
        let r = cx.detach(|| lock(m).as_mut().map(|s| s.compress(d, RUN)));
        match r {
            Some(Ok(o)) => Ok(bytes(cx, &o)),
            Some(Err(c)) => Err(failed(cx, c)),
            None => raise!(cx, ValueError, "Compressor has been flushed"),
        }
    }

    /// Finishes; gives what is left. The object cannot be used afterwards.
    #[pymethod]
    fn flush(cx: &Thread, this: &Compressor) -> Res {
        let m = &*this.stream;
        let r = cx.detach(|| lock(m).take().map(|mut s| s.compress(&[], FINISH)));
        match r {
            Some(Ok(o)) => Ok(bytes(cx, &o)),
            Some(Err(c)) => Err(failed(cx, c)),
            None => raise!(cx, ValueError, "Repeated call to flush()"),
        }
    }

    /// Not picklable.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: Value) -> Res {
        raise!(cx, TypeError, "cannot pickle '{}' object", this.ty().name())
    }
}

#[repr(C)]
pub struct Decompressor {
    head: Head,
    state: ManuallyDrop<Mutex<Incremental<Stream>>>,
}
pytype! { Decompressor, PyTaipanBZ2Decompressor_Type, name: "BZ2Decompressor", module: "_bz2",
base: taipan_vm::objects::object::Object, kind: Leaf, doc: "BZ2Decompressor()\n--\n\nDecompresses one stream bit by bit." }

/// # Safety
/// `p` is an unreachable Decompressor.
unsafe fn drop_decompressor(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut Decompressor)).state) };
}

#[pymethods]
impl Decompressor {
    #[slot(sig = "(cls, /)")]
    fn __new__(cx: &Thread, cls: &Type) -> Res {
        let s = Stream::decompressor().map_err(|c| failed(cx, c))?;
        let state = ManuallyDrop::new(Mutex::new(Incremental::new(s)));
        let o = cx.alloc_in(cls, Decompressor { head: fresh_head(), state });
        cx.mutator.set_native_drop(NonNull::from(&o.head), drop_decompressor);
        Ok(Value::from_ref(o))
    }

    /// Decompresses data, at most max_length bytes of output where that is not negative.
    #[pymethod(sig = "(self, data, max_length=-1)")]
    fn decompress(cx: &Thread, this: &Decompressor, data: Value, max_length: isize) -> Res {
        let data = ByteArg::get(cx, data)?;
        let max = usize::try_from(max_length).ok();
        let (d, m): (&[u8], _) = (&data, &*this.state);
        let r = cx.detach(|| {
            let mut i = lock(m);
            if i.eof { Ok(None) } else { i.decompress(d, max).map(Some) }
        });
        match r {
            Ok(Some(o)) => Ok(bytes(cx, &o)),
            Ok(None) => raise!(cx, EOFError, "End of stream already reached"),
            Err(c) => Err(failed(cx, c)),
        }
    }

    /// True once the end of the stream was reached.
    #[getter]
    fn eof(_cx: &Thread, this: &Decompressor) -> bool {
        lock(&this.state).eof
    }

    /// Data after the end of the stream.
    #[getter]
    fn unused_data(cx: &Thread, this: &Decompressor) -> Value {
        bytes(cx, &lock(&this.state).unused)
    }

    /// True where more input is needed for more output.
    #[getter]
    fn needs_input(_cx: &Thread, this: &Decompressor) -> bool {
        lock(&this.state).needs_input
    }

    /// Not picklable.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: Value) -> Res {
        raise!(cx, TypeError, "cannot pickle '{}' object", this.ty().name())
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<Compressor>(cx);
    m.add_type::<Decompressor>(cx);
    Ok(())
}

pymodule! { "_bz2", doc: "Compression and decompression with bzip2.", functions: [], exec: exec }
