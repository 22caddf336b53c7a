"""dis, opcode, and what the library builds on them: properties that hold for any instruction set."""

import contextlib
import dis
import io
import opcode
import os
import sys
import tempfile

TAIPAN = "taipan" in sys.implementation.cache_tag


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def sample(a, b=1, *args, k=None):
    total = 0
    for i in range(10):
        if a > i and b is not None:
            total += i * 2
    try:
        print("hi", total, end="")
        a.b.c(total, *args)
    except (ValueError, OSError) as e:
        raise KeyError(f"{e!r:>{total}}") from e
    with a as z:
        yield z[1:2]
    return lambda: [total for k in args]


def code_objects():
    import argparse
    import typing
    for module in (argparse, typing, dis, contextlib):
        with open(module.__file__, "rb") as f:
            stack = [compile(f.read(), module.__file__, "exec")]
        while stack:
            co = stack.pop()
            yield co
            stack += [c for c in co.co_consts if hasattr(c, "co_code")]


def test_instructions_are_consistent():
    for co in code_objects():
        instructions = list(dis.get_instructions(co))
        starts = {i.start_offset for i in instructions} | {i.offset for i in instructions}
        at = 0
        for i in instructions:
            assert i.start_offset == at or i.opname == "EXTENDED_ARG" or not TAIPAN, i
            at = i.end_offset
            assert i.opname in dis.opmap and dis.opmap[i.opname] == i.opcode and i.baseopname == i.opname, i
            if i.jump_target is not None:
                assert i.opcode in dis.hasjump and i.argval == i.jump_target and i.jump_target in starts, i
                assert i.jump_target in dis.findlabels(co.co_code), i
            if i.opcode in dis.hasname:
                assert i.argval in co.co_names and i.argval in i.argrepr, i
            if i.opcode in dis.hasconst:
                assert any(i.argval is c for c in co.co_consts) and repr(i.argval) in i.argrepr, i
        assert at == len(co.co_code)
        lines = [i.line_number for i in instructions if i.starts_line]
        assert lines == [line for _, line in dis.findlinestarts(co)]
        assert {i.positions.lineno for i in instructions} - {None} <= {line for _, _, line in co.co_lines()}


def test_every_listing_is_printed():
    for number, co in enumerate(code_objects()):
        out = io.StringIO()
        dis.disassemble(co, file=out, show_caches=number % 2 == 0, adaptive=number % 3 == 0, show_offsets=True)
        text = out.getvalue()
        assert "RESUME" in text
        targets = [line for line in text.splitlines() if " to L" in line and "'" not in line]
        for line in targets:
            label = "L" + line.rpartition(" to L")[2].split(")")[0].split()[0]
            assert label + ":" in text or label + " " in text, line


def test_functions_names_and_labels():
    text = dis.Bytecode(sample).dis()
    for wanted in ("total", "range", "'hi'", "ValueError", "args", "ExceptionTable:", "L1:", "lasti", " -> L"):
        assert wanted in text, wanted
    names = [i.argval for i in dis.get_instructions(sample) if i.opname in ("LOAD_GLOBAL", "LOAD_ATTR")]
    assert {"range", "print", "b", "c", "ValueError", "KeyError"} <= set(names), names
    out = io.StringIO()
    dis.dis(sample, file=out)
    assert "Disassembly of <code object <lambda>" in out.getvalue()
    out = io.StringIO()
    dis.dis(sample, file=out, depth=0)
    assert "Disassembly" not in out.getvalue()


def test_methods_and_caches():
    def f(x):
        return x.append(x.size)
    names = [i.argval for i in dis.get_instructions(f) if i.opname == "LOAD_ATTR"]
    assert names == ["append", "size"]
    caches = [i for i in dis.get_instructions(f) if i.cache_info]
    assert caches and all(len(i.cache_info[0]) == 3 for i in caches)
    out = io.StringIO()
    dis.dis(f, file=out, show_caches=True)
    assert "CACHE" in out.getvalue()
    out = io.StringIO()
    dis.dis(f, file=out)
    assert "CACHE" not in out.getvalue()


def test_what_can_be_disassembled():
    class C:
        def m(self): return 1
        @classmethod
        def k(cls): return 2
        @staticmethod
        def s(): return 3
    out = io.StringIO()
    dis.dis(C, file=out)
    assert [n for n in ("m", "k", "s") if f"Disassembly of {n}:" in out.getvalue()] == ["m", "k", "s"]

    async def co(): pass
    async def ag(): yield
    c = co()
    for x in (C().m, sample, sample(1), c, ag(), "1 + a", "x = 1", co.__code__):
        out = io.StringIO()
        dis.dis(x, file=out)
        assert "RESUME" in out.getvalue(), x
    c.close()
    out = io.StringIO()
    dis.dis(sample.__code__.co_code, file=out)
    assert "RESUME" in out.getvalue()
    assert str(raises(TypeError, dis.dis, 1)) == "don't know how to disassemble int objects"
    assert str(raises(TypeError, dis.Bytecode, None)) == "don't know how to disassemble NoneType objects"


