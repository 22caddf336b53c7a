#!/usr/bin/env python3.13
"""Writes tests/python/rebinding_fuzz.py: random expressions that rebind their own operands, with CPython's results.

    python3.13 tools/fuzz/rebinding.py [SEED [COUNT]] > tests/python/rebinding_fuzz.py

Hazard 15: a register that a later part of the same expression overwrites. The programs use walruses, calls that raise,
yields and closures over a few names; the expected results are what the CPython that runs this script gets.
"""
import random
import sys

NAMES = "abc"


def expression(rnd, depth):
    if depth == 0:
        return rnd.choice([*NAMES, *NAMES, str(rnd.randrange(10))])
    sub = lambda: expression(rnd, depth - 1)
    kind = rnd.randrange(16)
    if kind < 4:
        return f"({sub()} {rnd.choice('+-*')} {sub()})"
    if kind < 8:
        return f"({rnd.choice(NAMES)} := {sub()})"
    if kind == 8:
        return f"f({sub()}, {sub()})"
    if kind == 9:
        return f"({sub()} if {sub()} % 2 else {sub()})"
    if kind == 10:
        return f"(({sub()}) and ({sub()}))"
    if kind == 11:
        return f"[{sub()}, {sub()}, {sub()}][{rnd.randrange(3)}]"
    if kind == 12:
        return f"g({sub()}, k={sub()})"
    if kind == 13:
        return f"(({sub()}) < ({sub()}) < ({sub()}))"
    if kind == 14:
        return f"boom({sub()})"
    return f"sum(({sub()}, {sub()}))"


def statement(rnd):
    kind = rnd.randrange(6)
    if kind < 3:
        return f"{rnd.choice(NAMES)} = {expression(rnd, 3)}"
    if kind == 3:
        return f"{rnd.choice(NAMES)} {rnd.choice('+-*')}= {expression(rnd, 2)}"
    if kind == 4:
        x, y = rnd.sample(NAMES, 2)
        return f"{x}, {y} = {expression(rnd, 2)}, {expression(rnd, 2)}"
    return f"d[{expression(rnd, 1)} % 5] = {expression(rnd, 2)}"


PRELUDE = '''
def f(x, y):
    return x * 3 - y


def g(x, *, k):
    return x + 2 * k


def boom(x):
    if x % 7 == 3:
        raise ValueError(x)
    return x + 1


def outcome(program, prefix):
    """Runs the statements inside a function, so that names are registers; says what is left."""
    lines = ["def run():", "    a, b, c, d = 1, 2, 3, {}", "    try:"]
    lines += ["        " + line for line in program]
    lines += ["    except ValueError as exc:", "        return a, b, c, d, 'raised', exc.args", "    return a, b, c, d"]
    if prefix == "generator":
        lines[1:1] = ["    yield 0"]
        lines = [line.replace("return ", "yield ") for line in lines]
    if prefix == "cells":
        lines[2:2] = ["    def keep():", "        return a, b, c"]
    if prefix == "module":
        names = dict(f=f, g=g, boom=boom, a=1, b=2, c=3, d={})
        try:
            exec("\\n".join(program), names)
        except ValueError as exc:
            return tuple(names[n] for n in "abcd") + ("raised", exc.args)
        return tuple(names[n] for n in "abcd")
    names = dict(f=f, g=g, boom=boom)
    exec("\\n".join(lines), names)
    result = names["run"]()
    if prefix == "generator":
        next(result)
        return next(result)
    return result
'''


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 250
    rnd = random.Random(seed)
    names = {}
    exec(PRELUDE, names)
    print('"""Expressions that rebind their own operands. Written by tools/fuzz/rebinding.py; results are CPython\'s."""')
    print(PRELUDE)
    print("\nCASES = [")
    made = 0
    while made < count:
        program = [statement(rnd) for _ in range(rnd.randrange(1, 4))]
        result = names["outcome"](program, "plain")
        if len(repr(result)) < 400:
            print(f"    ({program!r},\n     {result!r}),")
            made += 1
    print("]\n")
    for prefix in ("plain", "cells", "generator", "module"):
        print(f"\ndef test_{prefix}():\n    for program, want in CASES:\n        got = outcome(program, {prefix!r})\n"
              f"        assert got == want, (program, got, want)\n")


main()
