//! `_socket`: sockets over the system's. Addresses are in `addr`, the name service functions in
//! `names`.
//!
//! A socket with a timeout is non-blocking inside; each operation waits by poll, detached, and
//! signals run their handlers while it waits (`wait_for`, `operate`).

mod addr;
mod names;

use crate::bufarg::BufArg;
use crate::syscall::{before_waiting, check, check_signals, once, os_error};
use crate::timearg::{self, Deadline, Round};
use addr::Addr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use taipan_vm::idle;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

static GAI_ERROR: OnceLock<Root<Value>> = OnceLock::new();
static HERROR: OnceLock<Root<Value>> = OnceLock::new();
/// Nanoseconds; -1: blocking.
static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

pub(crate) fn sock_error(cx: &Thread, e: i32) -> Raised {
    os_error(cx, e)
}

/// A `gaierror` of a resolver code.
#[cold]
pub(crate) fn gai_error(cx: &Thread, code: i32) -> Raised {
    if code == libc::EAI_SYSTEM {
        return crate::syscall::last_error(cx);
    }
    // SAFETY: gai_strerror returns a NUL-terminated string.
    let text = unsafe { crate::fspath::decode_c(cx, libc::gai_strerror(code)) };
    raise_class(cx, &GAI_ERROR, code, text)
}

#[cold]
pub(crate) fn host_error(cx: &Thread, code: i32, text: &str) -> Raised {
    raise_class(cx, &HERROR, code, Value::from_ref(Str::new(cx, text)))
}

fn raise_class(cx: &Thread, class: &OnceLock<Root<Value>>, code: i32, text: Value) -> Raised {
    let cls = class.get().map_or(Value::from_ref(exc::OSError()), |r| r.get());
    match call(cx, cls, &[Value::small(code as i64), text]) {
        Ok(v) => Raised(v),
        Err(e) => e,
    }
}

#[repr(C)]
pub struct Socket {
    pub head: Head,
    fd: AtomicI32,
    family: AtomicI32,
    kind: AtomicI32,
    proto: AtomicI32,
    /// Nanoseconds; -1: blocking; 0: non-blocking.
    timeout: AtomicI64,
}

taipan_vm::pytype! { Socket, PySocketSock_Type, name: "socket", module: "_socket", base: Object,
flags: tpflags::BASETYPE,
doc: "A socket of the system: socket(family, type, proto) makes a new one, fileno= takes an open descriptor." }

/// What an operation waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Read,
    Write,
    Connect,
}

fn timed_out(cx: &Thread) -> Raised {
    err!(cx, TimeoutError, "timed out")
}

impl Socket {
    fn raw(&self) -> i32 {
        self.fd.load(Ordering::Acquire)
    }

    fn timeout_ns(&self) -> Option<i64> {
        match self.timeout.load(Ordering::Relaxed) {
            n if n < 0 => None,
            n => Some(n),
        }
    }

    /// Waits until the socket is ready; false at the deadline.
    fn wait_for(cx: &Thread, this: &Socket, want: Want, deadline: Deadline) -> Res<bool> {
        let events = match want {
            Want::Read => libc::POLLIN,
            Want::Write => libc::POLLOUT,
            Want::Connect => libc::POLLOUT | libc::POLLERR,
        };
        let mut patience = idle::patience();
        loop {
            let mut p = libc::pollfd { fd: this.raw(), events, revents: 0 };
            let at = &raw mut p;
            let ms = match timearg::least(deadline.left(), patience) {
                None => -1,
                Some(ns) => {
                    (ns / 1_000_000 + (ns % 1_000_000 != 0) as i64).min(i32::MAX as i64) as i32
                }
            };
            cx.poll()?;
            // SAFETY: one pollfd of this frame.
            match once(cx, || unsafe { libc::poll(at, 1, ms) } as i64) {
                Ok(0) if deadline.passed() => return Ok(false),
                Ok(0) if patience.is_some() => patience = idle::after(cx),
                Ok(0) => {}
                Ok(_) => return Ok(true),
                Err(libc::EINTR) => check_signals(cx)?,
                Err(e) => return Err(sock_error(cx, e)),
            }
        }
    }

    /// Runs a system call to its end, with the socket's timeout.
    fn operate(cx: &Thread, this: &Socket, want: Want, f: impl FnMut() -> i64) -> Res<i64> {
        let deadline = Deadline::after(this.timeout_ns());
        Socket::operate_until(cx, this, want, deadline, f)
    }

    fn operate_until(
        cx: &Thread,
        this: &Socket,
        want: Want,
        deadline: Deadline,
        mut f: impl FnMut() -> i64,
    ) -> Res<i64> {
        let timed = this.timeout.load(Ordering::Relaxed) > 0;
        if want == Want::Read && this.timeout_ns().is_none() {
            before_waiting(cx, this.raw(), libc::POLLIN)?;
        }
        loop {
            if timed && !Socket::wait_for(cx, this, want, deadline)? {
                return Err(timed_out(cx));
            }
            cx.poll()?;
            match once(cx, &mut f) {
                Ok(n) => return Ok(n),
                Err(libc::EINTR) => check_signals(cx)?,
                Err(libc::EAGAIN) if timed => {}
                Err(e) => return Err(sock_error(cx, e)),
            }
        }
    }

    fn set_nonblocking(cx: &Thread, fd: i32, on: bool) -> Res<()> {
        let mut flag = on as libc::c_int;
        let p = &raw mut flag;
        // SAFETY: FIONBIO reads an int of this frame.
        check(cx, unsafe { libc::ioctl(fd, libc::FIONBIO, p) } as i64).map(|_| ())
    }

    fn set_timeout(cx: &Thread, this: &Socket, ns: i64) -> Res<()> {
        this.timeout.store(ns, Ordering::Relaxed);
        Socket::set_nonblocking(cx, this.raw(), ns >= 0)
    }

