//! Descriptors: open, read, write, seek, duplicate, pipes, terminals, event and timer descriptors.

use crate::bufarg::BufArg;
use crate::fspath::{self, Spec};
use crate::syscall::{before_waiting, check, checked, once, os_error, retry};
use crate::timearg::{self, Round};
use taipan_vm::prelude::*;

/// The most bytes one read or write call is asked for, as in CPython.
pub const MAX_IO: usize = 0x7fff_f000;

#[pyfunction(sig = "(path, flags, mode=511, *, dir_fd=None)")]
pub fn open(cx: &Thread, path: Value, flags: i32, mode: i32, dir_fd: Value) -> Res<i64> {
    let p = fspath::path(cx, path, Spec::path("open"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    taipan_vm::modules::sys::audit_event(cx, "open", || {
        [p.object, none(), Value::small(i64::from(flags | libc::O_CLOEXEC))]
    })?;
    crate::_io::pending::flush_all(cx)?;
    let at = p.as_ptr();
    let flags = flags | libc::O_CLOEXEC;
    // SAFETY: the path is NUL-terminated.
    let mut open = || unsafe { libc::openat(d, at, flags, mode as libc::c_uint) } as i64;
    match retry(cx, &mut open)? {
        Ok(fd) => Ok(fd),
        Err(libc::EMFILE | libc::ENFILE) => {
            crate::_io::pending::collect_for_descriptors(cx);
            retry(cx, &mut open)?.map_err(|e| p.error(cx, e))
        }
        Err(e) => Err(p.error(cx, e)),
    }
}

#[pyfunction(sig = "(fd)")]
pub fn close(cx: &Thread, fd: i32) -> Res<()> {
    // SAFETY: plain numbers. After EINTR the descriptor is closed on Linux.
    match once(cx, || unsafe { libc::close(fd) } as i64) {
        Ok(_) | Err(libc::EINTR) => Ok(()),
        Err(e) => Err(os_error(cx, e)),
    }
}

#[pyfunction(sig = "(fd_low, fd_high, /)")]
pub fn closerange(cx: &Thread, fd_low: i32, fd_high: i32) {
    close_range_of(cx, fd_low, fd_high)
}

fn close_range_of(cx: &Thread, low: i32, high: i32) {
    if high <= low.max(0) {
        return;
    }
    let _ = once(cx, || {
        // SAFETY: plain numbers.
        unsafe { libc::syscall(libc::SYS_close_range, low.max(0) as u32, high as u32 - 1, 0u32) }
    });
}

#[pyfunction(sig = "(fd, length, /)")]
pub fn read(cx: &Thread, fd: i32, length: isize) -> Res {
    if length < 0 {
        return Err(os_error(cx, libc::EINVAL));
    }
    let n = (length as usize).min(MAX_IO);
    before_waiting(cx, fd, libc::POLLIN)?;
    read_bytes(cx, n, |out, n| {
        // SAFETY: read_bytes gives room for n bytes.
        unsafe { libc::read(fd, out, n) as i64 }
    })
}

/// Reads up to `n` bytes by `f` into a new bytes object.
pub fn read_bytes(cx: &Thread, n: usize, f: impl Fn(*mut libc::c_void, usize) -> i64) -> Res {
    let mut buf: Vec<u8> = Vec::new();
    if buf.try_reserve_exact(n).is_err() {
        return Err(cx.no_memory());
    }
    let out = buf.as_mut_ptr() as *mut libc::c_void;
    let got = checked(cx, || f(out, n))?;
    // SAFETY: the call wrote `got` bytes, at most n.
    unsafe { buf.set_len(got as usize) };
    Ok(Value::from_ref(Bytes::new(cx, &buf)))
}

#[pyfunction(sig = "(fd, data, /)")]
pub fn write(cx: &Thread, fd: i32, data: Value) -> Res<i64> {
    let b = BufArg::read(cx, data)?;
    let (p, n) = (b.ptr() as *const libc::c_void, b.len().min(MAX_IO));
    // SAFETY: the export holds n bytes at p.
    checked(cx, || unsafe { libc::write(fd, p, n) } as i64)
}

#[pyfunction(sig = "(fd, length, offset, /)")]
pub fn pread(cx: &Thread, fd: i32, length: isize, offset: i64) -> Res {
    if length < 0 {
        return Err(os_error(cx, libc::EINVAL));
    }
    read_bytes(cx, (length as usize).min(MAX_IO), |out, n| {
        // SAFETY: read_bytes gives room for n bytes.
        unsafe { libc::pread(fd, out, n, offset) as i64 }
    })
}

#[pyfunction(sig = "(fd, buffer, offset, /)")]
pub fn pwrite(cx: &Thread, fd: i32, buffer: Value, offset: i64) -> Res<i64> {
    let b = BufArg::read(cx, buffer)?;
    let (p, n) = (b.ptr() as *const libc::c_void, b.len().min(MAX_IO));
    // SAFETY: the export holds n bytes at p.
    checked(cx, || unsafe { libc::pwrite(fd, p, n, offset) } as i64)
}

fn vectors<'a>(cx: &'a Thread, v: Value, func: &str, write: bool) -> Res<Vec<BufArg<'a>>> {
    if !is_sequence(v) {
        raise!(cx, TypeError, "{func}() arg 2 must be a sequence");
    }
    let items = collect(cx, v)?;
    let mut out = Vec::with_capacity(items.len());
    for b in items.iter() {
        out.push(if write {
            BufArg::write(cx, *b, &format!("{func}() argument"))?
        } else {
            BufArg::read(cx, *b)?
        });
    }
    Ok(out)
}

