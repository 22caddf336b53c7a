//! The plain line shell: prompts on standard error, one statement at a time from descriptor 0, as
//! CPython's own without its line editor (`PyRun_InteractiveLoop`).

use crate::run::{execute, main_dict, optimize};
use std::io::Read;
use taipan_vm::interp;
use taipan_vm::modules::sys::hooks;
use taipan_vm::modules::sys::info::os_value;
use taipan_vm::prelude::*;
use taipan_vm::source::{self, Request, pycf};

/// How the shell ended.
enum Step {
    Goes,
    End,
}

/// Lines of descriptor 0, read ahead: what the program itself reads comes after them.
struct Lines {
    ahead: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Lines {
    /// The next line with its end; empty at the end of input. What follows a null byte in a line is
    /// lost, its end too, as where C reads lines (`PyOS_StdioReadline`).
    fn next(&mut self, cx: &Thread) -> Res<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            let mut line = self.read(cx)?;
            let null = line.iter().position(|b| *b == 0);
            line.truncate(null.unwrap_or(line.len()));
            text.extend_from_slice(&line);
            if null.is_none() {
                return Ok(text);
            }
        }
    }

    fn read(&mut self, cx: &Thread) -> Res<Vec<u8>> {
        loop {
            let rest = &self.ahead[self.at..];
            if let Some(n) = rest.iter().position(|b| *b == b'\n') {
                let line = rest[..=n].to_vec();
                self.at += n + 1;
                return Ok(line);
            }
            if self.ended {
                let line = rest.to_vec();
                self.at = self.ahead.len();
                return Ok(line);
            }
            let mut chunk = [0u8; 4096];
            let got = cx.detach(|| read_once(&mut chunk));
            match got {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    self.ahead.drain(..self.at);
                    self.at = 0;
                    self.ahead.extend_from_slice(&chunk[..n]);
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => self.ended = true,
            }
            // A signal may have come while waiting.
            cx.poll_slow()?;
        }
    }
}

/// One read that a signal interrupts.
fn read_once(chunk: &mut [u8]) -> std::io::Result<usize> {
    // SAFETY: the buffer is ours and as long as said.
    let n = unsafe { libc::read(0, chunk.as_mut_ptr().cast(), chunk.len()) };
    if n < 0 { Err(std::io::Error::last_os_error()) } else { Ok(n as usize) }
}

fn prompt(cx: &Thread, name: &str) {
    let p = cx.vm.sys_dict().get_str(cx, taipan_vm::objects::str::intern(cx, name));
    let text = p.and_then(|p| to_str(cx, p).ok()).map_or_else(String::new, |s| s.to_string());
    crate::say(&text);
}

fn flush(cx: &Thread) {
    for name in ["stderr", "stdout"] {
        let f = cx.vm.sys_dict().get_str(cx, taipan_vm::objects::str::intern(cx, name));
        if let Some(f) = f.filter(|f| !f.is_none()) {
            // A stream that cannot be flushed says so at its own time.
            let _ = call_method(cx, f, id!(cx, "flush"), &[]);
        }
    }
}

/// The greeting of a shell that runs nothing first.
pub fn banner(cx: &Thread) {
    let text = |name| {
        let v = cx.vm.sys_dict().get_str(cx, taipan_vm::objects::str::intern(cx, name));
        v.and_then(|v| to_str(cx, v).ok()).map_or_else(String::new, |s| s.to_string())
    };
    crate::say(&format!("Python {} on {}\n", text("version"), text("platform")));
    if !cx.vm.config.get().is_some_and(|c| c.no_site) {
        let more = "\"help\", \"copyright\", \"credits\" or \"license\" for more information.";
        crate::say(&format!("Type {more}\n"));
    }
}

