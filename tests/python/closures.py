"""Closures, cells, nonlocal, late binding."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_counter():
    def make():
        n = 0
        def bump():
            nonlocal n
            n += 1
            return n
        return bump
    a, b = make(), make()
    assert (a(), a(), b(), a()) == (1, 2, 1, 3)


def test_late_binding():
    fs = [lambda: i for i in range(3)]
    assert [f() for f in fs] == [2, 2, 2]
    gs = [lambda i=i: i for i in range(3)]
    assert [g() for g in gs] == [0, 1, 2]


def test_shared_cell():
    def pair():
        x = 10
        def get():
            return x
        def set_(v):
            nonlocal x
            x = v
        return get, set_
    get, set_ = pair()
    set_(99)
    assert get() == 99


def test_three_levels():
    def a():
        x = 1
        def b():
            def c():
                nonlocal x
                x += 1
                return x
            return c
        return b()(), x
    assert a() == (2, 2)


def test_cell_of_parameter():
    def f(x, *args, k=3, **kw):
        def g():
            return x, args, k, kw
        x += 1
        return g()
    assert f(1, 2, z=5) == (2, (2,), 3, {"z": 5})


def test_unbound_free_variable():
    def f():
        def g():
            return later
        exc = raises(NameError, g)
        assert "later" in str(exc) and "free variable" in str(exc)
        later = 1
        return g()
    assert f() == 1


def test_deleted_cell():
    def f():
        x = 1
        def g():
            return x
        del x
        raises(NameError, g)
        x = 2
        return g()
    assert f() == 2


def test_closure_attributes():
    def f():
        a, b = 1, 2
        def g():
            return b, a
        return g
    g = f()
    assert g.__code__.co_freevars == ("a", "b")
    assert [c.cell_contents for c in g.__closure__] == [1, 2]
    g.__closure__[0].cell_contents = 7
    assert g() == (2, 7)
    assert f.__closure__ is None
    assert set(f.__code__.co_cellvars) == {"a", "b"}


def test_empty_cell():
    import types
    cell = types.CellType()
    raises(ValueError, lambda: cell.cell_contents)
    cell.cell_contents = 1
    assert cell.cell_contents == 1
    del cell.cell_contents
    raises(ValueError, lambda: cell.cell_contents)
    assert types.CellType(1) < types.CellType(2)


def test_class_does_not_enclose():
    x = "outer"
    class C:
        x = "class"
        def f(self):
            return x
    assert C().f() == "outer"


def test_class_body_assigning_a_name_does_not_see_the_enclosing_one():
    x = "outer"
    def make():
        class C:
            y = x
            x = "mine"
    assert "x" in str(raises(NameError, make))


def test_class_body_global_read():
    def f():
        class C:
            a = len
        return C
    assert f().a([1]) == 1


def test_nonlocal_in_class():
    def f():
        n = 1
        class C:
            nonlocal n
            n = 2
        return n, hasattr(C, "n")
    assert f() == (2, False)


def test_global_in_nested():
    global global_for_test
    global_for_test = 1
    def f():
        global global_for_test
        global_for_test += 1
        def g():
            return global_for_test
        return g()
    assert f() == 2


def test_recursive_closure():
    def outer(n):
        def fact(k):
            return 1 if k <= 1 else k * fact(k - 1)
        return fact(n)
    assert outer(10) == 3628800


def test_closure_in_loop_body():
    out = []
    for i in range(3):
        def f(j):
            return lambda: (i, j)
        out.append(f(i))
    assert [g() for g in out] == [(2, 0), (2, 1), (2, 2)]


def test_comprehension_captures():
    def f(n):
        return [(lambda: n + i)() for i in range(3)]
    assert f(10) == [10, 11, 12]


def test_exec_sees_no_closure():
    def f():
        x = 1
        def g():
            return x
        raises(NameError, lambda: exec("y = unknown_name_here"))
        return g()
    assert f() == 1


def test_lambda_default_evaluated_once():
    calls = []
    def d():
        calls.append(1)
        return 5
    f = lambda x=d(): x
    assert (f(), f(), len(calls)) == (5, 5, 1)


def test_eval_in_function_uses_locals():
    def f():
        x = 3
        return eval("x + 1")
    assert f() == 4
