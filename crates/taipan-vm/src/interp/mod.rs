//! The interpreter: frames, dispatch, calls of Python functions, exceptions, generators.

pub mod config;
pub mod state;

use crate::prelude::*;

/// `__name__` of the running frame's globals.
pub fn current_globals_name(_cx: &Thread) -> Option<Value> { None }
/// The class and first argument for a `super()` without arguments.
pub fn super_arguments(cx: &Thread) -> Res<(&'static Type, Option<Value>)> { raise!(cx, RuntimeError, "super(): no current frame") }
/// Reports an exception that cannot be raised.
pub fn unraisable(_cx: &Thread, _e: Raised, _obj: Option<Value>, _msg: Option<&str>) {}
