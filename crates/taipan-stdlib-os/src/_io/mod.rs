//! `_io`: streams. Raw files (`fileio`), buffering (`buffered`, `rwpair`), memory streams
//! (`bytesio`, `stringio`), text (`textio`, `newline`), their abstract bases (`base`), and the
//! list of writers nobody closed (`pending`).
//!
//! Layers that wrap one another know their wrapper (`owner` slots), so that finalisers, which run
//! in any order, flush from the outside in.

pub mod base;
pub mod buffered;
pub mod bytesio;
pub mod fileio;
pub mod newline;
pub mod pending;
pub mod rwpair;
pub mod stringio;
pub mod textcodec;
pub mod textio;

use buffered::{BufferedRandom, BufferedReader, BufferedWriter};
use fileio::FileIO;
use std::sync::OnceLock;
use taipan_vm::prelude::*;
use textio::TextIOWrapper;

pub const DEFAULT_BUFFER_SIZE: usize = 8192;

static UNSUPPORTED: OnceLock<Root<Value>> = OnceLock::new();

/// `io.UnsupportedOperation`.
pub fn unsupported_class(cx: &Thread) -> Res {
    if let Some(r) = UNSUPPORTED.get() {
        return Ok(r.get());
    }
    let bases = [Value::from_ref(exc::OSError()), Value::from_ref(exc::ValueError())];
    let ns = Dict::new(cx);
    ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "io")));
    let args = [
        Value::from_ref(id!(cx, "UnsupportedOperation")),
        Value::from_ref(Tuple::from_slice(cx, &bases)),
        Value::from_ref(ns),
    ];
    let cls = call(cx, Value::from_ref(Type::type_object()), &args)?;
    Ok(UNSUPPORTED.get_or_init(|| Root::new(cls)).get())
}

/// An `UnsupportedOperation` with a message.
#[cold]
pub fn unsupported(cx: &Thread, msg: &str) -> Raised {
    let made =
        unsupported_class(cx).and_then(|c| call(cx, c, &[Value::from_ref(Str::new(cx, msg))]));
    match made {
        Ok(e) => Raised(e),
        Err(e) => e,
    }
}

#[cold]
pub fn cannot_pickle(cx: &Thread, this: Value) -> Raised {
    err!(cx, TypeError, "cannot pickle '{}' instances", this.ty().name())
}

/// Issues a ResourceWarning; one that became an error is reported and dropped.
pub fn warn_unclosed(cx: &Thread, msg: &str, source: Value) {
    let r = (|| {
        let f = taipan_vm::objects::module::import_attr(cx, "_warnings", "warn")?;
        let args = [
            Value::from_ref(Str::new(cx, msg)),
            Value::from_ref(exc::ResourceWarning()),
            Value::small(1),
            source,
        ];
        call(cx, f, &args)
    })();
    if let Err(e) = r {
        taipan_vm::interp::unraisable(cx, e, Some(source), None);
    }
}

/// A file offset argument (`PyNumber_AsOff_t`).
pub fn offset(cx: &Thread, v: Value) -> Res<i64> {
    let i = index(cx, v)?;
    match int_to_i64(i) {
        Some(n) => Ok(n),
        None => {
            raise!(cx, ValueError, "cannot fit '{}' into an offset-sized integer", v.ty().name())
        }
    }
}

fn builtin(cx: &Thread, name: &str) -> Res {
    let key = taipan_vm::objects::str::intern(cx, name);
    match cx.vm.builtins_dict().get_str(cx, key) {
        Some(v) => Ok(v),
        None => raise!(cx, SystemError, "builtins has no {name}"),
    }
}

/// `bytearray(n)`.
pub fn new_bytearray(cx: &Thread, n: usize) -> Res {
    let f = builtin(cx, "bytearray")?;
    call(cx, f, &[Value::small(n as i64)])
}

/// `memoryview(v)`.
pub fn new_memoryview(cx: &Thread, v: Value) -> Res {
    let f = builtin(cx, "memoryview")?;
    call(cx, f, &[v])
}