    fn setup(cx: &Thread, this: &Socket, fd: i32, family: i32, kind: i32, proto: i32) -> Res<()> {
        this.fd.store(fd, Ordering::Release);
        this.family.store(family, Ordering::Relaxed);
        this.kind.store(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC), Ordering::Relaxed);
        this.proto.store(proto, Ordering::Relaxed);
        if kind & libc::SOCK_NONBLOCK != 0 {
            this.timeout.store(0, Ordering::Relaxed);
            return Ok(());
        }
        let ns = DEFAULT_TIMEOUT.load(Ordering::Relaxed);
        this.timeout.store(ns, Ordering::Relaxed);
        if ns >= 0 { Socket::set_nonblocking(cx, fd, true) } else { Ok(()) }
    }

    fn new_in(cx: &Thread, cls: &Type) -> &'static Socket {
        let s = Socket {
            head: fresh_head(),
            fd: AtomicI32::new(-1),
            family: AtomicI32::new(-1),
            kind: AtomicI32::new(-1),
            proto: AtomicI32::new(-1),
            timeout: AtomicI64::new(-1),
        };
        cx.alloc_in(cls, s)
    }

    fn address(cx: &Thread, this: &Socket, v: Value, func: &str) -> Res<Addr> {
        addr::from_python(cx, this.family.load(Ordering::Relaxed), v, func)
    }

    /// Connects; the errno of the failure.
    fn connect_raw(cx: &Thread, this: &Socket, a: &Addr) -> Res<Result<(), i32>> {
        let (fd, p, n) = (this.raw(), a.ptr(), a.len);
        // SAFETY: an address of that length.
        let r = once(cx, || unsafe { libc::connect(fd, p, n) } as i64);
        let e = match r {
            Ok(_) => return Ok(Ok(())),
            Err(e) => e,
        };
        let timeout = this.timeout.load(Ordering::Relaxed);
        let wait = match e {
            libc::EINTR => {
                check_signals(cx)?;
                timeout != 0
            }
            libc::EINPROGRESS => timeout > 0,
            _ => false,
        };
        if !wait {
            return Ok(Err(e));
        }
        let deadline = Deadline::after(this.timeout_ns());
        if !Socket::wait_for(cx, this, Want::Connect, deadline)? {
            return Err(timed_out(cx));
        }
        let (mut so, mut len) = (0i32, 4 as libc::socklen_t);
        let (ps, pl) = (&raw mut so as *mut libc::c_void, &raw mut len);
        // SAFETY: an int and its length of this frame.
        check(cx, unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_ERROR, ps, pl) }
            as i64)?;
        Ok(match so {
            0 | libc::EISCONN => Ok(()),
            e => Err(e),
        })
    }

    fn close_fd(cx: &Thread, this: &Socket) -> Res<()> {
        let fd = this.fd.swap(-1, Ordering::AcqRel);
        if fd < 0 {
            return Ok(());
        }
        // SAFETY: plain numbers. A reset connection is closed all the same.
        match once(cx, || unsafe { libc::close(fd) } as i64) {
            Ok(_) | Err(libc::ECONNRESET | libc::EINTR) => Ok(()),
            Err(e) => Err(sock_error(cx, e)),
        }
    }

    fn receive(cx: &Thread, this: &Socket, n: isize, flags: i32, func: &str) -> Res<Vec<u8>> {
        if n < 0 {
            raise!(cx, ValueError, "negative buffersize in {func}");
        }
        let mut buf: Vec<u8> = Vec::new();
        if buf.try_reserve_exact(n as usize).is_err() {
            return Err(cx.no_memory());
        }
        let (p, fd) = (buf.as_mut_ptr() as *mut libc::c_void, this.raw());
        // SAFETY: room for n bytes.
        let got = Socket::operate(cx, this, Want::Read, || unsafe {
            libc::recv(fd, p, n as usize, flags) as i64
        })?;
        // SAFETY: recv filled `got` bytes.
        unsafe { buf.set_len(got as usize) };
        Ok(buf)
    }

    /// The part of a buffer that an `_into` call fills.
    fn part(cx: &Thread, b: &BufArg<'_>, n: isize, func: &str) -> Res<usize> {
        if n < 0 {
            raise!(cx, ValueError, "negative buffersize in {func}");
        }
        if n == 0 {
            return Ok(b.len());
        }
        if n as usize > b.len() {
            raise!(cx, ValueError, "buffer too small for requested bytes");
        }
        Ok(n as usize)
    }
}

/// A timeout argument: nanoseconds, -1 for None.
fn timeout_arg(cx: &Thread, v: Value) -> Res<i64> {
    if v.is_none() {
        return Ok(-1);
    }
    let ns = timearg::seconds(cx, v, Round::Up)?;
    if ns < 0 {
        raise!(cx, ValueError, "Timeout value out of range");
    }
    Ok(ns)
}

fn timeout_value(ns: i64) -> Value {
    if ns < 0 { none() } else { Value::from_f64(ns as f64 / 1e9) }
}

