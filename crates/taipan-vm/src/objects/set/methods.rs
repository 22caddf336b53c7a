//! Methods and special methods of `set` and `frozenset`.

use super::algebra::discard_key;
use super::iter::SetIter;
use super::{FrozenSet, Set, SetObject};
use crate::objects::dict::key_error;
use crate::objects::text_builder::{TextBuilder, enter_repr};
use crate::prelude::*;
use std::sync::atomic::Ordering;

fn repr_set(cx: &Thread, this: &SetObject) -> Res {
    let v = this.value();
    let name = v.ty().name();
    let plain = v.downcast_exact::<Set>().is_some();
    let Some(_guard) = enter_repr(cx, v) else {
        return Ok(Value::from_ref(Str::new(cx, &format!("{name}(...)"))));
    };
    let items = this.to_vec();
    if items.is_empty() {
        return Ok(Value::from_ref(Str::new(cx, &format!("{name}()"))));
    }
    let mut b = TextBuilder::new();
    if !plain {
        b.push_str(&name);
        b.push_str("(");
    }
    for (i, &k) in items.iter().enumerate() {
        b.push_str(if i == 0 { "{" } else { ", " });
        b.push_repr(cx, k)?;
    }
    b.push_str(if plain { "}" } else { "})" });
    Ok(b.finish(cx))
}

fn compare(cx: &Thread, a: &SetObject, other: Value, op: CmpOp) -> Res {
    let Some(b) = SetObject::of(other) else { return Ok(not_implemented()) };
    let r = match op {
        CmpOp::Eq => a.equals(cx, b)?,
        CmpOp::Ne => !a.equals(cx, b)?,
        CmpOp::Le => a.is_subset(cx, b)?,
        CmpOp::Ge => b.is_subset(cx, a)?,
        CmpOp::Lt => a.len() < b.len() && a.is_subset(cx, b)?,
        CmpOp::Gt => b.len() < a.len() && b.is_subset(cx, a)?,
    };
    Ok(py_bool(r))
}

/// An operator of two sets; anything else is NotImplemented.
fn operate(
    a: Value,
    b: Value,
    f: impl FnOnce(&'static SetObject, Value) -> Res<&'static SetObject>,
) -> Res {
    match (SetObject::of(a), SetObject::of(b)) {
        (Some(x), Some(_)) => f(x, b).map(|r| r.value()),
        _ => Ok(not_implemented()),
    }
}

fn as_set(cx: &Thread, like: &SetObject, v: Value) -> Res<&'static SetObject> {
    match SetObject::of(v) {
        Some(s) => Ok(s),
        None => {
            let s = SetObject::new_in(cx, like.base_type());
            s.update(cx, v)?;
            Ok(s)
        }
    }
}

/// CPython's frozenset hash: independent of order, well mixed, over the table's size.
fn frozen_hash(s: &SetObject) -> i64 {
    let mix = |h: u64| ((h ^ 89869747) ^ (h << 16)).wrapping_mul(3644798167);
    let mut h: u64 = 0;
    let mut n = 0;
    // Nobody adds to a frozenset that is known already.
    for (i, (_, k)) in s.table().items().enumerate() {
        super::table::breathe(i);
        h ^= mix(k as u64);
        n += 1;
    }
    h ^= (n + 1u64).wrapping_mul(1927868237);
    h ^= (h >> 11) ^ (h >> 25);
    h = h.wrapping_mul(69069).wrapping_add(907133923);
    if h == u64::MAX { 590923713 } else { h as i64 }
}

