//! Tests of the whole heap with plain cells. Being conservative, it may keep a dead object for a
//! stray word; tests of death therefore make many objects and want nearly all of them gone.
//! Tests that need a process of their own (limits, modes, fork) run this binary again.

use crate::*;
use std::collections::HashSet;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::*};
use std::time::{Duration, Instant};

pub(crate) static TYPE: Head = Head::new_static(std::ptr::null_mut());
static DEAD_WEAK: Mutex<Vec<usize>> = Mutex::new(Vec::new());

struct TestHooks;
impl Hooks for TestHooks {
    fn scan_mutator(&self, _: &Mutator, _: &mut Visitor) {}
    fn scan_roots(&self, _: &mut Visitor) {}
    fn weak_dead(&self, weak: NonNull<Head>) {
        DEAD_WEAK.lock().unwrap().push(!(weak.as_ptr() as usize));
    }
    fn after_world_restart(&self, _: &Mutator, _automatic: bool) {}
}

/// Runs the body on a registered thread with a stack of its own.
pub(crate) fn on_thread<R: Send>(f: impl FnOnce(&'static Mutator) -> R + Send) -> R {
    set_hooks(Box::new(TestHooks));
    std::thread::scope(|s| {
        s.spawn(|| {
            let m = Mutator::register();
            let r = f(m);
            Mutator::here().unregister();
            r
        })
        .join()
        .unwrap_or_else(|e| std::panic::resume_unwind(e))
    })
}

/// Runs one test of this binary in a process of its own, through a shell prefix.
pub(crate) fn in_process(test: &str, prefix: &str, envs: &[(&str, &str)]) -> String {
    let exe = std::env::current_exe().unwrap();
    let out = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!(
            "{prefix} exec \"$0\" --exact {test} --nocapture --include-ignored --test-threads=1"
        ))
        .arg(exe)
        .env("TAIPAN_HEAP_CHILD", test)
        .envs(envs.iter().copied())
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{test} failed in its process:\n{text}");
    text
}

pub(crate) fn is_child(test: &str) -> bool {
    std::env::var("TAIPAN_HEAP_CHILD").is_ok_and(|t| t == test)
}

#[repr(C)]
pub(crate) struct Node {
    pub(crate) head: Head,
    pub(crate) left: AtomicU64,
    right: AtomicU64,
}

fn node(m: &Mutator, left: u64, right: u64) -> NonNull<Node> {
    let p = m.alloc_object(size_of::<Node>(), 0, Kind::Scan).cast::<Node>();
    // SAFETY: a fresh cell of that size.
    let n = unsafe { p.as_ref() };
    assert_eq!(n.left.load(Relaxed) | n.right.load(Relaxed), 0, "cells are zeroed");
    n.left.store(left, Relaxed);
    n.right.store(right, Relaxed);
    n.head.init(m.tid(), 0, &raw const TYPE as *mut Head);
    p
}

pub(crate) fn tree(m: &Mutator, depth: u32) -> NonNull<Node> {
    if depth == 0 {
        return node(m, 0, 0);
    }
    let l = tree(m, depth - 1);
    let r = tree(m, depth - 1);
    node(m, l.as_ptr() as u64, r.as_ptr() as u64)
}

pub(crate) fn count(word: u64) -> usize {
    if word == 0 {
        return 0;
    }
    // SAFETY: words in trees are 0 or nodes.
    let n = unsafe { &*(word as *const Node) };
    assert_eq!(n.head.type_ptr(), &raw const TYPE as *mut Head, "a live node was overwritten");
    1 + count(n.left.load(Relaxed)) + count(n.right.load(Relaxed))
}

fn explicit(m: &Mutator) {
    m.clear_dead_stack();
    collect(m, Reason::Explicit);
}

/// Addresses no scanner recognises.
fn hide<T>(p: NonNull<T>) -> usize {
    !(p.as_ptr() as usize)
}

/// Among hidden objects, how many are still objects after a collection. The threads of other tests stand
/// still all the while: they would use the cells again.
fn survivors(m: &Mutator, hidden: &[usize]) -> usize {
    m.stop_the_world(|w| {
        explicit(m);
        hidden.iter().filter(|&&h| w.is_object(!h as u64).is_some()).count()
    })
}

