"""subprocess, signal, os.fork and pipes, select, sockets."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import os
import sys


def test_run():
    import subprocess
    r = subprocess.run([sys.executable, "-c", "import sys; print(sys.stdin.read().upper()); sys.exit(3)"], input="text", capture_output=True, text=True)
    assert r.returncode == 3 and r.stdout == "TEXT\n" and r.stderr == ""
    assert subprocess.check_output(["echo", "hi"]) == b"hi\n" and subprocess.call(["false"]) == 1 and subprocess.getoutput("echo x") == "x"
    exc = raises(subprocess.CalledProcessError, subprocess.run, ["false"], check=True)
    assert exc.returncode == 1 and "returned non-zero exit status 1" in str(exc)
    raises(FileNotFoundError, subprocess.run, ["/no/such/program"])


def test_popen_pipes_and_env():
    import subprocess
    p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, err = p.communicate(b"x" * 200000)
    assert len(out) == 200000 and p.returncode == 0
    r = subprocess.run(["sh", "-c", "echo $V; pwd; echo err >&2"], env={"V": "5"}, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert r.stdout == "5\n/\nerr\n"
    raises(subprocess.TimeoutExpired, subprocess.run, ["sleep", "5"], timeout=0.05)
    p = subprocess.Popen(["sleep", "30"])
    assert p.poll() is None
    p.kill()
    assert p.wait() == -9


def test_command_line_of_children():
    import subprocess
    def run(*a, **kw):
        return subprocess.run([sys.executable, *a], capture_output=True, text=True, **kw)
    assert run("-c", "import sys; print(sys.argv)", "a", "-b").stdout == "['-c', 'a', '-b']\n"
    assert run("-c", "1/0").stderr.endswith("ZeroDivisionError: division by zero\n") and run("-c", "1/0").returncode == 1
    assert run("-c", "raise SystemExit('bye')").stderr == "bye\n" and run("-", input="print(5)").stdout == "5\n"
    assert run("-c", "import sys; print(sys.flags.optimize, __debug__)", ).stdout == "0 True\n" and run("-OO", "-c", "import sys; print(sys.flags.optimize, __debug__)").stdout == "2 False\n"
    assert run("-V").stdout.startswith("Python 3.13.") and run("--no-such-option").returncode == 2 and run("-m", "no_such_mod").returncode == 1
    assert run("-I", "-c", "import sys; print(sys.flags.isolated)").stdout == "1\n" and run("-S", "-c", "import sys; print('site' in sys.modules)").stdout == "False\n"
    assert run("-W", "error", "-c", "import warnings; warnings.warn('x')").returncode == 1 and run("-X", "utf8=1", "-c", "import sys; print(sys.flags.utf8_mode)").stdout == "1\n"


def test_fork_and_wait():
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(r)
            os.write(w, b"child")
        finally:
            os._exit(7)
    os.close(w)
    assert os.read(r, 100) == b"child" and os.read(r, 1) == b""
    os.close(r)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    raises(ChildProcessError, os.waitpid, pid, 0)


def test_fork_with_threads_then_collect():
    import gc, threading
    e = threading.Event()
    t = threading.Thread(target=e.wait)
    t.start()
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            gc.collect()
            t2 = threading.Thread(target=lambda: None)
            t2.start()
            t2.join()
            code = 0 if threading.active_count() == 1 else 2
        finally:
            os._exit(code)
    e.set()
    t.join()
    assert os.waitpid(pid, 0)[1] == 0


def test_signals():
    import signal, time
    seen = []
    old = signal.signal(signal.SIGUSR1, lambda n, f: seen.append((n, f is not None)))
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        for _ in range(100):
            if seen:
                break
            time.sleep(0.01)
        assert seen == [(signal.SIGUSR1, True)]
        def alarm(n, f): raise TimeoutError("alarm")
        signal.signal(signal.SIGALRM, alarm)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        raises(TimeoutError, time.sleep, 10)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        def spin():
            while True:
                pass
        raises(TimeoutError, spin)
    finally:
        signal.signal(signal.SIGUSR1, old)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert signal.Signals(15).name == "SIGTERM" and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_keyboard_interrupt():
    import signal, time
    def f():
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(200):
            time.sleep(0.01)
    raises(KeyboardInterrupt, f)


def test_sockets():
    import socket, threading
    server = socket.create_server(("127.0.0.1", 0))
    def serve():
        conn, addr = server.accept()
        with conn:
            data = b""
            while chunk := conn.recv(1000):
                data += chunk
            conn.sendall(data[::-1])
    t = threading.Thread(target=serve)
    t.start()
    with socket.create_connection(server.getsockname()) as c:
        c.sendall(b"hello" * 1000)
        c.shutdown(socket.SHUT_WR)
        f = c.makefile("rb")
        assert f.read() == (b"hello" * 1000)[::-1]
        f.close()
    t.join()
    server.close()
    a, b = socket.socketpair()
    a.send(b"x")
    assert b.recv(10) == b"x"
    a.settimeout(0.01)
    raises(TimeoutError, a.recv, 1)
    a.setblocking(False)
    raises(BlockingIOError, a.recv, 1)
    a.close()
    b.close()
    raises(OSError, a.send, b"x")
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.bind(("127.0.0.1", 0))
    u.sendto(b"dgram", u.getsockname())
    assert u.recvfrom(10)[0] == b"dgram"
    u.close()
    assert socket.inet_aton("1.2.3.4") == b"\1\2\3\4" and socket.htons(1) == 256


def test_select_and_selectors():
    import select, selectors
    r, w = os.pipe()
    assert select.select([r], [], [], 0) == ([], [], [])
    os.write(w, b"x")
    assert select.select([r], [w], [], 1) == ([r], [w], [])
    with selectors.DefaultSelector() as s:
        s.register(r, selectors.EVENT_READ, "data")
        assert s.select(1)[0][0].data == "data"
    p = select.poll()
    p.register(r, select.POLLIN)
    assert p.poll(0) == [(r, select.POLLIN)]
    os.close(r)
    os.close(w)


def test_pty_free_os_calls():
    assert os.getppid() > 0 and os.getcwd() and os.uname().sysname == "Linux" and os.times().user >= 0 and os.strerror(2) == "No such file or directory" and os.WEXITSTATUS(256) == 1 and os.sched_getaffinity(0) and os.get_terminal_size.__name__ and isinstance(os.getloadavg(), tuple)
    import fcntl, pwd, grp, resource
    assert pwd.getpwuid(0).pw_name == "root" and grp.getgrgid(0).gr_name == "root" and resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0
    with open("/dev/null") as f:
        assert fcntl.fcntl(f, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