def test_traceback_marks_the_instruction():
    def f():
        1 / 0
    try:
        f()
    except ZeroDivisionError as e:
        tb = e.__traceback__
    out = io.StringIO()
    dis.distb(tb, file=out)
    text = dis.Bytecode.from_traceback(tb).dis()
    marked = [line for line in text.splitlines() if "-->" in line]
    assert len(marked) == 1 and ("TRUEDIV" in marked[0] or "BINARY_OP" in marked[0]), text
    assert "-->" in out.getvalue()
    bytecode = dis.Bytecode(f, first_line=100)
    assert bytecode.first_line == 100 and [i.line_number for i in bytecode if i.starts_line][:2] == [100, 101]
    assert repr(bytecode) == f"Bytecode({f!r})"


def test_code_info():
    text = dis.code_info(sample)
    for line in ("Name:              sample", "Argument count:    2", "Kw-only arguments: 1", "Variable names:",
                 "   0: a", "Cell variables:"):
        assert line in text.splitlines(), line
    assert "Flags:             OPTIMIZED, NEWLOCALS, VARARGS, GENERATOR" in text
    assert dis.pretty_flags(0) == "0x0" and dis.pretty_flags(1 | 1 << 20) == "OPTIMIZED, 0x100000"
    out = io.StringIO()
    dis.show_code("x", file=out)
    assert out.getvalue() == dis.code_info("x") + "\n"


def test_opcode_tables():
    assert all(opcode.opname[n] == name for name, n in opcode.opmap.items())
    for name in ("RESUME", "LOAD_CONST", "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "IMPORT_NAME", "CALL",
                 "EXTENDED_ARG", "COMPARE_OP", "STORE_FAST", "RETURN_VALUE"):
        assert name in opcode.opmap, name
    assert opcode.opmap["LOAD_CONST"] in opcode.hasconst and opcode.opmap["LOAD_GLOBAL"] in opcode.hasname
    assert set(opcode.hasjump) <= set(opcode.hasarg)
    assert isinstance(opcode.stack_effect(opcode.opmap["NOP"]), int)
    raises(ValueError, opcode.stack_effect, 30000)
    import _opcode
    for n in (-1, 512, 30000):
        assert not _opcode.is_valid(n) and not _opcode.has_arg(n)


def test_modulefinder():
    import modulefinder
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.py")
        with open(path, "w") as f:
            f.write("import keyword, base64 as b\ntry:\n    from bisect import (bisect, insort)\n"
                    "except ImportError:\n    pass\ndef f():\n    import heapq\nspam = 1\n")
        finder = modulefinder.ModuleFinder(path=[folder, os.path.dirname(os.__file__)])
        finder.run_script(path)
        assert {"keyword", "base64", "bisect", "heapq"} <= set(finder.modules)
        assert "spam" in finder.modules["__main__"].globalnames
    co = compile("import a.b\nfrom ..c import d, e as f\nfrom g import *", "f", "exec")
    assert list(dis._find_imports(co)) == [("a.b", 0, None), ("c", 2, ("d", "e")), ("g", 0, ("*",))]
    assert set(dis._find_store_names(co)) == {"a", "d", "f"}


def test_closure_variables():
    import inspect
    x = 1
    def f(a):
        return len(a), x, sample, a.unbound, a.method(), missing
    found = inspect.getclosurevars(f)
    assert found.nonlocals == {"x": 1} and found.globals == {"sample": sample} and found.builtins == {"len": len}
    assert found.unbound == {"unbound", "method", "missing"}


def test_command_line():
    import subprocess
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.py")
        with open(path, "w") as f:
            f.write("def f(x):\n    return x.y\n")
        for args in ([], ["-C"], ["-O"], ["--show-caches", "--show-offsets"]):
            done = subprocess.run([sys.executable, "-m", "dis", *args, path], capture_output=True, text=True)
            assert done.returncode == 0 and "Disassembly of <code object f" in done.stdout, done
        done = subprocess.run([sys.executable, "-m", "dis"], input="a = 1", capture_output=True, text=True)
        assert done.returncode == 0 and "RESUME" in done.stdout and "STORE_NAME" in done.stdout, done


def test_bytes_that_are_no_code():
    if not TAIPAN:
        return
    import random
    random.seed(5)
    for size in range(60):
        out = io.StringIO()
        data = random.randbytes(size)
        dis.dis(data, file=out, show_caches=True)
        assert len(out.getvalue().splitlines()) <= size // 4
        dis.findlabels(data)
    for co in code_objects():
        data = bytearray(co.co_code)
        for _ in range(10):
            data[random.randrange(len(data))] = random.randrange(256)
        dis.dis(bytes(data), file=io.StringIO())
