//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: one body, `Buffered`, behind three types.
//!
//! At any time either read-ahead or unwritten bytes exist, never both: a writer rewinds the raw
//! stream over its read-ahead before it writes, a reader writes out first. With read-ahead the raw
//! position is at the end of `ahead`; with unwritten bytes it is where they will go.

use super::base::{self, BufferedIOBase, size_arg};
use super::bytesio::memchr;
use super::fileio::FileIO;
use super::{pending, unsupported};
use crate::bufarg::BufArg;
use crate::guarded::{Guard, Guarded};
use crate::syscall::check_signals;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    /// `__init__` has not run.
    New,
    Ready,
    Detached,
}

struct State {
    status: Status,
    /// Closed by `close`: the buffers are gone.
    closed: bool,
    /// Bytes read from the raw stream; those before `at` were handed out.
    ahead: Vec<u8>,
    at: usize,
    unwritten: Vec<u8>,
    size: usize,
    /// The raw stream's position where it is known.
    raw_pos: Option<i64>,
    readable: bool,
    writable: bool,
    finalizing: bool,
}

/// What all three types' instances start with.
#[repr(C)]
pub struct Buffered {
    pub head: Head,
    raw: Slot,
    /// The text layer around it: see `super::outer`.
    pub owner: Slot,
    state: Guarded<State>,
}

// SAFETY: repr(C), starts with a Head; only reached through `as_buffered`.
unsafe impl HeapObject for Buffered {}

/// The body of an instance of one of the three types.
pub fn as_buffered(v: Value) -> Option<&'static Buffered> {
    let is = v.is_ptr()
        && (BufferedReader::check(v) || BufferedWriter::check(v) || BufferedRandom::check(v));
    // SAFETY: the three structs are layout-identical to Buffered (const-asserted below).
    if is { Some(unsafe { &*(v.bits() as *const Buffered) }) } else { None }
}

/// What wraps a buffered object of ours.
pub fn owner_of(v: Value) -> Option<Value> {
    as_buffered(v).and_then(|b| b.owner.get())
}

/// One locked operation.
struct Session<'a> {
    cx: &'a Thread,
    raw: Value,
    /// The raw stream where it is a plain FileIO: system calls without a detour.
    file: Option<&'static FileIO>,
    g: Guard<'a, State>,
}

#[cold]
fn not_ready(cx: &Thread, s: Status) -> Raised {
    match s {
        Status::Detached => err!(cx, ValueError, "raw stream has been detached"),
        _ => err!(cx, ValueError, "I/O operation on uninitialized object"),
    }
}

fn session<'a>(cx: &'a Thread, b: &'a Buffered) -> Res<Session<'a>> {
    let me = Value::from_ref(b);
    let g = b.state.lock(cx, me)?;
    if g.status != Status::Ready {
        let s = g.status;
        drop(g);
        return Err(not_ready(cx, s));
    }
    let raw = b.raw.get().unwrap_or(none());
    Ok(Session { cx, raw, file: raw.downcast_exact::<FileIO>(), g })
}

/// The raw stream of an object that is ready.
/// Without the lock: a handler that runs amid an operation may ask for the name, and so does the error
/// that tells of a reentrant call.
fn raw_of(cx: &Thread, b: &Buffered) -> Res {
    match b.raw.get() {
        Some(raw) => Ok(raw),
        None => session(cx, b).map(|s| s.raw),
    }
}

/// A BlockingIOError with the number of bytes that were taken.
#[cold]
fn would_block(cx: &Thread, msg: &str, written: usize) -> Raised {
    let args = [
        Value::small(libc::EAGAIN as i64),
        Value::from_ref(Str::new(cx, msg)),
        Value::small(written as i64),
    ];
    Raised::with_args(cx, exc::BlockingIOError(), &args)
}

const NO_ROOM: &str = "write could not complete without blocking";

/// Calls a method of a raw stream until no signal interrupts it.
fn call_raw(cx: &Thread, raw: Value, name: &Str, args: &[Value]) -> Res {
    loop {
        match call_method(cx, raw, name, args) {
            Err(e) if e.is(exc::InterruptedError()) => check_signals(cx)?,
            r => return r,
        }
    }
}

