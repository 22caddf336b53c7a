import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: -1)
attempt(lambda: -'s')
attempt(lambda: -[1])
attempt(lambda: -None)
attempt(lambda: -{})
attempt(lambda: -1.5)
attempt(lambda: -b'b')
attempt(lambda: -())
attempt(lambda: -{1})
attempt(lambda: -len)
attempt(lambda: -1j)
attempt(lambda: -int)
sys.exit(1)