fn iovecs(bufs: &[BufArg<'_>]) -> Vec<libc::iovec> {
    bufs.iter()
        .map(|b| libc::iovec { iov_base: b.ptr() as *mut libc::c_void, iov_len: b.len() })
        .collect()
}

#[pyfunction(sig = "(fd, buffers, /)")]
pub fn readv(cx: &Thread, fd: i32, buffers: Value) -> Res<i64> {
    let b = vectors(cx, buffers, "readv", true)?;
    let v = iovecs(&b);
    let (p, n) = (v.as_ptr(), v.len() as i32);
    // SAFETY: the exports hold the memory the vectors name.
    checked(cx, || unsafe { libc::readv(fd, p, n) } as i64)
}

#[pyfunction(sig = "(fd, buffers, /)")]
pub fn writev(cx: &Thread, fd: i32, buffers: Value) -> Res<i64> {
    let b = vectors(cx, buffers, "writev", false)?;
    let v = iovecs(&b);
    let (p, n) = (v.as_ptr(), v.len() as i32);
    // SAFETY: the exports hold the memory the vectors name.
    checked(cx, || unsafe { libc::writev(fd, p, n) } as i64)
}

#[pyfunction(sig = "(fd, buffers, offset, flags=0, /)")]
pub fn preadv(cx: &Thread, fd: i32, buffers: Value, offset: i64, flags: i32) -> Res<i64> {
    let b = vectors(cx, buffers, "preadv", true)?;
    let v = iovecs(&b);
    let (p, n) = (v.as_ptr(), v.len() as i32);
    // SAFETY: the exports hold the memory the vectors name.
    checked(cx, || unsafe { libc::preadv2(fd, p, n, offset, flags) } as i64)
}

#[pyfunction(sig = "(fd, buffers, offset, flags=0, /)")]
pub fn pwritev(cx: &Thread, fd: i32, buffers: Value, offset: i64, flags: i32) -> Res<i64> {
    let b = vectors(cx, buffers, "pwritev", false)?;
    let v = iovecs(&b);
    let (p, n) = (v.as_ptr(), v.len() as i32);
    // SAFETY: the exports hold the memory the vectors name.
    checked(cx, || unsafe { libc::pwritev2(fd, p, n, offset, flags) } as i64)
}

#[pyfunction(sig = "(fd, position, whence, /)")]
pub fn lseek(cx: &Thread, fd: i32, position: i64, whence: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::lseek(fd, position, whence) })
}

