//! `_abc`: the registries and caches of abstract base classes.
//!
//! A cache maps the identity of a class to a weak reference to it; an entry whose class died, or whose
//! address a new class has taken, does not match and is overwritten later. Nothing here is locked
//! across Python code: racing checks may both compute an answer, which is then the same.

use std::sync::atomic::{AtomicU64, Ordering};
use taipan_vm::objects::set::{FrozenSet, Set};
use taipan_vm::objects::weakref;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// Counts registrations; negative answers found before the last one are void.
static INVALIDATION: AtomicU64 = AtomicU64::new(0);

const COLLECTION_FLAGS: u64 = tpflags::SEQUENCE | tpflags::MAPPING;

#[repr(C)]
pub struct AbcData {
    head: Head,
    registry: Slot,
    cache: Slot,
    negative: Slot,
    negative_version: AtomicU64,
}

pytype! { AbcData, PyTaipanAbcData_Type, name: "_abc_data", module: "_abc",
base: taipan_vm::objects::object::Object, doc: "Internal state of an abstract base class." }

#[pymethods]
impl AbcData {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let d = AbcData {
            head: fresh_head(),
            registry: Slot::empty(),
            cache: Slot::empty(),
            negative: Slot::empty(),
            negative_version: AtomicU64::new(INVALIDATION.load(Ordering::Acquire)),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, d)))
    }
}

fn key_of(class: Value) -> Value {
    Value::small((class.bits() >> 4) as i64)
}

impl AbcData {
    fn table(slot: &Slot) -> Option<&'static Dict> {
        slot.get().and_then(|d| d.downcast::<Dict>())
    }

    fn has(cx: &Thread, slot: &Slot, class: Value) -> bool {
        let Some(d) = AbcData::table(slot) else { return false };
        let found = d.get(cx, key_of(class)).ok().flatten();
        found.is_some_and(|r| weakref::target(r) == Some(class))
    }

    fn add(cx: &Thread, this: &AbcData, slot: &Slot, class: Value) -> Res<()> {
        let d = match AbcData::table(slot) {
            Some(d) => d,
            None => {
                let fresh = Value::from_ref(Dict::new(cx));
                match slot.compare_exchange(&this.head, None, Some(fresh)) {
                    Ok(()) => {}
                    Err(_) => return AbcData::add(cx, this, slot, class),
                }
                return AbcData::add(cx, this, slot, class);
            }
        };
        d.set(cx, key_of(class), weakref::new_plain_ref(cx, class))?;
        let n = d.len();
        if n >= 64 && n.is_power_of_two() {
            for &(k, r) in d.entries().iter() {
                if weakref::target(r).is_none() {
                    d.del(cx, k)?;
                }
            }
        }
        Ok(())
    }

    /// The classes still alive, in order of entry.
    fn live(slot: &Slot) -> GcVec<Value> {
        match AbcData::table(slot) {
            Some(d) => d.values().iter().filter_map(|r| weakref::target(*r)).collect(),
            None => GcVec::new(),
        }
    }

    fn weak_set(cx: &Thread, slot: &Slot) -> Res {
        let mut refs: GcVec<Value> = GcVec::new();
        for &c in AbcData::live(slot).iter() {
            refs.push(Value::from_ref(weakref::new(cx, weakref::WeakRef::type_object(), c, None)?));
        }
        let list = Value::from_ref(List::from_slice(cx, &refs));
        Ok(Value::from_ref(Set::from_iterable(cx, list)?))
    }
}

fn data_of(cx: &Thread, class: Value) -> Res<&'static AbcData> {
    let d = get_attr(cx, class, id!(cx, "_abc_impl"))?;
    match d.downcast_exact::<AbcData>() {
        Some(d) => Ok(d),
        None => raise!(cx, TypeError, "_abc_impl is set to a wrong type"),
    }
}

fn is_abstract(cx: &Thread, v: Value) -> Res<bool> {
    match get_attr_opt(cx, v, id!(cx, "__isabstractmethod__"))? {
        Some(f) => is_true(cx, f),
        None => Ok(false),
    }
}

