"""Pipelines of processes: pipes, input, time-outs, exit codes, signals, environments, shells, threads that read."""
import collections
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time

CHILD = r"""
import sys, os, signal
match sys.argv[1:]:
    case ["upper"]:
        for line in sys.stdin: sys.stdout.write(line.upper())
    case ["number"]:
        for n, line in enumerate(sys.stdin, 1): print(n, line, end="")
    case ["exit", code]:
        print("going", file=sys.stderr)
        sys.exit(int(code) if code.isdigit() else code)
    case ["kill", name]:
        os.kill(os.getpid(), getattr(signal, name))
    case ["env"]:
        print(sorted(k for k in os.environ if k.startswith("APP_")), os.getcwd() == os.environ["APP_DIR"])
    case ["sleep"]:
        import time
        print("asleep", flush=True)
        time.sleep(60)
    case ["both", n]:
        for i in range(int(n)):
            sys.stdout.write("o" * 100 + "\n")
            sys.stderr.write("e" * 100 + "\n")
    case ["boom"]:
        def f(x): return 1 / x
        f(0)
"""


class Pipeline:
    """Stages joined by pipes; each stage is a list of arguments."""

    def __init__(self, *stages):
        self.stages = stages

    def run(self, text):
        procs, source = [], subprocess.PIPE
        for stage in self.stages:
            proc = subprocess.Popen(stage, stdin=source, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            if procs:
                source.close()
            source = proc.stdout
            procs.append(proc)
        out = []
        reader = threading.Thread(target=lambda: out.extend(procs[-1].stdout))
        reader.start()
        with procs[0].stdin as first:
            first.write(text)
        reader.join()
        procs[-1].stdout.close()
        return "".join(out), [proc.wait(30) for proc in procs]


def main():
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete_on_close=False) as script:
        script.write(CHILD)
        script.close()
        py = [sys.executable, "-I", script.name]
        print(Pipeline(py + ["upper"], py + ["number"], ["tail", "-n", "3"]).run("".join(f"line é {n}\n" for n in range(2000))))
        for args in (["exit", "3"], ["exit", "why"], ["exit", "0"], ["kill", "SIGTERM"], ["kill", "SIGKILL"], ["boom"]):
            done = subprocess.run(py + args, capture_output=True, text=True)
            print(args, done.returncode, done.stdout, done.stderr.replace(script.name, "SCRIPT").splitlines()[-1:])
            try:
                done.check_returncode()
            except subprocess.CalledProcessError as exc:
                print("   ", str(exc).partition("' ")[2] or str(exc).rpartition("]' ")[2])
        env = {k: v for k, v in os.environ.items() if not k.startswith("APP_")} | {"APP_DIR": "/", "APP_X": "é"}
        print(subprocess.check_output(py + ["env"], env=env, cwd="/", text=True), end="")
        start = time.monotonic()
        try:
            subprocess.run(py + ["sleep"], timeout=1, stdout=subprocess.PIPE)
        except subprocess.TimeoutExpired as exc:
            print(type(exc).__name__, exc.output, exc.timeout, time.monotonic() - start < 20)
        with subprocess.Popen(py + ["sleep"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as proc:
            print(proc.stdout.readline(), proc.poll(), os.getsid(proc.pid) == proc.pid)
            os.killpg(proc.pid, signal.SIGINT)
            print(proc.wait() in (-2, 1), proc.args[-1], proc.returncode == proc.poll())
        done = subprocess.run(py + ["both", "3000"], capture_output=True)
        print(len(done.stdout), len(done.stderr))
        done = subprocess.run(py + ["both", "5"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(collections.Counter(done.stdout.split(b"\n")) == {b"o" * 100: 5, b"e" * 100: 5, b"": 1})
        print(subprocess.getstatusoutput("echo out; echo err >&2; exit 4"), subprocess.getoutput("printf '%s' " + shlex.quote("a b'c")))
        print(subprocess.run("read x; echo $x$x; kill -9 $$", shell=True, input=b"ab\n", stdout=subprocess.PIPE))
        for bad in (["/no/such/program"], ["/"], [script.name]):
            try:
                subprocess.run(bad)
            except OSError as exc:
                print(type(exc).__name__, exc.errno, os.path.basename(exc.filename) in ("program", "", os.path.basename(script.name)))
        reading, writing = os.pipe()
        proc = subprocess.Popen(["sh", "-c", f"echo through >&{writing}"], pass_fds=[writing])
        os.close(writing)
        with open(reading) as file:
            print(file.read(), proc.wait())
        seen = []
        old = signal.signal(signal.SIGCHLD, lambda number, frame: seen.append(number))
        subprocess.run(["true"])
        signal.signal(signal.SIGCHLD, old)
        print(seen[:1], signal.Signals(seen[0]).name)
        pid = os.fork()
        if pid == 0:
            os._exit(7)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        print(subprocess.run(py + ["upper"], input="x\n", text=True, stdout=subprocess.PIPE, preexec_fn=lambda: os.nice(1), umask=0o77).stdout)
        print(repr(subprocess.CompletedProcess(["a"], 0, "x")), subprocess.list2cmdline(["a b", 'c"d']))


if __name__ == "__main__":
    main()
