//! `resource`: limits and usage.

use crate::syscall::{check, errno, last_error};
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;

static STRUCT_RUSAGE: StructSeq = StructSeq::new(
    "resource",
    "struct_rusage",
    "What getrusage returns.",
    &[
        "ru_utime",
        "ru_stime",
        "ru_maxrss",
        "ru_ixrss",
        "ru_idrss",
        "ru_isrss",
        "ru_minflt",
        "ru_majflt",
        "ru_nswap",
        "ru_inblock",
        "ru_oublock",
        "ru_msgsnd",
        "ru_msgrcv",
        "ru_nsignals",
        "ru_nvcsw",
        "ru_nivcsw",
    ],
    16,
);

/// `struct_rusage` of a filled `struct rusage`.
pub fn usage_value(cx: &Thread, u: &libc::rusage) -> Value {
    let f = |v: &libc::timeval| Value::from_f64(v.tv_sec as f64 + v.tv_usec as f64 * 1e-6);
    let n = |v: i64| int_from_i128(cx, v as i128);
    let items = [
        f(&u.ru_utime),
        f(&u.ru_stime),
        n(u.ru_maxrss),
        n(u.ru_ixrss),
        n(u.ru_idrss),
        n(u.ru_isrss),
        n(u.ru_minflt),
        n(u.ru_majflt),
        n(u.ru_nswap),
        n(u.ru_inblock),
        n(u.ru_oublock),
        n(u.ru_msgsnd),
        n(u.ru_msgrcv),
        n(u.ru_nsignals),
        n(u.ru_nvcsw),
        n(u.ru_nivcsw),
    ];
    STRUCT_RUSAGE.make(cx, &items)
}

#[pyfunction(sig = "(who, /)")]
fn getrusage(cx: &Thread, who: i32) -> Res {
    // SAFETY: plain data.
    let mut u: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: u is of this frame.
    if unsafe { libc::getrusage(who, &mut u) } != 0 {
        if errno() == libc::EINVAL {
            raise!(cx, ValueError, "invalid who parameter");
        }
        return Err(last_error(cx));
    }
    Ok(usage_value(cx, &u))
}

fn which(cx: &Thread, n: i32) -> Res<u32> {
    if !(0..16).contains(&n) {
        raise!(cx, ValueError, "invalid resource specified");
    }
    Ok(n as u32)
}

fn limit_value(cx: &Thread, n: libc::rlim_t) -> Value {
    int_from_i128(cx, n as i64 as i128)
}

fn limits(cx: &Thread, v: Value) -> Res<libc::rlimit> {
    let items = collect(cx, v)?;
    let [soft, hard] = items.as_slice() else {
        raise!(cx, ValueError, "expected a tuple of 2 integers");
    };
    let one = |v: Value| -> Res<libc::rlim_t> {
        let i = index(cx, v)?;
        match (int_to_i64(i), taipan_vm::objects::int::to_u64(i)) {
            (Some(n), _) => Ok(n as libc::rlim_t),
            (None, Some(n)) => Ok(n),
            _ => raise!(cx, OverflowError, "Python int too large to convert to C long"),
        }
    };
    Ok(libc::rlimit { rlim_cur: one(*soft)?, rlim_max: one(*hard)? })
}

fn pair(cx: &Thread, l: &libc::rlimit) -> Value {
    let t = Tuple::pair(cx, limit_value(cx, l.rlim_cur), limit_value(cx, l.rlim_max));
    Value::from_ref(t)
}

#[pyfunction(sig = "(resource, /)")]
fn getrlimit(cx: &Thread, resource: i32) -> Res {
    let r = which(cx, resource)?;
    let mut l = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: l is of this frame.
    check(cx, unsafe { libc::getrlimit(r, &mut l) } as i64)?;
    Ok(pair(cx, &l))
}

fn set_fault(cx: &Thread) -> Raised {
    match errno() {
        libc::EINVAL => err!(cx, ValueError, "current limit exceeds maximum limit"),
        libc::EPERM => err!(cx, ValueError, "not allowed to raise maximum limit"),
        _ => last_error(cx),
    }
}

#[pyfunction(sig = "(resource, limits, /)")]
fn setrlimit(cx: &Thread, resource: i32, limits: Value) -> Res<()> {
    let r = which(cx, resource)?;
    let l = self::limits(cx, limits)?;
    // SAFETY: l is of this frame.
    match unsafe { libc::setrlimit(r, &l) } {
        0 => Ok(()),
        _ => Err(set_fault(cx)),
    }
}

#[pyfunction(sig = "(pid, resource, limits=None, /)")]
fn prlimit(cx: &Thread, pid: i32, resource: i32, limits: Value) -> Res {
    let r = which(cx, resource)?;
    let new = if limits.is_none() { None } else { Some(self::limits(cx, limits)?) };
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let at = new.as_ref().map_or(std::ptr::null(), |l| l as *const libc::rlimit);
    // SAFETY: at is null or of this frame, as is old.
    if unsafe { libc::prlimit(pid, r, at, &mut old) } != 0 {
        return Err(match errno() {
            libc::EINVAL => err!(cx, ValueError, "current limit exceeds maximum limit"),
            _ => last_error(cx),
        });
    }
    Ok(pair(cx, &old))
}

#[pyfunction]
fn getpagesize(_cx: &Thread) -> i64 {
    // SAFETY: plain numbers.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
}

pymodule! { "resource", doc: "Limits on what a process uses, and what it has used.",
functions: [getrusage, getrlimit, setrlimit, prlimit, getpagesize], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    m.add(cx, "error", Value::from_ref(exc::OSError()));
    m.add(cx, "struct_rusage", Value::from_ref(STRUCT_RUSAGE.ty(cx)));
    Ok(())
}

static CONSTANTS: &[(&str, i64)] = &[
    ("RLIMIT_AS", 9),
    ("RLIMIT_CORE", 4),
    ("RLIMIT_CPU", 0),
    ("RLIMIT_DATA", 2),
    ("RLIMIT_FSIZE", 1),
    ("RLIMIT_MEMLOCK", 8),
    ("RLIMIT_MSGQUEUE", 12),
    ("RLIMIT_NICE", 13),
    ("RLIMIT_NOFILE", 7),
    ("RLIMIT_NPROC", 6),
    ("RLIMIT_OFILE", 7),
    ("RLIMIT_RSS", 5),
    ("RLIMIT_RTPRIO", 14),
    ("RLIMIT_RTTIME", 15),
    ("RLIMIT_SIGPENDING", 11),
    ("RLIMIT_STACK", 3),
    ("RLIM_INFINITY", -1),
    ("RUSAGE_CHILDREN", -1),
    ("RUSAGE_SELF", 0),
    ("RUSAGE_THREAD", 1),
];
