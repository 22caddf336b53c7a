//! `type`: calling classes, making classes, and the attributes of class objects.

use super::layout::{HEAP_TYPE_SIZE, Type};
use super::ready;
use crate::objects::descr;
use crate::objects::object::Object;
use crate::prelude::*;
use std::sync::atomic::Ordering;

crate::pytype! { Type, PyType_Type, name: "type", module: "builtins", base: Object,
flags: tpflags::BASETYPE, fast: TYPE_SUBCLASS, basicsize: HEAP_TYPE_SIZE,
doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type" }

/// The largest number of attribute slots instances carry inline.
const MAX_INLINE: u32 = 30;

#[pymethods]
impl Type {
    #[slot]
    fn __repr__(cx: &Thread, this: &Type) -> Res<Value> {
        let q = qualname(this);
        Ok(Value::from_ref(Str::new(
            cx,
            &match module_name(cx, this) {
                Some(m) if !m.eq_str("builtins") => format!("<class '{m}.{q}'>"),
                _ => format!("<class '{q}'>"),
            },
        )))
    }

    #[slot]
    fn __call__(cx: &Thread, this: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        type_call(cx, this, args, kw)
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: Value, name: &Str) -> Res {
        super::attr::type_getattro(cx, this, name)
    }

    #[slot]
    fn __setattr__(cx: &Thread, this: Value, name: &Str, v: Option<Value>) -> Res<()> {
        super::attr::type_setattro(cx, this, name, v)
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        crate::objects::union::or(cx, a, b)
    }

    #[slot]
    fn __new__(cx: &Thread, meta: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        type_new(cx, meta, args, kw)
    }

    #[slot]
    fn __init__(cx: &Thread, _this: Value, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        let nkw = kw.map_or(0, |k| k.len());
        let n = args.len() - nkw;
        if nkw > 0 && n == 1 {
            raise!(cx, TypeError, "type.__init__() takes no keyword arguments");
        }
        if n != 1 && n != 3 {
            raise!(cx, TypeError, "type.__init__() takes 1 or 3 arguments");
        }
        Ok(())
    }

    /// The method resolution order, computed anew.
    #[pymethod(name = "mro")]
    fn compute_new_mro(cx: &Thread, this: &Type) -> Res {
        let l = super::mro::linearize(cx, this, this.bases().as_slice())?;
        Ok(Value::from_ref(List::from_slice(cx, &l)))
    }

    /// The immediate subclasses that are alive.
    #[pymethod]
    fn __subclasses__(cx: &Thread, this: &Type) -> Res {
        Ok(Value::from_ref(List::from_slice(cx, &this.direct_subclasses(cx))))
    }

    /// The namespace a class statement starts from.
    #[classmethod(sig = "(cls, /, *args, **kwds)", text = "($cls, name, bases, /, **kwds)")]
    #[allow(unused_variables)]
    fn __prepare__(cx: &Thread, cls: Value, args: &[Value], kw: Option<&'static Dict>) -> Res {
        Ok(Value::from_ref(Dict::new(cx)))
    }

    /// Is the object an instance of this class?
    #[pymethod]
    fn __instancecheck__(cx: &Thread, this: Value, instance: Value) -> Res<bool> {
        real_is_instance(cx, instance, this)
    }

    /// Is the class a subclass of this class?
    #[pymethod]
    fn __subclasscheck__(cx: &Thread, this: Value, subclass: Value) -> Res<bool> {
        real_is_subclass(cx, subclass, this)
    }

    /// The names of the class's attributes and, recursively, those of its bases.
    #[pymethod]
    fn __dir__(cx: &Thread, this: &Type) -> Res {
        let out = Dict::new(cx);
        for c in this.mro().as_slice() {
            for k in c.as_type_unchecked().dict().keys().iter() {
                out.set(cx, *k, none())?;
            }
        }
        Ok(Value::from_ref(List::from_slice(cx, &out.keys())))
    }

    /// Memory of the type object in bytes.
    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Type) -> usize {
        if this.is_heap() { HEAP_TYPE_SIZE + 48 } else { size_of::<Type>() }
    }

    #[getter]
    fn __name__(cx: &Thread, this: &Type) -> Res {
        let _ = cx;
        Ok(this.info().name.value())
    }

    #[setter]
    fn set___name__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        let v = check_settable(cx, this, v, "__name__")?;
        let Some(s) = v.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "can only assign string to {}.__name__, not '{}'",
                this.name(),
                v.ty().name()
            );
        };
        if s.chars().any(|c| c == 0) {
            raise!(cx, ValueError, "type name must not contain null characters");
        }
        s.utf8(cx)?;
        this.info().name.set(this, v);
        Ok(())
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &Type) -> Res {
        let _ = cx;
        Ok(this.info().qualname.value())
    }

    #[setter]
    fn set___qualname__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        let v = check_settable(cx, this, v, "__qualname__")?;
        if v.downcast::<Str>().is_none() {
            raise!(
                cx,
                TypeError,
                "can only assign string to {}.__qualname__, not '{}'",
                this.name(),
                v.ty().name()
            );
        }
        this.info().qualname.set(this, v);
        Ok(())
    }

    #[getter]
    fn __module__(cx: &Thread, this: &Type) -> Res {
        if let (false, Some(n)) = (this.is_heap(), this.info().native) {
            return Ok(Value::from_ref(crate::objects::str::intern(cx, n.module)));
        }
        match this.dict().get_str(cx, id!(cx, "__module__")) {
            Some(m) => Ok(m),
            None => raise!(cx, AttributeError, "__module__"),
        }
    }

    #[setter]
    fn set___module__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        let v = check_settable(cx, this, v, "__module__")?;
        super::attr::type_set_raw(cx, this, id!(cx, "__module__"), Some(v))?;
        this.dict().del_str(cx, id!(cx, "__firstlineno__"));
        Ok(())
    }

    #[getter]
    fn __bases__(_cx: &Thread, this: &Type) -> Value {
        this.info().bases.value()
    }

    #[setter]
    fn set___bases__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        let v = check_settable(cx, this, v, "__bases__")?;
        super::bases::set_bases(cx, this, v)
    }

    #[getter]
    fn __base__(_cx: &Thread, this: &Type) -> Option<Value> {
        this.tp_base.get()
    }

    #[getter]
    fn __mro__(_cx: &Thread, this: &Type) -> Value {
        this.info().mro.get().unwrap_or(none())
    }

    #[getter]
    fn __dict__(cx: &Thread, this: &Type) -> Value {
        crate::objects::mappingproxy::new(cx, this.info().dict.value())
    }

    #[getter]
    fn __doc__(cx: &Thread, this: &Type) -> Res {
        let own = this.dict().get_str(cx, id!(cx, "__doc__"));
        // The namespaces of `type`, `property` and others have the instances' attribute there.
        if let (Some(native), Some(d)) = (this.info().native, own)
            && d.ty().slots().descr_set.get().is_some()
        {
            return Ok(crate::objects::signature::doc_of_native(cx, native));
        }
        match own {
            Some(d) => match d.ty().slots().descr_get.get() {
                Some(get) => get(cx, d, None, Some(Value::from_ref(this))),
                None => Ok(d),
            },
            None => Ok(none()),
        }
    }

    #[setter]
    fn set___doc__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        let v = check_settable(cx, this, v, "__doc__")?;
        super::attr::type_set_raw(cx, this, id!(cx, "__doc__"), Some(v))
    }

    #[getter]
    fn __basicsize__(_cx: &Thread, this: &Type) -> isize {
        this.tp_basicsize.load(Ordering::Relaxed)
    }

    #[getter]
    fn __itemsize__(_cx: &Thread, this: &Type) -> isize {
        this.tp_itemsize.load(Ordering::Relaxed)
    }

    #[getter]
    fn __flags__(_cx: &Thread, this: &Type) -> u64 {
        this.flags()
    }

    #[getter]
    fn __dictoffset__(_cx: &Thread, this: &Type) -> isize {
        this.tp_dictoffset.load(Ordering::Relaxed)
    }

    #[getter]
    fn __weakrefoffset__(_cx: &Thread, this: &Type) -> isize {
        this.tp_weaklistoffset.load(Ordering::Relaxed)
    }

    #[getter]
    fn __text_signature__(cx: &Thread, this: &Type) -> Res {
        Ok(crate::objects::signature::type_text_signature(cx, this))
    }

    #[getter]
    fn __abstractmethods__(cx: &Thread, this: &Type) -> Res {
        let name = id!(cx, "__abstractmethods__");
        if !this.is(Type::type_object()) {
            if let Some(v) = this.dict().get_str(cx, name) {
                return Ok(v);
            }
        }
        let e = err!(cx, AttributeError, "{}", name);
        Err(e)
    }

    #[setter]
    fn set___abstractmethods__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        let name = id!(cx, "__abstractmethods__");
        match v {
            Some(v) => {
                let abstract_ = is_true(cx, v)?;
                super::attr::type_set_raw(cx, this, name, Some(v))?;
                if abstract_ {
                    this.tp_flags.fetch_or(tpflags::IS_ABSTRACT, Ordering::AcqRel);
                } else {
                    this.tp_flags.fetch_and(!tpflags::IS_ABSTRACT, Ordering::AcqRel);
                }
            }
            None => {
                if !this.dict().del_str(cx, name) {
                    raise!(cx, AttributeError, "{}", name);
                }
                this.modified(cx);
                this.tp_flags.fetch_and(!tpflags::IS_ABSTRACT, Ordering::AcqRel);
            }
        }
        Ok(())
    }

    #[getter]
    fn __annotations__(cx: &Thread, this: &Type) -> Res {
        if !this.is_heap() {
            raise!(
                cx,
                AttributeError,
                "type object '{}' has no attribute '__annotations__'",
                this.name()
            );
        }
        let name = id!(cx, "__annotations__");
        if let Some(a) = this.dict().get_str(cx, name) {
            return match a.ty().slots().descr_get.get() {
                Some(get) => get(cx, a, None, Some(Value::from_ref(this))),
                None => Ok(a),
            };
        }
        let d = Value::from_ref(Dict::new(cx));
        super::attr::type_set_raw(cx, this, name, Some(d))?;
        Ok(d)
    }

    #[setter]
    fn set___annotations__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        if this.has_feature(tpflags::IMMUTABLETYPE) {
            raise!(
                cx,
                TypeError,
                "cannot set '__annotations__' attribute of immutable type '{}'",
                this.name()
            );
        }
        let name = id!(cx, "__annotations__");
        if v.is_none() && this.dict().get_str(cx, name).is_none() {
            raise!(cx, AttributeError, "__annotations__");
        }
        super::attr::type_set_raw(cx, this, name, v)
    }

    #[getter]
    fn __type_params__(cx: &Thread, this: &Type) -> Value {
        // The entry of `type` itself is this very descriptor.
        if !this.is_heap() {
            return Value::from_ref(Tuple::empty(cx));
        }
        this.dict()
            .get_str(cx, id!(cx, "__type_params__"))
            .unwrap_or_else(|| Value::from_ref(Tuple::empty(cx)))
    }

    #[setter]
    fn set___type_params__(cx: &Thread, this: &Type, v: Option<Value>) -> Res<()> {
        let v = check_settable(cx, this, v, "__type_params__")?;
        super::attr::type_set_raw(cx, this, id!(cx, "__type_params__"), Some(v))
    }
}

