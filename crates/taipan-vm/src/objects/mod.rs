//! The builtin types, one file or folder each.

pub mod builtin_function;
pub mod bytearray;
pub mod bytes;
mod bytes_methods;
mod bytes_ops;
mod bytes_percent;
mod bytes_shared;
pub mod range;
pub mod map_filter_zip;
pub mod enumerate;
pub mod text_builder;
pub mod numeric_format;
pub mod int;
pub mod float;
pub mod complex;
pub mod bool;
pub mod typevar;
pub mod memoryview;
pub mod traceback;
pub mod method;
pub mod function;
pub mod async_generator;
pub mod cell;
pub mod code;
pub mod coroutine;
pub mod frame;
pub mod generator;
pub mod descr;
pub mod dict;
pub mod exception_group;
pub mod exceptions;
pub mod generic_alias;
pub mod hashing;
pub mod iterators;
pub mod list;
pub mod mappingproxy;
pub mod module;
pub mod object;
pub mod property;
pub mod reduce;
pub mod seqiter;
pub mod set;
pub mod signature;
pub mod singletons;
pub mod slice;
pub mod storage;
pub mod structseq;
pub mod str;
pub mod super_;
pub mod tuple;
pub mod union;
pub mod weakref;

use crate::prelude::*;

/// Issues a warning of a category through the `warnings` machinery (`PyErr_WarnEx`).
pub fn warn(cx: &Thread, category: &'static Type, msg: &str, stack_level: usize) -> Res<()> {
    let f = module::import_attr(cx, "_warnings", "warn")?;
    let args = [
        Value::from_ref(Str::new(cx, msg)),
        Value::from_ref(category),
        Value::small(stack_level as i64),
    ];
    call(cx, f, &args)?;
    Ok(())
}

pub fn warn_deprecated(cx: &Thread, msg: &str) -> Res<()> {
    warn(cx, exc::DeprecationWarning(), msg, 1)
}
