try:
    x = [1] [1, 2]
except TypeError:
    raise SystemExit(1)
