"""What a whole process does before and after the program: modules, finalisers, exit."""
import gc
import subprocess
import sys
import textwrap


def run(source, *options, **kw):
    p = subprocess.run([sys.executable, *options, "-c", textwrap.dedent(source)], capture_output=True, text=True, **kw)
    assert p.stderr == "", p.stderr
    return p.stdout


def test_objects_that_live_until_the_end_are_finalised():
    out = run('''
        import weakref
        class A:
            def __init__(self, name): self.name = name
            def __del__(self): print("del", self.name, helper())
        def helper(): return "helped"
        a, kept = A(1), [A(2)]
        def gen():
            try: yield
            finally: print("closed")
        g = gen(); next(g)
        cycle = A(3); cycle.me = cycle
        weakref.finalize(a, print, "finalize")
        ''')
    lines = out.splitlines()
    assert lines[0] == "finalize"
    assert sorted(lines) == ["closed", "del 1 helped", "del 2 helped", "del 3 helped", "finalize"], lines


def test_weak_callbacks_of_dead_objects_run_before_the_end():
    out = run('''
        import weakref
        class A: pass
        a = A()
        w = weakref.ref(a, lambda r: print("gone"))
        del a
        ''')
    assert out == "gone\n", out


def test_nothing_is_lost_at_the_end():
    assert run("import sys; sys.stdout.write('no newline')") == "no newline"
    assert run("import os; f = open(os.dup(1), 'w'); f.write('kept')") == "kept"


def test_the_program_runs_in_the_main_thread_of_the_process():
    if sys.platform == "linux":
        out = run("import os, threading; print(threading.main_thread().native_id == os.getpid())")
        assert out == "True\n"


def test_deep_native_recursion_of_the_main_thread():
    out = run('''
        import sys
        sys.setrecursionlimit(1_000_000)
        x = []
        for i in range(100_000): x = [x]
        try: repr(x)
        except RecursionError: print("ends")
        ''')
    assert out == "ends\n", out


def test_referents_of_an_object_are_its_own():
    class A:
        pass
    made = [A() for i in range(100)]
    for i, a in enumerate(made):
        a.number = [i]
    for i, a in enumerate(made):
        lists = [r for r in gc.get_referents(a) if isinstance(r, list)]
        assert lists == [[i]] or not lists, lists