#[pymethods]
impl Socket {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(Socket::new_in(cx, cls)))
    }

    #[slot(sig = "(self, family=-1, type=-1, proto=-1, fileno=None)")]
    fn __init__(
        cx: &Thread,
        this: &Socket,
        family: i32,
        r#type: i32,
        proto: i32,
        fileno: Value,
    ) -> Res<()> {
        let (mut family, mut kind, mut proto) = (family, r#type, proto);
        if !fileno.is_none() {
            if float_value(fileno).is_some() && !taipan_vm::objects::int::is_int(fileno) {
                raise!(cx, TypeError, "integer argument expected, got float");
            }
            let i = index(cx, fileno)?;
            let Some(fd) = int_to_i64(i).and_then(|n| i32::try_from(n).ok()) else {
                raise!(cx, OverflowError, "Python int too large to convert to C int");
            };
            if fd < 0 {
                raise!(cx, ValueError, "negative file descriptor");
            }
            let mut a = Addr::empty();
            let mut len = a.len;
            let (p, n) = (a.mut_ptr(), &raw mut len);
            // SAFETY: room for any address.
            match crate::syscall::quick(unsafe { libc::getsockname(fd, p, n) } as i64) {
                Ok(_) if family == -1 => family = a.storage.ss_family as i32,
                Ok(_) => {}
                Err(e) if family == -1 || e == libc::EBADF || e == libc::ENOTSOCK => {
                    return Err(sock_error(cx, e));
                }
                Err(_) => {}
            }
            let option = |name: i32| -> Res<i32> {
                let (mut v, mut n) = (0i32, 4 as libc::socklen_t);
                let (pv, pn) = (&raw mut v as *mut libc::c_void, &raw mut n);
                // SAFETY: an int and its length of this frame.
                check(cx, unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, pv, pn) } as i64)?;
                Ok(v)
            };
            if kind == -1 {
                kind = option(libc::SO_TYPE)?;
            }
            if proto == -1 {
                proto = option(libc::SO_PROTOCOL)?;
            }
            return Socket::setup(cx, this, fd, family, kind, proto);
        }
        family = if family == -1 { libc::AF_INET } else { family };
        kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
        proto = if proto == -1 { 0 } else { proto };
        // SAFETY: plain numbers.
        let r =
            once(cx, || unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) } as i64);
        let fd = r.map_err(|e| sock_error(cx, e))?;
        let s = Socket::setup(cx, this, fd as i32, family, kind, proto);
        if s.is_err() {
            let _ = Socket::close_fd(cx, this);
        }
        s
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Socket) -> Res {
        let s = format!(
            "<socket object, fd={}, family={}, type={}, proto={}>",
            this.raw(),
            this.family.load(Ordering::Relaxed),
            this.kind.load(Ordering::Relaxed),
            this.proto.load(Ordering::Relaxed)
        );
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    #[slot]
    fn __del__(cx: &Thread, this: &Socket) -> Res<()> {
        if this.raw() < 0 {
            return Ok(());
        }
        let me = Value::from_ref(this);
        let text = repr(cx, me)?;
        crate::_io::warn_unclosed(cx, &format!("unclosed {text}"), me);
        Socket::close_fd(cx, this)
    }

    #[getter]
    fn family(_cx: &Thread, this: &Socket) -> i32 {
        this.family.load(Ordering::Relaxed)
    }

    #[getter]
    fn r#type(_cx: &Thread, this: &Socket) -> i32 {
        this.kind.load(Ordering::Relaxed)
    }

    #[getter]
    fn proto(_cx: &Thread, this: &Socket) -> i32 {
        this.proto.load(Ordering::Relaxed)
    }

    #[getter]
    fn timeout(_cx: &Thread, this: &Socket) -> Value {
        timeout_value(this.timeout.load(Ordering::Relaxed))
    }

    #[pymethod]
    fn fileno(_cx: &Thread, this: &Socket) -> i32 {
        this.raw()
    }

    #[pymethod]
    fn detach(_cx: &Thread, this: &Socket) -> i32 {
        this.fd.swap(-1, Ordering::AcqRel)
    }

    #[pymethod]
    fn close(cx: &Thread, this: &Socket) -> Res<()> {
        Socket::close_fd(cx, this)
    }

    #[pymethod]
    fn settimeout(cx: &Thread, this: &Socket, timeout: Value) -> Res<()> {
        let ns = timeout_arg(cx, timeout)?;
        Socket::set_timeout(cx, this, ns)
    }

    #[pymethod]
    fn gettimeout(_cx: &Thread, this: &Socket) -> Value {
        timeout_value(this.timeout.load(Ordering::Relaxed))
    }

    #[pymethod]
    fn setblocking(cx: &Thread, this: &Socket, flag: bool) -> Res<()> {
        Socket::set_timeout(cx, this, if flag { -1 } else { 0 })
    }

    #[pymethod]
    fn getblocking(_cx: &Thread, this: &Socket) -> bool {
        this.timeout.load(Ordering::Relaxed) != 0
    }

    #[pymethod]
    fn _accept(cx: &Thread, this: &Socket) -> Res {
        let mut a = Addr::empty();
        let mut len = a.len;
        let (fd, p, n) = (this.raw(), a.mut_ptr(), &raw mut len);
        // SAFETY: room for any address.
        let new = Socket::operate(cx, this, Want::Read, || unsafe {
            *n = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            libc::accept4(fd, p, n, libc::SOCK_CLOEXEC) as i64
        })?;
        a.len = len;
        let peer = addr::to_python(cx, &a)?;
        Ok(Value::from_ref(Tuple::pair(cx, Value::small(new), peer)))
    }

    #[pymethod]
    fn bind(cx: &Thread, this: &Socket, address: Value) -> Res<()> {
        let a = Socket::address(cx, this, address, "bind")?;
        let (fd, p, n) = (this.raw(), a.ptr(), a.len);
        // SAFETY: an address of that length.
        let r = once(cx, || unsafe { libc::bind(fd, p, n) } as i64);
        r.map(|_| ()).map_err(|e| sock_error(cx, e))
    }

    #[pymethod]
    fn connect(cx: &Thread, this: &Socket, address: Value) -> Res<()> {
        let a = Socket::address(cx, this, address, "connect")?;
        Socket::connect_raw(cx, this, &a)?.map_err(|e| sock_error(cx, e))
    }

    #[pymethod]
    fn connect_ex(cx: &Thread, this: &Socket, address: Value) -> Res<i32> {
        let a = Socket::address(cx, this, address, "connect_ex")?;
        match Socket::connect_raw(cx, this, &a) {
            Ok(r) => Ok(r.err().unwrap_or(0)),
            Err(e) if e.is(exc::TimeoutError()) => Ok(libc::EAGAIN),
            Err(e) => Err(e),
        }
    }

    #[pymethod(sig = "(self, backlog=128, /)")]
    fn listen(cx: &Thread, this: &Socket, backlog: i32) -> Res<()> {
        // SAFETY: plain numbers.
        check(cx, unsafe { libc::listen(this.raw(), backlog.max(0)) } as i64).map(|_| ())
    }

    #[pymethod]
    fn shutdown(cx: &Thread, this: &Socket, how: i32) -> Res<()> {
        let fd = this.raw();
        // SAFETY: plain numbers.
        let r = once(cx, || unsafe { libc::shutdown(fd, how) } as i64);
        r.map(|_| ()).map_err(|e| sock_error(cx, e))
    }

    #[pymethod]
    fn getsockname(cx: &Thread, this: &Socket) -> Res {
        let mut a = Addr::empty();
        let mut len = a.len;
        let (p, n) = (a.mut_ptr(), &raw mut len);
        // SAFETY: room for any address.
        check(cx, unsafe { libc::getsockname(this.raw(), p, n) } as i64)?;
        a.len = len;
        addr::to_python(cx, &a)
    }

    #[pymethod]
    fn getpeername(cx: &Thread, this: &Socket) -> Res {
        let mut a = Addr::empty();
        let mut len = a.len;
        let (p, n) = (a.mut_ptr(), &raw mut len);
        // SAFETY: room for any address.
        check(cx, unsafe { libc::getpeername(this.raw(), p, n) } as i64)?;
        a.len = len;
        addr::to_python(cx, &a)
    }

    #[pymethod(sig = "(self, level, option, buflen=0, /)")]
    fn getsockopt(cx: &Thread, this: &Socket, level: i32, option: i32, buflen: i32) -> Res {
        if buflen == 0 {
            let (mut v, mut n) = (0i32, 4 as libc::socklen_t);
            let (pv, pn) = (&raw mut v as *mut libc::c_void, &raw mut n);
            // SAFETY: an int and its length of this frame.
            check(cx, unsafe { libc::getsockopt(this.raw(), level, option, pv, pn) } as i64)?;
            return Ok(Value::small(v as i64));
        }
        if !(1..=1024).contains(&buflen) {
            raise!(cx, OSError, "getsockopt buflen out of range");
        }
        let mut buf = vec![0u8; buflen as usize];
        let mut n = buflen as libc::socklen_t;
        let (p, pn) = (buf.as_mut_ptr() as *mut libc::c_void, &raw mut n);
        // SAFETY: the buffer's size is given.
        check(cx, unsafe { libc::getsockopt(this.raw(), level, option, p, pn) } as i64)?;
        Ok(Value::from_ref(Bytes::new(cx, &buf[..n as usize])))
    }

    #[pymethod(sig = "(self, level, option, value, optlen=0, /)")]
    fn setsockopt(
        cx: &Thread,
        this: &Socket,
        level: i32,
        option: i32,
        value: Value,
        optlen: Option<u32>,
    ) -> Res<()> {
        let fd = this.raw();
        let set = |p: *const libc::c_void, n: usize| {
            // SAFETY: n bytes at p, or null.
            check(cx, unsafe { libc::setsockopt(fd, level, option, p, n as libc::socklen_t) }
                as i64)
            .map(|_| ())
        };
        if let Some(n) = optlen {
            if !value.is_none() {
                raise!(cx, TypeError, "socket option should be None when optlen is given");
            }
            return set(std::ptr::null(), n as usize);
        }
        if value.as_small().is_some() || taipan_vm::objects::int::is_int(value) {
            let v = match int_to_i64(value) {
                Some(n) if i32::try_from(n).is_ok() => n as i32,
                _ => raise!(cx, OverflowError, "Python int too large to convert to C int"),
            };
            return set(&raw const v as *const libc::c_void, 4);
        }
        let b = BufArg::read(cx, value)?;
        set(b.ptr() as *const libc::c_void, b.len())
    }

    #[pymethod(sig = "(self, buffersize, flags=0, /)")]
    fn recv(cx: &Thread, this: &Socket, buffersize: isize, flags: i32) -> Res {
        let v = Socket::receive(cx, this, buffersize, flags, "recv")?;
        Ok(Value::from_ref(Bytes::new(cx, &v)))
    }

    #[pymethod(sig = "(self, buffer, nbytes=0, flags=0)")]
    fn recv_into(cx: &Thread, this: &Socket, buffer: Value, nbytes: isize, flags: i32) -> Res<i64> {
        let b = BufArg::write(cx, buffer, "recv_into() argument 1")?;
        let n = Socket::part(cx, &b, nbytes, "recv_into")?;
        let (fd, p) = (this.raw(), b.ptr() as *mut libc::c_void);
        // SAFETY: the export holds n bytes at p.
        Socket::operate(cx, this, Want::Read, || unsafe { libc::recv(fd, p, n, flags) as i64 })
    }

    #[pymethod(sig = "(self, buffersize, flags=0, /)")]
    fn recvfrom(cx: &Thread, this: &Socket, buffersize: isize, flags: i32) -> Res {
        if buffersize < 0 {
            raise!(cx, ValueError, "negative buffersize in recvfrom");
        }
        let mut buf = vec![0u8; buffersize as usize];
        let (p, n) = (buf.as_mut_ptr() as *mut libc::c_void, buf.len());
        let (got, from) = Socket::receive_from(cx, this, p, n, flags)?;
        let data = Value::from_ref(Bytes::new(cx, &buf[..got]));
        Ok(Value::from_ref(Tuple::pair(cx, data, from)))
    }

    #[pymethod(sig = "(self, buffer, nbytes=0, flags=0)")]
    fn recvfrom_into(cx: &Thread, this: &Socket, buffer: Value, nbytes: isize, flags: i32) -> Res {
        let b = BufArg::write(cx, buffer, "recvfrom_into() argument 1")?;
        let n = Socket::part(cx, &b, nbytes, "recvfrom_into")?;
        let (got, from) = Socket::receive_from(cx, this, b.ptr() as *mut libc::c_void, n, flags)?;
        Ok(Value::from_ref(Tuple::pair(cx, Value::small(got as i64), from)))
    }

    #[pymethod(sig = "(self, data, flags=0, /)")]
    fn send(cx: &Thread, this: &Socket, data: Value, flags: i32) -> Res<i64> {
        let b = BufArg::read(cx, data)?;
        let (fd, p, n) = (this.raw(), b.ptr() as *const libc::c_void, b.len());
        // SAFETY: the export holds n bytes at p.
        Socket::operate(cx, this, Want::Write, || unsafe { libc::send(fd, p, n, flags) as i64 })
    }

    #[pymethod(sig = "(self, data, flags=0, /)")]
    fn sendall(cx: &Thread, this: &Socket, data: Value, flags: i32) -> Res<()> {
        let b = BufArg::read(cx, data)?;
        let deadline = Deadline::after(this.timeout_ns());
        let mut done = 0;
        while done < b.len() {
            let fd = this.raw();
            // SAFETY: within the export.
            let p = unsafe { b.ptr().add(done) } as *const libc::c_void;
            let n = b.len() - done;
            // SAFETY: the export holds n bytes at p.
            let k = Socket::operate_until(cx, this, Want::Write, deadline, || unsafe {
                libc::send(fd, p, n, flags) as i64
            })?;
            done += k as usize;
            check_signals(cx)?;
        }
        Ok(())
    }

    #[pymethod(sig = "(self, *args)")]
    fn sendto(cx: &Thread, this: &Socket, args: &[Value]) -> Res<i64> {
        let (data, flags, address) = match args {
            [d, a] => (*d, 0, *a),
            [d, f, a] => {
                let i = index(cx, *f)?;
                (*d, int_to_i64(i).unwrap_or(0) as i32, *a)
            }
            _ => raise!(cx, TypeError, "sendto() takes 2 or 3 arguments ({} given)", args.len()),
        };
        let b = BufArg::read(cx, data)?;
        let to = Socket::address(cx, this, address, "sendto")?;
        let (fd, p, n, ap, an) =
            (this.raw(), b.ptr() as *const libc::c_void, b.len(), to.ptr(), to.len);
        // SAFETY: the export holds n bytes at p; an address of that length.
        Socket::operate(cx, this, Want::Write, || unsafe {
            libc::sendto(fd, p, n, flags, ap, an) as i64
        })
    }

    #[pymethod(sig = "(self, buffers, ancdata=(), flags=0, address=None, /)")]
    fn sendmsg(
        cx: &Thread,
        this: &Socket,
        buffers: Value,
        ancdata: Option<Value>,
        flags: i32,
        address: Value,
    ) -> Res<i64> {
        let items = collect(cx, buffers)?;
        let mut bufs = Vec::with_capacity(items.len());
        for v in items.iter() {
            bufs.push(BufArg::read(cx, *v)?);
        }
        let iov: Vec<libc::iovec> = bufs
            .iter()
            .map(|b| libc::iovec { iov_base: b.ptr() as *mut libc::c_void, iov_len: b.len() })
            .collect();
        let mut control: Vec<u64> = Vec::new();
        let mut used = 0usize;
        if let Some(a) = ancdata {
            for m in collect(cx, a)?.iter() {
                let Some(t) = m.downcast::<Tuple>().filter(|t| t.len() == 3) else {
                    raise!(cx, TypeError, "[sendmsg() ancillary data items] must be 3-tuples");
                };
                let n =
                    |v: Value| -> Res<i32> { Ok(int_to_i64(index(cx, v)?).unwrap_or(0) as i32) };
                let (level, kind) = (n(t.get(0))?, n(t.get(1))?);
                let data = BufArg::read(cx, t.get(2))?.to_vec();
                // SAFETY: plain arithmetic.
                let (space, len) = unsafe {
                    (libc::CMSG_SPACE(data.len() as u32), libc::CMSG_LEN(data.len() as u32))
                };
                control.resize((used + space as usize).div_ceil(8), 0);
                // SAFETY: the vector has room for `space` bytes from `used` on, aligned to 8.
                unsafe {
                    let c = (control.as_mut_ptr() as *mut u8).add(used) as *mut libc::cmsghdr;
                    (*c).cmsg_level = level;
                    (*c).cmsg_type = kind;
                    (*c).cmsg_len = len as usize;
                    std::ptr::copy_nonoverlapping(data.as_ptr(), libc::CMSG_DATA(c), data.len());
                }
                used += space as usize;
            }
        }
        let to = match address.is_none() {
            true => None,
            false => Some(Socket::address(cx, this, address, "sendmsg")?),
        };
        // SAFETY: plain data and null pointers.
        let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
        if let Some(a) = &to {
            msg.msg_name = a.ptr() as *mut libc::c_void;
            msg.msg_namelen = a.len;
        }
        msg.msg_iov = iov.as_ptr() as *mut libc::iovec;
        msg.msg_iovlen = iov.len() as _;
        if used > 0 {
            msg.msg_control = control.as_mut_ptr() as *mut libc::c_void;
            msg.msg_controllen = used as _;
        }
        let (fd, p) = (this.raw(), &raw const msg);
        // SAFETY: all that msg names is of this frame or held exported.
        Socket::operate(cx, this, Want::Write, || unsafe { libc::sendmsg(fd, p, flags) as i64 })
    }

    #[pymethod(sig = "(self, bufsize, ancbufsize=0, flags=0, /)")]
    fn recvmsg(cx: &Thread, this: &Socket, bufsize: isize, ancbufsize: isize, flags: i32) -> Res {
        if bufsize < 0 {
            raise!(cx, ValueError, "negative buffer size in recvmsg()");
        }
        let mut buf = vec![0u8; bufsize as usize];
        let iov =
            [libc::iovec { iov_base: buf.as_mut_ptr() as *mut libc::c_void, iov_len: buf.len() }];
        let (got, rest) = Socket::receive_message(cx, this, &iov, ancbufsize, flags, "recvmsg")?;
        let data = Value::from_ref(Bytes::new(cx, &buf[..got]));
        Ok(Value::from_ref(Tuple::from_slice(cx, &[data, rest[0], rest[1], rest[2]])))
    }

    #[pymethod(sig = "(self, buffers, ancbufsize=0, flags=0, /)")]
    fn recvmsg_into(
        cx: &Thread,
        this: &Socket,
        buffers: Value,
        ancbufsize: isize,
        flags: i32,
    ) -> Res {
        let items = collect(cx, buffers)?;
        let mut bufs = Vec::with_capacity(items.len());
        for v in items.iter() {
            bufs.push(BufArg::write(cx, *v, "recvmsg_into() argument 1")?);
        }
        let iov: Vec<libc::iovec> = bufs
            .iter()
            .map(|b| libc::iovec { iov_base: b.ptr() as *mut libc::c_void, iov_len: b.len() })
            .collect();
        let (got, rest) =
            Socket::receive_message(cx, this, &iov, ancbufsize, flags, "recvmsg_into")?;
        let n = Value::small(got as i64);
        Ok(Value::from_ref(Tuple::from_slice(cx, &[n, rest[0], rest[1], rest[2]])))
    }
}

