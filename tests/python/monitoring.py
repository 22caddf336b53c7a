"""sys.monitoring (PEP 669): events, disabling, local events, errors."""

import sys

M = sys.monitoring
E = M.events
TOOL = 3


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


class Watch:
    """Registers callbacks that note what happens in one function (or all)."""

    def __init__(self, events, code=None, note=None):
        self.seen, self.events, self.code, self.note = [], events, code, note or (lambda *args: None)

    def callback(self, name):
        def called(code, *args):
            if code.co_filename == __file__ and code.co_name not in ("__enter__", "__exit__", "<lambda>"):
                self.seen.append((name, code.co_name, *args))
            return self.note(name, code, *args)
        return called

    def __enter__(self):
        M.use_tool_id(TOOL, "watch")
        for name, bit in vars(E).items():
            if bit & self.events or (name.startswith("C_") and self.events & E.CALL):
                M.register_callback(TOOL, bit, self.callback(name))
        if self.code is None:
            M.set_events(TOOL, self.events)
        else:
            M.set_local_events(TOOL, self.code, self.events)
        return self.seen

    def __exit__(self, *error):
        M.set_events(TOOL, 0)
        if self.code is not None:
            M.set_local_events(TOOL, self.code, 0)
        for bit in vars(E).values():
            if bit:
                M.register_callback(TOOL, bit, None)
        M.free_tool_id(TOOL)


def names(seen, function="f"):
    return [event for event, name, *_ in seen if name == function]


def test_start_and_return():
    def f(x):
        return x + 1
    def g():
        got = yield 5
        return got
    with Watch(E.PY_START | E.PY_RETURN | E.PY_RESUME | E.PY_YIELD) as seen:
        f(1)
        it = g()
        next(it)
        try:
            it.send(6)
        except StopIteration:
            pass
    assert names(seen) == ["PY_START", "PY_RETURN"]
    assert [s[-1] for s in seen if s[0] == "PY_RETURN" and s[1] in "fg"] == [2, 6]
    assert names(seen, "g") == ["PY_START", "PY_YIELD", "PY_RESUME", "PY_RETURN"]
    assert all(s[2] >= 0 and s[2] % 2 == 0 for s in seen)


def test_lines():
    def f(n):
        total = 0
        for i in range(n):
            total += i
        while n: n -= 1
        return total
    first = f.__code__.co_firstlineno
    with Watch(E.LINE, f.__code__) as seen:
        f(2)
    assert [line - first for _, _, line in seen] == [1, 2, 3, 2, 3, 2, 4, 5], seen


def test_calls():
    class C:
        def m(self): return 1
    def h(a, b=2): return a
    def f():
        c = C()
        c.m()
        h(7, b=3)
        len("abc")
        h(*[9])
        "x".upper()
        try:
            int("x")
        except ValueError:
            pass
    with Watch(E.CALL, f.__code__) as seen:
        f()
    calls = [s[3:] for s in seen if s[0] == "CALL"]
    assert calls[0] == (C, M.MISSING) and calls[1][0] is C.m and isinstance(calls[1][1], C)
    assert calls[2:] == [(h, 7), (len, "abc"), (h, 9), (str.upper, "x"), (int, "x")], calls[2:]
    native = [(s[0], s[3], s[4]) for s in seen if s[0].startswith("C_")]
    assert native[-3:] == [("C_RETURN", len, "abc"), ("C_RETURN", str.upper, "x"), ("C_RAISE", int, "x")], native


def test_branches_and_jumps():
    def f(x):
        if x > 1:
            y = 1
        else:
            y = 2
        for i in (1, 2):
            pass
        return y
    with Watch(E.BRANCH | E.JUMP, f.__code__) as seen:
        f(0)
        f(2)
    # The test, and the loop: twice on, once out.
    assert names(seen).count("BRANCH") == 8, seen
    assert names(seen).count("JUMP") >= 4
    starts = {s[2] for s in seen if s[0] == "BRANCH"}
    import dis
    jumps = {i.offset for i in dis.get_instructions(f) if i.opcode in dis.hasjump}
    assert starts <= jumps


def test_exceptions():
    def g():
        raise KeyError(1)
    def f():
        try:
            g()
        except KeyError:
            raise
    events = E.RAISE | E.RERAISE | E.EXCEPTION_HANDLED | E.PY_UNWIND
    with Watch(events) as seen:
        raises(KeyError, f)
    assert names(seen, "g") == ["RAISE", "PY_UNWIND"], seen
    assert names(seen) == ["RAISE", "EXCEPTION_HANDLED", "RERAISE", "EXCEPTION_HANDLED", "RERAISE", "PY_UNWIND"], seen
    assert all(isinstance(s[-1], KeyError) for s in seen)


def test_throw():
    def g():
        try:
            yield 1
        except ValueError:
            yield 2
    it = g()
    next(it)
    with Watch(E.PY_THROW | E.PY_YIELD) as seen:
        it.throw(ValueError("x"))
    assert names(seen, "g") == ["PY_THROW", "PY_YIELD"], seen


def test_instructions():
    def f(x):
        return x.y
    class C: y = 1
    import dis
    with Watch(E.INSTRUCTION, f.__code__) as seen:
        f(C)
    offsets = {i.offset for i in dis.get_instructions(f)}
    assert seen and {s[2] for s in seen} <= offsets


def test_disable_and_restart():
    def f():
        for i in range(3):
            pass
    def note(name, code, *args):
        return M.DISABLE
    with Watch(E.LINE, f.__code__, note) as seen:
        f()
        f()
        count = len(seen)
        M.restart_events()
        f()
    assert count == 3 and len(seen) == 6, seen
    def g():
        raise KeyError
    with Watch(E.RAISE, None, note) as seen:
        assert str(raises(ValueError, g)) == "Cannot disable RAISE events. Callback removed."


