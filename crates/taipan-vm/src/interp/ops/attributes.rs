//! Attributes, methods, super.

use crate::interp::cache::{self, CacheKind, CacheRec};
use crate::interp::dispatch::{F, PUSHED, handler, plain};
use crate::interp::operator::push_function;
use crate::objects::code::Code;
use crate::objects::function::Function;
use crate::objects::property::Property;
use crate::objects::super_;
use crate::prelude::*;
use crate::types::shape::{Instance, PRE_HEADER};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The shape word of an object that is known to have a pre-header.
#[inline(always)]
fn shape_word(obj: Value) -> &'static AtomicUsize {
    // SAFETY: callers matched the type's version with a record that was made for a type whose
    // instances have a pre-header, whose first word is the shape.
    unsafe { &*((obj.bits() as usize - PRE_HEADER) as *const AtomicUsize) }
}

/// The slot at a byte offset of an object.
#[inline(always)]
fn slot_at(obj: Value, offset: u32) -> &'static Slot {
    // SAFETY: the offset was computed for this type (and shape), whose instances have the slot.
    unsafe { &*((obj.bits() as usize + offset as usize) as *const Slot) }
}

/// The version of a pointer value's type; 0 for other values, which no record has.
#[inline(always)]
fn version_of(obj: Value) -> u32 {
    if obj.is_ptr() { obj.ty().version() } else { 0 }
}

#[inline(always)]
fn cached_attr(obj: Value, rec: &CacheRec) -> Option<Value> {
    if version_of(obj) != rec.version {
        return None;
    }
    match rec.kind {
        CacheKind::Inline => {
            if shape_word(obj).load(Ordering::Acquire) != rec.shape {
                return None;
            }
            slot_at(obj, rec.offset).get()
        }
        CacheKind::OnType => {
            if shape_word(obj).load(Ordering::Acquire) != rec.shape {
                return None;
            }
            Some(rec.found())
        }
        CacheKind::Overflow => {
            if shape_word(obj).load(Ordering::Acquire) != rec.shape {
                return None;
            }
            Instance::of(obj)?.overflow_slot(rec.index as usize)
        }
        CacheKind::Member => slot_at(obj, rec.offset).get(),
        CacheKind::OnTypeAlways => Some(rec.found()),
        CacheKind::OfModule => {
            let m = module_of(obj);
            let storage = m.dict().storage();
            if storage as *const _ as usize != rec.storage {
                return None;
            }
            storage.value(rec.index as usize)
        }
        CacheKind::OfClass | CacheKind::ClassMethod => {
            if obj.bits() as usize != rec.shape || obj.as_type_unchecked().version() != rec.index {
                return None;
            }
            Some(rec.found())
        }
        _ => None,
    }
}

#[inline(always)]
fn module_of(obj: Value) -> &'static Module {
    // SAFETY: the type's version is the one of `module`.
    unsafe { &*(obj.bits() as *const Module) }
}

/// The kinds of records that a handler deals with without a call.
#[inline(always)]
fn quick_attr(obj: Value, rec: &CacheRec) -> Option<Value> {
    if version_of(obj) != rec.version {
        return None;
    }
    if rec.kind == CacheKind::Inline {
        if shape_word(obj).load(Ordering::Acquire) != rec.shape {
            return None;
        }
        return slot_at(obj, rec.offset).get();
    }
    if rec.kind == CacheKind::Member {
        return slot_at(obj, rec.offset).get();
    }
    None
}

handler! { pub fn LOAD_ATTR(f) {
    if let Some(rec) = cache::record(f.code, f.ext()) {
        if let Some(v) = quick_attr(f.rb(), rec) {
            f.set_a(v);
            return f.next(2);
        }
    }
    f.tail(load_attr_more::<W>)
} }

handler! { fn load_attr_more(f) {
    if let Some(rec) = cache::record(f.code, f.ext()) {
        if let Some(v) = cached_attr(f.rb(), rec) {
            f.set_a(v);
            return f.next(2);
        }
    }
    f.tail(load_attr_older::<W>)
} }

