//! `_lzma`: LZMACompressor and LZMADecompressor over liblzma, whose streams, filters and codes Python
//! shows as they are. Filter chains are in `filters`.

mod filters;

use crate::incremental::{Decoder, Incremental};
use filters::Chain;
use liblzma_sys as x;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, OnceLock};
use taipan_vm::buffer::ByteArg;
use taipan_vm::objects::int;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

const FORMAT_AUTO: i32 = 0;
const FORMAT_XZ: i32 = 1;
const FORMAT_ALONE: i32 = 2;
const FORMAT_RAW: i32 = 3;
/// `CHECK_UNKNOWN`: the decoder has not seen a header yet.
const CHECK_UNKNOWN: i32 = 16;
const PRESET_DEFAULT: u32 = 6;

/// A code of the library.
type Code = x::lzma_ret;

/// `lzma.LZMAError`, made when the module is first imported.
static ERROR: OnceLock<Root<Value>> = OnceLock::new();

#[cold]
fn lzma_error(cx: &Thread, text: &str) -> Raised {
    let class = ERROR.get().expect("set when the module is made").get();
    match call(cx, class, &[Value::from_ref(Str::new(cx, text))]) {
        Ok(e) => Raised(e),
        Err(e) => e,
    }
}

/// The exception for a code, if it is an error.
fn check(cx: &Thread, code: Code) -> Res<()> {
    let text = match code {
        x::LZMA_OK | x::LZMA_GET_CHECK | x::LZMA_NO_CHECK | x::LZMA_STREAM_END => return Ok(()),
        x::LZMA_UNSUPPORTED_CHECK => "Unsupported integrity check",
        x::LZMA_MEM_ERROR => return Err(cx.no_memory()),
        x::LZMA_MEMLIMIT_ERROR => "Memory usage limit exceeded",
        x::LZMA_FORMAT_ERROR => "Input format not supported by decoder",
        x::LZMA_OPTIONS_ERROR => "Invalid or unsupported options",
        x::LZMA_DATA_ERROR => "Corrupt input data",
        x::LZMA_BUF_ERROR => "Insufficient buffer space",
        x::LZMA_PROG_ERROR => "Internal error",
        n => return Err(lzma_error(cx, &format!("Unrecognized error from liblzma: {n}"))),
    };
    Err(lzma_error(cx, text))
}

#[cold]
fn bad_preset(cx: &Thread, preset: u32) -> Raised {
    lzma_error(cx, &format!("Invalid compression preset: {preset}"))
}

/// An argument that fits C's `uint32_t`.
fn uint32(cx: &Thread, v: Value) -> Res<u32> {
    if !int::is_int(v) {
        raise!(cx, TypeError, "'{}' object cannot be interpreted as an integer", v.ty().name());
    }
    match int_to_i64(v) {
        Some(n) if n < 0 => raise!(cx, OverflowError, "can't convert negative int to unsigned"),
        Some(n) => match u32::try_from(n) {
            Ok(n) => Ok(n),
            Err(_) => raise!(cx, OverflowError, "Value too large for uint32_t type"),
        },
        None => raise!(cx, OverflowError, "Python int too large to convert to C unsigned long"),
    }
}

/// An argument that fits 64 bits without a sign.
fn uint64(cx: &Thread, v: Value) -> Res<u64> {
    if !int::is_int(v) {
        raise!(cx, TypeError, "'{}' object cannot be interpreted as an integer", v.ty().name());
    }
    match int::to_u64(v) {
        Some(n) => Ok(n),
        None if int::is_negative(v) => {
            raise!(cx, OverflowError, "can't convert negative int to unsigned")
        }
        None => raise!(cx, OverflowError, "int too big to convert"),
    }
}

/// A stream of the library, owned.
struct Stream {
    raw: Box<x::lzma_stream>,
    /// Which integrity check the data has.
    check: i32,
}

// SAFETY: the stream is only reached through its owner; the library keeps no thread's data.
unsafe impl Send for Stream {}

impl Stream {
    fn new() -> Stream {
        // SAFETY: lzma_stream is a C struct of pointers and integers; zeros are its initial value.
        Stream { raw: Box::new(unsafe { std::mem::zeroed() }), check: CHECK_UNKNOWN }
    }

    /// One call: uses input, appends at most `room` bytes. Gives the code, and the bytes used and made.
    fn step(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        room: usize,
        action: x::lzma_action,
    ) -> (Code, usize, usize) {
        out.reserve(room);
        let r = &mut *self.raw;
        r.next_in = input.as_ptr();
        r.avail_in = input.len();
        // SAFETY: `reserve` made room after the vector's length.
        r.next_out = unsafe { out.as_mut_ptr().add(out.len()) };
        r.avail_out = room;
        // SAFETY: the stream was started; input and output are live for the call.
        let code = unsafe { x::lzma_code(r, action) };
        let (used, made) = (input.len() - r.avail_in, room - r.avail_out);
        r.next_in = std::ptr::null();
        r.avail_in = 0;
        // SAFETY: the library wrote `made` bytes after the old length.
        unsafe { out.set_len(out.len() + made) };
        (code, used, made)
    }

