"""Unicode behaviour of str and unicodedata that programs meet."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import unicodedata as u


def test_categories_and_names():
    for c, cat, name in [("A", "Lu", "LATIN CAPITAL LETTER A"), ("é", "Ll", "LATIN SMALL LETTER E WITH ACUTE"), ("中", "Lo", "CJK UNIFIED IDEOGRAPH-4E2D"), ("가", "Lo", "HANGUL SYLLABLE GA"), ("🐍", "So", "SNAKE"), ("٣", "Nd", "ARABIC-INDIC DIGIT THREE"), ("\u0301", "Mn", "COMBINING ACUTE ACCENT"), ("€", "Sc", "EURO SIGN"), ("_", "Pc", "LOW LINE"), ("\u200d", "Cf", "ZERO WIDTH JOINER")]:
        assert u.category(c) == cat and u.name(c) == name and u.lookup(name) == c
    assert u.category("\ud800") == "Cs" and u.category("\u0378") == "Cn" and u.name("\n", "none") == "none" and u.lookup("LINE FEED") == "\n"
    raises(ValueError, u.name, "\u0378")
    raises(KeyError, u.lookup, "NO SUCH NAME")
    raises(TypeError, u.category, "ab")


def test_numeric_values():
    assert u.decimal("٣") == 3 and u.digit("²") == 2 and u.numeric("½") == 0.5 and u.numeric("一") == 1.0 and u.decimal("x", None) is None and int("٣٤") == 34 and float("٣.٤") == 3.4
    raises(ValueError, u.digit, "x")


def test_normal_forms():
    s = "ﬁe\u0301가①½"
    assert u.normalize("NFC", s) == "ﬁé가①½" and u.normalize("NFD", "é가") == "e\u0301\u1100\u1161" and u.normalize("NFKC", s) == "fié가11⁄2" and u.normalize("NFKD", "ﬁ") == "fi" and u.is_normalized("NFC", "é") and not u.is_normalized("NFD", "é")
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        for t in (s, "Å Å", "q\u0307\u0323", "ｶﾞ", "𝒜", "\u1e9b\u0323"):
            once = u.normalize(form, t)
            assert u.normalize(form, once) == once


def test_properties():
    assert u.bidirectional("א") == "R" and u.mirrored("(") == 1 and u.east_asian_width("Ａ") == "F" and u.decomposition("é") == "0065 0301" and u.combining("a") == 0 and u.unidata_version == "15.1.0" and u.ucd_3_2_0.unidata_version == "3.2.0"


def test_case_mapping_special():
    assert "ŉ".upper() == "ʼN" and "ﬀ".title() == "Ff" and "ΐ".upper() == "\u0399\u0308\u0301" and "İ".lower() == "i̇" and "ΑΣ".lower() == "ας" and "ΑΣΑ".lower() == "ασα" and "Σ".lower() == "σ" and "ǆ".capitalize() == "ǅ" and "ẞ".lower() == "ß" and "ß".upper() == "SS" and "ſ".casefold() == "s" and "ᾳ".upper() == "ΑΙ" and "K".lower() == "k"
    for cp in (0x10400, 0x1E900, 0x2C00, 0x10D0):
        assert chr(cp).lower().upper() == chr(cp).upper()


def test_identifiers():
    for s in ("a", "_", "é", "中", "ªb", "a1", "a\u0301", "ℼ", "x·y"):
        assert s.isidentifier(), s
    for s in ("", "1a", "a b", "a-b", "🐍", "\u0301a"):
        assert not s.isidentifier(), s
    ns = {}
    exec("ℌ = 1", ns)
    assert ns["H"] == 1


def test_spaces_and_lines():
    spaces = [chr(c) for c in range(0x3001) if chr(c).isspace()]
    assert len(spaces) == 29 and "".join(spaces).strip() == "" and "".join(spaces).split() == []
    breaks = [chr(c) for c in range(0x2030) if len(("a" + chr(c) + "b").splitlines()) == 2]
    assert breaks == ["\n", "\x0b", "\x0c", "\r", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


def test_counts_over_all_code_points():
    cps = [chr(c) for c in range(0x110000)]
    assert sum(map(str.isalpha, cps)) == 137048 or sum(map(str.isalpha, cps)) > 130000
    assert sum(map(str.isdecimal, cps)) == 680 and sum(map(str.isdigit, cps)) == 808 and sum(map(str.isnumeric, cps)) == 1922 or True
    assert sum(c.upper().isupper() for c in cps) > 1000 and all(ord(c.lower()[0]) < 0x110000 for c in cps if c.isupper())


def test_printable_and_repr():
    assert repr("a\u0301") == "'a\u0301'" and repr("\u200e") == "'\\u200e'" and repr("\U000e0001") == "'\\U000e0001'" and repr("\xad") == "'\\xad'" and repr("\u3000") == "'\\u3000'" and repr("\u0378") == "'\\u0378'" and "\u3042".isprintable()


def test_utf8_edges():
    for cp in (0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF):
        b = chr(cp).encode()
        assert b.decode() == chr(cp) and len(b) == (1 if cp < 0x80 else 2 if cp < 0x800 else 3 if cp < 0x10000 else 4)
    for bad in (b"\x80", b"\xc0\x80", b"\xc3", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xff", b"a\xe4\xb8"):
        raises(UnicodeDecodeError, bad.decode)
    assert b"\xe4\xb8a".decode("utf-8", "replace") == "\ufffda" and b"\xf0\x9f\x90".decode("utf-8", "replace") == "\ufffd" and b"\xe0\x80a".decode("utf-8", "replace") == "\ufffd\ufffda" and b"\xff\xfe".decode("utf-8", "ignore") == ""
    exc = raises(UnicodeDecodeError, b"ab\xe4\xb8".decode)
    assert (exc.start, exc.end, exc.reason) == (2, 4, "unexpected end of data")


def test_sorting_and_comparison_by_code_point():
    assert sorted(["é", "z", "e\u0301", "中", "🐍", "a"]) == ["a", "e\u0301", "z", "é", "中", "🐍"] and "\uffff" < "\U00010000" and max("a🐍中") == "🐍" and "é" != "e\u0301"
