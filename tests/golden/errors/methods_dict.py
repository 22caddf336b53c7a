import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: {}.get())
attempt(lambda: {}.get([]))
attempt(lambda: {}.pop())
attempt(lambda: {}.pop([]))
attempt(lambda: {}.update(1))
attempt(lambda: {}.update(1, 2))
attempt(lambda: {}.setdefault())
attempt(lambda: {}.setdefault([]))
attempt(lambda: {}.keys(1))
attempt(lambda: {}.items(1))
attempt(lambda: {}.fromkeys())
attempt(lambda: {} | 1)
attempt(lambda: {}.popitem(1))
attempt(lambda: dict(1))
attempt(lambda: dict([1]))
attempt(lambda: dict([(1,)]))
attempt(lambda: dict({}, {}))
attempt(lambda: {}.keys() | 1)
attempt(lambda: {}.keys() - 5)
attempt(lambda: {}.values() | 1)
attempt(lambda: {1: 1}.keys()[0])
attempt(lambda: {}.clear(1))
attempt(lambda: {}.copy(1))
sys.exit(1)
