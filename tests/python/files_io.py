"""open, io classes, files that nobody closed, os, pathlib, tempfile, shutil."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import io
import os
import pathlib
import sys
import tempfile


def test_text_round_trip():
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "f.txt")
        with open(p, "w", encoding="utf-8") as f:
            assert f.write("é\nline two\n") == 11 and f.name == p and f.mode == "w" and f.encoding == "utf-8" and not f.closed and f.writable() and not f.readable()
        with open(p, encoding="utf-8") as f:
            assert f.read(1) == "é" and f.readline() == "\n" and f.readlines() == ["line two\n"] and f.read() == ""
            f.seek(0)
            assert list(f) == ["é\n", "line two\n"]
        assert f.closed
        raises(ValueError, f.read)
        with open(p, "a+", encoding="utf-8") as f:
            f.write("more")
            f.seek(0)
            assert f.read().endswith("more")
        with open(p, "rb") as f:
            assert f.read(2) == b"\xc3\xa9" and f.tell() == 2 and f.seek(-4, 2) and f.read() == b"more"


def test_unclosed_file_is_seen():
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "f")
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            open(p, "w").write("pending")
            assert open(p).read() == "pending"
            open(p, "w").write("x" * 10)
            assert os.stat(p).st_size == 10 and os.path.getsize(p) == 10


def test_newlines():
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "f")
        with open(p, "wb") as f:
            f.write(b"a\r\nb\rc\n")
        assert open_read(p) == "a\nb\nc\n" and open_read(p, newline="") == "a\r\nb\rc\n" and open_read(p, newline="\n") == "a\r\nb\rc\n"
        with open(p, "w", newline="\r\n") as f:
            f.write("x\ny\n")
        with open(p, "rb") as f:
            assert f.read() == b"x\r\ny\r\n"


def open_read(p, **kw):
    with open(p, **kw) as f:
        return f.read()


def test_errors():
    exc = raises(FileNotFoundError, open, "/no/such/file")
    assert exc.errno == 2 and exc.filename == "/no/such/file" and str(exc) == "[Errno 2] No such file or directory: '/no/such/file'"
    raises(IsADirectoryError, open, "/")
    assert str(raises(ValueError, open, "x", "rw")) == "must have exactly one of create/read/write/append mode"
    raises(ValueError, open, "x", "rb", encoding="utf-8")
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "f")
        open(p, "x").close()
        raises(FileExistsError, open, p, "x")
        with open(p, "wb") as f:
            f.write(b"\xff\xfe")
        raises(UnicodeDecodeError, open_read, p, encoding="utf-8")
        assert open_read(p, encoding="utf-8", errors="replace") == "\ufffd\ufffd" and open_read(p, encoding="utf-16") == ""
        with open(p) as f:
            raises(io.UnsupportedOperation, f.write, "x")


def test_string_and_bytes_io():
    s = io.StringIO("abc")
    assert s.read(1) == "a" and s.tell() == 1 and s.write("X") == 1 and s.getvalue() == "aXc" and s.seek(0) == 0 and s.readline() == "aXc" and s.truncate(1) == 1 and s.getvalue() == "a"
    b = io.BytesIO(b"abc")
    assert b.read(2) == b"ab" and b.getvalue() == b"abc" and b.seek(0, 2) == 3 and b.write(b"d") == 1 and bytes(b.getbuffer()) == b"abcd" and b.readinto(bytearray(2)) == 0
    raises(TypeError, b.write, "x")
    raises(TypeError, s.write, b"x")
    s.close()
    raises(ValueError, s.read)
    assert list(io.StringIO("a\nb")) == ["a\n", "b"] and io.BytesIO(b"a\nb").readlines() == [b"a\n", b"b"]


def test_buffered_and_raw():
    r = io.BufferedReader(io.BytesIO(b"0123456789"), buffer_size=4)
    assert r.peek(1)[:1] == b"0" and r.read1(2) == b"01" and r.read(3) == b"234" and r.readline() == b"56789"
    raw = io.BytesIO()
    w = io.BufferedWriter(raw)
    w.write(b"x")
    assert raw.getvalue() == b""
    w.flush()
    assert raw.getvalue() == b"x"
    t = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", line_buffering=True)
    t.write("é\n")
    assert t.buffer.getvalue() == b"\xc3\xa9\n"
    class Raw(io.RawIOBase):
        def __init__(self): self.data = b"raw data"
        def readable(self): return True
        def readinto(self, b):
            n = min(len(b), 3, len(self.data))
            b[:n], self.data = self.data[:n], self.data[n:]
            return n
    assert io.BufferedReader(Raw()).read() == b"raw data" and Raw().readall() == b"raw data"
    p = io.BufferedRandom(io.BytesIO(b"abc"))
    p.read(1)
    p.write(b"X")
    p.seek(0)
    assert p.read() == b"aXc"


def test_print():
    s = io.StringIO()
    print(1, "a", None, sep="-", end="!", file=s)
    print(file=s)
    print(*[1, 2], file=s, flush=True)
    assert s.getvalue() == "1-a-None!\n1 2\n"
    raises(TypeError, print, 1, sep=5)


def test_os_functions():
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "a", "b")
        os.makedirs(p)
        os.makedirs(p, exist_ok=True)
        raises(FileExistsError, os.mkdir, p)
        fd = os.open(os.path.join(p, "f"), os.O_CREAT | os.O_RDWR, 0o644)
        assert os.write(fd, b"hello") == 5 and os.lseek(fd, 0, 0) == 0 and os.read(fd, 10) == b"hello" and os.fstat(fd).st_size == 5
        os.close(fd)
        raises(OSError, os.close, fd)
        assert os.listdir(p) == ["f"] and [e.name for e in os.scandir(p)] == ["f"] and os.path.exists(p) and os.path.isdir(p) and not os.path.isfile(p)
        os.rename(os.path.join(p, "f"), os.path.join(p, "g"))
        os.symlink("g", os.path.join(p, "link"))
        assert os.readlink(os.path.join(p, "link")) == "g" and os.path.islink(os.path.join(p, "link")) and sorted(x[0] for x in os.walk(d)) == sorted([d, os.path.join(d, "a"), p])
        os.chmod(os.path.join(p, "g"), 0o600)
        assert os.stat(os.path.join(p, "g")).st_mode & 0o777 == 0o600
        os.utime(os.path.join(p, "g"), (1, 2))
        assert os.path.getmtime(os.path.join(p, "g")) == 2.0
        os.remove(os.path.join(p, "link"))
        os.unlink(os.path.join(p, "g"))
        os.rmdir(p)
        raises(FileNotFoundError, os.rmdir, p)
    os.environ["TAIPAN_TEST_X"] = "1"
    assert os.getenv("TAIPAN_TEST_X") == "1" and os.environ.pop("TAIPAN_TEST_X") == "1" and "TAIPAN_TEST_X" not in os.environ and os.getpid() > 0 and os.sep == "/" and os.fspath(pathlib.Path("a")) == "a" and os.fsencode("é") == b"\xc3\xa9" and len(os.urandom(8)) == 8 and os.cpu_count() >= 1


def test_os_path():
    j = os.path
    assert j.join("a", "b", "/c") == "/c" and j.split("/a/b") == ("/a", "b") and j.splitext("a.tar.gz") == ("a.tar", ".gz") and j.normpath("a/./b/../c") == "a/c" and j.basename("/x/y") == "y" and j.dirname("/x/y") == "/x" and j.commonpath(["/a/b", "/a/c"]) == "/a" and j.relpath("/a/b", "/a/c") == "../b" and j.isabs("/a") and j.expanduser("~x/y") == "~x/y" and j.abspath("a").endswith("/a") and j.commonprefix(["abc", "abd"]) == "ab"


def test_pathlib():
    P = pathlib.Path
    with tempfile.TemporaryDirectory() as d:
        p = P(d) / "sub" / "f.tar.gz"
        p.parent.mkdir(parents=True)
        assert p.write_text("é", encoding="utf-8") == 1 and p.read_bytes() == b"\xc3\xa9" and p.exists() and p.is_file() and p.name == "f.tar.gz" and p.stem == "f.tar" and p.suffix == ".gz" and p.suffixes == [".tar", ".gz"] and p.with_suffix(".x").name == "f.tar.x" and p.with_name("n").name == "n" and p.parts[-2:] == ("sub", "f.tar.gz") and p.relative_to(d) == P("sub/f.tar.gz") and list(P(d).rglob("*.gz")) == [p] and list(P(d).glob("*")) == [p.parent] and [x.name for x in p.parent.iterdir()] == ["f.tar.gz"]
        p.unlink()
        p.unlink(missing_ok=True)
        raises(FileNotFoundError, p.read_text)
    assert P("a/b") == P("a", "b") and str(P("a//b/./c")) == "a/b/c" and P("a") / "/b" == P("/b") and P("a/b").parent == P("a") and hash(P("a")) == hash(P("a")) and P("b") > P("a") and repr(P("a")) == "PosixPath('a')" and P("/a").is_absolute() and P("a/b.py").match("*.py") and P("x").joinpath("y", "z") == P("x/y/z") and [str(q) for q in P("a/b/c").parents] == ["a/b", "a", "."] and P("a").as_posix() == "a"


def test_tempfile_shutil_glob():
    import glob, shutil, fnmatch
    with tempfile.TemporaryDirectory() as d:
        with tempfile.NamedTemporaryFile("w+", dir=d, delete=False, suffix=".t") as f:
            f.write("data")
        shutil.copy(f.name, os.path.join(d, "copy.t"))
        assert sorted(glob.glob(os.path.join(d, "*.t"))) == sorted([f.name, os.path.join(d, "copy.t")])
        shutil.copytree(d, os.path.join(d, "tree"), ignore=shutil.ignore_patterns("tree"))
        shutil.move(os.path.join(d, "copy.t"), os.path.join(d, "moved"))
        shutil.rmtree(os.path.join(d, "tree"))
        assert sorted(os.listdir(d)) == sorted(["moved", os.path.basename(f.name)]) and shutil.which("sh") and shutil.disk_usage(d).total > 0
    assert fnmatch.fnmatch("a.py", "*.p[yz]") and fnmatch.filter(["a", "b"], "a") == ["a"]
    with tempfile.TemporaryFile() as f:
        f.write(b"x")
        f.seek(0)
        assert f.read() == b"x"
    with tempfile.SpooledTemporaryFile(10) as f:
        f.write(b"x" * 20)
        f.seek(0)
        assert len(f.read()) == 20


def test_std_streams():
    assert sys.stdin.fileno() == 0 and sys.stdout.encoding.lower() == "utf-8" and sys.stderr.errors == "backslashreplace" and sys.__stdout__ is not None and sys.stdin.read() == ""
    out = io.StringIO()
    old, sys.stdout = sys.stdout, out
    try:
        print("captured")
    finally:
        sys.stdout = old
    assert out.getvalue() == "captured\n"


def test_large_file():
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "big")
        with open(p, "w") as f:
            for i in range(100000):
                f.write(f"line {i}\n")
        with open(p) as f:
            assert sum(1 for _ in f) == 100000
        with open(p) as f:
            lines = f.read().splitlines()
        assert lines[99999] == "line 99999"


class Back(io.RawIOBase):
    """A file whose write uses the text stream above it."""

    def __init__(self):
        self.got, self.above = [], None

    def writable(self):
        return True

    def write(self, data):
        self.got.append(bytes(data))
        if data == b"outer\n":
            self.above.write("inner\n")
        return len(data)


def test_text_stream_used_by_its_own_buffer():
    raw = Back()
    raw.above = text = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    text.write("outer\n")
    text.write("last\n")
    assert raw.got == [b"outer\n", b"inner\n", b"last\n"]


def test_text_stream_read_by_its_own_buffer():
    class Lines(io.BufferedIOBase):
        reads = 0

        def readable(self):
            return True

        def read1(self, n=-1):
            self.reads += 1
            if self.reads == 2:
                again.append(text.readline())
            return b"line %d\n" % self.reads if self.reads < 5 else b""
    again = []
    text = io.TextIOWrapper(Lines(), encoding="ascii")
    assert [text.readline() for _ in range(5)] == ["line 1\n", "line 3\n", "line 4\n", "", ""]
    assert again == ["line 3\n"]


def test_signal_handler_that_prints_amid_a_print():
    import signal
    if not hasattr(signal, "setitimer"):
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    text = io.TextIOWrapper(open(writer, "wb", 0), write_through=True)
    before = signal.signal(signal.SIGALRM, lambda *a: text.write("$"))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for i in range(3000):
            text.write("x")
            if i % 100 == 0:
                os.read(reader, 60000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    text.detach()
    os.close(reader)
