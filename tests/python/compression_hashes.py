"""zlib, bz2 and the hash modules."""

import bz2
import hashlib
import zlib


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


DATA = b"hello world " * 1000


def test_zlib_in_one_go():
    assert zlib.decompress(zlib.compress(DATA)) == DATA
    assert zlib.crc32(b"abc") == 891568578 and zlib.adler32(b"abc") == 38600999
    assert "incorrect header check" in str(raises(zlib.error, zlib.decompress, b"garbage"))
    assert "incomplete or truncated stream" in str(raises(zlib.error, zlib.decompress, zlib.compress(DATA)[:-5]))


def test_zlib_objects():
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = c.compress(DATA) + c.flush(zlib.Z_SYNC_FLUSH) + c.compress(DATA) + c.flush()
    d = zlib.decompressobj(-15)
    out = d.decompress(packed + b"tail", 100)
    assert out == DATA[:100] and d.unconsumed_tail
    out += d.decompress(d.unconsumed_tail)
    assert out == DATA * 2 and d.eof and d.unused_data == b"tail"


def test_zlib_dictionaries():
    words = b"hello world"
    c = zlib.compressobj(zdict=words)
    packed = c.compress(DATA) + c.flush()
    assert zlib.decompressobj(zdict=words).decompress(packed) == DATA
    raises(zlib.error, zlib.decompress, packed)


def test_bz2():
    packed = bz2.compress(DATA)
    d = bz2.BZ2Decompressor()
    out = d.decompress(packed + b"rest", max_length=10)
    assert out == DATA[:10] and not d.needs_input
    while not d.eof:
        out += d.decompress(b"")
    assert out == DATA and d.unused_data == b"rest"
    raises(EOFError, d.decompress, b"")


def test_hashes():
    expect = {
        "md5": "900150983cd24fb0d6963f7d28e17f72",
        "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha3_224": "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
    }
    for name, digest in expect.items():
        h = hashlib.new(name, b"ab")
        g = h.copy()
        g.update(b"c")
        assert g.hexdigest() == digest and g.name == name
    assert hashlib.shake_128(b"").hexdigest(8) == "7f9c2ba4e88f827d"
    assert "encoded before hashing" in str(raises(TypeError, hashlib.sha256, "x"))


def test_blake2():
    assert hashlib.blake2b(b"abc").hexdigest()[:16] == "ba80a53f981c4d0d"
    h = hashlib.blake2s(b"x", key=b"k", salt=b"s", person=b"p", digest_size=8, fanout=2, depth=2, node_offset=5)
    assert len(h.digest()) == 8
    assert str(raises(ValueError, hashlib.blake2b, digest_size=65)) == "digest_size must be between 1 and 64 bytes"
