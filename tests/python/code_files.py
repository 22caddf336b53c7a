"""Cached code files, and the modules that lie in the executable: what is used when."""
import importlib.util
import os
import py_compile
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

TAIPAN = sys.implementation.cache_tag.startswith("taipan")
USED = "import mod; print(mod.f())"


@contextmanager
def module(text="x = 1\ndef f(): return x\n"):
    with tempfile.TemporaryDirectory() as d:
        source = Path(d, "mod.py")
        source.write_text(text)
        yield source, Path(importlib.util.cache_from_source(str(source)))


def run(folder, *args, env=(), fails=False):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    p = subprocess.run([sys.executable, *map(str, args)], cwd=folder, capture_output=True, text=True,
                       env=clean | dict(env))
    assert fails == (p.returncode != 0), p.stderr
    return p.stderr.strip().splitlines()[-1] if fails else p.stdout.strip()


def test_a_cache_is_written_and_used():
    with module() as (source, cache):
        assert run(source.parent, "-c", USED) == "1"
        assert cache.is_file() and os.listdir(cache.parent) == [cache.name]
        # Same size and time as what was compiled: the cache counts.
        stat = source.stat()
        source.write_text("x = 3\ndef f(): return x\n")
        os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert run(source.parent, "-c", USED) == "1"
        os.utime(source, (1e9, 1e9))
        assert run(source.parent, "-c", USED) == "3"


def test_a_stale_or_foreign_cache_is_compiled_anew():
    with module() as (source, cache):
        run(source.parent, "-c", USED)
        source.write_text("x = 4444\ndef f(): return x\n")
        assert run(source.parent, "-c", USED) == "4444"
        good = cache.read_bytes()
        for bad in (b"", good[:3], good[:15], b"\xff" + good[1:]):
            cache.write_bytes(bad)
            assert run(source.parent, "-c", USED) == "4444"
            assert cache.read_bytes() == good


def test_a_damaged_cache_is_compiled_anew():
    if not TAIPAN:
        return
    with module() as (source, cache):
        run(source.parent, "-c", USED)
        good = cache.read_bytes()
        for at in (17, 30, len(good) // 2, len(good) - 1):
            flipped = bytearray(good)
            flipped[at] ^= 16
            for bad in (bytes(flipped), good[:at]):
                cache.write_bytes(bad)
                assert run(source.parent, "-c", USED) == "1"
                assert cache.read_bytes() == good


def test_no_cache_is_written_where_it_is_not_wanted_or_not_possible():
    with module() as (source, cache):
        run(source.parent, "-B", "-c", USED)
        run(source.parent, "-c", USED, env={"PYTHONDONTWRITEBYTECODE": "1"})
        assert not cache.parent.exists()
        cache.parent.write_text("in the way")
        assert run(source.parent, "-c", USED) == "1"
        cache.parent.unlink()
        # A disk that takes no more than a few bytes.
        limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); " \
                "resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20)); "
        if sys.platform == "linux":
            assert run(source.parent, "-c", limit + USED) == "1"
            assert not cache.parent.exists() or os.listdir(cache.parent) == []


def test_cache_prefix():
    with module() as (source, cache):
        prefix = source.parent / "elsewhere"
        assert run(source.parent, "-c", USED, env={"PYTHONPYCACHEPREFIX": str(prefix)}) == "1"
        assert not cache.parent.exists()
        assert [p.name for p in prefix.rglob("mod*.pyc")] == [cache.name]
        run(source.parent, "-X", f"pycache_prefix={prefix}2", "-c", USED)
        assert list(Path(f"{prefix}2").rglob("mod*.pyc"))


def test_hash_based_caches():
    with module() as (source, cache):
        for mode, check in ((py_compile.PycInvalidationMode.CHECKED_HASH, True),
                            (py_compile.PycInvalidationMode.UNCHECKED_HASH, False)):
            source.write_text("def f(): return 'old'\n")
            py_compile.compile(str(source), invalidation_mode=mode)
            source.write_text("def f(): return 'new and longer'\n")
            kept = cache.read_bytes()
            for option, checked in (("default", check), ("always", True), ("never", False)):
                cache.write_bytes(kept)
                got = run(source.parent, "--check-hash-based-pycs", option, "-c", USED)
                assert got == ("new and longer" if checked else "old"), (mode, option, got)


def test_code_files_as_programs_and_as_modules_without_source():
    with module("print('ran', __name__)\n") as (source, cache):
        good = Path(py_compile.compile(str(source), cfile=str(source.parent / "other.pyc")))
        assert run(source.parent, good) == "ran __main__"
        assert run(source.parent, "-c", "import other") == "ran other"
        data = good.read_bytes()
        good.write_bytes(data[:40])
        assert run(source.parent, good, fails=True) == "RuntimeError: Bad code object in .pyc file"
        assert run(source.parent, "-c", "import other", fails=True) == "EOFError: marshal data too short"
        good.write_bytes(b"\xee\x0c\r\n" + data[4:])
        assert run(source.parent, good, fails=True) == "RuntimeError: Bad magic number in .pyc file"
        assert run(source.parent, "-c", "import other", fails=True).startswith("ImportError: bad magic number in 'other'")


def test_an_edited_library_module_counts_although_it_is_in_the_executable():
    if not TAIPAN:
        return
    library = Path(os.__spec__.loader_state.filename if os.__spec__.origin == "frozen" else os.__file__).parent
    with tempfile.TemporaryDirectory() as d:
        copy = Path(d, "lib", library.name)
        copy.mkdir(parents=True)
        for name in os.listdir(library):
            if name not in ("stat.py", "os.py", "zipimport.py"):
                (copy / name).symlink_to(library / name)
        # Another time and the same text; another text; one of those that the import system needs itself.
        (copy / "os.py").write_bytes((library / "os.py").read_bytes())
        (copy / "stat.py").write_text((library / "stat.py").read_text() + "\nEDITED = 'yes'\n")
        (copy / "zipimport.py").write_text((library / "zipimport.py").read_text() + "\nEDITED = 'too'\n")
        shown = run(d, "-c", "import stat, zipimport, os; print(stat.EDITED, zipimport.EDITED, os.__spec__.origin)",
                    env={"PYTHONHOME": d})
        assert shown == "yes too frozen", shown
