"""sys.settrace: which lines are events, jumps by f_lineno, what debuggers build on them."""

import sys
import warnings


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def events(function, *args):
    first = function.__code__.co_firstlineno
    seen = []
    def trace(frame, event, arg):
        if frame.f_code.co_filename != __file__ or frame.f_code is events.__code__:
            return None
        line = None if frame.f_lineno is None else frame.f_lineno - first
        seen.append((line, event if event != "exception" else arg[0].__name__))
        return trace
    sys.settrace(trace)
    try:
        function(*args)
    except Exception:
        pass
    finally:
        sys.settrace(None)
    return " ".join(f"{line}{event[0] if event in ('call', 'line', 'return') else event}" for line, event in seen)


def test_lines_of_handlers():
    def f(x):
        try:
            1 / x
        except ZeroDivisionError as e:
            if x:
                raise
        except:
            pass
        finally:
            y = 1
        return "done"
    assert events(f, 0) == "0c 1l 2l 2ZeroDivisionError 3l 4l 9l 10l 10r"
    assert events(f, "") == "0c 1l 2l 2TypeError 3l 6l 7l 9l 10l 10r"


def test_lines_of_loops():
    def f():
        i = 0
        while 1:
            i += 1
            if i > 2:
                break
        for a in range(2): pass
        b = [c for c in range(3)]
        while i: i -= 1
    assert events(f) == "0c 1l 2l 3l 4l 2l 3l 4l 2l 3l 4l 5l 6l 6l 6l 7l 7l 7l 7l 8l 8l 8l 8r"


def test_class_body_and_joins():
    def f():
        class A:
            if f:
                a = 1
            else:
                a = 2
    assert events(f) == "0c 1l 1c 1l 2l 3l 3r 1r"


def test_generators():
    def g():
        yield 1
        return 5
    def f():
        for x in g():
            pass
    assert events(f).replace(" ", "").count("StopIteration") == 1
    async def co():
        return 1
    async def a():
        x = await co()
    def h():
        a().send(None)
    text = events(h)
    assert text.count("StopIteration") == 2 and text.count("c") == 3, text


def test_prologue_constants_are_no_event():
    def f():
        for i in range(2):
            x = (1, 2) == i
    assert events(f) == "0c 1l 2l 1l 2l 1l 1r"


def jump(function, start, to, event="line"):
    first = function.__code__.co_firstlineno
    done = []
    def trace(frame, what, arg):
        if frame.f_code is function.__code__:
            if what == event and frame.f_lineno == first + start and not done:
                done.append(1)
                frame.f_lineno = to if not isinstance(to, int) else first + to
            return trace
        return trace if what == "call" and frame.f_back and frame.f_back.f_code is function.__code__ else None
    out = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sys.settrace(trace)
        try:
            function(out)
        except ValueError as e:
            out.append(str(e))
        finally:
            sys.settrace(None)
    return out, [str(w.message) for w in caught]


def program(output):
    output.append(1)
    for i in [1, 2]:
        output.append(3)
        try:
            output.append(5)
            1 / 0
        except ZeroDivisionError:
            output.append(8)
            sys.exc_info()
        output.append(10)
    with Context(output):
        output.append(12)
    with Context(output):
        output.append(14)
    x = 15
    return x


class Context:
    def __init__(self, output):
        self.output = output
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.output.append("exit")


ALL = [1, 3, 5, 8, 10, 3, 5, 8, 10, 12, "exit", 14, "exit"]


def test_jumps():
    warned = ["assigning None to 1 unbound local"]
    assert program(out := []) == 15 and out == ALL
    # Forwards over statements, out of a loop, out of a handler.
    assert jump(program, 1, 11) == ([12, "exit", 14, "exit"], ["assigning None to 2 unbound locals"])
    assert jump(program, 3, 15) == ([1], warned)
    assert jump(program, 8, 15) == ([1, 3, 5], warned)
    assert jump(program, 8, 10) == ([1, 3, 5, 10, 3, 5, 8, 10, 12, "exit", 14, "exit"], warned)
    # Backwards, to the start of the loop, from one `with` block into the other.
    assert jump(program, 10, 1) == ([1, 3, 5, 8, 1, 3, 5, 8, 10, 3, 5, 8, 10, 12, "exit", 14, "exit"], warned)
    assert jump(program, 10, 3) == ([1, 3, 5, 8] + ALL[1:], warned)
    assert jump(program, 12, 14) == (ALL[:9] + [14, "exit"], warned)
    # A line without code: the next that has some.
    assert jump(program, 1, 1 - 0)[0] == ALL


def test_handled_exception_after_a_jump():
    def f(output):
        try:
            1 / 0
        except ZeroDivisionError:
            output.append(4)
            output.append(5)
        output.append(sys.exception())
    assert jump(f, 4, 6) == ([None], [])


def test_refused_jumps():
    into_loop = "can't jump into the body of a for loop"
    into_handler = "can't jump into an 'except' block as there's no exception"
    assert jump(program, 1, 3)[0] == [into_loop]
    assert jump(program, 11, 4)[0] == ALL[:9] + [into_loop]
    assert jump(program, 3, 8)[0] == [1, into_handler]
    assert jump(program, 1, 12)[0] == ["incompatible stacks"]
    assert jump(program, 1, 100)[0][-1].endswith("comes after the current code block")
    assert jump(program, 1, -2)[0][-1].endswith("comes before the current code block")
    assert jump(program, 1, "x")[0] == ["lineno must be an integer"]
    assert jump(program, 16, 1, "return")[0] == ALL + ["can only jump from a 'line' trace event"]
    assert jump(program, 0, 2, "call")[0] == ["can't jump from the 'call' trace event of a new frame"]
    frame = sys._getframe()
    def set_line():
        frame.f_lineno = 1
    assert str(raises(ValueError, set_line)) == "f_lineno can only be set in a trace function"
    def delete():
        del frame.f_lineno
    raises(AttributeError, delete)


def test_jump_from_yield():
    def gen(output):
        output.append(2)
        yield 3
        output.append(4)
    def run(output):
        g = gen(output)
        output.append(next(g))
        output.append(next(g, "end"))
    first = gen.__code__.co_firstlineno
    done = []
    def trace(frame, what, arg):
        if frame.f_code is gen.__code__ and what == "return" and not done:
            done.append(1)
            frame.f_lineno = first + 1
        return trace
    out = []
    sys.settrace(trace)
    try:
        run(out)
    finally:
        sys.settrace(None)
    assert out == [2, 3, 2, 3], out


def test_set_trace_stops_in_the_line():
    import pdb, io
    out = io.StringIO()
    def f():
        x = 1
        pdb.Pdb(stdin=io.StringIO("p x\nn\np x\njump 8\nn\np y\nc\n"), stdout=out, nosigint=True, readrc=False).set_trace()
        x = 2
        x = 3
        y = 4
        y = 5
        return x
    f()
    text = out.getvalue()
    assert ").set_trace()" in text.splitlines()[1], text
    assert "(Pdb) 1\n" in text, text


def test_call_tracing():
    calls = []
    def inner():
        calls.append(1)
    seen = []
    def trace(frame, event, arg):
        seen.append((frame.f_code.co_name, event))
        if frame.f_code.co_name == "outer" and event == "call":
            sys.call_tracing(inner, ())
        return None
    def outer(): pass
    sys.settrace(trace)
    outer()
    sys.settrace(None)
    assert calls == [1] and seen[:2] == [("outer", "call"), ("inner", "call")], seen
