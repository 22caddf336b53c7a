"""Module docs."""
x: int = 1


def outer(a, /, b=2, *args, c=3, **kw):
    """Docs
    with a margin."""
    cell = a

    def inner():
        nonlocal cell
        cell += b
        return [lambda: i + cell for i in args]

    return inner


class Base[T: int = bool](dict, metaclass=type):
    y: "T" = x
    z = [y for y in range(3)]

    def method(self, __private):
        self.attr, self.__hidden = __private, super().method(1, k=2)
        return __class__


type Alias[*Ts] = tuple[*Ts, Base]
