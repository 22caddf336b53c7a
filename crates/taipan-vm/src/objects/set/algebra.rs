//! The algebra of sets: union, intersection, difference, symmetric difference, comparisons
//! (Objects/setobject.c). Results are new private sets; in-place forms take a result over.

use super::{FrozenSet, Set, SetObject};
use crate::objects::dict::hash_key;
use crate::prelude::*;

impl SetObject {
    pub fn value(&self) -> Value {
        Value::from_ref(self)
    }

    /// The builtin type that results of methods have where a subclass is involved.
    pub(super) fn base_type(&self) -> &'static Type {
        if self.value().downcast::<Set>().is_some() {
            Set::type_object()
        } else {
            FrozenSet::type_object()
        }
    }

    /// A copy for a result: of the builtin type.
    pub(super) fn copy_base(&self, cx: &Thread) -> Res<&'static SetObject> {
        self.copy_as(cx, self.base_type())
    }

    pub(super) fn intersection(&self, cx: &Thread, other: Value) -> Res<&'static SetObject> {
        let ty = self.base_type();
        if self.value() == other {
            return self.copy_as(cx, ty);
        }
        let out = SetObject::new_in(cx, ty);
        if let Some(o) = SetObject::of(other) {
            // Walks the smaller set.
            let (walk, look) = if o.len() > self.len() { (self, o) } else { (o, self) };
            // The keys of a set differ: the result needs no search for them.
            walk.each_key(|k, h| {
                if look.contains_hashed(cx, k, h)? {
                    out.add_new(cx, k, h);
                }
                Ok(())
            })?;
            return Ok(out);
        }
        let it = iter(cx, other)?;
        while let Some(k) = next_item(cx, it)? {
            cx.poll()?;
            let h = hash_key(cx, k)?;
            if self.contains_hashed(cx, k, h)? {
                out.add_hashed(cx, k, h)?;
            }
        }
        Ok(out)
    }

    pub(super) fn intersection_all(
        &self,
        cx: &Thread,
        others: &[Value],
    ) -> Res<&'static SetObject> {
        let Some((&first, rest)) = others.split_first() else { return self.copy_base(cx) };
        let mut r = self.intersection(cx, first)?;
        for &o in rest {
            r = r.intersection(cx, o)?;
        }
        Ok(r)
    }

    /// Removes all items of an iterable (`set_difference_update_internal`).
    pub fn remove_all(&self, cx: &Thread, other: Value) -> Res<()> {
        if self.value() == other {
            self.clear();
            return Ok(());
        }
        if let Some(o) = SetObject::of(other) {
            // Walks the smaller one, where that is this set.
            if o.len() / 8 > self.len() {
                return self.each_key(|k, h| {
                    if o.contains_hashed(cx, k, h)? {
                        self.discard_hashed(cx, k, h)?;
                    }
                    Ok(())
                });
            }
            return o.each_key(|k, h| self.discard_hashed(cx, k, h).map(|_| ()));
        }
        let it = iter(cx, other)?;
        while let Some(k) = next_item(cx, it)? {
            cx.poll()?;
            self.discard(cx, k)?;
        }
        Ok(())
    }

    pub(super) fn difference(&self, cx: &Thread, other: Value) -> Res<&'static SetObject> {
        let size = match (SetObject::of(other), other.downcast::<Dict>()) {
            (Some(o), _) => o.len(),
            (_, Some(d)) => d.len(),
            _ => {
                let r = self.copy_base(cx)?;
                r.remove_all(cx, other)?;
                return Ok(r);
            }
        };
        if self.len() >> 2 > size {
            let r = self.copy_base(cx)?;
            r.remove_all(cx, other)?;
            return Ok(r);
        }
        let out = SetObject::new_in(cx, self.base_type());
        let dict = other.downcast::<Dict>();
        let set = SetObject::of(other);
        self.each_key(|k, h| {
            let there = match (set, dict) {
                (Some(s), _) => s.contains_hashed(cx, k, h)?,
                (_, Some(d)) => d.get_hashed(cx, k, h)?.is_some(),
                _ => false,
            };
            if !there {
                out.add_new(cx, k, h);
            }
            Ok(())
        })?;
        Ok(out)
    }

    pub(super) fn difference_all(&self, cx: &Thread, others: &[Value]) -> Res<&'static SetObject> {
        let Some((&first, rest)) = others.split_first() else { return self.copy_base(cx) };
        let r = self.difference(cx, first)?;
        for &o in rest {
            r.remove_all(cx, o)?;
        }
        Ok(r)
    }

    /// `symmetric_difference_update`.
    pub fn toggle_all(&self, cx: &Thread, other: Value) -> Res<()> {
        if self.value() == other {
            self.clear();
            return Ok(());
        }
        if let Some(d) = other.downcast_exact::<Dict>() {
            for (h, k, _) in d.hashed_entries() {
                if !self.discard_hashed(cx, k, h)? {
                    self.add_hashed(cx, k, h)?;
                }
            }
            return Ok(());
        }
        let o = match SetObject::of(other) {
            Some(o) => o,
            None => {
                let tmp = SetObject::new_in(cx, self.base_type());
                tmp.update(cx, other)?;
                tmp
            }
        };
        o.each_key(|k, h| {
            if !self.discard_hashed(cx, k, h)? {
                self.add_hashed(cx, k, h)?;
            }
            Ok(())
        })
    }

    pub(super) fn symmetric_difference(
        &self,
        cx: &Thread,
        other: Value,
    ) -> Res<&'static SetObject> {
        let r = SetObject::new_in(cx, self.base_type());
        r.update(cx, other)?;
        r.toggle_all(cx, self.value())?;
        Ok(r)
    }

    pub(super) fn is_disjoint(&self, cx: &Thread, other: Value) -> Res<bool> {
        if self.value() == other {
            return Ok(self.is_empty());
        }
        if let Some(o) = SetObject::of(other) {
            let (walk, look) = if o.len() > self.len() { (self, o) } else { (o, self) };
            return Ok(!walk.any_key(|k, h| look.contains_hashed(cx, k, h))?);
        }
        let it = iter(cx, other)?;
        while let Some(k) = next_item(cx, it)? {
            cx.poll()?;
            if self.contains(cx, k)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn is_subset(&self, cx: &Thread, other: &SetObject) -> Res<bool> {
        if self.len() > other.len() {
            return Ok(false);
        }
        Ok(!self.any_key(|k, h| other.contains_hashed(cx, k, h).map(|there| !there))?)
    }

    pub(super) fn equals(&self, cx: &Thread, other: &SetObject) -> Res<bool> {
        if self.len() != other.len() {
            return Ok(false);
        }
        use std::sync::atomic::Ordering::Relaxed;
        let (a, b) = (self.cached_hash().load(Relaxed), other.cached_hash().load(Relaxed));
        if a != -1 && b != -1 && a != b {
            return Ok(false);
        }
        self.is_subset(cx, other)
    }
}

impl SetObject {
    /// `key in set`, where a set that cannot be hashed stands for its frozenset.
    pub fn contains_key(&self, cx: &Thread, key: Value) -> Res<bool> {
        match self.contains(cx, key) {
            Err(e) => {
                let k = as_frozen(cx, key, e)?;
                self.contains(cx, k)
            }
            r => r,
        }
    }
}

/// As `discard`, with the same rule.
pub(super) fn discard_key(cx: &Thread, s: &SetObject, key: Value) -> Res<bool> {
    match s.discard(cx, key) {
        Err(e) => {
            let k = as_frozen(cx, key, e)?;
            s.discard(cx, k)
        }
        r => r,
    }
}

/// The frozenset that stands for an unhashable set key; other failures go on.
fn as_frozen(cx: &Thread, key: Value, e: Raised) -> Res {
    match key.downcast::<Set>() {
        Some(k) if e.is(exc::TypeError()) => Ok(k.copy_as(cx, FrozenSet::type_object())?.value()),
        _ => Err(e),
    }
}
