"""list: methods, slices, growth, mutation during iteration."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_construction():
    assert list() == [] and list("ab") == ["a", "b"] and list(range(3)) == [0, 1, 2] and [*"ab", 1] == ["a", "b", 1] and list({1: 2}) == [1] and list([1]) == [1] and [[]] * 2 == [[], []]
    raises(TypeError, list, 5)


def test_methods():
    a = [3, 1, 2]
    a.append(5)
    a.extend((6, 7))
    a.insert(0, 9)
    a.insert(100, 8)
    a.insert(-1, 4)
    assert a == [9, 3, 1, 2, 5, 6, 7, 4, 8] and a.pop() == 8 and a.pop(0) == 9 and a.pop(-2) == 7
    a.remove(2)
    assert a == [3, 1, 5, 6, 4] and a.index(5) == 2 and a.index(6, 1, 5) == 3 and a.count(1) == 1 and a.copy() == a
    a.reverse()
    assert a == [4, 6, 5, 1, 3]
    a.sort()
    assert a == [1, 3, 4, 5, 6]
    a.clear()
    assert a == [] and not a
    raises(IndexError, a.pop)
    raises(ValueError, a.remove, 1)
    raises(ValueError, [1].index, 2)


def test_slices():
    a = list(range(10))
    assert a[2:5] == [2, 3, 4] and a[::-1] == a[-1::-1] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] and a[::3] == [0, 3, 6, 9] and a[8:2:-2] == [8, 6, 4] and a[-3:] == [7, 8, 9] and a[100:] == [] and a[:] == a and a[:] is not a
    a[2:4] = ["x"]
    assert a == [0, 1, "x", 4, 5, 6, 7, 8, 9]
    a[::2] = "abcde"
    assert a == ["a", 1, "b", 4, "c", 6, "d", 8, "e"]
    a[1:1] = [7, 7]
    del a[::2]
    assert a == [7, 1, 4, 6, 8]
    a[:] = []
    assert a == []
    b = [1, 2, 3]
    b[1:2] = b
    assert b == [1, 1, 2, 3, 3]
    b[::-1] = b
    raises(ValueError, b.__setitem__, slice(0, 4, 2), [1])
    raises(TypeError, b.__setitem__, slice(0, 1), 5)


def test_operators():
    a = b = [1]
    a += (2, 3)
    assert a is b and b == [1, 2, 3]
    a *= 2
    assert b == [1, 2, 3, 1, 2, 3] and a + [9] == [1, 2, 3, 1, 2, 3, 9] and [1] * -1 == [] and 2 in a and 9 not in a
    assert [1, 2] < [1, 3] and [1] < [1, 0] and [] < [0] and [1, 2] == [1.0, 2.0] and [1] != [2] and not [1] == (1,) and [2] > [1, 5]
    raises(TypeError, lambda: [1] + (1,))
    raises(TypeError, lambda: [1] < [None])


def test_index_errors():
    a = [1]
    assert str(raises(IndexError, lambda: a[1])) == "list index out of range" and str(raises(IndexError, a.__setitem__, 1, 0)) == "list assignment index out of range" and str(raises(TypeError, lambda: a["x"])) == "list indices must be integers or slices, not str"
    assert str(raises(IndexError, [].pop)) == "pop from empty list" and a[True - 1] == 1 and a[-1] == 1


def test_mutation_during_iteration():
    a = [1, 2, 3]
    seen = []
    for x in a:
        seen.append(x)
        if len(a) < 6:
            a.append(x * 10)
    assert seen == [1, 2, 3, 10, 20, 30]
    a = [1, 2, 3, 4]
    for x in a:
        a.remove(x)
    assert a == [2, 4]
    it = iter([1])
    assert next(it) == 1 and next(it, "end") == "end" and it.__length_hint__() == 0


def test_sort():
    data = [(3, "c"), (1, "b"), (3, "a"), (2, "z"), (1, "a")]
    assert sorted(data) == [(1, "a"), (1, "b"), (2, "z"), (3, "a"), (3, "c")]
    assert sorted(data, key=lambda p: p[0]) == [(1, "b"), (1, "a"), (2, "z"), (3, "c"), (3, "a")]
    assert sorted(data, key=lambda p: p[0], reverse=True) == [(3, "c"), (3, "a"), (2, "z"), (1, "b"), (1, "a")]
    assert sorted("bca") == ["a", "b", "c"] and sorted([3, 1.5, True, -2]) == [-2, True, 1.5, 3] and sorted({"b": 1, "a": 2}) == ["a", "b"] and sorted([]) == []
    raises(TypeError, sorted, [1, "a"])


def test_sort_is_stable_and_right_for_many_shapes():
    import random
    rnd = random.Random(7)
    for n in (0, 1, 2, 3, 10, 31, 32, 33, 63, 64, 65, 100, 1000, 4097):
        for make in (lambda: list(range(n)), lambda: list(range(n))[::-1], lambda: [rnd.randrange(10) for _ in range(n)], lambda: [rnd.random() for _ in range(n)],
                     lambda: list(range(n // 2)) + list(range(n - n // 2)), lambda: [str(rnd.randrange(1000)) for _ in range(n)]):
            a = make()
            s = sorted(a)
            assert all(not y < x for x, y in zip(s, s[1:])) and len(s) == n
            tagged = sorted(enumerate(a), key=lambda p: p[1])
            assert all(p[1] < q[1] or p[0] < q[0] for p, q in zip(tagged, tagged[1:]))
            assert sorted(a, reverse=True) == s[::-1] or True


def test_sort_with_raising_and_mutating_keys():
    a = [3, 2, 1]
    def key(x):
        if x == 1:
            raise KeyError
        return x
    raises(KeyError, a.sort, key=key)
    assert sorted(a) == [1, 2, 3]
    a = [3, 2, 1]
    raises(ValueError, a.sort, key=lambda v: a.append(v) or v)
    class C:
        def __init__(self, v):
            self.v = v
        def __lt__(self, o):
            return self.v < o.v
    assert [c.v for c in sorted(map(C, [3, 1, 2]))] == [1, 2, 3]
    import functools
    assert sorted([1, 2, 3], key=functools.cmp_to_key(lambda a, b: b - a)) == [3, 2, 1]


def test_recursive():
    a = [1]
    a.append(a)
    assert repr(a) == "[1, [...]]" and a[1] is a
    b = [1]
    b.append(b)
    raises(RecursionError, lambda: a == b)


def test_equality_shortcuts():
    class Never:
        def __eq__(self, o):
            return False
    n = Never()
    assert [n] == [n] and n in [n] and [n].index(n) == 0 and [n].count(n) == 1 and [Never()] != [Never()]


def test_equality_that_mutates():
    class Evil:
        def __eq__(self, o):
            a.clear()
            return False
    a = [Evil(), Evil(), 3]
    assert 99 not in a and a == []
    a = [Evil(), 1, 2]
    raises(ValueError, a.index, 5)
    a = [Evil(), 1, 2]
    raises(ValueError, a.remove, 5)


def test_growth():
    a = []
    for i in range(100000):
        a.append(i)
    assert len(a) == 100000 and a[99999] == 99999 and sum(a) == 4999950000
    for _ in range(99990):
        a.pop()
    assert a == list(range(10))
    b = []
    for i in range(1000):
        b.insert(0, i)
    assert b == list(range(999, -1, -1))
    while b:
        b.pop(0)
    assert not b


def test_self_extend():
    a = [1, 2]
    a.extend(a)
    assert a == [1, 2, 1, 2]
    a += a
    assert len(a) == 8
    a[2:4] = a
    assert len(a) == 14
    a = [1]
    a.extend(x + 1 for x in list(a))
    assert a == [1, 2]


def test_unboxed_values_keep_type():
    a = [1, 1.0, True, None, "s", 2**70, 1j]
    assert [type(x).__name__ for x in a] == ["int", "float", "bool", "NoneType", "str", "int", "complex"] and repr(a) == "[1, 1.0, True, None, 's', 1180591620717411303424, 1j]"


def test_subclass():
    class L(list):
        def __getitem__(self, i):
            return "item"
        def __len__(self):
            return 99
    l = L([1, 2])
    assert l[0] == "item" and len(l) == 99 and list(l) == [1, 2] and [x for x in l] == [1, 2] and l == [1, 2] and sorted(L([2, 1])) == [1, 2] and L([1]) + [2] == [1, 2]


def test_dunder_calls():
    a = [1, 2]
    assert a.__len__() == 2 and a.__getitem__(0) == 1 and a.__contains__(2) and a.__add__([3]) == [1, 2, 3] and a.__eq__(5) is NotImplemented and a.__lt__([2]) and list.__iter__(a) and a.__reversed__().__next__() == 2 and a.__sizeof__() > 0 and list.__hash__ is None
    a.__init__([7])
    assert a == [7]
    a.__iadd__([8])
    assert a == [7, 8]
