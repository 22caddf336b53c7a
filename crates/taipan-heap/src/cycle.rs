//! Full collections beside the running program: a trace of everything on a thread of its own, while
//! minor collections go on, one pause to end it, and sweeping on that thread again.
//!
//! A cycle begins in the pause of a minor collection. From then on `BlockMeta::full` says what the
//! trace has reached; the marks go on saying who is old. The tracing thread follows old cells only:
//! young ones may die or move into other hands at any time, and each minor collection hands over
//! what becomes old. Whatever a minor collection comes across (roots, dirty cards, held cells, what
//! it promotes) is reached too, so a reference that a thread moved behind the tracer's back is seen
//! by the next one, where the place it was stored into is looked at. When a minor collection finds
//! nothing left to trace, all that lives has been reached, and the cycle ends in its pause: weak
//! references, finalisers, native drops. Nobody can come across what is dead then, so it is swept
//! later, block by block, between and during other work.
//!
//! `CYCLE` is taken before all other locks of the heap, by the tracing thread and in pauses. The
//! tracer gives it back within some tens of microseconds once `PAUSING` is set.

use crate::mark::{Span, Visitor, prefetch};
use crate::region::{self, BlockMeta, region};
use crate::size_class::{BLOCK, BLOCK_SHIFT, kind};
use std::sync::atomic::{
    AtomicBool, AtomicU64, AtomicUsize, Ordering, Ordering::Acquire, Ordering::Relaxed,
};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    Idle,
    Tracing,
    Sweeping,
}

pub(crate) struct Cycle {
    pub(crate) phase: Phase,
    /// Parts of reached cells that the trace has still to look at.
    gray: Vec<Span>,
    /// Heads of the weak cells reached.
    weak: Vec<usize>,
    /// Blocks below this number are to be swept.
    sweep_at: u32,
    /// Pauses in which the trace was not done in time.
    attempts: u32,
    live_at_begin: usize,
    /// The tracing thread exists in this process.
    thread: bool,
    began: Option<Instant>,
    /// Cells reached by the tracing thread, for the log.
    traced: u64,
}

static CYCLE: Mutex<Cycle> = Mutex::new(Cycle {
    phase: Phase::Idle,
    gray: Vec::new(),
    weak: Vec::new(),
    sweep_at: 0,
    attempts: 0,
    live_at_begin: 0,
    thread: false,
    began: None,
    traced: 0,
});
static WAKE: Condvar = Condvar::new();
/// A pause runs or wants to.
static PAUSING: AtomicBool = AtomicBool::new(false);
/// The tracing thread has work, and sleeps until the world runs again.
static HELD: AtomicBool = AtomicBool::new(false);
/// Processor time of the tracing thread.
pub(crate) static TRACER_NANOS: AtomicU64 = AtomicU64::new(0);

/// Words of an array that the tracer looks at between two looks at `PAUSING`.
const STRIDE: usize = 512;
/// Cells whose memory is being fetched while others are scanned.
const AHEAD: usize = 16;
/// Spans traced between two looks at `PAUSING`.
const SPANS: usize = 64;
/// Blocks swept while the pool is locked.
const BATCH: u32 = 16;
/// What a pause may spend on ending the trace, at first.
const BUDGET: Duration = Duration::from_micros(300);
/// Free memory given back to the system at a time.
pub(crate) const RELEASE: usize = 64;

pub(crate) type Guard = MutexGuard<'static, Cycle>;

pub(crate) fn lock() -> Guard {
    CYCLE.lock().unwrap_or_else(|e| e.into_inner())
}

/// The lock for a pause: the tracer lets go of it soon.
pub(crate) fn lock_for_pause() -> Guard {
    PAUSING.store(true, Ordering::SeqCst);
    lock()
}

/// The end of a pause.
pub(crate) fn unlock_after_pause(g: Guard) {
    PAUSING.store(false, Ordering::SeqCst);
    if g.has_work() {
        HELD.store(true, Ordering::SeqCst);
    }
}

/// The world runs again: so does the tracer.
pub(crate) fn resume_tracer() {
    // Sequentially consistent, as the store to the world's flag before it: either this sees that the tracer
    // is held, or the tracer sees that the world runs.
    if HELD.load(Ordering::SeqCst) {
        HELD.store(false, Ordering::SeqCst);
        // Whoever has seen the world stopped sleeps once the lock is free.
        drop(lock());
        WAKE.notify_one();
    }
}

impl Cycle {
    fn has_work(&self) -> bool {
        match self.phase {
            Phase::Idle => false,
            Phase::Tracing => !self.gray.is_empty(),
            Phase::Sweeping => true,
        }
    }

