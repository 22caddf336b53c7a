//! `StringIO`: a text stream in memory. The text is kept as code points.

use super::base::{TextIOBase, size_arg};
use super::newline::Newlines;
use crate::guarded::{Guard, Guarded};
use taipan_vm::prelude::*;
use taipan_vm::thread::plain;
use taipan_vm::types::alloc::fresh_head;

struct State {
    buf: Text,
    pos: usize,
    closed: bool,
    ready: bool,
    /// The `newline` argument: `None` is universal.
    newline: Option<&'static str>,
    /// Translate what is read (newline=None) or only recognise all kinds (newline='').
    decode: Option<Newlines>,
    /// What "\n" becomes when written.
    write_nl: Option<&'static str>,
}

/// One byte a character while all are Latin-1, four from the first wider one on.
enum Text {
    Narrow(Vec<u8>),
    Wide(Vec<u32>),
}

impl Text {
    fn len(&self) -> usize {
        match self {
            Text::Narrow(v) => v.len(),
            Text::Wide(v) => v.len(),
        }
    }

    fn byte_capacity(&self) -> usize {
        match self {
            Text::Narrow(v) => v.capacity(),
            Text::Wide(v) => v.capacity() * 4,
        }
    }

    fn at(&self, i: usize) -> u32 {
        match self {
            Text::Narrow(v) => v[i] as u32,
            Text::Wide(v) => v[i],
        }
    }

    fn make(&self, cx: &Thread, from: usize, to: usize) -> Value {
        Value::from_ref(match self {
            Text::Narrow(v) => Str::from_latin1(cx, &v[from..to]),
            Text::Wide(v) => Str::from_ucs4(cx, &v[from..to]),
        })
    }

    /// Overwrites from `pos` on, filling a gap with NULs. Called with the lock of the stream, for which others
    /// wait detached.
    fn put(&mut self, pos: usize, s: &Str) {
        let moved = if s.kind() == 1 { 0 } else { self.len() };
        // SAFETY: the buffer is memory of the stream, the text an str's that the caller holds.
        unsafe {
            taipan_heap::Mutator::here()
                .plain(moved.max(pos - pos.min(self.len())).max(s.len()), || self.put_here(pos, s));
        }
    }

    fn put_here(&mut self, pos: usize, s: &Str) {
        if let Text::Narrow(v) = self
            && s.kind() != 1
        {
            *self = Text::Wide(v.iter().map(|b| *b as u32).collect());
        }
        match self {
            Text::Narrow(v) => {
                if pos > v.len() {
                    v.resize(pos, 0);
                }
                let src = s.data_bytes();
                let over = src.len().min(v.len() - pos);
                v[pos..pos + over].copy_from_slice(&src[..over]);
                v.extend_from_slice(&src[over..]);
            }
            Text::Wide(v) => {
                if pos > v.len() {
                    v.resize(pos, 0);
                }
                for (i, c) in s.chars().enumerate() {
                    match v.get_mut(pos + i) {
                        Some(x) => *x = c,
                        None => v.push(c),
                    }
                }
            }
        }
    }

    fn truncate(&mut self, n: usize) {
        match self {
            Text::Narrow(v) => v.truncate(n),
            Text::Wide(v) => v.truncate(n),
        }
    }

    fn find(&self, from: usize, to: usize, c: u32) -> Option<usize> {
        match self {
            Text::Narrow(v) => super::bytesio::memchr(c as u8, &v[from..to]).map(|i| from + i),
            Text::Wide(v) => {
                let part = &v[from..to];
                // A line is short mostly, however much follows.
                let (near, far) = part.split_at(part.len().min(1 << 14));
                let find = |part: &[u32]| part.iter().position(|x| *x == c);
                let near_by = find(near).map(|i| from + i);
                near_by
                    .or_else(|| plain(4 * far.len(), || find(far)).map(|i| from + near.len() + i))
            }
        }
    }
}

#[repr(C)]
pub struct StringIO {
    pub head: Head,
    state: Guarded<State>,
}

