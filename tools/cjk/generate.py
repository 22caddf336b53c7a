#!/usr/bin/env python3
"""Writes crates/taipan-stdlib-core/src/_multibytecodec/tables.bin: what the CJK codecs map, asked of CPython 3.13's own.

    python3.13 tools/cjk/generate.py OUT

For each codec: the byte sequences that decode to one or two characters (by difference from a related codec), the
characters that encode to something else than the first sequence that decodes to them, and how many bytes each first
byte asks for. Numbers are varints, keys and values by their differences. The order of the codecs is that of NAMES.
"""
import codecs
import sys

# Name, and the codec whose map is the starting point.
NAMES = [("gb2312", None), ("gbk", "gb2312"), ("gb18030", "gbk"), ("big5", None), ("cp950", "big5"), ("big5hkscs", "big5"),
         ("shift_jis", None), ("cp932", "shift_jis"), ("shift_jis_2004", "shift_jis"), ("shift_jisx0213", "shift_jis_2004"),
         ("euc_jp", None), ("euc_jis_2004", "euc_jp"), ("euc_jisx0213", "euc_jis_2004"), ("euc_kr", None), ("cp949", "euc_kr"), ("johab", None)]


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return out


def signed(n):
    return varint(n << 1 if n >= 0 else (-n << 1) - 1)


def pairs(items):
    """Sorted (key, value) pairs."""
    out = varint(len(items))
    last_key = last_value = 0
    for key, value in items:
        out += varint(key - last_key) + signed(value - last_value)
        last_key, last_value = key, value
    return out


def number(text):
    return ord(text[0]) | (ord(text[1]) << 21 if len(text) > 1 else 0)


def ask(name):
    info = codecs.lookup(name)
    def decode(data):
        try:
            return info.decode(data)[0]
        except UnicodeDecodeError:
            return None
    needs, table = [], {}
    for lead in range(256):
        decoder = info.incrementaldecoder()
        try:
            needs.append(1 if decoder.decode(bytes([lead])) else 2)
        except UnicodeDecodeError:
            needs.append(0)
            continue
        if needs[lead] == 1:
            table[lead] = number(decode(bytes([lead])))
            continue
        if lead == 0x8F and name.startswith("euc_j"):
            needs[lead] = 3
        for second in range(256):
            if needs[lead] == 2:
                text = decode(bytes([lead, second]))
                if text is not None:
                    table[lead << 8 | second] = number(text)
            else:
                for third in range(256):
                    text = decode(bytes([lead, second, third]))
                    if text is not None:
                        table[lead << 16 | second << 8 | third] = number(text)
    inverse = {}
    for key in sorted(table):
        inverse.setdefault(table[key], key)
    other, ranges = [], []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        try:
            data = info.encode(chr(code))[0]
        except UnicodeEncodeError:
            data = b""
        if name == "euc_kr" and len(data) == 8:
            data = b""
        if name == "gb18030" and len(data) == 4:
            if code < 0x10000:
                a, b, c, d = data
                linear = ((a - 0x81) * 10 + b - 0x30) * 1260 + (c - 0x81) * 10 + d - 0x30
                if ranges and ranges[-1][1] + 1 == code and linear - ranges[-1][2] == code - ranges[-1][0]:
                    ranges[-1][1] = code
                else:
                    ranges.append([code, code, linear])
            data = b""
        key = int.from_bytes(data)
        if data == b"\0" and code == 0:
            continue
        if inverse.get(code, 0) != key:
            other.append((code, key))
    return needs, table, other, ranges


def main():
    out, known = bytearray(), {}
    for name, base in NAMES:
        needs, table, other, ranges = ask(name)
        known[name] = table
        origin = known.get(base, {})
        # 0x3FFFFF marks what the codec lacks of the other's map.
        changed = {k: v for k, v in table.items() if origin.get(k) != v} | {k: 0x3FFFFF for k in origin if k not in table}
        out += bytes(needs) + pairs(sorted(changed.items())) + pairs(other)
        out += varint(len(ranges))
        for first, last, linear in ranges:
            out += varint(first) + varint(last) + varint(linear)
        print(name, len(table), len(changed), len(other), len(ranges), len(out))
    with open(sys.argv[1], "wb") as file:
        file.write(out)


if __name__ == "__main__":
    main()
