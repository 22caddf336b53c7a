//! Runs what the command line asks for, as Modules/main.c does.

use crate::cmdline::{self, Action, Options};
use crate::{frozen, locale, paths, shell};
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use taipan_vm::interp;
use taipan_vm::interp::config::Config;
use taipan_vm::modules::sys::hooks;
use taipan_vm::modules::sys::info::os_value;
use taipan_vm::modules::tracemalloc;
use taipan_vm::prelude::*;
use taipan_vm::runtime;
use taipan_vm::source::{self, Request};

/// The whole program; gives the exit status.
pub fn main() -> i32 {
    let argv: Vec<OsString> = std::env::args_os().collect();
    let program = argv.first().cloned().unwrap_or_else(|| "taipan".into());
    let (options, action) = cmdline::parse(&program, argv.get(1..).unwrap_or(&[]));
    if let Action::Print(text, status) = &action {
        let ok = if *status == 0 {
            std::io::stdout().write_all(text)
        } else {
            std::io::stderr().write_all(text)
        };
        // Nobody to tell where the stream is closed.
        let _ = ok;
        return *status;
    }
    taipan_vm::panics::install_hook();
    if let Some(Some(v)) = xoption(&options, "utf8")
        && !matches!(v.as_str(), "0" | "1")
    {
        let what = "preconfig_init_utf8_mode: invalid -X utf8 option value";
        crate::say(&format!(
            "Fatal Python error: {what}\nPython runtime state: preinitializing\n\n"
        ));
        return 1;
    }
    if xoption(&options, "utf8").is_none()
        && env_flag(&options, "PYTHONUTF8").is_some_and(|v| v != "0" && v != "1")
    {
        let what = "preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value";
        crate::say(&format!(
            "Fatal Python error: {what}\nPython runtime state: preinitializing\n\n"
        ));
        return 1;
    }
    let configured = configure(&program, &argv, &options, &action)
        .and_then(|c| Ok((c, traced_frames(&options)?)));
    let (config, frames) = match configured {
        Ok(c) => c,
        Err(e) => {
            crate::say(&format!(
                "Fatal Python error: {e}\nPython runtime state: preinitialized\n\n"
            ));
            return 1;
        }
    };
    taipan_vm::vm::VM.set_modules(module_tables(&options), &frozen::FROZEN);
    // A second start-up in one process keeps the first hook.
    let _ = taipan_vm::vm::VM.ast_hook.set(taipan_stdlib_core::_ast::HOOK);
    let cx = runtime::create(config);
    if frames > 0 && tracemalloc::begin(cx, frames).is_err() {
        crate::say(&format!(
            "Fatal Python error: init_interp_main: can't start tracemalloc\n\
             Python runtime state: core initialized\n\
             ValueError: the number of frames must be in range [1; {}]\n\n",
            tracemalloc::MOST_FRAMES
        ));
        return 1;
    }
    let started = runtime::start(cx)
        .and_then(|()| taipan_vm::objects::module::import(cx, "_signal"))
        .and_then(|_| runtime::finish_start(cx));
    if let Err(e) = started {
        if e.is(exc::SystemExit()) {
            return hooks::exit_code(cx, e.0);
        }
        hooks::display_plain(cx, e.0);
        hooks::write_stderr(cx, "Fatal Python error: init: cannot start\n");
        return 1;
    }
    if wants_faulthandler(cx, &options) {
        let enable = taipan_vm::objects::module::import_attr(cx, "faulthandler", "enable");
        // Without a standard error there is nothing to write dumps to.
        let _ = enable.and_then(|f| call(cx, f, &[]));
    }
    let mut status = run(cx, &action);
    if inspects(cx) && !matches!(action, Action::Stdin) && interactive(cx) {
        cx.vm.exit_request.store(-1, std::sync::atomic::Ordering::Relaxed);
        INSPECTING.store(false, std::sync::atomic::Ordering::Relaxed);
        status = shell(cx);
    }
    cx.mutator.clear_dead_stack();
    if runtime::finish(cx) {
        status = 120;
    }
    if status == INTERRUPTED {
        interrupt_myself();
    }
    status
}

