//! `_signal`: handlers in Python, waiting for signals, masks, timers.
//!
//! The C handler only notes the signal, asks the main thread to poll, and writes to the wakeup
//! descriptor. Python handlers run at polls of the main thread (`run_handlers`). System calls are
//! interrupted (no SA_RESTART), so that blocking ones come back to poll (hazard 23).

use crate::syscall::{check, check_signals, errno, last_error, once, os_error, set_errno};
use crate::timearg::{self, Deadline, Round};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;
use taipan_vm::vm::VM;

const NSIG: usize = 65;

static TRIPPED: [AtomicBool; NSIG] = [const { AtomicBool::new(false) }; NSIG];
static WAKEUP_FD: AtomicI32 = AtomicI32::new(-1);
static WARN_ON_FULL: AtomicBool = AtomicBool::new(true);
/// An errno of a failed write to the wakeup descriptor, to be reported at the next poll.
static WAKEUP_FAULT: AtomicI32 = AtomicI32::new(0);
/// List of the 65 Python handlers.
static HANDLERS: OnceLock<Root<Value>> = OnceLock::new();
static ITIMER_ERROR: OnceLock<Root<Value>> = OnceLock::new();

fn handlers(cx: &Thread) -> &'static List {
    let root = HANDLERS.get_or_init(|| {
        let all: GcVec<Value> = (0..NSIG).map(|_| none()).collect();
        Root::new(Value::from_ref(List::from_slice(cx, &all)))
    });
    root.get().downcast::<List>().expect("the root holds a list")
}

/// Notes a signal; async-signal-safe.
fn trip(n: i32) {
    TRIPPED[n as usize].store(true, Ordering::SeqCst);
    VM.alert_main();
}

/// As if the signal had arrived, where it has a Python handler.
fn simulate(n: i32) {
    // SAFETY: asks for the disposition only.
    let old = unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        libc::sigaction(n, std::ptr::null(), &mut old);
        old.sa_sigaction
    };
    if old == on_signal as *const () as usize {
        arrive(n);
    }
}

/// Signals that another thread has noted and passes on so that the main thread's blocking call ends.
static PASSED_ON: [AtomicBool; NSIG] = [const { AtomicBool::new(false) }; NSIG];

/// The system may give a signal to any thread, but it is the main thread that must wake up.
/// False: this is the main thread, and the signal was noted before.
fn is_news(n: libc::c_int) -> bool {
    // SAFETY: pthread_self is async-signal-safe in all C libraries we know.
    let me = unsafe { libc::pthread_self() } as u64;
    let main = VM.main_ident.load(Ordering::Acquire);
    let passed_on = &PASSED_ON[n as usize];
    if me == main {
        return !passed_on.swap(false, Ordering::SeqCst);
    }
    passed_on.store(true, Ordering::SeqCst);
    true
}

fn wake_main_thread(n: libc::c_int) {
    if PASSED_ON[n as usize].load(Ordering::SeqCst) {
        // SAFETY: the main thread lives as long as the process does.
        unsafe { libc::pthread_kill(VM.main_ident.load(Ordering::Acquire) as libc::pthread_t, n) };
    }
}

extern "C" fn on_signal(n: libc::c_int) {
    if VM.finalizing.load(Ordering::Acquire) {
        // No Python code handles signals any more: this one does what it does by default, once the
        // handler has returned.
        // SAFETY: both are async-signal-safe.
        unsafe {
            libc::signal(n, libc::SIG_DFL);
            libc::raise(n);
        }
        return;
    }
    arrive(n);
}

fn arrive(n: libc::c_int) {
    let saved = errno();
    if !is_news(n) {
        return;
    }
    trip(n);
    wake_main_thread(n);
    let fd = WAKEUP_FD.load(Ordering::SeqCst);
    if fd >= 0 {
        let byte = n as u8;
        // SAFETY: write is async-signal-safe; one byte of this frame.
        let r = unsafe { libc::write(fd, &byte as *const u8 as *const libc::c_void, 1) };
        if r < 0 {
            let e = errno();
            let full = e == libc::EAGAIN;
            if !full || WARN_ON_FULL.load(Ordering::Relaxed) {
                WAKEUP_FAULT.store(e, Ordering::SeqCst);
            }
        }
    }
    set_errno(saved);
}

