//! Statics that threads write often lie in cache lines of their own: what lies beside one in memory is read on
//! every hot path, and each write takes the line away from the cores that read it.

use std::ops::Deref;

/// Two lines of 64 bytes, which processors fetch together.
#[repr(align(128))]
pub struct Apart<T>(pub T);

impl<T> Deref for Apart<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}