/// PYTHONSTARTUP's program; its errors are shown and forgotten.
pub fn startup(cx: &Thread) -> Res<()> {
    if cx.vm.config.get().is_some_and(|c| c.ignore_environment) {
        return Ok(());
    }
    let Some(file) = std::env::var_os("PYTHONSTARTUP").filter(|f| !f.is_empty()) else {
        return Ok(());
    };
    let shown = os_value(cx, &file);
    let bytes = match std::fs::File::open(&file).and_then(|mut f| {
        let mut bytes = Vec::new();
        f.read_to_end(&mut bytes).map(|_| bytes)
    }) {
        Ok(b) => b,
        Err(e) => {
            crate::say("Could not open PYTHONSTARTUP\n");
            let e = taipan_vm::objects::exceptions::io_error(cx, &e, Some(shown));
            hooks::report_uncaught(cx, e.0);
            return Ok(());
        }
    };
    let name = shown.downcast::<Str>().expect("a string was made");
    let d = main_dict(cx)?;
    d.set_str(cx, id!(cx, "__file__"), shown);
    d.set_str(cx, id!(cx, "__cached__"), none());
    let r = source::decode(cx, &bytes, taipan_syntax::source::Origin::File, name)
        .and_then(|text| execute(cx, &text, name, taipan_syntax::Mode::Exec));
    for name in ["__file__", "__cached__"] {
        d.del_str(cx, taipan_vm::objects::str::intern(cx, name));
    }
    match r {
        Err(e) if e.is(exc::SystemExit()) => Err(e),
        Err(e) => {
            hooks::report_uncaught(cx, e.0);
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

/// Reads and runs statements until the end of input; a SystemExit ends it.
pub fn run(cx: &Thread) -> Res<i32> {
    let sys = cx.vm.sys_dict();
    sys.set_default_str(cx, id!(cx, "ps1"), Value::from_ref(id!(cx, ">>> ")));
    sys.set_default_str(cx, id!(cx, "ps2"), Value::from_ref(id!(cx, "... ")));
    let mut lines = Lines { ahead: Vec::new(), at: 0, ended: false };
    let mut flags = 0;
    let mut count = 0;
    loop {
        match statement(cx, &mut lines, &mut flags, &mut count) {
            Ok(Step::Goes) => {}
            Ok(Step::End) => return Ok(0),
            Err(e) if e.is(exc::SystemExit()) => return Err(e),
            Err(e) => hooks::report_uncaught(cx, e.0),
        }
        flush(cx);
    }
}

fn statement(cx: &Thread, lines: &mut Lines, flags: &mut u32, count: &mut u32) -> Res<Step> {
    let stdin = id!(cx, "<stdin>");
    let mut text = String::new();
    prompt(cx, "ps1");
    loop {
        let line = match lines.next(cx) {
            Ok(line) => line,
            Err(e) if e.is(exc::KeyboardInterrupt()) => {
                crate::say("\nKeyboardInterrupt\n");
                return Ok(Step::Goes);
            }
            Err(e) => return Err(e),
        };
        let end = line.is_empty();
        if end && text.is_empty() {
            crate::say("\n");
            return Ok(Step::End);
        }
        if end {
            crate::say("\n");
        } else {
            let origin = taipan_syntax::source::Origin::File;
            text.push_str(&source::decode(cx, &line, origin, stdin)?);
            let first = text.trim_start_matches([' ', '\t', '\x0c']);
            if first.trim_end_matches(['\r', '\n']).is_empty() || first.starts_with('#') {
                return Ok(Step::Goes);
            }
            // Without a line end it may go on.
            if !text.ends_with('\n') || !is_complete(cx, &text, *flags) {
                prompt(cx, "ps2");
                continue;
            }
        }
        break;
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mode = taipan_syntax::Mode::Single;
    // Each statement has a name of its own, so that tracebacks find its lines; errors of its
    // syntax say where it came from.
    let name = Str::new(cx, &format!("<stdin>-{count}"));
    let mut req = Request::new(name, mode, optimize(cx));
    (req.flags, req.read) = (*flags, true);
    let compiled = source::compile_read_as(cx, &text, stdin, &req);
    // Whatever is no more than parsed counts.
    let unparsed = |e: &Raised| e.is(exc::SyntaxError()) && !names(cx, e, name);
    *count += u32::from(!compiled.as_ref().is_err_and(unparsed));
    let code = compiled?;
    *flags |= code.flags & pycf::FUTURE_MASK;
    let register = taipan_vm::objects::module::import_attr(cx, "linecache", "_register_code")?;
    let shown = Value::from_ref(Str::new(cx, &text));
    call(cx, register, &[Value::from_ref(code), shown, Value::from_ref(stdin)])?;
    let d = main_dict(cx)?;
    interp::exec_code(cx, code, d, Value::from_ref(d), None)?;
    Ok(Step::Goes)
}

/// Whether a syntax error is in the file of that name.
fn names(cx: &Thread, e: &Raised, name: &Str) -> bool {
    let file = get_attr(cx, e.0, id!(cx, "filename")).ok();
    file.and_then(|f| f.downcast::<Str>())
        .is_some_and(|f| *f.to_str_lossy() == *name.to_str_lossy())
}

/// Whether the lines are a statement, right or wrong, that no further line belongs to.
fn is_complete(cx: &Thread, text: &str, flags: u32) -> bool {
    let mut req = Request::new(id!(cx, "<stdin>"), taipan_syntax::Mode::Single, 0);
    req.flags = flags | pycf::DONT_IMPLY_DEDENT | pycf::ALLOW_INCOMPLETE_INPUT;
    let arena = bumpalo::Bump::new();
    let try_parse = |text: &str| {
        let parsed = taipan_syntax::parse(text, &arena, &req.parse_options(cx), &mut Vec::new());
        parsed.map(|_| ())
    };
    // A statement that only its last line end completes may have more lines (the rule of `codeop`).
    if try_parse(text.strip_suffix('\n').unwrap_or(text)).is_ok() {
        return true;
    }
    try_parse(text).is_err_and(|e| e.kind != taipan_syntax::ErrorKind::IncompleteInput)
}
