//! `_locale`: the C library's locales and message catalogues.

use crate::fspath::{decode_c, fs_bytes};
use std::ffi::CString;
use std::sync::OnceLock;
use taipan_vm::prelude::*;

static ERROR: OnceLock<Root<Value>> = OnceLock::new();

/// A `locale.Error`.
fn fault(cx: &Thread, msg: &str) -> Raised {
    let Some(cls) = ERROR.get() else { return err!(cx, ValueError, "{msg}") };
    match call(cx, cls.get(), &[Value::from_ref(Str::new(cx, msg))]) {
        Ok(e) => Raised(e),
        Err(e) => e,
    }
}

#[pyfunction(
    sig = "(category, locale=None, /)",
    text = "($module, category, locale=<unrepresentable>, /)"
)]
fn setlocale(cx: &Thread, category: i32, locale: Value) -> Res {
    let name = match locale.is_none() {
        true => None,
        false => match locale.downcast::<Str>() {
            Some(_) => Some(fs_bytes(cx, locale)?),
            None => raise!(
                cx,
                TypeError,
                "setlocale() argument 2 must be str or None, not {}",
                taipan_vm::bind::type_or_none(locale)
            ),
        },
    };
    let p = name.as_ref().map_or(std::ptr::null(), |n| n.as_ptr());
    // SAFETY: null or NUL-terminated.
    let r = unsafe { libc::setlocale(category, p) };
    if r.is_null() {
        let msg = if name.is_some() { "unsupported locale setting" } else { "locale query failed" };
        return Err(fault(cx, msg));
    }
    // SAFETY: setlocale returned a NUL-terminated string.
    Ok(unsafe { decode_c(cx, r) })
}

/// A grouping string as a list of numbers.
unsafe fn grouping(cx: &Thread, p: *const libc::c_char) -> Value {
    let list = List::new(cx);
    // SAFETY: NUL-terminated, by the caller's promise.
    let bytes = unsafe { std::ffi::CStr::from_ptr(p) }.to_bytes();
    for b in bytes {
        list.push(cx, Value::small(*b as i64));
        if *b == libc::c_char::MAX as u8 {
            break;
        }
    }
    if bytes.last().is_some_and(|b| *b != libc::c_char::MAX as u8) {
        list.push(cx, Value::small(0));
    }
    Value::from_ref(list)
}

#[pyfunction]
fn localeconv(cx: &Thread) -> Value {
    let d = Dict::new(cx);
    let set = |name: &str, v: Value| d.set_str(cx, taipan_vm::objects::str::intern(cx, name), v);
    // SAFETY: localeconv returns a struct of NUL-terminated strings and numbers.
    unsafe {
        let l = &*libc::localeconv();
        let texts = [
            ("int_curr_symbol", l.int_curr_symbol),
            ("currency_symbol", l.currency_symbol),
            ("mon_decimal_point", l.mon_decimal_point),
            ("mon_thousands_sep", l.mon_thousands_sep),
        ];
        for (n, p) in texts {
            set(n, decode_c(cx, p));
        }
        set("mon_grouping", grouping(cx, l.mon_grouping));
        set("positive_sign", decode_c(cx, l.positive_sign));
        set("negative_sign", decode_c(cx, l.negative_sign));
        let numbers = [
            ("int_frac_digits", l.int_frac_digits),
            ("frac_digits", l.frac_digits),
            ("p_cs_precedes", l.p_cs_precedes),
            ("p_sep_by_space", l.p_sep_by_space),
            ("n_cs_precedes", l.n_cs_precedes),
            ("n_sep_by_space", l.n_sep_by_space),
            ("p_sign_posn", l.p_sign_posn),
            ("n_sign_posn", l.n_sign_posn),
        ];
        for (n, v) in numbers {
            set(n, Value::small(v as i64));
        }
        set("decimal_point", decode_c(cx, l.decimal_point));
        set("thousands_sep", decode_c(cx, l.thousands_sep));
        set("grouping", grouping(cx, l.grouping));
    }
    Value::from_ref(d)
}

