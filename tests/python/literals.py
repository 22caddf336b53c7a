"""Literals and tokens: numbers, strings, continuation, encodings."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_numbers():
    assert 1_000 == 1000 and 0xFF == 255 and 0o17 == 15 and 0b101 == 5 and 0XfF == 255 and 1e3 == 1000.0 and 1_0.0_1e1_0 == 10.01e10 and .5 == 0.5 and 5. == 5.0 and 1j == complex(0, 1) and 1.5J.imag == 1.5 and 00 == 0 and 0_0 == 0 and 0x_f == 15
    assert 0xdeadbeefcafebabe1234 == 1051570404830120443941428 - 0 or 0xdeadbeef == 3735928559
    assert 123456789012345678901234567890 == 10**29 + 23456789012345678901234567890 and type(1if 1 else 2) is int


def test_bad_numbers():
    for s in ("1__0", "1_", "0x", "0b2", "0o8", "01", "1e", "1_e5", "0_x1", "1.e_5", "1a"):
        raises(SyntaxError, compile, s, "s", "eval")


def test_strings():
    assert "a" 'b' """c""" '''d''' == "abcd" and "\x41\101\u0041\N{LATIN CAPITAL LETTER A}" == "AAAA" and "\
x" == "x" and r"\x" == "\\x" and R"\"" == '\\"' and u"x" == "x" and "\0" == chr(0) and "\777" == chr(511) and "'" == '\''
    assert b"\x00\xff" == bytes([0, 255]) and rb"\x" == b"\\x" and Br"\n" == b"\\n" and (b"a" b"b") == b"ab" and """a
b""" == "a\nb" and "tab	in" == "tab\tin"


def test_invalid_escape_warns():
    import warnings
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert eval(r"'\d'") == "\\d"
    assert len(seen) == 1 and seen[0].category is SyntaxWarning and str(seen[0].message) == "invalid escape sequence '\\d'"


def test_continuation():
    x = 1 + \
        2
    y = (1 +
         2  # comment
         )
    if x == 3 and \
       y == 3:
        z = [
            1,

            2,
        ]
    assert z == [1, 2]


def test_semicolons_and_one_liners():
    a = 1; b = 2;
    if a: c = 3; d = 4
    for i in range(3): pass
    while False: pass
    else: e = 5
    class K: x = 1; y = 2
    def f(): return 7
    try: 1 / 0
    except ZeroDivisionError: g = 1
    finally: h = 2
    assert (a, b, c, d, i, e, K.y, f(), g, h) == (1, 2, 3, 4, 2, 5, 2, 7, 1, 2)


def test_unicode_identifiers():
    größe, 变量, ª = 1, 2, 3
    assert größe + 变量 == 3 and locals()["a"] == 3
    ns = {}
    exec("ﬁ = 5", ns)
    assert ns["fi"] == 5


def test_indentation():
    src = "if 1:\n\tx = 1\n\tif x:\n\t\ty = 2\nz = 3\n"
    ns = {}
    exec(src, ns)
    assert ns["y"] == 2 and ns["z"] == 3
    raises(TabError, compile, "if 1:\n        x\n\ty\n", "s", "exec")
    raises(IndentationError, compile, "if 1:\nx\n", "s", "exec")
    raises(IndentationError, compile, "x\n  y\n", "s", "exec")
    exec("if 1:\n  a = 1\n\n  # comment\n\n  b = 2\n\n\nc = 3", ns)
    assert ns["c"] == 3


def test_source_encodings():
    ns = {}
    exec("# -*- coding: latin-1 -*-\nx = '\xe9'".encode("latin-1"), ns)
    assert ns["x"] == "é"
    exec(b"\xef\xbb\xbfy = '\xc3\xa9'", ns)
    assert ns["y"] == "é"
    exec(b"z = 1\r\nw = 2\rv = 3", ns)
    assert ns["v"] == 3
    raises(SyntaxError, compile, b"x = '\xff'", "s", "exec")
    raises(SyntaxError, compile, b"# coding: nope\n", "s", "exec")
    raises(SyntaxError, compile, "x = 1\0", "s", "exec")


def test_deep_nesting():
    depth = 80
    assert eval("(" * depth + "1" + ")" * depth) == 1 and eval("[" * depth + "]" * depth) is not None
    raises((SyntaxError, MemoryError, RecursionError), compile, "(" * 5000 + ")" * 5000, "s", "eval")
    raises((SyntaxError, MemoryError, RecursionError), compile, "-" * 200000 + "1", "s", "eval")
    assert eval("1" + " + 1" * 2000) == 2001 and eval("not " * 50 + "1") == 1
    ns = {}
    exec("x = 1\n" * 5000, ns)
    exec("\n".join(" " * i + "if 1:" for i in range(90)) + "\n" + " " * 90 + "y = 1", ns)
    assert ns["y"] == 1


def test_constant_folding_keeps_meaning():
    assert 2**100 == 1267650600228229401496703205376 and "ab" * 3 == "ababab" and (1, 2) + (3,) == (1, 2, 3) and -0.0.__class__(1) == -1.0 and not () and 1 < 2 and "a" "b" in "cab" and -5 % 3 == 1 and 7 // -2 == -4 and ~5 == -6 and 1 and 2 and 3 == 3
    raises(ZeroDivisionError, lambda: 1 // 0)
    raises(TypeError, lambda: "a" + 1)


def test_ellipsis_and_constants():
    assert ... is Ellipsis and None is None and True is True and __debug__ in (True, False) and type(...).__name__ == "ellipsis"
    for name in ("None", "True", "False", "__debug__"):
        raises(SyntaxError, compile, f"{name} = 1", "s", "exec")