// The site's older records: objects of several classes come by.
handler! { fn load_attr_older(f) {
    let obj = f.rb();
    if let Some(v) = in_chain(f.code, f.ext(), |r| quick_attr(obj, r)) {
        f.set_a(v);
        return f.next(2);
    }
    let hit = |r: &CacheRec| descriptor_of(obj, r);
    let first = cache::record(f.code, f.ext()).and_then(hit);
    if first.or_else(|| in_chain(f.code, f.ext(), hit)).is_some() {
        return f.tail(load_attr_descriptor::<W>);
    }
    f.tail(load_attr_slow::<W>)
} }

/// Looks through the older records of a site.
#[inline(always)]
fn in_chain<R>(code: &Code, site: usize, mut hit: impl FnMut(&CacheRec) -> Option<R>) -> Option<R> {
    let mut rec = cache::record(code, site)?.next();
    while let Some(r) = rec {
        if let Some(v) = hit(r) {
            return Some(v);
        }
        rec = r.next();
    }
    None
}

/// The record's data descriptor, where it is one of the object's type.
#[inline(always)]
fn descriptor_of(obj: Value, rec: &CacheRec) -> Option<Value> {
    let hit = rec.kind == CacheKind::Descriptor && version_of(obj) == rec.version;
    hit.then(|| rec.found())
}

// The getter of a property, or of a native attribute.
plain! { fn load_attr_descriptor(f) -> Frame {
    let obj = f.rb();
    let hit = |r: &CacheRec| descriptor_of(obj, r);
    let d = cache::record(f.code, f.ext()).and_then(hit).or_else(|| in_chain(f.code, f.ext(), hit));
    // Another thread may have changed the class since the handler before saw it.
    let Some(d) = d else {
        f.set_a(get_attr(f.cx, obj, f.code.cache_name(f.ext()))?);
        return Ok(f.pc.add(2));
    };
    if let Some(p) = d.downcast_exact::<Property>() {
        if let Some(get) = p.get.get().and_then(|g| g.downcast_exact::<Function>()) {
            f.save_two();
            if push_function(f.cx, f.regs, get, &[obj], 0) {
                return Ok(PUSHED);
            }
            f.save();
        }
    }
    let get = d.ty().slots().descr_get.get().expect("it is a descriptor");
    let owner = Value::from_ref(obj.ty());
    f.set_a(get(f.cx, d, Some(obj), Some(owner))?);
    Ok(f.pc.add(2))
} }

plain! { fn load_attr_slow(f) -> 2 {
    let obj = f.rb();
    if let Some(v) = in_chain(f.code, f.ext(), |r| cached_attr(obj, r)) {
        f.set_a(v);
        return Ok(());
    }
    let name = f.code.cache_name(f.ext());
    let v = get_attr(f.cx, obj, name)?;
    f.set_a(v);
    cache::fill_load(f.cx, f.code, f.ext(), obj, name, false);
} }

/// Does the record say which function the object's method is?
#[inline(always)]
fn is_method_of(obj: Value, rec: &CacheRec) -> bool {
    version_of(obj) == rec.version
        && (rec.kind == CacheKind::OnTypeAlways
            || rec.kind == CacheKind::OnType
                && shape_word(obj).load(Ordering::Acquire) == rec.shape)
}

handler! { pub fn LOAD_METHOD(f) {
    if let Some(rec) = cache::record(f.code, f.ext()) {
        let obj = f.rb();
        if is_method_of(obj, rec) {
            let a = f.a();
            f.regs.set(a + 3, rec.found());
            f.regs.set(a + 4, obj);
            return f.next(2);
        }
    }
    f.tail(load_method_more::<W>)
} }

handler! { fn load_method_more(f) {
    if let Some(rec) = cache::record(f.code, f.ext()) {
        let obj = f.rb();
        if rec.kind == CacheKind::OfModule || rec.kind == CacheKind::OfClass {
            if let Some(v) = cached_attr(obj, rec) {
                let a = f.a();
                f.regs.set(a + 3, v);
                f.regs.set_bits(a + 4, 0);
                return f.next(2);
            }
        } else if rec.kind == CacheKind::ClassMethod {
            if let Some(v) = cached_attr(obj, rec) {
                let a = f.a();
                f.regs.set(a + 3, v);
                f.regs.set(a + 4, obj);
                return f.next(2);
            }
        }
    }
    f.tail(load_method_older::<W>)
} }

