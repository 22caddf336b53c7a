#!/usr/bin/env python3
"""Threads that race over every kind of shared object: no crash, no torn value, no lost item, no deadlock.

    races.py --python target/release/taipan [--seconds 60] [--threads 8] [--env NAME=VALUE] [NAME ...]

The cases are the functions in race_*.py beside this file. Each runs in a process of its own, with an equal share of
the seconds; there its threads go on until the time is up and what must hold is checked all along and at the end. A
process that is still there a minute later has a deadlock: its threads' tracebacks are printed (SIGABRT, faulthandler).
The cases pass under CPython 3.13 too.

`races.py --case NAME SECONDS THREADS` is what the processes run.
"""
import glob
import importlib.util
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Race:
    """The threads of one case and its clock."""

    def __init__(self, seconds, threads):
        self.seconds, self.threads = seconds, threads
        self.over = False
        self.rounds = 0

    def run(self, *works, share=1.0):
        """Calls each work(i, k), k = 0, 1, ..., in threads of its own, all works together in as many as were asked for
        (at least one each), until this part of the case's seconds is over. Raises what a work raised."""
        errors, counts = [], []
        self.over = False
        each = max(1, self.threads // len(works))
        gate = threading.Barrier(each * len(works) + 1)

        def body(work, i):
            k = 0
            gate.wait()
            try:
                while not self.over:
                    work(i, k)
                    k += 1
            except BaseException as error:
                errors.append(error)
                self.over = True
            counts.append(k)

        threads = [threading.Thread(target=body, args=(work, i)) for work in works for i in range(each)]
        for thread in threads:
            thread.start()
        gate.wait()
        end = time.monotonic() + self.seconds * share
        while not self.over and time.monotonic() < end:
            time.sleep(0.01)
        self.over = True
        for thread in threads:
            thread.join()
        self.rounds += sum(counts)
        if errors:
            raise errors[0]
        return each


def cases():
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, "race_*.py"))):
        name = os.path.splitext(os.path.basename(path))[0]
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        for key, value in vars(module).items():
            if key.startswith("race_") and callable(value):
                found[key.removeprefix("race_")] = value
    return found


def one(name, seconds, threads):
    import faulthandler
    faulthandler.enable()
    race = Race(seconds, threads)
    try:
        cases()[name](race)
    finally:
        print("rounds", race.rounds, flush=True)


def main():
    import argparse
    import concurrent.futures
    import fnmatch
    import shlex
    import shutil
    import signal
    import subprocess

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=os.path.join(HERE, "../../target/release/taipan"), metavar="CMD")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--seconds", type=float, default=60, help="of all cases together")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--grace", type=float, default=60, metavar="S", help="after which a case has a deadlock")
    parser.add_argument("--again", action="store_true", help="a case that fails is run once more, and named if it passes then")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("names", nargs="*", help="cases, or patterns; default: all")
    options = parser.parse_args()
    names = list(cases())
    if options.list:
        print(*names, sep="\n")
        return 0
    if options.names:
        names = [n for n in names if any(fnmatch.fnmatchcase(n, p) for p in options.names)]
    else:
        with open(os.path.join(HERE, "races-failing.txt"), encoding="utf-8") as lines:
            failing = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
        names = [n for n in names if n not in failing]
    command = shlex.split(options.python)
    command[0] = os.path.abspath(shutil.which(command[0]) or sys.exit(f"races: no such interpreter: {command[0]}"))
    environ = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    environ.update(setting.split("=", 1) for setting in options.env)
    seconds = options.seconds / len(names)

    def start(name):
        process = subprocess.Popen([*command, os.path.abspath(__file__), "--case", name, str(seconds), str(options.threads)],
                                   env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            out = process.communicate(timeout=seconds + options.grace)[0]
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            try:
                out = process.communicate(timeout=10)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                out = process.communicate()[0]
            status = "no end"
        return status, out.decode("utf-8", "backslashreplace")

    passed = failed = rounds = 0
    # One case at a time: its own threads are more than the processors.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for name, (status, out) in zip(names, pool.map(start, names)):
            words = out.split()
            if options.again and (status != 0 or len(words) != 2):
                print(f"UNSTEADY {name}: status {status}\n    " + out[-3000:].replace("\n", "\n    "), flush=True)
                status, out = start(name)
                words = out.split()
            if status == 0 and len(words) == 2:
                passed += 1
                rounds += int(words[1])
            else:
                failed += 1
                print(f"{name}: status {status}\n    " + out[-3000:].replace("\n", "\n    "), flush=True)
    print(f"races: {len(names)} cases, {options.threads} threads, {options.seconds:g} s, {rounds} rounds")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--case"]:
        one(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(main())
