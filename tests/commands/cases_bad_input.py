"""Bad input: the same message and exit status as CPython, nothing lost, no panic."""
import textwrap


def script(name, source, *args, **how):
    if isinstance(source, str):
        source = textwrap.dedent(source)
    how.setdefault("files", {})
    how["files"] = {"script.py": source, **how["files"]}
    case(name, "script.py", *args, **how)


# Source that is no text.
script("undecodable", b"x = 1\ny = '\xff'\n")
script("undecodable_first_line", b"\xff\n")
script("undecodable_comment", b"# \xe9t\xe9\nprint('never')\n")
script("undecodable_cut_off", b"print('a')\n'\xe2\x82")
script("undecodable_declared", b"# coding: ascii\nx = '\xc3\xa9'\n")
script("unknown_encoding", b"# coding: no-such-codec\nx = 1\n")
script("bom_and_other_encoding", b"\xef\xbb\xbf# coding: latin-1\nx = 1\n")
script("bom", b"\xef\xbb\xbfprint('fine')\n")
script("latin1", b"# coding: latin-1\nprint(ascii('\xe9'))\n")
script("utf16", "print('no')\n".encode("utf-16"))
script("null_byte", b"x = 1\0\n")
script("null_byte_later", b"print('first')\nx = 1\ny = 'a\0b'\n")
script("null_first", b"\0\0\0\0")
script("empty", b"")
script("no_newline", b"print('fine')")
script("carriage_returns", b"print('a')\rprint('b')\r\nprint('c')\n")
script("form_feed", b"\x0cprint('a')\n")
script("control_z", b"print('a')\n\x1aprint('b')\n")
script("backspace", b"print('a')\n\x08\n")
case("null_command_module", "-c", "import ast; ast.parse('a\\0b')")
case("null_exec", "-c", "exec('a\\0b')")
case("null_compile_bytes", "-c", "compile(b'a\\0b', 'f', 'exec')")
case("stdin_undecodable", stdin=b"x = '\xff'\n")
case("stdin_null", stdin=b"print(1)\nx = '\0'\n")
case("stdin_dash_undecodable", "-", "arg", stdin=b"\xff\n")
case("import_undecodable", "-c", "import damaged", files={"damaged.py": b"'\xff'\n"})
case("import_null", "-c", "import damaged", files={"damaged.py": b"x = 1\0\n"})

# Code files.
case("pyc_empty", "x.pyc", files={"x.pyc": b""})
case("pyc_short", "x.pyc", files={"x.pyc": b"abc"})
case("pyc_zeros", "x.pyc", files={"x.pyc": b"\0" * 64})
case("pyc_noise", "x.pyc", files={"x.pyc": b"\xff" * 100})
case("pyc_foreign", "x.pyc", files={"x.pyc": b"\xa7\x0d\r\n" + b"\0" * 12 + b"\xe3" + b"\0" * 40})
OWN = "import importlib.util, sys; sys.stdout.flush(); data = open(sys.argv[1], 'rb').read()"
case("pyc_truncated", shell="""$PY -c "
import py_compile; py_compile.compile('s.py', 's.pyc')
d = open('s.pyc', 'rb').read(); open('t.pyc', 'wb').write(d[:int(len(d) * 0.6)])"
$PY t.pyc""", files={"s.py": "print('compiled')\n" * 20}, last_line=True)
case("pyc_header_only", shell="""$PY -c "
import importlib.util; open('t.pyc', 'wb').write(importlib.util.MAGIC_NUMBER + bytes(12))"
$PY t.pyc""")
case("pyc_no_code", shell="""$PY -c "
import importlib.util, marshal; open('t.pyc', 'wb').write(importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(42))"
$PY t.pyc""")
case("pyc_good", shell="""$PY -c "import py_compile; py_compile.compile('s.py', 's.pyc')"
rm s.py; $PY s.pyc a b""", files={"s.py": "import sys\nprint('compiled', __file__, sys.argv[1:])\n"})
case("pyc_import_truncated", shell="""$PY -B -c "
import py_compile; p = py_compile.compile('mod.py')
d = open(p, 'rb').read(); open(p, 'wb').write(d[:40])"
$PY -c "import mod; print(mod.x)" """, files={"mod.py": "x = 5\n"}, last_line=True,
     # CPython raises EOFError; a damaged cache file is recompiled here (docs/differences.md).
     expect={"status": 0, "out": "5\n", "err": ""})
