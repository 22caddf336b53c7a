//! `dict_keys`, `dict_values`, `dict_items`: live views of a dict, with set operations.

use super::Dict;
use super::iter::*;
use crate::objects::object::Object;
use crate::objects::set::{Set, SetObject};
use crate::objects::text_builder::{TextBuilder, enter_repr};
use crate::prelude::*;
use crate::types::alloc::fresh_head;

macro_rules! view {
    ($ty:ident, $st:ident, $name:literal) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
            dict: Slot,
        }

        crate::pytype! { $ty, $st, name: $name, module: "builtins", base: Object }

        impl $ty {
            pub fn new(cx: &Thread, d: &Dict) -> Value {
                let v = $ty { head: fresh_head(), dict: Slot::empty() };
                v.dict.init(Some(Value::from_ref(d)));
                Value::from_ref(cx.alloc(v))
            }

            pub fn dict(&self) -> &'static Dict {
                // SAFETY: the slot holds the Dict that `new` was given, for ever.
                unsafe { &*(self.dict.value().bits() as *const Dict) }
            }
        }
    };
}

view!(DictKeys, PyDictKeys_Type, "dict_keys");
view!(DictValues, PyDictValues_Type, "dict_values");
view!(DictItems, PyDictItems_Type, "dict_items");

/// The dict behind a keys or items view.
fn set_like(v: Value) -> Option<&'static Dict> {
    match v.downcast::<DictKeys>() {
        Some(k) => Some(k.dict()),
        None => v.downcast::<DictItems>().map(|i| i.dict()),
    }
}

fn is_any_set(v: Value) -> bool {
    SetObject::of(v).is_some()
}

fn repr_view(cx: &Thread, this: Value) -> Res {
    let Some(_guard) = enter_repr(cx, this) else {
        return Ok(Value::from_ref(Str::new(cx, "...")));
    };
    let items = collect(cx, this)?;
    let mut b = TextBuilder::new();
    b.push_str(&this.ty().name());
    b.push_str("([");
    for (i, &v) in items.iter().enumerate() {
        if i > 0 {
            b.push_str(", ");
        }
        b.push_repr(cx, v)?;
    }
    b.push_str("])");
    Ok(b.finish(cx))
}

