"""The command line and the environment variables that go with it: what options do, and what is said of wrong ones."""

FLAGS = ("import sys; f = sys.flags; print({n: getattr(f, n) for n in ('debug', 'inspect', 'interactive', 'optimize', "
         "'dont_write_bytecode', 'no_user_site', 'no_site', 'ignore_environment', 'verbose', 'bytes_warning', 'quiet', "
         "'hash_randomization', 'isolated', 'dev_mode', 'utf8_mode', 'warn_default_encoding', 'safe_path', 'int_max_str_digits')}, "
         "sys.dont_write_bytecode, sys.warnoptions, {k: v for k, v in sys._xoptions.items() if k != 'gil'})")

for option in ("-b", "-bb", "-B", "-d", "-dd", "-E", "-I", "-O", "-OO", "-OOO", "-P", "-q", "-R", "-s", "-S", "-u", "-x", "-bBEsSPq", "-Es",
               "-W error", "-Werror", "-W ignore::DeprecationWarning -W error", "-X dev", "-Xdev", "-X utf8", "-X utf8=1", "-X utf8=0",
               "-X int_max_str_digits=1000", "-X int_max_str_digits=0", "-X faulthandler", "-X tracemalloc=0", "-X a -X b=c -X d=",
               "-X warn_default_encoding", "-X no_debug_ranges", "-X pycache_prefix=/tmp/x", "-X frozen_modules=off", "-X safe_path",
               "-X importtime=0", "-X showrefcount", "-X context_aware_warnings", "-B -B", "-I -B", "-b -X dev", "-X dev -W error", "-t", "--"):
    case("flags " + option, *option.split(), "-c", FLAGS, compare=("status", "out"))
for name, value in (("PYTHONOPTIMIZE", "1"), ("PYTHONOPTIMIZE", "2"), ("PYTHONOPTIMIZE", "x"), ("PYTHONOPTIMIZE", ""), ("PYTHONOPTIMIZE", "0"),
                    ("PYTHONOPTIMIZE", "-1"), ("PYTHONOPTIMIZE", "5"), ("PYTHONDEBUG", "1"), ("PYTHONDEBUG", "3"), ("PYTHONINSPECT", ""),
                    ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONDONTWRITEBYTECODE", ""), ("PYTHONDONTWRITEBYTECODE", "0"),
                    ("PYTHONNOUSERSITE", "1"), ("PYTHONNOUSERSITE", "0"), ("PYTHONUNBUFFERED", "1"), ("PYTHONUNBUFFERED", "0"), ("PYTHONSAFEPATH", "1"),
                    ("PYTHONSAFEPATH", "0"), ("PYTHONHASHSEED", "0"), ("PYTHONHASHSEED", "1"), ("PYTHONHASHSEED", "random"),
                    ("PYTHONHASHSEED", "4294967295"), ("PYTHONUTF8", "1"), ("PYTHONUTF8", "0"), ("PYTHONUTF8", ""),
                    ("PYTHONWARNINGS", "error"), ("PYTHONWARNINGS", "error,ignore::UserWarning"), ("PYTHONDEVMODE", "1"), ("PYTHONDEVMODE", ""),
                    ("PYTHONDEVMODE", "0"), ("PYTHONINTMAXSTRDIGITS", "1000"), ("PYTHONINTMAXSTRDIGITS", "0"), ("PYTHONWARNDEFAULTENCODING", "1"),
                    ("PYTHONNODEBUGRANGES", "1"), ("PYTHONFAULTHANDLER", "1"), ("PYTHONTRACEMALLOC", "0"), ("PYTHONCOERCECLOCALE", "0"),
                    ("PYTHONPYCACHEPREFIX", "/tmp/x"), ("PYTHONBREAKPOINT", "0"), ("PYTHONASYNCIODEBUG", "1"), ("PYTHONMALLOC", "malloc"),
                    ("LC_ALL", "C"), ("LC_ALL", "POSIX"), ("LANG", "C"), ("LC_ALL", "C.UTF-8"), ("LC_ALL", "no_SUCH.locale")):
    case(f"environment {name}={value}", "-c", FLAGS, env={name: value}, compare=("status", "out"))
    case(f"environment ignored {name}={value}", "-E", "-c", FLAGS, env={name: value}, compare=("status", "out"))
