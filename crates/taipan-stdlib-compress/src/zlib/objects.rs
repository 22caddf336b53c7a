//! `Compress`, `Decompress` and `_ZlibDecompressor` objects.
//!
//! Their streams are behind a mutex that is only taken with the thread detached, so that a long
//! compression in one thread stops no other.

use super::stream::{
    Failure, Stream, Z_BLOCK, Z_BUF_ERROR, Z_FINISH, Z_NO_FLUSH, Z_OK, Z_STREAM_END,
    Z_STREAM_ERROR, Z_SYNC_FLUSH,
};
use super::{bytes, failed};
use crate::incremental::{Decoder, Incremental};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard};
use taipan_vm::buffer::ByteArg;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;
use taipan_vm::types::ready::ready;

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}

#[repr(C)]
pub struct Compress {
    head: Head,
    /// `None` once finished.
    stream: ManuallyDrop<Mutex<Option<Stream>>>,
}
pytype! { Compress, PyTaipanZlibCompress_Type, name: "Compress", module: "zlib",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION, kind: Leaf }

/// What zlib takes for a stream with the largest window, about.
const COMPRESSOR_BYTES: usize = 270 << 10;
const DECOMPRESSOR_BYTES: usize = 48 << 10;

/// # Safety
/// `p` is an unreachable Compress.
unsafe fn drop_compress(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut Compress)).stream) };
}

impl Compress {
    pub fn make(cx: &Thread, s: Option<Stream>) -> Value {
        let c = cx.alloc(Compress { head: fresh_head(), stream: ManuallyDrop::new(Mutex::new(s)) });
        cx.mutator.set_native_drop(NonNull::from(&c.head), drop_compress);
        cx.mutator.note_external(COMPRESSOR_BYTES);
        Value::from_ref(c)
    }

    fn copied(cx: &Thread, this: &Compress) -> Res {
        let m = &*this.stream;
        let r = cx.detach(|| match &mut *lock(m) {
            Some(s) => s.try_clone(),
            None => Err(Failure { code: Z_STREAM_ERROR, detail: None }),
        });
        match r {
            Ok(s) => Ok(Compress::make(cx, Some(s))),
            Err(f) if f.code == Z_STREAM_ERROR => {
                raise!(cx, ValueError, "Inconsistent stream state")
            }
            Err(f) => Err(failed(cx, &f, "while copying compression object")),
        }
    }
}

#[pymethods]
impl Compress {
    /// Compresses data; gives what is ready.
    #[pymethod]
    fn compress(cx: &Thread, this: &Compress, data: Value) -> Res {
        let data = ByteArg::get(cx, data)?;
        let (d, m): (&[u8], _) = (&data, &*this.stream);
        let r = cx.detach(|| {
            let mut out = Vec::new();
            match &mut *lock(m) {
                Some(s) => s.run(d, Z_NO_FLUSH, &mut out).map(|_| out),
                None => Err(Failure { code: Z_STREAM_ERROR, detail: None }),
            }
        });
        r.map(|o| bytes(cx, &o)).map_err(|f| failed(cx, &f, "while compressing data"))
    }

    /// What is still to come; after Z_FINISH the object is finished.
    #[pymethod(sig = "(self, mode=4, /)")]
    fn flush(cx: &Thread, this: &Compress, mode: i32) -> Res {
        if mode == Z_NO_FLUSH {
            return Ok(bytes(cx, b""));
        }
        let m = &*this.stream;
        let r = cx.detach(|| {
            let mut out = Vec::new();
            let mut guard = lock(m);
            let Some(s) = &mut *guard else {
                return Err(Failure { code: Z_STREAM_ERROR, detail: None });
            };
            if !(0..=Z_BLOCK + 1).contains(&mode) {
                return Err(Failure { code: Z_STREAM_ERROR, detail: None });
            }
            let code = s.run(&[], mode, &mut out)?;
            if code == Z_STREAM_END && mode == Z_FINISH {
                *guard = None;
            } else if code != Z_OK && code != Z_BUF_ERROR {
                return Err(s.failure(code));
            }
            Ok(out)
        });
        r.map(|o| bytes(cx, &o)).map_err(|f| failed(cx, &f, "while flushing"))
    }

    /// A compressor with the same state.
    #[pymethod]
    fn copy(cx: &Thread, this: &Compress) -> Res {
        Compress::copied(cx, this)
    }

    /// A compressor with the same state.
    #[pymethod]
    fn __copy__(cx: &Thread, this: &Compress) -> Res {
        Compress::copied(cx, this)
    }

    /// A compressor with the same state.
    #[pymethod]
    fn __deepcopy__(cx: &Thread, this: &Compress, memo: Value) -> Res {
        let _ = memo;
        Compress::copied(cx, this)
    }
}

struct Inflater {
    /// `None` once flushed to the end.
    stream: Option<Stream>,
    dict: Option<Vec<u8>>,
    unused: Vec<u8>,
    tail: Vec<u8>,
    eof: bool,
}