impl Socket {
    fn receive_from(
        cx: &Thread,
        this: &Socket,
        p: *mut libc::c_void,
        n: usize,
        flags: i32,
    ) -> Res<(usize, Value)> {
        let mut a = Addr::empty();
        let mut len = a.len;
        let (fd, ap, al) = (this.raw(), a.mut_ptr(), &raw mut len);
        // SAFETY: the caller gives room for n bytes; room for any address.
        let got = Socket::operate(cx, this, Want::Read, || unsafe {
            *al = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            libc::recvfrom(fd, p, n, flags, ap, al) as i64
        })?;
        a.len = len;
        Ok((got as usize, addr::to_python(cx, &a)?))
    }

    /// Bytes received, and [ancillary data, flags, address].
    fn receive_message(
        cx: &Thread,
        this: &Socket,
        iov: &[libc::iovec],
        anc: isize,
        flags: i32,
        func: &str,
    ) -> Res<(usize, [Value; 3])> {
        if anc < 0 {
            raise!(cx, ValueError, "invalid ancillary data buffer length");
        }
        let mut a = Addr::empty();
        let mut control = vec![0u64; (anc as usize).div_ceil(8)];
        // SAFETY: plain data and null pointers.
        let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
        msg.msg_iov = iov.as_ptr() as *mut libc::iovec;
        msg.msg_iovlen = iov.len() as _;
        let (fd, p, name) = (this.raw(), &raw mut msg, a.mut_ptr() as *mut libc::c_void);
        let c = control.as_mut_ptr() as *mut libc::c_void;
        // SAFETY: all that msg names is of this frame or held exported.
        let got = Socket::operate(cx, this, Want::Read, || unsafe {
            (*p).msg_name = name;
            (*p).msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            (*p).msg_control = c;
            (*p).msg_controllen = anc as _;
            libc::recvmsg(fd, p, flags) as i64
        })?;
        let list = List::new(cx);
        // SAFETY: the kernel filled msg_controllen bytes of control messages.
        unsafe {
            let mut c = if anc > 0 { libc::CMSG_FIRSTHDR(p) } else { std::ptr::null_mut() };
            while !c.is_null() {
                let head = libc::CMSG_DATA(c) as usize - c as usize;
                let room = control.as_ptr() as usize + msg.msg_controllen as usize
                    - libc::CMSG_DATA(c) as usize;
                let n = ((*c).cmsg_len as usize).saturating_sub(head).min(room);
                let data = std::slice::from_raw_parts(libc::CMSG_DATA(c), n);
                let items = [
                    Value::small((*c).cmsg_level as i64),
                    Value::small((*c).cmsg_type as i64),
                    Value::from_ref(Bytes::new(cx, data)),
                ];
                list.push(cx, Value::from_ref(Tuple::from_slice(cx, &items)));
                c = libc::CMSG_NXTHDR(p, c);
            }
        }
        let _ = func;
        a.len = msg.msg_namelen;
        let from = addr::to_python(cx, &a)?;
        Ok((got as usize, [Value::from_ref(list), Value::small(msg.msg_flags as i64), from]))
    }
}

