"""PEP 695 and 696: type statements, generic functions and classes, lazy evaluation."""
import typing


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_generic_function():
    def first[T](xs: list[T]) -> T:
        return xs[0]
    (T,) = first.__type_params__
    assert isinstance(T, typing.TypeVar) and T.__name__ == "T" and first([3]) == 3
    assert first.__annotations__ == {"xs": list[T], "return": T}
    assert repr(T) == "T" and T.__infer_variance__


def test_bounds_and_constraints():
    def f[A: int, B: (str, bytes), *Ts, **P](): pass
    a, b, ts, p = f.__type_params__
    assert a.__bound__ is int and b.__constraints__ == (str, bytes) and a.__constraints__ == ()
    assert isinstance(ts, typing.TypeVarTuple) and isinstance(p, typing.ParamSpec)
    assert repr(ts) == "Ts" and repr(p) == "P" and p.args is not None and p.kwargs is not None


def test_defaults():
    class C[T = int, **P = [int]]: pass
    class D[*Ts = *tuple[int, str]]: pass
    (t, p), (ts,) = C.__type_params__, D.__type_params__
    assert ts.has_default()
    assert t.__default__ is int and t.has_default() and p.__default__ == [int]
    def f[T](): pass
    assert f.__type_params__[0].__default__ is typing.NoDefault and not f.__type_params__[0].has_default()


def test_lazy_bound():
    def f[T: undefined_name](): pass
    raises(NameError, lambda: f.__type_params__[0].__bound__)
    class C[T: later]: pass
    later = str
    assert C.__type_params__[0].__bound__ is str


def test_generic_class():
    class Box[T]:
        def __init__(self, v: T):
            self.v = v
        def get(self) -> T:
            return self.v
    assert Box(5).get() == 5 and Box[int](6).get() == 6
    assert typing.Generic in Box.__mro__ and Box.__orig_bases__[-1] == typing.Generic[Box.__type_params__[0]]
    alias = Box[int]
    assert alias.__origin__ is Box and alias.__args__ == (int,) and Box(1).__class__ is Box
    raises(TypeError, lambda: Box[int, str])


def test_generic_class_with_bases():
    class Base[T]:
        pass
    class D[K, V](Base[K], dict):
        pass
    assert D.__parameters__ == D.__type_params__ and issubclass(D, dict)
    class E(D[int, str]):
        pass
    assert E.__orig_bases__ == (D[int, str],)


def test_type_alias():
    type A = int | str
    assert isinstance(A, typing.TypeAliasType) and A.__name__ == "A" and A.__value__ == int | str and repr(A) == "A"
    type L[T] = list[T] | None
    assert L.__type_params__[0].__name__ == "T" and L[int].__args__ == (int,) and L.__parameters__ == L.__type_params__
    raises(TypeError, lambda: A[int])


def test_recursive_alias():
    type Tree = int | list[Tree]
    assert Tree.__value__.__args__[1] == list[Tree]


def test_alias_lazy():
    type X = missing_thing
    raises(NameError, lambda: X.__value__)
    missing_thing = 5
    assert X.__value__ == 5


def test_alias_in_class_sees_class_names():
    class C:
        Inner = int
        type A = Inner
        def m[T: Inner](self): pass
    assert C.A.__value__ is int and C.m.__type_params__[0].__bound__ is int


def test_type_params_shadow_and_nest():
    def outer[T]():
        def inner[U](x: T, y: U): pass
        return inner, T
    inner, T = outer()
    assert inner.__annotations__["x"] is T and inner.__annotations__["y"] is inner.__type_params__[0]


def test_decorators_and_defaults_outside_the_type_scope():
    T = "outer"
    def f[T](x=T): return x
    assert f() == "outer"
    def deco(arg):
        return lambda f: (f, arg)
    @deco(T)
    def g[T](): pass
    assert g[1] == "outer"


def test_method_super_and_class_cell_in_generic_class():
    class A[T]:
        def f(self):
            return __class__
    class B[U](A[int]):
        def f(self):
            return super().f(), __class__
    assert B().f() == (A, B)


def test_async_and_lambda_inside():
    class C[T]:
        f = lambda self: T
        comp = [T for _ in range(2)]
    t = C.__type_params__[0]
    assert C().f() is t and C.comp == [t, t]


def test_qualnames():
    class C[T]:
        def m[U](self): pass
    assert C.__qualname__.endswith("<locals>.C") and C.m.__qualname__.endswith("C.m")


def test_type_is_soft_keyword():
    type = 5
    type = type + 1
    assert type == 6
    def f(type): return type
    assert f(type=3) == 3


def test_unpack_star():
    class C[*Ts]: pass
    assert C[int, str].__args__ == (int, str) and C[()].__args__ == ()
    def f(*args: *tuple[int, str]): pass
    assert f.__annotations__["args"] is not None


def test_old_style_generics():
    T = typing.TypeVar("T")
    class G(typing.Generic[T]): pass
    assert G[int].__args__ == (int,) and T.__covariant__ is False and repr(T) == "~T"
    assert repr(typing.TypeVar("K", covariant=True)) == "+K"


def test_generic_alias_and_unions():
    assert list[int].__origin__ is list and dict[str, int].__args__ == (str, int) and repr(list[int]) == "list[int]"
    assert list[int] == list[int] and hash(list[int]) == hash(list[int])
    assert list[int]([1]) == [1]
    u = int | str | None
    assert u.__args__ == (int, str, type(None)) and repr(u) == "int | str | None" and u == str | int | None
    assert typing.get_args(typing.Optional[int]) == (int, type(None))
    T = typing.TypeVar("T")
    assert dict[str, T][int] == dict[str, int] and dict[str, T].__parameters__ == (T,)
    raises(TypeError, lambda: isinstance([], list[int]))
