//! `stat` and its relatives: results, access, modes, owners, times.

use crate::fspath::{self, PathArg, Spec};
use crate::syscall::{check, checked, os_error, retry};
use crate::timearg::{self, Round};
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;

pub static STAT_RESULT: StructSeq = StructSeq::new(
    "os",
    "stat_result",
    "What stat, fstat and lstat return: a tuple of the ten classic numbers that also has the newer fields as attributes.",
    &[
        "st_mode",
        "st_ino",
        "st_dev",
        "st_nlink",
        "st_uid",
        "st_gid",
        "st_size",
        "",
        "",
        "",
        "st_atime",
        "st_mtime",
        "st_ctime",
        "st_atime_ns",
        "st_mtime_ns",
        "st_ctime_ns",
        "st_blksize",
        "st_blocks",
        "st_rdev",
    ],
    10,
);

pub static STATVFS_RESULT: StructSeq = StructSeq::new(
    "os",
    "statvfs_result",
    "What statvfs and fstatvfs return.",
    &[
        "f_bsize",
        "f_frsize",
        "f_blocks",
        "f_bfree",
        "f_bavail",
        "f_files",
        "f_ffree",
        "f_favail",
        "f_flag",
        "f_namemax",
        "f_fsid",
    ],
    10,
);

pub fn empty_stat() -> libc::stat {
    // SAFETY: stat is plain data; all zero is a valid value.
    unsafe { std::mem::zeroed() }
}

/// The Python result of a filled `struct stat`.
pub fn stat_result(cx: &Thread, st: &libc::stat) -> Value {
    let int = |n: i128| int_from_i128(cx, n);
    let time = |s: i64, ns: i64| Value::from_f64(s as f64 + 1e-9 * ns as f64);
    let ns = |s: i64, ns: i64| int(s as i128 * 1_000_000_000 + ns as i128);
    let items = [
        int(st.st_mode as i128),
        int(st.st_ino as i128),
        int(st.st_dev as i128),
        int(st.st_nlink as i128),
        int(st.st_uid as i128),
        int(st.st_gid as i128),
        int(st.st_size as i128),
        int(st.st_atime as i128),
        int(st.st_mtime as i128),
        int(st.st_ctime as i128),
        time(st.st_atime, st.st_atime_nsec),
        time(st.st_mtime, st.st_mtime_nsec),
        time(st.st_ctime, st.st_ctime_nsec),
        ns(st.st_atime, st.st_atime_nsec),
        ns(st.st_mtime, st.st_mtime_nsec),
        ns(st.st_ctime, st.st_ctime_nsec),
        int(st.st_blksize as i128),
        int(st.st_blocks as i128),
        int(st.st_rdev as i128),
    ];
    STAT_RESULT.make(cx, &items)
}

fn fd_and_dir_fd(cx: &Thread, func: &str, p: &PathArg, dir_fd: i32, follow: bool) -> Res<()> {
    if dir_fd != libc::AT_FDCWD && p.fd.is_some() {
        raise!(cx, ValueError, "{func}: can't specify dir_fd without matching path");
    }
    if p.fd.is_some() && !follow {
        raise!(cx, ValueError, "{func}: cannot use fd and follow_symlinks together");
    }
    Ok(())
}

fn do_stat(cx: &Thread, func: &str, p: &PathArg, dir_fd: i32, follow: bool) -> Res {
    fd_and_dir_fd(cx, func, p, dir_fd, follow)?;
    crate::_io::pending::flush_all(cx)?;
    let mut st = empty_stat();
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let (at, path) = (&raw mut st, p.as_ptr());
    let r = crate::syscall::once(cx, || {
        // SAFETY: path is NUL-terminated and at is a struct stat of this frame.
        unsafe {
            match p.fd {
                Some(fd) => libc::fstat(fd, at) as i64,
                None => libc::fstatat(dir_fd, path, at, flags) as i64,
            }
        }
    });
    match r {
        Ok(_) => Ok(stat_result(cx, &st)),
        Err(e) => Err(p.error(cx, e)),
    }
}