#[test]
fn trees_survive_collections_and_garbage_goes() {
    on_thread(|m| {
        let keep = tree(m, 12);
        for _ in 0..40 {
            let t = tree(m, 13);
            assert_eq!(count(t.as_ptr() as u64), (1 << 14) - 1);
        }
        explicit(m);
        assert_eq!(count(keep.as_ptr() as u64), (1 << 13) - 1);
        assert!(stats().collections > 0);
        keep_alive(keep.as_ptr());
    });
}

#[test]
fn threads_allocate_while_others_collect() {
    on_thread(|_| {
        let until = Instant::now() + Duration::from_millis(1500);
        std::thread::scope(|s| {
            for i in 0..4 {
                s.spawn(move || {
                    let m = Mutator::register();
                    while Instant::now() < until {
                        let t = tree(m, 8 + i);
                        for _ in 0..3 {
                            tree(m, 6);
                        }
                        if i == 3 {
                            collect(m, Reason::Explicit);
                        }
                        assert_eq!(count(t.as_ptr() as u64), (2 << (8 + i)) - 1);
                    }
                    m.unregister();
                });
            }
            // Threads come and go meanwhile.
            for _ in 0..20 {
                s.spawn(|| {
                    let m = Mutator::register();
                    let t = tree(m, 9);
                    m.poll();
                    assert_eq!(count(t.as_ptr() as u64), 1023);
                    m.unregister();
                });
                Mutator::here().detach(|| std::thread::sleep(Duration::from_millis(20)));
            }
            Mutator::here()
                .detach(|| std::thread::sleep(until.saturating_duration_since(Instant::now())));
            // Joining blocks: this thread must not hold the others up.
            Mutator::here().unregister();
        });
        Mutator::register();
    });
}

#[inline(never)]
fn make_weak(m: &Mutator, target: NonNull<Node>) -> NonNull<Head> {
    let w = m.alloc_object(88, 0, Kind::Weak);
    // SAFETY: a fresh cell of 88 bytes.
    unsafe {
        *w.cast::<u64>().add(4).as_mut() = target.as_ptr() as u64;
        w.as_ref().init(m.tid(), 0, &raw const TYPE as *mut Head);
    }
    w
}

fn target_of(w: NonNull<Head>) -> u64 {
    // SAFETY: a weak cell.
    unsafe { *w.cast::<u64>().add(4).as_ref() }
}

#[test]
fn weak_references_to_the_dead_are_cleared_and_reported() {
    on_thread(|m| {
        let mut weak: GcVec<NonNull<Head>> = GcVec::new();
        let mut kept: GcVec<NonNull<Node>> = GcVec::new();
        #[inline(never)]
        fn fill(m: &Mutator, weak: &mut GcVec<NonNull<Head>>, kept: &mut GcVec<NonNull<Node>>) {
            for i in 0..200 {
                let n = node(m, 0, 0);
                weak.push(make_weak(m, n));
                if i % 2 == 0 {
                    kept.push(n);
                }
            }
        }
        fill(m, &mut weak, &mut kept);
        explicit(m);
        let cleared: Vec<usize> = (0..200).filter(|&i| target_of(weak[i]) == 0).collect();
        assert!(cleared.len() >= 95, "{} cleared", cleared.len());
        assert!(cleared.iter().all(|i| i % 2 == 1));
        let reported: HashSet<usize> = DEAD_WEAK.lock().unwrap().iter().copied().collect();
        assert!(cleared.iter().all(|&i| reported.contains(&hide(weak[i]))));
        assert_eq!(kept.len(), 100);
    });
}

