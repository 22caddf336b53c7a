"""What `faulthandler` says of a fatal signal, of a hang, on request: the frames of all threads, from wherever it came."""
import os
import re
import signal
import subprocess
import sys


def run(program, *options):
    r = subprocess.run([sys.executable, *options, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return r.returncode, re.sub("0x[0-9a-f]{16}", "0x0", r.stderr), r.stdout


def test_main_thread_in_a_generator_called_by_native_code():
    code, text, _ = run("""
import faulthandler
def crash():
    yield faulthandler._sigsegv()
def caller(x):
    return sorted(x, key=lambda v: next(crash()))
caller([1])
""", "-X", "faulthandler")
    assert code == -signal.SIGSEGV
    assert text.startswith("Fatal Python error: Segmentation fault\n\nCurrent thread 0x0 (most recent call first):\n"
        '  File "<string>", line 4 in crash\n  File "<string>", line 6 in <lambda>\n  File "<string>", line 6 in caller\n  File "<string>", line 7 in <module>\n'), text


def test_all_threads():
    code, text, _ = run("""
import faulthandler, threading, time
def wait():
    time.sleep(60)
def crash():
    faulthandler._sigabrt()
threading.Thread(target=wait, daemon=True).start()
time.sleep(0.2)
faulthandler.enable()
t = threading.Thread(target=crash); t.start(); t.join()
""")
    assert code == -signal.SIGABRT
    assert text.startswith("Fatal Python error: Aborted\n\n")
    current = text.index('Current thread 0x0 (most recent call first):\n  File "<string>", line 6 in crash\n')
    waiting = text.index('Thread 0x0 (most recent call first):\n  File "<string>", line 4 in wait\n')
    main = text.index('line 10 in <module>')
    assert current < waiting < main


def test_one_thread_and_a_file():
    code, text, out = run("""
import faulthandler, os
faulthandler.enable(1, all_threads=False)
assert faulthandler.is_enabled()
faulthandler._sigfpe()
""")
    assert code == -signal.SIGFPE and text == ""
    assert out.startswith('Fatal Python error: Floating-point exception\n\nStack (most recent call first):\n  File "<string>", line 5 in <module>\n')


def test_a_fault_of_the_machine():
    code, text, _ = run("import faulthandler; faulthandler.enable()\ndef f(): faulthandler._read_null()\nf()")
    assert code == -signal.SIGSEGV and 'line 2 in f\n  File "<string>", line 3 in <module>\n' in text


def test_deep_recursion_and_odd_names():
    code, text, _ = run("""
import faulthandler; faulthandler.enable()
def f\u00e9(n):
    fé(n - 1) if n else faulthandler._sigsegv()
exec(compile("f\u00e9(500)", "\u20ac.py", "exec"))
""".replace("fé", "f\u00e9"))
    assert code == -signal.SIGSEGV
    assert text.count("in f\\xe9\n") == 100 and "module" not in text
    code, text, _ = run("import faulthandler; faulthandler.enable(); exec(compile('faulthandler._sigsegv()', '\u20ac.py', 'exec'))")
    assert 'File "\\u20ac.py", line 1 in <module>\n' in text


def test_disabled():
    code, text, _ = run("import faulthandler; faulthandler.enable(); assert faulthandler.disable() and not faulthandler.disable(); faulthandler._sigsegv()")
    assert code == -signal.SIGSEGV and text == ""


def test_registered_signals():
    code, text, out = run("""
import faulthandler, os, signal
seen = []
signal.signal(signal.SIGUSR1, lambda *a: seen.append(1))
faulthandler.register(signal.SIGUSR1, chain=True)
os.kill(os.getpid(), signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR1)
print(len(seen), faulthandler.unregister(signal.SIGUSR1), faulthandler.unregister(signal.SIGUSR1))
for bad in (signal.SIGSEGV, 0, 70):
    try: faulthandler.register(bad)
    except (RuntimeError, ValueError) as e: print(type(e).__name__, e)
""")
    assert code == 0 and text.count("Current thread 0x0") == 2 and 'line 6 in <module>' in text and 'line 7 in <module>' in text
    assert out.splitlines() == ["2 True False", "RuntimeError signal 11 cannot be registered, use enable() instead",
        "ValueError signal number out of range", "ValueError signal number out of range"]


def test_on_request_and_later():
    code, text, _ = run("""
import faulthandler, time
def f():
    faulthandler.dump_traceback()
f()
faulthandler.dump_traceback_later(0.05, exit=True)
time.sleep(30)
""")
    assert code == 1
    assert text == ('Current thread 0x0 (most recent call first):\n  File "<string>", line 4 in f\n  File "<string>", line 5 in <module>\n'
        'Timeout (0:00:00.050000)!\nThread 0x0 (most recent call first):\n  File "<string>", line 7 in <module>\n'), text


def test_crash_in_a_finaliser_of_a_collection():
    code, text, _ = run("""
import faulthandler, gc
faulthandler.enable()
class R:
    def __del__(self): faulthandler._sigsegv()
a = R(); a.a = a; a = None
gc.collect()
""")
    assert code == -signal.SIGSEGV
    assert '(most recent call first):\n  Garbage-collecting\n  File "<string>", line 5 in __del__\n' in text, text


def test_fatal_error_of_a_foreign_thread():
    code, text, _ = run("""
import faulthandler
faulthandler._fatal_error_c_thread()
""")
    assert code == -signal.SIGABRT
    assert text.startswith("Fatal Python error: faulthandler_fatal_error_thread: in new thread\n"
                           "Python runtime state: initialized\n\nThread 0x0 (most recent call first):\n"), text
