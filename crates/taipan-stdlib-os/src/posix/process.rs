//! Processes: fork and its hooks, exec, spawn, wait, signals to others, exit.

use crate::fspath::{self, Spec};
use crate::syscall::{check, checked, os_error};
use std::ffi::CString;
use std::sync::OnceLock;
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;

pub static WAITID_RESULT: StructSeq = StructSeq::new(
    "posix",
    "waitid_result",
    "What waitid returns.",
    &["si_pid", "si_uid", "si_signo", "si_status", "si_code"],
    5,
);

/// The callables of `register_at_fork`, in order of registration: before, in child, in parent.
struct ForkHooks([Root<Value>; 3]);

static FORK_HOOKS: OnceLock<ForkHooks> = OnceLock::new();

fn hooks(cx: &Thread) -> &'static ForkHooks {
    FORK_HOOKS.get_or_init(|| {
        ForkHooks(std::array::from_fn(|_| Root::new(Value::from_ref(List::new(cx)))))
    })
}

fn run_hooks(cx: &Thread, which: usize) {
    let list = hooks(cx).0[which].get();
    let mut all = list.downcast::<List>().expect("hooks are a list").to_vec();
    if which == 0 {
        let n = all.len();
        for i in 0..n / 2 {
            let (a, b) = (all[i], all[n - 1 - i]);
            all[i] = b;
            all[n - 1 - i] = a;
        }
    }
    for f in all.iter() {
        if let Err(e) = call(cx, *f, &[]) {
            taipan_vm::interp::unraisable(cx, e, Some(*f), None);
        }
    }
}

#[pyfunction(
    sig = "(*, before=None, after_in_child=None, after_in_parent=None)",
    text = "($module, /, *, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)"
)]
pub fn register_at_fork(
    cx: &Thread,
    before: Option<Value>,
    after_in_child: Option<Value>,
    after_in_parent: Option<Value>,
) -> Res<()> {
    let all = [
        ("before", before),
        ("after_in_child", after_in_child),
        ("after_in_parent", after_in_parent),
    ];
    if all.iter().all(|(_, f)| f.is_none()) {
        raise!(cx, TypeError, "At least one argument is required.");
    }
    for (name, f) in &all {
        if let Some(f) = f.filter(|f| !is_callable(*f)) {
            raise!(cx, TypeError, "'{name}' must be callable, not {}", f.ty().name());
        }
    }
    for (i, (_, f)) in all.iter().enumerate() {
        if let Some(f) = f {
            let list = hooks(cx).0[i].get();
            list.downcast::<List>().expect("hooks are a list").push(cx, *f);
        }
    }
    Ok(())
}

/// Forks with the world stopped; runs the hooks in parent and child (`PyOS_BeforeFork` ...).
pub fn fork_with_hooks(cx: &Thread, fork: impl FnOnce() -> i32) -> Res<i32> {
    crate::_io::pending::flush_all(cx)?;
    run_hooks(cx, 0);
    let guard = taipan_heap::prepare_fork(cx.mutator);
    let pid = fork();
    let e = crate::syscall::errno();
    if pid == 0 {
        guard.child();
        taipan_vm::modules::thread::after_fork_in_child(cx);
        crate::_signal::after_fork_in_child();
        run_hooks(cx, 1);
        return Ok(0);
    }
    guard.parent();
    run_hooks(cx, 2);
    if pid == -1 {
        return Err(os_error(cx, e));
    }
    Ok(pid)
}

fn warn_threads(cx: &Thread, func: &str) -> Res<()> {
    if taipan_vm::modules::thread::running_threads() > 1 {
        let msg = format!(
            "This process (pid={}) is multi-threaded, use of {func}() may lead to deadlocks in the child.",
            std::process::id()
        );
        taipan_vm::objects::warn(cx, exc::DeprecationWarning(), &msg, 1)?;
    }
    Ok(())
}

fn no_fork_at_exit(cx: &Thread) -> Res<()> {
    if cx.vm.finalizing.load(std::sync::atomic::Ordering::Acquire) {
        raise!(cx, PythonFinalizationError, "can't fork at interpreter shutdown");
    }
    Ok(())
}