#[test]
fn finalisable_objects_come_back_once_with_what_they_reach() {
    on_thread(|m| {
        #[inline(never)]
        fn fill(m: &Mutator) -> (Vec<usize>, GcVec<NonNull<Head>>) {
            let mut hidden = Vec::new();
            let mut weak = GcVec::new();
            for _ in 0..100 {
                let inner = node(m, 0, 0);
                let outer = node(m, inner.as_ptr() as u64, 0);
                // A weak reference that is itself trash, reachable from the finalisable object.
                let own = make_weak(m, inner);
                // SAFETY: just made.
                unsafe { outer.as_ref() }.right.store(own.as_ptr() as u64, Relaxed);
                m.set_finalizer(outer.cast());
                weak.push(make_weak(m, inner));
                hidden.push(hide(outer));
            }
            (hidden, weak)
        }
        let (hidden, weak) = fill(m);
        explicit(m);
        let mine: HashSet<usize> = hidden.iter().copied().collect();
        let mut got = 0;
        #[inline(never)]
        fn drain(m: &Mutator, mine: &HashSet<usize>, got: &mut usize) {
            while let Some(p) = m.take_finalizable() {
                if !mine.contains(&hide(p)) {
                    continue;
                }
                // SAFETY: a revived node.
                let n = unsafe { p.cast::<Node>().as_ref() };
                let inner = n.left.load(Relaxed);
                assert_eq!(count(inner), 1, "what it reaches is intact");
                let own = NonNull::new(n.right.load(Relaxed) as *mut Head).unwrap();
                assert_ne!(
                    target_of(own),
                    0,
                    "a weak reference that comes back with its object keeps it"
                );
                *got += 1;
            }
        }
        drain(m, &mine, &mut got);
        assert!(got >= 95, "{got} finalised");
        let cleared = weak.iter().filter(|&&w| target_of(w) == 0).count();
        assert!(cleared >= got);
        explicit(m);
        assert!(survivors(m, &hidden) <= 10, "they die at the second time");
        let mut again = 0;
        drain(m, &mine, &mut again);
        assert!(got + again <= 100, "no finaliser runs twice");
    });
}

/// Garbage enough for a few collections, none of them asked for.
#[inline(never)]
fn churn(m: &Mutator) {
    let before = stats().collections;
    while stats().collections < before + 3 {
        tree(m, 10);
    }
}

#[test]
fn what_old_cells_refer_to_since_the_last_collection_lives() {
    let me = "tests::what_old_cells_refer_to_since_the_last_collection_lives";
    if !is_child(me) {
        in_process(me, "", &[]);
        return;
    }
    on_thread(|m| {
        const SLOTS: usize = 100_000;
        let list = m.alloc_raw(8 * SLOTS, Kind::Scan).cast::<Slot>();
        let object = node(m, 0, 0);
        explicit(m);
        let full = stats().full;
        #[inline(never)]
        fn fill(m: &Mutator, list: NonNull<Slot>, object: NonNull<Node>) {
            for i in (2..SLOTS).step_by(997) {
                let young = tree(m, 3);
                // SAFETY: a slot of the storage, and a node.
                unsafe {
                    list.add(i).as_ref().set(&TYPE, Value::from_head(young.cast()));
                    let left = &object.as_ref().left;
                    slot::barrier(left);
                    left.store(tree(m, 4).as_ptr() as u64, Relaxed);
                }
            }
        }
        fill(m, list, object);
        m.clear_dead_stack();
        churn(m);
        assert_eq!(stats().full, full, "these were minor collections");
        for i in (2..SLOTS).step_by(997) {
            // SAFETY: as above.
            let v = unsafe { list.add(i).as_ref() }.get().unwrap();
            assert_eq!(count(v.bits()), 15);
        }
        // SAFETY: as above.
        assert_eq!(count(unsafe { object.as_ref() }.left.load(Relaxed)), 31);
    });
}

#[test]
fn a_cell_being_filled_in_may_live_through_collections() {
    on_thread(|m| {
        let slots = m.alloc_raw(8 * 1000, Kind::Scan).cast::<Slot>();
        #[inline(never)]
        fn fill(m: &Mutator, slots: NonNull<Slot>, from: usize) {
            for i in from..from + 100 {
                // SAFETY: a slot of the storage.
                unsafe { slots.add(i).as_ref() }.init(Some(Value::from_head(tree(m, 2).cast())));
            }
        }
        for round in 0..8 {
            fill(m, slots, 2 + round * 100);
            m.clear_dead_stack();
            churn(m);
        }
        for i in 2..802 {
            // SAFETY: as above.
            assert_eq!(count(unsafe { slots.add(i).as_ref() }.get().unwrap().bits()), 7);
        }
    });
}

