//! Lays CPython 3.13's pure-Python library out as `lib/python3.13t` under a prefix (docs/stdlib.md).
//!
//! The library is a dependency: it is fetched or found, checked, copied, and never kept in the repository. What this file
//! must keep true: the same input gives the same tree, a tree that is already right is left alone (its stamp says what
//! it was made from), and a tree that was only half written has no stamp.

use crate::shell;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

const VERSION: &str = "3.13.5";
const TARBALL: &str = "python3.13_3.13.5.orig.tar.xz";
const SHA256: &str = "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640";
const STAMP: &str = ".taipan-stdlib";

/// Files of CPython's library that describe CPython's own machine: Taipan's versions, in lib/taipan, replace them.
/// Folders of an installation that are not the library proper are left out as well. docs/stdlib.md repeats this list.
fn is_left_out(relative: &str, with_tests: bool) -> bool {
    let (first, rest) = relative.split_once('/').unwrap_or((relative, ""));
    let name = relative.rsplit('/').next().unwrap_or(relative);
    let machine = matches!(relative, "_opcode_metadata.py" | "dis.py")
        || (rest.is_empty() && first.starts_with("_sysconfigdata_"));
    let installed = matches!(first, "site-packages" | "dist-packages" | "lib-dynload")
        || first.starts_with("config-3.13")
        || name == "__pycache__"
        || first == STAMP
        || first == "sitecustomize.py"
        || first == "EXTERNALLY-MANAGED";
    machine || installed || (first == "test" && !with_tests)
}

/// A library that was found: its folder (the one with `os.py`) and how to name it to people.
struct Source {
    folder: PathBuf,
    described: String,
}

pub fn command(arguments: &[&str]) -> Result<(), String> {
    let mut prefix = shell::target_dir();
    let mut with_tests = false;
    let mut words = arguments.iter();
    while let Some(&word) = words.next() {
        match word {
            "--with-tests" => with_tests = true,
            "--testlib" => {
                println!("{}", testlib()?.display());
                return Ok(());
            }
            "--prefix" => prefix = words.next().ok_or("stdlib: --prefix needs a folder")?.into(),
            other => return Err(format!("stdlib: unknown option {other}")),
        }
    }
    lay_out(&prefix, with_tests)
}

/// The layout of every build: under target/, without tests.
pub fn ensure() -> Result<(), String> {
    lay_out(&shell::target_dir(), false)
}

/// A directory that holds CPython 3.13's `test` package.
pub fn testlib() -> Result<PathBuf, String> {
    let has_tests = |folder: &Path| folder.join("test/support/__init__.py").is_file();
    if let Some(given) = std::env::var_os("TAIPAN_TESTLIB") {
        let folder = PathBuf::from(given);
        return if has_tests(&folder) {
            Ok(folder)
        } else {
            Err(format!(
                "stdlib: TAIPAN_TESTLIB is {}, which has no test/support",
                folder.display()
            ))
        };
    }
    let source = find()?;
    if has_tests(&source.folder) {
        Ok(source.folder)
    } else {
        Err(format!(
            "stdlib: {} comes without the `test` package; set TAIPAN_TESTLIB to a directory that contains test/",
            source.described
        ))
    }
}

fn find() -> Result<Source, String> {
    if let Some(given) = std::env::var_os("TAIPAN_STDLIB") {
        let folder = PathBuf::from(given);
        return if is_library(&folder) {
            Ok(Source { described: format!("TAIPAN_STDLIB={}", folder.display()), folder })
        } else {
            Err(format!(
                "stdlib: TAIPAN_STDLIB is {}, which is no Python 3.13 library",
                folder.display()
            ))
        };
    }
    let fetched = match from_tarball() {
        Ok(source) => return Ok(source),
        Err(why) => why,
    };
    if let Some(source) = find_installed() {
        eprintln!("stdlib: no pristine source ({fetched})");
        return Ok(source);
    }
    Err(format!(
        "stdlib: CPython {VERSION}'s Python library is needed and was not found.\n  \
         The source package could not be had: {fetched}\n  Ways out, any one of them:\n  \
         - set TAIPAN_STDLIB to the Lib folder of CPython {VERSION}'s source, or to the lib/python3.13 of an installation\n  \
         - put {TARBALL} (sha256 {SHA256}) into {}\n  \
         - make Debian's archive reachable for apt-get (the tarball is in the source package python3.13 of trixie)\n  \
         - install CPython 3.13 with uv, pyenv or Homebrew (Debian's own python3.13 is patched and is not taken)",
        cache_dir().display()
    ))
}

