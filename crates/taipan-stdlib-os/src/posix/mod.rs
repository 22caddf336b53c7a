//! `posix`: what `os` is made of. One file a subject; this one lists them and adds the constants.

mod dirs;
pub mod files;
mod ids;
pub mod process;
pub mod stat;
pub mod tables;

use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;

pub static TERMINAL_SIZE: StructSeq = StructSeq::new(
    "os",
    "terminal_size",
    "A tuple of (columns, lines) of a terminal.",
    &["columns", "lines"],
    2,
);

pub static SCHED_PARAM: StructSeq =
    StructSeq::new("posix", "sched_param", "A scheduling parameter.", &["sched_priority"], 1)
        .called_with_its_field();

pymodule! { "posix", doc: "Access to the operating system, in the POSIX way. Use os instead.", functions: [
    stat::stat, stat::lstat, stat::fstat, stat::statvfs, stat::fstatvfs, stat::access, stat::chmod,
    stat::fchmod, stat::chown, stat::lchown, stat::fchown, stat::utime, stat::truncate,
    stat::ftruncate, stat::umask, stat::major, stat::minor, stat::makedev, stat::lockf,
    stat::getxattr, stat::setxattr, stat::removexattr, stat::listxattr, stat::isatty,
    stat::fpathconf, stat::pathconf, stat::get_terminal_size, dirs::listdir, dirs::mkdir,
    dirs::rmdir, dirs::unlink, dirs::remove, dirs::rename, dirs::replace, dirs::link,
    dirs::symlink, dirs::readlink, dirs::mkfifo, dirs::mknod, dirs::getcwd, dirs::getcwdb,
    dirs::chdir, dirs::fchdir, dirs::chroot, dirs::scandir, dirs::_path_normpath,
    dirs::_path_splitroot_ex, files::open, files::close, files::closerange, files::read,
    files::write, files::pread, files::pwrite, files::readv, files::writev, files::preadv,
    files::pwritev, files::lseek, files::fsync, files::fdatasync, files::sync, files::dup,
    files::dup2, files::pipe, files::pipe2, files::get_inheritable, files::set_inheritable,
    files::get_blocking, files::set_blocking, files::device_encoding, files::copy_file_range,
    files::splice, files::sendfile, files::posix_fallocate, files::posix_fadvise,
    files::memfd_create, files::eventfd, files::eventfd_read, files::eventfd_write,
    files::timerfd_create, files::timerfd_gettime, files::timerfd_gettime_ns,
    files::timerfd_settime, files::timerfd_settime_ns, files::ttyname, files::ptsname,
    files::ctermid, files::openpty, files::login_tty, files::posix_openpt, files::grantpt,
    files::unlockpt, files::tcgetpgrp, files::tcsetpgrp, files::getrandom, files::urandom,
    process::register_at_fork, process::fork, process::forkpty, process::exit_now, process::abort,
    process::execv, process::execve, process::posix_spawn, process::posix_spawnp, process::system,
    process::wait, process::waitpid, process::wait3, process::wait4, process::waitid,
    process::WCOREDUMP, process::waitstatus_to_exitcode, process::kill, process::killpg,
    process::pidfd_open, process::setns, process::unshare, process::WIFCONTINUED,
    process::WIFSTOPPED, process::WIFSIGNALED, process::WIFEXITED, process::WEXITSTATUS,
    process::WTERMSIG, process::WSTOPSIG, ids::getresuid, ids::getresgid, ids::getpgid,
    ids::setpgid, ids::setpgrp, ids::getsid, ids::setsid, ids::getgroups, ids::setgroups,
    ids::getgrouplist, ids::initgroups, ids::getlogin, ids::nice, ids::getpriority,
    ids::setpriority, ids::uname, ids::times, ids::getloadavg, ids::cpu_count, ids::sysconf,
    ids::confstr, ids::sched_yield, ids::sched_get_priority_max, ids::sched_get_priority_min,
    ids::sched_getscheduler, ids::sched_setscheduler, ids::sched_getparam, ids::sched_setparam,
    ids::sched_rr_get_interval, ids::sched_getaffinity, ids::sched_setaffinity, ids::strerror,
    ids::putenv, ids::unsetenv, ids::_inputhook, ids::_is_inputhook_installed, ids::fspath,
    ids::getpid, ids::getppid, ids::getuid, ids::geteuid, ids::getgid, ids::getegid, ids::getpgrp,
    ids::setuid, ids::seteuid, ids::setgid, ids::setegid, ids::setreuid, ids::setregid,
    ids::setresuid, ids::setresgid,
], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in tables::CONSTANTS {
        m.add_int(cx, name, *v);
    }
    m.add(cx, "sysconf_names", tables::names_dict(cx, tables::SYSCONF));
    m.add(cx, "confstr_names", tables::names_dict(cx, tables::CONFSTR));
    m.add(cx, "pathconf_names", tables::names_dict(cx, tables::PATHCONF));
    let have = List::new(cx);
    for n in tables::HAVE_FUNCTIONS {
        have.push(cx, Value::from_ref(Str::new(cx, n)));
    }
    m.add(cx, "_have_functions", Value::from_ref(have));
    m.add(cx, "environ", ids::environ_dict(cx)?);
    m.add(cx, "error", Value::from_ref(exc::OSError()));
    m.add_type::<dirs::DirEntry>(cx);
    taipan_vm::types::ready::ready::<dirs::ScandirIterator>(cx);
    let types: [&'static StructSeq; 7] = [
        &stat::STAT_RESULT,
        &stat::STATVFS_RESULT,
        &TERMINAL_SIZE,
        &SCHED_PARAM,
        &ids::TIMES_RESULT,
        &ids::UNAME_RESULT,
        &process::WAITID_RESULT,
    ];
    for t in types {
        m.add(cx, t.name, Value::from_ref(t.ty(cx)));
    }
    Ok(())
}