impl Session<'_> {
    fn have(&self) -> usize {
        self.g.ahead.len() - self.g.at
    }

    fn is_closed(&self) -> Res<bool> {
        if self.g.closed {
            return Ok(true);
        }
        match self.file {
            Some(f) => Ok(!f.is_open()),
            None => base::is_closed(self.cx, self.raw),
        }
    }

    fn check_open(&self, msg: &str) -> Res<()> {
        if self.is_closed()? && self.have() == 0 {
            raise!(self.cx, ValueError, "{msg}");
        }
        Ok(())
    }

    fn moved(&mut self, n: usize) {
        if let Some(p) = &mut self.g.raw_pos {
            *p += n as i64;
        }
    }

    /// Appends up to `n` bytes of one raw read to `out`; `None` where it would block.
    fn raw_read(&mut self, out: &mut Vec<u8>, n: usize) -> Res<Option<usize>> {
        if out.try_reserve(n).is_err() {
            return Err(self.cx.no_memory());
        }
        if let Some(f) = self.file {
            // SAFETY: reserved above.
            let at = unsafe { out.as_mut_ptr().add(out.len()) };
            let Some(k) = FileIO::read_raw(self.cx, f, at, n)? else { return Ok(None) };
            // SAFETY: the read filled k of the reserved bytes.
            unsafe { out.set_len(out.len() + k) };
            self.moved(k);
            return Ok(Some(k));
        }
        let buf = super::new_bytearray(self.cx, n)?;
        let view = super::new_memoryview(self.cx, buf)?;
        let r = call_raw(self.cx, self.raw, id!(self.cx, "readinto"), &[view]);
        let _ = call_method(self.cx, view, id!(self.cx, "release"), &[]);
        let r = r?;
        if r.is_none() {
            return Ok(None);
        }
        let k = match index_isize(self.cx, r, exc::ValueError()) {
            Ok(k) => k,
            Err(e) => {
                let o = err!(self.cx, OSError, "raw readinto() failed");
                let b = taipan_vm::objects::exceptions::of(o.0);
                b.cause.set(b, e.0);
                b.context.set(b, e.0);
                return Err(o);
            }
        };
        if k < 0 || k as usize > n {
            raise!(
                self.cx,
                OSError,
                "raw readinto() returned invalid length {k} (should have been between 0 and {n})"
            );
        }
        let data = BufArg::read(self.cx, buf)?.to_vec();
        out.extend_from_slice(&data[..k as usize]);
        self.moved(k as usize);
        Ok(Some(k as usize))
    }

    /// One raw write; `None` where it would block.
    fn raw_write(&mut self, data: &[u8]) -> Res<Option<usize>> {
        let n = data.len();
        let k = match self.file {
            Some(f) => match FileIO::write_raw(self.cx, f, data.as_ptr(), n)? {
                Some(k) => k,
                None => return Ok(None),
            },
            None => {
                let b = Value::from_ref(Bytes::new(self.cx, data));
                let view = super::new_memoryview(self.cx, b)?;
                let r = call_raw(self.cx, self.raw, id!(self.cx, "write"), &[view])?;
                if r.is_none() {
                    return Ok(None);
                }
                let k = index_isize(self.cx, r, exc::ValueError())?;
                if k < 0 || k as usize > n {
                    raise!(
                        self.cx,
                        OSError,
                        "raw write() returned invalid length {k} (should have been between 0 and {n})"
                    );
                }
                k as usize
            }
        };
        self.moved(k);
        Ok(Some(k))
    }

    fn raw_seek(&mut self, target: i64, whence: i32) -> Res<i64> {
        let n = match self.file {
            Some(f) => FileIO::seek_raw(self.cx, f, target, whence)?,
            None => {
                let args = [int_from_i128(self.cx, target as i128), Value::small(whence as i64)];
                let r = call_method(self.cx, self.raw, id!(self.cx, "seek"), &args)?;
                super::offset(self.cx, r)?
            }
        };
        self.note_position(n)
    }

    fn note_position(&mut self, n: i64) -> Res<i64> {
        if n < 0 {
            raise!(self.cx, OSError, "Raw stream returned invalid position {n}");
        }
        self.g.raw_pos = Some(n);
        Ok(n)
    }

    fn raw_tell(&mut self) -> Res<i64> {
        let n = match self.file {
            Some(f) => FileIO::seek_raw(self.cx, f, 0, libc::SEEK_CUR)?,
            None => {
                let r = call_method(self.cx, self.raw, id!(self.cx, "tell"), &[])?;
                super::offset(self.cx, r)?
            }
        };
        self.note_position(n)
    }

    fn known_position(&mut self) -> Res<i64> {
        match self.g.raw_pos {
            Some(p) => Ok(p),
            None => self.raw_tell(),
        }
    }

    fn drop_ahead(&mut self) {
        self.g.ahead.clear();
        self.g.at = 0;
    }

    /// Reads one buffer's worth ahead; nothing is ahead when it is called, or room is left.
    fn fill(&mut self) -> Res<Option<usize>> {
        if self.g.at == self.g.ahead.len() {
            self.drop_ahead();
        }
        let n = self.g.size.saturating_sub(self.g.ahead.len()).max(1);
        let mut buf = std::mem::take(&mut self.g.ahead);
        let r = self.raw_read(&mut buf, n);
        self.g.ahead = buf;
        r
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
        let n = n.min(self.have());
        let at = self.g.at;
        self.g.at += n;
        self.g.ahead[at..at + n].to_vec()
    }

    /// Writes out what is unwritten.
    fn flush_writes(&mut self) -> Res<()> {
        let mut done = 0;
        while done < self.g.unwritten.len() {
            let data = std::mem::take(&mut self.g.unwritten);
            let r = self.raw_write(&data[done..]);
            self.g.unwritten = data;
            match r {
                Ok(Some(n)) => done += n,
                Ok(None) => {
                    self.g.unwritten.drain(..done);
                    return Err(would_block(self.cx, NO_ROOM, 0));
                }
                Err(e) => {
                    self.g.unwritten.drain(..done);
                    return Err(e);
                }
            }
            if done < self.g.unwritten.len() {
                if let Err(e) = check_signals(self.cx) {
                    self.g.unwritten.drain(..done);
                    return Err(e);
                }
            }
        }
        self.g.unwritten.clear();
        Ok(())
    }

    /// Writes out, and takes the raw position back over what was read ahead.
    fn flush_and_rewind(&mut self) -> Res<()> {
        self.flush_writes()?;
        if self.g.readable {
            let ahead = self.have() as i64;
            if ahead > 0 {
                self.raw_seek(-ahead, 1)?;
            }
            self.drop_ahead();
        }
        Ok(())
    }

    /// A reader's first step: nothing unwritten is left.
    fn before_read(&mut self) -> Res<()> {
        if self.g.writable && !self.g.unwritten.is_empty() {
            self.flush_writes()?;
        }
        Ok(())
    }
}

