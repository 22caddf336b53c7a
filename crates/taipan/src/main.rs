//! The `taipan` executable: command line, configuration, running a program.
//!
//! The C entry point is this crate's own: Rust's would open /dev/null in place of standard streams
//! that are closed, which Python shows as None.

#![no_main]

mod cmdline;
mod frozen;
mod locale;
mod paths;
mod run;
mod shell;

use std::ffi::{c_char, c_int};

/// Deep recursion of native code (sort keys, reprs, dunders called from Rust) needs more than the
/// 8 MiB that the main thread has; RecursionError comes before this runs out.
const STACK: usize = 256 << 20;

#[global_allocator]
static ALLOCATOR: taipan_heap::Allocator = taipan_heap::Allocator;

/// What the C library calls.
// SAFETY: the program's only `main`, with the signature that C gives it.
#[unsafe(no_mangle)]
pub extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    // As Rust's own start: a write to a pipe without readers is an error of that write, also where
    // the signal module never runs.
    // SAFETY: nothing else runs yet.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    // The main thread itself on another stack: a second thread would cost its start, a malloc arena of
    // its own, and the signals that the first one gets.
    let run = || {
        taipan_heap::announce_stack(STACK);
        run::main()
    };
    std::panic::catch_unwind(|| stacker::grow(STACK, run)).unwrap_or_else(|payload| {
        if payload.is::<taipan_heap::OutOfMemory>() {
            say("MemoryError\n");
            return 1;
        }
        let what = taipan_vm::panics::text(&*payload);
        say(&format!("Fatal Python error: internal error: {what}\n"));
        120
    })
}

/// Writes to descriptor 2; where that fails there is nobody to tell.
pub fn say(text: &str) {
    // SAFETY: the bytes are as many as said.
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
}
