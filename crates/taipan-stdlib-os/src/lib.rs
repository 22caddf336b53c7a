//! Native modules over the operating system: files, processes, threads, time, sockets. One file or
//! folder a module, named as in Python; beside them what several share: system calls (`syscall`),
//! paths (`fspath`), buffers (`bufarg`), durations (`timearg`), locked native state (`guarded`).
#![allow(non_snake_case, reason = "modules and methods have Python's names")]

pub mod _io;
pub mod _signal;
pub mod bufarg;
pub mod errno;
pub mod fspath;
pub mod guarded;
pub mod posix;
pub mod resource;
pub mod syscall;
pub mod time;
pub mod timearg;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &_io::MODULE,
    &_signal::MODULE,
    &errno::MODULE,
    &posix::MODULE,
    &resource::MODULE,
    &time::MODULE,
];
