"""Races over the builtin containers. Run by races.py."""
import array
import collections
import itertools
import random
import sys
import threading


def missing(*errors):
    """Swallows what a container that others change may well raise."""
    return Swallow(errors)


class Swallow:
    def __init__(self, errors):
        self.errors = errors

    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        return kind is not None and issubclass(kind, self.errors)


CHANGED = (IndexError, KeyError, RuntimeError, ValueError)


def conserved(race, put, take, rest):
    """What goes in comes out once: put((i, k)) and take() race, rest() gives what is left."""
    took, counts = [[] for _ in range(64)], [0] * 64

    def give(i, k):
        put((i, k))
        counts[i] = k + 1

    def get(i, k):
        with missing(IndexError, KeyError):
            took[i].append(take())

    race.run(give, get, share=0.5)
    out = list(itertools.chain(*took, rest()))
    assert len(out) == sum(counts), (len(out), sum(counts))
    assert len(set(out)) == len(out)
    assert all(k < counts[i] for i, k in out)


def race_list(race):
    l = []
    conserved(race, l.append, l.pop, lambda: l)
    del l[:]
    l.extend(range(50))

    def change(i, k):
        op = (k * 7 + i) % 14
        with missing(IndexError, ValueError):
            if op == 0:
                l.append(op)
            elif op == 1:
                l.insert(k % 60, op)
            elif op == 2:
                l.pop(0)
            elif op == 3:
                l[k % 50] = op
            elif op == 4:
                del l[10:12]
            elif op == 5:
                l.extend([1, 2, 3])
            elif op == 6:
                l.reverse()
            elif op == 7:
                l[5:8] = [7]
            elif op == 8:
                l.sort()
            elif op == 9:
                l.remove(3)
            elif op == 10:
                l[::2] = l[::2]
            elif op == 11:
                l.extend(x for x in range(3))
            elif op == 12:
                l[2:4] = (x for x in (9, 9, 9))
            else:
                l.__iadd__((4, 5))
        if len(l) > 500:
            del l[100:]
        if k % 997 == 0:
            l.clear()

    def read(i, k):
        assert all(type(x) is int and 0 <= x < 50 for x in l)
        c = l.copy()
        assert type(c) is list and all(type(x) is int for x in c) and len(c) == len(list(c))
        assert isinstance(l == c, bool) and isinstance(3 in l, bool)
        assert l.count(3) >= 0 and type(repr(l)) is str
        with missing(IndexError, ValueError):
            assert type(l[k % 60]) is int
            assert l.index(3) >= 0
        assert all(type(x) is int for x in reversed(l))
        assert all(type(x) is int for x in l[3:40:2] + l * 2)
        assert sum(l) >= 0 and all(type(x) is int for x in sorted(l)) and tuple(l) is not None

    race.run(change, read, share=0.5)
    assert len(l) == len(list(l)) and all(type(x) is int for x in l)


def race_dict(race):
    d = {}
    conserved(race, lambda item: d.__setitem__(item, item), lambda: d.popitem()[1], lambda: d)
    d.clear()
    keys = [f"key{n}" for n in range(100)] + list(range(50)) + [(n,) for n in range(20)]

    def change(i, k):
        key = keys[(k * 31 + i) % len(keys)]
        op = (k * 7 + i) % 9
        with missing(KeyError):
            if op < 3:
                d[key] = (key, i)
            elif op == 3:
                del d[key]
            elif op == 4:
                v = d.pop(key, None)
                assert v is None or v[0] == key
            elif op == 5:
                d.update({key: (key, i), "more": ("more", k)})
            elif op == 6:
                assert d.setdefault(key, (key, i))[0] == key
            elif op == 7:
                key, v = d.popitem()
                assert v[0] == key
            elif k % 400 == 8:
                d.clear()

    def read(i, k):
        key = keys[k % len(keys)]
        v = d.get(key)
        assert v is None or v[0] == key
        with missing(KeyError):
            assert d[key][0] == key
        for view in (d, d.keys(), d.values(), d.items()):
            assert len(list(view)) <= len(keys) + 1
        assert all(v[0] == key for key, v in list(d.items()))
        assert all(v[0] == key for key, v in dict(d).items())
        assert all(v[0] == key for key, v in d.copy().items())
        assert all(v[0] == key for key, v in (d | {}).items())
        assert all(v[0] == key for key, v in {**d}.items())
        with missing(RuntimeError):
            assert all(v[0] == key for key, v in d.items())
        with missing(RuntimeError):
            for key in d:
                v = d.get(key)
                assert v is None or v[0] == key
        with missing(RuntimeError):
            assert all(v[0] == key for key, v in reversed(d.items()))
        with missing(RuntimeError):
            assert isinstance(d == dict(d), bool) and type(repr(d)) is str
            assert d.keys() & keys <= set(keys) and isinstance(d.keys() >= {1}, bool)

    race.run(change, read, share=0.5)
    assert len(d) == len(list(d)) == len(list(d.items())) and all(v[0] == key for key, v in d.items())


