"""traceback, warnings, logging, argparse."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import io
import sys


def test_format_exception():
    import traceback
    def f():
        raise ValueError("v")
    try:
        f()
    except ValueError as exc:
        lines = traceback.format_exception(exc)
        assert lines[0] == "Traceback (most recent call last):\n" and lines[-1] == "ValueError: v\n" and "in f" in lines[-2] and traceback.format_exception_only(exc) == ["ValueError: v\n"] and traceback.format_exc().endswith("ValueError: v\n")
        s = traceback.extract_tb(exc.__traceback__)
        assert [x.name for x in s] == ["test_format_exception", "f"] and s[1].line == 'raise ValueError("v")'
        te = traceback.TracebackException.from_exception(exc)
        assert te.exc_type is ValueError and "".join(te.format()) == "".join(lines)


def test_anchors():
    import traceback
    def f(a):
        return a[0]["x"] + 1
    try:
        f([{}])
    except KeyError as exc:
        text = "".join(traceback.format_exception(exc))
    assert '    return a[0]["x"] + 1\n           ~~~~^^^^^\n' in text


def test_chained_and_groups():
    import traceback
    try:
        try:
            1 / 0
        except ZeroDivisionError as e:
            raise ValueError from e
    except ValueError as exc:
        assert "The above exception was the direct cause of the following exception:" in "".join(traceback.format_exception(exc))
    g = ExceptionGroup("g", [ValueError(1), TypeError(2)])
    g.add_note("note")
    assert "".join(traceback.format_exception(g)) == "  | ExceptionGroup: g (2 sub-exceptions)\n  | note\n  +-+---------------- 1 ----------------\n    | ValueError: 1\n    +---------------- 2 ----------------\n    | TypeError: 2\n    +------------------------------------\n"


def test_syntax_error_format():
    import traceback
    try:
        compile("x = (1,\ny z", "f.py", "exec")
    except SyntaxError as exc:
        text = "".join(traceback.format_exception_only(exc))
    assert text.startswith('  File "f.py", line ') and "SyntaxError: " in text


def test_suggestions():
    import traceback
    for f, want in [(lambda: [].apend, "Did you mean: 'append'?"), (lambda: pritn, "Did you mean: 'print'?")]:
        try:
            f()
        except Exception as exc:
            assert want in "".join(traceback.format_exception(exc))


def test_print_stack_and_walk():
    import traceback
    out = io.StringIO()
    traceback.print_stack(file=out)
    assert "test_print_stack_and_walk" in out.getvalue() and traceback.extract_stack()[-1].name == "test_print_stack_and_walk"


def test_excepthook_text():
    out, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.excepthook(ValueError, ValueError("m"), None)
        text = sys.stderr.getvalue()
    finally:
        sys.stderr = out
    assert text == "ValueError: m\n"


def test_warnings():
    import warnings
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        warnings.warn("a")
        warnings.warn("b", DeprecationWarning, stacklevel=2)
    assert [str(x.message) for x in w] == ["a", "b"] and w[0].category is UserWarning and w[0].filename.endswith("traceback_warnings.py")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raises(UserWarning, warnings.warn, "x")
        warnings.filterwarnings("ignore", message="quiet")
        warnings.warn("quiet please")
    @warnings.deprecated("old")
    def f(): return 1
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        assert f() == 1
    assert str(w[0].message) == "old"
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("default")
        for _ in range(3):
            warnings.warn("once per place")
    assert len(w) == 1


def test_logging():
    import logging
    out = io.StringIO()
    log = logging.getLogger("behaviour.test")
    h = logging.StreamHandler(out)
    h.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    log.addHandler(h)
    log.propagate = False
    log.setLevel(logging.INFO)
    log.debug("no")
    log.info("yes %d", 5)
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")
    log.removeHandler(h)
    text = out.getvalue()
    assert text.startswith("INFO:behaviour.test:yes 5\nERROR:behaviour.test:failed\nTraceback") and text.endswith("ZeroDivisionError: division by zero\n") and logging.getLevelName(30) == "WARNING" and log.isEnabledFor(20)


def test_argparse():
    import argparse
    p = argparse.ArgumentParser(prog="p", description="d", exit_on_error=False)
    p.add_argument("file", nargs="+")
    p.add_argument("-n", "--num", type=int, default=1, choices=[1, 2])
    p.add_argument("--flag", action="store_true")
    p.add_argument("-v", action="count", default=0)
    a = p.parse_args(["a", "b", "-n", "2", "--flag", "-vv"])
    assert (a.file, a.num, a.flag, a.v) == (["a", "b"], 2, True, 2) and "usage: p [-h]" in p.format_usage() and "show this help message and exit" in p.format_help()
    raises(argparse.ArgumentError, p.parse_args, ["a", "-n", "x"])
    sp = argparse.ArgumentParser()
    sub = sp.add_subparsers(dest="cmd")
    sub.add_parser("one").add_argument("--x")
    assert vars(sp.parse_args(["one", "--x", "1"])) == {"cmd": "one", "x": "1"}


def test_linecache():
    import linecache
    assert linecache.getline(__file__, 1).startswith('"""traceback')


def test_unraisable_hook():
    import gc
    seen = []
    old, sys.unraisablehook = sys.unraisablehook, lambda u: seen.append((u.exc_type, u.err_msg))
    try:
        class D:
            def __del__(self): raise KeyError("d")
        D()
        gc.collect()
    finally:
        sys.unraisablehook = old
    assert seen and seen[0][0] is KeyError
