//! `__text_signature__` of native types: as in CPython, a doc that starts with `name(...)\n--\n\n`
//! carries the constructor's signature, which is no part of `__doc__`.

use crate::prelude::*;

/// The signature (with its parentheses) and the rest of a doc.
pub fn split_doc<'a>(name: &str, doc: &'a str) -> (Option<&'a str>, &'a str) {
    let marked = doc.strip_prefix(name).filter(|d| d.starts_with('('));
    match marked.and_then(|d| d.split_once(")\n--\n\n")) {
        Some((sig, rest)) => {
            let n = name.len();
            (Some(&doc[n..n + sig.len() + 1]), rest)
        }
        None => (None, doc),
    }
}

/// The signature of a native type's constructor, or None.
pub fn type_text_signature(cx: &Thread, ty: &Type) -> Value {
    let native = ty.info().native.filter(|_| !ty.is_heap());
    match native.and_then(|n| n.doc.map(|d| split_doc(n.name, d).0)).flatten() {
        Some(sig) => Value::from_ref(Str::new(cx, sig)),
        None => none(),
    }
}

/// The text of a native type.
#[cold]
#[inline(never)]
pub fn doc_of_native(cx: &Thread, native: &crate::types::layout::NativeType) -> Value {
    let text = native.doc.map(|t| split_doc(native.name, t).1);
    text.map_or(none(), |t| Value::from_ref(Str::new(cx, t)))
}
