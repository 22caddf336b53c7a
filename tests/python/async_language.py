"""async def, await, async for, async with, async generators: driven by hand, without asyncio."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def drive(coro, values=()):
    """Runs a coroutine; answers each suspension with the next value. Returns (result, what was yielded)."""
    values = iter(values)
    yielded = []
    value = None
    while True:
        try:
            yielded.append(coro.send(value))
        except StopIteration as exc:
            return exc.value, yielded
        value = next(values, None)


class Pause:
    def __init__(self, token=None):
        self.token = token

    def __await__(self):
        return (yield self.token)


def test_return_value():
    async def f():
        return 5
    assert drive(f()) == (5, [])


def test_await_chain():
    async def a():
        return await Pause("p") + 1
    async def b():
        return await a() * 2
    assert drive(b(), [10]) == (22, ["p"])


def test_exception_through_await():
    async def a():
        await Pause()
        raise ValueError("deep")
    async def b():
        try:
            await a()
        except ValueError as exc:
            return str(exc)
    assert drive(b())[0] == "deep"


def test_throw_into_coroutine():
    async def f():
        try:
            await Pause()
        except KeyError:
            return "caught"
    c = f()
    c.send(None)
    assert raises(StopIteration, c.throw, KeyError()).value == "caught"


def test_close():
    log = []
    async def f():
        try:
            await Pause()
        finally:
            log.append("closed")
    c = f()
    c.send(None)
    c.close()
    assert log == ["closed"]


def test_cannot_reuse():
    async def f():
        pass
    c = f()
    drive(c)
    assert str(raises(RuntimeError, c.send, None)) == "cannot reuse already awaited coroutine"


def test_not_awaitable():
    async def f():
        await 5
    exc = raises(TypeError, drive, f())
    assert "can't be used in 'await' expression" in str(exc)


def test_not_iterable():
    async def f():
        pass
    c = f()
    raises(TypeError, iter, c)
    c.close()


def test_async_with():
    log = []
    class CM:
        async def __aenter__(self):
            await Pause("enter")
            log.append("in")
            return "value"
        async def __aexit__(self, kind, exc, tb):
            await Pause("exit")
            log.append(kind and kind.__name__)
            return kind is KeyError
    async def f():
        async with CM() as v:
            log.append(v)
        async with CM():
            raise KeyError
        return "done"
    assert drive(f()) == ("done", ["enter", "exit", "enter", "exit"])
    assert log == ["in", "value", None, "in", "KeyError"]


def test_async_for():
    class It:
        def __init__(self, n):
            self.n = n
        def __aiter__(self):
            return self
        async def __anext__(self):
            await Pause("tick")
            if not self.n:
                raise StopAsyncIteration
            self.n -= 1
            return self.n
    async def f():
        out = []
        async for i in It(3):
            if i == 1:
                continue
            out.append(i)
        else:
            out.append("else")
        return out
    assert drive(f()) == ([2, 0, "else"], ["tick"] * 4)


def test_async_generator():
    async def g():
        for i in range(3):
            await Pause(i)
            yield i * 10
    async def f():
        return [x async for x in g()]
    assert drive(f()) == ([0, 10, 20], [0, 1, 2])


def test_async_generator_send_throw_close():
    log = []
    async def g():
        try:
            got = yield 1
            log.append(got)
            try:
                yield 2
            except ValueError:
                log.append("value error")
                yield 3
        finally:
            await Pause("cleanup")
            log.append("closed")
    async def f():
        it = g()
        assert await it.__anext__() == 1
        assert await it.asend("x") == 2
        assert await it.athrow(ValueError()) == 3
        await it.aclose()
        return "ok"
    assert drive(f()) == ("ok", ["cleanup"])
    assert log == ["x", "value error", "closed"]


def test_anext_and_aiter_builtins():
    async def g():
        yield 1
    async def f():
        it = aiter(g())
        return await anext(it), await anext(it, "default")
    assert drive(f())[0] == (1, "default")


def test_async_comprehensions():
    async def g(n):
        for i in range(n):
            yield i
    async def f():
        a = [i async for i in g(3)]
        b = {i: j async for i in g(2) for j in [i * 2]}
        c = {i async for i in g(3) if i}
        d = [await h(i) for i in range(3)]
        e = [x async for x in (y async for y in g(2))]
        return a, b, c, d, e
    async def h(i):
        return i + 100
    assert drive(f())[0] == ([0, 1, 2], {0: 0, 1: 2}, {1, 2}, [100, 101, 102], [0, 1])


def test_stop_iteration_in_coroutine():
    async def f():
        raise StopIteration
    assert str(raises(RuntimeError, drive, f())) == "coroutine raised StopIteration"


def test_stop_async_iteration_in_async_generator():
    async def g():
        raise StopAsyncIteration
        yield
    async def f():
        async for _ in g():
            pass
    assert str(raises(RuntimeError, drive, f())) == "async generator raised StopAsyncIteration"


def test_types_coroutine():
    import types
    @types.coroutine
    def old():
        r = yield "old"
        return r
    async def f():
        return await old()
    assert drive(f(), ["answer"]) == ("answer", ["old"])


def test_attributes():
    async def f():
        await Pause()
    c = f()
    assert c.cr_running is False and c.cr_await is None and c.cr_frame is not None
    c.send(None)
    assert c.cr_suspended and c.cr_await is not None
    c.close()
    assert c.cr_frame is None
    async def g():
        yield
    ag = g()
    assert ag.ag_running is False and ag.ag_frame is not None


def test_await_wrapper():
    async def f():
        return 5
    w = f().__await__()
    assert iter(w) is w
    assert raises(StopIteration, next, w).value == 5


def test_async_generator_type_errors():
    async def g():
        yield
    it = g()
    raises(TypeError, iter, it)
    raises(TypeError, next, it)


def test_async_lambda_and_nested():
    async def outer():
        async def inner(x):
            return x * 2
        return await (lambda v: inner(v))(21)
    assert drive(outer())[0] == 42


def test_finally_and_return_in_async_with():
    log = []
    class CM:
        async def __aenter__(self):
            return self
        async def __aexit__(self, *a):
            log.append("exit")
    async def f():
        for i in range(3):
            async with CM():
                if i == 1:
                    break
                continue
        async with CM():
            return "r"
    assert drive(f())[0] == "r" and log == ["exit"] * 3


def test_asyncio_basics():
    import asyncio
    async def work(n):
        await asyncio.sleep(0)
        return n * n
    async def main():
        values = await asyncio.gather(*(work(i) for i in range(5)))
        async with asyncio.TaskGroup() as tg:
            t = tg.create_task(work(7))
        try:
            await asyncio.wait_for(asyncio.sleep(10), 0.01)
        except TimeoutError:
            values.append("timeout")
        return values, t.result()
    assert asyncio.run(main()) == ([0, 1, 4, 9, 16, "timeout"], 49)


def test_asyncio_queue_and_cancel():
    import asyncio
    async def main():
        q = asyncio.Queue()
        async def producer():
            for i in range(3):
                await q.put(i)
        async def forever():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return "cancelled"
        t = asyncio.create_task(forever())
        await asyncio.sleep(0)
        await producer()
        got = [await q.get() for _ in range(3)]
        t.cancel()
        return got, await t
    assert asyncio.run(main()) == ([0, 1, 2], "cancelled")
