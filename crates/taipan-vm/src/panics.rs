//! Panics of native code as Python sees them: memory that ran out is a MemoryError, everything else
//! a SystemError that says what happened and where. Nothing is printed unless TAIPAN_PANIC is set.

use crate::prelude::*;
use std::any::Any;
use std::cell::RefCell;

thread_local! {
    /// Where this thread's last panic happened.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Replaces the message that a panic prints by a note for the exception it becomes.
pub fn install_hook() {
    let loud = std::env::var_os("TAIPAN_PANIC").is_some();
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|l| format!("{}:{}", l.file(), l.line()));
        // A thread whose locals are gone has no frames that the place could be shown for.
        let _ = PLACE.try_with(|p| p.replace(place.unwrap_or_default()));
        if loud {
            default(info);
        }
    }));
}

/// What a panic says, with its place.
pub fn text(payload: &(dyn Any + Send)) -> String {
    let what = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(s), _) => s,
        (None, Some(s)) => s.as_str(),
        (None, None) => "unknown",
    };
    let place = PLACE.try_with(|p| p.take()).unwrap_or_default();
    if place.is_empty() { what.to_string() } else { format!("{what} ({place})") }
}

/// The exception that a caught panic becomes.
#[cold]
pub fn exception(cx: &Thread, payload: Box<dyn Any + Send>) -> Raised {
    if payload.is::<taipan_heap::OutOfMemory>() {
        return cx.no_memory();
    }
    err!(cx, SystemError, "internal error: {}", text(&*payload))
}
