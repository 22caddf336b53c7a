"""Operations over many items while another thread collects all the time: they stop amid their work, and nothing is lost."""
import array
import base64
import collections
import gc
import itertools
import json
import random
import re
import struct
import sys
import threading
import time
import unicodedata

N = 120000


class collecting:
    """Another thread makes garbage and collects, as fast as it can."""

    def __enter__(self):
        self.stop = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stop:
            junk = [[i] for i in range(1000)]
            gc.collect(0)
            del junk
            time.sleep(0)

    def __exit__(self, *exc):
        self.stop = True
        self.thread.join()


def items(n=N):
    """Objects that only the list holds."""
    return [(i, str(i)) for i in range(n)]


def check(got, want=None):
    want = range(N) if want is None else want
    assert len(got) == len(want)
    assert all(type(x) is tuple and x[0] == i and x[1] == str(i) for x, i in zip(got, want))


def test_lists():
    with collecting():
        x = items()
        check(x[:])
        check(list(x))
        check(x.copy() + [])
        y = []
        y.extend(x)
        y.insert(0, (-1, "-1"))
        assert y.pop(0) == (-1, "-1")
        check(y)
        y[10:10] = x[:50000]
        del y[10:50010]
        check(y)
        y.reverse()
        check(y, range(N - 1, -1, -1))
        check((x * 2)[N:])
        check(x[::2], range(0, N, 2))
        z = items()
        z[::2] = x[::2]
        check(z)
        del z[::2]
        check(z, range(1, N, 2))
        check(sorted(y))
        y.sort(key=lambda v: -v[0])
        check(y, range(N - 1, -1, -1))


def test_tuples():
    with collecting():
        x = tuple(items())
        check(x)
        check((x + x)[N:])
        check((x * 2)[:N])
        check(x[1:], range(1, N))
        a, *b = x
        check(b, range(1, N))
        check((lambda *args: args)(*x))
        assert hash(x) == hash(tuple(list(x)))


def test_dicts():
    with collecting():
        d = {i: v for i, v in enumerate(items())}
        check(list(d.values()))
        check(list(dict(d).values()))
        check(list({**d}.values()))
        e = {}
        e.update(d)
        e |= d
        check([e[i] for i in range(N)])
        check([v for _, v in d.items()])
        for i in range(0, N, 2):
            del e[i]
        check(list(e.copy().values()), range(1, N, 2))
        assert d == dict(d) and d != e
        o = collections.OrderedDict(d)
        o.move_to_end(0, last=False)
        check(list(o.values()))


def test_sets():
    with collecting():
        x = items()
        s = set(x)
        t = set(s)
        assert t == s and len(t) == N
        t.update(items())
        check(sorted(t))
        check(sorted(s & t))
        check(sorted(frozenset(s) | t))
        assert s - t == set() and not s ^ t
        check(sorted(t.copy()))


def test_deques():
    with collecting():
        d = collections.deque(items())
        check(d)
        d.rotate(50000)
        d.rotate(-50000)
        check(d.copy())
        d.appendleft((-1, "-1"))
        d.popleft()
        d.reverse()
        check(list(d), range(N - 1, -1, -1))


def test_text():
    with collecting():
        words = [str(i) for i in range(N)]
        text = " ".join(words)
        assert text.split() == words == text.split(" ") and "".join(words) == text.replace(" ", "")
        assert text.encode().decode() == text and (text + "\u20ac").encode().decode() == text + "\u20ac"
        wide = text.replace(" ", "\u20ac")
        assert wide.split("\u20ac") == words and "\u20ac".join(words) == wide
        for codec in "utf-8", "utf-16", "utf-32", "utf-7", "unicode_escape", "raw_unicode_escape", "cp1252":
            assert wide.encode(codec).decode(codec) == wide
        assert text.upper().lower() == text and wide.upper() == wide
        assert (text * 3)[len(text):2 * len(text)] == text and text[::-1][::-1] == text and wide[::-1][::-1] == wide
        assert eval(repr(text)) == text and eval(ascii(wide)) == wide
        assert text.translate({32: None}) == "".join(words)
        assert "\n".join(words).splitlines() == words
        assert text.center(2000000).strip() == text and ("x" + text).zfill(1000000).lstrip("0") == "x" + text
        assert text.count(" ") == N - 1 and text.find("119999") == len(text) - 6 and text.rfind("0 1 2") == 0
        assert json.loads(json.dumps([text, wide])) == [text, wide]
        assert unicodedata.normalize("NFC", unicodedata.normalize("NFD", "\xe4" * N)) == "\xe4" * N
        assert sum(1 for _ in re.finditer("[0-9]+", text)) == N


def test_bytes():
    with collecting():
        data = random.Random(1).randbytes(1000000)
        assert bytes.fromhex(data.hex()) == data and base64.b64decode(base64.b64encode(data)) == data
        b = bytearray(data)
        b[500:500] = data
        del b[500:500 + len(data)]
        assert b == data and bytes(b) == data and b.copy() + b == data * 2
        assert eval(repr(data)) == data
        m = memoryview(b)
        assert m.tolist() == list(data) and m[::-1].tobytes()[::-1] == data and m == data
        assert data.translate(bytes(range(256))) == data and data.upper() == data.title().upper()
        assert data.split(b"\0").__len__() == data.count(0) + 1 and b"\0".join(data.split(b"\0")) == data
        n = int.from_bytes(data[:100000])
        assert n.to_bytes(100000) == data[:100000]
        assert struct.pack("125000q", *struct.unpack("125000q", data)) == data
        a = array.array("q", data)
        assert array.array("q", a.tolist()).tobytes() == data


def test_iterators():
    with collecting():
        x = items()
        check(list(itertools.chain(x)))
        check([a for a, b in zip(x, x)])
        check(list(map(lambda v: v, x)))
        check(list(filter(None, x)))
        check(list(reversed(x)), range(N - 1, -1, -1))
        check([v for i, v in enumerate(x)])
        check(list(itertools.islice(x, None)))


def test_compiling():
    with collecting():
        source = "x = [1, 'a', (2, 3)]\n" * 5000
        names = {}
        exec(compile(source, "f", "exec"), names)
        assert names["x"] == [1, "a", (2, 3)]


def test_longest_stretch_is_measured():
    if not sys.implementation.cache_tag.startswith("taipan"):
        return
    import os
    import subprocess
    # A stretch that ends before the clock is read again counts nothing.
    program = """
import _taipan_testing as t
for _ in range(1000):
    t.take_longest_gap()
    x = [0] * 10**6
    gap = t.take_longest_gap()
    if gap is None or gap > 0:
        print(True)
        break
"""
    for setting in "0", "1":
        env = dict(os.environ, TAIPAN_SAFEPOINT_GAP=setting)
        r = subprocess.run([sys.executable, "-X", "taipan-test-modules", "-c", program], env=env, capture_output=True, text=True)
        assert r.stdout.strip() == "True", r.stderr


def test_what_others_drop_stays_dropped_while_objects_are_listed():
    class Dropped:
        pass
    done = threading.Event()
    def drop():
        while not done.is_set():
            a, b, c = Dropped(), Dropped(), Dropped()
    threads = [threading.Thread(target=drop) for _ in range(3)]
    for t in threads:
        t.start()
    try:
        for _ in range(5):
            # A few in each thread's frame, and on its stack.
            assert sum(type(x) is Dropped for x in gc.get_objects()) < 100
    finally:
        done.set()
        for t in threads:
            t.join()
