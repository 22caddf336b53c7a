"""Nanoseconds of each everyday operation of `decimal`, for one interpreter; compare two by hand.

    python3.13 tools/bench/micro/decimal_ops.py
    target/release/taipan tools/bench/micro/decimal_ops.py
"""
import time
from decimal import Decimal, getcontext, localcontext

NAMES = dict(
    D=Decimal, a=Decimal("1.25"), b=Decimal("3.7"), u=Decimal("123456.789"), cent=Decimal("0.01"),
    x=Decimal(1) / Decimal(3), y=Decimal(2).sqrt(), get=getcontext)
OPERATIONS = [
    "a + b", "u - a", "a * b", "a / b", "x + y", "x * y", "x / y", "u % b", "a * 7", "-a", "a < b",
    "a == b", "u.quantize(cent)", "D('123.45')", "D(12345)", "str(u)", "hash(u)", "int(u)", "float(u)",
    "format(u, '.2f')", "u.sqrt()", "a.exp()", "u.ln()", "u.log10()", "a ** b", "a ** 5", "get()"]


def measure(function, count):
    best = None
    for _ in range(5):
        start = time.process_time()
        function(count)
        took = (time.process_time() - start) / count
        best = took if best is None else min(best, took)
    return best * 1e9


def digits_of_pi(count):
    """The example of decimal's documentation, at a thousand digits."""
    for _ in range(count):
        with localcontext() as c:
            c.prec = 1000
            t, s, n, na, d, da = Decimal(3), 3, 1, 0, 0, 24
            last = 0
            while s != last:
                last = s
                n, na = n + na, na + 8
                d, da = d + da, da + 32
                t = (t * n) / d
                s += t


def long_numbers(count):
    for _ in range(count):
        with localcontext() as c:
            c.prec = 20000
            p, q = Decimal(2).sqrt(), Decimal(3).sqrt()
            for _ in range(10):
                p * q
            p / q


if __name__ == "__main__":
    for operation in OPERATIONS:
        space = dict(NAMES)
        exec(f"def function(n):\n for _ in range(n): {operation}", space)
        count = 2000 if "(" in operation or "**" in operation else 20000
        print(f"{operation:20} {measure(space['function'], count):12.1f}")
    for program in (digits_of_pi, long_numbers):
        print(f"{program.__name__:20} {measure(program, 1):12.1f}")
