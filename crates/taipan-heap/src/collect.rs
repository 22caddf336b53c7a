//! A collection from trigger to restart, its policy, its registrations and its figures.
//!
//! Marks are sticky: what a collection reached is old, stays marked, and is not looked at again by
//! minor collections, except where it was stored into since (`cards`) or a native frame may have
//! been filling it in (`State::held`). Full collections forget all marks first.
//!
//! Order within the pause: retire cursors; mark from the roots; clear weak references to all that
//! is unmarked; revive unreachable objects whose finaliser has not run, with what they reach, and
//! queue them; tell weak tables what is really dead; run native drops; sweep the bitmaps. Finalisers
//! and weak callbacks run later, on a mutator thread, from its poll.
//!
//! `COLLECTOR` is a leaf lock.

use crate::apart::Apart;
use crate::cycle::{self, Phase};
use crate::head::{Head, flag};
use crate::mark::{
    END_OF_CYCLE, Mode, Visitor, has_callback, head_at, is_marked, referent, void_if_dead,
};
use crate::mutator::{Mutator, MutatorRef, POLL_FINALIZERS};
use crate::region::{self, region};
use crate::root;
use crate::size_class::BLOCK_SHIFT;
use crate::sweep::{POISON, Scope, Swept, sweep};
use crate::world::World;
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

/// What the VM adds to a collection.
pub trait Hooks: Sync {
    /// The VM stack and thread state of `m`, whose native stack the heap scans itself.
    fn scan_mutator(&self, m: &Mutator, v: &mut Visitor);
    /// Process-wide roots.
    fn scan_roots(&self, v: &mut Visitor);
    /// The reachable weak cell's referent died and its word is cleared. In the pause: must not
    /// allocate from the heap or lock anything a mutator holds while allocating.
    fn weak_dead(&self, weak: NonNull<Head>);
    /// On the collecting thread, after the others run again; `automatic`: nobody asked for the collection.
    /// May allocate.
    fn after_world_restart(&self, m: &Mutator, automatic: bool);
    /// Does a program that asks for the number of unreachable objects count this one, a dead one, among
    /// them? In the pause.
    fn is_container(&self, _obj: NonNull<Head>) -> bool {
        true
    }
}

/// Why a collection runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    Allocation,
    Explicit,
    /// Something young is waited for: a minor collection now.
    Young,
    /// A thread that waits has the time: everything, and others are not to notice.
    Idle,
    /// Memory ran out.
    Exhausted,
    Stress,
}

/// A Rust resource of an object, freed with it.
pub(crate) struct NativeDrop {
    object: usize,
    drop: unsafe fn(*mut Head),
}

/// Drops a VM-internal table's dead entries; it is given the test.
pub type WeakTable = fn(&dyn Fn(NonNull<Head>) -> bool);

/// Figures since the start; durations in nanoseconds.
#[derive(Clone, Copy, Default, Debug)]
pub struct Stats {
    pub collections: u64,
    /// Collections of everything, and the others since the last of them.
    pub full: u64,
    pub since_full: u64,
    pub freed_by_full: u64,
    /// Bytes allocated since the last collection, to within some 10 KiB a thread.
    pub allocated: usize,
    pub explicit: u64,
    /// Cells with a `Head` that the last collection freed, and all of them together.
    pub last_freed_objects: u64,
    pub freed_objects: u64,
    pub freed_bytes: u64,
    pub live_bytes: usize,
    pub live_objects: usize,
    /// Of the live bytes those of large buffers without references.
    pub live_buffers: usize,
    pub finalized: u64,
    pub last_pause: u64,
    pub max_pause: u64,
    pub total_pause: u64,
    pub max_time_to_stop: u64,
    pub threshold: usize,
    pub frozen: usize,
}

/// What one collection found to finalise, in order. One thread runs them all, one after another: who
/// uses another object in its finaliser comes before it.
struct Batch {
    /// Whose; `None`: that thread is gone, and the first to ask takes it over.
    runner: Option<MutatorRef>,
    objects: VecDeque<usize>,
    /// Weak references without a callback to what came back with these: finalisers still see through them,
    /// and the last one's end clears them.
    weak: Vec<usize>,
}

/// What an explicit collection is to tell of the unreachable objects (`garbage`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    Nothing,
    /// How many there are.
    Count,
    /// That, and they stay: `take_saved` gives them.
    Save,
}