case("environment and option", "-Wdefault", "-O", "-c", FLAGS, env={"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2"}, compare=("status", "out"))
case("environment utf8 and option", "-X", "utf8=0", "-c", FLAGS, env={"PYTHONUTF8": "1"}, compare=("status", "out"))

# What is wrong.
for option in ("-Z", "-Zx", "-bZ", "--bogus", "--bogus=1", "-c", "-m", "-W", "-X", "--check-hash-based-pycs", "--check-hash-based-pycs x",
               "--check-hash-based-pycs=always", "--helpme", "-\xe9", "--\xe9", "-J", "-J x"):
    case("wrong " + option, *option.split())
case("wrong int_max_str_digits", "-X", "int_max_str_digits=5", "-c", "1")
case("wrong int_max_str_digits text", "-X", "int_max_str_digits=abc", "-c", "1")
case("wrong int_max_str_digits none", "-X", "int_max_str_digits", "-c", "1")
case("wrong utf8", "-X", "utf8=2", "-c", "1")
case("wrong PYTHONUTF8", "-c", "1", env={"PYTHONUTF8": "2"})
case("wrong PYTHONHASHSEED", "-c", "1", env={"PYTHONHASHSEED": "bad"})
case("wrong PYTHONHASHSEED range", "-c", "1", env={"PYTHONHASHSEED": "4294967296"})
case("wrong PYTHONHASHSEED negative", "-c", "1", env={"PYTHONHASHSEED": "-1"})
case("wrong PYTHONINTMAXSTRDIGITS", "-c", "1", env={"PYTHONINTMAXSTRDIGITS": "5"})
case("wrong PYTHONWARNINGS", "-c", "1", env={"PYTHONWARNINGS": "bad"})
case("wrong -W bad", "-W", "bad", "-c", "print(1)")
case("wrong -W category", "-W", "error::no.such", "-c", "print(1)")
case("wrong -W line", "-W", "error::::x", "-c", "print(1)")
case("wrong PYTHONIOENCODING", "-c", "print(1)", env={"PYTHONIOENCODING": "no-such"}, compare=("status",))
case("wrong tracemalloc", "-X", "tracemalloc=x", "-c", "1")
case("wrong frozen_modules", "-X", "frozen_modules=x", "-c", "1")
case("wrong gil", "-X", "gil=2", "-c", "1", compare=("status",))
case("wrong cpu_count", "-X", "cpu_count=x", "-c", "1")
case("cpu_count", "-X", "cpu_count=3", "-c", "import os; print(os.cpu_count(), os.process_cpu_count())")
case("PYTHON_CPU_COUNT", "-c", "import os; print(os.cpu_count())", env={"PYTHON_CPU_COUNT": "5"})
case("PYTHON_GIL", "-c", "import sys; print(sys._is_gil_enabled(), sys.flags.gil)", env={"PYTHON_GIL": "1"})
case("PYTHON_GIL wrong", "-c", "1", env={"PYTHON_GIL": "2"})
case("PYTHON_GIL ignored", "-E", "-c", "1", env={"PYTHON_GIL": "2"})
case("gil 1", "-X", "gil=1", "-c", "import sys; print(sys._is_gil_enabled(), sys.flags.gil)")

# Help and version.
for option in ("-h", "-?", "--help", "--help-env", "--help-xoptions", "--help-all", "-Bh", "-hZ", "-V", "--version", "-VV", "-V -V", "--version --version"):
    case("shown " + option, *option.split(), compare=("status", "err"))
