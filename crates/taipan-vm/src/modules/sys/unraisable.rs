//! What an exception that cannot be raised looks like: written without the traceback module, which
//! may be what failed, in the plain form of CPython's own C code (source lines, no carets, no chain).

use crate::objects::exceptions;
use crate::objects::traceback::Traceback;
use crate::prelude::*;
use taipan_syntax::source::Origin;

/// The most entries shown where `sys.tracebacklimit` says nothing.
const DEFAULT_LIMIT: i64 = 1000;
/// Equal entries shown before they are counted.
const REPEATS: usize = 3;

/// The heading, the traceback and the exception as one text.
pub fn text(cx: &Thread, e: Value, obj: Option<Value>, msg: Option<&str>) -> String {
    let mut out = String::new();
    match (obj.filter(|o| !o.is_none()), msg) {
        (Some(o), _) => {
            out.push_str(msg.unwrap_or("Exception ignored in"));
            out.push_str(": ");
            match repr(cx, o) {
                Ok(s) => out.push_str(&s.to_str_lossy()),
                Err(_) => out.push_str("<object repr() failed>"),
            }
            out.push('\n');
        }
        (None, Some(m)) => {
            out.push_str(m);
            out.push_str(":\n");
        }
        (None, None) => {}
    }
    traceback(cx, e, &mut out);
    class_name(cx, e, &mut out);
    out.push_str(": ");
    match to_str(cx, e) {
        Ok(s) => out.push_str(&s.to_str_lossy()),
        Err(_) => out.push_str("<exception str() failed>"),
    }
    out.push('\n');
    out
}

fn class_name(cx: &Thread, e: Value, out: &mut String) {
    let class = Value::from_ref(e.ty());
    let of = |name: &'static Str| {
        get_attr(cx, class, name).ok().and_then(|m| m.downcast::<Str>()).map(|s| s.to_str_lossy())
    };
    match of(id!(cx, "__module__")) {
        Some(m) if m == "builtins" || m == "__main__" => {}
        Some(m) => {
            out.push_str(&m);
            out.push('.');
        }
        None => out.push_str("<unknown>"),
    }
    match of(id!(cx, "__qualname__")) {
        Some(q) => out.push_str(&q),
        None => out.push_str("<unknown>"),
    }
}

fn traceback(cx: &Thread, e: Value, out: &mut String) {
    let limit = cx.vm.sys_dict().get_str(cx, id!(cx, "tracebacklimit"));
    let limit = match limit.filter(|l| crate::objects::int::is_int(*l)) {
        Some(l) => int_to_i64(l).unwrap_or(i64::MAX),
        None => DEFAULT_LIMIT,
    };
    let first = exceptions::of(e).traceback.get();
    let first = first.and_then(|t| t.downcast_exact::<Traceback>());
    if first.is_none() || limit <= 0 {
        return;
    }
    out.push_str("Traceback (most recent call last):\n");
    let mut skip = std::iter::successors(first, |t| t.next()).count() as i64 - limit;
    // The last entry's code and line, and how often it came.
    let (mut last, mut count) = (None, 0);
    for t in std::iter::successors(first, |t| t.next()) {
        skip -= 1;
        if skip >= 0 {
            continue;
        }
        let code = t.frame().code();
        let place = (std::ptr::from_ref(code), t.line());
        if last != Some(place) {
            repeated(count, out);
            (last, count) = (Some(place), 0);
        }
        count += 1;
        if count <= REPEATS {
            let name = code.filename.value().downcast::<Str>().expect("co_filename is a str");
            let shown = name.to_str_lossy();
            out.push_str(&format!(
                "  File \"{shown}\", line {}, in {}\n",
                t.line(),
                code.name_str()
            ));
            if let Some(line) = source_line(cx, name, t.line()) {
                out.push_str("    ");
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
    repeated(count, out);
}

fn repeated(count: usize, out: &mut String) {
    if count > REPEATS {
        let n = count - REPEATS;
        let s = if n == 1 { "" } else { "s" };
        out.push_str(&format!("  [Previous line repeated {n} more time{s}]\n"));
    }
}

/// The line of the file, or of a file of that name on `sys.path`, without its indentation.
pub fn source_line(cx: &Thread, name: &Str, line: i64) -> Option<String> {
    let shown = name.to_str_lossy().into_owned();
    if shown.starts_with('<') && shown.ends_with('>') {
        return None;
    }
    // CPython reads it by `io`, which is out of reach once the modules are gone.
    let finalizing = cx.vm.finalizing.load(std::sync::atomic::Ordering::Acquire);
    if finalizing && cx.vm.modules().get_str(cx, id!(cx, "io")).is_none() {
        return None;
    }
    let bytes = cx.detach(|| std::fs::read(&shown)).ok().or_else(|| {
        let tail = std::path::Path::new(&shown).file_name()?;
        let path = cx.vm.sys_dict().get_str(cx, id!(cx, "path"))?.downcast::<List>()?;
        path.to_vec().iter().find_map(|dir| {
            let dir = dir.downcast::<Str>()?.to_str_lossy().into_owned();
            std::fs::read(std::path::Path::new(&dir).join(tail)).ok()
        })
    })?;
    let text = crate::source::decode(cx, &bytes, Origin::File, name).ok()?;
    let line = text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
    Some(line.trim_start_matches([' ', '\t', '\x0c']).to_string())
}
