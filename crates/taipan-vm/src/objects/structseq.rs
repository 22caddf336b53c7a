//! Struct sequences: tuples whose items also have names (`os.stat_result`, `sys.flags`,
//! `time.struct_time`), made from a static description (CPython's Objects/structseq.c).
//!
//! An instance is a `Tuple` cell with room for all fields; `ob_size` counts the visible ones, the
//! hidden ones lie behind them. Types are made once and live for ever.

use super::descr;
use crate::prelude::*;
use crate::types::layout::NativeType;
use crate::types::{NativeMethods, PyType};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

/// A struct sequence type: `static STAT: StructSeq = StructSeq::new(..)`, used by `STAT.make(cx, &[..])`.
pub struct StructSeq {
    pub module: &'static str,
    pub name: &'static str,
    pub doc: Option<&'static str>,
    /// Field names, in order; `""` is an unnamed field.
    pub fields: &'static [&'static str],
    /// How many of the fields are items of the sequence.
    pub visible: usize,
    /// Python code may call the type.
    pub constructible: bool,
    /// Python code calls the type with its only field, not with a sequence.
    by_field: bool,
    made: OnceLock<&'static SeqNative>,
}

/// The native description of one type, followed by what struct sequences know beyond it.
#[repr(C)]
struct SeqNative {
    native: NativeType,
    desc: &'static StructSeq,
    ty: OnceLock<&'static Type>,
}

impl StructSeq {
    pub const fn new(
        module: &'static str,
        name: &'static str,
        doc: &'static str,
        fields: &'static [&'static str],
        visible: usize,
    ) -> StructSeq {
        StructSeq {
            module,
            name,
            doc: Some(doc),
            fields,
            visible,
            constructible: true,
            by_field: false,
            made: OnceLock::new(),
        }
    }

    /// As `new` for a type that only the VM makes instances of (`sys.flags`).
    pub const fn sealed(
        module: &'static str,
        name: &'static str,
        doc: &'static str,
        fields: &'static [&'static str],
        visible: usize,
    ) -> StructSeq {
        let mut s = StructSeq::new(module, name, doc, fields, visible);
        s.constructible = false;
        s
    }

    /// The type's only field is the argument of its calls.
    pub const fn called_with_its_field(mut self) -> StructSeq {
        self.by_field = true;
        self
    }

    /// The type object, made on first use.
    pub fn ty(&'static self, cx: &Thread) -> &'static Type {
        let made = self.made.get_or_init(|| {
            Box::leak(Box::new(SeqNative {
                native: NativeType {
                    name: self.name,
                    module: self.module,
                    doc: self.doc,
                    basicsize: size_of::<Tuple>(),
                    itemsize: 8,
                    flags: tpflags::SEQUENCE,
                    kind: Kind::Scan,
                    has_dict: false,
                    has_weakref: false,
                    base: Tuple::type_object,
                    methods: <StructSeqMethods as NativeMethods>::METHODS,
                    getset: &[],
                    fill: <StructSeqMethods as NativeMethods>::fill,
                },
                desc: self,
                ty: OnceLock::new(),
            }))
        });
        if let Some(t) = made.ty.get() {
            return t;
        }
        // Two threads may both come here; the first to store wins and the other's type is unused.
        let t = self.make_type(cx, made);
        let _ = made.ty.set(t);
        made.ty.get().expect("set above")
    }

    fn make_type(&'static self, cx: &Thread, made: &'static SeqNative) -> &'static Type {
        let full = format!("{}.{}", self.module, self.name);
        let cname = Box::leak(
            std::ffi::CString::new(full).expect("type names hold no NUL").into_boxed_c_str(),
        );
        let flags = if self.constructible { 0 } else { tpflags::DISALLOW_INSTANTIATION };
        let ty: &'static Type =
            Box::leak(Box::new(Type::new_static(cname, size_of::<Tuple>(), 8, flags)));
        crate::types::ready::ready_native(cx, ty, &made.native);
        // Items are found by index, so room for them is not part of the basic size; the offset
        // check of members wants it nevertheless.
        let room = size_of::<Tuple>() + 8 * self.fields.len();
        let d = ty.dict();
        ty.info().basicsize.store(room as u32, Ordering::Relaxed);
        let mut unnamed = 0;
        let mut match_args: GcVec<Value> = GcVec::new();
        for (i, f) in self.fields.iter().enumerate() {
            if f.is_empty() {
                unnamed += 1;
                continue;
            }
            let name = super::str::intern(cx, f);
            let at = size_of::<Tuple>() + 8 * i;
            d.set_str(cx, name, descr::new_readonly_member(cx, ty, name, at));
            if i < self.visible {
                match_args.push(Value::from_ref(name));
            }
        }
        let small = |n: usize| Value::small(n as i64);
        d.set_str(cx, id!(cx, "n_sequence_fields"), small(self.visible));
        d.set_str(cx, id!(cx, "n_fields"), small(self.fields.len()));
        d.set_str(cx, id!(cx, "n_unnamed_fields"), small(unnamed));
        let m = Tuple::from_slice(cx, &match_args);
        d.set_str(cx, id!(cx, "__match_args__"), Value::from_ref(m));
        ty
    }

    /// A new instance; `items` are all fields, or the visible ones (the hidden are None then).
    pub fn make(&'static self, cx: &Thread, items: &[Value]) -> Value {
        let ty = self.ty(cx);
        let mut all: GcVec<Value> = items.into();
        while all.len() < self.fields.len() {
            all.push(none());
        }
        let t = Tuple::with_hidden(cx, ty, &all, self.visible);
        Value::from_ref(t)
    }
}