def race_dict_with_python_keys(race):
    """Equality and hashing in Python open a window in each look-up."""
    class Key:
        def __init__(self, n):
            self.n = n

        def __hash__(self):
            return self.n % 5

        def __eq__(self, other):
            return isinstance(other, Key) and self.n == other.n

    d, s = {}, set()

    def change(i, k):
        n = (k * 7 + i) % 40
        d[Key(n)] = n
        s.add(Key(n))
        if k % 3 == 0:
            v = d.pop(Key((n + 5) % 40), None)
            assert v is None or v == (n + 5) % 40
            s.discard(Key((n + 10) % 40))

    def read(i, k):
        v = d.get(Key(k % 40))
        assert v is None or v == k % 40
        assert isinstance(Key(k % 40) in s, bool)

    race.run(change, read)
    assert all(key.n == v for key, v in d.items()) and len({key.n for key in d}) == len(d)
    assert len({key.n for key in s}) == len(s)


def race_set(race):
    s = set()
    conserved(race, s.add, s.pop, lambda: s)
    s.clear()

    def change(i, k):
        op, n = (k * 5 + i) % 11, k % 70
        with missing(KeyError):
            if op < 3:
                s.add(n)
            elif op == 3:
                s.remove(n)
            elif op == 4:
                s.discard(n)
            elif op == 5:
                assert 0 <= s.pop() < 100
            elif op == 6:
                s.update(range(n, n + 5))
            elif op == 7:
                s.difference_update(range(n, n + 3))
            elif op == 8:
                s.symmetric_difference_update({n, n + 1})
            elif op == 9:
                s.__ior__({n, n + 2})
            elif k % 300 == 0:
                s.clear()
            else:
                s.intersection_update(range(90))

    def read(i, k):
        assert isinstance(k % 70 in s, bool)
        for c in (s.copy(), set(s), frozenset(s), s | {1}, s & {1, 2, 3}, s - {1}, s ^ {2}):
            assert all(0 <= n < 100 for n in c) and len(list(c)) == len(c)
        assert isinstance(s <= {1}, bool) and isinstance(s.isdisjoint(range(3)), bool)
        assert isinstance(s == set(s), bool)
        with missing(RuntimeError):
            assert all(0 <= n < 100 for n in s) and type(repr(s)) is str and sorted(s) is not None

    race.run(change, read, share=0.5)
    assert len(s) == len(list(s)) and all(0 <= n < 100 for n in s)


def race_bytes_and_numbers_come_out_once(race):
    """As `conserved`, where items have no identity."""
    for make, modulus in (bytearray, 251), (lambda: array.array("q"), 1 << 60):
        b = make()
        put, took = [collections.Counter() for _ in range(64)], [collections.Counter() for _ in range(64)]

        def give(i, k):
            v = (k * 64 + i) % modulus
            b.append(v)
            put[i][v] += 1

        def get(i, k):
            with missing(IndexError):
                took[i][b.pop(-1 if k % 2 else 0)] += 1

        race.run(give, get, share=0.5)
        left = collections.Counter(b)
        for one in took:
            left.update(one)
        assert left == collections.Counter(itertools.chain.from_iterable(one.elements() for one in put))


