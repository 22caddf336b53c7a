//! `_stat`: the bits of file modes.

use taipan_vm::prelude::*;

fn mode_arg(cx: &Thread, v: Value) -> Res<u32> {
    let i = index(cx, v)?;
    match int_to_i64(i) {
        Some(n) if n < 0 => {
            raise!(cx, OverflowError, "can't convert negative value to unsigned int")
        }
        Some(n) if n <= u32::MAX as i64 => Ok(n as u32),
        _ => raise!(cx, OverflowError, "mode out of range"),
    }
}

macro_rules! kinds {
    ($($name:ident: $bits:expr;)*) => {$(
        #[pyfunction(text = "($self, object, /)")]
        fn $name(cx: &Thread, mode: Value) -> Res<bool> {
            Ok(mode_arg(cx, mode)? & libc::S_IFMT == $bits)
        }
    )*};
}

kinds! {
    S_ISDIR: libc::S_IFDIR;
    S_ISCHR: libc::S_IFCHR;
    S_ISBLK: libc::S_IFBLK;
    S_ISREG: libc::S_IFREG;
    S_ISFIFO: libc::S_IFIFO;
    S_ISLNK: libc::S_IFLNK;
    S_ISSOCK: libc::S_IFSOCK;
}

macro_rules! never {
    ($($name:ident),*) => {$(
        #[pyfunction(text = "($self, object, /)")]
        fn $name(cx: &Thread, mode: Value) -> Res<bool> {
            mode_arg(cx, mode).map(|_| false)
        }
    )*};
}

never!(S_ISDOOR, S_ISPORT, S_ISWHT);

#[pyfunction(text = "($self, object, /)")]
fn S_IMODE(cx: &Thread, mode: Value) -> Res<u32> {
    Ok(mode_arg(cx, mode)? & 0o7777)
}

#[pyfunction(text = "($self, object, /)")]
fn S_IFMT(cx: &Thread, mode: Value) -> Res<u32> {
    Ok(mode_arg(cx, mode)? & libc::S_IFMT)
}

/// A mode as `ls -l` shows it.
#[pyfunction(text = "($self, object, /)")]
fn filemode(cx: &Thread, mode: Value) -> Res<String> {
    let m = mode_arg(cx, mode)?;
    let kind = match m & libc::S_IFMT {
        libc::S_IFREG => '-',
        libc::S_IFDIR => 'd',
        libc::S_IFLNK => 'l',
        libc::S_IFBLK => 'b',
        libc::S_IFCHR => 'c',
        libc::S_IFIFO => 'p',
        libc::S_IFSOCK => 's',
        _ => '?',
    };
    let mut s = String::from(kind);
    for (shift, special, x, dash) in
        [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')]
    {
        let bits = m >> shift;
        s.push(if bits & 4 != 0 { 'r' } else { '-' });
        s.push(if bits & 2 != 0 { 'w' } else { '-' });
        s.push(match (bits & 1 != 0, m & special != 0) {
            (true, true) => x,
            (false, true) => dash,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    Ok(s)
}

pymodule! { "_stat", doc: "The bits of file modes.", functions: [
    S_ISDIR, S_ISCHR, S_ISBLK, S_ISREG, S_ISFIFO, S_ISLNK, S_ISSOCK, S_ISDOOR, S_ISPORT, S_ISWHT,
    S_IMODE, S_IFMT, filemode
], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    Ok(())
}

static CONSTANTS: &[(&str, i64)] = &[
    ("SF_APPEND", 262144),
    ("SF_ARCHIVED", 65536),
    ("SF_DATALESS", 1073741824),
    ("SF_FIRMLINK", 8388608),
    ("SF_IMMUTABLE", 131072),
    ("SF_NOUNLINK", 1048576),
    ("SF_SETTABLE", 4294901760),
    ("SF_SNAPSHOT", 2097152),
    ("ST_ATIME", 7),
    ("ST_CTIME", 9),
    ("ST_DEV", 2),
    ("ST_GID", 5),
    ("ST_INO", 1),
    ("ST_MODE", 0),
    ("ST_MTIME", 8),
    ("ST_NLINK", 3),
    ("ST_SIZE", 6),
    ("ST_UID", 4),
    ("S_ENFMT", 1024),
    ("S_IEXEC", 64),
    ("S_IFBLK", 24576),
    ("S_IFCHR", 8192),
    ("S_IFDIR", 16384),
    ("S_IFDOOR", 0),
    ("S_IFIFO", 4096),
    ("S_IFLNK", 40960),
    ("S_IFPORT", 0),
    ("S_IFREG", 32768),
    ("S_IFSOCK", 49152),
    ("S_IFWHT", 0),
    ("S_IREAD", 256),
    ("S_IRGRP", 32),
    ("S_IROTH", 4),
    ("S_IRUSR", 256),
    ("S_IRWXG", 56),
    ("S_IRWXO", 7),
    ("S_IRWXU", 448),
    ("S_ISGID", 1024),
    ("S_ISUID", 2048),
    ("S_ISVTX", 512),
    ("S_IWGRP", 16),
    ("S_IWOTH", 2),
    ("S_IWRITE", 128),
    ("S_IWUSR", 128),
    ("S_IXGRP", 8),
    ("S_IXOTH", 1),
    ("S_IXUSR", 64),
    ("UF_APPEND", 4),
    ("UF_COMPRESSED", 32),
    ("UF_DATAVAULT", 128),
    ("UF_HIDDEN", 32768),
    ("UF_IMMUTABLE", 2),
    ("UF_NODUMP", 1),
    ("UF_NOUNLINK", 16),
    ("UF_OPAQUE", 8),
    ("UF_SETTABLE", 65535),
    ("UF_TRACKED", 64),
];
