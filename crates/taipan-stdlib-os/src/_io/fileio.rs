//! `FileIO`: raw access to a descriptor.

use super::base::{self, RawIOBase, size_arg};
use super::{DEFAULT_BUFFER_SIZE, unsupported};
use crate::bufarg::BufArg;
use crate::fspath;
use crate::posix::files::MAX_IO;
use crate::syscall::{before_waiting, checked, once, os_error, quick, retry};
use std::sync::atomic::{AtomicBool, AtomicI8, AtomicI32, AtomicU32, Ordering};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct FileIO {
    pub head: Head,
    /// The buffered object around this file: finalised first (see `super::finalize_outer`).
    pub owner: Slot,
    fd: AtomicI32,
    blksize: AtomicU32,
    created: AtomicBool,
    readable: AtomicBool,
    writable: AtomicBool,
    appending: AtomicBool,
    closefd: AtomicBool,
    finalizing: AtomicBool,
    /// -1: not asked yet.
    seekable: AtomicI8,
    /// Whether it is a regular file: only these are written out behind the program's back.
    regular: AtomicBool,
    /// -1: not known.
    tty: AtomicI8,
}

taipan_vm::pytype! { FileIO, PyFileIO_Type, name: "FileIO", module: "_io", base: RawIOBase,
flags: tpflags::BASETYPE,
doc: "FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nOpen a file for raw, unbuffered bytes.\n\nThe mode is 'r' (default), 'w', 'x' or 'a', with 'b' allowed and '+' for both directions." }

fn load(b: &AtomicBool) -> bool {
    b.load(Ordering::Relaxed)
}

fn store(b: &AtomicBool, v: bool) {
    b.store(v, Ordering::Relaxed)
}

/// What a mode string asks for.
#[derive(Default)]
struct Mode {
    created: bool,
    readable: bool,
    writable: bool,
    appending: bool,
    flags: i32,
}

fn parse_mode(cx: &Thread, mode: &str) -> Res<Mode> {
    let bad = || {
        err!(
            cx,
            ValueError,
            "Must have exactly one of create/read/write/append mode and at most one plus"
        )
    };
    let mut m = Mode::default();
    let (mut rwa, mut plus) = (false, false);
    for c in mode.chars() {
        match c {
            'x' | 'r' | 'w' | 'a' if rwa => return Err(bad()),
            'x' => {
                (rwa, m.created, m.writable) = (true, true, true);
                m.flags |= libc::O_EXCL | libc::O_CREAT;
            }
            'r' => (rwa, m.readable) = (true, true),
            'w' => {
                (rwa, m.writable) = (true, true);
                m.flags |= libc::O_CREAT | libc::O_TRUNC;
            }
            'a' => {
                (rwa, m.writable, m.appending) = (true, true, true);
                m.flags |= libc::O_APPEND | libc::O_CREAT;
            }
            'b' => {}
            '+' if plus => return Err(bad()),
            '+' => (m.readable, m.writable, plus) = (true, true, true),
            _ => raise!(cx, ValueError, "invalid mode: {mode}"),
        }
    }
    if !rwa {
        return Err(bad());
    }
    m.flags |= match (m.readable, m.writable) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    m.flags |= libc::O_CLOEXEC;
    Ok(m)
}

impl FileIO {
    pub fn raw_fd(&self) -> i32 {
        self.fd.load(Ordering::Acquire)
    }

    pub fn is_regular(&self) -> bool {
        load(&self.regular)
    }

    pub fn block_size(&self) -> usize {
        self.blksize.load(Ordering::Relaxed) as usize
    }

    pub fn set_finalizing(&self, on: bool) {
        store(&self.finalizing, on);
    }

    pub fn is_open(&self) -> bool {
        self.raw_fd() >= 0
    }

    fn open_fd(cx: &Thread, this: &FileIO) -> Res<i32> {
        match this.raw_fd() {
            fd if fd >= 0 => Ok(fd),
            _ => raise!(cx, ValueError, "I/O operation on closed file"),
        }
    }

