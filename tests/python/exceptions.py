"""raise, try, except, else, finally; context, cause, notes, tracebacks as objects."""
import sys


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_order_of_clauses():
    def f(kind):
        try:
            if kind:
                raise kind
        except (KeyError, IndexError):
            return "lookup"
        except ValueError:
            return "value"
        except Exception:
            return "other"
        else:
            return "else"
    assert [f(k) for k in (KeyError, IndexError, ValueError, OSError, None)] == ["lookup", "lookup", "value", "other", "else"]


def test_finally_runs_always():
    def f(how):
        log = []
        for i in range(2):
            try:
                if how == "return":
                    return log
                if how == "break":
                    break
                if how == "continue":
                    continue
                if how == "raise":
                    raise ValueError
            except ValueError:
                log.append("except")
            finally:
                log.append("finally")
        return log
    assert f("return") == ["finally"] and f("break") == ["finally"]
    assert f("continue") == ["finally", "finally"]
    assert f("raise") == ["except", "finally"] * 2


def test_return_in_finally_wins():
    def f():
        try:
            return 1
        finally:
            return 2
    def g():
        try:
            raise ValueError
        finally:
            return "swallowed"
    def h():
        for i in range(3):
            try:
                return i
            finally:
                continue
        return "end"
    assert (f(), g(), h()) == (2, "swallowed", "end")


def test_return_value_computed_before_finally():
    def f():
        x = 1
        try:
            return x
        finally:
            x = 2
    assert f() == 1


def test_nested_finally():
    log = []
    def f():
        try:
            try:
                raise KeyError("a")
            finally:
                log.append(1)
                try:
                    raise ValueError("b")
                except ValueError:
                    log.append(2)
        finally:
            log.append(3)
    exc = raises(KeyError, f)
    assert log == [1, 2, 3] and exc.__context__ is None


def test_name_is_deleted():
    e = "outer"
    try:
        raise ValueError
    except ValueError as e:
        pass
    raises(NameError, lambda: e)


def test_name_deleted_by_hand():
    try:
        raise ValueError
    except ValueError as e:
        del e
    try:
        raise ValueError
    except ValueError as e:
        e = 5
    raises(NameError, lambda: e)


def test_context():
    try:
        try:
            raise KeyError("a")
        except KeyError:
            raise ValueError("b")
    except ValueError as exc:
        assert isinstance(exc.__context__, KeyError) and exc.__cause__ is None and not exc.__suppress_context__


def test_cause():
    cause = KeyError("c")
    try:
        raise ValueError("v") from cause
    except ValueError as exc:
        assert exc.__cause__ is cause and exc.__suppress_context__
    try:
        try:
            raise KeyError
        except KeyError:
            raise ValueError from None
    except ValueError as exc:
        assert exc.__cause__ is None and exc.__suppress_context__ and isinstance(exc.__context__, KeyError)
    exc = raises(TypeError, lambda: exec("raise ValueError from 5"))
    assert str(exc) == "exception causes must derive from BaseException"


def test_context_cycle_is_broken():
    a, b = ValueError("a"), ValueError("b")
    try:
        try:
            raise a
        except ValueError:
            raise b
    except ValueError:
        pass
    try:
        try:
            raise b
        except ValueError:
            raise a
    except ValueError as exc:
        assert exc is a and a.__context__ is b and b.__context__ is None


def test_bare_raise():
    exc = raises(RuntimeError, lambda: exec("raise"))
    assert str(exc) == "No active exception to reraise"
    def f():
        try:
            raise KeyError("k")
        except KeyError:
            try:
                raise ValueError
            except ValueError:
                pass
            raise
    assert raises(KeyError, f).args == ("k",)


def test_sys_exception_and_exc_info():
    assert sys.exception() is None and sys.exc_info() == (None, None, None)
    try:
        raise ValueError("v")
    except ValueError as exc:
        assert sys.exception() is exc
        kind, value, tb = sys.exc_info()
        assert kind is ValueError and value is exc and tb is exc.__traceback__
        def inner():
            return sys.exception()
        assert inner() is exc
    assert sys.exception() is None


def test_traceback_objects():
    def inner():
        raise ValueError
    def outer():
        inner()
    exc = raises(ValueError, outer)
    names = []
    tb = exc.__traceback__
    while tb:
        names.append(tb.tb_frame.f_code.co_name)
        assert tb.tb_lineno > 0 and tb.tb_lasti >= 0
        tb = tb.tb_next
    assert names == ["raises", "outer", "inner"]
    last = exc.__traceback__.tb_next
    exc2 = ValueError("x").with_traceback(last)
    assert exc2.__traceback__ is last
    exc.__traceback__ = None
    assert exc.__traceback__ is None
    raises(TypeError, setattr, exc, "__traceback__", 5)


