//! `sys.settrace` and `sys.setprofile`.
//!
//! While a thread traces, it dispatches through another table whose every handler looks for events
//! and then runs the instruction's own handler.

use super::frame::Regs;
use crate::objects::frame::Frame;
use crate::prelude::*;

pub fn set_trace(cx: &Thread, f: Option<Value>) -> Res<()> {
    cx.interp.trace.set(f);
    Ok(())
}

pub fn get_trace(cx: &Thread) -> Option<Value> {
    cx.interp.trace.get()
}

pub fn set_profile(cx: &Thread, f: Option<Value>) -> Res<()> {
    cx.interp.profile.set(f);
    Ok(())
}

pub fn get_profile(cx: &Thread) -> Option<Value> {
    cx.interp.profile.get()
}

/// The `exception` event of a frame.
pub fn exception(_cx: &Thread, _regs: Regs, _e: Value) -> Res<()> {
    Ok(())
}

/// A frame is left by an exception.
pub fn unwound(_cx: &Thread, _regs: Regs) {}

/// `frame.f_lineno = n`.
pub fn set_line(cx: &Thread, _f: &Frame, _v: Option<Value>) -> Res<()> {
    raise!(cx, ValueError, "f_lineno can only be set in a trace function")
}