    pub fn check_read(cx: &Thread, this: &FileIO) -> Res<i32> {
        let fd = FileIO::open_fd(cx, this)?;
        match load(&this.readable) {
            true => Ok(fd),
            false => Err(unsupported(cx, "File not open for reading")),
        }
    }

    pub fn check_write(cx: &Thread, this: &FileIO) -> Res<i32> {
        let fd = FileIO::open_fd(cx, this)?;
        match load(&this.writable) {
            true => Ok(fd),
            false => Err(unsupported(cx, "File not open for writing")),
        }
    }

    /// Reads into memory that the caller keeps in place; `None` where it would block.
    pub fn read_raw(cx: &Thread, this: &FileIO, at: *mut u8, n: usize) -> Res<Option<usize>> {
        let fd = FileIO::check_read(cx, this)?;
        let n = n.min(MAX_IO);
        if !this.is_regular() {
            before_waiting(cx, fd, libc::POLLIN)?;
        }
        // SAFETY: the caller gives room for n bytes.
        match retry(cx, || unsafe { libc::read(fd, at as *mut libc::c_void, n) } as i64)? {
            Ok(k) => Ok(Some(k as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(e) => Err(os_error(cx, e)),
        }
    }

    /// Writes memory that the caller keeps in place; `None` where it would block.
    pub fn write_raw(cx: &Thread, this: &FileIO, at: *const u8, n: usize) -> Res<Option<usize>> {
        let fd = FileIO::check_write(cx, this)?;
        let n = n.min(MAX_IO);
        // SAFETY: the caller holds n bytes.
        match retry(cx, || unsafe { libc::write(fd, at as *const libc::c_void, n) } as i64)? {
            Ok(k) => Ok(Some(k as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(e) => Err(os_error(cx, e)),
        }
    }

    /// `lseek`, quick and without Python.
    pub fn seek_raw(cx: &Thread, this: &FileIO, offset: i64, whence: i32) -> Res<i64> {
        let fd = FileIO::open_fd(cx, this)?;
        // SAFETY: plain numbers.
        let r = once(cx, || unsafe { libc::lseek(fd, offset, whence) });
        if this.seekable.load(Ordering::Relaxed) < 0 {
            this.seekable.store(r.is_ok() as i8, Ordering::Relaxed);
        }
        r.map_err(|e| os_error(cx, e))
    }

    pub fn can_seek(cx: &Thread, this: &FileIO) -> Res<bool> {
        FileIO::open_fd(cx, this)?;
        if this.seekable.load(Ordering::Relaxed) < 0 {
            let _ = FileIO::seek_raw(cx, this, 0, libc::SEEK_CUR);
        }
        Ok(this.seekable.load(Ordering::Relaxed) == 1)
    }

    fn close_fd(cx: &Thread, this: &FileIO) -> Res<()> {
        let fd = this.fd.swap(-1, Ordering::AcqRel);
        if fd < 0 || !load(&this.closefd) {
            return Ok(());
        }
        // SAFETY: plain numbers.
        match once(cx, || unsafe { libc::close(fd) } as i64) {
            Ok(_) | Err(libc::EINTR) => Ok(()),
            Err(e) => Err(os_error(cx, e)),
        }
    }

    /// Everything from the current position, with room guessed from the size of the file.
    pub fn read_all(cx: &Thread, this: &FileIO) -> Res<Option<Vec<u8>>> {
        let fd = FileIO::open_fd(cx, this)?;
        let mut room = DEFAULT_BUFFER_SIZE;
        if this.is_regular() {
            let mut st = crate::posix::stat::empty_stat();
            // SAFETY: st is of this frame.
            if unsafe { libc::fstat(fd, &mut st) } == 0 {
                // SAFETY: plain numbers.
                let at = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) };
                if at >= 0 && st.st_size >= at {
                    room = (st.st_size - at) as usize + 1;
                }
            }
        }
        let mut out: Vec<u8> = Vec::new();
        loop {
            if out.capacity() - out.len() == 0 || out.capacity() == 0 {
                let more = if out.is_empty() { room } else { out.len().clamp(65536, 1 << 26) };
                if out.try_reserve_exact(more).is_err() {
                    return Err(cx.no_memory());
                }
            }
            let free = out.capacity() - out.len();
            // SAFETY: within the capacity.
            let at = unsafe { out.as_mut_ptr().add(out.len()) };
            match FileIO::read_raw(cx, this, at, free)? {
                None if out.is_empty() => return Ok(None),
                None | Some(0) => return Ok(Some(out)),
                // SAFETY: read filled k of the free bytes.
                Some(k) => unsafe { out.set_len(out.len() + k) },
            }
        }
    }

    fn mode_text(this: &FileIO) -> &'static str {
        match (
            load(&this.created),
            load(&this.appending),
            load(&this.readable),
            load(&this.writable),
        ) {
            (true, _, true, _) => "xb+",
            (true, ..) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, ..) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }

    fn open_by_path(cx: &Thread, name: Value, m: &Mode, opener: Value) -> Res<i32> {
        if !opener.is_none() {
            let r = call(cx, opener, &[name, Value::small(m.flags as i64)])?;
            if r.as_small().is_none() && !taipan_vm::objects::int::is_int(r) {
                raise!(cx, TypeError, "expected integer from opener");
            }
            let n = index(cx, r)?;
            return match int_to_i64(n).and_then(|n| i32::try_from(n).ok()) {
                Some(fd) if fd < 0 => raise!(cx, ValueError, "opener returned {fd}"),
                Some(fd) => {
                    // SAFETY: plain numbers; a descriptor is not inherited unless asked for.
                    let f = unsafe { libc::fcntl(fd, libc::F_GETFD) };
                    if f >= 0 {
                        // SAFETY: plain numbers.
                        unsafe { libc::fcntl(fd, libc::F_SETFD, f | libc::FD_CLOEXEC) };
                    }
                    Ok(fd)
                }
                None => raise!(cx, OverflowError, "Python int too large to convert to C int"),
            };
        }
        let path = fspath::fs_bytes(cx, name)?;
        let (at, flags) = (path.as_ptr(), m.flags);
        // SAFETY: the path is NUL-terminated.
        let mut open = || unsafe { libc::open(at, flags, 0o666) } as i64;
        let mut r = retry(cx, &mut open)?;
        if matches!(r, Err(libc::EMFILE | libc::ENFILE)) {
            super::pending::collect_for_descriptors(cx);
            r = retry(cx, &mut open)?;
        }
        r.map(|fd| fd as i32).map_err(|e| crate::syscall::os_error_with(cx, e, name))
    }

    /// Opens: the work of `__init__`.
    pub fn init(
        cx: &Thread,
        this: &FileIO,
        file: Value,
        mode: &str,
        closefd: bool,
        opener: Value,
    ) -> Res<()> {
        if this.is_open() {
            match load(&this.closefd) {
                true => FileIO::close_fd(cx, this)?,
                false => this.fd.store(-1, Ordering::Release),
            }
        }
        super::pending::flush_all(cx)?;
        let mut given = -1;
        if file == py_bool(true) || file == py_bool(false) {
            let msg = "bool is used as a file descriptor";
            taipan_vm::objects::warn(cx, exc::RuntimeWarning(), msg, 1)?;
        }
        if file.as_small().is_some() || taipan_vm::objects::int::is_int(file) {
            given = match int_to_i64(file).and_then(|n| i32::try_from(n).ok()) {
                Some(fd) if fd < 0 => raise!(cx, ValueError, "negative file descriptor"),
                Some(fd) => fd,
                // No descriptor: it is refused as a path.
                None => -1,
            };
        }
        let m = parse_mode(cx, mode)?;
        store(&this.created, m.created);
        store(&this.readable, m.readable);
        store(&this.writable, m.writable);
        store(&this.appending, m.appending);
        this.seekable.store(-1, Ordering::Relaxed);
        this.tty.store(-1, Ordering::Relaxed);
        let fd = if given >= 0 {
            store(&this.closefd, closefd);
            given
        } else {
            store(&this.closefd, true);
            if !closefd {
                raise!(cx, ValueError, "Cannot use closefd=False with file name");
            }
            taipan_vm::modules::sys::audit_event(cx, "open", || {
                [file, Value::from_ref(Str::new(cx, mode)), Value::small(i64::from(m.flags))]
            })?;
            FileIO::open_by_path(cx, file, &m, opener)?
        };
        this.fd.store(fd, Ordering::Release);
        let r = FileIO::inspect(cx, this, fd, file, m.appending);
        if r.is_err() {
            if given >= 0 {
                this.fd.store(-1, Ordering::Release);
            } else {
                let _ = FileIO::close_fd(cx, this);
            }
        }
        r
    }

    fn inspect(cx: &Thread, this: &FileIO, fd: i32, file: Value, appending: bool) -> Res<()> {
        let mut st = crate::posix::stat::empty_stat();
        // SAFETY: st is of this frame.
        match quick(unsafe { libc::fstat(fd, &mut st) } as i64) {
            Ok(_) => {
                let kind = st.st_mode & libc::S_IFMT;
                if kind == libc::S_IFDIR {
                    return Err(crate::syscall::os_error_with(cx, libc::EISDIR, file));
                }
                store(&this.regular, kind == libc::S_IFREG);
                if kind != libc::S_IFCHR {
                    this.tty.store(0, Ordering::Relaxed);
                }
                if st.st_blksize > 1 {
                    this.blksize.store(st.st_blksize as u32, Ordering::Relaxed);
                }
            }
            Err(libc::EBADF) => return Err(crate::syscall::os_error_with(cx, libc::EBADF, file)),
            Err(_) => {}
        }
        set_attr(cx, Value::from_ref(this), id!(cx, "name"), Some(file))?;
        if appending {
            if let Err(e) = FileIO::seek_raw(cx, this, 0, libc::SEEK_END) {
                if this.seekable.load(Ordering::Relaxed) != 0 {
                    return Err(e);
                }
            }
        }
        Ok(())
    }

    pub fn is_tty(cx: &Thread, this: &FileIO) -> Res<bool> {
        let fd = FileIO::open_fd(cx, this)?;
        // SAFETY: plain numbers.
        Ok(once(cx, || unsafe { libc::isatty(fd) } as i64).is_ok_and(|n| n == 1))
    }

    pub fn warn_unclosed(cx: &Thread, this: &FileIO, source: Value) -> Res<()> {
        if this.is_open() && load(&this.closefd) {
            let text = repr(cx, source)?;
            super::warn_unclosed(cx, &format!("unclosed file {text}"), source);
        }
        Ok(())
    }

    pub fn new_in(cx: &Thread, cls: &Type) -> &'static FileIO {
        cx.alloc_in(
            cls,
            FileIO {
                head: fresh_head(),
                owner: Slot::empty(),
                fd: AtomicI32::new(-1),
                blksize: AtomicU32::new(DEFAULT_BUFFER_SIZE as u32),
                created: AtomicBool::new(false),
                readable: AtomicBool::new(false),
                writable: AtomicBool::new(false),
                appending: AtomicBool::new(false),
                closefd: AtomicBool::new(true),
                finalizing: AtomicBool::new(false),
                seekable: AtomicI8::new(-1),
                regular: AtomicBool::new(false),
                tty: AtomicI8::new(-1),
            },
        )
    }
}

