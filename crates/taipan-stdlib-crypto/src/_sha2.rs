//! `_sha2`.

use sha2::digest;
use taipan_vm::prelude::*;

crate::fixed_digest!(
    Sha224Object,
    PyTaipanSHA224_Type,
    "SHA224Type",
    "_sha2",
    sha224,
    "sha224",
    sha2::Sha224,
    64
);
crate::fixed_digest!(
    Sha256Object,
    PyTaipanSHA256_Type,
    "SHA256Type",
    "_sha2",
    sha256,
    "sha256",
    sha2::Sha256,
    64
);
crate::fixed_digest!(
    Sha384Object,
    PyTaipanSHA384_Type,
    "SHA384Type",
    "_sha2",
    sha384,
    "sha384",
    sha2::Sha384,
    128
);
crate::fixed_digest!(
    Sha512Object,
    PyTaipanSHA512_Type,
    "SHA512Type",
    "_sha2",
    sha512,
    "sha512",
    sha2::Sha512,
    128
);

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<Sha224Object>(cx);
    m.add_type::<Sha256Object>(cx);
    m.add_type::<Sha384Object>(cx);
    m.add_type::<Sha512Object>(cx);
    Ok(())
}

pymodule! { "_sha2", functions: [sha224, sha256, sha384, sha512], exec: exec }