case("pyc_import_garbage", shell="""$PY -B -c "
import py_compile; p = py_compile.compile('mod.py')
open(p, 'wb').write(b'garbage')"
$PY -c "import mod; print(mod.x)" """, files={"mod.py": "x = 5\n"})
case("pyc_sourceless_garbage", "-c", "import mod", files={"mod.pyc": b"garbage that is no code file"})
case("pyc_hash_checked", shell="""$PY -c "
import py_compile as p; p.compile('mod.py', invalidation_mode=p.PycInvalidationMode.CHECKED_HASH)"
echo 'x = 6' > mod.py; $PY -c "import mod; print(mod.x)"
$PY --check-hash-based-pycs never -c "import mod; print(mod.x)"
""", files={"mod.py": "x = 5\n"})
case("pyc_hash_unchecked", shell="""$PY -c "
import py_compile as p; p.compile('mod.py', invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)"
echo 'x = 6' > mod.py; $PY -c "import mod; print(mod.x)"
$PY --check-hash-based-pycs always -c "import mod; print(mod.x)"
""", files={"mod.py": "x = 5\n"})

# Files that cannot be run.
case("missing_file", "no_such_file.py")
case("missing_file_absolute", "/no/such/file.py")
case("unreadable", shell="chmod 000 script.py; exec $PY script.py", files={"script.py": "print(1)"}, unprivileged=True,
     compare=("status", "err"))
case("unreadable_folder", shell="mkdir d; chmod 000 d; $PY d; s=$?; chmod 700 d; exit $s", unprivileged=True)
case("directory_without_main", shell="mkdir d; exec $PY d")
case("directory_with_main", "d", "x", files={"d/__main__.py": "import sys; print(__name__, sys.argv, sys.path[0])\n"})
case("directory_main_error", "d", files={"d/__main__.py": "1/0\n"})
case("directory_dot", ".", files={"__main__.py": "print(__file__)\n"})
case("zip_without_main", shell="""$PY -c "import zipfile; zipfile.ZipFile('z.zip', 'w').writestr('a.py', 'x = 1')"; exec $PY z.zip""")
case("zip_with_main", shell="""$PY -c "import zipfile; zipfile.ZipFile('z.zip', 'w').writestr('__main__.py', 'print(__file__, __name__)\n1/0\n')"; exec $PY z.zip""")
case("zip_damaged", "z.zip", files={"z.zip": b"PK\x03\x04" + b"\0" * 40})
case("fifo", shell="mkfifo p; echo 'print(42)' > p & exec $PY p")
case("device_null", "/dev/null")
case("link_to_itself", shell="ln -s a a; exec $PY a")
case("name_too_long", "x" * 5000)
case("module_missing", "-m", "no_such_module_at_all")
case("module_missing_parent", "-m", "no_such.module")
case("module_no_package", "-m", "os.path.x")
case("module_relative", "-m", ".x")
case("module_package_without_main", "-m", "json.encoder.x")
case("module_package_no_main", "-m", "p", files={"p/__init__.py": ""})
case("module_error", "-m", "bad", files={"bad.py": "def f():\n    raise ValueError('x')\nf()\n"})
case("module_syntax_error", "-m", "bad", files={"bad.py": "def f(:\n"})
case("module_import_error", "-m", "p.bad", files={"p/__init__.py": "import no_such_thing\n", "p/bad.py": ""})
case("module_package_error", "-m", "p.bad", files={"p/__init__.py": "1/0\n", "p/bad.py": ""})
case("module_builtin", "-m", "sys")
case("module_name_empty", "-m", "")
case("command_empty", "-c", "")
case("command_syntax", "-c", "a b")
case("command_undecodable", "-c", b"print('\xff')")
case("command_surrogates", "-c", b"print(ascii('\xff'))", compare=("status",))
case("argument_undecodable", "-c", "import sys; print(ascii(sys.argv))", b"a\xffb")
case("cwd_removed", shell="mkdir d; cd d; rmdir ../d; exec $PY -c 'import sys; print(sys.path[0]); print(1)'")
case("cwd_removed_script", shell="echo 'print(1)' > s.py; mkdir d; cd d; rmdir ../d; exec $PY ../s.py", compare=("status",))