/// The status of a file.
#[pyfunction(sig = "(path, *, dir_fd=None, follow_symlinks=True)")]
pub fn stat(cx: &Thread, path: Value, dir_fd: Value, follow_symlinks: bool) -> Res {
    let p = fspath::path(cx, path, Spec::or_fd("stat"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    do_stat(cx, "stat", &p, d, follow_symlinks)
}

/// As stat, of a symbolic link itself.
#[pyfunction(sig = "(path, *, dir_fd=None)")]
pub fn lstat(cx: &Thread, path: Value, dir_fd: Value) -> Res {
    let p = fspath::path(cx, path, Spec::path("lstat"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    do_stat(cx, "lstat", &p, d, false)
}

/// The status of an open file.
#[pyfunction(sig = "(fd)")]
pub fn fstat(cx: &Thread, fd: i32) -> Res {
    crate::_io::pending::flush_all(cx)?;
    let mut st = empty_stat();
    let at = &raw mut st;
    // SAFETY: at is a struct stat of this frame.
    checked(cx, || unsafe { libc::fstat(fd, at) } as i64)?;
    Ok(stat_result(cx, &st))
}

fn statvfs_result(cx: &Thread, st: &libc::statvfs) -> Value {
    let int = |n: u64| int_from_i128(cx, n as i128);
    STATVFS_RESULT.make(
        cx,
        &[
            int(st.f_bsize),
            int(st.f_frsize),
            int(st.f_blocks),
            int(st.f_bfree),
            int(st.f_bavail),
            int(st.f_files),
            int(st.f_ffree),
            int(st.f_favail),
            int(st.f_flag),
            int(st.f_namemax),
            int(st.f_fsid),
        ],
    )
}

/// Facts about the file system a path lies on.
#[pyfunction(sig = "(path)")]
pub fn statvfs(cx: &Thread, path: Value) -> Res {
    let p = fspath::path(cx, path, Spec::or_fd("statvfs"))?;
    // SAFETY: plain data.
    let mut st: libc::statvfs = unsafe { std::mem::zeroed() };
    let (at, path) = (&raw mut st, p.as_ptr());
    let r = crate::syscall::once(cx, || {
        // SAFETY: path is NUL-terminated and at is of this frame.
        unsafe {
            match p.fd {
                Some(fd) => libc::fstatvfs(fd, at) as i64,
                None => libc::statvfs(path, at) as i64,
            }
        }
    });
    match r {
        Ok(_) => Ok(statvfs_result(cx, &st)),
        Err(e) => Err(p.error(cx, e)),
    }
}

/// Facts about the file system of an open file.
#[pyfunction(sig = "(fd, /)")]
pub fn fstatvfs(cx: &Thread, fd: i32) -> Res {
    // SAFETY: plain data.
    let mut st: libc::statvfs = unsafe { std::mem::zeroed() };
    let at = &raw mut st;
    // SAFETY: at is of this frame.
    checked(cx, || unsafe { libc::fstatvfs(fd, at) } as i64)?;
    Ok(statvfs_result(cx, &st))
}

/// Whether the real user may use a file in a way.
#[pyfunction(sig = "(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)")]
pub fn access(
    cx: &Thread,
    path: Value,
    mode: i32,
    dir_fd: Value,
    effective_ids: bool,
    follow_symlinks: bool,
) -> Res<bool> {
    let p = fspath::path(cx, path, Spec::path("access"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    crate::_io::pending::flush_all(cx)?;
    let mut flags = 0;
    if effective_ids {
        flags |= libc::AT_EACCESS;
    }
    if !follow_symlinks {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    Ok(crate::syscall::once(cx, || unsafe { libc::faccessat(d, at, mode, flags) } as i64).is_ok())
}

/// Changes a file's mode.
#[pyfunction(
    sig = "(path, mode, *, dir_fd=None, follow_symlinks=True)",
    text = "($module, /, path, mode, *, dir_fd=None, follow_symlinks=(os.name != 'nt'))"
)]
pub fn chmod(cx: &Thread, path: Value, mode: i32, dir_fd: Value, follow_symlinks: bool) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("chmod"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    fd_and_dir_fd(cx, "chmod", &p, d, true)?;
    let at = p.as_ptr();
    let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let r = crate::syscall::once(cx, || {
        // SAFETY: the path is NUL-terminated.
        unsafe {
            match p.fd {
                Some(fd) => libc::fchmod(fd, mode as libc::mode_t) as i64,
                None => libc::fchmodat(d, at, mode as libc::mode_t, flags) as i64,
            }
        }
    });
    match r {
        Ok(_) => Ok(()),
        Err(libc::ENOTSUP) if !follow_symlinks => {
            if d != libc::AT_FDCWD {
                raise!(cx, ValueError, "chmod: cannot use dir_fd and follow_symlinks together");
            }
            raise!(cx, NotImplementedError, "chmod: follow_symlinks unavailable on this platform")
        }
        Err(e) => Err(p.error(cx, e)),
    }
}

/// Changes the mode of an open file.
#[pyfunction(sig = "(fd, mode)")]
pub fn fchmod(cx: &Thread, fd: i32, mode: i32) -> Res<()> {
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::fchmod(fd, mode as libc::mode_t) } as i64).map(|_| ())
}

/// A user or group id (`_Py_Uid_Converter`): -1 means "leave as it is".
pub fn id_arg(cx: &Thread, v: Value, what: &str) -> Res<u32> {
    if !fspath::has_index(v) {
        raise!(cx, TypeError, "{what} should be integer, not {}", v.ty().name());
    }
    let i = index(cx, v)?;
    match int_to_i64(i) {
        Some(-1) => Ok(u32::MAX),
        Some(n) if n < 0 => raise!(cx, OverflowError, "{what} is less than minimum"),
        Some(n) if n < u32::MAX as i64 => Ok(n as u32),
        None if taipan_vm::objects::int::is_negative(i) => {
            raise!(cx, OverflowError, "{what} is less than minimum")
        }
        _ => raise!(cx, OverflowError, "{what} is greater than maximum"),
    }
}

/// Changes a file's owner and group.
#[pyfunction(sig = "(path, uid, gid, *, dir_fd=None, follow_symlinks=True)")]
pub fn chown(
    cx: &Thread,
    path: Value,
    uid: Value,
    gid: Value,
    dir_fd: Value,
    follow_symlinks: bool,
) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("chown"))?;
    let (u, g) = (id_arg(cx, uid, "uid")?, id_arg(cx, gid, "gid")?);
    let d = fspath::dir_fd(cx, dir_fd)?;
    fd_and_dir_fd(cx, "chown", &p, d, follow_symlinks)?;
    let at = p.as_ptr();
    let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let r = crate::syscall::once(cx, || {
        // SAFETY: the path is NUL-terminated.
        unsafe {
            match p.fd {
                Some(fd) => libc::fchown(fd, u, g) as i64,
                None => libc::fchownat(d, at, u, g, flags) as i64,
            }
        }
    });
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

/// As chown, of a symbolic link itself.
#[pyfunction(sig = "(path, uid, gid)")]
pub fn lchown(cx: &Thread, path: Value, uid: Value, gid: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path("lchown"))?;
    let (u, g) = (id_arg(cx, uid, "uid")?, id_arg(cx, gid, "gid")?);
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    let r = crate::syscall::once(cx, || unsafe { libc::lchown(at, u, g) } as i64);
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

/// Changes owner and group of an open file.
#[pyfunction(sig = "(fd, uid, gid)")]
pub fn fchown(cx: &Thread, fd: i32, uid: Value, gid: Value) -> Res<()> {
    let (u, g) = (id_arg(cx, uid, "uid")?, id_arg(cx, gid, "gid")?);
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::fchown(fd, u, g) } as i64).map(|_| ())
}

