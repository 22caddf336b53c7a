"""Frames, f_locals, locals() as PEP 667 has them, frame.clear, sys._current_frames."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import sys


def test_f_locals_is_a_live_view():
    def f():
        x, y = 1, 2
        view = sys._getframe().f_locals
        assert view["x"] == 1 and "y" in view and set(view) >= {"x", "y"}
        view["x"] = 10
        view["new"] = 5
        y = 20
        return x, view["y"], view["new"], "new" in sys._getframe().f_locals
    assert f() == (10, 20, 5, True)


def test_locals_is_a_snapshot():
    def f():
        x = 1
        a = locals()
        x = 2
        b = locals()
        a["x"] = 99
        return x, a, b["x"]
    x, a, b = f()
    assert x == 2 and a["x"] == 99 and b == 2


def test_caller_frame():
    def inner():
        return sys._getframe(1).f_locals["mine"], sys._getframe(1).f_lineno, sys._getframe().f_back.f_code.co_name
    def outer():
        mine = "secret"
        return inner()
    v, line, name = outer()
    assert v == "secret" and line == outer.__code__.co_firstlineno + 2 and name == "outer"


def test_change_callers_local():
    def inner():
        sys._getframe(1).f_locals["x"] = "changed"
    def outer():
        x = "original"
        inner()
        return x
    assert outer() == "changed"


def test_cells_through_f_locals():
    def f():
        x = 1
        def g():
            return x
        sys._getframe().f_locals["x"] = 7
        return x, g()
    assert f() == (7, 7)


def test_frame_survives_the_call():
    def f(a):
        b = a + 1
        return sys._getframe()
    fr = f(5)
    assert dict(fr.f_locals) == {"a": 5, "b": 6} and fr.f_code is f.__code__ and fr.f_lineno == f.__code__.co_firstlineno + 2
    fr.clear()
    assert dict(fr.f_locals) == {}


def test_clear_running_frame():
    exc = raises(RuntimeError, sys._getframe().clear)
    assert "executing" in str(exc)
    def g():
        yield 1
    it = g()
    next(it)
    raises(RuntimeError, it.gi_frame.clear)


def test_traceback_frames_keep_values():
    def f():
        local = "value"
        1 / 0
    try:
        f()
    except ZeroDivisionError as exc:
        fr = exc.__traceback__.tb_next.tb_frame
    assert fr.f_locals["local"] == "value" and fr.f_back is not None


def test_generator_frame():
    def g():
        x = 1
        yield
        x = 2
        yield
    it = g()
    next(it)
    assert it.gi_frame.f_locals["x"] == 1
    it.gi_frame.f_locals["x"] = 50
    assert it.gi_frame.f_locals["x"] == 50
    next(it)
    assert it.gi_frame.f_locals["x"] == 2


def test_current_frames_of_threads():
    import threading
    started, stop = threading.Event(), threading.Event()
    def worker():
        marker = "here"
        started.set()
        stop.wait()
    t = threading.Thread(target=worker)
    t.start()
    started.wait()
    frames = sys._current_frames()
    names = set()
    fr = frames[t.ident]
    while fr:
        names.add(fr.f_code.co_name)
        fr = fr.f_back
    stop.set()
    t.join()
    assert "worker" in names and threading.get_ident() in frames


def test_f_trace_lines_and_globals():
    fr = sys._getframe()
    assert fr.f_globals is globals() and fr.f_builtins["len"] is len and fr.f_trace is None and fr.f_trace_lines is True and fr.f_lasti >= 0
    raises((AttributeError, TypeError), setattr, fr, "f_globals", {})


def test_locals_in_comprehension_and_class():
    class C:
        a = 1
        names = sorted(k for k in locals() if not k.startswith("__"))
    assert C.names == ["a"] or "a" in C.names
    def f():
        z = 1
        return [sorted(locals()) for i in range(1)]
    assert f() == [["i", "z"]]


def test_exec_with_f_locals():
    def f():
        x = 1
        exec("y = x + 1", globals(), sys._getframe().f_locals)
        return sys._getframe().f_locals["y"]
    assert f() == 2


def test_trace_changes_line_and_locals():
    log = []
    def target():
        x = 1
        x = 2
        log.append(x)
        return x
    def tracer(frame, event, arg):
        if frame.f_code is not target.__code__:
            return None
        if event == "line" and frame.f_lineno == target.__code__.co_firstlineno + 3:
            frame.f_locals["x"] = "traced"
        return tracer
    sys.settrace(tracer)
    try:
        target()
    finally:
        sys.settrace(None)
    assert log == ["traced"]


def test_a_comprehensions_variable_hides_a_cell():
    def f():
        lambda: k
        k = 1
        during = [(locals()["k"], sys._getframe().f_locals["k"]) for k in [0]]
        return during, locals()["k"]
    assert f() == ([(0, 0)], 1)