fn abstract_methods(cx: &Thread, class: Value) -> Res {
    let mut found: GcVec<Value> = GcVec::new();
    let ns = get_attr(cx, class, id!(cx, "__dict__"))?;
    let items = call_method(cx, ns, id!(cx, "items"), &[])?;
    for &pair in collect(cx, items)?.iter() {
        let pair = collect(cx, pair)?;
        if pair.len() != 2 {
            raise!(cx, TypeError, "items() returned item which size is not 2");
        }
        if is_abstract(cx, pair[1])? {
            found.push(pair[0]);
        }
    }
    let bases = get_attr(cx, class, id!(cx, "__bases__"))?;
    let Some(bases) = bases.downcast::<Tuple>() else {
        raise!(cx, TypeError, "__bases__ is not tuple");
    };
    for &b in bases.as_slice() {
        let Some(names) = get_attr_opt(cx, b, id!(cx, "__abstractmethods__"))? else { continue };
        for &name in collect(cx, names)?.iter() {
            let Some(s) = name.downcast::<Str>() else {
                raise!(cx, TypeError, "attribute name must be string, not '{}'", name.ty().name());
            };
            if let Some(v) = get_attr_opt(cx, class, s)? {
                if is_abstract(cx, v)? {
                    found.push(name);
                }
            }
        }
    }
    FrozenSet::from_slice(cx, &found)
}

/// Gives a new class its abstract methods and its caches.
#[pyfunction(sig = "(self, /)")]
fn _abc_init(cx: &Thread, class: Value) -> Res<()> {
    let names = abstract_methods(cx, class)?;
    set_attr(cx, class, id!(cx, "__abstractmethods__"), Some(names))?;
    let data = AbcData::__new__(cx, AbcData::type_object(), &[], None)?;
    set_attr(cx, class, id!(cx, "_abc_impl"), Some(data))?;
    if let Some(t) = class.as_type() {
        let name = id!(cx, "__abc_tpflags__");
        if let Some(v) = t.dict().get_str(cx, name) {
            taipan_vm::types::attr::type_set_raw(cx, t, name, None)?;
            let bits = int_to_i64(v).unwrap_or(0) as u64 & COLLECTION_FLAGS;
            if bits == COLLECTION_FLAGS {
                raise!(
                    cx,
                    TypeError,
                    "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"
                );
            }
            if bits != 0 {
                set_collection_flag(t, bits);
            }
        }
    }
    Ok(())
}

fn set_collection_flag(t: &Type, bits: u64) {
    t.tp_flags.fetch_and(!COLLECTION_FLAGS, Ordering::AcqRel);
    t.tp_flags.fetch_or(bits, Ordering::AcqRel);
}

/// As `set_collection_flag` for a class and its subclasses that are not immutable.
fn set_collection_flag_deep(cx: &Thread, t: &Type, bits: u64) {
    if t.has_feature(tpflags::IMMUTABLETYPE) || t.flags() & COLLECTION_FLAGS == bits {
        return;
    }
    set_collection_flag(t, bits);
    for &s in t.direct_subclasses(cx).iter() {
        if let Some(s) = s.as_type() {
            set_collection_flag_deep(cx, s, bits);
        }
    }
}

/// Registers a class as a subclass; gives it back.
#[pyfunction(sig = "(self, subclass, /)")]
fn _abc_register(cx: &Thread, class: Value, subclass: Value) -> Res {
    let Some(sub) = subclass.as_type() else { raise!(cx, TypeError, "Can only register classes") };
    if is_subclass(cx, subclass, class)? {
        return Ok(subclass);
    }
    if is_subclass(cx, class, subclass)? {
        raise!(cx, RuntimeError, "Refusing to create an inheritance cycle");
    }
    let data = data_of(cx, class)?;
    AbcData::add(cx, data, &data.registry, subclass)?;
    INVALIDATION.fetch_add(1, Ordering::AcqRel);
    if let Some(t) = class.as_type() {
        let bits = t.flags() & COLLECTION_FLAGS;
        if bits != 0 {
            set_collection_flag_deep(cx, sub, bits);
        }
    }
    Ok(subclass)
}

/// isinstance() for abstract base classes.
#[pyfunction(sig = "(self, instance, /)")]
fn _abc_instancecheck(cx: &Thread, class: Value, instance: Value) -> Res {
    let data = data_of(cx, class)?;
    let sub = get_attr(cx, instance, id!(cx, "__class__"))?;
    if AbcData::has(cx, &data.cache, sub) {
        return Ok(py_bool(true));
    }
    let real = Value::from_ref(instance.ty());
    let check = id!(cx, "__subclasscheck__");
    if real == sub {
        if data.negative_version.load(Ordering::Acquire) == INVALIDATION.load(Ordering::Acquire)
            && AbcData::has(cx, &data.negative, sub)
        {
            return Ok(py_bool(false));
        }
        return call_method(cx, class, check, &[sub]);
    }
    let r = call_method(cx, class, check, &[sub])?;
    if is_true(cx, r)? {
        return Ok(r);
    }
    call_method(cx, class, check, &[real])
}