pub(crate) struct State {
    /// Unreachable objects that were to stay, not asked for yet.
    saved: Vec<usize>,
    /// Registered since the last collection, and before.
    finalizable: Vec<usize>,
    old_finalizable: Vec<usize>,
    droppable: Vec<NativeDrop>,
    old_droppable: Vec<NativeDrop>,
    /// Cells that native stacks pointed to in the last collection: they may have been stored into
    /// without a barrier.
    held: Vec<usize>,
    /// Live bytes after the last full collection.
    full_live: usize,
    batches: Vec<Batch>,
    weak_tables: Vec<WeakTable>,
    stats: Stats,
}

static COLLECTOR: Apart<Mutex<State>> = Apart(Mutex::new(State {
    saved: Vec::new(),
    finalizable: Vec::new(),
    old_finalizable: Vec::new(),
    droppable: Vec::new(),
    old_droppable: Vec::new(),
    held: Vec::new(),
    full_live: 0,
    batches: Vec::new(),
    weak_tables: Vec::new(),
    stats: Stats {
        collections: 0,
        full: 0,
        since_full: 0,
        freed_by_full: 0,
        allocated: 0,
        explicit: 0,
        last_freed_objects: 0,
        freed_objects: 0,
        freed_bytes: 0,
        live_bytes: 0,
        live_objects: 0,
        live_buffers: 0,
        finalized: 0,
        last_pause: 0,
        max_pause: 0,
        total_pause: 0,
        max_time_to_stop: 0,
        threshold: NURSERY,
        frozen: 0,
    },
}));
static HOOKS: OnceLock<Box<dyn Hooks + Send>> = OnceLock::new();

/// What a thread allocates between two collections, at the least.
const NURSERY: usize = 3 << 20;
/// Free memory that is kept besides room for two collections' worth of allocation.
const KEPT: usize = 2 << 20;
/// A full collection is due when this much, and this part of what was live after the last one, was
/// added to the old cells.
const GROWTH: usize = 4 << 20;
const GROWTH_PART: usize = 2;
/// A full collection of less than this, buffers aside, is one pause.
const ONE_PAUSE: usize = 8 << 20;
/// Bounds of what is allocated between two collections, and a pause, in microseconds, after which it
/// is made less.
const NURSERY_LEAST: usize = 1 << 20;
const MOST: usize = 16 << 20;
const LONG_PAUSE: usize = 700;
/// Bytes allocated since the last collection, to within `FLUSH` bytes a thread.
pub(crate) static ALLOCATED: Apart<AtomicUsize> = Apart(AtomicUsize::new(0));
static THRESHOLD: AtomicUsize = AtomicUsize::new(NURSERY);
static ENABLED: AtomicBool = AtomicBool::new(true);
static INHIBITED: AtomicU32 = AtomicU32::new(0);
static LAST_TIME_TO_STOP: AtomicU64 = AtomicU64::new(0);

/// Collect at every nth refill; in stress mode every allocation is one.
static STRESS: AtomicUsize = AtomicUsize::new(0);
static STRESS_COUNT: AtomicUsize = AtomicUsize::new(0);
static STRESS_FULL: AtomicUsize = AtomicUsize::new(0);
static LOG: AtomicBool = AtomicBool::new(false);
/// Full traces beside the program: 0 none, 1 where the heap is not small, 2 always.
static CONCURRENT: AtomicU32 = AtomicU32::new(1);
/// Compare each minor collection with a full trace (`verify`).
static VERIFY: AtomicBool = AtomicBool::new(false);
/// What freed cells hold in poison mode: as a value an unremarkable float, as an address invalid.
pub const POISON_BYTE: u8 = 0xDB;

fn state() -> MutexGuard<'static, State> {
    COLLECTOR.lock().unwrap_or_else(|e| e.into_inner())
}

pub(crate) type Locks = MutexGuard<'static, State>;

pub(crate) fn lock_all() -> Locks {
    state()
}

/// Reads the environment once.
pub(crate) fn start() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let number = |name: &str| std::env::var(name).ok().and_then(|s| s.trim().parse().ok());
        STRESS.store(number("TAIPAN_GC_STRESS").unwrap_or(0), Relaxed);
        POISON.store(number("TAIPAN_GC_POISON").unwrap_or(0) != 0, Relaxed);
        CONCURRENT.store(number("TAIPAN_GC_CONCURRENT").unwrap_or(1) as u32, Relaxed);
        VERIFY.store(number("TAIPAN_GC_VERIFY").unwrap_or(0) != 0, Relaxed);
        crate::gap::start(number("TAIPAN_SAFEPOINT_GAP").unwrap_or(0) as u64);
        if number("TAIPAN_GC_LOG").unwrap_or(0) != 0 {
            LOG.store(true, Relaxed);
            // SAFETY: the function lives for ever and touches only statics.
            unsafe { libc::atexit(log_totals) };
        }
    });
}

