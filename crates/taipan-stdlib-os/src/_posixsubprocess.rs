//! `_posixsubprocess`: `fork_exec`, what `subprocess` starts children with.
//!
//! Everything the child needs is prepared before the fork; between fork and exec it calls
//! async-signal-safe functions only and allocates nothing (except for a `preexec_fn`, which runs
//! in a fork made with the world stopped).

use crate::fspath::fs_bytes;
use crate::posix::process::{CArray, fork_with_hooks};
use crate::posix::stat::id_arg;
use std::ffi::CString;
use taipan_vm::prelude::*;

struct Child<'a> {
    cx: &'a Thread,
    executables: CArray,
    argv: CArray,
    env: Option<CArray>,
    cwd: Option<CString>,
    p2cread: i32,
    p2cwrite: i32,
    c2pread: i32,
    c2pwrite: i32,
    errread: i32,
    errwrite: i32,
    errpipe_read: i32,
    errpipe_write: i32,
    close_fds: bool,
    restore_signals: bool,
    setsid: bool,
    pgid: i32,
    uid: Option<u32>,
    gid: Option<u32>,
    groups: Option<Vec<libc::gid_t>>,
    umask: i32,
    /// Sorted.
    keep: Vec<i32>,
    preexec: Option<Value>,
}

/// What stopped the child: errno, or 0 for an exception, and the stage it had reached.
struct Fault(i32, &'static str);

fn posix(r: i64) -> Result<i32, Fault> {
    if r == -1 { Err(Fault(crate::syscall::errno(), "noexec")) } else { Ok(r as i32) }
}

fn set_cloexec(fd: i32, on: bool) -> Result<(), Fault> {
    // SAFETY: plain numbers.
    let f = posix(unsafe { libc::fcntl(fd, libc::F_GETFD) } as i64)?;
    let new = if on { f | libc::FD_CLOEXEC } else { f & !libc::FD_CLOEXEC };
    // SAFETY: plain numbers.
    posix(unsafe { libc::fcntl(fd, libc::F_SETFD, new) } as i64).map(|_| ())
}

fn close(fd: i32) -> Result<(), Fault> {
    // SAFETY: plain numbers.
    posix(unsafe { libc::close(fd) } as i64).map(|_| ())
}

/// `fd` as the child's descriptor `to`.
fn install(fd: i32, to: i32) -> Result<(), Fault> {
    if fd == to {
        return set_cloexec(fd, false);
    }
    if fd != -1 {
        // SAFETY: plain numbers.
        posix(unsafe { libc::dup2(fd, to) } as i64)?;
    }
    Ok(())
}

/// Closes everything from 3 on but what is kept.
fn close_others(keep: &[i32]) {
    let mut from = 3;
    let close_range = |a: i32, b: u32| {
        if a as u32 <= b {
            // SAFETY: plain numbers.
            unsafe { libc::syscall(libc::SYS_close_range, a as u32, b, 0u32) };
        }
    };
    for &fd in keep {
        if fd < from {
            continue;
        }
        if fd > from {
            close_range(from, fd as u32 - 1);
        }
        from = fd + 1;
    }
    close_range(from, u32::MAX);
}

impl Child<'_> {
    /// In the child: sets everything up and executes; returns only what went wrong.
    fn run(&mut self) -> Result<(), Fault> {
        for &fd in self.keep.iter().filter(|fd| **fd != self.errpipe_write) {
            set_cloexec(fd, false)?;
        }
        for fd in [self.p2cwrite, self.c2pread, self.errread] {
            if fd != -1 {
                close(fd)?;
            }
        }
        close(self.errpipe_read)?;
        // Descriptors that lie where the standard streams will go move out of the way.
        if self.c2pwrite == 0 {
            // SAFETY: plain numbers.
            self.c2pwrite = posix(unsafe { libc::dup(self.c2pwrite) } as i64)?;
            set_cloexec(self.c2pwrite, true)?;
        }
        while self.errwrite == 0 || self.errwrite == 1 {
            // SAFETY: plain numbers.
            self.errwrite = posix(unsafe { libc::dup(self.errwrite) } as i64)?;
            set_cloexec(self.errwrite, true)?;
        }
        install(self.p2cread, 0)?;
        install(self.c2pwrite, 1)?;
        install(self.errwrite, 2)?;
        if let Some(d) = &self.cwd {
            // SAFETY: NUL-terminated.
            if unsafe { libc::chdir(d.as_ptr()) } == -1 {
                return Err(Fault(crate::syscall::errno(), "noexec:chdir"));
            }
        }
        // SAFETY: plain numbers, and arrays whose lengths are given.
        unsafe {
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                crate::_signal::restore_defaults();
            }
            if self.setsid {
                posix(libc::setsid() as i64)?;
            }
            if self.pgid >= 0 {
                posix(libc::setpgid(0, self.pgid) as i64)?;
            }
            if let Some(g) = &self.groups {
                posix(libc::setgroups(g.len(), g.as_ptr()) as i64)?;
            }
            if let Some(g) = self.gid {
                posix(libc::setregid(g, g) as i64)?;
            }
            if let Some(u) = self.uid {
                posix(libc::setreuid(u, u) as i64)?;
            }
        }
        if let Some(f) = self.preexec
            && call(self.cx, f, &[]).is_err()
        {
            return Err(Fault(0, "Exception occurred in preexec_fn."));
        }
        if self.close_fds {
            close_others(&self.keep);
        }
        self.exec()
    }

    fn exec(&self) -> Result<(), Fault> {
        let mut first = 0;
        let mut p = self.executables.as_ptr();
        // SAFETY: NULL-terminated arrays of NUL-terminated strings.
        unsafe {
            while !(*p).is_null() {
                match &self.env {
                    Some(e) => libc::execve(*p, self.argv.as_ptr(), e.as_ptr()),
                    None => libc::execv(*p, self.argv.as_ptr()),
                };
                let e = crate::syscall::errno();
                if e != libc::ENOENT && e != libc::ENOTDIR && first == 0 {
                    first = e;
                }
                p = p.add(1);
            }
        }
        Err(Fault(if first != 0 { first } else { crate::syscall::errno() }, ""))
    }

    fn tell(&self, bytes: &[u8]) {
        // SAFETY: bytes of this process; nothing can be done about a failure.
        unsafe {
            libc::write(self.errpipe_write, bytes.as_ptr() as *const libc::c_void, bytes.len())
        };
    }

    /// Reports the fault to the parent and ends the child.
    fn report(&self, f: Fault) -> ! {
        if f.0 != 0 {
            let mut hex = [0u8; 8];
            let (mut at, mut n) = (hex.len(), f.0);
            while n != 0 && at > 0 {
                at -= 1;
                hex[at] = b"0123456789abcdef"[(n % 16) as usize];
                n /= 16;
            }
            self.tell(b"OSError:");
            self.tell(&hex[at..]);
            self.tell(b":");
        } else {
            self.tell(b"SubprocessError:0:");
        }
        self.tell(f.1.as_bytes());
        // SAFETY: ends the child.
        unsafe { libc::_exit(255) }
    }
}

