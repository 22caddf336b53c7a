"""lzma: whole streams, streams bit by bit, filters, and what is wrong with them."""

import lzma


def test_formats_come_back():
    data = bytes(range(256)) * 500
    raw = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 3}]
    for form, filters in (lzma.FORMAT_XZ, None), (lzma.FORMAT_ALONE, None), (lzma.FORMAT_RAW, raw):
        packed = lzma.compress(data, format=form, filters=filters)
        assert len(packed) < len(data) // 10
        reader = lzma.LZMADecompressor(form, filters=filters if form == lzma.FORMAT_RAW else None)
        out = b"".join(reader.decompress(packed[i:i + 7]) for i in range(0, len(packed), 7))
        assert out == data


def test_the_end_of_a_stream_is_seen():
    packed = lzma.compress(b"abc", check=lzma.CHECK_SHA256)
    reader = lzma.LZMADecompressor()
    assert reader.check == lzma.CHECK_UNKNOWN and not reader.eof
    assert reader.decompress(packed + b"rest") == b"abc"
    assert reader.eof and reader.unused_data == b"rest" and reader.check == lzma.CHECK_SHA256


def test_filters_are_described():
    given = {"id": lzma.FILTER_LZMA1, "lc": 1, "lp": 2, "pb": 0, "dict_size": 8192}
    assert lzma._decode_filter_properties(lzma.FILTER_LZMA1, lzma._encode_filter_properties(given)) == given


def test_what_is_wrong_is_named():
    for filters, error in ([{"id": 98765}], ValueError), ([{"xyzzy": 3}], ValueError), ([3], TypeError), (
            [{"id": lzma.FILTER_LZMA2}] * 5, ValueError), ([{"id": lzma.FILTER_LZMA2, "foo": 0}], ValueError):
        try:
            lzma.compress(b"", filters=filters)
        except error:
            continue
        raise AssertionError(filters)
    try:
        lzma.decompress(lzma.compress(b"a")[:-1] + b"x")
    except lzma.LZMAError as e:
        assert str(e) == "Input format not supported by decoder" or str(e) == "Corrupt input data", e