def test_traceback_type():
    import types
    def f():
        raise KeyError
    tb = raises(KeyError, f).__traceback__
    t = types.TracebackType(None, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
    assert t.tb_next is None and t.tb_lineno == tb.tb_lineno
    t.tb_next = tb
    assert t.tb_next is tb
    raises(ValueError, setattr, tb, "tb_next", t)


def test_reraise_extends_traceback():
    def f():
        raise ValueError
    try:
        f()
    except ValueError as exc:
        saved = exc
    def g():
        raise saved
    raises(ValueError, g)
    count = 0
    tb = saved.__traceback__
    while tb:
        count += 1
        tb = tb.tb_next
    assert count == 4


def test_args_and_str():
    assert str(ValueError()) == "" and str(ValueError(1)) == "1" and str(ValueError(1, 2)) == "(1, 2)"
    assert repr(ValueError("a")) == "ValueError('a')" and repr(ValueError(1, "b")) == "ValueError(1, 'b')"
    e = ValueError("a")
    e.args = (1, 2)
    assert e.args == (1, 2) and str(e) == "(1, 2)"
    assert str(KeyError("k")) == "'k'" and str(KeyError()) == "" and str(KeyError(1, 2)) == "(1, 2)"


def test_notes():
    e = ValueError("v")
    assert not hasattr(e, "__notes__")
    e.add_note("one")
    e.add_note("two")
    assert e.__notes__ == ["one", "two"]
    raises(TypeError, e.add_note, 5)


def test_oserror():
    e = OSError(2, "No such file", "name")
    assert type(e) is FileNotFoundError and (e.errno, e.strerror, e.filename, e.filename2) == (2, "No such file", "name", None)
    assert str(e) == "[Errno 2] No such file: 'name'" and e.args == (2, "No such file")
    assert type(OSError(17, "x")) is FileExistsError and type(OSError(13, "x")) is PermissionError
    assert type(OSError("only")) is OSError and OSError("only").errno is None
    assert OSError is IOError is EnvironmentError
    assert str(OSError(1, "m", "a", None, "b")) == "[Errno 1] m: 'a' -> 'b'"


def test_special_exceptions():
    e = StopIteration(5)
    assert e.value == 5 and StopIteration().value is None
    e = SystemExit(3)
    assert e.code == 3 and SystemExit().code is None and SystemExit(1, 2).code == (1, 2)
    e = ImportError("m", name="n", path="p")
    assert (e.msg, e.name, e.path) == ("m", "n", "p")
    e = NameError("m", name="x")
    assert e.name == "x"
    e = AttributeError("m", name="x", obj=5)
    assert (e.name, e.obj) == ("x", 5)
    e = UnicodeDecodeError("utf-8", b"a\xff", 1, 2, "bad")
    assert (e.encoding, e.object, e.start, e.end, e.reason) == ("utf-8", b"a\xff", 1, 2, "bad")
    assert str(e) == "'utf-8' codec can't decode byte 0xff in position 1: bad"
    e = SyntaxError("m", ("f", 1, 2, "text", 1, 3))
    assert (e.msg, e.filename, e.lineno, e.offset, e.text, e.end_lineno, e.end_offset) == ("m", "f", 1, 2, "text", 1, 3)


def test_hierarchy():
    assert issubclass(KeyError, LookupError) and issubclass(IndexError, LookupError)
    assert issubclass(ZeroDivisionError, ArithmeticError) and issubclass(FloatingPointError, ArithmeticError)
    assert issubclass(ModuleNotFoundError, ImportError) and issubclass(UnboundLocalError, NameError)
    assert issubclass(RecursionError, RuntimeError) and issubclass(NotImplementedError, RuntimeError)
    assert issubclass(TabError, IndentationError) and issubclass(IndentationError, SyntaxError)
    assert issubclass(UnicodeDecodeError, ValueError) and issubclass(ConnectionResetError, ConnectionError)
    assert not issubclass(KeyboardInterrupt, Exception) and not issubclass(SystemExit, Exception)
    assert not issubclass(GeneratorExit, Exception) and issubclass(BlockingIOError, OSError)
    assert issubclass(ExceptionGroup, BaseExceptionGroup) and issubclass(ExceptionGroup, Exception)
    assert issubclass(PythonFinalizationError, RuntimeError) and issubclass(EncodingWarning, Warning)


def test_custom_exception():
    class E(Exception):
        def __init__(self, code, msg):
            super().__init__(msg)
            self.code = code
    e = raises(E, lambda: (_ for _ in ()).throw(E(5, "m")))
    assert e.code == 5 and str(e) == "m" and e.args == ("m",)


def test_exception_matching_errors():
    def f():
        try:
            raise ValueError
        except 5:
            pass
    exc = raises(TypeError, f)
    assert str(exc) == "catching classes that do not inherit from BaseException is not allowed"
    def g():
        raise 5
    assert str(raises(TypeError, g)) == "exceptions must derive from BaseException"


def test_except_expression_evaluated_lazily():
    def kinds():
        log.append("evaluated")
        return ValueError
    log = []
    try:
        pass
    except kinds():
        pass
    assert log == []
    try:
        raise ValueError
    except KeyError:
        pass
    except kinds():
        pass
    assert log == ["evaluated"]


def test_loop_with_try_continue_break():
    out = []
    for i in range(6):
        try:
            if i == 1:
                continue
            if i == 4:
                break
            if i == 2:
                raise ValueError
            out.append(i)
        except ValueError:
            out.append("e")
        else:
            out.append("else")
        finally:
            out.append("f")
    assert out == [0, "else", "f", "f", "e", "f", 3, "else", "f", "f"]


def test_while_else_with_exceptions():
    n = 3
    log = []
    while n:
        try:
            n -= 1
            if n == 1:
                raise KeyError
        except KeyError:
            log.append("k")
    else:
        log.append("else")
    assert log == ["k", "else"]


def test_exception_in_each_position():
    def boom(*a):
        raise ValueError("x")
    checks = [
        lambda: boom() + 1, lambda: 1 + boom(), lambda: [1, boom()], lambda: {1: boom()}, lambda: {boom()},
        lambda: f"{boom()}", lambda: boom().x, lambda: boom()[0], lambda: [][boom()], lambda: not boom(),
        lambda: boom() and 1, lambda: 0 or boom(), lambda: boom() if 1 else 2, lambda: 1 if boom() else 2,
        lambda: print(*boom()), lambda: print(**boom()), lambda: (lambda x=boom(): x), lambda: 1 < boom() < 3,
        lambda: [i for i in boom()], lambda: [boom() for _ in [1]], lambda: [1 for _ in [1] if boom()],
        lambda: (x := boom()), lambda: -boom(), lambda: [*boom()], lambda: {**boom()}, lambda: [1][boom():],
    ]
    for check in checks:
        assert raises(ValueError, check).args == ("x",)


def test_operators_reach_python_code_that_raises():
    class C:
        def boom(self, *a):
            raise ValueError("op")
        __add__ = __radd__ = __iadd__ = __getitem__ = __setitem__ = __delitem__ = __contains__ = __len__ = boom
        __bool__ = __eq__ = __lt__ = __hash__ = __iter__ = __call__ = __neg__ = __index__ = __str__ = __format__ = boom
        __enter__ = __exit__ = __get__ = __float__ = __int__ = __repr__ = boom
    c = C()
    def setitem():
        c[0] = 1
    def delitem():
        del c[0]
    def iadd():
        x = c
        x += 1
    def with_():
        with c:
            pass
    for f in (lambda: c + 1, lambda: 1 + c, lambda: c[0], setitem, delitem, iadd, lambda: 1 in c, lambda: len(c),
              lambda: bool(c), lambda: c == 1, lambda: c < 1, lambda: hash(c), lambda: iter(c), lambda: c(),
              lambda: -c, lambda: [][c], lambda: str(c), lambda: f"{c}", with_, lambda: float(c), lambda: int(c),
              lambda: repr(c), lambda: [c] == [1], lambda: {c: 1}, lambda: sorted([c, c]), lambda: not c):
        assert raises(ValueError, f).args == ("op",), f


def test_exception_pickles():
    import pickle
    for e in (ValueError("a", 1), KeyError("k"), OSError(2, "m", "f"), StopIteration(4), UnicodeDecodeError("a", b"b", 0, 1, "r")):
        f = pickle.loads(pickle.dumps(e))
        assert type(f) is type(e) and f.args == e.args


def test_unwinding_through_many_frames():
    def f(n):
        try:
            if n == 0:
                raise KeyError("bottom")
            return f(n - 1)
        finally:
            depth.append(n)
    depth = []
    raises(KeyError, f, 200)
    assert depth == list(range(201))