#[test]
fn old_garbage_goes_when_it_has_become_much() {
    on_thread(|m| {
        let full = stats().full;
        let mut ring: [Option<NonNull<Node>>; 8] = [None; 8];
        for i in 0..200 {
            // Each tree lives through a minor collection or two.
            ring[i % 8] = Some(tree(m, 12));
        }
        assert!(stats().full > full);
        assert!(stats().live_bytes < 64 << 20, "{}", stats().live_bytes);
        std::hint::black_box(&ring);
    });
}

#[test]
fn the_verifier_finds_a_store_without_a_barrier() {
    let me = "tests::the_verifier_finds_a_store_without_a_barrier";
    if !is_child(me) {
        let exe = std::env::current_exe().unwrap();
        let out = std::process::Command::new(exe)
            .args(["--exact", me, "--nocapture", "--test-threads=1"])
            .env("TAIPAN_HEAP_CHILD", me)
            .env("TAIPAN_GC_VERIFY", "1")
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&out.stderr).contains("live cells were not marked"));
        assert!(!out.status.success());
        return;
    }
    on_thread(|m| {
        #[inline(never)]
        fn old(m: &Mutator) -> Root<NonNull<Node>> {
            let inner = node(m, 0, 0);
            Root::new(node(m, inner.as_ptr() as u64, 0))
        }
        #[inline(never)]
        fn store(m: &Mutator, r: &Root<NonNull<Node>>) {
            // SAFETY: both are nodes.
            unsafe {
                let inner = &*(r.get().as_ref().left.load(Relaxed) as *const Node);
                inner.left.store(node(m, 0, 0).as_ptr() as u64, Relaxed);
            }
        }
        let r = old(m);
        explicit(m);
        explicit(m);
        store(m, &r);
        m.clear_dead_stack();
        churn(m);
    });
}

#[test]
fn interior_and_end_pointers_keep_cells_alive() {
    on_thread(|m| {
        for size in [100usize, 4000, 30_000, 70_000, 1 << 20] {
            let raw = m.alloc_raw(size, Kind::Scan);
            let n = node(m, 7 << 49, 0);
            // SAFETY: inside the cell.
            unsafe { *raw.cast::<u64>().add(3).as_mut() = n.as_ptr() as u64 };
            let (h, hn) = (hide(raw), hide(n));
            // SAFETY: one past the end of what was asked for, within the cell's spare byte.
            let end = unsafe { raw.add(size) };
            let weak = make_weak(m, n);
            let _ = n;
            explicit(m);
            assert!(size_of_cell(end) > size);
            assert_eq!(target_of(weak) as usize, !hn, "size {size}");
            assert!(in_heap(!h as u64));
            keep_alive(end.as_ptr());
        }
    });
}

#[test]
fn pre_headers_are_traced_and_heads_found() {
    on_thread(|m| {
        let p = m.alloc_object(48, 32, Kind::Scan);
        let n = node(m, 0, 0);
        let hn = hide(n);
        // SAFETY: the pre-header's first word.
        unsafe {
            *p.cast::<u64>().sub(4).as_mut() = n.as_ptr() as u64;
            assert!(is_object(p.as_ptr() as u64).is_none(), "not before it is published");
            p.as_ref().init(m.tid(), flag::HAS_SHAPE, &raw const TYPE as *mut Head);
        }
        let weak = make_weak(m, n);
        explicit(m);
        assert_eq!(target_of(weak) as usize, !hn);
        let at = p.as_ptr() as u64;
        assert_eq!(is_object(at), Some(p));
        assert!(is_object(at - 32).is_none() && is_object(at + 8).is_none());
        m.stop_the_world(|w| {
            let mut seen = false;
            w.for_each_object(|h| seen |= h == p);
            assert!(seen);
        });
        // Allocation goes on after a walk.
        assert_eq!(count(tree(m, 5).as_ptr() as u64), 63);
        keep_alive(p.as_ptr());
    });
}

