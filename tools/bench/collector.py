#!/usr/bin/env python3
"""What the collector costs: its share of the processor time, and memory, beside another interpreter.

    collector.py --python ../../target/release/taipan --baseline python3.13 [--only NAME ...] [--deltablue FILE]

For each program: processor seconds of all threads, the share of them that collections took (the pauses and the
tracing beside the program, from Taipan's log), and the peak of resident memory. `service` makes and drops cycles
a million times and gives its memory after a tenth and at the end; `given_back` its memory with a large table and
after dropping it. `--deltablue` names pyperformance's run_benchmark.py, whose classes are used as they are.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

PROGRAMS = {
    "json_loads": r'''
import json
flat = json.dumps({f"key {i}": i for i in range(20)} | {"ads_flags": 0, "uuid": None, "name": "x" * 30})
nested = json.dumps({"a": [1, 2, {"b": [True, False, None, 1.5, "text"] * 5}], "c": {"d": {"e": ["f"] * 20}}})
for i in range(40000):
    json.loads(flat), json.loads(nested)
''',
    "json_large": r'''
import json
text = json.dumps([{"id": i, "name": f"item {i}", "tags": ["a", "b", str(i)], "price": i / 7, "on": i % 3 == 0}
                   for i in range(20000)])
for i in range(12):
    data = json.loads(text)
''',
    "binary_trees": r'''
def make(depth): return (make(depth - 1), make(depth - 1)) if depth else (None, None)
def count(t): return 1 + (count(t[0]) + count(t[1]) if t[0] else 0)
long = make(16)
for depth in range(4, 18, 4):
    for i in range(1 << 19 - depth):
        count(make(depth))
count(long)
''',
    "small_containers": r'''
kept = [None] * 1000
for i in range(1000000):
    kept[i % 1000] = {"number": i, "items": [i, i + 1]}
''',
    "service": r'''
class Request:
    def __init__(self, number):
        self.number = number
        self.reply = {"request": self, "lines": [number] * 10}
sizes = []
for i in range(1000000):
    Request(i)
    if i in (100000, 999999):
        sizes.append(resident())
result = {"after": sizes}
''',
    "given_back": r'''
import gc
before = resident()
table = {i: [str(i)] * 4 for i in range(1000000)}
full = resident()
del table
gc.collect()
for i in range(200): time.sleep(0.005)
result = {"with": full, "after": resident()}
''',
}

AROUND = r'''
import json, os, resource, sys, time
def resident():
    with open("/proc/self/statm") as f: return int(f.read().split()[1]) * 4096 / 1e6
result = {}
exec(compile(sys.stdin.read(), "<program>", "exec"))
used = resource.getrusage(resource.RUSAGE_SELF)
result |= {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1e3}
print(json.dumps(result))
'''

DELTABLUE = r'''
import sys, types
sys.path.insert(0, %r)
sys.modules["pyperf"] = types.ModuleType("pyperf")
space = {"__name__": "deltablue"}
exec(compile(open(%r).read(), "deltablue", "exec"), space)
for i in range(20): space["delta_blue"](1000)
'''

TOTALS = re.compile(r"pauses ([\d.]+)(\S+) in all.*?(?:beside the program ([\d.]+)(\S+))?$", re.M)
UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


def run(python, program):
    """The program's own figures, and the seconds that collections took if the interpreter tells."""
    env = os.environ | {"TAIPAN_GC_LOG": "1"}
    done = subprocess.run([*shlex.split(python), "-c", AROUND], input=program, capture_output=True, text=True, env=env)
    if done.returncode:
        sys.exit(f"{python}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    if total := TOTALS.search(done.stderr):
        parts = zip(total.groups()[::2], total.groups()[1::2])
        found["collecting"] = sum(float(n) * UNITS[unit.rstrip(",")] for n, unit in parts if n)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", required=True)
    parser.add_argument("--baseline")
    parser.add_argument("--only", nargs="+", default=None)
    parser.add_argument("--deltablue", type=Path, metavar="FILE")
    options = parser.parse_args()
    programs = dict(PROGRAMS)
    if options.deltablue:
        programs["deltablue"] = DELTABLUE % (str(options.deltablue.parent), str(options.deltablue))
    print(f"{'program':18}{'cpu s':>8}{'share':>8}{'peak MB':>9}   baseline: {'cpu s':>7}{'peak MB':>9}{'bound':>8}")
    for name, program in programs.items():
        if options.only and name not in options.only:
            continue
        mine = run(options.python, program)
        share = f"{mine['collecting'] / mine['cpu']:.1%}" if "collecting" in mine else "-"
        row = f"{name:18}{mine['cpu']:8.2f}{share:>8}{mine['peak']:9.1f}"
        if options.baseline:
            other = run(options.baseline, program)
            row += f"{'':13}{other['cpu']:8.2f}{other['peak']:9.1f}{other['peak'] * 1.3 + 12:8.1f}"
        print(row, flush=True)
        if more := {k: v for k, v in mine.items() if k not in ("cpu", "peak", "collecting")}:
            print("    " + ", ".join(f"{k} {v}" for k, v in more.items()))


if __name__ == "__main__":
    main()
