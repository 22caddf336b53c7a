//! Classes and functions, which are pickled as the names by which they can be imported.

use super::save::Saver;
use super::{op, pickling_error, state, table};
use taipan_vm::modules::imp;
use taipan_vm::objects::str::intern_str;
use taipan_vm::prelude::*;

/// Imports a module by its full name and gives the module itself (`PyImport_Import`).
pub fn import_module(cx: &Thread, name: Value) -> Res {
    let builtins = cx.vm.builtins_dict();
    let import = builtins.get_str(cx, id!(cx, "__import__"));
    if let Some(n) = name.downcast::<Str>()
        && import == cx.vm.roots.import_func.get()
        && let Some(m) = cx.vm.modules_mapping_get(cx, n)?
        && !m.is_none()
    {
        imp::ensure_initialized(cx, m, n)?;
        return Ok(m);
    }
    let Some(import) = import else { raise!(cx, ImportError, "__import__ not found") };
    let none = none();
    let from = List::from_slice(cx, &[Value::from_ref(id!(cx, "__doc__"))]);
    let globals = Value::from_ref(Dict::new(cx));
    call(cx, import, &[name, globals, none, Value::from_ref(from), Value::small(0)])?;
    match name.downcast::<Str>() {
        Some(n) => match cx.vm.modules_mapping_get(cx, n)? {
            Some(m) => Ok(m),
            None => Err(taipan_vm::objects::exceptions::key_error(cx, name)),
        },
        None => raise!(cx, TypeError, "module name must be a string"),
    }
}

/// The parts of a dotted name; a function's local name has no path to it.
pub fn dotted_path(cx: &Thread, holder: Option<Value>, name: Value) -> Res<GcVec<Value>> {
    let Some(n) = name.downcast::<Str>() else {
        raise!(cx, TypeError, "must be str, not {}", name.ty().name());
    };
    let mut parts = GcVec::new();
    let mut from = 0;
    for at in (0..=n.len()).filter(|&i| i == n.len() || n.char_at(i) == '.' as u32) {
        let part = Str::substring(cx, n, from, at);
        if part.eq_str("<locals>") {
            let shown = repr(cx, name)?;
            match holder {
                None => raise!(cx, AttributeError, "Can't get local object {shown}"),
                Some(h) => {
                    let h = repr(cx, h)?;
                    raise!(cx, AttributeError, "Can't get local attribute {shown} on {h}");
                }
            }
        }
        parts.push(Value::from_ref(intern_str(cx, part)));
        from = at + 1;
    }
    Ok(parts)
}

/// Follows the parts from a module; what is found, with what holds it.
pub fn deep_attribute(cx: &Thread, from: Value, path: &[Value]) -> Res<Option<(Value, Value)>> {
    let (mut holder, mut v) = (from, from);
    for name in path {
        let name = name.downcast::<Str>().expect("a path is of strings");
        holder = v;
        match get_attr_opt(cx, holder, name)? {
            Some(x) => v = x,
            None => return Ok(None),
        }
    }
    Ok(Some((v, holder)))
}

/// Whether a module of `sys.modules` holds the object.
fn holds(cx: &Thread, name: Value, module: Value, obj: Value, path: &[Value]) -> Res<bool> {
    if module.is_none() || name.downcast::<Str>().is_some_and(|n| n.eq_str("__main__")) {
        return Ok(false);
    }
    Ok(deep_attribute(cx, module, path)?.is_some_and(|(v, _)| v == obj))
}

/// The name of the module in which an object can be found.
fn which_module(cx: &Thread, obj: Value, path: &[Value]) -> Res {
    if let Some(m) = get_attr_opt(cx, obj, id!(cx, "__module__"))?
        && !m.is_none()
    {
        return Ok(m);
    }
    let Some(modules) = cx.vm.sys_dict().get_str(cx, id!(cx, "modules")) else {
        raise!(cx, RuntimeError, "lost sys.modules");
    };
    if let Some(d) = modules.downcast_exact::<Dict>() {
        for (name, module) in d.entries().iter() {
            cx.poll()?;
            if holds(cx, *name, *module, obj, path)? {
                return Ok(*name);
            }
        }
    } else {
        let it = iter(cx, modules)?;
        while let Some(name) = iter_next(cx, it)? {
            let module = get_item(cx, modules, name)?;
            if holds(cx, name, module, obj, path)? {
                return Ok(name);
            }
        }
    }
    Ok(Value::from_ref(id!(cx, "__main__")))
}

/// An object's `__qualname__`, else its `__name__`.
fn own_name(cx: &Thread, obj: Value) -> Res {
    match get_attr_opt(cx, obj, id!(cx, "__qualname__"))? {
        Some(n) => Ok(n),
        None => get_attr(cx, obj, id!(cx, "__name__")),
    }
}