#[test]
fn detached_threads_do_not_hold_up_a_stop_and_wait_when_they_come_back() {
    on_thread(|m| {
        static PHASE: AtomicUsize = AtomicUsize::new(0);
        std::thread::scope(|s| {
            s.spawn(|| {
                let m = Mutator::register();
                let keep = tree(m, 6);
                m.detach(|| {
                    PHASE.store(1, SeqCst);
                    while PHASE.load(SeqCst) != 2 {
                        std::thread::yield_now();
                    }
                });
                assert_eq!(PHASE.load(SeqCst), 3, "came back while the world was stopped");
                assert_eq!(count(keep.as_ptr() as u64), 127);
                m.unregister();
            });
            m.detach(|| {
                while PHASE.load(SeqCst) != 1 {
                    std::thread::yield_now();
                }
            });
            m.stop_the_world(|w| {
                w.collect();
                PHASE.store(2, SeqCst);
                std::thread::sleep(Duration::from_millis(50));
                PHASE.store(3, SeqCst);
            });
            m.unregister();
        });
        Mutator::register();
    });
}

#[test]
fn object_locks_exclude_across_collections() {
    on_thread(|_| {
        const THREADS: usize = 4;
        const ROUNDS: u64 = 20_000;
        let root = Root::new(node(Mutator::here(), 0, 0));
        let other = Root::new(node(Mutator::here(), 0, 0));
        std::thread::scope(|s| {
            for i in 0..THREADS {
                let (root, other) = (root.clone(), other.clone());
                s.spawn(move || {
                    let m = Mutator::register();
                    // SAFETY: rooted nodes.
                    let (a, b) = unsafe { (root.get().as_ref(), other.get().as_ref()) };
                    for k in 0..ROUNDS {
                        let (x, y) = if i % 2 == 0 { (a, b) } else { (b, a) };
                        let g = lock2(&x.head, &y.head);
                        let v = a.left.load(Relaxed) >> 52;
                        m.poll();
                        a.left.store((v + 1) << 52, Relaxed);
                        b.left.fetch_add(0, Relaxed);
                        drop(g);
                        if k % 4096 == 0 {
                            tree(m, 8);
                            collect(m, Reason::Stress);
                        }
                    }
                    m.unregister();
                });
            }
            Mutator::here().unregister();
        });
        Mutator::register();
        // SAFETY: rooted.
        let n = unsafe { root.get().as_ref() };
        assert_eq!(n.left.load(Relaxed) >> 52, (THREADS as u64 * ROUNDS) & 0xFFF);
        assert!(!lock::is_locked(&n.head));
        let g = try_lock(&n.head);
        assert!(g.is_some() && try_lock(&n.head).is_none());
    });
}