/// The methods of a set type: its own ones, then those that both have.
macro_rules! set_methods {
    (impl $set:ident { $($own:tt)* }) => {
        #[pymethods]
        impl $set {
            $($own)*

            #[slot]
            fn __len__(_cx: &Thread, this: &SetObject) -> Res<usize> {
                Ok(this.len())
            }

            #[slot]
            fn __repr__(cx: &Thread, this: &SetObject) -> Res {
                repr_set(cx, this)
            }

            #[slot]
            fn __contains__(cx: &Thread, this: &SetObject, key: Value) -> Res<bool> {
                this.contains_key(cx, key)
            }

            /// x.__contains__(y) <==> y in x.
            #[pymethod(name = "__contains__")]
            fn has_item(cx: &Thread, this: &SetObject, object: Value) -> Res<bool> {
                this.contains_key(cx, object)
            }

            #[slot]
            fn __iter__(cx: &Thread, this: &SetObject) -> Res {
                Ok(SetIter::new(cx, this))
            }

            #[slot]
            fn __richcmp__(cx: &Thread, this: &SetObject, other: Value, op: CmpOp) -> Res {
                compare(cx, this, other, op)
            }

            #[slot]
            fn __and__(cx: &Thread, a: Value, b: Value) -> Res {
                operate(a, b, |a, b| a.intersection(cx, b))
            }

            #[slot]
            fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
                operate(a, b, |a, b| {
                    let r = a.copy_base(cx)?;
                    r.update(cx, b)?;
                    Ok(r)
                })
            }

            #[slot]
            fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
                operate(a, b, |a, b| a.difference(cx, b))
            }

            #[slot]
            fn __xor__(cx: &Thread, a: Value, b: Value) -> Res {
                operate(a, b, |a, b| a.symmetric_difference(cx, b))
            }

            /// A new set of the items that are not in the others.
            #[pymethod(sig = "(self, *others)")]
            fn difference(cx: &Thread, this: &SetObject, others: &[Value]) -> Res {
                Ok(this.difference_all(cx, others)?.value())
            }

            /// A new set of the items that are in all others too.
            #[pymethod(sig = "(self, *others)")]
            fn intersection(cx: &Thread, this: &SetObject, others: &[Value]) -> Res {
                Ok(this.intersection_all(cx, others)?.value())
            }

            /// True if there is no item in common.
            #[pymethod]
            fn isdisjoint(cx: &Thread, this: &SetObject, other: Value) -> Res<bool> {
                this.is_disjoint(cx, other)
            }

            /// True if the other contains all items of this set.
            #[pymethod]
            fn issubset(cx: &Thread, this: &SetObject, other: Value) -> Res<bool> {
                let o = as_set(cx, this, other)?;
                this.is_subset(cx, o)
            }

            /// True if this set contains all items of the other.
            #[pymethod]
            fn issuperset(cx: &Thread, this: &SetObject, other: Value) -> Res<bool> {
                if let Some(o) = SetObject::of(other) {
                    return o.is_subset(cx, this);
                }
                let it = iter(cx, other)?;
                while let Some(k) = next_item(cx, it)? {
                    cx.poll()?;
                    if !this.contains(cx, k)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }

            /// A new set of the items that are in exactly one of the two.
            #[pymethod]
            fn symmetric_difference(cx: &Thread, this: &SetObject, other: Value) -> Res {
                Ok(this.symmetric_difference(cx, other)?.value())
            }

            /// A new set of the items of all.
            #[pymethod(sig = "(self, *others)")]
            fn union(cx: &Thread, this: &SetObject, others: &[Value]) -> Res {
                let r = this.copy_base(cx)?;
                for &o in others {
                    if o != this.value() {
                        r.update(cx, o)?;
                    }
                }
                Ok(r.value())
            }

            /// State for pickling.
            #[pymethod]
            fn __reduce__(cx: &Thread, this: &SetObject) -> Res {
                let keys = Value::from_ref(List::from_slice(cx, &this.to_vec()));
                let args = Value::from_ref(Tuple::from_slice(cx, &[keys]));
                let state = crate::objects::reduce::default_getstate(cx, this.value(), false)?;
                let ty = Value::from_ref(this.value().ty());
                Ok(Value::from_ref(Tuple::from_slice(cx, &[ty, args, state])))
            }

            /// Bytes in memory.
            #[pymethod]
            fn __sizeof__(_cx: &Thread, this: &SetObject) -> usize {
                this.byte_size()
            }

            /// Generic alias: see PEP 585.
            #[classmethod(text = "($type, object, /)")]
            fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
                crate::objects::generic_alias::new(cx, Value::from_ref(cls), item)
            }
        }
    };
}

