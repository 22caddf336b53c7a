"""Races over what the interpreter itself shares: imports, tracing, the collector, fork, exit, streams. Run by races.py."""
import collections
import contextlib
import contextvars
import gc
import io
import itertools
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from race_containers import missing


def race_trace_switched(race):
    """sys.settrace and setprofile go on and off, in the own thread and in all, while others run."""
    def spin(n):
        total = 0
        for x in range(n):
            total += x
        try:
            total += len([y for y in range(3)])
        except ValueError:
            pass
        return total

    events = [0] * 64

    def work(i, k):
        def trace(frame, event, arg):
            assert event in ("call", "line", "return", "exception", "opcode", "c_call", "c_return")
            events[i] += 1
            return trace

        if k % 4 == 0:
            sys.settrace(trace)
        elif k % 4 == 1:
            sys.settrace(None)
        elif k % 4 == 2:
            sys.setprofile(trace)
        else:
            sys.setprofile(None)
        assert spin(20) == 193
        if k % 50 == 0:
            threading.settrace_all_threads(trace)
            assert spin(20) == 193
            threading.settrace_all_threads(None)
            threading.setprofile_all_threads(None)
        sys.settrace(None)
        sys.setprofile(None)

    def run(i, k):
        assert spin(20) == 193
        sys._getframe().f_lineno

    race.run(work, run)
    threading.settrace(None)
    threading.setprofile(None)
    assert sum(events) > 0


def race_monitoring_switched(race):
    m = sys.monitoring
    m.use_tool_id(3, "race")
    seen = [0]

    def spin():
        return sum(x for x in [1, 2, 3])

    for event in (m.events.PY_START, m.events.LINE, m.events.PY_RETURN, m.events.CALL):
        m.register_callback(3, event, lambda *a: seen.__setitem__(0, seen[0] + 1))

    def change(i, k):
        m.set_events(3, (0, m.events.PY_START, m.events.LINE | m.events.PY_RETURN)[k % 3])
        m.set_local_events(3, spin.__code__, (0, m.events.CALL)[k % 2])
        if k % 10 == 0:
            m.restart_events()

    def run(i, k):
        assert spin() == 6

    try:
        race.run(change, run)
    finally:
        m.set_events(3, 0)
        m.set_local_events(3, spin.__code__, 0)
        m.free_tool_id(3)


def race_imports(race):
    """Many threads import one module, packages that import each other, and modules that fail."""
    with tempfile.TemporaryDirectory() as folder:
        def write(name, text):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)

        for n in range(12):
            write(f"race_m{n}.py", f"import race_m{(n + 1) % 12}\nimport race_count\nrace_count.loads.append({n})\nvalue = {n}\n"
                  "def f():\n    return value\n")
        write("race_count.py", "loads = []\n")
        write("race_bad.py", "x = 1\nraise ValueError('bad')\n")
        write("race_pkg/__init__.py", "from .sub import y\n")
        write("race_pkg/sub.py", "import race_m0\ny = 7\n")
        sys.path.insert(0, folder)
        gate = threading.Lock()
        try:
            def work(i, k):
                for n in range(12):
                    m = __import__(f"race_m{(n + i) % 12}")
                    # A cycle of imports may show a module that is not finished, as CPython does.
                    assert getattr(m, "value", (n + i) % 12) == (n + i) % 12
                with missing(ValueError):
                    import race_bad
                    # Who waited while another's import failed gets what there was, as in CPython.
                    assert race_bad.x == 1
                with missing(ImportError, AttributeError):
                    from race_pkg import sub
                    assert getattr(sub, "y", 7) == 7
                with missing(ImportError):
                    import race_no_such_module
                if k % 5 == 0 and gate.acquire(blocking=False):
                    for name in [name for name in list(sys.modules) if name.startswith("race_") and name[5:6] in "mp"]:
                        sys.modules.pop(name, None)
                    gate.release()

            def tolerant(i, k):
                # A module taken out of sys.modules while it is imported is an ImportError or a KeyError, or (in a
                # cycle of imports) the RuntimeError of a deadlock that was seen.
                with missing(ImportError, KeyError, RuntimeError):
                    work(i, k)

            race.run(tolerant)
        finally:
            sys.path.remove(folder)
            for name in [name for name in list(sys.modules) if name.startswith("race_") and name[5:6] in "mpcb"]:
                sys.modules.pop(name, None)


