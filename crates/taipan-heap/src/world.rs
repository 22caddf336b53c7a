//! The registry of threads, stopping the world, detaching, and fork.
//!
//! A thread is attached (may touch the heap, and polls) or detached (does not touch it; its stack
//! pointer is published). Stopping sets `STOP` and the poll bit of every thread and waits until
//! none is attached. Attaching stores its state first and reads `STOP` second, stopping does the
//! reverse, all sequentially consistent: one of the two sees the other.
//!
//! `REGISTRY` is a leaf lock: nothing is allocated from the heap and nothing called under it.

use crate::apart::Apart;
use crate::gap;
use crate::gil;
use crate::head::Head;
use crate::lock::SHARED;
use crate::mutator::{
    Mutator, MutatorRef, POLL_FINALIZERS, POLL_FREE, POLL_GIL, POLL_STOP, is_object, state,
};
use crate::region::{self, region};
use crate::size_class::kind;
use crate::stack;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

struct Registry {
    /// Attached or detached threads; a stopped world keeps the list as it is.
    threads: Vec<MutatorRef>,
    /// Memory of threads that are gone.
    spare: Vec<MutatorRef>,
    stopping: bool,
    /// Threads that wait for `RESUMED`.
    waiting: usize,
}

static REGISTRY: Apart<Mutex<Registry>> = Apart(Mutex::new(Registry {
    threads: Vec::new(),
    spare: Vec::new(),
    stopping: false,
    waiting: 0,
}));
/// Work on more bytes of plain memory than this is a blocking region: it may take 0.1 ms.
const LONG_WORK: usize = 128 << 10;

static STOP: AtomicBool = AtomicBool::new(false);
/// Only one thread runs any more: see `halt_others`.
static HALTED: AtomicBool = AtomicBool::new(false);
/// Waited on by threads that may not run.
static RESUMED: Condvar = Condvar::new();
/// Waited on by the thread that stops the others.
static PARKED: Condvar = Condvar::new();

/// The thread that stops the others sleeps, or is about to: who leaves the attached state wakes it.
static STOPPER_SLEEPS: AtomicBool = AtomicBool::new(false);
/// No more threads ran when the stop was asked for than can run at once: a wait for one of them is short.
static CORES_SUFFICE: AtomicBool = AtomicBool::new(false);
/// How long a stop is waited for without going to sleep. A minor collection takes 0.1 ms; waking a
/// thread takes as long again.
const SPIN: Duration = Duration::from_micros(200);

/// When the last stop was asked for, in nanoseconds since the first.
static ASKED: AtomicU64 = AtomicU64::new(0);
/// How many stops took so long, by the number of bits of their microseconds: until the thread that
/// stopped the others goes on, and until a stopped thread goes on.
static STOPS: [AtomicU64; 24] = [const { AtomicU64::new(0) }; 24];
static RESUMES: [AtomicU64; 24] = [const { AtomicU64::new(0) }; 24];
static LONGEST_STOP: AtomicU64 = AtomicU64::new(0);

fn now() -> u64 {
    static FIRST: OnceLock<Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// A thread goes on after a stop.
fn note_stop(histogram: &[AtomicU64; 24]) {
    let nanos = now().saturating_sub(ASKED.load(Relaxed));
    LONGEST_STOP.fetch_max(nanos, Relaxed);
    let bits = (u64::BITS - (nanos / 1000).leading_zeros()) as usize;
    histogram[bits.min(23)].fetch_add(1, Relaxed);
}

/// Prints how long the stops were, each from the request until a thread went on.
pub(crate) fn log_stops() {
    for (what, histogram) in [("who stopped", &STOPS), ("who was stopped", &RESUMES)] {
        let mut line = String::new();
        for (bits, n) in histogram.iter().enumerate() {
            let n = n.load(Relaxed);
            if n > 0 {
                line += &format!(" <{}us:{n}", 1u64 << bits);
            }
        }
        eprintln!("gc: stops, until {what} goes on:{line}");
    }
    let longest = Duration::from_nanos(LONGEST_STOP.load(Relaxed));
    eprintln!("gc: stops, the longest: {longest:.3?}");
}

/// Longest time it took to stop all threads, in nanoseconds.
pub static MAX_TIME_TO_STOP: AtomicU64 = AtomicU64::new(0);

/// How many threads can run at once.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Threads are asked to stop, or stand still.
pub(crate) fn is_stopping() -> bool {
    STOP.load(Ordering::SeqCst)
}

/// The caller left the attached state: a thread that waits for that looks again.
fn wake_stopper() {
    // Sequentially consistent, as the store before it: either this sees that the other sleeps, or the other
    // sees the new state before it does.
    if STOPPER_SLEEPS.load(Ordering::SeqCst) {
        let _g = registry();
        PARKED.notify_all();
    }
}

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(|e| e.into_inner())
}

