//! Generic attribute access: descriptors, instance slots, `__dict__`
//! (`PyObject_GenericGetAttr`, `PyObject_GenericSetAttr`, `_PyObject_GetMethod`).

use super::layout::Type;
use super::shape::{Instance, MAX_SHAPE_SLOTS, Shape};
use crate::objects::storage::SlotArray;
use crate::prelude::*;
use std::sync::atomic::Ordering;

/// The instance's own attribute, without the type.
#[inline]
pub fn instance_get(cx: &Thread, obj: Value, name: &Str) -> Option<Value> {
    let inst = Instance::of(obj)?;
    let shape = inst.shape();
    if shape.is_dict != 0 {
        return inst
            .pre()
            .dict
            .get()
            .and_then(|d| d.downcast::<Dict>())
            .and_then(|d| d.get_str(cx, name));
    }
    let i = shape.find(cx, name)?;
    inst.slot(i).and_then(Slot::get)
}

pub fn generic_getattr(cx: &Thread, obj: Value, name: &Str) -> Res {
    match generic_getattr_opt(cx, obj, name)? {
        Some(v) => Ok(v),
        None => Err(no_attribute(cx, obj, name)),
    }
}

/// `None`: there is no such attribute. An AttributeError of a descriptor is raised... as CPython's
/// suppressing variant it counts as absent only where the caller asks for that.
pub fn generic_getattr_opt(cx: &Thread, obj: Value, name: &Str) -> Res<Option<Value>> {
    let t = obj.ty();
    let descr = t.lookup(cx, name);
    let mut get = None;
    if let Some(d) = descr {
        let ds = d.ty().slots();
        get = ds.descr_get.get();
        if let (Some(get), true) = (get, ds.descr_set.get().is_some()) {
            return absent_if_attribute_error(get(cx, d, Some(obj), Some(Value::from_ref(t))));
        }
    }
    if let Some(v) = instance_get(cx, obj, name) {
        return Ok(Some(v));
    }
    match (descr, get) {
        (Some(d), Some(get)) => {
            absent_if_attribute_error(get(cx, d, Some(obj), Some(Value::from_ref(t))))
        }
        (Some(d), None) => Ok(Some(d)),
        (None, _) => Ok(None),
    }
}

/// A descriptor's AttributeError goes on as it is; `get_attr_opt` decides.
fn absent_if_attribute_error(r: Res) -> Res<Option<Value>> {
    r.map(Some)
}

/// The AttributeError of a failed lookup, with `name` and `obj` for the hint.
#[cold]
pub fn no_attribute(cx: &Thread, obj: Value, name: &Str) -> Raised {
    let e = match obj.as_type() {
        Some(t) => {
            err!(cx, AttributeError, "type object '{}' has no attribute '{}'", t.name(), name)
        }
        None => {
            err!(cx, AttributeError, "'{}' object has no attribute '{}'", obj.ty().name(), name)
        }
    };
    crate::objects::exceptions::set_attribute_context(cx, e, obj, name);
    e
}

pub fn get_method(cx: &Thread, obj: Value, name: &Str) -> Res<(Value, Option<Value>)> {
    let t = obj.ty();
    if !t.info().layout.generic_getattr.load(Ordering::Relaxed) {
        return get_attr(cx, obj, name).map(|v| (v, None));
    }
    let descr = t.lookup(cx, name);
    let mut get = None;
    let mut is_method = false;
    if let Some(d) = descr {
        let dt = d.ty();
        if dt.has_feature(tpflags::METHOD_DESCRIPTOR) {
            is_method = true;
        } else {
            get = dt.slots().descr_get.get();
            if let (Some(get), true) = (get, dt.slots().descr_set.get().is_some()) {
                return get(cx, d, Some(obj), Some(Value::from_ref(t))).map(|v| (v, None));
            }
        }
    }
    if let Some(v) = instance_get(cx, obj, name) {
        return Ok((v, None));
    }
    match descr {
        Some(d) if is_method => Ok((d, Some(obj))),
        Some(d) => match get {
            Some(get) => get(cx, d, Some(obj), Some(Value::from_ref(t))).map(|v| (v, None)),
            None => Ok((d, None)),
        },
        None => Err(no_attribute(cx, obj, name)),
    }
}

