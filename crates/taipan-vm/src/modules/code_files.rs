//! What Taipan adds to the library's handling of code files: a cached file whose code is damaged counts
//! as stale and is compiled anew.
//!
//! `importlib._bootstrap_external` looks at the header only (`_classify_pyc`), and ends with an error
//! where the body is damaged. The body of Taipan's files carries a digest, which is asked for here.

use crate::objects::builtin_function;
use crate::prelude::*;
use taipan_compiler::image::{Image, ImageError};

/// Bytes of a code file's header.
const HEADER: usize = 16;

/// Checks a code file's header and, where it holds code, the code; gives the header's flags.
#[pyfunction(sig = "(data, name, exc_details)")]
fn _classify_pyc(cx: &Thread, data: Value, name: Value, exc_details: Value) -> Res {
    let external = cx.vm.roots.bootstrap_external.value();
    let header = get_attr(cx, external, id!(cx, "_classify_pyc_header"))?;
    let flags = call(cx, header, &[data, name, exc_details])?;
    let body = data.downcast::<Bytes>().and_then(|b| b.as_slice().get(HEADER..));
    // Anything but code is the loader's to complain about.
    if let Some(code) = body.and_then(|b| b.strip_prefix(b"c")) {
        match Image::open(code) {
            Ok(image) if image.is_sound() => {}
            Err(ImageError::Truncated) => raise!(cx, EOFError, "marshal data too short"),
            _ => {
                let text = format!("damaged code in {}", repr(cx, name)?);
                let message = Value::from_ref(Str::new(cx, &text));
                let class = Value::from_ref(exc::ImportError());
                let kw = exc_details.downcast::<Dict>();
                return Err(Raised(call_dict(cx, class, &[message], kw)?));
            }
        }
    }
    Ok(flags)
}

static CLASSIFY: crate::call::MethodRow = __ROW__classify_pyc;

/// Puts the check in its place.
pub fn install(cx: &Thread, external: Value) -> Res<()> {
    let name = id!(cx, "_classify_pyc");
    let header = get_attr(cx, external, name)?;
    set_attr(cx, external, id!(cx, "_classify_pyc_header"), Some(header))?;
    let module = Value::from_ref(id!(cx, "_frozen_importlib_external"));
    let f = builtin_function::new(cx, &CLASSIFY, None, Some(module));
    set_attr(cx, external, name, Some(f))
}