def race_import_once(race):
    """However many import it, a module's body runs once."""
    rounds = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        end = time.monotonic() + race.seconds
        try:
            while time.monotonic() < end:
                n = next(rounds)
                with open(os.path.join(folder, f"race_once{n}.py"), "w") as f:
                    f.write("import time, builtins\nbuiltins.race_loads.append(1)\ntime.sleep(0.001)\nvalue = 5\n")
                __import__("importlib").invalidate_caches()
                __import__("builtins").race_loads = loads = []
                got = []
                gate = threading.Barrier(race.threads)

                def work():
                    gate.wait()
                    got.append(__import__(f"race_once{n}").value)

                ts = [threading.Thread(target=work) for _ in range(race.threads)]
                for t in ts:
                    t.start()
                for t in ts:
                    t.join()
                assert got == [5] * race.threads and loads == [1], (got, loads)
                race.rounds += race.threads
        finally:
            sys.path.remove(folder)


def race_collect_everywhere(race):
    """gc.collect and its kin from many threads, while others allocate and unlink cycles."""
    class Node:
        pass

    def build(i, k):
        nodes = [Node() for _ in range(20)]
        for a, b in zip(nodes, nodes[1:] + nodes[:1]):
            a.next, b.back = b, a
        n = nodes[0]
        for _ in range(40):
            assert n.next.back is n
            n = n.next

    def collect(i, k):
        op = k % 8
        if op == 0:
            gc.collect()
        elif op < 3:
            gc.collect(op - 1)
        elif op == 3:
            assert len(gc.get_count()) == 3 and len(gc.get_stats()) == 3
        elif op == 4:
            gc.freeze()
            gc.unfreeze()
        elif op == 5:
            gc.disable()
            gc.enable()
        elif op == 6 and k % 64 == 6:
            assert all(o is not None for o in gc.get_objects()[:100])
        elif k % 64 == 7:
            gc.get_referrers(Node)
            gc.get_referents(Node)

    def callback(phase, info):
        assert phase in ("start", "stop") and info["generation"] in (0, 1, 2)

    gc.callbacks.append(callback)
    try:
        race.run(build, collect)
    finally:
        gc.callbacks.remove(callback)
        gc.enable()


def race_frames_of_others(race):
    """Frames of running threads are looked at: lines, locals, chains."""
    def deep(n):
        here = [n]
        if n:
            return deep(n - 1) + here[0]
        return 0

    def run(i, k):
        assert deep(15) == 120

    def look(i, k):
        for frame in sys._current_frames().values():
            depth = 0
            while frame is not None and depth < 30:
                line = frame.f_lineno
                assert line is None or line >= 0
                assert frame.f_code.co_name
                with missing(RuntimeError):
                    dict(frame.f_locals)
                frame = frame.f_back
                depth += 1
        threading.enumerate()
        if k % 20 == 0:
            sys._current_exceptions()

    race.run(run, look)


def race_fork(race):
    """fork while threads allocate, collect and hold locks; the child works on and ends well."""
    warnings.simplefilter("ignore", DeprecationWarning)
    lock, shared = threading.Lock(), {}

    def run(i, k):
        with lock:
            shared[k % 50] = [k]
        sys.intern(f"fork{k % 300}")
        if k % 500 == 0:
            gc.collect()
        io.BytesIO(b"x" * 100).read()

    def fork(i, k):
        pid = os.fork()
        if pid == 0:
            try:
                signal.alarm(60)
                assert all(type(v) is list for v in shared.values())
                gc.collect()
                made = [[n] for n in range(2000)]
                assert threading.active_count() == 1, threading.enumerate()
                t = threading.Thread(target=made.append, args=(1,))
                t.start()
                t.join()
                assert len(made) == 2001
                import colorsys
                os._exit(0 if colorsys else 1)
            except BaseException as error:
                os.write(2, repr(error).encode() + b"\n")
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        time.sleep(0.001)

    race.run(run, fork)


def race_subprocesses(race):
    def work(i, k):
        if i < 2:
            r = subprocess.run(["/bin/sh", "-c", f"exit {k % 7}"])
            assert r.returncode == k % 7
        else:
            sum([n for n in range(300)])

    race.run(work)


def ends(race, source, expected=0, out=None):
    """Runs the program again and again."""
    end = time.monotonic() + race.seconds
    while True:
        r = subprocess.run([sys.executable, "-c", source], stdin=subprocess.DEVNULL, capture_output=True, timeout=50)
        assert r.returncode == expected and not r.stderr, (r.returncode, r.stderr[-2000:], r.stdout[-500:])
        assert out is None or r.stdout == out, r.stdout[-500:]
        race.rounds += 1
        if time.monotonic() > end:
            break