/// The description behind a struct sequence type.
fn desc_of(ty: &Type) -> Option<&'static StructSeq> {
    let native = ty.info().native?;
    let fill = native.fill as *const () as usize;
    if fill != <StructSeqMethods as NativeMethods>::fill as *const () as usize {
        return None;
    }
    // SAFETY: only SeqNative's first field has this `fill`.
    Some(unsafe { &*(native as *const NativeType as *const SeqNative) }.desc)
}

fn desc_of_instance(t: &Tuple) -> &'static StructSeq {
    desc_of(Value::from_ref(t).ty()).expect("methods of struct sequences get struct sequences")
}

/// Field `i` of an instance, hidden ones included.
pub fn field(t: &Tuple, i: usize) -> Value {
    let d = desc_of_instance(t);
    assert!(i < d.fields.len());
    // SAFETY: the cell has a slot for each field.
    unsafe { &*t.items_ptr().add(i) }.get().unwrap_or(none())
}

struct StructSeqMethods;
// SAFETY: never instantiated; instances are Tuples.
unsafe impl HeapObject for StructSeqMethods {}
impl PyType for StructSeqMethods {
    const NAME: &'static str = "structseq";
    const FAST: u64 = 0;
    fn type_object() -> &'static Type {
        Tuple::type_object()
    }
    fn native() -> &'static NativeType {
        Tuple::native()
    }
    fn check(v: Value) -> bool {
        v.is_ptr() && desc_of(v.ty()).is_some()
    }
}

