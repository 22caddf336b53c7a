"""f-strings as PEP 701 has them."""


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_basic():
    a, b = 1, "x"
    assert f"{a}{b}" == "1x" and f"a{a}b" == "a1b" and f"" == "" and f"plain" == "plain"
    assert f"{a + 1}{b * 2}" == "2xx" and F"{a}" == "1" and f'{a}' f"{b}" "c" == "1xc"


def test_braces():
    assert f"{{}}" == "{}" and f"{{{1}}}" == "{1}" and f"{ {1: 2}[1] }" == "2" and f"{'{'}" == "{"


def test_conversions():
    s = "é"
    assert f"{s!r}" == "'é'" and f"{s!a}" == "'\\xe9'" and f"{s!s}" == "é" and f"{s!r:>5}" == "  'é'"


def test_format_specs():
    x, w, p = 3.14159, 10, 3
    assert f"{x:.2f}" == "3.14" and f"{x:{w}.{p}}" == "      3.14" and f"{x:{'>'}{w}}" == "   3.14159"
    assert f"{5:05d}|{255:#x}|{1000000:,}|{0.5:%}" == "00005|0xff|1,000,000|50.000000%"
    assert f"{'a':^{3 + 2}}" == "  a  " and f"{1:{''}}" == "1"


def test_debug():
    x = 5
    assert f"{x=}" == "x=5" and f"{x = }" == "x = 5" and f"{x=!s}" == "x=5" and f"{x=:3}" == "x=  5"
    assert f"{x + 1=}" == "x + 1=6" and f"{'a'=}" == "'a'='a'" and f"{ x=}" == " x=5"
    assert f"{x==5}" == "True" and f"{x!=5}" == "False" and f"{x<=5}" == "True"


def test_nested_quotes():
    d = {"k": "v"}
    assert f"{d["k"]}" == "v" and f"{f"{f"{1}"}"}" == "1" and f'{"a" 'b'}' == "ab"
    assert f"{'\n'.join(['a', 'b'])}" == "a\nb" and f"{"\N{DIGIT ONE}"}" == "1"


def test_multiline():
    x = 3
    assert f"{
        x  # a comment with } and "quotes"
        + 1
    }" == "4"
    assert f"""a
{x}
b""" == "a\n3\nb"


def test_raw():
    x = 1
    assert rf"\d{x}" == "\\d1" and fr"{x}\n" == "1\\n" and f"\x41\u0042\N{LATIN SMALL LETTER C}" == "ABc"


def test_lambda_and_walrus_and_yield():
    assert f"{(lambda x: x * 2)(3)}" == "6" and f"{(y := 4)}{y}" == "44" and f"{y:=5}" == "    4"
    def g():
        r = f"{yield 1}"
        yield r
    it = g()
    next(it)
    assert it.send("s") == "s"


def test_calls_and_conditionals():
    assert f"{max(1, 2)}{[i for i in range(3)]}{1 if True else 2}{not 0}" == "2[0, 1, 2]1True"
    assert f"{ {i: i for i in range(2)} }" == "{0: 0, 1: 1}" and f"{1, 2}" == "(1, 2)" and f"{*[1], 2}" == "(1, 2)"


def test_format_called():
    class C:
        def __format__(self, spec):
            return f"<{spec}>"
        def __str__(self):
            return "S"
        def __repr__(self):
            return "R"
    c = C()
    assert f"{c}" == "<>" and f"{c:abc}" == "<abc>" and f"{c!r}" == "R" and f"{c!s:>3}" == "  S" and f"{c=}" == "c=R" and f"{c:{1}{2}}" == "<12>"


def test_format_must_return_str():
    class C:
        def __format__(self, spec):
            return 5
    assert "__format__ must return a str, not int" in str(raises(TypeError, lambda: f"{C()}"))


def test_order_of_evaluation():
    log = []
    def t(x):
        log.append(x)
        return x
    f"{t(1)}{t(2):{t(3)}}{t(4)!r}"
    assert log == [1, 2, 3, 4]


def test_scoping_inside():
    def f(x):
        return [f"{x}{i}" for i in range(2)]
    assert f("a") == ["a0", "a1"]
    class C:
        v = 1
        s = f"{v}"
    assert C.s == "1"


def test_syntax_errors():
    for source, text in [("f'{}'", "f-string: valid expression required before '}'"),
                         ("f'{a'", "f-string: expecting '}'"), ("f'}'", "f-string: single '}' is not allowed"),
                         ("f'{a!x}'", "f-string: invalid conversion character 'x': expected 's', 'r', or 'a'"),
                         ("f'{lambda x:1}'", "f-string: lambda expressions are not allowed without parentheses"),
                         ("f'{!r}'", "f-string: valid expression required before '!'")]:
        exc = raises(SyntaxError, compile, source, "s", "eval")
        assert exc.msg == text, (source, exc.msg)


def test_many_parts():
    ns = {f"v{i}": i for i in range(300)}
    source = "f'" + "".join(f"{{v{i}}}," for i in range(300)) + "'"
    assert eval(source, ns) == "".join(f"{i}," for i in range(300))


def test_bytes_and_prefix_errors():
    for source in ("fb''", "fu''", "f'' b''"):
        raises(SyntaxError, compile, source, "s", "eval")


def test_percent_and_format_agree():
    for v in (0, 1, -1, 123456789, 1.5, -2.25, "text"):
        assert f"{v}" == "{}".format(v) == "%s" % (v,) == str(v)
