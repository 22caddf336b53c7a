//! placeholder until the interpreter lands.
use crate::prelude::*;
pub fn new(_cx: &Thread, f: Value, _this: Value) -> Value { f }
