"""Short strings, numbers as text and packed items: the paths that avoid temporaries must agree
with plain models at every length around their limits."""

import array
import struct


def test_find_and_replace_agree_with_a_model_at_all_lengths():
    def find(h, n):
        for i in range(len(h) - len(n) + 1):
            if h[i:i + len(n)] == n:
                return i
        return -1

    for n in list(range(0, 24)) + [62, 63, 64, 65, 66, 200]:
        text = ("abcabdabe" * 30)[:n]
        for needle in ("a", "b", "ab", "abd", "abe", "abcabdabeabc", "zz", "e"):
            assert text.find(needle) == find(text, needle), (text, needle)
            assert (needle in text) == (find(text, needle) >= 0)
            assert text.replace(needle, "<>") == "<>".join(text.split(needle))
            assert text.replace(needle, "") == "".join(text.split(needle))
            assert text.replace(needle, "x") == "x".join(text.split(needle))
            assert text.replace(needle, "__", 1) == "__".join(text.split(needle, 1))
            assert text.count(needle) == len(text.split(needle)) - 1


def test_split_and_join_around_the_limit_of_pieces():
    for n in (0, 1, 2, 15, 16, 17, 18, 33, 100):
        words = ["w%d" % i for i in range(n)]
        for sep in (",", "--", "\u4e00", " "):
            text = sep.join(words)
            if n:
                assert text.split(sep) == words
                assert text.rsplit(sep) == words
                assert text.split(sep, 1) == [words[0], sep.join(words[1:])][:min(n, 2)]
            assert len(text) == sum(map(len, words)) + len(sep) * max(n - 1, 0)
        assert " ".join(words).split() == words
        assert "\n".join(words).splitlines() == words
        assert "".join(tuple(words)) == "".join(w for w in words)
    assert "a b  c ".split(None, 1) == ["a", "b  c "]
    assert " a b".rsplit(None, 1) == [" a", "b"]


def test_concatenation_of_all_small_lengths():
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    for i in range(len(letters)):
        for j in range(0, len(letters), 3):
            s = letters[:i] + letters[j:]
            assert list(s) == list(letters[:i]) + list(letters[j:])
            assert s == "".join(list(s)) and hash(s) == hash("".join(list(s)))
            assert (s == s[:-1] + "!") == (s[-1:] == "!")
    assert "\xe9" + "a" == "\xe9a" and "\u4e00" + "b" == "\u4e00b"


def test_case_of_ascii_and_of_wider_text():
    s = "hello wORLD it's 3am_x"
    assert s.upper() == "HELLO WORLD IT'S 3AM_X"
    assert s.title() == "Hello World It'S 3Am_X"
    assert s.capitalize() == "Hello world it's 3am_x"
    assert s.swapcase() == "HELLO World IT'S 3AM_X"
    assert s.lower() == s.casefold() == "hello world it's 3am_x"
    assert "\xe9t\xc9".title() == "\xc9t\xe9"
    assert not "".isupper() and not "1".islower() and "a1".islower() and not "aB".isupper()
    assert "".isprintable() and not "a\x7f".isprintable() and "~ ".isprintable()
    assert " \t\x1c\x1f".isspace() and not "".isspace() and not "\x1b".isspace()


def test_fixed_floats_round_half_to_even():
    cases = [(0.5, 0, "0"), (1.5, 0, "2"), (2.5, 0, "2"), (0.125, 2, "0.12"), (0.375, 2, "0.38"),
             (1e15 + 0.5, 0, "1000000000000000"), (2.675, 2, "2.67"), (1e22, 1, "1" + "0" * 22 + ".0"),
             (5e-324, 3, "0.000"), (-0.0001, 2, "-0.00"), (123456.789, 19, "123456.7890000000043073669"),
             (0.1, 20, "0.10000000000000000555"), (9007199254740993.0, 2, "9007199254740992.00")]
    for x, p, text in cases:
        assert f"{x:.{p}f}" == text == "%.*f" % (p, x) == "{:.{}f}".format(x, p), (x, p)
    assert f"{1234567.891:,.2f}" == "1,234,567.89" and f"{1234.5:_.1f}" == "1_234.5"
    assert f"{-3.14159:+09.2f}|" == "-00003.14|" and f"{3.14159:<+9.2f}|" == "+3.14    |"
    assert f"{1.5:*^9.1f}" == "***1.5***" and "%-8.2f|%+.1f|% .1f" % (1.5, 2.0, 3.0) == "1.50    |+2.0| 3.0"
    assert f"{float('nan'):6.2f}" == "   nan" and "%05.1f" % float("inf") == "00inf"


