//! Numbers without a runtime: integer arithmetic on CPython's 30-bit digits, numbers to and from
//! text, the format mini-language and `%` directives. Nothing here knows an object, an exception
//! or a thread; errors are data that the VM turns into exceptions of the class they name.
#![forbid(unsafe_code)]

pub mod bigint;
pub mod float;
pub mod formatspec;
pub mod layout;
pub mod packing;
pub mod percent;
pub mod short;

pub use layout::Padded;

/// The Python exception class that an error of this crate becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    Value,
    Overflow,
    Memory,
    ZeroDivision,
}

/// An error with CPython's class and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumError {
    pub class: ErrorClass,
    pub message: String,
}

impl NumError {
    pub fn value(message: impl Into<String>) -> Self {
        NumError { class: ErrorClass::Value, message: message.into() }
    }
    pub fn overflow(message: impl Into<String>) -> Self {
        NumError { class: ErrorClass::Overflow, message: message.into() }
    }
    pub fn memory() -> Self {
        NumError { class: ErrorClass::Memory, message: String::new() }
    }
    pub fn zero_division(message: impl Into<String>) -> Self {
        NumError { class: ErrorClass::ZeroDivision, message: message.into() }
    }
}