#[pyfunction]
pub fn fork(cx: &Thread) -> Res<i32> {
    no_fork_at_exit(cx)?;
    // SAFETY: the world is stopped by the caller of this closure.
    let pid = fork_with_hooks(cx, || unsafe { libc::fork() })?;
    if pid != 0 {
        warn_threads(cx, "fork")?;
    }
    Ok(pid)
}

#[pyfunction]
pub fn forkpty(cx: &Thread) -> Res {
    no_fork_at_exit(cx)?;
    let mut master = -1;
    let pid = fork_with_hooks(cx, || {
        // SAFETY: null for what is not wanted.
        unsafe {
            libc::forkpty(
                &mut master,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            )
        }
    })?;
    if pid != 0 {
        warn_threads(cx, "forkpty")?;
    }
    let items = [Value::small(pid as i64), Value::small(master as i64)];
    Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
}

#[pyfunction(name = "_exit", sig = "(status)")]
pub fn exit_now(_cx: &Thread, status: i32) -> Res<()> {
    // SAFETY: ends the process; nothing runs afterwards.
    unsafe { libc::_exit(status) }
}

#[pyfunction]
pub fn abort(_cx: &Thread) -> Res<()> {
    std::process::abort()
}

/// A NULL-terminated array of C strings.
pub struct CArray {
    _strings: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl CArray {
    pub fn new(strings: Vec<CString>) -> CArray {
        let mut pointers: Vec<*const libc::c_char> = strings.iter().map(|s| s.as_ptr()).collect();
        pointers.push(std::ptr::null());
        CArray { _strings: strings, pointers }
    }

    pub fn as_ptr(&self) -> *const *const libc::c_char {
        self.pointers.as_ptr()
    }

    pub fn as_mut_ptrs(&self) -> *const *mut libc::c_char {
        self.pointers.as_ptr() as *const *mut libc::c_char
    }
}

/// The items of a tuple or list.
fn list_or_tuple(v: Value) -> Option<GcVec<Value>> {
    match (v.downcast::<Tuple>(), v.downcast::<List>()) {
        (Some(t), _) => Some(t.as_slice().into()),
        (_, Some(l)) => Some(l.to_vec()),
        _ => None,
    }
}

fn argv_array(cx: &Thread, items: &[Value], empty_first: &str) -> Res<CArray> {
    let mut out = Vec::with_capacity(items.len());
    for (i, v) in items.iter().enumerate() {
        let s = fspath::fs_bytes(cx, *v)?;
        if i == 0 && s.is_empty() {
            raise!(cx, ValueError, "{empty_first}");
        }
        out.push(s);
    }
    Ok(CArray::new(out))
}

/// `KEY=value` strings of a mapping (`parse_envlist`).
fn env_array(cx: &Thread, env: Value) -> Res<CArray> {
    let keys = collect(cx, call_method(cx, env, id!(cx, "keys"), &[])?)?;
    let values = collect(cx, call_method(cx, env, id!(cx, "values"), &[])?)?;
    let mut out = Vec::with_capacity(keys.len());
    for (k, v) in keys.iter().zip(values.iter()) {
        let k = fspath::fs_bytes(cx, *k)?.into_bytes();
        let v = fspath::fs_bytes(cx, *v)?.into_bytes();
        if k.is_empty() || k[1..].contains(&b'=') {
            raise!(cx, ValueError, "illegal environment variable name");
        }
        let line = [k, b"=".to_vec(), v].concat();
        out.push(CString::new(line).expect("both parts are without NUL"));
    }
    Ok(CArray::new(out))
}

#[pyfunction(sig = "(path, argv, /)")]
pub fn execv(cx: &Thread, path: Value, argv: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::path("execv"))?;
    let Some(items) = list_or_tuple(argv) else {
        raise!(cx, TypeError, "execv() arg 2 must be a tuple or list");
    };
    if items.is_empty() {
        raise!(cx, ValueError, "execv() arg 2 must not be empty");
    }
    let args = argv_array(cx, &items, "execv() arg 2 first element cannot be empty")?;
    crate::_io::pending::flush_all(cx)?;
    // SAFETY: NUL-terminated strings in a NULL-terminated array.
    unsafe { libc::execv(p.as_ptr(), args.as_ptr()) };
    Err(p.error(cx, crate::syscall::errno()))
}

