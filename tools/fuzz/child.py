"""Makes and runs cases of one target; started by differential.py under both interpreters.

Prints a line a case: number, whether it got past the parser, and a digest of the outcome, or with --show the case and the
outcome themselves. Standard output belongs to these lines: targets that print do it into a buffer.
"""
import hashlib
import importlib.util
import os
import random
import re
import signal
import sys
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))


class Slow(BaseException):
    """The case has run for more than a second."""


def too_slow(number, frame):
    raise Slow


def load(name):
    sys.path.insert(0, os.path.join(HERE, "targets"))
    spec = importlib.util.spec_from_file_location(name + "_target", os.path.join(HERE, "targets", name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain(text):
    """One line without addresses, for both interpreters alike."""
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", text)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\x1f", "\\x1f").replace("\r", "\\r")


def main():
    name, seed, first, count = sys.argv[1], *map(int, sys.argv[2:5])
    show = "--show" in sys.argv
    target = load(name)
    if hasattr(target, "prepare"):
        target.prepare(sys.argv[sys.argv.index("--library") + 1])
    if not count:
        # The reference lists an enumerated target's cases for both.
        for case in target.cases() if hasattr(target, "cases") else ():
            print(repr(case))
        return
    listed = None
    if "--cases" in sys.argv:
        with open(sys.argv[sys.argv.index("--cases") + 1], encoding="utf-8") as file:
            listed = [eval(line) for line in file]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    signal.signal(signal.SIGALRM, too_slow)
    for number in range(first, first + count):
        rnd = random.Random(f"{name}:{seed}:{number}")
        case = listed[number] if listed is not None else target.case(rnd)
        try:
            signal.setitimer(signal.ITIMER_REAL, 5)
            try:
                past, text = target.outcome(case)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except Slow:
            past, text = False, "slow"
        except RecursionError:
            # Where the limit is met depends on the machine's stack.
            past, text = False, "slow"
        except Exception as error:
            past, text = False, f"unforeseen {type(error).__name__}: {error}"
        text = plain(text)
        if show:
            text = plain(repr(case)) + "\x1e" + text
        elif text != "slow":
            text = hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
        out.write(f"{number}\t{past:d}\t{text}\x1f\n")
        out.flush()


main()