def test_ints_under_specs():
    assert f"{42:06d}" == "000042" and f"{-42:06d}" == "-00042" and f"{42:<6}|" == "42    |"
    assert f"{255:#x} {255:#010X} {255:o} {-5:b}" == "0xff 0X000000FF 377 -101"
    assert f"{1234567:,} {0xabcdef12:_x} {1234567:015,}" == "1,234,567 abcd_ef12 000,001,234,567"
    assert f"{7:+} {7: } {7:^5}|{7:*>4}|{7:=+4}" == "+7  7   7  |***7|+  7"
    assert f"{2**70:d} {2**70:,}" == "1180591620717411303424 1,180,591,620,717,411,303,424"
    assert "%5d|%-5d|%05d|%+d|% d" % (42, 42, -42, 42, 42) == "   42|42   |-0042|+42| 42"
    assert "%x %X %#o %#x %5s %-5s| %.2s %r" % (255, 255, 8, 16, "ab", "cd", "xyz", 5) == \
        "ff FF 0o10 0x10    ab cd   | xy 5"
    assert (hex(-255), oct(8), bin(5), hex(0), hex(2**64)) == ("-0xff", "0o10", "0b101", "0x0", "0x1" + "0" * 16)
    assert f"{True:5}|{'ab':>5}|{'ab':*^6}|{'abc':.2}|{'\xe9':>3}" == "    1|   ab|**ab**|ab|  \xe9"
    for spec in ("1234567d", "05.d", "x<", "<<5", "0", "=+5", "\xe95", "5\xe9", "..2"):
        for v in (5, 1.5, "s"):
            try:
                a = format(v, spec)
            except ValueError as e:
                a = type(e)
            assert a is ValueError or len(a) >= 1


def test_ints_from_text():
    for s in ("0", "-0", "7", "-7", "00012", "99999999999999", "-99999999999999",
              "100000000000000", "999999999999999999999"):
        assert str(int(s)) == s.lstrip("0").replace("-0", "0") if s.strip("-0") else int(s) == 0
    assert int(" 12 ") == 12 and int("+5") == 5 and int("1_000") == 1000
    for bad in ("", "-", "1-", "--1", "1 2", "0x1", "\xe9"):
        try:
            int(bad)
        except ValueError as e:
            assert str(e) == f"invalid literal for int() with base 10: {bad!r}"
        else:
            assert False, bad


def test_encodings_of_all_widths():
    for text in ("", "a", "abc", "\xe9", "\xe9a", "a\u0416", "\u4e00" * 3, "a\U0001F600b", "\x7f\x80\xff"):
        b = text.encode()
        assert b.decode() == text and b.decode("utf-8") == str(b, "utf8") == text
        assert text.encode("utf-16").decode("utf-16") == text
        if all(ord(c) < 256 for c in text):
            assert text.encode("latin-1") == bytes(map(ord, text)) == text.encode("iso-8859-1")
            assert bytes(map(ord, text)).decode("latin1") == text
    assert b"abc".decode("ascii") == "abc" and "abc".encode("ascii") == b"abc"
    for f in (lambda: b"\xff".decode("ascii"), lambda: "\u0416".encode("latin-1")):
        try:
            f()
        except UnicodeError:
            pass
        else:
            assert False


