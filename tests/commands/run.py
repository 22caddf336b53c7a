#!/usr/bin/env python3
"""Compares whole runs of the interpreter (options, bad input, interrupts) with what CPython 3.13.5 does.

    run.py --python target/release/taipan          compare; exits 1 on any difference
    run.py --python ... 'options:*' bad_input:null  only these
    run.py --python ... --update-failing            write failing.txt anew (then read its diff)
    run.py --bless python3.13 ['new:*']             write expected/*.json from CPython 3.13.5

A file cases_NAME.py calls `case` once a run; expected/NAME.json holds exit status, standard output and standard error of
CPython. Folders are written <dir>, <lib> and <python>, addresses 0x... . Needs Python 3.11 or later and nothing else.
"""
import argparse
import concurrent.futures
import difflib
import fnmatch
import json
import os
import re
import resource
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
FAILING = HERE / "failing.txt"
EXPECTED = HERE / "expected"
PRISTINE = Path(os.environ.get("PRISTINE", "~/.cache/taipan/Python-3.13.5/Lib")).expanduser()
HEADER = "# FILE:CASE of runs that are not yet CPython's. Only shrinks: what passes leaves the list.\n"


@dataclass
class Case:
    name: str
    args: tuple
    stdin: bytes | None = b""
    # Added to the environment; None takes a variable out.
    env: dict = field(default_factory=dict)
    # Laid out in the folder that the run starts in: name to content, or to a function that gives it.
    files: dict = field(default_factory=dict)
    # A shell command with $PY in place of args.
    shell: str | None = None
    # SIGINT this many seconds after the program printed its first line.
    interrupt: float | None = None
    # Without root's power over files.
    unprivileged: bool = False
    limits: dict = field(default_factory=dict)
    # What is compared of: status, out, err.
    compare: tuple = ("status", "out", "err")
    # Only the last line of standard error.
    last_line: bool = False
    timeout: float = 60
    # What is right where CPython itself crashes.
    expect: dict | None = None


class Interpreter:
    """A command, and how its own folders show in what it prints."""

    def __init__(self, command, extra_env=None):
        self.command = shlex.split(command)
        found = shutil.which(self.command[0])
        if not found:
            sys.exit(f"commands: no such interpreter: {self.command[0]}")
        self.command[0] = os.path.abspath(found)
        self.environ = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LANG": "C.UTF-8",
                        "PYTHONDONTWRITEBYTECODE": "1", **(extra_env or {})}
        asked = subprocess.run([*self.command, "-c", "import os, sys; print(os.__file__); print(sys.executable); print(sys.version)"],
                               env=self.environ, capture_output=True, text=True).stdout.split("\n")
        self.lib = os.path.dirname(asked[0]) or "/no/lib"
        self.executable = asked[1]
        self.version = asked[2]

    def shown(self, data, folder):
        data = data.replace(folder.encode(), b"<dir>").replace(self.lib.encode(), b"<lib>")
        data = data.replace(str(PRISTINE).encode(), b"<lib>")
        data = re.sub(rb"<frozen (runpy|site|os|posixpath|codecs|io|abc|_collections_abc|genericpath|stat)>",
                      rb"<lib>/\1.py", data)
        data = data.replace(self.version.encode(), b"<version>")
        data = data.replace(self.executable.encode(), b"<python>").replace(self.command[0].encode(), b"<python>")
        data = re.sub(rb"0x[0-9a-fA-F]{6,}", b"0x...", data)
        return data.decode("utf-8", "backslashreplace")

    def run(self, case, timeout_factor=1.0):
        with tempfile.TemporaryDirectory(prefix="commands-") as folder:
            folder = os.path.realpath(folder)
            os.chmod(folder, 0o777)
            for name, content in case.files.items():
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                content = content() if callable(content) else content
                with open(path, "wb") as f:
                    f.write(content.encode() if isinstance(content, str) else content)
            environ = dict(self.environ)
            for name, value in case.env.items():
                if value is None:
                    environ.pop(name, None)
                else:
                    environ[name] = value.replace("<dir>", folder)
            command = [*self.command, *(a.replace("<dir>", folder) if isinstance(a, str) else a for a in case.args)]
            if case.shell:
                environ["PY"] = " ".join(self.command)
                command = ["/bin/sh", "-c", case.shell]

            if case.unprivileged and os.geteuid() == 0:
                command = ["setpriv", "--bounding-set=-all", "--", *command]

            def prepare():
                for name, value in case.limits.items():
                    resource.setrlimit(getattr(resource, name), (value, value))
                signal.signal(signal.SIGINT, signal.SIG_DFL)

            process = subprocess.Popen(command, env=environ, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, start_new_session=True, preexec_fn=prepare)
            first = b""
            try:
                if case.interrupt is not None:
                    first = process.stdout.readline()
                    time.sleep(case.interrupt)
                    process.send_signal(signal.SIGINT)
                held = None
                if case.stdin is None:
                    # Standard input stays open until the end.
                    held, process.stdin = process.stdin, None
                out, err = process.communicate(case.stdin, timeout=case.timeout * timeout_factor)
                status = process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                out, err = process.communicate()
                status = "timeout"
            except BrokenPipeError:
                out, err = process.communicate()
                status = process.returncode
            if case.stdin is None:
                held.close()
            result = {"status": status, "out": self.shown(first + out, folder), "err": self.shown(err, folder)}
            if case.last_line:
                result["err"] = "".join(result["err"].splitlines(True)[-1:])
            return {key: result[key] for key in case.compare}


