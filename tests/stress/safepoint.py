#!/usr/bin/env python3
"""How long native code keeps all threads from stopping, measured from outside.

    safepoint.py --python target/release/taipan [--limit MS] [NAME ...]

Each operation runs in one thread while another asks for collections, which stop all; TAIPAN_GC_LOG tells the longest wait.
An operation fails over the limit (10 ms; on a machine that does other work too the scheduler alone takes some). What is
listed in KNOWN does not meet it yet: it has a larger limit of its own, and the reason.
"""
import argparse
import os
import re
import subprocess
import sys

# Name to (what is set up, what is repeated).
OPERATIONS = {
    "int_mul": ("x = 3 ** 600000", "x * x"),
    "int_pow": ("", "3 ** 400000"),
    "int_divmod": ("x = 3 ** 400000; y = 7 ** 100000", "x // y"),
    "int_str": ("import sys; sys.set_int_max_str_digits(0); x = 3 ** 200000", "str(x)"),
    "int_parse": ("import sys; sys.set_int_max_str_digits(0); s = '7' * 100000", "int(s)"),
    "pow_mod": ("p = (1 << 9689) - 1", "pow(3, p - 1, p)"),
    "factorial": ("import math", "math.factorial(20000)"),
    "sum": ("", "sum(range(3000000))"),
    "sum_floats": ("x = [0.5] * 2000000", "sum(x)"),
    "fsum": ("import math; x = [0.1] * 2000000", "math.fsum(x)"),
    "sorted": ("import random; x = [random.random() for _ in range(300000)]", "sorted(x)"),
    "sorted_str": ("import random; x = [str(random.random()) for _ in range(100000)]", "sorted(x)"),
    "list_in": ("x = [1.5] * 5000000", "2.5 in x"),
    "list_repeat": ("", "[0] * 10000000"),
    "list_copy": ("x = [0] * 10000000", "x[:]"),
    "list_reverse": ("x = [0] * 10000000", "x.reverse()"),
    "list_eq": ("x = [0] * 3000000; y = [0] * 3000000", "x == y"),
    "list_extend": ("", "[].extend(range(3000000))"),
    "min_max": ("x = list(range(2000000))", "max(x)"),
    "dict_build": ("", "dict.fromkeys(range(500000))"),
    "dict_copy": ("d = dict.fromkeys(range(1000000))", "dict(d)"),
    "dict_eq": ("d = dict.fromkeys(range(500000)); e = dict(d)", "d == e"),
    "set_build": ("x = list(range(500000))", "set(x)"),
    "set_and": ("a = set(range(500000)); b = set(range(250000, 750000))", "a & b"),
    "str_join": ("x = ['ab'] * 2000000", "''.join(x)"),
    "str_replace": ("s = 'ab' * 3000000", "s.replace('a', 'xyz')"),
    "str_find": ("s = 'a' * 20000000", "s.find('ab')"),
    "str_split": ("s = 'ab ' * 1000000", "s.split()"),
    "str_upper": ("s = 'ab' * 10000000", "s.upper()"),
    "str_encode": ("s = '\\u20ac' * 10000000", "s.encode()"),
    "str_decode": ("b = '\\u20ac'.encode() * 5000000", "b.decode()"),
    "str_eq": ("s = 'a' * 50000000; t = s[1:] + 'a'", "s == t"),
    "str_repeat": ("", "'ab' * 30000000"),
    "bytes_repeat": ("", "b'ab' * 30000000"),
    "bytes_translate": ("b = bytes(30000000); t = bytes(256)", "b.translate(t)"),
    "bytes_count": ("b = bytes(50000000)", "b.count(1)"),
    "bytes_hex": ("b = bytes(10000000)", "b.hex()"),
    "bytearray_insert": ("b = bytearray(30000000)", "b.insert(0, 1)"),
    "regex": ("import re; s = 'a' * 30", "re.match('(a+)+$', s[:22] + 'b')"),
    "regex_findall": ("import re; s = 'ab ' * 500000", "re.findall('a', s)"),
    "regex_sub": ("import re; s = 'ab ' * 300000", "re.sub('a', 'x', s)"),
    "zlib": ("import zlib, os; x = os.urandom(2000000)", "zlib.compress(x)"),
    "zlib_crc": ("import zlib; x = bytes(100000000)", "zlib.crc32(x)"),
    "sha": ("import hashlib; x = bytes(20000000)", "hashlib.sha256(x).digest()"),
    "json_dumps": ("import json; x = [[i, str(i)] for i in range(100000)]", "json.dumps(x)"),
    "json_loads": ("import json; x = json.dumps([[i, str(i)] for i in range(100000)])", "json.loads(x)"),
    "marshal": ("import marshal; x = [[i, str(i)] for i in range(200000)]", "marshal.loads(marshal.dumps(x))"),
    "base64": ("import base64; x = bytes(20000000)", "base64.b64encode(x)"),
    "struct": ("import struct; x = bytes(8000000)", "struct.unpack('1000000q', x)"),
    "array": ("import array; x = array.array('d', bytes(16000000))", "x.tolist()"),
    "compile": ("s = 'x = [1, 2]\\n' * 20000", "compile(s, 'f', 'exec')"),
    "deque": ("import collections; d = collections.deque(range(1000000))", "d.rotate(400000)"),
    "product": ("import itertools, collections", "collections.deque(itertools.product(range(60), repeat=4), maxlen=0)"),
    "normalize": ("import unicodedata; s = '\\u1e9b\\u0323' * 300000", "unicodedata.normalize('NFKD', s)"),
    "csv": ("import csv; x = ['a,b,c'] * 200000", "list(csv.reader(x))"),
    "memoryview": ("m = memoryview(bytes(30000000)); n = memoryview(bytes(30000000))", "m == n"),
    "memory_tolist": ("m = memoryview(bytes(8000000))", "m.tolist()"),
    "read_file": ("", "open('/dev/zero', 'rb').read(100000000)"),
    "random": ("import random", "random.randbytes(10000000)"),
    "copy": ("import copy; x = [[i] for i in range(50000)]", "copy.deepcopy(x)"),
}
PROGRAM = """
import gc, threading, time
{setup}
stop = time.monotonic() + {seconds}
def work():
    while time.monotonic() < stop:
        {body}
t = threading.Thread(target=work); t.start()
while t.is_alive():
    gc.collect(); time.sleep(0.003)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default="target/release/taipan")
    parser.add_argument("--limit", type=float, default=10.0, metavar="MS")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--known", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "safepoint-known.txt"))
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    known = set()
    if os.path.exists(options.known):
        known = {line.partition("#")[0].strip() for line in open(options.known)} - {""}
    passed = failed = expected = 0
    for name in options.names or OPERATIONS:
        setup, body = OPERATIONS[name]
        program = PROGRAM.format(setup=setup, body=body, seconds=options.seconds)
        best = None
        # The scheduler may be at fault: the best of three counts.
        for _ in range(3):
            r = subprocess.run([options.python, "-c", program], env=dict(os.environ, TAIPAN_GC_LOG="1"), capture_output=True, text=True)
            found = re.search(r"to stop at most ([\d.]+)(ns|µs|us|ms|s)\b", r.stderr.splitlines()[-1] if r.stderr else "")
            if r.returncode or not found:
                print(f"{name}: status {r.returncode}; {r.stderr[-200:]}")
                best = float("inf")
                break
            value = float(found[1]) * {"ns": 1e-6, "µs": 1e-3, "us": 1e-3, "ms": 1, "s": 1e3}[found[2]]
            best = value if best is None else min(best, value)
            if best <= options.limit:
                break
        if best <= options.limit:
            passed += 1
        elif name in known:
            expected += 1
        else:
            failed += 1
        print(f"{name:20} {best:9.2f} ms{'' if best <= options.limit else '  (known)' if name in known else '  TOO LONG'}", flush=True)
    print(f"safepoint: {expected} known to be longer")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
