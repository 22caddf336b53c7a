//! Attribute macros that declare builtin types, functions and modules of Taipan:
//! `#[pymethods]` on an impl block, `#[pyfunction]` on a function, `pymodule!`.
//! How to use them: docs/internals/writing-builtins.md. What they generate is plain tables and
//! thin entry functions; all behaviour is in `taipan_vm::bind` and `taipan_vm::types`.
#![forbid(unsafe_code)]

mod entry;
mod sig;
mod slots;

use proc_macro::TokenStream;
use proc_macro2::{Literal, TokenStream as Tokens};
use quote::{format_ident, quote};
use syn::{Attribute, ImplItem, ImplItemFn, ItemFn, ItemImpl, parse_macro_input};

/// Options inside `#[pymethod(sig = "...", name = "...", text = "...")]`.
#[derive(Default)]
pub(crate) struct Opts {
    pub sig: Option<String>,
    pub name: Option<String>,
    /// The method that all keywords are handed on to; its name is in the complaints about them.
    pub keywords_of: Option<String>,
    /// `__text_signature__` where it is not `sig`'s; empty: the builtin has none.
    pub text: Option<String>,
    /// CPython tells the method its class (`METH_METHOD`): one without parameters complains about any
    /// argument in the same words.
    pub defining_class: bool,
}

fn parse_opts(attr: &Attribute) -> syn::Result<Opts> {
    let mut opts = Opts::default();
    if matches!(attr.meta, syn::Meta::Path(_)) {
        return Ok(opts);
    }
    attr.parse_nested_meta(|m| {
        if m.path.is_ident("defining_class") {
            opts.defining_class = true;
            return Ok(());
        }
        let s: syn::LitStr = m.value()?.parse()?;
        if m.path.is_ident("sig") {
            opts.sig = Some(s.value());
        } else if m.path.is_ident("name") {
            opts.name = Some(s.value());
        } else if m.path.is_ident("keywords_of") {
            opts.keywords_of = Some(s.value());
        } else if m.path.is_ident("text") {
            opts.text = Some(s.value());
        } else {
            return Err(m.error("expected sig, name, keywords_of or text"));
        }
        Ok(())
    })?;
    Ok(opts)
}

