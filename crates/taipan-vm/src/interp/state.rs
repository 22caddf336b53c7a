//! The interpreter's part of a thread's state.

use crate::prelude::*;
use std::cell::Cell;

pub struct InterpState {
    /// The exception being handled (`sys.exc_info()`), innermost.
    pub handled: Cell<Option<Value>>,
    /// The cache of attribute lookups on types.
    pub methods: crate::types::lookup::MethodCache,
}

impl InterpState {
    pub fn new() -> InterpState {
        InterpState { handled: Cell::new(None), methods: Default::default() }
    }
}

impl Default for InterpState {
    fn default() -> Self {
        InterpState::new()
    }
}