/// Runs the Python handlers of the signals that have arrived: the VM's `signal_hook`.
fn run_handlers(cx: &Thread) -> Res<()> {
    if !VM.signals_pending.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let fault = WAKEUP_FAULT.swap(0, Ordering::SeqCst);
    if fault != 0 {
        let e = os_error(cx, fault);
        let msg = "Exception ignored when trying to write to the signal wakeup fd";
        taipan_vm::interp::unraisable(cx, e, None, Some(msg));
    }
    for n in 1..NSIG {
        if !TRIPPED[n].swap(false, Ordering::SeqCst) {
            continue;
        }
        if cx.vm.finalizing.load(Ordering::Acquire) {
            let e = err!(cx, OSError, "Signal {n} ignored due to race condition");
            taipan_vm::interp::unraisable(cx, e, Some(none()), None);
            continue;
        }
        let f = handlers(cx).get(n).unwrap_or(none());
        if !is_callable(f) {
            continue;
        }
        let frame = taipan_vm::interp::frame_object(cx, 0).unwrap_or(none());
        if let Err(e) = call(cx, f, &[Value::small(n as i64), frame]) {
            // What is left runs at the next poll.
            if TRIPPED.iter().any(|t| t.load(Ordering::SeqCst)) {
                VM.alert_main();
            }
            return Err(e);
        }
    }
    Ok(())
}

/// The child has none of the parent's pending signals.
pub fn after_fork_in_child() {
    for t in &TRIPPED {
        t.store(false, Ordering::SeqCst);
    }
    VM.signals_pending.store(false, Ordering::SeqCst);
}

fn set_disposition(n: i32, action: usize) -> Result<(), i32> {
    // SAFETY: the struct is filled; the handler is a function of ours, SIG_DFL or SIG_IGN.
    unsafe {
        let mut a: libc::sigaction = std::mem::zeroed();
        a.sa_sigaction = action;
        libc::sigemptyset(&mut a.sa_mask);
        // Stacks of threads are large; handlers still run where sigaltstack was set up.
        a.sa_flags = libc::SA_ONSTACK;
        crate::syscall::quick(libc::sigaction(n, &a, std::ptr::null_mut()) as i64).map(|_| ())
    }
}

fn signal_number(cx: &Thread, n: i32) -> Res<usize> {
    if !(1..NSIG as i32).contains(&n) {
        raise!(cx, ValueError, "signal number out of range");
    }
    Ok(n as usize)
}

/// Sets the action of a signal; returns the one before.
#[pyfunction(sig = "(signalnum, handler, /)")]
fn signal(cx: &Thread, signalnum: i32, handler: Value) -> Res {
    if !cx.is_main() {
        raise!(cx, ValueError, "signal only works in main thread of the main interpreter");
    }
    let n = signal_number(cx, signalnum)?;
    let plain = if is_callable(handler) { None } else { int_to_i64(handler) };
    let action = match plain {
        Some(0) => libc::SIG_DFL,
        Some(1) => libc::SIG_IGN,
        _ if is_callable(handler) => on_signal as *const () as usize,
        _ => raise!(
            cx,
            TypeError,
            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object"
        ),
    };
    check_signals(cx)?;
    set_disposition(signalnum, action).map_err(|e| os_error(cx, e))?;
    let old = handlers(cx).get(n).unwrap_or(none());
    handlers(cx).set(n, handler);
    Ok(old)
}

#[pyfunction(sig = "(signalnum, /)")]
fn getsignal(cx: &Thread, signalnum: i32) -> Res {
    let n = signal_number(cx, signalnum)?;
    Ok(handlers(cx).get(n).unwrap_or(none()))
}

#[pyfunction(sig = "(signalnum, frame, /)")]
fn default_int_handler(cx: &Thread, _signalnum: i32, _frame: Value) -> Res<()> {
    Err(Raised::with_args(cx, exc::KeyboardInterrupt(), &[]))
}