taipan_vm::pytype! { StringIO, PyStringIO_Type, name: "StringIO", module: "_io", base: TextIOBase,
flags: tpflags::BASETYPE, doc: "StringIO(initial_value='', newline='\\n')\n--\n\nA text stream over a buffer in memory.\n\nnewline works as in open()." }

/// The end of the line that starts at `from`, for a stream's newline mode.
fn line_end(s: &State, from: usize, limit: isize) -> usize {
    let n = s.buf.len();
    let to = if limit >= 0 { n.min(from + limit as usize) } else { n };
    let universal = s.newline == Some("");
    if universal {
        let mut i = from;
        while i < to {
            match s.buf.at(i) {
                10 => return i + 1,
                13 => return if i + 1 < to && s.buf.at(i + 1) == 10 { i + 2 } else { i + 1 },
                _ => i += 1,
            }
            if i & 0x3FFF == 0 {
                taipan_heap::Mutator::here().poll();
            }
        }
        return to;
    }
    let nl = match s.newline {
        None | Some("\n") => "\n",
        Some(x) => x,
    };
    let first = nl.as_bytes()[0] as u32;
    let mut i = from;
    while let Some(at) = s.buf.find(i, to, first) {
        if nl.len() == 1 {
            return at + 1;
        }
        if at + 1 < to && s.buf.at(at + 1) == 10 {
            return at + 2;
        }
        i = at + 1;
    }
    to
}

impl StringIO {
    fn open<'a>(cx: &Thread, this: &'a StringIO) -> Res<Guard<'a, State>> {
        let g = this.state.lock(cx, Value::from_ref(this))?;
        if !g.ready {
            drop(g);
            raise!(cx, ValueError, "I/O operation on uninitialized object");
        }
        if g.closed {
            drop(g);
            raise!(cx, ValueError, "I/O operation on closed file");
        }
        Ok(g)
    }

    fn put(cx: &Thread, s: &mut State, text: &'static Str) -> Res<()> {
        let decoded = match &mut s.decode {
            Some(d) => d.feed(cx, text, true),
            None => text,
        };
        let out = match s.write_nl {
            Some(nl) => super::textio::replace_newlines(cx, decoded, nl)?,
            None => decoded,
        };
        if out.len() == 0 {
            return Ok(());
        }
        let had = s.buf.byte_capacity();
        s.buf.put(s.pos, out);
        s.pos += out.len();
        let more = s.buf.byte_capacity().saturating_sub(had);
        if more > 0 {
            cx.mutator.note_external(more);
        }
        Ok(())
    }

    fn next_line(cx: &Thread, this: &StringIO, limit: isize) -> Res<Option<Value>> {
        let mut g = StringIO::open(cx, this)?;
        let from = g.pos;
        if from >= g.buf.len() {
            return Ok(None);
        }
        let to = line_end(&g, from, limit);
        g.pos = to;
        Ok(Some(g.buf.make(cx, from, to)))
    }
}

