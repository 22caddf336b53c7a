//! Length, subscription, containment.

use crate::prelude::*;

/// `len(v)`.
pub fn len(cx: &Thread, v: Value) -> Res<usize> {
    match v.ty().slots().len.get() {
        Some(f) => f(cx, v),
        None => raise!(cx, TypeError, "object of type '{}' has no len()", v.ty().name()),
    }
}

/// `v[key]`.
pub fn get_item(cx: &Thread, v: Value, key: Value) -> Res {
    if let Some(f) = v.ty().slots().getitem.get() {
        return f(cx, v, key);
    }
    if let Some(t) = v.as_type() {
        if t.is(Type::type_object()) {
            return crate::objects::generic_alias::new(cx, v, key);
        }
        if let Some(meth) = get_attr_opt(cx, v, id!(cx, "__class_getitem__"))? {
            if !meth.is_none() {
                return call(cx, meth, &[key]);
            }
        }
        raise!(cx, TypeError, "type '{}' is not subscriptable", t.name());
    }
    raise!(cx, TypeError, "'{}' object is not subscriptable", v.ty().name())
}

/// `v[start:stop]`: without a slice object where `v` is of a common type.
pub fn get_slice(cx: &Thread, v: Value, start: Value, stop: Value) -> Res {
    use crate::objects::slice::{Slice, adjust};
    let bound = |v: Value, open: isize| match v.as_small() {
        Some(i) => Some(i as isize),
        None if v.is_none() => Some(open),
        None => None,
    };
    if let (Some(from), Some(to)) = (bound(start, 0), bound(stop, isize::MAX)) {
        if let Some(s) = v.downcast_exact::<Str>() {
            let r = adjust(from, to, 1, s.len());
            if r.len == s.len() {
                return Ok(v);
            }
            let from = r.start as usize;
            return Ok(Value::from_ref(Str::substring(cx, s, from, from + r.len)));
        }
        if let Some(l) = v.downcast_exact::<List>() {
            return l.get_range(cx, from, to);
        }
        if let Some(b) = v.downcast_exact::<Bytes>() {
            let r = adjust(from, to, 1, b.len());
            if r.len == b.len() {
                return Ok(v);
            }
            let from = r.start as usize;
            let part = &b.as_slice()[from..from + r.len];
            if part.is_empty() {
                return Ok(Value::from_ref(Bytes::empty(cx)));
            }
            return Bytes::try_new_in(cx, Bytes::type_object(), part).map(Value::from_ref);
        }
    }
    get_item(cx, v, Value::from_ref(Slice::new(cx, start, stop, none())))
}

/// Where a type has no slot for it: whether CPython asks the sequence slots, with an index that must
/// fit.
#[cold]
fn index_of_sequence(cx: &Thread, v: Value, key: Value) -> Res<bool> {
    let asked = super::number::has_sequence_slots(v.ty()) && key.ty().slots().index.get().is_some();
    if asked {
        index_isize(cx, key, exc::IndexError())?;
    }
    Ok(asked)
}

/// `v[key] = item`.
pub fn set_item(cx: &Thread, v: Value, key: Value, item: Value) -> Res<()> {
    match v.ty().slots().setitem.get() {
        Some(f) => f(cx, v, key, Some(item)),
        None => {
            index_of_sequence(cx, v, key)?;
            raise!(cx, TypeError, "'{}' object does not support item assignment", v.ty().name())
        }
    }
}

/// `del v[key]`.
pub fn del_item(cx: &Thread, v: Value, key: Value) -> Res<()> {
    match v.ty().slots().setitem.get() {
        Some(f) => f(cx, v, key, None),
        None => {
            let does = if index_of_sequence(cx, v, key)? { "doesn't" } else { "does not" };
            raise!(cx, TypeError, "'{}' object {does} support item deletion", v.ty().name())
        }
    }
}

/// `item in v` (`PySequence_Contains`).
pub fn contains(cx: &Thread, v: Value, item: Value) -> Res<bool> {
    if let (Some(s), Some(sub)) = (v.downcast_exact::<Str>(), item.downcast_exact::<Str>()) {
        return Ok(crate::objects::str::search::find(s, sub, 0, s.len()).is_some());
    }
    if let Some(d) = v.downcast_exact::<Dict>() {
        return d.contains(cx, item);
    }
    if let Some(s) = crate::objects::set::SetObject::exact(v) {
        return s.contains_key(cx, item);
    }
    if let Some(f) = v.ty().slots().contains.get() {
        return f(cx, v, item);
    }
    let it = match iter(cx, v) {
        Ok(it) => it,
        Err(e) if e.is(exc::TypeError()) && v.ty().slots().iter.get().is_none() => {
            raise!(cx, TypeError, "argument of type '{}' is not iterable", v.ty().name())
        }
        Err(e) => return Err(e),
    };
    while let Some(x) = iter_next(cx, it)? {
        cx.poll()?;
        if eq(cx, x, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Builtin types that are subscribed by key alone (they have `mp_subscript` and no `sq_item`).
fn maps_only(t: &Type) -> bool {
    use crate::objects::{generic_alias::GenericAlias, mappingproxy::MappingProxy, union::Union};
    t.is(MappingProxy::type_object())
        || t.is(Union::type_object())
        || t.is(GenericAlias::type_object())
}

/// `PyMapping_Check`: it can be subscripted (most builtin sequences count too). Only deque, of the
/// native types, is subscribed by position alone (`sq_item` without `mp_subscript`).
pub fn is_mapping(v: Value) -> bool {
    let getitem = v.ty().slots().getitem.raw();
    let by_position = |t: &Type| {
        let native = t.info().native;
        !t.is_heap()
            && native.is_some_and(|n| n.name == "deque" && n.module == "collections")
            && t.slots().getitem.raw() == getitem
    };
    let mut bases = v.ty().mro().as_slice().iter();
    getitem != 0 && !bases.any(|t| t.as_type().is_some_and(by_position))
}

/// Whether patterns and `PySequence_Check` take it for a sequence: it can be subscribed by
/// position and is no dict.
pub fn is_sequence(v: Value) -> bool {
    let t = v.ty();
    t.slots().getitem.get().is_some() && !t.is_subtype(Dict::type_object()) && !maps_only(t)
}
