//! `_imp` and the native half of import: `__import__`'s fast path, builtin and frozen modules.

use crate::module_def::ModuleDef;
use crate::objects::code::Code;
use crate::prelude::*;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use taipan_compiler::image::hash_source;

/// A module that lies in the executable as compiled code.
pub struct Frozen {
    pub name: &'static str,
    /// Its name in the standard library where that differs (`__origname__`).
    pub origname: &'static str,
    pub is_package: bool,
    /// What `marshal` wrote; see `crates/taipan/build.rs`.
    pub code: &'static [u8],
    /// Its source in the library, as it was compiled: size, modification time, hash.
    pub file: &'static str,
    pub size: u64,
    pub mtime: (i64, i64),
    pub hash: u64,
    pub state: AtomicU8,
}

/// `Frozen::state`: not looked at yet; the source is the one that was compiled; it was edited.
pub mod frozen_state {
    pub const UNKNOWN: u8 = 0;
    pub const SAME: u8 = 1;
    pub const EDITED: u8 = 2;
}

impl Frozen {
    /// Is the library's file another than that which was compiled? It is read only where its size or
    /// time differ. A library without sources is not edited.
    fn is_edited(&self, cx: &Thread) -> bool {
        use std::os::unix::fs::MetadataExt;
        let known = self.state.load(Ordering::Relaxed);
        if known != frozen_state::UNKNOWN {
            return known == frozen_state::EDITED;
        }
        let path = cx.vm.config.get().map(|c| c.stdlib.join(self.file)).unwrap_or_default();
        let edited = match std::fs::metadata(&path) {
            Ok(m) if m.len() != self.size => true,
            Ok(m) if (m.mtime(), m.mtime_nsec()) == self.mtime => false,
            Ok(_) => std::fs::read(&path).is_ok_and(|t| hash_source(&t) != self.hash),
            Err(_) => false,
        };
        let state = if edited { frozen_state::EDITED } else { frozen_state::SAME };
        self.state.store(state, Ordering::Relaxed);
        edited
    }

    /// The import system's own parts cannot be looked for in the library.
    fn is_essential(&self) -> bool {
        matches!(self.name, "_frozen_importlib" | "_frozen_importlib_external" | "zipimport")
    }
}

fn find_builtin(cx: &Thread, name: &Str) -> Option<&'static ModuleDef> {
    let n = name.as_ascii()?;
    cx.vm.module_tables().iter().flat_map(|t| t.iter()).copied().find(|d| d.name == n)
}

/// The row of a frozen module, edited or not.
pub fn frozen_row(cx: &Thread, name: &str) -> Option<&'static Frozen> {
    cx.vm.frozen_table().iter().find(|f| f.name == name)
}

fn find_frozen_row(cx: &Thread, name: &Str) -> Option<&'static Frozen> {
    let row = frozen_row(cx, name.as_ascii()?)?;
    // An edited one is imported from its file.
    if !row.is_essential() && row.is_edited(cx) { None } else { Some(row) }
}

/// `sys.builtin_module_names`.
pub fn builtin_names(cx: &Thread) -> Vec<&'static str> {
    let mut v: Vec<&str> =
        cx.vm.module_tables().iter().flat_map(|t| t.iter()).map(|d| d.name).collect();
    v.extend(["builtins", "sys"]);
    v.sort();
    v
}

/// `import name` with a level, as the statement does it (`PyImport_ImportModuleLevelObject`).
pub fn import_level(cx: &Thread, name: Value, globals: Value, fromlist: Value, level: i64) -> Res {
    let r = import_at_level(cx, name, globals, fromlist, level);
    if let Err(e) = &r {
        hide_own_frames(cx, e);
    }
    r
}