fn pair(cx: &Thread, v: Value, msg: &str) -> Res<(Value, Value)> {
    match v.downcast_exact::<Tuple>() {
        Some(t) if t.len() == 2 => Ok((t.get(0), t.get(1))),
        _ => raise!(cx, TypeError, "{msg}"),
    }
}

fn split_ns(cx: &Thread, v: Value) -> Res<libc::timespec> {
    let i = index(cx, v)?;
    let billion = Value::small(1_000_000_000);
    let q = int_to_i64(binary(cx, i, billion, BinOp::FloorDiv)?);
    let r = int_to_i64(binary(cx, i, billion, BinOp::Mod)?);
    match (q, r) {
        (Some(q), Some(r)) => Ok(libc::timespec { tv_sec: q, tv_nsec: r }),
        _ => raise!(cx, OverflowError, "timestamp out of range for platform time_t"),
    }
}

/// Sets access and modification time.
#[pyfunction(
    sig = "(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)",
    text = "($module, /, path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)"
)]
pub fn utime(
    cx: &Thread,
    path: Value,
    times: Value,
    ns: Option<Value>,
    dir_fd: Value,
    follow_symlinks: bool,
) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("utime"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    if !times.is_none() && ns.is_some() {
        raise!(cx, ValueError, "utime: you may specify either 'times' or 'ns' but not both");
    }
    let spec = if !times.is_none() {
        let (a, m) = pair(cx, times, "utime: 'times' must be either a tuple of two ints or None")?;
        let a = timearg::timespec(cx, a, Round::Floor)?;
        let m = timearg::timespec(cx, m, Round::Floor)?;
        Some([
            libc::timespec { tv_sec: a.0, tv_nsec: a.1 },
            libc::timespec { tv_sec: m.0, tv_nsec: m.1 },
        ])
    } else if let Some(ns) = ns {
        let (a, m) = pair(cx, ns, "utime: 'ns' must be a tuple of two ints")?;
        Some([split_ns(cx, a)?, split_ns(cx, m)?])
    } else {
        None
    };
    fd_and_dir_fd(cx, "utime", &p, d, follow_symlinks)?;
    crate::_io::pending::flush_all(cx)?;
    let ts = spec.as_ref().map_or(std::ptr::null(), |s| s.as_ptr());
    let at = p.as_ptr();
    let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let r = crate::syscall::once(cx, || {
        // SAFETY: ts is null or two timespecs of this frame; the path is NUL-terminated.
        unsafe {
            match p.fd {
                Some(fd) => libc::futimens(fd, ts) as i64,
                None => libc::utimensat(d, at, ts, flags) as i64,
            }
        }
    });
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

/// The size, cut or extended.
#[pyfunction(sig = "(path, length)")]
pub fn truncate(cx: &Thread, path: Value, length: i64) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("truncate"))?;
    crate::_io::pending::flush_all(cx)?;
    let at = p.as_ptr();
    let r = retry(cx, || {
        // SAFETY: the path is NUL-terminated.
        unsafe {
            match p.fd {
                Some(fd) => libc::ftruncate(fd, length) as i64,
                None => libc::truncate(at, length) as i64,
            }
        }
    })?;
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

