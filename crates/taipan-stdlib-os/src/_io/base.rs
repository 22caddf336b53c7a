//! The abstract bases: `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`. They hold no
//! state but the attribute `__IOBase_closed`.

use super::unsupported;
use crate::fspath::has_index;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

macro_rules! abstract_base {
    ($t:ident, $st:ident, $name:literal, $base:ty, $doc:literal) => {
        #[repr(C)]
        pub struct $t {
            pub head: Head,
        }
        taipan_vm::pytype! { $t, $st, name: $name, module: "_io", base: $base,
        flags: tpflags::BASETYPE, dict: true, weakref: true, doc: $doc }
    };
}

abstract_base! { IOBase, PyIOBase_Type, "_IOBase", Object,
"The abstract base of all streams: defines what they have in common in terms of a few methods." }
abstract_base! { RawIOBase, PyRawIOBase_Type, "_RawIOBase", IOBase,
"Base of unbuffered binary streams." }
abstract_base! { BufferedIOBase, PyBufferedIOBase_Type, "_BufferedIOBase", IOBase,
"Base of buffered binary streams: read() gets what was asked for and never None." }
abstract_base! { TextIOBase, PyTextIOBase_Type, "_TextIOBase", IOBase, "Base of text streams." }

/// Is the stream closed, by its own word?
pub fn is_closed(cx: &Thread, this: Value) -> Res<bool> {
    let c = get_attr(cx, this, id!(cx, "closed"))?;
    is_true(cx, c)
}

pub fn check_closed(cx: &Thread, this: Value) -> Res<()> {
    if is_closed(cx, this)? {
        raise!(cx, ValueError, "I/O operation on closed file.");
    }
    Ok(())
}

fn flag_method(cx: &Thread, this: Value, name: &Str) -> Res<bool> {
    let r = call_method(cx, this, name, &[])?;
    Ok(r == py_bool(true))
}

pub fn check_seekable(cx: &Thread, this: Value) -> Res<()> {
    match flag_method(cx, this, id!(cx, "seekable"))? {
        true => Ok(()),
        false => Err(unsupported(cx, "File or stream is not seekable.")),
    }
}

pub fn check_readable(cx: &Thread, this: Value) -> Res<()> {
    match flag_method(cx, this, id!(cx, "readable"))? {
        true => Ok(()),
        false => Err(unsupported(cx, "File or stream is not readable.")),
    }
}

pub fn check_writable(cx: &Thread, this: Value) -> Res<()> {
    match flag_method(cx, this, id!(cx, "writable"))? {
        true => Ok(()),
        false => Err(unsupported(cx, "File or stream is not writable.")),
    }
}

fn closed_mark(cx: &Thread, this: Value) -> Res<bool> {
    Ok(get_attr_opt(cx, this, id!(cx, "__IOBase_closed"))?.is_some())
}

/// A size argument where None means -1.
pub fn size_arg(cx: &Thread, v: Option<Value>) -> Res<isize> {
    match v {
        None => Ok(-1),
        Some(v) if v.is_none() => Ok(-1),
        Some(v) if has_index(v) => index_isize(cx, v, exc::OverflowError()),
        Some(v) => {
            raise!(cx, TypeError, "argument should be integer or None, not '{}'", v.ty().name())
        }
    }
}

/// Closes a stream that nobody closed: what finalisers do (`iobase_finalize`).
pub fn finalize(cx: &Thread, this: Value) -> Res<()> {
    // Outer layers first: they may still hold bytes for this one.
    if let Some(o) = super::outer(this).filter(|o| *o != this) {
        finalize(cx, o)?;
    }
    let closed = match get_attr_opt(cx, this, id!(cx, "closed")) {
        Ok(Some(c)) => is_true(cx, c).unwrap_or(true),
        Ok(None) => return Ok(()),
        Err(_) => true,
    };
    if closed {
        return Ok(());
    }
    let _ = set_attr(cx, this, id!(cx, "_finalizing"), Some(py_bool(true)));
    if let Err(e) = call_method(cx, this, id!(cx, "close"), &[]) {
        // A view of a BytesIO dies with it; that its finaliser has yet to run is no error.
        let view_left =
            e.is(exc::BufferError()) && this.downcast::<super::bytesio::BytesIO>().is_some();
        if view_left {
            return Ok(());
        }
        taipan_vm::interp::unraisable(cx, e, Some(this), None);
    }
    Ok(())
}

