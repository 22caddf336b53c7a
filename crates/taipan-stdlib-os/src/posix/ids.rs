//! Who and where: user and group ids, sessions, priorities, scheduling, host, load, configuration.

use super::stat::id_arg;
use crate::fspath;
use crate::syscall::{check, checked, os_error};
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;

pub static UNAME_RESULT: StructSeq = StructSeq::new(
    "posix",
    "uname_result",
    "What uname returns.",
    &["sysname", "nodename", "release", "version", "machine"],
    5,
);

pub static TIMES_RESULT: StructSeq = StructSeq::new(
    "posix",
    "times_result",
    "What times returns.",
    &["user", "system", "children_user", "children_system", "elapsed"],
    5,
);

macro_rules! plain_ids {
    ($($name:ident -> $f:ident;)*) => {$(
        #[pyfunction]
        pub fn $name(_cx: &Thread) -> i64 {
            // SAFETY: no arguments, cannot fail.
            unsafe { libc::$f() as i64 }
        }
    )*};
}

plain_ids! {
    getpid -> getpid;
    getppid -> getppid;
    getuid -> getuid;
    geteuid -> geteuid;
    getgid -> getgid;
    getegid -> getegid;
    getpgrp -> getpgrp;
}

macro_rules! set_ids {
    ($($name:ident ($($p:ident: $what:literal),*);)*) => {$(
        #[pyfunction]
        pub fn $name(cx: &Thread, $($p: Value),*) -> Res<()> {
            $(let $p = id_arg(cx, $p, $what)?;)*
            // SAFETY: plain numbers.
            check(cx, unsafe { libc::$name($($p),*) } as i64).map(|_| ())
        }
    )*};
}

set_ids! {
    setuid(uid: "uid");
    seteuid(euid: "uid");
    setgid(gid: "gid");
    setegid(egid: "gid");
    setreuid(ruid: "uid", euid: "uid");
    setregid(rgid: "gid", egid: "gid");
    setresuid(ruid: "uid", euid: "uid", suid: "uid");
    setresgid(rgid: "gid", egid: "gid", sgid: "gid");
}

fn three(cx: &Thread, a: u32, b: u32, c: u32) -> Value {
    let items = [a, b, c].map(|n| Value::small(n as i64));
    Value::from_ref(Tuple::from_slice(cx, &items))
}

#[pyfunction]
pub fn getresuid(cx: &Thread) -> Res {
    let (mut a, mut b, mut c) = (0, 0, 0);
    // SAFETY: three places of this frame.
    check(cx, unsafe { libc::getresuid(&mut a, &mut b, &mut c) } as i64)?;
    Ok(three(cx, a, b, c))
}

#[pyfunction]
pub fn getresgid(cx: &Thread) -> Res {
    let (mut a, mut b, mut c) = (0, 0, 0);
    // SAFETY: three places of this frame.
    check(cx, unsafe { libc::getresgid(&mut a, &mut b, &mut c) } as i64)?;
    Ok(three(cx, a, b, c))
}

#[pyfunction(sig = "(pid)")]
pub fn getpgid(cx: &Thread, pid: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::getpgid(pid) } as i64)
}

#[pyfunction(sig = "(pid, pgrp, /)")]
pub fn setpgid(cx: &Thread, pid: i32, pgrp: i32) -> Res<()> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::setpgid(pid, pgrp) } as i64).map(|_| ())
}

#[pyfunction]
pub fn setpgrp(cx: &Thread) -> Res<()> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::setpgid(0, 0) } as i64).map(|_| ())
}

#[pyfunction(sig = "(pid, /)")]
pub fn getsid(cx: &Thread, pid: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::getsid(pid) } as i64)
}

#[pyfunction]
pub fn setsid(cx: &Thread) -> Res<()> {
    // SAFETY: no arguments.
    check(cx, unsafe { libc::setsid() } as i64).map(|_| ())
}

#[pyfunction]
pub fn getgroups(cx: &Thread) -> Res {
    // SAFETY: asks for the count only.
    let n = check(cx, unsafe { libc::getgroups(0, std::ptr::null_mut()) } as i64)?;
    let mut g = vec![0 as libc::gid_t; n as usize];
    // SAFETY: room for n ids.
    let n = check(cx, unsafe { libc::getgroups(n as i32, g.as_mut_ptr()) } as i64)?;
    Ok(id_list(cx, &g[..n as usize]))
}

fn id_list(cx: &Thread, g: &[libc::gid_t]) -> Value {
    let list = List::new(cx);
    for n in g {
        list.push(cx, Value::small(*n as i64));
    }
    Value::from_ref(list)
}

