"""cProfile on the native `_lsprof`: counts, callers, timers, errors."""
import cProfile
import io
import math
import pstats
import sys
import threading


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def profiled(function, *args, **options):
    profiler = cProfile.Profile(**options)
    profiler.enable()
    function(*args)
    profiler.disable()
    profiler.create_stats()
    return {name: (calls, primitive, total, cumulative, callers)
            for (_, _, name), (primitive, calls, total, cumulative, callers) in profiler.stats.items()}


def test_counts_of_recursive_calls():
    found = profiled(fib, 5)
    assert found["fib"][:2] == (15, 1)
    callers = {name: counts[:2] for (_, _, name), counts in found["fib"][4].items()}
    # What calls it from outside began before the profiler.
    assert callers == {"fib": (14, 2)}, callers


def test_builtins_have_names():
    def work():
        items = [3, 1, 2]
        items.append(4)
        items.sort(**{"reverse": True})
        len(*[items])
        max(items, key=lambda x: -x)
        dict.fromkeys("ab")
        int("5")
        math.sqrt(4)
    found = profiled(work)
    for name in ("<method 'append' of 'list' objects>", "<method 'sort' of 'list' objects>", "<built-in method builtins.len>",
                 "<built-in method builtins.max>", "<built-in method fromkeys>", "<built-in method math.sqrt>"):
        assert found[name][0] == 1, (name, sorted(found))
    assert found["<lambda>"][0] == 4
    assert not any("int" in name for name in found), sorted(found)
    assert "<built-in method builtins.len>" not in profiled(work, builtins=False)


def test_timer_of_ones_own():
    ticks = iter(range(0, 10 ** 6, 10))

    def inner():
        pass

    def outer():
        inner()
        inner()
    found = profiled(outer, timer=lambda: next(ticks), timeunit=0.5)
    assert found["inner"][0] == 2 and found["inner"][2] == 2 * 10 * 0.5
    assert found["outer"][3] == 5 * 10 * 0.5 and found["outer"][2] == 3 * 10 * 0.5


def test_exceptions_end_calls():
    def fails():
        raise ValueError

    def work():
        for _ in range(3):
            try:
                fails()
            except ValueError:
                pass
        try:
            int.from_bytes(5)
        except TypeError:
            pass
        list(x for x in range(3))
    found = profiled(work)
    assert found["fails"][0] == 3 and found["work"][0] == 1
    assert found["<genexpr>"][0] == 4, found["<genexpr>"]


def test_only_one_at_a_time():
    first, second = cProfile.Profile(), cProfile.Profile()
    first.enable()
    try:
        try:
            second.enable()
        except ValueError as error:
            assert str(error) == "Another profiling tool is already active"
        else:
            raise AssertionError("two profilers at a time")
        assert sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) == "cProfile"
    finally:
        first.disable()
    assert sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) is None


def test_report():
    profiler = cProfile.Profile()
    profiler.runcall(fib, 3)
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("name").print_stats()
    text = out.getvalue()
    assert "5/1" in text and "(fib)" in text and "Ordered by: function name" in text, text
    entry = next(e for e in profiler.getstats() if not isinstance(e.code, str) and e.code.co_name == "fib")
    assert (entry.callcount, entry.reccallcount) == (5, 4) and entry.totaltime >= entry.inlinetime >= 0
    assert entry.calls[0].code is entry.code and entry.calls[0].callcount == 4
    profiler.clear()
    assert profiler.getstats() == []


def test_threads_do_not_disturb_one_another():
    profiler = cProfile.Profile()
    profiler.enable()
    threads = [threading.Thread(target=fib, args=(10,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    profiler.disable()
    entry = next(e for e in profiler.getstats() if not isinstance(e.code, str) and e.code.co_name == "fib")
    assert entry.callcount == 4 * 177, entry