#[pyfunction(sig = "(fd)")]
pub fn fsync(cx: &Thread, fd: Value) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::fsync(fd) } as i64).map(|_| ())
}

#[pyfunction(sig = "(fd)")]
pub fn fdatasync(cx: &Thread, fd: Value) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::fdatasync(fd) } as i64).map(|_| ())
}

#[pyfunction]
pub fn sync(cx: &Thread) {
    let _ = once(cx, || {
        // SAFETY: no arguments.
        unsafe { libc::sync() };
        0
    });
}

#[pyfunction(sig = "(fd, /)")]
pub fn dup(cx: &Thread, fd: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as i64)
}

#[pyfunction(sig = "(fd, fd2, inheritable=True)")]
pub fn dup2(cx: &Thread, fd: i32, fd2: i32, inheritable: bool) -> Res<i64> {
    let flags = if inheritable || fd == fd2 { 0 } else { libc::O_CLOEXEC };
    checked(cx, || {
        // SAFETY: plain numbers.
        unsafe {
            (if flags == 0 { libc::dup2(fd, fd2) } else { libc::dup3(fd, fd2, flags) }) as i64
        }
    })
}

fn two_fds(cx: &Thread, fds: [i32; 2]) -> Value {
    Value::from_ref(Tuple::pair(cx, Value::small(fds[0] as i64), Value::small(fds[1] as i64)))
}

#[pyfunction]
pub fn pipe(cx: &Thread) -> Res {
    pipe_with(cx, libc::O_CLOEXEC)
}

#[pyfunction(sig = "(flags, /)")]
pub fn pipe2(cx: &Thread, flags: i32) -> Res {
    pipe_with(cx, flags)
}

fn pipe_with(cx: &Thread, flags: i32) -> Res {
    let mut fds = [0i32; 2];
    // SAFETY: room for two descriptors.
    check(cx, unsafe { libc::pipe2(fds.as_mut_ptr(), flags) } as i64)?;
    Ok(two_fds(cx, fds))
}

#[pyfunction(sig = "(fd, /)")]
pub fn get_inheritable(cx: &Thread, fd: i32) -> Res<bool> {
    // SAFETY: plain numbers.
    let f = check(cx, unsafe { libc::fcntl(fd, libc::F_GETFD) } as i64)?;
    Ok(f as i32 & libc::FD_CLOEXEC == 0)
}

#[pyfunction(sig = "(fd, inheritable, /)")]
pub fn set_inheritable(cx: &Thread, fd: i32, inheritable: bool) -> Res<()> {
    // SAFETY: plain numbers.
    let f = check(cx, unsafe { libc::fcntl(fd, libc::F_GETFD) } as i64)? as i32;
    let new = if inheritable { f & !libc::FD_CLOEXEC } else { f | libc::FD_CLOEXEC };
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::fcntl(fd, libc::F_SETFD, new) } as i64).map(|_| ())
}

#[pyfunction(sig = "(fd, /)")]
pub fn get_blocking(cx: &Thread, fd: i32) -> Res<bool> {
    // SAFETY: plain numbers.
    let f = check(cx, unsafe { libc::fcntl(fd, libc::F_GETFL) } as i64)?;
    Ok(f as i32 & libc::O_NONBLOCK == 0)
}

#[pyfunction(sig = "(fd, blocking, /)")]
pub fn set_blocking(cx: &Thread, fd: i32, blocking: bool) -> Res<()> {
    // SAFETY: plain numbers.
    let f = check(cx, unsafe { libc::fcntl(fd, libc::F_GETFL) } as i64)? as i32;
    let new = if blocking { f & !libc::O_NONBLOCK } else { f | libc::O_NONBLOCK };
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::fcntl(fd, libc::F_SETFL, new) } as i64).map(|_| ())
}

#[pyfunction(sig = "(fd)")]
pub fn device_encoding(cx: &Thread, fd: i32) -> Value {
    // SAFETY: plain numbers.
    if unsafe { libc::isatty(fd) } == 0 {
        return none();
    }
    Value::from_ref(Str::new(cx, "UTF-8"))
}