/// Merges a pickled `__dict__` into an instance.
pub fn update_instance_dict(cx: &Thread, this: Value, d: Value, msg: &str) -> Res<()> {
    if d.is_none() {
        return Ok(());
    }
    let Some(src) = d.downcast::<Dict>() else {
        raise!(cx, TypeError, "{msg}{}", d.ty().name());
    };
    for (k, v) in src.entries().iter() {
        if let Some(k) = k.downcast::<Str>() {
            set_attr(cx, this, taipan_vm::objects::str::intern_str(cx, k), Some(*v))?;
        }
    }
    Ok(())
}

/// The layer wrapped around a stream of ours.
pub fn outer(v: Value) -> Option<Value> {
    match v.downcast::<FileIO>() {
        Some(f) => f.owner.get(),
        None => buffered::owner_of(v),
    }
}

/// How `open` reads its mode.
#[derive(Default)]
struct OpenMode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
}

fn parse_open_mode(cx: &Thread, mode: &str) -> Res<OpenMode> {
    let mut m = OpenMode::default();
    for (i, c) in mode.char_indices() {
        let flag = match c {
            'x' => &mut m.creating,
            'r' => &mut m.reading,
            'w' => &mut m.writing,
            'a' => &mut m.appending,
            '+' => &mut m.updating,
            't' => &mut m.text,
            'b' => &mut m.binary,
            _ => raise!(cx, ValueError, "invalid mode: '{mode}'"),
        };
        *flag = true;
        if mode[i + c.len_utf8()..].contains(c) {
            raise!(cx, ValueError, "invalid mode: '{mode}'");
        }
    }
    if m.text && m.binary {
        raise!(cx, ValueError, "can't have text and binary mode at once");
    }
    let n = m.creating as u8 + m.reading as u8 + m.writing as u8 + m.appending as u8;
    if n != 1 {
        raise!(cx, ValueError, "must have exactly one of create/read/write/append mode");
    }
    Ok(m)
}

impl OpenMode {
    fn raw(&self) -> String {
        let mut s = String::new();
        for (on, c) in [
            (self.creating, 'x'),
            (self.reading, 'r'),
            (self.writing, 'w'),
            (self.appending, 'a'),
            (self.updating, '+'),
        ] {
            if on {
                s.push(c);
            }
        }
        s
    }
}

/// Opens a file and returns a stream.
#[pyfunction(
    sig = "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)"
)]
pub fn open(
    cx: &Thread,
    file: Value,
    mode: Option<&'static Str>,
    buffering: i32,
    encoding: Value,
    errors: Value,
    newline: Value,
    closefd: bool,
    opener: Value,
) -> Res {
    for (name, v) in [("encoding", encoding), ("errors", errors), ("newline", newline)] {
        if !v.is_none() && v.downcast::<Str>().is_none() {
            raise!(
                cx,
                TypeError,
                "open() argument '{name}' must be str or None, not {}",
                taipan_vm::bind::type_or_none(v)
            );
        }
    }
    let is_int = file.as_small().is_some() || taipan_vm::objects::int::is_int(file);
    let path = if is_int { file } else { crate::fspath::fspath(cx, file)? };
    let mode_text = mode.map_or("r".into(), |m| m.to_str_lossy());
    let m = parse_open_mode(cx, &mode_text)?;
    if m.binary {
        for (what, v) in [("an encoding", encoding), ("an errors", errors), ("a newline", newline)]
        {
            if !v.is_none() {
                raise!(cx, ValueError, "binary mode doesn't take {what} argument");
            }
        }
    }
    if m.binary && buffering == 1 {
        let msg = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
        taipan_vm::objects::warn(cx, exc::RuntimeWarning(), msg, 1)?;
    }
    let raw = FileIO::new_in(cx, FileIO::type_object());
    FileIO::init(cx, raw, path, &m.raw(), closefd, opener)?;
    let mut last = Value::from_ref(raw);
    let r = (|| wrap(cx, raw, &m, buffering, [encoding, errors, newline], &mode_text, &mut last))();
    if let Err(e) = r {
        if let Err(c) = call_method(cx, last, id!(cx, "close"), &[]) {
            taipan_vm::objects::exceptions::of(c.0)
                .context
                .set(taipan_vm::objects::exceptions::of(c.0), e.0);
            return Err(c);
        }
        return Err(e);
    }
    r
}

