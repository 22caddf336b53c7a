"""Threads that mutate one container: values may interleave, structures stay whole."""
import collections
import itertools
import os
import random
import threading

N = int(os.environ.get("RACE_THREADS", 4))
ROUNDS = int(os.environ.get("RACE_ROUNDS", 3000))


def race(*works):
    """Runs each work(i) in N threads at once."""
    errors = []
    gate = threading.Barrier(N * len(works))
    def run(work, i):
        gate.wait()
        try:
            work(i)
        except BaseException as exc:
            errors.append(exc)
    ts = [threading.Thread(target=run, args=(w, i)) for w in works for i in range(N)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    if errors:
        raise errors[0]


def test_list_append():
    l = []
    race(lambda i: [l.append((i, k)) for k in range(ROUNDS)])
    assert len(l) == N * ROUNDS and len(set(l)) == len(l)
    for i in range(N):
        own = [k for j, k in l if j == i]
        assert own == sorted(own)


def test_list_append_and_pop():
    l = list(range(100))
    popped = []
    def push(i):
        for k in range(ROUNDS):
            l.append((i, k))
    def pop(i):
        mine = []
        for _ in range(ROUNDS):
            try:
                mine.append(l.pop())
            except IndexError:
                pass
        popped.append(mine)
    race(push, pop)
    taken = list(itertools.chain(*popped))
    assert len(taken) + len(l) == 100 + N * ROUNDS and len(set(taken) | set(l)) == 100 + N * ROUNDS


def test_list_mixed_mutation_stays_a_list():
    l = list(range(50))
    def work(i):
        rnd = random.Random(i)
        for _ in range(ROUNDS):
            op = rnd.randrange(8)
            try:
                if op == 0:
                    l.append(op)
                elif op == 1:
                    l.insert(rnd.randrange(50), op)
                elif op == 2:
                    l.pop(0)
                elif op == 3:
                    l[rnd.randrange(50)] = op
                elif op == 4:
                    del l[10:12]
                elif op == 5:
                    l.extend([1, 2, 3])
                elif op == 6:
                    l.reverse()
                else:
                    l[5:8] = [7]
            except IndexError:
                pass
            if len(l) > 500:
                del l[100:]
    race(work)
    assert all(isinstance(x, int) for x in l) and len(l) == len(list(l))


def test_list_iterate_while_changed():
    l = list(range(1000))
    stop = []
    def change(i):
        for k in range(ROUNDS):
            l.append(k)
            if len(l) > 1500:
                del l[1000:]
        stop.append(1)
    def read(i):
        while len(stop) < N:
            total = 0
            for x in l:
                assert type(x) is int
                total += 1
            assert total >= 1000 or True
            assert len(l[:]) >= 0 and l[0] == 0
    race(change, read)


def test_list_sort_while_read():
    l = [random.random() for _ in range(500)]
    def sort(i):
        for _ in range(50):
            try:
                l.sort()
            except ValueError:
                pass
    def read(i):
        for _ in range(2000):
            try:
                assert type(l[10]) is float
            except IndexError:
                pass
    race(sort, read)
    assert len(l) == 500


def test_dict_disjoint_keys():
    d = {}
    race(lambda i: [d.__setitem__((i, k), k) for k in range(ROUNDS)])
    assert len(d) == N * ROUNDS and all(d[i, k] == k for i in range(N) for k in range(0, ROUNDS, 37))


def test_dict_same_keys():
    d = {}
    def work(i):
        for k in range(ROUNDS):
            d[k % 100] = (k % 100, i)
            v = d.get((k * 7) % 100)
            assert v is None or v[0] == (k * 7) % 100
    race(work)
    assert sorted(d) == list(range(min(100, ROUNDS))) and all(v[0] == k for k, v in d.items())


def test_dict_insert_and_delete():
    d = {}
    def put(i):
        for k in range(ROUNDS):
            d[f"k{k % 200}"] = f"v{k % 200}"
    def drop(i):
        for k in range(ROUNDS):
            v = d.pop(f"k{k % 200}", None)
            assert v is None or v == f"v{k % 200}"
    def read(i):
        for k in range(ROUNDS):
            v = d.get(f"k{k % 200}")
            assert v is None or v == f"v{k % 200}"
    race(put, drop, read)
    assert all(v == "v" + k[1:] for k, v in d.items()) and len(d) == len(list(d))


def test_dict_setdefault_one_winner():
    d = {}
    won = []
    def work(i):
        for k in range(ROUNDS):
            won.append((k, d.setdefault(k, (i, k))))
    race(work)
    first = {}
    for k, v in won:
        assert first.setdefault(k, v) is v


def test_dict_iterate_while_changed():
    d = {i: i for i in range(200)}
    def change(i):
        for k in range(ROUNDS):
            d[200 + (k + i) % 50] = k
            d.pop(200 + k % 50, None)
    def read(i):
        for _ in range(60):
            try:
                for k, v in d.items():
                    assert k < 300
            except RuntimeError as exc:
                assert "changed" in str(exc)
            assert all(type(k) is int for k in list(d))
            assert len(dict(d)) >= 200
    race(change, read)
    assert all(d[i] == i for i in range(200))


def test_dict_clear_and_copy():
    d = {}
    def fill(i):
        for k in range(ROUNDS):
            d[k % 64] = k
            if k % 500 == 0:
                d.clear()
    def copy(i):
        for _ in range(200):
            c = d.copy()
            assert len(c) <= 64 and len(c) == len(list(c))
            d.update({1: 1})
    race(fill, copy)


def test_popitem_gives_each_once():
    d = {i: i for i in range(N * ROUNDS)}
    out = []
    def work(i):
        mine = []
        while True:
            try:
                mine.append(d.popitem()[0])
            except KeyError:
                break
        out.append(mine)
    race(work)
    assert sorted(itertools.chain(*out)) == list(range(N * ROUNDS)) and not d


def test_set():
    s = set()
    def add(i):
        for k in range(ROUNDS):
            s.add((i, k))
            s.discard((i, k - 50))
    def read(i):
        for k in range(300):
            assert isinstance((0, k) in s, bool)
            assert len(s.copy()) >= 0
            assert s.isdisjoint({"never"})
    race(add, read)
    assert len(s) == N * min(50, ROUNDS)


def test_set_pop_each_once():
    s = set(range(N * ROUNDS))
    out = []
    def work(i):
        mine = []
        while True:
            try:
                mine.append(s.pop())
            except KeyError:
                break
        out.append(mine)
    race(work)
    assert sorted(itertools.chain(*out)) == list(range(N * ROUNDS))


def test_deque():
    d = collections.deque()
    got = []
    def push(i):
        for k in range(ROUNDS):
            (d.append if k % 2 else d.appendleft)((i, k))
    def pop(i):
        mine = []
        for k in range(ROUNDS):
            try:
                mine.append(d.pop() if k % 2 else d.popleft())
            except IndexError:
                pass
        got.append(mine)
    race(push, pop)
    taken = list(itertools.chain(*got))
    assert len(taken) + len(d) == N * ROUNDS and len(set(taken) | set(d)) == N * ROUNDS


def test_bytearray():
    b = bytearray(b"x" * 100)
    def work(i):
        for k in range(ROUNDS):
            b.append(k & 255)
            if len(b) > 400:
                del b[100:]
            b[k % 100] = 120
            bytes(b[:50])
    race(work)
    assert b[:100] == b"x" * 100


def test_attributes_of_one_object():
    class C:
        pass
    c = C()
    def work(i):
        for k in range(ROUNDS):
            setattr(c, f"a{i}_{k % 40}", (i, k))
            assert getattr(c, f"a{i}_{k % 40}") == (i, k)
            c.shared = i
            assert c.shared in range(N)
            if k % 40 == 39:
                for j in range(0, 40, 2):
                    delattr(c, f"a{i}_{j}")
    race(work)
    names = [n for n in vars(c) if n != "shared"]
    assert len(names) == len(set(names)) and all(getattr(c, n)[0] == int(n[1:].split("_")[0]) for n in names)


def test_class_attributes_and_methods_change():
    class C:
        def f(self):
            return 0
    stop = []
    def change(i):
        for k in range(300):
            C.f = lambda self, k=k: k
            C.extra = k
        stop.append(1)
    def call(i):
        c = C()
        while len(stop) < N:
            assert 0 <= c.f() < 300
            assert 0 <= getattr(c, "extra", 0) < 300
    race(change, call)


def test_globals_change():
    ns = {"v": 0}
    exec("def get():\n    return v\ndef put(x):\n    global v\n    v = x\n", ns)
    race(lambda i: [ns["put"](i) or ns["get"]() in range(N) or 1 / 0 for _ in range(ROUNDS)])
    assert ns["get"]() in range(N)


def test_closure_cells():
    n = 0
    def work(i):
        nonlocal n
        for k in range(ROUNDS):
            n = (i, k)
            assert type(n) is tuple and len(n) == 2
    race(work)


def test_shared_iterators_do_not_crash():
    it = iter(range(20000))
    e = enumerate(itertools.count())
    z = zip(iter(range(20000)), iter(range(20000)))
    seen = []
    def work(i):
        mine = 0
        for x in it:
            mine += 1
        for _ in range(500):
            next(e)
            next(z, None)
        seen.append(mine)
    race(work)
    assert sum(seen) >= 20000 - N * 4 or sum(seen) > 0


def test_shared_generator_refuses_or_serves():
    def g():
        for i in range(100000):
            yield i
    it = g()
    got = []
    def work(i):
        for _ in range(1000):
            try:
                got.append(next(it))
            except ValueError as exc:
                assert str(exc) == "generator already executing"
    race(work)
    assert len(got) == len(set(got))


def test_count_is_atomic():
    c = itertools.count()
    out = []
    race(lambda i: out.append([next(c) for _ in range(ROUNDS)]))
    assert sorted(itertools.chain(*out)) == list(range(N * ROUNDS))


def test_string_building_and_interning():
    import sys
    out = []
    race(lambda i: out.append([sys.intern(f"word{k % 50}") for k in range(ROUNDS)]))
    firsts = {}
    for words in out:
        for w in words:
            assert firsts.setdefault(w, w) is w


def test_classes_made_in_parallel():
    import gc
    class Base:
        pass
    made = []
    def work(i):
        for k in range(100):
            made.append(type(f"C{i}_{k}", (Base,), {"v": k}))
    race(work)
    assert len(Base.__subclasses__()) == len(made) == N * 100
    made.clear()
    gc.collect()


def test_weak_containers():
    import gc
    import weakref
    class K:
        pass
    d = weakref.WeakValueDictionary()
    def work(i):
        keep = [K() for _ in range(20)]
        for k in range(300):
            d[i, k % 20] = keep[k % 20]
            assert d.get((i, k % 20)) is keep[k % 20]
            keep[(k + 7) % 20] = K()
    race(work)
    gc.collect()
    assert len(d) == 0


def test_lru_cache_and_regex_cache():
    import functools
    import re
    @functools.lru_cache(maxsize=32)
    def f(x):
        return x * 2
    def work(i):
        for k in range(500):
            assert f(k % 60) == k % 60 * 2
            assert re.match(f"a{k % 30}", f"a{k % 30}b")
    race(work)
