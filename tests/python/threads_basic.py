"""threading: start, join, locals, locks, conditions, queues, exceptions, many threads."""
import signal
import threading
import time


def in_threads(n, work):
    errors = []
    def run(i):
        try:
            work(i)
        except BaseException as exc:
            errors.append(exc)
    ts = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    if errors:
        raise errors[0]


def test_start_and_join():
    out = []
    t = threading.Thread(target=lambda a, b: out.append((a, b)), args=(1,), kwargs={"b": 2}, name="n", daemon=True)
    assert not t.is_alive() and t.name == "n" and t.daemon and t.ident is None
    t.start()
    t.join()
    assert out == [(1, 2)] and not t.is_alive() and t.ident


def test_current_and_main():
    assert threading.current_thread() is threading.main_thread()
    seen = []
    t = threading.Thread(target=lambda: seen.append((threading.current_thread(), threading.get_ident(), threading.active_count() >= 2)))
    t.start()
    t.join()
    assert seen[0][0] is t and seen[0][1] == t.ident and seen[0][2] and t.ident != threading.get_ident()


def test_thread_local():
    local = threading.local()
    local.x = "main"
    def work(i):
        assert not hasattr(local, "x")
        for k in range(200):
            local.x = (i, k)
            assert local.x == (i, k)
    in_threads(6, work)
    assert local.x == "main"
    class L(threading.local):
        def __init__(self):
            self.made = threading.get_ident()
    l = L()
    in_threads(3, lambda i: (l.made == threading.get_ident()) or 1 / 0)


def test_lock_protects():
    lock, n = threading.Lock(), [0]
    def work(i):
        for _ in range(2000):
            with lock:
                n[0] += 1
    in_threads(4, work)
    assert n[0] == 8000


def test_lock_api():
    l = threading.Lock()
    assert l.acquire() and l.locked() and not l.acquire(False) and not l.acquire(timeout=0.01)
    l.release()
    assert not l.locked()
    try:
        l.release()
        assert False
    except RuntimeError as exc:
        assert str(exc) == "release unlocked lock"
    r = threading.RLock()
    with r, r:
        assert r._is_owned()
        seen = []
        t = threading.Thread(target=lambda: seen.append(r.acquire(False)))
        t.start()
        t.join()
        assert seen == [False]


def test_event_condition_semaphore_barrier():
    e = threading.Event()
    t = threading.Thread(target=e.set)
    t.start()
    assert e.wait(10) and e.is_set()
    t.join()
    e.clear()
    assert not e.wait(0.01)
    c, items, got = threading.Condition(), [], []
    def consume():
        with c:
            while not items:
                c.wait(10)
            got.append(items.pop())
    t = threading.Thread(target=consume)
    t.start()
    with c:
        items.append("x")
        c.notify()
    t.join()
    assert got == ["x"]
    s = threading.Semaphore(2)
    assert s.acquire() and s.acquire() and not s.acquire(blocking=False)
    s.release(2)
    b, order = threading.Barrier(3), []
    in_threads(3, lambda i: order.append(b.wait(10)))
    assert sorted(order) == [0, 1, 2]


def test_queue():
    import queue
    q, results = queue.Queue(maxsize=5), []
    def producer():
        for i in range(200):
            q.put(i)
        q.put(None)
    def consumer():
        while (v := q.get()) is not None:
            results.append(v)
    ts = [threading.Thread(target=f) for f in (producer, consumer)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    assert results == list(range(200))
    s = queue.SimpleQueue()
    s.put(1)
    assert s.get() == 1 and s.empty()
    p = queue.PriorityQueue()
    [p.put(x) for x in (3, 1, 2)]
    assert [p.get() for _ in range(3)] == [1, 2, 3]


def test_exception_in_thread_goes_to_hook():
    seen = []
    old = threading.excepthook
    threading.excepthook = lambda a: seen.append((a.exc_type, str(a.exc_value), a.thread.name))
    try:
        t = threading.Thread(target=lambda: {}["k"], name="failing")
        t.start()
        t.join()
    finally:
        threading.excepthook = old
    assert seen == [(KeyError, "'k'", "failing")]


def test_executor():
    from concurrent.futures import ThreadPoolExecutor, as_completed
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda x: x * x, range(50))) == [x * x for x in range(50)]
        fs = [pool.submit(pow, 2, i) for i in range(10)]
        assert sorted(f.result() for f in as_completed(fs)) == [2**i for i in range(10)]
        bad = pool.submit(int, "x")
        assert isinstance(bad.exception(), ValueError)