# Caches that cannot be written.
case("cache_read_only_folder", shell="chmod 555 .; $PY -c 'import mod; print(mod.x)'; s=$?; chmod 777 .; exit $s",
     files={"mod.py": "x = 5\n"}, env={"PYTHONDONTWRITEBYTECODE": None}, unprivileged=True)
case("cache_file_in_the_way", shell="echo > __pycache__; exec $PY -c 'import mod; print(mod.x)'", files={"mod.py": "x = 5\n"},
     env={"PYTHONDONTWRITEBYTECODE": None})
case("cache_prefix_unwritable", "-X", "pycache_prefix=/dev/null/x", "-c", "import mod; print(mod.x)", files={"mod.py": "x = 5\n"},
     env={"PYTHONDONTWRITEBYTECODE": None})
case("cache_file_size_limit", "-c", "import mod; print(mod.x, len(mod.y))", limits={"RLIMIT_FSIZE": 1024},
     files={"mod.py": "x = 5\ny = '" + "ab" * 5000 + "'\n"}, env={"PYTHONDONTWRITEBYTECODE": None})
case("cache_full_disk", shell="""mkdir m && mount -t tmpfs -o size=64k none m 2>/dev/null || { echo 5 10000; exit 0; }
cp mod.py m/; head -c 100000 /dev/zero > m/fill 2>/dev/null
cd m; $PY -c 'import mod; print(mod.x, len(mod.y))'; s=$?; ls -a __pycache__ 2>/dev/null | grep -c pyc >&2; cd ..; umount m; exit $s""",
     files={"mod.py": "x = 5\ny = '" + "ab" * 5000 + "'\n"}, env={"PYTHONDONTWRITEBYTECODE": None}, compare=("status", "out"))

# Streams.
case("stdout_closed", shell="$PY -c 'print(1)' >&-")
case("stdout_closed_write", shell="""$PY -c 'import sys; print(sys.stdout); sys.stderr.write(repr(sys.stdout))' >&-""")
case("stderr_closed", shell="$PY -c '1/0' 2>&-")
case("stdin_closed", shell="$PY -c 'import sys; print(sys.stdin)' <&-")
case("stdin_closed_input", shell="$PY -c 'input()' <&-")
case("stdin_closed_program", shell="$PY <&-")
case("all_closed", shell="$PY -c 'open(\"o\", \"w\").write(\"x\")' <&- >&- 2>&-; echo $?; cat o")
case("stdout_full", shell="$PY -c 'print(1)' > /dev/full")
case("stdout_full_exit", shell="$PY -c 'import sys; print(1); sys.exit(3)' > /dev/full")
case("stdout_full_error", shell="$PY -c 'print(1); 1/0' > /dev/full")
case("stdout_full_flush", shell="$PY -c 'print(1, flush=True)' > /dev/full")
case("stdout_full_unbuffered", shell="$PY -u -c 'print(1)' > /dev/full")
case("stderr_full", shell="$PY -c 'print(1); 1/0' 2> /dev/full")
case("pipe_reader_gone", shell="{ $PY -c 'for i in range(200000): print(i)'; echo $? >&2; } | head -n 1")
case("pipe_reader_gone_exit", shell="{ $PY -c 'import time, sys; time.sleep(0.3); print(1)'; echo $? >&2; } | true")
case("pipe_reader_gone_stderr", shell="{ $PY -c 'import time; time.sleep(0.3); 1/0' 2>&1 >/dev/null; echo $? >&2; } | true")
case("stdout_read_only", shell="echo > f; $PY -c 'print(1)' 1< f")
case("stdin_directory", shell="$PY < /")
case("stdin_write_only", shell="$PY -c 'input()' 0> f")
case("stdout_directory_descriptor", shell="$PY -c 'print(1)' 1< /")
case("input_eof", "-c", "input('? ')")
case("input_undecodable", "-c", "input()", stdin=b"\xff\n")
case("print_surrogate", "-c", "print('\\udc80')")
case("print_not_encodable", "-c", "print('\\u20ac')", env={"PYTHONIOENCODING": "ascii"})