/// Takes the import system's own frames out of the traceback of an error: all of an ImportError's,
/// else those that lead to code it runs (`remove_importlib_frames`).
#[cold]
fn hide_own_frames(cx: &Thread, e: &Raised) {
    use crate::objects::traceback::Traceback;
    if cx.vm.config.get().is_some_and(|c| c.verbose > 0) {
        return;
    }
    let x = crate::objects::exceptions::of(e.0);
    let first = x.traceback.get().and_then(|t| t.downcast_exact::<Traceback>());
    let own = |t: &Traceback| {
        let file = t.frame().code().filename.value().downcast::<Str>().map(|f| f.to_str_lossy());
        file.is_some_and(|f| {
            f == "<frozen importlib._bootstrap>" || f == "<frozen importlib._bootstrap_external>"
        })
    };
    if !std::iter::successors(first, |t| t.next()).any(own) {
        return;
    }
    let all: GcVec<Value> =
        std::iter::successors(first, |t| t.next()).map(|t| Value::from_ref(t)).collect();
    let entry = |i: usize| all[i].downcast_exact::<Traceback>().expect("the list has entries only");
    let mut kept: GcVec<Value> = GcVec::new();
    let mut at = 0;
    while at < all.len() {
        let end = (at..all.len()).find(|&i| !own(entry(i))).unwrap_or(all.len());
        let last = match e.is(exc::ImportError()) {
            true => Some(end),
            false => (at..end)
                .rfind(|&i| {
                    entry(i).frame().code().name_str().to_str_lossy() == "_call_with_frames_removed"
                })
                .map(|i| i + 1),
        };
        kept.extend(all[last.unwrap_or(at)..end].iter().copied());
        if end < all.len() {
            kept.push(all[end]);
        }
        at = end + 1;
    }
    for (i, t) in kept.iter().enumerate() {
        let next = kept.get(i + 1).and_then(|n| n.downcast_exact::<Traceback>());
        t.downcast_exact::<Traceback>().expect("as above").set_next(next);
    }
    x.traceback.set(x, kept.first().copied().unwrap_or(none()));
}

fn import_at_level(cx: &Thread, name: Value, globals: Value, fromlist: Value, level: i64) -> Res {
    let Some(n) = name.downcast::<Str>() else {
        raise!(cx, TypeError, "module name must be a string");
    };
    if level < 0 {
        raise!(cx, ValueError, "level must be >= 0");
    }
    let abs = if level > 0 {
        resolve_name(cx, n, globals, level)?
    } else {
        if n.is_empty() {
            raise!(cx, ValueError, "Empty module name");
        }
        crate::objects::str::intern_str(cx, n)
    };
    let module = match cx.vm.modules_mapping_get(cx, abs)? {
        Some(m) if !m.is_none() => {
            ensure_initialized(cx, m, abs)?;
            m
        }
        _ => find_and_load(cx, abs)?,
    };
    let has_from = !fromlist.is_none() && is_true(cx, fromlist)?;
    if has_from {
        if get_attr_opt(cx, module, id!(cx, "__path__"))?.is_some() {
            let f = get_attr(cx, cx.vm.roots.bootstrap.value(), id!(cx, "_handle_fromlist"))?;
            return call(cx, f, &[module, fromlist, cx.vm.roots.import_func.value()]);
        }
        return Ok(module);
    }
    let len = n.len();
    if level == 0 || len > 0 {
        let Some(dot) = n.chars().position(|c| c == '.' as u32) else { return Ok(module) };
        if level == 0 {
            let front = crate::objects::str::intern_str(cx, Str::substring(cx, n, 0, dot));
            return import_level(cx, Value::from_ref(front), none(), none(), 0);
        }
        let cut = abs.len() - (len - dot);
        let to = crate::objects::str::intern_str(cx, Str::substring(cx, abs, 0, cut));
        return match cx.vm.modules_mapping_get(cx, to)? {
            Some(m) => Ok(m),
            None => raise!(cx, KeyError, "'{to}' not in sys.modules as expected"),
        };
    }
    Ok(module)
}

/// Waits for another thread that is still importing the module.
pub fn ensure_initialized(cx: &Thread, m: Value, name: &Str) -> Res<()> {
    let Some(spec) = get_attr_opt(cx, m, id!(cx, "__spec__"))? else { return Ok(()) };
    if spec.is_none() {
        return Ok(());
    }
    let busy = match get_attr_opt(cx, spec, id!(cx, "_initializing"))? {
        Some(v) => is_true(cx, v)?,
        None => false,
    };
    if busy {
        let f = get_attr(cx, cx.vm.roots.bootstrap.value(), id!(cx, "_lock_unlock_module"))?;
        call(cx, f, &[Value::from_ref(name)])?;
    }
    Ok(())
}

