//! Inline caches: what a lookup found, in an immutable record behind one word of the code object.
//!
//! Filling (hazard 6): the type's version is read first, then the lookup is made, then the record
//! is published with Release. A version that changed in between makes a record that never matches.
//! After `MAX_FILLS` records a site keeps a record that matches nothing and is written no more
//! (hazard 21). Records are collected with the code object. What they name they do not keep alive: they
//! lie in weak cells without a type, which the collector makes match nothing when one of the three
//! addresses in them dies (`mark::void_if_dead` of the heap).
//! A reader that has found its object's version or shape in a record, with no safepoint in between, has what
//! keeps the rest alive in its hands.

use crate::objects::code::Code;
use crate::objects::descr;
use crate::objects::function::Function;
use crate::prelude::*;
use crate::types::shape::Instance;
use std::sync::atomic::Ordering;

/// What a record says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum CacheKind {
    /// Matches nothing: of too many kinds of objects, or void.
    Nothing = 0,
    /// `Head` + `offset` holds the attribute in instances of `shape`.
    Inline,
    /// As `Inline` for slot `index` of the overflow array.
    Overflow,
    /// As `Inline` for a `__slots__` member, whatever the shape.
    Member,
    /// `value` is the attribute, found on the type; instances of `shape` have none of the name.
    OnType,
    /// As `OnType` for types whose instances have no attributes of their own.
    OnTypeAlways,
    /// `value` is a data descriptor of a native type, found on the type: what it gives is asked for
    /// each time.
    Descriptor,
    /// The object is a class (`shape` its address, `index` its version); `value` is the attribute.
    OfClass,
    /// As `OfClass`; `value` is a function to be called with the class.
    ClassMethod,
    /// `super()` of the class `shape` with an instance of the type: `value` is the function.
    Super,
    /// The object is a module whose dict has the storage `storage`; `index` is the entry.
    OfModule,
    /// Storing at `offset` moves from `shape` to the shape `value`.
    AddInline,
    /// The globals have storage `storage`; the value is at the address `shape`.
    Global,
    /// The globals have storage `storage` with `extra` entries, none of the name; the builtins have
    /// storage `value`, with the value at the address `shape`.
    Builtin,
}

#[repr(C)]
pub struct CacheRec {
    pub offset: u32,
    pub index: u32,
    fills: u32,
    /// How many records follow.
    depth: u32,
    pub kind: CacheKind,
    /// The version of the object's type.
    pub version: u32,
    no_type: usize,
    pub shape: usize,
    pub extra: usize,
    /// The record that was there before.
    next: usize,
    /// Bits of a value, or an address.
    pub value: u64,
    pub storage: usize,
}

/// The layout that the heap knows.
const _: () = {
    use std::mem::offset_of;
    assert!(offset_of!(CacheRec, kind) == 16 && offset_of!(CacheRec, version) == 20);
    assert!(offset_of!(CacheRec, no_type) == offset_of!(taipan_heap::Head, ob_type));
    assert!(offset_of!(CacheRec, shape) == 32);
    assert!(offset_of!(CacheRec, value) == 56 && offset_of!(CacheRec, storage) == 64);
};

/// After so many records a site is megamorphic.
const MAX_FILLS: u32 = 40;
/// Records in a chain.
const MAX_DEPTH: u32 = 3;

impl CacheRec {
    pub fn empty(kind: CacheKind) -> CacheRec {
        CacheRec {
            offset: 0,
            index: 0,
            fills: 0,
            depth: 0,
            kind,
            version: 0,
            no_type: 0,
            shape: 0,
            extra: 0,
            next: 0,
            value: 0,
            storage: 0,
        }
    }

    /// The record that was there before this one.
    #[inline(always)]
    pub fn next(&self) -> Option<&CacheRec> {
        // SAFETY: zero or the address of a record that this one keeps.
        unsafe { (self.next as *const CacheRec).as_ref() }
    }

    /// The cached value.
    #[inline(always)]
    pub fn found(&self) -> Value {
        // SAFETY: records whose kind has a value were made with one, which lives while the record
        // matches (see above).
        unsafe { Value::from_bits(self.value) }
    }
}

/// The record of a site.
#[inline(always)]
pub fn record(code: &Code, site: usize) -> Option<&CacheRec> {
    // SAFETY: the word is null or a record published by `publish`, kept alive by the code object.
    unsafe { code.cache(site).load(Ordering::Acquire).as_ref() }
}

/// Puts a record into its site.
#[cold]
fn publish(cx: &Thread, code: &Code, site: usize, mut rec: CacheRec) {
    let fills = record(code, site).map_or(0, |r| r.fills) + 1;
    if fills > MAX_FILLS {
        return;
    }
    if fills == MAX_FILLS {
        rec = CacheRec::empty(CacheKind::Nothing);
    }
    rec.fills = fills;
    if let Some(old) = record(code, site).filter(|o| o.depth < MAX_DEPTH && fills < MAX_FILLS) {
        rec.depth = old.depth + 1;
        rec.next = std::ptr::from_ref(old) as usize;
    }
    let cell = crate::modules::tracemalloc::untraced(|| {
        cx.mutator.alloc(size_of::<CacheRec>(), Kind::Weak)
    });
    let p = cell.as_ptr() as *mut CacheRec;
    // SAFETY: a fresh cell of that size that nobody else sees.
    unsafe { p.write(rec) };
    code.set_cache(site, p);
}

