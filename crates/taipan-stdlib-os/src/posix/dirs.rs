//! Directories and names: listing, creating, renaming, linking; `scandir` and `DirEntry`.

use super::stat::{empty_stat, stat_result};
use crate::fspath::{self, PathArg, Spec};
use crate::syscall::once;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64, Ordering};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

/// Opens a directory stream for a path, or for a duplicate of its descriptor.
fn open_dir(cx: &Thread, p: &PathArg) -> Result<*mut libc::DIR, i32> {
    let at = p.as_ptr();
    let r = once(cx, || {
        // SAFETY: the path is NUL-terminated; the duplicate is ours to give to fdopendir.
        let d = unsafe {
            match p.fd {
                Some(fd) => {
                    let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0);
                    if copy == -1 {
                        return -1;
                    }
                    let d = libc::fdopendir(copy);
                    if d.is_null() {
                        let e = *libc::__errno_location();
                        libc::close(copy);
                        *libc::__errno_location() = e;
                    } else {
                        libc::rewinddir(d);
                    }
                    d
                }
                None => libc::opendir(at),
            }
        };
        if d.is_null() { -1 } else { d as i64 }
    })?;
    Ok(r as *mut libc::DIR)
}

fn is_dots(name: &[u8]) -> bool {
    name == b"." || name == b".."
}

/// The names in a directory, in any order, without "." and "..".
#[pyfunction(sig = "(path=None)")]
pub fn listdir(cx: &Thread, path: Value) -> Res {
    let p = fspath::path(cx, path, Spec::or_fd_or_none("listdir"))?;
    crate::_io::pending::flush_all(cx)?;
    let dir = open_dir(cx, &p).map_err(|e| p.error(cx, e))?;
    let mut names: Vec<Vec<u8>> = Vec::new();
    let r = once(cx, || {
        // SAFETY: dir is an open stream that only this call uses; entries are valid until the next
        // readdir and copied before.
        unsafe {
            loop {
                *libc::__errno_location() = 0;
                let e = libc::readdir(dir);
                if e.is_null() {
                    break;
                }
                let name = std::ffi::CStr::from_ptr((*e).d_name.as_ptr()).to_bytes();
                if !is_dots(name) {
                    names.push(name.to_vec());
                }
            }
            let e = *libc::__errno_location();
            if p.fd.is_some() {
                libc::rewinddir(dir);
            }
            libc::closedir(dir);
            *libc::__errno_location() = e;
            if e == 0 { 0 } else { -1 }
        }
    });
    r.map_err(|e| p.error(cx, e))?;
    let list = List::with_capacity(cx, names.len());
    for n in &names {
        list.push(cx, p.decode(cx, n));
    }
    Ok(Value::from_ref(list))
}

