//! Start-up and shutdown: types, `builtins`, `sys`, importlib, the standard streams, `site`.
//!
//! The order is CPython's (`init_interp_main`): what each step needs stands before it.

use crate::interp::config::Config;
use crate::modules;
use crate::prelude::*;
use crate::types::ready::ready;
use crate::vm::VM;
use std::sync::atomic::Ordering;

/// Makes the VM: attaches the main thread and readies all types. Called once.
pub fn create(config: Config) -> &'static Thread {
    crate::objects::hashing::init(&VM, config.hash_seed);
    if let Some(d) = config.int_max_str_digits {
        VM.int_max_str_digits.store(d, Ordering::Relaxed);
    }
    let gil = config.gil == Some(true);
    // The first configuration stays.
    let _ = VM.config.set(config);
    let cx = Thread::attach(&VM, true);
    if gil {
        taipan_heap::gil::enable(cx.mutator);
    }
    crate::interp::install_hooks();
    ready_core_types(cx);
    cx
}

fn ready_core_types(cx: &Thread) {
    use crate::objects as o;
    crate::types::ready::bootstrap(cx);
    ready::<Type>(cx);
    ready::<o::int::Int>(cx);
    ready::<o::singletons::NoneType>(cx);
    ready::<o::singletons::EllipsisType>(cx);
    ready::<o::singletons::NotImplementedType>(cx);
    for (head, ty) in [
        (&o::int::TRUE.head, o::bool::Bool::type_object()),
        (&o::int::FALSE.head, o::bool::Bool::type_object()),
        (&o::singletons::NONE.head, o::singletons::NoneType::type_object()),
        (&o::singletons::ELLIPSIS.head, o::singletons::EllipsisType::type_object()),
        (&o::singletons::NOT_IMPLEMENTED.head, o::singletons::NotImplementedType::type_object()),
    ] {
        head.ob_type.store(ty as *const Type as *mut Head, Ordering::Release);
    }
    ready::<o::weakref::WeakRef>(cx);
    ready::<o::descr::MethodDescr>(cx);
    ready::<o::descr::ClassMethodDescr>(cx);
    ready::<o::descr::GetSet>(cx);
    ready::<o::descr::Member>(cx);
    ready::<o::descr::SlotWrapper>(cx);
    ready::<o::descr::MethodWrapper>(cx);
    ready::<o::descr::StaticMethod>(cx);
    ready::<o::descr::ClassMethod>(cx);
    ready::<o::builtin_function::BuiltinFunction>(cx);
    ready::<Module>(cx);
    ready::<o::property::Property>(cx);
    ready::<o::super_::Super>(cx);
    ready::<o::generic_alias::GenericAlias>(cx);
    ready::<o::union::Union>(cx);
    ready::<o::namespace::SimpleNamespace>(cx);
    ready::<o::weakref::Proxy>(cx);
    ready::<o::weakref::CallableProxy>(cx);
    crate::objects::ready_types(cx);
    o::exceptions::ready_all(cx);
    o::exception_group::finish(cx);
    o::generator::finish_types();
}

/// `builtins`, `sys`, importlib: after this, Python code can run and import.
pub fn start(cx: &Thread) -> Res<()> {
    VM.roots.modules.init(Some(Value::from_ref(Dict::new(cx))));
    let b = Module::new(cx, "builtins");
    VM.roots.builtins.init(Some(Value::from_ref(b)));
    VM.roots.builtins_dict.init(Some(Value::from_ref(b.dict())));
    b.state.set(b, py_bool(true));
    b.fill(cx, &modules::builtins::MODULE)?;
    crate::objects::add_types_to_builtins(cx, b.dict());
    cx.vm.modules().set_str(cx, id!(cx, "builtins"), Value::from_ref(b));
    let import = b.dict().get_str(cx, id!(cx, "__import__"));
    VM.roots.import_func.init(import);

    let s = Module::new(cx, "sys");
    VM.roots.sys.init(Some(Value::from_ref(s)));
    VM.roots.sys_dict.init(Some(Value::from_ref(s.dict())));
    s.state.set(s, py_bool(true));
    s.fill(cx, &modules::sys::MODULE)?;
    s.add(cx, "modules", VM.roots.modules.value());
    cx.vm.modules().set_str(cx, id!(cx, "sys"), Value::from_ref(s));
    install_preliminary_stderr(cx, s);
    import_system(cx)
}

