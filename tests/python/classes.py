"""Class statements, instances, inheritance, method resolution."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_basic():
    class C:
        "doc"
        x = 1
        def __init__(self, y):
            self.y = y
        def total(self):
            return self.x + self.y
    c = C(2)
    assert c.total() == 3 and C.x == 1 and C.__doc__ == "doc"
    assert C.__name__ == "C" and C.__qualname__.endswith("test_basic.<locals>.C") and C.__module__ == "behaviour"
    assert c.__class__ is C and type(c) is C and isinstance(c, C)
    assert c.__dict__ == {"y": 2}


def test_instance_shadows_class():
    class C:
        x = 1
    c = C()
    c.x = 2
    assert (c.x, C.x) == (2, 1)
    del c.x
    assert c.x == 1
    raises(AttributeError, delattr, c, "x")
    C.x = 9
    assert c.x == 9


def test_mro_diamond():
    class A:
        def who(self):
            return "A"
    class B(A):
        def who(self):
            return "B" + super().who()
    class C(A):
        def who(self):
            return "C" + super().who()
    class D(B, C):
        def who(self):
            return "D" + super().who()
    assert D().who() == "DBCA"
    assert D.__mro__ == (D, B, C, A, object) and D.mro() == list(D.__mro__)
    assert D.__bases__ == (B, C) and D.__base__ is B
    assert B in A.__subclasses__()


def test_mro_conflict():
    class A:
        pass
    class B(A):
        pass
    exc = raises(TypeError, type, "X", (A, B), {})
    assert "Cannot create a consistent method resolution" in str(exc)


def test_class_attributes_change_seen_by_instances():
    class C:
        pass
    c = C()
    C.f = lambda self: 1
    assert c.f() == 1
    C.f = lambda self: 2
    assert c.f() == 2
    del C.f
    raises(AttributeError, lambda: c.f)


def test_base_change_seen_through_subclass():
    class A:
        def f(self):
            return "A"
    class B(A):
        pass
    b = B()
    results = []
    for step in range(3):
        results.append(b.f())
        if step == 0:
            A.f = lambda self: "A2"
        if step == 1:
            B.f = lambda self: "B"
    assert results == ["A", "A2", "B"]


def test_change_of_class():
    class A:
        def f(self):
            return "A"
    class B:
        def f(self):
            return "B"
    x = A()
    x.v = 5
    x.__class__ = B
    assert x.f() == "B" and x.v == 5 and type(x) is B


def test_change_of_bases():
    class A:
        v = "A"
    class B:
        v = "B"
    class C(A):
        pass
    c = C()
    assert c.v == "A"
    C.__bases__ = (B,)
    assert c.v == "B" and C.__mro__ == (C, B, object)


def test_new_and_init():
    log = []
    class C:
        def __new__(cls, *args):
            log.append(("new", args))
            return super().__new__(cls)
        def __init__(self, *args):
            log.append(("init", args))
    C(1, 2)
    assert log == [("new", (1, 2)), ("init", (1, 2))]
    class D:
        def __new__(cls):
            return 5
        def __init__(self):
            assert False
    assert D() == 5


def test_name_mangling():
    class C:
        def __init__(self):
            self.__secret = 1
            self.__dunder__ = 2
        def get(self):
            return self.__secret
        def _f(self):
            def __inner():
                return __inner.__name__
            return __inner()
        class __Nested:
            pass
    c = C()
    assert c.get() == 1 and c._C__secret == 1 and c.__dunder__ == 2
    assert hasattr(C, "_C__Nested")
    assert c._f() == "__inner"
    class _Under:
        __x = 3
    assert _Under._Under__x == 3


def test_init_subclass():
    seen = []
    class Base:
        def __init_subclass__(cls, /, tag=None, **kw):
            super().__init_subclass__(**kw)
            seen.append((cls.__name__, tag))
    class A(Base, tag="a"):
        pass
    class B(A):
        pass
    assert seen == [("A", "a"), ("B", None)]
    raises(TypeError, lambda: type("D", (), {}, unknown=1))


def test_set_name():
    class D:
        def __set_name__(self, owner, name):
            self.where = (owner.__name__, name)
    class C:
        a = D()
        b = D()
    assert C.a.where == ("C", "a") and C.b.where == ("C", "b")


def test_class_getitem():
    class C:
        def __class_getitem__(cls, item):
            return (cls.__name__, item)
    assert C[int] == ("C", int) and C[1, 2] == ("C", (1, 2))


def test_metaclass():
    class M(type):
        def __new__(mcs, name, bases, ns, **kw):
            ns["made_by"] = mcs.__name__
            ns["kw"] = kw
            return super().__new__(mcs, name, bases, ns)
        def __init__(cls, name, bases, ns, **kw):
            super().__init__(name, bases, ns)
        def __call__(cls, *args):
            inst = super().__call__(*args)
            inst.called = True
            return inst
        def __len__(cls):
            return 42
        @property
        def prop(cls):
            return "prop of " + cls.__name__
        def meth(cls):
            return cls
    class C(metaclass=M, opt=1):
        pass
    assert type(C) is M and C.made_by == "M" and C.kw == {"opt": 1}
    assert C().called and len(C) == 42 and C.prop == "prop of C" and C.meth() is C
    raises(AttributeError, lambda: C().prop)
    class D(C):
        pass
    assert type(D) is M


def test_prepare():
    class NS(dict):
        def __missing__(self, key):
            if key.startswith("__"):
                raise KeyError(key)
            return "auto_" + key
    class M(type):
        @classmethod
        def __prepare__(mcs, name, bases, **kw):
            return NS(start=1)
    class C(metaclass=M):
        a = undefined_here
        b = start
    assert C.a == "auto_undefined_here" and C.b == 1


def test_metaclass_conflict_and_derivation():
    class M1(type):
        pass
    class M2(M1):
        pass
    class A(metaclass=M1):
        pass
    class B(metaclass=M2):
        pass
    class C(A, B):
        pass
    assert type(C) is M2
    class M3(type):
        pass
    class D(metaclass=M3):
        pass
    assert "metaclass conflict" in str(raises(TypeError, type, "E", (A, D), {}))


def test_mro_entries():
    class Fake:
        def __mro_entries__(self, bases):
            return (dict,)
    f = Fake()
    class C(f):
        pass
    assert C.__bases__ == (dict,) and C.__orig_bases__ == (f,)
    import types
    assert types.resolve_bases((f, int)) == (dict, int)


def test_class_cell():
    class C:
        def f(self):
            return __class__
        @staticmethod
        def g():
            return __class__
    assert C().f() is C and C.g() is C


def test_dunder_class_attributes():
    class C:
        def f(self):
            self.a = 1
            self.b, x = 2, 3
    assert sorted(C.__static_attributes__) == ["a", "b"]
    assert isinstance(C.__firstlineno__, int)
    assert C.__dict__["__module__"] == "behaviour"
    assert C.__weakref__ is not None and C.__dict__["__dict__"] is not None


def test_annotations():
    class C:
        x: int
        y: str = "s"
        def f(self, a: int, *b: "str", c: float = 1.0) -> None:
            z: undefined_is_fine
    assert C.__annotations__ == {"x": int, "y": str} and not hasattr(C, "x")
    assert C.f.__annotations__ == {"a": int, "b": "str", "c": float, "return": None}
    class D(C):
        pass
    assert D.__annotations__ == {}


def test_callable_instances_and_special_lookup():
    class C:
        def __call__(self, *a, **k):
            return a, k
        def __len__(self):
            return 3
    c = C()
    assert c(1, x=2) == ((1,), {"x": 2})
    c.__len__ = lambda: 99
    assert len(c) == 3
    c.__call__ = None
    assert c() == ((), {})


def test_bound_methods():
    class C:
        def f(self):
            return self
    c = C()
    m = c.f
    assert m.__self__ is c and m.__func__ is C.f and m() is c
    assert c.f == c.f and c.f is not c.f and hash(c.f) == hash(c.f)
    assert C.f is C.__dict__["f"]
    assert m.__name__ == "f" and "bound method" in repr(m)
    import types
    assert types.MethodType(lambda s, x: (s, x), 1)(2) == (1, 2)


def test_class_body_is_a_scope():
    class C:
        x = 1
        y = [x, x + 1]
        if x:
            z = "yes"
        for i in range(3):
            pass
        del x
    assert C.y == [1, 2] and C.z == "yes" and C.i == 2 and not hasattr(C, "x")


def test_three_argument_type():
    C = type("C", (int,), {"double": lambda self: self * 2, "__doc__": "d"})
    assert C(4).double() == 8 and C.__doc__ == "d" and C.__name__ == "C"
    C.__name__ = "Renamed"
    assert C.__name__ == "Renamed"
    C.__qualname__ = "a.b"
    assert "a.b" in repr(C)


def test_isinstance_issubclass_hooks():
    class M(type):
        def __instancecheck__(cls, x):
            return x == 5
        def __subclasscheck__(cls, c):
            return c is str
    class C(metaclass=M):
        pass
    assert isinstance(5, C) and not isinstance(6, C) and issubclass(str, C)
    assert isinstance(1, (str, (float, int))) and isinstance(1, int | str) and not isinstance(1, str | None)
    assert isinstance(None, int | None)


def test_dir_and_vars():
    class A:
        a = 1
    class B(A):
        def __init__(self):
            self.c = 1
    b = B()
    assert {"a", "c", "__init__", "__class__"} <= set(dir(b))
    assert vars(b) == {"c": 1}
    class D:
        def __dir__(self):
            return ["z", "a"]
    assert dir(D()) == ["a", "z"]


def test_many_attributes():
    class C:
        pass
    c = C()
    for i in range(2000):
        setattr(c, f"a{i}", i)
    assert c.a0 == 0 and c.a1999 == 1999 and len(c.__dict__) == 2000
    for i in range(0, 2000, 2):
        delattr(c, f"a{i}")
    assert len(vars(c)) == 1000 and c.a1 == 1 and not hasattr(c, "a2")
    c.a2 = "back"
    assert list(vars(c))[-1] == "a2"


def test_dict_view_of_instance():
    class C:
        pass
    c = C()
    d = c.__dict__
    c.x = 1
    assert d == {"x": 1}
    d["y"] = 2
    assert c.y == 2
    d[5] = "non str"
    assert c.__dict__[5] == "non str"
    c.__dict__ = {"z": 3}
    assert c.z == 3 and not hasattr(c, "x")
    del c.__dict__
    assert c.__dict__ == {}


def test_attribute_order_different_per_instance():
    class C:
        pass
    a, b = C(), C()
    a.x, a.y = 1, 2
    b.y, b.x = 3, 4
    assert list(vars(a)) == ["x", "y"] and list(vars(b)) == ["y", "x"]
    def get(o):
        return o.x, o.y
    assert [get(o) for o in (a, b, a, b)] == [(1, 2), (4, 3)] * 2


def test_subclassing_builtins():
    class L(list):
        def total(self):
            return sum(self)
    l = L([1, 2])
    l.append(3)
    l.tag = "t"
    assert l.total() == 6 and l == [1, 2, 3] and isinstance(l, list) and type(l[:]) is list
    class I(int):
        def __add__(self, o):
            return I(int(self) + o + 1)
    assert I(1) + 1 == 3 and type(I(1) + 1) is I and type(I(1) * 2) is int
    class S(str):
        pass
    assert type(S("a").upper()) is str and {S("k"): 1}["k"] == 1
    class T(tuple):
        def __new__(cls, *a):
            return super().__new__(cls, a)
    assert T(1, 2) == (1, 2)
    class D(dict):
        def __missing__(self, k):
            return k * 2
    assert D()[4] == 8
    class F(float):
        pass
    assert F(1.5) + 1 == 2.5


def test_abstract():
    import abc
    class A(abc.ABC):
        @abc.abstractmethod
        def f(self):
            ...
        @property
        @abc.abstractmethod
        def p(self):
            ...
    assert "abstract methods 'f', 'p'" in str(raises(TypeError, A))
    class B(A):
        f = p = 1
    B()
    assert A.__abstractmethods__ == frozenset({"f", "p"})
    A.register(int)
    assert isinstance(3, A) and issubclass(int, A)
