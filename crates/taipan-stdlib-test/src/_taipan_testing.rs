//! `_taipan_testing`: what Taipan's own tests ask the machine about itself.

use taipan_vm::prelude::*;

/// Milliseconds of the longest stretch between two safepoints since the last call; None unless
/// TAIPAN_SAFEPOINT_GAP asked for it to be measured.
#[pyfunction]
fn take_longest_gap(cx: &Thread) -> Value {
    // What led here is not part of the next stretch.
    cx.mutator.poll();
    match taipan_heap::take_longest_gap() {
        Some(d) => Value::from_f64(d.as_secs_f64() * 1e3),
        None => none(),
    }
}

pymodule! { "_taipan_testing", doc: "What Taipan's own tests ask.", functions: [take_longest_gap] }