/// Until the real streams stand: what `-v` and warnings of start-up write to.
fn install_preliminary_stderr(cx: &Thread, s: &Module) {
    let printer = Value::from_ref(crate::objects::std_printer::StdPrinter::new(cx, 2));
    s.add(cx, "stderr", printer);
    s.add(cx, "__stderr__", printer);
}

/// Runs a frozen module's code in a fresh module.
fn run_frozen(cx: &Thread, frozen: &str, name: &str) -> Res<&'static Module> {
    let Some(row) = modules::imp::frozen_row(cx, frozen) else {
        raise!(cx, ImportError, "no frozen module {frozen}")
    };
    let code = modules::imp::frozen_code(cx, row)?;
    let m = Module::new(cx, name);
    m.add(cx, "__builtins__", VM.roots.builtins.value());
    m.add_str(cx, "__origname__", row.origname);
    cx.vm.modules().set(
        cx,
        Value::from_ref(crate::objects::str::intern(cx, name)),
        Value::from_ref(m),
    )?;
    crate::interp::exec_code(cx, code, m.dict(), Value::from_ref(m.dict()), None)?;
    Ok(m)
}

fn import_system(cx: &Thread) -> Res<()> {
    modules::imp::load_builtin(cx, "_warnings")?;
    let imp = modules::imp::load_builtin(cx, "_imp")?;
    let boot = run_frozen(cx, "_frozen_importlib", "_frozen_importlib")?;
    VM.roots.bootstrap.init(Some(Value::from_ref(boot)));
    let install = get_attr(cx, Value::from_ref(boot), id!(cx, "_install"))?;
    call(cx, install, &[VM.roots.sys.value(), Value::from_ref(imp)])?;
    // External importers: PathFinder and the file loaders.
    let ext = get_attr(cx, Value::from_ref(boot), id!(cx, "_install_external_importers"))?;
    call(cx, ext, &[])?;
    let external = cx.vm.modules().get_str(cx, id!(cx, "_frozen_importlib_external"));
    VM.roots.bootstrap_external.init(external);
    if let Some(x) = external {
        set_magic(cx, x)?;
        modules::code_files::install(cx, x)?;
    }
    install_zipimport(cx);
    Ok(())
}

/// Code files carry Taipan's own magic number, so that CPython's and these never mix.
fn set_magic(cx: &Thread, external: Value) -> Res<()> {
    let magic = modules::imp::MAGIC_TOKEN.to_le_bytes();
    let number = Value::from_ref(Bytes::new(cx, &magic));
    set_attr(cx, external, id!(cx, "MAGIC_NUMBER"), Some(number))?;
    let raw = Value::small(modules::imp::MAGIC_TOKEN as i64);
    set_attr(cx, external, id!(cx, "_RAW_MAGIC_NUMBER"), Some(raw))
}

/// zipimport's hook goes first in `sys.path_hooks`.
fn install_zipimport(cx: &Thread) {
    let Some(hooks) = cx.vm.sys_dict().get_str(cx, id!(cx, "path_hooks")) else { return };
    let Ok(z) = crate::objects::module::import(cx, "zipimport") else { return };
    if let Ok(Some(imp)) = get_attr_opt(cx, z, id!(cx, "zipimporter")) {
        let at = Value::small(0);
        // A failure leaves the path without zip files; nothing else depends on it.
        let _ = call_method(cx, hooks, id!(cx, "insert"), &[at, imp]);
    }
}

