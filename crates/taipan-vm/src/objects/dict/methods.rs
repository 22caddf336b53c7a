//! `dict`'s methods and special methods.

use super::iter::{DictKeyIter, DictRevKeyIter};
use super::views::{DictItems, DictKeys, DictValues};
use super::{Dict, merge};
use crate::objects::set::SetObject;
use crate::objects::text_builder::{TextBuilder, enter_repr};
use crate::prelude::*;

/// The KeyError of a missing key: its argument is always the key alone.
pub fn key_error(cx: &Thread, key: Value) -> Raised {
    Raised::with_args(cx, exc::KeyError(), &[key])
}

impl Dict {
    /// `self == other`, item by item.
    fn equals(&self, cx: &Thread, other: &Dict) -> Res<bool> {
        if self.len() != other.len() {
            return Ok(false);
        }
        let mut pos = 0;
        while let Some((k, v, next)) = self.next_entry(pos) {
            let h = self.storage().hash_of(next - 1);
            // The hash belongs to this key unless the storage was replaced in between.
            let h = if self.storage().key(next - 1) == Some(k) { h } else { hash(cx, k)? };
            match other.get_hashed(cx, k, h)? {
                None => return Ok(false),
                Some(w) => {
                    if !eq(cx, v, w)? {
                        return Ok(false);
                    }
                }
            }
            pos = next;
            if pos & 0xFF == 0 {
                cx.poll()?;
            }
        }
        Ok(true)
    }
}