#[pyfunction(sig = "(fd, length, /)")]
pub fn ftruncate(cx: &Thread, fd: i32, length: i64) -> Res<()> {
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::ftruncate(fd, length) } as i64).map(|_| ())
}

#[pyfunction(sig = "(mask, /)")]
pub fn umask(_cx: &Thread, mask: i32) -> i64 {
    // SAFETY: plain numbers.
    unsafe { libc::umask(mask as libc::mode_t) as i64 }
}

#[pyfunction(sig = "(device, /)")]
pub fn major(cx: &Thread, device: Value) -> Res<i64> {
    Ok(part(libc::major(self::device(cx, device)?)))
}

/// A device number; -1 is none (`NODEV`).
fn device(cx: &Thread, v: Value) -> Res<u64> {
    if v.as_small() == Some(-1) {
        return Ok(u64::MAX);
    }
    match taipan_vm::objects::int::to_u64(index(cx, v)?) {
        Some(n) => Ok(n),
        None if v.as_small().is_some() => {
            raise!(cx, OverflowError, "can't convert negative int to unsigned")
        }
        None => raise!(cx, OverflowError, "int too big to convert"),
    }
}

/// A part of a device number as Python sees it.
fn part(n: u32) -> i64 {
    if n == u32::MAX { -1 } else { n as i64 }
}

