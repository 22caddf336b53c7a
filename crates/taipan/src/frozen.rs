//! The modules compiled at build time (build.rs).

use taipan_vm::modules::imp::Frozen;

include!(concat!(env!("OUT_DIR"), "/frozen.rs"));
