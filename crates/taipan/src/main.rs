//! The `taipan` executable: command line, configuration, running a program.

mod cmdline;
mod frozen;
mod paths;
mod run;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Deep recursion of native code (sort keys, reprs, dunders called from Rust) needs more than
    // the 8 MiB that the main thread has; RecursionError comes before this runs out.
    let stack = 256 << 20;
    let child = std::thread::Builder::new().name("main".into()).stack_size(stack).spawn(run::main);
    block_signals();
    match child.map(|c| c.join()) {
        Ok(Ok(code)) => ExitCode::from(code as u8),
        _ => ExitCode::from(120),
    }
}

/// Leaves signals to the thread that runs Python, so that they interrupt its system calls.
fn block_signals() {
    // SAFETY: the set is initialised before it is used.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&mut set);
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
    }
}
