//! `_sha1`.

use sha1::{Sha1, digest};
use taipan_vm::prelude::*;

crate::fixed_digest!(Sha1Object, PyTaipanSHA1_Type, "sha1", "_sha1", sha1, "sha1", Sha1, 64);

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let t = taipan_vm::types::ready::ready::<Sha1Object>(cx);
    m.add(cx, "SHA1Type", Value::from_ref(t));
    Ok(())
}

pymodule! { "_sha1", functions: [sha1], exec: exec }
