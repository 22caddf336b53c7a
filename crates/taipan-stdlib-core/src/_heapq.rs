//! `_heapq`: heaps in lists. Comparisons run unlocked; a change of the list's size raises.

use taipan_vm::prelude::*;

/// Which item belongs nearer to the root.
#[derive(Clone, Copy)]
enum Order {
    Min,
    Max,
}

impl Order {
    fn before(self, cx: &Thread, a: Value, b: Value) -> Res<bool> {
        let (a, b) = match self {
            Order::Min => (a, b),
            Order::Max => (b, a),
        };
        match (a.as_small(), b.as_small()) {
            (Some(x), Some(y)) => Ok(x < y),
            _ => compare_bool(cx, a, b, CmpOp::Lt),
        }
    }
}

#[cold]
fn out_of_range(cx: &Thread) -> Raised {
    err!(cx, IndexError, "index out of range")
}

fn item(cx: &Thread, heap: &List, i: usize) -> Res {
    heap.get(i).ok_or_else(|| out_of_range(cx))
}

fn check_size(cx: &Thread, heap: &List, size: usize) -> Res<()> {
    if heap.len() != size {
        raise!(cx, RuntimeError, "list changed size during iteration");
    }
    Ok(())
}

/// Moves the item at `pos` towards the root until its parent comes before it.
fn sift_down(cx: &Thread, heap: &List, start: usize, mut pos: usize, order: Order) -> Res<()> {
    let size = heap.len();
    if pos >= size {
        return Err(out_of_range(cx));
    }
    while pos > start {
        let parent = (pos - 1) >> 1;
        let less = order.before(cx, item(cx, heap, pos)?, item(cx, heap, parent)?)?;
        check_size(cx, heap, size)?;
        if !less {
            break;
        }
        heap.swap(pos, parent);
        pos = parent;
    }
    Ok(())
}

/// Moves the smaller children of `pos` up to a leaf, then its item to its place.
fn sift_up(cx: &Thread, heap: &List, start: usize, order: Order) -> Res<()> {
    let end = heap.len();
    if start >= end {
        return Err(out_of_range(cx));
    }
    let mut pos = start;
    while pos < end >> 1 {
        let mut child = 2 * pos + 1;
        if child + 1 < end {
            let left = order.before(cx, item(cx, heap, child)?, item(cx, heap, child + 1)?)?;
            check_size(cx, heap, end)?;
            if !left {
                child += 1;
            }
        }
        heap.swap(child, pos);
        pos = child;
    }
    sift_down(cx, heap, start, pos, order)
}

fn pop(cx: &Thread, heap: &List, order: Order) -> Res {
    let Some(last) = heap.pop_last() else { return Err(out_of_range(cx)) };
    let Some(top) = heap.get(0) else { return Ok(last) };
    heap.set(0, last);
    sift_up(cx, heap, 0, order)?;
    Ok(top)
}

fn replace(cx: &Thread, heap: &List, new: Value, order: Order) -> Res {
    let top = item(cx, heap, 0)?;
    heap.set(0, new);
    sift_up(cx, heap, 0, order)?;
    Ok(top)
}

fn heapify_by(cx: &Thread, heap: &List, order: Order) -> Res<()> {
    for i in (0..heap.len() >> 1).rev() {
        sift_up(cx, heap, i, order)?;
        cx.poll()?;
    }
    Ok(())
}

/// Push item onto heap, maintaining the heap invariant.
#[pyfunction]
fn heappush(cx: &Thread, heap: &'static List, item: Value) -> Res<()> {
    heap.push(cx, item);
    sift_down(cx, heap, 0, heap.len() - 1, Order::Min)
}

/// Push item on the heap, then pop and return the smallest item from the heap.
///
/// Faster than heappush() followed by heappop().
#[pyfunction]
fn heappushpop(cx: &Thread, heap: &'static List, item: Value) -> Res {
    let Some(top) = heap.get(0) else { return Ok(item) };
    if !Order::Min.before(cx, top, item)? {
        return Ok(item);
    }
    replace(cx, heap, item, Order::Min)
}

/// Pop the smallest item off the heap, maintaining the heap invariant.
#[pyfunction]
fn heappop(cx: &Thread, heap: &'static List) -> Res {
    pop(cx, heap, Order::Min)
}

/// Pop and return the current smallest value, and add the new item.
///
/// The value returned may be larger than the new item.
#[pyfunction]
fn heapreplace(cx: &Thread, heap: &'static List, item: Value) -> Res {
    replace(cx, heap, item, Order::Min)
}

/// Transform list into a heap, in-place, in O(len(heap)) time.
#[pyfunction]
fn heapify(cx: &Thread, heap: &'static List) -> Res<()> {
    heapify_by(cx, heap, Order::Min)
}

/// Maxheap variant of heappop.
#[pyfunction]
fn _heappop_max(cx: &Thread, heap: &'static List) -> Res {
    pop(cx, heap, Order::Max)
}

/// Maxheap variant of heapreplace.
#[pyfunction]
fn _heapreplace_max(cx: &Thread, heap: &'static List, item: Value) -> Res {
    replace(cx, heap, item, Order::Max)
}

/// Maxheap variant of heapify.
#[pyfunction]
fn _heapify_max(cx: &Thread, heap: &'static List) -> Res<()> {
    heapify_by(cx, heap, Order::Max)
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_str(
        cx,
        "__about__",
        "Heaps are lists for which heap[k] <= heap[2*k+1] and heap[k] <= heap[2*k+2] for all k\nthat exist, counting from 0; so heap[0] is the smallest item.\n",
    );
    Ok(())
}

pymodule! {
    "_heapq",
    doc: "Heap queue algorithm (a.k.a. priority queue).",
    functions: [heappush, heappushpop, heappop, heapreplace, heapify, _heappop_max,
        _heapreplace_max, _heapify_max],
    exec: exec
}
