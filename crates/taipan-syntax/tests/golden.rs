//! Compares trees, errors, warnings and unparsed expressions with what CPython 3.13 says (`tests/bless.py`).

use std::fmt::Write;

use bumpalo::Bump;
use taipan_syntax::ast::{Mod, PyText};
use taipan_syntax::{Mode, ParseOptions, dump, parse, unparse};

struct Record<'t> {
    mode: &'t str,
    source: String,
    expected: Vec<&'t str>,
}

fn records(text: &str) -> Vec<Record<'_>> {
    let mut list: Vec<Record<'_>> = Vec::new();
    for line in text.split('\n') {
        if let Some(mode) = line.strip_prefix(">>> ") {
            list.push(Record { mode, source: String::new(), expected: Vec::new() });
            continue;
        }
        let Some(record) = list.last_mut() else { continue };
        match line.split_at_checked(1) {
            Some(("|", rest)) => {
                record.source.push_str(rest);
                record.source.push('\n');
            }
            Some(("!", rest)) => record.source.push_str(rest),
            Some(("=", rest)) => record.expected.push(rest),
            _ => assert!(line.is_empty(), "a record's line: {line}"),
        }
    }
    list
}

fn options(mode: &str) -> ParseOptions {
    let mut options = ParseOptions::new(match mode {
        "eval" => Mode::Eval,
        "single" | "incomplete" => Mode::Single,
        _ => Mode::Exec,
    });
    if mode == "incomplete" {
        options.allow_incomplete_input = true;
        options.dont_imply_dedent = true;
    }
    options
}

/// `ascii(text)`.
fn ascii(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        let _ = match c {
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\\' => write!(out, "\\\\"),
            c if c == quote => write!(out, "\\{c}"),
            ' '..='~' => write!(out, "{c}"),
            c if (c as u32) < 0x100 => write!(out, "\\x{:02x}", c as u32),
            c if (c as u32) < 0x10000 => write!(out, "\\u{:04x}", c as u32),
            c => write!(out, "\\U{:08x}", c as u32),
        };
    }
    out.push(quote);
    out
}

fn outcome(record: &Record<'_>, show_tree: bool) -> Vec<String> {
    let arena = Bump::new();
    let mut warnings = Vec::new();
    let mut lines = match parse(&record.source, &arena, &options(record.mode), &mut warnings) {
        Ok(module) if show_tree => vec![dump::dump(&module)],
        Ok(_) => vec!["ok".to_owned()],
        Err(e) => {
            let mut lines = vec![format!("{}: {}", e.kind.name(), e.msg)];
            if e.has_location() {
                let text = e.text.as_deref().map_or_else(|| "None".to_owned(), ascii);
                lines.push(format!(
                    "{} {} {} {} {text}",
                    e.lineno, e.offset, e.end_lineno, e.end_offset
                ));
            }
            lines
        }
    };
    lines.extend(warnings.iter().map(|w| format!("warning {}: {}", w.lineno, w.message)));
    lines
}

fn check(text: &str, show_tree: bool) {
    let mut wrong = String::new();
    for record in records(text) {
        let found = outcome(&record, show_tree);
        if found != record.expected {
            let _ = writeln!(
                wrong,
                "--- {}\n{}\nexpected {:#?}\nfound {found:#?}",
                record.mode, record.source, record.expected
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn trees_of_valid_programs_are_cpythons() {
    check(include_str!("golden/valid.txt"), true);
}

#[test]
fn errors_of_invalid_programs_are_cpythons() {
    check(include_str!("golden/errors.txt"), false);
}

#[test]
fn errors_of_broken_programs_are_cpythons() {
    check(include_str!("golden/broken.txt"), false);
}

#[test]
fn unparsed_expressions_are_cpythons() {
    for record in records(include_str!("golden/unparse.txt")) {
        let arena = Bump::new();
        let source = record.source.trim_end();
        let module = parse(source, &arena, &options("eval"), &mut Vec::new()).expect("valid");
        let Mod::Expression { body } = module else { panic!("an expression: {source}") };
        assert_eq!(vec![unparse::expr_to_string(body)], record.expected, "{source}");
    }
}

#[test]
fn deep_nesting_needs_no_deep_stack() {
    let run = || {
        for (source, ok) in [
            ("-".repeat(5000) + "1", true),
            ("-".repeat(100_000) + "1", false),
            ("not ".repeat(5000) + "1", true),
            ("lambda: ".repeat(2900) + "1", true),
            ("(".repeat(199) + "1" + &")".repeat(199), true),
            ("(".repeat(1000) + "1", false),
            ("if x:\n pass\n".to_owned() + &"elif y:\n pass\n".repeat(5000), true),
        ] {
            let arena = Bump::new();
            let result = parse(&source, &arena, &options("exec"), &mut Vec::new());
            assert_eq!(result.is_ok(), ok, "{}", &source[..20]);
        }
    };
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(run)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn text_keeps_lone_surrogates() {
    let mut buf = Vec::new();
    for cp in [0x41, 0xD800, 0x10FFFF, 0xDFFF, 0xE9] {
        PyText::push_code_point(&mut buf, cp);
    }
    let text = PyText::from_generalized(&buf);
    assert_eq!(text.as_str(), None);
    assert_eq!(text.code_points().collect::<Vec<_>>(), [0x41, 0xD800, 0x10FFFF, 0xDFFF, 0xE9]);
}
