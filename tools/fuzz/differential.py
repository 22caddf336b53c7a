#!/usr/bin/env python3
"""Gives the same cases to Taipan and to CPython 3.13 and compares what comes out.

    differential.py --reference python3.13                        every target, 1,000 cases each
    differential.py --reference python3.13 syntax re --count 100000 --seed 7
    differential.py --reference python3.13 syntax --case 4711     one case, what both make of it
    differential.py --list

A target is a file in targets/: `case(rnd)` makes a case of a random number generator (or `cases()` lists all there
are), `outcome(case)` says whether it got past the parser and what came of it. Both interpreters make the cases
themselves, from the seed and the case's number, and print a digest a case; where the digests differ the case is run
again and shown, one of each kind of difference. A case that ends the process is a difference of the kind `crash`, one
that both give up after a second is not compared. Exits 1 if anything differs.
"""
import argparse
import collections
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHUNK = 5000


def command(interpreter, target, seed, first, count, show, library):
    words = [*shlex.split(interpreter), "-W", "ignore", str(HERE / "child.py"), target, str(seed), str(first), str(count)]
    return words + ["--library", library] + (["--show"] if show else []) + (["--cases", LISTED] if LISTED else [])


LISTED = None


def environ():
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHON_COLORS": "0"}


def run_chunk(interpreter, options, target, first, count, show=False, crashes=None):
    """The lines of `count` cases by number; a process that dies is started again behind the case that ended it."""
    lines = {}
    end = first + count
    while first < end:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            process = subprocess.run(command(interpreter, target, options.seed, first, end - first, show, options.library),
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
                                     env=environ(), timeout=options.limit)
        done = first - 1
        for line in process.stdout.decode("utf-8", "replace").split("\n"):
            if line.endswith("\x1f"):
                number, past, text = line[:-1].split("\t", 2)
                done = int(number)
                lines[done] = (past, text)
        if process.returncode == 0:
            break
        if done + 1 < end:
            tail = process.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
            lines[done + 1] = ("0", f"crash: status {process.returncode}: {' / '.join(tail)}")
            if crashes is not None:
                crashes.append(done + 1)
        first = done + 2
    return lines


def both(options, target, first, count, show=False):
    """Runs subject and reference side by side."""
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run_chunk, interpreter, options, target, first, count, show)
                for interpreter in (options.python, options.reference)]
        return [job.result() for job in jobs]


def list_cases(options, target):
    """How many cases an enumerated target has; they lie in a file then, for both interpreters."""
    global LISTED
    LISTED = None
    listing = subprocess.run(command(options.reference, target, options.seed, 0, 0, False, options.library), stdout=subprocess.PIPE,
                             env=environ()).stdout
    if listing:
        LISTED = os.path.join(options.folder, target + ".cases")
        Path(LISTED).write_bytes(listing)
    return listing.count(b"\n")


def kind_of(ours, theirs):
    """What two outcomes have in common with others of the same fault: their texts without names and numbers."""
    blur = lambda text: re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "_", text)[:160]
    if len(ours) > 200 or len(theirs) > 200:
        at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
        ours, theirs = ours[max(0, at - 30):at + 30], theirs[max(0, at - 30):at + 30]
    return blur(ours), blur(theirs)


def run_target(options, target):
    ran = past = differing = slow = 0
    kinds = collections.defaultdict(list)
    start = time.monotonic()
    first = options.first
    total = options.count
    known = list_cases(options, target)
    if known:
        total = min(total, known - first) if options.count_given else known - first
    end = first + total
    while first < end and time.monotonic() - start < options.seconds:
        count = min(CHUNK, end - first)
        ours, theirs = both(options, target, first, count)
        wrong = []
        for number in range(first, first + count):
            a, b = ours.get(number, ("0", "lost")), theirs.get(number, ("0", "lost"))
            ran += 1
            past += b[0] == "1"
            if "slow" in (a[1], b[1]):
                slow += 1
            elif a != b:
                wrong.append(number)
        differing += len(wrong)
        again = both(options, target, first, count, show=True) if wrong else ()
        for number in wrong:
            shown = [side.get(number, ("0", "lost"))[1] for side in again]
            if shown[0] == shown[1] and "crash" not in ours.get(number, ("", ""))[1]:
                kinds[("differs only after the cases before it", "")].append((number, *shown))
            else:
                kinds[kind_of(*(text.partition("\x1e")[2] for text in shown))].append((number, *shown))
        first += count
    for (_, examples) in sorted(kinds.items(), key=lambda item: -len(item[1]))[:options.kinds]:
        print(f"--- {target}: {len(examples)} cases like {examples[0][0]}")
        for number, subject, reference in examples[:options.examples]:
            case, _, there = reference.partition("\x1e")
            here = subject.partition("\x1e")[2]
            print(f"case {number}: {case[:options.width]}")
            at = next((i for i, (a, b) in enumerate(zip(here, there)) if a != b), min(len(here), len(there)))
            at = max(0, at - options.width // 3)
            print(f"  subject:   {here[at:at + options.width]}")
            print(f"  reference: {there[at:at + options.width]}")
    share = 100 * past // max(1, ran)
    print(f"{target}: {ran} cases, {share} % past the parser, {slow} too slow to compare, {differing} differ, "
          f"seed {options.seed}, {time.monotonic() - start:.0f} s", flush=True)
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--reference", default="python3.13", metavar="CMD", help="CPython 3.13.5")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first case")
    parser.add_argument("--count", type=int, metavar="N", help="cases of each target (default: 1000; all of an enumerated one)")
    parser.add_argument("--seconds", type=float, default=1e9, metavar="S", help="begin nothing more after so long a target")
    parser.add_argument("--limit", type=int, default=1800, metavar="S", help="for one chunk of cases")
    parser.add_argument("--examples", type=int, default=1, metavar="N", help="examples shown of a kind (default: 1)")
    parser.add_argument("--kinds", type=int, default=15, metavar="N", help="kinds of differences shown (default: 15)")
    parser.add_argument("--width", type=int, default=300, metavar="N", help="characters shown of each text (default: 300)")
    parser.add_argument("--case", type=int, metavar="N", help="show this case")
    parser.add_argument("--library", metavar="DIR", help="sources to damage (default: the reference's library)")
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    options.count_given = options.count is not None
    options.count = options.count or 1000
    names = sorted(path.stem for path in (HERE / "targets").glob("*.py") if not path.stem.startswith("_"))
    if options.list:
        print("\n".join(names))
        return 0
    if not options.library:
        options.library = subprocess.run([*shlex.split(options.reference), "-c", "import os; print(os.path.dirname(os.__file__))"],
                                         stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    for side in ("python", "reference"):
        words = shlex.split(getattr(options, side))
        if os.path.exists(words[0]):
            words[0] = os.path.abspath(words[0])
        setattr(options, side, shlex.join(words))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as options.folder:
        return run(options, names)


def run(options, names):
    if options.case is not None:
        for target in options.targets:
            list_cases(options, target)
            for name, side in zip(("subject", "reference"), both(options, target, options.case, 1, show=True)):
                case, _, text = side[options.case][1].partition("\x1e")
                print(f"{name}: {text}\n")
            print(eval(case) if case[:1] in "'\"" else case)
        return 0
    differing = sum([run_target(options, target) for target in options.targets or names])
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