/// The names that Python 2 had for something.
fn old_names(cx: &Thread, module: Value, name: Value) -> Res<(Value, Value)> {
    let key = Tuple::pair(cx, module, name);
    if let Some(item) = table(&state().names_3to2).get(cx, Value::from_ref(key))? {
        let Some(pair) = item.downcast::<Tuple>().filter(|t| t.len() == 2) else {
            let got = item.ty().name();
            raise!(
                cx,
                RuntimeError,
                "_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, not {got}"
            );
        };
        let (m, n) = (pair.get(0), pair.get(1));
        if m.downcast::<Str>().is_none() || n.downcast::<Str>().is_none() {
            raise!(
                cx,
                RuntimeError,
                "_compat_pickle.REVERSE_NAME_MAPPING values should be pairs of str, not ({}, {})",
                m.ty().name(),
                n.ty().name()
            );
        }
        return Ok((m, n));
    }
    match table(&state().modules_3to2).get(cx, module)? {
        Some(m) if m.downcast::<Str>().is_none() => {
            let got = m.ty().name();
            raise!(
                cx,
                RuntimeError,
                "_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, not {got}"
            )
        }
        Some(m) => Ok((m, name)),
        None => Ok((module, name)),
    }
}

impl Saver<'_> {
    /// An instance of `type` itself.
    pub fn save_class(&mut self, obj: Value) -> Res<()> {
        let cx = self.cx;
        for v in [none(), ellipsis(), not_implemented()] {
            if obj == Value::from_ref(v.ty()) {
                let args = Tuple::from_slice(cx, &[v]);
                let class = Value::from_ref(Type::type_object());
                let t = Tuple::pair(cx, class, Value::from_ref(args));
                return self.save_reduced(t, Some(obj));
            }
        }
        self.save_global(obj, None)
    }

    /// What can be imported, under a name that its reduction gave or its own.
    #[inline(never)]
    pub fn save_global(&mut self, obj: Value, name: Option<Value>) -> Res<()> {
        let cx = self.cx;
        let name = match name {
            Some(n) => n,
            None => own_name(cx, obj)?,
        };
        let path = dotted_path(cx, None, name)?;
        let module_name = which_module(cx, obj, &path)?;
        let Ok(module) = import_module(cx, module_name) else {
            let (o, m) = (repr(cx, obj)?, repr(cx, module_name)?);
            return Err(pickling_error!(cx, "Can't pickle {o}: import of module {m} failed"));
        };
        let Ok(Some((found, holder))) = deep_attribute(cx, module, &path) else {
            let (o, n, m) = (repr(cx, obj)?, to_str(cx, name)?, to_str(cx, module_name)?);
            return Err(pickling_error!(
                cx,
                "Can't pickle {o}: attribute lookup {n} on {m} failed"
            ));
        };
        if found != obj {
            let (o, n, m) = (repr(cx, obj)?, to_str(cx, name)?, to_str(cx, module_name)?);
            return Err(pickling_error!(
                cx,
                "Can't pickle {o}: it's not the same object as {m}.{n}"
            ));
        }
        if self.proto >= 2 {
            let key = Tuple::pair(cx, module_name, name);
            let code = table(&state().extension_registry).get(cx, Value::from_ref(key))?;
            if let Some(code) = code {
                return self.save_extension(code);
            }
        }
        let direct = holder == module;
        let last = path[path.len() - 1];
        if self.proto >= 4 {
            self.save(module_name)?;
            self.save(if direct { last } else { name })?;
            self.put(&[op::STACK_GLOBAL])?;
        } else if direct {
            self.save_import(module_name, last)?;
        } else {
            self.save_path(module_name, &path)?;
        }
        self.memoize(obj)
    }

    fn save_extension(&mut self, code: Value) -> Res<()> {
        let cx = self.cx;
        let Some(n) = int_to_i64(index(cx, code)?) else {
            raise!(cx, OverflowError, "Python int too large to convert to C long");
        };
        if !(1..=0x7FFF_FFFF).contains(&n) {
            raise!(cx, RuntimeError, "extension code {n} is out of range");
        }
        let [a, b, c, d] = (n as u32).to_le_bytes();
        match n {
            0..=0xFF => self.put(&[op::EXT1, a]),
            0x100..=0xFFFF => self.put(&[op::EXT2, a, b]),
            _ => self.put(&[op::EXT4, a, b, c, d]),
        }
    }

    /// `getattr(getattr(first, second), ...)`, before protocol 4.
    fn save_path(&mut self, module: Value, path: &[Value]) -> Res<()> {
        for _ in &path[1..] {
            self.save(state().getattr.value())?;
            if self.proto < 2 {
                self.put(&[op::MARK])?;
            }
        }
        self.save_import(module, path[0])?;
        for &name in &path[1..] {
            self.save(name)?;
            let tuple = if self.proto < 2 { op::TUPLE } else { op::TUPLE2 };
            self.put(&[tuple, op::REDUCE])?;
        }
        Ok(())
    }

    /// The opcode with the names in two lines.
    fn save_import(&mut self, module: Value, name: Value) -> Res<()> {
        let cx = self.cx;
        let (module, name) = match self.proto < 3 && self.fix_imports {
            true => old_names(cx, module, name)?,
            false => (module, name),
        };
        self.put(&[op::GLOBAL])?;
        for (v, what) in [(module, "module"), (name, "global")] {
            let text = to_str(cx, v)?;
            let data = match self.proto {
                3 if text.first_surrogate().is_none() => Some(text.to_wtf8()),
                3 => None,
                _ => text.as_ascii().map(|t| t.as_bytes().to_vec()),
            };
            let Some(data) = data else {
                return Err(pickling_error!(
                    cx,
                    "can't pickle {what} identifier '{text}' using pickle protocol {}",
                    self.proto
                ));
            };
            self.put(&data)?;
            self.put(b"\n")?;
        }
        Ok(())
    }
}
