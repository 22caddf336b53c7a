//! Compiles the modules that start-up needs and embeds them as frozen modules.
//!
//! Each is kept with the size, time and hash of its source, and used only while the library's file is
//! the same one (`taipan_vm::modules::imp`).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// (import name, original name, file, is a package), as CPython's Tools/build/freeze_modules.py.
const FROZEN: &[(&str, &str, &str, bool)] = &[
    ("_frozen_importlib", "importlib._bootstrap", "importlib/_bootstrap.py", false),
    (
        "_frozen_importlib_external",
        "importlib._bootstrap_external",
        "importlib/_bootstrap_external.py",
        false,
    ),
    ("zipimport", "zipimport", "zipimport.py", false),
    ("abc", "abc", "abc.py", false),
    ("codecs", "codecs", "codecs.py", false),
    ("io", "io", "io.py", false),
    ("_collections_abc", "_collections_abc", "_collections_abc.py", false),
    ("_sitebuiltins", "_sitebuiltins", "_sitebuiltins.py", false),
    ("genericpath", "genericpath", "genericpath.py", false),
    ("ntpath", "ntpath", "ntpath.py", false),
    ("posixpath", "posixpath", "posixpath.py", false),
    ("os", "os", "os.py", false),
    ("site", "site", "site.py", false),
    ("stat", "stat", "stat.py", false),
    ("importlib.util", "importlib.util", "importlib/util.py", false),
    ("importlib.machinery", "importlib.machinery", "importlib/machinery.py", false),
    ("runpy", "runpy", "runpy.py", false),
];

/// The laid-out library: `TAIPAN_STDLIB`, or `lib/python3.13t` under the target folder.
fn library() -> Option<PathBuf> {
    if let Some(p) = std::env::var_os("TAIPAN_STDLIB") {
        return Some(p.into());
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR")?);
    out.ancestors().map(|a| a.join("lib/python3.13t")).find(|p| p.join("os.py").is_file())
}

/// The code, and the row's fields about the source.
fn compile(lib: &Path, file: &str, frozen_name: &str) -> Result<(Vec<u8>, String), String> {
    let path = lib.join(file);
    println!("cargo:rerun-if-changed={}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let arena = bumpalo::Bump::new();
    let options = taipan_syntax::ParseOptions::new(taipan_syntax::Mode::Exec);
    let mut warnings = Vec::new();
    let module =
        taipan_syntax::parse(&text, &arena, &options, &mut warnings).map_err(|e| e.to_string())?;
    let options = taipan_compiler::Options::new(&format!("<frozen {frozen_name}>"));
    let unit =
        taipan_compiler::compile(&module, &options, &mut warnings).map_err(|e| e.to_string())?;
    let mut out = vec![b'c'];
    out.extend(taipan_compiler::image::write(&unit));
    let meta = std::fs::metadata(&path).map_err(|e| e.to_string())?;
    let mtime = meta.modified().map_err(|e| e.to_string())?;
    let mtime = mtime.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let source = format!(
        "file: {file:?}, size: {}, mtime: ({}, {}), hash: {:#x}, state: AtomicU8::new(0)",
        text.len(),
        mtime.as_secs(),
        mtime.subsec_nanos(),
        taipan_compiler::image::hash_source(text.as_bytes())
    );
    Ok((out, source))
}

fn main() {
    println!("cargo:rerun-if-env-changed=TAIPAN_STDLIB");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        // At a fixed address, as Debian's CPython: 40,000 relocations less at each start.
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let Some(lib) = library() else {
        println!(
            "cargo:warning=the Python library is not laid out: run `cargo xtask stdlib`, then build again"
        );
        std::fs::write(out.join("frozen.rs"), "pub static FROZEN: [Frozen; 0] = [];\n")
            .expect("OUT_DIR is writable");
        // A path that never is makes cargo run this again at each build. The library's own files would not:
        // they keep the old times of the archive they came in.
        println!("cargo:rerun-if-changed=build.rs");
        println!("cargo:rerun-if-changed={}", out.join("never-written").display());
        return;
    };
    let mut rows = format!("pub static FROZEN: [Frozen; {}] = [\n", FROZEN.len());
    for (name, orig, file, package) in FROZEN {
        let (bytes, source) = match compile(&lib, file, orig) {
            Ok(b) => b,
            Err(e) => panic!("cannot compile {file}: {e}"),
        };
        let blob = out.join(format!("{name}.bin"));
        std::fs::write(&blob, bytes).expect("OUT_DIR is writable");
        writeln!(
            rows,
            "    Frozen {{ name: {name:?}, origname: {orig:?}, is_package: {package}, code: include_bytes!({blob:?}), {source} }},"
        )
        .expect("writing to a String");
    }
    rows.push_str("];\n");
    std::fs::write(out.join("frozen.rs"), rows).expect("OUT_DIR is writable");
}