fn check_settable(cx: &Thread, t: &Type, v: Option<Value>, name: &str) -> Res<Value> {
    if t.has_feature(tpflags::IMMUTABLETYPE) {
        raise!(cx, TypeError, "cannot set '{name}' attribute of immutable type '{}'", t.name());
    }
    match v {
        Some(v) => Ok(v),
        None => {
            raise!(
                cx,
                TypeError,
                "cannot delete '{name}' attribute of immutable type '{}'",
                t.name()
            )
        }
    }
}

pub fn qualname(t: &Type) -> String {
    match t.info().qualname.get().and_then(|v| v.downcast::<Str>()) {
        Some(s) => s.to_str_lossy().into_owned(),
        None => t.name().into_owned(),
    }
}

/// `__module__` where it is a string.
pub fn module_name(cx: &Thread, t: &Type) -> Option<&'static Str> {
    if let (false, Some(n)) = (t.is_heap(), t.info().native) {
        return Some(crate::objects::str::intern(cx, n.module));
    }
    match t.dict().get_str(cx, id!(cx, "__module__")) {
        // A native type's namespace may hold the `__module__` attribute of its instances.
        Some(m) if t.info().native.is_none() || m.downcast::<Str>().is_some() => {
            m.downcast::<Str>()
        }
        _ => t.info().native.map(|n| crate::objects::str::intern(cx, n.module)),
    }
}

