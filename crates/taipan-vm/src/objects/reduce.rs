//! `object.__reduce_ex__`, `__getstate__` (Objects/typeobject.c, `object___reduce_ex__`).

use crate::prelude::*;
use crate::types::shape::Instance;
use std::sync::atomic::Ordering;

fn copyreg(cx: &Thread) -> Res {
    crate::objects::module::import(cx, "copyreg")
}

/// The `__slots__` names of a class as copyreg computes and caches them, or None.
fn slot_names(cx: &Thread, cls: &Type) -> Res {
    if let Some(v) = cls.dict().get_str(cx, id!(cx, "__slotnames__")) {
        if v.is_none() || v.downcast::<List>().is_some() {
            return Ok(v);
        }
    }
    let m = copyreg(cx)?;
    let f = get_attr(cx, m, id!(cx, "_slotnames"))?;
    let r = call(cx, f, &[Value::from_ref(cls)])?;
    if !r.is_none() && r.downcast::<List>().is_none() {
        raise!(cx, TypeError, "copyreg._slotnames didn't return a list or None");
    }
    Ok(r)
}

/// The default state: `__dict__`, or a pair with the values of `__slots__`.
pub fn default_getstate(cx: &Thread, obj: Value, required: bool) -> Res {
    let t = obj.ty();
    if required && t.tp_itemsize.load(Ordering::Relaxed) != 0 {
        raise!(cx, TypeError, "cannot pickle {} objects", t.name());
    }
    let state = match get_attr_opt(cx, obj, id!(cx, "__dict__"))? {
        Some(d) if Instance::of(obj).is_some() => match d.downcast::<Dict>() {
            Some(d) if d.len() == 0 && t.slots().getattro.get().is_some() => none(),
            _ => d,
        },
        Some(d) => d,
        None => none(),
    };
    // An empty `__dict__` is still a state in CPython only where attributes were ever stored; a
    // None state and an empty dict restore alike.
    let names = slot_names(cx, t)?;
    if required {
        let mut size =
            crate::objects::object::Object::type_object().tp_basicsize.load(Ordering::Relaxed);
        if let Some(l) = names.downcast::<List>() {
            size += 8 * l.len() as isize;
        }
        if t.tp_basicsize.load(Ordering::Relaxed) > size {
            raise!(cx, TypeError, "cannot pickle '{}' object", t.name());
        }
    }
    let Some(l) = names.downcast::<List>().filter(|l| l.len() > 0) else { return Ok(state) };
    let slots = Dict::new(cx);
    for n in l.to_vec().iter() {
        let Some(s) = n.downcast::<Str>() else { continue };
        let key = crate::objects::str::intern_str(cx, s);
        if let Some(v) = get_attr_opt(cx, obj, key)? {
            slots.set(cx, *n, v)?;
        }
    }
    if slots.len() == 0 {
        return Ok(state);
    }
    Ok(Value::from_ref(Tuple::from_slice(cx, &[state, Value::from_ref(slots)])))
}

fn getstate(cx: &Thread, obj: Value, required: bool) -> Res {
    let name = id!(cx, "__getstate__");
    let f = get_attr(cx, obj, name)?;
    let own = crate::objects::object::Object::type_object().dict().get_str(cx, name);
    if obj.ty().lookup(cx, name) == own {
        return default_getstate(cx, obj, required);
    }
    call(cx, f, &[])
}

/// `(args, kwargs)` for `__new__`, from `__getnewargs_ex__` or `__getnewargs__`.
fn new_args(cx: &Thread, obj: Value) -> Res<(Option<&'static Tuple>, Option<&'static Dict>)> {
    if let Some(f) = lookup_special(cx, obj, id!(cx, "__getnewargs_ex__"))? {
        let r = call(cx, f, &[])?;
        let Some(t) = r.downcast::<Tuple>() else {
            raise!(
                cx,
                TypeError,
                "__getnewargs_ex__ should return a tuple, not '{}'",
                r.ty().name()
            );
        };
        if t.len() != 2 {
            raise!(
                cx,
                ValueError,
                "__getnewargs_ex__ should return a tuple of length 2, not {}",
                t.len()
            );
        }
        let Some(a) = t.get(0).downcast::<Tuple>() else {
            raise!(
                cx,
                TypeError,
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                t.get(0).ty().name()
            );
        };
        let Some(k) = t.get(1).downcast::<Dict>() else {
            raise!(
                cx,
                TypeError,
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                t.get(1).ty().name()
            );
        };
        return Ok((Some(a), Some(k)));
    }
    if let Some(f) = lookup_special(cx, obj, id!(cx, "__getnewargs__"))? {
        let r = call(cx, f, &[])?;
        let Some(t) = r.downcast::<Tuple>() else {
            raise!(cx, TypeError, "__getnewargs__ should return a tuple, not '{}'", r.ty().name());
        };
        return Ok((Some(t), None));
    }
    Ok((None, None))
}

pub fn reduce_ex(cx: &Thread, obj: Value, protocol: isize) -> Res {
    if protocol < 2 {
        let f = get_attr(cx, copyreg(cx)?, id!(cx, "_reduce_ex"))?;
        return call(cx, f, &[obj, Value::small(protocol as i64)]);
    }
    let t = obj.ty();
    if t.slots().new.get().is_none() {
        raise!(cx, TypeError, "cannot pickle '{}' object", t.name());
    }
    let (args, kwargs) = new_args(cx, obj)?;
    let m = copyreg(cx)?;
    let cls = Value::from_ref(t);
    let has_args = args.is_some();
    let (newobj, newargs) = match kwargs.filter(|k| k.len() > 0) {
        Some(k) => {
            let a = args.expect("kwargs come with args");
            let f = get_attr(cx, m, id!(cx, "__newobj_ex__"))?;
            (f, Tuple::from_slice(cx, &[cls, Value::from_ref(a), Value::from_ref(k)]))
        }
        None => {
            let mut v: GcVec<Value> = GcVec::new();
            v.push(cls);
            if let Some(a) = args {
                v.extend(a.as_slice().iter().copied());
            }
            (get_attr(cx, m, id!(cx, "__newobj__"))?, Tuple::from_slice(cx, &v))
        }
    };
    let is_list = obj.downcast::<List>().is_some();
    let is_dict = obj.downcast::<Dict>().is_some();
    let state = getstate(cx, obj, !(has_args || is_list || is_dict))?;
    let list_items = if is_list { iter(cx, obj)? } else { none() };
    let dict_items = if is_dict {
        let items = call_method(cx, obj, id!(cx, "items"), &[])?;
        iter(cx, items)?
    } else {
        none()
    };
    Ok(Value::from_ref(Tuple::from_slice(
        cx,
        &[newobj, Value::from_ref(newargs), state, list_items, dict_items],
    )))
}
