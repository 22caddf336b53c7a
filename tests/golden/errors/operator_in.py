import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: 1 in 's')
attempt(lambda: 's' in 1)
attempt(lambda: [1] in None)
attempt(lambda: {} in {})
attempt(lambda: 1.5 in b'b')
attempt(lambda: () in [1])
attempt(lambda: {1} in [1])
attempt(lambda: len in int)
attempt(lambda: None in None)
attempt(lambda: 1j in 's')
attempt(lambda: b'b' in 's')
attempt(lambda: int in 1)
sys.exit(1)
