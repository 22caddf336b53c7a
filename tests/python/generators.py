"""Generators: send, throw, close, yield from, return values, their frames."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_basic():
    def g(n):
        for i in range(n):
            yield i
    assert list(g(4)) == [0, 1, 2, 3]
    assert sum(g(1000)) == 499500


def test_send():
    def g():
        got = []
        while len(got) < 3:
            got.append((yield len(got)))
        return got
    it = g()
    assert next(it) == 0
    assert it.send("a") == 1
    assert it.send("b") == 2
    exc = raises(StopIteration, it.send, "c")
    assert exc.value == ["a", "b", "c"]


def test_send_to_unstarted():
    def g():
        yield
    exc = raises(TypeError, g().send, 1)
    assert str(exc) == "can't send non-None value to a just-started generator"


def test_throw():
    def g():
        try:
            yield 1
        except ValueError as exc:
            yield str(exc)
        yield "after"
    it = g()
    next(it)
    assert it.throw(ValueError("in")) == "in"
    assert next(it) == "after"


def test_throw_class_and_traceback():
    def g():
        yield
    it = g()
    next(it)
    raises(KeyError, it.throw, KeyError)
    raises(StopIteration, next, it)


def test_close():
    log = []
    def g():
        try:
            yield 1
        finally:
            log.append("closed")
    it = g()
    next(it)
    assert it.close() is None and log == ["closed"]
    it.close()
    assert log == ["closed"]


def test_close_returns_value():
    def g():
        try:
            yield
        except GeneratorExit:
            return "value"
    it = g()
    next(it)
    assert it.close() == "value"


def test_close_ignored():
    def g():
        try:
            yield
        except GeneratorExit:
            yield "no"
    it = g()
    next(it)
    assert str(raises(RuntimeError, it.close)) == "generator ignored GeneratorExit"


def test_stop_iteration_inside_becomes_runtime_error():
    def g():
        yield 1
        raise StopIteration
    exc = raises(RuntimeError, list, g())
    assert str(exc) == "generator raised StopIteration"
    assert isinstance(exc.__cause__, StopIteration)


def test_yield_from():
    def inner():
        x = yield 1
        y = yield x
        return (x, y)
    def outer():
        r = yield from inner()
        yield r
    it = outer()
    assert next(it) == 1
    assert it.send("a") == "a"
    assert it.send("b") == ("a", "b")


def test_yield_from_iterables():
    def g():
        yield from [1, 2]
        yield from "ab"
        yield from range(2)
        yield from {"k": 1}
    assert list(g()) == [1, 2, "a", "b", 0, 1, "k"]


def test_yield_from_throw_delegates():
    log = []
    def inner():
        try:
            yield 1
        except KeyError:
            log.append("inner")
            yield 2
    def outer():
        yield from inner()
    it = outer()
    next(it)
    assert it.throw(KeyError()) == 2 and log == ["inner"]


def test_yield_from_close_delegates():
    log = []
    def inner():
        try:
            yield
        finally:
            log.append("inner")
    def outer():
        try:
            yield from inner()
        finally:
            log.append("outer")
    it = outer()
    next(it)
    it.close()
    assert log == ["inner", "outer"]


def test_yield_from_iterator_without_send():
    class It:
        def __iter__(self):
            return self
        def __next__(self):
            return 1
    def g():
        yield from It()
    it = g()
    next(it)
    raises(AttributeError, it.send, 5)


def test_deep_yield_from():
    def g(n):
        if n:
            yield from g(n - 1)
        yield n
    assert list(g(50)) == list(range(51))


def test_reentrancy():
    def g():
        raises(ValueError, next, it)
        yield "ok"
    it = g()
    assert next(it) == "ok"


def test_attributes():
    def g():
        yield 1
    it = g()
    assert it.gi_running is False and it.gi_frame is not None and it.gi_suspended is False
    next(it)
    assert it.gi_suspended is True
    assert it.gi_frame.f_lineno == it.gi_code.co_firstlineno + 1
    assert it.gi_yieldfrom is None
    list(it)
    assert it.gi_frame is None
    assert it.__name__ == "g" and it.__qualname__.endswith("g")
    it.__name__ = "renamed"
    assert "object" in repr(it)


def test_exception_state_is_kept_apart():
    import sys
    def g():
        try:
            raise KeyError("inside")
        except KeyError:
            yield sys.exception()
            yield sys.exception()
    it = g()
    assert isinstance(next(it), KeyError)
    assert sys.exception() is None
    try:
        raise ValueError
    except ValueError:
        assert isinstance(next(it), KeyError)
        assert isinstance(sys.exception(), ValueError)


def test_context_of_exception_raised_in_generator():
    def g():
        yield
        raise KeyError("k")
    it = g()
    next(it)
    try:
        try:
            raise ValueError("v")
        except ValueError:
            next(it)
    except KeyError as exc:
        assert isinstance(exc.__context__, ValueError)


def test_finally_with_yield():
    log = []
    def g():
        try:
            yield 1
        finally:
            log.append("start")
            yield 2
            log.append("end")
    it = g()
    assert list(it) == [1, 2] and log == ["start", "end"]


def test_return_in_finally_swallows():
    def g():
        try:
            yield 1
            raise ValueError
        finally:
            return "swallowed"
    it = g()
    next(it)
    assert raises(StopIteration, next, it).value == "swallowed"


def test_generator_as_coroutine_pipeline():
    def consumer(out):
        try:
            while True:
                out.append((yield))
        finally:
            out.append("done")
    out = []
    c = consumer(out)
    next(c)
    for i in range(3):
        c.send(i)
    c.close()
    assert out == [0, 1, 2, "done"]


def test_infinite_and_islice():
    import itertools
    def naturals():
        n = 0
        while True:
            yield n
            n += 1
    assert list(itertools.islice(naturals(), 5)) == [0, 1, 2, 3, 4]


def test_many_suspended():
    def g(i):
        yield i
        yield i + 1
    its = [g(i) for i in range(2000)]
    assert sum(next(it) for it in its) == sum(range(2000))
    assert sum(next(it) for it in its) == sum(range(1, 2001))


def test_unpack_and_star():
    def g():
        yield 1
        yield 2
        yield 3
    a, *b = g()
    assert (a, b) == (1, [2, 3])
    assert [*g(), *g()] == [1, 2, 3, 1, 2, 3]
    assert max(*g()) == 3


def test_yield_expression_forms():
    def g():
        x = yield
        y = yield x, 1
        return x, y
    it = g()
    assert next(it) is None
    assert it.send("p") == ("p", 1)
    assert raises(StopIteration, it.send, "q").value == ("p", "q")


def test_lambda_yield():
    f = lambda: (yield 5)
    assert list(f()) == [5]


def test_generator_with_local_state_across_gc():
    import gc
    def g():
        big = [i for i in range(1000)]
        s = "text" + str(len(big))
        yield 1
        gc.collect()
        yield s, sum(big)
    it = g()
    next(it)
    gc.collect()
    assert next(it) == ("text1000", 499500)


def test_stop_iteration_value_tuple():
    def g():
        return (1, 2)
        yield
    assert raises(StopIteration, next, g()).value == (1, 2)


def test_throw_into_finished():
    def g():
        yield 1
    it = g()
    list(it)
    raises(OSError, it.throw, OSError("x"))


def test_with_inside_generator():
    log = []
    class CM:
        def __enter__(self):
            log.append("enter")
            return 5
        def __exit__(self, *a):
            log.append("exit")
    def g():
        with CM() as v:
            yield v
    it = g()
    assert next(it) == 5
    it.close()
    assert log == ["enter", "exit"]


class Made:
    def __init__(self, a, b=1):
        self.a = a
        self.b = b
        self.items = [a]


def test_calls_inside_keep_what_they_make():
    def numbers(n):
        for i in range(n):
            made = Made(i, b=2)
            yield made.a + len(made.items)
            yield Made(i).b + Made(a=i, b=3).b

    async def chain(n):
        made = Made(n)
        if n:
            made.rest = await chain(n - 1)
        return made

    def finish(coroutine):
        try:
            while True:
                coroutine.send(None)
        except StopIteration as stop:
            return stop.value

    for _ in range(20):
        assert sum(numbers(30)) == sum(range(30)) + 30 + 30 * 4
        made = finish(chain(20))
        for n in range(20, 0, -1):
            assert made.a == n and made.items == [n]
            made = made.rest


def test_unpacking_a_list():
    a, b, c = [1, 2, 3]
    assert (a, b, c) == (1, 2, 3)
    pair = ["x", "y"]
    x, y = pair
    y, x = [x, y]
    assert (x, y) == ("y", "x")
    items = [1, 2, 3]
    items, b, c = items
    assert (items, b, c) == (1, 2, 3)
    exec(", ".join("v%d" % i for i in range(40)) + " = list(range(40))", got := {})
    assert [got["v%d" % i] for i in range(40)] == list(range(40))

    def two(v):
        p, q = v

    def three(v):
        p, q, s = v
    assert str(raises(ValueError, two, [1])) == "not enough values to unpack (expected 2, got 1)"
    assert str(raises(ValueError, three, [1])) == "not enough values to unpack (expected 3, got 1)"
    assert "too many values to unpack (expected 2" in str(raises(ValueError, two, [1, 2, 3]))
    assert "too many values to unpack (expected 3" in str(raises(ValueError, three, [1] * 4))

    class L(list):
        def __iter__(self):
            return iter("abc")
    p, q, s = L()
    assert p + q + s == "abc"


def test_attributes_of_a_local_that_may_be_absent():
    import threading

    class Own(threading.local):
        @property
        def broken(self):
            raise AttributeError("inside")

        def __getattr__(self, name):
            if name == "made":
                return 7
            raise AttributeError(name)

    class Every(threading.local):
        def __getattribute__(self, name):
            return name
    plain, own = threading.local(), Own()
    assert getattr(plain, "x", 3) == 3 and not hasattr(plain, "x")
    assert str(raises(AttributeError, getattr, plain, "x")).endswith("object has no attribute 'x'")
    plain.x = own.x = 5
    assert getattr(plain, "x", 3) == 5 and hasattr(own, "x") and hasattr(plain, "__dict__")
    assert getattr(own, "made", 1) == 7 and getattr(own, "broken", 1) == 1 and not hasattr(own, "no")
    assert getattr(Every(), "anything", 1) == "anything"


def test_finished_coroutines_are_dropped_silently():
    import gc
    import warnings

    async def inner(n):
        return n if n == 0 else await inner(n - 1) + 1

    async def fails():
        raise KeyError(1)

    async def ended(aw):
        cycle = [aw]
        cycle.append(cycle)
        return await aw
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(50):
            c = ended(inner(5))
            assert raises(StopIteration, c.send, None).value == 5
            raises(KeyError, ended(fails()).send, None)
        del c
        gc.collect()
        assert not seen
        inner(1)
        gc.collect()
        gc.collect()
        assert ["never awaited" in str(w.message) for w in seen] == [True]