def race_bytearray(race):
    b = bytearray(b"x" * 100)

    def change(i, k):
        op = (k * 5 + i) % 9
        with missing(BufferError, IndexError, ValueError):
            if op == 0:
                b.append(120)
            elif op == 1:
                del b[100:]
            elif op == 2:
                b[k % 100] = 120
            elif op == 3:
                b.extend(b"xxx")
            elif op == 4:
                b[10:20] = b"x" * (k % 20)
            elif op == 5:
                b.insert(5, 120)
            elif op == 6:
                assert b.pop() == 120
            elif op == 7:
                b.__iadd__(b"xx")
            else:
                b.reverse()
        if len(b) > 4000:
            with missing(BufferError):
                del b[50:]

    def read(i, k):
        for c in (bytes(b), b[:], b[3:50], b.replace(b"x", b"x"), b.upper().lower(), b + b"x", b * 2, b"x".join([b, b])):
            assert not c.strip(b"x"), c
        assert b.find(b"y") == -1 and b.count(b"y") == 0 and b"y" not in b and not b.translate(None, b"x")
        assert all(c == 120 for c in b) and not b.decode().strip("x") and b.hex().strip("78") == ""
        with memoryview(b) as m:
            assert bytes(m).strip(b"x") == b"" and all(c == 120 for c in m[:20])
        b"".join([b]).split(b"x")
        assert isinstance(b == bytes(b), bool) and isinstance(int.from_bytes(b[:8]), int)

    race.run(change, read)
    assert not b.strip(b"x")


def race_array(race):
    a = array.array("i", [7] * 50)

    def change(i, k):
        op = (k * 5 + i) % 10
        with missing(BufferError, IndexError, ValueError):
            if op == 0:
                a.append(7)
            elif op == 1:
                del a[50:]
            elif op == 2:
                a[k % 50] = 7
            elif op == 3:
                a.extend([7, 7])
            elif op == 4:
                a[10:20] = array.array("i", [7] * (k % 20))
            elif op == 5:
                a.insert(5, 7)
            elif op == 6:
                assert a.pop() == 7
            elif op == 7:
                a.frombytes(b"\7\0\0\0" * 3)
            elif op == 8:
                a.remove(7)
            else:
                a.reverse()
        if len(a) > 2000:
            with missing(BufferError):
                del a[50:]

    def read(i, k):
        assert all(x == 7 for x in a) and set(a.tolist()) <= {7} and set(a[:20]) <= {7}
        assert a.count(7) >= 0 and a.count(8) == 0 and 8 not in a
        assert not a.tobytes().replace(b"\7\0\0\0", b"")
        with memoryview(a) as m:
            assert all(x == 7 for x in m)
        assert isinstance(a == array.array("i", a), bool) and type(repr(a)) is str
        assert set(a + a) <= {7} and set(a * 2) <= {7}

    race.run(change, read)
    assert set(a) <= {7}


