"""functools, operator pipelines, closures as objects, partial application, iteration helpers."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import functools


def test_reduce():
    assert functools.reduce(lambda a, b: a * b, range(1, 6)) == 120 and functools.reduce(lambda a, b: a + b, [], 5) == 5
    assert str(raises(TypeError, functools.reduce, lambda a, b: a, [])) == "reduce() of empty iterable with no initial value"


def test_partial_details():
    p = functools.partial(int, base=2)
    assert p("101") == 5 and p.keywords == {"base": 2} and p("77", base=8) == 63 and repr(p) == "functools.partial(<class 'int'>, base=2)"
    p.tag = 1
    assert p.tag == 1
    class C:
        def m(self, a, b): return (self, a, b)
        pm = functools.partialmethod(m, 1)
    c = C()
    assert c.pm(2) == (c, 1, 2)
    import pickle
    assert pickle.loads(pickle.dumps(p))("11") == 3


def test_lru_cache_details():
    calls = []
    @functools.lru_cache(maxsize=3, typed=True)
    def f(x, *, k=0):
        calls.append(x)
        return x
    f(1), f(1.0), f(1), f(1, k=0)
    assert f.cache_info() == (1, 3, 3, 3) and f.cache_parameters() == {"maxsize": 3, "typed": True} and f.__wrapped__(9) == 9
    f.cache_clear()
    assert f.cache_info().currsize == 0
    @functools.lru_cache(maxsize=0)
    def g(x): return x
    g(1), g(1)
    assert g.cache_info().misses == 2
    raises(TypeError, f, [])


def test_cached_recursion():
    @functools.cache
    def ways(n, k=5): return 1 if n == 0 else 0 if n < 0 or k == 0 else ways(n - k, k) + ways(n, k - 1)
    assert ways(50) == 3765


def test_cmp_to_key_and_total_ordering():
    k = functools.cmp_to_key(lambda a, b: (a > b) - (a < b))
    assert sorted([3, 1, 2], key=k) == [1, 2, 3] and k(1) < k(2) and k(1) == k(1) and max([1, 3, 2], key=k) == 3


def test_singledispatchmethod():
    class F:
        @functools.singledispatchmethod
        def show(self, x): return "object"
        @show.register
        def _(self, x: int): return "int"
        @show.register
        @classmethod
        def _(cls, x: str): return cls.__name__
    assert F().show(1) == "int" and F().show(None) == "object" and F().show("s") == "F"


def test_wraps_copies():
    def f(a: int) -> str:
        "doc"
    f.extra = 5
    g = functools.update_wrapper(lambda *a: None, f)
    assert g.__doc__ == "doc" and g.__annotations__ == {"a": int, "return": str} and g.extra == 5 and g.__wrapped__ is f


def test_composition():
    def compose(*fs): return functools.reduce(lambda f, g: lambda x: g(f(x)), fs, lambda x: x)
    assert compose(str, len, range, list)(12345) == [0, 1, 2, 3, 4] and compose()(5) == 5
    def curry(f, n): return f if n <= 1 else lambda x: curry(functools.partial(f, x), n - 1)
    assert curry(lambda a, b, c: a + b + c, 3)(1)(2)(3) == 6


def test_y_combinator():
    Y = lambda f: (lambda x: x(x))(lambda y: f(lambda *a: y(y)(*a)))
    assert Y(lambda self: lambda n: 1 if n < 2 else n * self(n - 1))(20) == 2432902008176640000


def test_church_and_trampolines():
    def trampoline(f, *a):
        r = f(*a)
        while callable(r): r = r()
        return r
    def even(n): return True if n == 0 else lambda: odd(n - 1)
    def odd(n): return False if n == 0 else lambda: even(n - 1)
    assert trampoline(even, 20001) is False and trampoline(even, 20000) is True


def test_decorator_classes_and_factories():
    class Counted:
        def __init__(self, f):
            functools.update_wrapper(self, f)
            self.f, self.n = f, 0
        def __call__(self, *a):
            self.n += 1
            return self.f(*a)
        def __get__(self, o, t): return functools.partial(self, o)
    class C:
        @Counted
        def m(self, x): return x * 2
    c = C()
    assert [c.m(i) for i in range(3)] == [0, 2, 4] and C.__dict__["m"].n == 3 and C.__dict__["m"].__name__ == "m"
    def retry(times):
        def deco(f):
            def run(*a):
                for i in range(times):
                    try: return f(*a)
                    except ValueError as exc: last = exc
                raise last
            return run
        return deco
    attempts = []
    @retry(3)
    def flaky():
        attempts.append(1)
        if len(attempts) < 3: raise ValueError
        return "ok"
    assert flaky() == "ok" and len(attempts) == 3


def test_lazy_pipelines():
    log = []
    def source():
        for i in range(10):
            log.append(i)
            yield i
    out = (x * x for x in source() if x % 2)
    assert next(out) == 1 and log == [0, 1] and next(out) == 9 and log == [0, 1, 2, 3]


def test_restored_choices_of_too_small_pools():
    import itertools
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for made, state in (
            (itertools.combinations([1], 3), (0, 0, 0)),
            (itertools.combinations_with_replacement([], 2), (0, 0)),
        ):
            made.__setstate__(state)
            assert list(made) == []