set_methods! { impl Set {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(SetObject::new_in(cx, cls).value())
    }

    #[slot]
    fn __init__(cx: &Thread, this: &SetObject, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        // Unlike other containers', this one refuses keywords for every subclass.
        if kw.is_some_and(|k| !k.is_empty()) {
            raise!(cx, TypeError, "set() takes no keyword arguments");
        }
        if args.len() > 1 {
            raise!(cx, TypeError, "set expected at most 1 argument, got {}", args.len());
        }
        let iterable = args.first().copied();
        if !this.is_empty() {
            this.clear();
        }
        match iterable {
            Some(v) => this.update(cx, v),
            None => Ok(()),
        }
    }

    #[slot]
    fn __iand__(cx: &Thread, this: &SetObject, other: Value) -> Res {
        if SetObject::of(other).is_none() {
            return Ok(not_implemented());
        }
        let r = this.intersection(cx, other)?;
        this.take(cx, r);
        Ok(this.value())
    }

    #[slot]
    fn __ior__(cx: &Thread, this: &SetObject, other: Value) -> Res {
        if SetObject::of(other).is_none() {
            return Ok(not_implemented());
        }
        this.update(cx, other)?;
        Ok(this.value())
    }

    #[slot]
    fn __isub__(cx: &Thread, this: &SetObject, other: Value) -> Res {
        if SetObject::of(other).is_none() {
            return Ok(not_implemented());
        }
        this.remove_all(cx, other)?;
        Ok(this.value())
    }

    #[slot]
    fn __ixor__(cx: &Thread, this: &SetObject, other: Value) -> Res {
        if SetObject::of(other).is_none() {
            return Ok(not_implemented());
        }
        this.toggle_all(cx, other)?;
        Ok(this.value())
    }

    /// Add an item; nothing happens if it is there.
    #[pymethod]
    fn add(cx: &Thread, this: &SetObject, object: Value) -> Res<()> {
        this.add(cx, object).map(|_| ())
    }

    /// Remove all items.
    #[pymethod]
    fn clear(_cx: &Thread, this: &SetObject) {
        this.clear();
    }

    /// Remove an item if it is there.
    #[pymethod]
    fn discard(cx: &Thread, this: &SetObject, object: Value) -> Res<()> {
        discard_key(cx, this, object).map(|_| ())
    }

    /// Remove an item; KeyError if it is not there.
    #[pymethod]
    fn remove(cx: &Thread, this: &SetObject, object: Value) -> Res<()> {
        if discard_key(cx, this, object)? { Ok(()) } else { Err(key_error(cx, object)) }
    }

    /// Remove and give some item; KeyError if there is none.
    #[pymethod]
    fn pop(cx: &Thread, this: &SetObject) -> Res {
        match this.pop_any() {
            Some(k) => Ok(k),
            None => {
                let text = Str::new(cx, "pop from an empty set");
                Err(key_error(cx, Value::from_ref(text)))
            }
        }
    }

    /// Remove all items that are in the others.
    #[pymethod(sig = "(self, *others)")]
    fn difference_update(cx: &Thread, this: &SetObject, others: &[Value]) -> Res<()> {
        others.iter().try_for_each(|&o| this.remove_all(cx, o))
    }

    /// Keep only the items that are in all others.
    #[pymethod(sig = "(self, *others)")]
    fn intersection_update(cx: &Thread, this: &SetObject, others: &[Value]) -> Res<()> {
        let r = this.intersection_all(cx, others)?;
        this.take(cx, r);
        Ok(())
    }

    /// Keep the items that are in exactly one of the two.
    #[pymethod]
    fn symmetric_difference_update(cx: &Thread, this: &SetObject, other: Value) -> Res<()> {
        this.toggle_all(cx, other)
    }

    /// Add all items of the others.
    #[pymethod(sig = "(self, *others)")]
    fn update(cx: &Thread, this: &SetObject, others: &[Value]) -> Res<()> {
        others.iter().try_for_each(|&o| this.update(cx, o))
    }

    /// A shallow copy.
    #[pymethod]
    fn copy(cx: &Thread, this: &SetObject) -> Res {
        Ok(this.copy_base(cx)?.value())
    }
} }

set_methods! { impl FrozenSet {
    #[slot(sig = "(cls, iterable=(), /)")]
    fn __new__(cx: &Thread, cls: &Type, iterable: Option<Value>) -> Res {
        let exact = cls.is(FrozenSet::type_object());
        if let Some(v) = iterable {
            if exact && v.downcast_exact::<FrozenSet>().is_some() {
                return Ok(v);
            }
        }
        let s = SetObject::new_in(cx, cls);
        if let Some(v) = iterable {
            s.update(cx, v)?;
        }
        Ok(s.value())
    }

    #[slot]
    fn __hash__(_cx: &Thread, this: &SetObject) -> Res<i64> {
        let cached = this.cached_hash().load(Ordering::Relaxed);
        if cached != -1 {
            return Ok(cached);
        }
        let h = frozen_hash(this);
        this.cached_hash().store(h, Ordering::Relaxed);
        Ok(h)
    }

    /// A shallow copy.
    #[pymethod]
    fn copy(cx: &Thread, this: &SetObject) -> Res {
        if this.value().downcast_exact::<FrozenSet>().is_some() {
            return Ok(this.value());
        }
        Ok(this.copy_base(cx)?.value())
    }
} }