case("version text", shell="$PY -V; $PY --version; $PY -BV; $PY -V -c 1; $PY -V nofile")
case("version long", shell="$PY -VV | head -c 13")
case("help mentions", shell="""for o in -b -B -d -E -h -i -I -O -OO -P -q -s -S -u -v -V -W -x -X --check-hash-based-pycs --help-env --help-xoptions --help-all \
PYTHONPATH; do $PY -h | grep -q -e "^$o\\b" -e "^$o" || echo missing $o; done""", compare=("status",))
case("help variables", shell="""for o in PYTHONASYNCIODEBUG PYTHONBREAKPOINT PYTHONCOERCECLOCALE PYTHONDEBUG PYTHONDEVMODE PYTHONDONTWRITEBYTECODE \
PYTHONFAULTHANDLER PYTHONHASHSEED PYTHONHOME PYTHONINSPECT PYTHONINTMAXSTRDIGITS PYTHONIOENCODING PYTHONNODEBUGRANGES \
PYTHONNOUSERSITE PYTHONOPTIMIZE PYTHONPATH PYTHONPLATLIBDIR PYTHONPROFILEIMPORTTIME PYTHONPYCACHEPREFIX PYTHONSAFEPATH PYTHONSTARTUP \
PYTHONTRACEMALLOC PYTHONUNBUFFERED PYTHONUTF8 PYTHONVERBOSE PYTHONWARNDEFAULTENCODING PYTHONWARNINGS PYTHON_BASIC_REPL PYTHON_COLORS \
PYTHON_CPU_COUNT PYTHON_HISTORY; do $PY --help-env | grep -q $o || echo missing $o; done""")
case("help x options", shell="""for o in cpu_count dev faulthandler frozen_modules importtime int_max_str_digits no_debug_ranges perf pycache_prefix \
tracemalloc utf8 warn_default_encoding; do $PY --help-xoptions | grep -q "X $o" || echo missing $o; done""")

# What they do.
A = "import sys; print(sys.argv, sys.orig_argv[1:], sys.path[0])"
case("argv command", "-c", A, "a", "-b", "--", "-")
case("argv command joined", "-c" + A, "a")
case("argv script", "s.py", "a", "-b", "-c", files={"s.py": A})
case("argv script dashes", "--", "s.py", "-b", files={"s.py": A})
case("argv script folder", "d/s.py", files={"d/s.py": A})
case("argv script absolute", "<dir>/d/s.py", files={"d/s.py": A})
case("argv script link", shell="ln -s d/s.py l.py; exec $PY l.py", files={"d/s.py": A})
case("argv module", "-m", "mod", "a", "-m", files={"mod.py": A})
case("argv module joined", "-mmod", "a", files={"mod.py": A})
case("argv package", "-m", "p", "a", files={"p/__init__.py": "", "p/__main__.py": A + "; print(__package__, __name__, __spec__.name)"})
case("argv stdin", stdin=A.encode())
case("argv stdin dash", "-", "a", stdin=A.encode())
case("argv options", "-B", "-W", "ignore", "-c", A, "x")
case("argv after m c", "-m", "mod", "-c", "x", files={"mod.py": A})
case("safe path command", "-P", "-c", "import sys; print('' in sys.path)")
case("safe path script", "-P", "s.py", files={"s.py": "import sys, os; print(os.path.dirname(os.path.abspath(__file__)) in sys.path)"})
case("safe path module", "-P", "-m", "mod", files={"mod.py": ""})
case("isolated script", "-I", "s.py", files={"s.py": "import sys, os; print(os.path.dirname(os.path.abspath(__file__)) in sys.path)"})
case("isolated environment", "-I", "-c", "import sys; print('/pp' in sys.path, sys.flags.optimize)", env={"PYTHONPATH": "/pp", "PYTHONOPTIMIZE": "1"})
case("path variable", "-c", "import sys; print(sys.path[:4])", env={"PYTHONPATH": "/pp:/qq::rel"})
case("path variable empty", "-c", "import sys; print(sys.path[0])", env={"PYTHONPATH": ""})
case("skip first line", "-x", "s.py", files={"s.py": "not python at all\nimport sys\nprint('yes', sys._getframe().f_lineno)\n"})
case("skip first line empty", "-x", "s.py", files={"s.py": "only"})
case("assert", "-c", "assert 0, 'x'")
case("assert optimised", "-O", "-c", "assert 0; print(__debug__)")
case("docstrings", "-c", "def f(): 'doc'\nprint(f.__doc__)")
case("docstrings optimised", "-OO", "-c", "def f(): 'doc'\nprint(f.__doc__)")
case("bytes warning", "-b", "-c", "str(b''); b'' == ''; b'' == 0; {b'', ''}")
case("bytes warning error", "-bb", "-c", "str(b'')")
case("bytes warning error compare", "-bb", "-c", "b'' == ''")
case("bytes warning none", "-c", "str(b''); b'' == ''")
case("unbuffered", "-u", "-c", "import sys, os; print('a', end=''); os._exit(0)")
case("unbuffered variable", "-c", "import sys, os; print('a', end=''); os._exit(0)", env={"PYTHONUNBUFFERED": "1"})
case("buffered", "-c", "import sys, os; print('a', end=''); os._exit(0)")
case("stderr unbuffered", "-c", "import sys, os; sys.stderr.write('a\\n'); os._exit(0)")
case("stderr part line", "-c", "import sys, os; sys.stderr.write('a'); os._exit(0)")
STREAMS = ("import sys\nfor f in (sys.stdin, sys.stdout, sys.stderr):\n    print(f.name, f.mode, f.encoding, f.errors, f.line_buffering, f.write_through, "
           "type(f.buffer).__name__, f.newlines, f.isatty(), f.closed, f.fileno())\n"
           "print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.getdefaultencoding())\nimport locale; print(locale.getpreferredencoding(), locale.getencoding())")
