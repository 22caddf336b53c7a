"""import in all forms, packages made on the fly, caches, hooks."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import os
import sys
import tempfile


class Tree:
    """A temporary folder on sys.path with these files; its modules are forgotten at the end."""

    def __init__(self, **files):
        self.files = files

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.before = set(sys.modules)
        for name, text in self.files.items():
            path = os.path.join(self.dir.name, name.replace("____init__", "/@init").replace("__", "/").replace("@init", "__init__"))
            if not path.endswith(".txt"):
                path += ".py"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        sys.path.insert(0, self.dir.name)
        import importlib
        importlib.invalidate_caches()
        return self.dir.name

    def __exit__(self, *a):
        sys.path.remove(self.dir.name)
        for name in set(sys.modules) - self.before:
            del sys.modules[name]
        self.dir.cleanup()


def test_module_attributes():
    with Tree(mod_a="'doc'\nx = 1\n") as d:
        import mod_a
        assert mod_a.x == 1 and mod_a.__doc__ == "doc" and mod_a.__name__ == "mod_a" and mod_a.__file__ == os.path.join(d, "mod_a.py") and mod_a.__package__ == "" and mod_a.__spec__.name == "mod_a" and mod_a.__loader__ is not None
        assert repr(mod_a) == f"<module 'mod_a' from {mod_a.__file__!r}>" and sys.modules["mod_a"] is mod_a and mod_a.__cached__


def test_forms():
    with Tree(pack____init__="a = 1\n", pack__sub="b = 2\n", pack__deep____init__="", pack__deep__leaf="from .. import a\nfrom ..sub import b\nc = a + b\n"):
        import pack.sub
        assert pack.sub.b == 2
        import pack.deep.leaf as leaf
        assert leaf.c == 3 and leaf.__package__ == "pack.deep"
        from pack import a, sub as s
        from pack.deep import leaf as l2
        assert a == 1 and s is pack.sub and l2 is leaf and pack.__path__


def test_star():
    with Tree(stars="__all__ = ['a', '_b']\na = 1\n_b = 2\nc = 3\n", plain="a = 1\n_b = 2\nc = 3\n"):
        ns = {}
        exec("from stars import *", ns)
        assert ns["a"] == 1 and ns["_b"] == 2 and "c" not in ns
        ns = {}
        exec("from plain import *", ns)
        assert ns["c"] == 3 and "_b" not in ns


def test_executed_once_and_reload():
    import importlib
    with Tree(once="import builtins\nbuiltins._count = getattr(builtins, '_count', 0) + 1\n"):
        import builtins
        import once
        import once as again
        assert builtins._count == 1 and once is again
        importlib.reload(once)
        assert builtins._count == 2
        del builtins._count


def test_errors():
    exc = raises(ModuleNotFoundError, __import__, "no_such_module_x")
    assert str(exc) == "No module named 'no_such_module_x'" and exc.name == "no_such_module_x"
    exc = raises(ModuleNotFoundError, __import__, "math.nope")
    assert str(exc) == "No module named 'math.nope'; 'math' is not a package"
    exc = raises(ImportError, exec, "from math import nope")
    assert str(exc).startswith("cannot import name 'nope' from 'math' (")
    exc = raises(ImportError, exec, "from . import x", {"__name__": "top"})
    assert "attempted relative import with no known parent package" in str(exc)
    raises(ImportError, exec, "from ....x import y", {"__package__": "a.b", "__name__": "a.b.c"})


def test_failing_module_is_removed():
    with Tree(bad="x = 1\n1 / 0\n"):
        raises(ZeroDivisionError, __import__, "bad")
        assert "bad" not in sys.modules


def test_syntax_error_in_module():
    with Tree(broken="x = (\n"):
        exc = raises(SyntaxError, __import__, "broken")
        assert exc.filename.endswith("broken.py") and exc.lineno == 1 and exc.msg == "'(' was never closed"


def test_circular():
    with Tree(circ_a="import circ_b\nx = 1\ndef f(): return circ_b.y\n", circ_b="import circ_a\ny = 2\ndef g(): return circ_a.x\n", circ_c="from circ_d import v\n", circ_d="from circ_c import w\nv = 1\n"):
        import circ_a
        assert circ_a.f() == 2 and circ_a.circ_b.g() == 1
        exc = raises(ImportError, __import__, "circ_c")
        assert "partially initialized module 'circ_c'" in str(exc) and "most likely due to a circular import" in str(exc)


def test_module_getattr_and_dir():
    with Tree(dyn="def __getattr__(name):\n    if name == 'magic': return 42\n    raise AttributeError(name)\n"):
        import dyn
        from dyn import magic
        assert dyn.magic == 42 == magic
        raises(AttributeError, lambda: dyn.nothing)


def test_namespace_package():
    with Tree(nspack__inner="v = 5\n"):
        import nspack.inner
        assert nspack.inner.v == 5 and nspack.__file__ is None if hasattr(nspack, "__file__") else True
        assert list(nspack.__path__)


def test_none_in_sys_modules():
    sys.modules["blocked_module"] = None
    try:
        exc = raises(ModuleNotFoundError, __import__, "blocked_module")
        assert str(exc) == "import of blocked_module halted; None in sys.modules"
    finally:
        del sys.modules["blocked_module"]


def test_bytecode_cache():
    with Tree(cached_mod="x = 1\n") as d:
        old = sys.dont_write_bytecode
        sys.dont_write_bytecode = False
        try:
            import cached_mod
        finally:
            sys.dont_write_bytecode = old
        assert os.path.exists(cached_mod.__cached__) and sys.implementation.cache_tag in cached_mod.__cached__
        del sys.modules["cached_mod"]
        with open(cached_mod.__cached__, "r+b") as f:
            f.seek(0)
            f.write(b"damaged!")
        import cached_mod
        assert cached_mod.x == 1


def test_source_newer_than_cache():
    with Tree(changing="x = 1\n") as d:
        old = sys.dont_write_bytecode
        sys.dont_write_bytecode = False
        try:
            import changing
            del sys.modules["changing"]
            with open(os.path.join(d, "changing.py"), "w") as f:
                f.write("x = 'changed and longer'\n")
            import importlib
            importlib.invalidate_caches()
            import changing
            assert changing.x == "changed and longer"
        finally:
            sys.dont_write_bytecode = old


def test_meta_path_hook():
    import importlib.abc
    import importlib.machinery
    class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name, path, target=None):
            if name == "virtual_module":
                return importlib.machinery.ModuleSpec(name, self)
        def exec_module(self, module):
            module.made = "by hook"
    f = Finder()
    sys.meta_path.insert(0, f)
    try:
        import virtual_module
        assert virtual_module.made == "by hook"
    finally:
        sys.meta_path.remove(f)
        sys.modules.pop("virtual_module", None)


def test_importlib_tools():
    import importlib
    import importlib.util
    assert importlib.import_module("json.decoder").__name__ == "json.decoder" and importlib.util.find_spec("no_such_thing_y") is None and importlib.util.find_spec("json").submodule_search_locations
    with Tree(direct="v = 9\n") as d:
        spec = importlib.util.spec_from_file_location("named", os.path.join(d, "direct.py"))
        m = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(m)
        assert m.v == 9 and m.__name__ == "named"


def test_zip_import():
    import zipfile
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "lib.zip")
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("in_zip.py", "x = 'zipped'\n")
            z.writestr("zpack/__init__.py", "")
            z.writestr("zpack/m.py", "y = 1\n")
        sys.path.insert(0, path)
        try:
            import in_zip
            import zpack.m
            assert in_zip.x == "zipped" and zpack.m.y == 1
        finally:
            sys.path.remove(path)
            for n in ("in_zip", "zpack", "zpack.m"):
                sys.modules.pop(n, None)


def test_future():
    ns = {}
    exec("from __future__ import annotations\ndef f(x: undefined + 1): pass\n", ns)
    assert ns["f"].__annotations__ == {"x": "undefined + 1"}
    raises(SyntaxError, compile, "from __future__ import nope", "s", "exec")


def test_resources_and_metadata():
    import importlib.metadata
    import importlib.resources
    with Tree(respack____init__="", respack__other="") as d:
        with open(os.path.join(d, "respack", "text.txt"), "w") as f:
            f.write("resource")
        import respack
        assert importlib.resources.files(respack).joinpath("text.txt").read_text() == "resource"
    raises(importlib.metadata.PackageNotFoundError, importlib.metadata.version, "no-such-dist-x")


def test_runpy():
    import runpy
    with Tree(runme="name = __name__\n"):
        assert runpy.run_module("runme", run_name="given")["name"] == "given"
