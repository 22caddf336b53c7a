//! `select`: waiting for descriptors: select, poll, epoll.

use crate::fspath::fileno;
use crate::syscall::{check, check_signals, once, os_error};
use crate::timearg::{self, Deadline, Round};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use taipan_vm::idle;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

const FD_SETSIZE: i32 = 1024;

fn fd_list(cx: &Thread, v: Value) -> Res<(GcVec<Value>, Vec<i32>)> {
    if v.ty().slots().iter.get().is_none() && !is_sequence(v) {
        raise!(cx, TypeError, "arguments 1-3 must be sequences");
    }
    // A list is read as it stands at each step: a fileno method may change it.
    let list = v.downcast::<List>();
    let mut items = if list.is_some() { GcVec::new() } else { collect(cx, v)? };
    let mut fds = Vec::with_capacity(items.len());
    let mut i = 0;
    loop {
        let o = match list {
            Some(l) => l.get(i),
            None => items.get(i).copied(),
        };
        let Some(o) = o else { break };
        if list.is_some() {
            items.push(o);
        }
        i += 1;
        let fd = fileno(cx, o)?;
        if fd >= FD_SETSIZE {
            raise!(cx, ValueError, "filedescriptor out of range in select()");
        }
        fds.push(fd);
    }
    Ok((items, fds))
}

fn fill(set: &mut libc::fd_set, fds: &[i32]) {
    // SAFETY: descriptors are below FD_SETSIZE.
    unsafe {
        libc::FD_ZERO(set);
        for fd in fds {
            libc::FD_SET(*fd, set);
        }
    }
}

fn ready(cx: &Thread, set: &libc::fd_set, items: &[Value], fds: &[i32]) -> Value {
    let list = List::new(cx);
    for (o, fd) in items.iter().zip(fds) {
        // SAFETY: descriptors are below FD_SETSIZE.
        if unsafe { libc::FD_ISSET(*fd, set) } {
            list.push(cx, *o);
        }
    }
    Value::from_ref(list)
}

/// Waits until descriptors are ready for reading, writing, or have an exceptional condition.
#[pyfunction(sig = "(rlist, wlist, xlist, timeout=None, /)")]
fn select(cx: &Thread, rlist: Value, wlist: Value, xlist: Value, timeout: Value) -> Res {
    let timeout = match timeout.is_none() {
        true => None,
        false => {
            if float_value(timeout).is_none() && !crate::fspath::has_index(timeout) {
                raise!(cx, TypeError, "timeout must be a float or None");
            }
            let ns = timearg::seconds(cx, timeout, Round::Up)?;
            if ns < 0 {
                raise!(cx, ValueError, "timeout must be non-negative");
            }
            Some(ns)
        }
    };
    let (ro, rf) = fd_list(cx, rlist)?;
    let (wo, wf) = fd_list(cx, wlist)?;
    let (xo, xf) = fd_list(cx, xlist)?;
    let max = [&rf, &wf, &xf].iter().flat_map(|f| f.iter()).max().map_or(0, |m| m + 1);
    let deadline = Deadline::after(timeout);
    let mut patience = idle::patience();
    // SAFETY: plain data.
    let (mut r, mut w, mut x): (libc::fd_set, libc::fd_set, libc::fd_set) =
        unsafe { (std::mem::zeroed(), std::mem::zeroed(), std::mem::zeroed()) };
    loop {
        fill(&mut r, &rf);
        fill(&mut w, &wf);
        fill(&mut x, &xf);
        let mut tv = timearg::least(deadline.left(), patience)
            .map(|ns| timearg::to_timeval(ns.saturating_add(999)));
        let tp = tv.as_mut().map_or(std::ptr::null_mut(), |t| t as *mut libc::timeval);
        let (pr, pw, px) = (&raw mut r, &raw mut w, &raw mut x);
        cx.poll()?;
        // SAFETY: all are of this frame.
        match once(cx, || unsafe { libc::select(max, pr, pw, px, tp) } as i64) {
            Ok(0) if patience.is_some() && !deadline.passed() => patience = idle::after(cx),
            Ok(n) => {
                let items = if n == 0 {
                    let e = || Value::from_ref(List::new(cx));
                    [e(), e(), e()]
                } else {
                    [ready(cx, &r, &ro, &rf), ready(cx, &w, &wo, &wf), ready(cx, &x, &xo, &xf)]
                };
                return Ok(Value::from_ref(Tuple::from_slice(cx, &items)));
            }
            Err(libc::EINTR) => {
                check_signals(cx)?;
                if deadline.passed() {
                    let e = || Value::from_ref(List::new(cx));
                    return Ok(Value::from_ref(Tuple::from_slice(cx, &[e(), e(), e()])));
                }
            }
            Err(e) => return Err(os_error(cx, e)),
        }
    }
}

