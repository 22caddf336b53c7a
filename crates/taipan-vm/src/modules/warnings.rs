//! `_warnings`: issuing warnings by filters (Python/_warnings.c).

use crate::prelude::*;
use std::sync::atomic::{AtomicI64, Ordering};

static VERSION: AtomicI64 = AtomicI64::new(1);

fn state(cx: &Thread) -> Option<&'static Dict> {
    let m = cx.vm.modules().get_str(cx, id!(cx, "_warnings"))?;
    m.downcast::<Module>().map(|m| m.dict())
}

/// An attribute of the `warnings` module if it is there, else what it was when last looked at.
fn setting(cx: &Thread, name: &'static Str, private: &'static Str) -> Res<Option<Value>> {
    if let Some(w) = cx.vm.modules().get_str(cx, id!(cx, "warnings")) {
        if let Some(v) = get_attr_opt(cx, w, name)? {
            if let Some(d) = state(cx) {
                d.set_str(cx, private, v);
            }
            return Ok(Some(v));
        }
    }
    Ok(state(cx).and_then(|d| d.get_str(cx, private)))
}

/// Does a filter's field (None, a string or a compiled pattern) match?
fn matches(cx: &Thread, pattern: Value, text: Value) -> Res<bool> {
    if pattern.is_none() {
        return Ok(true);
    }
    if pattern.downcast_exact::<Str>().is_some() {
        return compare_bool(cx, pattern, text, CmpOp::Eq);
    }
    let r = call_method(cx, pattern, id!(cx, "match"), &[text])?;
    is_true(cx, r)
}

/// The action for a warning and the filter it came from.
fn action(
    cx: &Thread,
    category: Value,
    text: Value,
    lineno: i64,
    module: Value,
) -> Res<(Value, Value)> {
    let filters = setting(cx, id!(cx, "filters"), id!(cx, "filters"))?;
    let Some(l) = filters.and_then(|f| f.downcast::<List>()) else {
        raise!(cx, ValueError, "_warnings.filters must be a list");
    };
    for (i, f) in l.to_vec().iter().enumerate() {
        let Some(t) = f.downcast::<Tuple>().filter(|t| t.len() == 5) else {
            raise!(cx, ValueError, "_warnings.filters item {i} isn't a 5-tuple");
        };
        if t.get(0).downcast::<Str>().is_none() {
            raise!(cx, TypeError, "action must be a string, not '{}'", t.get(0).ty().name());
        }
        if !matches(cx, t.get(1), text)? || !is_subclass(cx, category, t.get(2))? {
            continue;
        }
        if !matches(cx, t.get(3), module)? {
            continue;
        }
        let ln = index_isize(cx, t.get(4), exc::OverflowError())? as i64;
        if ln == 0 || ln == lineno {
            return Ok((t.get(0), *f));
        }
    }
    match setting(cx, id!(cx, "defaultaction"), id!(cx, "_defaultaction"))? {
        Some(a) if a.downcast::<Str>().is_some() => Ok((a, none())),
        Some(a) => {
            let kind = a.ty().name();
            raise!(cx, TypeError, "_warnings.defaultaction must be a string, not '{kind}'")
        }
        None => raise!(cx, ValueError, "_warnings.defaultaction not found"),
    }
}

/// Was it issued before? Records it.
fn already(cx: &Thread, registry: &Dict, key: Value, set: bool) -> Res<bool> {
    let vkey = Value::from_ref(id!(cx, "version"));
    let now = Value::small(VERSION.load(Ordering::Relaxed));
    let seen = registry.get(cx, vkey)?;
    if seen != Some(now) {
        registry.clear(cx);
        registry.set(cx, vkey, now)?;
    } else if let Some(v) = registry.get(cx, key)? {
        if is_true(cx, v)? {
            return Ok(true);
        }
    }
    if set {
        registry.set(cx, key, py_bool(true))?;
    }
    Ok(false)
}

/// Where warnings that are shown once are kept.
fn once_registry(cx: &Thread) -> Res<Option<&'static Dict>> {
    let Some(v) = setting(cx, id!(cx, "onceregistry"), id!(cx, "_onceregistry"))? else {
        return Ok(None);
    };
    match v.downcast::<Dict>() {
        Some(d) => Ok(Some(d)),
        None => {
            let kind = v.ty().name();
            raise!(cx, TypeError, "_warnings.onceregistry must be a dict, not '{kind}'")
        }
    }
}

