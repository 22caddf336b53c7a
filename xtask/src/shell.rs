//! Starting other programs and finding the repository's folders. Knows nothing of what the chores do.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository: the parent of this package's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository")
        .to_path_buf()
}

/// Where cargo puts what it builds; it is also the prefix of an interpreter that was not installed.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The cargo that started us, so that toolchain choices (`cargo +1.95 xtask ...`) hold for what we start.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The command for people: program and words, without options and their long paths.
fn shown(command: &Command) -> String {
    let words = command.get_args().map(|word| word.to_string_lossy());
    let plain =
        words.filter(|word| !word.starts_with('-') && !word.contains('=') && !word.contains('\n'));
    std::iter::once(command.get_program().to_string_lossy())
        .chain(plain)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs with the terminal's streams; an error names the command.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(command))) }
}

/// Runs and returns what it printed; an error carries its standard error.
pub fn output(command: &mut Command) -> Result<String, String> {
    let out = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(format!(
            "{} ended with {}: {}",
            shown(command),
            out.status,
            String::from_utf8_lossy(&out.stderr).trim()
        ))
    }
}

/// Runs, passes the output through line by line, and returns it as well (both streams are one).
pub fn tee(command: &mut Command) -> Result<(bool, String), String> {
    use std::io::{BufRead, BufReader, Write};
    let (reader, writer) = std::io::pipe().map_err(|error| format!("no pipe: {error}"))?;
    let second = writer.try_clone().map_err(|error| format!("no pipe: {error}"))?;
    let shown = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(second)
        .spawn()
        .map_err(|error| format!("cannot run {shown}: {error}"))?;
    // Our copies of the write end must go, or the reader never sees the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut text = String::new();
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines
        .read_until(b'\n', &mut line)
        .map_err(|error| format!("reading from {shown}: {error}"))?
        > 0
    {
        let part = String::from_utf8_lossy(&line);
        print!("{part}");
        let _ = std::io::stdout().flush();
        text.push_str(&part);
        line.clear();
    }
    let status = child.wait().map_err(|error| format!("waiting for {shown}: {error}"))?;
    Ok((status.success(), text))
}
