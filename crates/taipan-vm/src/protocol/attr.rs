//! Attribute access.

use crate::modules::thread::local::{self, Local};
use crate::prelude::*;
use std::sync::atomic::Ordering::Relaxed;

/// `obj.name`; `name` is interned.
#[inline]
pub fn get_attr(cx: &Thread, obj: Value, name: &Str) -> Res {
    let r = match obj.ty().slots().getattro.get() {
        Some(f) => f(cx, obj, name),
        None => crate::types::attr::generic_getattr(cx, obj, name),
    };
    match r {
        Ok(v) => Ok(v),
        Err(e) => Err(attribute_failed(e, obj, name)),
    }
}

/// An AttributeError that says nothing of its object and name is given these: hints need them.
#[cold]
fn attribute_failed(e: Raised, obj: Value, name: &Str) -> Raised {
    crate::objects::exceptions::complete_attribute_context(e, obj, name);
    e
}

/// `getattr(obj, name)` where an AttributeError means `None`.
pub fn get_attr_opt(cx: &Thread, obj: Value, name: &Str) -> Res<Option<Value>> {
    let t = obj.ty();
    if t.info().layout.generic_getattr.load(std::sync::atomic::Ordering::Relaxed) {
        return match crate::types::attr::generic_getattr_opt(cx, obj, name) {
            // A descriptor's own AttributeError means that there is no such attribute, too.
            Err(e) if e.is(exc::AttributeError()) => Ok(None),
            r => r,
        };
    }
    // Classes, unless their metaclass has a `__getattribute__` or `__getattr__` of its own.
    let own = t.slots().getattro.raw();
    let found = if own == Type::type_object().slots().getattro.raw() {
        crate::types::attr::type_getattr_opt(cx, obj, name)
    } else if obj.downcast::<Local>().is_some()
        && own == Local::type_object().slots().getattro.raw()
    {
        local::attribute(cx, obj, name)
    } else {
        get_attr(cx, obj, name).map(Some)
    };
    match found {
        Ok(v) => Ok(v),
        Err(e) if e.is(exc::AttributeError()) => Ok(None),
        Err(e) => Err(e),
    }
}

/// `obj.name = v`, or `del obj.name` for `None`; `name` is interned.
pub fn set_attr(cx: &Thread, obj: Value, name: &Str, v: Option<Value>) -> Res<()> {
    match obj.ty().slots().setattro.get() {
        Some(f) => f(cx, obj, name, v),
        None => crate::types::attr::generic_setattr(cx, obj, name, v),
    }
}

/// A method ready to call: the unbound function and self, or a bound callable
/// (`_PyObject_GetMethod`).
pub fn get_method(cx: &Thread, obj: Value, name: &Str) -> Res<(Value, Option<Value>)> {
    crate::types::attr::get_method(cx, obj, name)
}

/// A special method bound to its object, looked up on the type only (`lookup_maybe_method`).
pub fn lookup_special(cx: &Thread, obj: Value, name: &Str) -> Res<Option<Value>> {
    let Some(f) = obj.ty().lookup(cx, name) else { return Ok(None) };
    match f.ty().slots().descr_get.get() {
        Some(get) => get(cx, f, Some(obj), Some(Value::from_ref(obj.ty()))).map(Some),
        None => Ok(Some(f)),
    }
}

/// `isinstance(obj, cls)` (`PyObject_IsInstance`).
pub fn is_instance(cx: &Thread, obj: Value, cls: Value) -> Res<bool> {
    if obj.ty() as *const Type as u64 == cls.bits() {
        return Ok(true);
    }
    if cls.ty().is(Type::type_object()) {
        return real_is_instance(cx, obj, cls);
    }
    if let Some(t) = cls.downcast_exact::<Tuple>() {
        return any_instance(cx, obj, t);
    }
    if let Some(u) = crate::objects::union::union_args(cls) {
        return any_instance(cx, obj, u);
    }
    if let Some(t) = cls.downcast::<Tuple>() {
        return any_instance(cx, obj, t);
    }
    let _depth = cx.enter_recursive(" in __instancecheck__")?;
    match call_special(cx, cls, id!(cx, "__instancecheck__"), &[obj])? {
        Some(r) => is_true(cx, r),
        None => real_is_instance(cx, obj, cls),
    }
}

