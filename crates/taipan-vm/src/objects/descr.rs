//! Descriptors of native types: method_descriptor, classmethod_descriptor, getset_descriptor,
//! member_descriptor, wrapper_descriptor, method-wrapper; and classmethod, staticmethod.

use super::object::Object;
use crate::call::{GetSetRow, MethodRow};
use crate::prelude::*;
use crate::types::slots::SlotDef;
use std::sync::atomic::Ordering;

macro_rules! descr_struct {
    ($(#[$m:meta])* $name:ident { $($f:ident : $t:ty),* }) => {
        $(#[$m])*
        #[repr(C)]
        pub struct $name {
            pub head: Head,
            /// The class it belongs to, then its name.
            pub ty: Slot,
            pub name: Slot,
            $(pub $f: $t,)*
        }
        impl $name {
            pub fn name_str(&self) -> &'static Str {
                self.name.value().downcast::<Str>().expect("descriptor names are strings")
            }
            pub fn owner(&self) -> &'static Type {
                self.ty.value().as_type_unchecked()
            }
        }
    };
}

descr_struct! { /** `list.append` */ MethodDescr { row: &'static MethodRow } }
descr_struct! { /** `dict.fromkeys` */ ClassMethodDescr { row: &'static MethodRow } }
descr_struct! { /** A computed attribute. */ GetSet { row: &'static GetSetRow } }
descr_struct! { /** A `__slots__` member, or an attribute that CPython has as a field of a struct: then `row` reads it. */
Member { offset: usize, flags: usize, row: Option<&'static GetSetRow> } }
descr_struct! { /** `int.__add__` */ SlotWrapper { def: &'static SlotDef, raw: usize } }

crate::pytype! { MethodDescr, PyMethodDescr_Type, name: "method_descriptor", module: "builtins",
base: Object, flags: tpflags::METHOD_DESCRIPTOR }
crate::pytype! { ClassMethodDescr, PyClassMethodDescr_Type, name: "classmethod_descriptor",
module: "builtins", base: Object }
crate::pytype! { GetSet, PyGetSetDescr_Type, name: "getset_descriptor", module: "builtins", base: Object }
crate::pytype! { Member, PyMemberDescr_Type, name: "member_descriptor", module: "builtins", base: Object }
crate::pytype! { SlotWrapper, PyWrapperDescr_Type, name: "wrapper_descriptor", module: "builtins",
base: Object, flags: tpflags::METHOD_DESCRIPTOR }

fn check_owner(cx: &Thread, owner: &Type, name: &Str, obj: Value) -> Res<()> {
    if obj.ty().is_subtype(owner) {
        return Ok(());
    }
    raise!(
        cx,
        TypeError,
        "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
        owner.name(),
        obj.ty().name()
    )
}

fn descr_repr(cx: &Thread, kind: &str, name: &Str, owner: &Type) -> Res {
    Ok(Value::from_ref(Str::new(cx, &format!("<{kind} '{name}' of '{}' objects>", owner.name()))))
}

/// `(getattr, (type, name))` for pickle.
fn descr_reduce(cx: &Thread, owner: Value, name: Value) -> Res {
    let g = cx.vm.builtins_dict().get_str(cx, id!(cx, "getattr")).unwrap_or(none());
    let args = Tuple::from_slice(cx, &[owner, name]);
    Ok(Value::from_ref(Tuple::from_slice(cx, &[g, Value::from_ref(args)])))
}

#[pymethods]
impl MethodDescr {
    #[slot]
    fn __repr__(cx: &Thread, this: &MethodDescr) -> Res {
        descr_repr(cx, "method", this.name_str(), this.owner())
    }

    #[slot]
    fn __call__(cx: &Thread, this: &MethodDescr, args: &[Value], kw: KwNames<'_>) -> Res {
        (this.row.entry)(cx, args, kw)
    }

    #[slot]
    fn __get__(cx: &Thread, this: &MethodDescr, obj: Option<Value>, _ty: Option<Value>) -> Res {
        match obj {
            None => Ok(Value::from_ref(this)),
            Some(o) => {
                check_owner(cx, this.owner(), this.name_str(), o)?;
                Ok(super::builtin_function::new(cx, this.row, Some(o), None))
            }
        }
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &MethodDescr) -> Value {
        this.name.value()
    }

    #[getter]
    fn __objclass__(_cx: &Thread, this: &MethodDescr) -> Value {
        this.ty.value()
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &MethodDescr) -> Res {
        let t = this.ty.value().as_type_unchecked();
        let q = get_attr(cx, Value::from_ref(t), id!(cx, "__qualname__"))?;
        Ok(Value::from_ref(Str::new(cx, &format!("{}.{}", to_str(cx, q)?, this.name_str()))))
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &MethodDescr) -> Option<&'static str> {
        this.row.doc
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, this: &MethodDescr) -> Option<&'static str> {
        this.row.sig.text
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &MethodDescr) -> Res {
        descr_reduce(cx, this.ty.value(), this.name.value())
    }
}

#[pymethods]
impl ClassMethodDescr {
    #[slot]
    fn __repr__(cx: &Thread, this: &ClassMethodDescr) -> Res {
        descr_repr(cx, "method", this.name_str(), this.owner())
    }

    #[slot]
    fn __call__(cx: &Thread, this: &ClassMethodDescr, args: &[Value], kw: KwNames<'_>) -> Res {
        (this.row.entry)(cx, args, kw)
    }

    #[slot]
    fn __get__(cx: &Thread, this: &ClassMethodDescr, obj: Option<Value>, ty: Option<Value>) -> Res {
        let cls = match ty {
            Some(t) => t,
            None => match obj {
                Some(o) => Value::from_ref(o.ty()),
                None => raise!(
                    cx,
                    TypeError,
                    "descriptor '{}' for type '{}' needs either an object or a type",
                    this.name_str(),
                    this.owner().name()
                ),
            },
        };
        let Some(t) = cls.as_type() else {
            raise!(
                cx,
                TypeError,
                "descriptor '{}' for type '{}' needs a type, not a '{}' as arg 2",
                this.name_str(),
                this.owner().name(),
                cls.ty().name()
            );
        };
        if !t.is_subtype(this.owner()) {
            raise!(
                cx,
                TypeError,
                "descriptor '{}' requires a subtype of '{}' but received '{}'",
                this.name_str(),
                this.owner().name(),
                t.name()
            );
        }
        Ok(super::builtin_function::new(cx, this.row, Some(cls), None))
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &ClassMethodDescr) -> Value {
        this.name.value()
    }

    #[getter]
    fn __objclass__(_cx: &Thread, this: &ClassMethodDescr) -> Value {
        this.ty.value()
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &ClassMethodDescr) -> Res {
        let t = this.ty.value().as_type_unchecked();
        let q = get_attr(cx, Value::from_ref(t), id!(cx, "__qualname__"))?;
        Ok(Value::from_ref(Str::new(cx, &format!("{}.{}", to_str(cx, q)?, this.name_str()))))
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &ClassMethodDescr) -> Option<&'static str> {
        this.row.doc
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, this: &ClassMethodDescr) -> Option<&'static str> {
        this.row.sig.text
    }
}

#[pymethods]
impl GetSet {
    #[slot]
    fn __repr__(cx: &Thread, this: &GetSet) -> Res {
        descr_repr(cx, "attribute", this.name_str(), this.owner())
    }

    #[slot]
    fn __get__(cx: &Thread, this: &GetSet, obj: Option<Value>, _ty: Option<Value>) -> Res {
        match obj {
            None => Ok(Value::from_ref(this)),
            Some(o) => {
                check_owner(cx, this.owner(), this.name_str(), o)?;
                (this.row.get)(cx, o)
            }
        }
    }

    #[slot]
    fn __set__(cx: &Thread, this: &GetSet, obj: Value, v: Option<Value>) -> Res<()> {
        check_owner(cx, this.owner(), this.name_str(), obj)?;
        match this.row.set {
            Some(set) => set(cx, obj, v),
            None => raise!(
                cx,
                AttributeError,
                "attribute '{}' of '{}' objects is not writable",
                this.name_str(),
                this.owner().name()
            ),
        }
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &GetSet) -> Value {
        this.name.value()
    }

    #[getter]
    fn __objclass__(_cx: &Thread, this: &GetSet) -> Value {
        this.ty.value()
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &GetSet) -> Res {
        let t = this.ty.value().as_type_unchecked();
        let q = get_attr(cx, Value::from_ref(t), id!(cx, "__qualname__"))?;
        Ok(Value::from_ref(Str::new(cx, &format!("{}.{}", to_str(cx, q)?, this.name_str()))))
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &GetSet) -> Option<&'static str> {
        this.row.doc
    }
}

/// Member flags.
const READONLY: usize = 1;

impl Member {
    fn slot_of(&self, obj: Value) -> &'static Slot {
        // SAFETY: callers have checked that obj is an instance of the owner, whose instances hold a
        // slot word at this offset.
        unsafe { &*((obj.bits() as *const u8).add(self.offset) as *const Slot) }
    }

    /// The byte offset of the slot in instances, for inline caches.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

#[pymethods]
impl Member {
    #[slot]
    fn __repr__(cx: &Thread, this: &Member) -> Res {
        descr_repr(cx, "member", this.name_str(), this.owner())
    }

    #[slot]
    fn __get__(cx: &Thread, this: &Member, obj: Option<Value>, _ty: Option<Value>) -> Res {
        let Some(o) = obj else { return Ok(Value::from_ref(this)) };
        check_owner(cx, this.owner(), this.name_str(), o)?;
        if let Some(row) = this.row {
            return (row.get)(cx, o);
        }
        match this.slot_of(o).get() {
            Some(v) => Ok(v),
            None => {
                let e = err!(
                    cx,
                    AttributeError,
                    "'{}' object has no attribute '{}'",
                    crate::types::class::full_name(cx, o.ty()),
                    this.name_str()
                );
                super::exceptions::set_attribute_context(cx, e, o, this.name_str());
                Err(e)
            }
        }
    }

    #[slot]
    fn __set__(cx: &Thread, this: &Member, obj: Value, v: Option<Value>) -> Res<()> {
        check_owner(cx, this.owner(), this.name_str(), obj)?;
        if let Some(set) = this.row.and_then(|r| r.set) {
            return set(cx, obj, v);
        }
        if this.flags & READONLY != 0 {
            raise!(cx, AttributeError, "readonly attribute");
        }
        let slot = this.slot_of(obj);
        if v.is_none() && slot.is_empty() {
            let e = err!(cx, AttributeError, "{}", this.name_str());
            super::exceptions::set_attribute_context(cx, e, obj, this.name_str());
            return Err(e);
        }
        slot.set_option(obj.head().expect("instances with slots are heap objects"), v);
        Ok(())
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &Member) -> Value {
        this.name.value()
    }

    #[getter]
    fn __objclass__(_cx: &Thread, this: &Member) -> Value {
        this.ty.value()
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &Member) -> Res {
        let t = this.ty.value().as_type_unchecked();
        let q = get_attr(cx, Value::from_ref(t), id!(cx, "__qualname__"))?;
        Ok(Value::from_ref(Str::new(cx, &format!("{}.{}", to_str(cx, q)?, this.name_str()))))
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &Member) -> Option<&'static str> {
        this.row.and_then(|r| r.doc)
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Member) -> Res {
        descr_reduce(cx, this.ty.value(), this.name.value())
    }
}

#[pymethods]
impl SlotWrapper {
    #[slot]
    fn __repr__(cx: &Thread, this: &SlotWrapper) -> Res {
        descr_repr(cx, "slot wrapper", this.name_str(), this.owner())
    }

    #[slot]
    fn __call__(cx: &Thread, this: &SlotWrapper, args: &[Value], kw: KwNames<'_>) -> Res {
        let by_position = args.len() > kw.map_or(0, |k| k.len());
        let Some((&obj, rest)) = args.split_first().filter(|_| by_position) else {
            raise!(
                cx,
                TypeError,
                "descriptor '{}' of '{}' object needs an argument",
                this.name_str(),
                this.owner().name()
            );
        };
        if !obj.ty().is_subtype(this.owner()) {
            raise!(
                cx,
                TypeError,
                "descriptor '{}' requires a '{}' object but received a '{}'",
                this.name_str(),
                this.owner().name(),
                obj.ty().name()
            );
        }
        crate::types::wrap::call_wrapper(cx, this.def, this.raw, obj, rest, kw)
    }

    #[slot]
    fn __get__(cx: &Thread, this: &SlotWrapper, obj: Option<Value>, _ty: Option<Value>) -> Res {
        match obj {
            None => Ok(Value::from_ref(this)),
            Some(o) => {
                check_owner(cx, this.owner(), this.name_str(), o)?;
                let w = MethodWrapper { head: fresh(), descr: Slot::empty(), this: Slot::empty() };
                w.descr.init(Some(Value::from_ref(this)));
                w.this.init(Some(o));
                Ok(Value::from_ref(cx.alloc(w)))
            }
        }
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &SlotWrapper) -> Value {
        this.name.value()
    }

    #[getter]
    fn __objclass__(_cx: &Thread, this: &SlotWrapper) -> Value {
        this.ty.value()
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &SlotWrapper) -> Res {
        let t = this.ty.value().as_type_unchecked();
        let q = get_attr(cx, Value::from_ref(t), id!(cx, "__qualname__"))?;
        Ok(Value::from_ref(Str::new(cx, &format!("{}.{}", to_str(cx, q)?, this.name_str()))))
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &SlotWrapper) -> &'static str {
        this.def.doc
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, this: &SlotWrapper) -> &'static str {
        wrapper_signature(this.def)
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &SlotWrapper) -> Res {
        descr_reduce(cx, this.ty.value(), this.name.value())
    }
}

fn wrapper_signature(def: &SlotDef) -> &'static str {
    use crate::types::slots::Wrap as W;
    match def.wrap {
        W::Unary | W::Bool | W::Len | W::Hash | W::Next | W::Del => "($self, /)",
        W::BinaryL | W::BinaryR | W::BinaryInplace | W::Cmp(_) | W::Repeat => "($self, value, /)",
        W::PowL | W::PowR | W::PowInplace => "($self, value, mod=None, /)",
        W::Call | W::Init => "($self, /, *args, **kwargs)",
        W::GetAttr | W::DelAttr => "($self, name, /)",
        W::SetAttr => "($self, name, value, /)",
        W::DescrGet => "($self, instance, owner=None, /)",
        W::DescrSet => "($self, instance, value, /)",
        W::DescrDelete => "($self, instance, /)",
        W::GetItem | W::DelItem | W::Contains => "($self, key, /)",
        W::SetItem => "($self, key, value, /)",
        W::GetBuffer => "($self, flags, /)",
        W::ReleaseBuffer => "($self, buffer, /)",
    }
}

/// `(5).__add__`: a slot wrapper bound to its object.
#[repr(C)]
pub struct MethodWrapper {
    pub head: Head,
    pub descr: Slot,
    pub this: Slot,
}

crate::pytype! { MethodWrapper, PyMethodWrapper_Type, name: "method-wrapper", module: "builtins", base: Object }

impl MethodWrapper {
    fn d(&self) -> &'static SlotWrapper {
        self.descr.value().downcast_exact::<SlotWrapper>().expect("made from a slot wrapper")
    }
}

