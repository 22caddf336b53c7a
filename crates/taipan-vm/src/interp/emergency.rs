//! The frames of threads as the handler of a fatal signal shows them: without a lock that is waited
//! for, an allocation or a safepoint. Other threads may run on meanwhile, or the heap be damaged; words
//! are therefore read through the system, which says where there are none, and objects are asked only
//! after the heap has known them. The text is CPython's (`_Py_DumpTracebackThreads`).

use super::frame::{FLAGS, Regs};
use crate::objects::code::Code;
use crate::objects::str::Str;
use crate::prelude::*;
use std::sync::atomic::Ordering;

const MOST_FRAMES: usize = 100;
const MOST_THREADS: usize = 100;
/// Characters of a name that are shown.
const MOST_CHARS: usize = 500;

/// Whose frames are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    AllThreads,
    ThisThread,
}

/// Text on its way to a descriptor, in pieces that fit a signal handler's small stack.
struct Out {
    fd: i32,
    len: usize,
    bytes: [u8; 256],
}

impl Out {
    fn new(fd: i32) -> Out {
        Out { fd, len: 0, bytes: [0; 256] }
    }

    fn flush(&mut self) {
        // SAFETY: write is safe in signal handlers; nobody could be told of a failure.
        unsafe { libc::write(self.fd, self.bytes.as_ptr().cast(), self.len) };
        self.len = 0;
    }

    fn byte(&mut self, b: u8) {
        if self.len == self.bytes.len() {
            self.flush();
        }
        self.bytes[self.len] = b;
        self.len += 1;
    }

    fn text(&mut self, s: &str) {
        s.bytes().for_each(|b| self.byte(b));
    }

    fn decimal(&mut self, n: u32) {
        let mut digits = [0u8; 10];
        let (mut n, mut i) = (n, digits.len());
        loop {
            i -= 1;
            digits[i] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        digits[i..].iter().for_each(|b| self.byte(*b));
    }

    fn hexadecimal(&mut self, n: u64, width: u32) {
        for i in (0..width).rev() {
            self.byte(b"0123456789abcdef"[(n >> (4 * i) & 15) as usize]);
        }
    }

    fn name(&mut self, v: Option<Value>) {
        let Some(s) = v.and_then(|v| v.downcast::<Str>()) else { return self.text("???") };
        let d = s.data();
        for i in 0..d.len().min(MOST_CHARS) {
            match d.get(i) {
                c @ 0x20..=0x7E => self.byte(c as u8),
                c @ 0..=0xFF => {
                    self.text("\\x");
                    self.hexadecimal(c.into(), 2);
                }
                c @ 0..=0xFFFF => {
                    self.text("\\u");
                    self.hexadecimal(c.into(), 4);
                }
                c => {
                    self.text("\\U");
                    self.hexadecimal(c.into(), 8);
                }
            }
        }
        if d.len() > MOST_CHARS {
            self.text("...");
        }
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.flush();
    }
}

/// The word at an address; `None` where there is no memory.
fn peek(at: usize) -> Option<u64> {
    if at == 0 || at % 8 != 0 {
        return None;
    }
    #[cfg(target_os = "linux")]
    {
        let mut word = 0u64;
        let to = libc::iovec { iov_base: (&raw mut word).cast(), iov_len: 8 };
        let from = libc::iovec { iov_base: at as *mut libc::c_void, iov_len: 8 };
        // SAFETY: the system copies eight bytes into `word`, or says that it cannot.
        let n = unsafe { libc::process_vm_readv(libc::getpid(), &to, 1, &from, 1, 0) };
        if n == 8 {
            return Some(word);
        }
        if std::io::Error::last_os_error().raw_os_error() == Some(libc::EFAULT) {
            return None;
        }
    }
    // SAFETY: not sure, where the system does not answer; who asks has turned the fatal signal's handler
    // off, so that a second one ends the process.
    Some(unsafe { (at as *const u64).read_volatile() })
}

/// The code object in a frame's header.
fn code_of(word: u64) -> Option<&'static Code> {
    let head = taipan_heap::is_object(word & !FLAGS)?;
    // SAFETY: the heap knows an object there.
    unsafe { Value::from_bits(head.as_ptr() as u64) }.downcast_exact::<Code>()
}

fn frames(out: &mut Out, t: &Thread) {
    let mut at = t.interp.regs.get().0 as usize;
    if at == 0 {
        return out.text("  <no Python frame>\n");
    }
    for _ in 0..MOST_FRAMES {
        let header = |n: usize| peek(at.wrapping_sub(8 * n));
        let (Some(pc), Some(prev), Some(word)) = (header(4), header(3), header(2)) else { return };
        let Some(code) = code_of(word) else { return out.text("  <damaged frame>\n") };
        out.text("  File \"");
        out.name(code.filename.get());
        out.text("\", line ");
        match code.line_if_known(pc) {
            Some(n) => out.decimal(n),
            None => out.text("???"),
        }
        out.text(" in ");
        out.name(code.name.get());
        out.text("\n");
        at = Regs(prev as *mut u64).0 as usize;
        if at == 0 {
            return;
        }
    }
}

fn thread(out: &mut Out, t: &Thread, current: bool) {
    out.text(if current { "Current thread 0x" } else { "Thread 0x" });
    out.hexadecimal(t.tid, 16);
    out.text(" (most recent call first):\n");
    if current && t.finalizing_depth.load(Ordering::Relaxed) > 0 {
        out.text("  Garbage-collecting\n");
    }
    frames(out, t);
}

/// Writes the frames to a descriptor. `me` is the thread whose code runs, if it is Python's.
pub fn dump(fd: i32, whose: Whose, me: Option<&Thread>) {
    let mut out = Out::new(fd);
    if whose == Whose::ThisThread {
        if let Some(t) = me {
            out.text("Stack (most recent call first):\n");
            frames(&mut out, t);
        }
        return;
    }
    let mut n = 0;
    let all = taipan_heap::try_each_thread(&mut |m| {
        // SAFETY: `user` is null or the state of a registered thread.
        let Some(t) = (unsafe { (m.user.get() as *const Thread).as_ref() }) else { return };
        if n > 0 && n <= MOST_THREADS {
            out.text("\n");
        }
        n += 1;
        match n {
            ..=MOST_THREADS => thread(&mut out, t, me.is_some_and(|me| std::ptr::eq(t, me))),
            _ if n == MOST_THREADS + 1 => out.text("...\n"),
            _ => {}
        }
    });
    if let (false, Some(t)) = (all, me) {
        thread(&mut out, t, true);
    }
}

/// Ends the process where nothing can go on, with the threads' frames (`Py_FatalError`).
pub fn fatal_error(function: &str, message: &str) -> ! {
    let mut out = Out::new(libc::STDERR_FILENO);
    for part in ["Fatal Python error: ", function, ": ", message, "\n"] {
        out.text(part);
    }
    out.text("Python runtime state: initialized\n\n");
    drop(out);
    dump(libc::STDERR_FILENO, Whose::AllThreads, Thread::current());
    // SAFETY: whoever reports the signal would tell the same again.
    unsafe { libc::signal(libc::SIGABRT, libc::SIG_DFL) };
    std::process::abort()
}