case("streams", "-c", STREAMS)
case("streams unbuffered", "-u", "-c", STREAMS)
case("streams utf8", "-X", "utf8", "-c", STREAMS)
case("streams dev", "-X", "dev", "-c", STREAMS)
for value in ("ascii", "latin-1:ignore", ":replace", "utf-8", "utf-8:", "UTF-16", "ascii:"):
    case("streams PYTHONIOENCODING=" + value, "-c", STREAMS, env={"PYTHONIOENCODING": value})
case("streams PYTHONIOENCODING ignored", "-E", "-c", STREAMS, env={"PYTHONIOENCODING": "ascii"})
for value in ("C", "POSIX", "C.UTF-8", "en_US.UTF-8", ""):
    case("streams LC_ALL=" + value, "-c", STREAMS, env={"LC_ALL": value})
case("streams LANG=C", "-c", STREAMS, env={"LANG": "C"})
case("streams no locale", "-c", STREAMS, env={"LANG": None})
case("streams C no coercion", "-c", STREAMS, env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"})
case("streams C no utf8", "-c", STREAMS, env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})
case("streams C coerced", "-c", "import os; print(os.environ.get('LC_CTYPE'), os.environ.get('LC_ALL'))", env={"LANG": "C"})
case("streams C coercion warning", "-c", "1", env={"LANG": "C", "PYTHONCOERCECLOCALE": "warn"})
case("pycache prefix", shell="$PY -X pycache_prefix=$PWD/c -c 'import mod, sys; print(sys.pycache_prefix)'; find . -name '*.pyc' | wc -l; test -d __pycache__; echo $?",
     files={"mod.py": ""}, env={"PYTHONDONTWRITEBYTECODE": None})
case("pycache prefix variable", "-c", "import sys; print(sys.pycache_prefix)", env={"PYTHONPYCACHEPREFIX": "/p"})
case("no bytecode", shell="$PY -B -c 'import mod'; ls", files={"mod.py": ""}, env={"PYTHONDONTWRITEBYTECODE": None})
case("bytecode", shell="$PY -c 'import mod'; ls __pycache__ | wc -l; $PY -O -c 'import mod'; $PY -OO -c 'import mod'; ls __pycache__ | wc -l; ls __pycache__ | grep -c opt-",
     files={"mod.py": ""}, env={"PYTHONDONTWRITEBYTECODE": None})
