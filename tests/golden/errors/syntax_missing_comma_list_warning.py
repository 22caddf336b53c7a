try:
    x = [(1, 2) (3, 4)]
except TypeError:
    raise SystemExit(1)
