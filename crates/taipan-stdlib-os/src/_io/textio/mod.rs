//! `TextIOWrapper`: text over a buffered binary stream.
//!
//! Decoded text that was not handed out yet is `decoded` from `used` on; the *snapshot* is the
//! decoder's state and input before it, from which `tell` can work out where that is in bytes.
//! The lock is held across calls into the buffer, from which this thread may come back (`Guard::call_out`); no method of the stream
//! itself is called under it.

mod position;
mod stream;

pub use stream::{newline_arg, replace_newlines};

use super::base::{self, TextIOBase, size_arg};
use super::newline::{IncrementalNewlineDecoder, Newlines};
use super::textcodec::{self, Kind, Native};
use super::{buffered, pending, unsupported};
use crate::guarded::{Guard, Guarded};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    New,
    Ready,
    Detached,
}

struct State {
    status: Status,
    kind: Kind,
    native: Native,
    can_read: bool,
    can_write: bool,
    /// Code points of `decoded` that were handed out.
    used: usize,
    has_decoded: bool,
    unwritten: Vec<u8>,
    chunk: usize,
    line_buffering: bool,
    write_through: bool,
    universal: bool,
    read_translate: bool,
    read_nl: Option<&'static str>,
    write_nl: Option<&'static str>,
    seekable: bool,
    telling: bool,
    has_read1: bool,
    bytes_per_char: f64,
    /// The decoder's flags at the snapshot; its input is the slot `snapshot`.
    snapshot_flags: i64,
    has_snapshot: bool,
    finalizing: bool,
}

impl State {
    fn new() -> State {
        State {
            status: Status::New,
            kind: Kind::Other,
            native: Native::default(),
            can_read: false,
            can_write: false,
            used: 0,
            has_decoded: false,
            unwritten: Vec::new(),
            chunk: super::DEFAULT_BUFFER_SIZE,
            line_buffering: false,
            write_through: false,
            universal: false,
            read_translate: false,
            read_nl: None,
            write_nl: None,
            seekable: false,
            telling: false,
            has_read1: false,
            bytes_per_char: 0.0,
            snapshot_flags: 0,
            has_snapshot: false,
            finalizing: false,
        }
    }
}

#[repr(C)]
pub struct TextIOWrapper {
    pub head: Head,
    buffer: Slot,
    encoding: Slot,
    errors: Slot,
    decoder: Slot,
    encoder: Slot,
    decoded: Slot,
    snapshot: Slot,
    state: Guarded<State>,
}

taipan_vm::pytype! { TextIOWrapper, PyTextIOWrapper_Type, name: "TextIOWrapper", module: "_io",
base: TextIOBase, flags: tpflags::BASETYPE,
doc: "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)\n--\n\nText over a buffered binary stream: encodes what is written, decodes what is read, translates newlines." }

/// One locked operation.
struct Session<'a> {
    cx: &'a Thread,
    t: &'a TextIOWrapper,
    g: Guard<'a, State>,
}

fn session<'a>(cx: &'a Thread, t: &'a TextIOWrapper) -> Res<Session<'a>> {
    let g = t.state.lock(cx, Value::from_ref(t))?;
    match g.status {
        Status::Ready => Ok(Session { cx, t, g }),
        s => {
            drop(g);
            match s {
                Status::Detached => raise!(cx, ValueError, "underlying buffer has been detached"),
                _ => raise!(cx, ValueError, "I/O operation on uninitialized object"),
            }
        }
    }
}

fn open_session<'a>(cx: &'a Thread, t: &'a TextIOWrapper) -> Res<Session<'a>> {
    let mut s = session(cx, t)?;
    let b = s.buffer();
    let closed =
        s.g.call_out(|| get_attr(cx, b, id!(cx, "closed")).and_then(|c| is_true(cx, c)))?;
    if !closed {
        return Ok(s);
    }
    drop(s);
    raise!(cx, ValueError, "I/O operation on closed file.")
}