fn bytes(cx: &Thread, v: &[u8]) -> Value {
    Value::from_ref(Bytes::new(cx, v))
}

/// `__init__` of all three.
fn init(cx: &Thread, b: &Buffered, raw: Value, size: isize, read: bool, write: bool) -> Res<()> {
    let me = Value::from_ref(b);
    b.state.lock(cx, me)?.status = Status::New;
    if read && write {
        base::check_seekable(cx, raw)?;
    }
    if read {
        base::check_readable(cx, raw)?;
    }
    if write {
        base::check_writable(cx, raw)?;
    }
    if size <= 0 {
        raise!(cx, ValueError, "buffer size must be strictly positive");
    }
    b.raw.set(b, raw);
    {
        let mut g = b.state.lock(cx, me)?;
        *g = State {
            status: Status::Ready,
            closed: false,
            ahead: Vec::new(),
            at: 0,
            unwritten: Vec::new(),
            size: size as usize,
            raw_pos: None,
            readable: read,
            writable: write,
            finalizing: false,
        };
    }
    if let Some(f) = raw.downcast_exact::<FileIO>() {
        f.owner.set(f, me);
        if write {
            pending::register(cx, me);
        }
        if FileIO::can_seek(cx, f).unwrap_or(false) {
            let _ = session(cx, b)?.raw_tell();
        }
        return Ok(());
    }
    // A stream without a position has none; other faults show at the first use.
    match session(cx, b)?.raw_tell() {
        Err(e) if !e.is(exc::Exception()) => Err(e),
        _ => Ok(()),
    }
}

fn read(cx: &Thread, b: &Buffered, size: Option<Value>) -> Res {
    let n = size_arg(cx, size)?;
    if n < -1 {
        raise!(cx, ValueError, "read length must be non-negative or -1");
    }
    let mut s = session(cx, b)?;
    s.check_open("read of closed file")?;
    if n == -1 {
        return read_all(s);
    }
    let n = n as usize;
    if n <= s.have() {
        let at = s.g.at;
        s.g.at += n;
        return Ok(bytes(cx, &s.g.ahead[at..at + n]));
    }
    let mut out = s.take(usize::MAX);
    // Once: what has been read is not moved again.
    if out.try_reserve_exact(n - out.len()).is_err() {
        return Err(cx.no_memory());
    }
    s.before_read()?;
    s.drop_ahead();
    loop {
        let left = n - out.len();
        let block = left - left % s.g.size;
        if block == 0 {
            break;
        }
        match s.raw_read(&mut out, block)? {
            Some(0) => return Ok(bytes(cx, &out)),
            None if out.is_empty() => return Ok(none()),
            None => return Ok(bytes(cx, &out)),
            Some(_) => {}
        }
    }
    while out.len() < n && s.g.ahead.len() < s.g.size {
        match s.fill()? {
            Some(0) => break,
            None if out.is_empty() => return Ok(none()),
            None => break,
            Some(_) => {
                let more = s.take(n - out.len());
                out.extend_from_slice(&more);
            }
        }
    }
    Ok(bytes(cx, &out))
}

