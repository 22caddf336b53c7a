//! `Thread`: the VM's state of one attached OS thread, the context parameter of everything.
//!
//! `!Send`: it stays with its thread. The collector scans its words conservatively, so values may
//! be held in its `Cell`s.

use crate::interp::state::InterpState;
use crate::prelude::*;
use crate::vm::Vm;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use taipan_heap::Mutator;

/// Native recursion ends here whatever `sys.setrecursionlimit` says (`Py_C_RECURSION_LIMIT`).
pub const NATIVE_RECURSION_LIMIT: u32 = 10_000;

/// Bytes of native stack kept free below which recursion raises RecursionError.
const STACK_RESERVE: usize = 256 * 1024;

/// A thread that runs Python code; two of them share no cache line.
#[repr(align(128))]
pub struct Thread {
    pub mutator: &'static Mutator,
    pub vm: &'static Vm,
    /// `pthread_self`, stored into every header.
    pub tid: u64,
    /// Depth of native recursion that `enter_recursive` counts.
    depth: Cell<u32>,
    /// The lowest stack address that native recursion may reach.
    stack_limit: usize,
    /// The interpreter's registers, frames and the handled exception.
    pub interp: InterpState,
    /// Objects whose `repr` is being computed (`Py_ReprEnter`): a List or empty.
    pub repr_stack: Cell<Option<Value>>,
    /// The current contextvars Context, or empty.
    pub context: Cell<Option<Value>>,
    /// What `_decimal` found in that context; emptied when the context or a variable in it changes.
    pub decimal_context: Cell<Option<Value>>,
    /// asyncio's running event loop, or empty.
    pub running_loop: Cell<Option<Value>>,
    /// The dict of `threading.local` data and per-thread state of modules.
    pub dict: Cell<Option<Value>>,
    /// `sys.get/set_asyncgen_hooks`: firstiter, finalizer.
    pub asyncgen_firstiter: Cell<Option<Value>>,
    pub asyncgen_finalizer: Cell<Option<Value>>,
    pub coroutine_origin_depth: Cell<u32>,
    /// An exception another thread asked this one to raise (`PyThreadState_SetAsyncExc`).
    pub async_exc: AtomicU64,
    /// The `threading` identity this thread was started with; 0 for the main thread.
    pub native_id: u64,
    /// A number no other thread ever has, given by `_thread._local`; 0: none yet.
    pub user: AtomicUsize,
    pub finalizing_depth: AtomicU32,
    /// Weak references with a callback that this thread has made.
    pub weak_callbacks: Cell<usize>,
    /// Above zero while finalisers and signal handlers run at a poll: the frame below stands amid
    /// an instruction that has written registers already.
    pub poll_depth: AtomicU32,
}

/// As `Thread::plain`, where no thread is at hand.
#[inline(always)]
pub fn plain<R: Send>(bytes: usize, f: impl FnOnce() -> R + Send) -> R {
    if bytes < 64 << 10 {
        return f();
    }
    // SAFETY: as there.
    unsafe { Mutator::here().plain(bytes, f) }
}

/// Leaves one level of counted recursion when dropped.
pub struct Recursion<'a>(&'a Thread);

impl Drop for Recursion<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        let depth = self.0.depth.get() - 1;
        self.0.depth.set(depth);
        if depth & DEEP == DEEP {
            self.0.leave_deep();
        }
    }
}

/// A thousand levels of recursion are left between two safepoints, if nothing else polls: where an error goes through all of
/// them, each is some KiB of stack that nobody has looked at for long.
const DEEP: u32 = 0x3FF;

thread_local! {
    static CURRENT: Cell<*const Thread> = const { Cell::new(std::ptr::null()) };
}