/// One line by `peek` and `read` of any stream.
fn generic_readline(cx: &Thread, this: Value, limit: isize) -> Res {
    let peek = get_attr_opt(cx, this, id!(cx, "peek"))?;
    let mut line: Vec<u8> = Vec::new();
    while limit < 0 || (line.len() as isize) < limit {
        let mut want = 1usize;
        if let Some(peek) = peek {
            let ahead = call(cx, peek, &[Value::small(1)])?;
            let Some(b) = ahead.downcast::<Bytes>() else {
                raise!(
                    cx,
                    OSError,
                    "peek() should have returned a bytes object, not '{}'",
                    ahead.ty().name()
                );
            };
            let s = b.as_slice();
            if !s.is_empty() {
                let room =
                    if limit < 0 { s.len() } else { s.len().min(limit as usize - line.len()) };
                want = s[..room].iter().position(|c| *c == b'\n').map_or(room, |i| i + 1);
            }
        }
        let got = call_method(cx, this, id!(cx, "read"), &[Value::small(want as i64)])?;
        let Some(b) = got.downcast::<Bytes>() else {
            raise!(
                cx,
                OSError,
                "read() should have returned a bytes object, not '{}'",
                got.ty().name()
            );
        };
        if b.is_empty() {
            break;
        }
        line.extend_from_slice(b.as_slice());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(Value::from_ref(Bytes::new(cx, &line)))
}

/// A closed stream of a builtin class has no finaliser to run, which saves the collector's work.
pub fn nothing_to_finalize(stream: Value) {
    if let Some(head) = stream.head().filter(|_| !stream.ty().is_heap()) {
        taipan_heap::clear_finalizer(head);
    }
}

#[pymethods]
impl IOBase {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(cx.alloc_in(cls, IOBase { head: fresh_head() })))
    }

    /// Changes the position. Unsupported here.
    #[pymethod(sig = "(self, offset, whence=0, /)")]
    fn seek(cx: &Thread, _this: Value, _offset: Value, _whence: Value) -> Res {
        Err(unsupported(cx, "seek"))
    }

    /// The position.
    #[pymethod]
    fn tell(cx: &Thread, this: Value) -> Res {
        call_method(cx, this, id!(cx, "seek"), &[Value::small(0), Value::small(1)])
    }

    #[pymethod(sig = "(self, size=None, /)")]
    fn truncate(cx: &Thread, _this: Value, _size: Value) -> Res {
        Err(unsupported(cx, "truncate"))
    }

    /// Writes out what is buffered; does nothing here.
    #[pymethod]
    fn flush(cx: &Thread, this: Value) -> Res<()> {
        if closed_mark(cx, this)? {
            raise!(cx, ValueError, "I/O operation on closed file.");
        }
        Ok(())
    }

    /// Flushes and closes; further calls do nothing.
    #[pymethod]
    fn close(cx: &Thread, this: Value) -> Res<()> {
        if closed_mark(cx, this)? {
            return Ok(());
        }
        let r = call_method(cx, this, id!(cx, "flush"), &[]);
        let s = set_attr(cx, this, id!(cx, "__IOBase_closed"), Some(py_bool(true)));
        r?;
        s
    }

    #[getter]
    fn closed(cx: &Thread, this: Value) -> Res<bool> {
        closed_mark(cx, this)
    }

    #[pymethod]
    fn seekable(_cx: &Thread, _this: Value) -> bool {
        false
    }

    #[pymethod]
    fn readable(_cx: &Thread, _this: Value) -> bool {
        false
    }

    #[pymethod]
    fn writable(_cx: &Thread, _this: Value) -> bool {
        false
    }

    #[pymethod]
    fn _checkClosed(cx: &Thread, this: Value) -> Res<()> {
        check_closed(cx, this)
    }

    #[pymethod]
    fn _checkSeekable(cx: &Thread, this: Value) -> Res<bool> {
        check_seekable(cx, this).map(|_| true)
    }

    #[pymethod]
    fn _checkReadable(cx: &Thread, this: Value) -> Res<bool> {
        check_readable(cx, this).map(|_| true)
    }

    #[pymethod]
    fn _checkWritable(cx: &Thread, this: Value) -> Res<bool> {
        check_writable(cx, this).map(|_| true)
    }

    #[pymethod(defining_class)]
    fn fileno(cx: &Thread, _this: Value) -> Res {
        Err(unsupported(cx, "fileno"))
    }

    #[pymethod]
    fn isatty(cx: &Thread, this: Value) -> Res<bool> {
        check_closed(cx, this)?;
        Ok(false)
    }

    #[pymethod]
    fn __enter__(cx: &Thread, this: Value) -> Res {
        check_closed(cx, this)?;
        Ok(this)
    }

    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn __exit__(cx: &Thread, this: Value, _args: &[Value]) -> Res {
        call_method(cx, this, id!(cx, "close"), &[])
    }

    #[slot]
    fn __iter__(cx: &Thread, this: Value) -> Res {
        check_closed(cx, this)?;
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: Value) -> Res<Option<Value>> {
        let line = call_method(cx, this, id!(cx, "readline"), &[])?;
        Ok(if len(cx, line)? == 0 { None } else { Some(line) })
    }

    #[slot]
    fn __del__(cx: &Thread, this: Value) -> Res<()> {
        finalize(cx, this)
    }

    /// One line, at most `size` bytes of it.
    #[pymethod(sig = "(self, size=-1, /)")]
    fn readline(cx: &Thread, this: Value, size: Option<Value>) -> Res {
        let n = size_arg(cx, size)?;
        generic_readline(cx, this, n)
    }

    /// A list of lines; stops once they hold `hint` bytes or characters.
    #[pymethod(sig = "(self, hint=-1, /)")]
    fn readlines(cx: &Thread, this: Value, hint: Option<Value>) -> Res {
        let hint = size_arg(cx, hint)?;
        let list = List::new(cx);
        let it = iter(cx, this)?;
        let mut total = 0isize;
        while let Some(line) = iter_next(cx, it)? {
            list.push(cx, line);
            if hint > 0 {
                total += len(cx, line)? as isize;
                if total > hint {
                    break;
                }
            }
        }
        Ok(Value::from_ref(list))
    }

    #[pymethod]
    fn writelines(cx: &Thread, this: Value, lines: Value) -> Res<()> {
        check_closed(cx, this)?;
        let it = iter(cx, lines)?;
        while let Some(line) = iter_next(cx, it)? {
            loop {
                match call_method(cx, this, id!(cx, "write"), &[line]) {
                    Ok(_) => break,
                    Err(e) if e.is(exc::InterruptedError()) => {}
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(())
    }
}

#[pymethods]
impl RawIOBase {
    /// Up to `size` bytes, by `readinto`.
    #[pymethod(sig = "(self, size=-1, /)")]
    fn read(cx: &Thread, this: Value, size: Option<Value>) -> Res {
        let n = match size {
            None => -1,
            Some(v) => index_isize(cx, v, exc::OverflowError())?,
        };
        if n < 0 {
            return call_method(cx, this, id!(cx, "readall"), &[]);
        }
        let buf = super::new_bytearray(cx, n as usize)?;
        let got = call_method(cx, this, id!(cx, "readinto"), &[buf])?;
        if got.is_none() {
            return Ok(got);
        }
        let k = index_isize(cx, got, exc::ValueError())?;
        let data = crate::bufarg::BufArg::read(cx, buf)?.to_vec();
        if k < 0 || k as usize > data.len() {
            raise!(cx, ValueError, "readinto returned {k} outside buffer size {}", data.len());
        }
        Ok(Value::from_ref(Bytes::new(cx, &data[..k as usize])))
    }

    /// Everything up to the end, by repeated `read`.
    #[pymethod]
    fn readall(cx: &Thread, this: Value) -> Res {
        let mut all: Vec<u8> = Vec::new();
        let mut some = false;
        loop {
            let arg = Value::small(super::DEFAULT_BUFFER_SIZE as i64);
            let b = match call_method(cx, this, id!(cx, "read"), &[arg]) {
                Err(e) if e.is(exc::InterruptedError()) => continue,
                r => r?,
            };
            if b.is_none() {
                if !some {
                    return Ok(b);
                }
                break;
            }
            let Some(b) = b.downcast::<Bytes>() else {
                raise!(cx, TypeError, "read() should return bytes");
            };
            if b.is_empty() {
                break;
            }
            some = true;
            all.extend_from_slice(b.as_slice());
        }
        Ok(Value::from_ref(Bytes::new(cx, &all)))
    }

    #[pymethod(text = "")]
    fn readinto(cx: &Thread, _this: Value, _buffer: Value) -> Res {
        raise!(cx, NotImplementedError, "")
    }

    #[pymethod(text = "")]
    fn write(cx: &Thread, _this: Value, _b: Value) -> Res {
        raise!(cx, NotImplementedError, "")
    }
}

fn readinto_by(cx: &Thread, this: Value, buffer: Value, read: &Str, what: &str) -> Res<usize> {
    let out = crate::bufarg::BufArg::write(cx, buffer, &format!("{what}() argument"))?;
    let data = call_method(cx, this, read, &[Value::small(out.len() as i64)])?;
    let Some(b) = data.downcast::<Bytes>() else {
        raise!(cx, TypeError, "read() should return bytes");
    };
    let s = b.as_slice();
    if s.len() > out.len() {
        raise!(
            cx,
            ValueError,
            "read() returned too much data: {} bytes requested, {} returned",
            out.len(),
            s.len()
        );
    }
    out.fill(0, s);
    Ok(s.len())
}

#[pymethods]
impl BufferedIOBase {
    #[pymethod(defining_class)]
    fn detach(cx: &Thread, _this: Value) -> Res {
        Err(unsupported(cx, "detach"))
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn read(cx: &Thread, _this: Value, _size: Option<Value>) -> Res {
        Err(unsupported(cx, "read"))
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn read1(cx: &Thread, _this: Value, _size: Option<Value>) -> Res {
        Err(unsupported(cx, "read1"))
    }

    #[pymethod]
    fn readinto(cx: &Thread, this: Value, buffer: Value) -> Res<usize> {
        readinto_by(cx, this, buffer, id!(cx, "read"), "readinto")
    }

    #[pymethod]
    fn readinto1(cx: &Thread, this: Value, buffer: Value) -> Res<usize> {
        readinto_by(cx, this, buffer, id!(cx, "read1"), "readinto1")
    }

    #[pymethod]
    fn write(cx: &Thread, _this: Value, _b: Value) -> Res {
        Err(unsupported(cx, "write"))
    }
}

#[pymethods]
impl TextIOBase {
    #[pymethod(defining_class)]
    fn detach(cx: &Thread, _this: Value) -> Res {
        Err(unsupported(cx, "detach"))
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn read(cx: &Thread, _this: Value, _size: Option<Value>) -> Res {
        Err(unsupported(cx, "read"))
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn readline(cx: &Thread, _this: Value, _size: Option<Value>) -> Res {
        Err(unsupported(cx, "readline"))
    }

    #[pymethod]
    fn write(cx: &Thread, _this: Value, _s: Value) -> Res {
        Err(unsupported(cx, "write"))
    }

    #[getter]
    fn encoding(_cx: &Thread, _this: Value) -> Value {
        none()
    }

    #[getter]
    fn newlines(_cx: &Thread, _this: Value) -> Value {
        none()
    }

    #[getter]
    fn errors(_cx: &Thread, _this: Value) -> Value {
        none()
    }
}
