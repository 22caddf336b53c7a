"""Struct formats and what they pack and unpack."""
import struct

VALUES = [0, 1, -1, 127, 128, 255, 256, 65535, -32768, 2 ** 31, 2 ** 63, 2 ** 64, 1.5, float("inf"), 1e300, 65504.0, 65520.0, b"", b"a", b"abc", "a", None, True, 5e-324, b"a" * 300, -0.0]


def case(rnd):
    text = rnd.choice(["", "@", "=", "<", ">", "!"])
    for _ in range(rnd.randrange(1, 6)):
        text += rnd.choice(["", "", "0", "2", "3", "10"]) + rnd.choice("xcbB?hHiIlLqQnNefdspP") + rnd.choice(["", "", "", " "])
    if not rnd.randrange(8):
        at = rnd.randrange(len(text) + 1)
        text = text[:at] + rnd.choice(["@", "y", "9" * 20, "*", "\0", "é", "3"]) + text[at:]
    values = []
    for letter in text:
        fitting = {"c": [b"a"], "s": [b"ab"], "p": [b"ab"], "?": [True, 0], "e": [1.5, 65504.0], "f": [1.5], "d": [1e300]}.get(letter, VALUES[:6] if letter.isalpha() and letter != "x" else None)
        if fitting:
            values.append(rnd.choice(fitting) if rnd.randrange(12) else rnd.choice(VALUES))
    return text, values, rnd.randbytes(rnd.randrange(40)), rnd.randrange(5)


def outcome(case):
    text, values, data, offset = case
    said = []
    try:
        made = struct.Struct(text)
    except (struct.error, UnicodeError) as error:
        return False, f"{type(error).__name__}: {error}"
    said.append((made.size, made.format))
    room = bytearray(64)
    data = data + bytes(-len(data) % made.size if made.size else 0)
    for call in (lambda: made.pack(*values), lambda: made.pack_into(room, offset, *values), lambda: made.unpack(data[:made.size]), lambda: made.unpack_from(data, offset),
                 lambda: list(made.iter_unpack(data)), lambda: made.unpack(made.pack(*values)), lambda: made.unpack(data)):
        try:
            said.append(call())
        except (struct.error, TypeError, OverflowError) as error:
            said.append(f"{type(error).__name__}: {error}")
    return True, repr((said, bytes(room)))