    /// Starts a cycle, in a pause, before anything is marked; false: there is no thread to be had.
    pub(crate) fn begin(&mut self, live_bytes: usize) -> bool {
        debug_assert!(self.phase == Phase::Idle);
        if !self.ensure_thread() {
            return false;
        }
        self.phase = Phase::Tracing;
        self.attempts = 0;
        self.live_at_begin = live_bytes;
        self.traced = 0;
        self.began = Some(Instant::now());
        true
    }

    pub(crate) fn ensure_thread(&mut self) -> bool {
        if !self.thread {
            self.thread = spawn();
        }
        self.thread
    }

    /// In the child of a fork.
    pub(crate) fn thread_is_gone(&mut self) {
        self.thread = false;
    }

    /// The program makes cells that live faster than the tracer follows: it has to wait.
    pub(crate) fn is_outrun(&self, live_bytes: usize) -> bool {
        live_bytes / 2 > self.live_at_begin + (32 << 20)
    }

    /// Takes over what a pause came across.
    pub(crate) fn take_over(&mut self, v: &mut Visitor) {
        self.gray.append(&mut v.gray);
        self.weak.append(&mut v.gray_weak);
    }

    /// The weak cells reached by the minor collection that is under way are those of the cycle too.
    pub(crate) fn add_weak(&mut self, weak: &[usize]) {
        self.weak.extend_from_slice(weak);
    }

    pub(crate) fn take_weak(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.weak)
    }

    /// The tracing thread has nothing left to do.
    pub(crate) fn is_drained(&self) -> bool {
        self.gray.is_empty()
    }

    /// Traces what a pause came across after the tracer was done, if that is quick. The third time it
    /// may take four times as long, and so on.
    pub(crate) fn finish_tracing(&mut self, at_once: bool) -> bool {
        let limit = BUDGET * (1 << (self.attempts / 2 * 2).min(20));
        let until = (!at_once).then(|| Instant::now() + limit);
        self.attempts += 1;
        self.trace(&|| until.is_some_and(|u| Instant::now() >= u));
        self.gray.is_empty()
    }

    /// What the trace has not reached is dead; its cells are free one by one from here on.
    pub(crate) fn begin_sweep(&mut self, frontier: u32) {
        debug_assert!(self.gray.is_empty());
        self.phase = Phase::Sweeping;
        self.sweep_at = frontier;
    }

    /// Forgets the cycle, for a full collection in one pause, which finds all that is dead.
    pub(crate) fn abort(&mut self, frontier: u32) {
        self.sweep_now();
        if self.phase == Phase::Idle {
            return;
        }
        self.phase = Phase::Idle;
        self.gray = Vec::new();
        self.weak = Vec::new();
        for b in 0..frontier {
            region().meta(b).full.iter().for_each(|w| w.store(0, Relaxed));
        }
    }

    /// Sweeps to the end, where no thread does.
    pub(crate) fn sweep_now(&mut self) {
        while self.phase == Phase::Sweeping {
            self.sweep_batch();
        }
    }

    fn sweep_batch(&mut self) {
        let from = self.sweep_at.saturating_sub(BATCH);
        let mut pool = region::pool();
        let gone = crate::sweep::sweep_blocks(from..self.sweep_at, &mut pool);
        drop(pool);
        self.sweep_at = from;
        if from == 0 {
            self.phase = Phase::Idle;
        }
        crate::collect::note_swept(&gone, from == 0);
        if from == 0 && crate::collect::logging() {
            eprintln!(
                "gc: cycle: {:.3?} from begin to end, {} cells traced beside the program",
                self.began.map(|b| b.elapsed()).unwrap_or_default(),
                self.traced
            );
        }
    }

    /// Follows the gray spans until none is left or `stop` says so, which is asked now and then.
    fn trace(&mut self, stop: &dyn Fn() -> bool) {
        let mut t = Tracer::new(self);
        let mut queue = [const { Span { start: 0, words: 0 } }; AHEAD];
        let (mut at, mut spans, mut idle) = (0, 0, 0);
        loop {
            let next = t.cycle.gray.pop();
            idle = if next.is_some() { 0 } else { idle + 1 };
            if let Some(s) = &next {
                prefetch(s.start);
                if s.words > 8 {
                    prefetch(s.start + 64);
                }
            }
            let due = std::mem::replace(&mut queue[at], next.unwrap_or_default());
            at = (at + 1) % AHEAD;
            t.scan(due);
            spans += 1;
            if idle > AHEAD {
                return;
            }
            if spans % SPANS == 0 && stop() {
                t.cycle.gray.extend(queue.iter_mut().map(std::mem::take).filter(|s| s.words > 0));
                return;
            }
        }
    }
}

