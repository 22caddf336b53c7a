//! `super`.

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct Super {
    pub head: Head,
    /// The class after which lookup starts.
    pub ty: Slot,
    pub obj: Slot,
    pub obj_type: Slot,
}

crate::pytype! { Super, PySuper_Type, name: "super", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "Looks attributes up in the classes after a given one in the mro.\n\nsuper(): the same as super(__class__, first argument)\nsuper(type): unbound\nsuper(type, obj): bound; isinstance(obj, type)\nsuper(type, type2): bound; issubclass(type2, type)" }

/// `super(ty, obj)`, known to fit.
pub fn new(cx: &Thread, ty: &Type, obj: Value) -> Value {
    let s = Super {
        head: fresh_head(),
        ty: Slot::empty(),
        obj: Slot::empty(),
        obj_type: Slot::empty(),
    };
    s.ty.init(Some(Value::from_ref(ty)));
    s.obj.init(Some(obj));
    let t = match obj.as_type() {
        Some(t) if t.is_subtype(ty) => Value::from_ref(t),
        _ => Value::from_ref(obj.ty()),
    };
    s.obj_type.init(Some(t));
    Value::from_ref(cx.alloc(s))
}

/// The type whose mro is searched for `super(ty, obj)` (`supercheck`).
pub fn check(cx: &Thread, ty: &Type, obj: Value) -> Res<&'static Type> {
    if let Some(t) = obj.as_type() {
        if t.is_subtype(ty) {
            return Ok(t);
        }
    }
    if obj.ty().is_subtype(ty) {
        return Ok(obj.ty());
    }
    if let Some(c) = get_attr_opt(cx, obj, id!(cx, "__class__"))?.and_then(|c| c.as_type()) {
        if !c.is(obj.ty()) && c.is_subtype(ty) {
            return Ok(c);
        }
    }
    let (what, name) = match obj.as_type() {
        Some(t) => ("type", t.name()),
        None => ("instance of", obj.ty().name()),
    };
    raise!(
        cx,
        TypeError,
        "super(type, obj): obj ({what} {name}) is not an instance or subtype of type ({}).",
        ty.name()
    )
}

/// The attribute of the classes after `ty` in the mro of `obj_type`, unbound.
pub fn lookup(cx: &Thread, ty: &Type, obj_type: &Type, name: &Str) -> Option<Value> {
    let mro = obj_type.mro();
    let at = mro.as_slice().iter().position(|c| *c == Value::from_ref(ty))?;
    for c in &mro.as_slice()[at + 1..] {
        if let Some(v) = c.as_type_unchecked().dict().get_str(cx, name) {
            return Some(v);
        }
    }
    None
}

/// `super(ty, obj).name`; `as_method`: a function may come back unbound, to be called with obj.
pub fn get_super_attr(
    cx: &Thread,
    ty: &Type,
    obj: Value,
    obj_type: &Type,
    name: &Str,
    as_method: bool,
) -> Res<(Value, bool)> {
    if !name.eq_str("__class__") {
        if let Some(v) = lookup(cx, ty, obj_type, name) {
            if as_method && v.ty().has_feature(tpflags::METHOD_DESCRIPTOR) {
                return Ok((v, true));
            }
            return match v.ty().slots().descr_get.get() {
                Some(get) => {
                    let is_type = obj == Value::from_ref(obj_type);
                    let o = if is_type { None } else { Some(obj) };
                    get(cx, v, o, Some(Value::from_ref(obj_type))).map(|v| (v, false))
                }
                None => Ok((v, false)),
            };
        }
    }
    let s = new(cx, ty, obj);
    crate::types::attr::generic_getattr_opt(cx, s, name)?.map(|v| (v, false)).ok_or_else(|| {
        let e = err!(cx, AttributeError, "'super' object has no attribute '{name}'");
        super::exceptions::set_attribute_context(cx, e, s, name);
        e
    })
}

#[pymethods]
impl Super {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(cx.alloc_in(
            cls,
            Super {
                head: fresh_head(),
                ty: Slot::empty(),
                obj: Slot::empty(),
                obj_type: Slot::empty(),
            },
        )))
    }

    #[slot]
    fn __init__(cx: &Thread, this: &Super, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        if kw.is_some_and(|k| k.len() > 0) {
            raise!(cx, TypeError, "super() takes no keyword arguments");
        }
        let (ty, obj) = match args {
            [] => crate::interp::super_arguments(cx)?,
            [t] | [t, _] => {
                let Some(t) = t.as_type() else {
                    raise!(
                        cx,
                        TypeError,
                        "super() argument 1 must be a type, not {}",
                        t.ty().name()
                    );
                };
                (t, args.get(1).copied().filter(|v| !v.is_none()))
            }
            _ => raise!(cx, TypeError, "super() expected at most 2 arguments, got {}", args.len()),
        };
        this.ty.set(this, Value::from_ref(ty));
        match obj {
            Some(o) => {
                let t = check(cx, ty, o)?;
                this.obj.set(this, o);
                this.obj_type.set(this, Value::from_ref(t));
            }
            None => {
                this.obj.clear(this);
                this.obj_type.clear(this);
            }
        }
        Ok(())
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: &Super, name: &Str) -> Res {
        let (Some(t), Some(o), Some(ot)) = (this.ty.get(), this.obj.get(), this.obj_type.get())
        else {
            return crate::types::attr::generic_getattr(cx, Value::from_ref(this), name);
        };
        if !name.eq_str("__class__") {
            let ot = ot.as_type_unchecked();
            if let Some(v) = lookup(cx, t.as_type_unchecked(), ot, name) {
                return match v.ty().slots().descr_get.get() {
                    Some(get) => {
                        let obj = if o == Value::from_ref(ot) { None } else { Some(o) };
                        get(cx, v, obj, Some(Value::from_ref(ot)))
                    }
                    None => Ok(v),
                };
            }
        }
        crate::types::attr::generic_getattr(cx, Value::from_ref(this), name)
    }

    #[slot]
    fn __get__(cx: &Thread, this: &Super, obj: Option<Value>, _ty: Option<Value>) -> Res {
        let me = Value::from_ref(this);
        match (obj, this.obj.get(), this.ty.get()) {
            (Some(o), None, Some(t)) => {
                let cls = me.ty();
                if !cls.is(Super::type_object()) {
                    return call(cx, Value::from_ref(cls), &[t, o]);
                }
                check(cx, t.as_type_unchecked(), o)?;
                Ok(new(cx, t.as_type_unchecked(), o))
            }
            _ => Ok(me),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Super) -> Res<Value> {
        let ty = this.ty.get().and_then(|t| t.as_type()).map_or("NULL".into(), |t| t.name());
        let s = match this.obj_type.get().and_then(|t| t.as_type()) {
            Some(t) => format!("<super: <class '{ty}'>, <{} object>>", t.name()),
            None => format!("<super: <class '{ty}'>, NULL>"),
        };
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    #[getter]
    fn __thisclass__(_cx: &Thread, this: &Super) -> Option<Value> {
        this.ty.get()
    }

    #[getter]
    fn __self__(_cx: &Thread, this: &Super) -> Option<Value> {
        this.obj.get()
    }

    #[getter]
    fn __self_class__(_cx: &Thread, this: &Super) -> Option<Value> {
        this.obj_type.get()
    }
}
