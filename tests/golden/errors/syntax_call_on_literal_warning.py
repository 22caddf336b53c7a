try:
    x = "a" (1)
except TypeError:
    raise SystemExit(1)
