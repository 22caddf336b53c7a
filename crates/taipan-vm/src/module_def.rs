//! How a native module is declared: `pymodule!` makes one of these.

use crate::call::MethodRow;
use crate::prelude::*;

/// A native module. A crate of native modules lists its own in `pub static MODULES`.
pub struct ModuleDef {
    pub name: &'static str,
    pub doc: Option<&'static str>,
    pub functions: &'static [MethodRow],
    /// Adds types, constants and state when the module is first imported.
    pub exec: Option<fn(&Thread, &Module) -> Res<()>>,
}
