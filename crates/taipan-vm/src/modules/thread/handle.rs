//! Starting threads and waiting for their end: `_ThreadHandle` and the state behind it.
//!
//! The state outlives the handle object (the thread itself holds it) and has no values in it. A
//! thread is joined by the first who asks, or given back to the system when nobody holds its state.

use crate::objects::object::Object;
use crate::park::{Event, timeout_ns};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use crate::vm::VM;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// Threads that run Python code, without the main thread.
pub static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// What `stack_size` was given; 0: the default.
pub static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);
/// The smallest that `stack_size` takes.
pub const MIN_STACK: isize = 32 << 10;
/// Native code recurses (comparisons, reprs, dunders called from Rust), and frames of an
/// unoptimised build are large. Only what is touched is committed.
const DEFAULT_STACK: usize = if cfg!(debug_assertions) { 64 << 20 } else { 16 << 20 };
/// What is given to threads that asked for less: the VM's own reserve must fit.
const LEAST_STACK: usize = if cfg!(debug_assertions) { 8 << 20 } else { 1 << 20 };

const NOT_STARTED: u8 = 1;
const STARTING: u8 = 2;
const STARTED: u8 = 3;
const DONE: u8 = 4;

pub struct State {
    ident: AtomicU64,
    phase: AtomicU8,
    /// The thread has left Python, or never started, or somebody said so.
    exiting: Event,
    /// To be joined or detached once.
    os_thread: Mutex<Option<libc::pthread_t>>,
}

/// Threads that the interpreter waits for at its end.
static NOT_DAEMONS: Mutex<Vec<Arc<State>>> = Mutex::new(Vec::new());
/// All states, for the child of a fork.
static ALL: Mutex<Vec<Weak<State>>> = Mutex::new(Vec::new());

/// Threads that run Python code.
pub fn running_threads() -> usize {
    RUNNING.load(Ordering::Relaxed) + 1
}

fn locked<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}

pub fn new_state() -> Arc<State> {
    let s = Arc::new(State {
        ident: AtomicU64::new(0),
        phase: AtomicU8::new(NOT_STARTED),
        exiting: Event::new(),
        os_thread: Mutex::new(None),
    });
    let mut all = locked(&ALL);
    if all.len() == all.capacity() {
        all.retain(|w| w.strong_count() > 0);
    }
    all.push(Arc::downgrade(&s));
    s
}

impl Drop for State {
    fn drop(&mut self) {
        let t = self.os_thread.get_mut().unwrap_or_else(|e| e.into_inner());
        if let Some(t) = t.take() {
            // SAFETY: the thread was neither joined nor detached: that takes it out.
            unsafe { libc::pthread_detach(t) };
        }
    }
}

impl State {
    pub fn ident(&self) -> u64 {
        self.ident.load(Ordering::Acquire)
    }

    /// Makes it the state of a running thread that this module did not start.
    pub fn adopt(&self, ident: u64) {
        self.ident.store(ident, Ordering::Release);
        self.phase.store(STARTED, Ordering::Release);
    }

    fn check_started(&self, cx: &Thread) -> Res<()> {
        if self.phase.load(Ordering::Acquire) < STARTED {
            raise!(cx, RuntimeError, "thread not started");
        }
        Ok(())
    }

    /// Waits for the thread's end, at most `timeout` nanoseconds, -1 for ever.
    fn join(&self, cx: &Thread, timeout: i64) -> Res<()> {
        self.check_started(cx)?;
        if !self.exiting.is_set() && self.ident() == cx.tid {
            raise!(cx, RuntimeError, "Cannot join current thread");
        }
        if !self.exiting.wait(cx, timeout)? {
            return Ok(());
        }
        // The system's thread is about to end: this is short, but others may want to do it too.
        cx.detach(|| {
            let mut t = locked(&self.os_thread);
            if let Some(t) = t.take() {
                // SAFETY: the thread was neither joined nor detached.
                unsafe { libc::pthread_join(t, std::ptr::null_mut()) };
            }
        });
        self.phase.store(DONE, Ordering::Release);
        Ok(())
    }

    fn set_done(&self, cx: &Thread) -> Res<()> {
        self.check_started(cx)?;
        if self.phase.swap(DONE, Ordering::AcqRel) != DONE {
            if let Some(t) = locked(&self.os_thread).take() {
                // SAFETY: the thread was neither joined nor detached.
                unsafe { libc::pthread_detach(t) };
            }
            self.exiting.set();
        }
        Ok(())
    }
}