# Big and deep.
script("long_line", lambda: b"x = '" + b"a" * 10_000_000 + b"'\nprint(len(x))\n")
script("long_expression_line", lambda: b"x = [" + b"1," * 1_000_000 + b"]\nprint(len(x))\n")
script("long_name", lambda: b"n" * 1_000_000 + b" = 1\nprint(len(dir()[-1]))\n")
script("long_comment", lambda: b"#" + b"x" * 10_000_000 + b"\nprint(1)\n")
script("long_line_error", lambda: b"x = '" + b"a" * 1_000_000 + b"' y\n", last_line=True)
script("nested_parentheses", lambda: b"(" * 100_000 + b")" * 100_000 + b"\n", compare=("status", "err"), last_line=True)
script("nested_brackets", lambda: b"[" * 100_000 + b"]" * 100_000 + b"\n", last_line=True)
script("nested_braces", lambda: b"{" * 100_000 + b"}" * 100_000 + b"\n", last_line=True)
script("nested_150", lambda: b"x = " + b"(" * 150 + b"1" + b")" * 150 + b"\nprint(x)\n")
script("nested_brackets_unclosed", lambda: b"(" * 100_000, last_line=True)
script("nested_lists_90", lambda: b"x = " + b"[" * 90 + b"]" * 90 + b"\nprint(x)\n")
script("deep_indentation", lambda: b"".join(b" " * i + b"if 1:\n" for i in range(101)) + b" " * 101 + b"pass\n", last_line=True)
script("deep_unary", lambda: b"x = " + b"-" * 100_000 + b"1\n", compare=("status",))
script("deep_not", lambda: b"x = " + b"not " * 100_000 + b"1\n", compare=("status",))
script("deep_attributes", lambda: b"x = a" + b".b" * 100_000 + b"\n", compare=("status",))
script("deep_calls", lambda: b"x = a" + b"()" * 100_000 + b"\n", compare=("status",))
script("deep_power", lambda: b"x = 1" + b"**1" * 100_000 + b"\n", compare=("status",))
script("deep_lambda", lambda: b"x = " + b"lambda: " * 100_000 + b"1\n", compare=("status",))
script("deep_if_else", lambda: b"x = " + b"1 if 1 else " * 100_000 + b"1\n", compare=("status",))
script("many_elif", lambda: b"x = 5\nif x == 0: pass\n" + b"elif x == 1: pass\n" * 3_000 + b"else: print('end')\n", compare=("status",))
script("many_statements", lambda: b"x = 1\n" * 200_000 + b"print(x)\n")
script("int_literal_limit", lambda: b"x = " + b"7" * 4301 + b"\n")
script("int_literal_10_million", lambda: b"x = " + b"7" * 10_000_000 + b"\n", last_line=True)
script("int_literal_hex_10_million", lambda: b"x = 0x" + b"7" * 10_000_000 + b"\nprint(x.bit_length())\n")
script("int_literal_10_million_bin", lambda: b"x = 0b1" + b"0" * 10_000_000 + b"\nprint(x.bit_length())\n")
script("float_literal_long", lambda: b"print(0." + b"1" * 1_000_000 + b")\n")
case("int_of_text", "-c", "int('7' * 10_000_000)")
case("text_of_int", "-c", "str(1 << 100_000)")