fn find_and_load(cx: &Thread, abs: &'static Str) -> Res {
    let Some(b) = cx.vm.roots.bootstrap.get() else {
        raise!(cx, ImportError, "import of {abs} before the import system is ready");
    };
    let f = get_attr(cx, b, id!(cx, "_find_and_load"))?;
    super::sys::audit_event(cx, "import", || {
        let of = |name: &'static str| {
            let name = crate::objects::str::intern(cx, name);
            cx.vm.sys_dict().get_str(cx, name).unwrap_or(none())
        };
        [Value::from_ref(abs), none(), of("path"), of("meta_path"), of("path_hooks")]
    })?;
    let args = [Value::from_ref(abs), cx.vm.roots.import_func.value()];
    if cx.vm.config.get().is_some_and(|c| c.import_time) {
        return timed(abs, || call(cx, f, &args));
    }
    call(cx, f, &args)
}

/// How deep imports are nested, and the nanoseconds of those inside the running one (`-X importtime`).
static DEPTH: AtomicUsize = AtomicUsize::new(0);
static INNER: AtomicU64 = AtomicU64::new(0);
static HEADING: AtomicBool = AtomicBool::new(true);

/// Runs an import and tells its time on standard error, itself and with what it imported.
#[cold]
fn timed(name: &Str, import: impl FnOnce() -> Res) -> Res {
    let say = |text: String| {
        // Where nobody can be told the import goes on.
        let _ = std::io::stderr().write_all(text.as_bytes());
    };
    if HEADING.swap(false, Ordering::Relaxed) {
        say("import time: self [us] | cumulative | imported package\n".into());
    }
    DEPTH.fetch_add(1, Ordering::Relaxed);
    let before = INNER.swap(0, Ordering::Relaxed);
    let start = std::time::Instant::now();
    let result = import();
    let all = start.elapsed().as_nanos() as u64;
    let own = all.saturating_sub(INNER.load(Ordering::Relaxed));
    let indent = 2 * DEPTH.fetch_sub(1, Ordering::Relaxed).saturating_sub(1);
    say(format!(
        "import time: {:9} | {:10} | {:indent$}{name}\n",
        own.div_ceil(1000),
        all.div_ceil(1000),
        ""
    ));
    INNER.store(before + all, Ordering::Relaxed);
    result
}

/// The absolute name of a relative import (`resolve_name`).
fn resolve_name(cx: &Thread, name: &Str, globals: Value, level: i64) -> Res<&'static Str> {
    let Some(g) = globals.downcast::<Dict>() else {
        if globals.is_none() {
            raise!(cx, KeyError, "'__name__' not in globals");
        }
        raise!(cx, TypeError, "globals must be a dict");
    };
    let get = |k: &Str| -> Res<Option<Value>> {
        Ok(g.get(cx, Value::from_ref(k))?.filter(|v| !v.is_none()))
    };
    let spec = get(id!(cx, "__spec__"))?;
    let package = match get(id!(cx, "__package__"))? {
        Some(p) => {
            if p.downcast::<Str>().is_none() {
                raise!(cx, TypeError, "package must be a string");
            }
            if let Some(s) = spec {
                let parent = get_attr(cx, s, id!(cx, "parent"))?;
                if !eq(cx, p, parent)? {
                    crate::objects::warn(
                        cx,
                        exc::DeprecationWarning(),
                        "__package__ != __spec__.parent",
                        1,
                    )?;
                }
            }
            p
        }
        None => match spec {
            Some(s) => {
                let p = get_attr(cx, s, id!(cx, "parent"))?;
                if p.downcast::<Str>().is_none() {
                    raise!(cx, TypeError, "__spec__.parent must be a string");
                }
                p
            }
            None => {
                crate::objects::warn(
                    cx,
                    exc::ImportWarning(),
                    "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__",
                    1,
                )?;
                let Some(n) = g.get(cx, Value::from_ref(id!(cx, "__name__")))? else {
                    raise!(cx, KeyError, "'__name__' not in globals");
                };
                let Some(n) = n.downcast::<Str>() else {
                    raise!(cx, TypeError, "__name__ must be a string");
                };
                if g.get(cx, Value::from_ref(id!(cx, "__path__")))?.is_some() {
                    Value::from_ref(n)
                } else {
                    let t = n.to_str_lossy();
                    match t.rfind('.') {
                        Some(i) => Value::from_ref(Str::new(cx, &t[..i])),
                        None => raise!(
                            cx,
                            ImportError,
                            "attempted relative import with no known parent package"
                        ),
                    }
                }
            }
        },
    };
    let p = package.downcast::<Str>().expect("checked above").to_str_lossy();
    if p.is_empty() {
        raise!(cx, ImportError, "attempted relative import with no known parent package");
    }
    let mut base: &str = &p;
    for _ in 1..level {
        match base.rfind('.') {
            Some(i) => base = &base[..i],
            None => raise!(cx, ImportError, "attempted relative import beyond top-level package"),
        }
    }
    let full = if name.is_empty() { base.to_string() } else { format!("{base}.{name}") };
    Ok(crate::objects::str::intern(cx, &full))
}

