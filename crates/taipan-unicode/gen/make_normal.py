#!/usr/bin/env python3
"""With CPython 3.13: prints COUNT random texts full of marks and composites, with their four normal forms, for
tests/normal_forms.rs: `make_normal.py SEED COUNT > tests/normal_forms.txt`. Fields are NFC, NFD, NFKC and NFKD after the text,
then the quick answers of is_normalized as four digits."""
import random
import sys
import unicodedata

FORMS = ("NFC", "NFD", "NFKC", "NFKD")
r = random.Random(int(sys.argv[1]))
everything = [chr(c) for c in range(0x110000)]
marks = [c for c in everything if unicodedata.combining(c)]
mapped = [c for c in everything if unicodedata.decomposition(c)]
parts = sorted({p for c in mapped for p in unicodedata.normalize("NFKD", c)})
jamo = [chr(c) for c in (*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A7, 0x11C3), 0xAC00, 0xAC01, 0xD7A3)]


def hexed(text):
    return " ".join(f"{ord(c):X}" for c in text)


for _ in range(int(sys.argv[2])):
    text = "".join(r.choice(r.choice((marks, marks, mapped, parts, jamo, "aeo"))) for _ in range(r.randint(1, 12)))
    print("|".join([hexed(text)] + [hexed(unicodedata.normalize(f, text)) for f in FORMS]
                   + ["".join(str(int(unicodedata.is_normalized(f, text))) for f in FORMS)]))
