//! Native modules for compression, on Rust ports of the C libraries.

pub mod _bz2;
mod incremental;
pub mod zlib;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] = &[&_bz2::MODULE, &zlib::MODULE];