def race_exit_with_threads(race):
    """The end of the program waits for its threads, and runs what they leave behind."""
    ends(race, f"""
import threading, atexit, time
done = []
def work(i):
    d = {{}}
    for k in range(2000): d[k] = [k]
    if i == 0:
        threading.Thread(target=work, args=(1,)).start()
    done.append(i)
for i in range({race.threads}): threading.Thread(target=work, args=(i,)).start()
atexit.register(lambda: print(len(done)))
""", out=b"%d\n" % (race.threads + 1))


def race_exit_with_daemons(race):
    """Daemon threads in the middle of anything do not disturb the end."""
    ends(race, f"""
import threading, time, gc, sys, queue, itertools, weakref
q, lock, d, l = queue.Queue(), threading.Lock(), {{}}, []
class F:
    def __init__(self): self.me = self
    def __del__(self): l.append(1); l.pop()
def busy():
    while True: pass
def allocate():
    while True: d[len(d) % 100] = [[]] * 10
def collect():
    while True: gc.collect()
def wait(): lock.acquire(); lock.acquire()
def get(): q.get()
def sleep():
    while True: time.sleep(0.0001)
def write():
    while True: sys.stdout.write(''); sys.stderr.flush()
def die():
    while True: F(); weakref.finalize(F(), print)
def spawn():
    while True:
        t = threading.Thread(target=int, daemon=True)
        try: t.start()
        except RuntimeError: return
        t.join()
def native():
    while True: sum(itertools.repeat(0, 100000))
for f in itertools.islice(itertools.cycle((busy, allocate, collect, wait, get, sleep, write, spawn, native)), {race.threads + 1}):
    threading.Thread(target=f, daemon=True).start()
time.sleep(0.02)
print('end')
""", out=b"end\n")


def race_exit_by_exception_and_exit(race):
    ends(race, f"""
import threading, os, sys
def work(i):
    for k in range(500): [k] * 5
    if i == 3: raise SystemExit(9)
for i in range({race.threads}): threading.Thread(target=work, args=(i,)).start()
sys.exit(7)
""", expected=7)


def race_threads_come_and_go(race):
    """Threads start threads; their locals die with them."""
    alive = []

    class Local(threading.local):
        def __init__(self):
            self.x = [1]

    local = Local()

    def body(out, n):
        assert local.x == [1]
        local.x.append(n)
        local.y = n
        out.append((n, local.y, len(local.x)))

    def work(i, k):
        out = []
        ts = [threading.Thread(target=body, args=(out, n)) for n in range(4)]
        for t in ts:
            t.start()
        for t in ts:
            t.join()
            assert not t.is_alive()
        assert sorted(out) == [(n, n, 2) for n in range(4)]

    race.run(work)
    assert not alive


def race_locks_and_queues(race):
    lock, rlock, cond = threading.Lock(), threading.RLock(), threading.Condition()
    sem, event = threading.BoundedSemaphore(2), threading.Event()
    q, sq, pq = queue.Queue(maxsize=5), queue.SimpleQueue(), queue.PriorityQueue()
    count, put, got, inside = [0, 0], [0] * 64, [0] * 64, [0]

    def use(i, k):
        with lock:
            v = count[0]
            count[0] = v + 1
        with rlock:
            with rlock:
                v = count[1]
                count[1] = v + 1
        with sem:
            inside[0] += 0
        with cond:
            cond.notify_all() if k % 3 else cond.wait(0.0002)
        event.set() if k % 2 else event.clear()
        lock.acquire(timeout=0.0001) and lock.release()
        put[i] += 1
        sq.put((i, k))
        try:
            q.put((i, k), timeout=0.0005)
        except queue.Full:
            pass
        try:
            q.get(timeout=0.0005)
        except queue.Empty:
            pass
        pq.put(k)
        assert type(pq.get()) is int
        sq.get()
        got[i] += 1

    each = race.run(use)
    assert count[0] == count[1] == sum(put) == sum(got) and sq.empty() and each > 0


def race_context_variables(race):
    var = contextvars.ContextVar("var", default=(0, 0))
    shared = contextvars.copy_context()

    def work(i, k):
        token = var.set((i, i))
        assert var.get() == (i, i)
        ctx = contextvars.copy_context()
        assert ctx[var] == (i, i) and ctx.run(var.get) == (i, i)
        var.reset(token)
        with missing(RuntimeError):
            shared.run(var.set, (i, i))
        x, y = shared.get(var, (0, 0))
        assert x == y

    race.run(work)


