//! `_typing`: the type parameter objects of the VM, for `typing`.

use taipan_vm::objects::typevar;
use taipan_vm::prelude::*;

/// Gives its argument back.
#[pyfunction]
fn _idfunc(_cx: &Thread, x: Value) -> Value {
    x
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    typevar::add_to_module(cx, m)
}

pymodule! { "_typing",
doc: "What typing needs from the virtual machine.",
functions: [_idfunc],
exec: exec }