# Recursion without end.
RECURSIONS = {
    "function": "def f(): f()\nf()",
    "repr": "class A:\n    def __repr__(self): return repr(self)\nrepr(A())",
    "repr_builtin": "class A:\n    def __repr__(self): return '%r' % (self,)\nprint(A())",
    "str": "class A:\n    def __str__(self): return str(self)\nstr(A())",
    "eq": "class A:\n    def __eq__(self, o): return self == o\nA() == A()",
    "hash": "class A:\n    def __hash__(self): return hash(self)\nhash(A())",
    "getattr": "class A:\n    def __getattr__(self, n): return getattr(self, n)\nA().x",
    "getattribute": "class A:\n    def __getattribute__(self, n): return self.x\nA().x",
    "setattr": "class A:\n    def __setattr__(self, n, v): self.x = v\nA().x = 1",
    "len": "class A:\n    def __len__(self): return len(self)\nlen(A())",
    "bool": "class A:\n    def __bool__(self): return bool(self)\nbool(A())",
    "iter": "class A:\n    def __iter__(self): return iter(self)\niter(A())",
    "next": "class A:\n    def __iter__(self): return self\n    def __next__(self): return next(self)\nnext(A())",
    "contains": "class A:\n    def __contains__(self, x): return x in self\n1 in A()",
    "call": "class A:\n    def __call__(self): return self()\nA()()",
    "call_chain": "class A: pass\nA.__call__ = A()\nA()()",
    "new": "class A:\n    def __new__(cls): return A()\nA()",
    "init": "class A:\n    def __init__(self): A()\nA()",
    "add": "class A:\n    def __add__(self, o): return self + o\nA() + 1",
    "index": "class A:\n    def __index__(self): return [1][self]\n[1][A()]",
    "format": "class A:\n    def __format__(self, s): return format(self, s)\nformat(A())",
    "str_format": "class A:\n    def __format__(self, s): return '{}'.format(self)\n'{}'.format(A())",
    "fstring": "class A:\n    def __str__(self): return f'{self}'\nstr(A())",
    "property": "class A:\n    @property\n    def p(self): return self.p\nA().p",
    "descriptor": "class D:\n    def __get__(self, o, t): return o.d\nclass A: d = D()\nA().d",
    "lt_sorted": "class A:\n    def __lt__(self, o): return sorted([self, o])\nsorted([A(), A()])",
    "key_sorted": "def k(x): return sorted([x], key=k)\nsorted([1], key=k)",
    "min_max": "def k(x): return min([x], key=k)\nmin([1], key=k)",
    "map": "def f(x): return list(map(f, [x]))\nf(1)",
    "generator": "def g(): yield from g()\nnext(g())",
    "isinstance": "class M(type):\n    def __instancecheck__(c, o): return isinstance(o, c)\nclass A(metaclass=M): pass\nisinstance(1, A)",
    "isinstance_tuple": "t = int\nfor _ in range(200000): t = (t,)\nisinstance('', t)",
    "issubclass": "class M(type):\n    def __subclasscheck__(c, o): return issubclass(o, c)\nclass A(metaclass=M): pass\nissubclass(int, A)",
    "missing": "class D(dict):\n    def __missing__(self, k): return self[k]\nD()[1]",
    "del": "class A:\n    def __delattr__(self, n): del self.x\ndel A().x",
    "enter": "class A:\n    def __enter__(self):\n        with self: pass\n    def __exit__(self, *a): pass\nwith A(): pass",
    "json": "import json\na = []\nfor _ in range(100000): a = [a]\njson.dumps(a)",
    "json_loads": "import json\njson.loads('[' * 100000)",
    "json_loads_object": "import json\njson.loads('{\"a\":' * 100000)",
    "json_default": "import json\nclass A: pass\njson.dumps(A(), default=lambda o: [o])",
    "deepcopy": "import copy\na = []\nfor _ in range(100000): a = [a]\ncopy.deepcopy(a)",
    "pickle": "import pickle\na = []\nfor _ in range(100000): a = [a]\npickle.dumps(a)",
    "marshal": "import marshal\na = []\nfor _ in range(100000): a = [a]\nmarshal.dumps(a)",
    "nested_repr": "a = []\nfor _ in range(200000): a = [a]\nrepr(a)",
    "nested_dict_repr": "a = {}\nfor _ in range(200000): a = {1: a}\nrepr(a)",
    "nested_eq": "a = []\nb = []\nfor _ in range(200000): a = [a]; b = [b]\na == b",
    "ast": "import ast\nast.parse('-' * 100000 + '1')",
    "compile": "compile('x = ' + '-' * 100000 + '1', 'f', 'exec')",
    "eval_nested": "def f(): return eval('f()')\nf()",
    "exec_nested": "def f(): exec('f()')\nf()",
    "ast_tree": "import ast\nn = ast.Constant(1)\nfor _ in range(100000): n = ast.UnaryOp(ast.USub(), n)\ncompile(ast.fix_missing_locations(ast.Expression(n)), 'f', 'eval')",
    "regex": "import re\nre.compile('(' * 100000)",
    "class_body": "def f():\n    class A:\n        f()\nf()",
    "import_hook": "import sys\nclass F:\n    def find_spec(self, n, p=None, t=None): __import__(n + 'x')\nsys.meta_path.insert(0, F())\nimport abcde",
    "functools": "import functools\n@functools.lru_cache(None)\ndef f(n): return f(n + 1)\nf(0)",
    "partial": "import functools\nf = functools.partial(lambda: f())\nf()",
    "reduce": "import functools\nf = lambda a, b: functools.reduce(f, [1, 2])\nf(1, 2)",
    "excepthook": "import sys\ndef h(*a): raise ValueError('in hook')\nsys.excepthook = h\n1/0",
    "sum": "class A:\n    def __radd__(self, o): return sum([self])\nsum([A()])",
    "int_pow": "class A:\n    def __rpow__(self, o): return 2 ** self\n2 ** A()",
    "warn": "import warnings\ndef s(*a, **k): warnings.warn('x')\nwarnings.showwarning = s\nwarnings.simplefilter('always')\nwarnings.warn('x')",
    "context": "def f():\n    try: 1/0\n    except ZeroDivisionError: f()\nf()",
    "exception_cycle": "try: 1/0\nexcept ZeroDivisionError as e:\n    e.__cause__ = e\n    raise",
    "async": "import asyncio\nasync def f(): await f()\nasyncio.run(f())",
    "metaclass_call": "class M(type):\n    def __call__(c): return c()\nclass A(metaclass=M): pass\nA()",
    "string_io": "import io\nclass R(io.RawIOBase):\n    def readable(self): return True\n    def readinto(self, b): return self.readinto(b)\nio.BufferedReader(R()).read(1)",
}
for name, source in RECURSIONS.items():
    # The last line alone: how many frames fit between two native ones is each implementation's own affair.
    script("recursion_" + name, source + "\n", last_line=True, files={})
    script("caught_" + name, "source = " + repr(source) + "\ntry:\n    exec(source, {'__name__': 'x'})\nexcept RecursionError as e:\n"
           "    print('caught', e)\nexcept Exception as e:\n    print(type(e).__name__)\nprint('goes on')\n", compare=("status", "out"))
