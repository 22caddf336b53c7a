"""string, textwrap, difflib, pprint, html, shlex, csv, configparser."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_string_constants():
    import string
    assert string.ascii_lowercase == "abcdefghijklmnopqrstuvwxyz" and string.digits == "0123456789" and string.capwords("a bc") == "A Bc" and len(string.printable) == 100


def test_textwrap():
    import textwrap as t
    assert t.wrap("the quick brown fox", 10) == ["the quick", "brown fox"] and t.fill("a b c", 3) == "a b\nc" and t.dedent("  a\n   b\n") == "a\n b\n" and t.indent("a\nb", "> ") == "> a\n> b" and t.shorten("hello big world", 11) == "hello [...]"


def test_difflib():
    import difflib
    assert list(difflib.unified_diff(["a", "b"], ["a", "c"], lineterm="", n=0)) == ["--- ", "+++ ", "@@ -2 +2 @@", "-b", "+c"] and difflib.get_close_matches("appel", ["ape", "apple", "peach"]) == ["apple", "ape"] and difflib.SequenceMatcher(None, "abcd", "bcde").ratio() == 0.75 and list(difflib.ndiff(["a"], ["b"])) == ["- a", "+ b"]


def test_pprint():
    import pprint
    assert pprint.pformat({"b": 1, "a": [1, 2]}) == "{'a': [1, 2], 'b': 1}" and pprint.pformat(list(range(30)), width=40, compact=True).count("\n") == 2 and pprint.pformat({"k" * 30: "v" * 30, "l" * 30: "w" * 30}).count("\n") == 1
    r = [1]
    r.append(r)
    assert "Recursion on list" in pprint.pformat(r)


def test_reprlib():
    import reprlib
    assert reprlib.repr(list(range(100))) == "[0, 1, 2, 3, 4, 5, ...]"
    class C:
        @reprlib.recursive_repr()
        def __repr__(self): return f"<{self!r}>"
    assert repr(C()) == "<...>"


def test_html_shlex_urllib():
    import html, shlex, urllib.parse as u
    assert html.escape("<a&'\">") == "&lt;a&amp;&#x27;&quot;&gt;" and html.unescape("&eacute;&#x41;&lt;") == "éA<" and shlex.split("a 'b c' \"d\\\" e\" f\\ g") == ["a", "b c", 'd" e', "f g"] and shlex.quote("it's") == "'it'\"'\"'s'" and shlex.join(["a b", "c"]) == "'a b' c"
    p = u.urlparse("http://u:p@h.com:80/p;x?q=1&r=é#f")
    assert p.hostname == "h.com" and p.port == 80 and p.query == "q=1&r=é" and u.parse_qs("a=1&a=2&b=") == {"a": ["1", "2"]} and u.quote("a b/é") == "a%20b/%C3%A9" and u.unquote("%C3%A9+") == "é+" and u.urlencode({"a": 1, "b": "x y"}) == "a=1&b=x+y" and u.urljoin("http://a/b/c", "../d") == "http://a/d"


def test_csv():
    import csv, io
    rows = [["a", "b,c", 'd"e', "f\ng", ""], ["1", "2", "3", "4", "5"]]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    assert out.getvalue() == 'a,"b,c","d""e","f\ng",\r\n1,2,3,4,5\r\n' and list(csv.reader(io.StringIO(out.getvalue(), newline=""))) == rows and list(csv.DictReader(io.StringIO("x,y\n1,2\n"))) == [{"x": "1", "y": "2"}] and list(csv.reader(["a;b", "'c;d';e"], delimiter=";", quotechar="'")) == [["a", "b"], ["c;d", "e"]]
    out = io.StringIO()
    w = csv.DictWriter(out, ["a", "b"], quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    w.writeheader()
    w.writerow({"a": 1, "b": "x"})
    assert out.getvalue() == '"a","b"\n1,"x"\n' and csv.Sniffer().sniff("a;b\nc;d\n").delimiter == ";"


def test_configparser_tomllib():
    import configparser, tomllib
    c = configparser.ConfigParser()
    c.read_string("[s]\na = 1\nb = %(a)s2\n[DEFAULT]\nd = x\n")
    assert c["s"].getint("a") == 1 and c["s"]["b"] == "12" and c["s"]["d"] == "x" and c.sections() == ["s"]
    t = tomllib.loads('a = 1\nb = [1.5, "x"]\n[t.u]\nd = 2024-01-01\ne = true\n')
    import datetime
    assert t == {"a": 1, "b": [1.5, "x"], "t": {"u": {"d": datetime.date(2024, 1, 1), "e": True}}}
    raises(tomllib.TOMLDecodeError, tomllib.loads, "a = ")


def test_getopt_optparse_cmd_gettext():
    import getopt, gettext
    assert getopt.getopt(["-a", "1", "--long=x", "rest"], "a:", ["long="]) == ([("-a", "1"), ("--long", "x")], ["rest"]) and gettext.gettext("same") == "same"