/// `os.py` and a package that is new in 3.13: a library of another version is refused.
fn is_library(folder: &Path) -> bool {
    folder.join("os.py").is_file()
        && folder.join("_pyrepl/__main__.py").is_file()
        && !folder.join("annotationlib.py").exists()
}

fn cache_dir() -> PathBuf {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) if Path::new(&dir).is_absolute() => PathBuf::from(dir),
        _ => home().join(".cache"),
    };
    base.join("taipan")
}

fn home() -> PathBuf {
    std::env::var_os("HOME").map_or_else(|| PathBuf::from("/root"), PathBuf::from)
}

// ---- the pristine tarball

fn from_tarball() -> Result<Source, String> {
    let cache = cache_dir();
    let unpacked = cache.join(format!("Python-{VERSION}"));
    let source = Source {
        folder: unpacked.join("Lib"),
        described: format!("CPython {VERSION}'s pristine source ({TARBALL})"),
    };
    let stamp = unpacked.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|text| text.trim() == SHA256) {
        return Ok(source);
    }
    fs::create_dir_all(&cache)
        .map_err(|error| format!("cannot make {}: {error}", cache.display()))?;
    let tarball = cache.join(TARBALL);
    if !tarball.is_file() {
        fetch(&cache)?;
    }
    let sum = sha256(&tarball)?;
    if sum != SHA256 {
        return Err(format!("{} has sha256 {sum}, not {SHA256}: remove it", tarball.display()));
    }
    // Unpacked beside and renamed, so that two builds at once or an interruption leave no half tree.
    let scratch = cache.join(format!("unpacking-{}", std::process::id()));
    fs::create_dir_all(&scratch)
        .map_err(|error| format!("cannot make {}: {error}", scratch.display()))?;
    let result = unpack(&tarball, &scratch).and_then(|()| {
        fs::write(scratch.join(format!("Python-{VERSION}/{STAMP}")), SHA256)
            .and_then(|()| {
                let _ = fs::remove_dir_all(&unpacked);
                fs::rename(scratch.join(format!("Python-{VERSION}")), &unpacked)
            })
            .map_err(|error| format!("cannot write {}: {error}", unpacked.display()))
    });
    let _ = fs::remove_dir_all(&scratch);
    match result {
        Err(_) if fs::read_to_string(&stamp).is_ok() => Ok(source),
        other => other.map(|()| source),
    }
}

/// Only `Lib` is needed. A small machine may lack xz; python3's own lzma then serves.
fn unpack(tarball: &Path, into: &Path) -> Result<(), String> {
    let member = format!("Python-{VERSION}/Lib");
    let tar =
        shell::output(Command::new("tar").arg("xJf").arg(tarball).arg("-C").arg(into).arg(&member));
    let Err(why) = tar else { return Ok(()) };
    let script = "import sys, tarfile\n\
                  with tarfile.open(sys.argv[1]) as t:\n    \
                  t.extractall(sys.argv[2], [m for m in t if m.name.startswith(sys.argv[3] + '/')])\n";
    shell::output(Command::new("python3").args(["-c", script]).arg(tarball).arg(into).arg(&member))
        .map(drop)
        .map_err(|second| format!("cannot unpack {}: {why}; {second}", tarball.display()))
}

fn sha256(path: &Path) -> Result<String, String> {
    let by_tool = shell::output(Command::new("sha256sum").arg(path));
    let text = by_tool.or_else(|_| {
        let script = "import hashlib, sys; print(hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256').hexdigest())";
        shell::output(Command::new("python3").args(["-c", script]).arg(path))
    })?;
    Ok(text.split_whitespace().next().unwrap_or("").to_string())
}