script("recursion_unlimited", "import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1) if n < 50000 else n\nprint(f(0))\n")
script("recursion_million", "import sys\nsys.setrecursionlimit(10**6)\ndef f(n): return f(n + 1) if n < 900000 else n\nprint(f(0))\n")
script("recursion_million_native", """
    import sys
    sys.setrecursionlimit(10**6)
    class A:
        def __repr__(self): return repr(self)
    try:
        repr(A())
    except RecursionError:
        print('caught')
""")
script("recursion_in_thread", """
    import threading
    class A:
        def __eq__(self, o): return self == o
        __hash__ = None
    def f():
        try:
            A() == A()
        except RecursionError:
            print('caught')
    t = threading.Thread(target=f)
    t.start(); t.join()
""")

# Finalisers and threads that raise.
script("del_raises", "class A:\n    def __del__(self): raise ValueError('in del')\nimport gc\na = A()\ndel a\ngc.collect()\nprint('goes on')\n")
script("del_raises_at_exit", "class A:\n    def __del__(self): print('del'); raise ValueError('in del')\na = A()\n")
script("del_exits", "class A:\n    def __del__(self): raise SystemExit(3)\nimport gc\na = A()\ndel a\ngc.collect()\nprint('goes on')\n")
script("del_interrupts", "class A:\n    def __del__(self): raise KeyboardInterrupt\nimport gc\na = A()\ndel a\ngc.collect()\nprint('goes on')\n")
script("del_recursion", "class A:\n    def __del__(self): self.__del__()\nimport gc\na = A()\ndel a\ngc.collect()\nprint('goes on')\n",
       last_line=True)
