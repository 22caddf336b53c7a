"""tuple, range, slice, enumerate, zip, map, filter, reversed, iterators."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_tuple():
    t = (1, "a", None)
    assert t[0] == 1 and t[-1] is None and t[1:] == ("a", None) and t + (2,) == (1, "a", None, 2) and (1,) * 3 == (1, 1, 1) and () == tuple() and tuple("ab") == ("a", "b") and (1,) != 1 and t.index("a") == 1 and t.count(1) == 1 and hash((1, 2)) == hash((1, 2)) and "a" in t and len(()) == 0
    assert (1, 2) < (1, 3) and (1,) < (1, 0) and repr((1,)) == "(1,)" and repr(()) == "()" and tuple(t) is t and (1, (2, (3,)))[1][1][0] == 3 and (1, 2.0) == (1.0, 2) and t[:] is t
    raises(TypeError, hash, ([],))
    raises(IndexError, lambda: t[3])
    raises(TypeError, lambda: t + [1])
    assert hash(()) != hash((0,)) and len({(i, j) for i in range(30) for j in range(30)}) == 900


def test_tuple_subclasses():
    from collections import namedtuple
    P = namedtuple("P", "x y", defaults=[5])
    p = P(1)
    assert p == (1, 5) and p.x == 1 and p._replace(x=3) == (3, 5) and p._asdict() == {"x": 1, "y": 5} and P._fields == ("x", "y") and repr(p) == "P(x=1, y=5)" and P._make([7, 8]).y == 8 and isinstance(p, tuple)
    import typing
    class N(typing.NamedTuple):
        a: int
        b: str = "d"
    assert N(1) == (1, "d") and N.__annotations__ == {"a": int, "b": str}
    import os, time, sys
    assert time.gmtime(0).tm_year == 1970 and sys.version_info[0] == 3 and sys.version_info.major == 3 and os.stat(".").st_mode == os.stat(".")[0]


def test_range():
    r = range(2, 20, 3)
    assert list(r) == [2, 5, 8, 11, 14, 17] and len(r) == 6 and r[1] == 5 and r[-1] == 17 and r[1:3] == range(5, 11, 3) and r[::-1] == range(17, -1, -3) and 8 in r and 9 not in r and r.index(11) == 3 and r.count(5) == 1 and (r.start, r.stop, r.step) == (2, 20, 3)
    assert list(range(5, 0, -2)) == [5, 3, 1] and list(range(0)) == [] and range(0) == range(5, 5) and hash(range(0)) == hash(range(3, 3)) and repr(range(3)) == "range(0, 3)" and repr(range(1, 2, 3)) == "range(1, 2, 3)" and list(reversed(range(3))) == [2, 1, 0] and bool(range(0)) is False
    big = range(10**30, 10**30 + 5)
    assert list(big)[-1] == 10**30 + 4 and len(big) == 5 and 10**30 in big and range(2**100)[2**99] == 2**99 and 5.0 in range(10) and "a" not in range(3)
    raises(ValueError, range, 1, 2, 0)
    raises(TypeError, range, 1.5)
    raises(OverflowError, len, range(2**100))
    raises(IndexError, lambda: r[9])
    total = 0
    for i in range(10**18, 10**18 + 3):
        total += i
    assert total == 3 * 10**18 + 3 and [i for i in range(2**49 - 2, 2**49 + 2)][-1] == 2**49 + 1 and [i for i in range(2**63 - 1, 2**63 + 2)] == [2**63 - 1, 2**63, 2**63 + 1]


def test_slice_objects():
    s = slice(1, 10, 2)
    assert (s.start, s.stop, s.step) == (1, 10, 2) and s.indices(5) == (1, 5, 2) and slice(5) == slice(None, 5, None) and repr(s) == "slice(1, 10, 2)" and slice(None, None, -1).indices(4) == (3, -1, -1) and "abcdef"[slice(-3, None)] == "def" and hash(slice(1)) == hash(slice(1))
    class C:
        def __getitem__(self, k):
            return k
    c = C()
    assert c[1:2] == slice(1, 2) and c[::] == slice(None) and c[1, 2:3, ...] == (1, slice(2, 3), Ellipsis) and c[()] == () and c[*[1, 2]] == (1, 2) and c[1:2, *"a"] == (slice(1, 2), "a")


def test_enumerate_zip():
    assert list(enumerate("ab", 5)) == [(5, "a"), (6, "b")] and list(zip([1, 2], "ab", (True,))) == [(1, "a", True)] and list(zip()) == [] and list(zip("ab", [1, 2], strict=True)) == [("a", 1), ("b", 2)]
    assert "zip() argument 2 is longer than argument 1" == str(raises(ValueError, list, zip([1], [1, 2], strict=True))) and "zip() argument 2 is shorter than argument 1" == str(raises(ValueError, list, zip([1, 2], [1], strict=True)))
    e = enumerate([1], start=2**63)
    assert next(e) == (2**63, 1) and next(e, None) is None


def test_map_filter_reversed():
    assert list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])) == [11, 22] and list(filter(None, [0, 1, "", "a"])) == [1, "a"] and list(filter(lambda x: x > 1, [1, 2])) == [2] and list(map(str, range(3))) == ["0", "1", "2"] and list(reversed([1, 2])) == [2, 1] and list(reversed("ab")) == ["b", "a"]
    class R:
        def __reversed__(self):
            return iter("custom")
        def __len__(self):
            return 2
    class S:
        def __len__(self):
            return 3
        def __getitem__(self, i):
            return i * 2
    assert "".join(reversed(R())) == "custom" and list(reversed(S())) == [4, 2, 0]
    raises(TypeError, reversed, {1})


def test_iter_protocols():
    class Old:
        def __getitem__(self, i):
            if i > 2:
                raise IndexError
            return i
    assert list(Old()) == [0, 1, 2] and 2 in Old() and [*Old()] == [0, 1, 2]
    it = iter(lambda c=[0]: c.append(1) or len(c), 4)
    assert list(it) == [2, 3]
    class It:
        def __init__(self):
            self.n = 0
        def __iter__(self):
            return self
        def __next__(self):
            self.n += 1
            if self.n > 3:
                raise StopIteration
            return self.n
    assert list(It()) == [1, 2, 3] and sum(It()) == 6 and max(It()) == 3 and (2 in It()) and dict(zip(It(), It())) == {1: 1, 2: 2, 3: 3}
    raises(TypeError, iter, 5)
    class NoIter:
        __iter__ = None
        def __getitem__(self, i):
            return i
    raises(TypeError, iter, NoIter())
    import operator
    assert operator.length_hint(iter([1, 2])) == 2 and operator.length_hint(It(), 7) == 7


def test_star_assignment():
    a, *b = [1, 2, 3]
    *c, d = "xyz"
    e, *f, g = range(5)
    h, (i, *j), [k, l] = 1, (2, 3, 4), [5, 6]
    assert (a, b, c, d, e, f, g, h, i, j, k, l) == (1, [2, 3], ["x", "y"], "z", 0, [1, 2, 3], 4, 1, 2, [3, 4], 5, 6)
    for x, *y in [(1, 2, 3), "ab"]:
        pass
    assert (x, y) == ("a", ["b"])
    *m, = ()
    assert m == []
    def unpack(n, v):
        if n == 2:
            a, b = v
        else:
            a, *b, c = v
    assert str(raises(ValueError, unpack, 2, [1])) == "not enough values to unpack (expected 2, got 1)" and str(raises(ValueError, unpack, 2, [1, 2, 3])) == "too many values to unpack (expected 2)" and str(raises(ValueError, unpack, 2, iter([1, 2, 3]))) == "too many values to unpack (expected 2)"
    assert str(raises(ValueError, unpack, 3, [1])) == "not enough values to unpack (expected at least 2, got 1)" and str(raises(TypeError, unpack, 2, 5)) == "cannot unpack non-iterable int object"


def test_displays():
    assert [*range(3), *"a", 5] == [0, 1, 2, "a", 5] and (*[1], 2) == (1, 2) and {*[1, 1], 2} == {1, 2} and {**{"a": 1}, "b": 2, **{"a": 3}} == {"a": 3, "b": 2} and [*()] == []
    x = *[1, 2], 3
    assert x == (1, 2, 3) and [[*a] for a in ["ab"]] == [["a", "b"]]


def test_itertools():
    import itertools as it
    assert list(it.chain([1], "a")) == [1, "a"] and list(it.islice(it.count(5, 2), 3)) == [5, 7, 9] and list(it.product("ab", [1, 2])) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)] and list(it.permutations([1, 2, 3], 2))[:3] == [(1, 2), (1, 3), (2, 1)] and list(it.combinations("abc", 2)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [(k, list(g)) for k, g in it.groupby("aabb")] == [("a", ["a", "a"]), ("b", ["b", "b"])] and list(it.accumulate([1, 2, 3])) == [1, 3, 6] and list(it.takewhile(lambda x: x < 2, [1, 2, 1])) == [1] and list(it.dropwhile(lambda x: x < 2, [1, 2, 1])) == [2, 1] and list(it.zip_longest("ab", "c", fillvalue=0)) == [("a", "c"), ("b", 0)]
    assert list(it.starmap(pow, [(2, 3)])) == [8] and list(it.compress("abc", [1, 0, 1])) == ["a", "c"] and list(it.repeat(1, 2)) == [1, 1] and list(it.filterfalse(None, [0, 1])) == [0] and list(it.pairwise("abc")) == [("a", "b"), ("b", "c")] and list(it.batched("abcde", 2)) == [("a", "b"), ("c", "d"), ("e",)] and list(it.islice(it.cycle("ab"), 5)) == ["a", "b", "a", "b", "a"] and list(it.combinations_with_replacement("ab", 2)) == [("a", "a"), ("a", "b"), ("b", "b")]
    a, b = it.tee([1, 2])
    assert list(a) == list(b) == [1, 2] and list(it.chain.from_iterable(["ab", "c"])) == ["a", "b", "c"] and list(it.accumulate([1, 2], lambda a, b: a * b, initial=5)) == [5, 5, 10]


def test_functional_builtins():
    assert all([]) and not any([]) and all([1, "a"]) and any([0, 1]) and sum([1, 2], 10) == 13 and min(3, 1, 2) == 1 and max("abc", key=lambda c: -ord(c)) == "a" and min([], default=7) == 7 and max([1, 3, 3.0]) == 3 and type(max([3, 3.0])) is int and sum([[1], [2]], []) == [1, 2] and abs(-5) == 5 and divmod(7, -2) == (-4, -1) and callable(len) and not callable(5) and len({1: 2}) == 1
    assert bin(-5) == "-0b101" and hex(255) == "0xff" and oct(8) == "0o10" and ascii("é") == "'\\xe9'" and pow(2, 3) == 8 and round(2.567, 1) == 2.6 and isinstance(hash("a"), int) and eval("1+1") == 2 and next(iter([]), "d") == "d" and sorted([2, 1], reverse=True) == [2, 1] and id(None) == id(None) and repr(...) == "Ellipsis" and NotImplemented is not None