/// Is there a builtin module of that name? 1: yes, -1: yes, but it can't be initialised again.
#[pyfunction]
fn is_builtin(cx: &Thread, name: &'static Str) -> i64 {
    if name.eq_str("builtins") || name.eq_str("sys") {
        return -1;
    }
    find_builtin(cx, name).is_some() as i64
}

/// Makes the module object of a builtin module.
#[pyfunction]
fn create_builtin(cx: &Thread, spec: Value) -> Res {
    let name = get_attr(cx, spec, id!(cx, "name"))?;
    let Some(name) = name.downcast::<Str>() else {
        raise!(cx, TypeError, "name must be string, not {}", name.ty().name());
    };
    if name.eq_str("sys") {
        return Ok(cx.vm.roots.sys.value());
    }
    if name.eq_str("builtins") {
        return Ok(cx.vm.roots.builtins.value());
    }
    match find_builtin(cx, name) {
        Some(_) => Ok(Value::from_ref(Module::new(cx, &name.to_str_lossy()))),
        None => Ok(none()),
    }
}

/// Fills a builtin module.
#[pyfunction(text = "($module, mod, /)")]
fn exec_builtin(cx: &Thread, module: Value) -> Res<i64> {
    let Some(m) = module.downcast::<Module>() else { return Ok(0) };
    let Some(name) = m.name.get().and_then(|n| n.downcast::<Str>()) else { return Ok(0) };
    if let Some(d) = find_builtin(cx, name) {
        if m.state.get().is_none() {
            m.state.set(m, py_bool(true));
            m.fill(cx, d)?;
        }
    }
    Ok(0)
}

/// Imports a builtin module without importlib: for start-up.
pub fn load_builtin(cx: &Thread, name: &str) -> Res<&'static Module> {
    let key = crate::objects::str::intern(cx, name);
    let Some(d) = find_builtin(cx, key) else {
        raise!(cx, ImportError, "no builtin module named '{name}'");
    };
    let m = Module::new(cx, name);
    m.state.set(m, py_bool(true));
    m.fill(cx, d)?;
    cx.vm.modules().set(cx, Value::from_ref(key), Value::from_ref(m))?;
    Ok(m)
}

#[pyfunction]
fn is_frozen(cx: &Thread, name: &'static Str) -> bool {
    find_frozen_row(cx, name).is_some()
}

#[pyfunction]
fn is_frozen_package(cx: &Thread, name: &'static Str) -> Res<bool> {
    match find_frozen_row(cx, name) {
        Some(f) => Ok(f.is_package),
        None => Err(no_frozen(cx, name)),
    }
}