impl Inflater {
    /// Keeps what was not used, as zlib's documentation for Python tells it.
    fn keep(&mut self, rest: &[u8], code: i32) {
        let mut left = rest.len();
        if code == Z_STREAM_END {
            self.unused.extend_from_slice(rest);
            left = 0;
        }
        if left > 0 || !self.tail.is_empty() {
            self.tail = rest.to_vec();
        }
        if code == Z_STREAM_END {
            self.eof = true;
        }
    }
}

#[repr(C)]
pub struct Decompress {
    head: Head,
    state: ManuallyDrop<Mutex<Inflater>>,
}
pytype! { Decompress, PyTaipanZlibDecompress_Type, name: "Decompress", module: "zlib",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION, kind: Leaf }

/// # Safety
/// `p` is an unreachable Decompress.
unsafe fn drop_decompress(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut Decompress)).state) };
}

fn gone() -> Failure {
    Failure { code: Z_STREAM_ERROR, detail: None }
}

impl Decompress {
    pub fn make(cx: &Thread, stream: Option<Stream>, dict: Option<Vec<u8>>) -> Value {
        let i = Inflater { stream, dict, unused: Vec::new(), tail: Vec::new(), eof: false };
        Decompress::from_state(cx, i)
    }

    fn from_state(cx: &Thread, i: Inflater) -> Value {
        let d =
            cx.alloc(Decompress { head: fresh_head(), state: ManuallyDrop::new(Mutex::new(i)) });
        cx.mutator.set_native_drop(NonNull::from(&d.head), drop_decompress);
        cx.mutator.note_external(DECOMPRESSOR_BYTES);
        Value::from_ref(d)
    }

    fn copied(cx: &Thread, this: &Decompress) -> Res {
        let m = &*this.state;
        let r: Result<Inflater, Failure> = cx.detach(|| {
            let mut i = lock(m);
            let stream = i.stream.as_mut().ok_or_else(gone)?.try_clone()?;
            Ok(Inflater {
                stream: Some(stream),
                dict: i.dict.clone(),
                unused: i.unused.clone(),
                tail: i.tail.clone(),
                eof: i.eof,
            })
        });
        match r {
            Ok(i) => Ok(Decompress::from_state(cx, i)),
            Err(f) if f.code == Z_STREAM_ERROR => {
                raise!(cx, ValueError, "Inconsistent stream state")
            }
            Err(f) => Err(failed(cx, &f, "while copying decompression object")),
        }
    }
}

#[pymethods]
impl Decompress {
    /// Decompresses data, at most max_length bytes of output where that is not 0.
    #[pymethod(sig = "(self, data, /, max_length=0)")]
    fn decompress(cx: &Thread, this: &Decompress, data: Value, max_length: isize) -> Res {
        let data = ByteArg::get(cx, data)?;
        if max_length < 0 {
            raise!(cx, ValueError, "max_length must be non-negative");
        }
        let max = if max_length == 0 { None } else { Some(max_length as usize) };
        let (d, m): (&[u8], _) = (&data, &*this.state);
        let r = cx.detach(|| {
            let mut out = Vec::new();
            let mut guard = lock(m);
            let i = &mut *guard;
            let s = i.stream.as_mut().ok_or_else(|| (gone(), "while decompressing data"))?;
            let (code, used) = s
                .inflate_until(d, &mut out, max, i.dict.as_deref(), Z_SYNC_FLUSH)
                .map_err(|f| (f, "while setting zdict"))?;
            let failure = match code {
                Z_OK | Z_BUF_ERROR | Z_STREAM_END => None,
                c => Some(s.failure(c)),
            };
            i.keep(&d[used..], code);
            match failure {
                None => Ok(out),
                Some(f) => Err((f, "while decompressing data")),
            }
        });
        r.map(|o| bytes(cx, &o)).map_err(|(f, what)| failed(cx, &f, what))
    }

    /// All that is left.
    #[pymethod(sig = "(self, length=16384, /)")]
    fn flush(cx: &Thread, this: &Decompress, length: isize) -> Res {
        if length <= 0 {
            raise!(cx, ValueError, "length must be greater than zero");
        }
        let m = &*this.state;
        let r = cx.detach(|| {
            let mut out = Vec::new();
            let mut guard = lock(m);
            let i = &mut *guard;
            let tail = i.tail.clone();
            // After the end there is nothing more.
            let Some(s) = i.stream.as_mut() else { return Ok(out) };
            let (code, used) =
                s.inflate_until(&tail, &mut out, None, i.dict.as_deref(), Z_FINISH)?;
            i.keep(&tail[used..], code);
            if code == Z_STREAM_END {
                i.stream = None;
            }
            Ok(out)
        });
        r.map(|o| bytes(cx, &o)).map_err(|f: Failure| failed(cx, &f, "while decompressing data"))
    }

    /// A decompressor with the same state.
    #[pymethod]
    fn copy(cx: &Thread, this: &Decompress) -> Res {
        Decompress::copied(cx, this)
    }

