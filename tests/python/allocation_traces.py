"""`tracemalloc`: what is in use, how much, and where it was allocated."""
import gc
import os
import subprocess
import sys
import threading
import tracemalloc


def traced(frames=1):
    class Tracing:
        def __enter__(self): tracemalloc.start(frames)
        def __exit__(self, *exc): tracemalloc.stop()
    return Tracing()


def line(): return sys._getframe(1).f_lineno


def where(obj):
    t = tracemalloc.get_object_traceback(obj)
    return t and t[-1].lineno


def test_objects_of_every_kind_have_a_line():
    class C: pass
    with traced():
        n = 300
        before = line()
        # Of kinds that CPython does not keep spare ones of.
        made = [bytes(n), bytearray(n), "x" * n, {n}, C(), lambda: n, 1 << n,
            n / 7 + 1j, range(n), b"x" * n, object(), frozenset([n]), type("D", (), {})]
        lines = [where(x) for x in made]
        assert set(lines) <= {before + 2, before + 3} and len(set(lines)) == 2, [l and l - before for l in lines]
    assert where(made[0]) is None


def test_what_was_there_before_has_none():
    old = [object() for i in range(100)]
    with traced():
        assert where(old) is where(old[5]) is None
        new = object()
        assert where(new) == line() - 1


def test_limit_and_depth():
    def deep(n): return object() if n == 0 else deep(n - 1)
    with traced(4):
        assert tracemalloc.get_traceback_limit() == 4
        o = deep(10)
        t = tracemalloc.get_object_traceback(o)
        assert len(t) == 4 and len({f.lineno for f in t}) == 1 and t[0].filename == __file__
        found = [s for s in tracemalloc.take_snapshot().traces if s.traceback == t]
        assert found and all(s.traceback.total_nframe >= 11 for s in found)
    for n in (0, -1, 65536):
        try:
            tracemalloc.start(n)
        except ValueError as exc:
            assert str(exc) == "the number of frames must be in range [1; 65535]"
        else:
            raise AssertionError(n)
    assert not tracemalloc.is_tracing()


def test_sizes_go_up_and_down():
    with traced():
        base = tracemalloc.get_traced_memory()[0]
        data = [bytes(1000) for i in range(1000)]
        full, peak = tracemalloc.get_traced_memory()
        assert 1_000_000 < full - base < 1_200_000 and peak >= full
        del data
        empty, peak2 = tracemalloc.get_traced_memory()
        assert empty - base < 100_000 and peak2 >= peak
        tracemalloc.reset_peak()
        assert tracemalloc.get_traced_memory()[1] < 200_000
        big = bytearray(3_000_000)
        assert tracemalloc.get_traced_memory()[0] > 3_000_000
        tracemalloc.clear_traces()
        assert tracemalloc.get_traced_memory() == (0, 0)
        assert where(big) is None
    assert tracemalloc.get_traced_memory() == (0, 0)


def test_snapshots_tell_growth():
    with traced():
        first = tracemalloc.take_snapshot()
        kept = [object() for i in range(5000)]
        second = tracemalloc.take_snapshot()
        top = second.compare_to(first, "lineno")[0]
        assert top.traceback[0].lineno == line() - 3 and top.traceback[0].filename == __file__
        assert 5000 <= top.count_diff <= 5010 and top.size_diff >= 5000 * sys.getsizeof(object())


def test_every_thread_and_collections_meanwhile():
    with traced(2):
        kept = {}
        def work(i):
            mine = [bytes(100) for j in range(3000)]
            for j in range(20000):
                [j]
            kept[i] = mine
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for t in threads: t.start()
        for i in range(5): gc.collect()
        for t in threads: t.join()
        first = work.__code__.co_firstlineno
        for mine in kept.values():
            assert {where(x) for x in mine} == {first + 1}
        del mine
        assert tracemalloc.get_traced_memory()[0] < 4_000_000


def test_restarting():
    for i in range(3):
        with traced(i + 1):
            o = object()
            assert len(tracemalloc.get_object_traceback(o)) == i + 1
            tracemalloc.start(7)
            assert tracemalloc.get_traceback_limit() == i + 1
        assert tracemalloc.get_object_traceback(o) is None


def run(*args, **env):
    env = os.environ | env
    r = subprocess.run([sys.executable, *args], capture_output=True, text=True, env=env)
    return r.returncode, r.stdout, r.stderr


def test_from_the_start():
    show = "import tracemalloc as t; print(t.is_tracing(), t.get_traceback_limit())"
    assert run("-X", "tracemalloc", "-c", show)[1] == "True 1\n"
    assert run("-X", "tracemalloc=5", "-c", show)[1] == "True 5\n"
    assert run("-X", "tracemalloc=0", "-c", show)[1] == "False 1\n"
    assert run("-c", show, PYTHONTRACEMALLOC="3")[1] == "True 3\n"
    assert run("-X", "tracemalloc=2", "-c", show, PYTHONTRACEMALLOC="3")[1] == "True 2\n"
    assert run("-E", "-c", show, PYTHONTRACEMALLOC="3")[1] == "False 1\n"
    code, out, err = run("-X", "tracemalloc=x", "-c", show)
    assert code == 1 and "config_init_tracemalloc: -X tracemalloc=NFRAME: invalid number of frames" in err
    code, out, err = run("-X", "tracemalloc=65536", "-c", show)
    assert code == 1 and "can't start tracemalloc" in err and "range [1; 65535]" in err


def test_warnings_tell_the_place():
    code = "def f():\n    return open('%s')\nx = f()\nx = None\nimport gc; gc.collect()\n" % __file__
    code, out, err = run("-X", "tracemalloc=5", "-W", "always", "-c", code)
    assert "ResourceWarning: unclosed file" in err
    at = err.index("Object allocated at (most recent call last):")
    assert 'File "<string>", lineno 3' in err[at:] and 'File "<string>", lineno 2' in err[at:]