/// "module.qualname", or the qualname alone for builtins (`type_get_fullyqualifiedname`).
pub fn full_name(cx: &Thread, t: &Type) -> String {
    match module_name(cx, t) {
        Some(m) if !m.eq_str("builtins") && !m.eq_str("__main__") => format!("{m}.{}", qualname(t)),
        _ => qualname(t),
    }
}

/// `cls(*args, **kw)` (`type_call`).
pub fn type_call(cx: &Thread, ty: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
    if ty.is(Type::type_object()) {
        if let ([v], None) = (args, kw) {
            return Ok(Value::from_ref(v.ty()));
        }
        let nkw = kw.map_or(0, |k| k.len());
        if args.len() - nkw != 3 {
            raise!(cx, TypeError, "type() takes 1 or 3 arguments");
        }
    }
    let Some(new) =
        ty.slots().new.get().filter(|_| !ty.has_feature(tpflags::DISALLOW_INSTANTIATION))
    else {
        raise!(cx, TypeError, "cannot create '{}' instances", full_name(cx, ty));
    };
    let obj = new(cx, ty, args, kw)?;
    let t = obj.ty();
    if !t.is(ty) && !t.is_subtype(ty) {
        return Ok(obj);
    }
    // `object.__init__` says nothing to arguments that a `__new__` of its own was given.
    let object = crate::objects::object::Object::type_object().slots();
    let slots = t.slots();
    if slots.init.raw() == object.init.raw() && slots.new.raw() != object.new.raw() {
        return Ok(obj);
    }
    if let Some(init) = slots.init.get() {
        init(cx, obj, args, kw)?;
    }
    Ok(obj)
}

