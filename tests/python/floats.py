"""float: arithmetic, text, NaN and infinities, conversions."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import math

INF, NAN = float("inf"), float("nan")


def test_repr():
    for x, s in [(0.1, "0.1"), (1.0, "1.0"), (1e16, "1e+16"), (1e15, "1000000000000000.0"), (1e-5, "1e-05"), (0.0001, "0.0001"), (-0.0, "-0.0"),
                 (1e22, "1e+22"), (123456789012345680.0, "1.2345678901234568e+17"), (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
                 (INF, "inf"), (-INF, "-inf"), (NAN, "nan"), (2.5, "2.5"), (1/3, "0.3333333333333333"), (100.0, "100.0")]:
        assert repr(x) == s and str(x) == s, (x, s)


def test_parse():
    for s, x in [("1", 1.0), (" 1.5 ", 1.5), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("1_0.0_1", 10.01), ("inf", INF), ("-Infinity", -INF), ("1e400", INF),
                 ("1e-400", 0.0), ("0x", None), ("", None), ("1__0", None), ("nan()", None), ("1 2", None), ("٣.٥", 3.5)]:
        if x is None:
            assert str(raises(ValueError, float, s)) == f"could not convert string to float: {s!r}"
        else:
            assert float(s) == x
    assert math.isnan(float("NaN")) and float("9007199254740993") == 9007199254740992.0 and float("0.1") == 0.1


def test_arithmetic():
    assert 0.1 + 0.2 == 0.30000000000000004 and 1e308 * 10 == INF and 7.5 // 2 == 3.0 and -7.5 // 2 == -4.0 and 7.5 % 2 == 1.5 and -7.5 % 2 == 0.5
    assert divmod(-1e-20, 3.0) == (-1.0, 3.0) and 2.0**0.5 == 1.4142135623730951 and (-8.0) ** 2 == 64.0 and 1.0 % INF == 1.0 and -1.0 % INF == INF
    assert isinstance((-8) ** 0.5, complex) and 2.0**-1 == 0.5 and 0.0**0 == 1.0 and 1 + 1.5 == 2.5 and 3 * 0.5 == 1.5
    for f in (lambda: 1.0 / 0, lambda: 1.0 // 0, lambda: 1.0 % 0, lambda: 0.0**-1, lambda: divmod(1.0, 0)):
        raises(ZeroDivisionError, f)
    raises(OverflowError, lambda: 2.0**10000)


def test_nan():
    assert NAN != NAN and not NAN == NAN and not NAN < 1 and not NAN > 1 and NAN in [NAN] and [NAN] == [NAN]
    a, b = float("nan"), float("nan")
    assert a is not b and len({a, b}) == 2 and [a] != [b] and a is a and {a: 1}[a] == 1
    x = INF - INF
    assert x != x and math.isnan(x) and math.isnan(INF * 0) and math.isnan(NAN + 1)
    assert max(NAN, 1) != max(NAN, 1) and max(1, NAN) == 1 and sorted([3.0, 1.0, 2.0]) == [1.0, 2.0, 3.0]


def test_zero_signs():
    assert 0.0 == -0.0 and math.copysign(1, -0.0) == -1 and str(-0.0) == "-0.0" and 0.0 is not None and repr(0.0 * -1) == "-0.0" and {0.0: 1}[-0.0] == 1
    assert str(0.0 - 0.0) == "0.0" and str(-0.0 + 0.0) == "0.0" and str(round(-0.4)) == "0" and str(-0.0 % 5) in ("0.0", "-0.0")


def test_comparison_with_ints():
    assert 2.0**53 == 2**53 and 2.0**53 < 2**53 + 1 and 1e30 != 10**30 and float(10**30) == 1e30 and 0.5 < 1 and 1 > 0.5 and INF > 10**1000 and -INF < -10**1000
    assert 1.0 == True and hash(1.0) == hash(1) and hash(0.5) == hash(0.5) and hash(INF) == 314159 and hash(-INF) == -314159 and hash(2.0**70) == hash(2**70)


def test_rounding():
    assert round(0.5) == 0 and round(1.5) == 2 and round(2.5) == 2 and round(-1.5) == -2 and round(2.675, 2) == 2.67 and round(1234.5, -2) == 1200.0 and type(round(1.5)) is int
    assert round(1e300, 5) == 1e300 and round(1.5, 0) == 2.0 and round(5e-324, 400) == 5e-324 and math.floor(-1.5) == -2 and math.ceil(1.2) == 2 and math.trunc(-1.7) == -1
    raises(ValueError, round, NAN)
    raises(OverflowError, round, INF)


def test_methods():
    assert (1.5).as_integer_ratio() == (3, 2) and (2.0).is_integer() and not (2.5).is_integer() and (0.1).hex() == "0x1.999999999999ap-4" and float.fromhex("0x1.8p1") == 3.0
    assert float.fromhex("inf") == INF and (1.5).real == 1.5 and (1.5).imag == 0.0 and (1.5).conjugate() == 1.5 and (0.0).hex() == "0x0.0p+0" and float.fromhex("0x.1") == 0.0625
    assert float.__getformat__("double").startswith("IEEE") and float() == 0.0
    raises(OverflowError, INF.as_integer_ratio)
    raises(ValueError, NAN.as_integer_ratio)


def test_format():
    x = 1234.5678
    assert f"{x:.2f}|{x:e}|{x:.3g}|{x:,.1f}|{x:10.1f}|{x:<10.1f}|{x:+.0f}|{x:%}|{x:_.2f}" == "1234.57|1.234568e+03|1.23e+03|1,234.6|    1234.6|1234.6    |+1235|123456.780000%|1_234.57"
    assert f"{1e10:g}|{1e5:g}|{0.0001:g}|{1.0:g}|{1.0:#g}|{INF:f}|{NAN:F}|{-0.0:z.1f}|{0.5:.0f}|{1.5:.0f}|{1e300:.3e}" == "1e+10|100000|0.0001|1|1.00000|inf|NAN|0.0|0|2|1.000e+300"
    assert "%.3f|%e|%g|%5.1f|%-6.1f|%+.1f|%06.2f" % (1.23456, 12345.678, 1e-7, 2.25, 2.25, 1.0, 3.14159) == "1.235|1.234568e+04|1e-07|  2.2|2.2   |+1.0|003.14"
    assert f"{3.0}" == "3.0" and f"{3.0:}" == "3.0" and f"{3.0:n}" == "3"


def test_conversion_hooks():
    class F:
        def __float__(self):
            return 2.5
    class I:
        def __index__(self):
            return 3
    assert float(F()) == 2.5 and float(I()) == 3.0 and math.sqrt(I()) == math.sqrt(3)
    class Bad:
        def __float__(self):
            return "x"
    assert "__float__ returned non-float" in str(raises(TypeError, float, Bad()))
    raises(TypeError, float, [])
    raises(OverflowError, float, 10**400)


def test_complex():
    z = 3 + 4j
    assert abs(z) == 5.0 and z.real == 3.0 and z.imag == 4.0 and z.conjugate() == 3 - 4j and z * z == -7 + 24j and z / (1 + 1j) == 3.5 + 0.5j and -z == -3 - 4j
    assert repr(z) == "(3+4j)" and repr(1j) == "1j" and repr(-0.0 + 1j) and str(complex(1, -0.0)) == "(1-0j)" and complex("1+2j") == 1 + 2j and complex(" -j ") == -1j and complex("(1)") == 1
    assert z == complex(3, 4) and hash(complex(2, 0)) == hash(2) and z**2 == -7 + 24j and 1j**2 == -1 and complex(1.5).real == 1.5 and bool(0j) is False and z + 1 == 4 + 4j
    raises(TypeError, lambda: z < z)
    raises(TypeError, lambda: z // 1)
    raises(ZeroDivisionError, lambda: z / 0)
    raises(ValueError, complex, "1 + 2j")
    assert f"{z:.1f}" == "3.0+4.0j" and f"{z:>10}" == "    (3+4j)" and complex(real=1, imag=2) == 1 + 2j


def test_sum_is_compensated():
    assert sum([0.1] * 10) == 1.0 and sum([1e100, 1.0, -1e100]) == 1.0 and math.fsum([0.1] * 10) == 1.0 and sum([1, 2.5]) == 3.5 and sum([0.5, 1j]) == 0.5 + 1j


def test_loop_of_floats():
    x = 0.0
    for i in range(100000):
        x = x * 0.5 + i
    assert abs(x - 199996.0) < 1e-6
