//! Import statements.

use crate::interp::dispatch::plain;
use crate::interp::frame::Regs;
use crate::prelude::*;

plain! { pub fn IMPORT_NAME(f) -> 2 {
    let (cx, b, name) = (f.cx, f.b(), f.name());
    let (level, from) = (f.regs.value(b), f.regs.value(b + 1));
    let c = f.regs.callee();
    let builtins = c.builtins.value();
    let import = match builtins.downcast::<Dict>() {
        Some(d) => d.get_str(cx, id!(cx, "__import__")),
        None => get_item(cx, builtins, Value::from_ref(id!(cx, "__import__"))).ok(),
    };
    let Some(import) = import else { raise!(cx, ImportError, "__import__ not found") };
    let locals = if f.code.local_base == 1 { f.regs.value(0) } else { none() };
    f.set_a(call(cx, import, &[Value::from_ref(name), c.globals.value(), locals, from, level])?);
} }

plain! { pub fn IMPORT_FROM(f) -> 2 { f.set_a(import_from(f.cx, f.rb(), f.name())?) } }

/// `from module import name`: the attribute, else the submodule of that name.
fn import_from(cx: &Thread, module: Value, name: &Str) -> Res {
    if let Some(v) = get_attr_opt(cx, module, name)? {
        return Ok(v);
    }
    let modname = get_attr_opt(cx, module, id!(cx, "__name__"))?.and_then(|n| n.downcast::<Str>());
    if let Some(m) = modname {
        let full = crate::objects::str::intern(cx, &format!("{m}.{name}"));
        if let Some(v) = cx.vm.modules().get_str(cx, full) {
            return Ok(v);
        }
    }
    let shown = modname.map_or_else(|| "<unknown module name>".into(), |m| m.to_str_lossy());
    let spec = get_attr_opt(cx, module, id!(cx, "__spec__"))?.filter(|s| !s.is_none());
    let mut origin = match spec {
        Some(s) => spec_origin(cx, s)?,
        None => None,
    };
    if origin.is_none() {
        origin = get_attr_opt(cx, module, id!(cx, "__file__"))?.and_then(|f| f.downcast::<Str>());
    }
    let hint = hint(cx, modname, name, spec, origin)?;
    let text = match (hint, origin) {
        (Some(text), _) => text,
        (None, Some(o)) => format!("cannot import name '{name}' from '{shown}' ({o})"),
        (None, None) => format!("cannot import name '{name}' from '{shown}' (unknown location)"),
    };
    let (m, o) = (
        modname.map_or(none(), |m| Value::from_ref(m)),
        origin.map_or(none(), |o| Value::from_ref(o)),
    );
    let e = crate::objects::exceptions::import_error(cx, exc::ImportError(), &text, m, o);
    let x = crate::objects::exceptions::of(e.0);
    x.set_field(crate::objects::exceptions::field::IMPORT_NAME_FROM, Value::from_ref(name));
    Err(e)
}

/// The error's text where the module is being imported still, or hides another one.
fn hint(
    cx: &Thread,
    modname: Option<&'static Str>,
    name: &Str,
    spec: Option<Value>,
    origin: Option<&'static Str>,
) -> Res<Option<String>> {
    use crate::objects::module::{shadowing_path, shadows_stdlib};
    let (Some(m), Some(spec)) = (modname, spec) else { return Ok(None) };
    if let Some(o) = origin {
        if shadows_stdlib(cx, m, o)? {
            return Ok(Some(format!(
                "cannot import name '{name}' from '{m}' (consider renaming '{o}' since it has the same name as the standard library module named '{m}' and prevents importing that standard library module)"
            )));
        }
    }
    let initializing = match get_attr_opt(cx, spec, id!(cx, "_initializing"))? {
        Some(i) => is_true(cx, i)?,
        None => false,
    };
    if !initializing {
        return Ok(None);
    }
    Ok(Some(match origin {
        Some(o) if shadowing_path(cx, o) => format!(
            "cannot import name '{name}' from '{m}' (consider renaming '{o}' if it has the same name as a library you intended to import)"
        ),
        Some(o) => format!(
            "cannot import name '{name}' from partially initialized module '{m}' (most likely due to a circular import) ({o})"
        ),
        None => format!(
            "cannot import name '{name}' from partially initialized module '{m}' (most likely due to a circular import)"
        ),
    }))
}

/// The file a spec says the module came from.
fn spec_origin(cx: &Thread, spec: Value) -> Res<Option<&'static Str>> {
    let has = match get_attr_opt(cx, spec, id!(cx, "has_location"))? {
        Some(h) => is_true(cx, h)?,
        None => false,
    };
    if !has {
        return Ok(None);
    }
    Ok(get_attr_opt(cx, spec, id!(cx, "origin"))?.and_then(|o| o.downcast::<Str>()))
}

/// `from module import *` into the namespace in register 0.
pub fn import_star(cx: &Thread, regs: Regs, module: Value) -> Res {
    let ns = regs.value(0);
    let (names, skip_private) = match get_attr_opt(cx, module, id!(cx, "__all__"))? {
        Some(all) => (all, false),
        None => match get_attr_opt(cx, module, id!(cx, "__dict__"))? {
            Some(d) => (call_method(cx, d, id!(cx, "keys"), &[])?, true),
            None => raise!(cx, ImportError, "from-import-* object has no __dict__ and no __all__"),
        },
    };
    let names = collect(cx, names)?;
    for (i, &n) in names.iter().enumerate() {
        if i & 0xFF == 0xFF {
            cx.poll()?;
        }
        let Some(name) = n.downcast::<Str>() else {
            let modname = get_attr(cx, module, id!(cx, "__name__"))?;
            let Some(modname) = modname.downcast::<Str>() else {
                raise!(
                    cx,
                    TypeError,
                    "module __name__ must be a string, not {}",
                    modname.ty().name()
                );
            };
            let (what, part) = if skip_private { ("Key", "__dict__") } else { ("Item", "__all__") };
            raise!(cx, TypeError, "{what} in {modname}.{part} must be str, not {}", n.ty().name());
        };
        if skip_private && name.len() > 0 && name.char_at(0) == u32::from(b'_') {
            continue;
        }
        let name = crate::objects::str::intern_str(cx, name);
        let v = get_attr(cx, module, name)?;
        match ns.downcast_exact::<Dict>() {
            Some(d) => d.set_str(cx, name, v),
            None => set_item(cx, ns, Value::from_ref(name), v)?,
        }
    }
    Ok(none())
}