fn strings(cx: &Thread, v: Value, msg: &str) -> Res<CArray> {
    if !is_sequence(v) {
        raise!(cx, TypeError, "{msg}");
    }
    let items = collect(cx, v)?;
    let mut out = Vec::with_capacity(items.len());
    for i in items.iter() {
        out.push(fs_bytes(cx, *i)?);
    }
    Ok(CArray::new(out))
}

fn kept(cx: &Thread, v: &Tuple) -> Res<Vec<i32>> {
    let mut out = Vec::with_capacity(v.len());
    let mut last = -1;
    for x in v.as_slice() {
        let n = if taipan_vm::objects::int::is_int(*x) { int_to_i64(*x) } else { None };
        match n.and_then(|n| i32::try_from(n).ok()) {
            Some(n) if n >= 0 && n > last => {
                out.push(n);
                last = n;
            }
            _ => raise!(cx, ValueError, "bad value(s) in fds_to_keep"),
        }
    }
    Ok(out)
}

fn group_list(cx: &Thread, v: Value) -> Res<Option<Vec<libc::gid_t>>> {
    if v.is_none() {
        return Ok(None);
    }
    let Some(l) = v.downcast::<List>() else {
        raise!(cx, TypeError, "setgroups argument must be a list");
    };
    let items = l.to_vec();
    if items.len() > 65536 {
        raise!(cx, ValueError, "too many extra_groups");
    }
    let mut out = Vec::with_capacity(items.len());
    for g in items.iter() {
        if !taipan_vm::objects::int::is_int(*g) {
            raise!(cx, TypeError, "extra_groups must be integers");
        }
        match id_arg(cx, *g, "gid") {
            Ok(g) => out.push(g),
            Err(_) => raise!(cx, ValueError, "invalid group id"),
        }
    }
    Ok(Some(out))
}