fn update_registry(
    cx: &Thread,
    registry: &Dict,
    text: Value,
    category: Value,
    zero: bool,
) -> Res<bool> {
    let key = if zero {
        Tuple::from_slice(cx, &[text, category, Value::small(0)])
    } else {
        Tuple::from_slice(cx, &[text, category])
    };
    already(cx, registry, Value::from_ref(key), true)
}

/// Where a warning is shown to come from.
struct Place {
    filename: Value,
    lineno: i64,
    module: Value,
    registry: Option<&'static Dict>,
    source_line: Option<Value>,
    source: Option<Value>,
}

fn issue(cx: &Thread, category: Value, message: Value, p: &Place) -> Res<()> {
    // A module that is None: the program is ending.
    if p.module.is_none() {
        return Ok(());
    }
    let is_warning = message.ty().is_subtype(exc::Warning());
    let (text, category, message) = if is_warning {
        (Value::from_ref(to_str(cx, message)?), Value::from_ref(message.ty()), message)
    } else {
        (message, category, call(cx, category, &[message])?)
    };
    let key = Value::from_ref(Tuple::from_slice(cx, &[text, category, Value::small(p.lineno)]));
    if let Some(r) = p.registry {
        if already(cx, r, key, false)? {
            return Ok(());
        }
    }
    let (act, item) = action(cx, category, text, p.lineno, p.module)?;
    let act_text = to_str(cx, act)?.to_str_lossy();
    if act_text == "error" {
        return Err(Raised(message));
    }
    if act_text == "ignore" {
        return Ok(());
    }
    let mut seen = false;
    if act_text != "always" && act_text != "all" {
        if let Some(r) = p.registry {
            r.set(cx, key, py_bool(true))?;
        }
        match act_text.as_ref() {
            "once" => {
                let reg = match p.registry {
                    Some(r) => Some(r),
                    None => once_registry(cx)?,
                };
                if let Some(r) = reg {
                    seen = update_registry(cx, r, text, category, false)?;
                }
            }
            "module" => {
                if let Some(r) = p.registry {
                    seen = update_registry(cx, r, text, category, true)?;
                }
            }
            "default" => {}
            _ => raise!(
                cx,
                RuntimeError,
                "Unrecognized action ({}) in warnings.filters:\n {}",
                repr(cx, act)?,
                repr(cx, item)?
            ),
        }
    }
    if seen {
        return Ok(());
    }
    show(cx, message, text, category, p)
}

fn show(cx: &Thread, message: Value, text: Value, category: Value, p: &Place) -> Res<()> {
    let mut w = cx.vm.modules().get_str(cx, id!(cx, "warnings"));
    // With a source (ResourceWarning) the module is imported to show where it was allocated.
    if w.is_none() && p.source.is_some() && cx.vm.roots.bootstrap.get().is_some() {
        w = crate::objects::module::import(cx, "warnings").ok();
    }
    if let Some(w) = w {
        if let Some(f) = get_attr_opt(cx, w, id!(cx, "_showwarnmsg"))? {
            let cls = get_attr(cx, w, id!(cx, "WarningMessage"))?;
            let n = none();
            let args = [
                message,
                category,
                p.filename,
                Value::small(p.lineno),
                n,
                n,
                p.source.unwrap_or(n),
            ];
            let msg = call(cx, cls, &args)?;
            call(cx, f, &[msg])?;
            return Ok(());
        }
    }
    let name = get_attr(cx, category, id!(cx, "__name__"))?;
    let mut out = format!(
        "{}:{}: {}: {}\n",
        to_str(cx, p.filename)?,
        p.lineno,
        to_str(cx, name)?,
        to_str(cx, text)?
    );
    let given = p.source_line.and_then(|l| l.downcast::<Str>()).map(|l| l.to_string());
    let line = given.or_else(|| {
        p.filename
            .downcast::<Str>()
            .and_then(|f| crate::modules::sys::unraisable::source_line(cx, f, p.lineno))
    });
    if let Some(l) = line {
        out.push_str(&format!("  {}\n", l.trim()));
    }
    crate::modules::sys::hooks::write_stderr(cx, &out);
    Ok(())
}

/// `__warningregistry__` of a module, made on demand.
fn registry_of(cx: &Thread, globals: &Dict) -> &'static Dict {
    let key = id!(cx, "__warningregistry__");
    match globals.get_str(cx, key).and_then(|r| r.downcast::<Dict>()) {
        Some(d) => d,
        None => {
            let d = Dict::new(cx);
            globals.set_str(cx, key, Value::from_ref(d));
            d
        }
    }
}

