//! `__text_signature__` of native types.

use crate::prelude::*;

/// The signature of a native type's constructor, or None.
pub fn type_text_signature(_cx: &Thread, ty: &Type) -> Value {
    let _ = ty;
    none()
}
