//! The buffer protocol (PEP 3118) inside the VM: what `getbuffer` slots fill.

use crate::prelude::*;

/// Request flags, CPython's values.
pub mod bufflag {
    pub const SIMPLE: u32 = 0;
    pub const WRITABLE: u32 = 1;
    pub const FORMAT: u32 = 4;
    pub const ND: u32 = 8;
    pub const STRIDES: u32 = 0x10 | ND;
    pub const C_CONTIGUOUS: u32 = 0x20 | STRIDES;
    pub const F_CONTIGUOUS: u32 = 0x40 | STRIDES;
    pub const ANY_CONTIGUOUS: u32 = 0x80 | STRIDES;
    pub const INDIRECT: u32 = 0x100 | STRIDES;
    pub const FULL_RO: u32 = INDIRECT | FORMAT;
    pub const FULL: u32 = FULL_RO | WRITABLE;
}

/// An exported buffer. Mutable memory is only touched through raw pointers (hazard 19).
#[derive(Clone)]
pub struct Buffer {
    /// The exporter, kept alive and told on release.
    pub owner: Value,
    pub ptr: *mut u8,
    /// Bytes in all.
    pub len: usize,
    pub itemsize: usize,
    pub readonly: bool,
    /// struct-module format; "B" where none was asked for.
    pub format: std::borrow::Cow<'static, str>,
    pub shape: Vec<isize>,
    pub strides: Vec<isize>,
}

impl Buffer {
    /// One dimension of bytes.
    pub fn bytes(owner: Value, ptr: *mut u8, len: usize, readonly: bool) -> Buffer {
        Buffer {
            owner,
            ptr,
            len,
            itemsize: 1,
            readonly,
            format: "B".into(),
            shape: vec![len as isize],
            strides: vec![1],
        }
    }
}