#[pyfunction(sig = "(fd, /)")]
fn close(cx: &Thread, fd: i32) -> Res<()> {
    // SAFETY: plain numbers.
    match once(cx, || unsafe { libc::close(fd) } as i64) {
        Ok(_) | Err(libc::ECONNRESET) => Ok(()),
        Err(e) => Err(sock_error(cx, e)),
    }
}

#[pyfunction(sig = "(fd, /)")]
fn dup(cx: &Thread, fd: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as i64)
}

#[pyfunction(sig = "(family=-1, type=-1, proto=0, /)")]
fn socketpair(cx: &Thread, family: Option<i32>, r#type: Option<i32>, proto: i32) -> Res {
    let family = family.unwrap_or(libc::AF_UNIX);
    let kind = r#type.unwrap_or(libc::SOCK_STREAM);
    let mut fds = [0i32; 2];
    let p = fds.as_mut_ptr();
    // SAFETY: room for two.
    check(cx, unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, p) } as i64)?;
    let mut both: GcVec<Value> = GcVec::new();
    for fd in fds {
        let s = Socket::new_in(cx, Socket::type_object());
        Socket::setup(cx, s, fd, family, kind, proto)?;
        both.push(Value::from_ref(s));
    }
    Ok(Value::from_ref(Tuple::from_slice(cx, &both)))
}

#[pyfunction]
fn getdefaulttimeout(_cx: &Thread) -> Value {
    timeout_value(DEFAULT_TIMEOUT.load(Ordering::Relaxed))
}

#[pyfunction(sig = "(timeout, /)")]
fn setdefaulttimeout(cx: &Thread, timeout: Value) -> Res<()> {
    DEFAULT_TIMEOUT.store(timeout_arg(cx, timeout)?, Ordering::Relaxed);
    Ok(())
}

#[pyfunction(sig = "(length, /)")]
#[allow(non_snake_case)]
fn CMSG_LEN(cx: &Thread, length: isize) -> Res<u32> {
    if !(0..=0x7fff_ffff - 64).contains(&length) {
        raise!(cx, OverflowError, "CMSG_LEN() argument out of range");
    }
    // SAFETY: plain arithmetic.
    Ok(unsafe { libc::CMSG_LEN(length as u32) })
}

