//! Prints what Python code can see of each code object in the given files, one line each, for comparison with CPython.

use taipan_compiler::{CodeUnit, Const, Options, code::local_kind, compile, linetable::Entries};
use taipan_syntax::{Mode, ParseOptions};

fn show(unit: &CodeUnit) {
    let pick = |bit: u8, local_only: bool| -> String {
        let mut v: Vec<&str> = Vec::new();
        for (n, k) in unit.localsplus_names.iter().zip(&unit.localsplus_kinds) {
            if k & bit != 0 && !(local_only && k & local_kind::CO_FAST_HIDDEN != 0) {
                v.push(n);
            }
        }
        v.join(",")
    };
    let mut names: Vec<&str> = unit.names.iter().map(|n| &**n).collect();
    names.sort_unstable();
    let mut lines: Vec<u32> = Entries::new(&unit.linetable, unit.firstlineno)
        .filter_map(|e| e.position.map(|p| p.line))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let mut places: Vec<String> = Entries::new(&unit.linetable, unit.firstlineno)
        .filter_map(|e| e.position)
        .map(|p| {
            let (a, b) = p.columns.map_or(("None".to_string(), "None".to_string()), |(a, b)| {
                (a.to_string(), b.to_string())
            });
            format!("{}-{}-{a}-{b}", p.line, p.end_line)
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut consts: Vec<String> = unit
        .consts
        .iter()
        .filter_map(|c| match c {
            Const::None => Some("None".into()),
            Const::True => Some("True".into()),
            Const::False => Some("False".into()),
            Const::Int(v) => Some(v.to_string()),
            Const::Str(s) if !s.is_empty() && s.iter().all(u8::is_ascii_alphanumeric) => {
                Some(format!("'{}'", String::from_utf8_lossy(s)))
            }
            _ => None,
        })
        .collect();
    consts.sort_unstable();
    println!(
        "{}|{}|{:#x}|{} {} {}|{}|{}|{}|{}|{}|{}|{}",
        unit.qualname,
        unit.firstlineno,
        unit.flags,
        unit.argcount,
        unit.posonlyargcount,
        unit.kwonlyargcount,
        pick(local_kind::CO_FAST_LOCAL, true),
        pick(local_kind::CO_FAST_CELL, false),
        pick(local_kind::CO_FAST_FREE, false),
        names.join(","),
        lines.join(","),
        places.join(" "),
        consts.join(",")
    );
    for c in &unit.consts {
        if let Const::Code(inner) = c {
            show(inner);
        }
    }
}

fn main() {
    for file in std::env::args().skip(1) {
        println!("== {file}");
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let arena = bumpalo::Bump::new();
        let mut warnings = Vec::new();
        let unit =
            taipan_syntax::parse(&text, &arena, &ParseOptions::new(Mode::Exec), &mut warnings)
                .and_then(|module| compile(&module, &Options::new(&file), &mut warnings));
        match unit {
            Ok(unit) => show(&unit),
            Err(e) => println!("error {e}"),
        }
    }
}
