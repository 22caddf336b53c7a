"""List, set, dict comprehensions and generator expressions: scoping as in PEP 709."""

x = "global"


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_no_leak():
    x = 1
    [x for x in range(5)]
    assert x == 1
    {x: x for x in range(5)}
    {x for x in range(5)}
    list(x for x in range(5))
    assert x == 1


def test_no_leak_global():
    [x for x in range(5)]
    assert x == "global"


def test_outer_iterable_evaluated_outside():
    class C:
        items = [1, 2, 3]
        doubled = [i * 2 for i in items]
    assert C.doubled == [2, 4, 6]
    def bad():
        class D:
            y = 2
            wrong = [i * y for i in range(2)]
    raises(NameError, bad)


def test_class_sees_global_not_class():
    class C:
        x = "class"
        values = [x for _ in range(1)]
    assert C.values == ["global"]


def test_nested():
    m = [[1, 2], [3, 4]]
    assert [y for row in m for y in row] == [1, 2, 3, 4]
    assert [[y * 2 for y in row] for row in m] == [[2, 4], [6, 8]]
    assert [(i, j) for i in range(3) if i % 2 == 0 for j in range(i)] == [(2, 0), (2, 1)]


def test_conditions():
    assert [i for i in range(20) if i % 2 if i % 3 == 0] == [3, 9, 15]
    assert {i: j for i, j in zip("abc", range(3)) if j} == {"b": 1, "c": 2}


def test_same_name_nested():
    assert [x for x in [[x for x in range(2)] for x in range(2)]] == [[0, 1], [0, 1]]


def test_lambda_in_comprehension():
    fs = [lambda: i for i in range(3)]
    assert [f() for f in fs] == [2, 2, 2]


def test_walrus_binds_outside():
    total = 0
    partial = [total := total + v for v in [1, 2, 3]]
    assert partial == [1, 3, 6] and total == 6


def test_walrus_in_generator_expression():
    assert any((hit := n) > 3 for n in range(10))
    assert hit == 4


def test_generator_expression_lazy():
    log = []
    def item(n):
        log.append(n)
        return n
    g = (item(n) for n in range(3))
    assert log == []
    assert next(g) == 0 and log == [0]
    assert list(g) == [1, 2]


def test_generator_expression_first_iterable_eager():
    raises(TypeError, lambda: (i for i in 5))
    g = (j for i in [1] for j in undefined_later)
    raises(NameError, lambda: next(g))


def test_dict_comprehension_order():
    log = []
    def k(n):
        log.append(("k", n))
        return n
    def v(n):
        log.append(("v", n))
        return n
    {k(n): v(n) for n in range(2)}
    assert log == [("k", 0), ("v", 0), ("k", 1), ("v", 1)]


def test_comprehension_in_function_reads_local_cell():
    def f(a):
        def g():
            return [a + i for i in range(2)]
        return g()
    assert f(10) == [10, 11]


def test_iteration_variable_captured_then_changed():
    def f():
        i = 100
        r = [(lambda: i) for i in range(2)]
        return i, r[0]()
    assert f() == (100, 1)


def test_locals_inside():
    def f():
        a = 1
        return [sorted(locals()) for b in [2]][0]
    assert f() == ["a", "b"]


def test_starred_and_tuple_targets():
    assert [(a, b) for a, *b in [(1, 2, 3), (4,)]] == [(1, [2, 3]), (4, [])]
    class C:
        pass
    c = C()
    assert [c.v for c.v in range(3)] == [0, 1, 2] and c.v == 2


def test_exception_keeps_outer_variable():
    i = "kept"
    try:
        [1 // i for i in [1, 0]]
    except ZeroDivisionError:
        pass
    assert i == "kept"


def test_deleted_name_in_comprehension():
    def f():
        y = 1
        del y
        raises(NameError, lambda: [y for _ in [1]])
        try:
            return [y for _ in [1]]
        except UnboundLocalError:
            return "unbound"
        except NameError:
            return "name"
    assert f() in ("unbound", "name")


def test_yield_around_comprehension():
    def g():
        yield [i for i in range(3)]
        yield None
    try:
        compile("def g():\n  [(yield i) for i in []]", "s", "exec")
    except SyntaxError as exc:
        assert "inside list comprehension" in exc.msg


def test_large():
    assert sum([i for i in range(100000)]) == 4999950000
    assert len({i % 7 for i in range(1000)}) == 7
    assert len({i: None for i in range(5000)}) == 5000