fn module_of(cx: &Thread, globals: &Dict) -> Value {
    match globals.get_str(cx, id!(cx, "__name__")) {
        Some(m) if m.is_none() || m.downcast::<Str>().is_some() => m,
        _ => Value::from_ref(id!(cx, "<string>")),
    }
}

/// Warns about source text being compiled, once a place in the module that has it compiled.
pub fn warn_while_compiling(
    cx: &Thread,
    category: &'static Type,
    message: &str,
    filename: &Str,
    lineno: i64,
) -> Res<()> {
    let globals = crate::interp::frame_info(cx, 0).map_or(cx.vm.sys_dict(), |f| f.globals);
    let p = Place {
        filename: Value::from_ref(filename),
        lineno,
        module: module_of(cx, globals),
        registry: Some(registry_of(cx, globals)),
        source_line: None,
        source: None,
    };
    issue(cx, Value::from_ref(category), Value::from_ref(Str::new(cx, message)), &p)
}

/// Warns about source text being read.
pub fn warn_explicit_source(
    cx: &Thread,
    category: &'static Type,
    message: &str,
    filename: &Str,
    lineno: i64,
) -> Res<()> {
    let p = Place {
        filename: Value::from_ref(filename),
        lineno,
        module: module_of_file(cx, filename),
        registry: None,
        source_line: None,
        source: None,
    };
    issue(cx, Value::from_ref(category), Value::from_ref(Str::new(cx, message)), &p)
}

/// The file's name without `.py`.
fn module_of_file(cx: &Thread, filename: &Str) -> Value {
    let t = filename.to_str_lossy();
    if t.is_empty() {
        return Value::from_ref(Str::new(cx, "<unknown>"));
    }
    Value::from_ref(Str::new(cx, t.strip_suffix(".py").unwrap_or(&t)))
}

fn get_category(cx: &Thread, message: Value, category: Value) -> Res {
    if message.ty().is_subtype(exc::Warning()) {
        return Ok(Value::from_ref(message.ty()));
    }
    if category.is_none() {
        return Ok(Value::from_ref(exc::UserWarning()));
    }
    match category.as_type() {
        Some(t) if t.is_subtype(exc::Warning()) => Ok(category),
        Some(_) => raise!(
            cx,
            TypeError,
            "category must be a Warning subclass, not '{}'",
            category.ty().name()
        ),
        None => raise!(
            cx,
            TypeError,
            "category must be a Warning subclass, not '{}'",
            category.ty().name()
        ),
    }
}

/// Is the frame one of importlib's, which warnings look through?
fn is_internal(f: &crate::interp::FrameInfo) -> bool {
    let t = f.filename.to_str_lossy();
    t.contains("importlib") && t.contains("_bootstrap")
}

fn skipped(f: &crate::interp::FrameInfo, prefixes: &[String]) -> bool {
    let t = f.filename.to_str_lossy();
    is_internal(f) || prefixes.iter().any(|p| t.starts_with(p.as_str()))
}

/// Issues a warning, or ignores it, or raises it as an exception.
#[pyfunction(
    sig = "(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())",
    text = "($module, /, message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=<unrepresentable>)"
)]
fn warn(
    cx: &Thread,
    message: Value,
    category: Value,
    stacklevel: i64,
    source: Value,
    skip_file_prefixes: Option<&'static Tuple>,
) -> Res<()> {
    let category = get_category(cx, message, category)?;
    let mut prefixes = Vec::new();
    if let Some(t) = skip_file_prefixes {
        for p in t.as_slice() {
            match p.downcast::<Str>() {
                Some(s) => prefixes.push(s.to_string()),
                None => raise!(
                    cx,
                    TypeError,
                    "Found non-str '{}' in skip_file_prefixes.",
                    p.ty().name()
                ),
            }
        }
    }
    let mut level = stacklevel;
    if !prefixes.is_empty() && level < 2 {
        level = 2;
    }
    let mut depth = 0usize;
    let first = crate::interp::frame_info(cx, 0);
    let mut at = first;
    if level <= 0 || at.as_ref().is_some_and(is_internal) {
        for _ in 1..level.max(1) {
            depth += 1;
            at = crate::interp::frame_info(cx, depth);
            if at.is_none() {
                break;
            }
        }
    } else {
        for _ in 1..level {
            loop {
                depth += 1;
                at = crate::interp::frame_info(cx, depth);
                match &at {
                    Some(f) if skipped(f, &prefixes) => continue,
                    _ => break,
                }
            }
            if at.is_none() {
                break;
            }
        }
    }
    let (globals, filename, lineno) = match at {
        Some(f) => (f.globals, Value::from_ref(f.filename), f.lineno),
        None => (cx.vm.sys_dict(), Value::from_ref(id!(cx, "<sys>")), 0),
    };
    let p = Place {
        filename,
        lineno,
        module: module_of(cx, globals),
        registry: Some(registry_of(cx, globals)),
        source_line: None,
        source: Some(source).filter(|s| !s.is_none()),
    };
    issue(cx, category, message, &p)
}

