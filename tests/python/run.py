#!/usr/bin/env python3
"""Runs the behaviour tests: plain Python functions with asserts that CPython 3.13 passes too.

    run.py --python target/release/taipan               run all; exits 1 if anything is not as listed
    run.py --python ... closures 'dict*'                only these files
    run.py --python ... --env TAIPAN_GC_STRESS=100      with a setting in the environment; may be repeated
    run.py --python ... --update-failing                write failing.txt anew (then read its diff)

failing.txt lists FILE:TEST for what does not pass yet; one that passes must leave it. Needs Python 3.11 or later.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FAILING = HERE / "failing.txt"
HEADER = "# FILE:TEST of behaviour tests that do not pass yet. Only shrinks: what passes leaves the list.\n"


def defined(path):
    return re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.M)


def run(command, environ, path, timeout):
    """{test: "" or what went wrong} for one file; the number of collections it made stands under None."""
    with tempfile.TemporaryDirectory(prefix="behaviour-") as folder:
        process = subprocess.Popen([*command, str(HERE / "drive.py"), str(path)], env=environ, cwd=folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            out = process.communicate(timeout=timeout)[0]
            ended = f"exit status {process.returncode}"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            out = process.communicate()[0]
            ended = f"no end after {timeout} s"
    results, running, finished = {}, None, False
    lines = out.decode("utf-8", "backslashreplace").splitlines()
    for line in lines:
        kind, _, rest = line.partition(" ")
        name = rest.partition(":")[0]
        if kind == "run":
            running = rest
        elif kind == "ok" and rest == running:
            results[rest], running = "", None
        elif kind == "FAIL" and name in (running, "<module>"):
            results[name], running = rest.partition(": ")[2], None
            if name == "<module>":
                ended = "the file failed: " + rest
        elif kind == "collections" and rest.isdigit():
            results[None] = int(rest)
        elif line == "end":
            finished = True
    names = defined(path)
    if not finished:
        tail = lines[-1] if lines else "no output"
        for name in names:
            if name not in results:
                where = "crashed here" if name == running else "not reached"
                results[name] = f"{where}: {ended}; {tail[:150]}"
    results.pop("<module>", None)
    for name in names:
        results.setdefault(name, "was not run")
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(HERE.parents[1] / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--failing", type=Path, default=FAILING, metavar="FILE", help="another list; /dev/null for none")
    parser.add_argument("--update-failing", action="store_true")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("-v", "--verbose", action="store_true", help="show expected failures too")
    parser.add_argument("files", nargs="*", help="file names without .py, or patterns; default: all")
    options = parser.parse_args()
    # Who is started in the background has SIGINT ignored, and so would be the programs that tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    command = shlex.split(options.python)
    found = shutil.which(command[0])
    if not found:
        sys.exit(f"behaviour: no such interpreter: {command[0]}")
    command[0] = os.path.abspath(found)
    environ = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    environ.update(setting.split("=", 1) for setting in options.env)
    files = sorted(path for path in HERE.glob("*.py") if path.name not in ("run.py", "drive.py"))
    if options.files:
        files = [p for p in files if any(fnmatch.fnmatchcase(p.stem, pattern) for pattern in options.files)]
    failing = set()
    if options.failing.exists():
        failing = {line.partition("#")[0].strip() for line in options.failing.read_text().splitlines()} - {""}

    passed = failed = known = collections = 0
    seen, bad = set(), set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = pool.map(lambda p: run(command, environ, p, options.timeout), files)
        for path, results in zip(files, jobs):
            collections += results.pop(None, 0)
            for name, why in results.items():
                ident = f"{path.stem}:{name}"
                seen.add(ident)
                if why:
                    bad.add(ident)
                if why and (ident in failing or options.update_failing):
                    known += 1
                    if options.verbose:
                        print(f"{ident}: (expected) {why}")
                elif why:
                    failed += 1
                    print(f"{ident}: {why}")
                elif ident in failing and not options.update_failing:
                    failed += 1
                    print(f"{ident}: passes now: remove the line from tests/python/failing.txt")
                else:
                    passed += 1
    if not options.files:
        for ident in sorted(failing - seen):
            if not options.update_failing:
                print(f"failing.txt: there is no test {ident}")
                failed += 1
    if options.update_failing:
        kept = {ident for ident in failing - seen if options.files} | bad
        options.failing.write_text(HEADER + "".join(ident + "\n" for ident in sorted(kept)))
        print(f"tests/python/failing.txt: {len(kept)} tests")
    print(f"behaviour: {known} known failures, {collections} collections")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
