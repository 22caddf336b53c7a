"""contextvars, asyncio in earnest."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import asyncio
import contextvars


def test_contextvars():
    v = contextvars.ContextVar("v", default=1)
    assert v.get() == 1 and v.name == "v"
    t = v.set(2)
    assert v.get() == 2 and t.old_value is contextvars.Token.MISSING
    v.reset(t)
    assert v.get() == 1
    raises((RuntimeError, ValueError), v.reset, t)
    ctx = contextvars.copy_context()
    assert ctx.run(lambda: (v.set(5), v.get())[1]) == 5 and v.get() == 1 and ctx[v] == 5 and v in ctx and len(list(ctx)) >= 1
    raises(LookupError, contextvars.ContextVar("empty").get)


def test_tasks_have_their_own_context():
    v = contextvars.ContextVar("v", default="outer")
    async def child(x):
        v.set(x)
        await asyncio.sleep(0)
        return v.get()
    async def main():
        r = await asyncio.gather(child("a"), child("b"))
        return r, v.get()
    assert asyncio.run(main()) == (["a", "b"], "outer")


def test_timeouts_and_cancellation():
    async def main():
        log = []
        async def slow():
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                log.append("cancelled")
                raise
        try:
            async with asyncio.timeout(0.01):
                await slow()
        except TimeoutError:
            log.append("timeout")
        t = asyncio.create_task(slow())
        await asyncio.sleep(0)
        t.cancel("why")
        try:
            await t
        except asyncio.CancelledError as e:
            log.append(e.args)
        await asyncio.shield(asyncio.sleep(0))
        return log, t.cancelled()
    assert asyncio.run(main()) == (["cancelled", "timeout", "cancelled", ("why",)], True)


def test_task_group_errors():
    async def bad(n):
        raise ValueError(n)
    async def main():
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(bad(1))
                tg.create_task(bad(2))
        except* ValueError as eg:
            got = sorted(e.args[0] for e in eg.exceptions)
        return got
    assert asyncio.run(main()) in ([1, 2], [1])


def test_sync_primitives():
    async def main():
        lock, sem, ev, log = asyncio.Lock(), asyncio.Semaphore(2), asyncio.Event(), []
        async def worker(i):
            async with sem:
                async with lock:
                    log.append(i)
                    await asyncio.sleep(0)
            await ev.wait()
            return i
        ts = [asyncio.create_task(worker(i)) for i in range(5)]
        await asyncio.sleep(0.01)
        ev.set()
        r = await asyncio.gather(*ts)
        c = asyncio.Condition()
        async def waiter():
            async with c:
                await c.wait()
                return "woken"
        t = asyncio.create_task(waiter())
        await asyncio.sleep(0)
        async with c:
            c.notify_all()
        return r, sorted(log), await t
    assert asyncio.run(main()) == ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], "woken")


def test_streams():
    async def main():
        async def handle(r, w):
            while line := await r.readline():
                w.write(line.upper())
                await w.drain()
            w.close()
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        r, w = await asyncio.open_connection("127.0.0.1", port)
        w.write(b"one\ntwo\n")
        w.write_eof()
        data = await r.read()
        w.close()
        server.close()
        return data
    assert asyncio.run(main()) == b"ONE\nTWO\n"


def test_threads_and_subprocess():
    async def main():
        a = await asyncio.to_thread(sum, range(10))
        loop = asyncio.get_running_loop()
        b = await loop.run_in_executor(None, lambda: 5)
        p = await asyncio.create_subprocess_exec("echo", "hi", stdout=asyncio.subprocess.PIPE)
        out, _ = await p.communicate()
        f = loop.create_future()
        loop.call_later(0.01, f.set_result, "later")
        loop.call_soon_threadsafe(lambda: None)
        return a, b, out, p.returncode, await f
    assert asyncio.run(main()) == (45, 5, b"hi\n", 0, "later")


def test_as_completed_and_wait():
    async def work(n):
        await asyncio.sleep(n / 100)
        return n
    async def main():
        order = [await f for f in asyncio.as_completed([work(3), work(1), work(2)])]
        done, pending = await asyncio.wait([asyncio.create_task(work(0)), asyncio.create_task(work(50))], return_when=asyncio.FIRST_COMPLETED)
        for p in pending:
            p.cancel()
        return order, len(done), len(pending)
    assert asyncio.run(main()) == ([1, 2, 3], 1, 1)


def test_async_generators_are_closed():
    log = []
    async def g():
        try:
            yield 1
            yield 2
        finally:
            log.append("closed")
    async def main():
        async for x in g():
            break
        it = g()
        await it.__anext__()
    asyncio.run(main())
    assert log == ["closed", "closed"]


def test_exceptions():
    async def f():
        raise KeyError("k")
    assert raises(KeyError, asyncio.run, f()).args == ("k",)
    raises(RuntimeError, asyncio.get_running_loop)
    async def nested():
        c = f()
        try:
            asyncio.run(c)
        finally:
            c.close()
    raises(RuntimeError, asyncio.run, nested())
    with asyncio.Runner() as r:
        async def v(): return 3
        assert r.run(v()) == 3


def test_contextlib_async():
    import contextlib
    log = []
    @contextlib.asynccontextmanager
    async def cm():
        log.append("in")
        try:
            yield 5
        finally:
            log.append("out")
    async def main():
        async with contextlib.AsyncExitStack() as s:
            v = await s.enter_async_context(cm())
            log.append(v)
    asyncio.run(main())
    assert log == ["in", 5, "out"]
