//! The text and buffer types that are made ready at start-up, after `object`, `str` and `bytes`.

use super::{bytearray, bytes_methods, memoryview, str};
use crate::prelude::*;
use crate::types::ready::ready;

pub fn ready_all(cx: &Thread) {
    ready::<str::iter::StrIter>(cx);
    ready::<str::iter::StrAsciiIter>(cx);
    ready::<bytes_methods::BytesIter>(cx);
    ready::<bytearray::ByteArray>(cx);
    ready::<bytearray::ByteArrayIter>(cx);
    ready::<memoryview::ManagedBuffer>(cx);
    ready::<memoryview::MemoryView>(cx);
    ready::<memoryview::MemoryIter>(cx);
    ready::<memoryview::BufferWrapper>(cx);
    ready::<crate::codecs::charmap::EncodingMap>(cx);
}
