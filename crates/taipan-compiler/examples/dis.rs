//! Disassembles a file, or `-c TEXT`.

use taipan_compiler::{Options, compile, disassemble, verify::verify};
use taipan_syntax::{Mode, ParseOptions};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let text = match &args[..] {
        [c, text] if c == "-c" => text.clone(),
        [file] => std::fs::read_to_string(file).expect("a readable file"),
        _ => panic!("usage: dis FILE | -c TEXT"),
    };
    let arena = bumpalo::Bump::new();
    let mut warnings = Vec::new();
    let unit = taipan_syntax::parse(&text, &arena, &ParseOptions::new(Mode::Exec), &mut warnings)
        .and_then(|module| compile(&module, &Options::new("<string>"), &mut warnings));
    for w in &warnings {
        println!("warning: line {}: {}", w.lineno, w.message);
    }
    match unit {
        Ok(unit) => {
            print!("{}", disassemble(&unit));
            if let Err(e) = verify(&unit) {
                println!("verify: {e}");
            }
        }
        Err(e) => println!("{e} to line {} offset {}", e.end_lineno, e.end_offset),
    }
}
