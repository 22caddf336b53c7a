"""dataclasses and enum."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import dataclasses
import enum
from dataclasses import dataclass, field


def test_basic_dataclass():
    @dataclass
    class P:
        x: int
        y: int = 2
        z: list = field(default_factory=list)
    p = P(1)
    assert p == P(1, 2, []) and p != P(2) and repr(p) == "test_basic_dataclass.<locals>.P(x=1, y=2, z=[])" and P.__match_args__ == ("x", "y", "z") and dataclasses.asdict(p) == {"x": 1, "y": 2, "z": []} and dataclasses.astuple(p) == (1, 2, [])
    assert [f.name for f in dataclasses.fields(P)] == ["x", "y", "z"] and dataclasses.replace(p, x=5).x == 5 and P.__hash__ is None and dataclasses.is_dataclass(P)


def test_options():
    @dataclass(order=True, frozen=True, slots=True, kw_only=True)
    class Q:
        a: int
        b: str = "b"
    q = Q(a=1)
    assert q < Q(a=2) and hash(q) == hash(Q(a=1)) and not hasattr(q, "__dict__")
    raises(dataclasses.FrozenInstanceError, setattr, q, "a", 2)
    raises(TypeError, Q, 1)


def test_post_init_initvar_classvar():
    import typing
    @dataclass
    class C:
        a: int
        scale: dataclasses.InitVar[int] = 2
        shared: typing.ClassVar[int] = 7
        b: int = field(init=False, repr=False, compare=False)
        def __post_init__(self, scale):
            self.b = self.a * scale
    assert C(3).b == 6 and C(3, 5).b == 15 and "b=" not in repr(C(1)) and len(dataclasses.fields(C)) == 2


def test_inheritance_and_errors():
    @dataclass
    class A:
        x: int = 1
    @dataclass
    class B(A):
        y: int = 2
    assert B().x == 1 and [f.name for f in dataclasses.fields(B)] == ["x", "y"]
    def bad():
        @dataclass
        class C:
            l: list = []
    assert "mutable default <class 'list'> for field l is not allowed: use default_factory" in str(raises(ValueError, bad))
    def bad2():
        @dataclass
        class C:
            a: int = 1
            b: int
    assert str(raises(TypeError, bad2)) == "non-default argument 'b' follows default argument 'a'"


def test_make_dataclass():
    C = dataclasses.make_dataclass("C", ["x", ("y", int, 5)])
    assert C(1).y == 5 and C.__name__ == "C"


def test_enum():
    class Color(enum.Enum):
        RED = 1
        GREEN = 2
        CRIMSON = 1
        def describe(self):
            return self.name.lower()
    assert Color.RED.value == 1 and Color(2) is Color.GREEN and Color["RED"] is Color.RED and Color.CRIMSON is Color.RED and list(Color) == [Color.RED, Color.GREEN] and repr(Color.RED) == "<Color.RED: 1>" and str(Color.RED) == "Color.RED" and Color.RED.describe() == "red" and len(Color) == 2 and Color.RED in Color and Color.RED is not Color.GREEN
    assert str(raises(ValueError, Color, 9)) == "9 is not a valid test_enum.<locals>.Color" and Color.__members__["CRIMSON"] is Color.RED and {Color.RED: 1}[Color.RED] == 1
    raises(AttributeError, setattr, Color.RED, "value", 5)
    def extend():
        class X(Color):
            pass
    raises(TypeError, extend)


def test_int_flag_auto_str():
    class N(enum.IntEnum):
        A = 1
        B = enum.auto()
    assert N.A + 1 == 2 and N.B == 2 and str(N.A) == "1" and sorted([N.B, N.A]) == [N.A, N.B] and f"{N.A}" == "1"
    class F(enum.Flag):
        R = enum.auto()
        W = enum.auto()
        X = enum.auto()
        RW = R | W
    assert F.R | F.W is F.RW and F.R in F.RW and (F.RW & F.W) is F.W and bool(F(0)) is False and list(F.RW) == [F.R, F.W] and (~F.R) == F.W | F.X and repr(F.R | F.X) == "<F.R|X: 5>"
    class S(enum.StrEnum):
        ONE = enum.auto()
    assert S.ONE == "one" and str(S.ONE) == "one"


def test_enum_with_init_and_functional():
    class Planet(enum.Enum):
        EARTH = (5.97, 6.37)
        def __init__(self, mass, radius):
            self.mass, self.radius = mass, radius
    assert Planet.EARTH.mass == 5.97
    A = enum.Enum("A", "X Y Z")
    assert [m.value for m in A] == [1, 2, 3]
    @enum.unique
    class U(enum.Enum):
        A = 1
    def dup():
        @enum.unique
        class V(enum.Enum):
            A = 1
            B = 1
    raises(ValueError, dup)
    class M(enum.Enum):
        @classmethod
        def _missing_(cls, v):
            return cls.D
        D = 0
    assert M("anything") is M.D


def test_pickle_of_both():
    import pickle
    assert pickle.loads(pickle.dumps(Outer(1))) == Outer(1) and pickle.loads(pickle.dumps(Kind.A)) is Kind.A


@dataclass
class Outer:
    x: int


class Kind(enum.Enum):
    A = 1