/// issubclass() for abstract base classes.
#[pyfunction(sig = "(self, subclass, /)")]
fn _abc_subclasscheck(cx: &Thread, class: Value, subclass: Value) -> Res<bool> {
    let Some(sub) = subclass.as_type() else {
        raise!(cx, TypeError, "issubclass() arg 1 must be a class");
    };
    let data = data_of(cx, class)?;
    if AbcData::has(cx, &data.cache, subclass) {
        return Ok(true);
    }
    let now = INVALIDATION.load(Ordering::Acquire);
    if data.negative_version.load(Ordering::Acquire) < now {
        data.negative.clear(data);
        data.negative_version.store(now, Ordering::Release);
    } else if AbcData::has(cx, &data.negative, subclass) {
        return Ok(false);
    }
    let hooked = call_method(cx, class, id!(cx, "__subclasshook__"), &[subclass])?;
    if hooked == py_bool(true) {
        AbcData::add(cx, data, &data.cache, subclass)?;
        return Ok(true);
    }
    if hooked == py_bool(false) {
        AbcData::add(cx, data, &data.negative, subclass)?;
        return Ok(false);
    }
    if hooked != not_implemented() {
        raise!(
            cx,
            AssertionError,
            "__subclasshook__ must return either False, True, or NotImplemented"
        );
    }
    if class.as_type().is_some_and(|c| sub.is_subtype(c)) {
        AbcData::add(cx, data, &data.cache, subclass)?;
        return Ok(true);
    }
    for &r in AbcData::live(&data.registry).iter() {
        if r == subclass || is_subclass(cx, subclass, r)? {
            AbcData::add(cx, data, &data.cache, subclass)?;
            return Ok(true);
        }
    }
    let subclasses = call_method(cx, class, id!(cx, "__subclasses__"), &[])?;
    let Some(list) = subclasses.downcast::<List>() else {
        raise!(cx, TypeError, "__subclasses__() must return a list");
    };
    for &s in list.to_vec().iter() {
        if is_subclass(cx, subclass, s)? {
            AbcData::add(cx, data, &data.cache, subclass)?;
            return Ok(true);
        }
    }
    AbcData::add(cx, data, &data.negative, subclass)?;
    Ok(false)
}

/// A number that changes with every registration.
#[pyfunction]
fn get_cache_token(_cx: &Thread) -> u64 {
    INVALIDATION.load(Ordering::Acquire)
}

/// Copies of registry, cache and negative cache, and the negative cache's version.
#[pyfunction(sig = "(self, /)")]
fn _get_dump(cx: &Thread, class: Value) -> Res {
    let d = data_of(cx, class)?;
    let items = [
        AbcData::weak_set(cx, &d.registry)?,
        AbcData::weak_set(cx, &d.cache)?,
        AbcData::weak_set(cx, &d.negative)?,
        int_from_i128(cx, d.negative_version.load(Ordering::Acquire) as i128),
    ];
    Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
}

/// Forgets the registered classes.
#[pyfunction(sig = "(self, /)")]
fn _reset_registry(cx: &Thread, class: Value) -> Res<()> {
    let d = data_of(cx, class)?;
    d.registry.clear(d);
    Ok(())
}

/// Empties both caches.
#[pyfunction(sig = "(self, /)")]
fn _reset_caches(cx: &Thread, class: Value) -> Res<()> {
    let d = data_of(cx, class)?;
    d.cache.clear(d);
    d.negative.clear(d);
    Ok(())
}

fn exec(cx: &Thread, _m: &Module) -> Res<()> {
    taipan_vm::types::ready::ready::<AbcData>(cx);
    Ok(())
}

pymodule! { "_abc",
doc: "Registries and caches of abstract base classes, for abc.",
functions: [
    _abc_init, _abc_register, _abc_instancecheck, _abc_subclasscheck, get_cache_token, _get_dump,
    _reset_registry, _reset_caches,
],
exec: exec }
