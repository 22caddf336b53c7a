//! Native modules that need nothing beyond the VM, one file or folder each.

pub mod _random;
pub mod _statistics;
pub mod _struct;
pub mod cmath;
pub mod itertools;
pub mod math;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] =
    &[&_random::MODULE, &_statistics::MODULE, &_struct::MODULE, &cmath::MODULE, &itertools::MODULE, &math::MODULE];