def test_array_items_at_the_edges_of_their_types():
    edges = {"b": (-128, 127), "B": (0, 255), "h": (-2**15, 2**15 - 1), "H": (0, 2**16 - 1),
             "i": (-2**31, 2**31 - 1), "I": (0, 2**32 - 1), "q": (-2**63, 2**63 - 1),
             "Q": (0, 2**64 - 1), "l": (-2**63, 2**63 - 1), "L": (0, 2**64 - 1)}
    for code, (low, high) in edges.items():
        a = array.array(code, [low, high, 0, 1])
        assert list(a) == a.tolist() == [low, high, 0, 1] and a[0] == low and a[-3] == high
        a[2] = high
        a.append(low)
        a.insert(0, high)
        assert list(a) == [high, low, high, high, 1, low] and sum(a) == 3 * high + 2 * low + 1
        for bad in (low - 1, high + 1):
            for put in (a.append, lambda v: a.__setitem__(0, v)):
                try:
                    put(bad)
                except OverflowError:
                    pass
                else:
                    assert False, (code, bad)
        assert memoryview(a)[1] == low and bytes(memoryview(a)) == a.tobytes()
    d = array.array("d", [1, 2.5, True])
    d.append(3)
    assert list(d) == [1.0, 2.5, 1.0, 3.0]
    assert list(array.array("f", [1, 0.5])) == [1.0, 0.5]
    w = array.array("w", "h\xe9\u4e00")
    w.append("!")
    assert w.tounicode() == "h\xe9\u4e00!" and w[1] == "\xe9"


def test_struct_in_all_orders_and_sizes():
    for order in "<>=!@":
        for code, v in (("b", -5), ("B", 200), ("h", -300), ("H", 60000), ("i", -70000),
                        ("I", 4000000000), ("q", -2**62), ("Q", 2**64 - 1), ("d", 1.25), ("f", -0.5),
                        ("e", 2.0), ("?", True)):
            b = struct.pack(order + code, v)
            assert struct.unpack(order + code, b) == (v,) == struct.unpack_from(order + code, b"xx" + b, 2)
            assert struct.unpack(order + code, bytearray(b)) == (v,)
    many = struct.Struct("<40h")
    assert many.unpack(many.pack(*range(40))) == tuple(range(40))
    assert struct.pack(">I", 1) == b"\0\0\0\1" and struct.unpack(">3s", b"abc") == (b"abc",)
    for n in (1, 2, 3, 5, 7, 8, 9):
        for order in ("little", "big"):
            v = 2 ** (8 * n - 1) - 3
            assert int.from_bytes(v.to_bytes(n, order), order) == v
            assert int.from_bytes((-v).to_bytes(n, order, signed=True), order, signed=True) == -v
            try:
                (2 ** (8 * n)).to_bytes(n, order)
            except OverflowError:
                pass
            else:
                assert False


def test_sorting_short_lists():
    import random
    r = random.Random(5)
    for n in list(range(0, 20)) + [63, 64, 65, 130]:
        for make in (lambda: r.randrange(10), lambda: str(r.randrange(50)), lambda: r.random()):
            a = [make() for _ in range(n)]
            b = sorted(a)
            assert all(not y < x for x, y in zip(b, b[1:])) and sorted(b) == b and len(b) == n
            assert sorted(a, reverse=True) == b[::-1]
            assert [x for x, _ in sorted(((x, i) for i, x in enumerate(a)))] == b
    assert sorted(["b", "a"], key=str.upper) == ["a", "b"]

    class Bad:
        def __lt__(self, other):
            raise ValueError("no order")
    bad = [Bad() for _ in range(5)]
    kept = list(bad)
    try:
        bad.sort()
    except ValueError:
        pass
    assert set(map(id, bad)) == set(map(id, kept))


