//! placeholder until the text helper lands memoryview.
use crate::prelude::*;
pub fn from_object_flags(cx: &Thread, _v: Value, _flags: u32) -> Res { raise!(cx, NotImplementedError, "memoryview") }
pub fn release_for(cx: &Thread, _v: Value, _view: Value) -> Res<()> { raise!(cx, NotImplementedError, "memoryview") }
pub fn buffer_from_python(cx: &Thread, _v: Value, _flags: u32) -> Res<crate::buffer::Buffer> { raise!(cx, NotImplementedError, "memoryview") }

pub fn from_object(cx: &Thread, _v: Value) -> Res { raise!(cx, NotImplementedError, "memoryview") }