/// `encodings`, the standard streams, `__main__`, warnings' command line, `site`.
pub fn finish_start(cx: &Thread) -> Res<()> {
    let c = cx.vm.config.get().expect("set by create");
    crate::objects::module::import(cx, "encodings")?;
    // The encoding of file names, which CPython looks up as soon as it can.
    crate::codecs::registry::lookup(cx, id!(cx, "utf-8"))?;
    let io = crate::objects::module::import(cx, "io")?;
    let b = cx.vm.builtins_dict();
    b.set_str(cx, id!(cx, "open"), get_attr(cx, io, id!(cx, "open"))?);
    if is_directory(0) {
        fatal(cx, "init_sys_streams", "<stdin> is a directory, cannot continue", None);
    }
    for (fd, name) in [(0, "stdin"), (1, "stdout"), (2, "stderr")] {
        let f = open_stream(cx, io, fd).unwrap_or_else(|e| {
            fatal(cx, "init_sys_streams", "can't initialize sys standard streams", Some(e))
        });
        let d = cx.vm.sys_dict();
        d.set_str(cx, crate::objects::str::intern(cx, name), f);
        d.set_str(cx, crate::objects::str::intern(cx, &format!("__{name}__")), f);
    }
    let main = Module::new(cx, "__main__");
    main.add(cx, "__builtins__", VM.roots.builtins.value());
    main.add(cx, "__annotations__", Value::from_ref(Dict::new(cx)));
    main.dict().del_str(cx, id!(cx, "__annotations__"));
    cx.vm.modules().set_str(cx, id!(cx, "__main__"), Value::from_ref(main));
    let boot = VM.roots.bootstrap.value();
    let loader = get_attr(cx, boot, id!(cx, "BuiltinImporter"))?;
    main.add(cx, "__loader__", loader);
    if !c.warn_options.is_empty() {
        crate::objects::module::import(cx, "warnings")?;
    }
    if !c.no_site {
        crate::objects::module::import(cx, "site")?;
    }
    let marks = cx.mutator.finalizers_left(is_for_python);
    cx.vm.start_marks.store(marks.unwrap_or(0), Ordering::Relaxed);
    cx.weak_callbacks.set(0);
    Ok(())
}

/// Has nothing been made since start-up whose end Python code may notice: by a finaliser or a callback?
fn nothing_to_finish(cx: &Thread) -> bool {
    let start = cx.vm.start_marks.load(Ordering::Relaxed);
    let made = match cx.mutator.finalizers_left(is_for_python) {
        // Of what start-up left, collections take away.
        Some(left) if taipan_heap::stats().collections == 0 => Some(left.saturating_sub(start)),
        Some(left) => Some(left),
        None => None,
    };
    made == Some(0) && cx.weak_callbacks.get() == 0
}

/// May the object's finaliser run Python code? A memoryview's does not; that of a file is left to
/// `exit_flush`, but where a warning may be shown of files that nobody closed.
fn is_for_python(p: std::ptr::NonNull<Head>) -> bool {
    let v = Value::from_head(p);
    let warns = VM.config.get().is_some_and(|c| c.dev_mode || !c.warn_options.is_empty());
    let native = v.ty().info().native.map_or("", |n| n.module);
    let view = v.downcast_exact::<crate::objects::memoryview::MemoryView>().is_some();
    v.ty().is_heap() || !view && (native != "_io" || warns)
}

fn os_errno(cx: &Thread, e: &Raised) -> Option<i64> {
    get_attr(cx, e.0, id!(cx, "errno")).ok().and_then(int_to_i64)
}

fn is_directory(fd: i32) -> bool {
    // SAFETY: fstat fills the struct; any number is allowed.
    unsafe {
        let mut st: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &mut st) == 0 && st.st_mode & libc::S_IFMT == libc::S_IFDIR
    }
}

/// Start-up cannot go on (`Py_ExitStatusException`).
fn fatal(cx: &Thread, place: &str, what: &str, e: Option<Raised>) -> ! {
    let mut text =
        format!("Fatal Python error: {place}: {what}\nPython runtime state: core initialized\n");
    if let Some(e) = e {
        let shown = to_str(cx, e.0).map_or_else(|_| String::new(), |s| s.to_string());
        text.push_str(&format!("{}: {shown}\n", e.class().name()));
    }
    text.push_str(&format!(
        "\nCurrent thread 0x{:016x} (most recent call first):\n  <no Python frame>\n",
        cx.tid
    ));
    // SAFETY: a write of our own bytes; where it fails there is nobody to tell.
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
    std::process::exit(1)
}

