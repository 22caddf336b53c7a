"""Recursion of every kind ends in RecursionError, never in a crash."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_plain():
    def f():
        f()
    assert "maximum recursion depth exceeded" in str(raises(RecursionError, f))


def test_through_special_methods():
    class R:
        def __repr__(self): return repr(self)
        def __str__(self): return str(self) + "x"
        def __eq__(self, o): return self == o
        def __lt__(self, o): return self < o
        def __hash__(self): return hash(self)
        def __len__(self): return len(self)
        def __bool__(self): return bool(self)
        def __call__(self): return self()
        def __add__(self, o): return self + o
        def __radd__(self, o): return o + self
        def __getitem__(self, i): return self[i]
        def __contains__(self, i): return i in self
        def __iter__(self): return iter(self)
        def __getattr__(self, n): return getattr(self, n + "x")
        def __index__(self): return [1][self]
        def __format__(self, s): return f"{self}"
        def __neg__(self): return -self
        def __setitem__(self, k, v): self[k] = v
        def __enter__(self):
            with self:
                pass
        def __exit__(self, *a): pass
    r = R()
    def setitem(): r[0] = 1
    for f in (lambda: repr(r), lambda: r == 1, lambda: r < 1, lambda: hash(r), lambda: len(r), lambda: bool(r), lambda: r(), lambda: r + 1, lambda: 1 + r,
              lambda: r[0], lambda: 1 in r, lambda: iter(r), lambda: r.attr, lambda: [1][r], lambda: f"{r}", lambda: -r, setitem, r.__enter__, lambda: sorted([r, r])):
        raises(RecursionError, f)


def test_through_init_and_new():
    class A:
        def __init__(self):
            A()
    class B:
        def __new__(cls):
            return cls()
    raises(RecursionError, A)
    raises(RecursionError, B)
    class M(type):
        def __call__(cls):
            return cls()
    raises(RecursionError, M("C", (), {}))


def test_through_properties_and_descriptors():
    class P:
        @property
        def x(self): return self.x
        @x.setter
        def x(self, v): self.x = v
    raises(RecursionError, lambda: P().x)
    raises(RecursionError, setattr, P(), "x", 1)
    class G:
        def __getattribute__(self, n): return self.y
    raises(RecursionError, lambda: G().z)
    class S:
        def __setattr__(self, n, v): self.z = v
    raises(RecursionError, setattr, S(), "a", 1)


def test_through_builtins():
    def key(x): return sorted([1, 2], key=key)
    raises(RecursionError, key, 0)
    def m(x): return list(map(m, [x]))
    raises(RecursionError, m, 0)
    def s(x): return sum(s(y) for y in [x])
    raises(RecursionError, s, 0)
    def e(): return eval("e()", {"e": e})
    raises(RecursionError, e)
    def mx(x): return max([1, 2], key=mx)
    raises(RecursionError, mx, 0)
    import functools, re
    def rd(a, b): return functools.reduce(rd, [1, 2])
    raises(RecursionError, rd, 0, 0)
    def sub(mm): return re.sub("a", sub, "a")
    raises(RecursionError, sub, 0)


def test_through_generators():
    def g():
        yield from g()
    raises(RecursionError, list, g())
    def h():
        for x in h():
            yield x
    raises(RecursionError, list, h())


def test_nested_data():
    l = []
    for _ in range(100000):
        l = [l]
    raises(RecursionError, repr, l)
    d = {}
    for _ in range(100000):
        d = {"d": d}
    raises(RecursionError, repr, d)
    a, b = [], []
    for _ in range(100000):
        a, b = [a], [b]
    raises(RecursionError, lambda: a == b)
    t = ()
    for _ in range(100000):
        t = (t,)
    del l, d, a, b, t


def test_deep_containers_die_quietly():
    import gc
    x = None
    for i in range(300000):
        x = [x]
    del x
    gc.collect()
    class N:
        pass
    head = None
    for i in range(100000):
        n = N()
        n.next = head
        head = n
    del head, n
    gc.collect()


def test_pickle_copy_json_of_deep_data():
    import copy, json, pickle
    l = []
    for _ in range(20000):
        l = [l]
    raises(RecursionError, copy.deepcopy, l)
    raises(RecursionError, pickle.dumps, l)
    raises(RecursionError, json.dumps, l)
    raises(RecursionError, json.loads, "[" * 100000)


def test_compile_of_deep_trees():
    import ast
    raises((RecursionError, MemoryError, SyntaxError), ast.parse, "+" * 300000 + "1")
    raises((RecursionError, MemoryError, SyntaxError), compile, "a" + ".b" * 200000 + "(" * 300, "s", "exec")


def test_recovers_afterwards():
    def f(): f()
    for _ in range(20):
        raises(RecursionError, f)
    def g(n): return 0 if n == 0 else 1 + g(n - 1)
    assert g(800) == 800


def test_limit_can_be_raised():
    import sys
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(20000)
    try:
        def g(n): return 0 if n == 0 else 1 + g(n - 1)
        assert g(15000) == 15000
    finally:
        sys.setrecursionlimit(old)
    raises(ValueError, sys.setrecursionlimit, 0)
    raises(TypeError, sys.setrecursionlimit, "a")


def test_isinstance_of_nested_tuples():
    t = int
    for _ in range(100000):
        t = (t,)
    raises(RecursionError, isinstance, "", t)


def test_except_handler_at_the_limit():
    def f(n):
        try:
            return f(n + 1)
        except RecursionError:
            return n
    assert f(0) > 100
