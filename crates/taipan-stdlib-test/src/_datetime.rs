//! `_datetime` under test: the names of `_pydatetime`, which is what `datetime` is made of here.
//! Programs do not find the module; a few test files import it for no more than its being there.

use taipan_vm::prelude::*;

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let source = taipan_vm::objects::module::import(cx, "_pydatetime")?;
    for name in
        ["date", "datetime", "time", "timedelta", "timezone", "tzinfo", "MINYEAR", "MAXYEAR", "UTC"]
    {
        m.add(cx, name, get_attr(cx, source, taipan_vm::objects::str::intern(cx, name))?);
    }
    Ok(())
}

pymodule! { "_datetime", doc: "The classes of datetime.", functions: [], exec: exec }