impl Session<'_> {
    /// Calls a method of the buffer or a codec; what runs there may come back to this stream.
    fn call(&mut self, of: Value, name: &Str, args: &[Value]) -> Res {
        let cx = self.cx;
        self.g.call_out(|| call_method(cx, of, name, args))
    }

    fn buffer(&self) -> Value {
        self.t.buffer.get().unwrap_or(none())
    }

    fn errors(&self) -> Option<&'static Str> {
        self.t.errors.get().and_then(|e| e.downcast::<Str>())
    }

    fn decoded(&self) -> Option<&'static Str> {
        match self.g.has_decoded {
            true => self.t.decoded.get().and_then(|v| v.downcast::<Str>()),
            false => None,
        }
    }

    fn set_decoded(&mut self, s: Option<&'static Str>) {
        self.t.decoded.set_option(self.t, s.map(|s| Value::from_ref(s)));
        self.g.has_decoded = s.is_some();
        self.g.used = 0;
    }

    fn set_snapshot(&mut self, flags: i64, input: &[u8]) {
        self.t.snapshot.set(self.t, Value::from_ref(Bytes::new(self.cx, input)));
        self.g.snapshot_flags = flags;
        self.g.has_snapshot = true;
    }

    fn clear_snapshot(&mut self) {
        self.t.snapshot.set_option(self.t, None);
        self.g.has_snapshot = false;
    }

    /// Up to `n` characters of the decoded text.
    fn take(&mut self, n: usize) -> Option<&'static Str> {
        let d = self.decoded()?;
        let from = self.g.used;
        let to = d.len().min(from.saturating_add(n));
        if to == from {
            return None;
        }
        self.g.used = to;
        Some(if from == 0 && to == d.len() { d } else { Str::substring(self.cx, d, from, to) })
    }

    fn decode(&mut self, input: &[u8], last: bool) -> Res<&'static Str> {
        match self.t.decoder.get() {
            Some(d) => {
                let b = Value::from_ref(Bytes::new(self.cx, input));
                let cx = self.cx;
                self.g.call_out(|| textcodec::decode_by(cx, d, b, last))
            }
            None => {
                let (kind, errors) = (self.g.kind, self.errors());
                self.g.native.decode(self.cx, kind, errors, input, last)
            }
        }
    }

    fn decoder_state(&mut self) -> Res<(Vec<u8>, i64)> {
        let cx = self.cx;
        match self.t.decoder.get() {
            Some(d) => {
                let (b, f) = self.g.call_out(|| textcodec::decoder_state(cx, d))?;
                Ok((b.as_slice().to_vec(), f))
            }
            None => Ok((self.g.native.held.clone(), self.g.native.flags())),
        }
    }

    fn set_decoder_state(&mut self, held: &[u8], flags: i64) -> Res<()> {
        let cx = self.cx;
        match self.t.decoder.get() {
            Some(d) if held.is_empty() && flags == 0 => {
                self.call(d, id!(self.cx, "reset"), &[]).map(|_| ())
            }
            Some(d) => self.g.call_out(|| textcodec::set_decoder_state(cx, d, held, flags)),
            None => {
                self.g.native.set(held, flags);
                Ok(())
            }
        }
    }

    fn reset_decoder(&mut self) -> Res<()> {
        match self.t.decoder.get() {
            Some(d) => self.call(d, id!(self.cx, "reset"), &[]).map(|_| ()),
            None => {
                self.g.native.reset();
                Ok(())
            }
        }
    }

    /// Makes decoder and encoder for the encoding and newline mode.
    fn set_codec(&mut self, encoding: &'static Str, errors: &'static Str) -> Res<()> {
        let cx = self.cx;
        let kind = Kind::of(encoding);
        let readable = is_true(cx, self.call(self.buffer(), id!(cx, "readable"), &[])?)?;
        let writable = is_true(cx, self.call(self.buffer(), id!(cx, "writable"), &[])?)?;
        let (mut decoder, mut encoder) = (None, None);
        let translate = self.g.read_translate;
        let newlines = self.g.universal.then_some(Newlines { translate, ..Default::default() });
        if kind == Kind::Other {
            let info = textcodec::lookup(cx, encoding)?;
            let e = Value::from_ref(errors);
            if readable {
                let f = get_attr(cx, info, id!(cx, "incrementaldecoder"))?;
                let mut d = call(cx, f, &[e])?;
                if newlines.is_some() {
                    let cls = Value::from_ref(IncrementalNewlineDecoder::type_object());
                    d = call(cx, cls, &[d, py_bool(translate)])?;
                }
                decoder = Some(d);
            }
            if writable {
                let f = get_attr(cx, info, id!(cx, "incrementalencoder"))?;
                encoder = Some(call(cx, f, &[e])?);
            }
        }
        self.t.decoder.set_option(self.t, decoder);
        self.t.encoder.set_option(self.t, encoder);
        self.t.encoding.set(self.t, Value::from_ref(encoding));
        self.t.errors.set(self.t, Value::from_ref(errors));
        self.g.kind = kind;
        self.g.native = Native { held: Vec::new(), newlines };
        (self.g.can_read, self.g.can_write) = (readable, writable);
        Ok(())
    }

    fn fix_encoder(&mut self) -> Res<()> {
        let Some(e) = self.t.encoder.get() else { return Ok(()) };
        if !self.g.seekable {
            // CPython's own encoders of these write their mark only where a stream's start is known.
            let encoding = self.t.encoding.get().and_then(|e| e.downcast::<Str>());
            let name = encoding.map_or(String::new(), |e| e.to_string());
            let name = name.to_ascii_lowercase().replace('_', "-");
            if matches!(name.as_str(), "utf-16" | "utf16" | "utf-32" | "utf32") {
                self.call(e, id!(self.cx, "setstate"), &[Value::small(0)])?;
            }
            return Ok(());
        }
        let pos = self.call(self.buffer(), id!(self.cx, "tell"), &[])?;
        if !eq(self.cx, pos, Value::small(0))? {
            self.call(e, id!(self.cx, "setstate"), &[Value::small(0)])?;
        }
        Ok(())
    }

    fn set_newline(&mut self, nl: Option<&'static str>) {
        self.g.read_nl = nl;
        self.g.universal = nl.is_none_or(|n| n.is_empty());
        self.g.read_translate = nl.is_none();
        self.g.write_nl = nl.filter(|n| n.starts_with('\r'));
    }
}

