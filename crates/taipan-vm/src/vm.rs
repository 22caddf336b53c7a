//! `Vm`: the state all threads share. There is one; everything in it that changes is atomic or
//! behind a lock, and every `Value` in it is a registered root (`VmRoots`).

use crate::prelude::*;
use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use taipan_heap::POLL_USER;

/// Values that live as long as the VM: scanned as roots, word by word.
#[repr(C)]
pub struct VmRoots {
    /// The interned strings: see `objects::str::intern`.
    pub interned: Slot,
    /// `sys.modules`.
    pub modules: Slot,
    pub sys: Slot,
    pub builtins: Slot,
    /// `builtins.__dict__`, `sys.__dict__`.
    pub builtins_dict: Slot,
    pub sys_dict: Slot,
    pub empty_tuple: Slot,
    pub empty_str: Slot,
    pub empty_bytes: Slot,
    /// One-character Latin-1 strings (Tuple of 256).
    pub latin1: Slot,
    /// `importlib._bootstrap` and `_bootstrap_external`.
    pub bootstrap: Slot,
    pub bootstrap_external: Slot,
    pub import_func: Slot,
    /// Pending weakref callbacks and finalisers: a List.
    pub pending: Slot,
    /// `gc.callbacks`, `gc.garbage`.
    pub gc_callbacks: Slot,
    pub gc_garbage: Slot,
    pub atexit: Slot,
    pub codec_search_path: Slot,
    pub codec_cache: Slot,
    pub codec_errors: Slot,
    /// More roots that modules of the VM register by index: see `Vm::root`.
    pub extra: [Slot; 64],
}

pub struct Vm {
    pub roots: VmRoots,
    recursion_limit: AtomicU32,
    /// Set by signal handlers; read at polls.
    pub signals_pending: AtomicBool,
    next_version: AtomicU32,
    pub hash_key: (AtomicU64, AtomicU64),
    /// Set while the interpreter exits.
    pub finalizing: AtomicBool,
    pub config: std::sync::OnceLock<crate::interp::config::Config>,
    /// Run at polls by the main thread when signals are pending (set by the signal module).
    pub signal_hook: std::sync::OnceLock<fn(&Thread) -> Res<()>>,
    /// Acts as if a signal had arrived, where it has a Python handler (set by the signal module).
    pub trip_signal: std::sync::OnceLock<fn(i32)>,
    /// The main thread: `pthread_self`, and the poll word that asks it to run signal handlers.
    pub main_ident: AtomicU64,
    main_mutator: AtomicPtr<taipan_heap::Mutator>,
    pub int_max_str_digits: AtomicU32,
    /// The interning shards' arrays, as roots: see `objects::str::intern`.
    pub interned_arrays: [AtomicU64; 16],
    permanent: std::sync::Mutex<Vec<u64>>,
    /// What `compile` does with trees: set by the `_ast` module's crate.
    pub ast_hook: std::sync::OnceLock<AstHook>,
    module_tables: std::sync::OnceLock<Vec<&'static [&'static crate::module_def::ModuleDef]>>,
    frozen: std::sync::OnceLock<&'static [crate::modules::imp::Frozen]>,
    /// Writes out what open files still hold: set by `_io`.
    pub exit_flush: std::sync::OnceLock<fn(&Thread)>,
    /// What start-up put before the path, as `-c` or a script asks (`PyConfig.sys_path_0`).
    pub first_path: std::sync::OnceLock<std::ffi::OsString>,
    /// How many objects with a finaliser start-up made.
    pub start_marks: AtomicUsize,
    /// The exit status that an excepthook's SystemExit asked for; -1: none.
    pub exit_request: AtomicI64,
}

