//! Attribute lookup along the mro, with a per-thread cache keyed by (type version, name).
//!
//! Versions are never reused, so an entry whose version is the type's present one is right; a
//! value in the cache is kept alive by the type it was found in, so the cache is no root.

use super::layout::Type;
use crate::prelude::*;
use std::cell::Cell;
use std::sync::atomic::Ordering;

const SIZE: usize = 2048;

#[derive(Clone, Copy)]
struct Entry {
    version: u32,
    name: usize,
    value: u64,
}

/// The cache of one thread. Boxed words outside the scanned heap on purpose (see above).
pub struct MethodCache {
    entries: Box<[Cell<Entry>]>,
}

impl MethodCache {
    pub fn new() -> MethodCache {
        let e = Cell::new(Entry { version: 0, name: 0, value: 0 });
        MethodCache { entries: vec![e; SIZE].into_boxed_slice() }
    }
}

impl Default for MethodCache {
    fn default() -> Self {
        MethodCache::new()
    }
}

impl Type {
    /// The attribute `name` (interned) of the first class in the mro that has it
    /// (`_PyType_Lookup`). Never raises, never runs Python code.
    #[inline]
    pub fn lookup(&self, cx: &Thread, name: &Str) -> Option<Value> {
        let version = self.version();
        let key = name as *const Str as usize;
        let slot = &cx.interp.methods.entries
            [(key >> 4 ^ (version as usize).wrapping_mul(31)) & (SIZE - 1)];
        let e = slot.get();
        if version != 0 && e.version == version && e.name == key {
            // SAFETY: the value was found in this very state of the type, which still holds it.
            return unsafe { Value::option_from_bits(e.value) };
        }
        self.lookup_slow(cx, name, slot)
    }

    #[cold]
    fn lookup_slow(&self, cx: &Thread, name: &Str, slot: &Cell<Entry>) -> Option<Value> {
        // The version is read before the dicts: a change in between leaves a dead entry.
        let version = self.assign_version(cx);
        let found = self.lookup_uncached(cx, name);
        // The address of a name that is not interned may be another name's next.
        if version != 0 && self.version() == version && crate::objects::str::is_interned(name) {
            let name = name as *const Str as usize;
            slot.set(Entry { version, name, value: Value::option_bits(found) });
        }
        found
    }

    pub fn lookup_uncached(&self, cx: &Thread, name: &Str) -> Option<Value> {
        let mro = self.info().mro.get()?.downcast_exact::<Tuple>()?;
        for c in mro.as_slice() {
            let d = c.as_type_unchecked().info().dict.get().and_then(|d| d.downcast::<Dict>());
            if let Some(v) = d.and_then(|d| d.get_str(cx, name)) {
                return Some(v);
            }
        }
        None
    }

    /// As `lookup`, with the class it was found in.
    pub fn lookup_where(&self, cx: &Thread, name: &Str) -> Option<(&'static Type, Value)> {
        for c in self.mro().as_slice() {
            let t = c.as_type_unchecked();
            if let Some(v) = t.dict().get_str(cx, name) {
                return Some((t, v));
            }
        }
        None
    }

    /// The type's version, a new one where it has none. A type's version implies that all its
    /// bases have one, so that changing a base reaches it.
    pub fn assign_version(&self, cx: &Thread) -> u32 {
        let v = self.version();
        if v != 0 {
            return v;
        }
        if let Some(bases) = self.info().bases.get().and_then(|b| b.downcast_exact::<Tuple>()) {
            for b in bases.as_slice() {
                if b.as_type_unchecked().assign_version(cx) == 0 {
                    return 0;
                }
            }
        }
        let new = cx.vm.next_type_version();
        match self.tp_version_tag.compare_exchange(0, new, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => new,
            Err(other) => other,
        }
    }

    /// Voids every cache that depends on this type or a subclass (`PyType_Modified`).
    /// Called before the change becomes visible and once more after it (hazard 6).
    pub fn modified(&self, cx: &Thread) {
        if self.tp_version_tag.swap(0, Ordering::AcqRel) == 0 {
            return;
        }
        for s in self.direct_subclasses(cx).iter() {
            s.as_type_unchecked().modified(cx);
        }
    }
}
