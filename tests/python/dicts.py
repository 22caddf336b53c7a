"""dict and its views: order, methods, odd keys, mutation while looking."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_construction():
    assert dict() == {} and dict(a=1) == {"a": 1} and dict([("a", 1)], b=2) == {"a": 1, "b": 2} and dict({"a": 1}) == {"a": 1} and {**{"a": 1}, "a": 2} == {"a": 2} and dict.fromkeys("ab") == {"a": None, "b": None} and dict.fromkeys([1], 2) == {1: 2} and dict(zip("ab", [1, 2])) == {"a": 1, "b": 2}
    class M:
        def keys(self):
            return ["x"]
        def __getitem__(self, k):
            return k * 2
    assert dict(M()) == {"x": "xx"}
    assert str(raises(ValueError, dict, [(1, 2, 3)])) == "dictionary update sequence element #0 has length 3; 2 is required" and str(raises(TypeError, dict, [1])) == "cannot convert dictionary update sequence element #0 to a sequence"


def test_order():
    d = {}
    for i in (3, 1, 2):
        d[i] = i
    assert list(d) == [3, 1, 2]
    del d[3]
    d[3] = 0
    assert list(d) == [1, 2, 3]
    d[1] = "changed"
    assert list(d) == [1, 2, 3] and list(reversed(d)) == [3, 2, 1] and d.popitem() == (3, 0) and next(iter(d)) == 1
    assert {1: 2, 3: 4} == {3: 4, 1: 2} and {1: 2} != {1: 3}


def test_methods():
    d = {"a": 1}
    assert d.get("a") == 1 and d.get("b") is None and d.get("b", 2) == 2 and d.setdefault("a", 9) == 1 and d.setdefault("c", 3) == 3 and d.setdefault("n") is None and d.pop("c") == 3 and d.pop("zz", 5) == 5 and "a" in d and len(d) == 2
    d.update({"x": 1}, y=2)
    d.update([("z", 3)])
    d |= {"w": 4}
    assert list(d) == ["a", "n", "x", "y", "z", "w"] and d | {"a": 0} == {**d, "a": 0} and ({"q": 1} | d)["q"] == 1
    c = d.copy()
    d.clear()
    assert d == {} and len(c) == 6
    assert raises(KeyError, d.pop, "x").args == ("x",) and raises(KeyError, d.popitem).args == ("popitem(): dictionary is empty",) and raises(KeyError, lambda: d[1, 2]).args == ((1, 2),)


def test_keys_equal_across_types():
    d = {1: "int"}
    d[1.0] = "float"
    d[True] = "bool"
    assert d == {1: "bool"} and list(d) == [1] and type(list(d)[0]) is int and {0: 1}[False] == 1 and {2**60: 1}[float(2**60)] == 1 and {"a": 1}.get(b"a") is None


def test_unhashable():
    assert str(raises(TypeError, lambda: {[]: 1})) == "unhashable type: 'list'" and str(raises(TypeError, lambda: {}.get({}))) == "unhashable type: 'dict'"
    raises(TypeError, lambda: [] in {})


def test_collisions_and_custom_hash():
    class K:
        def __init__(self, v):
            self.v = v
        def __hash__(self):
            return 1
        def __eq__(self, o):
            return isinstance(o, K) and self.v == o.v
    d = {K(i): i for i in range(50)}
    assert all(d[K(i)] == i for i in range(50)) and K(99) not in d
    for i in range(0, 50, 2):
        del d[K(i)]
    assert len(d) == 25 and all((K(i) in d) == bool(i % 2) for i in range(50))


def test_views():
    d = {"a": 1, "b": 2}
    k, v, i = d.keys(), d.values(), d.items()
    d["c"] = 3
    assert list(k) == ["a", "b", "c"] and list(v) == [1, 2, 3] and list(i) == [("a", 1), ("b", 2), ("c", 3)] and len(k) == 3 and "a" in k and ("a", 1) in i and ("a", 2) not in i and 3 in v
    assert k & {"a", "z"} == {"a"} and k | {"z"} == {"a", "b", "c", "z"} and k - {"a"} == {"b", "c"} and k ^ {"a", "z"} == {"b", "c", "z"} and {"a"} <= k and k == {"a", "b", "c"} and i & {("a", 1)} == {("a", 1)} and k.isdisjoint(["q"])
    assert repr(k) == "dict_keys(['a', 'b', 'c'])" and repr(v) == "dict_values([1, 2, 3])" and repr(i) == "dict_items([('a', 1), ('b', 2), ('c', 3)])" and list(reversed(k)) == ["c", "b", "a"] and k.mapping["a"] == 1 and d.values() != d.values()


def test_change_during_iteration():
    def add():
        for k in d:
            d[k + 100] = 1
    d = {1: 1}
    assert str(raises(RuntimeError, add)) == "dictionary changed size during iteration"
    def swap():
        for k in d:
            del d[k]
            d[k + 1] = 1
    d = {1: 1, 50: 1}
    exc = raises(RuntimeError, swap)
    d = {1: 1, 2: 2}
    for k in d:
        d[k] = 0
    assert d == {1: 0, 2: 0}
    for k in list(d):
        del d[k]


def test_missing():
    class D(dict):
        def __missing__(self, k):
            self[k] = []
            return self[k]
    d = D()
    d["a"].append(1)
    assert d == {"a": [1]} and d.get("b") is None and "b" not in d


def test_recursive_repr():
    d = {}
    d["self"] = d
    assert repr(d) == "{'self': {...}}"
    l = [d]
    d["l"] = l
    assert repr(l) == "[{'self': {...}, 'l': [...]}]"


def test_many():
    d = {}
    for i in range(50000):
        d[i * 7919 % 100003] = i
    assert len(d) == 50000 and all(d[i * 7919 % 100003] == i for i in range(0, 50000, 97))
    for i in range(0, 50000, 2):
        del d[i * 7919 % 100003]
    assert len(d) == 25000
    s = {str(i): i for i in range(20000)}
    assert s["19999"] == 19999 and "20000" not in s and sum(s.values()) == 199990000


def test_delete_and_reinsert_many_times():
    d = {}
    for i in range(10000):
        d[i] = 1
        if i >= 10:
            del d[i - 10]
    assert list(d) == list(range(9990, 10000))
    for _ in range(5000):
        d["k"] = 1
        del d["k"]
    assert "k" not in d and len(d) == 10


def test_eq_that_mutates():
    class Evil:
        def __hash__(self):
            return 1
        def __eq__(self, o):
            d.clear()
            return False
    d = {}
    d[Evil()] = 1
    d[1] = 2
    d.get(Evil())
    class Evil2(Evil):
        __hash__ = Evil.__hash__
        def __eq__(self, o):
            for i in range(50):
                d[i] = i
            return False
    d = {1: 0}
    d[Evil2()] = 5
    assert any(v == 5 for v in d.values())


def test_subclass_and_or():
    class D(dict):
        pass
    assert type(D(a=1) | {"b": 2}) is dict and type(D().copy()) is dict and D(a=1) == {"a": 1} and isinstance(D.fromkeys("a"), D)
    raises(TypeError, lambda: {} | [])
    d = {}
    d |= [("a", 1)]
    assert d == {"a": 1}


def test_mappingproxy():
    import types
    m = types.MappingProxyType({"a": 1})
    assert m["a"] == 1 and list(m) == ["a"] and len(m) == 1 and m == {"a": 1} and m | {"b": 2} == {"a": 1, "b": 2} and repr(m) == "mappingproxy({'a': 1})" and m.copy() == {"a": 1}
    raises(AttributeError, lambda: m.__setitem__)


def test_collections_types():
    from collections import OrderedDict, defaultdict, Counter, ChainMap
    o = OrderedDict(a=1, b=2)
    o.move_to_end("a")
    assert list(o) == ["b", "a"] and o.popitem(last=False) == ("b", 2) and OrderedDict(a=1, b=2) != OrderedDict(b=2, a=1) and repr(o) == "OrderedDict({'a': 1})"
    d = defaultdict(list)
    d["x"].append(1)
    assert d == {"x": [1]} and d.default_factory is list and "y" not in d
    c = Counter("abracadabra")
    assert c.most_common(2) == [("a", 5), ("b", 2)] and c["z"] == 0 and c + c == Counter({k: v * 2 for k, v in c.items()}) and sum(c.values()) == 11 and c.total() == 11 and (c - Counter("aaaaa"))["a"] == 0
    m = ChainMap({"a": 1}, {"a": 2, "b": 3})
    assert m["a"] == 1 and m["b"] == 3 and sorted(m) == ["a", "b"]


def test_globals_style_dict_and_int_keys_mixed():
    d = {"a": 1}
    d[5] = 2
    d[None] = 3
    d[(1, "x")] = 4
    d[frozenset([1])] = 5
    assert d[5] == 2 and d[None] == 3 and d[1, "x"] == 4 and d[frozenset([1])] == 5 and d["a"] == 1
    del d["a"]
    assert len(d) == 4


def test_many_keys_of_one_hash():
    class Key:
        asked = 0

        def __init__(self, n):
            self.n = n

        def __hash__(self):
            return 7

        def __eq__(self, other):
            Key.asked += 1
            return self.n == other.n

    keys = [Key(n) for n in range(250)]
    d, s = dict.fromkeys(keys), set(keys)
    assert len(d) == len(s) == 250
    # Each key is compared with those before it, once.
    Key.asked = 0
    assert {**d} == d and dict.fromkeys(keys) == d and len(set(keys)) == 250
    assert Key.asked <= 6 * 250 * 250
    # A search asks a key that it meets once or, in a set, a few times, and finds the last one.
    Key.asked = 0
    assert Key(249) in d and Key(249) in s and Key(250) not in d and Key(250) not in s
    assert Key.asked <= 5000
    # Far too many for a search that begins anew after each question.
    many = [i * ((1 << 61) - 1) for i in range(1, 2000)]
    assert len(set(many)) == len(dict.fromkeys(many)) == 1999


def test_a_key_whose_comparison_changes_the_dict():
    class Key:
        def __init__(self, n, act=None):
            self.n, self.act = n, act

        def __hash__(self):
            return 7

        def __eq__(self, other):
            act, self.act = self.act, None
            if act:
                act()
            return self.n == other.n

    for make in (dict.fromkeys, set):
        add = lambda c, k: c.add(k) if isinstance(c, set) else c.update({k: None})
        c = make([Key(0), Key(1), Key(2)])
        probe = Key(2)
        # While it is compared with the first key, an equal one comes, and others.
        first = next(iter(c))
        first.act = lambda: [add(c, Key(n)) for n in range(2, 40)]
        assert probe in c and len(c) == 40
        for k in list(c):
            k.act = c.clear
        assert Key(3) not in c and len(c) == 0
