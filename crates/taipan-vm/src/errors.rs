//! Raising: `Raised` carries the exception object through `Result`s; `raise!` and `err!` make one.
//!
//! Nothing is pending in the thread: who drops an `Err` has handled the exception.

use crate::prelude::*;

/// An exception in flight. Always holds an instance of BaseException.
#[derive(Clone, Copy, Debug)]
pub struct Raised(pub Value);

/// The result of everything that may raise.
pub type Res<T = Value> = Result<T, Raised>;

impl Raised {
    /// A new exception of a builtin class with one string argument.
    #[cold]
    #[inline(never)]
    pub fn new(cx: &Thread, class: &'static Type, msg: std::fmt::Arguments<'_>) -> Raised {
        let text = match msg.as_str() {
            Some(s) => Str::new(cx, s),
            None => Str::new(cx, &std::fmt::format(msg)),
        };
        Raised::with_args(cx, class, &[Value::from_ref(text)])
    }

    /// `class(*args)`, without running Python code for a builtin class. What its construction
    /// raises is what is raised.
    #[cold]
    pub fn with_args(cx: &Thread, class: &'static Type, args: &[Value]) -> Raised {
        match call(cx, Value::from_ref(class), args) {
            Ok(v) => Raised(v),
            Err(r) => r,
        }
    }

    pub fn class(self) -> &'static Type {
        self.0.ty()
    }

    /// `isinstance(exc, class)` by the mro, as `except` decides for builtin classes.
    pub fn is(self, class: &Type) -> bool {
        self.0.ty().is_subtype(class)
    }
}

/// `raise!(cx, TypeError, "format {}", x)`: returns the error from the function.
#[macro_export]
macro_rules! raise {
    ($cx:expr, $class:ident, $($fmt:tt)+) => {
        return Err($crate::err!($cx, $class, $($fmt)+))
    };
}

/// `err!(cx, TypeError, "format {}", x)`: the `Raised`.
#[macro_export]
macro_rules! err {
    ($cx:expr, $class:ident, $($fmt:tt)+) => {
        $crate::errors::Raised::new(
            $cx,
            $crate::objects::exceptions::exc::$class(),
            format_args!($($fmt)+),
        )
    };
}
