//! `fcntl`: descriptor control, ioctl, file locks.

use crate::bufarg::{BufArg, text_or_bytes};
use crate::fspath::fileno;
use crate::syscall::{checked, os_error, retry};
use taipan_vm::prelude::*;

const ROOM: usize = 1024;

/// An int argument taken by its low 32 bits.
fn int_bits(cx: &Thread, v: Value) -> Res<i32> {
    let i = index(cx, v)?;
    match taipan_vm::objects::int::wrapping_u64(i) {
        Some(n) => Ok(n as u32 as i32),
        None => raise!(cx, OverflowError, "Python int too large to convert to C int"),
    }
}

#[pyfunction(sig = "(fd, cmd, arg=0, /)")]
fn fcntl(cx: &Thread, fd: Value, cmd: i32, arg: Option<Value>) -> Res {
    let fd = fileno(cx, fd)?;
    if let Some(v) = arg
        && (v.downcast::<Str>().is_some() || v.downcast::<Bytes>().is_some())
    {
        let data = text_or_bytes(cx, v)?;
        if data.len() > ROOM {
            raise!(cx, ValueError, "fcntl string arg too long");
        }
        let mut buf = data.clone();
        buf.resize(ROOM, 0);
        let p = buf.as_mut_ptr();
        // SAFETY: room for any structure a command takes, up to the limit CPython has too.
        checked(cx, || unsafe { libc::fcntl(fd, cmd, p) } as i64)?;
        return Ok(Value::from_ref(Bytes::new(cx, &buf[..data.len()])));
    }
    let n = arg.map_or(Ok(0), |v| int_bits(cx, v))?;
    // SAFETY: plain numbers.
    let r = checked(cx, || unsafe { libc::fcntl(fd, cmd, n) } as i64)?;
    Ok(Value::small(r))
}

#[pyfunction(sig = "(fd, request, arg=0, mutate_flag=True, /)")]
fn ioctl(cx: &Thread, fd: Value, request: Value, arg: Option<Value>, mutate_flag: bool) -> Res {
    let fd = fileno(cx, fd)?;
    let request = int_bits(cx, request)? as u32 as libc::c_ulong;
    let call = |p: *mut u8| -> Res<i64> {
        // SAFETY: room as each caller says.
        retry(cx, || unsafe { libc::ioctl(fd, request, p) } as i64)?.map_err(|e| os_error(cx, e))
    };
    let plain = |v: Value| v.as_small().is_some() || v.ty().slots().index.get().is_some();
    let Some(v) = arg.filter(|v| !plain(*v)) else {
        let n = arg.map_or(Ok(0), |v| int_bits(cx, v))?;
        // SAFETY: plain numbers.
        let r = checked(cx, || unsafe { libc::ioctl(fd, request, n as libc::c_long) } as i64)?;
        return Ok(Value::small(r));
    };
    let writable = v.downcast::<Str>().is_none() && v.downcast::<Bytes>().is_none();
    if writable && let Ok(b) = BufArg::write(cx, v, "ioctl() argument") {
        if mutate_flag && b.len() > ROOM {
            return Ok(Value::small(call(b.ptr())?));
        }
        if b.len() > ROOM {
            raise!(cx, ValueError, "ioctl string arg too long");
        }
        let mut buf = b.to_vec();
        let n = buf.len();
        buf.resize(ROOM, 0);
        let r = call(buf.as_mut_ptr())?;
        if mutate_flag {
            b.fill(0, &buf[..n]);
            return Ok(Value::small(r));
        }
        return Ok(Value::from_ref(Bytes::new(cx, &buf[..n])));
    }
    let data = text_or_bytes(cx, v)?;
    if data.len() > ROOM {
        raise!(cx, ValueError, "ioctl string arg too long");
    }
    let mut buf = data.clone();
    buf.resize(ROOM, 0);
    call(buf.as_mut_ptr())?;
    Ok(Value::from_ref(Bytes::new(cx, &buf[..data.len()])))
}

#[pyfunction(sig = "(fd, operation, /)")]
fn flock(cx: &Thread, fd: Value, operation: i32) -> Res<()> {
    let fd = fileno(cx, fd)?;
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::flock(fd, operation) } as i64).map(|_| ())
}

