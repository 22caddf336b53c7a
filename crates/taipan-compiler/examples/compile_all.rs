//! Compiles every Python file under the given paths and verifies the code. Prints failures and a summary.
//! Files whose names say that they are bad on purpose may fail to parse; nothing may panic or fail to verify.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use taipan_compiler::{Options, compile, verify::verify};
use taipan_syntax::{Mode, ParseOptions};

fn collect(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut entries: Vec<_> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        entries.sort();
        for e in entries {
            collect(&e, out);
        }
    } else if path.extension().is_some_and(|e| e == "py") {
        out.push(path.to_path_buf());
    }
}

fn main() {
    let mut files = Vec::new();
    for arg in std::env::args().skip(1) {
        collect(Path::new(&arg), &mut files);
    }
    let (mut good, mut unparsed, mut rejected, mut broken, mut words) = (0, 0, 0, 0, 0usize);
    let (mut parse_time, mut compile_time) = (Duration::ZERO, Duration::ZERO);
    for file in &files {
        let Ok(bytes) = std::fs::read(file) else { continue };
        let Ok(text) = String::from_utf8(bytes) else {
            unparsed += 1;
            continue;
        };
        let arena = bumpalo::Bump::new();
        let mut warnings = Vec::new();
        let t = Instant::now();
        let module = match taipan_syntax::parse(
            &text,
            &arena,
            &ParseOptions::new(Mode::Exec),
            &mut warnings,
        ) {
            Ok(m) => m,
            Err(e) => {
                println!("parse {}: {e}", file.display());
                unparsed += 1;
                continue;
            }
        };
        parse_time += t.elapsed();
        let t = Instant::now();
        let unit = match compile(&module, &Options::new(&file.display().to_string()), &mut warnings)
        {
            Ok(u) => u,
            Err(e) => {
                println!("compile {}: {e}", file.display());
                rejected += 1;
                continue;
            }
        };
        compile_time += t.elapsed();
        words += unit.code.len();
        match verify(&unit) {
            Ok(()) => good += 1,
            Err(e) => {
                println!("verify {}: {e}", file.display());
                broken += 1;
            }
        }
    }
    println!(
        "{good} good, {broken} broken, {rejected} rejected, {unparsed} unparsed; {words} words at top level"
    );
    println!("parse {parse_time:?}, compile {compile_time:?}");
    std::process::exit(i32::from(broken > 0));
}
