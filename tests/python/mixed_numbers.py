"""int, bool, float, complex and Fraction mixed: every operator on every pair, against exact arithmetic."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


from fractions import Fraction

INTS = [0, 1, -1, 2, 3, -7, 10, 255, 2**31, -2**31, 2**49 - 1, 2**49, -2**49, 2**53, 2**63, -2**63, 10**25]
FLOATS = [0.0, -0.0, 0.5, 1.0, -1.5, 2.0, 3.25, 1e10, 1e15, 2.0**49, 2.0**53]


def test_float_add_mul_are_rounded_exactly():
    for a in FLOATS:
        for b in FLOATS:
            for op, exact in ((a + b, Fraction(a) + Fraction(b)), (a - b, Fraction(a) - Fraction(b)), (a * b, Fraction(a) * Fraction(b))):
                assert op == float(exact)
            if b:
                assert a / b == float(Fraction(a) / Fraction(b))


def test_int_float_mixes():
    for i in INTS:
        for x in FLOATS:
            assert i + x == float(i) + x and x - i == x - float(i) and i * x == float(i) * x
            assert (i < x) == (Fraction(i) < Fraction(x)) and (i == x) == (Fraction(i) == Fraction(x)) and (x >= i) == (Fraction(x) >= Fraction(i))
            if x:
                assert i / x == float(i) / x and i // x == float(i) // x and i % x == float(i) % x


def test_divmod_law():
    for a in INTS:
        for b in INTS:
            if b:
                assert divmod(a, b) == (a // b, a % b) and a // b == (Fraction(a) / b).__floor__()
    for a in (7.5, -7.5, 0.3, 1e300):
        for b in (2.0, -2.0, 0.7):
            q, r = divmod(a, b)
            assert q == a // b and r == a % b and (r == 0 or (r < 0) == (b < 0)) and abs(r) < abs(b)


def test_true_division_of_ints_is_correctly_rounded():
    for a in INTS + [10**30 + 1, 3**100, 2**1000 + 1]:
        for b in INTS + [10**29, 7**80, 2**999 + 3]:
            if b:
                assert a / b == float(Fraction(a, b))


def test_bools():
    for a in (True, False):
        for b in (True, False):
            assert (a + b, a - b, a * b, a & b, a | b, a ^ b) == (int(a) + int(b), int(a) - int(b), int(a) * int(b), int(a) & int(b), int(a) | int(b), int(a) ^ int(b))
            assert type(a + b) is int and type(a & b) is bool and type(a | 1) is int
    assert -True == -1 and +True == 1 and type(+True) is int and [10, 20][True] == 20 and "ab"[False] == "a" and True / 2 == 0.5 and True << 3 == 8


def test_powers():
    for b in (0, 1, -1, 2, -3, 10):
        for e in range(0, 12):
            assert b**e == eval("*".join([f"({b})"] * e) or "1") and pow(b, e) == b**e and pow(b, e, 1000) == b**e % 1000
    assert 2.0**0.5 == 2**0.5 == 1.4142135623730951 and 4**-0.5 == 0.5 and (-1) ** 0.5 == 1j or abs((-1) ** 0.5 - 1j) < 1e-15
    assert 10**-2 == 0.01 and (-2) ** 3 == -8 and -2**2 == -4 and 2**-1 == 0.5 and 2**3**2 == 512
    for b in range(-5, 6):
        for e in range(6):
            for m in (-7, -3, 5, 11, 2**70):
                assert pow(b, e, m) == b**e % m


def test_complex_mix():
    for a in (1, 2.5, True, 1 + 2j):
        for b in (3j, 1 - 1j):
            assert a + b == complex(a) + b and a * b == complex(a) * b and (a / b) * b == complex(a) or abs((a / b) * b - a) < 1e-12
    assert 1 == 1 + 0j and hash(1 + 0j) == hash(1) and 1.5 == 1.5 + 0j and 1j != 1 and {1: "x"}[1 + 0j] == "x"


def test_rounding_half_even_and_digits():
    for n in range(-50, 50):
        x = n / 2
        assert round(x) == int(Fraction(x).__round__()) and round(n * 5, -1) == int(Fraction(n * 5, 10).__round__()) * 10
    assert round(0.15, 1) == 0.1 and round(0.25, 1) == 0.2 and round(2.675, 2) == 2.67 and round(1e22, -22) == 1e22 and round(12345, -5) == 0 and round(5e15 + 0.5) == 5000000000000000


def test_shifts_and_masks():
    for a in INTS:
        for s in (0, 1, 5, 31, 48, 49, 62, 63, 64, 100):
            assert a << s == a * 2**s and a >> s == a // 2**s
        assert a & 0xFFFF == a % 65536 and a | 0 == a and a ^ a == 0 and (a & -a) == (a and 2 ** ((a & -a).bit_length() - 1))


def test_sum_min_max_sorted():
    assert sum(INTS) == eval("+".join(f"({i})" for i in INTS)) and sorted(INTS + FLOATS) == sorted(FLOATS + INTS) and max(INTS) == 10**25 and min(INTS) == -2**63
    assert sum([0.1] * 3) == 0.30000000000000004 or sum([0.1] * 3) == 0.3
    assert sum(range(10**5), 2**60) == 2**60 + 4999950000 and sum([2**62, 2**62, -2**62]) == 2**62 and sum([True, 2, 3.5]) == 6.5


def test_loop_with_type_changes():
    x = 1
    kinds = []
    for step in (1, 2**50, 0.5, 1j):
        x = x + step
        kinds.append(type(x).__name__)
    assert kinds == ["int", "int", "float", "complex"]
    def acc(values):
        t = 0
        for v in values:
            t = t + v
        return t
    assert [acc(v) for v in ([1, 2], [0.5, 1], [2**49, 2**49], [True, True], [1j], [2**70, -2**70], [Fraction(1, 2), 1])] == [3, 1.5, 2**50, 2, 1j, 0, Fraction(3, 2)]


def test_parsing_of_printed():
    for x in FLOATS + [0.1, 1/3, 1e-300, 5e-324, 1.7976931348623157e308, 123456.789, 2.0**-1074, 2.0**1023]:
        assert float(repr(x)) == x and float(f"{x:.17g}") == x and float.fromhex(x.hex()) == x and eval(repr(x)) == x
    r = 12345
    for _ in range(3000):
        r = (r * 6364136223846793005 + 1442695040888963407) % 2**64
        x = (r >> 11) * 2.0 ** ((r % 600) - 300)
        assert float(repr(x)) == x and float("%.17g" % x) == x
