//! `function`.
//!
//! Begins with the fields of `interp::frame::Callee`, so that a frame's global lookups need not
//! know whether a function or a frame object stands in its header.

use super::cell::Cell;
use super::code::Code;
use super::object::Object;
use super::singletons::NoneType;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::mem::offset_of;

#[repr(C)]
pub struct Function {
    pub head: Head,
    pub code: Slot,
    pub globals: Slot,
    pub builtins: Slot,
    /// Tuple of cells, or empty.
    pub closure: Slot,
    /// Tuple, or empty.
    pub defaults: Slot,
    /// Dict, or empty.
    pub kwdefaults: Slot,
    pub name: Slot,
    pub qualname: Slot,
    pub doc: Slot,
    pub module: Slot,
    /// Dict, a flat tuple of names and values that is turned into one when asked for, or empty.
    pub annotations: Slot,
    pub type_params: Slot,
}

const _: () = {
    use crate::interp::frame::Callee;
    assert!(offset_of!(Function, code) == offset_of!(Callee, code));
    assert!(offset_of!(Function, globals) == offset_of!(Callee, globals));
    assert!(offset_of!(Function, builtins) == offset_of!(Callee, builtins));
};

crate::pytype! { Function, PyFunction_Type, name: "function", module: "builtins", base: Object,
flags: tpflags::METHOD_DESCRIPTOR, dict: true, weakref: true,
doc: "function(code, globals, name=None, argdefs=None, closure=None,\n         kwdefaults=None)\n--\n\nCreate a function object.\n\n  code\n    a code object\n  globals\n    the globals dictionary\n  name\n    a string that overrides the name from the code object\n  argdefs\n    a tuple that specifies the default argument values\n  closure\n    a tuple that supplies the bindings for free variables\n  kwdefaults\n    a dictionary that specifies the default keyword argument values" }

pub fn is_function(v: Value) -> bool {
    v.downcast_exact::<Function>().is_some()
}

/// The builtins that code with these globals sees: where they name none, those of the code that runs now.
pub fn builtins_of(cx: &Thread, globals: Value) -> Value {
    let key = id!(cx, "__builtins__");
    let found = globals.downcast::<Dict>().and_then(|g| g.get_str(cx, key));
    let found = found.or_else(|| crate::interp::frame_info(cx, 0)?.globals.get_str(cx, key));
    match found {
        Some(b) => match b.downcast::<Module>() {
            Some(m) => Value::from_ref(m.dict()),
            None => b,
        },
        None => Value::from_ref(cx.vm.builtins_dict()),
    }
}

/// In `doc`: what the code says, which is looked up when it is asked for. No Python code sees it.
static UNREAD_DOC: NoneType = NoneType { head: Head::new_static(std::ptr::null_mut()) };

impl Function {
    /// A function of the code, as `MAKE_FUNCTION` makes it.
    pub fn new(
        cx: &Thread,
        code: &'static Code,
        globals: Value,
        builtins: Value,
    ) -> &'static Function {
        let module = globals.downcast::<Dict>().and_then(|g| g.get_str(cx, id!(cx, "__name__")));
        let f = Function {
            head: fresh_head(),
            code: Slot::empty(),
            globals: Slot::empty(),
            builtins: Slot::empty(),
            closure: Slot::empty(),
            defaults: Slot::empty(),
            kwdefaults: Slot::empty(),
            name: Slot::empty(),
            qualname: Slot::empty(),
            doc: Slot::empty(),
            module: Slot::empty(),
            annotations: Slot::empty(),
            type_params: Slot::empty(),
        };
        f.code.init(Some(Value::from_ref(code)));
        f.globals.init(Some(globals));
        f.builtins.init(Some(builtins));
        f.name.init(code.name.get());
        f.qualname.init(code.qualname.get());
        f.doc.init(Some(Value::from_ref(&UNREAD_DOC)));
        f.module.init(module);
        cx.alloc(f)
    }

    #[inline(always)]
    pub fn code(&self) -> &'static Code {
        let bits = Value::option_bits(self.code.get());
        debug_assert!(bits != 0);
        // SAFETY: the slot is only ever set to exact code objects, and never left empty.
        unsafe { &*(bits as *const Code) }
    }

    fn doc(&self) -> Value {
        match self.doc.get() {
            Some(d) if d == Value::from_ref(&UNREAD_DOC) => {
                let first = self.code().consts().as_slice().first().copied();
                first.filter(|d| d.downcast::<Str>().is_some()).unwrap_or(none())
            }
            d => d.unwrap_or(none()),
        }
    }

    pub fn qualname_str(&self) -> &'static Str {
        self.qualname.value().downcast::<Str>().expect("__qualname__ is a str")
    }

    pub fn defaults(&self) -> Option<&'static Tuple> {
        self.defaults.get().and_then(|d| d.downcast::<Tuple>())
    }

    /// `__annotations__`, made a dict on first use.
    fn annotations_dict(&self, cx: &Thread) -> Value {
        let d = match self.annotations.get() {
            Some(v) => match v.downcast::<Tuple>() {
                Some(flat) => {
                    let d = Dict::new(cx);
                    for pair in flat.as_slice().chunks_exact(2) {
                        if let Some(n) = pair[0].downcast::<Str>() {
                            d.set_str(cx, n, pair[1]);
                        }
                    }
                    d
                }
                None => return v,
            },
            None => Dict::new(cx),
        };
        self.annotations.set(self, Value::from_ref(d));
        Value::from_ref(d)
    }
}

