//! Making a type ready: TypeInfo, mro, inherited slots, descriptors for native methods.

use super::layout::{Layout, NativeType, Type, TypeInfo};
use super::slot_dispatch::SlotNames;
use super::slots::{SlotId, Slots};
use super::{NativeMethods, PyType};
use crate::call::MethodKind;
use crate::objects::descr;
use crate::prelude::*;
use std::sync::atomic::*;

/// A fresh TypeInfo cell tied to `ty` (tp_cache set).
pub fn new_info(cx: &Thread, ty: &Type, native: Option<&'static NativeType>) -> &'static TypeInfo {
    let p = cx.mutator.alloc_raw(size_of::<TypeInfo>(), Kind::Scan).as_ptr() as *mut TypeInfo;
    // SAFETY: a fresh zeroed cell of that size.
    unsafe {
        p.write(TypeInfo {
            cell: [const { AtomicU64::new(0) }; 2],
            ty: Slot::empty(),
            name: Slot::empty(),
            qualname: Slot::empty(),
            dict: Slot::empty(),
            mro: Slot::empty(),
            bases: Slot::empty(),
            slot_names: Slot::empty(),
            subclasses: Slot::empty(),
            weakrefs: Slot::empty(),
            root_shape: AtomicUsize::new(0),
            inline_slots: AtomicU32::new(0),
            basicsize: AtomicU32::new(0),
            layout: Layout {
                pre_header: AtomicBool::new(false),
                has_dict: AtomicBool::new(false),
                has_weakref: AtomicBool::new(false),
                has_finalizer: AtomicBool::new(false),
                kind: AtomicU8::new(0),
                generic_getattr: AtomicBool::new(true),
                plain_class: AtomicU32::new(0),
                generic_setattr: AtomicBool::new(true),
            },
            native,
            solid: Slot::empty(),
            slots: Slots::empty(),
        });
        (*p).ty.init(Some(Value::from_ref(ty)));
        ty.tp_cache.store(p, Ordering::Release);
        &*p
    }
}

/// Readies a builtin type: idempotent; its base is readied first.
pub fn ready<T: PyType + NativeMethods>(cx: &Thread) -> &'static Type {
    ready_native(cx, T::type_object(), T::native());
    T::type_object()
}