#[pymethods]
impl MethodWrapper {
    #[slot]
    fn __repr__(cx: &Thread, this: &MethodWrapper) -> Res {
        let o = this.this.value();
        Ok(Value::from_ref(Str::new(
            cx,
            &format!(
                "<method-wrapper '{}' of {} object at {:#x}>",
                this.d().name_str(),
                o.ty().name(),
                o.bits()
            ),
        )))
    }

    #[slot]
    fn __call__(cx: &Thread, this: &MethodWrapper, args: &[Value], kw: KwNames<'_>) -> Res {
        let d = this.d();
        crate::types::wrap::call_wrapper(cx, d.def, d.raw, this.this.value(), args, kw)
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, this: &MethodWrapper, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast_exact::<MethodWrapper>() else { return Ok(not_implemented()) };
        let same = this.descr.get() == o.descr.get() && this.this.get() == o.this.get();
        Ok(match op {
            CmpOp::Eq => py_bool(same),
            CmpOp::Ne => py_bool(!same),
            _ => not_implemented(),
        })
    }

    #[slot]
    fn __hash__(_cx: &Thread, this: &MethodWrapper) -> Res<i64> {
        Ok(hash_pointer(this.this.value()) ^ hash_pointer(this.descr.value()))
    }

    #[getter]
    fn __self__(_cx: &Thread, this: &MethodWrapper) -> Value {
        this.this.value()
    }

