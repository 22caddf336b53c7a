x = ~True
raise SystemExit(x)