/// Asks the machine's apt client for Debian trixie's source package, with lists and settings of our own, so that
/// neither the machine's release nor its package state matters. Apt checks the archive's signature.
fn fetch(cache: &Path) -> Result<(), String> {
    let uri = debian_archive().ok_or("no Debian archive among this machine's apt sources")?;
    eprintln!("stdlib: fetching {TARBALL} with apt-get (once; kept in {})", cache.display());
    let apt = cache.join("apt");
    let make = |folder: &str| fs::create_dir_all(apt.join(folder));
    make("lists/partial")
        .and_then(|()| make("cache/archives/partial"))
        .and_then(|()| {
            let signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
            fs::write(apt.join("sources.list"), format!("deb-src {signed} {uri} trixie main\n"))
        })
        .map_err(|error| format!("cannot write under {}: {error}", apt.display()))?;
    let client = || {
        let mut command = Command::new("apt-get");
        command.current_dir(cache).args([
            "-qq",
            "-o",
            "Dir::Etc::sourceparts=/dev/null",
            "-o",
            "APT::Sandbox::User=root",
        ]);
        for (key, value) in [
            ("Dir::Etc::sourcelist", "sources.list"),
            ("Dir::State::lists", "lists"),
            ("Dir::Cache", "cache"),
        ] {
            command.arg("-o").arg(format!("{key}={}", apt.join(value).display()));
        }
        command
    };
    shell::output(client().arg("update"))?;
    shell::output(client().args(["source", "--download-only", "--tar-only", "python3.13"]))?;
    if !cache.join(TARBALL).is_file() {
        return Err(format!("trixie's source package python3.13 no longer brings {TARBALL}"));
    }
    Ok(())
}

/// The first Debian archive among the machine's apt sources, in either file format.
fn debian_archive() -> Option<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        found.sort();
        files.extend(found);
    }
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for line in text.lines() {
            let line = line.trim();
            if !(line.starts_with("URIs:") || line.starts_with("deb ")) {
                continue;
            }
            let address = line.split_whitespace().find(|word| {
                word.contains("://")
                    && word.trim_end_matches('/').ends_with("/debian")
                    && !word.starts_with('[')
            });
            if let Some(address) = address {
                return Some(address.to_string());
            }
        }
    }
    None
}

// ---- an installed CPython

fn find_installed() -> Option<Source> {
    let home = home();
    let data =
        std::env::var_os("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from);
    let uv = std::env::var_os("UV_PYTHON_INSTALL_DIR")
        .map_or_else(|| data.join("uv/python"), PathBuf::from);
    let pyenv = std::env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let mut folders = Vec::new();
    for (base, start) in [(uv, "cpython-3.13."), (pyenv.join("versions"), "3.13.")] {
        let Ok(entries) = fs::read_dir(&base) else { continue };
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(start))
            .collect();
        // 3.13.5 itself first, then the newest.
        names.sort_by_key(|name| {
            (
                !name[start.len()..].starts_with('5'),
                std::cmp::Reverse(patch_number(&name[start.len()..])),
            )
        });
        for name in names {
            folders.push(base.join(&name).join("lib/python3.13"));
            folders.push(base.join(&name).join("lib/python3.13t"));
        }
    }
    for brew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        let base = Path::new(brew).join("python@3.13");
        folders.push(base.join("Frameworks/Python.framework/Versions/3.13/lib/python3.13"));
        folders.push(base.join("lib/python3.13"));
    }
    folders.push("/usr/local/lib/python3.13".into());
    // A pyenv shim may be there and fail: then it is as if it were not.
    for name in ["python3.13", "python3.13t"] {
        let asked = Command::new(name)
            .args(["-I", "-c", "import os; print(os.path.dirname(os.__file__))"])
            .output();
        if let Ok(out) = asked
            && out.status.success()
        {
            folders.push(String::from_utf8_lossy(&out.stdout).trim().into());
        }
    }
    let folder = folders.into_iter().find(|folder| is_library(folder) && !is_debians(folder))?;
    Some(Source {
        described: format!("the installed CPython library {}", folder.display()),
        folder,
    })
}

