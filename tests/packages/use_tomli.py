"""tomli: the same answers as the library's tomllib, and its errors."""
import tomllib

import tomli

DOC = '''
title = "TOML é"
[owner]
born = 1979-05-27T07:32:00-08:00
nums = [1, 0x1F, 1_000, 1.5e3, inf, -nan]
[[fruit]]
name = 'apple'
[fruit.physical]
color = "red"
multi = """
one \\
   two"""
[[fruit]]
inline = { a = 1, b.c = [true, {}] }
'''
a, b = tomli.loads(DOC), tomllib.loads(DOC)
nan = a["owner"]["nums"].pop(), b["owner"]["nums"].pop()
assert a == b and all(x != x for x in nan) and a["fruit"][0]["physical"]["multi"] == "one two" and a["fruit"][1]["inline"]["b"]["c"] == [True, {}]
for bad in ("a = ", "a = 1\na = 2", "[a]\n[a]", "x = 'unclosed", "= 1", "a = [1 2]"):
    try:
        tomli.loads(bad)
    except tomli.TOMLDecodeError as exc:
        assert "line" in str(exc) or "end of document" in str(exc)
    else:
        raise SystemExit(f"accepted {bad!r}")