/// A part of a device number as given; -1 is none.
fn part_arg(cx: &Thread, v: Value) -> Res<u32> {
    if v.as_small() == Some(-1) {
        return Ok(u32::MAX);
    }
    match int_to_i64(index(cx, v)?).and_then(|n| u32::try_from(n).ok()) {
        Some(n) => Ok(n),
        None => raise!(cx, OverflowError, "Python int too large to convert to C unsigned int"),
    }
}

#[pyfunction(sig = "(device, /)")]
pub fn minor(cx: &Thread, device: Value) -> Res<i64> {
    Ok(part(libc::minor(self::device(cx, device)?)))
}

#[pyfunction(sig = "(major, minor, /)")]
pub fn makedev(cx: &Thread, major: Value, minor: Value) -> Res {
    Ok(match libc::makedev(part_arg(cx, major)?, part_arg(cx, minor)?) {
        u64::MAX => Value::small(-1),
        n => int_from_i128(cx, n as i128),
    })
}

#[pyfunction(sig = "(fd, command, length, /)")]
pub fn lockf(cx: &Thread, fd: i32, command: i32, length: i64) -> Res<()> {
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::lockf(fd, command, length) } as i64).map(|_| ())
}

fn xattr_path<'a>(cx: &Thread, p: &'a PathArg, func: &str, follow: bool) -> Res<&'a PathArg> {
    if p.fd.is_some() && !follow {
        raise!(cx, ValueError, "{func}: cannot use fd and follow_symlinks together");
    }
    Ok(p)
}

#[pyfunction(sig = "(path, attribute, *, follow_symlinks=True)")]
pub fn getxattr(cx: &Thread, path: Value, attribute: Value, follow_symlinks: bool) -> Res {
    let p = fspath::path(cx, path, Spec::or_fd("getxattr"))?;
    let a = fspath::path(cx, attribute, Spec::named("getxattr", "attribute"))?;
    xattr_path(cx, &p, "getxattr", follow_symlinks)?;
    for size in [128usize, 65536] {
        let mut buf = vec![0u8; size];
        let (at, name, out) = (p.as_ptr(), a.as_ptr(), buf.as_mut_ptr() as *mut libc::c_void);
        let r = crate::syscall::once(cx, || {
            // SAFETY: names are NUL-terminated; out has room for size bytes.
            unsafe {
                match p.fd {
                    Some(fd) => libc::fgetxattr(fd, name, out, size) as i64,
                    None if follow_symlinks => libc::getxattr(at, name, out, size) as i64,
                    None => libc::lgetxattr(at, name, out, size) as i64,
                }
            }
        });
        match r {
            Ok(n) => return Ok(Value::from_ref(Bytes::new(cx, &buf[..n as usize]))),
            Err(libc::ERANGE) if size == 128 => {}
            Err(e) => return Err(p.error(cx, e)),
        }
    }
    Err(p.error(cx, libc::ERANGE))
}

#[pyfunction(sig = "(path, attribute, value, flags=0, *, follow_symlinks=True)")]
pub fn setxattr(
    cx: &Thread,
    path: Value,
    attribute: Value,
    value: Value,
    flags: i32,
    follow_symlinks: bool,
) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("setxattr"))?;
    let a = fspath::path(cx, attribute, Spec::named("setxattr", "attribute"))?;
    let data = crate::bufarg::BufArg::read(cx, value)?;
    xattr_path(cx, &p, "setxattr", follow_symlinks)?;
    let (at, name, buf, n) =
        (p.as_ptr(), a.as_ptr(), data.ptr() as *const libc::c_void, data.len());
    let r = crate::syscall::once(cx, || {
        // SAFETY: names are NUL-terminated; the export holds the data.
        unsafe {
            match p.fd {
                Some(fd) => libc::fsetxattr(fd, name, buf, n, flags) as i64,
                None if follow_symlinks => libc::setxattr(at, name, buf, n, flags) as i64,
                None => libc::lsetxattr(at, name, buf, n, flags) as i64,
            }
        }
    });
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