/// As `ready`, for types described without a Rust struct of their own (the exceptions).
pub fn ready_native(cx: &Thread, ty: &'static Type, native: &'static NativeType) {
    if ty.has_feature(tpflags::READY) {
        return;
    }
    let base = (native.base)();
    let is_object = std::ptr::eq(base, ty);
    assert!(
        is_object || base.has_feature(tpflags::READY),
        "{} needs its base ready first",
        native.name
    );
    if ty.tp_cache.load(Ordering::Acquire).is_null() {
        cx.vm.add_permanent_root(Value::from_ref(ty));
    }
    if ty.head.type_ptr().is_null() {
        ty.head.ob_type.store(Type::type_object() as *const Type as *mut Head, Ordering::Release);
    }
    let info = if ty.tp_cache.load(Ordering::Acquire).is_null() {
        new_info(cx, ty, Some(native))
    } else {
        ty.info()
    };
    let name = crate::objects::str::intern(cx, native.name);
    info.name.set_option(ty, Some(Value::from_ref(name)));
    info.qualname.set_option(ty, Some(Value::from_ref(name)));
    info.basicsize.store(round8(native.basicsize) as u32, Ordering::Relaxed);
    info.layout.kind.store(native.kind as u8, Ordering::Relaxed);
    // A type whose instances are laid out as its base's adds nothing that bases could clash over.
    let bi = base.info();
    let same =
        !is_object && bi.basicsize.load(Ordering::Relaxed) as usize == round8(native.basicsize);
    info.solid.set_option(ty, if same { bi.solid.get() } else { Some(Value::from_ref(ty)) });
    let (mut dict, mut weak) = (native.has_dict, native.has_weakref);
    let bases = if is_object {
        Tuple::empty(cx)
    } else {
        ty.tp_base.set_option(ty, Some(Value::from_ref(base)));
        let bi = base.info();
        dict |= bi.layout.has_dict.load(Ordering::Relaxed);
        weak |= bi.layout.has_weakref.load(Ordering::Relaxed);
        Tuple::from_slice(cx, &[Value::from_ref(base)])
    };
    set_layout(ty, info, dict, weak);
    info.bases.set_option(ty, Some(Value::from_ref(bases)));
    ty.tp_bases.set_option(ty, Some(Value::from_ref(bases)));
    let mut mro: GcVec<Value> = GcVec::new();
    mro.push(Value::from_ref(ty));
    if !is_object {
        mro.extend(base.mro().as_slice().iter().copied());
    }
    let mro = Tuple::from_slice(cx, &mro);
    info.mro.set_option(ty, Some(Value::from_ref(mro)));
    ty.tp_mro.set_option(ty, Some(Value::from_ref(mro)));
    let inherited = if is_object { 0 } else { base.flags() & tpflags::INHERITED };
    ty.tp_flags.fetch_or(
        tpflags::READY | tpflags::IMMUTABLETYPE | collected(native) | inherited | native.flags,
        Ordering::AcqRel,
    );

    let d = Dict::new(cx);
    info.dict.set_option(ty, Some(Value::from_ref(d)));
    ty.tp_dict.set_option(ty, Some(Value::from_ref(d)));
    (native.fill)(&info.slots);
    if is_object {
        // The functions themselves, not wrappers: their addresses say "generic" (`finish_layout_flags`).
        info.slots.getattro.set(super::attr::generic_getattr);
        info.slots.setattro.set(super::attr::generic_setattr);
    }
    if names_attribute_access(native) && info.slots.getattro.raw() == 0 {
        info.slots.getattro.set(super::attr::generic_getattr);
    }
    add_slot_wrappers(cx, ty, d, &info.slots);
    for row in native.methods {
        let v = match row.kind {
            MethodKind::Instance => descr::new_method_descr(cx, ty, row),
            MethodKind::Class => descr::new_classmethod_descr(cx, ty, row),
            _ => descr::new_static_method(cx, ty, row),
        };
        d.set_str(cx, crate::objects::str::intern(cx, row.name), v);
    }
    for row in native.getset {
        let v = descr::new_attribute(cx, ty, row);
        d.set_str(cx, crate::objects::str::intern(cx, row.name), v);
    }
    // Each exception class has a constructor of its own, which says its name.
    if native.flags & tpflags::BASE_EXC_SUBCLASS != 0
        && native.name != "ExceptionGroup"
        && info.slots.new.get().is_none()
    {
        info.slots.new.set_raw(base.slots().new.raw());
    }
    if info.slots.new.get().is_some() {
        let v = descr::new_tp_new(cx, ty);
        d.set_str(cx, id!(cx, "__new__"), v);
    }
    if native.has_dict {
        let key = id!(cx, "__dict__");
        if d.get_str(cx, key).is_none() {
            d.set_str(cx, key, descr::new_dict_getset(cx, ty));
        }
    }
    let module = id!(cx, "__module__");
    if is_made_by_spec(native) && d.get_str(cx, module).is_none() {
        d.set_str(cx, module, Value::from_ref(crate::objects::str::intern(cx, native.module)));
    }
    let doc = id!(cx, "__doc__");
    if d.get_str(cx, doc).is_none() {
        let v = native.doc.map_or(none(), |t| {
            let (_, text) = crate::objects::signature::split_doc(native.name, t);
            Value::from_ref(Str::new(cx, text))
        });
        d.set_str(cx, doc, v);
    }
    if info.slots.hash.get().is_none() && info.slots.richcmp.get().is_some() {
        d.set_str(cx, id!(cx, "__hash__"), none());
        info.slots.hash.set(super::slot_dispatch::hash_not_implemented);
    }
    if !is_object {
        let has_new = info.slots.new.get().is_some();
        inherit_slots(&info.slots, base.slots());
        let plain = base.is(crate::objects::object::Object::type_object());
        if !has_new && plain && native.flags & tpflags::BASETYPE == 0 {
            // As CPython's static types: without a constructor of their own they have none.
            info.slots.new.set_raw(0);
            ty.tp_flags.fetch_or(tpflags::DISALLOW_INSTANTIATION, Ordering::AcqRel);
        }
        add_subclass(cx, base, ty);
    }
    finish_layout_flags(cx, ty);
}

