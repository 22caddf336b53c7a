"""re: the usual and the odd."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import re


def test_match_search_fullmatch():
    assert re.match("b", "ab") is None and re.search("b", "ab").span() == (1, 2) and re.fullmatch("a|ab", "ab").group() == "ab" and re.match("", "").span() == (0, 0)
    m = re.match(r"(\w+) (?P<last>\w+)(x)?", "Jane Doe")
    assert m.groups() == ("Jane", "Doe", None) and m["last"] == "Doe" and m.groupdict() == {"last": "Doe"} and m.group(1, 2) == ("Jane", "Doe") and m.start(2) == 5 and m.span("last") == (5, 8) and m.lastindex == 2 and m.lastgroup == "last" and m.groups("d")[2] == "d" and m.string == "Jane Doe" and m.expand(r"\2 \g<1>") == "Doe Jane" and repr(m) == "<re.Match object; span=(0, 8), match='Jane Doe'>"


def test_classes_and_quantifiers():
    assert re.findall(r"\d+", "a1b22") == ["1", "22"] and re.findall(r"[a-c^]+", "ab^d") == ["ab^"] and re.findall(r"[^a]", "ab") == ["b"] and re.findall(r"a{2,3}", "aaaaa") == ["aaa", "aa"] and re.findall(r"a+?", "aa") == ["a", "a"] and re.match(r"a*+a", "aaa") is None and re.match(r"(?>a+)b", "aab").group() == "aab" and re.findall(r"\bfoo\b", "foo food foo") == ["foo", "foo"] and re.match(r"x{,2}", "xxx").group() == "xx"


def test_groups_and_references():
    assert re.match(r"(a)(b)?\1", "aa").group() == "aa" and re.match(r"(?P<q>['\"]).*?(?P=q)", "'x'y").group() == "'x'" and re.match(r"(?:ab)+", "abab").group() == "abab" and re.match(r"(a)?(?(1)b|c)", "ab") and re.match(r"(a)?(?(1)b|c)", "c") and re.findall(r"(a)(b)", "abab") == [("a", "b")] * 2


def test_lookaround():
    assert re.findall(r"\w+(?=,)", "a,b;c,") == ["a", "c"] and re.findall(r"(?<=\$)\d+", "$5 6") == ["5"] and re.findall(r"(?<!\$)\b\d+", "$5 6") == ["6"] and re.findall(r"a(?!b)", "abac") == ["a"]
    raises(re.PatternError, re.compile, r"(?<=a+)b")


def test_flags():
    assert re.match("(?i)ABC", "abc") and re.findall("^a", "a\na", re.M) == ["a", "a"] and re.match("a.b", "a\nb", re.S) and re.match(r"""a   # comment
        b""", "ab", re.X) and re.match(r"\w", "é") and not re.match(r"\w", "é", re.A) and re.match("(?i:A)b", "ab") and not re.match("(?i:A)B", "ab") and re.match("ſ", "S", re.I) and re.compile("a", re.I | re.M).flags & re.I


def test_sub():
    assert re.sub("a", "b", "aaa", count=2) == "bba" and re.sub(r"(\w)(\w)", r"\2\1", "abcd") == "badc" and re.sub("x*", "-", "abxd") == "-a-b--d-" and re.sub("a", lambda m: m.group().upper(), "banana") == "bAnAnA" and re.subn("a", "", "banana") == ("bnn", 3) and re.sub("(?P<n>a)", r"<\g<n>>", "a") == "<a>" and re.sub(r"\.", r"\\", "a.b") == "a\\b"
    raises(re.PatternError, re.sub, "a", r"\1", "a")


def test_split_iter():
    assert re.split(r"[,;]", "a,b;c") == ["a", "b", "c"] and re.split(r"(,)", "a,b") == ["a", ",", "b"] and re.split(r"\s", "a b c", maxsplit=1) == ["a", "b c"] and re.split("", "ab") == ["", "a", "b", ""] and [m.span() for m in re.finditer("a|", "ab")] == [(0, 1), (1, 1), (2, 2)]


def test_bytes():
    assert re.findall(rb"\w+", b"ab \xe9") == [b"ab"] and re.sub(b"a", b"b", b"aa") == b"bb"
    raises(TypeError, re.match, b"a", "a")
    raises(TypeError, re.match, "a", b"a")


def test_pattern_object():
    p = re.compile(r"(?P<a>x)(y)", re.I)
    assert p.pattern == r"(?P<a>x)(y)" and p.groups == 2 and dict(p.groupindex) == {"a": 1} and p.match("zXY", 1).span() == (1, 3) and p.search("xyxy", 1).start() == 2 and p.fullmatch("axyb", 1, 3) and repr(re.compile("a")) == "re.compile('a')" and p == re.compile(r"(?P<a>x)(y)", re.I) and re.escape("a.b*c") == r"a\.b\*c"


def test_errors():
    for pat, msg in [("(", "missing ), unterminated subpattern at position 0"), (")", "unbalanced parenthesis at position 0"), ("*", "nothing to repeat at position 0"), ("[a", "unterminated character set at position 0"), ("a**", "multiple repeat at position 2"), (r"\q", "bad escape \\q at position 0"), ("(?P<1>a)", "bad character in group name '1' at position 4"), (r"(a)\2", "invalid group reference 2 at position 4"), ("[b-a]", "bad character range b-a at position 1"), ("(?z)", "unknown extension ?z at position 1"), ("a{3,2}", "min repeat greater than max repeat at position 2")]:
        assert str(raises(re.error, re.compile, pat)) == msg, pat


def test_unicode_and_wide():
    assert re.findall("[α-ω]+", "abc αβγ") == ["αβγ"] and re.search("🐍", "a🐍b").span() == (1, 2) and re.findall(r"\w+", "naïve 中文") == ["naïve", "中文"] and re.match("[🐍-🐙]", "🐍") and re.match("é", "É", re.I) and re.findall(r"\s", "a\u3000b") == ["\u3000"] and re.findall(r"\d", "٣") == ["٣"]


def test_catastrophic_is_finite_and_long_input():
    assert re.match(r"(a+)+$", "a" * 18 + "b") is None
    assert re.search("x", "a" * 1000000 + "x").start() == 1000000 and len(re.findall("ab", "ab" * 100000)) == 100000 and re.match("(?:a|b)*", "ab" * 50000).end() == 100000 and re.match("(a)*", "a" * 100000).end() == 100000


def test_scanner():
    s = re.Scanner([(r"\d+", lambda s, t: int(t)), (r"\w+", lambda s, t: t), (r"\s+", None)])
    assert s.scan("a 12 b") == (["a", 12, "b"], "")


def test_tokenizer_example():
    spec = [("NUM", r"\d+(\.\d*)?"), ("ID", r"[A-Za-z]+"), ("OP", r"[+*/-]"), ("SKIP", r"[ \t]+"), ("BAD", r".")]
    rx = "|".join(f"(?P<{n}>{p})" for n, p in spec)
    assert [(m.lastgroup, m.group()) for m in re.finditer(rx, "x1 + 2.5") if m.lastgroup != "SKIP"] == [("ID", "x"), ("NUM", "1"), ("OP", "+"), ("NUM", "2.5")]