fn all_in(cx: &Thread, items: Value, container: Value) -> Res<bool> {
    let it = iter(cx, items)?;
    while let Some(v) = iter_next(cx, it)? {
        if !contains(cx, container, v)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare_view(cx: &Thread, this: Value, other: Value, op: CmpOp) -> Res {
    if !is_any_set(other) && set_like(other).is_none() {
        return Ok(not_implemented());
    }
    let (n, m) = (len(cx, this)?, len(cx, other)?);
    let r = match op {
        CmpOp::Eq | CmpOp::Ne => {
            let same = n == m && all_in(cx, this, other)?;
            same == (op == CmpOp::Eq)
        }
        CmpOp::Lt => n < m && all_in(cx, this, other)?,
        CmpOp::Le => n <= m && all_in(cx, this, other)?,
        CmpOp::Gt => n > m && all_in(cx, other, this)?,
        CmpOp::Ge => n >= m && all_in(cx, other, this)?,
    };
    Ok(py_bool(r))
}

fn view_sub(cx: &Thread, a: Value, b: Value) -> Res {
    let s = Set::from_iterable(cx, a)?;
    s.remove_all(cx, b)?;
    Ok(Value::from_ref(s))
}

fn view_and(cx: &Thread, a: Value, b: Value) -> Res {
    // The view may be on either side; the operation is symmetric.
    let (mut this, mut other) = if set_like(a).is_some() { (a, b) } else { (b, a) };
    if is_any_set(other) && len(cx, other)? <= len(cx, this)? {
        if let Some(s) = SetObject::of(other).filter(|_| other.downcast_exact::<Set>().is_some()) {
            let out = Set::new(cx);
            for (h, k) in s.hashed_keys() {
                if contains(cx, this, k)? {
                    out.add_hashed(cx, k, h)?;
                }
            }
            return Ok(Value::from_ref(out));
        }
    }
    if set_like(other).is_some() && len(cx, other)? > len(cx, this)? {
        std::mem::swap(&mut this, &mut other);
    }
    let out = Set::new(cx);
    let it = iter(cx, other)?;
    while let Some(v) = iter_next(cx, it)? {
        if contains(cx, this, v)? {
            out.add(cx, v)?;
        }
    }
    Ok(Value::from_ref(out))
}

fn view_or(cx: &Thread, a: Value, b: Value) -> Res {
    let s = Set::from_iterable(cx, a)?;
    s.update(cx, b)?;
    Ok(Value::from_ref(s))
}

fn view_xor(cx: &Thread, a: Value, b: Value) -> Res {
    let s = Set::from_iterable(cx, a)?;
    s.toggle_all(cx, b)?;
    Ok(Value::from_ref(s))
}

fn is_disjoint(cx: &Thread, this: Value, other: Value) -> Res<bool> {
    if this == other {
        return Ok(len(cx, this)? == 0);
    }
    let (mut this, mut other) = (this, other);
    if (is_any_set(other) || set_like(other).is_some()) && len(cx, other)? > len(cx, this)? {
        std::mem::swap(&mut this, &mut other);
    }
    let it = iter(cx, other)?;
    while let Some(v) = iter_next(cx, it)? {
        if contains(cx, this, v)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn mapping(cx: &Thread, d: &Dict) -> Value {
    crate::objects::mappingproxy::new(cx, Value::from_ref(d))
}

/// The methods of a view that acts as a set: its own ones, then those that both have.
macro_rules! set_like_view {
    (impl $view:ident { $($own:tt)* }) => {
        #[pymethods]
        impl $view {
            $($own)*

            #[slot]
            fn __len__(_cx: &Thread, this: &$view) -> Res<usize> {
                Ok(this.dict().len())
            }

            #[slot]
            fn __repr__(cx: &Thread, this: Value) -> Res {
                repr_view(cx, this)
            }

            #[slot]
            fn __richcmp__(cx: &Thread, this: Value, other: Value, op: CmpOp) -> Res {
                compare_view(cx, this, other, op)
            }

            #[slot]
            fn __sub__(cx: &Thread, a: Value, b: Value) -> Res {
                view_sub(cx, a, b)
            }

            #[slot]
            fn __and__(cx: &Thread, a: Value, b: Value) -> Res {
                view_and(cx, a, b)
            }

            #[slot]
            fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
                view_or(cx, a, b)
            }

            #[slot]
            fn __xor__(cx: &Thread, a: Value, b: Value) -> Res {
                view_xor(cx, a, b)
            }

            /// The dict that this view refers to, read-only.
            #[getter]
            fn mapping(cx: &Thread, this: &$view) -> Value {
                mapping(cx, this.dict())
            }
        }
    };
}

set_like_view! { impl DictKeys {
    #[slot]
    fn __contains__(cx: &Thread, this: &DictKeys, key: Value) -> Res<bool> {
        this.dict().contains(cx, key)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &DictKeys) -> Res {
        Ok(DictKeyIter::new(cx, this.dict()))
    }

    /// True if the view and the iterable have no key in common.
    #[pymethod]
    fn isdisjoint(cx: &Thread, this: Value, other: Value) -> Res<bool> {
        is_disjoint(cx, this, other)
    }

    /// A reverse iterator over the keys.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &DictKeys) -> Value {
        DictRevKeyIter::new(cx, this.dict())
    }
} }

#[pymethods]
impl DictValues {
    #[slot]
    fn __len__(_cx: &Thread, this: &DictValues) -> Res<usize> {
        Ok(this.dict().len())
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &DictValues) -> Res {
        Ok(DictValueIter::new(cx, this.dict()))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        repr_view(cx, this)
    }

    /// A reverse iterator over the values.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &DictValues) -> Value {
        DictRevValueIter::new(cx, this.dict())
    }

    /// The dict that this view refers to, read-only.
    #[getter]
    fn mapping(cx: &Thread, this: &DictValues) -> Value {
        mapping(cx, this.dict())
    }
}

set_like_view! { impl DictItems {
    #[slot]
    fn __contains__(cx: &Thread, this: &DictItems, item: Value) -> Res<bool> {
        let Some(t) = item.downcast::<Tuple>().filter(|t| t.len() == 2) else { return Ok(false) };
        match this.dict().get(cx, t.get(0))? {
            Some(v) => eq(cx, v, t.get(1)),
            None => Ok(false),
        }
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &DictItems) -> Res {
        Ok(DictItemIter::new(cx, this.dict()))
    }

    /// True if the view and the iterable have no item in common.
    #[pymethod]
    fn isdisjoint(cx: &Thread, this: Value, other: Value) -> Res<bool> {
        is_disjoint(cx, this, other)
    }

    /// A reverse iterator over the items.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &DictItems) -> Value {
        DictRevItemIter::new(cx, this.dict())
    }
} }
