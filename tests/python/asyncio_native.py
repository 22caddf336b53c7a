"""_asyncio: Future and Task as CPython's C ones, beyond what test_asyncio asks."""
import asyncio
import _asyncio
import contextvars
import gc
import threading


def run(coro):
    return asyncio.run(coro)


def test_the_native_classes_are_asyncios():
    assert asyncio.Future is _asyncio.Future and asyncio.Task is _asyncio.Task
    assert issubclass(asyncio.Task, asyncio.Future)
    assert asyncio.get_running_loop is _asyncio.get_running_loop


def test_a_future_ends_with_its_result():
    async def main():
        f = asyncio.get_running_loop().create_future()
        seen = []
        f.add_done_callback(lambda f: seen.append(f.result()))
        f.add_done_callback(seen.append)
        f.add_done_callback(seen.append)
        assert f.remove_done_callback(seen.append) == 2
        assert not f.done() and f._state == "PENDING"
        f.set_result(5)
        assert await f == 5 and f.done() and not f.cancelled()
        await asyncio.sleep(0)
        assert seen == [5]
        it = iter(f)
        try:
            next(it)
        except StopIteration as e:
            assert e.value == 5
        try:
            f.set_result(1)
        except asyncio.InvalidStateError as e:
            assert str(e) == "invalid state"
        g = asyncio.get_running_loop().create_future()
        it = iter(g)
        assert next(it) is g
        try:
            next(it)
        except RuntimeError as e:
            assert str(e) == "await wasn't used with future"
        g.cancel("why")
        try:
            g.result()
        except asyncio.CancelledError as e:
            assert e.args == ("why",)
    run(main())


def test_uninitialised_futures():
    f = _asyncio.Future.__new__(_asyncio.Future)
    for what, kind in [(lambda: f.set_result(1), RuntimeError), (lambda: f.result(), asyncio.InvalidStateError),
                       (lambda: f.get_loop(), RuntimeError), (lambda: iter(f), RuntimeError),
                       (lambda: f.add_done_callback(print), RuntimeError), (lambda: repr(f), RuntimeError)]:
        try:
            what()
            assert False
        except kind:
            pass
    assert not f.done() and not f.cancelled() and f._loop is None


def test_what_a_coroutine_may_not_yield():
    class Yields:
        def __init__(self, v):
            self.v = v

        def __await__(self):
            yield self.v

    async def main():
        async def wait(v):
            try:
                await Yields(v)
            except RuntimeError as e:
                return str(e)
        assert await wait(5) == "Task got bad yield: 5"
        f = asyncio.get_running_loop().create_future()
        assert (await wait(f)).startswith("yield was used instead of yield from in task <Task pending")
        other = asyncio.new_event_loop()
        g = other.create_future()
        g._asyncio_future_blocking = True
        assert "attached to a different loop" in await wait(g)
        other.close()
        assert (await wait(asyncio.current_task())).startswith("Task cannot await on itself: <Task")
        assert await wait(None) is None
    run(main())


def test_cancelling_and_uncancelling():
    async def main():
        async def stubborn():
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                assert asyncio.current_task().cancelling() == 2
                assert asyncio.current_task().uncancel() == 1
                assert asyncio.current_task().uncancel() == 0
                return "stayed"
        t = asyncio.create_task(stubborn(), name="n")
        await asyncio.sleep(0)
        assert t._fut_waiter is not None and t.get_name() == "n"
        t.cancel()
        t.cancel("again")
        assert await t == "stayed" and t.cancel() is False
        t = asyncio.create_task(asyncio.sleep(10))
        assert t.get_name().startswith("Task-")
        t.cancel("early")
        try:
            await t
            assert False
        except asyncio.CancelledError as e:
            assert t.cancelled() and e.args == ("early",)
    run(main())


def test_contexts_and_eager_tasks():
    var = contextvars.ContextVar("var", default=0)

    async def main():
        async def child(n):
            var.set(n)
            assert asyncio.current_task() is not outer
            if n == 2:
                await asyncio.sleep(0)
            return var.get()
        outer = asyncio.current_task()
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        a = asyncio.create_task(child(1))
        assert a.done() and a.get_coro() is None and asyncio.current_task() is outer
        b = asyncio.create_task(child(2))
        assert not b.done() and b in asyncio.all_tasks()
        assert [await a, await b, var.get()] == [1, 2, 0]
        loop.set_task_factory(None)
        context = contextvars.copy_context()
        assert await asyncio.Task(child(3), loop=loop, context=context) == 3
        assert context[var] == 3
    run(main())


def test_exceptions_that_nobody_asked_for_are_told():
    told = []

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: told.append(context["message"]))

        async def bad():
            raise ValueError
        t = asyncio.create_task(bad())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        f = loop.create_future()
        f.set_exception(KeyError())
        assert f._log_traceback
        g = loop.create_future()
        g.set_exception(KeyError())
        g.exception()
        del t, f, g
        gc.collect()
        gc.collect()
        await asyncio.sleep(0)
    run(main())
    gc.collect()
    assert sorted(told) == ["Future exception was never retrieved", "Task exception was never retrieved"], told


def test_pending_tasks_that_are_dropped_are_told():
    told = []
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: told.append(context["message"]))

    async def forever():
        await loop.create_future()

    async def main():
        t = loop.create_task(forever())
        await asyncio.sleep(0)
        del t
    loop.run_until_complete(main())
    for _ in range(3):
        gc.collect()
    loop.close()
    assert told == ["Task was destroyed but it is pending!"], told


def test_a_stop_iteration_cannot_be_an_exception():
    async def main():
        f = asyncio.get_running_loop().create_future()
        f.set_exception(StopIteration(1))
        e = f.exception()
        assert type(e) is RuntimeError and type(e.__cause__) is StopIteration
        assert str(e).startswith("StopIteration interacts badly with generators")
    run(main())


def test_every_thread_has_its_own_running_loop():
    seen = []

    def work():
        assert _asyncio._get_running_loop() is None
        try:
            asyncio.get_running_loop()
        except RuntimeError as e:
            assert str(e) == "no running event loop"

        async def main():
            for _ in range(50):
                await asyncio.gather(*(asyncio.sleep(0) for _ in range(5)))
            return asyncio.get_running_loop()
        seen.append(run(main()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(set(map(id, seen))) == 4


def test_entering_and_leaving_tasks():
    loop, a, b = object(), object(), object()
    _asyncio._enter_task(loop, a)
    assert _asyncio.current_task(loop) is a
    for what in [lambda: _asyncio._enter_task(loop, b), lambda: _asyncio._leave_task(loop, b)]:
        try:
            what()
            assert False
        except RuntimeError:
            pass
    assert _asyncio._swap_current_task(loop, b) is a
    assert _asyncio._swap_current_task(loop, None) is b
    assert _asyncio.current_task(loop) is None
    try:
        _asyncio._leave_task(loop, a)
        assert False
    except RuntimeError as e:
        assert str(e).endswith("does not match the current task None.")
    try:
        _asyncio.current_task()
        assert False
    except RuntimeError as e:
        assert str(e) == "no running event loop"
