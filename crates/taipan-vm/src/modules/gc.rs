//! `gc`: steers and reports the collector.

use crate::prelude::*;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

static DEBUG: AtomicU32 = AtomicU32::new(0);
const STATS: u32 = 1;
const COLLECTABLE: u32 = 2;
const SAVEALL: u32 = 32;
/// The first threshold with which the collector goes by its own measure.
const USUAL: i64 = 2000;
static THRESHOLD: [AtomicI64; 3] = [AtomicI64::new(USUAL), AtomicI64::new(10), AtomicI64::new(10)];

fn debug(flags: u32) -> bool {
    DEBUG.load(Ordering::Relaxed) & flags != 0
}

/// Enables automatic collection.
#[pyfunction]
fn enable(_cx: &Thread) {
    taipan_heap::set_enabled(true);
}

/// Disables automatic collection.
#[pyfunction]
fn disable(_cx: &Thread) {
    taipan_heap::set_enabled(false);
}

/// Is automatic collection enabled?
#[pyfunction]
fn isenabled(_cx: &Thread) -> bool {
    taipan_heap::is_enabled()
}

/// Collects, and gives the number of unreachable objects.
#[pyfunction(sig = "(generation=2)", name = "collect")]
fn gc_collect(cx: &Thread, generation: Value) -> Res {
    // What earlier calls left on the stack must not show through the holes of the frames to come, nor
    // through this one's, which the array fills.
    let mut filled = [0u64; 4];
    std::hint::black_box(&mut filled);
    cx.mutator.clear_dead_stack();
    let found = collect_aloud(cx, generation);
    std::hint::black_box(&mut filled);
    found
}

/// A collection with what the callbacks and debugging flags want to hear of it.
#[inline(never)]
fn collect_aloud(cx: &Thread, generation: Value) -> Res {
    let generation = index_isize(cx, generation, exc::OverflowError())? as i64;
    if !(0..=2).contains(&generation) {
        raise!(cx, ValueError, "invalid generation");
    }
    COLLECTING.fetch_add(1, Ordering::Relaxed);
    let found = collect_between_callbacks(cx, generation);
    COLLECTING.fetch_sub(1, Ordering::Relaxed);
    found.map(Value::small)
}

fn collect_between_callbacks(cx: &Thread, generation: i64) -> Res<i64> {
    run_callbacks(cx, "start", generation, 0)?;
    let begun = std::time::Instant::now();
    if debug(STATS) {
        let s = taipan_heap::stats();
        let (young, old) = (s.allocated / 64, s.live_objects.saturating_sub(s.frozen));
        say(cx, &format!("gc: collecting generation {generation}...\n"));
        say(cx, &format!("gc: objects in each generation: {young} 0 {old}\n"));
        say(cx, &format!("gc: objects in permanent generation: {}\n", s.frozen));
    }
    let found = collect_and_finalize(cx, generation);
    if debug(STATS) {
        let took = begun.elapsed().as_secs_f64();
        say(cx, &format!("gc: done, {found} unreachable, 0 uncollectable, {took:.4}s elapsed\n"));
    }
    // Two generations stand for three: the middle one is counted, and is young.
    match generation {
        0 => {
            ASKED[0].fetch_add(1, Ordering::Relaxed);
        }
        1 => {
            ASKED[0].store(0, Ordering::Relaxed);
            ASKED[1].fetch_add(1, Ordering::Relaxed);
        }
        _ => ASKED.iter().for_each(|n| n.store(0, Ordering::Relaxed)),
    }
    run_callbacks(cx, "stop", generation, found)?;
    Ok(found)
}

/// How often the collector looks again for what finalisers and callbacks have let go.
const ROUNDS: usize = 4;

