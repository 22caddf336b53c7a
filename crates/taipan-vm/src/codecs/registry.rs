//! The codec registry: search functions, found codecs, error handlers.

use super::errors::{self, Mode};
use super::normalize;
use crate::objects::{builtin_function, exceptions, module};
use crate::prelude::*;

fn root_dict(cx: &Thread, slot: &'static Slot) -> &'static Dict {
    if let Some(d) = slot.get().and_then(|v| v.downcast::<Dict>()) {
        return d;
    }
    let d = Dict::new(cx);
    slot.init(Some(Value::from_ref(d)));
    d
}

fn search_path(cx: &Thread) -> &'static List {
    let slot = &cx.vm.roots.codec_search_path;
    if let Some(l) = slot.get().and_then(|v| v.downcast::<List>()) {
        return l;
    }
    let l = List::new(cx);
    slot.init(Some(Value::from_ref(l)));
    l
}

fn cache(cx: &Thread) -> &'static Dict {
    root_dict(cx, &cx.vm.roots.codec_cache)
}

/// Adds a search function.
pub fn register(cx: &Thread, f: Value) -> Res<()> {
    if !is_callable(f) {
        raise!(cx, TypeError, "argument must be callable");
    }
    search_path(cx).push(cx, f);
    Ok(())
}

pub fn unregister(cx: &Thread, f: Value) -> Res<()> {
    let l = search_path(cx);
    let all = l.to_vec();
    if let Some(i) = all.iter().position(|x| *x == f) {
        let mut keep = all.clone();
        keep.remove(i);
        l.replace_all(cx, &keep);
        cache(cx).clear(cx);
    }
    Ok(())
}

pub fn forget(cx: &Thread, encoding: &Str) -> Res<()> {
    let key = Str::new(cx, &normalize(&encoding.to_str_lossy()));
    cache(cx).del(cx, Value::from_ref(key))?;
    Ok(())
}

/// The codec's entry: a 4-tuple, usually a CodecInfo.
pub fn lookup(cx: &Thread, encoding: &'static Str) -> Res<&'static Tuple> {
    encoding.utf8(cx)?;
    if encoding.chars().any(|c| c == 0) {
        raise!(cx, ValueError, "embedded null character");
    }
    let name = encoding.to_str_lossy();
    let key = Str::new(cx, &normalize_key(&name));
    let known = cache(cx).get(cx, Value::from_ref(key))?;
    if let Some(t) = known.and_then(|v| v.downcast::<Tuple>()) {
        return Ok(t);
    }
    if search_path(cx).is_empty() {
        module::import(cx, "encodings")?;
    }
    let functions = search_path(cx).to_vec();
    if functions.is_empty() {
        raise!(cx, LookupError, "no codec search functions registered: can't find encoding");
    }
    for f in functions.iter() {
        let r = call(cx, *f, &[Value::from_ref(key)])?;
        if r.is_none() {
            continue;
        }
        let Some(t) = r.downcast::<Tuple>().filter(|t| t.len() == 4) else {
            raise!(cx, TypeError, "codec search functions must return 4-tuples");
        };
        cache(cx).set(cx, Value::from_ref(key), r)?;
        return Ok(t);
    }
    raise!(cx, LookupError, "unknown encoding: {name}")
}

/// The key of a codec: lower case, other characters than letters, digits and dots collapsed.
fn normalize_key(name: &str) -> String {
    normalize(name)
}

fn call_codec(cx: &Thread, f: Value, v: Value, errors: Option<&Str>) -> Res {
    match errors {
        Some(e) => call(cx, f, &[v, Value::from_ref(e)]),
        None => call(cx, f, &[v]),
    }
}

fn first_of_pair(cx: &Thread, r: Value, what: &str) -> Res {
    match r.downcast::<Tuple>().filter(|t| t.len() == 2) {
        Some(t) => Ok(t.get(0)),
        None => raise!(cx, TypeError, "{what} must return a tuple (object, integer)"),
    }
}

fn run(
    cx: &Thread,
    codec: &Tuple,
    v: Value,
    name: &Str,
    errors: Option<&Str>,
    encode: bool,
) -> Res {
    let f = codec.get(if encode { 0 } else { 1 });
    let r = match call_codec(cx, f, v, errors) {
        Ok(r) => r,
        Err(e) => {
            let what = if encode { "encoding" } else { "decoding" };
            if e.is(exc::Exception()) {
                exceptions::add_note(cx, e, &format!("{what} with '{name}' codec failed"))?;
            }
            return Err(e);
        }
    };
    first_of_pair(cx, r, if encode { "encoder" } else { "decoder" })
}

/// `codecs.encode`, `codecs.decode`: any codec.
pub fn encode(cx: &Thread, v: Value, name: &'static Str, errors: Option<&Str>) -> Res {
    let c = lookup(cx, name)?;
    run(cx, c, v, name, errors, true)
}

pub fn decode(cx: &Thread, v: Value, name: &'static Str, errors: Option<&Str>) -> Res {
    let c = lookup(cx, name)?;
    run(cx, c, v, name, errors, false)
}

fn text_codec(cx: &Thread, name: &'static Str, alternative: &str) -> Res<&'static Tuple> {
    let c = lookup(cx, name)?;
    let v = Value::from_ref(c);
    if c_is_plain(v) {
        return Ok(c);
    }
    if let Some(flag) = get_attr_opt(cx, v, id!(cx, "_is_text_encoding"))? {
        if !is_true(cx, flag)? {
            raise!(
                cx,
                LookupError,
                "'{name}' is not a text encoding; use {alternative} to handle arbitrary codecs"
            );
        }
    }
    Ok(c)
}

fn c_is_plain(v: Value) -> bool {
    v.downcast_exact::<Tuple>().is_some()
}

/// For `str.encode`: text codecs only.
pub fn encode_text(cx: &Thread, v: Value, name: &'static Str, errors: Option<&Str>) -> Res {
    let c = text_codec(cx, name, "codecs.encode()")?;
    run(cx, c, v, name, errors, true)
}

pub fn decode_text(cx: &Thread, v: Value, name: &'static Str, errors: Option<&Str>) -> Res {
    let c = text_codec(cx, name, "codecs.decode()")?;
    run(cx, c, v, name, errors, false)
}

pub fn register_error(cx: &Thread, name: &'static Str, handler: Value) -> Res<()> {
    if !is_callable(handler) {
        raise!(cx, TypeError, "handler must be callable");
    }
    handlers(cx).set_str(cx, name, handler);
    Ok(())
}

#[pyfunction]
fn strict_errors(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::Strict, exception)
}

#[pyfunction]
fn ignore_errors(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::Ignore, exception)
}

