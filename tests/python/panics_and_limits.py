"""What ends inside native code: panics become SystemErrors, memory that runs out MemoryErrors, threads by the thousand."""

import os
import resource
import subprocess
import sys
import threading

TAIPAN = "Taipan" in sys.version


def run(code, *options, arguments=(), limits={}, timeout=100):
    def prepare():
        for name, value in limits.items():
            resource.setrlimit(name, (value, value))
    env = dict(os.environ)
    if resource.RLIMIT_AS in limits and "TAIPAN_GC_STRESS" in env:
        # Whoever fills the memory to its limit would be collecting for hours.
        env["TAIPAN_GC_STRESS"] = "100000"
    r = subprocess.run([sys.executable, *options, "-c", code, *arguments], capture_output=True, text=True, timeout=timeout, env=env, preexec_fn=prepare)
    return r.returncode, r.stdout, r.stderr


def test_panic_is_a_system_error_with_a_traceback():
    if not TAIPAN:
        return
    code, out, err = run("import _testinternalcapi as t\ndef f(): t.panic('boom')\nf()", "-X", "taipan-test-modules")
    assert code == 1, (code, err)
    assert err.startswith("Traceback (most recent call last):\n"), err
    assert "in f\n" in err and "SystemError: internal error: boom (" in err, err
    assert "panicked" not in err


def test_panic_is_caught_by_handlers_around_it():
    if not TAIPAN:
        return
    code, out, err = run("""
import _testinternalcapi as t, threading
try:
    t.panic('a')
except SystemError as e:
    print('caught', str(e)[:17])
def g():
    try:
        t.panic('b')
    finally:
        print('finally')
try:
    g()
except SystemError:
    print('outer')
class A:
    def __repr__(self): t.panic('c')
try:
    repr([A()])
except SystemError:
    print('nested')
t1 = threading.Thread(target=t.panic, args=('d',)); t1.start(); t1.join()
print('end')
""", "-X", "taipan-test-modules")
    assert code == 0 and out.split("\n")[:5] == ["caught internal error: a", "finally", "outer", "nested", "end"], (code, out, err)
    assert "SystemError: internal error: d (" in err, err


def test_memory_error_reaches_its_handler_and_memory_comes_back():
    code, out, err = run("""
x = None
if 'Taipan' in __import__('sys').version:
    try:
        while True: x = [x, 1.5]
    except MemoryError:
        x = None
print('caught')
print(len([i for i in range(100000)]))
""", limits={resource.RLIMIT_AS: 700_000 * 1024})
    assert (code, out) == (0, "caught\n100000\n"), (code, out, err)


def test_memory_that_runs_out_again_after_it_was_caught_has_its_whole_traceback():
    if not TAIPAN:
        return  # CPython 3.13 runs out again while it shows where.
    code, out, err = run("""
def fill():
    x = []
    while True:
        x.append([1.5, 'a' * 10])
for _ in range(2):
    try:
        fill()
    except MemoryError:
        print('caught')
def again():
    fill()
again()
""", limits={resource.RLIMIT_AS: 500_000 * 1024})
    assert (code, out) == (1, "caught\n" * 2), (code, out, err)
    lines = err.splitlines()
    assert lines[0] == "Traceback (most recent call last):" and lines[-1] == "MemoryError", err
    assert [line.split(", ")[1:] for line in lines if line.startswith("  File")] == [
        ["line 13", "in <module>"], ["line 12", "in again"], ["line 5", "in fill"]], err


def test_the_tour_under_a_limit_of_address_space():
    tour = os.path.join(os.path.dirname(__file__), "../../examples/tour.py")
    if not os.path.exists(tour):
        return
    with open(tour) as f:
        code, out, err = run(f.read(), limits={resource.RLIMIT_AS: 4_000_000 * 1024})
    assert code == 0, (code, out, err)


EIGHT_THREADS = """
import gc, re, threading, weakref
class Node:
    def __init__(self, k): self.k, self.me = k, self
def containers(k):
    d = {(k, i): [i] * 5 for i in range(3000)}
    s = {str(i) for i in range(3000)}
    l = sorted((hash(x) for x in s), reverse=True)
    t = tuple(map(len, d.values()))
    del l[::2]
    return len(d) == 3000 == len(s) and sum(t) == 15000 and len(l) == 1500
def strings(k):
    text = " ".join(f"{i:05d}é" for i in range(3000))
    return len(re.sub(r"\\d+", lambda m: m[0][::-1], text)) == len(text) and "".join(sorted(text.split())[::-1])[-6:] == "00000é" and len(text.encode().decode("utf-8")) == len(text)
def exceptions(k):
    n = 0
    for i in range(1000):
        try:
            try: [][i]
            except IndexError as e: raise ValueError(i) from e
            finally: n += 1
        except ValueError as e:
            n += e.__cause__.__class__ is IndexError and e.args == (i,)
    def deep(m):
        if not m: raise KeyError(k)
        deep(m - 1)
    try: deep(200)
    except KeyError as e:
        t, m = e.__traceback__, 0
        while t: t, m = t.tb_next, m + 1
    return n == 2000 and m == 202
def garbage(k):
    refs = [weakref.ref(Node(i)) for i in range(2000)]
    gc.collect()
    return sum(r() is None for r in refs) >= 1999
works = [containers, strings, exceptions, garbage]
bad = []
def body(i):
    for k in range(4):
        for work in works[i % 4:] + works[:i % 4]:
            try:
                if not work(k): bad.append(work.__name__)
            except BaseException as e: bad.append(repr(e))
ts = [threading.Thread(target=body, args=(i,)) for i in range(8)]
for t in ts: t.start()
for t in ts: t.join()
print(bad)
"""