/// Waits until `done`, for `SPIN` at most. Whether it is.
fn spin_until(done: impl Fn() -> bool) -> bool {
    if done() {
        return true;
    }
    if !CORES_SUFFICE.load(Relaxed) {
        return false;
    }
    let began = Instant::now();
    loop {
        for _ in 0..16 {
            if done() {
                return true;
            }
            std::hint::spin_loop();
        }
        if began.elapsed() > SPIN {
            return false;
        }
    }
}

/// Waits until the world runs, awake for a while before it sleeps.
fn await_resume() {
    if !spin_until(|| !STOP.load(Ordering::Acquire)) {
        drop(wait_until_resumed(registry()));
    }
}

fn wait_until_resumed(mut g: MutexGuard<'static, Registry>) -> MutexGuard<'static, Registry> {
    while g.stopping {
        g.waiting += 1;
        g = RESUMED.wait(g).unwrap_or_else(|e| e.into_inner());
        g.waiting -= 1;
    }
    g
}

impl Mutator {
    /// Attaches the calling thread to the heap. Registering twice gives the same mutator.
    pub fn register() -> &'static Mutator {
        if let Some(m) = Mutator::current() {
            return m;
        }
        region();
        crate::collect::start();
        let spare = registry().spare.pop();
        let m: &'static Mutator = match spare {
            // SAFETY: mutators are never freed and a spare one is used by nobody.
            Some(r) => unsafe { r.0.as_ref() },
            None => Box::leak(Box::new(Mutator::new())),
        };
        m.reset_for_thread();
        gil::acquire(m);
        let mut g = m.registry_for_one_more();
        m.state.store(state::ATTACHED, Ordering::SeqCst);
        g.threads.push(m.handle());
        drop(g);
        Mutator::set_current(m);
        m
    }

    /// The registry, for adding a thread. Before a second one is attached, object locks become real
    /// (`lock::SHARED`), with the other thread stopped.
    fn registry_for_one_more(&self) -> MutexGuard<'static, Registry> {
        loop {
            let g = wait_until_resumed(registry());
            if g.threads.is_empty() || SHARED.load(Ordering::SeqCst) {
                return g;
            }
            drop(g);
            self.begin_stop();
            SHARED.store(true, Ordering::SeqCst);
            self.end_stop();
        }
    }

    /// Detaches the calling thread for good; it must hold no reference to anything in the heap.
    pub fn unregister(&'static self) {
        assert!(
            Mutator::current().is_some_and(|m| std::ptr::eq(m, self)),
            "not this thread's mutator"
        );
        if halted() {
            // The process ends; nobody is left who could need what this gives back.
            Mutator::forget_current();
            return;
        }
        debug_assert!(self.stopping.get() == 0);
        self.retire(true);
        crate::collect::adopt_registrations(self);
        let finalizers = crate::collect::abandon_finalizers(|m| m == self.handle());
        self.sp.store(self.stack_high.get(), Relaxed);
        self.go_detached();
        let mut g = wait_until_resumed(registry());
        g.threads.retain(|&t| t != self.handle());
        // Another thread runs the finalisers that this one was to run.
        if (finalizers || self.poll.load(Relaxed) & POLL_FINALIZERS != 0)
            && let Some(t) = g.threads.first()
        {
            t.request(POLL_FINALIZERS);
        }
        g.spare.push(self.handle());
        if g.threads.len() == 1 {
            SHARED.store(false, Ordering::SeqCst);
        }
        drop(g);
        Mutator::forget_current();
    }

    fn go_detached(&self) {
        self.end_gap();
        self.state.store(state::DETACHED, Ordering::SeqCst);
        gil::release();
        wake_stopper();
        if !self.big_frees.is_empty() {
            self.big_frees.free();
        }
    }

    fn attach(&self) {
        loop {
            gil::acquire(self);
            self.state.store(state::ATTACHED, Ordering::SeqCst);
            if !STOP.load(Ordering::SeqCst) {
                self.begin_gap();
                return;
            }
            self.state.store(state::DETACHED, Ordering::SeqCst);
            gil::release();
            wake_stopper();
            await_resume();
        }
    }

    /// Stops until the world runs again, if it is being stopped. The bits of `poll` other than
    /// `POLL_STOP` stay for the VM to look at.
    #[cold]
    #[inline(never)]
    pub fn poll_slow(&self) {
        if self.poll.load(Relaxed) & POLL_FREE != 0 {
            self.poll.fetch_and(!POLL_FREE, Ordering::SeqCst);
            if !self.big_frees.is_empty() {
                // Leaving the attached state frees them.
                self.detach_anyway(|| ());
            }
        }
        if self.stopping.get() > 0 {
            return;
        }
        if self.poll.load(Relaxed) & POLL_GIL != 0 {
            self.poll.fetch_and(!POLL_GIL, Ordering::SeqCst);
            let turn = gil::turn();
            self.detach_anyway(|| gil::let_others(turn));
        }
        if self.poll.load(Relaxed) & POLL_STOP == 0 {
            return;
        }
        if gap::is_on() && !STOP.load(Ordering::SeqCst) {
            self.end_gap();
            self.begin_gap();
            return;
        }
        let mut regs = [0usize; stack::REGISTERS];
        stack::spill(&mut regs);
        self.sp.store(regs.as_ptr() as usize, Relaxed);
        self.go_detached();
        await_resume();
        self.attach();
        note_stop(&RESUMES);
        std::hint::black_box(&mut regs);
    }

    /// Runs `f`, which touches no heap object and may block, while the world may be stopped.
    /// What `f` reads must be kept alive by the caller's frame or a root.
    #[inline(never)]
    pub fn detach<R, F: FnOnce() -> R + Send>(&self, f: F) -> R {
        // SAFETY: F: Send rules out values and object references.
        unsafe { self.detach_unsend(f) }
    }

    /// As `detach` for closures that hold raw pointers.
    /// # Safety
    /// `f` uses no heap memory except what the caller keeps alive and nobody moves or frees.
    #[inline(never)]
    pub unsafe fn detach_unsend<R, F: FnOnce() -> R>(&self, f: F) -> R {
        if self.stopping.get() > 0 {
            return f();
        }
        debug_assert!(self.locks_held.get() == 0, "detaching with an object lock held");
        self.detach_anyway(f)
    }

    /// Runs `f`, which works through `bytes` bytes of memory: as a blocking region if they are many. Object
    /// locks may be held.
    /// # Safety
    /// `f` reads and writes memory that the caller's frame keeps alive and that nobody frees or moves; it
    /// stores no references into the heap, allocates nothing there, takes no object lock and does not raise.
    #[inline(always)]
    pub unsafe fn plain<R>(&self, bytes: usize, f: impl FnOnce() -> R) -> R {
        if bytes < LONG_WORK { f() } else { self.detach_anyway(f) }
    }

    /// Copies memory with a safepoint now and then.
    /// # Safety
    /// As `copy_nonoverlapping`; other threads may run while it lasts.
    #[inline]
    pub unsafe fn copy(&self, from: *const u8, to: *mut u8, bytes: usize) {
        // SAFETY: the caller's promise; copying does none of what `f` must not.
        unsafe { self.plain(bytes, || std::ptr::copy_nonoverlapping(from, to, bytes)) }
    }

    /// Detaching without the check on object locks, for waiting on one while holding another.
    #[inline(never)]
    pub(crate) fn detach_anyway<R, F: FnOnce() -> R>(&self, f: F) -> R {
        struct Reattach<'a>(&'a Mutator);
        impl Drop for Reattach<'_> {
            fn drop(&mut self) {
                self.0.attach();
            }
        }
        if self.stopping.get() > 0 || self.state.load(Relaxed) != state::ATTACHED {
            return f();
        }
        // What `f` captured stays in this frame while it runs, where the collector finds it.
        let held = std::mem::MaybeUninit::new(f);
        std::hint::black_box(&held);
        let mut regs = [0usize; stack::REGISTERS];
        stack::spill(&mut regs);
        self.sp.store(stack::pointer(), Relaxed);
        self.go_detached();
        let back = Reattach(self);
        // SAFETY: initialised above, and used as a value this once; a panic in `f` drops it there.
        let r = unsafe { held.assume_init_read() }();
        drop(back);
        std::hint::black_box(&held);
        std::hint::black_box(&mut regs);
        r
    }

    /// Whether the thread is inside `detach`.
    pub fn is_detached(&self) -> bool {
        self.state.load(Relaxed) == state::DETACHED
    }

    /// Runs `f` while all other threads are stopped or detached.
    #[inline(never)]
    pub fn stop_the_world<R>(&self, f: impl FnOnce(&World) -> R) -> R {
        struct Restart<'a>(&'a Mutator);
        impl Drop for Restart<'_> {
            fn drop(&mut self) {
                self.0.end_stop();
            }
        }
        let mut regs = [0usize; stack::REGISTERS];
        stack::spill(&mut regs);
        let outer = self.sp.load(Relaxed);
        self.begin_stop();
        let restart = Restart(self);
        self.sp.store(regs.as_ptr() as usize, Relaxed);
        let r = f(&World { mutator: self });
        self.sp.store(outer, Relaxed);
        drop(restart);
        std::hint::black_box(&mut regs);
        r
    }

    /// Stops all other threads for good, at the end of the process: they park at their next poll
    /// or where they attach again. From here on object locks are not waited for, since who holds
    /// one never runs again.
    pub fn halt_others(&self) {
        if !halted() {
            self.begin_stop();
            HALTED.store(true, Ordering::SeqCst);
            let me = self.handle();
            if crate::collect::abandon_finalizers(|t| t != me) {
                self.poll.fetch_or(POLL_FINALIZERS, Relaxed);
            }
        }
    }

    fn begin_stop(&self) {
        if self.stopping.get() > 0 {
            self.stopping.set(self.stopping.get() + 1);
            return;
        }
        let mut g = loop {
            let g = registry();
            if !g.stopping {
                break g;
            }
            drop(g);
            self.poll.fetch_or(POLL_STOP, Ordering::SeqCst);
            self.poll_slow();
            // Whoever stops next sets the bit again if this clears it too early.
            if !STOP.load(Ordering::SeqCst) && !gap::is_on() {
                self.poll.fetch_and(!POLL_STOP, Ordering::SeqCst);
            }
        };
        let asked = Instant::now();
        ASKED.store(now(), Relaxed);
        g.stopping = true;
        STOP.store(true, Ordering::SeqCst);
        let me = self.handle();
        let mut attached = 1;
        for t in g.threads.iter().filter(|&&t| t != me) {
            t.request(POLL_STOP);
            // SAFETY: mutators are never freed.
            attached += usize::from(unsafe { t.0.as_ref() }.state.load(Relaxed) == state::ATTACHED);
        }
        // Counting the cores takes system calls, which a program with one thread does without.
        CORES_SUFFICE.store(attached > 1 && attached <= cores(), Relaxed);
        let running = |g: &Registry| {
            g.threads.iter().any(|&t| {
                // SAFETY: mutators are never freed.
                t != me && unsafe { t.0.as_ref() }.state.load(Ordering::SeqCst) == state::ATTACHED
            })
        };
        if !spin_until(|| !running(&g)) {
            STOPPER_SLEEPS.store(true, Ordering::SeqCst);
            while running(&g) {
                g = PARKED.wait(g).unwrap_or_else(|e| e.into_inner());
            }
            STOPPER_SLEEPS.store(false, Ordering::SeqCst);
        }
        drop(g);
        self.end_gap();
        self.stopping.set(1);
        let waited = asked.elapsed().as_nanos() as u64;
        MAX_TIME_TO_STOP.fetch_max(waited, Relaxed);
        crate::collect::note_time_to_stop(waited);
    }

    fn end_stop(&self) {
        self.stopping.set(self.stopping.get() - 1);
        if self.stopping.get() > 0 {
            return;
        }
        let mut g = registry();
        for t in &g.threads {
            // SAFETY: mutators are never freed.
            unsafe { t.0.as_ref() }.poll.fetch_and(!POLL_STOP | gap::idle_bits(), Ordering::SeqCst);
        }
        g.stopping = false;
        STOP.store(false, Ordering::SeqCst);
        self.begin_gap();
        // A system call, which a program with one thread does without.
        if g.waiting > 0 {
            RESUMED.notify_all();
        }
        drop(g);
        crate::cycle::resume_tracer();
        note_stop(&STOPS);
    }

    /// Overwrites dead native stack below the caller.
    #[inline(always)]
    pub fn clear_dead_stack(&self) {
        stack::clear_dead(self.stack_low.get());
    }
}

