"""Descriptors, properties, static and class methods, attribute hooks, __slots__, super."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_data_descriptor_beats_instance():
    class D:
        def __get__(self, obj, owner):
            return "descriptor" if obj is not None else self
        def __set__(self, obj, v):
            obj.__dict__["d"] = v
    class C:
        d = D()
    c = C()
    c.d = 1
    assert c.__dict__["d"] == 1 and c.d == "descriptor" and isinstance(C.d, D)


def test_non_data_descriptor_loses():
    class D:
        def __get__(self, obj, owner):
            return "descriptor"
    class C:
        d = D()
    c = C()
    assert c.d == "descriptor"
    c.d = "instance"
    assert c.d == "instance"


def test_set_only_descriptor():
    class D:
        def __set__(self, obj, v):
            obj.__dict__["d"] = v * 2
    class C:
        d = D()
    c = C()
    assert isinstance(c.d, D)
    c.d = 4
    assert c.d == 8


def test_delete_descriptor():
    log = []
    class D:
        def __delete__(self, obj):
            log.append(obj)
    class C:
        d = D()
    c = C()
    del c.d
    assert log == [c]
    raises(AttributeError, setattr, c, "d", 1)


def test_descriptor_on_metaclass():
    class M(type):
        @property
        def p(cls):
            return "meta"
    class C(metaclass=M):
        pass
    assert C.p == "meta"
    raises(AttributeError, setattr, C, "p", 1)


def test_property():
    class C:
        def __init__(self):
            self._x = 1
        @property
        def x(self):
            "doc of x"
            return self._x
        @x.setter
        def x(self, v):
            self._x = v
        @x.deleter
        def x(self):
            del self._x
    c = C()
    c.x = 5
    assert c.x == 5
    del c.x
    raises(AttributeError, lambda: c.x)
    assert C.x.__doc__ == "doc of x" and C.x.fget is not None
    assert C.x.__name__ == "x"


def test_property_errors():
    class C:
        @property
        def r(self):
            return 1
        w = property(None, lambda s, v: None)
    c = C()
    assert str(raises(AttributeError, setattr, c, "r", 1)) == "property 'r' of 'test_property_errors.<locals>.C' object has no setter"
    assert str(raises(AttributeError, delattr, c, "r")) == "property 'r' of 'test_property_errors.<locals>.C' object has no deleter"
    assert "has no getter" in str(raises(AttributeError, lambda: c.w))


def test_property_subclass_override():
    class A:
        @property
        def v(self):
            return "A"
    class B(A):
        @property
        def v(self):
            return "B" + super().v
    assert B().v == "BA"


def test_static_and_class_methods():
    class A:
        @staticmethod
        def s(x):
            return x
        @classmethod
        def c(cls, x):
            return cls, x
    class B(A):
        pass
    assert A.s(1) == A().s(1) == 1
    assert B.c(2) == (B, 2) and B().c(3) == (B, 3)
    assert A.__dict__["s"].__func__(5) == 5
    assert staticmethod(len)([1, 2]) == 2
    assert A.c.__self__ is A


def test_getattr_hook():
    class C:
        real = 1
        def __getattr__(self, name):
            if name.startswith("auto"):
                return name.upper()
            raise AttributeError(name)
    c = C()
    assert c.real == 1 and c.auto_x == "AUTO_X"
    raises(AttributeError, lambda: c.other)
    assert getattr(c, "other", 7) == 7 and not hasattr(c, "other")


def test_getattribute_hook():
    class C:
        def __init__(self):
            self.x = 1
        def __getattribute__(self, name):
            if name == "magic":
                return "got"
            if name == "missing":
                raise AttributeError
            return object.__getattribute__(self, name)
        def __getattr__(self, name):
            return "fallback " + name
    c = C()
    assert (c.x, c.magic, c.missing, c.nothing) == (1, "got", "fallback missing", "fallback nothing")


def test_setattr_delattr_hooks():
    log = []
    class C:
        def __setattr__(self, name, value):
            log.append((name, value))
            object.__setattr__(self, name, value)
        def __delattr__(self, name):
            log.append(name)
            object.__delattr__(self, name)
    c = C()
    c.x = 1
    c.x += 1
    del c.x
    assert log == [("x", 1), ("x", 2), "x"]


def test_module_getattr():
    import types
    m = types.ModuleType("m")
    m.__getattr__ = lambda name: name * 2
    assert m.ab == "abab"
    m.__dir__ = lambda: ["q"]
    assert dir(m) == ["q"]


def test_slots():
    class C:
        __slots__ = ("a", "b")
    c = C()
    c.a = 1
    assert c.a == 1 and not hasattr(c, "__dict__")
    raises(AttributeError, lambda: c.b)
    raises(AttributeError, setattr, c, "z", 1)
    del c.a
    raises(AttributeError, lambda: c.a)
    raises(AttributeError, delattr, c, "a")
    assert type(C.a).__name__ == "member_descriptor" and C.a.__name__ == "a"
    C.a.__set__(c, 9)
    assert C.a.__get__(c, C) == 9


def test_slots_inheritance():
    class A:
        __slots__ = "x"
    class B(A):
        __slots__ = ("y", "__dict__")
    class C(A):
        pass
    b = B()
    b.x, b.y, b.z = 1, 2, 3
    assert b.__dict__ == {"z": 3}
    c = C()
    c.x, c.w = 1, 2
    assert c.__dict__ == {"w": 2}


def test_slots_weakref_and_mapping():
    import weakref
    class A:
        __slots__ = {"x": "doc of x"}
    raises(TypeError, weakref.ref, A())
    class B:
        __slots__ = ("__weakref__",)
    b = B()
    assert weakref.ref(b)() is b


def test_slots_name_mangled():
    class C:
        __slots__ = ("__private",)
        def __init__(self):
            self.__private = 5
    assert C()._C__private == 5


def test_slots_layout_conflict():
    class A:
        __slots__ = ("a",)
    class B:
        __slots__ = ("b",)
    assert "instance lay-out conflict" in str(raises(TypeError, type, "C", (A, B), {}))


def test_super_forms():
    class A:
        def f(self):
            return "A.f"
        @classmethod
        def c(cls):
            return cls.__name__
        @staticmethod
        def s():
            return "A.s"
        v = 1
    class B(A):
        v = 2
        def f(self):
            return super().f(), super(B, self).f(), super().v, super().s()
        @classmethod
        def c(cls):
            return "B+" + super().c()
        def get(self):
            return super()
    b = B()
    assert b.f() == ("A.f", "A.f", 1, "A.s") and B.c() == "B+B"
    s = b.get()
    assert s.__thisclass__ is B and s.__self__ is b and s.__self_class__ is B
    assert "super" in repr(s)
    assert super(B, B).c() == "B"


def test_super_in_nested_function_and_comprehension():
    class A:
        def f(self):
            return 1
    class B(A):
        def f(self):
            def inner(me):
                return super(__class__, me).f()
            return inner(self) + sum([super(B, self).f() for _ in range(2)])
    assert B().f() == 3


def test_super_set_attribute():
    class A:
        @property
        def p(self):
            return self._p
        @p.setter
        def p(self, v):
            self._p = v
    class B(A):
        @property
        def p(self):
            return super().p + 1
        @p.setter
        def p(self, v):
            super(B, type(self)).p.fset(self, v)
    b = B()
    b.p = 4
    assert b.p == 5


def test_super_attribute_missing():
    class A:
        def f(self):
            return super().nothing
    assert str(raises(AttributeError, A().f)) == "'super' object has no attribute 'nothing'"


def test_functools_cached_property():
    import functools
    calls = []
    class C:
        @functools.cached_property
        def v(self):
            calls.append(1)
            return 7
    c = C()
    assert c.v == c.v == 7 and len(calls) == 1
    del c.v
    assert c.v == 7 and len(calls) == 2


def test_get_on_function():
    def f(self, x):
        return self, x
    assert f.__get__(5)(6) == (5, 6)
    assert f.__get__(5, int).__self__ == 5
    assert len.__get__ if hasattr(len, "__get__") else True


def test_builtin_descriptors():
    assert str.upper("a") == "A" and str.__dict__["upper"].__get__("a")() == "A"
    assert type(str.__dict__["upper"]).__name__ == "method_descriptor"
    assert type(int.__add__).__name__ == "wrapper_descriptor"
    assert type((1).__add__).__name__ == "method-wrapper"
    assert type(int.real).__name__ == "getset_descriptor"
    assert type(dict.__dict__["fromkeys"]).__name__ == "classmethod_descriptor"
    raises(TypeError, str.upper, 1)
    assert list.append.__objclass__ is list


def test_operator_attrgetter():
    import operator
    class P:
        pass
    p = P()
    p.a = P()
    p.a.b = 3
    assert operator.attrgetter("a.b")(p) == 3
    assert operator.methodcaller("upper")("x") == "X"
