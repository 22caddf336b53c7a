"""base64: lengths around a group of four, and characters that are none at any place."""
import binascii
import random


def by_hand(data):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bits = "".join(format(b, "08b") for b in data)
    bits += "0" * (-len(bits) % 6)
    text = "".join(letters[int(bits[i:i + 6], 2)] for i in range(0, len(bits), 6))
    return (text + "=" * (-len(text) % 4)).encode()


def test_there_and_back():
    r = random.Random(1)
    for n in [*range(20), 100, 101, 102]:
        data = r.randbytes(n)
        text = by_hand(data)
        assert binascii.b2a_base64(data, newline=False) == text
        assert binascii.b2a_base64(data) == text + b"\n"
        assert binascii.a2b_base64(text) == data
        assert binascii.a2b_base64(text.decode(), strict_mode=True) == data
        for at in range(len(text) - 2):
            assert binascii.a2b_base64(text[:at] + b"\n" + text[at:]) == data
            assert binascii.a2b_base64(text[:at] + b"*\xff" + text[at:]) == data
            try:
                binascii.a2b_base64(text[:at] + b"*" + text[at:], strict_mode=True)
            except binascii.Error as e:
                assert str(e) == "Only base64 data is allowed"
            else:
                raise AssertionError(at)


def test_damage():
    for text, strict, message in [
        (b"abcdefg", False, "Incorrect padding"),
        (b"abcde", False, "Invalid base64-encoded string: number of data characters (5) cannot be 1 more than a multiple of 4"),
        (b"abcd=", True, "Excess padding not allowed"),
        (b"ab==cdef", True, "Excess data after padding"),
        (b"=abc", True, "Leading padding not allowed"),
        (b"abcdab=c", True, "Discontinuous padding not allowed"),
    ]:
        try:
            binascii.a2b_base64(text, strict_mode=strict)
        except binascii.Error as e:
            assert str(e) == message, (text, e)
        else:
            raise AssertionError(text)
