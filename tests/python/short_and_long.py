"""What is done in blocks, in place or without a call gives what the plain way gives: searches, copies, sorts, keys, packed items."""
import array
import random
import struct


def naive_find(h, n):
    for i in range(len(h) - len(n) + 1):
        if all(h[i + j] == n[j] for j in range(len(n))):
            return i
    return -1


def naive_count(h, n):
    i = k = 0
    while i <= len(h) - len(n):
        if h[i:i + len(n)] == n:
            k += 1
            i += len(n)
        else:
            i += 1
    return k


def test_searches_of_every_width():
    r = random.Random(5)
    for letters in ("ab", "a\xe9", "a\u20ac", "ab\U0001F600"):
        for size in (0, 1, 7, 15, 16, 17, 33, 64, 200):
            h = "".join(r.choice(letters) for _ in range(size))
            for length in (1, 2, 3, 9, 17):
                n = "".join(r.choice(letters) for _ in range(length))
                assert h.find(n) == naive_find(h, n), (h, n)
                assert h.count(n) == naive_count(h, n), (h, n)
                assert (n in h) == (naive_find(h, n) >= 0)
                assert h.replace(n, "x\u0142").count("x") == naive_count(h, n)
                assert "".join(h.split(n)) == h.replace(n, "")
                assert n.join(h.split(n)) == h
                if letters == "ab":
                    assert h.encode().find(n.encode()) == h.find(n)
                    assert h.encode().count(n.encode()) == h.count(n)
    long = "ab" * 700 + "needle" + "ab" * 100
    assert long.find("needle") == 1400 and long.find("abneedle") == 1398 and long.find("needles") == -1
    for at in range(495, 530):
        h = "x" * at + "yz" + "x" * (1200 - at)
        assert h.find("yz") == at and h.find("xyzx") == at - 1
    # Nearly matches everywhere.
    assert ("a" * 5000 + "b").find("a" * 50 + "b") == 4950 and ("\u20aca" * 3000).find("\u20aca" * 20 + "b") == -1


def test_replaced_text_has_the_width_it_needs():
    assert "a\u20acb".replace("\u20ac", "c") == "acb" and "a\u20acb".replace("\u20ac", "c").isascii()
    assert "a\u20aca".replace("a", "\U0001F600") == "\U0001F600\u20ac\U0001F600"
    assert "a\u20ac".replace("a", "") == "\u20ac" and "\u20ac\u20ad".replace("\u20ad", "\xe9") == "\u20ac\xe9"
    assert "\u20ac\n\x85b\u2028c\u2029d".splitlines() == ["\u20ac", "", "b", "c", "d"]
    assert repr("\u20ac" * 3) == "'\u20ac\u20ac\u20ac'" and repr("\u20ac'") == '"\u20ac\'"' and repr("\u20ac\x7f") == "'\u20ac\\x7f'"
    assert ascii("\xe9\u20ac\U0001F600") == "'\\xe9\\u20ac\\U0001f600'"
    assert "h\xe9\u20ac\U0001F600".encode() == b"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" and "\u07ff\u0800\uffff".encode().decode() == "\u07ff\u0800\uffff"
    try:
        "\u20ac\ud800".encode()
    except UnicodeEncodeError as e:
        assert e.start == 1
    else:
        assert False
    assert "abcabc".translate({97: "x", 98: None}) == "xcxc" and "abc".translate({97: "\u20ac", 99: "zz"}) == "\u20acbzz"


def test_texts_sort_as_they_compare():
    r = random.Random(7)
    for letters in ("ab\0", "a\xff\x7f", "a\u20acb"):
        texts = ["".join(r.choice(letters) for _ in range(r.randrange(12))) for _ in range(300)] + ["", "\0", "a" * 8, "a" * 9]
        by_pairs = texts[:]
        for i in range(1, len(by_pairs)):
            j = i
            while j and by_pairs[j] < by_pairs[j - 1]:
                by_pairs[j], by_pairs[j - 1] = by_pairs[j - 1], by_pairs[j]
                j -= 1
        assert sorted(texts) == by_pairs
        assert sorted(texts, reverse=True) == by_pairs[::-1]
        marked = sorted(((t, i) for i, t in enumerate(texts)), key=lambda p: p[0])
        assert all(a[0] < b[0] or a[0] == b[0] and a[1] < b[1] for a, b in zip(marked, marked[1:]))


