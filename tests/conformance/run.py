#!/usr/bin/env python3
"""The ratchet over CPython's own tests: every method in expected.txt must still pass.

    run.py --python target/release/taipan             run the files that expected.txt names; exits 1 if a method is lost
    run.py --python ... --update [UNIT ...]           run these files (default: those of expected.txt) and add what passes

Runs tools/conformance; its README explains ids and outcomes. Only files with an expected method are run, two at a time,
each with a time limit.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOL = ROOT / "tools/conformance/conformance.py"
EXPECTED = HERE / "expected.txt"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--testlib", metavar="DIR", help="a directory that contains CPython 3.13.5's test/")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=60, metavar="S", help="for one file (default: 60)")
    parser.add_argument("--limit", type=int, default=1200, metavar="S", help="for all of it (default: 1200)")
    parser.add_argument("--update", action="store_true", help="add what passes to expected.txt")
    parser.add_argument("units", nargs="*")
    options = parser.parse_args()

    lines = EXPECTED.read_text(encoding="utf-8").splitlines()
    expected = [line for line in lines if line and not line.startswith("#")]
    units = options.units or sorted({line.partition(":")[0] for line in expected})
    if not units:
        print("conformance: expected.txt is empty, nothing to hold")
        print("0 passed, 0 failed")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        command = [sys.executable, str(TOOL), "run", "--python", options.python, "--jobs", str(options.jobs),
                   "--timeout", str(options.timeout), "--json", out, "--only", *units]
        if options.testlib:
            command[3:3] = ["--testlib", options.testlib]
        try:
            ran = subprocess.run(command, timeout=options.limit, stdout=subprocess.PIPE, text=True)
        except subprocess.TimeoutExpired:
            print(f"conformance: not done after {options.limit} s")
            print(f"0 passed, {len(expected)} failed")
            return 1
        print("\n".join(ran.stdout.splitlines()[-30:]))
        if not os.path.exists(out):
            print(f"0 passed, {max(1, len(expected))} failed")
            return 1
        command = [sys.executable, str(TOOL), "ratchet", out, str(EXPECTED)] + ["--update"] * options.update
        ratchet = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(ratchet.stdout, end="")
    found = re.search(r"(\d+) of \d+ expected ids checked: (\d+) no longer pass", ratchet.stdout)
    if not found:
        return 0 if options.update and ratchet.returncode == 0 else 1
    checked, broken = map(int, found.groups())
    print(f"{checked - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
