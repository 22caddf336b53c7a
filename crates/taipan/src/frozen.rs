//! The modules compiled at build time (build.rs).

#[allow(unused_imports)]
use std::sync::atomic::AtomicU8;
use taipan_vm::modules::imp::Frozen;

include!(concat!(env!("OUT_DIR"), "/frozen.rs"));
