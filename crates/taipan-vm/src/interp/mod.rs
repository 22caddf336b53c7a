//! The interpreter: frames, dispatch, calls of Python functions, exceptions, generators.
//!
//! `frame` the words of a frame, `state` what a thread has of it, `dispatch` the tables and how
//! handlers are written, `ops` the instructions, `call` binding and pushing, `leave` and `unwind`
//! the two ways out, `cache` the inline caches, `trace` events, `gc_hooks` what is scanned, `services` what the rest of the VM asks for.

pub mod cache;
pub mod call;
pub mod config;
pub mod dispatch;
pub mod emergency;
pub mod frame;
pub mod gc_hooks;
pub mod leave;
pub mod operator;
mod ops;
pub mod services;
pub mod state;
pub mod suggest;
pub mod trace;
pub mod typeparams;
pub mod unwind;

use crate::prelude::*;

pub use crate::modules::sys::hooks::unraisable;
pub use call::call_function;
pub use gc_hooks::install_hooks;
pub use services::*;
pub use trace::{get_profile, get_trace, set_profile, set_trace};
