"""Buffers are free again when nobody holds their views: CPython drops those with the last reference."""

import array
import asyncio
import io
import mmap


def head(buffer, n):
    data = bytes(memoryview(buffer)[:n])
    del buffer[:n]
    return data


def test_temporary_views_of_a_bytearray():
    b = bytearray(b"0123456789")
    assert head(b, 3) == b"012"
    assert b == b"3456789"
    for _ in range(3):
        head(b, 2)
    assert b == b"9"


def test_views_held_refuse():
    b = bytearray(b"abc")
    view = memoryview(b)
    try:
        b.append(1)
    except BufferError as e:
        assert str(e) == "Existing exports of data: object cannot be re-sized"
    else:
        raise AssertionError("not refused")
    view.release()
    b.append(1)


def test_in_a_coroutine():
    class Stream:
        def __init__(self):
            self.buffer = bytearray(b"abcdef")

        async def read(self, n):
            data = bytes(memoryview(self.buffer)[:n])
            await asyncio.sleep(0)
            del self.buffer[:n]
            return data

    async def main():
        s = Stream()
        return [await s.read(2), await s.read(2), bytes(s.buffer)]

    assert asyncio.run(main()) == [b"ab", b"cd", b"ef"]


def test_stream_of_a_subprocess():
    import subprocess
    import sys

    async def main():
        p = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "print('x' * 10)", stdout=subprocess.PIPE)
        out, _ = await p.communicate()
        return out

    assert asyncio.run(main()) == b"xxxxxxxxxx\n"


def test_other_owners():
    a = array.array("i", [1, 2, 3])
    assert bytes(memoryview(a)[:1].cast("B"))[:1] == b"\x01"
    a.append(4)
    f = io.BytesIO(b"hello")
    assert bytes(f.getbuffer()[:2]) == b"he"
    f.write(b"x" * 100)
    f.close()
    m = mmap.mmap(-1, 4096)
    assert bytes(memoryview(m)[:2]) == b"\0\0"
    m.close()


def test_memory_outside_the_heap_is_a_reason_to_collect():
    import subprocess
    import sys
    program = (
        "import resource, zlib\n"
        "for _ in range(1500):\n"
        "    zlib.compressobj().compress(b'abc')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    r = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    # All of them together take 400.
    assert int(r.stdout) < 160, r


def test_an_old_view_is_found_too():
    import gc
    b = bytearray(100)
    views = [memoryview(b)[i:] for i in range(20)]
    gc.collect()
    del views
    del b[:10]
    assert len(b) == 90
