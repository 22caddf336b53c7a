"""bytes, bytearray and memoryview."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_bytes_basics():
    b = b"a\x00\xff"
    assert len(b) == 3 and b[0] == 97 and b[-1] == 255 and b[1:] == b"\x00\xff" and list(b) == [97, 0, 255] and b + b"x" == b"a\x00\xffx" and b * 2 == b"a\x00\xffa\x00\xff" and 97 in b and b"\x00\xff" in b
    assert bytes(3) == b"\0\0\0" and bytes([1, 2]) == b"\1\2" and bytes("é", "utf-8") == b"\xc3\xa9" and bytes() == b"" and bytes(b"x") == b"x" and bytes(range(3)) == b"\0\1\2" and hash(b"a") == hash(b"a") and b"a" != "a"
    assert repr(b"a'\n\xff") == 'b"a\'\\n\\xff"' and b"\x41\101\n" == b"AA\n" and rb"\n" == b"\\n"
    raises(ValueError, bytes, [256])
    raises(ValueError, bytes, -1)
    raises(TypeError, bytes, "x")
    raises(TypeError, lambda: b"a" + "b")
    raises(TypeError, lambda: "a" in b"a")


def test_bytes_methods():
    b = b"Hello, World"
    assert b.upper() == b"HELLO, WORLD" and b.find(b"o") == 4 and b.rfind(b"o") == 8 and b.count(b"l") == 3 and b.find(111) == 4 and b.split(b", ") == [b"Hello", b"World"] and b.replace(b"l", b"L") == b"HeLLo, WorLd" and b.title() == b"Hello, World" and b.swapcase() == b"hELLO, wORLD"
    assert b.startswith(b"He") and b.endswith((b"x", b"d")) and b.center(14, b"*") == b"*Hello, World*" and b" a ".strip() == b"a" and b"a-b".partition(b"-") == (b"a", b"-", b"b") and b",".join([b"a", bytearray(b"b")]) == b"a,b" and b"a\nb\r\nc".splitlines() == [b"a", b"b", b"c"]
    assert b"abc".translate(bytes.maketrans(b"ab", b"xy")) == b"xyc" and b"abc".translate(None, b"b") == b"ac" and b"ab".hex() == "6162" and b"abcd".hex("-", 2) == "6162-6364" and bytes.fromhex("61 62") == b"ab" and b"a".isalpha() and b"1".isdigit() and b"5".zfill(3) == b"005" and b"a\tb".expandtabs(2) == b"a b"
    assert b"xax".strip(b"x") == b"a" and b"pre-a".removeprefix(b"pre-") == b"a" and b"a".ljust(3) == b"a  " and b"aXb".lower() == b"axb" and b"".split() == [] and b"a b".split() == [b"a", b"b"] and b"abc".decode("ascii") == "abc"
    raises(ValueError, b.index, b"zz")
    raises(ValueError, bytes.fromhex, "6")


def test_comparison():
    assert b"a" < b"b" and b"a" < b"aa" and b"a" == bytearray(b"a") and bytearray(b"b") > b"a" and not b"a" == [97] and max([b"a", b"b"]) == b"b"


def test_bytearray_mutation():
    a = bytearray(b"abc")
    a[0] = 120
    a.append(100)
    a.extend(b"ef")
    a += b"g"
    a.insert(1, 33)
    assert a == b"x!bcdefg"
    del a[1]
    a[1:3] = b"YYY"
    assert a == b"xYYYdefg" and a.pop() == 103 and a.pop(0) == 120
    a.remove(100)
    a.reverse()
    assert a == b"feYYY"
    a[::2] = b"123"
    assert a == b"1e2Y3" and a.copy() == a and a.copy() is not a
    a *= 2
    assert len(a) == 10
    a.clear()
    assert a == b"" and not a and repr(bytearray(b"x")) == "bytearray(b'x')"
    raises(ValueError, a.append, 256)
    raises(TypeError, hash, a)
    raises(IndexError, a.pop)


def test_bytearray_slices():
    a = bytearray(range(10))
    del a[2:8:2]
    assert list(a) == [0, 1, 3, 5, 7, 8, 9]
    a[2:2] = b"\xff\xfe"
    assert list(a) == [0, 1, 255, 254, 3, 5, 7, 8, 9]
    a[:] = b""
    assert len(a) == 0
    b = bytearray(b"x" * 1000)
    b[10:990] = b""
    assert b == b"x" * 20
    raises(ValueError, b.__setitem__, slice(None, None, 2), b"1")


def test_memoryview():
    a = bytearray(b"abcdef")
    m = memoryview(a)
    m[0] = 65
    m[1:3] = b"BC"
    assert a == b"ABCdef" and m[3] == 100 and m[-1] == 102 and bytes(m[::2]) == b"ACe" and len(m) == 6 and m.tobytes() == b"ABCdef" and m.tolist()[0] == 65 and m.nbytes == 6 and m.format == "B" and m.itemsize == 1 and m.ndim == 1 and m.shape == (6,) and m.strides == (1,) and not m.readonly and m.obj is a
    assert m == b"ABCdef" and m[1:3] == b"BC" and memoryview(b"x").readonly and m.hex() == "414243646566" and 65 in m and list(m) == list(a)
    raises(BufferError, a.append, 1)
    m.release()
    a.append(1)
    raises(ValueError, lambda: m[0])
    raises(TypeError, memoryview(b"x").__setitem__, 0, 1)
    raises(TypeError, memoryview, "x")


def test_memoryview_cast_and_context():
    a = bytearray(8)
    with memoryview(a).cast("I") as m:
        m[0] = 0x01020304
        assert len(m) == 2 and m.itemsize == 4 and m.format == "I"
    assert a[:4] == (0x01020304).to_bytes(4, __import__("sys").byteorder)
    m = memoryview(bytes(range(6))).cast("B", (2, 3))
    assert m.shape == (2, 3) and m.tolist() == [[0, 1, 2], [3, 4, 5]] and m[1, 2] == 5
    assert hash(memoryview(b"ab")) == hash(b"ab") and memoryview(b"a").toreadonly().readonly and memoryview(b"ab").contiguous


def test_iteration_and_sorting():
    assert sorted(b"cab") == [97, 98, 99] and bytes(reversed(b"abc")) == b"cba" and bytes(sorted(b"cab")) == b"abc" and sum(b"\1\2\3") == 6 and [*map(chr, b"ab")] == ["a", "b"] and dict(zip(b"a", b"b")) == {97: 98}


def test_dunder_bytes():
    class C:
        def __bytes__(self):
            return b"custom"
    assert bytes(C()) == b"custom"
    class B(bytes):
        pass
    assert B(b"a") == b"a" and type(B(b"a")[:]) is bytes and bytes(B(b"ab")) == b"ab"


def test_array():
    import array
    a = array.array("i", [1, 2, 3])
    a.append(4)
    a.extend([5])
    assert a.tolist() == [1, 2, 3, 4, 5] and a[1:3] == array.array("i", [2, 3]) and a.itemsize == 4 and a.typecode == "i" and len(a.tobytes()) == 20 and a.index(3) == 2 and a.pop() == 5 and repr(a) == "array('i', [1, 2, 3, 4])"
    d = array.array("d", [1.5]) * 2
    assert d.tolist() == [1.5, 1.5] and memoryview(a)[0] == 1 and array.array("u", "aé").tounicode() == "aé"
    a[0] = -5
    a.byteswap()
    a.byteswap()
    assert a[0] == -5
    raises(OverflowError, array.array, "b", [200])
    raises(TypeError, a.append, "x")


def test_struct():
    import struct
    assert struct.pack("<HiQ", 1, -2, 3) == b"\1\0\xfe\xff\xff\xff\3\0\0\0\0\0\0\0" and struct.unpack(">h2sf", struct.pack(">h2sf", -5, b"ab", 1.5)) == (-5, b"ab", 1.5) and struct.calcsize("=bI") == 5 and struct.calcsize("bI") == 8
    assert [*struct.iter_unpack("<H", b"\1\0\2\0")] == [(1,), (2,)] and struct.unpack_from("<B", b"ab", 1) == (98,) and struct.Struct("?").unpack(b"\1") == (True,) and struct.pack("3p", b"abc") == b"\2ab" and struct.unpack("e", struct.pack("e", 0.5)) == (0.5,)
    raises(struct.error, struct.pack, "B", 256)
    raises(struct.error, struct.unpack, "I", b"abc")


def test_large():
    b = bytes(1000000)
    assert b.count(b"\0") == 1000000 and b.find(b"\1") == -1 and len(b + b) == 2000000
    a = bytearray()
    for i in range(100000):
        a.append(i & 255)
    assert len(a) == 100000 and a[65535] == 255
