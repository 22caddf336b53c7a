import _thread, time

def work():
    try:
        raise ValueError("in a raw thread")
    finally:
        lock.release()

work.__qualname__ = "work"
lock = _thread.allocate_lock()
lock.acquire()
def quiet():
    try:
        work()
    except ValueError as e:
        import traceback
        traceback.print_exc()
        done.release()
done = _thread.allocate_lock()
done.acquire()
_thread.start_new_thread(quiet, ())
done.acquire()
