"""One call site, changing targets: what a cached look-up must notice."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_attribute_moves_between_class_and_instance():
    class C:
        x = "class"
    c = C()
    def get(): return c.x
    seen = []
    for step in range(6):
        if step == 1: c.x = "instance"
        if step == 2: C.x = "class 2"
        if step == 3: del c.x
        if step == 4: C.x = property(lambda self: "property")
        if step == 5: del C.x; c.x = "last"
        seen += [get(), get(), get()]
    assert seen[::3] == ["class", "instance", "instance", "class 2", "property", "last"] and seen[1::3] == seen[::3]


def test_property_becomes_plain_and_back():
    class C:
        pass
    c = C()
    c.v = 1
    def get(): return c.v
    assert get() == get() == 1
    C.v = property(lambda s: 2)
    assert get() == get() == 2
    del C.v
    assert get() == 1
    class D:
        def __get__(self, o, t): return 3
    C.v = D()
    assert get() == 1
    D.__set__ = lambda s, o, v: None
    assert get() == 3
    del D.__set__
    assert get() == 1


def test_store_after_descriptor_appears():
    class C:
        pass
    log = []
    c = C()
    def put(v): c.v = v
    put(1)
    put(2)
    class D:
        def __set__(self, o, v): log.append(v)
        def __get__(self, o, t): return log
    C.v = D()
    put(3)
    assert log == [3] and c.__dict__["v"] == 2
    C.v = 5
    put(4)
    assert c.__dict__["v"] == 4
    C.__setattr__ = lambda s, n, v: log.append((n, v))
    put(5)
    assert log == [3, ("v", 5)] and c.__dict__["v"] == 4


def test_method_replaced_on_base_and_mixin():
    class A:
        def f(self): return "A"
    class M: pass
    class B(M, A): pass
    b = B()
    def call(): return b.f()
    assert call() == call() == "A"
    M.f = lambda self: "M"
    assert call() == "M"
    B.f = lambda self: "B"
    assert call() == "B"
    b.f = lambda: "instance"
    assert call() == "instance"
    del b.f, B.f
    assert call() == "M"
    del M.f
    assert call() == "A"


def test_getattr_hooks_appear():
    class C: pass
    c = C()
    def get(): return c.zz
    raises(AttributeError, get)
    C.__getattr__ = lambda s, n: "hook " + n
    assert get() == "hook zz"
    C.__getattribute__ = lambda s, n: "all " + n
    assert get() == "all zz"
    del C.__getattribute__
    assert get() == "hook zz"
    del C.__getattr__
    raises(AttributeError, get)


def test_many_shapes_at_one_site():
    def get(o): return o.v
    class C: pass
    objects = []
    for i in range(40):
        o = C()
        for k in range(i % 10):
            setattr(o, f"pad{i}_{k}", k)
        o.v = i
        objects.append(o)
    for _ in range(5):
        assert [get(o) for o in objects] == list(range(40))
    del objects[7].v
    raises(AttributeError, get, objects[7])
    objects[7].v = "again"
    assert get(objects[7]) == "again"


def test_globals_and_builtins():
    ns = {}
    exec("def f(): return sorted([2, 1])\ndef g(): return value\n", ns)
    assert ns["f"]() == [1, 2]
    ns["sorted"] = lambda x: "shadow"
    assert ns["f"]() == "shadow"
    del ns["sorted"]
    assert ns["f"]() == [1, 2]
    for i in range(10):
        ns["value"] = i
        assert ns["g"]() == i
    del ns["value"]
    raises(NameError, ns["g"])
    ns.update({f"pad{i}": i for i in range(1000)})
    ns["value"] = "back"
    assert ns["g"]() == "back"
    ns["__builtins__"] = ns["__builtins__"]
    for k in list(ns):
        if k.startswith("pad"):
            del ns[k]
    assert ns["g"]() == "back" and ns["f"]() == [1, 2]


def test_module_attributes():
    import types
    m = types.ModuleType("m")
    def get(): return m.x
    raises(AttributeError, get)
    m.x = 1
    assert get() == 1
    m.__dict__["x"] = 2
    assert get() == 2
    del m.x
    m.__getattr__ = lambda n: "dyn"
    assert get() == "dyn"


def test_operator_sites_see_all_types():
    def add(a, b): return a + b
    def lt(a, b): return a < b
    def idx(a, i): return a[i]
    for _ in range(3):
        assert (add(1, 2), add(1.5, 2), add("a", "b"), add([1], [2]), add((1,), (2,)), add(2**70, 1), add(True, 1), add(1j, 1)) == (3, 3.5, "ab", [1, 2], (1, 2), 2**70 + 1, 2, 1 + 1j)
        assert (lt(1, 2), lt(1, 1.5), lt("a", "b"), lt([1], [2]), lt(2**70, 2**71), lt({1}, {1, 2})) == (True,) * 6
        assert (idx([1], 0), idx((2,), 0), idx({0: 3}, 0), idx("s", 0), idx(b"b", 0), idx(range(5), 4)) == (1, 2, 3, "s", 98, 4)
    raises(TypeError, add, 1, "a")


def test_call_sites_see_all_callables():
    class C:
        def __init__(self, *a): self.a = a
        def __eq__(self, o): return self.a == o.a
        def m(self, *a): return a
        @classmethod
        def c(cls, *a): return a
        @staticmethod
        def s(*a): return a
        def __call__(self, *a): return ("called", a)
    import functools
    def call(f): return f(1)
    def g(x, y=2, *z, k=3, **kw): return (x, y, z, k, kw)
    for _ in range(3):
        assert [call(f) for f in (str, C().m, C.c, C.s, C(), g, lambda x: x, abs, [5, 6].__getitem__, functools.partial(g, 0), type, type)] == ["1", (1,), (1,), (1,), ("called", (1,)), (1, 2, (), 3, {}), 1, 1, 6, (0, 1, (), 3, {}), int, int]
        assert call(C) == C(1)
    raises(TypeError, call, 5)


def test_function_changed_under_call_site():
    def f(a=1): return ("f", a)
    def call(): return f()
    assert call() == ("f", 1)
    f.__defaults__ = (2,)
    assert call() == ("f", 2)
    def g(a=5): return ("g", a)
    f.__code__ = g.__code__
    assert call() == ("g", 2)
    f.__defaults__ = None
    raises(TypeError, call)


def test_init_and_new_change():
    class C:
        pass
    def make(): return C()
    make()
    C.__init__ = lambda self: setattr(self, "v", 1)
    assert make().v == 1
    C.__new__ = lambda cls: "not a C"
    assert make() == "not a C"
    class M(type):
        def __call__(cls): return "meta"
    D = M("D", (), {})
    def made(): return D()
    assert made() == "meta"
    del M.__call__
    assert type(made()) is D


def test_iteration_sites():
    def total(it):
        t = 0
        for x in it: t += x
        return t
    class I:
        def __iter__(self): return iter((1, 2))
    class G:
        def __getitem__(self, i):
            if i > 2: raise IndexError
            return i
    for _ in range(3):
        assert [total(x) for x in ([1, 2], (1, 2), {1, 2}, {1: 0, 2: 0}, range(3), iter([3]), (x for x in [1, 2]), I(), G(), b"\1\2", map(int, "12"), {1: 2}.values())] == [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2]


def test_class_of_instance_changes_at_site():
    class A:
        def f(self): return "A"
    class B:
        def f(self): return "B"
    o = A()
    def call(): return o.f()
    out = []
    for i in range(6):
        o.__class__ = (A, B)[i % 2]
        out.append(call())
    assert out == ["A", "B"] * 3


def test_instance_dict_replaced_at_site():
    class C: pass
    c = C()
    c.x = 1
    def get(): return c.x
    assert get() == 1
    c.__dict__ = {"x": 2}
    assert get() == 2
    c.__dict__["x"] = 3
    assert get() == 3
    c.__dict__.update(x=4, y=5)
    assert get() == 4 and c.y == 5
    c.__dict__.clear()
    raises(AttributeError, get)
    vars(c)["x"] = 6
    assert get() == 6


def test_super_site_follows_mro_change():
    class A:
        def f(self): return "A"
    class B:
        def f(self): return "B"
    class C(A):
        def f(self): return "C" + super().f()
    c = C()
    assert c.f() == "CA"
    C.__bases__ = (B,)
    assert c.f() == "CB"
    B.f = lambda self: "B2"
    assert c.f() == "CB2"


def test_sites_keep_nothing_alive():
    import gc, types, weakref

    def look(o): return o.x, o.m()
    def put(o): o.y = 1
    def of_class(c): return c.x, c.made()

    def instances():
        class C:
            x = 0
            @classmethod
            def made(cls): return cls
            def m(self): return super().__init__()
        c = C()
        look(c), put(c), put(c), of_class(C), look(c)
        return C

    def modules():
        m = types.ModuleType("m")
        exec("y = 1\ndef f(): return y, len\n", m.__dict__)
        return m if m.f() == m.f() else None

    def functions():
        m = modules()
        return m.f

    kept = instances()
    for make in (instances, modules, functions):
        gone = [weakref.ref(make()) for i in range(5)]
        gc.collect()
        assert [r() for r in gone] == [None] * 5, make
    # The sites go on with what lives, and with what comes.
    assert look(kept()) == (0, None) and of_class(kept) == (0, kept)
    new = instances()
    assert look(new()) == (0, None) and of_class(new) == (0, new)
    C = new()
    put(C)
    assert C.y == 1