fn offset_arg(cx: &Thread, v: Option<Value>) -> Res<Option<i64>> {
    match v {
        Some(v) if !v.is_none() => {
            let i = index(cx, v)?;
            match int_to_i64(i) {
                Some(n) => Ok(Some(n)),
                None => raise!(cx, OverflowError, "Python int too large to convert to C long"),
            }
        }
        _ => Ok(None),
    }
}

fn opt_ptr(v: &mut Option<i64>) -> *mut i64 {
    v.as_mut().map_or(std::ptr::null_mut(), |p| p as *mut i64)
}

#[pyfunction(sig = "(src, dst, count, offset_src=None, offset_dst=None)")]
pub fn copy_file_range(
    cx: &Thread,
    src: i32,
    dst: i32,
    count: isize,
    offset_src: Value,
    offset_dst: Value,
) -> Res<i64> {
    if count < 0 {
        raise!(cx, ValueError, "negative value for 'count' not allowed");
    }
    let mut a = offset_arg(cx, Some(offset_src))?;
    let mut b = offset_arg(cx, Some(offset_dst))?;
    let (pa, pb) = (opt_ptr(&mut a), opt_ptr(&mut b));
    // SAFETY: the offsets are null or of this frame.
    checked(cx, || unsafe { libc::copy_file_range(src, pa, dst, pb, count as usize, 0) } as i64)
}

#[pyfunction(sig = "(src, dst, count, offset_src=None, offset_dst=None, flags=0)")]
pub fn splice(
    cx: &Thread,
    src: i32,
    dst: i32,
    count: isize,
    offset_src: Value,
    offset_dst: Value,
    flags: u32,
) -> Res<i64> {
    if count < 0 {
        raise!(cx, ValueError, "negative value for 'count' not allowed");
    }
    let mut a = offset_arg(cx, Some(offset_src))?;
    let mut b = offset_arg(cx, Some(offset_dst))?;
    let (pa, pb) = (opt_ptr(&mut a), opt_ptr(&mut b));
    // SAFETY: the offsets are null or of this frame.
    checked(cx, || unsafe { libc::splice(src, pa, dst, pb, count as usize, flags) } as i64)
}

#[pyfunction(sig = "(out_fd, in_fd, offset, count)")]
pub fn sendfile(cx: &Thread, out_fd: i32, in_fd: i32, offset: Value, count: isize) -> Res<i64> {
    let mut off = offset_arg(cx, Some(offset))?;
    let p = opt_ptr(&mut off);
    // SAFETY: the offset is null or of this frame.
    checked(cx, || unsafe { libc::sendfile(out_fd, in_fd, p, count as usize) } as i64)
}

#[pyfunction(sig = "(fd, offset, length, /)")]
pub fn posix_fallocate(cx: &Thread, fd: i32, offset: i64, length: i64) -> Res<()> {
    loop {
        // SAFETY: plain numbers.
        let r = unsafe { libc::posix_fallocate(fd, offset, length) };
        match r {
            0 => return Ok(()),
            libc::EINTR => crate::syscall::check_signals(cx)?,
            e => return Err(os_error(cx, e)),
        }
    }
}

#[pyfunction(sig = "(fd, offset, length, advice, /)")]
pub fn posix_fadvise(cx: &Thread, fd: i32, offset: i64, length: i64, advice: i32) -> Res<()> {
    // SAFETY: plain numbers.
    match unsafe { libc::posix_fadvise(fd, offset, length, advice) } {
        0 => Ok(()),
        e => Err(os_error(cx, e)),
    }
}

#[pyfunction(sig = "(name, flags=MFD_CLOEXEC)")]
pub fn memfd_create(cx: &Thread, name: Value, flags: Option<u32>) -> Res<i64> {
    let n = fspath::fs_bytes(cx, name)?;
    let flags = flags.unwrap_or(libc::MFD_CLOEXEC);
    // SAFETY: the name is NUL-terminated.
    check(cx, unsafe { libc::memfd_create(n.as_ptr(), flags) } as i64)
}