def load(patterns):
    """{FILE:CASE: Case} of everything that matches."""
    found = {}
    for path in sorted(HERE.glob("cases_*.py")):
        stem = path.stem.removeprefix("cases_")

        def case(name, *args, **how):
            ident = f"{stem}:{name}"
            if ident in found:
                sys.exit(f"commands: two cases {ident}")
            found[ident] = Case(name, args, **how)

        runpy.run_path(str(path), {"case": case})
    if patterns:
        found = {k: v for k, v in found.items() if any(fnmatch.fnmatchcase(k, p) for p in patterns)}
    return found


def expectations():
    found = {}
    for path in EXPECTED.glob("*.json"):
        for name, result in json.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}:{name}"] = result
    return found


def bless(command, cases, everything, jobs):
    extra = {"PYTHONPATH": str(PRISTINE)} if PRISTINE.is_dir() else {}
    interpreter = Interpreter(command, extra)
    every = load([])
    known = {} if everything else {k: v for k, v in expectations().items() if k in every}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for ident, result in zip(cases, pool.map(lambda case: case.expect or interpreter.run(case), cases.values())):
            # Where CPython does not look at signals, Taipan shall all the same.
            if cases[ident].interrupt is not None and result.get("status") == "timeout":
                result.update(status=-signal.SIGINT, err="KeyboardInterrupt\n")
            known[ident] = result
    EXPECTED.mkdir(exist_ok=True)
    files = {}
    for ident, result in sorted(known.items()):
        stem, _, name = ident.partition(":")
        files.setdefault(stem, {})[name] = result
    for stem, results in files.items():
        (EXPECTED / f"{stem}.json").write_text(json.dumps(results, indent=1, ensure_ascii=True) + "\n")
    print(f"{len(cases)} blessed")
    return 0


def difference(want, got):
    for key in want:
        if want[key] == got.get(key):
            continue
        if key == "status":
            print(f"    status: CPython {want[key]}, here {got[key]}")
            continue
        lines = difflib.unified_diff(want[key].splitlines(), got[key].splitlines(), f"CPython {key}", f"here {key}", lineterm="")
        for line in list(lines)[:30]:
            print("    " + line[:300])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(HERE.parents[1] / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--bless", metavar="CMD", help="write the expectations from this CPython 3.13.5")
    parser.add_argument("--failing", type=Path, default=FAILING, metavar="FILE", help="another list; /dev/null for none")
    parser.add_argument("--update-failing", action="store_true")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("-v", "--verbose", action="store_true", help="show differences of expected failures too")
    parser.add_argument("names", nargs="*", help="FILE:CASE patterns; default: all")
    options = parser.parse_args()

    cases = load(options.names)
    if options.bless:
        return bless(options.bless, cases, not options.names, options.jobs)
    expected = expectations()
    failing = set()
    if options.failing.exists():
        failing = {line.partition("#")[0].strip() for line in options.failing.read_text().splitlines()} - {""}
    interpreter = Interpreter(options.python)
    passed = failed = known = 0
    bad = set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for ident, got in zip(cases, pool.map(interpreter.run, cases.values())):
            want = expected.get(ident)
            good = want == got
            if not good:
                bad.add(ident)
            if not good and (ident in failing or options.update_failing):
                known += 1
            elif not good:
                failed += 1
                print(f"{ident}: differs" if want else f"{ident}: no expectation: --bless it")
            elif ident in failing and not options.update_failing:
                failed += 1
                print(f"{ident}: passes now: remove the line from tests/commands/failing.txt")
            else:
                passed += 1
            if not good and want and (ident not in failing or options.verbose):
                difference(want, got)
    if not options.names:
        for ident in sorted(failing - set(cases)):
            if not options.update_failing:
                print(f"failing.txt: there is no case {ident}")
                failed += 1
    if options.update_failing:
        kept = {ident for ident in failing - set(cases) if options.names} | (failing - set(cases) if options.names else set()) | bad
        options.failing.write_text(HEADER + "".join(ident + "\n" for ident in sorted(kept)))
    print(f"commands: {known} known failures")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