unsafe extern "C" {
    #[link_name = "strcoll"]
    fn c_strcoll(a: *const libc::c_char, b: *const libc::c_char) -> libc::c_int;
    #[link_name = "strxfrm"]
    fn c_strxfrm(to: *mut libc::c_char, from: *const libc::c_char, n: usize) -> usize;
    #[link_name = "gettext"]
    fn c_gettext(msg: *const libc::c_char) -> *mut libc::c_char;
    #[link_name = "dgettext"]
    fn c_dgettext(domain: *const libc::c_char, msg: *const libc::c_char) -> *mut libc::c_char;
    #[link_name = "dcgettext"]
    fn c_dcgettext(
        domain: *const libc::c_char,
        msg: *const libc::c_char,
        category: i32,
    ) -> *mut libc::c_char;
    #[link_name = "textdomain"]
    fn c_textdomain(domain: *const libc::c_char) -> *mut libc::c_char;
    #[link_name = "bindtextdomain"]
    fn c_bindtextdomain(domain: *const libc::c_char, dir: *const libc::c_char)
    -> *mut libc::c_char;
    #[link_name = "bind_textdomain_codeset"]
    fn c_bind_codeset(
        domain: *const libc::c_char,
        codeset: *const libc::c_char,
    ) -> *mut libc::c_char;
}

fn text(cx: &Thread, s: &'static Str) -> Res<CString> {
    fs_bytes(cx, Value::from_ref(s))
}

fn opt_text(cx: &Thread, v: Value) -> Res<Option<CString>> {
    if v.is_none() { Ok(None) } else { fs_bytes(cx, v).map(Some) }
}

fn ptr(s: &Option<CString>) -> *const libc::c_char {
    s.as_ref().map_or(std::ptr::null(), |s| s.as_ptr())
}

#[pyfunction(sig = "(os1, os2, /)")]
fn strcoll(cx: &Thread, os1: &'static Str, os2: &'static Str) -> Res<i32> {
    let (a, b) = (text(cx, os1)?, text(cx, os2)?);
    let work = LOCALE_WORK * a.as_bytes().len().min(b.as_bytes().len());
    // SAFETY: both NUL-terminated.
    Ok(cx.plain(work, || unsafe { c_strcoll(a.as_ptr(), b.as_ptr()) }))
}

/// Comparing a character by a locale's rules takes as long as copying so many.
const LOCALE_WORK: usize = 8;

#[pyfunction(sig = "(string, /)")]
fn strxfrm(cx: &Thread, string: &'static Str) -> Res {
    let s = text(cx, string)?;
    let mut n = s.as_bytes().len() + 1;
    loop {
        let mut buf = vec![0u8; n];
        // SAFETY: the buffer's size is given.
        let need = cx.plain(LOCALE_WORK * n, || unsafe {
            c_strxfrm(buf.as_mut_ptr() as *mut libc::c_char, s.as_ptr(), n)
        });
        if need < n {
            return Ok(Value::from_ref(crate::fspath::decode(cx, &buf[..need])));
        }
        n = need + 1;
    }
}

#[pyfunction(sig = "(key, /)")]
fn nl_langinfo(cx: &Thread, key: i32) -> Res {
    if !CONSTANTS.iter().any(|(n, v)| *v == key as i64 && !n.starts_with("LC_")) {
        raise!(cx, ValueError, "unsupported langinfo constant");
    }
    // SAFETY: nl_langinfo returns a NUL-terminated string.
    Ok(unsafe { decode_c(cx, libc::nl_langinfo(key)) })
}

#[pyfunction]
fn getencoding(cx: &Thread) -> Value {
    // SAFETY: nl_langinfo returns a NUL-terminated string.
    let name = unsafe { std::ffi::CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) };
    let name = name.to_str().unwrap_or("");
    let name = if name.is_empty() { "UTF-8" } else { name };
    Value::from_ref(Str::new(cx, name))
}

#[pyfunction(sig = "(msg, /)")]
fn gettext(cx: &Thread, msg: &'static Str) -> Res {
    let m = text(cx, msg)?;
    // SAFETY: NUL-terminated in and out.
    Ok(unsafe { decode_c(cx, c_gettext(m.as_ptr())) })
}

#[pyfunction(sig = "(domain, msg, /)")]
fn dgettext(cx: &Thread, domain: Value, msg: &'static Str) -> Res {
    let (d, m) = (opt_text(cx, domain)?, text(cx, msg)?);
    // SAFETY: null or NUL-terminated in, NUL-terminated out.
    Ok(unsafe { decode_c(cx, c_dgettext(ptr(&d), m.as_ptr())) })
}

#[pyfunction(sig = "(domain, msg, category, /)")]
fn dcgettext(cx: &Thread, domain: Value, msg: &'static Str, category: i32) -> Res {
    let (d, m) = (opt_text(cx, domain)?, text(cx, msg)?);
    // SAFETY: null or NUL-terminated in, NUL-terminated out.
    Ok(unsafe { decode_c(cx, c_dcgettext(ptr(&d), m.as_ptr(), category)) })
}

