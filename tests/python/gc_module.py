"""`gc`: what collect() answers, statistics, callbacks, debugging flags, thresholds."""

import collections
import contextlib
import gc
import functools
import io
import itertools
import os
import weakref


def exact(test):
    """For tests that no other collection may disturb."""
    @functools.wraps(test)
    def run():
        if "TAIPAN_GC_STRESS" not in os.environ:
            test()
    return run


def ring(n):
    first = last = []
    for _ in range(n - 1):
        last.append([])
        last = last[0]
    last.append(first)


class Node:
    pass


@exact
def test_collect_counts_what_cycles_keep():
    gc.collect()
    ring(3)
    assert gc.collect() == 3
    assert gc.collect() == 0
    a, b = Node(), Node()
    a.other, b.other = b, a
    a.tail = [[], (1, 2), {1: []}, "x", 1.5]
    gc.collect()
    del a, b
    # The nodes, the list and what it holds; not the tuple of numbers, the text and the float.
    assert gc.collect() == 6


@exact
def test_collect_does_not_count_what_goes_by_itself():
    gc.collect()
    x = [[], {}, {1: []}, Node()]
    x.append([x[0]])
    gc.collect()
    del x
    assert gc.collect() == 0


@exact
def test_collect_counts_what_was_finalised_and_is_gone():
    class Dying(Node):
        def __del__(self):
            died.append(1)

    died = []
    gc.collect()
    for _ in range(5):
        d = Dying()
        d.me = d
    del d
    w = None
    assert gc.collect() == 5
    assert len(died) == 5 and w is None


@exact
def test_what_a_finaliser_brings_back_is_not_counted():
    class Rising(Node):
        def __del__(self):
            risen.append(self)

    risen = []
    gc.collect()
    r = Rising()
    r.me = r
    del r
    ring(2)
    assert gc.collect() == 2
    assert len(risen) == 1
    risen.clear()
    assert gc.collect() == 1


def test_one_collect_frees_what_callbacks_let_go():
    held = [Node()]
    inner = weakref.ref(held[0])

    def let_go(_):
        held.clear()

    n = Node()
    n.me = n
    outer = weakref.ref(n, let_go)
    gc.collect()
    del n
    gc.collect()
    assert outer() is None and inner() is None


@exact
def test_young_collections_count_too():
    gc.collect()
    ring(4)
    assert gc.collect(0) == 4


@exact
def test_stats_tell_of_what_collect_found():
    gc.collect()
    before = gc.get_stats()
    ring(7)
    gc.collect()
    after = gc.get_stats()
    assert [sorted(s) for s in after] == [["collected", "collections", "uncollectable"]] * 3
    assert after[2]["collections"] == before[2]["collections"] + 1
    assert after[2]["collected"] == before[2]["collected"] + 7
    gc.collect(1)
    assert gc.get_stats()[1]["collections"] == before[1]["collections"] + 1


@exact
def test_callbacks_are_told():
    said = []

    def callback(phase, info):
        said.append((phase, info["generation"], info["collected"], info["uncollectable"]))

    gc.collect()
    gc.callbacks.append(callback)
    try:
        ring(2)
        gc.collect()
        gc.collect(0)
    finally:
        gc.callbacks.remove(callback)
    assert [(phase, generation) for phase, generation, *_ in said] == [
        ("start", 2), ("stop", 2), ("start", 0), ("stop", 0)], said
    assert said[0][2:] == (0, 0) and said[1][2:] == (2, 0)


@exact
@exact
def test_callbacks_are_told_of_automatic_collections():
    phases = []

    def callback(phase, info):
        phases.append(phase)

    gc.callbacks.append(callback)
    try:
        kept = []
        for i in range(200_000):
            if len(phases) >= 2:
                break
            kept.append([i, str(i)])
    finally:
        gc.callbacks.remove(callback)
    assert phases[:2] == ["start", "stop"]


@exact
def test_saveall_keeps_the_garbage():
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        x = ["mark"]
        x.append(x)
        del x
        assert gc.collect() == 1
        assert len(gc.garbage) == 1 and gc.garbage[0][0] == "mark"
        again = gc.garbage.pop()
        assert again[1] is again
        del again
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert gc.collect() == 1


@exact
def test_debug_flags_speak():
    gc.collect()
    said = io.StringIO()
    gc.set_debug(gc.DEBUG_STATS | gc.DEBUG_COLLECTABLE)
    try:
        x = []
        x.append(x)
        w = Node()
        w.me = w
        w, kept = None, weakref.ref(w)
        del x
        with contextlib.redirect_stderr(said):
            gc.collect()
    finally:
        gc.set_debug(0)
    lines = said.getvalue().splitlines()
    assert lines[0] == "gc: collecting generation 2..."
    assert lines[1].startswith("gc: objects in each generation:")
    assert lines[2].startswith("gc: objects in permanent generation:")
    shown = sorted(line.split(" 0x")[0] for line in lines[3:-1])
    assert shown == ["gc: collectable <Node", "gc: collectable <list"], lines
    assert lines[-1].startswith("gc: done, 2 unreachable, 0 uncollectable, ")
    assert not gc.garbage and kept() is None


def test_referrers_leave_weak_references_out():
    class Target:
        pass

    t = Target()
    holder = [t]
    w = weakref.ref(t)
    assert any(r is holder for r in gc.get_referrers(t))
    assert not any(r is w for r in gc.get_referrers(t))
    assert not any(r is t for r in gc.get_referents(w))


def test_thresholds_are_kept():
    before = gc.get_threshold()
    assert before == (2000, 10, 10)
    try:
        gc.set_threshold(100, 5)
        assert gc.get_threshold() == (100, 5, 10)
        kept = [[i] for i in range(50_000)]
        gc.set_threshold(0)
        assert gc.get_threshold()[0] == 0
        more = [[i] for i in range(50_000)]
        assert len(kept) == len(more)
    finally:
        gc.set_threshold(*before)


@exact
def test_a_low_threshold_collects_more_often():
    def collections(threshold):
        gc.set_threshold(threshold)
        before = sum(s["collections"] for s in gc.get_stats())
        for _ in range(20):
            ring(2000)
        return sum(s["collections"] for s in gc.get_stats()) - before

    before = gc.get_threshold()
    try:
        assert collections(20) > collections(100_000)
    finally:
        gc.set_threshold(*before)


def test_is_tracked_as_cpython():
    for x in (1, 1.5, "x", b"x", bytearray(b"x"), None, range(3), type, int, object()):
        assert not gc.is_tracked(x), x
    for x in ([], [1], set(), Node(), Node, lambda: 0, collections.deque, itertools.chain, functools.partial):
        assert gc.is_tracked(x), x

    class Slots:
        __slots__ = ()

    class More(Slots):
        __slots__ = ("x",)

    assert gc.is_tracked(Slots()) and gc.is_tracked(More())
