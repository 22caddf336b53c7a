//! Reads lines `MODE HEX` (a program's text in hexadecimal) and prints what compiling each gives.

use std::io::BufRead;
use taipan_compiler::{Options, compile, verify::verify};
use taipan_syntax::{ErrorKind, Mode, ParseOptions};

fn main() {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Some((mode, hex)) = line.split_once(' ') else { continue };
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .filter_map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).ok())
            .collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mode = match mode {
            "eval" => Mode::Eval,
            "single" => Mode::Single,
            _ => Mode::Exec,
        };
        let arena = bumpalo::Bump::new();
        let mut warnings = Vec::new();
        let result = taipan_syntax::parse(&text, &arena, &ParseOptions::new(mode), &mut warnings)
            .and_then(|module| compile(&module, &Options::new("<nofile>"), &mut warnings));
        let shown = match result {
            Ok(unit) => match verify(&unit) {
                Ok(()) => "ok".to_string(),
                Err(e) => format!("VERIFY {e}"),
            },
            Err(e) => match e.kind {
                ErrorKind::RecursionError | ErrorKind::MemoryError => e.kind.name().to_string(),
                ErrorKind::ValueError | ErrorKind::OverflowError => {
                    format!("{}: {}", e.kind.name(), e.msg)
                }
                _ => format!(
                    "{}: {} ({},{},{},{})",
                    e.kind.name(),
                    e.msg,
                    e.lineno,
                    e.offset,
                    e.end_lineno,
                    e.end_offset
                ),
            },
        };
        let mut list: Vec<String> = warnings
            .iter()
            .map(|w| format!("{:?} {} {}", w.category, w.lineno, w.message))
            .collect();
        list.sort();
        println!("{}", format!("{shown} ## {}", list.join(" | ")).replace('\n', "\\n"));
    }
}