#[pymethods]
impl FileIO {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(FileIO::new_in(cx, cls)))
    }

    #[slot(sig = "(self, file, mode='r', closefd=True, opener=None)")]
    fn __init__(
        cx: &Thread,
        this: &FileIO,
        file: Value,
        mode: Option<&'static Str>,
        closefd: bool,
        opener: Value,
    ) -> Res<()> {
        let mode = mode.map_or("r".into(), |m| m.to_str_lossy());
        FileIO::init(cx, this, file, &mode, closefd, opener)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &FileIO) -> Res {
        let me = Value::from_ref(this);
        let tname = me.ty().name();
        let fd = this.raw_fd();
        if fd < 0 {
            return Ok(Value::from_ref(Str::new(cx, &format!("<{tname} [closed]>"))));
        }
        let closefd = if load(&this.closefd) { "True" } else { "False" };
        let mode = FileIO::mode_text(this);
        let name = match get_attr_opt(cx, me, id!(cx, "name"))? {
            Some(n) => {
                let Some(_in) = taipan_vm::objects::text_builder::enter_repr(cx, me) else {
                    raise!(cx, RuntimeError, "reentrant call inside {tname}.__repr__");
                };
                format!("name={}", repr(cx, n)?)
            }
            None => format!("fd={fd}"),
        };
        let s = format!("<{tname} {name} mode='{mode}' closefd={closefd}>");
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    /// Up to `size` bytes in one system call; None where nothing is there yet.
    #[pymethod(sig = "(self, size=-1, /)")]
    fn read(cx: &Thread, this: &FileIO, size: Option<Value>) -> Res {
        FileIO::check_read(cx, this)?;
        let n = size_arg(cx, size)?;
        if n < 0 {
            return FileIO::readall(cx, this);
        }
        let mut buf: Vec<u8> = Vec::new();
        let n = (n as usize).min(MAX_IO);
        if buf.try_reserve_exact(n).is_err() {
            return Err(cx.no_memory());
        }
        match FileIO::read_raw(cx, this, buf.as_mut_ptr(), n)? {
            None => Ok(none()),
            Some(k) => {
                // SAFETY: read filled k bytes.
                unsafe { buf.set_len(k) };
                Ok(Value::from_ref(Bytes::new(cx, &buf)))
            }
        }
    }

    #[pymethod]
    fn readall(cx: &Thread, this: &FileIO) -> Res {
        Ok(match FileIO::read_all(cx, this)? {
            Some(v) => Value::from_ref(Bytes::new(cx, &v)),
            None => none(),
        })
    }

    #[pymethod]
    fn readinto(cx: &Thread, this: &FileIO, buffer: Value) -> Res<Option<usize>> {
        FileIO::check_read(cx, this)?;
        let b = BufArg::write(cx, buffer, "readinto() argument")?;
        FileIO::read_raw(cx, this, b.ptr(), b.len())
    }

    #[pymethod]
    fn write(cx: &Thread, this: &FileIO, b: Value) -> Res<Option<usize>> {
        FileIO::check_write(cx, this)?;
        let b = BufArg::read(cx, b)?;
        let n = FileIO::write_raw(cx, this, b.ptr(), b.len())?;
        // Cut short, perhaps by a signal: its handler runs before the caller goes on.
        cx.poll()?;
        Ok(n)
    }

    #[pymethod(sig = "(self, pos, whence=0, /)")]
    fn seek(cx: &Thread, this: &FileIO, pos: Value, whence: i32) -> Res<i64> {
        FileIO::open_fd(cx, this)?;
        let n = super::offset(cx, pos)?;
        FileIO::seek_raw(cx, this, n, whence)
    }

    #[pymethod]
    fn tell(cx: &Thread, this: &FileIO) -> Res<i64> {
        FileIO::seek_raw(cx, this, 0, libc::SEEK_CUR)
    }

    #[pymethod(sig = "(self, size=None, /)")]
    fn truncate(cx: &Thread, this: &FileIO, size: Value) -> Res {
        let fd = FileIO::check_write(cx, this)?;
        let (n, result) = match size.is_none() {
            true => {
                let n = FileIO::seek_raw(cx, this, 0, libc::SEEK_CUR)?;
                (n, int_from_i128(cx, n as i128))
            }
            false => (super::offset(cx, size)?, size),
        };
        // SAFETY: plain numbers.
        checked(cx, || unsafe { libc::ftruncate(fd, n) } as i64)?;
        Ok(result)
    }

    #[pymethod]
    fn close(cx: &Thread, this: &FileIO) -> Res<()> {
        let me = Value::from_ref(this);
        // The base's close flushes (which a subclass may have overridden) and marks.
        let base = get_attr(cx, Value::from_ref(RawIOBase::type_object()), id!(cx, "close"))?;
        let r = call(cx, base, &[me]);
        if !load(&this.closefd) {
            this.fd.store(-1, Ordering::Release);
            return r.map(|_| ());
        }
        if load(&this.finalizing) {
            FileIO::warn_unclosed(cx, this, me)?;
        }
        let c = FileIO::close_fd(cx, this);
        r?;
        base::nothing_to_finalize(me);
        c
    }

    #[pymethod]
    fn seekable(cx: &Thread, this: &FileIO) -> Res<bool> {
        FileIO::can_seek(cx, this)
    }

    #[pymethod]
    fn readable(cx: &Thread, this: &FileIO) -> Res<bool> {
        FileIO::open_fd(cx, this)?;
        Ok(load(&this.readable))
    }

    #[pymethod]
    fn writable(cx: &Thread, this: &FileIO) -> Res<bool> {
        FileIO::open_fd(cx, this)?;
        Ok(load(&this.writable))
    }

    #[pymethod]
    fn fileno(cx: &Thread, this: &FileIO) -> Res<i32> {
        FileIO::open_fd(cx, this)
    }

    #[pymethod]
    fn isatty(cx: &Thread, this: &FileIO) -> Res<bool> {
        FileIO::is_tty(cx, this)
    }

    /// As isatty, but answers without a system call where the file's kind is known.
    #[pymethod]
    fn _isatty_open_only(cx: &Thread, this: &FileIO) -> Res<bool> {
        match this.tty.load(Ordering::Relaxed) {
            0 => Ok(false),
            _ => FileIO::is_tty(cx, this),
        }
    }

    #[pymethod(text = "($self, object, /)")]
    fn _dealloc_warn(cx: &Thread, this: &FileIO, source: Value) -> Res<()> {
        FileIO::warn_unclosed(cx, this, source)
    }

    #[pymethod]
    fn __getstate__(cx: &Thread, this: Value) -> Res {
        Err(super::cannot_pickle(cx, this))
    }

    #[getter]
    fn closed(_cx: &Thread, this: &FileIO) -> bool {
        !this.is_open()
    }

    #[getter]
    fn closefd(_cx: &Thread, this: &FileIO) -> bool {
        load(&this.closefd)
    }

    #[getter]
    fn mode(_cx: &Thread, this: &FileIO) -> &'static str {
        FileIO::mode_text(this)
    }

    #[getter]
    fn _blksize(_cx: &Thread, this: &FileIO) -> u32 {
        this.blksize.load(Ordering::Relaxed)
    }

    #[setter]
    fn set__blksize(cx: &Thread, this: &FileIO, v: Option<Value>) -> Res<()> {
        let Some(v) = v else { raise!(cx, TypeError, "cannot delete attribute") };
        let n = index_isize(cx, v, exc::OverflowError())?;
        this.blksize.store(n.clamp(0, u32::MAX as isize) as u32, Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn _finalizing(_cx: &Thread, this: &FileIO) -> bool {
        load(&this.finalizing)
    }

    #[setter]
    fn set__finalizing(cx: &Thread, this: &FileIO, v: Option<Value>) -> Res<()> {
        let on = v.map_or(Ok(false), |v| is_true(cx, v))?;
        store(&this.finalizing, on);
        Ok(())
    }
}
