//! `_md5`.

use md5::{Md5, digest};
use taipan_vm::prelude::*;

crate::fixed_digest!(Md5Object, PyTaipanMD5_Type, "md5", "_md5", md5, "md5", Md5, 64);

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let t = taipan_vm::types::ready::ready::<Md5Object>(cx);
    m.add(cx, "MD5Type", Value::from_ref(t));
    Ok(())
}

pymodule! { "_md5", functions: [md5], exec: exec }