#[pyfunction]
fn replace_errors(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::Replace, exception)
}

#[pyfunction]
fn xmlcharrefreplace_errors(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::XmlCharRef, exception)
}

#[pyfunction]
fn backslashreplace_errors(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::BackslashReplace, exception)
}

#[pyfunction]
fn namereplace_errors(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::NameReplace, exception)
}

#[pyfunction]
fn surrogatepass(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::SurrogatePass, exception)
}

#[pyfunction]
fn surrogateescape(cx: &Thread, exception: Value) -> Res {
    errors::handle(cx, Mode::SurrogateEscape, exception)
}

static BUILTIN_HANDLERS: [(&str, crate::call::MethodRow); 8] = [
    ("strict", __ROW_strict_errors),
    ("ignore", __ROW_ignore_errors),
    ("replace", __ROW_replace_errors),
    ("xmlcharrefreplace", __ROW_xmlcharrefreplace_errors),
    ("backslashreplace", __ROW_backslashreplace_errors),
    ("namereplace", __ROW_namereplace_errors),
    ("surrogatepass", __ROW_surrogatepass),
    ("surrogateescape", __ROW_surrogateescape),
];

fn handlers(cx: &Thread) -> &'static Dict {
    let slot = &cx.vm.roots.codec_errors;
    if let Some(d) = slot.get().and_then(|v| v.downcast::<Dict>()) {
        return d;
    }
    let d = Dict::new(cx);
    for (name, row) in &BUILTIN_HANDLERS {
        let f = builtin_function::new(cx, row, None, None);
        d.set_str(cx, crate::objects::str::intern(cx, name), f);
    }
    slot.init(Some(Value::from_ref(d)));
    d
}

/// The handler of a name; no name is strict.
pub fn lookup_error(cx: &Thread, name: Option<&'static Str>) -> Res {
    let name = match name {
        Some(n) => n,
        None => id!(cx, "strict"),
    };
    match handlers(cx).get_str(cx, name) {
        Some(h) => Ok(h),
        None => raise!(cx, LookupError, "unknown error handler name '{name}'"),
    }
}