extern "C" fn log_totals() {
    let s = stats();
    eprintln!(
        "gc: {} collections, {} full, {} explicit, {} objects finalised, pauses {:.3?} in all, {:.3?} at most, time to stop at most {:.3?}, beside the program {:.3?}",
        s.collections,
        s.full,
        s.explicit,
        s.finalized,
        Duration::from_nanos(s.total_pause),
        Duration::from_nanos(s.max_pause),
        Duration::from_nanos(s.max_time_to_stop),
        Duration::from_nanos(cycle::TRACER_NANOS.load(Relaxed)),
    );
    crate::world::log_stops();
}

pub(crate) fn note_time_to_stop(nanos: u64) {
    LAST_TIME_TO_STOP.store(nanos, Relaxed);
}

/// Sets the VM's part; later calls have no effect.
pub fn set_hooks(hooks: Box<dyn Hooks + Send>) {
    let _ = HOOKS.set(hooks);
}

/// `gc.isenabled`'s flag. Memory is reclaimed either way, since nothing else reclaims it.
pub fn set_enabled(on: bool) -> bool {
    ENABLED.swap(on, Relaxed)
}

pub fn is_enabled() -> bool {
    ENABLED.load(Relaxed)
}

/// Really no collections until `allow`: for C code that relies on `PyGC_Disable`.
pub fn inhibit() {
    INHIBITED.fetch_add(1, Relaxed);
}

pub fn allow() {
    INHIBITED.fetch_sub(1, Relaxed);
}

/// Sets stress and poison modes as the environment variables do.
pub fn set_stress(every: usize, poison: bool) {
    STRESS.store(every, Relaxed);
    POISON.store(poison, Relaxed);
}

/// `gc.freeze`: notes how many objects there are now; `gc.unfreeze` forgets it.
pub fn freeze() {
    let mut s = state();
    s.stats.frozen = s.stats.live_objects;
}

pub fn unfreeze() {
    state().stats.frozen = 0;
}

pub fn stats() -> Stats {
    let mut s = state().stats;
    s.max_time_to_stop = crate::world::MAX_TIME_TO_STOP.load(Relaxed);
    s.threshold = THRESHOLD.load(Relaxed);
    s.allocated = ALLOCATED.load(Relaxed);
    s
}

/// Noted since the last full collection (`Mutator::note_external`).
static EXTERNAL: AtomicUsize = AtomicUsize::new(0);
/// A full collection is due when this much was.
const EXTERNAL_GROWTH: usize = 64 << 20;

impl Mutator {
    /// Memory outside the heap that dies with a heap object counts as allocated. May collect.
    pub fn note_external(&self, bytes: usize) {
        EXTERNAL.fetch_add(bytes, Relaxed);
        ALLOCATED.fetch_add(bytes, Relaxed);
        maybe_collect(self);
    }
}

/// Adds a table to be told of dead objects in every collection.
pub fn register_weak_table(table: WeakTable) {
    state().weak_tables.push(table);
}

impl Mutator {
    /// `obj` has a finaliser that is to run once when `obj` is unreachable.
    pub fn set_finalizer(&self, obj: NonNull<Head>) {
        // SAFETY: the caller has the object, so it is live.
        let head = unsafe { obj.as_ref() };
        if !head.has_flag(flag::FINALIZER) {
            head.set_flag(flag::FINALIZER);
            // SAFETY: this thread's own list; the collector looks at it only while this thread is stopped.
            unsafe { (*self.finalizable.get()).push(obj) };
        }
    }

    /// `drop` runs when `obj` is swept, in the pause: it frees Rust resources only, touches no
    /// other object and takes no lock that a mutator holds at a safepoint.
    pub fn set_native_drop(&self, obj: NonNull<Head>, drop: unsafe fn(*mut Head)) {
        // SAFETY: as in `set_finalizer`.
        unsafe {
            (*self.droppable.get()).push(NativeDrop { object: obj.as_ptr() as usize, drop });
        }
    }