/// Whether `halt_others` was called: the caller is the only thread that runs.
#[inline]
pub fn halted() -> bool {
    HALTED.load(Ordering::Relaxed)
}

/// Every registered thread at some moment of the call.
pub fn threads() -> Vec<MutatorRef> {
    registry().threads.clone()
}

/// Calls `f` with each registered thread's mutator, the newest first, without waiting for anything; false:
/// the list is in use. For handlers of fatal signals, in which nothing may be locked or allocated.
pub fn try_each_thread(f: &mut dyn FnMut(&Mutator)) -> bool {
    let Ok(g) = REGISTRY.try_lock() else { return false };
    for t in g.threads.iter().rev() {
        // SAFETY: the memory of mutators is never freed.
        f(unsafe { t.0.as_ref() });
    }
    true
}

/// Proof that the world is stopped.
pub struct World<'a> {
    pub mutator: &'a Mutator,
}

impl World<'_> {
    /// The other threads and this one; their `user` words may be read.
    pub fn for_each_mutator(&self, mut f: impl FnMut(&Mutator)) {
        for t in threads() {
            // SAFETY: the thread is stopped, so its cells are not in use.
            f(unsafe { t.0.as_ref() });
        }
    }

    /// Exact, since all cursors' runs are known.
    pub fn is_object(&self, word: u64) -> Option<NonNull<Head>> {
        is_object(word)
    }

    /// Every published object that was reachable at the last collection or was made since.
    /// `collect` first for reachable ones only.
    pub fn for_each_object(&self, mut f: impl FnMut(NonNull<Head>)) {
        self.for_each_mutator(|m| m.retire(true));
        let r = region();
        let frontier = region::pool().frontier;
        for b in 0..frontier {
            let m = r.meta(b);
            let k = m.kind.load(Relaxed);
            if !kind::is_object(k) {
                continue;
            }
            let (size, base) = (m.cell_size.load(Relaxed) as usize, r.block_addr(b));
            for w in 0..m.words() {
                let mut bits = m.bits[w].live.load(Relaxed);
                while bits != 0 {
                    let cell = (w << 6) + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    if let Some(h) = is_object((base + cell * size + kind::pre(k)) as u64) {
                        f(h);
                    }
                }
            }
        }
    }

    /// Collects while the world is already stopped.
    pub fn collect(&self) {
        crate::collect::collect(self.mutator, crate::collect::Reason::Explicit);
    }
}

