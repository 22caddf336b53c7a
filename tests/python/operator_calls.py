"""Special methods written in Python, called by operators: results, refusals, errors, depth."""

import sys
import traceback


class Num:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        if isinstance(other, Num):
            return Num(self.n + other.n)
        if other == 3:
            return NotImplemented
        return ("added", self.n, other)

    def __sub__(self, other):
        return NotImplemented

    def __rsub__(self, other):
        return ("rsub", self.n, other)

    def __mul__(self, other):
        raise ZeroDivisionError("mul")

    def __eq__(self, other):
        if isinstance(other, Num):
            return self.n == other.n
        return NotImplemented

    def __lt__(self, other):
        return [] if other is None else [1]

    def __gt__(self, other):
        return NotImplemented

    def __getitem__(self, key):
        if key == 9:
            raise IndexError(key)
        return NotImplemented if key == 8 else (self.n, key)

    def __setitem__(self, key, value):
        self.last = (key, value)
        return "dropped"

    __hash__ = None


class Right:
    def __radd__(self, other):
        return ("radd", other)

    def __eq__(self, other):
        return "equal"

    def __lt__(self, other):
        return "less"


class Sub(Num):
    def __radd__(self, other):
        return ("sub radd", other.n)

    def __rsub__(self, other):
        return ("sub rsub", other.n)


def test_values():
    assert (Num(1) + Num(2)).n == 3
    assert Num(1) + 5 == ("added", 1, 5)
    a = Num(4)
    a += 5
    assert a == ("added", 4, 5)
    assert Num(1)[2] == (1, 2)
    assert Num(1)[8] is NotImplemented
    n = Num(1)
    n[3] = 4
    assert n.last == (3, 4)
    n["k"] = 5
    assert n.last == ("k", 5)


def test_refusals():
    for make in (lambda: Num(1) + 3, lambda: Num(1) - 3, lambda: Num(1) - Num(2)):
        try:
            make()
        except TypeError as e:
            assert "unsupported operand type(s) for" in str(e), e
        else:
            raise AssertionError("no error")
    assert Num(1) - Sub(2) == ("sub rsub", 1)
    assert 7 - Num(1) == ("rsub", 1, 7)

    class Left:
        def __add__(self, other):
            return NotImplemented

    assert Left() + Right().__class__() and (Left() + Right())[0] == "radd"
    assert type((Left() + Right())[1]) is Left


def test_subclass_on_the_right_goes_first():
    assert Num(1) + Sub(2) == ("sub radd", 1)
    assert (Sub(1) + Num(2)).n == 3


def test_comparisons():
    assert Num(1) == Num(1) and not Num(1) == Num(2)
    assert Num(1) != Num(2)
    assert (Num(1) == Right()) == "equal"
    assert (Num(1) == 5) is False
    assert (Num(1) < None) == []
    assert (Num(1) > Right()) == "less"
    try:
        Num(1) > 5
    except TypeError as e:
        assert str(e) == "'>' not supported between instances of 'Num' and 'int'"
    else:
        raise AssertionError


def test_jumps():
    seen = []
    if Num(1) == Num(1):
        seen.append(1)
    if Num(1) == Num(2):
        seen.append(2)
    if not Num(1) == Num(2):
        seen.append(3)
    if Num(1) < None:
        seen.append(4)
    if Num(1) < 1:
        seen.append(5)
    if Num(1) == 1:
        seen.append(6)
    if Num(1) != 1:
        seen.append(7)
    if Num(1) == Right():
        seen.append(8)
    if Num(1) > Right():
        seen.append(9)
    n = 0
    while Num(n) != Num(3):
        n += 1
    assert seen == [1, 3, 5, 7, 8, 9] and n == 3


class Odd:
    def __bool__(self):
        raise KeyError("bool")


def test_truth_of_the_answer():
    class C:
        def __eq__(self, other):
            return Odd()

    try:
        if C() == 1:
            pass
    except KeyError:
        pass
    else:
        raise AssertionError


def test_traceback_names_both_frames():
    try:
        Num(1) * 2
    except ZeroDivisionError as e:
        names = [f.name for f in traceback.extract_tb(e.__traceback__)]
    assert names == ["test_traceback_names_both_frames", "__mul__"]


def test_frames_seen_from_inside():
    class C:
        def __add__(self, other):
            return sys._getframe().f_back.f_code.co_name, sys._getframe()

        def __eq__(self, other):
            sys._getframe()
            return NotImplemented

    assert (C() + 1)[0] == "test_frames_seen_from_inside"
    c = C()
    assert c == c and c != C()


def test_generator_and_async_methods():
    class C:
        def __add__(self, other):
            yield other

        def __getitem__(self, i):
            yield i

        def __eq__(self, other):
            yield other

    assert list(C() + 1) == [1]
    assert list(C()[2]) == [2]
    assert list(C() == 3) == [3]

    def g():
        yield Num(1) + Num(2)
        yield Num(1)[4]
        if Num(1) == Num(1):
            yield 5
        x = Num(1)
        x[1] = yield
        yield x.last

    it = g()
    assert next(it).n == 3 and next(it) == (1, 4) and next(it) == 5 and next(it) is None
    assert it.send(6) == (1, 6)


