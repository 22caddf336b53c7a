//! `faulthandler`: what to say when the process gets a fatal signal or hangs.
//!
//! The frames are written by `interp::emergency`, which may be called in a signal handler. Everything
//! the handlers read is in statics: atomics, and dispositions that are written before the handler that reads them is installed.

use crate::syscall::check;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use taipan_vm::interp::emergency::{self, Whose};
use taipan_vm::prelude::*;

const FATAL: [(i32, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];
const SIGNALS: usize = 65;

/// One signal's registration.
struct Registration {
    enabled: AtomicBool,
    fd: AtomicI32,
    all_threads: AtomicBool,
    chain: AtomicBool,
    /// The disposition before.
    previous: UnsafeCell<MaybeUninit<libc::sigaction>>,
}

// SAFETY: `previous` is written before `enabled` is set and read only while it is.
unsafe impl Sync for Registration {}

impl Registration {
    const fn new() -> Registration {
        Registration {
            enabled: AtomicBool::new(false),
            fd: AtomicI32::new(2),
            all_threads: AtomicBool::new(true),
            chain: AtomicBool::new(false),
            previous: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    fn set(&self, fd: i32, all_threads: bool, chain: bool) {
        self.fd.store(fd, Ordering::Relaxed);
        self.all_threads.store(all_threads, Ordering::Relaxed);
        self.chain.store(chain, Ordering::Relaxed);
    }

    /// Installs a handler, unless it is installed; false: the system refuses.
    fn install(&self, signal: i32, handler: extern "C" fn(i32), flags: i32) -> bool {
        if self.enabled.load(Ordering::Acquire) {
            return true;
        }
        // SAFETY: the struct is filled; the handler is async-signal-safe; nobody reads `previous` yet.
        let done = unsafe {
            let mut a: libc::sigaction = std::mem::zeroed();
            a.sa_sigaction = handler as *const () as usize;
            a.sa_flags = flags | libc::SA_ONSTACK;
            libc::sigaction(signal, &a, (*self.previous.get()).as_mut_ptr()) == 0
        };
        self.enabled.store(done, Ordering::Release);
        done
    }

    /// Puts the disposition before back; false: there was none.
    fn remove(&self, signal: i32) -> bool {
        if !self.enabled.swap(false, Ordering::AcqRel) {
            return false;
        }
        // SAFETY: written by `install`.
        unsafe { libc::sigaction(signal, (*self.previous.get()).as_ptr(), std::ptr::null_mut()) };
        true
    }

    fn dump(&self) {
        let whose = match self.all_threads.load(Ordering::Relaxed) {
            true => Whose::AllThreads,
            false => Whose::ThisThread,
        };
        emergency::dump(self.fd.load(Ordering::Relaxed), whose, Thread::current());
    }
}

/// Of `enable`, in the order of `FATAL`; they share what is set for the first.
static FATAL_STATE: [Registration; 5] = [const { Registration::new() }; 5];
/// Of `register`.
static USER: [Registration; SIGNALS] = [const { Registration::new() }; SIGNALS];
/// Number of the timer that may fire; changing it cancels.
static TIMER: AtomicU64 = AtomicU64::new(0);

extern "C" fn on_fatal(n: libc::c_int) {
    let which = FATAL.iter().position(|(s, _)| *s == n).unwrap_or(0);
    let r = &FATAL_STATE[which];
    // First: a second fault, in here, is left to the system.
    if !r.remove(n) {
        return;
    }
    let fd = r.fd.load(Ordering::Relaxed);
    put(fd, "Fatal Python error: ");
    put(fd, FATAL[which].1);
    put(fd, "\n\n");
    r.dump();
    // SAFETY: now to whoever had the signal before.
    unsafe { libc::raise(n) };
}

extern "C" fn on_user(n: libc::c_int) {
    let Some(r) = USER.get(n as usize).filter(|r| r.enabled.load(Ordering::Acquire)) else {
        return;
    };
    r.dump();
    if r.chain.load(Ordering::Relaxed) && r.remove(n) {
        // SAFETY: now to whoever had the signal before.
        unsafe { libc::raise(n) };
        r.install(n, on_user, libc::SA_NODEFER);
    }
}

/// A stack for signal handlers on the calling thread, on which the one that Rust gives is small.
fn allocate_stack() {
    const SIZE: usize = 64 << 10;
    static MADE: AtomicBool = AtomicBool::new(false);
    if MADE.swap(true, Ordering::AcqRel) {
        return;
    }
    // SAFETY: a fresh mapping, which nobody else uses and which stays.
    unsafe {
        let p = libc::mmap(
            std::ptr::null_mut(),
            SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if p != libc::MAP_FAILED {
            let stack = libc::stack_t { ss_sp: p, ss_flags: 0, ss_size: SIZE };
            libc::sigaltstack(&stack, std::ptr::null_mut());
        }
    }
}

/// The descriptor of a `file` argument (`faulthandler_get_fileno`).
fn file_fd(cx: &Thread, file: Option<Value>) -> Res<i32> {
    let f = match file.filter(|f| !f.is_none()) {
        Some(f) => f,
        None => match cx.vm.sys_dict().get_str(cx, id!(cx, "stderr")) {
            Some(f) if f.is_none() => raise!(cx, RuntimeError, "sys.stderr is None"),
            Some(f) => f,
            None => raise!(cx, RuntimeError, "unable to get sys.stderr"),
        },
    };
    if taipan_vm::objects::int::is_int(f) || f.as_small().is_some() {
        return match int_to_i64(f) {
            Some(n) if n >= 0 && n <= i32::MAX as i64 => Ok(n as i32),
            _ => raise!(cx, ValueError, "file is not a valid file descripter"),
        };
    }
    let n = call_method(cx, f, id!(cx, "fileno"), &[])?;
    let fd = match int_to_i64(n) {
        Some(n) if n >= 0 && n <= i32::MAX as i64 => n as i32,
        _ => raise!(cx, RuntimeError, "file.fileno() is not a valid file descriptor"),
    };
    // What the file holds goes out first; a failure there is its owner's.
    let _ = call_method(cx, f, id!(cx, "flush"), &[]);
    Ok(fd)
}

#[pyfunction(
    sig = "(file=None, all_threads=True)",
    text = "($module, /, file=sys.stderr, all_threads=True)"
)]
fn enable(cx: &Thread, file: Option<Value>, all_threads: bool) -> Res<()> {
    let fd = file_fd(cx, file)?;
    allocate_stack();
    for (r, (n, _)) in FATAL_STATE.iter().zip(FATAL) {
        r.set(fd, all_threads, false);
        if !r.install(n, on_fatal, libc::SA_NODEFER) {
            check(cx, -1)?;
        }
    }
    Ok(())
}

#[pyfunction]
fn disable(_cx: &Thread) -> bool {
    let mut was = false;
    for (r, (n, _)) in FATAL_STATE.iter().zip(FATAL) {
        was |= r.remove(n);
    }
    was
}

#[pyfunction]
fn is_enabled(_cx: &Thread) -> bool {
    FATAL_STATE.iter().any(|r| r.enabled.load(Ordering::Acquire))
}

fn user(cx: &Thread, signum: i32) -> Res<&'static Registration> {
    if FATAL.iter().any(|(n, _)| *n == signum) {
        raise!(cx, RuntimeError, "signal {signum} cannot be registered, use enable() instead");
    }
    match USER.get(signum as usize) {
        Some(r) if signum > 0 => Ok(r),
        _ => raise!(cx, ValueError, "signal number out of range"),
    }
}

#[pyfunction(
    sig = "(signum, file=None, all_threads=True, chain=False)",
    text = "($module, /, signum, file=sys.stderr, all_threads=True, chain=False)"
)]
fn register(
    cx: &Thread,
    signum: i32,
    file: Option<Value>,
    all_threads: bool,
    chain: bool,
) -> Res<()> {
    let r = user(cx, signum)?;
    let fd = file_fd(cx, file)?;
    allocate_stack();
    r.set(fd, all_threads, chain);
    let flags = if chain { libc::SA_NODEFER } else { libc::SA_RESTART };
    if !r.install(signum, on_user, flags) {
        check(cx, -1)?;
    }
    Ok(())
}