#[pyfunction(sig = "(path, argv, env)")]
pub fn execve(cx: &Thread, path: Value, argv: Value, env: Value) -> Res<()> {
    let p = fspath::path(cx, path, Spec::or_fd("execve"))?;
    let Some(items) = list_or_tuple(argv) else {
        raise!(cx, TypeError, "execve: argv must be a tuple or list");
    };
    if items.is_empty() {
        raise!(cx, ValueError, "execve: argv must not be empty");
    }
    if get_attr_opt(cx, env, id!(cx, "keys"))?.is_none() {
        raise!(cx, TypeError, "execve: environment must be a mapping object");
    }
    let args = argv_array(cx, &items, "execve: argv first element cannot be empty")?;
    let envs = env_array(cx, env)?;
    crate::_io::pending::flush_all(cx)?;
    // SAFETY: NUL-terminated strings in NULL-terminated arrays.
    unsafe {
        match p.fd {
            Some(fd) => libc::fexecve(fd, args.as_ptr(), envs.as_ptr()),
            None => libc::execve(p.as_ptr(), args.as_ptr(), envs.as_ptr()),
        }
    };
    Err(p.error(cx, crate::syscall::errno()))
}

/// The attributes and file actions of one `posix_spawn`, destroyed with it.
struct SpawnSetup {
    attr: libc::posix_spawnattr_t,
    actions: libc::posix_spawn_file_actions_t,
    /// Paths that the file actions refer to.
    paths: Vec<CString>,
}

impl SpawnSetup {
    fn new() -> SpawnSetup {
        // SAFETY: init functions fill the zeroed structs.
        unsafe {
            let mut s = SpawnSetup {
                attr: std::mem::zeroed(),
                actions: std::mem::zeroed(),
                paths: Vec::new(),
            };
            libc::posix_spawnattr_init(&mut s.attr);
            libc::posix_spawn_file_actions_init(&mut s.actions);
            s
        }
    }
}

impl Drop for SpawnSetup {
    fn drop(&mut self) {
        // SAFETY: both were initialised.
        unsafe {
            libc::posix_spawnattr_destroy(&mut self.attr);
            libc::posix_spawn_file_actions_destroy(&mut self.actions);
        }
    }
}

unsafe extern "C" {
    fn posix_spawn_file_actions_addclosefrom_np(
        actions: *mut libc::posix_spawn_file_actions_t,
        from: libc::c_int,
    ) -> libc::c_int;
}

fn ok(cx: &Thread, r: i32) -> Res<()> {
    if r == 0 { Ok(()) } else { Err(os_error(cx, r)) }
}

fn int_item(cx: &Thread, v: Value) -> Res<i32> {
    let i = index(cx, v)?;
    match int_to_i64(i).and_then(|n| i32::try_from(n).ok()) {
        Some(n) => Ok(n),
        None => raise!(cx, OverflowError, "Python int too large to convert to C int"),
    }
}