#[pyfunction(sig = "(length, /)")]
#[allow(non_snake_case)]
fn CMSG_SPACE(cx: &Thread, length: isize) -> Res<u32> {
    if !(0..=0x7fff_ffff - 64).contains(&length) {
        raise!(cx, OverflowError, "CMSG_SPACE() argument out of range");
    }
    // SAFETY: plain arithmetic.
    Ok(unsafe { libc::CMSG_SPACE(length as u32) })
}

pymodule! { "_socket", doc: "Sockets. Use socket instead.", functions: [
    close, dup, socketpair, getdefaulttimeout, setdefaulttimeout, CMSG_LEN, CMSG_SPACE,
    names::getaddrinfo, names::getnameinfo, names::gethostbyname, names::gethostbyname_ex,
    names::gethostbyaddr, names::gethostname, names::sethostname, names::getservbyname,
    names::getservbyport, names::getprotobyname, names::inet_aton, names::inet_ntoa,
    names::inet_pton, names::inet_ntop, names::htons, names::htonl, names::ntohs, names::ntohl,
    names::if_nameindex, names::if_nametoindex, names::if_indextoname
], exec: exec }

fn new_error(cx: &Thread, name: &'static Str, slot: &OnceLock<Root<Value>>) -> Res {
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::OSError())]);
    let ns = Dict::new(cx);
    ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "socket")));
    let args = [Value::from_ref(name), Value::from_ref(bases), Value::from_ref(ns)];
    let e = call(cx, Value::from_ref(Type::type_object()), &args)?;
    let _ = slot.set(Root::new(e));
    Ok(e)
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    m.add(cx, "has_ipv6", py_bool(true));
    m.add(cx, "error", Value::from_ref(exc::OSError()));
    m.add(cx, "timeout", Value::from_ref(exc::TimeoutError()));
    let g = new_error(cx, id!(cx, "gaierror"), &GAI_ERROR)?;
    m.add(cx, "gaierror", g);
    let h = new_error(cx, id!(cx, "herror"), &HERROR)?;
    m.add(cx, "herror", h);
    let t = m.add_type::<Socket>(cx);
    m.add(cx, "SocketType", Value::from_ref(t));
    Ok(())
}