    #[getter]
    fn __objclass__(_cx: &Thread, this: &MethodWrapper) -> Value {
        this.d().ty.value()
    }

    #[getter]
    fn __name__(_cx: &Thread, this: &MethodWrapper) -> Value {
        this.d().name.value()
    }

    #[getter]
    fn __qualname__(cx: &Thread, this: &MethodWrapper) -> Res {
        get_attr(cx, this.descr.value(), id!(cx, "__qualname__"))
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &MethodWrapper) -> &'static str {
        this.d().def.doc
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, this: &MethodWrapper) -> &'static str {
        wrapper_signature(this.d().def)
    }

    /// Pickled by name.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &MethodWrapper) -> Res {
        descr_reduce(cx, this.this.value(), this.d().name.value())
    }
}

fn fresh() -> Head {
    crate::types::alloc::fresh_head()
}

macro_rules! make {
    ($cx:expr, $ty:expr, $name:expr, $s:ident { $($f:ident : $v:expr),* }) => {{
        let d = $s { head: fresh(), ty: Slot::empty(), name: Slot::empty(), $($f: $v),* };
        d.ty.init(Some(Value::from_ref($ty)));
        d.name.init(Some(Value::from_ref($name)));
        Value::from_ref($cx.alloc(d))
    }};
}