fn no_frozen(cx: &Thread, name: &Str) -> Raised {
    let msg = format!("No such frozen object named {name}");
    crate::objects::exceptions::import_error(
        cx,
        exc::ImportError(),
        &msg,
        Value::from_ref(name),
        none(),
    )
}

/// The code object of a frozen module: compiled now where the library's source is another.
pub fn frozen_code(cx: &Thread, f: &Frozen) -> Res<&'static Code> {
    if !f.is_edited(cx) {
        return super::marshal::load_embedded(cx, f.code);
    }
    let path = cx.vm.config.get().map(|c| c.stdlib.join(f.file)).unwrap_or_default();
    let text = std::fs::read_to_string(&path)
        .map_err(|e| crate::objects::exceptions::io_error(cx, &e, None))?;
    let name = Str::new(cx, &format!("<frozen {}>", f.origname));
    let optimize = cx.vm.config.get().map_or(0, |c| c.optimize.min(2));
    let request = crate::source::Request::new(name, taipan_syntax::Mode::Exec, optimize);
    crate::source::compile(cx, &text, &request)
}

#[pyfunction(sig = "(name, data=None, /)")]
fn get_frozen_object(cx: &Thread, name: &'static Str, data: Value) -> Res {
    let _ = data;
    match find_frozen_row(cx, name) {
        Some(f) => frozen_code(cx, f).map(|c| Value::from_ref(c)),
        None => Err(no_frozen(cx, name)),
    }
}

/// (data, is package, original name) of a frozen module, or None.
#[pyfunction(sig = "(name, /, *, withdata=False)")]
fn find_frozen(cx: &Thread, name: &'static Str, withdata: bool) -> Res {
    let Some(f) = find_frozen_row(cx, name) else { return Ok(none()) };
    let data = if withdata { Value::from_ref(Bytes::new(cx, f.code)) } else { none() };
    let orig = Value::from_ref(Str::new(cx, f.origname));
    Ok(Value::from_ref(Tuple::from_slice(cx, &[data, py_bool(f.is_package), orig])))
}

#[pyfunction]
fn init_frozen(cx: &Thread, name: &'static Str) -> Res {
    match find_frozen_row(cx, name) {
        Some(f) => {
            let m = Module::new(cx, &name.to_str_lossy());
            let code = frozen_code(cx, f)?;
            m.add(cx, "__builtins__", cx.vm.roots.builtins.value());
            m.add_str(cx, "__origname__", f.origname);
            cx.vm.modules().set(cx, Value::from_ref(name), Value::from_ref(m))?;
            crate::interp::exec_code(cx, code, m.dict(), Value::from_ref(m.dict()), None)?;
            Ok(Value::from_ref(m))
        }
        None => Ok(none()),
    }
}

#[pyfunction]
fn _frozen_module_names(cx: &Thread) -> &'static List {
    let v: GcVec<Value> =
        cx.vm.frozen_table().iter().map(|f| Value::from_ref(Str::new(cx, f.name))).collect();
    List::from_slice(cx, &v)
}

#[pyfunction]
fn _override_frozen_modules_for_tests(_cx: &Thread, override_: i64) {
    let _ = override_;
}

#[pyfunction]
fn _override_multi_interp_extensions_check(_cx: &Thread, override_: i64) -> i64 {
    let _ = override_;
    0
}

/// File suffixes of extension modules.
#[pyfunction]
fn extension_suffixes(cx: &Thread) -> &'static List {
    let v: GcVec<Value> = [".cpython-313t-x86_64-linux-gnu.so", ".abi3.so", ".so"]
        .iter()
        .map(|s| Value::from_ref(Str::new(cx, s)))
        .collect();
    List::from_slice(cx, &v)
}

#[pyfunction(sig = "(spec, file=None, /)", text = "($module, spec, file=<unrepresentable>, /)")]
fn create_dynamic(cx: &Thread, spec: Value, file: Value) -> Res {
    let _ = file;
    let name = get_attr(cx, spec, id!(cx, "name"))?;
    let path = get_attr(cx, spec, id!(cx, "origin"))?;
    let msg = format!(
        "{}: extension modules need Taipan's C API, which is not there yet",
        to_str(cx, path)?
    );
    Err(crate::objects::exceptions::import_error(cx, exc::ImportError(), &msg, name, path))
}

