#!/usr/bin/env python3
"""The ratchet over CPython's own tests: every method in expected.txt must still pass.

    run.py --python target/release/taipan             run the files that expected.txt names; exits 1 if a method is lost
    run.py --python ... --update [UNIT ...]           run these files (default: those of expected.txt) and add what passes

differences.txt has the methods of tier core that CPython passes and expected.txt does not hold, each under its reason; a
method that stands in neither is a failure.

Runs tools/conformance; its README explains ids and outcomes. Only files with an expected method are run, two at a time,
each with a time limit. A few lost methods (at most FEW) get a second run of their files, alone: CPython's tests measure time
and send signals, and a loaded machine upsets some. What passes then is printed as UNSTEADY; what is lost twice fails.
"""
import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOL = ROOT / "tools/conformance/conformance.py"
EXPECTED = HERE / "expected.txt"
FEW = 5
LOST = r"^\w+ +(.+?)  \["
DIFFERENCES = HERE / "differences.txt"
BASELINE = ROOT / "tools/conformance/baseline-3135.json.gz"


def unexplained(expected):
    """What is wrong with the two lists: a core method that neither has, or that has no reason."""
    with open(ROOT / "tools/conformance/areas.toml", "rb") as file:
        core = set(tomllib.load(file)["tier"]["core"])
    baseline = json.loads(gzip.decompress(BASELINE.read_bytes()))
    passed = {f"{unit}:{ident}" for unit, result in baseline["files"].items() if unit.partition(".")[0] in core
              for ident, outcome in result["tests"].items() if outcome == "ok"}
    listed, reason, faults = set(), "", []
    for line in DIFFERENCES.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            reason = line[1:].strip()
        elif line in listed:
            faults.append(f"{line} stands twice")
        else:
            listed.add(line)
            if not reason:
                faults.append(f"{line} has no reason")
    held = set(expected)
    faults += [f"{ident} is neither expected nor explained" for ident in sorted(passed - held - listed)]
    for ident in sorted(held & listed):
        print(f"note: {ident} is held: it may leave differences.txt (--update takes it out)")
    faults += [f"{ident}: CPython passes no such method" for ident in sorted(listed - passed)]
    return faults


def forget_differences(expected):
    """Takes what passes now out of the list of differences."""
    held = {line for line in expected if line and not line.startswith("#")}
    lines = DIFFERENCES.read_text(encoding="utf-8").splitlines()
    DIFFERENCES.write_text("".join(f"{line}\n" for line in lines if line not in held), encoding="utf-8")


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
    faults = unexplained(expected)
    if faults and not options.update:
        print("\n".join(f"differences.txt: {fault}" for fault in faults[:40]))
        print(f"0 passed, {len(faults)} failed")
        return 1
    units = options.units or sorted({line.partition(":")[0] for line in expected})
    if not units:
        print("conformance: expected.txt is empty, nothing to hold")
        print("0 passed, 0 failed")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        def run(jobs, units, out):
            command = [sys.executable, str(TOOL), "run", "--python", options.python, "--jobs", str(jobs),
                       "--timeout", str(options.timeout), "--json", out, "--only", *units]
            if options.testlib:
                command[3:3] = ["--testlib", options.testlib]
            return subprocess.run(command, timeout=options.limit, stdout=subprocess.PIPE, text=True)

        try:
            ran = run(options.jobs, units, out)
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
        if options.update:
            forget_differences(EXPECTED.read_text(encoding="utf-8").splitlines())
        lost = re.findall(LOST, ratchet.stdout, re.M)
        unsteady = set()
        if 0 < len(lost) <= FEW and not options.update:
            again, few = os.path.join(folder, "again.json"), os.path.join(folder, "few.txt")
            Path(few).write_text("".join(f"{name}\n" for name in lost), encoding="utf-8")
            run(1, sorted({name.partition(":")[0] for name in lost}), again)
            second = subprocess.run([sys.executable, str(TOOL), "ratchet", again, few], stdout=subprocess.PIPE, text=True)
            unsteady = set(lost) - set(re.findall(LOST, second.stdout, re.M))
            for name in sorted(unsteady):
                print(f"UNSTEADY {name}: lost in the first run, passed in a second")
    found = re.search(r"(\d+) of \d+ expected ids checked: (\d+) no longer pass", ratchet.stdout)
    if not found:
        return 0 if options.update and ratchet.returncode == 0 else 1
    checked, broken = map(int, found.groups())
    broken -= len(unsteady)
    print(f"{checked - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