pub fn new_method_descr(cx: &Thread, ty: &Type, row: &'static MethodRow) -> Value {
    make!(cx, ty, super::str::intern(cx, row.name), MethodDescr { row: row })
}

pub fn new_classmethod_descr(cx: &Thread, ty: &Type, row: &'static MethodRow) -> Value {
    make!(cx, ty, super::str::intern(cx, row.name), ClassMethodDescr { row: row })
}

/// A static method of a native type: `staticmethod(builtin)`.
pub fn new_static_method(cx: &Thread, ty: &Type, row: &'static MethodRow) -> Value {
    let f = super::builtin_function::new(cx, row, Some(Value::from_ref(ty)), None);
    new_staticmethod(cx, f)
}

/// The descriptor of a native type's attribute: a member where CPython's struct has it as a field.
pub fn new_attribute(cx: &Thread, ty: &Type, row: &'static GetSetRow) -> Value {
    let name = super::str::intern(cx, row.name);
    if super::struct_fields::is_field(&ty.name(), row.name) {
        let flags = if row.set.is_some() { 0 } else { READONLY };
        return make!(cx, ty, name, Member { offset: 0, flags: flags, row: Some(row) });
    }
    new_getset(cx, ty, row)
}

pub fn new_getset(cx: &Thread, ty: &Type, row: &'static GetSetRow) -> Value {
    make!(cx, ty, super::str::intern(cx, row.name), GetSet { row: row })
}

