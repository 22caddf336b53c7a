import traceback
def f():
    raise ValueError("printed by hand")
try:
    f()
except ValueError:
    traceback.print_exc()
raise SystemExit(1)
