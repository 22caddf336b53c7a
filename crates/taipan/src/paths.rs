//! Where the library lies: prefix, virtual environment, `sys.path` (Modules/getpath.py's rules for
//! a POSIX system).

use std::path::{Path, PathBuf};

const LIB: &str = "lib/python3.13t";

pub struct Paths {
    pub executable: PathBuf,
    pub base_executable: PathBuf,
    pub prefix: PathBuf,
    pub base_prefix: PathBuf,
    pub stdlib: PathBuf,
}

/// The program as it was called: found on PATH where it has no slash, not resolved.
fn executable(argv0: &std::ffi::OsStr) -> PathBuf {
    let p = Path::new(argv0);
    if argv0.to_string_lossy().contains('/') {
        return std::path::absolute(p).unwrap_or_else(|_| p.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|d| d.join(p))
        .find(|c| c.is_file())
        .or_else(|| std::env::current_exe().ok())
        .unwrap_or_default()
}

/// The `home` of a `pyvenv.cfg` beside the executable or one folder above.
fn venv_home(exe: &Path) -> Option<(PathBuf, PathBuf)> {
    let dir = exe.parent()?;
    for d in [Some(dir), dir.parent()].into_iter().flatten() {
        let Ok(text) = std::fs::read_to_string(d.join("pyvenv.cfg")) else { continue };
        for line in text.lines() {
            if let Some((k, v)) = line.split_once('=') {
                if k.trim().eq_ignore_ascii_case("home") {
                    return Some((d.to_path_buf(), v.trim().into()));
                }
            }
        }
    }
    None
}

/// The folder at or above `start` (three levels) that holds the library.
fn search(start: &Path) -> Option<PathBuf> {
    start.ancestors().take(4).find(|d| d.join(LIB).join("os.py").is_file()).map(Path::to_path_buf)
}

pub fn find(argv0: &std::ffi::OsStr, home: Option<&str>) -> Result<Paths, String> {
    let exe = executable(argv0);
    let real = std::env::current_exe()
        .or_else(|_| std::fs::canonicalize(&exe))
        .unwrap_or_else(|_| exe.clone());
    let venv = venv_home(&exe);
    let base_prefix = match home {
        Some(h) => Some(PathBuf::from(h)),
        None => {
            venv.as_ref().and_then(|(_, h)| search(h)).or_else(|| real.parent().and_then(search))
        }
    };
    let Some(base_prefix) = base_prefix else {
        return Err(format!(
            "cannot find the Python library: no {LIB}/os.py beside {} or up to three folders above.\n\
             Run `cargo xtask stdlib` in Taipan's repository to lay it out, or set PYTHONHOME to a \
             prefix that has it.",
            real.display()
        ));
    };
    let base_executable = match &venv {
        Some((_, h)) => {
            let b = h.join(exe.file_name().unwrap_or_default());
            if b.is_file() { b } else { real.clone() }
        }
        None => exe.clone(),
    };
    Ok(Paths {
        executable: exe,
        base_executable,
        prefix: venv.map_or_else(|| base_prefix.clone(), |(p, _)| p),
        stdlib: base_prefix.join(LIB),
        base_prefix,
    })
}

impl Paths {
    /// The initial `sys.path`, without the script's folder.
    pub fn module_path(&self, python_path: Option<&std::ffi::OsStr>) -> Vec<PathBuf> {
        let mut v: Vec<PathBuf> = Vec::new();
        if let Some(p) = python_path.filter(|p| !p.is_empty()) {
            let cwd = std::env::current_dir().unwrap_or_default();
            let dirs = std::env::split_paths(p);
            v.extend(dirs.map(|d| if d.as_os_str().is_empty() { cwd.clone() } else { d }));
        }
        v.push(self.base_prefix.join("lib/python313t.zip"));
        v.push(self.stdlib.clone());
        v.push(self.stdlib.join("lib-dynload"));
        v
    }
}
