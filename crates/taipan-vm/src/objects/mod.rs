//! The builtin types, one file or folder each.

pub mod async_generator;
pub mod bool;
pub mod builtin_function;
pub mod bytearray;
pub mod bytes;
mod bytes_methods;
pub mod bytes_ops;
mod bytes_percent;
mod bytes_shared;
pub mod cell;
pub mod code;
pub mod complex;
pub mod coroutine;
pub mod descr;
pub mod dict;
pub mod enumerate;
pub mod exception_group;
pub mod exceptions;
pub mod float;
pub mod frame;
pub mod function;
pub mod generator;
pub mod generic_alias;
pub mod hashing;
pub mod int;
pub mod iterators;
pub mod list;
pub mod map_filter_zip;
pub mod mappingproxy;
pub mod memoryview;
pub mod method;
pub mod module;
pub mod namespace;
pub mod numeric_format;
pub mod object;
pub mod packed_item;
pub mod pieces;
pub mod property;
pub mod range;
pub mod reduce;
pub mod seqiter;
pub mod set;
pub mod signature;
pub mod singletons;
pub mod slice;
pub mod std_printer;
pub mod storage;
pub mod str;
pub mod struct_fields;
pub mod structseq;
pub mod super_;
pub mod text_builder;
pub mod traceback;
pub mod tuple;
pub mod typevar;
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

macro_rules! core_types {
    ($($path:path),* $(,)?) => {
        /// Readies the types that programs see from the start.
        pub fn ready_types(cx: &Thread) {
            $(crate::types::ready::ready::<$path>(cx);)*
        }
    };
}

core_types! {
    Str, Tuple, List, Dict, Bytes, float::Float, complex::Complex, bool::Bool,
    slice::Slice, range::Range, set::Set, set::FrozenSet, mappingproxy::MappingProxy,
    seqiter::SeqIter, seqiter::CallIter, generic_alias::GenericAliasIterator,
    list::iter::ListIter, list::iter::ListRevIter, tuple::methods::TupleIter,
    dict::iter::DictKeyIter, dict::iter::DictValueIter, dict::iter::DictItemIter,
    dict::iter::DictRevKeyIter, dict::iter::DictRevValueIter, dict::iter::DictRevItemIter,
    dict::views::DictKeys, dict::views::DictValues, dict::views::DictItems, set::iter::SetIter,
    range::RangeIter, range::LongRangeIter, enumerate::Enumerate, enumerate::Reversed,
    map_filter_zip::Map, map_filter_zip::Filter, map_filter_zip::Zip,
    code::Code, function::Function, method::Method, cell::Cell, frame::Frame, frame::FrameLocals,
    generator::Generator, coroutine::Coroutine, coroutine::CoroutineWrapper,
    async_generator::AsyncGenerator, async_generator::Asend, async_generator::Athrow,
    async_generator::Wrapped, async_generator::AnextAwaitable, traceback::Traceback,
    bytearray::ByteArray, bytearray::ByteArrayIter, bytes_methods::BytesIter, str::iter::StrIter,
    str::iter::StrAsciiIter, memoryview::ManagedBuffer, memoryview::MemoryView,
    memoryview::MemoryIter, memoryview::BufferWrapper, std_printer::StdPrinter, crate::codecs::charmap::EncodingMap,
}

/// The types that are names of `builtins`.
pub fn add_types_to_builtins(cx: &Thread, d: &Dict) {
    let types: &[&Type] = &[
        object::Object::type_object(),
        Type::type_object(),
        int::int_type(),
        float::float_type(),
        complex::complex_type(),
        bool::Bool::type_object(),
        Str::type_object(),
        Bytes::type_object(),
        Tuple::type_object(),
        List::type_object(),
        Dict::type_object(),
        set::Set::type_object(),
        set::FrozenSet::type_object(),
        range::Range::type_object(),
        slice::Slice::type_object(),
        property::Property::type_object(),
        super_::Super::type_object(),
        descr::StaticMethod::type_object(),
        descr::ClassMethod::type_object(),
        enumerate::Enumerate::type_object(),
        enumerate::Reversed::type_object(),
        map_filter_zip::Map::type_object(),
        map_filter_zip::Filter::type_object(),
        map_filter_zip::Zip::type_object(),
        bytearray::ByteArray::type_object(),
        memoryview::MemoryView::type_object(),
    ];
    for t in types {
        d.set_str(cx, str::intern(cx, &t.name()), Value::from_ref(*t));
    }
}
