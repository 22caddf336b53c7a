//! `BufferedRWPair`: a reader and a writer in one object.

use super::base::{self, BufferedIOBase};
use super::buffered::{BufferedReader, BufferedWriter};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct BufferedRWPair {
    pub head: Head,
    reader: Slot,
    writer: Slot,
}

taipan_vm::pytype! { BufferedRWPair, PyBufferedRWPair_Type, name: "BufferedRWPair", module: "_io",
base: BufferedIOBase, flags: tpflags::BASETYPE,
doc: "BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\nA buffered reader and a buffered writer over two raw streams that work in opposite directions." }

fn part(cx: &Thread, s: &Slot) -> Res {
    match s.get() {
        Some(v) => Ok(v),
        None => raise!(cx, ValueError, "I/O operation on uninitialized object"),
    }
}

macro_rules! forward {
    ($cx:expr, $this:expr, $which:ident, $name:literal $(, $arg:expr)*) => {{
        let to = part($cx, &$this.$which)?;
        call_method($cx, to, id!($cx, $name), &[$($arg),*])
    }};
}

#[pymethods]
impl BufferedRWPair {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let p = BufferedRWPair { head: fresh_head(), reader: Slot::empty(), writer: Slot::empty() };
        Ok(Value::from_ref(cx.alloc_in(cls, p)))
    }

    #[slot(sig = "(self, reader, writer, buffer_size=8192, /)")]
    fn __init__(
        cx: &Thread,
        this: &BufferedRWPair,
        reader: Value,
        writer: Value,
        buffer_size: isize,
    ) -> Res<()> {
        base::check_readable(cx, reader)?;
        base::check_writable(cx, writer)?;
        if buffer_size <= 0 {
            raise!(cx, ValueError, "buffer size must be strictly positive");
        }
        this.reader.set(this, BufferedReader::make(cx, reader, buffer_size as usize)?);
        this.writer.set(this, BufferedWriter::make(cx, writer, buffer_size as usize)?);
        Ok(())
    }

    #[pymethod(sig = "(self, size=-1, /)", text = "")]
    fn read(cx: &Thread, this: &BufferedRWPair, size: Value) -> Res {
        forward!(cx, this, reader, "read", size)
    }

    #[pymethod(sig = "(self, size=0, /)", text = "")]
    fn peek(cx: &Thread, this: &BufferedRWPair, size: Value) -> Res {
        forward!(cx, this, reader, "peek", size)
    }

    #[pymethod(sig = "(self, size=-1, /)", text = "")]
    fn read1(cx: &Thread, this: &BufferedRWPair, size: Value) -> Res {
        forward!(cx, this, reader, "read1", size)
    }

    #[pymethod(text = "")]
    fn readinto(cx: &Thread, this: &BufferedRWPair, b: Value) -> Res {
        forward!(cx, this, reader, "readinto", b)
    }

    #[pymethod(text = "")]
    fn readinto1(cx: &Thread, this: &BufferedRWPair, b: Value) -> Res {
        forward!(cx, this, reader, "readinto1", b)
    }

    #[pymethod(text = "")]
    fn write(cx: &Thread, this: &BufferedRWPair, b: Value) -> Res {
        forward!(cx, this, writer, "write", b)
    }

    #[pymethod]
    fn flush(cx: &Thread, this: &BufferedRWPair) -> Res {
        forward!(cx, this, writer, "flush")
    }

    #[pymethod]
    fn readable(cx: &Thread, this: &BufferedRWPair) -> Res {
        forward!(cx, this, reader, "readable")
    }

    #[pymethod]
    fn writable(cx: &Thread, this: &BufferedRWPair) -> Res {
        forward!(cx, this, writer, "writable")
    }

    #[pymethod]
    fn close(cx: &Thread, this: &BufferedRWPair) -> Res {
        let w = forward!(cx, this, writer, "close");
        let r = forward!(cx, this, reader, "close");
        match (w, r) {
            (Err(w), Err(r)) => {
                let e = taipan_vm::objects::exceptions::of(r.0);
                e.context.set(e, w.0);
                Err(r)
            }
            (Err(w), _) => Err(w),
            (_, r) => r,
        }
    }

    #[pymethod]
    fn isatty(cx: &Thread, this: &BufferedRWPair) -> Res {
        let w = forward!(cx, this, writer, "isatty")?;
        if w != py_bool(false) {
            return Ok(w);
        }
        forward!(cx, this, reader, "isatty")
    }

    #[getter]
    fn closed(cx: &Thread, this: &BufferedRWPair) -> Res {
        match this.writer.get() {
            Some(w) => get_attr(cx, w, id!(cx, "closed")),
            None => {
                raise!(cx, RuntimeError, "the BufferedRWPair object is being garbage-collected")
            }
        }
    }
}