/// Exit status of an uncaught KeyboardInterrupt: the process dies by SIGINT.
const INTERRUPTED: i32 = 130;

fn wants_faulthandler(cx: &Thread, o: &Options) -> bool {
    xoption(o, "faulthandler").is_some()
        || cx.vm.config.get().is_some_and(|c| c.dev_mode)
        || env_flag(o, "PYTHONFAULTHANDLER").is_some()
}

/// How many frames of each allocation are to be traced from the start; 0: nothing is.
fn traced_frames(o: &Options) -> Result<i64, String> {
    let number = |text: &str, whose: &str| {
        let n = text.trim().parse::<i32>().ok().filter(|n| *n >= 0);
        n.map(i64::from)
            .ok_or(format!("config_init_tracemalloc: {whose}: invalid number of frames"))
    };
    let by_environment = match env_flag(o, "PYTHONTRACEMALLOC") {
        Some(v) => number(&v, "PYTHONTRACEMALLOC")?,
        None => 0,
    };
    match xoption(o, "tracemalloc") {
        Some(Some(v)) => number(v, "-X tracemalloc=NFRAME"),
        Some(None) => Ok(1),
        None => Ok(by_environment),
    }
}

fn interrupt_myself() {
    // SAFETY: restoring the default action and raising the signal.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
}

fn module_tables(o: &Options) -> Vec<&'static [&'static taipan_vm::module_def::ModuleDef]> {
    let mut tables: Vec<&'static [&'static taipan_vm::module_def::ModuleDef]> = vec![
        taipan_vm::modules::MODULES,
        taipan_stdlib_core::MODULES,
        taipan_stdlib_compress::MODULES,
        taipan_stdlib_os::MODULES,
        taipan_stdlib_crypto::MODULES,
    ];
    // Stand-ins for CPython's C test modules, for its test suite only.
    if xoption(o, "taipan-test-modules").is_some()
        || env_flag(o, "TAIPAN_TEST_MODULES").is_some_and(|v| v == "1")
    {
        tables.push(taipan_stdlib_test::MODULES);
    }
    tables
}

fn env_flag(o: &Options, name: &str) -> Option<String> {
    if o.ignore_environment {
        return None;
    }
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

fn env_count(o: &Options, name: &str) -> u8 {
    match env_flag(o, name) {
        None => 0,
        // What is no number counts as one.
        Some(v) => v.trim().parse::<i32>().ok().filter(|n| *n >= 0).map_or(1, |n| n.min(255) as u8),
    }
}

fn xoption<'a>(o: &'a Options, name: &str) -> Option<&'a Option<String>> {
    o.xoptions.iter().rev().find(|(k, _)| k == name).map(|(_, v)| v)
}

