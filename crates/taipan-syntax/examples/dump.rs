//! Prints what the front end makes of source files, for comparison with CPython.
//!
//! `dump FILE...`: `ast.dump` of each file. `dump --hash FILE...`: one line each, `FILE HASH-OF-DUMP`.
//! `dump --errors FILE`: FILE holds JSON-free records `MODE LENGTH\nSOURCE`; prints one result a record.

use std::io::{Read, Write};

use bumpalo::Bump;
use taipan_syntax::{Mode, ParseOptions, parse, source};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let no_codec = |name: &str, _: &[u8]| Err(format!("unknown encoding: {name}"));
    match args.first().map(String::as_str) {
        Some("--errors") => errors(&args[1], &mut out),
        Some("--decode") => {
            for path in &args[1..] {
                let bytes = std::fs::read(path).unwrap_or_default();
                let _ = match source::decode(&bytes, source::Origin::Bytes, "<string>", &no_codec) {
                    Ok(d) => writeln!(out, "{} {:?}", d.encoding, d.text),
                    Err(e) => {
                        writeln!(out, "{}|{}|{}|{}", e.kind.name(), e.msg, e.lineno, e.offset)
                    }
                };
            }
        }
        Some("--tokens") => tokens(&args[1], &mut out),
        Some("--unparse") => unparse(&args[1], &mut out),
        Some("--time") => time(&args[1..]),
        Some("--list") => {
            let list = std::fs::read_to_string(&args[1]).expect("list of files");
            for path in list.lines() {
                let _ = writeln!(out, "{}", dump_file(path, &no_codec));
            }
        }
        _ => {
            for path in &args {
                let _ = writeln!(out, "{}", dump_file(path, &no_codec));
            }
        }
    }
}

fn dump_file(path: &str, codec: source::CodecFn<'_>) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    let text = match source::decode(&bytes, source::Origin::Bytes, path, codec) {
        Ok(d) => d.text,
        Err(e) => return format!("{e}"),
    };
    let arena = Bump::new();
    match parse(&text, &arena, &ParseOptions::new(Mode::Exec), &mut Vec::new()) {
        Ok(module) => taipan_syntax::dump::dump(&module),
        Err(e) => format!("{e}"),
    }
}

fn errors(path: &str, out: &mut impl Write) {
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|mut f| f.read_to_end(&mut bytes)).expect("records");
    let mut rest = bytes.as_slice();
    while let Some(eol) = rest.iter().position(|b| *b == b'\n') {
        let header = String::from_utf8_lossy(&rest[..eol]).into_owned();
        let (mode, len) = header.split_once(' ').expect("header");
        let len: usize = len.parse().expect("length");
        let src = String::from_utf8(rest[eol + 1..eol + 1 + len].to_vec()).expect("utf-8");
        rest = &rest[eol + 1 + len + 1..];
        let mut options = ParseOptions::new(match mode {
            "eval" => Mode::Eval,
            "single" | "incomplete" => Mode::Single,
            "func_type" => Mode::FuncType,
            _ => Mode::Exec,
        });
        if let Some(minor) = mode.strip_prefix('v') {
            options.feature_version = minor.parse().expect("minor version");
        }
        options.type_comments = mode == "types" || mode == "func_type";
        let show = mode == "types" || mode == "func_type";
        if mode == "incomplete" {
            options.allow_incomplete_input = true;
            options.dont_imply_dedent = true;
        }
        let arena = Bump::new();
        let mut warnings = Vec::new();
        let result = match parse(&src, &arena, &options, &mut warnings) {
            Ok(module) if show => taipan_syntax::dump::dump(&module),
            Ok(_) if mode == "warn" => {
                let w = warnings.first().map(|w| &w.as_error);
                w.map_or(String::new(), |e| {
                    let text = e.text.as_deref().unwrap_or("None");
                    let place =
                        format!("{}|{}|{}|{}", e.lineno, e.offset, e.end_lineno, e.end_offset);
                    let mut shown = String::new();
                    taipan_syntax::dump::write_repr(&mut shown, text);
                    format!("{}|{place}|{shown}", e.msg)
                })
            }
            Ok(_) => "ok".to_string(),
            Err(e) if !e.has_location() => format!("{}|{}", e.kind.name(), e.msg),
            Err(e) => format!(
                "{}|{}|{}|{}|{}|{}|{}",
                e.kind.name(),
                e.msg,
                e.lineno,
                e.offset,
                e.end_lineno,
                e.end_offset,
                e.text.as_deref().unwrap_or("None").escape_debug()
            ),
        };
        if mode == "warn" {
            let _ = writeln!(out, "{result}");
            continue;
        }
        let warned: Vec<String> =
            warnings.iter().map(|w| format!("{}:{}", w.lineno, w.message)).collect();
        let _ = writeln!(out, "{} ## {}", result.replace('\n', "\\n"), warned.join(";"));
    }
}

/// The tokens of each listed file, as `_tokenize.TokenizerIter` gives them.
fn tokens(path: &str, out: &mut impl Write) {
    let list = std::fs::read_to_string(path).expect("list of files");
    for path in list.lines() {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        let (text, implicit) = taipan_syntax::tokenize::with_final_newline(&text);
        for token in taipan_syntax::tokenize::Tokens::new(&text, implicit, true) {
            let _ = match token {
                Ok(t) => write!(
                    out,
                    "{} {:?} {:?} {:?} {};",
                    t.kind,
                    t.string.as_bytes(),
                    t.start,
                    t.end,
                    t.line.len()
                ),
                Err(e) => write!(out, "{}|{}|{}|{}", e.kind.name(), e.msg, e.lineno, e.offset),
            };
        }
        let _ = writeln!(out);
    }
}

/// One expression a line; prints each as annotations show it.
fn unparse(path: &str, out: &mut impl Write) {
    let lines = std::fs::read_to_string(path).expect("expressions");
    for line in lines.lines() {
        let arena = Bump::new();
        let _ = match parse(line, &arena, &ParseOptions::new(Mode::Eval), &mut Vec::new()) {
            Ok(taipan_syntax::ast::Mod::Expression { body }) => {
                writeln!(out, "{}", taipan_syntax::unparse::expr_to_string(body))
            }
            other => writeln!(out, "{other:?}"),
        };
    }
}

fn time(paths: &[String]) {
    let texts: Vec<String> =
        paths.iter().map(|p| std::fs::read_to_string(p).unwrap_or_default()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let begin = std::time::Instant::now();
    for text in &texts {
        let arena = Bump::new();
        let _ = parse(text, &arena, &ParseOptions::new(Mode::Exec), &mut Vec::new());
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{bytes} bytes, {seconds:.3} s, {:.1} MB/s", bytes as f64 / seconds / 1e6);
}
