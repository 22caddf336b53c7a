//! System calls as Python sees them: the thread detaches while a call blocks, `EINTR` runs signal
//! handlers and resumes (PEP 475, hazard 23), errors become OSError. A signal that came before a
//! call that may wait long is handled first (`poll`): nothing would wake the call for it.
//!
//! Closures given to these functions touch no heap object; the pointers they hold are into memory
//! that the caller keeps alive (its own frame, an immutable object, a held buffer export).

use taipan_vm::idle;
use taipan_vm::objects::exceptions;
use taipan_vm::prelude::*;

/// The calling thread's `errno`.
pub fn errno() -> i32 {
    // SAFETY: glibc's errno is always readable.
    unsafe { *libc::__errno_location() }
}

pub fn set_errno(n: i32) {
    // SAFETY: glibc's errno is always writable.
    unsafe { *libc::__errno_location() = n }
}

/// One call without detaching: for what cannot block. -1 is an error.
pub fn quick(r: impl Into<i64>) -> Result<i64, i32> {
    let r = r.into();
    if r == -1 { Err(errno()) } else { Ok(r) }
}

/// One detached call; `EINTR` is an error like any other.
pub fn once(cx: &Thread, f: impl FnOnce() -> i64) -> Result<i64, i32> {
    // SAFETY: by the contract of this file, f uses no heap memory but what the caller pins.
    let (r, e) = unsafe {
        cx.mutator.detach_unsend(|| {
            let r = f();
            (r, errno())
        })
    };
    if r == -1 { Err(e) } else { Ok(r) }
}

/// A detached call that is repeated after a signal, once handlers have run. The outer error is what
/// a handler raised.
pub fn retry(cx: &Thread, mut f: impl FnMut() -> i64) -> Res<Result<i64, i32>> {
    loop {
        cx.poll()?;
        match once(cx, &mut f) {
            Err(libc::EINTR) => check_signals(cx)?,
            r => return Ok(r),
        }
    }
}

/// Before a call that may wait long for `fd`: has patience, then collects (`taipan_vm::idle`).
pub fn before_waiting(cx: &Thread, fd: i32, events: i16) -> Res<()> {
    let Some(mut patience) = idle::patience() else { return Ok(()) };
    // SAFETY: plain numbers.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    if flags == -1 || flags & libc::O_NONBLOCK != 0 {
        return Ok(());
    }
    loop {
        let mut p = libc::pollfd { fd, events, revents: 0 };
        let at = &raw mut p;
        // SAFETY: one pollfd of this frame.
        match once(cx, || unsafe { libc::poll(at, 1, (patience / 1_000_000) as i32) } as i64) {
            Ok(0) => match idle::after(cx) {
                Some(p) => patience = p,
                None => return cx.poll(),
            },
            _ => return Ok(()),
        }
        cx.poll()?;
    }
}

/// As `retry`, with any error raised as an OSError without file name.
pub fn checked(cx: &Thread, f: impl FnMut() -> i64) -> Res<i64> {
    retry(cx, f)?.map_err(|e| os_error(cx, e))
}

/// Runs the handlers of signals that have arrived.
pub fn check_signals(cx: &Thread) -> Res<()> {
    cx.poll_slow()
}

#[cold]
pub fn os_error(cx: &Thread, errno: i32) -> Raised {
    exceptions::os_error(cx, errno, None, None)
}

/// The OSError of the current `errno`.
#[cold]
pub fn last_error(cx: &Thread) -> Raised {
    os_error(cx, errno())
}

#[cold]
pub fn os_error_with(cx: &Thread, errno: i32, filename: Value) -> Raised {
    exceptions::os_error(cx, errno, Some(filename), None)
}

/// `Ok(())` or the OSError of `errno` for a return value of a call that could not block.
pub fn check(cx: &Thread, r: impl Into<i64>) -> Res<i64> {
    quick(r).map_err(|e| os_error(cx, e))
}
