"""What collections find dead is finalised on one thread, one after another, outer objects first."""
import gc
import gzip
import io
import os
import shutil
import sys
import tempfile
import threading
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor


class caught:
    """What finalisers raise meanwhile."""

    def __enter__(self):
        self.all = []
        self.before = sys.unraisablehook
        sys.unraisablehook = lambda a: self.all.append(f"{a.exc_type.__name__}: {a.exc_value}")
        return self.all

    def __exit__(self, *_):
        gc.collect()
        sys.unraisablehook = self.before


def test_files_dropped_on_many_threads_are_written_whole():
    d = tempfile.mkdtemp()
    text = "line\n" * 50

    def work(i):
        p = os.path.join(d, str(i))
        f = gzip.open(p, "wt")
        f.write(text)
        plain = open(p + ".txt", "w")
        plain.write(text)
        junk = [[j] for j in range(1500)]
        return p

    def run():
        with ThreadPoolExecutor(6) as ex:
            return list(ex.map(work, range(120)))

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with caught() as errors:
                names = run()
                gc.collect()
                gc.collect()
                for p in names:
                    assert open(p + ".txt").read() == text
                    with gzip.open(p, "rt") as f:
                        assert f.read() == text
            assert errors == [], errors
    finally:
        shutil.rmtree(d)


class Part:
    log = []

    def __init__(self, name, *inner):
        self.name = name
        self.inner = inner

    def __del__(self):
        self.log.append(self.name)


def test_who_holds_another_is_finalised_before_it():
    Part.log.clear()

    def fill():
        # Made from the inside out, and shared by two.
        leaf = Part("leaf")
        left, right = Part("left", leaf), Part("right", leaf)
        Part("top", [left], {"right": right})

    fill()
    gc.collect()
    order = Part.log
    assert sorted(order) == ["leaf", "left", "right", "top"]
    assert order[0] == "top" and order[-1] == "leaf", order


def test_a_finaliser_finds_what_its_object_holds_and_its_weak_references():
    seen = []

    class Outer:
        def __init__(self):
            self.inner = Inner()
            self.ref = weakref.ref(self.inner)

        def __del__(self):
            seen.append(self.ref() is self.inner and self.inner.state)

    class Inner:
        state = "open"

        def __del__(self):
            self.state = "closed"

    for _ in range(50):
        Outer()
    gc.collect()
    assert seen == ["open"] * 50, seen


def test_a_thread_that_ends_leaves_its_finalisers_to_others():
    done = []

    class Node:
        def __del__(self):
            done.append(threading.get_ident())

    def work():
        for _ in range(2000):
            n = Node()
            n.me = n

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    gc.collect()
    gc.collect()
    assert len(done) == 8000, len(done)


def test_a_buffered_writer_over_another_object():
    class Raw(io.RawIOBase):
        out = []

        def writable(self):
            return True

        def write(self, b):
            if self.closed:
                raise ValueError("closed before its writer")
            self.out.append(bytes(b))
            return len(b)

    def fill():
        for i in range(100):
            w = io.TextIOWrapper(io.BufferedWriter(Raw()), encoding="ascii")
            w.write(f"{i};")

    with caught() as errors:
        fill()
        gc.collect()
    assert errors == [], errors
    assert sorted(Raw.out) == sorted(b"%d;" % i for i in range(100))
