#!/usr/bin/env python3
"""Unmodified packages from the registry do real work: one program use_NAME.py for each.

    run.py --python target/release/taipan              run all; exits 1 on a failure that failing.txt does not list
    run.py --python python3.13 --failing /dev/null     the same under CPython

The wheels of packages.txt are fetched once with pip into ~/.cache/taipan/packages, checked, and unpacked on a path.
"""
import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "taipan/packages"


def wanted():
    lines = (line.partition("#")[0].split() for line in (HERE / "packages.txt").read_text().splitlines())
    return [tuple(line) for line in lines if line]


def unpack():
    """The folder with all packages; fetches what is not there."""
    wheels, site = CACHE / "wheels", CACHE / "site"
    wheels.mkdir(parents=True, exist_ok=True)
    digests = lambda: {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in wheels.glob("*.whl")}
    here = digests()
    missing = [name for name, digest in wanted() if digest not in here]
    if missing:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                        "--only-binary=:all:", "--platform", "any", "--implementation", "py", "--abi", "none",
                        "--python-version", "3.13", "-d", str(wheels), *missing], check=True)
        here = digests()
    stamp = "\n".join(digest for _, digest in wanted())
    if (site / "stamp").exists() and (site / "stamp").read_text() == stamp:
        return site
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    for name, digest in wanted():
        if digest not in here:
            sys.exit(f"packages: the registry's wheel of {name} is not the one in packages.txt")
        with zipfile.ZipFile(here[digest]) as wheel:
            wheel.extractall(site)
    (site / "stamp").write_text(stamp)
    return site


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(HERE.parents[1] / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--failing", type=Path, default=HERE / "failing.txt", metavar="FILE")
    parser.add_argument("--timeout", type=float, default=120)
    options = parser.parse_args()
    command = shlex.split(options.python)
    command[0] = os.path.abspath(shutil.which(command[0]) or sys.exit(f"packages: no such interpreter: {command[0]}"))
    pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0
    if not pip and not os.environ.get("CI"):
        print("packages: not run: python3 has no pip (Debian's package python3-pip)")
        print("0 passed, 0 failed")
        return 0
    try:
        site = unpack()
    except (subprocess.CalledProcessError, OSError) as exc:
        print(f"packages: cannot be had: {exc}")
        print("0 passed, 1 failed")
        return 1
    failing = {line.partition("#")[0].strip() for line in options.failing.read_text().splitlines()} - {""}
    environ = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    passed = failed = 0
    for program in sorted(HERE.glob("use_*.py")):
        name = program.stem.removeprefix("use_")
        try:
            done = subprocess.run([*command, str(program)], env=environ, timeout=options.timeout, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
            good, text = done.returncode == 0, done.stdout
        except subprocess.TimeoutExpired:
            good, text = False, f"no end after {options.timeout} s"
        if good and name in failing:
            print(f"{name}: passes now: remove the line from tests/packages/failing.txt")
            failed += 1
        elif good:
            passed += 1
        elif name in failing:
            print(f"{name}: known failure")
        else:
            failed += 1
            print(f"{name}: fails\n" + "\n".join("    " + line for line in text.splitlines()[-20:]))
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
