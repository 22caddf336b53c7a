//! The shape of the interpreter's hot handlers in the built executable (docs/internals/vm.md): they
//! dispatch by a jump, call nothing, and save at most a few registers. One call in a handler, on
//! whatever path, makes the compiler save six registers at its start: a quarter of its time.
//!
//! In any profile with optimisation all handlers dispatch by a jump: one that calls leaves its stack
//! frame behind at each instruction, and a loop over it eats the stack.
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

/// `cargo xtask handlers [PROFILE]`: the check alone, on the executable of a profile.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let profile = match arguments {
        [] => "release",
        [profile] => profile,
        _ => return Err("handlers: one profile".to_string()),
    };
    let executable = shell::target_dir().join(profile).join("taipan");
    let text = disassembly(&executable).ok_or("handlers: needs objdump and x86-64")?;
    // Only the release profile is meant to have the shape; all are meant to jump.
    let mut findings = dispatch_by_call(&text);
    if profile == "release" {
        findings.extend(shapes(&text));
    }
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() { Ok(()) } else { Err(format!("handlers: {} faults", findings.len())) }
}

/// What is wrong with the handlers of a release executable; `None`: this machine cannot tell.
pub fn check(executable: &Path) -> Option<Vec<String>> {
    let text = disassembly(executable)?;
    let mut wrong = dispatch_by_call(&text);
    wrong.extend(shapes(&text));
    Some(wrong)
}

fn disassembly(executable: &Path) -> Option<String> {
    if !cfg!(target_arch = "x86_64") {
        return None;
    }
    shell::output(Command::new("objdump").args(["-d", "-C", "--no-show-raw-insn"]).arg(executable))
        .ok()
}

/// Functions of the interpreter that go to the next instruction's handler by a call. The loops that
/// Rust enters by are meant to.
fn dispatch_by_call(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(symbol) = line.strip_suffix(">:") {
            let name = symbol.rsplit("::").next().unwrap_or("");
            current = symbol.split_once('<').map(|(_, symbol)| symbol).filter(|s| {
                s.contains("::interp::") && !["run", "run_loop", "start"].contains(&name)
            });
        } else if let Some(symbol) = current
            && line.split_once("\tcall ").is_some_and(|(_, to)| is_table_entry(to.trim()))
        {
            wrong.push(format!("{symbol}: goes to the next instruction by a call"));
            current = None;
        }
    }
    wrong
}

/// `*(%table,%opcode,8)`, with or without the offset of the wide handlers.
fn is_table_entry(operand: &str) -> bool {
    let Some((offset, inside)) = operand.strip_prefix('*').and_then(|o| o.split_once('(')) else {
        return false;
    };
    matches!(offset, "" | "0x800") && inside.ends_with(",8)")
}

/// Hot handlers that are not as `HOT` says.
fn shapes(text: &str) -> Vec<String> {
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
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dispatch_by_call_is_told_from_a_jump_and_from_other_calls() {
        let text = "\
0000 <vm::interp::ops::compare::EQ>:
  1:\tcall   *(%r9,%rax,8)
0010 <vm::interp::ops::compare::NE>:
  1:\tjmp    *(%r9,%rax,8)
  2:\tcall   *0x18(%rax)
0020 <vm::interp::dispatch::run_loop>:
  1:\tcall   *(%r9,%rax,8)
0030 <vm::objects::list::sort>:
  1:\tcall   *(%r9,%rax,8)
";
        let wrong = dispatch_by_call(text);
        assert_eq!(wrong, ["vm::interp::ops::compare::EQ: goes to the next instruction by a call"]);
    }
}
