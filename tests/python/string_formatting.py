"""The format mini-language, str.format, % formatting, string.Template."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_auto_and_manual_fields():
    assert "{} {}".format(1, 2) == "1 2" and "{1} {0}".format(1, 2) == "2 1" and "{a} {b}".format(a=1, b=2) == "1 2" and "{{}}".format() == "{}" and "{0}{0}".format("x") == "xx"
    for f, a in [("{} {0}", (1, 2)), ("{0} {}", (1, 2)), ("{", ()), ("}", ()), ("{}", ()), ("{!z}", (1,)), ("{:{:{}}}", (1, 2, 3))]:
        raises((ValueError, IndexError), f.format, *a)
    raises(KeyError, "{a}".format)


def test_attribute_and_index_fields():
    class C:
        x = [1, {"k": "v"}]
    assert "{0.x[0]}".format(C) == "1" and "{0.x[1][k]}".format(C) == "v" and "{c.x}".format(c=C) == "[1, {'k': 'v'}]" and "{0[key with space]}".format({"key with space": 5}) == "5"
    raises(AttributeError, "{0.nope}".format, 1)


def test_conversions_and_nested_specs():
    assert "{!r:>6}".format("a") == "   'a'" and "{:{}}".format("a", 3) == "a  " and "{:{w}.{p}}".format(3.14159, w=8, p=3) == "    3.14" and "{0!s}{0!r}{0!a}".format("é") == "é'é''\\xe9'"


def test_int_specs():
    for v, spec, want in [(5, "d", "5"), (5, "05", "00005"), (-5, "05", "-0005"), (5, "+", "+5"), (5, " ", " 5"), (255, "x", "ff"), (255, "#X", "0XFF"), (5, "b", "101"), (8, "#o", "0o10"), (65, "c", "A"),
                          (1234567, ",", "1,234,567"), (1234567, "_", "1_234_567"), (255, "_b", "1111_1111"), (5, "<4", "5   "), (5, "^5", "  5  "), (5, "=+5", "+   5"), (-5, "*=6", "-****5"), (5, "e", "5.000000e+00"),
                          (5, "%", "500.000000%"), (10**20, ",d", "100,000,000,000,000,000,000"), (1234, "010,", "00,001,234"), (5, "n", "5"), (True, "d", "1"), (3, ".1f", "3.0"), (0, "#x", "0x0"), (-255, "#x", "-0xff")]:
        assert format(v, spec) == want, (v, spec, format(v, spec))


def test_str_specs():
    for v, spec, want in [("ab", "", "ab"), ("ab", "5", "ab   "), ("ab", ">5", "   ab"), ("ab", "^5", " ab  "), ("ab", ".1", "a"), ("ab", "*<4.1s", "a***"), ("é", "🐍^3", "🐍é🐍"), ("ab", "05", "ab000")]:
        assert format(v, spec) == want, (v, spec)


def test_spec_errors():
    for v, spec, text in [("a", "d", "Unknown format code 'd' for object of type 'str'"), (1, "s", "Unknown format code 's' for object of type 'int'"), ("a", "+", "Sign not allowed in string format specifier"),
                          ("a", "=5", "'=' alignment not allowed in string format specifier"), (1, ".2d", "Precision not allowed in integer format specifier"), (1, ",x", "Cannot specify ',' with 'x'."),
                          (1, ",_", "Cannot specify both ',' and '_'."), ("a", ",", "Cannot specify ',' with 's'."), (1.5, "d", "Unknown format code 'd' for object of type 'float'"), (1, "qq", "Invalid format specifier 'qq' for object of type 'int'")]:
        assert str(raises(ValueError, format, v, spec)) == text, (v, spec, str(raises(ValueError, format, v, spec)))
    assert str(raises(TypeError, format, None, "5")) == "unsupported format string passed to NoneType.__format__"


def test_percent():
    assert "%s %r %a" % ("é", "é", "é") == "é 'é' '\\xe9'" and "%d %i %u" % (1, 2.9, 3) == "1 2 3" and "%x %X %#x %o %#o" % (255, 255, 255, 8, 8) == "ff FF 0xff 10 0o10"
    assert "%5d|%-5d|%05d|%+d|% d" % (1, 2, 3, 4, 5) == "    1|2    |00003|+4| 5" and "%5.2f|%.3s|%*d|%.*f" % (1.234, "abcdef", 4, 7, 1, 2.25) == " 1.23|abc|   7|2.2"
    assert "%(a)s %(b)05.1f %%" % {"a": 1, "b": 2} == "1 002.0 %" and "%c%c" % (65, "é") == "Aé" and "%s" % [1] == "[1]" and "%s" % ((1, 2),) == "(1, 2)" and "%e %g %G" % (1.5, 1e-10, 1e20) == "1.500000e+00 1e-10 1E+20"
    for f, a, text in [("%s %s", (1,), "not enough arguments for format string"), ("%s", (1, 2), "not all arguments converted during string formatting"), ("%d", "a", "%d format: a real number is required, not str"),
                       ("%(a)s", 1, "format requires a mapping"), ("%x", 1.5, "%x format: an integer is required, not float"), ("%c", "ab", "%c requires int or char")]:
        assert str(raises(TypeError, lambda: f % a)) == text, f
    assert str(raises(ValueError, lambda: "%y" % 1)) == "unsupported format character 'y' (0x79) at index 1" and str(raises(ValueError, lambda: "%" % ())) == "incomplete format"


def test_bytes_percent():
    assert b"%s %d %x %c %%" % (b"a", 1, 255, 65) == b"a 1 ff A %" and b"%5s|%-5s|%r|%a" % (b"a", b"b", "c", "é") == b"    a|b    |'c'|'\\xe9'" and bytearray(b"%b") % b"x" == bytearray(b"x") and b"%(k)s" % {b"k": b"v"} == b"v"


def test_custom_formatter():
    import string
    class F(string.Formatter):
        def get_value(self, key, args, kw):
            return f"<{key}>"
    assert F().format("{a} {0}") == "<a> <0>" and string.Formatter().format("{0:>3}", 1) == "  1"
    assert list(string.Formatter().parse("a{b!r:c}d")) == [("a", "b", "c", "r"), ("d", None, None, None)]
    assert string.Template("$a ${b} $$").substitute(a=1, b=2) == "1 2 $" and string.Template("$a $z").safe_substitute(a=1) == "1 $z"


def test_format_map_and_missing():
    class D(dict):
        def __missing__(self, k):
            return "?" + k
    assert "{a} {b}".format_map(D(a=1)) == "1 ?b"


def test_datetime_and_custom_format():
    import datetime
    assert f"{datetime.date(2024, 2, 29):%Y/%m/%d}" == "2024/02/29" and format(datetime.timedelta(1)) == "1 day, 0:00:00"