    /// The next object whose finaliser is to run on this thread; it is reachable again from here on.
    pub fn take_finalizable(&self) -> Option<NonNull<Head>> {
        let me = Some(self.handle());
        let mut s = state();
        let mine = s.batches.iter().position(|b| b.runner == me || b.runner.is_none());
        let Some(i) = mine else {
            self.poll.fetch_and(!POLL_FINALIZERS, Relaxed);
            return None;
        };
        let batch = &mut s.batches[i];
        batch.runner = me;
        let next = batch.objects.pop_front().map(head_at);
        if next.is_none() {
            let done = s.batches.remove(i);
            done.weak.iter().for_each(|&weak| referent(weak).store(0, Relaxed));
            drop(s);
            return self.take_finalizable();
        }
        next
    }
}

/// Threads that are gone: others run the finalisers that they were to run. Says whether there are any.
pub(crate) fn abandon_finalizers(gone: impl Fn(MutatorRef) -> bool) -> bool {
    let mut s = state();
    let theirs = s.batches.iter_mut().filter(|b| b.runner.is_some_and(&gone));
    theirs.map(|b| b.runner = None).count() > 0
}

impl Mutator {
    /// How many of the objects with a finaliser to run answer to `which`, dead ones that no collection
    /// has found among them. Nothing where other threads may have made some.
    pub fn finalizers_left(&self, which: impl Fn(NonNull<Head>) -> bool) -> Option<usize> {
        if crate::lock::SHARED.load(Relaxed) {
            return None;
        }
        // SAFETY: this thread's own list.
        let mine = unsafe { &*self.finalizable.get() };
        let found: Vec<NonNull<Head>> = {
            let s = state();
            s.finalizable.iter().chain(&s.old_finalizable).map(|&p| head_at(p)).collect()
        };
        let open = |p: &&NonNull<Head>| {
            // SAFETY: collections take what they free out of both lists.
            unsafe { p.as_ref() }.has_flag(flag::FINALIZER) && which(**p)
        };
        Some(found.iter().chain(mine).filter(open).count())
    }
}

/// Whether some object whose finaliser did not run, as of the last collection, answers to `which`.
pub fn any_finalizable(which: impl Fn(NonNull<Head>) -> bool) -> bool {
    let s = state();
    s.finalizable.iter().chain(&s.old_finalizable).any(|&p| which(head_at(p)))
}

/// The finaliser of `obj` is not to run after all (it ran, or was closed).
pub fn clear_finalizer(obj: &Head) {
    obj.clear_flag(flag::FINALIZER);
}

pub(crate) fn adopt_registrations(m: &Mutator) {
    let mut s = state();
    // SAFETY: called by the thread itself or while it is stopped or gone.
    unsafe {
        s.finalizable.extend((*m.finalizable.get()).drain(..).map(|p| p.as_ptr() as usize));
        s.droppable.append(&mut *m.droppable.get());
    }
}

/// Counts an allocation in stress mode; says whether that mode is on.
#[inline]
pub(crate) fn stress_tick(m: &Mutator) -> bool {
    let n = STRESS.load(Relaxed);
    if n == 0 {
        return false;
    }
    if (STRESS_COUNT.fetch_add(1, Relaxed) + 1).is_multiple_of(n) && m.stopping.get() == 0 {
        collect(m, Reason::Stress);
    }
    true
}

/// Collects if enough was allocated since the last time; says whether it did.
#[inline]
pub(crate) fn maybe_collect(m: &Mutator) -> bool {
    if ALLOCATED.load(Relaxed) < THRESHOLD.load(Relaxed)
        || INHIBITED.load(Relaxed) != 0
        || m.stopping.get() != 0
    {
        return false;
    }
    collect(m, Reason::Allocation);
    true
}

/// A whole collection. On return the other threads run again (unless the caller stopped them);
/// finalisers wait in `take_finalizable`.
#[inline(never)]
pub fn collect(m: &Mutator, reason: Reason) {
    collect_and_tell(m, reason, Tell::Nothing);
}

/// An object that `Tell::Save` kept, until there are none.
pub fn take_saved() -> Option<NonNull<Head>> {
    state().saved.pop().map(head_at)
}

