"""int: arithmetic across the sizes at which representation changes, text, bytes, conversions."""
import operator


def raises(exc, text, f, *args, **kw):
    try:
        f(*args, **kw)
    except exc as e:
        assert text in str(e), (text, str(e))
    else:
        raise AssertionError(f'no {exc.__name__} from {f} {args}')


EDGES = sorted({s * (2**k + d) for k in (0, 1, 13, 29, 30, 31, 48, 49, 50, 59, 60, 61, 62, 63, 64, 65, 89, 90, 119, 120, 127,
                                         128, 500) for d in (-1, 0, 1) for s in (-1, 1)})


def test_one_operand_identities():
    for a in EDGES:
        assert a + 1 - 1 == a and -(-a) == a and ~~a == a and a ^ a == 0 and a & a == a | a == a
        assert int(str(a)) == a and int(hex(a), 16) == a and int(bin(a), 0) == a and int(oct(a), 0) == a
        n = a.bit_length() // 8 + 1
        for order in ('big', 'little'):
            assert int.from_bytes(a.to_bytes(n, order, signed=True), order, signed=True) == a
        assert abs(a).bit_count() == bin(a).count('1') == a.bit_count()
        assert hash(a) == hash(int(str(a)))
        assert (a << 7) >> 7 == a and (a << 100) == a * 2**100 and a >> 3 == a // 8


def test_two_operand_identities():
    for a in EDGES:
        for b in EDGES:
            assert (a + b) - b == a and a - b == -(b - a) and a * b == b * a
            assert (a < b) + (a == b) + (a > b) == 1
            assert (a & b) + (a | b) == a + b and (a ^ b) == (a | b) - (a & b)
            if b:
                q, r = divmod(a, b)
                assert q == a // b and r == a % b and q * b + r == a
                assert (0 <= r < b) if b > 0 else (b < r <= 0)


def test_arithmetic_values():
    assert 7 // -2 == -4 and 7 % -2 == -1 and -7 // 2 == -4 and -7 % 2 == 1
    assert (2**49 - 1) * (2**49 - 1) == 316912650057056224474268958721
    assert 3**100 == 515377520732011331036461129765621272702107522001
    assert 10**18 / 10**17 == 10.0 and 2**1000 / 2**999 == 2.0 and (2**53 + 1) / 1 == 2.0**53
    assert pow(3, -1, 7) == 5 and pow(2, 10, -7) == -5 and pow(38, -1, 97) == 23 and pow(5, 0, 1) == 0
    assert pow(2, 10**30, 10**9 + 7) == pow(2, 10**30 % (10**9 + 6), 10**9 + 7)
    assert 2**-1 == 0.5 and 0**0 == 1
    assert round(1234, -2) == 1200 and round(1250, -2) == 1200 and round(1350, -2) == 1400 and round(-15, -1) == -20
    assert (5).as_integer_ratio() == (5, 1) and (5).real == 5 and (5).imag == 0 and (5).denominator == 1 and (5).is_integer()


def test_construction():
    assert int(' -1_000 ') == -1000 and int('0x_ff', 16) == 255 and int('0b101', 0) == 5 and int('z', 36) == 35 and int('٣') == 3
    assert int(3.99) == 3 and int(-3.99) == -3 and int(b'12') == 12 and int(bytearray(b'7')) == 7 and int('11', base=2) == 3
    raises(ValueError, "invalid literal for int() with base 10: 'abc'", int, 'abc')
    raises(ValueError, "invalid literal for int() with base 0: '01'", int, '01', 0)
    raises(ValueError, 'int() base must be >= 2 and <= 36, or 0', int, '1', 37)
    raises(TypeError, "int() can't convert non-string with explicit base", int, 1, 2)
    raises(TypeError, "int() argument must be a string, a bytes-like object or a real number, not 'list'", int, [])
    raises(ValueError, 'cannot convert float NaN to integer', int, float('nan'))
    raises(OverflowError, 'cannot convert float infinity to integer', int, float('inf'))


def test_errors():
    raises(ZeroDivisionError, 'integer modulo by zero', operator.mod, 1, 0)
    raises(ZeroDivisionError, 'division by zero', operator.truediv, 1, 0)
    raises(ValueError, 'negative shift count', operator.lshift, 1, -1)
    raises(OverflowError, 'int too large to convert to float', float, 10**400)
    raises(OverflowError, 'integer division result too large for a float', operator.truediv, 10**400, 3)
    raises(OverflowError, "can't convert negative int to unsigned", (-1).to_bytes, 4, 'big')
    raises(OverflowError, 'int too big to convert', (256).to_bytes, 1, 'big')
    raises(ValueError, 'base is not invertible for the given modulus', pow, 2, -1, 4)
    raises(TypeError, "unsupported operand type(s) for +: 'int' and 'str'", operator.add, 1, 'a')


def test_digit_limit():
    raises(ValueError, 'Exceeds the limit (4300 digits) for integer string conversion', str, 10**4300)
    raises(ValueError, 'value has 4301 digits', int, '1' * 4301)
    assert len(str(10**4299)) == 4300 and len(hex(16**10000)) == 10003


def test_format():
    for spec, v, out in [('d', 42, '42'), (',', 1234567, '1,234,567'), ('_', -1234567, '-1_234_567'), ('_x', 0xdeadbeef, 'dead_beef'),
                         ('#010b', 5, '0b00000101'), ('+d', 5, '+5'), (' d', 5, ' 5'), ('^9', 42, '   42    '), ('*<5', 1, '1****'),
                         ('=+8', 42, '+     42'), ('08,d', 1234, '0,001,234'), ('c', 65, 'A'), ('.2f', 3, '3.00'), ('e', 1000, '1.000000e+03'),
                         ('%', 1, '100.000000%'), ('X', 255, 'FF'), ('#X', 255, '0XFF'), ('o', 8, '10')]:
        assert format(v, spec) == out, (spec, v, format(v, spec))
    raises(ValueError, "Cannot specify both ',' and '_'.", format, 1, ',_')
    raises(ValueError, "Unknown format code 's' for object of type 'int'", format, 1, 's')
    raises(ValueError, 'Precision not allowed in integer format specifier', format, 1, '.3d')


class I(int):
    pass


def test_subclasses_and_bool():
    assert type(I(5) + 1) is int and type(I('12')) is I and I(7) == 7 and repr(I(7)) == '7' and type(int(I(3))) is int and type(+I(3)) is int
    x = I(2**80)
    x.note = 1
    assert x.note == 1 and x == 2**80 and {x: 1}[2**80] == 1
    assert True + True == 2 and (True & False) is False and (True | 2) == 3 and repr(True) == 'True'
    assert isinstance(True, int) and True.bit_length() == 1


def test_mixed_comparison():
    assert 5 == 5.0 == 5 + 0j and 2**53 + 1 != 2.0**53 and 2**53 + 1 > 2.0**53
    assert 10**400 > -float('inf') and not 10**400 > float('inf') and 10**400 > 1e308


def test_identity_and_large_results():
    a = 2**62
    b = a + 1 - 1
    assert a is b or a == b
    n = 3**5000
    assert n * n // n == n and n % (n - 1) == 1 and (n * n + 5) % n == 5
    m = 7**3000
    assert (n * m) // m == n and divmod(n * m + 12, m) == (n, 12)