#[pymethods]
impl Dict {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(Dict::new_in(cx, cls)))
    }

    #[slot]
    fn __init__(cx: &Thread, this: &Dict, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        update_call(cx, this, args, kw, "dict")
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Dict) -> Res {
        if this.is_empty() {
            return Ok(Value::from_ref(id!(cx, "{}")));
        }
        let Some(_guard) = enter_repr(cx, Value::from_ref(this)) else {
            return Ok(Value::from_ref(id!(cx, "{...}")));
        };
        let mut b = TextBuilder::new();
        b.push_str("{");
        let mut pos = 0;
        while let Some((k, v, next)) = this.next_entry(pos) {
            if pos > 0 && b.len() > 1 {
                b.push_str(", ");
            }
            b.push_repr(cx, k)?;
            b.push_str(": ");
            b.push_repr(cx, v)?;
            pos = next;
        }
        b.push_str("}");
        Ok(b.finish(cx))
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &Dict) -> Res<usize> {
        Ok(this.len())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Dict, key: Value) -> Res {
        if let Some(v) = this.get(cx, key)? {
            return Ok(v);
        }
        let obj = Value::from_ref(this);
        if obj.downcast_exact::<Dict>().is_none() {
            if let Some(v) = call_special(cx, obj, id!(cx, "__missing__"), &[key])? {
                return Ok(v);
            }
        }
        Err(key_error(cx, key))
    }

    /// Return self[key].
    #[pymethod(name = "__getitem__")]
    fn value_of(cx: &Thread, this: &Dict, key: Value) -> Res {
        Dict::__getitem__(cx, this, key)
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &Dict, key: Value, v: Option<Value>) -> Res<()> {
        match v {
            Some(v) => this.set(cx, key, v),
            None if this.del(cx, key)? => Ok(()),
            None => Err(key_error(cx, key)),
        }
    }

    #[slot(name = "__contains__")]
    fn __contains__(cx: &Thread, this: &Dict, key: Value) -> Res<bool> {
        this.contains(cx, key)
    }

    /// Whether the dict has the key.
    #[pymethod(name = "__contains__")]
    fn has_key(cx: &Thread, this: &Dict, key: Value) -> Res<bool> {
        this.contains(cx, key)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Dict) -> Res {
        Ok(DictKeyIter::new(cx, this))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Dict, other: Value, op: CmpOp) -> Res {
        let (Some(o), CmpOp::Eq | CmpOp::Ne) = (other.downcast::<Dict>(), op) else {
            return Ok(not_implemented());
        };
        Ok(py_bool(this.equals(cx, o)? == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        let (Some(d), Some(_)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else {
            return Ok(not_implemented());
        };
        let new = d.copy(cx);
        new.update(cx, b)?;
        Ok(Value::from_ref(new))
    }

    #[slot]
    fn __ior__(cx: &Thread, this: &Dict, other: Value) -> Res {
        this.update(cx, other)?;
        Ok(Value::from_ref(this))
    }

    /// The value of the key, else the default.
    #[pymethod(name = "get", sig = "(self, key, default=None, /)")]
    fn py_get(cx: &Thread, this: &Dict, key: Value, default: Value) -> Res {
        Ok(this.get(cx, key)?.unwrap_or(default))
    }

    /// The value of the key, which is inserted with the default if it is not there.
    #[pymethod(sig = "(self, key, default=None, /)")]
    fn setdefault(cx: &Thread, this: &Dict, key: Value, default: Value) -> Res {
        Ok(this.set_default(cx, key, default)?.0)
    }

    /// Remove the key and give its value; the default, or KeyError, if it is not there.
    #[pymethod(name = "pop", sig = "(self, key, default=<unrepresentable>, /)")]
    fn py_pop(cx: &Thread, this: &Dict, key: Value, default: Option<Value>) -> Res {
        // An empty dict does not even hash the key.
        let found = if this.is_empty() { None } else { this.pop(cx, key)? };
        match found.or(default) {
            Some(v) => Ok(v),
            None => Err(key_error(cx, key)),
        }
    }

    /// Remove and give the pair inserted last.
    #[pymethod]
    fn popitem(cx: &Thread, this: &Dict) -> Res {
        match this.pop_last() {
            Some((k, v)) => Ok(Value::from_ref(Tuple::pair(cx, k, v))),
            None => {
                let text = Str::new(cx, "popitem(): dictionary is empty");
                Err(key_error(cx, Value::from_ref(text)))
            }
        }
    }

    /// A live view of the keys.
    #[pymethod(name = "keys")]
    fn py_keys(cx: &Thread, this: &Dict) -> Value {
        DictKeys::new(cx, this)
    }

    /// A live view of the values.
    #[pymethod(name = "values")]
    fn py_values(cx: &Thread, this: &Dict) -> Value {
        DictValues::new(cx, this)
    }

    /// A live view of the pairs.
    #[pymethod]
    fn items(cx: &Thread, this: &Dict) -> Value {
        DictItems::new(cx, this)
    }

    /// D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.
    #[pymethod(name = "update", sig = "(self, *args, **kwargs)", text = "")]
    fn py_update(
        cx: &Thread,
        this: &Dict,
        args: &[Value],
        kwargs: Option<&'static Dict>,
    ) -> Res<()> {
        if args.len() > 1 {
            raise!(cx, TypeError, "update expected at most 1 argument, got {}", args.len());
        }
        if let Some(&v) = args.first() {
            this.update(cx, v)?;
        }
        if let Some(k) = kwargs {
            merge(cx, this, Value::from_ref(k), true)?;
        }
        Ok(())
    }

    /// A new dict with keys from the iterable, all with the same value.
    #[classmethod(sig = "(type, iterable, value=None, /)")]
    fn fromkeys(cx: &Thread, cls: &Type, iterable: Value, value: Value) -> Res {
        let d = call(cx, Value::from_ref(cls), &[])?;
        if let Some(dict) = d.downcast_exact::<Dict>() {
            if let Some(s) = SetObject::of(iterable) {
                for (h, k) in s.hashed_keys() {
                    dict.set_hashed(cx, k, h, value)?;
                }
                return Ok(d);
            }
            for_each(cx, iterable, |k| {
                cx.poll()?;
                dict.set(cx, k, value)
            })?;
            return Ok(d);
        }
        for_each(cx, iterable, |k| {
            cx.poll()?;
            set_item(cx, d, k, value)
        })?;
        Ok(d)
    }

    /// Remove all pairs.
    #[pymethod(name = "clear")]
    fn py_clear(cx: &Thread, this: &Dict) {
        this.clear(cx);
    }

    /// A new dict with the same pairs.
    #[pymethod(name = "copy")]
    fn py_copy(cx: &Thread, this: &Dict) -> Value {
        Value::from_ref(this.copy(cx))
    }

    /// A reverse iterator over the keys.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &Dict) -> Value {
        DictRevKeyIter::new(cx, this)
    }

    /// Bytes in memory.
    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Dict) -> usize {
        let s = this.storage();
        48 + if s.usable() == 0 { 0 } else { s.byte_size() }
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        crate::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

/// `dict(...)` and `d.update(...)`: at most one positional argument, any keywords.
pub(super) fn update_call(
    cx: &Thread,
    d: &Dict,
    args: &[Value],
    kw: KwNames<'_>,
    name: &str,
) -> Res<()> {
    let nkw = kw.map_or(0, |k| k.len());
    let npos = args.len() - nkw;
    if npos > 1 {
        raise!(cx, TypeError, "{name} expected at most 1 argument, got {npos}");
    }
    if npos == 1 {
        d.update(cx, args[0])?;
    }
    if let Some(names) = kw {
        for (&k, &v) in names.as_slice().iter().zip(&args[npos..]) {
            d.set(cx, k, v)?;
        }
    }
    Ok(())
}
