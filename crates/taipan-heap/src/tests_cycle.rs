//! Full collections beside the program, each test in a process of its own where every full collection
//! that is due is one and is compared with a trace in the pause that ends it.

use crate::tests::{Node, TYPE, count, in_process, is_child, on_thread, tree};
use crate::*;
use std::ptr::NonNull;

const SETTING: &[(&str, &str)] =
    &[("TAIPAN_GC_CONCURRENT", "2"), ("TAIPAN_GC_VERIFY", "1"), ("TAIPAN_GC_POISON", "1")];

/// Goes on making garbage, some of which lives through a collection, until so many full collections
/// have ended and been swept up.
#[inline(never)]
fn until_full(m: &Mutator, more: u64, mut between: impl FnMut(&Mutator)) {
    let before = stats().full;
    let mut ring: [Option<NonNull<Node>>; 8] = [None; 8];
    for i in 0.. {
        ring[i % 8] = Some(tree(m, 12));
        between(m);
        if stats().full >= before + more {
            break;
        }
        assert!(i < 100_000, "a full collection comes to its end");
    }
    std::hint::black_box(&ring);
}

#[test]
fn what_is_moved_behind_the_tracer_lives_and_garbage_goes() {
    let me = "tests_cycle::what_is_moved_behind_the_tracer_lives_and_garbage_goes";
    if !is_child(me) {
        in_process(me, "", SETTING);
        return;
    }
    on_thread(|m| {
        const SLOTS: usize = 2000;
        let list = Root::new(m.alloc_raw(8 * SLOTS, Kind::Scan).cast::<Slot>());
        // SAFETY: a slot of the storage.
        let slot = |i: usize| unsafe { list.get().add(2 + i % (SLOTS - 2)).as_ref() };
        for i in 0..SLOTS - 2 {
            slot(i).set(&TYPE, Value::from_head(tree(m, 3).cast()));
        }
        let mut seed = 1usize;
        until_full(m, 4, |_| {
            for _ in 0..500 {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let (a, b) = (slot(seed >> 33), slot(seed >> 13));
                let (x, y) = (a.get().unwrap(), b.get().unwrap());
                a.set(&TYPE, y);
                b.set(&TYPE, x);
            }
        });
        for i in 0..SLOTS - 2 {
            assert_eq!(count(slot(i).get().unwrap().bits()), 15);
        }
        // What the ring of trees dropped is gone.
        assert!(stats().live_bytes < 64 << 20, "{}", stats().live_bytes);
    });
}

#[test]
fn many_threads_and_collections_of_all_kinds_get_along() {
    let me = "tests_cycle::many_threads_and_collections_of_all_kinds_get_along";
    if !is_child(me) {
        in_process(me, "", SETTING);
        return;
    }
    std::thread::scope(|s| {
        for t in 0..4 {
            s.spawn(move || {
                on_thread(|m| {
                    let kept: GcVec<NonNull<Node>> = (0..20).map(|_| tree(m, 8)).collect();
                    for i in 0..300 {
                        tree(m, 9);
                        match (i + t) % 40 {
                            0 => collect(m, Reason::Explicit),
                            1..10 => collect(m, Reason::Young),
                            _ => collect(m, Reason::Stress),
                        }
                    }
                    for k in kept.iter() {
                        assert_eq!(count(k.as_ptr() as u64), 511);
                    }
                });
            });
        }
    });
}

#[test]
fn a_forked_child_ends_the_trace_that_its_parent_began() {
    let me = "tests_cycle::a_forked_child_ends_the_trace_that_its_parent_began";
    if !is_child(me) {
        in_process(me, "", SETTING);
        return;
    }
    on_thread(|m| {
        let kept = Root::new(tree(m, 14));
        for _ in 0..6 {
            collect(m, Reason::Stress);
            let guard = prepare_fork(m);
            // SAFETY: the guard keeps the heap's structures whole; the child only uses the heap.
            let pid = unsafe { libc::fork() };
            if pid == 0 {
                guard.child();
                until_full(m, 2, |_| ());
                let good = count(kept.get().as_ptr() as u64) == (1 << 15) - 1;
                // SAFETY: ends the child without running the parent's destructors.
                unsafe { libc::_exit(!good as i32) };
            }
            guard.parent();
            let mut status = 0;
            // SAFETY: waits for the child made above.
            assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
            assert_eq!(status, 0);
        }
    });
}
