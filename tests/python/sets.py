"""set and frozenset."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_basics():
    s = {3, 1, 2}
    assert len(s) == 3 and 1 in s and 9 not in s and set() == set([]) and sorted(s) == [1, 2, 3] and {1, 1.0, True} == {1} and set("aab") == {"a", "b"} and repr(set()) == "set()" and repr({1}) == "{1}" and repr(frozenset([1])) == "frozenset({1})" and bool(set()) is False
    s.add(4)
    s.discard(9)
    s.remove(1)
    assert s == {2, 3, 4} and s.pop() in (2, 3, 4) and len(s) == 2
    s.clear()
    assert raises(KeyError, s.pop).args == ("pop from an empty set",) and raises(KeyError, s.remove, 5).args == (5,)


def test_algebra():
    a, b = {1, 2, 3}, {2, 3, 4}
    assert a | b == {1, 2, 3, 4} and a & b == {2, 3} and a - b == {1} and a ^ b == {1, 4} and a.union([9], (8,)) == {1, 2, 3, 8, 9} and a.intersection([1, 2], [2]) == {2} and a.difference([1], [2]) == {3} and a.symmetric_difference([3, 5]) == {1, 2, 5}
    assert {1} < a and a <= a and not a < a and a > {2} and a.issubset(range(9)) and a.issuperset([1]) and a.isdisjoint([7]) and not a <= b and a != b and {1, 2} == frozenset([2, 1])
    for op in ("|", "&", "-", "^", "<"):
        raises(TypeError, eval, f"{{1}} {op} [1]")


def test_in_place():
    a = b = {1, 2, 3}
    a |= {4}
    a &= {2, 3, 4}
    a -= {2}
    a ^= {3, 9}
    assert a is b and b == {4, 9}
    a.update([1], "x")
    a.intersection_update([1, 4])
    a.difference_update([4])
    a.symmetric_difference_update([1, 7])
    assert b == {7}
    a |= a
    a -= a
    assert b == set()


def test_frozenset():
    f = frozenset([1, 2])
    assert hash(f) == hash(frozenset([2, 1])) and {f: 1}[frozenset([1, 2])] == 1 and f | {3} == frozenset([1, 2, 3]) and type(f | {3}) is frozenset and type({3} | f) is set and frozenset(f) is f and f.copy() is f
    raises(AttributeError, lambda: f.add)
    assert frozenset([1]) in {frozenset([1])} and {1} in {frozenset([1])}


def test_change_during_iteration():
    s = {1, 2, 3}
    def f():
        for x in s:
            s.add(x + 10)
    assert str(raises(RuntimeError, f)) == "Set changed size during iteration"


def test_unhashable():
    assert str(raises(TypeError, lambda: {[]})) == "unhashable type: 'list'"
    raises(TypeError, hash, set())
    raises(TypeError, set().add, {})


def test_many():
    s = set()
    for i in range(30000):
        s.add(i * 31 % 50021)
    assert len(s) == 30000
    for i in range(0, 30000, 3):
        s.remove(i * 31 % 50021)
    assert len(s) == 20000 and (31 in s) and (0 not in s)
    assert len({str(i) for i in range(5000)} & {str(i) for i in range(2500, 9000)}) == 2500


def test_subclass():
    class S(set):
        pass
    assert type(S([1]) | {2}) is set and S([1]) == {1} and isinstance(S(), set)
    s = S([1])
    s.tag = 5
    assert s.tag == 5


def test_eq_that_mutates():
    class Evil:
        def __hash__(self):
            return 1
        def __eq__(self, o):
            s.clear()
            return False
    s = set()
    s.add(Evil())
    s.add(1)
    Evil() in s
    s = {1, 2, 3}
    assert s | {Evil()} is not s


def test_abc_and_iteration():
    import collections.abc
    assert isinstance(set(), collections.abc.MutableSet) and isinstance(frozenset(), collections.abc.Set) and sorted(iter({2, 1})) == [1, 2] and max({1, 5}) == 5 and sum({1, 2}) == 3 and [*{1}] == [1] and dict.fromkeys({1}) == {1: None}


def test_order_of_iteration_is_that_of_cpython_whatever_made_the_set():
    import zlib

    class Sub(set):
        pass

    state = 12345

    def below(n):
        nonlocal state
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        return (state >> 8) % n

    seen = []
    for turn in range(120):
        size = (3, 5, 9, 40, 200)[turn % 5]
        span = (20, 700, 1 << 40)[turn % 3]
        a = [below(span) for _ in range(size)]
        b = [below(span) for _ in range(size)]
        x, y = set(a), frozenset(b)
        for k in a[::3]:
            x.discard(k)
            x.add(k ^ 64)
        z = set()
        z.update(dict.fromkeys(a))
        z.update(dict.fromkeys(b))
        w = Sub(b)
        w |= x
        w.clear()
        w.update(a[:4])
        v = set(x)
        v &= y
        v.add(below(span))
        made = [x, y, z, w, v, x | y, x & y, x - y, x ^ y, y | x, set(x), frozenset(z), Sub(y) - x,
                {k & 63 for k in a}, x.union(a, b), x.copy(), set(range(size)) & set(b)]
        while len(v) > 2:
            seen.append(v.pop())
        for s in made:
            seen.extend(s)
    assert len(seen) == 77713, len(seen)
    assert zlib.crc32(repr(seen).encode()) == 919386390, zlib.crc32(repr(seen).encode())


def test_sets_change_places_with_the_results_of_their_operators():
    # A result keeps its first eight entries in its own cell; the set that takes it over does not.
    import gc
    s = set(range(20))
    for i in range(50):
        s |= {i}
        s &= {1, 2, 3}
        s.intersection_update({1, 2}, [2, 1, 5])
        gc.collect()
        assert s == {1, 2}
        s ^= {i + 10}
        assert s == {1, 2, i + 10}
        s -= {i + 10}
    assert list(s) == [1, 2]


def test_the_collector_knows_what_sets_refer_to():
    import gc

    class Node:
        pass

    n, m = Node(), Node()
    few, many = {n, m}, {n, *range(100)}
    assert {id(x) for x in gc.get_referents(few)} == {id(n), id(m)}
    assert id(n) in {id(x) for x in gc.get_referents(many)}
    assert any(r is few for r in gc.get_referrers(m))


def test_lists_grow_and_shrink_in_every_way():
    model = []
    l = []
    for step in range(3000):
        k = step * 7919 % 11
        if k < 5:
            l.append(step)
            model = model + [step]
        elif k == 5 and l:
            assert l.pop() == model[-1]
            model = model[:-1]
        elif k == 6:
            l.insert(len(l) // 2, step)
            model = model[:len(model) // 2] + [step] + model[len(model) // 2:]
        elif k == 7 and l:
            del l[0]
            model = model[1:]
        elif k == 8 and step % 50 == 8:
            del l[3:]
            model = model[:3]
        elif k == 9:
            l.extend((step, step))
            model = model + [step, step]
        assert l == model
