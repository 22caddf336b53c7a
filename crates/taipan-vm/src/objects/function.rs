//! placeholder until the interpreter lands.
use crate::prelude::*;
pub fn is_function(_v: Value) -> bool { false }
