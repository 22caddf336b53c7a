"""_pickle: what the native pickler and unpickler do as CPython's C ones, beyond what test_pickle asks."""
import _pickle
import copyreg
import io
import pickle
import sys
import threading


class Plain:
    def __init__(self):
        self.x = 1
        self.y = [1, 2]

    def __eq__(self, other):
        return type(other) is Plain and self.__dict__ == other.__dict__

    class Inner:
        pass


class Slotted:
    __slots__ = ("a", "b")


class Twin:
    def __reduce__(self):
        return Twin, (), {"v": 1}


def samples():
    loop = []
    loop.append(loop)
    return [
        0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**47, 2**63, -2**63, 2**100, -2**103,
        1.5, float("inf"), "a", "é\u20ac", "\ud800", "x" * 255, "x" * 256, b"", b"abc", b"x" * 256, None, True, False,
        (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], [1, 2], {}, {1: 2}, {1: 2, 3: 4}, set(), {1}, frozenset([1]),
        Plain, Plain.Inner, len, type(None), type(...), ..., NotImplemented, bytearray(b"ab"), 1j, range(3), Plain(),
        [list(range(2002))], dict.fromkeys(range(2002), "v"), ["x" * 70000, b"y" * 70000, list(range(40000))],
    ]


def test_writes_what_the_python_pickler_writes():
    for proto in range(pickle.HIGHEST_PROTOCOL + 1):
        for v in samples():
            data = pickle.dumps(v, proto)
            assert data == pickle._dumps(v, proto), (proto, v)
            assert pickle.loads(data) == v or v is NotImplemented
            assert pickle._loads(data) == v or v is NotImplemented


def test_the_errors_of_damaged_pickles():
    def error(data, **kw):
        try:
            return pickle.loads(data, **kw)
        except Exception as e:
            return f"{type(e).__name__}: {e}"

    assert error(b"") == "EOFError: Ran out of input"
    assert error(b".") == "UnpicklingError: unpickling stack underflow"
    assert error(b"(.") == "UnpicklingError: unexpected MARK found"
    assert error(b"t.") == "UnpicklingError: could not find MARK"
    assert error(b"'") == "UnpicklingError: invalid load key, '\\x27'."
    assert error(b"?") == "UnpicklingError: invalid load key, '?'."
    assert error(b"h\x05.") == "UnpicklingError: Memo value not found at index 5"
    assert error(b"X\xff\xff\xff\x7fabc") == "UnpicklingError: pickle data was truncated"
    assert error(b"\x80\x06.") == "ValueError: unsupported pickle protocol: 6"
    assert error(b"\x95\xff\xff\xff\xff\xff\xff\xff\xff.") == \
        "OverflowError: FRAME length exceeds system's maximum of 9223372036854775807 bytes"
    assert error(b"Lx\n.") == "ValueError: invalid literal for int() with base 10: 'x\\n'"
    assert error(b"Ix\n.") == "ValueError: could not convert string to int"
    assert error(b"L0xg\n.") == "ValueError: invalid literal for int() with base 16: '0xg\\n'"
    assert error(b"L099\n.") == "ValueError: invalid literal for int() with base 0: '099\\n'"
    assert error(b"L\xff\n.").startswith("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff")
    assert error(b"Fx\n.") == "ValueError: could not convert string to float: 'x\n'"
    assert error(b"F1x\n.") == "ValueError: could not convert string to float"
    assert error(b"F1e999\n.") == "OverflowError: value too large to convert to float: '1e999\n'"
    assert error(b"Sabc\n.") == "UnpicklingError: the STRING opcode argument must be quoted"
    assert error(b"Nb.") == "UnpicklingError: unpickling stack underflow"
    assert error(b"NK\x05b.") == "UnpicklingError: state is not a dictionary"
    assert error(b"NNR.") == "TypeError: argument list must be a tuple"
    assert error(b"N)\x81.") == "UnpicklingError: NEWOBJ class argument must be a type, not NoneType"
    assert error(b"NN\x93.") == "UnpicklingError: STACK_GLOBAL requires str"
    assert error(b"\x97.") == \
        "UnpicklingError: pickle stream refers to out-of-band data but no *buffers* argument was given"
    assert error(b"\x97.", buffers=[]) == "UnpicklingError: not enough out-of-band buffers"
    assert error(b"Px\n.") == ("UnpicklingError: A load persistent id instruction was encountered, "
                               "but no persistent_load function was specified.")
    assert error(b"I010\n.") == 8 and error(b"I01\n.") is True and error(b"I1\n.") == 1
    assert error(b"N\x8a\x00.") == 0 and error(b"\x8a\x02\x00\x80.") == -32768


