"""Ints of a few to a hundred digits of 30 bits: the sizes at which one algorithm takes over from another."""
import random
import sys

SIZES = [10, 30, 49, 60, 61, 100, 119, 300, 600, 1000, 1890, 1920, 1950, 2500, 4000]


def pairs(seed, count):
    r = random.Random(seed)

    def number():
        bits = r.choice(SIZES)
        shape = r.randrange(5)
        x = (1 << bits) - 1 if shape == 0 else 1 << bits if shape == 1 else r.getrandbits(bits)
        return x if r.randrange(2) else -x

    for _ in range(count):
        yield number(), number(), r


def test_sums_products_and_quotients():
    for a, b, r in pairs(1, 1500):
        product = a * b
        # The same product from pieces of 16 bits.
        total, x, shift = 0, abs(a), 0
        while x:
            total += (x & 0xFFFF) * b << shift
            x >>= 16
            shift += 16
        assert product == (total if a >= 0 else -total)
        assert (a + b) * (a - b) == a * a - b * b
        assert (a + b) - b == a and (a - b) + b == a
        if b:
            assert divmod(product, b) == (a, 0)
            q, rest = divmod(a, b)
            assert q * b + rest == a and (0 <= rest < b or b < rest <= 0)
        c = r.randrange(1, 1 << r.choice([3, 17, 29, 30]))
        q, rest = divmod(a, c)
        assert q * c + rest == a and 0 <= rest < c


def test_decimal_text():
    r = random.Random(2)
    old = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        for length in list(range(1, 130)) + [890, 899, 900, 901, 917, 1000, 3000]:
            text = "".join(r.choice("0123456789") for _ in range(length))
            value = 0
            for c in text:
                value = value * 10 + ord(c) - 48
            assert int(text) == value
            assert str(value) == (text.lstrip("0") or "0")
            assert int("-" + text) == -value
        for e in (17, 18, 19, 36, 54, 270, 900, 1500):
            assert str(10**e) == "1" + "0" * e
            assert str(10**e - 1) == "9" * e
    finally:
        sys.set_int_max_str_digits(old)


def test_modular_powers():
    for a, _, r in pairs(3, 300):
        m = r.randrange(1, 1 << r.choice([5, 20, 31, 32, 33, 62, 64]))
        e = r.randrange(50)
        value = 1
        for _ in range(e):
            value = value * a % m
        assert pow(a, e, m) == value % m


def test_division_where_the_leading_digits_decide_or_do_not():
    r = random.Random(5)
    for i in range(4000):
        b = r.choice([
            r.getrandbits(r.randrange(1, 900)) + 1,
            (1 << r.randrange(120, 900)) - r.randrange(3),
            (1 << r.randrange(120, 900)) + r.randrange(3),
            ((1 << 60) - 1) << r.randrange(90, 600),
        ])
        q = r.choice([r.getrandbits(r.randrange(1, 62)), (1 << r.randrange(1, 62)) - 1, r.getrandbits(600)])
        for rest in (0, 1, b - 1, r.randrange(b)):
            if rest < b:
                a = b * q + rest
                assert a - b * q == rest
                assert divmod(a, b) == (q, rest) and a // b == q and a % b == rest
                assert divmod(-a, -b) == (q, -rest)
                assert divmod(-a, b) == ((-q, 0) if rest == 0 else (-q - 1, b - rest))


def test_sums_whose_carries_run_through():
    for n in (59, 60, 61, 89, 90, 91, 119, 120, 121, 599, 600, 601):
        for m in (1, 30, 57, 58, 59, n - 1, n):
            a, b = (1 << n) - 1, (1 << m) - 1
            assert bin(a + 1) == "0b1" + "0" * n
            assert (a + b) - a == b and (a + b) - b == a
            assert hex(a - b) == hex(((1 << n - m) - 1) << m)
            assert b - a == -(a - b)
            assert bin((1 << n) - 1) == "0b" + "1" * n


def test_factorials_and_falling_products():
    import math
    value = 1
    for n in range(1, 1200):
        value *= n
        if n < 40 or n % 37 == 0 or n in (255, 256, 257, 511, 512, 513):
            assert math.factorial(n) == value
            assert math.perm(n, n // 3) == value // math.factorial(n - n // 3)
            assert math.comb(n, n // 3) * math.factorial(n // 3) == math.perm(n, n // 3)
    for n in ((1 << 60) - 3, 1 << 60, (1 << 60) + 5, (1 << 64) - 1):
        for k in (1, 2, 7, 8, 9, 30):
            value = 1
            for i in range(k):
                value *= n - i
            assert math.perm(n, k) == value
    assert math.factorial(0) == math.factorial(1) == math.perm(5, 0) == 1