/// `SET_FUNCTION_ATTRIBUTE`.
pub fn set_part(cx: &Thread, f: &Function, part: u8, v: Value) -> Res<()> {
    match part {
        1 => f.defaults.set(f, v),
        2 => f.kwdefaults.set(f, v),
        4 => f.annotations.set(f, v),
        8 => f.closure.set(f, v),
        _ => raise!(cx, SystemError, "unknown function attribute {part}"),
    }
    Ok(())
}

fn set_str(cx: &Thread, f: &Function, slot: &Slot, v: Option<Value>, name: &str) -> Res<()> {
    match v.filter(|v| v.downcast::<Str>().is_some()) {
        Some(v) => {
            slot.set(f, v);
            Ok(())
        }
        None => raise!(cx, TypeError, "{name} must be set to a string object"),
    }
}

/// None for an empty slot.
fn or_none(s: &Slot) -> Value {
    s.get().unwrap_or(none())
}

#[pymethods]
impl Function {
    #[slot(sig = "(cls, code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)")]
    fn __new__(
        cx: &Thread,
        _cls: &Type,
        code: &'static Code,
        globals: &'static Dict,
        name: Value,
        argdefs: Value,
        closure: Value,
        kwdefaults: Value,
    ) -> Res {
        if !name.is_none() && name.downcast::<Str>().is_none() {
            raise!(cx, TypeError, "arg 3 (name) must be None or string");
        }
        if !argdefs.is_none() && argdefs.downcast::<Tuple>().is_none() {
            raise!(cx, TypeError, "arg 4 (defaults) must be None or tuple");
        }
        if !kwdefaults.is_none() && kwdefaults.downcast::<Dict>().is_none() {
            raise!(cx, TypeError, "arg 6 (kwdefaults) must be None or dict");
        }
        let nfree = code.unit().nfreevars();
        let cells = closure.downcast::<Tuple>();
        if cells.is_none() {
            if nfree > 0 && closure.is_none() {
                raise!(cx, TypeError, "arg 5 (closure) must be tuple");
            }
            if !closure.is_none() {
                raise!(cx, TypeError, "arg 5 (closure) must be None or tuple");
            }
        }
        let n = cells.map_or(0, |c| c.len());
        if n != nfree {
            raise!(
                cx,
                ValueError,
                "{} requires closure of length {nfree}, not {n}",
                code.name_str()
            );
        }
        for c in cells.map_or(&[][..], |c| c.as_slice()) {
            if c.downcast_exact::<Cell>().is_none() {
                raise!(cx, TypeError, "arg 5 (closure) expected cell, found {}", c.ty().name());
            }
        }
        let g = Value::from_ref(globals);
        let f = Function::new(cx, code, g, builtins_of(cx, g));
        if !name.is_none() {
            f.name.set(f, name);
        }
        if !argdefs.is_none() {
            f.defaults.set(f, argdefs);
        }
        if !kwdefaults.is_none() {
            f.kwdefaults.set(f, kwdefaults);
        }
        if n > 0 {
            f.closure.set(f, closure);
        }
        Ok(Value::from_ref(f))
    }

    #[slot]
    fn __call__(cx: &Thread, this: &Function, args: &[Value], kw: KwNames<'_>) -> Res {
        // SAFETY: a heap object; its reference is as long-lived as the collector sees it used.
        let this: &'static Function = unsafe { &*(this as *const Function) };
        crate::interp::call::call_function(cx, this, args, kw.filter(|k| k.len() > 0))
    }