fn wrap(
    cx: &Thread,
    raw: &'static FileIO,
    m: &OpenMode,
    buffering: i32,
    text: [Value; 3],
    mode: &str,
    last: &mut Value,
) -> Res {
    let tty = match buffering < 0 {
        true => is_true(cx, call_method(cx, *last, id!(cx, "_isatty_open_only"), &[])?)?,
        false => false,
    };
    let line_buffering = buffering == 1 && !m.binary || tty;
    let size = match buffering {
        _ if buffering < 0 || buffering == 1 => {
            if raw.block_size() > 1 {
                raw.block_size()
            } else {
                DEFAULT_BUFFER_SIZE
            }
        }
        n => n as usize,
    };
    if buffering == 0 {
        if !m.binary {
            raise!(cx, ValueError, "can't have unbuffered text I/O");
        }
        return Ok(*last);
    }
    *last = if m.updating {
        BufferedRandom::make(cx, *last, size)?
    } else if m.creating || m.writing || m.appending {
        BufferedWriter::make(cx, *last, size)?
    } else if m.reading {
        BufferedReader::make(cx, *last, size)?
    } else {
        raise!(cx, ValueError, "unknown mode: '{mode}'")
    };
    if m.binary {
        return Ok(*last);
    }
    let t = TextIOWrapper::make(cx, *last, text, line_buffering)?;
    *last = t;
    set_attr(cx, t, id!(cx, "mode"), Some(Value::from_ref(Str::new(cx, mode))))?;
    Ok(t)
}

/// Opens a file that holds code, as bytes.
#[pyfunction(sig = "(path)")]
pub fn open_code(cx: &Thread, path: &'static Str) -> Res {
    let rb = Str::new(cx, "rb");
    let n = none();
    open(cx, Value::from_ref(path), Some(rb), -1, n, n, n, true, n)
}

/// The encoding to use where a function of a library was given None.
#[pyfunction(sig = "(encoding, stacklevel=2, /)")]
pub fn text_encoding(cx: &Thread, encoding: Value, stacklevel: i32) -> Res {
    if !encoding.is_none() {
        return Ok(encoding);
    }
    if warn_default_encoding(cx) {
        let msg = "'encoding' argument not specified";
        taipan_vm::objects::warn(cx, exc::EncodingWarning(), msg, stacklevel as usize)?;
    }
    let utf8 = cx.vm.config.get().is_some_and(|c| c.utf8_mode);
    Ok(Value::from_ref(if utf8 { id!(cx, "utf-8") } else { id!(cx, "locale") }))
}

/// `-X warn_default_encoding`.
pub fn warn_default_encoding(cx: &Thread) -> bool {
    cx.vm.config.get().is_some_and(|c| c.warn_default_encoding)
}

pymodule! { "_io", doc: "Streams: the native part of io.", functions: [open, open_code, text_encoding], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let _ = cx.vm.exit_flush.set(pending::flush_at_exit);
    m.add_int(cx, "DEFAULT_BUFFER_SIZE", DEFAULT_BUFFER_SIZE as i64);
    m.add(cx, "UnsupportedOperation", unsupported_class(cx)?);
    m.add(cx, "BlockingIOError", Value::from_ref(exc::BlockingIOError()));
    m.add_type::<base::IOBase>(cx);
    m.add_type::<base::RawIOBase>(cx);
    m.add_type::<base::BufferedIOBase>(cx);
    m.add_type::<base::TextIOBase>(cx);
    m.add_type::<FileIO>(cx);
    m.add_type::<bytesio::BytesIO>(cx);
    m.add_type::<bytesio::BytesIOBuffer>(cx);
    m.add_type::<stringio::StringIO>(cx);
    m.add_type::<BufferedReader>(cx);
    m.add_type::<BufferedWriter>(cx);
    m.add_type::<BufferedRandom>(cx);
    m.add_type::<rwpair::BufferedRWPair>(cx);
    m.add_type::<TextIOWrapper>(cx);
    m.add_type::<newline::IncrementalNewlineDecoder>(cx);
    Ok(())
}
