import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: [].append())
attempt(lambda: [].extend(1))
attempt(lambda: [].extend())
attempt(lambda: [].insert(1))
attempt(lambda: [].insert('a', 1))
attempt(lambda: [].pop('a'))
attempt(lambda: [].remove())
attempt(lambda: [].index())
attempt(lambda: [].index(1, 'a'))
attempt(lambda: [].sort(reverse='a'))
attempt(lambda: [].sort(keyy=1))
attempt(lambda: [].count())
attempt(lambda: [].copy(1))
attempt(lambda: [].reverse(1))
attempt(lambda: [1] * 'a')
attempt(lambda: [1] * 1.5)
attempt(lambda: list(1))
attempt(lambda: list(1, 2))
attempt(lambda: list(a=1))
attempt(lambda: [1, 'a'].sort())
attempt(lambda: [] < 1)
attempt(lambda: [1].__getitem__())
sys.exit(1)
