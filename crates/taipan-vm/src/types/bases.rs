//! Assigning `__bases__`, and the question it shares with assigning `__class__`: are instances of
//! two classes laid out alike (`type_set_bases`, `compatible_for_assignment`)?

use super::class::{best_base, compute_mro};
use super::layout::Type;
use super::ready;
use crate::prelude::*;
use std::sync::atomic::Ordering;
use taipan_heap::lock::lock;

/// Would CPython's collector know the instances? Types whose instances hold no references have
/// another `tp_free`, which counts as another layout.
fn is_gc(t: &'static Type) -> bool {
    if !t.is_heap() {
        let plain = ["object", "int", "bool", "float", "complex", "str", "bytes", "bytearray"];
        return !plain.iter().any(|n| t.name() == *n);
    }
    match t.base() {
        Some(b) => is_gc(b) || !same_size(t, b),
        None => true,
    }
}

fn same_size(a: &Type, b: &Type) -> bool {
    let (a, b) = (a.info(), b.info());
    a.basicsize.load(Ordering::Relaxed) == b.basicsize.load(Ordering::Relaxed)
        && a.layout.has_dict.load(Ordering::Relaxed) == b.layout.has_dict.load(Ordering::Relaxed)
        && a.layout.has_weakref.load(Ordering::Relaxed)
            == b.layout.has_weakref.load(Ordering::Relaxed)
}

/// The furthest base with the same instances.
fn plainest(mut t: &'static Type) -> &'static Type {
    while let Some(b) = t.base().filter(|b| t.is_heap() && same_size(t, b)) {
        t = b;
    }
    t
}

/// Do two classes add the same slots to one base?
fn same_slots_added(a: &'static Type, b: &'static Type) -> bool {
    let names = |t: &Type| {
        t.info()
            .slot_names
            .get()
            .and_then(|v| v.downcast::<Tuple>())
            .map_or(GcVec::new(), |t| t.as_slice().iter().copied().collect::<GcVec<Value>>())
    };
    a.is_heap()
        && b.is_heap()
        && matches!((a.base(), b.base()), (Some(x), Some(y)) if x.is(y))
        && same_size(a, b)
        && names(a).as_slice() == names(b).as_slice()
}

/// Raises unless an instance of `old` can become one of `new`.
pub fn compatible_for_assignment(cx: &Thread, old: &Type, new: &Type, attr: &str) -> Res<()> {
    let of = |t: &Type| Value::from_ref(t).as_type_unchecked();
    let (old, new) = (of(old), of(new));
    if is_gc(old) != is_gc(new) {
        raise!(
            cx,
            TypeError,
            "{attr} assignment: '{}' deallocator differs from '{}'",
            new.name(),
            old.name()
        );
    }
    let (a, b) = (plainest(old), plainest(new));
    if !a.is(b) && !same_slots_added(a, b) {
        raise!(
            cx,
            TypeError,
            "{attr} assignment: '{}' object layout differs from '{}'",
            new.name(),
            old.name()
        );
    }
    Ok(())
}

/// Is `ty` among the bases that `t`'s instances are laid out by? An `mro` that is being computed
/// may not say so yet.
fn in_base_chain(t: &'static Type, ty: &Type) -> bool {
    let mut at = Some(t);
    while let Some(t) = at {
        if t.is(ty) {
            return true;
        }
        at = t.base();
    }
    false
}

/// `cls.__bases__ = v` (`type_set_bases`).
pub(super) fn set_bases(cx: &Thread, ty: &Type, v: Value) -> Res<()> {
    let ty = Value::from_ref(ty).as_type_unchecked();
    let Some(bases) = v.downcast::<Tuple>() else {
        raise!(
            cx,
            TypeError,
            "can only assign tuple to {}.__bases__, not {}",
            ty.name(),
            v.ty().name()
        );
    };
    if bases.len() == 0 {
        raise!(cx, TypeError, "can only assign non-empty tuple to {}.__bases__, not ()", ty.name());
    }
    for b in bases.as_slice() {
        let Some(t) = b.as_type() else {
            raise!(
                cx,
                TypeError,
                "{}.__bases__ must be tuple of classes, not '{}'",
                ty.name(),
                b.ty().name()
            );
        };
        if t.is_subtype(ty) || in_base_chain(t, ty) {
            raise!(cx, TypeError, "a __bases__ item causes an inheritance cycle");
        }
    }
    let new_base = best_base(cx, bases.as_slice())?;
    let old_base = ty.base().expect("a heap type has a base");
    compatible_for_assignment(cx, old_base, new_base, "__bases__")?;
    let info = ty.info();
    let old_mro = info.mro.get();
    ty.modified(cx);
    let old_bases = replace_bases(cx, ty, v, new_base);
    let plain_order = std::ptr::eq(Value::from_ref(ty).ty(), Type::type_object());
    let r = loop {
        let seen = info.bases.value();
        let r = update_mros(cx, ty);
        // Another thread that assigned meanwhile may have been overtaken here by an older order.
        if !plain_order || info.bases.value() == seen {
            break r;
        }
    };
    if let Err(e) = r {
        // A later assignment stands: another thread's, or one that the metaclass's `mro` made.
        if info.bases.value() == v {
            replace_bases(cx, ty, old_bases, old_base);
            info.mro.set_option(ty, old_mro);
            let _ = update_mros(cx, ty);
        }
        return Err(e);
    }
    // Also where a later assignment stands: it may have read the order that was put right above.
    refresh_slots(cx, ty);
    ty.modified(cx);
    Ok(())
}

/// Gives `ty` other bases and enters it with them, in one step: of two threads, each takes it off the
/// lists of those that it replaces. Returns the bases it had.
fn replace_bases(cx: &Thread, ty: &'static Type, bases: Value, base: &Type) -> Value {
    let info = ty.info();
    let _one_at_a_time = lock(&ty.head);
    let old = info.bases.value();
    info.bases.set(ty, bases);
    ty.tp_bases.set(ty, bases);
    ty.tp_base.set(ty, Value::from_ref(base));
    for b in old.downcast::<Tuple>().expect("bases are a tuple").as_slice() {
        ready::remove_subclass(cx, b.as_type_unchecked(), ty);
    }
    for b in bases.downcast::<Tuple>().expect("bases are a tuple").as_slice() {
        ready::add_subclass(cx, b.as_type_unchecked(), ty);
    }
    old
}

fn update_mros(cx: &Thread, ty: &'static Type) -> Res<()> {
    compute_mro(cx, ty)?;
    for s in ty.direct_subclasses(cx).iter() {
        update_mros(cx, s.as_type_unchecked())?;
    }
    Ok(())
}

fn refresh_slots(cx: &Thread, ty: &Type) {
    super::slot_dispatch::fixup_slots(cx, ty);
    for s in ty.direct_subclasses(cx).iter() {
        refresh_slots(cx, s.as_type_unchecked());
    }
}