#[pyfunction(sig = "(seconds, /)")]
fn alarm(_cx: &Thread, seconds: i32) -> u32 {
    // SAFETY: plain numbers.
    unsafe { libc::alarm(seconds as u32) }
}

#[pyfunction]
fn pause(cx: &Thread) -> Res<()> {
    cx.poll()?;
    let _ = once(cx, || {
        // SAFETY: no arguments.
        unsafe { libc::pause() as i64 }
    });
    check_signals(cx)
}

#[pyfunction(sig = "(signalnum, /)")]
fn raise_signal(cx: &Thread, signalnum: i32) -> Res<()> {
    // SAFETY: plain numbers.
    check(cx, unsafe { libc::raise(signalnum) } as i64)?;
    check_signals(cx)
}

#[pyfunction(sig = "(thread_id, signalnum, /)")]
fn pthread_kill(cx: &Thread, thread_id: u64, signalnum: i32) -> Res<()> {
    // SAFETY: the caller names a thread that exists, as in C.
    match unsafe { libc::pthread_kill(thread_id as libc::pthread_t, signalnum) } {
        0 => check_signals(cx),
        e => Err(os_error(cx, e)),
    }
}

#[pyfunction(sig = "(pidfd, signalnum, siginfo=None, flags=0, /)")]
fn pidfd_send_signal(
    cx: &Thread,
    pidfd: i32,
    signalnum: i32,
    siginfo: Value,
    flags: u32,
) -> Res<()> {
    if !siginfo.is_none() {
        raise!(cx, TypeError, "siginfo must be None");
    }
    let null = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: plain numbers and null.
    check(cx, unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd, signalnum, null, flags)
    })?;
    check_signals(cx)
}

#[pyfunction(sig = "(signalnum, flag, /)")]
fn siginterrupt(cx: &Thread, signalnum: i32, flag: bool) -> Res<()> {
    signal_number(cx, signalnum)?;
    // SAFETY: the struct is filled by the first call.
    unsafe {
        let mut a: libc::sigaction = std::mem::zeroed();
        check(cx, libc::sigaction(signalnum, std::ptr::null(), &mut a) as i64)?;
        a.sa_flags =
            if flag { a.sa_flags & !libc::SA_RESTART } else { a.sa_flags | libc::SA_RESTART };
        check(cx, libc::sigaction(signalnum, &a, std::ptr::null_mut()) as i64)?;
    }
    Ok(())
}

#[pyfunction(sig = "(signalnum, /)")]
fn strsignal(cx: &Thread, signalnum: i32) -> Res {
    signal_number(cx, signalnum)?;
    // SAFETY: strsignal returns null or a NUL-terminated string.
    let s = unsafe { libc::strsignal(signalnum) };
    if s.is_null() {
        return Ok(none());
    }
    // SAFETY: as above.
    let text = unsafe { std::ffi::CStr::from_ptr(s) }.to_string_lossy();
    if text.starts_with("Unknown signal") {
        return Ok(none());
    }
    Ok(Value::from_ref(Str::new(cx, &text)))
}

