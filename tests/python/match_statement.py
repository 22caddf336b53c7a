"""The match statement: every kind of pattern, guards, captures, order."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


def test_literals():
    def f(v):
        match v:
            case 0:
                return "zero"
            case -1:
                return "minus"
            case 1.5:
                return "float"
            case "s":
                return "str"
            case b"b":
                return "bytes"
            case 1 + 2j:
                return "complex"
            case None:
                return "none"
            case True:
                return "true"
            case _:
                return "other"
    assert [f(v) for v in (0, -1, 1.5, "s", b"b", 1 + 2j, None, True, 99)] == [
        "zero", "minus", "float", "str", "bytes", "complex", "none", "true", "other"]
    assert f(False) == "zero" and f(0.0) == "zero" and f(1) == "other"


def test_capture_and_wildcard():
    match 5:
        case x:
            pass
    assert x == 5
    match (1, 2):
        case _, y:
            pass
    assert y == 2


def test_sequences():
    def f(v):
        match v:
            case []:
                return "empty"
            case [x]:
                return ("one", x)
            case [x, y]:
                return ("two", x, y)
            case [first, *rest]:
                return ("many", first, rest)
            case _:
                return "no"
    assert f([]) == "empty" and f(()) == "empty"
    assert f([1]) == ("one", 1) and f((1, 2)) == ("two", 1, 2)
    assert f(range(4)) == ("many", 0, [1, 2, 3])
    assert f("ab") == "no" and f(b"ab") == "no" and f(bytearray(b"ab")) == "no" and f({1, 2}) == "no"
    assert f(iter([1])) == "no"


def test_star_positions():
    match [1, 2, 3, 4]:
        case [*a, 4]:
            assert a == [1, 2, 3]
    match [1, 2, 3, 4]:
        case [1, *b, 4]:
            assert b == [2, 3]
    match (1, 2):
        case (1, 2, *c):
            assert c == []
    match [1]:
        case [*_]:
            pass
        case _:
            assert False


def test_mappings():
    def f(v):
        match v:
            case {"a": 1, "b": b, **rest}:
                return b, rest
            case {"k": {"nested": [x, *_]}}:
                return x
            case {}:
                return "any mapping"
            case _:
                return "no"
    assert f({"a": 1, "b": 2, "c": 3}) == (2, {"c": 3})
    assert f({"k": {"nested": [9, 8]}}) == 9
    assert f({"z": 0}) == "any mapping" and f({}) == "any mapping"
    assert f([]) == "no"


def test_mapping_missing_does_not_create():
    from collections import defaultdict
    d = defaultdict(list)
    match d:
        case {"x": _}:
            assert False
        case _:
            pass
    assert not d


def test_mapping_value_keys():
    class K:
        NAME = "n"
    match {"n": 5}:
        case {K.NAME: v}:
            assert v == 5
        case _:
            assert False


def test_classes():
    def f(v):
        match v:
            case Point(0, 0):
                return "origin"
            case Point(x, y=0):
                return ("on x", x)
            case Point(x=0, y=y):
                return ("on y", y)
            case Point():
                return "somewhere"
            case int(n) if n > 100:
                return ("big", n)
            case int() | float():
                return "number"
            case str(s):
                return s
            case list([a, b]):
                return a + b
            case dict(d):
                return d
    assert f(Point(0, 0)) == "origin" and f(Point(3, 0)) == ("on x", 3) and f(Point(0, 4)) == ("on y", 4)
    assert f(Point(1, 1)) == "somewhere"
    assert f(200) == ("big", 200) and f(1) == "number" and f(2.5) == "number" and f("s") == "s"
    assert f([1, 2]) == 3 and f({"a": 1}) == {"a": 1} and f(None) is None


def test_or_patterns():
    def f(v):
        match v:
            case 1 | 2 | 3:
                return "low"
            case ["a" | "b" as letter, (int() | float()) as n]:
                return letter, n
            case (1, x) | (x, 1):
                return x
    assert f(2) == "low" and f(["b", 2.0]) == ("b", 2.0)
    assert f((1, 5)) == 5 and f((5, 1)) == 5


def test_as_patterns():
    match [1, [2, 3]]:
        case [int() as a, [_, _] as b] as whole:
            pass
    assert (a, b, whole) == (1, [2, 3], [1, [2, 3]])


def test_value_patterns():
    import enum
    class Color(enum.Enum):
        RED = 1
        BLUE = 2
    def f(c):
        match c:
            case Color.RED:
                return "r"
            case Color.BLUE:
                return "b"
    assert f(Color.RED) == "r" and f(Color.BLUE) == "b" and f(1) is None


def test_guards():
    def f(v):
        match v:
            case x if x < 0:
                return "neg"
            case x if x == 0:
                return "zero"
            case x:
                return x
    assert (f(-1), f(0), f(7)) == ("neg", "zero", 7)


def test_captures_before_failed_guard_stay():
    match 5:
        case x if False:
            pass
        case _:
            pass
    assert x == 5


def test_match_args_errors():
    class A:
        __match_args__ = ["x"]
    def f():
        match A():
            case A(1):
                pass
    assert "__match_args__ must be a tuple" in str(raises(TypeError, f))
    class B:
        __match_args__ = ("x",)
    def g():
        match B():
            case B(1, 2):
                pass
    assert str(raises(TypeError, g)) == "B() accepts 1 positional sub-pattern (2 given)"


def test_self_matching_builtins():
    for value in (True, bytearray(b"x"), b"x", {1: 2}, 1.5, frozenset([1]), 7, [1], {1}, "s", (1,)):
        match value:
            case bool(x) | bytearray(x) | bytes(x) | dict(x) | float(x) | frozenset(x) | int(x) | list(x) | set(x) | str(x) | tuple(x):
                assert x is value
            case _:
                assert False, value


def test_subclass_of_str_is_no_sequence():
    class S(str):
        pass
    match S("ab"):
        case [_, _]:
            assert False
        case _:
            pass


def test_abc_sequence():
    import collections.abc
    class Seq(collections.abc.Sequence):
        def __len__(self):
            return 2
        def __getitem__(self, i):
            if i >= 2:
                raise IndexError
            return i * 10
    match Seq():
        case [a, b]:
            assert (a, b) == (0, 10)
        case _:
            assert False


def test_abc_mapping():
    import types, collections
    match types.MappingProxyType({"a": 1}):
        case {"a": v}:
            assert v == 1
        case _:
            assert False
    match collections.deque([1, 2]):
        case [1, 2]:
            pass
        case _:
            assert False


def test_dataclass_match_args():
    import dataclasses
    @dataclasses.dataclass
    class P:
        x: int
        y: int = 0
        z: int = dataclasses.field(default=0, kw_only=True)
    assert P.__match_args__ == ("x", "y")
    match P(1, 2):
        case P(a, b, z=c):
            assert (a, b, c) == (1, 2, 0)


def test_soft_keywords():
    match = 1
    case = 2
    type = 3
    _ = 4
    assert match + case + type + _ == 10
    print = len
    match (1):
        case 1:
            pass
        case _:
            assert False


def test_subject_forms():
    match 1, 2:
        case a, b:
            assert (a, b) == (1, 2)
    match *[1, 2], 3:
        case [1, *r]:
            assert r == [2, 3]
    match (y := 5):
        case 5:
            pass
    assert y == 5


def test_nested_control_flow():
    def f(items):
        out = []
        for item in items:
            match item:
                case 0:
                    continue
                case 9:
                    break
                case [x]:
                    out.append(x)
                case {"stop": True}:
                    return out, "stopped"
                case other:
                    out.append(-other)
        return out
    assert f([0, 1, [2], 9, 5]) == [-1, 2]
    assert f([[1], {"stop": True}, 2]) == ([1], "stopped")


def test_evaluated_once_and_in_order():
    log = []
    class V:
        def __eq__(self, other):
            log.append(other)
            return other == 3
    match V():
        case 1:
            pass
        case 2 | 3:
            pass
        case 4:
            assert False
    assert log == [1, 2, 3]


def test_tree_walk():
    def evaluate(e):
        match e:
            case ("add", a, b):
                return evaluate(a) + evaluate(b)
            case ("mul", a, b):
                return evaluate(a) * evaluate(b)
            case ("neg", a):
                return -evaluate(a)
            case int() | float() as n:
                return n
            case _:
                raise ValueError(e)
    assert evaluate(("add", 1, ("mul", 2, ("neg", 3)))) == -5
    raises(ValueError, evaluate, ("bad",))