    #[slot]
    fn __get__(cx: &Thread, this: Value, obj: Option<Value>, _ty: Option<Value>) -> Res {
        match obj.filter(|o| !o.is_none()) {
            Some(o) => Ok(super::method::new(cx, this, o)),
            None => Ok(this),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Function) -> Res {
        let at = this as *const Function as usize;
        let text = format!("<function {} at {at:#x}>", this.qualname_str());
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[getter]
    fn __code__(_cx: &Thread, this: &Function) -> Value {
        this.code.value()
    }

    #[setter]
    fn set___code__(cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        let Some(code) = v.and_then(|v| v.downcast_exact::<Code>()) else {
            raise!(cx, TypeError, "__code__ must be set to a code object")
        };
        let have = this.closure.get().and_then(|c| c.downcast::<Tuple>()).map_or(0, |c| c.len());
        let need = code.unit().nfreevars();
        if have != need {
            raise!(
                cx,
                ValueError,
                "{}() requires a code object with {have} free vars, not {need}",
                this.name.value().downcast::<Str>().map_or("?".into(), |n| n.to_str_lossy())
            );
        }
        use taipan_compiler::code::flags::*;
        let kind = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;
        if this.code().flags & kind != code.flags & kind {
            super::warn_deprecated(
                cx,
                "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)",
            )?;
        }
        // The docstring is that of the code the function was made with.
        this.doc.set(this, this.doc());
        this.code.set(this, Value::from_ref(code));
        Ok(())
    }

    #[getter]
    fn __defaults__(_cx: &Thread, this: &Function) -> Value {
        or_none(&this.defaults)
    }

    #[setter]
    fn set___defaults__(cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        let v = v.filter(|v| !v.is_none());
        if v.is_some_and(|v| v.downcast::<Tuple>().is_none()) {
            raise!(cx, TypeError, "__defaults__ must be set to a tuple object");
        }
        this.defaults.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __kwdefaults__(_cx: &Thread, this: &Function) -> Value {
        or_none(&this.kwdefaults)
    }

    #[setter]
    fn set___kwdefaults__(cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        let v = v.filter(|v| !v.is_none());
        if v.is_some_and(|v| v.downcast::<Dict>().is_none()) {
            raise!(cx, TypeError, "__kwdefaults__ must be set to a dict object");
        }
        this.kwdefaults.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __closure__(_cx: &Thread, this: &Function) -> Value {
        or_none(&this.closure)
    }

    #[getter]
    fn __globals__(_cx: &Thread, this: &Function) -> Value {
        this.globals.value()
    }

    #[getter]
    fn __builtins__(_cx: &Thread, this: &Function) -> Value {
        this.builtins.value()
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &Function) -> Value {
        this.name.value()
    }

    #[setter]
    fn set___name__(cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        set_str(cx, this, &this.name, v, "__name__")
    }

    #[getter]
    fn __qualname__(_cx: &Thread, this: &Function) -> Value {
        this.qualname.value()
    }

    #[setter]
    fn set___qualname__(cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        set_str(cx, this, &this.qualname, v, "__qualname__")
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &Function) -> Value {
        this.doc()
    }

    #[setter]
    fn set___doc__(_cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        this.doc.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __module__(_cx: &Thread, this: &Function) -> Value {
        or_none(&this.module)
    }

    #[setter]
    fn set___module__(_cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        this.module.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __annotations__(cx: &Thread, this: &Function) -> Value {
        this.annotations_dict(cx)
    }

    #[setter]
    fn set___annotations__(cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        let v = v.filter(|v| !v.is_none());
        if v.is_some_and(|v| v.downcast::<Dict>().is_none()) {
            raise!(cx, TypeError, "__annotations__ must be set to a dict object");
        }
        this.annotations.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __type_params__(cx: &Thread, this: &Function) -> Value {
        this.type_params.get().unwrap_or_else(|| Value::from_ref(Tuple::empty(cx)))
    }

    #[setter]
    fn set___type_params__(cx: &Thread, this: &Function, v: Option<Value>) -> Res<()> {
        match v.filter(|v| v.downcast::<Tuple>().is_some()) {
            Some(v) => {
                this.type_params.set(this, v);
                Ok(())
            }
            None => raise!(cx, TypeError, "__type_params__ must be set to a tuple"),
        }
    }
}
