//! `docs/internals/opcodes.md` is the opcode table as a page. `BLESS=1` writes it anew.

use std::fmt::Write;
use std::path::PathBuf;
use taipan_compiler::opcode::{Ext, OPS, Role, effect};

const HEAD: &str = "\
# The instructions

Made from the table in `crates/taipan-compiler/src/opcode.rs`; `BLESS=1 cargo test -p taipan-compiler --test opcode_page` writes it.
`R` are registers, `K` constants, `N` the name, `I` the immediate, `X` the extension word, `NS` the namespace in register 0,
`pc` counts words. Operands a, b, c are shown with their roles; `+` is the extension word's meaning. Effects: p none but the written
registers, r may raise, c may run Python code, j may jump, t never goes on to the next instruction, o polls.

What each role means is said at `Role`, the encoding at the head of that file. `dis` (`lib/taipan/dis.py`) shows `EXT` as
`EXTENDED_ARG`, and the forms for methods as `LOAD_ATTR` and `LOAD_SUPER_ATTR` unless asked for the adaptive view.
";

/// The headings of the table's groups, by the name of the first row after each.
fn groups() -> Vec<(String, String)> {
    let text = include_str!("../src/opcode.rs");
    let mut out = Vec::new();
    let mut heading = None;
    for line in text.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix("// ---- ") {
            heading = Some(title.to_string());
        } else if let (Some(title), Some(rest)) = (&heading, line.strip_prefix("(\"")) {
            let name = rest.rsplit("\", ").next().and_then(|s| s.split(',').next());
            out.push((name.expect("a row has a name").to_string(), title.clone()));
            heading = None;
        }
    }
    out
}

fn page() -> String {
    let mut out = String::from(HEAD);
    let groups = groups();
    for (number, row) in OPS.iter().enumerate() {
        if let Some((_, title)) = groups.iter().find(|(name, _)| name == row.name) {
            let title = title[..1].to_uppercase() + &title[1..];
            let _ = writeln!(
                out,
                "\n## {title}\n\n| | name | operands | effects | does |\n| --- | --- | --- | --- | --- |"
            );
        }
        let mut operands: Vec<String> = ["a", "b", "c"]
            .into_iter()
            .zip(row.roles)
            .filter(|(_, role)| *role != Role::none)
            .map(|(letter, role)| format!("{letter} {role:?}"))
            .collect();
        if row.ext != Ext::none {
            operands.push(format!("+ {:?}", row.ext));
        }
        let letters = [
            (effect::PURE, 'p'),
            (effect::RAISES, 'r'),
            (effect::CALLS, 'c'),
            (effect::JUMPS, 'j'),
            (effect::TERM, 't'),
            (effect::POLLS, 'o'),
        ];
        let effects: String =
            letters.iter().filter(|(bit, _)| row.effects & bit != 0).map(|(_, l)| l).collect();
        let doc = row.doc.replace('|', "\\|").replace('*', "\\*").replace("__", "\\_\\_");
        let _ = writeln!(
            out,
            "| {number} | {} | {} | {effects} | {doc} |",
            row.name,
            operands.join(", ")
        );
    }
    out
}

#[test]
fn the_page_of_instructions_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/internals/opcodes.md");
    let got = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &got).expect("writable");
    }
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(got == want, "docs/internals/opcodes.md is old; BLESS=1 writes it anew");
}