fn read_all(mut s: Session<'_>) -> Res {
    let cx = s.cx;
    let mut out = s.take(usize::MAX);
    s.flush_and_rewind()?;
    s.drop_ahead();
    if let Some(f) = s.file {
        let more = FileIO::check_read(cx, f).and_then(|_| FileIO::read_all(cx, f))?;
        s.g.raw_pos = None;
        return Ok(match more {
            None if out.is_empty() => none(),
            None => bytes(cx, &out),
            Some(m) if out.is_empty() => bytes(cx, &m),
            Some(m) => {
                out.extend_from_slice(&m);
                bytes(cx, &out)
            }
        });
    }
    if let Some(f) = get_attr_opt(cx, s.raw, id!(cx, "readall"))? {
        let r = call(cx, f, &[])?;
        s.g.raw_pos = None;
        if r.is_none() {
            return Ok(if out.is_empty() { r } else { bytes(cx, &out) });
        }
        let Some(m) = r.downcast::<Bytes>() else {
            raise!(cx, TypeError, "readall() should return bytes");
        };
        if out.is_empty() {
            return Ok(r);
        }
        out.extend_from_slice(m.as_slice());
        return Ok(bytes(cx, &out));
    }
    loop {
        let r = call_method(cx, s.raw, id!(cx, "read"), &[])?;
        if r.is_none() {
            return Ok(if out.is_empty() { r } else { bytes(cx, &out) });
        }
        let Some(m) = r.downcast::<Bytes>() else {
            raise!(cx, TypeError, "read() should return bytes");
        };
        if m.is_empty() {
            return Ok(bytes(cx, &out));
        }
        out.extend_from_slice(m.as_slice());
        s.moved(m.len());
    }
}

fn read1(cx: &Thread, b: &Buffered, n: isize) -> Res {
    let mut s = session(cx, b)?;
    s.check_open("read of closed file")?;
    let n = if n < 0 { s.g.size } else { n as usize };
    if n == 0 {
        return Ok(bytes(cx, b""));
    }
    if s.have() > 0 {
        let v = s.take(n);
        return Ok(bytes(cx, &v));
    }
    s.before_read()?;
    s.drop_ahead();
    let mut out = Vec::new();
    s.raw_read(&mut out, n)?;
    Ok(bytes(cx, &out))
}

fn readinto(cx: &Thread, b: &Buffered, buffer: Value, once: bool) -> Res {
    let what = if once { "readinto1() argument" } else { "readinto() argument" };
    let out = BufArg::write(cx, buffer, what)?;
    let mut s = session(cx, b)?;
    s.check_open("readinto of closed file")?;
    let first = s.take(out.len());
    out.fill(0, &first);
    let mut done = first.len();
    if done == out.len() {
        return Ok(Value::small(done as i64));
    }
    s.before_read()?;
    s.drop_ahead();
    while done < out.len() {
        let left = out.len() - done;
        let got = if left > s.g.size {
            let mut direct = Vec::new();
            let r = s.raw_read(&mut direct, left)?;
            out.fill(done, &direct);
            r
        } else if !(once && done > 0) {
            match s.fill()? {
                Some(k) if k > 0 => {
                    let v = s.take(left);
                    out.fill(done, &v);
                    done += v.len();
                    if once {
                        break;
                    }
                    continue;
                }
                r => r,
            }
        } else {
            break;
        };
        match got {
            None if done == 0 => return Ok(none()),
            None | Some(0) => break,
            Some(k) => done += k,
        }
        if once {
            break;
        }
    }
    Ok(Value::small(done as i64))
}

fn peek(cx: &Thread, b: &Buffered) -> Res {
    let mut s = session(cx, b)?;
    s.check_open("peek of closed file")?;
    s.before_read()?;
    if s.have() == 0 {
        s.drop_ahead();
        s.fill()?;
    }
    let at = s.g.at;
    Ok(bytes(cx, &s.g.ahead[at..]))
}

fn readline(cx: &Thread, b: &Buffered, limit: isize) -> Res {
    let mut s = session(cx, b)?;
    s.check_open("readline of closed file")?;
    let at = s.g.at;
    let have = &s.g.ahead[at..];
    let reach = if limit >= 0 { have.len().min(limit as usize) } else { have.len() };
    if let Some(i) = memchr(b'\n', &have[..reach]) {
        s.g.at += i + 1;
        return Ok(bytes(cx, &s.g.ahead[at..at + i + 1]));
    }
    if limit >= 0 && reach == limit as usize {
        s.g.at += reach;
        return Ok(bytes(cx, &s.g.ahead[at..at + reach]));
    }
    let mut line = s.take(usize::MAX);
    s.before_read()?;
    loop {
        s.drop_ahead();
        match s.fill()? {
            None | Some(0) => break,
            Some(_) => {}
        }
        let room = if limit >= 0 { limit as usize - line.len() } else { usize::MAX };
        let have = &s.g.ahead[..];
        let have = &have[..have.len().min(room)];
        let end = memchr(b'\n', have).map(|i| i + 1);
        let n = end.unwrap_or(have.len());
        // A long line moves when it grows.
        let moved = if line.capacity() - line.len() < n { line.len() } else { 0 };
        cx.plain(moved + n, || line.extend_from_slice(&have[..n]));
        s.g.at = n;
        if end.is_some() || n == room {
            break;
        }
    }
    Ok(bytes(cx, &line))
}

