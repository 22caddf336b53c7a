#!/usr/bin/env python3
"""Compares the signatures of all builtin callables of all native modules with CPython 3.13's.

    signatures.py --reference python3.13 [--python target/release/taipan] [MODULE ...]

Lists what `inspect.signature` gives for each function, type and method (or that it has none) of the native modules
that both have, and names that only one of them has. Exits 1 if anything differs that differences.txt does not name.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

LISTER = r"""
import importlib, inspect, json, sys, types
import importlib.machinery
skip = {'_testcapi', '_testinternalcapi'}
def names():
    found = set(sys.builtin_module_names)
    import os
    for folder in sys.path:
        if folder.endswith('lib-dynload') and os.path.isdir(folder):
            for entry in os.listdir(folder):
                if '.cpython-' in entry and entry.endswith('.so'):
                    found.add(entry.partition('.')[0])
    return sorted(n for n in found if not n.startswith(('_test', '_xx', 'xx', '_ctypes_test')))
def text(v):
    try:
        return str(inspect.signature(v))
    except ValueError:
        return 'none'
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
BUILTIN = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, types.ClassMethodDescriptorType, staticmethod, classmethod)
out = {}
def a_type(t, name):
    out[name] = text(t)
    # What the type has, from wherever: which of its bases defines a method is the machine's matter.
    for key in dir(t):
        v = next((vars(k)[key] for k in t.__mro__ if key in vars(k)), None)
        if v is None or v is vars(object).get(key):
            continue
        if isinstance(v, (staticmethod, classmethod)):
            v = getattr(t, key)
        if isinstance(v, BUILTIN):
            out[name + '.' + key] = text(v)
        elif isinstance(v, (types.GetSetDescriptorType, types.MemberDescriptorType)) and key not in ('__dict__', '__weakref__'):
            out[name + '.' + key] = 'attribute'
    for key in ('__getattribute__', '__setattr__', '__delattr__', '__hash__', '__repr__', '__str__', '__eq__'):
        out.pop(name + '.' + key, None)
for module in json.loads(sys.argv[1]) or names():
    try:
        m = importlib.import_module(module)
    except ImportError:
        continue
    if module == 'sys' :
        sub = sys.monitoring
        for key, v in sorted(vars(sub).items()):
            if callable(v): out['sys.monitoring.' + key] = text(v)
    for key, v in sorted(vars(m).items()):
        name = module + '.' + key
        if isinstance(v, type):
            if '__firstlineno__' not in vars(v):
                a_type(v, name)
        elif isinstance(v, types.BuiltinFunctionType):
            out[name] = text(v)
for t in vars(types).values():
    if isinstance(t, type) and t.__module__ in ('builtins', 'types') and t.__name__ not in vars(importlib.import_module('builtins')):
        a_type(t, 'types.' + t.__name__)
modules = json.loads(sys.argv[1]) or names()
print(json.dumps([modules, out]))
"""


def listing(command, modules):
    words = [*shlex.split(command), "-W", "ignore", "-I", "-c", LISTER, json.dumps(modules)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True, env={**os.environ, "PYTHON_COLORS": "0"})
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / "target/release/taipan"), metavar="CMD")
    parser.add_argument("--reference", default="python3.13", metavar="CMD", help="CPython 3.13.5")
    parser.add_argument("modules", nargs="*")
    options = parser.parse_args()
    theirs_modules, theirs = listing(options.reference, options.modules)
    ours_modules, ours = listing(options.python, options.modules or theirs_modules)
    known = {line.rstrip() for line in (HERE / "signatures.txt").read_text().splitlines() if line[:1] not in "#"}
    same, differ = 0, []
    modules = {name.split(".")[0] for name in ours} | {"types"}
    for name in sorted(theirs.keys() | ours.keys()):
        if name.split(".")[0] not in modules:
            continue
        a, b = ours.get(name, "absent"), theirs.get(name, "absent")
        if a == b:
            same += 1
        elif name not in known:
            differ.append(f"{name}\n    Taipan:  {a}\n    CPython: {b}")
    print("\n".join(differ))
    absent = sorted(m for m in theirs_modules if m not in modules)
    print(f"{same} alike, {len(differ)} differ; modules that only CPython has: {', '.join(absent)}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