/// The most derived metatype of the bases (`_PyType_CalculateMetaclass`).
pub fn calculate_metaclass(
    cx: &Thread,
    meta: &'static Type,
    bases: &[Value],
) -> Res<&'static Type> {
    let mut winner = meta;
    for b in bases {
        let t = b.ty();
        if winner.is_subtype(t) {
            continue;
        }
        if t.is_subtype(winner) {
            winner = t;
            continue;
        }
        raise!(
            cx,
            TypeError,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
        );
    }
    Ok(winner)
}

/// The native type whose struct an instance of `t` starts with.
fn solid(t: &Type) -> &'static Type {
    t.info().solid.value().as_type_unchecked()
}

/// Does the class add anything to its base's layout that another base could clash with?
fn adds_layout(t: &'static Type) -> &'static Type {
    // A class with `__slots__` members counts as its own solid base, as in CPython.
    let s = t.info().slot_names.get().and_then(|v| v.downcast::<Tuple>());
    if s.is_some_and(|s| s.len() > 0) {
        return t;
    }
    match t.base() {
        Some(b) if t.is_heap() => adds_layout(b),
        _ => solid(t),
    }
}

/// The base whose layout the new class takes over (`best_base`).
pub(super) fn best_base(cx: &Thread, bases: &[Value]) -> Res<&'static Type> {
    let mut best: Option<(&'static Type, &'static Type)> = None;
    for b in bases {
        let Some(t) = b.as_type() else {
            raise!(cx, TypeError, "bases must be types");
        };
        if !t.has_feature(tpflags::BASETYPE) {
            raise!(cx, TypeError, "type '{}' is not an acceptable base type", full_name(cx, t));
        }
        let s = adds_layout(t);
        match best {
            None => best = Some((t, s)),
            Some((_, w)) if w.is_subtype(s) => {}
            Some((_, w)) if s.is_subtype(w) => best = Some((t, s)),
            Some(_) => {
                raise!(cx, TypeError, "multiple bases have instance lay-out conflict")
            }
        }
    }
    Ok(best.expect("there is at least one base").0)
}