fn next_line(cx: &Thread, b: &Buffered, exact: bool) -> Res<Option<Value>> {
    let me = Value::from_ref(b);
    let line = if exact {
        readline(cx, b, -1)?
    } else {
        let l = call_method(cx, me, id!(cx, "readline"), &[])?;
        if l.downcast::<Bytes>().is_none() {
            raise!(
                cx,
                OSError,
                "readline() should have returned a bytes object, not '{}'",
                l.ty().name()
            );
        }
        l
    };
    let empty = line.downcast::<Bytes>().is_some_and(|b| b.is_empty());
    Ok(if empty { None } else { Some(line) })
}

fn write(cx: &Thread, b: &Buffered, data: Value) -> Res<usize> {
    let buf = BufArg::read(cx, data)?;
    let s = session(cx, b)?;
    if s.is_closed()? {
        raise!(cx, ValueError, "write to closed file");
    }
    // SAFETY: the export keeps the memory in place; racing writers only make the bytes arbitrary,
    // and they are copied by plain memory moves or by the kernel.
    let all = unsafe { std::slice::from_raw_parts(buf.ptr() as *const u8, buf.len()) };
    let all = if buf.is_empty() { &[] } else { all };
    let n = store(s, all)?;
    Ok(n)
}

/// Takes bytes into the buffer of an object of ours, writing out as needed.
pub fn write_bytes(cx: &Thread, b: &Buffered, data: &[u8]) -> Res<usize> {
    let s = session(cx, b)?;
    if s.is_closed()? {
        raise!(cx, ValueError, "write to closed file");
    }
    store(s, data)
}

fn store(mut s: Session<'_>, data: &[u8]) -> Res<usize> {
    let cx = s.cx;
    if s.g.readable && s.have() > 0 {
        let ahead = s.have() as i64;
        s.raw_seek(-ahead, 1)?;
    }
    if s.g.readable {
        s.drop_ahead();
    }
    let size = s.g.size;
    if data.len() <= size - s.g.unwritten.len().min(size) {
        s.g.unwritten.extend_from_slice(data);
        if !s.g.unwritten.is_empty() {
            pending::mark();
        }
        return Ok(data.len());
    }
    if let Err(e) = s.flush_writes() {
        if !e.is(exc::BlockingIOError()) {
            return Err(e);
        }
        // The raw stream is full: keep what fits.
        let room = size - s.g.unwritten.len().min(size);
        pending::mark();
        if data.len() <= room {
            s.g.unwritten.extend_from_slice(data);
            return Ok(data.len());
        }
        s.g.unwritten.extend_from_slice(&data[..room]);
        return Err(would_block(cx, NO_ROOM, room));
    }
    let mut done = 0;
    while data.len() - done > size {
        match s.raw_write(&data[done..])? {
            Some(n) => done += n,
            None if data.len() - done > size => {
                s.g.unwritten.extend_from_slice(&data[done..done + size]);
                pending::mark();
                return Err(would_block(cx, NO_ROOM, done + size));
            }
            None => break,
        }
        check_signals(cx)?;
    }
    s.g.unwritten.extend_from_slice(&data[done..]);
    if !s.g.unwritten.is_empty() {
        pending::mark();
    }
    Ok(data.len())
}

/// For `pending`: writes out what a writer over a regular file holds; faults are left to its owner.
pub fn flush_quietly(cx: &Thread, v: Value) {
    let Some(b) = as_buffered(v) else { return };
    let file = b.raw.get().and_then(|r| r.downcast_exact::<FileIO>());
    if !file.is_some_and(|f| f.is_open() && (f.is_regular() || at_exit(cx))) {
        return;
    }
    if let Ok(mut s) = session(cx, b)
        && !s.g.unwritten.is_empty()
        && s.flush_writes().is_err()
    {
        pending::mark();
    }
}

fn at_exit(cx: &Thread) -> bool {
    cx.vm.finalizing.load(std::sync::atomic::Ordering::Acquire)
}