#[pyfunction(sig = "(fd, cmd, len=0, start=0, whence=0, /)")]
fn lockf(cx: &Thread, fd: Value, cmd: i32, len: i64, start: i64, whence: i32) -> Res<()> {
    let fd = fileno(cx, fd)?;
    let kind = match cmd {
        libc::LOCK_UN => libc::F_UNLCK,
        c if c & libc::LOCK_SH != 0 => libc::F_RDLCK,
        c if c & libc::LOCK_EX != 0 => libc::F_WRLCK,
        _ => raise!(cx, ValueError, "unrecognized lockf argument"),
    };
    let l = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: whence as libc::c_short,
        l_start: start,
        l_len: len,
        l_pid: 0,
    };
    let wait = if cmd & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
    let p = &raw const l;
    // SAFETY: p is of this frame.
    checked(cx, || unsafe { libc::fcntl(fd, wait, p) } as i64).map(|_| ())
}

pymodule! { "fcntl", doc: "Control of descriptors, and file locks.",
functions: [fcntl, ioctl, flock, lockf], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    Ok(())
}

static CONSTANTS: &[(&str, i64)] = &[
    ("DN_ACCESS", 1),
    ("DN_ATTRIB", 32),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_MODIFY", 2),
    ("DN_MULTISHOT", 2147483648),
    ("DN_RENAME", 16),
    ("FASYNC", 8192),
    ("FD_CLOEXEC", 1),
    ("FICLONE", 1074041865),
    ("FICLONERANGE", 1075876877),
    ("F_ADD_SEALS", 1033),
    ("F_DUPFD", 0),
    ("F_DUPFD_CLOEXEC", 1030),
    ("F_EXLCK", 4),
    ("F_GETFD", 1),
    ("F_GETFL", 3),
    ("F_GETLEASE", 1025),
    ("F_GETLK", 5),
    ("F_GETLK64", 5),
    ("F_GETOWN", 9),
    ("F_GETOWN_EX", 16),
    ("F_GETPIPE_SZ", 1032),
    ("F_GETSIG", 11),
    ("F_GET_FILE_RW_HINT", 1037),
    ("F_GET_RW_HINT", 1035),
    ("F_GET_SEALS", 1034),
    ("F_NOTIFY", 1026),
    ("F_OFD_GETLK", 36),
    ("F_OFD_SETLK", 37),
    ("F_OFD_SETLKW", 38),
    ("F_OWNER_PGRP", 2),
    ("F_OWNER_PID", 1),
    ("F_OWNER_TID", 0),
    ("F_RDLCK", 0),
    ("F_SEAL_FUTURE_WRITE", 16),
    ("F_SEAL_GROW", 4),
    ("F_SEAL_SEAL", 1),
    ("F_SEAL_SHRINK", 2),
    ("F_SEAL_WRITE", 8),
    ("F_SETFD", 2),
    ("F_SETFL", 4),
    ("F_SETLEASE", 1024),
    ("F_SETLK", 6),
    ("F_SETLK64", 6),
    ("F_SETLKW", 7),
    ("F_SETLKW64", 7),
    ("F_SETOWN", 8),
    ("F_SETOWN_EX", 15),
    ("F_SETPIPE_SZ", 1031),
    ("F_SETSIG", 10),
    ("F_SET_FILE_RW_HINT", 1038),
    ("F_SET_RW_HINT", 1036),
    ("F_SHLCK", 8),
    ("F_UNLCK", 2),
    ("F_WRLCK", 1),
    ("LOCK_EX", 2),
    ("LOCK_MAND", 32),
    ("LOCK_NB", 4),
    ("LOCK_READ", 64),
    ("LOCK_RW", 192),
    ("LOCK_SH", 1),
    ("LOCK_UN", 8),
    ("LOCK_WRITE", 128),
    ("RWH_WRITE_LIFE_EXTREME", 5),
    ("RWH_WRITE_LIFE_LONG", 4),
    ("RWH_WRITE_LIFE_MEDIUM", 3),
    ("RWH_WRITE_LIFE_NONE", 1),
    ("RWH_WRITE_LIFE_NOT_SET", 0),
    ("RWH_WRITE_LIFE_SHORT", 2),
];
