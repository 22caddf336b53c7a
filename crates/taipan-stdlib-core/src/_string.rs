//! `_string`: the parsers of format strings that `string.Formatter` uses.

use std::sync::atomic::{AtomicUsize, Ordering};
use taipan_vm::objects::str::template::{Markup, Rest, split_field};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// Over the pieces of a format string.
#[repr(C)]
pub struct FormatterIterator {
    head: Head,
    text: Slot,
    at: AtomicUsize,
}

pytype! { FormatterIterator, PyFormatterIter_Type, name: "formatteriterator", module: "builtins",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION }

fn text_of(s: &Slot) -> &'static Str {
    s.value().downcast::<Str>().expect("set at construction")
}

#[pymethods]
impl FormatterIterator {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &FormatterIterator) -> Res<Option<Value>> {
        let s = text_of(&this.text);
        let mut m = Markup { text: s, at: this.at.load(Ordering::Relaxed), end: s.len() };
        let piece = m.next(cx)?;
        this.at.store(m.at, Ordering::Relaxed);
        let Some(p) = piece else { return Ok(None) };
        let sub =
            |r: &std::ops::Range<usize>| Value::from_ref(Str::substring(cx, s, r.start, r.end));
        let mut parts = [sub(&p.literal), none(), none(), none()];
        if let Some(f) = &p.field {
            parts[1] = sub(&f.name);
            parts[2] = sub(&f.spec);
            if f.conversion != 0 {
                parts[3] = Value::from_ref(Str::from_chars(cx, [f.conversion]));
            }
        }
        Ok(Some(Value::from_ref(Tuple::from_slice(cx, &parts))))
    }
}

/// Over the `.name` and `[item]` parts of a field name.
#[repr(C)]
pub struct FieldNameIterator {
    head: Head,
    text: Slot,
    at: AtomicUsize,
}

pytype! { FieldNameIterator, PyFieldNameIter_Type, name: "fieldnameiterator", module: "builtins",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl FieldNameIterator {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &FieldNameIterator) -> Res<Option<Value>> {
        let s = text_of(&this.text);
        let mut rest = Rest { text: s, at: this.at.load(Ordering::Relaxed), end: s.len() };
        let next = rest.next(cx)?;
        this.at.store(rest.at, Ordering::Relaxed);
        let Some(a) = next else { return Ok(None) };
        let name = match a.index {
            Some(i) if !a.is_attr => Value::small(i as i64),
            _ => Value::from_ref(Str::substring(cx, s, a.name.start, a.name.end)),
        };
        Ok(Some(Value::from_ref(Tuple::pair(cx, py_bool(a.is_attr), name))))
    }
}

fn need_str(cx: &Thread, v: Value) -> Res<&'static Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(cx, TypeError, "expected str, got {}", v.ty().name()),
    }
}

/// The pieces of a format string: (literal, field name, spec, conversion).
#[pyfunction(text = "($self, object, /)")]
fn formatter_parser(cx: &Thread, string: Value) -> Res {
    let s = need_str(cx, string)?;
    let it = FormatterIterator { head: fresh_head(), text: Slot::empty(), at: AtomicUsize::new(0) };
    it.text.init(Some(Value::from_ref(s)));
    Ok(Value::from_ref(cx.alloc(it)))
}

/// The first part of a field name, and an iterator over the rest.
#[pyfunction(text = "($self, object, /)")]
fn formatter_field_name_split(cx: &Thread, string: Value) -> Res {
    let s = need_str(cx, string)?;
    let (first, number, rest) = split_field(cx, s, 0..s.len())?;
    let it = FieldNameIterator {
        head: fresh_head(),
        text: Slot::empty(),
        at: AtomicUsize::new(rest.at),
    };
    it.text.init(Some(Value::from_ref(s)));
    let it = Value::from_ref(cx.alloc(it));
    let first = match number {
        Some(n) => Value::small(n as i64),
        None => Value::from_ref(Str::substring(cx, s, first.start, first.end)),
    };
    Ok(Value::from_ref(Tuple::pair(cx, first, it)))
}

fn exec(cx: &Thread, _m: &Module) -> Res<()> {
    taipan_vm::types::ready::ready::<FormatterIterator>(cx);
    taipan_vm::types::ready::ready::<FieldNameIterator>(cx);
    Ok(())
}

pymodule! { "_string", doc: "Parsers of format strings, for string.Formatter.",
functions: [formatter_parser, formatter_field_name_split], exec: exec }