case("no site", "-S", "-c", "import sys; print('site' in sys.modules, 'exit' in dir(__builtins__))")
case("site", "-c", "import sys; print('site' in sys.modules, 'exit' in dir(__builtins__))")
case("no user site", "-s", "-c", "import site; print(site.ENABLE_USER_SITE)")
case("user site home", "-c", "import site; print(site.getuserbase())", env={"HOME": "<dir>"})
case("no ranges", "-X", "no_debug_ranges", "-c", "1/0")
case("no ranges variable", "s.py", env={"PYTHONNODEBUGRANGES": "1"}, files={"s.py": "def f():\n    (1/0).x\nf()\n"})
case("warning default encoding", "-X", "warn_default_encoding", "s.py", files={"s.py": "open('s.py').close()\n"})
case("warning ignored", "-W", "ignore", "-c", "import warnings; warnings.warn('x')")
case("warning error", "-W", "error", "-c", "import warnings; warnings.warn('x')")
case("warning default", "s.py", files={"s.py": "import warnings\nwarnings.warn('x')\nwarnings.warn('y', DeprecationWarning)\nwarnings.warn('z', ImportWarning)\n"})
case("warning dev", "-X", "dev", "s.py", files={"s.py": "import warnings\nwarnings.warn('z', ImportWarning)\n"})
case("warning syntax", "s.py", files={"s.py": "'\\d'\n1 is 1\n()()\n"}, compare=("status", "out"))
case("verbose", shell="$PY -v -c 'import mod' 2>&1 | grep -c \"^import 'mod'\"", files={"mod.py": ""})
case("import time", shell="$PY -X importtime -c 'import mod' 2>&1 | grep -c '| *mod$'", files={"mod.py": ""})
case("import time variable", shell="PYTHONPROFILEIMPORTTIME=1 $PY -c 'import mod' 2>&1 | head -n 1", files={"mod.py": ""})
case("faulthandler", "-X", "faulthandler", "-c", "import faulthandler; print(faulthandler.is_enabled())")
case("faulthandler variable", "-c", "import faulthandler; print(faulthandler.is_enabled())", env={"PYTHONFAULTHANDLER": "1"})
case("faulthandler dev", "-X", "dev", "-c", "import faulthandler; print(faulthandler.is_enabled())")
case("tracemalloc", "-X", "tracemalloc=3", "-c", "import tracemalloc; print(tracemalloc.is_tracing())")
case("asyncio debug", "-c", "import asyncio; print(asyncio.coroutines._is_debug_mode())", env={"PYTHONASYNCIODEBUG": "1"})
case("breakpoint", "-c", "breakpoint()", env={"PYTHONBREAKPOINT": "0"})
case("breakpoint other", "-c", "breakpoint('x')", env={"PYTHONBREAKPOINT": "builtins.print"})
case("breakpoint wrong", "-c", "breakpoint()", env={"PYTHONBREAKPOINT": "no.such"})
case("hash seed", shell="$PY -c 'print(hash(\"a\"))' > a; $PY -c 'print(hash(\"a\"))' > b; cmp a b && echo same", env={"PYTHONHASHSEED": "42"})
case("hash seed random", shell="$PY -c 'print(hash(\"a\"))' > a; $PY -c 'print(hash(\"a\"))' > b; cmp -s a b || echo other")
case("hash seed option", shell="$PY -R -c 'print(hash(\"a\"))' > a; $PY -R -c 'print(hash(\"a\"))' > b; cmp -s a b || echo other", env={"PYTHONHASHSEED": "0"})
case("hash based never", shell="$PY --check-hash-based-pycs never -c 'import _imp; print(_imp.check_hash_based_pycs)'")
case("hash based default", "-c", "import _imp; print(_imp.check_hash_based_pycs)")

# How programs end.
for text in ("sys.exit()", "sys.exit(None)", "sys.exit(0)", "sys.exit(5)", "sys.exit(256)", "sys.exit(257)", "sys.exit(-1)", "sys.exit(10**30)", "sys.exit(True)",
             "sys.exit('message')", "sys.exit([])", "sys.exit((1, 2))", "sys.exit(1.5)", "sys.exit(b'x')", "sys.exit(ValueError('v'))", "sys.exit('')",
             "sys.exit('\\udc80')", "raise SystemExit", "raise SystemExit(3)", "raise SystemExit(1, 2)", "raise SystemExit('a', 'b')", "os._exit(9)", "os.abort()",
             "raise KeyboardInterrupt", "raise KeyboardInterrupt('x')", "raise GeneratorExit", "raise BaseException", "raise BaseException('x')", "os.kill(os.getpid(), 15)",
             "exit()", "exit(4)", "quit('bye')", "class E(SystemExit): pass\nraise E(6)", "class E(SystemExit):\n    code = 8\nraise E",
             "class E(SystemExit):\n    @property\n    def code(self): 1/0\nraise E", "class E:\n    def __str__(self): 1/0\nsys.exit(E())",
             "sys.stderr = None; sys.exit('m')", "sys.stdout = None; sys.exit('m')", "raise ExceptionGroup('g', [SystemExit(1)])", "raise BaseExceptionGroup('g', [SystemExit(1)])",
             "try: sys.exit(1)\nfinally: print('f')", "try: sys.exit(1)\nfinally: sys.exit(2)", "del sys.exit; exit(2)", "class C(KeyboardInterrupt): pass\nraise C",
             "sys.excepthook = lambda *a: print('hook', a[0].__name__); raise KeyboardInterrupt", "sys.excepthook = lambda *a: print('hook'); sys.exit(3)",
             "import atexit; atexit.register(print, 'x'); sys.exit(2)", "sys.exit(sys.exit)", "print('x', end='')", "1/0"):
    case("end " + text.replace("\n", " / "), "-c", "import sys, os\n" + text)
