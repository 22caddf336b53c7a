#!/usr/bin/env python3
"""Compares what failing programs print with what CPython 3.13.5 prints, byte for byte.

    run.py --python target/release/taipan          compare; exits 1 on any difference
    run.py --python ... 'caret_*' recursion_simple  only these
    run.py --python ... --update-failing            write failing.txt anew (then read its diff)
    run.py --bless python3.13 ['new_*']             write the .err files from CPython 3.13.5

Every program in errors/ has a file NAME.err: the exit status on its first line, then standard error. Folders are
written <dir> and <lib>, addresses 0x... , reference counts (Taipan has none) as dots. failing.txt names the programs whose output differs for now: one that passes
must leave the list. Needs Python 3.11 or later and nothing else.
"""
import argparse
import concurrent.futures
import difflib
import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ERRORS = HERE / "errors"
FAILING = HERE / "failing.txt"
PRISTINE = Path("~/.cache/taipan/Python-3.13.5/Lib").expanduser()
HEADER = "# Programs in errors/ whose output is not yet CPython's. Only shrinks: a program that passes leaves the list.\n"


class Interpreter:
    """A command, and how its own folders show in what it prints."""

    def __init__(self, command, extra_env=None):
        self.command = shlex.split(command)
        found = shutil.which(self.command[0])
        if not found:
            sys.exit(f"golden: no such interpreter: {self.command[0]}")
        self.command[0] = os.path.abspath(found)
        self.environ = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LANG": "C.UTF-8",
                        "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", **(extra_env or {})}
        asked = subprocess.run([*self.command, "-c", "import traceback; print(traceback.__file__)"],
                               env=self.environ, capture_output=True, text=True)
        self.lib = os.path.dirname(asked.stdout.strip()) or "/no/lib"

    def run(self, program, timeout):
        with tempfile.TemporaryDirectory(prefix="golden-") as folder:
            # Its own folder: what a program leaves behind must not meet another.
            target = os.path.join(folder, program.name)
            shutil.copyfile(program, target)
            flags = []
            first = program.read_bytes().split(b"\n", 1)[0]
            if first.startswith(b"# flags: "):
                flags = shlex.split(first[9:].decode())
            try:
                done = subprocess.run([*self.command, *flags, target], env=self.environ, cwd=folder, timeout=timeout,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            except subprocess.TimeoutExpired:
                return b"exit: timeout\n"
            text = done.stderr.replace(folder.encode(), b"<dir>").replace(self.lib.encode(), b"<lib>")
            text = re.sub(rb"0x[0-9a-f]{6,}", b"0x...", text)
            text = re.sub(rb"(?m)^(object refcount : )\d+$", rb"\1...", text)
            return b"exit: %d\n" % done.returncode + text


def read_failing(path):
    if not path.exists():
        return set()
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return {line for line in lines if line}


def show_difference(want, got):
    lines = difflib.unified_diff(want.decode("utf-8", "backslashreplace").splitlines(),
                                 got.decode("utf-8", "backslashreplace").splitlines(), "CPython", "here", lineterm="")
    for line in list(lines)[:40]:
        print("    " + line)


def bless(command, programs, jobs):
    # Debian's build carries patched library files; the pristine ones come first.
    extra = {"PYTHONPATH": str(PRISTINE)} if PRISTINE.is_dir() else {}
    interpreter = Interpreter(command, extra)
    quiet = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for program, text in zip(programs, pool.map(lambda p: interpreter.run(p, 60), programs)):
            if text in (b"exit: 0\n", b"exit: timeout\n"):
                print(f"{program.stem}: {text.decode().strip()}, nothing printed")
                quiet += 1
            program.with_suffix(".err").write_bytes(text)
    print(f"{len(programs)} blessed")
    return quiet > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(HERE.parents[1] / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--bless", metavar="CMD", help="write the expectations from this CPython 3.13.5")
    parser.add_argument("--failing", type=Path, default=FAILING, metavar="FILE", help="another list; /dev/null for none")
    parser.add_argument("--update-failing", action="store_true")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--timeout", type=float, default=20)
    parser.add_argument("-v", "--verbose", action="store_true", help="show differences of expected failures too")
    parser.add_argument("names", nargs="*", help="patterns; default: all")
    options = parser.parse_args()

    programs = sorted(ERRORS.glob("*.py"))
    if options.names:
        programs = [p for p in programs if any(fnmatch.fnmatchcase(p.stem, name) for name in options.names)]
    if options.bless:
        return bless(options.bless, programs, options.jobs)

    interpreter = Interpreter(options.python)
    failing = read_failing(options.failing)
    passed = failed = known = 0
    now_failing = set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for program, got in zip(programs, pool.map(lambda p: interpreter.run(p, options.timeout), programs)):
            name = program.stem
            want = program.with_suffix(".err").read_bytes()
            if got == want:
                passed += 1
                if name in failing and not options.update_failing:
                    failed += 1
                    passed -= 1
                    print(f"{name}: passes now: remove the line from tests/golden/failing.txt")
                continue
            now_failing.add(name)
            if name in failing or options.update_failing:
                known += 1
                if options.verbose:
                    print(f"{name}: (expected)")
                    show_difference(want, got)
            else:
                failed += 1
                print(f"{name}: differs from CPython")
                show_difference(want, got)
    for name in sorted(failing - {p.stem for p in ERRORS.glob("*.py")}):
        print(f"failing.txt: there is no program {name}")
        failed += 1
    if options.update_failing:
        looked_at = {p.stem for p in programs}
        names = sorted((failing - looked_at) | now_failing)
        options.failing.write_text(HEADER + "".join(name + "\n" for name in names))
        print(f"tests/golden/failing.txt: {len(names)} programs")
    print(f"golden: {known} known differences")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