#[pyfunction(sig = "(groups, /)")]
pub fn setgroups(cx: &Thread, groups: Value) -> Res<()> {
    if !is_sequence(groups) {
        raise!(cx, TypeError, "setgroups argument must be a sequence");
    }
    let items = collect(cx, groups)?;
    if items.len() > 65536 {
        raise!(cx, ValueError, "too many groups");
    }
    let mut g = Vec::with_capacity(items.len());
    for v in items.iter() {
        if !taipan_vm::objects::int::is_int(*v) {
            raise!(cx, TypeError, "groups must be integers");
        }
        g.push(id_arg(cx, *v, "gid")?);
    }
    // SAFETY: g holds that many ids.
    check(cx, unsafe { libc::setgroups(g.len(), g.as_ptr()) } as i64).map(|_| ())
}

#[pyfunction(sig = "(user, group, /)")]
pub fn getgrouplist(cx: &Thread, user: &'static Str, group: Value) -> Res {
    let user = fspath::fs_bytes(cx, Value::from_ref(user))?;
    let base = id_arg(cx, group, "gid")?;
    let mut n = 64i32;
    loop {
        let mut g = vec![0 as libc::gid_t; n as usize];
        let had = n;
        // SAFETY: room for n ids.
        let r = unsafe { libc::getgrouplist(user.as_ptr(), base, g.as_mut_ptr(), &mut n) };
        if r != -1 {
            return Ok(id_list(cx, &g[..n as usize]));
        }
        n = if n > had { n } else { had * 2 };
    }
}

#[pyfunction(sig = "(username, gid, /)")]
pub fn initgroups(cx: &Thread, username: Value, gid: Value) -> Res<()> {
    let user = fspath::fs_bytes(cx, username)?;
    let gid = id_arg(cx, gid, "gid")?;
    // SAFETY: the name is NUL-terminated.
    check(cx, unsafe { libc::initgroups(user.as_ptr(), gid) } as i64).map(|_| ())
}

#[pyfunction]
pub fn getlogin(cx: &Thread) -> Res {
    unsafe extern "C" {
        fn getlogin_r(buf: *mut libc::c_char, n: libc::size_t) -> libc::c_int;
    }
    let mut buf = [0u8; 256];
    // SAFETY: the buffer's size is given.
    let r = unsafe { getlogin_r(buf.as_mut_ptr() as *mut libc::c_char, buf.len()) };
    if r != 0 {
        return Err(os_error(cx, r));
    }
    let end = buf.iter().position(|c| *c == 0).unwrap_or(buf.len());
    Ok(Value::from_ref(fspath::decode(cx, &buf[..end])))
}

#[pyfunction(sig = "(increment, /)")]
pub fn nice(cx: &Thread, increment: i32) -> Res<i64> {
    crate::syscall::set_errno(0);
    // SAFETY: plain numbers.
    let r = unsafe { libc::nice(increment) };
    if r == -1 && crate::syscall::errno() != 0 {
        return Err(crate::syscall::last_error(cx));
    }
    Ok(r as i64)
}

#[pyfunction(sig = "(which, who)")]
pub fn getpriority(cx: &Thread, which: i32, who: i32) -> Res<i64> {
    crate::syscall::set_errno(0);
    // SAFETY: plain numbers.
    let r = unsafe { libc::getpriority(which as _, who as libc::id_t) };
    if r == -1 && crate::syscall::errno() != 0 {
        return Err(crate::syscall::last_error(cx));
    }
    Ok(r as i64)
}

#[pyfunction(sig = "(which, who, priority)")]
pub fn setpriority(cx: &Thread, which: i32, who: i32, priority: i32) -> Res<()> {
    // SAFETY: plain numbers.
    let r = unsafe { libc::setpriority(which as _, who as libc::id_t, priority) };
    check(cx, r as i64).map(|_| ())
}

fn c_field(cx: &Thread, f: &[libc::c_char]) -> Value {
    let bytes: Vec<u8> = f.iter().map(|c| *c as u8).take_while(|c| *c != 0).collect();
    Value::from_ref(fspath::decode(cx, &bytes))
}

#[pyfunction]
pub fn uname(cx: &Thread) -> Res {
    // SAFETY: plain data.
    let mut u: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: u is of this frame.
    check(cx, unsafe { libc::uname(&mut u) } as i64)?;
    let items = [
        c_field(cx, &u.sysname),
        c_field(cx, &u.nodename),
        c_field(cx, &u.release),
        c_field(cx, &u.version),
        c_field(cx, &u.machine),
    ];
    Ok(UNAME_RESULT.make(cx, &items))
}

#[pyfunction]
pub fn times(cx: &Thread) -> Res {
    // SAFETY: plain data.
    let mut t: libc::tms = unsafe { std::mem::zeroed() };
    // SAFETY: t is of this frame.
    let elapsed = unsafe { libc::times(&mut t) };
    // SAFETY: plain numbers.
    let hz = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    let f = |n: libc::clock_t| Value::from_f64(n as f64 / hz);
    let items = [f(t.tms_utime), f(t.tms_stime), f(t.tms_cutime), f(t.tms_cstime), f(elapsed)];
    Ok(TIMES_RESULT.make(cx, &items))
}

