"""pickle, copy, marshal, json, struct round trips."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import copy
import json
import marshal
import pickle
import threading
import time


class Plain:
    def __init__(self, v):
        self.v = v

    def __eq__(self, o):
        return type(o) is type(self) and o.__dict__ == self.__dict__


class Slotted:
    __slots__ = ("a", "b")


class State:
    def __getstate__(self):
        return {"kept": 1}

    def __setstate__(self, s):
        self.restored = s


class Reduced:
    def __init__(self, a):
        self.a = a

    def __reduce__(self):
        return Reduced, (self.a * 2,)


VALUES = [None, True, 0, -1, 255, 2**31, 2**63, -2**100, 1.5, float("inf"), 1j, "", "é🐍", b"", b"\xff", (), (1,), (1, 2, 3, 4), [], [1, [2]], {}, {"a": [1]}, {1, 2}, frozenset([3]), ..., NotImplemented, int, len, Plain, range(5), slice(1, 2), bytearray(b"x"), "a" * 300, list(range(2000))]


def test_pickle_values():
    for proto in range(pickle.HIGHEST_PROTOCOL + 1):
        for v in VALUES:
            assert pickle.loads(pickle.dumps(v, proto)) == v, (proto, v)
        p = pickle.loads(pickle.dumps(Plain([1]), proto))
        assert p == Plain([1])


def test_pickle_objects():
    for proto in (2, 4, 5):
        s = Slotted()
        s.a = 5
        t = pickle.loads(pickle.dumps(s, proto))
        assert t.a == 5 and not hasattr(t, "b")
        assert pickle.loads(pickle.dumps(State(), proto)).restored == {"kept": 1}
        assert pickle.loads(pickle.dumps(Reduced(3), proto)).a == 6
    l = [1]
    l.append(l)
    m = pickle.loads(pickle.dumps(l))
    assert m[1] is m
    x = []
    a, b = pickle.loads(pickle.dumps((x, x)))
    assert a is b


def test_pickle_errors():
    raises((pickle.PicklingError, AttributeError), pickle.dumps, lambda: 1)
    raises(TypeError, pickle.dumps, (i for i in []))
    raises((pickle.UnpicklingError, EOFError), pickle.loads, b"")
    raises((pickle.UnpicklingError, Exception), pickle.loads, b"garbage")


def test_copy():
    l = [1, [2], {"k": [3]}]
    c, d = copy.copy(l), copy.deepcopy(l)
    l[1].append(9)
    assert c[1] == [2, 9] and d[1] == [2] and copy.deepcopy((1, [2])) == (1, [2]) and copy.copy(5) == 5
    l.append(l)
    d = copy.deepcopy(l)
    assert d[3] is d
    class C:
        def __copy__(self): return "copied"
        def __deepcopy__(self, memo): return "deep"
    assert copy.copy(C()) == "copied" and copy.deepcopy([C()]) == ["deep"]
    p = copy.deepcopy(Plain([1]))
    assert p == Plain([1]) and copy.replace
    import types
    assert copy.copy(types.SimpleNamespace(a=1)).a == 1 and copy.replace(types.SimpleNamespace(a=1), a=2).a == 2


def test_marshal():
    for v in [None, True, 1, -2**70, 1.5, 2j, "é", b"x", (1, [2, {3: {4}}]), frozenset([1]), ..., StopIteration, "a" * 500]:
        if v is StopIteration:
            assert marshal.loads(marshal.dumps(v)) is v
        else:
            assert marshal.loads(marshal.dumps(v)) == v
    code = compile("def f(x, *a, k=1):\n    return [y + x for y in a], k\n", "m.py", "exec")
    ns = {}
    exec(marshal.loads(marshal.dumps(code)), ns)
    assert ns["f"](1, 2, 3) == ([3, 4], 1)
    raises((EOFError, ValueError), marshal.loads, b"")
    raises(ValueError, marshal.dumps, object())


def test_json():
    v = {"a": [1, 2.5, None, True, "é\n\"\\\u2028"], "b": {"c": {}}, "d": [], "e": -0.0, "f": 1e100, "g": 2**70}
    assert json.loads(json.dumps(v)) == v and json.dumps(v, ensure_ascii=False).count("é") == 1
    assert json.dumps({"b": 1, "a": [1, {}]}, indent=2, sort_keys=True) == '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": 1\n}' and json.dumps([1, 2], separators=(",", ":")) == "[1,2]" and json.dumps({7: 2, None: 3, True: 4, 1.5: 5}) == '{"7": 2, "null": 3, "true": 4, "1.5": 5}'
    assert json.dumps("\x00\x1f\x7f🐍") == '"\\u0000\\u001f\\u007f\\ud83d\\udc0d"' and json.loads('"\\ud83d\\udc0d"') == "🐍" and json.dumps((1,)) == "[1]" and json.dumps(float("nan")) == "NaN" and json.loads(" [1 , 2 ] ") == [1, 2]
    assert json.loads('{"a": 1, "a": 2}') == {"a": 2} and json.loads("1.5e3") == 1500.0 and json.loads('{"x": 1}', object_hook=lambda d: ("hook", d)) == ("hook", {"x": 1}) and json.loads("1.1", parse_float=str) == "1.1" and json.loads(b'"\xc3\xa9"') == "é"
    for bad, msg in [("", "Expecting value: line 1 column 1 (char 0)"), ("[1,]", "Illegal trailing comma before end of array: line 1 column 3 (char 2)"), ('{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"), ("[1] 2", "Extra data: line 1 column 5 (char 4)"), ('"\n"', "Invalid control character at: line 1 column 2 (char 1)"), ('{1: 2}', "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"), ('"abc', "Unterminated string starting at: line 1 column 1 (char 0)")]:
        assert str(raises(json.JSONDecodeError, json.loads, bad)) == msg, bad
    assert str(raises(TypeError, json.dumps, {1, 2})) == "Object of type set is not JSON serializable"
    raises(ValueError, json.dumps, float("nan"), allow_nan=False)
    class E(json.JSONEncoder):
        def default(self, o):
            return sorted(o)
    assert json.dumps({2, 1}, cls=E) == "[1, 2]" and json.dumps(object, default=lambda o: "d") == '"d"'


def test_shelve_like_copyreg():
    import copyreg
    class C:
        pass
    copyreg.pickle(C, lambda c: (dict, ([("was", "C")],)))
    assert pickle.loads(pickle.dumps(C())) == {"was": "C"}


def test_pickle_buffers():
    b = bytearray(b"data")
    bufs = []
    p = pickle.dumps(pickle.PickleBuffer(b), 5, buffer_callback=bufs.append)
    assert bytes(pickle.loads(p, buffers=bufs)) == b"data"


def test_marshal_keeps_what_is_shared():
    shared = [1.5, "text", b"bytes"]
    twice = marshal.loads(marshal.dumps([shared, shared, (shared,)]))
    assert twice[0] is twice[1] and twice[2][0] is twice[0]
    apart = marshal.loads(marshal.dumps([shared, shared], 2))
    assert apart[0] is not apart[1]
    ring = []
    ring.append(ring)
    back = marshal.loads(marshal.dumps(ring))
    assert back[0] is back
    assert str(raises(ValueError, marshal.dumps, ring, 2)) == "object too deeply nested to marshal"
    # A reference counts what is flagged before it, in the order of its place.
    a, b = "a" * 3, "b" * 3
    assert marshal.loads(marshal.dumps([a, b, b, a, (b, a), {a: b}])) == [a, b, b, a, (b, a), {a: b}]
    names = ["n%d" % i for i in range(50)]
    assert marshal.dumps(set(names)) == marshal.dumps(set(reversed(names)))
    assert marshal.dumps(frozenset(names)) == marshal.dumps(frozenset(sorted(names, key=hash)))


def test_marshal_depth():
    head = last = []
    for _ in range(1998):
        last.append([0])
        last = last[-1]
    assert len(marshal.loads(marshal.dumps(head))) == 1
    last.append([[[]]])
    assert str(raises(ValueError, marshal.dumps, head)) == "object too deeply nested to marshal"


def test_marshal_refers_to_what_was_written_and_to_nothing_else():
    # What was written may be dropped by another thread while the rest is written: nothing new may pass for it.
    def part():
        return [[i, str(i)] for i in range(300)]

    outer = [part() for _ in range(30)]
    wanted, stop = part(), []

    def change():
        while not stop:
            for items in outer:
                items[:] = part()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            for items in marshal.loads(marshal.dumps(outer)):
                assert items in ([], wanted)
    finally:
        stop.append(True)
        thread.join()
