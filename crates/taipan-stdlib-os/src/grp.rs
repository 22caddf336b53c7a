//! `grp`: the group database.

use crate::fspath::{decode_c, fs_bytes};
use crate::posix::stat::id_arg;
use taipan_vm::objects::exceptions::key_error;
use taipan_vm::objects::structseq::StructSeq;
use taipan_vm::prelude::*;

static STRUCT_GROUP: StructSeq = StructSeq::new(
    "grp",
    "struct_group",
    "One group of the group database.",
    &["gr_name", "gr_passwd", "gr_gid", "gr_mem"],
    4,
);

fn value(cx: &Thread, g: &libc::group) -> Value {
    let members = List::new(cx);
    // SAFETY: gr_mem is a NULL-terminated array; the strings are null or NUL-terminated.
    let (name, passwd) = unsafe {
        let mut p = g.gr_mem;
        while !p.is_null() && !(*p).is_null() {
            members.push(cx, decode_c(cx, *p));
            p = p.add(1);
        }
        (decode_c(cx, g.gr_name), decode_c(cx, g.gr_passwd))
    };
    let items = [name, passwd, Value::small(g.gr_gid as i64), Value::from_ref(members)];
    STRUCT_GROUP.make(cx, &items)
}

/// Runs one of the `getgr..._r` functions with a buffer that is large enough.
fn lookup(
    cx: &Thread,
    f: impl Fn(*mut libc::group, *mut libc::c_char, usize, *mut *mut libc::group) -> i32,
) -> Res<Option<Value>> {
    let mut size = 1024;
    loop {
        // SAFETY: plain data and null pointers.
        let mut g: libc::group = unsafe { std::mem::zeroed() };
        let mut buf = vec![0 as libc::c_char; size];
        let mut found = std::ptr::null_mut();
        let (pg, b, r) = (&raw mut g, buf.as_mut_ptr(), &raw mut found);
        let mut e = 0;
        let at = &raw mut e;
        let _ = crate::syscall::once(cx, || {
            // SAFETY: at is of this frame.
            unsafe { *at = f(pg, b, size, r) };
            0
        });
        match e {
            libc::ERANGE if size < 1 << 20 => size *= 2,
            _ if found.is_null() => return Ok(None),
            _ => return Ok(Some(value(cx, &g))),
        }
    }
}

#[pyfunction(sig = "(name)")]
fn getgrnam(cx: &Thread, name: &'static Str) -> Res {
    let n = fs_bytes(cx, Value::from_ref(name))?;
    let c = n.as_ptr();
    // SAFETY: the name is NUL-terminated, the rest is lookup's.
    match lookup(cx, |g, b, s, r| unsafe { libc::getgrnam_r(c, g, b, s, r) })? {
        Some(v) => Ok(v),
        None => {
            let r = repr(cx, Value::from_ref(name))?;
            let m = format!("getgrnam(): name not found: {r}");
            Err(key_error(cx, Value::from_ref(Str::new(cx, &m))))
        }
    }
}

#[pyfunction(sig = "(id)")]
fn getgrgid(cx: &Thread, id: Value) -> Res {
    let missing = |n: &str| {
        let m = format!("getgrgid(): gid not found: {n}");
        key_error(cx, Value::from_ref(Str::new(cx, &m)))
    };
    let gid = match id_arg(cx, id, "gid") {
        Ok(g) => g,
        Err(e) if e.is(exc::OverflowError()) => return Err(missing(&repr(cx, id)?.to_string())),
        Err(e) => return Err(e),
    };
    // SAFETY: all pointers are lookup's.
    match lookup(cx, |g, b, s, r| unsafe { libc::getgrgid_r(gid, g, b, s, r) })? {
        Some(v) => Ok(v),
        None => Err(missing(&repr(cx, id)?.to_string())),
    }
}

#[pyfunction]
fn getgrall(cx: &Thread) -> Res {
    let list = List::new(cx);
    // The database has one cursor for the whole process.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let mut rows: Vec<u32> = Vec::new();
    {
        let _g = ONE.lock().unwrap_or_else(|e| e.into_inner());
        // SAFETY: guarded against other users of the cursor in this module.
        unsafe {
            libc::setgrent();
            loop {
                let g = libc::getgrent();
                if g.is_null() {
                    break;
                }
                rows.push((*g).gr_gid);
            }
            libc::endgrent();
        }
    }
    for gid in rows {
        // SAFETY: all pointers are lookup's.
        if let Some(v) = lookup(cx, |g, b, s, r| unsafe { libc::getgrgid_r(gid, g, b, s, r) })? {
            list.push(cx, v);
        }
    }
    Ok(Value::from_ref(list))
}

pymodule! { "grp", doc: "The group database.", functions: [getgrnam, getgrgid, getgrall], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add(cx, "struct_group", Value::from_ref(STRUCT_GROUP.ty(cx)));
    Ok(())
}