#[pyfunction]
pub fn getloadavg(cx: &Thread) -> Res {
    let mut l = [0f64; 3];
    // SAFETY: room for three.
    if unsafe { libc::getloadavg(l.as_mut_ptr(), 3) } != 3 {
        raise!(cx, OSError, "Load averages are unobtainable");
    }
    Ok(Value::from_ref(Tuple::from_slice(cx, &l.map(Value::from_f64))))
}

#[pyfunction]
pub fn cpu_count(cx: &Thread) -> Option<i64> {
    if let Some(n) = cx.vm.config.get().map(|c| c.cpu_count).filter(|n| *n > 0) {
        return Some(n);
    }
    // SAFETY: plain numbers.
    let n = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    if n >= 1 { Some(n) } else { None }
}

#[pyfunction(sig = "(name, /)")]
pub fn sysconf(cx: &Thread, name: Value) -> Res<i64> {
    let n = super::tables::conf_name(cx, name, super::tables::SYSCONF)?;
    crate::syscall::set_errno(0);
    // SAFETY: plain numbers.
    let r = unsafe { libc::sysconf(n) };
    if r == -1 && crate::syscall::errno() != 0 {
        return Err(crate::syscall::last_error(cx));
    }
    Ok(r)
}

#[pyfunction(sig = "(name, /)")]
pub fn confstr(cx: &Thread, name: Value) -> Res {
    let n = super::tables::conf_name(cx, name, super::tables::CONFSTR)?;
    crate::syscall::set_errno(0);
    let mut buf = vec![0u8; 4096];
    // SAFETY: the buffer's size is given.
    let len = unsafe { libc::confstr(n, buf.as_mut_ptr() as *mut libc::c_char, buf.len()) };
    if len == 0 {
        if crate::syscall::errno() != 0 {
            return Err(crate::syscall::last_error(cx));
        }
        return Ok(none());
    }
    let text = &buf[..(len - 1).min(buf.len() - 1)];
    Ok(Value::from_ref(fspath::decode(cx, text)))
}

#[pyfunction]
pub fn sched_yield(cx: &Thread) -> Res<()> {
    // SAFETY: no arguments.
    checked(cx, || unsafe { libc::sched_yield() } as i64).map(|_| ())
}

#[pyfunction(sig = "(policy)")]
pub fn sched_get_priority_max(cx: &Thread, policy: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::sched_get_priority_max(policy) } as i64)
}

#[pyfunction(sig = "(policy)")]
pub fn sched_get_priority_min(cx: &Thread, policy: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::sched_get_priority_min(policy) } as i64)
}

#[pyfunction(sig = "(pid, /)")]
pub fn sched_getscheduler(cx: &Thread, pid: i32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::sched_getscheduler(pid) } as i64)
}

/// A `posix.sched_param` argument.
pub fn sched_param_arg(cx: &Thread, v: Value) -> Res<libc::sched_param> {
    if !v.ty().is(super::SCHED_PARAM.ty(cx)) {
        raise!(cx, TypeError, "must have a sched_param object");
    }
    let t = v.downcast::<Tuple>().expect("a sched_param is a tuple");
    let n = index(cx, t.get(0))?;
    match int_to_i64(n).and_then(|n| i32::try_from(n).ok()) {
        Some(n) => Ok(libc::sched_param { sched_priority: n }),
        None => raise!(cx, OverflowError, "sched_priority out of range"),
    }
}

#[pyfunction(sig = "(pid, policy, param, /)")]
pub fn sched_setscheduler(cx: &Thread, pid: i32, policy: i32, param: Value) -> Res<()> {
    let p = sched_param_arg(cx, param)?;
    // SAFETY: p is of this frame.
    check(cx, unsafe { libc::sched_setscheduler(pid, policy, &p) } as i64).map(|_| ())
}

#[pyfunction(sig = "(pid, /)")]
pub fn sched_getparam(cx: &Thread, pid: i32) -> Res {
    let mut p = libc::sched_param { sched_priority: 0 };
    // SAFETY: p is of this frame.
    check(cx, unsafe { libc::sched_getparam(pid, &mut p) } as i64)?;
    Ok(super::SCHED_PARAM.make(cx, &[Value::small(p.sched_priority as i64)]))
}

#[pyfunction(sig = "(pid, param, /)")]
pub fn sched_setparam(cx: &Thread, pid: i32, param: Value) -> Res<()> {
    let p = sched_param_arg(cx, param)?;
    // SAFETY: p is of this frame.
    check(cx, unsafe { libc::sched_setparam(pid, &p) } as i64).map(|_| ())
}