static CONSTANTS: &[(&str, i64)] = &[
    ("AF_ALG", 38),
    ("AF_APPLETALK", 5),
    ("AF_ASH", 18),
    ("AF_ATMPVC", 8),
    ("AF_ATMSVC", 20),
    ("AF_AX25", 3),
    ("AF_BLUETOOTH", 31),
    ("AF_BRIDGE", 7),
    ("AF_CAN", 29),
    ("AF_DECnet", 12),
    ("AF_ECONET", 19),
    ("AF_INET", 2),
    ("AF_INET6", 10),
    ("AF_IPX", 4),
    ("AF_IRDA", 23),
    ("AF_KEY", 15),
    ("AF_LLC", 26),
    ("AF_NETBEUI", 13),
    ("AF_NETLINK", 16),
    ("AF_NETROM", 6),
    ("AF_PACKET", 17),
    ("AF_PPPOX", 24),
    ("AF_QIPCRTR", 42),
    ("AF_RDS", 21),
    ("AF_ROSE", 11),
    ("AF_ROUTE", 16),
    ("AF_SECURITY", 14),
    ("AF_SNA", 22),
    ("AF_TIPC", 30),
    ("AF_UNIX", 1),
    ("AF_UNSPEC", 0),
    ("AF_VSOCK", 40),
    ("AF_WANPIPE", 25),
    ("AF_X25", 9),
    ("AI_ADDRCONFIG", 32),
    ("AI_ALL", 16),
    ("AI_CANONNAME", 2),
    ("AI_NUMERICHOST", 4),
    ("AI_NUMERICSERV", 1024),
    ("AI_PASSIVE", 1),
    ("AI_V4MAPPED", 8),
    ("ALG_OP_DECRYPT", 0),
    ("ALG_OP_ENCRYPT", 1),
    ("ALG_OP_SIGN", 2),
    ("ALG_OP_VERIFY", 3),
    ("ALG_SET_AEAD_ASSOCLEN", 4),
    ("ALG_SET_AEAD_AUTHSIZE", 5),
    ("ALG_SET_IV", 2),
    ("ALG_SET_KEY", 1),
    ("ALG_SET_OP", 3),
    ("ALG_SET_PUBKEY", 6),
    ("BTPROTO_HCI", 1),
    ("BTPROTO_L2CAP", 0),
    ("BTPROTO_RFCOMM", 3),
    ("BTPROTO_SCO", 2),
    ("CAN_BCM", 2),
    ("CAN_BCM_CAN_FD_FRAME", 2048),
    ("CAN_BCM_RX_ANNOUNCE_RESUME", 256),
    ("CAN_BCM_RX_CHANGED", 12),
    ("CAN_BCM_RX_CHECK_DLC", 64),
    ("CAN_BCM_RX_DELETE", 6),
    ("CAN_BCM_RX_FILTER_ID", 32),
    ("CAN_BCM_RX_NO_AUTOTIMER", 128),
    ("CAN_BCM_RX_READ", 7),
    ("CAN_BCM_RX_RTR_FRAME", 1024),
    ("CAN_BCM_RX_SETUP", 5),
    ("CAN_BCM_RX_STATUS", 10),
    ("CAN_BCM_RX_TIMEOUT", 11),
    ("CAN_BCM_SETTIMER", 1),
    ("CAN_BCM_STARTTIMER", 2),
    ("CAN_BCM_TX_ANNOUNCE", 8),
    ("CAN_BCM_TX_COUNTEVT", 4),
    ("CAN_BCM_TX_CP_CAN_ID", 16),
    ("CAN_BCM_TX_DELETE", 2),
    ("CAN_BCM_TX_EXPIRED", 9),
    ("CAN_BCM_TX_READ", 3),
    ("CAN_BCM_TX_RESET_MULTI_IDX", 512),
    ("CAN_BCM_TX_SEND", 4),
    ("CAN_BCM_TX_SETUP", 1),
    ("CAN_BCM_TX_STATUS", 8),
    ("CAN_EFF_FLAG", 2147483648),
    ("CAN_EFF_MASK", 536870911),
    ("CAN_ERR_FLAG", 536870912),
    ("CAN_ERR_MASK", 536870911),
    ("CAN_ISOTP", 6),
    ("CAN_J1939", 7),
    ("CAN_RAW", 1),
    ("CAN_RAW_ERR_FILTER", 2),
    ("CAN_RAW_FD_FRAMES", 5),
    ("CAN_RAW_FILTER", 1),
    ("CAN_RAW_JOIN_FILTERS", 6),
    ("CAN_RAW_LOOPBACK", 3),
    ("CAN_RAW_RECV_OWN_MSGS", 4),
    ("CAN_RTR_FLAG", 1073741824),
    ("CAN_SFF_MASK", 2047),
    ("EAI_ADDRFAMILY", -9),
    ("EAI_AGAIN", -3),
    ("EAI_BADFLAGS", -1),
    ("EAI_FAIL", -4),
    ("EAI_FAMILY", -6),
    ("EAI_MEMORY", -10),
    ("EAI_NODATA", -5),
    ("EAI_NONAME", -2),
    ("EAI_OVERFLOW", -12),
    ("EAI_SERVICE", -8),
    ("EAI_SOCKTYPE", -7),
    ("EAI_SYSTEM", -11),
    ("ETHERTYPE_ARP", 2054),
    ("ETHERTYPE_IP", 2048),
    ("ETHERTYPE_IPV6", 34525),
    ("ETHERTYPE_VLAN", 33024),
    ("ETH_P_ALL", 3),
    ("HCI_DATA_DIR", 1),
    ("HCI_FILTER", 2),
    ("HCI_TIME_STAMP", 3),
    ("INADDR_ALLHOSTS_GROUP", 3758096385),
    ("INADDR_ANY", 0),
    ("INADDR_BROADCAST", 4294967295),
    ("INADDR_LOOPBACK", 2130706433),
    ("INADDR_MAX_LOCAL_GROUP", 3758096639),
    ("INADDR_NONE", 4294967295),
    ("INADDR_UNSPEC_GROUP", 3758096384),
    ("IOCTL_VM_SOCKETS_GET_LOCAL_CID", 1977),
    ("IPPORT_RESERVED", 1024),
    ("IPPORT_USERRESERVED", 5000),
    ("IPPROTO_AH", 51),
    ("IPPROTO_DSTOPTS", 60),
    ("IPPROTO_EGP", 8),
    ("IPPROTO_ESP", 50),
    ("IPPROTO_FRAGMENT", 44),
    ("IPPROTO_GRE", 47),
    ("IPPROTO_HOPOPTS", 0),
    ("IPPROTO_ICMP", 1),
    ("IPPROTO_ICMPV6", 58),
    ("IPPROTO_IDP", 22),
    ("IPPROTO_IGMP", 2),
    ("IPPROTO_IP", 0),
    ("IPPROTO_IPIP", 4),
    ("IPPROTO_IPV6", 41),
    ("IPPROTO_MPTCP", 262),
    ("IPPROTO_NONE", 59),
    ("IPPROTO_PIM", 103),
    ("IPPROTO_PUP", 12),
    ("IPPROTO_RAW", 255),
    ("IPPROTO_ROUTING", 43),
    ("IPPROTO_RSVP", 46),
    ("IPPROTO_SCTP", 132),
    ("IPPROTO_TCP", 6),
    ("IPPROTO_TP", 29),
    ("IPPROTO_UDP", 17),
    ("IPPROTO_UDPLITE", 136),
    ("IPV6_CHECKSUM", 7),
    ("IPV6_DONTFRAG", 62),
    ("IPV6_DSTOPTS", 59),
    ("IPV6_HOPLIMIT", 52),
    ("IPV6_HOPOPTS", 54),
    ("IPV6_JOIN_GROUP", 20),
    ("IPV6_LEAVE_GROUP", 21),
    ("IPV6_MULTICAST_HOPS", 18),
    ("IPV6_MULTICAST_IF", 17),
    ("IPV6_MULTICAST_LOOP", 19),
    ("IPV6_NEXTHOP", 9),
    ("IPV6_PATHMTU", 61),
    ("IPV6_PKTINFO", 50),
    ("IPV6_RECVDSTOPTS", 58),
    ("IPV6_RECVHOPLIMIT", 51),
    ("IPV6_RECVHOPOPTS", 53),
    ("IPV6_RECVPATHMTU", 60),
    ("IPV6_RECVPKTINFO", 49),
    ("IPV6_RECVRTHDR", 56),
    ("IPV6_RECVTCLASS", 66),
    ("IPV6_RTHDR", 57),
    ("IPV6_RTHDRDSTOPTS", 55),
    ("IPV6_RTHDR_TYPE_0", 0),
    ("IPV6_TCLASS", 67),
    ("IPV6_UNICAST_HOPS", 16),
    ("IPV6_V6ONLY", 26),
    ("IP_ADD_MEMBERSHIP", 35),
    ("IP_ADD_SOURCE_MEMBERSHIP", 39),
    ("IP_BIND_ADDRESS_NO_PORT", 24),
    ("IP_BLOCK_SOURCE", 38),
    ("IP_DEFAULT_MULTICAST_LOOP", 1),
    ("IP_DEFAULT_MULTICAST_TTL", 1),
    ("IP_DROP_MEMBERSHIP", 36),
    ("IP_DROP_SOURCE_MEMBERSHIP", 40),
    ("IP_HDRINCL", 3),
    ("IP_MAX_MEMBERSHIPS", 20),
    ("IP_MULTICAST_IF", 32),
    ("IP_MULTICAST_LOOP", 34),
    ("IP_MULTICAST_TTL", 33),
    ("IP_OPTIONS", 4),
    ("IP_PKTINFO", 8),
    ("IP_RECVOPTS", 6),
    ("IP_RECVRETOPTS", 7),
    ("IP_RECVTOS", 13),
    ("IP_RETOPTS", 7),
    ("IP_TOS", 1),
    ("IP_TRANSPARENT", 19),
    ("IP_TTL", 2),
    ("IP_UNBLOCK_SOURCE", 37),
    ("J1939_EE_INFO_NONE", 0),
    ("J1939_EE_INFO_TX_ABORT", 1),
    ("J1939_FILTER_MAX", 512),
    ("J1939_IDLE_ADDR", 254),
    ("J1939_MAX_UNICAST_ADDR", 253),
    ("J1939_NLA_BYTES_ACKED", 1),
    ("J1939_NLA_PAD", 0),
    ("J1939_NO_ADDR", 255),
    ("J1939_NO_NAME", 0),
    ("J1939_NO_PGN", 262144),
    ("J1939_PGN_ADDRESS_CLAIMED", 60928),
    ("J1939_PGN_ADDRESS_COMMANDED", 65240),
    ("J1939_PGN_MAX", 262143),
    ("J1939_PGN_PDU1_MAX", 261888),
    ("J1939_PGN_REQUEST", 59904),
    ("MSG_CMSG_CLOEXEC", 1073741824),
    ("MSG_CONFIRM", 2048),
    ("MSG_CTRUNC", 8),
    ("MSG_DONTROUTE", 4),
    ("MSG_DONTWAIT", 64),
    ("MSG_EOR", 128),
    ("MSG_ERRQUEUE", 8192),
    ("MSG_FASTOPEN", 536870912),
    ("MSG_MORE", 32768),
    ("MSG_NOSIGNAL", 16384),
    ("MSG_OOB", 1),
    ("MSG_PEEK", 2),
    ("MSG_TRUNC", 32),
    ("MSG_WAITALL", 256),
    ("NETLINK_CRYPTO", 21),
    ("NETLINK_DNRTMSG", 14),
    ("NETLINK_FIREWALL", 3),
    ("NETLINK_IP6_FW", 13),
    ("NETLINK_NFLOG", 5),
    ("NETLINK_ROUTE", 0),
    ("NETLINK_USERSOCK", 2),
    ("NETLINK_XFRM", 6),
    ("NI_DGRAM", 16),
    ("NI_IDN", 32),
    ("NI_MAXHOST", 1025),
    ("NI_MAXSERV", 32),
    ("NI_NAMEREQD", 8),
    ("NI_NOFQDN", 4),
    ("NI_NUMERICHOST", 1),
    ("NI_NUMERICSERV", 2),
    ("PACKET_BROADCAST", 1),
    ("PACKET_FASTROUTE", 6),
    ("PACKET_HOST", 0),
    ("PACKET_LOOPBACK", 5),
    ("PACKET_MULTICAST", 2),
    ("PACKET_OTHERHOST", 3),
    ("PACKET_OUTGOING", 4),
    ("PF_CAN", 29),
    ("PF_PACKET", 17),
    ("PF_RDS", 21),
    ("SCM_CREDENTIALS", 2),
    ("SCM_J1939_DEST_ADDR", 1),
    ("SCM_J1939_DEST_NAME", 2),
    ("SCM_J1939_ERRQUEUE", 4),
    ("SCM_J1939_PRIO", 3),
    ("SCM_RIGHTS", 1),
    ("SHUT_RD", 0),
    ("SHUT_RDWR", 2),
    ("SHUT_WR", 1),
    ("SOCK_CLOEXEC", 524288),
    ("SOCK_DGRAM", 2),
    ("SOCK_NONBLOCK", 2048),
    ("SOCK_RAW", 3),
    ("SOCK_RDM", 4),
    ("SOCK_SEQPACKET", 5),
    ("SOCK_STREAM", 1),
    ("SOL_ALG", 279),
    ("SOL_CAN_BASE", 100),
    ("SOL_CAN_RAW", 101),
    ("SOL_HCI", 0),
    ("SOL_IP", 0),
    ("SOL_RDS", 276),
    ("SOL_SOCKET", 1),
    ("SOL_TCP", 6),
    ("SOL_TIPC", 271),
    ("SOL_UDP", 17),
    ("SOMAXCONN", 4096),
    ("SO_ACCEPTCONN", 30),
    ("SO_BINDTODEVICE", 25),
    ("SO_BINDTOIFINDEX", 62),
    ("SO_BROADCAST", 6),
    ("SO_DEBUG", 1),
    ("SO_DOMAIN", 39),
    ("SO_DONTROUTE", 5),
    ("SO_ERROR", 4),
    ("SO_INCOMING_CPU", 49),
    ("SO_J1939_ERRQUEUE", 4),
    ("SO_J1939_FILTER", 1),
    ("SO_J1939_PROMISC", 2),
    ("SO_J1939_SEND_PRIO", 3),
    ("SO_KEEPALIVE", 9),
    ("SO_LINGER", 13),
    ("SO_MARK", 36),
    ("SO_OOBINLINE", 10),
    ("SO_PASSCRED", 16),
    ("SO_PASSSEC", 34),
    ("SO_PEERCRED", 17),
    ("SO_PEERSEC", 31),
    ("SO_PRIORITY", 12),
    ("SO_PROTOCOL", 38),
    ("SO_RCVBUF", 8),
    ("SO_RCVLOWAT", 18),
    ("SO_RCVTIMEO", 20),
    ("SO_REUSEADDR", 2),
    ("SO_REUSEPORT", 15),
    ("SO_SNDBUF", 7),
    ("SO_SNDLOWAT", 19),
    ("SO_SNDTIMEO", 21),
    ("SO_TYPE", 3),
    ("SO_VM_SOCKETS_BUFFER_MAX_SIZE", 2),
    ("SO_VM_SOCKETS_BUFFER_MIN_SIZE", 1),
    ("SO_VM_SOCKETS_BUFFER_SIZE", 0),
    ("TCP_CC_INFO", 26),
    ("TCP_CONGESTION", 13),
    ("TCP_CORK", 3),
    ("TCP_DEFER_ACCEPT", 9),
    ("TCP_FASTOPEN", 23),
    ("TCP_FASTOPEN_CONNECT", 30),
    ("TCP_FASTOPEN_KEY", 33),
    ("TCP_FASTOPEN_NO_COOKIE", 34),
    ("TCP_INFO", 11),
    ("TCP_INQ", 36),
    ("TCP_KEEPCNT", 6),
    ("TCP_KEEPIDLE", 4),
    ("TCP_KEEPINTVL", 5),
    ("TCP_LINGER2", 8),
    ("TCP_MAXSEG", 2),
    ("TCP_MD5SIG", 14),
    ("TCP_MD5SIG_EXT", 32),
    ("TCP_NODELAY", 1),
    ("TCP_NOTSENT_LOWAT", 25),
    ("TCP_QUEUE_SEQ", 21),
    ("TCP_QUICKACK", 12),
    ("TCP_REPAIR", 19),
    ("TCP_REPAIR_OPTIONS", 22),
    ("TCP_REPAIR_QUEUE", 20),
    ("TCP_REPAIR_WINDOW", 29),
    ("TCP_SAVED_SYN", 28),
    ("TCP_SAVE_SYN", 27),
    ("TCP_SYNCNT", 7),
    ("TCP_THIN_DUPACK", 17),
    ("TCP_THIN_LINEAR_TIMEOUTS", 16),
    ("TCP_TIMESTAMP", 24),
    ("TCP_TX_DELAY", 37),
    ("TCP_ULP", 31),
    ("TCP_USER_TIMEOUT", 18),
    ("TCP_WINDOW_CLAMP", 10),
    ("TCP_ZEROCOPY_RECEIVE", 35),
    ("TIPC_ADDR_ID", 3),
    ("TIPC_ADDR_NAME", 2),
    ("TIPC_ADDR_NAMESEQ", 1),
    ("TIPC_CFG_SRV", 0),
    ("TIPC_CLUSTER_SCOPE", 2),
    ("TIPC_CONN_TIMEOUT", 130),
    ("TIPC_CRITICAL_IMPORTANCE", 3),
    ("TIPC_DEST_DROPPABLE", 129),
    ("TIPC_HIGH_IMPORTANCE", 2),
    ("TIPC_IMPORTANCE", 127),
    ("TIPC_LOW_IMPORTANCE", 0),
    ("TIPC_MEDIUM_IMPORTANCE", 1),
    ("TIPC_NODE_SCOPE", 3),
    ("TIPC_PUBLISHED", 1),
    ("TIPC_SRC_DROPPABLE", 128),
    ("TIPC_SUBSCR_TIMEOUT", 3),
    ("TIPC_SUB_CANCEL", 4),
    ("TIPC_SUB_PORTS", 1),
    ("TIPC_SUB_SERVICE", 2),
    ("TIPC_TOP_SRV", 1),
    ("TIPC_WAIT_FOREVER", -1),
    ("TIPC_WITHDRAWN", 2),
    ("TIPC_ZONE_SCOPE", 1),
    ("UDPLITE_RECV_CSCOV", 11),
    ("UDPLITE_SEND_CSCOV", 10),
    ("VMADDR_CID_ANY", 4294967295),
    ("VMADDR_CID_HOST", 2),
    ("VMADDR_PORT_ANY", 4294967295),
    ("VM_SOCKETS_INVALID_VERSION", 4294967295),
];
