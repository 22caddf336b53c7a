//! `object`: what every class inherits (Objects/typeobject.c, `object_*`).

use crate::prelude::*;
use crate::types::shape::Instance;
use std::sync::atomic::Ordering;

/// An object without fields.
#[repr(C)]
pub struct Object {
    pub head: Head,
}

crate::pytype! { Object, PyBaseObject_Type, name: "object", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "object()\n--\n\nThe base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
unboxed: is_unboxed }

/// `==` and `!=` by identity, nothing else (`object_richcompare`).
pub fn identity_compare(cx: &Thread, this: Value, other: Value, op: CmpOp) -> Res {
    Ok(match op {
        CmpOp::Eq if this == other => py_bool(true),
        CmpOp::Ne => match this.ty().slots().richcmp.get() {
            Some(f) => {
                let r = f(cx, this, other, CmpOp::Eq)?;
                if r == not_implemented() { r } else { py_bool(!is_true(cx, r)?) }
            }
            None => not_implemented(),
        },
        _ => not_implemented(),
    })
}

fn excess_args(args: &[Value]) -> bool {
    !args.is_empty()
}

fn raw(f: Option<impl Copy>) -> usize {
    // SAFETY: slots hold function pointers of one word.
    f.map_or(0, |f| unsafe { std::mem::transmute_copy(&f) })
}

#[pymethods]
impl Object {
    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        let t = this.ty();
        let full = crate::types::class::full_name_any(cx, t);
        Ok(Value::from_ref(Str::new(cx, &format!("<{full} object at {:#x}>", id_of(this)))))
    }

    #[slot]
    fn __str__(cx: &Thread, this: Value) -> Res {
        let _depth = cx.enter_recursive(" while getting the str of an object")?;
        match this.ty().slots().repr.get() {
            Some(f) => f(cx, this),
            None => Object::__repr__(cx, this),
        }
    }

    #[slot]
    fn __hash__(_cx: &Thread, this: Value) -> Res<i64> {
        Ok(hash_pointer(this))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: Value, other: Value, op: CmpOp) -> Res {
        identity_compare(cx, this, other, op)
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: Value, name: &Str) -> Res {
        crate::types::attr::generic_getattr(cx, this, name)
    }

    #[slot]
    fn __setattr__(cx: &Thread, this: Value, name: &Str, v: Option<Value>) -> Res<()> {
        crate::types::attr::generic_setattr(cx, this, name, v)
    }

    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], _kw: KwNames<'_>) -> Res {
        let s = cls.slots();
        if excess_args(args) {
            let own = Object::type_object().slots();
            if raw(s.new.get()) != raw(own.new.get()) {
                raise!(
                    cx,
                    TypeError,
                    "object.__new__() takes exactly one argument (the type to instantiate)"
                );
            }
            if raw(s.init.get()) == raw(own.init.get()) {
                raise!(cx, TypeError, "{}() takes no arguments", cls.name());
            }
        }
        if cls.has_feature(tpflags::IS_ABSTRACT) {
            return Err(abstract_error(cx, cls)?);
        }
        Ok(cx.alloc_instance(cls))
    }

    #[slot]
    fn __init__(cx: &Thread, this: Value, args: &[Value], _kw: KwNames<'_>) -> Res<()> {
        if excess_args(args) {
            let t = this.ty();
            let own = Object::type_object().slots();
            if raw(t.slots().init.get()) != raw(own.init.get()) {
                raise!(
                    cx,
                    TypeError,
                    "object.__init__() takes exactly one argument (the instance to initialize)"
                );
            }
            if raw(t.slots().new.get()) == raw(own.new.get()) {
                raise!(
                    cx,
                    TypeError,
                    "{}.__init__() takes exactly one argument (the instance to initialize)",
                    t.name()
                );
            }
        }
        Ok(())
    }

    #[getter]
    fn __class__(_cx: &Thread, this: Value) -> &'static Type {
        this.ty()
    }

    #[setter]
    fn set___class__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        set_class(cx, this, v)
    }

    /// The object's attribute names and those of its class and bases.
    #[pymethod]
    fn __dir__(cx: &Thread, this: Value) -> Res {
        let out = Dict::new(cx);
        if let Some(d) = get_attr_opt(cx, this, id!(cx, "__dict__"))? {
            if let Some(d) = d.downcast::<Dict>() {
                out.update(cx, Value::from_ref(d))?;
            }
        }
        if let Some(c) = get_attr_opt(cx, this, id!(cx, "__class__"))? {
            merge_class(cx, out, c)?;
        }
        Ok(Value::from_ref(List::from_slice(cx, &out.keys())))
    }

    /// Formats by `str()`; any format spec is an error.
    #[pymethod]
    fn __format__(cx: &Thread, this: Value, format_spec: Value) -> Res<&'static Str> {
        let Some(spec) = format_spec.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "__format__() argument must be str, not {}",
                crate::bind::type_or_none(format_spec)
            );
        };
        if spec.len() > 0 {
            raise!(
                cx,
                TypeError,
                "unsupported format string passed to {}.__format__",
                this.ty().name()
            );
        }
        to_str(cx, this)
    }

    /// Memory of the object in bytes.
    #[pymethod]
    fn __sizeof__(cx: &Thread, this: Value) -> Res<usize> {
        let t = this.ty();
        let mut n = t.tp_basicsize.load(Ordering::Relaxed) as usize;
        let item = t.tp_itemsize.load(Ordering::Relaxed).unsigned_abs();
        if item > 0 {
            if let Some(f) = t.slots().len.get() {
                n += f(cx, this)? * item;
            }
        }
        Ok(n)
    }

    /// Support for pickle.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: Value) -> Res {
        super::reduce::reduce_ex(cx, this, 0)
    }

    /// Support for pickle: the protocol's way to rebuild the object.
    #[pymethod]
    fn __reduce_ex__(cx: &Thread, this: Value, protocol: isize) -> Res {
        let name = id!(cx, "__reduce__");
        let own = Object::type_object().dict().get_str(cx, name);
        if this.ty().lookup(cx, name) != own {
            let f = get_attr(cx, this, name)?;
            return call(cx, f, &[]);
        }
        super::reduce::reduce_ex(cx, this, protocol)
    }

    /// Support for pickle: the object's state.
    #[pymethod]
    fn __getstate__(cx: &Thread, this: Value) -> Res {
        super::reduce::default_getstate(cx, this, false)
    }

    /// Called when a class is subclassed; the default does nothing.
    #[classmethod]
    fn __init_subclass__(_cx: &Thread, _cls: Value) {}

    /// Lets an abstract class answer `issubclass`; the default leaves it to the usual rule.
    #[classmethod(text = "($type, object, /)")]
    fn __subclasshook__(_cx: &Thread, _cls: Value, args: Value) -> Value {
        let _ = args;
        not_implemented()
    }
}