/// Whether a site takes another record.
fn open(code: &Code, site: usize) -> bool {
    record(code, site).is_none_or(|r| r.fills < MAX_FILLS)
}

/// The byte offset of inline slot `i`, if it is inline.
fn inline_offset(t: &Type, i: u32) -> Option<u32> {
    let info = t.info();
    if i >= info.inline_slots.load(Ordering::Relaxed) {
        return None;
    }
    Some(info.basicsize.load(Ordering::Relaxed) + 8 * i)
}

/// Fills the cache of an attribute load. `method`: only what is called with the object as first
/// argument may be taken from the type as it is.
pub fn fill_load(cx: &Thread, code: &Code, site: usize, obj: Value, name: &Str, method: bool) {
    if !obj.is_ptr() || !open(code, site) {
        return;
    }
    let t = obj.ty();
    if let Some(class) = obj.as_type() {
        return fill_class(cx, code, site, class, name, method);
    }
    if let Some(m) = obj.downcast_exact::<Module>() {
        return fill_module(cx, code, site, m, name);
    }
    let version = t.assign_version(cx);
    if version == 0 || !t.info().layout.generic_getattr.load(Ordering::Acquire) {
        return;
    }
    let found = t.lookup(cx, name);
    if let Some(d) = found {
        let ds = d.ty().slots();
        if ds.descr_set.get().is_some() {
            if let Some(m) = d.downcast_exact::<descr::Member>() {
                if descr::member_fits(m, t) && !method {
                    let mut rec = CacheRec::empty(CacheKind::Member);
                    rec.version = version;
                    rec.offset = m.offset() as u32;
                    publish(cx, code, site, rec);
                }
            } else if !method
                && ds.descr_get.get().is_some()
                && d.ty().has_feature(tpflags::IMMUTABLETYPE)
            {
                let mut rec = CacheRec::empty(CacheKind::Descriptor);
                rec.version = version;
                rec.value = d.bits();
                publish(cx, code, site, rec);
            }
            return;
        }
        // A Python class with `__get__` may gain `__set__`, which no version of the owner shows.
        if ds.descr_get.get().is_some() && !d.ty().has_feature(tpflags::IMMUTABLETYPE) {
            return;
        }
    }
    let instance = Instance::of(obj);
    let shape = match instance {
        Some(i) => {
            let s = i.shape();
            if s.is_dict != 0 {
                return;
            }
            if let Some(at) = s.find(cx, name) {
                if method {
                    return;
                }
                let mut rec = match inline_offset(t, at) {
                    Some(offset) => {
                        let mut rec = CacheRec::empty(CacheKind::Inline);
                        rec.offset = offset;
                        rec
                    }
                    None => {
                        let mut rec = CacheRec::empty(CacheKind::Overflow);
                        rec.index = at - t.info().inline_slots.load(Ordering::Relaxed);
                        rec
                    }
                };
                rec.version = version;
                rec.shape = s as *const _ as usize;
                publish(cx, code, site, rec);
                return;
            }
            Some(s)
        }
        None => None,
    };
    let Some(v) = found else { return };
    let plain = v.ty().slots().descr_get.get().is_none();
    let wanted = if method { v.ty().has_feature(tpflags::METHOD_DESCRIPTOR) } else { plain };
    if !wanted {
        return;
    }
    let kind = if shape.is_some() { CacheKind::OnType } else { CacheKind::OnTypeAlways };
    let mut rec = CacheRec::empty(kind);
    rec.version = version;
    rec.shape = shape.map_or(0, |s| s as *const _ as usize);
    rec.value = v.bits();
    publish(cx, code, site, rec);
}

/// `Class.name`, where the metaclass is `type` itself and has no such attribute.
fn fill_class(
    cx: &Thread,
    code: &Code,
    site: usize,
    class: &'static Type,
    name: &Str,
    method: bool,
) {
    let meta = Value::from_ref(class).ty();
    if !meta.is(Type::type_object()) || meta.lookup(cx, name).is_some() {
        return;
    }
    let (meta_version, version) = (meta.assign_version(cx), class.assign_version(cx));
    if meta_version == 0 || version == 0 {
        return;
    }
    let Some(v) = class.lookup(cx, name) else { return };
    let mut kind = CacheKind::OfClass;
    let v = if v.downcast_exact::<Function>().is_some() || v.ty().slots().descr_get.get().is_none()
    {
        v
    } else if let Some(f) = bound_to_class(v).filter(|_| method) {
        kind = CacheKind::ClassMethod;
        f
    } else if let Some(f) = v.downcast_exact::<descr::StaticMethod>().and_then(|s| s.func()) {
        f
    } else {
        return;
    };
    let mut rec = CacheRec::empty(kind);
    rec.version = meta_version;
    rec.shape = class as *const Type as usize;
    rec.index = version;
    rec.value = v.bits();
    publish(cx, code, site, rec);
}

