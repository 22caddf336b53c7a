//! placeholder.
use crate::prelude::*;
pub fn is_type_alias(_v: Value) -> bool { false }