pub fn generic_setattr(cx: &Thread, obj: Value, name: &Str, v: Option<Value>) -> Res<()> {
    let t = obj.ty();
    let descr = t.lookup(cx, name);
    if let Some(d) = descr {
        if let Some(set) = d.ty().slots().descr_set.get() {
            return set(cx, d, obj, v);
        }
    }
    let has_dict = t.info().layout.has_dict.load(Ordering::Relaxed);
    if !has_dict {
        let e = match descr {
            Some(_) => {
                err!(cx, AttributeError, "'{}' object attribute '{}' is read-only", t.name(), name)
            }
            None if t
                .slots()
                .setattro
                .get()
                .is_some_and(|f| f as usize == generic_setattr as *const () as usize) =>
            {
                err!(
                    cx,
                    AttributeError,
                    "'{}' object has no attribute '{}' and no __dict__ for setting new attributes",
                    t.name(),
                    name
                )
            }
            None => err!(cx, AttributeError, "'{}' object has no attribute '{}'", t.name(), name),
        };
        crate::objects::exceptions::set_attribute_context(cx, e, obj, name);
        return Err(e);
    }
    match v {
        Some(v) => instance_set(cx, obj, name, v),
        None => {
            let d = instance_dict(cx, obj).expect("has_dict was tested");
            if d.del_str(cx, name) { Ok(()) } else { Err(no_attribute(cx, obj, name)) }
        }
    }
}

/// Stores an attribute into the instance itself.
pub fn instance_set(cx: &Thread, obj: Value, name: &Str, v: Value) -> Res<()> {
    let inst = Instance::of(obj).expect("a type with a __dict__ has a pre-header");
    loop {
        let shape = inst.shape();
        if shape.is_dict != 0 {
            let d = inst.pre().dict.get().and_then(|d| d.downcast::<Dict>());
            return d.expect("dict mode has a dict").set(cx, Value::from_ref(name), v);
        }
        let inline = inst.info().inline_slots.load(Ordering::Relaxed);
        if let Some(i) = shape.find(cx, name) {
            if i < inline {
                inst.slot(i).expect("inline slots exist").set(inst.head, v);
                return Ok(());
            }
            let _lock = taipan_heap::lock::lock(inst.head);
            if !std::ptr::eq(inst.shape(), shape) {
                continue;
            }
            inst.slot(i).expect("the shape's slots exist").set(inst.head, v);
            return Ok(());
        }
        if shape.count >= MAX_SHAPE_SLOTS {
            instance_dict(cx, obj);
            continue;
        }
        // Allocation happens before the lock is taken; the shape is rechecked under it.
        let child = shape.with(cx, name);
        let i = shape.count;
        let need = (i + 1).saturating_sub(inline) as usize;
        let old = inst.pre().overflow.load(Ordering::Acquire);
        // SAFETY: the overflow array is kept alive by the pre-header word.
        let old_ref = unsafe { old.as_ref() };
        let grown = if need > old_ref.map_or(0, SlotArray::capacity) {
            Some(SlotArray::new(cx, (need * 2).max(4)))
        } else {
            None
        };
        let _lock = taipan_heap::lock::lock(inst.head);
        if !std::ptr::eq(inst.shape(), shape) || inst.pre().overflow.load(Ordering::Acquire) != old
        {
            continue;
        }
        if let Some(g) = grown {
            if let Some(o) = old_ref {
                // Slot by slot: attributes that are there are stored into without the lock.
                (0..o.capacity())
                    .filter_map(|i| Some((i, o.get(i)?)))
                    .for_each(|(i, v)| g.init(i, v));
            }
            taipan_heap::slot::barrier(&inst.pre().overflow);
            inst.pre().overflow.store(g as *const SlotArray as *mut SlotArray, Ordering::Release);
        }
        inst.slot(i).expect("room was made").set(inst.head, v);
        inst.pre().set_shape(child);
        return Ok(());
    }
}

/// `obj.__dict__` as a real dict; the instance is in dict mode from then on. `None`: the type has
/// no `__dict__`.
pub fn instance_dict(cx: &Thread, obj: Value) -> Option<&'static Dict> {
    let t = obj.ty();
    if !t.info().layout.has_dict.load(Ordering::Relaxed) {
        return None;
    }
    let inst = Instance::of(obj)?;
    loop {
        let shape = inst.shape();
        if shape.is_dict != 0 {
            return inst.pre().dict.get().and_then(|d| d.downcast::<Dict>());
        }
        let names = shape.names();
        let d = Dict::with_capacity(cx, names.len());
        for (i, n) in names.iter().enumerate() {
            if let Some(v) = inst.slot(i as u32).and_then(Slot::get) {
                let s = n.downcast::<Str>().expect("shape names are strings");
                d.set_str(cx, s, v);
            }
        }
        let dict_shape = Shape::dict_shape(cx, t);
        // Other threads may be storing into slots without a lock, so the switch is made with the
        // world stopped (hazard 3); values that changed since the copy are taken over then.
        let done = cx.mutator.stop_the_world(|_| {
            if !std::ptr::eq(inst.shape(), shape) {
                return false;
            }
            for (i, n) in names.iter().enumerate() {
                let s = n.downcast::<Str>().expect("shape names are strings");
                if let Some(v) = inst.slot(i as u32).and_then(Slot::get) {
                    d.replace_existing(cx, s, v);
                }
            }
            inst.pre().dict.set(inst.head, Value::from_ref(d));
            inst.pre().set_shape(dict_shape);
            true
        });
        if done {
            return Some(d);
        }
    }
}

