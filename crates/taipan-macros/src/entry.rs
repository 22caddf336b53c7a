//! Entry functions and `MethodRow`s: argument binding around a typed Rust function.

use crate::sig::{self, P, PKind};
use crate::{Opts, cstr, doc_of};
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{FnArg, ImplItemFn, ItemFn, Signature, Type};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Instance,
    Class,
    Static,
    Function,
}

/// The Rust parameters after the context.
fn typed_params(s: &Signature) -> syn::Result<Vec<(String, Type)>> {
    let mut out = Vec::new();
    for a in s.inputs.iter().skip(1) {
        match a {
            FnArg::Typed(t) => {
                let name = match &*t.pat {
                    syn::Pat::Ident(i) => i.ident.to_string(),
                    _ => "arg".into(),
                };
                let name = name.trim_start_matches("r#").trim_start_matches('_').to_string();
                let name = name.trim_end_matches('_').to_string();
                out.push((name, (*t.ty).clone()));
            }
            FnArg::Receiver(_) => {
                return Err(syn::Error::new_spanned(a, "take `this: &T`, not self"));
            }
        }
    }
    Ok(out)
}

fn is_ref(t: &Type) -> bool {
    matches!(t, Type::Reference(_))
}

/// Turns the word `val` into parameter number `i` (1 is the first after cx): `Value` stays, `&T`
/// is cast without a check, which the caller has made.
pub fn this_expr(f: &ImplItemFn, i: usize, val: Tokens) -> syn::Result<Tokens> {
    let ps = typed_params(&f.sig)?;
    let Some((_, t)) = ps.get(i - 1) else {
        return Err(syn::Error::new_spanned(&f.sig, "expected a `this` parameter"));
    };
    Ok(if is_ref(t) { quote!(::taipan_vm::bind::cast_self(#val)) } else { val })
}

/// A Rust expression for the default of a parameter that is not an `Option`.
fn default_expr(p: &P, t: &Type) -> syn::Result<Tokens> {
    let d = p.default.as_deref().expect("only called with a default");
    let ty = quote!(#t).to_string();
    let err = || {
        syn::Error::new_spanned(
            t,
            format!("parameter {}: default {d} needs the Rust type Option<..>", p.name),
        )
    };
    if ty == "Value" {
        return Ok(match d {
            "None" => quote!(::taipan_vm::prelude::none()),
            "True" => quote!(::taipan_vm::prelude::py_bool(true)),
            "False" => quote!(::taipan_vm::prelude::py_bool(false)),
            _ => {
                let n: i64 = d.parse().map_err(|_| err())?;
                quote!(::taipan_vm::prelude::Value::small(#n))
            }
        });
    }
    match (ty.as_str(), d) {
        ("bool", "True") => Ok(quote!(true)),
        ("bool", "False") => Ok(quote!(false)),
        ("bool", "0") => Ok(quote!(false)),
        ("bool", "1") => Ok(quote!(true)),
        ("f64", _) => {
            let x: f64 = d.parse().map_err(|_| err())?;
            Ok(quote!(#x))
        }
        ("usize" | "isize" | "i64" | "u64" | "i32" | "u32" | "u8", "sys.maxsize") => {
            Ok(quote!(isize::MAX as #t))
        }
        ("usize" | "isize" | "i64" | "u64" | "i32" | "u32" | "u8", _) => {
            let n: i64 = d.parse().map_err(|_| err())?;
            let n = proc_macro2::Literal::i64_unsuffixed(n.abs());
            Ok(if d.starts_with('-') { quote!(-#n) } else { quote!(#n) })
        }
        _ => Err(err()),
    }
}

/// Signature rows: from the text, or all parameters positional-only.
fn params(
    s: &Signature,
    opts: &Opts,
    skip_rust: usize,
    skip_first: bool,
) -> syn::Result<(Vec<P>, Vec<(String, Type)>)> {
    let rust: Vec<_> = typed_params(s)?.into_iter().skip(skip_rust).collect();
    let ps = match &opts.sig {
        Some(t) => sig::parse(t, skip_first).map_err(|e| syn::Error::new_spanned(s, e))?,
        None => rust
            .iter()
            .map(|(n, _)| P { name: n.clone(), kind: PKind::PosOnly, default: None })
            .collect(),
    };
    if ps.len() != rust.len() {
        return Err(syn::Error::new_spanned(
            s,
            format!("the signature has {} parameters, the function {}", ps.len(), rust.len()),
        ));
    }
    Ok((ps, rust))
}

/// Statements that bind `rest: &[Value]` and `kw` and an argument list for the call.
fn binding(
    ps: &[P],
    rust: &[(String, Type)],
    receiver: Tokens,
) -> syn::Result<(Tokens, Vec<Tokens>)> {
    let n = ps.iter().filter(|p| !matches!(p.kind, PKind::VarArgs | PKind::VarKw)).count();
    let mut call = Vec::new();
    let mut lets = Vec::new();
    let mut at = 0usize;
    for (p, (_, t)) in ps.iter().zip(rust) {
        match p.kind {
            PKind::VarArgs => call.push(quote!(__extra)),
            PKind::VarKw => call.push(quote!(__kwargs)),
            _ => {
                let v = format_ident!("__a{}", at);
                let is_option = quote!(#t).to_string().starts_with("Option <");
                let e = if is_option || p.default.is_none() {
                    quote!(::taipan_vm::bind::FromArg::from_optional(cx, __out[#at], &__SIG, #at)?)
                } else {
                    let d = default_expr(p, t)?;
                    quote!(match __out[#at] {
                        Some(v) => <#t as ::taipan_vm::bind::FromArg>::from_arg(cx, v, &__SIG, #at)?,
                        None => #d,
                    })
                };
                lets.push(quote!(let #v: #t = #e;));
                call.push(quote!(#v));
                at += 1;
            }
        }
    }
    let binder = if ps.is_empty() {
        quote!(::taipan_vm::bind::no_args(cx, &__SIG, #receiver, __rest, kw)?;)
    } else {
        let positional = |p: &&P| matches!(p.kind, PKind::PosOnly | PKind::PosOrKw);
        let max = ps.iter().filter(positional).count();
        let min = ps.iter().filter(positional).filter(|p| p.default.is_none()).count();
        let open = ps.iter().any(|p| p.kind == PKind::VarArgs);
        let needs_kw = ps.iter().any(|p| p.kind == PKind::KwOnly && p.default.is_none());
        let slow = quote!(::taipan_vm::bind::bind(cx, &__SIG, #receiver, __rest, kw, &mut __out)?);
        // A call by position that fits is bound here, by counts known now.
        let bound = if needs_kw {
            slow
        } else {
            quote! {
                if kw.is_none() && ::taipan_vm::bind::fits::<#min, #max, #open>(__rest) {
                    ::taipan_vm::bind::positional::<#min, #max, #n>(__rest, &mut __out)
                } else {
                    #slow
                }
            }
        };
        quote! {
            let mut __out = [None; #n];
            #[allow(unused_variables)]
            let (__extra, __kwargs): ::taipan_vm::bind::Extra = #bound;
        }
    };
    Ok((quote!(#binder #(#lets)*), call))
}

/// `__text_signature__`: `($self, x, /)`.
fn text_signature(ps: &[P], kind: Kind) -> String {
    let mut parts: Vec<String> = match kind {
        Kind::Instance => vec!["$self".into()],
        Kind::Class => vec!["$type".into()],
        Kind::Function => vec!["$module".into()],
        Kind::Static => vec![],
    };
    let mut last = if parts.is_empty() { None } else { Some(PKind::PosOnly) };
    for p in ps {
        if last == Some(PKind::PosOnly) && p.kind != PKind::PosOnly {
            parts.push("/".into());
        }
        if p.kind == PKind::KwOnly && !matches!(last, Some(PKind::KwOnly | PKind::VarArgs)) {
            parts.push("*".into());
        }
        parts.push(match (p.kind, &p.default) {
            (PKind::VarArgs, _) => format!("*{}", p.name),
            (PKind::VarKw, _) => format!("**{}", p.name),
            (_, Some(d)) => format!("{}={}", p.name, d),
            (_, None) => p.name.clone(),
        });
        last = Some(p.kind);
    }
    if last == Some(PKind::PosOnly) {
        parts.push("/".into());
    }
    format!("({})", parts.join(", "))
}

fn c_flags(ps: &[P], kind: Kind) -> i32 {
    const VARARGS: i32 = 1;
    const KEYWORDS: i32 = 2;
    const NOARGS: i32 = 4;
    const O: i32 = 8;
    const CLASS: i32 = 16;
    const STATIC: i32 = 32;
    const FASTCALL: i32 = 128;
    let base = if ps.is_empty() {
        NOARGS
    } else if ps.iter().all(|p| p.kind == PKind::PosOnly) {
        if ps.len() == 1 && ps[0].default.is_none() { O } else { FASTCALL }
    } else if ps.iter().all(|p| matches!(p.kind, PKind::PosOnly | PKind::VarArgs)) {
        VARARGS
    } else {
        FASTCALL | KEYWORDS
    };
    base | match kind {
        Kind::Class => CLASS,
        Kind::Static => STATIC,
        _ => 0,
    }
}

fn sig_static(fname: Tokens, owner: Tokens, opts: &Opts, ps: &[P], text: Tokens) -> Tokens {
    let rows = sig::tokens(ps);
    let keywords_of = match &opts.keywords_of {
        Some(name) => quote!(Some(#name)),
        None => quote!(None),
    };
    quote! {
        static __SIG: ::taipan_vm::call::Sig = ::taipan_vm::call::Sig {
            fname: #fname,
            owner: ::taipan_vm::call::Owner::#owner,
            params: #rows,
            text: #text,
            keywords_of: #keywords_of,
        };
    }
}

#[allow(clippy::too_many_arguments)]
fn row_tokens(
    name: &str,
    owner: Tokens,
    opts: &Opts,
    ps: &[P],
    kind: Kind,
    doc: Tokens,
    entry: Tokens,
    text: &str,
) -> Tokens {
    let cname = cstr(name);
    let flags = c_flags(ps, kind);
    let kind_tokens = match kind {
        Kind::Instance => quote!(Instance),
        Kind::Class => quote!(Class),
        Kind::Static => quote!(Static),
        Kind::Function => quote!(Function),
    };
    let text = match opts.text.as_deref() {
        None => quote!(Some(#text)),
        Some("") => quote!(None),
        Some(text) => quote!(Some(#text)),
    };
    let statics = sig_static(quote!(#name), owner, opts, ps, text);
    quote! {{
        #statics
        ::taipan_vm::call::MethodRow {
            c: ::taipan_vm::call::PyMethodDef::new(#cname, #flags),
            entry: #entry,
            name: #name,
            kind: ::taipan_vm::call::MethodKind::#kind_tokens,
            sig: &__SIG,
            doc: #doc,
        }
    }}
}

/// The row of a method of a type.
pub fn row(ty: &Type, f: &ImplItemFn, name: &str, opts: &Opts, kind: Kind) -> syn::Result<Tokens> {
    let has_self = kind != Kind::Static;
    let (ps, rust) = params(&f.sig, opts, has_self as usize, has_self)?;
    let receiver = if has_self { quote!(Some(__receiver)) } else { quote!(None) };
    let (bind, call) = binding(&ps, &rust, receiver)?;
    let ident = &f.sig.ident;
    let split = match kind {
        Kind::Instance => {
            let this = this_expr(f, 1, quote!(__receiver))?;
            quote! {
                let (__receiver, __rest) = ::taipan_vm::bind::split_self::<#ty>(cx, args, kw, #name)?;
                let __self = #this;
            }
        }
        Kind::Class => {
            let this = this_expr(f, 1, quote!(__receiver))?;
            quote! {
                let (__receiver, __rest) = ::taipan_vm::bind::split_class::<#ty>(cx, args, kw, #name)?;
                let __self = #this;
            }
        }
        _ => quote!(let __rest = args;),
    };
    let self_arg = if has_self { quote!(__self,) } else { quote!() };
    let text = text_signature(&ps, kind);
    let owner = match opts.defining_class {
        true => quote!(DefiningClass),
        false => quote!(Type(<#ty as ::taipan_vm::types::PyType>::NAME)),
    };
    let sig_st = sig_static(quote!(#name), owner.clone(), opts, &ps, quote!(None));
    let entry = quote! {
        |cx, args, kw| {
            #sig_st
            #split
            #bind
            ::taipan_vm::bind::IntoRes::into_res(<#ty>::#ident(cx, #self_arg #(#call),*), cx)
        }
    };
    Ok(row_tokens(name, owner, opts, &ps, kind, doc_of(&f.attrs), entry, &text))
}

/// The row of a module function.
pub fn function_row(f: &ItemFn, name: &str, opts: &Opts) -> syn::Result<Tokens> {
    let (ps, rust) = params(&f.sig, opts, 0, false)?;
    let (bind, call) = binding(&ps, &rust, quote!(None))?;
    let ident = &f.sig.ident;
    let text = text_signature(&ps, Kind::Function);
    let owner = quote!(Module(module_path!()));
    let sig_st = sig_static(quote!(#name), owner.clone(), opts, &ps, quote!(None));
    let entry = quote! {
        |cx, args, kw| {
            #sig_st
            let __rest = args;
            #bind
            ::taipan_vm::bind::IntoRes::into_res(#ident(cx, #(#call),*), cx)
        }
    };
    Ok(row_tokens(name, owner, opts, &ps, Kind::Function, doc_of(&f.attrs), entry, &text))
}

/// The body of a `new`, `init` or `call` slot that binds arguments by a signature.
pub fn bound_slot(
    ty: &Type,
    f: &ImplItemFn,
    opts: &Opts,
    fname: Tokens,
    this: Tokens,
) -> syn::Result<Tokens> {
    let (ps, rust) = params(&f.sig, opts, 1, true)?;
    let (bind, call) = binding(&ps, &rust, quote!(None))?;
    let ident = &f.sig.ident;
    let sig_st = sig_static(fname, quote!(Slot), opts, &ps, quote!(None));
    let positional = ps.iter().all(|p| p.kind == PKind::PosOnly);
    let filter = match ident.to_string().as_str() {
        "__new__" if positional => quote! {
            let (args, kw) = ::taipan_vm::bind::new_arguments::<#ty>(s, args, kw);
        },
        "__init__" if positional => quote! {
            let (args, kw) = ::taipan_vm::bind::init_arguments::<#ty>(s, args, kw);
        },
        _ => quote!(),
    };
    Ok(quote! {
        #sig_st
        #filter
        let __rest = args;
        let __self = #this;
        #bind
        <#ty>::#ident(cx, __self, #(#call),*)
    })
}