/// `compile()`'s way to and from syntax trees as Python objects.
pub struct AstHook {
    /// A tree object to its code object (or checked tree); `None`: the source is no tree.
    pub compile_tree: fn(&Thread, Value, &crate::source::Request<'_>) -> Res<Option<Value>>,
    /// Text to a tree object.
    pub parse: fn(&Thread, &str, &crate::source::Request<'_>) -> Res,
}

// SAFETY: Slots are atomics over values that are shared heap objects; the rest is Sync itself.
unsafe impl Sync for Vm {}

pub static VM: Vm = Vm {
    roots: VmRoots {
        interned: Slot::empty(),
        modules: Slot::empty(),
        sys: Slot::empty(),
        builtins: Slot::empty(),
        builtins_dict: Slot::empty(),
        sys_dict: Slot::empty(),
        empty_tuple: Slot::empty(),
        empty_str: Slot::empty(),
        empty_bytes: Slot::empty(),
        latin1: Slot::empty(),
        bootstrap: Slot::empty(),
        bootstrap_external: Slot::empty(),
        import_func: Slot::empty(),
        pending: Slot::empty(),
        gc_callbacks: Slot::empty(),
        gc_garbage: Slot::empty(),
        atexit: Slot::empty(),
        codec_search_path: Slot::empty(),
        codec_cache: Slot::empty(),
        codec_errors: Slot::empty(),
        extra: [const { Slot::empty() }; 64],
    },
    recursion_limit: AtomicU32::new(1000),
    signals_pending: AtomicBool::new(false),
    next_version: AtomicU32::new(1),
    hash_key: (AtomicU64::new(0), AtomicU64::new(0)),
    finalizing: AtomicBool::new(false),
    config: std::sync::OnceLock::new(),
    signal_hook: std::sync::OnceLock::new(),
    trip_signal: std::sync::OnceLock::new(),
    main_ident: AtomicU64::new(0),
    main_mutator: AtomicPtr::new(std::ptr::null_mut()),
    int_max_str_digits: AtomicU32::new(4300),
    interned_arrays: [const { AtomicU64::new(0) }; 16],
    permanent: std::sync::Mutex::new(Vec::new()),
    ast_hook: std::sync::OnceLock::new(),
    module_tables: std::sync::OnceLock::new(),
    frozen: std::sync::OnceLock::new(),
    exit_flush: std::sync::OnceLock::new(),
    first_path: std::sync::OnceLock::new(),
    start_marks: AtomicUsize::new(0),
    exit_request: AtomicI64::new(-1),
};

impl Vm {
    #[inline(always)]
    pub fn recursion_limit(&self) -> u32 {
        self.recursion_limit.load(Ordering::Relaxed)
    }

    pub fn set_recursion_limit(&self, n: u32) {
        self.recursion_limit.store(n, Ordering::Relaxed);
    }

    /// A fresh type version, never reused. 0 when they have run out: then nothing is cached.
    pub fn next_type_version(&self) -> u32 {
        let v = self.next_version.fetch_add(1, Ordering::Relaxed);
        if v >= u32::MAX - 1024 { 0 } else { v }
    }

    /// What a poll does beside stopping: signals, weakref callbacks, finalisers.
    #[cold]
    pub fn handle_pending(&self, cx: &Thread) -> Res<()> {
        // Cleared before looking, so that what arrives meanwhile is seen at the next poll.
        cx.mutator.poll.fetch_and(!POLL_USER, Ordering::SeqCst);
        // Signals first: an exception of their handlers raised in a finaliser would be lost.
        if cx.is_main() && self.signals_pending.load(Ordering::Acquire) {
            if let Some(h) = self.signal_hook.get() {
                h(cx)?;
            }
        }
        let e = cx.async_exc.swap(0, Ordering::AcqRel);
        // SAFETY: async_exc holds zero or the bits of an exception class or instance.
        if let Some(v) = unsafe { Value::option_from_bits(e) } {
            return Err(crate::objects::exceptions::raise_value(cx, v));
        }
        crate::objects::weakref::run_pending(cx);
        Ok(())
    }

    /// The calling thread is the main thread from now on: at start-up, and in the child of a fork.
    pub fn set_main(&self, cx: &Thread) {
        self.main_ident.store(cx.tid, Ordering::Release);
        self.main_mutator.store(std::ptr::from_ref(cx.mutator).cast_mut(), Ordering::Release);
    }

    /// Makes the main thread look at pending signals soon. Safe in a signal handler.
    pub fn alert_main(&self) {
        self.signals_pending.store(true, Ordering::Release);
        // SAFETY: null or a mutator, whose memory is never freed.
        if let Some(m) = unsafe { self.main_mutator.load(Ordering::Acquire).as_ref() } {
            m.poll.fetch_or(POLL_USER, Ordering::SeqCst);
        }
    }

    /// Keeps a value alive for ever (static types, whose TypeInfo lies in the heap).
    pub fn add_permanent_root(&self, v: Value) {
        let mut list = self.permanent.lock().expect("no panic while holding it");
        list.push(v.bits());
    }

    /// In the child of a fork: nobody holds the locks of static objects any more.
    pub fn unlock_permanent(&self) {
        for bits in self.permanent.lock().expect("no panic while holding it").iter() {
            // SAFETY: permanent roots are types or other heap or static objects.
            if let Some(h) = unsafe { Value::from_bits(*bits) }.head() {
                h.ob_mutex.store(0, Ordering::Relaxed);
            }
        }
    }

    /// The words of all values the VM itself holds.
    pub fn visit_roots(&self, mut visit: impl FnMut(u64)) {
        let words = size_of::<VmRoots>() / 8;
        let base = &self.roots as *const VmRoots as *const AtomicU64;
        for i in 0..words {
            // SAFETY: VmRoots is repr(C) and made of Slots, which are AtomicU64s.
            visit(unsafe { &*base.add(i) }.load(Ordering::Acquire));
        }
        for a in &self.interned_arrays {
            visit(a.load(Ordering::Acquire));
        }
        for t in self.permanent.lock().expect("no panic while holding it").iter() {
            // SAFETY: permanent roots are types or other heap or static objects.
            let v = unsafe { Value::from_bits(*t) };
            if let Some(t) = v.as_type() {
                visit(t.tp_cache.load(Ordering::Acquire) as u64);
            }
            visit(*t);
        }
    }

    /// The tables of native modules, the VM's own first.
    pub fn module_tables(&self) -> &[&'static [&'static crate::module_def::ModuleDef]] {
        self.module_tables.get().map_or(&[], |v| v.as_slice())
    }

    pub fn frozen_table(&self) -> &'static [crate::modules::imp::Frozen] {
        self.frozen.get().copied().unwrap_or(&[])
    }

    /// Registers the native and frozen modules; once, at start-up.
    pub fn set_modules(
        &self,
        tables: Vec<&'static [&'static crate::module_def::ModuleDef]>,
        frozen: &'static [crate::modules::imp::Frozen],
    ) {
        // A second start-up in one process keeps the first tables.
        let _ = self.module_tables.set(tables);
        let _ = self.frozen.set(frozen);
    }

    /// `sys.modules[name]`, also where a program replaced the dict by another mapping.
    pub fn modules_mapping_get(&self, cx: &Thread, name: &Str) -> Res<Option<Value>> {
        Ok(self.modules().get_str(cx, name))
    }

    pub fn modules(&self) -> &'static Dict {
        self.roots.modules.value().downcast::<Dict>().expect("sys.modules was set at start-up")
    }

    pub fn builtins_dict(&self) -> &'static Dict {
        self.roots.builtins_dict.value().downcast::<Dict>().expect("set at start-up")
    }

    pub fn sys_dict(&self) -> &'static Dict {
        self.roots.sys_dict.value().downcast::<Dict>().expect("set at start-up")
    }
}