#[pyfunction(text = "($module, mod, /)")]
fn exec_dynamic(_cx: &Thread, module: Value) -> i64 {
    let _ = module;
    0
}

/// The import lock of old; per-module locks do the work.
#[pyfunction]
fn acquire_lock(cx: &Thread) {
    use std::sync::atomic::Ordering::{Acquire, Relaxed};
    if LOCK_OWNER.load(Relaxed) != cx.tid {
        // Held for a few instructions of importlib, so nobody is woken.
        while LOCK_OWNER.compare_exchange(0, cx.tid, Acquire, Relaxed).is_err() {
            if taipan_heap::halted() {
                // Whoever has it never runs again.
                forget_lock_of_others(cx);
                continue;
            }
            cx.mutator.detach(|| std::thread::sleep(std::time::Duration::from_micros(20)));
        }
    }
    LOCK_DEPTH.fetch_add(1, Relaxed);
}

#[pyfunction]
fn release_lock(cx: &Thread) -> Res<()> {
    use std::sync::atomic::Ordering::{Relaxed, Release};
    if LOCK_OWNER.load(Relaxed) != cx.tid {
        raise!(cx, RuntimeError, "not holding the import lock");
    }
    if LOCK_DEPTH.fetch_sub(1, Relaxed) == 1 {
        LOCK_OWNER.store(0, Release);
    }
    Ok(())
}

#[pyfunction]
fn lock_held(_cx: &Thread) -> bool {
    LOCK_OWNER.load(std::sync::atomic::Ordering::Relaxed) != 0
}

/// In the child of a fork: a thread that held the lock does not exist there.
pub fn forget_lock_of_others(cx: &Thread) {
    use std::sync::atomic::Ordering::Relaxed;
    if LOCK_OWNER.load(Relaxed) != cx.tid {
        LOCK_DEPTH.store(0, Relaxed);
        LOCK_OWNER.store(0, Relaxed);
    }
}

/// The import lock, which guards importlib's table of module locks: who has it, and how many times over.
static LOCK_OWNER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
static LOCK_DEPTH: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

#[pyfunction]
fn _fix_co_filename(_cx: &Thread, code: &'static Code, path: &'static Str) {
    if !code.filename_str().eq(path) {
        code.set_filename(path);
    }
}

/// The hash that hash-based code files carry (SipHash-1-3 with a fixed key).
#[pyfunction(text = "($module, /, key, source)")]
fn source_hash(cx: &Thread, key: i64, source: Value) -> Res {
    let b = match source.downcast::<Bytes>() {
        Some(b) => b,
        None => crate::objects::bytes::from_buffer(cx, source)?
            .downcast::<Bytes>()
            .expect("from_buffer gives bytes"),
    };
    let h = crate::objects::hashing::siphash13(key as u64, 0, b.as_slice());
    Ok(Value::from_ref(Bytes::new(cx, &h.to_le_bytes())))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let check = cx.vm.config.get().and_then(|c| c.check_hash_pycs.clone());
    m.add_str(cx, "check_hash_based_pycs", check.as_deref().unwrap_or("default"));
    m.add_int(cx, "pyc_magic_number_token", MAGIC_TOKEN as i64);
    Ok(())
}

/// The magic number of Taipan's code files: 'tp' and a version, then CR LF as CPython's.
pub const MAGIC_VERSION: u16 = 0x5408;
pub const MAGIC_TOKEN: u32 = MAGIC_VERSION as u32 | (b'\r' as u32) << 16 | (b'\n' as u32) << 24;

pymodule! { "_imp", doc: "Native helpers of importlib.", functions: [
is_builtin, create_builtin, exec_builtin, is_frozen, is_frozen_package, get_frozen_object,
find_frozen, init_frozen, _frozen_module_names, _override_frozen_modules_for_tests,
_override_multi_interp_extensions_check, extension_suffixes, create_dynamic, exec_dynamic,
acquire_lock, release_lock, lock_held, _fix_co_filename, source_hash], exec: exec }