/// As `collect`; gives the number of unreachable objects if that is asked for.
#[inline(never)]
pub fn collect_and_tell(m: &Mutator, reason: Reason, tell: Tell) -> usize {
    if INHIBITED.load(Relaxed) != 0 && !matches!(reason, Reason::Explicit | Reason::Idle) {
        return 0;
    }
    if matches!(reason, Reason::Explicit | Reason::Young | Reason::Idle) {
        m.clear_dead_stack();
    }
    let collected = m.stop_the_world(|w| {
        // Another thread may have collected while this one waited for its turn.
        if reason == Reason::Allocation && ALLOCATED.load(Relaxed) < THRESHOLD.load(Relaxed) {
            return None;
        }
        Some(run(w, reason, tell))
    });
    if collected.is_some() && m.stopping.get() == 0 {
        let all = matches!(reason, Reason::Explicit | Reason::Exhausted);
        release_memory(if all { usize::MAX } else { cycle::RELEASE });
        if let Some(h) = HOOKS.get() {
            h.after_world_restart(m, matches!(reason, Reason::Allocation | Reason::Idle));
        }
    }
    collected.unwrap_or(0)
}

/// What a collection does beside collecting what is young.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    Young,
    /// Collects everything, in one pause.
    Full,
    /// Begins a full trace beside the program.
    Begin,
    /// Ends it, if there is little left to do.
    End,
}

/// In stress mode a full collection now and then, otherwise when the old cells have become many more;
/// in one pause if they are few.
fn plan(reason: Reason, cycle: &cycle::Cycle) -> Plan {
    let due = match reason {
        Reason::Explicit | Reason::Exhausted => return Plan::Full,
        Reason::Young => false,
        Reason::Idle => true,
        Reason::Stress => STRESS_FULL.fetch_add(1, Relaxed) % 4 == 3,
        Reason::Allocation => {
            let s = state();
            EXTERNAL.load(Relaxed) >= EXTERNAL_GROWTH
                || s.stats.live_bytes >= s.full_live + (s.full_live / GROWTH_PART).max(GROWTH)
        }
    };
    let small = {
        let st = &state().stats;
        st.live_bytes.saturating_sub(st.live_buffers) < ONE_PAUSE
    };
    let beside = match CONCURRENT.load(Relaxed) {
        0 => false,
        1 => matches!(reason, Reason::Allocation | Reason::Idle) && !small,
        // Every second full collection in stress mode is one of the other kind.
        _ => reason != Reason::Stress || STRESS_FULL.load(Relaxed) % 8 < 4,
    };
    match cycle.phase {
        Phase::Tracing if reason != Reason::Young => Plan::End,
        Phase::Idle if due && beside => Plan::Begin,
        Phase::Idle if due => Plan::Full,
        _ => Plan::Young,
    }
}

/// What a pause took, step by step.
struct Times {
    started: Instant,
    steps: [Duration; 4],
}

