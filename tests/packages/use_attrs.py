"""attrs: classes, validators, converters, slots, evolve."""
import attr
import attrs


@attrs.define(order=True)
class Point:
    x: int = attrs.field(validator=attrs.validators.instance_of(int))
    y: int = attrs.field(default=0, converter=int)
    tags: list = attrs.field(factory=list, order=False)


@attrs.frozen
class Money:
    amount: float
    currency: str = "EUR"


p = Point(1, "2")
assert p == Point(1, 2) and repr(p) == "Point(x=1, y=2, tags=[])" and p < Point(2)
assert attrs.asdict(attrs.evolve(p, x=5)) == {"x": 5, "y": 2, "tags": []}
assert not hasattr(p, "__dict__") and [f.name for f in attrs.fields(Point)] == ["x", "y", "tags"]
try:
    Point("no")
except TypeError as exc:
    assert "must be <class 'int'>" in exc.args[0]
else:
    raise SystemExit("no validation")
try:
    Money(1.0).amount = 2
except attrs.exceptions.FrozenInstanceError:
    pass
assert hash(Money(1)) == hash(Money(1)) and attr.ib is not None
C = attrs.make_class("C", ["a", "b"])
assert C(1, 2).b == 2