/// A `__slots__` member at a byte offset of instances.
pub fn new_slot_member(cx: &Thread, ty: &Type, name: &Str, offset: usize) -> Value {
    make!(cx, ty, name, Member { offset: offset, flags: 0, row: None })
}

/// A read-only field of a native struct.
pub fn new_readonly_member(cx: &Thread, ty: &Type, name: &Str, offset: usize) -> Value {
    make!(cx, ty, name, Member { offset: offset, flags: READONLY, row: None })
}

pub fn new_slot_wrapper(cx: &Thread, ty: &Type, def: &'static SlotDef, raw: usize) -> Value {
    make!(cx, ty, super::str::intern(cx, def.name), SlotWrapper { def: def, raw: raw })
}

/// The class, row and raw slot of a slot wrapper.
pub fn slot_wrapper_parts(v: Value) -> Option<(&'static Type, &'static SlotDef, usize)> {
    let w = v.downcast_exact::<SlotWrapper>()?;
    Some((w.owner(), w.def, w.raw))
}

/// As `slot_wrapper_parts`, for a method that stands beside the slot of the same name and does what
/// that does (`METH_COEXIST`: `list.__getitem__`).
pub fn coexisting(
    v: Value,
    def: &'static SlotDef,
) -> Option<(&'static Type, &'static SlotDef, usize)> {
    let m = v.downcast_exact::<MethodDescr>().filter(|m| m.row.name == def.name)?;
    let raw = m.owner().info().slots.raw(def.slot);
    (raw != 0).then(|| (m.owner(), def, raw))
}

