//! Errors and warnings that the compiler finds after parsing: CPython 3.13's texts and places.

use taipan_compiler::{Options, compile};
use taipan_syntax::{Mode, ParseOptions, Warning};

fn outcome(text: &str) -> (Result<(), String>, Vec<Warning>) {
    let arena = bumpalo::Bump::new();
    let mut warnings = Vec::new();
    let result = taipan_syntax::parse(text, &arena, &ParseOptions::new(Mode::Exec), &mut warnings)
        .and_then(|module| compile(&module, &Options::new("<test>"), &mut warnings))
        .map(|_| ())
        .map_err(|e| {
            format!("{} ({},{},{},{})", e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset)
        });
    (result, warnings)
}

fn check(text: &str, expect: &str) {
    assert_eq!(outcome(text).0, Err(expect.to_string()), "{text}");
}

fn warns(text: &str, expect: &str) {
    let (result, warnings) = outcome(text);
    assert_eq!(result, Ok(()), "{text}");
    assert_eq!(warnings.iter().map(|w| w.message.as_str()).collect::<Vec<_>>(), [expect], "{text}");
}

#[test]
fn names_have_one_scope() {
    check("def f(x):\n  global x", "name 'x' is parameter and global (2,3,2,11)");
    check(
        "def f():\n  x = 1\n  global x",
        "name 'x' is assigned to before global declaration (3,3,3,11)",
    );
    check(
        "def f():\n  print(x)\n  nonlocal x",
        "name 'x' is used prior to nonlocal declaration (3,3,3,13)",
    );
    check("def f():\n  nonlocal x", "no binding for nonlocal 'x' found (2,3,2,13)");
    check("nonlocal x", "nonlocal declaration not allowed at module level (1,1,1,11)");
    check("def f(a, a): pass", "duplicate argument 'a' in function definition (1,10,1,11)");
    check("def f[T, T](): pass", "duplicate type parameter 'T' (1,10,1,11)");
    check(
        "[x := 1 for x in y]",
        "assignment expression cannot rebind comprehension iteration variable 'x' (1,2,1,3)",
    );
}

#[test]
fn statements_stand_where_they_may() {
    check("return", "'return' outside function (1,1,1,7)");
    check("break", "'break' outside loop (1,1,1,6)");
    check("continue", "'continue' not properly in loop (1,1,1,9)");
    check("yield 1", "'yield' outside function (1,1,1,8)");
    check("def f(): await x", "'await' outside async function (1,10,1,17)");
    check("def f():\n  from a import *", "import * only allowed at module level (2,17,2,18)");
    check(
        "x = 1\nfrom __future__ import annotations",
        "from __future__ imports must occur at the beginning of the file (2,1,2,35)",
    );
    check("from __future__ import braces", "not a chance (1,24,1,30)");
    check(
        "async def f():\n  yield 1\n  return 2",
        "'return' with value in async generator (3,3,3,11)",
    );
}

#[test]
fn targets_and_patterns_are_checked() {
    check("__debug__ = 1", "cannot assign to __debug__ (1,1,1,10)");
    check("*a, *b = c", "multiple starred expressions in assignment (1,1,1,7)");
    check("f(a=1, a=2)", "keyword argument repeated: a (1,8,1,11)");
    check(
        "match x:\n  case y: pass\n  case 1: pass",
        "name capture 'y' makes remaining patterns unreachable (2,8,2,9)",
    );
    check("match x:\n  case [a] | b: pass", "alternative patterns bind different names (2,8,2,15)");
    check(
        "match x:\n  case [a, a]: pass",
        "multiple assignments to name 'a' in pattern (2,12,2,13)",
    );
}

#[test]
fn suspicious_code_gives_warnings() {
    warns("x is 1", "\"is\" with 'int' literal. Did you mean \"==\"?");
    warns("x is not ()", "\"is not\" with 'tuple' literal. Did you mean \"!=\"?");
    warns("assert (x, 'm')", "assertion is always true, perhaps remove parentheses?");
    warns("'a'(1)", "'str' object is not callable; perhaps you missed a comma?");
    warns(
        "[1]['a']",
        "list indices must be integers or slices, not str; perhaps you missed a comma?",
    );
    warns("1[0]", "'int' object is not subscriptable; perhaps you missed a comma?");
}

#[test]
fn deep_trees_raise_instead_of_overflowing_the_stack() {
    let text = format!("x = {}", vec!["a"; 50_000].join("+"));
    let arena = bumpalo::Bump::new();
    let mut warnings = Vec::new();
    let module = taipan_syntax::parse(&text, &arena, &ParseOptions::new(Mode::Exec), &mut warnings)
        .expect("parses");
    let error = compile(&module, &Options::new("<test>"), &mut warnings).expect_err("too deep");
    assert_eq!(error.kind.name(), "RecursionError");
}
