//! Binary trees in plain cells, for comparison with docs/internals/heap.md: nanoseconds a node for
//! building short-lived trees beside a long-lived one, and for marking the long-lived one.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;
use taipan_heap::*;

static TYPE: Head = Head::new_static(std::ptr::null_mut());

#[repr(C)]
struct Node<const PAD: usize> {
    head: Head,
    left: AtomicU64,
    right: AtomicU64,
    pad: [u64; PAD],
}

fn tree<const P: usize>(m: &Mutator, depth: u32) -> NonNull<Node<P>> {
    let (l, r) = if depth == 0 {
        (0, 0)
    } else {
        (tree::<P>(m, depth - 1).as_ptr() as u64, tree::<P>(m, depth - 1).as_ptr() as u64)
    };
    let p = m.alloc_object(size_of::<Node<P>>(), 0, Kind::Scan).cast::<Node<P>>();
    // SAFETY: a fresh cell of that size.
    let n = unsafe { p.as_ref() };
    n.left.store(l, Relaxed);
    n.right.store(r, Relaxed);
    n.head.init(m.tid(), 0, &raw const TYPE as *mut Head);
    p
}

fn count<const P: usize>(word: u64) -> usize {
    if word == 0 {
        return 0;
    }
    // SAFETY: words in trees are 0 or nodes.
    let n = unsafe { &*(word as *const Node<P>) };
    1 + count::<P>(n.left.load(Relaxed)) + count::<P>(n.right.load(Relaxed))
}

/// User and system time.
fn cpu() -> (f64, f64) {
    // SAFETY: getrusage fills the struct it is given.
    let u = unsafe {
        let mut u: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut u);
        u
    };
    let t = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    (t(u.ru_utime), t(u.ru_stime))
}

#[inline(never)]
fn run<const P: usize>(m: &Mutator) {
    let max = 19;
    let before = stats();
    let (t0, c0) = (Instant::now(), cpu());
    let keep = tree::<P>(m, max);
    let mut nodes = (2usize << max) - 1;
    let mut depth = 4;
    while depth <= max {
        for _ in 0..1 << (max - depth) {
            nodes += count::<P>(tree::<P>(m, depth).as_ptr() as u64);
        }
        depth += 1;
    }
    let (wall, used) = (t0.elapsed(), cpu());
    let s = stats();
    let live = count::<P>(keep.as_ptr() as u64);
    let t1 = Instant::now();
    collect(m, Reason::Stress);
    let full = t1.elapsed();
    println!(
        "{} B: {nodes} nodes, {:.1} + {:.1} ns/node cpu, {:.1} wall, {} collections, {:.3?} in pauses; full collection of {live}: {full:.3?}",
        size_of::<Node<P>>(),
        (used.0 - c0.0) * 1e9 / nodes as f64,
        (used.1 - c0.1) * 1e9 / nodes as f64,
        wall.as_nanos() as f64 / nodes as f64,
        s.collections - before.collections,
        std::time::Duration::from_nanos(s.total_pause - before.total_pause),
    );
    keep_alive(keep.as_ptr());
}

/// Marking a million nodes that lie in no useful order.
#[inline(never)]
fn shuffled(m: &Mutator) {
    let n = 1 << 20;
    let nodes: GcVec<NonNull<Node<2>>> = (0..n).map(|_| tree::<2>(m, 0)).collect();
    let mut seed = 88172645463325252u64;
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        order.swap(i, (seed % (i as u64 + 1)) as usize);
    }
    for i in 0..n {
        // SAFETY: the vector's nodes are live.
        let node = unsafe { nodes[order[i]].as_ref() };
        for (k, side) in [&node.left, &node.right].into_iter().enumerate() {
            let child = 2 * i + 1 + k;
            if child < n {
                side.store(nodes[order[child]].as_ptr() as u64, Relaxed);
            }
        }
    }
    let top = nodes[order[0]];
    drop(nodes);
    let t = Instant::now();
    collect(m, Reason::Stress);
    println!("shuffled: full collection {:.3?}", t.elapsed());
    keep_alive(top.as_ptr());
}

/// Marking a table of records, each with a text, a number-only tuple and, now and then, a list.
#[inline(never)]
fn records(m: &Mutator) {
    let n = 300_000;
    let class = tree::<2>(m, 0).as_ptr() as u64;
    let table: GcVec<u64> = (0..n)
        .map(|i| {
            let new = |size: usize, pre: usize, kind| {
                let p = m.alloc_object(size, pre, kind);
                // SAFETY: a fresh cell.
                unsafe { p.as_ref() }.init(m.tid(), 0, class as *mut Head);
                p.cast::<u64>()
            };
            let record = new(64, 32, Kind::Scan);
            let text = new(41 + i * 7 % 40, 0, Kind::Leaf).as_ptr() as u64;
            let tuple = new(56, 0, Kind::Scan).as_ptr() as u64;
            let list = if i % 3 == 0 { new(48, 0, Kind::Scan).as_ptr() as u64 } else { 7 << 50 };
            if i % 3 == 0 {
                let items = m.alloc_raw(16 + 8 * (i % 13), Kind::Scan);
                // SAFETY: the list object's fifth word.
                unsafe { *(list as *mut u64).add(4) = items.as_ptr() as u64 };
            }
            for (at, w) in [(4, text), (5, tuple), (6, list), (7, (i as u64) << 50)] {
                // SAFETY: the record has eight words from its Head on.
                unsafe { *record.add(at).as_mut() = w };
            }
            record.as_ptr() as u64
        })
        .collect();
    let t = Instant::now();
    collect(m, Reason::Stress);
    let s = stats();
    println!("records: full collection of {} objects {:.3?}", s.live_objects, t.elapsed());
    keep_alive(table.as_ptr());
}

/// Short-lived trees on `n` threads at once.
fn scaling(m: &Mutator, n: usize) {
    let t = Instant::now();
    let before = stats().collections;
    let work = || {
        std::thread::scope(|s| {
            for _ in 0..n {
                s.spawn(|| {
                    let m = Mutator::register();
                    for _ in 0..4000 {
                        tree::<2>(m, 10);
                    }
                });
            }
        })
    };
    // Joining must not hold up their collections.
    m.detach(work);
    let ns = t.elapsed().as_nanos() as f64 / (4000 * 2047) as f64;
    println!("{n} threads: {ns:.1} ns/node each, {} collections", stats().collections - before);
}

fn main() {
    let m = Mutator::register();
    (0..2).for_each(|_| [1, 2].into_iter().for_each(|n| scaling(m, n)));
    (0..3).for_each(|_| records(m));
    for _ in 0..2 {
        run::<0>(m);
        run::<2>(m);
        run::<6>(m);
    }
    (0..3).for_each(|_| shuffled(m));
    m.unregister();
    // SAFETY: getrusage fills the struct it is given.
    let peak = unsafe {
        let mut u: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut u);
        u.ru_maxrss
    };
    println!("peak {} MB", peak / 1024);
}