#[pyfunction(sig = "(signum, /)")]
fn unregister(cx: &Thread, signum: i32) -> Res<bool> {
    Ok(user(cx, signum)?.remove(signum))
}

fn put(fd: i32, text: &str) {
    // SAFETY: the bytes of this process; nobody to tell of a failure.
    unsafe { libc::write(fd, text.as_ptr() as *const libc::c_void, text.len()) };
}

#[pyfunction(
    sig = "(file=None, all_threads=True)",
    text = "($module, /, file=sys.stderr, all_threads=True)"
)]
fn dump_traceback(cx: &Thread, file: Option<Value>, all_threads: bool) -> Res<()> {
    let fd = file_fd(cx, file)?;
    let me = Some(cx);
    if all_threads {
        cx.mutator.stop_the_world(|_| emergency::dump(fd, Whose::AllThreads, me));
    } else {
        emergency::dump(fd, Whose::ThisThread, me);
    }
    Ok(())
}

#[pyfunction(
    sig = "(timeout, repeat=False, file=None, exit=False)",
    text = "($module, /, timeout, repeat=False, file=sys.stderr, exit=False)"
)]
fn dump_traceback_later(
    cx: &Thread,
    timeout: Value,
    repeat: bool,
    file: Option<Value>,
    exit: bool,
) -> Res<()> {
    let ns = crate::timearg::seconds(cx, timeout, crate::timearg::Round::Up)?;
    if ns <= 0 {
        raise!(cx, ValueError, "timeout must be greater than 0");
    }
    let fd = file_fd(cx, file)?;
    let me = TIMER.fetch_add(1, Ordering::AcqRel) + 1;
    let (s, us) = (ns / 1_000_000_000, ns % 1_000_000_000 / 1000);
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    let head = match us {
        0 => format!("Timeout ({h}:{m:02}:{s:02})!\n"),
        us => format!("Timeout ({h}:{m:02}:{s:02}.{us:06})!\n"),
    };
    let started = std::thread::Builder::new().name("faulthandler".into()).spawn(move || {
        loop {
            let mut left = ns as u64;
            while left > 0 {
                let step = left.min(20_000_000);
                std::thread::sleep(std::time::Duration::from_nanos(step));
                if TIMER.load(Ordering::Acquire) != me {
                    return;
                }
                left -= step;
            }
            put(fd, &head);
            emergency::dump(fd, Whose::AllThreads, None);
            if exit {
                // SAFETY: ends the process, as asked.
                unsafe { libc::_exit(1) };
            }
            if !repeat {
                return;
            }
        }
    });
    match started {
        Ok(_) => Ok(()),
        Err(_) => raise!(cx, RuntimeError, "unable to start watchdog thread"),
    }
}

