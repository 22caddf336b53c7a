//! `faulthandler`: what to say when the process gets a fatal signal or hangs.
//!
//! After a fatal signal only its name is written: walking frames is not possible there. Tracebacks
//! on request, at a timeout or at a user signal show the frames as `sys._current_frames` gives them.

use crate::syscall::check;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use taipan_vm::prelude::*;

const FATAL: [(i32, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

static ENABLED: AtomicBool = AtomicBool::new(false);
static FATAL_FD: AtomicI32 = AtomicI32::new(2);
/// The dispositions before `enable`.
static PREVIOUS: Mutex<Vec<(i32, libc::sigaction)>> = Mutex::new(Vec::new());
/// Number of the timer that may fire; changing it cancels.
static TIMER: AtomicU64 = AtomicU64::new(0);

extern "C" fn on_fatal(n: libc::c_int) {
    let put = |s: &str| {
        let fd = FATAL_FD.load(Ordering::Relaxed);
        // SAFETY: write is async-signal-safe.
        unsafe { libc::write(fd, s.as_ptr() as *const libc::c_void, s.len()) };
    };
    put("Fatal Python error: ");
    put(FATAL.iter().find(|(s, _)| *s == n).map_or("Unknown signal", |(_, t)| t));
    put("\n\n");
    // SAFETY: back to the default action, which ends the process.
    unsafe {
        libc::signal(n, libc::SIG_DFL);
        libc::raise(n);
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

#[pyfunction(sig = "(file=None, all_threads=True)")]
fn enable(cx: &Thread, file: Option<Value>, _all_threads: bool) -> Res<()> {
    let fd = file_fd(cx, file)?;
    FATAL_FD.store(fd, Ordering::Relaxed);
    if ENABLED.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let mut previous = PREVIOUS.lock().unwrap_or_else(|e| e.into_inner());
    for (n, _) in FATAL {
        // SAFETY: the structs are filled; the handler is async-signal-safe.
        unsafe {
            let mut a: libc::sigaction = std::mem::zeroed();
            let mut old: libc::sigaction = std::mem::zeroed();
            a.sa_sigaction = on_fatal as *const () as usize;
            a.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
            check(cx, libc::sigaction(n, &a, &mut old) as i64)?;
            previous.push((n, old));
        }
    }
    Ok(())
}

#[pyfunction]
fn disable(_cx: &Thread) -> bool {
    if !ENABLED.swap(false, Ordering::AcqRel) {
        return false;
    }
    for (n, old) in PREVIOUS.lock().unwrap_or_else(|e| e.into_inner()).drain(..) {
        // SAFETY: the disposition that was there before.
        unsafe { libc::sigaction(n, &old, std::ptr::null_mut()) };
    }
    true
}

#[pyfunction]
fn is_enabled(_cx: &Thread) -> bool {
    ENABLED.load(Ordering::Acquire)
}

/// One thread's frames as lines.
fn frames_text(cx: &Thread, mut frame: Value) -> Res<String> {
    let mut out = String::new();
    let mut n = 0;
    while !frame.is_none() && n < 100 {
        let code = get_attr(cx, frame, id!(cx, "f_code"))?;
        let file = to_str(cx, get_attr(cx, code, id!(cx, "co_filename"))?)?;
        let name = to_str(cx, get_attr(cx, code, id!(cx, "co_name"))?)?;
        let line = get_attr(cx, frame, id!(cx, "f_lineno"))?;
        let line = int_to_i64(line).map_or("???".to_string(), |n| n.to_string());
        out.push_str(&format!("  File \"{file}\", line {line} in {name}\n"));
        frame = get_attr(cx, frame, id!(cx, "f_back"))?;
        n += 1;
    }
    if !frame.is_none() {
        out.push_str("  ...\n");
    }
    Ok(out)
}

fn all_text(cx: &Thread, current: Option<u64>) -> Res<String> {
    let f = taipan_vm::objects::module::import_attr(cx, "sys", "_current_frames")?;
    let d = call(cx, f, &[])?;
    let mut parts = Vec::new();
    if let Some(d) = d.downcast::<Dict>() {
        for (id, frame) in d.entries().iter() {
            let id = taipan_vm::objects::int::to_u64(*id).unwrap_or(0);
            let mine = current == Some(id);
            let word = if mine { "Current thread" } else { "Thread" };
            let text = format!(
                "{word} {id:#018x} (most recent call first):\n{}",
                frames_text(cx, *frame)?
            );
            parts.push((mine, text));
        }
    }
    parts.sort_by_key(|(mine, _)| *mine);
    Ok(parts.into_iter().map(|(_, t)| t).collect::<Vec<_>>().join("\n"))
}

fn put(fd: i32, text: &str) {
    // SAFETY: the bytes of this process; nobody to tell of a failure.
    unsafe { libc::write(fd, text.as_ptr() as *const libc::c_void, text.len()) };
}

#[pyfunction(sig = "(file=None, all_threads=True)")]
fn dump_traceback(cx: &Thread, file: Option<Value>, all_threads: bool) -> Res<()> {
    let fd = file_fd(cx, file)?;
    let text = if all_threads {
        all_text(cx, Some(cx.tid))?
    } else {
        let frame = taipan_vm::interp::frame_object(cx, 0).unwrap_or(none());
        format!("Stack (most recent call first):\n{}", frames_text(cx, frame)?)
    };
    put(fd, &text);
    Ok(())
}

#[pyfunction(sig = "(timeout, repeat=False, file=None, exit=False)")]
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
            let cx = Thread::attach(&taipan_vm::vm::VM, false);
            // Nobody to raise to.
            let text = all_text(cx, None).unwrap_or_default();
            // SAFETY: this thread holds no value any more; the text is Rust's own.
            unsafe { cx.detach_for_good() };
            put(fd, &text);
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
fn _sigsegv(_cx: &Thread, _release_gil: bool) {
    // SAFETY: sends the signal to this thread.
    unsafe { libc::raise(libc::SIGSEGV) };
}

#[pyfunction]
fn _sigabrt(_cx: &Thread) {
    std::process::abort()
}

#[pyfunction]
fn _sigfpe(_cx: &Thread) {
    // SAFETY: sends the signal to this thread.
    unsafe { libc::raise(libc::SIGFPE) };
}

pymodule! { "faulthandler", doc: "Reports fatal signals, and tracebacks on request.", functions: [
    enable, disable, is_enabled, dump_traceback, dump_traceback_later, cancel_dump_traceback_later,
    _sigsegv, _sigabrt, _sigfpe
] }