#[pyfunction(sig = "(fd, /, *, warn_on_full_buffer=True)")]
fn set_wakeup_fd(cx: &Thread, fd: i32, warn_on_full_buffer: bool) -> Res<i32> {
    if !cx.is_main() {
        raise!(cx, ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
    }
    if fd != -1 {
        let mut st = crate::posix::stat::empty_stat();
        // SAFETY: st is of this frame.
        check(cx, unsafe { libc::fstat(fd, &mut st) } as i64)?;
        // SAFETY: plain numbers.
        let flags = check(cx, unsafe { libc::fcntl(fd, libc::F_GETFL) } as i64)?;
        if flags as i32 & libc::O_NONBLOCK == 0 {
            raise!(cx, ValueError, "the fd {fd} must be in non-blocking mode");
        }
    }
    WARN_ON_FULL.store(warn_on_full_buffer, Ordering::SeqCst);
    Ok(WAKEUP_FD.swap(fd, Ordering::SeqCst))
}

/// An iterable of signal numbers as a set (`_Py_Sigset_Converter`).
pub fn sigset(cx: &Thread, v: Value) -> Res<libc::sigset_t> {
    // SAFETY: sigemptyset fills it.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: set is of this frame.
    unsafe { libc::sigemptyset(&mut set) };
    let it = iter(cx, v)?;
    while let Some(x) = iter_next(cx, it)? {
        let i = index(cx, x)?;
        let n = int_to_i64(i).unwrap_or(-1);
        if !(1..NSIG as i64).contains(&n) {
            raise!(cx, ValueError, "signal number {n} out of range [1; {}]", NSIG - 1);
        }
        // SAFETY: set is of this frame; a number the system refuses is left out.
        unsafe { libc::sigaddset(&mut set, n as i32) };
    }
    Ok(set)
}

fn set_value(cx: &Thread, set: &libc::sigset_t) -> Res {
    let found = taipan_vm::objects::set::Set::new(cx);
    for n in 1..NSIG as i32 {
        // SAFETY: set is a filled sigset.
        if unsafe { libc::sigismember(set, n) } == 1 {
            found.add(cx, Value::small(n as i64))?;
        }
    }
    Ok(Value::from_ref(found))
}

#[pyfunction(sig = "(how, mask, /)")]
fn pthread_sigmask(cx: &Thread, how: i32, mask: Value) -> Res {
    let set = sigset(cx, mask)?;
    // SAFETY: plain data.
    let mut old: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: both are of this frame.
    match unsafe { libc::pthread_sigmask(how, &set, &mut old) } {
        0 => {}
        e => return Err(os_error(cx, e)),
    }
    check_signals(cx)?;
    set_value(cx, &old)
}

#[pyfunction]
fn sigpending(cx: &Thread) -> Res {
    // SAFETY: plain data.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: set is of this frame.
    check(cx, unsafe { libc::sigpending(&mut set) } as i64)?;
    set_value(cx, &set)
}

#[pyfunction(sig = "(sigset, /)")]
fn sigwait(cx: &Thread, sigset: Value) -> Res<i32> {
    let set = self::sigset(cx, sigset)?;
    let (s, mut n) = (&raw const set, 0);
    let out = &raw mut n;
    loop {
        cx.poll()?;
        let mut e = 0;
        let at = &raw mut e;
        let _ = once(cx, || {
            // SAFETY: all three are of this frame.
            unsafe { *at = libc::sigwait(s, out) };
            0
        });
        match e {
            0 => return Ok(n),
            libc::EINTR => check_signals(cx)?,
            e => return Err(os_error(cx, e)),
        }
    }
}

static SIGINFO: StructSeq = StructSeq::new(
    "signal",
    "struct_siginfo",
    "What is known about a signal.",
    &["si_signo", "si_code", "si_errno", "si_pid", "si_uid", "si_status", "si_band"],
    7,
);

fn siginfo_value(cx: &Thread, si: &libc::siginfo_t) -> Value {
    #[repr(C)]
    struct Band {
        head: [i32; 4],
        band: i64,
    }
    // SAFETY: the union's fields are plain numbers; si_band is at its start.
    let (pid, uid, status, band) = unsafe {
        let b = &*(si as *const libc::siginfo_t as *const Band);
        (si.si_pid(), si.si_uid(), si.si_status(), b.band)
    };
    let n = |x: i64| int_from_i128(cx, x as i128);
    let items = [
        n(si.si_signo as i64),
        n(si.si_code as i64),
        n(si.si_errno as i64),
        n(pid as i64),
        n(uid as i64),
        n(status as i64),
        n(band),
    ];
    SIGINFO.make(cx, &items)
}

fn wait_info(cx: &Thread, set: Value, timeout: Option<i64>) -> Res {
    let set = sigset(cx, set)?;
    // SAFETY: plain data.
    let mut si: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let (s, out) = (&raw const set, &raw mut si);
    let deadline = Deadline::after(timeout);
    loop {
        cx.poll()?;
        let left = deadline.left().map(timearg::to_timespec);
        let ts = left.as_ref().map_or(std::ptr::null(), |t| t as *const libc::timespec);
        let r = once(cx, || {
            // SAFETY: all are of this frame.
            unsafe {
                if ts.is_null() {
                    libc::sigwaitinfo(s, out) as i64
                } else {
                    libc::sigtimedwait(s, out, ts) as i64
                }
            }
        });
        match r {
            Ok(_) => return Ok(siginfo_value(cx, &si)),
            Err(libc::EINTR) => check_signals(cx)?,
            Err(libc::EAGAIN) if timeout.is_some() => return Ok(none()),
            Err(e) => return Err(os_error(cx, e)),
        }
    }
}

#[pyfunction(sig = "(sigset, /)")]
fn sigwaitinfo(cx: &Thread, sigset: Value) -> Res {
    wait_info(cx, sigset, None)
}

#[pyfunction(sig = "(sigset, timeout, /)")]
fn sigtimedwait(cx: &Thread, sigset: Value, timeout: Value) -> Res {
    let ns = timearg::seconds(cx, timeout, Round::Ceiling)?;
    if ns < 0 {
        raise!(cx, ValueError, "timeout must be non-negative");
    }
    wait_info(cx, sigset, Some(ns))
}

#[pyfunction]
fn valid_signals(cx: &Thread) -> Res {
    // SAFETY: sigfillset fills it.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: set is of this frame.
    unsafe { libc::sigfillset(&mut set) };
    set_value(cx, &set)
}

fn timer_error(cx: &Thread) -> Raised {
    let e = errno();
    let cls = ITIMER_ERROR.get().map_or(Value::from_ref(exc::OSError()), |r| r.get());
    let text = Value::from_ref(Str::new(cx, &taipan_vm::objects::exceptions::strerror(e)));
    match call(cx, cls, &[Value::small(e as i64), text]) {
        Ok(v) => Raised(v),
        Err(e) => e,
    }
}

fn timer_value(cx: &Thread, t: &libc::itimerval) -> Value {
    let f = |v: &libc::timeval| Value::from_f64(v.tv_sec as f64 + v.tv_usec as f64 * 1e-6);
    Value::from_ref(Tuple::pair(cx, f(&t.it_value), f(&t.it_interval)))
}

unsafe extern "C" {
    fn setitimer(which: i32, new: *const libc::itimerval, old: *mut libc::itimerval) -> i32;
    fn getitimer(which: i32, now: *mut libc::itimerval) -> i32;
}

#[pyfunction(
    name = "setitimer",
    sig = "(which, seconds, interval=0, /)",
    text = "($module, which, seconds, interval=0.0, /)"
)]
fn set_timer(cx: &Thread, which: i32, seconds: Value, interval: Value) -> Res {
    let new = libc::itimerval {
        it_value: timearg::to_timeval(timearg::seconds(cx, seconds, Round::Ceiling)?),
        it_interval: timearg::to_timeval(timearg::seconds(cx, interval, Round::Ceiling)?),
    };
    // SAFETY: plain data.
    let mut old: libc::itimerval = unsafe { std::mem::zeroed() };
    // SAFETY: both are of this frame.
    if unsafe { setitimer(which, &new, &mut old) } != 0 {
        return Err(timer_error(cx));
    }
    Ok(timer_value(cx, &old))
}

