"""Function definitions, parameters of every kind, calls, attributes of functions."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_parameter_kinds():
    def f(a, b, /, c, d=4, *args, e, f=6, **kw):
        return a, b, c, d, args, e, f, kw
    assert f(1, 2, 3, e=5) == (1, 2, 3, 4, (), 5, 6, {})
    assert f(1, 2, 3, 40, 50, 60, e=7, a=8, z=9) == (1, 2, 3, 40, (50, 60), 7, 6, {"a": 8, "z": 9})
    assert f(1, 2, c=3, d=5, e=6, f=7) == (1, 2, 3, 5, (), 6, 7, {})


def test_missing_messages():
    def f(a, b, c): pass
    n = "test_missing_messages.<locals>.f()"
    assert str(raises(TypeError, f)) == n + " missing 3 required positional arguments: 'a', 'b', and 'c'"
    assert str(raises(TypeError, f, 1)) == n + " missing 2 required positional arguments: 'b' and 'c'"
    assert str(raises(TypeError, f, 1, 2)) == n + " missing 1 required positional argument: 'c'"
    def g(*, k): pass
    assert str(raises(TypeError, g)).endswith("missing 1 required keyword-only argument: 'k'")


def test_too_many_messages():
    def f(a): pass
    assert str(raises(TypeError, f, 1, 2)).endswith("takes 1 positional argument but 2 were given")
    def g(a, b=1): pass
    assert str(raises(TypeError, g, 1, 2, 3)).endswith("takes from 1 to 2 positional arguments but 3 were given")
    def h(): pass
    assert str(raises(TypeError, h, 1)).endswith("takes 0 positional arguments but 1 was given")
    def i(*, k=1): pass
    assert str(raises(TypeError, i, 1, 2, k=3)).endswith(
        "takes 0 positional arguments but 2 positional arguments (and 1 keyword-only argument) were given")


def test_keyword_messages():
    def f(a, b, /): pass
    assert str(raises(TypeError, f, a=1, b=2)).endswith(
        "got some positional-only arguments passed as keyword arguments: 'a, b'")
    def g(alpha): pass
    assert str(raises(TypeError, g, 1, beta=2)).endswith("got an unexpected keyword argument 'beta'")
    assert str(raises(TypeError, g, alpa=2)).endswith("got an unexpected keyword argument 'alpa'. Did you mean 'alpha'?")
    assert str(raises(TypeError, g, 1, alpha=2)).endswith("got multiple values for argument 'alpha'")


def test_star_calls():
    def f(*a, **k):
        return a, k
    assert f(*[1, 2], 3, *(4,), x=1, **{"y": 2}, **{"z": 3}) == ((1, 2, 3, 4), {"x": 1, "y": 2, "z": 3})
    assert f(*"ab", *range(2), *{}) == (("a", "b", 0, 1), {})
    assert f(**{}) == ((), {})
    class M:
        def keys(self):
            return ["p"]
        def __getitem__(self, k):
            return k + "!"
    assert f(**M()) == ((), {"p": "p!"})


def test_star_call_errors():
    def f(*a, **k): pass
    assert str(raises(TypeError, lambda: f(*5))).endswith("argument after * must be an iterable, not int")
    assert str(raises(TypeError, lambda: f(**5))).endswith("argument after ** must be a mapping, not int")
    assert str(raises(TypeError, lambda: f(**{"a": 1}, **{"a": 2}))).endswith("got multiple values for keyword argument 'a'")
    assert str(raises(TypeError, lambda: f(**{1: 2}))) == "keywords must be strings"


def test_defaults_are_shared():
    def f(x, acc=[]):
        acc.append(x)
        return acc
    f(1)
    assert f(2) == [1, 2] and f.__defaults__ == ([1, 2],)


def test_change_defaults():
    def f(a, b=1, *, c=2):
        return a, b, c
    f.__defaults__ = (10, 20)
    assert f() == (10, 20, 2)
    f.__kwdefaults__ = {"c": 30}
    assert f() == (10, 20, 30)
    f.__defaults__ = None
    f.__kwdefaults__ = None
    raises(TypeError, f, 1)


def test_attributes():
    def f(a: int, b=1) -> str:
        "doc"
    assert f.__name__ == "f" and f.__doc__ == "doc" and f.__module__ == "behaviour"
    assert f.__annotations__ == {"a": int, "return": str}
    f.tag = 5
    assert f.tag == 5 and f.__dict__ == {"tag": 5}
    f.__name__ = "g"
    f.__qualname__ = "x.g"
    assert "x.g" in repr(f)
    raises(TypeError, setattr, f, "__name__", 5)
    assert f.__globals__["__name__"] == "behaviour" and f.__builtins__ is not None
    assert f.__type_params__ == ()


def test_code_attributes():
    def f(a, /, b, *args, c, **kw):
        x = 1
        return x
    c = f.__code__
    assert (c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount, c.co_nlocals) == (2, 1, 1, 6)
    assert c.co_varnames == ("a", "b", "c", "args", "kw", "x")
    assert c.co_name == "f" and c.co_flags & 0x04 and c.co_flags & 0x08
    assert c.co_firstlineno > 0 and list(c.co_lines())
    assert c.co_filename.endswith("functions.py")
    d = c.replace(co_name="renamed")
    assert d.co_name == "renamed" and c == c.replace() and hash(c) == hash(c.replace())


def test_change_code():
    def f():
        return 1
    def g():
        return 2
    f.__code__ = g.__code__
    assert f() == 2


def test_function_type():
    import types
    def f(x, y=2):
        return x + y
    g = types.FunctionType(f.__code__, {}, "named", (5,))
    assert g(1) == 6 and g.__name__ == "named"


def test_docstring_indentation_is_stripped():
    def f():
        """First.

            Indented.
        Back.
        """
    assert f.__doc__ == "First.\n\n    Indented.\nBack.\n"
    class C:
        """
        One
        """
    assert C.__doc__ == "\nOne\n"


def test_lambda():
    assert (lambda: 1)() == 1
    assert (lambda x, *a, k=2, **kw: (x, a, k, kw))(1, 2, k=3, z=4) == (1, (2,), 3, {"z": 4})
    assert (lambda *, a: a)(a=1) == 1 and (lambda a, /: a)(1) == 1
    assert (lambda: 0).__name__ == "<lambda>"
    assert (lambda x: lambda y: x + y)(1)(2) == 3


def test_decorators():
    log = []
    def deco(tag):
        def wrap(f):
            log.append(tag)
            return f
        return wrap
    @deco("outer")
    @deco("inner")
    def f():
        return 1
    assert log == ["inner", "outer"] and f() == 1
    @(lambda f: 5)
    def g():
        pass
    assert g == 5
    class NS:
        d = staticmethod(lambda f: "static")
    x = [NS()]
    @x[0].d
    def h():
        pass
    assert h == "static"


def test_return_forms():
    def a():
        return
    def b():
        return 1, 2
    def c():
        return *[1, 2], 3
    def d():
        pass
    assert (a(), b(), c(), d()) == (None, (1, 2), (1, 2, 3), None)


def test_recursion_limit():
    def f(n):
        return f(n + 1)
    exc = raises(RecursionError, f, 0)
    assert "maximum recursion depth exceeded" in str(exc)
    import sys
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(5000)
    try:
        def g(n):
            return 0 if n == 0 else 1 + g(n - 1)
        assert g(4000) == 4000
    finally:
        sys.setrecursionlimit(old)


def test_deep_recursion_then_works():
    def f(n):
        return f(n + 1)
    for _ in range(5):
        raises(RecursionError, f, 0)
    def g(n):
        return n and g(n - 1)
    assert g(500) == 0


def test_locals_function():
    def f(a, b=2, *c, **d):
        x = 5
        return locals()
    assert f(1) == {"a": 1, "b": 2, "c": (), "d": {}, "x": 5}
    def g():
        a = 1
        l1 = locals()
        a = 2
        l2 = locals()
        l1["a"] = 99
        return a, l1["a"], l2["a"], l1 is l2
    assert g() == (2, 99, 2, False)


def test_locals_of_module_and_class():
    ns = {}
    exec("x = 1\nl = locals()\nl['y'] = 2\nz = y", ns)
    assert ns["z"] == 2
    class C:
        locals()["dynamic"] = 5
    assert C.dynamic == 5


def test_frame_locals_write_through():
    import sys
    def f():
        x = 1
        sys._getframe().f_locals["x"] = 42
        return x
    assert f() == 42


def test_partial():
    import functools
    p = functools.partial(lambda *a, **k: (a, k), 1, x=2)
    assert p(3, y=4) == ((1, 3), {"x": 2, "y": 4}) and p.func is not None and p.args == (1,) and p.keywords == {"x": 2}
    q = functools.partial(p, 5)
    assert q() == ((1, 5), {"x": 2})


def test_wraps():
    import functools
    def deco(f):
        @functools.wraps(f)
        def inner(*a):
            return f(*a)
        return inner
    @deco
    def original(x):
        "doc"
        return x
    assert original.__name__ == "original" and original.__doc__ == "doc" and original.__wrapped__(3) == 3


def test_lru_cache():
    import functools
    calls = []
    @functools.lru_cache(maxsize=2)
    def f(x):
        calls.append(x)
        return x * 2
    f(1); f(1); f(2); f(3); f(1)
    assert calls == [1, 2, 3, 1] and f.cache_info().hits == 1
    f.cache_clear()
    @functools.cache
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    assert fib(90) == 2880067194370816120


def test_singledispatch():
    import functools
    @functools.singledispatch
    def show(x):
        return "object"
    @show.register
    def _(x: int):
        return "int"
    @show.register(list)
    def _(x):
        return "list"
    assert (show(1), show([]), show("s"), show(True)) == ("int", "list", "object", "int")


def test_signature():
    import inspect
    def f(a, /, b: int = 2, *args, c, d=4, **kw) -> str: ...
    s = inspect.signature(f)
    assert str(s) == "(a, /, b: int = 2, *args, c, d=4, **kw) -> str"
    ba = s.bind(1, 2, 3, c=5, z=6)
    assert ba.arguments == {"a": 1, "b": 2, "args": (3,), "c": 5, "kw": {"z": 6}}
    assert str(inspect.signature(len)) == "(obj, /)"


def test_many_keyword_arguments():
    def f(**kw):
        return kw
    kw = {f"k{i}": i for i in range(300)}
    assert f(**kw) == kw and list(f(**kw)) == list(kw)


def test_keyword_order_preserved():
    def f(**kw):
        return list(kw)
    assert f(z=1, a=2, m=3) == ["z", "a", "m"]
    assert f(b=1, **{"a": 1}, c=2) == ["b", "a", "c"]


def test_call_result_called():
    def f(n):
        return (lambda m: f(m)) if n else "end"
    assert f(1)(1)(0) == "end"


def test_method_call_with_keywords_and_stars():
    class C:
        def m(self, a, *b, c=0, **d):
            return a, b, c, d
    c = C()
    args, kw = (2, 3), {"z": 1}
    assert c.m(1, *args, c=4, **kw) == (1, (2, 3), 4, {"z": 1})
    assert C.m(c, a=1) == (1, (), 0, {})


def test_name_of_argument_like_self():
    def f(self=1, cls=2):
        return self, cls
    assert f() == (1, 2) and f(cls=5) == (1, 5)
    def g(*args, **kwargs):
        return args, kwargs
    assert g(self=1, args=2, kwargs=3) == ((), {"self": 1, "args": 2, "kwargs": 3})


def test_arguments_are_kept_while_they_are_bound():
    # The arguments move when a class or a bound method is called; there may be a collection (stress modes) meanwhile.
    class Made:
        def __init__(self, first, last=(), *rest, key=None, **more):
            self.got = first, last, rest, key, more

    class Holder:
        def method(self, first, last=(), *rest, key=None, **more):
            return first, last, rest, key, more

    def values(n, k):
        return tuple([n, i] for i in range(k))

    def in_generator(n):
        yield Made([n, 0], last=[n, 1]).got
        yield Made([n, 0], last=[n, 1], more=[n, 2]).got

    bound = Holder().method
    for n in range(300):
        plain = ([n, 0], [n, 1], (), None, {})
        more = ([n, 0], [n, 1], (), None, {"more": [n, 2]})
        rest = ([n, 0], [n, 1], ([n, 2],), [n, 3], {})
        assert Made([n, 0], last=[n, 1]).got == plain
        assert Made([n, 0], [n, 1], [n, 2], key=[n, 3]).got == rest
        assert Made([n, 0], last=[n, 1], more=[n, 2]).got == more
        assert bound([n, 0], last=[n, 1]) == plain
        assert bound([n, 0], [n, 1], [n, 2], key=[n, 3]) == rest
        assert bound([n, 0], last=[n, 1], more=[n, 2]) == more
        assert bound(*values(n, 3), key=[n, 3]) == rest
        assert list(in_generator(n)) == [plain, more]


def test_many_arguments_in_place():
    names = [f"a{i}" for i in range(300)]
    for count in (30, 31, 32, 33, 40, 300):
        few = names[:count]
        source = f"class C:\n def __init__(self, {', '.join(few)}=0, *, k=1): self.got = [{', '.join(few)}, k]\n"
        source += f" def m(self, {', '.join(few)}=0, *, k=1): return [{', '.join(few)}, k]\n"
        source += f"def call():\n bound = C().m if 0 else C.m.__get__(1)\n values = [[i] for i in range({count})]\n"
        given = ", ".join(f"[{i}]" for i in range(count))
        source += f" return C({given}, k=[2]).got, bound({given}, k=[2]), C({given}).got, bound({given})\n"
        space = {}
        exec(source, space)
        want = [[i] for i in range(count)]
        for _ in range(5):
            assert space["call"]() == (want + [[2]], want + [[2]], want + [1], want + [1])


def test_keywords_with_their_own_hash():
    # Binding them runs Python code before the frame exists.
    def deep(n):
        a, b, c, d = n, n + 1, n + 2, n + 3
        return n and deep(n - 1) + a + b + c + d

    class Name(str):
        def __hash__(self):
            deep(5)
            return str.__hash__(self)

        def __eq__(self, other):
            deep(5)
            return str.__eq__(self, other)

    def f(*args, first=None, **kw):
        return args, first, kw

    class C:
        def __init__(self, *args, first=None, **kw):
            self.got = args, first, kw

    for _ in range(50):
        names = {Name("x"): [1], Name("first"): [2], Name("y"): [3]}
        want = (([0],), [2], {"x": [1], "y": [3]})
        assert f([0], **names) == want
        assert C([0], **names).got == want
    def g(a, b=[4], *rest, first=None, second):
        return a, b, rest, first, second

    g.__kwdefaults__ = {Name("second"): [5]}
    for _ in range(50):
        assert g([0], *[[1], [2]], first=[3]) == ([0], [1], ([2],), [3], [5])
        assert g([0], first=[3]) == ([0], [4], (), [3], [5])
