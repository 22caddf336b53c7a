//! Python signatures of builtins: `(self, index=-1, /, *, key=None)` to rows of `Param`.

use proc_macro2::TokenStream as Tokens;
use quote::quote;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PKind {
    PosOnly,
    PosOrKw,
    VarArgs,
    KwOnly,
    VarKw,
}

#[derive(Clone, Debug)]
pub struct P {
    pub name: String,
    pub kind: PKind,
    pub default: Option<String>,
}

/// Splits at commas that stand outside brackets and quotes.
fn split(s: &str) -> Vec<String> {
    let (mut out, mut cur, mut depth, mut quote_ch) = (Vec::new(), String::new(), 0, None);
    for c in s.chars() {
        match quote_ch {
            Some(q) => {
                if c == q {
                    quote_ch = None;
                }
            }
            None => match c {
                '\'' | '"' => quote_ch = Some(c),
                '(' | '[' | '{' | '<' => depth += 1,
                ')' | ']' | '}' | '>' => depth -= 1,
                ',' if depth == 0 => {
                    out.push(std::mem::take(&mut cur));
                    continue;
                }
                _ => {}
            },
        }
        cur.push(c);
    }
    if !cur.trim().is_empty() {
        out.push(cur);
    }
    out.into_iter().map(|s| s.trim().to_string()).collect()
}

/// Parses a signature text; `skip_first` drops self / cls.
pub fn parse(text: &str, skip_first: bool) -> Result<Vec<P>, String> {
    let t = text.trim();
    let inner = t
        .strip_prefix('(')
        .and_then(|t| t.strip_suffix(')'))
        .ok_or_else(|| format!("signature must be parenthesised: {text}"))?;
    let mut out: Vec<P> = Vec::new();
    let mut kw_only = false;
    let mut parts = split(inner);
    if skip_first {
        if parts.is_empty() {
            return Err("signature needs self or cls".into());
        }
        parts.remove(0);
        if parts.first().is_some_and(|p| p == "/") {
            parts.remove(0);
        }
    }
    for p in parts {
        if p == "/" {
            for q in &mut out {
                q.kind = PKind::PosOnly;
            }
        } else if p == "*" {
            kw_only = true;
        } else if let Some(n) = p.strip_prefix("**") {
            out.push(P { name: n.into(), kind: PKind::VarKw, default: None });
        } else if let Some(n) = p.strip_prefix('*') {
            out.push(P { name: n.into(), kind: PKind::VarArgs, default: None });
            kw_only = true;
        } else {
            let (name, default) = match p.split_once('=') {
                Some((n, d)) => (n.trim().to_string(), Some(d.trim().to_string())),
                None => (p.clone(), None),
            };
            let kind = if kw_only { PKind::KwOnly } else { PKind::PosOrKw };
            out.push(P { name, kind, default });
        }
    }
    Ok(out)
}

pub fn tokens(ps: &[P]) -> Tokens {
    let rows = ps.iter().map(|p| {
        let name = &p.name;
        let kind = match p.kind {
            PKind::PosOnly => quote!(PosOnly),
            PKind::PosOrKw => quote!(PosOrKw),
            PKind::VarArgs => quote!(VarArgs),
            PKind::KwOnly => quote!(KwOnly),
            PKind::VarKw => quote!(VarKw),
        };
        let default = match &p.default {
            Some(d) => quote!(Some(#d)),
            None => quote!(None),
        };
        quote!(::taipan_vm::call::Param {
            name: #name, kind: ::taipan_vm::call::ParamKind::#kind, default: #default
        })
    });
    quote!(&[#(#rows),*])
}