/// What a new thread starts from.
struct Boot {
    func: Root<Value>,
    args: Root<&'static Tuple>,
    kwargs: Root<Option<Value>>,
    state: Arc<State>,
}

/// Starts a thread that calls the function.
pub fn start(
    cx: &Thread,
    state: &Arc<State>,
    func: Value,
    args: &'static Tuple,
    kwargs: Option<&'static Dict>,
    daemon: bool,
) -> Res<()> {
    if cx.vm.finalizing.load(Ordering::Acquire) {
        raise!(cx, PythonFinalizationError, "can't create new thread at interpreter shutdown");
    }
    let order = Ordering::AcqRel;
    if state.phase.compare_exchange(NOT_STARTED, STARTING, order, Ordering::Acquire).is_err() {
        raise!(cx, RuntimeError, "thread already started");
    }
    if !daemon {
        // Before the start, so that a thread that ends at once finds itself in the list.
        locked(&NOT_DAEMONS).push(state.clone());
    }
    let boot = Box::new(Boot {
        func: Root::new(func),
        args: Root::new(args),
        kwargs: Root::new(kwargs.map(|k| Value::from_ref(k))),
        state: state.clone(),
    });
    if spawn(state, boot) {
        return Ok(());
    }
    state.phase.store(DONE, Ordering::Release);
    state.exiting.set();
    forget(state);
    raise!(cx, RuntimeError, "can't start new thread")
}

fn spawn(state: &Arc<State>, boot: Box<Boot>) -> bool {
    let size = match STACK_SIZE.load(Ordering::Relaxed) {
        0 => DEFAULT_STACK,
        n => n.max(LEAST_STACK).next_multiple_of(4096),
    };
    let boot = Box::into_raw(boot);
    // Held until the thread's name is stored: who sees the thread end waits for it here.
    let mut os_thread = locked(&state.os_thread);
    let before = state.phase.swap(STARTED, Ordering::AcqRel);
    // SAFETY: the attributes are initialised before use; the boot record belongs to the thread
    // once it starts.
    let started = unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        let mut id: libc::pthread_t = std::mem::zeroed();
        let ok = libc::pthread_attr_init(&mut attr) == 0
            && libc::pthread_attr_setstacksize(&mut attr, size) == 0
            && libc::pthread_create(&mut id, &attr, thread_main, boot.cast()) == 0;
        libc::pthread_attr_destroy(&mut attr);
        ok.then_some(id)
    };
    match started {
        Some(id) => {
            state.ident.store(id as u64, Ordering::Release);
            *os_thread = Some(id);
            true
        }
        None => {
            state.phase.store(before, Ordering::Release);
            // SAFETY: no thread took the record.
            drop(unsafe { Box::from_raw(boot) });
            false
        }
    }
}

extern "C" fn thread_main(boot: *mut c_void) -> *mut c_void {
    // SAFETY: `spawn` gave the record away.
    let boot = unsafe { Box::from_raw(boot.cast::<Boot>()) };
    let state = boot.state.clone();
    if VM.finalizing.load(Ordering::Acquire) {
        // Nobody will miss what the function would have done; its roots stay.
        std::mem::forget(boot);
        state.exiting.set();
        return std::ptr::null_mut();
    }
    // Nothing may unwind into the system's code.
    let r = catch_unwind(AssertUnwindSafe(|| run(boot)));
    if r.is_err() {
        eprintln!("Fatal Python error: a panic while a thread was ending");
    }
    state.exiting.set();
    std::ptr::null_mut()
}

fn run(boot: Box<Boot>) {
    let cx = Thread::attach(&VM, false);
    // SAFETY: pthread_self has no precondition.
    boot.state.ident.store(unsafe { libc::pthread_self() } as u64, Ordering::Release);
    RUNNING.fetch_add(1, Ordering::Relaxed);
    call_function(cx, &boot);
    super::local::thread_ends(cx);
    forget(&boot.state);
    drop(boot);
    RUNNING.fetch_sub(1, Ordering::Relaxed);
    // SAFETY: this is the thread's outermost function, and it ends here.
    unsafe { cx.detach_for_good() };
}

