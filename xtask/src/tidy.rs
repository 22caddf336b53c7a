//! The house rules of docs/testing.md that a program can check. Each finding names file and line.
//!
//! The checks read text; they know Rust only as far as lines and comments go. A line that must break a rule says why in
//! a comment `tidy: allow(REASON)` on it or right above it. Rules that clippy can check are clippy's, not ours.

use crate::shell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file without an entry in xtask/long-files.txt.
const MAX_LINES: usize = 1000;

/// Which Taipan crates a crate may use: architecture.md's layers. A crate that is not here fails until it is placed.
const LAYERS: &[(&str, &[&str])] = &[
    ("taipan-unicode", &[]),
    ("taipan-numtext", &[]),
    ("taipan-mathfn", &[]),
    ("taipan-decimal", &[]),
    ("taipan-macros", &[]),
    ("taipan-sre", &["taipan-unicode"]),
    ("taipan-syntax", &["taipan-unicode"]),
    ("taipan-heap", &["taipan-macros"]),
    ("taipan-compiler", &["taipan-syntax", "taipan-unicode", "taipan-numtext"]),
    (
        "taipan-vm",
        &[
            "taipan-syntax",
            "taipan-heap",
            "taipan-compiler",
            "taipan-unicode",
            "taipan-numtext",
            "taipan-mathfn",
            "taipan-macros",
            "taipan-sre",
        ],
    ),
    ("taipan-jit", &["taipan-syntax", "taipan-heap", "taipan-compiler", "taipan-vm"]),
    (
        "taipan-capi",
        &[
            "taipan-heap",
            "taipan-compiler",
            "taipan-vm",
            "taipan-unicode",
            "taipan-numtext",
            "taipan-macros",
        ],
    ),
    ("taipan-repl", &["taipan-syntax", "taipan-heap", "taipan-compiler", "taipan-vm"]),
];

/// What the groups of native modules may use: everything below them, and the groups' shared tables.
const STDLIB_LAYER: &[&str] = &[
    "taipan-syntax",
    "taipan-heap",
    "taipan-compiler",
    "taipan-vm",
    "taipan-unicode",
    "taipan-numtext",
    "taipan-mathfn",
    "taipan-decimal",
    "taipan-macros",
    "taipan-sre",
];

/// Crates that may hold unsafe code. All others forbid it in their first lines.
fn may_be_unsafe(name: &str) -> bool {
    matches!(
        name,
        "taipan-heap" | "taipan-mathfn" | "taipan-vm" | "taipan-jit" | "taipan-capi" | "taipan"
    ) || name.starts_with("taipan-stdlib-")
}

/// Crates whose Rust code handles Python values, where no Rust collection may hold one (architecture.md, The heap).
fn handles_values(name: &str) -> bool {
    may_be_unsafe(name)
}

pub fn command() -> Result<(), String> {
    let findings = check()?;
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: nothing found");
        Ok(())
    } else {
        Err(format!("tidy: {} findings", findings.len()))
    }
}