impl Thread {
    /// Attaches the calling OS thread to the VM. The state lives until `detach_for_good`.
    pub fn attach(vm: &'static Vm, is_main: bool) -> &'static Thread {
        let mutator = Mutator::register();
        let t = Box::leak(Box::new(Thread {
            mutator,
            vm,
            // SAFETY: pthread_self has no precondition.
            tid: unsafe { libc::pthread_self() } as u64,
            depth: Cell::new(0),
            stack_limit: mutator.stack_bounds().0 + STACK_RESERVE,
            interp: InterpState::new(),
            repr_stack: Cell::new(None),
            context: Cell::new(None),
            decimal_context: Cell::new(None),
            running_loop: Cell::new(None),
            dict: Cell::new(None),
            asyncgen_firstiter: Cell::new(None),
            asyncgen_finalizer: Cell::new(None),
            coroutine_origin_depth: Cell::new(0),
            async_exc: AtomicU64::new(0),
            // SAFETY: gettid has no precondition.
            native_id: unsafe { libc::syscall(libc::SYS_gettid) } as u64,
            user: AtomicUsize::new(0),
            finalizing_depth: AtomicU32::new(0),
            weak_callbacks: Cell::new(0),
            poll_depth: AtomicU32::new(0),
        }));
        mutator.user.set(t as *const Thread as *mut ());
        CURRENT.set(t);
        if is_main {
            vm.set_main(t);
        }
        t
    }

    /// Is this the thread that runs signal handlers?
    pub fn is_main(&self) -> bool {
        self.vm.main_ident.load(Ordering::Relaxed) == self.tid
    }

    /// The calling thread's state, where it is attached.
    pub fn current() -> Option<&'static Thread> {
        // SAFETY: the pointer is null or this thread's own leaked state.
        unsafe { CURRENT.get().as_ref() }
    }

    /// Ends the calling thread's attachment and frees its state.
    /// # Safety
    /// No other reference to the state is used afterwards.
    pub unsafe fn detach_for_good(&'static self) {
        CURRENT.set(std::ptr::null());
        let mutator = self.mutator;
        mutator.user.set(std::ptr::null_mut());
        // SAFETY: `attach` leaked the box; the collector reaches it through `user` only, and this
        // thread does not poll between clearing that and the end of this call.
        drop(unsafe { Box::from_raw(std::ptr::from_ref(self).cast_mut()) });
        mutator.unregister();
    }

    /// Counts one level of native recursion; raises RecursionError at the limit or where the
    /// native stack runs out. `what` continues the message, as `Py_EnterRecursiveCall`.
    #[inline(always)]
    pub fn enter_recursive(&self, what: &str) -> Res<Recursion<'_>> {
        let d = self.depth.get() + 1;
        if self.stack_pointer() < self.stack_limit || d > NATIVE_RECURSION_LIMIT {
            return Err(self.recursion_error(what));
        }
        self.depth.set(d);
        Ok(Recursion(self))
    }

    #[cold]
    #[inline(never)]
    fn leave_deep(&self) {
        self.mutator.poll();
    }

    #[inline(always)]
    fn stack_pointer(&self) -> usize {
        let sp: usize;
        // SAFETY: reads a register. (The address of a local would keep handlers that ask from
        // ending in a jump.)
        unsafe {
            #[cfg(target_arch = "x86_64")]
            std::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags));
            #[cfg(target_arch = "aarch64")]
            std::arch::asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags));
        }
        sp
    }

    /// True where the native stack is nearly used up.
    #[inline(always)]
    pub fn stack_low(&self) -> bool {
        self.stack_pointer() < self.stack_limit
    }

    #[cold]
    pub fn recursion_error(&self, what: &str) -> Raised {
        // Made without a call of the class: calls check the stack, and would end here again.
        let text = Str::new(self, &format!("maximum recursion depth exceeded{what}"));
        let args = Tuple::from_slice(self, &[Value::from_ref(text)]);
        let e = crate::objects::exceptions::new_instance(self, exc::RecursionError(), args);
        crate::objects::exceptions::raise_value(self, Value::from_ref(e))
    }

    /// The preallocated-style MemoryError.
    #[cold]
    pub fn no_memory(&self) -> Raised {
        Raised::with_args(self, exc::MemoryError(), &[])
    }

    /// A blocking region: the thread counts as stopped while `f` runs. `f` is `Send`, so that no
    /// `Value` can hide in it (hazard 9).
    pub fn detach<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R {
        self.mutator.detach(f)
    }

    /// Runs `f`, which works through `bytes` bytes of memory: as a blocking region if they are many. Not for
    /// memory that Python code can change while others run.
    #[inline(always)]
    pub fn plain<R: Send>(&self, bytes: usize, f: impl FnOnce() -> R + Send) -> R {
        // SAFETY: what is `Send` refers to no object; slices of their immutable data the caller holds.
        unsafe { self.mutator.plain(bytes, f) }
    }

    /// A safepoint. Also where signals and asynchronous exceptions are raised.
    #[inline(always)]
    pub fn poll(&self) -> Res<()> {
        if self.mutator.poll.load(Ordering::Relaxed) != 0 { self.poll_slow() } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    pub fn poll_slow(&self) -> Res<()> {
        self.mutator.poll_slow();
        self.poll_depth.fetch_add(1, Ordering::Relaxed);
        let r = self.vm.handle_pending(self);
        self.poll_depth.fetch_sub(1, Ordering::Relaxed);
        r
    }
}