script("del_revives", "class A:\n    def __del__(self): global b; b = self\nimport gc\na = A()\ndel a\ngc.collect()\nprint(type(b).__name__)\n")
script("del_hook_raises", "import sys\ndef h(u): raise TypeError('hook')\nsys.unraisablehook = h\nclass A:\n    def __del__(self): 1/0\nimport gc\na = A()\ndel a\ngc.collect()\nprint('goes on')\n")
script("weakref_callback_raises", "import weakref, gc\nclass A: pass\na = A()\nr = weakref.ref(a, lambda r: 1/0)\ndel a\ngc.collect()\nprint('goes on')\n")
script("generator_finally_raises", "import gc\ndef g():\n    try: yield\n    finally: 1/0\nx = g(); next(x)\ndel x\ngc.collect()\nprint('goes on')\n")
script("generator_ignores_exit", "import gc\ndef g():\n    while 1:\n        try: yield\n        except GeneratorExit: pass\nx = g(); next(x)\nx.close()\n")
script("thread_raises", "import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()\nprint('goes on')\n")
script("thread_exits", "import threading, sys\nt = threading.Thread(target=sys.exit, args=(5,))\nt.start()\nt.join()\nprint('goes on')\n")
script("thread_hook_raises", "import threading\ndef h(a): raise TypeError('hook')\nthreading.excepthook = h\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()\nprint('goes on')\n")
script("thread_raw_raises", "import _thread, time\nlock = _thread.allocate_lock()\nlock.acquire()\ndef f():\n    try: 1/0\n    finally: lock.release()\n_thread.start_new_thread(f, ())\nlock.acquire()\ntime.sleep(0.2)\nprint('goes on')\n")
script("thread_and_main_raise", "import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()\n{}['x']\n")
script("thread_left_running", "import threading, time\ndef f(): time.sleep(0.3); print('thread done')\nthreading.Thread(target=f).start()\nprint('main done')\n")
script("thread_left_running_error", "import threading, time\ndef f(): time.sleep(0.3); print('thread done')\nthreading.Thread(target=f).start()\n1/0\n")
script("thread_daemon", "import threading, time\ndef f():\n    while True: time.sleep(0.001)\nthreading.Thread(target=f, daemon=True).start()\nprint('main done')\n")
script("thread_daemon_busy", "import threading\ndef f():\n    while True: pass\nfor _ in range(4): threading.Thread(target=f, daemon=True).start()\nprint('main done')\n")
script("thread_daemon_prints", "import threading, sys\ndef f():\n    while True: sys.stderr.write('')\nfor _ in range(4): threading.Thread(target=f, daemon=True).start()\nprint('main done')\n")
script("thread_atexit", "import threading\nthreading._register_atexit(print, 'bye')\nprint('main')\n")
script("atexit_raises", "import atexit\natexit.register(lambda: 1/0)\natexit.register(print, 'second')\nprint('main')\n")
script("atexit_exits", "import atexit, sys\natexit.register(sys.exit, 7)\nprint('main')\n")
script("excepthook_exits", "import sys\ndef h(*a): sys.exit(9)\nsys.excepthook = h\n1/0\n")
script("excepthook_missing", "import sys\ndel sys.excepthook\n1/0\n")
script("excepthook_none", "import sys\nsys.excepthook = None\n1/0\n")
script("stderr_none", "import sys\nsys.stderr = None\n1/0\n")
script("stdout_broken", "import sys\nclass F:\n    def write(self, t): pass\n    def flush(self): 1/0\nsys.stdout = F()\nprint('x')\n")
script("stdout_none", "import sys\nsys.stdout = None\nprint('x')\n")
script("stdout_missing", "import sys\ndel sys.stdout\nprint('x')\n")
script("stdout_closed_by_program", "import sys\nsys.stdout.close()\nprint('x')\n")
script("stdout_detached", "import sys\nsys.stdout.detach()\nprint('x')\n")
script("exception_str_raises", "class E(Exception):\n    def __str__(self): 1/0\nraise E\n")
script("exception_repr_raises", "class E(Exception):\n    def __repr__(self): 1/0\n    __str__ = __repr__\nraise E(1)\n")
script("exception_module_odd", "class E(Exception): pass\nE.__module__ = 5\nraise E('x')\n")
script("exception_surrogate", "raise ValueError('\\udc80\\u20ac')\n", env={"PYTHONIOENCODING": "ascii:strict"})
script("exception_long", "raise ValueError('x' * 10000)\n")
script("exception_source_gone", "import os\nos.remove(__file__)\n1/0\n")
script("exception_source_changed", "open(__file__, 'w').write('#' * 5)\n1/0\n")
script("memory_error", "try:\n    bytearray(1 << 60)\nexcept MemoryError:\n    print('caught')\n[0] * (1 << 60)\n")
script("memory_error_str", "'x' * (1 << 60)\n")
script("memory_error_limit", "x = []\nwhile True: x.append(bytearray(1 << 20))\n", limits={"RLIMIT_AS": 4000000 * 1024}, compare=("status",))
script("memory_error_small_objects", "x = None\ntry:\n    while True: x = [x, 1.5, 'a']\nexcept MemoryError: x = None; print('caught')\n",
       limits={"RLIMIT_AS": 600000 * 1024}, expect={"status": 0, "out": "caught\n", "err": ""})
script("memory_error_uncaught", "x = None\nwhile True: x = [x, 1.5, 'a']\n", limits={"RLIMIT_AS": 600000 * 1024}, last_line=True,
       expect={"status": 1, "out": "", "err": "MemoryError\n"})
script("files_exhausted", "x = []\ntry:\n    while True: x.append(open('/dev/null'))\nexcept OSError as e: print(e)\n",
       limits={"RLIMIT_NOFILE": 40})
script("files_dropped", "for _ in range(1000): open('/dev/null')\nprint('fine')\n", limits={"RLIMIT_NOFILE": 40})
script("small_stack", "def f(): f()\nf()\n", limits={"RLIMIT_STACK": 1 << 20}, last_line=True)
script("small_stack_repr", "class A:\n    def __repr__(self): return repr(self)\nrepr(A())\n", limits={"RLIMIT_STACK": 1 << 20}, last_line=True)
script("cpu_limit", "while True: pass\n", limits={"RLIMIT_CPU": 1}, compare=("status",))