#[test]
fn vectors_keep_their_items() {
    on_thread(|m| {
        let mut v: GcVec<NonNull<Node>> = GcVec::new();
        for i in 0..5000u64 {
            v.push(node(m, i << 50, 0));
            if i % 1000 == 0 {
                collect(m, Reason::Explicit);
            }
        }
        // SAFETY: the vector's nodes are live.
        let num = |p: &NonNull<Node>| unsafe { p.as_ref() }.left.load(Relaxed) >> 50;
        assert!(v.iter().enumerate().all(|(i, p)| num(p) == (i as u64) & 0x3FFF));
        v.sort_by_key(|p| std::cmp::Reverse(num(p)));
        assert_eq!(num(&v[0]), 4999);
        let x = v.remove(1);
        assert_eq!((num(&x), num(&v[1]), v.len()), (4998, 4997, 4999));
        v.insert(1, x);
        assert_eq!(v.drain(0..4990).count(), 4990);
        v.retain(|p| num(p) % 2 == 0);
        assert_eq!(v.iter().map(num).collect::<Vec<_>>(), [8, 6, 4, 2, 0]);
        assert_eq!(v.into_iter().rev().map(|p| num(&p)).collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
    });
}

#[test]
fn native_drops_and_weak_tables_see_the_dead() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    static TABLE: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    fn purge(dead: &dyn Fn(NonNull<Head>) -> bool) {
        TABLE.lock().unwrap().retain(|&h| !dead(NonNull::new(!h as *mut Head).unwrap()));
    }
    on_thread(|m| {
        register_weak_table(purge);
        #[inline(never)]
        fn fill(m: &Mutator) -> NonNull<Node> {
            let mut keep = None;
            for i in 0..100 {
                let n = node(m, 0, 0);
                m.set_native_drop(n.cast(), |_| {
                    DROPPED.fetch_add(1, Relaxed);
                });
                TABLE.lock().unwrap().push(hide(n));
                if i == 50 {
                    keep = Some(n);
                }
            }
            keep.unwrap()
        }
        let keep = fill(m);
        explicit(m);
        let (dropped, left) = (DROPPED.load(Relaxed), TABLE.lock().unwrap().len());
        assert!((90..100).contains(&dropped), "{dropped}");
        assert_eq!(dropped + left, 100);
        assert!(TABLE.lock().unwrap().contains(&hide(keep)));
        keep_alive(keep.as_ptr());
    });
}

#[test]
fn large_cells_are_zeroed_freed_and_reused() {
    on_thread(|m| {
        for round in 0..200 {
            let n = 3_000_000 + round * 1000;
            let p = m.try_alloc_raw(n, Kind::Leaf).unwrap();
            // SAFETY: the cell has n bytes.
            let s = unsafe { std::slice::from_raw_parts_mut(p.as_ptr(), n) };
            assert!(s.iter().step_by(97).all(|&b| b == 0));
            s.fill(0xFF);
        }
        explicit(m);
        assert!(stats().live_bytes < 100_000_000);
        assert!(m.try_alloc_raw(1 << 60, Kind::Scan).is_none());
        assert!(m.try_alloc_raw(usize::MAX, Kind::Scan).is_none());
    });
}

#[test]
fn roots_hold_from_outside() {
    on_thread(|m| {
        let roots: Vec<Root<NonNull<Node>>> = (0..50).map(|_| Root::new(tree(m, 3))).collect();
        let boxed = Box::new(roots);
        explicit(m);
        assert!(boxed.iter().all(|r| count(r.get().as_ptr() as u64) == 15));
        let hidden: Vec<usize> = boxed.iter().map(|r| hide(r.get())).collect();
        drop(boxed);
        assert!(survivors(m, &hidden) <= 5);
    });
}

#[test]
fn stress_with_poison_finds_nothing_wrong() {
    let me = "tests::stress_with_poison_finds_nothing_wrong";
    if !is_child(me) {
        let modes = [("TAIPAN_GC_STRESS", "1"), ("TAIPAN_GC_POISON", "1"), ("TAIPAN_GC_LOG", "1")];
        let text = in_process(me, "", &modes);
        assert!(text.contains("collections,"), "no totals in the log:\n{text}");
        return;
    }
    on_thread(|m| {
        let t = tree(m, 8);
        let v: GcVec<NonNull<Node>> = (0..50).map(|i| tree(m, i % 4)).collect();
        assert_eq!(count(t.as_ptr() as u64), 511);
        assert!(v.iter().enumerate().all(|(i, p)| count(p.as_ptr() as u64) == (2 << (i % 4)) - 1));
        assert!(stats().collections > 500);
        #[inline(never)]
        fn dead(m: &Mutator) -> Vec<usize> {
            (0..100).map(|_| hide(node(m, 1, 1))).collect()
        }
        let hidden = dead(m);
        explicit(m);
        // SAFETY: block memory stays mapped.
        let word = |h: usize| unsafe { *((!h) as *const u64).add(3) };
        let poisoned = hidden.iter().filter(|&&h| word(h) == 0xDBDB_DBDB_DBDB_DBDB).count();
        assert!(poisoned >= 90, "{poisoned}");
    });
}

