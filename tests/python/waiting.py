"""What must not wait for ever: things that were dropped end while others wait for it, and a signal that came before a wait ends it."""
import concurrent.futures
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref


def elsewhere(function):
    """Calls the function in a thread that ends: a word left on this thread's stack would keep what it dropped."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results.pop()


def drop_response():
    return elsewhere(dropped_response)


def dropped_response():
    """A connection whose socket lives on in a dropped file object, and the peer."""
    here, there = socket.socketpair()
    here.makefile("rb")
    here.close()
    return there


def test_a_dropped_socket_ends_a_read():
    there = drop_response()
    there.settimeout(30)
    assert there.recv(1) == b""
    there.close()
    there = drop_response()
    assert there.recv(1) == b""
    there.close()


def test_a_dropped_socket_ends_select_and_poll():
    for wait in (lambda fd: select.select([fd], [], [], 30)[0], lambda fd: poll_of(select.poll(), fd, 30000), lambda fd: poll_of(select.epoll(), fd, 30)):
        there = drop_response()
        assert wait(there.fileno())
        there.close()


def poll_of(poll, fd, limit):
    poll.register(fd, select.POLLIN)
    return poll.poll(limit)


def test_a_dropped_pool_ends_its_threads():
    seen = []
    def run():
        pool = concurrent.futures.ThreadPoolExecutor(2)
        seen.extend(pool.map(abs, (-1, 2)))
        return list(pool._threads)
    threads = elsewhere(run)
    for thread in threads:
        thread.join(30)
    assert seen == [1, 2] and not any(thread.is_alive() for thread in threads)


def test_a_lock_waits_for_a_callback():
    lock = threading.Lock()
    lock.acquire()
    class Thing: pass
    def make():
        weakref.finalize(Thing(), lock.release)
    elsewhere(make)
    assert lock.acquire(timeout=30)


def test_finalisers_run_in_a_sleep():
    said = []
    class Thing:
        def __del__(self):
            said.append("gone")
    def make():
        Thing()
    elsewhere(make)
    for _ in range(100):
        time.sleep(0.1)
        if said:
            break
    assert said == ["gone"]


def test_a_signal_before_the_wait_ends_it():
    child = r"""if 1:
        import os, select, signal, socket, sys, threading, time
        class Stop(Exception): pass
        def stop(number, frame): raise Stop
        signal.signal(signal.SIGUSR1, stop)
        lock = threading.Lock(); lock.acquire()
        here, there = socket.socketpair()
        reading, writing = os.pipe()
        waits = [lambda: time.sleep(60), lambda: lock.acquire(), lambda: here.recv(1), lambda: os.read(reading, 1),
                 lambda: select.select([reading], [], []), lambda: open(reading, 'rb', 0).read(1)]
        for wait in waits:
            try:
                os.write(1, b'x')
                wait()
            except Stop:
                os.write(1, b'y')
    """
    child = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, bufsize=0)
    for _ in range(6):
        assert child.stdout.read(1) == b"x"
        child.send_signal(signal.SIGUSR1)
        assert child.stdout.read(1) == b"y"
    child.stdout.close()
    assert child.wait(30) == 0


def test_waits_keep_their_time():
    here, there = socket.socketpair()
    start = time.monotonic()
    assert select.select([here], [], [], 0.2) == ([], [], [])
    here.settimeout(0.2)
    try:
        here.recv(1)
        assert False
    except TimeoutError:
        pass
    assert 0.39 < time.monotonic() - start < 20
    here.setblocking(False)
    os.set_blocking(there.fileno(), False)
    start = time.monotonic()
    for _ in range(200):
        try:
            here.recv(1)
        except BlockingIOError:
            pass
        try:
            os.read(there.fileno(), 1)
        except BlockingIOError:
            pass
    assert time.monotonic() - start < 10
    here.close()
    there.close()