#[pyfunction(sig = "(path, attribute, *, follow_symlinks=True)")]
pub fn removexattr(cx: &Thread, path: Value, attribute: Value, follow_symlinks: bool) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("removexattr"))?;
    let a = fspath::path(cx, attribute, Spec::named("removexattr", "attribute"))?;
    xattr_path(cx, &p, "removexattr", follow_symlinks)?;
    let (at, name) = (p.as_ptr(), a.as_ptr());
    let r = crate::syscall::once(cx, || {
        // SAFETY: names are NUL-terminated.
        unsafe {
            match p.fd {
                Some(fd) => libc::fremovexattr(fd, name) as i64,
                None if follow_symlinks => libc::removexattr(at, name) as i64,
                None => libc::lremovexattr(at, name) as i64,
            }
        }
    });
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

#[pyfunction(sig = "(path=None, *, follow_symlinks=True)")]
pub fn listxattr(cx: &Thread, path: Value, follow_symlinks: bool) -> Res {
    let p = fspath::path(cx, path, Spec::or_fd_or_none("listxattr"))?;
    xattr_path(cx, &p, "listxattr", follow_symlinks)?;
    for size in [256usize, 65536] {
        let mut buf = vec![0u8; size];
        let (at, out) = (p.as_ptr(), buf.as_mut_ptr() as *mut libc::c_char);
        let r = crate::syscall::once(cx, || {
            // SAFETY: the path is NUL-terminated; out has room for size bytes.
            unsafe {
                match p.fd {
                    Some(fd) => libc::flistxattr(fd, out, size) as i64,
                    None if follow_symlinks => libc::listxattr(at, out, size) as i64,
                    None => libc::llistxattr(at, out, size) as i64,
                }
            }
        });
        match r {
            Ok(n) => {
                let list = List::new(cx);
                for name in buf[..n as usize].split(|b| *b == 0).filter(|n| !n.is_empty()) {
                    list.push(cx, Value::from_ref(fspath::decode(cx, name)));
                }
                return Ok(Value::from_ref(list));
            }
            Err(libc::ERANGE) if size == 256 => {}
            Err(e) => return Err(p.error(cx, e)),
        }
    }
    Err(os_error(cx, libc::ERANGE))
}

#[pyfunction(sig = "(fd, /)")]
pub fn isatty(_cx: &Thread, fd: i32) -> bool {
    // SAFETY: plain numbers.
    unsafe { libc::isatty(fd) == 1 }
}

#[pyfunction(sig = "(fd, name, /)")]
pub fn fpathconf(cx: &Thread, fd: Value, name: Value) -> Res<i64> {
    let fd = fspath::fileno(cx, fd)?;
    let name = super::tables::conf_name(cx, name, super::tables::PATHCONF)?;
    crate::syscall::set_errno(0);
    // SAFETY: plain numbers.
    let r = unsafe { libc::fpathconf(fd, name) };
    if r == -1 && crate::syscall::errno() != 0 {
        return Err(crate::syscall::last_error(cx));
    }
    Ok(r)
}

#[pyfunction(sig = "(path, name)")]
pub fn pathconf(cx: &Thread, path: Value, name: Value) -> Res<i64> {
    let p = fspath::path(cx, path, Spec::or_fd("pathconf"))?;
    let name = super::tables::conf_name(cx, name, super::tables::PATHCONF)?;
    crate::syscall::set_errno(0);
    // SAFETY: the path is NUL-terminated.
    let r = unsafe {
        match p.fd {
            Some(fd) => libc::fpathconf(fd, name),
            None => libc::pathconf(p.as_ptr(), name),
        }
    };
    let e = crate::syscall::errno();
    if r == -1 && e != 0 {
        return Err(if e == libc::EINVAL { os_error(cx, e) } else { p.error(cx, e) });
    }
    Ok(r)
}

#[pyfunction(sig = "(fd=0, /)", text = "($module, fd=<unrepresentable>, /)")]
pub fn get_terminal_size(cx: &Thread, fd: Option<i32>) -> Res {
    let fd = fd.unwrap_or(1);
    // SAFETY: plain data.
    let mut w: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: TIOCGWINSZ fills a winsize.
    check(cx, unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut w) } as i64)?;
    let items = [Value::small(w.ws_col as i64), Value::small(w.ws_row as i64)];
    Ok(super::TERMINAL_SIZE.make(cx, &items))
}