#[pyfunction(sig = "(pid, /)")]
pub fn sched_rr_get_interval(cx: &Thread, pid: i32) -> Res<f64> {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: t is of this frame.
    check(cx, unsafe { libc::sched_rr_get_interval(pid, &mut t) } as i64)?;
    Ok(t.tv_sec as f64 + 1e-9 * t.tv_nsec as f64)
}

/// Bits of the masks given to the kernel.
const CPUS: usize = 1 << 16;

#[pyfunction(sig = "(pid, /)")]
pub fn sched_getaffinity(cx: &Thread, pid: i32) -> Res {
    let mut mask = vec![0u64; CPUS / 64];
    let size = mask.len() * 8;
    // SAFETY: the mask's size is given.
    let r =
        unsafe { libc::sched_getaffinity(pid, size, mask.as_mut_ptr() as *mut libc::cpu_set_t) };
    check(cx, r as i64)?;
    let set = taipan_vm::objects::set::Set::new(cx);
    for i in (0..CPUS).filter(|i| mask[i / 64] >> (i % 64) & 1 == 1) {
        set.add(cx, Value::small(i as i64))?;
    }
    Ok(Value::from_ref(set))
}

#[pyfunction(sig = "(pid, mask, /)")]
pub fn sched_setaffinity(cx: &Thread, pid: i32, mask: Value) -> Res<()> {
    let mut bits = vec![0u64; CPUS / 64];
    for v in collect(cx, mask)?.iter() {
        if !taipan_vm::objects::int::is_int(*v) {
            let r = repr(cx, Value::from_ref(v.ty()))?;
            raise!(cx, TypeError, "expected an iterator of ints, but iterator yielded {r}");
        }
        match int_to_i64(*v) {
            Some(n) if n < 0 => raise!(cx, ValueError, "negative CPU number"),
            Some(n) if (n as usize) < CPUS => bits[n as usize / 64] |= 1 << (n % 64),
            _ => raise!(cx, OverflowError, "CPU number too large"),
        }
    }
    let size = bits.len() * 8;
    // SAFETY: the mask's size is given.
    let r = unsafe { libc::sched_setaffinity(pid, size, bits.as_ptr() as *const libc::cpu_set_t) };
    check(cx, r as i64).map(|_| ())
}

#[pyfunction(sig = "(code, /)")]
pub fn strerror(_cx: &Thread, code: i32) -> String {
    taipan_vm::objects::exceptions::strerror(code)
}

fn env_name(cx: &Thread, v: Value) -> Res<std::ffi::CString> {
    let n = fspath::fs_bytes(cx, v)?;
    Ok(n)
}

#[pyfunction(sig = "(name, value, /)")]
pub fn putenv(cx: &Thread, name: Value, value: Value) -> Res<()> {
    let n = env_name(cx, name)?;
    let v = fspath::fs_bytes(cx, value)?;
    if n.as_bytes().contains(&b'=') {
        raise!(cx, ValueError, "illegal environment variable name");
    }
    // SAFETY: both are NUL-terminated.
    check(cx, unsafe { libc::setenv(n.as_ptr(), v.as_ptr(), 1) } as i64).map(|_| ())
}

#[pyfunction(sig = "(name, /)")]
pub fn unsetenv(cx: &Thread, name: Value) -> Res<()> {
    let n = env_name(cx, name)?;
    // SAFETY: NUL-terminated.
    check(cx, unsafe { libc::unsetenv(n.as_ptr()) } as i64).map(|_| ())
}

/// The environment as bytes, in the order of `environ`, first value of a name winning.
pub fn environ_dict(cx: &Thread) -> Res {
    unsafe extern "C" {
        static environ: *const *const libc::c_char;
    }
    let d = Dict::new(cx);
    // SAFETY: environ is null or a NULL-terminated array of NUL-terminated strings.
    unsafe {
        let mut p = environ;
        while !p.is_null() && !(*p).is_null() {
            let line = std::ffi::CStr::from_ptr(*p).to_bytes();
            p = p.add(1);
            let Some(at) = line.iter().position(|c| *c == b'=') else { continue };
            let k = Value::from_ref(Bytes::new(cx, &line[..at]));
            if !d.contains(cx, k)? {
                d.set(cx, k, Value::from_ref(Bytes::new(cx, &line[at + 1..])))?;
            }
        }
    }
    Ok(Value::from_ref(d))
}

#[pyfunction]
pub fn _inputhook(_cx: &Thread) {}

#[pyfunction]
pub fn _is_inputhook_installed(_cx: &Thread) -> bool {
    false
}

#[pyfunction(sig = "(path)")]
pub fn fspath(cx: &Thread, path: Value) -> Res {
    fspath::fspath(cx, path)
}