    fn compress(&mut self, input: &[u8], action: x::lzma_action) -> Result<Vec<u8>, Code> {
        let mut out = Vec::new();
        let mut at = 0;
        loop {
            let room = out.len().clamp(16 * 1024, 64 << 20);
            let (code, used, made) = self.step(&input[at..], &mut out, room, action);
            at += used;
            match code {
                x::LZMA_STREAM_END => return Ok(out),
                x::LZMA_BUF_ERROR if at == input.len() && made < room => {}
                x::LZMA_OK | x::LZMA_NO_CHECK | x::LZMA_GET_CHECK => {}
                code => return Err(code),
            }
            if action == x::LZMA_RUN && at == input.len() && made < room {
                return Ok(out);
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream is valid or was never started, which the library tells apart.
        unsafe { x::lzma_end(&mut *self.raw) };
    }
}

impl Decoder for Stream {
    type Error = Code;
    fn decode(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        max: Option<usize>,
    ) -> Result<(usize, bool), Code> {
        let mut at = 0;
        loop {
            let mut room = out.len().clamp(16 * 1024, 64 << 20);
            if let Some(m) = max {
                room = room.min(m - out.len());
            }
            let (code, used, made) = self.step(&input[at..], out, room, x::LZMA_RUN);
            at += used;
            match code {
                x::LZMA_STREAM_END => return Ok((at, true)),
                x::LZMA_GET_CHECK | x::LZMA_NO_CHECK => {
                    // SAFETY: the decoder has just said that it knows.
                    self.check = unsafe { x::lzma_get_check(&*self.raw) } as i32;
                }
                x::LZMA_BUF_ERROR if at == input.len() && made < room => {}
                // No room was given, none was needed.
                x::LZMA_BUF_ERROR if room == 0 => {}
                x::LZMA_OK => {}
                code => return Err(code),
            }
            if max.is_some_and(|m| out.len() >= m) || (at == input.len() && made < room) {
                return Ok((at, false));
            }
        }
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
pytype! { Compressor, PyTaipanLZMACompressor_Type, name: "LZMACompressor", module: "_lzma",
base: taipan_vm::objects::object::Object, kind: Leaf,
doc: "Compresses data bit by bit.\n\n  format\n    FORMAT_XZ, FORMAT_ALONE or FORMAT_RAW\n  check\n    the integrity check of FORMAT_XZ\n  preset\n    from 0 to 9, with PRESET_EXTREME or without\n  filters\n    a sequence of dicts" }

/// # Safety
/// `p` is an unreachable Compressor.
unsafe fn drop_compressor(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut Compressor)).stream) };
}

/// Starts an encoder.
fn start_encoder(
    cx: &Thread,
    s: &mut Stream,
    format: i32,
    integrity: i32,
    preset: u32,
    filters: Value,
) -> Res<()> {
    let chain = match filters.is_none() {
        true => None,
        false => Some(Chain::parse(cx, filters)?),
    };
    let raw = &mut *s.raw;
    let code = match (format, &chain) {
        (FORMAT_XZ, None) => {
            let integrity = if integrity == -1 { x::LZMA_CHECK_CRC64 } else { integrity as u32 };
            // SAFETY: the stream is blank.
            unsafe { x::lzma_easy_encoder(raw, preset, integrity) }
        }
        (FORMAT_XZ, Some(c)) => {
            let integrity = if integrity == -1 { x::LZMA_CHECK_CRC64 } else { integrity as u32 };
            // SAFETY: the stream is blank; the chain ends in the library's mark.
            unsafe { x::lzma_stream_encoder(raw, c.as_ptr(), integrity) }
        }
        (FORMAT_ALONE, None) => {
            let options = filters::preset(preset).ok_or_else(|| bad_preset(cx, preset))?;
            // SAFETY: the stream is blank; the options were filled by the library.
            unsafe { x::lzma_alone_encoder(raw, &*options) }
        }
        (FORMAT_ALONE, Some(c)) => match c.single_lzma1() {
            // SAFETY: the stream is blank; the options live in the chain.
            Some(options) => unsafe { x::lzma_alone_encoder(raw, options) },
            None => raise!(
                cx,
                ValueError,
                "Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter"
            ),
        },
        (FORMAT_RAW, None) => raise!(cx, ValueError, "Must specify filters for FORMAT_RAW"),
        // SAFETY: as for FORMAT_XZ.
        (FORMAT_RAW, Some(c)) => unsafe { x::lzma_raw_encoder(raw, c.as_ptr()) },
        _ => raise!(cx, ValueError, "Invalid container format: {format}"),
    };
    check(cx, code)
}