def test_eight_threads_under_a_limit_of_address_space():
    code, out, err = run(EIGHT_THREADS, limits={resource.RLIMIT_AS: 4_000_000 * 1024})
    assert (code, out) == (0, "[]\n"), (code, out, err)


EXHAUSTION = """
import sys, threading, time
over = False
rounds, starved, bad = [0] * 4, [0] * 4, []
def work(i):
    while not over:
        try:
            d = {k: str(k) for k in range(2000)}
            text = "-".join(d.values())
            if sorted(d.values(), key=int)[-1] != "1999" or text.count("-") != 1999: bad.append(i)
            rounds[i] += 1
        except MemoryError:
            starved[i] += 1
        except BaseException as e:
            bad.append(repr(e))
def hog(kind):
    caught = 0
    for _ in range(2):
        x = None
        try:
            if kind == "large":
                x = []
                while True: x.append(bytearray(1 << 20))
            elif kind == "text":
                x = "x"
                while True: x += x
            elif kind == "power":
                x = 3 ** 10 ** 10
            elif kind == "product":
                x = (1 << (1 << 29)) - 1
                x *= x * x
            elif kind == "digits":
                x = []
                while True: x.append(int("7" * 2_000_000, 32))
            else:
                x = 1
                while True: x <<= 1 << 26
        except MemoryError: caught += 1
        x = None
    return caught
ts = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for t in ts: t.start()
caught = {kind: hog(kind) for kind in sys.argv[1:]}
before = list(rounds)
end = time.monotonic() + 60
while any(a == b for a, b in zip(before, rounds)) and time.monotonic() < end: time.sleep(0.01)
over = True
for t in ts: t.join()
print(caught == dict.fromkeys(sys.argv[1:], 2), bad, all(a > b for a, b in zip(rounds, before)))
"""


def test_one_thread_that_runs_out_of_memory_leaves_four_others_at_work():
    if TAIPAN:  # CPython ends where the interpreter itself finds no memory.
        kinds = ["large", "text", "int", "power", "product", "digits"]
        code, out, err = run(EXHAUSTION, arguments=kinds, limits={resource.RLIMIT_AS: 1_500_000 * 1024})
        assert (code, out) == (0, "True [] True\n"), (code, out, err)


def test_forty_threads_alive_at_once_under_a_limit_of_address_space():
    code, out, err = run("""
import threading
over = threading.Event()
t = [threading.Thread(target=lambda: (list(range(10000)), over.wait())) for _ in range(40)]
[x.start() for x in t]; print(threading.active_count()); over.set(); [x.join() for x in t]
""", limits={resource.RLIMIT_AS: 4_000_000 * 1024})
    assert (code, out) == (0, "41\n"), (code, out, err)


def test_a_program_under_a_limit_of_address_space():
    code, out, err = run("""
import json, threading, re
t = [threading.Thread(target=lambda: json.loads(json.dumps(list(range(10000))))) for _ in range(20)]
[x.start() for x in t]; [x.join() for x in t]
d = {i: str(i) for i in range(200000)}
print(len(d), re.sub('a+', 'b', 'aab'))
""", limits={resource.RLIMIT_AS: 4_000_000 * 1024})
    assert (code, out) == (0, "200000 bb\n"), (code, out, err)


def test_few_descriptors_and_a_small_stack():
    code, out, err = run("""
def f(n): return n and f(n - 1)
print(f(900))
for _ in range(500): open('/dev/null')
print('files')
""", limits={resource.RLIMIT_NOFILE: 30, resource.RLIMIT_STACK: 512 * 1024})
    assert (code, out) == (0, "0\nfiles\n"), (code, out, err)


def test_a_thousand_threads():
    done = []
    start = threading.Event()
    def work():
        start.wait()
        done.append(sum(range(100)))
    # Small stacks, so that there is room for all of them under a limit of address space.
    before = threading.stack_size(1 << 20)
    threads = [threading.Thread(target=work) for _ in range(1000)]
    try:
        for t in threads:
            t.start()
    finally:
        threading.stack_size(before)
        start.set()
    for t in threads:
        t.join()
    assert len(done) == 1000 and set(done) == {4950}


def test_the_main_thread_is_the_process():
    assert threading.main_thread().native_id == os.getpid()


def test_fork_beside_busy_threads():
    stop = False
    def work():
        d = {}
        while not stop:
            d[len(d) % 1000] = [len(d)]
    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    try:
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for i in range(20):
                pid = os.fork()
                if pid == 0:
                    x = [[j] for j in range(2000)]
                    os._exit(7 if len(x) == 2000 and threading.active_count() == 1 else 1)
                assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    finally:
        stop = True
        for t in threads:
            t.join()