/// Is it `object.__getattribute__` itself?
pub fn is_object_getattribute(v: Value) -> bool {
    v.downcast_exact::<SlotWrapper>()
        .is_some_and(|w| w.owner().is(Object::type_object()) && w.def.name == "__getattribute__")
}

static DICT_ROW: GetSetRow = GetSetRow {
    name: "__dict__",
    get: |cx, o| match crate::types::attr::instance_dict(cx, o) {
        // A mixin before `type` in a metaclass: the namespace is what type shows.
        _ if o.as_type().is_some() => {
            Ok(super::mappingproxy::new(cx, o.as_type_unchecked().info().dict.value()))
        }
        Some(d) => Ok(Value::from_ref(d)),
        None => raise!(cx, AttributeError, "This object has no __dict__"),
    },
    set: Some(|cx, o, v| {
        if crate::types::shape::Instance::of(o).is_none() || o.as_type().is_some() {
            raise!(cx, AttributeError, "This object has no __dict__");
        }
        // A native base with a `__dict__` of its own decides (`get_builtin_base_with_dict`).
        let native = native_base(o.ty());
        if let Some(d) = native.lookup(cx, id!(cx, "__dict__")) {
            let mine = d.downcast_exact::<GetSet>().is_some_and(|g| std::ptr::eq(g.row, &DICT_ROW));
            if let (false, Some(set)) = (mine, d.ty().slots().descr_set.get()) {
                return set(cx, d, o, v);
            }
            if v.is_none() {
                raise!(cx, TypeError, "cannot delete __dict__");
            }
        }
        let Some(v) = v else {
            if !o.ty().is_heap() {
                raise!(cx, TypeError, "cannot delete __dict__");
            }
            crate::types::attr::set_instance_dict(cx, o, Dict::new(cx));
            return Ok(());
        };
        match v.downcast::<Dict>() {
            Some(d) => {
                crate::types::attr::set_instance_dict(cx, o, d);
                Ok(())
            }
            None => raise!(
                cx,
                TypeError,
                "__dict__ must be set to a dictionary, not a '{}'",
                v.ty().name()
            ),
        }
    }),
    doc: Some("dictionary for instance variables"),
};

static WEAKREF_ROW: GetSetRow = GetSetRow {
    name: "__weakref__",
    get: |cx, o| Ok(super::weakref::first_ref(cx, o).unwrap_or(none())),
    set: None,
    doc: Some("list of weak references to the object"),
};

pub fn new_dict_getset(cx: &Thread, ty: &Type) -> Value {
    new_getset(cx, ty, &DICT_ROW)
}

pub fn new_weakref_getset(cx: &Thread, ty: &Type) -> Value {
    new_getset(cx, ty, &WEAKREF_ROW)
}

/// `T.__new__` of a native type: a builtin bound to the type, checking its first argument.
pub fn new_tp_new(cx: &Thread, ty: &Type) -> Value {
    super::builtin_function::new(cx, &TP_NEW_ROW, Some(Value::from_ref(ty)), None)
}

static TP_NEW_SIG: crate::call::Sig = crate::call::Sig {
    fname: "__new__",
    owner: crate::call::Owner::Slot,
    params: &[],
    text: Some("($type, *args, **kwargs)"),
    keywords_of: None,
};

pub static TP_NEW_ROW: MethodRow = MethodRow {
    c: crate::call::PyMethodDef::new(c"__new__", 3),
    entry: |cx, args, kw| tp_new(cx, args, kw),
    name: "__new__",
    kind: crate::call::MethodKind::Class,
    sig: &TP_NEW_SIG,
    doc: Some("Create and return a new object.  See help(type) for accurate signature."),
};

/// The type whose `__new__` builtin this is.
pub fn tp_new_owner(v: Value) -> Option<&'static Type> {
    let f = v.downcast_exact::<super::builtin_function::BuiltinFunction>()?;
    if !std::ptr::eq(f.row, &TP_NEW_ROW) {
        return None;
    }
    f.this.get().and_then(|t| t.as_type())
}

