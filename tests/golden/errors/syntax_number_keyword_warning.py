x = 1if True else 2
raise SystemExit(x)
