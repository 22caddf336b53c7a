//! `_suggestions`: the closest of some names, for the hints in error messages. How near is near enough
//! is decided in `taipan_vm::interp::suggest`.

use taipan_vm::interp::suggest::closest;
use taipan_vm::prelude::*;

/// The candidate that is most like the item, or None where none is like enough.
#[pyfunction]
fn _generate_suggestions(cx: &Thread, candidates: Value, item: &'static Str) -> Res {
    let Some(list) = candidates.downcast_exact::<List>() else {
        raise!(cx, TypeError, "candidates must be a list");
    };
    let mut names = Vec::new();
    for v in list.to_vec().iter() {
        match v.downcast::<Str>() {
            Some(s) => names.push(s.to_string()),
            None => raise!(cx, TypeError, "all elements in 'candidates' must be strings"),
        }
    }
    Ok(match closest(&names, &item.to_string()) {
        Some(name) => Value::from_ref(Str::new(cx, name)),
        None => none(),
    })
}

pymodule! { "_suggestions", functions: [_generate_suggestions] }
