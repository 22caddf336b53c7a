"""Order of evaluation, and registers that a later part of the same expression rebinds (hazard 15)."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def boom():
    raise ValueError("boom")


def test_walrus_value_in_a_pairwise_assignment():
    def f(a, c):
        c, b = a, (c := (c := c))
        return b, c
    assert f(1, 3) == (3, 1)


def test_walrus_after_operand():
    x = 1
    assert x + (x := 5) == 6
    assert x == 5
    x = 1
    assert (x := 5) + x == 10


def test_walrus_in_arguments():
    def f(*a):
        return a
    i = 0
    assert f(i, (i := 1)) == (0, 1)
    assert f(i, (i := i + 1), i, (i := i + 1), i) == (1, 2, 2, 3, 3)


def test_walrus_in_display():
    i = 0
    assert [i, (i := 1), i] == [0, 1, 1]
    i = 0
    assert (i, (i := 1), i) == (0, 1, 1)
    i = 0
    assert {i: (i := 1), i + 1: i} == {0: 1, 2: 1}


def test_walrus_in_subscript():
    a = [10, 20, 30]
    i = 0
    assert a[i] + a[(i := 2)] + a[i] == 70
    x = a
    assert x[(x := 1)] == 20 and x == 1


def test_walrus_in_attribute_receiver():
    class C:
        v = 1
        def m(self, other):
            return self is other
    x = c = C()
    assert x.m((x := c)) is True
    x = c
    assert x.m((x := None)) is False and x is None


def test_walrus_in_comparison_chain():
    x = 1
    assert x < (x := 5) < (x := 9)
    assert x == 9
    x = 1
    assert not (x > (x := 5) > (x := 0)) and x == 5


def test_walrus_in_callee():
    f = str
    assert f((f := 5)) == "5"
    assert f == 5


def test_failed_right_side_keeps_target():
    x = 10
    raises(ValueError, lambda: None or boom())
    try:
        x = (x + 1) * boom()
    except ValueError:
        pass
    assert x == 10
    try:
        x = [x, x + 1, boom()]
    except ValueError:
        pass
    assert x == 10
    try:
        x += boom()
    except ValueError:
        pass
    assert x == 10


def test_failed_in_generator_keeps_target():
    def g():
        x = 1
        try:
            x = (x + 1) + (yield x)
        except ValueError:
            yield ("kept", x)
    it = g()
    assert next(it) == 1
    assert it.throw(ValueError()) == ("kept", 1)


def test_yield_between_operands():
    def g():
        x = 1
        r = x + (yield x) + x
        yield r
    it = g()
    next(it)
    assert it.send(10) == 12


def test_yield_and_closure_rebinding():
    def g():
        x = 1
        def change():
            nonlocal x
            x = 100
            return 0
        return x + change() + x
    assert g() == 101


def test_swap():
    a, b = 1, 2
    a, b = b, a
    assert (a, b) == (2, 1)
    a, b, c = 1, 2, 3
    a, b, c = c, a, b
    assert (a, b, c) == (3, 1, 2)
    i, x = 0, [5, 6]
    i, x[i] = 1, 7
    assert x == [5, 7]


def test_swap_through_subscript():
    x = [0, 1, 2]
    i = 1
    x[i], i = i, x[0]
    assert (x, i) == ([0, 1, 2], 0)


def test_chained_assignment():
    log = []
    class D(dict):
        def __setitem__(self, k, v):
            log.append(k)
            dict.__setitem__(self, k, v)
    a, b = D(), D()
    x = a["p"] = y = b["q"] = 3
    assert log == ["p", "q"] and x == y == 3


def test_assignment_evaluates_value_first():
    log = []
    def t(name, v):
        log.append(name)
        return v
    t("target", {})[t("key", 1)] = t("value", 2)
    assert log == ["value", "target", "key"]


def test_augmented_order():
    log = []
    def t(name, v):
        log.append(name)
        return v
    d = {1: 1}
    t("target", d)[t("key", 1)] += t("value", 2)
    assert log == ["target", "key", "value"] and d == {1: 3}


def test_call_order():
    log = []
    def t(name, v=None):
        log.append(name)
        return v
    def f(*a, **k):
        log.append("call")
    t("f", f)(t("a"), *t("b", ()), t("c"), k=t("d"), **t("e", {}), z=t("g"))
    assert log == ["f", "a", "b", "c", "d", "e", "g", "call"]


def test_dict_display_order():
    log = []
    def t(n):
        log.append(n)
        return n
    {t(1): t(2), t(3): t(4), **{t(5): t(6)}}
    assert log == [1, 2, 3, 4, 5, 6]


def test_conditional_order():
    log = []
    def t(n, v):
        log.append(n)
        return v
    assert t("then", 1) if t("cond", True) else t("else", 2)
    assert log == ["cond", "then"]


def test_short_circuit_values():
    assert (0 or "" or []) == []
    assert (1 and "a" and []) == []
    assert (None or 5) == 5
    assert (5 and 0 or 7) == 7
    assert (not 0) is True and (not "x") is False


def test_comparison_chain_evaluates_once():
    log = []
    def t(n):
        log.append(n)
        return n
    assert t(1) < t(2) < t(3)
    assert not t(5) < t(4) < t(9)
    assert log == [1, 2, 3, 5, 4]


def test_slice_order():
    log = []
    def t(n, v):
        log.append(n)
        return v
    t("x", [1, 2, 3])[t("a", 0):t("b", 2):t("c", 1)]
    assert log == ["x", "a", "b", "c"]


def test_decorator_and_default_order():
    log = []
    def t(n, v=None):
        log.append(n)
        return v
    ident = lambda f: (log.append("applied"), f)[1]
    @t("d1", ident)
    @t("d2", ident)
    def f(a=t("default")) -> t("annotation"):
        pass
    assert log == ["d1", "d2", "default", "annotation", "applied", "applied"]


def test_class_statement_order():
    log = []
    def t(n, v=None):
        log.append(n)
        return v
    class C(t("base", object), metaclass=t("meta", type)):
        t("body")
    assert log == ["base", "meta", "body"]


def test_del_order():
    log = []
    class D:
        def __delitem__(self, k):
            log.append(k)
    d = D()
    del d[1], (d[2], [d[3]])
    assert log == [1, 2, 3]


def test_for_target_order():
    d = {}
    for d["k"], x in [(1, 2), (3, 4)]:
        pass
    assert d == {"k": 3} and x == 4


def test_loop_variable_reassigned_inside():
    seen = []
    for i in range(3):
        seen.append(i)
        i = 100
    assert seen == [0, 1, 2] and i == 100


def test_loop_over_rebound_name():
    x = [1, 2, 3]
    out = []
    for x in x:
        out.append(x)
    assert out == [1, 2, 3] and x == 3


def test_exception_in_argument_leaves_locals():
    def f(a, b):
        return a
    x = 1
    try:
        x = f((x := x + 1), boom())
    except ValueError:
        pass
    assert x == 2


def test_nested_calls_with_many_temporaries():
    def f(a, b, c, d):
        return (a, b, c, d)
    r = f(f(1, 2, 3, 4), f(5, f(6, 7, 8, 9), 10, 11), 12, f(13, 14, 15, f(16, 17, 18, 19)))
    assert r == ((1, 2, 3, 4), (5, (6, 7, 8, 9), 10, 11), 12, (13, 14, 15, (16, 17, 18, 19)))


def test_many_locals():
    names = [f"v{i}" for i in range(400)]
    source = "def f():\n" + "".join(f"    {n} = {i}\n" for i, n in enumerate(names))
    source += "    return " + " + ".join(names) + "\n"
    ns = {}
    exec(source, ns)
    assert ns["f"]() == sum(range(400))


def test_many_arguments():
    source = "def f(" + ", ".join(f"a{i}" for i in range(300)) + "): return a0 + a299\n"
    source += "r = f(" + ", ".join(str(i) for i in range(300)) + ")\n"
    ns = {}
    exec(source, ns)
    assert ns["r"] == 299


def test_large_constants_table():
    source = "x = [" + ", ".join(f"'s{i}'" for i in range(3000)) + "]\nt = (" + ", ".join(str(i + 0.5) for i in range(3000)) + ")\n"
    ns = {}
    exec(source, ns)
    assert ns["x"][2999] == "s2999" and ns["t"][2999] == 2999.5


def test_long_jump():
    body = "".join(f"        x = x + {i}\n" for i in range(3000))
    source = f"def f(n):\n    x = 0\n    while n:\n        n -= 1\n        if n == 5:\n            continue\n{body}    return x\n"
    ns = {}
    exec(source, ns)
    assert ns["f"](3) == 3 * sum(range(3000))