fn configure(
    program: &OsStr,
    argv: &[OsString],
    o: &Options,
    action: &Action,
) -> Result<Config, String> {
    let home = env_flag(o, "PYTHONHOME");
    let p = paths::find(program, home.as_deref())?;
    let python_path = if o.ignore_environment { None } else { std::env::var_os("PYTHONPATH") };
    let hash_seed = match env_flag(o, "PYTHONHASHSEED") {
        Some(v) if v != "random" && !o.random_hash => match v.parse::<u32>() {
            Ok(n) => Some(n),
            Err(_) => {
                return Err("config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]".into());
            }
        },
        _ => None,
    };
    let digits = match xoption(o, "int_max_str_digits") {
        Some(v) => Some(v.clone().unwrap_or_default()),
        None => env_flag(o, "PYTHONINTMAXSTRDIGITS"),
    };
    let int_max_str_digits = match digits {
        Some(d) => match d.parse::<u32>() {
            Ok(n) if n == 0 || n >= 640 => Some(n),
            _ => {
                let origin = match xoption(o, "int_max_str_digits") {
                    Some(_) => "-X int_max_str_digits",
                    None => "PYTHONINTMAXSTRDIGITS",
                };
                return Err(format!(
                    "config_init_int_max_str_digits: {origin}: invalid limit; must be >= 640 or 0 for unlimited."
                ));
            }
        },
        None => None,
    };
    let dev_mode = xoption(o, "dev").is_some() || env_flag(o, "PYTHONDEVMODE").is_some();
    let coerce =
        if o.ignore_environment { None } else { std::env::var("PYTHONCOERCECLOCALE").ok() };
    let locale = locale::set_up(coerce.as_deref());
    let utf8_mode = match (xoption(o, "utf8"), env_flag(o, "PYTHONUTF8").as_deref()) {
        (Some(None), _) => true,
        (Some(Some(v)), _) => v == "1",
        (None, Some(v)) => v == "1",
        (None, None) => locale.c,
    };
    let cpu_count = match xoption(o, "cpu_count").map(|v| v.clone().unwrap_or_default()) {
        Some(v) if v == "default" => -1,
        Some(v) => v.parse::<i64>().ok().filter(|n| *n > 0).ok_or("config_init_cpu_count: -X cpu_count=n option: n is missing or an invalid number, n must be greater than 0")?,
        None => match env_flag(o, "PYTHON_CPU_COUNT") {
            Some(v) if v == "default" => -1,
            Some(v) => v.parse::<i64>().ok().filter(|n| *n > 0).ok_or("config_init_cpu_count: PYTHON_CPU_COUNT=n: n is missing or an invalid number, n must be greater than 0")?,
            None => -1,
        },
    };
    if xoption(o, "frozen_modules")
        .is_some_and(|v| !matches!(v.as_deref(), None | Some("on" | "off")))
    {
        return Err("bad value for option -X frozen_modules (expected \"on\" or \"off\")".into());
    }
    let mut gil = None;
    for said in [env_flag(o, "PYTHON_GIL").map(Some), xoption(o, "gil").cloned()] {
        gil = match said.as_ref().map(Option::as_deref) {
            None => gil,
            Some(Some("0")) => Some(false),
            Some(Some("1")) => Some(true),
            _ => {
                return Err("config_read_gil: PYTHON_GIL / -X gil must be \"0\" or \"1\"".into());
            }
        };
    }
    let mut warn_options: Vec<String> = Vec::new();
    if dev_mode {
        warn_options.push("default".into());
    }
    if let Some(w) = env_flag(o, "PYTHONWARNINGS") {
        warn_options.extend(w.split(',').map(str::to_string));
    }
    warn_options.extend(o.warn_options.iter().cloned());
    match o.bytes_warning {
        0 => {}
        1 => warn_options.push("default::BytesWarning".into()),
        _ => warn_options.push("error::BytesWarning".into()),
    }
    let mut args: Vec<OsString> = match action {
        Action::Command(_) => vec!["-c".into()],
        Action::Module(_) => vec!["-m".into()],
        Action::File(f) => vec![f.clone()],
        _ if o.args.first().is_some_and(|a| a == "-") => vec![],
        _ => vec!["".into()],
    };
    args.extend(o.args.iter().cloned());
    Ok(Config {
        argv: args,
        orig_argv: argv.to_vec(),
        module_path: p.module_path(python_path.as_deref()),
        executable: p.executable,
        base_executable: p.base_executable,
        prefix: p.prefix,
        base_prefix: p.base_prefix,
        stdlib: p.stdlib,
        debug: o.debug.max(env_count(o, "PYTHONDEBUG")).min(1),
        inspect: o.inspect || env_flag(o, "PYTHONINSPECT").is_some(),
        interactive: o.interactive,
        optimize: o.optimize.max(env_count(o, "PYTHONOPTIMIZE")),
        dont_write_bytecode: o.dont_write_bytecode || env_count(o, "PYTHONDONTWRITEBYTECODE") > 0,
        no_user_site: o.no_user_site || env_count(o, "PYTHONNOUSERSITE") > 0,
        no_site: o.no_site,
        ignore_environment: o.ignore_environment,
        verbose: o.verbose.max(env_count(o, "PYTHONVERBOSE")),
        bytes_warning: o.bytes_warning,
        quiet: o.quiet,
        hash_seed,
        isolated: o.isolated,
        dev_mode,
        utf8_mode,
        ascii: locale.ascii() && !utf8_mode,
        import_time: xoption(o, "importtime").is_some()
            || env_count(o, "PYTHONPROFILEIMPORTTIME") > 0,
        lenient_streams: locale.lenient || utf8_mode,
        gil,
        cpu_count,
        warn_default_encoding: xoption(o, "warn_default_encoding").is_some()
            || env_count(o, "PYTHONWARNDEFAULTENCODING") > 0,
        no_debug_ranges: xoption(o, "no_debug_ranges").is_some()
            || env_flag(o, "PYTHONNODEBUGRANGES").is_some(),
        safe_path: o.safe_path || env_flag(o, "PYTHONSAFEPATH").is_some(),
        unbuffered: o.unbuffered || env_count(o, "PYTHONUNBUFFERED") > 0,
        warn_options,
        xoptions: o.xoptions.clone(),
        int_max_str_digits,
        check_hash_pycs: o.check_hash_pycs.clone(),
        pycache_prefix: match xoption(o, "pycache_prefix") {
            Some(v) => v.clone().filter(|v| !v.is_empty()),
            None => env_flag(o, "PYTHONPYCACHEPREFIX"),
        },
        skip_source_first_line: o.skip_first_line,
        python_path: Vec::new(),
    })
}

