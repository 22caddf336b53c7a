//! The stress runs: a collection at every nth allocation with freed memory poisoned, threads that race, and the time
//! native operations keep others from stopping. `cargo xtask ci stress` makes the short ones, `cargo xtask stress
//! --full` all (docs/testing.md says how long they take).

use crate::ci::{Count, runner, taipan};
use crate::shell;
use std::process::Command;
use std::time::Instant;

/// Behaviour tests that live off the heap and the containers.
const HEAP_AND_CONTAINERS: &[&str] = &[
    "bytes_types",
    "classes",
    "closures",
    "collections_more",
    "comprehensions",
    "descriptors",
    "dicts",
    "dropped_views",
    "evaluation_order",
    "exceptions",
    "functions",
    "generators",
    "inline_caches",
    "lists",
    "sets",
    "short_and_long",
    "short_text",
    "strings",
    "threads_basic",
    "threads_containers",
    "tuples_ranges",
];

/// Of the same kind, but with heaps so large that a collection at every allocation takes hours.
const LARGE_HEAPS: &[&str] = &["finalisers", "gc_pressure", "weakrefs_gc"];

/// Of these the short form takes those that show most in little time.
const SHORT: &[&str] = &[
    "closures",
    "classes",
    "dicts",
    "evaluation_order",
    "exceptions",
    "functions",
    "generators",
    "gc_pressure",
    "inline_caches",
    "lists",
    "programs",
    "sets",
    "strings",
    "threads_basic",
    "tuples_ranges",
    "weakrefs_gc",
];

const POISON: &str = "TAIPAN_GC_POISON=1";

/// Behaviour tests with settings in the environment; a file's time limit in seconds.
fn behaviour(settings: &[&str], seconds: &str, files: &[&str]) -> Result<Count, String> {
    let mut command = Command::new("python3");
    command.args(["tests/python/run.py", "--timeout", seconds]);
    for setting in settings {
        command.args(["--env", setting]);
    }
    runner(command.arg("--python").arg(taipan()?).args(files))
}

/// `again`: a case that fails is run once more.
fn races(seconds: &str, again: bool, settings: &[&str]) -> Result<Count, String> {
    let mut command = Command::new("python3");
    command.args(["tests/stress/races.py", "--seconds", seconds]);
    if again {
        command.arg("--again");
    }
    for setting in settings {
        command.args(["--env", setting]);
    }
    runner(command.arg("--python").arg(taipan()?))
}

/// `limit`: milliseconds.
fn safepoints(limit: u32) -> Result<Count, String> {
    let mut command = Command::new("python3");
    command.args(["tests/stress/safepoint.py", "--limit", &limit.to_string(), "--python"]);
    runner(command.arg(taipan()?))
}

/// CI's stage.
pub fn stage() -> Result<Count, String> {
    let collecting = behaviour(&["TAIPAN_GC_STRESS=100", POISON], "300", SHORT)?;
    let racing = races("15", true, &[])?;
    // Twice the limit that holds on a machine of one's own: who runs CI, and beside what, is not known.
    let stopping = safepoints(20)?;
    Ok(collecting.and(racing).and(stopping))
}

/// `cargo xtask stress [--full]`, on the release executable.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    shell::run(shell::cargo().args(["build", "--release", "--package", "taipan"]))?;
    let count = match arguments {
        [] => stage()?,
        ["--full"] => full()?,
        _ => return Err("stress: only --full is known".to_string()),
    };
    println!("{} passed, {} failed", count.passed, count.failed);
    if count.failed == 0 { Ok(()) } else { Err("stress: not all passed".into()) }
}

fn full() -> Result<Count, String> {
    let mut total = Count::default();
    let mut part = |what: &str, run: &dyn Fn() -> Result<Count, String>| {
        println!("\n=== {what}");
        let begun = Instant::now();
        total = std::mem::take(&mut total).and(run()?);
        println!("--- {:.0} s", begun.elapsed().as_secs_f64());
        Ok::<_, String>(())
    };
    part("eight threads race for 60 s", &|| races("60", false, &[]))?;
    part("the same, a collection at every 100th allocation, freed memory poisoned", &|| {
        races("60", false, &["TAIPAN_GC_STRESS=100", POISON])
    })?;
    part("heap and containers: a collection at every allocation, poisoned, verified", &|| {
        let settings = ["TAIPAN_GC_STRESS=1", POISON, "TAIPAN_GC_VERIFY=1", "RACE_ROUNDS=30"];
        behaviour(&settings, "3600", HEAP_AND_CONTAINERS)
    })?;
    part("those with large heaps: at every 20th allocation, poisoned, verified", &|| {
        let settings = ["TAIPAN_GC_STRESS=20", POISON, "TAIPAN_GC_VERIFY=1"];
        behaviour(&settings, "3600", LARGE_HEAPS)
    })?;
    part("all other behaviour tests: a collection at every 100th allocation, poisoned", &|| {
        let others = others()?;
        let files: Vec<&str> = others.iter().map(String::as_str).collect();
        behaviour(&["TAIPAN_GC_STRESS=100", POISON], "1800", &files)
    })?;
    part("time to a safepoint", &|| safepoints(10))?;
    Ok(total)
}

/// The behaviour tests of which the lists above say nothing.
fn others() -> Result<Vec<String>, String> {
    let folder = shell::root().join("tests/python");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".py").map(str::to_string))
        .filter(|name| name != "run" && name != "drive")
        .filter(|name| !HEAP_AND_CONTAINERS.contains(&name.as_str()))
        .filter(|name| !LARGE_HEAPS.contains(&name.as_str()))
        .collect();
    names.sort();
    Ok(names)
}
