"""Special methods behind the operators: reflection, in-place forms, NotImplemented, comparison, hashing, truth."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_binary_and_reflected():
    log = []
    class A:
        def __add__(self, o):
            log.append("A.add")
            return NotImplemented
        def __radd__(self, o):
            return ("radd", o)
    class B:
        def __radd__(self, o):
            log.append("B.radd")
            return "B"
    assert A() + B() == "B" and log == ["A.add", "B.radd"] and 5 + A() == ("radd", 5)
    exc = raises(TypeError, lambda: A() + 5)
    assert str(exc) == "unsupported operand type(s) for +: 'A' and 'int'"


def test_subclass_reflected_first():
    log = []
    class A:
        def __add__(self, o):
            log.append("A.add")
            return "A"
        def __radd__(self, o):
            return "A.r"
    class B(A):
        def __radd__(self, o):
            log.append("B.radd")
            return "B"
    class C(A):
        pass
    assert A() + B() == "B" and log == ["B.radd"] and A() + C() == "A" and 1 + B() == "B"


def test_all_operators():
    class V:
        def __init__(self, n="v"):
            self.n = n
        def __repr__(self):
            return self.n
    names = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "lshift": "<<", "rshift": ">>", "and": "&", "or": "|", "xor": "^"}
    for name in names:
        setattr(V, f"__{name}__", lambda self, o, name=name: (name, o))
        setattr(V, f"__r{name}__", lambda self, o, name=name: ("r" + name, o))
    v = V()
    for name, sign in names.items():
        assert eval(f"v {sign} 1", {"v": v}) == (name, 1) and eval(f"1 {sign} v", {"v": v}) == ("r" + name, 1)
        ns = {"v": v}
        exec(f"v {sign}= 1", ns)
        assert ns["v"] == (name, 1)
        setattr(V, f"__i{name}__", lambda self, o, name=name: ("i" + name, o))
        ns = {"v": v}
        exec(f"v {sign}= 1", ns)
        assert ns["v"] == ("i" + name, 1)
    V.__divmod__ = lambda s, o: "dm"
    V.__pow__ = lambda s, o, m=None: (o, m)
    assert divmod(v, 1) == "dm" and pow(v, 2, 3) == (2, 3)


def test_inplace_falls_back():
    class A:
        def __iadd__(self, o):
            return NotImplemented
        def __add__(self, o):
            return "add"
    a = A()
    a += 1
    assert a == "add"
    x = [1]
    raises(TypeError, lambda: x.__iadd__(5))
    t = (1,)
    t += (2,)
    assert t == (1, 2)
    def f():
        y = 1
        y += "a"
    assert str(raises(TypeError, f)) == "unsupported operand type(s) for +=: 'int' and 'str'"


def test_inplace_on_tuple_item():
    t = ([1],)
    def f():
        t[0].__iadd__([2])
        t[0] += [3]
    raises(TypeError, f)
    assert t == ([1, 2, 3],)


def test_unary():
    class U:
        def __neg__(self): return "neg"
        def __pos__(self): return "pos"
        def __invert__(self): return "inv"
        def __abs__(self): return "abs"
        def __round__(self, n=None): return ("round", n)
        def __trunc__(self): return "trunc"
        def __floor__(self): return "floor"
        def __ceil__(self): return "ceil"
    import math
    u = U()
    assert (-u, +u, ~u, abs(u), round(u), round(u, 2), math.trunc(u), math.floor(u), math.ceil(u)) == ("neg", "pos", "inv", "abs", ("round", None), ("round", 2), "trunc", "floor", "ceil")
    assert str(raises(TypeError, lambda: -"a")) == "bad operand type for unary -: 'str'"


def test_rich_comparison():
    class C:
        def __init__(self, v): self.v = v
        def __lt__(self, o): return ("lt", self.v, o)
        def __gt__(self, o): return ("gt", self.v, o)
    c = C(1)
    assert (c < 5) == ("lt", 1, 5) and (5 < c) == ("gt", 1, 5) and (5 > c) == ("lt", 1, 5)
    assert str(raises(TypeError, lambda: c <= 5)) == "'<=' not supported between instances of 'C' and 'int'"


def test_eq_ne_defaults():
    class A:
        def __eq__(self, o):
            return True
    a = A()
    assert (a == 5) and not (a != 5) and (5 == a) and A.__hash__ is None
    class B:
        pass
    b = B()
    assert b == b and b != B() and not b == 5 and hash(b) == hash(b) and object().__eq__(5) is NotImplemented
    class N:
        def __eq__(self, o):
            return NotImplemented
    n = N()
    assert n == n and n != N()


def test_subclass_compares_first():
    log = []
    class A:
        def __eq__(self, o):
            log.append("A")
            return True
    class B(A):
        def __eq__(self, o):
            log.append("B")
            return True
    A() == B()
    assert log == ["B"]


def test_total_ordering():
    import functools
    @functools.total_ordering
    class C:
        def __init__(self, v): self.v = v
        def __eq__(self, o): return self.v == o.v
        def __lt__(self, o): return self.v < o.v
    assert C(1) <= C(1) and C(2) > C(1) and C(2) >= C(1) and not C(1) > C(2)


def test_chained_comparison_returns_last():
    class C:
        def __lt__(self, o): return []
    assert (C() < 1 < 2) == [] and (1 < 2 < 3) is True and not (1 < 2 > 5)


def test_truth():
    class L:
        def __len__(self): return 0
    class B:
        def __bool__(self): return True
        def __len__(self): return 0
    assert not L() and B() and bool(object()) and not bool(None)
    class Bad:
        def __bool__(self): return 1
    assert str(raises(TypeError, bool, Bad())) == "__bool__ should return bool, returned int"
    class BadLen:
        def __len__(self): return -1
    raises(ValueError, bool, BadLen())


def test_containers():
    class C:
        def __init__(self): self.d = {}
        def __getitem__(self, k): return self.d[k]
        def __setitem__(self, k, v): self.d[k] = v
        def __delitem__(self, k): del self.d[k]
        def __contains__(self, k): return k == "always"
        def __len__(self): return 7
        def __iter__(self): return iter("iterated")
    c = C()
    c[1:2] = "slice"
    c["k"] = 5
    c["k"] += 1
    del c[1:2]
    assert c["k"] == 6 and "always" in c and "k" not in c and len(c) == 7 and list(c) == list("iterated")
    class OnlyIter:
        def __iter__(self): return iter([1, 2])
    assert 2 in OnlyIter() and 5 not in OnlyIter()


def test_index_protocol():
    class I:
        def __index__(self): return 2
    assert [0, 1, 2, 3][I()] == 2 and "abc"[I():] == "c" and "a" * I() == "aa" and range(I()) == range(2) and hex(I()) == "0x2" and (1 << 5)
    class Bad:
        def __index__(self): return "x"
    assert str(raises(TypeError, lambda: [1][Bad()])) == "__index__ returned non-int (type str)"
    assert str(raises(TypeError, lambda: [1][1.0])) == "list indices must be integers or slices, not float"


def test_call_and_repr_and_format_lookup_on_type():
    class C:
        pass
    c = C()
    c.__call__ = lambda: 1
    c.__add__ = lambda o: 1
    raises(TypeError, c)
    raises(TypeError, lambda: c + 1)
    C.__call__ = lambda self: "now"
    assert c() == "now"


def test_hash():
    class H:
        def __init__(self, h): self.h = h
        def __hash__(self): return self.h
    assert hash(H(-1)) == -2 and hash(H(2**64)) == hash(2**64) and hash(H(5)) == 5
    raises(TypeError, hash, type("X", (), {"__hash__": None})())
    raises(TypeError, hash, H("x"))


def test_set_operator_on_the_fly():
    class A:
        pass
    def add(a, b):
        return a + b
    raises(TypeError, add, A(), 1)
    A.__add__ = lambda s, o: "one"
    assert add(A(), 1) == "one"
    A.__add__ = lambda s, o: "two"
    assert add(A(), 1) == "two" and add(1, 2) == 3 and add("a", "b") == "ab" and add(1.5, 2) == 3.5 and add([1], [2]) == [1, 2]
    del A.__add__
    raises(TypeError, add, A(), 1)


def test_polymorphic_call_site():
    def get(o):
        return o.x
    classes = [type(f"C{i}", (), {"x": i}) for i in range(20)]
    for _ in range(3):
        assert [get(c()) for c in classes] == list(range(20))
    class P:
        @property
        def x(self): return "p"
    class S:
        __slots__ = ("x",)
    s = S()
    s.x = "s"
    import types
    m = types.ModuleType("m")
    m.x = "m"
    class G:
        def __getattr__(self, n): return "g"
    assert [get(o) for o in (P(), s, m, G(), classes[0], classes[0]())] == ["p", "s", "m", "g", 0, 0]


def test_operator_module():
    import operator as op
    assert op.add(1, 2) == 3 and op.concat([1], [2]) == [1, 2] and op.contains([1], 1) and op.itemgetter(1, 0)("ab") == ("b", "a") and op.index(True) == 1 and op.iadd([1], [2]) == [1, 2] and op.not_(0) and op.is_(None, None) and op.countOf([1, 1], 1) == 2 and op.indexOf("ab", "b") == 1 and op.call(len, "ab") == 2