fn file_actions(cx: &Thread, s: &mut SpawnSetup, v: Value) -> Res<()> {
    if v.is_none() {
        return Ok(());
    }
    if !is_sequence(v) {
        raise!(cx, TypeError, "file_actions must be a sequence or None");
    }
    for a in collect(cx, v)?.iter() {
        let Some(t) = a.downcast::<Tuple>().filter(|t| t.len() > 0) else {
            raise!(cx, TypeError, "Each file_actions element must be a non-empty tuple");
        };
        let want = |n: usize, what: &str| -> Res<()> {
            if t.len() != n {
                raise!(cx, TypeError, "A {what} file_action tuple must have {n} elements");
            }
            Ok(())
        };
        let r = match int_item(cx, t.get(0))? {
            0 => {
                want(5, "open")?;
                let fd = int_item(cx, t.get(1))?;
                let path = fspath::fs_bytes(cx, t.get(2))?;
                let flags = int_item(cx, t.get(3))?;
                let mode = int_item(cx, t.get(4))? as libc::mode_t;
                s.paths.push(path);
                let p = s.paths.last().expect("just pushed").as_ptr();
                // SAFETY: the path lives as long as the setup.
                unsafe {
                    libc::posix_spawn_file_actions_addopen(&mut s.actions, fd, p, flags, mode)
                }
            }
            1 => {
                want(2, "close")?;
                let fd = int_item(cx, t.get(1))?;
                // SAFETY: initialised actions.
                unsafe { libc::posix_spawn_file_actions_addclose(&mut s.actions, fd) }
            }
            2 => {
                want(3, "dup2")?;
                let (a, b) = (int_item(cx, t.get(1))?, int_item(cx, t.get(2))?);
                // SAFETY: initialised actions.
                unsafe { libc::posix_spawn_file_actions_adddup2(&mut s.actions, a, b) }
            }
            3 => {
                want(2, "closefrom")?;
                let fd = int_item(cx, t.get(1))?;
                // SAFETY: initialised actions.
                unsafe { posix_spawn_file_actions_addclosefrom_np(&mut s.actions, fd) }
            }
            _ => raise!(cx, TypeError, "Unknown file_actions identifier"),
        };
        ok(cx, r)?;
    }
    Ok(())
}

/// What the keyword arguments of posix_spawn say.
struct SpawnFlags {
    setpgroup: Option<Value>,
    resetids: bool,
    setsid: bool,
    setsigmask: Option<Value>,
    setsigdef: Option<Value>,
    scheduler: Option<Value>,
}

fn spawn_attributes(cx: &Thread, s: &mut SpawnSetup, f: &SpawnFlags) -> Res<()> {
    let mut flags = 0;
    if let Some(pg) = f.setpgroup {
        let pg = int_item(cx, pg)?;
        // SAFETY: initialised attributes.
        ok(cx, unsafe { libc::posix_spawnattr_setpgroup(&mut s.attr, pg) })?;
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if f.resetids {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if f.setsid {
        flags |= libc::POSIX_SPAWN_SETSID as i32;
    }
    if let Some(m) = f.setsigmask {
        let set = crate::_signal::sigset(cx, m)?;
        // SAFETY: initialised attributes.
        ok(cx, unsafe { libc::posix_spawnattr_setsigmask(&mut s.attr, &set) })?;
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if let Some(m) = f.setsigdef {
        let set = crate::_signal::sigset(cx, m)?;
        // SAFETY: initialised attributes.
        ok(cx, unsafe { libc::posix_spawnattr_setsigdefault(&mut s.attr, &set) })?;
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if let Some(sch) = f.scheduler {
        let Some(t) = sch.downcast::<Tuple>().filter(|t| t.len() == 2) else {
            raise!(cx, TypeError, "A scheduler tuple must have two elements");
        };
        let param = super::ids::sched_param_arg(cx, t.get(1))?;
        if !t.get(0).is_none() {
            let policy = int_item(cx, t.get(0))?;
            // SAFETY: initialised attributes.
            ok(cx, unsafe { libc::posix_spawnattr_setschedpolicy(&mut s.attr, policy) })?;
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
        }
        // SAFETY: initialised attributes.
        ok(cx, unsafe { libc::posix_spawnattr_setschedparam(&mut s.attr, &param) })?;
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
    }
    // SAFETY: initialised attributes.
    ok(cx, unsafe { libc::posix_spawnattr_setflags(&mut s.attr, flags as libc::c_short) })
}

fn spawn(
    cx: &Thread,
    search: bool,
    path: Value,
    argv: Value,
    env: Value,
    actions: Option<Value>,
    flags: &SpawnFlags,
) -> Res<i32> {
    let func = if search { "posix_spawnp" } else { "posix_spawn" };
    let p = fspath::path(cx, path, Spec::path(func))?;
    let Some(items) = list_or_tuple(argv) else {
        raise!(cx, TypeError, "{func}: argv must be a tuple or list");
    };
    if items.is_empty() {
        raise!(cx, ValueError, "{func}: argv must not be empty");
    }
    if !env.is_none() && get_attr_opt(cx, env, id!(cx, "keys"))?.is_none() {
        raise!(cx, TypeError, "{func}: environment must be a mapping object or None");
    }
    let args = argv_array(cx, &items, &format!("{func}: argv first element cannot be empty"))?;
    let envs = if env.is_none() { None } else { Some(env_array(cx, env)?) };
    let mut s = SpawnSetup::new();
    if let Some(a) = actions {
        file_actions(cx, &mut s, a)?;
    }
    spawn_attributes(cx, &mut s, flags)?;
    crate::_io::pending::flush_all(cx)?;
    let mut pid = 0;
    unsafe extern "C" {
        static environ: *const *mut libc::c_char;
    }
    // SAFETY: all arrays are NULL-terminated and live until the call returns.
    let r = unsafe {
        let e = envs.as_ref().map_or(environ, |e| e.as_mut_ptrs());
        if search {
            libc::posix_spawnp(&mut pid, p.as_ptr(), &s.actions, &s.attr, args.as_mut_ptrs(), e)
        } else {
            libc::posix_spawn(&mut pid, p.as_ptr(), &s.actions, &s.attr, args.as_mut_ptrs(), e)
        }
    };
    if r != 0 {
        return Err(p.error(cx, r));
    }
    Ok(pid)
}

#[pyfunction(
    sig = "(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)",
    text = "($module, path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)"
)]
pub fn posix_spawn(
    cx: &Thread,
    path: Value,
    argv: Value,
    env: Value,
    file_actions: Option<Value>,
    setpgroup: Option<Value>,
    resetids: bool,
    setsid: bool,
    setsigmask: Option<Value>,
    setsigdef: Option<Value>,
    scheduler: Option<Value>,
) -> Res<i32> {
    let f = SpawnFlags { setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler };
    spawn(cx, false, path, argv, env, file_actions, &f)
}

#[pyfunction(
    sig = "(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)",
    text = "($module, path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)"
)]
pub fn posix_spawnp(
    cx: &Thread,
    path: Value,
    argv: Value,
    env: Value,
    file_actions: Option<Value>,
    setpgroup: Option<Value>,
    resetids: bool,
    setsid: bool,
    setsigmask: Option<Value>,
    setsigdef: Option<Value>,
    scheduler: Option<Value>,
) -> Res<i32> {
    let f = SpawnFlags { setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler };
    spawn(cx, true, path, argv, env, file_actions, &f)
}