/// Does CPython make the type at run time (`PyType_FromSpec`)? Such a type's namespace, and so its
/// instances, have `__module__`; the static types of its core have not.
pub fn is_made_by_spec(native: &NativeType) -> bool {
    let name = match native.module {
        "builtins" => return native.name == "ExceptionGroup",
        "types" | "_contextvars" | "datetime" | "weakref" | "sys" => return false,
        "collections" => "OrderedDict",
        "pickle" => "PickleBuffer",
        _ => return true,
    };
    native.name != name
}

/// Has CPython's type a `tp_getattro` of its own, though it is the common one? Those have
/// `__getattribute__` in their namespace.
fn names_attribute_access(native: &NativeType) -> bool {
    const INHERIT: &[&str] = &[
        "float",
        "bool",
        "str",
        "frozenset",
        "staticmethod",
        "classmethod",
        "code",
        "mappingproxy",
        "cell",
        "generator",
        "coroutine",
        "async_generator",
        "wrapper_descriptor",
        "method-wrapper",
        "method_descriptor",
        "classmethod_descriptor",
        "traceback",
        "frame",
        "getset_descriptor",
        "member_descriptor",
        "ellipsis",
        "NoneType",
        "NotImplementedType",
    ];
    let exception = native.flags & tpflags::BASE_EXC_SUBCLASS != 0;
    match exception {
        true => native.name == "BaseException",
        false => native.module == "builtins" && !INHERIT.contains(&native.name),
    }
}

pub fn round8(n: usize) -> usize {
    (n + 7) & !7
}

/// Records what instances carry, and CPython's own numbers for it.
pub fn set_layout(ty: &Type, info: &TypeInfo, dict: bool, weak: bool) {
    let l = &info.layout;
    l.has_dict.store(dict, Ordering::Relaxed);
    l.has_weakref.store(weak, Ordering::Relaxed);
    l.pre_header.store(dict || weak, Ordering::Relaxed);
    if dict {
        ty.tp_dictoffset.store(-1, Ordering::Relaxed);
        ty.tp_flags.fetch_or(tpflags::MANAGED_DICT, Ordering::AcqRel);
    }
    if weak {
        ty.tp_weaklistoffset.store(-16, Ordering::Relaxed);
        ty.tp_flags.fetch_or(tpflags::MANAGED_WEAKREF, Ordering::AcqRel);
    }
}

/// `Py_TPFLAGS_HAVE_GC` where CPython has it: `gc` counts and shows the instances of such types. What is
/// followed is a matter of the cell kind.
fn collected(native: &NativeType) -> u64 {
    const NOT: [&str; 34] = [
        "object",
        "bytearray",
        "bytes",
        "str",
        "int",
        "bool",
        "float",
        "complex",
        "code",
        "range",
        "longrange_iterator",
        "range_iterator",
        "ellipsis",
        "NoneType",
        "NotImplementedType",
        "NoDefaultType",
        "EncodingMap",
        "fieldnameiterator",
        "formatteriterator",
        "stderrprinter",
        "ScandirIterator",
        "DirEntry",
        "Random",
        "_lru_list_elem",
        "Compress",
        "Decompress",
        "_ZlibDecompressor",
        "poll",
        "epoll",
        "date",
        "datetime",
        "time",
        "timedelta",
        "TokenizerIter",
    ];
    let clock = native.module == "datetime" && native.name.starts_with('t');
    let is_not = native.kind == taipan_heap::Kind::Leaf || NOT.contains(&native.name) || clock;
    if is_not { 0 } else { tpflags::HAVE_GC }
}

/// Adds a wrapper descriptor for each special method whose slot the type fills itself.
fn add_slot_wrappers(cx: &Thread, ty: &Type, d: &Dict, slots: &Slots) {
    for (def, name) in SlotNames::get(cx).all() {
        let raw = slots.raw(def.slot);
        if raw == 0 || def.slot == SlotId::new {
            continue;
        }
        if d.get_str(cx, name).is_none() {
            d.set_str(cx, name, descr::new_slot_wrapper(cx, ty, def, raw));
        }
    }
}

