#!/usr/bin/env python3
"""Writes tests/golden/*.txt: programs with what CPython 3.13 says of them. Run it with that very version.

A record: `>>> MODE`, the program's lines behind `|` (`!`: the last one has no newline), the results behind `=`.
"""

import ast
import random
import sys
import warnings
from pathlib import Path

import programs

assert sys.version_info[:2] == (3, 13), "bless with CPython 3.13"
HERE = Path(__file__).parent / "golden"
ONLY_AST, DONT_IMPLY_DEDENT, INCOMPLETE = 0x400, 0x200, 0x4000


def split(text):
    return [part.strip("\n") + "\n" for part in text.split("\n%%\n")]


def show_text(text):
    return "None" if text is None else ascii(text)


def result(mode, source, dump):
    flags, compile_mode = ONLY_AST, mode
    if mode == "incomplete":
        flags, compile_mode = ONLY_AST | DONT_IMPLY_DEDENT | INCOMPLETE, "single"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = compile(source, "<golden-test>", compile_mode, flags, dont_inherit=True)
            lines = [ast.dump(tree, include_attributes=True)] if dump else ["ok"]
        except SyntaxError as e:
            place = f"{e.lineno} {e.offset} {e.end_lineno} {e.end_offset}"
            lines = [f"{type(e).__name__}: {e.msg}", f"{place} {show_text(e.text)}"]
        except Exception as e:
            lines = [f"{type(e).__name__}: {e}"]
    return lines + [f"warning {w.lineno}: {w.message}" for w in caught]


def record(mode, source, lines):
    body, whole = source.split("\n"), source.endswith("\n")
    if whole:
        body.pop()
    marks = ["|"] * len(body)
    if not whole:
        marks[-1] = "!"
    out = [f">>> {mode}"] + [m + b for m, b in zip(marks, body)]
    return "\n".join(out + ["=" + line for line in lines]) + "\n"


def write(name, cases, dump=False):
    with open(HERE / name, "w", encoding="utf-8", newline="\n") as out:
        for mode, source in cases:
            out.write(record(mode, source, result(mode, source, dump)))


def broken(count):
    """Valid programs with a token taken out, put in, doubled or cut off."""
    rng = random.Random(20240613)
    lines = [line for part in split(programs.VALID) for line in part.split("\n") if line.strip()]
    blocks = split(programs.VALID)
    for _ in range(count):
        source = rng.choice(blocks) if rng.random() < 0.3 else rng.choice(lines).strip() + "\n"
        words = source.split(" ")
        for _ in range(rng.choice((1, 1, 2))):
            at, what = rng.randrange(len(words)), rng.random()
            if what < 0.3:
                words[at] = rng.choice(programs.PIECES)
            elif what < 0.7:
                words.insert(at, rng.choice(programs.PIECES))
            elif what < 0.9 and len(words) > 1:
                del words[at]
            else:
                words = words[: at + 1]
        source = " ".join(words)
        if rng.random() < 0.3:
            source = source.rstrip("\n") or "x"
        yield rng.choice(("exec", "exec", "exec", "eval", "single", "incomplete")), source


def main():
    valid, invalid = split(programs.VALID), split(programs.INVALID)
    write("valid.txt", [("exec", s) for s in valid], dump=True)
    modes = ("exec", "eval", "single", "incomplete")
    errors = [(m, s) for s in invalid for m in modes] + [("exec", s.rstrip("\n")) for s in invalid]
    write("errors.txt", errors)
    write("broken.txt", broken(2500))
    expressions = [line for part in valid for line in part.split("\n") if line]
    with open(HERE / "unparse.txt", "w", encoding="utf-8", newline="\n") as out:
        for line in expressions:
            try:
                space = {}
                exec(f"from __future__ import annotations\nclass C:\n  x: ({line})\nr = C.__annotations__['x']", space)
            except SyntaxError:
                continue
            out.write(record("eval", f"({line})\n", [space["r"]]))


if __name__ == "__main__":
    main()