fn flush(cx: &Thread, b: &Buffered) -> Res<()> {
    let mut s = session(cx, b)?;
    if !s.g.writable {
        let raw = s.raw;
        drop(s);
        return call_method(cx, raw, id!(cx, "flush"), &[]).map(|_| ());
    }
    if s.is_closed()? {
        raise!(cx, ValueError, "flush of closed file");
    }
    s.flush_and_rewind()
}

fn tell(cx: &Thread, b: &Buffered) -> Res<i64> {
    let mut s = session(cx, b)?;
    let p = s.raw_tell()?;
    let n = p - s.have() as i64 + s.g.unwritten.len() as i64;
    Ok(n.max(0))
}

fn seek(cx: &Thread, b: &Buffered, target: Value, whence: i32) -> Res<i64> {
    if !(0..=4).contains(&whence) {
        raise!(cx, ValueError, "whence value {whence} unsupported");
    }
    let raw = {
        let s = session(cx, b)?;
        if s.is_closed()? {
            raise!(cx, ValueError, "seek of closed file");
        }
        s.raw
    };
    match raw.downcast_exact::<FileIO>() {
        Some(f) if FileIO::can_seek(cx, f)? => {}
        _ => base::check_seekable(cx, raw)?,
    }
    let mut target = super::offset(cx, target)?;
    let mut s = session(cx, b)?;
    if whence <= 1 && s.g.readable && s.have() > 0 {
        let end = s.known_position()?;
        let here = end - s.have() as i64;
        let delta = if whence == 0 { target - here } else { target };
        if delta >= -(s.g.at as i64) && delta <= s.have() as i64 {
            s.g.at = (s.g.at as i64 + delta) as usize;
            return Ok((here + delta).max(0));
        }
    }
    if s.g.writable {
        s.flush_writes()?;
    }
    if whence == 1 {
        target -= s.have() as i64;
    }
    let n = s.raw_seek(target, whence)?;
    s.drop_ahead();
    Ok(n)
}

fn truncate(cx: &Thread, b: &Buffered, pos: Value) -> Res {
    let mut s = session(cx, b)?;
    s.check_open("truncate of closed file")?;
    if !s.g.writable {
        drop(s);
        return Err(unsupported(cx, "truncate"));
    }
    s.flush_and_rewind()?;
    let r = call_method(cx, s.raw, id!(cx, "truncate"), &[pos])?;
    let _ = s.raw_tell();
    Ok(r)
}

fn detach(cx: &Thread, b: &Buffered) -> Res {
    raw_of(cx, b)?;
    call_method(cx, Value::from_ref(b), id!(cx, "flush"), &[])?;
    let mut s = session(cx, b)?;
    let raw = s.raw;
    s.g.status = Status::Detached;
    b.raw.set_option(b, None);
    if let Some(f) = raw.downcast_exact::<FileIO>() {
        f.owner.set_option(f, None);
    }
    Ok(raw)
}

fn close(cx: &Thread, b: &Buffered) -> Res {
    let me = Value::from_ref(b);
    let (raw, finalizing) = {
        let s = session(cx, b)?;
        if s.is_closed()? {
            return Ok(none());
        }
        (s.raw, s.g.finalizing)
    };
    if finalizing {
        // A stream that cannot warn is closed all the same.
        let _ = dealloc_warn(cx, raw, me);
    }
    let flushed = call_method(cx, me, id!(cx, "flush"), &[]);
    let closed = call_method(cx, raw, id!(cx, "close"), &[]);
    if let Ok(mut s) = session(cx, b) {
        s.g.closed = true;
        s.drop_ahead();
        s.g.ahead = Vec::new();
        s.g.unwritten = Vec::new();
    }
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

pub fn dealloc_warn(cx: &Thread, raw: Value, source: Value) -> Res<()> {
    if let Some(f) = raw.downcast_exact::<FileIO>() {
        return FileIO::warn_unclosed(cx, f, source);
    }
    match get_attr_opt(cx, raw, id!(cx, "_dealloc_warn"))? {
        Some(f) => call(cx, f, &[source]).map(|_| ()),
        None => Ok(()),
    }
}

fn show(cx: &Thread, b: &Buffered) -> Res {
    let me = Value::from_ref(b);
    let full = taipan_vm::types::class::full_name(cx, me.ty());
    let name = match get_attr_opt(cx, me, id!(cx, "name")) {
        Ok(n) => n,
        Err(e) if e.is(exc::ValueError()) => None,
        Err(e) => return Err(e),
    };
    let s = match name {
        None => format!("<{full}>"),
        Some(n) => {
            let Some(_in) = taipan_vm::objects::text_builder::enter_repr(cx, me) else {
                raise!(cx, RuntimeError, "reentrant call inside {}.__repr__", me.ty().name());
            };
            format!("<{full} name={}>", repr(cx, n)?)
        }
    };
    Ok(Value::from_ref(Str::new(cx, &s)))
}

fn new_in<T: PyType>(cx: &Thread, cls: &Type, write: bool, make: fn(Buffered) -> T) -> &'static T {
    let state = State {
        status: Status::New,
        closed: false,
        ahead: Vec::new(),
        at: 0,
        unwritten: Vec::new(),
        size: 0,
        raw_pos: None,
        readable: false,
        writable: write,
        finalizing: false,
    };
    let b = Buffered {
        head: fresh_head(),
        raw: Slot::empty(),
        owner: Slot::empty(),
        state: Guarded::new(state),
    };
    let t = cx.alloc_in(cls, make(b));
    let body = as_buffered(Value::from_ref(t)).expect("an instance of one of the three");
    crate::free_guarded_on_drop!(cx, body, Buffered, state);
    t
}