#[pyfunction]
fn cancel_dump_traceback_later(_cx: &Thread) {
    TIMER.fetch_add(1, Ordering::AcqRel);
}

#[pyfunction(sig = "(release_gil=False, /)")]
fn _sigsegv(cx: &Thread, release_gil: bool) {
    no_core_file();
    // SAFETY: sends the signal to this thread.
    let send = || unsafe { libc::raise(libc::SIGSEGV) };
    if release_gil {
        cx.detach(send)
    } else {
        send()
    };
}

/// A fatal error in a thread that Python does not know.
#[pyfunction]
fn _fatal_error_c_thread(cx: &Thread) -> Res<()> {
    no_core_file();
    let message = || emergency::fatal_error("faulthandler_fatal_error_thread", "in new thread");
    match std::thread::Builder::new().spawn(message) {
        Ok(never) => cx.detach(|| drop(never.join())),
        Err(_) => raise!(cx, RuntimeError, "unable to start the thread"),
    }
    Ok(())
}

#[pyfunction]
fn _sigabrt(_cx: &Thread) {
    no_core_file();
    std::process::abort()
}

#[pyfunction]
fn _sigfpe(_cx: &Thread) {
    no_core_file();
    // SAFETY: sends the signal to this thread.
    unsafe { libc::raise(libc::SIGFPE) };
}

/// Crashes: reads where nothing is.
#[pyfunction]
fn _read_null(_cx: &Thread) -> i64 {
    no_core_file();
    // SAFETY: none; to be killed for it is what the caller wants.
    unsafe { std::ptr::without_provenance::<i64>(8).read_volatile() }
}

/// Crashes: uses up the native stack.
#[pyfunction]
fn _stack_overflow(_cx: &Thread) -> u64 {
    no_core_file();
    deeper(0)
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "it ends at the stack's end")]
fn deeper(n: u64) -> u64 {
    let room = std::hint::black_box([n; 512]);
    deeper(n + 1) + std::hint::black_box(room)[7]
}

/// Crashes that are asked for leave no core file.
fn no_core_file() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads the struct.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &none) };
}

pymodule! { "faulthandler", doc: "Reports fatal signals, and tracebacks on request.", functions: [
    enable, disable, is_enabled, register, unregister, dump_traceback, dump_traceback_later,
    cancel_dump_traceback_later, _fatal_error_c_thread, _sigsegv, _sigabrt, _sigfpe, _read_null, _stack_overflow
] }