fn patch_number(text: &str) -> u32 {
    text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

/// Debian's build differs from upstream in some forty files; its install schemes give it away.
fn is_debians(folder: &Path) -> bool {
    fs::read_to_string(folder.join("sysconfig/__init__.py"))
        .is_ok_and(|text| text.contains("deb_system"))
}

// ---- the layout

fn lay_out(prefix: &Path, with_tests: bool) -> Result<(), String> {
    let source = find()?;
    let overlay = shell::root().join("lib/taipan");
    let goal = prefix.join("lib/python3.13t");
    let mut files = Vec::new();
    list(&source.folder, "", &mut files, &|relative| !is_left_out(relative, with_tests))?;
    let mut own = Vec::new();
    list(&overlay, "", &mut own, &|relative| {
        !relative.ends_with("__pycache__") && relative != "README.md"
    })?;
    files.retain(|file| own.iter().all(|mine| mine.relative != file.relative));

    let stamp_text = format!(
        "{}\n{}\n{:016x}\n",
        source.described,
        source.folder.display(),
        fingerprint(&files, &own)
    );
    let stamp = goal.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|text| text == stamp_text) {
        println!("stdlib: {} is up to date, from {}", goal.display(), source.described);
        return Ok(());
    }
    let _ = fs::remove_file(&stamp);
    let fail = |error: std::io::Error| format!("stdlib: cannot write {}: {error}", goal.display());
    fs::create_dir_all(goal.join("site-packages")).map_err(fail)?;
    fs::create_dir_all(goal.join("lib-dynload")).map_err(fail)?;
    remove_strangers(&goal, &files, &own).map_err(fail)?;
    let mut copied = 0;
    for file in files.iter().chain(&own) {
        copied += usize::from(copy_if_newer(file, &goal.join(&file.relative)).map_err(fail)?);
    }
    fs::write(&stamp, &stamp_text).map_err(fail)?;
    println!(
        "stdlib: {} files ({copied} written) in {}, from {}",
        files.len() + own.len(),
        goal.display(),
        source.described
    );
    Ok(())
}

struct File {
    path: PathBuf,
    relative: String,
    size: u64,
    modified: u128,
}

fn list(
    folder: &Path,
    under: &str,
    into: &mut Vec<File>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("stdlib: cannot read {}: {error}", folder.display());
    let mut entries: Vec<_> = fs::read_dir(folder).map_err(fail)?.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let relative = if under.is_empty() { name } else { format!("{under}/{name}") };
        if !wanted(&relative) {
            continue;
        }
        let path = entry.path();
        let data = fs::metadata(&path).map_err(fail)?;
        if data.is_dir() {
            list(&path, &relative, into, wanted)?;
        } else {
            let modified = data
                .modified()
                .map_err(fail)?
                .duration_since(UNIX_EPOCH)
                .map_or(0, |age| age.as_nanos());
            into.push(File { path, relative, size: data.len(), modified });
        }
    }
    Ok(())
}

fn fingerprint(files: &[File], own: &[File]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for file in files.iter().chain(own) {
        (&file.relative, file.size, file.modified).hash(&mut hasher);
    }
    hasher.finish()
}

/// Files of an earlier layout that no longer belong; caches and installed packages stay.
fn remove_strangers(goal: &Path, files: &[File], own: &[File]) -> std::io::Result<()> {
    let known: std::collections::HashSet<&str> =
        files.iter().chain(own).map(|file| file.relative.as_str()).collect();
    let mut present = Vec::new();
    let kept = |relative: &str| {
        !relative.starts_with("site-packages")
            && !relative.starts_with("lib-dynload")
            && !relative.ends_with("__pycache__")
    };
    list(goal, "", &mut present, &kept).map_err(std::io::Error::other)?;
    for file in present.iter().filter(|file| !known.contains(file.relative.as_str())) {
        fs::remove_file(&file.path)?;
        // An empty folder would pass for a namespace package. Removing stops at the first that is not empty.
        let mut folder = file.path.parent();
        while let Some(path) = folder.filter(|path| *path != goal) {
            let _ = fs::remove_dir_all(path.join("__pycache__"));
            if fs::remove_dir(path).is_err() {
                break;
            }
            folder = path.parent();
        }
    }
    Ok(())
}

/// The copy keeps the source's time, which the compiled caches are checked against.
fn copy_if_newer(file: &File, to: &Path) -> std::io::Result<bool> {
    let source_time = fs::metadata(&file.path)?.modified()?;
    if let Ok(there) = fs::metadata(to)
        && there.len() == file.size
        && there.modified().is_ok_and(|time| time == source_time)
    {
        return Ok(false);
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    // Written beside and renamed: an interpreter that runs meanwhile never reads half a module.
    let beside = to.with_extension(format!("new-{}", std::process::id()));
    fs::copy(&file.path, &beside)?;
    fs::File::options().write(true).open(&beside)?.set_modified(source_time)?;
    fs::rename(&beside, to)?;
    Ok(true)
}