#[pymethods]
impl StructSeqMethods {
    #[slot(sig = "(cls, sequence, dict=None)")]
    fn __new__(cx: &Thread, cls: &Type, sequence: Value, dict: Value) -> Res {
        let Some(d) = desc_of(cls) else {
            raise!(cx, TypeError, "cannot create '{}' instances", cls.name());
        };
        if d.by_field {
            return Ok(Value::from_ref(Tuple::with_hidden(cx, cls, &[sequence], 1)));
        }
        let full = format!("{}.{}", d.module, d.name);
        if sequence.ty().slots().iter.get().is_none() && !is_sequence(sequence) {
            raise!(cx, TypeError, "constructor requires a sequence");
        }
        let items = collect(cx, sequence)?;
        let extra = match dict.downcast::<Dict>() {
            Some(e) => Some(e),
            None if dict.is_none() => None,
            None => raise!(cx, TypeError, "{full}() takes a dict as second arg, if any"),
        };
        let (min, max, len) = (d.visible, d.fields.len(), items.len());
        if min != max && len < min {
            raise!(
                cx,
                TypeError,
                "{full}() takes an at least {min}-sequence ({len}-sequence given)"
            );
        }
        if min != max && len > max {
            raise!(
                cx,
                TypeError,
                "{full}() takes an at most {max}-sequence ({len}-sequence given)"
            );
        }
        if min == max && len != min {
            raise!(cx, TypeError, "{full}() takes a {min}-sequence ({len}-sequence given)");
        }
        let mut all = items;
        let mut used = 0;
        for name in &d.fields[len..] {
            let v = match extra {
                Some(e) if !name.is_empty() => e.get_str(cx, super::str::intern(cx, name)),
                _ => None,
            };
            used += v.is_some() as usize;
            all.push(v.unwrap_or(none()));
        }
        if extra.is_some_and(|e| e.len() > used) {
            raise!(cx, TypeError, "{full}() got duplicate or unexpected field name(s)");
        }
        Ok(Value::from_ref(Tuple::with_hidden(cx, cls, &all, d.visible)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Tuple) -> Res {
        let d = desc_of_instance(this);
        let _depth = cx.enter_recursive(" while getting the repr of an object")?;
        let mut b: Vec<u8> = format!("{}.{}(", d.module, d.name).into_bytes();
        // Names are counted without the unnamed fields, as CPython's members are.
        let names = d.fields.iter().filter(|f| !f.is_empty());
        for (i, name) in names.take(d.visible).enumerate() {
            if i > 0 {
                b.extend_from_slice(b", ");
            }
            b.extend_from_slice(name.as_bytes());
            b.push(b'=');
            b.extend_from_slice(&repr(cx, this.get(i))?.to_wtf8());
        }
        b.push(b')');
        Ok(Value::from_ref(Str::from_wtf8(cx, &b)))
    }

    /// Support for pickle and copy.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Tuple) -> Res {
        let d = desc_of_instance(this);
        let cls = Value::from_ref(Value::from_ref(this).ty());
        if d.by_field {
            let args = Tuple::from_slice(cx, this.as_slice());
            return Ok(Value::from_ref(Tuple::pair(cx, cls, Value::from_ref(args))));
        }
        let hidden = Dict::new(cx);
        for i in d.visible..d.fields.len() {
            if !d.fields[i].is_empty() {
                hidden.set_str(cx, super::str::intern(cx, d.fields[i]), field(this, i));
            }
        }
        let seen = Tuple::from_slice(cx, this.as_slice());
        let args = Tuple::pair(cx, Value::from_ref(seen), Value::from_ref(hidden));
        Ok(Value::from_ref(Tuple::pair(cx, cls, Value::from_ref(args))))
    }

    /// A copy with the named fields replaced.
    #[pymethod(sig = "(self, /, *args, **changes)", text = "($self, /, **changes)")]
    fn __replace__(
        cx: &Thread,
        this: &Tuple,
        args: &[Value],
        changes: Option<&'static Dict>,
    ) -> Res {
        let d = desc_of_instance(this);
        let full = format!("{}.{}", d.module, d.name);
        if !args.is_empty() {
            raise!(
                cx,
                TypeError,
                "__replace__() takes no positional arguments ({} given)",
                args.len()
            );
        }
        if d.fields.contains(&"") {
            raise!(
                cx,
                TypeError,
                "__replace__() is not supported for {full} because it has unnamed field(s)"
            );
        }
        let mut all: GcVec<Value> = (0..d.fields.len()).map(|i| field(this, i)).collect();
        if let Some(c) = changes {
            let mut unknown: GcVec<Value> = GcVec::new();
            for (k, v) in c.entries().iter() {
                let at =
                    k.downcast::<Str>().and_then(|k| d.fields.iter().position(|f| k.eq_str(f)));
                match at {
                    Some(i) => all[i] = *v,
                    None => unknown.push(*k),
                }
            }
            if !unknown.is_empty() {
                let names = repr(cx, Value::from_ref(List::from_slice(cx, &unknown)))?;
                raise!(cx, TypeError, "Got unexpected field name(s): {names}");
            }
        }
        let ty = Value::from_ref(this).ty();
        Ok(Value::from_ref(Tuple::with_hidden(cx, ty, &all, d.visible)))
    }
}
