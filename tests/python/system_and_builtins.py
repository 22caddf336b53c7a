"""sys, builtins, atexit, platform, sysconfig, site: the facts that programs read."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import sys


def test_version_facts():
    assert sys.version_info[:2] == (3, 13) and sys.version_info.releaselevel == "final" and sys.version.startswith("3.13.") and sys.hexversion >> 16 == 0x030D and sys.implementation.name == "cpython" and sys.implementation.version[:2] == (3, 13) and sys.byteorder == "little" and sys.maxsize == 2**63 - 1 and sys.maxunicode == 0x10FFFF and sys.platform == "linux" and sys.api_version == 1013


def test_platform():
    import platform
    assert platform.python_implementation() == "CPython" and platform.python_version().startswith("3.13") and platform.system() == "Linux" and platform.machine() and platform.python_build()[0] is not None and platform.python_compiler()


def test_info_structs():
    assert sys.float_info.max == 1.7976931348623157e308 and sys.float_info.dig == 15 and sys.int_info.bits_per_digit == 30 and sys.hash_info.modulus == 2**61 - 1 and sys.hash_info.inf == 314159 and sys.flags.optimize == 0 and sys.float_repr_style == "short" and sys.thread_info.name == "pthread" and sys.int_info.default_max_str_digits == 4300


def test_paths_and_argv():
    assert isinstance(sys.argv, list) and sys.executable and sys.prefix and sys.base_prefix and sys.exec_prefix and any("python3.13" in p for p in sys.path) and sys.path_hooks and sys.meta_path and "sys" in sys.builtin_module_names and "json" in sys.stdlib_module_names and "math" in sys.stdlib_module_names
    import sysconfig
    assert sysconfig.get_python_version() == "3.13" and sysconfig.get_path("purelib") and sysconfig.get_config_var("EXT_SUFFIX").endswith(".so") and "venv" in sysconfig.get_scheme_names() and sysconfig.get_platform() == "linux-x86_64"


def test_modules_and_functions():
    assert sys.modules["sys"] is sys and sys.getrecursionlimit() >= 1000 and sys.getsizeof([]) > 0 and sys.getsizeof(1) > 0 and sys.getrefcount(object()) >= 1 and sys.getdefaultencoding() == "utf-8" and sys.getfilesystemencoding() == "utf-8" and sys.getfilesystemencodeerrors() == "surrogateescape" and sys.intern("a") == "a" and sys.is_finalizing() is False and sys.getswitchinterval() > 0 and sys.call_tracing and sys.audit("taipan.test") is None and isinstance(sys._is_gil_enabled(), bool) and sys._current_frames() and sys.getallocatedblocks() >= 0 and sys.get_int_max_str_digits() == 4300
    raises(TypeError, sys.intern, 5)
    raises(TypeError, sys.setswitchinterval, "x")


def test_hooks():
    seen = []
    old = sys.displayhook
    sys.displayhook = seen.append
    try:
        sys.displayhook(5)
    finally:
        sys.displayhook = old
    assert seen == [5] and callable(sys.__displayhook__) and callable(sys.__excepthook__) and callable(sys.breakpointhook)
    called = []
    sys.breakpointhook, old = (lambda *a: called.append(a)), sys.breakpointhook
    try:
        breakpoint(1)
    finally:
        sys.breakpointhook = old
    assert called == [(1,)]


def test_audit_hook_sees_events():
    seen = []
    active = [True]
    sys.addaudithook(lambda e, a: active and seen.append(e) if e in ("compile", "taipan.event") else None)
    sys.audit("taipan.event", 1)
    compile("1", "s", "eval")
    active.clear()
    assert "taipan.event" in seen and "compile" in seen


def test_all_builtins_are_there():
    import builtins
    names = "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception ExceptionGroup False FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError True TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError __build_class__ __debug__ __doc__ __import__ __loader__ __name__ __package__ __spec__ abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash hex id input int isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip"
    missing = [n for n in names.split() if not hasattr(builtins, n)]
    assert not missing, missing


def test_type_surface():
    want = {
        list: "append clear copy count extend index insert pop remove reverse sort", dict: "clear copy fromkeys get items keys pop popitem setdefault update values",
        set: "add clear copy difference difference_update discard intersection intersection_update isdisjoint issubset issuperset pop remove symmetric_difference symmetric_difference_update union update",
        str: "capitalize casefold center count encode endswith expandtabs find format format_map index isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill",
        bytes: "capitalize center count decode endswith expandtabs find fromhex hex index isalnum isalpha isascii isdigit islower isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill",
        int: "as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer numerator real to_bytes", float: "as_integer_ratio conjugate fromhex hex imag is_integer real", complex: "conjugate from_number imag real" if hasattr(complex, "from_number") else "conjugate imag real",
        tuple: "count index", range: "count index start step stop", slice: "indices start step stop", bytearray: "append clear copy extend insert pop remove reverse", memoryview: "c_contiguous cast contiguous f_contiguous format hex itemsize nbytes ndim obj readonly release shape strides suboffsets tobytes tolist toreadonly",
        property: "deleter fdel fget fset getter setter", BaseException: "add_note args with_traceback", type: "mro",
    }
    for kind, names in want.items():
        public = {n for n in dir(kind) if not n.startswith("_")}
        assert set(names.split()) <= public, (kind, set(names.split()) - public)


def test_text_signatures_and_docs():
    assert len.__text_signature__ == "($module, obj, /)" and len.__doc__ and str.join.__doc__ and len.__name__ == "len" and len.__module__ == "builtins" and str.join.__qualname__ == "str.join" and repr(len) == "<built-in function len>" and repr(str.join) == "<method 'join' of 'str' objects>" and repr(int.__add__) == "<slot wrapper '__add__' of 'int' objects>" and repr(int) == "<class 'int'>"


def test_input_and_stdin():
    import io
    old_in, old_out = sys.stdin, sys.stdout
    sys.stdin, sys.stdout = io.StringIO("typed\n"), io.StringIO()
    try:
        assert input("prompt") == "typed"
        raises(EOFError, input)
        out = sys.stdout.getvalue()
    finally:
        sys.stdin, sys.stdout = old_in, old_out
    assert out.startswith("prompt")


def test_atexit():
    import atexit, subprocess
    r = subprocess.run([sys.executable, "-c", "import atexit\natexit.register(print, 'last')\natexit.register(print, 'first')\nf = lambda: print('no')\natexit.register(f)\natexit.unregister(f)\nprint('body')"], capture_output=True, text=True)
    assert r.stdout == "body\nfirst\nlast\n"


def test_output_is_flushed_at_exit():
    import os, subprocess, tempfile
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "f")
        r = subprocess.run([sys.executable, "-c", f"f = open({p!r}, 'w')\nf.write('never closed')\nimport sys\nsys.stdout.write('no newline')"], capture_output=True, text=True)
        assert r.stdout == "no newline" and open(p).read() == "never closed"


def test_id_and_is():
    a, b = object(), object()
    assert a is a and a is not b and id(a) != id(b) and id(a) == id(a) and None is None and () is ()


def test_monitoring():
    m = sys.monitoring
    m.use_tool_id(3, "test")
    seen = []
    try:
        m.register_callback(3, m.events.PY_START, lambda code, off: seen.append(code.co_name))
        m.set_events(3, m.events.PY_START)
        def watched(): pass
        watched()
        m.set_events(3, 0)
    finally:
        m.free_tool_id(3)
    assert "watched" in seen