def test_a_far_memo_index_takes_no_memory():
    try:
        assert pickle.loads(b"Nr\xff\xff\xff\xffj\xff\xff\xff\xff.") is None
        assert pickle.loads(b"]p4000000000000\n0g4000000000000\n.") == []
    except MemoryError:
        assert "Taipan" not in sys.version


def test_the_errors_of_pickling():
    def error(v, proto=4):
        try:
            pickle.dumps(v, proto)
        except Exception as e:
            return f"{type(e).__name__}: {e}"

    class Reduces:
        def __init__(self, r):
            self.r = r

        def __reduce__(self):
            return self.r

    def local():
        pass

    assert error(local) == ("AttributeError: Can't get local object "
                            "'test_the_errors_of_pickling.<locals>.local'")
    assert error(Reduces(5)) == "PicklingError: __reduce__ must return a string or tuple"
    assert error(Reduces((1,))) == "PicklingError: tuple returned by __reduce__ must contain 2 through 6 elements"
    assert error(Reduces((1, ()))) == "PicklingError: first item of the tuple returned by __reduce__ must be callable"
    assert error(Reduces((int, []))) == "PicklingError: second item of the tuple returned by __reduce__ must be a tuple"
    assert error(Reduces((int, (), None, []))) == \
        "PicklingError: fourth element of the tuple returned by __reduce__ must be an iterator, not list"
    assert error(Reduces((copyreg.__newobj__, ()))) == "PicklingError: __newobj__ arglist is empty"
    assert error(Reduces((copyreg.__newobj__, (Plain,)))) == \
        "PicklingError: args[0] from __newobj__ args has the wrong class"
    assert "attribute lookup no_such_name on" in error(Reduces("no_such_name"))
    assert error(lambda: 1).startswith("AttributeError: Can't get local object")
    assert error(threading.Lock()) == "TypeError: cannot pickle '_thread.lock' object"
    assert error(pickle.PickleBuffer(b"a")) == "PicklingError: PickleBuffer can only be pickled with protocol >= 5"
    try:
        pickle.dumps(1, 6)
        assert False
    except ValueError as e:
        assert str(e) == "pickle protocol must be <= 5"


def test_a_pickler_keeps_its_memo_and_shows_it():
    out = io.BytesIO()
    p = _pickle.Pickler(out)
    v = ["abc"]
    p.dump(v)
    p.dump(v)
    assert p.memo.copy() == {id(v): (0, v), id(v[0]): (1, v[0])}
    saved = p.memo
    q = _pickle.Pickler(io.BytesIO())
    q.memo = saved
    assert q.memo.copy() == p.memo.copy()
    q.memo = {5: (7, v)}
    assert q.memo.copy() == {id(v): (7, v)}
    assert saved.__reduce__() == (dict, (p.memo.copy(),))
    p.clear_memo()
    assert p.memo.copy() == {}
    u = _pickle.Unpickler(io.BytesIO(out.getvalue()))
    first = u.load()
    assert u.load() is first
    assert u.memo.copy() == {0: first, 1: "abc"}
    for bad, kind in [(5, TypeError), ({1: 2}, TypeError), ({1: (1, 2, 3)}, TypeError)]:
        try:
            p.memo = bad
            assert False
        except kind:
            pass


def test_hooks_of_subclasses_and_instances():
    class P(_pickle.Pickler):
        def persistent_id(self, obj):
            return (1, 2) if obj == "a" else None

        def reducer_override(self, obj):
            return (int, ("7",)) if obj is Plain else NotImplemented

    class U(_pickle.Unpickler):
        def persistent_load(self, pid):
            return pid

        def find_class(self, module, name):
            assert module == "builtins", module
            return super().find_class(module, name)

    out = io.BytesIO()
    P(out).dump(("a", Plain, len))
    out.seek(0)
    assert U(out).load() == ((1, 2), 7, len)


