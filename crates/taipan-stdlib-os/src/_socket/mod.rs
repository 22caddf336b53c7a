//! `_socket`: sockets over the system's. Addresses are in `addr`, the name service functions in
//! `names`.
//!
//! A socket with a timeout is non-blocking inside; each operation waits by poll, detached, and
//! signals run their handlers while it waits (`wait_for`, `operate`).

mod addr;
mod constants;
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

    #[pymethod(text = "($self, object, /)")]
    fn settimeout(cx: &Thread, this: &Socket, timeout: Value) -> Res<()> {
        let ns = timeout_arg(cx, timeout)?;
        Socket::set_timeout(cx, this, ns)
    }

    #[pymethod]
    fn gettimeout(_cx: &Thread, this: &Socket) -> Value {
        timeout_value(this.timeout.load(Ordering::Relaxed))
    }

    #[pymethod(text = "($self, object, /)")]
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

    #[pymethod(text = "($self, object, /)")]
    fn bind(cx: &Thread, this: &Socket, address: Value) -> Res<()> {
        let a = Socket::address(cx, this, address, "bind")?;
        let (fd, p, n) = (this.raw(), a.ptr(), a.len);
        // SAFETY: an address of that length.
        let r = once(cx, || unsafe { libc::bind(fd, p, n) } as i64);
        r.map(|_| ()).map_err(|e| sock_error(cx, e))
    }

    #[pymethod(text = "($self, object, /)")]
    fn connect(cx: &Thread, this: &Socket, address: Value) -> Res<()> {
        let a = Socket::address(cx, this, address, "connect")?;
        Socket::connect_raw(cx, this, &a)?.map_err(|e| sock_error(cx, e))
    }

    #[pymethod(text = "($self, object, /)")]
    fn connect_ex(cx: &Thread, this: &Socket, address: Value) -> Res<i32> {
        let a = Socket::address(cx, this, address, "connect_ex")?;
        match Socket::connect_raw(cx, this, &a) {
            Ok(r) => Ok(r.err().unwrap_or(0)),
            Err(e) if e.is(exc::TimeoutError()) => Ok(libc::EAGAIN),
            Err(e) => Err(e),
        }
    }

    #[pymethod(sig = "(self, backlog=128, /)", text = "")]
    fn listen(cx: &Thread, this: &Socket, backlog: i32) -> Res<()> {
        // SAFETY: plain numbers.
        check(cx, unsafe { libc::listen(this.raw(), backlog.max(0)) } as i64).map(|_| ())
    }

    #[pymethod(text = "($self, object, /)")]
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

    #[pymethod(sig = "(self, level, option, buflen=0, /)", text = "")]
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

    #[pymethod(sig = "(self, level, option, value, optlen=0, /)", text = "")]
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

    #[pymethod(sig = "(self, buffersize, flags=0, /)", text = "")]
    fn recv(cx: &Thread, this: &Socket, buffersize: isize, flags: i32) -> Res {
        let v = Socket::receive(cx, this, buffersize, flags, "recv")?;
        Ok(Value::from_ref(Bytes::new(cx, &v)))
    }

    #[pymethod(sig = "(self, buffer, nbytes=0, flags=0)", text = "")]
    fn recv_into(cx: &Thread, this: &Socket, buffer: Value, nbytes: isize, flags: i32) -> Res<i64> {
        let b = BufArg::write(cx, buffer, "recv_into() argument 1")?;
        let n = Socket::part(cx, &b, nbytes, "recv_into")?;
        let (fd, p) = (this.raw(), b.ptr() as *mut libc::c_void);
        // SAFETY: the export holds n bytes at p.
        Socket::operate(cx, this, Want::Read, || unsafe { libc::recv(fd, p, n, flags) as i64 })
    }

    #[pymethod(sig = "(self, buffersize, flags=0, /)", text = "")]
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

    #[pymethod(sig = "(self, buffer, nbytes=0, flags=0)", text = "")]
    fn recvfrom_into(cx: &Thread, this: &Socket, buffer: Value, nbytes: isize, flags: i32) -> Res {
        let b = BufArg::write(cx, buffer, "recvfrom_into() argument 1")?;
        let n = Socket::part(cx, &b, nbytes, "recvfrom_into")?;
        let (got, from) = Socket::receive_from(cx, this, b.ptr() as *mut libc::c_void, n, flags)?;
        Ok(Value::from_ref(Tuple::pair(cx, Value::small(got as i64), from)))
    }

    #[pymethod(sig = "(self, data, flags=0, /)", text = "")]
    fn send(cx: &Thread, this: &Socket, data: Value, flags: i32) -> Res<i64> {
        let b = BufArg::read(cx, data)?;
        let (fd, p, n) = (this.raw(), b.ptr() as *const libc::c_void, b.len());
        // SAFETY: the export holds n bytes at p.
        Socket::operate(cx, this, Want::Write, || unsafe { libc::send(fd, p, n, flags) as i64 })
    }

    #[pymethod(sig = "(self, data, flags=0, /)", text = "")]
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

    #[pymethod(sig = "(self, *args)", text = "")]
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

    #[pymethod(sig = "(self, buffers, ancdata=(), flags=0, address=None, /)", text = "")]
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

    #[pymethod(sig = "(self, bufsize, ancbufsize=0, flags=0, /)", text = "")]
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

    #[pymethod(sig = "(self, buffers, ancbufsize=0, flags=0, /)", text = "")]
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

#[pyfunction(sig = "(fd, /)", text = "($self, object, /)")]
fn close(cx: &Thread, fd: i32) -> Res<()> {
    // SAFETY: plain numbers.
    match once(cx, || unsafe { libc::close(fd) } as i64) {
        Ok(_) | Err(libc::ECONNRESET) => Ok(()),
        Err(e) => Err(sock_error(cx, e)),
    }
}

#[pyfunction(sig = "(fd, /)", text = "($self, object, /)")]
fn dup(cx: &Thread, fd: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as i64)
}

#[pyfunction(sig = "(family=-1, type=-1, proto=0, /)", text = "")]
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

#[pyfunction(sig = "(timeout, /)", text = "($self, object, /)")]
fn setdefaulttimeout(cx: &Thread, timeout: Value) -> Res<()> {
    DEFAULT_TIMEOUT.store(timeout_arg(cx, timeout)?, Ordering::Relaxed);
    Ok(())
}

#[pyfunction(sig = "(length, /)", text = "")]
#[allow(non_snake_case)]
fn CMSG_LEN(cx: &Thread, length: isize) -> Res<u32> {
    if !(0..=0x7fff_ffff - 64).contains(&length) {
        raise!(cx, OverflowError, "CMSG_LEN() argument out of range");
    }
    // SAFETY: plain arithmetic.
    Ok(unsafe { libc::CMSG_LEN(length as u32) })
}

#[pyfunction(sig = "(length, /)", text = "")]
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
    for (name, v) in constants::CONSTANTS {
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