def test_many_short_threads():
    n = []
    for _ in range(10):
        in_threads(20, lambda i: n.append(i))
    assert len(n) == 200


def test_parallel_computation_gives_right_results():
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    out = {}
    in_threads(4, lambda i: out.__setitem__(i, fib(16 + i % 2)))
    assert out == {0: 987, 1: 1597, 2: 987, 3: 1597}


def test_recursion_limit_in_thread():
    seen = []
    def work():
        def f(n):
            return f(n + 1)
        try:
            f(0)
        except RecursionError:
            seen.append("recursion")
    t = threading.Thread(target=work)
    t.start()
    t.join()
    assert seen == ["recursion"]


def test_gc_while_threads_run():
    import gc
    stop, bad = [], []
    def work(i):
        while not stop:
            d = {k: [k, str(k)] for k in range(50)}
            if any(v != [k, str(k)] for k, v in d.items()):
                bad.append(i)
    ts = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    [t.start() for t in ts]
    for _ in range(10):
        gc.collect()
    stop.append(1)
    [t.join() for t in ts]
    assert not bad


def test_sleep_and_timer():
    done = []
    t = threading.Timer(0.01, done.append, [1])
    t.start()
    t.join()
    assert done == [1]
    start = time.monotonic()
    in_threads(5, lambda i: time.sleep(0.1))
    assert time.monotonic() - start < 0.45


def test_imports_in_threads():
    import sys
    for name in ("colorsys", "this_is_not_there"):
        sys.modules.pop(name, None)
    got = []
    def work(i):
        import colorsys
        got.append(colorsys.rgb_to_hsv(0, 0, 0))
    in_threads(6, work)
    assert len(got) == 6


def test_with_a_gil_one_thread_runs_at_a_time():
    import os
    import subprocess
    import sys
    program = """
import sys, threading
assert sys._is_gil_enabled() and sys.flags.gil == 1
sys.setswitchinterval(1000)
order, lock = [], threading.Lock()
def work(name):
    for _ in range(20000):
        order.append(name)
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
# Nobody yields before the interval is over.
assert sum(a != b for a, b in zip(order, order[1:])) == 3, order[:5]
sys.setswitchinterval(0.0005)
stop = []
def spin():
    while not stop: pass
threads = [threading.Thread(target=spin) for n in range(4)]
for t in threads: t.start()
# And here each gets its turn.
stop.append(1)
for t in threads: t.join()
pid = __import__('os').fork()
if not pid:
    t = threading.Thread(target=order.append, args=(5,)); t.start(); t.join()
    __import__('os')._exit(order[-1])
assert __import__('os').waitstatus_to_exitcode(__import__('os').waitpid(pid, 0)[1]) == 5
print('fine')
"""
    for options, more in ((["-X", "gil=1"], {}), ([], {"PYTHON_GIL": "1"})):
        r = subprocess.run([sys.executable, *options, "-W", "ignore", "-c", program], env={**os.environ, **more},
                           capture_output=True, text=True, timeout=60)
        assert (r.returncode, r.stdout, r.stderr) == (0, "fine\n", ""), r


def test_what_a_handler_raises_in_acquire_finds_the_lock_taken():
    # The lock is free before the signal is sent: a waiter whom it wakes takes the lock first.
    if not hasattr(signal, "pthread_kill") or threading.current_thread() is not threading.main_thread():
        return

    class Signalled(Exception):
        pass

    def handler(*_):
        raise Signalled

    def give(lock, main, ready):
        while not ready[0]:
            time.sleep(0.0001)
        time.sleep(0.001)
        lock.release()
        signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        for _ in range(60):
            lock = threading.Lock()
            lock.acquire()
            ready = [False]
            t = threading.Thread(target=give, args=(lock, threading.get_ident(), ready))
            t.start()
            try:
                ready[0] = True
                lock.acquire()
                while True:
                    time.sleep(0.001)
            except Signalled:
                assert lock.locked()
            t.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
