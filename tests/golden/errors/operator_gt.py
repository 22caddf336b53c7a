import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: 1 > 's')
attempt(lambda: 's' > 1)
attempt(lambda: [1] > None)
attempt(lambda: {} > {})
attempt(lambda: 1.5 > b'b')
attempt(lambda: () > [1])
attempt(lambda: {1} > [1])
attempt(lambda: len > int)
attempt(lambda: None > None)
attempt(lambda: 1j > 's')
attempt(lambda: b'b' > 's')
attempt(lambda: int > 1)
sys.exit(1)
