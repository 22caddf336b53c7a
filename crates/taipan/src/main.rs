//! The `taipan` executable: command line, configuration, running a program.

mod cmdline;
mod frozen;
mod paths;
mod run;

use std::process::ExitCode;

/// Deep recursion of native code (sort keys, reprs, dunders called from Rust) needs more than the
/// 8 MiB that the main thread has; RecursionError comes before this runs out.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    // The main thread itself on another stack: a second thread would cost its start, a malloc arena of
    // its own, and the signals that the first one gets.
    let run = || {
        taipan_heap::announce_stack(STACK);
        run::main()
    };
    let status = std::panic::catch_unwind(|| stacker::grow(STACK, run));
    ExitCode::from(status.map_or(120, |code| code as u8))
}