/// The Python function of a classmethod.
fn bound_to_class(v: Value) -> Option<Value> {
    let f = v.downcast_exact::<descr::ClassMethod>()?.func()?;
    f.downcast_exact::<Function>().map(|_| f)
}

/// Fills the cache of `super().name(...)` where the function gets the instance.
pub fn fill_super(cx: &Thread, code: &Code, site: usize, class: &Type, this: Value, func: Value) {
    if !this.is_ptr() || !open(code, site) {
        return;
    }
    let version = this.ty().assign_version(cx);
    if version == 0 {
        return;
    }
    let mut rec = CacheRec::empty(CacheKind::Super);
    rec.version = version;
    rec.shape = class as *const Type as usize;
    rec.value = func.bits();
    publish(cx, code, site, rec);
}

fn fill_module(cx: &Thread, code: &Code, site: usize, m: &Module, name: &Str) {
    let t = Module::type_object();
    let version = t.assign_version(cx);
    if version == 0 || t.lookup(cx, name).is_some() {
        return;
    }
    let storage = m.dict().storage();
    if let Some(i) = storage.find_str(cx, name) {
        let mut rec = CacheRec::empty(CacheKind::OfModule);
        rec.version = version;
        rec.storage = storage as *const _ as usize;
        rec.index = i as u32;
        publish(cx, code, site, rec);
    }
}

/// Fills the cache of an attribute store. Called before the store, when `obj` still has its shape.
pub fn fill_store(cx: &Thread, code: &Code, site: usize, obj: Value, name: &Str) {
    if !open(code, site) {
        return;
    }
    let Some(inst) = Instance::of(obj) else {
        return fill_member_store(cx, code, site, obj, name);
    };
    let t = obj.ty();
    let version = t.assign_version(cx);
    if version == 0 || !t.info().layout.generic_setattr.load(Ordering::Acquire) {
        return;
    }
    if let Some(d) = t.lookup(cx, name) {
        if d.ty().slots().descr_set.get().is_some() {
            return fill_member_store(cx, code, site, obj, name);
        }
    }
    let s = inst.shape();
    if s.is_dict != 0 || !t.info().layout.has_dict.load(Ordering::Relaxed) {
        return;
    }
    let mut rec = match s.find(cx, name) {
        Some(at) => {
            let Some(offset) = inline_offset(t, at) else { return };
            let mut rec = CacheRec::empty(CacheKind::Inline);
            rec.offset = offset;
            rec
        }
        None => {
            let Some(offset) = inline_offset(t, s.count) else { return };
            let mut rec = CacheRec::empty(CacheKind::AddInline);
            rec.offset = offset;
            rec.value = s.with(cx, name) as u64;
            rec
        }
    };
    rec.version = version;
    rec.shape = s as *const _ as usize;
    publish(cx, code, site, rec);
}

fn fill_member_store(cx: &Thread, code: &Code, site: usize, obj: Value, name: &Str) {
    if !obj.is_ptr() {
        return;
    }
    let t = obj.ty();
    let version = t.assign_version(cx);
    if version == 0 || !t.info().layout.generic_setattr.load(Ordering::Acquire) {
        return;
    }
    let Some(m) = t.lookup(cx, name).and_then(|d| d.downcast_exact::<descr::Member>()) else {
        return;
    };
    if descr::member_fits(m, t) && !descr::member_is_readonly(m) {
        let mut rec = CacheRec::empty(CacheKind::Member);
        rec.version = version;
        rec.offset = m.offset() as u32;
        publish(cx, code, site, rec);
    }
}

/// Fills the cache of a global load.
pub fn fill_global(
    cx: &Thread,
    code: &Code,
    site: usize,
    globals: &Dict,
    builtins: Value,
    name: &Str,
) {
    if !open(code, site) {
        return;
    }
    let storage = globals.storage();
    if let Some(i) = storage.find_str(cx, name) {
        let mut rec = CacheRec::empty(CacheKind::Global);
        rec.storage = storage as *const _ as usize;
        rec.shape = storage.value_slot(i) as *const _ as usize;
        return publish(cx, code, site, rec);
    }
    // The number of entries is read before the search: an entry added in between makes the record
    // one that never matches.
    let n = storage.nentries();
    if globals.get_str(cx, name).is_some() {
        return;
    }
    let Some(b) = builtins.downcast_exact::<Dict>() else { return };
    let bs = b.storage();
    if let Some(i) = bs.find_str(cx, name) {
        let mut rec = CacheRec::empty(CacheKind::Builtin);
        rec.storage = storage as *const _ as usize;
        rec.extra = n;
        rec.value = bs as *const _ as u64;
        rec.shape = bs.value_slot(i) as *const _ as usize;
        publish(cx, code, site, rec);
    }
}
