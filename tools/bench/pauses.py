#!/usr/bin/env python3
"""How long a program is stopped by the collector: ten million live objects, a thread that allocates as
fast as it can, and a thread that watches the clock.

    pauses.py --python ../../target/release/taipan --baseline python3.13t [--objects N] [--seconds S]

For each interpreter: the gaps that the watching thread saw between two of its steps, as a histogram, the
objects that the other thread made in a second, and the peak memory. Of Taipan also its collector's own log: how
long each stop took from the request until a thread went on again. On a machine with other work the system's
scheduler makes gaps too; a run that collects nothing (`--quiet`) shows how long those are.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

PROGRAM = r'''
import gc, json, resource, sys, threading, time

objects, seconds, quiet = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "quiet"

class Node:
    __slots__ = ("number", "items")
    def __init__(self, number, items):
        self.number = number
        self.items = items

started = time.perf_counter()
live = [Node(i, [i]) for i in range(objects // 2)]
built = time.perf_counter() - started
gc.collect()
stop = False
made = 0
buckets = [0] * 40
longest = 0.0

def allocate():
    global made
    ring = [None] * 1000
    n = 0
    while not stop:
        ring[n % 1000] = [(n, n), {"n": n}]
        n += 1
    made = n

def busy():
    n = 0
    while not stop:
        n = (n + 1) % 1000

def watch():
    global longest
    clock = time.perf_counter
    last = clock()
    most = 0.0
    while not stop:
        now = clock()
        gap = now - last
        last = now
        if gap > 0.0001:
            buckets[int(gap * 1e6).bit_length()] += 1
            if gap > most:
                most = gap
    longest = most

print("begin", file=sys.stderr, flush=True)
threads = [threading.Thread(target=f) for f in (busy if quiet else allocate, watch)]
for t in threads:
    t.start()
time.sleep(seconds)
stop = True
for t in threads:
    t.join()
print("end", file=sys.stderr, flush=True)
assert len(live) == objects // 2 and live[objects // 4].items == [objects // 4]
print(json.dumps({"built": built, "made": made / seconds, "longest": longest, "buckets": buckets,
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
import os
sys.stdout.flush()
os._exit(0)
'''
UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


def seconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(\D+)", text).groups()
    return float(number) * UNITS[unit]


def histogram(values):
    """Counts of durations below 2, 4, 8, ... microseconds."""
    buckets = [0] * 40
    for v in values:
        buckets[int(v * 1e6).bit_length()] += 1
    return buckets


def show(title, buckets):
    print(f"  {title}:")
    total = sum(buckets) or 1
    for bits, n in enumerate(buckets):
        if n:
            print(f"    < {(1 << bits) / 1000:9.3f} ms {n:8} {'#' * max(1, round(50 * n / total))}")


def measure(command, options):
    env = {**os.environ, "TAIPAN_GC_LOG": "1", "PYTHON_GIL": "0"}
    mode = "quiet" if options.quiet else "allocate"
    with tempfile.TemporaryFile("w+") as errors:
        # Not a pipe: whoever reads it would take a core at every stop.
        ran = subprocess.run([*shlex.split(command), "-c", PROGRAM, str(options.objects), str(options.seconds), mode],
                             stdout=subprocess.PIPE, stderr=errors, text=True, env=env)
        errors.seek(0)
        stderr = errors.read()
    if ran.returncode:
        sys.exit(f"{command} failed:\n{stderr[-2000:]}")
    said = json.loads(ran.stdout)
    print(f"{command}: {options.objects:,} objects built in {said['built']:.2f} s, "
          f"{said['made']:,.0f} steps a second beside them, peak {said['peak']:.0f} MB")
    show(f"gaps of more than 0.1 ms seen by a third thread, the longest {said['longest'] * 1000:.2f} ms",
         said["buckets"])
    log = stderr.partition("begin\n")[2].partition("end\n")[0]
    pauses = [(seconds(stop), seconds(pause))
              for stop, pause in re.findall(r"stop (\S+),.* pause (\S+);", log)]
    if pauses:
        for title, values in (("until all threads stood still", [s for s, _ in pauses]),
                              ("collections, all standing still", [p for _, p in pauses]),
                              ("whole stops, from the request to the restart", [s + p for s, p in pauses])):
            values.sort()
            show(f"{title}: {len(values)}, 99.9 % within {values[int(len(values) * 0.999)] * 1000:.3f} ms, "
                 f"the longest {values[-1] * 1000:.3f} ms", histogram(values))
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default="taipan", metavar="CMD")
    parser.add_argument("--baseline", metavar="CMD", help="another interpreter to set beside it")
    parser.add_argument("--objects", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--quiet", action="store_true", help="compute where it would allocate")
    options = parser.parse_args()
    for command in filter(None, (options.python, options.baseline)):
        measure(command, options)


if __name__ == "__main__":
    main()
