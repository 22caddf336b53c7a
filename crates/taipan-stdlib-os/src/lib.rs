//! Native modules over the operating system: files, processes, threads, time, sockets. One file or
//! folder a module, named as in Python; beside them what several share: system calls (`syscall`),
//! paths (`fspath`), buffers (`bufarg`), durations (`timearg`), locked native state (`guarded`).
#![allow(non_snake_case, reason = "modules and methods have Python's names")]

pub mod _datetime;
pub mod _io;
pub mod _locale;
pub mod _posixsubprocess;
pub mod _signal;
pub mod _socket;
pub mod _stat;
pub mod _zoneinfo;
pub mod bufarg;
pub mod errno;
pub mod faulthandler;
pub mod fcntl;
pub mod fspath;
pub mod grp;
pub mod guarded;
pub mod mmap;
pub mod posix;
pub mod pwd;
pub mod resource;
pub mod select;
pub mod syscall;
pub mod termios;
pub mod time;
pub mod timearg;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &_datetime::MODULE,
    &_io::MODULE,
    &_locale::MODULE,
    &_posixsubprocess::MODULE,
    &_signal::MODULE,
    &_stat::MODULE,
    &_zoneinfo::MODULE,
    &faulthandler::MODULE,
    &mmap::MODULE,
    &_socket::MODULE,
    &errno::MODULE,
    &fcntl::MODULE,
    &grp::MODULE,
    &posix::MODULE,
    &pwd::MODULE,
    &resource::MODULE,
    &select::MODULE,
    &termios::MODULE,
    &time::MODULE,
];