/// Event bits of poll.
fn mask16(cx: &Thread, v: Option<Value>) -> Res<u16> {
    let Some(v) = v else { return Ok((libc::POLLIN | libc::POLLPRI | libc::POLLOUT) as u16) };
    let i = index(cx, v)?;
    match int_to_i64(i) {
        Some(n) if (0..=u16::MAX as i64).contains(&n) => Ok(n as u16),
        Some(n) if n < 0 => raise!(cx, ValueError, "value must be positive"),
        _ => raise!(cx, OverflowError, "Python int too large for C unsigned short"),
    }
}

#[repr(C)]
pub struct Poll {
    pub head: Head,
    /// Descriptor to event mask, in order of registration.
    fds: Slot,
    running: AtomicBool,
}

taipan_vm::pytype! { Poll, PySelectPoll_Type, name: "poll", module: "select", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION }

impl Poll {
    fn map(this: &Poll) -> &'static Dict {
        this.fds.value().downcast::<Dict>().expect("set at birth")
    }
}

#[pymethods]
impl Poll {
    #[pymethod(sig = "(self, fd, eventmask=POLLIN | POLLPRI | POLLOUT, /)")]
    fn register(cx: &Thread, this: &Poll, fd: Value, eventmask: Option<Value>) -> Res<()> {
        let fd = fileno(cx, fd)?;
        let m = mask16(cx, eventmask)?;
        Poll::map(this).set(cx, Value::small(fd as i64), Value::small(m as i64))
    }

    #[pymethod]
    fn modify(cx: &Thread, this: &Poll, fd: Value, eventmask: Value) -> Res<()> {
        let fd = fileno(cx, fd)?;
        let m = mask16(cx, Some(eventmask))?;
        let key = Value::small(fd as i64);
        if Poll::map(this).get(cx, key)?.is_none() {
            return Err(os_error(cx, libc::ENOENT));
        }
        Poll::map(this).set(cx, key, Value::small(m as i64))
    }

    #[pymethod]
    fn unregister(cx: &Thread, this: &Poll, fd: Value) -> Res<()> {
        let fd = fileno(cx, fd)?;
        let key = Value::small(fd as i64);
        match Poll::map(this).del(cx, key)? {
            true => Ok(()),
            false => Err(taipan_vm::objects::exceptions::key_error(cx, key)),
        }
    }

    #[pymethod(sig = "(self, timeout=None, /)")]
    fn poll(cx: &Thread, this: &Poll, timeout: Value) -> Res {
        let timeout = match timeout.is_none() {
            true => None,
            false => milliseconds(cx, timeout)?,
        };
        if this.running.swap(true, Ordering::AcqRel) {
            raise!(cx, RuntimeError, "concurrent poll() invocation");
        }
        let r = Poll::wait(cx, this, timeout);
        this.running.store(false, Ordering::Release);
        r
    }
}

/// A timeout in milliseconds (negative: none) as nanoseconds.
fn milliseconds(cx: &Thread, v: Value) -> Res<Option<i64>> {
    let ms = match float_value(v).filter(|_| !taipan_vm::objects::int::is_int(v)) {
        Some(f) => timearg::round(f, Round::Ceiling),
        None if crate::fspath::has_index(v) => match int_to_i64(index(cx, v)?) {
            Some(n) => n as f64,
            None => raise!(cx, OverflowError, "timeout is too large"),
        },
        None => raise!(cx, TypeError, "timeout must be an integer or None"),
    };
    if ms > i32::MAX as f64 {
        raise!(cx, OverflowError, "timeout is too large");
    }
    Ok(if ms < 0.0 { None } else { Some(ms as i64 * 1_000_000) })
}

fn left_ms(d: Deadline, patience: Option<i64>) -> i32 {
    timearg::least(d.left(), patience).map_or(-1, |ns| {
        ns.div_euclid(1_000_000).min(i32::MAX as i64) as i32 + (ns % 1_000_000 != 0) as i32
    })
}

