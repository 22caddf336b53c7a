"""deque, heapq, bisect, collections.abc, UserDict, graphlib."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_deque():
    from collections import deque
    d = deque([1, 2, 3], maxlen=3)
    d.append(4)
    assert list(d) == [2, 3, 4] and d.maxlen == 3 and repr(d) == "deque([2, 3, 4], maxlen=3)"
    d = deque("abc")
    d.rotate(1)
    d.appendleft("z")
    d.extendleft("xy")
    assert list(d) == list("yxzcab") and d.popleft() == "y" and d.pop() == "b" and d[1] == "z" and d.index("c") == 2 and d.count("a") == 1 and "a" in d and len(d) == 4
    d.insert(1, "i")
    d.remove("z")
    d.reverse()
    d[0] = "A"
    del d[1]
    assert list(d) == ["A", "i", "x"] and d.copy() == d and d + deque("q") == deque(["A", "i", "x", "q"]) and d * 2 == deque(list(d) * 2) and d < deque(["B"]) and list(reversed(d)) == ["x", "i", "A"]
    raises(IndexError, deque().pop)
    raises(ValueError, d.remove, "none")
    def change():
        for x in d:
            d.append(1)
    assert str(raises(RuntimeError, change)) == "deque mutated during iteration"
    big = deque(range(10000))
    for i in range(5000):
        big.append(big.popleft())
    assert big[0] == 5000 and big[-1] == 4999 and sum(big) == 49995000


def test_heapq():
    import heapq, random
    r = random.Random(1)
    h = []
    for _ in range(500):
        heapq.heappush(h, r.randrange(1000))
    out = [heapq.heappop(h) for _ in range(500)]
    assert out == sorted(out) and heapq.nlargest(2, [1, 5, 3]) == [5, 3] and heapq.nsmallest(2, [1, 5, 3], key=lambda x: -x) == [5, 3] and list(heapq.merge([1, 4], [2, 3])) == [1, 2, 3, 4] and heapq.heapreplace([1, 2], 0) == 1 and heapq.heappushpop([1, 2], 0) == 0
    h = [5, 3, 1]
    heapq.heapify(h)
    assert h[0] == 1
    raises(IndexError, heapq.heappop, [])


def test_bisect():
    import bisect
    a = [1, 3, 3, 5]
    assert bisect.bisect_left(a, 3) == 1 and bisect.bisect_right(a, 3) == 3 and bisect.bisect(a, 9) == 4 and bisect.bisect_left(a, 3, 2) == 2 and bisect.bisect_left([(1, "x"), (2, "y")], 2, key=lambda p: p[0]) == 1
    bisect.insort(a, 4)
    assert a == [1, 3, 3, 4, 5]


def test_abcs():
    import collections.abc as c
    assert isinstance([], c.MutableSequence) and isinstance({}, c.MutableMapping) and isinstance("", c.Sequence) and isinstance(len, c.Callable) and isinstance((x for x in ()), c.Generator) and isinstance({}.keys(), c.KeysView) and isinstance(b"", c.ByteString if hasattr(c, "ByteString") else bytes) and not isinstance(5, c.Iterable) and isinstance(range(1), c.Reversible) and isinstance(memoryview(b""), c.Buffer) and issubclass(dict, c.Mapping) and isinstance([], c.Hashable) is False
    class S(c.Sequence):
        def __getitem__(self, i):
            if i >= 3: raise IndexError
            return i
        def __len__(self): return 3
    s = S()
    assert list(s) == [0, 1, 2] and 2 in s and s.index(1) == 1 and list(reversed(s)) == [2, 1, 0] and s.count(0) == 1
    class M(c.MutableMapping):
        def __init__(self): self.d = {}
        def __getitem__(self, k): return self.d[k]
        def __setitem__(self, k, v): self.d[k] = v
        def __delitem__(self, k): del self.d[k]
        def __iter__(self): return iter(self.d)
        def __len__(self): return len(self.d)
    m = M()
    m.update(a=1)
    assert m.setdefault("b", 2) == 2 and m.pop("a") == 1 and dict(m) == {"b": 2} and m == {"b": 2} and m.get("z", 0) == 0 and list(m.items()) == [("b", 2)]
    class Len:
        def __len__(self): return 1
    assert isinstance(Len(), c.Sized)
    raises(TypeError, type("Bad", (c.Sequence,), {}))


def test_user_types():
    from collections import UserDict, UserList, UserString
    class D(UserDict):
        def __setitem__(self, k, v): super().__setitem__(str(k), v)
    d = D({1: 2})
    assert d == {"1": 2} and UserList([1]) + [2] == [1, 2] and UserString("a") + "b" == "ab"


def test_graphlib():
    import graphlib
    assert list(graphlib.TopologicalSorter({"c": {"b"}, "b": {"a"}}).static_order()) == ["a", "b", "c"]
    raises(graphlib.CycleError, lambda: list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order()))


def test_simple_namespace_and_types():
    import types
    n = types.SimpleNamespace(a=1, b="x")
    n.c = 3
    assert repr(n) == "namespace(a=1, b='x', c=3)" and n == types.SimpleNamespace(a=1, b="x", c=3) and vars(n)["a"] == 1 and types.SimpleNamespace({"z": 1}).z == 1
    class C: pass
    n = types.new_class("N", (C,), {}, lambda ns: ns.update(x=5))
    assert n.x == 5 and issubclass(n, C) and types.prepare_class("A")[0] is type and isinstance(types.NoneType, type) and types.EllipsisType is type(...)
    @types.DynamicClassAttribute
    def f(self): return 1
    assert f is not None


def test_ordered_dict_semantics():
    from collections import OrderedDict
    o = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
    o["a"] = 9
    assert list(o) == ["a", "b", "c"] and list(reversed(o)) == ["c", "b", "a"]
    del o["b"]
    o["b"] = 1
    o.move_to_end("c", last=False)
    assert list(o) == ["c", "a", "b"] and o.popitem() == ("b", 1) and o == {"c": 3, "a": 9} and o | {"z": 1} == OrderedDict([("c", 3), ("a", 9), ("z", 1)])
    import pickle, copy
    assert pickle.loads(pickle.dumps(o)) == o and copy.copy(o) == o


def test_counter_arithmetic():
    from collections import Counter
    a, b = Counter(a=3, b=1), Counter(a=1, b=2)
    assert a + b == Counter(a=4, b=3) and a - b == Counter(a=2) and a & b == Counter(a=1, b=1) and a | b == Counter(a=3, b=2) and list(Counter(a=2).elements()) == ["a", "a"] and a <= a + b and +Counter(a=-1) == Counter() and repr(Counter("aab")) == "Counter({'a': 2, 'b': 1})"
    a.subtract("aa")
    a.update(["z"])
    assert a == Counter(a=1, b=1, z=1)