/// Runs the program and reports what it raises. Not inlined: the frame that stays until the end is to
/// hold nothing of the program.
#[inline(never)]
fn run(cx: &'static Thread, action: &Action) -> i32 {
    let r = match action {
        Action::Command(c) => run_command(cx, c),
        Action::Module(m) => run_module(cx, m),
        Action::File(f) => run_file(cx, f),
        _ => {
            prepend_path(cx, OsStr::new(""));
            if interactive(cx) {
                INSPECTING.store(false, std::sync::atomic::Ordering::Relaxed);
                if !cx.vm.config.get().is_some_and(|c| c.quiet) {
                    shell::banner(cx);
                }
                if let Err(e) = shell::startup(cx) {
                    return finish_with(cx, Err(e));
                }
                return shell(cx);
            }
            run_stdin(cx)
        }
    };
    finish_with(cx, r)
}

/// False from when the shell runs: an exit there ends the process.
static INSPECTING: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(true);

/// Whether a shell follows the program: `-i`, or PYTHONINSPECT, which the program may set.
fn inspects(cx: &Thread) -> bool {
    let Some(c) = cx.vm.config.get() else { return false };
    let by_variable = || {
        let set = std::env::var_os("PYTHONINSPECT").is_some_and(|v| !v.is_empty());
        set && !c.ignore_environment
    };
    INSPECTING.load(std::sync::atomic::Ordering::Relaxed)
        && (c.inspect || by_variable())
        && interactive(cx)
}

/// Whether somebody, or `-i`, says that standard input is a person's.
fn interactive(cx: &Thread) -> bool {
    cx.vm.config.get().is_some_and(|c| c.interactive) || std::io::stdin().is_terminal()
}

fn finish_with(cx: &Thread, r: Res<i32>) -> i32 {
    match r {
        Ok(status) => status,
        // Before a shell, an exit is shown like every other exception.
        Err(e) if e.is(exc::SystemExit()) && !inspects(cx) => hooks::exit_code(cx, e.0),
        Err(e) => {
            hooks::report_uncaught(cx, e.0);
            let asked = cx.vm.exit_request.load(std::sync::atomic::Ordering::Relaxed);
            if asked >= 0 {
                return asked as i32;
            }
            // Not its subclasses.
            if e.class().is(exc::KeyboardInterrupt()) { INTERRUPTED } else { 1 }
        }
    }
}

fn prepend_path(cx: &Thread, dir: &OsStr) {
    if cx.vm.config.get().is_some_and(|c| c.safe_path) {
        return;
    }
    // Set once: the first of the program's start-up.
    let _ = cx.vm.first_path.set(dir.to_owned());
    force_path(cx, dir);
}

