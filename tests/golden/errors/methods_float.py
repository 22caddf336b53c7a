import traceback, sys

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: float(''))
attempt(lambda: float('1_'))
attempt(lambda: float(1, 2))
attempt(lambda: float(x=1))
attempt(lambda: float(None))
attempt(lambda: (1.5).hex(1))
attempt(lambda: float.fromhex(''))
attempt(lambda: float.fromhex('0x1p99999'))
attempt(lambda: (1.5).is_integer(1))
attempt(lambda: round(1.5, 'a'))
attempt(lambda: float('nan').as_integer_ratio())
attempt(lambda: float('inf').as_integer_ratio())
attempt(lambda: complex('a'))
attempt(lambda: complex(1, 'a'))
attempt(lambda: complex('1', 2))
attempt(lambda: complex([]))
attempt(lambda: 1.5 % 'a')
attempt(lambda: 1.5 @ 2)
attempt(lambda: 1.5 & 1)
attempt(lambda: float(10**400))
attempt(lambda: int(1e400))
attempt(lambda: 1e308 * 10 // 0)
sys.exit(1)