macro_rules! buffered_type {
    ($t:ident, $st:ident, $name:literal, $read:literal, $write:literal, $doc:literal, { $($own:tt)* }) => {
        #[repr(C)]
        pub struct $t {
            pub head: Head,
            rest: [u8; size_of::<Buffered>() - size_of::<Head>()],
        }
        const _: () = assert!(size_of::<$t>() == size_of::<Buffered>());

        taipan_vm::pytype! { $t, $st, name: $name, module: "_io", base: BufferedIOBase,
        flags: tpflags::BASETYPE, doc: $doc }

        impl $t {
            /// A new object over a raw stream.
            pub fn make(cx: &Thread, raw: Value, size: usize) -> Res {
                let b = $t::new_object(cx, $t::type_object());
                init(cx, $t::body(b), raw, size as isize, $read, $write)?;
                Ok(Value::from_ref(b))
            }

            fn new_object(cx: &Thread, cls: &Type) -> &'static $t {
                // SAFETY: the structs have the same size and plain-data layout.
                new_in(cx, cls, $write, |b| unsafe { std::mem::transmute::<Buffered, $t>(b) })
            }

            fn body(this: &$t) -> &Buffered {
                // SAFETY: instances are written as Buffered by `new_in`.
                unsafe { &*(this as *const $t as *const Buffered) }
            }
        }

        #[pymethods]
        impl $t {
            #[slot]
            fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
                Ok(Value::from_ref($t::new_object(cx, cls)))
            }

            #[slot(sig = "(self, raw, buffer_size=8192)")]
            fn __init__(cx: &Thread, this: &$t, raw: Value, buffer_size: isize) -> Res<()> {
                init(cx, $t::body(this), raw, buffer_size, $read, $write)
            }

            #[slot]
            fn __repr__(cx: &Thread, this: &$t) -> Res {
                show(cx, $t::body(this))
            }

            #[pymethod]
            fn detach(cx: &Thread, this: &$t) -> Res {
                detach(cx, $t::body(this))
            }

            #[pymethod]
            fn flush(cx: &Thread, this: &$t) -> Res<()> {
                flush(cx, $t::body(this))
            }

            #[pymethod]
            fn close(cx: &Thread, this: &$t) -> Res {
                close(cx, $t::body(this))
            }

            #[pymethod]
            fn seekable(cx: &Thread, this: &$t) -> Res {
                call_method(cx, raw_of(cx, $t::body(this))?, id!(cx, "seekable"), &[])
            }

            #[pymethod]
            fn fileno(cx: &Thread, this: &$t) -> Res {
                call_method(cx, raw_of(cx, $t::body(this))?, id!(cx, "fileno"), &[])
            }

            #[pymethod]
            fn isatty(cx: &Thread, this: &$t) -> Res {
                call_method(cx, raw_of(cx, $t::body(this))?, id!(cx, "isatty"), &[])
            }

            #[pymethod]
            fn _dealloc_warn(cx: &Thread, this: &$t, source: Value) -> Res<()> {
                let b = $t::body(this);
                match b.raw.get() {
                    Some(raw) => dealloc_warn(cx, raw, source),
                    None => Ok(()),
                }
            }

            #[pymethod]
            fn tell(cx: &Thread, this: &$t) -> Res<i64> {
                tell(cx, $t::body(this))
            }

            #[pymethod(sig = "(self, target, whence=0, /)")]
            fn seek(cx: &Thread, this: &$t, target: Value, whence: i32) -> Res<i64> {
                seek(cx, $t::body(this), target, whence)
            }

            #[pymethod(sig = "(self, pos=None, /)")]
            fn truncate(cx: &Thread, this: &$t, pos: Value) -> Res {
                truncate(cx, $t::body(this), pos)
            }

            #[pymethod]
            fn __getstate__(cx: &Thread, this: Value) -> Res {
                Err(super::cannot_pickle(cx, this))
            }

            #[pymethod]
            fn __sizeof__(cx: &Thread, this: &$t) -> Res<usize> {
                Ok(size_of::<Buffered>() + session(cx, $t::body(this))?.g.size)
            }

            #[getter]
            fn raw(_cx: &Thread, this: &$t) -> Option<Value> {
                $t::body(this).raw.get()
            }

            #[getter]
            fn closed(cx: &Thread, this: &$t) -> Res {
                let raw = raw_of(cx, $t::body(this))?;
                get_attr(cx, raw, id!(cx, "closed"))
            }

            #[getter]
            fn name(cx: &Thread, this: &$t) -> Res {
                let raw = raw_of(cx, $t::body(this))?;
                get_attr(cx, raw, id!(cx, "name"))
            }

            #[getter]
            fn mode(cx: &Thread, this: &$t) -> Res {
                let raw = raw_of(cx, $t::body(this))?;
                get_attr(cx, raw, id!(cx, "mode"))
            }

            #[getter]
            fn _finalizing(cx: &Thread, this: Value) -> Res<bool> {
                let b = as_buffered(this).expect("checked by the getter");
                Ok(b.state.lock(cx, this)?.finalizing)
            }

            #[setter]
            fn set__finalizing(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
                let on = v.map_or(Ok(false), |v| is_true(cx, v))?;
                let b = as_buffered(this).expect("checked by the setter");
                b.state.lock(cx, this)?.finalizing = on;
                Ok(())
            }

            $($own)*
        }
    };
}