fn resolve_bases_error(cx: &Thread, bases: &Tuple) -> Res<()> {
    for b in bases.as_slice() {
        if b.as_type().is_some() {
            continue;
        }
        if get_attr_opt(cx, *b, id!(cx, "__mro_entries__"))?.is_some() {
            raise!(
                cx,
                TypeError,
                "type() doesn't support MRO entry resolution; use types.new_class()"
            );
        }
    }
    Ok(())
}

/// `type(name, bases, dict, **kw)` (`type_new`).
pub fn type_new(cx: &Thread, meta: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
    let nkw = kw.map_or(0, |k| k.len());
    let pos = &args[..args.len() - nkw];
    if pos.len() != 3 {
        raise!(cx, TypeError, "type.__new__() takes exactly 3 arguments ({} given)", pos.len());
    }
    let Some(name) = pos[0].downcast::<Str>() else {
        raise!(
            cx,
            TypeError,
            "type.__new__() argument 1 must be str, not {}",
            crate::bind::type_or_none(pos[0])
        );
    };
    let Some(mut bases) = pos[1].downcast::<Tuple>() else {
        raise!(
            cx,
            TypeError,
            "type.__new__() argument 2 must be tuple, not {}",
            crate::bind::type_or_none(pos[1])
        );
    };
    let Some(ns) = pos[2].downcast::<Dict>() else {
        raise!(
            cx,
            TypeError,
            "type.__new__() argument 3 must be dict, not {}",
            crate::bind::type_or_none(pos[2])
        );
    };
    let meta = Value::from_ref(meta).as_type_unchecked();
    let mut winner = meta;
    if bases.len() > 0 {
        resolve_bases_error(cx, bases)?;
        winner = calculate_metaclass(cx, meta, bases.as_slice())?;
        if !winner.is(meta) {
            let their_new = winner.slots().new.get();
            let type_new_slot = Type::type_object().slots().new.get();
            if their_new.map(|f| f as usize) != type_new_slot.map(|f| f as usize) {
                if let Some(f) = their_new {
                    return f(cx, winner, args, kw);
                }
            }
        }
    }
    if bases.len() == 0 {
        bases = Tuple::from_slice(cx, &[Value::from_ref(Object::type_object())]);
    }
    let base = best_base(cx, bases.as_slice())?;
    let ty = new_heap_type(cx, winner, name, bases, base, ns)?;
    let v = Value::from_ref(ty);
    set_names(cx, ty)?;
    init_subclass(cx, ty, &args[args.len() - nkw..], kw)?;
    Ok(v)
}

fn set_names(cx: &Thread, ty: &'static Type) -> Res<()> {
    let set_name = id!(cx, "__set_name__");
    for (k, v) in ty.dict().entries().iter() {
        let Some(f) = lookup_special(cx, *v, set_name)? else { continue };
        if let Err(e) = call(cx, f, &[Value::from_ref(ty), *k]) {
            let note = format!(
                "Error calling __set_name__ on '{}' instance {} in '{}'",
                v.ty().name(),
                repr(cx, *k)?,
                ty.name()
            );
            crate::objects::exceptions::add_note(cx, e, &note)?;
            return Err(e);
        }
    }
    Ok(())
}

fn init_subclass(cx: &Thread, ty: &Type, kwvals: &[Value], kw: KwNames<'_>) -> Res<()> {
    // A custom `mro()` may leave the class out of its own order.
    if !ty.mro().as_slice().contains(&Value::from_ref(ty)) {
        raise!(
            cx,
            TypeError,
            "super(type, obj): obj (type {0}) is not an instance or subtype of type ({0}).",
            ty.name()
        );
    }
    let sup = crate::objects::super_::new(cx, ty, Value::from_ref(ty));
    let f = get_attr(cx, sup, id!(cx, "__init_subclass__"))?;
    call_kw(cx, f, kwvals, kw)?;
    Ok(())
}

/// `_Py_Mangle`.
fn mangle(class: &str, name: &str) -> String {
    let c = class.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') || c.is_empty() {
        return name.to_string();
    }
    format!("_{c}{name}")
}

