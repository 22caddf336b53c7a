//! `zlib`: `stream.rs` owns the library's streams, `objects.rs` has the compressor and decompressor
//! types, this file the functions.

mod objects;
mod stream;

use std::sync::OnceLock;
use stream::{DeflateParams, Failure, Stream};
use taipan_vm::buffer::ByteArg;
use taipan_vm::prelude::*;

/// Data of this length and more is worked on with the thread detached.
const DETACH_FROM: usize = 1 << 13;

static ERROR: OnceLock<Root<&'static Type>> = OnceLock::new();

fn error_class() -> &'static Type {
    ERROR.get().expect("set when the module is made").get()
}

/// `zlib.error` for a code of the library, or MemoryError.
fn failed(cx: &Thread, f: &Failure, what: &str) -> Raised {
    let detail = match (f.code, &f.detail) {
        (stream::Z_VERSION_ERROR, _) => Some("library version mismatch"),
        (_, Some(d)) => Some(d.as_str()),
        (stream::Z_BUF_ERROR, _) => Some("incomplete or truncated stream"),
        (stream::Z_STREAM_ERROR, _) => Some("inconsistent stream state"),
        (stream::Z_DATA_ERROR, _) => Some("invalid input data"),
        _ => None,
    };
    match detail {
        Some(d) => Raised::new(cx, error_class(), format_args!("Error {} {what}: {d}", f.code)),
        None => Raised::new(cx, error_class(), format_args!("Error {} {what}", f.code)),
    }
}

fn bytes(cx: &Thread, v: &[u8]) -> Value {
    Value::from_ref(Bytes::new(cx, v))
}

/// Compresses data in one go.
#[pyfunction(
    sig = "(data, /, level=-1, wbits=15)",
    text = "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)"
)]
fn compress(cx: &Thread, data: Value, level: i32, wbits: i32) -> Res {
    let data = ByteArg::get(cx, data)?;
    let p = DeflateParams { level, method: 8, wbits, mem_level: 8, strategy: 0 };
    let mut s = match Stream::deflate(p) {
        Ok(s) => s,
        Err(f) if f.code == stream::Z_STREAM_ERROR => {
            return Err(Raised::new(cx, error_class(), format_args!("Bad compression level")));
        }
        Err(f) => return Err(failed(cx, &f, "while compressing data")),
    };
    let d: &[u8] = &data;
    let r = cx.detach(|| {
        let mut out = Vec::with_capacity(d.len() / 2 + 64);
        s.run(d, stream::Z_FINISH, &mut out).map(|_| out)
    });
    match r {
        Ok(out) => Ok(bytes(cx, &out)),
        Err(f) => Err(failed(cx, &f, "while compressing data")),
    }
}

/// Decompresses data in one go.
#[pyfunction(
    sig = "(data, /, wbits=15, bufsize=16384)",
    text = "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)"
)]
fn decompress(cx: &Thread, data: Value, wbits: i32, bufsize: isize) -> Res {
    let data = ByteArg::get(cx, data)?;
    if bufsize < 0 {
        raise!(cx, ValueError, "bufsize must be non-negative");
    }
    let mut s = match Stream::inflate(wbits) {
        Ok(s) => s,
        Err(f) => return Err(failed(cx, &f, "while preparing to decompress data")),
    };
    let d: &[u8] = &data;
    let r = cx.detach(|| {
        let mut out = Vec::new();
        let (code, _) = s.inflate_until(d, &mut out, None, None, stream::Z_SYNC_FLUSH)?;
        match code {
            stream::Z_STREAM_END => Ok(out),
            stream::Z_OK | stream::Z_BUF_ERROR => {
                Err(Failure { code: stream::Z_BUF_ERROR, detail: None })
            }
            c => Err(s.failure(c)),
        }
    });
    match r {
        Ok(out) => Ok(bytes(cx, &out)),
        Err(f) => Err(failed(cx, &f, "while decompressing data")),
    }
}

/// A checksum's start value: any int, of which the low 32 bits count.
fn start_value(cx: &Thread, v: Option<Value>, default: u32) -> Res<u32> {
    let Some(v) = v else { return Ok(default) };
    let i = index(cx, v)?;
    Ok(taipan_vm::objects::int::wrapping_u64(i).unwrap_or(0) as u32)
}

fn checksum(cx: &Thread, data: Value, start: u32, f: fn(u32, &[u8]) -> u32) -> Res<u32> {
    let data = ByteArg::get(cx, data)?;
    let d: &[u8] = &data;
    Ok(if d.len() < DETACH_FROM { f(start, d) } else { cx.detach(|| f(start, d)) })
}

/// The Adler-32 checksum of data, continuing from a value.
#[pyfunction(sig = "(data, value=1, /)")]
fn adler32(cx: &Thread, data: Value, value: Option<Value>) -> Res<u32> {
    let start = start_value(cx, value, 1)?;
    checksum(cx, data, start, stream::adler32)
}

