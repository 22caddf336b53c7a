//! `property`.

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicBool, Ordering};

#[repr(C)]
pub struct Property {
    pub head: Head,
    pub get: Slot,
    pub set: Slot,
    pub del: Slot,
    pub doc: Slot,
    /// `__set_name__`'s name.
    pub name: Slot,
    pub getter_doc: AtomicBool,
}

crate::pytype! { Property, PyProperty_Type, name: "property", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nProperty attribute.\n\n  fget\n    function to be used for getting an attribute value\n  fset\n    function to be used for setting an attribute value\n  fdel\n    function to be used for del'ing an attribute\n  doc\n    docstring" }

fn given(v: Value) -> Option<Value> {
    Some(v).filter(|v| !v.is_none())
}

impl Property {
    fn own_name(&self, cx: &Thread) -> Res<Option<Value>> {
        if let Some(n) = self.name.get() {
            return Ok(Some(n));
        }
        match self.get.get() {
            Some(g) => get_attr_opt(cx, g, id!(cx, "__name__")),
            None => Ok(None),
        }
    }

    #[cold]
    fn no_accessor(&self, cx: &Thread, obj: Value, what: &str) -> Raised {
        let qual = match get_attr(cx, Value::from_ref(obj.ty()), id!(cx, "__qualname__")) {
            Ok(q) => q,
            Err(e) => return e,
        };
        let (name, qual) = match (self.own_name(cx), repr(cx, qual)) {
            (Ok(n), Ok(q)) => (n, q),
            (Err(e), _) | (_, Err(e)) => return e,
        };
        match name {
            Some(n) => match repr(cx, n) {
                Ok(n) => err!(cx, AttributeError, "property {n} of {qual} object has no {what}"),
                Err(e) => e,
            },
            None => err!(cx, AttributeError, "property of {qual} object has no {what}"),
        }
    }

    /// A copy of the same class with one accessor replaced.
    fn with(&self, cx: &Thread, get: Option<Value>, set: Option<Value>, del: Option<Value>) -> Res {
        let me = Value::from_ref(self);
        let pick = |n: Option<Value>, old: &Slot| {
            n.filter(|v| !v.is_none()).or(old.get()).unwrap_or(none())
        };
        let g = pick(get, &self.get);
        let from_getter = self.getter_doc.load(Ordering::Relaxed) && !g.is_none();
        let doc = if from_getter { none() } else { self.doc.get().unwrap_or(none()) };
        let new = call(
            cx,
            Value::from_ref(me.ty()),
            &[g, pick(set, &self.set), pick(del, &self.del), doc],
        )?;
        if let (Some(p), Some(n)) = (new.downcast::<Property>(), self.name.get()) {
            p.name.set(p, n);
        }
        Ok(new)
    }
}

#[pymethods]
impl Property {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(cx.alloc_in(
            cls,
            Property {
                head: fresh_head(),
                get: Slot::empty(),
                set: Slot::empty(),
                del: Slot::empty(),
                doc: Slot::empty(),
                name: Slot::empty(),
                getter_doc: AtomicBool::new(false),
            },
        )))
    }

    #[slot(sig = "(self, fget=None, fset=None, fdel=None, doc=None)")]
    fn __init__(
        cx: &Thread,
        this: &Property,
        fget: Value,
        fset: Value,
        fdel: Value,
        doc: Value,
    ) -> Res<()> {
        this.get.set_option(this, given(fget));
        this.set.set_option(this, given(fset));
        this.del.set_option(this, given(fdel));
        this.getter_doc.store(false, Ordering::Relaxed);
        let mut d = given(doc);
        if d.is_none() {
            if let Some(g) = given(fget) {
                d = get_attr_opt(cx, g, id!(cx, "__doc__"))?.filter(|v| !v.is_none());
                this.getter_doc.store(d.is_some(), Ordering::Relaxed);
            }
        }
        let me = Value::from_ref(this);
        if me.ty().is(Property::type_object()) {
            this.doc.set_option(this, d);
        } else {
            // A subclass instance keeps it in its own `__doc__`, so that the class's does not hide it.
            match set_attr(cx, me, id!(cx, "__doc__"), Some(d.unwrap_or(none()))) {
                Ok(()) => {}
                Err(e)
                    if e.is(exc::AttributeError()) && !this.getter_doc.load(Ordering::Relaxed) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    #[slot]
    fn __get__(cx: &Thread, this: &Property, obj: Option<Value>, _ty: Option<Value>) -> Res {
        match (obj, this.get.get()) {
            (None, _) => Ok(Value::from_ref(this)),
            (Some(o), Some(f)) => call(cx, f, &[o]),
            (Some(o), None) => Err(this.no_accessor(cx, o, "getter")),
        }
    }

    #[slot]
    fn __set__(cx: &Thread, this: &Property, obj: Value, v: Option<Value>) -> Res<()> {
        match v {
            Some(v) => match this.set.get() {
                Some(f) => call(cx, f, &[obj, v])?,
                None => return Err(this.no_accessor(cx, obj, "setter")),
            },
            None => match this.del.get() {
                Some(f) => call(cx, f, &[obj])?,
                None => return Err(this.no_accessor(cx, obj, "deleter")),
            },
        };
        Ok(())
    }

    /// A copy with another getter.
    #[pymethod(text = "($self, object, /)")]
    fn getter(cx: &Thread, this: &Property, fget: Value) -> Res {
        this.with(cx, Some(fget), None, None)
    }

    /// A copy with another setter.
    #[pymethod(text = "($self, object, /)")]
    fn setter(cx: &Thread, this: &Property, fset: Value) -> Res {
        this.with(cx, None, Some(fset), None)
    }

    /// A copy with another deleter.
    #[pymethod(text = "($self, object, /)")]
    fn deleter(cx: &Thread, this: &Property, fdel: Value) -> Res {
        this.with(cx, None, None, Some(fdel))
    }

    /// Remembers the name that the property has in its class.
    #[pymethod(sig = "(self, /, *args)", text = "($self, owner, name, /)")]
    fn __set_name__(cx: &Thread, this: &Property, args: &[Value]) -> Res<()> {
        let [_, name] = args else {
            raise!(
                cx,
                TypeError,
                "__set_name__() takes 2 positional arguments but {} were given",
                args.len()
            );
        };
        this.name.set(this, *name);
        Ok(())
    }

    #[getter]
    fn fget(_cx: &Thread, this: &Property) -> Option<Value> {
        this.get.get()
    }

    #[getter]
    fn fset(_cx: &Thread, this: &Property) -> Option<Value> {
        this.set.get()
    }

    #[getter]
    fn fdel(_cx: &Thread, this: &Property) -> Option<Value> {
        this.del.get()
    }

    #[getter]
    fn __name__(cx: &Thread, this: &Property) -> Res {
        match this.own_name(cx)? {
            Some(n) => Ok(n),
            None => raise!(cx, AttributeError, "'property' object has no attribute '__name__'"),
        }
    }

    #[setter]
    fn set___name__(_cx: &Thread, this: &Property, v: Option<Value>) -> Res<()> {
        this.name.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &Property) -> Option<Value> {
        this.doc.get()
    }

    #[setter]
    fn set___doc__(_cx: &Thread, this: &Property, v: Option<Value>) -> Res<()> {
        this.doc.set_option(this, v);
        Ok(())
    }

    #[getter]
    fn __isabstractmethod__(cx: &Thread, this: &Property) -> Res<bool> {
        for f in [this.get.get(), this.set.get(), this.del.get()] {
            if super::descr::is_abstract(cx, f)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