fn force_path(cx: &Thread, dir: &OsStr) {
    let path = cx.vm.sys_dict().get_str(cx, id!(cx, "path")).and_then(|p| p.downcast::<List>());
    if let Some(l) = path {
        let mut v: GcVec<Value> = [os_value(cx, dir)].into_iter().collect();
        v.extend(l.to_vec().iter().copied());
        l.replace_all(cx, &v);
    }
}

pub fn main_dict(cx: &Thread) -> Res<&'static Dict> {
    match cx.vm.modules().get_str(cx, id!(cx, "__main__")).and_then(|m| m.downcast::<Module>()) {
        Some(m) => Ok(m.dict()),
        None => raise!(cx, RuntimeError, "__main__ is missing"),
    }
}

pub fn optimize(cx: &Thread) -> u8 {
    cx.vm.config.get().map_or(0, |c| c.optimize.min(2))
}

pub fn execute(cx: &Thread, text: &str, filename: &Str, mode: taipan_syntax::Mode) -> Res {
    let mut req = Request::new(filename, mode, optimize(cx));
    req.read = true;
    let code = source::compile(cx, text, &req)?;
    let d = main_dict(cx)?;
    interp::exec_code(cx, code, d, Value::from_ref(d), None)
}

fn run_command(cx: &Thread, command: &OsStr) -> Res<i32> {
    prepend_path(cx, OsStr::new(""));
    let Some(text) = command.to_str() else {
        hooks::write_stderr(cx, "Unable to decode the command from the command line:\n");
        let text = os_value(cx, command);
        call_method(cx, text, id!(cx, "encode"), &[])?;
        raise!(cx, ValueError, "the command is not valid text");
    };
    let text = text.to_owned() + "\n";
    let name = id!(cx, "<string>");
    let req = Request::new(name, taipan_syntax::Mode::Exec, optimize(cx));
    let code = source::compile(cx, &text, &req)?;
    // So that tracebacks show the lines.
    let register = taipan_vm::objects::module::import_attr(cx, "linecache", "_register_code")?;
    let shown = Value::from_ref(Str::new(cx, &text));
    call(cx, register, &[Value::from_ref(code), shown, Value::from_ref(name)])?;
    let d = main_dict(cx)?;
    interp::exec_code(cx, code, d, Value::from_ref(d), None)?;
    Ok(0)
}

fn run_module(cx: &Thread, name: &OsStr) -> Res<i32> {
    let cwd = std::env::current_dir().unwrap_or_default();
    prepend_path(cx, cwd.as_os_str());
    let f = taipan_vm::objects::module::import_attr(cx, "runpy", "_run_module_as_main")?;
    call(cx, f, &[os_value(cx, name), py_bool(true)])?;
    Ok(0)
}

fn run_file(cx: &Thread, file: &OsStr) -> Res<i32> {
    let path = Path::new(file);
    let importable = path.is_dir() || has_path_hook(cx, file)?;
    if importable {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
        force_path(cx, absolute.as_os_str());
        let f = taipan_vm::objects::module::import_attr(cx, "runpy", "_run_module_as_main")?;
        call(cx, f, &[Value::from_ref(id!(cx, "__main__")), py_bool(false)])?;
        return Ok(0);
    }
    let program = cx.vm.config.get().map(|c| c.executable.clone()).unwrap_or_default();
    let bytes = match std::fs::read(path) {
        Ok(b) => b,
        Err(e) => {
            let code = e.raw_os_error().unwrap_or(0);
            let shown = taipan_vm::objects::exceptions::strerror(code);
            let text = format!(
                "{}: can't open file '{}': [Errno {code}] {shown}\n",
                program.display(),
                std::path::absolute(path).unwrap_or_else(|_| path.into()).display()
            );
            hooks::write_stderr(cx, &text);
            return Ok(2);
        }
    };
    let resolved = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let dir = resolved.parent().map(PathBuf::from).unwrap_or_default();
    prepend_path(cx, dir.as_os_str());
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
    let name = os_value(cx, absolute.as_os_str());
    let name = name.downcast::<Str>().expect("a string was made");
    let d = main_dict(cx)?;
    d.set_str(cx, id!(cx, "__file__"), Value::from_ref(name));
    d.set_str(cx, id!(cx, "__cached__"), none());
    set_loader(cx, d, name)?;
    if is_code_file(file, &bytes) {
        return run_code_file(cx, &bytes, d);
    }
    let mut bytes = bytes;
    if cx.vm.config.get().is_some_and(|c| c.skip_source_first_line) {
        let at = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
        bytes.drain(..at);
    }
    let text = source::decode(cx, &bytes, taipan_syntax::source::Origin::File, name)?;
    execute(cx, &text, name, taipan_syntax::Mode::Exec)?;
    Ok(0)
}