def test_callback_that_raises():
    def f():
        x = 1
        return x
    def note(name, code, *args):
        raise ZeroDivisionError
    with Watch(E.LINE, f.__code__, note):
        raises(ZeroDivisionError, f)
    assert f() == 1


def test_two_tools():
    def f(): return 1
    order = []
    for tool in (0, 4):
        M.use_tool_id(tool, f"tool{tool}")
        M.register_callback(tool, E.PY_START, lambda code, offset, tool=tool: order.append(tool) if code is f.__code__ else None)
    M.set_events(0, E.PY_START)
    M.set_local_events(4, f.__code__, E.PY_START)
    f()
    assert M._all_events() == {"PY_START": 1} and M.get_local_events(4, f.__code__) == E.PY_START
    M.set_events(0, 0)
    M.set_local_events(4, f.__code__, 0)
    f()
    assert order == [4, 0] and M._all_events() == {}
    for tool in (0, 4):
        assert M.get_tool(tool) == f"tool{tool}"
        M.register_callback(tool, E.PY_START, None)
        M.free_tool_id(tool)


def test_threads():
    import threading
    def f(): return 1
    seen = []
    M.use_tool_id(TOOL, "threads")
    M.register_callback(TOOL, E.PY_START, lambda code, offset: seen.append(threading.get_ident()) if code is f.__code__ else None)
    ready, go = threading.Event(), threading.Event()
    def run():
        ready.set()
        go.wait()
        f()
    old = threading.Thread(target=run)
    old.start()
    ready.wait()
    M.set_events(TOOL, E.PY_START)
    new = threading.Thread(target=f)
    new.start()
    go.set()
    old.join()
    new.join()
    M.set_events(TOOL, 0)
    M.free_tool_id(TOOL)
    assert len(set(seen)) == 2 or len(seen) == 2, seen


def test_errors():
    assert str(raises(ValueError, M.use_tool_id, 6, "x")) == "invalid tool 6 (must be between 0 and 5)"
    assert str(raises(ValueError, M.use_tool_id, TOOL, 1)) == "tool name must be a str"
    assert str(raises(ValueError, M.set_events, TOOL, E.LINE)) == "tool 3 is not in use"
    M.use_tool_id(TOOL, "x")
    assert str(raises(ValueError, M.use_tool_id, TOOL, "x")) == "tool 3 is already in use"
    assert str(raises(ValueError, M.set_events, TOOL, 1 << 20)) == "invalid event set 0x100000"
    assert str(raises(ValueError, M.set_events, TOOL, E.C_RAISE)) == "cannot set C_RETURN or C_RAISE events independently"
    code = test_errors.__code__
    assert str(raises(ValueError, M.set_local_events, TOOL, code, E.RAISE)) == "invalid local event set 0x400"
    assert str(raises(TypeError, M.set_local_events, TOOL, 1, E.LINE)) == "code must be a code object"
    assert str(raises(ValueError, M.register_callback, TOOL, 3, None)) == "The callback can only be set for one event at a time"
    assert str(raises(ValueError, M.register_callback, TOOL, 1 << 20, None)) == "invalid event 1048576"
    assert M.register_callback(TOOL, E.LINE, len) is None and M.register_callback(TOOL, E.LINE, None) is len
    M.free_tool_id(TOOL)
    assert M.get_tool(TOOL) is None and E.NO_EVENTS == 0 and (M.DEBUGGER_ID, M.OPTIMIZER_ID) == (0, 5)


def test_the_call_that_switches_on_has_no_return():
    M.use_tool_id(TOOL, "x")
    seen = []
    M.register_callback(TOOL, E.CALL, lambda code, at, f, arg: seen.append(("call", f)))
    M.register_callback(TOOL, E.C_RETURN, lambda code, at, f, arg: seen.append(("back", f)))
    M.set_events(TOOL, E.CALL)
    len("")
    M.set_events(TOOL, 0)
    M.free_tool_id(TOOL)
    assert seen == [("call", len), ("back", len), ("call", M.set_events)], seen


def test_the_call_of_super():
    class A:
        def m(self): return 1
    class B(A):
        def m(self): return super().m()
        def n(self): return super(B, self).m
    M.use_tool_id(TOOL, "x")
    seen = []
    M.register_callback(TOOL, E.CALL, lambda code, at, f, arg: seen.append((f, arg)))
    M.register_callback(TOOL, E.C_RETURN, lambda code, at, f, arg: seen.append(("back", f, arg)))
    b = B()
    M.set_local_events(TOOL, B.m.__code__, E.CALL)
    M.set_local_events(TOOL, B.n.__code__, E.CALL)
    b.m(), b.n()
    M.set_local_events(TOOL, B.m.__code__, 0)
    M.set_local_events(TOOL, B.n.__code__, 0)
    M.free_tool_id(TOOL)
    seen = [s for s in seen if super in s]
    assert seen == [(super, M.MISSING), ("back", super, M.MISSING), (super, B), ("back", super, B)], seen


def test_an_error_in_the_unwind_event_takes_over():
    M.use_tool_id(TOOL, "x")
    def f(): 1 / 0
    M.register_callback(TOOL, E.PY_UNWIND, lambda *args: M.DISABLE)
    M.set_events(TOOL, E.PY_UNWIND)
    try:
        e = raises(ValueError, f)
    finally:
        M.set_events(TOOL, 0)
        M.free_tool_id(TOOL)
    assert str(e) == "Cannot disable PY_UNWIND events. Callback removed."