/// The trace's way of looking at words: it marks old cells only, and other threads may run.
struct Tracer<'a> {
    cycle: &'a mut Cycle,
    base: usize,
    len: usize,
    metas: *const BlockMeta,
}

impl Tracer<'_> {
    fn new(cycle: &mut Cycle) -> Tracer<'_> {
        let r = region();
        let len = (r.committed.load(Relaxed) as usize) << BLOCK_SHIFT;
        Tracer { cycle, base: r.base, len, metas: r.metas }
    }

    #[inline(always)]
    fn scan(&mut self, Span { start, words }: Span) {
        let now = words.min(STRIDE);
        if words > now {
            self.cycle.gray.push(Span { start: start + now * 8, words: words - now });
        }
        for i in 0..now {
            // SAFETY: spans are parts of old cells, which stay what they are until the cycle's end (or
            // empty); threads that store into them do so word by word.
            let word = unsafe { &*((start + i * 8) as *const AtomicUsize) }.load(Relaxed);
            let off = word.wrapping_sub(self.base);
            if off < self.len {
                self.found(off);
            }
        }
    }

    #[inline(always)]
    fn found(&mut self, off: usize) {
        // SAFETY: off lies below the committed end, so the block has a table entry.
        let mut meta = unsafe { &*self.metas.add(off >> BLOCK_SHIFT) };
        let mut start = self.base + (off & !(BLOCK - 1));
        let recip = meta.recip.load(Relaxed) as u64;
        let mut index = (((off & (BLOCK - 1)) as u64 * recip) >> 32) as usize;
        if index >= meta.cells.load(Relaxed) as usize {
            if meta.kind.load(Acquire) != kind::LARGE_REST {
                return;
            }
            let first = meta.large_first.load(Relaxed) as usize;
            // SAFETY: the first block of a large cell precedes this one.
            meta = unsafe { &*self.metas.add(first) };
            start = self.base + (first << BLOCK_SHIFT);
            index = 0;
        }
        // A block that another thread is setting up this moment has no marks.
        if !meta.is_marked(index) || !meta.reach(index) {
            return;
        }
        self.cycle.traced += 1;
        start += index * meta.cell_size.load(Relaxed) as usize;
        push_spans(meta, start, &mut self.cycle.gray, &mut self.cycle.weak);
    }
}

/// Puts the words of a reached cell that are followed on the list.
pub(crate) fn push_spans(
    meta: &BlockMeta,
    start: usize,
    gray: &mut Vec<Span>,
    weak: &mut Vec<usize>,
) {
    let size = match meta.cell_size.load(Relaxed) as usize {
        0 => meta.large_bytes.load(Relaxed),
        n => n,
    };
    match meta.kind.load(Relaxed) {
        k if kind::is_leaf(k) => {}
        k @ (kind::OBJECT_WEAK | kind::OBJECT_WEAK_PRE) => {
            let head = start + kind::pre(k);
            weak.push(head);
            // The words at 32 (referent), 56 and 64 (list links) are skipped.
            gray.push(Span { start, words: (head + 32 - start) / 8 });
            gray.push(Span { start: head + 40, words: 2 });
            let rest = (start + size).saturating_sub(head + 72) / 8;
            gray.push(Span { start: head + 72, words: rest });
        }
        _ => gray.push(Span { start, words: size / 8 }),
    }
}

/// Starts the tracing thread. It takes no signals: those are for threads that run Python code.
fn spawn() -> bool {
    // SAFETY: the sets are initialised before they are used; the mask is restored.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let thread =
            std::thread::Builder::new().name("taipan-gc".into()).stack_size(256 << 10).spawn(work);
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        thread.is_ok()
    }
}

fn work() {
    // While threads are asked to stop, the tracer leaves its core to the one of them that has none.
    let pausing = || PAUSING.load(Relaxed) || crate::world::is_stopping();
    let mut c = lock();
    loop {
        loop {
            let work = c.has_work();
            HELD.store(work, Ordering::SeqCst);
            if work && !pausing() {
                HELD.store(false, Ordering::SeqCst);
                break;
            }
            TRACER_NANOS.store(crate::gap::processor_time(), Relaxed);
            c = WAKE.wait(c).unwrap_or_else(|e| e.into_inner());
        }
        match c.phase {
            Phase::Idle => {}
            Phase::Tracing => c.trace(&pausing),
            Phase::Sweeping => {
                c.sweep_batch();
                if c.phase == Phase::Idle {
                    drop(c);
                    crate::collect::release_memory(usize::MAX);
                    c = lock();
                }
            }
        }
    }
}