def test_builtins_called_in_all_ways():
    up = "abc".upper
    assert up() == "ABC" and list(map("{}!".format, [1, 2])) == ["1!", "2!"]
    assert "a,b".split(sep=",", maxsplit=1) == ["a", "b"] and "a,b".split(",", maxsplit=0) == ["a,b"]
    assert str() == "" and str(5) == "5" and str(b"x", "ascii") == "x" and str(object="o") == "o"
    for call, text in ((lambda: "a".upper(1), "str.upper() takes no arguments (1 given)"),
                       (lambda: "a".join(), "str.join() takes exactly one argument (0 given)"),
                       (lambda: "a".replace("b"), "replace() takes at least 2 positional arguments (1 given)"),
                       (lambda: len(), "len() takes exactly one argument (0 given)"),
                       (lambda: up(1), "str.upper() takes no arguments (1 given)")):
        try:
            call()
        except TypeError as e:
            assert str(e) == text, str(e)
        else:
            assert False, text

    class S(str):
        pass
    s = S("abc")
    assert type(s + "") is str and type(s[:]) is str and type("".join([s])) is str and s == "abc"
    assert f"{s}" == "abc" and "%s" % s == "abc" and s.upper() == "ABC" and S("x") + S("y") == "xy"


def test_readers_race_with_writers_of_lists_and_bytearrays():
    import threading
    words, data, stop, wrong = ["ab", "cd"] * 4, bytearray(b"x" * 64), [], []

    def write():
        for i in range(3000):
            words.append("w" * (i % 40))
            words[i % len(words)] = "\u4e00" if i % 100 == 0 else "yz"
            if len(words) > 30:
                del words[3:]
            data.extend(b"y" * (i % 300))
            del data[:i % 50]
            if len(data) > 5000:
                del data[100:]
        stop.append(1)

    def read():
        while not stop:
            s = ",".join(words)
            if set(s) - set("abcdwyz,\u4e00"):
                wrong.append(s)
            for i in (0, 10, 60, -1):
                try:
                    if data[i] not in b"xy":
                        wrong.append(data[i])
                except IndexError:
                    pass

    threads = [threading.Thread(target=f) for f in (write, read, read)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong[:3]


def test_slices_and_items_of_bytes_and_views():
    data = bytes(range(100))
    for make in (bytes, bytearray):
        b = make(data)
        for a in (None, 0, 1, 50, 99, 100, 150, -1, -100, -200):
            for z in (None, 0, 3, 60, 100, 120, -1, -50, -300):
                for step in (None, 1, 2, -1, -7):
                    part = b[a:z:step]
                    assert type(part) is make and list(part) == list(range(100))[a:z:step]
        assert b[:] == data and b.split(b"\x05")[0] == data[:5] and len(b.split(b"\x05", 1)) == 2
        assert b.join([b"x", bytearray(b"y"), memoryview(b"z")]) == b"x" + data + b"y" + data + b"z"
    assert bytearray()[:] == bytearray()[::2] == b"" and b" a  b ".split() == [b"a", b"b"]
    assert b" a  b c ".split(None, 1) == [b"a", b"b c "] and b",,".split(b",") == [b"", b"", b""]

    class Index:
        def __init__(self):
            self.asked = 0

        def __index__(self):
            self.asked += 1
            return 2
    for step in (1, 2):
        i = Index()
        assert bytearray(b"abcdef")[i:6:step] == b"abcdef"[2:6:step] and i.asked == 1
    m = memoryview(data)
    assert m[3] == 3 and m[-1] == 99 and m[10:20:3][1] == 13 and m[::-1][0] == 99
    assert memoryview(array.array("d", [1.5, 2.5]))[1] == 2.5 and memoryview(array.array("h", [-5]))[0] == -5
    for i in (100, -101):
        try:
            m[i]
        except IndexError as e:
            assert str(e) == "index out of bounds on dimension 1"
        else:
            assert False
    m.release()
    try:
        m[0]
    except ValueError:
        pass
    else:
        assert False
    assert chr(0) == "\0" and chr(255) == "\xff" and chr(256) == "\u0100" and ord(chr(0x10FFFF)) == 0x10FFFF
