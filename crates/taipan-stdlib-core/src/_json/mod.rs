//! `_json`: the accelerator of the json package. The package's Python code has the options and the
//! error class.

mod encode;
mod scan;

use taipan_vm::objects::str::StrBuilder;
use taipan_vm::prelude::*;

/// Raises `json.JSONDecodeError(msg, text, position)`.
#[cold]
fn decode_error(cx: &Thread, msg: &str, text: &Str, at: usize) -> Raised {
    let class = match taipan_vm::objects::module::import_attr(cx, "json.decoder", "JSONDecodeError")
    {
        Ok(c) => c,
        Err(e) => return e,
    };
    let args = [Value::from_ref(Str::new(cx, msg)), Value::from_ref(text), Value::small(at as i64)];
    match call(cx, class, &args) {
        Ok(e) => Raised(e),
        Err(e) => e,
    }
}

fn text_arg(cx: &Thread, v: Value) -> Res<&'static Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(cx, TypeError, "first argument must be a string, not {}", v.ty().name()),
    }
}

/// A JSON string of ASCII characters only.
#[pyfunction(sig = "(string, /)", text = "($self, object, /)")]
fn encode_basestring_ascii(cx: &Thread, string: Value) -> Res {
    let s = text_arg(cx, string)?;
    let mut b = StrBuilder::with_capacity(s.len() + 2);
    encode::push_ascii(&mut b, s);
    Ok(b.value(cx))
}

/// A JSON string.
#[pyfunction(sig = "(string, /)", text = "($self, object, /)")]
fn encode_basestring(cx: &Thread, string: Value) -> Res {
    let s = text_arg(cx, string)?;
    let mut b = StrBuilder::with_capacity(s.len() + 2);
    encode::push_unicode(&mut b, s);
    Ok(b.value(cx))
}

/// The string that begins at `end`, after its quote, and the index after its closing quote.
#[pyfunction(sig = "(string, end, strict=True, /)", text = "")]
fn scanstring(cx: &Thread, string: Value, end: isize, strict: bool) -> Res {
    let Some(s) = string.downcast::<Str>() else {
        raise!(cx, TypeError, "first argument must be a string, not {}", string.ty().name());
    };
    if end < 0 || end as usize > s.len() {
        raise!(cx, ValueError, "end is out of bounds");
    }
    let (v, at) = scan::string(cx, s, end as usize, strict)?;
    Ok(Value::from_ref(Tuple::pair(cx, Value::from_ref(v), Value::small(at as i64))))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let s = taipan_vm::types::ready::ready::<scan::Scanner>(cx);
    let e = taipan_vm::types::ready::ready::<encode::Encoder>(cx);
    m.add(cx, "make_scanner", Value::from_ref(s));
    m.add(cx, "make_encoder", Value::from_ref(e));
    let get = |name: &str| m.dict().get_str(cx, taipan_vm::objects::str::intern(cx, name));
    if let (Some(a), Some(u)) = (get("encode_basestring_ascii"), get("encode_basestring")) {
        encode::remember(a, u);
    }
    Ok(())
}

pymodule! { "_json", doc: "json speedups\n",
functions: [encode_basestring_ascii, encode_basestring, scanstring], exec: exec }
