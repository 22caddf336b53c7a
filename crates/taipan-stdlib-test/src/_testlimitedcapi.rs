//! `_testlimitedcapi`: the sequence protocol and attribute tests by C text.

use taipan_vm::prelude::*;

/// The item at an index, through the sequence protocol.
#[pyfunction]
fn sequence_getitem(cx: &Thread, obj: Value, index: i64) -> Res {
    get_item(cx, obj, Value::small(index))
}

/// Stores an item at an index.
#[pyfunction]
fn sequence_setitem(cx: &Thread, obj: Value, index: i64, item: Value) -> Res {
    set_item(cx, obj, Value::small(index), item)?;
    Ok(Value::small(0))
}

/// Removes the item at an index.
#[pyfunction]
fn sequence_delitem(cx: &Thread, obj: Value, index: i64) -> Res {
    del_item(cx, obj, Value::small(index))?;
    Ok(Value::small(0))
}

/// Does an attribute of this name (a bytes object) exist? Errors other than AttributeError are
/// reported as unraisable and count as no.
#[pyfunction]
fn object_hasattrstring(cx: &Thread, obj: Value, name: &'static Bytes) -> Res<bool> {
    let name = taipan_vm::objects::str::intern(cx, &String::from_utf8_lossy(name.as_slice()));
    match get_attr_opt(cx, obj, name) {
        Ok(v) => Ok(v.is_some()),
        Err(e) => {
            let msg = "in PyObject_HasAttrString(); consider using PyObject_HasAttrStringWithError(), PyObject_GetOptionalAttrString() or PyObject_GetAttrString()";
            taipan_vm::modules::sys::hooks::unraisable(cx, e, None, Some(msg));
            Ok(false)
        }
    }
}

fn codec_part(cx: &Thread, encoding: &Str, part: &'static str, errors: Option<Value>) -> Res {
    let lookup = taipan_vm::objects::module::import_attr(cx, "_codecs", "lookup")?;
    let info = call(cx, lookup, &[Value::from_ref(encoding)])?;
    let class = get_attr(cx, info, taipan_vm::objects::str::intern(cx, part))?;
    match errors {
        Some(e) => call(cx, class, &[e]),
        None => call(cx, class, &[]),
    }
}

/// A codec's incremental encoder.
#[pyfunction(sig = "(encoding, errors=None, /)")]
fn codec_incrementalencoder(cx: &Thread, encoding: &'static Str, errors: Option<Value>) -> Res {
    codec_part(cx, encoding, "incrementalencoder", errors)
}

/// A codec's incremental decoder.
#[pyfunction(sig = "(encoding, errors=None, /)")]
fn codec_incrementaldecoder(cx: &Thread, encoding: &'static Str, errors: Option<Value>) -> Res {
    codec_part(cx, encoding, "incrementaldecoder", errors)
}

pymodule! {
    "_testlimitedcapi",
    doc: "Stand-in for CPython's test module of the limited C API.",
    functions: [sequence_getitem, sequence_setitem, sequence_delitem, object_hasattrstring,
        codec_incrementalencoder, codec_incrementaldecoder]
}