#[pyfunction(sig = "(initval, flags=EFD_CLOEXEC)")]
pub fn eventfd(cx: &Thread, initval: u32, flags: Option<i32>) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::eventfd(initval, flags.unwrap_or(libc::EFD_CLOEXEC)) } as i64)
}

#[pyfunction(sig = "(fd)")]
pub fn eventfd_read(cx: &Thread, fd: Value) -> Res<u64> {
    let fd = fspath::fileno(cx, fd)?;
    let mut n = 0u64;
    let p = &raw mut n as *mut libc::c_void;
    // SAFETY: room for eight bytes in this frame.
    checked(cx, || unsafe { libc::read(fd, p, 8) } as i64)?;
    Ok(n)
}

#[pyfunction(sig = "(fd, value)")]
pub fn eventfd_write(cx: &Thread, fd: Value, value: u64) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    let p = &raw const value as *const libc::c_void;
    // SAFETY: eight bytes of this frame.
    checked(cx, || unsafe { libc::write(fd, p, 8) } as i64).map(|_| ())
}

#[pyfunction(sig = "(clockid, /, *, flags=0)")]
pub fn timerfd_create(cx: &Thread, clockid: i32, flags: Option<i32>) -> Res<i64> {
    // PEP 446: never inherited.
    let flags = flags.unwrap_or(0) | libc::TFD_CLOEXEC;
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::timerfd_create(clockid, flags) } as i64)
}

fn timer_pair(cx: &Thread, t: &libc::itimerspec, ns: bool) -> Value {
    let one = |t: &libc::timespec| {
        let n = t.tv_sec * 1_000_000_000 + t.tv_nsec;
        if ns { int_from_i128(cx, n as i128) } else { Value::from_f64(n as f64 / 1e9) }
    };
    Value::from_ref(Tuple::pair(cx, one(&t.it_value), one(&t.it_interval)))
}

fn timer_get(cx: &Thread, fd: Value, ns: bool) -> Res {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain data.
    let mut t: libc::itimerspec = unsafe { std::mem::zeroed() };
    // SAFETY: t is of this frame.
    check(cx, unsafe { libc::timerfd_gettime(fd, &mut t) } as i64)?;
    Ok(timer_pair(cx, &t, ns))
}

fn timer_set(cx: &Thread, fd: Value, flags: i32, initial: i64, interval: i64, ns: bool) -> Res {
    let fd = fspath::fileno(cx, fd)?;
    let new = libc::itimerspec {
        it_interval: timearg::to_timespec(interval),
        it_value: timearg::to_timespec(initial),
    };
    // SAFETY: plain data.
    let mut old: libc::itimerspec = unsafe { std::mem::zeroed() };
    // SAFETY: both are of this frame.
    check(cx, unsafe { libc::timerfd_settime(fd, flags, &new, &mut old) } as i64)?;
    Ok(timer_pair(cx, &old, ns))
}

#[pyfunction(sig = "(fd, /)")]
pub fn timerfd_gettime(cx: &Thread, fd: Value) -> Res {
    timer_get(cx, fd, false)
}

#[pyfunction(sig = "(fd, /)")]
pub fn timerfd_gettime_ns(cx: &Thread, fd: Value) -> Res {
    timer_get(cx, fd, true)
}

#[pyfunction(
    sig = "(fd, /, *, flags=0, initial=0, interval=0)",
    text = "($module, fd, /, *, flags=0, initial=0.0, interval=0.0)"
)]
pub fn timerfd_settime(cx: &Thread, fd: Value, flags: i32, initial: Value, interval: Value) -> Res {
    let a = timearg::seconds(cx, initial, Round::Floor)?;
    let b = timearg::seconds(cx, interval, Round::Floor)?;
    timer_set(cx, fd, flags, a, b, false)
}

#[pyfunction(sig = "(fd, /, *, flags=0, initial=0, interval=0)")]
pub fn timerfd_settime_ns(cx: &Thread, fd: Value, flags: i32, initial: i64, interval: i64) -> Res {
    timer_set(cx, fd, flags, initial, interval, true)
}

