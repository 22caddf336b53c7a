#!/usr/bin/env python3
"""With CPython 3.13: prints every property of a range of code points (`dump.py FIRST LAST`, hexadecimal), or, without
arguments, writes tests/digests.txt: one FNV-1a digest of those lines for each 4096 code points."""
import os
import struct
import sys
import unicodedata

FORMS = ("NFC", "NFD", "NFKC", "NFKD")
DATABASES = (unicodedata, unicodedata.ucd_3_2_0)


def listed(text):
    return " ".join(f"{ord(c):X}" for c in text)


def line(cp):
    c = chr(cp)
    classes = "".join("01"[bool(b)] for b in (
        c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.islower(), c.isupper(), c.istitle() and not c.isupper(),
        c.isspace(), len(f"a{c}b".splitlines()) == 2, c.isprintable(), c.isalnum(), c.isidentifier(), f"a{c}".isidentifier()))
    out = [f"{cp:X}", classes, listed(c.lower()), listed(c.upper()), listed(c.title()), listed(c.casefold())]
    for ucd in DATABASES:
        numeric = ucd.numeric(c, None)
        out += [ucd.category(c), ucd.bidirectional(c), str(ucd.combining(c)), str(ucd.mirrored(c)), ucd.east_asian_width(c),
                ucd.decomposition(c), str(ucd.decimal(c, -1)), str(ucd.digit(c, -1)),
                "" if numeric is None else f"{struct.unpack('<Q', struct.pack('<d', numeric))[0]:X}", ucd.name(c, "")]
        for form in FORMS:
            out += [listed(ucd.normalize(form, f"\u0327{c}\u0301\u0323")), str(int(ucd.is_normalized(form, c)))]
    return "|".join(out)



def digest(block):
    h = 0xCBF29CE484222325
    for cp in range(block * 4096, block * 4096 + 4096):
        for byte in line(cp).encode() + b"\n":
            h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


if len(sys.argv) == 3:
    for cp in range(int(sys.argv[1], 16), int(sys.argv[2], 16) + 1):
        print(line(cp))
else:
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "..", "tests", "digests.txt"), "w") as file:
        for block in range(0x110):
            file.write(f"{digest(block):016X}\n")
