"""Code objects that come from marshalled bytes: their parts are made when they are first looked at."""
import marshal
import sys
import threading

SOURCE = '''
def documented(a, /, b=2, *args, c=(1, 2.5, -3j, b"x", None, ..., True), **kw):
    "what it does"
    def inner():
        return a, b, 123456789012345678901234567890, frozenset({1, 2})
    return inner, c
def counted():
    for i in range(3):
        yield i
class Nested:
    x = 1
    def method(self):
        return __class__.x
'''


def loaded():
    space = {}
    exec(marshal.loads(marshal.dumps(compile(SOURCE, "<made up>", "exec"))), space)
    return space


def test_functions_of_loaded_code_work_before_and_after_their_first_call():
    space = loaded()
    f = space["documented"]
    assert f.__doc__ == "what it does"
    for _ in range(2):
        inner, c = f(1, b=3, d=4)
        assert c == (1, 2.5, -3j, b"x", None, ..., True)
        assert inner() == (1, 3, 123456789012345678901234567890, frozenset({1, 2}))
    assert list(space["counted"]()) == [0, 1, 2]
    assert space["Nested"]().method() == 1


def test_attributes_of_code_that_never_ran():
    fresh = compile(SOURCE, "<made up>", "exec")
    again = marshal.loads(marshal.dumps(fresh))
    assert fresh == again and hash(fresh) == hash(again)
    assert marshal.dumps(fresh) == marshal.dumps(again)
    for a, b in zip(fresh.co_consts, again.co_consts):
        if hasattr(a, "co_code"):
            for name in dir(a):
                if name.startswith("co_") and name not in ("co_lines", "co_positions", "co_lnotab", "co_branches"):
                    assert getattr(a, name) == getattr(b, name), name
            assert list(a.co_positions()) == list(b.co_positions())
            assert list(a.co_lines()) == list(b.co_lines())


def test_keyword_errors_of_a_function_that_never_ran():
    f = loaded()["documented"]
    for call in (lambda: f(a=1), lambda: f(), lambda: loaded()["Nested"]().method(1)):
        try:
            call()
        except TypeError as e:
            assert "documented()" in str(e) or "method()" in str(e)
        else:
            raise AssertionError


def test_replaced_code_and_replaced_functions():
    space = loaded()
    f, g = space["documented"], space["counted"]
    code = f.__code__.replace(co_filename="elsewhere", co_name="other")
    assert marshal.loads(marshal.dumps(code)).co_filename == "elsewhere"
    assert code.co_names == f.__code__.co_names and code.co_consts == f.__code__.co_consts
    consts = tuple("what else" if c == "what it does" else c for c in code.co_consts)
    replaced = marshal.loads(marshal.dumps(code.replace(co_consts=consts)))
    assert replaced.co_consts[0] == "what else"

    def plain():
        "its own"
    plain.__code__ = (lambda: 5).__code__
    assert plain() == 5 and plain.__doc__ == "its own"
    assert g.__doc__ is None


def test_threads_that_first_call_a_function_at_once():
    for _ in range(20):
        space = loaded()
        start = threading.Barrier(4)
        results = []

        def run():
            start.wait()
            results.append((space["documented"](1)[0](), list(space["counted"]())))
        threads = [threading.Thread(target=run) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(results) == 4 and all(r == results[0] for r in results)


def test_tracing_a_first_call():
    space = loaded()
    events = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename == "<made up>":
            events.append((event, frame.f_lineno, frame.f_code.co_name))
        return tracer
    sys.settrace(tracer)
    try:
        space["Nested"]().method()
    finally:
        sys.settrace(None)
    assert events == [("call", 12, "method"), ("line", 13, "method"), ("return", 13, "method")], events


def test_a_changed_byte_of_code_is_refused():
    data = bytearray(marshal.dumps(compile("a = 1", "<made up>", "exec")))
    if sys.implementation.cache_tag.startswith("taipan"):
        for i in range(1, len(data)):
            data[i] ^= 4
            try:
                marshal.loads(bytes(data))
            except (ValueError, EOFError):
                pass
            else:
                raise AssertionError(i)
            data[i] ^= 4