/// For `pending`: writes out a stream over a native writer over a file.
pub fn flush_quietly(cx: &Thread, v: Value) {
    let Some(t) = v.downcast_exact::<TextIOWrapper>() else { return };
    let Some(b) = t.buffer.get() else { return };
    if buffered::as_buffered(b).is_none() {
        return;
    }
    if let Ok(mut s) = session(cx, t)
        && !s.g.unwritten.is_empty()
    {
        let closed = get_attr(cx, b, id!(cx, "closed"));
        if closed.is_ok_and(|c| c == py_bool(false)) {
            let _ = s.flush_writes();
        }
    }
    // Another thread, or a finaliser, may just have handed down what was in this stream.
    buffered::flush_quietly(cx, b);
}

fn text_arg(cx: &Thread, name: &str, v: Value) -> Res<Option<&'static Str>> {
    if v.is_none() {
        return Ok(None);
    }
    match v.downcast::<Str>() {
        Some(s) => Ok(Some(s)),
        None => raise!(
            cx,
            TypeError,
            "TextIOWrapper() argument '{name}' must be str or None, not {}",
            taipan_vm::bind::type_or_none(v)
        ),
    }
}

fn locale_encoding(cx: &Thread) -> &'static Str {
    let utf8_mode = cx.vm.config.get().is_some_and(|c| c.utf8_mode);
    if utf8_mode {
        return id!(cx, "utf-8");
    }
    // SAFETY: nl_langinfo returns a NUL-terminated string.
    let name = unsafe { std::ffi::CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) };
    match name.to_str() {
        // The C locale's ASCII is coerced to UTF-8 (PEP 538).
        Ok("") | Ok("ANSI_X3.4-1968") | Err(_) => id!(cx, "UTF-8"),
        Ok(n) => taipan_vm::objects::str::intern(cx, n),
    }
}

