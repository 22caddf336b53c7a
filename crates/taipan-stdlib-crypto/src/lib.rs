//! Native modules for cryptographic hashes, on RustCrypto; BLAKE2 with all its parameters is ours.

pub mod _blake2;
pub mod _md5;
pub mod _sha1;
pub mod _sha2;
pub mod _sha3;
mod blake2;
mod digest_type;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] =
    &[&_blake2::MODULE, &_md5::MODULE, &_sha1::MODULE, &_sha2::MODULE, &_sha3::MODULE];