/// Gives the number of unreachable objects if it was to `tell` that.
fn run(w: &World, reason: Reason, tell: Tell) -> usize {
    let mut cycle = cycle::lock_for_pause();
    let mut times = Times { started: Instant::now(), steps: [Duration::ZERO; 4] };
    let mut plan = plan(reason, &cycle);
    w.for_each_mutator(|m| {
        m.retire(false);
        adopt_registrations(m);
    });
    let frontier = region::pool().frontier;
    let live_before = state().stats.live_bytes;
    if plan == Plan::Begin && !cycle.begin(live_before) {
        plan = Plan::Full;
    }
    if plan == Plan::Full {
        cycle.abort(frontier);
        forget_marks(frontier);
    }
    if matches!(plan, Plan::Full | Plan::Begin) {
        EXTERNAL.store(0, Relaxed);
    }
    let tracing = cycle.phase == Phase::Tracing;
    let mut v = Visitor::new(if tracing { Mode::Shading } else { Mode::Plain });
    let held = std::mem::take(&mut state().held);
    v.visit_dirty(frontier);
    v.visit_held(&held);
    times.steps[0] = times.started.elapsed();
    mark_roots(w, &mut v);
    times.steps[1] = times.started.elapsed();
    v.drain();
    if plan != Plan::Full && VERIFY.load(Relaxed) {
        crate::verify::compare(frontier, false, |v| mark_roots(w, v));
    }
    if tracing {
        // While the tracer is at work nothing is gained by doing its work in a pause.
        let drained = cycle.is_drained();
        cycle.add_weak(&v.weak);
        cycle.take_over(&mut v);
        let at_once = cycle.is_outrun(live_before) || !cycle.ensure_thread();
        if plan == Plan::End && !((drained || at_once) && cycle.finish_tracing(at_once)) {
            plan = Plan::Young;
        }
    }
    if plan == Plan::End {
        if VERIFY.load(Relaxed) {
            crate::verify::compare(frontier, true, |v| mark_roots(w, v));
        }
        END_OF_CYCLE.store(true, Relaxed);
        v.mode = Mode::Reviving;
        v.weak = cycle.take_weak();
        // A minor collection looks at all that is old.
        v.weak.retain(|&weak| is_marked(weak));
    }
    times.steps[2] = times.started.elapsed();
    let everything = matches!(plan, Plan::Full | Plan::End);
    let kept = clear_weak(&mut v);
    let revived = revive_finalizable(w.mutator, &mut v, everything, kept);
    let unreachable = if tell == Tell::Nothing { 0 } else { tell_of(tell, &mut v, frontier) };
    sweep_tables(everything);
    END_OF_CYCLE.store(false, Relaxed);
    times.steps[3] = times.started.elapsed();
    let scope = match plan {
        Plan::Full => Scope::Everything,
        Plan::End => Scope::EndOfCycle,
        _ => Scope::Young,
    };
    note_swept(&std::mem::take(&mut v.early), false);
    let mut before = Swept::default();
    if scope != Scope::Everything {
        let st = &state().stats;
        (before.live_bytes, before.live_objects) = (st.live_bytes, st.live_objects);
        before.live_buffers = st.live_buffers;
    }
    let swept = sweep(scope, before);
    if plan == Plan::End {
        cycle.begin_sweep(frontier);
        if !cycle.ensure_thread() {
            cycle.sweep_now();
        }
    } else if tracing {
        cycle.add_weak(&v.weak);
        cycle.take_over(&mut v);
    }
    let allocated = ALLOCATED.swap(0, Relaxed);
    if revived > 0 {
        w.mutator.poll.fetch_or(POLL_FINALIZERS, Relaxed);
    }
    let held = v.take_held();
    let held_count = held.len();
    state().held = held;
    let pause = times.started.elapsed();
    let threshold = next_threshold(plan, swept.live_bytes, pause);
    THRESHOLD.store(threshold, Relaxed);
    note(reason, plan, revived, &swept, pause);
    if logging() {
        log(reason, plan, &times, pause, &swept, (allocated, held_count, threshold));
    }
    cycle::unlock_after_pause(cycle);
    unreachable
}

/// Counts the unreachable objects, and keeps them if they are to stay.
fn tell_of(tell: Tell, v: &mut Visitor, frontier: u32) -> usize {
    let is_container = |p| HOOKS.get().is_none_or(|h| h.is_container(p));
    let found = crate::garbage::unreachable(frontier, is_container);
    let count = found.len();
    if tell == Tell::Save {
        found.iter().for_each(|&p| v.visit_word(p as u64));
        v.drain();
        clear_silently(&v.weak);
        state().saved.extend(found);
    }
    count
}

/// How much may be allocated until the next collection. Several threads fill a small heap faster, and
/// every collection stops them all. Where much survives and others wait meanwhile, pauses are kept short.
fn next_threshold(plan: Plan, live_bytes: usize, pause: Duration) -> usize {
    let threads = crate::world::threads().len().clamp(1, 4);
    let (nursery, nursery_least) = (paced(NURSERY), paced(NURSERY_LEAST));
    let least = nursery * threads;
    let most = (live_bytes / 8).clamp(least, paced(MOST).max(least));
    let now = THRESHOLD.load(Relaxed).max(nursery_least);
    if plan != Plan::Young {
        return now.clamp(least, most);
    }
    let pause = pause.as_micros().max(1) as usize;
    let next = if pause > LONG_PAUSE {
        (now / 4).max(now / pause * (LONG_PAUSE * 3 / 4))
    } else if pause < LONG_PAUSE / 2 {
        now + now / 2
    } else {
        now
    };
    // One thread alone waits for nobody.
    next.clamp(if threads > 1 { nursery_least } else { nursery }, most)
}

/// `set_pace`'s quotient, in 1024ths.
static PACE: AtomicUsize = AtomicUsize::new(1024);
/// Bounds of the nursery that `set_pace` may ask for.
const PACED: std::ops::RangeInclusive<usize> = 128 << 10..=64 << 20;