def test_instance_attributes_are_hooks():
    out = io.BytesIO()
    p = _pickle.Pickler(out, 2)
    p.persistent_id = lambda o: "id" if o == 5 else None
    assert p.persistent_id(5) == "id"
    p.dump([5, 6])
    u = _pickle.Unpickler(io.BytesIO(out.getvalue()))
    u.persistent_load = lambda pid: pid.upper()
    assert u.load() == ["ID", 6]
    table = copyreg.dispatch_table.copy()
    table[Twin] = lambda o: (str, ("twin",))
    out = io.BytesIO()
    p = _pickle.Pickler(out)
    try:
        p.dispatch_table
        assert False
    except AttributeError:
        pass
    p.dispatch_table = table
    p.dump([Twin(), 1j])
    assert pickle.loads(out.getvalue()) == ["twin", 1j]


def test_states_of_all_kinds():
    s = Slotted()
    s.a = 1
    for proto in range(2, 6):
        t = pickle.loads(pickle.dumps(s, proto))
        assert t.a == 1 and not hasattr(t, "b")
        assert pickle.loads(pickle.dumps(Twin(), proto)).v == 1
        p = Plain()
        p.me = p
        q = pickle.loads(pickle.dumps(p, proto))
        assert q.me is q and q.y == [1, 2]


def test_streams_are_read_no_further_than_needed():
    class Stream:
        def __init__(self, data):
            self.f = io.BytesIO(data)
            self.asked = []

        def read(self, n):
            self.asked.append(n)
            return self.f.read(n)

        def readline(self):
            return self.f.readline()

    data = b"".join(pickle.dumps(v, p) for p in range(6) for v in ([1, "a"], b"x" * 100000))
    s = Stream(data)
    got = [pickle.load(s) for _ in range(12)]
    assert got == [[1, "a"], b"x" * 100000] * 6
    assert s.f.read() == b""
    with io.BufferedReader(io.BytesIO(data)) as f:
        assert [pickle.load(f) for _ in range(12)] == got
        assert f.read() == b""


def test_threads_share_a_pickler_without_harm():
    p = _pickle.Pickler(io.BytesIO())
    v = [[str(i)] for i in range(300)]

    def work():
        for _ in range(20):
            p.dump(v)
            p.clear_memo()
            p.memo.copy()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]


def test_mutated_pickles_raise_and_do_no_more():
    import random

    class U(_pickle.Unpickler):
        def find_class(self, module, name):
            if module == "builtins" and name in ("set", "frozenset", "bytearray", "complex", "range"):
                return super().find_class(module, name)
            raise pickle.UnpicklingError("forbidden")

        def persistent_load(self, pid):
            return pid

    values = [1, 2**70, 1.5, "abc", "é", b"abc", (1, 2), (1, 2, 3, 4), [1, "a"], {"a": [1]}, {1}, frozenset("a"),
              bytearray(b"x"), 1j, range(3)]
    corpus = [pickle.dumps(v, p) for v in values for p in range(6)]
    corpus += [b"(lp0\nI1\na.", b"(dp0\nS'a'\nI1\ns.", b"F1.5\n.", b"L123L\n.", b"Vabc\n.", b"Px\n.", b"I0x10\n."]
    ops = b"(.012FIJKLMNPQRSTUVXabcd}eghijl]ost)uG" + bytes(range(0x80, 0x99))
    ended = 0
    for seed in range(3000):
        r = random.Random(seed)
        data = bytearray(r.choice(corpus))
        for _ in range(r.choice((1, 1, 2, 4))):
            at = r.randrange(len(data) + 1)
            kind = r.randrange(4)
            if kind == 0:
                data[at:at] = bytes([r.choice(ops)])
            elif kind == 1:
                data[at:at + 1] = bytes([r.choice(ops)])
            elif kind == 2:
                del data[at:at + 1]
            else:
                data[at:at] = r.choice(corpus)[:20]
        if b"p" in data or b"r" in data:
            continue
        try:
            U(io.BytesIO(bytes(data))).load()
            ended += 1
        except Exception:
            pass
    assert ended > 50, ended