/// The CRC-32 checksum of data, continuing from a value.
#[pyfunction(sig = "(data, value=0, /)")]
fn crc32(cx: &Thread, data: Value, value: Option<Value>) -> Res<u32> {
    let start = start_value(cx, value, 0)?;
    checksum(cx, data, start, stream::crc32)
}

/// A compressor object.
#[pyfunction(
    sig = "(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=None)",
    text = "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, zdict=None)"
)]
#[allow(non_snake_case)]
fn compressobj(
    cx: &Thread,
    level: i32,
    method: i32,
    wbits: i32,
    memLevel: i32,
    strategy: i32,
    zdict: Option<Value>,
) -> Res {
    let dict = zdict.map(|z| ByteArg::get(cx, z)).transpose()?;
    let p = DeflateParams { level, method, wbits, mem_level: memLevel, strategy };
    let mut s = match Stream::deflate(p) {
        Ok(s) => s,
        Err(f) if f.code == stream::Z_STREAM_ERROR => {
            raise!(cx, ValueError, "Invalid initialization option")
        }
        Err(f) => return Err(failed(cx, &f, "while creating compression object")),
    };
    if let Some(d) = dict {
        match s.set_dictionary(&d) {
            stream::Z_OK => {}
            stream::Z_STREAM_ERROR => raise!(cx, ValueError, "Invalid dictionary"),
            _ => raise!(cx, ValueError, "deflateSetDictionary()"),
        }
    }
    Ok(objects::Compress::make(cx, Some(s)))
}

/// A decompressor object.
#[pyfunction(sig = "(wbits=15, zdict=b'')", text = "($module, /, wbits=MAX_WBITS, zdict=b'')")]
fn decompressobj(cx: &Thread, wbits: i32, zdict: Option<Value>) -> Res {
    if let Some(z) = zdict {
        if !taipan_vm::buffer::has_buffer(z) {
            raise!(cx, TypeError, "zdict argument must support the buffer protocol");
        }
    }
    let dict = zdict.map(|z| ByteArg::get(cx, z)).transpose()?.map(|d| d.to_vec());
    let mut s = match Stream::inflate(wbits) {
        Ok(s) => s,
        Err(f) if f.code == stream::Z_STREAM_ERROR => {
            raise!(cx, ValueError, "Invalid initialization option")
        }
        Err(f) => return Err(failed(cx, &f, "while creating decompression object")),
    };
    if let (Some(d), true) = (&dict, wbits < 0) {
        let code = s.set_dictionary(d);
        if code != stream::Z_OK {
            return Err(failed(cx, &s.failure(code), "while setting zdict"));
        }
    }
    Ok(objects::Decompress::make(cx, Some(s), dict))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let ns = Dict::new(cx);
    ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "zlib")));
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::Exception())]);
    let args = [Value::from_ref(id!(cx, "error")), Value::from_ref(bases), Value::from_ref(ns)];
    let error = call(cx, Value::from_ref(Type::type_object()), &args)?;
    let error = error.as_type().expect("type() makes types");
    // A second module object shares the first one's class.
    let error = ERROR.get_or_init(|| Root::new(error)).get();
    m.add(cx, "error", Value::from_ref(error));
    objects::add_types(cx, m);
    for (name, v) in [
        ("MAX_WBITS", 15),
        ("DEFLATED", 8),
        ("DEF_MEM_LEVEL", 8),
        ("DEF_BUF_SIZE", 16384),
        ("Z_NO_COMPRESSION", 0),
        ("Z_BEST_SPEED", 1),
        ("Z_BEST_COMPRESSION", 9),
        ("Z_DEFAULT_COMPRESSION", -1),
        ("Z_FILTERED", 1),
        ("Z_HUFFMAN_ONLY", 2),
        ("Z_RLE", 3),
        ("Z_FIXED", 4),
        ("Z_DEFAULT_STRATEGY", 0),
        ("Z_NO_FLUSH", 0),
        ("Z_PARTIAL_FLUSH", 1),
        ("Z_SYNC_FLUSH", 2),
        ("Z_FULL_FLUSH", 3),
        ("Z_FINISH", 4),
        ("Z_BLOCK", 5),
        ("Z_TREES", 6),
    ] {
        m.add_int(cx, name, v);
    }
    // The version of zlib that the library is compatible with.
    m.add_str(cx, "ZLIB_VERSION", "1.3.1");
    m.add_str(cx, "ZLIB_RUNTIME_VERSION", "1.3.1");
    m.add_str(cx, "__version__", "1.0");
    Ok(())
}

pymodule! { "zlib",
doc: "Compression and decompression of data in the formats of zlib, gzip and raw deflate.",
functions: [adler32, compress, compressobj, crc32, decompress, decompressobj],
exec: exec }