impl Poll {
    fn wait(cx: &Thread, this: &Poll, timeout: Option<i64>) -> Res {
        let mut fds: Vec<libc::pollfd> = Vec::new();
        for (k, v) in Poll::map(this).entries().iter() {
            let n = |v: Value| int_to_i64(v).unwrap_or(0);
            fds.push(libc::pollfd { fd: n(*k) as i32, events: n(*v) as i16, revents: 0 });
        }
        let deadline = Deadline::after(timeout);
        let mut patience = idle::patience();
        loop {
            let (p, n, ms) = (fds.as_mut_ptr(), fds.len(), left_ms(deadline, patience));
            cx.poll()?;
            // SAFETY: the array's length is given.
            match once(cx, || unsafe { libc::poll(p, n as libc::nfds_t, ms) } as i64) {
                Ok(0) if patience.is_some() && !deadline.passed() => patience = idle::after(cx),
                Ok(_) => break,
                Err(libc::EINTR) => {
                    check_signals(cx)?;
                    if deadline.passed() {
                        break;
                    }
                }
                Err(e) => return Err(os_error(cx, e)),
            }
        }
        let list = List::new(cx);
        for f in fds.iter().filter(|f| f.revents != 0) {
            let t =
                Tuple::pair(cx, Value::small(f.fd as i64), Value::small(f.revents as u16 as i64));
            list.push(cx, Value::from_ref(t));
        }
        Ok(Value::from_ref(list))
    }
}

/// A new polling object.
#[pyfunction]
fn poll(cx: &Thread) -> Value {
    let p = Poll { head: fresh_head(), fds: Slot::empty(), running: AtomicBool::new(false) };
    p.fds.init(Some(Value::from_ref(Dict::new(cx))));
    Value::from_ref(cx.alloc(p))
}

#[repr(C)]
pub struct Epoll {
    pub head: Head,
    fd: AtomicI32,
}

taipan_vm::pytype! { Epoll, PyEpoll_Type, name: "epoll", module: "select", base: Object,
doc: "An object over the system's epoll: many descriptors are watched by one wait." }

impl Epoll {
    fn open(cx: &Thread, this: &Epoll) -> Res<i32> {
        match this.fd.load(Ordering::Acquire) {
            fd if fd >= 0 => Ok(fd),
            _ => raise!(cx, ValueError, "I/O operation on closed epoll object"),
        }
    }

    fn make(cx: &Thread, cls: &Type, fd: i32) -> Value {
        Value::from_ref(cx.alloc_in(cls, Epoll { head: fresh_head(), fd: AtomicI32::new(fd) }))
    }

    fn control(cx: &Thread, this: &Epoll, op: i32, fd: Value, events: u32) -> Res<()> {
        let ep = Epoll::open(cx, this)?;
        let fd = fileno(cx, fd)?;
        let mut ev = libc::epoll_event { events, u64: fd as u64 };
        let p = &raw mut ev;
        // SAFETY: p is of this frame.
        check(cx, unsafe { libc::epoll_ctl(ep, op, fd, p) } as i64).map(|_| ())
    }

    fn shut(cx: &Thread, this: &Epoll) -> Res<()> {
        let fd = this.fd.swap(-1, Ordering::AcqRel);
        if fd >= 0 {
            // SAFETY: plain numbers.
            check(cx, unsafe { libc::close(fd) } as i64)?;
        }
        Ok(())
    }
}

const EPOLL_DEFAULT: u32 = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32;

