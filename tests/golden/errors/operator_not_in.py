import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: 1 not in 's')
attempt(lambda: 's' not in 1)
attempt(lambda: [1] not in None)
attempt(lambda: {} not in {})
attempt(lambda: 1.5 not in b'b')
attempt(lambda: () not in [1])
attempt(lambda: {1} not in [1])
attempt(lambda: len not in int)
attempt(lambda: None not in None)
attempt(lambda: 1j not in 's')
attempt(lambda: b'b' not in 's')
attempt(lambda: int not in 1)
sys.exit(1)
