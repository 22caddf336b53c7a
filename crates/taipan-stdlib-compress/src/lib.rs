//! Native modules for compression: on Rust ports of the C libraries, and on liblzma itself, of which there is none with
//! its interface.

pub mod _bz2;
pub mod _lzma;
mod incremental;
pub mod zlib;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] = &[&_bz2::MODULE, &_lzma::MODULE, &zlib::MODULE];
