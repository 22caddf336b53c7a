"""Calls of every builtin function, and of every method of builtin types, with arguments that mostly do not fit: class and text of the error."""
import builtins
import collections
import functools
import io
import itertools
import re
import types


def objects():
    return {
        "int": 5, "bool": True, "float": 1.5, "complex": 1j, "str": "abc", "bytes": b"abc", "bytearray": bytearray(b"abc"), "list": [1, 2, 3], "tuple": (1, 2, 3),
        "dict": {"a": 1}, "set": {1, 2}, "frozenset": frozenset((1, 2)), "range": range(5), "slice": slice(1, 2, 3), "memoryview": memoryview(b"abc"), "NoneType": None,
        "type": int, "object": object(), "dict_keys": {"a": 1}.keys(), "dict_items": {"a": 1}.items(), "generator": (i for i in [1]), "function": (lambda a, b=2: a),
        "method": [].append, "property": property(lambda s: 1), "exception": ValueError("x"), "group": ExceptionGroup("g", [ValueError(1)]),
        "deque": collections.deque([1, 2]), "defaultdict": collections.defaultdict(int), "OrderedDict": collections.OrderedDict(a=1), "count": itertools.count(),
        "partial": functools.partial(int), "StringIO": io.StringIO("x"), "BytesIO": io.BytesIO(b"x"), "pattern": re.compile("a"), "match": re.match("a", "a"),
        "mappingproxy": types.MappingProxyType({}), "namespace": types.SimpleNamespace(a=1), "module": types.ModuleType("m"), "enumerate": enumerate([1]),
        "zip": zip([1]), "map": map(int, [1]), "filter": filter(None, [1]), "reversed": reversed([1]), "super": super(int, 5), "classmethod": classmethod(len),
        "staticmethod": staticmethod(len), "ellipsis": ..., "cell": types.CellType(1), "alias": list[int], "union": int | str,
    }


ARGUMENTS = [
    "", "1", "1,2", "1,2,3", "1,2,3,4,5,6,7", "None", "'a'", "'a','b'", "b'a'", "[]", "{}", "object", "1.5", "-1", "2**100", "()", "x=1", "1,x=1", "*[]", "'a',1", "1,'a'",
    "None,None", "'a','b','c'", "b'a',1", "[1],[2]", "int", "lambda:0", "slice(0,1)", "key=1", "sep=1", "'a',key=None,bad=3", "1j", "*1", "**1", "**{1:2}", "'a',*1", "x=1,**{'x':2}",
]
# Waits, ends the process, writes to the terminal, or tells of the machine.
SKIPPED = {"input", "breakpoint", "exit", "quit", "help", "copyright", "credits", "license", "open", "print", "exec"}
OWN = {"__class__", "__subclasshook__", "__init_subclass__", "__reduce_ex__", "__dir__", "__doc__", "__subclasses__", "__sizeof__", "__hash__", "__reduce__", "__code__", "__getstate__"}
HUGE = {"__lshift__", "__pow__", "__rpow__", "__rlshift__", "__mul__", "__rmul__", "__imul__", "pow", "bytes", "bytearray"}


def cases():
    for name in sorted(dir(builtins)):
        if name not in SKIPPED and not name.startswith("__") and callable(getattr(builtins, name)):
            for arguments in ARGUMENTS:
                if not ("2**100" in arguments and name in HUGE):
                    yield "", name, arguments
    for kind, found in sorted(objects().items()):
        for name in sorted(dir(type(found) if kind != "type" else type)):
            if name in OWN or kind == "count" and name == "__contains__":
                continue
            for arguments in ARGUMENTS:
                if not ("2**100" in arguments and name in HUGE):
                    yield kind, name, arguments


def outcome(case):
    kind, name, arguments = case
    namespace = {"o": objects().get(kind) if kind else builtins, "__builtins__": builtins}
    try:
        value = eval(f"o.{name}({arguments})", namespace)
    except Exception as error:
        return True, f"{type(error).__name__}: {error}"
    return True, "gives " + type(value).__name__