#[pymethods]
impl StringIO {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let state = Guarded::new(State {
            buf: Text::Narrow(Vec::new()),
            pos: 0,
            closed: false,
            ready: false,
            newline: None,
            decode: None,
            write_nl: None,
        });
        let s = cx.alloc_in(cls, StringIO { head: fresh_head(), state });
        crate::free_guarded_on_drop!(cx, s, StringIO, state);
        Ok(Value::from_ref(s))
    }

    #[slot(sig = "(self, initial_value='', newline='\\n')")]
    fn __init__(
        cx: &Thread,
        this: &StringIO,
        initial_value: Option<Value>,
        newline: Option<Value>,
    ) -> Res<()> {
        let newline = match newline {
            None => Some("\n"),
            Some(v) if v.is_none() => None,
            Some(v) => match v.downcast::<Str>() {
                Some(s) => Some(super::textio::newline_arg(cx, s)?),
                None => raise!(cx, TypeError, "newline must be str or None, not {}", v.ty().name()),
            },
        };
        let text = match initial_value {
            None => None,
            Some(v) if v.is_none() => None,
            Some(v) => match v.downcast::<Str>() {
                Some(s) => Some(s),
                None => raise!(
                    cx,
                    TypeError,
                    "initial_value must be str or None, not {}",
                    v.ty().name()
                ),
            },
        };
        let mut g = this.state.lock(cx, Value::from_ref(this))?;
        g.buf = Text::Narrow(Vec::new());
        g.pos = 0;
        g.closed = false;
        g.newline = newline;
        g.write_nl = newline.filter(|n| n.starts_with('\r'));
        g.decode = match newline {
            None => Some(Newlines { translate: true, ..Default::default() }),
            Some("") => Some(Newlines::default()),
            _ => None,
        };
        g.ready = true;
        if let Some(s) = text {
            StringIO::put(cx, &mut g, s)?;
            g.pos = 0;
        }
        Ok(())
    }

    #[pymethod]
    fn getvalue(cx: &Thread, this: &StringIO) -> Res {
        let g = StringIO::open(cx, this)?;
        Ok(g.buf.make(cx, 0, g.buf.len()))
    }

    #[pymethod]
    fn tell(cx: &Thread, this: &StringIO) -> Res<usize> {
        StringIO::open(cx, this).map(|g| g.pos)
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn read(cx: &Thread, this: &StringIO, size: Option<Value>) -> Res {
        let n = size_arg(cx, size)?;
        let mut g = StringIO::open(cx, this)?;
        let len = g.buf.len();
        let from = g.pos.min(len);
        let to = if n < 0 { len } else { len.min(from.saturating_add(n as usize)) };
        if g.pos <= len {
            g.pos = to;
        }
        Ok(g.buf.make(cx, from, to))
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn readline(cx: &Thread, this: &StringIO, size: Option<Value>) -> Res {
        let n = size_arg(cx, size)?;
        match StringIO::next_line(cx, this, n)? {
            Some(v) => Ok(v),
            None => Ok(Value::from_ref(Str::new(cx, ""))),
        }
    }

    #[slot]
    fn __next__(cx: &Thread, this: Value) -> Res<Option<Value>> {
        if let Some(s) = this.downcast_exact::<StringIO>() {
            return StringIO::next_line(cx, s, -1);
        }
        let line = call_method(cx, this, id!(cx, "readline"), &[])?;
        match line.downcast::<Str>() {
            None => raise!(
                cx,
                OSError,
                "readline() should have returned a str object, not '{}'",
                line.ty().name()
            ),
            Some(s) if s.len() == 0 => Ok(None),
            Some(_) => Ok(Some(line)),
        }
    }

    #[pymethod(sig = "(self, pos=None, /)")]
    fn truncate(cx: &Thread, this: &StringIO, pos: Value) -> Res<usize> {
        let n = match pos.is_none() {
            true => StringIO::open(cx, this)?.pos as isize,
            false => {
                StringIO::open(cx, this)?;
                size_arg(cx, Some(pos))?
            }
        };
        if n < 0 {
            raise!(cx, ValueError, "Negative size value {n}");
        }
        let mut g = StringIO::open(cx, this)?;
        g.buf.truncate(n as usize);
        Ok(n as usize)
    }

    #[pymethod(sig = "(self, pos, whence=0, /)")]
    fn seek(cx: &Thread, this: &StringIO, pos: isize, whence: i32) -> Res<usize> {
        let mut g = StringIO::open(cx, this)?;
        let fault = match whence {
            0 if pos < 0 => Some(err!(cx, ValueError, "Negative seek position {pos}")),
            0 => None,
            1 | 2 if pos != 0 => Some(err!(cx, OSError, "Can't do nonzero cur-relative seeks")),
            1 | 2 => None,
            _ => Some(err!(cx, ValueError, "Invalid whence ({whence}, should be 0, 1 or 2)")),
        };
        if let Some(e) = fault {
            return Err(e);
        }
        g.pos = match whence {
            0 => pos as usize,
            1 => g.pos,
            _ => g.buf.len(),
        };
        Ok(g.pos)
    }

    #[pymethod]
    fn write(cx: &Thread, this: &StringIO, s: Value) -> Res<usize> {
        let Some(text) = s.downcast::<Str>() else {
            raise!(cx, TypeError, "string argument expected, got '{}'", s.ty().name());
        };
        let mut g = StringIO::open(cx, this)?;
        StringIO::put(cx, &mut g, text)?;
        Ok(text.len())
    }

    #[pymethod]
    fn close(cx: &Thread, this: &StringIO) -> Res<()> {
        let mut g = this.state.lock(cx, Value::from_ref(this))?;
        g.closed = true;
        g.buf = Text::Narrow(Vec::new());
        Ok(())
    }

    #[pymethod]
    fn readable(cx: &Thread, this: &StringIO) -> Res<bool> {
        StringIO::open(cx, this).map(|_| true)
    }

    #[pymethod]
    fn writable(cx: &Thread, this: &StringIO) -> Res<bool> {
        StringIO::open(cx, this).map(|_| true)
    }

    #[pymethod]
    fn seekable(cx: &Thread, this: &StringIO) -> Res<bool> {
        StringIO::open(cx, this).map(|_| true)
    }

    #[pymethod]
    fn __getstate__(cx: &Thread, this: &StringIO) -> Res {
        let text = StringIO::getvalue(cx, this)?;
        let (nl, pos) = {
            let g = StringIO::open(cx, this)?;
            (g.newline, g.pos)
        };
        let nl = nl.map_or(none(), |s| Value::from_ref(Str::new(cx, s)));
        let d = match taipan_vm::types::attr::instance_dict(cx, Value::from_ref(this)) {
            Some(d) if !d.is_empty() => Value::from_ref(d.copy(cx)),
            _ => none(),
        };
        Ok(Value::from_ref(Tuple::from_slice(cx, &[text, nl, int_from_i128(cx, pos as i128), d])))
    }

    #[pymethod]
    fn __setstate__(cx: &Thread, this: &StringIO, state: Value) -> Res<()> {
        if this.state.lock(cx, Value::from_ref(this))?.closed {
            raise!(cx, ValueError, "I/O operation on closed file");
        }
        let Some(t) = state.downcast::<Tuple>().filter(|t| t.len() >= 4) else {
            raise!(
                cx,
                TypeError,
                "{}.__setstate__ argument should be 4-tuple, got {}",
                Value::from_ref(this).ty().name(),
                state.ty().name()
            );
        };
        StringIO::__init__(cx, this, Some(Value::from_ref(Str::new(cx, ""))), Some(t.get(1)))?;
        let text = t.get(0).downcast::<Str>();
        if text.is_none() && !t.get(0).is_none() {
            raise!(
                cx,
                TypeError,
                "initial_value must be str or None, not {}",
                t.get(0).ty().name()
            );
        }
        if !taipan_vm::objects::int::is_int(t.get(2)) {
            raise!(
                cx,
                TypeError,
                "third item of state must be an integer, got '{}'",
                t.get(2).ty().name()
            );
        }
        let pos = index_isize(cx, t.get(2), exc::OverflowError())?;
        if pos < 0 {
            raise!(cx, ValueError, "position value cannot be negative");
        }
        {
            let mut g = StringIO::open(cx, this)?;
            g.buf = Text::Narrow(Vec::new());
            if let Some(text) = text {
                g.buf.put(0, text);
            }
            g.pos = pos as usize;
        }
        super::update_instance_dict(
            cx,
            Value::from_ref(this),
            t.get(3),
            "fourth item of state should be a dict, got a ",
        )
    }

    #[getter]
    fn closed(cx: &Thread, this: &StringIO) -> Res<bool> {
        let g = this.state.lock(cx, Value::from_ref(this))?;
        if !g.ready {
            drop(g);
            raise!(cx, ValueError, "I/O operation on uninitialized object");
        }
        Ok(g.closed)
    }

    #[getter]
    fn line_buffering(cx: &Thread, this: &StringIO) -> Res<bool> {
        StringIO::open(cx, this).map(|_| false)
    }

    #[getter]
    fn newlines(cx: &Thread, this: &StringIO) -> Res {
        let g = StringIO::open(cx, this)?;
        Ok(g.decode.map_or(none(), |d| d.value(cx)))
    }
}