/// Everything locked and stopped, so that the child of a fork finds consistent structures.
pub struct ForkGuard<'a> {
    mutator: &'a Mutator,
    cycle: crate::cycle::Guard,
    registry: MutexGuard<'static, Registry>,
    pool: MutexGuard<'static, region::Pool>,
    collector: crate::collect::Locks,
    roots: crate::root::Locks,
    gil: gil::Locked,
}

/// Call just before `fork`; then `parent` or `child` on the guard.
pub fn prepare_fork(m: &Mutator) -> ForkGuard<'_> {
    let mut regs = [0usize; stack::REGISTERS];
    stack::spill(&mut regs);
    m.begin_stop();
    ForkGuard {
        mutator: m,
        cycle: crate::cycle::lock_for_pause(),
        collector: crate::collect::lock_all(),
        roots: crate::root::lock_all(),
        pool: region::pool(),
        registry: registry(),
        gil: gil::lock_for_fork(),
    }
}

impl<'a> ForkGuard<'a> {
    fn unlock(self) -> &'a Mutator {
        let ForkGuard { mutator, cycle, registry, pool, collector, roots, gil } = self;
        drop((registry, pool, collector, roots, gil));
        crate::cycle::unlock_after_pause(cycle);
        mutator
    }

    /// In the parent, also when `fork` failed.
    pub fn parent(self) {
        self.unlock().end_stop();
    }

    /// In the child: the other threads do not exist there.
    pub fn child(mut self) {
        let me = self.mutator.handle();
        let gone: Vec<_> = self.registry.threads.iter().copied().filter(|&t| t != me).collect();
        self.registry.threads.retain(|&t| t == me);
        self.cycle.thread_is_gone();
        let m = self.unlock();
        gil::alone();
        let alone = gone.is_empty();
        for t in gone {
            // SAFETY: the thread does not exist in this process, so nothing uses its mutator.
            let t = unsafe { t.0.as_ref() };
            t.retire(true);
            crate::collect::adopt_registrations(t);
            if crate::collect::abandon_finalizers(|m| m == t.handle()) {
                m.poll.fetch_or(POLL_FINALIZERS, Relaxed);
            }
            t.state.store(state::DETACHED, Ordering::SeqCst);
            registry().spare.push(t.handle());
        }
        if !alone {
            // Their object locks are held by nobody now; what they guarded can be read at any time.
            World { mutator: m }.for_each_object(|h| {
                // SAFETY: a published object; this is the only thread.
                let mutex = unsafe { &h.as_ref().ob_mutex };
                if mutex.load(Relaxed) != 0 {
                    mutex.store(0, Relaxed);
                }
            });
            SHARED.store(false, Ordering::SeqCst);
        }
        m.end_stop();
    }
}
