//! Stand-ins for CPython's C test modules (`_testcapi`, `_testinternalcapi`, `_testlimitedcapi`).
//!
//! Present only when asked for (`-X taipan-test-modules`, or TAIPAN_TEST_MODULES=1 in the
//! environment): programs must not find them. A name is here only if it does here what it does in
//! CPython; whatever tests CPython's own C internals is absent.

pub mod _datetime;
pub mod _taipan_testing;
pub mod _testcapi;
pub mod _testinternalcapi;
pub mod _testlimitedcapi;
pub mod _testsinglephase;
mod conventions;
mod monitoring;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &_testcapi::MODULE,
    &_testinternalcapi::MODULE,
    &_testlimitedcapi::MODULE,
    &_testsinglephase::MODULE,
    &_datetime::MODULE,
    &_taipan_testing::MODULE,
];