/// Collects, runs the callbacks and finalisers that are due, and collects again what is dead after them:
/// an object that a finaliser did not bring back is gone on return. Gives the number of
/// unreachable objects, in all.
#[inline(never)]
fn collect_and_finalize(cx: &Thread, generation: i64) -> i64 {
    use taipan_heap::{Reason, Tell};
    let reason = if generation == 2 { Reason::Explicit } else { Reason::Young };
    let tell = if debug(SAVEALL | COLLECTABLE) { Tell::Save } else { Tell::Count };
    // So that no other round counts them.
    let mut shown: GcVec<Value> = GcVec::new();
    let mut found = 0;
    let before = taipan_heap::stats();
    for _ in 0..ROUNDS {
        crate::interp::clear_dead_registers(cx);
        cx.mutator.clear_dead_stack();
        found += taipan_heap::collect_and_tell(cx.mutator, reason, tell) as i64;
        TO_TELL.store(0, Ordering::Relaxed);
        let more = crate::objects::weakref::run_pending(cx);
        while let Some(obj) = taipan_heap::take_saved() {
            keep_or_show(cx, Value::from_head(obj), &mut shown);
        }
        // Only a full collection finds what was brought back once.
        if !more || generation < 2 {
            break;
        }
    }
    if !shown.is_empty() {
        drop(shown);
        taipan_heap::collect(cx.mutator, reason);
    }
    let after = taipan_heap::stats();
    let own = &ASKED_FOR[generation as usize];
    own.collections.fetch_add(after.collections - before.collections, Ordering::Relaxed);
    own.full.fetch_add(after.full - before.full, Ordering::Relaxed);
    own.freed.fetch_add(after.freed_objects - before.freed_objects, Ordering::Relaxed);
    own.freed_by_full.fetch_add(after.freed_by_full - before.freed_by_full, Ordering::Relaxed);
    own.calls.fetch_add(1, Ordering::Relaxed);
    own.found.fetch_add(found as u64, Ordering::Relaxed);
    found
}

/// What `collect` of a generation did, in the heap's figures and in the program's: one call may be
/// several collections, and tells of containers only.
struct AskedFor {
    collections: AtomicU64,
    full: AtomicU64,
    freed: AtomicU64,
    freed_by_full: AtomicU64,
    calls: AtomicU64,
    found: AtomicU64,
}

static ASKED_FOR: [AskedFor; 3] = [const {
    AskedFor {
        collections: AtomicU64::new(0),
        full: AtomicU64::new(0),
        freed: AtomicU64::new(0),
        freed_by_full: AtomicU64::new(0),
        calls: AtomicU64::new(0),
        found: AtomicU64::new(0),
    }
}; 3];

/// What the debugging flags want of an unreachable object.
fn keep_or_show(cx: &Thread, obj: Value, shown: &mut GcVec<Value>) {
    if debug(COLLECTABLE) {
        let at = obj.head().map_or(0, |h| std::ptr::from_ref(h) as usize);
        say(cx, &format!("gc: collectable <{} {at:#x}>\n", obj.ty().name()));
    }
    let garbage = cx.vm.roots.gc_garbage.get().and_then(|v| v.downcast::<List>());
    match garbage.filter(|_| debug(SAVEALL)) {
        Some(l) => l.push(cx, obj),
        None => shown.push(obj),
    }
}

/// Writes to `sys.stderr`, whatever comes of it.
fn say(cx: &Thread, text: &str) {
    crate::modules::sys::hooks::write_stderr(cx, text);
}

/// Collections of the first and second generation that were asked for since one of the next.
static ASKED: [AtomicI64; 2] = [AtomicI64::new(0), AtomicI64::new(0)];
/// Collections that nobody asked for, and that `gc.callbacks` have not been told of.
static TO_TELL: AtomicU32 = AtomicU32::new(0);
/// Threads in `collect`: between "start" and "stop" there is no other collection to be told of.
static COLLECTING: AtomicU32 = AtomicU32::new(0);

/// After a collection that nobody asked for: says whether there are callbacks to run for it.
pub fn note_automatic() -> bool {
    let callbacks = crate::vm::VM.roots.gc_callbacks.get();
    let any = callbacks.and_then(|v| v.downcast::<List>()).is_some_and(|l| l.len() > 0);
    let tell = any && taipan_heap::is_enabled() && COLLECTING.load(Ordering::Relaxed) == 0;
    if tell {
        TO_TELL.fetch_add(1, Ordering::Relaxed);
    }
    tell
}

/// Runs the callbacks for collections that came by themselves, after the fact.
pub fn tell_of_automatic(cx: &Thread) {
    if TO_TELL.load(Ordering::Relaxed) == 0 || TO_TELL.swap(0, Ordering::Relaxed) == 0 {
        return;
    }
    let s = taipan_heap::stats();
    let generation = if s.since_full == 0 { 2 } else { 0 };
    for (phase, found) in [("start", 0), ("stop", s.last_freed_objects as i64)] {
        if let Err(e) = run_callbacks(cx, phase, generation, found) {
            crate::interp::unraisable(cx, e, None, None);
        }
    }
}