fn c_text(cx: &Thread, buf: &[u8]) -> Value {
    let end = buf.iter().position(|c| *c == 0).unwrap_or(buf.len());
    Value::from_ref(fspath::decode(cx, &buf[..end]))
}

#[pyfunction(sig = "(fd, /)")]
pub fn ttyname(cx: &Thread, fd: i32) -> Res {
    let mut buf = [0u8; 4096];
    // SAFETY: the buffer's size is given.
    match unsafe { libc::ttyname_r(fd, buf.as_mut_ptr() as *mut libc::c_char, buf.len()) } {
        0 => Ok(c_text(cx, &buf)),
        e => Err(os_error(cx, e)),
    }
}

#[pyfunction(sig = "(fd, /)")]
pub fn ptsname(cx: &Thread, fd: Value) -> Res {
    let fd = fspath::fileno(cx, fd)?;
    let mut buf = [0u8; 4096];
    // SAFETY: the buffer's size is given.
    match unsafe { libc::ptsname_r(fd, buf.as_mut_ptr() as *mut libc::c_char, buf.len()) } {
        0 => Ok(c_text(cx, &buf)),
        e => Err(os_error(cx, e)),
    }
}

#[pyfunction]
pub fn ctermid(cx: &Thread) -> Value {
    Value::from_ref(Str::new(cx, "/dev/tty"))
}

#[pyfunction]
pub fn openpty(cx: &Thread) -> Res {
    let mut fds = [0i32; 2];
    // SAFETY: null for what is not wanted.
    let r = unsafe {
        libc::openpty(
            &mut fds[0],
            &mut fds[1],
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )
    };
    check(cx, r as i64)?;
    for fd in fds {
        // SAFETY: plain numbers.
        check(cx, unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } as i64)?;
    }
    Ok(two_fds(cx, fds))
}

#[pyfunction(sig = "(fd, /)")]
pub fn login_tty(cx: &Thread, fd: Value) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::login_tty(fd) } as i64).map(|_| ())
}

#[pyfunction(sig = "(oflag, /)")]
pub fn posix_openpt(cx: &Thread, oflag: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::posix_openpt(oflag) } as i64)
}

#[pyfunction(sig = "(fd, /)")]
pub fn grantpt(cx: &Thread, fd: Value) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::grantpt(fd) } as i64).map(|_| ())
}

#[pyfunction(sig = "(fd, /)")]
pub fn unlockpt(cx: &Thread, fd: Value) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::unlockpt(fd) } as i64).map(|_| ())
}

#[pyfunction(sig = "(fd, /)")]
pub fn tcgetpgrp(cx: &Thread, fd: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::tcgetpgrp(fd) } as i64)
}

#[pyfunction(sig = "(fd, pgid, /)")]
pub fn tcsetpgrp(cx: &Thread, fd: i32, pgid: i32) -> Res<()> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::tcsetpgrp(fd, pgid) } as i64).map(|_| ())
}

#[pyfunction(sig = "(size, flags=0)")]
pub fn getrandom(cx: &Thread, size: isize, flags: u32) -> Res {
    if size < 0 {
        return Err(os_error(cx, libc::EINVAL));
    }
    read_bytes(cx, size as usize, |out, n| {
        // SAFETY: read_bytes gives room for n bytes.
        unsafe { libc::getrandom(out, n, flags) as i64 }
    })
}

#[pyfunction(sig = "(size, /)")]
pub fn urandom(cx: &Thread, size: isize) -> Res {
    if size < 0 {
        raise!(cx, ValueError, "negative argument not allowed");
    }
    let mut buf = vec![0u8; size as usize];
    let mut done = 0;
    while done < buf.len() {
        let (p, n) = (buf[done..].as_mut_ptr() as *mut libc::c_void, buf.len() - done);
        // SAFETY: room for n bytes at p.
        done += checked(cx, || unsafe { libc::getrandom(p, n, 0) } as i64)? as usize;
    }
    Ok(Value::from_ref(Bytes::new(cx, &buf)))
}
