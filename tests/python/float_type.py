"""float and complex: text, rounding, special values, mixed comparison, identity of NaNs."""
import math
import operator


def raises(exc, text, f, *args, **kw):
    try:
        f(*args, **kw)
    except exc as e:
        assert text in str(e), (text, str(e))
    else:
        raise AssertionError(f'no {exc.__name__} from {f} {args}')


def test_text():
    for x, text in [(0.1, '0.1'), (1e16, '1e+16'), (1e15, '1000000000000000.0'), (1e-4, '0.0001'), (1e-5, '1e-05'), (-0.0, '-0.0'),
                    (1.7976931348623157e308, '1.7976931348623157e+308'), (5e-324, '5e-324'), (math.inf, 'inf'), (1e22, '1e+22'),
                    (123456789.123, '123456789.123'), (2.0**60, '1.152921504606847e+18')]:
        assert repr(x) == str(x) == text, (x, repr(x), text)
        assert float(text) == x
    assert float(' 1_000.5e-1 ') == 100.05 and float('١.٥') == 1.5 and float(b'2.5') == 2.5 and float('-Infinity') == -math.inf
    raises(ValueError, "could not convert string to float: 'abc'", float, 'abc')
    raises(ValueError, "could not convert string to float: '1__0'", float, '1__0')
    raises(TypeError, "float() argument must be a string or a real number, not 'list'", float, [])


def test_rounding():
    assert round(2.5) == 2 and round(3.5) == 4 and round(-2.5) == -2 and round(2.675, 2) == 2.67 and round(1234.5, -2) == 1200.0
    assert round(0.5) == 0 and type(round(1.0)) is int and type(round(1.0, 0)) is float and round(1e300, -300) == 1e300
    raises(OverflowError, 'rounded value too large to represent', round, 1.7e308, -308)
    assert int(1e20) == 100000000000000000000 and math.floor(-0.5) == -1 and math.ceil(-0.5) == 0 and math.trunc(-1.5) == -1


def test_division():
    assert 7.0 // 2 == 3.0 and -7.0 // 2 == -4.0 and -7.0 % 2 == 1.0 and 7.0 % -2 == -1.0 and divmod(-1e-20, 3) == (-1.0, 3.0)
    assert math.copysign(1, 0.0 % -1) == -1 and math.copysign(1, -0.0 // 1) == -1
    raises(ZeroDivisionError, 'float division by zero', operator.truediv, 1.0, 0)
    raises(ZeroDivisionError, 'float floor division by zero', operator.floordiv, 1.0, 0)
    raises(ZeroDivisionError, 'float modulo by zero', operator.mod, 1.0, 0)


def test_powers():
    assert 2.0**0.5 == math.sqrt(2) and (-8.0) ** 2 == 64.0 and isinstance((-8.0) ** 0.5, complex)
    assert 0.0**0 == 1.0 and (-1.0) ** math.inf == 1.0
    raises(ZeroDivisionError, '0.0 cannot be raised to a negative power', pow, 0.0, -1)
    raises(OverflowError, 'Numerical result out of range', pow, 10.0, 400)


def test_exact_forms():
    assert (0.1).hex() == '0x1.999999999999ap-4' and float.fromhex('0x1.8p1') == 3.0 and float.fromhex('-0x1p-1074') == -5e-324
    assert (0.75).as_integer_ratio() == (3, 4) and (1e20).is_integer() and not (0.5).is_integer()


def test_nan_identity():
    nan, other = float('nan'), float('nan')
    assert nan != nan and nan is nan and nan is not other and nan in [nan] and other not in [nan] and len({nan, other, nan}) == 2
    assert not nan < 1 and not nan > 1 and not nan == 1 and math.isnan(nan + 1) and math.isnan(math.inf - math.inf)


def test_comparison_and_hash():
    assert 1 < 1.5 < 2 and 10**30 > 1e29 and 2**1000 < math.inf and -(2**1000) > -math.inf and 1.0 == True and hash(1.0) == hash(1)
    assert hash(0.5) == hash(0.5) and hash(2.0**70) == hash(2**70) and hash(math.inf) == 314159


def test_format():
    for spec, x, out in [('.2f', 3.14159, '3.14'), ('e', 12345.678, '1.234568e+04'), ('g', 1e-5, '1e-05'), ('.3g', 1234.5, '1.23e+03'),
                         (',.2f', 1234567.891, '1,234,567.89'), ('010.3f', -3.14159, '-00003.142'), ('%', 0.25, '25.000000%'), ('.0f', 0.5, '0'),
                         ('.0f', 1.5, '2'), ('z.1f', -0.01, '0.0'), ('', 1e100, '1e+100'), ('.3', 1.0, '1.0'), ('#.0f', 1.0, '1.'),
                         ('+', 1.5, '+1.5'), ('>8', 1.5, '     1.5'), ('_.1f', 1e6, '1_000_000.0')]:
        assert format(x, spec) == out, (spec, x, format(x, spec))
    assert '%.3f|%10.2e|%-8g|%+d' % (1 / 3, 12345.6789, 0.5, 3) == '0.333|  1.23e+04|0.5     |+3'
    raises(ValueError, "Unknown format code 'd' for object of type 'float'", format, 1.0, 'd')


def test_complex():
    z = 3 + 4j
    assert abs(z) == 5.0 and z.conjugate() == 3 - 4j and z * z == -7 + 24j and z / 2 == 1.5 + 2j and z**2 == -7 + 24j and -z == -3 - 4j
    assert repr(z) == '(3+4j)' and repr(1j) == '1j' and repr(-0.0 - 1j) == '(-0-1j)' and str(complex(math.nan, -math.inf)) == '(nan-infj)'
    assert complex('1+2j') == 1 + 2j and complex(' ( -1e3-j ) ') == -1000 - 1j and complex(1, 2) == 1 + 2j and complex(real=1) == 1
    assert z == complex(3, 4) and z != 3 and 3 + 0j == 3 and hash(3 + 0j) == hash(3) and bool(0j) is False
    assert format(z, '.1f') == '3.0+4.0j' and format(1e10 + 2j, ',') == '(10,000,000,000+2j)'
    raises(ZeroDivisionError, 'complex division by zero', operator.truediv, z, 0)
    raises(ZeroDivisionError, '0.0 to a negative or complex power', pow, 0j, -1)
    raises(ValueError, 'complex() arg is a malformed string', complex, '1 + 2j')
    raises(TypeError, "'<' not supported between instances of 'complex' and 'int'", operator.lt, z, 1)


class F(float):
    pass


def test_subclasses():
    f = F('2.5')
    f.tag = 'x'
    assert f == 2.5 and f.tag == 'x' and type(f + 1) is float and repr(f) == '2.5' and F.fromhex('0x1p1') == 2.0
