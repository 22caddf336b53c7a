//! Native modules that belong to the VM itself: they know its insides.

pub mod atexit;
pub mod builtins;
pub mod code_files;
pub mod gc;
pub mod imp;
pub mod marshal;
pub mod queue;
pub mod sys;
pub mod thread;
pub mod tracemalloc;
pub mod warnings;
pub mod weakref;

use crate::module_def::ModuleDef;

/// The VM's own importable modules (builtins and sys are made at start-up).
pub static MODULES: &[&ModuleDef] = &[
    &atexit::MODULE,
    &gc::MODULE,
    &imp::MODULE,
    &marshal::MODULE,
    &queue::MODULE,
    &thread::MODULE,
    &tracemalloc::MODULE,
    &warnings::MODULE,
    &weakref::MODULE,
];