fn new_heap_type(
    cx: &Thread,
    meta: &'static Type,
    name: &Str,
    bases: &'static Tuple,
    base: &'static Type,
    ns: &Dict,
) -> Res<&'static Type> {
    if name.chars().any(|c| c == 0) {
        raise!(cx, ValueError, "type name must not contain null characters");
    }
    name.utf8(cx)?;
    let dict = ns.copy(cx);
    let bi = base.info();
    // What the bases give their instances.
    let any = |f: fn(&Type) -> bool| bases.as_slice().iter().any(|b| b.as_type().is_some_and(f));
    let base_dict = any(|t| t.info().layout.has_dict.load(Ordering::Relaxed));
    let base_weak = any(|t| t.info().layout.has_weakref.load(Ordering::Relaxed));
    let itemsize = base.tp_itemsize.load(Ordering::Relaxed);

    // __slots__
    let slots_name = id!(cx, "__slots__");
    let mut members: Vec<String> = Vec::new();
    // Entries of the namespace that the class statement makes and the class takes out again: their
    // members are entered after that.
    let mut special_members: Vec<String> = Vec::new();
    let (mut dict_on, mut weak_on) = (base_dict, base_weak);
    match dict.get_str(cx, slots_name) {
        None => {
            dict_on = true;
            weak_on = base_weak || itemsize == 0;
        }
        Some(s) => {
            let list = if s.downcast::<Str>().is_some() {
                [s].into_iter().collect::<GcVec<Value>>()
            } else {
                collect(cx, s)?
            };
            if !list.is_empty() && itemsize != 0 {
                raise!(
                    cx,
                    TypeError,
                    "nonempty __slots__ not supported for subtype of '{}'",
                    base.name()
                );
            }
            for v in list.iter() {
                let Some(n) = v.downcast::<Str>() else {
                    raise!(
                        cx,
                        TypeError,
                        "__slots__ items must be strings, not '{}'",
                        v.ty().name()
                    );
                };
                if !crate::objects::str::is_identifier(n) {
                    raise!(cx, TypeError, "__slots__ must be identifiers");
                }
                let text = n.to_str_lossy();
                match text.as_ref() {
                    "__dict__" => {
                        if base_dict || (dict_on && !base_dict) {
                            raise!(cx, TypeError, "__dict__ slot disallowed: we already got one");
                        }
                        dict_on = true;
                    }
                    "__weakref__" => {
                        if base_weak || weak_on {
                            raise!(
                                cx,
                                TypeError,
                                "__weakref__ slot disallowed: we already got one"
                            );
                        }
                        weak_on = true;
                    }
                    t => {
                        let m = mangle(&name.to_str_lossy(), t);
                        let key = crate::objects::str::intern(cx, &m);
                        let special =
                            t == "__qualname__" || t == "__classcell__" || t == "__classdictcell__";
                        if !special && dict.get_str(cx, key).is_some() {
                            raise!(
                                cx,
                                ValueError,
                                "{} in __slots__ conflicts with class variable",
                                repr(cx, *v)?
                            );
                        }
                        if special {
                            special_members.push(m.clone());
                        }
                        members.push(m);
                    }
                }
            }
            members.sort();
        }
    }

    // Instances of metaclasses are types: their namespace and references are the TypeInfo's.
    if base.is_subtype(Type::type_object()) {
        (dict_on, weak_on) = (false, false);
    }

    // The type object itself.
    let p = cx.alloc_uninit(meta, HEAP_TYPE_SIZE);
    // SAFETY: a zeroed cell of HEAP_TYPE_SIZE bytes is a valid Type: all atomics, zero is empty.
    let ty: &'static Type = unsafe { &*(p.as_ptr() as *const Type) };
    // SAFETY: the fields of PyTypeObject are zero and its info follows right here, before any
    // other thread can reach it.
    unsafe { cx.publish(p, meta) };
    let info = ready::new_info(cx, ty, bi.native);
    let mut flags = tpflags::HEAPTYPE | tpflags::BASETYPE | tpflags::HAVE_GC | tpflags::READY;
    for b in bases.as_slice() {
        let mut more = b.as_type_unchecked().flags() & tpflags::INHERITED & !(0xFF << 24);
        // To patterns a class is a sequence or a mapping, what the first base says that is either.
        let collection = tpflags::SEQUENCE | tpflags::MAPPING;
        if flags & collection != 0 {
            more &= !collection;
        }
        flags |= more;
    }
    flags |= base.flags() & tpflags::INHERITED & !(tpflags::SEQUENCE | tpflags::MAPPING);
    ty.tp_flags.store(flags, Ordering::Release);
    info.name.set(ty, Value::from_ref(name));
    info.qualname.set(ty, Value::from_ref(name));
    info.dict.set(ty, Value::from_ref(dict));
    ty.tp_dict.set(ty, Value::from_ref(dict));
    ty.tp_base.set(ty, Value::from_ref(base));
    info.bases.set(ty, Value::from_ref(bases));
    ty.tp_bases.set(ty, Value::from_ref(bases));
    info.solid.set(ty, Value::from_ref(solid(base)));
    info.layout.kind.store(bi.layout.kind.load(Ordering::Relaxed), Ordering::Relaxed);
    ty.tp_itemsize.store(itemsize, Ordering::Relaxed);
    // Nothing in a leaf cell is followed, not even the class: instances of Python classes are scanned.
    if info.layout.kind.load(Ordering::Relaxed) == Kind::Leaf as u8 {
        info.layout.kind.store(Kind::Scan as u8, Ordering::Relaxed);
    }
    ready::set_layout(ty, info, dict_on, weak_on);
    // `__slots__` members lie right after the base's struct (and its slots).
    let start = bi.basicsize.load(Ordering::Relaxed) as usize;
    let size = start + 8 * members.len();
    info.basicsize.store(size as u32, Ordering::Relaxed);
    ty.tp_basicsize.store(
        (base.tp_basicsize.load(Ordering::Relaxed) as usize + 8 * members.len()) as isize,
        Ordering::Relaxed,
    );
    if dict.get_str(cx, slots_name).is_some() {
        let names: GcVec<Value> =
            members.iter().map(|m| Value::from_ref(crate::objects::str::intern(cx, m))).collect();
        info.slot_names.set(ty, Value::from_ref(Tuple::from_slice(cx, &names)));
    }

    // The namespace's special entries.
    let qn = id!(cx, "__qualname__");
    if let Some(q) = dict.get_str(cx, qn) {
        if q.downcast::<Str>().is_none() {
            raise!(cx, TypeError, "type __qualname__ must be a str, not {}", q.ty().name());
        }
        info.qualname.set(ty, q);
        dict.del_str(cx, qn);
    }
    let module = id!(cx, "__module__");
    if dict.get_str(cx, module).is_none() {
        if let Some(m) = crate::interp::current_globals_name(cx) {
            dict.set_str(cx, module, m);
        }
    }
    match dict.get_str(cx, id!(cx, "__doc__")) {
        None => dict.set_str(cx, id!(cx, "__doc__"), none()),
        // C code sees the text as UTF-8.
        Some(d) => {
            if let Some(s) = d.downcast::<Str>() {
                s.utf8(cx)?;
            }
        }
    }
    if let Some(f) = dict.get_str(cx, id!(cx, "__new__")) {
        if crate::objects::function::is_function(f) {
            dict.set_str(cx, id!(cx, "__new__"), descr::new_staticmethod(cx, f));
        }
    }
    for n in [id!(cx, "__init_subclass__"), id!(cx, "__class_getitem__")] {
        if let Some(f) = dict.get_str(cx, n) {
            if crate::objects::function::is_function(f) {
                dict.set_str(cx, n, descr::new_classmethod(cx, f));
            }
        }
    }
    let attrs = dict.get_str(cx, id!(cx, "__static_attributes__"));
    info.inline_slots.store(inline_slots(base, dict_on, itemsize, attrs), Ordering::Relaxed);
    for (i, m) in members.iter().enumerate() {
        let key = crate::objects::str::intern(cx, m);
        if !special_members.contains(m) {
            dict.set_str(cx, key, descr::new_slot_member(cx, ty, key, start + 8 * i));
        }
    }
    if dict_on && !base_dict {
        dict.set_default_str(cx, id!(cx, "__dict__"), descr::new_dict_getset(cx, ty));
    }
    if weak_on && !base_weak {
        dict.set_default_str(cx, id!(cx, "__weakref__"), descr::new_weakref_getset(cx, ty));
    }
    // `__eq__` without `__hash__` makes instances unhashable.
    if dict.get_str(cx, id!(cx, "__eq__")).is_some()
        && dict.get_str(cx, id!(cx, "__hash__")).is_none()
    {
        dict.set_str(cx, id!(cx, "__hash__"), none());
    }
    let cell = id!(cx, "__classcell__");
    if let Some(c) = dict.get_str(cx, cell) {
        if !crate::objects::cell::set_if_cell(c, Value::from_ref(ty)) {
            raise!(
                cx,
                TypeError,
                "__classcell__ must be a nonlocal cell, not <class '{}'>",
                full_name(cx, c.ty())
            );
        }
        dict.del_str(cx, cell);
    }
    let cell = id!(cx, "__classdictcell__");
    if let Some(c) = dict.get_str(cx, cell) {
        crate::objects::cell::set_if_cell(c, Value::from_ref(dict));
        dict.del_str(cx, cell);
    }
    for (i, m) in members.iter().enumerate() {
        if special_members.contains(m) {
            let key = crate::objects::str::intern(cx, m);
            dict.set_str(cx, key, descr::new_slot_member(cx, ty, key, start + 8 * i));
        }
    }
    warn_of_other_keys(cx, ty, dict)?;
    compute_mro(cx, ty)?;
    super::slot_dispatch::fixup_slots(cx, ty);
    for b in bases.as_slice() {
        ready::add_subclass(cx, b.as_type_unchecked(), ty);
    }
    Ok(ty)
}