/// A dead object that a program with counted references could have made unreachable only as part of a
/// cycle, or by one: CPython's collector tracks it. In a pause.
pub fn is_container(obj: Value) -> bool {
    match obj.downcast_exact::<Tuple>() {
        Some(t) => t.as_slice().iter().any(|v| is_collected(*v)),
        None => is_collected(obj),
    }
}

/// An object of a type whose instances CPython's collector knows; its static types it does not know.
fn is_collected(obj: Value) -> bool {
    obj.head().is_some()
        && obj.ty().flags() & tpflags::HAVE_GC != 0
        && obj.as_type().is_none_or(|t| {
            t.is_heap() || t.info().native.is_some_and(crate::types::ready::is_made_by_spec)
        })
}

/// A collection of everything that is dead now, with its callbacks and finalisers.
pub fn full_collect(cx: &Thread) {
    crate::interp::clear_dead_registers(cx);
    cx.mutator.clear_dead_stack();
    taipan_heap::collect(cx.mutator, taipan_heap::Reason::Explicit);
    crate::objects::weakref::run_pending(cx);
}

/// Collects while `wanted`: what is young first, which is quick, then everything.
pub fn collect_while(cx: &Thread, wanted: impl Fn() -> bool) {
    use taipan_heap::Reason;
    for reason in [Reason::Young, Reason::Explicit] {
        if !wanted() {
            return;
        }
        crate::interp::clear_dead_registers(cx);
        cx.mutator.clear_dead_stack();
        taipan_heap::collect(cx.mutator, reason);
        crate::objects::weakref::run_pending(cx);
    }
}

fn run_callbacks(cx: &Thread, phase: &str, generation: i64, collected: i64) -> Res<()> {
    let Some(l) = cx.vm.roots.gc_callbacks.get().and_then(|v| v.downcast::<List>()) else {
        return Ok(());
    };
    if l.len() == 0 {
        return Ok(());
    }
    let info = Dict::new(cx);
    info.set_str(cx, id!(cx, "generation"), Value::small(generation));
    info.set_str(cx, id!(cx, "collected"), Value::small(collected));
    info.set_str(cx, id!(cx, "uncollectable"), Value::small(0));
    let p = Value::from_ref(Str::new(cx, phase));
    for f in l.to_vec().iter() {
        if let Err(e) = call(cx, *f, &[p, Value::from_ref(info)]) {
            crate::interp::unraisable(cx, e, Some(*f), None);
        }
    }
    Ok(())
}

/// Sets the debugging flags.
#[pyfunction]
fn set_debug(_cx: &Thread, flags: u32) {
    DEBUG.store(flags, Ordering::Relaxed);
}

/// The debugging flags.
#[pyfunction]
fn get_debug(_cx: &Thread) -> u32 {
    DEBUG.load(Ordering::Relaxed)
}

/// Sets the thresholds. The first one steers: how much is allocated between two collections is in
/// proportion to it; 0 stands for as much as possible. The others are kept.
#[pyfunction(sig = "(threshold0, threshold1=10, threshold2=10, /)", text = "")]
fn set_threshold(_cx: &Thread, threshold0: i64, threshold1: Option<i64>, threshold2: Option<i64>) {
    THRESHOLD[0].store(threshold0, Ordering::Relaxed);
    let part = if threshold0 <= 0 { usize::MAX } else { threshold0 as usize };
    taipan_heap::set_pace(part, USUAL as usize);
    for (i, t) in [(1, threshold1), (2, threshold2)] {
        if let Some(t) = t {
            THRESHOLD[i].store(t, Ordering::Relaxed);
        }
    }
}

/// The thresholds.
#[pyfunction]
fn get_threshold(cx: &Thread) -> &'static Tuple {
    let v: GcVec<Value> =
        THRESHOLD.iter().map(|t| int_from_i128(cx, t.load(Ordering::Relaxed) as i128)).collect();
    Tuple::from_slice(cx, &v)
}