fn set_loader(cx: &Thread, d: &Dict, name: &Str) -> Res<()> {
    let Some(ext) = cx.vm.roots.bootstrap_external.get() else { return Ok(()) };
    let cls = get_attr(cx, ext, id!(cx, "SourceFileLoader"))?;
    let l = call(cx, cls, &[Value::from_ref(id!(cx, "__main__")), Value::from_ref(name)])?;
    d.set_str(cx, id!(cx, "__loader__"), l);
    Ok(())
}

fn has_path_hook(cx: &Thread, file: &OsStr) -> Res<bool> {
    if !Path::new(file).is_file() || file.as_bytes().ends_with(b".py") {
        return Ok(false);
    }
    let f = taipan_vm::objects::module::import_attr(cx, "pkgutil", "get_importer")?;
    let imp = call(cx, f, &[os_value(cx, file)])?;
    Ok(!imp.is_none())
}

fn is_code_file(file: &OsStr, bytes: &[u8]) -> bool {
    file.as_bytes().ends_with(b".pyc")
        || bytes.starts_with(&taipan_vm::modules::imp::MAGIC_TOKEN.to_le_bytes())
}

fn run_code_file(cx: &Thread, bytes: &[u8], d: &'static Dict) -> Res<i32> {
    match bytes.get(..4) {
        Some(m) if m == taipan_vm::modules::imp::MAGIC_TOKEN.to_le_bytes() => {}
        Some(_) => raise!(cx, RuntimeError, "Bad magic number in .pyc file"),
        None => raise!(cx, EOFError, "EOF read where not expected"),
    }
    let Some(body) = bytes.get(16..) else { raise!(cx, EOFError, "EOF read where not expected") };
    let loaded = taipan_vm::modules::marshal::loads(cx, body).ok();
    let Some(code) = loaded.and_then(|v| v.downcast::<taipan_vm::objects::code::Code>()) else {
        raise!(cx, RuntimeError, "Bad code object in .pyc file");
    };
    interp::exec_code(cx, code, d, Value::from_ref(d), None)?;
    Ok(0)
}

fn run_stdin(cx: &Thread) -> Res<i32> {
    let mut bytes = Vec::new();
    if let Err(e) = std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes) {
        return Err(taipan_vm::objects::exceptions::io_error(cx, &e, None));
    }
    let name = id!(cx, "<stdin>");
    let text = source::decode(cx, &bytes, taipan_syntax::source::Origin::File, name)?;
    let d = main_dict(cx)?;
    d.set_str(cx, id!(cx, "__file__"), Value::from_ref(name));
    d.set_str(cx, id!(cx, "__cached__"), none());
    execute(cx, &text, name, taipan_syntax::Mode::Exec)?;
    Ok(0)
}

/// The shell after a program, or instead of one.
fn shell(cx: &Thread) -> i32 {
    // What site set for interactive use.
    let hook = cx.vm.sys_dict().get_str(cx, id!(cx, "__interactivehook__"));
    if let Some(Err(e)) = hook.map(|h| call(cx, h, &[])) {
        crate::say("Failed calling sys.__interactivehook__\n");
        hooks::report_uncaught(cx, e.0);
    }
    let r = shell::run(cx);
    finish_with(cx, r)
}