#[pymethods]
impl Compressor {
    #[slot(sig = "(cls, format=1, check=-1, preset=None, filters=None)")]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        format: i32,
        check: i32,
        preset: Value,
        filters: Value,
    ) -> Res {
        if format != FORMAT_XZ && check != -1 && check != 0 {
            raise!(cx, ValueError, "Integrity checks are only supported by FORMAT_XZ");
        }
        if !preset.is_none() && !filters.is_none() {
            raise!(cx, ValueError, "Cannot specify both preset and filter chain");
        }
        let level = if preset.is_none() { PRESET_DEFAULT } else { uint32(cx, preset)? };
        if !matches!(format, FORMAT_XZ | FORMAT_ALONE | FORMAT_RAW) {
            raise!(cx, ValueError, "Invalid container format: {format}");
        }
        let mut s = Stream::new();
        start_encoder(cx, &mut s, format, check, level, filters)?;
        let o = Compressor { head: fresh_head(), stream: ManuallyDrop::new(Mutex::new(Some(s))) };
        let o = cx.alloc_in(cls, o);
        cx.mutator.set_native_drop(NonNull::from(&o.head), drop_compressor);
        // About what preset 6 takes.
        cx.mutator.note_external(94 << 20 >> (6 - (level & 7).min(6)));
        Ok(Value::from_ref(o))
    }

    /// Compresses data; gives what is ready.
    #[pymethod]
    fn compress(cx: &Thread, this: &Compressor, data: Value) -> Res {
        let data = ByteArg::get(cx, data)?;
        let (d, m): (&[u8], _) = (&data, &*this.stream);
        match cx.detach(|| lock(m).as_mut().map(|s| s.compress(d, x::LZMA_RUN))) {
            Some(Ok(o)) => Ok(bytes(cx, &o)),
            Some(Err(c)) => Err(failed(cx, c)),
            None => raise!(cx, ValueError, "Compressor has been flushed"),
        }
    }

    /// Finishes; gives what is left. The object cannot be used afterwards.
    #[pymethod]
    fn flush(cx: &Thread, this: &Compressor) -> Res {
        let m = &*this.stream;
        match cx.detach(|| lock(m).take().map(|mut s| s.compress(&[], x::LZMA_FINISH))) {
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

/// The exception for a code that ended a call.
fn failed(cx: &Thread, code: Code) -> Raised {
    match check(cx, code) {
        Err(e) => e,
        Ok(()) => lzma_error(cx, "Internal error"),
    }
}

#[repr(C)]
pub struct Decompressor {
    head: Head,
    state: ManuallyDrop<Mutex<Incremental<Stream>>>,
}
pytype! { Decompressor, PyTaipanLZMADecompressor_Type, name: "LZMADecompressor", module: "_lzma",
base: taipan_vm::objects::object::Object, kind: Leaf,
doc: "Decompresses one stream bit by bit.\n\n  format\n    FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE or FORMAT_RAW\n  memlimit\n    the most memory that it may take\n  filters\n    a sequence of dicts, for FORMAT_RAW" }

/// # Safety
/// `p` is an unreachable Decompressor.
unsafe fn drop_decompressor(p: *mut Head) {
    // SAFETY: by the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*(p as *mut Decompressor)).state) };
}

#[pymethods]
impl Decompressor {
    #[slot(sig = "(cls, format=0, memlimit=None, filters=None)")]
    fn __new__(cx: &Thread, cls: &Type, format: i32, memlimit: Value, filters: Value) -> Res {
        let mut limit = u64::MAX;
        if !memlimit.is_none() {
            if format == FORMAT_RAW {
                raise!(cx, ValueError, "Cannot specify memory limit with FORMAT_RAW");
            }
            limit = uint64(cx, memlimit)?;
        }
        match (format == FORMAT_RAW, filters.is_none()) {
            (true, true) => raise!(cx, ValueError, "Must specify filters for FORMAT_RAW"),
            (false, false) => {
                raise!(cx, ValueError, "Cannot specify filters except with FORMAT_RAW")
            }
            _ => {}
        }
        let flags = x::LZMA_TELL_ANY_CHECK | x::LZMA_TELL_NO_CHECK;
        let mut s = Stream::new();
        if matches!(format, FORMAT_ALONE | FORMAT_RAW) {
            s.check = 0;
        }
        let raw = &mut *s.raw;
        let code = match format {
            // SAFETY: the stream is blank.
            FORMAT_AUTO => unsafe { x::lzma_auto_decoder(raw, limit, flags) },
            // SAFETY: the stream is blank.
            FORMAT_XZ => unsafe { x::lzma_stream_decoder(raw, limit, flags) },
            // SAFETY: the stream is blank.
            FORMAT_ALONE => unsafe { x::lzma_alone_decoder(raw, limit) },
            FORMAT_RAW => {
                let chain = Chain::parse(cx, filters)?;
                // SAFETY: the stream is blank; the chain ends in the library's mark.
                unsafe { x::lzma_raw_decoder(raw, chain.as_ptr()) }
            }
            _ => raise!(cx, ValueError, "Invalid container format: {format}"),
        };
        check(cx, code)?;
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
            Ok(None) => raise!(cx, EOFError, "Already at end of stream"),
            Err(c) => Err(failed(cx, c)),
        }
    }

    /// The integrity check of the data; CHECK_UNKNOWN until it is known.
    #[getter]
    fn check(_cx: &Thread, this: &Decompressor) -> Value {
        Value::small(lock(&this.state).decoder.check as i64)
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

/// Whether an integrity check can be made.
#[pyfunction(sig = "(check_id, /)")]
fn is_check_supported(_cx: &Thread, check_id: i32) -> bool {
    // SAFETY: looks at a number.
    unsafe { x::lzma_check_is_supported(check_id as x::lzma_check) != 0 }
}

/// The properties of a filter as bytes.
#[pyfunction(sig = "(filter, /)")]
fn _encode_filter_properties(cx: &Thread, filter: Value) -> Res {
    let chain = Chain::one(cx, filter)?;
    let mut size = 0u32;
    // SAFETY: the chain has one filter; the size is a place of this frame.
    check(cx, unsafe { x::lzma_properties_size(&mut size, chain.as_ptr()) })?;
    let mut out = vec![0u8; size as usize];
    // SAFETY: as above; the library writes the bytes that it has said.
    check(cx, unsafe { x::lzma_properties_encode(chain.as_ptr(), out.as_mut_ptr()) })?;
    Ok(bytes(cx, &out))
}

/// The dict of a filter with some properties.
#[pyfunction(sig = "(filter_id, encoded_props, /)")]
fn _decode_filter_properties(cx: &Thread, filter_id: Value, encoded_props: Value) -> Res {
    let id = uint64(cx, filter_id)?;
    let props = ByteArg::get(cx, encoded_props)?;
    let props: &[u8] = &props;
    let mut filter = x::lzma_filter { id, options: std::ptr::null_mut() };
    // SAFETY: the filter is of this frame; options are allocated by the library with malloc.
    let code = unsafe {
        x::lzma_properties_decode(&mut filter, std::ptr::null(), props.as_ptr(), props.len())
    };
    check(cx, code)?;
    filters::describe(cx, &filter)
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let class = filters::error_class(cx)?;
    let class = ERROR.get_or_init(|| Root::new(class)).get();
    m.add(cx, "LZMAError", class);
    m.add_type::<Compressor>(cx);
    m.add_type::<Decompressor>(cx);
    for (name, n) in [
        ("FORMAT_AUTO", FORMAT_AUTO as i64),
        ("FORMAT_XZ", FORMAT_XZ as i64),
        ("FORMAT_ALONE", FORMAT_ALONE as i64),
        ("FORMAT_RAW", FORMAT_RAW as i64),
        ("CHECK_NONE", 0),
        ("CHECK_CRC32", 1),
        ("CHECK_CRC64", 4),
        ("CHECK_SHA256", 10),
        ("CHECK_ID_MAX", 15),
        ("CHECK_UNKNOWN", CHECK_UNKNOWN as i64),
        ("FILTER_LZMA2", filters::LZMA2 as i64),
        ("FILTER_DELTA", filters::DELTA as i64),
        ("FILTER_X86", 0x04),
        ("FILTER_POWERPC", 0x05),
        ("FILTER_IA64", 0x06),
        ("FILTER_ARM", 0x07),
        ("FILTER_ARMTHUMB", 0x08),
        ("FILTER_SPARC", 0x09),
        ("MF_HC3", 0x03),
        ("MF_HC4", 0x04),
        ("MF_BT2", 0x12),
        ("MF_BT3", 0x13),
        ("MF_BT4", 0x14),
        ("MODE_FAST", 1),
        ("MODE_NORMAL", 2),
        ("PRESET_DEFAULT", PRESET_DEFAULT as i64),
        ("PRESET_EXTREME", 1 << 31),
    ] {
        m.add_int(cx, name, n);
    }
    m.add(cx, "FILTER_LZMA1", int::from_u64(cx, filters::LZMA1));
    Ok(())
}

pymodule! { "_lzma", doc: "Compression and decompression with LZMA.", functions: [
    is_check_supported, _encode_filter_properties, _decode_filter_properties
], exec: exec }