/// How much was allocated since the last collection, in units of 64 bytes, and how many collections
/// of each of the other two generations were asked for since one of the next.
#[pyfunction]
fn get_count(cx: &Thread) -> &'static Tuple {
    let s = taipan_heap::stats();
    let young = Value::small((s.allocated / 64) as i64);
    let [first, second] = [0, 1].map(|i| Value::small(ASKED[i].load(Ordering::Relaxed)));
    Tuple::from_slice(cx, &[young, first, second])
}

/// Statistics of the generations; the collector has two, the first and the last. Of what collections that came
/// by themselves freed all objects are counted.
#[pyfunction]
fn get_stats(cx: &Thread) -> &'static List {
    let s = taipan_heap::stats();
    let asked = |of: fn(&AskedFor) -> &AtomicU64| -> u64 {
        ASKED_FOR.iter().map(|a| of(a).load(Ordering::Relaxed)).sum()
    };
    let full = s.full.saturating_sub(asked(|a| &a.full));
    let young = (s.collections - s.full)
        .saturating_sub(asked(|a| &a.collections).saturating_sub(asked(|a| &a.full)));
    let freed_by_full = s.freed_by_full.saturating_sub(asked(|a| &a.freed_by_full));
    let freed = s.freed_objects.saturating_sub(asked(|a| &a.freed)).saturating_sub(freed_by_full);
    let out = List::new(cx);
    for (i, (n, freed)) in [(young, freed), (0, 0), (full, freed_by_full)].into_iter().enumerate() {
        let n = n + ASKED_FOR[i].calls.load(Ordering::Relaxed);
        let freed = freed + ASKED_FOR[i].found.load(Ordering::Relaxed);
        let d = Dict::new(cx);
        d.set_str(cx, id!(cx, "collections"), Value::small(n as i64));
        d.set_str(cx, id!(cx, "collected"), Value::small(freed as i64));
        d.set_str(cx, id!(cx, "uncollectable"), Value::small(0));
        out.push(cx, Value::from_ref(d));
    }
    out
}

/// Would CPython track the object: can it refer to others?
#[pyfunction]
fn is_tracked(_cx: &Thread, obj: Value) -> bool {
    may_refer(obj, 0)
}

/// As CPython after a collection: a tuple or dict of nothing that can refer to others cannot
/// either. Deep nesting counts as tracked.
fn may_refer(obj: Value, depth: usize) -> bool {
    if !is_collected(obj) || depth > 50 {
        return depth > 50;
    }
    if let Some(t) = obj.downcast_exact::<Tuple>() {
        return t.as_slice().iter().any(|v| may_refer(*v, depth + 1));
    }
    if let Some(d) = obj.downcast_exact::<Dict>() {
        let can = |v: Value| v.downcast_exact::<Dict>().is_some() || may_refer(v, depth + 1);
        return d.entries().iter().any(|(k, v)| can(*k) || can(*v));
    }
    true
}

/// Has the object's finaliser run?
#[pyfunction]
fn is_finalized(_cx: &Thread, obj: Value) -> bool {
    obj.head().is_some_and(|h| {
        h.ob_gc_bits.load(Ordering::Relaxed) & taipan_heap::head::GC_FINALIZED != 0
    })
}

/// All live container objects.
#[pyfunction(sig = "(generation=None)")]
fn get_objects(cx: &Thread, generation: Value) -> Res<&'static List> {
    if !generation.is_none() {
        let g = index_isize(cx, generation, exc::OverflowError())?;
        if !(0..=2).contains(&g) {
            raise!(
                cx,
                ValueError,
                "generation parameter must be less than the number of available generations (3)"
            );
        }
    }
    Ok(List::from_slice(cx, &live(cx)))
}

fn live(cx: &Thread) -> GcVec<Value> {
    full_collect(cx);
    let mut out: GcVec<Value> = GcVec::new();
    let mut count = 0;
    cx.mutator.stop_the_world(|w| w.for_each_object(|_| count += 1));
    loop {
        out.clear();
        out.reserve(count + count / 8 + 1024);
        let room = out.capacity();
        count = 0;
        cx.mutator.stop_the_world(|w| {
            // In the same stop: what other threads have dropped since must not come back to life.
            w.collect();
            w.for_each_object(|p| {
                count += 1;
                if out.len() < room {
                    out.push(Value::from_head(p));
                }
            });
        });
        if count <= room {
            break;
        }
    }
    let own = out.clone();
    own.iter().copied().filter(|v| is_tracked(cx, *v)).collect()
}