fn merge_class(cx: &Thread, out: &Dict, cls: Value) -> Res<()> {
    if let Some(d) = get_attr_opt(cx, cls, id!(cx, "__dict__"))? {
        out.update(cx, d)?;
    }
    if let Some(bases) =
        get_attr_opt(cx, cls, id!(cx, "__bases__"))?.and_then(|b| b.downcast::<Tuple>())
    {
        for b in bases.as_slice() {
            merge_class(cx, out, *b)?;
        }
    }
    Ok(())
}

/// `id(v)` as an unsigned word: the address, or the bits of an unboxed number.
pub fn id_of(v: Value) -> u64 {
    v.bits()
}

fn abstract_error(cx: &Thread, cls: &Type) -> Res<Raised> {
    let names = get_attr(cx, Value::from_ref(cls), id!(cx, "__abstractmethods__"))?;
    let mut list: Vec<String> = Vec::new();
    for n in collect(cx, names)?.iter() {
        list.push(format!("'{}'", to_str(cx, *n)?.to_str_lossy()));
    }
    list.sort();
    let s = if list.len() == 1 { "" } else { "s" };
    Ok(err!(
        cx,
        TypeError,
        "Can't instantiate abstract class {} without an implementation for abstract method{s} {}",
        cls.name(),
        list.join(", ")
    ))
}

/// `obj.__class__ = v` (`object_set_class`).
fn set_class(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
    let Some(v) = v else {
        raise!(cx, TypeError, "can't delete __class__ attribute");
    };
    let Some(new) = v.as_type() else {
        raise!(cx, TypeError, "__class__ must be set to a class, not '{}' object", v.ty().name());
    };
    let old = this.ty();
    if new.is(old) {
        return Ok(());
    }
    let module = Module::type_object();
    let both_modules = new.is_subtype(module) && old.is_subtype(module);
    if !both_modules
        && (new.has_feature(tpflags::IMMUTABLETYPE) || old.has_feature(tpflags::IMMUTABLETYPE))
    {
        raise!(
            cx,
            TypeError,
            "__class__ assignment only supported for mutable types or ModuleType subclasses"
        );
    }
    crate::types::bases::compatible_for_assignment(cx, old, new, "__class__")?;
    // The attributes go into a real dict, so that the instance fits any number of inline slots.
    crate::types::attr::instance_dict(cx, this);
    let shape = crate::types::shape::Shape::dict_shape(cx, new);
    let head = this.head().expect("unboxed numbers have immutable types");
    cx.mutator.stop_the_world(|_| {
        if let Some(inst) = Instance::of(this) {
            inst.pre().set_shape(shape);
        }
        taipan_heap::slot::barrier(&head.ob_type);
        head.ob_type.store(new as *const Type as *mut Head, Ordering::Release);
    });
    if new.info().layout.has_finalizer.load(Ordering::Relaxed) {
        cx.mutator.set_finalizer(std::ptr::NonNull::from(head));
    }
    Ok(())
}
