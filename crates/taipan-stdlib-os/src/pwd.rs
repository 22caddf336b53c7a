//! `pwd`: the user database.

use crate::fspath::{decode_c, fs_bytes};
use crate::posix::stat::id_arg;
use taipan_vm::objects::exceptions::key_error;
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;

static STRUCT_PASSWD: StructSeq = StructSeq::new(
    "pwd",
    "struct_passwd",
    "One user of the user database.",
    &["pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell"],
    7,
);

fn value(cx: &Thread, p: &libc::passwd) -> Value {
    // SAFETY: the entry's strings are null or NUL-terminated.
    let s = |c: *const libc::c_char| unsafe { decode_c(cx, c) };
    let id = |n: u32| if n == u32::MAX { Value::small(-1) } else { Value::small(n as i64) };
    let items = [
        s(p.pw_name),
        s(p.pw_passwd),
        id(p.pw_uid),
        id(p.pw_gid),
        s(p.pw_gecos),
        s(p.pw_dir),
        s(p.pw_shell),
    ];
    STRUCT_PASSWD.make(cx, &items)
}

/// Runs one of the `getpw..._r` functions with a buffer that is large enough.
fn lookup(
    cx: &Thread,
    f: impl Fn(*mut libc::passwd, *mut libc::c_char, usize, *mut *mut libc::passwd) -> i32,
) -> Res<Option<Value>> {
    let mut size = 1024;
    loop {
        // SAFETY: plain data and null pointers.
        let mut p: libc::passwd = unsafe { std::mem::zeroed() };
        let mut buf = vec![0 as libc::c_char; size];
        let mut found = std::ptr::null_mut();
        let (pp, b, r) = (&raw mut p, buf.as_mut_ptr(), &raw mut found);
        let mut e = 0;
        let at = &raw mut e;
        let _ = crate::syscall::once(cx, || {
            // SAFETY: at is of this frame.
            unsafe { *at = f(pp, b, size, r) };
            0
        });
        match e {
            libc::ERANGE if size < 1 << 20 => size *= 2,
            _ if found.is_null() => return Ok(None),
            _ => return Ok(Some(value(cx, &p))),
        }
    }
}

#[pyfunction(sig = "(name, /)")]
fn getpwnam(cx: &Thread, name: &'static Str) -> Res {
    let n = fs_bytes(cx, Value::from_ref(name))?;
    let c = n.as_ptr();
    // SAFETY: the name is NUL-terminated, the rest is lookup's.
    match lookup(cx, |p, b, s, r| unsafe { libc::getpwnam_r(c, p, b, s, r) })? {
        Some(v) => Ok(v),
        None => {
            let r = repr(cx, Value::from_ref(name))?;
            let m = format!("getpwnam(): name not found: {r}");
            Err(key_error(cx, Value::from_ref(Str::new(cx, &m))))
        }
    }
}

#[pyfunction(sig = "(uidobj, /)")]
fn getpwuid(cx: &Thread, uidobj: Value) -> Res {
    let missing = |n: &str| {
        let m = format!("getpwuid(): uid not found: {n}");
        key_error(cx, Value::from_ref(Str::new(cx, &m)))
    };
    let uid = match id_arg(cx, uidobj, "uid") {
        Ok(u) => u,
        Err(e) if e.is(exc::OverflowError()) => {
            return Err(missing(&repr(cx, uidobj)?.to_string()));
        }
        Err(e) => return Err(e),
    };
    // SAFETY: all pointers are lookup's.
    match lookup(cx, |p, b, s, r| unsafe { libc::getpwuid_r(uid, p, b, s, r) })? {
        Some(v) => Ok(v),
        None => Err(missing(&repr(cx, uidobj)?.to_string())),
    }
}

#[pyfunction]
fn getpwall(cx: &Thread) -> Res {
    let list = List::new(cx);
    // The database has one cursor for the whole process.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let mut rows: Vec<u32> = Vec::new();
    {
        let _g = ONE.lock().unwrap_or_else(|e| e.into_inner());
        // SAFETY: guarded against other users of the cursor in this module.
        unsafe {
            libc::setpwent();
            loop {
                let p = libc::getpwent();
                if p.is_null() {
                    break;
                }
                rows.push((*p).pw_uid);
            }
            libc::endpwent();
        }
    }
    for uid in rows {
        // SAFETY: all pointers are lookup's.
        if let Some(v) = lookup(cx, |p, b, s, r| unsafe { libc::getpwuid_r(uid, p, b, s, r) })? {
            list.push(cx, v);
        }
    }
    Ok(Value::from_ref(list))
}

pymodule! { "pwd", doc: "The user database.", functions: [getpwnam, getpwuid, getpwall], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add(cx, "struct_passwd", Value::from_ref(STRUCT_PASSWD.ty(cx)));
    Ok(())
}