fn init(
    cx: &Thread,
    this: &TextIOWrapper,
    buffer: Value,
    text: [Value; 3],
    line_buffering: bool,
    write_through: bool,
) -> Res<()> {
    let [encoding, errors, newline] = text;
    this.state.lock(cx, Value::from_ref(this))?.status = Status::New;
    let encoding = text_arg(cx, "encoding", encoding)?;
    let errors = match text_arg(cx, "errors", errors)? {
        Some(e) => e,
        None => id!(cx, "strict"),
    };
    let newline = match text_arg(cx, "newline", newline)? {
        Some(n) => Some(newline_arg(cx, n)?),
        None => None,
    };
    for s in [encoding, Some(errors)].into_iter().flatten() {
        // Names go to the codec registry as UTF-8: what has none is refused here.
        s.utf8(cx)?;
        if s.chars().any(|c| c == 0) {
            raise!(cx, ValueError, "embedded null character");
        }
    }
    let encoding = match encoding {
        None => {
            if super::warn_default_encoding(cx) {
                let msg = "'encoding' argument not specified";
                taipan_vm::objects::warn(cx, exc::EncodingWarning(), msg, 1)?;
            }
            locale_encoding(cx)
        }
        Some(e) if e.eq_str("locale") => locale_encoding(cx),
        Some(e) => e,
    };
    if Kind::of(encoding) == Kind::Other {
        textcodec::lookup(cx, encoding)?;
    }
    this.buffer.set(this, buffer);
    this.decoded.set_option(this, None);
    this.snapshot.set_option(this, None);
    let mut g = this.state.lock(cx, Value::from_ref(this))?;
    *g = State::new();
    g.line_buffering = line_buffering;
    g.write_through = write_through;
    let mut s = Session { cx, t: this, g };
    s.set_newline(newline);
    s.set_codec(encoding, errors)?;
    let seekable = is_true(cx, call_method(cx, buffer, id!(cx, "seekable"), &[])?)?;
    s.g.has_read1 = get_attr_opt(cx, buffer, id!(cx, "read1"))?.is_some();
    s.g.seekable = seekable;
    s.g.telling = seekable;
    s.fix_encoder()?;
    s.g.status = Status::Ready;
    drop(s);
    if let Some(b) = buffered::as_buffered(buffer) {
        b.owner.set(b, Value::from_ref(this));
        pending::register(cx, Value::from_ref(this));
    }
    Ok(())
}

impl TextIOWrapper {
    fn new_in(cx: &Thread, cls: &Type) -> &'static TextIOWrapper {
        let t = TextIOWrapper {
            head: fresh_head(),
            buffer: Slot::empty(),
            encoding: Slot::empty(),
            errors: Slot::empty(),
            decoder: Slot::empty(),
            encoder: Slot::empty(),
            decoded: Slot::empty(),
            snapshot: Slot::empty(),
            state: Guarded::new(State::new()),
        };
        let t = cx.alloc_in(cls, t);
        crate::free_guarded_on_drop!(cx, t, TextIOWrapper, state);
        t
    }

    /// As `open` makes one: (encoding, errors, newline) as given there.
    pub fn make(cx: &Thread, buffer: Value, text: [Value; 3], line_buffering: bool) -> Res {
        let t = TextIOWrapper::new_in(cx, TextIOWrapper::type_object());
        init(cx, t, buffer, text, line_buffering, false)?;
        Ok(Value::from_ref(t))
    }

    fn forward(cx: &Thread, this: &TextIOWrapper, name: &Str) -> Res {
        let b = session(cx, this)?.buffer();
        call_method(cx, b, name, &[])
    }

    fn optional_bool(cx: &Thread, v: Value, now: bool) -> Res<bool> {
        if v.is_none() {
            return Ok(now);
        }
        let i = index(cx, v)?;
        is_true(cx, i)
    }
}