/// `int.__new__(cls, ...)` (`tp_new_wrapper`); args[0] is the owner, args[1] the class asked for.
fn tp_new(cx: &Thread, args: &[Value], kw: KwNames<'_>) -> Res {
    let owner = args[0].as_type().expect("bound to its type");
    let npos = args.len() - kw.map_or(0, |k| k.len());
    if npos < 2 {
        raise!(cx, TypeError, "{}.__new__(): not enough arguments", owner.name());
    }
    let Some(sub) = args[1].as_type() else {
        raise!(
            cx,
            TypeError,
            "{}.__new__(X): X is not a type object ({})",
            owner.name(),
            args[1].ty().name()
        );
    };
    if !sub.is_subtype(owner) {
        raise!(
            cx,
            TypeError,
            "{0}.__new__({1}): {1} is not a subtype of {0}",
            owner.name(),
            sub.name()
        );
    }
    // object.__new__(int) must not make an int without its struct.
    if !sub.is(owner) {
        let native = native_base(sub);
        if native.slots().new.raw() != owner.slots().new.raw() {
            raise!(
                cx,
                TypeError,
                "{}.__new__({}) is not safe, use {}.__new__()",
                owner.name(),
                sub.name(),
                native.name()
            );
        }
    }
    match owner.slots().new.get() {
        Some(f) => f(cx, sub, &args[2..], kw),
        None => raise!(cx, TypeError, "cannot create '{}' instances", owner.name()),
    }
}

/// The nearest base that is not a Python class.
fn native_base(t: &'static Type) -> &'static Type {
    let mut t = t;
    while t.is_heap() {
        t = t.base().expect("a heap type has a base");
    }
    t
}

macro_rules! method_decorator {
    ($ty:ident, $st:ident, $name:literal, $doc:literal) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
            pub callable: Slot,
        }
        crate::pytype! { $ty, $st, name: $name, module: "builtins", base: Object,
        flags: tpflags::BASETYPE, dict: true, weakref: true, doc: $doc }

        impl $ty {
            /// Takes over the name, doc and so on of the function (`functools_wraps`).
            fn wrap_attributes(cx: &Thread, me: Value, f: Value) -> Res<()> {
                for n in [
                    id!(cx, "__module__"),
                    id!(cx, "__name__"),
                    id!(cx, "__qualname__"),
                    id!(cx, "__doc__"),
                ] {
                    if let Some(v) = get_attr_opt(cx, f, n)? {
                        crate::types::attr::instance_set(cx, me, n, v)?;
                    }
                }
                // Annotations are read through at access time by inspect; copying them keeps
                // `__annotations__` of the wrapper the function's own object.
                if let Some(v) = get_attr_opt(cx, f, id!(cx, "__annotations__"))? {
                    crate::types::attr::instance_set(cx, me, id!(cx, "__annotations__"), v)?;
                }
                Ok(())
            }

            pub fn func(&self) -> Option<Value> {
                self.callable.get()
            }
        }
    };
}

method_decorator!(
    StaticMethod,
    PyStaticMethod_Type,
    "staticmethod",
    "staticmethod(function, /)\n--\n\nTurns a function into a static method: it gets neither the instance nor the class."
);
method_decorator!(
    ClassMethod,
    PyClassMethod_Type,
    "classmethod",
    "classmethod(function, /)\n--\n\nTurns a function into a class method: its first argument is the class."
);

pub fn new_staticmethod(cx: &Thread, f: Value) -> Value {
    let s = cx.alloc(StaticMethod { head: fresh(), callable: Slot::empty() });
    s.callable.set(s, f);
    Value::from_ref(s)
}

pub fn new_classmethod(cx: &Thread, f: Value) -> Value {
    let s = cx.alloc(ClassMethod { head: fresh(), callable: Slot::empty() });
    s.callable.set(s, f);
    Value::from_ref(s)
}

