//! `#[slot]`: stores a typed function into the slot of a special method.

use crate::Opts;
use crate::entry::{bound_slot, this_expr};
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{ImplItemFn, Type};

/// Special method, slot field, parameters after the context (s: self, may be `&T`).
const TABLE: &[(&str, &str, &[&str])] = &[
    ("__repr__", "repr", &["s"]),
    ("__str__", "str", &["s"]),
    ("__hash__", "hash", &["s"]),
    ("__getattribute__", "getattro", &["s", "n"]),
    ("__setattr__", "setattro", &["s", "n", "v"]),
    ("__richcmp__", "richcmp", &["s", "o", "op"]),
    ("__iter__", "iter", &["s"]),
    ("__next__", "next", &["s"]),
    ("__get__", "descr_get", &["s", "o", "t"]),
    ("__set__", "descr_set", &["s", "o", "v"]),
    ("__del__", "del", &["s"]),
    ("__pow__", "pow", &["a", "b", "m"]),
    ("__ipow__", "ipow", &["a", "b", "m"]),
    ("__bool__", "bool", &["s"]),
    ("__len__", "len", &["s"]),
    ("__getitem__", "getitem", &["s", "k"]),
    ("__setitem__", "setitem", &["s", "k", "v"]),
    ("__contains__", "contains", &["s", "k"]),
    ("__concat__", "concat", &["s", "o"]),
    ("__repeat__", "repeat", &["s", "n"]),
    ("__iconcat__", "iconcat", &["s", "o"]),
    ("__irepeat__", "irepeat", &["s", "n"]),
    ("__await__", "await_", &["s"]),
    ("__aiter__", "aiter", &["s"]),
    ("__anext__", "anext", &["s"]),
    ("__buffer__", "getbuffer", &["s", "f"]),
    ("__release_buffer__", "releasebuffer", &["s", "b"]),
    ("__neg__", "neg", &["s"]),
    ("__pos__", "pos", &["s"]),
    ("__abs__", "abs", &["s"]),
    ("__invert__", "invert", &["s"]),
    ("__int__", "int", &["s"]),
    ("__float__", "float", &["s"]),
    ("__index__", "index", &["s"]),
];

/// Binary number methods: both operands are plain values, either may be of the type.
const BINARY: &[&str] = &[
    "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "lshift", "rshift",
    "and", "xor", "or",
];

pub fn fill(ty: &Type, f: &ImplItemFn, opts: &Opts) -> syn::Result<Tokens> {
    let ident = &f.sig.ident;
    let name = ident.to_string();
    let tn = quote!(<#ty as ::taipan_vm::types::PyType>::NAME);
    let raw = opts.sig.is_none() && f.sig.inputs.len() == 4;
    match name.as_str() {
        "__new__" | "__init__" | "__call__" => {
            let field = format_ident!("{}", name.trim_matches('_'));
            let this = if name == "__new__" { quote!(s) } else { this_expr(f, 1, quote!(s))? };
            let fname = if name == "__call__" { quote!("__call__") } else { tn };
            let body = if raw {
                quote!(<#ty>::#ident(cx, #this, args, kw))
            } else {
                bound_slot(ty, f, opts, fname, this)?
            };
            return Ok(quote!(slots.#field.set(|cx, s, args, kw| { #body });));
        }
        _ => {}
    }
    if let Some((_, field, ps)) = TABLE.iter().find(|(n, ..)| *n == name) {
        if f.sig.inputs.len() != ps.len() + 1 {
            return Err(syn::Error::new_spanned(
                &f.sig,
                format!("{name} takes cx and {} parameters", ps.len()),
            ));
        }
        let field = format_ident!("{}", field);
        let names: Vec<_> = ps.iter().map(|p| format_ident!("p_{}", p)).collect();
        let mut args: Vec<Tokens> = names.iter().map(|n| quote!(#n)).collect();
        args[0] = this_expr(f, 1, args[0].clone())?;
        return Ok(quote!(slots.#field.set(|cx, #(#names),*| <#ty>::#ident(cx, #(#args),*));));
    }
    let base = name.trim_matches('_');
    let (inplace, op) = match base.strip_prefix('i') {
        Some(op) if BINARY.contains(&op) => (true, op),
        _ => (false, base),
    };
    if !BINARY.contains(&op) {
        return Err(syn::Error::new_spanned(ident, format!("{name} is no slot")));
    }
    let op = if op == "mod" { "rem" } else { op };
    let field = format_ident!("{}{}", if inplace { "i" } else { "" }, op);
    let first = if inplace { this_expr(f, 1, quote!(a))? } else { quote!(a) };
    Ok(quote!(slots.#field.set(|cx, a, b| <#ty>::#ident(cx, #first, b));))
}
