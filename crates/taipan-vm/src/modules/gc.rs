//! `gc`: steers and reports the collector.

use crate::prelude::*;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

static DEBUG: AtomicU32 = AtomicU32::new(0);
static THRESHOLD: [AtomicI64; 3] = [AtomicI64::new(700), AtomicI64::new(10), AtomicI64::new(10)];

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

/// Runs a collection; the number of finalisers and callbacks it found work for.
#[pyfunction(sig = "(generation=2)", name = "collect")]
fn gc_collect(cx: &Thread, generation: i64) -> Res<i64> {
    if !(0..=2).contains(&generation) {
        raise!(cx, ValueError, "invalid generation");
    }
    run_callbacks(cx, "start", generation)?;
    // Two generations stand for three: the middle one is counted, and is young.
    match generation {
        0 => {
            collect_young(cx);
            ASKED[0].fetch_add(1, Ordering::Relaxed);
        }
        1 => {
            collect_young(cx);
            MIDDLE.fetch_add(1, Ordering::Relaxed);
            ASKED[0].store(0, Ordering::Relaxed);
            ASKED[1].fetch_add(1, Ordering::Relaxed);
        }
        _ => {
            full_collect(cx);
            ASKED.iter().for_each(|n| n.store(0, Ordering::Relaxed));
        }
    }
    run_callbacks(cx, "stop", generation)?;
    Ok(0)
}

/// Collections of the first and second generation that were asked for since one of the next.
static ASKED: [AtomicI64; 2] = [AtomicI64::new(0), AtomicI64::new(0)];
/// Collections of the second generation.
static MIDDLE: AtomicI64 = AtomicI64::new(0);

/// A collection of what is young, with its callbacks and finalisers.
fn collect_young(cx: &Thread) {
    crate::interp::clear_dead_registers(cx);
    taipan_heap::collect(cx.mutator, taipan_heap::Reason::Young);
    crate::objects::weakref::run_pending(cx);
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

fn run_callbacks(cx: &Thread, phase: &str, generation: i64) -> Res<()> {
    let Some(l) = cx.vm.roots.gc_callbacks.get().and_then(|v| v.downcast::<List>()) else {
        return Ok(());
    };
    if l.len() == 0 {
        return Ok(());
    }
    let info = Dict::new(cx);
    info.set_str(cx, id!(cx, "generation"), Value::small(generation));
    info.set_str(cx, id!(cx, "collected"), Value::small(0));
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

/// Sets the thresholds that `get_threshold` reports.
#[pyfunction(sig = "(threshold0, threshold1=10, threshold2=10, /)", text = "")]
fn set_threshold(_cx: &Thread, threshold0: i64, threshold1: Option<i64>, threshold2: Option<i64>) {
    THRESHOLD[0].store(threshold0, Ordering::Relaxed);
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

/// Statistics of the generations; the collector has two, the first and the last.
#[pyfunction]
fn get_stats(cx: &Thread) -> &'static List {
    let s = taipan_heap::stats();
    let middle = MIDDLE.load(Ordering::Relaxed) as u64;
    let out = List::new(cx);
    for i in 0..3 {
        let d = Dict::new(cx);
        let (n, freed) = match i {
            0 => {
                ((s.collections - s.full).saturating_sub(middle), s.freed_objects - s.freed_by_full)
            }
            1 => (middle, 0),
            _ => (s.full, s.freed_by_full),
        };
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
    if obj.head().is_none() {
        return false;
    }
    let t = obj.ty();
    let kind = crate::types::layout_kind(t.info());
    if kind == Kind::Leaf || t.is(crate::objects::int::int_type()) || depth > 50 {
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
    // SAFETY: the words of a live cell after its header.
    (4..n).map(|i| unsafe { *base.add(i) }).collect()
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
