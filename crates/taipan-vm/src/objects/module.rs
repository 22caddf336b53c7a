//! `module`.

use super::object::Object;
use crate::module_def::ModuleDef;
use crate::prelude::*;
use crate::types::NativeMethods;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct Module {
    pub head: Head,
    /// The namespace; also in the pre-header, so that generic attribute access finds it.
    pub dict: Slot,
    /// State of a native module: any value.
    pub state: Slot,
    pub name: Slot,
}

crate::pytype! { Module, PyModule_Type, name: "module", module: "builtins", base: Object,
flags: tpflags::BASETYPE, dict: true, weakref: true,
doc: "module(name, doc=None)\n--\n\nCreate a module object.\n\nThe name must be a string; the optional docstring can have any type." }

impl Module {
    /// A new module of a name, with the standard attributes.
    pub fn new(cx: &Thread, name: &str) -> &'static Module {
        let m = Module::alloc_in(cx, Module::type_object());
        m.init(cx, Value::from_ref(super::str::intern(cx, name)), none());
        m
    }

    fn alloc_in(cx: &Thread, cls: &Type) -> &'static Module {
        let d = Dict::new(cx);
        let m = cx.alloc_in(
            cls,
            Module {
                head: fresh_head(),
                dict: Slot::empty(),
                state: Slot::empty(),
                name: Slot::empty(),
            },
        );
        m.dict.set(m, Value::from_ref(d));
        crate::types::attr::adopt_dict(cx, Value::from_ref(m), d);
        m
    }

    fn init(&self, cx: &Thread, name: Value, doc: Value) {
        self.name.set(self, name);
        let d = self.dict();
        d.set_str(cx, id!(cx, "__name__"), name);
        d.set_str(cx, id!(cx, "__doc__"), doc);
        for n in [id!(cx, "__package__"), id!(cx, "__loader__"), id!(cx, "__spec__")] {
            d.set_default_str(cx, n, none());
        }
    }

    pub fn dict(&self) -> &'static Dict {
        self.dict.value().downcast::<Dict>().expect("a module has a dict")
    }

    /// Adds a constant, type or function.
    pub fn add(&self, cx: &Thread, name: &str, v: Value) {
        self.dict().set_str(cx, super::str::intern(cx, name), v);
    }

    pub fn add_int(&self, cx: &Thread, name: &str, v: i64) {
        self.add(cx, name, int_from_i128(cx, v as i128));
    }

    pub fn add_str(&self, cx: &Thread, name: &str, v: &str) {
        self.add(cx, name, Value::from_ref(Str::new(cx, v)));
    }

    /// Readies a native type and adds it under its own name.
    pub fn add_type<T: PyType + NativeMethods>(&self, cx: &Thread) -> &'static Type {
        let t = crate::types::ready::ready::<T>(cx);
        self.add(cx, T::NAME, Value::from_ref(t));
        t
    }

    /// The functions of a definition, then its `exec`.
    pub fn fill(&self, cx: &Thread, def: &'static ModuleDef) -> Res<()> {
        if let Some(doc) = def.doc {
            self.dict().set_str(cx, id!(cx, "__doc__"), Value::from_ref(Str::new(cx, doc)));
        }
        let modname = Value::from_ref(super::str::intern(cx, def.name));
        for row in def.functions {
            let f = super::builtin_function::new(cx, row, None, Some(modname));
            self.add(cx, row.name, f);
        }
        match def.exec {
            Some(f) => f(cx, self),
            None => Ok(()),
        }
    }
}

/// `import name`, giving the module of that full name.
pub fn import(cx: &Thread, name: &str) -> Res {
    let key = super::str::intern(cx, name);
    if let Some(m) = cx.vm.modules().get_str(cx, key) {
        if !m.is_none() {
            return Ok(m);
        }
    }
    let b = cx.vm.builtins_dict().get_str(cx, id!(cx, "__import__"));
    let Some(f) = b else { raise!(cx, ImportError, "__import__ not found") };
    call(cx, f, &[Value::from_ref(key)])?;
    match cx.vm.modules().get_str(cx, key) {
        Some(m) => Ok(m),
        None => raise!(cx, ModuleNotFoundError, "No module named '{name}'"),
    }
}

/// `from module import name`.
pub fn import_attr(cx: &Thread, module: &str, name: &str) -> Res {
    let m = import(cx, module)?;
    get_attr(cx, m, super::str::intern(cx, name))
}

