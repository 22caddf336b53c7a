"""int: arithmetic on both sides of the unboxed range, text, bits, bytes."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


EDGES = [0, 1, -1, 2**15, 2**30 - 1, 2**30, 2**31, 2**47, 2**49 - 1, 2**49, 2**49 + 1, -2**49, -2**49 - 1, 2**52, 2**53 + 1,
         2**60, 2**62, 2**63 - 1, 2**63, 2**64, -2**63, -2**63 - 1, 10**18, 10**19, 10**40, -10**40, 3**200]


def test_add_sub_inverse():
    for a in EDGES:
        for b in EDGES:
            assert a + b - b == a and a - b + b == a and (a + b) == (b + a) and -(a - b) == b - a


def test_mul_div():
    for a in EDGES:
        for b in EDGES:
            if b:
                q, r = divmod(a, b)
                assert q * b + r == a and a // b == q and a % b == r and abs(r) < abs(b) and (r == 0 or (r < 0) == (b < 0))
            assert a * b == b * a and (a * b) * 3 == a * (b * 3)


def test_crossing_the_unboxed_limit():
    x = 2**49 - 3
    seen = []
    for _ in range(6):
        x += 1
        seen.append(x)
    assert seen[-1] == 2**49 + 3 and seen[2] == 2**49
    x = -2**49 + 3
    for _ in range(6):
        x -= 1
    assert x == -2**49 - 3 and str(x) == "-562949953421315"


def test_multiplication_overflow():
    assert 3037000500 * 3037000500 == 9223372037000250000 and (2**32) * (2**32) == 2**64 and -(2**31) * 2**31 == -(2**62)
    assert (2**62) * 2 == 2**63 and (-2**63) * -1 == 2**63 and (2**63) // -1 == -2**63 and abs(-2**63) == 2**63


def test_floor_and_mod_signs():
    assert (7 // 2, -7 // 2, 7 // -2, -7 // -2) == (3, -4, -4, 3) and (7 % 3, -7 % 3, 7 % -3, -7 % -3) == (1, 2, -2, -1)
    raises(ZeroDivisionError, lambda: 1 // 0)
    raises(ZeroDivisionError, lambda: 10**30 % 0)
    assert str(raises(ZeroDivisionError, lambda: 1 / 0)) == "division by zero"


def test_true_division():
    assert 1 / 2 == 0.5 and 10**30 / 10**29 == 10.0 and 2**1030 / 2**1029 == 2.0 and (10**17 + 1) / 10**17 == 1.0
    assert 1 / 3 == 0.3333333333333333 and -7 / 2 == -3.5 and 0 / 5 == 0.0
    raises(OverflowError, lambda: 10**400 / 3)


def test_power():
    assert 2**10 == 1024 and (-2)**3 == -8 and 2**-1 == 0.5 and 0**0 == 1 and 7**77 % 10 == 7
    assert pow(3, 200, 13) == 9 and pow(2, -1, 7) == 4 and pow(-3, 3, 5) == 3 and pow(10**20, 10**20, 97) == pow(10**20 % 97, 10**20, 97)
    raises(ZeroDivisionError, lambda: 0**-1)
    raises(ValueError, pow, 2, -1, 4)
    raises(ValueError, pow, 2, 2, 0)


def test_bits():
    for a in EDGES:
        assert ~a == -a - 1 and a & a == a and a | a == a and a ^ a == 0 and (a << 5) >> 5 == a and a ^ -1 == ~a
        for b in EDGES:
            assert (a & b) + (a | b) == a + b and a ^ b == (a | b) - (a & b)
    assert -1 >> 100 == -1 and 5 >> 100 == 0 and 1 << 100 == 2**100 and -5 & 0xFF == 251
    raises(ValueError, lambda: 1 << -1)
    assert (255).bit_length() == 8 and (-256).bit_length() == 9 and (0).bit_length() == 0 and (-7).bit_count() == 3 and (2**100).bit_length() == 101


def test_comparison():
    ordered = sorted(EDGES)
    assert all(a <= b and not a > b for a, b in zip(ordered, ordered[1:]))
    assert 1 == 1.0 and 2**53 + 1 != float(2**53) and 2**53 + 1 > float(2**53) and 10**400 > 1e308 and 1 < 1.5 < 2
    assert 10**400 < float("inf") and not 1 < float("nan") and True == 1 and hash(True) == hash(1)


def test_hash():
    for a in EDGES:
        assert hash(a) == hash(int(str(a))) and (abs(a) > 2**53 or hash(a) == hash(float(a)))
    assert hash(-1) == -2 and hash(2**61 - 1) == 0 and hash(2**61) == 1 and hash(-(2**61)) == -2


def test_text():
    for a in EDGES:
        assert int(str(a)) == a and int(hex(a), 16) == a and int(bin(a), 2) == a and int(oct(a), 0) == a and eval(repr(a)) == a
    assert int("  12_3 ") == 123 and int("-0") == 0 and int("z", 36) == 35 and int("0b101", 0) == 5 and int("٣") == 3 and int(b"12") == 12
    for bad in ("", " ", "1__2", "_1", "1_", "0x", "1.0", "--1", "abc", "1 2"):
        exc = raises(ValueError, int, bad)
        assert str(exc) == f"invalid literal for int() with base 10: {bad!r}"
    raises(ValueError, int, "2", 2)
    raises(ValueError, int, "1", 37)
    raises(TypeError, int, 1, 10)


def test_huge_text_limit():
    import sys
    assert sys.get_int_max_str_digits() == 4300
    exc = raises(ValueError, str, 10**4300)
    assert "Exceeds the limit (4300 digits) for integer string conversion" in str(exc)
    raises(ValueError, int, "1" * 4301)
    sys.set_int_max_str_digits(0)
    try:
        assert len(str(10**5000)) == 5001 and int("7" * 5000) % 10 == 7
    finally:
        sys.set_int_max_str_digits(4300)


def test_big_arithmetic():
    a, b = 3**500, 7**300
    assert (a * b) // b == a and (a * b) % a == 0 and divmod(a * b + 5, a) == (b, 5)
    f = 1
    for i in range(1, 200):
        f *= i
    for i in range(1, 200):
        assert f % i == 0
        f //= i
    assert f == 1
    x = 12345678901234567890123456789
    assert x * x // x == x and x * x == 152415787532388367504953515625361987875019051998750190521


def test_bytes():
    assert (258).to_bytes(2, "big") == b"\x01\x02" and (258).to_bytes(4, "little") == b"\x02\x01\0\0" and (-1).to_bytes(2, "big", signed=True) == b"\xff\xff"
    assert int.from_bytes(b"\xff\x00", "big") == 65280 and int.from_bytes(b"\xff", signed=True) == -1 and int.from_bytes([1, 2], "little") == 513
    assert (5).to_bytes() == b"\x05" and (0).to_bytes(0, "big") == b""
    for a in EDGES:
        assert int.from_bytes(a.to_bytes(60, "little", signed=True), "little", signed=True) == a
    raises(OverflowError, (256).to_bytes, 1, "big")
    raises(OverflowError, (-1).to_bytes, 1, "big")


def test_conversions():
    assert int(3.99) == 3 and int(-3.99) == -3 and int(1e20) == 10**20 and int(True) == 1 and int() == 0
    raises(ValueError, int, float("nan"))
    raises(OverflowError, int, float("inf"))
    raises(TypeError, int, None)
    class I:
        def __int__(self):
            return 7
    class X:
        def __index__(self):
            return 8
    assert int(I()) == 7 and int(X()) == 8 and [0] * X() == [0] * 8 and hex(X()) == "0x8"
    assert (5).__index__() == 5 and (5).numerator == 5 and (5).denominator == 1 and (5).real == 5 and (5).imag == 0 and (5).conjugate() == 5
    assert (5).as_integer_ratio() == (5, 1) and (5).is_integer() and round(1234, -2) == 1200 and round(1250, -2) == 1200 and round(5) == 5


def test_identity_of_small_values():
    a, b = 2**40, 2**39 * 2
    assert 5 is 5 and (a == b) and a in [b] and {a: 1}[b] == 1
    x = 1000
    assert x is x and id(x) == id(x)


def test_subclass_and_bool():
    class I(int):
        pass
    assert I(3) + I(4) == 7 and type(I(3) + 1) is int and type(+I(3)) is int and I("12") == 12 and isinstance(I(), int)
    assert True + True == 2 and True & False is False and True | False is True and True ^ True is False and type(True & 1) is int
    assert bool(0) is False and bool(10**30) is True and not bool("") and bool("0")
    assert str(True) == "True" and repr(False) == "False" and f"{True:d}" == "1" and int.__repr__(True) == "1"


def test_loop_sum_large():
    total = 0
    for i in range(200000):
        total += i * i
    assert total == 2666646666700000


def test_fibonacci_growth():
    a, b = 0, 1
    for _ in range(1000):
        a, b = b, a + b
    assert a % 10**12 == 43466557686937456435688527675040625802564660517371780402481729089536555417949051890403879840079255169295922593080322634775209689623239873322471161642996440906533187938298969649928516003704476137795166849228875 % 10**12
