"""A model heavy in dataclasses, enums and typing: a library's loans, checked by annotations, with generics and protocols."""
import abc
import dataclasses
import enum
import functools
import inspect
import itertools
import operator
import types
import typing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, InitVar, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Final, Generic, Literal, NamedTuple, NewType, Protocol, Self, TypedDict, TypeVar, Union, get_type_hints, overload, runtime_checkable

Isbn = NewType("Isbn", str)
type Pair[T] = tuple[T, T]
type Tree[T] = dict[str, Tree[T]] | T


class Genre(enum.StrEnum):
    NOVEL = enum.auto()
    POETRY = enum.auto()
    SCIENCE = "science & more"

    @classmethod
    def _missing_(cls, value):
        return next((g for g in cls if g.name == str(value).upper()), None)


class Right(enum.IntFlag, boundary=enum.CONFORM):
    READ = 1
    LEND = 2
    ADMIN = 4
    ALL = READ | LEND | ADMIN


class Planet(enum.Enum):
    EARTH = (5.97e24, 6.37e6)
    MARS = (6.42e23, 3.39e6)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius

    @enum.property
    def gravity(self):
        return round(6.67e-11 * self.mass / self.radius ** 2, 2)


@dataclass(frozen=True)
class Length:
    low: int
    high: int


class Checked:
    """Checks annotated limits and plain types on creation."""

    def __post_init__(self):
        for name, hint in get_type_hints(type(self), include_extras=True).items():
            value = getattr(self, name, None)
            if typing.get_origin(hint) is Annotated:
                base, *limits = typing.get_args(hint)
                for limit in limits:
                    if isinstance(limit, Length) and not limit.low <= len(value) <= limit.high:
                        raise ValueError(f"{name}: {len(value)} is not in {limit}")
                hint = base
            if typing.get_origin(hint) in (Union, types.UnionType):
                hint = typing.get_args(hint)
            if isinstance(hint, (type, tuple)) and not isinstance(value, hint):
                raise TypeError(f"{name}: {value!r} is no {hint}")


@dataclass(order=True, slots=True, kw_only=True, weakref_slot=True)
class Book(Checked):
    title: Annotated[str, Length(1, 30)]
    isbn: str = field(compare=False)
    genre: Genre = Genre.NOVEL
    price: Decimal = Decimal("9.90")
    tags: frozenset[str] = field(default_factory=frozenset, repr=False, compare=False, metadata={"index": True})
    count: ClassVar[int] = 0


@dataclass
class Loan(Generic[T := TypeVar("T")]):
    what: T
    start: date
    _: KW_ONLY
    days: InitVar[int] = 14
    end: date = field(init=False)
    history: list[str] = field(default_factory=list, init=False, hash=False)
    __match_args__ = ("what", "end")

    def __post_init__(self, days):
        self.end = self.start + timedelta(days)


@runtime_checkable
class Priced(Protocol):
    price: Decimal


class Shelf[T: (Book, str), *Rest, **P]:
    def __init__(self, *items: T) -> None:
        self.items = list(items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def by(self, key: Callable[[T], object]) -> Mapping[object, list[T]]:
        out = defaultdict(list)
        for item in self:
            out[key(item)].append(item)
        return dict(out)

    def __class_getitem__(cls, item):
        return super().__class_getitem__(item)


class Row(TypedDict, total=False):
    name: typing.Required[str]
    size: int


class Point(NamedTuple):
    x: int
    y: int = 0

    def __add__(self, other):
        return Point(*map(operator.add, self, other))


@functools.singledispatch
def show(value) -> str:
    return f"<{value!r}>"


@show.register
def _(value: int | float) -> str:
    return f"number {value}"


@show.register(Book)
def _(value):
    return f"book {value.title}"


def main():
    books = [Book(title=t, isbn=Isbn(i), genre=Genre(g)) for t, i, g in [("Zen", "3", "novel"), ("Abc", "1", "POETRY"), ("Mid", "2", "science & more")]]
    print(sorted(books)[0], max(books).title, books[0] == dataclasses.replace(books[0], isbn="9"), [*Genre], f"{Genre.NOVEL:>8}|")
    for bad in ({"title": ""}, {"title": "x", "price": 3}, {"title": "x", "genre": "opera"}, {}):
        try:
            Book(isbn="1", **bad)
        except (TypeError, ValueError) as exc:
            print(type(exc).__name__, exc)
    for make in (lambda: Genre("opera"), lambda: setattr(Length(1, 2), "low", 3), lambda: setattr(books[0], "new", 1), lambda: books[0] < 3, lambda: setattr(Genre, "NOVEL", 1)):
        try:
            make()
        except (ValueError, AttributeError, TypeError) as exc:
            print(type(exc).__name__, exc)
    loan = Loan[Book](books[0], date(2024, 2, 20), days=10)
    match loan:
        case Loan(Book(title=title), date(month=3) as end):
            print(title, end, loan == Loan(books[0], date(2024, 2, 20)), Loan.__parameters__)
    print([f.name for f in dataclasses.fields(Loan)], dataclasses.asdict(Loan(Point(1), date.min))["what"], list(inspect.signature(Loan).parameters), inspect.signature(Book))
    print(Right.ALL, Right.READ | Right.LEND, Right(9), ~Right.READ, list(Right(6)), Right["ADMIN"] in Right.ALL, Planet.MARS.gravity, Planet((5.97e24, 6.37e6)))
    print(Shelf.__type_params__, Shelf[Book, int, [str]], Shelf.__orig_bases__, Pair[int], Pair.__value__, Tree.__value__)
    print({str(k): [b.title for b in v] for k, v in Shelf(*books).by(lambda b: b.genre).items()})
    print(isinstance(books[0], Priced), isinstance(3, Priced), Row.__required_keys__, Row.__optional_keys__, get_type_hints(Row), Row(name="x"))
    print(Point(1, 2) + Point(3), Point._field_defaults, Point(5)._replace(y=7)._asdict(), show(2.5), show(books[1]), show(None), show(True))
    print(get_type_hints(Shelf.by), typing.get_args(Callable[[int, str], Literal["a", 1]]), Isbn.__supertype__, typing.get_origin(Self | None))
    Dyn = dataclasses.make_dataclass("Dyn", [("a", int), ("b", "list[int]", field(default_factory=list))], bases=(Checked,), namespace={"total": lambda self: self.a + sum(self.b)}, frozen=True)
    print(Dyn(1, [2]).total(), Dyn(1), hash(Length(1, 2)) == hash(Length(1, 2)), Dyn.__annotations__, Dyn.__eq__.__qualname__)
    Color = enum.Enum("Color", "RED GREEN", module=__name__, start=5)
    print(list(Color), Color.RED.value, Color.__members__, enum.unique(Color) is Color)
    print(functools.reduce(operator.mul, [Fraction(n, n + 1) for n in range(1, 9)]), Counter(itertools.chain.from_iterable(b.title.lower() for b in books)).most_common(2))


if __name__ == "__main__":
    main()