def test_recursion_is_bounded():
    class C:
        def __add__(self, other):
            return self + other

        def __eq__(self, other):
            return self == other

        def __getitem__(self, i):
            return self[i]

    for f in (lambda c: c + 1, lambda c: c == 1, lambda c: c[1]):
        try:
            f(C())
        except RecursionError:
            pass
        else:
            raise AssertionError


def test_defaults_and_decorated_methods():
    class C:
        def __add__(self, other, more=2):
            return other + more

        @staticmethod
        def __getitem__(i):
            return ("static", i)

        @classmethod
        def __sub__(cls, other):
            return (cls, other)

        def __mul__(*args):
            return args

    c = C()
    assert c + 1 == 3 and c[4] == ("static", 4) and c - 1 == (C, 1) and c * 2 == (c, 2)


def test_many_registers():
    # Operands beyond register 255: instructions with a prefix.
    names = [f"v{i}" for i in range(300)]
    src = "def f(Num):\n" + "".join(f"    {n} = {i}\n" for i, n in enumerate(names))
    src += "    a = Num(1); b = Num(2); c = a + b; d = a + 5; e = a == b; g = a == 7\n"
    src += "    a[3] = v299\n    h = a[v298]\n    t = 0\n    if a == a: t += 1\n    if a == b: t += 2\n"
    src += "    try:\n        a - b\n    except TypeError: t += 4\n    return c.n, d, e, g, a.last, h, t, sum([" + ", ".join(names) + "])\n"
    ns = {}
    exec(src, ns)
    assert ns["f"](Num) == (3, ("added", 1, 5), False, False, (3, 299), (1, 298), 5, sum(range(300)))


def test_class_changed_between():
    class C:
        def __add__(self, other):
            del C.__add__
            return NotImplemented

    try:
        C() + 1
    except TypeError:
        pass
    else:
        raise AssertionError
    # Nothing is left behind by the refusal.
    assert (Num(1) + Num(1)).n == 2


def test_properties_in_a_loop():
    class P:
        def __init__(self):
            self.n = 0

        @property
        def next(self):
            self.n += 1
            if self.n == 7:
                raise KeyError("seven")
            return self.n

        @property
        def kept(self, more=3):
            return self.n + more

        @property
        def many(self):
            yield self.n

    p = P()
    got = []
    for _ in range(9):
        try:
            got.append(p.next)
        except KeyError as e:
            got.append(str(e))
    assert got == [1, 2, 3, 4, 5, 6, "'seven'", 8, 9]
    assert [p.kept for _ in range(3)] == [12] * 3
    assert [list(p.many) for _ in range(3)] == [[9]] * 3

    def g():
        for _ in range(3):
            yield p.next

    assert list(g()) == [10, 11, 12]

    def read(o):
        return o.next

    class Q:
        next = 5

    class R:
        __slots__ = ("next",)

        def __init__(self):
            self.next = 6

    objects = [p, Q(), R(), Q, p, R()]
    assert [read(o) for o in objects * 2] == [13, 5, 6, 5, 14, 6, 15, 5, 6, 5, 16, 6]
    P.next = 1
    assert read(p) == 1
    P.next = property(lambda self: "new")
    assert [read(p) for _ in range(3)] == ["new"] * 3
    del P.next
    p.__dict__["next"] = "own"
    assert read(p) == "own"


def test_property_with_getattr():
    class P:
        @property
        def x(self):
            raise AttributeError("inner")

        def __getattr__(self, name):
            return "fallback " + name

    assert [P().x for _ in range(4)] == ["fallback x"] * 4

    class Q:
        @property
        def x(self):
            raise AttributeError("inner")

    for _ in range(4):
        try:
            Q().x
        except AttributeError as e:
            assert str(e) == "inner"
        else:
            raise AssertionError


def test_callable_instances():
    class C:
        def __call__(self, a, b=2, *rest, k=5, **kw):
            return a, b, rest, k, kw

    c = C()
    for _ in range(3):
        assert c(1) == (1, 2, (), 5, {})
        assert c(1, 3, 4, k=6, z=7) == (1, 3, (4,), 6, {"z": 7})
    try:
        c()
    except TypeError as e:
        assert str(e) == "test_callable_instances.<locals>.C.__call__() missing 1 required positional argument: 'a'", e
    else:
        raise AssertionError

    class D:
        __call__ = staticmethod(lambda *a: a)

    assert D()(1) == (1,)

    class E:
        pass

    E.__call__ = c
    assert E()(1)[0] == 1

    def g():
        yield c(8)

    assert next(g())[0] == 8
    try:
        object.__new__(type("F", (), {}))()
    except TypeError as e:
        assert str(e) == "'F' object is not callable"


def test_keyword_calls_return_to_their_place():
    def f(a, *, k):
        return a + k

    n = 0
    for i in range(5):
        n = f(n, k=i)
    assert n == 10