pub fn check() -> Result<Vec<String>, String> {
    let root = shell::root();
    let mut findings = Vec::new();
    let long_files = read_list(&root.join("xtask/long-files.txt"));
    let mut packages: Vec<PathBuf> = fs::read_dir(root.join("crates"))
        .map_err(|error| format!("tidy: no crates: {error}"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect();
    packages.sort();
    packages.push(root.join("xtask"));
    for package in &packages {
        let name = package.file_name().and_then(|name| name.to_str()).unwrap_or("").to_string();
        check_layers(&name, package, &mut findings);
        check_subsystem_page(&root, &name, &mut findings);
        let mut files = Vec::new();
        rust_files(package, &mut files);
        for file in &files {
            check_file(&root, &name, file, &long_files, &mut findings);
        }
        let lib = [package.join("src/lib.rs"), package.join("src/main.rs")]
            .into_iter()
            .find(|path| path.is_file());
        if let Some(lib) = lib
            && !may_be_unsafe(&name)
            && !fs::read_to_string(&lib).unwrap_or_default().contains("#![forbid(unsafe_code)]")
        {
            findings.push(format!(
                "{}: this crate must say #![forbid(unsafe_code)]",
                short(&root, &lib)
            ));
        }
    }
    for entry in &long_files {
        if !root.join(entry).is_file() {
            findings.push(format!("xtask/long-files.txt: {entry} is not there"));
        }
    }
    check_docs(&root, &mut findings);
    check_dependency_reasons(&root, &packages, &mut findings);
    Ok(findings)
}

fn short(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// A list file: one entry a line, `#` starts a comment.
pub fn read_list(path: &Path) -> Vec<String> {
    fs::read_to_string(path)
        .unwrap_or_default()
        .lines()
        .map(|line| line.split('#').next().unwrap_or("").trim().to_string())
        .filter(|line| !line.is_empty())
        .collect()
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                rust_files(&path, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn check_file(
    root: &Path,
    package: &str,
    file: &Path,
    long_files: &[String],
    findings: &mut Vec<String>,
) {
    let name = short(root, file);
    let Ok(text) = fs::read_to_string(file) else {
        findings.push(format!("{name}: cannot be read as UTF-8"));
        return;
    };
    let generated = text
        .lines()
        .take(5)
        .any(|line| line.contains("@generated") || line.contains("Generated by"));
    let opening = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
    if !opening.is_some_and(|line| line.starts_with("//!")) {
        findings.push(format!(
            "{name}:1: opens without a //! paragraph (what it is, what does not belong, invariants)"
        ));
    }
    let count = text.lines().count();
    let tests = name.ends_with("tests.rs") || name.contains("/tests/");
    if count > MAX_LINES && !generated && !tests && !long_files.contains(&name) {
        findings.push(format!("{name}: {count} lines, more than {MAX_LINES}: split it, or list it in xtask/long-files.txt with a reason"));
    }
    if package == "xtask" {
        return;
    }
    let banned = ["todo!(", "unimplemented!(", "dbg!("];
    let collections = [
        "Vec<Value>",
        "Vec<Option<Value>>",
        "Box<Value>",
        "Box<[Value]>",
        "VecDeque<Value>",
        "Arc<Value>",
        "Rc<Value>",
    ];
    let mut above = "";
    for (index, line) in text.lines().enumerate() {
        let allowed = line.contains("tidy: allow(") || above.contains("tidy: allow(");
        above = line;
        let code = line.split("//").next().unwrap_or("");
        if allowed || code.trim().is_empty() {
            continue;
        }
        let mut report = |what: String| findings.push(format!("{name}:{}: {what}", index + 1));
        for word in banned {
            if code.contains(word) && !code.contains(&format!("\"{word}")) {
                report(format!("{word}) has no place in finished code"));
            }
        }
        if handles_values(package) && !tests {
            for word in collections {
                if has_bare(code, word) {
                    report(format!(
                        "{word}: the collector does not see Rust's heap; use GcVec, SlotArray or a Root"
                    ));
                }
            }
            if let Some(start) = code.find("HashMap<") {
                let inside = &code[start..];
                if inside.contains(", Value>") || inside.starts_with("HashMap<Value") {
                    report(
                        "HashMap with Values: the collector does not see Rust's heap; use GcMap"
                            .into(),
                    );
                }
            }
        }
        if code.contains("#[ignore") {
            report("no ignored tests".into());
        }
    }
}

/// `GcVec<Value>` contains `Vec<Value>`: only the bare word counts.
fn has_bare(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

fn dependencies(package: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with('[') {
            section = trimmed.trim_matches(['[', ']']).to_string();
        } else if section.ends_with("dependencies")
            && let Some((key, _)) = trimmed.split_once('=')
            && !trimmed.starts_with('#')
        {
            let name = key.trim().split('.').next().unwrap_or("").trim_matches('"').to_string();
            found.push((format!("{section}:{name}"), line.to_string()));
        }
    }
    found
}

fn check_layers(name: &str, package: &Path, findings: &mut Vec<String>) {
    if matches!(name, "taipan" | "xtask") {
        return;
    }
    let allowed = if name.starts_with("taipan-stdlib-") {
        STDLIB_LAYER
    } else {
        match LAYERS.iter().find(|(layer, _)| *layer == name) {
            Some((_, allowed)) => allowed,
            None => {
                findings.push(format!("crates/{name}: not placed in the layers (xtask/src/tidy.rs, docs/architecture.md)"));
                return;
            }
        }
    };
    for (key, _) in dependencies(package) {
        let Some((section, used)) = key.split_once(':') else { continue };
        if section == "dependencies" && used.starts_with("taipan") && !allowed.contains(&used) {
            findings.push(format!(
                "crates/{name}/Cargo.toml: may not use {used}: docs/architecture.md gives the order"
            ));
        }
    }
}

/// A dependency from outside comes with its reason, on its line or right above.
fn check_dependency_reasons(root: &Path, packages: &[PathBuf], findings: &mut Vec<String>) {
    for package in packages {
        let manifest = package.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (key, line) in dependencies(package) {
            let outside = !line.contains("path =") && !line.contains("workspace");
            let above = lines
                .iter()
                .position(|other| *other == line)
                .and_then(|at| at.checked_sub(1))
                .map_or("", |at| lines[at]);
            if outside && !line.contains('#') && !above.trim_start().starts_with('#') {
                let name = key.split(':').next_back().unwrap_or("");
                findings.push(format!(
                    "{}: {name} is there without a reason (a # comment on its line)",
                    short(root, &manifest)
                ));
            }
        }
    }
}

fn check_subsystem_page(root: &Path, name: &str, findings: &mut Vec<String>) {
    // The command line and the chores are described by the README and docs/testing.md.
    if matches!(name, "taipan" | "xtask") {
        return;
    }
    let page = match name.trim_start_matches("taipan-") {
        "macros" => "docs/internals/writing-builtins.md".to_string(),
        "mathfn" => "docs/internals/numtext.md".to_string(),
        group if group.starts_with("stdlib-") => "docs/internals/native-modules.md".to_string(),
        subsystem => format!("docs/internals/{subsystem}.md"),
    };
    if !root.join(&page).is_file() {
        findings.push(format!(
            "crates/{name}: has no page {page} (purpose, data layout, invariants, how tested)"
        ));
    }
}

/// Every path in backticks exists, where it starts at one of the repository's own folders.
fn check_docs(root: &Path, findings: &mut Vec<String>) {
    let mut pages = vec![root.join("README.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    let own = ["crates/", "docs/", "tests/", "tools/", "xtask/", "examples/", ".ci/", "lib/taipan"];
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap_or_default();
        let mut fenced = false;
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            for word in line.split('`').skip(1).step_by(2) {
                let path = word.trim_end_matches('/');
                let plain = path.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
                if plain
                    && own.iter().any(|start| word.starts_with(start))
                    && !exists(root, &page, path)
                {
                    missing.entry(word.to_string()).or_default().push(format!(
                        "{}:{}",
                        short(root, &page),
                        index + 1
                    ));
                }
            }
        }
    }
    for (path, places) in missing {
        findings.push(format!("{}: `{path}` does not exist", places.join(", ")));
    }
}

/// A path from the repository's root; a subsystem's page may also name paths from its crate.
fn exists(root: &Path, page: &Path, path: &str) -> bool {
    let subsystem = page.file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
    root.join(path).exists()
        || root.join("crates").join(format!("taipan-{subsystem}")).join(path).exists()
}