fn words_of(v: Value) -> Vec<u64> {
    let Some(h) = v.head() else { return vec![] };
    if v.downcast::<Type>().is_some() {
        // SAFETY: a type's own words and its info are live.
        let t = v.as_type_unchecked();
        let i = t.info();
        return [&i.dict, &i.bases, &i.mro]
            .iter()
            .filter_map(|s| s.get())
            .map(|v| v.bits())
            .collect();
    }
    let pre = 4 * v.ty().info().layout.pre_header.load(Ordering::Relaxed) as usize;
    let n = taipan_heap::size_of_cell(std::ptr::NonNull::from(h)) / 8 - pre;
    let base = h as *const Head as *const u64;
    // What a weak cell refers to weakly is not asked for.
    let weak = crate::types::layout_kind(v.ty().info()) == Kind::Weak;
    let followed = (4..n).filter(|i| !weak || ![4, 7, 8].contains(i));
    // SAFETY: the words of a live cell after its header.
    followed.map(|i| unsafe { *base.add(i) }).collect()
}

/// The objects directly referred to.
#[pyfunction(sig = "(*objs)")]
fn get_referents(cx: &Thread, objs: &[Value]) -> Res<&'static List> {
    let out = List::new(cx);
    for &o in objs {
        if let Some(l) = o.downcast::<List>() {
            for x in l.to_vec().iter() {
                out.push(cx, *x);
            }
        } else if let Some(t) = o.downcast::<Tuple>() {
            for x in t.as_slice() {
                out.push(cx, *x);
            }
        } else if let Some(d) = o.downcast::<Dict>() {
            for (k, v) in d.entries().iter() {
                out.push(cx, *k);
                out.push(cx, *v);
            }
        } else {
            if let Some(s) = crate::objects::set::SetObject::of(o) {
                for k in s.to_vec() {
                    out.push(cx, k);
                }
            }
            if let Some(d) = crate::types::shape::Instance::of(o).and_then(|i| i.pre().dict.get()) {
                out.push(cx, d);
            }
            for w in words_of(o) {
                if let Some(p) = taipan_heap::is_object(w) {
                    if p.as_ptr() as u64 == w {
                        out.push(cx, Value::from_head(p));
                    }
                }
            }
        }
    }
    Ok(out)
}

/// The objects that directly refer to any of the given ones.
#[pyfunction(sig = "(*objs)")]
fn get_referrers(cx: &Thread, objs: &[Value]) -> Res<&'static List> {
    let out = List::new(cx);
    for v in live(cx).iter() {
        let refs = get_referents(cx, &[*v])?;
        if refs.to_vec().iter().any(|r| objs.contains(r)) && *v != Value::from_ref(refs) {
            out.push(cx, *v);
        }
    }
    Ok(out)
}

/// Keeps all present objects from being looked at again.
#[pyfunction]
fn freeze(_cx: &Thread) {
    taipan_heap::freeze();
}

/// Undoes `freeze`.
#[pyfunction]
fn unfreeze(_cx: &Thread) {
    taipan_heap::unfreeze();
}

/// The number of frozen objects.
#[pyfunction]
fn get_freeze_count(_cx: &Thread) -> i64 {
    taipan_heap::stats().frozen as i64
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (slot, name) in
        [(&cx.vm.roots.gc_callbacks, "callbacks"), (&cx.vm.roots.gc_garbage, "garbage")]
    {
        let l = Value::from_ref(List::new(cx));
        slot.init(Some(l));
        m.add(cx, name, l);
    }
    for (n, v) in [
        ("DEBUG_STATS", 1),
        ("DEBUG_COLLECTABLE", 2),
        ("DEBUG_UNCOLLECTABLE", 4),
        ("DEBUG_SAVEALL", 32),
        ("DEBUG_LEAK", 38),
    ] {
        m.add_int(cx, n, v);
    }
    Ok(())
}

pymodule! { "gc", doc: "The garbage collector.", functions: [
enable, disable, isenabled, gc_collect, set_debug, get_debug, set_threshold, get_threshold,
get_count, get_stats, is_tracked, is_finalized, get_objects, get_referents, get_referrers,
freeze, unfreeze, get_freeze_count], exec: exec }