/// Starts a child process; its identity is the result.
#[pyfunction(
    sig = "(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, allow_vfork, /)"
)]
fn fork_exec(
    cx: &Thread,
    args: Value,
    executable_list: Value,
    close_fds: bool,
    pass_fds: &'static Tuple,
    cwd: Value,
    env: Value,
    p2cread: i32,
    p2cwrite: i32,
    c2pread: i32,
    c2pwrite: i32,
    errread: i32,
    errwrite: i32,
    errpipe_read: i32,
    errpipe_write: i32,
    restore_signals: bool,
    call_setsid: bool,
    pgid_to_set: i32,
    gid: Value,
    extra_groups: Value,
    uid: Value,
    child_umask: i32,
    preexec_fn: Value,
    _allow_vfork: bool,
) -> Res<i32> {
    let preexec = Some(preexec_fn).filter(|f| !f.is_none());
    if preexec.is_some() && cx.vm.finalizing.load(std::sync::atomic::Ordering::Acquire) {
        raise!(cx, PythonFinalizationError, "preexec_fn not supported at interpreter shutdown");
    }
    if close_fds && errpipe_write < 3 {
        raise!(cx, ValueError, "errpipe_write must be >= 3");
    }
    let keep = kept(cx, pass_fds)?;
    let executables = strings(cx, executable_list, "executable_list must be a sequence")?;
    let argv = strings(cx, args, "argv must be a tuple")?;
    let env = match env.is_none() {
        true => None,
        false => Some(strings(cx, env, "env must be a sequence")?),
    };
    let cwd = if cwd.is_none() { None } else { Some(fs_bytes(cx, cwd)?) };
    let groups = group_list(cx, extra_groups)?;
    let gid = if gid.is_none() { None } else { Some(id_arg(cx, gid, "gid")?) };
    let uid = if uid.is_none() { None } else { Some(id_arg(cx, uid, "uid")?) };
    crate::_io::pending::flush_all(cx)?;
    let mut child = Child {
        cx,
        executables,
        argv,
        env,
        cwd,
        p2cread,
        p2cwrite,
        c2pread,
        c2pwrite,
        errread,
        errwrite,
        errpipe_read,
        errpipe_write,
        close_fds,
        restore_signals,
        setsid: call_setsid,
        pgid: pgid_to_set,
        uid,
        gid,
        groups,
        umask: child_umask,
        keep,
        preexec,
    };
    if preexec.is_some() {
        // SAFETY: the world is stopped around the fork.
        let pid = fork_with_hooks(cx, || unsafe { libc::fork() })?;
        if pid == 0 {
            let fault = child.run().err().unwrap_or(Fault(0, ""));
            child.report(fault);
        }
        return Ok(pid);
    }
    // SAFETY: the child calls async-signal-safe functions on prepared data only.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let fault = child.run().err().unwrap_or(Fault(0, ""));
        child.report(fault);
    }
    crate::syscall::check(cx, pid as i64).map(|p| p as i32)
}

pymodule! { "_posixsubprocess", doc: "Starting child processes, for subprocess.", functions: [fork_exec] }
