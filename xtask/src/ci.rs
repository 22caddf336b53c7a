//! Everything CI checks, stage by stage, and the one line at the end that sums it up.
//!
//! A stage counts its checks as passed and failed; a stage that cannot run counts as one failure and says why. All
//! stages run, whatever failed before, except those that need the executable when it could not be built. Everything is
//! built in the release profile, once: debug builds are for people.

use crate::{handlers, shell, stdlib, stress, tidy};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

#[derive(Default)]
pub struct Count {
    pub passed: usize,
    pub failed: usize,
}

impl Count {
    /// Both together.
    pub fn and(self, other: Count) -> Count {
        Count { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    fn one(good: bool) -> Count {
        Count { passed: usize::from(good), failed: usize::from(!good) }
    }
}

type Stage = (&'static str, &'static str, fn() -> Result<Count, String>);

const STAGES: &[Stage] = &[
    // First: the build embeds modules compiled from the library.
    ("stdlib", "Python library laid out under target/", stdlib_stage),
    ("fmt", "rustfmt leaves everything as it is", fmt),
    ("tidy", "house rules", tidy_stage),
    ("clippy", "clippy, warnings denied", clippy),
    ("unit", "unit tests of every crate (release profile)", unit),
    ("build", "release build of the interpreter", build),
    ("handlers", "the interpreter's hot handlers call nothing", handlers_stage),
    ("tour", "examples/tour.py runs", tour_stage),
    ("golden", "tests/golden: error output byte for byte", golden),
    ("python", "tests/python: behaviour in plain Python", python),
    ("commands", "tests/commands: options, bad input, interrupts as CPython", commands),
    ("packages", "tests/packages: unmodified packages do real work", packages),
    (
        "stress",
        "tests/python again, collecting all the time; containers raced by eight threads",
        stress::stage,
    ),
    ("conformance", "tests/conformance: no method that passed is lost", conformance),
];

pub fn command(arguments: &[&str]) -> Result<(), String> {
    if arguments == ["--list"] {
        for (name, what, _) in STAGES {
            println!("{name:12} {what}");
        }
        return Ok(());
    }
    if let Some(unknown) =
        arguments.iter().find(|word| STAGES.iter().all(|(name, ..)| name != *word))
    {
        return Err(format!("ci: no stage {unknown}; `cargo xtask ci --list` tells them"));
    }
    fetch_missing_components();
    let started = Instant::now();
    let mut total = Count::default();
    let mut summary = Vec::new();
    for (name, what, stage) in STAGES {
        if !arguments.is_empty() && !arguments.contains(name) {
            continue;
        }
        println!("\n=== {name}: {what}");
        let begun = Instant::now();
        let count = stage().unwrap_or_else(|why| {
            println!("{name}: {why}");
            Count::one(false)
        });
        let line = format!(
            "{name:12} {:>6} passed {:>4} failed {:>8.1} s",
            count.passed,
            count.failed,
            begun.elapsed().as_secs_f64()
        );
        println!("--- {line}");
        summary.push(line);
        total.passed += count.passed;
        total.failed += count.failed;
    }
    println!("\n=== all stages, {:.1} s", started.elapsed().as_secs_f64());
    for line in summary {
        println!("{line}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { Ok(()) } else { Err("ci: not all passed".into()) }
}

/// A minimal toolchain lacks rustfmt and clippy; rustup brings them. Without rustup the stages say what is missing.
fn fetch_missing_components() {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if shell::output(shell::cargo().args([subcommand, "--version"])).is_err() {
            let _ = shell::run(
                Command::new("rustup")
                    .args(["component", "add", component])
                    .current_dir(shell::root()),
            );
        }
    }
}

/// The README's first command.
pub fn tour() -> Result<(), String> {
    // The build embeds modules compiled from the library.
    stdlib::ensure()?;
    shell::run(shell::cargo().args(["build", "--release", "--package", "taipan"]))?;
    shell::run(Command::new(taipan()?).arg("examples/tour.py").current_dir(shell::root()))
}

/// The interpreter as the build stage leaves it.
pub fn taipan() -> Result<PathBuf, String> {
    let path = shell::target_dir().join("release/taipan");
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} is not there: the build stage makes it", path.display()))
    }
}

fn succeeds(command: &mut Command) -> Result<Count, String> {
    Ok(Count::one(shell::tee(command)?.0))
}

fn fmt() -> Result<Count, String> {
    succeeds(shell::cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<Count, String> {
    succeeds(shell::cargo().args([
        "clippy",
        "--quiet",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))
}

fn tidy_stage() -> Result<Count, String> {
    let findings = tidy::check()?;
    for finding in &findings {
        println!("{finding}");
    }
    Ok(Count::one(findings.is_empty()))
}

fn build() -> Result<Count, String> {
    succeeds(shell::cargo().args(["build", "--release", "--package", "taipan"]))
}

fn handlers_stage() -> Result<Count, String> {
    let Some(findings) = handlers::check(&taipan()?) else {
        println!("handlers: needs objdump and x86-64; skipped");
        return Ok(Count::default());
    };
    for finding in &findings {
        println!("{finding}");
    }
    Ok(Count::one(findings.is_empty()))
}

fn stdlib_stage() -> Result<Count, String> {
    stdlib::ensure().map(|()| Count::one(true))
}

fn tour_stage() -> Result<Count, String> {
    succeeds(Command::new(taipan()?).arg("examples/tour.py").current_dir(shell::root()))
}

/// Sums up cargo test's own closing lines; a run that failed without counting one (it did not compile) is one failure.
fn unit() -> Result<Count, String> {
    let (good, text) =
        shell::tee(shell::cargo().args(["test", "--release", "--workspace", "--no-fail-fast"]))?;
    let mut count = Count::default();
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        count.passed += number_before(line, " passed");
        count.failed += number_before(line, " failed");
    }
    if !good && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

fn number_before(line: &str, word: &str) -> usize {
    let Some(at) = line.find(word) else { return 0 };
    let digits = line[..at].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    digits.parse().unwrap_or(0)
}

/// Our Python runners close with `N passed, N failed`.
pub fn runner(command: &mut Command) -> Result<Count, String> {
    let (good, text) = shell::tee(command.current_dir(shell::root()))?;
    let closing =
        text.lines().rev().find(|line| line.contains(" passed, ") && line.contains(" failed"));
    let mut count = closing.map_or(Count::default(), |line| Count {
        passed: number_before(line, " passed"),
        failed: number_before(line, " failed"),
    });
    if !good && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

fn golden() -> Result<Count, String> {
    runner(Command::new("python3").arg("tests/golden/run.py").arg("--python").arg(taipan()?))
}

fn python() -> Result<Count, String> {
    runner(Command::new("python3").arg("tests/python/run.py").arg("--python").arg(taipan()?))
}

fn commands() -> Result<Count, String> {
    runner(Command::new("python3").arg("tests/commands/run.py").arg("--python").arg(taipan()?))
}

fn packages() -> Result<Count, String> {
    runner(Command::new("python3").arg("tests/packages/run.py").arg("--python").arg(taipan()?))
}

fn conformance() -> Result<Count, String> {
    let testlib = stdlib::testlib();
    // People without the tests are told and may go on; CI must have them.
    if let Err(why) = &testlib
        && std::env::var_os("CI").is_none()
    {
        println!("conformance: not run: {why}");
        return Ok(Count::default());
    }
    runner(
        Command::new("python3")
            .arg("tests/conformance/run.py")
            .arg("--python")
            .arg(taipan()?)
            .arg("--testlib")
            .arg(testlib?),
    )
}
