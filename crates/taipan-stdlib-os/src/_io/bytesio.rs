//! `BytesIO`: a binary stream in memory.

use super::base::{BufferedIOBase, size_arg};
use crate::bufarg::BufArg;
use crate::guarded::{Guard, Guarded};
use taipan_vm::buffer::Buffer;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::thread::plain;
use taipan_vm::types::alloc::fresh_head;

struct State {
    /// `None`: closed.
    buf: Option<Vec<u8>>,
    pos: usize,
    exports: usize,
}

#[repr(C)]
pub struct BytesIO {
    pub head: Head,
    state: Guarded<State>,
}

taipan_vm::pytype! { BytesIO, PyBytesIO_Type, name: "BytesIO", module: "_io", base: BufferedIOBase,
flags: tpflags::BASETYPE, doc: "BytesIO(initial_bytes=b'')\n--\n\nA binary stream over a buffer in memory." }

impl State {
    fn rest(&self) -> &[u8] {
        let b = self.buf.as_deref().unwrap_or_default();
        &b[self.pos.min(b.len())..]
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
        let rest = self.rest();
        let n = n.min(rest.len());
        let out = plain(n, || rest[..n].to_vec());
        self.pos += out.len();
        out
    }

    fn line_length(&self, limit: isize) -> usize {
        let rest = self.rest();
        let rest = if limit >= 0 { &rest[..rest.len().min(limit as usize)] } else { rest };
        memchr(b'\n', rest).map_or(rest.len(), |i| i + 1)
    }
}

/// The first position of a byte.
pub fn memchr(c: u8, s: &[u8]) -> Option<usize> {
    let (near, far) = s.split_at(s.len().min(1 << 16));
    let find = |s: &[u8]| {
        // SAFETY: memchr reads the slice only.
        let p = unsafe { libc::memchr(s.as_ptr() as *const libc::c_void, c as i32, s.len()) };
        if p.is_null() { None } else { Some(p as usize - s.as_ptr() as usize) }
    };
    // A line is short mostly, however much follows.
    match find(near) {
        None if !far.is_empty() => plain(far.len(), || find(far)).map(|i| i + near.len()),
        found => found,
    }
}

impl BytesIO {
    fn open<'a>(cx: &Thread, this: &'a BytesIO) -> Res<Guard<'a, State>> {
        let g = this.state.lock(cx, Value::from_ref(this))?;
        if g.buf.is_none() {
            drop(g);
            raise!(cx, ValueError, "I/O operation on closed file.");
        }
        Ok(g)
    }

    #[inline(never)]
    fn resizable<'a>(cx: &Thread, this: &'a BytesIO) -> Res<Guard<'a, State>> {
        drop(BytesIO::open(cx, this)?);
        let g = BytesIO::unexported(cx, this)?;
        if g.buf.is_none() {
            drop(g);
            raise!(cx, ValueError, "I/O operation on closed file.");
        }
        Ok(g)
    }

    /// Refuses while memory is exported; views that nobody holds any more are collected first.
    #[inline(never)]
    fn unexported<'a>(cx: &Thread, this: &'a BytesIO) -> Res<Guard<'a, State>> {
        let g = this.state.lock(cx, Value::from_ref(this))?;
        if g.exports == 0 {
            return Ok(g);
        }
        drop(g);
        let exported = || this.state.lock_opt(cx).is_none_or(|g| g.exports > 0);
        taipan_vm::modules::gc::collect_while(cx, exported);
        let g = this.state.lock(cx, Value::from_ref(this))?;
        if g.exports > 0 {
            drop(g);
            raise!(cx, BufferError, "Existing exports of data: object cannot be re-sized");
        }
        Ok(g)
    }

    fn bytes(cx: &Thread, v: Vec<u8>) -> Value {
        Value::from_ref(Bytes::new(cx, &v))
    }

    fn next_line(cx: &Thread, this: &BytesIO, limit: isize) -> Res<Vec<u8>> {
        let mut g = BytesIO::open(cx, this)?;
        let n = g.line_length(limit);
        Ok(g.take(n))
    }

    /// On its own: unused words of a larger frame in `write` might hold a dropped view.
    #[inline(never)]
    fn store_buffer(cx: &Thread, this: &BytesIO, b: Value) -> Res<usize> {
        if let Some(b) = b.downcast::<Bytes>() {
            return BytesIO::store(cx, this, b.as_slice());
        }
        let data = BufArg::read(cx, b)?.to_vec();
        BytesIO::store(cx, this, &data)
    }

    fn store(cx: &Thread, this: &BytesIO, data: &[u8]) -> Res<usize> {
        let mut g = BytesIO::resizable(cx, this)?;
        if data.is_empty() {
            return Ok(0);
        }
        let pos = g.pos;
        let Some(end) = pos.checked_add(data.len()).filter(|e| *e <= isize::MAX as usize) else {
            drop(g);
            raise!(cx, OverflowError, "new buffer size too large");
        };
        let buf = g.buf.as_mut().expect("open");
        let (had, length) = (buf.capacity(), buf.len());
        let write = || {
            if end > buf.len() {
                buf.try_reserve(end - buf.len())?;
                if pos > buf.len() {
                    buf.resize(pos, 0);
                }
            }
            let over = buf.len().min(end) - pos;
            buf[pos..pos + over].copy_from_slice(&data[..over]);
            buf.extend_from_slice(&data[over..]);
            Ok::<_, std::collections::TryReserveError>(())
        };
        let work = data.len() + pos.saturating_sub(length) + if end > had { end } else { 0 };
        if cx.plain(work, write).is_err() {
            drop(g);
            return Err(cx.no_memory());
        }
        let more = buf.capacity() - had;
        g.pos = end;
        drop(g);
        if more > 0 {
            cx.mutator.note_external(more);
        }
        Ok(data.len())
    }
}