#[pyfunction(sig = "(path, mode=511, *, dir_fd=None)")]
pub fn mkdir(cx: &Thread, path: Value, mode: i32, dir_fd: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path("mkdir"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    let r = once(cx, || unsafe { libc::mkdirat(d, at, mode as libc::mode_t) } as i64);
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

#[pyfunction(sig = "(path, *, dir_fd=None)")]
pub fn rmdir(cx: &Thread, path: Value, dir_fd: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path("rmdir"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    let r = once(cx, || unsafe { libc::unlinkat(d, at, libc::AT_REMOVEDIR) } as i64);
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

fn do_unlink(cx: &Thread, func: &'static str, path: Value, dir_fd: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path(func))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    let r = once(cx, || unsafe { libc::unlinkat(d, at, 0) } as i64);
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

#[pyfunction(sig = "(path, *, dir_fd=None)")]
pub fn unlink(cx: &Thread, path: Value, dir_fd: Value) -> Res<()> {
    do_unlink(cx, "unlink", path, dir_fd)
}

#[pyfunction(sig = "(path, *, dir_fd=None)")]
pub fn remove(cx: &Thread, path: Value, dir_fd: Value) -> Res<()> {
    do_unlink(cx, "remove", path, dir_fd)
}

fn two_path_error(cx: &Thread, e: i32, a: &PathArg, b: &PathArg) -> Raised {
    taipan_vm::objects::exceptions::os_error(cx, e, Some(a.object), Some(b.object))
}

fn do_rename(
    cx: &Thread,
    func: &'static str,
    src: Value,
    dst: Value,
    sd: Value,
    dd: Value,
) -> Res<()> {
    let a = fspath::path(cx, src, Spec::named(func, "src"))?;
    let b = fspath::path(cx, dst, Spec::named(func, "dst"))?;
    let (sd, dd) = (fspath::dir_fd(cx, sd)?, fspath::dir_fd(cx, dd)?);
    crate::_io::pending::flush_all(cx)?;
    let (pa, pb) = (a.as_ptr(), b.as_ptr());
    // SAFETY: the paths are NUL-terminated.
    let r = once(cx, || unsafe { libc::renameat(sd, pa, dd, pb) } as i64);
    r.map(|_| ()).map_err(|e| two_path_error(cx, e, &a, &b))
}

#[pyfunction(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
pub fn rename(
    cx: &Thread,
    src: Value,
    dst: Value,
    src_dir_fd: Value,
    dst_dir_fd: Value,
) -> Res<()> {
    do_rename(cx, "rename", src, dst, src_dir_fd, dst_dir_fd)
}

#[pyfunction(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
pub fn replace(
    cx: &Thread,
    src: Value,
    dst: Value,
    src_dir_fd: Value,
    dst_dir_fd: Value,
) -> Res<()> {
    do_rename(cx, "replace", src, dst, src_dir_fd, dst_dir_fd)
}

#[pyfunction(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)")]
pub fn link(
    cx: &Thread,
    src: Value,
    dst: Value,
    src_dir_fd: Value,
    dst_dir_fd: Value,
    follow_symlinks: bool,
) -> Res<()> {
    let a = fspath::path(cx, src, Spec::named("link", "src"))?;
    let b = fspath::path(cx, dst, Spec::named("link", "dst"))?;
    let (sd, dd) = (fspath::dir_fd(cx, src_dir_fd)?, fspath::dir_fd(cx, dst_dir_fd)?);
    let (pa, pb) = (a.as_ptr(), b.as_ptr());
    // CPython calls plain link(), which does not follow, unless a descriptor or the flag is given.
    let plain = sd == libc::AT_FDCWD && dd == libc::AT_FDCWD && follow_symlinks;
    let flags = if follow_symlinks && !plain { libc::AT_SYMLINK_FOLLOW } else { 0 };
    // SAFETY: the paths are NUL-terminated.
    let r = once(cx, || unsafe { libc::linkat(sd, pa, dd, pb, flags) } as i64);
    r.map(|_| ()).map_err(|e| two_path_error(cx, e, &a, &b))
}

#[pyfunction(sig = "(src, dst, target_is_directory=False, *, dir_fd=None)")]
pub fn symlink(
    cx: &Thread,
    src: Value,
    dst: Value,
    _target_is_directory: bool,
    dir_fd: Value,
) -> Res<()> {
    let a = fspath::path(cx, src, Spec::named("symlink", "src"))?;
    let b = fspath::path(cx, dst, Spec::named("symlink", "dst"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    let (pa, pb) = (a.as_ptr(), b.as_ptr());
    // SAFETY: the paths are NUL-terminated.
    let r = once(cx, || unsafe { libc::symlinkat(pa, d, pb) } as i64);
    r.map(|_| ()).map_err(|e| two_path_error(cx, e, &a, &b))
}

#[pyfunction(sig = "(path, *, dir_fd=None)")]
pub fn readlink(cx: &Thread, path: Value, dir_fd: Value) -> Res {
    let p = fspath::path(cx, path, Spec::path("readlink"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    let mut buf = vec![0u8; libc::PATH_MAX as usize + 1];
    let (at, out, n) = (p.as_ptr(), buf.as_mut_ptr() as *mut libc::c_char, buf.len());
    // SAFETY: the path is NUL-terminated; out has room for n bytes.
    let r = once(cx, || unsafe { libc::readlinkat(d, at, out, n) } as i64);
    match r {
        Ok(n) => Ok(p.decode(cx, &buf[..n as usize])),
        Err(e) => Err(p.error(cx, e)),
    }
}

#[pyfunction(sig = "(path, mode=438, *, dir_fd=None)")]
pub fn mkfifo(cx: &Thread, path: Value, mode: i32, dir_fd: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path("mkfifo"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    let r = once(cx, || unsafe { libc::mkfifoat(d, at, mode as libc::mode_t) } as i64);
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

#[pyfunction(sig = "(path, mode=384, device=0, *, dir_fd=None)")]
pub fn mknod(cx: &Thread, path: Value, mode: i32, device: u64, dir_fd: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path("mknod"))?;
    let d = fspath::dir_fd(cx, dir_fd)?;
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    let r = once(cx, || unsafe { libc::mknodat(d, at, mode as libc::mode_t, device) } as i64);
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

fn cwd_bytes(cx: &Thread) -> Res<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    match std::env::current_dir() {
        Ok(d) => Ok(d.into_os_string().into_vec()),
        Err(e) => Err(crate::syscall::os_error(cx, e.raw_os_error().unwrap_or(libc::ENOENT))),
    }
}

#[pyfunction]
pub fn getcwd(cx: &Thread) -> Res {
    Ok(Value::from_ref(fspath::decode(cx, &cwd_bytes(cx)?)))
}

#[pyfunction]
pub fn getcwdb(cx: &Thread) -> Res {
    Ok(Value::from_ref(Bytes::new(cx, &cwd_bytes(cx)?)))
}

#[pyfunction(sig = "(path)")]
pub fn chdir(cx: &Thread, path: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("chdir"))?;
    let at = p.as_ptr();
    let r = once(cx, || {
        // SAFETY: the path is NUL-terminated.
        unsafe {
            match p.fd {
                Some(fd) => libc::fchdir(fd) as i64,
                None => libc::chdir(at) as i64,
            }
        }
    });
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

#[pyfunction(sig = "(fd)")]
pub fn fchdir(cx: &Thread, fd: Value) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain numbers.
    crate::syscall::checked(cx, || unsafe { libc::fchdir(fd) } as i64).map(|_| ())
}

#[pyfunction(sig = "(path)")]
pub fn chroot(cx: &Thread, path: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path("chroot"))?;
    let at = p.as_ptr();
    // SAFETY: the path is NUL-terminated.
    let r = once(cx, || unsafe { libc::chroot(at) } as i64);
    r.map(|_| ()).map_err(|e| p.error(cx, e))
}

/// One entry found by `scandir`.
#[repr(C)]
pub struct DirEntry {
    pub head: Head,
    name: Slot,
    path: Slot,
    stat: Slot,
    lstat: Slot,
    inode: AtomicU64,
    d_type: u8,
    /// The directory's descriptor where `scandir` was given one, else `AT_FDCWD`.
    dir_fd: i32,
}

taipan_vm::pytype! { DirEntry, PyDirEntry_Type, name: "DirEntry", module: "posix", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION,
doc: "One entry of a directory, as scandir() finds it: name, path and cached facts." }

impl DirEntry {
    fn fetch(cx: &Thread, this: &DirEntry, follow: bool) -> Res {
        crate::_io::pending::flush_all(cx)?;
        let (what, spec) = match this.dir_fd {
            libc::AT_FDCWD => (this.path.value(), Spec::path("DirEntry")),
            _ => (this.name.value(), Spec::path("DirEntry")),
        };
        let p = fspath::path(cx, what, spec)?;
        let mut st = empty_stat();
        let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        let (at, out, d) = (p.as_ptr(), &raw mut st, this.dir_fd);
        // SAFETY: the path is NUL-terminated; out is of this frame.
        let r = once(cx, || unsafe { libc::fstatat(d, at, out, flags) } as i64);
        r.map_err(|e| crate::syscall::os_error_with(cx, e, this.path.value()))?;
        Ok(stat_result(cx, &st))
    }

    fn link_status(cx: &Thread, this: &DirEntry) -> Res {
        if let Some(v) = this.lstat.get() {
            return Ok(v);
        }
        let v = DirEntry::fetch(cx, this, false)?;
        this.lstat.set(this, v);
        Ok(v)
    }

    fn status(cx: &Thread, this: &DirEntry, follow: bool) -> Res {
        if !follow {
            return DirEntry::link_status(cx, this);
        }
        if let Some(v) = this.stat.get() {
            return Ok(v);
        }
        let v = if DirEntry::is_link(cx, this)? {
            DirEntry::fetch(cx, this, true)?
        } else {
            DirEntry::link_status(cx, this)?
        };
        this.stat.set(this, v);
        Ok(v)
    }

    fn is_link(cx: &Thread, this: &DirEntry) -> Res<bool> {
        if this.d_type != libc::DT_UNKNOWN {
            return Ok(this.d_type == libc::DT_LNK);
        }
        DirEntry::mode_is(cx, this, false, libc::S_IFLNK)
    }

    fn mode_is(cx: &Thread, this: &DirEntry, follow: bool, kind: u32) -> Res<bool> {
        let st = match DirEntry::status(cx, this, follow) {
            Ok(s) => s,
            // The entry is gone, or a link points nowhere: it is neither file nor directory.
            Err(e) if e.is(exc::FileNotFoundError()) => return Ok(false),
            Err(e) => return Err(e),
        };
        let mode = st.downcast::<Tuple>().and_then(|t| int_to_i64(t.get(0))).unwrap_or(0);
        Ok(mode as u32 & libc::S_IFMT == kind)
    }

    fn is_kind(cx: &Thread, this: &DirEntry, follow: bool, kind: u32, d_type: u8) -> Res<bool> {
        let link = this.d_type == libc::DT_LNK;
        if this.d_type == libc::DT_UNKNOWN || (follow && link) {
            return DirEntry::mode_is(cx, this, follow, kind);
        }
        Ok(this.d_type == d_type)
    }
}

#[pymethods]
impl DirEntry {
    #[getter]
    fn name(_cx: &Thread, this: &DirEntry) -> Value {
        this.name.value()
    }

    #[getter]
    fn path(_cx: &Thread, this: &DirEntry) -> Value {
        this.path.value()
    }

    #[pymethod(sig = "(self, /, *, follow_symlinks=True)")]
    fn is_dir(cx: &Thread, this: &DirEntry, follow_symlinks: bool) -> Res<bool> {
        DirEntry::is_kind(cx, this, follow_symlinks, libc::S_IFDIR, libc::DT_DIR)
    }

    #[pymethod(sig = "(self, /, *, follow_symlinks=True)")]
    fn is_file(cx: &Thread, this: &DirEntry, follow_symlinks: bool) -> Res<bool> {
        DirEntry::is_kind(cx, this, follow_symlinks, libc::S_IFREG, libc::DT_REG)
    }

    #[pymethod]
    fn is_symlink(cx: &Thread, this: &DirEntry) -> Res<bool> {
        DirEntry::is_link(cx, this)
    }

    #[pymethod]
    fn is_junction(_cx: &Thread, _this: &DirEntry) -> bool {
        false
    }

    #[pymethod(sig = "(self, /, *, follow_symlinks=True)")]
    fn stat(cx: &Thread, this: &DirEntry, follow_symlinks: bool) -> Res {
        DirEntry::status(cx, this, follow_symlinks)
    }

    #[pymethod]
    fn inode(_cx: &Thread, this: &DirEntry) -> u64 {
        this.inode.load(Ordering::Relaxed)
    }

    #[pymethod]
    fn __fspath__(_cx: &Thread, this: &DirEntry) -> Value {
        this.path.value()
    }

    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        taipan_vm::objects::generic_alias::new(cx, cls, item)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &DirEntry) -> Res {
        let n = repr(cx, this.name.value())?.to_wtf8();
        let s = [b"<DirEntry ".as_slice(), &n, b">"].concat();
        Ok(Value::from_ref(Str::from_wtf8(cx, &s)))
    }
}

/// The iterator `scandir` returns; owns the directory stream.
#[repr(C)]
pub struct ScandirIterator {
    pub head: Head,
    /// What `scandir` was given, in decoded form: the prefix of the entries' paths.
    base: Slot,
    dir: AtomicPtr<libc::DIR>,
    dir_fd: AtomicI32,
    is_bytes: bool,
}

taipan_vm::pytype! { ScandirIterator, PyScandirIterator_Type, name: "ScandirIterator", module: "posix",
base: Object, flags: tpflags::DISALLOW_INSTANTIATION }

impl ScandirIterator {
    fn close_stream(this: &ScandirIterator) {
        let d = this.dir.swap(std::ptr::null_mut(), Ordering::AcqRel);
        if !d.is_null() {
            // SAFETY: the swap gave this caller alone the stream.
            unsafe {
                if this.dir_fd.load(Ordering::Relaxed) != libc::AT_FDCWD {
                    libc::rewinddir(d);
                }
                libc::closedir(d);
            }
        }
    }

    /// The next entry. The stream is taken out while it is read, so that racing readers see an
    /// exhausted iterator rather than a stream in use.
    fn read(cx: &Thread, this: &ScandirIterator) -> Res<Option<Value>> {
        loop {
            let d = this.dir.swap(std::ptr::null_mut(), Ordering::AcqRel);
            if d.is_null() {
                return Ok(None);
            }
            let mut found: Option<(Vec<u8>, u64, u8)> = None;
            let r = once(cx, || {
                // SAFETY: the swap gave this caller alone the stream.
                unsafe {
                    *libc::__errno_location() = 0;
                    let e = libc::readdir(d);
                    if e.is_null() {
                        return if *libc::__errno_location() == 0 { 0 } else { -1 };
                    }
                    let name = std::ffi::CStr::from_ptr((*e).d_name.as_ptr()).to_bytes().to_vec();
                    found = Some((name, (*e).d_ino, (*e).d_type));
                    1
                }
            });
            this.dir.store(d, Ordering::Release);
            if let Err(e) = r {
                ScandirIterator::close_stream(this);
                return Err(crate::syscall::os_error_with(cx, e, this.base.value()));
            }
            let Some((name, ino, d_type)) = found else {
                ScandirIterator::close_stream(this);
                return Ok(None);
            };
            if is_dots(&name) {
                continue;
            }
            return Ok(Some(ScandirIterator::entry(cx, this, &name, ino, d_type)?));
        }
    }

    fn entry(cx: &Thread, this: &ScandirIterator, name: &[u8], ino: u64, d_type: u8) -> Res {
        let base = this.base.value();
        let dir_fd = this.dir_fd.load(Ordering::Relaxed);
        let make = |b: &[u8]| -> Value {
            match this.is_bytes {
                true => Value::from_ref(Bytes::new(cx, b)),
                false => Value::from_ref(fspath::decode(cx, b)),
            }
        };
        let n = make(name);
        let path = if dir_fd != libc::AT_FDCWD {
            n
        } else {
            let mut full = match base.downcast::<Str>() {
                Some(s) => fspath::encode(cx, s)?,
                None => base.downcast::<Bytes>().map_or(b".".to_vec(), |b| b.as_slice().to_vec()),
            };
            if full.last().is_some_and(|c| *c != b'/') {
                full.push(b'/');
            }
            full.extend_from_slice(name);
            make(&full)
        };
        let e = DirEntry {
            head: fresh_head(),
            name: Slot::empty(),
            path: Slot::empty(),
            stat: Slot::empty(),
            lstat: Slot::empty(),
            inode: AtomicU64::new(ino),
            d_type,
            dir_fd,
        };
        e.name.init(Some(n));
        e.path.init(Some(path));
        Ok(Value::from_ref(cx.alloc(e)))
    }
}

#[pymethods]
impl ScandirIterator {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &ScandirIterator) -> Res<Option<Value>> {
        ScandirIterator::read(cx, this)
    }

    #[pymethod]
    fn __enter__(_cx: &Thread, this: &ScandirIterator) -> Value {
        Value::from_ref(this)
    }

    #[pymethod(sig = "(self, /, *args)")]
    fn __exit__(_cx: &Thread, this: &ScandirIterator, _args: &[Value]) {
        ScandirIterator::close_stream(this);
    }

    #[pymethod]
    fn close(_cx: &Thread, this: &ScandirIterator) {
        ScandirIterator::close_stream(this);
    }

    #[slot]
    fn __del__(cx: &Thread, this: &ScandirIterator) -> Res<()> {
        if this.dir.load(Ordering::Acquire).is_null() {
            return Ok(());
        }
        let me = Value::from_ref(this);
        let msg = format!("unclosed scandir iterator {}", repr(cx, me)?);
        ScandirIterator::close_stream(this);
        crate::_io::warn_unclosed(cx, &msg, me);
        Ok(())
    }
}

#[pyfunction(sig = "(path=None)")]
pub fn scandir(cx: &Thread, path: Value) -> Res {
    let p = fspath::path(cx, path, Spec::or_fd_or_none("scandir"))?;
    crate::_io::pending::flush_all(cx)?;
    let dir = open_dir(cx, &p).map_err(|e| p.error(cx, e))?;
    let it = ScandirIterator {
        head: fresh_head(),
        base: Slot::empty(),
        dir: AtomicPtr::new(dir),
        dir_fd: AtomicI32::new(p.fd.unwrap_or(libc::AT_FDCWD)),
        is_bytes: p.is_bytes,
    };
    let base = if p.is_none { Value::from_ref(Str::new(cx, ".")) } else { p.object };
    it.base.init(Some(base));
    Ok(Value::from_ref(cx.alloc(it)))
}

/// `os.path.normpath` without the lexical `..` question: as `posixpath.normpath`.
#[pyfunction(sig = "(path)")]
pub fn _path_normpath(cx: &Thread, path: Value) -> Res {
    let v = fspath::fspath(cx, path)?;
    let p = match v.downcast::<Str>() {
        Some(s) => s.to_wtf8(),
        None => v.downcast::<Bytes>().map(|b| b.as_slice().to_vec()).unwrap_or_default(),
    };
    let out = cx.plain(8 * p.len(), || normalized(&p));
    Ok(match v.downcast::<Str>() {
        Some(_) => Value::from_ref(Str::from_wtf8(cx, &out)),
        None => Value::from_ref(Bytes::new(cx, &out)),
    })
}

fn normalized(p: &[u8]) -> Vec<u8> {
    let slashes = p.iter().take_while(|c| **c == b'/').count();
    let root = match slashes {
        0 => 0,
        2 => 2,
        _ => 1,
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in p.split(|c| *c == b'/') {
        match part {
            b"" | b"." => {}
            b".." if root > 0 && parts.is_empty() => {}
            b".." if parts.last().is_some_and(|l| *l != b"..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let mut out = vec![b'/'; root];
    out.extend_from_slice(&parts.join(&b'/'));
    if out.is_empty() {
        out.push(b'.');
    }
    out
}

/// Splits into drive (empty), root and the rest.
#[pyfunction(sig = "(p)")]
pub fn _path_splitroot_ex(cx: &Thread, p: Value) -> Res {
    let v = fspath::fspath(cx, p)?;
    let bytes = match v.downcast::<Str>() {
        Some(s) => s.to_wtf8(),
        None => v.downcast::<Bytes>().map(|b| b.as_slice().to_vec()).unwrap_or_default(),
    };
    let slashes = bytes.iter().take_while(|c| **c == b'/').count();
    let root = match slashes {
        0 => 0,
        2 => 2,
        _ => 1,
    };
    let make = |b: &[u8]| match v.downcast::<Str>() {
        Some(_) => Value::from_ref(Str::from_wtf8(cx, b)),
        None => Value::from_ref(Bytes::new(cx, b)),
    };
    let items = [make(b""), make(&bytes[..root]), make(&bytes[root..])];
    Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
}