/// Not inlined, so that nothing of the call is left on the stack when the thread ends.
#[inline(never)]
fn call_function(cx: &Thread, boot: &Boot) {
    let func = boot.func.get();
    let kwargs = boot.kwargs.get().and_then(|k| k.downcast::<Dict>());
    let args = boot.args.get();
    let r = catch_unwind(AssertUnwindSafe(|| call_dict(cx, func, args.as_slice(), kwargs)));
    let r = r.unwrap_or_else(|panic| {
        if panic.is::<taipan_heap::OutOfMemory>() {
            return Err(cx.no_memory());
        }
        Err(err!(cx, SystemError, "a thread ended by an internal error"))
    });
    let Err(e) = r else { return };
    if e.is(exc::SystemExit()) {
        return;
    }
    let what = repr(cx, func).map_or_else(|_| "<unknown>".into(), |s| s.to_string());
    let msg = format!("Exception ignored in thread started by {what}");
    crate::interp::unraisable(cx, e, None, Some(&msg));
}

fn forget(state: &Arc<State>) {
    let mut list = locked(&NOT_DAEMONS);
    if let Some(i) = list.iter().position(|s| Arc::ptr_eq(s, state)) {
        list.swap_remove(i);
    }
}

/// Waits for all threads that are not daemons, without the calling one. A signal handler's
/// exception is reported and ends the wait.
pub fn join_all(cx: &Thread) {
    loop {
        let next = locked(&NOT_DAEMONS).iter().find(|s| s.ident() != cx.tid).cloned();
        let Some(s) = next else { return };
        if let Err(e) = s.join(cx, -1) {
            crate::interp::unraisable(cx, e, None, None);
            return;
        }
        forget(&s);
    }
}

/// In the child of a fork: the threads other than this one, now the main thread, are gone.
pub fn after_fork_in_child(cx: &Thread) {
    crate::modules::imp::forget_lock_of_others(cx);
    cx.vm.set_main(cx);
    cx.vm.unlock_permanent();
    locked(&NOT_DAEMONS).retain(|s| s.ident() == cx.tid);
    let all: Vec<_> = locked(&ALL).iter().filter_map(Weak::upgrade).collect();
    for s in all {
        if s.ident() == cx.tid || s.phase.load(Ordering::Acquire) == NOT_STARTED {
            continue;
        }
        // The name means nothing in this process. Where a thread was just joining it, that thread
        // has taken it out and the mutex stays locked.
        if let Ok(mut t) = s.os_thread.try_lock() {
            let _ = t.take();
        }
        s.phase.store(DONE, Ordering::Release);
        s.exiting.set();
    }
    RUNNING.store(0, Ordering::Relaxed);
}

#[repr(C)]
pub struct ThreadHandle {
    pub head: Head,
    /// `Arc<State>`, given back when the cell is swept.
    state: AtomicUsize,
}

crate::pytype! { ThreadHandle, PyThread_HandleType, name: "_ThreadHandle", module: "_thread",
base: Object }

unsafe fn drop_handle(h: *mut Head) {
    // SAFETY: registered for ThreadHandle cells only, whose word is an Arc's pointer.
    unsafe {
        drop(Arc::from_raw(
            (*h.cast::<ThreadHandle>()).state.load(Ordering::Acquire) as *const State
        ))
    }
}

impl ThreadHandle {
    pub fn new(cx: &Thread) -> &'static ThreadHandle {
        let s = Arc::into_raw(new_state()) as usize;
        let h = cx.alloc(ThreadHandle { head: fresh_head(), state: AtomicUsize::new(s) });
        cx.mutator.set_native_drop(std::ptr::NonNull::from(&h.head), drop_handle);
        h
    }

    pub fn state(&self) -> Arc<State> {
        let p = self.state.load(Ordering::Acquire) as *const State;
        // SAFETY: the word is what Arc::into_raw gave; the handle keeps its own count.
        unsafe {
            Arc::increment_strong_count(p);
            Arc::from_raw(p)
        }
    }
}

#[pymethods]
impl ThreadHandle {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(ThreadHandle::new(cx)))
    }

    #[getter]
    fn ident(_cx: &Thread, this: &ThreadHandle) -> u64 {
        this.state().ident()
    }

    #[pymethod(sig = "(self, timeout=None, /)", text = "")]
    fn join(cx: &Thread, this: &ThreadHandle, timeout: Value) -> Res<()> {
        let t = if timeout.is_none() { -1 } else { timeout_ns(cx, timeout)? };
        this.state().join(cx, t)
    }

    #[pymethod]
    fn is_done(_cx: &Thread, this: &ThreadHandle) -> bool {
        this.state().exiting.is_set()
    }

    #[pymethod]
    fn _set_done(cx: &Thread, this: &ThreadHandle) -> Res<()> {
        this.state().set_done(cx)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &ThreadHandle) -> Res {
        let text = format!("<_thread._ThreadHandle object: ident={}>", this.state().ident());
        Ok(Value::from_ref(Str::new(cx, &text)))
    }
}