/// Multiplies what may be allocated between two collections: `gc.set_threshold`.
pub fn set_pace(times: usize, parts: usize) {
    PACE.store((times.min(1 << 40) * 1024 / parts).max(1), Relaxed);
    THRESHOLD.store(paced(NURSERY), Relaxed);
}

fn paced(bytes: usize) -> usize {
    match PACE.load(Relaxed) {
        1024 => bytes,
        n => (bytes / 1024).saturating_mul(n).clamp(*PACED.start(), *PACED.end()),
    }
}

fn log(
    reason: Reason,
    plan: Plan,
    times: &Times,
    pause: Duration,
    swept: &Swept,
    (allocated, held, threshold): (usize, usize, usize),
) {
    let [dirty, roots, mark, weak] = times.steps;
    let what = match plan {
        Plan::Young => "",
        Plan::Full => " (full)",
        Plan::Begin => " (begins a full trace)",
        Plan::End => " (ends a full trace)",
    };
    eprintln!(
        "gc: {reason:?}{what}: stop {:.3?}, dirty {dirty:.3?}, roots {:.3?}, mark {:.3?}, weak {:.3?}, sweep {:.3?}, pause {pause:.3?}; \
         allocated {allocated}, held {held}, live {} in {} objects, freed {} in {} objects, next after {threshold}",
        Duration::from_nanos(LAST_TIME_TO_STOP.load(Relaxed)),
        roots - dirty,
        mark - roots,
        weak - mark,
        pause - weak,
        swept.live_bytes,
        swept.live_objects,
        swept.freed_bytes,
        swept.freed_objects,
    );
}

/// What was swept beside the program; `last`: that was all of the cycle.
pub(crate) fn note_swept(gone: &Swept, last: bool) {
    let mut s = state();
    let st = &mut s.stats;
    st.live_bytes = (st.live_bytes + gone.live_bytes).saturating_sub(gone.lost_bytes);
    st.live_objects = (st.live_objects + gone.live_objects).saturating_sub(gone.lost_objects);
    st.live_buffers = (st.live_buffers + gone.live_buffers).saturating_sub(gone.lost_buffers);
    st.freed_objects += gone.freed_objects as u64;
    st.freed_by_full += gone.freed_objects as u64;
    st.freed_bytes += gone.freed_bytes as u64;
    if last {
        s.full_live = s.stats.live_bytes;
    }
}

pub(crate) fn logging() -> bool {
    LOG.load(Relaxed)
}

/// Gives free memory back to the system, at most so many blocks of it: what has to be faulted in
/// again is dear, so what two collections' worth of allocation needs is kept.
pub(crate) fn release_memory(most: usize) {
    let keep = (2 * THRESHOLD.load(Relaxed) + KEPT) >> BLOCK_SHIFT;
    region::release(keep, most);
}

/// Nobody is old any more.
fn forget_marks(frontier: u32) {
    for b in 0..frontier {
        let m = region().meta(b);
        m.old_cells.store(0, Relaxed);
        m.bits[..m.words()].iter().for_each(|w| w.mark.store(0, Relaxed));
    }
}

fn note(reason: Reason, plan: Plan, revived: u64, swept: &Swept, pause: Duration) {
    let mut s = state();
    let full = matches!(plan, Plan::Full | Plan::End);
    if full {
        s.full_live = swept.live_bytes;
    }
    let st = &mut s.stats;
    st.collections += 1;
    st.full += full as u64;
    st.since_full = if full { 0 } else { st.since_full + 1 };
    st.freed_by_full += if full { swept.freed_objects as u64 } else { 0 };
    st.explicit += (reason == Reason::Explicit) as u64;
    st.finalized += revived;
    st.live_bytes = swept.live_bytes;
    st.live_objects = swept.live_objects;
    st.live_buffers = swept.live_buffers;
    st.last_freed_objects = swept.freed_objects as u64;
    st.freed_objects += swept.freed_objects as u64;
    st.freed_bytes += swept.freed_bytes as u64;
    st.last_pause = pause.as_nanos() as u64;
    st.max_pause = st.max_pause.max(st.last_pause);
    st.total_pause += st.last_pause;
}