def race_streams(race):
    """Byte and text streams that all write: nothing torn within a call, nothing lost."""
    raw = io.BytesIO()
    text = io.StringIO()
    counts = [0] * 64
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "f")
        binary = open(path, "wb")
        lines = open(os.path.join(folder, "t"), "w")

        def write(i, k):
            binary.write(b"%02d:%08d\n" % (i, k))
            with missing(ValueError):
                raw.write(b"ab")
                text.write("ab")
            counts[i] = k + 1
            if k % 40 == 0:
                binary.flush()
                raw.getvalue()
                text.getvalue()
            if k % 1000 == 0:
                raw.seek(0)
                raw.truncate()
                text.seek(0)
                text.truncate()

        each = race.run(write, share=0.7)
        binary.close()
        lines.close()
        with open(path, "rb") as f:
            rows = f.read().split(b"\n")[:-1]
        assert len(rows) == sum(counts) and len(set(rows)) == len(rows)
        assert all(len(row) == 11 for row in rows)
        source = io.BufferedReader(open(path, "rb", buffering=0)) if each else None
        parts = [[] for _ in range(64)]

        def read(i, k):
            parts[i].append(source.read(12))

        race.run(read, share=0.2)
        source.close()
        got = [p for row in parts for p in row if p]
        assert len(set(got)) == len(got) and all(p.endswith(b"\n") and len(p) == 12 for p in got)


def race_warnings_and_modules(race):
    def work(i, k):
        # The state that catch_warnings saves belongs to the process: no warning here may be printed.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
        warnings.warn("race", ImportWarning)
        sys.modules[f"race_x{k % 20}"] = warnings
        sys.modules.pop(f"race_x{(k + 10) % 20}", None)
        sys.getrecursionlimit()
        sys.setswitchinterval(0.005)
        sys.get_int_max_str_digits()

    race.run(work)
    for n in range(20):
        sys.modules.pop(f"race_x{n}", None)


def race_signals(race):
    """Handlers run in the main thread while all others work."""
    hits = [0]
    main = threading.main_thread()

    def handler(number, frame):
        assert threading.current_thread() is main
        hits[0] += 1

    old = signal.signal(signal.SIGUSR1, handler)

    def work(i, k):
        if i == 0 and k % 20 == 0:
            signal.raise_signal(signal.SIGUSR1) if k % 40 else signal.pthread_kill(main.ident, signal.SIGUSR1)
        if i == 1 and k % 20 == 0:
            os.kill(os.getpid(), signal.SIGUSR1)
        collections.deque(range(50), maxlen=3)

    try:
        race.run(work)
        time.sleep(0.01)
    finally:
        signal.signal(signal.SIGUSR1, old)
    assert hits[0] > 0


def race_compile_and_exec(race):
    import ast
    namespace = {}

    def work(i, k):
        code = compile(f"def f{k % 5}(x):\n    return x + {k % 7}\nv = f{k % 5}(1)", "race", "exec")
        own = {}
        exec(code, own)
        assert own["v"] == 1 + k % 7
        exec(code, namespace)
        assert type(ast.literal_eval("[1, {'a': (2, 3)}]")) is list
        assert eval("[x for x in range(5) if x % 2]") == [1, 3]
        code.replace(co_name="other")

    race.run(work)


def race_files_nobody_closed(race):
    """What was written is read back at once, though the file is only dropped and all threads do the same."""
    with tempfile.TemporaryDirectory() as folder:
        def work(i, k):
            path = os.path.join(folder, f"{i}.{k % 7}")
            text = f"{i} {k}\n" * (k % 20 + 1)
            f = open(path, "w" if k % 2 else "wb")
            f.write(text if k % 2 else text.encode())
            del f
            with open(path) as f:
                got = f.read()
            assert got == text, (i, k, got[:50], len(got), len(text))

        race.run(work)


def race_faulthandler_dump(race):
    """Tracebacks of all threads while they run."""
    import faulthandler
    line = re.compile(rb"""  File "[^"]*", line (\d+|\?\?\?) in [\w<>]+|  \.\.\.|(Current t|T)hread 0x[0-9a-f]+ \(most recent call first\):"""
                      rb"""|  <no Python frame>|""")
    with contextlib.ExitStack() as opened:
        # One each: who seeks and truncates has the file to itself.
        files = [opened.enter_context(tempfile.TemporaryFile()) for _ in range(64)]

        def deep(n):
            return deep(n - 1) + 1 if n else 0

        def run(i, k):
            assert deep(20) == 20

        def dump(i, k):
            f = files[i]
            faulthandler.dump_traceback(f, all_threads=True)
            if k % 50 == 0:
                f.seek(0)
                text = f.read()
                assert text.count(b"Current thread") == (1 if k == 0 else 50), (k, text[-2000:])
                for one in text.split(b"\n"):
                    assert line.fullmatch(one), (one, text[-2000:])
                f.seek(0)
                f.truncate()

        race.run(run, dump)
