"""typing at run time."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import typing as t


def test_aliases():
    assert t.List[int].__origin__ is list and t.get_origin(dict[str, int]) is dict and t.get_args(t.Callable[[int], str]) == ([int], str) and t.Optional[int] == t.Union[int, None] and t.Union[int, str, int] == t.Union[int, str] and repr(t.Union[int, None]) == "typing.Optional[int]" and t.Literal[1, "a"].__args__ == (1, "a") and repr(t.List[int]) == "typing.List[int]"


def test_get_type_hints():
    class C:
        x: "int"
        y: t.ClassVar[str] = ""
        def f(self, a: "C", b: t.Optional[int] = None) -> "list[C]": ...
    assert t.get_type_hints(C, localns={"C": C}) == {"x": int, "y": t.ClassVar[str]} and t.get_type_hints(C.f, localns={"C": C}) == {"a": C, "b": t.Optional[int], "return": list[C]}
    def g(x: t.Annotated[int, "meta"]): ...
    assert t.get_type_hints(g) == {"x": int} and t.get_type_hints(g, include_extras=True)["x"].__metadata__ == ("meta",)


def test_generics():
    T = t.TypeVar("T")
    class Stack(t.Generic[T]):
        def push(self, x: T) -> None: ...
    assert Stack[int]() is not None and Stack[int].__args__ == (int,) and t.get_args(t.Annotated[int, 1]) == (int, 1)
    class K(Stack[str]): pass
    assert K.__orig_bases__ == (Stack[str],)
    raises(TypeError, lambda: t.Generic[int])
    raises(TypeError, lambda: Stack[int, str])


def test_protocols():
    @t.runtime_checkable
    class Closes(t.Protocol):
        def close(self) -> None: ...
    class F:
        def close(self): pass
    assert isinstance(F(), Closes) and not isinstance(5, Closes) and issubclass(F, Closes) and t.is_protocol(Closes) and t.get_protocol_members(Closes) == frozenset({"close"})
    class P(t.Protocol):
        x: int
    raises(TypeError, isinstance, 1, P)
    raises(TypeError, P)
    assert isinstance(1, t.SupportsInt) and isinstance([], t.Sized)


def test_typeddict():
    class M(t.TypedDict, total=False):
        a: t.Required[int]
        b: t.NotRequired[str]
        c: t.ReadOnly[int]
    assert M(a=1) == {"a": 1} and M.__required_keys__ == {"a"} and M.__optional_keys__ == {"b", "c"} and M.__total__ is False and M.__readonly_keys__ == {"c"}
    raises(TypeError, isinstance, {}, M)


def test_newtype_overload_final():
    U = t.NewType("U", int)
    assert U(5) == 5 and U.__name__ == "U" and U.__supertype__ is int
    @t.overload
    def f(x: int) -> int: ...
    @t.overload
    def f(x: str) -> str: ...
    def f(x): return x
    assert len(t.get_overloads(f)) == 2 and f(1) == 1
    @t.final
    class C: pass
    assert C.__final__ and t.cast(int, "a") == "a" and t.assert_type(1, int) == 1 and t.Any is not None
    raises(AssertionError, t.assert_never, 1)
    @t.override
    def g(): pass
    assert g.__override__


def test_special_forms():
    assert t.Never is not t.NoReturn and repr(t.Any) == "typing.Any" and isinstance(t.Self, object) and t.TypeGuard[int] and t.TypeIs[int] and t.Concatenate[int, ...] and t.Unpack[tuple[int]] and t.LiteralString
    raises(TypeError, lambda: t.Any())
    raises(TypeError, isinstance, 1, t.List[int])
    raises(TypeError, lambda: t.Optional[1, 2])
    P = t.ParamSpec("P")
    def deco(f: t.Callable[P, int]) -> t.Callable[P, int]: return f
    assert t.get_type_hints(deco)["f"] == t.Callable[P, int]
    Ts = t.TypeVarTuple("Ts")
    assert t.Tuple[t.Unpack[Ts]].__parameters__ == (Ts,)


def test_forward_refs_and_unions():
    r = t.ForwardRef("int")
    assert r.__forward_arg__ == "int" and t.Union["int", str].__args__ == (t.ForwardRef("int"), str) and (list[int] | None).__args__ == (list[int], type(None)) and int | t.List[str] == t.Union[int, t.List[str]]
    T = t.TypeVar("T", bound=int, default=int)
    assert T.__bound__ is int and T.__default__ is int
    raises(TypeError, t.TypeVar, "T", int)