def test_keys_that_are_equal_but_not_the_same():
    d = {}
    for i in range(300):
        d["key%d" % i] = i
        d["a long key, longer than a few words %d" % i] = -i
        d[i] = i * 2
    for i in range(300):
        assert d["key%d" % i] == i and d["a long key, longer than a few words %d" % i] == -i
        assert d[float(i)] == i * 2 and d[i] == i * 2 and "key%d!" % i not in d
    assert d[True] == 2 and d.get(-1) is None and -2 not in d
    d[-1] = "m"
    d[-2] = "n"
    assert d[-1] == "m" and d[-2] == "n"
    class Text(str):
        pass
    assert d[Text("key7")] == 7
    d[Text("key7")] = 8
    assert d["key7"] == 8 and len(d) == 902
    for i in range(0, 300, 2):
        del d["key%d" % i]
    for i in range(300):
        d["key%d" % i] = i
    assert list(d)[-1] == "key298" and dict([("a", 1), ["b", 2], "cd"]) == {"a": 1, "b": 2, "c": "d"}


def test_lists_are_copied_whole():
    for n in (0, 1, 3, 10, 100, 1000):
        a = list(range(n))
        assert a[:] == a.copy() == list(a) == a + [] == [] + a == [*a]
        assert a * 3 == [i for _ in range(3) for i in a] and a[1:-1] == [i for i in range(1, n - 1)]
        assert a[::-1] == [n - 1 - i for i in range(n)] and a[::3] == [i for i in range(0, n, 3)]
        b = a.copy()
        b.extend(b)
        b.extend(a)
        b += b[:1]
        assert b == a * 3 + a[:1]
        b.insert(1, "x")
        b[2:2] = ["y", "z"]
        del b[:1]
        assert b[:3] == (["x", "y", "z"] if n else ["y", "z"]) or n == 0
    assert list("a\xe9\u20ac\U0001F600") == ["a", "\xe9", "\u20ac", "\U0001F600"] and list(b"ab") == [97, 98]


def test_packed_items():
    for order in "<>=@":
        s = struct.Struct(order + "bBhHiIqQfd")
        values = (-5, 250, -30000, 65535, -2**31, 2**32 - 1, -2**63, 2**64 - 1, 1.5, -2.25)
        data = s.pack(*values)
        assert s.unpack(data) == values and s.unpack_from(bytearray(b"__" + data), 2) == values
        assert list(s.iter_unpack(bytearray(data * 3))) == [values] * 3
    for code, bad in (("b", 128), ("B", -1), ("H", 65536), ("i", 2**31), ("Q", -1)):
        try:
            struct.pack("<" + code, bad)
        except struct.error:
            pass
        else:
            assert False
    for code, bad, error in (("b", 128, OverflowError), ("H", -1, OverflowError), ("i", 1.0, TypeError)):
        a = array.array(code, [1, 2])
        try:
            a[0] = bad
        except error:
            pass
        else:
            assert False
        assert a.tolist() == [1, 2]
    a = array.array("d", [1, 2.5]) + array.array("d", [3])
    a[1] = 7
    assert a.tolist() == [1.0, 7.0, 3.0] and a[1:] == array.array("d", [7, 3]) and a.tobytes() == struct.pack("3d", 1, 7, 3)
    m = memoryview(bytearray(range(10)))
    assert bytes(m[2:5]) == b"\2\3\4" and list(m[::-3]) == [9, 6, 3, 0] and m[3:] == bytes(range(3, 10)) and m[:0].tobytes() == b""
    assert bytearray(b"ab") + bytearray(b"cd") == b"abcd" and bytes(bytearray(b"xy")) == b"xy"
    assert max([2, 1.5, 3]) == 3 and min("b", "a") == "a" and max([1.5, float("nan"), 2.5]) == 2.5