#[pyfunction(name = "getitimer", sig = "(which, /)")]
fn get_timer(cx: &Thread, which: i32) -> Res {
    // SAFETY: plain data.
    let mut now: libc::itimerval = unsafe { std::mem::zeroed() };
    // SAFETY: now is of this frame.
    if unsafe { getitimer(which, &mut now) } != 0 {
        return Err(timer_error(cx));
    }
    Ok(timer_value(cx, &now))
}

pymodule! { "_signal", doc: "Signals. Use signal instead.", functions: [
    signal, getsignal, default_int_handler, alarm, pause, raise_signal, pthread_kill,
    pidfd_send_signal, siginterrupt, strsignal, set_wakeup_fd, pthread_sigmask, sigpending, sigwait,
    sigwaitinfo, sigtimedwait, valid_signals, set_timer, get_timer
], exec: exec }

/// The disposition a signal was started with, as Python shows it.
fn inherited(n: i32) -> Option<usize> {
    // SAFETY: asks for the disposition only.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        match libc::sigaction(n, std::ptr::null(), &mut old) {
            0 => Some(old.sa_sigaction),
            _ => None,
        }
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    let list = handlers(cx);
    for n in 1..NSIG {
        let v = match inherited(n as i32) {
            Some(libc::SIG_DFL) => Value::small(0),
            Some(libc::SIG_IGN) => Value::small(1),
            _ => none(),
        };
        list.set(n, v);
    }
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::OSError())]);
    let ns = Dict::new(cx);
    ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "signal")));
    let args =
        [Value::from_ref(id!(cx, "itimer_error")), Value::from_ref(bases), Value::from_ref(ns)];
    let e = call(cx, Value::from_ref(Type::type_object()), &args)?;
    let _ = ITIMER_ERROR.set(Root::new(e));
    m.add(cx, "ItimerError", e);
    m.add(cx, "struct_siginfo", Value::from_ref(SIGINFO.ty(cx)));
    if cx.is_main() {
        // Set once in the life of the process.
        let _ = cx.vm.signal_hook.set(run_handlers);
        let _ = cx.vm.trip_signal.set(simulate);
        install(cx, m)?;
    }
    Ok(())
}