fn any_instance(cx: &Thread, obj: Value, t: &Tuple) -> Res<bool> {
    // Mostly they are classes without a metaclass: nothing is called then.
    if t.as_slice().iter().all(|c| c.ty().is(Type::type_object())) {
        let own = obj.ty();
        if t.as_slice().iter().any(|c| own.is_subtype(c.as_type_unchecked())) {
            return Ok(true);
        }
        if has_plain_class(own) {
            return Ok(false);
        }
    }
    let _depth = cx.enter_recursive(" in __instancecheck__")?;
    for &c in t.as_slice() {
        if is_instance(cx, obj, c)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Nearly every type has object's own `__class__`, which says nothing new; the version of the type
/// where that was last found is kept.
#[inline]
fn has_plain_class(t: &Type) -> bool {
    let version = t.version();
    version != 0 && t.info().layout.plain_class.load(Relaxed) == version
}

/// `type.__instancecheck__` (`object_isinstance`).
pub fn real_is_instance(cx: &Thread, obj: Value, cls: Value) -> Res<bool> {
    if let Some(c) = cls.as_type() {
        if obj.ty().is_subtype(c) {
            return Ok(true);
        }
        let layout = &obj.ty().info().layout;
        let version = obj.ty().version();
        if has_plain_class(obj.ty()) {
            return Ok(false);
        }
        let name = id!(cx, "__class__");
        let own = crate::objects::object::Object::type_object().lookup(cx, name);
        if layout.generic_getattr.load(Relaxed) && obj.ty().lookup(cx, name) == own {
            layout.plain_class.store(version, Relaxed);
            return Ok(false);
        }
        let icls = get_attr_opt(cx, obj, name)?;
        return Ok(match icls.and_then(|v| v.as_type()) {
            Some(t) => !t.is(obj.ty()) && t.is_subtype(c),
            None => false,
        });
    }
    check_class(cx, cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")?;
    match get_attr_opt(cx, obj, id!(cx, "__class__"))? {
        Some(icls) => abstract_is_subclass(cx, icls, cls),
        None => Ok(false),
    }
}

/// `issubclass(derived, cls)` (`PyObject_IsSubclass`).
pub fn is_subclass(cx: &Thread, derived: Value, cls: Value) -> Res<bool> {
    if cls.ty().is(Type::type_object()) {
        if derived == cls {
            return Ok(true);
        }
        return real_is_subclass(cx, derived, cls);
    }
    let parts = crate::objects::union::union_args(cls).or_else(|| cls.downcast::<Tuple>());
    if let Some(t) = parts {
        let _depth = cx.enter_recursive(" in __subclasscheck__")?;
        for &c in t.as_slice() {
            if is_subclass(cx, derived, c)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let _depth = cx.enter_recursive(" in __subclasscheck__")?;
    match call_special(cx, cls, id!(cx, "__subclasscheck__"), &[derived])? {
        Some(r) => is_true(cx, r),
        None => real_is_subclass(cx, derived, cls),
    }
}

/// `type.__subclasscheck__` (`recursive_issubclass`).
pub fn real_is_subclass(cx: &Thread, derived: Value, cls: Value) -> Res<bool> {
    if let (Some(d), Some(c)) = (derived.as_type(), cls.as_type()) {
        return Ok(d.is_subtype(c));
    }
    check_class(cx, derived, "issubclass() arg 1 must be a class")?;
    check_class(cx, cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union")?;
    abstract_is_subclass(cx, derived, cls)
}

fn abstract_bases(cx: &Thread, cls: Value) -> Res<Option<&'static Tuple>> {
    let b = get_attr_opt(cx, cls, id!(cx, "__bases__"))?;
    Ok(b.and_then(|b| b.downcast::<Tuple>()))
}

fn check_class(cx: &Thread, cls: Value, msg: &str) -> Res<()> {
    match abstract_bases(cx, cls)? {
        Some(_) => Ok(()),
        None => raise!(cx, TypeError, "{msg}"),
    }
}

fn abstract_is_subclass(cx: &Thread, derived: Value, cls: Value) -> Res<bool> {
    if derived == cls {
        return Ok(true);
    }
    let _depth = cx.enter_recursive(" in __issubclass__")?;
    if let Some(bases) = abstract_bases(cx, derived)? {
        for &b in bases.as_slice() {
            if abstract_is_subclass(cx, b, cls)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