case("end script", "s.py", files={"s.py": "import sys\nsys.exit('from a script')\n"})
case("end module", "-m", "mod", files={"mod.py": "import sys\nsys.exit(7)\n"})
case("end stdin", stdin=b"import sys\nsys.exit(7)\n")
case("end import", "-c", "import mod", files={"mod.py": "import sys\nsys.exit(7)\n"})

# Programs from standard input.
case("stdin", stdin=b"print(1)\nprint(2)\n")
case("stdin no newline", stdin=b"print(1)")
case("stdin empty", stdin=b"")
case("stdin error", stdin=b"def f():\n    1/0\nf()\n")
case("stdin syntax", stdin=b"x = \n")
case("stdin file", shell="$PY < s.py", files={"s.py": "print(__name__, __file__ if '__file__' in dir() else None)\n1/0\n"})
case("stdin main", stdin=b"import sys; print(__name__, sorted(k for k in globals() if k != '__annotations__'), __spec__, type(__loader__).__name__)")
case("main names command", "-c", "print(__name__, sorted(k for k in globals() if k != '__annotations__'), __spec__, __loader__)")
case("main names script", "s.py", files={"s.py": "print(__name__, __file__, __cached__, __spec__, __package__, type(__loader__).__name__, __builtins__.__name__)"})
case("main names module", "-m", "mod", files={"mod.py": "print(__name__, __file__, __spec__.name, repr(__package__), type(__loader__).__name__)"})
case("stdin rest is read", stdin=b"import sys\nprint(repr(sys.stdin.read()))\nx\n")