#[pymethods]
impl BytesIO {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let state = Guarded::new(State { buf: Some(Vec::new()), pos: 0, exports: 0 });
        let b = cx.alloc_in(cls, BytesIO { head: fresh_head(), state });
        crate::free_guarded_on_drop!(cx, b, BytesIO, state);
        Ok(Value::from_ref(b))
    }

    #[slot(sig = "(self, initial_bytes=b'')")]
    fn __init__(cx: &Thread, this: &BytesIO, initial_bytes: Option<Value>) -> Res<()> {
        drop(BytesIO::unexported(cx, this)?);
        let data = match initial_bytes {
            Some(v) if !v.is_none() => BufArg::read(cx, v)?.to_vec(),
            _ => Vec::new(),
        };
        let mut g = this.state.lock(cx, Value::from_ref(this))?;
        g.buf = Some(data);
        g.pos = 0;
        Ok(())
    }

    #[pymethod]
    fn readable(cx: &Thread, this: &BytesIO) -> Res<bool> {
        BytesIO::open(cx, this).map(|_| true)
    }

    #[pymethod]
    fn writable(cx: &Thread, this: &BytesIO) -> Res<bool> {
        BytesIO::open(cx, this).map(|_| true)
    }

    #[pymethod]
    fn seekable(cx: &Thread, this: &BytesIO) -> Res<bool> {
        BytesIO::open(cx, this).map(|_| true)
    }

    #[pymethod]
    fn flush(cx: &Thread, this: &BytesIO) -> Res<()> {
        BytesIO::open(cx, this).map(|_| ())
    }

    #[pymethod]
    fn isatty(cx: &Thread, this: &BytesIO) -> Res<bool> {
        BytesIO::open(cx, this).map(|_| false)
    }

    #[pymethod]
    fn tell(cx: &Thread, this: &BytesIO) -> Res<usize> {
        BytesIO::open(cx, this).map(|g| g.pos)
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn read(cx: &Thread, this: &BytesIO, size: Option<Value>) -> Res {
        let n = size_arg(cx, size)?;
        let v = {
            let mut g = BytesIO::open(cx, this)?;
            g.take(if n < 0 { usize::MAX } else { n as usize })
        };
        Ok(BytesIO::bytes(cx, v))
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn read1(cx: &Thread, this: &BytesIO, size: Option<Value>) -> Res {
        BytesIO::read(cx, this, size)
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn readline(cx: &Thread, this: &BytesIO, size: Option<Value>) -> Res {
        let n = size_arg(cx, size)?;
        let v = BytesIO::next_line(cx, this, n)?;
        Ok(BytesIO::bytes(cx, v))
    }

    #[pymethod(sig = "(self, size=None, /)")]
    fn readlines(cx: &Thread, this: &BytesIO, size: Option<Value>) -> Res {
        if let Some(v) = size.filter(|v| !v.is_none() && !crate::fspath::has_index(*v)) {
            raise!(cx, TypeError, "integer argument expected, got '{}'", v.ty().name());
        }
        let limit = size_arg(cx, size)?;
        BytesIO::open(cx, this)?;
        let list = List::new(cx);
        let mut total = 0isize;
        loop {
            let line = BytesIO::next_line(cx, this, -1)?;
            if line.is_empty() {
                return Ok(Value::from_ref(list));
            }
            total += line.len() as isize;
            list.push(cx, BytesIO::bytes(cx, line));
            if limit > 0 && total >= limit {
                return Ok(Value::from_ref(list));
            }
            cx.poll()?;
        }
    }

    #[pymethod]
    fn readinto(cx: &Thread, this: &BytesIO, buffer: Value) -> Res<usize> {
        let out = BufArg::write(cx, buffer, "readinto() argument")?;
        let data = {
            let mut g = BytesIO::open(cx, this)?;
            g.take(out.len())
        };
        out.fill(0, &data);
        Ok(data.len())
    }

    #[pymethod(sig = "(self, size=None, /)")]
    fn truncate(cx: &Thread, this: &BytesIO, size: Value) -> Res<usize> {
        BytesIO::resizable(cx, this)?;
        let n = match size.is_none() {
            true => BytesIO::open(cx, this)?.pos as isize,
            false => size_arg(cx, Some(size))?,
        };
        if n < 0 {
            raise!(cx, ValueError, "negative size value {n}");
        }
        let mut g = BytesIO::resizable(cx, this)?;
        g.buf.as_mut().expect("open").truncate(n as usize);
        Ok(n as usize)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: Value) -> Res {
        super::base::check_closed(cx, this)?;
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &BytesIO) -> Res<Option<Value>> {
        let v = BytesIO::next_line(cx, this, -1)?;
        Ok(if v.is_empty() { None } else { Some(BytesIO::bytes(cx, v)) })
    }

    #[pymethod(sig = "(self, pos, whence=0, /)")]
    fn seek(cx: &Thread, this: &BytesIO, pos: isize, whence: i32) -> Res<usize> {
        let mut g = BytesIO::open(cx, this)?;
        if whence == 0 && pos < 0 {
            drop(g);
            raise!(cx, ValueError, "negative seek value {pos}");
        }
        let base = match whence {
            0 => 0,
            1 => g.pos,
            2 => g.buf.as_ref().expect("open").len(),
            _ => {
                drop(g);
                raise!(cx, ValueError, "invalid whence ({whence}, should be 0, 1 or 2)");
            }
        };
        let Some(to) = (base as isize).checked_add(pos) else {
            drop(g);
            raise!(cx, OverflowError, "new position too large");
        };
        g.pos = to.max(0) as usize;
        Ok(g.pos)
    }

    #[pymethod]
    fn write(cx: &Thread, this: &BytesIO, b: Value) -> Res<usize> {
        BytesIO::resizable(cx, this)?;
        BytesIO::store_buffer(cx, this, b)
    }

    #[pymethod]
    fn writelines(cx: &Thread, this: &BytesIO, lines: Value) -> Res<()> {
        BytesIO::open(cx, this)?;
        let it = iter(cx, lines)?;
        while let Some(l) = iter_next(cx, it)? {
            BytesIO::write(cx, this, l)?;
        }
        Ok(())
    }

    #[pymethod]
    fn close(cx: &Thread, this: &BytesIO) -> Res<()> {
        BytesIO::unexported(cx, this)?.buf = None;
        Ok(())
    }

    #[getter]
    fn closed(cx: &Thread, this: &BytesIO) -> Res<bool> {
        Ok(this.state.lock(cx, Value::from_ref(this))?.buf.is_none())
    }

    #[pymethod]
    fn getvalue(cx: &Thread, this: &BytesIO) -> Res {
        let g = BytesIO::open(cx, this)?;
        let b = Bytes::new(cx, g.buf.as_deref().expect("open"));
        Ok(Value::from_ref(b))
    }

    /// A memoryview of the content; the stream cannot be resized while it exists.
    #[pymethod(defining_class)]
    fn getbuffer(cx: &Thread, this: &BytesIO) -> Res {
        BytesIO::open(cx, this)?;
        let b = BytesIOBuffer { head: fresh_head(), source: Slot::empty() };
        b.source.init(Some(Value::from_ref(this)));
        let b = cx.alloc(b);
        super::new_memoryview(cx, Value::from_ref(b))
    }

    #[pymethod]
    fn __getstate__(cx: &Thread, this: &BytesIO) -> Res {
        let value = BytesIO::getvalue(cx, this)?;
        let pos = BytesIO::tell(cx, this)?;
        let me = Value::from_ref(this);
        let d = match taipan_vm::types::attr::instance_dict(cx, me) {
            Some(d) if !d.is_empty() => Value::from_ref(d.copy(cx)),
            _ => none(),
        };
        Ok(Value::from_ref(Tuple::from_slice(cx, &[value, int_from_i128(cx, pos as i128), d])))
    }

    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &BytesIO, state: Value) -> Res<()> {
        let Some(t) = state.downcast::<Tuple>().filter(|t| t.len() >= 3) else {
            raise!(
                cx,
                TypeError,
                "{}.__setstate__ argument should be 3-tuple, got {}",
                Value::from_ref(this).ty().name(),
                state.ty().name()
            );
        };
        BytesIO::resizable(cx, this)?;
        let data = BufArg::read(cx, t.get(0))?.to_vec();
        if !taipan_vm::objects::int::is_int(t.get(1)) {
            raise!(
                cx,
                TypeError,
                "second item of state must be an integer, not {}",
                t.get(1).ty().name()
            );
        }
        let pos = index_isize(cx, t.get(1), exc::OverflowError())?;
        if pos < 0 {
            raise!(cx, ValueError, "position value cannot be negative");
        }
        {
            let mut g = BytesIO::resizable(cx, this)?;
            g.buf = Some(data);
            g.pos = pos as usize;
        }
        super::update_instance_dict(
            cx,
            Value::from_ref(this),
            t.get(2),
            "third item of state should be a dict, got a ",
        )
    }
}

/// What `getbuffer`'s memoryview exports from; counts the exports of its stream.
#[repr(C)]
pub struct BytesIOBuffer {
    pub head: Head,
    source: Slot,
}

taipan_vm::pytype! { BytesIOBuffer, PyBytesIOBuffer_Type, name: "_BytesIOBuffer", module: "_io",
base: Object, flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl BytesIOBuffer {
    #[slot]
    fn __buffer__(cx: &Thread, this: &BytesIOBuffer, _flags: u32) -> Res<Buffer> {
        let src = this.source.value().downcast::<BytesIO>().expect("set by getbuffer");
        let mut g = BytesIO::open(cx, src)?;
        g.exports += 1;
        let b = g.buf.as_mut().expect("open");
        Ok(Buffer::bytes(Value::from_ref(this), b.as_mut_ptr(), b.len(), false))
    }

    #[slot]
    fn __release_buffer__(cx: &Thread, this: &BytesIOBuffer, _b: &Buffer) -> Res<()> {
        let src = this.source.value().downcast::<BytesIO>().expect("set by getbuffer");
        if let Some(mut g) = src.state.lock_opt(cx) {
            g.exports -= 1;
        }
        Ok(())
    }
}