/// The doc comment as one string.
pub(crate) fn doc_of(attrs: &[Attribute]) -> Tokens {
    let mut lines = Vec::new();
    for a in attrs {
        if a.path().is_ident("doc")
            && let syn::Meta::NameValue(nv) = &a.meta
            && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(s), .. }) = &nv.value
        {
            let s = s.value();
            lines.push(s.strip_prefix(' ').unwrap_or(&s).to_string());
        }
    }
    if lines.is_empty() {
        quote!(None)
    } else {
        let s = lines.join("\n");
        quote!(Some(#s))
    }
}

pub(crate) fn python_name(f: &syn::Signature, opts: &Opts) -> String {
    let n = f.ident.to_string();
    let n = n.strip_prefix("r#").unwrap_or(&n);
    opts.name.clone().unwrap_or_else(|| {
        if n.ends_with("__") { n.to_string() } else { n.trim_end_matches('_').to_string() }
    })
}

pub(crate) fn cstr(s: &str) -> Literal {
    Literal::c_string(&std::ffi::CString::new(s).expect("no nul in names"))
}

const ROLES: &[&str] =
    &["pymethod", "classmethod", "staticmethod", "getter", "setter", "slot", "pyfunction"];

/// Declares the methods, attributes and slots of a builtin type from an impl block.
#[proc_macro_attribute]
pub fn pymethods(_args: TokenStream, input: TokenStream) -> TokenStream {
    let mut item = parse_macro_input!(input as ItemImpl);
    match expand_methods(&mut item) {
        Ok(t) => t.into(),
        Err(e) => e.to_compile_error().into(),
    }
}

fn take_role(f: &mut ImplItemFn) -> syn::Result<Option<(String, Opts)>> {
    let Some(i) = f.attrs.iter().position(|a| ROLES.iter().any(|r| a.path().is_ident(r))) else {
        return Ok(None);
    };
    let attr = f.attrs.remove(i);
    let role = attr.path().get_ident().expect("matched by is_ident").to_string();
    Ok(Some((role, parse_opts(&attr)?)))
}

fn expand_methods(item: &mut ItemImpl) -> syn::Result<Tokens> {
    let ty = item.self_ty.clone();
    let mut rows = Vec::new();
    let mut fills = Vec::new();
    let mut getters: Vec<(String, Tokens, Tokens)> = Vec::new();
    let mut setters: Vec<(String, Tokens)> = Vec::new();
    for it in &mut item.items {
        let ImplItem::Fn(f) = it else { continue };
        let Some((role, opts)) = take_role(f)? else { continue };
        let name = python_name(&f.sig, &opts);
        match role.as_str() {
            "pymethod" => rows.push(entry::row(&ty, f, &name, &opts, entry::Kind::Instance)?),
            "classmethod" => rows.push(entry::row(&ty, f, &name, &opts, entry::Kind::Class)?),
            "staticmethod" => rows.push(entry::row(&ty, f, &name, &opts, entry::Kind::Static)?),
            "slot" => fills.push(slots::fill(&ty, f, &opts)?),
            "getter" => {
                let ident = &f.sig.ident;
                let this = entry::this_expr(f, 1, quote!(a))?;
                let doc = doc_of(&f.attrs);
                getters.push((
                    name,
                    quote!(|cx, a| {
                        ::taipan_vm::bind::IntoRes::into_res(<#ty>::#ident(cx, #this), cx)
                    }),
                    doc,
                ));
            }
            _ => {
                let ident = &f.sig.ident;
                let n = name.strip_prefix("set_").unwrap_or(&name).to_string();
                let this = entry::this_expr(f, 1, quote!(a))?;
                setters.push((n, quote!(Some(|cx, a, v| <#ty>::#ident(cx, #this, v)))));
            }
        }
    }
    let getset = getters.iter().map(|(n, get, doc)| {
        let set = setters
            .iter()
            .find(|(m, _)| m == n)
            .map(|(_, s)| s.clone())
            .unwrap_or_else(|| quote!(None));
        quote!(::taipan_vm::call::GetSetRow { name: #n, get: #get, set: #set, doc: #doc })
    });
    for (n, _) in &setters {
        if !getters.iter().any(|(m, ..)| m == n) {
            return Err(syn::Error::new_spanned(
                &item.self_ty,
                format!("setter {n} has no getter"),
            ));
        }
    }
    Ok(quote! {
        #[allow(clippy::too_many_arguments)]
        #item
        impl ::taipan_vm::types::NativeMethods for #ty {
            const METHODS: &'static [::taipan_vm::call::MethodRow] = &[#(#rows),*];
            const GETSET: &'static [::taipan_vm::call::GetSetRow] = &[#(#getset),*];
            fn fill(slots: &::taipan_vm::types::slots::Slots) {
                let _ = slots;
                #(#fills)*
            }
        }
    })
}

/// Declares a function of a native module; list it in `pymodule!`.
#[proc_macro_attribute]
pub fn pyfunction(args: TokenStream, input: TokenStream) -> TokenStream {
    let f = parse_macro_input!(input as ItemFn);
    let args: Tokens = args.into();
    let attr: Attribute = if args.is_empty() {
        syn::parse_quote!(#[pyfunction])
    } else {
        syn::parse_quote!(#[pyfunction(#args)])
    };
    let r = (|| {
        let opts = parse_opts(&attr)?;
        let name = python_name(&f.sig, &opts);
        let row = entry::function_row(&f, &name, &opts)?;
        let const_name = format_ident!("__ROW_{}", f.sig.ident);
        Ok::<_, syn::Error>(quote! {
            #[allow(clippy::too_many_arguments)]
            #f
            #[doc(hidden)]
            #[allow(non_upper_case_globals)]
            pub const #const_name: ::taipan_vm::call::MethodRow = #row;
        })
    })();
    r.unwrap_or_else(|e| e.to_compile_error()).into()
}

struct ModuleSpec {
    name: syn::LitStr,
    doc: Option<syn::LitStr>,
    functions: Vec<syn::Path>,
    exec: Option<syn::Path>,
}

impl syn::parse::Parse for ModuleSpec {
    fn parse(p: syn::parse::ParseStream) -> syn::Result<Self> {
        let mut m = ModuleSpec { name: p.parse()?, doc: None, functions: vec![], exec: None };
        while p.parse::<Option<syn::Token![,]>>()?.is_some() && !p.is_empty() {
            let key: syn::Ident = p.parse()?;
            p.parse::<syn::Token![:]>()?;
            match key.to_string().as_str() {
                "doc" => m.doc = Some(p.parse()?),
                "exec" => m.exec = Some(p.parse()?),
                "functions" => {
                    let inner;
                    syn::bracketed!(inner in p);
                    m.functions = inner
                        .parse_terminated(syn::Path::parse_mod_style, syn::Token![,])?
                        .into_iter()
                        .collect();
                }
                _ => return Err(syn::Error::new(key.span(), "expected doc, functions or exec")),
            }
        }
        Ok(m)
    }
}

/// `pymodule! { "_bisect", doc: "...", functions: [f, g], exec: exec }` declares
/// `pub static MODULE: ModuleDef`.
#[proc_macro]
pub fn pymodule(input: TokenStream) -> TokenStream {
    let m = parse_macro_input!(input as ModuleSpec);
    let name = &m.name;
    let doc = m.doc.map(|d| quote!(Some(#d))).unwrap_or(quote!(None));
    let exec = m.exec.map(|e| quote!(Some(#e))).unwrap_or(quote!(None));
    let rows = m.functions.iter().map(|p| {
        let mut p = p.clone();
        let last = p.segments.last_mut().expect("a path has a segment");
        last.ident = format_ident!("__ROW_{}", last.ident);
        quote!(#p)
    });
    quote! {
        /// The declaration of this native module.
        pub static MODULE: ::taipan_vm::module_def::ModuleDef = ::taipan_vm::module_def::ModuleDef {
            name: #name,
            doc: #doc,
            functions: &[#(#rows),*],
            exec: #exec,
        };
    }
    .into()
}