#[pyfunction(sig = "(domain, /)")]
fn textdomain(cx: &Thread, domain: Value) -> Res {
    let d = opt_text(cx, domain)?;
    // SAFETY: null or NUL-terminated.
    let r = unsafe { c_textdomain(ptr(&d)) };
    if r.is_null() {
        return Err(crate::syscall::last_error(cx));
    }
    // SAFETY: NUL-terminated.
    Ok(unsafe { decode_c(cx, r) })
}

#[pyfunction(sig = "(domain, dir, /)")]
fn bindtextdomain(cx: &Thread, domain: &'static Str, dir: Value) -> Res {
    let (d, p) = (text(cx, domain)?, opt_text(cx, dir)?);
    if d.is_empty() {
        return Err(fault(cx, "domain must be a non-empty string"));
    }
    // SAFETY: null or NUL-terminated.
    let r = unsafe { c_bindtextdomain(d.as_ptr(), ptr(&p)) };
    if r.is_null() {
        return Err(crate::syscall::last_error(cx));
    }
    // SAFETY: NUL-terminated.
    Ok(unsafe { decode_c(cx, r) })
}

#[pyfunction(sig = "(domain, codeset, /)")]
fn bind_textdomain_codeset(cx: &Thread, domain: &'static Str, codeset: Value) -> Res {
    let (d, c) = (text(cx, domain)?, opt_text(cx, codeset)?);
    // SAFETY: null or NUL-terminated in and out.
    Ok(unsafe { decode_c(cx, c_bind_codeset(d.as_ptr(), ptr(&c))) })
}

pymodule! { "_locale", doc: "The C library's locales.", functions: [
    setlocale, localeconv, strcoll, strxfrm, nl_langinfo, getencoding, gettext, dgettext,
    dcgettext, textdomain, bindtextdomain, bind_textdomain_codeset
], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::Exception())]);
    let ns = Dict::new(cx);
    ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "locale")));
    let args = [Value::from_ref(id!(cx, "Error")), Value::from_ref(bases), Value::from_ref(ns)];
    let e = call(cx, Value::from_ref(Type::type_object()), &args)?;
    let _ = ERROR.set(Root::new(e));
    m.add(cx, "Error", e);
    Ok(())
}

static CONSTANTS: &[(&str, i64)] = &[
    ("ABDAY_1", 131072),
    ("ABDAY_2", 131073),
    ("ABDAY_3", 131074),
    ("ABDAY_4", 131075),
    ("ABDAY_5", 131076),
    ("ABDAY_6", 131077),
    ("ABDAY_7", 131078),
    ("ABMON_1", 131086),
    ("ABMON_10", 131095),
    ("ABMON_11", 131096),
    ("ABMON_12", 131097),
    ("ABMON_2", 131087),
    ("ABMON_3", 131088),
    ("ABMON_4", 131089),
    ("ABMON_5", 131090),
    ("ABMON_6", 131091),
    ("ABMON_7", 131092),
    ("ABMON_8", 131093),
    ("ABMON_9", 131094),
    ("ALT_DIGITS", 131119),
    ("AM_STR", 131110),
    ("CHAR_MAX", 127),
    ("CODESET", 14),
    ("CRNCYSTR", 262159),
    ("DAY_1", 131079),
    ("DAY_2", 131080),
    ("DAY_3", 131081),
    ("DAY_4", 131082),
    ("DAY_5", 131083),
    ("DAY_6", 131084),
    ("DAY_7", 131085),
    ("D_FMT", 131113),
    ("D_T_FMT", 131112),
    ("ERA", 131116),
    ("ERA_D_FMT", 131118),
    ("ERA_D_T_FMT", 131120),
    ("ERA_T_FMT", 131121),
    ("LC_ALL", 6),
    ("LC_COLLATE", 3),
    ("LC_CTYPE", 0),
    ("LC_MESSAGES", 5),
    ("LC_MONETARY", 4),
    ("LC_NUMERIC", 1),
    ("LC_TIME", 2),
    ("MON_1", 131098),
    ("MON_10", 131107),
    ("MON_11", 131108),
    ("MON_12", 131109),
    ("MON_2", 131099),
    ("MON_3", 131100),
    ("MON_4", 131101),
    ("MON_5", 131102),
    ("MON_6", 131103),
    ("MON_7", 131104),
    ("MON_8", 131105),
    ("MON_9", 131106),
    ("NOEXPR", 327681),
    ("PM_STR", 131111),
    ("RADIXCHAR", 65536),
    ("THOUSEP", 65537),
    ("T_FMT", 131114),
    ("T_FMT_AMPM", 131115),
    ("YESEXPR", 327680),
    ("_DATE_FMT", 131180),
];