#[pymethods]
impl TextIOWrapper {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(TextIOWrapper::new_in(cx, cls)))
    }

    #[slot(
        sig = "(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)"
    )]
    fn __init__(
        cx: &Thread,
        this: &TextIOWrapper,
        buffer: Value,
        encoding: Value,
        errors: Value,
        newline: Value,
        line_buffering: bool,
        write_through: bool,
    ) -> Res<()> {
        init(cx, this, buffer, [encoding, errors, newline], line_buffering, write_through)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &TextIOWrapper) -> Res {
        let me = Value::from_ref(this);
        let Some(encoding) = this.encoding.get() else {
            raise!(cx, ValueError, "I/O operation on uninitialized object");
        };
        let Some(_in) = taipan_vm::objects::text_builder::enter_repr(cx, me) else {
            raise!(cx, RuntimeError, "reentrant call inside {}.__repr__", me.ty().name());
        };
        let mut out = format!("<{}", me.ty().name()).into_bytes();
        match get_attr_opt(cx, me, id!(cx, "name")) {
            Ok(Some(n)) => {
                out.extend_from_slice(b" name=");
                out.extend_from_slice(&repr(cx, n)?.to_wtf8());
            }
            Err(e) if !e.is(exc::ValueError()) => return Err(e),
            _ => {}
        }
        if let Some(m) = get_attr_opt(cx, me, id!(cx, "mode"))? {
            out.extend_from_slice(b" mode=");
            out.extend_from_slice(&repr(cx, m)?.to_wtf8());
        }
        out.extend_from_slice(b" encoding=");
        out.extend_from_slice(&repr(cx, encoding)?.to_wtf8());
        out.push(b'>');
        Ok(Value::from_ref(Str::from_wtf8(cx, &out)))
    }

    #[pymethod(
        sig = "(self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)"
    )]
    fn reconfigure(
        cx: &Thread,
        this: &TextIOWrapper,
        encoding: Value,
        errors: Value,
        newline: Option<Value>,
        line_buffering: Value,
        write_through: Value,
    ) -> Res<()> {
        let text = |name: &str, v: Value| -> Res<Option<&'static Str>> {
            match v.downcast::<Str>() {
                Some(s) => Ok(Some(s)),
                None if v.is_none() => Ok(None),
                None => raise!(
                    cx,
                    TypeError,
                    "reconfigure() argument '{name}' must be str or None, not {}",
                    taipan_vm::bind::type_or_none(v)
                ),
            }
        };
        let encoding = text("encoding", encoding)?;
        let errors = text("errors", errors)?;
        let new_nl = match newline {
            Some(v) => Some(match text("newline", v)? {
                Some(s) => Some(newline_arg(cx, s)?),
                None => None,
            }),
            None => None,
        };
        let (lb, wt) = {
            let s = session(cx, this)?;
            if s.g.has_decoded && (encoding.is_some() || errors.is_some() || new_nl.is_some()) {
                drop(s);
                return Err(unsupported(
                    cx,
                    "It is not possible to set the encoding or newline of stream after the first read",
                ));
            }
            (s.g.line_buffering, s.g.write_through)
        };
        let lb = TextIOWrapper::optional_bool(cx, line_buffering, lb)?;
        let wt = TextIOWrapper::optional_bool(cx, write_through, wt)?;
        call_method(cx, Value::from_ref(this), id!(cx, "flush"), &[])?;
        let mut s = session(cx, this)?;
        s.g.bytes_per_char = 0.0;
        if let Some(nl) = new_nl {
            s.set_newline(nl);
        }
        if encoding.is_some() || errors.is_some() || new_nl.is_some() {
            let old =
                |slot: &Slot| slot.get().and_then(|v| v.downcast::<Str>()).expect("set by init");
            let enc = match encoding {
                None => old(&this.encoding),
                Some(e) if e.eq_str("locale") => locale_encoding(cx),
                Some(e) => e,
            };
            let err = match (errors, encoding) {
                (Some(e), _) => e,
                (None, None) => old(&this.errors),
                (None, Some(_)) => id!(cx, "strict"),
            };
            s.set_codec(enc, err)?;
            s.fix_encoder()?;
        }
        s.g.line_buffering = lb;
        s.g.write_through = wt;
        Ok(())
    }

    #[pymethod]
    fn detach(cx: &Thread, this: &TextIOWrapper) -> Res {
        session(cx, this)?;
        call_method(cx, Value::from_ref(this), id!(cx, "flush"), &[])?;
        let mut s = session(cx, this)?;
        let b = s.buffer();
        this.buffer.set_option(this, None);
        s.g.status = Status::Detached;
        if let Some(b) = buffered::as_buffered(b) {
            b.owner.set_option(b, None);
        }
        Ok(b)
    }

    #[pymethod(text = "($self, text, /)")]
    fn write(cx: &Thread, this: &TextIOWrapper, s: Value) -> Res<usize> {
        let Some(text) = s.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "write() argument must be str, not {}",
                taipan_vm::bind::type_or_none(s)
            );
        };
        open_session(cx, this)?.write(text)?;
        Ok(text.len())
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn read(cx: &Thread, this: &TextIOWrapper, size: Option<Value>) -> Res {
        let n = size_arg(cx, size)?;
        let mut s = open_session(cx, this)?;
        if !s.g.can_read {
            drop(s);
            return Err(unsupported(cx, "not readable"));
        }
        s.flush_writes()?;
        if n < 0 { s.read_all() } else { s.read(n as usize) }
    }

    #[pymethod(sig = "(self, size=-1, /)")]
    fn readline(cx: &Thread, this: &TextIOWrapper, size: Option<Value>) -> Res {
        let n = size_arg(cx, size)?;
        open_session(cx, this)?.readline(n.max(-1))
    }

    #[slot]
    fn __next__(cx: &Thread, this: Value) -> Res<Option<Value>> {
        let t = this.downcast::<TextIOWrapper>().expect("checked by the slot");
        session(cx, t)?.g.telling = false;
        let line = if this.ty().is(TextIOWrapper::type_object()) {
            open_session(cx, t)?.readline(-1)?
        } else {
            let l = call_method(cx, this, id!(cx, "readline"), &[])?;
            if l.downcast::<Str>().is_none() {
                raise!(
                    cx,
                    OSError,
                    "readline() should have returned a str object, not '{}'",
                    l.ty().name()
                );
            }
            l
        };
        if line.downcast::<Str>().is_some_and(|s| s.len() == 0) {
            let mut s = session(cx, t)?;
            s.clear_snapshot();
            s.g.telling = s.g.seekable;
            return Ok(None);
        }
        Ok(Some(line))
    }

    #[pymethod]
    fn flush(cx: &Thread, this: &TextIOWrapper) -> Res<()> {
        open_session(cx, this)?.flush()
    }

    #[pymethod]
    fn close(cx: &Thread, this: &TextIOWrapper) -> Res {
        let me = Value::from_ref(this);
        session(cx, this)?;
        if base::is_closed(cx, me)? {
            return Ok(none());
        }
        let (buffer, finalizing) = {
            let s = session(cx, this)?;
            (s.buffer(), s.g.finalizing)
        };
        if finalizing {
            let _ = match buffered::as_buffered(buffer) {
                Some(_) => get_attr(cx, buffer, id!(cx, "raw"))
                    .and_then(|raw| buffered::dealloc_warn(cx, raw, me)),
                None => buffered::dealloc_warn(cx, buffer, me),
            };
        }
        let flushed = call_method(cx, me, id!(cx, "flush"), &[]);
        let closed = call_method(cx, buffer, id!(cx, "close"), &[]);
        match (flushed, closed) {
            (Err(f), Err(c)) => {
                let e = taipan_vm::objects::exceptions::of(c.0);
                if c.0 != f.0 {
                    e.context.set(e, f.0);
                }
                Err(c)
            }
            (Err(f), _) => Err(f),
            (_, c) => {
                base::nothing_to_finalize(me);
                c
            }
        }
    }

    #[pymethod]
    fn fileno(cx: &Thread, this: &TextIOWrapper) -> Res {
        TextIOWrapper::forward(cx, this, id!(cx, "fileno"))
    }

    #[pymethod]
    fn seekable(cx: &Thread, this: &TextIOWrapper) -> Res {
        TextIOWrapper::forward(cx, this, id!(cx, "seekable"))
    }

    #[pymethod]
    fn readable(cx: &Thread, this: &TextIOWrapper) -> Res {
        TextIOWrapper::forward(cx, this, id!(cx, "readable"))
    }

    #[pymethod]
    fn writable(cx: &Thread, this: &TextIOWrapper) -> Res {
        TextIOWrapper::forward(cx, this, id!(cx, "writable"))
    }

    #[pymethod]
    fn isatty(cx: &Thread, this: &TextIOWrapper) -> Res {
        TextIOWrapper::forward(cx, this, id!(cx, "isatty"))
    }

    #[pymethod]
    fn tell(cx: &Thread, this: &TextIOWrapper) -> Res {
        open_session(cx, this)?.tell()
    }

    #[pymethod(
        sig = "(self, cookie, whence=0, /)",
        text = "($self, cookie, whence=os.SEEK_SET, /)"
    )]
    fn seek(cx: &Thread, this: &TextIOWrapper, cookie: Value, whence: i32) -> Res {
        open_session(cx, this)?.seek(cookie, whence)
    }

    #[pymethod(sig = "(self, pos=None, /)")]
    fn truncate(cx: &Thread, this: &TextIOWrapper, pos: Value) -> Res {
        session(cx, this)?;
        call_method(cx, Value::from_ref(this), id!(cx, "flush"), &[])?;
        let b = session(cx, this)?.buffer();
        call_method(cx, b, id!(cx, "truncate"), &[pos])
    }

    #[pymethod]
    fn __getstate__(cx: &Thread, this: Value) -> Res {
        Err(super::cannot_pickle(cx, this))
    }

    #[getter]
    fn encoding(_cx: &Thread, this: &TextIOWrapper) -> Option<Value> {
        this.encoding.get()
    }

    #[getter]
    fn buffer(_cx: &Thread, this: &TextIOWrapper) -> Option<Value> {
        this.buffer.get()
    }

    #[getter]
    fn line_buffering(cx: &Thread, this: &TextIOWrapper) -> Res<bool> {
        Ok(this.state.lock(cx, Value::from_ref(this))?.line_buffering)
    }

    #[getter]
    fn write_through(cx: &Thread, this: &TextIOWrapper) -> Res<bool> {
        Ok(this.state.lock(cx, Value::from_ref(this))?.write_through)
    }

    #[getter]
    fn _finalizing(cx: &Thread, this: &TextIOWrapper) -> Res<bool> {
        Ok(this.state.lock(cx, Value::from_ref(this))?.finalizing)
    }

    #[setter]
    fn set__finalizing(cx: &Thread, this: &TextIOWrapper, v: Option<Value>) -> Res<()> {
        let on = v.map_or(Ok(false), |v| is_true(cx, v))?;
        this.state.lock(cx, Value::from_ref(this))?.finalizing = on;
        Ok(())
    }

    #[getter]
    fn name(cx: &Thread, this: &TextIOWrapper) -> Res {
        let b = session(cx, this)?.buffer();
        get_attr(cx, b, id!(cx, "name"))
    }

    #[getter]
    fn closed(cx: &Thread, this: &TextIOWrapper) -> Res {
        let b = session(cx, this)?.buffer();
        get_attr(cx, b, id!(cx, "closed"))
    }

    #[getter]
    fn newlines(cx: &Thread, this: &TextIOWrapper) -> Res {
        let s = session(cx, this)?;
        if let Some(d) = this.decoder.get() {
            return Ok(get_attr_opt(cx, d, id!(cx, "newlines"))?.unwrap_or(none()));
        }
        Ok(s.g.native.newlines.map_or(none(), |n| n.value(cx)))
    }

    #[getter]
    fn errors(cx: &Thread, this: &TextIOWrapper) -> Res<Option<Value>> {
        match this.errors.get() {
            Some(e) => Ok(Some(e)),
            None => raise!(cx, ValueError, "I/O operation on uninitialized object"),
        }
    }

    #[getter]
    fn _CHUNK_SIZE(cx: &Thread, this: &TextIOWrapper) -> Res<usize> {
        Ok(session(cx, this)?.g.chunk)
    }

    #[setter]
    fn set__CHUNK_SIZE(cx: &Thread, this: &TextIOWrapper, v: Option<Value>) -> Res<()> {
        session(cx, this)?;
        let Some(v) = v else { raise!(cx, AttributeError, "cannot delete attribute") };
        let n = index_isize(cx, v, exc::ValueError())?;
        if n <= 0 {
            raise!(cx, ValueError, "a strictly positive integer is required");
        }
        session(cx, this)?.g.chunk = n as usize;
        Ok(())
    }
}