#[test]
fn threads_under_stress_and_poison() {
    let me = "tests::threads_under_stress_and_poison";
    if !is_child(me) {
        in_process(me, "", &[("TAIPAN_GC_STRESS", "17"), ("TAIPAN_GC_POISON", "1")]);
        return;
    }
    on_thread(|_| {
        let shared = Root::new(node(Mutator::here(), 0, 0));
        std::thread::scope(|s| {
            for i in 0..8u32 {
                let shared = shared.clone();
                s.spawn(move || {
                    let m = Mutator::register();
                    for k in 0..60u32 {
                        let t = tree(m, (i + k) % 8);
                        // SAFETY: rooted.
                        let owner = unsafe { shared.get().as_ref() };
                        // Other threads' trees, taken while they replace them.
                        count(owner.left.load(Acquire));
                        let old = owner.left.swap(t.as_ptr() as u64, AcqRel);
                        m.detach(std::thread::yield_now);
                        count(old);
                        assert_eq!(count(t.as_ptr() as u64), (2 << ((i + k) % 8)) - 1);
                    }
                    m.unregister();
                });
            }
            Mutator::here().unregister();
        });
        Mutator::register();
        assert!(stats().collections > 100);
    });
}

#[test]
fn works_under_an_address_space_limit() {
    let me = "tests::works_under_an_address_space_limit";
    if !is_child(me) {
        in_process(me, "ulimit -v 4000000;", &[]);
        in_process(me, "ulimit -v 300000;", &[]);
        return;
    }
    /// Takes more than there can be, in big pieces and in small ones.
    #[inline(never)]
    fn exhaust(m: &Mutator) {
        let mut big: GcVec<NonNull<u8>> = GcVec::new();
        while let Some(p) = m.try_alloc_raw(20 << 20, Kind::Leaf) {
            big.push(p);
            assert!(big.len() < 300, "no limit");
        }
        assert!(big.len() >= 2, "{}", big.len());
        let small = std::panic::catch_unwind(|| {
            let mut all: GcVec<NonNull<u8>> = GcVec::new();
            loop {
                all.push(Mutator::here().alloc(30_000, Kind::Leaf));
            }
        });
        assert!(small.unwrap_err().is::<OutOfMemory>());
    }
    on_thread(|m| {
        let keep = tree(m, 10);
        for _ in 0..20 {
            tree(m, 12);
        }
        exhaust(m);
        explicit(m);
        assert!(m.try_alloc_raw(20 << 20, Kind::Leaf).is_some(), "memory comes back");
        assert_eq!(count(keep.as_ptr() as u64), 2047);
    });
}

#[test]
fn a_forked_child_can_collect() {
    let me = "tests::a_forked_child_can_collect";
    if !is_child(me) {
        in_process(me, "", &[]);
        return;
    }
    on_thread(|m| {
        let keep = tree(m, 8);
        static DONE: AtomicUsize = AtomicUsize::new(0);
        std::thread::scope(|s| {
            for _ in 0..3 {
                s.spawn(|| {
                    let m = Mutator::register();
                    while DONE.load(Relaxed) == 0 {
                        tree(m, 7);
                    }
                    m.unregister();
                });
            }
            for _ in 0..20 {
                let g = prepare_fork(m);
                // SAFETY: the child below uses only the heap, which the guard prepared, and _exit.
                let pid = unsafe { libc::fork() };
                if pid == 0 {
                    g.child();
                    for _ in 0..10 {
                        tree(m, 10);
                    }
                    collect(m, Reason::Explicit);
                    let ok = count(keep.as_ptr() as u64) == 511 && threads().len() == 1;
                    // SAFETY: ends the child without running the harness.
                    unsafe { libc::_exit(if ok { 0 } else { 1 }) };
                }
                g.parent();
                let status = m.detach(|| {
                    let mut status = -1;
                    // SAFETY: waits for our own child.
                    unsafe { libc::waitpid(pid, &mut status, 0) };
                    status
                });
                assert_eq!(status, 0);
            }
            DONE.store(1, Relaxed);
            m.unregister();
        });
        Mutator::register();
    });
}
