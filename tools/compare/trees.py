#!/usr/bin/env python3
"""Compares the trees of all files of the library with CPython 3.13's: `ast.dump(..., include_attributes=True)`, byte for byte.

    trees.py --reference python3.13 [--python target/release/taipan] [DIR ...]

Both interpreters parse every file below the folders (default: the reference's library with its `test` package); what a
file gives, a dump or an error with its place, is compared by digest. Exits 1 if any differs.
"""
import argparse
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PARSER = r"""
import ast, hashlib, os, sys, warnings
warnings.simplefilter("ignore")
for top in sys.argv[1:]:
    for folder, below, files in os.walk(top):
        below.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not name.endswith(".py"):
                continue
            with open(path, "rb") as file:
                source = file.read()
            try:
                text = ast.dump(ast.parse(source, "file", type_comments=False), include_attributes=True)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                text = type(error).__name__ + repr(error.args)
            print(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16], len(text), path, flush=True)
"""


def digests(command, folders):
    words = [*shlex.split(command), "-c", PARSER, *folders]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
    return {path: digest for digest, _, path in (line.split(" ", 2) for line in lines)}, sum(int(line.split(" ")[1]) for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--reference", default="python3.13", metavar="CMD", help="CPython 3.13.5")
    parser.add_argument("folders", nargs="*", metavar="DIR")
    options = parser.parse_args()
    where = [*shlex.split(options.reference), "-c", "import os; print(os.path.dirname(os.__file__))"]
    folders = options.folders or [subprocess.run(where, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()]
    with ThreadPoolExecutor(2) as pool:
        (ours, size), (theirs, _) = pool.map(lambda command: digests(command, folders), (options.python, options.reference))
    wrong = sorted(path for path in theirs if ours.get(path) != theirs[path])
    print("\n".join(wrong[:50]))
    print(f"{len(theirs)} files, {size} characters of trees, {len(wrong)} differ")
    return 1 if wrong or not theirs else 0


if __name__ == "__main__":
    sys.exit(main())