fn mark_roots(w: &World, v: &mut Visitor) {
    let hooks = HOOKS.get();
    w.for_each_mutator(|m| {
        let (sp, high) = (m.sp.load(Relaxed) & !7, m.stack_high.get());
        debug_assert!(sp != 0 && sp <= high);
        // SAFETY: the thread is stopped or detached at sp, or is this one; its stack from there up is mapped.
        unsafe { v.visit_native_stack(sp as *const u64, (high - sp) / 8) };
        if let Some(h) = hooks {
            h.scan_mutator(m, v);
        }
    });
    root::visit_all(v);
    {
        let s = state();
        let kept = s.batches.iter().flat_map(|b| &b.objects).chain(&s.saved);
        kept.for_each(|&p| v.visit_word(p as u64));
    }
    if let Some(h) = hooks {
        h.scan_roots(v);
    }
}

/// Clears the weak references whose referent was not reached. Gives those without a callback, which are
/// left as they are: finalisers may bring their referents back.
fn clear_weak(v: &mut Visitor) -> Vec<usize> {
    for batch in &mut state().batches {
        batch.weak.retain(|&weak| is_marked(weak));
    }
    let mut kept = Vec::new();
    for weak in std::mem::take(&mut v.weak) {
        if void_if_dead(weak) {
            continue;
        }
        let word = referent(weak);
        let target = word.load(Relaxed) as usize;
        if target == 0 || is_marked(target) {
            continue;
        }
        if !has_callback(weak) {
            kept.push(weak);
            continue;
        }
        word.store(0, Relaxed);
        if let Some(h) = HOOKS.get() {
            h.weak_dead(head_at(weak));
        }
    }
    kept
}

/// Weak cells that came back to life: nobody is told of the references that are cleared.
fn clear_silently(cells: &[usize]) {
    for &weak in cells {
        let word = referent(weak);
        if !void_if_dead(weak) && !is_marked(word.load(Relaxed) as usize) {
            word.store(0, Relaxed);
        }
    }
}

/// Marks the unreachable objects with a finaliser to run, and what they reach; queues them for `m`.
/// A minor collection looks only at those registered since the last one: the others are old.
/// `weak`: references that nothing but a finaliser keeps from being cleared.
fn revive_finalizable(m: &Mutator, v: &mut Visitor, full: bool, mut weak: Vec<usize>) -> u64 {
    let mut candidates = std::mem::take(&mut state().finalizable);
    if full {
        candidates.append(&mut state().old_finalizable);
    }
    let mut keep = Vec::with_capacity(candidates.len());
    let mut due = Vec::new();
    for obj in candidates {
        // SAFETY: registered objects stay in their cells until a sweep, and this list is purged before each.
        let head = unsafe { head_at(obj).as_ref() };
        if !head.has_flag(flag::FINALIZER) {
            continue;
        }
        if is_marked(obj) {
            keep.push(obj);
        } else {
            head.clear_flag(flag::FINALIZER);
            due.push(obj);
        }
    }
    if !due.is_empty() {
        due = v.mark_in_order(due);
        // Weak references that come back to life with the rest lose dead referents, silently. What
        // comes back with them they still refer to, as where references are counted: finalisers see
        // the objects that they share as they were.
        clear_silently(&v.weak);
    }
    weak.retain(|&weak| {
        let word = referent(weak);
        let back = is_marked(word.load(Relaxed) as usize);
        if !back {
            word.store(0, Relaxed);
            if let Some(h) = HOOKS.get() {
                h.weak_dead(head_at(weak));
            }
        }
        back
    });
    let mut s = state();
    s.old_finalizable.append(&mut keep);
    let count = due.len() as u64;
    if count > 0 {
        s.batches.push(Batch { runner: Some(m.handle()), objects: due.into(), weak });
    }
    count
}

/// What is unmarked now is dead: tables forget it, native resources go.
fn sweep_tables(full: bool) {
    let (tables, mut drops) = {
        let mut s = state();
        (s.weak_tables.clone(), std::mem::take(&mut s.droppable))
    };
    if full {
        drops.append(&mut state().old_droppable);
    }
    let dead = |p: NonNull<Head>| !is_marked(p.as_ptr() as usize);
    for t in tables {
        t(&dead);
    }
    if let Some(h) = crate::traced::hook() {
        (h.collected)(full, &|cell| !is_marked(cell));
    }
    let (keep, gone): (Vec<_>, Vec<_>) = drops.into_iter().partition(|d| is_marked(d.object));
    for d in gone {
        // SAFETY: the object is dead but not yet swept; each registration is run once.
        unsafe { (d.drop)(d.object as *mut Head) };
    }
    state().old_droppable.extend(keep);
}