macro_rules! reader_methods {
    ($mac:ident, $t:ident, ($($head:tt)*), { $($more:tt)* }) => {
        $mac! { $($head)*, {
            #[pymethod(sig = "(self, size=-1, /)")]
            fn read(cx: &Thread, this: &$t, size: Option<Value>) -> Res {
                read(cx, $t::body(this), size)
            }

            #[pymethod(sig = "(self, size=-1, /)")]
            fn read1(cx: &Thread, this: &$t, size: isize) -> Res {
                read1(cx, $t::body(this), size)
            }

            #[pymethod(sig = "(self, size=0, /)")]
            fn peek(cx: &Thread, this: &$t, _size: isize) -> Res {
                peek(cx, $t::body(this))
            }

            #[pymethod]
            fn readinto(cx: &Thread, this: &$t, buffer: Value) -> Res {
                readinto(cx, $t::body(this), buffer, false)
            }

            #[pymethod]
            fn readinto1(cx: &Thread, this: &$t, buffer: Value) -> Res {
                readinto(cx, $t::body(this), buffer, true)
            }

            #[pymethod(sig = "(self, size=-1, /)")]
            fn readline(cx: &Thread, this: &$t, size: Option<Value>) -> Res {
                let n = size_arg(cx, size)?;
                readline(cx, $t::body(this), n)
            }

            #[slot]
            fn __next__(cx: &Thread, this: Value) -> Res<Option<Value>> {
                let b = as_buffered(this).expect("checked by the slot");
                next_line(cx, b, this.ty().is($t::type_object()))
            }

            #[pymethod]
            fn readable(cx: &Thread, this: &$t) -> Res {
                call_method(cx, raw_of(cx, $t::body(this))?, id!(cx, "readable"), &[])
            }

            $($more)*
        } }
    };
}

reader_methods! { buffered_type, BufferedReader,
(BufferedReader, PyBufferedReader_Type, "BufferedReader", true, false,
"BufferedReader(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer over a raw stream that is read."), {} }

buffered_type! { BufferedWriter, PyBufferedWriter_Type, "BufferedWriter", false, true,
"BufferedWriter(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer over a raw stream that is written.", {
    #[pymethod(text = "($self, buffer, /)")]
    fn write(cx: &Thread, this: &BufferedWriter, b: Value) -> Res<usize> {
        write(cx, BufferedWriter::body(this), b)
    }

    #[pymethod]
    fn writable(cx: &Thread, this: &BufferedWriter) -> Res {
        call_method(cx, raw_of(cx, BufferedWriter::body(this))?, id!(cx, "writable"), &[])
    }
} }

reader_methods! { buffered_type, BufferedRandom,
(BufferedRandom, PyBufferedRandom_Type, "BufferedRandom", true, true,
"BufferedRandom(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer over a raw stream that is read and written."), {
    #[pymethod(text = "($self, buffer, /)")]
    fn write(cx: &Thread, this: &BufferedRandom, b: Value) -> Res<usize> {
        write(cx, BufferedRandom::body(this), b)
    }

    #[pymethod]
    fn writable(cx: &Thread, this: &BufferedRandom) -> Res {
        call_method(cx, raw_of(cx, BufferedRandom::body(this))?, id!(cx, "writable"), &[])
    }
} }
