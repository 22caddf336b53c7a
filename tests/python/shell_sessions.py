"""The `>>>` shell on a terminal: each test is a session, typed line by line as the prompts come."""
import os
import pty
import re
import select
import signal
import sys
import time

LONG = 60


class Session:
    def __init__(self, *options):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environ = {**os.environ, "TERM": "dumb", "PYTHON_BASIC_REPL": "1", "PYTHON_COLORS": "0", "PYTHONSTARTUP": "", "HOME": "/nonexistent"}
            os.execve(sys.executable, [sys.executable, "-q", "-s", *options], environ)

    def wait(self, text, seconds=LONG):
        """Reads until the text has come; gives what came before it."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {text!r} in {self.seen!r}")
            try:
                more = os.read(self.fd, 4096)
            except OSError:
                more = b""
            if not more:
                raise AssertionError(f"ended without {text!r}: {self.seen!r}")
            self.seen += re.sub(r"\x1b\[\??[0-9;]*[a-zA-Z]|\^C|\^D\b\b|\r", "", more.decode())
        before, self.seen = self.seen.split(text, 1)
        return before

    def type(self, line, prompt=">>> "):
        """Types a line; gives what the shell says before it prompts again, without the echo."""
        os.write(self.fd, line.encode() + b"\n")
        said = self.wait(prompt)
        head, _, rest = said.partition("\n")
        assert head.strip() == line.strip(), (head, line)
        return rest

    def interrupt(self, prompt=">>> "):
        """Presses Ctrl-C, again where it came before the shell waited for it; gives what it says."""
        for _ in range(LONG):
            os.write(self.fd, b"\x03")
            try:
                return self.wait(prompt, 1)
            except AssertionError:
                assert not self.seen.strip(), self.seen
        raise AssertionError("Ctrl-C does nothing")

    def end(self):
        """Reads to the end; gives the last output and the exit status."""
        end = time.monotonic() + LONG
        while select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
            try:
                more = os.read(self.fd, 4096)
            except OSError:
                break
            if not more:
                break
            self.seen += more.decode().replace("\r", "")
        os.close(self.fd)
        return self.seen, os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def started(*options):
    session = Session(*options)
    session.wait(">>> ")
    return session


def leave(session, line="exit(0)", status=0):
    os.write(session.fd, line.encode() + b"\n")
    said, code = session.end()
    assert code == status, (said, code)
    return said


def test_expressions():
    s = started()
    assert s.type("1 + 1") == "2\n"
    assert s.type("_ * 21") == "42\n"
    assert s.type("None") == ""
    assert s.type("'é' + '\\n'") == "'é\\n'\n"
    assert s.type("x = 5; x") == "5\n"
    assert s.type("print('a'); 'b'") == "a\n'b'\n"
    assert s.type("# only a comment") == ""
    leave(s)


def test_several_lines():
    s = started()
    assert s.type("def f(a):", "... ") == ""
    assert s.type("    if a:", "... ") == ""
    assert s.type("        return 'yes'", "... ") == ""
    assert s.type("    return 'no'", "... ") == ""
    assert s.type("") == ""
    assert s.type("f(1), f(0)") == "('yes', 'no')\n"
    assert s.type("[1,", "... ") == ""
    assert s.type("2]") == "[1, 2]\n"
    assert s.type("'''a", "... ") == ""
    assert s.type("b'''") == "'a\\nb'\n"
    assert s.type("1 + \\", "... ") == ""
    assert s.type("2") == "3\n"
    assert s.type("for i in range(2): i", "... ") == ""
    assert s.type("") == "0\n1\n"
    leave(s)


def test_errors():
    s = started()
    assert s.type("1 / 0") == ("Traceback (most recent call last):\n  File \"<python-input-0>\", line 1, in <module>\n    1 / 0\n    ~~^~~\n"
                               "ZeroDivisionError: division by zero\n").replace("python-input-0", "stdin"), "a traceback"
    assert s.type("undefined").endswith("NameError: name 'undefined' is not defined\n")
    said = s.type("a b")
    assert said.startswith("  File \"<stdin>\", line 1\n    a b\n") and said.endswith("SyntaxError: invalid syntax\n"), said
    said = s.type("if True:", "... ")
    said = s.type("x")
    assert said.endswith("IndentationError: expected an indented block after 'if' statement on line 1\n"), said
    assert s.type("def g(): raise ValueError('deep')", "... ") == ""
    assert s.type("") == ""
    said = s.type("g()")
    assert "in g\n" in said and said.endswith("ValueError: deep\n"), said
    assert s.type("import sys; sys.last_type.__name__, sys.last_exc is sys.last_value") == "('ValueError', True)\n"
    assert s.type("2 + 2") == "4\n"
    leave(s)


def test_interrupts():
    s = started()
    assert s.interrupt().endswith("\nKeyboardInterrupt\n")
    os.write(s.fd, b"half a li")
    s.wait("half a li")
    assert s.interrupt().endswith("\nKeyboardInterrupt\n")
    assert s.type("def f():", "... ") == ""
    assert s.interrupt().endswith("\nKeyboardInterrupt\n")
    os.write(s.fd, b"print('wait'), __import__('time').sleep(100)\n")
    s.wait("wait")
    s.wait("wait\n")
    said = s.interrupt()
    assert said.startswith("Traceback") and said.endswith("KeyboardInterrupt\n"), said
    os.write(s.fd, b"while print('loop') is None: input()\n")
    s.wait("... ")
    os.write(s.fd, b"\n")
    s.wait("loop\n")
    said = s.interrupt()
    assert said.endswith("KeyboardInterrupt\n"), said
    assert s.type("'alive'") == "'alive'\n"
    leave(s)


def test_ways_out():
    for line, status in (("exit()", 0), ("quit(3)", 3), ("raise SystemExit(4)", 4), ("import sys; sys.exit('sorry')", 1)):
        s = started()
        said = leave(s, line, status)
        assert ("sorry" in said) == (status == 1), said
    s = started()
    os.write(s.fd, b"\x04")
    said, status = s.end()
    assert status == 0, said
    s = started()
    assert s.type("import atexit; _ = atexit.register(print, 'goodbye')") == ""
    assert leave(s).endswith("goodbye\n")


def test_after_a_program():
    s = Session("-i", "-c", "x = 7; print('ran')")
    s.wait("ran\n")
    s.wait(">>> ")
    assert s.type("x") == "7\n"
    s2 = Session("-i", "-c", "y = 8; 1 / 0")
    assert "ZeroDivisionError" in s2.wait(">>> ")
    assert s2.type("y") == "8\n"
    leave(s)
    leave(s2)


def test_own_prompts_and_hooks():
    s = started()
    assert s.type("import sys; sys.ps1 = 'in' + ': '; sys.ps2 = 'more' + ': '", "in: ") == ""
    assert s.type("(1", "more: ") == ""
    assert s.type(")", "in: ") == "1\n"
    assert s.type("sys.displayhook = lambda v: print('<', v, '>')", "in: ") == ""
    assert s.type("5", "in: ") == "< 5 >\n"
    assert s.type("sys.excepthook = lambda *a: print('hook', a[0].__name__)", "in: ") == ""
    assert s.type("1/0", "in: ") == "hook ZeroDivisionError\n"
    leave(s)


def test_killed_terminal_ends_it():
    s = started()
    os.close(s.fd)
    for _ in range(LONG * 20):
        pid, status = os.waitpid(s.pid, os.WNOHANG)
        if pid:
            return
        time.sleep(0.05)
    os.kill(s.pid, signal.SIGKILL)
    raise AssertionError("the shell goes on without its terminal")
