//! Calling native code: the native function type, the rows that declare builtin functions and
//! methods, and the signature description that argument binding works from (`bind.rs`).

use crate::prelude::*;
use std::ffi::{CStr, c_char, c_int};

/// Names of the keyword arguments of a call: their values are the last `len` of the args.
pub type KwNames<'a> = Option<&'a Tuple>;

/// Every builtin function and method: positional values (self or the class first for methods),
/// then keyword values named by the tuple.
pub type NativeFn = fn(&Thread, &[Value], KwNames<'_>) -> Res;

/// CPython's `PyMethodDef` (32 bytes): what C code sees of a builtin.
#[repr(C)]
pub struct PyMethodDef {
    pub ml_name: *const c_char,
    /// The C entry; null until the C layer is linked.
    pub ml_meth: *const (),
    pub ml_flags: c_int,
    pub ml_doc: *const c_char,
}
const _: () = assert!(size_of::<PyMethodDef>() == 32);
// SAFETY: the pointers are to statics.
unsafe impl Sync for PyMethodDef {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodKind {
    /// Bound to the instance.
    Instance,
    Class,
    Static,
    /// A function of a module.
    Function,
}

/// One builtin function or method, emitted by the attribute macros.
#[repr(C)]
pub struct MethodRow {
    pub c: PyMethodDef,
    pub entry: NativeFn,
    pub name: &'static str,
    pub kind: MethodKind,
    pub sig: &'static Sig,
    pub doc: Option<&'static str>,
}
// SAFETY: immutable static data.
unsafe impl Sync for MethodRow {}

impl PyMethodDef {
    pub const fn new(name: &'static CStr, flags: c_int) -> PyMethodDef {
        PyMethodDef {
            ml_name: name.as_ptr(),
            ml_meth: std::ptr::null(),
            ml_flags: flags,
            ml_doc: std::ptr::null(),
        }
    }
}

/// A computed attribute (`getset_descriptor`).
pub struct GetSetRow {
    pub name: &'static str,
    pub get: fn(&Thread, Value) -> Res,
    /// `None` value: delete.
    pub set: Option<fn(&Thread, Value, Option<Value>) -> Res<()>>,
    pub doc: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    PosOnly,
    PosOrKw,
    VarArgs,
    KwOnly,
    VarKw,
}

#[derive(Debug)]
pub struct Param {
    pub name: &'static str,
    pub kind: ParamKind,
    /// Source text of the default, for `__text_signature__`; `None`: required.
    pub default: Option<&'static str>,
}

/// What a builtin belongs to, for the messages that give its full name.
#[derive(Debug)]
pub enum Owner {
    /// A method of a type.
    Type(&'static str),
    /// A function of a module; the Rust path of its module.
    Module(&'static str),
    /// A method that CPython tells its class: without parameters it takes no arguments at all.
    DefiningClass,
    /// A constructor or the like, which messages name alone.
    Slot,
}

/// The Python signature of a builtin, without self / cls.
pub struct Sig {
    /// As error messages name it: `append`, `list.sort` is just `sort`. Empty: "function".
    pub fname: &'static str,
    pub owner: Owner,
    pub params: &'static [Param],
    /// `(self, index=-1, /)` for `__text_signature__`; `None`: has none.
    pub text: Option<&'static str>,
    /// The method that the keywords are for, where it is another.
    pub keywords_of: Option<&'static str>,
}