/// As `warn`, for a place that the caller names.
#[pyfunction(
    sig = "(message, category, filename, lineno, module=<unrepresentable>, registry=None, module_globals=None, source=None)"
)]
fn warn_explicit(
    cx: &Thread,
    message: Value,
    category: Value,
    filename: &'static Str,
    lineno: i64,
    module: Option<Value>,
    registry: Value,
    module_globals: Value,
    source: Value,
) -> Res<()> {
    let category = get_category(cx, message, category)?;
    if !module_globals.is_none() && module_globals.downcast::<Dict>().is_none() {
        raise!(
            cx,
            TypeError,
            "module_globals must be a dict, not '{}'",
            module_globals.ty().name()
        );
    }
    if !registry.is_none() && registry.downcast::<Dict>().is_none() {
        raise!(cx, TypeError, "'registry' must be a dict or None, not '{}'", registry.ty().name());
    }
    let source_line = match module_globals.downcast::<Dict>() {
        Some(g) => line_by_loader(cx, g, lineno)?,
        None => None,
    };
    let p = Place {
        filename: Value::from_ref(filename),
        lineno,
        module: module.unwrap_or_else(|| module_of_file(cx, filename)),
        registry: registry.downcast::<Dict>(),
        source_line,
        source: Some(source).filter(|s| !s.is_none()),
    };
    issue(cx, category, message, &p)
}

/// A line of a module's source, as its loader has it.
fn line_by_loader(cx: &Thread, globals: &'static Dict, lineno: i64) -> Res<Option<Value>> {
    let external = cx.vm.modules().get_str(cx, id!(cx, "_frozen_importlib_external"));
    let Some(external) = external else { return Ok(None) };
    let bless = id!(cx, "_bless_my_loader");
    let loader = call_method(cx, external, bless, &[Value::from_ref(globals)])?;
    let Some(name) = globals.get_str(cx, id!(cx, "__name__")) else { return Ok(None) };
    let Some(get_source) = get_attr_opt(cx, loader, id!(cx, "get_source"))? else {
        return Ok(None);
    };
    let source = call(cx, get_source, &[name])?;
    if source.is_none() {
        return Ok(None);
    }
    let Some(source) = source.downcast::<Str>() else {
        raise!(cx, TypeError, "must be str, not {}", source.ty().name());
    };
    let split = get_attr(cx, Value::from_ref(Str::type_object()), id!(cx, "splitlines"))?;
    let lines = call(cx, split, &[Value::from_ref(source)])?;
    let line = lines.downcast::<List>().and_then(|l| l.get((lineno - 1).try_into().ok()?));
    match line {
        Some(l) => Ok(Some(l)),
        None => raise!(cx, IndexError, "list index out of range"),
    }
}

#[pyfunction]
fn _filters_mutated(_cx: &Thread) {
    VERSION.fetch_add(1, Ordering::Relaxed);
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let l = List::new(cx);
    let f = |action: &str, cat: &'static Type, module: Option<&str>| {
        let md = module.map_or(none(), |m| Value::from_ref(Str::new(cx, m)));
        let a = Value::from_ref(Str::new(cx, action));
        l.push(
            cx,
            Value::from_ref(Tuple::from_slice(
                cx,
                &[a, none(), Value::from_ref(cat), md, Value::small(0)],
            )),
        );
    };
    f("default", exc::DeprecationWarning(), Some("__main__"));
    f("ignore", exc::DeprecationWarning(), None);
    f("ignore", exc::PendingDeprecationWarning(), None);
    f("ignore", exc::ImportWarning(), None);
    f("ignore", exc::ResourceWarning(), None);
    m.add(cx, "filters", Value::from_ref(l));
    m.add_str(cx, "_defaultaction", "default");
    m.add(cx, "_onceregistry", Value::from_ref(Dict::new(cx)));
    Ok(())
}

pymodule! { "_warnings", doc: "Native helpers of the warnings module.",
functions: [warn, warn_explicit, _filters_mutated], exec: exec }