def race_deque(race):
    d = collections.deque()
    conserved(race, d.append, d.popleft, lambda: d)
    d.clear()
    conserved(race, d.appendleft, d.pop, lambda: d)
    d = collections.deque(range(20))

    def change(i, k):
        op = (k * 5 + i) % 10
        with missing(IndexError, ValueError, RuntimeError):
            if op == 0:
                d.append(1)
            elif op == 1:
                d.appendleft(2)
            elif op == 2:
                d.pop()
            elif op == 3:
                d.popleft()
            elif op == 4:
                d.rotate(k % 7 - 3)
            elif op == 5:
                d.extend([1, 2, 3])
            elif op == 6:
                d.insert(3, 4)
            elif op == 7:
                d.remove(1)
            elif op == 8:
                d[2] = 5
            else:
                del d[1]
        if len(d) > 300:
            d.clear()

    def read(i, k):
        with missing(RuntimeError):
            assert all(type(x) is int for x in d)
        with missing(RuntimeError):
            assert all(type(x) is int for x in reversed(d))
        with missing(IndexError, RuntimeError, ValueError):
            assert type(d[len(d) // 2]) is int and d.index(2) >= 0
        with missing(RuntimeError):
            assert d.count(2) >= 0 and len(d.copy()) >= 0 and type(repr(d)) is str
            assert isinstance(2 in d, bool) and isinstance(d == d.copy(), bool)

    race.run(change, read, share=0.4)
    assert len(d) == len(list(d)) and all(type(x) is int for x in d)
    d = collections.deque(maxlen=10)

    def push(i, k):
        (d.append if k % 2 else d.appendleft)(k)
        assert len(d) <= 10
        if k % 9 == 0:
            d.extend(range(5))

    race.run(push, share=0.1)
    assert len(d) == 10 == len(list(d))


def race_ordered_dict(race):
    d = collections.OrderedDict((n, (n, 0)) for n in range(40))

    def change(i, k):
        n = (k * 7 + i) % 60
        op = k % 8
        with missing(KeyError):
            if op < 2:
                d[n] = (n, k)
            elif op == 2:
                del d[n]
            elif op == 3:
                d.move_to_end(n, last=bool(k & 1))
            elif op == 4:
                key, v = d.popitem(last=bool(k & 1))
                assert v[0] == key
            elif op == 5:
                v = d.pop(n, None)
                assert v is None or v[0] == n
            elif op == 6:
                assert d.setdefault(n, (n, k))[0] == n
            else:
                d.update({n: (n, 1)})
        if k % 1000 == 999:
            d.clear()

    def read(i, k):
        for make in (lambda: list(d), lambda: list(d.items()), lambda: list(reversed(d)), d.copy, lambda: list(d.values()),
                     lambda: d == d.copy(), lambda: repr(d)):
            with missing(RuntimeError, KeyError):
                got = make()
                if isinstance(got, dict):
                    assert all(v[0] == n for n, v in got.items())
        v = d.get(k % 60)
        assert v is None or v[0] == k % 60

    race.run(change, read)
    assert len(d) == len(list(d)) == len(list(reversed(d))) == len(dict(d)), (len(d), len(list(d)), len(list(reversed(d))))
    assert list(d) == list(reversed(list(reversed(d)))) and all(v[0] == n for n, v in d.items())


def race_defaultdict_and_counter(race):
    d, c, lock = collections.defaultdict(list), collections.Counter(), threading.Lock()
    counts = [0] * 64
    # All keys are there from the start: who counts does not meet a dict that grows.
    c.update(dict.fromkeys(range(10), 0))

    def work(i, k):
        d[i].append(k)
        d[k % 200, i].append(1)
        counts[i] = k + 1
        with lock:
            c[k % 10] += 1
        c.get("no")
        assert c["no"] == 0
        if k % 50 == 0:
            d.pop(((k + 7) % 200, i), None)
            c.total()
            assert len(c.most_common(3)) <= 3 and type(c.copy()) is collections.Counter
            c.update(())
            collections.Counter(itertools.repeat("a", 20))

    each = race.run(work)
    assert [len(d[i]) for i in range(each)] == counts[:each]
    assert all(d[i] == list(range(counts[i])) for i in range(each))
    assert c.total() == sum(counts)


def race_chain_map_and_user_containers(race):
    first, second = {}, {n: n for n in range(20)}
    m = collections.ChainMap(first, second)
    u, ul = collections.UserDict(), collections.UserList()

    def work(i, k):
        m[k % 20] = k % 20
        assert m[(k + 3) % 20] == (k + 3) % 20
        with missing(KeyError):
            del m[k % 20]
        u[k % 30] = k % 30
        assert u.get((k + 1) % 30, (k + 1) % 30) == (k + 1) % 30
        ul.append(i)
        with missing(IndexError):
            ul.pop()

    race.run(work)
    assert all(v == key for key, v in u.items())


def race_shared_iterators(race):
    """One iterator in many hands, over containers that change: each gives whole items, none more often than it may."""
    l, d, s, q = list(range(200)), {n: n for n in range(200)}, set(range(200)), collections.deque(range(200))
    a, b = array.array("i", range(200)), bytearray(range(200))
    makers = [
        lambda: iter(l), lambda: reversed(l), lambda: iter(d), lambda: iter(d.items()), lambda: iter(d.values()),
        lambda: reversed(d), lambda: iter(s), lambda: iter(q), lambda: reversed(q), lambda: iter(a), lambda: iter(b),
        lambda: zip(l, l), lambda: map(abs, l), lambda: filter(None, l), lambda: enumerate(l),
        lambda: itertools.chain(l, l), lambda: itertools.chain.from_iterable([l, l]), lambda: itertools.islice(l, 5, 100),
        lambda: itertools.cycle(l), lambda: itertools.accumulate(l), lambda: itertools.batched(l, 7),
        lambda: itertools.pairwise(l), lambda: itertools.groupby(l, lambda v: v // 10), lambda: itertools.takewhile(bool, l),
        lambda: itertools.dropwhile(bool, l), lambda: itertools.starmap(max, zip(l, l)), lambda: itertools.compress(l, l),
        lambda: itertools.zip_longest(l, l[:3]), lambda: itertools.product(l[:5], l[:5]), lambda: itertools.permutations(l[:5]),
        lambda: itertools.combinations(l[:6], 3), lambda: itertools.combinations_with_replacement(l[:5], 2),
        lambda: itertools.count(), lambda: itertools.repeat(1, 500), lambda: itertools.filterfalse(None, l),
        lambda: iter("text" * 50), lambda: iter(range(500)), lambda: iter((1, 2, 3) * 50), lambda: iter(b"bytes" * 50),
        lambda: itertools.tee(l)[0], lambda: iter(l.__len__, -1), lambda: iter(memoryview(bytes(b))),
        lambda: (x for x in l), lambda: reversed(range(300)), lambda: iter(enumerate(zip(l, l))),
    ]
    box = [make() for make in makers]

    def read(i, k):
        n = (k * 13 + i) % len(box)
        for _ in range(20):
            with missing(RuntimeError, ValueError, IndexError):
                item = next(box[n], None)
                assert item is None or type(item) in (int, tuple, str)
                if type(item) is tuple:
                    [repr(part) for part in item]
        with missing(AttributeError, TypeError, RuntimeError):
            assert box[n].__length_hint__() >= 0
        if k % 5 == 0:
            with missing(TypeError, RuntimeError, IndexError):
                box[n] = makers[n]()

    def change(i, k):
        with missing(*CHANGED, BufferError):
            n = 200 + k % 30
            l.append(n)
            d[n] = n
            s.add(n)
            q.append(n)
            a.append(n)
            b.append(n)
            if k % 10 == 0:
                l.pop()
                d.pop(n, None)
                s.discard(n)
                q.popleft()
                a.pop()
                b.pop()
            if len(l) > 400:
                for c in (l, a, b):
                    del c[200:]
                q.clear()
                q.extend(range(200))

    race.run(read, read, change)


def race_iterators_give_each_item_once(race):
    """Threads that share an iterator get each item once between them. (In CPython 3.13t most may lose or double some.)"""
    n = 3000
    l = list(range(n))
    t, d, b = tuple(l), dict.fromkeys(l), bytes(range(250))
    text = "".join(map(chr, range(0x100, 0x100 + n)))
    q, a = collections.deque(l), array.array("i", l)

    class Sequence:
        def __len__(self):
            return n

        def __getitem__(self, i):
            if i >= n:
                raise IndexError
            return i

    pairs = list(itertools.combinations(range(50), 2))
    makers = [
        (lambda: iter(l), l), (lambda: reversed(l), l), (lambda: iter(t), l), (lambda: iter(range(n)), l),
        (lambda: iter(range(2**70, 2**70 + n)), range(2**70, 2**70 + n)), (lambda: iter(text), text),
        (lambda: iter("".join(map(chr, range(128)))), map(chr, range(128))), (lambda: iter(b), b), (lambda: iter(bytearray(b)), b),
        (lambda: iter(memoryview(b)), b), (lambda: iter(d), l), (lambda: iter(d.items()), d.items()), (lambda: reversed(d), l),
        (lambda: iter(set(l)), l), (lambda: iter(q), l), (lambda: reversed(q), l), (lambda: iter(a), l),
        (lambda: iter(Sequence()), l), (lambda: reversed(Sequence()), l), (lambda: iter(collections.OrderedDict(d)), l),
        (lambda: map(abs, l), l), (lambda: filter(None, l), l[1:]), (lambda: itertools.islice(itertools.count(), n), l),
        (lambda: itertools.chain(l, text, b""), [*l, *text]),
        (lambda: itertools.chain.from_iterable([(x, -x - 1) for x in l]), [*l, *(-x - 1 for x in l)]),
        (lambda: itertools.repeat(7, n), [7] * n), (lambda: itertools.accumulate(itertools.repeat(1, n)), range(1, n + 1)),
        (lambda: itertools.combinations(range(50), 2), pairs), (lambda: itertools.tee(range(n))[0], l), (lambda: (x for x in l), l),
    ]

    def shared(it):
        seen = [[] for _ in range(64)]

        def pull(i, k):
            try:
                with missing(ValueError, RuntimeError):
                    for _ in range(30):
                        seen[i].append(next(it))
            except StopIteration:
                race.over = True
            if k > n:
                race.over = True

        race.run(pull, share=0.1)
        return list(itertools.chain(*seen))

    for make, expected in makers:
        it = make()
        got = collections.Counter(shared(it))
        got.update(it)
        expected = collections.Counter(expected)
        assert got == expected, (it, list(got - expected)[:20], list(expected - got)[:20])
    # Of pairs each half comes once; which of them go together is nobody's guess.
    for it in (enumerate(l), zip(l, l), itertools.zip_longest(l, l)):
        # At the end `zip_longest` may give what two threads took in two pairs.
        got = [[x for x in half if x is not None] for half in zip(*shared(it), *it)]
        assert sorted(got[0]) == sorted(got[1]) == l, it
    it = itertools.pairwise(l)
    got = shared(it) + list(it)
    assert len({x for x, y in got}) == len({y for x, y in got}) == len(got), it
    # About every seventh: which, and at the end how many, depends on who took what in between.
    it = itertools.islice(l, 10, None, 7)
    got = shared(it) + list(it)
    assert len(got) == len(set(got)) <= len(l[10::7]), (it, len(got))
    it = itertools.batched(l, 7)
    assert sorted(x for batch in shared(it) + list(it) for x in batch) == l, it
    # Who finds the end while others still save what they took goes round without it.
    assert set(shared(itertools.cycle(l[:100]))) == set(l[:100])


def race_count_gives_each_number_once(race):
    """`itertools.count` loses and doubles nothing."""
    counter = itertools.count()
    seen = [[] for _ in range(64)]

    def work(i, k):
        seen[i].append(next(counter))

    race.run(work)
    numbers = list(itertools.chain(*seen))
    assert len(set(numbers)) == len(numbers) == max(numbers) + 1


def race_sort(race):
    l = [random.random() for _ in range(300)]

    def sort(i, k):
        with missing(ValueError):
            if k % 3 == 0:
                l.sort(key=lambda v: -v)
            elif k % 3 == 1:
                l.sort(reverse=True)
            else:
                l.sort()

    def read(i, k):
        with missing(IndexError):
            assert type(l[k % 300]) is float
        c = sorted(l)
        assert all(x <= y for x, y in itertools.pairwise(c)) and len(c) <= 300
        if k % 10 == 0:
            random.shuffle(c)

    race.run(sort, read)
    assert len(l) == 300 and len(set(l)) == 300


def race_sort_and_append(race):
    """What one thread appends while others sort is in the list afterwards, once."""
    l, counts = [], [0] * 64

    def append(i, k):
        if len(l) < 3000:
            l.append(i * 1000000 + counts[i])
            counts[i] += 1

    def sort(i, k):
        with missing(ValueError):
            l.sort(reverse=k % 2 == 0)

    def sort_by_key(i, k):
        with missing(ValueError):
            l.sort(key=lambda v: -v)

    def all_there():
        assert sorted(l) == [i * 1000000 + n for i in range(64) for n in range(counts[i])]

    race.run(append, sort, share=0.5)
    all_there()
    if "Taipan" in sys.version:
        # CPython drops what is appended while Python code computes keys.
        del l[:]
        counts[:] = [0] * 64
        race.run(append, sort, sort_by_key, sort_by_key, share=0.5)
        all_there()


def race_tuples_strings_ints(race):
    """Immutable values that many threads make, hash and intern at once."""
    shared = [tuple(range(n)) for n in range(20)]
    words = {}

    def work(i, k):
        t = shared[k % 20]
        assert t == tuple(range(k % 20)) and hash(t) == hash(tuple(range(k % 20)))
        s = f"word{k % 100}"
        w = sys.intern(s)
        assert words.setdefault(s, w) is w
        big = 1 << (60 + k % 80)
        assert int(str(big)) == big and big.bit_length() == 61 + k % 80
        assert "".join(["é" * (k % 20), "€", s]).encode().decode().endswith(s)
        assert s.upper().lower() == s and s.replace("o", "x").replace("x", "o") == s
        text = s * 20
        assert hash(text) == hash(s * 20)

    race.run(work)
