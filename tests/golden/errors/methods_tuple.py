import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: ()[0])
attempt(lambda: (1,).count())
attempt(lambda: (1,).index())
attempt(lambda: (1,).index(5))
attempt(lambda: tuple(1))
attempt(lambda: tuple(1, 2))
attempt(lambda: tuple(a=1))
attempt(lambda: () + [])
attempt(lambda: () * 'a')
attempt(lambda: (1, 'a') < (1, 2))
attempt(lambda: (1,)[1:2, 3])
attempt(lambda: (1,).append(2))
attempt(lambda: slice(1)[0])
attempt(lambda: slice(1, 2, 0).indices(5))
attempt(lambda: slice('a').indices(5))
attempt(lambda: slice(1).indices('a'))
attempt(lambda: slice(1).indices(-1))
attempt(lambda: range(5).index('a'))
attempt(lambda: range(5).index(9))
attempt(lambda: range(1, 2, 3)[9])
attempt(lambda: range(5)['a'])
attempt(lambda: range(3).count())
attempt(lambda: len(range(2**100)))
attempt(lambda: hash(slice([])))
sys.exit(1)