/// One of the three standard streams, as `create_stdio`; None for a closed descriptor.
fn open_stream(cx: &Thread, io: Value, fd: i32) -> Res {
    // SAFETY: fcntl with F_GETFD on any number is harmless.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        return Ok(none());
    }
    let c = cx.vm.config.get().expect("set by create");
    let write = fd != 0;
    let s = |t: &str| Value::from_ref(Str::new(cx, t));
    let unbuffered = c.unbuffered && write;
    let open = get_attr(cx, io, id!(cx, "open"))?;
    let kw = Dict::new(cx);
    kw.set_str(cx, id!(cx, "buffering"), Value::small(if unbuffered { 0 } else { -1 }));
    kw.set_str(cx, id!(cx, "closefd"), py_bool(false));
    let buf = call_dict(
        cx,
        open,
        &[Value::small(fd as i64), s(if write { "wb" } else { "rb" })],
        Some(kw),
    );
    let buf = match buf {
        Ok(b) => b,
        // Gone meanwhile.
        Err(e) if e.is(exc::OSError()) && os_errno(cx, &e) == Some(libc::EBADF as i64) => {
            return Ok(none());
        }
        Err(e) => return Err(e),
    };
    let raw = if unbuffered { buf } else { get_attr(cx, buf, id!(cx, "raw"))? };
    let name = ["<stdin>", "<stdout>", "<stderr>"][fd as usize];
    set_attr(cx, raw, id!(cx, "name"), Some(s(name)))?;
    let tty = call_method(cx, raw, id!(cx, "isatty"), &[])?;
    let tty = is_true(cx, tty)?;
    let (mut encoding, mut errors) = (
        if c.ascii { "ascii" } else { "utf-8" }.to_string(),
        if fd == 2 { "backslashreplace" } else { "strict" }.to_string(),
    );
    if c.lenient_streams && fd != 2 {
        errors = "surrogateescape".into();
    }
    if !c.ignore_environment {
        if let Ok(v) = std::env::var("PYTHONIOENCODING") {
            let (e, r) = v.split_once(':').map_or((v.as_str(), ""), |(e, r)| (e, r));
            if !e.is_empty() {
                let lookup = crate::objects::module::import_attr(cx, "_codecs", "lookup")?;
                let info = call(cx, lookup, &[s(e)])?;
                encoding = to_str(cx, get_attr(cx, info, id!(cx, "name"))?)?.to_string();
            }
            if fd != 2 && (!r.is_empty() || !e.is_empty()) {
                errors = if r.is_empty() { "strict".into() } else { r.into() };
            }
        }
    }
    let wrapper = get_attr(cx, io, id!(cx, "TextIOWrapper"))?;
    let kw = Dict::new(cx);
    kw.set_str(cx, id!(cx, "encoding"), s(&encoding));
    kw.set_str(cx, id!(cx, "errors"), s(&errors));
    kw.set_str(cx, id!(cx, "newline"), if fd == 0 { none() } else { s("\n") });
    kw.set_str(cx, id!(cx, "line_buffering"), py_bool((fd == 2 || tty) && !c.unbuffered));
    kw.set_str(cx, id!(cx, "write_through"), py_bool(c.unbuffered));
    let f = call_dict(cx, wrapper, &[buf], Some(kw))?;
    set_attr(cx, f, id!(cx, "mode"), Some(s(if write { "w" } else { "r" })))?;
    Ok(f)
}