# The shell, with a standard input that is no terminal.
I = ("-i",)
case("shell", "-i", stdin=b"1 + 1\nx = 5\nx\nNone\n'a'\n")
case("shell quiet", "-i", "-q", stdin=b"1 + 1\n")
case("shell block", "-iq", stdin=b"for i in range(2):\n    print(i)\n\nif 1:\n  2\n\n")
case("shell error", "-iq", stdin=b"1/0\nx\nprint('on')\n")
case("shell syntax", "-iq", stdin=b"a b\nx = \n(1,\n2)\nprint('on')\n")
case("shell indentation", "-iq", stdin=b"if 1:\nx\n\n  y\nprint('on')\n")
case("shell exit", "-iq", stdin=b"import sys\nsys.exit(5)\nprint('never')\n")
case("shell exit message", "-iq", stdin=b"raise SystemExit('bye')\n")
case("shell interrupt", "-iq", stdin=b"raise KeyboardInterrupt\nprint('on')\n")
case("shell prompts", "-iq", stdin=b"import sys\nsys.ps1 = '1> '\nsys.ps2 = '2> '\nif 1:\n  3\n\n")
case("shell prompt objects", "-iq", stdin=b"import sys\nclass P:\n  n = 0\n  def __str__(self): P.n += 1; return f'[{P.n}] '\n\nsys.ps1 = P()\n1\n2\n")
case("shell underscore", "-iq", stdin=b"40 + 2\n_ + 1\nprint(_)\n")
case("shell display", "-iq", stdin=b"import sys\nsys.displayhook = lambda v: print('<', v, '>')\n1\nNone\n")
case("shell no newline", "-iq", stdin=b"1 + 1")
case("shell null", "-iq", stdin=b"a\0b\nprint('on')\n")
case("shell undecodable", "-iq", stdin=b"'\xff'\nprint('on')\n", compare=("status",))
case("shell unfinished", "-iq", stdin=b"if 1:\n  print(1)\n")
case("shell unfinished string", "-iq", stdin=b"'''abc\n")
case("shell comment", "-iq", stdin=b"# c\n\n1 # d\n")
case("shell decorators", "-iq", stdin=b"def d(f): return f\n\n@d\ndef f(): return 3\n\nf()\n")
case("shell two statements", "-iq", stdin=b"1; 2\n")
case("shell banner", "-i", stdin=b"", compare=("status",))
case("shell startup", "-iq", stdin=b"x\n", env={"PYTHONSTARTUP": "<dir>/s.py"}, files={"s.py": "x = 'set'\nprint(__name__, '__file__' in dir())\n"})
case("shell startup error", "-iq", stdin=b"print('on')\n", env={"PYTHONSTARTUP": "<dir>/s.py"}, files={"s.py": "1/0\n"})
case("shell startup missing", "-iq", stdin=b"print('on')\n", env={"PYTHONSTARTUP": "<dir>/none.py"})
case("shell startup ignored", "-E", "-iq", stdin=b"print('on')\n", env={"PYTHONSTARTUP": "<dir>/s.py"}, files={"s.py": "print('no')\n"})
case("shell after command", "-iq", "-c", "x = 3; print('c')", stdin=b"x\n")
case("shell after script", "-iq", "s.py", stdin=b"x\n__name__\n", files={"s.py": "x = 3\n"})
case("shell after module", "-iq", "-m", "mod", stdin=b"x\n", files={"mod.py": "x = 3\n"})
case("shell after error", "-iq", "-c", "x = 3; 1/0", stdin=b"x\nimport sys; sys.last_value\n")
case("shell after exit", "-iq", "-c", "import sys; x = 3; sys.exit(9)", stdin=b"x\n")
case("shell after inspect variable", "-q", "-c", "x = 3", stdin=b"x\n", env={"PYTHONINSPECT": "1"})
case("shell after inspect set", "-q", "-c", "import os; os.environ['PYTHONINSPECT'] = '1'; x = 3", stdin=b"x\n")
case("shell traceback", "-iq", stdin=b"def f():\n    1/0\n\nf()\nf( )\n")
case("shell last", "-iq", stdin=b"1/0\nimport sys\nprint(repr(sys.last_exc), sys.last_type, sys.last_value)\n")
case("shell future", "-iq", stdin=b"from __future__ import annotations\ndef f(x: no): pass\n\nf.__annotations__\n")
case("shell exec flags", "-iq", stdin=b"import sys\nprint(sys.flags.interactive, sys.flags.inspect)\n")
case("shell input", "-iq", stdin=b"x = input()\nhello\nx\n")
case("shell helpers", "-iq", stdin=b"exit\nquit\ncopyright is not None\n")
case("shell walrus", "-iq", stdin=b"(y := 5)\n[y for y in 'ab']\n")
case("shell match", "-iq", stdin=b"match 1:\n    case 1:\n        print('one')\n\n")
case("shell async", "-iq", stdin=b"async def f(): return 1\n\nf\n", compare=("status",))
case("shell line continuation", "-iq", stdin=b"1 + \\\n2\n")
case("shell semicolon block", "-iq", stdin=b"if 1: print('a')\n\nprint('b')\n")
case("shell dash", "-iq", "-", "arg", stdin=b"import sys; sys.argv\n")

# Virtual environments.
VENV = {"v/pyvenv.cfg": "home = <home>\ninclude-system-site-packages = false\nversion = 3.13.5\n"}
case("venv", shell="""mkdir -p v/bin v/lib/$(basename $($PY -c 'import os; print(os.path.dirname(os.__file__))'))/site-packages
real=$($PY -c 'import os, sys; print(os.path.realpath(sys.executable))'); echo "home = $(dirname $real)" > v/pyvenv.cfg; ln -s $real v/bin/python
v/bin/python -c '
import sys, os; print(sys.prefix == os.path.abspath("v"), sys.base_prefix != sys.prefix, sys.executable == os.path.abspath("v/bin/python"))
print(any(p.startswith(sys.prefix) and p.endswith("site-packages") for p in sys.path))'""", env={"PYTHONPATH": None}, compare=("status", "out"))
case("shell warnings and names", "-iq", stdin=b'import warnings\n1 is 1\n"\\d"\nawait x\nx x\nreturn 1\n1/0\n')
