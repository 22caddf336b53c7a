"""Hostile and damaged input, given to a child interpreter: a message and an exit status, never a crash."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import os
import subprocess
import sys
import tempfile


def run(*args, stdin=b"", timeout=60, **kw):
    r = subprocess.run([sys.executable, *args], input=stdin, capture_output=True, timeout=timeout, **kw)
    return r.returncode, r.stdout, r.stderr.decode("utf-8", "replace")


def script(data, *more, **kw):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "script.py")
        with open(path, "wb") as f:
            f.write(data)
        return run(path, *more, **kw)


def test_undecodable_source():
    code, out, err = script(b"x = 1\ny = '\xff'\n")
    assert code == 1 and "SyntaxError: " in err and "utf-8" in err.lower()


def test_null_byte():
    code, out, err = script(b"x = 1\0\n")
    assert code == 1 and "SyntaxError: source code" in err and "null bytes" in err


def test_missing_and_unreadable_files():
    code, out, err = run("/no/such/file.py")
    assert code == 2 and "can't open file '/no/such/file.py': [Errno 2] No such file or directory" in err
    with tempfile.TemporaryDirectory() as d:
        code, out, err = run(d)
        assert code == 1 and "can't find '__main__' module in" in err
    code, out, err = run("-m", "no_such_module_at_all")
    assert code == 1 and err.endswith(": No module named no_such_module_at_all\n")


def test_directory_and_zip_with_main():
    import zipfile
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "__main__.py"), "w") as f:
            f.write("print('from dir')")
        assert run(d)[:2] == (0, b"from dir\n")
        z = os.path.join(d, "z.zip")
        with zipfile.ZipFile(z, "w") as f:
            f.writestr("__main__.py", "print('from zip')")
        assert run(z)[:2] == (0, b"from zip\n")


def test_damaged_pyc():
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "x.pyc")
        for data in (b"", b"abc", b"\0" * 16, b"\xff" * 100):
            with open(path, "wb") as f:
                f.write(data)
            code, out, err = run(path)
            assert code == 1 and ("Error" in err or "RuntimeError" in err), err


def test_good_pyc_runs():
    import py_compile
    with tempfile.TemporaryDirectory() as d:
        src, pyc = os.path.join(d, "s.py"), os.path.join(d, "s.pyc")
        with open(src, "w") as f:
            f.write("print('compiled')")
        py_compile.compile(src, pyc)
        os.remove(src)
        assert run(pyc)[:2] == (0, b"compiled\n")


def test_long_line_and_deep_brackets():
    code, out, err = script(b"x = '" + b"a" * 10_000_000 + b"'\nprint(len(x))\n")
    assert (code, out) == (0, b"10000000\n")
    code, out, err = script(b"(" * 100_000 + b")" * 100_000)
    assert code == 1 and "SyntaxError: too many nested parentheses" in err
    code, out, err = script(b"x = " + b"1+" * 100_000 + b"1\n")
    assert code in (0, 1) and (code == 0 or "RecursionError" in err or "MemoryError" in err)


def test_huge_int_literal():
    code, out, err = script(b"x = " + b"7" * 1_000_000 + b"\n")
    assert code == 1 and "Exceeds the limit (4300 digits) for integer string conversion" in err


def test_endless_repr():
    code, out, err = script(b"class A:\n    def __repr__(self): return repr(self)\nprint(A())\n")
    assert code == 1 and "RecursionError: maximum recursion depth exceeded" in err


def test_del_that_raises():
    code, out, err = script(b"import gc\nclass A:\n    def __del__(self): raise ValueError('in del')\na = A()\ndel a\ngc.collect()\nprint('goes on')\n")
    assert code == 0 and out == b"goes on\n" and "Exception ignored in: " in err and "ValueError: in del" in err


def test_exception_in_thread():
    code, out, err = script(b"import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()\nprint('main goes on')\n")
    assert code == 0 and out == b"main goes on\n" and "Exception in thread Thread-1 (<lambda>):" in err and "ZeroDivisionError" in err


def test_interrupt_while_busy():
    import signal, time
    for body in ("while True: pass", "import time; time.sleep(100)", "for i in iter(int, 1): pass", "import threading; threading.Event().wait()"):
        p = subprocess.Popen([sys.executable, "-c", "print('up', flush=True)\n" + body], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert p.stdout.readline() == b"up\n"
            time.sleep(0.1)
            p.send_signal(signal.SIGINT)
            out, err = p.communicate(timeout=20)
        finally:
            # What does not heed the signal must not run on beside the tests that follow.
            p.kill()
        assert p.returncode == -signal.SIGINT and err.strip().endswith(b"KeyboardInterrupt"), (body, p.returncode, err)


def test_closed_stdout_and_broken_pipe():
    r = subprocess.run(f"{sys.executable} -c \"print('x')\" >&-", shell=True, capture_output=True)
    assert r.returncode in (0, 1, 120)
    r = subprocess.run(f"{sys.executable} -c \"for i in range(100000): print(i)\" | head -n 1", shell=True, capture_output=True)
    assert r.stdout == b"0\n" and b"BrokenPipeError" in r.stderr
    r = subprocess.run(f"{sys.executable} -c \"print('x' * 10)\" > /dev/full", shell=True, capture_output=True)
    assert r.returncode == 120 and b"No space left on device" in r.stderr


def test_stdin_programs():
    assert run(stdin=b"print('piped')\n")[:2] == (0, b"piped\n")
    code, out, err = run("-", "a", stdin=b"import sys\nprint(sys.argv)\n1/0\n")
    assert code == 1 and out == b"['-', 'a']\n" and 'File "<stdin>", line 3' in err
    assert run("-c", "import sys; print(sys.stdin.read())", stdin=b"data")[1] == b"data\n"
    assert run(stdin=b"")[0] == 0


def test_option_errors():
    code, out, err = run("--bogus")
    assert code == 2 and "unknown option --bogus" in err
    code, out, err = run("-c")
    assert code == 2 and "Argument expected for the -c option" in err
    code, out, err = run("-Z")
    assert code == 2 and "Unknown option: -Z" in err


def test_environment_variables():
    env = dict(os.environ, PYTHONOPTIMIZE="1", PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1", PYTHONPATH="/pp", PYTHONWARNINGS="error::UserWarning", PYTHONHASHSEED="0", PYTHONSAFEPATH="1")
    code, out, err = run("-c", "import sys; print(sys.flags.optimize, sys.dont_write_bytecode, '/pp' in sys.path, sys.flags.hash_randomization, sys.flags.safe_path, sys.warnoptions)", env=env)
    assert out == b"1 True True 0 True ['error::UserWarning']\n", out
    code, out, err = run("-E", "-c", "import sys; print(sys.flags.optimize, '/pp' in sys.path)", env=env)
    assert out == b"0 False\n"
    code, out, err = run("-c", "1", env=dict(os.environ, PYTHONHASHSEED="bad"))
    assert code == 1 and "PYTHONHASHSEED" in err


def test_exit_status_forms():
    for text, code in [("sys.exit()", 0), ("sys.exit(None)", 0), ("sys.exit(5)", 5), ("sys.exit('m')", 1), ("sys.exit(256)", 0), ("sys.exit(-1)", 255), ("sys.exit(True)", 1), ("sys.exit([])", 1), ("raise SystemExit", 0), ("os._exit(9)", 9), ("raise KeyboardInterrupt", -2), ("os.abort()", -6), ("1/0", 1)]:
        assert run("-c", "import sys, os; " + text)[0] == code, text


def test_memory_error_is_an_exception():
    code, out, err = run("-c", "try:\n    x = bytearray(1 << 60)\nexcept MemoryError:\n    print('caught')\ntry:\n    y = [0] * (1 << 60)\nexcept MemoryError:\n    print('caught')\n")
    assert (code, out) == (0, b"caught\ncaught\n")


def test_deep_recursion_in_small_thread():
    code, out, err = run("-c", "import threading\nthreading.stack_size(256 * 1024)\ndef f(): f()\ndef g():\n    try: f()\n    except RecursionError: print('fine')\nt = threading.Thread(target=g)\nt.start()\nt.join()\n")
    assert (code, out) == (0, b"fine\n")