#[pymethods]
impl Epoll {
    #[slot(sig = "(cls, sizehint=-1, flags=0)")]
    fn __new__(cx: &Thread, cls: &Type, sizehint: i32, flags: i32) -> Res {
        if sizehint == -1 {
        } else if sizehint <= 0 {
            raise!(cx, ValueError, "negative sizehint");
        }
        if flags != 0 && flags != libc::EPOLL_CLOEXEC {
            raise!(cx, OSError, "invalid flags");
        }
        // SAFETY: plain numbers.
        let fd = check(cx, unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) } as i64)?;
        Ok(Epoll::make(cx, cls, fd as i32))
    }

    #[classmethod]
    fn fromfd(cx: &Thread, cls: &Type, fd: i32) -> Value {
        Epoll::make(cx, cls, fd)
    }

    #[pymethod]
    fn close(cx: &Thread, this: &Epoll) -> Res<()> {
        Epoll::shut(cx, this)
    }

    #[getter]
    fn closed(_cx: &Thread, this: &Epoll) -> bool {
        this.fd.load(Ordering::Acquire) < 0
    }

    #[pymethod]
    fn fileno(cx: &Thread, this: &Epoll) -> Res<i32> {
        Epoll::open(cx, this)
    }

    #[pymethod(
        sig = "(self, fd, eventmask=EPOLLIN)",
        text = "($self, /, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)"
    )]
    fn register(cx: &Thread, this: &Epoll, fd: Value, eventmask: Option<u32>) -> Res<()> {
        Epoll::control(cx, this, libc::EPOLL_CTL_ADD, fd, eventmask.unwrap_or(EPOLL_DEFAULT))
    }

    #[pymethod(sig = "(self, fd, eventmask)")]
    fn modify(cx: &Thread, this: &Epoll, fd: Value, eventmask: u32) -> Res<()> {
        Epoll::control(cx, this, libc::EPOLL_CTL_MOD, fd, eventmask)
    }

    #[pymethod(sig = "(self, fd)")]
    fn unregister(cx: &Thread, this: &Epoll, fd: Value) -> Res<()> {
        Epoll::control(cx, this, libc::EPOLL_CTL_DEL, fd, 0)
    }

    #[pymethod(sig = "(self, timeout=None, maxevents=-1)")]
    fn poll(cx: &Thread, this: &Epoll, timeout: Value, maxevents: i32) -> Res {
        let ep = Epoll::open(cx, this)?;
        let timeout = match timeout.is_none() {
            true => None,
            false => {
                if float_value(timeout).is_none() && !crate::fspath::has_index(timeout) {
                    raise!(cx, TypeError, "timeout must be an integer or None");
                }
                let ns = timearg::seconds(cx, timeout, Round::Up)?;
                if ns / 1_000_000 > i32::MAX as i64 {
                    raise!(cx, OverflowError, "timeout is too large");
                }
                if ns < 0 { None } else { Some(ns) }
            }
        };
        let max = match maxevents {
            -1 => FD_SETSIZE - 1,
            n if n < 1 => {
                raise!(cx, ValueError, "maxevents must be greater than 0, got {n}")
            }
            n => n,
        };
        let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; max as usize];
        let deadline = Deadline::after(timeout);
        let mut patience = idle::patience();
        let got = loop {
            let (p, ms) = (events.as_mut_ptr(), left_ms(deadline, patience));
            cx.poll()?;
            // SAFETY: room for max events.
            match once(cx, || unsafe { libc::epoll_wait(ep, p, max, ms) } as i64) {
                Ok(0) if patience.is_some() && !deadline.passed() => patience = idle::after(cx),
                Ok(n) => break n as usize,
                Err(libc::EINTR) => {
                    check_signals(cx)?;
                    if deadline.passed() {
                        break 0;
                    }
                }
                Err(e) => return Err(os_error(cx, e)),
            }
        };
        let list = List::with_capacity(cx, got);
        for e in &events[..got] {
            let (fd, ev) = (e.u64 as i32 as i64, e.events as i64);
            list.push(cx, Value::from_ref(Tuple::pair(cx, Value::small(fd), Value::small(ev))));
        }
        Ok(Value::from_ref(list))
    }

    #[pymethod]
    fn __enter__(cx: &Thread, this: &Epoll) -> Res {
        Epoll::open(cx, this)?;
        Ok(Value::from_ref(this))
    }

    #[pymethod(
        sig = "(self, /, *args)",
        text = "($self, exc_type=None, exc_value=None, exc_tb=None, /)"
    )]
    fn __exit__(cx: &Thread, this: &Epoll, _args: &[Value]) -> Res<()> {
        Epoll::shut(cx, this)
    }

    #[slot]
    fn __del__(cx: &Thread, this: &Epoll) -> Res<()> {
        let _ = Epoll::shut(cx, this);
        Ok(())
    }
}

pymodule! { "select", doc: "Waiting for descriptors.", functions: [select, poll], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    m.add(cx, "error", Value::from_ref(exc::OSError()));
    taipan_vm::types::ready::ready::<Poll>(cx);
    m.add_type::<Epoll>(cx);
    Ok(())
}

static CONSTANTS: &[(&str, i64)] = &[
    ("EPOLLERR", 8),
    ("EPOLLET", 2147483648),
    ("EPOLLEXCLUSIVE", 268435456),
    ("EPOLLHUP", 16),
    ("EPOLLIN", 1),
    ("EPOLLMSG", 1024),
    ("EPOLLONESHOT", 1073741824),
    ("EPOLLOUT", 4),
    ("EPOLLPRI", 2),
    ("EPOLLRDBAND", 128),
    ("EPOLLRDHUP", 8192),
    ("EPOLLRDNORM", 64),
    ("EPOLLWRBAND", 512),
    ("EPOLLWRNORM", 256),
    ("EPOLL_CLOEXEC", 524288),
    ("PIPE_BUF", 4096),
    ("POLLERR", 8),
    ("POLLHUP", 16),
    ("POLLIN", 1),
    ("POLLMSG", 1024),
    ("POLLNVAL", 32),
    ("POLLOUT", 4),
    ("POLLPRI", 2),
    ("POLLRDBAND", 128),
    ("POLLRDHUP", 8192),
    ("POLLRDNORM", 64),
    ("POLLWRBAND", 512),
    ("POLLWRNORM", 256),
];