/// Copies from the base every slot the type leaves empty. Comparison and hash go together: a type
/// with one of its own does not inherit the other (`inherit_slots`).
pub fn inherit_slots(slots: &Slots, base: &Slots) {
    let cmp = slots.richcmp.raw() != 0 || slots.hash.raw() != 0;
    for &id in SlotId::ALL {
        if slots.raw(id) != 0 {
            continue;
        }
        if matches!(id, SlotId::richcmp | SlotId::hash) && cmp {
            continue;
        }
        slots.set_raw(id, base.raw(id));
    }
}

/// Caches in the layout what attribute access and allocation ask about the slots.
pub fn finish_layout_flags(_cx: &Thread, ty: &Type) {
    let info = ty.info();
    let s = &info.slots;
    let get = s.getattro.raw();
    let set = s.setattro.raw();
    let g = super::attr::generic_getattr as *const () as usize;
    let st = super::attr::generic_setattr as *const () as usize;
    info.layout.generic_getattr.store(get == 0 || get == g, Ordering::Relaxed);
    info.layout.generic_setattr.store(set == 0 || set == st, Ordering::Relaxed);
    info.layout.has_finalizer.store(s.del.raw() != 0, Ordering::Relaxed);
}

/// Remembers a direct subclass weakly.
pub fn add_subclass(cx: &Thread, base: &Type, sub: &Type) {
    let info = base.info();
    let list = match info.subclasses.get().and_then(|v| v.downcast::<List>()) {
        Some(l) => l,
        None => {
            let l = List::new(cx);
            // Another thread may be making the first subclass too: one list wins.
            match info.subclasses.compare_exchange(base, None, Some(Value::from_ref(l))) {
                Ok(()) => l,
                Err(cur) => cur.and_then(|v| v.downcast::<List>()).unwrap_or(l),
            }
        }
    };
    // Dead entries are dropped when the list has doubled, so it stays proportional to the living.
    let r = crate::objects::weakref::new_plain_ref(cx, Value::from_ref(sub));
    list.push(cx, r);
}

pub fn remove_subclass(cx: &Thread, base: &Type, sub: &Type) {
    if let Some(l) = base.info().subclasses.get().and_then(|v| v.downcast::<List>()) {
        let me = Value::from_ref(sub);
        // In one step, for others enter their classes. Where memory is short a dead entry too many stays.
        let _ = l.retain(cx, |r| crate::objects::weakref::target(r).is_some_and(|t| t != me));
    }
}

impl Type {
    /// The living direct subclasses, oldest first.
    pub fn direct_subclasses(&self, _cx: &Thread) -> GcVec<Value> {
        match self.info().subclasses.get().and_then(|v| v.downcast::<List>()) {
            Some(l) => {
                l.to_vec().iter().filter_map(|r| crate::objects::weakref::target(*r)).collect()
            }
            None => GcVec::new(),
        }
    }
}

/// The knot at the very start: `object`, `type`, and the types whose instances readying makes
/// (str, tuple, list, dict) get their TypeInfo before any of them is complete.
pub fn bootstrap(cx: &Thread) {
    use crate::objects::object::Object;
    fn early<T: PyType>(cx: &Thread) {
        let (ty, native) = (T::type_object(), T::native());
        ty.head.ob_type.store(Type::type_object() as *const Type as *mut Head, Ordering::Release);
        cx.vm.add_permanent_root(Value::from_ref(ty));
        let info = new_info(cx, ty, Some(native));
        info.basicsize.store(round8(native.basicsize) as u32, Ordering::Relaxed);
        info.layout.kind.store(native.kind as u8, Ordering::Relaxed);
    }
    early::<Object>(cx);
    early::<Type>(cx);
    early::<Str>(cx);
    early::<Tuple>(cx);
    early::<List>(cx);
    early::<Dict>(cx);
    early::<crate::objects::weakref::WeakRef>(cx);
    early::<crate::objects::descr::MethodDescr>(cx);
    early::<crate::objects::descr::ClassMethodDescr>(cx);
    early::<crate::objects::descr::GetSet>(cx);
    early::<crate::objects::descr::Member>(cx);
    early::<crate::objects::descr::SlotWrapper>(cx);
    early::<crate::objects::descr::StaticMethod>(cx);
    early::<crate::objects::builtin_function::BuiltinFunction>(cx);
    crate::objects::str::init(cx);
    ready::<Object>(cx);
}