#[pymethods]
impl Module {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(Module::alloc_in(cx, cls)))
    }

    #[slot(sig = "(self, name, doc=None)")]
    fn __init__(cx: &Thread, this: &Module, name: &'static Str, doc: Value) -> Res<()> {
        this.init(cx, Value::from_ref(name), doc);
        Ok(())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        // importlib's own function decides, as in CPython.
        if let Some(b) = cx.vm.roots.bootstrap.get() {
            return call_method(cx, b, id!(cx, "_module_repr"), &[this]);
        }
        let m = this.downcast::<Module>().expect("checked by the slot");
        let n = m.dict().get_str(cx, id!(cx, "__name__")).unwrap_or(none());
        let t = format!("<module {}>", repr(cx, n)?);
        Ok(Value::from_ref(Str::new(cx, &t)))
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: Value, name: &Str) -> Res {
        if let Some(v) = crate::types::attr::generic_getattr_opt(cx, this, name)? {
            return Ok(v);
        }
        module_getattr_missing(cx, this, name)
    }

    /// The names in the module's namespace, or what its `__dir__` function says.
    #[pymethod]
    fn __dir__(cx: &Thread, this: &Module) -> Res {
        // A subclass may shadow `__dict__`.
        let shown = get_attr(cx, Value::from_ref(this), id!(cx, "__dict__"))?;
        let Some(d) = shown.downcast::<Dict>() else {
            raise!(cx, TypeError, "<module>.__dict__ is not a dictionary");
        };
        if let Some(f) = d.get_str(cx, id!(cx, "__dir__")) {
            return call(cx, f, &[]);
        }
        Ok(Value::from_ref(List::from_slice(cx, &d.keys())))
    }

    #[getter]
    fn __dict__(_cx: &Thread, this: &Module) -> &'static Dict {
        this.dict()
    }

    #[getter]
    fn __annotations__(cx: &Thread, this: &Module) -> Res {
        let n = id!(cx, "__annotations__");
        if let Some(a) = this.dict().get_str(cx, n) {
            return Ok(a);
        }
        let d = Value::from_ref(Dict::new(cx));
        this.dict().set_str(cx, n, d);
        Ok(d)
    }

    #[setter]
    fn set___annotations__(cx: &Thread, this: &Module, v: Option<Value>) -> Res<()> {
        let n = id!(cx, "__annotations__");
        match v {
            Some(v) => this.dict().set_str(cx, n, v),
            None => {
                if !this.dict().del_str(cx, n) {
                    raise!(cx, AttributeError, "__annotations__");
                }
            }
        }
        Ok(())
    }
}

/// The module's `__getattr__`, else the AttributeError with CPython's import hints.
#[cold]
fn module_getattr_missing(cx: &Thread, this: Value, name: &Str) -> Res {
    let m = this.downcast::<Module>().expect("checked by the slot");
    let d = m.dict();
    if let Some(f) = d.get_str(cx, id!(cx, "__getattr__")) {
        return call(cx, f, &[Value::from_ref(name)]);
    }
    let modname = d.get_str(cx, id!(cx, "__name__")).and_then(|n| n.downcast::<Str>());
    let Some(modname) = modname else {
        let e = err!(cx, AttributeError, "module has no attribute '{name}'");
        super::exceptions::set_attribute_context(cx, e, this, name);
        return Err(e);
    };
    let text = missing_text(cx, d, modname, name)?;
    let e = err!(cx, AttributeError, "{text}");
    super::exceptions::set_attribute_context(cx, e, this, name);
    Err(e)
}

fn missing_text(cx: &Thread, d: &Dict, modname: &Str, name: &Str) -> Res<String> {
    let plain = format!("module '{modname}' has no attribute '{name}'");
    let Some(spec) = d.get_str(cx, id!(cx, "__spec__")).filter(|s| !s.is_none()) else {
        return Ok(plain);
    };
    let origin = get_attr_opt(cx, spec, id!(cx, "origin"))?.and_then(|o| o.downcast::<Str>());
    let has_location = match get_attr_opt(cx, spec, id!(cx, "has_location"))? {
        Some(h) => is_true(cx, h)?,
        None => false,
    };
    let origin = origin.filter(|_| has_location);
    let initializing = match get_attr_opt(cx, spec, id!(cx, "_initializing"))? {
        Some(i) => is_true(cx, i)?,
        None => false,
    };
    if let Some(o) = origin {
        if shadows_stdlib(cx, modname, o)? {
            return Ok(format!(
                "module '{modname}' has no attribute '{name}' (consider renaming '{o}' since it has the same name as the standard library module named '{modname}' and prevents importing that standard library module)"
            ));
        }
    }
    if initializing {
        return Ok(match origin {
            Some(o) if shadowing_path(cx, o) => format!(
                "module '{modname}' has no attribute '{name}' (consider renaming '{o}' if it has the same name as a library you intended to import)"
            ),
            Some(o) => format!(
                "partially initialized module '{modname}' from '{o}' has no attribute '{name}' (most likely due to a circular import)"
            ),
            None => format!(
                "partially initialized module '{modname}' has no attribute '{name}' (most likely due to a circular import)"
            ),
        });
    }
    let sub = super::str::intern(cx, &format!("{modname}.{name}"));
    let uninit = get_attr_opt(cx, spec, id!(cx, "_uninitialized_submodules"))?;
    if let Some(u) = uninit {
        if contains(cx, u, Value::from_ref(name))? || contains(cx, u, Value::from_ref(sub))? {
            return Ok(format!(
                "cannot access submodule '{name}' of module '{modname}' (most likely due to a circular import)"
            ));
        }
    }
    Ok(plain)
}

/// Does the file lie where the program's own folder is, first on the path from start-up (so it may
/// hide another module)?
pub(crate) fn shadowing_path(cx: &Thread, origin: &Str) -> bool {
    if cx.vm.config.get().is_some_and(|c| c.safe_path) {
        return false;
    }
    let Some(first) = cx.vm.first_path.get() else { return false };
    let o = origin.to_str_lossy();
    let p = std::path::Path::new(o.as_ref());
    let mut dir = p.parent();
    if p.file_name().is_some_and(|f| f == "__init__.py") {
        dir = dir.and_then(|d| d.parent());
    }
    let want = if first.is_empty() {
        std::env::current_dir().unwrap_or_default()
    } else {
        std::path::PathBuf::from(first)
    };
    dir.is_some_and(|d| d == want)
}

pub(crate) fn shadows_stdlib(cx: &Thread, modname: &Str, origin: &Str) -> Res<bool> {
    if !shadowing_path(cx, origin) {
        return Ok(false);
    }
    match cx.vm.sys_dict().get_str(cx, id!(cx, "stdlib_module_names")) {
        Some(s) => contains(cx, s, Value::from_ref(modname)),
        None => Ok(false),
    }
}
