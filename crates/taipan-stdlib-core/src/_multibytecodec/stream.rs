//! Reading and writing streams through a multibyte codec.

use super::{Stateful, codec_of};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct StreamReader {
    head: Head,
    s: Stateful,
}

taipan_vm::pytype! { StreamReader, PyTaipanMultibyteStreamReader_Type, name: "MultibyteStreamReader",
module: "_multibytecodec", base: Object, flags: tpflags::BASETYPE }

/// An argument that says how much: None is all.
fn size_arg(cx: &Thread, v: Value) -> Res<isize> {
    if v.is_none() {
        return Ok(-1);
    }
    if !taipan_vm::objects::int::is_int(v) {
        raise!(cx, TypeError, "arg 1 must be an integer");
    }
    index_isize(cx, v, exc::OverflowError())
}

impl StreamReader {
    /// Reads by a method of the stream until some text has come.
    fn through(
        cx: &Thread,
        this: &StreamReader,
        method: &'static Str,
        size: isize,
    ) -> Res<&'static Str> {
        if size == 0 {
            return Ok(id!(cx, ""));
        }
        let stream = this.s.stream.get().unwrap_or(none());
        let mut size = size;
        loop {
            let got = if size < 0 {
                call_method(cx, stream, method, &[])?
            } else {
                call_method(cx, stream, method, &[Value::small(size as i64)])?
            };
            let Some(b) = got.downcast::<Bytes>() else {
                let kind = got.ty().name();
                raise!(cx, TypeError, "stream function returned a non-bytes object ({kind})");
            };
            let at_end = b.as_slice().is_empty();
            let waited = this.s.pending_bytes().len();
            let text = this.s.decode(cx, this, b.as_slice(), at_end || size < 0)?;
            if size < 0 || text.len() > 0 || b.as_slice().len() + waited == 0 {
                return Ok(text);
            }
            // One byte more may end the sequence.
            size = 1;
        }
    }
}

#[pymethods]
impl StreamReader {
    #[slot(sig = "(cls, /, stream, errors='strict')")]
    fn __new__(cx: &Thread, cls: &Type, stream: Value, errors: Option<&'static Str>) -> Res {
        let s = Stateful::new(codec_of(cx, cls)?, errors, false);
        s.stream.init(Some(stream));
        Ok(Value::from_ref(cx.alloc_in(cls, StreamReader { head: fresh_head(), s })))
    }

    #[slot]
    fn __init__(_cx: &Thread, _this: &StreamReader, _args: &[Value], _kw: KwNames<'_>) -> Res<()> {
        Ok(())
    }

    #[pymethod(sig = "(self, sizeobj=None, /)")]
    fn read(cx: &Thread, this: &StreamReader, sizeobj: Value) -> Res {
        let n = size_arg(cx, sizeobj)?;
        Ok(Value::from_ref(StreamReader::through(cx, this, id!(cx, "read"), n)?))
    }

    #[pymethod(sig = "(self, sizeobj=None, /)")]
    fn readline(cx: &Thread, this: &StreamReader, sizeobj: Value) -> Res {
        let n = size_arg(cx, sizeobj)?;
        Ok(Value::from_ref(StreamReader::through(cx, this, id!(cx, "readline"), n)?))
    }

    #[pymethod(sig = "(self, sizehintobj=None, /)")]
    fn readlines(cx: &Thread, this: &StreamReader, sizehintobj: Value) -> Res {
        let n = size_arg(cx, sizehintobj)?;
        let text = StreamReader::through(cx, this, id!(cx, "read"), n)?;
        call_method(cx, Value::from_ref(text), id!(cx, "splitlines"), &[py_bool(true)])
    }

    #[pymethod]
    fn reset(_cx: &Thread, this: &StreamReader) {
        this.s.reset_decoder(this);
    }

    #[getter]
    fn stream(_cx: &Thread, this: &StreamReader) -> Option<Value> {
        this.s.stream.get()
    }

    #[getter]
    fn errors(cx: &Thread, this: &StreamReader) -> Value {
        this.s.errors_text(cx)
    }

    #[setter]
    fn set_errors(cx: &Thread, this: &StreamReader, v: Option<Value>) -> Res<()> {
        this.s.set_errors(cx, this, v)
    }
}

#[repr(C)]
pub struct StreamWriter {
    head: Head,
    s: Stateful,
}

taipan_vm::pytype! { StreamWriter, PyTaipanMultibyteStreamWriter_Type, name: "MultibyteStreamWriter",
module: "_multibytecodec", base: Object, flags: tpflags::BASETYPE }

impl StreamWriter {
    fn put(cx: &Thread, this: &StreamWriter, bytes: &[u8]) -> Res<()> {
        let stream = this.s.stream.get().unwrap_or(none());
        let b = Value::from_ref(Bytes::new(cx, bytes));
        call_method(cx, stream, id!(cx, "write"), &[b]).map(|_| ())
    }
}

#[pymethods]
impl StreamWriter {
    #[slot(sig = "(cls, /, stream, errors='strict')")]
    fn __new__(cx: &Thread, cls: &Type, stream: Value, errors: Option<&'static Str>) -> Res {
        let s = Stateful::new(codec_of(cx, cls)?, errors, true);
        s.stream.init(Some(stream));
        Ok(Value::from_ref(cx.alloc_in(cls, StreamWriter { head: fresh_head(), s })))
    }

    #[slot]
    fn __init__(_cx: &Thread, _this: &StreamWriter, _args: &[Value], _kw: KwNames<'_>) -> Res<()> {
        Ok(())
    }

    #[pymethod(sig = "(self, strobj, /)")]
    fn write(cx: &Thread, this: &StreamWriter, strobj: Value) -> Res<()> {
        let out = this.s.encode(cx, this, strobj, false)?;
        StreamWriter::put(cx, this, &out)
    }

    #[pymethod(sig = "(self, lines, /)")]
    fn writelines(cx: &Thread, this: &StreamWriter, lines: Value) -> Res<()> {
        if !is_sequence(lines) {
            raise!(cx, TypeError, "arg must be a sequence object");
        }
        for line in collect(cx, lines)?.iter() {
            StreamWriter::write(cx, this, *line)?;
        }
        Ok(())
    }

    #[pymethod]
    fn reset(cx: &Thread, this: &StreamWriter) -> Res<()> {
        if this.s.pending.get().is_none() {
            return Ok(());
        }
        let r = this.s.encode(cx, this, Value::from_ref(id!(cx, "")), true);
        this.s.pending.set_option(this, None);
        let out = r?;
        if out.is_empty() { Ok(()) } else { StreamWriter::put(cx, this, &out) }
    }

    #[getter]
    fn stream(_cx: &Thread, this: &StreamWriter) -> Option<Value> {
        this.s.stream.get()
    }

    #[getter]
    fn errors(cx: &Thread, this: &StreamWriter) -> Value {
        this.s.errors_text(cx)
    }

    #[setter]
    fn set_errors(cx: &Thread, this: &StreamWriter, v: Option<Value>) -> Res<()> {
        this.s.set_errors(cx, this, v)
    }
}