/// `obj.__dict__ = d`.
pub fn set_instance_dict(cx: &Thread, obj: Value, d: &Dict) {
    let inst = Instance::of(obj).expect("a type with a __dict__ has a pre-header");
    let dict_shape = Shape::dict_shape(cx, obj.ty());
    cx.mutator.stop_the_world(|_| {
        inst.pre().dict.set(inst.head, Value::from_ref(d));
        inst.pre().set_shape(dict_shape);
    });
}

/// `type.__getattribute__`: the metatype's data descriptors, the class's mro, then the metatype.
pub fn type_getattro(cx: &Thread, obj: Value, name: &Str) -> Res {
    match type_getattr_opt(cx, obj, name)? {
        Some(v) => Ok(v),
        None => Err(no_attribute(cx, obj, name)),
    }
}

/// As `type_getattro`; `None` where there is no such attribute.
pub fn type_getattr_opt(cx: &Thread, obj: Value, name: &Str) -> Res<Option<Value>> {
    let t = obj.as_type_unchecked();
    let meta = obj.ty();
    let meta_attr = meta.lookup(cx, name);
    let mut meta_get = None;
    if let Some(m) = meta_attr {
        let s = m.ty().slots();
        meta_get = s.descr_get.get();
        if let (Some(get), true) = (meta_get, s.descr_set.get().is_some()) {
            return get(cx, m, Some(obj), Some(Value::from_ref(meta))).map(Some);
        }
    }
    if let Some(a) = t.lookup(cx, name) {
        return match a.ty().slots().descr_get.get() {
            Some(get) => get(cx, a, None, Some(obj)).map(Some),
            None => Ok(Some(a)),
        };
    }
    match (meta_attr, meta_get) {
        (Some(m), Some(get)) => get(cx, m, Some(obj), Some(Value::from_ref(meta))).map(Some),
        (m, _) => Ok(m),
    }
}

/// `type.__setattr__` (`type_setattro`).
pub fn type_setattro(cx: &Thread, obj: Value, name: &Str, v: Option<Value>) -> Res<()> {
    let t = obj.as_type_unchecked();
    if t.has_feature(tpflags::IMMUTABLETYPE) {
        raise!(cx, TypeError, "cannot set '{}' attribute of immutable type '{}'", name, t.name());
    }
    let meta = obj.ty();
    if let Some(d) = meta.lookup(cx, name) {
        if let Some(set) = d.ty().slots().descr_set.get() {
            t.modified(cx);
            let r = set(cx, d, obj, v);
            t.modified(cx);
            return r;
        }
    }
    type_set_raw(cx, t, name, v)
}

/// Stores into the type's own dict, voids caches, updates slots.
pub fn type_set_raw(cx: &Thread, t: &Type, name: &Str, v: Option<Value>) -> Res<()> {
    t.modified(cx);
    match v {
        Some(v) => t.dict().set_str(cx, name, v),
        None => {
            if !t.dict().del_str(cx, name) {
                t.modified(cx);
                return Err(no_attribute(cx, Value::from_ref(t), name));
            }
        }
    }
    // A version taken between the first invalidation and the store is void too.
    t.modified(cx);
    let n = name.to_str_lossy();
    if n.starts_with("__") && n.ends_with("__") {
        super::slot_dispatch::update_slot(cx, t, name);
    }
    Ok(())
}

/// Puts a fresh instance into dict mode with this dict; nobody else sees it yet.
pub fn adopt_dict(cx: &Thread, obj: Value, d: &Dict) {
    let inst = Instance::of(obj).expect("a type with a __dict__ has a pre-header");
    let shape = Shape::dict_shape(cx, obj.ty());
    inst.pre().dict.set(inst.head, Value::from_ref(d));
    inst.pre().set_shape(shape);
}