// As `load_attr_older`.
handler! { fn load_method_older(f) {
    let obj = f.rb();
    if let Some(v) = in_chain(f.code, f.ext(), |r| is_method_of(obj, r).then(|| r.found())) {
        let a = f.a();
        f.regs.set(a + 3, v);
        f.regs.set(a + 4, obj);
        return f.next(2);
    }
    f.tail(load_method_slow::<W>)
} }

plain! { fn load_method_slow(f) -> 2 {
    let (obj, a) = (f.rb(), f.a());
    let hit = in_chain(f.code, f.ext(), |r| match r.kind {
        CacheKind::OnTypeAlways | CacheKind::OnType | CacheKind::ClassMethod => cached_attr(obj, r).map(|v| (v, Some(obj))),
        CacheKind::OfModule | CacheKind::OfClass => cached_attr(obj, r).map(|v| (v, None)),
        _ => None,
    });
    if let Some((v, this)) = hit {
        f.regs.set(a + 3, v);
        f.regs.set_option(a + 4, this);
        return Ok(());
    }
    let name = f.code.cache_name(f.ext());
    let (func, this) = get_method(f.cx, obj, name)?;
    f.regs.set(a + 3, func);
    f.regs.set_option(a + 4, this);
    if this.is_some() || obj.as_type().is_some() || obj.downcast_exact::<Module>().is_some() {
        cache::fill_load(f.cx, f.code, f.ext(), obj, name, true);
    }
} }

handler! { pub fn STORE_ATTR(f) {
    if let Some(rec) = cache::record(f.code, f.ext()) {
        if quick_store(f.ra(), rec, f.rb()) {
            return f.next(2);
        }
    }
    f.tail(store_attr_more::<W>)
} }

/// The stores that a handler makes without a call or a lock.
#[inline(always)]
fn quick_store(obj: Value, rec: &CacheRec, v: Value) -> bool {
    if version_of(obj) != rec.version {
        return false;
    }
    let Some(head) = obj.head() else { return false };
    match rec.kind {
        CacheKind::Inline => {
            if shape_word(obj).load(Ordering::Acquire) != rec.shape {
                return false;
            }
            slot_at(obj, rec.offset).set(head, v);
            true
        }
        CacheKind::AddInline => {
            let shape = shape_word(obj);
            if shape.load(Ordering::Relaxed) != rec.shape
                || !taipan_heap::lock::free_and_alone(head)
            {
                return false;
            }
            slot_at(obj, rec.offset).set(head, v);
            shape.store(rec.value as usize, Ordering::Release);
            true
        }
        _ => false,
    }
}

handler! { fn store_attr_more(f) {
    if let Some(rec) = cache::record(f.code, f.ext()) {
        if cached_store(f.ra(), rec, f.rb()) {
            return f.next(2);
        }
    }
    f.tail(store_attr_slow::<W>)
} }

#[inline(always)]
fn cached_store(obj: Value, rec: &CacheRec, v: Value) -> bool {
    if version_of(obj) != rec.version {
        return false;
    }
    match rec.kind {
        CacheKind::Inline => {
            let fits = shape_word(obj).load(Ordering::Acquire) == rec.shape;
            if fits {
                store(obj, rec.offset, v);
            }
            fits
        }
        CacheKind::AddInline => add_inline(obj, rec, v),
        CacheKind::Member => {
            store(obj, rec.offset, v);
            true
        }
        _ => false,
    }
}

#[inline(always)]
fn store(obj: Value, offset: u32, v: Value) {
    if let Some(head) = obj.head() {
        slot_at(obj, offset).set(head, v);
    }
}

/// Adds an attribute in its inline slot under the object's lock, which nobody must hold.
#[inline(always)]
fn add_inline(obj: Value, rec: &CacheRec, v: Value) -> bool {
    let Some(head) = obj.head() else { return false };
    let Some(_held) = taipan_heap::try_lock(head) else { return false };
    let shape = shape_word(obj);
    if shape.load(Ordering::Relaxed) != rec.shape {
        return false;
    }
    slot_at(obj, rec.offset).set(head, v);
    // No barrier: the type keeps all its shapes alive.
    shape.store(rec.value as usize, Ordering::Release);
    true
}

