use taipan_vm::prelude::*;
pub fn sigset(_cx: &Thread, _v: Value) -> Res<libc::sigset_t> { todo!() }
pub fn after_fork_in_child(_cx: &Thread) {}
