import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: set(1))
attempt(lambda: set(1, 2))
attempt(lambda: {1}.add())
attempt(lambda: {1}.add([]))
attempt(lambda: {1}.remove())
attempt(lambda: {1}.discard([]))
attempt(lambda: {1}.update(1))
attempt(lambda: {1}.union(1))
attempt(lambda: {1} | [1])
attempt(lambda: {1} < [1])
attempt(lambda: {1}.intersection(1))
attempt(lambda: {1}.issubset(1))
attempt(lambda: {1}.pop(1))
attempt(lambda: frozenset(1))
attempt(lambda: {1}.symmetric_difference())
attempt(lambda: set(a=1))
attempt(lambda: {1}.isdisjoint(5))
sys.exit(1)
