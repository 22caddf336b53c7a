//! `mappingproxy`: a read-only view of a mapping, what a class's `__dict__` is.

use crate::objects::text_builder::TextBuilder;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct MappingProxy {
    pub head: Head,
    mapping: Slot,
}

crate::pytype! { MappingProxy, PyDictProxy_Type, name: "mappingproxy", module: "builtins", base: crate::objects::object::Object,
flags: tpflags::MAPPING,
doc: "mappingproxy(mapping)\n--\n\nRead-only proxy of a mapping." }

/// A proxy of `mapping`.
pub fn new(cx: &Thread, mapping: Value) -> Value {
    let p = MappingProxy { head: fresh_head(), mapping: Slot::empty() };
    p.mapping.init(Some(mapping));
    Value::from_ref(cx.alloc(p))
}

/// The mapping behind a proxy.
pub fn mapping_of(v: Value) -> Option<Value> {
    v.downcast::<MappingProxy>().map(|p| p.mapping.value())
}

#[pymethods]
impl MappingProxy {
    #[slot(sig = "(cls, mapping)")]
    fn __new__(cx: &Thread, _cls: &Type, mapping: Value) -> Res {
        let is_list_or_tuple =
            mapping.downcast::<List>().is_some() || mapping.downcast::<Tuple>().is_some();
        if !crate::protocol::is_mapping(mapping) || is_list_or_tuple {
            raise!(
                cx,
                TypeError,
                "mappingproxy() argument must be a mapping, not {}",
                crate::bind::type_or_none(mapping)
            );
        }
        Ok(new(cx, mapping))
    }

    #[slot]
    fn __len__(cx: &Thread, this: &MappingProxy) -> Res<usize> {
        len(cx, this.mapping.value())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &MappingProxy, key: Value) -> Res {
        get_item(cx, this.mapping.value(), key)
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &MappingProxy, key: Value) -> Res<bool> {
        contains(cx, this.mapping.value(), key)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &MappingProxy) -> Res {
        iter(cx, this.mapping.value())
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &MappingProxy) -> Res<i64> {
        hash(cx, this.mapping.value())
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &MappingProxy) -> Res {
        let mut b = TextBuilder::new();
        b.push_str("mappingproxy(");
        b.push_repr(cx, this.mapping.value())?;
        b.push_str(")");
        Ok(b.finish(cx))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &MappingProxy) -> Res {
        to_str(cx, this.mapping.value()).map(|s| Value::from_ref(s))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &MappingProxy, other: Value, op: CmpOp) -> Res {
        let other = mapping_of(other).unwrap_or(other);
        rich_compare(cx, this.mapping.value(), other, op)
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        binary(cx, mapping_of(a).unwrap_or(a), mapping_of(b).unwrap_or(b), BinOp::Or)
    }

    #[slot]
    fn __ior__(cx: &Thread, this: Value, _other: Value) -> Res {
        raise!(cx, TypeError, "'|=' is not supported by {}; use '|' instead", this.ty().name())
    }

    /// The value of the key, else the default.
    #[pymethod(sig = "(self, key, default=None, /)")]
    fn get(cx: &Thread, this: &MappingProxy, key: Value, default: Value) -> Res {
        call_method(cx, this.mapping.value(), id!(cx, "get"), &[key, default])
    }

    /// A view of the keys.
    #[pymethod(sig = "(self, /)")]
    fn keys(cx: &Thread, this: &MappingProxy) -> Res {
        call_method(cx, this.mapping.value(), id!(cx, "keys"), &[])
    }

    /// A view of the values.
    #[pymethod(sig = "(self, /)")]
    fn values(cx: &Thread, this: &MappingProxy) -> Res {
        call_method(cx, this.mapping.value(), id!(cx, "values"), &[])
    }

    /// A view of the pairs.
    #[pymethod(sig = "(self, /)")]
    fn items(cx: &Thread, this: &MappingProxy) -> Res {
        call_method(cx, this.mapping.value(), id!(cx, "items"), &[])
    }

    /// A shallow copy of the mapping.
    #[pymethod(sig = "(self, /)")]
    fn copy(cx: &Thread, this: &MappingProxy) -> Res {
        call_method(cx, this.mapping.value(), id!(cx, "copy"), &[])
    }

    /// A reverse iterator over the keys.
    #[pymethod(sig = "(self, /)")]
    fn __reversed__(cx: &Thread, this: &MappingProxy) -> Res {
        call_method(cx, this.mapping.value(), id!(cx, "__reversed__"), &[])
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        crate::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}