#[pyfunction(sig = "(command)")]
pub fn system(cx: &Thread, command: Value) -> Res<i64> {
    let c = fspath::fs_bytes(cx, command)?;
    crate::_io::pending::flush_all(cx)?;
    let p = c.as_ptr();
    // SAFETY: NUL-terminated. -1 is a result like any other.
    Ok(match crate::syscall::once(cx, || unsafe { libc::system(p) } as i64) {
        Ok(n) => n,
        Err(_) => -1,
    })
}

fn pid_status(cx: &Thread, pid: i64, status: i32) -> Value {
    Value::from_ref(Tuple::pair(cx, Value::small(pid), Value::small(status as i64)))
}

#[pyfunction]
pub fn wait(cx: &Thread) -> Res {
    let mut status = 0;
    let s = &raw mut status;
    // SAFETY: s is of this frame.
    let pid = checked(cx, || unsafe { libc::wait(s) } as i64)?;
    Ok(pid_status(cx, pid, status))
}

#[pyfunction(sig = "(pid, options, /)")]
pub fn waitpid(cx: &Thread, pid: i32, options: i32) -> Res {
    let mut status = 0;
    let s = &raw mut status;
    // SAFETY: s is of this frame.
    let pid = checked(cx, || unsafe { libc::waitpid(pid, s, options) } as i64)?;
    Ok(pid_status(cx, pid, status))
}

fn wait_usage(cx: &Thread, pid: i32, options: i32) -> Res {
    let mut status = 0;
    // SAFETY: plain data.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let (s, u) = (&raw mut status, &raw mut usage);
    // SAFETY: s and u are of this frame.
    let got = checked(cx, || unsafe { libc::wait4(pid, s, options, u) } as i64)?;
    let ru = crate::resource::usage_value(cx, &usage);
    let items = [Value::small(got), Value::small(status as i64), ru];
    Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
}