plain! { fn store_attr_slow(f) -> 2 {
    let obj = f.ra();
    let v = f.rb();
    if in_chain(f.code, f.ext(), |r| cached_store(obj, r, v).then_some(())).is_some() {
        return Ok(());
    }
    let name = f.code.cache_name(f.ext());
    cache::fill_store(f.cx, f.code, f.ext(), obj, name);
    set_attr(f.cx, obj, name, Some(f.rb()))?;
} }

plain! { pub fn DELETE_ATTR(f) -> 2 { set_attr(f.cx, f.ra(), f.name(), None)?; } }

/// The class of super's second argument, or nothing where the call of super has to be made.
fn super_parts<const W: bool>(f: F<'_, W>) -> Option<(&'static Type, Value)> {
    let b = f.b();
    let (callee, class, this) = (f.regs.value(b), f.regs.value(b + 1), f.regs.value(b + 2));
    if callee != Value::from_ref(super_::Super::type_object()) {
        return None;
    }
    class.as_type().map(|t| (t, this))
}

/// `super(...).name` where `super` is not the builtin or its first argument no class.
#[cold]
fn called_super<const W: bool>(f: F<'_, W>, name: &Str) -> Res {
    let b = f.b();
    let with_args = f.imm_c() & 2 != 0;
    let args = if with_args { f.regs.slice(b + 1, 2) } else { &[] };
    let callee = f.regs.value(b);
    let builtin = callee == Value::from_ref(super_::Super::type_object());
    // The events of the builtin's call are those of `trace::monitoring`.
    let s = if f.cx.interp.watches_calls.get() && !builtin {
        crate::interp::call::profiled(f.cx, f.regs, callee, args, None)?
    } else {
        call(f.cx, callee, args)?
    };
    get_attr(f.cx, s, name)
}

plain! { pub fn LOAD_SUPER_ATTR(f) -> 2 {
    let name = f.code.cache_name(f.ext());
    let v = match super_parts(f) {
        Some((class, this)) => {
            let t = super_::check(f.cx, class, this)?;
            super_::get_super_attr(f.cx, class, this, t, name, false)?.0
        }
        None => called_super(f, name)?,
    };
    f.set_a(v);
} }

handler! { pub fn LOAD_SUPER_METHOD(f) {
    let b = f.b();
    let this = f.regs.value(b + 2);
    if f.regs.value(b) == Value::from_ref(super_::Super::type_object()) {
        let (class, version) = (f.regs.bits(b + 1) as usize, version_of(this));
        let hit = |r: &CacheRec| {
            let hit = r.kind == CacheKind::Super && version == r.version && class == r.shape;
            hit.then(|| r.found())
        };
        let first = cache::record(f.code, f.ext()).and_then(hit);
        if let Some(method) = first.or_else(|| in_chain(f.code, f.ext(), hit)) {
            let a = f.a();
            f.regs.set(a + 3, method);
            f.regs.set(a + 4, this);
            return f.next(2);
        }
    }
    f.tail(load_super_method_slow::<W>)
} }

plain! { fn load_super_method_slow(f) -> 2 {
    let name = f.code.cache_name(f.ext());
    let (v, this) = match super_parts(f) {
        Some((class, this)) => {
            let t = super_::check(f.cx, class, this)?;
            // What a class finds as its own start type is not bound: `super().__new__` where that
            // is a plain function.
            let bindable = Value::from_ref(t) != this;
            let (v, is_method) = super_::get_super_attr(f.cx, class, this, t, name, bindable)?;
            if is_method && t.is(this.ty()) {
                cache::fill_super(f.cx, f.code, f.ext(), class, this, v);
            }
            (v, if is_method { Some(this) } else { None })
        }
        None => (called_super(f, name)?, None),
    };
    let a = f.a();
    f.regs.set(a + 3, v);
    f.regs.set_option(a + 4, this);
} }
