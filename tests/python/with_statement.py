"""with statements: protocol, suppression, order, several managers."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


class CM:
    def __init__(self, log, name, suppress=False):
        self.log, self.name, self.suppress = log, name, suppress

    def __enter__(self):
        self.log.append("enter " + self.name)
        return self.name

    def __exit__(self, kind, exc, tb):
        self.log.append("exit " + self.name + (" " + kind.__name__ if kind else ""))
        return self.suppress


def test_order():
    log = []
    with CM(log, "a") as a, CM(log, "b") as b:
        log.append(a + b)
    assert log == ["enter a", "enter b", "ab", "exit b", "exit a"]


def test_suppress():
    log = []
    with CM(log, "a", True):
        raise KeyError
    log.append("after")
    assert log == ["enter a", "exit a KeyError", "after"]


def test_propagate():
    log = []
    def f():
        with CM(log, "a"):
            with CM(log, "b", True):
                with CM(log, "c"):
                    raise ValueError("v")
            raise KeyError
    raises(KeyError, f)
    assert log[-3:] == ["exit c ValueError", "exit b ValueError", "exit a KeyError"]


def test_exit_on_return_break_continue():
    log = []
    def f():
        for i in range(3):
            with CM(log, str(i)):
                if i == 0:
                    continue
                if i == 1:
                    break
        with CM(log, "r"):
            return "value"
    assert f() == "value" and log == ["enter 0", "exit 0", "enter 1", "exit 1", "enter r", "exit r"]


def test_parenthesised():
    log = []
    with (
        CM(log, "a") as a,
        CM(log, "b"),
    ):
        pass
    with (CM(log, "c")) as c:
        assert c == "c"
    with (CM(log, "d"), CM(log, "e")):
        pass
    assert len(log) == 10


def test_targets():
    d = {}
    class Pair:
        def __enter__(self):
            return 1, [2, 3]
        def __exit__(self, *a):
            pass
    with Pair() as (a, [b, c]):
        pass
    with Pair() as d["k"]:
        pass
    assert (a, b, c) == (1, 2, 3) and d == {"k": (1, [2, 3])}


def test_not_a_manager():
    def f():
        with 5:
            pass
    assert str(raises(TypeError, f)) == "'int' object does not support the context manager protocol"
    class OnlyEnter:
        def __enter__(self):
            pass
    def g():
        with OnlyEnter():
            pass
    assert str(raises(TypeError, g)).endswith("does not support the context manager protocol (missed __exit__ method)")


def test_enter_raises_no_exit():
    log = []
    class Bad:
        def __enter__(self):
            raise ValueError
        def __exit__(self, *a):
            log.append("exit")
    def f():
        with CM(log, "a"), Bad():
            pass
    raises(ValueError, f)
    assert log == ["enter a", "exit a ValueError"]


def test_exit_replaces_exception():
    class Bad:
        def __enter__(self):
            pass
        def __exit__(self, *a):
            raise KeyError("from exit")
    def f():
        with Bad():
            raise ValueError("body")
    exc = raises(KeyError, f)
    assert isinstance(exc.__context__, ValueError)


def test_special_lookup_on_type():
    class C:
        pass
    c = C()
    c.__enter__ = lambda: 1
    c.__exit__ = lambda *a: None
    def f():
        with c:
            pass
    raises(TypeError, f)


def test_contextmanager():
    import contextlib
    log = []
    @contextlib.contextmanager
    def cm(x):
        log.append("in")
        try:
            yield x
        except ValueError:
            log.append("caught")
        finally:
            log.append("out")
    with cm(5) as v:
        log.append(v)
    with cm(1):
        raise ValueError
    assert log == ["in", 5, "out", "in", "caught", "out"]
    @cm(1)
    def decorated():
        return "r"
    assert decorated() == "r"


def test_exitstack_suppress_closing():
    import contextlib
    log = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(CM(log, "a"))
        stack.callback(log.append, "callback")
        stack.push(lambda *exc: log.append(exc[0]))
    assert log == ["enter a", None, "callback", "exit a"]
    with contextlib.suppress(KeyError):
        {}["x"]
    class Thing:
        closed = False
        def close(self):
            self.closed = True
    t = Thing()
    with contextlib.closing(t):
        pass
    assert t.closed
    import io
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print("captured")
    assert out.getvalue() == "captured\n"


def test_exit_receives_traceback():
    seen = []
    class T:
        def __enter__(self):
            return self
        def __exit__(self, kind, exc, tb):
            seen.append((kind, exc.args, tb is exc.__traceback__))
            return 1
    with T():
        raise OSError(5)
    assert seen == [(OSError, (5,), True)]