/// Python's own dispositions: SIGINT raises KeyboardInterrupt; SIGPIPE, SIGXFSZ are errors of writes.
fn install(cx: &Thread, m: &Module) -> Res<()> {
    for n in [libc::SIGPIPE, libc::SIGXFSZ] {
        set_disposition(n, libc::SIG_IGN).map_err(|e| os_error(cx, e))?;
        handlers(cx).set(n as usize, Value::small(1));
    }
    if inherited(libc::SIGINT) == Some(libc::SIG_DFL) {
        let f = m.dict().get_str(cx, id!(cx, "default_int_handler")).unwrap_or(none());
        handlers(cx).set(libc::SIGINT as usize, f);
        set_disposition(libc::SIGINT, on_signal as *const () as usize)
            .map_err(|_| last_error(cx))?;
    }
    Ok(())
}

/// Signals that a child process gets their default action for (`_Py_RestoreSignals`);
/// async-signal-safe.
pub fn restore_defaults() {
    for n in [libc::SIGPIPE, libc::SIGXFSZ] {
        let _ = set_disposition(n, libc::SIG_DFL);
    }
}

static CONSTANTS: &[(&str, i64)] = &[
    ("ITIMER_PROF", 2),
    ("ITIMER_REAL", 0),
    ("ITIMER_VIRTUAL", 1),
    ("NSIG", 65),
    ("SIGABRT", 6),
    ("SIGALRM", 14),
    ("SIGBUS", 7),
    ("SIGCHLD", 17),
    ("SIGCLD", 17),
    ("SIGCONT", 18),
    ("SIGFPE", 8),
    ("SIGHUP", 1),
    ("SIGILL", 4),
    ("SIGINT", 2),
    ("SIGIO", 29),
    ("SIGIOT", 6),
    ("SIGKILL", 9),
    ("SIGPIPE", 13),
    ("SIGPOLL", 29),
    ("SIGPROF", 27),
    ("SIGPWR", 30),
    ("SIGQUIT", 3),
    ("SIGRTMAX", 64),
    ("SIGRTMIN", 34),
    ("SIGSEGV", 11),
    ("SIGSTKFLT", 16),
    ("SIGSTOP", 19),
    ("SIGSYS", 31),
    ("SIGTERM", 15),
    ("SIGTRAP", 5),
    ("SIGTSTP", 20),
    ("SIGTTIN", 21),
    ("SIGTTOU", 22),
    ("SIGURG", 23),
    ("SIGUSR1", 10),
    ("SIGUSR2", 12),
    ("SIGVTALRM", 26),
    ("SIGWINCH", 28),
    ("SIGXCPU", 24),
    ("SIGXFSZ", 25),
    ("SIG_BLOCK", 0),
    ("SIG_DFL", 0),
    ("SIG_IGN", 1),
    ("SIG_SETMASK", 2),
    ("SIG_UNBLOCK", 1),
];
