"""Annotations at run time, docstrings, __doc__ of everything."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_variable_annotations():
    ns = {}
    exec("x: int = 1\ny: str\nclass C:\n    a: list[int]\n    b: 'fwd' = 2\n(z): float = 3\nobj = C()\nobj.attr: int = 5\nd = {}\nd['k']: str = 'v'\n", ns)
    assert ns["__annotations__"] == {"x": int, "y": str} and ns["C"].__annotations__ == {"a": list[int], "b": "fwd"} and ns["z"] == 3 and ns["obj"].attr == 5 and ns["d"] == {"k": "v"} and "y" not in ns


def test_annotations_in_functions_are_not_evaluated():
    def f():
        x: undefined_thing = 1
        y: also_undefined
        return x
    assert f() == 1 and f.__annotations__ == {}


def test_evaluation_order_of_annotations():
    log = []
    def t(n):
        log.append(n)
        return n
    def f(a: t("a"), b: t("b") = t("default"), *args: t("args"), k: t("k"), **kw: t("kw")) -> t("return"): pass
    assert log == ["default", "a", "b", "args", "k", "kw", "return"] or sorted(log) == sorted(["default", "a", "b", "args", "k", "kw", "return"])
    assert list(f.__annotations__) == ["a", "b", "args", "k", "kw", "return"]


def test_future_annotations():
    ns = {}
    exec("from __future__ import annotations\ndef f(x: a.b[c] | None = 1, *y: 'q', z: lambda: 1 = 2) -> (yield_, 1)[0]: ...\nclass C:\n    v: x if y else z\n    w: [i for i in j]\nu: f'{a!r}' = 1\n", ns)
    assert ns["f"].__annotations__ == {"x": "a.b[c] | None", "y": "'q'", "z": "lambda: 1", "return": "(yield_, 1)[0]"} and ns["C"].__annotations__ == {"v": "x if y else z", "w": "[i for i in j]"} and ns["__annotations__"] == {"u": "f'{a!r}'"}


def test_mutable_and_replaceable():
    def f(a: int): pass
    f.__annotations__["b"] = str
    assert f.__annotations__ == {"a": int, "b": str}
    f.__annotations__ = {"c": 1}
    assert f.__annotations__ == {"c": 1}
    del f.__annotations__
    assert f.__annotations__ == {}
    raises(TypeError, setattr, f, "__annotations__", 5)


def test_class_annotations_not_inherited():
    import inspect
    class A:
        x: int
    class B(A):
        pass
    assert B.__annotations__ == {} and inspect.get_annotations(B) == {} and inspect.get_annotations(A) == {"x": int}
    def g(x: "int"): pass
    assert inspect.get_annotations(g, eval_str=True) == {"x": int}


def test_docstrings():
    def f():
        "one line"
    def g():
        """First

        indented
            more
        """
    def h():
        f"not a docstring"
    def i():
        b"not a docstring"
    class C:
        """
        class doc
        """
        def m(self):
            'm doc'
    assert f.__doc__ == "one line" and g.__doc__ == "First\n\nindented\n    more\n" and h.__doc__ is None and i.__doc__ is None and C.__doc__ == "\nclass doc\n" and C.m.__doc__ == C().m.__doc__ == "m doc"
    ns = {}
    exec("'module doc'\nx = 1", ns)
    assert ns["__doc__"] == "module doc"
    f.__doc__ = "changed"
    assert f.__doc__ == "changed"


def test_docs_of_builtins():
    for thing in (int, str, list, dict, len, print, str.upper, list.append, type, object, Exception, property, range, map, super, open):
        assert isinstance(thing.__doc__, str) and thing.__doc__.strip(), thing
    import math, sys, itertools, functools
    for module in (math, sys, itertools, functools):
        assert module.__doc__


def test_qualnames_and_modules():
    class A:
        class B:
            def f(self):
                class C: pass
                def g(): pass
                return C, g, lambda: 0
    C, g, l = A.B().f()
    assert C.__qualname__.endswith("A.B.f.<locals>.C") and g.__qualname__.endswith("A.B.f.<locals>.g") and l.__qualname__.endswith("f.<locals>.<lambda>") and C.__module__ == "behaviour" and repr(C).startswith("<class 'behaviour.")


def test_firstlineno_and_static_attributes():
    @staticmethod
    def deco(x): return x
    class C:
        def f(self):
            self.a = self.b = 1
            def inner(self):
                self.c = 1
            for self.d in (): pass
    assert set(C.__static_attributes__) == {"a", "b", "c", "d"} or set(C.__static_attributes__) >= {"a", "b"}
    import inspect
    assert C.__firstlineno__ == inspect.getsourcelines(C)[1]


def test_main_dunder_names():
    assert __name__ == "behaviour" and __builtins__ is not None
