//! The shape of the interpreter's hot handlers in the built executable (docs/internals/vm.md): they
//! dispatch by a jump, call nothing, and save at most a few registers. One call in a handler, on
//! whatever path, makes the compiler save six registers at its start: a quarter of its time.
//!
//! Needs `objdump`, which comes with every C compiler's binutils, on x86-64.

use crate::shell;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// Handlers that must stay so, with the number of registers they may save.
const HOT: &[(&str, usize)] = &[
    ("ADD", 2),
    ("ADDI", 2),
    ("FOR_NEXT", 3),
    ("GETITEM", 3),
    ("IADD", 2),
    ("JEQ", 2),
    ("JLT", 2),
    ("JUMP_IF_FALSE", 2),
    ("LIST_APPEND", 4),
    ("LOAD_ATTR", 2),
    ("LOAD_CONST", 2),
    ("LOAD_GLOBAL", 2),
    ("LOAD_METHOD", 2),
    ("LOOP_LT", 2),
    ("MODI", 4),
    ("MOVE", 2),
    ("MUL", 3),
    ("RETURN", 2),
    ("SETITEM", 4),
    ("STORE_ATTR", 3),
    ("SUB", 2),
    // Six is what its values need; calls it must not.
    ("CALL", 6),
    ("CALL_METHOD", 6),
];

#[derive(Default)]
struct Shape {
    saves: usize,
    calls: usize,
}

/// What is wrong with the handlers of an executable; `None`: this machine cannot tell.
pub fn check(executable: &Path) -> Option<Vec<String>> {
    if !cfg!(target_arch = "x86_64") {
        return None;
    }
    let text = shell::output(
        Command::new("objdump").args(["-d", "-C", "--no-show-raw-insn"]).arg(executable),
    )
    .ok()?;
    let mut found: HashMap<&str, Vec<Shape>> = HashMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(symbol) = line.strip_suffix(">:") {
            let name = symbol.rsplit("::").next().unwrap_or("");
            let hot = HOT.iter().find(|(hot, _)| *hot == name);
            current = hot.filter(|_| symbol.contains("interp::ops::")).map(|(name, _)| *name);
            if let Some(name) = current {
                found.entry(name).or_default().push(Shape::default());
            }
            continue;
        }
        if let Some(shape) = current.and_then(|name| found.get_mut(name)?.last_mut()) {
            shape.saves += usize::from(line.contains("\tpush "));
            shape.calls += usize::from(line.contains("\tcall "));
        }
    }
    let mut wrong = Vec::new();
    for (name, saves) in HOT {
        match found.get(name).map(Vec::as_slice) {
            None | Some([]) => wrong.push(format!("{name}: no such handler in the executable")),
            Some(shapes) => {
                for s in shapes.iter().filter(|s| s.calls > 0 || s.saves > *saves) {
                    wrong.push(format!(
                        "{name}: saves {} registers (at most {saves}) and has {} calls (none)",
                        s.saves, s.calls
                    ));
                }
            }
        }
    }
    Some(wrong)
}
