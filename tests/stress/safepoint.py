#!/usr/bin/env python3
"""How long native code runs between two safepoints: so long it can keep all other threads from stopping.

    safepoint.py --python target/release/taipan [--limit MS] [--jobs N] [--times] [--stacks] [NAME ...]

Runs the operations of safepoint_operations.py with TAIPAN_SAFEPOINT_GAP, which measures every stretch between two
safepoints in the thread's own processor time, whatever else the machine does. Each statement is measured by
itself. It fails over the limit (10 ms) in each of four runs, since memory and processor are shared. Over half the
limit it is reported. Operations of safepoint-failing.txt run only where they are named. --stacks prints where long
stretches end.
"""
import argparse
import ast
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import threading
import time

from safepoint_operations import OPERATIONS

HERE = pathlib.Path(__file__).parent
ATTEMPTS = 4

# Reads (setup, body) a line and answers with the longest stretch of each statement of the body.
WORKER = """
import ast, gc, sys, _taipan_testing
take, out = _taipan_testing.take_longest_gap, sys.stdout
for line in sys.stdin:
    setup, body = ast.literal_eval(line)
    space, steps = {"__name__": "operation"}, []
    try:
        exec(setup, space)
        for node in ast.parse(body).body:
            text = ast.unparse(node)
            code = compile(text, "operation", "exec")
            take()
            exec(code, space)
            steps.append((take(), text))
    except BaseException as e:
        steps = f"{type(e).__name__}: {e}"
    del space
    node = code = None
    gc.collect()
    print(repr(steps), file=out, flush=True)
"""


class Worker:
    """A Taipan that runs operations, one after the other."""

    def __init__(self, python, stacks, patience):
        self.command = [python, "-X", "taipan-test-modules", "-c", WORKER]
        self.env = dict(os.environ, TAIPAN_SAFEPOINT_GAP="5" if stacks else "1")
        self.patience, self.process = patience, None

    def run(self, name):
        """(milliseconds, statement) for each statement, or what went wrong."""
        if self.process is None:
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(self.command, env=self.env, stdin=pipe, stdout=pipe, text=True)
        timer = threading.Timer(self.patience, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(repr(OPERATIONS[name]) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except OSError:
            answer = ""
        timer.cancel()
        if answer:
            return ast.literal_eval(answer)
        status = self.process.wait()
        self.process = None
        return f"the interpreter ended with status {status}, after {self.patience} s at most"

    def end(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


def known_failures():
    lines = (HERE / "safepoint-failing.txt").read_text().splitlines()
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default="target/release/taipan")
    parser.add_argument("--limit", type=float, default=10.0, metavar="MS")
    parser.add_argument("--stacks", action="store_true")
    parser.add_argument("--times", action="store_true", help="tell how long each operation takes")
    parser.add_argument("--patience", type=float, default=120.0, metavar="S", help="the most an operation may take")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    failing = known_failures()
    if unknown := (failing | set(options.names)) - set(OPERATIONS):
        parser.error(f"no such operations: {' '.join(sorted(unknown))}")
    names = options.names or [n for n in OPERATIONS if n not in failing]
    here = threading.local()
    workers = []

    def measure(name):
        """The shortest of the longest stretches by statement, what went wrong, and the seconds it took."""
        if not hasattr(here, "worker"):
            here.worker = Worker(options.python, options.stacks, options.patience)
            workers.append(here.worker)
        began = time.time()
        best = {}
        for _ in range(1 if options.stacks else ATTEMPTS):
            steps = here.worker.run(name)
            if isinstance(steps, str):
                return {}, steps, time.time() - began
            for i, (gap, text) in enumerate(steps):
                best[i, text] = min(gap, best.get((i, text), gap))
            if max(best.values()) <= options.limit:
                break
        return {text: gap for (_, text), gap in best.items()}, "", time.time() - began

    passed = failed = 0
    worst = 0.0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, (gaps, fault, seconds) in zip(names, pool.map(measure, names)):
            longest = max(gaps.values(), default=0.0)
            good = not fault and longest <= options.limit
            passed, failed = passed + good, failed + (not good)
            worst = max(worst, longest)
            if fault:
                print(f"{name:22} {fault}", flush=True)
            for text, gap in gaps.items():
                if gap > options.limit / 2:
                    long = "  TOO LONG" if gap > options.limit else ""
                    print(f"{name:22} {gap:7.2f} ms  {text.replace(chr(10), '; ')[:100]}{long}", flush=True)
            if options.times:
                print(f"{name:22} {seconds:7.2f} s", flush=True)
    for worker in workers:
        worker.end()
    print(f"safepoint: the longest stretch was {worst:.2f} ms")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
