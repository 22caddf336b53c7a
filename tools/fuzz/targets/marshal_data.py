"""Marshalled values, damaged or not, in all versions; CPython's own bytes back."""
import marshal
import re


def value(rnd, depth):
    kind = rnd.randrange(18)
    if kind < 11 or not depth:
        return rnd.choice([None, True, False, ..., StopIteration, 0, -1, 2 ** 31 - 1, -2 ** 31, 2 ** 31, 2 ** 100, -2 ** 62, 1.5, -0.0, float("inf"), 1j, "", "a", "abc", "é", "日本", "\ud800", "x" * 300, b"", b"ab", bytes(300)])
    parts = [value(rnd, depth - 1) for _ in range(rnd.randrange(4))]
    if kind < 13:
        return tuple(parts)
    if kind < 15:
        return parts
    if kind < 16:
        return {repr(part): part for part in parts}
    return [parts, parts]


def case(rnd):
    data = marshal.dumps(value(rnd, 4), rnd.randrange(5))
    for _ in range(rnd.choice([0, 0, 1, 1, 2])):
        at = rnd.randrange(len(data))
        data = data[:at] + rnd.choice([b"", bytes([rnd.randrange(256)]), bytes([rnd.choice(b"0NFT.SiIfgxylsuaAzZ()[{<>rtR?c\xe9\xdb\xa9")])]) + data[at + rnd.randrange(2):]
    return data


def outcome(data):
    # Code objects differ, and so do their bytes; a size of gigabytes is given room by one and not by the other.
    if b"c" in data or b"\xe3" in data or re.search(rb"[\[(<>{sutaAl\xdb\xa8\xbc\xbe\xf3\xf5\xf4\xe1\xc1\xec]..[^\0].|[\[(<>{sutaAl\xdb\xa8\xbc\xbe\xf3\xf5\xf4\xe1\xc1\xec]...[^\0]", data, re.DOTALL):
        return True, "not compared"
    try:
        found = marshal.loads(data)
    except (ValueError, EOFError, TypeError, MemoryError) as error:
        return False, f"{type(error).__name__}: {error}"
    said = [repr(found)]
    for version in (0, 1, 2):
        try:
            said.append(marshal.dumps(found, version))
        except ValueError as error:
            said.append(str(error))
    return True, repr(said)