/// Waits for threads, runs exit functions, flushes: the end of a Python process
/// (`Py_FinalizeEx`). True: standard output could not be flushed.
pub fn finish(cx: &Thread) -> bool {
    if let Some(t) = cx.vm.modules().get_str(cx, id!(cx, "threading")) {
        if let Err(e) = call_method(cx, t, id!(cx, "_shutdown"), &[]) {
            crate::interp::unraisable(
                cx,
                e,
                Some(t),
                Some("Exception ignored on threading shutdown"),
            );
        }
    }
    modules::atexit::run(cx);
    let mut failed = flush_streams(cx);
    cx.vm.finalizing.store(true, Ordering::Release);
    // Daemon threads stay where they are.
    cx.mutator.halt_others();
    let reported = failed;
    // Nothing but time is lost where the program made nothing that a collection could finish.
    if !nothing_to_finish(cx) {
        modules::gc::full_collect(cx);
        if taipan_heap::any_finalizable(is_for_python) {
            let main = drop_modules(cx);
            modules::gc::full_collect(cx);
            if let Some(r) = main {
                empty_module(cx, r);
                modules::gc::full_collect(cx);
            }
        }
        failed |= flush_streams_again(cx, reported);
    }
    if let Some(f) = cx.vm.exit_flush.get() {
        f(cx);
    }
    failed
}

/// What only modules keep alive is finalised while its globals are still whole (`finalize_modules`).
/// Gives a weak reference to `__main__`. Not inlined, so that the caller's frame does not keep what
/// is dropped here.
#[inline(never)]
fn drop_modules(cx: &Thread) -> Option<Value> {
    let sys = cx.vm.sys_dict();
    let set = |name: &str, v: Value| sys.set_str(cx, crate::objects::str::intern(cx, name), v);
    cx.vm.builtins_dict().set_str(cx, id!(cx, "_"), none());
    for name in ["ps1", "ps2", "last_exc", "last_type", "last_value", "last_traceback"] {
        set(name, none());
    }
    for name in ["stdin", "stdout", "stderr"] {
        let own = crate::objects::str::intern(cx, &format!("__{name}__"));
        set(name, sys.get_str(cx, own).unwrap_or(none()));
    }
    let modules = cx.vm.modules();
    let main = modules.get_str(cx, id!(cx, "__main__"));
    let main = main.map(|m| crate::objects::weakref::new_plain_ref(cx, m));
    for (name, _) in modules.entries().iter() {
        // Finalisers may warn of files that nobody closed.
        let stays = name
            .downcast::<Str>()
            .is_none_or(|n| n.eq_str("sys") || n.eq_str("builtins") || n.eq_str("_warnings"));
        if !stays {
            // A key of another type stays where it is.
            let _ = modules.del(cx, *name);
        }
    }
    main
}

/// Sets what a module that is still there holds to None, private names first.
#[inline(never)]
fn empty_module(cx: &Thread, r: Value) {
    let Some(m) = crate::objects::weakref::target(r) else { return };
    let Some(d) = m.downcast::<Module>().map(|m| m.dict()) else { return };
    for private in [true, false] {
        for k in d.keys().iter() {
            let Some(n) = k.downcast::<Str>().map(|s| s.to_string()) else { continue };
            let is_private = n.starts_with('_') && !n.starts_with("__");
            if n != "__builtins__" && is_private == private {
                // The dict of a module takes any value.
                let _ = d.set(cx, *k, none());
            }
        }
    }
}

fn flush_streams(cx: &Thread) -> bool {
    flush_streams_again(cx, false)
}

/// True where a stream could not be flushed; says so of standard output unless it was `reported`.
fn flush_streams_again(cx: &Thread, reported: bool) -> bool {
    let mut failed = false;
    for name in ["stdout", "stderr"] {
        let f = cx.vm.sys_dict().get_str(cx, crate::objects::str::intern(cx, name));
        let Some(f) = f.filter(|f| !f.is_none()) else { continue };
        let closed = get_attr_opt(cx, f, id!(cx, "closed")).ok().flatten();
        if closed.is_some_and(|c| is_true(cx, c).unwrap_or(false)) {
            continue;
        }
        if let Err(e) = call_method(cx, f, id!(cx, "flush"), &[]) {
            failed = true;
            if name == "stdout" && !reported {
                let what = "Exception ignored on flushing sys.stdout";
                crate::interp::unraisable(cx, e, None, Some(what));
            }
        }
    }
    failed
}
