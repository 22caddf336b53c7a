"""math, cmath, random, struct, statistics, fractions: values, errors, exact streams."""
import cmath
import math
import random
import statistics
import struct
from fractions import Fraction


def raises(exc, text, f, *args, **kw):
    try:
        f(*args, **kw)
    except exc as e:
        assert text in str(e), (text, str(e))
    else:
        raise AssertionError(f'no {exc.__name__} from {f} {args}')


def test_math_values():
    assert math.gamma(5) == 24.0 and math.lgamma(1) == 0.0 and math.erf(0) == 0.0
    assert math.log(10**400) == 921.0340371976182 and math.log2(2**2000) == 2000.0 and math.log(8, 2) == 3.0
    assert math.fsum([0.1] * 10) == 1.0 and math.fsum([1e16, 1, 1e-16]) == 10000000000000002.0
    assert math.hypot(3, 4) == 5.0 and math.dist((1, 2), (4, 6)) == 5.0 and math.sumprod([1.5, 2], [2, 3]) == 9.0
    assert math.gcd(12, 18, 27) == 3 and math.lcm(4, 6) == 12 and math.gcd() == 0 and math.lcm() == 1
    assert math.comb(50, 25) == 126410606437752 and math.perm(10, 3) == 720 and math.factorial(25) == 15511210043330985984000000
    assert math.isqrt(10**40 - 1) == 10**20 - 1 and math.prod([1, 2, 3], start=2) == 12
    assert math.nextafter(1.0, 2.0, steps=2) == 1.0000000000000004 and math.ulp(1.0) == 2.0**-52
    assert math.modf(-2.5) == (-0.5, -2.0) and math.frexp(8.0) == (0.5, 4) and math.ldexp(0.5, 4) == 8.0
    assert math.fma(2, 3, 4) == 10.0 and math.remainder(7, 4) == -1.0 and math.isclose(1, 1 + 1e-10)
    assert math.floor(Fraction(7, 2)) == 3 and math.trunc(-2.7) == -2


def test_math_errors():
    raises(ValueError, 'math domain error', math.sqrt, -1)
    raises(ValueError, 'math domain error', math.log, 0)
    raises(OverflowError, 'math range error', math.exp, 1000)
    raises(TypeError, 'must be real number, not str', math.sin, 'a')
    raises(ValueError, 'factorial() not defined for negative values', math.factorial, -1)
    raises(ValueError, '-inf + inf in fsum', math.fsum, [math.inf, -math.inf])
    raises(ValueError, 'Inputs are not the same length', math.sumprod, [1], [1, 2])
    raises(ValueError, 'k must be a non-negative integer', math.comb, 5, -1)


def test_cmath():
    assert cmath.sqrt(-1) == 1j and cmath.exp(0) == 1 and cmath.phase(-1) == math.pi and cmath.polar(1j) == (1.0, math.pi / 2)
    assert cmath.isclose(cmath.rect(1, math.pi), -1) and cmath.isnan(cmath.nanj) and cmath.isinf(cmath.infj)
    raises(ValueError, 'math domain error', cmath.log, 0)


def test_random_is_the_mersenne_twister():
    r = random.Random(42)
    assert r.random() == 0.6394267984578837 and r.random() == 0.025010755222666936
    r.seed('abc')
    first = r.getrandbits(70)
    state = r.getstate()
    assert len(state[1]) == 625
    x = r.random()
    r.setstate(state)
    assert r.random() == x
    r.seed('abc')
    assert r.getrandbits(70) == first and 0 <= first < 2**70
    assert random.Random(1).sample(range(100), 5) == [17, 72, 97, 8, 32]
    raises(ValueError, 'number of bits must be non-negative', r.getrandbits, -1)


def test_struct():
    assert struct.pack('<hIq', -1, 2, 3) == b'\xff\xff\x02\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00'
    assert struct.unpack('>e f d', struct.pack('>e f d', 1.5, 2.5, 3.5)) == (1.5, 2.5, 3.5)
    assert struct.calcsize('bhilqP') == 32 and struct.calcsize('<bhilq') == 19
    assert struct.pack('3s5p?', b'abcdef', b'xyz', 1) == b'abc\x03xyz\x00\x01'
    buffer = bytearray(8)
    struct.pack_into('>i', buffer, 2, 258)
    assert buffer == b'\0\0\0\0\1\2\0\0' and struct.unpack_from('>i', buffer, 2) == (258,)
    assert list(struct.iter_unpack('<H', b'\1\0\2\0')) == [(1,), (2,)]
    raises(struct.error, "'h' format requires -32768 <= number <= 32767", struct.pack, 'h', 40000)
    raises(struct.error, 'bad char in struct format', struct.calcsize, 'z')
    raises(struct.error, 'unpack requires a buffer of 4 bytes', struct.unpack, 'i', b'')
    raises(OverflowError, 'float too large to pack with f format', struct.pack, '<f', 1e300)
    assert repr(struct.Struct('<i')) == "Struct('<i')" and struct.Struct('i').size == 4


def test_library_on_top():
    assert Fraction(1, 3) + Fraction(1, 6) == Fraction(1, 2) and Fraction(0.5) == Fraction('1/2')
    assert statistics.mean([1, 2, 3, 4]) == 2.5 and statistics.median([3, 1, 2]) == 2
    assert statistics.NormalDist(0, 1).inv_cdf(0.5) == 0.0
