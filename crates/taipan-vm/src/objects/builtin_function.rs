//! `builtin_function_or_method`: a native function, bound to a module or to its self.

use super::object::Object;
use crate::call::{MethodKind, MethodRow};
use crate::prelude::*;
use crate::types::alloc::fresh_head;

/// CPython's PyCFunctionObject prefix (72 bytes).
#[repr(C)]
pub struct BuiltinFunction {
    pub head: Head,
    /// `m_ml`: the row starts with the PyMethodDef.
    pub row: &'static MethodRow,
    pub this: Slot,
    pub module: Slot,
    pub weakrefs: Slot,
    pub vectorcall: usize,
}

const _: () = assert!(size_of::<BuiltinFunction>() == 72);

crate::pytype! { BuiltinFunction, PyCFunction_Type, name: "builtin_function_or_method",
module: "builtins", base: Object, weakref: true }

/// A builtin; `this` is its self, class or (for functions) nothing; `module` the module's name.
pub fn new(
    cx: &Thread,
    row: &'static MethodRow,
    this: Option<Value>,
    module: Option<Value>,
) -> Value {
    let f = BuiltinFunction {
        head: fresh_head(),
        row,
        this: Slot::empty(),
        module: Slot::empty(),
        weakrefs: Slot::empty(),
        vectorcall: 0,
    };
    f.this.init(this);
    f.module.init(module);
    Value::from_ref(cx.alloc(f))
}

/// Is it `builtins.print`?
pub fn is_print(v: Value) -> bool {
    v.downcast_exact::<BuiltinFunction>()
        .is_some_and(|f| f.row.kind == MethodKind::Function && f.row.name == "print")
}

/// The module of that name: one that was imported, or an attribute of one (`sys.monitoring`).
fn module_named(cx: &Thread, name: Value) -> Res {
    if let Some(m) = cx.vm.modules().get(cx, name)? {
        return Ok(m);
    }
    let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
    let Some((outer, last)) = text.rsplit_once('.') else { return Ok(none()) };
    let outer = module_named(cx, Value::from_ref(Str::new(cx, outer)))?;
    Ok(get_attr_opt(cx, outer, super::str::intern(cx, last))?.unwrap_or(none()))
}

impl BuiltinFunction {
    fn bound(&self) -> bool {
        matches!(self.row.kind, MethodKind::Instance | MethodKind::Class)
    }

    /// What goes before the arguments of a call.
    #[inline(always)]
    pub fn bound_self(&self) -> Option<Value> {
        if self.bound() { Some(self.this.value()) } else { None }
    }
}

#[pymethods]
impl BuiltinFunction {
    #[slot]
    fn __call__(cx: &Thread, this: &BuiltinFunction, args: &[Value], kw: KwNames<'_>) -> Res {
        if !this.bound() {
            return (this.row.entry)(cx, args, kw);
        }
        let me = this.this.value();
        // Small calls are put together on the native stack, which the collector scans.
        if args.len() < 8 {
            let mut buf = [me; 8];
            buf[1..=args.len()].copy_from_slice(args);
            return (this.row.entry)(cx, &buf[..=args.len()], kw);
        }
        let mut all = GcVec::with_capacity(args.len() + 1);
        all.push(me);
        all.extend(args.iter().copied());
        (this.row.entry)(cx, &all, kw)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &BuiltinFunction) -> Res<Value> {
        let s = match this.this.get() {
            Some(o) if this.row.kind != MethodKind::Function && !o.is_none() => format!(
                "<built-in method {} of {} object at {:#x}>",
                this.row.name,
                o.ty().name(),
                o.bits()
            ),
            _ => format!("<built-in function {}>", this.row.name),
        };
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    #[slot]
    fn __hash__(_cx: &Thread, this: &BuiltinFunction) -> Res<i64> {
        let own = this.row as *const MethodRow as usize as i64 >> 4;
        let h = this.this.get().map_or(0, hash_pointer) ^ own;
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, this: &BuiltinFunction, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast_exact::<BuiltinFunction>() else {
            return Ok(not_implemented());
        };
        let same = std::ptr::eq(this.row, o.row) && this.this.get() == o.this.get();
        Ok(match op {
            CmpOp::Eq => py_bool(same),
            CmpOp::Ne => py_bool(!same),
            _ => not_implemented(),
        })
    }

    #[getter]
    fn __name__(cx: &Thread, this: &BuiltinFunction) -> Value {
        Value::from_ref(super::str::intern(cx, this.row.name))
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &BuiltinFunction) -> Res<Value> {
        let o = match this.this.get() {
            Some(o) if this.row.kind != MethodKind::Function => o,
            _ => return Ok(Value::from_ref(super::str::intern(cx, this.row.name))),
        };
        let t = o.as_type().map_or(Value::from_ref(o.ty()), Value::from_ref);
        let q = get_attr(cx, t, id!(cx, "__qualname__"))?;
        Ok(Value::from_ref(Str::new(cx, &format!("{}.{}", to_str(cx, q)?, this.row.name))))
    }

    #[getter]
    fn __module__(_cx: &Thread, this: &BuiltinFunction) -> Option<Value> {
        this.module.get()
    }

    #[setter]
    fn set___module__(_cx: &Thread, this: &BuiltinFunction, v: Option<Value>) -> Res<()> {
        this.module.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __self__(cx: &Thread, this: &BuiltinFunction) -> Res<Value> {
        if this.row.kind == MethodKind::Static {
            return Ok(none());
        }
        if let Some(o) = this.this.get() {
            return Ok(o);
        }
        // A module's function: the module, by name.
        match this.module.get() {
            Some(m) => module_named(cx, m),
            None => Ok(none()),
        }
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &BuiltinFunction) -> Option<&'static str> {
        this.row.doc
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, this: &BuiltinFunction) -> Option<&'static str> {
        this.row.sig.text
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &BuiltinFunction) -> Res<Value> {
        let name = Value::from_ref(super::str::intern(cx, this.row.name));
        match this.this.get() {
            Some(o)
                if this.row.kind != MethodKind::Function && o.downcast::<Module>().is_none() =>
            {
                let g = cx.vm.builtins_dict().get_str(cx, id!(cx, "getattr")).unwrap_or(none());
                let args = Tuple::from_slice(cx, &[o, name]);
                Ok(Value::from_ref(Tuple::from_slice(cx, &[g, Value::from_ref(args)])))
            }
            _ => Ok(name),
        }
    }
}
