//! The project's chores as one program: `cargo xtask COMMAND`.
//!
//! Only what works on the repository from outside belongs here; nothing of the interpreter is linked in, so that the
//! chores build in seconds and run when the rest does not compile. Standard library only, for the same reason.

#![forbid(unsafe_code)]

mod ci;
mod handlers;
mod shell;
mod stdlib;
mod stress;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  stdlib [--with-tests] [--prefix DIR]   lay out CPython's pure-Python library under the prefix (default: target/)
  stdlib --testlib                       print the directory that holds CPython's `test` package
  tour                                   build Taipan (release) and run examples/tour.py
  ci [STAGE ...]                         everything CI checks, or only the named stages (ci --list tells them)
  tidy                                   the house rules alone
  handlers [PROFILE]                     the shape of the interpreter's handlers in a built executable (default: release)
  stress [--full]                        the stress stage alone; --full: all of it, which takes long (docs/testing.md)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.split_first() {
        Some((&"stdlib", rest)) => stdlib::command(rest),
        Some((&"tour", [])) => ci::tour(),
        Some((&"ci", rest)) => ci::command(rest),
        Some((&"tidy", [])) => tidy::command(),
        Some((&"handlers", rest)) => handlers::command(rest),
        Some((&"stress", rest)) => stress::command(rest),
        _ => Err(USAGE.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
