"""ExceptionGroup and except*."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_construction():
    e = ExceptionGroup("m", [ValueError(1), TypeError(2)])
    assert e.message == "m" and len(e.exceptions) == 2 and str(e) == "m (2 sub-exceptions)"
    assert repr(e) == "ExceptionGroup('m', [ValueError(1), TypeError(2)])"
    assert str(ExceptionGroup("m", [ValueError()])) == "m (1 sub-exception)"
    assert type(BaseExceptionGroup("m", [ValueError()])) is ExceptionGroup
    assert type(BaseExceptionGroup("m", [KeyboardInterrupt()])) is BaseExceptionGroup
    raises(TypeError, ExceptionGroup, "m", [KeyboardInterrupt()])
    raises(ValueError, ExceptionGroup, "m", [])
    raises(ValueError, ExceptionGroup, "m", [1])
    raises(TypeError, ExceptionGroup, 1, [ValueError()])


def test_split_and_subgroup():
    v, t, k = ValueError("v"), TypeError("t"), KeyError("k")
    e = ExceptionGroup("outer", [v, ExceptionGroup("inner", [t, k])])
    match, rest = e.split(TypeError)
    assert match.exceptions[0].exceptions == (t,)
    assert rest.exceptions[0] is v and rest.exceptions[1].exceptions == (k,)
    assert e.subgroup(OSError) is None
    assert e.subgroup(lambda x: x is k).exceptions[0].exceptions == (k,)
    assert e.split((ValueError, TypeError, KeyError)) == (e, None) or e.split((ValueError, TypeError, KeyError))[1] is None
    assert e.subgroup(ExceptionGroup) is e


def test_derive():
    class G(ExceptionGroup):
        def derive(self, excs):
            return G(self.message, excs)
    g = G("g", [ValueError(), TypeError()])
    g.add_note("n")
    a, b = g.split(ValueError)
    assert type(a) is G and type(b) is G and a.__notes__ == ["n"]


def test_except_star():
    log = []
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2), KeyError(3), ValueError(4)])
    except* ValueError as e:
        log.append(("value", [x.args[0] for x in e.exceptions]))
    except* (TypeError, KeyError) as e:
        log.append(("others", [x.args[0] for x in e.exceptions]))
    assert log == [("value", [1, 4]), ("others", [2, 3])]


def test_except_star_rest_propagates():
    def f():
        try:
            raise ExceptionGroup("g", [ValueError(1), OSError("o")])
        except* ValueError:
            pass
    exc = raises(ExceptionGroup, f)
    assert len(exc.exceptions) == 1 and isinstance(exc.exceptions[0], OSError)


def test_except_star_naked_exception():
    try:
        raise ValueError("naked")
    except* ValueError as e:
        assert isinstance(e, ExceptionGroup) and e.message == "" and e.exceptions[0].args == ("naked",)
    else:
        assert False


def test_except_star_unhandled_naked():
    def f():
        try:
            raise KeyError("k")
        except* ValueError:
            pass
    assert raises(KeyError, f).args == ("k",)


def test_except_star_raise_new():
    def f():
        try:
            raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
        except* ValueError:
            raise RuntimeError("new")
    exc = raises(ExceptionGroup, f)
    kinds = [type(x) for x in exc.exceptions]
    assert kinds == [RuntimeError, ExceptionGroup] and exc.message == ""


def test_except_star_reraise():
    def f():
        try:
            raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
        except* ValueError:
            raise
    exc = raises(ExceptionGroup, f)
    assert exc.message == "g" and [type(x) for x in exc.exceptions] == [ValueError, TypeError]


def test_except_star_else_finally():
    log = []
    try:
        pass
    except* ValueError:
        log.append("no")
    else:
        log.append("else")
    finally:
        log.append("finally")
    assert log == ["else", "finally"]


def test_except_star_group_type_refused():
    def f():
        try:
            raise ValueError
        except* ExceptionGroup:
            pass
    exc = raises(TypeError, f)
    assert "catching ExceptionGroup with except* is not allowed" in str(exc)


def test_nested_groups_in_except_star():
    log = []
    try:
        raise ExceptionGroup("a", [ExceptionGroup("b", [ValueError(1), KeyError(2)]), ValueError(3)])
    except* ValueError as e:
        log.append(repr(e))
    except* KeyError as e:
        log.append(repr(e))
    assert log == [
        "ExceptionGroup('a', [ExceptionGroup('b', [ValueError(1)]), ValueError(3)])",
        "ExceptionGroup('a', [ExceptionGroup('b', [KeyError(2)])])"]


def test_except_star_in_loop_and_function():
    def f(n):
        out = []
        for i in range(n):
            try:
                if i % 2:
                    raise ExceptionGroup("g", [ValueError(i)])
            except* ValueError as e:
                out.append(e.exceptions[0].args[0])
        return out
    assert f(6) == [1, 3, 5]