#[pymethods]
impl StaticMethod {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(
            cx.alloc_in(cls, StaticMethod { head: fresh(), callable: Slot::empty() }),
        ))
    }

    #[slot(sig = "(self, function, /)")]
    fn __init__(cx: &Thread, this: &StaticMethod, function: Value) -> Res<()> {
        this.callable.set(this, function);
        StaticMethod::wrap_attributes(cx, Value::from_ref(this), function)
    }

    #[slot]
    fn __get__(cx: &Thread, this: &StaticMethod, _o: Option<Value>, _t: Option<Value>) -> Res {
        match this.callable.get() {
            Some(f) => Ok(f),
            None => raise!(cx, RuntimeError, "uninitialized staticmethod object"),
        }
    }

    #[slot]
    fn __call__(cx: &Thread, this: &StaticMethod, args: &[Value], kw: KwNames<'_>) -> Res {
        call_kw(cx, this.callable.get().unwrap_or(none()), args, kw)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &StaticMethod) -> Res {
        let r = repr(cx, this.callable.get().unwrap_or(none()))?;
        Ok(Value::from_ref(Str::new(cx, &format!("<staticmethod({r})>"))))
    }

    #[getter]
    fn __func__(_cx: &Thread, this: &StaticMethod) -> Option<Value> {
        this.callable.get()
    }

    #[getter]
    fn __wrapped__(_cx: &Thread, this: &StaticMethod) -> Option<Value> {
        this.callable.get()
    }

    #[getter]
    fn __isabstractmethod__(cx: &Thread, this: &StaticMethod) -> Res<bool> {
        is_abstract(cx, this.callable.get())
    }

    #[getter]
    fn __dict__(cx: &Thread, this: Value) -> Option<&'static Dict> {
        crate::types::attr::instance_dict(cx, this)
    }

    /// `staticmethod[...]` as a generic alias.
    #[classmethod]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        super::generic_alias::new(cx, cls, item)
    }
}

#[pymethods]
impl ClassMethod {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(
            cx.alloc_in(cls, ClassMethod { head: fresh(), callable: Slot::empty() }),
        ))
    }

    #[slot(sig = "(self, function, /)")]
    fn __init__(cx: &Thread, this: &ClassMethod, function: Value) -> Res<()> {
        this.callable.set(this, function);
        ClassMethod::wrap_attributes(cx, Value::from_ref(this), function)
    }

    #[slot]
    fn __get__(cx: &Thread, this: &ClassMethod, obj: Option<Value>, ty: Option<Value>) -> Res {
        let Some(f) = this.callable.get() else {
            raise!(cx, RuntimeError, "uninitialized classmethod object");
        };
        let cls = ty.or(obj.map(|o| Value::from_ref(o.ty()))).unwrap_or(none());
        Ok(super::method::new(cx, f, cls))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &ClassMethod) -> Res {
        let r = repr(cx, this.callable.get().unwrap_or(none()))?;
        Ok(Value::from_ref(Str::new(cx, &format!("<classmethod({r})>"))))
    }

    #[getter]
    fn __func__(_cx: &Thread, this: &ClassMethod) -> Option<Value> {
        this.callable.get()
    }

    #[getter]
    fn __wrapped__(_cx: &Thread, this: &ClassMethod) -> Option<Value> {
        this.callable.get()
    }

    #[getter]
    fn __isabstractmethod__(cx: &Thread, this: &ClassMethod) -> Res<bool> {
        is_abstract(cx, this.callable.get())
    }

    #[getter]
    fn __dict__(cx: &Thread, this: Value) -> Option<&'static Dict> {
        crate::types::attr::instance_dict(cx, this)
    }

    /// `classmethod[...]` as a generic alias.
    #[classmethod]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        super::generic_alias::new(cx, cls, item)
    }
}

/// `_PyObject_IsAbstract`.
pub fn is_abstract(cx: &Thread, v: Option<Value>) -> Res<bool> {
    let Some(v) = v else { return Ok(false) };
    match get_attr_opt(cx, v, id!(cx, "__isabstractmethod__"))? {
        Some(a) => is_true(cx, a),
        None => Ok(false),
    }
}

/// The flags of a member for `inspect`; kept for the C layer.
pub fn member_is_readonly(m: &Member) -> bool {
    m.flags & READONLY != 0
}

/// True where the member is a slot of a class whose instances are laid out now.
pub fn member_fits(m: &Member, t: &Type) -> bool {
    m.row.is_none() && (t.info().basicsize.load(Ordering::Relaxed) as usize) >= m.offset + 8
}