    /// A decompressor with the same state.
    #[pymethod]
    fn __copy__(cx: &Thread, this: &Decompress) -> Res {
        Decompress::copied(cx, this)
    }

    /// A decompressor with the same state.
    #[pymethod]
    fn __deepcopy__(cx: &Thread, this: &Decompress, memo: Value) -> Res {
        let _ = memo;
        Decompress::copied(cx, this)
    }

    #[getter]
    fn unused_data(cx: &Thread, this: &Decompress) -> Value {
        bytes(cx, &lock(&this.state).unused)
    }

    #[getter]
    fn unconsumed_tail(cx: &Thread, this: &Decompress) -> Value {
        bytes(cx, &lock(&this.state).tail)
    }

    #[getter]
    fn eof(_cx: &Thread, this: &Decompress) -> bool {
        lock(&this.state).eof
    }
}

struct ZlibDecoder {
    stream: Stream,
    dict: Option<Vec<u8>>,
}

impl Decoder for ZlibDecoder {
    type Error = (Failure, &'static str);
    fn decode(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        max: Option<usize>,
    ) -> Result<(usize, bool), Self::Error> {
        let (code, used) = self
            .stream
            .inflate_until(input, out, max, self.dict.as_deref(), Z_SYNC_FLUSH)
            .map_err(|f| (f, "while setting zdict"))?;
        match code {
            Z_OK | Z_BUF_ERROR => Ok((used, false)),
            Z_STREAM_END => Ok((used, true)),
            c => Err((self.stream.failure(c), "while decompressing data")),
        }
    }
}

#[repr(C)]
pub struct ZlibDecompressor {
    head: Head,
    state: ManuallyDrop<Mutex<Incremental<ZlibDecoder>>>,
}
pytype! { ZlibDecompressor, PyTaipanZlibDecompressor_Type, name: "_ZlibDecompressor", module: "zlib",
base: taipan_vm::objects::object::Object, kind: Leaf,
doc: "_ZlibDecompressor(wbits=15, zdict=b'')\n--\n\nDecompresses one stream bit by bit.\n\n  wbits\n    as for decompressobj\n  zdict\n    the predefined dictionary" }

/// # Safety
/// `p` is an unreachable ZlibDecompressor.
unsafe fn drop_decompressor(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut ZlibDecompressor)).state) };
}

#[pymethods]
impl ZlibDecompressor {
    #[slot(sig = "(cls, wbits=15, zdict=b'')")]
    fn __new__(cx: &Thread, cls: &Type, wbits: i32, zdict: Option<Value>) -> Res {
        if zdict.is_some_and(|z| !taipan_vm::buffer::has_buffer(z)) {
            raise!(cx, TypeError, "zdict argument must support the buffer protocol");
        }
        let dict = zdict.map(|z| ByteArg::get(cx, z)).transpose()?.map(|d| d.to_vec());
        let mut stream = match Stream::inflate(wbits) {
            Ok(s) => s,
            Err(f) if f.code == Z_STREAM_ERROR => {
                raise!(cx, ValueError, "Invalid initialization option")
            }
            Err(f) => return Err(failed(cx, &f, "while creating decompression object")),
        };
        if let (Some(d), true) = (&dict, wbits < 0) {
            let code = stream.set_dictionary(d);
            if code != Z_OK {
                return Err(failed(cx, &stream.failure(code), "while setting zdict"));
            }
        }
        let state = Mutex::new(Incremental::new(ZlibDecoder { stream, dict }));
        let o = ZlibDecompressor { head: fresh_head(), state: ManuallyDrop::new(state) };
        let o = cx.alloc_in(cls, o);
        cx.mutator.set_native_drop(NonNull::from(&o.head), drop_decompressor);
        cx.mutator.note_external(DECOMPRESSOR_BYTES);
        Ok(Value::from_ref(o))
    }

    /// Decompresses data, at most max_length bytes of output where that is not negative.
    #[pymethod(sig = "(self, data, max_length=-1)")]
    fn decompress(cx: &Thread, this: &ZlibDecompressor, data: Value, max_length: isize) -> Res {
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
            Err((f, what)) => Err(failed(cx, &f, what)),
        }
    }

    /// True once the end of the stream was reached.
    #[getter]
    fn eof(_cx: &Thread, this: &ZlibDecompressor) -> bool {
        lock(&this.state).eof
    }

    /// Data after the end of the stream.
    #[getter]
    fn unused_data(cx: &Thread, this: &ZlibDecompressor) -> Value {
        bytes(cx, &lock(&this.state).unused)
    }

    /// True where more input is needed for more output.
    #[getter]
    fn needs_input(_cx: &Thread, this: &ZlibDecompressor) -> bool {
        lock(&this.state).needs_input
    }
}

pub fn add_types(cx: &Thread, m: &Module) {
    ready::<Compress>(cx);
    ready::<Decompress>(cx);
    m.add_type::<ZlibDecompressor>(cx);
}