/// A class's namespace should hold nothing but names.
fn warn_of_other_keys(cx: &Thread, ty: &Type, dict: &Dict) -> Res<()> {
    let mut at = 0;
    while let Some((key, _, next)) = dict.next_entry(at) {
        if key.downcast::<Str>().is_none() {
            let text = format!("non-string key in the __dict__ of class {}", ty.name());
            return crate::objects::warn(cx, exc::RuntimeWarning(), &text, 1);
        }
        at = next;
    }
    Ok(())
}

/// How many attributes to make room for: those the class assigns to self in its methods, after
/// those of its base; a little room where nothing is known.
fn inline_slots(base: &Type, has_dict: bool, itemsize: isize, attrs: Option<Value>) -> u32 {
    if !has_dict || itemsize != 0 {
        return 0;
    }
    let own = attrs.and_then(|a| a.downcast::<Tuple>()).map_or(0, |t| t.len() as u32);
    let inherited = base.info().inline_slots.load(Ordering::Relaxed);
    match own + inherited {
        0 => 4,
        n => n.min(MAX_INLINE),
    }
}

/// Calls the metatype's `mro()` where it is overridden, and stores the result.
pub fn compute_mro(cx: &Thread, ty: &'static Type) -> Res<()> {
    let info = ty.info();
    let custom =
        !ty.head.type_ptr().cast_const().cast::<Type>().eq(&(Type::type_object() as *const Type))
            && overrides_mro(cx, Value::from_ref(ty).ty());
    let list = if custom {
        let r = call_special(cx, Value::from_ref(ty), id!(cx, "mro"), &[])?.expect("type has mro");
        let items = collect(cx, r)?;
        for c in items.iter() {
            let Some(t) = c.as_type() else {
                raise!(cx, TypeError, "mro() returned a non-class ('{}')", c.ty().name());
            };
            if !solid(ty).is_subtype(solid(t)) {
                raise!(
                    cx,
                    TypeError,
                    "mro() returned base with unsuitable layout ('{}')",
                    t.name()
                );
            }
        }
        items
    } else {
        super::mro::linearize(cx, ty, ty.bases().as_slice())?
    };
    let t = Tuple::from_slice(cx, &list);
    info.mro.set(ty, Value::from_ref(t));
    ty.tp_mro.set(ty, Value::from_ref(t));
    ty.modified(cx);
    Ok(())
}

fn overrides_mro(cx: &Thread, meta: &Type) -> bool {
    meta.lookup(cx, id!(cx, "mro")) != Type::type_object().dict().get_str(cx, id!(cx, "mro"))
}

/// As `full_name`, but `__main__` is named too: what `object.__repr__` shows.
pub fn full_name_any(cx: &Thread, t: &Type) -> String {
    match module_name(cx, t) {
        Some(m) if !m.eq_str("builtins") => format!("{m}.{}", qualname(t)),
        _ => t.name().into_owned(),
    }
}
