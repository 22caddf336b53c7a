"""str: every method, indexing, all three widths, surrogates."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


ASCII, LATIN, UCS2, UCS4 = "hello", "héllo", "hεllo", "h🐍llo"
ALL = [ASCII, LATIN, UCS2, UCS4]


def test_index_and_slice():
    for s in ALL:
        assert len(s) == 5 and s[0] == "h" and s[-1] == "o" and s[1:3] == s[1] + s[2] and s[::-1] == "oll" + s[1] + "h" and s[10:] == "" and s[::2] == "h" + s[2] + "o"
        assert "".join(list(s)) == s and s[:] == s and [*reversed(s)] == list(s[::-1])
    assert str(raises(IndexError, lambda: "a"[5])) == "string index out of range"
    raises(TypeError, lambda: "a"["b"])


def test_concat_repeat_compare():
    for a in ALL:
        for b in ALL:
            assert (a + b)[:5] == a and (a + b)[5:] == b and (a == b) == (a is b or [*a] == [*b]) and (a < b) == ([*a] < [*b])
    assert "ab" * 3 == "ababab" and "a" * 0 == "" and -1 * "a" == "" and "" < "a" < "aa" < "b"
    raises(TypeError, lambda: "a" + 1)


def test_hash_and_dict_keys_across_widths():
    d = {s: i for i, s in enumerate(ALL)}
    for i, s in enumerate(ALL):
        assert d["".join([c for c in s])] == i and hash(s) == hash(s[:2] + s[2:])


def test_find_family():
    s = "abcabcé🐍abc"
    assert s.find("abc") == 0 and s.find("abc", 1) == 3 and s.rfind("abc") == 8 and s.find("zz") == -1 and s.find("") == 0 and s.find("", 99) == -1 and s.rfind("") == 11
    assert s.index("🐍") == 7 and s.count("abc") == 3 and s.count("") == 12 and "aaa".count("aa") == 1 and s.find("c", -1) == 10 and s.find("abc", 1, 5) == -1
    assert "é" in s and "" in s and "x" not in s
    raises(ValueError, s.index, "zz")
    raises(TypeError, lambda: 1 in s)


def test_split_family():
    assert "a b  c ".split() == ["a", "b", "c"] and "a b  c ".split(" ") == ["a", "b", "", "c", ""] and "a,b,c".split(",", 1) == ["a", "b,c"] and "".split() == [] and "".split(",") == [""]
    assert "a b c".rsplit(None, 1) == ["a b", "c"] and "a,b,c".rsplit(",", 1) == ["a,b", "c"] and " a ".split(None, 0) == ["a "] and "a\u3000b\xa0c".split() == ["a", "b", "c"]
    assert "a\nb\r\nc\x0bd\x0ce\x1cf\x85g\u2028h".splitlines() == list("abcdefgh") and "a\n".splitlines(True) == ["a\n"] and "\n".splitlines() == [""] and "".splitlines() == []
    assert "a-b-c".partition("-") == ("a", "-", "b-c") and "a-b-c".rpartition("-") == ("a-b", "-", "c") and "abc".partition("-") == ("abc", "", "") and "abc".rpartition("-") == ("", "", "abc")
    raises(ValueError, "a".split, "")


def test_join():
    assert ",".join(["a", "b"]) == "a,b" and "".join([]) == "" and "é".join("abc") == "aébéc" and "-".join(x for x in "ab") == "a-b" and "🐍".join(["a"]) == "a"
    assert str(raises(TypeError, ",".join, ["a", 1])) == "sequence item 1: expected str instance, int found"


def test_replace_translate():
    assert "aaa".replace("a", "b") == "bbb" and "aaa".replace("a", "b", 2) == "bba" and "abc".replace("", "-") == "-a-b-c-" and "abc".replace("b", "🐍") == "a🐍c" and "a".replace("a", "b", count=0) == "a"
    assert "abc".translate({97: "x", 98: None, 99: 100}) == "xd" and "abc".translate(str.maketrans("ab", "12", "c")) == "12" and "abc".translate(str.maketrans({"a": "long"})) == "longbc"


def test_strip():
    assert " \t a \n".strip() == "a" and "xxaxx".strip("x") == "a" and "xya".lstrip("yx") == "a" and "axy".rstrip("yx") == "a" and "\u3000a\u2003".strip() == "a" and "aaa".strip("a") == ""
    assert "prefix-a".removeprefix("prefix-") == "a" and "a.py".removesuffix(".py") == "a" and "a".removesuffix("") == "a"


def test_case():
    assert "Straße".upper() == "STRASSE" and "ΑΣ".lower() == "ας" and "ß".casefold() == "ss" and "hello world".title() == "Hello World" and "hELLO".capitalize() == "Hello" and "aBc".swapcase() == "AbC"
    assert "ǆ".title() == "ǅ" and "they're".title() == "They'Re" and "ŉ".upper() == "ʼN" and "İ".lower() == "i̇" and "ﬁ".upper() == "FI" and "ა".upper() == "Ა" and "ΌΣΟΣ Σ".lower() == "όσος σ"


def test_classification():
    assert "abc".isalpha() and not "ab1".isalpha() and "١٢".isdigit() and "²".isdigit() and not "²".isdecimal() and "½".isnumeric() and not "".isalpha() and "aé中".isalnum()
    assert " \t\u2003".isspace() and "Abc".istitle() and "ABC1".isupper() and "abc1".islower() and "abc".isidentifier() and not "1a".isidentifier() and "变量".isidentifier() and "class".isidentifier()
    assert "abc".isascii() and not "é".isascii() and "".isascii() and "abc é".isprintable() and not "\n".isprintable() and not "\u200b".isprintable() and "ǅ".istitle() and not "\ud800".isprintable()


def test_align():
    assert "a".center(5) == "  a  " and "ab".center(5) == "  ab " and "a".ljust(3, "-") == "a--" and "a".rjust(3, "é") == "ééa" and "-5".zfill(5) == "-0005" and "+5".zfill(2) == "+5" and "a\tb".expandtabs(4) == "a   b" and "a\tb\nc\td".expandtabs() == "a       b\nc       d"


def test_startswith():
    assert "abc".startswith("ab") and "abc".startswith(("x", "a")) and "abc".endswith("bc") and "abc".startswith("b", 1) and "abc".endswith("b", 0, 2) and "abc".startswith("") and not "abc".startswith("", 4) and not "".startswith("a")
    raises(TypeError, "a".startswith, 1)


def test_encode_decode():
    s = "aé€🐍"
    for enc in ("utf-8", "utf-16", "utf-32", "utf-16-le", "utf-32-be", "utf-7", "unicode_escape", "raw_unicode_escape"):
        assert s.encode(enc).decode(enc) == s, enc
    assert s.encode() == b"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8d" and "é".encode("latin-1") == b"\xe9" and s.encode("ascii", "replace") == b"a???" and s.encode("ascii", "ignore") == b"a"
    assert s.encode("ascii", "backslashreplace") == b"a\\xe9\\u20ac\\U0001f40d" and s.encode("ascii", "xmlcharrefreplace") == b"a&#233;&#8364;&#128013;" and "é".encode("ascii", "namereplace") == b"\\N{LATIN SMALL LETTER E WITH ACUTE}"
    exc = raises(UnicodeEncodeError, s.encode, "ascii")
    assert (exc.start, exc.end, exc.encoding) == (1, 4, "ascii")
    assert b"a\xffb".decode("utf-8", "replace") == "a\ufffdb" and b"a\xffb".decode("utf-8", "surrogateescape") == "a\udcffb" and "a\udcffb".encode("utf-8", "surrogateescape") == b"a\xffb" and b"\xff".decode("utf-8", "backslashreplace") == "\\xff"
    raises(UnicodeDecodeError, b"\xed\xa0\x80".decode)
    raises(LookupError, "a".encode, "nope")


def test_surrogates():
    s = "\ud800a\udfff"
    assert len(s) == 3 and ord(s[0]) == 0xD800 and s[0] + s[2] != "\U000103ff" and "\ud83d\udc0d" != "🐍" and len("\ud83d\udc0d") == 2 and s == "\ud800" + "a" + "\udfff"
    raises(UnicodeEncodeError, s.encode)
    assert s.encode("utf-8", "surrogatepass") == b"\xed\xa0\x80a\xed\xbf\xbf" and s.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass") == s and repr(s) == "'\\ud800a\\udfff'"


def test_repr():
    assert repr("a") == "'a'" and repr("it's") == '"it\'s"' and repr('"') == "'\"'" and repr("'\"") == "'\\'\"'" and repr("\n\t\r\\") == "'\\n\\t\\r\\\\'" and repr("\x00\x7f\x80") == "'\\x00\\x7f\\x80'"
    assert repr("é中🐍") == "'é中🐍'" and repr("\u200b\ufeff") == "'\\u200b\\ufeff'" and ascii("é中🐍") == "'\\xe9\\u4e2d\\U0001f40d'" and repr("\xa0") == "'\\xa0'"


def test_str_of_objects():
    class C:
        def __str__(self):
            return "S"
    class R:
        def __repr__(self):
            return "R"
    assert str(C()) == "S" and str(R()) == "R" and str(b"a") == "b'a'" and str(b"\xc3\xa9", "utf-8") == "é" and str() == "" and str(object=1) == "1" and str(None) == "None"
    class Bad:
        def __str__(self):
            return 1
    assert "__str__ returned non-string (type int)" in str(raises(TypeError, str, Bad()))
    class S(str):
        pass
    assert type(str(S("a"))) is str and S("a") == "a" and type(S("a") + "b") is str and hash(S("a")) == hash("a")


def test_interning_and_building():
    import sys
    a = sys.intern("some text" + str(1))
    assert sys.intern("some text1") is a
    s = ""
    for i in range(3000):
        s += chr(97 + i % 26)
    assert len(s) == 3000 and s[:3] == "abc" and s[-1] == chr(97 + 2999 % 26)
    t = ""
    for c in "aé中🐍" * 100:
        t = c + t
    assert t[::-1] == "aé中🐍" * 100


def test_chr_ord_escapes():
    for n in (0, 65, 0xE9, 0x4E2D, 0x1F40D, 0x10FFFF):
        assert ord(chr(n)) == n
    assert "\x41\u00e9\U0001f40d\N{SNOWMAN}\101\a\b\f\v" == "Aé🐍☃A\x07\x08\x0c\x0b" and r"\n" == "\\n" and "a\
b" == "ab" and "\N{LATIN SMALL LETTER A WITH ACUTE}" == "á"
    raises(ValueError, chr, 0x110000)
    raises(TypeError, ord, "ab")


def test_normalize():
    import unicodedata
    assert unicodedata.normalize("NFC", "e\u0301") == "é" and unicodedata.normalize("NFD", "é") == "e\u0301" and unicodedata.normalize("NFKC", "ﬁ①") == "fi1" and unicodedata.name("☃") == "SNOWMAN"
    assert unicodedata.lookup("SNOWMAN") == "☃" and unicodedata.category("a") == "Ll" and unicodedata.unidata_version == "15.1.0" and unicodedata.numeric("½") == 0.5 and unicodedata.combining("\u0301") == 230 and unicodedata.east_asian_width("中") == "W"


def test_large():
    s = "ab" * 500000
    assert s.count("ba") == 499999 and s.find("bb") == -1 and s.replace("ab", "c") == "c" * 500000 and len(s.split("b")) == 500001 and s.upper()[-1] == "B"