#[pyfunction(sig = "(options)")]
pub fn wait3(cx: &Thread, options: i32) -> Res {
    wait_usage(cx, -1, options)
}

#[pyfunction(sig = "(pid, options)")]
pub fn wait4(cx: &Thread, pid: i32, options: i32) -> Res {
    wait_usage(cx, pid, options)
}

#[pyfunction(sig = "(idtype, id, options, /)")]
pub fn waitid(cx: &Thread, idtype: i32, id: i32, options: i32) -> Res {
    // SAFETY: plain data.
    let mut si: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let p = &raw mut si;
    // SAFETY: p is of this frame.
    checked(cx, || unsafe { libc::waitid(idtype as libc::idtype_t, id as u32, p, options) }
        as i64)?;
    // SAFETY: waitid filled the child fields (or left them zero).
    let (pid, uid, status) = unsafe { (si.si_pid(), si.si_uid(), si.si_status()) };
    if pid == 0 {
        return Ok(none());
    }
    let n = |x: i64| Value::small(x);
    let items = [
        n(pid as i64),
        n(uid as i64),
        n(si.si_signo as i64),
        n(status as i64),
        n(si.si_code as i64),
    ];
    Ok(WAITID_RESULT.make(cx, &items))
}

macro_rules! wait_status {
    ($($name:ident: $ty:ty;)*) => {$(
        #[pyfunction(sig = "(status)")]
        #[allow(non_snake_case)]
        pub fn $name(_cx: &Thread, status: i32) -> $ty {
            libc::$name(status)
        }
    )*};
}

wait_status! {
    WIFCONTINUED: bool;
    WIFSTOPPED: bool;
    WIFSIGNALED: bool;
    WIFEXITED: bool;
    WEXITSTATUS: i32;
    WTERMSIG: i32;
    WSTOPSIG: i32;
}

#[pyfunction(sig = "(status, /)")]
#[allow(non_snake_case)]
pub fn WCOREDUMP(_cx: &Thread, status: i32) -> bool {
    libc::WCOREDUMP(status)
}

#[pyfunction(sig = "(status)")]
pub fn waitstatus_to_exitcode(cx: &Thread, status: i32) -> Res<i32> {
    if libc::WIFEXITED(status) {
        return Ok(libc::WEXITSTATUS(status));
    }
    if libc::WIFSIGNALED(status) {
        return Ok(-libc::WTERMSIG(status));
    }
    if libc::WIFSTOPPED(status) {
        let n = libc::WSTOPSIG(status);
        raise!(cx, ValueError, "process stopped by delivery of signal {n}");
    }
    raise!(cx, ValueError, "invalid wait status: {status}")
}

#[pyfunction(sig = "(pid, signal, /)")]
pub fn kill(cx: &Thread, pid: i32, signal: i32) -> Res<()> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::kill(pid, signal) } as i64)?;
    // A signal to ourselves has its handler run before kill returns.
    crate::syscall::check_signals(cx)
}

#[pyfunction(sig = "(pgid, signal, /)")]
pub fn killpg(cx: &Thread, pgid: i32, signal: i32) -> Res<()> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::killpg(pgid, signal) } as i64)?;
    crate::syscall::check_signals(cx)
}

#[pyfunction(sig = "(pid, flags=0)")]
pub fn pidfd_open(cx: &Thread, pid: i32, flags: u32) -> Res<i64> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) })
}

#[pyfunction(sig = "(fd, nstype=0)")]
pub fn setns(cx: &Thread, fd: Value, nstype: i32) -> Res<()> {
    let fd = fspath::fileno(cx, fd)?;
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::setns(fd, nstype) } as i64).map(|_| ())
}

#[pyfunction(sig = "(flags)")]
pub fn unshare(cx: &Thread, flags: i32) -> Res<()> {
    // SAFETY: plain numbers.
    checked(cx, || unsafe { libc::unshare(flags) } as i64).map(|_| ())
}
